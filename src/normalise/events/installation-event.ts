// The events about installations: `installation`, `installation_repositories`, `installation_target`. Pure.

import { z } from 'zod';
import type { Normalised } from '../../model/facts.ts';
import { optionalText, TEXT_LIMITS } from '../../text/storable-text.ts';
import { account } from '../fields/account.ts';
import { facts, ignored } from '../fields/facts.ts';
import { id } from '../fields/identity.ts';
import { installationFact, installationStub, installationTime, wholeInstallation } from '../fields/installation.ts';
import { eventName, parsePayload } from '../fields/parse-payload.ts';
import { minimalRepository, minimalRepositoryFact } from '../fields/repository.ts';
import { optionalTimestamp } from '../fields/timestamp.ts';

const repositoryList = z
  .array(minimalRepository)
  .nullish()
  .transform((listed) => listed ?? []);

const installationEvent = z.object({
  action: z.string(),
  installation: wholeInstallation,
  repositories: repositoryList,
});

/** Reads an `installation` event. A deleted installation lists the repositories that it could see; they are taken from it at once. */
export function normaliseInstallation(payload: unknown): Normalised {
  const { action, installation, repositories } = parsePayload('installation', installationEvent, payload);
  const deleted = action === 'deleted';
  const time = installationTime(installation);
  return facts({
    installations: [installationFact(installation, deleted)],
    repositories: repositories.map((row) => minimalRepositoryFact(row, deleted ? null : installation.id, time)),
  });
}

const installationRepositoriesEvent = z.object({
  installation: wholeInstallation,
  repositories_added: repositoryList,
  repositories_removed: repositoryList,
});

/** Reads an `installation_repositories` event: repositories that were added to the installation or taken from it. */
export function normaliseInstallationRepositories(payload: unknown): Normalised {
  const event = parsePayload('installation_repositories', installationRepositoriesEvent, payload);
  const { installation, repositories_added, repositories_removed } = event;
  const time = installationTime(installation);
  return facts({
    installations: [installationFact(installation, false)],
    repositories: [
      ...repositories_added.map((row) => minimalRepositoryFact(row, installation.id, time)),
      ...repositories_removed.map((row) => minimalRepositoryFact(row, null, time)),
    ],
  });
}

const installationTargetEvent = z.object({
  action: z.string(),
  account,
  installation: z.object({ id }),
  target_type: optionalText(TEXT_LIMITS.word),
});

const accountTime = z.object({ account: z.object({ updated_at: optionalTimestamp }) });

/**
 * Reads an `installation_target` event: the account that CodeRed is installed on has a new login. For some accounts GitHub gives no
 * time; then the row is a stub, and the name follows with the next event that holds the whole installation.
 */
export function normaliseInstallationTarget(payload: unknown): Normalised {
  if (eventName('installation_target', payload) !== 'installation_target.renamed') {
    return ignored(`${eventName('installation_target', payload)}: only a new name is kept`);
  }
  const event = parsePayload('installation_target', installationTargetEvent, payload);
  const time = parsePayload('installation_target', accountTime, payload).account.updated_at;
  const stub = installationStub(event.installation.id, event.account);
  return facts({
    installations: [{ ...stub, account_type: stub.account_type ?? event.target_type, source_updated_at: time }],
  });
}
