import { describe, expect, it } from 'vitest';
import { examplePayload, examplesOf } from '../support/example-payload.ts';
import { factsOf, ignoredBecause, OUR_APP_ID } from './normalised-facts.ts';

/** GitHub's example, on a pull request. */
function comment(body: unknown, changes: Record<string, unknown> = {}) {
  return examplePayload('issue_comment', 3, { 'issue.pull_request': { url: 'x' }, 'comment.body': body, ...changes });
}
const found = (body: string, changes = {}) => factsOf('issue_comment', comment(body, changes)).commands;
const why = (body: unknown, changes = {}) => ignoredBecause('issue_comment', comment(body, changes));

describe('a comment', () => {
  it('that commands something becomes one row, and of its text only the command is kept', () => {
    const body = 'My password is hunter2.\r\n/codered override lint_pass a flaky rule\nand more of it';
    expect(found(body)).toEqual([
      {
        repository_id: 186853002,
        pull_request_number: 1,
        comment_id: 492700400,
        author: 'Codertocat',
        author_id: 21031067,
        author_type: 'User',
        text: 'override lint_pass a flaky rule',
        created_at: '2019-05-15T15:20:21.000Z',
      },
    ]);
    expect(JSON.stringify(factsOf('issue_comment', comment(body)))).not.toMatch(/hunter2|and more/);
  });

  it.each(['Thanks!', 'see /codered help', '> /codered help', '```\n/codered help\n```', '/coderedly', '', null])(
    'that says %j commands nothing',
    (body) => {
      expect(why(body)).toBe('issue_comment.created: no line begins with /codered');
    },
  );

  it('that commands several things becomes one row with a line for each', () => {
    expect(found('/codered override lint_pass x\r\nand\r\n\r\n/CodeRed recheck')[0]?.text).toBe(
      'override lint_pass x\nrecheck',
    );
  });

  it('counts as it was first written: edited and deleted ones command nothing', () => {
    const actions = examplesOf('issue_comment').map(({ payload }) => payload.action);
    expect(new Set(actions)).toEqual(new Set(['created', 'edited', 'deleted']));
    for (const action of ['edited', 'deleted'])
      expect(why('/codered help', { action })).toBe(
        `issue_comment.${action}: a command counts as it was first written`,
      );
  });

  it('on an issue commands nothing', () => {
    expect(why('/codered help', { 'issue.pull_request': undefined })).toBe(
      'issue_comment.created: not on a pull request',
    );
  });

  it.each([
    ['a bot', { 'comment.user.type': 'Bot' }],
    ['our own App in the name of a person', { 'comment.performed_via_github_app': { id: OUR_APP_ID } }],
    ['an account that is gone', { 'comment.user': null }],
  ])('by %s commands nothing', (_, changes) => {
    expect(why('/codered help', changes)).toBe('issue_comment.created: written by an App or a bot');
  });

  it('is cut where it is longer than any command', () => {
    expect(found(`/codered override lint_pass ${'x'.repeat(50_000)}`)[0]?.text).toHaveLength(4_000);
  });
});
