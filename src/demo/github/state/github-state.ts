// Everything the stand-in for GitHub knows: installations, repositories and what is in them. In memory, freely editable,
// so that tests can delete a comment, lock a pull request or move a head.

import type {
  Account,
  Artifact,
  CheckRun,
  Comment,
  Commit,
  Deployment,
  DeploymentStatus,
  Installation,
  Job,
  JobLog,
  PullFile,
  PullRequest,
  Reaction,
  Repository,
  RuleSuite,
  WorkflowRun,
} from './records.ts';
import { fullName } from './retell.ts';
import { createSignInState, type SignInState } from './sign-in-state.ts';

/** One repository and its content. Edit the maps directly to make something vanish or change behind the App's back. */
export interface RepositoryState {
  /** Replace it to rename the repository: `findRepository` still knows the former names. */
  repository: Repository;
  /** Null when the App is not installed on it. */
  installationId: number | null;
  pulls: Map<number, PullRequest>;
  /** The numbers of the pull requests each commit belongs to, former heads and merge commits too. */
  pullsOfCommit: Map<string, Set<number>>;
  comments: Map<number, Comment>;
  /** On comments, by the comment's id. */
  reactions: Map<number, Reaction[]>;
  /** By login: `admin`, `maintain`, `write`, `triage`, `read` or `none`; whoever is not in it may read what is public. */
  roles: Map<string, string>;
  checkRuns: Map<number, CheckRun>;
  /** Keyed by `runKey`: one entry per attempt. */
  runs: Map<string, WorkflowRun>;
  jobs: Map<number, Job>;
  /** Per job id; a job without an entry answers 404. */
  logs: Map<number, JobLog>;
  artifacts: Map<number, Artifact>;
  /** Files that a pull request changes, by its number; none when nothing is said. */
  pullFiles: Map<number, PullFile[]>;
  /** Numbers of pull requests that conflict with their base. */
  conflicts: Set<number>;
  /** Text files of the default branch by path. */
  files: Map<string, string>;
  /**
   * Text files by path as they stand at a commit, on another branch or at a tag, by its SHA, by its name, short (branches alone)
   * or full (`refs/tags/v1`); what is not listed is not there.
   */
  filesAt: Map<string, Map<string, string>>;
  /** The SHA of each commit's tree; a commit without an entry is one that GitHub does not know. */
  trees: Map<string, string>;
  /** Trees and commits that were made over the API, by their SHA. */
  madeTrees: Map<string, ReadonlyMap<string, string>>;
  madeCommits: Map<string, { tree: string; parents: readonly string[]; message: string }>;
  /** What the App answered for deployments that were held back. */
  deploymentAnswers: { runId: number; environment: string; state: string; comment: string }[];
  ruleSuites: Map<number, RuleSuite>;
  /** By id; statuses oldest first. */
  deployments: Map<number, { deployment: Deployment; statuses: DeploymentStatus[] }>;
  /** Of the default branch, oldest first. */
  commits: Commit[];
  formerNames: Set<string>;
}

/** The whole state and the few verbs that change several places of it at once. */
export interface GithubState {
  installations: Map<number, Installation>;
  repositories: Map<number, RepositoryState>;
  /** The logins in each team, by `org/slug`. */
  teams: Map<string, Set<string>>;
  /** Apps that were made from a manifest, by the code that exchanges for them. */
  madeApps: Map<
    string,
    { id: number; slug: string; pem: string; webhookSecret: string; clientId?: string; clientSecret?: string }
  >;
  signIn: SignInState;
  /** Accounts by id, beside those of the story; one of the story's that is here has that login now. */
  people: Map<number, Account>;
  /** The next number for something GitHub makes: a comment, a check run. */
  nextId(): number;
  addInstallation(installation: Installation): void;
  /** Adds the repository, or returns the one that is already there under its id. */
  addRepository(repository: Repository, installationId: number | null): RepositoryState;
  /** By owner and name in any case, former names too, as GitHub finds it. */
  findRepository(owner: string, name: string): RepositoryState | null;
  /** Gives the repository another name; requests under the old one are redirected. */
  renameRepository(id: number, name: string): void;
  /** Adds or replaces the pull request; its head and merge commit are remembered as belonging to it. */
  putPull(repositoryId: number, pull: PullRequest): void;
  /** Adds or replaces one attempt of a run. */
  putRun(repositoryId: number, run: WorkflowRun): void;
  /** Adds or replaces the job and the check run of the same id that GitHub Actions keeps for it. */
  putJob(repositoryId: number, job: Job): void;
  /** A comment as somebody else would write it in the browser. */
  addComment(repositoryId: number, comment: { pullNumber: number; author: Account; body: string }): Comment;
}

