// The queues with their counts, and the rows of the one that is open.

import { make } from "../chat/dom.js";
import { ago, waitChip } from "./clock.js";
import { verifiedChip } from "./verified.js";

export const QUEUES = [
  ["mine", "Mine", "No conversation is yours. Take one from Unassigned."],
  ["unassigned", "Unassigned", "Nobody waits for a person."],
  ["waiting", "Waiting", "No customer waits for a person's reply."],
  ["bot", "Bot", "The assistant has no conversation open."],
  ["snoozed", "Snoozed", "Nothing is snoozed."],
  ["closed", "Closed", "Nothing is closed yet."],
];
const OWNERS = { bot: "Assistant", waiting: "Nobody yet", agent: "Agent", closed: "Closed" };
const PRIORITIES = { 1: "High", 2: "Urgent" };

export class DeskQueue extends HTMLElement {
  connectedCallback() {
    this.chosen = new Set();
    this.tabs = make("ul", { className: "queues" });
    for (const [name, words] of QUEUES) {
      const count = make("span", { className: "count" }, "0");
      const control = make("button", { type: "button", className: "queue" }, words, " ", count);
      control.dataset.queue = name;
      control.addEventListener("click", () => this.#tell("queue", name));
      this.tabs.append(make("li", {}, control));
    }
    this.head = make("h2", { className: "queue-head" }, "Loading …");
    this.bulk = make("div", { className: "bulk", hidden: true, role: "group" });
    this.bulk.setAttribute("aria-label", "Chosen conversations");
    this.list = make("ul", { className: "rows" });
    this.items = new Map();
    const onclick = () => this.#tell("more");
    this.more = make("button", { type: "button", className: "button", onclick, hidden: true }, "Show more");
    const tabs = make("nav", { ariaLabel: "Queues" }, this.tabs);
    this.append(tabs, this.#teams(), this.head, this.bulk, this.list, this.more);
  }

  /** Offer the teams to look at; `chosen`: "" for all, "mine", or a team's number as a text. */
  showTeams(teams, chosen) {
    this.teams.hidden = !teams.length;
    const options = [["", "All teams"], ["mine", "My teams, and nobody's"]];
    for (const { id, name } of teams) options.push([String(id), name]);
    const text = JSON.stringify([options, chosen]);
    if (this.teams.dataset.shown === text) return;
    this.teams.dataset.shown = text;
    const made = options.map(([value, words]) => make("option", { value }, words));
    this.teamChoice.replaceChildren(...made);
    this.teamChoice.value = chosen;
  }

  #teams() {
    this.teamChoice = make("select", { id: "team-choice" });
    this.teamChoice.addEventListener("change", () => this.#tell("team", this.teamChoice.value));
    const label = make("label", { htmlFor: "team-choice" }, "Team");
    this.teams = make("p", { className: "teams", hidden: true }, label, this.teamChoice);
    return this.teams;
  }

  /** Show a queue or what a search found. `desk`: name, words, rows, more, counts, open, me. */
  show({ queue, words, rows, more, counts, open, me }) {
    const entry = QUEUES.find(([name]) => name === queue);
    for (const control of this.tabs.querySelectorAll("button")) {
      const { queue: name } = control.dataset;
      control.querySelector(".count").textContent = counts[name] ?? 0;
      if (!words && name === queue) control.setAttribute("aria-current", "true");
      else control.removeAttribute("aria-current");
    }
    this.head.textContent = words ? `Found for “${words}”` : entry[1];
    const shown = new Set(rows.map((row) => row.id));
    for (const id of this.chosen) if (!shown.has(id)) this.chosen.delete(id);
    const focused = this.list.contains(document.activeElement)
      ? document.activeElement.dataset.key
      : null;
    // A row keeps its button: one that is replaced while it is pressed would never be clicked.
    const kept = new Map(rows.map((row) => [row.id, this.items.get(row.id) ?? this.#item(row.id)]));
    this.items = kept;
    for (const row of rows) this.#fill(kept.get(row.id), row, open, me);
    for (const item of [...this.list.children]) if (!shown.has(item.dataset.row)) item.remove();
    rows.forEach((row, place) => {
      const item = kept.get(row.id);
      if (this.list.children[place] !== item) {
        this.list.insertBefore(item, this.list.children[place] ?? null);
      }
    });
    this.more.hidden = !more;
    if (!rows.length) {
      const hint = words ? "Nothing was found. Try other words." : entry[2];
      this.list.append(make("li", { className: "empty" }, hint));
    }
    if (focused) this.list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    this.#showBulk(me);
  }

  /** Choose a row, or no longer. */
  toggle(id) {
    const box = this.list.querySelector(`[data-key="box-${CSS.escape(id)}"]`);
    box?.click();
  }

  clear() {
    this.chosen.clear();
    for (const box of this.list.querySelectorAll("input")) box.checked = false;
    this.#showBulk(this.me);
  }

  #item(id) {
    const box = make("input", { type: "checkbox" });
    box.dataset.key = `box-${id}`;
    box.addEventListener("change", () => {
      if (box.checked) this.chosen.add(id);
      else this.chosen.delete(id);
      this.#showBulk(this.me);
    });
    const control = make("button", { type: "button", className: "row-open" });
    control.dataset.key = id;
    control.addEventListener("click", () => this.#tell("open", id));
    const item = make("li", { className: "row-item" }, box, control);
    item.dataset.row = id;
    return item;
  }

  #fill(item, row, open, me) {
    this.me = me;
    const [box, control] = item.children;
    box.checked = this.chosen.has(row.id);
    box.setAttribute("aria-label", `Choose: ${row.words || "nothing written yet"}`);
    const chips = make("span", { className: "chips" });
    if (row.since) chips.append(waitChip(row.since, me));
    if (PRIORITIES[row.priority]) chips.append(chip(PRIORITIES[row.priority], "warning"));
    if (row.verified) chips.append(verifiedChip(row.verified));
    if (row.blocked) chips.append(chip("Blocked", "danger"));
    if (row.test) chips.append(chip("Test", "warning"));
    if (row.team) chips.append(chip(`Team ${row.team}`, "plain"));
    if (row.site) chips.append(chip(row.site, "plain"));
    for (const tag of row.tags) chips.append(chip(tag, "plain"));
    const who = row.agent || OWNERS[row.owner];
    const time = ago(row.updated_at);
    time.dataset.ago = "";
    const about = row.reason ? `${who}. ${row.reason}. Last change ` : `${who}. Last change `;
    control.replaceChildren(
      make("span", { className: "row-words" }, row.words || "Nothing written yet"),
      make("span", { className: "row-meta" }, about, time),
      chips,
    );
    if (row.id === open) control.setAttribute("aria-current", "true");
    else control.removeAttribute("aria-current");
  }

  #showBulk(me) {
    const number = this.chosen.size;
    this.bulk.hidden = number === 0;
    if (!number) return this.bulk.replaceChildren();
    const acts = [
      ["assign", "Assign"],
      ["tag", "Tag"],
      ["priority", "Priority"],
      ["snooze", "Snooze"],
      ["resolve", "Resolve"],
      ["block", "Spam"],
    ].filter(([act]) => me.may.includes(act));
    this.bulk.replaceChildren(
      make("span", {}, `${number} chosen`),
      ...acts.map(([act, words]) =>
        make(
          "button",
          { type: "button", className: "button", onclick: () => this.#tell("bulk", act) },
          words,
        ),
      ),
      make(
        "button",
        { type: "button", className: "button", onclick: () => this.clear() },
        "Choose none",
      ),
    );
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`desk-${name}`, { detail, bubbles: true }));
  }
}

export function chip(words, tone) {
  const made = make("span", { className: "chip" }, words);
  made.dataset.tone = tone;
  return made;
}
