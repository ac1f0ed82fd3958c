/** Tags that one run carries at most. */
export const mostTags = 20;
/** Runs whose ids are sent for a file: as many as can be selected. */
export const mostExported = 10_000;
