// Files chosen and not sent yet, kept for this tab, so that a reload loses none. Where the browser
// refuses that, it asks the customer before the page goes.

import { areKept, keptFile } from "./file-store.js";
import { TRAY } from "./storage.js";

let wouldBeLost = false;
addEventListener("beforeunload", (event) => wouldBeLost && event.preventDefault());

/** Keep which files are in the tray, and whose they are: a customer's, or null. */
export function keepTray(files, owner) {
  wouldBeLost = files.length > 0;
  try {
    if (!files.length) sessionStorage.removeItem(TRAY);
    else sessionStorage.setItem(TRAY, JSON.stringify({ files, owner }));
  } catch {
    return;
  }
  areKept(files.map(({ id }) => id)).then((kept) => {
    if (kept) wouldBeLost = false;
  });
}

/** Return the files of `text`, which `keepTray` kept, if they are this owner's and still there. */
export async function filesIn(text, owner) {
  const { files, owner: whose } = JSON.parse(text);
  if (whose !== owner) return [];
  const found = await Promise.all(files.map(({ id }) => keptFile(id)));
  return files.filter((_, at) => found[at]);
}
