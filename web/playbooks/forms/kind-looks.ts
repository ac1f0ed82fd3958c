import {
  Braces,
  CircleX,
  Clock,
  Database,
  GitFork,
  Globe,
  Hand,
  ListChecks,
  MessageSquare,
  Milestone,
  Plug,
  Repeat,
  ScrollText,
  ShieldCheck,
  Split,
  Terminal,
  Upload,
  type LucideIcon,
} from 'lucide-react';
import type { Json, StepKind } from '#contracts/playbooks/document.ts';
import { isKind, kinds } from '#contracts/playbooks/shape/steps.ts';

interface KindLook {
  readonly icon: LucideIcon;
  readonly title: string;
  /** What a new step of the kind begins with, beside id and kind. */
  readonly starter: Readonly<Record<string, Json>>;
}

const hosts: Json = { tags: [] };

const looks: Readonly<Record<StepKind, KindLook>> = {
  ssh: { icon: Terminal, title: 'Run a command', starter: { hosts, command: '' } },
  script: { icon: ScrollText, title: 'Run a script', starter: { hosts, script: '#!/bin/sh\nset -eu\n' } },
  upload: { icon: Upload, title: 'Upload a file', starter: { hosts, to: '', content: '' } },
  http: { icon: Globe, title: 'Call an address', starter: { method: 'GET', url: '' } },
  connector: { icon: Plug, title: 'Call a connector', starter: { connector: '', operation: '' } },
  query: { icon: Database, title: 'Run a query', starter: { query: '' } },
  notify: { icon: MessageSquare, title: 'Tell somebody', starter: { to: [], message: '' } },
  approve: { icon: Hand, title: 'Ask for approval', starter: { roles: ['owner'], message: '' } },
  wait: { icon: Clock, title: 'Wait', starter: { for: '5m' } },
  parallel: { icon: GitFork, title: 'Side by side', starter: { branches: [[], []] } },
  each: { icon: Repeat, title: 'For each', starter: { items: [], steps: [] } },
  if: { icon: Split, title: 'If', starter: { condition: 'true', then: [] } }, // oxlint-disable-line unicorn/no-thenable -- `then` is a field of the language
  switch: { icon: Milestone, title: 'Switch', starter: { on: '', cases: [{ when: '', steps: [] }] } },
  assert: { icon: ShieldCheck, title: 'Check a condition', starter: { that: 'true' } },
  set: { icon: Braces, title: 'Set values', starter: { values: {} } },
  playbook: { icon: ListChecks, title: 'Run a playbook', starter: { playbook: '' } },
  fail: { icon: CircleX, title: 'Fail', starter: { message: '' } },
};

const unknown: KindLook = { icon: CircleX, title: 'Unknown kind', starter: {} };

export const lookOf = (kind: string): KindLook => (isKind(kind) ? looks[kind] : unknown);

/** The kinds in the order in which they are offered, each with what it does. */
export const kindChoices = (Object.keys(looks) as StepKind[]).map((kind) => ({
  kind,
  ...looks[kind],
  help: kinds[kind].help,
}));

/** A new step of a kind. */
export const newStep = (kind: StepKind, id: string): Record<string, Json> => ({ id, kind, ...looks[kind].starter });
