// `npm run bench [-- --only deliveries|match|reaction|verdict|turns|strangers|door|tests|brain]`: runs the benchmarks one after the other. Loopback only, about five
// minutes; the brain, which takes some minutes and gigabytes of its own, only when it is named.
import { parseArgs } from 'node:util';

const BENCHMARKS: Readonly<Record<string, () => Promise<{ readonly run: () => Promise<void> }>>> = {
  deliveries: () => import('./deliveries.ts'),
  match: () => import('./match.ts'),
  reaction: () => import('./reaction.ts'),
  verdict: () => import('./verdict.ts'),
  turns: () => import('./turns.ts'),
  door: () => import('./slow-senders.ts'),
  strangers: () => import('./strangers.ts'),
  tests: () => import('./tests.ts'),
  brain: () => import('./brain.ts'),
};

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const { only } = values;
const chosen = Object.entries(BENCHMARKS).filter(([name]) => (only === undefined ? name !== 'brain' : name === only));
if (chosen.length === 0) {
  console.error(`There is no benchmark "${only}"; there are ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exitCode = 2;
}
for (const [, load] of chosen) await (await load()).run();
