// The agents' socket: tells with events (changed, frame, replying, line) and carries acts.

import { post } from "./api.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5000;
const PING_MS = 20000;
// A line that says nothing for so long after a ping or an act is dead, though nothing has closed it.
const SILENCE_MS = 10000;
const TYPING_MS = 2500;
const FORBIDDEN = 4403;
// A desk that was not touched for so long has nobody before it.
const IDLE_MS = 15 * 60_000;

let touchedAt = Date.now();
for (const name of ["pointerdown", "pointermove", "keydown", "focus", "visibilitychange"]) {
  addEventListener(name, () => (touchedAt = Date.now()), { passive: true, capture: true });
}

export class DeskSocket extends EventTarget {
  #socket = null;
  #acts = new Map();
  #number = 0;
  #tries = 0;
  #watched = null;
  // Whose frames come: those that were on their way as another one was opened are not shown in it.
  #heard = null;
  #typedAt = 0;
  #pinging = null;
  #silence = null;
  #again = null;

  constructor() {
    super();
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  open() {
    clearTimeout(this.#again);
    const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${window.location.host}/ws/desk/`);
    this.#socket = socket;
    this.#pinging = setInterval(() => this.#ping(), PING_MS);
    this.#expect();
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = (event) => this.#ended(event.code);
  }

  /** Get the live frames of this conversation from now on. */
  watch(conversation) {
    this.#watched = conversation;
    this.#heard = null;
    this.#send({ type: "watch", conversation });
  }

  /** Say, at most every few seconds, that somebody replies here. */
  typing() {
    if (Date.now() - this.#typedAt < TYPING_MS) return;
    this.#typedAt = Date.now();
    this.#send({ type: "typing" });
  }

  /**
   * Do an act; resolves with its result. Over HTTP when the socket is not open, and what takes long:
   * the server does one thing after the other here, and neither messages nor a pong would come meanwhile.
   */
  async act(values) {
    const long = values.act === "draft" || values.conversations;
    if (long || this.#socket?.readyState !== WebSocket.OPEN) return post(values);
    const id = ++this.#number;
    const result = await new Promise((resolve) => {
      this.#acts.set(id, resolve);
      this.#send({ ...values, type: "act", id });
      this.#expect();
    });
    // The line was cut before the result came. Only what may be repeated is: a reply has its id.
    if (result) return result;
    if (values.act === "reply") return post(values);
    return { ok: false, code: "cut", text: "The connection was cut. Look whether it was done." };
  }

  #receive(frame) {
    clearTimeout(this.#silence);
    this.#silence = null;
    if (frame.type === "result") this.#done(frame);
    else if (frame.type === "changed") this.#tell("changed", frame.conversation);
    else if (frame.type === "replying") this.#tell("replying", frame);
    else if (frame.type === "welcome") this.#welcomed();
    else if (frame.type === "watching") this.#heard = frame.conversation;
    else if (this.#heard === this.#watched) this.#tell("frame", frame);
    if (this.#acts.size) this.#expect();
  }

  #welcomed() {
    this.#tries = 0;
    this.#ping();
    if (this.#watched) this.watch(this.#watched);
    this.#tell("line", { open: true });
  }

  #done(frame) {
    this.#acts.get(frame.id)?.(frame);
    this.#acts.delete(frame.id);
  }

  #ping() {
    this.#send({ type: "ping", active: Date.now() - touchedAt < IDLE_MS });
    this.#expect();
  }

  /** The line must say something soon; what is sent meanwhile puts that off no further. */
  #expect() {
    this.#silence ??= setTimeout(() => this.#ended(), SILENCE_MS);
  }

  #ended(code) {
    const socket = this.#socket;
    socket.onmessage = socket.onclose = null;
    socket.close();
    clearInterval(this.#pinging);
    clearTimeout(this.#silence);
    this.#silence = null;
    const acts = [...this.#acts.values()];
    this.#acts.clear();
    this.#tell("line", { open: false, signedOut: code === FORBIDDEN });
    if (code !== FORBIDDEN) this.#again = setTimeout(() => this.open(), this.#pause());
    else this.#again = null;
    for (const resolve of acts) resolve(null);
  }

  /** The network is back, or somebody looks again. */
  #hurry() {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#ping();
    else if (this.#again && this.#socket?.readyState !== WebSocket.CONNECTING) this.open();
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
