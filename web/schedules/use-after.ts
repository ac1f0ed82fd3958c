import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { AfterQuery } from '#contracts/queries/delivery.ts';
import type { Schedule } from '#contracts/schedules/schedules.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import { api } from '../kit/api.ts';
import type { ApiFailure } from '../kit/failure.ts';
import '../kit/no-eval.ts';

const nothing: AfterQuery = { deliveries: [], alerts: [] };
const serverPath = /^\/?(?:body\/)?target\/after\//;

/** Deliveries and alerts as they are typed: checked by the contract before they are sent, and what the server refuses beside its field. */
export function useAfter(target: QueryTarget | null, schedule: Schedule | null, failure: ApiFailure | null) {
  const after = target?.after ?? nothing;
  const [wasSent, setSent] = useState(false);
  // What a schedule overwrites already was said yes to when it was made.
  const [confirmed, setConfirmed] = useState<ReadonlySet<string>>(
    () =>
      new Set(
        (schedule?.target.kind === 'query' ? (schedule.target.after?.deliveries ?? []) : []).flatMap((one) =>
          one.kind === 'data_extension' && one.mode === 'overwrite' ? [one.key] : [],
        ),
      ),
  );
  const query = useQuery({
    queryKey: ['queries', target?.id],
    queryFn: ({ signal }) => api.getQuery({ params: { id: target?.id ?? '' }, signal }),
    enabled: target !== null,
  });
  const faults = faultsOf(after, confirmed);
  const told = new Map(
    (failure?.faults ?? []).flatMap(({ path, message }) =>
      serverPath.test(path) ? [[path.replace(serverPath, ''), message] as const] : [],
    ),
  );
  return {
    /** Whether it may be sent; from now on what is wrong is shown. */
    check: (): boolean => {
      setSent(true);
      return faults.size === 0;
    },
    fields: {
      after,
      engine: query.data?.body.engine,
      confirmed,
      onConfirm: (key: string, isConfirmed: boolean) =>
        setConfirmed((old) => new Set(isConfirmed ? [...old, key] : [...old].filter((one) => one !== key))),
      faultOf: (path: string): string | undefined => (wasSent ? faults.get(path) : undefined) ?? told.get(path),
    },
  };
}

function faultsOf(after: AfterQuery, confirmed: ReadonlySet<string>): Map<string, string> {
  const faults = new Map<string, string>();
  const read = AfterQuery.safeParse(after);
  for (const { path, message } of read.error?.issues ?? []) {
    // A fault of one address is shown at the field that holds them all.
    const place = path.filter((_, at) => !(at === 3 && path[2] === 'recipients')).join('/');
    if (!faults.has(place)) faults.set(place, message);
  }
  for (const [index, one] of after.deliveries.entries()) {
    if (one.kind === 'data_extension' && one.mode === 'overwrite' && one.key !== '' && !confirmed.has(one.key))
      faults.set(`deliveries/${index}/confirmed`, 'Say yes to replacing what is in it, or choose another way.');
  }
  return faults;
}
