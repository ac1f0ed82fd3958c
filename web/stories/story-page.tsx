import { useState } from 'react';
import { AssetStories } from './asset-stories.tsx';
import { ActStories, LayerStories } from './act-stories.tsx';
import { FieldStories } from './field-stories.tsx';
import { GridStories } from './grid-stories.tsx';
import { IncidentStories } from './incident-stories.tsx';
import { RunStories } from './run-stories.tsx';
import { StateStories, WordStories } from './word-stories.tsx';
import { TableStories } from './table-stories.tsx';

/** Every component in every state, in both themes, side by side. Only in development, at /ui. */
export function StoryPage() {
  return (
    <main className="grid h-full grid-cols-2 overflow-auto max-lg:grid-cols-1">
      <h1 className="sr-only">Components</h1>
      {(['light', 'dark'] as const).map((theme) => (
        <div key={theme} data-theme={theme} className="min-w-0 bg-bg p-6 text-text">
          <Stories />
        </div>
      ))}
    </main>
  );
}

function Stories() {
  const [word, setWord] = useState('');
  return (
    <>
      <ActStories />
      <FieldStories word={word} onWord={setWord} />
      <LayerStories />
      <WordStories />
      <StateStories />
      <TableStories />
      <GridStories />
      <RunStories word={word} onWord={setWord} />
      <IncidentStories />
      <AssetStories />
    </>
  );
}
