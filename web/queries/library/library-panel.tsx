import type { ReactNode } from 'react';
import { SearchInput } from '../../ui/input.tsx';

interface LibraryPanelProps {
  testId: string;
  q: string;
  onQ: (q: string) => void;
  /** What the search is called, and what it looks at. */
  label: string;
  placeholder: string;
  filters: ReactNode;
  children: ReactNode;
}

/** A list beside the editor: a search, filters, and what they find. */
export function LibraryPanel({ testId, q, onQ, label, placeholder, filters, children }: LibraryPanelProps) {
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-testid={testId}>
      <div className="flex flex-none flex-col gap-2 px-3 pt-2.5 pb-2">
        <SearchInput size2="sm" value={q} onValue={onQ} label={label} placeholder={placeholder} end={<></>} />
        <div className="flex flex-wrap items-center gap-2">{filters}</div>
      </div>
      {children}
    </div>
  );
}
