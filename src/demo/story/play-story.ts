// Plays a story through the real receiver: CodeRed and the stand-in for GitHub side by side, signed webhooks over sockets.
// Needs the development dependencies.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import pino from 'pino';
import type { BrainSettings } from '../../brain/client.ts';
import { type Environment, readConfig } from '../../config/settings.ts';
import { Misconfigured, Rejected } from '../../model/errors.ts';
import { type CodeRed, type StartOptions, startCodeRed } from '../../server/server.ts';
import { MissingPackage } from '../github/contract/published-json.ts';
import { type GithubStandIn, startGithubStandIn } from '../github/github-stand-in.ts';
import type { CheckRun, Comment } from '../github/state/records.ts';
import { type Life, tellLife } from './life.ts';
import { outlineOf, type Scene } from './story.ts';

/** The App of the demo, as the stand-in knows it. */
export const APP = { id: 123_456, slug: 'codered' };
/** GitHub asks for a second between writes; the stand-in does not, and nobody likes to wait in a demo. */
const WRITE_SPACING_MS = 50;
const SETTLE_MS = 300_000;

/** CodeRed and its GitHub, both running. */
export interface Stage {
  readonly codered: CodeRed;
  readonly github: GithubStandIn;
  /** The App's, in PEM, for what asks this GitHub beside CodeRed. */
  readonly privateKey: string;
  readonly close: () => Promise<void>;
}

/** What a pull request carries at the end. */
export interface Outcome {
  readonly pull: number;
  readonly title: string;
  readonly comments: readonly Comment[];
  readonly checkRuns: readonly CheckRun[];
}

/** What may be otherwise than in the demo. `backend` names a database, `brain` lends an open one. */
export interface StageOptions
  extends Pick<StartOptions, 'brain' | 'writeSpacingMs' | 'tokenIssuer' | 'workHere' | 'recovery'> {
  readonly backend?: BrainSettings;
  /** Further settings. */
  readonly env?: Environment;
  /** Nobody reads it unless given. */
  readonly log?: StartOptions['log'];
}

/** Starts both, CodeRed on an embedded database in memory unless `backend` names another, and on a port of its own. */
export async function setStage({
  backend = { kind: 'embedded', directory: null },
  brain,
  writeSpacingMs = WRITE_SPACING_MS,
  tokenIssuer,
  workHere = false,
  recovery = null,
  env = {},
  log = pino({ level: 'silent' }),
}: StageOptions = {}): Promise<Stage> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const secret = randomBytes(24).toString('hex');
  const github = await startGithub(publicKeyPem);
  try {
    const config = readConfig({
      PORT: '0',
      ...env,
      APP_ID: String(APP.id),
      PRIVATE_KEY: key,
      WEBHOOK_SECRET: secret,
      HOST: '127.0.0.1',
    });
    const codered = await startCodeRed(
      { ...config, githubApiUrl: github.url, brain: backend },
      { log, brain, pollMs: 100, writeSpacingMs, tokenIssuer, workHere, recovery },
    );
    github.webhook.target = { url: `${codered.url}/api/github/webhooks`, secret };
    const close = async () => {
      await codered.close();
      await github.close();
    };
    return { codered, github, privateKey: key, close };
  } catch (error) {
    await github.close();
    throw error;
  }
}

/** The stand-in for GitHub; throws `Misconfigured` when the development dependencies that it needs are not installed. */
async function startGithub(publicKeyPem: string): Promise<GithubStandIn> {
  try {
    return await startGithubStandIn({ appId: APP.id, publicKeyPem, appSlug: APP.slug });
  } catch (error) {
    if (error instanceof MissingPackage) throw new Misconfigured(error.message, { cause: error });
    throw error;
  }
}

/** Plays the scenes one after the other and waits after each until CodeRed has nothing left to do. */
export async function playStory(
  { codered, github }: Stage,
  scenes: readonly Scene[],
  onScene: (scene: Scene, played: { deliveries: number; writes: readonly string[]; tookMs: number }) => void,
): Promise<Life> {
  const life = tellLife(outlineOf(scenes, APP));
  life.prepare(github.state);
  for (const [index, scene] of scenes.entries()) {
    const deliveries = life.deliveries.filter(({ moment }) => moment === index);
    const before = github.requests.length;
    const startedAt = performance.now();
    for (const { event, payload, guid, effect } of deliveries) {
      effect(github.state);
      const { status } = await github.deliver(event, payload, { guid });
      if (status !== 202) throw new Rejected(`CodeRed answered ${status} to the delivery of ${event} ${guid}`);
    }
    await codered.idle(SETTLE_MS);
    const tookMs = Math.round(performance.now() - startedAt);
    onScene(scene, { deliveries: deliveries.length, writes: writesOf(github, before), tookMs });
  }
  return life;
}

/** What CodeRed wrote since, in words. */
function writesOf({ requests }: GithubStandIn, from: number): string[] {
  return requests
    .slice(from)
    .filter(({ method, status, path }) => method !== 'GET' && status < 300 && !path.includes('/access_tokens'))
    .map(({ method, path }) => {
      const what = path.includes('/check-runs') ? 'check run' : 'comment';
      if (method === 'DELETE') return `deletes a ${what}`;
      return method === 'POST' ? `makes a ${what}` : `edits the ${what}`;
    });
}

/** The comments and check runs of CodeRed on every pull request, as the stand-in holds them. */
export function outcomesOf({ github }: Stage, { repository }: Life): Outcome[] {
  const inside = github.state.repositories.get(repository.id);
  if (inside === undefined) return [];
  return [...inside.pulls.values()].map((pull) => ({
    pull: pull.number,
    title: pull.title,
    comments: [...inside.comments.values()].filter(({ pullNumber }) => pullNumber === pull.number),
    checkRuns: [...inside.checkRuns.values()].filter(
      ({ headSha, appSlug }) => headSha === pull.head.sha && appSlug === APP.slug,
    ),
  }));
}
