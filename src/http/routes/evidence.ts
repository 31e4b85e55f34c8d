// POST /api/v1/evidence: takes the report of a CI job that can't use artifacts. The job's OIDC token says which run it belongs
// to, and nothing else does.
import { createReadStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Admission, makeAdmission } from '../../brain/admission.ts';
import type { Brain } from '../../brain/client.ts';
import type { HeldBack, Quotas } from '../../brain/quotas.ts';
import { LIMITS } from '../../config/limits.ts';
import { type Artifact, readArtifact, reportsOf } from '../../evidence/artifact.ts';
import { FORMATS, openReport } from '../../evidence/formats.ts';
import {
  beyondQuota,
  type KeptArtifact,
  keepArtifact,
  parseKept,
  refuseArtifact,
} from '../../evidence/kept-artifact.ts';
import { repositoryPath } from '../../evidence/reading/report-values.ts';
import { type TestResultsRow, testsOf } from '../../evidence/tests/test-results.ts';
import { Rejected } from '../../model/errors.ts';
import { asJson } from '../../model/json.ts';
import { plainWords } from '../../text/shape-problems.ts';
import type { Route } from '../api.ts';
import { ApiError, malformed, tryAgain } from '../api-error.ts';
import { type JobClaims, type Verifier, verifyJobToken } from '../oidc-token.ts';
import { checkAnnounced, type UploadedFile, withUploadedFile } from './upload-file.ts';
import { UploadSlots } from './upload-slots.ts';

export interface UploadDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly verifier: Verifier;
  /** Everybody's unless given. */
  readonly admission?: Admission;
  /** How much may be kept; any amount unless given. */
  readonly quotas?: Pick<Quotas, 'takeOfRepository'>;
  readonly log: Pick<Logger, 'info'>;
  readonly maxBytes?: number;
}

const oneLine = z.string().regex(/^[^\p{Cc}\p{Cs}]+$/u, 'has to be one line of text');
const uploadQuery = z.strictObject({
  name: oneLine.max(200),
  /** Names the file where its content does not tell the format. */
  file: oneLine.max(500).optional(),
  commit: z
    .string()
    .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'has to be a full commit SHA')
    .optional(),
});
type UploadQuery = z.output<typeof uploadQuery>;
const uploadSubject = z
  .object({ is_installed: z.boolean(), commit_sha: z.string().nullable(), html_url: z.string().nullable() })
  .nullable();

const TAKEN =
  /^(?:application\/(?:zip|x-zip-compressed|octet-stream|xml|json|[\w.-]+\+(?:xml|json))|text\/(?:plain|xml))$/;
const ZIP = /^application\/(?:zip|x-zip-compressed)$/;

/**
 * The cheapest checks come first, and the body is not read before it is known whose it is: content type (415), announced
 * size (413), query (400), token (401), repository (403), run (404), commit (403), room (503), body (413, 415, 408).
 */
export function makeEvidenceUpload(deps: UploadDeps): Route {
  const { brain, verifier, log, maxBytes = LIMITS.uploadBytes } = deps;
  const { admission = makeAdmission(brain, null, log) } = deps;
  const slots = new UploadSlots(LIMITS.uploadsAtOnce);
  if (verifier.audiences.length === 0) return noAudience;
  return async (request, query) => {
    const type = contentType(request);
    checkAnnounced(request, maxBytes);
    const parsed = uploadQuery.safeParse(Object.fromEntries(query), { error: plainWords });
    if (!parsed.success) throw malformed(parsed.error, 'The query');
    const job = await verifyJobToken(request.headers.authorization, verifier);
    await checkAccount(admission, job);
    const { commit, url } = await findRun(brain, job, parsed.data.commit);
    const slot = slots.enter();
    if (slot === null) {
      throw tryAgain(503, 'busy', 'Too many uploads at once; try again later', LIMITS.retryAfterSeconds);
    }
    try {
      const { kept, tests } = await withUploadedFile(request, { maxBytes, slot }, (file) =>
        measure(file, type, parsed.data),
      );
      const size = Buffer.byteLength(kept.content);
      const held = await deps.quotas?.takeOfRepository(job.repository_id, 'artifact_bytes', size);
      // What it was to take the place of must not go on counting.
      await record(brain, job, {
        ...(held ? refuseArtifact({ ...kept, id: null, digest: kept.ref }, beyondQuota(held)) : kept),
        url,
      });
      if (held) throw quotaReached(held);
      if (tests !== null) await recordTests(brain, job, tests, log);
      const { name } = parsed.data;
      const { repository_id, run_id, run_attempt, event_name, workflow_ref } = job;
      log.info(
        { repository_id, run_id, run_attempt, event_name, workflow_ref, artifact: name },
        'evidence was uploaded',
      );
      return { status: 202, body: { name, commit, reports: reportsIn(kept) } };
    } finally {
      slot.leave();
    }
  };
}

const noAudience: Route = async () => {
  const message =
    'To take uploads of evidence, set CODERED_URL to where this CodeRed is reached from outside (https://…): jobs ask their token for it';
  throw new ApiError(404, 'evidence_not_set_up', message);
};

