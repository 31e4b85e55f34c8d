// Keeps the silence that GitHub asks for by a rate limit, and the last requests of an hour for what must not wait: until it is over no
// request of the installation is sent, whichever process it comes from.
import { Transient } from '../model/errors.ts';
import { hasRoom, type Purpose, type RequestsLeft } from './request-budget.ts';

/** In the place of an installation's id: the App itself, which has a limit of its own. */
export const APP_ITSELF = 0;

/** The pauses and budgets of installations, as one process sees them. */
export interface Pauses {
  /**
   * Throws `Transient` while the installation has a pause, whatever the request is for, and while the requests that are left of the hour
   * are kept for what goes before this purpose (left out: the gate); that one is expected. `retryAfterMs` is the time until it is over.
   */
  readonly check: (installationId: number, purpose?: Purpose) => Promise<void>;
  /**
   * Begins a pause of so many milliseconds from now. A pause that ends later stays. Telling other processes may fail; that is
   * no error.
   */
  readonly begin: (installationId: number, pauseMs: number) => Promise<void>;
  /** Notes what GitHub said with an answer. Other processes hear of it within some seconds; failing to tell them is no error. */
  readonly heed: (installationId: number, left: RequestsLeft) => Promise<void>;
}

/** What all processes of one brain know of an installation; null for what nothing is known of. */
export interface SharedBudget {
  readonly pauseMs: number | null;
  readonly left: RequestsLeft | null;
}

/** The place where all processes of one brain see a pause and what is left. */
export interface SharedPauses {
  readonly read: (installationId: number) => Promise<SharedBudget>;
  readonly write: (installationId: number, pauseMs: number) => Promise<void>;
  readonly note: (installationId: number, left: RequestsLeft) => Promise<void>;
}

/** Times are of a clock that only rises. */
interface Known {
  readonly until: number;
  readonly readAt: number;
  readonly left: (Omit<RequestsLeft, 'resetsMs'> & { readonly resetsAt: number }) | null;
  readonly notedAt: number;
}

const NOTHING: Known = { until: 0, readAt: Number.NEGATIVE_INFINITY, left: null, notedAt: Number.NEGATIVE_INFINITY };
/** A pause that another process began is known here after this time at the latest. */
const READ_EVERY_MS = 1_000;
/** What is left is told to other processes no more often: they need no exact number. */
const NOTE_EVERY_MS = 5_000;
/** Two answers whose hours end so close together are of one hour. */
const SAME_HOUR_MS = 60_000;

/** Returns pauses that this process knows at once and other processes within a second. `now` returns milliseconds that only rise. */
export function keepPauses(shared: SharedPauses, now: () => number = () => performance.now()): Pauses {
  return new KeptPauses(shared, now);
}

class KeptPauses implements Pauses {
  readonly #shared: SharedPauses;
  readonly #now: () => number;
  readonly #known = new Map<number, Known>();

  constructor(shared: SharedPauses, now: () => number) {
    this.#shared = shared;
    this.#now = now;
  }

  async check(installationId: number, purpose: Purpose = 'gate'): Promise<void> {
    await this.#read(installationId);
    const now = this.#now();
    const { until, left } = this.#of(installationId);
    const who = installationId === APP_ITSELF ? 'the App' : `installation ${installationId}`;
    if (until > now) {
      const message = `not asked: GitHub's rate limit for ${who} is reached, open again in ${seconds(until - now)} s`;
      throw new Transient(message, { retryAfterMs: Math.ceil(until - now) });
    }
    if (left === null || left.resetsAt <= now || hasRoom(purpose, { ...left, resetsMs: 0 })) return;
    const message =
      `not asked: the last ${left.remaining} of ${left.limit} requests of ${who} are kept for what is more urgent than a ${purpose}, ` +
      `open again in ${seconds(left.resetsAt - now)} s`;
    throw new Transient(message, { retryAfterMs: Math.ceil(left.resetsAt - now), isExpected: true });
  }

  async begin(installationId: number, pauseMs: number): Promise<void> {
    this.#extend(installationId, pauseMs);
    // This process keeps it all the same, and another process that asks too early gets the limit from GitHub itself.
    await this.#shared.write(installationId, Math.ceil(pauseMs)).catch(() => {});
  }

  async heed(installationId: number, left: RequestsLeft): Promise<void> {
    this.#learn(installationId, left);
    const known = this.#of(installationId);
    if (this.#now() - known.notedAt < NOTE_EVERY_MS) return;
    this.#known.set(installationId, { ...known, notedAt: this.#now() });
    await this.#shared.note(installationId, { ...left, resetsMs: Math.ceil(left.resetsMs) }).catch(() => {});
  }

  #of(installationId: number): Known {
    return this.#known.get(installationId) ?? NOTHING;
  }

  async #read(installationId: number): Promise<void> {
    const known = this.#of(installationId);
    if (known.until > this.#now() || this.#now() - known.readAt < READ_EVERY_MS) return;
    this.#known.set(installationId, { ...known, readAt: this.#now() });
    const { pauseMs, left } = await this.#shared.read(installationId);
    if (pauseMs !== null) this.#extend(installationId, pauseMs);
    if (left !== null) this.#learn(installationId, left);
  }

  #extend(installationId: number, pauseMs: number): void {
    const known = this.#of(installationId);
    this.#known.set(installationId, { ...known, until: Math.max(known.until, this.#now() + pauseMs) });
  }

  /** In one hour what is left only falls, and answers overtake each other. */
  #learn(installationId: number, { limit, remaining, resetsMs }: RequestsLeft): void {
    const known = this.#of(installationId);
    const resetsAt = this.#now() + resetsMs;
    const isSameHour = known.left !== null && Math.abs(known.left.resetsAt - resetsAt) < SAME_HOUR_MS;
    const least = isSameHour ? Math.min(known.left?.remaining ?? remaining, remaining) : remaining;
    this.#known.set(installationId, { ...known, left: { limit, remaining: least, resetsAt } });
  }
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
