// The conversation over a WebSocket.

import { ApiProblem } from "./api.js";

const OPEN_MILLISECONDS = 4000;
// A line that is not open by then may be stuck: a second one is opened beside it, and the first that
// lets us in is kept. Who waits has the chat back within 5 s so, and a slow network its full time.
const BESIDE_MILLISECONDS = 1500;
const PING_MILLISECONDS = 25_000;
// The server's codes for a token or conversation that it does not have.
const REFUSED = new Map([
  ["unauthorized", 401],
  ["token_expired", 401],
  ["not_found", 404],
]);
const SILENCE_MILLISECONDS = 10_000;

/**
 * One connection's life. `onWelcome` is called when the server has let us in, `onFrame` for every
 * frame, `onEnd` exactly once at the end, with an ApiProblem when the server gave a reason.
 */
export class Socket {
  constructor(hello, { onWelcome, onFrame, onEnd }) {
    Object.assign(this, { onWelcome, onFrame, onEnd, open: false, ended: false, problem: null });
    this.hello = JSON.stringify({ type: "hello", ...hello });
    this.lines = new Set();
    if (!this.#begin()) {
      queueMicrotask(() => this.close());
      return;
    }
    this.#endAfter(OPEN_MILLISECONDS);
    this.beside = setTimeout(() => this.#begin(), BESIDE_MILLISECONDS);
  }

  /** Send a frame. Returns whether it could be handed to the network. */
  send(frame) {
    if (!this.open || this.line.readyState !== WebSocket.OPEN) return false;
    this.line.send(JSON.stringify(frame));
    return true;
  }

  /** Find out soon whether the other side is still there. */
  check() {
    if (!this.open) return;
    this.send({ type: "ping", visible: !document.hidden });
    this.#endAfter(SILENCE_MILLISECONDS);
  }

  close() {
    if (this.ended) return;
    this.ended = true;
    this.open = false;
    clearTimeout(this.timer);
    clearTimeout(this.beside);
    clearInterval(this.pinging);
    this.lines.forEach((line) => this.#letGo(line));
    this.onEnd(this.problem);
  }

  /** Open a line. Returns whether the browser could. */
  #begin() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    let line;
    try {
      line = new WebSocket(`${scheme}//${location.host}/ws/chat/`);
    } catch {
      return false;
    }
    this.lines.add(line);
    line.onopen = () => line.send(this.hello);
    line.onmessage = (event) => this.#take(event.data, line);
    line.onclose = () => {
      this.lines.delete(line);
      if (!this.lines.size) this.close();
    };
    return true;
  }

  #letGo(line) {
    line.onopen = line.onmessage = line.onclose = null;
    line.close();
    this.lines.delete(line);
  }

  #take(data, line) {
    clearTimeout(this.timer);
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame.type === "welcome") this.#keep(line);
    if (frame.type === "error" && (!this.open || frame.code === "token_expired")) {
      // About who we are, which conversation, or that the server cannot now.
      this.problem = new ApiProblem(REFUSED.get(frame.code) ?? 503, frame);
      this.close();
    } else if (frame.type !== "pong") this.onFrame(frame);
  }

  #keep(line) {
    this.line = line;
    clearTimeout(this.beside);
    for (const other of this.lines) if (other !== line) this.#letGo(other);
    this.open = true;
    this.send({ type: "ping", visible: !document.hidden });
    this.pinging = setInterval(() => this.check(), PING_MILLISECONDS);
    this.onWelcome();
  }

  #endAfter(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.close(), milliseconds);
  }
}
