// Verified customers: the host page hands over a token that its server signed, the server takes us
// for that customer, and the host page is told how it went.
//
// Where somebody else was signed in before, everything of theirs is forgotten and the page begins
// anew, so that not even a half written word is left.

import { hostPage } from "./host-page.js";
import { endTokens } from "./renewal.js";
import { forgetEverything, someoneElse, subjectOf } from "./subject.js";

const LOOK_MILLISECONDS = 10_000;
const AGAIN_MILLISECONDS = 5_000;

export class Identity {
  /** `acts`: became(conversationBefore, sameCustomer), reload(). */
  constructor({ session, api, connection }, acts) {
    Object.assign(this, { session, api, connection, acts, exchanged: null, refused: null });
    setInterval(() => this.#keepFresh(), LOOK_MILLISECONDS);
    addEventListener("storage", ({ key }) => key?.endsWith(".subject") && this.#otherTab());
  }

  /** Listen to the host page; what it has said already counts. */
  begin() {
    for (const name of ["token", "hello"])
      hostPage.addEventListener(name, () => this.#told());
    hostPage.spoken.then(() => this.#told());
  }

  /** The server knows us no more: show it the host page's token. Returns "in", "later" or "out". */
  async again() {
    const was = this.session.subject;
    const { token } = hostPage;
    const found = token && token !== this.refused ? await this.#exchange(token) : "out";
    if (found === "out" && was) this.#report("expired");
    return found;
  }

  /** The host page has said who is signed in. */
  #told() {
    const { session } = this;
    if (this.leaving) return;
    if (someoneElse(session.subject)) {
      this.leaving = true;
      endTokens();
      session.signOut();
      forgetEverything().then(() => this.acts.reload());
      return;
    }
    if (hostPage.out && !hostPage.token) this.#report("anonymous");
    else if (hostPage.token && hostPage.token !== this.exchanged) this.#exchange(hostPage.token);
  }

  /** Have a token taken; until that is known nothing is sent. Returns as `again` does. */
  #exchange(token) {
    this.exchanged = token;
    const done = this.#taken(token);
    this.session.settled = done.catch(() => {});
    return done;
  }

  async #taken(token) {
    const { session } = this;
    // Whoever is unknown keeps the chats they began: one that begins just now comes along.
    await session.starting?.catch(() => {});
    const { conversation, subject } = session;
    try {
      const given = await this.api.identify(token, conversation);
      if (token !== hostPage.token || subject !== session.subject) return "later";
      session.becomes(subjectOf(token), given, conversation);
      hostPage.out = false;
      this.acts.became(conversation, subject === session.subject);
    } catch (problem) {
      return this.#failed(token, problem);
    }
    this.#report("verified");
    return "in";
  }

  #failed(token, problem) {
    if (token !== hostPage.token) return "later";
    if (problem.code === "identity_refused" || problem.status === 403) {
      this.refused = token;
      this.#report("refused", problem.reason ?? problem.code, problem.message);
      return "out";
    }
    // What this browser had has ended: without it.
    if (problem.status === 401) this.session.forget();
    setTimeout(() => {
      if (token === hostPage.token && token === this.exchanged) this.#exchange(token);
    }, problem.status === 401 ? 0 : AGAIN_MILLISECONDS);
    return "later";
  }

  #report(state, code = "", text = "") {
    hostPage.post("identity", { state, code, text });
  }

  async #keepFresh() {
    const { session, connection } = this;
    if (session.token) await session.freshen();
    connection.use(session.token);
  }

  /** Somebody signed in or out in another tab. */
  #otherTab() {
    const { session } = this;
    if (session.isOurs) return;
    if (session.subject) {
      session.settled = new Promise(() => {});
      this.acts.reload();
      return;
    }
    // The chats of this browser have become the customer's: this one goes on there.
    session.follow();
    this.acts.became(session.conversation, false);
  }
}
