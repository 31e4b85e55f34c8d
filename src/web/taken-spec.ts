// Hands a spec to the brain by its repository's name, and tells what came of it. spec-intake.ts and spec-mail.ts use it.
import { z } from 'zod';
import type { Admission } from '../brain/admission.ts';
import type { Brain } from '../brain/client.ts';
import { type Json, Rejected } from '../model.ts';
import { ApiError } from './api-error.ts';

export interface SpecToTake {
  readonly repository: string;
  readonly spec: {
    /** Null: the default branch. */
    readonly branch: string | null;
    readonly storage_path: string;
    readonly sha: string | null;
    readonly created_by: string;
  };
  /** Null plans no sprint. */
  readonly sprint: { readonly label: string; readonly dod: Json } | null;
}

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

/** Takes it, all or nothing, and answers `body`; done twice, it changes nothing. Throws `ApiError` 404 for a repository out of reach, else what the brain throws: CR002, CR003. */
export async function takeSpec(
  { brain, admission }: { readonly brain: Pick<Brain, 'call'>; readonly admission: Admission },
  { repository, spec, sprint: asked }: SpecToTake,
) {
  if (!(await admission.isAllowed({ full_name: repository }))) throw outOfReach(repository);
  const { branch, ...rest } = spec;
  const called = { full_name: repository, spec: branch === null ? rest : { ...rest, branch }, ...(asked ?? {}) };
  const told: Json = await brain.call('take_spec_by_name', called).catch((thrown: unknown) => {
    if (!(thrown instanceof Rejected) || thrown.code !== 'CR004') throw thrown;
    throw outOfReach(repository);
  });
  const { spec: found, sprint } = taken.parse(told);
  return {
    is_new: found.is_new || sprint?.is_new === true,
    spec_id: found.id,
    body: {
      spec: { id: found.id, repository: found.repo, branch: found.branch, path: found.storage_path, sha: found.sha },
      sprint: sprint === null ? null : { id: sprint.id, label: sprint.label, state: sprint.state },
    },
  };
}

function outOfReach(repository: string): ApiError {
  return new ApiError(404, 'CR004', `CodeRed is not installed on ${repository}, or is suspended there`);
}
