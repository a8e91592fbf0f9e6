// The agent's own switch: at the desk, or away.

import { act } from "./doing.js";
import { $, announce, desk, say } from "./state.js";

const control = $("#away-button");

/** Show whether the agent is away. */
export function showAway() {
  const { may, away } = desk.me;
  control.hidden = !may.includes("away");
  control.setAttribute("aria-pressed", String(away));
}

/** Switch to away, or back. */
export async function setAway() {
  if (!desk.me.may.includes("away")) return;
  const result = await act({ act: "away", away: !desk.me.away });
  if (!result.ok) return;
  desk.me.away = result.away;
  showAway();
  const words = result.away
    ? "You are away: nothing is given to you until you are back."
    : "You are at the desk.";
  say(words);
  announce(words);
}

control.addEventListener("click", setAway);
