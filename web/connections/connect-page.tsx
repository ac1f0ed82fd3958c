import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { Connection } from '#contracts/connections/connections.ts';
import { engineKinds, type EngineKind } from '#contracts/queries/engine.ts';
import { cx } from '../kit/cx.ts';
import { Go, useGo } from '../kit/navigation.tsx';
import { useMe, useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';
import { ConnectionForm } from './connection-form.tsx';
import { ConnectionMark } from './connection-mark.tsx';
import { currentStep, stepsOf, ConnectView, type StepName } from './connect-steps.ts';
import { kindWords, useConnection } from './connections.ts';
import { useKeptValues } from './use-kept-values.ts';
import { WhereToFind } from './where-to-find.tsx';

// The steps after the details come with the first of them.
const later = () => import('./connect-later.tsx');
const SignInStep = lazy(async () => ({ default: (await later()).SignInStep }));
const UnitStep = lazy(async () => ({ default: (await later()).UnitStep }));
const TestStep = lazy(async () => ({ default: (await later()).TestStep }));
const DoneStep = lazy(async () => ({ default: (await later()).DoneStep }));

/** Connecting a system, step by step. A reload, and the way to the service and back, lead to the same step. */
export function ConnectPage() {
  const [view, setView] = useUrlState(ConnectView);
  const refusal = useRefusal()('connections:manage');
  const found = useConnection(view.id);
  const client = useQueryClient();
  const connection = view.id === '' ? null : (found.data ?? null);
  const kind = connection?.kind ?? (view.kind === '' ? null : view.kind);
  const step = currentStep(view, connection);
  const steps = stepsOf(kind, connection);
  const isWaiting = view.id !== '' && !connection;
  return (
    <Page
      title={kind ? `Connect ${kindWords[kind].name}` : 'Connect a system'}
      testId="connect.page"
      crumbs={[
        <Go key="connections" to="/connections" className="hover:text-text">
          Connections
        </Go>,
      ]}
      head={<Steps steps={steps} at={step} kind={kind} />}
    >
      <div className="px-5 pt-4 pb-10 max-sm:px-4">
        {refusal && (
          <Note tone="wait" className="mb-4 max-w-[720px]">
            {refusal} Somebody who has it can connect systems.
          </Note>
        )}
        {isWaiting ? (
          found.error ? (
            <ErrorState error={found.error} what="The connection" retry={() => void found.refetch()} />
          ) : (
            <SkeletonLines lines={6} />
          )
        ) : step === 'kind' ? (
          <KindStep chosen={kind} onChoose={(next) => setView({ kind: next, step: 'details' })} />
        ) : step === 'details' && kind ? (
          <DetailsStep
            key={`${kind} ${connection?.id ?? ''}`}
            kind={kind}
            connection={connection}
            onBack={() => setView({ step: 'kind' })}
            onSaved={(saved) => {
              client.setQueryData(['connections', saved.id], saved);
              setView({ id: saved.id, kind: '', step: '', signIn: '', reason: '' }, connection ? 'push' : 'replace');
            }}
          />
        ) : (
          connection && (
            <Suspense fallback={<SkeletonLines lines={4} />}>
              <div className="max-w-[560px]">
                {step === 'sign_in' && (
                  <SignInStep
                    connection={connection}
                    reason={view.signIn === 'failed' ? view.reason : null}
                    onDetails={() => setView({ step: 'details', signIn: '', reason: '' })}
                  />
                )}
                {step === 'unit' && <UnitStep connection={connection} onDone={() => setView({ step: 'test' })} />}
                {step === 'test' && (
                  <TestStep
                    connection={connection}
                    onDetails={() => setView({ step: 'details' })}
                    onDone={() => setView({ step: 'done' })}
                  />
                )}
                {step === 'done' && <DoneStep connection={connection} />}
              </div>
            </Suspense>
          )
        )}
      </div>
    </Page>
  );
}

const stepWords = (step: StepName, kind: EngineKind | null): string =>
  ({
    kind: 'System',
    details: 'Details',
    sign_in: 'Sign in',
    unit: kind === 'amc' ? 'Instance' : 'Business unit',
    test: 'Test',
    done: 'Done',
  })[step];

/** The way there: what is done, what is at hand, what comes. */
function Steps({ steps, at, kind }: { steps: readonly StepName[]; at: StepName; kind: EngineKind | null }) {
  const here = steps.indexOf(at);
  return (
    <ol
      aria-label="Steps"
      className="flex flex-none gap-x-6 overflow-x-auto border-b border-line px-5 pb-3 max-sm:px-4"
    >
      {steps.map((step, place) => {
        const isDone = place < here || at === 'done';
        const isHere = place === here;
        return (
          <li
            key={step}
            aria-current={isHere ? 'step' : undefined}
            className={cx(
              'flex flex-none items-center gap-1.5 text-meta',
              isHere ? 'font-medium text-text' : isDone ? 'text-text-2' : 'text-text-3',
            )}
          >
            <span className={isDone ? 'text-ok-fg' : isHere ? 'text-run-fg' : 'text-idle-fg'}>
              <StatusShapeOnly status={isDone ? 'succeeded' : isHere ? 'running' : 'pending'} size={14} />
            </span>
            {stepWords(step, kind)}
            {isDone && <span className="sr-only">, done</span>}
          </li>
        );
      })}
    </ol>
  );
}

function KindStep({ chosen, onChoose }: { chosen: EngineKind | null; onChoose: (kind: EngineKind) => void }) {
  return (
    <ul className="grid max-w-[840px] grid-cols-3 gap-4 max-md:grid-cols-1">
      {engineKinds.map((kind) => (
        <li key={kind} className="flex">
          <button
            type="button"
            onClick={() => onChoose(kind)}
            className={cx(
              'flex flex-1 flex-col items-start gap-3 rounded-lg border bg-surface p-4 text-left transition-colors duration-(--wl-fast) hover:border-line-input hover:bg-sunken max-md:flex-row',
              chosen === kind ? 'border-accent' : 'border-line',
            )}
          >
            <ConnectionMark kind={kind} size="lg" />
            <span className="min-w-0">
              <span className="block font-semibold">{kindWords[kind].name}</span>
              <span className="mt-0.5 block text-meta text-text-2">{kindWords[kind].gives}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function DetailsStep({
  kind,
  connection,
  onBack,
  onSaved,
}: {
  kind: EngineKind;
  connection: Connection | null;
  onBack: () => void;
  onSaved: (connection: Connection) => void;
}) {
  const { user } = useMe();
  const go = useGo();
  const key = `${user.id}/${currentWorkspace() ?? ''}/connect/${kind}`;
  const kept = useKeptValues(key);
  if (!kept && !connection) return <SkeletonLines lines={8} />;
  return (
    <div className="grid max-w-[980px] grid-cols-[minmax(0,560px)_minmax(0,1fr)] gap-8 max-md:grid-cols-1">
      <ConnectionForm
        kind={kind}
        connection={connection}
        {...(connection ? {} : { found: kept, keepAs: key })}
        act="Continue"
        onSaved={onSaved}
        aside={
          <Button look="ghost" onClick={connection ? () => go('/connections') : onBack}>
            {connection ? 'Leave it for now' : 'Back'}
          </Button>
        }
      />
      <aside aria-label="Where to find these" className="order-last max-md:order-first">
        <WhereToFind kind={kind} />
      </aside>
    </div>
  );
}
