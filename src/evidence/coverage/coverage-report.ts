// Adds up what a coverage report says file by file, whatever its format. Pure; src/evidence/ only.

import type { Count, CoverageMeasurement, CoverageUnit } from '../reading/measurement.ts';
import { REPORT_LIMITS } from '../reading/report-limits.ts';
import { Unreadable } from '../reading/report-reader.ts';
import { createRemarks, nameText, repositoryPath, sharedFolder } from '../reading/report-values.ts';
import { addUp } from './add-up-coverage.ts';
import {
  type CollectedFile,
  type CountName,
  collectorOf,
  type FileCollector,
  newPart,
  type Part,
} from './coverage-parts.ts';
import { createLineCollector } from './line-hits.ts';

export type { CountName, FileCollector } from './coverage-parts.ts';

/** Of a path that comes again: `anew`, it may be another file of that path, unless it `is_certain` or another `test` tells of it. */
export interface FileKind {
  readonly anew: boolean;
  /** Which of several files of that path it is for sure, where there are several. */
  readonly copy?: number;
  readonly is_certain?: boolean;
  readonly test?: string;
}

export interface CoverageCollector {
  /** The same collector for the same path in the same part of the report, unless `anew`. */
  file(path: string, how?: FileKind): FileCollector;
  /**
   * A part of the report (group, package) begins, and ends. `is_place`: files of one path are others in other parts of this kind;
   * `place`: where the part is that is none itself, left out: where the part around it is.
   */
  open(name: string, how?: { readonly is_place: boolean; readonly place?: string }): void;
  close(): void;
  remark(text: string): void;
  /** What the part that is open, else the report, says that its files come to; null is no claim. */
  claim(name: CountName, covered: number | null, total: number | null): void;
  /** The same in the unit that is counted, under whatever name the report says it: it counts where it is worse, and is not remarked on. */
  claimCounted(said: Count): void;
  /** The share that the part says to have run, from 0 to 1 as it is written: it counts where it is worse than what is listed. */
  claimRate(rate: string): void;
  measurement(): CoverageMeasurement;
}

/** `hasLines` tells whether the format says which lines ran; without, `count('lines', …)` is all that is known. */
export function createCoverage(
  format: string,
  { counted = 'lines' as CoverageUnit, hasLines = true } = {},
): CoverageCollector {
  const remarks = createRemarks();
  const report = newPart('', '', true);
  const way = [report];
  let fileCount = 0;
  const innermost = () => way.at(-1) ?? report;
  return {
    file(raw, { anew, copy = 0, is_certain = false, test = '' } = { anew: false }) {
      const path = repositoryPath(raw);
      const part = innermost();
      const known = part.byPath.get(path);
      if (known !== undefined && !anew) return known;
      if (path === '') throw new Unreadable('a file has no name');
      if (fileCount++ >= REPORT_LIMITS.files) throw new Unreadable(`there are more than ${REPORT_LIMITS.files} files`);
      return addFile(part, { path, part: copy === 0 ? part.name : `${part.name} ${copy + 1}`, is_certain, test });
    },
    open(raw, { is_place, place: given = '' } = { is_place: false }) {
      const around = innermost();
      const name = nameText(raw);
      const place = placeWithin(around.place, is_place ? name : nameText(given));
      const part = newPart(name, place, is_place);
      around.parts.push(part);
      way.push(part);
    },
    close() {
      if (way.length > 1) way.pop();
    },
    remark: remarks.add,
    claim(name, covered, total) {
      if (covered !== null && total !== null) {
        const said = { covered, total };
        innermost().claims.push({ name, said });
        if (name === counted) innermost().claimed.push(said);
      }
    },
    claimCounted: (said) => void innermost().claimed.push(said),
    claimRate: (rate) => void innermost().rates.push(rate),
    measurement() {
      if (fileCount === 0) throw new Unreadable('the report names no file: nothing was measured');
      const { listed, totals, files, unlisted, doubts } = addUp(report, counted, hasLines);
      for (const text of differences(report, listed)) remarks.add(text);
      const given = doubts.length === 0 ? {} : { unlisted, doubts };
      return { kind: 'coverage', format, counted, totals, files, remarks: remarks.all(), ...given };
    },
  };
}

function placeWithin(around: string, name: string): string {
  return sharedFolder([around, name].filter((one) => one !== '').join('/'));
}

function addFile(
  around: Part,
  { path, part, is_certain, test }: Pick<CollectedFile, 'path' | 'part' | 'is_certain' | 'test'>,
) {
  const file: CollectedFile = {
    path,
    place: is_certain ? '' : around.place,
    part,
    is_certain,
    test,
    lines: createLineCollector(),
    counts: new Map(),
    blocks: null,
    claimed: null,
  };
  around.files.push(file);
  const collector = collectorOf(file);
  around.byPath.set(path, collector);
  return collector;
}

/** Where the report says otherwise of itself than its files list. */
function differences({ claims }: Part, listed: Readonly<Record<CountName, Count>>): string[] {
  return claims.flatMap(({ name, said }) => {
    const found = listed[name];
    if (found.covered === said.covered && found.total === said.total) return [];
    return [`the report says ${said.covered} of ${said.total} ${name}, its files ${found.covered} of ${found.total}`];
  });
}
