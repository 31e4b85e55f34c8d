// From a webhook's payload to facts: the table of events. Pure; for the pipeline.

import type { Normalised } from '../facts.ts';
import type { Delivery } from '../model.ts';
import { normaliseCheckRun, normaliseCheckSuite } from './check-run.ts';
import { normaliseStatus } from './commit-status.ts';
import { normaliseDeployment, normaliseDeploymentStatus } from './deployment.ts';
import { normaliseDeploymentProtection } from './deployment-protection.ts';
import { ignored, type NormaliseContext, type Normaliser } from './facts.ts';
import {
  normaliseInstallation,
  normaliseInstallationRepositories,
  normaliseInstallationTarget,
} from './installation-event.ts';
import { normaliseIssueComment } from './issue-comment.ts';
import { normaliseMergeGroup } from './merge-group.ts';
import { normalisePullRequest } from './pull-request.ts';
import { normalisePush } from './push.ts';
import { normaliseRepositoryEvent } from './repository-event.ts';
import { storableText, TEXT_LIMITS } from './text.ts';
import { normaliseWorkflowJob } from './workflow-job.ts';
import { normaliseWorkflowRun } from './workflow-run.ts';

/** The events that leave facts, by the name in `X-GitHub-Event`. */
export const normalisers: Readonly<Record<string, Normaliser>> = {
  check_run: normaliseCheckRun,
  check_suite: normaliseCheckSuite,
  deployment: normaliseDeployment,
  deployment_protection_rule: normaliseDeploymentProtection,
  deployment_status: normaliseDeploymentStatus,
  installation: normaliseInstallation,
  installation_repositories: normaliseInstallationRepositories,
  installation_target: normaliseInstallationTarget,
  issue_comment: normaliseIssueComment,
  merge_group: normaliseMergeGroup,
  pull_request: normalisePullRequest,
  push: normalisePush,
  repository: normaliseRepositoryEvent,
  status: normaliseStatus,
  workflow_job: normaliseWorkflowJob,
  workflow_run: normaliseWorkflowRun,
};

/**
 * What a delivery says. Equal deliveries give equal facts, every text in them can be stored, every time is in UTC.
 * @throws Rejected when the payload misses what its event needs; the message names each field.
 */
export function normalise(delivery: Pick<Delivery, 'event' | 'payload'>, context: NormaliseContext): Normalised {
  const { event, payload } = delivery;
  const normaliser = Object.hasOwn(normalisers, event) ? normalisers[event] : undefined;
  if (normaliser) return normaliser(payload, context);
  return ignored(`${storableText(event, TEXT_LIMITS.word)}: nothing of this event is kept`);
}
