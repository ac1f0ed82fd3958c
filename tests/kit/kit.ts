/** Folders of test runs, in the system's temporary folder. */
export const FOLDER_PREFIX = 'windlass-test-';

/** A database of a test's own. */
export interface DatabaseUrls {
  readonly name: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly systemUrl: string;
  readonly superuserUrl: string;
}

/** A corner of the run's Temporal server. */
export interface TemporalPlace {
  readonly address: string;
  /** This file's own namespace, with all search attributes declared. */
  readonly namespace: string;
  /** Put it before queue names where files could meet. */
  readonly taskQueuePrefix: string;
}
