import { holdPromises } from '#tests/kit/durable-promises.ts';

holdPromises('dash');
