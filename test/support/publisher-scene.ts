// A repository with one pull request on the stand-in for GitHub, known to a brain, and a publisher between the two.
// For the tests of src/publish.
import { generateKeyPairSync } from 'node:crypto';
import { pino } from 'pino';
import { Probot } from 'probot';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import type { PullRequest, Repository } from '../../src/demo/github/state/records.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { installationOctokit } from '../../src/github/installation.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { RequestedPublication } from '../../src/model/publication.ts';
import type { Outcome } from '../../src/publish/outcome.ts';
import { type ClaimedPublication, type PublishDeps, publishOne } from '../../src/publish/publish.ts';
import { hashOf } from '../../src/report/publication-hash.ts';
import { openTestBrain, ruleBackend, type TestBrain } from './brain.ts';
import { localPauses } from './github-octokit.ts';

export const SHA = 'a'.repeat(40);
export const NEWER_SHA = 'b'.repeat(40);
export const PULL_NUMBER = 3;
const AT = '2026-11-01T10:00:00Z';
const WORKER = 'test publisher';

export interface Stage {
  readonly github: GithubStandIn;
  readonly brain: TestBrain;
  readonly scene: () => Promise<Scene>;
  readonly close: () => Promise<void>;
}

/** Everything is the scene's own: installation, repository, requests and pauses. */
export interface Scene {
  readonly inside: RepositoryState;
  readonly installationId: number;
  /** The publisher's pauses between writes, in milliseconds. */
  readonly pauses: readonly number[];
  readonly request: (desired: RequestedPublication) => Promise<void>;
  /** The next publication of the scene, null when none is due. */
  readonly claim: () => Promise<ClaimedPublication | null>;
  readonly publish: (claimed: ClaimedPublication, deps?: Partial<PublishDeps>) => Promise<Outcome>;
  /** Claims and publishes one; throws when none is due. */
  readonly publishNext: () => Promise<Outcome>;
  /** Makes what was put off due at once. */
  readonly passTime: () => Promise<void>;
  /** The writes that were sent, as `POST /repos/…` below the repository. */
  readonly writes: () => string[];
  readonly moveHead: (sha: string) => void;
}

/** Starts GitHub and a brain for one test file. */
export async function openStage(): Promise<Stage> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const brain = await openTestBrain(ruleBackend);
  const github = await startGithubStandIn({ appId: 42, publicKeyPem: publicKey, appSlug: 'codered' });
  const log = pino({ level: 'silent' });
  const probot = new Probot({ appId: 42, privateKey, baseUrl: github.url, log });
  let scenes = 0;
  return {
    github,
    brain,
    scene: () => {
      scenes += 1;
      return makeScene(scenes, { github, brain, probot, log });
    },
    close: async () => {
      await github.close();
      await brain.close();
    },
  };
}

async function makeScene(
  number: number,
  { github, brain, probot, log }: Pick<Stage, 'github' | 'brain'> & { probot: Probot; log: PublishDeps['log'] },
): Promise<Scene> {
  const installationId = 1000 + number;
  const repository: Repository = {
    id: 2000 + number,
    owner: ACCOUNTS.octoOrg,
    name: `repo-${number}`,
    defaultBranch: 'main',
    private: false,
    fork: false,
    updatedAt: AT,
  };
  const permissions = { checks: 'write', pull_requests: 'write', actions: 'read' } as const;
  github.state.addInstallation({
    id: installationId,
    account: ACCOUNTS.octoOrg,
    permissions,
    createdAt: AT,
    suspendedAt: null,
  });
  const inside = github.state.addRepository(repository, installationId);
  const pull = pullRequest(repository);
  github.state.putPull(repository.id, pull);
  await brain.call('record_facts', { facts: JSON.parse(JSON.stringify(factsOf(repository, installationId))) });

  const pauses: number[] = [];
  const deps: PublishDeps = {
    brain,
    worker: WORKER,
    octokitFor: (id) => installationOctokit(probot, id, localPauses()),
    appId: 42,
    appSlug: 'codered',
    log,
    pause: async (ms) => void pauses.push(ms),
    random: () => 0.5,
  };
  const claim = async () => {
    const claimed = await brain.call('claim_publications', {
      worker: WORKER,
      batch: 10,
      lease_seconds: 60,
      spacing_ms: 0,
    });
    return claimed.find((row) => row.installation_id === installationId) ?? null;
  };
  const publish: Scene['publish'] = (claimed, other = {}) => publishOne(claimed, { ...deps, ...other });
  return {
    inside,
    installationId,
    pauses,
    claim,
    publish,
    request: async (desired) => {
      await brain.call('request_publication', {
        repository_id: repository.id,
        kind: desired.kind,
        target:
          desired.kind === 'comment' ? String(desired.pull_request_number) : `${desired.head_sha}:${desired.name}`,
        desired: JSON.parse(JSON.stringify(desired)),
        desired_hash: hashOf(desired),
      });
    },
    publishNext: async () => {
      const claimed = await claim();
      if (claimed === null) throw new Error('nothing is due');
      return publish(claimed);
    },
    passTime: async () => {
      await brain.script(`update codered.publications set available_at = now() where available_at < 'infinity';
        update codered.installations set next_write_at = now();`);
    },
    writes: () => {
      const below = `/repos/octo-org/${repository.name}`;
      const sent = github.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith(`${below}/`));
      return sent.map(({ method, path }) => `${method} ${path.slice(below.length)}`);
    },
    moveHead: (sha) => github.state.putPull(repository.id, { ...pull, head: { ...pull.head, sha } }),
  };
}

function pullRequest(repository: Repository): PullRequest {
  return {
    id: 1,
    number: PULL_NUMBER,
    title: 'Use React 19',
    state: 'open',
    draft: false,
    locked: false,
    author: ACCOUNTS.octocat,
    head: { ref: 'react-19', sha: SHA, repository },
    base: { ref: 'main', sha: 'f'.repeat(40) },
    createdAt: AT,
    updatedAt: AT,
    closedAt: null,
    mergedAt: null,
    mergeCommitSha: null,
    commits: 1,
  };
}

function factsOf(repository: Repository, installation_id: number): Partial<Facts> {
  const { id, owner, name } = repository;
  return {
    installations: [
      {
        id: installation_id,
        account_login: owner.login,
        account_id: owner.id,
        account_type: owner.type,
        repository_selection: 'all',
        permissions: {},
        suspended_at: null,
        deleted_at: null,
        source_updated_at: AT,
      },
    ],
    repositories: [
      {
        id,
        installation_id,
        owner: owner.login,
        name,
        private: false,
        default_branch: 'main',
        archived: false,
        tells_presence: false,
        deleted_at: null,
        source_updated_at: AT,
      },
    ],
  };
}
