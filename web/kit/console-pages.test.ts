// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { consolePageList } from '#contracts/vitals/console-pages.ts';
import { router } from '../router.tsx';

test('the list of pages whose speed is kept is the console’s own list of pages', () => {
  // A route with pages below it is no page itself: its own page has the address with a slash at the end.
  const pages = Object.values(router.routesById)
    .filter(({ id, children }) => id !== '__root__' && !children)
    .map(({ fullPath }) => fullPath.replace(/(?<=.)\/$/, ''))
    .filter((path) => path !== '/ui'); // the stories, in development alone
  expect(pages.toSorted()).toEqual(consolePageList.toSorted());
});
