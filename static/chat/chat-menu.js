// The menu: what stands in it, the language and the notices. What its items open comes when it is
// first asked for (menu-sheets.js).

import { hostPage } from "./host-page.js";
import { read, write } from "./storage.js";
import { language, TEXTS } from "./texts.js";

// The menu's items and what they open: names in MenuSheets.
const ITEMS = {
  "menu-chats": "list",
  "menu-download": "download",
  "menu-mail": "mail",
  "menu-solved": "askSolved",
  "menu-report": "report",
  "menu-erase": "askErase",
};
const find = (id) => document.getElementById(id);

export class ChatMenu {
  /** `acts`: show(conversation), erased(chatsLeft), rate(values), problem(detail), said(text). */
  constructor({ session, api, announcer }, acts) {
    Object.assign(this, { session, api, announcer, acts, sheets: null });
    this.menu = find("menu");
    for (const [id, name] of Object.entries(ITEMS))
      find(id)?.addEventListener("click", () => {
        this.menu.hidePopover();
        this.open(name);
      });
    this.menu.addEventListener("beforetoggle", () => this.#fit());
    find("menu-button").hidden = false;
    this.#wireNotice(find("menu-notice"));
    this.#wireLanguage(find("menu-language"));
  }

  /** Open one of the sheets by its name. */
  async open(name, ...values) {
    try {
      const { MenuSheets } = await import("./menu-sheets.js");
      this.sheets ??= new MenuSheets({ session: this.session, api: this.api }, this.acts);
    } catch {
      this.acts.problem({ message: TEXTS.requestNotSent });
      return;
    }
    this.sheets[name](...values);
  }

  /** Offer only what there is something for. */
  #fit() {
    const has = Boolean(this.session.conversation);
    for (const id of ["menu-download", "menu-mail", "menu-solved", "menu-report", "menu-erase"])
      if (find(id)) find(id).hidden = !has;
    find("menu-chats").hidden = !this.session.token;
  }

  #wireNotice(box) {
    box.checked = this.announcer.wanted;
    box.addEventListener("change", () => {
      this.announcer.wanted = box.checked;
    });
  }

  #wireLanguage(choice) {
    if (!choice) return;
    const chosen = read("language");
    const offered = [...choice.options].map((option) => option.value);
    if (chosen && chosen !== language && offered.includes(chosen)) toLanguage(chosen, true);
    choice.addEventListener("change", () => {
      write("language", choice.value);
      hostPage.post("language", { language: choice.value });
      toLanguage(choice.value, false);
    });
  }
}

function toLanguage(code, quietly) {
  const address = new URL(location.href);
  if (address.searchParams.get("lang") === code) return;
  address.searchParams.set("lang", code);
  if (quietly) location.replace(address);
  else location.assign(address);
}
