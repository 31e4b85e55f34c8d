// A diff as git writes it says which lines are new, whatever its settings are; what can't be read whole is an error.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changedLines } from '../../src/gate/model/changed-lines.ts';
import { NoDiff, readDiff } from '../../src/gate/model/read-diff.ts';

let folder: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com', '-C', folder, ...args], {
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  });
const write = (path: string, content: string) => writeFileSync(join(folder, path), content);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codered-diff-'));
  git('init', '-q');
  mkdirSync(join(folder, 'b'));
  mkdirSync(join(folder, 'c'));
  write('b/kept.ts', 'one\ntwo\nthree\n');
  write('c/ä "x".ts', 'one\n');
  write('gone.ts', 'one\n');
  write('old name.ts', `${'same\n'.repeat(9)}end\n`);
  git('add', '-A');
  git('commit', '-qm', 'before');
  write('b/kept.ts', 'one\n++ two\nthree\n-- four');
  write('c/ä "x".ts', 'one\r\ntwo\r\n');
  rmSync(join(folder, 'gone.ts'));
  git('mv', 'old name.ts', 'new name.ts');
  write('new name.ts', `${'same\n'.repeat(9)}another end\n`);
  write('picture.png', 'PNG\u0000\u0001');
  write('empty.ts', '');
  write('added.ts', '+++ b/other.ts\n@@ -1 +1 @@\n');
  git('add', '-A');
});

afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  [[]],
  [['-U0']],
  [['--no-prefix']],
  [['-c', 'diff.mnemonicPrefix=true']],
  [['-c', 'core.quotePath=false']],
  [['--no-renames']],
  [['--stat', '-p']],
])('as git writes it with %j', (options) => {
  const [settings, flags] = options[0] === '-c' ? [options, []] : [[], options];
  const read = changedLines(readDiff(git(...settings, 'diff', '--cached', ...flags)));
  const whole = options[0] === '--no-renames' ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [10];
  expect(read).toEqual({
    'added.ts': [1, 2],
    'b/kept.ts': [2, 4],
    'c/ä "x".ts': [1, 2],
    'new name.ts': whole,
  });
});

test('nothing changed', () => expect(readDiff('')).toEqual([]));

test.each([
  ['another text', 'TN:\nSF:a.js\n', 'it is no unified diff'],
  ['colours', '\u001b[1mdiff --git a/a b/a\u001b[m\n', 'it is no unified diff'],
  ['a cut-off one', '--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n one\n+two', 'it is cut off within a hunk'],
  ['a broken hunk', '--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n one\n*two\n', 'line 5: it is no line of a hunk'],
  ['a broken head', '--- a/a\n+++ b/a\n@@ nonsense\n', 'line 3: the head of its hunk'],
  ['a merge', 'diff --cc a.ts\n@@@ -1 -1 +1 @@@\n', 'line 1: it is the combined diff of a merge'],
  ['a file twice', '--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n'.repeat(2), 'it tells of a twice'],
])('%s is refused', (_, text, why) => {
  expect(() => readDiff(text)).toThrow(NoDiff);
  expect(() => readDiff(text)).toThrow(why);
});
