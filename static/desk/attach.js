// Files at the desk: chosen for a reply, handed in at once, and shown in the thread.

import { icon, make } from "../chat/dom.js";

const base = document.body.dataset.base;
const UPLOAD_MS = 120_000;
const KILOBYTE = 1024;
const MEGABYTE = KILOBYTE * KILOBYTE;

/** A row above the box with the files of the reply being written. */
export class DeskAttach extends HTMLElement {
  connectedCallback() {
    this.rows = new Map();
    this.input = make("input", { type: "file", multiple: true, hidden: true });
    this.button = make("button", { type: "button", className: "button" }, icon("paperclip"), "Attach");
    this.list = make("ul", { className: "attached" });
    this.button.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      this.add(this.input.files);
      this.input.value = "";
    });
    this.append(this.button, this.input, this.list);
    this.#show();
  }

  /** Files belong to one conversation; those chosen for another wait for it. */
  open(conversation) {
    this.conversation = conversation;
    this.#show();
  }

  /** The client ids to send, or null while one is on its way or was refused. */
  ready() {
    const rows = this.#rows();
    return rows.every(({ state }) => state === "there") ? rows.map(({ id }) => id) : null;
  }

  get count() {
    return this.#rows().length;
  }

  /** Forget the files that were sent in a conversation. */
  clear(conversation, sent) {
    const left = (this.rows.get(conversation) ?? []).filter(({ id }) => !sent.includes(id));
    this.rows.set(conversation, left);
    this.#show();
  }

  /** Take files from the button, from pasting or from dropping. */
  add(files) {
    for (const file of files) {
      const row = { id: crypto.randomUUID(), file, state: "going", problem: "" };
      this.#rows().push(row);
      this.#send(row, this.conversation);
    }
    this.#show();
  }

  /** Watch a box for pasted and dropped files. */
  watch(box) {
    box.addEventListener("paste", (event) => this.#take(event, event.clipboardData));
    box.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    box.addEventListener("drop", (event) => this.#take(event, event.dataTransfer));
  }

  #take(event, data) {
    if (!data?.files.length || this.hidden) return;
    event.preventDefault();
    this.add(data.files);
  }

  #rows() {
    if (!this.rows.has(this.conversation)) this.rows.set(this.conversation, []);
    return this.rows.get(this.conversation);
  }

  async #send(row, conversation) {
    Object.assign(row, { state: "going", problem: "" });
    const body = new FormData();
    body.append("client_id", row.id);
    body.append("file", row.file, row.file.name);
    try {
      const response = await fetch(`${base}${conversation}/files/`, {
        method: "POST",
        headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
        body,
        signal: AbortSignal.timeout(UPLOAD_MS),
      });
      const answer = await response.json().catch(() => ({}));
      if (response.ok) row.state = "there";
      else Object.assign(row, { state: "refused", problem: answer.text ?? "This was not taken." });
    } catch {
      Object.assign(row, { state: "refused", problem: "There is no connection. Try again." });
    }
    this.#show();
    const said = row.state === "there" ? `${row.file.name} attached.` : row.problem;
    this.dispatchEvent(new CustomEvent("desk-said", { detail: said, bubbles: true }));
  }

  #show() {
    const { conversation } = this;
    const rows = this.#rows().map((row) => {
      const name = make("bdi", {}, row.file.name);
      const item = make("li", {}, name, ` ${WORDS[row.state]} ${row.problem}`);
      const add = (words, label, work) => {
        const control = make("button", { type: "button", className: "quiet", onclick: work }, words);
        control.setAttribute("aria-label", `${label} ${row.file.name}`);
        item.append(" ", control);
      };
      if (row.state === "refused")
        add("Try again", "Try again to attach", () => {
          this.#send(row, conversation);
          this.#show();
        });
      add("Remove", "Remove", () => {
        this.#rows().splice(this.#rows().indexOf(row), 1);
        this.#show();
      });
      return item;
    });
    this.list.replaceChildren(...rows);
  }
}

const WORDS = { going: "is on its way …", there: "is attached.", refused: "was not taken." };

/** Return the files of a message as links that save them, pictures small. */
export function attachedFiles(files) {
  const rows = files.map((file) => {
    const address = `${base}files/${file.id}/`;
    const size =
      file.size < MEGABYTE
        ? `${Math.max(1, Math.round(file.size / KILOBYTE))} kB`
        : `${(file.size / MEGABYTE).toFixed(1)} MB`;
    const link = make("a", { href: address, download: file.name });
    if (file.type.startsWith("image/"))
      link.append(make("img", { src: address, alt: "", width: 160, loading: "lazy" }));
    link.append(make("bdi", {}, file.name));
    return make("li", {}, link, " ", make("span", { className: "muted" }, size));
  });
  return make("ul", { className: "attached" }, ...rows);
}
