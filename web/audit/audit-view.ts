import { z } from 'zod';
import { list } from '../kit/url-state.ts';

const spans = { any: 0, '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 } as const;
export type Span = keyof typeof spans;
export const spanWords: Readonly<Record<Span, string>> = {
  any: 'any time',
  '1h': 'last hour',
  '24h': 'last 24 h',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
};

/** The state of the audit log's page, as it stands in the address. */
export const AuditView = z.object({
  q: z.string().default(''),
  /** Ids of people and keys; `system` is the machinery. */
  actor: list(z.string()),
  /** `server.created`, `server.*`; with `!` before each, all but those. */
  action: list(z.string()),
  subject: z.string().default(''),
  when: z.enum(['any', '1h', '24h', '7d', '30d']).default('any'),
  /** A range of one's own; it goes before `when`. */
  from: z.string().default(''),
  to: z.string().default(''),
  /** The entry whose detail is open. */
  sel: z.string().default(''),
});
export type AuditView = z.infer<typeof AuditView>;
export const noFilters = { q: '', actor: [], action: [], subject: '', when: 'any', from: '', to: '' } satisfies Partial<AuditView>; // prettier-ignore

export interface AuditQuery {
  q?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  subject?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

const instant = (text: string): string | undefined => {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** What the log is asked with. A span counts back from the minute of `now`, so that the question holds for a while. */
export function auditQuery(view: AuditView, now: number): AuditQuery {
  const span = spans[view.when];
  const isOwn = view.from !== '' || view.to !== '';
  const back = span ? new Date(Math.floor((now - span) / 60_000) * 60_000).toISOString() : undefined;
  return {
    q: view.q.trim() || undefined,
    actor: view.actor.join(',') || undefined,
    action: view.action.join(',') || undefined,
    subject: view.subject || undefined,
    from: isOwn ? instant(view.from) : back,
    to: isOwn ? instant(view.to) : undefined,
  };
}
export const isNarrowed = (query: AuditQuery): boolean => Object.values(query).some((value) => value !== undefined);
