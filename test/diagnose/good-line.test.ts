// Where no pattern knows a failure, the line that is quoted still has to be the right one.
import { describe, expect, it } from 'vitest';
import { findGoodLine } from '../../src/diagnose/log/good-line.ts';
import { compilePatterns } from '../../src/diagnose/patterns/match.ts';

const EXIT = '##[error]Process completed with exit code 1.';
const of = (texts: readonly string[], green?: readonly string[]) =>
  findGoodLine(
    texts.map((text, at) => ({ line: at + 1, text })),
    green && { has: (text) => green.includes(text) },
  );

describe('the line that is quoted', () => {
  it.each<[name: string, lines: string[], line: number, why: string]>([
    [
      'the first of the last block that looks like an error',
      ['Error: old', 'fine so far', 'Error: new', 'cannot go on', EXIT],
      3,
      'block',
    ],
    [
      'no line that only says where, although a problem matcher marks it',
      ['  1) test half (PriceTest)', '##[error]     test/price_test.exs:6', '     Assertion with == failed', EXIT],
      3,
      'block',
    ],
    [
      'what was raised, not the line of the program that a problem matcher marks',
      ['  File "a.py", line 3, in f', "##[error]    raise Late('x')", 'app.errors.LateError: x', EXIT],
      3,
      'block',
    ],
    ["the runner's own mark", ['working', '##[error]it broke', 'see https://example.com', EXIT], 2, 'error'],
    [
      'the last line before the exit, where none looks like an error',
      ['##[group]Run x', '##[endgroup]', 'prices differ', '', EXIT],
      3,
      'exit',
    ],
    [
      'before stack frames',
      ['TypeError: x is not a function', '    at main (a.js:1:2)', '    at b.js:3:4', EXIT],
      1,
      'block',
    ],
    [
      'the exception at the end of a traceback, not its head, nor the line of code that raises it',
      [
        'Traceback (most recent call last):',
        '  File "start.py", line 3, in start',
        '    raise TimeoutError(f"no connection, {tries} tries failed")',
        'TimeoutError: server did not accept connections',
        EXIT,
      ],
      4,
      'block',
    ],
    [
      "before a wrapper's last words",
      ['gpg: signing failed: No secret key', 'make: *** [Makefile:7: sign] Error 2', EXIT],
      1,
      'block',
    ],
    [
      'before summaries',
      ['--- FAIL: TestA (0.00s)', '    a_test.go:3: got 1', 'FAIL', 'FAIL\texample.com/a\t0.1s', EXIT],
      1,
      'block',
    ],
    [
      "before Maven's hints",
      [
        '[ERROR] a/B.java:[3,4] cannot find symbol',
        '[INFO] 1 error',
        '[ERROR] -> [Help 1]',
        '[ERROR] ',
        '[ERROR] re-run Maven with the -e switch',
        EXIT,
      ],
      1,
      'block',
    ],
    ['behind a prefix', ['app-1  | Error: no such table', 'app-1 exited with code 1', EXIT], 1, 'block'],
    [
      'where it is said first, when it is tried again',
      ['fatal: unable to access x', 'Waiting 12 seconds', 'fatal: unable to access x', EXIT],
      1,
      'block',
    ],
    ['no warning', ['Error: real', 'done with a', 'warning: error in b is fine', EXIT], 1, 'block'],
    ['no count of nothing', ['Error: real', 'working', '0 errors, 0 failed', EXIT], 1, 'block'],
    ['the exit, when the step said nothing', ['##[group]Run x', '##[endgroup]', EXIT], 3, 'exit'],
  ])('is %s', (_, lines, line, why) => {
    expect(of(lines)).toMatchObject({ line, why });
  });

  it('holds the block', () => {
    expect(of(['ok', 'Error: a', '  at x.js:1', 'expected 1', 'fine'])).toMatchObject({ first_line: 2, last_line: 4 });
  });

  it('is none that the green log has too, while another is left', () => {
    const lines = ['Error: news', 'working', 'Error: always said', EXIT];
    expect(of(lines, ['Error: always said'])).toMatchObject({ line: 1, why: 'block' });
    expect(of(['Error: always said', 'the disk is gone', EXIT], ['Error: always said'])).toMatchObject({
      line: 2,
      why: 'exit',
    });
    expect(of(['Error: always said', EXIT], ['Error: always said'])).toMatchObject({ line: 1 });
  });

  it("is the deepest reason of Gradle's report, whatever stack comes behind it", () => {
    const report = [
      'FAILURE: Build failed with an exception.',
      '',
      '* What went wrong:',
      'Execution failed for task :a.',
    ];
    const stack = [
      '',
      '* Try:',
      '> Run with --info',
      '',
      'org.example.TaskException: it failed',
      '\tat A.b(A.java:1)',
      EXIT,
    ];
    expect(of([...report, '> Could not do it.', '   > The disk is gone.', ...stack])).toMatchObject({ line: 6 });
    expect(
      of([
        'A.java:3: error: no such symbol',
        ...report,
        '> Compilation failed; see the compiler error output.',
        ...stack,
      ]),
    ).toMatchObject({ line: 1 });
    expect(of([...report, ...stack])).toMatchObject({ why: 'block' });
  });

  it('is none of a warning, whatever stands before its level', () => {
    expect(of(['12:00:01 [WARN] [vite] Error: no source map', 'Error: the disk is gone', 'fine', EXIT])).toMatchObject({
      line: 2,
    });
    expect(of(['the disk is gone', '12:00:01 [WARN] [vite] Error: no source map', 'fine', EXIT])).toMatchObject({
      why: 'exit',
    });
  });

  it("is a shell's own line of what it could not do", () => {
    expect(
      of(['/bin/bash: line 1: cd: src: No such file or directory', 'missing: nothing', 'fine', EXIT]),
    ).toMatchObject({
      line: 1,
    });
  });

  it('is missing where nothing fails and nothing ends', () => {
    expect(of(['working', 'done'])).toBeNull();
    expect(of([])).toBeNull();
  });

  it('is found in the last megabyte of its step, however long the step and what comes after', () => {
    const filler = 'compiling a file that is fine\n'.repeat(100_000);
    const log = `##[group]Run make\n${filler}Error: the disk is gone\n${'more\n'.repeat(1_000)}${EXIT}\nPost job cleanup.\n${filler}`;
    const matching = compilePatterns([]).start();
    matching.write(Buffer.from(log));
    expect(matching.end().anchor).toMatchObject({ line: 100_002, text: 'Error: the disk is gone', kind: 'block' });
  });
});
