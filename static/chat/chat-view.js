// Shows the conversation and the outbox in the thread, and says what has happened.

import { forgetFile } from "./file-store.js";
import { DraftView } from "./draft-view.js";
import { plainText, renderMessage, renderUnsent } from "./message-view.js";
import { Thread } from "./thread.js";
import { sendingAgainIn, sentence, TEXTS } from "./texts.js";

const find = (id) => document.getElementById(id);
const DRAFT = "draft";
// Unsent messages keep their order among themselves within a stretch of this length.
const KEEP_ORDER_MILLISECONDS = 30 * 24 * 3600 * 1000;
// Short losses are mended before anybody needs to know.
const BANNER_MILLISECONDS = 1200;

export class ChatView {
  constructor({ conversation, outbox, connection, requests, announcer, signals }) {
    Object.assign(this, { conversation, outbox, connection, requests, announcer, signals });
    this.thread = new Thread({
      scroller: find("thread"),
      list: find("messages"),
      newest: find("to-newest"),
      newestLabel: find("to-newest-label"),
    });
    this.panel = null;
    this.edit = () => {};
    this.acts = this.#acts();
    conversation.addEventListener("message", ({ detail }) => this.#showMessage(detail));
    conversation.addEventListener("draft", () => this.#showDraft());
    conversation.addEventListener("rated", ({ detail }) => this.#rated(detail));
    outbox.addEventListener("item", ({ detail }) => this.#showItem(detail));
    requests.addEventListener("progress", ({ detail }) => this.#showProgress(detail));
    connection.addEventListener("online", () => this.#connected());
    connection.addEventListener("offline", () => this.#disconnected());
    addEventListener("offline", () => this.#showBanner(TEXTS.offline));
    addEventListener("online", () => connection.online && this.#connected());
    setInterval(() => this.#countDown(), 1000);
  }

  clear() {
    this.draft = null;
    this.thread.clear();
    if (this.panel?.dialog.open) this.panel.close();
    this.#hideBanner();
    this.showProblem(null);
    this.#showWelcome();
  }

  /** Show what went wrong with something that has no place of its own. */
  showProblem(problem) {
    if (problem) this.#refreshUnsent();
    const place = find("page-problem");
    place.textContent = problem ? problem.text || TEXTS.requestNotSent : "";
    place.hidden = !problem;
  }

  /** The panel comes when the first source is opened. */
  async #openSource(citation, citations) {
    try {
      const { CitationsPanel } = await import("./citations-panel.js");
      this.panel ??= new CitationsPanel(find("sources"));
    } catch {
      this.showProblem({ text: TEXTS.requestNotSent });
      return;
    }
    this.panel.open(citation, citations);
  }

  #acts() {
    const { requests } = this;
    return {
      openSource: (citation, citations, message) => {
        this.#openSource(citation, citations);
        this.signals.note("source_opened", message, citation.marker);
      },
      copied: (message) => this.signals.note("copied", message),
      loadFile: (file) => requests.file(file),
      problem: (text) => this.showProblem({ text }),
      retry: (message) => requests.retry(message),
      rate: (message, values) => requests.rate(message, values),
      ask: (text) => requests.send(text),
      askPerson: () => requests.escalate(),
      submitDetails: (note) => requests.escalate(note),
      said: (text) => this.announcer.say(text),
      resend: (item) => requests.resend(item),
      remove: (item) => {
        requests.remove(item);
        item.files.forEach(({ id }) => forgetFile(id));
        this.#removeItem(item);
        find("box").focus();
      },
      edit: (item) => {
        this.requests.uploads?.cancel(item);
        this.#removeItem(item);
        this.edit(item);
      },
    };
  }

  #showMessage({ message, fresh }) {
    const key = message.client_id ?? message.id;
    const wasShown = message.kind === "final" && this.draft?.draft?.text;
    this.thread.markDay(message.created_at, message.seq);
    const element = renderMessage(message, this.acts);
    this.thread.put(key, message.seq, element);
    this.#showWelcome();
    // A message on its way may come back from the server with its answer: then nothing is written.
    this.#showDraft();
    if (!fresh) return;
    this.showProblem(null);
    if (message.role === "customer") return;
    // After the draft has gone, so that the heights are right.
    queueMicrotask(() => this.thread.arrived(element, { wasShown }));
    this.announcer.say(spoken(message));
    this.announcer.notice();
  }

  #showItem(item) {
    // After the message it was written after, and after earlier unsent ones: 0.5 + (0 to 0.1).
    const order =
      item.afterSeq +
      0.5 +
      (item.createdAt % KEEP_ORDER_MILLISECONDS) / KEEP_ORDER_MILLISECONDS / 10;
    this.thread.put(item.clientId, order, renderUnsent(item, this.connection.online, this.acts));
    if (item.state === "failed") this.announcer.say(`${TEXTS.notSent}. ${item.problem}`);
    this.#showWelcome();
    this.#showDraft();
  }

  #removeItem(item) {
    this.outbox.acknowledge(item.clientId);
    this.thread.remove(item.clientId);
    this.#showWelcome();
  }

  /** Show what is being written; also, at once, that a message on its way will be answered. */
  #showDraft() {
    const { draft, owner } = this.conversation;
    const { connection, requests } = this;
    const reachable = connection.online || (connection.attempt === 0 && !requests.stuck);
    const onItsWay = owner === "bot" && reachable && this.outbox.due().length > 0;
    const shown = draft ?? (onItsWay ? { question: null, text: "", stage: "waiting" } : null);
    if (!shown) {
      this.draft = null;
      this.thread.remove(DRAFT);
      return;
    }
    if (!this.draft) {
      this.draft = new DraftView(() => this.#stop());
      this.thread.put(DRAFT, Infinity, this.draft.element);
    }
    this.draft.show(shown);
  }

  #stop() {
    const { question } = this.draft.draft;
    if (question) this.requests.stop(question);
    find("box").focus();
  }

  #rated({ id, rating }) {
    this.thread.get(id)?.rating?.recorded(rating);
  }

  #showWelcome() {
    find("welcome").hidden = this.thread.entries.size > 0;
  }

  /** Show how far the files of a message are. */
  #showProgress({ item, percent }) {
    const place = this.thread.get(item.clientId)?.querySelector(".status-text");
    if (place && percent < 100) place.textContent = sentence("sendingFiles", { percent });
  }

  /** Show the seconds of messages that the rate limit holds back. */
  #countDown() {
    for (const item of this.outbox.items.values()) {
      const seconds = Math.ceil((item.sendAt - Date.now()) / 1000);
      const place = this.thread.get(item.clientId)?.querySelector(".status-text");
      if (place && seconds > 0) place.textContent = sendingAgainIn(seconds);
    }
  }

  #connected() {
    const wasShown = !find("connection-banner").hidden;
    this.#hideBanner();
    if (wasShown) this.announcer.say(TEXTS.back);
    this.#refreshUnsent();
  }

  #refreshUnsent() {
    this.outbox.items.forEach((item) => this.#showItem(item));
  }

  #disconnected() {
    this.#refreshUnsent();
    this.bannerTimer ??= setTimeout(
      () => this.#showBanner(navigator.onLine ? TEXTS.reconnecting : TEXTS.offline),
      BANNER_MILLISECONDS,
    );
  }

  #showBanner(text) {
    const banner = find("connection-banner");
    banner.textContent = text;
    banner.hidden = false;
  }

  #hideBanner() {
    clearTimeout(this.bannerTimer);
    this.bannerTimer = null;
    find("connection-banner").hidden = true;
  }
}

function spoken(message) {
  if (message.kind === "notice") return plainText(message);
  const who = message.role === "agent" ? message.author || TEXTS.person : TEXTS.assistant;
  return `${who}: ${plainText(message)}`;
}
