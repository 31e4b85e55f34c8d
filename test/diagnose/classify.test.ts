import { describe, expect, it } from 'vitest';
import {
  classifyLog,
  classifyRunWithoutFailedJob,
  classifyText,
  classifyUnreadLog,
  classifyWithoutLog,
  classifyWorkflowFile,
  type DiagnosedFailure,
  type PinnedNote,
} from '../../src/diagnose/classify.ts';
import { compilePatterns, type Matcher } from '../../src/diagnose/patterns/match.ts';
import type { Pattern } from '../../src/model/failure.ts';

const pattern = (given: Partial<Pattern> = {}): Pattern => ({
  id: '00000000-0000-4000-8000-000000000001',
  name: 'npm peer dependency conflict',
  kind: 'regex',
  pattern: '^npm error code (ERESOLVE)$',
  category: 'dependency',
  severity: 'critical',
  root_cause: 'cause',
  recommended_fix: 'fix',
  docs_url: null,
  priority: 50,
  rank: 'cause',
  pick: 'last',
  ...given,
});
const note = (given: Partial<PinnedNote> = {}): PinnedNote => ({
  path: 'src/cart.ts',
  start_line: 41,
  annotation_level: 'failure',
  message: 'no',
  ...given,
});

const matcher = compilePatterns([pattern()]);
const TOKEN = `ghp_${'a1B2'.repeat(9)}`;
const EXIT = '##[error]Process completed with exit code 1.';

function diagnosed(
  lines: readonly string[] | Buffer,
  { using = matcher, notes = [], subject = 'test' }: { using?: Matcher; notes?: PinnedNote[]; subject?: string } = {},
): DiagnosedFailure {
  const matching = using.start();
  matching.write(Buffer.isBuffer(lines) ? lines : Buffer.from(lines.map((line) => `${line}\n`).join('')));
  return classifyLog(matching.end(), notes, subject);
}

