import type { FieldType } from './world.ts';

/** A column of a seeded data extension: its value as an expression over the row's number `i`, from 1. */
export interface SeedField {
  readonly name: string;
  readonly type: FieldType;
  readonly length?: number;
  readonly isKey?: boolean;
  readonly isRequired?: boolean;
  readonly sql: string;
}
export interface SeedExtension {
  readonly name: string;
  readonly key: string;
  /** 0: the enterprise, 1 and 2: its units. */
  readonly unit: 0 | 1 | 2;
  readonly isShared?: boolean;
  readonly rows: number;
  readonly fields: readonly SeedField[];
}

const pick = (values: readonly string[], by = 'i'): string =>
  `case (${by}) % ${values.length} ${values.map((value, at) => `when ${at} then '${value}'`).join(' ')} end`;
const cities = pick(['Oslo', 'Berlin', 'Lisbon', 'Porto', 'Zürich', 'Kraków', 'New York', 'São Paulo'], 'i * 7');
export const subscriberKey = "printf('sub-%06d', i)";
export const email = "'person' || i || '@example.test'";
/** A day in the last `days`, at a time of that day. */
const recent = (days: number): string =>
  `strftime('%Y-%m-%d %H:%M:%S', 'now', '-6 hours', '-' || ((i * 7919) % ${days}) || ' days', '-' || ((i * 104729) % 86400) || ' seconds')`;

const key: SeedField = {
  name: 'SubscriberKey',
  type: 'Text',
  length: 254,
  isKey: true,
  isRequired: true,
  sql: subscriberKey,
};
const mail: SeedField = { name: 'EmailAddress', type: 'EmailAddress', length: 254, sql: email };
const field = (name: string, type: FieldType, sql: string, length?: number): SeedField => ({
  name,
  type,
  sql,
  ...(length !== undefined && { length }),
});

const purchases: SeedField[] = [
  { name: 'PurchaseID', type: 'Number', isKey: true, isRequired: true, sql: 'i' },
  field('SubscriberKey', 'Text', "printf('sub-%06d', 1 + (i * 31) % 5000)", 254),
  field('OrderDate', 'Date', "strftime('%Y-%m-%d %H:%M:%S', 1767225600 - (i * 61) % 31536000, 'unixepoch')"),
  field('Amount', 'Decimal', 'round(((i * 7919) % 100000) / 100.0, 2)'),
  field('Tax', 'Decimal', 'round(((i * 7919) % 100000) / 500.0, 2)'),
  field('Quantity', 'Number', '1 + i % 9'),
  field('Currency', 'Text', pick(['EUR', 'USD', 'NOK', 'GBP']), 3),
  field('Store', 'Text', "'store-' || (1 + i % 40)", 50),
  field('ProductSku', 'Text', "'SKU-' || (1 + (i * 13) % 500)", 50),
  field('City', 'Text', cities, 80),
  field('Channel', 'Text', pick(['web', 'store', 'app']), 20),
  field('IsReturn', 'Boolean', '(i % 50) = 0'),
  field('IsGift', 'Boolean', '(i % 17) = 0'),
  field('Coupon', 'Text', "case when i % 5 = 0 then 'C' || (i % 97) end", 20),
  field('Points', 'Number', '(i * 3) % 1000'),
  field('Rating', 'Number', 'case when i % 3 = 0 then 1 + i % 5 end'),
  field('Weight', 'Decimal', 'round(((i * 17) % 5000) / 10.0, 2)'),
  field('Email', 'EmailAddress', "'person' || (1 + (i * 31) % 5000) || '@example.test'", 254),
  field('Phone', 'Phone', "printf('+4790%06d', i % 1000000)", 50),
  field('Note', 'Text', "'order ' || i", 200),
];

