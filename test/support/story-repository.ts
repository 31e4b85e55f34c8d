// A repository whose life is told to CodeRed moment by moment over real sockets: what story tests begin with.

import { expect } from 'vitest';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import type { CheckRun } from '../../src/demo/github/state/records.ts';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import type { JobOutline, LifeOutline, Moment } from '../../src/demo/story/life-outline.ts';
import { APP, type Stage, type StageOptions, setStage } from '../../src/demo/story/play-story.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { borrowBrain, type TestBrain } from './brain.ts';

export const SETTLE_MS = 300_000;

/** How a check run of ours stands: status, conclusion, title. */
type Standing = readonly [string, string | null, string | null];

export interface StoryRepository extends Stage {
  readonly brain: TestBrain;
  readonly life: Life;
  /** Owner and name. */
  readonly fullName: string;
  /** What GitHub has in it. */
  readonly inside: RepositoryState;
  /** The webhooks of a moment (0 is the installation), or those of one event. */
  readonly of: (moment: number, event?: string) => LifeDelivery[];
  /** Sends webhooks without waiting for what comes of them. `before` runs once all their effects stand on GitHub. */
  readonly deliver: (deliveries: readonly LifeDelivery[], before?: () => void) => Promise<void>;
  /** Waits until nothing is left to do. */
  readonly idle: () => Promise<void>;
  /** The same, and expects that GitHub had nothing to complain of. */
  readonly settle: () => Promise<void>;
  /** Delivers and settles. */
  readonly send: (deliveries: readonly LifeDelivery[], before?: () => void) => Promise<void>;
  /** Sends moments one after the other. */
  readonly play: (...moments: readonly number[]) => Promise<void>;
  /** What the newest run's artifact of that name says from now on; `createdAt` in ISO 8601. */
  readonly upload: (name: string, zip: Uint8Array, createdAt?: string) => void;
  /** CodeRed's, oldest first; of one commit when its SHA is given. */
  readonly ownCheckRuns: (headSha?: string) => CheckRun[];
  /** The same, as they stand. */
  readonly checkRuns: (headSha?: string) => Standing[];
}

interface Told
  extends Pick<StageOptions, 'env' | 'log' | 'tokenIssuer' | 'recovery'>,
    Partial<Pick<LifeOutline, 'startAt' | 'alsoGranted'>> {}

/** The installation is told first. `policy` stands on the default branch from the start; null: none does. */
export async function openStoryRepository(
  moments: readonly Moment[],
  policy: string | null,
  { env, log, tokenIssuer, recovery, ...told }: Told = {},
): Promise<StoryRepository> {
  const brain = await borrowBrain();
  const given = { env, tokenIssuer, recovery, ...(log === undefined ? {} : { log }) };
  const stage = await setStage({ brain, workHere: true, ...given });
  const { github } = stage;
  const all: Moment[] = [{ kind: 'install' }, ...moments];
  const life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: all, ...told });
  life.prepare(github.state);
  const inside = github.state.repositories.get(life.repository.id);
  if (inside === undefined) throw new RangeError('the life was not prepared');
  if (policy !== null) inside.files.set('.github/codered.yml', policy);

  const fullName = `${life.repository.owner.login}/${life.repository.name}`;
  const close = async () => {
    await stage.close();
    await brain.close();
  };
  const acts = { ...actsOn(stage, life), ...artifactsIn(inside, () => github.state.nextId()) };
  return { ...stage, brain, life, fullName, inside, ...acts, ...checkRunsIn(inside), close };
}

type Acts = Pick<StoryRepository, 'of' | 'deliver' | 'idle' | 'settle' | 'send' | 'play'>;

function actsOn({ codered, github }: Stage, life: Life): Acts {
  const acts: Acts = {
    of: (moment, event) =>
      life.deliveries.filter((one) => one.moment === moment && (event === undefined || one.event === event)),
    async deliver(deliveries, before = () => {}) {
      for (const { effect } of deliveries) effect(github.state);
      before();
      for (const { event, payload, guid } of deliveries) {
        expect((await github.deliver(event, payload, { guid })).status).toBe(202);
      }
    },
    idle: () => codered.idle(SETTLE_MS),
    async settle() {
      await acts.idle();
      expect(github.violations).toEqual([]);
      expect(github.refused).toEqual([]);
    },
    async send(deliveries, before) {
      await acts.deliver(deliveries, before);
      await acts.settle();
    },
    async play(...moments) {
      for (const moment of moments) await acts.send(acts.of(moment));
    },
  };
  return acts;
}

function artifactsIn(inside: RepositoryState, nextId: () => number): Pick<StoryRepository, 'upload'> {
  return {
    upload(name, zip, createdAt = '2026-11-20T13:30:00Z') {
      const run = [...inside.runs.values()].at(-1);
      if (run === undefined) throw new RangeError('there is no run');
      const id = nextId();
      inside.artifacts.set(id, { id, name, runId: run.id, headSha: run.headSha, headBranch: 'x', zip, createdAt });
    },
  };
}

function checkRunsIn({ checkRuns }: RepositoryState): Pick<StoryRepository, 'ownCheckRuns' | 'checkRuns'> {
  const ownCheckRuns = (headSha?: string) =>
    [...checkRuns.values()].filter(
      (one) => one.appSlug === APP.slug && (headSha === undefined || one.headSha === headSha),
    );
  return {
    ownCheckRuns,
    checkRuns: (headSha) =>
      ownCheckRuns(headSha).map(({ status, conclusion, output }) => [status, conclusion, output.title]),
  };
}

/** Pull request 1 is opened. */
export const opened = { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed' } as const satisfies Moment;

/** The workflow runs on pull request 1. */
export const ran = (...jobs: JobOutline[]): Moment => ({ kind: 'run', on: 1, jobs });

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
