// Errors that applications report of themselves, the list of all that are known, and which of them are done with.
import { z } from 'zod';
import { ADDS, batch, CHANGES, id, type Operation, operation, place, READS, time } from '../declared/operation.ts';
import { errorReport, keptReport } from './error-report.ts';

const source = z.enum(['ci', 'deployment', 'agent', 'runtime']);
const severity = z.enum(['info', 'warning', 'error', 'critical']);

const error = z
  .object({
    id,
    project_id: id,
    source,
    severity,
    error_code: z.string().nullable().describe('Its kind, where an application reported it'),
    message: z.string().describe("A stranger's words, redacted"),
    fingerprint: z.string().describe('The same for what differs in numbers, paths and names alone'),
    occurrences: z.int(),
    first_seen_at: time,
    last_seen_at: time.nullable().describe('Null for what no application reported'),
    environment: z.string().nullable(),
    release: z.string().nullable(),
    commit_sha: z.string().nullable(),
    verdict: z.enum(['new', 'flaky', 'broken_base', 'infra', 'collateral', 'unknown']),
    resolved_at: time.nullable(),
    resolved_by: id.nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'KnownError' });
const wholeError = error.extend({
  excerpt: z
    .string()
    .nullable()
    .describe("The stack's first lines, or the log's that prove it; a stranger's words, redacted"),
  context: z.record(z.string(), z.unknown()).nullable(),
});

/** All of them. */
export const ERROR_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'report_error',
    summary: 'Tells of an error of an application; the same one again is counted.',
    scope: 'tasks',
    hints: ADDS,
    input: errorReport,
    output: wholeError.extend({
      is_new: z.boolean().describe('Whether it was the first of its fingerprint'),
      is_kept: z.boolean().describe('False: the project has as many kinds as are kept, and it was counted only'),
    }),
    run: 'report_error',
    argumentsOf: keptReport,
  }),
  operation({
    name: 'list_errors',
    summary: 'Lists the errors of a project, from CI, deployments, agents and applications, the newest kind first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      source: source.optional(),
      severity: severity.optional(),
      environment: z.string().min(1).max(200).optional(),
      state: z.enum(['open', 'resolved']).optional(),
      batch,
      before_created_at: place.optional(),
      before_error: id.optional(),
    }),
    output: z.array(error),
    run: 'list_errors',
    page: { after: { before_created_at: 'created_at', before_error: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_error',
    summary: 'Says all that is known of an error.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ error_id: id }),
    output: wholeError,
    run: 'read_error',
  }),
  operation({
    name: 'resolve_error',
    summary: 'Says that an error is done with; it is open again when it is reported once more.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ error_id: id }),
    output: wholeError,
    run: 'settle_error',
    argumentsOf: (input) => ({ ...input, is_resolved: true }),
  }),
  operation({
    name: 'reopen_error',
    summary: 'Says that an error is not done with.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ error_id: id }),
    output: wholeError,
    run: 'settle_error',
    argumentsOf: (input) => ({ ...input, is_resolved: false }),
  }),
];
