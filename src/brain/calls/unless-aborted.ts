// Waits for work only as long as its caller does.

import { Transient } from '../../model/errors.ts';

/** Gives up waiting when the signal aborts, with Transient; what has been sent to the database goes on. */
export async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) return work();
  const givenUp = () => new Transient('the call was given up', { cause: signal.reason });
  if (signal.aborted) throw givenUp();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(givenUp());
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
