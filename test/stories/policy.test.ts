// The policy over real sockets: brought by a pull request, changed under an open one, not there at all; and evidence of an attempt that is over.

import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/demo/github/contract/json-value.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import {
  job,
  lcov,
  opened,
  openStoryRepository,
  ran,
  SETTLE_MS,
  type StoryRepository,
} from '../support/story-repository.ts';
import { zipOf } from '../support/zip.ts';

const POLICY = '.github/codered.yml';
const LINT = 'dod: { lint_pass: true }\n';
const passed = ran(job('lint'));

let scene: StoryRepository;
afterEach(() => scene.close());

const annotations = () =>
  scene
    .ownCheckRuns()
    .at(-1)
    ?.annotations.map(({ path, start_line, message }) => [path, start_line, message]);
const summary = () => scene.ownCheckRuns().at(-1)?.output.summary ?? '';
const comments = () => [...scene.inside.comments.values()].map(({ body }) => body);

/** The pull request's commit has this policy; `listed`: GitHub lists that it changes the file. */
function propose(text: string, listed = true): void {
  const { inside } = scene;
  inside.filesAt.set(inside.pulls.get(1)?.head.sha ?? '', new Map([[POLICY, text]]));
  const change = { filename: POLICY, status: 'modified', additions: 1, deletions: 1, patch: null } as const;
  if (listed) inside.pullFiles.set(1, [change]);
}

describe('a policy that a pull request brings', () => {
  test.each([false, true])(
    'is told what is wrong with it, on its lines, and the base branch decides (fork: %s)',
    async (fromFork) => {
      scene = await openStoryRepository([{ ...opened, fromFork }, passed], LINT);
      await scene.play(0);
      await scene.send(scene.of(1), () => propose('dod:\n  lint: true\n'));
      await scene.play(2);
      expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
      expect(annotations()).toEqual([
        [POLICY, 2, expect.stringContaining('column 3, dod.lint: there is no such key; did you mean')],
      ]);
      expect(comments()[0]).toContain('line 2, column 3: dod.lint: there is no such key');
    },
  );

  test('is told what may not be meant in it, as a warning', async () => {
    scene = await openStoryRepository([opened, passed], LINT);
    await scene.play(0);
    await scene.send(scene.of(1), () => propose(`${LINT}zones: { red: ['src/**'] }\n`));
    await scene.play(2);
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    expect(annotations()).toEqual([[POLICY, 2, expect.stringContaining('zones.red: is used by no when')]]);
    expect(
      scene
        .ownCheckRuns()
        .at(-1)
        ?.annotations.map((one) => one.annotation_level),
    ).toEqual(['warning']);
    expect(comments()[0]).toContain('It can be read, but may not say what is meant');
    expect(comments()[0]).not.toContain('broken');
  });

  test('is read before there is any other, and asks for nothing yet', async () => {
    scene = await openStoryRepository([opened, passed], null);
    await scene.play(0);
    await scene.send(scene.of(1), () => propose('dod: { coverage_min: 80 }\n'));
    await scene.play(2);
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    expect(annotations()).toEqual([[POLICY, 1, expect.stringContaining('column 22, dod.coverage_min')]]);
  });

  test('is not told of where the branch is only older than the mended policy', async () => {
    scene = await openStoryRepository([opened, passed], LINT);
    await scene.play(0);
    await scene.send(scene.of(1), () => propose('dod: 80\n', false));
    await scene.play(2);
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    expect(annotations()).toEqual([]);
    expect(comments()).toEqual([]);
  });
});

describe('what a pull request changes', () => {
  const FILES = { method: 'GET', path: /\/pulls\/1\/files$/ };
  const gone = { status: 422, body: { message: 'Sorry, this diff is taking too long to generate.' } } as const;
  const RED = `${LINT}zones: { red: ['src/billing/**'] }\nwhen: { zones: [red], dod: { type_check: true } }\n`;

  test('does not keep the gate from judging where it is asked for only to tell of a broken policy', async () => {
    scene = await openStoryRepository([opened, passed], LINT);
    await scene.play(0);
    await scene.send(scene.of(1), () => {
      propose('dod: 80\n');
      scene.github.failNext(FILES, gone);
    });
    await scene.send(scene.of(2), () => {
      for (let time = 0; time < 20; time++) scene.github.failNext(FILES, gone);
    });
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    expect(annotations()).toEqual([]);
  });

  test.each([
    [false, 'Gate passed · '],
    [true, 'waiting for types'],
  ])('touches every zone while GitHub does not tell it (%s)', async (isRefused, title) => {
    scene = await openStoryRepository([opened, passed], RED);
    scene.inside.pullFiles.set(1, [
      { filename: 'README.md', status: 'modified', additions: 1, deletions: 1, patch: null },
    ]);
    for (let time = 0; isRefused && time < 40; time++) scene.github.failNext(FILES, gone);
    await scene.play(0, 1, 2);
    expect(scene.checkRuns().at(-1)?.[2]).toContain(title);
  });
});

