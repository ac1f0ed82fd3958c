import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, RotateCw, ShieldAlert, ShieldCheck, Trash2, Wrench, X } from 'lucide-react';
import { useState } from 'react';
import type { Server } from '#contracts/servers/servers.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { bytesText, durationText } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Note, Tag } from '../ui/card.tsx';
import { Copy } from '../ui/copy.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { toast } from '../ui/toast.tsx';
import { Health } from './health.tsx';
import { healthOf, type ServersView } from './servers.ts';

interface ServerPanelProps {
  server: Server;
  tab: ServersView['tab'];
  onTab: (tab: ServersView['tab']) => void;
  onEdit: () => void;
  onClose: () => void;
}

/** One server: how it is, what signs in, its host key, what it is, its checks and runs. */
export function ServerPanel({ server, tab, onTab, onEdit, onClose }: ServerPanelProps) {
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
  return (
    <section aria-label={server.name} className="flex min-h-0 flex-1 flex-col" data-testid="servers.panel">
      <header className="flex items-start gap-3 px-4 pt-3.5 pb-3">
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">{server.name}</h2>
          <p className="font-mono text-[11px] text-text-2">
            <Copy text={server.host} what="address">
              {server.port === 22 ? server.host : `${server.host}:${server.port}`}
            </Copy>
          </p>
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
        <IconButton size="sm" icon={X} label="Close" onClick={onClose} />
      </header>
      <div className="flex flex-wrap items-center gap-2 px-4 pb-3">
        <Health health={healthOf(server)} />
        {server.tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
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
        <Mismatch
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
              In maintenance since <RelativeTime at={server.maintenance.since} />, by {server.maintenance.by.name}
              {server.maintenance.reason ? `: ${server.maintenance.reason}` : ''}. Playbooks leave it out.
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
        {tab === 'access' && <Access server={server} />}
        {tab === 'facts' && <Facts server={server} />}
        {tab === 'checks' && <Checks id={server.id} />}
        {tab === 'runs' && <Runs id={server.id} />}
      </div>
      <footer className="flex flex-wrap gap-2 border-t border-line px-4 py-3">
        <Button
          size="sm"
          icon={Wrench}
          refusal={manage}
          busy={busy === 'maintenance'}
          onClick={() =>
            void act(
              'maintenance',
              () => api.updateServer({ params, body: { maintenance: server.maintenance ? null : { reason: '' } } }),
              server.maintenance ? `${server.name} is back` : `${server.name} is in maintenance`,
            )
          }
        >
          {server.maintenance ? 'End maintenance' : 'Maintenance'}
        </Button>
        <Button size="sm" look="danger" icon={Trash2} refusal={manage} onClick={() => setDeleting(true)}>
          Delete server
        </Button>
      </footer>
      <AlertDialog
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${server.name}?`}
        act="Delete server"
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

function Mismatch({
  server,
  busy,
  refusal,
  onTrust,
}: {
  server: Server;
  busy: boolean;
  refusal: string | null;
  onTrust: (fingerprint: string, reason: string) => Promise<void>;
}) {
  const [isAsking, setAsking] = useState(false);
  const offered = server.offeredHostKey;
  return (
    <div className="px-4 pb-3">
      <Note tone="fail" className="flex-col">
        <p className="flex items-center gap-1.5 font-semibold">
          <Icon of={ShieldAlert} size={14} /> The host key has changed
        </p>
        <p>Either the machine was set up anew, or somebody stands between. Nothing connects until a person decides.</p>
        <KeyValue
          mono
          pairs={
            [
              ['pinned', server.hostKey?.fingerprint ?? 'none'],
              ['offered', offered?.fingerprint ?? 'not seen'],
            ] as const
          }
        />
        {offered && (
          <Button size="sm" look="danger" className="self-start" refusal={refusal} onClick={() => setAsking(true)}>
            Trust the new key
          </Button>
        )}
      </Note>
      {offered && (
        <AlertDialog
          isOpen={isAsking}
          onClose={() => setAsking(false)}
          title={`Trust the new key of ${server.name}?`}
          act="Trust the new key"
          keep="Keep the old one"
          busy={busy}
          onAct={() => onTrust(offered.fingerprint, '').then(() => setAsking(false))}
          typeName={server.name}
        >
          <p>
            Compare it on the machine itself:{' '}
            <span className="font-mono text-[11.5px]">ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub</span>
          </p>
          <p className="mt-1 font-mono text-[11.5px] break-all text-text">
            {offered.algorithm} {offered.fingerprint}
          </p>
        </AlertDialog>
      )}
    </div>
  );
}

function Access({ server }: { server: Server }) {
  return (
    <KeyValue
      pairs={[
        [
          'Credential',
          server.credential ? (
            <Go
              key="c"
              to="/credentials"
              search={{ sel: server.credential.id }}
              className="text-accent hover:underline"
            >
              {server.credential.name}
            </Go>
          ) : (
            'none'
          ),
        ],
        ['User', server.credential?.username ?? '–'],
        [
          'Jump host',
          server.jumpServer ? (
            <Go key="j" to="/servers" search={{ sel: server.jumpServer.id }} className="text-accent hover:underline">
              {server.jumpServer.name}
            </Go>
          ) : (
            'none'
          ),
        ],
        [
          'Host key',
          server.hostKey ? (
            <span key="k" className="flex flex-col">
              <span className="flex items-center gap-1.5 text-ok-fg">
                <Icon of={ShieldCheck} size={14} />
                <span>
                  pinned <RelativeTime at={server.hostKey.pinnedAt} />
                  {server.hostKey.pinnedBy === 'first_use' ? ', at first contact' : ''}
                </span>
              </span>
              <span className="font-mono text-[11px] break-all">
                <Copy text={server.hostKey.fingerprint} what="fingerprint">
                  {server.hostKey.fingerprint}
                </Copy>
              </span>
            </span>
          ) : (
            'none yet'
          ),
        ],
        ['Last check', server.lastCheck ? <RelativeTime key="l" at={server.lastCheck.at} /> : 'never'],
        ...(server.description ? [['Description', server.description] as const] : []),
      ]}
    />
  );
}

function Facts({ server: { facts, lastCheck } }: { server: Server }) {
  const pairs: Array<readonly [string, string]> = [
    ['System', facts.os],
    ['Kernel', facts.kernel],
    ['Architecture', facts.arch],
    ['Host name', facts.hostname],
    ['Signed in as', facts.user],
    ['Shell', facts.shell],
    ['SSH server', facts.sshVersion],
    ['Up', facts.uptimeSeconds === undefined ? undefined : durationText(facts.uptimeSeconds * 1_000)],
    [
      'CPUs',
      facts.cpus === undefined ? undefined : `${facts.cpus}${facts.load1 === undefined ? '' : `, load ${facts.load1}`}`,
    ],
    [
      'Memory',
      facts.memoryTotalBytes === undefined
        ? undefined
        : `${bytesText(facts.memoryTotalBytes)}${facts.memoryUsedPercent === undefined ? '' : `, ${Math.round(facts.memoryUsedPercent)}% in use`}`,
    ],
    [
      'Disk',
      facts.diskTotalBytes === undefined
        ? undefined
        : `${bytesText(facts.diskTotalBytes)}${facts.diskUsedPercent === undefined ? '' : `, ${Math.round(facts.diskUsedPercent)}% in use`}`,
    ],
  ].flatMap(([name, value]) => (value ? [[name ?? '', value] as const] : []));
  if (pairs.length === 0)
    return (
      <p className="text-meta text-text-3">
        {lastCheck ? 'The check learned nothing of the machine.' : 'Facts come with the first check.'}
      </p>
    );
  return <KeyValue pairs={pairs} />;
}

function Checks({ id }: { id: string }) {
  const checks = useQuery({
    queryKey: ['server', id, 'checks'],
    queryFn: ({ signal }) => api.listServerChecks({ params: { id }, query: { limit: 50 }, signal }),
  });
  return (
    <Answer
      of={checks}
      what="The checks"
      waiting={<SkeletonLines />}
      isEmpty={({ data }) => data.length === 0}
      empty={<p className="text-meta text-text-3">It was never checked.</p>}
    >
      {({ data }) => {
        const latencies = data.toReversed().flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
        return (
          <>
            <Sparkline values={latencies} label={`Latency of the last ${latencies.length} checks, in ms`} />
            <ul className="mt-2">
              {data.map((check) => (
                <li key={check.id} className="flex items-start gap-2 border-b border-line py-1.5 last:border-b-0">
                  <Health health={check.health} />
                  <span className="min-w-0 flex-1 text-meta text-text-2">{check.message}</span>
                  <span className="num text-meta text-text-3">
                    {check.latencyMs === null ? '' : `${Math.round(check.latencyMs)} ms · `}
                    <RelativeTime at={check.at} />
                  </span>
                </li>
              ))}
            </ul>
          </>
        );
      }}
    </Answer>
  );
}

/** A small line of figures. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return null;
  const most = Math.max(...values, 1);
  const points = values.map((value, index) => `${(index / (values.length - 1)) * 100},${30 - (value / most) * 26}`);
  return (
    <svg role="img" aria-label={label} viewBox="0 0 100 32" preserveAspectRatio="none" className="h-9 w-full">
      <polygon points={`0,32 ${points.join(' ')} 100,32`} className="fill-c1 opacity-15" />
      <polyline
        points={points.join(' ')}
        fill="none"
        className="stroke-c1"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
      />
    </svg>
  );
}

function Runs({ id }: { id: string }) {
  const runs = useQuery({
    queryKey: ['server', id, 'runs'],
    queryFn: ({ signal }) => api.listServerRuns({ params: { id }, query: { limit: 30 }, signal }),
  });
  return (
    <Answer
      of={runs}
      what="The runs"
      waiting={<SkeletonLines />}
      isEmpty={({ data }) => data.length === 0}
      empty={<p className="text-meta text-text-3">No run has touched this server.</p>}
    >
      {({ data }) => (
        <ul>
          {data.map((run) => (
            <li key={run.id} className="flex items-center gap-2.5 py-1" data-run={run.id}>
              <StatusGlyph status={run.status} />
              <Go to={`/runs/${run.id}`} className="min-w-0 flex-1 truncate hover:underline">
                {run.title}
              </Go>
              <span className="num text-meta text-text-3">
                <Duration from={run.startedAt} to={run.endedAt} /> · <RelativeTime at={run.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Answer>
  );
}
