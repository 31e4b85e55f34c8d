// From the last webhook of each moment of a life to the last write at GitHub that comes of it. reaction.ts and verdict.ts use it.

import type { Life } from '../src/demo/story/life.ts';
import type { Stage } from '../src/demo/story/play-story.ts';
import type { LifeDelivery } from '../src/demo/story/teller.ts';

const SETTLE_MS = 30_000;

/**
 * Tells the life moment by moment, each once the one before has settled; for every moment that led to a write, the
 * milliseconds. `before` runs when a moment's effects stand on GitHub and none of its webhooks was sent.
 */
export async function timesToLastWrite(
  { github, codered }: Stage,
  life: Life,
  before: (deliveries: readonly LifeDelivery[]) => void = () => {},
): Promise<{ readonly moment: number; readonly ms: number }[]> {
  life.prepare(github.state);
  const times: { moment: number; ms: number }[] = [];
  for (const [moment, deliveries] of Map.groupBy(life.deliveries, (delivery) => delivery.moment)) {
    const seen = github.requests.length;
    let sentAt = 0;
    for (const { effect } of deliveries) effect(github.state);
    before(deliveries);
    for (const { event, payload, guid } of deliveries) {
      sentAt = Date.now();
      await github.deliver(event, payload, { guid });
    }
    await codered.idle(SETTLE_MS);
    const writes = github.requests
      .slice(seen)
      .filter(({ method, path }) => method !== 'GET' && path.includes('/repos/'));
    const last = writes.at(-1);
    if (last !== undefined) times.push({ moment, ms: Math.max(0, last.at - sentAt) });
  }
  return times;
}

/** `median 190 ms, slowest 834 ms, of 12`. */
export function spread(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  return `median ${sorted[Math.floor(sorted.length / 2)]} ms, slowest ${sorted.at(-1)} ms, of ${sorted.length}`;
}
