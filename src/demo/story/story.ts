// The story that `codered demo` plays: three pull requests and a deployment of one small shop. Pure but for reading the
// logs it quotes; play-story.ts plays it.

import { readFileSync } from 'node:fs';
import { ACCOUNTS } from '../github/state/retell.ts';
import type { JobOutline, LifeOutline, Moment } from './life-outline.ts';

/** One moment of the story with the sentence the terminal says of it. */
export interface Scene {
  readonly says: string;
  readonly moment: Moment;
}

const LINT: JobOutline = { name: 'lint', conclusion: 'success', steps: ['npm ci', 'npm run lint'] };

/** A job's log as a runner wrote it; fixtures/logs/README.md says how each came about. */
function logOf(name: string): string {
  return readFileSync(new URL(`../../../fixtures/logs/${name}.log`, import.meta.url), 'utf8');
}

/** The log of a tool that no pattern knows, in the form in which a runner hands it over. */
function unknownLog(): string {
  const lines = [
    "Current runner version: '2.334.0'",
    '##[group]Run ./scripts/check-prices.sh',
    './scripts/check-prices.sh',
    'shell: /usr/bin/bash -e {0}',
    '##[endgroup]',
    'comparing 212 prices with the price list of 2026-11',
    'article 4711: the shop says 12.90, the list says 11.90',
    'article 4712: the shop says 7.50, the list says 7.05',
    'prices differ in 2 articles, nothing was published',
    '##[error]Process completed with exit code 3.',
    'Cleaning up orphan processes',
  ];
  return lines.map((line, second) => `2026-11-20T13:20:${String(10 + second)}.1042883Z ${line}\n`).join('');
}

/** The scenes in order. */
export function tellStory(): readonly Scene[] {
  return [
    { says: 'CodeRed is installed on octo-org/web-shop', moment: { kind: 'install' } },
    ...brokenDependencies(),
    ...hostileFork(),
    ...alignedVersions(),
    ...flakyTest(),
    ...failedDeployment(),
  ];
}

/** Its first scenes: a pull request whose CI fails. */
export function tellBeginning(): readonly Scene[] {
  return tellStory().slice(0, 1 + brokenDependencies().length);
}

function test(outline: Omit<JobOutline, 'name' | 'steps'>): JobOutline {
  return { name: 'test', steps: ['npm ci', 'npm test'], ...outline };
}

function brokenDependencies(): Scene[] {
  const log = { kept: logOf('npm-peer-dependency-conflict') };
  return [
    {
      says: 'Pull request 1 is opened: "Use React 19"',
      moment: { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
    },
    {
      says: 'Its CI fails: npm cannot resolve the dependencies',
      moment: { kind: 'run', on: 1, jobs: [LINT, test({ conclusion: 'failure', failedStep: 'npm ci', log })] },
    },
  ];
}

function hostileFork(): Scene[] {
  const steps = ['./scripts/check-prices.sh'];
  return [
    {
      says: 'Pull request 2 comes from a fork, on a branch with a hostile name',
      moment: {
        kind: 'open',
        pull: 2,
        title: 'Correct the prices </details> @everyone',
        branch: '`</details>@everyone`',
        author: ACCOUNTS.hacktocat,
        fromFork: true,
      },
    },
    {
      says: 'Its CI fails on something that no pattern knows',
      moment: {
        kind: 'run',
        on: 2,
        jobs: [LINT, { name: 'prices', conclusion: 'failure', steps, log: { kept: unknownLog() } }],
      },
    },
  ];
}

function alignedVersions(): Scene[] {
  return [
    {
      says: 'A commit to pull request 1 aligns the versions',
      moment: { kind: 'commit', pull: 1, message: 'Pin the peer dependency' },
    },
    { says: 'Its CI passes', moment: { kind: 'run', on: 1, jobs: [LINT, test({ conclusion: 'success' })] } },
  ];
}

function flakyTest(): Scene[] {
  const log = { kept: logOf('vitest-timeout') };
  return [
    {
      says: 'Pull request 3 is opened: "Cache the catalogue"',
      moment: { kind: 'open', pull: 3, title: 'Cache the catalogue', branch: 'cache-catalogue' },
    },
    {
      says: 'One of its tests runs into a timeout',
      moment: { kind: 'run', on: 3, jobs: [LINT, test({ conclusion: 'failure', log })] },
    },
    {
      says: 'The failed job is re-run, and passes',
      moment: { kind: 'rerun', on: 3, jobs: [test({ conclusion: 'success' })] },
    },
  ];
}

function failedDeployment(): Scene[] {
  const log = { kept: logOf('npm-registry-unauthorized') };
  return [
    { says: 'Pull request 1 is merged', moment: { kind: 'merge', pull: 1 } },
    {
      says: 'The deployment of the merge fails',
      moment: {
        kind: 'deploy',
        environment: 'production',
        job: { name: 'deploy', conclusion: 'failure', steps: ['npm ci'], log },
      },
    },
  ];
}

/** The outline of the story for `tellLife`. */
export function outlineOf(scenes: readonly Scene[], app: LifeOutline['app']): LifeOutline {
  return { startAt: '2026-11-20T13:00:00Z', app, moments: scenes.map(({ moment }) => moment) };
}
