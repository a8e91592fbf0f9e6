// "Was this solved?" below an answer that was read in peace, or when a person has closed the chat.

import { read, write } from "./storage.js";

const QUIET_MILLISECONDS = 30_000;

export class SolvedBar {
  /** `send` takes {solved} and says whether it arrived; `more` asks how the chat was. */
  constructor(bar, { session, conversation, send, more }) {
    Object.assign(this, { bar, session, conversation, send, more });
    bar.querySelector("[data-solved=yes]").addEventListener("click", () => this.#answer(true));
    bar.querySelector("[data-solved=no]").addEventListener("click", () => this.#answer(false));
    conversation.addEventListener("message", ({ detail }) => this.#changed(detail));
    conversation.addEventListener("owner", ({ detail }) => this.#owner(detail));
  }

  hide() {
    clearTimeout(this.timer);
    this.bar.hidden = true;
  }

  /** It has been answered; it is asked once for each chat. */
  done() {
    write("solved", this.session.conversation);
    this.hide();
  }

  #changed({ message, fresh }) {
    if (!fresh) return;
    this.hide();
    const { kind, answer } = message;
    if (kind !== "final" || !["answer", "extract"].includes(answer?.disposition)) return;
    this.timer = setTimeout(() => this.#show(), QUIET_MILLISECONDS);
  }

  #owner({ owner, before }) {
    if (owner === "closed" && before !== "closed") this.#show();
    else if (owner === "waiting" || owner === "agent") this.hide();
  }

  #show() {
    const { conversation } = this.session;
    const asked = !conversation || read("solved") === conversation;
    if (asked || this.conversation.owner === "waiting") return;
    this.bar.hidden = false;
  }

  async #answer(solved) {
    const arrived = await this.send({ solved, stars: null, comment: "" });
    if (!arrived) return;
    this.done();
    this.more(solved);
  }
}
