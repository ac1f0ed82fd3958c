import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { z } from 'zod';
import './no-eval.ts';
import type { Raw } from './search.ts';

/** A list in the address, apart by commas; a choice that no longer exists makes the whole list fall back. */
export const list = <T extends z.ZodType>(item: T) => z.array(item).default([]);

const candidates = (raw: string): unknown[] => [
  raw,
  raw.split(',').filter(Boolean),
  Number(raw),
  raw === 'true' || raw === '',
];

/** Reads a page's state from the query of the address. What does not fit falls back to its default: links live long. */
export function readUrlState<S extends z.ZodRawShape>(schema: z.ZodObject<S>, raw: Raw): z.output<z.ZodObject<S>> {
  const state: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.shape) as Array<[string, z.ZodType]>) {
    const text = raw[name];
    const fits =
      text === undefined
        ? undefined
        : candidates(text)
            .map((value) => field.safeParse(value))
            .find((parsed) => parsed.success);
    state[name] = fits ? fits.data : field.safeParse(undefined).data;
  }
  return state as z.output<z.ZodObject<S>>;
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

/** Writes changes into a query. Defaults and empty values are left out, so that an address says only what was chosen. */
export function writeUrlState<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  raw: Raw,
  changes: Partial<z.output<z.ZodObject<S>>>,
): Raw {
  const next: Raw = { ...raw };
  for (const [name, value] of Object.entries(changes)) {
    const field = schema.shape[name] as z.ZodType | undefined;
    const fallback = field?.safeParse(undefined).data;
    const text = value === undefined || value === null ? undefined : textOf(value);
    if (text === undefined || text === '' || (fallback !== undefined && textOf(fallback) === text)) delete next[name];
    else next[name] = text;
  }
  return next;
}

/**
 * The state of a page that belongs in its address: filters, sort, tab, open drawer. Choosing pushes (Back undoes the
 * last choice), typing replaces.
 */
export function useUrlState<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
): [z.output<z.ZodObject<S>>, (changes: Partial<z.output<z.ZodObject<S>>>, how?: 'push' | 'replace') => void] {
  const raw = useSearch({ strict: false }) as Raw;
  const navigate = useNavigate();
  const state = useMemo(() => readUrlState(schema, raw), [schema, raw]);
  const change = useCallback(
    (changes: Partial<z.output<z.ZodObject<S>>>, how: 'push' | 'replace' = 'push') => {
      void navigate({
        to: '.',
        search: ((old: Raw) => writeUrlState(schema, old, changes)) as never,
        hash: true,
        replace: how === 'replace',
        resetScroll: false,
      });
    },
    [navigate, schema],
  );
  return [state, change];
}
