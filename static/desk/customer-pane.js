// On the right: what can be done, the customer, what the documents say, why the bot said it.

import { make, trustedHtml } from "../chat/dom.js";
import { ago } from "./clock.js";
import { verifiedParts } from "./verified.js";

const ACTS = [
  ["take", "t", "Take over"],
  ["hand_back", "b", "Return to the bot"],
  ["assign", "a", "Assign"],
  ["transfer", "f", "Transfer with a note"],
  ["snooze", "s", "Snooze"],
  ["resolve", "e", "Resolve"],
  ["tag", "g", "Tags"],
  ["priority", "p", "Priority"],
];

export class DeskCustomer extends HTMLElement {
  connectedCallback() {
    this.acts = make("section", { className: "card" });
    this.customer = make("section", { className: "card" });
    this.knowledge = make("section", { className: "card" });
    this.trail = make("details", { className: "card" });
    this.found = make("div", {});
    this.found.setAttribute("role", "region");
    this.found.setAttribute("aria-label", "What was found");
    this.showNothing();
  }

  showNothing() {
    this.open = null;
    this.replaceChildren();
  }

  show(thread, me) {
    if (this.open !== thread.conversation.id) {
      this.open = thread.conversation.id;
      this.found.replaceChildren();
      this.#showKnowledge(me);
      this.trail.open = false;
      this.replaceChildren(this.acts, this.customer, this.knowledge, this.trail);
    }
    this.#showActs(thread, me);
    this.#showCustomer(thread, me);
    this.#showTrail(thread);
  }

