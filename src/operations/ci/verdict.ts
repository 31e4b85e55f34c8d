// Whose a failure is, and why: the rules that were tried and the evidence that they were tried on.
import { z } from 'zod';
import { verdictEvidence } from '../../verdicts/evidence.ts';
import { explainFailure } from '../../verdicts/judge-failure.ts';
import { id, type Operation, operation, READS, time } from '../declared/operation.ts';

/** What `read_verdict` gives. */
const keptVerdict = z.object({
  error_id: id,
  verdict: z.string(),
  rule: z.string().nullable(),
  sentence: z.string(),
  evidence: z.unknown(),
  judged_at: time.nullable(),
});

/** A verdict with each rule that was tried. */
export const explainedVerdict = keptVerdict
  .extend({
    rule: z.string().nullable().describe('Null: not judged yet'),
    rules: z
      .array(
        z.object({
          rule: z.string(),
          outcome: z.enum(['held', 'not_held', 'vetoed', 'kept_out']),
          words: z.string(),
        }),
      )
      .nullable(),
    evidence: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'ExplainedVerdict' });
export type ExplainedVerdict = z.output<typeof explainedVerdict>;

/** Tries the rules again on the evidence that a verdict of `read_verdict` was given on. Throws `ZodError` for what is no such answer. */
export function explained(answer: unknown): ExplainedVerdict {
  const kept = keptVerdict.parse(answer);
  const evidence = verdictEvidence.safeParse(kept.evidence);
  return {
    ...kept,
    rules: evidence.success ? explainFailure(evidence.data) : null,
    evidence: z.record(z.string(), z.unknown()).nullable().catch(null).parse(kept.evidence),
  };
}

/** All of them. */
export const VERDICT_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'explain_verdict',
    summary: 'Says whose a failure is: the rules tried, which held, and the evidence.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ error_id: id }),
    output: explainedVerdict,
    run: 'read_verdict',
    finish: explained,
  }),
];
