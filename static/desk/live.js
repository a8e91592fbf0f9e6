// What comes over the socket while the desk is open, and reading now and then besides.

import { loadLists, loadQueue, loadThread, showThread, soon } from "./loading.js";
import { desk, say, socket, threadPane } from "./state.js";

// Without a socket, and as a safety net with one.
const POLL_MS = 5000;
const SLOW_POLL_MS = 60000;
let live = false;
let timer = null;

/** Take in a live frame of the open conversation. */
function takeFrame(frame) {
  const { thread } = desk;
  if (!thread) return;
  if (frame.type === "message") takeMessage(thread, frame);
  else if (frame.type === "update") {
    const message = thread.messages.find(({ id }) => id === frame.id);
    if (!message) return;
    message.state = frame.state;
    showThread();
  } else if (frame.type === "stage") threadPane.sayBot("The assistant is answering …");
  else if (frame.type === "typing" && frame.who === "customer") threadPane.sayReplying("The customer");
}

function takeMessage(thread, frame) {
  threadPane.sayBot("");
  // The customer's language is not the agent's; the conversation is read again soon.
  if (frame.role === "system") return;
  const at = thread.messages.findIndex(({ id }) => id === frame.id);
  if (at >= 0) Object.assign(thread.messages[at], frame);
  else if (frame.seq > (thread.messages.at(-1)?.seq ?? 0)) thread.messages.push(frame);
  else return;
  thread.last_seq = Math.max(thread.last_seq, frame.seq);
  showThread();
}

socket.addEventListener("changed", ({ detail }) => {
  soon("queue", loadQueue);
  if (detail === desk.open) soon("thread", loadThread);
});
socket.addEventListener("frame", ({ detail }) => takeFrame(detail));
socket.addEventListener("replying", ({ detail }) => {
  if (detail.conversation === desk.open) threadPane.sayReplying(detail.who);
});
socket.addEventListener("line", ({ detail }) => {
  if (live !== detail.open) {
    live = detail.open;
    pollLater();
  }
  if (live) {
    say("");
    loadQueue();
    loadThread();
  } else say(detail.signedOut ? "You are signed out. Reload the page." : "Connecting again …");
});

function poll() {
  loadQueue();
  loadThread();
  soon("lists", loadLists);
  pollLater();
}

function pollLater() {
  clearTimeout(timer);
  timer = setTimeout(poll, live ? SLOW_POLL_MS : POLL_MS);
}

/** Begin to listen. */
export function start() {
  socket.open();
  poll();
}
