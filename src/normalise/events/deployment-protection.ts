// The `deployment_protection_rule` event: GitHub holds a deployment back until we answer. Pure.

import { z } from 'zod';
import type { Normalised } from '../../model/facts.ts';
import { TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { facts, ignored } from '../fields/facts.ts';
import { parsePayload } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';
import { deployment, deploymentFact } from './deployment.ts';

const protectionEvent = z.object({
  ...originFields,
  action: text(TEXT_LIMITS.word),
  environment: text(TEXT_LIMITS.name),
  deployment_callback_url: z.string(),
  deployment: deployment.nullish(),
});
const CALLBACK = /\/actions\/runs\/([1-9]\d{0,15})\/deployment_protection_rule$/;

/** Reads a `deployment_protection_rule` event. Of its callback address only the run's id is used: a payload never decides where we send. */
export function normaliseDeploymentProtection(payload: unknown): Normalised {
  const event = parsePayload('deployment_protection_rule', protectionEvent, payload);
  const { action, environment, deployment: loaded, deployment_callback_url, repository } = event;
  const run_id = CALLBACK.exec(deployment_callback_url)?.[1];
  if (action !== 'requested' || !loaded || run_id === undefined) {
    return ignored('deployment_protection_rule: it asks for no answer on a deployment of a workflow run');
  }
  const fact = deploymentFact({ deployment: loaded, workflow_run: null, repository });
  const asked = { ...fact, environment_name: environment, run_id, protection_run_id: run_id };
  return facts({ ...originFacts(event, loaded.updated_at), deployments: [asked] });
}
