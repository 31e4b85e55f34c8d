import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf } from './normalised-facts.ts';

const FAILED = 1;

describe('a job', () => {
  it('becomes a job with its steps, and a stub of its run that claims the least', () => {
    const facts = factsOf('workflow_job', examplePayload('workflow_job', FAILED, { 'workflow_job.run_attempt': 3 }));
    expect(facts.ci_jobs).toEqual([
      {
        repository_id: 186853002,
        run_id: '2202229078',
        run_attempt: 3,
        job_id: 289782451,
        name: 'linters',
        status: 'failed',
        conclusion: 'failure',
        runner_name: 'GitHub Actions 5',
        labels: ['ubuntu-latest'],
        started_at: '2021-08-05T10:34:58.000Z',
        completed_at: '2021-08-05T10:38:16.000Z',
        steps: expect.arrayContaining([
          {
            number: 1,
            name: 'Set up job',
            status: 'completed',
            conclusion: 'success',
            started_at: expect.any(String),
            completed_at: expect.any(String),
          },
        ]),
        html_url: 'https://github.com/octo-org/octo-repo/runs/1291536064',
        source_updated_at: '2021-08-05T10:38:16.000Z',
      },
    ]);
    expect(facts.ci_events).toEqual([
      {
        provider: 'github-actions',
        repository_id: 186853002,
        run_id: '2202229078',
        run_attempt: 3,
        workflow_name: 'CodeQL',
        workflow_path: null,
        branch: 'main',
        head_repository_id: null,
        commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
        status: 'queued',
        conclusion: null,
        trigger: 'other',
        start_time: null,
        end_time: null,
        pull_request_numbers: [],
        html_url: null,
        actor: null,
        summary: null,
        source_updated_at: null,
      },
    ]);
  });

  it.each([
    ['when it ended', {}, '2021-08-05T10:38:16.000Z'],
    ['when it started', { 'workflow_job.completed_at': null }, '2021-08-05T10:34:58.000Z'],
    [
      'when it was made',
      {
        'workflow_job.completed_at': null,
        'workflow_job.started_at': null,
        'workflow_job.created_at': '2021-08-05T10:33:00Z',
      },
      '2021-08-05T10:33:00.000Z',
    ],
  ])('is as old as %s', (_, changes, time) => {
    const facts = factsOf('workflow_job', examplePayload('workflow_job', FAILED, changes));
    expect(facts.ci_jobs[0]?.source_updated_at).toBe(time);
  });

  it('has no end while it runs', () => {
    const changes = { 'workflow_job.status': 'in_progress', 'workflow_job.conclusion': null };
    const facts = factsOf('workflow_job', examplePayload('workflow_job', FAILED, changes));
    expect(facts.ci_jobs[0]).toMatchObject({ status: 'running', completed_at: null });
  });

  it('lets its run be called by its id where an old server names no workflow', () => {
    const facts = factsOf('workflow_job', examplePayload('workflow_job', 0));
    expect(facts.ci_events[0]).toMatchObject({ workflow_name: '940463255', run_attempt: 1, branch: null });
  });

  it('keeps a thousand steps and a hundred labels at most', () => {
    const steps = Array.from({ length: 1_500 }, (_, index) => ({ number: index + 1, name: 's', status: 'queued' }));
    const changes = { 'workflow_job.steps': steps, 'workflow_job.labels': Array.from({ length: 150 }, () => 'x') };
    const [job] = factsOf('workflow_job', examplePayload('workflow_job', FAILED, changes)).ci_jobs;
    expect([job?.steps.length, job?.labels.length]).toEqual([1_000, 100]);
    expect(job?.steps[0]).toMatchObject({ number: 1, name: 's', status: 'queued', conclusion: null });
  });
});
