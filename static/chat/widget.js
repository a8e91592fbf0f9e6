// What the chat does when it stands in another page: context, unread messages, closing.

import { hostPage } from "./host-page.js";
import { read, write } from "./storage.js";

const COUNTED = new Set(["assistant", "agent"]);

export class WidgetBridge {
  /** `focus` puts the cursor into the box. */
  constructor({ session, api, conversation, closeButton }, { focus }) {
    Object.assign(this, { session, api, conversation, focus });
    this.sentContext = "";
    conversation.addEventListener("message", ({ detail }) => this.#arrived(detail));
    if (!hostPage.framed) return;
    closeButton.hidden = false;
    closeButton.addEventListener("click", () => hostPage.post("close"));
    document.addEventListener("keydown", (event) => this.#escape(event));
    hostPage.addEventListener("hello", () => this.#told());
    hostPage.addEventListener("opened", ({ detail }) => this.#opened(detail.focus));
    for (const type of ["page", "identity", "values"])
      hostPage.addEventListener(type, () => this.sendContext());
    // The greeting may have come before this was made.
    hostPage.greeted.then(() => this.#told());
  }

  /** A chat has begun, or another one is shown. */
  begun() {
    this.sentContext = "";
    hostPage.post("chat", { going: Boolean(this.session.conversation) });
    this.#count();
    this.sendContext();
  }

  /** Send where the customer is, once for each change, as soon as there is a chat. */
  async sendContext() {
    const { conversation } = this.session;
    if (!conversation) return;
    const context = contextNow();
    const key = JSON.stringify([conversation, context]);
    if (!Object.keys(context).length || key === this.sentContext) return;
    this.sentContext = key;
    try {
      await this.api.sendContext(conversation, context);
    } catch {
      this.sentContext = ""; // The next change or chat sends it again.
    }
  }

  #told() {
    this.begun();
    if (hostPage.open) this.#opened(hostPage.focus);
  }

  #opened(withFocus) {
    this.#see();
    if (withFocus) this.focus();
  }

  #arrived({ message, fresh }) {
    if (!COUNTED.has(message.role)) return;
    if (fresh) hostPage.post("message", { role: message.role });
    if (hostPage.open && !document.hidden) this.#see();
    else this.#count();
  }

  /** What is shown has been seen. */
  #see() {
    const { conversation } = this.session;
    if (conversation) write("seen", `${conversation} ${this.conversation.lastSeq}`);
    hostPage.post("unread", { count: 0 });
  }

  #count() {
    if (hostPage.open) return;
    const [seenIn, seenTo] = (read("seen") ?? "").split(" ");
    const from = seenIn === this.session.conversation ? Number(seenTo) : 0;
    let count = 0;
    for (const message of this.conversation.messages.values())
      if (COUNTED.has(message.role) && message.seq > from) count += 1;
    hostPage.post("unread", { count });
  }

  #escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open], details[open]")) return;
    hostPage.post("close");
  }
}

/** Return what the server keeps of the page: nothing outside a frame. */
function contextNow() {
  const { page, said } = hostPage;
  const context = {};
  if (page) Object.assign(context, { page_url: page.url, page_title: page.title });
  if (said.name) context.name = said.name;
  if (said.email) context.email = said.email;
  if (said.values && Object.keys(said.values).length) context.values = said.values;
  return context;
}
