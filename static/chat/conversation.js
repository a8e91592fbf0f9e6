// What is known of the conversation, built from the server's frames. No page here: it tells with
// events (message, draft, owner, place, typing, rated, banner, gap) what has changed.

const OPEN_STATES = new Set(["pending", "claimed"]);

export class Conversation extends EventTarget {
  constructor() {
    super();
    this.clear();
  }

  /** Forget everything, for another conversation. */
  clear() {
    this.messages = new Map();
    this.seqs = new Set();
    this.lastSeq = 0;
    this.historySeq = null;
    this.draft = null;
    this.owner = "bot";
    this.agent = null;
  }

  /** Return the seq to ask after: before the first question still open, whose state may be old. */
  resumeFrom() {
    let from = this.lastSeq;
    for (const message of this.messages.values()) {
      if (isOpen(message)) from = Math.min(from, message.seq - 1);
    }
    return from;
  }

  /** Return the question being answered: the shown one while it is open, else the first. */
  openQuestion() {
    const shown = this.messages.get(this.draft?.question);
    if (shown && isOpen(shown)) return shown;
    let first = null;
    for (const message of this.messages.values()) {
      if (isOpen(message) && (!first || message.seq < first.seq)) first = message;
    }
    return first;
  }

  /** Take in one frame of the server. */
  receive(frame) {
    const handler = HANDLERS[frame.type];
    if (handler) handler.call(this, frame);
  }

  /** Stop waiting for numbers that the server does not give. */
  acceptGaps() {
    for (const seq of this.seqs) this.lastSeq = Math.max(this.lastSeq, seq);
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  welcomed(frame) {
    this.historySeq ??= frame.last_seq;
    this.changeOwner(frame);
  }

  takeMessage(frame) {
    const known = this.messages.get(frame.id);
    const message = { ...known, ...frame };
    if (known && JSON.stringify(known) === JSON.stringify(message)) return;
    this.messages.set(frame.id, message);
    this.seqs.add(frame.seq);
    while (this.seqs.has(this.lastSeq + 1)) this.lastSeq += 1;
    if (message.kind === "final") this.#settle(message.reply_to);
    const fresh = !known && frame.seq > (this.historySeq ?? 0);
    this.emit("message", { message, fresh });
    this.#syncDraft();
    if (frame.seq > this.lastSeq) this.emit("gap");
  }

  takeUpdate({ id, ...changes }) {
    const known = this.messages.get(id);
    if (!known) return;
    delete changes.type;
    if (known.state === changes.state) return;
    const message = { ...known, ...changes };
    this.messages.set(id, message);
    this.emit("message", { message, fresh: false });
    this.#syncDraft();
  }

  changeOwner({ owner, agent, email, place }) {
    const before = this.owner;
    this.owner = owner;
    this.agent = agent ?? null;
    this.emit("owner", { owner, agent: this.agent, email, place, before });
    this.#syncDraft();
  }

  takeStage({ message, name }) {
    if (!this.#drafting(message)) return;
    this.draft.stage = name;
    this.emit("draft", this.draft);
  }

  takeDelta({ message, attempt, offset, text }) {
    if (!this.#drafting(message)) return;
    const draft = this.draft;
    if (attempt < draft.attempt) return;
    // Offset 0 comes with a new attempt, and with all there is so far after a reconnection.
    if (attempt > draft.attempt || offset === 0)
      Object.assign(draft, { attempt, text: "", length: 0 });
    // Pieces are disposable: after a hole nothing is added until the final reply comes.
    if (offset !== draft.length) return;
    draft.text += text;
    draft.length += [...text].length; // The server counts characters, not UTF-16 units.
    draft.stage = "writing";
    this.emit("draft", draft);
  }

  takeRetract({ message, attempt }) {
    if (this.draft?.question !== message) return;
    Object.assign(this.draft, {
      attempt: Math.max(attempt, this.draft.attempt),
      text: "",
      length: 0,
    });
    this.emit("draft", this.draft);
  }

  /** Which in the queue the customer is now. */
  takePlace({ place }) {
    this.emit("place", { place });
  }

  takeTyping({ who }) {
    this.emit("typing", who);
  }

  takeRating({ message: id, rating }) {
    const message = this.messages.get(id);
    if (message?.answer) message.answer.feedback = rating;
    this.emit("rated", { id, rating });
  }

  takeBanner({ text, seconds_left: secondsLeft }) {
    this.emit("banner", { text, secondsLeft });
  }

  /** Say whether the draft is for this question; a draft without text makes way for another. */
  #drafting(id) {
    if (this.draft?.question === id) return true;
    const question = this.messages.get(id);
    if (!this.draft || this.draft.text || !question || !isOpen(question)) return false;
    this.draft = newDraft(id);
    return true;
  }

  /** A reply answers its question and the ones before that were read together with it. */
  #settle(questionId) {
    const question = this.messages.get(questionId);
    if (!question) return;
    for (const message of this.messages.values()) {
      if (!isOpen(message) || message.seq > question.seq) continue;
      const settled = { ...message, state: "done" };
      this.messages.set(message.id, settled);
      this.emit("message", { message: settled, fresh: false });
    }
  }

  #syncDraft() {
    const question = this.owner === "bot" ? this.openQuestion() : null;
    if (question?.id === this.draft?.question) return;
    this.draft = question ? newDraft(question.id) : null;
    this.emit("draft", this.draft);
  }
}

function newDraft(question) {
  return { question, attempt: 0, text: "", length: 0, stage: "waiting" };
}

const HANDLERS = {
  welcome: Conversation.prototype.welcomed,
  message: Conversation.prototype.takeMessage,
  update: Conversation.prototype.takeUpdate,
  owner: Conversation.prototype.changeOwner,
  place: Conversation.prototype.takePlace,
  stage: Conversation.prototype.takeStage,
  delta: Conversation.prototype.takeDelta,
  retract: Conversation.prototype.takeRetract,
  typing: Conversation.prototype.takeTyping,
  rated: Conversation.prototype.takeRating,
  banner: Conversation.prototype.takeBanner,
};

function isOpen(message) {
  return message.kind === "question" && OPEN_STATES.has(message.state);
}
