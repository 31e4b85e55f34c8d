// What actions/checkout prints in its step, and in its post step at the end of the job.
import type { FrameAction } from './frame-action.ts';
import { GIT } from './known-matchers.ts';

const workspace = '/home/runner/work/app/app';
const temporary = '/home/runner/work/_temp/7c1d3b52-64fc-4a0b-a9b6-0f6c3f4b8f11';
const git = '[command]/usr/bin/git';

const safeDirectory = [
  `Temporarily overriding HOME='${temporary}' before making global git config changes`,
  'Adding repository directory to the temporary git global config as a safe directory',
  `${git} config --global --add safe.directory ${workspace}`,
];
const EXTRA_HEADER = 'http\\.https\\:\\/\\/github\\.com\\/\\.extraheader';
const sshCommand = `${git} config --local --name-only --get-regexp core\\.sshCommand`;
const header = `${git} config --local --name-only --get-regexp ${EXTRA_HEADER}`;
/** The step has these lines too, before it sets the header; there they are left out, for they are long. */
const ofSubmodules = (pattern: string, key: string) =>
  `${git} submodule foreach --recursive sh -c "git config --local --name-only --get-regexp '${pattern}' && git config --local --unset-all '${key}' || :"`;

/** The checkout of a push to the main branch, or of a pull request's merge commit. */
export function checkoutOf({ sha, ofPull }: { sha: string; ofPull: boolean }): FrameAction {
  const [from, to] = ofPull ? [sha, 'refs/remotes/pull/42/merge'] : [sha, 'refs/remotes/origin/main'];
  return {
    uses: 'actions/checkout',
    versions: ['v5', 'v4'],
    inputs: {
      ...{ repository: 'octo-org/app', token: '***', 'ssh-strict': 'true', 'ssh-user': 'git' },
      ...{ 'persist-credentials': 'true', clean: 'true', 'sparse-checkout-cone-mode': 'true', 'fetch-depth': '1' },
      ...{ 'fetch-tags': 'false', 'show-progress': 'true', lfs: 'false', submodules: 'false' },
      ...{ 'set-safe-directory': 'true' },
    },
    prints: [
      'Syncing repository: octo-org/app',
      ...['##[group]Getting Git version info', `Working directory is '${workspace}'`, `${git} version`],
      ...['git version 2.52.0', '##[endgroup]', ...safeDirectory],
      `Deleting the contents of '${workspace}'`,
      ...['##[group]Initializing the repository', `${git} init ${workspace}`],
      ...["hint: Using 'master' as the name for the initial branch. This default branch name"],
      ...['hint: will change to "main" in Git 3.0. To configure the initial branch name'],
      ...['hint: to use in all of your new repositories, which will suppress this warning,', 'hint: call:', 'hint:'],
      ...['hint: \tgit config --global init.defaultBranch <name>', 'hint:'],
      'hint: Disable this message with "git config set advice.defaultBranchName false"',
      `Initialized empty Git repository in ${workspace}/.git/`,
      ...[`${git} remote add origin https://github.com/octo-org/app`, '##[endgroup]'],
      ...['##[group]Disabling automatic garbage collection', `${git} config --local gc.auto 0`, '##[endgroup]'],
      ...['##[group]Setting up auth', sshCommand, header],
      ...[`${git} config --local http.https://github.com/.extraheader AUTHORIZATION: basic ***`, '##[endgroup]'],
      '##[group]Fetching the repository',
      `${git} -c protocol.version=2 fetch --no-tags --prune --no-recurse-submodules --depth=1 origin +${from}:${to}`,
      'From https://github.com/octo-org/app',
      ` * [new ref]         ${sha} -> ${ofPull ? 'pull/42/merge' : 'origin/main'}`,
      ...['##[endgroup]', '##[group]Determining the checkout info', '##[endgroup]'],
      ...[`${git} sparse-checkout disable`, `${git} config --local --unset-all extensions.worktreeConfig`],
      ...['##[group]Checking out the ref', ...(ofPull ? mergeCommit(sha) : mainBranch()), '##[endgroup]'],
      ...[`${git} log -1 --format=%H`, sha],
    ],
    exports: {},
    matchers: GIT,
    post: {
      isAlways: true,
      prints: [
        ...[`${git} version`, 'git version 2.52.0', ...safeDirectory, sshCommand],
        ...[ofSubmodules('core\\.sshCommand', 'core.sshCommand'), header],
        'http.https://github.com/.extraheader',
        `${git} config --local --unset-all http.https://github.com/.extraheader`,
        ofSubmodules(EXTRA_HEADER, 'http.https://github.com/.extraheader'),
      ],
    },
  };
}

function mainBranch(): string[] {
  return [
    `${git} checkout --progress --force -B main refs/remotes/origin/main`,
    "Switched to a new branch 'main'",
    "branch 'main' set up to track 'origin/main'.",
  ];
}

function mergeCommit(sha: string): string[] {
  return [
    `${git} checkout --progress --force refs/remotes/pull/42/merge`,
    "Note: switching to 'refs/remotes/pull/42/merge'.",
    '',
    "You are in 'detached HEAD' state. You can look around, make experimental",
    'changes and commit them, and you can discard any commits you make in this',
    'state without impacting any branches by switching back to a branch.',
    '',
    'Turn off this advice by setting config variable advice.detachedHead to false',
    '',
    `HEAD is now at ${sha.slice(0, 7)} Merge 1f0c2a4 into 9b7e6d1`,
  ];
}
