import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { asFailure } from '../kit/failure.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { EntryHead } from './entry-frame.tsx';

interface LinkAnswerProps<T> {
  of: Pick<UseQueryResult<T>, 'data' | 'error' | 'isPending'> & { refetch: () => unknown };
  /** What the link leads to, as a sentence begins: "The invitation". */
  what: string;
  /** Where to go instead when the link is good for nothing any more. */
  instead: { to: '/sign-in' | '/forgot-password'; act: string };
  children: (data: T) => ReactNode;
}

/** What a link of a mail leads to. A link that was used, has ended or never was says so, and where to go on. */
export function LinkAnswer<T>({ of, what, instead, children }: LinkAnswerProps<T>) {
  const failure = of.error && of.data === undefined ? asFailure(of.error) : null;
  // Used, ended, unknown, or not even of the shape that our links have.
  if (failure && [400, 404, 409, 410, 422].includes(failure.status))
    return (
      <div role="alert">
        <EntryHead title="This link is good no more">
          {isOfNoShape(failure.status) ? 'Open it as it stands in the mail, whole.' : failure.message}
        </EntryHead>
        <Button asChild look="primary" className="h-10! w-full">
          <Link to={instead.to}>{instead.act}</Link>
        </Button>
      </div>
    );
  return (
    <Answer of={of} what={what} waiting={<SkeletonLines />}>
      {children}
    </Answer>
  );
}

const isOfNoShape = (status: number): boolean => status === 400 || status === 422;
