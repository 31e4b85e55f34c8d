// Failures: what broke, why, and what fixes it.
import { z } from 'zod';
import { failure } from './failure.ts';
import { failureSummary, SUMMARY_FAILURES, SUMMARY_TOKENS, summarise } from './failure-summary.ts';
import { batch, id, type Operation, operation, place, READS } from './operation.ts';

const which = {
  project_id: id,
  repository: z
    .string()
    .regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/)
    .optional()
    .describe('owner/name'),
  pull_request: z.int().min(1).max(2_147_483_647).optional(),
  commit_sha: z
    .string()
    .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
    .optional(),
};

/** All of them. */
export const FAILURE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'get_failure_summary',
    summary: `Says what failed, why and what fixes it, in at most ${SUMMARY_TOKENS} tokens.`,
    scope: 'read',
    hints: READS,
    input: z.strictObject(which),
    output: failureSummary,
    run: 'list_failures',
    argumentsOf: (input) => ({ ...input, batch: SUMMARY_FAILURES }),
    finish: (answer, input) => summarise(z.array(failure).parse(answer), input),
  }),
  operation({
    name: 'search_failures',
    summary: 'Lists failures of a project, of a repository, a pull request or a commit, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ ...which, batch, before_created_at: place.optional(), before_error: id.optional() }),
    output: z.array(failure),
    run: 'list_failures',
    page: { after: { before_created_at: 'created_at', before_error: 'id' }, more: 'extra' },
  }),
];
