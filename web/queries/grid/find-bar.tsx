import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { SearchInput } from '../../ui/input.tsx';
import { FIND_LIMIT } from './find.ts';

export interface FindState {
  needle: string;
  matches: readonly number[];
  isDone: boolean;
  looked: number;
  current: number;
}
interface FindBarProps extends FindState {
  rows: number;
  onNeedle: (needle: string) => void;
  onGo: (step: number) => void;
  onClose: () => void;
}

/** Looks for a text in the rows that are loaded and shown. */
export function FindBar({ needle, matches, isDone, looked, current, rows, onNeedle, onGo, onClose }: FindBarProps) {
  const box = useRef<HTMLSpanElement>(null);
  useEffect(() => box.current?.querySelector('input')?.focus(), []);
  const count = `${matches.length.toLocaleString('en-GB')}${matches.length >= FIND_LIMIT ? '+' : ''}`;
  return (
    <span ref={box} className="flex min-w-80 flex-1 items-center gap-1 max-sm:min-w-full">
      <SearchInput
        size2="sm"
        className="max-w-80 min-w-32 flex-1"
        label="Find in loaded rows"
        placeholder="Find in loaded rows"
        value={needle}
        onValue={onNeedle}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onGo(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape' && needle === '') onClose();
        }}
        end={<span />}
      />
      {needle !== '' && (
        <span className="num px-1 text-meta whitespace-nowrap text-text-2" role="status">
          {matches.length > 0
            ? `${(current + 1).toLocaleString('en-GB')} of ${count}${isDone ? '' : ' …'}`
            : isDone
              ? 'Not found'
              : `${Math.floor((looked / Math.max(1, rows)) * 100)}% looked at`}
        </span>
      )}
      <IconButton icon={ChevronUp} label="Match before" size="sm" onClick={() => onGo(-1)} />
      <IconButton icon={ChevronDown} label="Next match" size="sm" onClick={() => onGo(1)} />
      <IconButton icon={X} label="Close find" size="sm" onClick={onClose} />
    </span>
  );
}
