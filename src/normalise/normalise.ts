// Turns the payload of a webhook into facts: which event is read by which function. Pure.

import type { Delivery } from '../model/delivery.ts';
import type { Normalised } from '../model/facts.ts';
import { storableText, TEXT_LIMITS } from '../text/storable-text.ts';
import { normaliseMember, normaliseMembership, normaliseOrganization, normaliseTeam } from './events/access-event.ts';
import { normaliseCheckRun, normaliseCheckSuite } from './events/check-run.ts';
import { normaliseStatus } from './events/commit-status.ts';
import { normaliseDeployment, normaliseDeploymentStatus } from './events/deployment.ts';
import { normaliseDeploymentProtection } from './events/deployment-protection.ts';
import {
  normaliseInstallation,
  normaliseInstallationRepositories,
  normaliseInstallationTarget,
} from './events/installation-event.ts';
import { normaliseIssueComment } from './events/issue-comment.ts';
import { normaliseMergeGroup } from './events/merge-group.ts';
import { normalisePullRequest } from './events/pull-request.ts';
import { normalisePush } from './events/push.ts';
import { normaliseRepositoryEvent } from './events/repository-event.ts';
import { normaliseWorkflowJob } from './events/workflow-job.ts';
import { normaliseWorkflowRun } from './events/workflow-run.ts';
import { ignored, type NormaliseContext, type Normaliser } from './fields/facts.ts';

/** The function for each event that is read, by the name in `X-GitHub-Event`. */
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
  member: normaliseMember,
  membership: normaliseMembership,
  merge_group: normaliseMergeGroup,
  organization: normaliseOrganization,
  pull_request: normalisePullRequest,
  push: normalisePush,
  repository: normaliseRepositoryEvent,
  status: normaliseStatus,
  team: normaliseTeam,
  workflow_job: normaliseWorkflowJob,
  workflow_run: normaliseWorkflowRun,
};

/**
 * Returns the facts of a delivery, or the reason why it is ignored. Equal deliveries give equal facts; every text in them can be
 * stored in Postgres, every time is ISO 8601 in UTC.
 * @throws Rejected when the payload misses what its event needs; the message names each field.
 */
export function normalise(delivery: Pick<Delivery, 'event' | 'payload'>, context: NormaliseContext): Normalised {
  const { event, payload } = delivery;
  const normaliser = Object.hasOwn(normalisers, event) ? normalisers[event] : undefined;
  if (normaliser) return normaliser(payload, context);
  return ignored(`${storableText(event, TEXT_LIMITS.word)}: nothing of this event is kept`);
}
