// Globs as the policy means them, and what happens when there are more of them than can be matched.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criteriaOf, zonesTouched } from '../../src/gate/criteria.ts';
import { GLOB_WORK, globMatcher } from '../../src/gate/glob.ts';
import { measure } from '../../src/gate/measure.ts';
import { ZONES } from '../../src/gate/policy.ts';

/** What a glob means, one sign after the other. */
function means(glob: string, path: string): boolean {
  if (glob === '') return path === '';
  const rest = (length: number) => glob.slice(length);
  const ends = Array.from({ length: path.length + 1 }, (_, length) => length);
  if (glob.startsWith('**/')) {
    return means(rest(3), path) || ends.some((end) => path[end] === '/' && means(rest(3), path.slice(end + 1)));
  }
  if (glob.startsWith('**')) return ends.some((end) => means(rest(2), path.slice(end)));
  if (glob.startsWith('*')) {
    return ends.some((end) => !path.slice(0, end).includes('/') && means(rest(1), path.slice(end)));
  }
  const fits = glob.startsWith('?') ? path !== '' && !path.startsWith('/') : path.startsWith(glob.charAt(0));
  return fits && means(rest(1), path.slice(1));
}

const text = (...signs: string[]) => fc.array(fc.constantFrom(...signs), { maxLength: 8 }).map((all) => all.join(''));

describe('a glob', () => {
  it('means what its signs mean', () => {
    fc.assert(
      fc.property(text('*', '**', '**/', '?', '/', 'a', 'b'), text('/', 'a', 'b', 'c'), (glob, path) => {
        expect(globMatcher(glob, { left: GLOB_WORK })(path)).toBe(means(glob, path));
      }),
      { numRuns: 3_000 },
    );
  });

  it('costs next to nothing on paths that begin or end otherwise', () => {
    const work = { left: GLOB_WORK };
    const [begins, ends] = [globMatcher(`src/${'**/a'.repeat(100)}`, work), globMatcher('**/*.sql', work)];
    for (let index = 0; index < 1_000; index++) expect(begins(`lib/${index}`) || ends(`lib/${index}.ts`)).toBe(false);
    expect(GLOB_WORK - work.left).toBeLessThan(2_000 * 20);
  });
});

describe('globs and paths that are too many', () => {
  const globs = Array.from({ length: 60 }, (_, index) => `${'**/a'.repeat(120)}${index}`);
  const paths = Array.from({ length: 3_000 }, (_, index) => `${'a/'.repeat(2_000)}${index % 60}x`);

  it('touch every zone', () => {
    expect(zonesTouched({ zones: { green: globs.map((glob) => `${glob}*`) } }, paths)).toEqual([...ZONES]);
  });

  it('leave the share of their files unmeasured, each for its part of the work', () => {
    const shares = Object.fromEntries(globs.map((glob) => [`${glob}*`, 0.5]));
    const criteria = criteriaOf(
      { dod: { coverage_min: { paths: shares } }, deadline_minutes: 60, merge_queue: 'full' },
      [],
    );
    expect(criteria).toHaveLength(60);
    const works = criteria.map(({ scope }) => (scope.kind === 'path' ? scope.work : 0));
    expect(works.reduce((sum, work) => sum + work, 0)).toBeLessThanOrEqual(GLOB_WORK);
    const files = paths.map((path, index) => ({ path: `${index}${path}`, covered: 1, total: 1, lines: null }));
    const report = {
      artifact: 'coverage',
      run_id: '1',
      workflow: 'ci.yml',
      attempt: 1,
      url: null,
      at: '2026-01-01T00:00:00.000Z',
      unreadable: null,
      measured: [{ kind: 'coverage', files } as const],
      is_stale: false,
      distrust: null,
    };
    const [criterion] = criteria;
    expect(criterion && measure(criterion, [report], null)).toMatchObject({
      state: 'error',
      fail_codes: ['NOTHING_MEASURED'],
      reason: expect.stringContaining('too many to be matched'),
    });
  });
});
