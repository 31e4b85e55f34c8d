// What policy files say of zones and environments stands in the rules of their project, in SQL.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  commitFact,
  deploymentFact,
  forgetEverything,
  HEAD,
  REPOSITORY,
  repositoryFact,
  tell,
} from '../support/fact-rows.ts';

describe.each(testBackends)('record_policy_rules (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { repositories: [repositoryFact()] });
  });

  const record = (zones: Json, environments: string[] = [], repository_id = REPOSITORY) =>
    brain.call('record_policy_rules', { repository_id, zones, environments });
  const rules = async () => JSON.parse((await brain.sql('select rules from codered.projects'))[0]?.rules ?? 'null');
  const write = (text: string) => brain.sql('update codered.projects set rules = $1::jsonb', [text]);

  it('writes globs in their own text, and what environments count as by their names', async () => {
    const zones = { red: ['src/{billing,auth}/**', '!src/auth/*.md'], green: ['docs/**'] };
    expect(await record(zones, ['production', 'eu-live', 'Staging', 'dev'])).toBe(true);
    expect(await rules()).toEqual({
      zones,
      environments: { production: 'prod', 'eu-live': 'prod', Staging: 'staging', dev: 'dev' },
    });
    expect(await record(zones, ['production', 'eu-live', 'Staging', 'dev'])).toBe(false);
  });

  it('leaves what people wrote, and takes away only what a policy said before', async () => {
    await write('{"gates": {"a": 1}, "environments": {"eu-live": "staging"}}');
    await record({ red: ['a/**'] }, ['eu-live', 'us-live']);
    expect(await rules()).toEqual({
      gates: { a: 1 },
      zones: { red: ['a/**'] },
      environments: { 'eu-live': 'staging', 'us-live': 'prod' },
    });
    await record({}, []);
    expect(await rules()).toEqual({ gates: { a: 1 }, environments: { 'eu-live': 'staging' } });
    await write('{"zones": {"red": ["by/hand/**"]}}');
    expect(await record({}, [])).toBe(false);
    expect(await rules()).toEqual({ zones: { red: ['by/hand/**'] } });
  });

  it('unites the repositories of one project', async () => {
    await brain.script(`insert into codered.repositories (id, project_id, owner, name)
      select 901, project_id, 'octo-org', 'other' from codered.repositories where id = ${REPOSITORY}`);
    await record({ red: ['a/**'] }, ['live']);
    await record({ red: ['a/**', 'b/**'], yellow: ['c'] }, [], 901);
    expect(await rules()).toEqual({ zones: { red: ['a/**', 'b/**'], yellow: ['c'] }, environments: { live: 'prod' } });
    await record({}, [], 901);
    expect(await rules()).toEqual({ zones: { red: ['a/**'] }, environments: { live: 'prod' } });
  });

  it('has commits and deployments follow', async () => {
    await tell(brain, { deployments: [deploymentFact({ environment_name: 'eu-live' })] });
    expect(await brain.sql('select environment from codered.deployments')).toEqual([{ environment: 'dev' }]);
    await record({ red: ['src/billing/**'] }, ['eu-live']);
    expect(await brain.sql('select environment from codered.deployments')).toEqual([{ environment: 'prod' }]);
    await tell(brain, { commits: [commitFact({ files: ['src/billing/pay.ts'] })] });
    expect(await brain.sql('select zones_touched from codered.commits')).toEqual([{ zones_touched: '{red}' }]);
  });

  describe('and a push', () => {
    const queued = async () =>
      (
        await brain.sql(
          `select input ->> 'sha' as sha, input ->> 'reads_policy' as reads_policy, input -> 'paths' as paths
           from codered.follow_ups where kind = 'plan_sprint'`,
        )
      ).map(({ sha, reads_policy, paths }) => [sha, reads_policy, paths]);
    const main = 'refs/heads/main';

    it.each([
      [
        'that changes the file on the default branch has it read',
        { ref: main, files: ['.github/codered.yml'] },
        'true',
      ],
      ['by force on the default branch has it read', { ref: main, is_ref_reset: true }, 'true'],
      ['of something else has not', { ref: main, files: ['README.md'] }, null],
      ['to another branch has not', { ref: 'refs/heads/dev', files: ['.github/codered.yml'] }, null],
    ])('%s', async (_, commit, wanted) => {
      await tell(brain, { commits: [commitFact(commit)] });
      expect(await queued()).toEqual(wanted === null ? [] : [[HEAD, wanted, '[]']]);
    });

    it('that brings a spec along has both read by one follow-up', async () => {
      await tell(brain, { commits: [commitFact({ ref: main, files: ['.github/codered.yml', 'specs/a.md'] })] });
      expect(await queued()).toEqual([[HEAD, 'true', '["specs/a.md"]']]);
    });
  });
});
