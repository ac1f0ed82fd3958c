import { ChevronDown, Download, X } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { exportFormatNames, exportFormats, type ExportFormat } from '#contracts/queries/export-formats.ts';
import { useStreamEvents } from '../../kit/live.tsx';
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

const sizeText = ({ rows, bytes }: { rows: number | null; bytes: number | null }): string =>
  `${(rows ?? 0).toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}, ${bytesText(bytes ?? 0)}`;

/** Takes the whole result, not only what is loaded here, as a file. */
export function ExportMenu({ runId, title, refusal }: { runId: string; title: string; refusal: string | null }) {
  const may = useMay('queries:export');
  const [progress, setProgress] = useState<(ExportProgress & { format: ExportFormat }) | null>(null);
  const stop = useRef<AbortController>(undefined);
  const handed = useRef(new Set<string>());
  // Only the server knows how a download ended that the browser took over.
  useStreamEvents(
    useCallback(({ type, data }) => {
      if (type !== 'query.export_ended' || !handed.current.delete(String(data['exportId']))) return;
      const { state, rows, bytes, sha256 } = data;
      if (state === 'whole')
        toast.note(
          `All was sent: ${sizeText({ rows: Number(rows), bytes: Number(bytes) })}. To check the file: sha256sum prints ${String(sha256)}`,
        );
      else
        toast.error('The download broke off: what the browser may have kept is not the whole result. Export it again.');
    }, []),
  );
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
      if (outcome.how === 'saved')
        toast.done(
          outcome.end
            ? `Saved as ${exportFormats[format].title} and checked: ${sizeText(outcome.end)}`
            : `Saved as ${exportFormats[format].title}; the server could not be asked to check it`,
        );
      if (outcome.how === 'handed') {
        handed.current.add(outcome.exportId);
        toast.note('The browser is downloading the whole result. You will hear when all of it was sent.');
      }
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
