// Tells the life of a repository from an outline: the webhooks GitHub would send, in order, and what each makes true.

import type { GithubState } from '../github/state/github-state.ts';
import type { Account, Installation, PullRequest, Repository } from '../github/state/records.ts';
import { ACCOUNTS } from '../github/state/retell.ts';
import { deploy, otherCheck, status } from './life-elsewhere.ts';
import type { LifeOutline, Moment } from './life-outline.ts';
import { completeRun, playJobs, pullOf, requestRerun, requestRun } from './life-runs.ts';
import { installationPayload, pullRequestPayload, pushPayload, repositoryRenamedPayload } from './payloads.ts';
import { createTeller, type LifeDelivery, type Teller } from './teller.ts';

/** A life of a repository as webhooks, ready to be sent. */
export interface Life {
  repository: Repository;
  installation: Installation;
  deliveries: LifeDelivery[];
  /** Puts the installation and the repository into the stand-in; call it before the first effect. */
  prepare(state: GithubState): void;
}

/** The outline's webhooks, each valid against GitHub's description; the same outline gives the same bytes. */
export function tellLife(outline: LifeOutline): Life {
  const teller = createTeller(outline);
  const { repository, installation } = teller;
  for (const [index, moment] of outline.moments.entries()) {
    teller.moment = index;
    teller.pass(60);
    tellMoment(teller, moment);
  }
  return {
    repository,
    installation,
    deliveries: teller.deliveries,
    prepare(state) {
      state.addInstallation({ ...installation });
      state.addRepository({ ...repository }, installation.id);
    },
  };
}

function tellMoment(teller: Teller, moment: Moment): void {
  if (moment.kind === 'install') install(teller);
  else if (moment.kind === 'open') open(teller, moment);
  else if (moment.kind === 'commit') commit(teller, moment);
  else if (moment.kind === 'run' || moment.kind === 'rerun') run(teller, moment);
  else if (moment.kind === 'merge') merge(teller, moment.pull);
  else if (moment.kind === 'push') pushToDefault(teller, moment.message);
  else if (moment.kind === 'deploy') deploy(teller, moment);
  else if (moment.kind === 'other check') otherCheck(teller, moment);
  else if (moment.kind === 'status') status(teller, moment);
  else if (moment.kind === 'rename') rename(teller, moment.name);
  else moment satisfies never;
}

type Of<Kind extends Moment['kind']> = Extract<Moment, { kind: Kind }>;

function install(teller: Teller): void {
  const { installation, app } = teller;
  const payload = installationPayload(teller.scene(ACCOUNTS.codertocat), { installation, app });
  teller.emit('installation', payload, () => undefined);
}

function open(
  teller: Teller,
  { pull: number, title, branch, author = ACCOUNTS.codertocat, fromFork }: Of<'open'>,
): void {
  const { repository, mainSha } = teller;
  const fork = { ...repository, id: teller.nextId(), owner: author, fork: true };
  const at = teller.now();
  const opened: PullRequest = {
    id: teller.nextId(),
    number,
    title,
    state: 'open',
    draft: false,
    locked: false,
    author,
    head: { ref: branch, sha: teller.nextSha(), repository: fromFork ? fork : repository },
    base: { ref: repository.defaultBranch, sha: mainSha },
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    mergedAt: null,
    mergeCommitSha: null,
    commits: 1,
  };
  push(teller, opened, { before: mainSha, message: title });
  emitPull(teller, 'opened', { pull: opened, sender: author });
}

function commit(teller: Teller, { pull: number, message }: Of<'commit'>): void {
  const known = pullOf(teller, number);
  const head = { ...known.head, sha: teller.nextSha() };
  const pull = { ...known, head, updatedAt: teller.now(), commits: known.commits + 1 };
  push(teller, pull, { before: known.head.sha, message });
  emitPull(teller, 'synchronize', { pull, sender: known.author, before: known.head.sha });
}

/** GitHub sends a push to a fork to the fork's Apps only. */
function push(
  teller: Teller,
  { head, author }: PullRequest,
  { before, message }: { before: string; message: string },
): void {
  if (head.repository?.id !== teller.repository.id) return;
  pushed(teller, { branch: head.ref, before, sha: head.sha, author, message });
}

function pushed(
  teller: Teller,
  {
    branch,
    before,
    sha,
    author,
    message,
  }: { branch: string; before: string; sha: string; author: Account; message: string },
): void {
  const commits = [{ sha, message, author, at: teller.now(), added: [], modified: ['package.json'] }];
  const { id, defaultBranch } = teller.repository;
  teller.emit('push', pushPayload(teller.scene(author), { branch, before, commits }), ({ repositories }) => {
    if (branch === defaultBranch) repositories.get(id)?.commits.push(...commits);
  });
  teller.pass(1);
}

function emitPull(
  teller: Teller,
  action: 'opened' | 'synchronize' | 'closed',
  { pull, sender, before }: { pull: PullRequest; sender: Account; before?: string },
): void {
  const { id } = teller.repository;
  teller.pulls.set(pull.number, pull);
  const subject = before === undefined ? { pull } : { pull, before };
  teller.emit('pull_request', pullRequestPayload(teller.scene(sender), action, subject), (state) =>
    state.putPull(id, pull),
  );
}

function run(teller: Teller, moment: Of<'run'> | Of<'rerun'>): void {
  const { on: place, workflow = 'CI', jobs } = moment;
  const stored =
    moment.kind === 'run'
      ? requestRun(teller, { place, workflow, event: moment.event })
      : requestRerun(teller, { place, workflow });
  if (jobs.length > 0) playJobs(teller, stored, jobs);
  completeRun(teller, stored, moment.kind === 'run' ? moment.conclusion : undefined);
}

function merge(teller: Teller, number: number): void {
  const known = pullOf(teller, number);
  const at = teller.now();
  const closed = {
    state: 'closed',
    mergeCommitSha: teller.nextSha(),
    closedAt: at,
    mergedAt: at,
    updatedAt: at,
  } as const;
  const message = `Merge pull request #${number} from ${known.head.repository?.owner.login}/${known.head.ref}`;
  emitPull(teller, 'closed', { pull: { ...known, ...closed }, sender: ACCOUNTS.codertocat });
  pushToDefault(teller, message, closed.mergeCommitSha);
}

function pushToDefault(teller: Teller, message: string, sha = teller.nextSha()): void {
  const before = teller.mainSha;
  teller.mainSha = sha;
  pushed(teller, { branch: teller.repository.defaultBranch, before, sha, author: ACCOUNTS.codertocat, message });
}

function rename(teller: Teller, name: string): void {
  const former = teller.repository;
  teller.repository = { ...former, name, updatedAt: teller.now() };
  const payload = repositoryRenamedPayload(teller.scene(ACCOUNTS.codertocat), former.name);
  teller.emit('repository', payload, (state) => state.renameRepository(former.id, name));
}
