import { useQueryClient } from '@tanstack/react-query';
import { LogIn } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import type { Connection, ConnectionUnit } from '#contracts/connections/connections.ts';
import type { RouteResult } from '#contracts/kit/route.ts';
import type { connectionRoutes } from '#contracts/connections/connections.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo, workspacePath } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { durationText } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Radio } from '../ui/choice.tsx';
import { Copy } from '../ui/copy.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { canChooseDefault, kindWords, redirectUri, signInFailure, signInHost, useUnits } from './connections.ts';
import { FailureNote } from './failure-note.tsx';
import { UnitList } from './connection-units.tsx';
import { QueryButton } from './query-button.tsx';
import { useConnectionActs } from './use-connection-acts.ts';
import { useDefaultUnit } from './use-default-unit.ts';

const heading = 'text-lead font-semibold';

/** Sign in at the service: the browser leaves, and comes back to this step. */
export function SignInStep({
  connection,
  reason,
  onDetails,
}: {
  connection: Connection;
  /** Why the way back brought no sign-in. */
  reason: string | null;
  onDetails: () => void;
}) {
  const refusal = useRefusal();
  const offline = useOffline();
  const acts = useConnectionActs(connection);
  const failure = reason === null ? connection.failure : signInFailure(connection, reason);
  return (
    <section aria-label="Sign in" className="flex flex-col gap-4">
      <div>
        <h2 className={heading}>Sign in at {kindWords[connection.kind].name}</h2>
        <p className="mt-1 text-text-2">
          You leave for <span className="font-mono text-[12px] break-all">{signInHost(connection)}</span>, sign in there
          and allow the access. Then you are back here. Your password there never passes through us.
        </p>
      </div>
      {failure && <FailureNote failure={failure} />}
      <Note>
        <span className="min-w-0">
          If the service says that the redirect address is not registered, add this one to the{' '}
          {connection.kind === 'amc' ? 'allowed return URLs' : 'package'}:{' '}
          <Copy text={redirectUri()} what="redirect URI" className="max-w-full font-mono text-[11.5px] break-all">
            {redirectUri()}
          </Copy>
        </span>
      </Note>
      <div className="flex flex-wrap items-center gap-2">
        <Button
          look="primary"
          icon={LogIn}
          busy={acts.busy === 'sign_in'}
          refusal={offline ?? refusal('connections:manage')}
          onClick={() => void acts.signIn(`${workspacePath('/connections/new')}?id=${connection.id}`)}
        >
          {failure ? 'Try again' : `Sign in at ${kindWords[connection.kind].name}`}
        </Button>
        <Button look="ghost" onClick={onDetails}>
          Change the details
        </Button>
      </div>
    </section>
  );
}

/** Which business unit or instance is taken where nobody names one. */
export function UnitStep({ connection, onDone }: { connection: Connection; onDone: () => void }) {
  const units = useUnits(connection.id);
  const { unit, units: many, name } = kindWords[connection.kind];
  const isFree = canChooseDefault(connection);
  return (
    <section aria-label={unit} className="flex flex-col gap-4">
      <div>
        <h2 className={heading}>{isFree ? `Choose the default ${unit}` : 'Your business units'}</h2>
        <p className="mt-1 text-text-2">
          {isFree
            ? 'Queries go there where nobody names another; each tab of the console can.'
            : 'Marketing Cloud signs you in to one of them, which is the default. The others each take a sign-in of their own, now or later.'}
        </p>
      </div>
      <Answer
        of={units}
        what={`The ${many}`}
        waiting={<SkeletonLines lines={3} />}
        isEmpty={({ data }) => !data.some(({ isUsable }) => isUsable)}
        empty={
          <>
            <Note tone="wait">
              {`${name} shows this account no ${unit} that can be queried yet. It may take a moment; else ask its administrator for access.`}
            </Note>
            <div className="flex gap-2">
              <Button onClick={() => void units.refetch()}>Look again</Button>
              <Button look="ghost" onClick={onDone}>
                Go on without
              </Button>
            </div>
          </>
        }
      >
        {({ data }) =>
          isFree ? (
            <ChooseDefault connection={connection} units={data} onDone={onDone} />
          ) : (
            <>
              <UnitList connection={connection} units={data} returnTo="/connections/new" />
              <div>
                <Button look="primary" onClick={onDone}>
                  Continue
                </Button>
              </div>
            </>
          )
        }
      </Answer>
    </section>
  );
}

