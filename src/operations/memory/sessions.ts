// Where work stood: checkpoints for everybody, and the sessions of an agent with one person.
import { z } from 'zod';
import {
  ADDS,
  bounded,
  CHANGES,
  id,
  NEWEST_FIRST,
  newestFirst,
  type Operation,
  operation,
  READS,
  time,
} from '../declared/operation.ts';

const checkpoint = z
  .object({
    id,
    project_id: id,
    user_id: id.nullable(),
    label: z.string(),
    repo_ref: z.string().nullable().describe('Commit, branch or tag'),
    summary: z.string().nullable(),
    resume_instructions: z.string().nullable(),
    snapshot: z.record(z.string(), z.unknown()),
    created_at: time,
  })
  .meta({ id: 'CheckpointDetails' });

const session = z
  .object({
    id,
    project_id: id,
    summary: z.string().nullable(),
    snapshot: z.record(z.string(), z.unknown()),
    notes: z.int().describe('How often something was noted'),
    ended_at: time.nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'AgentSession' });

const summary = z.string().min(1).max(20_000);
const snapshot = bounded(500_000);

/** All of them, but for `create_checkpoint`. */
export const SESSION_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_checkpoints',
    summary: 'Lists the checkpoints of a project, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id, ...newestFirst }),
    output: z.array(checkpoint.omit({ resume_instructions: true, snapshot: true })),
    run: 'list_checkpoints',
    page: NEWEST_FIRST,
  }),
  operation({
    name: 'read_checkpoint',
    summary: 'Says where work stood at a checkpoint, and how to go on from there.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ checkpoint_id: id }),
    output: checkpoint,
    run: 'read_checkpoint',
  }),
  operation({
    name: 'list_agent_sessions',
    summary: 'Lists your own sessions with agents in a project, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id, ...newestFirst }),
    output: z.array(session.omit({ snapshot: true })),
    run: 'list_agent_sessions',
    page: NEWEST_FIRST,
  }),
  operation({
    name: 'read_agent_session',
    summary: 'Gives what was kept of a session of yours with an agent.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ agent_session_id: id }),
    output: session,
    run: 'read_agent_session',
  }),
  operation({
    name: 'start_agent_session',
    summary: 'Begins to keep a session of yours with an agent; nobody else reads it.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({ project_id: id, summary: summary.optional(), snapshot: snapshot.optional() }),
    output: session,
    run: 'start_agent_session',
  }),
  operation({
    name: 'note_in_agent_session',
    summary: 'Keeps more of a session of yours: keys of its snapshot beside those that are there, another summary.',
    scope: 'tasks',
    hints: { ...ADDS, destructive: true },
    input: z.strictObject({ agent_session_id: id, summary: summary.optional(), snapshot: snapshot.optional() }),
    output: session,
    run: 'note_in_session',
  }),
  operation({
    name: 'end_agent_session',
    summary: 'Ends a session of yours; nothing is noted in it after that.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ agent_session_id: id, summary: summary.optional() }),
    output: session,
    run: 'note_in_session',
    argumentsOf: (input) => ({ ...input, ends: true }),
  }),
];
