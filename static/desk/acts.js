// What each button and key does: the question it asks first, and the act that follows.

import { ask } from "./dialogs.js";

const SNOOZES = [
  ["20", "20 minutes"],
  ["60", "1 hour"],
  ["240", "4 hours"],
  ["1440", "1 day"],
  ["10080", "1 week"],
];

/** Return an act's fields after asking for them, or null when it was left. */
export const QUESTIONS = {
  take: async ({ conversation, me }) => {
    const { owner, agent, agent_id: holder } = conversation;
    if (owner !== "agent" || holder === me.id) return {};
    const sure = await ask({
      title: `${agent} has this conversation`,
      text: `Take it from ${agent}? ${agent} sees that it is yours then.`,
      action: "Take it",
    });
    return sure && { from_agent: holder };
  },
  hand_back: async () => ({}),
  resolve: async () => ({}),
  unblock: async () => ({}),
  forgive: async () => ({}),
  assign: async ({ conversation, lists, me }) => {
    const { text, from } = holder(conversation, me);
    const chosen = await ask({ title: "Assign", text, fields: [whom(lists)], action: "Assign" });
    return chosen && { ...chosenOne(chosen.to), ...from };
  },
  transfer: async ({ conversation, lists, me }) => {
    const { text, from } = holder(conversation, me);
    const note = { name: "note", label: "Private note for colleagues", kind: "area", needed: true };
    const fields = [whom(lists), note];
    const chosen = await ask({ title: "Transfer", text, fields, action: "Transfer" });
    return chosen && { ...chosenOne(chosen.to), ...from, note: chosen.note };
  },
  snooze: async ({ conversation }) => {
    if (conversation?.snoozed_until && new Date(conversation.snoozed_until) > new Date()) {
      const sure = await ask({ title: "End the snooze now?", action: "End it" });
      return sure && { act: "wake" };
    }
    const chosen = await ask({
      title: "Snooze",
      text: "It comes back then, or when the customer writes.",
      fields: [
        { name: "for", label: "For", kind: "select", options: SNOOZES, value: "60" },
        { name: "at", label: "Or until (counts when it is filled in)", kind: "datetime" },
      ],
      action: "Snooze",
    });
    if (!chosen) return null;
    const at = chosen.at ? new Date(chosen.at) : new Date(Date.now() + chosen.for * 60000);
    return { until: at.toISOString() };
  },
  tag: async ({ conversation, lists }) => {
    const now = conversation?.tags ?? [];
    const known = lists.tags.length ? `In use: ${lists.tags.join(", ")}` : "";
    const label = "Tags, with commas between them";
    const fields = [{ name: "tags", label, value: now.join(", ") }];
    const chosen = await ask({ title: "Tags", text: known, fields, action: "Set tags" });
    if (!chosen) return null;
    const wanted = chosen.tags.split(",").map((one) => one.trim().toLowerCase()).filter(Boolean);
    return {
      add: wanted.filter((one) => !now.includes(one)),
      remove: now.filter((one) => !wanted.includes(one)),
    };
  },
  priority: async ({ conversation, me }) => {
    const options = me.priorities;
    const field = { name: "priority", label: "Priority", kind: "select", options };
    const fields = [{ ...field, value: String(conversation?.priority ?? 0) }];
    const chosen = await ask({ title: "Priority", fields, action: "Set" });
    return chosen && { priority: Number(chosen.priority) };
  },
  block: async ({ conversation, me }) => {
    const options = me.block_reasons;
    const { text, from } = holder(conversation, me);
    const chosen = await ask({
      title: conversation ? "Block this customer" : "Block these customers",
      text: `${text} Nothing more is taken from the browser, and the conversation is closed.`.trim(),
      fields: [{ name: "reason", label: "Why", kind: "select", options }],
      action: "Block",
      danger: true,
    });
    return chosen && { reason: chosen.reason, ...from };
  },
};

/** What is asked about one message. `again`: what was typed, when it was refused before. */
export const ABOUT_MESSAGE = {
  edit: async (message, { me }, again) => {
    const text = { name: "text", label: "Reply", kind: "area", value: again?.text ?? message.text };
    return ask({
      title: "Edit the reply",
      text: "The customer sees the new text, marked as edited.",
      problem: again?.problem,
      fields: [{ ...text, needed: true, most: me.max_characters }],
      action: "Save",
    });
  },
  withdraw: async () => {
    const text = "The customer sees that a reply was withdrawn, and no longer what it said.";
    return ask({ title: "Withdraw the reply?", text, action: "Withdraw", danger: true });
  },
  flag: async (message, _, again) => {
    const label = "What is wrong with it, or why it should be in the FAQ";
    const fields = [{ name: "comment", label, kind: "area", value: again?.comment ?? "", most: 1000 }];
    return ask({ title: "Flag this answer", problem: again?.problem, fields, action: "Flag" });
  },
  faq: async (message, { thread: { messages } }, again) => {
    const asked = again?.question ?? messages.find(({ id }) => id === message.reply_to)?.text ?? "";
    const later = messages.find(({ role, seq }) => role === "agent" && seq > message.seq);
    const answer = again?.answer ?? (later ?? message).text.replace(/\s?\[\d{1,2}\]/g, "");
    return ask({
      title: "Make a FAQ entry",
      text: "It is searched and cited like a document as soon as it is indexed.",
      problem: again?.problem,
      fields: [
        { name: "question", label: "Question", value: asked, needed: true, most: 500 },
        { name: "answer", label: "Answer", kind: "area", value: answer, needed: true, most: 20000 },
      ],
      action: "Make the entry",
    });
  },
};

/** Ask whether words of internal sources may go out; resolves with true or false. */
export async function confirmInternal({ text }) {
  const sure = await ask({
    title: "Internal source",
    text: `${text} Send it all the same?`,
    action: "Send it",
    danger: true,
  });
  return Boolean(sure);
}

/** A colleague who has the conversation: in words, and as the one from whom it is taken. */
function holder(conversation, me) {
  const { owner, agent, agent_id: id } = conversation ?? {};
  if (owner !== "agent" || id === me.id) return { text: "", from: {} };
  return { text: `${agent} has this conversation.`, from: { from_agent: id } };
}

/** Who can be given a conversation: somebody at the desk, or a team. Who is away cannot. */
function whom({ colleagues, teams }) {
  const options = [["0", "Whoever at the desk is least busy"]];
  for (const { id, name, here } of teams) options.push([`team:${id}`, `Team ${name} (${there(here)})`]);
  if (teams.length) options.push(["team:0", "Everybody, without a team"]);
  for (const { id, name, here, has } of colleagues) {
    options.push([String(id), here ? `${name} (has ${has})` : `${name} (away)`, !here]);
  }
  return { name: "to", label: "To", kind: "select", options, needed: true };
}

function there(number) {
  return number ? `${number} at the desk` : "nobody at the desk";
}

function chosenOne(value) {
  return value.startsWith("team:") ? { team: Number(value.slice(5)) } : { to: Number(value) };
}
