import { useEffect, type ReactNode } from 'react';
import { LiveRegions } from '../kit/announce.tsx';
import { useTheme } from '../kit/theme.ts';
import { Mark } from '../ui/mark.tsx';
import { StrandField } from './strand-field.tsx';

/** The frame of every page before one is in: the mark, a form, and beside it the field of strands. */
export function EntryFrame({ title, children }: { title: string; children: ReactNode }) {
  useTheme();
  useEffect(() => {
    document.title = `${title} · Windlass`;
  }, [title]);
  return (
    <div className="grid h-full grid-cols-2 bg-surface max-[900px]:grid-cols-1">
      <div className="flex min-h-0 flex-col overflow-auto px-10 pt-7 pb-6 max-sm:px-5">
        <header className="flex items-center gap-2.5 text-lead font-semibold">
          <Mark size={24} /> Windlass
        </header>
        <main className="m-auto w-full max-w-[360px] py-8">{children}</main>
      </div>
      <aside
        data-theme="dark"
        className="relative m-2 overflow-hidden rounded-[14px] bg-bg text-text max-[900px]:hidden"
      >
        <StrandField />
        <div className="absolute inset-x-11 bottom-11">
          <p className="text-display font-semibold tracking-[-0.022em]">
            A process may die.
            <br />
            The work goes on.
          </p>
          <p className="mt-3 max-w-[420px] text-lead text-text-2">
            Every query, playbook, incident and task is a run that ends, whatever happens in between.
          </p>
        </div>
      </aside>
      <LiveRegions />
    </div>
  );
}

/** The head of an entry page. */
export function EntryHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <header className="mb-5">
      <h1 className="text-figure font-semibold tracking-[-0.018em]">{title}</h1>
      {children && <p className="mt-1 text-text-2">{children}</p>}
    </header>
  );
}
