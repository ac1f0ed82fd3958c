import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { stateNames } from '#contracts/incidents/states.ts';
import type { ShownCalendar, ShownSlaPolicy } from '#contracts/sla/sla.ts';
import { Severity } from '../incidents/severity.tsx';
import { IconButton } from '../ui/button.tsx';
import { Card, SectionHead, Tag } from '../ui/card.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';

interface SlaPolicyCardProps {
  policy: ShownSlaPolicy;
  calendars: readonly ShownCalendar[];
  refusal: string | null;
  onEdit: () => void;
  onDelete: () => void;
}

/** One policy: its targets by severity, for which services, and by which hours. */
export function SlaPolicyCard({ policy, calendars, refusal, onEdit, onDelete }: SlaPolicyCardProps) {
  const { name, services, targets, calendarId, pauseIn, warnPercent } = policy;
  const calendar = calendars.find(({ id }) => id === calendarId);
  return (
    <Card label={name}>
      <SectionHead
        title={name}
        hint={services.length === 0 ? 'all services that no other names' : undefined}
        end={
          <Menu label={`Acts on ${name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
            <MenuItem icon={Pencil} refusal={refusal} onSelect={onEdit}>
              Edit
            </MenuItem>
            <MenuItem icon={Trash2} danger refusal={refusal} onSelect={onDelete}>
              Delete policy
            </MenuItem>
          </Menu>
        }
      />
      <div className="border-t border-line px-3.5 py-2">
        {services.length > 0 && (
          <p className="flex flex-wrap gap-1.5 pb-2">
            {services.map((service) => (
              <Tag key={service}>{service}</Tag>
            ))}
          </p>
        )}
        <table className="w-full text-left text-meta" aria-label={`Targets of ${name}`}>
          <thead className="text-text-3">
            <tr>
              <th className="py-1 font-medium">Severity</th>
              <th className="py-1 font-medium">Answer in</th>
              <th className="py-1 font-medium">Resolve in</th>
            </tr>
          </thead>
          <tbody className="num">
            {incidentSeverities.map((severity) => (
              <tr key={severity} className="border-t border-line">
                <th scope="row" className="py-1 font-medium">
                  <Severity severity={severity} />
                </th>
                <td className="py-1">{targets[severity]?.respond ?? <span className="text-text-3">none</span>}</td>
                <td className="py-1">{targets[severity]?.resolve ?? <span className="text-text-3">none</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="pt-2 text-meta text-text-2">
          {calendarId === null ? 'Round the clock' : `By the hours of ${calendar?.name ?? 'a calendar'}`}, at risk from{' '}
          {warnPercent} %
          {pauseIn.length > 0 && `; stands still in ${pauseIn.map((state) => stateNames[state]).join(', ')}`}
        </p>
      </div>
    </Card>
  );
}
