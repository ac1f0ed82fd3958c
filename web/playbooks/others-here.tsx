import type { PresentPerson } from '#contracts/events/presence.ts';
import { Avatar } from '../ui/person.tsx';
import { Tooltip } from '../ui/tooltip.tsx';

const MOST = 3;

/** "Jo edits this too"; of many, two names and how many more. */
export function presenceWords(people: readonly Pick<PresentPerson, 'name'>[]): string {
  const [first, second] = people;
  if (!first) return '';
  if (!second) return `${first.name} edits this too`;
  if (people.length === 2) return `${first.name} and ${second.name} edit this too`;
  return `${first.name}, ${second.name} and ${people.length - 2} more edit this too`;
}

/** Who else has it open to change it, as it is now: badges, and the words for them. */
export function OthersHere({ people }: { people: readonly PresentPerson[] }) {
  const words = presenceWords(people);
  return (
    <span role="status" data-testid="playbook.presence" className="flex flex-none items-center">
      {people.length > 0 && (
        <Tooltip says={people.map(({ name }) => name).join(', ')}>
          <span tabIndex={0} className="flex items-center gap-1.5 rounded-md py-0.5 text-meta text-text-2">
            <span className="flex -space-x-1.5">
              {people.slice(0, MOST).map(({ id, name }) => (
                <span key={id} className="rounded-full ring-2 ring-surface">
                  <Avatar name={name} size={24} />
                </span>
              ))}
            </span>
            <span className="max-w-56 truncate max-lg:sr-only">{words}</span>
          </span>
        </Tooltip>
      )}
    </span>
  );
}
