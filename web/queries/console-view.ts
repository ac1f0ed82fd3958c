import { z } from 'zod';

/** The state of the console as it stands in the address. The text of a query is never in it. */
export const ConsoleView = z.object({
  /** Connection and business unit or instance of the tab that is open. */
  c: z.string().default(''),
  bu: z.string().default(''),
  tab: z.string().default(''),
  run: z.string().default(''),
  /** What lies beside the editor. */
  side: z.enum(['history', 'saved', 'snippets', 'docs']).default('history'),
  /** What is shown of the run. */
  pane: z.enum(['results', 'messages', 'compare']).default('results'),
  /** Opens a saved query, a past run or an empty tab, and is then taken out of the address. */
  open: z.string().default(''),
  past: z.string().default(''),
  new: z.string().default(''),
  /** The object that the docs are of. */
  object: z.string().default(''),
});
export type ConsoleView = z.infer<typeof ConsoleView>;
