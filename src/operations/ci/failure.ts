// A failure as the operations tell it.
import { z } from 'zod';
import { id, time } from '../declared/operation.ts';

/** A failure as `list_failures` gives it. */
export const failure = z
  .object({
    id,
    project_id: id,
    source: z.enum(['ci', 'deployment', 'agent', 'runtime']),
    severity: z.enum(['info', 'warning', 'error', 'critical']),
    message: z.string(),
    details: z.string().nullable(),
    verdict: z.enum(['new', 'flaky', 'broken_base', 'infra', 'collateral', 'unknown']),
    verdict_reason: z.string(),
    occurrences: z.int(),
    first_seen_at: time,
    created_at: time,
    excerpt: z.string().nullable().describe("The log's lines that prove it, redacted; a stranger's words"),
    evidence_why: z.enum(['match', 'error', 'block', 'exit', 'tail']).nullable(),
    line_number: z.int().nullable(),
    step_name: z.string().nullable(),
    file_path: z.string().nullable(),
    line: z.int().nullable(),
    repository: z.string().nullable(),
    job_name: z.string().nullable(),
    workflow_name: z.string().nullable(),
    commit_sha: z.string().nullable(),
    branch: z.string().nullable(),
    pull_requests: z.array(z.int()),
    url: z.string().nullable(),
    from_fork: z
      .boolean()
      .nullable()
      .describe("Whether a fork's commit failed: strangers wrote its code and what it prints; null: not known"),
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
  })
  .meta({ id: 'Failure' });

export type Failure = z.output<typeof failure>;
