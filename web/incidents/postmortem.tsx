import { Download, FileText, WandSparkles } from 'lucide-react';
import { useState } from 'react';
import type { ChangeIncident, TimelineEntry } from '#contracts/incidents/incidents.ts';
import { stateFlags } from '#contracts/incidents/states.ts';
import { api } from '../kit/api.ts';
import { saveFile } from '../kit/save-file.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Copy } from '../ui/copy.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Textarea } from '../ui/input.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { toast } from '../ui/toast.tsx';
import { useIncidentSettings, type OpenedIncident } from './incidents.ts';
import { draftPostmortem } from './postmortem-draft.ts';
import { useKeptText } from './use-kept-text.ts';

interface PostmortemProps {
  incident: OpenedIncident;
  refusal: string | null;
  change: (changes: ChangeIncident, words: string) => Promise<boolean>;
}

/** What is learned from an incident: drafted from its story, written on in Markdown. What is not saved is kept here. */
export function Postmortem({ incident, refusal, change }: PostmortemProps) {
  const kept = useKeptText(`postmortem ${incident.id}`);
  const settings = useIncidentSettings();
  const [show, setShow] = useState<'write' | 'read'>('read');
  const [busy, setBusy] = useState(false);
  // A draft of this browser that says something else than what is saved.
  const draft = kept.text !== undefined && kept.text !== '' && kept.text !== incident.postmortem ? kept.text : null;
  const text = draft ?? incident.postmortem;
  const begin = async () => {
    setBusy(true);
    try {
      const { postmortemOutline } = settings.data ?? (await api.getIncidentSettings({}));
      kept.setText(draftPostmortem(incident, await wholeStory(incident.id), postmortemOutline));
      setShow('write');
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  const save = async () => {
    setBusy(true);
    const isTaken = await change({ postmortem: text }, 'The postmortem is saved');
    setBusy(false);
    if (isTaken) kept.drop();
  };
  const download = () => saveFile(`${incident.key}-postmortem.md`, new Blob([text], { type: 'text/markdown' }));
  if (text === '')
    return (
      <EmptyState
        icon={FileText}
        title="No postmortem yet"
        action={
          <Button look="primary" icon={WandSparkles} busy={busy} refusal={refusal} onClick={() => void begin()}>
            Draft it from the timeline
          </Button>
        }
      >
        {stateFlags[incident.state].active
          ? 'It is drafted when the incident is resolved; you can begin now.'
          : 'The timeline wrote itself: the draft begins with it.'}
      </EmptyState>
    );
  return (
    <section
      aria-label="Postmortem"
      className="flex min-h-0 flex-1 flex-col gap-3 px-5 py-4 max-sm:px-4"
      data-testid="incident.postmortem"
    >
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label="Postmortem"
          value={show}
          onValue={setShow}
          options={[
            { value: 'read', label: 'Read' },
            { value: 'write', label: 'Write' },
          ]}
        />
        <span className="ml-auto flex flex-wrap items-center gap-2">
          <Copy text={text} what="the postmortem as Markdown" className="max-sm:min-h-11 max-sm:min-w-11">
            <span className="text-meta">Copy</span>
          </Copy>
          <Button icon={Download} onClick={download}>
            Download
          </Button>
          {draft !== null && (
            <>
              <Button onClick={() => kept.drop()}>Discard draft</Button>
              <Button look="primary" busy={busy} refusal={refusal} onClick={() => void save()}>
                Save postmortem
              </Button>
            </>
          )}
        </span>
      </div>
      {draft !== null && <Note tone="wait">Not saved yet. This browser keeps the draft.</Note>}
      {show === 'write' ? (
        <Textarea
          mono
          aria-label="The postmortem"
          className="min-h-[320px] flex-1 resize-none!"
          maxLength={100_000}
          value={text}
          readOnly={refusal !== null}
          onChange={(event) => kept.setText(event.target.value)}
        />
      ) : (
        <div className="min-h-0 flex-1">
          <Markdown text={text} className="max-w-[720px]" />
        </div>
      )}
    </section>
  );
}

/** A draft tells so many pages of the story; longer ones are told by the page itself. */
const mostPages = 10;

/** All that happened, not only what the page has loaded. */
async function wholeStory(id: string): Promise<TimelineEntry[]> {
  const entries: TimelineEntry[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { data, pagination } = await api.listTimeline({ params: { id }, query: { limit: 200, cursor } });
    entries.push(...data);
    if (pagination.nextCursor === null) break;
    cursor = pagination.nextCursor;
  }
  return entries;
}
