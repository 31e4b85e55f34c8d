import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf } from './normalised-facts.ts';

const COMPLETED = 2;

function ciEvent(changes: Record<string, unknown> = {}) {
  return factsOf('workflow_run', examplePayload('workflow_run', COMPLETED, changes)).ci_events[0];
}

describe('a workflow run', () => {
  it('becomes one CI event, with its repository and the stub of its installation', () => {
    const payload = examplePayload('workflow_run', COMPLETED, {
      'workflow_run.name': 'CI',
      'workflow_run.run_attempt': 2,
      'workflow_run.event': 'pull_request',
      'workflow_run.updated_at': '2020-10-05T16:40:00Z',
      'workflow_run.triggering_actor': { login: 'hubot' },
      installation: { id: 77 },
    });
    const facts = factsOf('workflow_run', payload);
    expect(facts).toEqual({
      revocations: [],
      installations: [
        {
          id: 77,
          account_login: 'octo-org',
          account_id: 41548062,
          account_type: 'Organization',
          repository_selection: null,
          permissions: null,
          suspended_at: null,
          deleted_at: null,
          source_updated_at: null,
        },
      ],
      repositories: [
        {
          id: 300029405,
          installation_id: 77,
          owner: 'octo-org',
          name: 'octo-repo',
          private: false,
          default_branch: 'master',
          archived: false,
          tells_presence: false,
          deleted_at: null,
          source_updated_at: '2020-10-05T16:40:00.000Z',
        },
      ],
      ci_events: [
        {
          provider: 'github-actions',
          repository_id: 300029405,
          run_id: '289782451',
          run_attempt: 2,
          workflow_name: 'CI',
          workflow_path: '.github/workflows/test.yml',
          branch: 'master',
          head_repository_id: 300029405,
          commit_sha: '3484a3fb816e0859fd6e1cea078d76385ff50625',
          status: 'succeeded',
          conclusion: 'success',
          trigger: 'pull_request',
          start_time: '2020-10-05T16:33:49.000Z',
          end_time: '2020-10-05T16:40:00.000Z',
          pull_request_numbers: [],
          html_url: 'https://github.com/octo-org/octo-repo/actions/runs/289782451',
          actor: 'hubot',
          summary: null,
          source_updated_at: '2020-10-05T16:40:00.000Z',
        },
      ],
      commits: [],
      pull_requests: [],
      ci_jobs: [],
      deployments: [],
      deployment_statuses: [],
      rechecks: [],
      commands: [],
      access: [],
    });
  });

  it('has no end and no conclusion while it runs, even if a re-run still shows the old conclusion', () => {
    const rerun = { 'workflow_run.status': 'in_progress', 'workflow_run.conclusion': 'failure' };
    expect(ciEvent(rerun)).toMatchObject({ status: 'running', conclusion: null, end_time: null });
  });

  it('has no end while somebody has to approve it', () => {
    expect(ciEvent({ 'workflow_run.conclusion': 'action_required' })).toMatchObject({
      status: 'queued',
      conclusion: 'action_required',
      end_time: null,
    });
  });

  it('counts only pull requests into its own repository', () => {
    const listed = [
      { number: 9, base: { repo: { id: 300029405 } } },
      { number: 4, base: { repo: { id: 300029405 } } },
      { number: 9, base: { repo: { id: 300029405 } } },
      { number: 1, base: { repo: { id: 186853002 } } },
    ];
    expect(ciEvent({ 'workflow_run.pull_requests': listed })?.pull_request_numbers).toEqual([4, 9]);
    expect(ciEvent({ 'workflow_run.pull_requests': null })?.pull_request_numbers).toEqual([]);
  });

  it('comes from a fork when its head repository is another, and from nowhere when the fork is gone', () => {
    const fork = ciEvent({ 'workflow_run.head_repository.id': 99, 'workflow_run.pull_requests': [] });
    expect(fork).toMatchObject({ repository_id: 300029405, head_repository_id: 99, pull_request_numbers: [] });
    expect(ciEvent({ 'workflow_run.head_repository': null })?.head_repository_id).toBeNull();
  });

  it.each([
    ['its own name', { 'workflow_run.name': 'CI' }, 'CI'],
    ['the name of its workflow', { 'workflow_run.name': '', 'workflow.name': 'Tests' }, 'Tests'],
    ['its path', { 'workflow_run.name': null, workflow: null }, '.github/workflows/test.yml'],
    ['its id', { 'workflow_run.name': null, workflow: null, 'workflow_run.path': null }, '289782451'],
  ])('is called by %s', (_, changes, name) => {
    expect(ciEvent(changes)?.workflow_name).toBe(name);
  });

  it.each([
    ['.github/workflows/ci.yml@refs/heads/main', '.github/workflows/ci.yml'],
    ['.github/workflows/@ci.yaml@v1', '.github/workflows/@ci.yaml'],
    ['.github/workflows/a@b.yml', '.github/workflows/a@b.yml'],
    ['dynamic/pages/pages-build-deployment', 'dynamic/pages/pages-build-deployment'],
    ['.github/workflows/lint.yml@x.yml', '.github/workflows/lint.yml@x.yml'],
    ['.github/workflows/lint.yml@x.yaml', '.github/workflows/lint.yml@x.yaml'],
    ['.github/workflows/lint.yml@x.yml@refs/heads/main', '.github/workflows/lint.yml@x.yml'],
    ['.github/workflows/lint.yaml@x.yml@main', '.github/workflows/lint.yaml@x.yml'],
    ['.github/workflows/ci.yml@refs/heads/x.yml', '.github/workflows/ci.yml'],
    ['.github/workflows/ci.yml@refs/heads/me@x.yml@y', '.github/workflows/ci.yml'],
    ['.github/workflows/ci.yml@me@home', '.github/workflows/ci.yml'],
    ['elsewhere/ci.yml@main', 'elsewhere/ci.yml@main'],
  ])('keeps the path of %s without the ref', (path, expected) => {
    expect(ciEvent({ 'workflow_run.path': path })?.workflow_path).toBe(expected);
  });

  it.each([
    ['push', 'push', undefined],
    ['pull_request', 'pull_request', undefined],
    ['merge_group', 'merge_group', undefined],
    ['pull_request_target', 'pull_request', 'pull_request_target'],
    ['workflow_dispatch', 'manual', 'workflow_dispatch'],
    ['issue_comment', 'other', 'issue_comment'],
    ['workflow_run', 'other', 'workflow_run'],
    ['other', 'other', 'other'],
    ['', 'other', 'unknown'],
  ])('that ran for %j says so', (event, trigger, given) => {
    expect(ciEvent({ 'workflow_run.event': event })).toMatchObject({ trigger });
    expect(ciEvent({ 'workflow_run.event': event })?.event).toBe(given);
  });

  it('is the first attempt, begun when it was made, where an old server tells neither', () => {
    const old = { 'workflow_run.run_attempt': undefined, 'workflow_run.run_started_at': undefined };
    expect(ciEvent(old)).toMatchObject({ run_attempt: 1, start_time: '2020-10-05T16:33:24.000Z' });
  });
});
