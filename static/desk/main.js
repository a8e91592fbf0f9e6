// The desk: keeps what is shown true, and carries what people do to the server.

import { ABOUT_MESSAGE, QUESTIONS, confirmInternal } from "./acts.js";
import { read } from "./api.js";
import { setClock, tickAll } from "./clock.js";
import { DeskAttach } from "./attach.js";
import { DeskComposer } from "./composer.js";
import { DeskCustomer } from "./customer-pane.js";
import { Keys } from "./keys.js";
import { DeskQueue, QUEUES } from "./queue-pane.js";
import { DeskSocket } from "./socket.js";
import { DeskThread } from "./thread-pane.js";

customElements.define("desk-queue", DeskQueue);
customElements.define("desk-thread", DeskThread);
customElements.define("desk-attach", DeskAttach);
customElements.define("desk-composer", DeskComposer);
customElements.define("desk-customer", DeskCustomer);

// Many changes within this time are read once.
const GATHER_MS = 250;
// Without a socket, and as a safety net with one.
const POLL_MS = 5000;
const SLOW_POLL_MS = 60000;
const $ = (name) => document.querySelector(name);
const queuePane = $("desk-queue");
const threadPane = $("desk-thread");
const composer = $("desk-composer");
const customerPane = $("desk-customer");
const socket = new DeskSocket();
const desk = {
  me: JSON.parse(document.body.dataset.me),
  queue: "unassigned",
  words: "",
  rows: [],
  counts: {},
  open: null,
  thread: null,
  lists: { colleagues: [], canned: [], tags: [] },
};
let live = false;
let timers = {};

function say(text) {
  $("#line").textContent = text;
}

function announce(text) {
  $("#announcer").textContent = text;
}

/** On narrow screens one part is shown at a time. */
function showPane(name) {
  document.body.dataset.pane = name;
  for (const control of document.querySelectorAll("[data-show]")) {
    control.setAttribute("aria-pressed", String(control.dataset.show === name));
  }
}

async function reading(work) {
  try {
    return await work();
  } catch (problem) {
    if (problem.signedOut) say("You are signed out. Reload the page.");
    else if (!problem.gone) say("No connection; trying again.");
    return null;
  }
}

async function loadQueue() {
  const { queue, words } = desk;
  const found = await reading(() =>
    read(`queue/?queue=${queue}&q=${encodeURIComponent(words)}`),
  );
  if (!found || queue !== desk.queue || words !== desk.words) return;
  setClock(found.now);
  Object.assign(desk, { rows: found.rows, counts: found.counts });
  queuePane.show(desk);
  const { unassigned } = found.counts;
  document.title = unassigned ? `(${unassigned}) Desk` : "Desk";
}

async function loadThread({ focus = false } = {}) {
  const { open } = desk;
  if (!open) return;
  const thread = await reading(() => read(`${open}/`));
  if (open !== desk.open) return;
  if (!thread) return;
  desk.thread = thread;
  showThread();
  if (focus) threadPane.focusHead();
}

function showThread() {
  // The composer first: it takes room from the messages, whose newest is to be in sight.
  composer.hidden = !desk.me.may.includes("reply") && !desk.me.may.includes("note");
  composer.open(desk.open, desk.me);
  threadPane.show(desk.thread, desk.me);
  customerPane.show(desk.thread, desk.me);
}

/** Read something soon; called again meanwhile it is read once. */
function soon(name, work) {
  timers[name] ??= setTimeout(() => {
    delete timers[name];
    work();
  }, GATHER_MS);
}

function openConversation(id) {
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
}

function openQueue(name) {
  Object.assign(desk, { queue: name, words: "" });
  $("#search").value = "";
  queuePane.clear();
  showPane("queue");
  loadQueue();
}

/** Do an act; says how it went. Returns the result. */
async function act(values) {
  const result = await socket.act(values);
  say(result.ok ? "" : result.text);
  if (!result.ok) announce(result.text);
  soon("queue", loadQueue);
  soon("thread", loadThread);
  return result;
}

async function actOnOpen(name) {
  if (!desk.thread || !desk.thread.may.includes(name)) return;
  const { id } = desk.thread.conversation;
  const fields = await QUESTIONS[name]({ ...desk, conversation: desk.thread.conversation });
  if (!fields) return;
  const result = await act({ act: name, conversation: id, ...fields });
  if (result.ok) announce("Done.");
  if (name === "tag") loadLists();
}

async function actOnChosen(name) {
  const conversations = [...queuePane.chosen];
  const fields = await QUESTIONS[name]({ ...desk, conversation: null });
  if (!fields) return;
  const result = await act({ act: name, conversations, ...fields });
  if (!result.ok) return;
  const refused = result.refused.map(({ text }) => text).join(" ");
  say(`${result.done} done.${refused ? ` ${result.refused.length} not: ${refused}` : ""}`);
  queuePane.clear();
}

async function actOnMessage(name, message) {
  const fields = await ABOUT_MESSAGE[name](message, desk.thread);
  if (!fields) return;
  await sending({ act: name, message: message.id, ...fields });
}

/** Send words that may hold those of an internal source: asked for before they go out. */
async function sending(values) {
  const result = await act(values);
  if (result.code !== "internal") return result;
  say("");
  if (!(await confirmInternal(result))) return result;
  return act({ ...values, confirmed: true });
}

