// Decisions: reading them, mending their words, putting another in their place.
import { z } from 'zod';
import {
  ADDS,
  CHANGES,
  expected,
  id,
  NEWEST_FIRST,
  newestFirst,
  type Operation,
  operation,
  READS,
  time,
} from '../declared/operation.ts';

/** What a person writes of a decision. */
const written = {
  title: z.string().min(1).max(500),
  description: z.string().max(20_000).nullable(),
  domain: z.string().max(200).nullable().describe('legal, infra, ux, marketing, …'),
  decision_type: z.enum(['architecture', 'policy', 'legal_strategy', 'product']).nullable(),
  rationale: z.string().max(20_000).nullable(),
  options_considered: z.string().max(20_000).nullable().describe('In prose; options has them as a list'),
  options: z.array(z.unknown()).max(100),
  choice: z.string().max(2000).nullable(),
  decision_maker: z.string().max(200).nullable(),
};
const changes = z.object(written).partial().shape;

const decision = z
  .object({
    ...written,
    domain: z.string().nullable(),
    id,
    project_id: id,
    user_id: id.nullable(),
    superseded_by: id.nullable().describe('The later decision that stands in its place'),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Decision' });
const listed = decision.omit({ description: true, rationale: true, options_considered: true, options: true });

/** All of them, but for `record_decision`. */
export const DECISION_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_decisions',
    summary: 'Lists what was decided in a project, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      standing: z.enum(['all', 'only']).default('all').describe('only: those that no later one took the place of'),
      ...newestFirst,
    }),
    output: z.array(listed),
    run: 'list_decisions',
    argumentsOf: ({ standing, ...input }) => ({ ...input, standing: standing === 'only' }),
    page: NEWEST_FIRST,
  }),
  operation({
    name: 'read_decision',
    summary: 'Says what was decided, from which options, and why.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ decision_id: id }),
    output: decision,
    run: 'read_decision',
  }),
  operation({
    name: 'update_decision',
    summary: 'Changes what is named of a decision, and nothing else; null empties.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ decision_id: id, expected_updated_at: expected, ...changes }),
    output: decision,
    run: 'update_decision',
    argumentsOf: ({ decision_id, expected_updated_at, ...named }) => ({
      decision_id,
      expected_updated_at,
      changes: named,
    }),
  }),
  operation({
    name: 'supersede_decision',
    summary: 'Writes down a decision that takes the place of an earlier one, which is kept.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({ decision_id: id, ...changes, title: written.title }),
    output: decision.extend({ supersedes: id }),
    run: 'supersede_decision',
    argumentsOf: ({ decision_id, ...made }) => ({ decision_id, decision: made }),
  }),
];
