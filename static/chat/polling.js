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
    VERBS[frame.type]?.(this, frame).then(
      () => {},
      (problem) => this.#refused(frame, problem),
    );
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
      await this.refresh();
      const first = await this.#fetch(0);
      this.open = true;
      this.onFrame({ type: "welcome", last_seq: Math.max(this.lastSeq, this.seq), ...this.state });
      first.forEach((message) => this.#deliver(message));
      this.onWelcome();
      while (!this.ended) {
        for (const message of await this.#fetch(POLL_SECONDS)) this.#deliver(message);
        // A person who takes the chat, or ends it, always leaves a message; so ask only then.
        await this.refresh();
        if (!this.ended) this.onFrame({ type: "owner", ...this.state });
      }
    } catch (problem) {
      this.close(problem);
    }
  }

  async refresh() {
    const { owner, agent, last_seq: lastSeq } = await this.api.conversation(this.conversation);
    this.state = { owner, agent };
    this.lastSeq = lastSeq ?? 0;
  }

  async #fetch(wait) {
    const options = { wait, signal: this.stopper.signal };
    const page = await this.api.messages(this.conversation, this.seq, options);
    return page.messages ?? page.results ?? page;
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

async function refreshed(polling, call) {
  await call;
  await polling.refresh();
  if (!polling.ended) polling.onFrame({ type: "owner", ...polling.state });
}

async function updated(polling, frame, state) {
  const body = await polling.api.onMessage(frame.message, frame.type);
  polling.onFrame({ type: "update", id: frame.message, state: body?.state ?? state });
}

const VERBS = {
  async send(polling, { client_id: clientId, text }) {
    const { id, seq, state } = await polling.api.send(polling.conversation, clientId, text);
    polling.onFrame({ type: "ack", client_id: clientId, id, seq, state });
  },
  async stop(polling, frame) {
    await updated(polling, frame, "stopped");
  },
  async retry(polling, frame) {
    await updated(polling, frame, "pending");
  },
  async feedback(polling, { message, rating, reason, comment }) {
    await polling.api.onMessage(message, "feedback", { rating, reason, comment });
    polling.onFrame({ type: "rated", message, rating });
  },
  async escalate(polling, { client_id: clientId, note }) {
    const body = note ? { client_id: clientId, note } : { client_id: clientId };
    await refreshed(polling, polling.api.escalate(polling.conversation, body));
  },
  async withdraw(polling) {
    await refreshed(polling, polling.api.withdraw(polling.conversation));
  },
};
