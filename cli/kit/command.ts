import type { OptionDef, Scanned } from './scan-arguments.ts';
import type { Exit } from './exits.ts';
import type { Environment } from './settings.ts';

/** A command made by hand for what is done every day. */
export interface EverydayCommand {
  readonly name: string;
  readonly summary: string;
  /** What follows the name, as help shows it. */
  readonly usage: string;
  /** The most words it takes. */
  readonly mostWords: number;
  readonly options: readonly (OptionDef & { readonly about: string })[];
  /** More than the options say. */
  readonly more?: string;
  /** @throws what `exitOf` makes an exit code of */
  run(scanned: Scanned, env: Environment): Promise<Exit>;
}
