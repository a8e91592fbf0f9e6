// The REST interface, /api/v1/. Every call has a deadline and fails with an ApiProblem.

import { errorText, language } from "./texts.js";

const ROOT = "/api/v1/";
const DEADLINE_MILLISECONDS = 10_000;
const FILE_MILLISECONDS = 60_000;
// The server holds a long poll for at most 25 s.
export const POLL_SECONDS = 25;

/** What went wrong: `status` is 0 when nothing was reached. */
export class ApiProblem extends Error {
  constructor(status, body = {}) {
    super(errorText(body.code, body.text ?? body.detail ?? ""));
    this.status = status;
    this.reason = body.reason;
    this.code = body.code ?? (status ? "refused" : "unreachable");
    this.retryAfterSeconds = body.retry_after_seconds ?? null;
  }
}

export class Api {
  /** `session` has the visitor's token, or null before there is one, and gets the next. */
  constructor(session) {
    this.session = session;
  }

  /** Begin a conversation, as the same visitor when there is a token. */
  createConversation() {
    const site = document.documentElement.dataset.site ?? "";
    return this.#call("POST", "conversations/", { site, language });
  }

  /** Have a token of the host page's server taken; `conversation` is the one that is shown. */
  identify(token, conversation) {
    const site = document.documentElement.dataset.site ?? "";
    return this.#call("POST", "visitors/identify/", { site, token, conversation });
  }

  /** Return this visitor's conversations, the newest first. */
  async conversations() {
    return (await this.#call("GET", "conversations/")).conversations;
  }

  /** Delete a conversation for good. Returns how many are left. */
  async erase(id) {
    return (await this.#call("DELETE", `conversations/${id}/`)).chats_left;
  }

  /** Return a conversation as plain text. */
  async transcript(id) {
    return (await this.#call("GET", `conversations/${id}/transcript/?lang=${language}`)).text;
  }

  /** Have a conversation sent to an address. */
  mailTranscript(id, email) {
    return this.#call("POST", `conversations/${id}/transcript/mail/`, { email, language });
  }

  /** Tell what was done with replies; `leaving`: the page is about to go. */
  signals(id, signals, { leaving = false } = {}) {
    const body = { signals };
    return this.#call("POST", `conversations/${id}/signals/`, body, { keepalive: leaving });
  }

  /** Return a file of a conversation as a blob. */
  file(id, file) {
    return this.#call("GET", `conversations/${id}/attachments/${file}/`, undefined, {
      deadline: FILE_MILLISECONDS,
      whole: true,
    });
  }

  /** Say where the customer is. */
  sendContext(id, context) {
    return this.#call("POST", `conversations/${id}/context/`, context);
  }

  /** Say whether the whole chat helped: {solved, stars, comment}. */
  rateChat(id, values) {
    return this.#call("POST", `conversations/${id}/rating/`, values);
  }

  /** Report a problem: {kind, text, message}. */
  report(id, values) {
    return this.#call("POST", `conversations/${id}/reports/`, values);
  }

  /** Return messages after `seq`, with the conversation's state; `wait` holds until it changes. */
  messages(id, seq, { wait = 0, signal, seen = false, changes = "" } = {}) {
    const values = { after: seq, language };
    if (wait) values.wait = wait;
    if (seen) values.seen = 1;
    if (changes) values.changes = changes;
    const query = `?${new URLSearchParams(values)}`;
    return this.#call("GET", `conversations/${id}/messages/${query}`, undefined, {
      signal,
      deadline: DEADLINE_MILLISECONDS + wait * 1000,
    });
  }

  send(id, clientId, text, attachments = []) {
    const body = { client_id: clientId, text, attachments };
    return this.#call("POST", `conversations/${id}/messages/`, body);
  }

  escalate(id, body) {
    return this.#call("POST", `conversations/${id}/escalate/`, body);
  }

  /** Have replies sent to an address too. */
  leaveEmail(id, body) {
    return this.#call("POST", `conversations/${id}/email/`, body);
  }

  /** Tell an agent that the customer is writing. */
  typing(id) {
    return this.#call("POST", `conversations/${id}/typing/`, {});
  }

  withdraw(id) {
    return this.#call("POST", `conversations/${id}/withdraw/`, {});
  }

  /** Return the banner about an incident. */
  banner() {
    return this.#call("GET", "banner/");
  }

  /** `verb` is stop, retry or feedback. */
  onMessage(id, verb, body = {}) {
    return this.#call("POST", `messages/${id}/${verb}/`, body);
  }

  async #call(method, path, body, options = {}) {
    await this.session.freshen();
    try {
      return await this.#send(method, path, body, options);
    } catch (problem) {
      if (problem.code !== "token_expired") throw problem;
      if ((await this.session.renew()) !== "renewed") throw problem;
      return this.#send(method, path, body, options);
    }
  }

  async #send(method, path, body, options) {
    const { signal, deadline = DEADLINE_MILLISECONDS, keepalive = false, whole = false } = options;
    const headers = { Accept: "application/json" };
    const { token } = this.session;
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const signals = [AbortSignal.timeout(deadline), ...(signal ? [signal] : [])];
    // Browsers of before 2024 know one signal only.
    const either = AbortSignal.any?.(signals) ?? signals.at(-1);
    let response;
    try {
      response = await fetch(ROOT + path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: either,
        credentials: "omit",
        cache: "no-store",
        keepalive,
      });
    } catch {
      throw new ApiProblem(0);
    }
    if (whole && response.ok) return response.blob();
    if (response.headers.get("Content-Type")?.startsWith("text/plain"))
      return { text: await response.text() };
    const content = await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiProblem(response.status, content);
    return content;
  }
}
