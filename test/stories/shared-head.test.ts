// One commit as the head of several pull requests, over real sockets: it has one check run, and that is the strictest's.

import { afterEach, describe, expect, test } from 'vitest';
import { asJson } from '../../src/model/json.ts';
import { pullRequestFact } from '../support/fact-rows.ts';
import { job, openStoryRepository, type StoryRepository } from '../support/story-repository.ts';

const POLICY = 'dod: { coverage_min: 0.8 }\nevidence: { coverage_min: { artifact: coverage } }\n';

describe('a commit that is the head of two pull requests', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  /** Pull request 2 into main, which asks for coverage; `number` into another branch of the same head, which asks for nothing. */
  async function open(number: number): Promise<string> {
    scene = await openStoryRepository(
      [
        { kind: 'open', pull: 2, title: 'Close the shop', branch: 'closed' },
        { kind: 'run', on: 2, jobs: [job('lint')] },
        { kind: 'merge', pull: 2 },
      ],
      POLICY,
    );
    await scene.play(0, 1);
    const { id: repository_id } = scene.life.repository;
    const head = scene.inside.pulls.get(2)?.head.sha ?? '';
    const at = { repository_id, head_repository_id: repository_id, head_sha: head, head_ref: 'closed' };
    const other = pullRequestFact({ ...at, number, base_ref: 'gh-pages', source_updated_at: '2026-11-20T13:02:00Z' });
    await scene.brain.call('record_facts', { facts: asJson({ pull_requests: [other] }) });
    await scene.settle();
    return head;
  }
  const statuses = () => scene.brain.sql('select phase from codered.status_events order by id');

  test.each([1, 3])('is not green by pull request %i, whose base asks for less', async (number) => {
    const head = await open(number);
    await scene.play(2);
    expect(scene.checkRuns(head)).toEqual([['in_progress', null, 'Gate waiting (0 of 1) · waiting for coverage']]);
    const [before] = await scene.brain.sql('select count(*) from codered.events');
    await scene.brain.call('queue_recheck', { repository_id: scene.life.repository.id, sha: head });
    await scene.settle();
    // Nothing goes back and forth between the two.
    expect(await scene.brain.sql('select count(*) from codered.events')).toEqual([before]);
    expect(
      await scene.brain.sql(
        'select pull_request_number, status from codered.runs where pull_request_number is not null',
      ),
    ).toEqual([{ pull_request_number: '2', status: 'running' }]);
  });

  test('is merged past the gate whichever of the two is merged', async () => {
    const head = await open(1);
    await scene.play(2);
    const merged = { state: 'merged', merged_at: '2026-11-20T13:30:00Z', merge_commit_sha: 'e'.repeat(40) } as const;
    const at = {
      repository_id: scene.life.repository.id,
      number: 1,
      head_sha: head,
      head_ref: 'closed',
      base_ref: 'gh-pages',
    };
    const fact = pullRequestFact({ ...at, ...merged, source_updated_at: '2026-11-20T13:30:00Z' });
    await scene.brain.call('record_facts', { facts: asJson({ pull_requests: [fact] }) });
    await scene.settle();
    await scene.play(3);
    expect((await statuses()).filter(({ phase }) => phase === 'MERGED')).toHaveLength(2);
    expect(
      await scene.brain.sql(
        'select pull_request_number, reason from codered.user_overrides order by pull_request_number',
      ),
    ).toEqual([
      { pull_request_number: '1', reason: 'merged while the gate was pending' },
      { pull_request_number: '2', reason: 'merged while the gate was pending' },
    ]);
  });
});
