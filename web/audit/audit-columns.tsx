import type { AuditEntry } from '#contracts/audit/audit.ts';
import type { DataColumn } from '../ui/data-table.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { changedFields } from './changed-fields.ts';

/** Did it go wrong, or was it refused? The word of the action says so. */
const isBad = (action: string): boolean => /fail|refus|reject|locked|changed_key|mismatch/.test(action);

export const auditColumns: ReadonlyArray<DataColumn<AuditEntry>> = [
  { id: 'at', head: 'Time', width: 100, cell: ({ at }) => <RelativeTime at={at} className="num text-text-2" /> },
  { id: 'actor', head: 'Actor', width: 150, cell: ({ actor }) => <Person name={actor.name} kind={actor.kind} /> },
  {
    id: 'action',
    head: 'Action',
    width: 165,
    cell: ({ action }) => (
      <span className={`font-mono text-[11.5px] ${isBad(action) ? 'text-fail-fg' : ''}`} title={action}>
        {action}
      </span>
    ),
    hideBelow: 'sm',
  },
  {
    id: 'subject',
    head: 'Subject and change',
    width: 190,
    grow: true,
    hideBelow: 'sm',
    cell: (entry) => {
      const changes = changedFields(entry.before, entry.after)
        .map(({ name, before, after }) => (before === '' ? name : `${name}: ${before} → ${after}`))
        .slice(0, 2)
        .join(', ');
      return (
        <span title={[entry.title ?? entry.subject, changes].filter(Boolean).join(' · ')}>
          <bdi>{entry.title ?? entry.subject ?? ''}</bdi> <span className="text-text-3">{changes}</span>
        </span>
      );
    },
  },
  {
    id: 'address',
    head: 'Address',
    width: 120,
    hideBelow: 'lg',
    cell: ({ address }) => <span className="font-mono text-[11px] text-text-3">{address}</span>,
  },
];

/** On a phone a row has two lines: who and when, then what was done to what. */
export const phoneColumns: ReadonlyArray<DataColumn<AuditEntry>> = [
  {
    id: 'entry',
    head: 'Who did what',
    width: 200,
    grow: true,
    cell: ({ actor, action, title, subject }) => (
      <span className="flex min-w-0 flex-col">
        <bdi className="truncate font-medium">{title ?? subject ?? action}</bdi>
        <span className="truncate text-meta text-text-2">
          <span className="font-mono text-[11.5px]">{action}</span> · <bdi>{actor.name}</bdi>
        </span>
      </span>
    ),
  },
  {
    id: 'at',
    head: 'Time',
    width: 92,
    align: 'right',
    cell: ({ at }) => <RelativeTime at={at} className="text-meta text-text-2" />,
  },
];
