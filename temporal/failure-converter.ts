import { DefaultFailureConverter } from '@temporalio/common';

/** Error texts and stack traces go through the codec too: without this they would stand in clear in every history. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
