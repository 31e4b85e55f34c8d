// What an installation may still use: deliveries, excerpts, artifacts.
import { z } from 'zod';
import type { Brain, BrainLog } from './client.ts';

export type QuotaName = 'deliveries' | 'excerpts' | 'artifact_bytes';

/** Why something is held back: how much is allowed, and when the day's quota begins anew. */
export interface HeldBack {
  readonly allowed: number;
  /** ISO 8601. */
  readonly until: string;
}

/** Whose excerpt it is: the ids of our own, null where it is of none. */
export interface FailureWithExcerpt {
  readonly ci_job_id: string | null;
  readonly ci_event_id: string | null;
  readonly deployment_id: string | null;
}

export interface Quotas {
  /**
   * Takes one delivery of the day's; null when it may be worked on. `isUrgent`: it may turn a gate red, and goes on up to twice
   * the quota, so that what is held back is never the news that something is not green.
   */
  readonly takeDelivery: (installationId: number, isUrgent: boolean) => Promise<HeldBack | null>;
  /** Takes so much of it at once, all or nothing; null when it may be kept. */
  readonly take: (installationId: number, quota: 'artifact_bytes', amount: number) => Promise<HeldBack | null>;
  /** Takes one excerpt for a failure, unless it has one already. */
  readonly takeExcerpt: (installationId: number, failure: FailureWithExcerpt) => Promise<HeldBack | null>;
  /** The same of the installation that sees a repository; one that none sees uses up nothing. */
  readonly takeOfRepository: (
    repositoryId: number,
    quota: 'artifact_bytes',
    amount: number,
  ) => Promise<HeldBack | null>;
}

export interface QuotaDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly log: Pick<BrainLog, 'warn'>;
  /** Called when so much in per cent of a quota is used; once a day and installation, whichever process sees it first. */
  readonly observe?: (quota: QuotaName, share: number) => void;
}

const answer = z.object({
  granted: z.int(),
  is_held: z.boolean(),
  allowed: z.int().nullable(),
  told: z.int().nullable(),
  until: z.string().nullable(),
});
type Answer = z.output<typeof answer>;

/** Lots that are not used up by midnight are worth nothing afterwards. */
interface Lot {
  readonly day: string;
  left: number;
}
const MOST_LOTS = 10_000;

/** Deliveries are taken in lots, so that most of them ask the database nothing. Throws what `brain.call` throws, as all of it does. */
export function makeQuotas(deps: QuotaDeps): Quotas {
  const lots = new Map<string, Lot>();
  const today = () => new Date().toISOString().slice(0, 10);
  const useLot = (key: string): boolean => {
    const lot = lots.get(key);
    if (lot === undefined || lot.left === 0 || lot.day !== today()) return false;
    lot.left -= 1;
    return true;
  };
  return {
    take: async (installation_id, quota, amount) => heldBack(await ask(deps, { installation_id, quota, amount })),
    takeExcerpt: async (installation_id, failure) => {
      const taken = await deps.brain.call('take_excerpt', { installation_id, diagnosis: { ...failure } });
      const found = answer.parse(taken);
      tell(deps, { installation_id, quota: 'excerpts' }, found);
      return heldBack(found);
    },
    takeOfRepository: async (repository_id, quota, amount) => {
      const found = answer
        .nullable()
        .parse(await deps.brain.call('take_repository_quota', { repository_id, quota, amount }));
      if (found === null) return null;
      tell(deps, { repository_id, quota }, found);
      return heldBack(found);
    },
    takeDelivery: async (installation_id, is_urgent) => {
      if (useLot(`${installation_id}`) || (is_urgent && useLot(`${installation_id}!`))) return null;
      const usual = await ask(deps, { installation_id, quota: 'deliveries' });
      const isBeyond = usual.granted === 0 && is_urgent;
      const found = isBeyond ? await ask(deps, { installation_id, quota: 'deliveries', is_urgent }) : usual;
      if (found.granted > 1) {
        if (lots.size >= MOST_LOTS) lots.clear();
        const key = isBeyond ? `${installation_id}!` : `${installation_id}`;
        const lot = lots.get(key);
        const left = lot?.day === today() ? lot.left : 0;
        lots.set(key, { day: today(), left: left + found.granted - 1 });
      }
      return heldBack(found);
    },
  };
}

interface Asked {
  readonly installation_id: number;
  readonly quota: QuotaName;
  readonly amount?: number;
  readonly is_urgent?: boolean;
}

async function ask(deps: QuotaDeps, asked: Asked): Promise<Answer> {
  const found = answer.parse(await deps.brain.call('take_quota', { ...asked }));
  tell(deps, asked, found);
  return found;
}

function tell(
  { log, observe = () => {} }: QuotaDeps,
  {
    quota,
    ...whose
  }: { readonly quota: QuotaName; readonly installation_id?: number; readonly repository_id?: number },
  { told: share, allowed }: Answer,
): void {
  if (share === null) return;
  const { installation_id, repository_id } = whose;
  const about = { installation_id, repository_id, quota, share, allowed };
  log.warn(about, share < 100 ? 'a quota is nearly used up' : HELD_BACK[quota]);
  observe(quota, share);
}

const HELD_BACK: Readonly<Record<QuotaName, string>> = {
  deliveries: 'a quota is used up: further deliveries are put off to the next day; see the table quotas',
  excerpts: 'a quota is used up: further failures are told without their lines; see the table quotas',
  artifact_bytes: 'a quota is used up: further artifacts are not read today, and never green; see the table quotas',
};

function heldBack({ is_held, allowed, until }: Answer): HeldBack | null {
  return is_held && allowed !== null && until !== null ? { allowed, until } : null;
}
