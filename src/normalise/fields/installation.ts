// The installation of a payload: whole in the `installation*` events, a mere id in all others. Pure.

import { z } from 'zod';
import type { InstallationFact } from '../../model/facts.ts';
import { optionalText, storableText, TEXT_LIMITS } from '../../text/storable-text.ts';
import { account } from './account.ts';
import { id } from './identity.ts';
import { claimedTimestamp, optionalTimestamp, timestamp } from './timestamp.ts';

const MOST_PERMISSIONS = 200;

/** The id of the installation, which every delivery to a GitHub App has; null for deliveries of other webhooks. */
export const installationReference = z
  .object({ id })
  .nullish()
  .transform((reference) => reference?.id ?? null);

/** The whole installation, as the events `installation` and `installation_repositories` have it. */
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

/** The newest time in an installation, ISO 8601: its events have no time of their own. */
export function installationTime({ updated_at, suspended_at }: WholeInstallation): string {
  return suspended_at !== null && suspended_at > updated_at ? suspended_at : updated_at;
}

/** The row of a whole installation. `deleted` comes from the action of the event, because the payload itself does not say it. */
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

/** The stub of an installation that a payload only mentions; its account is the owner of the repository. */
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
