// Times in words. The server's clock counts: a browser's may be wrong by an hour.

import { make } from "../chat/dom.js";

const UNITS = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
];
let aheadMs = 0;

/** Set the clock by a moment of the server (ISO 8601). */
export function setClock(now) {
  aheadMs = new Date(now) - Date.now();
}

/** Return the seconds since a moment. */
export function secondsSince(iso) {
  return Math.max(0, (Date.now() + aheadMs - new Date(iso)) / 1000);
}

/** Return a number of seconds in its largest unit, such as "4 minutes". */
export function inWords(seconds) {
  for (const [size, name] of UNITS) {
    if (seconds >= size) {
      const number = Math.floor(seconds / size);
      return `${number} ${name}${number === 1 ? "" : "s"}`;
    }
  }
  return "less than a minute";
}

/** Return a time element that says how long ago a moment was, and when exactly on hover. */
export function ago(iso) {
  const time = make("time", { dateTime: iso, title: new Date(iso).toLocaleString() });
  time.textContent = `${inWords(secondsSince(iso))} ago`;
  return time;
}

/** Return the chip of a wait: its words and tone say the same. */
export function waitChip(since, { late_seconds: late, long_seconds: long }) {
  const chip = make("span", { className: "chip wait" });
  chip.dataset.since = since;
  chip.dataset.late = late;
  chip.dataset.long = long;
  tick(chip);
  return chip;
}

/** Bring every clock of the page up to date. */
export function tickAll() {
  for (const chip of document.querySelectorAll(".wait")) tick(chip);
  for (const time of document.querySelectorAll("time[data-ago]")) {
    time.textContent = `${inWords(secondsSince(time.dateTime))} ago`;
  }
}

function tick(chip) {
  const seconds = secondsSince(chip.dataset.since);
  const long = seconds >= Number(chip.dataset.long);
  chip.dataset.tone = long ? "danger" : seconds >= Number(chip.dataset.late) ? "warning" : "plain";
  const words = `waits ${inWords(seconds)}`;
  chip.textContent = long ? `! ${words}` : words;
}
