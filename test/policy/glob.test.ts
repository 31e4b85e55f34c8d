// Globs as the policy means them, and what happens when there are more of them than can be matched.
import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { measure } from '../../src/gate/measure.ts';
import { GLOB_WORK, globListMatcher, globMatcher, globRefusal } from '../../src/policy/globs/glob.ts';
import { readGlob } from '../../src/policy/globs/glob-syntax.ts';
import { criteriaOf, zonesTouched } from '../../src/policy/schema/criteria.ts';
import { ZONES } from '../../src/policy/schema/policy.ts';
import { globs as anyGlob, paths as anyPath } from '../support/globs.ts';

const fits = (glob: string, path: string) => globMatcher(glob, { left: GLOB_WORK })(path);
const fitsList = (globs: string[], path: string) => globListMatcher(globs, { left: GLOB_WORK })(path);

describe('a glob', () => {
  it('means what picomatch takes it to mean', () => {
    let compared = 0;
    fc.assert(
      fc.property(anyGlob, fc.array(anyPath, { minLength: 4, maxLength: 12 }), (glob, paths) => {
        if (globRefusal(glob) !== null) return;
        // To picomatch a first slash is a part of the path, and nothing lies below a folder.
        const same = glob.replace(/^\//, '').replace(/\/$/, '/**');
        const means = picomatch(same, { dot: true, posix: true, fastpaths: false });
        for (const path of paths) {
          compared += 1;
          expect({ glob, path, fits: fits(glob, path) }).toEqual({ glob, path, fits: means(path) });
        }
      }),
      { numRuns: 3_000 },
    );
    expect(compared).toBeGreaterThan(10_000);
  });

  it.each([
    ['/src/**', 'src/a.ts', true],
    ['./src/**', 'src/a/b.ts', true],
    ['src/', 'src/a/b.ts', true],
    ['src/', 'lib/src/a.ts', false],
    ['*.ts', 'src/a.ts', false],
    ['**', '.github/workflows/ci.yml', true],
    ['src/*', 'src/.env', true],
    ['{src,lib}/**', 'lib/a.ts', true],
    ['{src,lib}/**', 'docs/a.ts', false],
    ['src/{a,b/{c,d}}.ts', 'src/b/d.ts', true],
    ['src/[ab].ts', 'src/b.ts', true],
    ['src/[!ab].ts', 'src/b.ts', false],
    ['src/[a-c]x', 'src/bx', true],
    ['src/[!a]b', 'src/b', false],
    ['src[+-9]a', 'src/a', false],
    // What stands for a folder: a submodule, or a link.
    ['vendor/lib/**', 'vendor/lib', true],
    // As in GitHub's own filters, and more than picomatch has it.
    ['src/**.sql', 'src/a/b.sql', true],
    // Names of folders that frameworks give a meaning.
    ['app/[id]/**', 'app/[id]/page.tsx', true],
    ['app/[...slug]/**', 'app/[...slug]/page.tsx', true],
    ['app/[[...slug]]/**', 'app/[[...slug]]/page.tsx', true],
    ['app/(auth)/**', 'app/(auth)/page.tsx', true],
    ['{{cookiecutter.slug}}/**', '{{cookiecutter.slug}}/a.py', true],
    ['app/\\[id\\]/**', 'app/[id]/page.tsx', true],
    ['app/\\[id\\]/**', 'app/i/page.tsx', false],
    ['a+b/$x^.(c|d)', 'a+b/$x^.(c|d)', true],
    ['\ud83d\ude00?', '\ud83d\ude00\ud83d\ude00', true],
    ['a\nb', 'a\nb', true],
    ['Src/**', 'src/a', false],
  ])('%j fits %j: %s', (glob, path, fitting) => {
    expect(fits(glob, path)).toBe(fitting);
  });

  it.each([
    ['', 'must not be empty'],
    ['/', 'names no file'],
    ['./', 'names no file'],
    ['a//b', 'a name that is empty'],
    ['//a', 'a name that is empty'],
    ['../x', 'has the name ..,'],
    ['src/./a', 'has the name .,'],
    ['src/../lib/**', 'has the name ..,'],
    ['.git/**', 'has the name .git,'],
    ['C:\\src', 'a path of a machine'],
    ['c:/src/**', 'a path of a machine'],
    ['~/src/**', 'a path of a machine'],
    ['/home/runner/work/shop/shop/src/**', 'a path of a machine'],
    ['https://github.com/a/b', 'a name that is empty'],
    ['src\\x', 'write / between folders'],
    ['src\\**', 'write / between folders'],
    ['src\\*.ts', 'write / between folders'],
    ['src\\', 'write / between folders'],
    ['src\\\\a', 'write / between folders'],
    ['{a,b', 'never closed'],
    ['src/[ab', 'never closed'],
    ['src/[a/b]', 'never closed'],
    ['src/[]', 'nothing in it'],
    ['src/[z-a]', 'ends before it begins'],
    ['src/[[:alpha:]]', 'a class by name'],
    ['!docs/**', 'nothing can be taken out'],
    ['{!a,b}', 'nothing can be taken out'],
    ['src/@(a|b)', 'which is not read here'],
    ['!(a)', 'nothing can be taken out'],
    ['src/*(a)', 'which is not read here'],
    ['src/{1..3}', 'a range in braces'],
    ['{1..100000}', 'a range in braces'],
    ['{a,b}'.repeat(30), 'more than 16 braces'],
    ['{a,b}'.repeat(16), 'more than 100 globs'],
    [`${'{'.repeat(160)}${'['.repeat(160)}${'}'.repeat(160)}`, 'never closed'],
    [`${'{'.repeat(200)}a,b${'}'.repeat(200)}`, 'more than 16 braces'],
    [`${'{'.repeat(16)}a,b${'}'.repeat(16)}`, null],
    [`{${'a,'.repeat(200)}b}`, 'more than 100 globs'],
    [`{${'a,'.repeat(80)}b}${'c'.repeat(300)}`, 'more than 100 globs, or for too long ones'],
    [' src/**', 'a space'],
    ['src/\0', 'no path has'],
    ['\ud800', 'no path has'],
  ])('%j is refused: %s', (glob, why) => {
    expect(globRefusal(glob)).toEqual(why === null ? null : expect.stringContaining(why));
  });

  it('never throws, whatever it is, and takes what it does not refuse', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }), (glob, path) => {
        if (globRefusal(glob) === null) fits(glob, path);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is as long at the most as its length lets it, whatever its braces stand for', () => {
    const longest = [
      `{${'a*,'.repeat(24)}b*}`,
      '{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}',
      `${'[a-z]'.repeat(99)}`,
      '**/a'.repeat(100),
    ];
    for (const glob of longest) {
      const read = readGlob(glob);
      const size = 'plain' in read ? read.plain.reduce((sum, { expression }) => sum + expression.length, 0) : 0;
      expect(size).toBeGreaterThan(0);
      expect(size).toBeLessThan(20_000);
    }
  });

  it('costs next to nothing on paths that begin or end otherwise', () => {
    const work = { left: GLOB_WORK };
    const [begins, ends] = [globMatcher(`src/${'**/a'.repeat(100)}`, work), globMatcher('**/*.sql', work)];
    for (let index = 0; index < 1_000; index++) {
      expect(begins(`lib/${index}`) || ends(`lib/${index}.ts`) || ends(`lib/${index}-sql`)).toBe(false);
    }
    expect(GLOB_WORK - work.left).toBeLessThan(3_000 * 20);
  });
});

describe('a list of globs', () => {
  it.each([
    [['src/**', '!src/docs/**'], 'src/a.ts', true],
    [['src/**', '!src/docs/**'], 'src/docs/a.md', false],
    [['src/**', '!src/docs/**', 'src/docs/api/**'], 'src/docs/api/a.md', true],
    [['!src/docs/**', 'src/**'], 'src/docs/a.md', true],
    [['a', 'b'], 'b', true],
    [[], 'a', false],
  ])('%j has %j: %s, for the last that fits decides', (globs, path, fitting) => {
    expect(fitsList(globs, path)).toBe(fitting);
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
