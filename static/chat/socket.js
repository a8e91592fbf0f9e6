// The conversation over a WebSocket.

import { ApiProblem } from "./api.js";

const OPEN_MILLISECONDS = 4000;
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
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    try {
      this.socket = new WebSocket(`${scheme}//${location.host}/ws/chat/`);
    } catch {
      queueMicrotask(() => this.close());
      return;
    }
    this.socket.onopen = () => this.socket.send(JSON.stringify({ type: "hello", ...hello }));
    this.socket.onmessage = (event) => this.#take(event.data);
    this.socket.onclose = () => this.close();
    this.#endAfter(OPEN_MILLISECONDS);
  }

  /** Send a frame. Returns whether it could be handed to the network. */
  send(frame) {
    if (!this.open || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
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
    clearInterval(this.pinging);
    if (this.socket) {
      this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
      this.socket.close();
    }
    this.onEnd(this.problem);
  }

  #take(data) {
    clearTimeout(this.timer);
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame.type === "welcome") this.#welcomed();
    if (frame.type === "error" && (!this.open || frame.code === "token_expired")) {
      // About who we are, which conversation, or that the server cannot now.
      this.problem = new ApiProblem(REFUSED.get(frame.code) ?? 503, frame);
      this.close();
    } else if (frame.type !== "pong") this.onFrame(frame);
  }

  #welcomed() {
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
