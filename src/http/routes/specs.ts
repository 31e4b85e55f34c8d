// POST /api/v1/specs: takes a spec, and the Definition of Done of a sprint on it, from a caller with an API key.
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Admission, makeAdmission } from '../../brain/admission.ts';
import type { ApiKey } from '../../config/api-keys.ts';
import { asJson } from '../../model/json.ts';
import { blobSha } from '../../specs/blob-sha.ts';
import { specDod } from '../../specs/parse-spec.ts';
import type { Route } from '../api.ts';
import { callerOf } from '../api-key.ts';
import { makeReadJson } from '../read-json.ts';
import { branchName, filePath, oneLine, repositoryName } from '../repository-fields.ts';
import { documentText, type SpecBrain, takeSpec } from './take-spec.ts';

export interface SpecIntakeDeps {
  readonly brain: SpecBrain;
  /** Everybody's unless given. */
  readonly admission?: Admission;
  readonly keys: readonly ApiKey[];
  readonly log: Pick<Logger, 'info'>;
}

const specBody = z
  .strictObject({
    repository: repositoryName,
    branch: branchName,
    path: filePath,
    /** Kept; without it the document stays where it lies. */
    content: documentText.optional(),
    sha: z
      .string()
      .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'has to be 40 or 64 hexadecimal digits')
      .optional(),
    label: oneLine.max(200).default('S1'),
    dod: specDod.optional(),
  })
  .refine(({ content, sha }) => content === undefined || sha === undefined, 'takes content or sha, not both');

/** 201 when the spec or the sprint is new, 200 when all of it was known; sent twice, it changes nothing. */
export function makeSpecIntake(deps: SpecIntakeDeps): Route {
  const { brain, keys, log, admission = makeAdmission(brain, null, log) } = deps;
  const readJson = makeReadJson();
  return async (request) => {
    const caller = callerOf(request.headers.authorization, keys);
    const { repository, branch, path, content, sha, label, dod } = await readJson(request, specBody);
    const version = sha ?? (content === undefined ? null : blobSha(content));
    const { is_new, spec_id, body } = await takeSpec(
      { brain, admission },
      {
        repository,
        spec: { branch, storage_path: path, sha: version, created_by: `api:${caller}` },
        document: content ?? null,
        sprint: dod === undefined ? null : { label, dod: asJson(dod) },
      },
    );
    log.info({ caller, repository, path, spec_id, is_new }, 'a spec was handed in');
    return { status: is_new ? 201 : 200, body };
  };
}