function ChooseDefault({
  connection,
  units,
  onDone,
}: {
  connection: Connection;
  units: readonly ConnectionUnit[];
  onDone: () => void;
}) {
  const choice = useDefaultUnit(connection);
  const refusal = useRefusal();
  const offline = useOffline();
  const [chosen, setChosen] = useState<string>();
  const usable = units.filter(({ isUsable }) => isUsable);
  const standing = usable.find(({ isDefault }) => isDefault)?.id;
  const value = chosen ?? standing ?? usable[0]?.id;
  const picked = usable.find(({ id }) => id === value);
  return (
    <>
      <Radio
        label={`Default ${kindWords[connection.kind].unit}`}
        value={value}
        onValue={setChosen}
        options={usable.map(({ id, name: label }) => ({ value: id, label, hint: id }))}
      />
      {usable.length < units.length && (
        <p className="text-meta text-text-3">
          {units.length - usable.length} more cannot be queried with this account.
        </p>
      )}
      <div>
        <Button
          look="primary"
          busy={choice.busy !== null}
          refusal={offline ?? refusal('connections:manage')}
          onClick={() => {
            if (!picked || picked.id === standing) onDone();
            else void choice.choose(picked).then((isGood) => isGood && onDone());
          }}
        >
          Continue
        </Button>
      </div>
    </>
  );
}

type TestResult = RouteResult<(typeof connectionRoutes)['testConnection']>;

/** One small question to the service, asked on coming here and whenever one wants. */
export function TestStep({
  connection,
  onDetails,
  onDone,
}: {
  connection: Connection;
  onDetails: () => void;
  onDone: () => void;
}) {
  const { id, kind } = connection;
  const client = useQueryClient();
  const [result, setResult] = useState<TestResult | { refused: string } | null>(null);
  const ask = useCallback(() => {
    setResult(null);
    void api
      .testConnection({ params: { id } })
      .then(setResult, (error: unknown) => setResult({ refused: asFailure(error).message }))
      .finally(() => void client.invalidateQueries({ queryKey: ['connections'] }));
  }, [client, id]);
  useEffect(ask, [ask]);
  const isGood = result !== null && 'isWorking' in result && result.isWorking;
  const failure = result === null || isGood ? null : 'refused' in result ? null : result.failure;
  return (
    <section aria-label="Test" className="flex flex-col gap-4">
      <h2 className={heading}>Test the connection</h2>
      <p aria-live="polite" className="flex items-center gap-2">
        {result === null ? (
          <StatusGlyph status="running" word={`Asking ${kindWords[kind].name} a small question`} withWord />
        ) : isGood ? (
          <StatusGlyph status="succeeded" word={`It answered in ${durationText(result.tookMs)}`} withWord />
        ) : (
          <StatusGlyph status="failed" word="It does not work yet" withWord />
        )}
      </p>
      {failure && <FailureNote failure={failure} />}
      {result !== null && 'refused' in result && <Note tone="fail">{result.refused}</Note>}
      <div className="flex flex-wrap items-center gap-2">
        {isGood ? (
          <Button look="primary" onClick={onDone}>
            Continue
          </Button>
        ) : (
          <Button look="primary" busy={result === null} onClick={ask}>
            Test again
          </Button>
        )}
        {!isGood && result !== null && <Button onClick={onDetails}>Change the details</Button>}
      </div>
    </section>
  );
}

/** It stands: what can be done with it now. */
export function DoneStep({ connection }: { connection: Connection }) {
  const { id, name, account } = connection;
  const go = useGo();
  return (
    <section aria-label="Done" className="flex flex-col gap-4">
      <div>
        <h2 className={heading}>
          <StatusGlyph status="succeeded" word="" /> <bdi>{name}</bdi> is connected
        </h2>
        <p className="mt-1 text-text-2">
          {account ? (
            <>
              Signed in as <bdi>{account.name}</bdi>.{' '}
            </>
          ) : null}
          Its tokens are renewed ahead of time by a workflow, and what can be queried is being read.
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <QueryButton look="primary" connection={connection}>
          Open the query console
        </QueryButton>
        <Button onClick={() => go('/connections', { sel: id, tab: 'objects' })}>See what can be queried</Button>
        <Button look="ghost" onClick={() => go('/connections')}>
          All connections
        </Button>
      </div>
    </section>
  );
}
