import { useEffect, useState } from 'react';
import type { Input } from '#contracts/playbooks/document.ts';
import type { Json } from '#contracts/kit/schemas.ts';

type Evaluate = (source: string, inputs: Record<string, Json>, declared: readonly Input[]) => boolean;

/** The language itself is fetched only where an input has a condition. */
async function loadLanguage(): Promise<Evaluate> {
  const { evaluateBoolean } = await import('#contracts/playbooks/expressions/evaluate.ts');
  const run = {
    id: '',
    title: '',
    trigger: 'user',
    actor: { name: '', email: '' },
    startedAt: new Date().toISOString(),
    dryRun: false,
    url: '',
    playbook: { name: '', version: 1 },
  };
  return (source, inputs, declared) =>
    evaluateBoolean(source, {
      inputs,
      inputTypes: declared,
      vars: {},
      steps: {},
      run,
      secrets: [],
      locals: {},
      nowMs: Date.now(),
    });
}

/** The inputs that are asked with these values: `visible` is CEL over those declared before. What cannot be decided is asked. */
export function useVisibleInputs(inputs: readonly Input[], values: Record<string, Json>): readonly Input[] {
  const [evaluate, setEvaluate] = useState<Evaluate>();
  const isConditional = inputs.some(({ visible }) => visible !== undefined);
  useEffect(() => {
    if (!isConditional) return;
    loadLanguage().then(
      (loaded) => setEvaluate(() => loaded),
      () => undefined,
    );
  }, [isConditional]);
  if (!isConditional || !evaluate) return inputs;
  const known: Record<string, Json> = {};
  const declared: Input[] = [];
  return inputs.filter((input) => {
    let isVisible = true;
    if (input.visible !== undefined) {
      try {
        isVisible = evaluate(input.visible, known, declared);
      } catch {
        isVisible = true;
      }
    }
    known[input.name] = isVisible ? (values[input.name] ?? null) : null;
    declared.push(input);
    return isVisible;
  });
}
