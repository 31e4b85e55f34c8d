// What a log tells besides its one line: bounded, and why a line is quoted. What strangers write is comment.test.ts's concern.
import { expect, test } from 'vitest';
import type { FurtherCause, ReportFailure } from '../../src/model/pull-request.ts';
import { annotationsOf } from '../../src/report/annotations.ts';
import { renderComment } from '../../src/report/comment.ts';
import { groupFailures } from '../../src/report/failures/failures.ts';
import { furtherCauses } from '../../src/report/failures/further-causes.ts';
import { openRoom, othersOf, quotedLine } from '../../src/report/failures/quoted-line.ts';
import { failedJob, peerConflict, report, typeError, unknownFailure } from './reports.ts';

const cause = (name: string, change: Partial<FurtherCause> = {}): FurtherCause => ({
  pattern: { ...pattern, name },
  ...{ line_number: 300, line_text: `${name} said so`, file_path: null, line: null, others: 0, other_lines: [] },
  ...change,
});
const pattern = typeError().pattern ?? expect.fail('the example failure has a pattern');
const lines = (...texts: string[]) => texts.map((text, index) => ({ line_number: index + 1, text }));
const quoted = (change: Partial<ReportFailure>, hasStep = true) =>
  quotedLine(unknownFailure({ message: 'x', ...change }), { form: 'full', room: openRoom(4096), hasStep }).join('');
const shown = (causes: FurtherCause[], form: 'full' | 'brief' = 'full') =>
  furtherCauses(causes, { form, room: openRoom(4096), lineBreak: '\n', place: (line) => `log, line ${line}` });

test.each([
  ['error', 'quoted because the runner marked it as an error'],
  ['block', 'quoted because the last lines that look like an error begin with it (lines 3–5)'],
  ['exit', 'quoted because it is the last line before the step ended'],
  ['tail', 'quoted because it is the last line of the log; no line says why it failed'],
] as const)('a line that no pattern knows is quoted with why: %s', (why, said) => {
  expect(quoted({ evidence: { why, first_line: 3, last_line: 5 } })).toBe(`\`x\` · ${said}`);
});

test('what a pattern matched, and what an older version stored, is quoted alone', () => {
  expect(quoted({ evidence: { why: 'match', first_line: 3, last_line: 5 } })).toBe('`x`');
  expect(quoted({ evidence: null })).toBe('`x`');
});

test('the step of the log is named where GitHub names none, and where it is another one', () => {
  const evidence = null;
  expect(quoted({ evidence, step_name: 'make @all' }, false)).toBe('`x` · in step `make @all`');
  expect(quoted({ evidence, step_name: null }, false)).toBe('`x`');
  expect(quoted({ evidence, is_elsewhere: true, step_name: 'a' })).toContain('said by another step, `a`;');
});

test('of others of its kind there is the number, and up to three by name', () => {
  const of = (others: number, ...texts: string[]) =>
    othersOf({ others, other_lines: lines(...texts) }, 'full', openRoom(4096));
  expect(of(0)).toEqual({ count: '', list: '' });
  expect(of(1, 'a')).toEqual({ count: ' and 1 more of this kind:', list: '\n- `a` (line 1)\n' });
  expect(of(3, 'a', 'b', 'c').list).toBe('\n- `a` (line 1)\n- `b` (line 2)\n- `c` (line 3)\n');
  expect(of(1_100, 'a')).toEqual({
    count: ' and 1,100 more of this kind:',
    list: '\n- `a` (line 1)\n- 1,099 more\n',
  });
  expect(of(12)).toEqual({ count: ' and 12 more of this kind', list: '' });
  expect(othersOf({ others: 12, other_lines: lines('a') }, 'brief', openRoom(4096)).count).toBe(
    ' and 12 more of this kind',
  );
});

test('the others are a list of their own, outside of which the advice stands; they are only counted where more is said of the line', () => {
  const told = { others: 2, other_lines: lines('a', 'b'), is_elsewhere: true, step_name: 's' };
  expect(quoted({ ...told, evidence: null })).toBe(
    '`x` and 2 more of this kind · said by another step, `s`; the one that failed says nothing that a pattern knows',
  );
  const jobs = [failedJob('a', { failure: peerConflict({ others: 1, other_lines: lines('a') }) })];
  expect(renderComment(report({ jobs })).body).toMatch(/\n- `a` \(line 1\)\n\n\*\*Root cause\*\*/);
});

