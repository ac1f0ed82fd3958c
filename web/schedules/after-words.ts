import { formatDuration } from '#contracts/kit/duration.ts';
import type {
  AlertCondition,
  DeliveryOutcome,
  QueryDelivery,
  RowGuard,
  TargetMode,
} from '#contracts/queries/delivery.ts';
import { exportFormats } from '#contracts/queries/export-formats.ts';

export const deliveryTitles: Readonly<Record<QueryDelivery['kind'], string>> = {
  mail: 'Mail',
  webhook: 'Webhook',
  sftp: 'SFTP',
  data_extension: 'Data extension',
};
export const modeWords: Readonly<Record<TargetMode, { label: string; does: string }>> = {
  overwrite: { label: 'Overwrite', does: 'Replaces what is in' },
  append: { label: 'Append', does: 'Adds the rows to' },
  update: { label: 'Update', does: 'Adds and changes, by primary key, rows of' },
};

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
// In the measure in which it is set.
const megabytes = (bytes: number): string => `${Number((bytes / 1_048_576).toFixed(1))} MB`;
const count = (rows: number): string => rows.toLocaleString('en-GB');

const guardWords = ({ atLeast, atMost, withinPercent }: RowGuard): string =>
  `only with ${count(atLeast)} to ${count(atMost)} rows${withinPercent == null ? '' : `, at most ${withinPercent} % away from the last time`}`;

/** What a delivery does, as a sentence. `names`: of channels and credentials by id. */
export function deliveryWords(delivery: QueryDelivery, names: ReadonlyMap<string, string>): string {
  switch (delivery.kind) {
    case 'mail': {
      const { recipients, format, attachUpToBytes } = delivery;
      const to = recipients.length === 0 ? 'nobody yet' : list(recipients);
      return `Mails the rows as ${exportFormats[format].title} to ${to}; a file above ${megabytes(attachUpToBytes)} is a link to the run.`;
    }
    case 'webhook':
      return `Posts the rows as ${exportFormats[delivery.format].title}, signed, to ${names.get(delivery.channelId) ?? 'a channel'}.`;
    case 'sftp': {
      const { host, path, format, credentialId } = delivery;
      return `Writes the rows as ${exportFormats[format].title} to ${path || 'a file'} on ${host || 'a host'}, signed in with ${names.get(credentialId) ?? 'a credential'}; the file appears once it is whole.`;
    }
    case 'data_extension':
      return `${modeWords[delivery.mode].does} the data extension ${delivery.key || 'that is chosen'}, ${guardWords(delivery.guard)}.`;
  }
}

const comparisons = { above: 'more than', below: 'fewer than', equal: 'exactly', not_equal: 'any count but' } as const;
export const comparisonWords = {
  above: 'is above',
  below: 'is below',
  equal: 'is',
  not_equal: 'is not',
} as const;

export const alertTitles: Readonly<Record<AlertCondition['on'], string>> = {
  failure: 'It fails',
  late: 'It is late',
  no_rows: 'It has no rows',
  rows: 'A count of rows',
  change: 'The count changes',
  value: 'A value',
};

/** When an alert is told, as the end of “Tells #ops when …”. */
export function alertWords(when: AlertCondition): string {
  switch (when.on) {
    case 'failure':
      return 'a run fails, or a time starts none';
    case 'late':
      return `a run has not ended ${formatDuration(when.afterMs)} after its time`;
    case 'no_rows':
      return 'there are no rows';
    case 'rows':
      return `there are ${comparisons[when.is]} ${count(when.count)} rows`;
    case 'change':
      return `there are ${when.byPercent} % more or fewer rows than the run before had`;
    case 'value':
      return `${when.column || 'the column'} of the first row ${comparisonWords[when.is]} ${when.value}`;
  }
}

export const outcomeWords: Readonly<Record<DeliveryOutcome['state'], string>> = {
  delivering: 'on its way',
  delivered: 'delivered',
  linked: 'sent as a link: the file is larger than a letter may be',
  held: 'held back: nothing was written',
  failed: 'not delivered',
};
export const outcomeTitles: Readonly<Record<DeliveryOutcome['kind'], string>> = {
  mail: 'Mail to',
  webhook: 'Webhook',
  sftp: 'SFTP to',
  data_extension: 'Data extension',
};
