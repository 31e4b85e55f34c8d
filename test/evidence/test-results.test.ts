import { describe, expect, test } from 'vitest';
import type { Measurement } from '../../src/evidence/reading/measurement.ts';
import { testsOf } from '../../src/evidence/tests/test-results.ts';
import { measureFile } from '../support/measure.ts';

const LISTED = { github_artifact_id: 1, name: 'e2e', ref: null };

function given(...reports: readonly (readonly [path: string, content: string])[]) {
  const measured = reports
    .map(([path, content]) => measureFile(path, content))
    .filter((one): one is Measurement => one !== null);
  return testsOf(LISTED, measured);
}

const junit = (cases: string) => `<testsuite name="s">${cases}</testsuite>`;
const failing = (name: string) => `<testcase name="${name}" classname="c"><failure message="no"/></testcase>`;
const passing = (name: string) => `<testcase name="${name}" classname="c" time="1.5"/>`;

describe('the tests of an artifact', () => {
  test('are all that its reports list, each with how it ended', () => {
    expect(
      given([
        'junit.xml',
        junit(`${passing('a')}${failing('b')}<testcase name="d" classname="c"><skipped/></testcase>`),
      ]),
    ).toEqual({
      ...LISTED,
      omitted: 0,
      cases: [
        ['c', 'a', null, 'passed', 1500, null, false, null],
        ['c', 'b', null, 'failed', null, 'no', false, null],
        ['c', 'd', null, 'skipped', null, null, false, null],
      ],
    });
  });

  test('of one name in several reports are one, and the worst of them counts, in whichever order', () => {
    const [bad, good] = [junit(failing('a')), junit(passing('a'))];
    for (const [one, other] of [
      [bad, good],
      [good, bad],
    ] as const) {
      expect(given(['1.xml', one], ['2.xml', other])?.cases).toEqual([
        ['c', 'a', null, 'failed', null, 'no', false, null],
      ]);
    }
  });

  test('are none where no report lists a test', () => {
    expect(given(['lcov.info', 'SF:a.js\nDA:1,1\nend_of_record\n'])).toBeNull();
    expect(given(['junit.xml', '<testsuite tests="3" failures="0"/>'])).toBeNull();
  });

  test('hold no secret, and no name breaks a line', () => {
    const names = given(['junit.xml', junit(passing('a&#10;ghp_0123456789abcdefghijABCDEFGHIJ012345'))])?.cases;
    expect(names).toEqual([
      ['c', expect.stringMatching(/^a \[redacted:[^\n]*\]$/), null, 'passed', 1500, null, false, null],
    ]);
  });

  test('can be kept, wherever the words of a failure are cut', () => {
    const words = `${'x'.repeat(499)}\u{1F4A5} and more`;
    const cases = given(['junit.xml', junit(`<testcase name="a"><failure message="${words}"/></testcase>`)])?.cases;
    expect(cases?.[0]?.[5]).toSatisfy((message: string) => message.length <= 500 && message.isWellFormed());
  });

  test('have the words of a thousand failures, and the names of all', () => {
    const many = Array.from({ length: 1_500 }, (_, n) => `<testcase name="${n}"><failure message="no"/></testcase>`);
    const cases = given(['junit.xml', junit(many.join(''))])?.cases ?? [];
    expect([cases.length, cases.filter(([, , , , , message]) => message !== null).length]).toEqual([1_500, 1_000]);
  });

  test('are at most 50,000, and what is left out is said', () => {
    const many = Array.from({ length: 30_000 }, (_, n) => `<testcase name="${n}"/>`).join('');
    const more = Array.from({ length: 30_000 }, (_, n) => `<testcase name="x${n}"/>`).join('');
    const all = given(['1.xml', junit(many)], ['2.xml', junit(more)]);
    expect([all?.cases.length, all?.omitted]).toEqual([50_000, 10_000]);
  });
});
