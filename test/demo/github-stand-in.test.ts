// The stand-in for GitHub, asked by the Octokit that the App uses.

import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Probot, ProbotOctokit } from 'probot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secondaryRateLimit } from '../../src/demo/github/failures.ts';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';

const APP = { id: 29_310, slug: 'codered' };
const WHERE = { owner: 'octo-org', repo: 'web-shop' };
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const otherKeys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

const annotation = {
  path: 'src/app.ts',
  start_line: 3,
  end_line: 3,
  annotation_level: 'failure',
  message: 'Process completed with exit code 1.',
  title: null,
  start_column: null,
  end_column: null,
  raw_details: null,
} as const;

const MOMENTS: Moment[] = [
  { kind: 'open', pull: 7, title: 'Use React 19', branch: 'react-19' },
  {
    kind: 'run',
    on: 7,
    jobs: [
      {
        name: 'test',
        conclusion: 'failure',
        steps: ['npm ci'],
        log: { kept: 'npm error\n' },
        annotations: [annotation],
      },
      { name: 'lint', conclusion: 'success', steps: ['npm run lint'] },
      { name: 'old', conclusion: 'failure', steps: ['make'], log: 'expired' },
    ],
  },
  { kind: 'rerun', on: 7, jobs: [{ name: 'test', conclusion: 'success', steps: ['npm ci'] }] },
  { kind: 'open', pull: 8, title: 'From a fork', branch: 'changes', author: ACCOUNTS.octocat, fromFork: true },
];

let github: GithubStandIn;
let life: Life;
let inside: RepositoryState;

beforeEach(async () => {
  github = await startGithubStandIn({ appId: APP.id, publicKeyPem: keys.publicKey, appSlug: APP.slug });
  life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: MOMENTS });
  life.prepare(github.state);
  for (const { effect } of life.deliveries) effect(github.state);
  const found = github.state.findRepository(WHERE.owner, WHERE.repo);
  if (!found) throw new Error('the life has no repository');
  inside = found;
});

afterEach(() => github.close());

const quiet = { throttle: { enabled: false }, retry: { enabled: false } } as const;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

function asApp(options: { privateKey?: string; appId?: number; baseUrl?: string } = {}): ProbotOctokit {
  const { privateKey = keys.privateKey, appId = APP.id, baseUrl = github.url } = options;
  return new ProbotOctokit({ ...quiet, log: silent, baseUrl, auth: { appId, privateKey } });
}

function asInstallation(installationId = life.installation.id, baseUrl = github.url): ProbotOctokit {
  const auth = { appId: APP.id, privateKey: keys.privateKey, installationId };
  return new ProbotOctokit({ ...quiet, log: silent, baseUrl, auth });
}

/** The status and message with which a request was refused. */
async function refusal(request: Promise<unknown>): Promise<{ status: number; message: string }> {
  const answer = await request.then(
    () => ({ status: 200, message: 'it was not refused' }),
    ({ status, response }) => ({ status, message: String(response?.data?.message ?? '') }),
  );
  return answer;
}

const firstRun = () => [...inside.runs.values()][0]?.id ?? 0;
const jobNamed = (name: string, attempt = 1) =>
  [...inside.jobs.values()].find((job) => job.name === name && job.attempt === attempt)?.id ?? 0;
const headOf = (pull: number) => inside.pulls.get(pull)?.head.sha ?? '';

