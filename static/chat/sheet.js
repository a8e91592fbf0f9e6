// One dialog for all that is asked or listed beside the chat.

import { make } from "./dom.js";

export class Sheet {
  constructor(dialog) {
    this.dialog = dialog;
    this.title = dialog.querySelector("h2");
    this.body = dialog.querySelector(".sheet-body");
    dialog.querySelector(".sheet-close").addEventListener("click", () => this.close());
    dialog.addEventListener("click", (event) => event.target === dialog && this.close());
  }

  /** Show `content` under `title`. The focus comes back by itself when it closes. */
  show(title, ...content) {
    this.title.textContent = title;
    this.body.replaceChildren(...content);
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** Say what became of it, and leave the sheet open to be read. */
  say(text) {
    this.body.replaceChildren(make("p", { role: "status" }, text));
    this.dialog.querySelector(".sheet-close").focus();
  }

  close() {
    this.dialog.close();
  }
}

/** Return the buttons at the end of a form: one that submits, and one that ends. */
export function formButtons(submit, cancel, onCancel, { danger = false } = {}) {
  const className = danger ? "main-button danger" : "main-button";
  return make(
    "div",
    { className: "form-buttons" },
    make("button", { type: "submit", className }, submit),
    make("button", { type: "button", className: "quiet-button", onclick: onCancel }, cancel),
  );
}

/** Return choices of which one is taken: [[value, label], ...]. */
export function radios(name, legend, entries, { required = true, className = "" } = {}) {
  const rows = entries.map(([value, label]) =>
    make(
      "label",
      { className: "choice" },
      make("input", { type: "radio", name, value, required }),
      make("span", {}, label),
    ),
  );
  const holder = { className: `choices ${className}`.trim() };
  return make("fieldset", holder, make("legend", {}, legend), ...rows);
}
