import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Connection, ConnectionUnit } from '#contracts/connections/connections.ts';
import { api } from '../kit/api.ts';
import { toast } from '../ui/toast.tsx';

/** Chooses the unit that is taken where nobody names one. */
export function useDefaultUnit({ id, kind, version }: Pick<Connection, 'id' | 'kind' | 'version'>) {
  const client = useQueryClient();
  const [busy, setBusy] = useState<string | null>(null);
  const choose = async (unit: Pick<ConnectionUnit, 'id' | 'name'>): Promise<boolean> => {
    setBusy(unit.id);
    const params = { id };
    try {
      // A package of Marketing Cloud signs in to the unit its configuration names; an instance is chosen by itself.
      await (kind === 'sfmc'
        ? api.updateConnection({
            params,
            body: { config: { accountId: Number(unit.id) } },
            ifMatch: `"${version}"`,
          })
        : api.chooseDefaultUnit({ params, body: { unit: unit.id } }));
      toast.done(`${unit.name} is the default`);
      return true;
    } catch (error) {
      toast.failure(error);
      return false;
    } finally {
      await client.invalidateQueries({ queryKey: ['connections'] });
      setBusy(null);
    }
  };
  return { busy, choose };
}
