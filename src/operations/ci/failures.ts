// Failures: what broke, why, and what fixes it.
import { z } from 'zod';
import {
  batch,
  commitSha,
  fullName,
  id,
  type Operation,
  operation,
  place,
  pullNumber,
  READS,
} from '../declared/operation.ts';
import { failure } from './failure.ts';
import { failureSummary, SUMMARY_FAILURES, SUMMARY_TOKENS, summarise } from './failure-summary.ts';

const which = {
  project_id: id,
  repository: fullName.optional(),
  pull_request: pullNumber.optional(),
  commit_sha: commitSha.optional(),
};

/** All of them. */
export const FAILURE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'get_failure_summary',
    summary: `Says what failed, why and what fixes it, in at most ${SUMMARY_TOKENS} tokens; no failures is no pass.`,
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
    restsOnHistory: true,
    page: { after: { before_created_at: 'created_at', before_error: 'id' }, more: 'extra' },
  }),
];
