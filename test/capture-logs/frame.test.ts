// The frame that our own logs get is the runner's: what it does with lines, commands and problem matchers.
import { describe, expect, it, test } from 'vitest';
import { asRunnerWrites } from '../../scripts/capture-logs/frame/as-runner-writes.ts';
import * as known from '../../scripts/capture-logs/frame/known-matchers.ts';
import { createMarker, type ProblemMatcher } from '../../scripts/capture-logs/frame/problem-matchers.ts';
import { stampStages } from '../../scripts/capture-logs/frame/stamps.ts';
import { setUpActionsOf } from '../../scripts/capture-logs/frame/tools-of-a-job.ts';

const written = (lines: string[], matchers: readonly ProblemMatcher[] = []) =>
  asRunnerWrites(lines.join('\n'), createMarker(matchers));

describe('of what a step prints', () => {
  test.each<[line: string, entries: string[]]>([
    ['plain', ['plain']],
    ['10%\r20%\r', ['10%', '20%']],
    ['  ::error file=a.ts,line=1::no%0Away: 5%25', ['##[error]no\nway: 5%']],
    ['::ERROR::loud', ['##[error]loud']],
    ['::error::', []],
    ['::debug::quiet', []],
    ['::std::vector::size', ['::std::vector::size']],
    ['look: ##[warning]old%3B form%5D', ['##[warning]old; form]']],
    ['##[section]as it is', ['##[section]as it is']],
    ['::group::Tests', ['##[group]Tests']],
    ['::endgroup::', ['##[endgroup]']],
    [
      '::stop-commands::halt\n::error::x\n::halt::\n::error::y',
      ['::stop-commands::halt', '::error::x', '::halt::', '##[error]y'],
    ],
    [`::error::${'x'.repeat(5_000)}`, [`##[error]${'x'.repeat(4_096)}`]],
  ])('%j becomes %j', (line, entries) => {
    expect(written([line])).toEqual(entries);
  });
});

describe('problem matchers', () => {
  it('mark each line of a loop, keep its indent, and end it at a line that does not fit', () => {
    const lines = ['/app/a.js', '  1:7  error  No x  no-x', '  2:1  warning  Odd  odd', '', '  3:1  error  No y  no-y'];
    expect(written(lines, known.NODE)).toEqual([
      '/app/a.js',
      ...['##[error]  1:7  error  No x  no-x', '##[warning]  2:1  warning  Odd  odd', '', '  3:1  error  No y  no-y'],
    ]);
  });

  it('mark the last line of several, with the severity that an earlier one names', () => {
    expect(written(['A.hs:3:5: warning: [X]', '    Unused'], known.HASKELL)[1]).toBe('##[warning]    Unused');
    expect(written(['  File "a.py", line 1, in f', "    raise Late('x')"], known.PYTHON)[1]).toBe(
      "##[error]    raise Late('x')",
    );
    expect(written(['  File "a.py", line 1, in f', 'else', "    raise Late('x')"], known.PYTHON)[2]).toBe(
      "    raise Late('x')",
    );
  });

  it('leave a severity that the runner does not know, and lines in colour', () => {
    expect(written(['   info • a.dart:1:2 • Odd • odd'], known.DART)).toEqual(['   info • a.dart:1:2 • Odd • odd']);
    expect(written(['\u001b[31ma.go:1:2: undefined: x\u001b[0m', '\u001b[31mfatal: x'], [...known.GIT])[1]).toBe(
      '\u001b[31mfatal: x',
    );
  });

  it('mark no eleventh line less than the first', () => {
    const lines = Array.from({ length: 20 }, (_, at) => `a.go:${at}:1: undefined: x`);
    expect(written(lines, known.GO)).toEqual(lines.map((line) => `##[error]${line}`));
  });

  it('can be asked about a line that may come next', () => {
    const marker = createMarker(known.NODE);
    expect([marker.mark('/app/a.js'), marker.peek('  1:7  error  No x  no-x')]).toEqual([null, 'error']);
    expect([marker.peek('x'), marker.mark('  1:7  error  No x  no-x')]).toEqual([null, 'error']);
  });
});

it('the actions that set up come from the scripts and what is installed, none from an action', () => {
  const of = (run: string, needs: string[] = []) => setUpActionsOf([{ run }], needs).map(({ uses }) => uses);
  expect(of('cd app && CI=1 npx tsc')).toEqual(['actions/setup-node']);
  expect(of('make', ['go', 'make'])).toEqual(['actions/setup-go']);
  expect(of('sudo docker build .')).toEqual([]);
  expect(setUpActionsOf([{ run: '', uses: 'actions/setup-node@v6' }], ['npm'])).toEqual([]);
});

it('each entry has one stamp, later than the one before, and the steps have times that hold theirs', () => {
  const { text, steps } = stampStages(
    [
      { name: 'Set up job', failed: false, entries: ['a', 'b\nc'] },
      { name: 'Run x', failed: true, entries: ['d'] },
    ],
    Buffer.alloc(32, 7),
  );
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^\uFEFF?\d{4}-.{14}\.\d{7}Z /, ''))).toEqual(['a', 'b', 'c', 'd']);
  expect(lines[2]).toBe('c');
  expect(steps.map(({ name, number, conclusion }) => [name, number, conclusion])).toEqual([
    ['Set up job', 1, 'success'],
    ['Run x', 2, 'failure'],
  ]);
  expect((steps[1]?.started_at ?? '') >= (steps[0]?.completed_at ?? '')).toBe(true);
});
