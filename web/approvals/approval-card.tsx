import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Check, Hand } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import type { Approval, Decide } from '#contracts/approvals/approvals.ts';
import type { Input as PlaybookInput } from '#contracts/playbooks/document.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { defaultValues } from '../playbooks/input-values.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Textarea } from '../ui/input.tsx';
import { Person } from '../ui/person.tsx';
import { Countdown, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { stateWords } from './approval-words.ts';
import { PlanDiff } from './plan-diff.tsx';

// Few approvals ask for values, and those that do bring every kind of field.
const InputFields = lazy(async () => ({ default: (await import('../playbooks/input-fields.tsx')).InputFields }));

interface ApprovalCardProps {
  approval: Approval;
  /** The card binds ⌘↵ and shows it: for the one card of a page. */
  withKeys?: boolean;
  /** Sends the decision in another way than as the signed-in person: by a mail's link. */
  decide?: (body: Decide) => Promise<unknown>;
}

/** What a run asks: who asks, what happens on each answer, the form, and why one may not decide. */
export function ApprovalCard({ approval, withKeys = false, decide }: ApprovalCardProps) {
  const client = useQueryClient();
  const offline = useOffline();
  const form = approval.form as unknown as readonly PlaybookInput[];
  const [values, setValues] = useState<Record<string, Json>>(() => defaultValues(form));
  const [reason, setReason] = useState('');
  const [isReasonMissing, setReasonMissing] = useState(false);
  const reasonField = useRef<HTMLTextAreaElement>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const send = useMutation({
    mutationFn: (decision: Decide['decision']) => {
      const body: Decide = { decision, reason: reason.trim(), form: form.length > 0 ? values : undefined };
      return decide ? decide(body) : api.decideApproval({ params: { id: approval.id }, body });
    },
    onMutate: () => setFailure(null),
    onSuccess: (_, decision) => {
      toast.done(decision === 'approve' ? 'Approved' : 'Rejected');
      void client.invalidateQueries({ queryKey: ['approvals'] });
      void client.invalidateQueries({ queryKey: ['run', approval.runId] });
    },
    onError: (error) => {
      const refused = asFailure(error);
      setFailure(refused);
      if (refused.status !== 409) return;
      // Somebody was first: the card goes with its question, and what became of it is said beside it.
      toast.failure(refused);
      void client.invalidateQueries({ queryKey: ['approvals'] });
    },
  });
  /** Whoever comes after wants to know why: a decision without a reason is not sent. */
  const decideNow = (decision: Decide['decision']): void => {
    setReasonMissing(reason.trim() === '');
    if (reason.trim() === '') reasonField.current?.focus();
    else send.mutate(decision);
  };
  const isOpen = approval.state === 'open';
  const mayDecide = isOpen && (decide !== undefined || approval.mine.mayDecide);
  const refusal = offline ?? (mayDecide ? null : (approval.mine.reason ?? 'You may not decide this.'));
  useKeys(
    withKeys && mayDecide
      ? [{ keys: 'mod+enter', label: 'Approve', inFields: true, run: () => decideNow('approve') }]
      : [],
  );
  const asked =
    [...approval.roles.map((role) => `role ${role}`), ...approval.users].join(', ') || 'anybody who may approve';

  return (
    <section
      aria-label={approval.subject}
      data-testid="approval.card"
      data-status={approval.state}
      className="border-b border-line bg-linear-to-b from-wait-soft to-transparent to-[56px] p-4 pt-3.5 shadow-[inset_0_2px_0_var(--wl-wait-solid)]"
    >
      <div className="flex items-start gap-2.5">
        <span className="grid size-7 flex-none place-items-center rounded-md bg-wait-soft text-wait-fg">
          <Icon of={Hand} />
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{approval.subject}</h2>
          <p className="text-meta text-text-2">
            {isOpen ? (
              approval.expiresAt ? (
                <>
                  Expires in <Countdown until={approval.expiresAt} />
                </>
              ) : (
                'No time limit'
              )
            ) : (
              stateWords[approval.state]
            )}{' '}
            · asked by {approval.run.actor.name} <RelativeTime at={approval.askedAt} />
          </p>
        </div>
      </div>
      {approval.message && <p className="mt-2 text-meta whitespace-pre-wrap text-text-2">{approval.message}</p>}
      <p className="mt-2 text-meta text-text-3">
        Asked of {asked}
        {approval.quorum > 1 ? `, ${approval.quorum} must agree (${approval.missing} missing)` : ''}.
        {approval.default && approval.expiresAt
          ? ` Nobody in time: ${approval.default === 'approve' ? 'goes on' : 'is rejected'}.`
          : ''}{' '}
        Rejected: {approval.onReject === 'fail' ? 'the step fails' : 'the run goes on'}.
      </p>
      {approval.decisions.length > 0 && (
        <ul className="mt-2 flex flex-col gap-1 text-meta">
          {approval.decisions.map((decision) => (
            <li key={`${decision.by.name}${decision.at}`} className="flex items-center gap-2">
              <Person name={decision.by.name} kind={decision.by.kind} />
              <span className={decision.decision === 'approve' ? 'text-ok-fg' : 'text-fail-fg'}>
                {decision.decision === 'approve' ? 'approved' : 'rejected'}
              </span>
              <span className="truncate text-text-2" title={decision.reason}>
                {decision.reason}
              </span>
              <RelativeTime at={decision.at} className="ml-auto text-text-3" />
            </li>
          ))}
        </ul>
      )}
      {approval.planDiff !== null && approval.planDiff !== undefined && <PlanDiff diff={approval.planDiff} />}
      {isOpen && (
        <form className="mt-3 flex flex-col gap-3" onSubmit={(event) => event.preventDefault()}>
          {form.length > 0 && (
            <Suspense fallback={<SkeletonLines lines={form.length * 2} />}>
              <InputFields
                inputs={form}
                values={values}
                onValues={setValues}
                faults={failure?.faults}
                disabled={!mayDecide}
              />
            </Suspense>
          )}
          <Field
            label="Reason"
            error={
              isReasonMissing
                ? 'Say in a few words why.'
                : failure?.faults.find(({ path }) => path.endsWith('reason'))?.message
            }
          >
            {(slot) => (
              <Textarea
                {...slotProps(slot)}
                ref={reasonField}
                rows={2}
                value={reason}
                disabled={!mayDecide}
                onChange={(event) => {
                  setReason(event.target.value);
                  setReasonMissing(false);
                }}
              />
            )}
          </Field>
          {!mayDecide && approval.mine.reason && <Note tone="wait">{approval.mine.reason}</Note>}
          <FormFailure failure={failure} />
          <div className="flex gap-2">
            <Button
              look="ok"
              icon={Check}
              className="flex-1! max-sm:h-[52px]!"
              keys={withKeys ? 'mod+enter' : undefined}
              refusal={refusal}
              busy={send.isPending && send.variables === 'approve'}
              onClick={() => decideNow('approve')}
            >
              Approve
            </Button>
            <Button
              look="danger"
              className="max-sm:h-[52px]!"
              refusal={refusal}
              busy={send.isPending && send.variables === 'reject'}
              onClick={() => decideNow('reject')}
            >
              Reject
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}
