import type { ReactNode } from 'react';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { Note } from '../ui/card.tsx';
import { Copy } from '../ui/copy.tsx';

/** What a service refused: its words, what can be done now, and the code to quote. */
export function FailureNote({
  failure,
  tone = 'fail',
  children,
}: {
  failure: Pick<QueryFailureFacts, 'code' | 'message' | 'hint'>;
  tone?: 'fail' | 'wait';
  children?: ReactNode;
}) {
  return (
    <Note tone={tone}>
      <div className="min-w-0">
        <p className="break-words">{failure.message}</p>
        {failure.hint && failure.hint !== failure.message && <p className="mt-0.5 text-text">{failure.hint}</p>}
        <p className="mt-1 font-mono text-[11.5px]">
          <Copy text={failure.code} what="the code">
            {failure.code}
          </Copy>
        </p>
        {children}
      </div>
    </Note>
  );
}
