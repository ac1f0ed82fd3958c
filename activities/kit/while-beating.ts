import { Context } from '@temporalio/activity';

/** Well within the shortest heartbeat limit (15 s); a cancel reaches the work with the answer to one. */
const everyMs = 2_000;

/** Heartbeats while work goes on, so that a cancel reaches it and a lost worker is noticed. */
export async function whileBeating<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat();
  const timer = setInterval(() => context.heartbeat(), everyMs);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