/** What every judgement has to be, so that the brain can store it and nobody's secret is in it. */
function expectStorable(failure: DiagnosedFailure): void {
  const texts = [
    failure.message,
    failure.excerpt ?? '',
    failure.file_path ?? '',
    ...failure.matches.flatMap(({ line_text, captures }) => [line_text, ...captures]),
  ];
  for (const text of texts) {
    expect(text).not.toContain('\0');
    expect(text.isWellFormed()).toBe(true);
  }
  expect(failure.message).not.toBe('');
  expect(failure.message.length).toBeLessThanOrEqual(1_000);
  expect(failure.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  expect(Buffer.byteLength(failure.excerpt ?? '')).toBeLessThanOrEqual(4_096);
  for (const { line_text, captures } of failure.matches) {
    expect(Math.max(line_text.length, ...captures.map(({ length }) => length), 0)).toBeLessThanOrEqual(1_000);
  }
}

describe('a log', () => {
  it('that a pattern knows is told by the line it matched', () => {
    expect(diagnosed(['##[group]Run npm ci', 'npm error code ERESOLVE', 'npm error more', EXIT])).toEqual({
      error_code: null,
      message: 'npm error code ERESOLVE',
      severity: 'critical',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      verdict: 'unknown',
      verdict_reason: null,
      excerpt: `##[group]Run npm ci\nnpm error code ERESOLVE\nnpm error more\n${EXIT}`,
      excerpt_first_line: 1,
      excerpt_last_line: 4,
      line_number: 2,
      step_first_line: 1,
      file_path: null,
      line: null,
      evidence_why: 'match',
      evidence_first_line: 2,
      evidence_last_line: 3,
      step_name: 'npm ci',
      matches: [
        {
          bug_pattern_id: pattern().id,
          line_number: 2,
          line_text: 'npm error code ERESOLVE',
          captures: ['ERESOLVE'],
          is_primary: true,
          cause_position: 1,
          ...{ rank: 'cause', demoted: null, step_name: 'npm ci' },
          ...{ others: 0, other_lines: [], file_path: null, line: null },
        },
      ],
    });
  });

  it('tells how many others of a kind there are, with the first three redacted and cut, and is the same failure', () => {
    const using = compilePatterns([pattern({ pattern: '^error: ', kind: 'regex', pick: 'first' })]);
    const one = diagnosed(['##[group]Run a', 'error: 1', EXIT], { using });
    const lines = ['error: 1', `error: with ${TOKEN}`, `error: ${'x'.repeat(3_000)}`, 'error: c', 'error: d'];
    const many = diagnosed(['##[group]Run a', ...lines, EXIT], { using });
    const [row] = many.matches;
    expect(row?.others).toBe(4);
    expect(row?.other_lines.map(({ line_number }) => line_number)).toEqual([3, 4, 5]);
    expect(JSON.stringify(many)).not.toContain(TOKEN);
    expect(row?.other_lines.map(({ text }) => text.length)).toEqual([expect.any(Number), 300, 8]);
    expect(many.fingerprint).toBe(one.fingerprint);
    expect(many.message).toBe(one.message);
  });

  it('says of the others too where they point, unless the path is too long for the column', () => {
    const using = compilePatterns([pattern({ pattern: 'error TS', kind: 'regex', pick: 'first' })]);
    const at = (path: string) => `${path}(4,7): error TS1005: ';' expected.`;
    const lines = ['a.ts', 'src/b.ts', `src/${'x'.repeat(250)}.ts`, '/etc/c.ts'].map(at);
    const { matches } = diagnosed(['##[group]Run a', ...lines, EXIT], { using });
    expect(matches[0]?.other_lines.map(({ file_path, line }) => [file_path, line])).toEqual([
      ['src/b.ts', 4],
      [null, null],
      [null, null],
    ]);
  });

  it('numbers causes that do not follow from each other, and says where each points', () => {
    const other = pattern({ id: '00000000-0000-4000-8000-000000000002', name: 'types', pattern: 'error TS\\d+' });
    const using = compilePatterns([pattern(), other]);
    const between = Array.from({ length: 9 }, (_, n) => `step ${n}`);
    const { matches, step_name } = diagnosed(
      [`##[group]Run deploy ${TOKEN}`, 'npm error code ERESOLVE', ...between, 'src/a.ts(3,1): error TS2345: no', EXIT],
      { using },
    );
    expect(
      matches.map(({ cause_position, is_primary, file_path, line }) => [cause_position, is_primary, file_path, line]),
    ).toEqual([
      [1, true, null, null],
      [2, false, 'src/a.ts', 3],
    ]);
    expect(step_name).toMatch(/^deploy /);
    expect(step_name).not.toContain(TOKEN);
  });

  it.each([
    ['the last error that the runner marks', ['x', '##[error]it broke', 'y'], 'it broke', 2],
    [
      'the last line before an exit code',
      ['##[group]Run a', '##[endgroup]', 'prices differ', '', EXIT],
      'prices differ',
      3,
    ],
    [
      'the exit code, when its step wrote nothing',
      ['before', '##[group]Run a', '##[endgroup]', EXIT],
      'Process completed with exit code 1.',
      4,
    ],
    ['the exit code, when nothing stands before it', [EXIT], 'Process completed with exit code 1.', 1],
    ['the last line, when no line is marked', ['a', 'b', '  ', ''], 'b', 2],
    ['the job’s name, when the mark stands alone', ['a', '##[error]'], 'test failed and gives no reason.', 2],
    ['a warning’s words without the mark', ['##[warning]disk nearly full'], 'disk nearly full', 1],
    ['words without white space around them', ['\t  padded  \t'], 'padded', 1],
  ])('that no pattern knows is told by %s', (_, lines, message, line_number) => {
    expect(diagnosed(lines)).toMatchObject({ message, line_number, severity: 'error', matches: [], error_code: null });
  });

  it.each([
    ['nothing', []],
    ['empty lines', ['', '', '']],
    ['white space', ['  ', '\t']],
    ['time stamps alone', ['2026-11-20T13:02:10.1000000Z ', '2026-11-20T13:02:10.1000000Z']],
  ])('of %s is empty', (_, lines) => {
    expect(diagnosed(lines)).toMatchObject({
      error_code: 'EMPTY_LOG',
      message: 'The log is empty.',
      verdict: 'unknown',
      verdict_reason: 'The log is empty.',
      excerpt: null,
      line_number: null,
    });
  });

  it('keeps every pattern that matched, and the first of them is the primary one', () => {
    const using = compilePatterns([
      pattern({ id: 'b', name: 'second', pattern: 'error', priority: 1 }),
      pattern({ id: 'a', name: 'first', priority: 2 }),
      pattern({ id: null, name: 'of a file', priority: 0 }),
    ]);
    const { matches } = diagnosed(['npm error code ERESOLVE', 'another error'], { using });
    expect(
      matches.map(({ bug_pattern_id, line_number, is_primary }) => [bug_pattern_id, line_number, is_primary]),
    ).toEqual([
      ['a', 1, true],
      ['b', 2, false],
    ]);
  });
});

describe('the place', () => {
  it.each([
    ['the line itself', ['##[error]src/own.ts:1:1: error: x', '  at src/next.ts:2:2'], [note()], 'src/own.ts', 1],
    ['the last line before an exit code', ['it broke', 'in src/next.ts:2:2', EXIT], [note()], 'src/next.ts', 2],
    [
      'an annotation before the lines that follow',
      ['##[error]it broke', 'at src/next.ts:2:2'],
      [note()],
      'src/cart.ts',
      41,
    ],
    ['the lines that follow', ['##[error]it broke', 'at src/next.ts:2:2'], [], 'src/next.ts', 2],
    [
      'the first annotation of a failure',
      ['x'],
      [note({ annotation_level: 'warning', path: 'w.ts' }), note(), note({ path: 'b.ts' })],
      'src/cart.ts',
      41,
    ],
    ['no annotation without a place', ['x'], [note({ path: '.github' }), note({ start_line: 0 })], null, null],
    [
      'no annotation on a line that cannot be',
      ['x'],
      [note({ start_line: 2 ** 31 }), note({ start_line: 1.5 })],
      null,
      null,
    ],
    [
      'no annotation outside the repository',
      ['x'],
      [note({ path: '../../etc/passwd' }), note({ path: '/etc/passwd' })],
      null,
      null,
    ],
    [
      'an annotation of a path with odd characters, made storable',
      ['x'],
      [note({ path: 'a\0b\ud800.ts' })],
      'a\ufffdb\ufffd.ts',
      41,
    ],
    ['nothing', ['x'], [], null, null],
  ])('is told by %s', (_, lines, notes, file_path, line) => {
    const failure = diagnosed(lines, { notes });
    expect(failure).toMatchObject({ file_path, line });
    expectStorable(failure);
  });
});

describe('the fingerprint of a failure that no pattern knows', () => {
  const of = (lines: readonly string[], subject?: string) => diagnosed(lines, { subject }).fingerprint;

  it.each([
    ['numbers', 'expected 3 items, got 4', 'expected 30 items, got 41'],
    ['times', 'timed out after 1.5s at 12:00:01', 'timed out after 12.75s at 23:59:59'],
    ['paths', 'cannot read /home/runner/a/b.txt', 'cannot read /tmp/x/y.txt'],
    ['hashes', 'commit 0123456789abcdef is gone', 'commit fedcba9876543210 is gone'],
    ['quoted names', 'no module "a"', 'no module "b"'],
  ])('is the same for other %s', (_, one, other) => {
    expect(of([`##[error]${one}`])).toBe(of([`##[error]${other}`]));
    expect(of([one, EXIT])).toBe(of(['something before', other, EXIT]));
  });

  it('differs for another message', () => {
    expect(of(['##[error]it broke'])).not.toBe(of(['##[error]it fell']));
  });

  it('does not depend on the job that says it', () => {
    expect(of(['##[error]it broke'], 'a')).toBe(of(['##[error]it broke'], 'b'));
  });

  it.each([
    ['an empty log', (subject: string) => diagnosed([], { subject })],
    ['a mark alone', (subject: string) => diagnosed(['##[error]'], { subject })],
    ['a missing log', (subject: string) => classifyWithoutLog('missing', { notes: [], matcher, subject })],
    ['an expired log', (subject: string) => classifyWithoutLog('expired', { notes: [], matcher, subject })],
    ['an unread log', (subject: string) => classifyUnreadLog(subject)],
    ['a run without a failed job', (subject: string) => classifyRunWithoutFailedJob(subject)],
    ['an empty text', (subject: string) => classifyText('', { matcher, subject })],
    ['an unknown text', (subject: string) => classifyText('Build failed', { matcher, subject })],
    [
      'a workflow file',
      (subject: string) => classifyWorkflowFile(`.github/workflows/${subject}.yml`, { matcher, conclusion: null }),
    ],
  ])('of %s differs from job to job, and is the same for a job', (name, by) => {
    expect(by('lint').fingerprint).toBe(by('lint').fingerprint);
    if (name !== 'a workflow file') expect(by('lint').fingerprint).not.toBe(by('unit').fingerprint);
    expectStorable(by('lint'));
  });

  it('of what is missing differs by what is missing', () => {
    const kinds = [
      diagnosed([], { subject: 'a' }),
      classifyWithoutLog('missing', { notes: [], matcher, subject: 'a' }),
      classifyWithoutLog('expired', { notes: [], matcher, subject: 'a' }),
      classifyUnreadLog('a'),
      classifyRunWithoutFailedJob('a'),
      classifyText('', { matcher, subject: 'a' }),
    ];
    expect(new Set(kinds.map(({ fingerprint }) => fingerprint)).size).toBe(kinds.length);
  });

  it('of a known one is what identifies it, not the words around it', () => {
    const using = compilePatterns([pattern({ pattern: 'cannot find (\\w+) in' })]);
    const name = (line: string) => diagnosed([line], { using }).fingerprint;
    expect(name('a: cannot find react in x')).toBe(name('b: cannot find react in y'));
    expect(name('a: cannot find react in x')).not.toBe(name('a: cannot find vue in x'));
  });
});

describe('a secret', () => {
  const key = (lines: number) => [
    '-----BEGIN RSA PRIVATE KEY-----',
    ...Array.from({ length: lines }, (_, n) => `${n}MIIEpAIBAAKCAQEA7bq4u0bYw9H3z1o1m0QmQJx8dY2nq2Jb7w2o5kZqz9X4c1Vd`),
  ];

  it.each([
    ['the line that speaks', [`##[error]cloning https://x:${TOKEN}@github.com/o/r`]],
    ['the last line before an exit code', [`using ${TOKEN}`, EXIT]],
    ['a line nearby', [`token ${TOKEN}`, 'npm error code ERESOLVE']],
    ['the last line of a key that breaks off', [...key(12), EXIT]],
    ['the midst of a key', ['##[error]bad key', ...key(3)]],
  ])('in %s is not kept', (_, lines) => {
    const failure = diagnosed(lines);
    const kept = JSON.stringify(failure);
    expect(kept).not.toContain('a1B2a1B2');
    expect(kept).not.toContain('MIIEpAIBAAKCAQEA');
    expect(kept).toContain('[redacted:');
    expectStorable(failure);
  });

  it.each([
    ['whole', 'token (\\S+) refused', `token ${TOKEN} refused`],
    ['in part', '_(a1B2\\w+)', `token ${TOKEN} refused`],
    ['by its place alone', 'password=(\\S+)', 'cannot connect with password=hunter2-or-so'],
    ['within more', '(https://\\S+)', `cloning https://x:${TOKEN}@github.com/o/r`],
  ])('that a pattern captures %s is not kept', (_, regex, line) => {
    const failure = diagnosed([line], { using: compilePatterns([pattern({ pattern: regex })]) });
    expect(failure.matches).toHaveLength(1);
    expect(failure.matches[0]?.captures.join()).toContain('[redacted');
    expect(JSON.stringify(failure)).not.toMatch(/a1B2a1B2|hunter2/);
  });

  it('leaves the captures beside it alone', () => {
    const using = compilePatterns([pattern({ pattern: '^(\\w+) refused (\\S+)' })]);
    expect(diagnosed([`server refused ${TOKEN}`], { using }).matches[0]?.captures).toEqual([
      'server',
      '[redacted:github-token]',
    ]);
  });

  it('in an annotation or a summary is not kept', () => {
    const said = [
      classifyText(`failed with ${TOKEN}\nmore ${TOKEN}`, { matcher, subject: 'ci' }),
      classifyWithoutLog('missing', { notes: [note({ message: TOKEN })], matcher, subject: 'a' }),
    ];
    expect(JSON.stringify(said)).not.toContain('a1B2a1B2');
  });
});

describe('a log of odd bytes', () => {
  const everything = compilePatterns([pattern({ pattern: '(.+)' })]);
  const long = (unit: string | Buffer) =>
    Buffer.concat(
      Array.from({ length: 60 }, () => Buffer.alloc(5_000, unit)).flatMap((line) => [line, Buffer.from('\n')]),
    );

  it.each([
    ['NUL', Buffer.from('a\0b\n\0\0\n##[error]\0c\n')],
    ['invalid UTF-8', Buffer.from([0xff, 0xfe, 0x0a, 0xed, 0xa0, 0x80, 0x41, 0x0a, 0xc3])],
    ['no newline', Buffer.alloc(100_000, 'x')],
    ['lines of 5 KB', long('x')],
    ['lines of 5 KB in two-byte letters', long('é')],
    ['lines of 5 KB in four-byte signs', long('🚒')],
    ['lines of 5 KB of half a sign', long(Buffer.from([0xf0, 0x9f]))],
    ['nothing but control characters', Buffer.from('\x01\x02\x7f\x1b[31m\x1b[0m\n')],
    ['separators of lines and paragraphs', Buffer.from('a\u2028b\u2029c\u0085d\n')],
    ['carriage returns', Buffer.from('10%\r20%\r30%\r\n##[error]x\r\n')],
  ])('(%s) gives what can be stored', (_, bytes) => {
    expectStorable(diagnosed(bytes));
    expectStorable(diagnosed(bytes, { using: everything }));
  });

  it.each([['a\0b'], ['\ud800'], ['x'.repeat(100_000)], ['\0'], ['🚒'.repeat(5_000)], ['a\n\0\n\udfff']])(
    'as the text of another system too',
    (text) => {
      expectStorable(classifyText(text, { matcher: everything, subject: 'ci' }));
      expectStorable(classifyText(text, { matcher, subject: text }));
      expectStorable(
        classifyWithoutLog('missing', { notes: [note({ message: text, path: text })], matcher, subject: 'a' }),
      );
    },
  );
});

describe('a job without a log', () => {
  it.each([
    ['missing', 'NO_LOG', 'GitHub has no log of this job.'],
    ['expired', 'LOG_EXPIRED', 'GitHub no longer has the log.'],
  ] as const)('that is %s is unknown, and says why', (state, error_code, reason) => {
    expect(classifyWithoutLog(state, { notes: [], matcher, subject: 'test' })).toMatchObject({
      error_code,
      message: reason,
      verdict: 'unknown',
      verdict_reason: reason,
      excerpt: null,
      matches: [],
    });
  });

  it('is judged by what its annotations of failures say, and the reason stays', () => {
    const notes = [
      note({ annotation_level: 'warning', message: 'old' }),
      note({ message: 'first' }),
      note({ message: 'npm error code ERESOLVE' }),
    ];
    expect(classifyWithoutLog('expired', { notes, matcher, subject: 'test' })).toMatchObject({
      error_code: 'LOG_EXPIRED',
      message: 'npm error code ERESOLVE',
      verdict_reason: 'GitHub no longer has the log.',
      excerpt: 'first\nnpm error code ERESOLVE',
      file_path: 'src/cart.ts',
      matches: [{ is_primary: true }],
    });
    const warnings = [note({ annotation_level: 'warning' }), note({ annotation_level: null })];
    expect(classifyWithoutLog('missing', { notes: warnings, matcher, subject: 'test' })).toMatchObject({
      error_code: 'NO_LOG',
      file_path: null,
    });
  });
});

describe('the text of another system', () => {
  it.each([
    ['one line', 'The build broke', 'The build broke', null],
    [
      'several lines: the first that says something',
      '\n  \n Three tests failed\nmore',
      'Three tests failed',
      ' Three tests failed\nmore',
    ],
    [
      'a known line further down',
      'Summary\nnpm error code ERESOLVE',
      'npm error code ERESOLVE',
      'Summary\nnpm error code ERESOLVE',
    ],
    ['nothing', '', 'ci failed and gives no reason.', null],
    ['white space', ' \n\t\n', 'ci failed and gives no reason.', null],
  ])('of %s', (_, text, message, excerpt) => {
    expect(classifyText(text, { matcher, subject: 'ci' })).toMatchObject({
      message,
      excerpt,
      line_number: null,
      verdict: 'unknown',
    });
  });

  it('names a place when it knows one', () => {
    expect(classifyText('src/a.ts:3:1 is wrong', { matcher, subject: 'ci' })).toMatchObject({
      file_path: 'src/a.ts',
      line: 3,
    });
  });
});

describe('a run without a job', () => {
  it.each([
    ['startup_failure', 'STARTUP_FAILURE'],
    ['failure', 'INVALID_WORKFLOW'],
    [null, 'INVALID_WORKFLOW'],
  ] as const)('that ended with %s points at its workflow file', (conclusion, error_code) => {
    expect(classifyWorkflowFile('.github/workflows/ci.yml', { matcher, conclusion })).toMatchObject({
      error_code,
      message: 'Invalid workflow file: .github/workflows/ci.yml',
      excerpt: null,
      file_path: '.github/workflows/ci.yml',
      line: 1,
    });
  });

  it('points nowhere when the file is not known', () => {
    expect(classifyWorkflowFile(null, { matcher, conclusion: 'failure' })).toMatchObject({
      message: 'Invalid workflow file: the workflow file',
      file_path: null,
      line: null,
    });
  });
});
