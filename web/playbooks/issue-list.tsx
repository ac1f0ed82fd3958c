import { CircleAlert, Info } from 'lucide-react';
import type { ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import { ErrorState } from '../ui/error-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';

interface IssueListProps {
  errors: readonly ValidationIssue[];
  hints: readonly ValidationIssue[];
  failure: unknown;
  isChecking: boolean;
  onIssue: (issue: ValidationIssue) => void;
}

/** What saving would refuse, and what could be better; a click goes to the line. */
export function IssueList({ errors, hints, failure, isChecking, onIssue }: IssueListProps) {
  if (failure) return <ErrorState error={failure} what="The validation" />;
  if (errors.length + hints.length === 0) {
    return (
      <p className="flex items-center gap-2 px-4 py-3 text-text-2">
        <span className="text-ok-fg">
          <StatusShapeOnly status="succeeded" />
        </span>
        {isChecking ? 'Checking' : 'Nothing to mend.'}
      </p>
    );
  }
  return (
    <ul className="py-1.5" data-testid="playbook.issues">
      {[...errors.map((issue) => ({ issue, isError: true })), ...hints.map((issue) => ({ issue, isError: false }))].map(
        ({ issue, isError }, index) => (
          <li key={index}>
            <button
              type="button"
              onClick={() => onIssue(issue)}
              className="flex w-full items-start gap-2 px-4 py-1.5 text-left hover:bg-sunken"
            >
              <Icon
                of={isError ? CircleAlert : Info}
                size={14}
                className={isError ? 'mt-[3px] text-fail-fg' : 'mt-[3px] text-wait-fg'}
              />
              <span className="min-w-0 flex-1">
                {issue.message} <span className="font-mono text-[11px] text-text-3">{issue.code}</span>
              </span>
              <span className="num text-meta whitespace-nowrap text-text-3">
                {issue.line ? `line ${issue.line}` : <span className="font-mono text-[11px]">{issue.path}</span>}
              </span>
            </button>
          </li>
        ),
      )}
    </ul>
  );
}