describe('the App and its tokens', () => {
  test('the App is told who it is when its token is signed with its key', async () => {
    const { data } = await asApp().rest.apps.getAuthenticated();
    expect(data).toMatchObject({ id: APP.id, slug: APP.slug });
    expect(github.violations).toEqual([]);
  });

  test('a token signed with another key or for another App is refused with 401', async () => {
    const forged = asApp({ privateKey: otherKeys.privateKey }).rest.apps.getAuthenticated();
    expect(await refusal(forged)).toEqual({ status: 401, message: 'A JSON web token could not be decoded' });
    const other = asApp({ appId: 5 }).rest.apps.getAuthenticated();
    expect(await refusal(other)).toEqual({ status: 401, message: 'Integration not found' });
    expect(github.refused.map(({ status }) => status)).toEqual([401, 401]);
  });

  test('the installation of a repository is found', async () => {
    const { data } = await asApp().rest.apps.getRepoInstallation(WHERE);
    expect(data).toMatchObject({ id: life.installation.id, app_slug: APP.slug, suspended_at: null });
  });

  test('a token may be asked for one repository and fewer permissions, and then reaches no further', async () => {
    github.state.addRepository({ ...life.repository, id: 5, name: 'other' }, life.installation.id);
    const { data } = await asApp().rest.apps.createInstallationAccessToken({
      installation_id: life.installation.id,
      repository_ids: [life.repository.id],
      permissions: { pull_requests: 'read' },
    });
    expect(data.repositories?.map(({ full_name }) => full_name)).toEqual(['octo-org/web-shop']);
    const ask = async (path: string) => {
      const headers = { authorization: `Bearer ${data.token}` };
      return (await fetch(`${github.url}${path}`, { headers })).status;
    };
    expect(await ask('/repos/octo-org/web-shop/pulls/7')).toBe(200);
    expect(await ask('/repos/octo-org/other/pulls')).toBe(404);
    expect(await ask('/repos/octo-org/web-shop/actions/runs/1')).toBe(403);
    expect(github.violations).toEqual([]);
  });

  test('a suspended installation gets 403, an unknown one 404, and a repository of another installation 404', async () => {
    github.state.addInstallation({ ...life.installation, id: 2 });
    const other = asInstallation(2).rest.pulls.get({ ...WHERE, pull_number: 7 });
    expect(await refusal(other)).toEqual({ status: 404, message: 'Not Found' });
    expect((await refusal(asInstallation(3).rest.rateLimit.get())).status).toBe(404);
    const octokit = asInstallation();
    await octokit.rest.pulls.get({ ...WHERE, pull_number: 7 });
    github.state.addInstallation({ ...life.installation, suspendedAt: '2026-11-20T14:00:00Z' });
    const message = 'This installation has been suspended';
    for (const holder of [octokit, asInstallation()]) {
      const suspended = holder.rest.pulls.get({ ...WHERE, pull_number: 7 });
      expect(await refusal(suspended), 'with an older token and without').toEqual({ status: 403, message });
    }
  });

  test('a Probot with this baseUrl gets an installation’s Octokit that works', async () => {
    const probot = new Probot({
      appId: APP.id,
      privateKey: keys.privateKey,
      secret: 'a secret',
      baseUrl: github.url,
      logLevel: 'fatal',
    });
    const octokit = await probot.auth(life.installation.id);
    const { data } = await octokit.rest.pulls.get({ ...WHERE, pull_number: 7 });
    expect(data.number).toBe(7);
    expect(github.violations).toEqual([]);
  });

  test('everything is found under /api/v3 too, as with GHE_HOST', async () => {
    const octokit = asInstallation(life.installation.id, `${github.url}/api/v3`);
    const { data } = await octokit.rest.rateLimit.get();
    expect(data.rate.limit).toBe(5000);
    expect(github.requests.at(-1)).toMatchObject({ method: 'GET', path: '/rate_limit', status: 200 });
    expect(github.requests.at(-1)?.installation).toBe(life.installation.id);
  });
});

