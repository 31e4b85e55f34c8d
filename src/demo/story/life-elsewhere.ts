// Tells what happens outside the pull request's own workflow: deployments, and the checks of other CI systems.

import type { CheckRun, Deployment, DeploymentStatus, PullRequest } from '../github/state/records.ts';
import { ACCOUNTS, webUrl } from '../github/state/retell.ts';
import type { Moment, Place } from './life-outline.ts';
import { completeRun, playJobs, pullOf, requestRun } from './life-runs.ts';
import { deploymentPayload, deploymentStatusPayload } from './payloads-deployment.ts';
import { checkRunPayload, statusPayload } from './payloads-other-ci.ts';
import type { Teller } from './teller.ts';

type Of<Kind extends Moment['kind']> = Extract<Moment, { kind: Kind }>;

const nothing = (): void => undefined;

/** The workflow `Deploy` runs one job on the default branch; the deployment fares as the job does. */
export function deploy(teller: Teller, { environment, job }: Of<'deploy'>): void {
  const stored = requestRun(teller, { place: 'default branch', workflow: 'Deploy' });
  const at = teller.pass(2);
  const deployment: Deployment = {
    id: teller.nextId(),
    environment,
    sha: stored.run.headSha,
    ref: stored.run.headBranch,
    creator: ACCOUNTS.codertocat,
    run: stored.run,
    createdAt: at,
    updatedAt: at,
  };
  teller.emit('deployment', deploymentPayload(teller.scene(deployment.creator), deployment), ({ repositories }) => {
    repositories.get(teller.repository.id)?.deployments.set(deployment.id, { deployment, statuses: [] });
  });
  tellStatus(teller, deployment, { state: 'in_progress', jobId: null });
  playJobs(teller, stored, [job]);
  const jobId = stored.jobs.at(-1)?.id ?? null;
  tellStatus(teller, deployment, { state: job.conclusion === 'success' ? 'success' : 'failure', jobId });
  completeRun(teller, stored);
}

function tellStatus(
  teller: Teller,
  deployment: Deployment,
  { state, jobId }: { state: DeploymentStatus['state']; jobId: number | null },
): void {
  const createdAt = teller.pass(1);
  const run = `${webUrl(teller.repository)}/actions/runs/${deployment.run?.id}`;
  const status: DeploymentStatus = {
    id: teller.nextId(),
    state,
    description: '',
    logUrl: jobId === null ? run : `${run}/job/${jobId}`,
    environmentUrl: state === 'success' ? `https://${deployment.environment}.example` : null,
    createdAt,
  };
  const changed = { ...deployment, updatedAt: createdAt };
  teller.emit(
    'deployment_status',
    deploymentStatusPayload(teller.scene(deployment.creator), { deployment: changed, status }),
    ({ repositories }) => {
      const known = repositories.get(teller.repository.id)?.deployments.get(deployment.id);
      if (known !== undefined) Object.assign(known, { deployment: changed, statuses: [...known.statuses, status] });
    },
  );
}

/** A check run of another App, created and completed. */
export function otherCheck(teller: Teller, { on, name, conclusion, summary }: Of<'other check'>): void {
  const { sha, pulls } = newestCommit(teller, on);
  const created: CheckRun = {
    id: teller.nextId(),
    name,
    headSha: sha,
    appSlug: 'octocoders-linter',
    externalId: '',
    detailsUrl: null,
    status: 'in_progress',
    conclusion: null,
    startedAt: teller.now(),
    completedAt: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
  };
  tellCheck(teller, 'created', { check: created, pulls });
  const output = { title: name, summary, text: null };
  tellCheck(teller, 'completed', {
    check: { ...created, status: 'completed', conclusion, completedAt: teller.pass(20), output },
    pulls,
  });
}

function tellCheck(
  teller: Teller,
  action: 'created' | 'completed',
  { check, pulls }: { check: CheckRun; pulls: PullRequest[] },
): void {
  const { id } = teller.repository;
  teller.emit('check_run', checkRunPayload(teller.scene(ACCOUNTS.codertocat), action, { check, pulls }), (state) => {
    state.repositories.get(id)?.checkRuns.set(check.id, check);
  });
}

/** A commit status, pending and then decided. */
export function status(teller: Teller, { on, context, state, description }: Of<'status'>): void {
  const author = ACCOUNTS.codertocat;
  const commit = {
    sha: newestCommit(teller, on).sha,
    message: context,
    author,
    at: teller.now(),
    added: [],
    modified: [],
  };
  for (const word of ['pending', state] as const) {
    const decided = { id: teller.nextId(), commit, context, state: word, description, at: teller.pass(10) };
    teller.emit('status', statusPayload(teller.scene(author), decided), nothing);
  }
}

function newestCommit(teller: Teller, place: Place): { sha: string; pulls: PullRequest[] } {
  if (place === 'default branch') return { sha: teller.mainSha, pulls: [] };
  const pull = pullOf(teller, place);
  return { sha: pull.head.sha, pulls: pull.head.repository?.id === teller.repository.id ? [pull] : [] };
}
