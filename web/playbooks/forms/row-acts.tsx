import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { IconButton } from '../../ui/button.tsx';

interface RowActsProps<T> {
  rows: readonly T[];
  index: number;
  /** What is removed, for who cannot see the row: "Remove region". */
  removes?: string;
  onMove: (next: T[], to: number) => void;
  onRemove: (next: T[]) => void;
}

/** Moves a row of a list up and down, and takes it away. */
export function RowActs<T>({ rows, index, removes = 'Remove', onMove, onRemove }: RowActsProps<T>) {
  const rest = rows.filter((_, at) => at !== index);
  const move = (to: number) => onMove(rest.toSpliced(to, 0, ...rows.slice(index, index + 1)), to);
  return (
    <>
      <IconButton size="sm" icon={ArrowUp} label="Up" disabled={index === 0} onClick={() => move(index - 1)} />
      <IconButton
        size="sm"
        icon={ArrowDown}
        label="Down"
        disabled={index === rows.length - 1}
        onClick={() => move(index + 1)}
      />
      <IconButton size="sm" icon={Trash2} label={removes} onClick={() => onRemove(rest)} />
    </>
  );
}
