import { useMay } from '../kit/session.ts';
import { Page } from '../ui/page.tsx';
import { SecretsCard } from './secrets-card.tsx';
import { VariablesCard } from './variables-card.tsx';

/** What playbooks read as `secrets.name` and `vars.name`. */
export function ValuesPage() {
  const maySecrets = useMay('secrets:read');
  return (
    <Page title="Secrets and variables" testId="settings.values">
      <div className="flex max-w-[820px] flex-col gap-4 px-5 pb-8 max-sm:px-4">
        {maySecrets && <SecretsCard />}
        <VariablesCard />
      </div>
    </Page>
  );
}
