// Tells a screen reader what has happened, and the window's title that a reply has come.

import { hostPage } from "./host-page.js";
import { read, write } from "./storage.js";
import { TEXTS } from "./texts.js";

// A region that changes twice within one frame is read once; so each text waits for the one before.
const GAP_MILLISECONDS = 400;

export class Announcer {
  constructor(region) {
    this.region = region;
    this.queue = [];
    this.title = document.title;
    this.unseen = 0;
    document.addEventListener("visibilitychange", () => this.#seen());
    hostPage.addEventListener("opened", () => this.#seen());
  }

  /** Have `text` read out once, after what is being read now. */
  say(text) {
    this.queue.push(text);
    if (this.queue.length === 1) this.#next();
  }

  /** Whether the customer wants a sound for replies that come unseen; off until asked for. */
  get wanted() {
    return read("notice") === "on";
  }

  set wanted(on) {
    write("notice", on ? "on" : null);
    if (on) ring();
  }

  /** Tell of a reply that came while nobody looked. */
  notice() {
    if (!document.hidden && hostPage.open) return;
    if (this.wanted) ring();
    this.unseen += 1;
    document.title = `(${this.unseen}) ${TEXTS.newReply} - ${this.title}`;
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

const TONE_HERTZ = 660;
const TONE_SECONDS = 0.18;

/** A short soft tone; browsers that want a click first stay silent. */
function ring() {
  try {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = TONE_HERTZ;
    loudness.gain.setValueAtTime(0.08, audio.currentTime);
    loudness.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + TONE_SECONDS);
    tone.connect(loudness).connect(audio.destination);
    tone.onended = () => audio.close();
    tone.start();
    tone.stop(audio.currentTime + TONE_SECONDS);
  } catch {
    // No sound here: the title tells.
  }
}
