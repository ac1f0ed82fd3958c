import { useState } from 'react';
import { Gantt } from '../ui/gantt.tsx';
import { HostGrid } from '../ui/host-grid.tsx';
import { LogPane } from '../ui/log-pane.tsx';
import { fixedLog } from '../ui/log-source.ts';
import { statusLooks, type StatusName } from '../ui/status.ts';
import { StatusGlyph, StatusPill, StatusShapeOnly } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { Story } from './story.tsx';
import { nothing, storyHosts, storyLog, storyRows, storyStart } from './story-data.ts';

const statuses = Object.keys(statusLooks) as StatusName[];
const noLog = fixedLog([]);
const runningSince = Date.now() - 880_000;

/** What a run looks like. */
export function RunStories({ word, onWord }: { word: string; onWord: (word: string) => void }) {
  const [host, setHost] = useState<string>();
  const [step, setStep] = useState('2');
  return (
    <>
      <Story title="Status">
        {statuses.map((status) => (
          <StatusPill key={status} status={status} />
        ))}
        {statuses.map((status) => (
          <StatusGlyph key={status} status={status} withWord />
        ))}
        {statuses.map((status) => (
          <StatusGlyph key={status} status={status} />
        ))}
        <StatusShapeOnly status="running" />
      </Story>
      <Story title="Strand">
        {(['queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled'] as const).map((status) => (
          <span key={status} className="w-28">
            <Strand
              segments={[
                { id: 'a', status: 'succeeded' },
                { id: 'b', status: 'succeeded' },
                { id: 'c', status },
                { id: 'd', status: 'pending' },
              ]}
            />
          </span>
        ))}
        <span className="w-full">
          <Strand
            size="lg"
            segments={Array.from({ length: 80 }, (_, index) => ({
              id: String(index),
              status: index < 60 ? 'succeeded' : 'pending',
            }))}
          />
        </span>
      </Story>
      <Story title="Gantt" wide>
        <Gantt rows={storyRows} from={storyStart} to={storyStart + 880_000} hint="2 retried" />
      </Story>
      <Story title="Gantt of a run that goes on, a step selected" wide>
        <Gantt rows={storyRows} from={runningSince} to={null} selected={step} onSelect={setStep} onToggle={nothing} />
      </Story>
      <Story title="Hosts" wide>
        <div className="flex h-72">
          <HostGrid hosts={storyHosts(12)} selected={host} onSelect={setHost} />
        </div>
      </Story>
      <Story title="Hosts, 200" wide>
        <div className="flex h-48">
          <HostGrid hosts={storyHosts(200)} selected={host} onSelect={setHost} />
        </div>
      </Story>
      <Story title="Log without lines, and one that has ended" wide>
        <div className="flex h-24">
          <LogPane source={noLog} search="" onSearch={nothing} isLive={false} empty="This run wrote no output." />
        </div>
        <div className="flex h-40">
          <LogPane source={storyLog} search="" onSearch={nothing} isLive={false} downloadHref="#log" />
        </div>
      </Story>
      <Story title="Log" wide>
        <div className="flex h-64">
          <LogPane source={storyLog} search={word} onSearch={onWord} host={host} onHost={setHost} isLive />
        </div>
      </Story>
    </>
  );
}