/** The 12 data extensions; the one of a million rows is computed as it is read, never stored. */
export const seedExtensions: readonly SeedExtension[] = [
  {
    name: 'Members',
    key: 'Members',
    unit: 1,
    rows: 5_000,
    fields: [
      key,
      mail,
      field('FirstName', 'Text', pick(['Ada', 'Björn', 'Chloé', 'Dmitri', 'Eda', 'Finn']), 80),
      field('City', 'Text', cities, 80),
      field('Points', 'Number', '(i * 37) % 10000'),
      field('Spent', 'Decimal', 'round(((i * 7919) % 500000) / 100.0, 2)'),
      field('IsActive', 'Boolean', '(i % 10) <> 0'),
      field('JoinedDate', 'Date', recent(900)),
      field('Phone', 'Phone', "case when i % 4 <> 0 then printf('+4790%06d', i) end", 50),
      field('Language', 'Locale', pick(['nb-NO', 'de-DE', 'pt-PT', 'en-US']), 5),
    ],
  },
  { name: 'Purchases', key: 'Purchases', unit: 1, rows: 1_000_000, fields: purchases },
  {
    name: 'Customer Profile',
    key: 'customer_profile_180',
    unit: 1,
    rows: 1_000,
    fields: [
      key,
      ...Array.from({ length: 179 }, (_, at) => {
        const number = String(at + 1).padStart(3, '0');
        if (at % 3 === 0) return field(`Attribute${number}`, 'Text', `'v' || ((i * ${at + 3}) % 100)`, 50);
        if (at % 3 === 1) return field(`Score${number}`, 'Number', `(i * ${at + 5}) % 1000`);
        return field(`Flag${number}`, 'Boolean', `((i + ${at}) % 2) = 0`);
      }),
    ],
  },
  {
    name: 'Loyalty - Gold Tier',
    key: 'loyalty-gold',
    unit: 1,
    rows: 400,
    fields: [key, field('Tier', 'Text', "'gold'", 20), field('Since', 'Date', recent(300))],
  },
  {
    name: '2024 Campaign',
    key: '2024_campaign',
    unit: 1,
    rows: 250,
    fields: [
      key,
      field('Segment Name', 'Text', pick(['new', 'win-back', 'vip']), 40),
      field('1st Touch', 'Date', recent(90)),
    ],
  },
  {
    name: 'Größen & Maße',
    key: 'groessen',
    unit: 1,
    rows: 20,
    fields: [field('Größe', 'Text', pick(['S', 'M', 'L', 'XL']), 4), field('Maß (cm)', 'Decimal', '80 + i')],
  },
  { name: 'Empty Audience', key: 'empty_audience', unit: 1, rows: 0, fields: [key, mail] },
  {
    name: 'Preferences',
    key: 'preferences',
    unit: 1,
    rows: 3_000,
    fields: [
      key,
      field('Topic', 'Text', pick(['news', 'offers', 'events']), 40),
      field('OptIn', 'Boolean', '(i % 3) <> 0'),
    ],
  },
  {
    name: 'Stores',
    key: 'stores',
    unit: 1,
    rows: 40,
    fields: [
      { name: 'Store', type: 'Text', length: 50, isKey: true, isRequired: true, sql: "'store-' || i" },
      field('City', 'Text', cities, 80),
      field('Opened', 'Date', recent(3_000)),
    ],
  },
  {
    name: 'Products',
    key: 'products_shared',
    unit: 0,
    isShared: true,
    rows: 500,
    fields: [
      { name: 'Sku', type: 'Text', length: 50, isKey: true, isRequired: true, sql: "'SKU-' || i" },
      field('Name', 'Text', "'Product ' || i", 100),
      field('Price', 'Decimal', 'round(5 + (i * 37 % 20000) / 100.0, 2)'),
    ],
  },
  {
    name: 'Bookings',
    key: 'bookings',
    unit: 2,
    rows: 2_000,
    fields: [
      { name: 'BookingID', type: 'Number', isKey: true, isRequired: true, sql: 'i' },
      field('SubscriberKey', 'Text', "printf('sub-%06d', 1 + i % 5000)", 254),
      field('Destination', 'Text', cities, 80),
      field('Departs', 'Date', recent(120)),
      field('Price', 'Decimal', 'round(49 + (i * 113 % 90000) / 100.0, 2)'),
    ],
  },
  {
    name: 'Travellers',
    key: 'travellers',
    unit: 2,
    rows: 1_500,
    fields: [key, mail, field('Miles', 'Number', '(i * 997) % 200000')],
  },
];

/** A row number `i` for each row. */
export const rowNumbers = (from: string, to: string): string =>
  `(with recursive n(i) as (select ${from} where ${from} <= ${to} union all select i + 1 from n where i < ${to}) select i from n)`;
