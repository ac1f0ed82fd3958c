import { makeGridEngine, type EngineAnswer, type EngineCall } from './grid-engine.ts';

const engine = makeGridEngine();

addEventListener('message', ({ data }: MessageEvent<EngineCall>) => {
  const answer = (message: EngineAnswer): void => postMessage(message);
  try {
    const act = engine[data.act] as (...args: readonly unknown[]) => unknown;
    answer({ id: data.id, gave: act(...data.with) });
  } catch (error) {
    answer({ id: data.id, failed: error instanceof Error ? error.message : String(error) });
  }
});
