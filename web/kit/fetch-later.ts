const PAUSE_MS = 5_000;

/**
 * Fetches code that the page does without for a while. Where the line is down it is tried again until it is there: what
 * nobody has asked for yet must not take the page down with it.
 */
export async function fetchLater<T>(fetchIt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await fetchIt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
