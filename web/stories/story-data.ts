import { ApiFailure } from '../kit/failure.ts';
import type { GanttRow } from '../ui/gantt.tsx';
import type { HostTile } from '../ui/host-grid.tsx';
import { fixedLog, type LogLine } from '../ui/log-source.ts';
import type { StatusName } from '../ui/status.ts';

export const storyStart = Date.parse('2026-11-20T14:18:04Z');
const at = (seconds: number) => storyStart + seconds * 1_000;
const row = (
  id: string,
  name: string,
  status: StatusName,
  from: number,
  to: number | null,
  note: string,
  depth = 0,
): GanttRow => ({
  id,
  index: depth === 0 ? id : undefined,
  name,
  status,
  depth,
  note,
  bars: from < 0 ? [] : [{ from: at(from), to: to === null ? null : at(to), status, title: note }],
});

export const storyRows: readonly GanttRow[] = [
  row('1', 'Check disk and memory', 'succeeded', 0, 8, '8 s'),
  {
    ...row('2', 'Fetch release manifest', 'succeeded', 10, 20, '2 attempts · 503, then 200'),
    bars: [
      { from: at(10), to: at(14), status: 'failed', title: 'Attempt 1' },
      { from: at(22), to: at(26), status: 'succeeded', title: 'Attempt 2' },
    ],
  },
  row('3', 'Upload bundle', 'succeeded', 27, 102, '1:15 · 12 of 12 hosts'),
  {
    ...row('4', 'Soak for 3 minutes', 'succeeded', 298, 478, '3:00'),
    bars: [{ from: at(298), to: at(478), status: 'succeeded', isTimer: true, title: '3:00' }],
  },
  {
    ...row('5', 'Batch 2', 'failed', 478, 720, '3 of 4 hosts'),
    hasChildren: true,
    isOpen: true,
    bars: [{ from: at(478), to: at(720), status: 'failed', isFrame: true, title: '' }],
  },
  row('5.1', 'Health check', 'failed', 600, 720, '3 attempts', 1),
  row('6', 'Approve batch 3', 'waiting', 720, null, '2:03 so far'),
  row('7', 'Smoke test', 'pending', -1, null, 'not started'),
];

const cycle: readonly StatusName[] = ['succeeded', 'succeeded', 'running', 'succeeded', 'pending', 'failed'];
export const storyHosts = (count: number): HostTile[] =>
  Array.from({ length: count }, (_, index) => {
    const status = cycle[index % cycle.length] ?? 'pending';
    return {
      host: `shop-eu-${String(index + 1).padStart(2, '0')}`,
      status,
      segments: ['drain', 'install', 'health'].map((id, step) => ({
        id,
        status:
          status === 'failed' && step === 2
            ? 'failed'
            : status === 'running' && step === 2
              ? 'running'
              : status === 'pending'
                ? 'pending'
                : 'succeeded',
      })),
      startedAt: status === 'pending' ? null : new Date(at(480)).toISOString(),
      endedAt: status === 'running' || status === 'pending' ? null : new Date(at(651)).toISOString(),
      note: status === 'failed' ? 'exit 28 · 3 tries' : undefined,
    };
  });

const texts = [
  '\u001B[36m$\u001B[0m curl -fsS -m 5 http://127.0.0.1:8080/healthz',
  '\u001B[31mcurl: (28) Operation timed out after 5001 ms\u001B[0m',
  '\u001B[32mok\u001B[0m 200 in 38 ms · storefront 2026.47.2',
  '\u001B[33mretry\u001B[0m in 10 s, attempt 3 of 3',
  '<b>not markup</b> & "quotes"',
  '\u001B[1mbold\u001B[0m \u001B[35mmagenta\u001B[0m \u001B[34mblue\u001B[0m',
];
const storyLines: readonly LogLine[] = Array.from({ length: 400 }, (_, index) => ({
  number: index + 1,
  at: new Date(at(600 + index)).toISOString(),
  host: `eu-0${(index % 4) + 5}`,
  stream: index % 6 === 1 ? 'stderr' : 'stdout',
  text: texts[index % texts.length] ?? '',
}));

export const storyLog = fixedLog(storyLines);

/** What a screen shows that an answer was refused. */
export const storyFailure = new ApiFailure({
  code: 'server.busy',
  message: 'The server is starting or overloaded. Try again shortly.',
  status: 503,
  requestId: 'req_7Qd1x0',
});
export const storyDenial = new ApiFailure({
  code: 'identity.permission_missing',
  message: 'This needs the permission servers:read.',
  status: 403,
});
export const nothing = () => undefined;
export const fromNow = (ms: number): string => new Date(Date.now() + ms).toISOString();
