// What counting an answer costs the process, whatever stands in it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { fits, fitted } from '../../src/mcp/answer-room.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

it('lets others have their turn while an answer is counted again and again', async () => {
  await fits('what is loaded once is loaded');
  let turns = 0;
  let ticking = setImmediate(function tick() {
    turns += 1;
    ticking = setImmediate(tick);
  });
  // Two tokens a character: no room is too small to be tried.
  const rows = Array.from({ length: 400 }, (_, n) => String.fromCodePoint(0x4e00 + n * 40).repeat(60));
  await fitted({ rows }, (some) => ({ ...some }));
  clearImmediate(ticking);
  expect(turns).toBeGreaterThan(2);
});

it('counts no further than it has to', async () => {
  expect(await fits('界'.repeat(59_000))).toBe(false);
  expect(await fits('word '.repeat(9_000))).toBe(true);
});

it('remembers nothing of the answers that were counted', async () => {
  const wordOf = (n: number) => [...`${n}`].map((digit) => 'qzxjkvwpfg'[Number(digit)]).join('');
  const count = (n: number) =>
    fits({ answer: ' '.repeat(40_000), word: `${wordOf(n * 7_919_317)}${wordOf(n * 1_299_709)}` });
  for (let n = 0; n < 20; n++) await count(n);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let n = 1_000; n < 1_400; n++) await count(n);
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000);
});
