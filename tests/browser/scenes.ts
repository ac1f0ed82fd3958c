import type { Page } from 'playwright-core';
import { consolePageList, type ConsolePage } from '#contracts/vitals/console-pages.ts';

/** What the demo holds that pages are about. */
export interface DemoThings {
  workspace: string;
  endedRunId: string;
  failedRunId: string;
  waitingRunId: string;
  playbookId: string;
  serverId: string;
  invitation: string;
}

/** Something to take a picture of. */
export interface Scene {
  name: string;
  path: string;
  isSignedOut?: boolean;
  /** What a person does before the picture. */
  act?: (page: Page) => Promise<void>;
}

/** Pages whose address says more than which page it is. Without an address there is no picture, and the reason stands here. */
const addresses: Partial<Record<ConsolePage, (things: DemoThings) => string | null>> = {
  '/': () => null, // leads on at once
  '/setup': () => null, // only while there is no owner
  '/reset-password/$token': () => '/reset-password/no-longer-good',
  '/approve/$token': () => '/approve/no-longer-good',
  '/invite/$token': ({ invitation }) => `/invite/${invitation}`,
  '/w/$workspace/runs/$runId': ({ workspace, endedRunId }) => `/w/${workspace}/runs/${endedRunId}`,
  '/w/$workspace/runs/compare': ({ workspace, endedRunId, failedRunId }) =>
    `/w/${workspace}/runs/compare?a=${endedRunId}&b=${failedRunId}`,
  '/w/$workspace/incidents/$incidentKey': ({ workspace }) => `/w/${workspace}/incidents/INC-4`,
  '/w/$workspace/playbooks/$playbookId': ({ workspace, playbookId }) => `/w/${workspace}/playbooks/${playbookId}`,
};

const nameOf = (path: ConsolePage): string =>
  path
    .replace('/w/$workspace', '')
    .replace('/$runId', '-detail')
    .replace('/$playbookId', '-editor')
    .replace('/$incidentKey', '-detail')
    .replace('/$token', '')
    .replace(/^\//, '')
    .replaceAll('/', '-') || 'overview';

/** Every page of the console, and what is only seen after an act. */
export function scenesOf(things: DemoThings): Scene[] {
  const { workspace, waitingRunId, failedRunId, playbookId, serverId } = things;
  const pages = consolePageList.flatMap((page): Scene[] => {
    const find = addresses[page];
    const path = find ? find(things) : page.replace('$workspace', workspace);
    return path === null ? [] : [{ name: nameOf(page), path, isSignedOut: !page.startsWith('/w/') }];
  });
  const base = `/w/${workspace}`;
  const press =
    (...keys: string[]) =>
    async (page: Page) => {
      for (const key of keys) await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
    };
  const openAsset = (tab: string) => async (page: Page) => {
    await page.getByRole('row', { name: /Orders database/ }).click();
    await page.getByTestId('assets.panel').getByRole('tab', { name: tab }).click();
  };
  return [
    ...pages,
    { name: 'runs-waiting', path: `${base}/runs/${waitingRunId}` },
    { name: 'runs-failed', path: `${base}/runs/${failedRunId}` },
    { name: 'runs-peek', path: `${base}/runs?run=${failedRunId}` },
    { name: 'playbooks-editor-list', path: `${base}/playbooks/${playbookId}?view=list&panel=plan` },
    { name: 'playbooks-editor-yaml', path: `${base}/playbooks/${playbookId}?view=yaml` },
    { name: 'incidents-list', path: `${base}/incidents?view=list&show=all` },
    { name: 'incidents-declare', path: `${base}/incidents?declare=new` },
    { name: 'incidents-postmortem', path: `${base}/incidents/INC-1?tab=postmortem` },
    { name: 'assets-graph', path: `${base}/assets?view=graph` },
    { name: 'assets-detail', path: `${base}/assets`, act: openAsset('Facts') },
    { name: 'assets-incidents', path: `${base}/assets`, act: openAsset('Incidents') },
    { name: 'alerts-rules', path: `${base}/alerts?show=rules` },
    { name: 'alerts-silences', path: `${base}/alerts?show=silences` },
    { name: 'alerts-sources', path: `${base}/alerts?show=sources` },
    { name: 'logs-sources', path: `${base}/logs?show=sources` },
    { name: 'oncall-escalation', path: `${base}/oncall?show=policies` },
    { name: 'settings-sla-calendars', path: `${base}/settings/sla?show=calendars` },
    { name: 'servers-detail', path: `${base}/servers?sel=${serverId}` },
    {
      name: 'queries-result',
      path: `${base}/queries`,
      act: async (page) => {
        if ((page.viewportSize()?.width ?? 0) < 640) return;
        await page.getByTestId('queries.history').getByRole('button').filter({ hasText: /rows/ }).first().click();
        await page.getByRole('grid').getByRole('gridcell').first().waitFor();
      },
    },
    { name: 'connections-details', path: `${base}/connections/new?kind=sfmc&step=details` },
    { name: 'palette', path: base, act: press('Control+k') },
    { name: 'keys', path: `${base}/runs`, act: press('?') },
  ];
}
