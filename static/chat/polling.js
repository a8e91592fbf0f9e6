// The conversation over plain requests, for networks that block sockets. Answers come in one piece.

import { POLL_SECONDS } from "./api.js";

/** The same life and callbacks as Socket. */
export class Polling {
  constructor(api, hello, { onWelcome, onFrame, onEnd }) {
    Object.assign(this, { api, onWelcome, onFrame, onEnd, open: false, ended: false });
    this.conversation = hello.conversation;
    this.seq = hello.last_seq;
    this.stopper = new AbortController();
    this.#run();
  }

  /** Send a frame by its verb. The answers come back as frames, as they would on a socket. */
  send(frame) {
    if (!this.open) return false;
    VERBS[frame.type]?.(this, frame).catch((problem) => this.#refused(frame, problem));
    return true;
  }

  check() {}

  close(problem = null) {
    if (this.ended) return;
    this.ended = true;
    this.open = false;
    this.stopper.abort();
    this.onEnd(problem);
  }

  async #run() {
    try {
      const first = await this.#fetch(0);
      this.open = true;
      this.onFrame({ ...stateOf(first), type: "welcome" });
      this.#take(first);
      this.onWelcome();
      while (!this.ended) this.#take(await this.#fetch(POLL_SECONDS));
    } catch (problem) {
      this.close(problem);
    }
  }

  #fetch(wait) {
    const { changes } = this;
    const options = { wait, signal: this.stopper.signal, seen: !document.hidden, changes };
    return this.api.messages(this.conversation, this.seq, options);
  }

  /** Messages first, then what changed without one: who answers, and the questions' states. */
  #take(page) {
    page.messages.forEach((message) => this.#deliver(message));
    if (this.ended) return;
    this.changes = page.changes;
    for (const [id, state] of Object.entries(page.states))
      this.onFrame({ type: "update", id, state });
    this.onFrame({ ...stateOf(page), type: "owner" });
    if (page.banner) this.onFrame(page.banner);
    if (page.typing) this.onFrame({ type: "typing", who: page.typing });
  }

  #deliver(message) {
    if (this.ended) return;
    this.seq = Math.max(this.seq, message.seq);
    this.onFrame({ ...message, type: "message" });
  }

  #refused(frame, problem) {
    if (this.ended) return;
    if (problem.status === 0 || problem.status >= 500) {
      this.close(problem);
      return;
    }
    this.onFrame({
      type: "error",
      code: problem.code,
      text: problem.message,
      client_id: frame.client_id,
      retry_after_seconds: problem.retryAfterSeconds,
    });
  }
}

function stateOf({ owner, agent, email, place, last_seq: lastSeq }) {
  return { owner, agent, email, place, last_seq: lastSeq };
}

const VERBS = {
  async send({ api, conversation, onFrame }, { client_id: clientId, text, attachments }) {
    const { id, seq, state } = await api.send(conversation, clientId, text, attachments);
    onFrame({ type: "ack", client_id: clientId, id, seq, state });
  },
  async stop({ api, onFrame }, { message }) {
    await api.onMessage(message, "stop");
    onFrame({ type: "update", id: message, state: "stopped" });
  },
  async retry({ api, onFrame }, { message }) {
    await api.onMessage(message, "retry");
    onFrame({ type: "update", id: message, state: "pending" });
  },
  async feedback({ api, onFrame }, { message, rating, reason, comment }) {
    await api.onMessage(message, "feedback", { rating, reason, comment });
    onFrame({ type: "rated", message, rating });
  },
  async escalate({ api, conversation, onFrame }, { note }) {
    onFrame({ ...stateOf(await api.escalate(conversation, { note })), type: "owner" });
  },
  async email({ api, conversation, onFrame }, { email }) {
    onFrame({ ...stateOf(await api.leaveEmail(conversation, { email })), type: "owner" });
  },
  async typing({ api, conversation }) {
    await api.typing(conversation).catch(() => {}); // A sign that gets lost is missed by nobody.
  },
  async withdraw({ api, conversation, onFrame }) {
    onFrame({ ...stateOf(await api.withdraw(conversation)), type: "owner" });
  },
};
