// Asks a question anybody may cause once for all who ask at the same moment.

/** The answer, or the failure, of the last question counts for `forMs`; those who ask while it is under way share it. */
export function recentAnswer<Value>(
  ask: () => Promise<Value>,
  forMs: number,
  now: () => number = () => performance.now(),
): () => Promise<Value> {
  let last: Promise<Value> | null = null;
  let endsMs = Number.POSITIVE_INFINITY;
  return () => {
    if (last !== null && now() < endsMs) return last;
    endsMs = Number.POSITIVE_INFINITY;
    const asked = ask().finally(() => {
      endsMs = now() + forMs;
    });
    last = asked;
    return asked;
  };
}
