import type { Connection, ConnectionUnit } from '#contracts/connections/connections.ts';
import { useOffline } from '../kit/live.tsx';
import { workspacePath } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { canChooseDefault, hasSignIn, kindWords, useUnits } from './connections.ts';
import { useConnectionActs } from './use-connection-acts.ts';
import { useDefaultUnit } from './use-default-unit.ts';

/** Units in the order of their tree, each with how deep it lies. */
export function unitTree(units: readonly ConnectionUnit[]): { unit: ConnectionUnit; depth: number }[] {
  const known = new Set(units.map(({ id }) => id));
  const isTop = ({ parentId }: ConnectionUnit): boolean => parentId === null || !known.has(parentId);
  const below = (parent: string, depth: number, seen: ReadonlySet<string>): { unit: ConnectionUnit; depth: number }[] =>
    units
      .filter(({ id, parentId }) => parentId === parent && !seen.has(id))
      .flatMap((unit) => [{ unit, depth }, ...below(unit.id, depth + 1, new Set([...seen, unit.id]))]);
  return units.filter(isTop).flatMap((unit) => [{ unit, depth: 0 }, ...below(unit.id, 1, new Set([unit.id]))]);
}

/** Business units or instances: which can be queried, and which is taken where nobody names one. */
export function ConnectionUnits({
  connection,
  onObjects,
}: {
  connection: Connection;
  onObjects: (unit: string) => void;
}) {
  const units = useUnits(connection.id);
  const { units: many } = kindWords[connection.kind];
  return (
    <Answer
      of={units}
      what={`The ${many}`}
      waiting={<SkeletonLines />}
      isEmpty={({ data }) => data.length === 0}
      empty={
        <p className="text-meta text-text-2">
          {connection.state === 'connected'
            ? `The account sees no ${many}. Ask its administrator for access, then test the connection.`
            : `The ${many} are known once somebody has signed in.`}
        </p>
      }
    >
      {({ data }) => <UnitList connection={connection} units={data} returnTo="/connections" onObjects={onObjects} />}
    </Answer>
  );
}

/** The list itself, with what can be done to each. */
export function UnitList({
  connection,
  units,
  returnTo,
  onObjects,
}: {
  connection: Connection;
  units: readonly ConnectionUnit[];
  /** The page that a sign-in leads back to. */
  returnTo: '/connections' | '/connections/new';
  onObjects?: (unit: string) => void;
}) {
  const { id } = connection;
  const refusal = useRefusal();
  const offline = useOffline();
  const choice = useDefaultUnit(connection);
  const acts = useConnectionActs(connection);
  const manage = offline ?? refusal('connections:manage');
  const mayChoose = canChooseDefault(connection);
  const mayEnter = connection.kind === 'sfmc' && hasSignIn(connection);
  const back = returnTo === '/connections' ? `?sel=${id}&tab=units` : `?id=${id}`;
  return (
    <ul className="-mt-2">
      {unitTree(units).map(({ unit, depth }) => (
        <li
          key={unit.id}
          className="flex min-h-11 items-center gap-2.5 border-b border-line py-1.5 last:border-b-0"
          style={{ paddingLeft: depth * 16 }}
        >
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium" title={unit.name}>
              <bdi>{unit.name}</bdi>
            </span>
            <span className="font-mono text-[11px] text-text-3">{unit.id}</span>
          </span>
          {unit.isDefault && <Tag tone="line">default</Tag>}
          {!unit.isUsable && !mayEnter && <Tag>no access</Tag>}
          {!unit.isUsable && mayEnter && (
            <Button
              size="sm"
              busy={acts.busy === 'sign_in'}
              refusal={manage}
              aria-label={`Sign in to ${unit.name}`}
              onClick={() => void acts.signIn(`${workspacePath(returnTo)}${back}`, unit.id)}
            >
              Sign in there
            </Button>
          )}
          {unit.isUsable && !unit.isDefault && mayChoose && (
            <Button
              size="sm"
              look="ghost"
              busy={choice.busy === unit.id}
              refusal={manage}
              aria-label={`Make ${unit.name} the default`}
              onClick={() => void choice.choose(unit)}
            >
              Make default
            </Button>
          )}
          {unit.isUsable && onObjects && (
            <Button size="sm" aria-label={`Objects of ${unit.name}`} onClick={() => onObjects(unit.id)}>
              Objects
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
