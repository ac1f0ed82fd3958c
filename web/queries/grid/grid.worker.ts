import { serveEngine } from '../../kit/worker-line.ts';
import { makeGridEngine } from './grid-engine.ts';

serveEngine(makeGridEngine());
