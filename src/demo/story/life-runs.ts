// Tells workflow runs: requested, queued, in progress, completed, and again as a further attempt.

import type { Job, JobStep, PullRequest, WorkflowRun } from '../github/state/records.ts';
import { ACCOUNTS } from '../github/state/retell.ts';
import type { JobOutline, Place } from './life-outline.ts';
import { workflowJobPayload, workflowRunPayload } from './payloads.ts';
import type { StoredRun, Teller } from './teller.ts';

/** Where a run happens. A fork's pull request is left out of `pullRequests`, as GitHub does. */
function whereabouts(
  teller: Teller,
  place: Place,
): Pick<WorkflowRun, 'headBranch' | 'headSha' | 'headRepository' | 'pullRequests' | 'event' | 'actor'> {
  const { repository, mainSha } = teller;
  const onMain = {
    headBranch: repository.defaultBranch,
    headSha: mainSha,
    headRepository: repository,
    pullRequests: [],
  };
  if (place === 'default branch') return { ...onMain, event: 'push', actor: ACCOUNTS.codertocat };
  const { head, author, ...pull } = pullOf(teller, place);
  const fork = head.repository?.id !== repository.id;
  return {
    headBranch: head.ref,
    headSha: head.sha,
    headRepository: head.repository ?? repository,
    pullRequests: fork ? [] : [{ head, author, ...pull }],
    event: 'pull_request',
    actor: author,
  };
}

/** Returns the pull request as it is now. Throws `RangeError` when the outline has not opened it yet. */
export function pullOf(teller: Teller, number: number): PullRequest {
  const pull = teller.pulls.get(number);
  if (pull) return pull;
  throw new RangeError(`the outline speaks of pull request ${number} before it opens it`);
}

/** Adds the first attempt of a workflow run on the newest commit of the place, requested and not begun, and returns it. */
export function requestRun(
  teller: Teller,
  { place, workflow, event }: { place: Place; workflow: string; event?: string | undefined },
): StoredRun {
  const at = teller.pass(2);
  const earlier = teller.runs.filter(({ run }) => run.workflow.name === workflow);
  const where = whereabouts(teller, place);
  const run: WorkflowRun = {
    ...where,
    event: event ?? where.event,
    id: teller.nextId(),
    attempt: 1,
    runNumber: earlier.length + 1,
    workflow: earlier[0]?.run.workflow ?? workflowOf(teller, workflow),
    commitMessage: typeof place === 'number' ? pullOf(teller, place).title : 'Merge',
    status: 'queued',
    conclusion: null,
    checkSuiteId: teller.nextId(),
    createdAt: at,
    startedAt: at,
    updatedAt: at,
  };
  const stored: StoredRun = { place, run, jobs: [] };
  teller.runs.push(stored);
  emitRun(teller, stored, 'requested');
  return stored;
}

function workflowOf(teller: Teller, name: string): WorkflowRun['workflow'] {
  return { id: teller.nextId(), name, path: `.github/workflows/${name.toLowerCase().replaceAll(' ', '-')}.yml` };
}

/** The next attempt of the newest run of the workflow on the place; throws when there is none. */
export function requestRerun(teller: Teller, { place, workflow }: { place: Place; workflow: string }): StoredRun {
  const stored = teller.runs.findLast((one) => one.place === place && one.run.workflow.name === workflow);
  if (!stored) throw new RangeError(`the outline re-runs ${workflow} on ${place} before it ran there`);
  const at = teller.pass(30);
  stored.run = {
    ...stored.run,
    attempt: stored.run.attempt + 1,
    status: 'queued',
    conclusion: null,
    startedAt: at,
    updatedAt: at,
  };
  emitRun(teller, stored, 'requested');
  return stored;
}

