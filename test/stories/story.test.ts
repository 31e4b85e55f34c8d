// The demo's story, and what can go wrong around it, over real sockets: webhooks in, comments and check runs out, every
// request held against GitHub's own description.

import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { secondaryRateLimit } from '../../src/demo/github/failures.ts';
import type { RecordedRequest } from '../../src/demo/github/github-stand-in.ts';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import type { CheckRun, Comment } from '../../src/demo/github/state/records.ts';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { playStory, type Stage, setStage } from '../../src/demo/story/play-story.ts';
import { outlineOf, type Scene, tellStory } from '../../src/demo/story/story.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { patternProse } from '../../src/text/markdown.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { job } from '../support/story-repository.ts';
import { readHits, readWholeBrain } from '../support/whole-brain.ts';

const SETTLE_MS = 20_000;

/** What CodeRed has on GitHub at one time. */
interface Standing {
  readonly comments: readonly Comment[];
  readonly checkRuns: readonly CheckRun[];
  /** How many requests had been made. */
  readonly requests: number;
}

function insideOf({ github }: Stage, { repository }: Life): RepositoryState {
  const inside = github.state.repositories.get(repository.id);
  if (inside === undefined) throw new RangeError('the life was not prepared');
  return inside;
}

function standingOf(stage: Stage): Standing {
  const repositories = [...stage.github.state.repositories.values()];
  return {
    comments: repositories.flatMap(({ comments }) => [...comments.values()]),
    checkRuns: repositories
      .flatMap(({ checkRuns }) => [...checkRuns.values()])
      .filter(({ appSlug }) => appSlug === 'codered'),
    requests: stage.github.requests.length,
  };
}

/** What was asked of GitHub that changes something there, tokens left aside. */
function writesSince({ github }: Stage, from: number): string[] {
  return github.requests
    .slice(from)
    .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/access_tokens'))
    .map(({ method, path, status }) => `${method} ${path} ${status}`);
}

/** A check run's summary, and the section at its end that tells what is measured where nothing is asked for. */
function withoutInformation(summary: string): readonly [string, string] {
  const at = summary.indexOf('\n\n<details><summary>Definition of Done: nothing is asked for');
  return at === -1 ? [summary, ''] : [summary.slice(0, at), summary.slice(at)];
}

const firstLine = (body: string): string => body.slice(0, body.indexOf('\n'));

/** As GitHub shows it, without what stands in code. */
function proseOf(markdown: string): string {
  const html = micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  return html.replace(/<pre>.*?<\/pre>/gs, '').replace(/<code>.*?<\/code>/gs, '');
}

