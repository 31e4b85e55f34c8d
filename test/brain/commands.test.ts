// Commands of comments in SQL: queued once and in order, kept as overrides, taken back, written at GitHub's pace.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeOrg, newSha, type OrgScene } from '../support/run-scene.ts';

describe.each(testBackends)('commands of comments (%s)', (backend) => {
  let brain: TestBrain;
  let scene: OrgScene;
  let head: string;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain?.close());
  beforeEach(async () => {
    await brain.sql("update codered.follow_ups set status = 'failed' where status in ('queued', 'running')");
    scene = await makeOrg(brain, 'maintainer');
    head = newSha();
    await brain.script(`
      insert into codered.pull_requests (repository_id, number, title, html_url, head_sha, head_ref, base_ref, base_sha, state, draft, opened_at, source_updated_at, source_delivery)
      values (${scene.repository}, 7, 'One', 'https://example.test/pull/7', '${head}', 'one', 'main', '${newSha()}', 'open', false, now(), now(), '')`);
  });

  let comments = 100;
  const fact = (text: string) => {
    comments += 1;
    const about = { repository_id: scene.repository, pull_request_number: 7, comment_id: comments };
    return {
      ...about,
      author: 'octocat',
      author_id: 1,
      author_type: 'User',
      text,
      created_at: '2026-11-25T10:00:00.000Z',
    };
  };
  const record = (commands: object[]) => brain.call('record_facts', { facts: { commands } as never });
  const claim = async () =>
    (await brain.call('claim_follow_ups', { worker: 'one', batch: 50, lease_seconds: 60 })).filter(
      ({ kind }) => kind === 'command',
    );
  const override = (more: object = {}) =>
    brain.call('record_override', {
      repository_id: scene.repository,
      pull_request_number: 7,
      comment_id: 1,
      login: 'octocat',
      criterion: 'lint_pass',
      reason: 'because',
      head_sha: head,
      ...more,
    });
  const revoke = (comment_id: number, criterion: string, place = 1) =>
    brain.call('revoke_overrides', {
      place,
      repository_id: scene.repository,
      pull_request_number: 7,
      comment_id,
      login: 'hubot',
      criterion,
      head_sha: head,
    });
  const rows = () =>
    brain.sql(
      'select criterion, commit_sha, revoked_by, user_id from codered.user_overrides where repository_id = $1 order by github_comment_id, github_comment_place',
      [String(scene.repository)],
    );

  it('are queued once a comment, with the head of that moment, whatever became of the first time', async () => {
    const found = fact('help');
    expect(await record([found])).toEqual({ queued: 1 });
    expect(await record([found])).toEqual({ queued: 0 });
    const [job] = await claim();
    expect(job?.input).toEqual({ kind: 'command', head_sha: head, ...found });
    await brain.call('fail_job', { id: job?.id ?? '', worker: 'one', error: 'no' });
    expect(await record([found])).toEqual({ queued: 0 });
  });

  it('of one pull request are followed one after the other', async () => {
    const [first, second] = [fact('override all x'), fact('revoke all')];
    await record([second, first]);
    const [job, ...others] = await claim();
    expect([job?.input, others]).toEqual([expect.objectContaining({ comment_id: first.comment_id }), []]);
    expect(await claim()).toEqual([]);
    await brain.call('complete_job', { id: job?.id ?? '', worker: 'one', result: {} });
    expect(await claim()).toMatchObject([{ input: { comment_id: second.comment_id } }]);
  });

  it("are never taken from a member's job, in whose name it may be", async () => {
    const input = { kind: 'command', ...fact('override all x'), head_sha: head };
    await scene.asMember('create_agent_job', { project_id: scene.project, agent_type: 'pipeline', input });
    expect(await claim()).toEqual([]);
  });

  it('keep an override of the head alone, with its person, event and report, once', async () => {
    await brain.sql("update codered.profiles set github_login = 'OctoCat' where id = $1", [scene.member]);
    expect(await override()).toEqual({ recorded: true });
    expect(await override({ reason: 'another' })).toEqual({ recorded: false });
    expect(await rows()).toEqual([
      { criterion: 'lint_pass', commit_sha: head, revoked_by: null, user_id: scene.member },
    ]);
    expect(
      await brain.sql(
        "select e.event_type, e.payload -> 'metadata' ->> 'user' as by from codered.events e where e.project_id = $1 and e.event_type like 'status.%'",
        [scene.project],
      ),
    ).toEqual([{ event_type: 'status.OVERRIDDEN', by: 'octocat' }]);
    expect(
      await brain.sql("select count(*) as jobs from codered.follow_ups where dedupe_key = $1 and status = 'queued'", [
        `report:${scene.repository}:${head}`,
      ]),
    ).toEqual([{ jobs: '1' }]);
    await brain.sql('update codered.profiles set github_login = null where id = $1', [scene.member]);
  });

  it('keep an override of every commit until its time', async () => {
    await override({ expires_at: '2099-12-01T23:59:59.999Z' });
    const read = (sha: string) =>
      brain.call('read_gate_subject', { repository_id: scene.repository, pull_request_number: 7, sha });
    expect(await read(newSha())).toMatchObject({ overrides: [{ criterion: 'lint_pass', by: 'octocat' }] });
    await brain.sql(
      "update codered.user_overrides set expires_at = now() - interval '1 second' where repository_id = $1",
      [String(scene.repository)],
    );
    expect(await read(newSha())).toMatchObject({ overrides: [] });
  });

  it('take overrides back by name or all, never one that was commanded later, and count them the second time too', async () => {
    await override({ comment_id: 1 });
    await override({ comment_id: 2, criterion: 'type_check' });
    expect(await revoke(3, 'coverage_min')).toBe(0);
    expect(await revoke(4, 'lint_pass')).toBe(1);
    await override({ comment_id: 9 });
    expect(await revoke(4, 'lint_pass')).toBe(1);
    expect((await rows()).map(({ revoked_by }) => revoked_by)).toEqual(['hubot', null, null]);
    expect(await revoke(10, 'all')).toBe(2);
  });

  it('of one comment are known by their place: each kept once, and taken back in their order', async () => {
    await override({ comment_id: 1, place: 1 });
    await override({ comment_id: 1, place: 2, reason: 'another' });
    const revokeAt = (place: number) => revoke(1, 'all', place);
    expect(await revokeAt(3)).toBe(2);
    await override({ comment_id: 1, place: 4 });
    expect(await override({ comment_id: 1, place: 1 })).toEqual({ recorded: false });
    expect(await revokeAt(3)).toBe(2);
    expect((await rows()).map(({ revoked_by }) => revoked_by)).toEqual(['hubot', 'hubot', null]);
  });

  describe('within limits', () => {
    const from = (author_id: number, more: object = {}) => ({ ...fact('help'), author_id, ...more });
    const queuedOf = async (count: number, found: () => object) => {
      let queued = 0;
      for (let one = 0; one < count; one += 1)
        queued += Number(((await record([found()])) as { queued: number }).queued);
      return queued;
    };
    const about = () => ({ repository_id: scene.repository, author_id: 5 });
    const react = (comment_id: number, pull_request_number = 7) =>
      brain.call('take_command_reaction', { ...about(), pull_request_number, comment_id });

    it('are ten comments an hour of somebody who may not write or of whom nothing is known, and sixty of who may', async () => {
      expect(await queuedOf(15, () => from(5))).toBe(10);
      await brain.call('keep_standing', { repository_id: scene.repository, author_id: 6, standing: 'full' });
      expect(await queuedOf(65, () => from(6))).toBe(60);
      await brain.sql("update codered.command_counts set hour_began = now() - interval '61 minutes'");
      expect(await queuedOf(1, () => from(5))).toBe(1);
    });

    it('are none of who was refused a moment ago, once a reaction has told them', async () => {
      await brain.call('keep_standing', { ...about(), standing: 'none' });
      expect(await brain.call('read_refusal', about())).toBe(true);
      expect(await queuedOf(1, () => from(5))).toBe(1);
      expect(await react(1)).toBe(true);
      expect(await queuedOf(1, () => from(5))).toBe(0);
      await brain.sql("update codered.command_counts set standing_at = now() - interval '11 minutes'");
      expect(await brain.call('read_refusal', about())).toBe(false);
      expect(await queuedOf(1, () => from(5))).toBe(1);
    });

    it('are one reaction a pull request, and three an author, an hour; a second time the same comment has its own', async () => {
      expect([await react(1), await react(1), await react(2)]).toEqual([true, true, false]);
      expect([await react(3, 8), await react(4, 9), await react(5, 10)]).toEqual([true, true, false]);
      await brain.sql(
        "update codered.command_counts set hour_began = now() - interval '61 minutes', reacted_at = reacted_at - interval '61 minutes'",
      );
      expect([await react(6), await react(7, 10)]).toEqual([true, true]);
    });

    it('forget whoever wrote nothing for a day', async () => {
      await queuedOf(1, () => from(5));
      await brain.sql("update codered.command_counts set hour_began = now() - interval '25 hours'");
      await queuedOf(1, () => from(6));
      expect(
        await brain.sql('select id from codered.command_counts where repository_id = $1', [String(scene.repository)]),
      ).toEqual([{ id: '6' }]);
    });
  });

  it('are refused for a repository that is not there', async () => {
    await expect(override({ repository_id: 1 })).rejects.toMatchObject({ code: 'CR004' });
  });

  describe('a write out of turn', () => {
    const reserve = (spacing_ms = 4_000) =>
      brain.call('reserve_write', { installation_id: scene.repository, spacing_ms });
    const moment = (when: string) =>
      brain.script(
        `update codered.installations set next_write_at = now() + interval '${when}' where id = ${scene.repository}`,
      );
    beforeEach(async () => {
      await brain.script(`
        insert into codered.installations (id, org_id, account_login, next_write_at)
        values (${scene.repository}, '${scene.org}', 'octo', now() - interval '1 hour')`);
      await brain.script(
        `update codered.repositories set installation_id = ${scene.repository} where id = ${scene.repository}`,
      );
    });

    it('takes its turn when nobody writes, and is told how long to wait while somebody has it', async () => {
      expect(await reserve(600_000)).toBe(0);
      const wait = await reserve();
      expect(wait).toBeGreaterThan(300_000);
      expect(wait).toBeLessThanOrEqual(600_000);
    });

    it('gives way to every publication that is due', async () => {
      await moment('-1 second');
      await brain.call('request_publication', {
        repository_id: scene.repository,
        kind: 'comment',
        target: '1',
        desired: { says: 'hello' },
        desired_hash: 'hello',
      });
      expect(await reserve()).toBe(4_000);
      const [claimed] = await brain.call('claim_publications', {
        worker: 'w',
        batch: 1,
        lease_seconds: 60,
        spacing_ms: 0,
      });
      await moment('-1 second');
      expect(await reserve()).toBe(4_000);
      await brain.call('complete_publication', { id: claimed?.id ?? '', worker: 'w', published_hash: 'hello' });
      await moment('-1 second');
      expect(await reserve()).toBe(0);
    });

    it('waits, as every other request does, until a pause is over that GitHub asked for', async () => {
      await moment('-1 second');
      const pause = (pause_ms: number) =>
        brain.call('pause_installation', { installation_id: scene.repository, pause_ms });
      expect(await brain.call('read_pause', { installation_id: scene.repository })).toBeNull();
      await pause(600_000);
      await pause(5_000);
      expect(await brain.call('read_pause', { installation_id: scene.repository })).toBeGreaterThan(300_000);
      expect(await reserve()).toBeGreaterThan(300_000);
      await brain.call('request_publication', {
        repository_id: scene.repository,
        kind: 'comment',
        target: '2',
        desired: { says: 'hello' },
        desired_hash: 'hello',
      });
      const claim = { worker: 'w', batch: 1, lease_seconds: 60, spacing_ms: 0 };
      expect(await brain.call('claim_publications', claim)).toEqual([]);
      await brain.script('update codered.installations set paused_until = now()');
      expect(await brain.call('claim_publications', claim)).toHaveLength(1);
    });
  });
});
