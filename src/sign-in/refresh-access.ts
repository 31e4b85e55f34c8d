// Asks GitHub what a person may see, with their own token, and writes it down: all of it or nothing.
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { BAD_TOKEN, type PersonAccess, readPersonAccess } from '../github/people/person-access.ts';
import { personOctokit } from '../github/people/person-octokit.ts';
import { asError, Rejected } from '../model/errors.ts';
import type { Grants, HeldToken } from './grants.ts';

/** Resolves to whether it is known now what the person may see. Never rejects: what failed is logged, and what is known only grows older. */
export type RefreshAccess = (userId: string) => Promise<boolean>;

export interface RefreshDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly grants: Grants;
  readonly apiUrl: string;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** How long nobody is asked for again after a failure. */
  readonly pauseMs?: number;
}

/** Of one person, as events may come while GitHub is asked. */
const MOST_READINGS = 3;
const PAUSE_MS = 15_000;
const MOST_PAUSES = 10_000;

/** One reading of a person at a time in this process: who comes meanwhile gets the same. */
export function makeRefreshAccess(deps: RefreshDeps): RefreshAccess {
  const underWay = new Map<string, Promise<boolean>>();
  const failed = new Map<string, number>();
  const { pauseMs = PAUSE_MS, log } = deps;
  const attempt = async (userId: string) => {
    try {
      const isKnown = await readAndRecord(deps, userId);
      if (isKnown) failed.delete(userId);
      return isKnown;
    } catch (thrown) {
      log.warn({ err: asError(thrown), person: userId }, 'GitHub could not be asked what a person may see');
      for (const oldest of [...failed.keys()].slice(0, Math.max(0, failed.size - MOST_PAUSES))) failed.delete(oldest);
      failed.set(userId, performance.now());
      return false;
    }
  };
  return (userId) => {
    const failedAt = failed.get(userId);
    if (failedAt !== undefined && performance.now() - failedAt < pauseMs) return Promise.resolve(false);
    const running = underWay.get(userId) ?? attempt(userId).finally(() => underWay.delete(userId));
    underWay.set(userId, running);
    return running;
  };
}

const clock = z.object({ now: z.string() });
const recorded = z.object({ is_recorded: z.boolean(), is_due: z.boolean() });

async function readAndRecord({ brain, grants, apiUrl }: RefreshDeps, userId: string): Promise<boolean> {
  for (let readings = 0; readings < MOST_READINGS; readings += 1) {
    const held = await grants.tokenOf(userId);
    if (held === null) return false;
    // By the database's clock from before: what changed while GitHub was asked may be missing in the answer.
    const { now: checked_at } = clock.parse(await brain.call('access_state', { user_id: userId }));
    const access = await readWith(held, apiUrl);
    if (access === null) {
      // Another process may have refreshed the pair meanwhile, which ends this token.
      if (await grants.end(userId, held.version)) return false;
      continue;
    }
    const told = { checked_at, ...storable(access) };
    const { is_due } = recorded.parse(await brain.call('record_access', { user_id: userId, told }));
    if (!is_due) return true;
  }
  return false;
}

/** Null: GitHub takes the token no longer. */
async function readWith({ token, githubId }: HeldToken, apiUrl: string): Promise<PersonAccess | null> {
  try {
    return await readPersonAccess(personOctokit(apiUrl, token), githubId);
  } catch (thrown) {
    if (thrown instanceof Rejected && thrown.code === BAD_TOKEN) return null;
    throw thrown;
  }
}

/** As JSON is typed, which knows no read-only lists. */
function storable({ accounts, withheld }: PersonAccess) {
  return {
    accounts: accounts.map((account) => ({ ...account, repositories: [...account.repositories] })),
    withheld: [...withheld],
  };
}
