import type { Page } from 'playwright-core';

/** All that a page shows and its browser keeps of it: markup, address, fields, storages, databases and cookies, as one text. */
export const keptByBrowser = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const open = indexedDB.databases ? await indexedDB.databases() : [];
    const stored: unknown[] = [];
    for (const { name } of open) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name ?? '');
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error ?? new Error('closed')));
      });
      for (const store of database.objectStoreNames)
        stored.push(
          await new Promise((resolve) => {
            const request = database.transaction(store).objectStore(store).getAll();
            request.addEventListener('success', () => resolve(request.result));
          }),
        );
      database.close();
    }
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea')].map(({ value }) => value);
    return [
      document.documentElement.outerHTML,
      location.href,
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      JSON.stringify(history.state),
      document.cookie,
      JSON.stringify(stored),
      fields.join('\n'),
    ].join('\n');
  });
