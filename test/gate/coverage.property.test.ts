// What holds of any code base and any reports of it: cut into parts, told in another order, in several formats, from other machines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cobertura, type Files, lcov, verdictOf } from './coverage-verdict.ts';

/** A file of the code: its lines that can run, and those that did in each of three parts of the suite. */
interface Source {
  readonly path: string;
  readonly lines: readonly number[];
  readonly ran: readonly (readonly number[])[];
}

const lines = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
const source = (path: string): fc.Arbitrary<Source> =>
  lines.chain((all) =>
    fc
      .array(fc.subarray(all), { minLength: 3, maxLength: 3 })
      .map((ran) => ({ path, lines: all.toSorted((one, other) => one - other), ran })),
  );
const PATHS = ['src/index.ts', 'src/cart.ts', 'lib/deep/index.ts', 'lib/b.ts'];
const code = fc.subarray(PATHS, { minLength: 1 }).chain((paths) => fc.tuple(...paths.map(source)));
/** Machines that have no folder in common. */
const ROOTS = [
  '',
  '/home/runner/work/shop/shop/',
  '/actions/_work/shop/shop/',
  '/app/',
  '/builds/x/shop/',
  'D:\\a\\shop\\shop\\',
];
const runs = { numRuns: 150 };

const missedOf = ({ lines: all }: Source, run: readonly number[]) => all.filter((line) => !run.includes(line));
const found = (root: string, sources: readonly Source[], ranIn: (one: Source) => readonly number[]) =>
  sources
    .map((one) => {
      const path = root.includes('\\') ? one.path.replaceAll('/', '\\') : one.path;
      return lcov(`${root}${path}`, ranIn(one), missedOf(one, ranIn(one)));
    })
    .join('');
const union = ({ ran }: Source) => [...new Set(ran.flat())];
const figure = (artifacts: Readonly<Record<string, Files>>, threshold = 0.8) => {
  const { state, measured, reason } = verdictOf(artifacts, { threshold });
  return { state, measured, reason };
};
const whole = (sources: readonly Source[]) => figure({ whole: { 'lcov.info': found('', sources, union) } });

