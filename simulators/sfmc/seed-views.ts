import type { Column } from './sql/translate.ts';
import type { ValueType } from './sql/calls.ts';
import { email, rowNumbers, subscriberKey } from './seed-rows.ts';

interface ViewDef {
  readonly name: string;
  /** `Name type expression`; types as in the data views' own list: N T D B. */
  readonly columns: readonly (readonly [name: string, type: 'N' | 'T' | 'D' | 'B', sql: string])[];
  /** What `i` and the expressions are taken from. */
  readonly from: (units: readonly number[]) => string;
  /** The column that says whose row it is; absent: everybody's. */
  readonly unitColumn?: string;
}

const jobs = 90;
const perJob = 400;
const subscribers = 5_000;
/** `j` the job from 1, `s` its receiver from 1; one job a day, the last today. */
const grain = `(select i as n, 1 + (i - 1) / ${perJob} as j, 1 + (i * 13 + (i - 1) / ${perJob} * 97) % ${subscribers} as i from ${rowNumbers('1', String(jobs * perJob))})`;
const sentAt = (minutes: string): string =>
  `strftime('%Y-%m-%d %H:%M:%S', 'now', '-6 hours', 'start of day', '-' || (${jobs} - j) || ' days', '+8 hours', '+' || (${minutes}) || ' minutes')`;
const account = (units: readonly number[]): string => `case when j % 3 = 0 then ${units[2]} else ${units[1]} end`;

function eventView(
  name: string,
  units: string,
  chosen: string,
  minutes: string,
  more: ViewDef['columns'] = [],
): ViewDef {
  return {
    name,
    unitColumn: 'AccountID',
    columns: [
      ['AccountID', 'N', units],
      ['OYBAccountID', 'N', 'null'],
      ['JobID', 'N', '1000 + j'],
      ['ListID', 'N', '10 + j % 3'],
      ['BatchID', 'N', '1 + j % 2'],
      ['SubscriberID', 'N', '100000 + i'],
      ['SubscriberKey', 'T', subscriberKey],
      ['EventDate', 'D', sentAt(minutes)],
      ['Domain', 'T', "'example.test'"],
      ...more,
      ['TriggererSendDefinitionObjectID', 'T', "case when j % 5 = 0 then 'act-' || (j % 3) end"],
      ['TriggeredSendCustomerKey', 'T', "case when j % 5 = 0 then 'ts-' || (j % 3) end"],
    ],
    from: () => `(select * from ${grain} where ${chosen})`,
  };
}

