import { initialsOf } from '../ui/person.tsx';

/** A workspace's initials on a ground of its own. */
export const WorkspaceBadge = ({ name }: { name: string }) => (
  // Drawn, not written, like a person's initials: the name stands beside it.
  <span
    aria-hidden="true"
    data-initials={initialsOf(name)}
    className="grid size-5 flex-none before:content-[attr(data-initials)] place-items-center rounded-[5px] bg-ansi-cyan text-[10px] font-semibold tracking-tighter text-surface"
  />
);
