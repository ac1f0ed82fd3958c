import { useRef, type RefObject } from 'react';

/** The newest value, for what is made once and called later. */
export function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  latest.current = value;
  return latest;
}
