import { ArrowRightLeft, ExternalLink, GitFork, GitMerge, Link2, ListChecks, MoreHorizontal, Pencil, Send, Users } from 'lucide-react'; // prettier-ignore
import { stateFlags } from '#contracts/incidents/states.ts';
import { useOffline } from '../kit/live.tsx';
import { useIsPhone } from '../kit/media.ts';
import { useRefusal } from '../kit/session.ts';
import { useStatusPage } from '../status-page/status-page.ts';
import { IconButton } from '../ui/button.tsx';
import { copyText } from '../ui/copy.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import type { OpenedIncident } from './incidents.ts';
import type { Asked } from './incident-dialogs.tsx';

interface IncidentMenuProps {
  incident: OpenedIncident;
  /** Why nothing can be changed; null where it can. */
  refusal: string | null;
  onAsk: (asked: NonNullable<Asked>) => void;
}

/** What is done more seldom to an incident, and on a phone what has no room. */
export function IncidentMenu({ incident, refusal, onAsk }: IncidentMenuProps) {
  const isPhone = useIsPhone();
  const offline = useOffline();
  const refusalOf = useRefusal();
  const { data: statusPage } = useStatusPage();
  const { temporalUrl } = incident;
  const notWorkedOn = stateFlags[incident.state].active ? null : 'Only while somebody works on it.';
  return (
    <Menu label="More" trigger={<IconButton icon={MoreHorizontal} label="More" look={isPhone ? 'ghost' : 'default'} />}>
      <MenuItem icon={ArrowRightLeft} keys="s" refusal={refusal} onSelect={() => onAsk('move')}>
        Move to…
      </MenuItem>
      {isPhone && (
        <MenuItem icon={ListChecks} refusal={refusal ?? refusalOf('playbooks:run')} onSelect={() => onAsk('playbook')}>
          Run playbook
        </MenuItem>
      )}
      <MenuItem icon={Pencil} refusal={refusal} onSelect={() => onAsk('edit')}>
        Edit
      </MenuItem>
      <MenuItem icon={Users} refusal={refusal} onSelect={() => onAsk('handover')}>
        Hand over
      </MenuItem>
      <MenuItem icon={GitMerge} refusal={refusal ?? notWorkedOn} onSelect={() => onAsk('merge')}>
        Merge into another
      </MenuItem>
      <MenuItem
        icon={GitFork}
        refusal={
          refusal ??
          refusalOf('alerts:read') ??
          (incident.alertsTotal === 0 ? 'It has no alerts that could go.' : notWorkedOn)
        }
        onSelect={() => onAsk('split')}
      >
        Split off alerts
      </MenuItem>
      {statusPage?.isOn && (
        <MenuItem icon={Send} refusal={offline ?? refusalOf('incidents:act')} onSelect={() => onAsk('publish')}>
          Publish an update
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem icon={Link2} onSelect={() => void copyText(location.href)}>
        Copy link
      </MenuItem>
      {temporalUrl && (
        <MenuItem icon={ExternalLink} onSelect={() => void window.open(temporalUrl, '_blank', 'noopener')}>
          Open in Temporal Web
        </MenuItem>
      )}
    </Menu>
  );
}
