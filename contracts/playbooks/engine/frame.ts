import type { Json } from '../document.ts';
import type { StepView } from '../expressions/scope.ts';

/**
 * What the steps of one list nest share: the results visible to them and the names an `each` gives. Each iteration has
 * a frame of its own, so that its `copy` is not its neighbour's; undo lists run in the frame their step ran in.
 */
export interface Frame {
  /** Begins the address of every step in it: `each[2].`, empty at the top. */
  readonly prefix: string;
  /** By id, also those of enclosing frames. */
  readonly views: Record<string, StepView>;
  readonly locals: { readonly [name: string]: Json };
}

export const topFrame = (): Frame => ({ prefix: '', views: {}, locals: {} });

/** The frame of an `each`'s iteration. Results of enclosing frames are copied: what is visible has ended before. */
export const iterationFrame = (
  outer: Frame,
  eachId: string,
  index: number,
  item: Json | undefined,
  as: string | undefined,
): Frame => ({
  prefix: `${outer.prefix}${eachId}[${index}].`,
  views: { ...outer.views },
  locals: {
    ...outer.locals,
    ...(item === undefined ? {} : { item, ...(as === undefined ? {} : { [as]: item }) }),
    index,
    ...(as === undefined ? {} : { [`${as}Index`]: index }),
  },
});
