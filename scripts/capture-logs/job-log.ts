// Wraps what a job's steps printed in the form of a GitHub Actions job log: what the runner itself writes around them, as
// actions/runner 2.332 does.
import { createHash } from 'node:crypto';
import { asRunnerWrites } from './frame/as-runner-writes.ts';
import { checkoutOf } from './frame/checkout.ts';
import type { FrameAction } from './frame/frame-action.ts';
import { GIT } from './frame/known-matchers.ts';
import { createMarker, type ProblemMatcher } from './frame/problem-matchers.ts';
import { type JobStep, type Stage, stampStages } from './frame/stamps.ts';
import { matchersOf, setUpActionsOf } from './frame/tools-of-a-job.ts';
import type { Step } from './recipe.ts';

export interface LoggedStep {
  step: Step;
  output: string;
  /** null: the runner wrote no closing line. */
  exit: number | null;
  /** How long nothing came before the last line. */
  silentMinutes?: number;
}

export interface JobLog {
  name: string;
  job: string;
  steps: LoggedStep[];
  noTearDown: boolean;
  /** Lines of the job's own set-up that replace every step. */
  setUpFailure: string | null;
  /** What is installed for the job, besides what its scripts name. */
  needs: readonly string[];
  /** False: no action registers its problem matchers. */
  hasMatchers?: boolean;
  /** What a post step prints that fails. */
  failingPost?: { uses: string; prints: readonly string[] };
}

/** Of so many jobs one has the older versions of its actions, or checks out a pull request. */
const EVERY = 4;

/**
 * The raw log, one timestamp for each entry, and the job's steps as GitHub's API lists them. Times come from the name, not from the
 * clock, so a log made again differs only where the tool's words differ.
 */
export function renderJobLog(log: JobLog): { text: string; steps: JobStep[] } {
  const seed = createHash('sha256').update(log.name).digest();
  const checkout = checkoutOf({ sha: hex(seed, 'commit'), ofPull: (seed[7] ?? 0) % EVERY === 0 });
  const isOlder = (seed[8] ?? 0) % EVERY === 0;
  const actions =
    log.setUpFailure === null
      ? [
          checkout,
          ...setUpActionsOf(
            log.steps.map(({ step }) => step),
            log.needs,
          ),
        ].filter(isNoOwnStep(log))
      : [];
  const versions = new Map(
    actions.map((one) => [one, `${one.uses}@${(isOlder && one.versions[1]) || one.versions[0]}`]),
  );
  const nameOf = (action: FrameAction) => versions.get(action) ?? action.uses;

  const stages: Stage[] = [
    { name: 'Set up job', failed: log.setUpFailure !== null, entries: setUp(log, [...versions.values()], seed) },
  ];
  const exported: Record<string, string> = {};
  for (const action of actions) {
    const header = actionHeader(nameOf(action), action.inputs, exported);
    stages.push({ name: `Run ${nameOf(action)}`, failed: false, entries: [...header, ...action.prints] });
    Object.assign(exported, action.exports);
    for (const script of action.scripts ?? [])
      stages.push(ownStep({ step: { run: script }, output: '', exit: 0 }, exported, []));
  }
  const ran = log.setUpFailure === null ? log.steps : [];
  const matchers =
    log.hasMatchers === false
      ? []
      : matchersOf(
          ran.map(({ step }) => step),
          log.needs,
        );
  for (const step of ran) stages.push(ownStep(step, exported, matchers));
  if (!log.noTearDown) stages.push(...tearDown(log, actions, nameOf, isOlder));
  return stampStages(stages, seed);
}

function isNoOwnStep({ steps }: JobLog): (action: FrameAction) => boolean {
  return ({ uses }) => !steps.some(({ step }) => step.uses?.split('@', 1)[0] === uses);
}

function setUp(log: JobLog, actions: readonly string[], seed: Buffer): string[] {
  const own = log.steps.flatMap(({ step }) => (step.uses === undefined || step.uses.startsWith('.') ? [] : step.uses));
  const downloads = [...actions, ...own].filter((uses) => !uses.startsWith('docker://'));
  const end = [
    ...downloads.map((uses) => `Download action repository '${uses}' (SHA:${hex(seed, uses)})`),
    `Complete job name: ${log.job}`,
  ];
  return [
    "Current runner version: '2.332.0'",
    ...['##[group]Runner Image Provisioner', 'Hosted Compute Agent', 'Version: 20260213.493', '##[endgroup]'],
    ...['##[group]Operating System', 'Ubuntu', '24.04.3', 'LTS', '##[endgroup]'],
    ...['##[group]Runner Image', 'Image: ubuntu-24.04', 'Version: 20260302.42.1'],
    'Included Software: https://github.com/actions/runner-images/blob/ubuntu24/20260302.42/images/ubuntu/Ubuntu2404-Readme.md',
    'Image Release: https://github.com/actions/runner-images/releases/tag/ubuntu24%2F20260302.42',
    ...['##[endgroup]', '##[group]GITHUB_TOKEN Permissions', 'Contents: read', 'Metadata: read', 'Packages: read'],
    ...['##[endgroup]', 'Secret source: Actions', 'Prepare workflow directory', 'Prepare all required actions'],
    ...(log.setUpFailure === null && downloads.length === 0 ? [] : ['Getting action download info']),
    ...(log.setUpFailure === null ? end : asRunnerWrites(log.setUpFailure, null)),
  ];
}

