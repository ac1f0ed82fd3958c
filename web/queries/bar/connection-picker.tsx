import { ChevronDown, ListOrdered, Plug } from 'lucide-react';
import type { Connection, ConnectionUnit } from '#contracts/connections/connections.ts';
import { cx } from '../../kit/cx.ts';
import { Go, useGo } from '../../kit/navigation.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuRadio } from '../../ui/menu.tsx';
import { engineWords, stateTone, stateWords, unitWord } from '../connections.ts';

const Dot = ({ state }: Pick<Connection, 'state'>) => (
  <i aria-hidden="true" className={cx('size-[7px] flex-none rounded-full', stateTone[state])} />
);

interface ConnectionPickerProps {
  connections: readonly Connection[];
  connection: Connection | undefined;
  onChoose: (id: string) => void;
}

/** Which connection the query is for, and how that stands. */
export function ConnectionPicker({ connections, connection, onChoose }: ConnectionPickerProps) {
  const go = useGo();
  const isBroken = connection && (connection.state === 'needs_reauth' || connection.state === 'new');
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Menu
        align="start"
        label="Connections"
        trigger={
          <Button
            className="min-w-0 flex-shrink! max-w-56"
            aria-label={
              connection ? `Connection ${connection.name}: ${stateWords[connection.state]}` : 'Choose a connection'
            }
            title={
              connection && `${connection.name} · ${engineWords[connection.kind]} · ${stateWords[connection.state]}`
            }
          >
            {connection && <Dot state={connection.state} />}
            <bdi className="truncate">{connection?.name ?? 'Choose a connection'}</bdi>
            <Icon of={ChevronDown} size={14} className="-mr-1 text-text-3" />
          </Button>
        }
      >
        <MenuLabel>Run on</MenuLabel>
        <MenuRadio
          value={connection?.id ?? ''}
          onValue={onChoose}
          options={connections.map((one) => ({
            value: one.id,
            label: (
              <span className="flex min-w-0 items-center gap-2">
                <Dot state={one.state} />
                <span className="min-w-0">
                  <bdi className="block max-w-64 truncate">{one.name}</bdi>
                  <span className="block text-meta text-text-3">
                    {`${engineWords[one.kind]} · ${stateWords[one.state]}`}
                  </span>
                </span>
              </span>
            ),
          }))}
        />
        <MenuLine />
        <MenuItem icon={Plug} onSelect={() => go('/connections')}>
          All connections
        </MenuItem>
        <MenuItem icon={ListOrdered} onSelect={() => go('/queries/queue')}>
          Queue of queries
        </MenuItem>
      </Menu>
      {isBroken && (
        <Go
          to="/connections"
          search={{ sel: connection.id }}
          className="flex min-h-6 flex-none items-center text-meta font-medium text-wait-fg hover:underline max-sm:min-h-11"
        >
          {connection.state === 'new' ? 'Sign in' : 'Reconnect'}
        </Go>
      )}
    </span>
  );
}

interface UnitPickerProps {
  kind: Connection['kind'];
  units: readonly ConnectionUnit[];
  unit: ConnectionUnit | undefined;
  onChoose: (id: string) => void;
}

/** Which business unit or instance. Another one has other objects and other rows. */
export function UnitPicker({ kind, units, unit, onChoose }: UnitPickerProps) {
  const word = unitWord(kind);
  return (
    <Menu
      align="start"
      label={word}
      trigger={
        <Button
          className="min-w-0 flex-shrink! max-w-64"
          aria-label={`${word}: ${unit?.name ?? 'none'}`}
          title={unit && `${unit.name} · ${unit.id}`}
        >
          <bdi className="truncate">{unit?.name ?? `Choose: ${word.toLowerCase()}`}</bdi>
          {unit && <span className="num truncate font-normal text-text-3 max-md:hidden">{unit.id}</span>}
          <Icon of={ChevronDown} size={14} className="-mr-1 text-text-3" />
        </Button>
      }
    >
      <MenuLabel>{word}</MenuLabel>
      <MenuRadio
        value={unit?.id ?? ''}
        onValue={onChoose}
        options={units
          .filter(({ isUsable }) => isUsable)
          .map(({ id, name, parentId }) => ({
            value: id,
            label: (
              <span className={cx('min-w-0', parentId && 'pl-2')}>
                <bdi className="block max-w-72 truncate">{name}</bdi>
                <span className="num block text-meta text-text-3">{id}</span>
              </span>
            ),
          }))}
      />
    </Menu>
  );
}
