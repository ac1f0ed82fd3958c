import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FlaskConical, Pencil, Play, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { z } from 'zod';
import type { PlaybookTest, PlaybookTestResult } from '#contracts/playbooks/playbooks.ts';
import { api } from '../../kit/api.ts';
import { asFailure } from '../../kit/failure.ts';
import { useOffline } from '../../kit/live.tsx';
import { Answer } from '../../ui/answer.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FormFailure } from '../../ui/form.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { toast } from '../../ui/toast.tsx';
import type { Reading } from '../document/read-playbook.ts';
import { TestDialog } from './test-dialog.tsx';
import { firstTest } from './test-text.ts';

type Test = z.output<typeof PlaybookTest>;
type Result = z.output<typeof PlaybookTestResult>;

interface TestsPanelProps {
  playbookId: string;
  yaml: string;
  reading: Reading;
  mayEdit: string | null;
}

const duration = (ms: number): string =>
  ms < 60_000
    ? `${ms / 1000} s`
    : ms < 3_600_000
      ? `${Math.round(ms / 60_000)} min`
      : `${Math.round(ms / 3_600_000)} h`;

/** The playbook's own tests: steps answer as told, time is virtual, nothing outside is touched. They run on the text as it stands here. */
export function TestsPanel({ playbookId, yaml, reading, mayEdit }: TestsPanelProps) {
  const client = useQueryClient();
  const offline = useOffline();
  const key = ['playbook', playbookId, 'tests'];
  const tests = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.getPlaybookTests({ params: { id: playbookId }, signal }),
  });
  const [open, setOpen] = useState<{ at: number; test: Test } | null>(null);
  const run = useMutation({ mutationFn: () => api.runPlaybookTests({ params: { id: playbookId }, body: { yaml } }) });
  const save = useMutation({
    mutationFn: (next: Test[]) => api.savePlaybookTests({ params: { id: playbookId }, body: { tests: next } }),
    onSuccess: (answer) => {
      client.setQueryData(key, answer);
      setOpen(null);
      run.reset();
    },
  });
  const all = tests.data?.tests ?? [];
  const add = () =>
    setOpen({
      at: all.length,
      test: firstTest(
        reading,
        all.map(({ name }) => name),
      ),
    });
  const addButton = (
    <Button size="sm" icon={Plus} refusal={offline ?? mayEdit} onClick={add}>
      Add test
    </Button>
  );
  const results = new Map(run.data?.results.map((result) => [result.name, result]));
  return (
    <div data-testid="playbook.tests">
      <Answer
        of={tests}
        what="The tests"
        waiting={<SkeletonLines />}
        isEmpty={({ tests: list }) => list.length === 0}
        empty={
          <EmptyState icon={FlaskConical} title="No test yet" action={addButton}>
            A test says how each step answers and what must come of it. It runs in virtual time: a week of waiting takes
            no time.
          </EmptyState>
        }
      >
        {({ tests: list }) => (
          <>
            <div className="flex items-center gap-2 px-4 py-2">
              <Button size="sm" look="primary" icon={Play} busy={run.isPending} onClick={() => run.mutate()}>
                Run tests
              </Button>
              {addButton}
              {run.data && (
                <p role="status" className="text-meta">
                  <span className="text-ok-fg">{`${run.data.passed} passed`}</span>
                  {run.data.failed > 0 && <span className="text-fail-fg">{`, ${run.data.failed} failed`}</span>}
                </p>
              )}
            </div>
            <FormFailure failure={run.error ? asFailure(run.error) : null} />
            <ul className="pb-2">
              {list.map((test, index) => (
                <TestRow
                  key={test.name}
                  test={test}
                  result={results.get(test.name)}
                  mayEdit={offline ?? mayEdit}
                  onOpen={() => setOpen({ at: index, test })}
                  onRemove={() => {
                    save.mutate(list.filter((_, at) => at !== index));
                    toast.done(`${test.name} is deleted`, { undo: () => save.mutate([...list]) });
                  }}
                />
              ))}
            </ul>
          </>
        )}
      </Answer>
      {open && (
        <TestDialog
          test={open.test}
          isNew={open.at === all.length}
          failure={save.error ? asFailure(save.error) : null}
          busy={save.isPending}
          mayEdit={offline ?? mayEdit}
          onClose={() => {
            save.reset();
            setOpen(null);
          }}
          onSave={(test) =>
            save.mutate(open.at === all.length ? [...all, test] : all.map((old, at) => (at === open.at ? test : old)))
          }
        />
      )}
    </div>
  );
}

interface TestRowProps {
  test: Test;
  result: Result | undefined;
  mayEdit: string | null;
  onOpen: () => void;
  onRemove: () => void;
}

function TestRow({ test, result, mayEdit, onOpen, onRemove }: TestRowProps) {
  return (
    <li className="group px-4 py-1 hover:bg-sunken">
      <p className="flex min-h-7 items-center gap-2.5">
        <StatusGlyph
          status={result ? (result.passed ? 'succeeded' : 'failed') : 'pending'}
          word={result ? (result.passed ? 'passed' : 'failed') : 'not run'}
        />
        <button type="button" className="min-w-0 truncate text-left font-medium hover:underline" onClick={onOpen}>
          {test.name}
        </button>
        {result?.elapsedMs !== null && result?.elapsedMs !== undefined && (
          <span className="num text-meta text-text-3">{`${duration(result.elapsedMs)} of virtual time`}</span>
        )}
        <span className="ml-auto flex opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
          <IconButton size="sm" icon={Pencil} label={`Edit ${test.name}`} onClick={onOpen} />
          <IconButton size="sm" icon={Trash2} label={`Delete ${test.name}`} refusal={mayEdit} onClick={onRemove} />
        </span>
      </p>
      {result && !result.passed && (
        <table className="mt-1 mb-2 ml-6 text-meta">
          <thead>
            <tr className="text-left text-text-3">
              <th className="pr-6 font-normal">Where</th>
              <th className="pr-6 font-normal">Expected</th>
              <th className="font-normal">Came</th>
            </tr>
          </thead>
          <tbody className="font-mono">
            {result.differences.map((difference, index) => (
              <tr key={index} className="align-top">
                <td className="pr-6 text-text-2">{String(difference['path'] ?? '')}</td>
                <td className="pr-6 text-ok-fg">{JSON.stringify(difference['expected'])}</td>
                <td className="text-fail-fg">{JSON.stringify(difference['actual'])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </li>
  );
}
