// One stored message as an element. Built anew whenever the message changes.

import { wireMarkers, sourceList } from "./citations.js";
import { detailsForm } from "./details-form.js";
import { fileList } from "./file-list.js";
import { button, icon, make, setIcon, trustedHtml } from "./dom.js";
import { Rating } from "./rating.js";
import { CONFIDENCE, language, noticeText, TEXTS } from "./texts.js";

const WITH_CONFIDENCE = new Set(["answer", "extract"]);

/**
 * Return the element of `message`. `acts` are what the customer can do from it: openSource,
 * retry, rate, askPerson, submitDetails, said.
 */
export function renderMessage(message, acts) {
  if (message.role === "customer") return renderOwn(message, acts);
  if (message.role === "system" || message.kind === "notice") return renderNotice(message);
  return renderReply(message, acts);
}

function renderOwn(message, acts) {
  const stopped = message.state === "stopped";
  const status = make("p", { className: "status" }, clockTime(message.created_at));
  if (stopped) {
    status.append(
      TEXTS.stopped,
      button("rotate-ccw", TEXTS.tryAgain, () => acts.retry(message)),
    );
  } else {
    const sent = make("span", { className: "visually-hidden" }, TEXTS.sent);
    status.append(icon("check"), sent);
  }
  return ownBubble(message.text, message.attachments ?? [], status, acts);
}

/** Return the element of an item of the outbox: sending, waiting, or refused. */
export function renderUnsent(item, online, acts) {
  const status = make("p", { className: "status" });
  if (item.state === "failed") {
    status.classList.add("failed");
    status.append(
      icon("triangle-alert"),
      make("span", {}, `${TEXTS.notSent}. ${item.problem}`),
      button("rotate-ccw", TEXTS.tryAgain, () => acts.resend(item)),
      button("pencil", TEXTS.edit, () => acts.edit(item)),
      button("trash-2", TEXTS.remove, () => acts.remove(item)),
    );
  } else {
    status.append(
      icon("clock"),
      make("span", { className: "status-text" }, online ? TEXTS.sending : TEXTS.waitingToSend),
    );
    if (item.files.length)
      status.append(button("x", TEXTS.cancelSending, () => acts.remove(item)));
  }
  const files = item.files.map((file) => ({ ...file, client_id: file.id, width: 0 }));
  return ownBubble(item.text, files, status, acts);
}

function ownBubble(text, files, status, acts) {
  return make(
    "li",
    { className: "message own" },
    make("p", { className: "visually-hidden" }, TEXTS.you),
    text ? make("div", { className: "bubble", dir: "auto" }, text) : null,
    filesOf(files, acts),
    status,
  );
}

function filesOf(files, acts) {
  if (!files?.length) return null;
  return fileList(files, { load: acts.loadFile, problem: acts.problem });
}

function renderNotice(message) {
  const when = new Date(message.created_at).toLocaleString();
  return make(
    "li",
    { className: message.code === "banner" ? "message notice incident" : "message notice" },
    make("p", { title: when }, noticeText(message.code, plainText(message))),
  );
}

function renderReply(message, acts) {
  const isAgent = message.role === "agent";
  if (message.withdrawn) return renderWithdrawn(message, isAgent);
  const body = make("div", { className: "prose", dir: "auto" });
  if (message.html) trustedHtml(body, message.html);
  else body.textContent = message.text;
  const main = make("div", { className: "reply" }, replyHead(message, isAgent), body);
  const element = make(
    "li",
    { className: `message ${isAgent ? "agent" : "assistant"}` },
    face(message, isAgent),
    main,
  );
  finishBody(body, acts);
  body.hidden = !message.text && Boolean(message.attachments?.length);
  const files = filesOf(message.attachments, acts);
  if (files) main.append(files);
  if (message.answer) addAnswerParts(main, body, message, acts);
  main.append(footer(message, body, element, acts));
  return element;
}

function renderWithdrawn(message, isAgent) {
  const body = make("div", { className: "prose" }, make("p", {}, TEXTS.withdrawn));
  return make(
    "li",
    { className: "message agent" },
    face(message, isAgent),
    make("div", { className: "reply" }, replyHead(message, isAgent), body),
  );
}

function replyHead(message, isAgent) {
  const who = isAgent ? message.author || TEXTS.person : TEXTS.assistant;
  const head = make("p", { className: "reply-who" }, who);
  if (message.edited && !message.withdrawn) head.append(` (${TEXTS.edited})`);
  if (message.answer?.disposition !== "extract") return head;
  const label = make("span", { className: "label" }, icon("quote"), TEXTS.quoted);
  return make("div", { className: "reply-head" }, head, label);
}

/** The agent's face is the first letters of the name; the assistant has a mark. */
export function face(message, isAgent) {
  if (!isAgent)
    return make("span", { className: "mark small", "aria-hidden": "true" }, icon("life-buoy"));
  const words = (message.author || TEXTS.person).split(/\s+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0].toUpperCase());
  return make("span", { className: "face", "aria-hidden": "true" }, letters.join(""));
}