describe('pull requests and files', () => {
  test('a pull request is told with its head, its fork and whether it is merged', async () => {
    const octokit = asInstallation();
    const own = await octokit.rest.pulls.get({ ...WHERE, pull_number: 7 });
    expect(own.data).toMatchObject({ number: 7, state: 'open', merged: false, head: { sha: headOf(7) } });
    const fork = await octokit.rest.pulls.get({ ...WHERE, pull_number: 8 });
    expect(fork.data.head.repo).toMatchObject({ full_name: 'octocat/web-shop', fork: true });
    expect(fork.data.base.repo.full_name).toBe('octo-org/web-shop');
    expect((await refusal(octokit.rest.pulls.get({ ...WHERE, pull_number: 9 }))).status).toBe(404);
    expect(github.violations).toEqual([]);
  });

  test('the pull requests of a commit are found, of a former head too', async () => {
    const octokit = asInstallation();
    const former = headOf(8);
    const pull = inside.pulls.get(8);
    if (pull) github.state.putPull(life.repository.id, { ...pull, head: { ...pull.head, sha: 'f'.repeat(40) } });
    for (const commit_sha of [former, 'f'.repeat(40)]) {
      const { data } = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...WHERE, commit_sha });
      expect(data.map(({ number }) => number)).toEqual([8]);
    }
    if (pull) github.state.putPull(life.repository.id, { ...pull, number: 9, base: { ...pull.base, ref: 'next' } });
    const both = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...WHERE, commit_sha: former });
    expect(both.data.map(({ number }) => number)).toEqual([8, 9]);
    inside.pulls.delete(9);
    const { data } = await octokit.rest.pulls.list({ ...WHERE, head: 'octocat:changes' });
    expect(data.map(({ number }) => number)).toEqual([8]);
    expect(github.violations).toEqual([]);
  });

  test('a file of the default branch is read in base64 or raw, another path is 404', async () => {
    const octokit = asInstallation();
    inside.files.set('.github/codered.yml', 'gate: {}\n');
    const { data } = await octokit.rest.repos.getContent({ ...WHERE, path: '.github/codered.yml', ref: 'main' });
    expect(data).toMatchObject({ type: 'file', encoding: 'base64', content: btoa('gate: {}\n') });
    const raw = await octokit.rest.repos.getContent({
      ...WHERE,
      path: '.github/codered.yml',
      mediaType: { format: 'raw' },
    });
    expect(raw.data).toBe('gate: {}\n');
    const plain = await octokit.request('GET /repos/octo-org/web-shop/contents/.github/codered.yml');
    expect(plain.data, 'with slashes that are not encoded').toMatchObject({ name: 'codered.yml' });
    expect((await refusal(octokit.rest.repos.getContent({ ...WHERE, path: 'nowhere' }))).status).toBe(404);
    expect(github.violations).toEqual([]);
  });

  test('a ref is found as git finds it: a full SHA, the full name, a tag before a branch', async () => {
    const octokit = asInstallation();
    const sha = 'a'.repeat(40);
    const at = (text: string) => new Map([['x.yml', text]]);
    inside.files.set('x.yml', 'main');
    inside.filesAt.set('refs/tags/main', at('tag main'));
    inside.filesAt.set(sha, at('commit'));
    inside.filesAt.set(`refs/heads/${sha}`, at('branch like a commit'));
    inside.filesAt.set('odd/#%&+ é', at('odd'));
    const read = async (ref?: string) => {
      const asked = { ...WHERE, path: 'x.yml', mediaType: { format: 'raw' }, ...(ref === undefined ? {} : { ref }) };
      return String((await octokit.rest.repos.getContent(asked)).data);
    };
    expect(await read()).toBe('main');
    expect(await read('main')).toBe('tag main');
    expect(await read('refs/heads/main')).toBe('main');
    expect(await read('heads/main')).toBe('main');
    expect(await read('refs/tags/main')).toBe('tag main');
    expect(await read(sha)).toBe('commit');
    expect(await read(`refs/heads/${sha}`)).toBe('branch like a commit');
    expect(await read('odd/#%&+ é')).toBe('odd');
    expect(await read('refs/heads/odd/#%&+ é')).toBe('odd');
    expect((await refusal(read('refs/heads/nowhere'))).status).toBe(404);
  });

  test('a renamed repository is reached under its former name by redirect', async () => {
    const octokit = asInstallation();
    github.state.renameRepository(life.repository.id, 'shop');
    const { data } = await octokit.rest.pulls.get({ ...WHERE, pull_number: 7 });
    expect(data.base.repo.full_name).toBe('octo-org/shop');
    expect(github.requests.slice(-2).map(({ path, status }) => [path, status])).toEqual([
      ['/repos/octo-org/web-shop/pulls/7', 301],
      [`/repositories/${life.repository.id}/pulls/7`, 200],
    ]);
    expect(github.violations).toEqual([]);
  });
});

