import { ChevronUp, Columns3, Download, Link2, Pause } from 'lucide-react';
import { countText } from '../kit/time.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Segmented } from '../ui/choice.tsx';
import { copyText } from '../ui/copy.tsx';
import type { DataColumn } from '../ui/data-table.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyCaps } from '../ui/key-cap.tsx';
import { Menu, MenuCheck, MenuLabel } from '../ui/menu.tsx';
import { PageFoot } from '../ui/page.tsx';
import { toast } from '../ui/toast.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import type { RunRow } from './run-tree.ts';

interface Total {
  total: number;
  isCapped: boolean;
}
const totalWords = ({ total, isCapped }: Total): string =>
  `${total.toLocaleString('en-GB')}${isCapped ? '+' : ''} ${total === 1 ? 'run' : 'runs'}`;

/** What the list as a whole can do: be sent to somebody, leave as a file, show other columns. */
export function RunsActs({
  columns,
  hidden,
  onHidden,
  total,
  exportHref,
}: {
  columns: ReadonlyArray<DataColumn<RunRow>>;
  hidden: readonly string[];
  onHidden: (hidden: string[]) => void;
  total: Total | null;
  /** The file of all that the list shows. */
  exportHref: string;
}) {
  const size = total ? `${totalWords(total)} as CSV` : 'As CSV';
  return (
    <>
      <Button
        look="ghost"
        icon={Link2}
        className="max-sm:hidden"
        onClick={() => void copyText(location.href).then((done) => done && toast.note('Link to this view copied'))}
      >
        Copy link to this view
      </Button>
      <Tooltip says={size}>
        <Button asChild className="max-sm:hidden">
          <a href={exportHref} download aria-label={`Export ${size}`}>
            <Icon of={Download} size={14} /> Export
          </a>
        </Button>
      </Tooltip>
      <Menu
        label="Columns"
        trigger={<IconButton icon={Columns3} label="Choose columns" look="default" className="max-sm:hidden" />}
      >
        <MenuLabel>Columns</MenuLabel>
        {columns
          .filter(({ id }) => id !== 'run')
          .map(({ id, head }) => (
            <MenuCheck
              key={id}
              checked={!hidden.includes(id)}
              onChecked={(on) => onHidden(on ? hidden.filter((other) => other !== id) : [...hidden, id])}
            >
              {head}
            </MenuCheck>
          ))}
      </Menu>
    </>
  );
}

/** New runs that wait until the list is no longer read. */
export function NewRuns({ count, onShow }: { count: number; onShow: () => void }) {
  if (count === 0) return null;
  return (
    <button
      type="button"
      onClick={onShow}
      data-testid="runs.new"
      className="inline-flex h-[26px] items-center gap-1 rounded-full bg-run-soft pr-2.5 pl-[7px] text-meta font-medium whitespace-nowrap text-run-fg max-sm:h-11"
    >
      <Icon of={ChevronUp} size={14} /> {`${count} new ${count === 1 ? 'run' : 'runs'}`}
    </button>
  );
}

/** Live, or held still whatever happens. */
export function LiveSwitch({ value, onValue }: { value: 'live' | 'hold'; onValue: (value: 'live' | 'hold') => void }) {
  return (
    <Segmented
      label="Live or held"
      value={value}
      onValue={onValue}
      options={[
        {
          value: 'live',
          label: (
            <>
              <i className="size-[7px] rounded-full bg-ok-solid" /> Live
            </>
          ),
        },
        {
          value: 'hold',
          label: (
            <>
              <Icon of={Pause} size={14} /> Hold
            </>
          ),
        },
      ]}
    />
  );
}

interface RunsFootProps {
  total: Total | null;
  loaded: number;
  isNarrowed: boolean;
  counts: Readonly<Record<string, number>>;
}

/** How many runs there are, and what the keys do. */
export function RunsFoot({ total, loaded, isNarrowed, counts }: RunsFootProps) {
  const count = total?.total ?? loaded;
  const words = `${totalWords({ total: count, isCapped: total?.isCapped ?? false })}${isNarrowed ? (count === 1 ? ' matches' : ' match') : ''}`;
  return (
    <PageFoot>
      <span className="num truncate">
        {`${words} · ${countText(counts['running'] ?? 0)} running, ${countText(counts['waiting'] ?? 0)} waiting, ${countText(counts['queued'] ?? 0)} queued`}
      </span>
      <span aria-hidden="true" className="ml-auto flex items-center gap-4 max-lg:hidden">
        <span className="flex items-center gap-1.5">
          <KeyCaps keys="j" />
          <KeyCaps keys="k" /> move
        </span>
        <span className="flex items-center gap-1.5">
          <KeyCaps keys="x" /> select
        </span>
        <span className="flex items-center gap-1.5">
          <KeyCaps keys="enter" /> open
        </span>
        <span className="flex items-center gap-1.5">
          <KeyCaps keys=" " /> peek
        </span>
        <span className="flex items-center gap-1.5">
          <KeyCaps keys="r" /> rerun
        </span>
      </span>
    </PageFoot>
  );
}
