// Brings what the server has onto the screen: a queue, the open conversation, the lists.

import { read } from "./api.js";
import { setClock } from "./clock.js";
import { takeCalls } from "./notices.js";
import {
  $, announce, composer, customerPane, desk, queuePane, say, showPane, socket, threadPane,
} from "./state.js";

// The first change is read soon, those that follow within the second time once: in a busy house
// something changes all the time, and each reading is work for the server. The messages of the open
// conversation do not wait for it, they come over the socket.
const GATHER_MS = 100;
const AGAIN_MS = 1500;
// A longer time cannot be given to a timer.
const LONGEST_TIMER_MS = 86_400_000;
const PAGE_ROWS = 50;
const timers = {};
const readAt = {};
let waking = null;

/** Do some reading; resolves with null, and says so, when it failed. */
export async function reading(work) {
  try {
    return await work();
  } catch (problem) {
    if (problem.signedOut) say("You are signed out. Reload the page.");
    else if (problem.forbidden) say("Your account may not see this. Ask an administrator.");
    else if (!problem.gone) say("No connection; trying again.");
    return null;
  }
}

/** Read something soon; called again meanwhile it is read once. `own`: after an act of one's own. */
export function soon(name, work, { own = false } = {}) {
  const wait = own ? 0 : (readAt[name] ?? -AGAIN_MS) + AGAIN_MS - performance.now();
  if (own) clearTimeout(timers[name]);
  else if (timers[name]) return;
  timers[name] = setTimeout(() => {
    delete timers[name];
    readAt[name] = performance.now();
    work();
  }, Math.max(GATHER_MS, wait));
}

export async function loadQueue() {
  const { queue, words, team, most } = desk;
  const asked = new URLSearchParams({ queue, q: words, team, most: most ?? "" });
  const found = await reading(() => read(`queue/?${asked}`));
  if (!found || queue !== desk.queue || words !== desk.words || team !== desk.team) return;
  setClock(found.now);
  Object.assign(desk, { rows: found.rows, counts: found.counts, more: found.more });
  queuePane.show(desk);
  takeCalls(found.calling, desk.me);
  document.title = found.calling.length ? `(${found.calling.length}) Desk` : "Desk";
  lookWhenSnoozeEnds(found);
}

function lookWhenSnoozeEnds({ next_waking: next, now }) {
  clearTimeout(waking);
  if (!next) return;
  const ms = Math.max(0, new Date(next) - new Date(now));
  waking = setTimeout(loadQueue, Math.min(LONGEST_TIMER_MS, ms + 500));
}

/** Show more rows of the same queue. */
export function loadMore() {
  desk.most = desk.rows.length + PAGE_ROWS;
  loadQueue();
}

export async function loadThread({ focus = false } = {}) {
  const { open } = desk;
  if (!open) return;
  const thread = await reading(() => read(`${open}/`).catch(noneWhenGone));
  if (open !== desk.open || !thread) return;
  if (thread.gone) return leaveDeleted(open);
  desk.thread = thread;
  showThread();
  if (focus) threadPane.focusHead();
}

function noneWhenGone(problem) {
  if (problem.gone) return { gone: true };
  throw problem;
}

/** A conversation that was deleted is no longer shown to anybody. */
function leaveDeleted(id) {
  Object.assign(desk, { open: null, thread: null });
  socket.watch(null);
  composer.forget(id);
  composer.hidden = true;
  threadPane.showNothing();
  customerPane.showNothing();
  history.replaceState(null, "", window.location.pathname);
  const words = "This conversation was deleted, by the customer or because its time was over.";
  say(words);
  announce(words);
  loadQueue();
}

export function showThread() {
  // The composer first: it takes room from the messages, whose newest is to be in sight.
  composer.hidden = !desk.me.may.includes("reply") && !desk.me.may.includes("note");
  composer.open(desk.open, desk.me);
  threadPane.show(desk.thread, desk.me);
  customerPane.show(desk.thread, desk.me);
}

export async function loadLists() {
  const lists = await reading(() => read("lists/"));
  if (!lists) return;
  desk.lists = lists;
  composer.canned = lists.canned;
  if (desk.team && desk.team !== "mine" && !lists.teams.some(({ id }) => String(id) === desk.team)) {
    desk.team = "";
    soon("queue", loadQueue);
  }
  queuePane.showTeams(lists.teams, desk.team);
}

export function openConversation(id) {
  if (desk.open === id) {
    showPane("thread");
    threadPane.focusHead();
    return;
  }
  desk.open = id;
  desk.thread = null;
  history.replaceState(null, "", `?c=${id}`);
  showPane("thread");
  socket.watch(id);
  queuePane.show(desk);
  loadThread({ focus: true });
  // A question opens with the key that asks it, so who is there is known before.
  soon("lists", loadLists);
}

export function openQueue(name) {
  Object.assign(desk, { queue: name, words: "", most: null });
  $("#search").value = "";
  queuePane.clear();
  showPane("queue");
  loadQueue();
}

/** Open the next conversation of the queue, or the one before with a step of -1. */
export function move(step) {
  const at = desk.rows.findIndex(({ id }) => id === desk.open);
  const next = desk.rows[at < 0 ? 0 : at + step];
  if (next) openConversation(next.id);
}
