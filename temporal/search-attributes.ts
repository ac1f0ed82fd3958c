import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import { searchAttributeNames } from '#contracts/kit/search-attributes.ts';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** The typed keys of our search attributes. The embedded servers declare them at each start: an undeclared one stalls. */
export const searchAttributes = {
  workspace: keyword(searchAttributeNames.workspace),
  kind: keyword(searchAttributeNames.kind),
  subject: keyword(searchAttributeNames.subject),
  actor: keyword(searchAttributeNames.actor),
} as const;
