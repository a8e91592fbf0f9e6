// Files that wait to be sent, kept in this browser so that they survive a reload. Where that is
// refused they live as long as this page.

const DATABASE = "supportbot-files";
const STORE = "files";
const KEEP_MILLISECONDS = 7 * 24 * 3600 * 1000;
const memory = new Map();
let opening;

/** Keep `blob` under `id`. Resolves also where it can only be kept in memory. */
export async function keepFile(id, blob) {
  memory.set(id, blob);
  await inStore("readwrite", (store) => store.put({ blob, at: Date.now() }, id));
}

/** Return the blob under `id`, or null. */
export async function keptFile(id) {
  if (memory.has(id)) return memory.get(id);
  const found = await inStore("readonly", (store) => store.get(id));
  return found?.blob ?? null;
}

/** Say whether all of these lie in the browser's store, and not in this page's memory alone. */
export async function areKept(ids) {
  const found = await Promise.all(ids.map((id) => inStore("readonly", (store) => store.count(id))));
  return found.every(Boolean);
}

/** Forget the blob under `id`. */
export async function forgetFile(id) {
  memory.delete(id);
  await inStore("readwrite", (store) => store.delete(id));
}

/** Forget all of them. */
export async function forgetAllFiles() {
  memory.clear();
  await inStore("readwrite", (store) => store.clear());
}

/** Forget what nobody came back for. */
export async function forgetOldFiles() {
  const before = Date.now() - KEEP_MILLISECONDS;
  await inStore("readwrite", (store) => {
    const walk = store.openCursor();
    walk.onsuccess = () => {
      const cursor = walk.result;
      if (!cursor) return;
      if (cursor.value.at < before) cursor.delete();
      cursor.continue();
    };
    return walk;
  });
}

function open() {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opening;
}

async function inStore(mode, work) {
  const database = await open();
  if (!database) return null;
  return new Promise((resolve) => {
    try {
      const request = work(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess ??= () => resolve(request.result);
      request.onerror = () => resolve(null);
      request.transaction.oncomplete = () => resolve(request.result);
      request.transaction.onabort = () => resolve(null); // Full: it stays in memory.
    } catch {
      resolve(null);
    }
  });
}
