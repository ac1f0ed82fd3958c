import { useState } from 'react';
import { demoPeople } from '#contracts/identity/demo.ts';
import type { Role } from '#contracts/identity/permissions.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { FormFailure } from '../ui/form.tsx';
import { Avatar } from '../ui/person.tsx';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';
import { enter } from './enter.ts';

/** In the demo one click signs in, as one person for each role. */
export function DemoDoors({ next }: { next: string | undefined }) {
  const [busy, setBusy] = useState<Role>();
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const signIn = async (role: Role) => {
    setBusy(role);
    setFailure(null);
    try {
      enter(await api.signInToDemo({ body: { role } }), next);
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(undefined);
    }
  };
  return (
    <section aria-label="Demo" className="mb-7">
      <h2 className="mb-2 font-semibold">Look around as</h2>
      <ul className="overflow-hidden rounded-lg border border-line">
        {demoPeople.map(({ name, role }) => (
          <li key={role} className="border-t border-line first:border-t-0">
            <button
              type="button"
              disabled={busy !== undefined}
              onClick={() => void signIn(role)}
              className="flex min-h-11 w-full items-center gap-2.5 px-3 text-left hover:bg-sunken"
            >
              <Avatar name={name} size={26} />
              <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
              {busy === role ? (
                <span className="text-run-fg">
                  <StatusShapeOnly status="running" />
                </span>
              ) : (
                <span className="text-meta text-text-2">{role}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
      <div className="mt-3">
        <FormFailure failure={failure} />
      </div>
    </section>
  );
}