describe('comments', () => {
  test('a comment is made by the App, read, edited and deleted', async () => {
    const octokit = asInstallation();
    const made = await octokit.rest.issues.createComment({ ...WHERE, issue_number: 7, body: 'red' });
    expect(made.data.user).toMatchObject({ login: 'codered[bot]', type: 'Bot' });
    expect(made.data.performed_via_github_app).toMatchObject({ id: APP.id, slug: APP.slug });
    const comment_id = made.data.id;
    await octokit.rest.issues.updateComment({ ...WHERE, comment_id, body: 'green' });
    expect((await octokit.rest.issues.getComment({ ...WHERE, comment_id })).data.body).toBe('green');
    await octokit.rest.issues.deleteComment({ ...WHERE, comment_id });
    expect((await refusal(octokit.rest.issues.getComment({ ...WHERE, comment_id }))).status).toBe(404);
    expect(github.violations).toEqual([]);
    expect(github.requests.find(({ method }) => method === 'PATCH')?.body).toEqual({ body: 'green' });
  });

  test('comments are listed page by page with a Link header that Octokit follows', async () => {
    const octokit = asInstallation();
    for (let number = 0; number < 205; number += 1) {
      github.state.addComment(life.repository.id, {
        pullNumber: 7,
        author: ACCOUNTS.octocat,
        body: `number ${number}`,
      });
    }
    github.state.addComment(life.repository.id, { pullNumber: 8, author: ACCOUNTS.octocat, body: 'elsewhere' });
    const first = await octokit.rest.issues.listComments({ ...WHERE, issue_number: 7 });
    expect(first.data).toHaveLength(30);
    expect(first.headers.link).toContain('rel="next"');
    const all = await octokit.paginate(octokit.rest.issues.listComments, { ...WHERE, issue_number: 7, per_page: 500 });
    expect(all.map(({ body }) => body)).toEqual(Array.from({ length: 205 }, (_, number) => `number ${number}`));
    expect(all[0]?.performed_via_github_app).toBeNull();
    const pages = github.requests.filter(({ query }) => query.includes('per_page=500'));
    expect(pages, 'more than 100 a page is cut to 100').toHaveLength(3);
    expect(github.violations).toEqual([]);
  });

  test('since leaves out what was last changed before', async () => {
    const octokit = asInstallation();
    const added = github.state.addComment(life.repository.id, { pullNumber: 7, author: ACCOUNTS.octocat, body: 'new' });
    inside.comments.set(1, { ...added, id: 1, body: 'old', updatedAt: '2020-01-01T00:00:00Z' });
    const { data } = await octokit.rest.issues.listComments({
      ...WHERE,
      issue_number: 7,
      since: '2021-01-01T00:00:00Z',
    });
    expect(data.map(({ body }) => body)).toEqual(['new']);
  });

  test('a body of 65,536 characters is taken, one more is 422, and a locked pull request answers 403', async () => {
    const octokit = asInstallation();
    const post = (body: string) => refusal(octokit.rest.issues.createComment({ ...WHERE, issue_number: 7, body }));
    expect((await post('x'.repeat(65_536))).status).toBe(200);
    expect(await post('x'.repeat(65_537))).toEqual({ status: 422, message: 'Validation Failed' });
    expect((await post('')).status).toBe(422);
    const pull = inside.pulls.get(7);
    if (pull) github.state.putPull(life.repository.id, { ...pull, locked: true });
    expect((await post('hello')).status).toBe(403);
    expect(github.violations).toEqual([]);
    expect(github.refused.map(({ status }) => status)).toEqual([422, 422, 403]);
  });
});

