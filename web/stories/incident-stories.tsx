import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { alertSeverities } from '#contracts/alerts/severity.ts';
import type { ShownClock } from '#contracts/incidents/incidents.ts';
import { incidentStates, stateNames } from '#contracts/incidents/states.ts';
import { FiringBars, SeverityTag } from '../alerts/alert-columns.tsx';
import { ClockLine } from '../incidents/clock-line.tsx';
import { aClock } from '../incidents/sample-incident.ts';
import { Severity } from '../incidents/severity.tsx';
import { StateShape, StateWord } from '../incidents/state-glyph.tsx';
import { Story } from './story.tsx';

const readAt = Date.now();
const inMs = (ms: number): string => new Date(readAt + ms).toISOString();
const hour = 3_600_000;
/** Clocks as a card shows them: calm, at risk, late, paused, outside hours, met. */
const clocks: [name: string, clock: ShownClock][] = [
  ['calm', aClock({ usedMs: hour / 4, dueAt: inMs(1.25 * hour) })],
  ['at risk', aClock({ usedMs: 1.3 * hour, dueAt: inMs(0.2 * hour), warnAt: inMs(-hour / 10) })],
  ['late', aClock({ usedMs: 2 * hour, dueAt: inMs(-hour / 2), breachedAt: inMs(-hour / 2) })],
  ['paused', aClock({ mode: 'paused', usedMs: hour / 2 })],
  ['outside hours', aClock({ mode: 'outside', usedMs: hour / 2 })],
  ['met', aClock({ kind: 'respond', mode: 'met', usedMs: hour / 20, metAt: inMs(-hour) })],
];
const hours = (at: (hour: number) => number) => Array.from({ length: 24 }, (_, hour) => at(hour));

/** What incidents and alerts look like. */
export function IncidentStories() {
  return (
    <>
      <Story title="Incident states and severities">
        {incidentStates.map((state) => (
          <StateWord key={state} state={state} name={stateNames[state]} />
        ))}
        <StateShape state="mitigated" size={24} />
        {incidentSeverities.map((severity) => (
          <Severity key={severity} severity={severity} />
        ))}
      </Story>
      <Story title="Alerts: severities, reports in 24 hours">
        {alertSeverities.map((severity) => (
          <SeverityTag key={severity} severity={severity} />
        ))}
        <FiringBars hours={hours(() => 0)} />
        <FiringBars hours={hours((hour) => (hour === 23 ? 1 : 0))} />
        <FiringBars hours={hours((hour) => (hour * 7) % 11)} />
      </Story>
      <Story title="Clock">
        {clocks.map(([name, clock]) => (
          <span key={name} className="w-44" title={name}>
            <ClockLine incident={{ clocks: [clock], severity: 'sev3' }} readAt={readAt} />
          </span>
        ))}
      </Story>
    </>
  );
}
