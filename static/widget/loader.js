// The widget's loader. It runs in a page that is not ours, so it takes nothing from it for granted:
// no Promise, no JSON, no array methods, no style sheet of the page, no `append`, which old libraries
// have their own of; and it leaves nothing behind
// but one element and window.supportbot. The server puts the site's values in place of CONFIG.
(function (config) {
  "use strict";

  const PREFIX = `supportbot.${config.key}.`;
  const PHONE = "(max-width: 480px), (max-height: 420px)";
  const BACKGROUND_MILLISECONDS = 2000;
  const ADDRESS_MILLISECONDS = 1000;
  const MOST_VALUE_CHARACTERS = 300;
  const MOST_TOKEN_CHARACTERS = 10000;
  const waiting = window.supportbot;
  if (waiting && waiting.version) return;
  const script = document.currentScript || document.querySelector("script[src*='/widget.js']");

  const handlers = { ready: [], open: [], close: [], message: [], unread: [], identity: [] };
  const state = { open: false, ready: false, unread: 0, identity: null, values: {}, address: "" };
  // Who is signed in: a token of the page's server; `out` until the chat has forgotten who was.
  const signedIn = { token: null, out: kept("out") === "1", told: null };
  const words = wordsOf(languageOf());
  let frame = null;
  let loaded = "";
  // Whether the page in the frame is ours and listens; before that nothing is said to it.
  let greeted = false;
  // Set while the chat, opened by hand, is still loading.
  let focusLater = false;

  const host = document.createElement("div");
  host.setAttribute("data-supportbot", "");
  // An inline value marked important wins over every rule of the page.
  pin(host, {
    all: "initial",
    display: "block",
    position: "fixed",
    bottom: "0",
    [config.position]: "0",
    width: "0",
    height: "0",
    "z-index": "2147483647",
    direction: "ltr",
  });
  const root = host.attachShadow({ mode: "open" });
  const area = element("section", { "aria-label": words.label });
  const launcher = element("button", { type: "button", class: "launcher" });
  const badge = element("span", { class: "badge", "aria-hidden": "true" });
  const label = element("span", { class: config.launcher ? "label" : "hidden" });
  launcher.appendChild(sign());
  launcher.appendChild(label);
  launcher.appendChild(badge);
  area.appendChild(launcher);
  dress();
  root.appendChild(area);
  launcher.addEventListener("click", () => (state.open ? close() : open(true)));
  launcher.addEventListener("keydown", (event) => event.key === "Escape" && close());
  window.addEventListener("message", take);
  setInterval(lookAtAddress, ADDRESS_MILLISECONDS);

  window.supportbot = Object.freeze({
    version: 1,
    open: () => open(true),
    close,
    identify,
    setContext,
    on,
  });
  place();
  replay();

  /** Put the element in, last of all, outside the body that frameworks own. */
  function place() {
    document.documentElement.appendChild(host);
    showLauncher();
    // Another tab or page left it open: it opens again, and the focus stays where it is.
    if (kept("open") === "1" && !matchMedia(PHONE).matches) open(false);
    // A chat goes on: count unseen what came meanwhile, without the chat itself.
    else if (kept("chat") === "1" || signedIn.out)
      setTimeout(() => frame || load("/watch"), BACKGROUND_MILLISECONDS);
  }

  /** Carry out what the page asked for before this script was there: [["identify", {...}], ...]. */
  function replay() {
    if (!waiting || typeof waiting.length !== "number") return;
    for (let at = 0; at < waiting.length; at += 1) {
      const call = waiting[at];
      if (call && Object.hasOwn(window.supportbot, call[0]))
        window.supportbot[call[0]](call[1], call[2]);
    }
  }

  /** Load a page of ours into a frame of its own; `what` is the end of its address. */
  function load(what) {
    if (frame) area.removeChild(frame);
    loaded = what;
    greeted = false;
    frame = element("iframe", {
      title: words.label,
      allow: "clipboard-write",
      // So that our server can tell and log where the chat is shown.
      referrerpolicy: "strict-origin",
      src: `${config.base}/widget/${config.key}${what}`,
    });
    frame.hidden = true;
    area.appendChild(frame);
  }

  function open(withFocus) {
    if (state.open) return;
    if (!frame || loaded === "/watch") load(words.chosen ? `?lang=${words.language}` : "");
    state.open = true;
    keep("open", "1");
    frame.hidden = false;
    countUnread(0);
    showLauncher();
    focusLater = withFocus;
    if (withFocus) frame.focus();
    post("opened", { focus: withFocus });
    tell("open");
  }

  function close() {
    if (!state.open) return;
    state.open = false;
    keep("open", null);
    const hadFocus = root.activeElement === frame;
    frame.hidden = true;
    showLauncher();
    if (hadFocus) launcher.focus();
    post("closed");
    tell("close");
  }

  /** {token}: verified; {name, email}: only stated; null: nobody is signed in any more. */
  function identify(who) {
    if (who === null || who === undefined) signOut();
    else if (typeof who.token === "string") signIn(who.token);
    else stated(who);
  }

  function signIn(token) {
    signedIn.token = token.slice(0, MOST_TOKEN_CHARACTERS);
    post("token", { token: signedIn.token, out: signedIn.out });
  }

  /** Kept until it is done, since pages often go elsewhere right after it. */
  function signOut() {
    state.identity = signedIn.token = null;
    if (!kept("known")) return post("token", { token: null, out: true });
    signedIn.out = true;
    keep("out", "1");
    countUnread(0);
    if (frame) post("token", { token: null, out: true });
    else load("/watch");
  }

  function stated(who) {
    state.identity = { name: text(who && who.name), email: text(who && who.email) };
    post("identity", state.identity);
  }

  function setContext(values) {
    if (typeof values !== "object") return;
    for (const name in values) {
      if (!Object.hasOwn(values, name)) continue;
      const value = text(values[name]);
      if (value) state.values[name] = value;
      else delete state.values[name];
    }
    post("values", { values: { ...state.values } });
  }

  /** Call `handler` at each `name`; the function that comes back ends that. */
  function on(name, handler) {
    const list = Object.hasOwn(handlers, name) ? handlers[name] : null;
    if (!list || typeof handler !== "function") return () => {};
    list[list.length] = handler;
    if (name === "ready" && state.ready) call(handler);
    if (name === "identity" && signedIn.told) call(handler, signedIn.told);
    const at = list.length - 1;
    return () => {
      list[at] = null;
    };
  }

  function tell(name, detail) {
    const list = handlers[name];
    for (let at = 0; at < list.length; at += 1) if (list[at]) call(list[at], detail);
  }

  /** A mistake in the page's own function is the page's and must not stop ours. */
  function call(handler, detail) {
    try {
      handler(detail);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  }

  function take(event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== config.base) return;
    const message = event.data;
    if (!message || typeof message.supportbot !== "string") return;
    if (message.supportbot === "ready") greet();
    else if (message.supportbot === "close") close();
    else if (message.supportbot === "unread") countUnread(message.count);
    else if (message.supportbot === "chat") keep("chat", message.going ? "1" : null);
    else if (message.supportbot === "language") keep("language", message.language);
    else if (message.supportbot === "message") tell("message", { role: message.role });
    else if (message.supportbot === "identity") heard(message);
    else if (message.supportbot === "keep") keepForFrame(message.name, message.value);
  }

  /** The chat says how it went: verified, anonymous, refused or expired. */
  function heard(message) {
    const known = message.state === "verified" || message.state === "expired";
    if (known) keep("known", "1");
    if (message.state === "anonymous") keep("known", null);
    if (known || message.state === "anonymous") {
      signedIn.out = false;
      keep("out", null);
    }
    const { state: now, code, text: said } = message;
    signedIn.told = { state: text(now), code: text(code), text: text(said) };
    tell("identity", signedIn.told);
  }

  function greet() {
    state.address = location.href;
    greeted = true;
    post("hello", {
      open: state.open,
      focus: focusLater,
      page: { url: location.href, title: document.title },
      identity: state.identity,
      token: signedIn.token,
      out: signedIn.out,
      values: { ...state.values },
      kept: keptForFrame(),
    });
    focusLater = false;
    if (state.ready || loaded === "/watch") return;
    state.ready = true;
    tell("ready");
  }

  function post(type, detail) {
    if (greeted && frame.contentWindow)
      frame.contentWindow.postMessage({ ...detail, supportbot: type }, config.base);
  }

  /** Pages that change their address without loading tell nobody. */
  function lookAtAddress() {
    if (!state.ready || state.address === location.href) return;
    state.address = location.href;
    post("page", { page: { url: location.href, title: document.title } });
  }

  function countUnread(count) {
    const now = state.open ? 0 : Math.max(0, count | 0);
    if (now === state.unread) return;
    state.unread = now;
    showLauncher();
    tell("unread", { count: now });
  }

  function showLauncher() {
    const { open, unread } = state;
    launcher.setAttribute("aria-expanded", String(open));
    launcher.classList.toggle("is-open", open);
    badge.textContent = unread > 9 ? "9+" : String(unread);
    badge.hidden = unread === 0;
    if (config.launcher) label.textContent = config.launcher;
    else label.textContent = open ? words.close : words.open;
    const name = open ? words.close : config.launcher || words.open;
    launcher.setAttribute("aria-label", unread ? `${name}, ${words.unread}: ${unread}` : name);
  }

  // --- where the browser keeps things ---

  function kept(name) {
    try {
      return localStorage.getItem(PREFIX + name);
    } catch {
      return null;
    }
  }

  function keep(name, value) {
    try {
      if (value) localStorage.setItem(PREFIX + name, value);
      else localStorage.removeItem(PREFIX + name);
    } catch {
      // Storage is refused: the widget begins closed on the next page.
    }
  }

  /** A browser that refuses our frame storage leaves its few values here; nothing written. */
  function keepForFrame(name, value) {
    if (typeof name === "string") keep(`kept.${name}`, typeof value === "string" ? value : null);
  }

  function keptForFrame() {
    const found = {};
    try {
      const start = `${PREFIX}kept.`;
      for (let at = 0; at < localStorage.length; at += 1) {
        const name = localStorage.key(at);
        if (name.startsWith(start)) found[name.slice(start.length)] = localStorage.getItem(name);
      }
    } catch {
      // Then the chat lives as long as the page.
    }
    return found;
  }

  // --- words ---

  /** The customer's choice, the page's word, the browser's languages, the site's own. */
  function languageOf() {
    const said = kept("language") || (script && script.getAttribute("data-language")) || "";
    const wishes = [said];
    const accepted = navigator.languages || [];
    for (let at = 0; at < accepted.length; at += 1) wishes[at + 1] = accepted[at];
    for (let at = 0; at < wishes.length; at += 1) {
      const base = wishes[at].toLowerCase().split("-")[0];
      if (Object.hasOwn(config.words, base)) return { language: base, chosen: at === 0 };
    }
    return { language: config.language, chosen: false };
  }

  function wordsOf({ language, chosen }) {
    return { ...config.words[language], language, chosen };
  }

  function text(value) {
    if (value === null || value === undefined || typeof value === "object") return "";
    return String(value).slice(0, MOST_VALUE_CHARACTERS);
  }

  // --- elements ---

  function element(tag, attributes) {
    const made = document.createElement(tag);
    for (const name in attributes) {
      if (Object.hasOwn(attributes, name)) made.setAttribute(name, attributes[name]);
    }
    return made;
  }

  function pin(target, styles) {
    for (const name in styles) {
      if (Object.hasOwn(styles, name)) target.style.setProperty(name, styles[name], "important");
    }
  }

  function sign() {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const lines = ["M7.9 20A9 9 0 1 0 4 16.1L2 22Z", "m6 6 12 12M18 6 6 18"];
    for (let at = 0; at < lines.length; at += 1) {
      const path = document.createElementNS(space, "path");
      path.setAttribute("d", lines[at]);
      path.setAttribute("class", at ? "cross" : "bubble");
      svg.appendChild(path);
    }
    return svg;
  }

  /** A sheet made here is allowed by every policy; a <style> element is not. */
  function dress() {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(config.css);
      root.adoptedStyleSheets = [sheet];
    } catch {
      const style = element("style", {});
      style.textContent = config.css;
      root.appendChild(style);
    }
    pin(launcher, { [config.position]: "20px", background: config.accent, color: config.text });
    area.className = config.position;
  }
})(CONFIG);
