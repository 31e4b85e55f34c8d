import { expect, test } from 'vitest';
import type { ReportFailure } from '../../src/model/pull-request.ts';
import { annotationsOf } from '../../src/report/annotations.ts';
import { deployment, failedJob, peerConflict, report, typeError, unknownFailure } from './reports.ts';

const of = (...failures: ReportFailure[]) =>
  annotationsOf(report({ jobs: failures.map((failure, index) => failedJob(`job ${index}`, { failure })) }));

test('a known failure says what it is, its root cause and its fix', () => {
  expect(of(typeError())).toEqual([
    {
      path: 'src/cart.ts',
      start_line: 41,
      end_line: 41,
      annotation_level: 'failure',
      title: 'TypeScript type error',
      message: [
        "src/cart.ts(41,7): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.",
        'Root cause: The code does not fit its types.',
        'Fix: Run `tsc --noEmit` and mend what it names; the first error is often the cause of the others.',
      ].join('\n'),
    },
  ]);
});

test('an unknown failure says so, a warning is a warning', () => {
  const warning = typeError({ line: 2, pattern: { ...(typeError().pattern ?? expect.fail()), severity: 'warning' } });
  const marks = of(unknownFailure({ file_path: 'a.rs', line: 7 }), warning);
  expect(marks.map((mark) => [mark.annotation_level, mark.title])).toEqual([
    ['failure', 'unknown failure'],
    ['warning', 'TypeScript type error'],
  ]);
});

test.each([
  ['./src/a.ts', 'src/a.ts'],
  ['src\\a.ts', 'src/a.ts'],
  ['.github/workflows/ci.yml', '.github/workflows/ci.yml'],
  ['src/a b.ts', 'src/a b.ts'],
  ['/etc/passwd', null],
  ['../a.ts', null],
  ['src/../../a.ts', null],
  ['src//a.ts', null],
  ['C:\\a.ts', null],
  ['file:///a.ts', null],
  ['src/\u0000a.ts', null],
  ['src/\ud800.ts', null],
  ['', null],
  ['a'.repeat(501), null],
])('of the path %j it makes %j', (file_path, expected) => {
  expect(of(typeError({ file_path })).map((mark) => mark.path)).toEqual(expected === null ? [] : [expected]);
});

test.each([null, 0, -1, 1.5, Number.NaN, 2 ** 31])('a line of %s is left out', (line) => {
  expect(of(typeError({ line }))).toEqual([]);
});

test('the same place and cause is marked once, others in order, deployments too', () => {
  const jobs = [typeError({ line: 10 }), typeError({ line: 9 }), typeError({ line: 10, message: 'in 12 ms' })];
  const marks = annotationsOf(
    report({
      jobs: jobs.map((failure, index) => failedJob(`${index}`, { failure })),
      deployments: [deployment('p', { status: 'failed', failure: typeError({ file_path: 'a.ts', line: 1 }) })],
    }),
  );
  expect(marks.map((mark) => `${mark.path}:${mark.start_line}`)).toEqual(['a.ts:1', 'src/cart.ts:9', 'src/cart.ts:10']);
});

test('of a matrix whose jobs break in twenty things each what broke first is marked, and of the rest up to 250 in all', () => {
  const cause = typeError();
  const causesOf = (job: number) =>
    Array.from({ length: 19 }, (_, at) => ({
      ...{
        pattern: cause.pattern ?? expect.fail('it has one'),
        line_number: 1,
        line_text: 'x',
        others: 0,
        other_lines: [],
      },
      ...{ file_path: `a/${job}-${at}.ts`, line: 1 },
    }));
  const jobs = Array.from({ length: 240 }, (_, at) =>
    failedJob(`test ${at}`, { failure: { ...cause, file_path: `z/${at}.ts`, line: 1, further_causes: causesOf(at) } }),
  );
  const marked = annotationsOf(report({ jobs }));
  expect(marked).toHaveLength(250);
  expect(marked.filter(({ path }) => path.startsWith('z/'))).toHaveLength(240);
  expect(annotationsOf(report({ jobs: jobs.toReversed() }))).toEqual(marked);
  const more = jobs.concat(
    jobs.map((job, at) => ({ ...job, failure: { ...cause, file_path: `y/${at}.ts`, line: 1 } })),
  );
  expect(annotationsOf(report({ jobs: more }))).toHaveLength(480);
});

test('a message has at most 4 KB, a title at most 200 bytes, and neither is empty', () => {
  const long = 'é\n'.repeat(9000);
  const pattern = { ...(typeError().pattern ?? expect.fail()), name: long, root_cause: long, recommended_fix: long };
  const [mark] = of(typeError({ message: long, pattern }));
  expect(Buffer.byteLength(mark?.message ?? '')).toBeLessThanOrEqual(4096);
  expect(Buffer.byteLength(mark?.title ?? '')).toBeLessThanOrEqual(200);
  expect(of(unknownFailure({ message: ' ', file_path: 'a', line: 1 }))[0]?.message).toBe('no message');
});

test('what is wrong with the policy that the pull request brings stands in its file, however much of it there is, up to 20', () => {
  const problem = { line: 2, column: 3, path: 'dod.lint', message: 'there is no\nsuch key' };
  const other = { line: 2, column: 30, path: '', message: 'cut off' };
  expect(annotationsOf(report({ proposed_problems: [problem, other] }))).toEqual(
    ['column 3, dod.lint: there is no such key', 'column 30: cut off'].map((message) => ({
      path: '.github/codered.yml',
      start_line: 2,
      end_line: 2,
      annotation_level: 'failure',
      title: 'broken policy',
      message,
    })),
  );
  const many = Array.from({ length: 5_000 }, (_, line) => ({ ...problem, line: line + 1 }));
  expect(annotationsOf(report({ proposed_problems: many }))).toHaveLength(20);
});

test('of a cause with many lines the others that are named have their own, where they name a file', () => {
  const other = (line_number: number, file_path: string | null) => ({
    ...{ line_number, text: `other ${line_number}` },
    ...(file_path === null ? {} : { file_path, line: line_number }),
  });
  const further = { ...typeError(), line_number: 3, line_text: 'x' };
  const marks = of(
    typeError({
      ...{ others: 7, other_lines: [other(97, 'src/a.ts'), other(98, null), other(99, '../b.ts')] },
      further_causes: [
        { ...further, pattern: peerConflict().pattern ?? expect.fail(), others: 1, other_lines: [other(5, 'c.ts')] },
      ],
    }),
  );
  expect(marks.filter(({ path }) => path === 'src/a.ts' || path === 'c.ts')).toMatchObject([
    { path: 'c.ts', start_line: 5, message: expect.stringMatching(/^other 5\n/) },
    { path: 'src/a.ts', start_line: 97, message: expect.stringMatching(/^other 97\nRoot cause: /) },
  ]);
  expect(marks.map(({ path }) => path)).not.toContain('../b.ts');
});
