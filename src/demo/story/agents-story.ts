// What agents do with CodeRed: take a task, do a job that has to ask, and walk through the stages of a workflow.

import { z } from 'zod';
import { Rejected } from '../../model/errors.ts';
import { startWorker, WORKER_TYPED } from './agents/worker-process.ts';
import type { Line } from './curl.ts';
import type { Life } from './life.ts';
import { joinAtGithub, type Workflow } from './people-stage.ts';
import { makePerson, type Person } from './person.ts';
import type { Stage } from './play-story.ts';
import { signIn } from './sign-in-story.ts';

/** Three stages, two of which have to leave what the third looks at. */
export const AGENTS_WORKFLOW: Workflow = {
  template: { slug: 'release-notes', name: 'Release notes', type: 'research' },
  spec: {
    visibility: 'system',
    intent_schema: [{ field: 'release', type: 'string', required: true }],
    stages: [
      { order: 1, id: 'collect', name: 'Collect', type: 'research' },
      {
        order: 2,
        id: 'draft',
        name: 'Draft',
        type: 'creation',
        validators: [{ type: 'contains_headings', target: 'draft.md', headings: ['Draft'] }],
      },
      { order: 3, id: 'proofread', name: 'Proofread', type: 'qa' },
    ],
  },
};

/** Who hears what. */
export interface AgentsEars {
  readonly onLine: (line: Line) => void;
  /** A line of the worker's terminal. */
  readonly onWorker: (line: string) => void;
}

/** Plays it after the life, and gives the person's token, which is good as long as the stage stands. Throws Rejected when something is answered otherwise than the play has it. */
export async function playAgents(stage: Stage, life: Life, { onLine, onWorker }: AgentsEars): Promise<string> {
  joinAtGithub(stage, life);
  const { url } = stage.codered;
  const token = await signIn(url, () => {});
  onLine({
    says: 'as demo --api shows it',
    typed: '(octocat signs in and makes a token, from now on $TOKEN)',
    status: 200,
    answer: 'read tasks agents',
  });
  const person = makePerson({ url, token, onLine });
  await takeTask(person);
  await queueJob(person);
  const worker = startWorker({ url, token, onLine: onWorker });
  try {
    onLine({ says: 'at a second terminal', typed: WORKER_TYPED, status: 200, answer: 'it claims what there is:' });
    await answerJob(person);
    await walkWorkflow(person);
    const code = await worker.interrupt();
    if (code !== 0) throw new Rejected(`The worker ended with ${code} instead of 0`);
    onLine({ says: 'enough', typed: '^C', status: 200, answer: 'the worker ended with 0' });
  } finally {
    await worker.kill();
  }
  return token;
}

const found = (what: string) => z.looseObject({ status: z.literal(what) });

async function takeTask({ call, keep }: Person): Promise<void> {
  const projects = z
    .object({ items: z.tuple([z.object({ id: z.string(), slug: z.string() })]) })
    .transform(({ items: [{ id, slug }] }) => {
      keep('PROJECT', id);
      return `${slug}, from now on $PROJECT`;
    });
  await call('an agent comes in', 'list_projects', {}, projects);
  const task = z
    .object({ id: z.string(), title: z.string(), status: z.string() })
    .transform(({ id, title, status }) => {
      keep('TASK', id);
      return `${title} (${status}), from now on $TASK`;
    });
  await call('finds something to do', 'create_task', { project_id: '$PROJECT', title: 'Align the versions' }, task);
  const locked = z.object({ locked_by: z.string() }).transform(({ locked_by }) => `locked by ${locked_by}`);
  await call('takes it', 'lock_task', { task_id: '$TASK', locker: 'agent-7' }, locked);
  const decision = { project_id: '$PROJECT', title: 'Pin the peer', choice: 'pin', rationale: 'Both want another.' };
  const decided = z.object({ title: z.string(), choice: z.string() }).transform((it) => `${it.title}: ${it.choice}`);
  await call('decides', 'record_decision', decision, decided);
  await call('is done', 'update_task', { task_id: '$TASK', status: 'done' }, task);
}

async function queueJob({ ask, keep }: Person): Promise<void> {
  const sends = { project_id: '$PROJECT', agent_type: 'qa', input_context: { file: 'price.ts' } };
  const queued = z.object({ job_id: z.string(), status: z.string() }).transform((job) => {
    keep('JOB', job.job_id);
    return job.status;
  });
  await ask('a job for an agent', '/v1/run-agent', { sends, answer: queued });
}

async function answerJob({ ask, wait }: Person): Promise<void> {
  await wait('/v1/jobs/$JOB', found('waiting_for_input'));
  const waiting = z
    .object({ status: z.string(), questions: z.tuple([z.object({ question: z.string() })]) })
    .transform(({ status, questions: [{ question }] }) => `${status}: ${question}`);
  await ask('what does it ask?', '/v1/jobs/$JOB', { answer: waiting });
  const sends = { responses: [{ question_id: 'zero', answer: 'no' }] };
  const said = z.object({ status: z.string() }).transform(({ status }) => status);
  await ask('no', '/v1/jobs/$JOB/respond', { sends, answer: said });
  await wait('/v1/jobs/$JOB', found('completed'));
  const done = z
    .object({ status: z.string(), result: z.object({ summary: z.string() }) })
    .transform(({ status, result: { summary } }) => `${status}: ${summary}`);
  await ask('what came of it?', '/v1/jobs/$JOB', { answer: done });
}

async function walkWorkflow({ ask, keep, wait }: Person): Promise<void> {
  const template = z.object({ slug: z.string(), newest_version: z.object({ spec_id: z.string() }) });
  const templates = z
    .object({ items: z.tuple([template]) })
    .transform(({ items: [{ slug, newest_version: newest }] }) => {
      keep('SPEC', newest.spec_id);
      return `${slug}, from now on $SPEC`;
    });
  await ask('which workflows are there?', '/api/v1/templates', { answer: templates });
  const sends = { spec_id: '$SPEC', intent: { release: '1.4' }, project_id: '$PROJECT' };
  const started = z.object({ id: z.string(), status: z.string() }).transform((run) => {
    keep('RUN', run.id);
    return run.status;
  });
  await ask('start it', '/api/v1/runs', { sends, status: 201, answer: started });
  await wait('/api/v1/runs/$RUN', found('completed'));
  const stage = z.object({ gate_name: z.string(), status: z.literal('passed') });
  const stages = z
    .object({ gates: z.tuple([stage, stage, stage]) })
    .transform(({ gates }) => gates.map(({ gate_name, status }) => `${gate_name} ${status}`).join(', '));
  await ask('what became of its stages?', '/api/v1/runs/$RUN', { answer: stages });
  const runs = z
    .object({ items: z.array(z.object({ mode: z.string().nullable(), status: z.literal('succeeded') })).length(4) })
    .transform(({ items }) => items.map(({ mode, status }) => `${mode} ${status}`).join(', '));
  await ask('what did agents do here?', '/api/v1/projects/$PROJECT/agent-runs', { answer: runs });
}
