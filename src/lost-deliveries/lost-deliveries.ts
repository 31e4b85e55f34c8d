// Deliveries that never came, or were answered and then lost, are looked for in GitHub's list and asked for again, until the inbox has
// them or GitHub no longer does.
import type { Logger } from 'pino';
import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import { askForDelivery } from '../github/deliveries.ts';
import { Misconfigured, Rejected } from '../model/errors.ts';
import { KEPT_MS, type Walked, walkList } from './walk-list.ts';

export interface LostDeliveryDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly appId: number;
  /** Signs in as the App: for reading the list, and for asking, which comes first when few requests are left. */
  readonly octokitFor: (purpose: 'comment' | 'sweep') => Promise<ProbotOctokit>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Waits; between two requests that have something delivered. */
  readonly pause: (ms: number) => Promise<void>;
  readonly spacingMs: number;
  /** Once the list is read, no more is asked for in this turn after so long. */
  readonly turnMs: number;
  readonly stop: AbortSignal;
}

/** What a turn did. */
export interface Recovered {
  /** Deliveries that were found missing. */
  readonly news: number;
  /** Those that the inbox has by now. */
  readonly settled: number;
  readonly asked: number;
  readonly lost: number;
}

/**
 * One turn; done twice it asks for nothing twice. Null when GitHub does not give the App the list, which is written down. A failure of
 * GitHub or of the database is thrown: what was read and asked until then stands, and the next turn goes on.
 */
export async function recoverLostDeliveries(deps: LostDeliveryDeps): Promise<Recovered | null> {
  const { brain, appId: app_id, log, stop } = deps;
  const walked = await walkUnlessRefused(deps);
  if (walked === null) return null;
  const keptSince = new Date(walked.now - KEPT_MS).toISOString();
  const settled = await brain.call('settle_missed_deliveries', { app_id, delivered_before: keptSince });
  let lost = await loseOld(keptSince, deps);
  let asked = 0;
  const octokit = await deps.octokitFor('comment');
  const endsAt = performance.now() + deps.turnMs;
  while (!stop.aborted && performance.now() < endsAt) {
    // One by one: what is taken and then not asked for would wait for its next time.
    const [due] = await brain.call('take_missed_deliveries', { app_id, batch: 1 });
    if (due === undefined) break;
    const refusal = await ask(octokit, due.delivery_id);
    asked += 1;
    if (refusal !== null) {
      const gone = { app_id, reason: refusal, batch: 1, guids: [due.guid] };
      lost += tellLost(await brain.call('lose_deliveries', gone), refusal, log);
    }
    await deps.pause(deps.spacingMs);
  }
  const done = { news: walked.news, settled, asked, lost };
  if (asked > 0) log.info(done, 'deliveries that did not come were asked for again');
  return done;
}

const TOO_OLD = 'GitHub keeps what was delivered for 3 days';
/** Given up at a time: after an outage of days they may be many. */
const LOST_BATCH = 500;

async function loseOld(delivered_before: string, { brain, appId: app_id, log, stop }: LostDeliveryDeps) {
  const old = { app_id, reason: TOO_OLD, batch: LOST_BATCH, delivered_before };
  for (let lost = 0; ; ) {
    const given = await brain.call('lose_deliveries', old);
    lost += tellLost(given, TOO_OLD, log);
    if (given.length < LOST_BATCH || stop.aborted) return lost;
  }
}

async function walkUnlessRefused(deps: LostDeliveryDeps): Promise<Walked | null> {
  const { brain, appId, log, stop } = deps;
  try {
    return await walkList({ brain, appId, octokit: await deps.octokitFor('sweep'), stop });
  } catch (error) {
    const isRefused = error instanceof Misconfigured || (error instanceof Rejected && REFUSALS.has(error.code ?? ''));
    if (!isRefused) throw error;
    await brain.call('note_delivery_list', { app_id: appId, refused: error.message });
    log.warn({ err: error }, 'GitHub does not give the list of deliveries, so lost ones can not be asked for');
    return null;
  }
}

/** An App without webhooks, and servers that have no such list. */
const REFUSALS: ReadonlySet<string> = new Set(['401', '403', '404', '410']);

/** Why GitHub never will; null when it does. Anything else is tried again, as nobody knows what it means. */
async function ask(octokit: ProbotOctokit, delivery_id: string): Promise<string | null> {
  try {
    await askForDelivery(octokit, delivery_id);
    return null;
  } catch (error) {
    if (error instanceof Rejected && GONE.has(error.code ?? '')) return error.message;
    throw error;
  }
}

const GONE: ReadonlySet<string> = new Set(['404', '410', '422']);

function tellLost(lost: readonly object[], reason: string, log: LostDeliveryDeps['log']): number {
  if (lost.length === 0) return 0;
  const shown = lost.slice(0, 10);
  log.warn({ deliveries: lost.length, shown, reason }, 'deliveries are lost; what they told is asked for instead');
  return lost.length;
}
