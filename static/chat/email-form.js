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
    const form = make(
      "form",
      { className: "email-form" },
      make("label", { className: "field" }, make("span", {}, TEXTS.emailLabel), this.input),
      make("button", { type: "submit", className: "quiet-button" }, TEXTS.emailSend),
    );
    // Closed at first: on a phone the form would leave little of the chat.
    this.offer = make(
      "details",
      { className: "email-offer", hidden: true },
      make("summary", {}, TEXTS.emailOffer),
      form,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const address = this.input.value.trim();
      if (address) leave(address);
      else this.input.focus();
    });
    place.append(this.offer);
  }

  /** `email` is "offered", "given" or nothing, as the server says with who answers. */
  show({ email }) {
    if (email !== undefined) this.offer.hidden = email !== "offered";
  }
}
