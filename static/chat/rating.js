// Thumbs under an answer, and after a thumb down a few optional words.

import { button, make } from "./dom.js";
import { REASONS, TEXTS } from "./texts.js";

export class Rating {
  /** `send` gets {rating, reason, comment}; `said` is told what to read out. */
  constructor(rating, send, said) {
    Object.assign(this, { rating: rating ?? 0, send, said });
    this.up = button("thumbs-up", TEXTS.helpful, () => this.#press(1), ICON_ONLY);
    this.down = button("thumbs-down", TEXTS.notHelpful, () => this.#press(-1), ICON_ONLY);
    this.buttons = [this.up, this.down];
    this.more = make("div", { className: "rating-more" });
    this.#show();
  }

  /** The server has recorded `rating`. */
  recorded(rating) {
    this.rating = rating;
    this.#show();
  }

  #press(rating) {
    this.rating = this.rating === rating ? 0 : rating;
    this.send({ rating: this.rating, reason: "", comment: "" });
    this.#show();
    this.more.replaceChildren();
    if (this.rating === -1) this.#ask();
    else if (this.rating === 1) this.#thank();
  }

  #show() {
    this.up.setAttribute("aria-pressed", String(this.rating === 1));
    this.down.setAttribute("aria-pressed", String(this.rating === -1));
  }

  #ask() {
    const choices = Object.entries(REASONS).map(([value, label]) =>
      make(
        "label",
        { className: "choice" },
        make("input", { type: "radio", name: "reason", value }),
        make("span", {}, label),
      ),
    );
    const comment = make("textarea", { name: "comment", rows: 2, maxLength: 2000 });
    const form = make(
      "form",
      { className: "rating-form", onsubmit: (event) => this.#submit(event) },
      make("fieldset", { className: "choices" }, make("legend", {}, TEXTS.why), ...choices),
      make("label", { className: "field" }, make("span", {}, TEXTS.comment), comment),
      make(
        "div",
        { className: "form-buttons" },
        make("button", { type: "submit", className: "main-button" }, TEXTS.sendRating),
        make(
          "button",
          { type: "button", className: "quiet-button", onclick: () => this.#skip() },
          TEXTS.skip,
        ),
      ),
    );
    this.more.replaceChildren(form);
    form.querySelector("input").focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest" });
  }

  #submit(event) {
    event.preventDefault();
    const values = new FormData(event.target);
    const reason = values.get("reason") ?? "";
    this.send({ rating: -1, reason, comment: values.get("comment").trim() });
    this.#thank();
    this.down.focus({ preventScroll: true });
  }

  #skip() {
    this.more.replaceChildren();
    this.down.focus({ preventScroll: true });
  }

  #thank() {
    this.more.replaceChildren(make("p", { className: "note" }, TEXTS.thanks));
    this.said(TEXTS.thanks);
  }
}

const ICON_ONLY = { labelled: false, className: "icon-button" };
