// The repository and the installation of a payload, which every event of a repository has besides its subject.
// Pure.

import { z } from 'zod';
import type { Facts, RepositoryFact } from '../../model/facts.ts';
import { optionalText, storableText, TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { account } from './account.ts';
import { id } from './identity.ts';
import { installationReference, installationStub } from './installation.ts';
import { latest, optionalTimestamp } from './timestamp.ts';

const optionalFlag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? null);

const repository = z.object({
  id,
  name: text(TEXT_LIMITS.word),
  owner: account,
  private: optionalFlag,
  default_branch: optionalText(TEXT_LIMITS.name),
  archived: optionalFlag,
  updated_at: optionalTimestamp,
  pushed_at: optionalTimestamp,
});

type Repository = z.output<typeof repository>;

/** The fields that every schema of a repository's event has. */
export const originFields = { repository, installation: installationReference };

interface Origin {
  readonly repository: Repository;
  readonly installation: number | null;
}

/**
 * When GitHub made the repository's part of a payload, at the earliest: the latest of GitHub's own times in it. A
 * redelivery repeats the old times, so it never renames a repository back. Times that an app or a committer chose
 * must not be among `eventTimes`: one in the far future would freeze the row.
 */
function repositoryTime(loaded: Repository, eventTimes: (string | null)[]): string | null {
  return latest(loaded.updated_at, loaded.pushed_at, ...eventTimes);
}

/** The rows of repository and installation that every event of a repository gives; `eventTimes` are GitHub's own times of the subject. */
export function originFacts(
  { repository: loaded, installation }: Origin,
  ...eventTimes: (string | null)[]
): Pick<Facts, 'repositories' | 'installations'> {
  return {
    repositories: [repositoryFact(loaded, installation, repositoryTime(loaded, eventTimes))],
    installations: installation === null ? [] : [installationStub(installation, loaded.owner)],
  };
}

function repositoryFact(loaded: Repository, installation: number | null, time: string | null): RepositoryFact {
  return {
    id: loaded.id,
    installation_id: installation,
    owner: loaded.owner.name,
    name: loaded.name,
    private: loaded.private,
    default_branch: loaded.default_branch,
    archived: loaded.archived,
    tells_presence: false,
    deleted_at: null,
    source_updated_at: time,
  };
}

/** A repository in the lists of the `installation*` events: it has `full_name` (`owner/name`) and no owner. */
export const minimalRepository = z.object({
  id,
  name: text(TEXT_LIMITS.word),
  full_name: text(TEXT_LIMITS.name),
  private: optionalFlag,
});

/**
 * The row of a listed repository. With `installation_id` null it was taken from the installation at `time`; otherwise it belongs to
 * this installation.
 */
export function minimalRepositoryFact(
  loaded: z.output<typeof minimalRepository>,
  installationId: number | null,
  time: string,
): RepositoryFact {
  return {
    id: loaded.id,
    installation_id: installationId,
    owner: storableText(loaded.full_name.split('/', 1).join(), TEXT_LIMITS.word),
    name: loaded.name,
    private: loaded.private,
    default_branch: null,
    archived: null,
    tells_presence: true,
    deleted_at: installationId === null ? time : null,
    source_updated_at: time,
  };
}
