// The stage on which a person signs in: CodeRed at an address that is known before it starts, a GitHub that lets its people in, and a
// workflow that the operator has published.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { openEmbeddedThread } from '../../brain/backends/embedded-thread.ts';
import type { SqlBackend } from '../../brain/backends/sql-backend.ts';
import { type Brain, sqlBrain } from '../../brain/client.ts';
import { openEmbeddedCopy } from '../../brain/embedded-copy.ts';
import { readMigrationFiles } from '../../brain/migration-files.ts';
import { ensurePerson } from '../../brain/people.ts';
import { Rejected } from '../../model/errors.ts';
import type { Json } from '../../model/json.ts';
import { ACCOUNTS } from '../github/state/retell.ts';
import { type Life, tellLife } from './life.ts';
import { memberRemovedPayload } from './payloads-organization.ts';
import { APP, type Stage, type StageOptions, setStage } from './play-story.ts';
import { outlineOf, tellBeginning } from './story.ts';

const HOST = '127.0.0.1';
/** Who is played; GitHub's own mascot. */
const PERSON = ACCOUNTS.octocat;
/** Whoever runs this CodeRed. */
const OPERATOR = ACCOUNTS.codertocat;

/** A template and its one version, as operators write them. */
export interface Workflow {
  readonly template: Readonly<Record<string, Json>>;
  readonly spec: Readonly<Record<string, Json>>;
}

/** What the operator offers to everybody. */
const WORKFLOW: Workflow = {
  template: { slug: 'release-notes', name: 'Release notes', type: 'research' },
  spec: {
    visibility: 'system',
    intent_schema: [{ field: 'release', type: 'string', required: true }],
    stages: [
      { order: 1, id: 'draft', name: 'Draft', type: 'creation' },
      { order: 2, id: 'sign-off', name: 'Sign off', type: 'approval' },
    ],
  },
};

/** What the repository asks of pull requests; nothing in the story measures coverage. */
const POLICY = 'dod:\n  lint_pass: true\n  coverage_min: 0.80\n';

/** Starts both as `setStage` does, with the sign-in set up and a workflow published, on an embedded database in memory. */
export async function setPeopleStage({
  workflow = WORKFLOW,
  ...options
}: Pick<StageOptions, 'workHere'> & { readonly workflow?: Workflow } = {}): Promise<Stage> {
  const backend = await openEmbeddedCopy(await readMigrationFiles(), openEmbeddedThread);
  const brain = sqlBrain(backend);
  try {
    await publishWorkflow(backend, brain, workflow);
    const port = await freePort();
    const url = `http://${HOST}:${port}`;
    const client = { id: 'Iv23licodered', secret: randomBytes(20).toString('hex') };
    const env = {
      PORT: String(port),
      CODERED_URL: url,
      GITHUB_CLIENT_ID: client.id,
      GITHUB_CLIENT_SECRET: client.secret,
      CODERED_SECRET_KEY: randomBytes(32).toString('base64'),
    };
    const stage = await setStage({ ...options, brain, env });
    Object.assign(stage.github.state.signIn.client, { ...client, callbackUrls: [`${url}/sign-in/callback`] });
    const { repository, installation } = tellLife(outlineOf(tellBeginning(), APP));
    stage.github.state.addRepository(repository, installation.id).files.set('.github/codered.yml', POLICY);
    return { ...stage, close: () => stage.close().finally(() => brain.close()) };
  } catch (error) {
    await brain.close();
    throw error;
  }
}

/** Lets the person into the organisation of the life at GitHub, and nowhere else. */
export function joinAtGithub({ github: { state } }: Stage, { repository, installation }: Life): void {
  state.signIn.people.set(PERSON.id, PERSON);
  state.signIn.memberships.set(`${repository.owner.login}/${PERSON.login}`, { role: 'member', state: 'active' });
  state.addRepository(repository, installation.id).roles.set(PERSON.login, 'write');
}

/** Takes the person out of the organisation at GitHub, which tells CodeRed of it. */
export async function removeAtGithub({ github, codered }: Stage, { repository, installation }: Life): Promise<number> {
  const membership = `${repository.owner.login}/${PERSON.login}`;
  github.state.signIn.memberships.delete(membership);
  github.state.addRepository(repository, installation.id).roles.delete(PERSON.login);
  const scene = { repository, installationId: installation.id, sender: OPERATOR };
  const { status } = await github.deliver('organization', memberRemovedPayload(scene, PERSON));
  if (status !== 202) throw new Rejected(`CodeRed answered ${status} to the event of the organisation`);
  await codered.idle(SETTLE_MS);
  return status;
}

const SETTLE_MS = 60_000;

async function publishWorkflow(backend: SqlBackend, brain: Brain, { template, spec }: Workflow): Promise<void> {
  const userId = await ensurePerson(brain, { ...OPERATOR, name: null, avatarUrl: null });
  // An operator is made by the owner of the database alone.
  const text = "update codered.profiles set role = 'admin' where id = $1::uuid";
  await backend.transact([{ text, values: [userId] }]);
  const idOf = async (name: string, given: Json) => {
    const { answer } = await brain.callAs({ userId, name, arguments: given });
    return answer !== null && typeof answer === 'object' && 'id' in answer ? String(answer.id) : '';
  };
  const template_id = await idOf('create_template', { template });
  const spec_id = await idOf('create_template_version', { template_id, version: 'v1.0.0', spec });
  await idOf('publish_spec', { spec_id });
}

/** One that nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, HOST, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('the server does not listen on a port');
  return address.port;
}
