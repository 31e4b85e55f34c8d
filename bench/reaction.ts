// Measures how long it takes from the last webhook of a failed run to the check run and the comment being requested at
// GitHub. bench/run.ts calls it.

import { tellLife } from '../src/demo/story/life.ts';
import type { LifeOutline, Moment } from '../src/demo/story/life-outline.ts';
import { APP, setStage } from '../src/demo/story/play-story.ts';
import { startDurablePostgres } from './durable-postgres.ts';
import { spread, timesToLastWrite } from './last-write.ts';
import { renderLog } from './log-corpus.ts';

const PULLS = 12;
const LOG_BYTES = 2 * 1024 * 1024;

function outline(): LifeOutline {
  const log = { kept: renderLog(LOG_BYTES) };
  const moments = Array.from({ length: PULLS }, (_, index): Moment[] => [
    { kind: 'open', pull: index + 1, title: 'Use React 19', branch: `react-${index}` },
    { kind: 'run', on: index + 1, jobs: [{ name: 'test', conclusion: 'failure', steps: ['npm ci'], log }] },
  ]);
  return { startAt: '2026-11-20T13:00:00Z', app: APP, moments: [{ kind: 'install' }, ...moments.flat()] };
}

async function react(databaseUrl: string, writeSpacingMs: number): Promise<number[]> {
  const stage = await setStage({ backend: { kind: 'postgres', url: databaseUrl }, writeSpacingMs });
  try {
    return (await timesToLastWrite(stage, tellLife(outline()))).map(({ ms }) => ms);
  } finally {
    await stage.close();
  }
}

/** Prints the median and the slowest, with GitHub's second between two writes and without it. */
export async function run(): Promise<void> {
  console.log(
    `\nFrom the last webhook of a failed run (log of ${LOG_BYTES / 1024 / 1024} MB) to its last write at GitHub, on Postgres`,
  );
  for (const [title, spacingMs] of [
    ['without a pause between writes', 0],
    ['with the second that GitHub asks for', 1_000],
  ] as const) {
    const postgres = await startDurablePostgres();
    try {
      console.log(`  ${title.padEnd(38)} ${spread(await react(postgres.url, spacingMs))}`);
    } finally {
      await postgres.stop();
    }
  }
}
