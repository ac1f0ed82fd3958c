import type { ScheduleTools, TemporalSchedule } from '#contracts/schedules/temporal-schedule.ts';

/** Schedules that only remember what they were told: for tests that need no clockwork. */
export function memorySchedules() {
  const known = new Map<string, TemporalSchedule>();
  const calls: string[] = [];
  const state = { isAway: false };
  const refuseIfAway = (): void => {
    if (state.isAway) throw new Error('Temporal is away.');
  };
  const tools: ScheduleTools = {
    put: async (spec) => {
      refuseIfAway();
      known.set(spec.id, spec);
    },
    remove: async (id) => {
      refuseIfAway();
      known.delete(id);
    },
    pause: async () => refuseIfAway(),
    unpause: async () => refuseIfAway(),
    trigger: async (id) => {
      refuseIfAway();
      calls.push(`trigger ${id}`);
    },
    backfill: async (id, from, to) => {
      refuseIfAway();
      calls.push(`backfill ${id} ${from.toISOString()} ${to.toISOString()}`);
    },
    describe: async (id) => {
      refuseIfAway();
      const spec = known.get(id);
      return spec ? { nextTimes: [], missedCatchUp: 0, overlapSkipped: 0, isPaused: spec.isPaused } : null;
    },
    ids: async () => {
      refuseIfAway();
      return new Set(known.keys());
    },
  };
  return { tools, known, calls, state };
}
