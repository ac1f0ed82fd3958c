import { PhoneCall } from 'lucide-react';
import { useMay } from '../kit/session.ts';
import { Icon } from '../ui/icon.tsx';
import { Avatar } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { namesOf, useOnCall } from '../oncall/oncall.ts';

/** Who is on call now by the first schedule, and until when; nothing where there is no schedule. */
export function WhoIsOnCall() {
  const may = useMay('oncall:read');
  const { data } = useOnCall();
  const schedule = data?.data[0];
  if (!may || !schedule) return null;
  const { personId, to } = schedule.now;
  const name = namesOf(data.people)(personId);
  return (
    <span className="flex min-w-0 items-center gap-1.5 max-lg:hidden" data-testid="incidents.oncall">
      <Icon of={PhoneCall} size={14} className="text-text-3" />
      <span className="text-text-2">On call</span>
      {personId ? <Avatar name={name} /> : null}
      <bdi className="max-w-40 truncate" title={`${name}, by ${schedule.name}`}>
        {name}
      </bdi>
      <span className="whitespace-nowrap text-text-3">
        until <RelativeTime at={to} />
      </span>
    </span>
  );
}
