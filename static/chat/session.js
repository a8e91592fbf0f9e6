// Who the visitor is and which conversation is shown, kept over reloads.

import { read, write } from "./storage.js";

export class Session {
  constructor() {
    this.token = read("token");
    this.conversation = read("conversation");
    this.starting = null;
  }

  /** Return the conversation before this one, or null. */
  get previous() {
    return read("previous");
  }

  /** Begin a conversation unless there is one. Concurrent calls begin one only. */
  async ensure(api) {
    if (this.token && this.conversation) return;
    this.starting ??= api.createConversation().finally(() => {
      this.starting = null;
    });
    const { id, token } = await this.starting;
    if (this.conversation) return;
    // A token of its own opens none of the chats before.
    if (token && this.token) write("previous", null);
    if (token) this.token = token;
    this.conversation = id;
    this.#keep();
  }

  /** Leave this conversation, so that the next message begins another. */
  leave() {
    if (this.conversation) write("previous", this.conversation);
    this.conversation = null;
    this.#keep();
  }

  /** Show another of this visitor's conversations. */
  show(conversation) {
    if (conversation !== this.conversation) this.leave();
    this.conversation = conversation;
    this.#keep();
  }

  /** This conversation has been deleted; `chatsLeft`: the visitor has others. */
  drop(chatsLeft) {
    if (!chatsLeft) return this.forget();
    this.conversation = null;
    write("previous", null);
    this.#keep();
  }

  /** Go back to the conversation that was left last. */
  goBack() {
    const previous = this.previous;
    write("previous", this.conversation);
    this.conversation = previous;
    this.#keep();
  }

  /** The server does not know this visitor or this conversation any more. */
  forget() {
    this.token = null;
    this.conversation = null;
    write("previous", null);
    this.#keep();
  }

  #keep() {
    write("token", this.token);
    write("conversation", this.conversation);
  }
}
