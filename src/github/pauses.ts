// Keeps the silence that GitHub asks for by a rate limit: until it is over no request of the installation is sent, whatever
// it is for and whichever process it comes from. installation.ts asks before each request; the pipeline makes one.
import { Transient } from '../model/errors.ts';

export interface Pauses {
  /** Throws `Transient` with the time that is left while the installation has to be silent. */
  readonly check: (installationId: number) => Promise<void>;
  /** Notes a pause of so many milliseconds from now; a longer one that is known stays. Best effort towards other processes. */
  readonly begin: (installationId: number, pauseMs: number) => Promise<void>;
}

/** Where all processes see a pause. */
export interface SharedPauses {
  /** How much is left, in milliseconds; null when the installation may be asked. */
  readonly read: (installationId: number) => Promise<number | null>;
  readonly write: (installationId: number, pauseMs: number) => Promise<void>;
}

interface Known {
  readonly until: number;
  readonly readAt: number;
}

/** What another process was told is known here after so long at the latest. */
const READ_EVERY_MS = 1_000;

/** Pauses that this process knows at once, and others within a second. `now`: ms that only rise. */
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
      // This process keeps it all the same, and another that asks too early is told by GitHub itself.
      await shared.write(installationId, pauseMs).catch(() => {});
    },
  };
}
