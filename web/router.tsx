import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { parseSearch, stringifySearch } from './kit/search.ts';
import { entryPages, settingsFrame, settingsPages, workspaceFrame, workspacePages, type PageDef } from './pages.ts';
import { NotFound } from './shell/not-found.tsx';
import { PageFailure } from './shell/page-failure.tsx';

type PageModule = Record<string, () => React.ReactNode> & {
  /** Asks for what the page shows first, by the address: beside the session and before anything is drawn. */
  askFirst?: () => void;
};
const modules = import.meta.glob<PageModule>([
  './*/*-page.tsx',
  './shell/shell.tsx',
  './settings/settings-frame.tsx',
  '!./stories/*',
]);

const page = ({ path, file, component }: PageDef) => {
  const load = modules[`./${file}`];
  if (!load) throw new Error(`No module ${file} for the page ${path}.`);
  const come = async (): Promise<PageModule> => {
    const module = await load();
    module.askFirst?.();
    return module;
  };
  return { path, component: lazyRouteComponent(come, component) };
};

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const stories = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => root,
        path: '/ui',
        component: lazyRouteComponent(() => import('./stories/story-page.tsx'), 'StoryPage'),
      }),
    ]
  : [];
const workspace = createRoute({
  getParentRoute: () => root,
  ...page(workspaceFrame),
  notFoundComponent: NotFound,
});
const settings = createRoute({ getParentRoute: () => workspace, ...page(settingsFrame) });

const tree = root.addChildren([
  ...entryPages.map((def) => createRoute({ getParentRoute: () => root, ...page(def) })),
  ...stories,
  workspace.addChildren([
    ...workspacePages.map((def) => createRoute({ getParentRoute: () => workspace, ...page(def) })),
    settings.addChildren(settingsPages.map((def) => createRoute({ getParentRoute: () => settings, ...page(def) }))),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  parseSearch,
  stringifySearch: stringifySearch as (search: Record<string, unknown>) => string,
  defaultPreload: false,
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: PageFailure,
});
