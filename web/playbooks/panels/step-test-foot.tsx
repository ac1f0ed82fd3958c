import { useMutation, useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../kit/api.ts';
import { asFailure } from '../../kit/failure.ts';
import { useOffline } from '../../kit/live.tsx';
import { useRefusal } from '../../kit/session.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import type { Reading, TreeStep } from '../document/read-playbook.ts';
import { matchingServers } from '../forms/matching-servers.ts';
import { asRecord } from '../forms/record-parts.ts';
import { defaultValues, givenValues } from '../input-values.ts';
import { TestOutcome } from './test-outcome.tsx';

interface StepTestFootProps {
  step: TreeStep;
  reading: Reading;
  playbookId: string;
  yaml: string;
  /** Inputs, or results of earlier steps, have to be given: the panel below asks for them. */
  onMore: () => void;
}

const onHosts = new Set(['ssh', 'script', 'upload']);

/** Runs the step by itself, on one server where it runs on servers, and shows what came. It really runs. */
export function StepTestFoot({ step, reading, playbookId, yaml, onMore }: StepTestFootProps) {
  const refusal = useRefusal();
  const offline = useOffline();
  const isOnHosts = onHosts.has(step.kind);
  const [chosen, setChosen] = useState('');
  const servers = useQuery({
    queryKey: ['servers', 'choosable', []],
    queryFn: ({ signal }) => api.listServers({ query: { limit: 200 }, signal }),
    enabled: isOnHosts,
    staleTime: 60_000,
  });
  const known = servers.data?.data ?? [];
  const matched = matchingServers(asRecord(step.value['hosts'] as never), known) ?? known.map(({ name }) => name);
  const host = matched.includes(chosen) ? chosen : (matched[0] ?? '');
  const test = useMutation({
    mutationFn: () =>
      api.testPlaybookStep({
        params: { id: playbookId, stepId: step.id },
        body: {
          yaml,
          inputs: givenValues(reading.inputs, defaultValues(reading.inputs)),
          hosts: isOnHosts && host ? [host] : undefined,
          outputs: {},
        },
      }),
  });
  const needsMore = reading.inputs.some(({ required, default: given }) => required && given === undefined);
  const failure = test.error ? asFailure(test.error) : null;
  return (
    <section
      aria-label="Test this step"
      className="max-h-[40%] flex-none overflow-auto border-t border-line bg-sunken px-4 py-3"
    >
      <div className="flex items-center gap-2">
        <h3 className="font-semibold">Test this step</h3>
        <span className="ml-auto flex min-w-0 items-center gap-2">
          {isOnHosts && matched.length > 0 && (
            <Select
              size="sm"
              label="Server"
              className="w-[116px]"
              value={host}
              onValue={setChosen}
              options={matched.map((name) => ({ value: name, label: name }))}
            />
          )}
          <Button
            size="sm"
            icon={Play}
            busy={test.isPending}
            refusal={offline ?? refusal('playbooks:run')}
            onClick={() => (needsMore ? onMore() : test.mutate())}
          >
            Test
          </Button>
        </span>
      </div>
      {failure && (
        <p role="alert" className="mt-2 text-meta text-fail-fg">
          {failure.message}{' '}
          <button type="button" className="underline" onClick={onMore}>
            Give what it needs
          </button>
        </p>
      )}
      {test.data && <TestOutcome runId={test.data.runId} />}
    </section>
  );
}