const unique = ['IsUnique', 'B', '1'] as const;
const views = (units: readonly number[]): ViewDef[] => {
  const of = account(units);
  return [
    eventView('_Sent', of, 'true', '0'),
    eventView('_Open', of, 'n % 3 = 0', '5 + n % 700', [unique]),
    eventView('_Click', of, 'n % 12 = 0', '7 + n % 900', [
      ['URL', 'T', "'https://shop.example.test/p/' || (n % 50)"],
      ['LinkName', 'T', "'Link ' || (n % 5)"],
      ['LinkContent', 'T', 'null'],
      unique,
    ]),
    eventView('_Bounce', of, 'n % 50 = 7', '1', [
      ['BounceCategoryID', 'N', '1 + n % 3'],
      ['BounceCategory', 'T', "case n % 3 when 0 then 'Hard bounce' when 1 then 'Soft bounce' else 'Block bounce' end"],
      ['BounceSubcategoryID', 'N', '100'],
      ['BounceSubcategory', 'T', "'User Unknown'"],
      ['BounceTypeID', 'N', '1'],
      ['BounceType', 'T', "'Immediate'"],
      ['SMTPBounceReason', 'T', "'5.1.1 user unknown'"],
      ['SMTPMessage', 'T', "'550 no such user'"],
      ['SMTPCode', 'N', '550'],
      unique,
    ]),
    eventView('_Unsubscribe', of, 'n % 211 = 3', '90', [unique]),
    eventView('_Complaint', of, 'n % 1999 = 5', '95', [unique]),
    {
      name: '_Job',
      unitColumn: 'AccountID',
      columns: [
        ['JobID', 'N', '1000 + j'],
        ['EmailID', 'N', '500 + j % 12'],
        ['AccountID', 'N', of],
        ['AccountUserID', 'N', '1'],
        ['FromName', 'T', "'Northwind'"],
        ['FromEmail', 'T', "'hello@northwind.example.test'"],
        ['SchedTime', 'D', sentAt('0')],
        ['PickupTime', 'D', sentAt('0')],
        ['DeliveredTime', 'D', sentAt('20')],
        ['IsMultipart', 'B', '1'],
        ['JobType', 'T', "'Bulk'"],
        ['JobStatus', 'T', "'Complete'"],
        ['ModifiedDate', 'D', sentAt('20')],
        ['EmailName', 'T', "'Newsletter ' || j"],
        ['EmailSubject', 'T', "'News of day ' || j"],
        ['IsWrapped', 'B', '1'],
        ['Category', 'T', "'newsletter'"],
        ['CreatedDate', 'D', sentAt('-60')],
        ['SendType', 'T', "'Normal'"],
        ['DeduplicateByEmail', 'B', '1'],
      ],
      from: () => `(select i as j from ${rowNumbers('1', String(jobs))})`,
    },
    {
      name: '_Subscribers',
      columns: [
        ['SubscriberID', 'N', '100000 + i'],
        ['SubscriberKey', 'T', subscriberKey],
        ['DateUndeliverable', 'D', 'null'],
        ['DateJoined', 'D', "strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || (100 + i % 900) || ' days')"],
        [
          'DateUnsubscribed',
          'D',
          "case when i % 25 = 0 then strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || (i % 90) || ' days') end",
        ],
        ['Domain', 'T', "'example.test'"],
        ['EmailAddress', 'T', email],
        ['BounceCount', 'N', 'i % 3'],
        ['SubscriberType', 'T', "'Email'"],
        ['Status', 'T', "case when i % 25 = 0 then 'unsubscribed' when i % 40 = 0 then 'held' else 'active' end"],
        ['Locale', 'T', 'null'],
      ],
      from: () => rowNumbers('1', String(subscribers)),
    },
    {
      name: '_ListSubscribers',
      columns: [
        ['SubscriberID', 'N', '100000 + i'],
        ['SubscriberKey', 'T', subscriberKey],
        ['AddedBy', 'N', '1'],
        ['AddMethod', 'T', "'Import'"],
        ['CreatedDate', 'D', "strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || (100 + i % 900) || ' days')"],
        ['DateUnsubscribed', 'D', 'null'],
        ['EmailAddress', 'T', email],
        ['ListID', 'N', '10 + i % 3'],
        ['ListName', 'T', "'List ' || (i % 3)"],
        ['ListType', 'T', "'List'"],
        ['Status', 'T', "'active'"],
        ['SubscriberType', 'T', "'Email'"],
      ],
      from: () => rowNumbers('1', String(subscribers)),
    },
    {
      name: '_Journey',
      columns: [
        ['VersionID', 'T', "'ver-1'"],
        ['JourneyID', 'T', "'jny-1'"],
        ['JourneyName', 'T', "'Welcome'"],
        ['VersionNumber', 'N', '1'],
        ['CreatedDate', 'D', "strftime('%Y-%m-%d %H:%M:%S', 'now', '-120 days')"],
        ['LastPublishedDate', 'D', "strftime('%Y-%m-%d %H:%M:%S', 'now', '-110 days')"],
        ['ModifiedDate', 'D', "strftime('%Y-%m-%d %H:%M:%S', 'now', '-110 days')"],
        ['JourneyStatus', 'T', "'Running'"],
      ],
      from: () => rowNumbers('1', '1'),
    },
    {
      name: '_JourneyActivity',
      columns: [
        ['VersionID', 'T', "'ver-1'"],
        ['ActivityID', 'T', "'a-' || i"],
        ['ActivityName', 'T', "'Mail ' || i"],
        ['ActivityExternalKey', 'T', "'EMAILV2-' || i"],
        ['JourneyActivityObjectID', 'T', "'act-' || (i - 1)"],
        ['ActivityType', 'T', "'EMAILV2'"],
      ],
      from: () => rowNumbers('1', '3'),
    },
  ];
};

const types = { N: 'integer', T: 'text', D: 'date', B: 'boolean' } as const satisfies Record<string, ValueType>;
const declared = { N: 'integer', T: 'text collate nocase', D: 'text', B: 'integer' } as const;

export interface SeedView {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly Column[];
  readonly unitColumn: string | undefined;
  /** Makes the table and its rows. */
  readonly script: string;
}

/** Ninety days of data views, with keys that fit together and to the data extensions. */
export const seedViews = (units: readonly number[]): SeedView[] =>
  views(units).map(({ name, columns, from, unitColumn }) => {
    const table = `view${name.toLowerCase()}`;
    const list = columns.map(([column, type]) => `"${column}" ${declared[type]}`).join(', ');
    const values = columns.map(([, , sql]) => sql).join(', ');
    return {
      name,
      table,
      unitColumn,
      columns: columns.map(([column, type]) => ({ name: column, type: types[type] })),
      script: `create table ${table} (${list}); insert into ${table} select ${values} from ${from(units)};`,
    };
  });