function finishBody(body, acts) {
  for (const link of body.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  for (const table of body.querySelectorAll("table")) {
    const wrapper = make("div", {
      className: "wide",
      tabIndex: 0,
      role: "group",
      "aria-label": TEXTS.table,
    });
    table.replaceWith(wrapper);
    wrapper.append(table);
  }
  for (const code of body.querySelectorAll("pre")) {
    code.tabIndex = 0;
    const holder = make("div", { className: "code" });
    code.replaceWith(holder);
    holder.append(
      code,
      copyButton(TEXTS.copyCode, () => code.textContent, acts),
    );
  }
}

function addAnswerParts(main, body, message, acts) {
  const { answer } = message;
  const citations = answer.citations ?? [];
  const open = (citation) => acts.openSource(citation, citations, message);
  wireMarkers(body, citations, open);
  if (citations.length) main.append(sourceList(citations, TEXTS.sources, open));
  const [name, words] = CONFIDENCE[answer.confidence_level] ?? [];
  if (words && citations.length && WITH_CONFIDENCE.has(answer.disposition)) {
    main.append(
      make("p", { className: `confidence ${answer.confidence_level}` }, icon(name), words),
    );
  }
  if (answer.disposition === "clarify" && answer.alternatives?.length) {
    main.append(choices(answer.alternatives, acts));
  }
  if (answer.disposition !== "clarify" && answer.related?.length) main.append(relatedList(answer.related));
  if (answer.form_fields?.length) {
    main.append(detailsForm(answer.form_fields, (note) => acts.submitDetails(note)));
  } else if (answer.human_offered && answer.disposition !== "escalate") {
    main.append(
      button("headset", TEXTS.askPerson, () => acts.askPerson(), {
        className: "main-button offer",
      }),
    );
  }
}

/** What the customer may have meant; pressing one asks it. */
function choices(alternatives, acts) {
  const items = alternatives.map((text) =>
    make(
      "li",
      {},
      make("button", { type: "button", className: "subject", onclick: () => acts.ask(text) }, text),
    ),
  );
  return make("ul", { className: "subjects", "aria-label": TEXTS.choices }, ...items);
}

/** Other pages, for a reply that may not be what the customer needs. */
function relatedList(related) {
  const items = related.map(({ title, url }) =>
    make("li", {}, /^https?:/.test(url) ? link(title, url) : title),
  );
  const heading = make("p", { className: "related-heading" }, TEXTS.related);
  return make("div", { className: "related" }, heading, make("ul", {}, ...items));
}

function link(title, url) {
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, title);
}

function footer(message, body, element, acts) {
  const foot = make("div", { className: "reply-foot" });
  if (message.role === "assistant") {
    foot.append(copyButton(TEXTS.copy, () => copyText(message), acts, () => acts.copied(message)));
  }
  let rating = null;
  if (message.answer) {
    const send = (values) => acts.rate(message, values);
    rating = new Rating(ratingOf(message.answer.feedback), send, acts.said);
    foot.append(...rating.buttons);
  }
  foot.append(clockTime(message.created_at));
  if (!rating) return foot;
  element.rating = rating;
  return make("div", {}, foot, rating.more);
}

function ratingOf(feedback) {
  return typeof feedback === "number" ? feedback : (feedback?.rating ?? 0);
}

function copyButton(label, text, acts, done = () => {}) {
  const control = button("copy", label, copy, { labelled: false, className: "icon-button" });
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      acts.said(TEXTS.notCopied);
      control.title = TEXTS.notCopied;
      return;
    }
    setIcon(control, "check");
    acts.said(TEXTS.copied);
    done();
    setTimeout(() => setIcon(control, "copy"), 2000);
  }
  return control;
}

/** The answer without its markers, and where it comes from. */
function copyText(message) {
  const sources = (message.answer?.citations ?? []).map(({ title, url }) =>
    url ? `${title}: ${url}` : title,
  );
  const text = message.text.replace(/\s?\[\d{1,2}\]/g, "");
  return sources.length ? `${text}\n\n${TEXTS.sources}: ${[...new Set(sources)].join("; ")}` : text;
}

/** Return what is read out for a message: its words without markers and markup. */
export function plainText(message) {
  const named = (message.attachments ?? []).map(({ name }) => name).join(", ");
  const words = wordsOf(message);
  return named ? `${words} ${named}`.trim() : words;
}

function wordsOf(message) {
  if (!message.html) return message.text;
  const holder = document.createElement("div");
  trustedHtml(holder, message.html);
  for (const number of holder.querySelectorAll("button")) number.remove();
  return holder.textContent.trim();
}

function clockTime(iso) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return null;
  const time = moment.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
  return make("time", { dateTime: iso, title: moment.toLocaleString() }, time);
}
