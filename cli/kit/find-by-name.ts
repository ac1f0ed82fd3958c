import { Id } from '#contracts/kit/schemas.ts';
import { didYouMean } from '#contracts/playbooks/nearest.ts';
import { UsageError } from './exits.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}
interface Page {
  readonly data: readonly Named[];
  readonly pagination: { readonly nextCursor: string | null };
}

/**
 * The id of a thing by its name, or the id itself. Names differ by more than case only where somebody made it so, so an
 * exact one goes first. @param list a page of those whose names hold the words
 * @throws UsageError where there is none of that name, or more than one
 */
export async function idByName(
  what: string,
  wanted: string,
  list: (query: { q?: string; cursor?: string; limit: number }) => Promise<Page>,
): Promise<string> {
  if (Id.safeParse(wanted).success) return wanted;
  const found: Named[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ q: wanted, limit: 200, cursor });
    found.push(...page.data);
    cursor = page.pagination.nextCursor ?? undefined;
  } while (cursor);
  const exact = found.filter(({ name }) => name === wanted);
  const same = exact.length > 0 ? exact : found.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (same.length > 1)
    throw new UsageError(
      `${same.length} ${what}s are called ${wanted}: give the id, ${same.map(({ id }) => id).join(' or ')}.`,
    );
  const [one] = same;
  if (one) return one.id;
  // Near names do not hold the words, so they are looked for among all.
  const names = (await list({ limit: 200 })).data.map(({ name }) => name);
  throw new UsageError(`There is no ${what} ${wanted}.${didYouMean(wanted, names)}`);
}
