// People who have to do with organisation A, and may see nothing of it: by what GitHub says, or because it was not asked.

import { ID, idOf, numberOf } from '../brain/security/two-orgs.ts';
import { letPass, recordAccess, signInPerson, tellAccess } from '../support/access-scene.ts';
import type { TestBrain } from '../support/brain.ts';

/** Their ids, by who they are. `uncheckedAdmin` would see all, had GitHub been asked within the hour. */
export async function seedOutsiders(brain: TestBrain) {
  const account = { org: idOf('a', ID.org), accountId: numberOf('a', 9), installation: numberOf('a', 2) };
  const repository = numberOf('a', ID.repository);
  const all = [{ account, role: 'admin', repositories: { [repository]: 'admin' } }];
  const [withoutAccess, forksAuthor, removed, uncheckedAdmin] = [
    await signInPerson(brain),
    await signInPerson(brain),
    await signInPerson(brain),
    await signInPerson(brain),
  ];
  await recordAccess(brain, withoutAccess, [{ account }]);
  await recordAccess(brain, forksAuthor, []);
  await brain.sql(`update codered.profiles set github_login = 'fork-author' where id = $1::uuid`, [forksAuthor.id]);
  await brain.sql(
    `insert into codered.pull_requests (repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha,
       state, draft, author, opened_at, source_updated_at)
     values ($1::bigint, 77, 'From a fork', 'https://github.com/org-a/shop/pull/77', repeat('f', 40), 'topic', 424242, 'main', repeat('f', 40),
       'open', false, 'fork-author', now(), now())`,
    [String(repository)],
  );
  await recordAccess(brain, removed, all);
  await tellAccess(brain, [
    { kind: 'withdrawn', github_user_id: removed.githubId, account_id: account.accountId, repository_id: null },
  ]);
  await letPass(brain, removed, 30);
  await recordAccess(brain, uncheckedAdmin, all);
  await letPass(brain, uncheckedAdmin, 61);
  return {
    withoutAccess: withoutAccess.id,
    forksAuthor: forksAuthor.id,
    removed: removed.id,
    uncheckedAdmin: uncheckedAdmin.id,
  };
}
