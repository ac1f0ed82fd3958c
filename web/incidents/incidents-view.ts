import { z } from 'zod';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { incidentStates, stateFlags } from '#contracts/incidents/states.ts';
import { queryOf, type Raw } from '../kit/search.ts';
import { list } from '../kit/url-state.ts';

/** The state of the page of incidents, as it stands in the address. */
export const IncidentsView = z.object({
  view: z.enum(['board', 'list']).default('board'),
  q: z.string().default(''),
  severity: list(z.enum(incidentSeverities)),
  service: z.string().default(''),
  /** `me`, `none`, or somebody's id. */
  owner: z.string().default(''),
  /** Of the list alone: the board has a column for each. */
  state: list(z.enum(incidentStates)),
  clock: z.enum(['', 'at_risk', 'breached']).default(''),
  /** Of the list: what is shown where no state is chosen. */
  show: z.enum(['active', 'all']).default('active'),
  /** Of the list: the saved view it came from. */
  saved: z.string().default(''),
  /** The dialog that declares one is open. */
  declare: z.enum(['', 'new']).default(''),
});
export type IncidentsView = z.infer<typeof IncidentsView>;

export const noFilters = { q: '', severity: [], service: '', owner: '', state: [], clock: '' } as const;

/** The board as the API takes it. */
export const boardFilter = ({ q, severity, service, owner }: IncidentsView) => ({
  search: q.trim() || undefined,
  severity: severity.join(',') || undefined,
  service: service || undefined,
  owner: owner || undefined,
});

/** The list as the API takes it. */
export const listFilter = (view: IncidentsView) => ({
  ...boardFilter(view),
  state: view.state.join(',') || (view.show === 'active' ? 'active' : undefined),
  clock: view.clock || undefined,
});

/** Is anything narrowed beyond what the chosen view itself shows? */
export const isNarrowed = (view: IncidentsView): boolean =>
  Object.entries(noFilters).some(
    ([name, off]) =>
      (view.view === 'list' || (name !== 'state' && name !== 'clock')) &&
      String(view[name as keyof typeof noFilters]) !== String(off),
  );

/** The states in which somebody works: what `active` stands for. */
export const activeStates = incidentStates.filter((state) => stateFlags[state].active);

/** What a saved view keeps of the address: what narrows the list, not how it is shown or what is open. */
export const savedQuery = (raw: Raw): string =>
  queryOf(raw, Object.keys(IncidentsView.shape), ['view', 'saved', 'declare']);
