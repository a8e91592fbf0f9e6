// Messages written here that the server has not acknowledged. They survive a reload; the id made
// here makes sending the same one again harmless.

import { newId } from "./ids.js";
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
    for (const item of this.items.values()) {
      // The next conversation has none of the files.
      const files = item.files.map((file) => ({ ...file, arrived: false }));
      this.#change(item, { conversation: null, afterSeq: 0, files });
    }
  }

  /** Put a new text in, written after the message `afterSeq`, and return its item. */
  add(text, afterSeq, files = []) {
    const item = {
      clientId: newId(),
      text,
      files,
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

  /** Something of it has arrived: remember that over a reload. */
  keep(item) {
    if (this.items.has(item.clientId)) write(START + item.clientId, JSON.stringify(item));
  }

  /** The server lacks its files: all are sent again, once. Returns whether that is tried. */
  sendFilesAgain(clientId) {
    const item = this.items.get(clientId);
    if (!item?.files.length || item.sentAgain) return false;
    const files = item.files.map((file) => ({ ...file, arrived: false }));
    this.#change(item, { files, sentAgain: true });
    return true;
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
    if (typeof item?.clientId !== "string" || typeof item.text !== "string") return null;
    return { ...item, files: item.files ?? [] };
  } catch {
    return null;
  }
}
