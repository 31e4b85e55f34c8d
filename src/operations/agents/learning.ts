// Learning while building: roadmaps, how far somebody is on one, and daily talks with a mentor.
import { z } from 'zod';
import { ADDS, batch, CHANGES, id, type Operation, operation, place, READS, time } from '../declared/operation.ts';

const learningModule = z.strictObject({
  title: z.string().min(1).max(200),
  description: z.string().max(20_000).optional(),
  steps: z.array(z.string().max(2000)).max(200),
  estimated_hours: z.number().gt(0).max(100).optional(),
  prerequisites: z.array(z.string().max(500)).max(100).optional(),
  is_locked: z.boolean().optional().describe('True: nobody goes on into it until it is opened'),
});

const writtenRoadmap = {
  title: z.string().min(1).max(200).nullable(),
  description: z.string().max(20_000).nullable(),
  skill_level: z.enum(['beginner', 'intermediate', 'advanced']).nullable(),
  total_estimated_hours: z.number().gt(0).max(500).nullable(),
  modules: z.array(learningModule).min(1).max(200),
};

const listedRoadmap = z.object({
  id,
  project_id: id,
  title: z.string().nullable(),
  skill_level: writtenRoadmap.skill_level,
  total_estimated_hours: z.number().nullable(),
  current_step_index: z.int().describe('How many steps of all modules, in their order, are done'),
  step_count: z.int(),
  created_at: time,
  updated_at: time,
});

const roadmap = z.object({
  ...listedRoadmap.shape,
  description: z.string().nullable(),
  // As whoever wrote them had them, agents too: longer than what is taken here may be.
  modules: z.array(
    z.object({
      title: z.string(),
      description: z.string().optional(),
      steps: z.array(z.string()),
      estimated_hours: z.number().optional(),
      prerequisites: z.array(z.string()).optional(),
      is_locked: z.boolean().optional(),
    }),
  ),
});

const which = { project_id: id, roadmap_id: id };

const message = z.strictObject({ role: z.enum(['user', 'mentor']), content: z.string().max(20_000) });
const talk = {
  transcript: z.array(message).max(200).describe('In the order in which it was said'),
  concepts_covered: z.array(z.string().min(1).max(200)).max(200),
  duration_minutes: z.int().min(0).max(1440),
};

const listedSession = z.object({
  id,
  project_id: id,
  concepts_covered: z.array(z.string()),
  duration_minutes: z.int(),
  message_count: z.int(),
  created_at: time,
  updated_at: time,
});

const someOf = z.object(talk).partial().shape;

/** Roadmaps. */
export const ROADMAP_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_roadmaps',
    summary: 'Lists the learning roadmaps of a project, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      batch,
      before_created_at: place.optional(),
      before_roadmap: id.optional(),
    }),
    output: z.array(listedRoadmap),
    run: 'list_roadmaps',
    page: { after: { before_created_at: 'created_at', before_roadmap: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_roadmap',
    summary: 'Gives a learning roadmap with its modules and the step that is next.',
    scope: 'read',
    hints: READS,
    input: z.strictObject(which),
    output: roadmap,
    run: 'read_roadmap',
  }),
  operation({
    name: 'create_roadmap',
    summary: 'Makes a learning roadmap in a project, at its first step.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      ...z.object(writtenRoadmap).partial().required({ modules: true }).shape,
    }),
    output: roadmap,
    run: 'create_roadmap',
    argumentsOf: ({ project_id, ...made }) => ({ project_id, roadmap: made }),
  }),
  operation({
    name: 'update_roadmap',
    summary: 'Changes what is named of a learning roadmap, and nothing else; null empties.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ ...which, ...z.object(writtenRoadmap).partial().shape }),
    output: roadmap,
    run: 'update_roadmap',
    argumentsOf: ({ project_id, roadmap_id, ...changes }) => ({ project_id, roadmap_id, roadmap: changes }),
  }),
  operation({
    name: 'move_in_roadmap',
    summary: 'Says how many steps of a roadmap are done, forward or back; forward through no module that is locked.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ ...which, step_index: z.int().min(0).max(100_000) }),
    output: listedRoadmap,
    run: 'move_in_roadmap',
  }),
];

/** Daily talks. */
export const DAILY_SESSION_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_daily_sessions',
    summary: 'Lists the talks between learner and mentor in a project, newest first, without what was said.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      batch,
      before_created_at: place.optional(),
      before_session: id.optional(),
    }),
    output: z.array(listedSession),
    run: 'list_daily_sessions',
    page: { after: { before_created_at: 'created_at', before_session: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_daily_session',
    summary: 'Gives a talk with 200 of its messages, those after so many.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      session_id: id,
      after_message: z.int().min(0).max(2_147_483_647).default(0),
    }),
    output: z.object({
      ...listedSession.shape,
      after_message: z.int(),
      transcript: z.array(z.object({ role: z.enum(['user', 'mentor']), content: z.string() })),
    }),
    run: 'read_daily_session',
  }),
  operation({
    name: 'record_daily_session',
    summary: 'Writes down a talk between learner and mentor.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({ project_id: id, ...someOf }),
    output: listedSession,
    run: 'record_daily_session',
    argumentsOf: ({ project_id, ...session }) => ({ project_id, session }),
  }),
  operation({
    name: 'extend_daily_session',
    summary: 'Goes on with a talk: adds messages, concepts and minutes.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({ project_id: id, session_id: id, ...someOf }),
    output: listedSession,
    run: 'extend_daily_session',
    argumentsOf: ({ project_id, session_id, ...session }) => ({ project_id, session_id, session }),
  }),
];
