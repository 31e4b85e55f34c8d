// Turns what GitHub's REST API answers about a run, a job, a deployment, a pull request or commits into the delivery that would have told
// of it: the same event, with those fields that are read. Whatever an answer does not know is left out, so that nothing is overwritten. Pure.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import { type DeliveryRow, deliveryRow } from '../inbox/delivery-row.ts';
import { askedGuid } from './asked-guid.ts';

type Actions = RestEndpointMethodTypes['actions'];
type Repos = RestEndpointMethodTypes['repos'];
/** A workflow run, from a list of them or by its id: of its newest attempt, or of the attempt that was asked for. */
export type AskedRun = Actions['getWorkflowRunAttempt']['response']['data'];
/** A job of an attempt. */
export type AskedJob = Actions['listJobsForWorkflowRunAttempt']['response']['data']['jobs'][number];
export type AskedDeployment = Repos['listDeployments']['response']['data'][number];
export type AskedDeploymentStatus = Repos['listDeploymentStatuses']['response']['data'][number];
/** From a list or by its number: a list does not say who merged. */
export type AskedPullRequest = RestEndpointMethodTypes['pulls']['list']['response']['data'][number] & {
  readonly merged_by?: { readonly login: string } | null;
};
/** One commit; `files` only where it was asked for by its sha. */
export type AskedCommit = Repos['listCommits']['response']['data'][number];

/** A repository as GitHub told of it at the time of asking. */
export interface AskedRepository {
  readonly id: number;
  readonly name: string;
  readonly full_name: string;
  readonly owner: { readonly login: string; readonly id: number; readonly type?: string };
  readonly private?: boolean;
  readonly default_branch?: string;
  readonly archived?: boolean;
  readonly updated_at?: string | null;
  readonly pushed_at?: string | null;
}

/** Whom was asked, and about which repository. */
export interface AskedPlace {
  readonly app_id: number;
  readonly installation_id: number;
  readonly repository: AskedRepository;
}

/** An attempt of a workflow run: `workflow_run`. */
export function runDelivery(place: AskedPlace, run: AskedRun): DeliveryRow {
  const told = {
    ...only(run, [
      'id',
      'name',
      'path',
      'run_attempt',
      'run_started_at',
      'created_at',
      'updated_at',
      'event',
      'status',
    ]),
    ...only(run, ['conclusion', 'head_branch', 'head_sha', 'html_url']),
    head_repository: idOf(run.head_repository),
    pull_requests: (run.pull_requests ?? []).map(({ number, base }) => ({
      number,
      base: { repo: { id: base.repo.id } },
    })),
    actor: accountOf(run.actor),
    triggering_actor: accountOf(run.triggering_actor),
  };
  const subject = ['run', run.id, run.run_attempt ?? 1];
  return made(place, {
    event: 'workflow_run',
    action: ACTIONS[run.status ?? ''] ?? 'requested',
    subject,
    told: { workflow_run: told },
  });
}

/** A job of an attempt: `workflow_job`. */
export function jobDelivery(place: AskedPlace, job: AskedJob): DeliveryRow {
  const told = {
    ...only(job, [
      'id',
      'run_id',
      'run_attempt',
      'workflow_name',
      'head_branch',
      'head_sha',
      'name',
      'status',
      'conclusion',
    ]),
    ...only(job, ['created_at', 'started_at', 'completed_at', 'runner_name', 'labels', 'steps', 'html_url']),
  };
  const action = ACTIONS[job.status] ?? 'queued';
  return made(place, { event: 'workflow_job', action, subject: ['job', job.id], told: { workflow_job: told } });
}

/** A deployment without its statuses: `deployment`. Which run made it only GitHub's webhook says. */
export function deploymentDelivery(place: AskedPlace, deployment: AskedDeployment): DeliveryRow {
  const told = { deployment: deploymentFields(deployment) };
  return made(place, { event: 'deployment', action: 'created', subject: ['deployment', deployment.id], told });
}

