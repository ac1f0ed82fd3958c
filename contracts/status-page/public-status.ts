import {
  type Impact,
  impacts,
  type PublicStatus,
  type PublishedUpdate,
  type StatusPageSettings,
} from './status-page.ts';

const dayMs = 86_400_000;
/** For how long something that is over is still shown. */
export const shownForMs = 14 * dayMs;

const worst = (all: readonly Impact[]): Impact =>
  impacts[Math.max(0, ...all.map((impact) => impacts.indexOf(impact)))] ?? 'none';

/** Makes the public page of what was chosen and published; the newest update of an incident says how it stands. */
export function publicStatus(
  { title, intro, services }: Pick<StatusPageSettings, 'title' | 'intro' | 'services'>,
  updates: readonly (Omit<PublishedUpdate, 'publishedBy'> & { incidentId: string })[],
  now: number,
): PublicStatus {
  const nameOf = new Map(services.map(({ service, name }) => [service, name]));
  const newestFirst = updates.toSorted((a, b) => Date.parse(b.publishedAt) - Date.parse(a.publishedAt));
  const incidents: PublicStatus['incidents'] = [];
  const hit = new Map<string, Impact[]>();
  for (const own of Map.groupBy(newestFirst, ({ incidentId }) => incidentId).values()) {
    const [newest] = own;
    const first = own.at(-1);
    if (!newest || !first) continue;
    const isOver = newest.phase === 'resolved';
    if (isOver && now - Date.parse(newest.publishedAt) > shownForMs) continue;
    // A service that was taken off the page since is not named any more.
    const shown = newest.services.filter((service) => nameOf.has(service));
    if (!isOver) for (const service of shown) hit.set(service, [...(hit.get(service) ?? []), newest.impact]);
    incidents.push({
      id: first.id,
      title: newest.title,
      phase: newest.phase,
      impact: isOver ? 'none' : newest.impact,
      services: shown.map((service) => nameOf.get(service) ?? ''),
      startedAt: first.publishedAt,
      updates: own.map(({ phase, text, publishedAt }) => ({ phase, text, at: publishedAt })),
    });
  }
  const isOpen = ({ phase }: PublicStatus['incidents'][number]): boolean => phase !== 'resolved';
  return {
    title,
    intro,
    impact: worst(incidents.filter(isOpen).map(({ impact }) => impact)),
    services: services.map(({ service, name }) => ({ name, impact: worst(hit.get(service) ?? []) })),
    incidents: [...incidents.filter(isOpen), ...incidents.filter((one) => !isOpen(one))],
    updatedAt: newestFirst[0]?.publishedAt ?? null,
  };
}
