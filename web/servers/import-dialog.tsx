import { useQueryClient } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ImportReport } from '#contracts/servers/import-servers.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Textarea } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import { FileFaults, ImportReportView } from './import-report.tsx';

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
  const good = report ? report.created + report.updated : 0;
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
          <Button
            look={report ? 'default' : 'primary'}
            busy={busy === 'look'}
            disabled={!csv.trim()}
            onClick={() => void send(true)}
          >
            {report ? 'Look again' : 'Look first'}
          </Button>
          {report && (
            <Button
              look="primary"
              icon={Upload}
              busy={busy === 'import'}
              disabled={good === 0}
              refusal={offline ?? (report.refused > 0 && isWhole ? 'Mend the refused lines first.' : null)}
              onClick={() => void send(false)}
            >
              {`Import ${good.toLocaleString('en-GB')}`}
            </Button>
          )}
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
        {failure && failure.faults.length > 0 ? <FileFaults failure={failure} /> : <FormFailure failure={failure} />}
        {report && <ImportReportView report={report} />}
      </div>
    </Dialog>
  );
}
