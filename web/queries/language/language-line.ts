import { lineInPage, lineToWorker, type WorkerLine } from '../../kit/worker-line.ts';
import type { LanguageEngine } from './language-engine.ts';

let shared: WorkerLine<LanguageEngine> | undefined;

/** The one language service of the page, in its worker; started when it is first needed, and kept. */
export function languageLine(): WorkerLine<LanguageEngine> {
  shared ??=
    typeof Worker === 'undefined'
      ? lineInPage(import('./language-engine.ts').then(({ makeLanguageEngine }) => makeLanguageEngine()))
      : lineToWorker(new Worker(new URL('./language.worker.ts', import.meta.url), { type: 'module' }));
  return shared;
}