async function send({ mode, text, clientId, draft, attachments }) {
  const { open: conversation } = desk;
  if (composer.send.disabled || !(text.trim() || !attachments || attachments.length)) return;
  if (!attachments) {
    composer.problem.textContent = "A file is not attached yet. Wait for it, or remove it.";
    return;
  }
  composer.send.disabled = true;
  const values =
    mode === "note"
      ? { act: "note", conversation, text }
      : { act: "reply", conversation, text, client_id: clientId, draft: draft ?? "", attachments };
  const result = await sending(values);
  composer.send.disabled = false;
  if (desk.open !== conversation) return;
  if (result.ok) composer.sent();
  else composer.problem.textContent = result.text;
}

async function draft(question = "") {
  if (!desk.thread?.may.includes("draft")) return;
  const { open: conversation } = desk;
  showPane("customer");
  customerPane.showWaiting("Searching the documents …");
  const result = await act({ act: "draft", conversation, question });
  if (desk.open !== conversation) return;
  if (result.ok) customerPane.showDraft(result.draft);
  else customerPane.showWaiting(result.text);
}

async function why(message) {
  showPane("customer");
  const found = await reading(() => read(`why/${message.id}/`));
  if (found) customerPane.showWhy(found.html);
}

function lastAnswer() {
  return desk.thread?.messages.findLast(({ answer }) => answer);
}

function move(step) {
  const at = desk.rows.findIndex(({ id }) => id === desk.open);
  const next = desk.rows[at < 0 ? 0 : at + step];
  if (next) openConversation(next.id);
}

async function loadLists() {
  const lists = await reading(() => read("lists/"));
  if (!lists) return;
  desk.lists = lists;
  composer.canned = lists.canned;
}

/** Take in a live frame of the open conversation. */
function takeFrame(frame) {
  const { thread } = desk;
  if (!thread) return;
  if (frame.type === "message") {
    threadPane.sayBot("");
    const at = thread.messages.findIndex(({ id }) => id === frame.id);
    if (at >= 0) Object.assign(thread.messages[at], frame);
    else if (frame.seq > (thread.messages.at(-1)?.seq ?? 0)) thread.messages.push(frame);
    else return;
    thread.last_seq = Math.max(thread.last_seq, frame.seq);
    showThread();
  } else if (frame.type === "update") {
    const message = thread.messages.find(({ id }) => id === frame.id);
    if (!message) return;
    message.state = frame.state;
    showThread();
  } else if (frame.type === "stage") threadPane.sayBot("The assistant is answering …");
  else if (frame.type === "typing" && frame.who === "customer") threadPane.sayReplying("The customer");
}

const keys = new Keys([
  ["j", "Next conversation", () => move(1)],
  ["k", "Previous conversation", () => move(-1)],
  ["x", "Choose the open conversation for a bulk action", () => desk.open && queuePane.toggle(desk.open)],
  ...QUEUES.map(([name, words], at) => [String(at + 1), `Queue: ${words}`, () => openQueue(name)]),
  ["t", "Take over", () => actOnOpen("take")],
  ["r", "Reply", () => desk.thread && composer.write("reply")],
  ["n", "Private note", () => desk.thread && composer.write("note")],
  ["b", "Return to the bot", () => actOnOpen("hand_back")],
  ["a", "Assign", () => actOnOpen("assign")],
  ["f", "Transfer with a note", () => actOnOpen("transfer")],
  ["s", "Snooze, or end the snooze", () => actOnOpen("snooze")],
  ["e", "Resolve", () => actOnOpen("resolve")],
  ["g", "Tags", () => actOnOpen("tag")],
  ["p", "Priority", () => actOnOpen("priority")],
  ["d", "Draft from the documents", () => draft()],
  ["w", "Why the bot said its last answer", () => lastAnswer() && why(lastAnswer())],
  ["/", "Search", () => $("#search").focus()],
  ["?", "These keys", () => keys.help()],
]);

const on = (name, work) => document.addEventListener(`desk-${name}`, ({ detail }) => work(detail));
on("queue", openQueue);
on("open", openConversation);
on("bulk", actOnChosen);
on("act", actOnOpen);
on("send", send);
on("typing", () => socket.typing());
on("leave", () => threadPane.focusHead());
on("insert", ({ text, draft: id }) => {
  showPane("thread");
  composer.insert(text, id);
});
on("draft", draft);
on("why", why);
on("said", announce);
for (const name of ["edit", "withdraw", "flag", "faq"]) on(name, (message) => actOnMessage(name, message));

socket.addEventListener("changed", ({ detail }) => {
  soon("queue", loadQueue);
  if (detail === desk.open) soon("thread", loadThread);
});
socket.addEventListener("frame", ({ detail }) => takeFrame(detail));
socket.addEventListener("replying", ({ detail }) => {
  if (detail.conversation === desk.open) threadPane.sayReplying(detail.who);
});
socket.addEventListener("line", ({ detail }) => {
  live = detail.open;
  if (detail.open) {
    say("");
    loadQueue();
    loadThread();
  } else say(detail.signedOut ? "You are signed out. Reload the page." : "Connecting again …");
});

$("#help-button").addEventListener("click", () => keys.help());
$(".search").addEventListener("submit", (event) => {
  event.preventDefault();
  desk.words = $("#search").value.trim();
  showPane("queue");
  loadQueue();
});
$("#search").addEventListener("search", () => {
  if ($("#search").value) return;
  desk.words = "";
  loadQueue();
});
for (const control of document.querySelectorAll("[data-show]")) {
  control.addEventListener("click", () => showPane(control.dataset.show));
}

setInterval(tickAll, 1000);
function poll() {
  loadQueue();
  loadThread();
  setTimeout(poll, live ? SLOW_POLL_MS : POLL_MS);
}
showPane("queue");
loadLists();
const asked = new URLSearchParams(window.location.search).get("c");
if (/^[0-9a-f-]{36}$/.test(asked ?? "")) openConversation(asked);
socket.open();
poll();