function ownStep(
  { step, output, exit, silentMinutes = 0 }: LoggedStep,
  exported: Record<string, string>,
  matchers: readonly ProblemMatcher[],
): Stage {
  const env = { ...exported, ...step.env };
  const isCheckout = step.uses?.startsWith('actions/checkout@') === true;
  const marker = createMarker(isCheckout ? [...GIT, ...matchers] : matchers);
  // The runner writes this line for a script, not for an action.
  const closing = exit && !step.uses ? [`##[error]Process completed with exit code ${exit}.`] : [];
  return {
    name: `Run ${step.uses ?? firstLine(step.run)}`,
    failed: exit !== 0,
    silentMinutes,
    entries: [
      ...(step.uses ? actionHeader(step.uses, step.with ?? {}, env) : scriptHeader(step.run, env)),
      ...asRunnerWrites(output, marker),
      ...closing,
    ],
  };
}

/** The line by which the log shows that a step begins. */
export function headOf(step: Step): string {
  return `##[group]Run ${step.uses ?? firstLine(step.run)}`;
}

function firstLine(script: string): string {
  return script.trimStart().split('\n', 1)[0] ?? '';
}

function scriptHeader(script: string, env: Record<string, string>): string[] {
  const shown = script.replace(/\n+$/, '').split('\n');
  return [
    `##[group]Run ${firstLine(script)}`,
    ...shown.map((line) => `\u001b[36;1m${line}\u001b[0m`),
    'shell: /usr/bin/bash -e {0}',
    ...pairs('env:', env),
    '##[endgroup]',
  ];
}

function actionHeader(uses: string, inputs: Readonly<Record<string, string>>, env: Record<string, string>): string[] {
  return [`##[group]Run ${uses}`, ...pairs('with:', inputs), ...pairs('env:', env), '##[endgroup]'];
}

/** A value of several lines is one entry. */
function pairs(title: string, values: Readonly<Record<string, string>>): string[] {
  const shown = Object.entries(values).filter(([, value]) => value !== '' || title === 'env:');
  return shown.length === 0 ? [] : [title, ...shown.map(([key, value]) => `  ${key}: ${value}`)];
}

function tearDown(
  log: JobLog,
  actions: readonly FrameAction[],
  nameOf: (action: FrameAction) => string,
  isOlder: boolean,
): Stage[] {
  const hasPassed = log.setUpFailure === null && log.steps.every(({ exit }) => exit === 0);
  const posts = actions.toReversed().flatMap((action): Stage[] =>
    action.post === null || !(hasPassed || action.post.isAlways)
      ? []
      : [
          {
            name: `Post Run ${nameOf(action)}`,
            failed: false,
            entries: ['Post job cleanup.', ...action.post.prints],
          },
        ],
  );
  const { failingPost } = log;
  const failed: Stage[] =
    failingPost === undefined
      ? []
      : [{ name: `Post Run ${failingPost.uses}`, failed: true, entries: ['Post job cleanup.', ...failingPost.prints] }];
  const onNode20 = isOlder ? actions.filter(({ versions }) => versions.length > 1).map(nameOf) : [];
  const warning = `##[warning]Node.js 20 actions are deprecated. The following actions are running on Node.js 20 and may not work as expected: ${onNode20.sort().join(', ')}. Actions will be forced to run with Node.js 24 by default starting June 2nd, 2026. Node.js 20 will be removed from the runner on September 16th, 2026. Please check if updated versions of these actions are available that support Node.js 24. To opt into Node.js 24 now, set the FORCE_JAVASCRIPT_ACTIONS_TO_NODE24=true environment variable on the runner or in your workflow file. Once Node.js 24 becomes the default, you can temporarily opt out by setting ACTIONS_ALLOW_USE_UNSECURE_NODE_VERSION=true. For more information see: https://github.blog/changelog/2025-09-19-deprecation-of-node-20-on-github-actions-runners/`;
  const end = {
    name: 'Complete job',
    failed: false,
    entries: ['Cleaning up orphan processes', ...(onNode20.length > 0 ? [warning] : [])],
  };
  return [...failed, ...posts, end];
}

function hex(seed: Buffer, word: string): string {
  return createHash('sha1').update(seed).update(word).digest('hex');
}
