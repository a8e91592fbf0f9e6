// A link in a mail opens its chat here: #chat=CONVERSATION.TOKEN. It leaves the address bar at once.

import { read, write } from "./storage.js";

const LINK = /^#chat=([0-9a-f-]{36})\.([\w:.-]+)$/;

/** Take the chat that the address names; a browser that has this chat keeps its own token. */
export function openLinkedChat() {
  const found = LINK.exec(location.hash);
  if (!found) return;
  history.replaceState(null, "", location.pathname + location.search);
  const [, conversation, token] = found;
  if (read("conversation") === conversation && read("token") && !read("subject")) return;
  write("previous", null);
  write("conversation", conversation);
  write("token", token);
  for (const name of ["renewal", "expires", "subject"]) write(name, null);
}
