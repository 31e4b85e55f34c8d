// The step that finds out why something failed: fetches the log and the annotations of a failed job, or what a check, a
// status or a deployment says, matches the patterns and stores what it found.
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import type { Quotas } from '../brain/quotas.ts';
import { type Annotation, readAnnotations } from '../github/checks.ts';
import { watchRequests } from '../github/request-budget.ts';
import { type JobPayload, readAttemptJobs, readJobLog } from '../github/runs.ts';
import { asError, Misconfigured, Rejected, Transient } from '../model/errors.ts';
import type { LogState } from '../model/failure.ts';
import type { Json } from '../model/json.ts';
import {
  classifyLog,
  classifyRunWithoutFailedJob,
  classifyText,
  classifyUnreadLog,
  classifyUnreadRun,
  classifyWithoutLog,
  classifyWorkflowFile,
  type DiagnosedFailure,
} from './classify.ts';
import { hasFailed } from './has-failed.ts';
import { idsOf, withoutLines } from './held-excerpt.ts';
import { readLastGreen, wantsGreenLog } from './last-green.ts';
import type { MatcherSource } from './matchers.ts';
import type { LogMatching, Matcher } from './patterns/match.ts';
import { isCancel } from './patterns/silence.ts';
import { runnerLostIn } from './runner-lost.ts';
import { type DiagnosisSubject, type FailedEvent, type FailedJob, parseDiagnosisSubject } from './subject.ts';
import { classifyTimeLimit, timeLimitIn } from './time-limit.ts';

export interface DiagnoseDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  readonly matcherFor: MatcherSource;
  /** Counts the excerpts that may be kept; left out: there is no limit. */
  readonly quotas?: Pick<Quotas, 'takeExcerpt'>;
  /** The App's id, under which jobs whose webhooks were lost are put into the inbox. */
  readonly appId: number;
  /** Which try this is; 1 for the first. */
  readonly attempts: number;
  readonly log: Logger;
}

/** The log of a finished job appears some seconds after its end: docs/github.md#job-logs. */
const LOG_PAUSES_MS = [5_000, 30_000, 120_000] as const;

/**
 * Diagnoses the failure that `input` names (that of a follow-up `diagnose`) and stores it, which queues the report. Nothing is stored
 * when the subject is gone or has not failed any more, or is a job that was only cancelled. Returns what was done. Throws
 * `Transient` while the log is not there yet, at most three times.
 */
export async function diagnose(input: unknown, deps: DiagnoseDeps): Promise<Json> {
  const subject = parseDiagnosisSubject(await deps.brain.call('read_diagnosis_subject', { input: input as Json }));
  if (subject === null) return { judged: false };
  const found = await classify(subject, deps).catch((error: unknown) => classifyUnread(subject, asError(error), deps));
  if (found === null) return { judged: false };
  const { log_state, runner_lost = null } = found;
  const failure = await withinQuota(found.failure, subject, deps);
  const { project_id, repository_id, deployment } = subject;
  await deps.brain.call('record_diagnosis', {
    diagnosis: {
      ...failure,
      project_id,
      repository_id,
      source: deployment === null ? 'ci' : 'deployment',
      ...idsOf(subject),
      log_state,
      runner_lost,
    },
  });
  return { judged: true, fingerprint: failure.fingerprint };
}

async function withinQuota(failure: DiagnosedFailure, subject: DiagnosisSubject, { quotas }: DiagnoseDeps) {
  if (failure.excerpt === null || subject.installation_id === null || quotas === undefined) return failure;
  const held = await quotas.takeExcerpt(subject.installation_id, idsOf(subject));
  return held === null ? failure : withoutLines(failure, held);
}

interface Found {
  readonly failure: DiagnosedFailure;
  /** Null leaves what is known of the log as it is. */
  readonly log_state: LogState | null;
  /** GitHub's words that the job's runner was lost. */
  readonly runner_lost?: string | null;
}

const withoutLog = (failure: DiagnosedFailure): Found => ({ failure, log_state: null });