/** Runs the jobs side by side: all queued, all begun, then finished one after the other. */
export function playJobs(teller: Teller, stored: StoredRun, outlines: JobOutline[]): void {
  const queuedAt = teller.pass(1);
  const jobs = outlines.map((outline) => ({ outline, job: queuedJob(teller, stored.run, { outline, at: queuedAt }) }));
  for (const { job } of jobs) emitJob(teller, stored, { job });
  stored.run = { ...stored.run, status: 'in_progress', updatedAt: teller.pass(3) };
  emitRun(teller, stored, 'in_progress');
  const begun = jobs.map(({ outline, job }) => ({ outline, job: begin(job, teller.now()) }));
  for (const { job } of begun) emitJob(teller, stored, { job });
  for (const { outline, job } of begun) {
    const completedAt = teller.pass(outline.seconds ?? 40);
    emitJob(teller, stored, { job: finish(job, { outline, completedAt }), outline });
  }
}

/** Completes the run with the conclusion its jobs come to, or with the given one. */
export function completeRun(teller: Teller, stored: StoredRun, conclusion?: string): void {
  const newest = stored.jobs.filter(
    (job) => !stored.jobs.some(({ name, attempt }) => name === job.name && attempt > job.attempt),
  );
  const found = ['failure', 'timed_out', 'cancelled'].find((word) => newest.some((job) => job.conclusion === word));
  const concluded = conclusion ?? (found === 'timed_out' ? 'failure' : (found ?? 'success'));
  stored.run = { ...stored.run, status: 'completed', conclusion: concluded, updatedAt: teller.pass(2) };
  emitRun(teller, stored, 'completed');
}

function emitRun(teller: Teller, { run }: StoredRun, action: 'requested' | 'in_progress' | 'completed'): void {
  const { id } = teller.repository;
  teller.emit('workflow_run', workflowRunPayload(teller.scene(run.actor), action, run), (state) =>
    state.putRun(id, run),
  );
}

/** A finished job's log and annotations are there before GitHub says that it is finished. */
function emitJob(teller: Teller, stored: StoredRun, { job, outline }: { job: Job; outline?: JobOutline }): void {
  const { id } = teller.repository;
  stored.jobs = [...stored.jobs.filter((other) => other.id !== job.id), job];
  // No life tells of a job that waits for an environment.
  const action = job.status === 'waiting' ? 'queued' : job.status;
  teller.emit('workflow_job', workflowJobPayload(teller.scene(stored.run.actor), action, job), (state) => {
    state.putJob(id, job);
    const inside = state.repositories.get(id);
    const check = inside?.checkRuns.get(job.id);
    if (outline?.log) inside?.logs.set(job.id, outline.log);
    if (check && outline?.annotations) check.annotations = [...outline.annotations];
  });
}

function queuedJob(teller: Teller, run: WorkflowRun, { outline, at }: { outline: JobOutline; at: string }): Job {
  return {
    id: teller.nextId(),
    runId: run.id,
    attempt: run.attempt,
    name: outline.name,
    workflowName: run.workflow.name,
    headBranch: run.headBranch,
    headSha: run.headSha,
    status: 'queued',
    conclusion: null,
    createdAt: at,
    startedAt: at,
    completedAt: null,
    steps: [],
    labels: ['ubuntu-latest'],
    runnerName: null,
  };
}

function begin(job: Job, at: string): Job {
  const first: JobStep = {
    name: 'Set up job',
    number: 1,
    status: 'in_progress',
    conclusion: null,
    startedAt: at,
    completedAt: null,
  };
  return { ...job, status: 'in_progress', startedAt: at, steps: [first], runnerName: 'GitHub Actions 5' };
}

function finish(job: Job, { outline, completedAt }: { outline: JobOutline; completedAt: string }): Job {
  const { conclusion, steps, failedStep = steps.at(-1) } = outline;
  const names = ['Set up job', 'Run actions/checkout@v4', ...steps, 'Complete job'];
  const failedAt = conclusion === 'success' ? -1 : names.indexOf(failedStep ?? '');
  const between = names.map((name, index): JobStep => {
    const last = index === names.length - 1;
    const after = failedAt >= 0 && index > failedAt && !last;
    const own =
      index === failedAt ? (conclusion === 'timed_out' ? 'cancelled' : conclusion) : after ? 'skipped' : 'success';
    return { name, number: index + 1, status: 'completed', conclusion: own, startedAt: job.startedAt, completedAt };
  });
  return { ...job, status: 'completed', conclusion, completedAt, steps: conclusion === 'skipped' ? [] : between };
}
