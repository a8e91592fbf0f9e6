// The page that shows this one in a frame. It is not ours: nothing it says is trusted, and it is
// told nothing of what is written. Only pages that the site allows can frame us (frame-ancestors).

const HELLO_MILLISECONDS = 2000;

class HostPage extends EventTarget {
  constructor() {
    super();
    this.framed = "framed" in document.documentElement.dataset && window.parent !== window;
    this.origin = null;
    this.open = !this.framed;
    this.focus = false;
    this.page = null;
    this.said = {};
    // Who is signed in there: a token its server signed, or that nobody is any more.
    this.token = null;
    this.out = false;
    this.kept = {};
    this.spoken = new Promise((resolve) => {
      this.#spoke = resolve;
    });
    this.greeted = new Promise((resolve) => {
      this.#resolve = resolve;
      if (this.framed) setTimeout(resolve, HELLO_MILLISECONDS);
      else resolve();
    });
    if (!this.framed) return;
    addEventListener("message", (event) => event.source === window.parent && this.#take(event));
    // Says nothing but that we are here; who answers is noted.
    window.parent.postMessage({ supportbot: "ready" }, "*");
  }

  #resolve;
  #spoke;

  /** Tell the loader; lost before it has greeted us. */
  post(type, detail = {}) {
    if (this.origin) window.parent.postMessage({ ...detail, supportbot: type }, this.origin);
  }

  #take({ data, origin }) {
    const type = data?.supportbot;
    if (type === "hello") {
      this.origin = origin;
      this.open = Boolean(data.open);
      this.focus = Boolean(data.focus);
      this.page = data.page ?? null;
      this.kept = data.kept ?? {};
      this.said = { ...(data.identity ?? {}), values: data.values ?? {} };
      this.#signedIn(data);
      this.#resolve();
      this.#spoke();
    } else if (!this.origin || origin !== this.origin) return;
    else if (type === "opened" || type === "closed") this.open = type === "opened";
    else if (type === "page") this.page = data.page;
    else if (type === "identity") Object.assign(this.said, { name: data.name, email: data.email });
    else if (type === "token") this.#signedIn(data);
    else if (type === "values") this.said.values = data.values;
    else return;
    this.dispatchEvent(new CustomEvent(type, { detail: data }));
  }

  #signedIn({ token, out }) {
    this.token = typeof token === "string" && token ? token : null;
    this.out = Boolean(out);
    if (this.out) this.said = { values: this.said.values };
  }
}

export const hostPage = new HostPage();
