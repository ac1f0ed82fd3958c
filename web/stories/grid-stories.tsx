import { useEffect, useState } from 'react';
import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { Button } from '../ui/button.tsx';
import { DiffView } from '../queries/grid/diff-view.tsx';
import { ResultGrid } from '../queries/grid/result-grid.tsx';
import { createResultStore, type ResultStore } from '../queries/grid/result-store.ts';
import { Story } from './story.tsx';
import { nothing } from './story-data.ts';

const columns: readonly QueryColumn[] = [
  { name: 'SubscriberKey', type: 'text', nativeType: 'Text', length: 50 },
  { name: 'EmailAddress', type: 'email', nativeType: 'EmailAddress', length: 254 },
  { name: 'Tier', type: 'text', nativeType: 'Text', length: 20 },
  { name: 'LastOpen', type: 'timestamp', nativeType: 'Date' },
  { name: 'Opens30d', type: 'integer', nativeType: 'Number' },
  { name: 'Points', type: 'decimal', nativeType: 'Decimal', precision: 12, scale: 2 },
  { name: 'Consent', type: 'boolean', nativeType: 'Boolean' },
  { name: 'City', type: 'text', nativeType: 'Text', length: 80 },
  { name: 'Profile', type: 'json', nativeType: 'jsonb' },
];
const names = ['ivo.moreau', 'hugo.jansen', 'greta.novak', 'nadia.lind', 'sofie.holm', 'lea.costa', 'anton.rossi'];
const cities = ['Lyon', 'Utrecht', 'القاهرة', 'Praha', 'תל אביב', 'København', '東京', ''];
const tiers = ['Gold', 'Summit', null, 'Base'];

/** Row after row of a loyalty programme, the same for the same number. */
export const storyRow = (row: number): Cell[] => [
  `0035${String(3_792_435 + row * 7_919).slice(0, 7)}`,
  `${names[row % names.length] ?? ''}${row > 6 ? row : ''}@mail.example`,
  tiers[(row * 5) % 7 === 0 ? 2 : row % 2] ?? null,
  new Date(Date.UTC(2026, 10, 18, 11, 22, 56) - row * 7_741_000).toISOString().slice(0, 19),
  String((row * 37) % 19),
  (((row * 7_919) % 900_000) / 100).toFixed(2),
  row % 3 === 0 ? 'true' : row % 11 === 0 ? null : 'false',
  cities[row % cities.length] ?? null,
  row % 4 === 0 ? null : `{"card":{"since":"20${10 + (row % 16)}-03","tags":["web","store"]},"visits":${row % 40}}`,
];
const privacy: readonly QueryColumn[] = [
  { name: 'campaign', type: 'text' },
  { name: 'impressions', type: 'integer' },
  { name: 'windlass_filtered', type: 'boolean' },
  { name: 'windlass_users', type: 'integer' },
  { name: 'windlass_filter_reason', type: 'text' },
];
const privacyRow = (row: number): Cell[] =>
  row % 9 === 4
    ? [null, String(row * 31), 'true', '97', "97 'dsp_impressions' users < 100 required"]
    : [`Summer ${row}`, String(row * 310), 'false', '100', null];

function useStoryStore(of: readonly QueryColumn[], count: number, row: (at: number) => Cell[]): ResultStore | null {
  const [store, setStore] = useState<ResultStore | null>(null);
  useEffect(() => {
    const made = createResultStore(of);
    // A story that was left is not filled any more.
    const rows = Array.from({ length: count }, (_, at) => row(at));
    made.append(rows).then(
      () => setStore(made),
      () => undefined,
    );
    return () => made.dispose();
  }, [of, count, row]);
  return store;
}
const laterRow = (row: number): Cell[] =>
  storyRow(row + 2).map((cell, at) => (at === 4 && row % 5 === 0 ? '99' : cell));
const none = (): Cell[] => [];

/** The result of a query, in its states. */
export function GridStories() {
  const many = useStoryStore(columns, 12_500, storyRow);
  const cut = useStoryStore(columns, 400, storyRow);
  const hidden = useStoryStore(privacy, 90, privacyRow);
  const empty = useStoryStore(columns, 0, none);
  const later = useStoryStore(columns, 400, laterRow);
  return (
    <>
      <Story title="Result: 12,500 rows of every type" wide>
        <div className="flex h-96 flex-col">
          {many && (
            <ResultGrid store={many} label="Members" status={{ loaded: 12_500, total: 12_500, isComplete: true }} />
          )}
        </div>
      </Story>
      <Story title="Result: cut at a limit" wide>
        <div className="flex h-64 flex-col">
          {cut && (
            <ResultGrid
              store={cut}
              label="Members, cut"
              status={{
                loaded: 400,
                total: 1_204_311,
                isComplete: false,
                cut: 'Sort, filter and figures are of these.',
              }}
              cutActs={
                <Button size="sm" onClick={nothing}>
                  Load 400 more rows
                </Button>
              }
            />
          )}
        </div>
      </Story>
      <Story title="Result: rows hidden by privacy" wide>
        <div className="flex h-64 flex-col">
          {hidden && <ResultGrid store={hidden} label="Overlap" status={{ loaded: 90, total: 90, isComplete: true }} />}
        </div>
      </Story>
      <Story title="Result: no rows" wide>
        <div className="flex h-52 flex-col">
          {empty && <ResultGrid store={empty} label="None" status={{ loaded: 0, total: 0, isComplete: true }} />}
        </div>
      </Story>
      <Story title="Result: compared with a later one" wide>
        <div className="flex h-80 flex-col">{cut && later && <DiffView before={cut} after={later} />}</div>
      </Story>
    </>
  );
}