function quotaReached({ until, allowed }: HeldBack): ApiError {
  const message = `${beyondQuota({ until, allowed })}; until then the report counts as one that can't be read`;
  return new ApiError(429, 'quota_reached', message, { details: { until } });
}

function contentType({ headers }: IncomingMessage): string {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new ApiError(
      415,
      'unsupported_encoding',
      'The body has to come without Content-Encoding; pack it as a zip archive',
    );
  }
  const type = (headers['content-type'] ?? 'application/octet-stream').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (TAKEN.test(type)) return type;
  const advice =
    'Send the file as it is, with Content-Type: application/zip for an archive, application/octet-stream else';
  throw new ApiError(415, 'unsupported_type', advice);
}

/** In the words of a repository that nobody knows: a stranger learns nothing of who is let in. */
async function checkAccount(admission: Admission, job: JobClaims): Promise<void> {
  const { repository_id, repository_owner_id: owner_id, repository_owner: owner_login } = job;
  const owner = {
    ...(owner_id === undefined ? {} : { owner_id }),
    ...(owner_login === undefined ? {} : { owner_login }),
  };
  if (!(await admission.isAllowed({ repository_id, ...owner }))) throw notInstalled();
}

const notInstalled = (): ApiError =>
  new ApiError(403, 'not_installed', 'CodeRed is not installed on the repository of the token');

/** The commit that counts is the one that GitHub named for the run: a token of a pull request names the merge commit. */
async function findRun(brain: Pick<Brain, 'call'>, job: JobClaims, wanted: string | undefined) {
  const { repository_id, run_id, run_attempt } = job;
  const found = uploadSubject.parse(await brain.call('read_upload_subject', { repository_id, run_id, run_attempt }));
  if (found === null || !found.is_installed) {
    throw notInstalled();
  }
  const { commit_sha: commit, html_url: url } = found;
  if (commit === null) {
    const message = 'GitHub has not told of this run yet; try again in some seconds';
    throw tryAgain(404, 'run_unknown', message, LIMITS.retryAfterSeconds);
  }
  if (wanted !== undefined && wanted !== commit) {
    throw new ApiError(403, 'wrong_commit', `The run of the token is about commit ${commit}`, { details: { commit } });
  }
  return { commit, url };
}

/** A zip archive by its type or its first bytes; anything else is one report. */
async function measure(upload: UploadedFile, type: string, { name, file }: UploadQuery): Promise<Measured> {
  const listed = { id: null, name, digest: `sha256:${upload.sha256}` };
  const isZip = ZIP.test(type) || upload.magic.toString('latin1').startsWith('PK');
  if (isZip) return measured(listed, await readArtifact({ path: upload.path }));
  const path = file ?? name;
  const reader = openReport(path);
  for await (const chunk of createReadStream(upload.path)) {
    if (!reader.write(chunk)) break;
  }
  const measurement = reader.end();
  if (measurement === null) {
    const message = 'The file is no report that CodeRed reads; where only its name tells, send it as the query file';
    throw new ApiError(415, 'unknown_format', message, { details: { formats: FORMATS.map((format) => format.name) } });
  }
  const files = [{ path: repositoryPath(path), measurement }];
  return measured(listed, { state: 'read', files, others: [], remarks: [] });
}

interface Measured {
  readonly kept: KeptArtifact;
  readonly tests: TestResultsRow | null;
}

function measured(listed: Parameters<typeof keepArtifact>[0], artifact: Artifact): Measured {
  const kept = keepArtifact(listed, artifact);
  return { kept, tests: testsOf(kept, reportsOf(artifact)) };
}

/** The report is taken by then: what the brain refuses of its tests is nothing that sending it again would mend. */
async function recordTests(brain: UploadDeps['brain'], job: JobClaims, tests: TestResultsRow, log: UploadDeps['log']) {
  const { repository_id, run_id, run_attempt } = job;
  try {
    await brain.call('record_uploaded_tests', { repository_id, run_id, run_attempt, tests: asJson(tests) });
  } catch (thrown) {
    if (!(thrown instanceof Rejected)) throw thrown;
    log.info({ repository_id, run_id, artifact: tests.name, reason: thrown.message }, 'its tests could not be counted');
  }
}

async function record(brain: Pick<Brain, 'call'>, job: JobClaims, artifact: KeptArtifact): Promise<void> {
  const { repository_id, run_id, run_attempt } = job;
  await brain.call('record_uploaded_evidence', { repository_id, run_id, run_attempt, artifact: asJson(artifact) });
}

function reportsIn({ name, content }: KeptArtifact) {
  const kept = parseKept(content);
  if ('refused' in kept) return [{ path: name, kind: 'unreadable', format: null, reason: kept.refused }];
  return kept.reports.map(({ path, measurement }) => {
    const { kind, format } = measurement;
    return kind === 'unreadable' ? { path, kind, format, reason: measurement.reason } : { path, kind, format };
  });
}
