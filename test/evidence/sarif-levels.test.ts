// Levels of SARIF results as the standard has them, in the shapes of real tools; where it leaves one open the stricter counts.
import { describe, expect, test } from 'vitest';
import { measureFile } from '../support/measure.ts';

type Level = 'none' | 'note' | 'warning' | 'error';
interface Run {
  readonly rules?: readonly object[];
  readonly extensions?: readonly object[];
  readonly invocations?: readonly object[];
  readonly driver?: object;
}
const sarif = (results: readonly object[], { rules, extensions, invocations, driver }: Run = {}) =>
  JSON.stringify({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'T', rules, ...driver }, extensions }, invocations, results }],
  });
const COUNTS: Readonly<Record<Level, readonly [number, number, number]>> = {
  none: [0, 0, 0],
  note: [0, 0, 1],
  warning: [0, 1, 0],
  error: [1, 0, 0],
};
function expectLevel(level: Level, result: object, run?: Run): void {
  const [errors, warnings, notes] = COUNTS[level];
  const measured = measureFile('a.sarif', sarif([{ message: { text: 'x' }, ...result }], run));
  expect(measured).toMatchObject({ kind: 'findings', errors, warnings, notes });
}
const rule = (id: string, level?: Level, more: object = {}) => ({
  id,
  ...(level === undefined ? {} : { defaultConfiguration: { level } }),
  ...more,
});
const override = (descriptor: object, level?: Level) => ({
  descriptor,
  configuration: level === undefined ? { enabled: true } : { level },
});
const overriding = (...some: object[]) => ({ executionSuccessful: true, ruleConfigurationOverrides: some });

const GUID = '1a2b3c4d-0000-4000-8000-000000000001';
const QUERIES = [rule('js/sql', 'error'), rule('js/style', 'note'), rule('js/off', 'none')];
const EXTENSIONS = [
  { name: 'codeql/none' },
  { name: 'codeql/javascript-queries', guid: GUID, rules: QUERIES },
  { name: 'codeql/threats' },
];

describe('the level of a result that has none', () => {
  test.each<[string, Level, object, Run?]>([
    ['is a warning', 'warning', {}],
    ['is a warning though the rule says nothing', 'warning', { ruleId: 'a' }, { rules: [rule('a')] }],
    ['is the rule’s by index', 'error', { ruleIndex: 1 }, { rules: [rule('a', 'note'), rule('b', 'error')] }],
    ['is the rule’s by id', 'note', { ruleId: 'a' }, { rules: [rule('a', 'note')] }],
    ['is the rule’s by rule.id', 'error', { rule: { id: 'a' } }, { rules: [rule('a', 'error')] }],
    [
      'is the rule’s by guid',
      'error',
      { rule: { guid: GUID.toUpperCase() } },
      { rules: [{ ...rule('a', 'error'), guid: GUID }] },
    ],
    ['is that of the rule it is a part of', 'error', { ruleId: 'CA1000/1' }, { rules: [rule('CA1000', 'error')] }],
    [
      'is that of the nearest it is a part of',
      'note',
      { ruleId: 'a/b/c' },
      { rules: [rule('a', 'error'), rule('a/b', 'note')] },
    ],
    [
      'is not that of a rule with a longer name',
      'warning',
      { ruleId: 'CA1000' },
      { rules: [rule('CA1000/1', 'note')] },
    ],
    ['with an index of -1 is found by id', 'error', { ruleId: 'a', ruleIndex: -1 }, { rules: [rule('a', 'error')] }],
    ['is none where the rule says so', 'none', { ruleId: 'a' }, { rules: [rule('a', 'none')] }],
    [
      'of a rule that is off counts all the same',
      'error',
      { ruleId: 'a' },
      { rules: [{ id: 'a', defaultConfiguration: { enabled: false, level: 'error' } }] },
    ],
    [
      'has nothing of a rank',
      'note',
      { ruleId: 'a', rank: 100 },
      { rules: [{ id: 'a', defaultConfiguration: { level: 'note', rank: 99 } }] },
    ],
    [
      'is CodeQL’s own where the standard’s is missing',
      'error',
      { ruleId: 'a' },
      { rules: [rule('a', undefined, { properties: { 'problem.severity': 'error' } })] },
    ],
    [
      'is no lower for CodeQL’s recommendation',
      'warning',
      { ruleId: 'a' },
      { rules: [rule('a', undefined, { properties: { 'problem.severity': 'recommendation' } })] },
    ],
  ])('%s: %s', (_name, level, result, run) => expectLevel(level, result, run));
});