async function classify(subject: DiagnosisSubject, deps: DiagnoseDeps): Promise<Found | null> {
  const { ci_job, ci_event, deployment } = subject;
  if (ci_job?.status === 'canceled') return classifyCanceledJob(subject, ci_job, deps);
  if (ci_job !== null) return ci_job.status === 'failed' ? classifyJob(subject, ci_job, deps) : null;
  const matcher = await deps.matcherFor(subject.project_id);
  if (deployment !== null) {
    const name = `deployment to ${deployment.environment_name}`;
    return deployment.status === 'failed'
      ? withoutLog(classifyText(deployment.description ?? '', { matcher, subject: name }))
      : null;
  }
  if (ci_event === null || ci_event.status !== 'failed') return null;
  if (ci_event.provider === 'github-actions') return classifyRun(subject, ci_event, deps);
  return withoutLog(classifyText(ci_event.summary ?? '', { matcher, subject: ci_event.workflow_name }));
}

async function classifyJob(subject: DiagnosisSubject, job: FailedJob, deps: DiagnoseDeps): Promise<Found> {
  const matcher = await deps.matcherFor(subject.project_id);
  const octokit = await octokitOf(subject, deps);
  const hasRoom = watchRequests(octokit);
  const place = { owner: subject.owner, repo: subject.name };
  const log = await readJobLog(octokit, { ...place, job_id: job.job_id });
  const pauseMs = LOG_PAUSES_MS[deps.attempts - 1];
  if (log.state === 'missing' && pauseMs !== undefined) {
    throw new Transient(`GitHub has no log of job ${job.job_id} yet`, { retryAfterMs: pauseMs });
  }
  const matching = log.state === 'fetched' ? await readThrough(log.stream, matcher, job) : null;
  const notes = await annotationsOf(octokit, { ...place, check_run_id: job.job_id, log: deps.log });
  const runner_lost = runnerLostIn(notes, job.steps);
  if (log.state === 'fetched' && matching !== null) {
    const alone = matching.end();
    const asked = { ...place, octokit, hasRoom, ci_job_id: job.id, brain: deps.brain, log: deps.log };
    const green = wantsGreenLog(alone) ? await readLastGreen(asked) : null;
    const logMatch = green === null ? alone : matching.end(green);
    // Both halves of the work can take seconds of a log that was written for it.
    await setImmediate();
    const inLog = classifyLog(logMatch, notes, job.name);
    // GitHub's word that the time was over explains only what nothing else does; the runner's own says that it cancelled, not why.
    const { primary } = logMatch;
    const isKnown = primary?.pattern.rank === 'cause' && !isCancel(primary.text);
    const timeLimit = isKnown ? null : timeLimitIn(notes);
    const failure = timeLimit === null ? inLog : classifyTimeLimit(timeLimit, { inLog, matcher, subject: job.name });
    return { failure, log_state: 'fetched', runner_lost };
  }
  const log_state = log.state === 'expired' ? 'expired' : 'missing';
  return { failure: classifyWithoutLog(log_state, { notes, matcher, subject: job.name }), log_state, runner_lost };
}

/**
 * GitHub concludes a job that ran over its `timeout-minutes` as cancelled, and says why only in an annotation.
 * docs/github.md#runs-jobs-and-attempts
 */
async function classifyCanceledJob(
  subject: DiagnosisSubject,
  job: FailedJob,
  deps: DiagnoseDeps,
): Promise<Found | null> {
  const octokit = await octokitOf(subject, deps);
  const place = { owner: subject.owner, repo: subject.name, check_run_id: job.job_id };
  const timeLimit = timeLimitIn(await readAnnotations(octokit, place));
  if (timeLimit === null) return job.has_failed_step ? classifyJob(subject, job, deps) : null;
  const matcher = await deps.matcherFor(subject.project_id);
  const { failure: inLog, log_state } = await classifyJob(subject, job, deps);
  return { failure: classifyTimeLimit(timeLimit, { inLog, matcher, subject: job.name }), log_state };
}

/** After so many tries the report says that the log could not be read, instead of that it is being read. */
const LAST_TRY = 7;

