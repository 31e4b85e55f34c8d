// Agents of a push in SQL: each is written for itself, and no repository changes those of another.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeOrg, newSha, type OrgScene, refusalOf, refused } from '../support/run-scene.ts';

describe.each(testBackends)('agents of a push (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  let theirs: OrgScene;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    [ours, theirs] = [await makeOrg(brain), await makeOrg(brain)];
    await brain.sql('delete from codered.agents');
  });
  afterAll(() => brain?.close());

  const agent = (slug: string, more: object = {}) => ({
    ...{ name: `The ${slug}`, slug, role: 'code', config_yaml_path: `agents/${slug}.yml` },
    ...more,
  });
  const take = (who: OrgScene, agents: object[], more: { sha?: string; problems?: object[] } = {}) =>
    brain.call('take_agents', {
      ...{ repository_id: who.repository, sha: more.sha ?? newSha(), agents: asJson(agents) },
      problems: asJson(more.problems ?? []),
    });
  const names = async () =>
    (await brain.sql("select slug || ': ' || name as line from codered.agents order by slug")).map(({ line }) => line);

  it('are written beside what is wrong with others, which is told once', async () => {
    await brain.call('upsert_agents', { agents: asJson([agent('cli', { config_yaml_path: null })]) });
    const sha = newSha();
    const problems = [{ file: 'agents/x.yml', field: 'role', reason: 'is missing' }];
    const both = [agent('b'), agent('a'), agent('c', { name: 'The cli' })];
    expect(await take(ours, both, { sha, problems })).toMatchObject({
      written: 2,
      problems: [problems[0], { file: 'agents/c.yml' }],
    });
    expect(await take(ours, both, { sha, problems })).toMatchObject({ written: 0 });
    expect(await names()).toEqual(['a: The a', 'b: The b', 'cli: The cli']);
    expect(await brain.sql("select message from codered.status_events where phase = 'FAILED'")).toEqual([
      { message: expect.stringMatching(/stay as they were: agents\/c\.yml, agents\/x\.yml$/) },
    ]);
  });

  it('change nothing of another repository, and take over what the command wrote', async () => {
    expect(await take(theirs, [agent('a', { name: 'Stolen' }), agent('cli', { name: 'Now a file' })])).toMatchObject({
      written: 1,
      problems: [{ reason: expect.stringContaining('of another repository') }],
    });
    expect(await names()).toEqual(['a: The a', 'b: The b', 'cli: Now a file']);
    expect(
      await refusalOf(ours.asMember('take_agents', { repository_id: ours.repository, sha: newSha(), agents: [] })),
    ).toMatchObject(refused('42501'));
  });

  it('of an earlier push than the last that touched them are over', async () => {
    const [early, late] = [newSha(), newSha()];
    await brain.script(`
      insert into codered.commits (repository_id, sha, ref, message, pushed_at, files) values
        (${ours.repository}, '${early}', 'refs/heads/main', 'm', '2026-01-01', '{agents/a.yml}'),
        (${ours.repository}, '${late}', 'refs/heads/main', 'm', '2026-01-02', '{agents/a.yml}')`);
    await take(ours, [agent('a', { name: 'Late' })], { sha: late });
    expect(await take(ours, [agent('a', { name: 'Early' })], { sha: early })).toMatchObject({ is_over: true });
    expect((await names())[0]).toBe('a: Late');
  });
});
