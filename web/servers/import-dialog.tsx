import { useQueryClient } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ImportReport, ImportRow } from '#contracts/servers/import-servers.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Textarea } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';

const acts: Readonly<Record<ImportRow['act'], { word: string; tone: 'ok' | 'run' | 'plain' | 'fail' }>> = {
  create: { word: 'add', tone: 'ok' },
  update: { word: 'change', tone: 'run' },
  unchanged: { word: 'as it is', tone: 'plain' },
  refuse: { word: 'refused', tone: 'fail' },
};

/** Servers from CSV, pasted or from a file: first what would happen, line by line, then the import. */
export function ImportDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const offline = useOffline();
  const file = useRef<HTMLInputElement>(null);
  const [csv, setCsv] = useState('');
  const [isWhole, setWhole] = useState(false);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState<'look' | 'import' | ''>('');
  const send = async (dryRun: boolean) => {
    setBusy(dryRun ? 'look' : 'import');
    setFailure(null);
    try {
      const answer = await api.importServers({ body: { csv, dryRun, allOrNothing: isWhole } });
      setReport(answer);
      if (!dryRun) {
        toast.done(
          `${answer.created} added, ${answer.updated} changed${answer.refused > 0 ? `, ${answer.refused} refused` : ''}`,
        );
        void client.invalidateQueries({ queryKey: ['servers'] });
        if (answer.refused === 0) {
          setCsv('');
          setReport(null);
          onClose();
        }
      }
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy('');
    }
  };
  const edit = (text: string) => {
    setCsv(text);
    setReport(null);
  };
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      width={760}
      title="Import servers"
      description={
        <>
          Columns <span className="font-mono">name, host, port, tags, credential, jump, hostKey, description</span>; the
          first two must be there. Tags are apart by blanks or semicolons.
        </>
      }
      foot={
        <>
          <Button busy={busy === 'look'} disabled={!csv.trim()} onClick={() => void send(true)}>
            Look first
          </Button>
          <Button
            look="primary"
            icon={Upload}
            busy={busy === 'import'}
            disabled={!csv.trim()}
            refusal={offline ?? (report && report.refused > 0 && isWhole ? 'Mend the refused lines first.' : null)}
            onClick={() => void send(false)}
          >
            {report ? `Import ${report.created + report.updated}` : 'Import'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field
          label="CSV"
          aside={
            <button type="button" className="text-accent hover:underline" onClick={() => file.current?.click()}>
              Choose a file
            </button>
          }
        >
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              mono
              rows={8}
              spellCheck={false}
              placeholder={'name,host,port,tags\nweb-1,10.20.1.11,22,web eu'}
              value={csv}
              onChange={(event) => edit(event.target.value)}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => {
                const [dropped] = event.dataTransfer.files;
                if (!dropped) return;
                event.preventDefault();
                void dropped.text().then(edit);
              }}
            />
          )}
        </Field>
        <input
          ref={file}
          type="file"
          accept=".csv,text/csv"
          hidden
          onChange={(event) => void event.target.files?.[0]?.text().then(edit)}
        />
        <Checkbox checked={isWhole} onChecked={setWhole} label="All or nothing: refuse the file if one line is wrong" />
        <FormFailure failure={failure} />
        {report && <Report report={report} />}
      </div>
    </Dialog>
  );
}

function Report({ report }: { report: ImportReport }) {
  return (
    <section aria-label="What the file says" data-testid="servers.import-report">
      <p className="num mb-1.5 text-meta text-text-2">{`${report.created} to add, ${report.updated} to change, ${report.unchanged} as they are, ${report.refused} refused`}</p>
      <div className="max-h-64 overflow-auto rounded-md border border-line">
        <table className="w-full text-meta">
          <thead className="sticky top-0 bg-sunken text-left text-text-3">
            <tr>
              <th className="h-7 w-14 pl-3 font-medium">Line</th>
              <th className="w-24 font-medium">Act</th>
              <th className="font-medium">Server</th>
              <th className="pr-3 font-medium">What differs, or what is wrong</th>
            </tr>
          </thead>
          <tbody>
            {report.rows.map((row) => (
              <tr key={row.line} className="border-t border-line align-top">
                <td className="num py-1 pl-3 text-text-3">{row.line}</td>
                <td className="py-1">
                  <Tag tone={acts[row.act].tone}>{acts[row.act].word}</Tag>
                </td>
                <td className="py-1 font-medium">
                  {row.name} <span className="font-mono text-[11px] font-normal text-text-3">{row.host}</span>
                </td>
                <td className="py-1 pr-3">
                  {row.errors.map((error) => (
                    <span key={`${error.code}${error.column}`} className="block text-fail-fg">
                      {error.column ? `${error.column}: ` : ''}
                      {error.message} <span className="font-mono text-[11px]">{error.code}</span>
                    </span>
                  ))}
                  {row.errors.length === 0 && <span className="text-text-2">{row.changes.join(', ')}</span>}
                </td>
              </tr>
            ))}
            {report.rows.length === 0 &&
              report.errors.map((error) => (
                <tr key={`${error.line}${error.code}`} className="border-t border-line">
                  <td className="num py-1 pl-3">{error.line}</td>
                  <td />
                  <td />
                  <td className="py-1 pr-3 text-fail-fg">{error.message}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