/** The key of one attempt in `RepositoryState.runs`. */
export const runKey = (id: number, attempt: number): string => `${id}/${attempt}`;

/** GitHub's form of a time: UTC, whole seconds. */
export const githubTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** An empty GitHub. Asking for a repository id that was never added throws: a test's mistake, not an answer. */
export function createGithubState(): GithubState {
  const installations = new Map<number, Installation>();
  const repositories = new Map<number, RepositoryState>();
  let lastId = 4_000_000_000;
  const nextId = (): number => ++lastId;
  const inside = (id: number): RepositoryState => {
    const found = repositories.get(id);
    if (found) return found;
    throw new RangeError(`no repository ${id} in the stand-in: add it with addRepository`);
  };
  return {
    installations,
    repositories,
    teams: new Map(),
    madeApps: new Map(),
    signIn: createSignInState(),
    people: new Map(),
    nextId,
    addInstallation: (installation) => void installations.set(installation.id, installation),
    addRepository(repository, installationId) {
      const known = repositories.get(repository.id) ?? emptyRepository(repository, installationId);
      repositories.set(repository.id, known);
      return known;
    },
    findRepository: (owner, name) => findByName([...repositories.values()], `${owner}/${name}`),
    renameRepository(id, name) {
      const known = inside(id);
      known.formerNames.add(fullName(known.repository).toLowerCase());
      known.repository = { ...known.repository, name };
    },
    putPull: (repositoryId, pull) => storePull(inside(repositoryId), pull),
    putRun: (repositoryId, run) => void inside(repositoryId).runs.set(runKey(run.id, run.attempt), run),
    putJob(repositoryId, job) {
      inside(repositoryId).jobs.set(job.id, job);
      storeJobCheck(inside(repositoryId), job);
    },
    addComment(repositoryId, comment) {
      const now = githubTime(Date.now());
      const added: Comment = { ...comment, id: nextId(), viaApp: false, createdAt: now, updatedAt: now };
      inside(repositoryId).comments.set(added.id, added);
      return added;
    },
  };
}

function emptyRepository(repository: Repository, installationId: number | null): RepositoryState {
  return {
    repository,
    installationId,
    pulls: new Map(),
    pullsOfCommit: new Map(),
    comments: new Map(),
    reactions: new Map(),
    roles: new Map(),
    checkRuns: new Map(),
    runs: new Map(),
    jobs: new Map(),
    logs: new Map(),
    artifacts: new Map(),
    pullFiles: new Map(),
    conflicts: new Set(),
    files: new Map(),
    filesAt: new Map(),
    trees: new Map(),
    madeTrees: new Map(),
    madeCommits: new Map(),
    deploymentAnswers: [],
    ruleSuites: new Map(),
    deployments: new Map(),
    commits: [],
    formerNames: new Set(),
  };
}

function findByName(repositories: RepositoryState[], name: string): RepositoryState | null {
  const wanted = name.toLowerCase();
  const current = repositories.find(({ repository }) => fullName(repository).toLowerCase() === wanted);
  return current ?? repositories.find(({ formerNames }) => formerNames.has(wanted)) ?? null;
}

function storePull(inside: RepositoryState, pull: PullRequest): void {
  inside.pulls.set(pull.number, pull);
  for (const sha of [pull.head.sha, pull.mergeCommitSha]) {
    if (sha === null) continue;
    const numbers = inside.pullsOfCommit.get(sha) ?? new Set();
    inside.pullsOfCommit.set(sha, numbers.add(pull.number));
  }
}

function storeJobCheck(inside: RepositoryState, job: Job): void {
  const known = inside.checkRuns.get(job.id);
  inside.checkRuns.set(job.id, {
    id: job.id,
    name: job.name,
    headSha: job.headSha,
    appSlug: 'github-actions',
    externalId: '',
    detailsUrl: null,
    status: job.status === 'waiting' ? 'queued' : job.status,
    conclusion: job.conclusion,
    startedAt: job.startedAt,
    completedAt: job.completedAt,
    output: { title: null, summary: null, text: null },
    annotations: known?.annotations ?? [],
  });
}
