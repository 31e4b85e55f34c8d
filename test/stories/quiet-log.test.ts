// What a normal run logs: nothing that anybody would have to look at, and a burst of events is one evaluation.

import { afterEach, expect, it } from 'vitest';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { outcomesOf, playStory, setStage } from '../../src/demo/story/play-story.ts';
import { tellStory } from '../../src/demo/story/story.ts';
import { borrowBrain } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { opened, openStoryRepository } from '../support/story-repository.ts';

const EVENTS = 50;
const WARN = 40;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

it('evaluates a head once after a burst of fifty events, and warns of nothing', async () => {
  const { log, lines } = makeLogLines();
  // Each context is told twice: it waits, then it is over.
  const burst = Array.from({ length: EVENTS / 2 }, (_, place) => {
    const moment: Moment = { kind: 'status', on: 1, context: `check ${place}`, state: 'success', description: 'fine' };
    return moment;
  });
  const scene = await openStoryRepository([opened, ...burst], 'dod: { lint_pass: true }\n', { log });
  closing.push(scene.close);
  await scene.play(0, 1);
  // However slow the machine: the wait for the last of a burst does not end by the clock.
  await scene.brain.script(
    `alter table codered.follow_ups alter column created_at set default now() + interval '1 day'`,
  );
  closing.push(() => scene.brain.script('alter table codered.follow_ups alter column created_at set default now()'));
  const found = scene.life.deliveries.filter(({ moment }) => moment > 1);
  expect(found).toHaveLength(EVENTS);
  await scene.brain.script(`delete from codered.follow_ups where status in ('completed', 'failed')`);
  for (const { effect } of found) effect(scene.github.state);
  const head = { app_id: 123_456, action: null, installation_id: 1, repository_id: scene.life.repository.id };
  await scene.brain.call('receive_deliveries', {
    heads: found.map(({ guid, event }) => ({ ...head, guid, event })),
    payloads: found.map(({ payload }) => JSON.stringify(payload)).join('\u001e'),
  });
  await scene.settle();
  expect(
    await scene.brain.sql(
      `select status, attempts, result from codered.follow_ups where kind = 'report' and not is_scheduled`,
    ),
  ).toEqual([{ status: 'completed', attempts: '1', result: expect.any(String) }]);
  expect(await scene.brain.sql('select status, count(*) from codered.webhook_deliveries group by status')).toEqual([
    { status: 'done', count: expect.any(String) },
  ]);
  expect(lines.filter(({ level }) => level >= WARN)).toEqual([]);
});

it('warns of nothing while the demo plays', async () => {
  const { log, lines } = makeLogLines();
  const brain = await borrowBrain();
  closing.push(brain.close);
  const stage = await setStage({ brain, log, workHere: true });
  closing.push(stage.close);
  const life = await playStory(stage, tellStory(), () => {});
  expect(outcomesOf(stage, life)).not.toEqual([]);
  expect(lines.filter(({ level }) => level >= WARN)).toEqual([]);
});
