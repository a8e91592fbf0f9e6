// The box below the conversation: a reply or a private note, and canned replies by a slash.

import { make } from "../chat/dom.js";

const SLASH = /(^|\s)\/([\w-]*)$/;
const MOST_SHOWN = 8;

export class DeskComposer extends HTMLElement {
  connectedCallback() {
    this.kept = new Map();
    this.canned = [];
    this.mode = "reply";
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
    const kept = this.kept.get(id) ?? { text: "", mode: "reply", draft: null };
    this.box.value = kept.text;
    this.draft = kept.draft;
    this.clientId = crypto.randomUUID();
    this.problem.textContent = "";
    this.mode = me.may.includes("reply") ? kept.mode : "note";
    this.box.maxLength = me.max_characters;
    for (const control of this.modes.children) {
      control.hidden = !me.may.includes(control.dataset.mode);
    }
    this.#dress();
  }

  /** Put the cursor into the box, for a reply or a note. */
  write(mode) {
    this.mode = mode;
    this.#dress();
    this.box.focus();
  }

  /** Put a text into the reply; nothing is sent. `draft`: where it comes from. */
  insert(text, draft = null) {
    this.write("reply");
    this.box.value = this.box.value.trim() ? `${this.box.value.trimEnd()}\n\n${text}` : text;
    this.draft = draft ?? this.draft;
  }

  /** Empty the box after it was sent. */
  sent() {
    this.box.value = "";
    this.draft = null;
    this.clientId = crypto.randomUUID();
    this.problem.textContent = "";
    this.files.clear();
    this.kept.delete(this.conversation);
  }

  #keep() {
    if (!this.conversation) return;
    const { mode, draft } = this;
    if (this.box.value) this.kept.set(this.conversation, { text: this.box.value, mode, draft });
    else this.kept.delete(this.conversation);
  }

  #wire() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { mode, clientId, draft } = this;
      const attachments = mode === "reply" ? this.files.ready() : [];
      const detail = { mode, text: this.box.value, clientId, draft, attachments };
      this.dispatchEvent(new CustomEvent("desk-send", { detail, bubbles: true }));
    });
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.box.addEventListener("input", () => {
      this.#offer();
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
    for (const control of this.modes.children) {
      control.setAttribute("aria-pressed", String(control.dataset.mode === this.mode));
    }
    this.#close();
  }
}
