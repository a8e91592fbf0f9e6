// What the customer asks of the server, sent so that nothing is lost on the way.

import { forgetFile, keptFile } from "./file-store.js";
import { errorText } from "./texts.js";

// A message that is not acknowledged is sent again after this time; the server knows it by its id.
const ACKNOWLEDGE_MILLISECONDS = 10_000;
const UNAVAILABLE_SECONDS = 3;
const TYPING_MILLISECONDS = 3000;
const GAP_MILLISECONDS = 800;
const START_AGAIN_MILLISECONDS = 3000;

// Nothing for the customer to do: the answer came before the stop; the socket closes and comes back.
const UNSAID = new Set(["nothing_to_stop", "unauthorized", "unavailable"]);

export class Requests extends EventTarget {
  constructor(parts) {
    super();
    Object.assign(this, parts);
    this.uploads = null;
    this.sentAt = new Map();
    this.files = new Map();
    this.typedAt = 0;
    this.stuck = false;
    this.connection.addEventListener("online", () => this.#online());
    this.connection.addEventListener("frame", ({ detail }) => this.#take(detail));
    this.conversation.addEventListener("gap", () => this.#fillGapSoon());
    setInterval(() => this.flush(), 1000);
  }

  /** Send a message: into the outbox first, then out. */
  send(text, files = []) {
    this.outbox.add(text, this.conversation.lastSeq, files);
    this.flush();
  }

  /** Send what the outbox has due and has not sent within the time for an acknowledgement. */
  async flush() {
    await this.session.whenSettled();
    const due = this.outbox.due();
    if (!due.length || !(await this.#begun())) return;
    for (const item of due) {
      if (Date.now() - (this.sentAt.get(item.clientId) ?? 0) < ACKNOWLEDGE_MILLISECONDS) continue;
      if (!this.#filesReady(item)) continue;
      const attachments = item.files.map(({ id }) => id);
      const frame = { type: "send", client_id: item.clientId, text: item.text, attachments };
      if (!this.connection.send(frame)) return;
      this.sentAt.set(item.clientId, Date.now());
    }
  }

  /** Say whether an item's files have arrived; what sends them comes with the first. */
  #filesReady(item) {
    if (!item.files.some((file) => !file.arrived)) return true;
    if (this.uploads) this.uploads.begin(item);
    else this.#fetchUploads();
    return false;
  }

  async #fetchUploads() {
    const { Uploads } = await import("./uploads.js").catch(() => ({}));
    if (!Uploads || this.uploads) return;
    const { session, outbox } = this;
    const progress = (detail) => this.dispatchEvent(new CustomEvent("progress", { detail }));
    this.uploads = new Uploads({ session, outbox, arrived: () => this.flush(), progress });
    this.flush();
  }

  resend(item) {
    this.sentAt.delete(item.clientId);
    this.outbox.retry(item.clientId);
    this.flush();
  }

  /** Give up a message that is not sent yet. */
  remove(item) {
    this.uploads?.cancel(item);
    this.outbox.acknowledge(item.clientId);
  }

  /** Resolve with an address of a file's content, for as long as this page lives. */
  async file({ id, client_id: key }) {
    if (!this.files.has(key)) {
      const own = await keptFile(key);
      const blob = own ?? (await this.api.file(this.session.conversation, id));
      if (!this.files.has(key)) this.files.set(key, URL.createObjectURL(blob));
    }
    return this.files.get(key);
  }

  stop(question) {
    this.connection.sendWhenOnline({ type: "stop", message: question });
  }

  retry(message) {
    this.connection.sendWhenOnline({ type: "retry", message: message.id });
  }

  rate(message, { rating, reason, comment }) {
    this.connection.sendWhenOnline({
      type: "feedback",
      message: message.id,
      rating,
      reason,
      comment,
    });
  }

  /** Ask for a person; `note` are details for that person. */
  async escalate(note = "") {
    if (await this.#begun()) this.connection.sendWhenOnline({ type: "escalate", note });
  }

  withdraw() {
    this.connection.sendWhenOnline({ type: "withdraw" });
  }

  /** Have the replies of people sent to an address too. */
  leaveEmail(email) {
    this.connection.sendWhenOnline({ type: "email", email });
  }

  /** Tell a person that the customer is writing, now and then. */
  typing() {
    if (this.conversation.owner === "bot" || Date.now() - this.typedAt < TYPING_MILLISECONDS)
      return;
    this.typedAt = Date.now();
    this.connection.send({ type: "typing" });
  }

  /** Begin the conversation if it has not. Returns whether there is one. */
  async #begun() {
    await this.session.whenSettled();
    if (this.session.conversation) return true;
    if (Date.now() < (this.startAgainAt ?? 0)) return false;
    try {
      await this.session.ensure(this.api);
    } catch (problem) {
      this.#cannotBegin(problem);
      return false;
    }
    this.stuck = false;
    if (this.outbox.conversation === null) {
      this.outbox.adopt(this.session.conversation);
      this.connection.start();
    }
    this.dispatchEvent(new CustomEvent("begun"));
    return true;
  }

  #cannotBegin(problem) {
    // The server does not know us: whoever can has us let in again.
    if (problem.status === 401) this.dispatchEvent(new CustomEvent("unknown"));
    const wait = (problem.retryAfterSeconds ?? 0) * 1000 || START_AGAIN_MILLISECONDS;
    this.stuck = true;
    this.startAgainAt = Date.now() + wait;
    this.dispatchEvent(
      new CustomEvent("problem", { detail: { code: problem.code, text: problem.message } }),
    );
  }

  #online() {
    this.sentAt.clear();
    this.uploads?.hurry();
    this.flush();
  }

  #take(frame) {
    if (frame.type === "ack") this.#acknowledged(frame);
    else if (frame.type === "error") this.#refused(frame);
    else {
      if (frame.type === "message" && frame.client_id) this.#delivered(frame.client_id);
      this.conversation.receive(frame);
    }
  }

  /** The server has it: from now on the message is one of the conversation's. */
  #acknowledged({ client_id: clientId, id, seq, state }) {
    const item = this.#delivered(clientId);
    if (!item) return;
    this.conversation.takeMessage({
      id,
      seq,
      client_id: clientId,
      role: "customer",
      kind: "question",
      state,
      text: item.text,
      attachments: item.files.map(shownBefore),
      created_at: new Date(item.createdAt).toISOString(),
    });
  }

