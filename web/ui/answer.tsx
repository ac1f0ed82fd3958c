import type { UseQueryResult } from '@tanstack/react-query';
import { useDeferredValue, useRef, type ReactNode } from 'react';
import { ErrorState } from './error-state.tsx';
import { SkeletonRows } from './skeleton.tsx';

interface AnswerProps<T> {
  of: Pick<UseQueryResult<T>, 'data' | 'error' | 'isPending'> & { refetch: () => unknown };
  children: (data: T) => ReactNode;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  waiting?: ReactNode;
  /** What did not load, as a sentence begins: "The runs". */
  what?: string;
}

/**
 * The four states of an answer: waiting, failed, empty, full. Data that is there stays, even while a refresh fails. What
 * is drawn of the first answer that had to be waited for is drawn in slices between which the page stays at hand; what is
 * there when one comes back stands at once, so that the list is as long as it was when its scroll place is restored.
 */
export function Answer<T>({ of, children, isEmpty, empty = null, waiting = <SkeletonRows />, what }: AnswerProps<T>) {
  const came = useRef(of.data !== undefined);
  const mayDraw = useDeferredValue(came.current || of.data !== undefined, came.current);
  if (of.data !== undefined) came.current = true;
  if (of.data !== undefined && mayDraw) return isEmpty?.(of.data) ? empty : children(of.data);
  if (of.error && of.data === undefined)
    return <ErrorState error={of.error} what={what} retry={() => void of.refetch()} />;
  return waiting;
}
