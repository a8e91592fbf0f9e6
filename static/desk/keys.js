// One key for each act, never while somebody types; they can be switched off in the overlay.

import { make } from "../chat/dom.js";
import { giveBack } from "./dialogs.js";
import { load, store } from "./stored.js";

const NAME = "keys";
const TYPING = "input, textarea, select, [contenteditable]";

export class Keys {
  /** `table`: rows of [key, words, what to do]. */
  constructor(table) {
    this.table = table;
    this.on = load(NAME) !== "off";
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    const typing = event.target instanceof Element && event.target.closest(TYPING);
    const busy = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    if (typing || busy || document.querySelector("dialog[open]")) return;
    const row = this.table.find(([key]) => key === event.key);
    if (!row || (!this.on && event.key !== "?")) return;
    event.preventDefault();
    row[2]();
  }

  /** Show all keys, with the switch. */
  help() {
    const before = document.activeElement;
    const list = make("dl", { className: "keys" });
    for (const [key, words] of this.table) {
      list.append(make("dt", {}, make("kbd", {}, key)), make("dd", {}, words));
    }
    const box = make("input", { type: "checkbox", id: "keys-on", checked: this.on });
    box.addEventListener("change", () => {
      this.on = box.checked;
      store(NAME, this.on ? "on" : "off");
    });
    const label = make("label", { htmlFor: "keys-on" }, "Use single keys");
    const close = make("button", { className: "button main", value: "ok" }, "Close");
    const dialog = make(
      "dialog",
      { "aria-labelledby": "keys-title" },
      make(
        "form",
        { method: "dialog" },
        make("h2", { id: "keys-title" }, "Keys"),
        make("p", {}, "They work outside of text boxes. In the reply box Ctrl+Enter sends and Escape leaves."),
        list,
        make("p", { className: "row" }, box, label),
        close,
      ),
    );
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      giveBack(before);
    });
    dialog.showModal();
    close.focus();
  }
}
