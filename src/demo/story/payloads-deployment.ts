// Webhook payloads of deployments and their statuses. May be imported by src/demo, tests and benches.

import { type JsonObject, objectAt } from '../github/contract/json-value.ts';
import { deploymentJson, deploymentStatusJson } from '../github/state/record-json.ts';
import type { Deployment, DeploymentStatus } from '../github/state/records.ts';
import { EXAMPLES, publishedExample, type Scene, told } from './payload-telling.ts';
import { workflowRunPayload } from './payloads.ts';

/** A deployment was created; with its workflow run when one deploys. */
export function deploymentPayload(scene: Scene, deployment: Deployment): JsonObject {
  const place = EXAMPLES.deployment.created;
  const example = objectAt(publishedExample('deployment', place).deployment);
  const over = {
    deployment: deploymentJson(example, deployment, scene.repository),
    ...deployingRun(scene, deployment),
  };
  return told(scene, 'deployment', { place, over });
}

/** A deployment moved on. */
export function deploymentStatusPayload(
  scene: Scene,
  { deployment, status }: { deployment: Deployment; status: DeploymentStatus },
): JsonObject {
  const place = EXAMPLES.deployment_status.created;
  const example = publishedExample('deployment_status', place);
  const { repository } = scene;
  const over = {
    deployment: deploymentJson(objectAt(example.deployment), deployment, repository),
    deployment_status: deploymentStatusJson(objectAt(example.deployment_status), { status, deployment, repository }),
    ...deployingRun(scene, deployment),
  };
  return told(scene, 'deployment_status', { place, over });
}

/** The workflow and its run, when a workflow deploys. */
function deployingRun(scene: Scene, { run }: Deployment): JsonObject {
  if (run === null) return {};
  const { workflow, workflow_run } = workflowRunPayload(scene, 'requested', run);
  return { workflow, workflow_run };
}
