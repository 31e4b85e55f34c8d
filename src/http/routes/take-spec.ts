// Hands a spec to the brain by its repository's name, and tells what came of it.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Admission } from '../../brain/admission.ts';
import type { Brain } from '../../brain/client.ts';
import { Rejected } from '../../model/errors.ts';
import type { Json } from '../../model/json.ts';
import { ApiError } from '../api-error.ts';

/** Without `objects` there is no place for large documents. */
export type SpecBrain = Pick<Brain, 'call'> & Partial<Pick<Brain, 'objects'>>;

export interface SpecToTake {
  readonly repository: string;
  readonly spec: {
    /** Null: the default branch. */
    readonly branch: string | null;
    readonly storage_path: string;
    readonly sha: string | null;
    readonly created_by: string;
  };
  /** What is kept of it; null: nobody handed it in. */
  readonly document: string | null;
  /** Null plans no sprint. */
  readonly sprint: { readonly label: string; readonly dod: Json } | null;
}

/** Postgres keeps neither NUL nor half of a surrogate pair in a text. */
export const documentText = z
  .string()
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'has to be text without NUL and half characters');

const taken = z.object({
  spec: z.looseObject({
    id: z.string(),
    repo: z.string(),
    branch: z.string(),
    storage_path: z.string(),
    sha: z.string().nullable(),
    is_new: z.boolean(),
  }),
  sprint: z.looseObject({ id: z.string(), label: z.string(), state: z.string(), is_new: z.boolean() }).nullable(),
});

/** As much as a row takes: specs_content_bytes. */
const MOST_ROW_BYTES = 262_144;

/**
 * Takes it, all or nothing, then keeps the document, and answers `body`; done twice, it changes nothing. A document that could
 * not be kept is when it is handed in again. Throws `ApiError` 404 for a repository out of reach and 413 where there is
 * no place for a large document, else what the brain and the place throw: CR002, CR003.
 */
export async function takeSpec(
  { brain, admission }: { readonly brain: SpecBrain; readonly admission: Admission },
  { repository, spec, document, sprint: asked }: SpecToTake,
) {
  if (!(await admission.isAllowed({ full_name: repository }))) throw outOfReach(repository);
  const { branch, ...rest } = spec;
  const kept = document === null ? null : keptOf(document, brain);
  const called = { full_name: repository, spec: branch === null ? rest : { ...rest, branch }, ...(asked ?? {}) };
  const row: Json = await brain.call('take_spec_by_name', called).catch((thrown: unknown) => {
    if (!(thrown instanceof Rejected) || thrown.code !== 'CR004') throw thrown;
    throw outOfReach(repository);
  });
  const { spec: found, sprint } = taken.parse(row);
  const { id: spec_id } = found;
  if (document !== null && kept !== null) {
    const path: string | null = await brain.call('keep_spec_document', { spec_id, document: kept });
    if (path !== null) {
      await brain.objects?.put(path, Buffer.from(document));
      await brain.call('keep_spec_object', { spec_id });
    }
  }
  return {
    is_new: found.is_new || sprint?.is_new === true,
    spec_id: found.id,
    body: {
      spec: { id: found.id, repository: found.repo, branch: found.branch, path: found.storage_path, sha: found.sha },
      sprint: sprint === null ? null : { id: sprint.id, label: sprint.label, state: sprint.state },
    },
  };
}

/** In the row, or what the row says of an object. */
function keptOf(document: string, { objects }: SpecBrain) {
  const bytes = Buffer.byteLength(document);
  if (bytes <= MOST_ROW_BYTES) return { content: document };
  if (objects === null || objects === undefined) {
    throw new ApiError(
      413,
      'no_place',
      `The document has ${bytes} bytes, and for more than ${MOST_ROW_BYTES} there is no place here: whoever runs CodeRed sets CODERED_OBJECTS_DIR or CODERED_S3_…`,
    );
  }
  return { bytes, sha256: createHash('sha256').update(document).digest('hex') };
}

function outOfReach(repository: string): ApiError {
  return new ApiError(404, 'CR004', `CodeRed is not installed on ${repository}, or is suspended there`);
}
