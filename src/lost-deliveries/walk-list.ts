// Reads GitHub's list of deliveries, newest first, back to where it was read before, and writes down what the inbox does not have.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { type DeliveryAttempt, listDeliveries } from '../github/deliveries.ts';
import { Rejected, Transient } from '../model/errors.ts';
import { isWorthAsking } from '../normalise/is-worth-asking.ts';

export interface WalkDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly appId: number;
  readonly octokit: ProbotOctokit;
  /** Heeded between two pages. */
  readonly stop: AbortSignal;
}

/** How a walk ended. `now` is GitHub's time of its last page, in milliseconds since 1970. */
export interface Walked {
  /** False: there are more pages than one turn reads, and the next turn goes on. */
  readonly isWhole: boolean;
  readonly now: number;
  /** Deliveries that nobody knew to be missing. */
  readonly news: number;
}

const DAY_MS = 86_400_000;
/** GitHub keeps the body of a delivery so long. docs/github.md#delivery-of-webhooks */
export const KEPT_MS = 3 * DAY_MS;
/** A delivery may be listed some time after it was made: it is answered for up to 30 s, and lists lag. */
const OVERLAP_MS = 3 * 60_000;
/** Of one turn: 30,000 attempts, in a minute or two. What is left, the next turn reads. */
const MOST_PAGES = 300;

const place = z.object({
  listed_to: z.string().nullable(),
  walk_from: z.string().nullable(),
  walk_cursor: z.string().nullable(),
});
type Place = z.output<typeof place>;

/**
 * Walks the list once.
 *
 * 1. The mark, `listed_to`, moves only when all above it was read; by then every delivery there is done, or written down as missed.
 * 2. What is read is written down page by page, so that memory holds one page, and nothing that was read is lost with the process.
 * 3. A walk that is cut short goes on where it was; when GitHub no longer knows that place, it begins anew.
 *
 * Throws what `listDeliveries` and `brain.call` throw.
 */
export async function walkList(deps: WalkDeps): Promise<Walked> {
  const { brain, appId: app_id } = deps;
  const known = place.parse(await brain.call('read_delivery_list', { app_id }));
  try {
    return await walkFrom(known, deps);
  } catch (error) {
    const isExpired = error instanceof Rejected && (error.code === '400' || error.code === '422');
    if (!isExpired) throw error;
    await brain.call('note_delivery_list', { app_id });
    try {
      return await walkFrom({ ...known, walk_from: null, walk_cursor: null }, deps);
    } catch (again) {
      // On a walk that began a moment ago: GitHub's trouble, which is tried again.
      const { message } = again instanceof Rejected ? again : error;
      throw again instanceof Rejected && again.code === error.code ? new Transient(message, { cause: again }) : again;
    }
  }
}

async function walkFrom({ listed_to, walk_from, walk_cursor }: Place, deps: WalkDeps): Promise<Walked> {
  const { brain, appId: app_id, octokit, stop } = deps;
  let [from, cursor] = [walk_from, walk_cursor];
  let news = 0;
  for (let pages = 1; ; pages += 1) {
    const page = await listDeliveries(octokit, cursor);
    news += await noteMissed(page.attempts, deps);
    const times = page.attempts.map(({ delivered_at }) => Date.parse(delivered_at));
    // Never later than anything that may still come: nothing is known of the list above what was read first.
    from ??= new Date(times.length === 0 ? page.now - OVERLAP_MS : Math.max(...times)).toISOString();
    const floor = listed_to === null ? page.now - KEPT_MS : Date.parse(listed_to) - OVERLAP_MS;
    if (page.next === null || times.some((time) => time < floor)) {
      await brain.call('note_delivery_list', { app_id, listed_to: from });
      return { isWhole: true, now: page.now, news };
    }
    if (page.next === cursor) throw new Transient("the list of the App's deliveries does not go on");
    cursor = page.next;
    const isCut = pages >= MOST_PAGES || stop.aborted;
    // Once in a while, so that a process that dies has not read in vain.
    if (isCut || pages % 20 === 0)
      await brain.call('note_delivery_list', { app_id, walk_from: from, walk_cursor: cursor });
    if (isCut) return { isWhole: false, now: page.now, news };
  }
}

async function noteMissed(listed: readonly DeliveryAttempt[], { brain, appId: app_id }: WalkDeps): Promise<number> {
  const attempts = listed.filter(isWorthAsking).map(({ id: delivery_id, ...attempt }) => ({ ...attempt, delivery_id }));
  if (attempts.length === 0) return 0;
  return brain.call('note_listed_deliveries', { app_id, attempts });
}
