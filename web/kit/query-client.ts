import { QueryClient } from '@tanstack/react-query';
import { asFailure } from './failure.ts';

/** The server's state, kept fresh by events; asking again on focus is the safety net. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      // What the server refused stays refused; what never answered may answer the second time.
      retry: (failures, error) => failures < 2 && [0, 502, 503, 504].includes(asFailure(error).status),
      retryDelay: (attempt) => 400 * 2 ** attempt,
    },
    mutations: { retry: false },
  },
});
