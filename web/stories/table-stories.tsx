import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../ui/button.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { FilterBar, PageFoot } from '../ui/page.tsx';
import type { StatusName } from '../ui/status.ts';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { Story } from './story.tsx';
import { nothing } from './story-data.ts';

interface Line {
  id: string;
  name: string;
  status: StatusName;
  steps: number;
}
const looks: readonly StatusName[] = ['running', 'waiting', 'failed', 'succeeded', 'canceled'];
const lines: readonly Line[] = Array.from({ length: 200 }, (_, index) => ({
  id: String(index),
  name: `Roll storefront ${index + 1}`,
  status: looks[index % looks.length] ?? 'succeeded',
  steps: (index % 7) + 1,
}));
const columns: ReadonlyArray<DataColumn<Line>> = [
  { id: 'status', head: 'Status', width: 110, cell: ({ status }) => <StatusGlyph status={status} withWord /> },
  { id: 'name', head: 'Run', width: 180, grow: true, cell: ({ name }) => name, sortValue: ({ name }) => name },
  {
    id: 'strand',
    head: 'Progress',
    width: 110,
    cell: ({ id, status, steps }) => (
      <Strand
        segments={Array.from({ length: steps }, (_, step) => ({
          id: `${id}.${step}`,
          status: step === steps - 1 ? status : 'succeeded',
        }))}
      />
    ),
  },
  {
    id: 'steps',
    head: 'Steps',
    width: 70,
    align: 'right',
    cell: ({ steps }) => steps,
    sortValue: ({ steps }) => steps,
  },
];

/** Lists with many facts. */
export function TableStories() {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set(['1', '3']));
  const [sort, setSort] = useState('-steps');
  const [open, setOpen] = useState('2');
  return (
    <>
      <Story title="Table: sorted, two selected, one open, a menu in each row" wide>
        <FilterBar>
          <span className="pt-3 text-meta text-text-2">Filters stand here.</span>
        </FilterBar>
        <div className="flex h-72 flex-col">
          <DataTable<Line>
            label="Runs"
            rows={lines}
            columns={columns}
            rowId={({ id }) => id}
            nameOf={({ name }) => name}
            selected={selected}
            onSelected={setSelected}
            sort={sort}
            onSort={setSort}
            active={open}
            onOpen={({ id }) => setOpen(id)}
            rowMenu={({ name }) => <IconButton icon={Ellipsis} size="sm" label={`Acts on ${name}`} onClick={nothing} />}
          />
        </div>
        <PageFoot>200 runs</PageFoot>
      </Story>
      <Story title="Table that only shows" wide>
        <div className="flex h-40 flex-col">
          <DataTable<Line> label="Few" rows={lines.slice(0, 3)} columns={columns.slice(0, 2)} rowId={({ id }) => id} />
        </div>
      </Story>
    </>
  );
}
