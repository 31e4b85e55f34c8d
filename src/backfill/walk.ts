// What all phases of a backfill share: asking with their budget, storing what was answered, noting how far they have come.
import type { ProbotOctokit } from 'probot';
import type { AskedPlace } from '../asked/asked-delivery.ts';
import { storeAsked } from '../asked/store-asked.ts';
import type { Brain } from '../brain/client.ts';
import type { DeliveryRow } from '../inbox/delivery-row.ts';
import { asJson } from '../model/json.ts';
import type { Counts, Phase, TakenBackfill } from './taken.ts';

/** Somebody else has the backfill by now, or it is to stop: not a failure, and nothing more is written. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

/** How far a backfill has come. */
export interface Progress {
  readonly phase: Phase;
  /** The phase is done back to there, ISO 8601; null: it has only begun. */
  readonly done_to: string | null;
  readonly since: string;
  readonly until: string;
  readonly counts: Counts;
}

export interface WalkDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly taken: TakenBackfill;
  readonly place: AskedPlace;
  /** GitHub's time when the backfill began, ISO 8601. */
  readonly until: string;
  /** Requests for the present, which a verdict may wait for, and for the past. */
  readonly octokit: { readonly present: ProbotOctokit; readonly past: ProbotOctokit };
  readonly leaseSeconds: number;
  readonly stop: AbortSignal;
  /** Waits; while the inbox has more than it can do. */
  readonly pause: (ms: number) => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
}

/** So many deliveries may wait in the inbox before more are put there: what webhooks bring comes first. */
const MOST_WAITING = 500;
const WAIT_MS = 500;
/** An inbox that nobody works on does not hold it up for ever. */
const MOST_WAITS = 20;

/** One claim of a backfill at work. */
export class Walk {
  readonly deps: WalkDeps;
  readonly #counts: Record<keyof Counts, number>;
  readonly #missing: { what: string; why: string }[];
  phase: Phase;
  doneTo: string | null;

  constructor(deps: WalkDeps) {
    this.deps = deps;
    this.#counts = { ...deps.taken.counts };
    this.#missing = [...deps.taken.missing];
    this.phase = deps.taken.phase;
    this.doneTo = deps.taken.done_to;
    for (const octokit of new Set([deps.octokit.present, deps.octokit.past]))
      octokit.hook.before('request', () => {
        this.#counts.requests += 1;
      });
  }

  /** The repository as GitHub calls it now. */
  get named(): { readonly owner: string; readonly repo: string } {
    const { owner, name: repo } = this.deps.place.repository;
    return { owner: owner.login, repo };
  }

  count(what: keyof Counts, more: number): void {
    this.#counts[what] += more;
  }

  /** Notes that something can't be had; the same only once. */
  miss(what: string, why: string): void {
    const known = this.#missing.find((one) => one.what === what);
    const said = why.slice(0, 300);
    if (known === undefined) this.#missing.push({ what, why: said });
    else known.why = said;
  }

  /** Puts deliveries into the inbox, as soon as it has room. */
  async store(deliveries: readonly DeliveryRow[]): Promise<void> {
    const { brain, stop, pause } = this.deps;
    for (let waits = 0; waits < MOST_WAITS; waits += 1) {
      if (stop.aborted) throw new Ended('it is to stop');
      const { pending } = (await brain.call('inbox_status', {})) as { readonly pending: number };
      if (pending <= MOST_WAITING) break;
      await pause(WAIT_MS);
    }
    this.#counts.stored += await storeAsked(brain, deliveries);
  }

  /** Notes how far it has come and holds on to the backfill. Throws `Ended` when it is somebody else's, or is to stop. */
  async note(doneTo: string | null = this.doneTo): Promise<void> {
    const { brain, taken, leaseSeconds: lease_seconds, until, stop, onProgress } = this.deps;
    this.doneTo = doneTo;
    const { phase } = this;
    const progress = asJson({ until, phase, done_to: doneTo, counts: this.#counts, missing: this.#missing });
    const isOurs = await brain.call('note_backfill', { id: taken.id, claim: taken.claim, lease_seconds, progress });
    onProgress({ phase, done_to: doneTo, since: taken.since, until, counts: { ...this.#counts } });
    if (!isOurs) throw new Ended('another process has it by now');
    if (stop.aborted) throw new Ended('it is to stop');
  }
}
