import { amcTemplates } from './amc.ts';
import { postgresTemplates } from './postgres.ts';
import { sfmcTemplates } from './sfmc.ts';
import type { QueryTemplate } from './template.ts';

/** Every template, by engine in the order in which they are shown. Each runs on the simulators: a test runs them. */
export const queryTemplates: readonly QueryTemplate[] = [...sfmcTemplates, ...amcTemplates, ...postgresTemplates];
