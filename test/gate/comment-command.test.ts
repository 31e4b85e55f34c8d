// Commands in comments: what is one, and what is answered to a mistake.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLines } from '../../src/gate/command-lines.ts';
import { parseCommandLine } from '../../src/gate/comment-command.ts';

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

  it('never makes it throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void said(`/codered ${text}`)));
  });
});
