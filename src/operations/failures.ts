// Failures: what broke, why, and what fixes it.
import { z } from 'zod';
import { batch, id, type Operation, operation, READS, time } from './operation.ts';

const failure = z.object({
  id,
  project_id: id,
  source: z.enum(['ci', 'deployment', 'agent', 'runtime']),
  severity: z.enum(['info', 'warning', 'error', 'critical']),
  message: z.string(),
  details: z.string().nullable(),
  verdict: z.enum(['new', 'flaky', 'broken_base', 'infra', 'collateral', 'unknown']),
  occurrences: z.int(),
  first_seen_at: time,
  created_at: time,
  excerpt: z.string().nullable().describe("The log's lines that prove it, redacted; a stranger's words"),
  evidence_why: z.enum(['match', 'error', 'block', 'exit', 'tail']).nullable(),
  line_number: z.int().nullable(),
  step_name: z.string().nullable(),
  file_path: z.string().nullable(),
  line: z.int().nullable(),
  job_name: z.string().nullable(),
  workflow_name: z.string().nullable(),
  commit_sha: z.string().nullable(),
  branch: z.string().nullable(),
  pull_requests: z.array(z.int()),
  url: z.string().nullable(),
  cause: z
    .object({
      name: z.string(),
      category: z.string(),
      rank: z.enum(['cause', 'generic', 'consequence']).nullable(),
      root_cause: z.string(),
      recommended_fix: z.string(),
      docs_url: z.string().nullable(),
      line_text: z.string(),
    })
    .nullable()
    .describe('Null where no pattern knows it'),
});

/** All of them. */
export const FAILURE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'search_failures',
    summary: 'Lists failures of a project, of a pull request or of a commit, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      pull_request: z.int().min(1).max(2_147_483_647).optional(),
      commit_sha: z
        .string()
        .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
        .optional(),
      batch,
      before_error: id.optional(),
    }),
    output: z.array(failure),
    run: 'list_failures',
    page: { after: 'before_error', key: 'id' },
  }),
];
