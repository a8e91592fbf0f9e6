// What is open and shown, for the modules of the desk to share, and its one line of words.

import { DeskSocket } from "./socket.js";

export const $ = (name) => document.querySelector(name);
export const queuePane = $("desk-queue");
export const threadPane = $("desk-thread");
export const composer = $("desk-composer");
export const customerPane = $("desk-customer");
export const socket = new DeskSocket();
export const desk = {
  me: JSON.parse(document.body.dataset.me),
  queue: "unassigned",
  words: "",
  team: "",
  // How many rows are asked for; null: as many as the server gives.
  most: null,
  rows: [],
  more: false,
  counts: {},
  open: null,
  thread: null,
  lists: { colleagues: [], teams: [], canned: [], tags: [] },
};

/** Say something in the line at the top. */
export function say(text) {
  $("#line").textContent = text;
}

/** Say something to screen readers. */
export function announce(text) {
  $("#announcer").textContent = text;
}

/** On narrow screens one part is shown at a time. */
export function showPane(name) {
  document.body.dataset.pane = name;
  for (const control of document.querySelectorAll("[data-show]")) {
    control.setAttribute("aria-pressed", String(control.dataset.show === name));
  }
}
