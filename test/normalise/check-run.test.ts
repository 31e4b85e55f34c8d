import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf, ignoredBecause, OUR_APP_ID } from './normalised-facts.ts';

const COMPLETED = 2;
const REREQUESTED = 7;
const FOREIGN = { 'check_run.app': { id: 1, slug: 'circleci-checks' } };
const OURS = { 'check_run.app': { id: OUR_APP_ID, slug: 'codered' } };

function ciEvent(changes: Record<string, unknown> = {}) {
  return factsOf('check_run', examplePayload('check_run', COMPLETED, { ...FOREIGN, ...changes })).ci_events[0];
}

describe('a check run of another App', () => {
  it('becomes a CI event of its own', () => {
    const output = { 'check_run.output': { title: '2 failures', summary: 'in `a.test.ts`' } };
    expect(ciEvent({ ...output, 'check_run.conclusion': 'timed_out' })).toEqual({
      provider: 'github-checks',
      repository_id: 186853002,
      run_id: '128620228',
      run_attempt: 1,
      workflow_name: 'Octocoders-linter',
      workflow_path: null,
      branch: 'changes',
      head_repository_id: null,
      commit_sha: 'ec26c3e57ca3a959ca5aad62de7213c562f8c821',
      status: 'failed',
      conclusion: 'timed_out',
      trigger: 'other',
      start_time: '2019-05-15T15:21:12.000Z',
      end_time: '2019-05-15T15:21:12.000Z',
      pull_request_numbers: [2],
      html_url: 'https://github.com/Codertocat/Hello-World/runs/128620228',
      actor: 'circleci-checks',
      summary: '2 failures\nin `a.test.ts`',
      source_updated_at: '2019-05-15T15:21:12.000Z',
    });
  });

  it.each([
    [{ title: 'only this', summary: '' }, 'only this'],
    [{ title: null, summary: 'only that' }, 'only that'],
    [{ title: null, summary: null }, null],
    [null, null],
    [{ title: 't', summary: 'x'.repeat(9_000) }, `t\n${'x'.repeat(3_998)}`],
  ])('is summed up by what there is of its output', (output, summary) => {
    expect(ciEvent({ 'check_run.output': output })?.summary).toBe(summary);
  });

  it('moves no name of the repository by the times that the App wrote into it', () => {
    const future = { 'check_run.completed_at': '2099-01-01T00:00:00Z', 'check_run.started_at': '2098-01-01T00:00:00Z' };
    const facts = factsOf('check_run', examplePayload('check_run', COMPLETED, { ...FOREIGN, ...future }));
    expect(facts.repositories[0]?.source_updated_at).toMatch(/^2019-/);
    expect(facts.ci_events[0]?.source_updated_at).toBe('2099-01-01T00:00:00.000Z');
  });

  it('counts though its App is gone or has no slug', () => {
    expect(ciEvent({ 'check_run.app': null })).toMatchObject({ provider: 'github-checks', actor: null });
    expect(ciEvent({ 'check_run.app': { id: 1 } })).toMatchObject({ provider: 'github-checks', actor: null });
  });
});

describe('a check run that asks for something', () => {
  it('has failed and is over, whoever wrote it, and a later conclusion counts', () => {
    const asks = ciEvent({ 'check_run.conclusion': 'action_required', 'check_run.output': { title: 'Sign the CLA' } });
    expect(asks).toMatchObject({ status: 'failed', conclusion: 'action_required', summary: 'Sign the CLA' });
    expect(asks?.end_time).not.toBeNull();
    expect(ciEvent({ 'check_run.conclusion': 'success' })?.status).toBe('succeeded');
  });
});

describe('a check run that is not for us to count', () => {
  const actions = { 'check_run.app': { id: 15368, slug: 'github-actions' } };
  const RUN = 'https://github.com/Codertocat/Hello-World';
  it.each([
    `${RUN}/actions/runs/6001/job/128620228`,
    `${RUN}/actions/runs/6001/job/128620228?pr=2`,
    'https://github.example.org/a/b/actions/runs/6001/jobs/128620228',
    `${RUN}/runs/128620228?check_suite_focus=true`,
  ])('is ignored when it is a job of GitHub Actions: %s', (details_url) => {
    const payload = examplePayload('check_run', COMPLETED, { ...actions, 'check_run.details_url': details_url });
    expect(ignoredBecause('check_run', payload)).toBe(
      'check_run.completed: a job of GitHub Actions, workflow_job is the source for these',
    );
  });

  it.each([
    'https://octocoders.io',
    'https://docs.github.com/actions',
    // The job whose step wrote it.
    `${RUN}/actions/runs/6001/job/4711`,
    `${RUN}/actions/runs/128620228`,
    `${RUN}/runs/128620228`,
    'https://example.org/128620228',
    null,
  ])('counts when a step of a workflow wrote it: %s', (details_url) => {
    const event = ciEvent({
      ...actions,
      'check_run.name': 'Test Results',
      'check_run.details_url': details_url,
      'check_run.conclusion': 'failure',
    });
    expect(event).toMatchObject({
      provider: 'github-checks',
      workflow_name: 'Test Results',
      actor: 'github-actions',
      status: 'failed',
    });
  });

  it('is ignored when another CodeRed made it, and counts when a workflow wrote one of that name', () => {
    const named = { 'check_run.name': 'CodeRed' };
    const other = { 'check_run.app': { id: 77, slug: 'codered-staging' } };
    expect(ignoredBecause('check_run', examplePayload('check_run', COMPLETED, { ...named, ...other }))).toBe(
      'check_run.completed: the check run of another CodeRed',
    );
    expect(ciEvent({ ...named, ...actions })).toMatchObject({ workflow_name: 'CodeRed', actor: 'github-actions' });
  });

  it('is ignored when we made it', () => {
    expect(ignoredBecause('check_run', examplePayload('check_run', COMPLETED, OURS))).toBe(
      'check_run.completed: our own check run',
    );
  });
});

describe('"Re-run" on GitHub', () => {
  it('asks for a recheck when pressed on our check run', () => {
    const facts = factsOf('check_run', examplePayload('check_run', REREQUESTED, OURS));
    expect(facts.rechecks).toEqual([{ repository_id: 526, head_sha: 'd6fde92930d4715a2b49857d24b940956b26d2d3' }]);
    expect(facts.ci_events).toEqual([]);
    expect(facts.repositories).toHaveLength(1);
  });

  it('is the news of another App when pressed on its check run, or when our App is not known', () => {
    const payload = examplePayload('check_run', REREQUESTED, OURS);
    expect(factsOf('check_run', payload, null)).toMatchObject({ rechecks: [], ci_events: [{ run_id: '4' }] });
  });

  it('asks for a recheck when pressed on our check suite', () => {
    const payload = examplePayload('check_suite', 7, { 'check_suite.app.id': OUR_APP_ID });
    const facts = factsOf('check_suite', payload);
    expect(facts.rechecks).toEqual([
      { repository_id: facts.repositories[0]?.id, head_sha: expect.stringMatching(/^[0-9a-f]{40}$/) },
    ]);
  });

  it('is ignored on the suite of another App, as everything else about suites is', () => {
    expect(ignoredBecause('check_suite', examplePayload('check_suite', 7))).toBe(
      'check_suite.rerequested: the suite of another App',
    );
    expect(ignoredBecause('check_suite', examplePayload('check_suite', 0, { 'check_suite.app.id': OUR_APP_ID }))).toBe(
      'check_suite.completed: its runs tell the same',
    );
  });
});
