import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf } from './normalised-facts.ts';

describe('a deployment', () => {
  it('becomes one row, with the run that deploys when GitHub names it', () => {
    const changes = {
      workflow_run: { id: 289782451, run_attempt: 2 },
      'deployment.updated_at': '2019-05-15T15:21:00Z',
    };
    expect(factsOf('deployment', examplePayload('deployment', 3, changes)).deployments).toEqual([
      {
        provider: 'github',
        repository_id: 186853002,
        deployment_id: '145988746',
        environment_name: 'production',
        commit_sha: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
        ref: 'master',
        creator: 'Codertocat',
        run_id: '289782451',
        run_attempt: 2,
        created_at: '2019-05-15T15:20:53.000Z',
        source_updated_at: '2019-05-15T15:21:00.000Z',
      },
    ]);
  });

  it('has no run when GitHub names none', () => {
    expect(factsOf('deployment', examplePayload('deployment', 3)).deployments[0]).toMatchObject({
      run_id: null,
      run_attempt: null,
    });
  });

  it.each([
    ['vercel[bot]', 'vercel'],
    ['vercel', 'github'],
    ['github-actions[bot]', 'github'],
    ['github-pages[bot]', 'github'],
    ['octocat', 'github'],
    ['netlify[bot]', 'other'],
    [null, 'github'],
  ])('by %s is one of %s, in every event about it', (login, provider) => {
    const changes = { 'deployment.creator': login === null ? null : { login } };
    const made = factsOf('deployment', examplePayload('deployment', 0, changes));
    const moved = factsOf('deployment_status', examplePayload('deployment_status', 0, changes));
    expect([made.deployments[0]?.provider, moved.deployments[0]?.provider]).toEqual([provider, provider]);
    expect(moved.deployment_statuses[0]?.provider).toBe(provider);
  });
});

describe('a deployment status', () => {
  it('becomes a row beside that of its deployment', () => {
    const changes = {
      'deployment_status.state': 'failure',
      'deployment_status.environment': 'production',
      'deployment_status.environment_url': 'https://example.com',
      'deployment_status.log_url': 'https://example.com/log',
      'deployment_status.description': 'Build failed',
    };
    const facts = factsOf('deployment_status', examplePayload('deployment_status', 3, changes));
    expect(facts.deployments).toEqual([expect.objectContaining({ deployment_id: '145988746' })]);
    expect(facts.deployment_statuses).toEqual([
      {
        provider: 'github',
        repository_id: 186853002,
        deployment_id: '145988746',
        status_id: 209916254,
        state: 'failure',
        environment_name: 'production',
        environment_url: 'https://example.com',
        log_url: 'https://example.com/log',
        description: 'Build failed',
        creator: 'Codertocat',
        created_at: '2019-05-15T15:20:55.000Z',
      },
    ]);
  });

  it("falls back on the deployment's environment and the old name of the log", () => {
    const changes = {
      'deployment_status.environment': undefined,
      'deployment_status.log_url': '',
      'deployment_status.target_url': 'https://example.com/old',
      'deployment_status.description': null,
    };
    const facts = factsOf('deployment_status', examplePayload('deployment_status', 3, changes));
    expect(facts.deployment_statuses[0]).toMatchObject({
      environment_name: 'production',
      log_url: 'https://example.com/old',
      description: '',
    });
  });
});
