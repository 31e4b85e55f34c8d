import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { secondaryRateLimit } from '../../src/demo/github/failures.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { Transient } from '../../src/model/errors.ts';
import type { RequestedComment } from '../../src/model/publication.ts';
import { commentMarker } from '../../src/report/comment.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { NEWER_SHA, openStage, PULL_NUMBER, type Scene, SHA, type Stage } from '../support/publisher-scene.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => {
  expect(stage.github.violations).toEqual([]);
  expect(stage.github.refused.splice(0).filter(({ method }) => method !== 'GET')).toEqual([]);
});
afterAll(() => stage.close());

const bodyOf = (text: string, as_of: string | null) =>
  `### ${text}\n${commentMarker({ pull_request_number: PULL_NUMBER, as_of })}\nmore`;

function comment(
  text: string,
  { as_of = '2026-11-01T10:00:00Z', may_create = true, head_sha = SHA } = {},
): RequestedComment {
  return { kind: 'comment', pull_request_number: PULL_NUMBER, head_sha, body: bodyOf(text, as_of), may_create, as_of };
}

const bodies = ({ inside }: Scene) => [...inside.comments.values()].map(({ body }) => body);
const LIST = `/issues/${PULL_NUMBER}/comments`;

/** A scene in which the comment stands and the brain knows it. */
async function standing(text = 'one') {
  const scene = await stage.scene();
  await scene.request(comment(text));
  const outcome = await scene.publishNext();
  if (outcome.kind !== 'completed' || outcome.github_id === null) throw new Error(`the comment was ${outcome.kind}`);
  return { scene, id: outcome.github_id };
}

function foreignComments({ inside }: Scene, count: number, body = 'me too') {
  for (let index = 0; index < count; index += 1) {
    const { repository } = inside;
    stage.github.state.addComment(repository.id, { pullNumber: PULL_NUMBER, author: ACCOUNTS.octocat, body });
  }
}

/** A comment of the App whose id the brain was never told. */
async function lostComment(scene: Scene, text: string): Promise<number> {
  const id = stage.github.state.nextId();
  const author = { login: 'codered[bot]', id: 5, type: 'Bot' } as const;
  const at = '2026-11-01T09:00:00Z';
  const found = { pullNumber: PULL_NUMBER, author, viaApp: true, createdAt: at, updatedAt: at };
  scene.inside.comments.set(id, { id, body: bodyOf(text, at), ...found });
  return id;
}

