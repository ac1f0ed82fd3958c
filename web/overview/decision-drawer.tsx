import type { Approval } from '#contracts/approvals/approvals.ts';
import { ApprovalCard } from '../approvals/approval-card.tsx';
import { Go } from '../kit/navigation.tsx';
import { Button } from '../ui/button.tsx';
import { Drawer } from '../ui/dialog.tsx';

/** One decision, made without leaving the first page. */
export default function DecisionDrawer({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={approval.run.title}
      width={420}
      foot={
        <Button asChild>
          <Go to={`/runs/${approval.runId}`} search={{ step: approval.stepAddress }}>
            Open the run
          </Go>
        </Button>
      }
    >
      <ApprovalCard key={approval.id} approval={approval} withKeys />
    </Drawer>
  );
}
