import { useParams } from '@tanstack/react-router';
import { Check, ChevronUp, Flame, ListChecks, Users } from 'lucide-react';
import { useEffect, useState } from 'react';
import { z } from 'zod';
import { Id } from '#contracts/kit/schemas.ts';
import { type IncidentState, needsReason, stateFlags } from '#contracts/incidents/states.ts';
import { cx } from '../kit/cx.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useIsPhone } from '../kit/media.ts';
import { Go, useGo } from '../kit/navigation.tsx';
import { useMe, useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Crumbs } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { BigClock } from './big-clock.tsx';
import { ClockCards } from './clock-cards.tsx';
import { type Asked, IncidentDialogs } from './incident-dialogs.tsx';
import { IncidentMenu } from './incident-menu.tsx';
import { IncidentSide } from './incident-side.tsx';
import { mainMove, mainWord, numberOfKey, type StateNames } from './incident-words.ts';
import { type OpenedIncident, useIncident, useStateNames, useTimeline } from './incidents.ts';
import type { NoteCommand } from './note-command.ts';
import { NoteEditor } from './note-editor.tsx';
import { Postmortem } from './postmortem.tsx';
import { Severity } from './severity.tsx';
import { StateBar } from './state-bar.tsx';
import { StateWord } from './state-glyph.tsx';
import { type StoryFilter, storyFilters, Timeline } from './timeline.tsx';
import { useIncidentActs } from './use-incident-acts.ts';
import { useMoves } from './use-moves.ts';

const View = z.object({
  tab: z.enum(['incident', 'postmortem']).default('incident'),
  /** Which part of the timeline is shown. */
  story: z.enum(Object.keys(storyFilters) as [StoryFilter, ...StoryFilter[]]).default('all'),
});

/** One incident: where it stands, its clocks, its story, its people, and what can be done. */
export function IncidentPage() {
  const { incidentKey = '' } = useParams({ strict: false }) as { incidentKey?: string };
  const number = numberOfKey(incidentKey);
  const byId = Id.safeParse(incidentKey).data;
  const named = number !== undefined ? { number } : byId !== undefined ? { id: byId } : undefined;
  const incident = useIncident(named);
  const names = useStateNames();
  const go = useGo();
  if (named === undefined)
    return (
      <EmptyState
        icon={Flame}
        title="There is no such incident"
        action={<Button onClick={() => go('/incidents')}>Go to incidents</Button>}
      />
    );
  return (
    <Answer of={incident} what="The incident" waiting={<SkeletonLines lines={10} />}>
      {(data) => <Opened key={data.id} incident={data} names={names} />}
    </Answer>
  );
}

