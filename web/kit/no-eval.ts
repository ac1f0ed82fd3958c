import { config } from 'zod';

/** Our pages' policy forbids code made at run time, and zod's try at it would be reported as a breach of it. */
config({ jitless: true });