describe('coverage of any code', () => {
  it('is the same in parts as whole: parts in artifacts, in folders, of machines of any kind', () => {
    fc.assert(
      fc.property(code, fc.shuffledSubarray(ROOTS, { minLength: 3, maxLength: 3 }), (sources, roots) => {
        const part = (index: number, root = '') => found(root, sources, ({ ran }) => ran[index] ?? []);
        const inArtifacts = Object.fromEntries([0, 1, 2].map((index) => [`c-${index}`, { 'lcov.info': part(index) }]));
        const inFolders = {
          c: Object.fromEntries([0, 1, 2].map((index) => [`shard-${index}/lcov.info`, part(index)])),
        };
        const elsewhere = Object.fromEntries(
          roots.map((root, index) => [`c-${index}`, { 'lcov.info': part(index, root) }]),
        );
        const expected = whole(sources);
        for (const artifacts of [inArtifacts, inFolders, elsewhere]) expect(figure(artifacts)).toEqual(expected);
      }),
      runs,
    );
  });

  it('is the same in whatever order reports, artifacts and files come', () => {
    const parts = fc
      .tuple(code, code, code)
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([0, 1, 2], { minLength: 3 })));
    fc.assert(
      fc.property(parts, ([all, order]) => {
        const artifacts = all.map(
          (sources, index) =>
            [
              `c-${index}`,
              {
                'lcov.info': found('', sources, union),
                'x/lcov.info': found('', sources.toReversed().slice(0, 1), union),
              },
            ] as const,
        );
        const shuffled = order
          .flatMap((index) => artifacts.slice(index, index + 1))
          .map(([name, files]) => [name, Object.fromEntries(Object.entries(files).reverse())] as const);
        expect(figure(Object.fromEntries(shuffled))).toEqual(figure(Object.fromEntries(artifacts)));
      }),
      runs,
    );
  });

  it('is that of one format, told in two', () => {
    fc.assert(
      fc.property(code, (sources) => {
        const classes = sources.map((one) => ({
          name: one.path.slice(0, one.path.lastIndexOf('/')),
          path: one.path,
          run: union(one),
          missed: missedOf(one, union(one)),
        }));
        const both = { c: { 'cobertura.xml': cobertura(classes), 'lcov.info': found('', sources, union) } };
        expect(figure(both)).toEqual(whole(sources));
      }),
      runs,
    );
  });

  it('of two packages is what both come to, whatever their files are called', () => {
    fc.assert(
      fc.property(code, code, (one, other) => {
        const artifacts = {
          c: {
            'packages/a/coverage/lcov.info': found('', one, union),
            'packages/b/coverage/lcov.info': found('', other, union),
          },
        };
        const all = [...one, ...other];
        const ran = all.reduce((sum, file) => sum + union(file).length, 0);
        const total = all.reduce((sum, file) => sum + file.lines.length, 0);
        expect(figure(artifacts).reason).toBe(`${ran} of ${total} lines`);
      }),
      runs,
    );
  });

  it('does not pass by a further report of lines that did not run', () => {
    const threshold = fc.constantFrom(0.3, 0.5, 0.8, 0.9);
    fc.assert(
      fc.property(
        code,
        code,
        threshold,
        fc.constantFrom('lcov.info', 'x/lcov.info', 'cov/lcov.info'),
        (one, other, least, path) => {
          const artifacts = { c: { 'lcov.info': found('', one, union) } };
          const without = figure(artifacts, least);
          const untested = found('', other, () => []);
          const inArtifact = { c: { ...artifacts.c, [path === 'lcov.info' ? 'more.info' : path]: untested } };
          for (const more of [inArtifact, { ...artifacts, d: { [path]: untested } }]) {
            const measured = figure(more, least);
            if (without.state !== 'pass') expect(measured.state).not.toBe('pass');
            expect(measured.measured ?? 0).toBeLessThanOrEqual(without.measured ?? 0);
          }
        },
      ),
      runs,
    );
  });

  it('passes only where it does as one file and as several', () => {
    const tellings = fc.array(source('src/a.ts'), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(tellings, fc.constantFrom(0.3, 0.5, 0.8), (sources, least) => {
        const artifacts = sources.map(
          (one, index) => [`c-${index}`, { 'lcov.info': found('', [one], union) }] as const,
        );
        const { state } = figure(Object.fromEntries(artifacts), least);
        const all = new Set(sources.flatMap((one) => one.lines));
        const ran = new Set(sources.flatMap(union));
        const asOne = ran.size >= least * all.size;
        const sets = Map.groupBy(sources, (one) => one.lines.join());
        const [run, total] = [...sets.values()].reduce<[number, number]>(
          ([covered, count], [first, ...others]) => [
            covered + new Set([first, ...others].flatMap((one) => (one === undefined ? [] : union(one)))).size,
            count + (first?.lines.length ?? 0),
          ],
          [0, 0],
        );
        expect(state === 'pass').toBe(run >= least * total && asOne);
      }),
      runs,
    );
  });

  it('counts what a report says of itself where that is worse, and never what is better', () => {
    fc.assert(
      fc.property(code, fc.nat(40), fc.nat(40), (sources, covered, more) => {
        const classes = sources.map((one) => ({
          name: one.path,
          path: one.path,
          run: union(one),
          missed: missedOf(one, union(one)),
        }));
        const head = `lines-covered="${covered}" lines-valid="${covered + more}"`;
        const listed = whole(sources).measured ?? 0;
        const said = covered + more === 0 ? 1 : covered / (covered + more);
        expect(figure({ c: { 'cobertura.xml': cobertura(classes, { head }) } }).measured).toBeCloseTo(
          Math.min(listed, said),
          10,
        );
      }),
      runs,
    );
  });
});
