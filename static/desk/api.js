// Reading and acting over HTTP. Acts go over the socket while it is open (socket.js).

const base = document.body.dataset.base;
const ACT_MS = 60000;
const READ_MS = 15000;

/** Read a JSON document below the desk's address. Throws when there is none. */
export async function read(path) {
  const response = await fetch(base + path, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(READ_MS),
  });
  if (response.redirected || !response.ok) throw new Failure(response);
  return response.json();
}

/** Do an act; resolves with its result, also when it was refused. */
export async function post(values) {
  try {
    const response = await fetch(`${base}act/`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(values),
      signal: AbortSignal.timeout(ACT_MS),
    });
    if (response.headers.get("Content-Type")?.startsWith("application/json")) {
      return await response.json();
    }
    return refused("Your session has ended. Reload the page and sign in again.");
  } catch {
    return refused("There is no connection. If it does not show here soon, try again.");
  }
}

export class Failure extends Error {
  constructor(response) {
    super(`${response.status}`);
    this.gone = response.status === 404;
    this.signedOut = response.redirected;
    this.forbidden = response.status === 403;
  }
}

function refused(text) {
  return { ok: false, code: "unreachable", text };
}

function token() {
  return document.querySelector("[name=csrfmiddlewaretoken]").value;
}
