import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { api } from '../kit/api.ts';
import { useNow } from '../kit/clock.ts';
import { useIsNarrow } from '../kit/media.ts';
import { Gantt } from '../ui/gantt.tsx';
import { ganttRows } from './gantt-rows.ts';

/** What a run executes. It never changes, so it is asked once. */
export const definitionQuery = (id: string) => ({
  queryKey: ['run-definition', id],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.getRunDefinition({ params: { id }, signal }),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

interface RunStepsProps {
  run: RunDetail;
  selected: string;
  host: string;
  onSelect: (step: string) => void;
}

/** The steps of a run over time; narrowed to a host, only those that touch it, by its own times. */
export function RunSteps({ run, selected, host, onSelect }: RunStepsProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const ended = isEnded(run.status);
  const now = useNow(!ended);
  const isNarrow = useIsNarrow();
  // It names the steps that are still to come.
  const definition = useQuery({
    ...definitionQuery(run.id),
    enabled: run.definition === undefined || run.definition === null,
  });
  const known = run.definition ?? definition.data?.definition;
  // An ended run does not move with the clock.
  const at = ended ? 0 : now;
  const rows = useMemo(
    () => ganttRows({ ...run, definition: known }, toggled, at, host || undefined),
    [run, known, toggled, at, host],
  );
  const retried = run.steps.filter(({ attempts }) => attempts.length > 1).length;
  const hint = host ? `on ${host}` : retried > 0 && !isNarrow ? `${retried} retried` : undefined;
  return (
    <Gantt
      rows={rows}
      from={Date.parse(run.startedAt ?? run.createdAt)}
      to={ended ? Date.parse(run.endedAt ?? run.createdAt) : null}
      selected={selected}
      onSelect={onSelect}
      onToggle={(id) =>
        setToggled((old) => new Set(old.has(id) ? [...old].filter((other) => other !== id) : [...old, id]))
      }
      hint={hint}
    />
  );
}
