import { type PackageDef, type Scenario, Knobs } from './scenario.ts';
import { seedExtensions } from './seed-rows.ts';
import { seedViews } from './seed-views.ts';
import { Store } from './store.ts';
import { allScopes } from './tokens.ts';
import { type Extension, type Field, type Folder, type Package, type World, newId, newSecret } from './world.ts';

const enterprise = 7_000_000;
const mids = [enterprise, 7_000_001, 7_000_002] as const;

/** Packages that are always there: of each kind one. The web app also signs users in from the App Switcher. */
function packages(redirectUris: readonly string[], more: readonly PackageDef[]): Package[] {
  const own: PackageDef[] = [
    {
      name: 'Windlass server',
      kind: 'server',
      clientId: 'simserver0000000000000001',
      clientSecret: newSecret(),
      redirectUris: [],
    },
    {
      name: 'Windlass',
      kind: 'web',
      clientId: 'simweb00000000000000000001',
      clientSecret: newSecret(),
      redirectUris: [...redirectUris],
      jwtSecret: newSecret(48),
    },
    {
      name: 'Windlass public',
      kind: 'public',
      clientId: 'simpublic000000000000000001',
      redirectUris: [...redirectUris],
    },
  ];
  return [...own, ...more].map((pack) => ({ ...pack, id: newId(), scopes: pack.scopes ?? allScopes }));
}

function folders(): Map<number, Folder> {
  const folder = (id: number, mid: number, name: string, key: string, contentType: string, parentId = 0): Folder => ({
    id,
    mid,
    name,
    key,
    parentId,
    contentType,
    description: '',
    isActive: true,
    isEditable: parentId !== 0,
    allowChildren: true,
    madeAt: null,
  });
  const list = mids.flatMap((mid, index) => [
    folder(100 + index * 10, mid, 'Data Extensions', 'dataextension_default', 'dataextension'),
    folder(101 + index * 10, mid, 'Query', 'queryactivity_default', 'queryactivity'),
  ]);
  list.push(
    folder(150, enterprise, 'Shared Data Extensions', 'shared_dataextension_default', 'shared_dataextension'),
    folder(151, mids[1], 'Loyalty', 'loyalty', 'dataextension', 110),
    folder(152, mids[1], 'Campaigns', 'campaigns', 'dataextension', 110),
  );
  return new Map(list.map((item) => [item.id, item]));
}

const folderOf: Record<string, number> = { 'Loyalty - Gold Tier': 151, '2024 Campaign': 152, Products: 150 };

function extensions(): Map<string, Extension> {
  const list = seedExtensions.map((seed, index): Extension => {
    const id = newId();
    const fields = seed.fields.map((field, at): Field => ({
      name: field.name,
      type: field.type,
      length: field.length ?? null,
      precision: field.type === 'Decimal' ? 18 : 0,
      scale: field.type === 'Decimal' ? 2 : 0,
      isKey: field.isKey ?? false,
      isRequired: field.isRequired ?? false,
      defaultValue: null,
      ordinal: at + 1,
    }));
    return {
      id,
      mid: mids[seed.unit],
      name: seed.name,
      key: seed.key,
      folderId: folderOf[seed.name] ?? 100 + seed.unit * 10,
      description: '',
      fields,
      isSendable: seed.fields.some(({ name }) => name === 'SubscriberKey'),
      retention: {},
      table: `de_seed_${index + 1}`,
      rows: {
        // The great one is computed whenever it is read; the others are stored on first use.
        kind: seed.rows > 100_000 ? 'generated' : 'pending',
        count: seed.rows,
        sql: Object.fromEntries(seed.fields.map(({ name, sql }) => [name, sql])),
      },
      madeAt: null,
      visibleAt: 0,
      rowsVisibleAt: 0,
    };
  });
  return new Map(list.map((extension) => [extension.id, extension]));
}

/** A world with an enterprise, three business units, two users, three packages, twelve data extensions and its data views. */
export function makeWorld(scenario: Scenario, redirectUris: readonly string[]): World & { stop(): Promise<void> } {
  const store = new Store();
  const timers = new Set<NodeJS.Timeout>();
  let offsetMs = 0;
  return {
    tssd: 'mcsim00000000000000000000000',
    enterpriseName: 'Northwind Group',
    units: [
      { mid: mids[0], name: 'Northwind Group', parent: 0 },
      { mid: mids[1], name: 'Northwind Retail', parent: enterprise },
      { mid: mids[2], name: 'Northwind Travel', parent: enterprise },
    ],
    users: [
      {
        id: 501,
        name: 'Ada Admin',
        username: 'ada',
        password: newSecret(9),
        email: 'ada@northwind.example.test',
        units: [mids[1], mids[0], mids[2]],
      },
      {
        id: 502,
        name: 'Rita Retail',
        username: 'rita',
        password: newSecret(9),
        email: 'rita@northwind.example.test',
        units: [mids[1]],
      },
    ],
    packages: packages(redirectUris, scenario.packages),
    knobs: Knobs.parse(scenario.knobs ?? {}),
    faults: scenario.faults.map((fault) => ({ ...fault, seen: 0, left: fault.times })),
    folders: folders(),
    extensions: extensions(),
    queries: new Map(),
    tasks: new Map(),
    codes: new Map(),
    access: new Map(),
    refresh: new Map(),
    revokedFamilies: new Set(),
    views: seedViews(mids),
    reserved: new Map(),
    performs: new Map(),
    unanswered: [],
    calls: new Map(),
    store,
    now: () => Date.now() + offsetMs,
    moveClock(ms) {
      offsetMs += ms;
      store.moveClock(offsetMs);
    },
    later(ms, work) {
      const timer = setTimeout(() => (timers.delete(timer), work()), ms);
      timers.add(timer);
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await store.close();
    },
  };
}
