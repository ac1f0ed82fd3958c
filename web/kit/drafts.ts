/**
 * Unsaved work of this browser, in IndexedDB: it survives a reload, a crash and a closed tab, and goes at sign-out. A key
 * begins with the person and the workspace, so that nobody meets another's.
 */
const STORE = 'drafts';

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('The browser keeps nothing.')));
  });

/** After a sign-out nothing more is kept, until the page is loaded again. */
let isForgotten = false;
let opened: Promise<IDBDatabase> | undefined;
function open(): Promise<IDBDatabase> {
  opened ??= (async () => {
    const request = indexedDB.open('windlass', 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
    const database = await asked(request);
    // Another tab of a newer build wants to change the store: it must not wait for this one.
    database.addEventListener('versionchange', () => {
      database.close();
      opened = undefined;
    });
    return database;
  })();
  opened.catch(() => (opened = undefined));
  return opened;
}

const inStore = async <T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
  asked(act((await open()).transaction(STORE, mode).objectStore(STORE)));

/** What was kept under a key; undefined where there is nothing, or storage is forbidden. */
export async function readDraft(key: string): Promise<unknown> {
  try {
    return await inStore('readonly', (store) => store.get(key));
  } catch {
    return undefined;
  }
}

/** Keeps a value. False where it could not: then only this tab has it. */
export async function keepDraft(key: string, value: unknown): Promise<boolean> {
  if (isForgotten) return false;
  try {
    await inStore('readwrite', (store) => store.put(value, key));
    return true;
  } catch {
    return false;
  }
}

export async function dropDraft(key: string): Promise<void> {
  try {
    await inStore('readwrite', (store) => store.delete(key));
  } catch {
    // It was never kept.
  }
}

/** At sign-out: nothing of anybody stays on this machine. */
export async function forgetDrafts(): Promise<void> {
  isForgotten = true;
  try {
    await inStore('readwrite', (store) => store.clear());
  } catch {
    // There was nothing.
  }
}