describe('the story of the demo', () => {
  const green: Scene[] = [
    {
      says: 'Pull request 4 is opened',
      moment: { kind: 'open', pull: 4, title: 'Say hello', branch: 'hello' },
    },
    {
      says: 'Its CI passes at once',
      moment: { kind: 'run', on: 4, jobs: [{ name: 'test', conclusion: 'success', steps: ['npm test'] }] },
    },
  ];
  const standings = new Map<string, Standing>();
  let brain: TestBrain;
  let stage: Stage;
  let life: Life;

  beforeAll(async () => {
    brain = await openTestBrain('embedded');
    stage = await setStage({ brain });
    life = await playStory(stage, [...tellStory(), ...green], ({ says }) => standings.set(says, standingOf(stage)));
  });
  afterAll(async () => {
    await stage.close();
    await brain.close();
  });

  const played = (says: string): Standing => {
    const standing = standings.get(says);
    if (standing === undefined) throw new RangeError(`the story has no scene "${says}"`);
    return standing;
  };
  const commentOn = (pull: number, says: string): Comment => {
    const [comment, ...others] = played(says).comments.filter(({ pullNumber }) => pullNumber === pull);
    if (comment === undefined) throw new RangeError(`no comment on ${pull} after "${says}"`);
    expect(others).toEqual([]);
    return comment;
  };
  const requestsTo = (method: string, path: RegExp): RecordedRequest[] =>
    stage.github.requests.filter((request) => request.method === method && path.test(request.path));
  const bodyOf = ({ body }: RecordedRequest): Record<string, unknown> => Object(body);
  const allRows = async () => [await readWholeBrain(brain), await readHits(brain)];
  const headsOf = (pull: number): string[] => {
    const numbers = insideOf(stage, life).pullsOfCommit;
    return [...numbers].filter(([, pulls]) => pulls.has(pull)).map(([sha]) => sha);
  };

  test('asks nothing of GitHub that it would refuse', () => {
    expect(stage.github.refused).toEqual([]);
    expect(stage.github.violations).toEqual([]);
    // That there is no policy, of the repository or of its organisation, is an answer like any other.
    const asked = stage.github.requests.filter(({ path }) => !/\/contents\/(?:\.github%2F)?codered\.yml$/.test(path));
    expect(asked.filter(({ status }) => status >= 300 && status !== 302)).toEqual([]);
  });

  test('a known failure is told with what it is, why, and what fixes it, in the comment as it is first made', async () => {
    const [pattern] = await brain.sql(
      `select name, root_cause, recommended_fix from codered.bug_patterns where name = 'npm peer dependency conflict'`,
    );
    const { body } = commentOn(1, 'Its CI fails: npm cannot resolve the dependencies');
    expect(firstLine(body)).toBe('### ❌ CodeRed: 1 failure needs you');
    expect(body).toMatch(/^\*\*`test`\*\* failed in step `npm ci` · npm peer dependency conflict · \[log, line \d+\]/m);
    expect(body).toContain(`**Root cause** ${patternProse(pattern?.root_cause ?? '', 1_000)}\n`);
    expect(body).toContain(`**Fix** ${patternProse(pattern?.recommended_fix ?? '', 1_000)}`);
    const [made] = requestsTo('POST', /\/issues\/1\/comments$/);
    expect(made && bodyOf(made).body).toContain('**Root cause**');
  });

  test('the lines of the log that prove it are shown, with a link to the line of the job', () => {
    const { body } = commentOn(1, 'Its CI fails: npm cannot resolve the dependencies');
    const job = [...insideOf(stage, life).jobs.values()].find(({ conclusion }) => conclusion === 'failure');
    expect(body).toContain(`(https://github.com/octo-org/web-shop/actions/runs/${job?.runId}/job/${job?.id}#step:3:`);
    const [, shown] =
      /<summary>Lines \d+–\d+ of the log<\/summary>\n\n```text\n(.*?)\n```\n<\/details>/s.exec(body) ?? [];
    expect(shown?.split('\n')).toContain('npm error code ERESOLVE');
  });

  test('the one comment is made once and edited in place, from red over green to the failed deployment', () => {
    const scenes = [...standings].filter(([, { comments }]) => comments.some(({ pullNumber }) => pullNumber === 1));
    expect(new Set(scenes.map(([says]) => commentOn(1, says).id)).size).toBe(1);
    expect(requestsTo('POST', /\/issues\/1\/comments$/)).toHaveLength(1);
    expect(firstLine(commentOn(1, 'A commit to pull request 1 aligns the versions').body)).toBe(
      '### ⏳ CodeRed: no CI seen on this commit yet',
    );
    expect(commentOn(1, 'Its CI passes').body).not.toBe(commentOn(1, 'The deployment of the merge fails').body);
  });

  test('when all is green the comment is one line that says what was wrong and what fixed it', () => {
    const { body } = commentOn(1, 'Its CI passes');
    const [line, marker, ...more] = body.split('\n');
    expect(line).toMatch(/^✅ \*\*CodeRed: both jobs passed\*\* · \[`[0-9a-f]{7}`\]\(\S+\) · `test` had failed on \[/);
    expect(line).toMatch(/: npm peer dependency conflict; fixed by this commit$/);
    expect(marker).toMatch(/^<!-- codered:comment v1 pull_request=1 as_of=\S+ -->$/);
    expect(more).toEqual([]);
    expect(commentOn(1, 'Pull request 1 is merged')).toEqual(commentOn(1, 'Its CI passes'));
  });

  test('a deployment of the merge that fails needs the reader again', () => {
    const { body } = commentOn(1, 'The deployment of the merge fails');
    const merge = [...insideOf(stage, life).pulls.values()].find(({ number }) => number === 1)?.mergeCommitSha;
    expect(firstLine(body)).toBe('### ❌ CodeRed: 1 failure needs you');
    expect(body).toContain(`**Deployment to \`production\`** failed at [\`${merge?.slice(0, 7)}\`]`);
    expect(body).toContain('**Fix** ');
    expect(body).toContain('<details><summary>What had failed before</summary>');
  });

  test('a pull request from a fork has its comment though the webhooks of its runs name no pull request', () => {
    const [head] = headsOf(2);
    const runs = life.deliveries.filter(({ payload }) => Object(payload.workflow_run).head_sha === head);
    expect(runs.map(({ payload }) => Object(payload.workflow_run).pull_requests)).toEqual([[], [], []]);
    const { body } = commentOn(2, 'Its CI fails on something that no pattern knows');
    expect(firstLine(body)).toBe('### ❌ CodeRed: 1 failure needs you');
    expect(body).toContain(
      '**`prices`** failed in step `./scripts/check-prices.sh` · no pattern knows this · [log, line 9]',
    );
    expect(body).toContain('article 4711: the shop says 12.90, the list says 11.90\n');
  });

  test('a hostile title and branch stay text, in the comment and in the check run', () => {
    const says = 'Its CI fails on something that no pattern knows';
    const [head] = headsOf(2);
    const checkRun = played(says).checkRuns.find(({ headSha }) => headSha === head);
    const [found] = withoutInformation(checkRun?.output.summary ?? '');
    for (const markdown of [commentOn(2, says).body, found]) {
      const prose = proseOf(markdown);
      expect(prose).toContain('Correct the prices');
      expect(prose).not.toMatch(/@\w/);
      expect(prose.match(/<\/?details>/g)).toEqual(['<details>', '</details>']);
    }
  });

  test('a re-run that passes is told as the second attempt of the same commit', () => {
    const { body } = commentOn(3, 'The failed job is re-run, and passes');
    expect(firstLine(body)).toMatch(/^✅ \*\*CodeRed: both jobs passed\*\*/);
    expect(firstLine(body)).toContain(
      '`test` had failed on attempt 1: Vitest test timed out; passed on attempt 2 of the same commit',
    );
    expect(requestsTo('POST', /\/issues\/3\/comments$/)).toHaveLength(1);
  });

  test('a re-run leaves the finished check run as it was and makes a new one of the same name', () => {
    const [head] = headsOf(3);
    const ofHead = ({ headSha }: CheckRun) => headSha === head;
    const before = played('One of its tests runs into a timeout').checkRuns.filter(ofHead);
    const now = played('The failed job is re-run, and passes').checkRuns.filter(ofHead);
    expect(before).toMatchObject([{ name: 'CodeRed', status: 'completed', conclusion: 'failure' }]);
    expect(now).toMatchObject([before[0], { name: 'CodeRed', status: 'completed', conclusion: 'success' }]);
  });

  test('every head that CI ran on carries the check run, and no other commit does', () => {
    const last = played('Its CI passes at once').checkRuns;
    const newest = new Map(last.map((checkRun) => [checkRun.headSha, checkRun]));
    const merge = insideOf(stage, life).pulls.get(1)?.mergeCommitSha;
    const heads = [1, 2, 3, 4].flatMap(headsOf).filter((sha) => sha !== merge);
    expect(heads).toHaveLength(5);
    expect([...newest.keys()].toSorted()).toEqual(heads.toSorted());
    const said = heads.map((sha) => [newest.get(sha)?.conclusion, newest.get(sha)?.output.title]);
    expect(said).toEqual([
      ['failure', '1 failure needs you'],
      ['success', 'Both jobs passed'],
      ['failure', '1 failure needs you'],
      ['success', 'Both jobs passed'],
      ['success', 'The only job passed'],
    ]);
    expect(new Set(last.map(({ name }) => name))).toEqual(new Set(['CodeRed']));
  });

  test('the check run says what the comment says, and what is measured though nothing is asked for', () => {
    const [head] = headsOf(1);
    const { body } = commentOn(1, 'Its CI fails: npm cannot resolve the dependencies');
    const checkRun = played('Its CI passes at once').checkRuns.find(({ headSha }) => headSha === head);
    const [found, information] = withoutInformation(checkRun?.output.summary ?? '');
    expect(found.replaceAll('\n\n', '\n')).toBe(body.split('\n').slice(2).join('\n').replaceAll('\n\n', '\n'));
    expect(information).toContain('| lint | passed | job [lint]');
  });

  test('it is never the first to speak on a green pull request', () => {
    expect(played('Its CI passes at once').comments.filter(({ pullNumber }) => pullNumber === 4)).toEqual([]);
    expect(requestsTo('POST', /\/issues\/4\/comments$/)).toEqual([]);
  });

  test('the whole story delivered again changes nothing and writes nothing', async () => {
    const [before, rows] = [standingOf(stage), await allRows()];
    for (const { event, payload, guid } of life.deliveries) {
      expect((await stage.github.deliver(event, payload, { guid })).status).toBe(200);
    }
    await stage.codered.idle(SETTLE_MS);
    expect(standingOf(stage)).toMatchObject({ comments: before.comments, checkRuns: before.checkRuns });
    expect(writesSince(stage, before.requests)).toEqual([]);
    expect(await allRows()).toEqual(rows);
  });

  test('the whole story processed again changes nothing and writes nothing', async () => {
    const [before, rows] = [standingOf(stage), await allRows()];
    const guids = life.deliveries.map(({ guid }) => guid);
    expect(await brain.call('replay_deliveries', { guids })).toBe(guids.length);
    await stage.codered.idle(SETTLE_MS);
    expect(standingOf(stage)).toMatchObject({ comments: before.comments, checkRuns: before.checkRuns });
    expect(writesSince(stage, before.requests)).toEqual([]);
    expect(await allRows()).toEqual(rows);
  });
});

describe('around the story', () => {
  const opened: Moment[] = [{ kind: 'install' }, { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed' }];
  const fails: Moment = { kind: 'run', on: 1, jobs: [job('lint'), job('test', 'failure')] };

  let brain: TestBrain;
  let stage: Stage;
  let life: Life;
  afterEach(async () => {
    await stage.close();
    await brain.close();
  });

  /** Sets the stage for these moments; nothing is delivered yet. */
  async function begin(moments: readonly Moment[]): Promise<void> {
    brain = await openTestBrain('embedded');
    stage = await setStage({ brain });
    life = tellLife(
      outlineOf(
        moments.map((moment) => ({ says: '', moment })),
        { id: 123_456, slug: 'codered' },
      ),
    );
    life.prepare(stage.github.state);
  }
  const momentsOf = (...indexes: number[]): LifeDelivery[] =>
    indexes.flatMap((index) => life.deliveries.filter(({ moment }) => moment === index));

  /** Delivers without waiting for what comes of it. */
  async function send(deliveries: readonly LifeDelivery[]): Promise<void> {
    for (const { event, payload, guid, effect } of deliveries) {
      effect(stage.github.state);
      expect((await stage.github.deliver(event, payload, { guid })).status).toBe(202);
    }
  }
  async function play(deliveries: readonly LifeDelivery[]): Promise<Standing> {
    await send(deliveries);
    await stage.codered.idle(SETTLE_MS);
    return standingOf(stage);
  }
  /** As if the pauses that were decided on were over. */
  async function letTimePass(): Promise<void> {
    await brain.script(`
      update codered.installations set next_write_at = now();
      update codered.publications set available_at = now() where available_at < 'infinity'`);
  }
  /** Waits until all that is left to do are writes that were put off. */
  async function putOff(): Promise<void> {
    const left = `
      select (select count(*) from codered.webhook_deliveries where status in ('pending', 'processing', 'failed'))
        + (select count(*) from codered.follow_ups where status in ('queued', 'running'))
        + (select count(*) from codered.publications where locked_by is not null)
        + (select count(*) from codered.publications p
            join codered.repositories r on r.id = p.repository_id
            join codered.installations i on i.id = r.installation_id
            where p.is_due and greatest(p.available_at, i.next_write_at) < now() + interval '2 seconds') as rows`;
    await expect.poll(async () => (await brain.sql(left))[0]?.rows, { timeout: SETTLE_MS, interval: 50 }).toBe('0');
  }

  test('while a job or another workflow runs, the comment says so and the check run is not finished', {
    tags: ['slow'],
  }, async () => {
    await begin([
      ...opened,
      { kind: 'run', on: 1, jobs: [job('test', 'failure'), job('lint')] },
      { kind: 'rerun', on: 1, jobs: [job('test')] },
      { kind: 'run', on: 1, workflow: 'Nightly', jobs: [job('sleep')] },
    ]);
    await play(momentsOf(0, 1));
    const first = momentsOf(2);
    const seen = [];
    for (const delivery of first) {
      const { comments, checkRuns } = await play([delivery]);
      const headline = comments[0] === undefined ? null : firstLine(comments[0].body);
      seen.push([`${delivery.event}.${delivery.action}`, checkRuns.map(({ conclusion }) => conclusion), headline]);
    }
    expect(seen).toEqual([
      ['workflow_run.requested', [null], null],
      ['workflow_job.queued', [null], null],
      ['workflow_job.queued', [null], null],
      ['workflow_run.in_progress', [null], null],
      ['workflow_job.in_progress', [null], null],
      ['workflow_job.in_progress', [null], null],
      ['workflow_job.completed', [null], '### ❌ CodeRed: 1 failure needs you · 1 job running'],
      ['workflow_job.completed', [null], '### ❌ CodeRed: 1 failure needs you · more jobs may come'],
      ['workflow_run.completed', ['failure'], '### ❌ CodeRed: 1 failure needs you'],
    ]);

    // The second workflow has begun before the re-run ends, and ends after it.
    const [begun, ...nightly] = momentsOf(4);
    if (begun === undefined) throw new RangeError('the second workflow has no deliveries');
    for (const delivery of [begun, ...momentsOf(3), ...nightly.slice(0, -1)]) {
      const { checkRuns } = await play([delivery]);
      expect(checkRuns.map(({ conclusion }) => conclusion)).toEqual(['failure', null]);
    }
    const { comments, checkRuns } = await play(nightly.slice(-1));
    expect(checkRuns.map(({ conclusion }) => conclusion)).toEqual(['failure', 'success']);
    expect(comments.map(({ body }) => firstLine(body))).toEqual([expect.stringMatching(/^✅ \*\*CodeRed: all 3 jobs/)]);
    expect(stage.github.refused).toEqual([]);
  });

  test('a comment that a person deleted is made again once when something needs the reader, not before and not on green', async () => {
    await begin([
      ...opened,
      fails,
      { kind: 'rerun', on: 1, jobs: [job('test', 'failure')] },
      { kind: 'rerun', on: 1, jobs: [job('test')] },
    ]);
    const { comments: made } = await play(momentsOf(0, 1, 2));
    expect(made).toHaveLength(1);
    insideOf(stage, life).comments.clear();

    const guids = life.deliveries.filter(({ moment }) => moment < 3).map(({ guid }) => guid);
    await brain.call('replay_deliveries', { guids });
    await stage.codered.idle(SETTLE_MS);
    expect(standingOf(stage).comments).toEqual([]);

    const { comments: again } = await play(momentsOf(3));
    expect(again).toHaveLength(1);
    expect(again[0]?.id).not.toBe(made[0]?.id);
    expect(again[0]?.body).toContain('attempt 2');
    insideOf(stage, life).comments.clear();

    // Until it is all told, the failure of before still needs the reader: nothing is written before.
    await brain.script(`update codered.installations set next_write_at = now() + interval '1 hour'`);
    await send(momentsOf(4));
    await putOff();
    await letTimePass();
    await stage.codered.idle(SETTLE_MS);
    expect(standingOf(stage).comments).toEqual([]);
    expect(
      stage.github.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/comments')),
    ).toHaveLength(2);
  });

  test('a secondary rate limit holds every write of the installation back for a minute, and loses none', {
    tags: ['slow'],
  }, async () => {
    await begin([...opened, fails]);
    await play(momentsOf(0, 1));
    stage.github.failNext({ method: 'POST', path: /\/check-runs$/ }, secondaryRateLimit(1));
    await send(momentsOf(2));
    await putOff();
    const { comments, checkRuns } = standingOf(stage);
    expect([comments, checkRuns]).toEqual([[], []]);
    expect(writesSince(stage, 0)).toEqual(['POST /repos/octo-org/web-shop/check-runs 403']);
    const [pause] = await brain.sql(
      'select extract(epoch from next_write_at - now())::integer as seconds from codered.installations',
    );
    expect(Number(pause?.seconds)).toBeGreaterThan(50);
    await expect(stage.codered.idle(500)).rejects.toThrow('publications_due 2');

    await letTimePass();
    await stage.codered.idle(SETTLE_MS);
    const now = standingOf(stage);
    expect(now.comments.map(({ body }) => firstLine(body))).toEqual(['### ❌ CodeRed: 1 failure needs you']);
    expect(now.checkRuns).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
  });

  test('a write whose answer was lost is not made a second time', async () => {
    await begin([...opened, fails]);
    await play(momentsOf(0, 1));
    stage.github.failNext({ method: 'POST', path: /\/check-runs$/, when: 'after' }, 'hang up');
    stage.github.failNext({ method: 'POST', path: /\/comments$/, when: 'after' }, 'hang up');
    await send(momentsOf(2));
    await putOff();
    await letTimePass();
    await stage.codered.idle(SETTLE_MS);
    expect(stage.github.requests.filter(({ status }) => status === 0)).toHaveLength(2);
    const { comments, checkRuns } = standingOf(stage);
    expect(comments).toHaveLength(1);
    expect(checkRuns).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
  });

  test('a former head whose CI ends last has its check run finished, and the newer one tells what had failed', async () => {
    await begin([
      ...opened,
      fails,
      { kind: 'commit', pull: 1, message: 'Open the shop' },
      { kind: 'run', on: 1, jobs: [job('lint'), job('test')] },
    ]);
    const [requested, ...rest] = momentsOf(2);
    if (requested === undefined) throw new RangeError('the run has no deliveries');
    await play([...momentsOf(0, 1), requested]);
    await play(momentsOf(3, 4));
    const { checkRuns, comments } = await play(rest);
    const newer = insideOf(stage, life).pulls.get(1)?.head.sha;
    const found = checkRuns.map(({ headSha, conclusion }) => [headSha === newer, conclusion]);
    expect(found).toEqual([
      [false, 'failure'],
      [true, 'success'],
    ]);
    expect(checkRuns[1]?.output.summary).toMatch(
      /`test` had failed on \[`[0-9a-f]{7}`\]\(\S+\): `The shop is closed`; fixed by/,
    );
    expect(comments).toEqual([]);
  });

  test('nothing is said of a head that has moved on GitHub before its webhook came', { tags: ['slow'] }, async () => {
    await begin([
      ...opened,
      fails,
      { kind: 'commit', pull: 1, message: 'Open the shop' },
      { kind: 'run', on: 1, jobs: [job('lint'), job('test', 'failure')] },
    ]);
    await play(momentsOf(0, 1));
    for (const { effect } of momentsOf(3)) effect(stage.github.state);
    const newer = insideOf(stage, life).pulls.get(1)?.head.sha ?? '';
    await send(momentsOf(2));
    await putOff();
    expect(standingOf(stage).comments).toEqual([]);
    const rows = await brain.sql("select last_error from codered.publications where kind = 'comment'");
    expect(rows).toEqual([{ last_error: expect.stringContaining(`but its head is ${newer}`) }]);

    expect((await play(momentsOf(3))).comments).toEqual([]);
    const { comments } = await play(momentsOf(4));
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain(`[\`${newer.slice(0, 7)}\`]`);
    const bodies = stage.github.requests
      .filter(({ method, path }) => method !== 'GET' && path.includes('/comments'))
      .map(({ body }) => String(Object(body).body).split('\n')[2]);
    expect(bodies.filter((line) => !line?.startsWith(`[\`${newer.slice(0, 7)}\`]`))).toEqual([]);
  });
});
