// The stand-in's deployments and their statuses.

import { deploymentJson, deploymentStatusJson } from '../state/record-json.ts';
import { notFound, numberParameter, page, type RepositoryRoutes } from './route.ts';

const needs = ['deployments:read'];
const ONE = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}';

/** The routes of deployments that exist. */
export const deploymentRoutes: RepositoryRoutes = {
  // Newest first.
  'GET /repos/{owner}/{repo}/deployments': {
    needs,
    answer: (call) => {
      const made = [...call.inside.deployments.values()].map(({ deployment }) => deployment);
      const { items, headers } = page(
        call,
        made.sort((one, other) => other.id - one.id),
      );
      const example = call.contract.example('deployment-items');
      return {
        status: 200,
        body: items.map((deployment) => deploymentJson(example, deployment, call.inside.repository)),
        headers,
      };
    },
  },
  [ONE]: {
    needs,
    answer: (call) => {
      const found = call.inside.deployments.get(numberParameter(call, 'deployment_id'));
      if (found === undefined) return notFound();
      const example = call.contract.example('deployment');
      return { status: 200, body: deploymentJson(example, found.deployment, call.inside.repository) };
    },
  },
  // Newest first.
  [`${ONE}/statuses`]: {
    needs,
    answer: (call) => {
      const found = call.inside.deployments.get(numberParameter(call, 'deployment_id'));
      if (found === undefined) return notFound();
      const { items, headers } = page(call, found.statuses.toReversed());
      const example = call.contract.example('deployment-status-items');
      const of = { deployment: found.deployment, repository: call.inside.repository };
      return { status: 200, body: items.map((status) => deploymentStatusJson(example, { status, ...of })), headers };
    },
  },
};
