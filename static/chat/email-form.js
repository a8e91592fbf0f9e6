// While a person is waited for, an address can be left: the reply goes there too. Never required.

import { make } from "./dom.js";
import { TEXTS } from "./texts.js";

export class EmailForm {
  /** Stands at the end of `place`; `leave` gets the address. */
  constructor(place, leave) {
    this.input = make("input", {
      type: "email",
      name: "email",
      autocomplete: "email",
      maxLength: 254,
    });
    this.form = make(
      "form",
      { className: "email-form", hidden: true },
      make("label", { className: "field" }, make("span", {}, TEXTS.emailLabel), this.input),
      make("button", { type: "submit", className: "quiet-button" }, TEXTS.emailSend),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const address = this.input.value.trim();
      if (address) leave(address);
      else this.input.focus();
    });
    place.append(this.form);
  }

  /** `email` is "offered", "given" or nothing, as the server says with who answers. */
  show({ email }) {
    if (email !== undefined) this.form.hidden = email !== "offered";
  }
}
