// The list of messages: keeps their order, and follows the newest unless the reader reads above.

import { make } from "./dom.js";
import { language, TEXTS } from "./texts.js";

// Nearer to the end than this counts as being there.
const NEAR_PIXELS = 60;
const REPLY_MARGIN_PIXELS = 16;

export class Thread {
  constructor({ scroller, list, newest, newestLabel }) {
    Object.assign(this, { scroller, list, newest, newestLabel });
    this.entries = new Map();
    this.days = new Set();
    this.following = true;
    this.top = 0;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    newest.addEventListener("click", () => this.toNewest({ smooth: true }));
    const watcher = new ResizeObserver(() => this.following && this.#jump());
    watcher.observe(list.parentElement);
    watcher.observe(scroller);
  }

  /** Put `element` under `key` at its place by `order`; one that was there is replaced. */
  put(key, order, element) {
    const old = this.entries.get(key);
    this.entries.set(key, { order, element });
    if (old && old.order === order) {
      const focused = old.element.contains(document.activeElement);
      old.element.replaceWith(element);
      if (focused) this.scroller.focus({ preventScroll: true });
      return;
    }
    old?.element.remove();
    let next = null;
    for (const entry of this.entries.values()) {
      if (entry.order > order && (!next || entry.order < next.order)) next = entry;
    }
    this.list.insertBefore(element, next?.element ?? null);
  }

  get(key) {
    return this.entries.get(key)?.element ?? null;
  }

  remove(key) {
    this.get(key)?.remove();
    this.entries.delete(key);
  }

  clear() {
    this.entries.clear();
    this.days.clear();
    this.list.replaceChildren();
    this.toNewest();
  }

  /** Put a line above the first message of a day, when there is more than today. */
  markDay(iso, order) {
    const moment = new Date(iso);
    const day = moment.toDateString();
    const isToday = day === new Date().toDateString();
    if (Number.isNaN(moment.getTime()) || this.days.has(day) || (isToday && !this.days.size))
      return;
    this.days.add(day);
    const label = moment.toLocaleDateString(language, {
      weekday: "long",
      day: "numeric",
      month: "long",
    });
    this.put(
      `day ${day}`,
      order - 0.5,
      make("li", { className: "day" }, isToday ? TEXTS.today : label),
    );
  }

  /** Go to the end and follow it. */
  toNewest({ smooth = false } = {}) {
    this.following = true;
    this.#jump(smooth ? "smooth" : "instant");
    this.#showNewest(false);
  }

  /** A message has come: show it from its start, or tell a reader who is further up. */
  arrived(element, { wasShown }) {
    if (!this.following) {
      this.#showNewest(true, true);
      return;
    }
    this.#jump();
    const tooTall = element.offsetHeight > this.scroller.clientHeight - 2 * REPLY_MARGIN_PIXELS;
    if (wasShown || !tooTall) return;
    this.following = false;
    this.scroller.scrollTop = element.offsetTop - REPLY_MARGIN_PIXELS;
  }

  /** Only the reader moves up; growth below does not, even when its event comes late. */
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
    if (atEnd) this.following = true;
    else if (scrollTop < this.top) this.following = false;
    this.top = scrollTop;
    this.#showNewest(!this.following);
  }

  #jump(behavior = "instant") {
    if (!this.entries.size) {
      this.scroller.scrollTop = 0;
      return;
    }
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({
      top: this.scroller.scrollHeight,
      behavior: still ? "instant" : behavior,
    });
  }

  #showNewest(shown, unread = false) {
    if (!shown) this.newestLabel.textContent = TEXTS.newest;
    if (unread) this.newestLabel.textContent = TEXTS.unread;
    if (!shown && document.activeElement === this.newest)
      this.scroller.focus({ preventScroll: true });
    this.newest.hidden = !shown;
  }
}
