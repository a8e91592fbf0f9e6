// Files chosen and not sent yet, kept for this tab, so that a reload loses none. Where the browser
// refuses that, it asks the customer before the page goes.

import { areKept, keptFile } from "./file-store.js";
import { TRAY } from "./storage.js";

const stay = (event) => event.preventDefault();

/** Only while something would be lost: a page that listens is not put aside by some browsers. */
function askBeforeLeaving(wanted) {
  if (wanted) addEventListener("beforeunload", stay);
  else removeEventListener("beforeunload", stay);
}

/** Keep which files are in the tray, and whose they are: a customer's, or null. */
export function keepTray(files, owner) {
  askBeforeLeaving(files.length > 0);
  try {
    if (!files.length) sessionStorage.removeItem(TRAY);
    else sessionStorage.setItem(TRAY, JSON.stringify({ files, owner }));
  } catch {
    return;
  }
  areKept(files.map(({ id }) => id)).then((kept) => kept && askBeforeLeaving(false));
}

/**
 * Return the files that were in this tab's tray and are still there. What somebody unknown chose
 * comes along with who signs in; what one customer chose is never another's.
 */
export async function filesBefore(owner) {
  try {
    const { files, owner: whose } = JSON.parse(sessionStorage.getItem(TRAY));
    if ((whose ?? owner) !== owner) return [];
    const found = await Promise.all(files.map(({ id }) => keptFile(id)));
    return files.filter((_, at) => found[at]);
  } catch {
    return []; // Nothing was kept, or storage is refused.
  }
}
