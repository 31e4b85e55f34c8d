// Specs of pushes in SQL: which files are specs, what is queued once, and that taking one in is all or nothing and done once.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asJson, type Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { commitFact, installationFact, minute, REPOSITORY, repositoryFact } from '../support/fact-rows.ts';
import { tellNeighbour } from '../support/neighbour.ts';
import { newSha } from '../support/run-scene.ts';

describe.each(testBackends)('specs of pushes (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    const facts = { installations: [installationFact()], repositories: [repositoryFact()] };
    await brain.call('record_facts', { facts: asJson(facts) });
  });
  afterAll(() => brain?.close());

  type Told = Partial<Parameters<typeof commitFact>[0]>;
  const push = (...commits: Told[]) =>
    brain.call('record_facts', { facts: asJson({ commits: commits.map((one) => commitFact(one)) }) });
  const jobsOf = async (sha: string) =>
    (
      await brain.sql(`select input, status from codered.follow_ups where dedupe_key = $1 order by created_at`, [
        `specs:${REPOSITORY}:${sha}`,
      ])
    ).map(({ input, status }) => ({ ...(JSON.parse(input ?? '') as object), status }));
  const take = async (spec: object, more: { label?: string; dod_json?: Json; problem?: string } = {}) =>
    (await brain.call('take_spec', {
      spec: asJson({ repository_id: REPOSITORY, branch: 'main', created_by: 'octocat', ...spec }),
      ...more,
    })) as { spec_id: string; sprint_id: string | null; problem: string | null };
  const eventsOf = (spec_id: string) =>
    brain.sql(`select phase from codered.status_events where metadata ->> 'spec_id' = $1 order by id`, [spec_id]);

  it.each([
    ['specs/shop.md', true],
    ['specs/a/b/shop.yaml', true],
    ['.codered/specs/shop.yml', true],
    ['docs/specs/shop.md', false],
    ['specs.md', false],
    ['specs/.md', false],
    ['specs/shop.md.txt', false],
    ['.codered/shop.yml', false],
    ['xcodered/specs/shop.yml', false],
    [`specs/${'x'.repeat(2000)}.md`, false],
  ])('are files like %.40s: %s', async (path, is) => {
    expect(await brain.call('spec_paths', { files: [path] })).toEqual(is ? [path] : []);
  });

  it('are at most 20 of a push, each once', async () => {
    const files = Array.from({ length: 30 }, (_, index) => `specs/${String(index).padStart(2, '0')}.md`);
    expect(await brain.call('spec_paths', { files: [...files, ...files] })).toEqual(files.slice(0, 20));
  });

  it('are read once at the head of their push, with the author of the newest commit that touches one', async () => {
    const [first, second, head] = [newSha(), newSha(), newSha()];
    const commits = [
      { sha: first, files: ['specs/a.md', 'README.md'], author: 'monalisa' },
      { sha: second, files: ['specs/b.yml', 'specs/a.md'], author: 'hubot' },
      { sha: head, files: ['README.md'], author: 'octocat' },
    ];
    await push(...commits);
    await push(...commits);
    const input = { repository_id: REPOSITORY, sha: head, branch: 'react-19', author: 'hubot' };
    expect(await jobsOf(head)).toEqual([
      { ...input, paths: ['specs/a.md', 'specs/b.yml'], reads_policy: false, status: 'queued' },
    ]);
    expect([...(await jobsOf(first)), ...(await jobsOf(second))]).toEqual([]);
    await brain.sql(`update codered.follow_ups set status = 'completed' where kind = 'plan_sprint'`);
    await push(...commits);
    expect(await jobsOf(head)).toMatchObject([{ status: 'completed' }]);
  });

  it.each([['refs/tags/v1'], ['refs/heads/gh-readonly-queue/main/pr-1-aaaa']])('of %s are none', async (ref) => {
    const sha = newSha();
    await push({ sha, ref, files: ['specs/a.md'] });
    expect(await jobsOf(sha)).toEqual([]);
  });

  it('are claimed by the app when it queued them, and never when a member did, whatever their input names', async () => {
    await brain.sql(`update codered.follow_ups set status = 'failed' where status = 'queued'`);
    for (const kind of ['plan_sprint', 'pipeline']) {
      await brain.call('create_agent_job', {
        project_id: null as never,
        agent_type: kind,
        input: { repository_id: REPOSITORY },
      });
    }
    const sha = newSha();
    await push({ sha, files: ['specs/a.md'] });
    const claimed = await brain.call('claim_follow_ups', { worker: 'test', batch: 50, lease_seconds: 60 });
    expect(claimed.map(({ input }) => input)).toMatchObject([{ sha }]);
  });

  it('are taken in once, and plan one sprint', async () => {
    const spec = { storage_path: 'specs/once.md', sha: newSha() };
    const asked = { label: 'S1', dod_json: { lint_pass: true } };
    const taken = await take(spec, asked);
    expect(taken).toMatchObject({ sprint_id: expect.any(String), problem: null });
    expect(await take(spec, asked)).toEqual(taken);
    expect(await eventsOf(taken.spec_id)).toEqual([{ phase: 'SPEC_RECEIVED' }, { phase: 'PLANNING' }]);
  });

  it('have their problem told once, the one that the brain finds too', async () => {
    for (const asked of [{ problem: 'broken' }, { label: 'S1', dod_json: { speed: 1 } }]) {
      const spec = { storage_path: 'specs/bad.md', sha: newSha() };
      const taken = await take(spec, asked);
      expect(taken).toMatchObject({ sprint_id: null, problem: expect.stringMatching(/broken|dod_json\.speed/) });
      expect(await take(spec, asked)).toEqual(taken);
      expect(await eventsOf(taken.spec_id)).toEqual([{ phase: 'SPEC_RECEIVED' }, { phase: 'FAILED' }]);
    }
  });

  it('have a hundred reports written anew at the most, those of their own branch and the newest first', async () => {
    await tellNeighbour(brain, { merged: false });
    const FORK = 903;
    await brain.script(`
      insert into codered.pull_requests (repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, state, draft, opened_at, source_updated_at, source_delivery)
      select ${REPOSITORY}, n, 'x', 'x', lpad(n::text, 40, '0'), p.head_ref, p.head, p.base_ref, repeat('b', 40), p.state, false, now(), now(), ''
      from generate_series(1, 105) n
      cross join lateral (
        select
          case when n in (1, 2, 4) then 'next' else 'topic' end as head_ref,
          case when n = 2 then ${FORK} else ${REPOSITORY} end as head,
          case when n <= 3 then 'main' else 'next' end as base_ref,
          case when n = 105 then 'closed' else 'open' end as state
      ) p;
      delete from codered.follow_ups where kind = 'report';
      select codered.queue_spec_reports(${REPOSITORY}, 'next')`);
    const queued = await brain.sql(
      "select repository_id, commit_sha::numeric as number, status from codered.follow_ups where kind = 'report' order by 2",
    );
    // Of 1 and 4 the branch is theirs, 2 is a fork's of the same name, 3 has nothing to do with it.
    expect(queued.map(({ number }) => Number(number))).toEqual([1, 4, ...Array.from({ length: 98 }, (_, n) => n + 7)]);
    expect(new Set(queued.map(({ repository_id }) => repository_id))).toEqual(new Set([String(REPOSITORY)]));
  });

  it('that were pushed before one of the same file that is known plan nothing any more', async () => {
    const [older, newer] = [newSha(), newSha()];
    await push({ sha: older, pushed_at: minute(1) });
    await push({ sha: newer, pushed_at: minute(2) });
    const asked = { label: 'S1', dod_json: { lint_pass: true } };
    const path = `specs/${randomUUID()}.md`;
    expect(await take({ storage_path: path, sha: newer }, asked)).toMatchObject({ sprint_id: expect.any(String) });
    expect(await take({ storage_path: path, sha: older }, asked)).toMatchObject({ sprint_id: null, problem: null });
    expect(await take({ storage_path: `${path}.md`, sha: older }, asked)).toMatchObject({
      sprint_id: expect.any(String),
    });
  });
});