describe('a rule of an extension', () => {
  const run = { extensions: EXTENSIONS, driver: { rules: [] } };
  test.each<[string, Level, object]>([
    [
      'by the extension’s index, as CodeQL writes it',
      'error',
      { ruleId: 'js/sql', rule: { id: 'js/sql', index: 0, toolComponent: { index: 1 } } },
    ],
    ['by index alone', 'note', { rule: { index: 1, toolComponent: { index: 1 } } }],
    ['by the extension’s guid', 'note', { ruleId: 'js/style', rule: { toolComponent: { guid: GUID } } }],
    [
      'by the extension’s name',
      'note',
      { ruleId: 'js/style', rule: { toolComponent: { name: 'codeql/javascript-queries' } } },
    ],
    ['by an index beside the rule', 'error', { ruleIndex: 0, rule: { toolComponent: { index: 1 } } }],
    ['that is off by default', 'none', { ruleId: 'js/off', rule: { toolComponent: { index: 1 } } }],
    // No extension is named: the driver is meant, and has no such rule.
    ['that nothing points to, and is an error', 'error', { ruleId: 'js/sql' }],
    ['that nothing points to, and is less', 'warning', { ruleId: 'js/style' }],
    ['in another extension than is named', 'warning', { ruleId: 'js/style', rule: { toolComponent: { index: 0 } } }],
    ['in an extension that there is not', 'warning', { ruleId: 'js/off', rule: { toolComponent: { index: 9 } } }],
    ['at an index that there is not', 'warning', { rule: { index: 7, toolComponent: { index: 1 } } }],
    ['of an unknown guid', 'warning', { ruleId: 'js/style', rule: { toolComponent: { guid: 'no' } } }],
  ])('%s', (_name, level, result) => expectLevel(level, result, run));

  test('is told from one of the driver', () => {
    const both = { rules: [rule('a', 'note')], extensions: [{ name: 'e', rules: [rule('a', 'error')] }] };
    expectLevel('note', { ruleId: 'a', ruleIndex: 0 }, both);
    expectLevel('error', { ruleId: 'a', rule: { index: 0, toolComponent: { index: 0 } } }, both);
  });

  test('in two extensions of one name is the stricter', () => {
    const twins = {
      extensions: [
        { name: 'e', rules: [rule('a', 'note')] },
        { name: 'e', rules: [rule('a', 'error')] },
      ],
    };
    expectLevel('error', { ruleId: 'a', rule: { toolComponent: { name: 'e' } } }, twins);
  });
});

describe('where it is not clear which rule is meant', () => {
  test.each<[string, Level, object, Run]>([
    [
      'of an id and another’s index the stricter counts',
      'error',
      { ruleId: 'a', ruleIndex: 1 },
      { rules: [rule('a', 'error'), rule('b', 'note')] },
    ],
    [
      'the same the other way round',
      'error',
      { ruleId: 'b', ruleIndex: 0 },
      { rules: [rule('a', 'error'), rule('b', 'none')] },
    ],
    [
      'it is a warning at least',
      'warning',
      { ruleId: 'a', ruleIndex: 1 },
      { rules: [rule('a', 'note'), rule('b', 'none')] },
    ],
    ['of two ids too', 'error', { ruleId: 'a', rule: { id: 'b' } }, { rules: [rule('a', 'none'), rule('b', 'error')] }],
    ['of two rules of one id too', 'error', { ruleId: 'a' }, { rules: [rule('a', 'error'), rule('a', 'none')] }],
    ['an index past the end is a warning', 'warning', { ruleIndex: 5 }, { rules: [rule('a', 'none')] }],
    ['and the id is asked', 'error', { ruleId: 'a', ruleIndex: 5 }, { rules: [rule('a', 'error')] }],
    ['an id that is not there is a warning', 'warning', { ruleId: 'b' }, { rules: [rule('a', 'none')] }],
  ])('%s: %s', (_name, level, result, run) => expectLevel(level, result, run));
});

