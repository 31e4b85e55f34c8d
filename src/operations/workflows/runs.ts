// Runs of workflows and of the gate: which there are, how each went, and what a person decides in one of their own.
import { z } from 'zod';
import {
  ADDS,
  batch,
  CHANGES,
  commitSha,
  ENDS,
  fullName,
  id,
  type Operation,
  operation,
  place,
  pullNumber,
  READS,
  time,
} from '../declared/operation.ts';
import { finishRun, listedRun, run, runStatus, wholeAttempt } from './run.ts';

const gateId = z.string().min(1).max(200).describe("A stage's id, or a criterion's");
const reason = z.string().min(1).max(2000).describe('Kept, and shown to whoever reads the run');

const override = z.object({
  id,
  project_id: id,
  user_id: id.nullable(),
  user: z.string(),
  override_type: z.enum(['cynic_reject', 'deploy_anyway', 'agent_override']),
  target_type: z.string().nullable(),
  target_id: id.nullable(),
  pull_request_number: z.int().nullable(),
  commit_sha: z.string().nullable(),
  criterion: z.string().nullable().describe('The criterion that it lets pass, or the stage'),
  reason: z.string(),
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
  revoked_by: z.string().nullable(),
  created_at: time,
});

const READING: readonly Operation[] = [
  operation({
    name: 'list_runs',
    summary: 'Lists the runs of a project that you may see, or without a project your own, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id.optional(),
      status: runStatus.optional(),
      spec_id: id.optional(),
      sprint_id: id.optional(),
      pull_request: pullNumber.optional(),
      commit_sha: commitSha.optional(),
      batch,
      before_created_at: place.optional(),
      before_run: id.optional(),
    }),
    output: z.array(listedRun),
    run: 'list_runs',
    page: { after: { before_created_at: 'created_at', before_run: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_run',
    summary: 'Shows a run with every attempt of its stages or criteria, and what it left.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ run_id: id }),
    output: run,
    run: 'read_run',
    finish: finishRun,
  }),
  operation({
    name: 'read_attempt',
    summary: 'Shows one attempt of a stage with what a model was sent and gave back.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      run_id: id,
      gate_id: gateId,
      attempt_number: z.int().min(1).max(2_147_483_647).optional().describe('Left out: the newest'),
    }),
    output: wholeAttempt,
    run: 'read_attempt',
  }),
  operation({
    name: 'run_timeline',
    summary: 'Lists what befell a run, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ run_id: id, batch, before_id: z.int().optional() }),
    output: z.array(
      z.object({
        id: z.int(),
        event_type: z.string(),
        task_id: id.nullable(),
        user_id: id.nullable(),
        payload: z.record(z.string(), z.unknown()),
        created_at: time,
      }),
    ),
    run: 'list_run_events',
    page: { after: { before_id: 'id' }, more: 'extra' },
  }),
];

const DECIDING: readonly Operation[] = [
  operation({
    name: 'approve_stage',
    summary: 'Lets a stage of the type approval pass in a run that you started, with a reason.',
    scope: 'agents',
    isForPeople: true,
    hints: CHANGES,
    input: z.strictObject({ run_id: id, gate_id: gateId, reason }),
    output: run,
    run: 'decide_stage',
    argumentsOf: (input) => ({ ...input, is_approved: true }),
    finish: finishRun,
  }),
  operation({
    name: 'reject_stage',
    summary: 'Rejects a stage of the type approval in a run that you started, with a reason, and pauses the run.',
    scope: 'agents',
    isForPeople: true,
    hints: ENDS,
    input: z.strictObject({ run_id: id, gate_id: gateId, reason }),
    output: run,
    run: 'decide_stage',
    argumentsOf: (input) => ({ ...input, is_approved: false }),
    finish: finishRun,
  }),
  operation({
    name: 'override_stage',
    summary: 'Lets a stage that failed for good pass in a run that you started; who, why and what it failed for stay.',
    scope: 'agents',
    isForPeople: true,
    hints: ENDS,
    input: z.strictObject({
      run_id: id,
      gate_id: gateId,
      reason,
      override_type: z
        .enum(['agent_override', 'cynic_reject'])
        .default('agent_override')
        .describe('cynic_reject: it was a rejection by a reviewing agent that you overrule'),
    }),
    output: run,
    run: 'override_stage',
    finish: finishRun,
  }),
];

/** All of them. */
export const RUN_OPERATIONS: readonly Operation[] = [
  ...READING,
  ...DECIDING,
  operation({
    name: 'list_overrides',
    summary: 'Lists where people overruled the gate or an agent, newest first, with those taken back.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      repository: fullName.optional(),
      pull_request: pullNumber.optional(),
      batch,
      before_created_at: place.optional(),
      before_override: id.optional(),
    }),
    output: z.array(z.object({ ...override.shape, repository: z.string().nullable(), is_standing: z.boolean() })),
    run: 'list_overrides',
    page: { after: { before_created_at: 'created_at', before_override: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'create_override',
    summary: 'Writes down that you overruled an agent, or its rejection, on an agent run, a task or a run, and why.',
    scope: 'agents',
    isForPeople: true,
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      override_type: z.enum(['agent_override', 'cynic_reject']),
      target_type: z.enum(['agent_run', 'task', 'run']),
      target_id: id,
      reason,
    }),
    output: override,
    run: 'create_override',
  }),
  operation({
    name: 'revoke_override',
    summary: 'Takes an override back, for good: your own, or as a maintainer anybody’s.',
    scope: 'gate',
    hints: ENDS,
    input: z.strictObject({ override_id: id }),
    output: override,
    run: 'revoke_override',
  }),
];
