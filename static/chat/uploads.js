// Sends the files of messages in the outbox, one after the other, before the message itself. What
// is interrupted is sent again; the server knows a file by its id.

import { keptFile } from "./file-store.js";
import { errorText, TEXTS } from "./texts.js";

const PAUSE_SECONDS = 3;
// A connection that moves nothing for so long is given up.
const STILL_MILLISECONDS = 30_000;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
const TOO_MANY = 429;

export class Uploads {
  /** `arrived` is called when all files of an item are there; `progress` on the way. */
  constructor({ session, outbox, arrived, progress }) {
    Object.assign(this, { session, outbox, arrived, progress });
    this.running = new Map();
    this.waitUntil = new Map();
  }

  /** Begin to send those files of an item that have not arrived. */
  begin(item) {
    const waits = Date.now() < (this.waitUntil.get(item.clientId) ?? 0);
    if (!waits && !this.running.has(item.clientId)) this.#run(item);
  }

  /** Stop sending the files of an item. */
  cancel(item) {
    const request = this.running.get(item.clientId);
    this.running.delete(item.clientId);
    request?.abort();
  }

  /** Forget every pause, for a connection that has come back. */
  hurry() {
    this.waitUntil.clear();
  }

  async #run(item) {
    this.running.set(item.clientId, null);
    const going = () => this.running.has(item.clientId) && this.outbox.items.has(item.clientId);
    const whole = item.files.reduce((sum, { size }) => sum + size, 0) || 1;
    let before = 0;
    for (const file of item.files) {
      if (!file.arrived) {
        const blob = await keptFile(file.id);
        await this.session.freshen();
        if (!going()) return;
        if (!blob) return this.#end(item, () => this.outbox.refuse(item.clientId, TEXTS.fileLost));
        await this.session.freshen();
        if (!going()) return;
        const tell = (loaded) => this.#tell(item, (before + loaded) / whole);
        const answer = await this.#send(item, file, blob, tell);
        if (!going()) return;
        if (!answer.ok) return this.#end(item, () => this.#failed(item, answer));
        file.arrived = true;
        this.outbox.keep(item);
      }
      before += file.size;
      this.#tell(item, before / whole);
    }
    this.#end(item, () => this.arrived());
  }

  #end(item, then) {
    this.running.delete(item.clientId);
    then();
  }

  #failed(item, { status, body }) {
    if (status === UNAUTHORIZED) this.session.renew();
    const later = !status || status >= 500 || status === TOO_MANY || status === UNAUTHORIZED;
    if (later || (status === NOT_FOUND && !body.code)) {
      const seconds = body.retry_after_seconds ?? PAUSE_SECONDS;
      this.waitUntil.set(item.clientId, Date.now() + seconds * 1000);
      return;
    }
    this.outbox.refuse(item.clientId, errorText(body.code, body.text ?? TEXTS.requestNotSent));
  }

  #tell(item, share) {
    this.progress({ item, percent: Math.min(100, Math.round(share * 100)) });
  }

  /** Resolve with {ok, status, body}; never rejects. `fetch` cannot tell how far it is. */
  #send(item, file, blob, tell) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      let timer;
      const end = () => {
        clearTimeout(timer);
        const { status } = request;
        resolve({ ok: status >= 200 && status < 300, status, body: read(request) });
      };
      const moved = () => {
        clearTimeout(timer);
        timer = setTimeout(() => request.abort(), STILL_MILLISECONDS);
      };
      request.upload.onprogress = ({ loaded }) => {
        moved();
        tell(Math.min(loaded, file.size));
      };
      request.onloadend = end;
      const form = new FormData();
      form.append("client_id", file.id);
      form.append("file", blob, file.name);
      request.open("POST", `/api/v1/conversations/${this.session.conversation}/attachments/`);
      request.setRequestHeader("Authorization", `Bearer ${this.session.token}`);
      this.running.set(item.clientId, request);
      moved();
      request.send(form);
    });
  }
}

function read(request) {
  try {
    return JSON.parse(request.responseText) ?? {};
  } catch {
    return {};
  }
}
