import type { OutputPrivacy, PrivacyForecast } from '#contracts/queries/amc/privacy.ts';
import type { monaco as Monaco } from '../../kit/monaco.ts';
import { rangeOf } from './taught-model.ts';

export interface PrivacyLens {
  readonly show: (forecast: PrivacyForecast | null) => void;
  readonly dispose: () => void;
}

/** Marks each column of a result that makes the service hide rows, with how many users it asks for (AMC §5). */
export function privacyLens(model: Monaco.editor.ITextModel, editor: Monaco.editor.IStandaloneCodeEditor): PrivacyLens {
  const marks = editor.createDecorationsCollection();
  return {
    show: (forecast) => {
      const outputs = forecast?.outputs.filter(({ usersNeeded }) => usersNeeded === null || usersNeeded >= 100) ?? [];
      marks.set(
        outputs.map((output) => {
          return {
            range: rangeOf(model, output),
            options: {
              inlineClassName: output.usersNeeded === null ? 'privacy-never' : 'privacy-thin',
              hoverMessage: { value: aboutOutput(output, forecast) },
              after: {
                content: output.usersNeeded === null ? ' never shown' : ` ≥ ${output.usersNeeded} users`,
                inlineClassName: 'privacy-note',
              },
            },
          };
        }),
      );
    },
    dispose: () => marks.clear(),
  };
}

/** Why rows are hidden on account of a column, and what would hide fewer. */
export function aboutOutput(output: OutputPrivacy, forecast: PrivacyForecast | null): string {
  const { name, usersNeeded, sensitivity } = output;
  if (usersNeeded === null) return `**${name}** may never be output (${sensitivity.replace('_', ' ')}): count it, or group by it within a WITH.`; // prettier-ignore
  const coarser = forecast?.coarserGrain.find(({ column }) => column === name);
  const advice = coarser
    ? `Use ${coarser.instead} to hide fewer.`
    : 'Leave it out, or take a longer window, to hide fewer.';
  return `Rows of fewer than ${usersNeeded} users are hidden on account of **${name}** (${sensitivity.replace('_', ' ')}). ${advice}`;
}
