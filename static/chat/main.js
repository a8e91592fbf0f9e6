// Puts the parts of the chat page together.

import { AttachTray } from "./attach-tray.js";
import { Announcer } from "./announcer.js";
import { Api } from "./api.js";
import { ChatMenu } from "./chat-menu.js";
import { ChatView } from "./chat-view.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { Identity } from "./identity.js";
import { forgetOldFiles } from "./file-store.js";
import { IncidentBanner } from "./incident-banner.js";
import { openLinkedChat } from "./mail-link.js";
import { Outbox } from "./outbox.js";
import { PersonBar } from "./person.js";
import { Requests } from "./requests.js";
import { wireSchemeButton } from "./scheme-button.js";
import { Session } from "./session.js";
import { Signals } from "./signals.js";
import { SolvedBar } from "./solved-bar.js";
import { onChange } from "./storage.js";
import { findOutWhoIsHere } from "./subject.js";
import { language, TEXTS } from "./texts.js";
import { WidgetBridge } from "./widget.js";

const LATER_MILLISECONDS = 5_000;
const BANNER_MILLISECONDS = 20_000;
const find = (id) => document.getElementById(id);
const limit = Number(document.documentElement.dataset.maxCharacters);

openLinkedChat();
await findOutWhoIsHere();
const session = new Session();
const api = new Api(session);
const conversation = new Conversation();
const outbox = new Outbox();
const connection = new Connection(
  api,
  () =>
    session.conversation && {
      token: session.token,
      conversation: session.conversation,
      last_seq: conversation.resumeFrom(),
      language,
    },
  regain,
);
const announcer = new Announcer(find("announcer"));
const requests = new Requests({ session, api, conversation, outbox, connection });
const signals = new Signals({ session, api, conversation });
const view = new ChatView({ conversation, outbox, connection, requests, announcer, signals });
let tray = null;
const composer = new Composer(
  {
    form: find("composer"),
    box: find("box"),
    button: find("send"),
    counter: find("counter"),
    problem: find("box-problem"),
  },
  {
    limit,
    send: (text) => {
      view.thread.toNewest();
      requests.send(text, tray?.take() ?? []);
    },
    typing: () => requests.typing(),
    hasFiles: () => tray?.files.length > 0,
  },
);
tray = find("attach") && makeTray();

function makeTray() {
  const { fileBytes, filesMost } = document.documentElement.dataset;
  forgetOldFiles();
  return new AttachTray(
    {
      control: find("attach"),
      input: find("file"),
      list: find("tray"),
      box: find("box"),
      chat: find("chat"),
    },
    { mostBytes: Number(fileBytes), mostFiles: Number(filesMost) },
    {
      changed: () => composer.refresh(),
      problem: (text) => composer.tell(text),
      said: (text) => announcer.say(text),
      focus: () => composer.focus(),
      owner: () => session.subject,
    },
  );
}
const person = new PersonBar(
  {
    who: find("who"),
    ask: find("person"),
    waiting: find("waiting"),
    withdraw: find("withdraw"),
    typing: find("typing"),
    box: find("box"),
  },
  { ask: () => requests.escalate(), withdraw: () => requests.withdraw() },
);

const incident = new IncidentBanner(find("incident-banner"));

/** Look at the banner again where no connection tells of it. */
async function lookAtBanner() {
  if (session.conversation || document.hidden) return;
  const frame = await api.banner().catch(() => null);
  if (frame && !session.conversation) conversation.receive(frame);
}

/** What stands there while a person is waited for comes when it is first needed. */
async function showWaiting(detail) {
  if (conversation.owner !== "waiting" && !waitingBar) return;
  const { WaitingBar } = await import("./waiting-bar.js").catch(() => ({}));
  if (!WaitingBar) return;
  waitingBar ??= new WaitingBar(find("waiting"), {
    leave: (email) => requests.leaveEmail(email),
    said: (text) => announcer.say(text),
  });
  waitingBar.show(detail);
}

let waitingBar = null;
for (const name of ["owner", "place"])
  conversation.addEventListener(name, ({ detail }) => showWaiting(detail));

