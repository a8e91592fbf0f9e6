// What the operator says to everybody while something is broken. It is in the page from the start;
// frames change it in open chats, and one with an end goes by itself.

// setTimeout takes no longer wait; such a banner is looked at again when the page is.
const LONGEST_MILLISECONDS = 2 ** 31 - 1;

export class IncidentBanner {
  constructor(place) {
    this.place = place;
    const left = place.dataset.secondsLeft;
    this.#endAfter(left ? Number(left) : null);
  }

  /** Show a text, or nothing when it is empty. */
  show({ text, secondsLeft }) {
    // The same text again is not announced again.
    if (this.place.textContent !== text) this.place.textContent = text;
    this.place.hidden = !text;
    this.#endAfter(text ? secondsLeft : null);
  }

  #endAfter(seconds) {
    clearTimeout(this.timer);
    if (seconds === null || seconds * 1000 > LONGEST_MILLISECONDS) return;
    this.timer = setTimeout(() => this.show({ text: "", secondsLeft: null }), seconds * 1000);
  }
}
