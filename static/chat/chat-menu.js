// The menu: earlier chats, keep or delete this one, report a problem, language, notices.

import { make } from "./dom.js";
import { hostPage } from "./host-page.js";
import { formButtons, radios } from "./sheet.js";
import { read, write } from "./storage.js";
import { KINDS, language, sentence, TEXTS } from "./texts.js";

const SOLVED = [
  ["yes", TEXTS.yes],
  ["no", TEXTS.no],
];
const find = (id) => document.getElementById(id);

export class ChatMenu {
  /** `acts`: show(conversation), erased(chatsLeft), rate(), problem(detail), said(text). */
  constructor({ session, api, sheet, announcer }, acts) {
    Object.assign(this, { session, api, sheet, announcer, acts });
    this.menu = find("menu");
    const items = {
      "menu-chats": () => this.#list(),
      "menu-download": () => this.#download(),
      "menu-mail": () => this.#askMail(),
      "menu-solved": () => acts.rate(),
      "menu-report": () => this.#report(),
      "menu-erase": () => this.#askErase(),
    };
    for (const [id, act] of Object.entries(items))
      find(id)?.addEventListener("click", () => {
        this.menu.hidePopover();
        act();
      });
    this.menu.addEventListener("beforetoggle", () => this.#fit());
    find("menu-button").hidden = false;
    this.#wireNotice(find("menu-notice"));
    this.#wireLanguage(find("menu-language"));
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

  async #list() {
    let chats;
    try {
      chats = await this.api.conversations();
    } catch (problem) {
      this.acts.problem(problem);
      return;
    }
    if (!chats.length) {
      this.sheet.show(TEXTS.myChats, make("p", {}, TEXTS.noChats));
      return;
    }
    const rows = chats.map((chat) => this.#row(chat));
    this.sheet.show(TEXTS.myChats, make("ul", { className: "chat-list" }, ...rows));
  }

  #row({ id, title, updated_at: at }) {
    const here = id === this.session.conversation;
    const when = new Date(at);
    const day = when.toLocaleDateString(language, { day: "numeric", month: "short" });
    const time = make("time", { dateTime: at, title: when.toLocaleString(language) }, day);
    const name = make("span", { className: "chat-name", dir: "auto" }, title || TEXTS.thisChat);
    const onclick = () => {
      this.sheet.close();
      this.acts.show(id);
    };
    const current = { "aria-current": here ? "true" : null };
    const row = { type: "button", className: "chat-row", onclick, ...current };
    return make("li", {}, make("button", row, name, time));
  }

  async #download() {
    try {
      const text = await this.api.transcript(this.session.conversation);
      const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      const day = new Date().toISOString().slice(0, 10);
      make("a", { href: address, download: `chat-${day}.txt` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    } catch (problem) {
      this.acts.problem(problem);
    }
  }

  #askMail() {
    const email = make("input", {
      type: "email",
      name: "email",
      autocomplete: "email",
      maxLength: 254,
      required: true,
    });
    const problem = make("p", { className: "problem", role: "alert", hidden: true });
    const form = make(
      "form",
      { className: "sheet-form" },
      make("p", {}, TEXTS.mailChatAsk),
      make("label", { className: "field" }, make("span", {}, TEXTS.emailLabel), email),
      problem,
      formButtons(TEXTS.sendRating, TEXTS.cancel, () => this.sheet.close()),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const address = email.value.trim();
      try {
        await this.api.mailTranscript(this.session.conversation, address);
        this.sheet.say(sentence("mailChatSent", { email: address }));
      } catch (reason) {
        problem.textContent = reason.message || TEXTS.requestNotSent;
        problem.hidden = false;
        email.focus();
      }
    });
    this.sheet.show(TEXTS.mailChat, form);
    email.focus();
  }

  #askErase() {
    const form = make(
      "form",
      {},
      make("p", {}, TEXTS.eraseAsk),
      formButtons(TEXTS.eraseYes, TEXTS.cancel, () => this.sheet.close(), { danger: true }),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#erase();
    });
    this.sheet.show(TEXTS.erase, form);
  }

  async #erase() {
    try {
      const left = await this.api.erase(this.session.conversation);
      this.sheet.close();
      this.acts.erased(left);
      this.acts.said(TEXTS.erased);
    } catch (problem) {
      this.sheet.close();
      this.acts.problem(problem);
    }
  }

  #report() {
    const text = make("textarea", { name: "text", rows: 3, maxLength: 2000 });
    const form = make(
      "form",
      { className: "sheet-form" },
      radios("kind", TEXTS.reportAsk, Object.entries(KINDS)),
      make("label", { className: "field" }, make("span", {}, TEXTS.reportText), text),
      formButtons(TEXTS.sendRating, TEXTS.cancel, () => this.sheet.close()),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const kind = new FormData(form).get("kind");
      try {
        await this.api.report(this.session.conversation, { kind, text: text.value.trim() });
        this.sheet.say(TEXTS.reported);
      } catch (problem) {
        this.sheet.close();
        this.acts.problem(problem);
      }
    });
    this.sheet.show(TEXTS.report, form);
  }
}

/** Ask whether the chat helped and how it was; `solved` is what has been said already. */
export function askSolved(sheet, send, solved = null) {
  const stars = [1, 2, 3, 4, 5].map((count) => [String(count), sentence("starsOf", { count })]);
  const comment = make("textarea", { name: "comment", rows: 2, maxLength: 2000 });
  const form = make(
    "form",
    { className: "sheet-form" },
    radios("solved", TEXTS.solvedAsk, SOLVED, { className: "in-a-row titled" }),
    radios("stars", TEXTS.starsAsk, stars, { required: false, className: "in-a-row" }),
    make("label", { className: "field" }, make("span", {}, TEXTS.solvedComment), comment),
    formButtons(TEXTS.sendRating, TEXTS.cancel, () => sheet.close()),
  );
  if (solved !== null) form.elements.solved.value = solved ? "yes" : "no";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const number = Number(given.get("stars")) || null;
    const yes = given.get("solved") === "yes";
    if (await send({ solved: yes, stars: number, comment: comment.value.trim() }))
      sheet.say(TEXTS.rated);
    else sheet.close();
  });
  sheet.show(TEXTS.solvedAsk, form);
}

function toLanguage(code, quietly) {
  const address = new URL(location.href);
  if (address.searchParams.get("lang") === code) return;
  address.searchParams.set("lang", code);
  if (quietly) location.replace(address);
  else location.assign(address);
}
