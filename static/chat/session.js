// Who the visitor is and which conversation is shown, kept over reloads and shared by all tabs.
//
// A token opens the chats for minutes; the renewal token gets the next one. Both lie in storage, so
// that a tab that renews does it for all. `subject` is the customer whom the host page's server has
// vouched for, null for somebody unknown. What lies in storage for another subject is not used here.

import { read, write } from "./storage.js";
import { renew, soonOver } from "./renewal.js";

export class Session {
  constructor() {
    this.subject = read("subject");
    this.conversation = read("conversation");
    this.starting = null;
    // Who is signed in changes just now: nothing begins before that is known.
    this.settled = Promise.resolve();
  }

  /** Return the token, or null before there is one. */
  get token() {
    return this.isOurs ? read("token") : null;
  }

  /** Say whether what lies in storage is of this page's customer. */
  get isOurs() {
    return read("subject") === this.subject;
  }

  /** Return the conversation before this one, or null. */
  get previous() {
    return read("previous");
  }

  /** Begin a conversation unless there is one. Concurrent calls begin one only. */
  async ensure(api) {
    await this.whenSettled();
    if (this.token && (this.conversation || this.join())) return;
    this.starting ??= api.createConversation().finally(() => {
      this.starting = null;
    });
    const { subject } = this;
    const given = await this.starting;
    if (this.conversation || subject !== this.subject) return;
    // A token of its own opens none of the chats before.
    if (given.token && this.token) write("previous", null);
    if (given.token) keepTokens(given);
    this.conversation = given.id;
    this.#keep();
  }

  /** Go on with the chat that another tab has begun, if this one shows none. Returns whether. */
  join() {
    if (this.conversation || !this.isOurs) return false;
    this.conversation = read("conversation");
    return Boolean(this.conversation);
  }

  /** Wait until it is known who is signed in. */
  async whenSettled() {
    let seen = null;
    while (seen !== this.settled) {
      seen = this.settled;
      await seen;
    }
  }

  /** Go on as the customer that the server has taken us for; `asked`: the chat shown then. */
  becomes(subject, given, asked) {
    this.subject = subject;
    write("subject", subject);
    keepTokens(given);
    if (this.conversation === asked) this.conversation = given.conversation;
    this.#keep();
  }

  /** Another tab has become a customer whose chats were this browser's. */
  follow() {
    this.subject = read("subject");
  }

  /** Get the next token when this one soon ends. */
  async freshen() {
    if (this.token && soonOver()) await this.renew();
  }

  /** Get the next token. Returns "renewed", "ended" or "unreachable". */
  renew() {
    if (!this.isOurs) return Promise.resolve("ended");
    return renew();
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
    this.conversation = null;
    if (this.isOurs) {
      for (const name of ["token", "renewal", "expires", "subject", "previous"]) write(name, null);
      this.#keep();
    }
    this.subject = read("subject");
  }

  /** Somebody else is signed in: this page sends nothing more. */
  signOut() {
    this.settled = new Promise(() => {});
    this.conversation = null;
  }

  #keep() {
    if (this.isOurs) write("conversation", this.conversation);
  }
}

/** Keep what the server gave: a renewal token only when there is a new one. */
export function keepTokens({ token, renewal, expires_in_seconds: seconds }) {
  write("token", token);
  if (renewal) write("renewal", renewal);
  write("expires", `${Date.now() + seconds * 1000} ${seconds * 1000}`);
}
