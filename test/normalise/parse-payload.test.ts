import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Rejected } from '../../src/model/errors.ts';
import { parsePayload } from '../../src/normalise/fields/parse-payload.ts';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf } from './normalised-facts.ts';

/**
 * Event, example, the path that is taken away, what the message expects there; one line for each field an event can't
 * do without.
 */
const NEEDED = [
  ['workflow_run', 1, 'repository', 'an object'],
  ['workflow_run', 1, 'repository.id', 'a positive whole number'],
  ['workflow_run', 1, 'repository.owner', 'an object'],
  ['workflow_run', 1, 'workflow_run', 'an object'],
  ['workflow_run', 1, 'workflow_run.id', 'a positive whole number'],
  ['workflow_run', 1, 'workflow_run.head_sha', 'a commit SHA of 40 or 64 hexadecimal digits'],
  ['workflow_run', 1, 'workflow_run.event', 'a string'],
  ['workflow_run', 1, 'workflow_run.updated_at', 'a timestamp with a time zone'],
  ['workflow_job', 1, 'workflow_job.run_id', 'a positive whole number'],
  ['workflow_job', 1, 'workflow_job.name', 'a string'],
  ['push', 0, 'ref', 'a string'],
  ['push', 0, 'head_commit.message', 'a string'],
  ['pull_request', 0, 'pull_request.number', 'a whole number from 1 to 2147483647'],
  ['pull_request', 0, 'pull_request.head.sha', 'a commit SHA of 40 or 64 hexadecimal digits'],
  ['pull_request', 0, 'pull_request.state', 'open or closed'],
  ['pull_request', 0, 'pull_request.html_url', 'a web address'],
  ['deployment', 0, 'deployment.environment', 'a string'],
  ['deployment_status', 0, 'deployment_status.state', 'a string'],
  ['deployment_status', 0, 'deployment.sha', 'a commit SHA of 40 or 64 hexadecimal digits'],
  ['check_run', 0, 'check_run.name', 'a string'],
  ['check_suite', 7, 'check_suite.head_sha', 'a commit SHA of 40 or 64 hexadecimal digits'],
  ['status', 0, 'context', 'a string'],
  ['merge_group', 0, 'merge_group.head_sha', 'a commit SHA of 40 or 64 hexadecimal digits'],
  ['installation', 0, 'installation.account', 'an object'],
  ['installation', 0, 'installation.account.login', 'a string'],
  ['installation', 0, 'installation.updated_at', 'a timestamp with a time zone'],
  ['installation_repositories', 0, 'repositories_added.0.full_name', 'a string'],
  ['repository', 0, 'repository.name', 'a string'],
] as const;

describe('a payload that misses a field', () => {
  it.each(NEEDED)('is refused by name: %s %i without %s', (event, index, path, expected) => {
    const payload = examplePayload(event, index, { [path]: undefined });
    const name = typeof payload.action === 'string' ? `${event}.${payload.action}` : event;
    expect(() => factsOf(event, payload)).toThrow(
      new Rejected(`${name}: ${path}: expected ${expected}, found nothing`),
    );
  });

  it('is refused with all its problems, each with the type found', () => {
    const payload = examplePayload('workflow_run', 1, {
      'workflow_run.head_sha': 7,
      'workflow_run.pull_requests': 'none',
      'workflow_run.run_attempt': 0,
      'repository.private': 'yes',
      installation: [],
    });
    expect(() => factsOf('workflow_run', payload)).toThrow(
      new Rejected(
        [
          'repository.private: expected true or false, found a string',
          'installation: expected an object, found a list',
          'workflow_run.run_attempt: expected a whole number from 1 to 2147483647, found a number',
          'workflow_run.head_sha: expected a commit SHA of 40 or 64 hexadecimal digits, found a number',
          'workflow_run.pull_requests: expected a list, found a string',
        ]
          .map((problem) => `workflow_run.completed: ${problem}`)
          .join('; '),
      ),
    );
  });

  it('is refused with at most twenty problems told', () => {
    const payload = examplePayload('status', 0, { branches: Array.from({ length: 50 }, () => null) });
    expect(() => factsOf('status', payload)).toThrow(/branches\.19: expected an object, found null; and 30 more$/);
  });

  it('is refused when a job has no time at all', () => {
    const payload = examplePayload('workflow_job', 0, { 'workflow_job.started_at': null });
    expect(() => factsOf('workflow_job', payload)).toThrow(
      'workflow_job.in_progress: workflow_job.started_at: expected a timestamp, found nothing',
    );
  });
});

describe('the fields of a schema', () => {
  it('are those that GitHub describes, which the compiler checks', () => {
    const payload = { ref: 'refs/heads/main', repository: { id: 1 } };
    const right = z.object({ ref: z.string(), repository: z.object({ id: z.int() }) });
    expect(parsePayload('push', right, payload)).toEqual(payload);
    const misnamed = z.object({ repository: z.object({ idd: z.int().optional() }) });
    // @ts-expect-error GitHub sends no repository.idd
    expect(parsePayload('push', misnamed, payload)).toEqual({ repository: {} });
    // @ts-expect-error there is no such event
    expect(parsePayload('pushed', right, payload)).toEqual(payload);
  });
});
