// Globs in the brain: what they mean to the gate they mean to codered.glob_matches, and zones are touched by the same files.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GLOB_WORK, globMatcher, globRefusal } from '../../src/policy/globs/glob.ts';
import { readGlob } from '../../src/policy/globs/glob-syntax.ts';
import { zonesTouched } from '../../src/policy/schema/criteria.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { globs, paths } from '../support/globs.ts';

/** Anything that may stand in a file, out of the signs that globs are made of. */
const wild = fc
  .array(
    fc.constantFrom(
      ...[
        '*',
        '**',
        '?',
        '[',
        ']',
        '{',
        '}',
        ',',
        '!',
        '^',
        '-',
        '\\',
        '/',
        './',
        '../',
        '(',
        ')',
        '+',
        '@',
        '.',
        '..',
      ],
      ...[
        'a',
        'z',
        'b',
        '0',
        '9',
        ' ',
        '[a-z]',
        '[!a',
        '[:alpha:]',
        '{a,b}',
        '{1..3}',
        '.git',
        'C:',
        '日',
        '😀',
        '$',
        '|',
        '\n',
      ],
    ),
    { maxLength: 9 },
  )
  .map((signs) => signs.join(''));

const generated = fc.sample(fc.oneof(globs, wild), { numRuns: 4_000, seed: 20261130 });
const somePaths = [...fc.sample(paths, { numRuns: 30, seed: 7 }), 'a/[a]/b', '{a}', 'a\nb', '日😀', 'src/.git', '(a)'];

const parsed = (json: string | null | undefined): unknown => JSON.parse(json ?? 'null');

describe.each(testBackends)('globs (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());

  it('are read as the gate reads them, and refused where it refuses them', async () => {
    const rows = await brain.sql(
      `select g.glob, to_json(codered.glob_expressions(g.glob)) as expressions
       from json_array_elements_text($1::json) with ordinality as g (glob, nth) order by g.nth`,
      [JSON.stringify(generated)],
    );
    const found = rows.map(({ glob, expressions }) => ({ glob, expressions: parsed(expressions) }));
    const read = generated.map((glob) => {
      const one = readGlob(glob);
      return { glob, expressions: 'plain' in one ? one.plain.map(({ expression }) => expression) : null };
    });
    expect(found).toEqual(read);
    expect(read.filter(({ expressions }) => expressions !== null).length).toBeGreaterThan(1_500);
    expect(read.filter(({ expressions }) => expressions === null).length).toBeGreaterThan(500);
  });

  it('fit what they fit for the gate', async () => {
    const taken = generated.filter((glob) => globRefusal(glob) === null).slice(0, 300);
    const rows = await brain.sql(
      `select g.glob, to_json(array(
         select p.path from json_array_elements_text($2::json) with ordinality as p (path, nth)
         where codered.glob_matches(p.path, g.glob) order by p.nth)) as fitting
       from json_array_elements_text($1::json) with ordinality as g (glob, nth) order by g.nth`,
      [JSON.stringify(taken), JSON.stringify(somePaths)],
    );
    const fitting = taken.map((glob) => ({
      glob,
      fitting: somePaths.filter(globMatcher(glob, { left: GLOB_WORK })),
    }));
    expect(rows.map(({ glob, fitting: found }) => ({ glob, fitting: parsed(found) }))).toEqual(fitting);
    expect(fitting.filter((one) => one.fitting.length > 0).length).toBeGreaterThan(50);
  });

  it('are matched at their worst too: the longest, of the most alternatives, against the longest paths', async () => {
    const worst = [
      `${'**/a'.repeat(124)}x`,
      `${'*a'.repeat(240)}b`,
      `${'[a-z]'.repeat(99)}*b`,
      `${'{a*,b*,c*}'.repeat(4)}x`,
      `{${'*a,'.repeat(98)}b}${'*a'.repeat(20)}x`,
      `${'{a,**/}'.repeat(6)}${'*a'.repeat(5)}x`,
    ];
    const longest = ['a/'.repeat(2_000), 'a'.repeat(4_000), `${'a/'.repeat(2_000)}ax`];
    for (const glob of worst) {
      for (const path of longest) {
        const [row] = await brain.sql('select codered.glob_matches($1, $2) as fits', [path, glob]);
        expect({ glob, fits: row?.fits }).toEqual({
          glob,
          fits: globMatcher(glob, { left: GLOB_WORK })(path) ? 't' : 'f',
        });
      }
    }
  });

  it('touch zones as for the gate, the last that fits deciding', async () => {
    const list = fc.array(
      fc.tuple(fc.boolean(), globs).map(([out, glob]) => (out ? `!${glob}` : glob)),
      { maxLength: 4 },
    );
    const cases = fc
      .sample(
        fc.tuple(fc.dictionary(fc.constantFrom('red', 'yellow', 'green'), list), fc.array(paths, { maxLength: 5 })),
        {
          numRuns: 300,
          seed: 11,
        },
      )
      .filter(([zones]) =>
        Object.values(zones)
          .flat()
          .every((glob) => globRefusal(glob.replace(/^!/, '')) === null),
      );
    const found = await brain.sql(
      `select to_json(codered.zones_of(array(select json_array_elements_text(c.one -> 1)), jsonb_build_object('zones', (c.one -> 0)::jsonb))) as zones
       from json_array_elements($1::json) with ordinality as c (one, nth) order by c.nth`,
      [JSON.stringify(cases)],
    );
    const expected = cases.map(([zones, files]) => {
      const touched = zonesTouched({ zones }, files).toSorted();
      return touched.length === 0 ? null : touched;
    });
    expect(found.map(({ zones }) => parsed(zones))).toEqual(expected);
    expect(expected.filter((zones) => zones !== null).length).toBeGreaterThan(30);
  });
});
