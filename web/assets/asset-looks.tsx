import {
  AppWindow, Box, Boxes, Cloud, Database, HardDrive, type LucideIcon, Network, Server, Shield, Users,
} from 'lucide-react'; // prettier-ignore
import type { AssetState, Criticality } from '#contracts/assets/lifecycle.ts';
import { cx } from '../kit/cx.ts';
import { Icon } from '../ui/icon.tsx';
import { criticalityWords, stateLooks } from './assets.ts';

const icons: Readonly<Record<string, LucideIcon>> = {
  box: Box,
  server: Server,
  database: Database,
  network: Network,
  app: AppWindow,
  cloud: Cloud,
  disk: HardDrive,
  people: Users,
  shield: Shield,
};
export const iconOf = (name: string | undefined): LucideIcon => icons[name ?? ''] ?? Boxes;

const shapes: Readonly<Record<AssetState, string>> = {
  planned: 'border border-dashed border-text-3',
  active: 'bg-ok-solid',
  maintenance: 'border-[3px] border-wait-solid',
  retired: 'border border-text-3 bg-fill',
};
/** Where an asset is in its life: a shape and a word. */
export function StateMark({ state }: { state: AssetState }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span aria-hidden="true" className={cx('size-2.5 flex-none rounded-full', shapes[state])} />
      {stateLooks[state].word}
    </span>
  );
}

const bars: Readonly<Record<Criticality, number>> = { critical: 4, high: 3, medium: 2, low: 1 };
/** How much is leaned on it: rising bars and a word. */
export function CriticalityMark({ criticality }: { criticality: Criticality }) {
  const filled = bars[criticality];
  return (
    <span className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', filled < 3 && 'text-text-2')}>
      <span aria-hidden="true" className="inline-flex items-end gap-[1.5px]">
        {[1, 2, 3, 4].map((bar) => (
          <span
            key={bar}
            style={{ height: 3 + bar * 2 }}
            className={cx(
              'w-[3px] rounded-[1px]',
              bar <= filled ? (filled === 4 ? 'bg-fail-solid' : 'bg-text-2') : 'bg-line-strong',
            )}
          />
        ))}
      </span>
      {criticalityWords[criticality]}
    </span>
  );
}

/** The picture of a type on its ground. */
export function TypeIcon({ icon, size = 16 }: { icon: string | undefined; size?: number }) {
  return <Icon of={iconOf(icon)} size={size} />;
}
