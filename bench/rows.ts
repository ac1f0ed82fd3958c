import type { Row } from './kit/row.ts';
import { oneStep } from './rows/one-step.ts';
import { stepsInARow } from './rows/steps-in-a-row.ts';

/** In the order of the table. */
export const rows: readonly Row[] = [oneStep, stepsInARow];