/** One status of a deployment: `deployment_status`. */
export function deploymentStatusDelivery(
  place: AskedPlace,
  deployment: AskedDeployment,
  status: AskedDeploymentStatus,
): DeliveryRow {
  const told = {
    deployment: deploymentFields(deployment),
    deployment_status: {
      ...only(status, [
        'id',
        'state',
        'environment',
        'environment_url',
        'log_url',
        'target_url',
        'description',
        'created_at',
      ]),
      creator: accountOf(status.creator),
    },
  };
  return made(place, {
    event: 'deployment_status',
    action: 'created',
    subject: ['deployment_status', status.id],
    told,
  });
}

/** A pull request as it is now: `pull_request`, with an action of our own, as nobody knows which events brought it there. */
export function pullRequestDelivery(place: AskedPlace, pull: AskedPullRequest): DeliveryRow {
  const told = {
    ...only(pull, [
      'number',
      'title',
      'html_url',
      'state',
      'draft',
      'created_at',
      'updated_at',
      'merged_at',
      'merge_commit_sha',
    ]),
    user: accountOf(pull.user),
    merged_by: accountOf(pull.merged_by),
    head: { sha: pull.head.sha, ref: pull.head.ref, repo: idOf(pull.head.repo) },
    base: { sha: pull.base.sha, ref: pull.base.ref },
  };
  const subject = ['pull', place.repository.id, pull.number];
  return made(place, { event: 'pull_request', action: 'asked', subject, told: { pull_request: told } });
}

/**
 * Commits of a branch, newest first as GitHub lists them: `push`. When they were pushed is not known, so that any webhook that tells of
 * them counts more.
 */
export function pushDelivery(place: AskedPlace, branch: string, commits: readonly AskedCommit[]): DeliveryRow {
  const rows = commits.map(commitFields).reverse();
  const told = {
    ref: `refs/heads/${branch}`,
    forced: false,
    created: false,
    commits: rows,
    head_commit: rows.at(-1) ?? null,
  };
  const subject = ['push', place.repository.id, commits[0]?.sha ?? ''];
  return made(
    { ...place, repository: { ...place.repository, pushed_at: null } },
    { event: 'push', action: null, subject, told },
  );
}

/** What the webhook's action would be, by the status; the normalisers read the status alone. */
const ACTIONS: Readonly<Record<string, string>> = { completed: 'completed', in_progress: 'in_progress' };

interface Told {
  readonly event: string;
  readonly action: string | null;
  readonly subject: readonly (string | number)[];
  readonly told: object;
}

function made(
  { app_id, installation_id, repository }: AskedPlace,
  { event, action, subject, told }: Told,
): DeliveryRow {
  const value = {
    ...(action === null ? {} : { action }),
    ...told,
    repository: {
      ...only(repository, [
        'id',
        'name',
        'full_name',
        'private',
        'default_branch',
        'archived',
        'updated_at',
        'pushed_at',
      ]),
      owner: accountOf(repository.owner),
    },
    installation: { id: installation_id },
  };
  return deliveryRow({ app_id, guid: askedGuid(subject, told), event }, { text: JSON.stringify(value), value });
}

function deploymentFields(deployment: AskedDeployment) {
  return {
    ...only(deployment, ['id', 'sha', 'ref', 'environment', 'created_at', 'updated_at']),
    creator: accountOf(deployment.creator),
  };
}

function commitFields({ sha: id, commit, author, files }: AskedCommit) {
  const paths = (files ?? []).flatMap(({ filename, previous_filename }) => [filename, previous_filename ?? filename]);
  return {
    id,
    message: commit.message,
    timestamp: commit.author?.date ?? null,
    author: { username: author?.login ?? null, name: commit.author?.name ?? null },
    modified: [...new Set(paths)],
  };
}

/** An account as far as payloads are read; null for one that is gone. */
function accountOf(
  account: { readonly login?: string; readonly id?: number; readonly type?: string } | null | undefined,
) {
  return account?.login === undefined ? null : only(account, ['login', 'id', 'type']);
}

function idOf(thing: { readonly id: number } | null | undefined) {
  return thing ? { id: thing.id } : null;
}

/** The keys that are named, in that order, where they are there. */
function only<T extends object, Key extends keyof T>(of: T, keys: readonly Key[]): Pick<T, Key> {
  return Object.fromEntries(keys.filter((key) => of[key] !== undefined).map((key) => [key, of[key]])) as Pick<T, Key>;
}
