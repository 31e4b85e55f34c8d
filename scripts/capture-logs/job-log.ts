// Wraps what a step printed in the form of a GitHub Actions job log. Only scripts/capture-logs imports this.
import { createHash } from 'node:crypto';
import type { Step } from './recipe.ts';

export interface LoggedStep {
  step: Step;
  output: string;
  /** null: the runner wrote no closing line. */
  exit: number | null;
}

export interface JobLog {
  name: string;
  job: string;
  steps: LoggedStep[];
  noTearDown: boolean;
  /** Lines of the job's own set-up that replace every step. */
  setUpFailure: string | null;
}

const workspace = '/home/runner/work/app/app';
/** Commands that leave a line in the log; the others only set something. */
const shown = new Set(['error', 'warning', 'notice', 'group', 'endgroup']);

/**
 * The raw log, one timestamp per line. Times come from the name, not from the clock, so a log made again differs
 * only where the tool's words differ.
 */
export function renderJobLog(log: JobLog): string {
  const seed = createHash('sha256').update(log.name).digest();
  const lines = [...runnerLines(log, seed)];
  if (log.setUpFailure !== null) lines.push(...split(log.setUpFailure));
  else {
    lines.push(...checkoutLines(seed));
    for (const step of log.steps) lines.push(...stepLines(step));
  }
  if (!log.noTearDown) lines.push(...tearDownLines(log.setUpFailure !== null));
  return `${stamp(lines, seed).join('\n')}\n`;
}

function runnerLines(log: JobLog, seed: Buffer): string[] {
  return [
    "Current runner version: '2.331.0'",
    '##[group]Runner Image Provisioner',
    'Hosted Compute Agent',
    'Version: 20260123.484',
    '##[endgroup]',
    '##[group]Operating System',
    'Ubuntu',
    '24.04.3',
    'LTS',
    '##[endgroup]',
    '##[group]Runner Image',
    'Image: ubuntu-24.04',
    'Version: 20260126.10.1',
    'Included Software: https://github.com/actions/runner-images/blob/ubuntu24/20260126.10/images/ubuntu/Ubuntu2404-Readme.md',
    'Image Release: https://github.com/actions/runner-images/releases/tag/ubuntu24%2F20260126.10',
    '##[endgroup]',
    '##[group]GITHUB_TOKEN Permissions',
    'Contents: read',
    'Metadata: read',
    'Packages: read',
    '##[endgroup]',
    'Secret source: Actions',
    'Prepare workflow directory',
    'Prepare all required actions',
    'Getting action download info',
    ...(log.setUpFailure === null
      ? [
          `Download action repository 'actions/checkout@v5' (SHA:${hex(seed, 'action')})`,
          `Complete job name: ${log.job}`,
        ]
      : []),
  ];
}

function checkoutLines(seed: Buffer): string[] {
  const sha = hex(seed, 'commit');
  return [
    '##[group]Run actions/checkout@v5',
    'with:',
    '  repository: octo-org/app',
    '  token: ***',
    '  ssh-strict: true',
    '  persist-credentials: true',
    '  clean: true',
    '  fetch-depth: 1',
    '  set-safe-directory: true',
    '##[endgroup]',
    'Syncing repository: octo-org/app',
    '##[group]Getting Git version info',
    `Working directory is '${workspace}'`,
    '[command]/usr/bin/git version',
    'git version 2.52.0',
    '##[endgroup]',
    '##[group]Initializing the repository',
    `[command]/usr/bin/git init ${workspace}`,
    "hint: Using 'master' as the name for the initial branch. This default branch name",
    'hint: will change to "main" in Git 3.0. To configure the initial branch name',
    'hint: to use in all of your new repositories, which will suppress this warning,',
    `Initialized empty Git repository in ${workspace}/.git/`,
    '[command]/usr/bin/git remote add origin https://github.com/octo-org/app',
    '##[endgroup]',
    '##[group]Fetching the repository',
    `[command]/usr/bin/git -c protocol.version=2 fetch --no-tags --prune --no-recurse-submodules --depth=1 origin +${sha}:refs/remotes/pull/42/merge`,
    'From https://github.com/octo-org/app',
    ` * [new ref]         ${sha} -> pull/42/merge`,
    '##[endgroup]',
    '##[group]Checking out the ref',
    '[command]/usr/bin/git checkout --progress --force refs/remotes/pull/42/merge',
    '##[endgroup]',
    '[command]/usr/bin/git log -1 --format=%H',
    sha,
  ];
}

function stepLines({ step, output, exit }: LoggedStep): string[] {
  const title = step.uses ?? step.run.split('\n')[0];
  const script = step.uses
    ? ['with:', ...Object.entries(step.with ?? {}).map(([key, value]) => `  ${key}: ${value}`)]
    : [...step.run.split('\n').map((line) => `\u001b[36;1m${line}\u001b[0m`), 'shell: /usr/bin/bash -e {0}'];
  const env = Object.entries({ CI: 'true', ...step.env }).map(([key, value]) => `  ${key}: ${value}`);
  // The runner writes this line for a script, not for an action written in JavaScript.
  const closing = exit && !step.uses ? [`##[error]Process completed with exit code ${exit}.`] : [];
  return [
    `##[group]Run ${title}`,
    ...script,
    'env:',
    ...env,
    '##[endgroup]',
    ...split(output).flatMap(asRunnerWrites),
    ...closing,
  ];
}

/** Workflow commands a tool prints become what the runner writes instead of them. */
function asRunnerWrites(line: string): string[] {
  const command = /^::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line);
  if (!command) return [line];
  const [, name = '', message = ''] = command;
  if (!shown.has(name)) return [];
  const text = message.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  return `##[${name}]${text}`.split('\n');
}

function tearDownLines(beforeSteps: boolean): string[] {
  const checkout = [
    'Post job cleanup.',
    '[command]/usr/bin/git version',
    'git version 2.52.0',
    "Temporarily overriding HOME='/home/runner/work/_temp/7c1d3b52-64fc-4a0b-a9b6-0f6c3f4b8f11' before making global git config changes",
    'Adding repository directory to the temporary git global config as a safe directory',
    `[command]/usr/bin/git config --global --add safe.directory ${workspace}`,
    '[command]/usr/bin/git config --local --name-only --get-regexp core\\.sshCommand',
    '[command]/usr/bin/git config --local --name-only --get-regexp http\\.https\\:\\/\\/github\\.com\\/\\.extraheader',
    'http.https://github.com/.extraheader',
    '[command]/usr/bin/git config --local --unset-all http.https://github.com/.extraheader',
  ];
  return [...(beforeSteps ? [] : checkout), 'Cleaning up orphan processes'];
}

function stamp(lines: string[], seed: Buffer): string[] {
  let ticks = BigInt(Date.UTC(2026, 1, 2 + ((seed[0] ?? 0) % 26), 6 + ((seed[1] ?? 0) % 12))) * 10_000n;
  ticks += BigInt(seed.readUInt32BE(2)) * 8n;
  return lines.map((line, index) => {
    const pause = line.startsWith('##[group]Run ') || line === 'Post job cleanup.' ? 4_000_000n : 700n;
    ticks += pause + BigInt((seed[index % 32] ?? 0) * 37);
    const second = new Date(Number(ticks / 10_000n)).toISOString().slice(0, 19);
    return `${second}.${String(ticks % 10_000_000n).padStart(7, '0')}Z ${line}`;
  });
}

function split(output: string): string[] {
  const lines = output.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function hex(seed: Buffer, word: string): string {
  return createHash('sha1').update(seed).update(word).digest('hex');
}