describe('check runs', () => {
  const create = (octokit: ProbotOctokit, more: object = {}) =>
    octokit.rest.checks.create({ ...WHERE, name: 'CodeRed', head_sha: headOf(7), status: 'in_progress', ...more });

  test('a check run is made, completed and shown; annotations are appended', async () => {
    const octokit = asInstallation();
    const { data: made } = await create(octokit);
    expect(made).toMatchObject({ status: 'in_progress', conclusion: null, app: { slug: APP.slug } });
    expect(made.pull_requests.map(({ number }) => number)).toEqual([7]);
    const one = { path: 'a.ts', start_line: 1, end_line: 1, annotation_level: 'failure', message: 'wrong' } as const;
    const output = { title: 'red', summary: 'because', annotations: [one] };
    const check_run_id = made.id;
    await octokit.rest.checks.update({ ...WHERE, check_run_id, output });
    await octokit.rest.checks.update({ ...WHERE, check_run_id, conclusion: 'failure', output });
    const { data } = await octokit.rest.checks.get({ ...WHERE, check_run_id });
    expect(data).toMatchObject({ status: 'completed', conclusion: 'failure', output: { annotations_count: 2 } });
    const { data: annotations } = await octokit.rest.checks.listAnnotations({ ...WHERE, check_run_id });
    expect(annotations.map(({ message }) => message)).toEqual(['wrong', 'wrong']);
    expect(github.violations).toEqual([]);
  });

  test('a completed check run stays completed, and the attempt to reopen it is recorded', async () => {
    const octokit = asInstallation();
    const { data: made } = await create(octokit, { status: 'completed', conclusion: 'success' });
    const { data } = await octokit.rest.checks.update({ ...WHERE, check_run_id: made.id, status: 'in_progress' });
    expect(data).toMatchObject({ status: 'completed', conclusion: 'success' });
    expect(github.refused.map(({ message }) => message)).toEqual([expect.stringContaining('cannot be reopened')]);
  });

  test('the newest of each name is listed for a commit, all of them with filter=all', async () => {
    const octokit = asInstallation();
    const first = await create(octokit);
    const second = await create(octokit);
    const list = async (more: object) => {
      const { data } = await octokit.rest.checks.listForRef({ ...WHERE, ref: headOf(7), ...more });
      return data.check_runs.map(({ id }) => id);
    };
    expect(await list({ check_name: 'CodeRed' })).toEqual([second.data.id]);
    expect(await list({ check_name: 'CodeRed', filter: 'all' })).toEqual([second.data.id, first.data.id]);
    expect(await list({ app_id: APP.id })).toEqual([second.data.id]);
    expect(await list({ check_name: 'CodeRed', filter: 'all', per_page: 1, page: 2 })).toEqual([first.data.id]);
    expect(await list({ status: 'completed' }), 'the jobs of GitHub Actions').toHaveLength(3);
    expect(github.violations).toEqual([]);
  });

  test.each([
    ['51 annotations', { annotations: Array.from({ length: 51 }, () => ({ ...annotation, title: 'x' })) }],
    ['a summary of 65,536 bytes', { summary: 'x'.repeat(65_536) }],
    ['a summary of 65,536 bytes in fewer characters', { summary: 'é'.repeat(32_768) }],
  ])('%s are refused with 422', async (_, output) => {
    const made = create(asInstallation(), { output: { title: 'red', summary: 'because', ...output } });
    expect((await refusal(made)).status).toBe(422);
    expect(github.violations).toEqual([]);
  });

  test('a completed status needs a conclusion, and a check run of another App cannot be changed', async () => {
    const octokit = asInstallation();
    expect((await refusal(create(octokit, { status: 'completed' }))).status).toBe(422);
    const foreign = octokit.rest.checks.update({ ...WHERE, check_run_id: jobNamed('lint'), status: 'in_progress' });
    expect((await refusal(foreign)).status).toBe(403);
    const wrong = octokit.request('POST /repos/{owner}/{repo}/check-runs', {
      ...WHERE,
      name: 'CodeRed',
      head_sha: 7,
    } as never);
    expect((await refusal(wrong)).message).toContain('/head_sha must be string');
  });
});

