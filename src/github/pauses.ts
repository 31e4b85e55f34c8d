// Keeps the silence that GitHub asks for by a rate limit: until it is over no request of the installation is sent, whatever
// it is for and whichever process it comes from.
import { Transient } from '../model/errors.ts';

/** The pauses of installations, as one process sees them. */
export interface Pauses {
  /** Throws `Transient` while the installation has a pause; its `retryAfterMs` is the time that is left. */
  readonly check: (installationId: number) => Promise<void>;
  /**
   * Begins a pause of so many milliseconds from now. A pause that ends later stays. Telling other processes may fail; that is
   * no error.
   */
  readonly begin: (installationId: number, pauseMs: number) => Promise<void>;
}

/** The place where all processes of one brain see a pause. */
export interface SharedPauses {
  /** Returns the milliseconds that are left of a pause; null when there is none. */
  readonly read: (installationId: number) => Promise<number | null>;
  readonly write: (installationId: number, pauseMs: number) => Promise<void>;
}

interface Known {
  readonly until: number;
  readonly readAt: number;
}

/** A pause that another process began is known here after this time at the latest. */
const READ_EVERY_MS = 1_000;

/** Returns pauses that this process knows at once and other processes within a second. `now` returns milliseconds that only rise. */
export function keepPauses(shared: SharedPauses, now: () => number = () => performance.now()): Pauses {
  const known = new Map<number, Known>();
  const left = async (installationId: number): Promise<number> => {
    const { until, readAt } = known.get(installationId) ?? { until: 0, readAt: Number.NEGATIVE_INFINITY };
    if (until > now() || now() - readAt < READ_EVERY_MS) return until - now();
    known.set(installationId, { until, readAt: now() });
    const pauseMs = await shared.read(installationId);
    if (pauseMs !== null) extend(installationId, pauseMs);
    return (known.get(installationId)?.until ?? 0) - now();
  };
  const extend = (installationId: number, pauseMs: number) => {
    const { until = 0, readAt = now() } = known.get(installationId) ?? {};
    known.set(installationId, { until: Math.max(until, now() + pauseMs), readAt });
  };
  return {
    check: async (installationId) => {
      const leftMs = await left(installationId);
      if (leftMs <= 0) return;
      const seconds = Math.ceil(leftMs / 1_000);
      const message = `not asked: GitHub's rate limit for installation ${installationId} is reached, open again in ${seconds} s`;
      throw new Transient(message, { retryAfterMs: Math.ceil(leftMs) });
    },
    begin: async (installationId, pauseMs) => {
      extend(installationId, pauseMs);
      // This process keeps it all the same, and another process that asks too early gets the limit from GitHub itself.
      await shared.write(installationId, pauseMs).catch(() => {});
    },
  };
}