describe('a policy that is pushed to the base branch', () => {
  const merged: readonly Moment[] = [
    opened,
    passed,
    { kind: 'open', pull: 2, title: 'Ask for more', branch: 'more' },
    { kind: 'merge', pull: 2 },
  ];
  /** Has the push of the merge say that it changes the policy. */
  const changePolicy = () => {
    for (const { payload } of scene.of(4, 'push')) {
      for (const commit of [payload.head_commit, ...(payload.commits as JsonObject[])] as JsonObject[]) {
        Object.assign(commit, { modified: [POLICY] });
      }
    }
  };

  test('is what the open pull requests are judged by from then on', async () => {
    scene = await openStoryRepository(merged, LINT);
    await scene.play(0, 1, 2, 3);
    const head = scene.inside.pulls.get(1)?.head.sha;
    const standing = () => scene.checkRuns(head);
    expect(standing().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    await scene.send(scene.of(4), () => {
      changePolicy();
      scene.inside.files.set(POLICY, 'dod: { lint_pass: true, type_check: true }\n');
    });
    expect(standing().at(-1)).toEqual([
      'in_progress',
      null,
      expect.stringMatching(/^Gate waiting .*waiting for types/),
    ]);
    expect(standing().length).toBe(2);
  });

  test('is looked for again when the branch is put back by force, whose push lists no commit', {
    tags: ['slow'],
  }, async () => {
    scene = await openStoryRepository(merged, LINT);
    await scene.play(0, 1, 2, 3);
    const head = scene.inside.pulls.get(1)?.head.sha;
    await scene.send(scene.of(4, 'push'), () => {
      for (const { payload } of scene.of(4, 'push')) Object.assign(payload, { forced: true, commits: [] });
      scene.inside.files.set(POLICY, 'dod: { type_check: true }\n');
    });
    expect(scene.checkRuns(head).at(-1)).toEqual([
      'in_progress',
      null,
      expect.stringMatching(/^Gate waiting .*waiting for types/),
    ]);
  });

  test('is read again a minute later when GitHub still shows the old one at first', { tags: ['slow'] }, async () => {
    scene = await openStoryRepository(merged, LINT);
    await scene.play(0, 1, 2, 3);
    const head = scene.inside.pulls.get(1)?.head.sha;
    await scene.send(scene.of(4), changePolicy);
    expect(scene.checkRuns(head).at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    scene.inside.files.set(POLICY, 'dod: { type_check: true }\n');
    await scene.brain.script(
      `update codered.follow_ups set run_after = now()
       where status = 'queued' and is_scheduled and run_after < now() + interval '2 minutes'`,
    );
    await expect
      .poll(() => scene.checkRuns(head).at(-1), { timeout: SETTLE_MS })
      .toEqual(['in_progress', null, expect.stringMatching(/^Gate waiting .*waiting for types/)]);
  });
});

describe('without a policy', () => {
  test('what is measured of the usual criteria stands on the check run, and holds nothing back', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'), job('test'))], null);
    await scene.play(0, 1);
    await scene.send(scene.of(2), () => {
      scene.upload('coverage', zipOf([{ name: 'lcov.info', content: lcov(3, 4) }]));
      scene.upload('binaries', zipOf([{ name: 'lcov.info', content: lcov(1, 1) }]));
    });
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    expect(summary()).toContain('Definition of Done: nothing is asked for, 2 of 5 criteria are measured');
    expect(summary()).toContain('| coverage | 75.0 % | artifact [coverage]');
    expect(summary()).toContain('| lint | passed | job [lint]');
    expect(comments()).toEqual([]);
    expect(await scene.brain.sql('select gate_id from codered.gate_executions')).toEqual([]);
    expect(await scene.brain.sql('select file_name from codered.artifacts')).toEqual([{ file_name: 'coverage' }]);
  });
});

describe('a policy that comes later', () => {
  test('finds nothing too late: what was read for information has started no run and no deadline', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], null);
    await scene.play(0, 1);
    await scene.send(scene.of(2), () => scene.upload('coverage', zipOf([{ name: 'lcov.info', content: lcov(9, 10) }])));
    const runs = () => scene.brain.sql('select status from codered.runs');
    const phases = async () =>
      (await scene.brain.sql('select phase from codered.status_events order by id')).map(({ phase }) => phase);
    expect([await runs(), await phases()]).toEqual([[{ status: 'pending' }], []]);
    expect(await scene.brain.sql('select id from codered.active_runs')).toEqual([]);
    // As if two hours had gone by since.
    await scene.brain.script(`
      update codered.runs set created_at = created_at - interval '2 hours';
      update codered.ci_events set source_updated_at = source_updated_at - interval '2 days'`);
    scene.inside.files.set(POLICY, 'dod: { coverage_min: 0.8 }\n');
    await scene.brain.call('queue_recheck', {
      repository_id: scene.life.repository.id,
      sha: scene.inside.pulls.get(1)?.head.sha ?? '',
    });
    await scene.settle();
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    expect([await runs(), await phases()]).toEqual([
      [{ status: 'completed' }],
      ['BUILD', 'TESTS_PASSED', 'GATE_PASSED'],
    ]);
    expect(comments()).toEqual([]);
  });

  test('is what makes a run at all where there is no artifact', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], null);
    await scene.play(0, 1, 2);
    expect(await scene.brain.sql('select status from codered.runs')).toEqual([]);
  });
});

describe('evidence of an attempt that is over', () => {
  test('does not count when the job that made it ran again and made none', async () => {
    scene = await openStoryRepository(
      [opened, ran(job('lint'), job('test')), { kind: 'rerun', on: 1, jobs: [job('lint'), job('test', 'failure')] }],
      'dod: { coverage_min: 0.8 }\nevidence: { coverage_min: { artifact: coverage } }\n',
    );
    await scene.play(0, 1);
    await scene.send(scene.of(2), () => {
      const run = [...scene.inside.runs.values()].at(-1);
      scene.upload('coverage', zipOf([{ name: 'lcov.info', content: lcov(9, 10) }]), run?.updatedAt);
    });
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
    await scene.play(3);
    expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
    const [row] = await scene.brain.sql(
      'select status, fail_codes from codered.gate_executions order by attempt_number desc',
    );
    expect(row).toEqual({ status: 'missing', fail_codes: '{EVIDENCE_STALE}' });
    expect(comments()[0]).toContain('is of attempt 1, and what made it has run again without making another');
  });
});
