// Lessons that were learned, and pieces of user interface worth using again.
import { z } from 'zod';
import {
  ADDS,
  ENDS,
  id,
  impactAxes,
  NEWEST_FIRST,
  newestFirst,
  type Operation,
  operation,
  query,
  READS,
  tags,
  time,
} from '../declared/operation.ts';

const severity = z.enum(['minor', 'moderate', 'major', 'critical']);

const lesson = z.object({
  id,
  project_id: id,
  title: z.string().min(1).max(500),
  description: z.string().max(20_000).nullable(),
  domain_tags: tags,
  source_type: z.enum(['agent_run', 'ci_event', 'retro', 'manual']),
  source_id: id.nullable().describe("The agent's run or the CI event that it was learned from"),
  impact_axes: impactAxes,
  severity,
  created_at: time,
  updated_at: time,
});

const snippet = z.object({
  id,
  project_id: id.nullable().describe('Null for one that is there for every project'),
  name: z.string().min(1).max(500),
  description: z.string().max(20_000).nullable(),
  tech_stack: tags,
  code_sample: z.string().min(1).max(100_000),
  preview_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullable(),
  tags,
  quality_score: z.number().min(0).max(100).nullable(),
  approved_by: z.string().max(200).nullable(),
  created_at: time,
  updated_at: time,
});

const OURS = { id: true, project_id: true, created_at: true, updated_at: true } as const;

/** All of them. */
export const LESSON_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_lessons',
    summary: 'Lists or searches the lessons of a project, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      query: query.optional(),
      domain_tag: z.string().min(1).max(100).optional(),
      severity: severity.optional(),
      ...newestFirst,
    }),
    output: z.array(lesson),
    run: 'list_lessons',
    page: NEWEST_FIRST,
  }),
  operation({
    name: 'record_lesson',
    summary: 'Writes down what was learned, for whoever meets the same.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      ...lesson.omit(OURS).partial().shape,
      title: lesson.shape.title,
    }),
    output: lesson,
    run: 'record_lesson',
    argumentsOf: ({ project_id, ...made }) => ({ project_id, lesson: made }),
  }),
  operation({
    name: 'list_ux_snippets',
    summary: 'Lists or searches pieces of user interface, of a project and those for every project, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      query: query.optional(),
      tag: z.string().min(1).max(100).optional(),
      ...newestFirst,
    }),
    output: z.array(snippet.omit({ code_sample: true })),
    run: 'list_ux_snippets',
    page: NEWEST_FIRST,
  }),
  operation({
    name: 'read_ux_snippet',
    summary: 'Gives a piece of user interface with its code.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ snippet_id: id }),
    output: snippet,
    run: 'read_ux_snippet',
  }),
  operation({
    name: 'record_ux_snippet',
    summary: 'Keeps a piece of user interface that is worth using again.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      ...snippet.omit(OURS).partial().shape,
      name: snippet.shape.name,
      code_sample: snippet.shape.code_sample,
    }),
    output: snippet,
    run: 'record_ux_snippet',
    argumentsOf: ({ project_id, ...made }) => ({ project_id, snippet: made }),
  }),
  operation({
    name: 'retire_ux_snippet',
    summary: 'Shows a piece of user interface to nobody any more.',
    scope: 'tasks',
    hints: ENDS,
    input: z.strictObject({ snippet_id: id }),
    output: snippet.extend({ deleted_at: time }),
    run: 'retire_ux_snippet',
  }),
];
