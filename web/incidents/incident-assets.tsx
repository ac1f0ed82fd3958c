import { useQuery } from '@tanstack/react-query';
import { Boxes, Network, Plus, Server, X } from 'lucide-react';
import { useState } from 'react';
import type { Impact } from '#contracts/assets/relations.ts';
import { CriticalityMark, StateMark } from '../assets/asset-looks.tsx';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { useMay } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { counted } from './incident-words.ts';
import type { OpenedIncident } from './incidents.ts';
import { SideSection } from './side-section.tsx';

/** So many of what would be hit are named before somebody asks for more. */
const mostNamed = 5;
const line = 'flex min-h-[27px] min-w-0 items-center gap-2 max-sm:min-h-11';

interface IncidentAssetsProps {
  incident: OpenedIncident;
  refusal: string | null;
  onAdd: () => void;
  onUnlink: (linkId: string) => void;
}

/** The assets and servers an incident is about, and what depends on them. */
export function IncidentAssets({ incident, refusal, onAdd, onUnlink }: IncidentAssetsProps) {
  const may = useMay('assets:read');
  const links = incident.links.filter(({ kind }) => kind === 'asset' || kind === 'server');
  const named = links.map(({ kind, ref }) => `${kind}:${ref}`).sort();
  const impact = useQuery({
    // What is linked is part of the question; an event `asset.*` asks it again.
    queryKey: ['assets', 'impact-of-incident', incident.id, named],
    queryFn: ({ signal }) => api.incidentImpact({ params: { id: incident.id }, signal }),
    enabled: may && links.length > 0,
    placeholderData: (before) => before,
  });
  const stateOf = (ref: string) => impact.data?.of.find(({ id }) => id === ref)?.state;
  return (
    <SideSection
      title="Assets"
      count={links.length}
      end={<IconButton size="sm" icon={Plus} label="Link an asset" refusal={refusal} onClick={onAdd} />}
    >
      <ul>
        {links.length === 0 && <li className="text-text-3">None</li>}
        {links.map(({ id, kind, ref, label }) => {
          const state = kind === 'asset' ? stateOf(ref) : undefined;
          return (
            <li key={id} className={line}>
              <Icon of={kind === 'server' ? Server : Boxes} size={14} className="text-text-3" />
              <Go
                to={kind === 'server' ? '/servers' : '/assets'}
                search={{ sel: ref }}
                className="min-w-0 flex-1 truncate hover:underline"
                title={label || ref}
              >
                <bdi>{label || ref}</bdi>
              </Go>
              {state && state !== 'active' && (
                <span className="text-meta">
                  <StateMark state={state} />
                </span>
              )}
              <IconButton
                size="sm"
                icon={X}
                label={`Take ${label || kind} away`}
                refusal={refusal}
                onClick={() => onUnlink(id)}
              />
            </li>
          );
        })}
      </ul>
      {links.length > 0 && impact.data && impact.data.of.length > 0 && <Hit impact={impact.data} />}
    </SideSection>
  );
}

/** What depends on them: how many, the nearest by name, and the way to the graph. */
function Hit({ impact: { of, total, byCriticality, data, isCut, depth } }: { impact: Impact }) {
  const [isOpen, setOpen] = useState(false);
  const [first] = of;
  if (total === 0) return <p className="mt-1 text-meta text-text-3">Nothing depends on it, as far as is known.</p>;
  const shown = isOpen ? data.slice(0, 100) : data.slice(0, mostNamed);
  return (
    <section
      aria-label="What depends on them"
      className="mt-1.5 border-t border-line pt-1.5"
      data-testid="incident.impact"
    >
      <p className="flex min-h-7 items-center gap-2 text-text-2">
        <span className="min-w-0 flex-1">
          <b className="font-medium text-text">{counted(total, 'asset')}</b>
          {` ${total === 1 ? 'depends' : 'depend'} on ${of.length === 1 ? 'it' : 'them'}`}
          {byCriticality.critical > 0 && <span className="text-fail-fg">{`, ${byCriticality.critical} critical`}</span>}
        </span>
        {first && (
          <Go
            to="/assets"
            search={{ view: 'graph', sel: first.id, impact: 'downstream' }}
            aria-label="Show in the graph"
            title="Show in the graph"
            className="grid size-6 flex-none place-items-center rounded-md text-text-2 hover:bg-fill max-sm:size-11"
          >
            <Icon of={Network} size={14} />
          </Go>
        )}
      </p>
      <ul>
        {shown.map((asset) => (
          <li key={asset.id} className={line}>
            <Go
              to="/assets"
              search={{ sel: asset.id, tab: 'impact' }}
              className="min-w-0 flex-1 truncate hover:underline"
              title={asset.via ? `${asset.name}, by ${asset.via.name}` : asset.name}
            >
              <bdi>{asset.name}</bdi>
            </Go>
            <span className="text-meta">
              <CriticalityMark criticality={asset.criticality} />
            </span>
          </li>
        ))}
      </ul>
      {!isOpen && data.length > mostNamed && (
        <Button look="ghost" size="sm" onClick={() => setOpen(true)}>
          {`Show ${Math.min(100, data.length) - mostNamed} more`}
        </Button>
      )}
      {isOpen && total > shown.length && (
        <p className="num text-meta text-text-3">{`and ${total - shown.length} more`}</p>
      )}
      {isCut && <p className="text-meta text-text-3">{`Only what is within ${depth} steps is counted.`}</p>}
    </section>
  );
}
