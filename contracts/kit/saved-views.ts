import { z } from 'zod';
import { changesOf } from './changes.ts';
import { ActorRef, Id, Instant, Name } from './schemas.ts';

/** What a view shows: the query of the list's address, `status=failed&started=24h`; without what is open or selected. */
export const ViewQuery = z.string().max(2_000);

/** A saved view of a list. */
export const SavedView = z.object({
  id: Id,
  name: Name,
  query: ViewQuery,
  /** Seen by everybody who reads the list here, else by its owner alone. */
  isShared: z.boolean(),
  owner: ActorRef,
  isMine: z.boolean(),
  createdAt: Instant,
});
export type SavedView = z.infer<typeof SavedView>;

export const NewSavedView = z.object({ name: Name, query: ViewQuery, isShared: z.boolean().default(false) });
export const SavedViewChange = changesOf(NewSavedView);
