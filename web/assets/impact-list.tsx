import { useState } from 'react';
import type { Asset } from '#contracts/assets/assets.ts';
import { type ImpactDirection, relationWords } from '#contracts/assets/relations.ts';
import { Answer } from '../ui/answer.tsx';
import { Segmented } from '../ui/choice.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { CriticalityMark } from './asset-looks.tsx';
import { useImpact } from './assets.ts';

/** What is hit when an asset fails, or what it needs itself: nearest first, each with the way it was reached by. */
export function ImpactList({ asset, onOpen }: { asset: Asset; onOpen: (id: string) => void }) {
  const [direction, setDirection] = useState<ImpactDirection>('downstream');
  const impact = useImpact(asset.id, direction);
  return (
    <>
      <Segmented
        label="Direction"
        value={direction}
        onValue={setDirection}
        options={[
          { value: 'downstream', label: 'If this fails' },
          { value: 'upstream', label: 'What it needs' },
        ]}
      />
      <Answer
        of={impact}
        what="The impact"
        waiting={<SkeletonLines />}
        isEmpty={({ total }) => total === 0}
        empty={
          <p className="mt-3 text-meta text-text-3">
            {direction === 'downstream'
              ? 'Nothing depends on it, as far as is known.'
              : 'It needs nothing, as far as is known.'}
          </p>
        }
      >
        {({ total, byDepth, byCriticality, data, isCut, depth }) => (
          <>
            <p className="mt-3 text-text-2">
              <strong className="font-semibold text-text">{`${total} ${total === 1 ? 'asset' : 'assets'}`}</strong>
              {direction === 'downstream' ? ' would be hit' : ' must not fail'}
              {byCriticality.critical > 0 && `, ${byCriticality.critical} of them critical`}.
              {isCut && ` Only what is within ${depth} steps is counted.`}
            </p>
            <ol aria-label="Assets by distance" className="mt-2">
              {byDepth.map((count, index) => (
                <li key={index} className="mt-2">
                  <h4 className="text-meta text-text-3">
                    {index === 0 ? 'At once' : `${index + 1} steps away`} · {count}
                  </h4>
                  <ul>
                    {data
                      .filter((hit) => hit.depth === index + 1)
                      .slice(0, 100)
                      .map((hit) => (
                        <li key={hit.id} className="flex items-baseline gap-2 py-1 max-sm:min-h-11">
                          <button
                            type="button"
                            className="min-w-0 truncate text-left font-medium hover:underline"
                            onClick={() => onOpen(hit.id)}
                          >
                            <bdi title={hit.name}>{hit.name}</bdi>
                          </button>
                          {hit.via && (
                            <span className="min-w-0 flex-1 truncate text-meta text-text-3">
                              {
                                relationWords[hit.via.kind][
                                  (hit.via.kind === 'part_of') === (direction === 'upstream') ? 'from' : 'to'
                                ]
                              }{' '}
                              <bdi>{hit.via.name}</bdi>
                            </span>
                          )}
                          <span className="ml-auto flex-none text-meta">
                            <CriticalityMark criticality={hit.criticality} />
                          </span>
                        </li>
                      ))}
                  </ul>
                </li>
              ))}
            </ol>
            {total > data.length && <p className="mt-2 text-meta text-text-3">The nearest {data.length} are named.</p>}
          </>
        )}
      </Answer>
    </>
  );
}
