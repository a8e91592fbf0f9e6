// Tells the server what was done with answers, a few at a time: never what was written.

import { onChange, read, write } from "./storage.js";

const GATHER_MILLISECONDS = 2000;
// So long a tab that was closed may take to tell; what it tells must not come after us.
const STILL_HERE_MILLISECONDS = 1500;
const MOST_AT_ONCE = 50;

export class Signals {
  constructor({ session, api, conversation }) {
    Object.assign(this, { session, api, conversation });
    this.rows = [];
    addEventListener("pagehide", () => this.#leave());
    // A page that the browser had only put aside.
    addEventListener("pageshow", ({ persisted }) => persisted && this.back());
    // Another tab was closed while this one still shows the chat.
    onChange("left", () => setTimeout(() => this.back(), STILL_HERE_MILLISECONDS));
  }

  /** A source of a reply was opened, or the reply copied. */
  note(kind, message, marker = 0) {
    if (this.rows.length >= MOST_AT_ONCE) return;
    this.rows.push({ kind, message: message.id, marker });
    this.timer ??= setTimeout(() => this.#send(), GATHER_MILLISECONDS);
  }

  /** The chat that was left is looked at again. */
  back() {
    if (!this.session.conversation || read("left") !== this.session.conversation) return;
    write("left", null);
    this.rows.push({ kind: "back" });
    this.#send();
  }

  #leave() {
    if (this.#hadLastWord()) {
      write("left", this.session.conversation);
      this.rows.push({ kind: "left" });
    }
    this.#send({ leaving: true });
  }

  /** Say whether the assistant has answered last, and nothing was said of it. */
  #hadLastWord() {
    const { conversation, session } = this;
    if (conversation.owner !== "bot" || read("solved") === session.conversation) return false;
    const said = [...conversation.messages.values()].filter(({ role }) => role !== "system");
    const last = said.reduce((one, other) => (other.seq > (one?.seq ?? 0) ? other : one), null);
    return last?.kind === "final" && !last.answer?.feedback;
  }

  #send({ leaving = false } = {}) {
    clearTimeout(this.timer);
    this.timer = null;
    const { conversation } = this.session;
    const rows = this.rows.splice(0);
    if (!conversation || !rows.length) return;
    // What does not arrive is no loss to the customer.
    this.api.signals(conversation, rows, { leaving }).catch(() => {});
  }
}
