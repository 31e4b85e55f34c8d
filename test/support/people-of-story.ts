// People of a story who use CodeRed with tokens: known by GitHub's id, members of the repository's organisation.
import { createHash, randomUUID } from 'node:crypto';
import type { Account } from '../../src/demo/github/state/records.ts';
import { signUp } from './people.ts';
import type { StoryRepository } from './story-repository.ts';

/** Somebody who may see the repository here, whatever GitHub says of them by now. */
export interface Teammate {
  readonly userId: string;
  readonly projectId: string;
  readonly token: string;
}

/** Signs somebody up who has that account at GitHub; `account` null: none. */
export async function joinStory({ brain, life }: StoryRepository, account: Account | null): Promise<Teammate> {
  const userId = await signUp(brain);
  await brain.sql(`update codered.profiles set github_id = $1::bigint, github_login = $2 where id = $3::uuid`, [
    account === null ? null : String(account.id),
    account?.login ?? null,
    userId,
  ]);
  const [place] = await brain.sql(
    `select p.id, p.org_id from codered.repositories r join codered.projects p on p.id = r.project_id where r.id = $1::bigint`,
    [String(life.repository.id)],
  );
  await brain.sql(`insert into codered.memberships (org_id, user_id, role) values ($1::uuid, $2::uuid, 'member')`, [
    place?.org_id ?? '',
    userId,
  ]);
  const token = `crd_${randomUUID()}`;
  await brain.call('create_token', {
    user_id: userId,
    name: 'story',
    token_hash: createHash('sha256').update(token).digest('hex'),
    scope: 'read agents gate',
    expires_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  return { userId, projectId: place?.id ?? '', token };
}
