// The `deployment` and `deployment_status` events. Pure.

import { z } from 'zod';
import type { DeploymentFact, DeploymentStatusFact, Normalised } from '../../model/facts.ts';
import { optionalSaid, optionalText, optionalWebUrl, TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { optionalLogin } from '../fields/account.ts';
import { facts } from '../fields/facts.ts';
import { id, ordinal, sha } from '../fields/identity.ts';
import { parsePayload } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';
import { timestamp } from '../fields/timestamp.ts';

/** The fields of a deployment that are read. */
export const deployment = z.object({
  id,
  sha,
  ref: text(TEXT_LIMITS.name),
  environment: text(TEXT_LIMITS.name),
  creator: optionalLogin,
  created_at: timestamp,
  updated_at: timestamp,
});

const deploymentStatus = z.object({
  id,
  state: text(TEXT_LIMITS.word),
  environment: optionalText(TEXT_LIMITS.name),
  environment_url: optionalWebUrl,
  log_url: optionalWebUrl,
  // What log_url was called before; GitHub still fills it where an old client set it.
  target_url: optionalWebUrl,
  description: optionalSaid(TEXT_LIMITS.description),
  creator: optionalLogin,
  created_at: timestamp,
});

const deploymentEvent = z.object({
  ...originFields,
  deployment,
  workflow_run: z.object({ id, run_attempt: ordinal.nullish() }).nullish(),
});

const deploymentStatusEvent = z.object({ ...deploymentEvent.shape, deployment_status: deploymentStatus });

type DeploymentEvent = z.output<typeof deploymentEvent>;
type DeploymentStatusEvent = z.output<typeof deploymentStatusEvent>;

/** Reads a `deployment` event: the deployment without a status. */
export function normaliseDeployment(payload: unknown): Normalised {
  const event = parsePayload('deployment', deploymentEvent, payload);
  return facts({ ...originFacts(event, event.deployment.updated_at), deployments: [deploymentFact(event)] });
}

/** Reads a `deployment_status` event: the deployment and one more status of it. */
export function normaliseDeploymentStatus(payload: unknown): Normalised {
  const event = parsePayload('deployment_status', deploymentStatusEvent, payload);
  return facts({
    ...originFacts(event, event.deployment.updated_at, event.deployment_status.created_at),
    deployments: [deploymentFact(event)],
    deployment_statuses: [deploymentStatusFact(event)],
  });
}

/** The row of a deployment from its payload. */
export function deploymentFact({
  deployment: loaded,
  workflow_run,
  repository,
}: Pick<DeploymentEvent, 'deployment' | 'workflow_run' | 'repository'>): DeploymentFact {
  return {
    provider: deploymentProvider(loaded.creator),
    repository_id: repository.id,
    deployment_id: String(loaded.id),
    environment_name: loaded.environment,
    commit_sha: loaded.sha,
    ref: loaded.ref,
    creator: loaded.creator,
    run_id: workflow_run ? String(workflow_run.id) : null,
    run_attempt: workflow_run?.run_attempt ?? null,
    created_at: loaded.created_at,
    source_updated_at: loaded.updated_at,
  };
}

function deploymentStatusFact(event: DeploymentStatusEvent): DeploymentStatusFact {
  const { deployment: deployed, deployment_status: status, repository } = event;
  return {
    provider: deploymentProvider(deployed.creator),
    repository_id: repository.id,
    deployment_id: String(deployed.id),
    status_id: status.id,
    state: status.state,
    environment_name: status.environment ?? deployed.environment,
    environment_url: status.environment_url,
    log_url: status.log_url ?? status.target_url,
    description: status.description ?? '',
    creator: status.creator,
    created_at: status.created_at,
  };
}

const GITHUB_BOTS: ReadonlySet<string> = new Set(['github-actions[bot]', 'github-pages[bot]']);

/**
 * Who deploys, by the deployment's creator alone: the provider is part of the row's key, and the creator is the one
 * mark that `deployment` and every later `deployment_status` share. Logins with brackets belong to Apps only, so
 * nobody can pose as one. People and GitHub's own bots deploy with GitHub, any other App with something else.
 */
function deploymentProvider(creator: string | null): DeploymentFact['provider'] {
  if (creator === 'vercel[bot]') return 'vercel';
  return creator?.endsWith('[bot]') && !GITHUB_BOTS.has(creator) ? 'other' : 'github';
}
