import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { cx } from '../kit/cx.ts';
import { severityWords } from './incident-words.ts';

const colours: Readonly<Record<IncidentSeverity, string>> = {
  sev1: 'text-sev1',
  sev2: 'text-sev2',
  sev3: 'text-sev3',
  sev4: 'text-sev4',
};
const heights = ['h-1', 'h-1.5', 'h-2', 'h-2.5'];

/** How bad it is: four rising bars and the word, so that neither colour nor shape is needed alone. */
export function Severity({ severity }: { severity: IncidentSeverity }) {
  const bars = incidentSeverities.length - incidentSeverities.indexOf(severity);
  return (
    <span
      data-severity={severity}
      className={cx('num inline-flex flex-none items-center gap-[5px] text-meta font-semibold', colours[severity])}
    >
      <span aria-hidden="true" className="inline-flex items-end gap-[1.5px]">
        {heights.map((height, index) => (
          <i
            key={height}
            className={cx('w-[2.5px] rounded-[1px]', height, index < bars ? 'bg-current' : 'bg-line-strong')}
          />
        ))}
      </span>
      {severityWords[severity]}
    </span>
  );
}
