// POST /api/v1/specs: takes a spec, and the Definition of Done of a sprint on it, from a caller with an API key. server.ts
// makes it.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ApiKey } from '../api-keys.ts';
import type { Brain } from '../brain/client.ts';
import type { Json } from '../model.ts';
import type { Route } from './api.ts';
import { callerOf } from './api-key.ts';
import { makeReadJson } from './read-json.ts';
import { branchName, filePath, oneLine, repositoryName } from './repository-fields.ts';

export interface SpecIntakeParts {
  readonly brain: Pick<Brain, 'call'>;
  readonly keys: readonly ApiKey[];
  readonly log: Pick<Logger, 'info'>;
}

const specBody = z
  .strictObject({
    repository: repositoryName,
    branch: branchName,
    path: filePath,
    /** Only its hash is kept: the document stays where it lies. */
    content: z.string().optional(),
    sha: z
      .string()
      .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'has to be 40 or 64 hexadecimal digits')
      .optional(),
    label: oneLine.max(200).default('S1'),
    /** Its keys are the brain's to judge: codered.accept_dod. */
    dod: z.record(z.string().max(100), z.json()).optional(),
  })
  .refine(({ content, sha }) => content === undefined || sha === undefined, 'takes content or sha, not both');

const taken = z.object({
  spec: z.looseObject({ id: z.string(), sha: z.string().nullable(), is_new: z.boolean() }),
  sprint: z.looseObject({ id: z.string(), label: z.string(), state: z.string(), is_new: z.boolean() }).nullable(),
});

/** 201 when the spec or the sprint is new, 200 when all of it was known; sent twice, it changes nothing. */
export function makeSpecIntake({ brain, keys, log }: SpecIntakeParts): Route {
  const readJson = makeReadJson();
  return async (request) => {
    const caller = callerOf(request.headers.authorization, keys);
    const { repository, branch, path, content, sha, label, dod } = await readJson(request, specBody);
    const version = sha ?? (content === undefined ? null : blobSha(content));
    const spec = { branch, storage_path: path, sha: version, created_by: `api:${caller}` };
    const told: Json = await brain.call('take_spec_by_name', {
      full_name: repository,
      spec,
      ...(dod === undefined ? {} : { label, dod }),
    });
    const found = taken.parse(told);
    const isNew = found.spec.is_new || found.sprint?.is_new === true;
    log.info({ caller, repository, path, spec_id: found.spec.id, is_new: isNew }, 'a spec was handed in');
    const { sprint } = found;
    return {
      status: isNew ? 201 : 200,
      body: {
        spec: { id: found.spec.id, sha: found.spec.sha },
        sprint: sprint === null ? null : { id: sprint.id, label: sprint.label, state: sprint.state },
      },
    };
  };
}

/** What git and GitHub call a file of this content, so that the same file is the same spec whichever way it comes. */
function blobSha(content: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest('hex');
}