function Opened({ incident, names }: { incident: OpenedIncident; names: StateNames }) {
  const [view, setView] = useUrlState(View);
  const { user } = useMe();
  const isPhone = useIsPhone();
  const offline = useOffline();
  const refusalOf = useRefusal();
  const refusal =
    offline ??
    refusalOf('incidents:act') ??
    (stateFlags[incident.state].terminal ? `It is ${names[incident.state]}: nothing about it changes any more.` : null);
  const timeline = useTimeline(incident.id);
  const story = timeline.data?.pages.flatMap(({ data }) => data) ?? [];
  const { move, takeBack, pending } = useMoves();
  const acts = useIncidentActs(incident);
  const [asked, setAsked] = useState<Asked>(null);
  const [to, setTo] = useState<IncidentState>();
  const isMoving = pending.has(incident.id);
  useEffect(() => {
    document.title = `${incident.key} ${incident.title} · Windlass`;
  }, [incident.key, incident.title]);
  const ask = (state?: IncidentState) => {
    setTo(state);
    setAsked('move');
  };
  const moveTo = (state: IncidentState) =>
    needsReason(incident.state, state) ? ask(state) : void move(incident, state);
  const main = mainMove(incident.state);
  /** Whoever acknowledges what nobody has, has it. */
  const acknowledge = async () => {
    if (incident.state !== 'open') return;
    const moved = await move(incident, 'acknowledged');
    if (moved && !moved.owner)
      await acts.change({ ownerId: user.id }, `You have ${incident.key} now`, {
        upon: moved.version,
        alsoBack: () => takeBack(moved, 'open'),
      });
  };
  const act = () => (incident.state === 'open' ? void acknowledge() : main && moveTo(main));
  const when = () => refusal === null;
  useKeys([
    { keys: 'a', label: 'Acknowledge', run: () => void acknowledge(), when: () => when() && incident.state === 'open' },
    { keys: 's', label: 'Set state', run: () => ask(), when },
    { keys: 'e', label: 'Escalate', run: () => void acts.escalate(), when },
    { keys: 'p', label: 'Run a playbook', run: () => setAsked('playbook'), when },
  ]);
  const onCommand = async (command: NoteCommand): Promise<boolean> => {
    if (command.does === 'page') return acts.escalate();
    if (command.does === 'playbook') {
      setAsked('playbook');
      return true;
    }
    if (command.does === 'severity') return acts.change({ severity: command.severity }, 'The severity is changed');
    return command.does === 'assign' && acts.change({ ownerId: command.personId }, 'It is handed over');
  };
  const menu = (
    <IncidentMenu incident={incident} refusal={refusal} onAsk={(what) => (what === 'move' ? ask() : setAsked(what))} />
  );
  const mainButton = main && (
    <Button
      look="primary"
      size={isPhone ? 'touch' : 'md'}
      className={cx(isPhone && 'w-full')}
      icon={Check}
      keys={incident.state === 'open' ? 'a' : undefined}
      busy={isMoving}
      refusal={refusal}
      onClick={act}
    >
      {isPhone && incident.state === 'open' && !incident.owner ? 'Acknowledge and take it' : mainWord(incident.state)}
    </Button>
  );
  const side = (
    <IncidentSide
      incident={incident}
      refusal={refusal}
      change={acts.change}
      takeIn={acts.takeIn}
      onEscalate={() => void acts.escalate()}
      refresh={acts.refresh}
    />
  );
  return (
    <div
      className="flex min-h-0 flex-1 flex-col"
      data-testid="incident.page"
      data-incident={incident.id}
      data-state={incident.state}
      data-version={incident.version}
    >
      <header className="flex-none px-5 pt-3 pb-3 max-sm:px-4">
        <Crumbs
          items={[
            <Go key="all" to="/incidents" className="hover:text-text">
              Incidents
            </Go>,
            <span key="key" className="num">
              {incident.key}
            </span>,
          ]}
        />
        <div className="flex min-h-[30px] flex-wrap items-center gap-x-3 gap-y-2 max-sm:flex-nowrap max-sm:items-start">
          <span className="max-sm:pt-1.5">
            <Severity severity={incident.severity} />
          </span>
          <h1
            tabIndex={-1}
            title={incident.title}
            className="min-w-0 flex-1 truncate text-title font-semibold tracking-[-0.012em] max-sm:whitespace-normal"
          >
            <bdi>{incident.title}</bdi>
          </h1>
          <span className="ml-auto flex flex-none items-center gap-2">
            {!isPhone && (
              <>
                <Button
                  icon={ListChecks}
                  refusal={refusal ?? refusalOf('playbooks:run')}
                  onClick={() => setAsked('playbook')}
                >
                  Run playbook
                </Button>
                <Button icon={ChevronUp} keys="e" refusal={refusal} onClick={() => void acts.escalate()}>
                  Escalate
                </Button>
                {mainButton}
              </>
            )}
            {menu}
          </span>
        </div>
        {isPhone && (
          <p className="mt-1 text-text-2">
            Opened <RelativeTime at={incident.openedAt} /> by <bdi>{incident.createdBy.name}</bdi>.{' '}
            {incident.owner ? (
              <>
                <bdi>{incident.owner.name}</bdi> has it.
              </>
            ) : (
              'Nobody has it yet.'
            )}
          </p>
        )}
      </header>
      {incident.mergedInto && (
        <div className="px-5 pb-3 max-sm:px-4">
          <Note tone="run">
            <span>
              It was merged into{' '}
              <Go to={`/incidents/${incident.mergedInto.key}`} className="font-medium underline">
                {incident.mergedInto.key}
              </Go>
              , where the work goes on.
            </span>
          </Note>
        </div>
      )}
      {isPhone ? (
        <div className="px-4 pb-2">
          <StateWord state={incident.state} name={names[incident.state]} />
        </div>
      ) : (
        <div className="flex-none border-t border-line">
          <StateBar incident={incident} story={story} names={names} refusal={refusal} onMove={moveTo} />
        </div>
      )}
      <div className="flex min-h-0 flex-1 max-md:flex-col max-md:overflow-y-auto">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col max-md:flex-none">
          <Tabs
            label="Parts of the incident"
            panelId="incident-part"
            value={view.tab}
            onValue={(tab) => setView({ tab })}
            tabs={[
              { value: 'incident', label: 'Incident' },
              { value: 'postmortem', label: 'Postmortem' },
            ]}
          />
          <div
            id="incident-part"
            role="tabpanel"
            aria-label={view.tab === 'incident' ? 'Incident' : 'Postmortem'}
            tabIndex={0}
            className="flex min-h-0 flex-1 flex-col overflow-y-auto focus-visible:outline-offset-[-2px] max-md:flex-none max-md:overflow-visible"
          >
            {view.tab === 'postmortem' ? (
              <Postmortem incident={incident} refusal={refusal} change={acts.change} />
            ) : (
              <div className="flex flex-col px-5 py-4 max-sm:px-4">
                {isPhone ? (
                  <BigClock incident={incident} />
                ) : (
                  <ClockCards incident={incident} escalationRefusal={refusal} onEscalate={() => void acts.escalate()} />
                )}
                {incident.description && <Markdown text={incident.description} className="mt-4 max-w-[720px]" />}
                <Timeline
                  incidentId={incident.id}
                  timeline={timeline}
                  show={view.story}
                  onShow={(next) => setView({ story: next })}
                  refusal={refusal}
                />
              </div>
            )}
          </div>
          {view.tab === 'incident' && (
            <NoteEditor
              incidentId={incident.id}
              refusal={offline ?? refusalOf('incidents:act')}
              onWritten={acts.refresh}
              onCommand={onCommand}
            />
          )}
        </div>
        <aside
          aria-label="About the incident"
          tabIndex={0}
          className="w-[328px] flex-none overflow-y-auto border-l border-line focus-visible:outline-offset-[-2px] max-lg:w-[280px] max-md:w-full max-md:overflow-visible max-md:border-t max-md:border-l-0"
        >
          {side}
        </aside>
      </div>
      {isPhone && (
        <div
          className="flex flex-none flex-col gap-2 border-t border-line bg-surface px-4 py-3"
          data-testid="incident.act"
        >
          <div className="grid grid-cols-2 gap-2">
            <Button size="touch" icon={Users} refusal={refusal} onClick={() => setAsked('handover')}>
              Hand over
            </Button>
            <Button size="touch" icon={ChevronUp} refusal={refusal} onClick={() => void acts.escalate()}>
              Escalate
            </Button>
          </div>
          {mainButton}
        </div>
      )}
      <IncidentDialogs
        asked={asked}
        incident={incident}
        names={names}
        to={to}
        move={move}
        acts={acts}
        onClose={() => setAsked(null)}
      />
    </div>
  );
}
