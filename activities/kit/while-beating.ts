import { Context } from '@temporalio/activity';

/** Well within the shortest heartbeat limit (15 s); a cancel reaches the work with the answer to one. */
const [usualMs, mostMs] = [2_000, 7_000];
/** Each costs the Temporal server a write, so where many are at work in this process each beats less often: so many a second. */
const beatsPerSecond = 30;

let atWork = 0;
const pauseMs = (): number => Math.min(mostMs, Math.max(usualMs, (atWork / beatsPerSecond) * 1_000));

/** Heartbeats while work goes on, so that a cancel reaches it and a lost worker is noticed. */
export async function whileBeating<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  let timer: NodeJS.Timeout | undefined;
  const beat = (): void => {
    context.heartbeat();
    timer = setTimeout(beat, pauseMs());
  };
  atWork++;
  beat();
  try {
    return await work(context.cancellationSignal);
  } finally {
    atWork--;
    clearTimeout(timer);
  }
}
