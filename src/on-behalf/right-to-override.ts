// Whether a person may override a criterion of a pull request, asked of GitHub at this moment, under the rules of `/codered override`.
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { gateSubject } from '../gate/collect/collect.ts';
import { readPullRequest } from '../github/pulls.ts';
import { Rejected } from '../model/errors.ts';
import type { Overriders } from '../model/overriders.ts';
import type { Asker, NamedCommit } from '../operations/declared/ask-github.ts';
import { readOverriders } from '../policy/read-overriders.ts';
import { type OctokitFor, repositoryAt } from './installed-repository.ts';
import { askStanding } from './person-at-github.ts';

/**
 * Returns the id of the kept right. The right is asked last, so that its age counts from then. Throws `Rejected`: CR004, CR008, CR014;
 * else what `githubError` returns.
 */
export async function rightToOverride(
  { userId, by, through, clientId }: Asker,
  { project_id, repository, pull_request, commit_sha }: NamedCommit,
  { brain, octokitFor }: { readonly brain: Pick<Brain, 'call' | 'callAs'>; readonly octokitFor: OctokitFor },
): Promise<string> {
  // As the person: who does not see it has nobody asked.
  await brain.callAs({ userId, name: 'read_gate', arguments: { project_id, repository, pull_request } });
  const [owner = '', name = ''] = repository.split('/');
  const id = z
    .number()
    .nullable()
    .parse(await brain.call('find_repository', { owner, name }));
  const place = { repository_id: id ?? 0, pull_request_number: pull_request, sha: commit_sha };
  const subject = gateSubject.nullable().parse(await brain.call('read_gate_subject', place));
  if (subject === null) throw new Rejected(`There is no pull request "${pull_request}".`, { code: 'CR004' });
  const at = await repositoryAt(subject.repository, octokitFor);
  const overriders = await readOverriders(subject, { brain, octokit: at.octokit });
  if (by === 'agent' && !overriders.agents) throw noAgents();
  const { owner: ownerNow, repo, octokit } = at;
  const pull = await readPullRequest(octokit, { owner: ownerNow, repo, pull_number: pull_request });
  if (pull === null) throw new Rejected(`GitHub has no pull request ${pull_request} there.`, { code: 'CR004' });
  if (pull.head_sha !== commit_sha) throw anotherHead(pull_request, pull.head_sha);
  const began = performance.now();
  const { mayOverride, lacksMembers, login } = await askStanding(brain, at, { userId, overriders });
  if (!mayOverride) throw mayNot(overriders, lacksMembers);
  return z.string().parse(
    await brain.call('keep_asked_right', {
      user_id: userId,
      action: 'override',
      repository_id: subject.repository.id,
      pull_request_number: pull_request,
      commit_sha,
      login,
      made_by: by,
      made_through: through,
      client_id: clientId as string,
      asked_ms_ago: Math.ceil(performance.now() - began),
    }),
  );
}

function noAgents(): Rejected {
  const words =
    'An agent overrides nothing here: the policy on the base branch would have to say override: { agents: true }. A person may do it, with /codered override on the pull request.';
  return new Rejected(words, { code: 'CR008' });
}

function anotherHead(pull_request: number, head_sha: string): Rejected {
  const words = `The newest commit of pull request ${pull_request} is another one at GitHub, ${head_sha}: look at that one.`;
  return new Rejected(words, { code: 'CR014' });
}

function mayNot({ roles, teams }: Overriders, lacksMembers: boolean): Rejected {
  const role = roles.length === 0 ? 'nobody by their role' : `people with the role ${roles.join(' or ')}`;
  const team = teams.length === 0 ? '' : `, or in ${teams.join(', ')}`;
  const unseen = lacksMembers ? ' CodeRed lacks the permission "Members" to see who is in the teams.' : '';
  return new Rejected(`GitHub says that you may not override here: that is for ${role}${team}.${unseen}`, {
    code: 'CR008',
  });
}
