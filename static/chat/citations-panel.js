// The passage behind a number: beside the chat where there is room, a sheet over it on a phone.

import { trustedHtml } from "./dom.js";
import { MarkdownPreview } from "./markdown-preview.js";
import { sentence, TEXTS } from "./texts.js";

const ROOM_BESIDE = "(min-width: 1024px)";

export class CitationsPanel {
  constructor(dialog) {
    this.dialog = dialog;
    this.part = (name) => dialog.querySelector(`#source-${name}`);
    this.preview = new MarkdownPreview(this.part("quote"));
    this.citations = [];
    this.opener = null;
    this.beside = matchMedia(ROOM_BESIDE);
    this.part("close").addEventListener("click", () => this.close());
    this.part("previous").addEventListener("click", () => this.#step(-1));
    this.part("next").addEventListener("click", () => this.#step(1));
    this.beside.addEventListener("change", () => this.dialog.open && this.#reopen());
    dialog.addEventListener("close", () => this.#closed());
    dialog.addEventListener("click", (event) => event.target === dialog && this.close());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && dialog.open) this.close();
    });
  }

  /** Show `citation`, one of `citations`; focus comes back to where it is now. */
  open(citation, citations) {
    if (!this.dialog.contains(document.activeElement)) this.opener = document.activeElement;
    this.citations = citations;
    this.#show(citations.indexOf(citation));
    if (!this.dialog.open) this.#reopen();
    this.part("title").focus();
  }

  close() {
    this.dialog.close();
  }

  #reopen() {
    this.dialog.close();
    if (this.beside.matches) this.dialog.show();
    else this.dialog.showModal();
    this.part("title").focus();
  }

  #closed() {
    if (this.dialog.open) return;
    if (this.opener?.isConnected) this.opener.focus();
  }

  #step(by) {
    this.#show((this.index + by + this.citations.length) % this.citations.length);
    this.part("title").focus();
  }

  #show(index) {
    this.index = index;
    const { title, heading, url, quote, passage_html: passage } = this.citations[index];
    const count = this.citations.length;
    this.part("count").textContent = 
      count > 1 ? sentence("sourceOf", { index: index + 1, count }) : TEXTS.source;
    this.part("previous").hidden = this.part("next").hidden = count < 2;
    this.part("title").textContent = title;
    this.part("heading").textContent = heading === title ? "" : heading;
    if (passage) trustedHtml(this.part("quote"), passage);
    else this.preview.show(quote);
    markQuoted(this.part("quote"), quote);
    this.part("body").scrollTop = 0;
    const address = publicAddress(url);
    this.part("link").hidden = !address;
    if (address) this.part("address").href = address;
  }
}

/** Mark the parts of the passage that the answer rests on. */
function markQuoted(body, quote) {
  const quoted = lettersOf(quote);
  for (const part of body.querySelectorAll("p, li, td, th, h1, h2, h3, h4, h5, h6")) {
    const letters = lettersOf(part.textContent);
    const shared = letters && (quoted.includes(letters) || letters.includes(quoted));
    part.classList.toggle("quoted", Boolean(shared));
  }
}

/** Return a text's letters and digits alone, so that markup and line ends do not matter. */
function lettersOf(text) {
  return text.replace(/[^\p{L}\p{N}]+/gu, "").toLowerCase();
}

/** Return the address when it is one that a customer may follow, else null. */
function publicAddress(url) {
  try {
    const address = new URL(url);
    return ["http:", "https:"].includes(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}
