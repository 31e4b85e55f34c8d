// Commands in comments: what is one, and what is answered to a mistake.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLines } from '../../src/slash-commands/syntax/command-lines.ts';
import { parseCommandLine } from '../../src/slash-commands/syntax/comment-command.ts';

const TODAY = '2026-11-20';

/** As a comment goes: the line is found when it comes, and understood when it is followed. */
function said(body: string) {
  const [line] = commandLines(body);
  return line === undefined ? null : parseCommandLine(line, TODAY);
}

describe('a comment', () => {
  it.each([
    ['/codered recheck', { kind: 'recheck' }],
    ['Thanks!\n\n  /codered explain  \n', { kind: 'explain' }],
    ['/codered', { kind: 'help' }],
    ['/codered help', { kind: 'help' }],
    ['/codered revoke lint_pass', { kind: 'revoke', criterion: 'lint_pass' }],
    [
      '/codered override lint_pass the rule is broken',
      { kind: 'override', criterion: 'lint_pass', reason: 'the rule is broken', until: null },
    ],
    [
      '/codered override all hotfix until 2026-12-01',
      { kind: 'override', criterion: 'all', reason: 'hotfix', until: '2026-12-01' },
    ],
    ['/codered override all hotfix this commit', { kind: 'override', criterion: 'all', reason: 'hotfix', until: null }],
    [
      '/codered override all wait until tomorrow then',
      { kind: 'override', criterion: 'all', reason: 'wait until tomorrow then', until: null },
    ],
    ['/CODERED Recheck', { kind: 'recheck' }],
    ['/codered revoke', { kind: 'revoke', criterion: 'all' }],
    ['/codered\u00a0recheck', { kind: 'recheck' }],
    [
      '/codered override lint_pass flaky @ABC1234',
      { kind: 'override', criterion: 'lint_pass', reason: 'flaky', until: null, commit: 'abc1234' },
    ],
    [
      `/codered override lint_pass flaky this commit @${'a1'.repeat(20)}`,
      { kind: 'override', criterion: 'lint_pass', reason: 'flaky', until: null, commit: 'a1'.repeat(20) },
    ],
    [
      '/codered override lint_pass flaky @abc1234 until 2026-12-01',
      { kind: 'override', criterion: 'lint_pass', reason: 'flaky', until: '2026-12-01', commit: 'abc1234' },
    ],
    [
      '/codered override lint_pass flaky, says @ada',
      { kind: 'override', criterion: 'lint_pass', reason: 'flaky, says @ada', until: null },
    ],
    ['> /codered recheck', null],
    ['```\n/codered recheck\n```', null],
    ['    /codered recheck', null],
    ['see /codered recheck', null],
    ['', null],
  ])('%j asks for %j', (body, command) => {
    expect(said(body)).toEqual(command);
  });

  it.each([
    ['/codered override', 'needs a criterion'],
    ['/codered override lint_pass', 'needs a reason'],
    ['/codered override lint_pass until 2026-12-01', 'needs a reason'],
    ['/codered override lint_pass x until 2026-13-01', 'should look like'],
    ['/codered override lint_pass x until 2026-11-19', 'over already'],
    [`/codered override lint_pass ${'x'.repeat(1001)}`, 'longer than'],
    ['/codered override lint_pass @abc1234', 'needs a reason'],
    ['/codered override lint_pass x @abc12', '7 to 40'],
    [`/codered override lint_pass x @${'a1'.repeat(21)}`, '7 to 40'],
    [`/codered override lint_pass x${' '.repeat(60_000)}y`, 'less than 4000 characters'],
    ['/codered revoke lint_pass type_check', 'takes one criterion'],
    ['/codered recheck now', 'takes nothing'],
    ['/codered merge', 'no such command'],
  ])('%j is answered with what is wrong', (body, answer) => {
    expect(said(body)).toEqual({ kind: 'refused', answer: expect.stringContaining(answer) });
  });

  const named = { kind: 'override', criterion: 'lint_pass', reason: 'flaky', until: null, commit: 'ea61b43' };

  it.each([
    '@ea61b43.',
    '@EA61B43!',
    '(@ea61b43)',
    '[@ea61b43]',
    '`@ea61b43`',
    '"@ea61b43".',
    '“@ea61b43”',
    '**@ea61b43**,',
    '@ea61b43, this commit.',
    '(this commit) @ea61b43',
    '@\u200bea61b43',
  ])('names its commit by %j', (ending) => {
    expect(said(`/codered override lint_pass flaky ${ending}`)).toEqual(named);
  });

  it.each([
    '@ea61b43 flaky rule',
    'flaky @ea61b43, see #3',
    'flaky @EA61B43 see #3',
    'flaky (@ea61b43) rule',
    'flaky `@ea61b43`: a rule',
    'flaky @1234567 rule',
    'flaky, octocat/web@ea61b43',
    'flaky @ea61b43/@ea61b44',
    'flaky [@ea61b43](https://github.com/octocat/web/commit/ea61b43)',
    `@${'a1'.repeat(20)} is flaky`,
    'flaky @ea61 rule',
    `flaky @${'a1'.repeat(32)} rule`,
    'flaky @ea61b43 @ea61b44',
    'flaky @ea61b43 until 2026-12-01 @ea61b44',
    'flaky as in ea61b44 @ea61b43',
    'looked at ea61b43',
    'looked at EA61B43.',
    'looked at (ea61b43) today',
    'looked at ea61b43…',
    'looked at ea61b43 until 2026-12-01',
    'looked at commit:ea61b43',
    'looked at commit-ea61b43',
    'at 2026-ea61b43',
    'the beef ea61b43 dead',
    '550e8400-e29b-41d4-a716 is flaky',
    'looked at ea61b43-it works',
    'looked at _ea61b43_',
    'looked at ea61b43-f00ba12',
    `image main-${'a1'.repeat(20)} works`,
    'looked at commit 1234567',
    'looked at ea61\u200bb43',
    'looked at ｅａ61b43',
    'flaky @ ea61b43',
    'ea61b43..f00ba12 is flaky',
    `looked at ${'1234567890'.repeat(4)}`,
    `looked at ${'abcdefabcd'.repeat(4)}`,
    'flaky https://github.com/octocat/web/commit/ea61b43',
    `flaky https://github.com/octocat/web/commit/${'a1'.repeat(20)}#diff-1 see`,
    'flaky https://github.com/octocat/web/pull/3/commits/1234567',
    'flaky <https://github.com/octocat/web/compare/ea61b43...f00ba12>',
  ])('that names a commit elsewhere than at the end is not read as a reason: %j', (rest) => {
    expect(said(`/codered override lint_pass ${rest}`)).toEqual({
      kind: 'refused',
      answer: expect.stringMatching(/end/),
    });
  });

  it.each([
    'flaky since run 123456789',
    'flaky, see https://github.com/octocat/web/issues/12#issuecomment-1234567',
    'flaky, see https://github.com/octocat/web/actions/runs/123456789/job/1',
    'flaky in 550e8400-e29b-41d4-a716-446655440000',
    'the facade is defaced, says @deadbeef now',
    '@ada and @octocat1 said so',
    'at v1.2.3-4-gea61b43',
    'wait until version 2 is out',
  ])('that names no commit is a reason: %j', (reason) => {
    expect(said(`/codered override lint_pass ${reason}`)).toEqual({
      kind: 'override',
      criterion: 'lint_pass',
      reason,
      until: null,
    });
  });

  it.each(['until 2026-12-01.', 'until 2026-12-01,', '(until 2026-12-01)', 'until `2026-12-01`', 'Until: 2026-12-01!'])(
    'names its day by %j',
    (ending) => {
      expect(said(`/codered override lint_pass flaky ${ending}`)).toEqual({
        kind: 'override',
        criterion: 'lint_pass',
        reason: 'flaky',
        until: '2026-12-01',
      });
    },
  );

  it.each([
    'flaky until 2026-12-01 thanks',
    'flaky until 2026-12-01, thanks!',
    'until 2026-12-01 flaky',
    'flaky (until 2026-12-01) @ea61b43 thanks until then this commit',
    'flaky until:2026-12-01',
    'flaky until 1.12.2026 thanks',
    'flaky until 2026-12-01 this commit',
    'flaky until 2026-12-01 until 2026-12-02',
  ])('that names a day elsewhere than at the end is refused: %j', (rest) => {
    expect(said(`/codered override lint_pass ${rest}`)).toEqual({
      kind: 'refused',
      answer: expect.stringMatching(/end/),
    });
  });

  it.each([
    ['/codered recheck.', { kind: 'recheck' }],
    ['/codered: recheck', { kind: 'recheck' }],
    ['/codered, Recheck!', { kind: 'recheck' }],
    ['/codered explain?', { kind: 'explain' }],
    ['/codered `help`', { kind: 'help' }],
    ['/codered:', { kind: 'help' }],
    ['/codered revoke lint_pass.', { kind: 'revoke', criterion: 'lint_pass' }],
    ['/codered revoke: `lint_pass`', { kind: 'revoke', criterion: 'lint_pass' }],
    ['/codered revoke.', { kind: 'revoke', criterion: 'all' }],
    ['/codered override `lint_pass` flaky @ea61b43', named],
    ['/codered override: lint_pass: flaky @ea61b43', named],
    ['- /codered override lint_pass, flaky @ea61b43', named],
    ['/codered override Lint_pass flaky', { ...named, criterion: 'Lint_pass', commit: undefined }],
  ])('%j, in usual writing, asks for %j', (body, command) => {
    expect(said(body)).toEqual(command);
  });

  it('never makes it throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void said(`/codered ${text}`)));
  });
});
