// Webhook payloads of deployments and their statuses.

import { type JsonObject, objectAt } from '../github/contract/json-value.ts';
import { deploymentJson, deploymentStatusJson } from '../github/state/record-json.ts';
import type { Deployment, DeploymentStatus } from '../github/state/records.ts';
import { EXAMPLES, examplePayload, publishedExample, type Scene } from './example-payload.ts';
import { workflowRunPayload } from './payloads.ts';

/** The payload of `deployment.created`; it holds the workflow run when a run deploys. */
export function deploymentPayload(scene: Scene, deployment: Deployment): JsonObject {
  const place = EXAMPLES.deployment.created;
  const example = objectAt(publishedExample('deployment', place).deployment);
  const over = {
    deployment: deploymentJson(example, deployment, scene.repository),
    ...deployingRun(scene, deployment),
  };
  return examplePayload(scene, 'deployment', { place, over });
}

/** The payload of `deployment_status.created`: a deployment got a new status. */
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
  return examplePayload(scene, 'deployment_status', { place, over });
}

/** The workflow and its run, when a workflow deploys. */
function deployingRun(scene: Scene, { run }: Deployment): JsonObject {
  if (run === null) return {};
  const { workflow, workflow_run } = workflowRunPayload(scene, 'requested', run);
  return { workflow, workflow_run };
}
