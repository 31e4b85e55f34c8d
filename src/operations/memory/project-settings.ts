// Projects: making one, changing it, taking it out of use and back.
import { z } from 'zod';
import {
  ADDS,
  bounded,
  CHANGES,
  ENDS,
  expected,
  id,
  type Operation,
  operation,
  READS,
  time,
} from '../declared/operation.ts';

const name = z.string().min(1).max(1000);
const description = z.string().max(20_000).nullable();
const mode = z.enum(['builder', 'student']);
const techStack = z.array(z.string().min(1).max(200)).max(100).nullable();
const rules = bounded(65_536).describe(
  'zones and environments (a policy file on the default branch writes these), scope rules, gates, triggers, whatever agents have to keep to',
);

/** All of a project. */
const projectDetails = z
  .object({
    id,
    slug: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    org: z.string().nullable().describe("The organisation's login; null for one of somebody's own"),
    owner_user_id: id.nullable(),
    status: z.enum(['active', 'paused', 'archived']),
    phase: z.string(),
    mode,
    rules: z.record(z.string(), z.unknown()),
    tech_stack: z.array(z.string()).nullable(),
    requirements_spec: z.record(z.string(), z.unknown()).nullable().describe('What the research agent wrote'),
    architecture_spec: z.record(z.string(), z.unknown()).nullable().describe('What the wireframe agent wrote'),
    schema_name: z.string().nullable().describe('The schema for its own tables; null where none was made'),
    deleted_at: time.nullable().describe('When it was retired'),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'ProjectDetails' });

const retirement = z.object({ id, status: z.enum(['active', 'paused', 'archived']), deleted_at: time.nullable() });

/** All of them. */
export const PROJECT_SETTINGS_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'read_project',
    summary:
      'Says all that is known of a project: its rules, requirements, architecture, whose it is; also of a retired one.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id }),
    output: projectDetails,
    run: 'read_project_details',
  }),
  operation({
    name: 'create_project',
    summary: 'Makes a project of your own, or in an organisation of which you are a maintainer.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({
      org: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,100}$/)
        .optional()
        .describe("The organisation's login; left out: a project of your own"),
      name,
      description: description.optional(),
      mode: mode.optional(),
      rules: rules.optional(),
      tech_stack: techStack.optional(),
    }),
    output: projectDetails,
    run: 'create_project',
    argumentsOf: ({ org, ...project }) => ({ project, org }),
  }),
  operation({
    name: 'update_project',
    summary:
      'Changes what is named of a project, and nothing else; of its rules only those named, null takes one away.',
    scope: 'admin',
    hints: CHANGES,
    input: z.strictObject({
      project_id: id,
      expected_updated_at: expected,
      name: name.optional(),
      description: description.optional(),
      status: z.enum(['active', 'paused']).optional(),
      phase: z.enum(['planning', 'in-progress', 'building', 'completed', 'archived']).optional(),
      mode: mode.optional(),
      rules: rules.optional(),
      tech_stack: techStack.optional(),
    }),
    output: projectDetails,
    run: 'update_project',
    argumentsOf: ({ project_id, expected_updated_at, ...changes }) => ({ project_id, expected_updated_at, changes }),
  }),
  operation({
    name: 'retire_project',
    summary: 'Takes a project out of use and keeps all of it.',
    scope: 'admin',
    hints: ENDS,
    input: z.strictObject({ project_id: id }),
    output: retirement,
    run: 'retire_project',
  }),
  operation({
    name: 'restore_project',
    summary: 'Brings a retired project back into use.',
    scope: 'admin',
    hints: CHANGES,
    input: z.strictObject({ project_id: id }),
    output: retirement,
    run: 'restore_project',
  }),
];
