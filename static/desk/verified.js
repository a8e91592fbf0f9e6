// Who the customer is: the mark of what a site's server has verified, and who may be the same. Only
// what was verified gets the mark; what a page or a customer stated stands elsewhere and says so.

import { icon, make } from "../chat/dom.js";
import { ask } from "./dialogs.js";
import { ago } from "./clock.js";

/** Return the mark of a queue's row or of a person; null for somebody unknown. */
export function verifiedChip(verified) {
  if (!verified) return null;
  const chip = make("span", { className: "chip" }, icon("check"), ` Verified: ${verified.name}`);
  chip.dataset.tone = "verified";
  return chip;
}

/** Return the parts of the customer's pane; `tell(name, detail)` carries what is pressed. */
export function verifiedParts({ verified, same, alike }, may, tell) {
  const parts = verified ? proved(verified) : [unknown()];
  if (same.length) {
    const note = "Merged at the desk: you see their conversations together. Neither sees the other's.";
    parts.push(make("h3", {}, "The same customer"), make("p", { className: "muted" }, note));
    parts.push(people(same, may.includes("not_same") && "not_same", tell));
  }
  if (alike.length) {
    parts.push(make("h3", {}, "May be the same customer"));
    parts.push(people(alike, may.includes("same") && "same", tell));
  }
  return parts;
}

/** Ask before two customers are merged or parted; returns whether to go on. */
export async function askSame({ act, person }) {
  const title = act === "same" ? `Merge with ${person.name}?` : `Part from ${person.name}?`;
  const text =
    act === "same"
      ? `${person.why}. The desk shows their conversations together and writes it down; you can part ` +
        "them again. Neither customer sees a chat of the other."
      : "The desk shows their conversations apart again.";
  return Boolean(await ask({ title, text, action: act === "same" ? "Merge" : "Part" }));
}

function proved(verified) {
  const facts = make("dl", { className: "facts" });
  const fact = (name, ...value) => facts.append(make("dt", {}, name), make("dd", {}, ...value));
  if (verified.name) fact("Name", verified.name);
  if (verified.email) fact("E-mail", verified.email);
  fact("Customer number", verified.subject);
  for (const [name, value] of verified.attributes) fact(name, value);
  fact("Last verified", ago(verified.at));
  fact("First verified", ago(verified.first_at));
  if (verified.not_given.length) {
    fact("Not given", `Audiences that do not exist on this site: ${verified.not_given.join(", ")}`);
  }
  const name = verified.name || verified.email || verified.subject;
  const by = `Signed by the server of ${verified.site}. Only what stands here is verified.`;
  const parts = [
    make("p", {}, verifiedChip({ name })),
    make("p", { className: "muted" }, by),
    facts,
  ];
  if (verified.joined_at) {
    const words = verified.joined_after
      ? `Messages up to number ${verified.joined_after} were written in the same browser before that, `
      : "This chat was begun in the same browser before that, ";
    parts.push(make("p", {}, words, ago(verified.joined_at), "."));
  }
  return parts;
}

function unknown() {
  return make("p", { className: "muted" }, "Not verified: nobody has vouched for who this is.");
}

function people(persons, act, tell) {
  const list = make("ul", { className: "others" });
  for (const person of persons) {
    const onclick = () => tell("open", person.conversation);
    const name = person.conversation
      ? make("button", { type: "button", className: "quiet", onclick }, person.name)
      : make("span", {}, person.name);
    const item = make("li", {}, name);
    if (person.verified) item.append(" ", verifiedChip(person));
    if (person.why) item.append(make("span", { className: "muted" }, ` ${person.why}.`));
    if (act && person.conversation && person.may_merge !== false) {
      const press = () => tell("same", { act, person });
      const words = act === "same" ? "Merge" : "Part again";
      item.append(" ", make("button", { type: "button", className: "button", onclick: press }, words));
    } else if (person.may_merge === false) {
      item.append(make("span", { className: "muted" }, " Both are verified, so they stay apart."));
    }
    list.append(item);
  }
  return list;
}
