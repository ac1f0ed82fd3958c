import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { IdParams } from '../kit/schemas.ts';
import { ConnectionUnit } from './connections.ts';

export const defaultUnitRoutes = defineRoutes({
  chooseDefaultUnit: {
    method: 'PUT',
    path: '/connections/:id/default-unit',
    access: 'connections:manage',
    summary: 'Choose the instance that is taken where nobody names one',
    params: IdParams,
    body: z.object({ unit: z.string().min(1).max(100) }),
    response: z.object({ data: z.array(ConnectionUnit) }),
  },
});
