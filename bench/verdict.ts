// Measures how long it takes from the last event that a verdict needs (the end of the run, whose artifact is then read) to the
// check run that tells it being requested at GitHub. The stand-in answers at once, so GitHub's time is next to nothing. bench/run.ts calls it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrainSettings } from '../src/brain/client.ts';
import { tellLife } from '../src/demo/story/life.ts';
import type { JobOutline, Moment } from '../src/demo/story/life-outline.ts';
import { APP, setStage } from '../src/demo/story/play-story.ts';
import { zipOf } from '../test/support/zip.ts';
import { startDurablePostgres } from './durable-postgres.ts';
import { spread, timesToLastWrite } from './last-write.ts';
import { REPORTS } from './report-corpus.ts';

const PULLS = 12;
const REPORT_BYTES = 1_000_000;
const TARGET_MS = 500;
const POLICY = `dod:
  lint_pass: true
  type_check: true
  coverage_min: 0.01
evidence:
  coverage_min: { artifact: coverage }
`;

function moments(): Moment[] {
  const job = (name: string): JobOutline => ({ name, conclusion: 'success', steps: [`npm run ${name}`] });
  return Array.from({ length: PULLS }, (_, index): Moment[] => [
    { kind: 'open', pull: index + 1, title: 'Use React 19', branch: `react-${index}` },
    { kind: 'run', on: index + 1, jobs: [job('lint'), job('typecheck'), job('test')] },
  ]).flat();
}

/** The milliseconds for each pull request; throws when a verdict is not a pass, for then something else was measured. */
async function verdictFor(backend: BrainSettings): Promise<number[]> {
  const stage = await setStage({ backend, writeSpacingMs: 0 });
  try {
    const life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: [{ kind: 'install' }, ...moments()] });
    const { lcov } = REPORTS;
    const zip = zipOf([{ name: 'lcov.info', content: lcov?.render(REPORT_BYTES) ?? '' }]);
    const { state } = stage.github;
    const times = await timesToLastWrite(stage, life, ([first]) => {
      const inside = state.repositories.get(life.repository.id);
      inside?.files.set('.github/codered.yml', POLICY);
      const run = [...(inside?.runs.values() ?? [])].at(-1);
      if (first === undefined || first.moment % 2 === 1 || run === undefined) return;
      const id = state.nextId();
      const { id: runId, headSha, updatedAt: createdAt } = run;
      inside?.artifacts.set(id, { id, name: 'coverage', runId, headSha, headBranch: 'x', zip, createdAt });
    });
    const found = [...(state.repositories.get(life.repository.id)?.checkRuns.values() ?? [])];
    const passed = found.filter(({ appSlug, conclusion }) => appSlug === APP.slug && conclusion === 'success').length;
    if (passed !== PULLS) throw new Error(`${passed} of ${PULLS} verdicts are a pass`);
    return times.filter(({ moment }) => moment > 0 && moment % 2 === 0).map(({ ms }) => ms);
  } finally {
    await stage.close();
  }
}

/** Prints the median and the slowest on both backends that one machine has. */
export async function run(): Promise<void> {
  console.log(
    `\nFrom the end of a run with an artifact (lcov of ${REPORT_BYTES / 1e6} MB) to its verdict at GitHub, without a pause between writes (target ${TARGET_MS} ms)`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'codered-bench-'));
  const postgres = await startDurablePostgres();
  try {
    console.log(`  ${'embedded'.padEnd(12)} ${spread(await verdictFor({ kind: 'embedded', directory: folder }))}`);
    console.log(`  ${'postgres'.padEnd(12)} ${spread(await verdictFor({ kind: 'postgres', url: postgres.url }))}`);
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