/** Throws the error while another try may help, and when it is not known that the subject failed. */
function classifyUnread({ ci_job, ci_event }: DiagnosisSubject, error: Error, { attempts, log }: DiagnoseDeps): Found {
  const final = error instanceof Rejected || error instanceof Misconfigured || attempts >= LAST_TRY;
  const hasFailed =
    ci_job === null ? ci_event?.status === 'failed' : ci_job.status === 'failed' || ci_job.has_failed_step;
  if (!final || !hasFailed) throw error;
  log.error({ err: error, job_id: ci_job?.job_id, run_id: ci_event?.run_id, attempts }, 'a failure could not be read');
  return withoutLog(
    ci_job === null ? classifyUnreadRun(ci_event?.workflow_name ?? '') : classifyUnreadLog(ci_job.name),
  );
}

async function readThrough(
  stream: AsyncIterable<Uint8Array>,
  matcher: Matcher,
  { has_failed_step, steps }: FailedJob,
): Promise<LogMatching> {
  // Of a job that failed without a failed step, the steps say nothing.
  const matching = matcher.start(has_failed_step ? steps : []);
  for await (const chunk of stream) matching.write(chunk);
  return matching;
}

/** Annotations add where it broke; a diagnosis without them is still one, so their failure is only logged. */
async function annotationsOf(
  octokit: ProbotOctokit,
  { log, ...place }: { owner: string; repo: string; check_run_id: number; log: Logger },
): Promise<Annotation[]> {
  try {
    return await readAnnotations(octokit, place);
  } catch (error) {
    log.warn({ err: asError(error), job_id: place.check_run_id }, 'annotations could not be read');
    return [];
  }
}

/**
 * A run that failed though no failed job is known: either the jobs' webhooks were lost, then they go through the inbox
 * as if they had come, or there never was a job, because the workflow file is not valid.
 */
async function classifyRun(subject: DiagnosisSubject, run: FailedEvent, deps: DiagnoseDeps): Promise<Found | null> {
  if (run.conclusion !== 'startup_failure') {
    if (run.has_failed_job) return null;
    const octokit = await octokitOf(subject, deps);
    const { run_attempt: attempt_number } = run;
    const query = { owner: subject.owner, repo: subject.name, run_id: Number(run.run_id), attempt_number };
    const { finished, unfinished } = await readAttemptJobs(octokit, query);
    if (finished.length > 0) await receiveLostJobs(finished, subject, deps);
    if (finished.some(hasFailed) || (await someRanIntoTimeLimit(finished, { octokit, subject }))) return null;
    if (unfinished > 0)
      throw new Transient(`GitHub lists jobs of run ${run.run_id} that have not finished, though it has`);
    if (finished.length > 0) return withoutLog(classifyRunWithoutFailedJob(run.workflow_name));
  }
  const matcher = await deps.matcherFor(subject.project_id);
  return withoutLog(classifyWorkflowFile(run.workflow_path, { matcher, conclusion: run.conclusion }));
}

/** Whether one of the jobs ran into its time limit: such a job is classified by itself (`classifyCanceledJob`). */
async function someRanIntoTimeLimit(
  jobs: readonly JobPayload[],
  { octokit, subject: { owner, name: repo } }: { octokit: ProbotOctokit; subject: DiagnosisSubject },
): Promise<boolean> {
  for (const { workflow_job: job } of jobs) {
    if (job.conclusion !== 'cancelled' || (job.steps ?? []).length === 0) continue;
    if (timeLimitIn(await readAnnotations(octokit, { owner, repo, check_run_id: job.id })) !== null) return true;
  }
  return false;
}

async function receiveLostJobs(
  jobs: readonly JobPayload[],
  { installation_id, repository_id }: DiagnosisSubject,
  { brain, appId }: DiagnoseDeps,
): Promise<void> {
  for (const payload of jobs) {
    const guid = `lost-job-${payload.workflow_job.id}`;
    const head = { app_id: appId, guid, event: 'workflow_job', action: payload.action, installation_id, repository_id };
    const payloads = JSON.stringify({ ...payload, installation: { id: installation_id } });
    await brain.call('receive_deliveries', { heads: [head], payloads });
  }
}

async function octokitOf(subject: DiagnosisSubject, { octokitFor }: DiagnoseDeps): Promise<ProbotOctokit> {
  if (subject.installation_id !== null) return octokitFor(subject.installation_id);
  throw new Transient(`the App is not installed on ${subject.owner}/${subject.name} as far as we know`);
}
