/** Builds the console and the workflow bundle ahead of the first start. */
export {};