  #delivered(clientId) {
    this.sentAt.delete(clientId);
    const item = this.outbox.acknowledge(clientId);
    item?.files.forEach(({ id }) => this.#keepShown(id));
    return item;
  }

  /** What was sent from here need not be fetched to be shown; it is kept for this page only. */
  async #keepShown(id) {
    const blob = await keptFile(id);
    if (blob && !this.files.has(id)) this.files.set(id, URL.createObjectURL(blob));
    forgetFile(id);
  }

  #refused({ client_id: clientId, code, text, retry_after_seconds: seconds }) {
    if (clientId && this.outbox.items.has(clientId)) {
      this.sentAt.delete(clientId);
      if (code === "file_missing" && this.outbox.sendFilesAgain(clientId)) return;
      // What cannot be stored just now is sent again by itself, like what was too much at once.
      if (code === "unavailable") this.outbox.postpone(clientId, UNAVAILABLE_SECONDS);
      else if (seconds) this.outbox.postpone(clientId, seconds);
      else this.outbox.refuse(clientId, errorText(code, text));
      return;
    }
    if (!UNSAID.has(code))
      this.dispatchEvent(
        new CustomEvent("problem", { detail: { code, text: errorText(code, text) } }),
      );
  }

  /** A number is missing: fetch what is, once things are quiet. */
  #fillGapSoon() {
    clearTimeout(this.gapTimer);
    this.gapTimer = setTimeout(() => this.#fillGap(), GAP_MILLISECONDS);
  }

  async #fillGap() {
    const { conversation: id } = this.session;
    if (!id) return;
    try {
      const before = this.conversation.lastSeq;
      const { messages } = await this.api.messages(id, before);
      if (id !== this.session.conversation) return;
      messages.forEach((message) => this.#take({ ...message, type: "message" }));
      if (this.conversation.lastSeq === before) this.conversation.acceptGaps();
    } catch {
      this.#fillGapSoon();
    }
  }
}

/** Return what is shown of a file until the server tells its own id. */
function shownBefore({ id, name, type, size }) {
  return { id: null, client_id: id, name, type, size, width: 0, height: 0 };
}
