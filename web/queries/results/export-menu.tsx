import { ChevronDown, Download, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { exportFormatNames, exportFormats, type ExportFormat } from '#contracts/queries/export-formats.ts';
import { useMay } from '../../kit/session.ts';
import { bytesText } from '../../kit/time.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Menu, MenuItem, MenuLabel } from '../../ui/menu.tsx';
import { Icon } from '../../ui/icon.tsx';
import { toast } from '../../ui/toast.tsx';
import { saveResult, type ExportProgress } from './export-file.ts';

const hints: Readonly<Record<ExportFormat, string>> = {
  csv: 'Every row, UTF-8',
  json: 'One list of objects',
  ndjson: 'One object a line',
  xlsx: 'Further sheets past 1,048,575 rows',
  parquet: 'Typed columns',
};

/** Takes the whole result, not only what is loaded here, as a file. */
export function ExportMenu({ runId, title, refusal }: { runId: string; title: string; refusal: string | null }) {
  const may = useMay('queries:export');
  const [progress, setProgress] = useState<(ExportProgress & { format: ExportFormat }) | null>(null);
  const stop = useRef<AbortController>(undefined);
  if (!may) return null;
  const save = async (format: ExportFormat) => {
    const controller = new AbortController();
    stop.current = controller;
    setProgress({ format, bytes: 0, total: null });
    try {
      const outcome = await saveResult(
        { runId, title },
        format,
        (now) => setProgress({ ...now, format }),
        controller.signal,
      );
      if (outcome === 'saved') toast.done(`The whole result is saved as ${exportFormats[format].title}`);
      if (outcome === 'handed') toast.note('The browser is downloading the whole result.');
    } catch (error) {
      if (controller.signal.aborted) toast.note('The export was stopped. No file is left behind.');
      else toast.failure(error);
    } finally {
      setProgress(null);
    }
  };
  if (progress) {
    const share = progress.total ? progress.bytes / progress.total : null;
    return (
      <span className="flex items-center gap-2" data-testid="queries.export">
        <span
          role="progressbar"
          aria-label={`Export as ${exportFormats[progress.format].title}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={share === null ? undefined : Math.round(share * 100)}
          aria-valuetext={bytesText(progress.bytes)}
          className="h-[5px] w-16 overflow-hidden rounded-full bg-line"
        >
          <i className="block h-full rounded-full bg-run-solid" style={{ width: `${(share ?? 0.3) * 100}%` }} />
        </span>
        <span className="num text-text-2">
          {progress.total === null
            ? bytesText(progress.bytes)
            : `${bytesText(progress.bytes)} of ${bytesText(progress.total)}`}
        </span>
        <IconButton icon={X} label="Stop the export" size="sm" onClick={() => stop.current?.abort()} />
      </span>
    );
  }
  return (
    <Menu
      label="Export the whole result"
      trigger={
        <Button size="sm" icon={Download}>
          Export
          <Icon of={ChevronDown} size={13} className="-mr-1 text-text-3" />
        </Button>
      }
    >
      <MenuLabel>The whole result as</MenuLabel>
      {exportFormatNames.map((format) => (
        <MenuItem key={format} refusal={refusal} hint={hints[format]} onSelect={() => void save(format)}>
          {exportFormats[format].title}
        </MenuItem>
      ))}
    </Menu>
  );
}
