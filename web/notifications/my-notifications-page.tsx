import { Send } from 'lucide-react';
import { useState } from 'react';
import type { MyNotifications } from '#contracts/notifications/my-notifications.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { ContactsCard } from './contacts-card.tsx';
import { PreferencesCard } from './preferences-card.tsx';
import { useMyNotifications } from './use-my-notifications.ts';

/** How one is told in this workspace: own contacts, their order and delays, quiet hours. */
export function MyNotificationsPage() {
  const mine = useMyNotifications();
  const offline = useOffline();
  const [busy, setBusy] = useState(false);
  const test = async () => {
    setBusy(true);
    try {
      const { deliveries } = await api.testMyNotifications({ body: {} });
      toast.done(`A test message is on its way to ${deliveries.map(({ target }) => target).join(', ')}`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Page
      title="Your notifications"
      crumbs={[
        <Go key="account" to="/account" className="hover:underline">
          Your account
        </Go>,
        'Notifications',
      ]}
      testId="account.notifications"
      action={
        <Button icon={Send} busy={busy} refusal={offline} onClick={() => void test()}>
          Send a test
        </Button>
      }
    >
      <Answer of={mine} what="Your notifications" waiting={<SkeletonLines />}>
        {(found: MyNotifications) => (
          <div className="flex max-w-[720px] flex-col gap-4 px-5 pb-8 max-sm:px-4">
            <ContactsCard mine={found} />
            <PreferencesCard key={JSON.stringify(found.preferences)} mine={found} />
          </div>
        )}
      </Answer>
    </Page>
  );
}
