// Tells a screen reader what has happened, and the window's title that a reply has come.

// A region that changes twice within one frame is read once; so each text waits for the one before.
const GAP_MILLISECONDS = 400;

export class Announcer {
  constructor(region) {
    this.region = region;
    this.queue = [];
    this.title = document.title;
    this.unseen = 0;
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  /** Have `text` read out once, after what is being read now. */
  say(text) {
    this.queue.push(text);
    if (this.queue.length === 1) this.#next();
  }

  /** Count a reply that came while the page was hidden. */
  notice() {
    if (!document.hidden) return;
    this.unseen += 1;
    document.title = `(${this.unseen}) New reply - ${this.title}`;
  }

  #next() {
    this.region.textContent = this.queue[0];
    setTimeout(() => {
      this.queue.shift();
      if (this.queue.length) this.#next();
    }, GAP_MILLISECONDS);
  }

  #seen() {
    if (document.hidden) return;
    this.unseen = 0;
    document.title = this.title;
  }
}
