// Lines of a log for people and agents: the kept ones, else GitHub's, for who may read the repository at that moment; never an empty answer
// for what could not be read.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JobLog } from '../../src/demo/github/state/records.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { joinStory, type Teammate } from '../support/people-of-story.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const STAMP = '2026-11-20T13:02:11.2000000Z ';
const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
/** 200 lines, of which the last says what broke. */
const LOG = [
  ...Array.from({ length: 199 }, (_, index) => `step ${index + 1}${index === 4 ? ` with ${SECRET}` : ''}`),
  '##[error]The shop is closed',
]
  .map((line) => `${STAMP}${line}\n`)
  .join('');

describe('lines of a log', () => {
  let scene: StoryRepository;
  let reader: Teammate;
  let jobId = 0;
  let errorId = '';
  beforeAll(async () => {
    const broken = { ...job('test', 'failure'), log: { kept: LOG } satisfies JobLog };
    scene = await openStoryRepository([{ ...opened, fromFork: true }, ran(broken)], null);
    await scene.send(scene.life.deliveries);
    reader = await joinStory(scene, ACCOUNTS.octocat);
    const [failure] = await scene.brain.sql(
      `select e.id, j.job_id::text as job_id from codered.errors e join codered.ci_jobs j on j.id = e.ci_job_id`,
    );
    errorId = failure?.id ?? '';
    jobId = Number(failure?.job_id);
  });
  afterAll(() => scene?.close());
  beforeEach(() => {
    scene.inside.logs.set(jobId, { kept: LOG });
    scene.inside.repository = { ...scene.inside.repository, private: true };
    scene.inside.roles.clear();
    scene.inside.roles.set(ACCOUNTS.octocat.login, 'read');
  });

  async function read(query: Record<string, string | number>) {
    const url = new URL(`${scene.codered.url}/api/v1/projects/${reader.projectId}/log`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const response = await fetch(url, { headers: { authorization: `Bearer ${reader.token}` } });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }
  const asked = () => scene.github.requests.filter(({ path }) => path.endsWith('/logs')).length;

  test('come out of the kept excerpt, and GitHub is not asked', async () => {
    const before = asked();
    const { json } = await read({ error_id: errorId, search: 'SHOP is' });
    expect(json).toMatchObject({
      origin: 'excerpt',
      from_fork: true,
      repository: scene.fullName,
      job_name: 'test',
      lines: [{ line: 200, text: '##[error]The shop is closed' }],
      next_line: null,
    });
    expect((await read({ error_id: errorId, from: 195, to: 200 })).json).toMatchObject({ origin: 'excerpt' });
    expect(asked()).toBe(before);
  });

  test('come from GitHub where the excerpt does not have them, redacted, and say how far was read', async () => {
    expect((await read({ error_id: errorId, from: 5, to: 6 })).json).toMatchObject({
      origin: 'github',
      lines: [
        { line: 5, text: 'step 5 with [redacted:github-token]' },
        { line: 6, text: 'step 6' },
      ],
    });
    expect((await read({ github_job_id: jobId, search: 'step 1', origin: 'github' })).json).toMatchObject({
      explanation: expect.stringContaining('20 lines with that text (at most 20 at once)'),
      next_line: expect.any(Number),
    });
    expect((await read({ error_id: errorId, search: 'nowhere' })).json).toMatchObject({
      lines: [],
      explanation: '0 lines with that text in the log up to line 200',
    });
    expect((await read({ error_id: errorId, from: 900 })).json).toMatchObject({
      status: 400,
      detail: 'The log has 200 lines: from is behind that.',
    });
  });

  test('are for who may read the repository at this moment', async () => {
    scene.inside.roles.clear();
    expect((await read({ error_id: errorId, from: 5, to: 6 })).json).toMatchObject({ status: 404, code: 'CR004' });
  });

  test.each<[JobLog, number, string]>([
    ['expired', 410, 'GitHub no longer keeps the log'],
    ['missing', 409, 'GitHub has no log of job'],
  ])('that are %s are refused with %i, and never an empty answer', async (log, status, words) => {
    scene.inside.logs.set(jobId, log);
    expect((await read({ github_job_id: jobId, from: 1, to: 2 })).json).toMatchObject({
      status,
      detail: expect.stringContaining(words),
    });
  });

  test('that GitHub does not hand out now are refused with its reason', async () => {
    const limit = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } };
    for (const failure of [{ status: 502 }, 'hang up', limit] as const) {
      scene.github.failNext({ path: /logs$/ }, failure);
      expect((await read({ error_id: errorId, from: 1, to: 2 })).json).toMatchObject({
        status: 503,
        code: 'github_unavailable',
        detail: expect.stringContaining('GitHub could not be asked'),
      });
    }
    expect(JSON.stringify(scene.github.violations)).toBe('[]');
  });

  test.each([
    [{ from: 5, to: 4 }, 'to does not fit'],
    [{ from: 1, to: 401 }, 'to does not fit'],
    [{}, 'search does not fit'],
    [{ search: 'a', from: 1, to: 2 }, 'search does not fit'],
  ])('are asked for by a range or a text: %j', async (query, words) => {
    const { json } = await read({ github_job_id: jobId, ...query });
    expect(json).toMatchObject({ status: 400, detail: expect.stringContaining(words) });
  });
});
