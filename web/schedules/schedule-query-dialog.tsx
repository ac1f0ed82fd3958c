import type { Schedule } from '#contracts/schedules/schedules.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import { ScheduleForm } from './schedule-form.tsx';

interface ScheduleQueryDialogProps {
  /** The saved query; without a version each run takes the newest. */
  query: { id: string; name: string; version?: number | null };
  /** What the editor has now: it is where the form begins. */
  given?: Partial<Pick<QueryTarget, 'parameters' | 'timeWindow' | 'connectionId' | 'unit'>>;
  onClose: () => void;
  onSaved?: (schedule: Schedule) => void;
}

/** Makes a schedule of a saved query: when, in which zone, with which values. */
export function ScheduleQueryDialog({ query, given = {}, onClose, onSaved }: ScheduleQueryDialogProps) {
  return (
    <ScheduleForm
      schedule={null}
      query={{ kind: 'query', id: query.id, version: query.version, name: query.name, parameters: {}, ...given }}
      onClose={onClose}
      onSaved={(schedule) => {
        onSaved?.(schedule);
        onClose();
      }}
    />
  );
}
