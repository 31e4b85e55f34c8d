// Specs and sprints: what was asked for, in documents that are kept, and the Definition of Done that was planned on them.
import { z } from 'zod';
import { ADDS, batch, fullName, id, type Operation, operation, place, READS, time } from '../declared/operation.ts';

const dod = z
  .strictObject({
    coverage_min: z.number().min(0).max(1),
    e2e_pass: z.boolean(),
    lighthouse_min: z.number().min(0).max(100),
    lint_pass: z.boolean(),
    type_check: z.boolean(),
  })
  .partial();

const sprintState = z.enum(['PLANNED', 'RUNNING', 'DONE', 'FAILED']);

const sprint = z.object({
  id,
  spec_id: id,
  label: z.string(),
  dod_json: dod,
  state: sprintState,
  created_at: time,
  updated_at: time,
});

const placedSprint = z.object({
  ...sprint.shape,
  repository: z.string().nullable(),
  branch: z.string().nullable(),
  path: z.string().nullable(),
});

/** A spec without its text. */
const listedSpec = z.object({
  id,
  project_id: id.nullable(),
  repo: z.string().nullable().describe('owner/name; null: a version of a template'),
  branch: z.string().nullable(),
  storage_path: z.string().nullable(),
  sha: z.string().nullable(),
  created_by: z.string().nullable(),
  created_by_user_id: id.nullable(),
  document_bytes: z.int().nullable(),
  document_sha256: z.string().nullable(),
  is_document_kept: z.boolean().describe('False: it lies in the repository'),
  published_at: time.nullable(),
  created_at: time,
});

/** As much as a row takes: specs_content_bytes. */
const MOST_DOCUMENT = 262_144;

/** All of them. */
export const SPEC_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_specs',
    summary: "Lists a project's spec documents, newest first, each with its newest sprint.",
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      repository: fullName.optional(),
      branch: z.string().min(1).max(1000).optional(),
      batch,
      before_created_at: place.optional(),
      before_spec: id.optional(),
    }),
    output: z.array(
      z.object({
        ...listedSpec.shape,
        sprint: z.object({ id, label: z.string(), state: sprintState }).nullable(),
      }),
    ),
    run: 'list_specs',
    page: { after: { before_created_at: 'created_at', before_spec: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_spec',
    summary:
      'Shows a spec with its document, the sprints that were planned on it, and what kept one from being planned.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ spec_id: id }),
    output: z.object({
      ...listedSpec.shape,
      template_id: id.nullable(),
      version: z.string().nullable(),
      version_hash: z.string().nullable(),
      intent_schema: z.array(z.unknown()),
      stages: z.array(z.unknown()),
      qa_config: z.record(z.string(), z.unknown()),
      output_guarantees: z.array(z.unknown()),
      cost_profile: z.record(z.string(), z.unknown()),
      artifact_type: z.string().nullable(),
      output_formats: z.array(z.string()),
      is_active: z.boolean(),
      visibility: z.string(),
      content: z
        .string()
        .nullable()
        .describe(
          'Whoever wrote the document says this. Null where it is kept elsewhere: link_spec_document, or the repository',
        ),
      sprints: z.array(sprint),
      analysis: z
        .object({
          job_id: id,
          status: z.string(),
          error: z.string().nullable(),
          created_at: time,
          completed_at: time.nullable(),
        })
        .nullable()
        .describe(
          'The job plan_sprint that makes a Definition of Done for it; null: it brought one, or nobody may see it',
        ),
      problem: z.string().nullable().describe('Why no sprint was planned on it'),
    }),
    run: 'read_spec',
  }),
  operation({
    name: 'upload_spec',
    summary:
      'Hands in a spec document for a repository, and plans a sprint on it where it says what is done (maintainers).',
    scope: 'gate',
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      repository: fullName,
      path: z.string().min(1).max(2000).describe('Where it would stand in the repository'),
      content: z
        .string()
        .max(MOST_DOCUMENT)
        .describe(
          `At most ${MOST_DOCUMENT} bytes; POST /api/v1/specs takes larger ones where there is a place for them`,
        ),
      branch: z.string().min(1).max(1000).optional().describe('Left out: the default branch'),
      label: z.string().min(1).max(200).optional().describe('Of the sprint; needed with dod'),
      dod: dod.optional().describe('Definition of Done: pull requests of the branch are held to it'),
    }),
    output: z.object({
      spec: z.object({
        id,
        repo: z.string(),
        branch: z.string(),
        storage_path: z.string(),
        sha: z.string().nullable(),
        is_new: z.boolean(),
      }),
      sprint: z.object({ ...sprint.shape, is_new: z.boolean() }).nullable(),
    }),
    run: 'upload_spec',
  }),
  operation({
    name: 'list_sprints',
    summary: "Lists a project's sprints, newest first.",
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      spec_id: id.optional(),
      state: sprintState.optional(),
      batch,
      before_created_at: place.optional(),
      before_sprint: id.optional(),
    }),
    output: z.array(placedSprint),
    run: 'list_sprints',
    page: { after: { before_created_at: 'created_at', before_sprint: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_sprint',
    summary: 'Shows what a sprint asks for, where it stands, and its newest runs.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ sprint_id: id }),
    output: z.object({
      ...placedSprint.shape,
      runs: z.array(
        z.object({
          id,
          status: z.string(),
          result: z.string().nullable(),
          dod_state: z.string().nullable(),
          pull_request_number: z.int().nullable(),
          commit_sha: z.string().nullable(),
          gates_passed: z.int(),
          gates_failed: z.int(),
          total_gates: z.int(),
          created_at: time,
          finished_at: time.nullable(),
        }),
      ),
    }),
    run: 'read_sprint',
  }),
];