describe('an override of an invocation', () => {
  const rules = [rule('a', 'error'), rule('b', 'note'), rule('c')];
  test.each<[string, Level, object, Run]>([
    [
      'of the only one counts',
      'warning',
      { ruleId: 'a' },
      { rules, invocations: [overriding(override({ id: 'a' }, 'warning'))] },
    ],
    ['by index', 'error', { ruleIndex: 1 }, { rules, invocations: [overriding(override({ index: 1 }, 'error'))] }],
    [
      'of one that is named',
      'note',
      { ruleId: 'a', provenance: { invocationIndex: 1 } },
      { rules, invocations: [overriding(), overriding(override({ id: 'a' }, 'note'))] },
    ],
    [
      'of another counts not',
      'error',
      { ruleId: 'a', provenance: { invocationIndex: 0 } },
      { rules, invocations: [overriding(), overriding(override({ id: 'a' }, 'note'))] },
    ],
    [
      'of one of several, when none is named, lowers nothing',
      'error',
      { ruleId: 'a' },
      { rules, invocations: [overriding(), overriding(override({ id: 'a' }, 'note'))] },
    ],
    [
      'of one of several, when none is named, may be it',
      'error',
      { ruleId: 'b' },
      { rules, invocations: [overriding(), overriding(override({ id: 'b' }, 'error'))] },
    ],
    [
      'of one that there is not lowers nothing',
      'error',
      { ruleId: 'a', provenance: { invocationIndex: 4 } },
      { rules, invocations: [overriding(override({ id: 'a' }, 'none'))] },
    ],
    [
      'of another rule counts not',
      'note',
      { ruleId: 'b' },
      { rules, invocations: [overriding(override({ id: 'a' }, 'none'))] },
    ],
    [
      'without a level leaves the rule’s',
      'note',
      { ruleId: 'b' },
      { rules, invocations: [overriding(override({ id: 'b' }))] },
    ],
    ['that turns it off', 'none', { ruleId: 'a' }, { rules, invocations: [overriding(override({ id: 'a' }, 'none'))] }],
    [
      'twice is the stricter',
      'warning',
      { ruleId: 'a' },
      { rules, invocations: [overriding(override({ id: 'a' }, 'none'), override({ index: 0 }, 'warning'))] },
    ],
    [
      'does not lower a level of the result’s own',
      'error',
      { ruleId: 'a', level: 'error' },
      { rules, invocations: [overriding(override({ id: 'a' }, 'none'))] },
    ],
    [
      'of an extension’s rule',
      'error',
      { ruleId: 'js/style', rule: { toolComponent: { index: 1 } } },
      {
        extensions: EXTENSIONS,
        invocations: [overriding(override({ id: 'js/style', toolComponent: { index: 1 } }, 'error'))],
      },
    ],
    [
      'of the driver’s rule is none of the extension’s',
      'error',
      { ruleId: 'a', rule: { toolComponent: { index: 0 } } },
      {
        rules,
        extensions: [{ name: 'e', rules: [rule('a', 'error')] }],
        invocations: [overriding(override({ id: 'a' }, 'none'))],
      },
    ],
  ])('%s', (_name, level, result, run) => expectLevel(level, result, run));
});

describe('a result', () => {
  test.each<[Level, object]>([
    ['none', { kind: 'pass' }],
    ['none', { kind: 'pass', level: 'error' }],
    ['none', { kind: 'notApplicable' }],
    ['none', { kind: 'informational', level: 'note' }],
    ['none', { kind: 'open' }],
    ['none', { kind: 'review', level: 'none' }],
    ['error', { kind: 'review', level: 'error' }],
    ['warning', { kind: 'failure' }],
    ['error', { kind: 'fail', level: 'error' }],
    ['error', { level: 'error', suppressions: [] }],
    ['none', { level: 'error', suppressions: [{ kind: 'inSource' }] }],
    ['none', { level: 'error', suppressions: [{ kind: 'external', status: 'accepted' }] }],
    ['error', { level: 'error', suppressions: [{ kind: 'external', status: 'underReview' }] }],
    ['error', { level: 'error', suppressions: [{ kind: 'inSource' }, { kind: 'external', status: 'rejected' }] }],
    ['none', { level: 'error', baselineState: 'absent' }],
    ['error', { level: 'error', baselineState: 'unchanged' }],
    ['error', { level: 'error', baselineState: 'new' }],
  ])('is %s: %j', (level, result) => expectLevel(level, result));
});

describe('a notification', () => {
  const found = (level: Level | undefined, descriptor?: object) => ({
    executionSuccessful: true,
    toolExecutionNotifications: [{ level, descriptor, message: { text: 'broke' } }],
  });
  const notifications = [rule('N1', 'error'), rule('N2', 'note')];
  test.each<[string, Level, object]>([
    ['of its own level', 'error', found('error')],
    ['of its descriptor’s level', 'error', found(undefined, { id: 'N1' })],
    ['of a lower one', 'none', found(undefined, { id: 'N2' })],
    ['of none', 'none', found(undefined)],
    [
      'that is overridden',
      'error',
      { ...found(undefined, { id: 'N2' }), notificationConfigurationOverrides: [override({ id: 'N2' }, 'error')] },
    ],
  ])('%s', (_name, level, invocation) => {
    const report = sarif([], { driver: { notifications }, invocations: [invocation] });
    expect(measureFile('a.sarif', report)).toMatchObject({ errors: COUNTS[level][0] });
  });
});

test('an id of many parts takes no long time', () => {
  const results = Array.from({ length: 300 }, () => ({ ruleId: '/a'.repeat(10_000), message: {} }));
  expect(measureFile('a.sarif', sarif(results, { rules: [rule('b', 'note')] }))).toMatchObject({ warnings: 300 });
});
