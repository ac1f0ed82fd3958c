import { amcSnippets } from './amc.ts';
import { postgresSnippets } from './postgres.ts';
import { sfmcSnippets } from './sfmc.ts';
import type { BuiltInSnippet } from './snippet.ts';

/** Every snippet of the product, by engine in the order in which they are shown. Each runs: a test runs them. */
export const builtInSnippets: readonly BuiltInSnippet[] = [...sfmcSnippets, ...amcSnippets, ...postgresSnippets];