describe('a comment', () => {
  it('is made once and edited in place from then on', async () => {
    const { scene, id } = await standing('one');
    await scene.request(comment('two'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', github_id: id, action: 'edited' });
    expect(bodies(scene)).toEqual([comment('two').body]);
    expect(scene.writes()).toEqual([`POST ${LIST}`, `PATCH /issues/comments/${id}`]);
    expect(await scene.claim()).toBeNull();
  });

  it('is not made when nothing needs a reader', async () => {
    const scene = await stage.scene();
    await scene.request(comment('all green', { may_create: false }));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', github_id: null, action: 'not_needed' });
    expect(scene.writes()).toEqual([]);
    expect(await scene.claim()).toBeNull();
  });

  it('is edited though none may be made any more', async () => {
    const { scene, id } = await standing('red');
    await scene.request(comment('green', { may_create: false }));
    expect(await scene.publishNext()).toMatchObject({ github_id: id, action: 'edited' });
    expect(bodies(scene)).toEqual([comment('green').body]);
  });

  it('is not written again when it stands as desired', async () => {
    const { scene, id } = await standing('one');
    await stage.brain.script(`update codered.publications set published_hash = null where github_id = ${id}`);
    expect(await scene.publishNext()).toMatchObject({ github_id: id, action: 'unchanged' });
    expect(scene.writes()).toEqual([`POST ${LIST}`]);
  });

  it('is not made twice when the answer to the first was lost', async () => {
    const scene = await stage.scene();
    await scene.request(comment('one'));
    stage.github.failNext({ method: 'POST', path: /\/comments$/, when: 'after' }, 'hang up');
    expect(await scene.publishNext()).toMatchObject({ kind: 'deferred', delay_ms: 4_500, pause_installation_ms: 0 });
    await scene.passTime();
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'unchanged' });
    expect(scene.writes()).toEqual([`POST ${LIST}`]);
    expect(bodies(scene)).toEqual([comment('one').body]);
  });

  it('is not made twice when the brain was never told of the first', async () => {
    const scene = await stage.scene();
    await scene.request(comment('one'));
    const claimed = await scene.claim();
    if (claimed === null) throw new Error('nothing is due');
    const call = () => Promise.reject(new Transient('the database is restarting'));
    await expect(scene.publish(claimed, { brain: { call } })).rejects.toThrow('restarting');
    expect(await scene.publish(claimed)).toMatchObject({ kind: 'completed', action: 'unchanged' });
    expect(scene.writes()).toEqual([`POST ${LIST}`]);
  });

  it('is found behind 150 others, and a marker that somebody copied is not ours', async () => {
    const scene = await stage.scene();
    foreignComments(scene, 150);
    foreignComments(scene, 1, bodyOf('forged', null));
    const id = await lostComment(scene, 'old');
    await scene.request(comment('new'));
    expect(await scene.publishNext()).toMatchObject({ github_id: id, action: 'edited' });
    expect(bodies(scene)).toHaveLength(152);
    expect(bodies(scene)).toContain(bodyOf('forged', null));
    expect(scene.writes()).toEqual([`PATCH /issues/comments/${id}`]);
  });

  it('is the oldest of several; later ones of our own are deleted, a second apart', async () => {
    const scene = await stage.scene();
    const [first, second, third] = [
      await lostComment(scene, 'a'),
      await lostComment(scene, 'b'),
      await lostComment(scene, 'c'),
    ];
    await scene.request(comment('new'));
    expect(await scene.publishNext()).toMatchObject({ github_id: first, action: 'edited' });
    expect(bodies(scene)).toEqual([comment('new').body]);
    expect(scene.writes()).toEqual([
      `DELETE /issues/comments/${second}`,
      `DELETE /issues/comments/${third}`,
      `PATCH /issues/comments/${first}`,
    ]);
    expect(scene.pauses).toEqual([1000, 1000]);
  });

  it('that somebody deleted is made anew', async () => {
    const { scene, id } = await standing('one');
    scene.inside.comments.delete(id);
    await scene.request(comment('two'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'created' });
    expect(bodies(scene)).toEqual([comment('two').body]);
  });

  it('that somebody deleted is looked for on every page before another is made', async () => {
    const { scene, id } = await standing('one');
    scene.inside.comments.delete(id);
    foreignComments(scene, 120);
    const second = await lostComment(scene, 'second');
    await scene.request(comment('two'));
    expect(await scene.publishNext()).toMatchObject({ github_id: second, action: 'edited' });
    expect(bodies(scene)).toHaveLength(121);
  });

  it('that somebody deleted stays away when nothing needs a reader', async () => {
    const { scene, id } = await standing('red');
    scene.inside.comments.delete(id);
    await scene.request(comment('green', { may_create: false }));
    expect(await scene.publishNext()).toMatchObject({ github_id: null, action: 'not_needed' });
    expect(bodies(scene)).toEqual([]);
  });

  it('from newer facts is left as it is', async () => {
    const { scene, id } = await standing('one');
    const newer = bodyOf('from another process', '2026-11-01T10:00:05Z');
    const found = scene.inside.comments.get(id);
    if (found) scene.inside.comments.set(id, { ...found, body: newer });
    await scene.request(comment('late', { as_of: '2026-11-01T10:00:04Z' }));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', github_id: id, action: 'overtaken' });
    expect(bodies(scene)).toEqual([newer]);
    expect(await scene.claim()).toBeNull();
  });

  it.each([
    { name: 'to be made', make: () => stage.scene() },
    { name: 'to be edited', make: async () => (await standing('one')).scene },
  ])('$name is held back while the head is another one, and given up after five waits', async ({ make }) => {
    const scene = await make();
    const before = scene.writes();
    scene.moveHead(NEWER_SHA);
    await scene.request(comment('old head'));
    for (let wait = 1; wait <= 5; wait += 1) {
      expect(await scene.publishNext()).toMatchObject({ kind: 'deferred', delay_ms: 30_000, pause_installation_ms: 0 });
      await scene.passTime();
    }
    expect(await scene.publishNext()).toMatchObject({ kind: 'parked', reason: expect.stringContaining(NEWER_SHA) });
    await scene.passTime();
    expect(await scene.claim()).toBeNull();
    expect(scene.writes()).toEqual(before);

    await scene.request(comment('new head', { head_sha: NEWER_SHA }));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed' });
  });

  it('waits when there is no such pull request', async () => {
    const scene = await stage.scene();
    await scene.request(comment('one'));
    scene.inside.comments.clear();
    stage.github.failNext({ path: /\/pulls\/3$/ }, { status: 404, body: { message: 'Not Found' } });
    expect(await scene.publishNext()).toMatchObject({ kind: 'deferred', delay_ms: 30_000 });
    expect(scene.writes()).toEqual([]);
  });

  it('is tried again when it is deleted between reading and editing', async () => {
    const { scene, id } = await standing('one');
    await scene.request(comment('two'));
    stage.github.failNext({ method: 'PATCH', path: /\/comments\// }, { status: 404, body: { message: 'Not Found' } });
    expect(await scene.publishNext()).toMatchObject({ kind: 'deferred', delay_ms: 4_500 });
    scene.inside.comments.delete(id);
    await scene.passTime();
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'created' });
  });

  it('in a locked conversation is given up, and said why', async () => {
    const scene = await stage.scene();
    const pull = scene.inside.pulls.get(PULL_NUMBER);
    if (pull) scene.inside.pulls.set(PULL_NUMBER, { ...pull, locked: true });
    await scene.request(comment('one'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'parked', reason: expect.stringContaining('is locked') });
    expect(stage.github.refused.splice(0)).toHaveLength(1);
    await scene.passTime();
    expect(await scene.claim()).toBeNull();
  });
});

