// A test that is listed once for each try counts by its last; tests that only share a name count each.
import { describe, expect, test } from 'vitest';
import { criterionValues } from '../../src/gate/collect/criterion-values.ts';
import { evaluate } from '../../src/gate/evaluate.ts';
import { artifact, commit, criterion, NOW } from '../gate/evidence-cases.ts';
import { measureFile } from '../support/measure.ts';

type Result = 'F' | 'E' | 'P' | 'S';
const INSIDE: Readonly<Record<Result, string>> = {
  F: '<failure message="closed"/>',
  E: '<error message="closed"/>',
  P: '',
  S: '<skipped/>',
};
const one = (name: string, result: Result, attributes = 'classname="shop.Cart"') =>
  `<testcase ${attributes} name="${name}">${INSIDE[result]}</testcase>`;
/** `a:FP b:P` as cases in that order. */
const cases = (given: string, attributes?: string) =>
  given
    .split(' ')
    .flatMap((part) => {
      const [name = '', results = ''] = part.split(':');
      return [...results].map((result) => one(name, result as Result, attributes));
    })
    .join('');
const suite = (inside: string, attributes = 'name="shop.Cart"') => `<testsuite ${attributes}>${inside}</testsuite>`;
const read = (xml: string) => measureFile('junit.xml', xml);

const PROPERTY = '<properties><property name="go.version" value="go1.24 linux/amd64"/></properties>';
/** As gotestsum writes it. */
const go = (given: string) => suite(PROPERTY + cases(given));
const NONE = { passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0 };

describe('a test that is listed for each try', () => {
  test.each([
    ['a:FP b:P', { passed: 2, flaky: 1 }],
    ['a:FFFP b:P', { passed: 2, flaky: 1 }],
    ['a:EP b:P', { passed: 2, flaky: 1 }],
    ['b:P a:F c:S a:P', { passed: 2, flaky: 1, skipped: 1 }],
    ['a:F b:F a:P b:P c:P', { passed: 3, flaky: 2 }],
    // One that never passed is red, and doesn't make the others so.
    ['a:FP b:FFF c:P', { passed: 2, flaky: 1, failed: 3 }],
    ['a:PP b:P', { passed: 3 }],
  ])('by gotestsum: %s', (given, result) => {
    expect(read(go(given))).toMatchObject({ ...NONE, ...result });
  });

  test('is no failure that the suite counts and nothing shows', () => {
    const xml = suite(PROPERTY + cases('a:FP b:P'), 'name="shop.Cart" tests="3" failures="1"');
    expect(read(`<testsuites tests="3" failures="1">${xml}</testsuites>`)).toMatchObject({
      passed: 2,
      flaky: 1,
      errored: 0,
      remarks: [],
    });
  });

  test('is told by its times where it has some', () => {
    const at = (time: string) => `classname="shop.Cart" timestamp="2026-11-30T10:00:0${time}Z"`;
    expect(read(suite(one('a', 'F', at('1')) + one('a', 'P', at('2'))))).toMatchObject({ passed: 1, failed: 0 });
    expect(read(suite(one('a', 'F', at('2')) + one('a', 'P', at('1'))))).toMatchObject({ passed: 1, failed: 1 });
    expect(read(suite(one('a', 'F', at('1')) + one('a', 'P', at('1'))))).toMatchObject({ passed: 1, failed: 1 });
    expect(read(suite(one('a', 'F') + one('a', 'P', at('1'))))).toMatchObject({ passed: 1, failed: 1 });
  });

  test('is told by a suite that counts it once', () => {
    const counting = (tests: number, failures: number) =>
      suite(cases('x:P p:FP'), `name="s" tests="${tests}" failures="${failures}"`);
    expect(read(counting(2, 0))).toMatchObject({ ...NONE, passed: 2, flaky: 1 });
    expect(read(counting(3, 1))).toMatchObject({ passed: 2, failed: 1, flaky: 0 });
    expect(read(counting(2, 1))).toMatchObject({ failed: 1, flaky: 0 });
    expect(read(suite(cases('x:P p:FP'), 'name="s" tests="2"'))).toMatchObject({ failed: 1, flaky: 0 });
  });

  test.each<[string, object]>([
    ['a():F b():P a():P', { passed: 2, flaky: 1 }],
    ['a():F b():F a():P b():F b():P', { passed: 2, flaky: 2 }],
    // Right after one another: rows of one test may be.
    ['b():P a():FP', { passed: 2, failed: 1, flaky: 0 }],
    // Two methods of one title, with or without another after them.
    ['opens:F b:P opens:P', { passed: 2, failed: 1, flaky: 0 }],
    ['a():F b():P a():P c():P', { passed: 3, failed: 1, flaky: 0 }],
    ['a(int):F b():P a(int):P', { passed: 2, failed: 1, flaky: 0 }],
  ])('by Gradle in a round after the others: %s', (given, result) => {
    const count = given.replace(/[^FP]/g, '').length;
    const gradle = `name="shop.Cart" tests="${count}" timestamp="2026-11-30T10:00:00.000Z" hostname="runner"`;
    expect(read(suite(cases(given), gradle))).toMatchObject(result);
  });

  test('and is not told from two rows of one name says how to mark it', () => {
    const measurement = read(suite(cases('x:P p:FP')));
    expect(measurement).toMatchObject({ passed: 2, failed: 1, flaky: 0, maybe_tried: 1 });
    if (measurement === null) throw new Error('no report');
    const { measured } = criterionValues('e2e', { reports: [{ path: 'junit.xml', measurement }] });
    const verdict = evaluate(commit({ reports: [artifact('e2e', measured)] }), {
      criteria: [criterion('e2e_pass')],
      deadline_minutes: 60,
      now: NOW,
    });
    expect(verdict.criteria[0]).toMatchObject({ state: 'fail', reason: expect.stringContaining('mergeReruns') });
  });

  test('with another test of its package listed twice is run by -count', () => {
    expect(read(go('a:FP'))).toMatchObject({ failed: 1, flaky: 0 });
    expect(read(go('a:FP b:PP'))).toMatchObject({ failed: 1, flaky: 0 });
  });
});

