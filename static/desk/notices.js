// The browser's notices: who has begun to wait, and whose wait will soon be too long.

import { secondsSince } from "./clock.js";
import { $, say } from "./state.js";
import { load, store } from "./stored.js";

const NAME = "notices";
// Conversation -> since when it waits, whether its long wait was told, and whether it is the agent's.
let known = null;
const control = $("#notices-button");

/** Take in who waits for this agent now; tells of those that are new while nobody looks here. */
export function takeCalls(calling, { late_seconds: lateSeconds }) {
  const before = known;
  known = new Map();
  for (const call of calling) {
    const old = before?.get(call.id);
    const same = old?.since === call.since;
    const late = secondsSince(call.since) >= lateSeconds;
    known.set(call.id, { since: call.since, late: late || (same && old.late), mine: call.mine });
    if (before === null) continue;
    // Who has taken it looks at the desk, and gets no notice; to whom it was given may not.
    if (call.mine && old && !old.mine) tell(call, "A conversation was given to you");
    else if (!same) tell(call, call.mine ? "Your customer wrote" : "A customer waits for a person");
    else if (late && !old.late) tell(call, "A customer will soon have waited too long");
  }
}

function tell({ id, words }, title) {
  if (!wanted() || (document.visibilityState === "visible" && document.hasFocus())) return;
  const made = new Notification(title, { body: words, tag: `${id}-${title}` });
  made.addEventListener("click", () => {
    window.focus();
    document.dispatchEvent(new CustomEvent("desk-open", { detail: id }));
    made.close();
  });
}

function wanted() {
  return load(NAME) === "on" && globalThis.Notification?.permission === "granted";
}

function show() {
  control.setAttribute("aria-pressed", String(wanted()));
}

async function change() {
  if (wanted()) store(NAME, "off");
  else if (!globalThis.Notification) say("This browser has no notices.");
  else if ((await Notification.requestPermission()) === "granted") {
    store(NAME, "on");
    say("A notice comes when a customer waits and you look elsewhere.");
  } else say("Your browser does not allow notices from this page. Allow them in its settings.");
  show();
}

control.addEventListener("click", change);
show();