  /** Show a draft. Nothing of it is sent before the agent puts it into the reply and sends that. */
  showDraft(draft) {
    const parts = [make("h3", { tabIndex: -1 }, "Draft")];
    if (draft.text) parts.push(make("p", { className: "plain quote" }, draft.text));
    else parts.push(make("p", {}, "The documents do not answer this. These pages are nearest:"));
    if (draft.internal) {
      const warning = "It rests on an internal source. You are asked before its words go out.";
      parts.push(make("p", { className: "warning" }, warning));
    }
    if (draft.text) {
      parts.push(this.#button("Put into the reply", "insert", { text: draft.text, draft: draft.id }));
    }
    const list = make("ol", { className: "sources" });
    for (const source of draft.sources) list.append(this.#source(source, draft.id));
    if (draft.sources.length) parts.push(make("h4", {}, "Sources"), list);
    this.#put(parts);
  }

  /** Show how an answer came about: HTML of our own template. */
  showWhy(html) {
    const body = make("div", {});
    trustedHtml(body, html);
    this.#put([make("h3", { tabIndex: -1 }, "Why the bot said this"), body]);
  }

  showWaiting(words) {
    this.found.replaceChildren(make("p", { role: "status" }, words));
  }

  #put(parts) {
    this.found.replaceChildren(...parts);
    const head = this.found.querySelector("h3");
    head.focus({ preventScroll: true });
    head.scrollIntoView({ block: "start" });
  }

  #source({ title, heading, url, text, internal }, draft) {
    const safe = /^https?:/.test(url);
    const name = safe
      ? make("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, title)
      : make("span", {}, title);
    const parts = [name];
    if (heading && heading !== title) parts.push(" ", make("span", { className: "muted" }, heading));
    const mark = make("span", { className: "chip" }, internal ? "Internal" : "Customer may read it");
    mark.dataset.tone = internal ? "danger" : "plain";
    parts.push(" ", mark);
    parts.push(
      make("details", {}, make("summary", {}, "Text"), make("p", { className: "plain small" }, text)),
    );
    return make("li", {}, ...parts);
  }

  #showActs({ conversation, may }, me) {
    const mine = conversation.owner === "agent" && conversation.agent_id === me.id;
    const wanted = {
      take: !mine,
      hand_back: conversation.owner === "agent" || conversation.owner === "waiting",
      snooze: conversation.owner !== "closed",
      resolve: conversation.owner !== "closed",
    };
    const buttons = ACTS.filter(([act]) => may.includes(act) && wanted[act] !== false).map(
      ([act, key, words]) =>
        make(
          "button",
          { type: "button", className: "button", onclick: () => this.#tell("act", act) },
          words,
          " ",
          make("kbd", { "aria-hidden": "true" }, key),
        ),
    );
    // The elements stay while they are the same, so that focus stays.
    const shown = buttons.map((one) => one.textContent).join();
    if (this.acts.dataset.shown === shown) return;
    this.acts.dataset.shown = shown;
    const head = make("h2", {}, "What next");
    this.acts.replaceChildren(head, make("div", { className: "row" }, ...buttons));
    this.acts.hidden = !buttons.length;
  }

  #showCustomer({ conversation, customer, started_at: started, may }, me) {
    const facts = make("dl", { className: "facts" });
    const fact = (name, value) => value && facts.append(make("dt", {}, name), make("dd", {}, value));
    fact("Site", conversation.site);
    fact("Started", ago(started));
    fact("First seen", ago(customer.first_seen));
    fact("Reads as", customer.readers.join(", "));
    fact("Language", customer.language);
    fact("Collection", customer.collection);
    fact("E-mail left", customer.email);
    fact("Last looked", customer.seen_at && ago(customer.seen_at));
    fact("Rating", ratingOf(customer.rating));
    fact("Blocked", customer.blocked);
    if (customer.quotes_only) {
      fact("Assistant", "Quotes documents only for a day, after messages that read like attacks");
    }
    const others = make("ul", { className: "others" });
    for (const other of customer.others) {
      const control = make(
        "button",
        { type: "button", className: "quiet", onclick: () => this.#tell("open", other.id) },
        other.words || "Nothing written",
      );
      others.append(make("li", {}, control, " ", ago(other.updated_at)));
    }
    const who = verifiedParts(customer, may, (name, detail) => this.#tell(name, detail));
    const parts = [make("h2", {}, "Customer"), ...who, facts, ...reportsOf(customer.reports)];
    parts.push(...pageOf(customer.page), make("h3", {}, "Other conversations"));
    parts.push(others.children.length ? others : make("p", { className: "muted" }, "None."));
    if (customer.blocked && may.includes("unblock")) parts.push(this.#button("Unblock", "act", "unblock"));
    else if (!customer.blocked && may.includes("block")) {
      parts.push(this.#button("Block or mark as spam", "act", "block"));
    }
    if (customer.quotes_only && may.includes("forgive")) {
      parts.push(this.#button("Let the assistant write again", "act", "forgive"));
    }
    const text = JSON.stringify([customer, conversation.id, me.id]);
    if (this.customer.dataset.shown === text) return;
    this.customer.dataset.shown = text;
    this.customer.replaceChildren(...parts);
  }

  #showKnowledge(me) {
    const parts = [make("h2", {}, "Knowledge")];
    if (me.may.includes("draft")) {
      const box = make("input", { id: "draft-words", type: "text", maxLength: 1000 });
      const form = make(
        "form",
        {},
        make("label", { htmlFor: "draft-words" }, "Ask the documents (empty: the last question)"),
        make("div", { className: "row" }, box, make("button", { className: "button" }, "Draft ", make("kbd", { "aria-hidden": "true" }, "d"))),
      );
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#tell("draft", box.value);
      });
      parts.push(form);
    }
    this.knowledge.replaceChildren(...parts, this.found);
  }

  #showTrail({ acts }) {
    const list = make("ol", { className: "trail" });
    for (const act of acts) {
      const line = make("li", {}, `${act.who} ${act.what}`, act.detail ? ` (${act.detail}) ` : " ", ago(act.at));
      if (act.before) {
        const former = make("p", { className: "plain small" }, act.before);
        line.append(make("details", {}, make("summary", {}, "What it said before"), former));
      }
      list.append(line);
    }
    const text = JSON.stringify(acts);
    if (this.trail.dataset.shown === text) return;
    this.trail.dataset.shown = text;
    this.trail.replaceChildren(
      make("summary", {}, "Audit trail"),
      acts.length ? list : make("p", { className: "muted" }, "Nothing was done here yet."),
    );
  }

  #button(words, name, detail) {
    const onclick = () => this.#tell(name, detail);
    return make("p", {}, make("button", { type: "button", className: "button", onclick }, words));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`desk-${name}`, { detail, bubbles: true }));
  }
}

function ratingOf(rating) {
  if (!rating) return "";
  const stars = rating.stars ? `, ${rating.stars} of 5` : "";
  const words = `${rating.solved ? "Solved" : "Not solved"}${stars}`;
  return rating.comment ? `${words}: ${rating.comment}` : words;
}

function reportsOf(reports) {
  if (!reports.length) return [];
  const rows = reports.map(({ kind, text, at }) =>
    make("li", {}, make("strong", {}, kind), text ? `: ${text} ` : " ", ago(at)),
  );
  return [make("h3", {}, "Reported problems"), make("ul", { className: "others" }, ...rows)];
}

/** What the customer's page said. Anybody can make a page say anything, so it is marked. */
function pageOf(page) {
  if (!page) return [];
  const facts = make("dl", { className: "facts" });
  const fact = (name, ...value) => facts.append(make("dt", {}, name), make("dd", {}, ...value));
  if (page.url) {
    const link = { href: page.url, target: "_blank", rel: "noopener noreferrer nofollow" };
    fact("Page", page.safe ? make("a", link, page.url) : page.url);
  }
  if (page.title) fact("Title", page.title);
  if (page.name) fact("Name", page.name);
  if (page.email) fact("E-mail", page.email);
  for (const [name, value] of page.values) fact(name, value);
  if (!facts.children.length) return [];
  const mark = make("p", { className: "warning" }, "Said by the page, not verified.");
  return [make("h3", {}, "Where the customer is"), mark, facts];
}
