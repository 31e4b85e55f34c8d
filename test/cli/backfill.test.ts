// `codered backfill`, as a person types it.

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../src/cli/deliveries/backfill.ts';
import { progressWords } from '../../src/cli/deliveries/backfill-progress.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import { tellLife } from '../../src/demo/story/life.ts';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { APP } from '../support/pipeline.ts';

describe('codered backfill', () => {
  let brain: TestBrain;
  let github: GithubStandIn;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
    const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    github = await startGithubStandIn({ appId: APP.id, publicKeyPem, appSlug: APP.slug });
    const life = tellLife({
      startAt: new Date(Date.now() - 10 * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z'),
      app: APP,
      moments: [
        { kind: 'install' },
        { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
        { kind: 'run', on: 1, jobs: [{ name: 'test', conclusion: 'failure', steps: ['npm ci'] }] },
      ],
    });
    life.prepare(github.state);
    for (const { effect } of life.deliveries) effect(github.state);
    const { repository, installation } = life;
    const account = {
      account_id: repository.owner.id,
      account_login: repository.owner.login,
      account_type: 'Organization',
    };
    await brain.call('record_facts', {
      facts: asJson({
        installations: [
          {
            ...{ id: installation.id, ...account, repository_selection: 'all', permissions: installation.permissions },
            ...{
              suspended_at: null,
              deleted: false,
              source_updated_at: new Date().toISOString(),
              repositories_removed: [],
            },
          },
        ],
        repositories: [
          {
            ...{
              id: repository.id,
              installation_id: installation.id,
              owner: repository.owner.login,
              name: repository.name,
            },
            ...{ private: false, default_branch: 'main', archived: false, deleted: false, source_updated_at: null },
          },
        ],
      }),
    });
  });
  afterAll(async () => {
    await github.close();
    await brain.close();
  });

  async function run(args: string) {
    const [out, err, progress]: [string[], string[], string[]] = [[], [], []];
    const url = new URL(github.url);
    const code = await command.run({
      args: args.split(' ').filter(Boolean),
      env: {
        ...{ DATABASE_URL: brain.databaseUrl ?? '', APP_ID: String(APP.id), WEBHOOK_SECRET: 'a secret of the tests!' },
        PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        ...{ GHE_HOST: url.host, GHE_PROTOCOL: 'http' },
      },
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      progress: (line) => progress.push(line),
      stop: new AbortController().signal,
    });
    return { code, out, err, progress };
  }

  it('says how much it would be, then does it with a bar, and finds nothing new the second time', async () => {
    const dry = await run('--repo octo-org/WEB-shop --dry-run');
    expect(dry.out).toEqual([expect.stringMatching(/^octo-org\/web-shop: 1 runs, about \d+ requests, some minutes/)]);
    expect(await brain.sql('select 1 from codered.webhook_deliveries')).toEqual([]);
    const { code, out, progress } = await run('--org octo-org --jobs');
    expect({ code, out }).toEqual({
      code: 0,
      out: [
        expect.stringMatching(
          /^octo-org\/web-shop: \d+ runs, \d+ jobs, 2 pull requests, 0 deployments; \d+ of it new$/,
        ),
      ],
    });
    expect(progress.join('\n')).toMatch(/octo-org\/web-shop \[[#.]{20}\] runs back to .*, \d+ runs, \d+ requests/);
    const again = await run('--repo octo-org/web-shop --jobs --json');
    expect(JSON.parse(again.out.join())).toMatchObject({ state: 'done', counts: { stored: 0 } });
  });

  it('says that a repository is not known', async () => {
    const { code, err } = await run('--repo octo-org/nothing');
    expect([code, err.join()]).toEqual([1, expect.stringContaining('knows no repository octo-org/nothing')]);
  });

  it.each([
    '',
    '--repo shop',
    '--repo a/b --org a',
    '--org a/b',
    '--repo a/b --since soon',
    '--repo a/b --since 9999d',
    '--repo a/b --since 2999-01-01T00:00Z',
  ])('refuses `%s`', async (args) => {
    await expect(run(args)).rejects.toBeInstanceOf(Misused);
  });

  it('tells its rate and the time that is left', () => {
    let now = 0;
    const words = progressWords('a/b', () => now);
    const counts = { requests: 10, runs: 0, jobs: 0, deployments: 0, pulls: 0, commits: 0, stored: 0, out_of_reach: 0 };
    const span = { since: '2026-01-01T00:00:00Z', until: '2026-01-11T00:00:00Z', phase: 'runs' as const };
    words({ ...span, counts, done_to: '2026-01-11T00:00:00Z' });
    now = 60_000;
    expect(words({ ...span, counts: { ...counts, requests: 70, runs: 1_204 }, done_to: '2026-01-06T00:00:00Z' })).toBe(
      'a/b [##########..........] runs back to 2026-01-06, 1,204 runs, 70 requests (1.0/s), about 60 s left',
    );
  });
});
