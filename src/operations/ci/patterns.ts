// Patterns: what failures are known by, and what is like a vector of one's own.
import { z } from 'zod';
import { refusalOf } from '../../diagnose/pattern-files/pattern-refusal.ts';
import { ADDS, batch, id, type Operation, operation, READS, time } from '../declared/operation.ts';

const category = z.enum([
  ...(['infra', 'flaky', 'dependency', 'test', 'lint', 'type', 'build', 'config', 'resource', 'permission'] as const),
  ...(['deploy', 'other'] as const),
]);

const pattern = z.object({
  id,
  project_id: id.nullable().describe('Null: for every project'),
  name: z.string(),
  description: z.string().nullable(),
  kind: z.enum(['regex', 'literal']),
  pattern_signature: z.string(),
  root_cause: z.string(),
  recommended_fix: z.string(),
  category,
  severity: z.enum(['info', 'warning', 'error', 'critical']),
  docs_url: z.string().nullable(),
  priority: z.int(),
  rank: z.enum(['cause', 'generic', 'consequence']),
  pick: z.enum(['last', 'first']),
  enabled: z.boolean(),
  source: z.enum(['builtin', 'file', 'ui', 'suggested', 'import']),
  hits: z.int().describe('Failures that it matched, counted once each'),
  last_hit_at: time.nullable(),
  created_at: time,
  updated_at: time,
});

/** As many as the embeddings have that are compared. */
const DIMENSIONS = 1_536;

/** All of them. */
export const PATTERN_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_patterns',
    summary: 'Lists the patterns that failures are known by, with how often each matched, by name.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id.optional().describe("With it, the project's own too"),
      category: category.optional(),
      query: z.string().min(1).max(500).optional().describe('Part of name or root cause, in any case'),
      batch,
      after_name: z.string().max(200).optional(),
      after_pattern: id.optional(),
    }),
    output: z.array(pattern),
    run: 'list_bug_patterns',
    page: { after: { after_name: 'name', after_pattern: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_pattern',
    summary: 'Shows a pattern: what it matches, its cause and fix, and how often it matched.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ pattern_id: id }),
    output: pattern,
    run: 'read_bug_pattern',
  }),
  operation({
    name: 'match_patterns',
    summary: 'Finds the kept architectures that are most like a vector, best first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      query_embedding: z
        .array(z.number().min(-3.4e38).max(3.4e38))
        .length(DIMENSIONS)
        .meta({ examples: [Array.from({ length: DIMENSIONS }, () => 0.5)] }),
      match_count: z.int().min(1).max(200).default(10),
      filter_type: z.string().min(1).max(100).optional().describe('A project type: saas, ecommerce, …'),
    }),
    output: z.object({
      matches: z.array(
        z.object({
          id,
          project_type: z.string(),
          metadata: z.record(z.string(), z.unknown()),
          success_score: z.number().nullable(),
          similarity: z.number().describe('1: the same direction; 0: nothing in common'),
        }),
      ),
    }),
    run: 'find_similar_patterns',
    finish: (matches) => ({ matches }),
  }),
  operation({
    name: 'suggest_pattern',
    summary: 'Suggests a pattern for failures of a project: it matches nothing until a person has looked at it.',
    scope: 'agents',
    hints: ADDS,
    input: z
      .strictObject({
        project_id: id,
        name: z.string().min(1).max(200),
        kind: z.enum(['regex', 'literal']).default('regex'),
        pattern_signature: z.string().min(1).max(1000).describe('RE2, tried on one line without colours; or a text'),
        root_cause: z.string().min(1).max(4000),
        recommended_fix: z.string().min(1).max(4000),
        category: category.default('other'),
        description: z.string().max(4000).optional(),
      })
      .check(({ value, issues }) => {
        const message = refusalOf({ kind: value.kind, pattern: value.pattern_signature });
        if (message !== null)
          issues.push({ code: 'custom', message, input: value.pattern_signature, path: ['pattern_signature'] });
      }),
    output: z.object({
      id,
      project_id: id,
      name: z.string(),
      source: z.literal('suggested'),
      enabled: z.literal(false),
    }),
    run: 'suggest_pattern',
  }),
];
