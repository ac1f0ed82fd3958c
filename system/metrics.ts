import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** The process's metrics. Names are part of the product: dashboards and alarms depend on them. */
export function createMetrics({ withDefaults = true }: { withDefaults?: boolean } = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (withDefaults) collectDefaultMetrics({ register: registry, prefix: 'windlass_' });
  return {
    registry,
    queryJobs: new Counter({
      name: 'shell_query_jobs_total',
      help: 'Queries ended, by status.',
      labelNames: ['status'] as const,
      registers,
    }),
    queryDuration: new Histogram({
      name: 'shell_query_duration_seconds',
      help: 'From start to rows.',
      buckets: seconds,
      registers,
    }),
    queryFailures: new Counter({
      name: 'shell_query_failures_total',
      help: 'Queries failed, by error code.',
      labelNames: ['error_type'] as const,
      registers,
    }),
    queryActive: new Gauge({ name: 'shell_query_active_jobs', help: 'Queries now running.', registers }),
    httpRequests: new Histogram({
      name: 'windlass_http_request_duration_seconds',
      help: 'Requests, by route and status.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: seconds,
      registers,
    }),
    logEvents: new Counter({
      name: 'windlass_log_events_total',
      help: 'Log events that came, by what became of them: stored, duplicate, refused for want of room, or lost (syslog).',
      labelNames: ['outcome'] as const,
      registers,
    }),
    runsStarted: new Counter({
      name: 'windlass_runs_started_total',
      help: 'Workflow starts, by kind and whether the start was eager.',
      labelNames: ['kind', 'eager'] as const,
      registers,
    }),
    runsEnded: new Counter({
      name: 'windlass_runs_ended_total',
      help: 'Runs ended, by kind and status.',
      labelNames: ['kind', 'status'] as const,
      registers,
    }),
    runsOpen: new Gauge({
      name: 'windlass_runs_open',
      help: 'Runs not yet ended, by status.',
      labelNames: ['status'] as const,
      registers,
    }),
    gateOpen: new Gauge({
      name: 'windlass_gate_open',
      help: 'Runs let through to Temporal and not yet ended.',
      registers,
    }),
    gateWaiting: new Gauge({ name: 'windlass_gate_waiting', help: 'Runs queued before the gate.', registers }),
    eventHorizon: new Gauge({
      name: 'windlass_event_horizon_seconds',
      help: 'Age of the oldest open write, which holds the event stream back.',
      registers,
    }),
    eventDelay: new Histogram({
      name: 'windlass_event_delay_seconds',
      help: 'From commit to the open streams.',
      buckets: seconds,
      registers,
    }),
    streamsOpen: new Gauge({
      name: 'windlass_streams_open',
      help: 'Open event streams, by transport.',
      labelNames: ['transport'] as const,
      registers,
    }),
    streamsCut: new Counter({
      name: 'windlass_streams_cut_total',
      help: 'Streams cut off, by reason.',
      labelNames: ['reason'] as const,
      registers,
    }),
    defaultPartitionRows: new Gauge({
      name: 'windlass_default_partition_rows',
      help: 'Rows outside their day, which means that partitions are missing.',
      labelNames: ['table'] as const,
      registers,
    }),
    commands: new Counter({
      name: 'windlass_ssh_commands_total',
      help: 'Commands on hosts, by end.',
      labelNames: ['end'] as const,
      registers,
    }),
    connectionsOpen: new Gauge({
      name: 'windlass_ssh_connections_open',
      help: 'Open connections to hosts.',
      registers,
    }),
    scheduleMissed: new Counter({
      name: 'windlass_schedule_missed_total',
      help: 'Scheduled starts that did not happen.',
      registers,
    }),
    signIns: new Counter({
      name: 'windlass_sign_ins_total',
      help: 'Attempts to sign in, by outcome.',
      labelNames: ['outcome'] as const,
      registers,
    }),
  };
}
