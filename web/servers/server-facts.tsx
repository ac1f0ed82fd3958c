import { ShieldCheck } from 'lucide-react';
import type { Server } from '#contracts/servers/servers.ts';
import { Go } from '../kit/navigation.tsx';
import { bytesText, durationText } from '../kit/time.ts';
import { Copy } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

/** What signs in to the server, by which way, and its pinned key. */
export function Access({ server }: { server: Server }) {
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
              <bdi>{server.credential.name}</bdi>
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
              <bdi>{server.jumpServer.name}</bdi>
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
        [
          'Behind it',
          <Go key="b" to="/servers" search={{ jump: server.id }} className="text-accent hover:underline">
            Servers that jump through it
          </Go>,
        ],
        ...(server.description
          ? [
              [
                'Description',
                <span key="d" dir="auto" className="block whitespace-pre-wrap">
                  {server.description}
                </span>,
              ] as const,
            ]
          : []),
      ]}
    />
  );
}

/** What the last check has learned of the machine. */
export function Facts({ server: { facts, lastCheck } }: { server: Server }) {
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
