import { describe, expect, test } from 'vitest';
import { missing } from '../../support/brokers/answering.js';
import { useSource } from './bed.js';
import { cellsOf, documentedCells } from './documented.js';
import { lawsOfSurroundings } from './laws/around.js';
import { lawsOfEnds } from './laws/ends.js';
import { lawsOfOverlap } from './laws/overlap.js';
import type { Source } from './source.js';

/** Every law for every source; where its broker is missing, the titles say so. */
export function describeSources(sources: readonly Source[]): void {
  for (const source of sources) {
    const why = missing(source.needs);
    console.log(`sources: ${source.name} ${why === undefined ? 'runs' : `is skipped: ${why}`}`);
    describe.skipIf(why !== undefined)(why === undefined ? source.name : `${source.name} (${why})`, () => {
      const bed = useSource(source);
      lawsOfEnds(bed);
      lawsOfOverlap(bed);
      lawsOfSurroundings(bed);
      test('docs/handlers.md tells what was seen in all these laws (node scripts/write-sources.mjs)', () => {
        expect(documentedCells(source.name)).toEqual(cellsOf(bed.seen()));
      });
    });
  }
}
