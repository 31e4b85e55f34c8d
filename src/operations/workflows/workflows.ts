// Workflows: the templates that people start, and their versions, which say what exactly runs and never change once published.
import { z } from 'zod';
import { ADDS, batch, CHANGES, id, type Operation, operation, place, READS, time } from '../declared/operation.ts';

const words = z.string().max(20_000);

/** What an operator writes of a template. */
const written = {
  name: z.string().min(1).max(500),
  description: words.nullable(),
  type: z.string().min(1).max(100).describe('visual-essay, infographic, research, or any other word'),
  depth: z.string().min(1).max(100).describe('quick, standard, deep, or any other word'),
  tags: z.array(z.string().max(200)).max(100),
  what_you_get: z.array(z.string().max(2000)).max(100),
  estimated_time: z.string().max(100).nullable().describe('For people: "3-5 min"'),
  step_count: z.int().min(0).max(10_000).nullable(),
  is_featured: z.boolean(),
  is_active: z.boolean().describe('False: nobody but operators sees it'),
  sort_order: z.int().min(-2_147_483_648).max(2_147_483_647),
};
const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,99}$/)
  .meta({ examples: ['typographic-etymology'] });
const version = z.string().min(1).max(100);
const visibility = z.enum(['system', 'public', 'private']);
const anything = z.record(z.string(), z.unknown());

const template = z.object({
  ...written,
  id,
  slug: z.string(),
  what_you_get: z.array(z.unknown()),
  created_at: time,
  updated_at: time,
});

const newest = z
  .object({ spec_id: id, version: z.string(), published_at: time })
  .nullable()
  .describe('The newest published version that you may see');

/** What a version promises. */
const promised = {
  intent_schema: z
    .array(anything)
    .max(200)
    .describe(
      'What a run is started with: [{field, type: string|enum|number|integer|boolean, required, options, default}]',
    ),
  stages: z
    .array(anything)
    .max(200)
    .describe(
      'In order: [{order, id, name, type, agent, model_id, inputs, outputs, constraints, validators, max_attempts}]; type approval: a person decides it',
    ),
  qa_config: anything,
  output_guarantees: z.array(z.unknown()).max(200),
  cost_profile: anything,
  artifact_type: z.string().max(200).nullable(),
  output_formats: z.array(z.string().max(100)).max(50),
};

const templateVersion = z.object({
  ...promised,
  id,
  template_id: id,
  project_id: id.nullable(),
  version: z.string(),
  version_hash: z.string().nullable().describe('SHA-256 over what it promises; null: a draft'),
  is_active: z.boolean(),
  visibility,
  created_by_user_id: id.nullable(),
  published_at: time.nullable().describe('Null: a draft'),
  created_at: time,
  updated_at: time,
});

const onStart = { spec_id: id, intent: anything.default({}).describe('By the intent_schema of that version') };

const TEMPLATES: readonly Operation[] = [
  operation({
    name: 'list_templates',
    summary: 'Lists the workflows that can be started.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      template_type: z.string().min(1).max(100).optional(),
      batch,
      after_sort_order: z.int().optional(),
      after_slug: z.string().max(100).optional(),
    }),
    output: z.array(z.object({ ...template.shape, newest_version: newest })),
    run: 'list_templates',
    page: { after: { after_sort_order: 'sort_order', after_slug: 'slug' }, more: 'extra' },
  }),
  operation({
    name: 'read_template',
    summary: 'Shows a workflow template.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ template_id: id }),
    output: template,
    run: 'read_template',
  }),
  operation({
    name: 'create_template',
    summary: 'Makes a workflow template; for operators of this deployment.',
    scope: 'admin',
    hints: ADDS,
    input: z.strictObject({ slug, ...z.object(written).partial().required({ name: true, type: true }).shape }),
    output: template,
    run: 'create_template',
    argumentsOf: (made) => ({ template: made }),
  }),
  operation({
    name: 'update_template',
    summary: 'Changes what is named of a workflow template, and nothing else; for operators of this deployment.',
    scope: 'admin',
    hints: CHANGES,
    input: z.strictObject({ template_id: id, ...z.object(written).partial().shape }),
    output: template,
    run: 'update_template',
    argumentsOf: ({ template_id, ...changes }) => ({ template_id, changes }),
  }),
];

const VERSIONS: readonly Operation[] = [
  operation({
    name: 'list_template_versions',
    summary: 'Lists the versions of a workflow template that you may see, newest first, drafts too.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      template_id: id,
      batch,
      before_created_at: place.optional(),
      before_spec: id.optional(),
    }),
    output: z.array(templateVersion),
    run: 'list_template_versions',
    page: { after: { before_created_at: 'created_at', before_spec: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'create_template_version',
    summary:
      'Makes a draft of a workflow template, new or from another version of it; for operators of this deployment.',
    scope: 'admin',
    hints: ADDS,
    input: z.strictObject({
      template_id: id,
      version,
      copied_spec_id: id.optional().describe('The version that the draft begins with'),
      project_id: id.optional().describe('The one project that may see it'),
      visibility: visibility.optional(),
      ...z.object(promised).partial().shape,
    }),
    output: templateVersion,
    run: 'create_template_version',
    argumentsOf: ({ template_id, version: named, copied_spec_id, project_id, ...spec }) => ({
      template_id,
      version: named,
      copied_spec_id,
      project_id,
      spec,
    }),
  }),
  operation({
    name: 'update_template_version',
    summary:
      'Changes a draft; of a published version nothing but is_active and visibility; for operators of this deployment.',
    scope: 'admin',
    hints: CHANGES,
    input: z.strictObject({
      spec_id: id,
      ...z.object({ ...promised, version, visibility, is_active: z.boolean() }).partial().shape,
    }),
    output: templateVersion,
    run: 'update_template_version',
    argumentsOf: ({ spec_id, ...changes }) => ({ spec_id, changes }),
  }),
  operation({
    name: 'publish_template_version',
    summary: 'Publishes a draft for good; from then on it can be run, and never changes.',
    scope: 'admin',
    hints: CHANGES,
    input: z.strictObject({ spec_id: id }),
    output: templateVersion,
    run: 'publish_spec',
  }),
];

const problem = z.object({
  field: z.string().nullable().describe('Null: the intent as a whole'),
  found: z.string(),
  allowed: z.string(),
});

/** A run as it is started. */
const startedRun = z.object({
  id,
  project_id: id.nullable(),
  spec_id: id,
  status: z.string(),
  intent: anything,
  project_slug: z.string().nullable(),
  display_name: z.string().nullable(),
  total_gates: z.int(),
  created_at: time,
});

/** All of them. */
export const WORKFLOW_OPERATIONS: readonly Operation[] = [
  ...TEMPLATES,
  ...VERSIONS,
  operation({
    name: 'check_intent',
    summary: 'Says which fields of an intent do not fit a version, without starting anything.',
    scope: 'read',
    hints: READS,
    input: z.strictObject(onStart),
    output: z.object({
      problems: z.array(problem),
      intent: anything.nullable().describe('What a run would be started with; null while there are problems'),
      intent_schema: z.array(z.unknown()),
    }),
    run: 'read_intent',
  }),
  operation({
    name: 'start_run',
    summary: 'Starts a run of a published version under your name; says of each field of the intent what does not fit.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({
      ...onStart,
      project_id: id.optional(),
      display_name: z.string().min(1).max(500).optional(),
    }),
    output: startedRun,
    run: 'start_workflow_run',
  }),
];
