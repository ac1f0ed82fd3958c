import { CalendarClock, Key, ListChecks, Settings2, Webhook, Zap, type LucideIcon } from 'lucide-react';
import { cx } from '../kit/cx.ts';
import { Icon } from './icon.tsx';

const hues = [
  'wl-ansi-blue',
  'wl-ansi-green',
  'wl-ansi-magenta',
  'wl-ansi-yellow',
  'wl-ai-fg',
  'wl-ansi-cyan',
] as const;

/** The same name always has the same hue. */
export function hueOf(name: string): (typeof hues)[number] {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9_973;
  return hues[sum % hues.length] ?? 'wl-ansi-blue';
}

/** `Mara Lindqvist` is ML, `mara@x` is MA. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/@.*/, '')
    .split(/[\s._-]+/)
    .filter(Boolean);
  const letters = words.length > 1 ? [words[0]?.[0], words.at(-1)?.[0]] : [words[0]?.slice(0, 2)];
  return letters.join('').toUpperCase() || '?';
}

/** A person's round badge. */
export function Avatar({ name, size = 20 }: { name: string; size?: number }) {
  const hue = `var(--${hueOf(name)})`;
  return (
    // The letters are drawn, not written: beside or inside something that says the whole name they are no words of it.
    <span
      aria-hidden="true"
      data-initials={initialsOf(name)}
      className="inline-grid flex-none before:content-[attr(data-initials)] place-items-center rounded-full font-semibold tracking-tighter"
      style={{
        width: size,
        height: size,
        fontSize: size < 24 ? 10 : 11,
        color: hue,
        background: `color-mix(in srgb, ${hue} 14%, var(--wl-surface))`,
      }}
    />
  );
}

const systemIcons: Readonly<Record<string, LucideIcon>> = {
  schedule: CalendarClock,
  webhook: Webhook,
  api: Key,
  key: Key,
  rule: Zap,
  run: ListChecks,
  system: Settings2,
};

interface PersonProps {
  name: string;
  /** People are round with initials; keys, schedules and the rest show what they are. */
  kind?: string;
  className?: string;
}

/** Who did it, or what. */
export function Person({ name, kind = 'user', className }: PersonProps) {
  const icon = systemIcons[kind];
  return (
    <span className={cx('inline-flex min-w-0 items-center gap-1.5', className)}>
      {icon ? (
        <span className="grid size-5 flex-none place-items-center rounded-full bg-fill text-text-2">
          <Icon of={icon} size={12} />
        </span>
      ) : (
        <Avatar name={name} />
      )}
      <span className="truncate" title={name}>
        {name}
      </span>
    </span>
  );
}
