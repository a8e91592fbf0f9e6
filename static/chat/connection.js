// Keeps the conversation connected: by socket, by polling where sockets are blocked, again after
// every loss. Tells with events: frame, online, offline, lost (the server does not know us).

import { Socket } from "./socket.js";

const FIRST_WAIT_MILLISECONDS = 400;
// Who looks at the chat shall have it back within 5 s of the server's return.
const LONGEST_WAIT_MILLISECONDS = 2_500;
const LONGEST_HIDDEN_WAIT_MILLISECONDS = 8_000;
const SOCKET_FAILURES_BEFORE_POLLING = 2;
const SOCKET_PROBE_MILLISECONDS = 60_000;
const RECENT_MILLISECONDS = 3_000;
// Sent again by themselves, or of no worth later.
const REPEATED = new Set(["send", "typing", "ping", "token"]);
// So often in a row a new token is tried before the chat counts as gone.
const MOST_REFUSALS = 2;
const UNKNOWN_TO_SERVER = new Set([401, 403, 404]);

export class Connection extends EventTarget {
  /**
   * `hello` is a function that gives the first frame's fields; null: nothing to connect to.
   * `regain` is asked for another token when the server refuses one: "again", "later" or "lost".
   */
  constructor(api, hello, regain) {
    super();
    Object.assign(this, { api, hello, regain, transport: null, probe: null, online: false });
    this.attempt = 0;
    this.socketFailures = 0;
    this.refusals = 0;
    this.token = null;
    // Frames that the server may have refused together with the token.
    this.recent = [];
    this.waiting = [];
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  /** Connect, or connect again to another conversation. */
  start() {
    this.stop();
    this.refusals = 0;
    if (this.hello()) this.#connect();
  }

  /** Let go of the connection without a word. */
  stop() {
    clearTimeout(this.timer);
    clearTimeout(this.probing);
    this.asking = this.coming = null;
    const transports = [this.transport, this.probe];
    this.transport = this.probe = null;
    for (const transport of transports) transport?.close();
    this.online = false;
    this.waiting = [];
  }

  /** Connect anew with another token; what waits to be sent stays. */
  restart() {
    const { waiting } = this;
    this.start();
    this.waiting = waiting;
  }

  /** Send now; false when there is no connection. */
  send(frame) {
    const sent = this.online && this.transport.send(frame);
    if (sent && !REPEATED.has(frame.type)) this.recent.push([Date.now(), frame]);
    return sent;
  }

  /** Send now or as soon as there is a connection. */
  sendWhenOnline(frame) {
    if (!this.send(frame)) this.waiting.push(frame);
  }

  /** Go on with this token on the open line. */
  use(token) {
    if (!token || !this.online || token === this.token) return;
    if (this.send({ type: "token", token })) this.token = token;
  }

  #connect() {
    this.token = this.hello().token;
    if (this.socketFailures >= SOCKET_FAILURES_BEFORE_POLLING) this.#poll();
    else this.transport = this.#openSocket();
  }

  #openSocket() {
    const socket = new Socket(this.hello(), {
      onWelcome: () => {
        this.socketFailures = 0;
        this.#welcomed();
      },
      onFrame: (frame) => socket === this.transport && this.#emit("frame", frame),
      onEnd: (problem) => {
        if (socket !== this.transport) return;
        if (!this.online && !problem) this.socketFailures += 1;
        this.#ended(problem);
      },
    });
    return socket;
  }

  /** Few need it, so it is fetched when it is needed. */
  async #poll() {
    const coming = (this.coming = {});
    let Polling = null;
    try {
      ({ Polling } = await import("./polling.js"));
    } catch {
      this.socketFailures = 0;
    }
    // Meanwhile somebody has begun or ended another connection.
    if (coming !== this.coming) return;
    this.coming = null;
    if (!Polling) {
      this.#ended(null);
      return;
    }
    const polling = new Polling(this.api, this.hello(), {
      onWelcome: () => polling === this.transport && this.#welcomed(),
      onFrame: (frame) => polling === this.transport && this.#emit("frame", frame),
      onEnd: (problem) => {
        if (polling !== this.transport) return;
        // Nothing is reached at all, so it was not the socket: try that first again.
        this.socketFailures = 0;
        this.#ended(problem);
      },
    });
    this.transport = polling;
    this.#probeLater(polling);
  }

  /** While polling works, see in the background whether sockets work again. */
  #probeSocket(polling) {
    const held = [];
    const probe = new Socket(this.hello(), {
      onWelcome: () => {
        if (probe !== this.probe) return;
        this.probe = null;
        this.transport = probe;
        this.socketFailures = 0;
        polling.close();
        held.forEach((frame) => this.#emit("frame", frame));
      },
      onFrame: (frame) =>
        probe === this.transport ? this.#emit("frame", frame) : held.push(frame),
      onEnd: () => {
        if (probe === this.transport) this.#ended(null);
        else if (probe === this.probe) this.#probeLater(polling);
      },
    });
    this.probe = probe;
  }

  #probeLater(polling) {
    this.probe = null;
    this.probing = setTimeout(() => this.#probeSocket(polling), SOCKET_PROBE_MILLISECONDS);
  }

  #welcomed() {
    this.attempt = this.refusals = 0;
    this.recent = [];
    this.online = true;
    this.#emit("online");
    const waiting = this.waiting;
    this.waiting = [];
    waiting.forEach((frame) => this.sendWhenOnline(frame));
  }

  #ended(problem) {
    clearTimeout(this.probing);
    const wasOnline = this.online;
    const probe = this.probe;
    this.online = false;
    this.transport = this.probe = null;
    probe?.close();
    if (problem && UNKNOWN_TO_SERVER.has(problem.status)) this.#refused(problem);
    else this.#connectLater(wasOnline);
  }

  /** The token's time is over, it was exchanged in another tab, or the chat is gone. */
  async #refused(problem) {
    const asking = {};
    this.asking = asking;
    this.refusals += 1;
    const since = Date.now() - RECENT_MILLISECONDS;
    this.waiting.unshift(...this.recent.filter(([at]) => at > since).map(([, frame]) => frame));
    this.recent = [];
    const found = this.refusals > MOST_REFUSALS ? "lost" : await this.regain(problem, this.token);
    // Somebody has started or stopped meanwhile.
    if (asking !== this.asking) return;
    if (found === "lost") this.#emit("lost");
    else if (found === "later" || !this.hello()) this.#connectLater(false);
    else this.#connect();
  }

  #connectLater(wasOnline) {
    // A lost socket is tried again almost at once; then ever later, at random, so that many
    // browsers do not come back in the same instant.
    const most = document.hidden ? LONGEST_HIDDEN_WAIT_MILLISECONDS : LONGEST_WAIT_MILLISECONDS;
    const longest = Math.min(most, FIRST_WAIT_MILLISECONDS * 2 ** this.attempt);
    this.attempt += 1;
    this.timer = setTimeout(() => this.hello() && this.#connect(), longest * (0.5 + Math.random() / 2));
    this.#emit("offline", { wasOnline });
  }

  #hurry() {
    if (this.transport) this.transport.check();
    else if (!this.coming && this.hello() && this.attempt) {
      clearTimeout(this.timer);
      this.#connect();
    }
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
