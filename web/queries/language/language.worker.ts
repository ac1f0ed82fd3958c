import { serveEngine } from '../../kit/worker-line.ts';
import { makeLanguageEngine } from './language-engine.ts';

serveEngine(makeLanguageEngine());
