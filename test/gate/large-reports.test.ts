// A pull request of thousands of files against a report of thousands: what is looked at is counted, no time.
import { expect, test } from 'vitest';
import { changedFiles } from '../../src/gate/coverage/changed-coverage.ts';
import { mergeCoverage } from '../../src/gate/coverage/merge-coverage.ts';
import type { CoveredLines, Report } from '../../src/gate/model/evidence-model.ts';
import { countCharacters } from '../support/count-characters.ts';

const FILES = 3_000;
const covered = (path: string, run: readonly number[] = [1], missed: readonly number[] = []): CoveredLines => ({
  path,
  covered: run.length,
  total: run.length + missed.length,
  lines: { run, missed },
});

test('files of one name are found by their ends, each path looked at once', () => {
  const files = Array.from({ length: FILES }, (_, index) => {
    const file = covered(`report/${index}/a.ts`);
    return { path: file.path, place: '', bases: ['report'], sources: [0], ways: [[file]] };
  });
  const changed = Object.fromEntries(Array.from({ length: FILES }, (_, index) => [`pull/${index}/a.ts`, [1]]));
  let looks = 0;
  const counted = files.map((file) => ({
    ...file,
    get path() {
      looks++;
      return file.path;
    },
  }));
  const characters = countCharacters(() => expect(changedFiles(counted, changed)).toBeNull());
  expect(looks).toBeLessThan(FILES * 5);
  expect(characters).toBeLessThan(FILES * 500);
});

test('the lines of a file that many reports know are put together once each', () => {
  const LINES = 2_000;
  const many = Array.from({ length: LINES }, (_, index) => index + 1);
  let looks = 0;
  const seen = new Proxy(many, {
    get(lines, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
      return Reflect.get(lines, key, receiver);
    },
  });
  const report = (files: readonly CoveredLines[]): Report => ({
    artifact: 'coverage',
    run_id: '1',
    workflow: 'ci.yml',
    attempt: 1,
    url: null,
    at: '2026-01-01T00:00:00.000Z',
    unreadable: null,
    measured: files.map((file) => ({ kind: 'coverage', files: [file] })),
    is_stale: false,
    distrust: null,
  });
  const small = Array.from({ length: FILES }, (_, index) => covered('a.ts', [LINES + index], [1]));
  let sets = 0;
  const add = Set.prototype.add;
  Set.prototype.add = function (this: Set<unknown>, value: unknown) {
    sets++;
    return add.call(this, value);
  };
  let merged: ReturnType<typeof mergeCoverage>;
  try {
    merged = mergeCoverage([report([covered('a.ts', seen), ...small])]);
  } finally {
    Set.prototype.add = add;
  }
  expect(merged).toMatchObject({ files: [{ path: 'a.ts' }] });
  const [apart = [], together = []] = typeof merged === 'string' ? [] : (merged.files[0]?.ways ?? []);
  expect(apart).toHaveLength(FILES + 1);
  expect(together).toMatchObject([{ covered: LINES + FILES - 1, total: LINES + FILES - 1 }]);
  expect(looks).toBeLessThan(LINES * 4);
  expect(sets).toBeLessThan((LINES + FILES) * 6);
});
