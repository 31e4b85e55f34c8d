// Plays a life on a bench moment by moment, with all that follows done in between. Tests of steps import it.

import { expect } from 'vitest';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { APP, type Bench } from './pipeline.ts';

interface PlayOptions {
  /** Which webhooks reach us; GitHub knows of what the others tell all the same. Default all. */
  readonly reaches?: (delivery: LifeDelivery) => boolean;
  /** Whether follow-ups are done, those that wait included. Default true. */
  readonly drains?: boolean;
}

/** Every request and answer is held against GitHub's description on the way. */
export async function playLife(
  bench: Bench,
  moments: readonly Moment[],
  { reaches = () => true, drains = true }: PlayOptions = {},
): Promise<Life> {
  const life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: [...moments] });
  life.prepare(bench.github.state);
  for (const index of moments.keys()) {
    for (const delivery of life.deliveries.filter(({ moment }) => moment === index)) {
      delivery.effect(bench.github.state);
      if (reaches(delivery)) await bench.process(delivery);
    }
    if (drains) await bench.drain('all');
  }
  expect(bench.github.violations).toEqual([]);
  return life;
}
