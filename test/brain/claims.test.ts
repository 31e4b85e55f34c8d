// Whose turn it is, and what a claim leaves: to the moment, with now() standing still, and beside others with almost the same keys.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { installationFact, pullRequestFact, REPOSITORY, repositoryFact, tell } from '../support/fact-rows.ts';
import { NEIGHBOUR, tellNeighbour } from '../support/neighbour.ts';
import { atOneMoment } from '../support/one-moment.ts';

describe.each(testBackends)('claims (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await tell(brain, {
      installations: [installationFact()],
      repositories: [repositoryFact()],
      pull_requests: [pullRequestFact()],
    });
    await tellNeighbour(brain);
    await brain.script('delete from codered.follow_ups; delete from codered.webhook_deliveries');
  });
  afterAll(() => brain.close());

  /** The names of what is claimed after these statements, all in one moment, in the order of the alphabet. */
  const claimed = (statements: string, call: string, name: string) =>
    atOneMoment(brain, async (session) => {
      await session.script(statements);
      const rows = await session.query(`select ${name} as name from codered.${call} as c`);
      return rows.map((row) => row.name).sort();
    });

  describe('of deliveries', () => {
    const delivery = (guid: string, installation: number, ago = '0', more = '') => `
      insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload, available_at, received_at)
      values (1, '${guid}', 'push', ${installation}, null, '{}', now() - interval '${ago}', now() - interval '1 hour');
      ${more === '' ? '' : `update codered.webhook_deliveries set ${more} where guid = '${guid}';`}`;
    const claim = (statements: string, batch: number) =>
      claimed(statements, `claim_deliveries('w', ${batch}, 60)`, 'guid');

    it('take what is due this very moment, and nothing that is due later', async () => {
      expect(await claim(delivery('a', 1) + delivery('b', 1, '-1 millisecond'), 5)).toEqual(['a']);
    });

    it('give one that is due this moment its turn before the second of another installation', async () => {
      expect(await claim(delivery('a', 1, '2 hours') + delivery('b', 1, '1 hour') + delivery('c', 2), 2)).toEqual([
        'a',
        'c',
      ]);
    });

    it('fill up with what is left of an installation that had its turn', async () => {
      const all = ['a1', 'a2', 'a3'].map((guid) => delivery(guid, 1)).join('') + delivery('b', 2);
      expect(await claim(all, 4)).toEqual(['a1', 'a2', 'a3', 'b']);
    });

    it('leave what is done or given up', async () => {
      const done = delivery('a', 1, '0', "status = 'done'") + delivery('b', 1, '0', "status = 'dead'");
      expect(await claim(done + delivery('c', 1, '0', "status = 'failed'"), 5)).toEqual(['c']);
    });
  });

  describe('of follow-ups', () => {
    const followUp = (key: string, installation: number, ago = '0', more = '') => `
      insert into codered.follow_ups (kind, installation_id, dedupe_key, run_after, created_at, input)
      values ('diagnose', ${installation}, '${key}', now() - interval '${ago}', now() - interval '1 hour', '{"name": "${key}"}');
      ${more === '' ? '' : `update codered.follow_ups set ${more} where input ->> 'name' = '${key}';`}`;
    const claim = (statements: string, batch: number) =>
      claimed(statements, `claim_follow_ups('w', ${batch}, 60)`, "input ->> 'name'");

    it('take what is due this very moment, and nothing that is due later', async () => {
      expect(await claim(followUp('a', 1) + followUp('b', 1, '-1 millisecond'), 5)).toEqual(['a']);
    });

    it('give one that is due this moment its turn before the second of another installation', async () => {
      expect(await claim(followUp('a', 1, '2 hours') + followUp('b', 1, '1 hour') + followUp('c', 2), 2)).toEqual([
        'a',
        'c',
      ]);
    });

    it('fill up with what is left of an installation that had its turn', async () => {
      const all = ['a1', 'a2', 'a3'].map((key) => followUp(key, 1)).join('') + followUp('b', 2);
      expect(await claim(all, 4)).toEqual(['a1', 'a2', 'a3', 'b']);
    });

    it('take the more urgent of an installation first', async () => {
      const both = followUp('a', 1, '2 hours', 'priority = 2') + followUp('b', 1, '1 hour', 'priority = 0');
      expect(await claim(both, 1)).toEqual(['b']);
    });

    it('leave what has the key of one that runs, whose lease has lapsed or not', async () => {
      const running = "status = 'running', dedupe_key = 'same', run_after = now() + interval '1 minute'";
      const waits = followUp('b', 1, '0', "dedupe_key = 'same'");
      expect(await claim(followUp('a', 1, '0', running) + waits, 5)).toEqual([]);
      expect(await claim(followUp('a', 1, '0', running.replace("+ interval '1 minute'", '')) + waits, 5)).toEqual([
        'a',
      ]);
      expect(await claim(followUp('a', 1, '0', running.replace("'same'", "'other'")) + waits, 5)).toEqual(['b']);
    });

    describe('that were commanded', () => {
      const command = (name: string, comment: number) =>
        followUp(
          name,
          700,
          '0',
          `kind = 'command', repository_id = ${REPOSITORY}, pull_request_number = 1, input = input || '{"comment_id": ${comment}}'`,
        );

      it.each([
        ['an earlier one of the pull request waits', "run_after = now() + interval '1 hour'", []],
        ['the earlier one runs', "status = 'running', run_after = now() + interval '1 hour'", []],
        ['the earlier one is for another pull request', 'pull_request_number = 2', ['later']],
        ['the earlier one is for another repository', `repository_id = ${NEIGHBOUR}`, ['later']],
        ['the earlier one is no command', "kind = 'diagnose'", ['later']],
        ['the earlier one is done', "status = 'completed', completed_at = now()", ['later']],
      ])('wait or go where %s', async (_, changes, expected) => {
        const earlier = `${command('earlier', 1)} update codered.follow_ups set ${changes};`;
        const names = await claim(earlier + command('later', 2), 5);
        expect(names.filter((name) => name === 'later')).toEqual(expected);
      });
    });

    describe('that evaluate a head', () => {
      const report = (ago: string) =>
        followUp(
          'report',
          700,
          '0',
          `kind = 'report', repository_id = ${REPOSITORY}, created_at = now() - interval '${ago}'`,
        );
      const delivery = (fields = '') => `
        insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload, available_at)
        values (1, 'burst', 'push', 700, ${REPOSITORY}, '{}', now());
        ${fields === '' ? '' : `update codered.webhook_deliveries set ${fields};`}`;

      it.each([
        ['one waits', '4.999 seconds', delivery(), []],
        ['one is under way', '4.999 seconds', delivery("status = 'processing'"), []],
        ['one waits since five seconds', '5 seconds', delivery(), ['report']],
        ['none waits', '0', '', ['report']],
        ['one of another repository waits', '0', delivery(`repository_id = ${NEIGHBOUR}`), ['report']],
        ['one has failed', '0', delivery("status = 'failed'"), ['report']],
        ['one comes within a minute', '0', delivery("available_at = now() + interval '59.999 seconds'"), []],
        ['one comes after a minute', '0', delivery("available_at = now() + interval '1 minute'"), ['report']],
      ])('wait for the last delivery or not where %s', async (_, ago, statements, expected) => {
        expect(await claim(report(ago) + statements, 5)).toEqual(expected);
      });

      it('are all that wait for it', async () => {
        expect(await claim(followUp('a', 700, '0', `repository_id = ${REPOSITORY}`) + delivery(), 5)).toEqual(['a']);
      });
    });
  });
});
