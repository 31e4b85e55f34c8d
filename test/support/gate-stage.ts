// A repository under the gate over real sockets, told moment by moment: what story tests of the gate begin with.

import { expect } from 'vitest';
import type { RepositoryState } from '../../src/demo/github-state.ts';
import { type Life, tellLife } from '../../src/demo/life.ts';
import type { JobOutline, Moment } from '../../src/demo/life-outline.ts';
import { APP, type Stage, setStage } from '../../src/demo/play-story.ts';
import type { LifeDelivery } from '../../src/demo/teller.ts';
import { openTestBrain, type TestBrain } from './brain.ts';

const SETTLE_MS = 20_000;

/** How a check run of ours stands: status, conclusion, title. */
export type Standing = readonly [string, string | null, string | null | undefined];

export interface GateStage {
  readonly brain: TestBrain;
  readonly stage: Stage;
  readonly life: Life;
  readonly inside: () => RepositoryState;
  /** Delivers a moment (0 is the installation) and waits for what comes of it. `before` runs once its effects stand on GitHub. */
  readonly play: (moment: number, before?: (deliveries: readonly LifeDelivery[]) => void) => Promise<void>;
  /** What the newest run's artifact of that name says from now on. */
  readonly upload: (name: string, zip: Uint8Array, createdAt?: string) => void;
  /** Ours, oldest first. */
  readonly checkRuns: () => readonly Standing[];
  readonly close: () => Promise<void>;
}

/** `policy` stands on the default branch from the start; null: none does. */
export async function openGateStage(moments: readonly Moment[], policy: string | null): Promise<GateStage> {
  const brain = await openTestBrain('embedded');
  const stage = await setStage({ brain });
  const life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: [{ kind: 'install' }, ...moments] });
  life.prepare(stage.github.state);
  const inside = () => {
    const found = stage.github.state.repositories.get(life.repository.id);
    if (found === undefined) throw new RangeError('the life was not prepared');
    return found;
  };
  if (policy !== null) inside().files.set('.github/codered.yml', policy);
  return {
    brain,
    stage,
    life,
    inside,
    async play(moment, before = () => {}) {
      const deliveries = life.deliveries.filter((delivery) => delivery.moment === moment);
      for (const { effect } of deliveries) effect(stage.github.state);
      before(deliveries);
      for (const { event, payload, guid } of deliveries) {
        expect((await stage.github.deliver(event, payload, { guid })).status).toBe(202);
      }
      await stage.codered.idle(SETTLE_MS);
      expect(stage.github.violations).toEqual([]);
      expect(stage.github.refused).toEqual([]);
    },
    upload(name, zip, createdAt = '2026-11-20T13:30:00Z') {
      const run = [...inside().runs.values()].at(-1);
      if (run === undefined) throw new RangeError('there is no run');
      const id = stage.github.state.nextId();
      inside().artifacts.set(id, { id, name, runId: run.id, headSha: run.headSha, headBranch: 'x', zip, createdAt });
    },
    checkRuns: () =>
      [...inside().checkRuns.values()]
        .filter(({ appSlug }) => appSlug === 'codered')
        .map(({ status, conclusion, output }) => [status, conclusion ?? null, output?.title]),
    async close() {
      await stage.close();
      await brain.close();
    },
  };
}

/** A job with one step; a failed one has a log. */
export function job(name: string, conclusion: JobOutline['conclusion'] = 'success'): JobOutline {
  const log = { kept: '2026-11-20T13:02:11.2000000Z ##[error]The shop is closed\n' };
  return { name, conclusion, steps: ['npm test'], ...(conclusion === 'failure' ? { log } : {}) };
}

/** An lcov report of one file of which `hit` lines of `total` were run. */
export function lcov(hit: number, total: number): string {
  const lines = Array.from({ length: total }, (_, index) => `DA:${index + 1},${index < hit ? 1 : 0}`);
  return ['TN:', 'SF:src/shop.ts', ...lines, `LF:${total}`, `LH:${hit}`, 'end_of_record', ''].join('\n');
}
