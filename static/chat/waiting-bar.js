// While a person is waited for: the place in the queue as it is now, and the offer of an e-mail.

import { make } from "./dom.js";
import { EmailForm } from "./email-form.js";
import { sentence } from "./texts.js";

export class WaitingBar {
  /** `acts`: leave(address), said(text). */
  constructor(bar, { leave, said }) {
    this.said = said;
    this.place = 0;
    this.line = make("span");
    bar.querySelector(".waiting-text").prepend(this.line);
    this.emailForm = new EmailForm(bar, leave);
  }

  /** What the server has said of who answers, or of the place alone. */
  show({ email, place }) {
    this.emailForm.show({ email });
    if (place === undefined || place === this.place) return;
    const text = place ? sentence(place > 1 ? "placeInQueue" : "placeNext", { place }) : "";
    this.line.textContent = text && `${text} `;
    // The first place is told by a line in the chat. Later ones are told without a sound.
    if (text && this.place) this.said(text);
    this.place = place;
  }
}
