import { useQueryClient } from '@tanstack/react-query';
import { Pencil, RotateCw, Server as ServerIcon, Trash2, Wrench, X } from 'lucide-react';
import { useState } from 'react';
import type { MaintenanceRequest, Server } from '#contracts/servers/servers.ts';
import type { z } from 'zod';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { durationText } from '../kit/time.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Note, Tag } from '../ui/card.tsx';
import { Copy } from '../ui/copy.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { toast } from '../ui/toast.tsx';
import { Health } from './health.tsx';
import { HostKeyMismatch } from './host-key-mismatch.tsx';
import { Access, Facts } from './server-facts.tsx';
import { MaintenancePopover } from './maintenance-popover.tsx';
import { Checks } from './server-checks.tsx';
import { LastRuns, Runs } from './server-runs.tsx';
import { healthLooks, healthOf, type ServersView } from './servers.ts';

interface ServerPanelProps {
  server: Server;
  tab: ServersView['tab'];
  onTab: (tab: ServersView['tab']) => void;
  onEdit: () => void;
  onClose: () => void;
  /** The drawer around it already says the name and has the button that closes. */
  isInDrawer?: boolean;
}

/** One server: how it is, what signs in, its host key, what it is, its checks and runs. */
export function ServerPanel({ server, tab, onTab, onEdit, onClose, isInDrawer = false }: ServerPanelProps) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const [busy, setBusy] = useState('');
  const [isDeleting, setDeleting] = useState(false);
  const manage = offline ?? refusal('servers:manage');
  const act = async (name: string, work: () => Promise<unknown>, done: string) => {
    setBusy(name);
    try {
      await work();
      if (done) toast.done(done);
      await client.invalidateQueries({ queryKey: ['servers'] });
      await client.invalidateQueries({ queryKey: ['server', server.id] });
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  const params = { id: server.id };
  const { os, uptimeSeconds } = server.facts;
  const machine = [os, uptimeSeconds === undefined ? '' : `up ${durationText(uptimeSeconds * 1_000)}`]
    .filter(Boolean)
    .join(' · ');
  const maintain = (maintenance: z.input<typeof MaintenanceRequest> | null, done: string) =>
    void act('maintenance', () => api.updateServer({ params, body: { maintenance } }), done);
  return (
    <section
      aria-label={server.name}
      className={cx('flex flex-col', isInDrawer ? 'min-h-full' : 'min-h-0 flex-1')}
      data-testid="servers.panel"
    >
      <header className="flex items-start gap-3 px-4 pt-3.5 pb-3">
        <span
          aria-hidden="true"
          className={cx(
            'grid size-8 flex-none place-items-center rounded-md',
            {
              ok: 'bg-fill text-text-2',
              idle: 'bg-fill text-text-2',
              run: 'bg-fill text-text-2',
              ai: 'bg-fill text-text-2',
              wait: 'bg-wait-soft text-wait-fg',
              fail: 'bg-fail-soft text-fail-fg',
            }[healthLooks[healthOf(server)].family],
          )}
        >
          <Icon of={ServerIcon} size={16} />
        </span>
        <div className="min-w-0 flex-1">
          {!isInDrawer && (
            <h2 className="truncate font-semibold" title={server.name}>
              <bdi>{server.name}</bdi>
            </h2>
          )}
          <p className="font-mono text-[11px] leading-4 text-text-2">
            <Copy text={server.host} what="address" className="max-w-full break-all">
              {server.port === 22 ? server.host : `${server.host}:${server.port}`}
            </Copy>
          </p>
          {machine && (
            <p className="truncate text-[11px] leading-4 text-text-2" title={machine}>
              {machine}
            </p>
          )}
        </div>
        <Button
          size="sm"
          icon={RotateCw}
          busy={busy === 'check'}
          refusal={offline ?? refusal('servers:check')}
          onClick={() =>
            void act(
              'check',
              () =>
                api
                  .checkServer({ params })
                  .then((check) =>
                    check.reachable
                      ? toast.done(`${server.name}: ${check.health.replace('_', ' ')}`)
                      : toast.error(`${server.name}: ${check.message ?? 'no answer'}`),
                  ),
              '',
            )
          }
        >
          Check
        </Button>
        <IconButton size="sm" icon={Pencil} label="Edit server" refusal={manage} onClick={onEdit} />
        {!isInDrawer && <IconButton size="sm" icon={X} label="Close" onClick={onClose} />}
      </header>
      <div className="flex flex-wrap items-center gap-2 px-4 pb-3">
        <Health health={healthOf(server)} />
        {server.tags.map((tag) => (
          <Tag key={tag}>
            <bdi className="max-w-64 truncate" title={tag}>
              {tag}
            </bdi>
          </Tag>
        ))}
      </div>
      {server.lastCheck?.message && server.health !== 'healthy' && (
        <div className="px-4 pb-3">
          <Note tone={server.health === 'degraded' ? 'wait' : 'fail'}>
            <span>
              {server.lastCheck.message} <span className="font-mono text-[11.5px]">{server.lastCheck.code}</span>
            </span>
          </Note>
        </div>
      )}
      {server.hostKeyState === 'mismatch' && (
        <HostKeyMismatch
          server={server}
          busy={busy === 'trust'}
          refusal={offline ?? refusal('servers:trust')}
          onTrust={(fingerprint, reason) =>
            act(
              'trust',
              () => api.trustHostKey({ params, body: { fingerprint, reason: reason || undefined } }),
              `The new key of ${server.name} is pinned`,
            )
          }
        />
      )}
      {server.maintenance && (
        <div className="px-4 pb-3">
          <Note>
            <span>
              In maintenance since <RelativeTime at={server.maintenance.since} />
              {server.maintenance.until && (
                <>
                  {' '}
                  until <RelativeTime at={server.maintenance.until} />
                </>
              )}
              , by <bdi>{server.maintenance.by.name}</bdi>
              {server.maintenance.reason && (
                <>
                  : <bdi>{server.maintenance.reason}</bdi>
                </>
              )}
              . Playbooks leave it out.
            </span>
          </Note>
        </div>
      )}
      <Tabs
        label="About the server"
        panelId="server-panel"
        className="px-4"
        value={tab}
        onValue={onTab}
        tabs={[
          { value: 'access', label: 'Access' },
          { value: 'facts', label: 'Facts' },
          { value: 'checks', label: 'Checks' },
          { value: 'runs', label: 'Runs' },
        ]}
      />
      <div id="server-panel" role="tabpanel" tabIndex={0} className="min-h-0 flex-1 overflow-auto p-4">
        {tab === 'access' && (
          <>
            <Access server={server} />
            <LastRuns id={server.id} onAll={() => onTab('runs')} />
          </>
        )}
        {tab === 'facts' && <Facts server={server} />}
        {tab === 'checks' && <Checks id={server.id} />}
        {tab === 'runs' && <Runs id={server.id} />}
      </div>
      <footer className="flex flex-wrap gap-2 border-t border-line px-4 py-3">
        {server.maintenance ? (
          <Button
            size="sm"
            icon={Wrench}
            refusal={manage}
            busy={busy === 'maintenance'}
            onClick={() => maintain(null, `${server.name} is back`)}
          >
            End maintenance
          </Button>
        ) : (
          <MaintenancePopover
            busy={busy === 'maintenance'}
            trigger={
              <Button size="sm" icon={Wrench} refusal={manage}>
                Maintenance
              </Button>
            }
            onStart={(maintenance) => maintain(maintenance, `${server.name} is in maintenance`)}
          />
        )}
        <Button size="sm" look="danger" icon={Trash2} refusal={manage} onClick={() => setDeleting(true)}>
          Delete server
        </Button>
      </footer>
      <AlertDialog
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${server.name}?`}
        act="Delete server"
        typeName={server.name}
        busy={busy === 'delete'}
        onAct={() =>
          act(
            'delete',
            () =>
              api.deleteServer({ params }).then(() => {
                setDeleting(false);
                onClose();
              }),
            `${server.name} is deleted`,
          )
        }
      >
        Its pinned key and the history of its checks go. Past runs keep their logs.
      </AlertDialog>
    </section>
  );
}
