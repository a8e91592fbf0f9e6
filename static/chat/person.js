// Who answers: the assistant, nobody yet, or a person; and the way from one to the other.

import { TEXTS, typing as typingText } from "./texts.js";

const TYPING_MILLISECONDS = 5000;

export class PersonBar {
  /** `ask` and `withdraw` are called when the customer presses the buttons. */
  constructor({ who, ask, waiting, withdraw, typing, box }, acts) {
    Object.assign(this, { who, ask, waiting, withdraw, typing, box });
    ask.addEventListener("click", () => this.#press(ask, acts.ask));
    withdraw.addEventListener("click", () => this.#press(withdraw, acts.withdraw));
    this.show({ owner: "bot", agent: null });
  }

  show({ owner, agent }) {
    this.agent = agent;
    document.documentElement.dataset.owner = owner;
    this.ask.disabled = this.withdraw.disabled = false;
    this.ask.hidden = owner === "waiting" || owner === "agent";
    this.waiting.hidden = owner !== "waiting";
    this.who.textContent = WHO[owner]?.(agent) ?? TEXTS.assistant;
    this.who.classList.toggle("is-person", owner === "agent");
    this.box.placeholder = owner === "bot" ? TEXTS.boxForBot : TEXTS.boxForPerson;
    if (owner !== "agent") this.typingEnds();
  }

  /** Something went wrong with the request: the buttons can be pressed again. */
  release() {
    this.ask.disabled = this.withdraw.disabled = false;
  }

  showTyping() {
    this.typing.textContent = typingText(this.agent);
    this.typing.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.typingEnds(), TYPING_MILLISECONDS);
  }

  /** What was typed has come, or whoever typed has gone. */
  typingEnds() {
    this.typing.hidden = true;
  }

  #press(control, act) {
    control.disabled = true;
    this.box.focus();
    act();
  }
}

const WHO = {
  bot: () => TEXTS.assistant,
  waiting: () => TEXTS.waitingForPerson,
  agent: (agent) => agent || TEXTS.person,
  closed: () => TEXTS.closed,
};
