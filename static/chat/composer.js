// The box where the customer writes.

import { room, tooLong } from "./texts.js";
import { read, write } from "./storage.js";

const COUNTER_FROM = 0.9;
const KEY_OF_COMPOSING = 229;

export class Composer {
  /** `send` gets the text, `typing` is told of each change; `hasFiles`: no text is needed. */
  constructor({ form, box, button, counter, problem }, { limit, send, typing, hasFiles }) {
    Object.assign(this, { form, box, button, counter, problem, limit, send, typing, hasFiles });
    // What was typed before this script was there stays.
    if (!box.value) box.value = read("draft") ?? "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("input", () => this.#changed());
    this.#show();
  }

  /** Put `text` into an empty box, or after what is there. */
  fill(text) {
    this.box.value = this.box.value.trim() ? `${this.box.value}\n${text}` : text;
    this.#changed();
    this.box.focus();
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  focus() {
    this.box.focus();
  }

  /** The files that go along have changed. */
  refresh() {
    this.#show();
  }

  /** Say what is wrong with what is to be sent. */
  tell(text) {
    this.#tell(text);
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey) return;
    // Enter that confirms a composition (Japanese, Chinese, Korean) does not send.
    if (event.isComposing || event.keyCode === KEY_OF_COMPOSING) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.box.value.trim();
    if (!text && !this.hasFiles()) return;
    if (this.#length(text) > this.limit) {
      this.#tell(tooLong(this.limit));
      this.box.focus();
      return;
    }
    this.box.value = "";
    this.#changed();
    this.box.focus();
    this.send(text);
  }

  #changed() {
    write("draft", this.box.value);
    this.#show();
    if (this.box.value) this.typing();
  }

  #show() {
    const used = this.#length(this.box.value.trim());
    this.button.disabled = used === 0 && !this.hasFiles();
    this.counter.hidden = used < this.limit * COUNTER_FROM;
    this.counter.textContent = this.counter.hidden ? "" : room(this.limit - used);
    this.counter.classList.toggle("over", used > this.limit);
    if (used <= this.limit) this.#tell("");
    this.#grow();
  }

  #tell(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
    this.box.setAttribute("aria-invalid", String(Boolean(text)));
  }

  /** Count characters as the server does, not UTF-16 units; far above the limit roughly. */
  #length(text) {
    return text.length > 4 * this.limit ? text.length : [...text].length;
  }

  /** Fit the height to the text, for browsers without `field-sizing`. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }
}
