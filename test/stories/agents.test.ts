// Agents over real sockets: files of a repository that the operator named become agents, and nobody else's do.

import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/demo/github/contract/json-value.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { opened, openStoryRepository, type StoryRepository } from '../support/story-repository.ts';

const agent = (slug: string, more = '') => `name: The ${slug}\nslug: ${slug}\nrole: code\n${more}`;

describe('the agents of a push', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  async function begin(named: string): Promise<void> {
    const commits = ['More', 'Even more'].map((message) => ({ kind: 'commit', pull: 1, message }) as const);
    scene = await openStoryRepository([opened, ...commits], null, { env: { CODERED_AGENTS_REPOSITORIES: named } });
    await scene.play(0);
    await scene.brain.sql('delete from codered.agents');
  }

  /** A push of files to a branch, the default one unless named. */
  function pushOf(moment: number, files: Readonly<Record<string, string>>, branch?: string): LifeDelivery {
    const [push] = scene.of(moment, 'push');
    if (push === undefined) throw new RangeError(`moment ${moment} pushes nothing`);
    const payload = structuredClone(push.payload);
    payload.ref = `refs/heads/${branch ?? scene.inside.repository.defaultBranch}`;
    for (const commit of [payload.head_commit, ...(payload.commits as JsonObject[])] as JsonObject[])
      Object.assign(commit, { added: Object.keys(files) });
    scene.inside.filesAt.set(String(payload.after), new Map(Object.entries(files)));
    return { ...push, payload };
  }
  const agents = () => scene.brain.sql('select slug, max_tokens, config_yaml_path from codered.agents order by slug');

  test('to the default branch are written; a bad file leaves the old one and is told, and so is a slug that stands twice', async () => {
    await begin('octo-org/Web-Shop');
    await scene.send([pushOf(1, { 'agents/a.yml': agent('a') }, 'topic')]);
    expect(await agents()).toEqual([]);
    await scene.send([
      pushOf(2, {
        'agents/a.yml': agent('a'),
        'agents/b.yaml': agent('b', 'max_tokens: 5\n'),
        'agents/sub/c.yml': agent('c'),
      }),
    ]);
    const both = [
      { slug: 'a', max_tokens: null, config_yaml_path: 'agents/a.yml' },
      { slug: 'b', max_tokens: '5', config_yaml_path: 'agents/b.yaml' },
    ];
    expect(await agents()).toEqual(both);
    await scene.send([
      pushOf(3, {
        'agents/a.yml': agent('a', 'max_tokens: 7\n'),
        'agents/b.yaml': agent('b', 'max_tokens: -1\n'),
        'agents/c.yml': agent('a'),
        'agents/d.yml': `# ${'x'.repeat(20_000)}`,
        'agents/e.yml': `${'['.repeat(9_000)}`,
      }),
    ]);
    expect(await agents()).toEqual([{ ...both[0], max_tokens: '7' }, both[1]]);
    const [told] = await scene.brain.sql(
      "select message, metadata -> 'problems' as problems from codered.status_events where phase = 'FAILED'",
    );
    expect(told?.message).toContain('agents/b.yaml');
    expect(
      JSON.parse(told?.problems ?? '[]')
        .map(({ file }: { file: string }) => file)
        .toSorted(),
    ).toEqual(['agents/b.yaml', 'agents/c.yml', 'agents/c.yml', 'agents/d.yml', 'agents/e.yml']);
  });

  test('of a repository that nobody named are nobody’s', async () => {
    await begin('somebody/else');
    await scene.send([pushOf(1, { 'agents/a.yml': agent('a') })]);
    expect(await agents()).toEqual([]);
  });
});
