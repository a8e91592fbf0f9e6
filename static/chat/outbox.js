// Messages written here that the server has not acknowledged. They survive a reload; the id made
// here makes sending the same one again harmless.

import { namesStartingWith, read, write } from "./storage.js";

const START = "outbox.";
// Unsent texts of conversations that nobody came back to are forgotten after this time.
const KEEP_MILLISECONDS = 7 * 24 * 3600 * 1000;

export class Outbox extends EventTarget {
  constructor() {
    super();
    this.items = new Map();
    this.conversation = null;
    this.owner = null;
  }

  /**
   * Show the items of `conversation`; null: of the one that has not begun yet. `owner` is the
   * verified customer, null for somebody unknown. What another customer wrote is never among them.
   */
  open(conversation, owner = null) {
    this.conversation = conversation;
    this.owner = owner;
    this.items = new Map();
    const found = namesStartingWith(START).map(readItem).filter(Boolean);
    found.sort((a, b) => a.createdAt - b.createdAt);
    for (const item of found) {
      if (Date.now() - item.createdAt > KEEP_MILLISECONDS) write(START + item.clientId, null);
      else if (item.conversation === conversation && (item.owner ?? owner) === owner)
        this.items.set(item.clientId, item);
    }
    for (const item of this.items.values()) this.#change(item, { owner });
  }

  /** The conversation has begun: what was written before belongs to it. */
  adopt(conversation) {
    this.conversation = conversation;
    for (const item of this.items.values()) this.#change(item, { conversation });
  }

  /** The conversation is gone: what was not sent goes to the one that comes next. */
  release() {
    for (const item of this.items.values()) this.#change(item, { conversation: null, afterSeq: 0 });
  }

  /** Put a new text in, written after the message `afterSeq`, and return its item. */
  add(text, afterSeq) {
    const item = {
      clientId: crypto.randomUUID?.() ?? randomId(),
      text,
      conversation: this.conversation,
      owner: this.owner,
      afterSeq,
      createdAt: Date.now(),
      state: "sending",
      problem: "",
      sendAt: 0,
    };
    this.items.set(item.clientId, item);
    this.#change(item, {});
    return item;
  }

  /** Return the items to send now, oldest first. One that waits its turn holds back the later. */
  due(now = Date.now()) {
    const due = [];
    for (const item of this.items.values()) {
      if (item.state !== "sending") continue;
      if (item.sendAt > now) break;
      due.push(item);
    }
    return due;
  }

  /** The server has it. Returns the item, or undefined when it was not ours. */
  acknowledge(clientId) {
    const item = this.items.get(clientId);
    this.items.delete(clientId);
    write(START + clientId, null);
    return item;
  }

  /** The server refused it; the text stays until the customer decides. */
  refuse(clientId, problem) {
    const item = this.items.get(clientId);
    if (item) this.#change(item, { state: "failed", problem });
  }

  /** The server takes it later. */
  postpone(clientId, seconds) {
    const item = this.items.get(clientId);
    if (item) this.#change(item, { state: "sending", sendAt: Date.now() + seconds * 1000 });
  }

  /** Try a refused one again. */
  retry(clientId) {
    const item = this.items.get(clientId);
    if (item) this.#change(item, { state: "sending", problem: "", sendAt: 0 });
  }

  #change(item, changes) {
    Object.assign(item, changes);
    write(START + item.clientId, JSON.stringify(item));
    this.#tell(item);
  }

  #tell(item) {
    this.dispatchEvent(new CustomEvent("item", { detail: item }));
  }
}

function readItem(name) {
  try {
    const item = JSON.parse(read(name));
    return typeof item?.clientId === "string" && typeof item.text === "string" ? item : null;
  } catch {
    return null;
  }
}

// crypto.randomUUID is missing on pages served over plain HTTP from another host.
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
