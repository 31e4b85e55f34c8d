// What a person does with CodeRed over REST: reads what failed, takes up work, leaves what is worth remembering, puts agents to work, and
// is out once GitHub says so.

import { z } from 'zod';
import type { Line } from './curl.ts';
import type { Life } from './life.ts';
import { joinAtGithub, removeAtGithub } from './people-stage.ts';
import { makePerson, type Person } from './person.ts';
import type { Stage } from './play-story.ts';
import { signIn } from './sign-in-story.ts';

/** Plays it after the life and hands on each line. Throws Rejected when an answer is another than the play has. */
export async function playApi(stage: Stage, life: Life, onLine: (line: Line) => void): Promise<void> {
  joinAtGithub(stage, life);
  const { url } = stage.codered;
  const person = makePerson({ url, token: await signIn(url, onLine), onLine });
  await readWhatFailed(person, `${life.repository.owner.login}/${life.repository.name}`);
  await takeUpWork(person);
  await leaveWord(person);
  await putAgentsToWork(person);
  await keepArtifact(person);
  const status = await removeAtGithub(stage, life);
  onLine({
    says: 'meanwhile at GitHub',
    typed: '(octocat is removed from octo-org)',
    status,
    answer: 'event organization',
  });
  await person.ask('and now?', '/api/v1/projects/$PROJECT', { status: 404, answer: refusal });
  await person.ask('the link too', '$LINK', { status: 404, answer: refusal });
}

const made = z.object({ id: z.string() });
const refusal = z
  .object({ code: z.string(), detail: z.string() })
  .transform(({ code, detail }) => `${code}: ${detail}`);
const locked = z.object({ locked_by: z.string() }).transform(({ locked_by }) => `locked by ${locked_by} for an hour`);

async function readWhatFailed({ ask, keep }: Person, repository: string): Promise<void> {
  const projects = z
    .object({ items: z.tuple([z.object({ id: z.string(), slug: z.string() })]) })
    .transform(({ items: [{ id, slug }] }) => {
      keep('PROJECT', id);
      return `${slug}, from now on $PROJECT`;
    });
  await ask('which projects are mine?', '/api/v1/projects', { answer: projects });
  const summary = z
    .object({ failures: z.tuple([z.object({ what: z.string(), cause: z.object({ name: z.string() }) })]) })
    .transform(({ failures: [{ what, cause }] }) => `${what}: ${cause.name}`);
  await ask('what failed, and why?', '/api/v1/projects/$PROJECT/failures/summary?pull_request=1', { answer: summary });
  const gate = z
    .object({ state: z.string(), explanation: z.string() })
    .transform(({ state, explanation }) => `${state}: ${explanation}`);
  const path = `/api/v1/projects/$PROJECT/gate?repository=${repository}&pull_request=1`;
  await ask('what holds pull request 1?', path, { answer: gate });
}

async function takeUpWork({ ask, keep }: Person): Promise<void> {
  const tasks = '/api/v1/projects/$PROJECT/tasks';
  const task = (name: string) =>
    made.extend({ status: z.string() }).transform(({ id, status }) => {
      keep(name, id);
      return `${name} (${status})`;
    });
  const mend = { title: 'Align the versions' };
  await ask('a task', tasks, { sends: mend, key: 'mend-1', status: 201, answer: task('MEND') });
  const release = { title: 'Release', dependencies: ['$MEND'] };
  await ask('one that waits for it', tasks, { sends: release, status: 201, answer: task('RELEASE') });
  const lock = { sends: { locker: 'octocat' } };
  await ask('take it', '/api/v1/tasks/$RELEASE/lock', { ...lock, status: 409, answer: refusal });
  await ask('the other first', '/api/v1/tasks/$MEND/lock', { ...lock, answer: locked });
  await ask('done', '/api/v1/tasks/$MEND', { method: 'PATCH', sends: { status: 'done' }, answer: task('MEND') });
  await ask('now it can be had', '/api/v1/tasks/$RELEASE/lock', { ...lock, answer: locked });
}

async function leaveWord({ ask }: Person): Promise<void> {
  const decision = { title: 'Pin the peer', choice: 'pin', rationale: 'Both want another.' };
  const decided = z
    .object({ title: z.string(), choice: z.string() })
    .transform(({ title, choice }) => `${title}: ${choice}`);
  await ask('what was decided', '/api/v1/projects/$PROJECT/decisions', {
    sends: decision,
    status: 201,
    answer: decided,
  });
  const checkpoint = { label: 'pinned', resume_instructions: 'Release next.' };
  const kept = made.transform(() => 'kept for whoever goes on');
  await ask('where work stands', '/api/v1/projects/$PROJECT/checkpoints', {
    sends: checkpoint,
    status: 201,
    answer: kept,
  });
  const report = { project_id: '$PROJECT', kind: 'TypeError', message: 'price of 4711 is NaN' };
  const reported = z
    .object({ fingerprint: z.string(), severity: z.string(), occurrences: z.number() })
    .transform(({ fingerprint, severity, occurrences }) => `${severity} ${fingerprint}, ×${occurrences}`);
  await ask('the shop reports an error', '/api/v1/errors', { sends: report, status: 201, answer: reported });
}

async function putAgentsToWork({ ask, keep }: Person): Promise<void> {
  const job = { project_id: '$PROJECT', agent_type: 'qa', input_context: { file: 'price.ts' } };
  const queued = z.object({ job_id: z.string(), status: z.string() }).transform(({ status, job_id }) => {
    keep('JOB', job_id);
    return status;
  });
  await ask('a job for an agent', '/v1/run-agent', { sends: job, answer: queued });
  const template = z.object({
    slug: z.string(),
    newest_version: z.object({ spec_id: z.string(), version: z.string() }),
  });
  const templates = z
    .object({ items: z.tuple([template]) })
    .transform(({ items: [{ slug, newest_version: newest }] }) => {
      keep('SPEC', newest.spec_id);
      return `${slug} ${newest.version}, from now on $SPEC`;
    });
  await ask('which workflows are there?', '/api/v1/templates', { answer: templates });
  const run = { spec_id: '$SPEC', intent: { release: '1.4' }, project_id: '$PROJECT' };
  const started = z.object({ status: z.string() }).transform(({ status }) => status);
  await ask('start it', '/api/v1/runs', { sends: run, status: 201, answer: started });
}

async function keepArtifact({ ask, keep }: Person): Promise<void> {
  const notes = { kind: 'document', file_name: 'NOTES.md', content: 'The peer is pinned.' };
  const added = made.transform(({ id }) => {
    keep('ARTIFACT', id);
    return 'kept';
  });
  await ask('what the work left', '/api/v1/tasks/$RELEASE/artifacts', { sends: notes, status: 201, answer: added });
  const link = z.object({ url: z.string() }).transform(({ url }) => {
    keep('LINK', url);
    return 'signed, for five minutes, from now on $LINK';
  });
  await ask('a link to it', '/api/v1/artifacts/$ARTIFACT/link', { answer: link });
  await ask('its content', '$LINK', { answer: z.string() });
  const types = z
    .object({ items: z.array(z.object({ event_type: z.string() })) })
    .transform(({ items }) => items.map(({ event_type }) => event_type).join(', '));
  await ask('what happened last?', '/api/v1/projects/$PROJECT/events?limit=4', { answer: types });
}
