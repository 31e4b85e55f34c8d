// Commands in comments: what is one, and what is answered to a mistake.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, parseCommandLine } from '../../src/gate/comment-command.ts';

const TODAY = '2026-11-20';

/** As a comment goes: the line is found when it comes, and understood when it is followed. */
function said(body: string) {
  const line = commandLine(body);
  return line === null ? null : parseCommandLine(line, TODAY);
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
    ['/CODERED recheck', null],
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
    ['/codered revoke', 'needs the one criterion'],
    ['/codered recheck now', 'takes nothing'],
    ['/codered merge', 'no such command'],
  ])('%j is answered with what is wrong', (body, answer) => {
    expect(said(body)).toEqual({ kind: 'refused', answer: expect.stringContaining(answer) });
  });

  it('never makes it throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void said(`/codered ${text}`)));
  });
});
