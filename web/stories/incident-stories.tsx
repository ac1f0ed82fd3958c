import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { alertSeverities } from '#contracts/alerts/severity.ts';
import { incidentStates, stateNames } from '#contracts/incidents/states.ts';
import { FiringBars, SeverityTag } from '../alerts/alert-columns.tsx';
import { Severity } from '../incidents/severity.tsx';
import { StateShape, StateWord } from '../incidents/state-glyph.tsx';
import { Story } from './story.tsx';

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
    </>
  );
}
