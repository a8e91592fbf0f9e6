// The agents' socket: tells with events (changed, frame, replying, line) and carries acts.

import { post } from "./api.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15000;
const PING_MS = 20000;
const ACT_MS = 60000;
const TYPING_MS = 2500;
const FORBIDDEN = 4403;

export class DeskSocket extends EventTarget {
  #socket = null;
  #acts = new Map();
  #number = 0;
  #tries = 0;
  #watched = null;
  #typedAt = 0;

  open() {
    const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${window.location.host}/ws/desk/`);
    this.#socket = socket;
    const pinging = setInterval(() => this.#send({ type: "ping" }), PING_MS);
    socket.addEventListener("message", (event) => this.#receive(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      clearInterval(pinging);
      for (const finish of this.#acts.values()) finish(null);
      this.#acts.clear();
      this.#tell("line", { open: false, signedOut: event.code === FORBIDDEN });
      if (event.code !== FORBIDDEN) setTimeout(() => this.open(), this.#pause());
    });
  }

  /** Get the live frames of this conversation from now on. */
  watch(conversation) {
    this.#watched = conversation;
    this.#send({ type: "watch", conversation });
  }

  /** Say, at most every few seconds, that somebody replies here. */
  typing() {
    if (Date.now() - this.#typedAt < TYPING_MS) return;
    this.#typedAt = Date.now();
    this.#send({ type: "typing" });
  }

  /** Do an act, over HTTP when the socket is not open; resolves with its result. */
  async act(values) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return post(values);
    const id = ++this.#number;
    const result = await new Promise((resolve) => {
      this.#acts.set(id, resolve);
      setTimeout(() => resolve(null), ACT_MS);
      this.#send({ ...values, type: "act", id });
    });
    this.#acts.delete(id);
    // The line was cut before the result came. Only what may be repeated is: a reply has its id.
    if (result) return result;
    if (values.act === "reply") return post(values);
    return { ok: false, code: "cut", text: "The connection was cut. Look whether it was done." };
  }

  #receive(frame) {
    if (frame.type === "result") this.#acts.get(frame.id)?.(frame);
    else if (frame.type === "changed") this.#tell("changed", frame.conversation);
    else if (frame.type === "replying") this.#tell("replying", frame);
    else if (frame.type === "welcome") {
      this.#tries = 0;
      if (this.#watched) this.watch(this.#watched);
      this.#tell("line", { open: true });
    } else this.#tell("frame", frame);
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #pause() {
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#tries++);
    return longest * (0.5 + Math.random() / 2);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
