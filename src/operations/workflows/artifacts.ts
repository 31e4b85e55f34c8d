// Artifacts: what runs and tasks left, and links to their content.
import { z } from 'zod';
import { Rejected } from '../../model/errors.ts';
import type { LinkedContent } from '../declared/content-link.ts';
import {
  ADDS,
  batch,
  type Finishing,
  id,
  type Operation,
  operation,
  place,
  READS,
  time,
} from '../declared/operation.ts';
import { listedArtifact } from './run.ts';

const text = (most: number) => z.string().min(1).max(most);
const MOST_CONTENT = 500_000;

const link = z.object({
  url: z.string().describe('Good for five minutes, for you: whoever has it gets the content as long as you may see it'),
  expires_at: time,
  file_name: z.string(),
  size_bytes: z.int().nullable(),
  sha256: z.string().nullable(),
});

/** Where content is, as `read_content` says it. */
const contentPlace = z.object({
  file_name: z.string(),
  sha256: z.string().nullable(),
  size_bytes: z.int().nullable(),
  in_row: z.boolean(),
  storage_path: z.string().nullable(),
  url: z.string().nullable(),
});

/** The link to what `answer` places. Throws Rejected where there is nothing that a link could lead to. */
function linkTo(answer: unknown, content: LinkedContent, { links }: Finishing): z.output<typeof link> {
  const { in_row, storage_path, url, ...file } = contentPlace.parse(answer);
  if (!in_row && storage_path === null) {
    const where = url === null ? 'it lies in the repository' : `it lies at ${url}`;
    throw new Rejected(`There is no content here to link to: ${where}.`, { code: 'CR003' });
  }
  if (links === null) throw new Rejected('There are no links here.', { code: 'CR003' });
  if (!in_row && !links.hasObjects) {
    const message =
      'The content lies in an object store, and this CodeRed has none: whoever runs it sets CODERED_OBJECTS_DIR or CODERED_S3_….';
    throw new Rejected(message, { code: 'CR003' });
  }
  return { ...links.make(content), ...file };
}

/** All of them. */
export const ARTIFACT_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_artifacts',
    summary: "Lists a project's artifacts that you may see, newest first, without their content.",
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      run_id: id.optional(),
      task_id: id.optional(),
      kind: text(50).optional(),
      batch,
      before_created_at: place.optional(),
      before_artifact: id.optional(),
    }),
    output: z.array(
      z.object({ ...listedArtifact.shape, run_name: z.string().nullable(), task_title: z.string().nullable() }),
    ),
    run: 'list_artifacts',
    page: { after: { before_created_at: 'created_at', before_artifact: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_artifact',
    summary: 'Shows an artifact with the beginning of its text.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ artifact_id: id }),
    output: z.object({
      ...listedArtifact.shape,
      text: z.string().nullable().describe('The first 20,000 characters; whoever made the artifact says this'),
      text_left_out: z.int().describe('How many more there are'),
      has_content: z.boolean().describe('Whether link_artifact leads to all of it'),
    }),
    run: 'read_artifact',
  }),
  operation({
    name: 'add_artifact',
    summary: 'Adds what your work on a task left: text, or where it lies.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({
      task_id: id,
      kind: z.enum(['diff', 'pr', 'test_report', 'document', 'other']).default('other'),
      file_name: text(500).optional(),
      file_path: text(2000).optional(),
      content_type: text(100).optional().describe('markdown, json, typescript, or any other word'),
      content: z.string().max(MOST_CONTENT).optional(),
      url: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .optional(),
      ref: text(2000).optional().describe('A link or an id that says it all: a pull request, a commit'),
      summary: z.string().max(20_000).optional(),
      artifact_type: text(100).optional(),
    }),
    output: listedArtifact,
    run: 'add_artifact',
    // task_id beside it says whose it is, for who sends the same again.
    argumentsOf: (artifact) => ({ artifact, task_id: artifact.task_id }),
  }),
  operation({
    name: 'link_artifact',
    summary: 'Makes a link to the whole content of an artifact, for you, for five minutes.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ artifact_id: id }),
    output: link,
    run: 'read_content',
    finish: (answer, { artifact_id }, asked) =>
      linkTo(answer, { kind: 'artifact', id: artifact_id, user_id: asked.userId }, asked),
  }),
  operation({
    name: 'link_spec_document',
    summary: 'Makes a link to the whole document of a spec, for you, for five minutes.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ spec_id: id }),
    output: link,
    run: 'read_content',
    finish: (answer, { spec_id }, asked) => linkTo(answer, { kind: 'spec', id: spec_id, user_id: asked.userId }, asked),
  }),
];