describe('runs, jobs and logs', () => {
  test('a run is told in its newest attempt or in any one, with the jobs of that attempt', async () => {
    const octokit = asInstallation();
    const run_id = firstRun();
    expect((await octokit.rest.actions.getWorkflowRun({ ...WHERE, run_id })).data).toMatchObject({ run_attempt: 2 });
    const first = await octokit.rest.actions.getWorkflowRunAttempt({ ...WHERE, run_id, attempt_number: 1 });
    expect(first.data).toMatchObject({ run_attempt: 1, conclusion: 'failure', head_sha: headOf(7) });
    expect(first.data.pull_requests?.map(({ number }) => number)).toEqual([7]);
    const jobs = async (attempt_number: number) => {
      const { data } = await octokit.rest.actions.listJobsForWorkflowRunAttempt({ ...WHERE, run_id, attempt_number });
      return data.jobs.map(({ name, conclusion }) => `${name} ${conclusion}`);
    };
    expect(await jobs(1)).toEqual(['test failure', 'lint success', 'old failure']);
    expect(await jobs(2)).toEqual(['test success']);
    const newest = await octokit.rest.actions.listJobsForWorkflowRun({ ...WHERE, run_id });
    expect(newest.data.jobs.map(({ name, run_attempt }) => `${name} ${run_attempt}`)).toEqual([
      'lint 1',
      'old 1',
      'test 2',
    ]);
    const one = await octokit.rest.actions.getJobForWorkflowRun({ ...WHERE, job_id: jobNamed('test') });
    const failed = one.data.steps?.find(({ conclusion }) => conclusion === 'failure');
    expect(failed?.name).toBe('npm ci');
    expect(github.violations).toEqual([]);
  });

  test('the annotations of a job are those of the check run of the same id', async () => {
    const check_run_id = jobNamed('test');
    const { data } = await asInstallation().rest.checks.listAnnotations({ ...WHERE, check_run_id });
    expect(data).toEqual([expect.objectContaining({ path: 'src/app.ts', message: annotation.message })]);
    expect(github.violations).toEqual([]);
  });

  test('a log is redirected to an address that needs no token and refuses one', async () => {
    const octokit = asInstallation();
    const job_id = jobNamed('test');
    const request = { redirect: 'manual' } as const;
    const answer = await octokit.rest.actions.downloadJobLogsForWorkflowRun({ ...WHERE, job_id, request });
    const location = answer.headers.location ?? '';
    expect(answer.status).toBe(302);
    expect(location.startsWith(github.url)).toBe(true);
    expect(await (await fetch(location)).text()).toBe('npm error\n');
    const withToken = await fetch(location, { headers: { authorization: 'Bearer x' } });
    expect(withToken.status).toBe(400);
    expect((await fetch(location.replace(/[0-9a-f]{8}/, '00000000'))).status).toBe(404);
    expect(github.violations).toEqual([]);
  });

  test('a log can be made piece by piece and left half read', async () => {
    let made = 0;
    const pieces = function* () {
      for (made = 0; made < 2000; made += 1) yield Buffer.alloc(100_000, 'a line of a very long log\n');
    };
    inside.logs.set(jobNamed('test'), { kept: pieces });
    const request = { redirect: 'manual' } as const;
    const job_id = jobNamed('test');
    const answer = await asInstallation().rest.actions.downloadJobLogsForWorkflowRun({ ...WHERE, job_id, request });
    const response = await fetch(answer.headers.location ?? '');
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
    await reader?.cancel();
    expect(made).toBeLessThan(2000);
    expect(github.violations).toEqual([]);
  });

  test('no log is 404, one past its retention 410', async () => {
    const { rest } = asInstallation();
    const log = (name: string) =>
      refusal(rest.actions.downloadJobLogsForWorkflowRun({ ...WHERE, job_id: jobNamed(name) }));
    expect((await log('lint')).status).toBe(404);
    expect((await log('old')).status).toBe(410);
    expect(github.violations).toEqual([]);
  });
});

