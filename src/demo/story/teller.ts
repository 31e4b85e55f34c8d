// The state of a life while its webhooks are made: its clock, its ids, its records, and the deliveries so far.

import { createHash } from 'node:crypto';
import { type JsonObject, textAt } from '../github/contract/json-value.ts';
import { type GithubState, githubTime } from '../github/state/github-state.ts';
import type {
  Account,
  Installation,
  Job,
  Permissions,
  PullRequest,
  Repository,
  WorkflowRun,
} from '../github/state/records.ts';
import { ACCOUNTS } from '../github/state/retell.ts';
import type { Scene } from './example-payload.ts';
import type { LifeOutline, Place } from './life-outline.ts';

/** One webhook of a life, in the order GitHub would send it. */
export interface LifeDelivery {
  event: string;
  /** Null for events without one, such as push. */
  action: string | null;
  guid: string;
  payload: JsonObject;
  /** When it happens in the story. */
  at: string;
  /** The place of its moment in the outline. */
  moment: number;
  /** What is true on GitHub from then on; apply it just before the delivery is sent. */
  effect: (state: GithubState) => void;
}

/** One run of the life, with the jobs of every attempt so far. */
export interface StoredRun {
  place: Place;
  run: WorkflowRun;
  jobs: Job[];
}

/** What the telling functions read and move on. */
export interface Teller {
  app: LifeOutline['app'];
  installation: Installation;
  repository: Repository;
  pulls: Map<number, PullRequest>;
  runs: StoredRun[];
  /** The newest commit of the default branch. */
  mainSha: string;
  deliveries: LifeDelivery[];
  moment: number;
  nextId(): number;
  nextSha(): string;
  /** Lets seconds pass and returns the time after them. */
  pass(seconds: number): string;
  now(): string;
  scene(sender: Account): Scene;
  /** Adds a delivery that happens now. */
  emit(event: string, payload: JsonObject, effect: (state: GithubState) => void): void;
}

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** A teller at the beginning of the outline's life, in the repository octo-org/web-shop or a sibling of it. */
export function createTeller({ app, startAt, sibling = 0, alsoGranted = {} }: LifeOutline): Teller {
  let ms = Date.parse(startAt);
  let lastId = 7_000_000_000 + sibling * 1_000_000;
  const nextId = (): number => ++lastId;
  const now = (): string => githubTime(ms);
  const deliveries: LifeDelivery[] = [];
  const teller: Teller = {
    app,
    installation: firstInstallation(now(), alsoGranted),
    repository: firstRepository(sibling, now()),
    pulls: new Map(),
    runs: [],
    mainSha: sha1(`${startAt} main`),
    deliveries,
    moment: 0,
    nextId,
    nextSha: () => sha1(`${startAt} ${nextId()}`),
    now,
    pass(seconds) {
      ms += seconds * 1000;
      return now();
    },
    scene: (sender) => ({ repository: teller.repository, installationId: teller.installation.id, sender }),
    emit(event, payload, effect) {
      const action = textAt(payload, 'action') ?? null;
      const guid = guidOf(`${startAt} ${deliveries.length}`);
      deliveries.push({ event, action, guid, payload, at: now(), moment: teller.moment, effect });
    },
  };
  return teller;
}

function guidOf(seed: string): string {
  return sha1(seed).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function firstRepository(sibling: number, updatedAt: string): Repository {
  const name = sibling === 0 ? 'web-shop' : `web-shop-${sibling + 1}`;
  const place = { id: 300_029_405 + sibling, owner: ACCOUNTS.octoOrg, name, defaultBranch: 'main' };
  return { ...place, private: false, fork: false, updatedAt };
}

function firstInstallation(createdAt: string, alsoGranted: Permissions): Installation {
  const permissions: Permissions = {
    ...alsoGranted,
    actions: 'read',
    checks: 'write',
    contents: 'read',
    deployments: 'write',
    issues: 'write',
    members: 'read',
    metadata: 'read',
    pull_requests: 'write',
    statuses: 'read',
  };
  return { id: 57_000_001, account: ACCOUNTS.octoOrg, permissions, createdAt, suspendedAt: null };
}