test('the end of a step is quoted as what it is: no line says why', () => {
  const evidence = { why: 'exit', first_line: 3, last_line: 3 } as const;
  for (const message of ['Process completed with exit code 1.', 'The operation was canceled.'])
    expect(quoted({ evidence, message })).toBe(
      `\`${message}\` · no line says why it failed: the step printed nothing before it ended`,
    );
});

test('what another step said is a possible cause, in the sentence, the advice and the annotation', () => {
  const failure = typeError({ is_elsewhere: true, step_name: 'npm run types' });
  const jobs = [failedJob('a', { failure })];
  const { body } = renderComment(report({ jobs }));
  expect(body).toContain('· perhaps TypeScript type error ·');
  expect(body).toContain('**Possible cause** ');
  expect(body).not.toContain('**Root cause**');
  expect(annotationsOf(report({ jobs }))[0]?.message).toContain('Possible cause: ');
});

test('they are not told of a line that another one is quoted for', () => {
  const evidence = { why: 'error', first_line: 1, last_line: 1 } as const;
  expect(quoted({ evidence, others: 4, other_lines: lines('a') })).not.toContain('more of this kind');
});

test('of five causes three are open, the others folded; in brief they are named', () => {
  const causes = ['b', 'c', 'd', 'e'].map((name) => cause(name));
  const [second, third, folded, ...more] = shown(causes);
  expect([second, third].map((text) => text?.split('\n')[0])).toEqual([
    '**Also** b · log, line 300',
    '**Also** c · log, line 300',
  ]);
  expect(folded).toContain('<summary>2 more causes in the same job</summary>');
  expect(folded?.match(/^- . /gm)).toEqual(['- d ', '- e ']);
  expect(more).toEqual([]);
  expect(shown(causes, 'brief')).toEqual(['**Also** b, c, d, e']);
});

test('nineteen causes with all that a log may say stay within their room', () => {
  const long = '😀`@x '.repeat(2_000);
  const causes = Array.from({ length: 19 }, (_, n) =>
    cause(`p${n}`, { line_text: long, others: 9, other_lines: lines(long, long, long) }),
  );
  const advice = { ...pattern, root_cause: '', recommended_fix: '' };
  const text = shown(causes.map((one) => ({ ...one, pattern: { ...advice, name: one.pattern.name } }))).join('\n');
  expect(text).toContain('- 7 more');
  expect(Buffer.byteLength(text)).toBeLessThan(4096 + 1_500);
  const failure = peerConflict({
    message: long,
    further_causes: causes,
    others: 9,
    other_lines: lines(long, long, long),
  });
  const jobs = Array.from({ length: 400 }, (_, n) =>
    failedJob(`j${n}`, { failure: { ...failure, fingerprint: `f${n}` } }),
  );
  expect(renderComment(report({ jobs })).body.length).toBeLessThanOrEqual(65_536);
});

test('jobs that also break in something else stand alone', () => {
  const also = peerConflict({ further_causes: [cause('b')] });
  const jobs = [failedJob('x'), failedJob('y'), failedJob('z', { failure: also })];
  expect(groupFailures(report({ jobs })).map(({ failed }) => failed.length)).toEqual([2, 1]);
});

test('each cause that points into the repository is an annotation', () => {
  const further_causes = [cause('b', { file_path: 'b.ts', line: 2, others: 3 }), cause('c')];
  const jobs = [failedJob('x', { failure: typeError({ further_causes }) })];
  expect(annotationsOf(report({ jobs })).map(({ path, start_line, title }) => [path, start_line, title])).toEqual([
    ['b.ts', 2, 'b'],
    ['src/cart.ts', 41, 'TypeScript type error'],
  ]);
  expect(annotationsOf(report({ jobs }))[0]?.message).toContain('And 3 more of this kind.');
});