describe('faults', () => {
  test('an answer that breaks the description becomes a 500 and a violation', async () => {
    const octokit = asInstallation();
    const pull = inside.pulls.get(7);
    if (pull) inside.pulls.set(7, { ...pull, updatedAt: 'yesterday' });
    expect((await refusal(octokit.rest.pulls.get({ ...WHERE, pull_number: 7 }))).status).toBe(500);
    expect(github.violations).toEqual([
      {
        operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}',
        problems: ['/updated_at must match format "date-time"'],
      },
    ]);
  });

  test('a request the stand-in has no route for is a violation, not silence', async () => {
    const octokit = asInstallation();
    expect((await refusal(octokit.rest.repos.listForks(WHERE))).status).toBe(404);
    expect(github.violations).toEqual([
      { operation: 'GET /repos/octo-org/web-shop/forks', problems: ['the stand-in has no such route'] },
    ]);
  });

  test('a body that is not JSON is 400', async () => {
    const response = await fetch(`${github.url}/repos/octo-org/web-shop/check-runs`, { method: 'POST', body: '{' });
    expect(response.status).toBe(400);
    expect(github.refused.map(({ message }) => message)).toEqual(['Problems parsing JSON']);
  });

  test('the next request that fits fails once, before or after it takes effect', async () => {
    const octokit = asInstallation();
    const post = (body: string) => octokit.rest.issues.createComment({ ...WHERE, issue_number: 7, body });
    github.failNext({ method: 'POST', path: /\/comments$/ }, secondaryRateLimit(60));
    const limited = await post('one').catch(({ status, response }) => ({ status, headers: response.headers }));
    expect(limited).toMatchObject({ status: 403, headers: { 'retry-after': '60' } });
    github.failNext({ method: 'POST', path: /\/comments$/, when: 'after' }, 'hang up');
    await expect(post('two')).rejects.toThrow();
    await post('three');
    expect([...inside.comments.values()].map(({ body }) => body)).toEqual(['two', 'three']);
    expect(github.requests.map(({ status }) => status)).toEqual([201, 403, 0, 201]);
  });
});

describe('webhooks', () => {
  interface Received {
    headers: IncomingHttpHeaders;
    body: string;
  }

  async function receiver(): Promise<{ url: string; received: Received[]; close(): void }> {
    const received: Received[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      received.push({ headers: request.headers, body });
      response.writeHead(202).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/api/github/webhooks`, received, close: () => void server.close() };
  }

  test('a delivery arrives over a socket with GitHub’s headers and a true signature', async () => {
    const { url, received, close } = await receiver();
    github.webhook.target = { url, secret: 'a secret' };
    const [first] = life.deliveries;
    const { event, payload, guid } = first ?? { event: '', payload: {}, guid: '' };
    expect((await github.deliver(event, payload, { guid })).status).toBe(202);
    const [{ headers, body }] = received as [Received];
    expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(payload)));
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': guid,
      'x-github-hook-installation-target-id': String(APP.id),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature-256': `sha256=${createHmac('sha256', 'a secret').update(body).digest('hex')}`,
    });
    expect(headers['user-agent']).toMatch(/^GitHub-Hookshot\/[0-9a-f]{7}$/);
    await github.deliver('ping', {}, { signature: 'sha256=00' });
    expect(received[1]?.headers['x-hub-signature-256']).toBe('sha256=00');
    close();
  });
});
