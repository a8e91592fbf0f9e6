// Values kept in this browser, apart for each site. Where storage is refused, as to frames of other
// pages in some browsers, the loader keeps what the chat cannot go on without; the rest lives as
// long as this page.

import { hostPage } from "./host-page.js";

const { site } = document.documentElement.dataset;
const PREFIX = site ? `supportbot.${site}.` : "supportbot.";
/** Where a tab keeps which files were chosen. */
export const TRAY = `${PREFIX}tray`;
const memory = new Map();
// Never what was written: the page that the loader runs in is not ours.
const LEFT_WITH_LOADER = new Set([
  "token",
  "renewal",
  "expires",
  "subject",
  "conversation",
  "previous",
  "seen",
  "solved",
  "language",
  "notice",
  "scheme",
]);

const CHOICES = new Set(["language", "notice", "scheme"]);

function openStorage() {
  try {
    const probe = `${PREFIX}probe`;
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    return null;
  }
}

const kept = openStorage();
if (!kept && hostPage.framed) {
  await hostPage.greeted;
  for (const [name, value] of Object.entries(hostPage.kept))
    if (typeof value === "string") memory.set(name, value);
}

/** Return the text under `name`, or null. */
export function read(name) {
  return kept?.getItem(PREFIX + name) ?? memory.get(name) ?? null;
}

/** Keep `value` under `name`; null or "" removes it. A full storage falls back to memory. */
export function write(name, value) {
  if (!kept && LEFT_WITH_LOADER.has(name)) hostPage.post("keep", { name, value: value || null });
  if (!value) {
    memory.delete(name);
    kept?.removeItem(PREFIX + name);
    return;
  }
  memory.set(name, value);
  try {
    if (!kept) return;
    kept.setItem(PREFIX + name, value);
    memory.delete(name);
  } catch {
    // Full: it stays in memory, and what lay there before does not count any more.
    kept.removeItem(PREFIX + name);
  }
}

/** Call `changed` when another tab has changed what is under `name`. */
export function onChange(name, changed) {
  addEventListener("storage", ({ key }) => key === PREFIX + name && changed());
}

/**
 * Remove everything but the customer's choices of language, sound and colours. Whose it was goes
 * last: another tab that reads meanwhile must not take what is left for a stranger's.
 */
export function forgetAll() {
  const names = namesStartingWith("").filter((name) => !CHOICES.has(name) && name !== "subject");
  for (const name of [...names, "subject"]) write(name, null);
  if (kept) sessionStorage.removeItem(TRAY);
}

/** Return the names that start with `start`. */
export function namesStartingWith(start) {
  const names = Object.keys(kept ?? {})
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length));
  return [...names, ...memory.keys()].filter((name) => name.startsWith(start));
}
