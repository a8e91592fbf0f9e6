// What the menu opens: earlier chats, to keep or delete this one, report a problem, rate it. Fetched
// when somebody first asks for one of these.

import { make } from "./dom.js";
import { formButtons, radios, Sheet } from "./sheet.js";
import { KINDS, language, sentence, TEXTS } from "./texts.js";

const SOLVED = [
  ["yes", TEXTS.yes],
  ["no", TEXTS.no],
];

export class MenuSheets {
  /** `acts`: show(conversation), erased(chatsLeft), rate(values), problem(detail), said(text). */
  constructor({ session, api }, acts) {
    Object.assign(this, { session, api, acts });
    this.sheet = new Sheet(document.getElementById("sheet"));
  }

  async list() {
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

  async download() {
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

  mail() {
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

  askErase() {
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

  report() {
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

  /** Ask whether the chat helped and how it was; `solved` is what has been said already. */
  askSolved(solved = null) {
    const stars = [1, 2, 3, 4, 5].map((count) => [String(count), sentence("starsOf", { count })]);
    const comment = make("textarea", { name: "comment", rows: 2, maxLength: 2000 });
    const form = make(
      "form",
      { className: "sheet-form" },
      radios("solved", TEXTS.solvedAsk, SOLVED, { className: "in-a-row titled" }),
      radios("stars", TEXTS.starsAsk, stars, { required: false, className: "in-a-row" }),
      make("label", { className: "field" }, make("span", {}, TEXTS.solvedComment), comment),
      formButtons(TEXTS.sendRating, TEXTS.cancel, () => this.sheet.close()),
    );
    if (solved !== null) form.elements.solved.value = solved ? "yes" : "no";
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const given = new FormData(form);
      const number = Number(given.get("stars")) || null;
      const yes = given.get("solved") === "yes";
      if (await this.acts.rate({ solved: yes, stars: number, comment: comment.value.trim() }))
        this.sheet.say(TEXTS.rated);
      else this.sheet.close();
    });
    this.sheet.show(TEXTS.solvedAsk, form);
  }
}
