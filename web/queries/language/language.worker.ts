import { makeLanguageEngine, type LanguageAnswer, type LanguageCall } from './language-engine.ts';

const engine = makeLanguageEngine();

addEventListener('message', ({ data }: MessageEvent<LanguageCall>) => {
  const answer = (message: LanguageAnswer): void => postMessage(message);
  const failed = (error: unknown): void =>
    answer({ id: data.id, failed: error instanceof Error ? error.message : String(error) });
  try {
    const act = engine[data.act] as (...args: readonly unknown[]) => unknown;
    Promise.resolve(act(...data.with)).then((gave) => answer({ id: data.id, gave }), failed);
  } catch (error) {
    failed(error);
  }
});
