// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { openTestPage, stubApi } from '#tests/kit/console-page.tsx';
import { AssetForm } from '../assets/asset-form.tsx';
import { RunTriggerForm } from '../hooks/run-trigger-form.tsx';
import { WebhookForm } from '../hooks/webhook-form.tsx';
import { ScheduleForm } from '../schedules/schedule-form.tsx';
import { CredentialForm } from '../servers/credential-form.tsx';
import { ServerForm } from '../servers/server-form.tsx';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const nothing = () => undefined;
const forms: [permission: string, act: string, form: ReactNode][] = [
  ['schedules:manage', 'Make schedule', <ScheduleForm key="s" schedule={null} onClose={nothing} onSaved={nothing} />],
  ['hooks:manage', 'Make webhook', <WebhookForm key="w" webhook={null} onClose={nothing} onSaved={nothing} />],
  [
    'hooks:manage',
    'Make run trigger',
    <RunTriggerForm key="t" trigger={null} playbooks={[]} onClose={nothing} onSaved={nothing} />,
  ],
  ['credentials:manage', 'Add credential', <CredentialForm key="c" credential={null} onClose={nothing} onSaved={nothing} />], // prettier-ignore
  ['servers:manage', 'Add server', <ServerForm key="v" server={null} onClose={nothing} onSaved={nothing} />],
  ['assets:manage', 'Add asset', <AssetForm key="a" asset={null} types={[]} onClose={nothing} onTypes={nothing} onSaved={nothing} />], // prettier-ignore
];

// The address opens a form for anybody: it is the form that says why nothing comes of it.
test.each(forms)(
  'without %s the form that would %s says which permission its act needs',
  async (permission, act, form) => {
    stubApi({ 'POST /schedules/preview': () => ({ sentence: 'Each night', nextTimes: [], leftOut: [] }) });
    openTestPage(() => form, { path: '/here', permissions: ['playbooks:read'] });
    const button = await within(await screen.findByRole('dialog')).findByRole('button', { name: act });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    fireEvent.focus(button);
    expect((await screen.findByRole('tooltip')).textContent).toContain(permission);
  },
);
