// The installation of a payload: whole in the `installation*` events, a mere id in all others. Pure.

import { z } from 'zod';
import type { InstallationFact } from '../../model/facts.ts';
import { optionalText, storableText, TEXT_LIMITS } from '../../text/storable-text.ts';
import { account } from './account.ts';
import { id } from './identity.ts';
import { claimedTimestamp, optionalTimestamp, timestamp } from './timestamp.ts';

const MOST_PERMISSIONS = 200;

/** `{ id }`, as every delivery to a GitHub App carries it; deliveries of other webhooks have none, which is null. */
export const installationReference = z
  .object({ id })
  .nullish()
  .transform((reference) => reference?.id ?? null);

/** The installation as the `installation` and `installation_repositories` events tell it. */
export const wholeInstallation = z.object({
  id,
  account,
  target_type: optionalText(TEXT_LIMITS.word),
  repository_selection: optionalText(TEXT_LIMITS.word),
  permissions: z
    .record(z.string(), z.string())
    .nullish()
    .transform((granted) => (granted ? storablePermissions(granted) : null)),
  created_at: claimedTimestamp,
  updated_at: timestamp,
  suspended_at: optionalTimestamp,
});

export type WholeInstallation = z.output<typeof wholeInstallation>;

function storablePermissions(granted: Record<string, string>): Record<string, string> {
  const entries = Object.entries(granted).slice(0, MOST_PERMISSIONS);
  const storable = (raw: string) => storableText(raw, TEXT_LIMITS.word);
  return Object.fromEntries(entries.map(([name, access]) => [storable(name), storable(access)]));
}

/** The newest time the installation tells of itself; none of its events says when it happened. */
export function installationTime({ updated_at, suspended_at }: WholeInstallation): string {
  return suspended_at !== null && suspended_at > updated_at ? suspended_at : updated_at;
}

/** The row of an installation told whole; whether it was deleted, only the event's action says. */
export function installationFact(installation: WholeInstallation, deleted: boolean): InstallationFact {
  const time = installationTime(installation);
  return {
    id: installation.id,
    account_login: installation.account.name,
    account_id: installation.account.id,
    account_type: installation.account.type ?? installation.target_type,
    repository_selection: installation.repository_selection,
    permissions: installation.permissions,
    suspended_at: installation.suspended_at,
    deleted_at: deleted ? time : null,
    ...(installation.created_at === null ? {} : { installed_at: installation.created_at }),
    source_updated_at: time,
  };
}

/** The stub of an installation that is only mentioned: it belongs to whoever owns the repository. */
export function installationStub(installationId: number, owner: z.output<typeof account>): InstallationFact {
  return {
    id: installationId,
    account_login: owner.name,
    account_id: owner.id,
    account_type: owner.type,
    repository_selection: null,
    permissions: null,
    suspended_at: null,
    deleted_at: null,
    source_updated_at: null,
  };
}
