import type { SchemaObject } from './engine.ts';

/** What a service says of the state of one of its objects: Amazon's tags (AMC §4.1), in the order in which they are shown. */
export const objectTags = ['deprecated', 'renamed', 'new'] as const;
export type ObjectTag = (typeof objectTags)[number];

type Tagged = Pick<SchemaObject, 'details'>;

/** The tags of an object; words that came later than this code are left out. */
export function tagsOf({ details: { tags } }: Tagged): ObjectTag[] {
  const words = typeof tags === 'string' ? tags.toLowerCase().split(' ') : [];
  return objectTags.filter((tag) => words.includes(tag));
}
export const isDeprecated = (object: Tagged): boolean => tagsOf(object).includes('deprecated');

/** What the service says beside its tags: `Use dsp_impressions instead.` */
export const tagNoteOf = ({ details: { tagNote } }: Tagged): string => (typeof tagNote === 'string' ? tagNote : '');
