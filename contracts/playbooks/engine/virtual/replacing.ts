import type { Effects } from '../effects.ts';
import type { VirtualClock } from './clock.ts';
import type { VirtualEffects } from './virtual-effects.ts';

/** For tests: the virtual outside with some calls replaced; `inner` is the one they stand before. */
export const replacing =
  (make: (inner: VirtualEffects, clock: VirtualClock) => Partial<Effects>) =>
  (inner: VirtualEffects, clock: VirtualClock): Effects => {
    const own = make(inner, clock);
    return new Proxy(inner, {
      get: (target, name) => {
        const replaced: unknown = own[name as keyof Effects];
        if (typeof replaced === 'function') return replaced.bind(own) as unknown;
        const value: unknown = target[name as keyof VirtualEffects];
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
