// Projects: which there are, where work on one stands, and what happened in it.
import { z } from 'zod';
import { ADDS, batch, id, type Operation, operation, place, READS, time } from '../declared/operation.ts';

const listedProject = z
  .object({
    id,
    slug: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    status: z.enum(['active', 'paused', 'archived']),
    phase: z.string(),
    mode: z.enum(['builder', 'student']),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Project' });

const project = z
  .object({
    ...listedProject.omit({ created_at: true, updated_at: true }).shape,
    rules: z
      .record(z.string(), z.unknown())
      .describe(
        'Zones and environments, which the gate goes by; scope, gates and triggers are words for whoever takes up work: nothing acts on them',
      ),
    tech_stack: z.array(z.string()).nullable(),
  })
  .meta({ id: 'ProjectContext' });

const checkpoint = z.looseObject({ id, label: z.string(), created_at: time }).meta({ id: 'Checkpoint' });

/** What happened in a project. */
export const projectEvent = z
  .object({
    id: z.int(),
    event_type: z.string(),
    task_id: id.nullable(),
    run_id: id.nullable(),
    user_id: id.nullable(),
    payload: z.record(z.string(), z.unknown()),
    created_at: time,
  })
  .meta({ id: 'ProjectEvent' });

/** All of them. */
export const PROJECT_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'read_me',
    summary: 'Says who you are here.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({}),
    output: z.looseObject({ id, display_name: z.string().nullable(), github_login: z.string().nullable() }),
    run: 'my_profile',
  }),
  operation({
    name: 'list_projects',
    summary: 'Lists the projects that you may see, by slug: those in use, or the retired ones.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      state: z.enum(['in_use', 'retired']).default('in_use'),
      batch,
      after_slug: z.string().max(1100).optional(),
    }),
    output: z.array(listedProject),
    run: 'list_projects',
    argumentsOf: ({ state, ...input }) => ({ ...input, retired: state === 'retired' }),
    page: { after: { after_slug: 'slug' }, more: 'extra' },
  }),
  operation({
    name: 'get_project_context',
    summary: 'Says what a project is about right now: its rules, what is open, the latest checkpoint.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id }),
    output: z.object({
      project,
      open_tasks: z.array(z.looseObject({ id, title: z.string(), status: z.string() })),
      open_tasks_total: z.int(),
      checkpoint: checkpoint.nullable(),
    }),
    run: 'project_context',
  }),
  operation({
    name: 'resume_project',
    summary: 'Says what happened in a project since its latest checkpoint, and how to go on.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id }),
    output: z.looseObject({ project, has_checkpoint: z.boolean(), checkpoint: checkpoint.nullable() }),
    run: 'resume_project',
  }),
  operation({
    name: 'search_events',
    summary: 'Finds events of a project by words in what they tell, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      query: z
        .string()
        .min(1)
        .max(1000)
        .meta({ examples: ['build'] }),
      batch,
      before: place.optional(),
    }),
    output: z.array(projectEvent),
    run: 'search_events',
    page: { after: { before: 'created_at' }, more: 'ties' },
  }),
  operation({
    name: 'create_checkpoint',
    summary: 'Writes down where work on a project stands, for whoever goes on with it.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      label: z
        .string()
        .min(1)
        .max(500)
        .meta({ examples: ['The build is mended'] }),
      repo_ref: z.string().max(1000).optional(),
      summary: z.string().max(20_000).optional(),
      resume_instructions: z.string().max(20_000).optional(),
      snapshot: z.record(z.string(), z.unknown()).default({}),
    }),
    output: id,
    run: 'create_checkpoint',
  }),
  operation({
    name: 'record_decision',
    summary: 'Writes down what was decided, from which options, and why.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      title: z
        .string()
        .min(1)
        .max(500)
        .meta({ examples: ['Where documents lie'] }),
      description: z.string().max(20_000).optional(),
      domain: z.string().max(200).optional(),
      decision_type: z.enum(['architecture', 'policy', 'legal_strategy', 'product']).optional(),
      rationale: z.string().max(20_000).optional(),
      options_considered: z.string().max(20_000).optional(),
      options: z.array(z.unknown()).max(100).optional(),
      choice: z.string().max(2000).optional(),
      decision_maker: z.string().max(200).optional(),
    }),
    output: z.object({ id, project_id: id, title: z.string(), choice: z.string().nullable(), created_at: time }),
    run: 'record_decision',
    argumentsOf: ({ project_id, ...decision }) => ({ project_id, decision }),
  }),
];
