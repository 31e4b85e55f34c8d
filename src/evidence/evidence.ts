// The evidence step: reads the artifacts of a workflow run that is over, and keeps what their reports say. Only pipeline.ts imports it.

import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import type { Quotas } from '../brain/quotas.ts';
import { type ListedArtifact, listArtifacts, MOST_ARTIFACTS, openArtifact } from '../github/artifacts.ts';
import { Rejected } from '../model/errors.ts';
import { asJson, type Json } from '../model/json.ts';
import { ARCHIVE_LIMITS } from './archive-entry.ts';
import { readArtifact, reportsOf } from './artifact.ts';
import { beyondQuota, type KeptArtifact, keepArtifact, refuseArtifact, refuseRest } from './kept-artifact.ts';
import { type TestResultsRow, testsOf } from './tests/test-results.ts';

const evidenceInput = z.object({
  repository_id: z.number(),
  ci_event_id: z.string(),
  /** No policy asks for anything: only what is small and looks like a report is read. */
  is_information: z.boolean().default(false),
});
const evidenceSubject = z.object({
  installation_id: z.number().nullable(),
  owner: z.string(),
  name: z.string(),
  run_id: z.string(),
  run_attempt: z.number(),
  commit_sha: z.string(),
  html_url: z.string().nullable(),
});

export interface EvidenceDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** How much of what artifacts say may be kept; any amount unless given. */
  readonly quotas?: Pick<Quotas, 'take'>;
}

/** What a build leaves behind may be large, and is nobody's report. */
const INFORMATION = { artifacts: 10, bytes: 20 * 1024 * 1024 };
const REPORT_NAME =
  /cover|lcov|cobertura|jacoco|clover|junit|test|report|result|e2e|playwright|cypress|mocha|lighthouse|lhci|lint|sarif|types?(?:[^a-z]|$)|tsc/i;

/**
 * Reads every artifact of one attempt of a workflow run and records what its reports say, which queues the report of the
 * commit. An artifact that can't be read is recorded with the reason. Throws `Transient` when GitHub or its storage fail.
 */
export async function collectEvidence(input: unknown, { brain, octokitFor, quotas }: EvidenceDeps): Promise<Json> {
  const { repository_id, ci_event_id, is_information } = evidenceInput.parse(input);
  const subject = evidenceSubject
    .nullable()
    .parse(await brain.call('read_evidence_subject', { repository_id, ci_event_id }));
  if (subject === null || subject.installation_id === null) return { artifacts: 0 };
  const octokit = await octokitFor(subject.installation_id);
  const { owner, name: repo, run_id } = subject;
  const { artifacts, left_out } = await listArtifacts(octokit, { owner, repo, run_id: Number(run_id) });
  const kept: (KeptArtifact & { readonly made_at: string | null })[] = [];
  const found: TestResultsRow[] = [];
  let cases = 0;
  for (const artifact of is_information ? likelyReports(artifacts) : artifacts) {
    const url = subject.html_url === null ? null : `${subject.html_url}/artifacts/${artifact.id}`;
    const read = await readOne(octokit, { owner, repo, artifact, commit_sha: subject.commit_sha });
    const { tests, ...row } = read;
    const held = await quotas?.take(subject.installation_id, 'artifact_bytes', Buffer.byteLength(row.content));
    kept.push({ ...(held ? refuseArtifact(artifact, beyondQuota(held)) : row), url, made_at: artifact.created_at });
    if (tests === null || held) continue;
    cases += tests.cases.length;
    found.push(cases <= MOST_CASES_OF_RUN ? tests : withoutCases(tests));
  }
  const count = kept.length;
  // What is not read may be what would not have passed. For information nothing rests on any of it.
  if (left_out !== null && !is_information)
    kept.push({ ...refuseRest(left_out, MOST_ARTIFACTS), made_at: left_out.created_at });
  await brain.call('record_evidence', { repository_id, ci_event_id, artifacts: asJson(kept) });
  for (const tests of found) await recordTests(brain, { repository_id, ci_event_id, artifacts: asJson([tests]) });
  return { artifacts: count, truncated: left_out !== null };
}

/** What the brain refuses of one artifact's tests is no reason to lose those of the others: the gate has what it needs. */
async function recordTests(
  brain: EvidenceDeps['brain'],
  args: { repository_id: number; ci_event_id: string; artifacts: Json },
) {
  try {
    await brain.call('record_test_results', args);
  } catch (thrown) {
    if (!(thrown instanceof Rejected)) throw thrown;
  }
}

function likelyReports(artifacts: readonly ListedArtifact[]): readonly ListedArtifact[] {
  return artifacts
    .filter(({ name, bytes, expired }) => !expired && bytes <= INFORMATION.bytes && REPORT_NAME.test(name))
    .slice(0, INFORMATION.artifacts);
}

interface ReadOne extends KeptArtifact {
  readonly tests: TestResultsRow | null;
}

/** What all artifacts of a run may hold of tests in memory. */
const MOST_CASES_OF_RUN = 200_000;

function withoutCases(tests: TestResultsRow): TestResultsRow {
  return { ...tests, omitted: tests.omitted + tests.cases.length, cases: [] };
}

async function readOne(
  octokit: ProbotOctokit,
  { owner, repo, artifact, commit_sha }: { owner: string; repo: string; artifact: ListedArtifact; commit_sha: string },
): Promise<ReadOne> {
  const refused = (listed: ListedArtifact, reason: string) => ({ ...refuseArtifact(listed, reason), tests: null });
  const refusal = refusalOf(artifact, commit_sha);
  if (refusal !== null) return refused(artifact, refusal);
  const maxBytes = ARCHIVE_LIMITS.compressedBytes;
  const download = await openArtifact(octokit, { owner, repo, artifact_id: artifact.id, maxBytes });
  if (download === null) return refused(artifact, 'GitHub no longer has it');
  const folder = await mkdtemp(join(tmpdir(), 'codered-artifact-'));
  try {
    const path = join(folder, `${randomUUID()}.zip`);
    const hash = createHash('sha256');
    const passed = new PassThrough().on('data', (chunk) => hash.update(chunk));
    await pipeline(Readable.from(download.stream), passed, createWriteStream(path, { mode: 0o600 }));
    if (download.truncated()) return refused(artifact, `it is larger than ${maxBytes} bytes`);
    const digest = `sha256:${hash.digest('hex')}`;
    const read = { ...artifact, digest };
    if (artifact.digest !== null && artifact.digest !== digest)
      return refused(read, 'its SHA-256 is not the one that GitHub lists');
    const content = await readArtifact({ path });
    const row = keepArtifact(read, content);
    return { ...row, tests: testsOf(row, reportsOf(content)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Why an artifact is not even downloaded; null when it is. */
function refusalOf({ expired, bytes, head_sha }: ListedArtifact, commit_sha: string): string | null {
  if (expired) return 'it has expired';
  // A run started by another run (workflow_run, workflow_dispatch) may carry what was measured elsewhere.
  if (head_sha !== null && head_sha !== commit_sha) return `it belongs to commit ${head_sha.slice(0, 7)}`;
  if (bytes > ARCHIVE_LIMITS.compressedBytes) return `it is larger than ${ARCHIVE_LIMITS.compressedBytes} bytes`;
  return null;
}
