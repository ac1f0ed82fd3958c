import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { PageFailure } from './shell/page-failure.tsx';
import { NotFound } from './shell/not-found.tsx';
import { parseSearch, stringifySearch } from './kit/search.ts';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const page = (path: string, load: () => Promise<Record<string, unknown>>, name: string) => ({
  path,
  component: lazyRouteComponent(load as () => Promise<Record<string, () => React.ReactNode>>, name),
});

const home = createRoute({
  getParentRoute: () => root,
  ...page('/', () => import('./identity/home-page.tsx'), 'HomePage'),
});
const setUp = createRoute({
  getParentRoute: () => root,
  ...page('/setup', () => import('./identity/set-up-page.tsx'), 'SetUpPage'),
});
const signIn = createRoute({
  getParentRoute: () => root,
  ...page('/sign-in', () => import('./identity/sign-in-page.tsx'), 'SignInPage'),
});
const invitation = createRoute({
  getParentRoute: () => root,
  ...page('/invite/$token', () => import('./identity/invitation-page.tsx'), 'InvitationPage'),
});
const forgotPassword = createRoute({
  getParentRoute: () => root,
  ...page('/forgot-password', () => import('./identity/forgot-password-page.tsx'), 'ForgotPasswordPage'),
});
const passwordLink = createRoute({
  getParentRoute: () => root,
  ...page('/reset-password/$token', () => import('./identity/password-link-page.tsx'), 'PasswordLinkPage'),
});
const approvalLink = createRoute({
  getParentRoute: () => root,
  ...page('/approve/$token', () => import('./approvals/approval-link-page.tsx'), 'ApprovalLinkPage'),
});
const stories = import.meta.env.DEV
  ? [createRoute({ getParentRoute: () => root, ...page('/ui', () => import('./stories/story-page.tsx'), 'StoryPage') })]
  : [];

const workspace = createRoute({
  getParentRoute: () => root,
  ...page('/w/$workspace', () => import('./shell/shell.tsx'), 'Shell'),
  notFoundComponent: NotFound,
});
const inWorkspace = (path: string, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => workspace, ...page(path, load, name) });

const settings = createRoute({
  getParentRoute: () => workspace,
  ...page('/settings', () => import('./settings/settings-frame.tsx'), 'SettingsFrame'),
});
const inSettings = (path: string, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => settings, ...page(path, load, name) });

const tree = root.addChildren([
  home,
  setUp,
  signIn,
  invitation,
  forgotPassword,
  passwordLink,
  approvalLink,
  ...stories,
  workspace.addChildren([
    inWorkspace('/', () => import('./overview/overview-page.tsx'), 'OverviewPage'),
    inWorkspace('/runs', () => import('./runs/runs-page.tsx'), 'RunsPage'),
    inWorkspace('/runs/compare', () => import('./runs/compare-page.tsx'), 'ComparePage'),
    inWorkspace('/runs/$runId', () => import('./runs/run-page.tsx'), 'RunPage'),
    inWorkspace('/playbooks', () => import('./playbooks/playbooks-page.tsx'), 'PlaybooksPage'),
    inWorkspace('/playbooks/$playbookId', () => import('./playbooks/playbook-page.tsx'), 'PlaybookPage'),
    inWorkspace('/approvals', () => import('./approvals/approvals-page.tsx'), 'ApprovalsPage'),
    inWorkspace('/servers', () => import('./servers/servers-page.tsx'), 'ServersPage'),
    inWorkspace('/credentials', () => import('./servers/credentials-page.tsx'), 'CredentialsPage'),
    inWorkspace('/schedules', () => import('./schedules/schedules-page.tsx'), 'SchedulesPage'),
    inWorkspace('/webhooks', () => import('./hooks/webhooks-page.tsx'), 'WebhooksPage'),
    inWorkspace('/run-triggers', () => import('./hooks/run-triggers-page.tsx'), 'RunTriggersPage'),
    inWorkspace('/account', () => import('./identity/account-page.tsx'), 'AccountPage'),
    settings.addChildren([
      inSettings('/', () => import('./settings/general-page.tsx'), 'GeneralPage'),
      inSettings('/members', () => import('./identity/members-page.tsx'), 'MembersPage'),
      inSettings('/values', () => import('./settings/values-page.tsx'), 'ValuesPage'),
      inSettings('/channels', () => import('./settings/channels-page.tsx'), 'ChannelsPage'),
      inSettings('/queues', () => import('./settings/queues-page.tsx'), 'QueuesPage'),
      inSettings('/speed', () => import('./settings/speed-page.tsx'), 'SpeedPage'),
      inSettings('/sign-in', () => import('./settings/sign-in-settings-page.tsx'), 'SignInSettingsPage'),
      inSettings('/api-keys', () => import('./identity/api-keys-page.tsx'), 'ApiKeysPage'),
      inSettings('/audit', () => import('./audit/audit-page.tsx'), 'AuditPage'),
    ]),
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