describe('what GitHub refuses', () => {
  it('for a while holds every write of the installation back so long', async () => {
    const scene = await stage.scene();
    await scene.request(comment('one'));
    stage.github.failNext({ method: 'POST', path: /\/comments$/ }, secondaryRateLimit(120));
    expect(await scene.publishNext()).toMatchObject({
      kind: 'deferred',
      delay_ms: 120_000,
      pause_installation_ms: 120_000,
    });
    const [row] = await stage.brain.sql(
      `select extract(epoch from next_write_at - now()) > 110 as waits from codered.installations where id = ${scene.installationId}`,
    );
    expect(row).toEqual({ waits: 't' });
    expect(scene.writes()).toEqual([`POST ${LIST}`]);
  });

  it('during an outage is tried after growing pauses', async () => {
    const scene = await stage.scene();
    await scene.request(comment('one'));
    for (const delay_ms of [4_500, 27_000, 108_000]) {
      stage.github.failNext({ method: 'POST', path: /\/comments$/ }, { status: 502 });
      expect(await scene.publishNext()).toMatchObject({ kind: 'deferred', delay_ms, pause_installation_ms: 0 });
      await scene.passTime();
    }
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'created' });
  });

  it('for want of a permission is given up, with the permission named', async () => {
    const scene = await stage.scene();
    await scene.request(comment('one'));
    const body = { message: 'Resource not accessible by integration' };
    const headers = { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' };
    stage.github.failNext({ method: 'POST', path: /\/comments$/ }, { status: 403, body, headers });
    const reason = expect.stringContaining('"issues=write; pull_requests=write"');
    expect(await scene.publishNext()).toMatchObject({ kind: 'parked', reason });
  });

  it('to a suspended installation waits an hour', async () => {
    const scene = await stage.scene();
    const installation = stage.github.state.installations.get(scene.installationId);
    if (installation) stage.github.state.addInstallation({ ...installation, suspendedAt: '2026-11-01T10:00:00Z' });
    await scene.request(comment('one'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'deferred', pause_installation_ms: 3_600_000 });
    stage.github.refused.splice(0);
  });

  it('because we cannot read our own request is given up', async () => {
    const scene = await stage.scene();
    await scene.request(comment('one'));
    const claimed = await scene.claim();
    if (claimed === null) throw new Error('nothing is due');
    const outcome = await scene.publish({ ...claimed, desired: { kind: 'comment' } });
    expect(outcome).toMatchObject({ kind: 'parked', reason: expect.stringContaining('pull_request_number') });
  });
});

describe('the log', () => {
  const levelOf = async (desired: Parameters<typeof comment>, refuse: () => void) => {
    const scene = await stage.scene();
    await scene.request(comment(...desired));
    const claimed = await scene.claim();
    if (claimed === null) throw new Error('nothing is due');
    refuse();
    const { log, lines } = makeLogLines();
    const { kind } = await scene.publish(claimed, { log });
    return [kind, ...lines.map(({ level }) => level)];
  };
  const REFUSALS = { method: 'POST', path: /\/comments$/ } as const;

  it('has what was written at info, what comes to nothing for now at warn, and what is the way of things at debug', async () => {
    expect(await levelOf(['one'], () => {})).toEqual(['completed', 30]);
    expect(await levelOf(['one'], () => stage.github.failNext(REFUSALS, { status: 502 }))).toEqual(['deferred', 40]);
    // GitHub is a moment behind its own webhook.
    expect(await levelOf(['one', { head_sha: NEWER_SHA }], () => {})).toEqual(['deferred', 20]);
  });
});
