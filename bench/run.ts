// `npm run bench [-- --only deliveries|match|reaction|verdict|turns|strangers|slow-senders|tests|verdicts|record|streams|soak|brain|api]`: runs the benchmarks one after the other. Loopback only, about five
// minutes; the soak, the brain and the API, which take many minutes and the last two gigabytes of their own, only when they are named.
import { parseArgs } from 'node:util';

const ONLY_WHEN_NAMED: readonly string[] = ['soak', 'brain', 'api'];

const BENCHMARKS: Readonly<Record<string, () => Promise<{ readonly run: () => Promise<void> }>>> = {
  deliveries: () => import('./deliveries.ts'),
  match: () => import('./match.ts'),
  reaction: () => import('./reaction.ts'),
  verdict: () => import('./verdict.ts'),
  turns: () => import('./turns.ts'),
  'slow-senders': () => import('./slow-senders.ts'),
  strangers: () => import('./strangers.ts'),
  tests: () => import('./tests.ts'),
  verdicts: () => import('./verdicts.ts'),
  record: () => import('./record.ts'),
  streams: () => import('./streams.ts'),
  soak: () => import('./soak.ts'),
  brain: () => import('./brain.ts'),
  api: () => import('./api.ts'),
};

// The soak reads its --count itself, the verdicts their --full.
const { values } = parseArgs({
  options: { only: { type: 'string' }, count: { type: 'string' }, full: { type: 'boolean' } },
});
const { only } = values;
const chosen = Object.entries(BENCHMARKS).filter(([name]) =>
  only === undefined ? !ONLY_WHEN_NAMED.includes(name) : name === only,
);
if (chosen.length === 0) {
  console.error(`There is no benchmark "${only}"; there are ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exitCode = 2;
}
for (const [, load] of chosen) await (await load()).run();
