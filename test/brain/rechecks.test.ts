// Further reasons to evaluate a commit again: a policy that is pushed, an override written by hand, information where no policy is.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  commitFact,
  forgetEverything,
  HEAD,
  pullRequestFact,
  REPOSITORY,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { scriptAs, signUp } from '../support/people.ts';
import { newSha } from '../support/run-scene.ts';

const POLICY = '.github/codered.yml';

describe.each(testBackends)('a recheck of a commit (%s)', (backend) => {
  let brain: TestBrain;
  const other = newSha();
  const elsewhere = newSha();
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, {
      pull_requests: [
        pullRequestFact(),
        pullRequestFact({ number: 2, head_sha: other, head_ref: 'other', head_repository_id: null }),
        pullRequestFact({ number: 3, head_sha: elsewhere, head_ref: 'old', base_ref: 'release/1' }),
        pullRequestFact({ number: 4, head_sha: newSha(), head_ref: 'closed', state: 'closed' }),
      ],
    });
    await forgetLooks();
  });
  const forgetLooks = () => brain.script('delete from codered.follow_ups');
  const rechecks = async () =>
    (
      await brain.sql(
        `select input ->> 'head_sha' as head_sha, run_after > now() as later
         from codered.follow_ups
         where kind = 'report' and status = 'queued' and not is_scheduled order by run_after, 1`,
      )
    ).map(({ head_sha, later }) => [head_sha, later]);
  const secondRechecks = () =>
    brain.sql(
      `select input ->> 'head_sha' as head_sha, run_after > now() + interval '50 seconds' as later, run_after < now() + interval '2 minutes' as soon
       from codered.follow_ups where status = 'queued' and dedupe_key = 'deadline:${REPOSITORY}:' || (input ->> 'head_sha')
       order by run_after, 1`,
    );
  const push = (...commits: Parameters<typeof commitFact>[0][]) =>
    tell(brain, { commits: commits.map((one) => commitFact({ sha: newSha(), ref: 'refs/heads/main', ...one })) });

  it('is queued for every open pull request into the branch on which the policy changes, forks too, and waits for GitHub', async () => {
    await push({ files: ['README.md'] }, { files: ['a.ts', POLICY] });
    expect((await rechecks()).toSorted()).toEqual(
      [
        [HEAD, 't'],
        [other, 't'],
      ].toSorted(),
    );
  });

  it('is queued for the pull requests into another branch when it is that one’s policy', async () => {
    await push({ ref: 'refs/heads/release/1', files: [POLICY] });
    expect(await rechecks()).toEqual([[elsewhere, 't']]);
  });

  it('is queued when so many files change that GitHub does not list them all', async () => {
    await push({ files: Array.from({ length: 5_000 }, (_, index) => `src/${index}.ts`) });
    expect(await rechecks()).toHaveLength(2);
  });

  it('is queued when the branch is put back by force, which lists what changes nowhere', async () => {
    await push({ is_ref_reset: true });
    expect(await rechecks()).toHaveLength(2);
    await forgetLooks();
    await push({ ref: 'refs/heads/release/1', is_ref_reset: true });
    expect(await rechecks()).toEqual([[elsewhere, 't']]);
  });

  it('comes a second time after a minute, in case GitHub still showed the old policy, and nobody waits for that one', async () => {
    await push({ ref: 'refs/heads/release/1', files: [POLICY] });
    expect(await secondRechecks()).toEqual([{ head_sha: elsewhere, later: 't', soon: 't' }]);
    await brain.script('delete from codered.follow_ups where not is_scheduled');
    expect(await brain.call('inbox_status', {})).toMatchObject({ jobs_queued: 0 });
  });

  it('that waits for a deadline is brought forward by a policy that changes, and never put off', async () => {
    const about = { repository_id: REPOSITORY, head_sha: elsewhere };
    await brain.call('queue_report', { ...about, seconds: 3600 });
    await push({ ref: 'refs/heads/release/1', files: [POLICY] });
    expect(await secondRechecks()).toEqual([{ head_sha: elsewhere, later: 't', soon: 't' }]);
    await brain.call('queue_report', { ...about, seconds: 10 });
    await push({ ref: 'refs/heads/release/1', files: [POLICY] });
    expect(await secondRechecks()).toEqual([{ head_sha: elsewhere, later: 'f', soon: 't' }]);
  });

  it.each([
    ['what else changes', { files: ['.github/workflows/ci.yml', 'docs/.github/codered.yml'] }],
    ['a tag', { ref: 'refs/tags/main', files: [POLICY], is_ref_reset: true }],
    ['a branch that nobody wants to merge into', { ref: 'refs/heads/topic', files: [POLICY], is_ref_reset: true }],
  ])('is not queued for %s', async (_, told) => {
    await push(told);
    expect([await rechecks(), await secondRechecks()]).toEqual([[], []]);
  });

  describe('at an override', () => {
    const maintainer = async () => {
      const user = await signUp(brain);
      const [row] = await brain.sql('select project_id from codered.repositories where id = $1', [String(REPOSITORY)]);
      const [org] = await brain.sql(
        "insert into codered.orgs (name, login) values ('o', gen_random_uuid()::text) returning id",
      );
      await brain.sql('insert into codered.memberships (org_id, user_id, role) values ($1::uuid, $2::uuid, $3)', [
        org?.id ?? '',
        user,
        'maintainer',
      ]);
      await brain.sql('update codered.projects set org_id = $1::uuid, owner_user_id = null where id = $2::uuid', [
        org?.id ?? '',
        row?.project_id ?? '',
      ]);
      return { user, project: row?.project_id ?? '' };
    };
    const insert = (project: string, more = `'lint_pass'`) => `
      insert into codered.user_overrides (project_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason)
      values ('${project}', 'm', 'deploy_anyway', ${REPOSITORY}, 1, '${HEAD}', ${more}, 'known')`;

    it('that is written, and that a maintainer takes back by hand, is queued', async () => {
      const { user, project } = await maintainer();
      await brain.script(insert(project));
      expect(await rechecks()).toEqual([[HEAD, 'f']]);
      await forgetLooks();
      await scriptAs(brain, user, `update codered.user_overrides set revoked_at = now(), revoked_by = 'm'`);
      expect(await rechecks()).toEqual([[HEAD, 'f']]);
    });

    it('that opens no gate is not queued', async () => {
      const { project } = await maintainer();
      await brain.script(insert(project, 'null'));
      expect(await rechecks()).toEqual([]);
    });
  });

  describe('for information', () => {
    const queue = async () => {
      const events = await brain.sql('select id from codered.ci_events');
      return brain.call('queue_information', {
        repository_id: REPOSITORY,
        ci_event_ids: events.map(({ id }) => String(id)),
      });
    };

    it('reads each attempt once, and not what was read for a policy', async () => {
      await tell(brain, { ci_events: [runFact({ status: 'succeeded', conclusion: 'success' })] });
      await forgetLooks();
      expect(await queue()).toBe(1);
      expect(await queue()).toBe(0);
      const [event] = await brain.sql('select id from codered.ci_events');
      expect(await brain.call('queue_evidence', { repository_id: REPOSITORY, ci_event_ids: [event?.id ?? ''] })).toBe(
        1,
      );
      await brain.script("delete from codered.follow_ups where dedupe_key like 'information:%'");
      expect(await queue()).toBe(0);
    });
  });
});