view.edit = (item) => {
  tray?.putBack(item.files);
  if (item.text) composer.fill(item.text);
  composer.focus();
};
conversation.addEventListener("owner", ({ detail }) => person.show(detail));
conversation.addEventListener("banner", ({ detail }) => incident.show(detail));
conversation.addEventListener("typing", () => person.showTyping());
conversation.addEventListener("message", ({ detail }) => {
  if (detail.message.role === "agent") person.typingEnds();
});
requests.addEventListener("problem", ({ detail }) => {
  person.release();
  view.showProblem(detail);
});

const widget = new WidgetBridge(
  { session, api, conversation, closeButton: find("close-chat") },
  { focus: () => composer.focus() },
);

/** Say whether the chat helped. Returns whether that arrived. */
async function rateChat(values) {
  try {
    await api.rateChat(session.conversation, values);
    solved.done();
    return true;
  } catch (problem) {
    view.showProblem({ text: problem.message });
    return false;
  }
}

const solved = new SolvedBar(find("solved"), {
  session,
  conversation,
  send: rateChat,
  more: (was) => menu.open("askSolved", was),
});
const menu = new ChatMenu(
  { session, api, announcer },
  {
    show: (id) => {
      session.show(id);
      showChat();
      composer.focus();
    },
    erased: (left) => {
      session.drop(left);
      showChat();
      composer.focus();
      if (!left) identity.again();
    },
    rate: rateChat,
    problem: (problem) => view.showProblem({ text: problem.message }),
    said: (text) => announcer.say(text),
  },
);

const identity = new Identity(
  { session, api, connection },
  {
    /** The same chat goes on as the customer's, or another one is shown. */
    became: (before, same) => {
      if (session.conversation !== before) return showChat();
      if (same && connection.online) return connection.use(session.token);
      outbox.open(session.conversation, session.subject);
      connection.restart();
      widget.begun();
    },
    /** Somebody else is signed in: not even a half written word of before stays. */
    reload: () => {
      connection.stop();
      tray?.take();
      for (const box of document.querySelectorAll("input, textarea")) box.value = "";
      location.reload();
    },
  },
);

/** The server has refused our token: get the next one, or take what another tab has got. */
async function regain(problem, refused) {
  await session.whenSettled();
  if (session.token && session.token !== refused) return "again";
  if (problem.status !== 401) return "lost";
  const found = await session.renew();
  return { renewed: "again", unreachable: "later" }[found] ?? "lost";
}

/** The server knows this visitor or chat no more. */
async function lost() {
  const found = await identity.again();
  if (found === "in") return;
  if (found === "later") {
    setTimeout(() => connection.start(), LATER_MILLISECONDS);
    return;
  }
  if (session.subject && (await session.renew()) === "ended") {
    // Nothing is forgotten or sent before the host page has said who is here now.
    connection.stop();
    view.showProblem({ text: TEXTS.signInAgain });
    return;
  }
  const hadMessages = conversation.messages.size > 0;
  outbox.release();
  if (session.subject) session.drop(1);
  else session.forget();
  showChat();
  if (hadMessages) view.showProblem({ text: TEXTS.chatGone });
  requests.flush();
}

function showChat() {
  conversation.clear();
  view.clear();
  person.show(conversation);
  outbox.open(session.conversation, session.subject);
  find("previous-chat").hidden = !session.previous || Boolean(session.conversation);
  solved.hide();
  connection.start();
  widget.begun();
  signals.back();
}

find("new-chat").addEventListener("click", () => {
  if (session.conversation) session.leave();
  showChat();
  composer.focus();
});
find("previous-chat").addEventListener("click", () => {
  session.goBack();
  showChat();
  composer.focus();
});
find("welcome").addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-subject], [data-question]")?.dataset;
  if (pressed?.subject) composer.fill(pressed.subject);
  if (!pressed?.question) return;
  requests.send(pressed.question);
  composer.focus();
});
// Deleted in another tab.
connection.addEventListener("frame", ({ detail }) => {
  if (detail.type !== "erased") return;
  session.drop(detail.chats_left);
  showChat();
});
requests.addEventListener("begun", () => widget.begun());
onChange("conversation", () => {
  if (session.join()) showChat();
});
connection.addEventListener("lost", lost);
requests.addEventListener("unknown", lost);
for (const id of ["new-chat", "person"]) find(id).hidden = false;
setInterval(lookAtBanner, BANNER_MILLISECONDS);
document.addEventListener("visibilitychange", lookAtBanner);
wireSchemeButton(find("scheme-button"));
showChat();
identity.begin();
