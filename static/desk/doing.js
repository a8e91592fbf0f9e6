// Carries what people do to the server, and says how it went.

import { ABOUT_MESSAGE, QUESTIONS, confirmInternal } from "./acts.js";
import { read } from "./api.js";
import { loadLists, loadQueue, loadThread, reading, soon } from "./loading.js";
import {
  announce, composer, customerPane, desk, queuePane, say, showPane, socket,
} from "./state.js";
import { askSame } from "./verified.js";

/** Do an act; says how it went. Returns the result. */
export async function act(values) {
  const result = await socket.act(values);
  say(result.text ?? "");
  if (result.text) announce(result.text);
  soon("queue", loadQueue, { own: true });
  soon("thread", loadThread, { own: true });
  return result;
}

export async function actOnOpen(name) {
  if (!desk.thread || !desk.thread.may.includes(name)) return;
  const { conversation } = desk.thread;
  const fields = await QUESTIONS[name]({ ...desk, conversation });
  if (!fields) return;
  const result = await act({ act: name, conversation: conversation.id, ...fields });
  soon("lists", loadLists);
  if (!result.ok) return;
  if (result.text) return;
  if (result.to) say(`Given to ${result.to}.`);
  announce(result.to ? `Given to ${result.to}.` : "Done.");
}

export async function actOnChosen(name) {
  const conversations = [...queuePane.chosen];
  const fields = await QUESTIONS[name]({ ...desk, conversation: null });
  if (!fields) return;
  const result = await act({ act: name, conversations, ...fields });
  soon("lists", loadLists);
  if (!result.ok) return;
  const refused = [...new Set(result.refused.map(({ text }) => text))].join(" ");
  const done = `${result.done} done.${result.text ? ` ${result.text}` : ""}`;
  say(`${done}${refused ? ` ${result.refused.length} not: ${refused}` : ""}`);
  queuePane.clear();
}

export async function actOnMessage(name, message) {
  let again = null;
  do {
    const fields = await ABOUT_MESSAGE[name](message, desk, again);
    if (!fields) return;
    const result = await sending({ act: name, message: message.id, ...fields });
    // What was typed is not lost because it was refused, or the line was cut.
    again = result.ok ? null : { ...fields, problem: result.text };
  } while (again && desk.thread);
}

/** Send words that may hold those of an internal source: asked for before they go out. */
async function sending(values) {
  const result = await act(values);
  if (result.code !== "internal") return result;
  say("");
  if (!(await confirmInternal(result))) return result;
  return act({ ...values, confirmed: true });
}

/** Send what stands in the box. The agent may go on to another conversation meanwhile. */
export async function send(written) {
  const { conversation, mode, text, clientId, draft: from, attachments } = written;
  if (!attachments) {
    return composer.refused(conversation, { text: "A file is not attached yet. Wait for it, or remove it." });
  }
  if (!(text.trim() || attachments.length)) return;
  composer.sending(conversation, true);
  const values =
    mode === "note"
      ? { act: "note", conversation, text }
      : { act: "reply", conversation, text, client_id: clientId, draft: from ?? "", attachments };
  const result = await sending(values);
  composer.sending(conversation, false);
  if (result.ok) composer.sent(written);
  else composer.refused(conversation, result);
}

export async function draft(question = "") {
  if (!desk.thread?.may.includes("draft")) return;
  const { open: conversation } = desk;
  showPane("customer");
  customerPane.showWaiting("Searching the documents …");
  const result = await act({ act: "draft", conversation, question });
  if (desk.open !== conversation) return;
  if (result.ok) customerPane.showDraft(result.draft);
  else customerPane.showWaiting(result.text);
}

/** Merge the customer with another at the desk, or part them again. */
export async function sayWhoIsTheSame({ act: name, person }) {
  if (!desk.thread?.may.includes(name) || !(await askSame({ act: name, person }))) return;
  const { id } = desk.thread.conversation;
  const result = await act({ act: name, conversation: id, other: person.conversation });
  if (result.ok) announce(name === "same" ? "Merged at the desk." : "Parted.");
}

export async function why(message) {
  showPane("customer");
  const found = await reading(() => read(`why/${message.id}/`));
  if (found) customerPane.showWhy(found.html);
}

/** Show why the bot said its last answer. */
export function whyTheLast() {
  const last = desk.thread?.messages.findLast(({ answer }) => answer);
  if (last) why(last);
}
