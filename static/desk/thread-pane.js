// The conversation in the middle: why it is here on top, then messages and private notes in order.

import { make, trustedHtml } from "../chat/dom.js";
import { attachedFiles } from "./attach.js";
import { inWords, secondsSince, waitChip } from "./clock.js";
import { chip } from "./queue-pane.js";

const OWNERS = {
  bot: "The assistant answers",
  waiting: "Waits for a person",
  agent: "With an agent",
  closed: "Closed",
};
const STATES = {
  pending: "waiting for the assistant",
  claimed: "being answered",
  merged: "answered with a later message",
  for_agent: "for a person",
  stopped: "stopped by the customer",
};
const NEAR_PIXELS = 80;

export class DeskThread extends HTMLElement {
  connectedCallback() {
    this.head = make("div", { className: "thread-head" });
    this.list = make("ol", { className: "messages" });
    this.scroller = make("div", { className: "scroller", tabIndex: 0, role: "log" }, this.list);
    this.scroller.setAttribute("aria-label", "Messages and notes");
    this.scroller.setAttribute("aria-live", "off");
    this.replying = make("p", { className: "replying", role: "status" });
    this.known = new Map();
    this.#stayAtTheEnd();
    this.showNothing();
  }

  showNothing() {
    this.open = null;
    const hint = "Choose a conversation. Press ? for the keys.";
    this.replaceChildren(make("p", { className: "empty" }, hint));
  }

  /** Show a conversation; what has not changed keeps its element, its place and its focus. */
  show(thread, me) {
    const fresh = this.open !== thread.conversation.id;
    if (fresh) {
      this.open = thread.conversation.id;
      this.known.clear();
      this.list.replaceChildren();
      this.replying.textContent = "";
      this.replaceChildren(this.head, this.scroller, this.replying);
    }
    this.me = me;
    this.#showHead(thread);
    this.#showEntries(thread, fresh);
  }

  /** Put the focus on top; what is in sight stays so, where the head scrolls with the messages. */
  focusHead() {
    this.head.querySelector("h2")?.focus({ preventScroll: true });
  }

  /** The newest message stays in sight when the box below grows, or a picture has come. */
  #stayAtTheEnd() {
    const changes = new ResizeObserver(() => this.atEnd && this.#toTheEnd());
    for (const one of [this, this.scroller, this.list]) changes.observe(one);
    for (const one of [this, this.scroller]) {
      one.addEventListener("scroll", () => {
        const view = this.#view();
        this.atEnd = !view || view.scrollHeight - view.scrollTop - view.clientHeight < NEAR_PIXELS;
      });
    }
  }

