// The box below the conversation: a reply or a private note, and canned replies by a slash.

import { make } from "../chat/dom.js";

const SLASH = /(^|\s)\/([\w-]*)$/;
const MOST_SHOWN = 8;

/** What is being written in one conversation; `goes`: it is on its way. */
function newEntry() {
  const texts = { reply: "", note: "" };
  return { mode: "reply", texts, draft: null, clientId: crypto.randomUUID(), problem: "", goes: false };
}

export class DeskComposer extends HTMLElement {
  connectedCallback() {
    this.entries = new Map();
    this.entry = newEntry();
    this.canned = [];
    this.modes = make("div", { className: "modes", role: "group" });
    this.modes.setAttribute("aria-label", "What you write");
    for (const [mode, words] of [["reply", "Reply"], ["note", "Private note"]]) {
      const control = make("button", { type: "button", className: "mode" }, words);
      control.dataset.mode = mode;
      control.addEventListener("click", () => this.write(mode));
      this.modes.append(control);
    }
    this.label = make("label", { htmlFor: "composer-text" });
    this.box = make("textarea", { id: "composer-text", rows: 4 });
    this.options = make("ul", { id: "canned", className: "canned", role: "listbox", hidden: true });
    this.options.setAttribute("aria-label", "Canned replies");
    this.files = make("desk-attach");
    this.files.watch(this.box);
    this.problem = make("p", { className: "problem", role: "alert" });
    this.send = make("button", { className: "button main" });
    this.form = make(
      "form",
      { className: "composer" },
      this.modes,
      this.label,
      this.options,
      this.box,
      this.files,
      this.problem,
      make("p", { className: "row" }, this.send, make("span", { className: "muted" }, "Ctrl+Enter sends. In a reply, a slash brings canned ones.")),
    );
    this.append(this.form);
    this.#wire();
    this.#dress();
  }

  /** Begin to write to this conversation; what was typed in another one is kept for it. */
  open(id, me) {
    if (this.conversation === id) return;
    this.#keep();
    this.conversation = id;
    this.files.open(id);
    this.entry = this.#entryOf(id);
    if (!me.may.includes("reply")) this.entry.mode = "note";
    this.box.value = this.entry.texts[this.mode];
    this.box.maxLength = me.max_characters;
    for (const control of this.modes.children) {
      control.hidden = !me.may.includes(control.dataset.mode);
    }
    this.#dress();
  }

  get mode() {
    return this.entry.mode;
  }

  /** Put the cursor into the box, for a reply or a note: each has words of its own. */
  write(mode) {
    if (mode !== this.mode) {
      this.#keep();
      this.entry.mode = mode;
      this.box.value = this.entry.texts[mode];
      this.#dress();
    }
    this.box.focus();
  }

  /** Put a text into the reply; nothing is sent. `draft`: where it comes from. */
  insert(text, draft = null) {
    this.write("reply");
    this.box.value = this.box.value.trim() ? `${this.box.value.trimEnd()}\n\n${text}` : text;
    this.entry.draft = draft ?? this.entry.draft;
  }

  /** Say that what was written in a conversation is on its way, or no longer. */
  sending(conversation, goes) {
    const entry = this.#entryOf(conversation);
    Object.assign(entry, { goes, problem: "" });
    this.#dress();
  }

  /** Take what was sent out of the box; what was typed meanwhile stays. */
  sent({ conversation, mode, text, attachments }) {
    this.#keep();
    const entry = this.#entryOf(conversation);
    const now = entry.texts[mode];
    if (now.startsWith(text)) entry.texts[mode] = now.slice(text.length).trimStart();
    if (mode === "reply") {
      if (!entry.texts.reply) entry.draft = null;
      entry.clientId = crypto.randomUUID();
      this.files.clear(conversation, attachments);
    }
    if (entry === this.entry && mode === this.mode && this.box.value !== entry.texts[mode]) {
      this.box.value = entry.texts[mode];
    }
  }

  /** Say why what was written in a conversation did not go out. */
  refused(conversation, { code, text }) {
    const entry = this.#entryOf(conversation);
    entry.problem = text;
    // The words before a change are there already: these are another reply.
    if (code === "sent_before") entry.clientId = crypto.randomUUID();
    this.#dress();
  }

