// What a script with a token sees after the story: the same failures over REST, and work taken up on one of them.

import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';
import { ensurePerson } from '../../brain/people.ts';
import { hashOfToken, newToken } from '../../brain/tokens.ts';
import { Rejected } from '../../model/errors.ts';

/** The person who is played; GitHub's own mascot. */
const OCTOCAT = { id: 583_231, login: 'octocat', name: 'The Octocat', avatarUrl: null };
const HOUR_MS = 3_600_000;

/** One request of the play, and what came back. */
export interface ApiScene {
  readonly says: string;
  /** As a person would type it; the token stands in `$TOKEN`. */
  readonly curl: string;
  readonly status: number;
  readonly answer: unknown;
}

type Tell = (scene: ApiScene) => void;

const listed = z.object({ items: z.array(z.object({ id: z.string(), slug: z.string() })) });
const made = z.object({ id: z.string() });

/**
 * Lets a person into the organisation `org`, gives them a token, and plays what they do with it. Each request is handed to `onScene`.
 * Throws Rejected when an answer is another than the play has. Gives the token, which is good for an hour.
 */
export async function playApi(
  { url, brain, org }: { url: string; brain: Brain; org: string },
  onScene: Tell,
): Promise<string> {
  const token = await letIn(brain, org);
  const ask = async (says: string, path: string, sent: Sent = {}): Promise<unknown> => {
    const { status, answer } = await send(`${url}/api/v1${path}`, token, sent);
    onScene({ says, curl: curlOf(`${url}/api/v1${path}`, sent), status, answer });
    if (status !== (sent.expects ?? 200)) throw new Rejected(`${path} was answered with ${status}`);
    return answer;
  };
  await ask('Who am I here?', '/me');
  const projects = listed.parse(await ask('Which projects may I see?', '/projects?limit=3'));
  const [project] = projects.items;
  if (project === undefined) throw new Rejected('The person sees no project');
  const place = `/projects/${project.id}`;
  await ask('What failed, why, and what fixes it?', `${place}/failures/summary?pull_request=1`);
  const task = { title: 'Mend the failing test', zone: 'green' };
  const once = { method: 'POST', body: task, key: 'mend-1', expects: 201 };
  const { id } = made.parse(await ask('I will mend it.', `${place}/tasks`, once));
  await ask('The line was bad, so I send it again: it is one task all the same.', `${place}/tasks`, once);
  await ask('I take it up.', `/tasks/${id}/lock`, { method: 'POST', body: { locker: 'octocat' } });
  const second = { method: 'POST', body: { locker: 'somebody-else' }, expects: 409 };
  await ask('Somebody else takes it up as well, and is told who has it.', `/tasks/${id}/lock`, second);
  await ask('What befell it?', `/tasks/${id}/events?limit=5`);
  return token;
}

interface Sent {
  readonly method?: string;
  readonly body?: object;
  readonly key?: string;
  /** The status; 200 unless told. */
  readonly expects?: number;
}

async function letIn(brain: Brain, org: string): Promise<string> {
  const user_id = await ensurePerson(brain, OCTOCAT);
  await brain.call('set_member', { org_login: org, user_id, role: 'member' });
  const token = newToken();
  await brain.call('create_token', {
    user_id,
    name: 'demo',
    token_hash: hashOfToken(token),
    scope: 'read tasks',
    expires_at: new Date(Date.now() + HOUR_MS).toISOString(),
  });
  return token;
}

async function send(url: string, token: string, { method = 'GET', body, key }: Sent) {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

function curlOf(url: string, { method, body, key }: Sent): string {
  const words = [
    'curl -H "Authorization: Bearer $TOKEN"',
    ...(key === undefined ? [] : [`-H 'Idempotency-Key: ${key}'`]),
    ...(body === undefined ? (method === undefined ? [] : [`-X ${method}`]) : [`--json '${JSON.stringify(body)}'`]),
    `'${url}'`,
  ];
  return words.join(' ');
}
