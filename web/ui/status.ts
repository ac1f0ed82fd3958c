import type { HostStatus, RunStatus, StepStatus } from '#contracts/runs/status.ts';

/** Every status word a glyph can show. */
export type StatusName = RunStatus | StepStatus | HostStatus | 'unhealthy' | 'healthy' | 'paused';
export type StatusFamily = 'idle' | 'run' | 'wait' | 'ok' | 'fail' | 'ai';
export type StatusShape =
  | 'dashed'
  | 'slash'
  | 'bar'
  | 'arc'
  | 'pause'
  | 'check'
  | 'cross'
  | 'clock'
  | 'question'
  | 'unplugged';

interface StatusLook {
  word: string;
  family: StatusFamily;
  shape: StatusShape;
}

/** A status is told by word, shape and colour; any two of the three may be missing and it can still be read. */
export const statusLooks: Readonly<Record<StatusName, StatusLook>> = {
  queued: { word: 'Queued', family: 'idle', shape: 'dashed' },
  pending: { word: 'Not started', family: 'idle', shape: 'dashed' },
  running: { word: 'Running', family: 'run', shape: 'arc' },
  waiting: { word: 'Waiting', family: 'wait', shape: 'pause' },
  succeeded: { word: 'Succeeded', family: 'ok', shape: 'check' },
  failed: { word: 'Failed', family: 'fail', shape: 'cross' },
  timed_out: { word: 'Timed out', family: 'fail', shape: 'clock' },
  canceled: { word: 'Canceled', family: 'idle', shape: 'slash' },
  skipped: { word: 'Skipped', family: 'idle', shape: 'bar' },
  unknown: { word: 'Unknown', family: 'wait', shape: 'question' },
  unreachable: { word: 'Unreachable', family: 'fail', shape: 'unplugged' },
  healthy: { word: 'Healthy', family: 'ok', shape: 'check' },
  unhealthy: { word: 'Unhealthy', family: 'fail', shape: 'cross' },
  paused: { word: 'Paused', family: 'idle', shape: 'bar' },
};

/** The class names of each family, spelled out so that the build finds them. */
export const familyText: Readonly<Record<StatusFamily, string>> = {
  idle: 'text-idle-fg',
  run: 'text-run-fg',
  wait: 'text-wait-fg',
  ok: 'text-ok-fg',
  fail: 'text-fail-fg',
  ai: 'text-ai-fg',
};
export const familySoft: Readonly<Record<StatusFamily, string>> = {
  idle: 'bg-idle-soft text-idle-fg border-idle-line',
  run: 'bg-run-soft text-run-fg border-run-line',
  wait: 'bg-wait-soft text-wait-fg border-wait-line',
  ok: 'bg-ok-soft text-ok-fg border-ok-line',
  fail: 'bg-fail-soft text-fail-fg border-fail-line',
  ai: 'bg-ai-soft text-ai-fg border-ai-line',
};
/** Fill and texture of bars and strand segments. */
export const statusFill = (status: StatusName): string => {
  switch (statusLooks[status].family) {
    case 'run':
      return 'texture-run';
    case 'wait':
      return 'texture-wait';
    case 'ok':
      return 'bg-ok-solid';
    case 'fail':
      return 'bg-fail-solid';
    default:
      return status === 'pending' || status === 'queued' ? 'bg-line' : 'bg-idle-line';
  }
};