  /** Drop what was written to a conversation that is no more. */
  forget(conversation) {
    this.entries.delete(conversation);
    if (this.conversation !== conversation) return;
    Object.assign(this, { conversation: null, entry: newEntry() });
    this.box.value = "";
    this.#dress();
  }

  /** Say whether words are written that were not sent. */
  get holds() {
    this.#keep();
    const all = [this.entry, ...this.entries.values()];
    return all.some(({ texts }) => texts.reply.trim() || texts.note.trim());
  }

  #keep() {
    this.entry.texts[this.mode] = this.box.value;
  }

  #entryOf(id) {
    if (!this.entries.has(id)) this.entries.set(id, newEntry());
    return this.entries.get(id);
  }

  #wire() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { conversation, mode } = this;
      const { clientId, draft, goes } = this.entry;
      if (goes) return;
      const attachments = mode === "reply" ? this.files.ready() : [];
      const detail = { conversation, mode, text: this.box.value, clientId, draft, attachments };
      this.dispatchEvent(new CustomEvent("desk-send", { detail, bubbles: true }));
    });
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.box.addEventListener("input", () => {
      this.#offer();
      if (!this.box.value && this.mode === "reply") this.entry.draft = null;
      if (this.mode === "reply") this.dispatchEvent(new CustomEvent("desk-typing", { bubbles: true }));
    });
    // A click on an option keeps the focus, so what leaves the box leaves the options.
    this.box.addEventListener("blur", () => this.#close());
    this.box.setAttribute("aria-autocomplete", "list");
    this.box.setAttribute("aria-controls", "canned");
  }

  #key(event) {
    if (event.isComposing) return;
    if (!this.options.hidden) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        return this.#mark(this.marked + (event.key === "ArrowDown" ? 1 : -1));
      }
      if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") {
        event.preventDefault();
        return this.#choose(this.found[this.marked]);
      }
      if (event.key === "Escape") {
        event.preventDefault();
        return this.#close();
      }
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "Escape") {
      this.dispatchEvent(new CustomEvent("desk-leave", { bubbles: true }));
    }
  }

  #offer() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const typed = this.mode === "reply" ? SLASH.exec(before) : null;
    const words = typed?.[2].toLowerCase() ?? "";
    this.found = typed
      ? this.canned
          .filter(({ shortcut, title }) =>
            `${shortcut} ${title}`.toLowerCase().includes(words),
          )
          .slice(0, MOST_SHOWN)
      : [];
    if (!this.found.length) return this.#close();
    this.options.replaceChildren(
      ...this.found.map((one, number) => {
        const option = make("li", { role: "option", id: `canned-${number}` });
        option.append(make("strong", {}, `/${one.shortcut}`), ` ${one.title}`);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          this.#choose(one);
        });
        return option;
      }),
    );
    this.options.hidden = false;
    this.#mark(0);
    const detail = `Canned replies: ${this.found.length}. The arrow keys choose, Enter inserts.`;
    this.dispatchEvent(new CustomEvent("desk-said", { detail, bubbles: true }));
  }

  #mark(number) {
    this.marked = (number + this.found.length) % this.found.length;
    [...this.options.children].forEach((option, at) =>
      option.setAttribute("aria-selected", String(at === this.marked)),
    );
    this.box.setAttribute("aria-activedescendant", `canned-${this.marked}`);
  }

  #choose({ text }) {
    const at = this.box.selectionStart;
    const before = this.box.value.slice(0, at).replace(SLASH, "$1");
    this.box.value = before + text + this.box.value.slice(at);
    const end = before.length + text.length;
    this.box.setSelectionRange(end, end);
    this.#close();
  }

  #close() {
    this.options.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  #dress() {
    const note = this.mode === "note";
    this.form.classList.toggle("for-note", note);
    this.label.textContent = note
      ? "Private note: the customer never sees it"
      : "Reply to the customer";
    this.files.hidden = note;
    this.send.textContent = note ? "Keep note" : "Send reply";
    this.send.disabled = this.entry.goes;
    this.problem.textContent = this.entry.problem;
    for (const control of this.modes.children) {
      control.setAttribute("aria-pressed", String(control.dataset.mode === this.mode));
    }
    this.#close();
  }
}
