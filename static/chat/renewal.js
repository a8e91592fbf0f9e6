// Gets the next token for the renewal token that lies in storage. One request at a time.

import { read, write } from "./storage.js";

// Renewed so long before its end, at most; of a short life a third.
const AHEAD_MILLISECONDS = 60_000;
const DEADLINE_MILLISECONDS = 10_000;
let running = null;

/** Say whether the token is over soon; one from before, whose end is not known, is. */
export function soonOver() {
  if (read("token")?.includes(":")) return false;
  const [end, life] = (read("expires") ?? "").split(" ").map(Number);
  return !end || end - Date.now() < Math.min(AHEAD_MILLISECONDS, life / 3);
}

/** Return "renewed", "ended" (the server knows us no more) or "unreachable". */
export function renew() {
  running ??= request().finally(() => {
    running = null;
  });
  return running;
}

async function request() {
  // A browser from before had one token only, which now gets the others.
  const renewal = read("renewal") ?? read("token");
  const subject = read("subject");
  if (!renewal || renewal.includes(":")) return "ended";
  let answer;
  let given;
  try {
    answer = await post("renew", { renewal });
    given = await answer.json();
  } catch {
    return "unreachable";
  }
  if (answer.status === 401 || answer.status === 400) return "ended";
  if (!answer.ok) return "unreachable";
  // Signed out or somebody else meanwhile.
  if (read("subject") !== subject || (read("renewal") ?? read("token")) !== renewal) return "renewed";
  const life = given.expires_in_seconds * 1000;
  write("renewal", renewal);
  write("token", given.token);
  write("expires", `${Date.now() + life} ${life}`);
  return "renewed";
}

/** Have the server end what this browser was given; it need not answer. */
export function endTokens() {
  const renewal = read("renewal");
  if (renewal) post("forget", { renewal }, true).catch(() => {});
}

function post(what, body, keepalive = false) {
  return fetch(`/api/v1/visitors/${what}/`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    cache: "no-store",
    keepalive,
    signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
  });
}