  #toTheEnd() {
    const view = this.#view();
    if (view) view.scrollTop = view.scrollHeight;
  }

  /** What scrolls: the messages, with little room their head too, in a very low window the page. */
  #view() {
    return [this.scroller, this].find((one) => getComputedStyle(one).overflowY === "auto");
  }

  sayReplying(name) {
    clearTimeout(this.timer);
    this.replying.textContent = `${name} is replying.`;
    this.timer = setTimeout(() => (this.replying.textContent = ""), 5000);
  }

  sayBot(words) {
    clearTimeout(this.timer);
    this.replying.textContent = words;
  }

  #showHead({ conversation, requests, customer }) {
    const state = make("span", { className: "chips" }, chip(this.#owner(conversation), "busy"));
    if (conversation.since) state.append(waitChip(conversation.since, this.me));
    const priority = this.me.priorities.find(([value]) => value === conversation.priority);
    if (conversation.priority) state.append(chip(priority[1], "warning"));
    if (conversation.snoozed_until && secondsSince(conversation.snoozed_until) === 0) {
      const until = new Date(conversation.snoozed_until).toLocaleString();
      state.append(chip(`Snoozed until ${until}`, "plain"));
    }
    if (customer.blocked) state.append(chip(`Blocked: ${customer.blocked}`, "danger"));
    if (conversation.test) state.append(chip("Test", "warning"));
    if (conversation.team) state.append(chip(`Team ${conversation.team}`, "plain"));
    for (const tag of conversation.tags) state.append(chip(tag, "plain"));
    const running = requests.find(({ state: at }) => at === "open" || at === "taken");
    const parts = [make("h2", { tabIndex: -1 }, customer.name), state];
    if (running) {
      const facts = make("dl", { className: "facts" });
      facts.append(make("dt", {}, "Why"), make("dd", {}, running.reason));
      facts.append(make("dt", {}, "Summary"), make("dd", {}, running.summary || conversation.words || "No words yet"));
      parts.push(facts);
    }
    const words = this.head.querySelector("h2") === document.activeElement;
    this.head.replaceChildren(...parts);
    if (words) this.focusHead();
  }

  #owner({ owner, agent, agent_id: id }) {
    if (owner !== "agent") return OWNERS[owner];
    return id === this.me.id ? "Yours" : `${agent} has it`;
  }

  #showEntries({ messages, notes, left_out: leftOut }, fresh) {
    const entries = messages.map((message) => [`m${message.id}`, message.seq, message]);
    for (const note of notes) entries.push([`n${note.id}`, note.after_seq + 0.5, note]);
    entries.sort((one, other) => one[1] - other[1]);
    if (fresh) this.atEnd = true;
    let added = "";
    let last = null;
    for (const [key, , data] of entries) {
      const text = JSON.stringify(data);
      const old = this.known.get(key);
      let element = old?.element;
      if (old?.text !== text) {
        element = key.startsWith("n") ? this.#note(data) : this.#message(data);
        element.id = key;
        if (old) old.element.replaceWith(element);
        else if (!fresh && data.role === "customer") added = data.text || "a file";
        this.known.set(key, { text, element });
      }
      const place = last ? last.nextSibling : this.list.firstChild;
      if (place !== element) this.list.insertBefore(element, place);
      last = element;
    }
    this.list.querySelector(".left-out")?.remove();
    if (leftOut > 0) {
      const words = `${leftOut} earlier messages are not shown.`;
      this.list.prepend(make("li", { className: "left-out empty" }, words));
    }
    if (this.atEnd) this.#toTheEnd();
    if (added) this.#tell("said", `The customer writes: ${added}`);
  }

  #note(note) {
    return make(
      "li",
      { className: "message note" },
      head(`Private note by ${note.author}`, note.created_at, "the customer never sees it"),
      make("p", { className: "plain" }, note.text),
    );
  }

  #message(message) {
    const own = message.role === "agent" && message.author_id === this.me.id;
    const element = make("li", { className: `message ${message.role}` });
    const state = message.kind === "question" ? STATES[message.state] : "";
    const about = [state, message.edited && "edited", message.came_to, ratingOf(message)];
    element.append(head(whoOf(message), message.created_at, about.filter(Boolean).join(", ")));
    if (message.withdrawn) {
      element.append(make("p", { className: "plain muted" }, "This reply was withdrawn."));
      return element;
    }
    const body = make("div", { className: message.html ? "prose" : "plain" });
    if (message.html) trustedHtml(body, message.html);
    else body.textContent = message.text;
    for (const marker of body.querySelectorAll("button.citation")) {
      marker.addEventListener("click", () => this.#tell("why", message));
    }
    if (message.text) element.append(body);
    if (message.attachments?.length) element.append(attachedFiles(message.attachments));
    const buttons = make("p", { className: "row small" });
    const add = (words, name) =>
      buttons.append(
        make(
          "button",
          { type: "button", className: "quiet", onclick: () => this.#tell(name, message) },
          words,
        ),
      );
    if (message.answer) {
      add("Why the bot said this", "why");
      if (this.me.may.includes("flag")) add(message.flagged ? "Flagged" : "Flag", "flag");
      if (this.me.may.includes("faq")) add(message.faq ? "In the FAQ" : "Make a FAQ entry", "faq");
    }
    if (own && this.me.may.includes("edit")) {
      add("Edit", "edit");
      add("Withdraw", "withdraw");
    }
    if (buttons.children.length) element.append(buttons);
    return element;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`desk-${name}`, { detail, bubbles: true }));
  }
}

function head(who, iso, about) {
  const moment = new Date(iso);
  const time = make("time", { dateTime: iso, title: moment.toLocaleString() });
  const today = secondsSince(iso) < 43200;
  time.textContent = today
    ? moment.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" })
    : `${inWords(secondsSince(iso))} ago`;
  const parts = [make("span", { className: "who" }, who), " ", time];
  if (about) parts.push(" ", make("span", {}, about));
  return make("p", { className: "message-head" }, ...parts);
}

function whoOf({ role, author }) {
  if (role === "customer") return "Customer";
  if (role === "system") return "Notice";
  return role === "agent" ? author || "A person" : "Assistant";
}

function ratingOf({ answer }) {
  if (!answer?.feedback) return "";
  return answer.feedback > 0 ? "rated helpful" : "rated not helpful";
}
