import { useState } from 'react';
import type { ApiFailure } from '../../kit/failure.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../../ui/form.tsx';
import { Textarea } from '../../ui/input.tsx';
import { readTest, testText, type Test } from './test-text.ts';

interface TestDialogProps {
  test: Test;
  isNew: boolean;
  failure: ApiFailure | null;
  busy: boolean;
  mayEdit: string | null;
  onClose: () => void;
  onSave: (test: Test) => void;
}

/** One test as text: inputs, how steps answer, what must come of it. */
export function TestDialog({ test, isNew, failure, busy, mayEdit, onClose, onSave }: TestDialogProps) {
  const [text, setText] = useState(() => testText(test));
  const [isAsked, setAsked] = useState(false);
  const read = readTest(text);
  const problem = 'problem' in read ? read.problem : undefined;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={720}
      title={isNew ? 'Add a test' : test.name}
      description="mocks say how steps answer, attempt by attempt; expect says what must come of it."
      foot={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            busy={busy}
            refusal={mayEdit}
            onClick={() => {
              setAsked(true);
              if ('test' in read) onSave(read.test);
            }}
          >
            Save test
          </Button>
        </>
      }
    >
      <Field label="The test" aside="YAML" error={isAsked ? problem : undefined} hint={problem}>
        {(slot) => (
          <Textarea
            {...slotProps(slot)}
            mono
            rows={18}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <FormFailure failure={failure} />
    </Dialog>
  );
}
