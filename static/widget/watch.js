// Counts replies that came since the chat was last open. Loaded unseen behind the closed launcher,
// only where there is a chat; the chat itself loads when it is opened.

import { hostPage } from "../chat/host-page.js";
import { renew, soonOver } from "../chat/renewal.js";
import { read } from "../chat/storage.js";
import { findOutWhoIsHere, forgetSomeoneElse } from "../chat/subject.js";

const PAUSE_MILLISECONDS = 30_000;
const GONE = new Set([401, 404]);
const COUNTED = new Set(["assistant", "agent"]);

async function look() {
  const conversation = read("conversation");
  if (!conversation || !read("token")) return false;
  if (document.hidden) return true;
  if (soonOver() && (await renew()) === "ended") return false;
  const token = read("token");
  const [seenIn, seenTo] = (read("seen") ?? "").split(" ");
  const after = seenIn === conversation ? Number(seenTo) : 0;
  const answer = await fetch(`/api/v1/conversations/${conversation}/messages/?after=${after}`, {
    headers: { Authorization: `Bearer ${token}` },
    credentials: "omit",
    cache: "no-store",
  });
  if (GONE.has(answer.status)) return false;
  if (!answer.ok) return true;
  const { messages } = await answer.json();
  const count = messages.filter(({ role }) => COUNTED.has(role)).length;
  hostPage.post("unread", { count });
  return true;
}

async function watch() {
  const goesOn = await look().catch(() => true);
  if (goesOn) setTimeout(watch, PAUSE_MILLISECONDS);
  else hostPage.post("chat", { going: false });
}

/** Somebody else is signed in there, or nobody: what was kept here goes. */
function heed(forgotten) {
  if (forgotten || (hostPage.out && !read("subject"))) {
    hostPage.post("unread", { count: 0 });
    hostPage.post("identity", { state: "anonymous", code: "", text: "" });
  }
}

await hostPage.greeted;
heed(await findOutWhoIsHere());
hostPage.addEventListener("token", async () => heed(await forgetSomeoneElse()));
watch();
