import { assetStates, criticalities } from '#contracts/assets/lifecycle.ts';
import { CriticalityMark, StateMark } from '../assets/asset-looks.tsx';
import { Story } from './story.tsx';

/** What assets are marked with. */
export function AssetStories() {
  return (
    <>
      <Story title="State of an asset">
        {assetStates.map((state) => (
          <StateMark key={state} state={state} />
        ))}
      </Story>
      <Story title="Criticality">
        {criticalities.map((criticality) => (
          <CriticalityMark key={criticality} criticality={criticality} />
        ))}
      </Story>
    </>
  );
}
