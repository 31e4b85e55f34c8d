// Specs over real sockets: a push that brings one goes in; a sprint that gates the branch's pull request comes out.

import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/demo/github/contract/json-value.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const SPEC = '---\nlabel: S1\ndod:\n  lint_pass: true\n---\n# The shop\n';

describe('a pushed spec', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  async function begin(...moments: readonly Moment[]): Promise<void> {
    scene = await openStoryRepository(moments, null);
    await scene.play(0);
  }

  /** The moment's push, with files that it adds; null deletes one. GitHub has them at its head. */
  function pushOf(moment: number, files: Readonly<Record<string, string | null>>): LifeDelivery {
    const [push] = scene.of(moment, 'push');
    if (push === undefined) throw new RangeError(`moment ${moment} pushes nothing`);
    const text = Object.entries(files).flatMap(([path, text]): [string, string][] =>
      text === null ? [] : [[path, text]],
    );
    const removed = Object.keys(files).filter((path) => files[path] === null);
    const payload = structuredClone(push.payload);
    for (const commit of [payload.head_commit, ...(payload.commits as JsonObject[])] as JsonObject[]) {
      Object.assign(commit, { added: text.map(([path]) => path), removed });
    }
    scene.inside.filesAt.set(String(payload.after), new Map(text));
    return { ...push, payload };
  }

  const rows = async () => ({
    specs: await scene.brain.sql(
      'select storage_path, branch, sha, created_by from codered.specs order by storage_path, created_at',
    ),
    sprints: await scene.brain.sql('select label, dod_json, state from codered.sprints order by created_at'),
    phases: (await scene.brain.sql('select phase from codered.status_events order by id')).map(({ phase }) => phase),
  });

  test.each([
    ['success', 'DONE', 'Gate passed · the only job passed'],
    ['failure', 'FAILED', 'Gate failed (0 of 1) · 1 failure needs you'],
  ] as const)(
    'plans a sprint that gates its branch: %s of the lint job makes it %s',
    async (conclusion, state, title) => {
      await begin(opened, ran(job('lint', conclusion)));
      const push = pushOf(1, { 'specs/shop.md': SPEC });
      await scene.send([push]);
      const spec = {
        storage_path: 'specs/shop.md',
        branch: 'closed',
        sha: push.payload.after,
        created_by: 'Codertocat',
      };
      expect(await rows()).toEqual({
        specs: [spec],
        sprints: [{ label: 'S1', dod_json: '{"lint_pass": true}', state: 'PLANNED' }],
        phases: ['SPEC_RECEIVED', 'PLANNING'],
      });
      await scene.send(scene.of(1, 'pull_request'));
      expect(scene.checkRuns()).toEqual([['in_progress', null, 'Gate waiting (0 of 1) · waiting for lint']]);
      expect((await rows()).sprints).toMatchObject([{ state: 'RUNNING' }]);
      await scene.play(2);
      expect(scene.checkRuns().at(-1)).toEqual(['completed', conclusion, expect.stringContaining(title)]);
      expect((await rows()).sprints).toMatchObject([{ state }]);
    },
  );

  test('that is told after its pull request has the pull request judged anew', async () => {
    await begin(opened);
    const push = pushOf(1, { 'specs/shop.md': SPEC });
    await scene.send(scene.of(1, 'pull_request'));
    expect(scene.checkRuns()).toEqual([]);
    await scene.send([push]);
    expect(scene.checkRuns()).toEqual([['in_progress', null, 'Gate waiting (0 of 1) · waiting for lint']]);
  });

  test('told twice is one spec and one sprint; changed by a later push, it asks for what it says now', async () => {
    await begin(opened, { kind: 'commit', pull: 1, message: 'Ask for more' });
    const push = pushOf(1, { '.codered/specs/shop.yml': 'label: S1\ndod: { lint_pass: true }\n' });
    await scene.send([push]);
    const before = await rows();
    expect(before.specs.length).toBe(1);
    await scene.send([{ ...push, guid: '11111111-2222-4333-8444-555555555555' }]);
    expect(await rows()).toEqual(before);
    await scene.send([
      ...scene.of(1, 'pull_request'),
      pushOf(2, { '.codered/specs/shop.yml': 'label: S1\ndod: { type_check: true }\n' }),
    ]);
    await scene.send(scene.of(2, 'pull_request'));
    expect((await rows()).sprints).toMatchObject([{ label: 'S1' }, { label: 'S1', dod_json: '{"type_check": true}' }]);
    expect(scene.checkRuns().at(-1)).toEqual([
      'in_progress',
      null,
      expect.stringMatching(/^Gate waiting .*waiting for types/),
    ]);
  });

  test('that is broken is kept and told, and keeps none of the others from being planned', async () => {
    await begin(opened);
    const files = { 'specs/a.md': '---\ndod: {speed: 1}\n---\n', 'specs/b.yml': 'dod: [', 'specs/c.md': SPEC };
    await scene.send([pushOf(1, files)]);
    const { specs, sprints, phases } = await rows();
    expect([specs.map(({ storage_path }) => storage_path), sprints.length]).toEqual([
      ['specs/a.md', 'specs/b.yml', 'specs/c.md'],
      1,
    ]);
    expect(phases.toSorted()).toEqual([
      'FAILED',
      'FAILED',
      'PLANNING',
      'SPEC_RECEIVED',
      'SPEC_RECEIVED',
      'SPEC_RECEIVED',
    ]);
    expect(
      await scene.brain.sql(
        `select message, metadata ->> 'problem' as problem from codered.status_events where phase = 'FAILED' order by id limit 1`,
      ),
    ).toEqual([
      { message: 'specs/a.md of octo-org/web-shop plans no sprint', problem: 'dod.speed: there is no such key.' },
    ]);
    expect(await scene.brain.sql(`select status, result from codered.follow_ups where kind = 'plan_sprint'`)).toEqual([
      { status: 'completed', result: '{"specs": 3, "sprints": 1, "analyses": 0, "problems": 2}' },
    ]);
  });

  test('that plans nothing is a spec without a sprint, which waits for an agent to read it; pages, deleted files and files elsewhere are no specs', async () => {
    await begin(opened);
    await scene.send([
      pushOf(1, {
        'specs/bare.yaml': 'title: The shop\n',
        'specs/page.md': '# The shop\n',
        'specs/gone.md': null,
        'specs/shop.txt': SPEC,
        'docs/specs/shop.md': SPEC,
      }),
    ]);
    expect(await rows()).toMatchObject({
      specs: [{ storage_path: 'specs/bare.yaml' }],
      sprints: [],
      phases: ['SPEC_RECEIVED'],
    });
    expect(
      await scene.brain.sql(
        "select status, is_apps, input ->> 'path' as path, input ->> 'document' as document from codered.agent_jobs where agent_type = 'plan_sprint'",
      ),
    ).toEqual([{ status: 'queued', is_apps: 't', path: 'specs/bare.yaml', document: 'title: The shop\n' }]);
  });

  test("of a fork is never seen, and a fork's branch is not gated by the sprint of a branch of its name", async () => {
    const fork: Moment = { kind: 'open', pull: 2, title: 'Trust me', branch: 'closed', fromFork: true };
    await begin(opened, fork);
    await scene.send([pushOf(1, { 'specs/shop.md': SPEC }), ...scene.of(1, 'pull_request')]);
    const before = await rows();
    expect(scene.of(2, 'push')).toEqual([]);
    for (const { effect } of scene.of(2)) effect(scene.github.state);
    const head = scene.inside.pulls.get(2)?.head.sha ?? '';
    expect(head).toMatch(/^[0-9a-f]{40}$/);
    scene.inside.filesAt.set(head, new Map([['specs/shop.md', SPEC.replace('lint_pass: true', 'lint_pass: false')]]));
    scene.inside.pullFiles.set(2, [
      { filename: 'specs/shop.md', status: 'added', additions: 5, deletions: 0, patch: null },
    ]);
    await scene.play(2);
    expect(await rows()).toEqual(before);
    expect([...scene.inside.checkRuns.values()].filter(({ headSha }) => headSha === head)).toEqual([]);
  });
});
