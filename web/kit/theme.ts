import { useEffect } from 'react';
import { useKept } from './kept.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

/** What the choice means now. `theme.js` does the same before the first paint. */
export const themeOf = (choice: string, systemIsDark: boolean): 'light' | 'dark' =>
  choice === 'dark' || (choice !== 'light' && systemIsDark) ? 'dark' : 'light';

/** The theme: system, light or dark, kept for this browser, set on `<html data-theme>`. */
export function useTheme(): { choice: ThemeChoice; setChoice: (choice: ThemeChoice) => void; toggle: () => void } {
  const [choice, setChoice] = useKept('theme', 'system');
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      document.documentElement.dataset['theme'] = themeOf(choice, system.matches);
    };
    apply();
    system.addEventListener('change', apply);
    return () => system.removeEventListener('change', apply);
  }, [choice]);
  return {
    choice: choice as ThemeChoice,
    setChoice,
    toggle: () => setChoice(document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark'),
  };
}
