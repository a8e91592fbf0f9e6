// The passage behind a number: beside the chat where there is room, a sheet over it on a phone.

import { MarkdownPreview } from "./markdown-preview.js";

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
    const { title, heading, url, quote } = this.citations[index];
    const count = this.citations.length;
    this.part("count").textContent = count > 1 ? `Source ${index + 1} of ${count}` : "Source";
    this.part("previous").hidden = this.part("next").hidden = count < 2;
    this.part("title").textContent = title;
    this.part("heading").textContent = heading === title ? "" : heading;
    this.preview.show(quote);
    this.part("body").scrollTop = 0;
    const address = publicAddress(url);
    this.part("link").hidden = !address;
    if (address) this.part("address").href = address;
  }
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
