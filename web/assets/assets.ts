import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { assetSorts } from '#contracts/assets/assets.ts';
import { assetStates, type AssetState, criticalities, type Criticality } from '#contracts/assets/lifecycle.ts';
import type { OwnerChoice } from '#contracts/assets/owners.ts';
import { impactDirections, type ImpactDirection } from '#contracts/assets/relations.ts';
import { api } from '../kit/api.ts';
import { list } from '../kit/url-state.ts';
import type { StatusFamily } from '../ui/status.ts';

export const groupings = ['type', 'owner', 'state', 'none'] as const;

/** The state of the page of assets, as it stands in the address. */
export const AssetsView = z.object({
  q: z.string().default(''),
  type: list(z.string()),
  state: list(z.enum(assetStates)),
  criticality: list(z.enum(criticalities)),
  tag: list(z.string()),
  owner: z.string().default(''),
  team: z.string().default(''),
  attribute: z.string().default(''),
  sort: z.enum(assetSorts).default('name'),
  view: z.enum(['table', 'graph']).default('table'),
  group: z.enum(groupings).default('type'),
  /** The asset whose panel is open. */
  sel: z.string().default(''),
  /** The asset that is edited; `new` adds one. */
  edit: z.string().default(''),
  /** The type that is edited; `new` defines one, `all` shows them. */
  types: z.string().default(''),
  relate: z.string().default(''),
  discover: z.string().default(''),
  impact: z.enum(['', ...impactDirections]).default(''),
  tab: z.enum(['facts', 'relations', 'impact', 'incidents', 'history', 'runs']).default('facts'),
});
export type AssetsView = z.infer<typeof AssetsView>;

export const stateLooks: Readonly<Record<AssetState, { word: string; family: StatusFamily }>> = {
  planned: { word: 'Planned', family: 'idle' },
  active: { word: 'Active', family: 'ok' },
  maintenance: { word: 'Maintenance', family: 'wait' },
  retired: { word: 'Retired', family: 'idle' },
};
export const criticalityWords: Readonly<Record<Criticality, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
};

/** What the list, its counts, the graph and the file are asked with. */
export const queryOf = (view: AssetsView) => ({
  q: view.q.trim() || undefined,
  type: view.type.join(',') || undefined,
  state: view.state.join(',') || undefined,
  criticality: view.criticality.join(',') || undefined,
  tag: view.tag.join(',') || undefined,
  owner: view.owner || undefined,
  team: view.team || undefined,
  attribute: view.attribute.indexOf('=') > 0 ? view.attribute : undefined,
});
export type AssetQuery = ReturnType<typeof queryOf>;
export const noFilters = {
  q: '',
  type: [],
  state: [],
  criticality: [],
  tag: [],
  owner: '',
  team: '',
  attribute: '',
} satisfies Partial<AssetsView>;
export const isFiltered = (view: AssetsView): boolean => Object.values(queryOf(view)).some(Boolean);

const PAGE = 200;
/** The assets that a filter shows, page by page; an event `asset.*` asks for what is loaded again. */
export const assetsQuery = (filter: AssetQuery, sort: AssetsView['sort']) =>
  infiniteQueryOptions({
    queryKey: ['assets', 'list', filter, sort],
    queryFn: ({ signal, pageParam }) =>
      api.listAssets({ query: { ...filter, sort, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
export const useAssets = (filter: AssetQuery, sort: AssetsView['sort'], { enabled }: { enabled: boolean }) =>
  useInfiniteQuery({ ...assetsQuery(filter, sort), placeholderData: (before) => before, enabled });
/** The whole of what a filter shows, with the relations among it. */
export const graphQuery = (filter: AssetQuery) =>
  queryOptions({
    queryKey: ['assets', 'graph', filter],
    queryFn: ({ signal }) => api.assetGraph({ query: filter, signal }),
  });
export const useAssetCounts = (filter: AssetQuery) =>
  useQuery({
    queryKey: ['assets', 'counts', filter],
    queryFn: ({ signal }) => api.countAssets({ query: filter, signal }),
    placeholderData: (before) => before,
  });
export const useAssetTypes = () =>
  useQuery({ queryKey: ['asset-types'], queryFn: ({ signal }) => api.listAssetTypes({ signal }) });
export const useAssetTags = () =>
  useQuery({
    queryKey: ['assets', 'tags'],
    queryFn: ({ signal }) => api.listAssetTags({ signal }),
    staleTime: 30_000,
  });
export const useAsset = (id: string) =>
  useQuery({
    queryKey: ['asset', id],
    queryFn: ({ signal }) => api.getAsset({ params: { id }, signal }),
    enabled: id !== '' && id !== 'new',
  });
export const useRelations = (id: string) =>
  useQuery({
    queryKey: ['asset', id, 'relations'],
    queryFn: ({ signal }) => api.listAssetRelations({ params: { id }, signal }),
    enabled: id !== '',
  });
export const useImpact = (id: string, direction: ImpactDirection, depth = 10) =>
  useQuery({
    queryKey: ['asset', id, 'impact', direction, depth],
    queryFn: ({ signal }) => api.impactOf({ query: { of: id, direction, depth }, signal }),
    enabled: id !== '',
  });
/** The first assets, by name, that a search finds: to choose one of any number. */
export const useFoundAssets = (q: string) =>
  useQuery({
    queryKey: ['assets', 'found', q.trim()],
    queryFn: ({ signal }) => api.listAssets({ query: { q: q.trim() || undefined, limit: 50 }, signal }),
    placeholderData: (before) => before,
  });
/** Members who can own something. */
export const usePeople = () =>
  useQuery({ queryKey: ['members'], queryFn: ({ signal }) => api.listMembers({ signal }), staleTime: 60_000 });

/** An owner as one choice of a list: a member's id, or a team by its name. */
export const ownerChoice = (value: string): OwnerChoice =>
  value === '' ? null : value.startsWith('team:') ? { team: value.slice(5) } : { personId: value };
