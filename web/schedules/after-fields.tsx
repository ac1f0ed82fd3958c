import { useQuery } from '@tanstack/react-query';
import { Bell, Plus, Send, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Channel } from '#contracts/notifications/channels.ts';
import type { AfterQuery, QueryAlert, QueryDelivery } from '#contracts/queries/delivery.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import { api } from '../kit/api.ts';
import { useMay, useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { AlertFields } from './alert-fields.tsx';
import { alertTitles, alertWords, deliveryTitles, deliveryWords } from './after-words.ts';
import { DeliveryFields } from './delivery-fields.tsx';

const MB = 1_048_576;
const fresh: Readonly<Record<QueryDelivery['kind'], QueryDelivery>> = {
  mail: { kind: 'mail', recipients: [], format: 'csv', attachUpToBytes: 5 * MB },
  webhook: { kind: 'webhook', channelId: '', format: 'ndjson' },
  sftp: { kind: 'sftp', host: '', port: 22, credentialId: '', fingerprint: '', path: '{date}.csv', format: 'csv' },
  data_extension: {
    kind: 'data_extension',
    key: '',
    mode: 'overwrite',
    guard: { atLeast: 1, atMost: 1_000_000, withinPercent: null },
  },
};
const freshAlerts: Readonly<Record<QueryAlert['when']['on'], QueryAlert['when']>> = {
  failure: { on: 'failure' },
  late: { on: 'late', afterMs: 3_600_000 },
  no_rows: { on: 'no_rows' },
  rows: { on: 'rows', is: 'above', count: 0 },
  change: { on: 'change', byPercent: 20 },
  value: { on: 'value', column: '', is: 'above', value: 0 },
};

export interface AfterChoices {
  readonly channels: readonly Channel[];
  readonly mailIsReady: boolean;
  readonly credentials: readonly { id: string; name: string; username: string }[];
  /** Of both, by id. */
  readonly names: ReadonlyMap<string, string>;
}

/** What deliveries and alerts can be given: channels and credentials. */
export function useAfterChoices(): AfterChoices {
  const maySeeChannels = useMay('notifications:read');
  const maySeeCredentials = useMay('credentials:read');
  const channels = useQuery({
    queryKey: ['channels'],
    queryFn: ({ signal }) => api.listChannels({ signal }),
    enabled: maySeeChannels,
  });
  const credentials = useQuery({
    queryKey: ['credentials', 'names'],
    queryFn: ({ signal }) => api.listCredentials({ query: { limit: 200 }, signal }),
    enabled: maySeeCredentials,
  });
  const [known, kept] = [channels.data?.data ?? [], credentials.data?.data ?? []];
  return {
    channels: known,
    mailIsReady: channels.data?.mailIsReady !== false,
    credentials: kept,
    names: new Map([...known, ...kept].map(({ id, name }) => [id, name])),
  };
}

interface AfterFieldsProps {
  after: AfterQuery;
  onAfter: (after: AfterQuery) => void;
  target: QueryTarget;
  engine: string | undefined;
  /** By the way to the field: `deliveries/0/host`. */
  faultOf: (path: string) => string | undefined;
  /** Places of deliveries that replace a data extension, to which the person has said yes. */
  confirmed: ReadonlySet<string>;
  onConfirm: (key: string, isConfirmed: boolean) => void;
}

/** Where the rows of each run go, and who hears of what. */
export function AfterFields({ after, onAfter, target, engine, faultOf, confirmed, onConfirm }: AfterFieldsProps) {
  const choices = useAfterChoices();
  const refusal = useRefusal();
  const { deliveries, alerts } = after;
  const setDelivery = (index: number, next: QueryDelivery) =>
    onAfter({ ...after, deliveries: deliveries.map((one, at) => (at === index ? next : one)) });
  const setAlert = (index: number, next: QueryAlert) =>
    onAfter({ ...after, alerts: alerts.map((one, at) => (at === index ? next : one)) });
  const why: Record<QueryDelivery['kind'], string | null> = {
    mail: choices.mailIsReady ? null : 'Mail is not set up on this installation',
    webhook: choices.channels.some(({ kind }) => kind === 'webhook')
      ? null
      : 'There is no channel of the kind webhook yet',
    sftp:
      refusal('servers:manage') ??
      (choices.credentials.length > 0 ? null : 'There is no credential to sign in with yet'),
    data_extension: engine === 'sfmc' ? null : 'Only rows of Marketing Cloud go into a data extension',
  };
  return (
    <>
      <Part
        label="Where the rows go"
        hint="Each run takes its rows there once it has them. They pass through and are kept nowhere here."
        faultText={faultOf('deliveries')}
        add={
          <Menu
            isAbove
            label="Kinds of deliveries"
            trigger={
              <Button size="sm" icon={Plus} refusal={refusal('queries:export')} disabled={deliveries.length >= 10}>
                Add delivery
              </Button>
            }
          >
            {(Object.keys(fresh) as QueryDelivery['kind'][]).map((kind) => (
              <MenuItem
                key={kind}
                icon={Send}
                refusal={why[kind]}
                onSelect={() => onAfter({ ...after, deliveries: [...deliveries, fresh[kind]] })}
              >
                {deliveryTitles[kind]}
              </MenuItem>
            ))}
          </Menu>
        }
      >
        {deliveries.map((delivery, index) => (
          <Entry
            key={index}
            title={deliveryTitles[delivery.kind]}
            words={deliveryWords(delivery, choices.names)}
            onRemove={() => onAfter({ ...after, deliveries: deliveries.filter((_, at) => at !== index) })}
          >
            <DeliveryFields
              delivery={delivery}
              onDelivery={(next) => setDelivery(index, next)}
              choices={choices}
              target={target}
              faultOf={(field) => faultOf(`deliveries/${index}/${field}`)}
              isConfirmed={delivery.kind === 'data_extension' && confirmed.has(delivery.key)}
              onConfirm={onConfirm}
            />
          </Entry>
        ))}
      </Part>
      <Part
        label="Who hears of it"
        hint="Messages name counts and columns, never a value of the result."
        faultText={faultOf('alerts')}
        add={
          <Menu
            isAbove
            label="Kinds of alerts"
            trigger={
              <Button
                size="sm"
                icon={Plus}
                disabled={alerts.length >= 20}
                refusal={choices.channels.length > 0 ? null : 'There is no channel yet: add one in the settings'}
              >
                Add alert
              </Button>
            }
          >
            {(Object.keys(freshAlerts) as QueryAlert['when']['on'][]).map((on) => (
              <MenuItem
                key={on}
                icon={Bell}
                onSelect={() =>
                  onAfter({
                    ...after,
                    alerts: [...alerts, { channelId: choices.channels[0]?.id ?? '', when: freshAlerts[on] }],
                  })
                }
              >
                {alertTitles[on]}
              </MenuItem>
            ))}
          </Menu>
        }
      >
        {alerts.map((alert, index) => (
          <Entry
            key={index}
            title={alertTitles[alert.when.on]}
            words={`Tells ${choices.names.get(alert.channelId) ?? 'a channel'} when ${alertWords(alert.when)}.`}
            onRemove={() => onAfter({ ...after, alerts: alerts.filter((_, at) => at !== index) })}
          >
            <AlertFields
              alert={alert}
              onAlert={(next) => setAlert(index, next)}
              channels={choices.channels}
              faultOf={(field) => faultOf(`alerts/${index}/${field}`)}
            />
          </Entry>
        ))}
      </Part>
    </>
  );
}

function Part({
  label,
  hint,
  add,
  faultText,
  children,
}: {
  label: string;
  hint: string;
  add: ReactNode;
  faultText: string | undefined;
  children: ReactNode;
}) {
  return (
    <section aria-label={label} className="flex flex-col gap-3 border-t border-line pt-4">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="font-semibold">{label}</h3>
        <span className="ml-auto">{add}</span>
        <p className="w-full text-meta text-text-3">{hint}</p>
      </div>
      {faultText && <Note tone="fail">{faultText}</Note>}
      {children}
    </section>
  );
}

/** One delivery or alert: what it does in words, what it is made of, and away with it. */
function Entry({
  title,
  words,
  onRemove,
  children,
}: {
  title: string;
  words: string;
  onRemove: () => void;
  children: ReactNode;
}) {
  return (
    <fieldset className="min-w-0 rounded-md border border-line bg-surface" aria-label={title}>
      <div className="flex items-start gap-2 border-b border-line bg-sunken px-3 py-2">
        <div className="min-w-0 flex-1">
          <p className="font-medium">{title}</p>
          <p className="text-meta break-words text-text-2" aria-live="polite">
            {words}
          </p>
        </div>
        <IconButton size="sm" icon={Trash2} label={`Remove ${title}`} onClick={onRemove} />
      </div>
      <div className="flex flex-col gap-3 p-3">{children}</div>
    </fieldset>
  );
}
