// Whom a host page's token speaks of, and whether a browser may go on with what it kept.

import { forgetAllFiles } from "./file-store.js";
import { hostPage } from "./host-page.js";
import { endTokens } from "./renewal.js";
import { forgetAll, read } from "./storage.js";

// So long a page that has greeted us may take to say who is signed in there.
const SPEAK_MILLISECONDS = 1500;
// A browser whose store of files hangs is not waited for.
const FORGET_MILLISECONDS = 1000;

/** Return the subject that a token names; null when it cannot be read. The server checks it. */
export function subjectOf(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof sub === "string" && sub ? sub : null;
  } catch {
    return null;
  }
}

/** Say whether the host page has said that somebody else, or nobody, is signed in now. */
export function someoneElse(subject) {
  if (!subject) return false;
  if (hostPage.out) return true;
  return hostPage.token !== null && subjectOf(hostPage.token) !== subject;
}

/**
 * Find out, before anything is shown, whether what this browser kept is of who is here now. Returns
 * whether somebody else's was forgotten.
 */
export async function findOutWhoIsHere() {
  if (!read("subject")) return false;
  if (hostPage.framed) {
    await hostPage.spoken;
    if (!hostPage.token && !hostPage.out) await spoken();
    return forgetSomeoneElse();
  }
  // Only a host page can say that this is still the same customer.
  await forgetEverything();
  return true;
}

function spoken() {
  return new Promise((resolve) => {
    hostPage.addEventListener("token", resolve, { once: true });
    setTimeout(resolve, SPEAK_MILLISECONDS);
  });
}

/** Forget a customer who is not who is here now. Returns whether there was one. */
export async function forgetSomeoneElse() {
  if (!someoneElse(read("subject"))) return false;
  endTokens();
  await forgetEverything();
  return true;
}

/** Leave nothing of a customer: no chat, no unsent word or file. What they chose stays. */
export async function forgetEverything() {
  forgetAll();
  await Promise.race([
    forgetAllFiles(),
    new Promise((resolve) => setTimeout(resolve, FORGET_MILLISECONDS)),
  ]);
}
