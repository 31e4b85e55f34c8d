// The stand-in's workflow runs, jobs and logs.

import { type RepositoryState, runKey } from '../state/github-state.ts';
import { jobJson, workflowRunJson } from '../state/record-json.ts';
import type { Job, WorkflowRun } from '../state/records.ts';
import { artifactRoutes } from './artifacts.ts';
import type { LogStorage } from './log-storage.ts';
import {
  type Answer,
  notFound,
  numberParameter,
  page,
  type RepositoryCall,
  type RepositoryRoutes,
  refuse,
  textInBody,
} from './route.ts';

const needs = ['actions:read'];
const RUN = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}';
const JOB = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}';

/** The routes under `/actions`; logs and artifacts are handed out through `storage`. */
export function actionsRoutes(storage: LogStorage): RepositoryRoutes {
  return {
    [RUN]: { needs, answer: (call) => runAnswer(call, newestAttempt(call)) },
    'GET /repos/{owner}/{repo}/actions/runs': { needs, answer: listRuns },
    [`${RUN}/jobs`]: { needs, answer: listNewestJobs },
    [`${RUN}/attempts/{attempt_number}`]: { needs, answer: (call) => runAnswer(call, askedAttempt(call)) },
    [`${RUN}/attempts/{attempt_number}/jobs`]: { needs, answer: listAttemptJobs },
    [JOB]: {
      needs,
      answer: (call) => {
        const job = call.inside.jobs.get(numberParameter(call, 'job_id'));
        return job
          ? { status: 200, body: jobJson(call.contract.example('job'), job, call.inside.repository) }
          : notFound();
      },
    },
    [`${JOB}/logs`]: { needs, answer: (call) => redirectToLog(call, storage) },
    [`POST ${RUN.slice(4)}/deployment_protection_rule`]: { needs: ['deployments:write'], answer: answerDeployment },
    ...artifactRoutes(storage),
  };
}

/** GitHub answers 204 without a body. */
function answerDeployment(call: RepositoryCall): Answer {
  const sent = (name: string): string => textInBody(call.body, name) ?? '';
  call.inside.deploymentAnswers.push({
    runId: numberParameter(call, 'run_id'),
    environment: sent('environment_name'),
    state: sent('state'),
    comment: sent('comment'),
  });
  return { status: 204 };
}

function newestAttempt(call: RepositoryCall): WorkflowRun | undefined {
  const id = numberParameter(call, 'run_id');
  return [...call.inside.runs.values()]
    .filter((run) => run.id === id)
    .sort((one, other) => other.attempt - one.attempt)[0];
}

function askedAttempt(call: RepositoryCall): WorkflowRun | undefined {
  return call.inside.runs.get(runKey(numberParameter(call, 'run_id'), numberParameter(call, 'attempt_number')));
}

/** The newest attempt of each run, newest first; a list ends after 1,000, and `total_count` says how many there are. */
function listRuns(call: RepositoryCall): Answer {
  const { head_sha, created } = call.parameters;
  const all = [...call.inside.runs.values()];
  const runs = all
    .filter((run) => !all.some((other) => other.id === run.id && other.attempt > run.attempt))
    .filter((run) => head_sha === undefined || run.headSha === head_sha)
    .filter(({ createdAt }) => typeof created !== 'string' || isWithin(createdAt, created))
    .sort((one, other) => other.id - one.id);
  const { items, headers } = page(call, runs.slice(0, 1_000));
  const example = call.contract.example('workflow-run');
  const workflow_runs = items.map((run) => workflowRunJson(example, run, call.inside.repository));
  return { status: 200, body: { total_count: runs.length, workflow_runs }, headers };
}

/** Whether a time lies in a span, `from..to`, `from..*`, `*..to`, `>=from` or `<=to`; both ends belong to it. */
function isWithin(time: string, span: string): boolean {
  const form = span.replace(/^>=(.*)$/, '$1..*').replace(/^<=(.*)$/, '*..$1');
  const [from = '*', to = '*'] = form.split('..', 2);
  const at = Date.parse(time);
  return (from === '*' || at >= Date.parse(from)) && (to === '*' || at <= Date.parse(to));
}

function runAnswer({ contract, inside }: RepositoryCall, run: WorkflowRun | undefined): Answer {
  if (!run) return notFound();
  return { status: 200, body: workflowRunJson(contract.example('workflow-run'), run, inside.repository) };
}

/** Without `filter=all`, the jobs of the newest attempt; a job that was not run again is listed with the attempt it ran in. */
function listNewestJobs(call: RepositoryCall): Answer {
  const newest = newestAttempt(call);
  if (!newest) return notFound();
  const all = jobsOf(call.inside, newest.id);
  const latest = all.filter((job) => !all.some((other) => other.name === job.name && other.attempt > job.attempt));
  return jobsAnswer(call, call.parameters.filter === 'all' ? all : latest);
}

function listAttemptJobs(call: RepositoryCall): Answer {
  const run = askedAttempt(call);
  if (!run) return notFound();
  return jobsAnswer(
    call,
    jobsOf(call.inside, run.id).filter(({ attempt }) => attempt === run.attempt),
  );
}

function jobsOf({ jobs }: RepositoryState, runId: number): Job[] {
  return [...jobs.values()].filter((job) => job.runId === runId).sort((one, other) => one.id - other.id);
}

function jobsAnswer(call: RepositoryCall, jobs: Job[]): Answer {
  const { items, headers } = page(call, jobs);
  const example = call.contract.example('job');
  const body = { total_count: jobs.length, jobs: items.map((job) => jobJson(example, job, call.inside.repository)) };
  return { status: 200, body, headers };
}

/** docs/github.md#job-logs */
function redirectToLog(call: RepositoryCall, storage: LogStorage): Answer {
  const id = numberParameter(call, 'job_id');
  const log = call.inside.logs.get(id) ?? 'missing';
  if (log === 'missing' || call.inside.jobs.get(id)?.status !== 'completed') return notFound();
  if (log === 'expired') return refuse(410, 'Gone');
  return { status: 302, headers: { location: storage.publish(call.origin, log) } };
}