describe('tests that share a name', () => {
  test.each(['a:PF', 'a:PFP', 'a:FPP', 'a:FS', 'a:SFP', 'a:FPF', 'a:FP b:PP', 'a:FP b:PF', 'a:FP b:SS'])(
    '%s stay red',
    (given) => {
      const failed = [...given].filter((sign) => sign === 'F').length;
      expect(read(suite(cases(given)))).toMatchObject({ failed, flaky: 0 });
      expect(read(go(`${given} z:P`))).toMatchObject({ failed, flaky: 0 });
    },
  );

  test.each([
    ['of other classes', suite(one('a', 'F', 'classname="x"') + one('a', 'P', 'classname="y"'))],
    ['of other files', suite(one('a', 'F', 'file="x.rb"') + one('a', 'P', 'file="y.rb"'))],
    ['of other lines', suite(one('a', 'F', 'file="x.rb" line="1"') + one('a', 'P', 'file="x.rb" line="9"'))],
    ['in two suites', `<testsuites>${suite(cases('a:F'))}${suite(cases('a:P'))}</testsuites>`],
    ['in a suite and one in it', suite(cases('a:F') + suite(cases('a:P')))],
    ['outside of suites', `<testsuites>${cases('a:FP')}</testsuites>`],
    ['in Vitest', `<testsuites name="vitest tests">${suite(cases('a:FP'))}</testsuites>`],
    ['in Jest', `<testsuites name="jest tests">${suite(cases('a:FP'))}</testsuites>`],
    ['in mocha', suite(cases('a:FP'), 'name="Mocha Tests"')],
    ['in pytest', suite(cases('a:FP'), 'name="pytest"')],
    ['in a file of JavaScript', suite(cases('a:FP'), 'name="cart.test.ts"')],
    ['in files of JavaScript', suite(cases('a:FP', 'file="test/cart.spec.mjs"'))],
    ['in TestNG', suite(cases('a:FP'), 'name="shop.Cart" ignored="0"')],
    [
      'in Surefire, which marks tries',
      suite(
        cases('a:FP'),
        'name="x" xsi:noNamespaceSchemaLocation="https://maven.apache.org/surefire/xsd/surefire-test-report.xsd"',
      ),
    ],
    ['beside a try that is marked', suite(`${cases('a:FP')}<testcase name="b"><flakyFailure/></testcase>`)],
    ['of more cases than are held', suite(cases(`a:F many:${'P'.repeat(50_000)} a:P`))],
  ])('%s stay red', (_where, marked) => {
    const xml = marked.replaceAll(/(<testsuite [^>]*>)/g, `$1${PROPERTY}<testcase name="z"/>`);
    expect(read(xml)).toMatchObject({ failed: 1, passed: expect.any(Number) });
    expect(read(xml)).not.toMatchObject({ passed: 0 });
  });
});

test('more cases than are held count all the same', () => {
  const xml = suite(cases(`a:F many:${'P'.repeat(60_000)}`));
  expect(read(xml)).toMatchObject({ failed: 1, passed: 60_000 });
});
