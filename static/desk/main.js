// The desk: defines its parts, its keys, and what each event of a part does.

import { DeskAttach } from "./attach.js";
import { setAway, showAway } from "./away.js";
import { tickAll } from "./clock.js";
import { DeskComposer } from "./composer.js";
import { DeskCustomer } from "./customer-pane.js";
import {
  actOnChosen, actOnMessage, actOnOpen, draft, sayWhoIsTheSame, send, why, whyTheLast,
} from "./doing.js";
import { Keys } from "./keys.js";
import { start } from "./live.js";
import { loadMore, loadQueue, move, openConversation, openQueue } from "./loading.js";
import { DeskQueue, QUEUES } from "./queue-pane.js";
import { $, announce, composer, desk, queuePane, showPane, socket, threadPane } from "./state.js";
import { load, store } from "./stored.js";
import { DeskThread } from "./thread-pane.js";

customElements.define("desk-queue", DeskQueue);
customElements.define("desk-thread", DeskThread);
customElements.define("desk-attach", DeskAttach);
customElements.define("desk-composer", DeskComposer);
customElements.define("desk-customer", DeskCustomer);

const keys = new Keys([
  ["j", "Next conversation", () => move(1)],
  ["k", "Previous conversation", () => move(-1)],
  ["x", "Choose the open conversation for a bulk action", () => desk.open && queuePane.toggle(desk.open)],
  ...QUEUES.map(([name, words], at) => [String(at + 1), `Queue: ${words}`, () => openQueue(name)]),
  ["t", "Take over", () => actOnOpen("take")],
  ["r", "Reply", () => desk.thread && composer.write("reply")],
  ["n", "Private note", () => desk.thread && composer.write("note")],
  ["b", "Return to the bot", () => actOnOpen("hand_back")],
  ["a", "Assign to somebody or a team", () => actOnOpen("assign")],
  ["f", "Transfer with a note", () => actOnOpen("transfer")],
  ["s", "Snooze, or end the snooze", () => actOnOpen("snooze")],
  ["e", "Resolve", () => actOnOpen("resolve")],
  ["g", "Tags", () => actOnOpen("tag")],
  ["p", "Priority", () => actOnOpen("priority")],
  ["d", "Draft from the documents", () => draft()],
  ["w", "Why the bot said its last answer", whyTheLast],
  ["o", "Away, or back at the desk", setAway],
  ["/", "Search", search],
  ["?", "These keys", () => keys.help()],
]);

/** Put the cursor into the search; on phones it stands with the queues. */
function search() {
  if (!$("#search").checkVisibility()) showPane("queue");
  $("#search").focus();
}

const on = (name, work) => document.addEventListener(`desk-${name}`, ({ detail }) => work(detail));
on("queue", openQueue);
on("open", openConversation);
on("more", loadMore);
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
on("same", sayWhoIsTheSame);
on("why", why);
on("said", announce);
on("team", (team) => {
  Object.assign(desk, { team, most: null });
  store("team", team);
  queuePane.clear();
  loadQueue();
});
for (const name of ["edit", "withdraw", "flag", "faq"]) on(name, (message) => actOnMessage(name, message));

$("#help-button").addEventListener("click", () => keys.help());
$(".search").addEventListener("submit", (event) => {
  event.preventDefault();
  Object.assign(desk, { words: $("#search").value.trim(), most: null });
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

addEventListener("beforeunload", (event) => composer.holds && event.preventDefault());
setInterval(tickAll, 1000);
showPane("queue");
showAway();
desk.team = load("team") ?? "";
const asked = new URLSearchParams(window.location.search).get("c");
if (/^[0-9a-f-]{36}$/.test(asked ?? "")) openConversation(asked);
start();
