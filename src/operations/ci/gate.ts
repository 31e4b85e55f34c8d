// The gate, as people ask it.
import { z } from 'zod';
import { commitSha, fullName, id, type Operation, operation, READS } from '../declared/operation.ts';
import { explainedGate, explainGate } from './gate-words.ts';

/** All of them. */
export const GATE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'explain_gate',
    summary: 'Says how a commit or a pull request stands at the gate: what holds it, why, and what to do.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      repository: fullName,
      pull_request: z
        .int()
        .min(1)
        .max(2_147_483_647)
        .optional()
        .describe('Its head is meant unless commit_sha is given too'),
      commit_sha: commitSha.optional(),
    }),
    output: explainedGate,
    run: 'read_gate',
    finish: explainGate,
  }),
];
