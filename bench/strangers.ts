// Measures what commands of a stranger on one repository cost another repository of the same installation: how long its green
// check run takes meanwhile, and what was written to GitHub. With the second between writes that GitHub asks for. bench/run.ts calls it.

import { setTimeout as wait } from 'node:timers/promises';
import { ACCOUNTS } from '../src/demo/github/state/retell.ts';
import { type Life, tellLife } from '../src/demo/story/life.ts';
import type { Moment } from '../src/demo/story/life-outline.ts';
import { commentPayload } from '../src/demo/story/payloads-comment.ts';
import { APP, type Stage, setStage } from '../src/demo/story/play-story.ts';

const SPACING_MS = 1_000;
const SETTLE_MS = 600_000;
const POLICY = 'dod: { lint_pass: true }\n';
const MOMENTS: readonly Moment[] = [
  { kind: 'install' },
  { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
  { kind: 'run', on: 1, jobs: [{ name: 'lint', conclusion: 'success', steps: ['npm run lint'] }] },
];

async function tell({ github }: Stage, { deliveries }: Life, moment: number): Promise<void> {
  for (const { event, payload, guid, effect } of deliveries.filter((one) => one.moment === moment)) {
    effect(github.state);
    await github.deliver(event, payload, { guid });
  }
}

/** Comments of a stranger on pull request 1, all at once as far as the receiver takes them. */
async function comment({ github }: Stage, { repository, installation }: Life, count: number): Promise<void> {
  const author = ACCOUNTS.hacktocat;
  const place = { repository, installationId: installation.id, sender: author };
  for (let done = 0; done < count; done += 20) {
    const batch = Array.from({ length: Math.min(20, count - done) }, () => {
      const made = github.state.addComment(repository.id, { pullNumber: 1, author, body: '/codered help' });
      return github.deliver('issue_comment', commentPayload(place, made));
    });
    await Promise.all(batch);
  }
}

async function untilGreen({ github }: Stage, { repository }: Life): Promise<void> {
  const checks = () => [...(github.state.repositories.get(repository.id)?.checkRuns.values() ?? [])];
  while (!checks().some(({ appSlug, conclusion }) => appSlug === APP.slug && conclusion === 'success')) await wait(5);
}

async function measure(count: number): Promise<string> {
  const stage = await setStage({ writeSpacingMs: SPACING_MS });
  const { codered, github } = stage;
  try {
    const lives = [0, 1].map((sibling) =>
      tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: [...MOMENTS], sibling }),
    );
    const [attacked, other] = lives;
    if (attacked === undefined || other === undefined) throw new RangeError('there are two lives');
    for (const life of lives) {
      life.prepare(github.state);
      github.state.repositories.get(life.repository.id)?.files.set('.github/codered.yml', POLICY);
      for (const moment of [0, 1]) await tell(stage, life, moment);
    }
    await codered.idle(SETTLE_MS);
    await wait(SPACING_MS);
    const before = github.requests.length;
    await comment(stage, attacked, count);
    const startedAt = performance.now();
    await tell(stage, other, 2);
    await untilGreen(stage, other);
    const ms = performance.now() - startedAt;
    await codered.idle(SETTLE_MS);
    const made = github.requests.slice(before);
    const answers = made.filter(({ method, path }) => method === 'POST' && /\/(?:reactions|comments)$/.test(path));
    const asked = made.filter(({ path }) => path.endsWith('/permission'));
    return `${(ms / 1000).toFixed(1)} s to the other's green check; ${answers.length} reactions and comments, ${asked.length} times asked for the role`;
  } finally {
    await stage.close();
  }
}

/** Prints what nothing, sixty and six thousand commands cost. */
export async function run(): Promise<void> {
  console.log(
    "\nA stranger's commands on one repository, and another repository's check run meanwhile (embedded, in memory)",
  );
  for (const count of [0, 60, 6_000]) console.log(`  ${String(count).padStart(5)} commands  ${await measure(count)}`);
}
