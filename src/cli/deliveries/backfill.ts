// `codered backfill`: asks GitHub for the past of repositories.
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { Probot } from 'probot';
import { z } from 'zod';
import { type BackfillEnd, workOnBackfill } from '../../backfill/backfill.ts';
import { estimate } from '../../backfill/estimate.ts';
import { countsOf, missingPart } from '../../backfill/taken.ts';
import { secondsAt } from '../../backfill/windows.ts';
import { type Brain, type BrainLog, openBrain } from '../../brain/client.ts';
import { LIMITS } from '../../config/limits.ts';
import { type Config, readConfig } from '../../config/settings.ts';
import { installationOctokit } from '../../github/installation.ts';
import { Transient } from '../../model/errors.ts';
import { sharedPauses } from '../../pipeline.ts';
import { workerName } from '../../server/workers.ts';
import { type Command, type CommandContext, Misused } from '../terminal/command.ts';
import { printable } from '../terminal/printable.ts';
import { readSince } from '../terminal/since.ts';
import { progressWords } from './backfill-progress.ts';

const help = `codered backfill --repo OWNER/NAME | --org LOGIN [--since 90d] [--jobs] [--logs] [--dry-run] [--json]

Asks GitHub for what happened before CodeRed was there, or while it was not: runs with their attempts, open pull requests with
the runs of their heads, pull requests that changed, deployments, commits of the default branch. It goes through the inbox as
webhooks do, changes nothing that these told, and acts on nothing that is over. CodeRed does the last 35 days by itself when it
is installed, for new repositories, and when an installation is no longer suspended.

  --repo OWNER/NAME  one repository
  --org LOGIN        all repositories of the account that CodeRed sees and that are not archived
  --since 90d        how far back: days, hours, or a time such as 2026-09-01T00:00Z; 35d unless set
  --jobs             with the jobs of every run, one request each; else those of open heads, of the last day, and of a week of the
                     default branch
  --logs             with the causes of failures, for which their logs are read as long as GitHub has them; implies --jobs
  --dry-run          say how much it would be, and store nothing; runs are counted, one request a week
  --json             print one JSON object a line for each repository: { "repository", "state", "counts", "missing", "error" }

It leaves two fifths of the hour's requests to the gate, comments and the sweep, and waits when GitHub says so. Ended by Ctrl-C
or killed, it goes on where it was: run it again, or leave it to a running \`codered serve\`. Ends with 1 when something could
not be had.`;

interface Wanted {
  readonly since: string;
  readonly withJobs: boolean;
  readonly withLogs: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

interface Repository {
  readonly id: number;
  readonly repository: string;
  readonly installation_id: number;
}

async function run(context: CommandContext): Promise<0 | 1> {
  const { repo, org, ...wanted } = readWanted(context.args);
  const config = readConfig(context.env);
  const log: BrainLog = { info: () => {}, warn: (_, message) => context.err(message) };
  const brain = await openBrain(config.brain, { log, mayShare: true });
  try {
    const login = org ?? repo?.slice(0, repo.indexOf('/')) ?? '';
    const known: readonly Repository[] = await brain.call('repositories_of', { login });
    const chosen = known.filter(({ repository }) => repo === null || repository.toLowerCase() === repo.toLowerCase());
    if (chosen.length === 0) {
      const what = repo === null ? `repository of ${printable(login)}` : `repository ${printable(repo)}`;
      context.err(`The database knows no ${what} on which the App is installed, and that is not archived.`);
      return 1;
    }
    const doing = { brain, config, context, wanted };
    let code: 0 | 1 = 0;
    for (const one of chosen) {
      if (context.stop.aborted) break;
      if ((await (wanted.dryRun ? dryRun : backfill)(one, doing)) === 1) code = 1;
    }
    return context.stop.aborted ? 1 : code;
  } finally {
    await brain.close();
  }
}

interface Doing {
  readonly brain: Brain;
  readonly config: Config;
  readonly context: CommandContext;
  readonly wanted: Wanted;
}

async function dryRun(one: Repository, { brain, config, context, wanted }: Doing): Promise<0 | 1> {
  const octokit = await installationOctokit(probotOf(config), one.installation_id, sharedPauses(brain), 'backfill');
  const [owner = '', repo = ''] = one.repository.split('/');
  const span = { from: secondsAt(wanted.since), to: secondsAt(Date.now()) };
  const asked = { span, withJobs: wanted.withJobs, stop: context.stop };
  const { runs, isAtLeast, requests } = await estimate(octokit, { owner, repo }, asked);
  if (wanted.json) {
    context.out(JSON.stringify({ repository: one.repository, runs, is_at_least: isAtLeast, requests }));
    return 0;
  }
  const count = `${isAtLeast ? 'at least ' : ''}${runs.toLocaleString('en')} runs`;
  // Of 5,000 requests an hour it leaves two fifths.
  const hours = requests / 3_000;
  const time = hours < 0.1 ? 'some minutes' : `${hours.toFixed(1)} hours, by GitHub's limit of requests,`;
  context.out(
    `${printable(one.repository)}: ${count}, about ${requests.toLocaleString('en')} requests, ${time} at the most`,
  );
  return 0;
}

const LOOK_MS = 1_000;

async function backfill(one: Repository, { brain, config, context, wanted }: Doing): Promise<0 | 1> {
  const { stop, progress = () => {} } = context;
  const { since, withJobs: with_jobs, withLogs: with_logs } = wanted;
  const asked = { repository_id: one.id, reason: 'the command codered backfill', since, with_jobs, with_logs };
  const id = await brain.call('request_backfill', asked);
  const probot = probotOf(config);
  const pauses = sharedPauses(brain);
  const told = progressWords(one.repository, () => performance.now());
  const deps = {
    ...{ brain, appId: config.appId, worker: workerName(), leaseSeconds: LIMITS.leaseSeconds, stop },
    log: pino({ level: 'silent' }),
    octokitFor: (installationId: number, purpose: Parameters<typeof installationOctokit>[3]) =>
      installationOctokit(probot, installationId, pauses, purpose),
    pause: (ms: number) => wait(ms, undefined, { signal: stop }).catch(() => {}),
    onProgress: (reached: Parameters<typeof told>[0]) => progress(told(reached)),
  };
  while (!stop.aborted) {
    const end = await workOnBackfill(deps, id);
    if (end?.state === 'waits') await waitFor(end, one, deps.pause, context);
    const row = await stateOf(id, brain);
    if (row === null || row.state !== 'pending') return tellEnd(one, row, { context, json: wanted.json });
    if (end === null) {
      progress(
        `${printable(one.repository)}: ${row.locked_by === null ? 'waits' : 'another process is at it'}, ${row.phase}`,
      );
      await deps.pause(LOOK_MS);
    }
  }
  context.err(
    `stopped; run it again to go on with ${printable(one.repository)}, or leave it to a running codered serve`,
  );
  return 1;
}

async function waitFor(
  { why, dueMs }: Extract<BackfillEnd, { state: 'waits' }>,
  { repository }: Repository,
  pause: (ms: number) => Promise<void>,
  { progress = () => {}, stop }: CommandContext,
): Promise<void> {
  for (let left = dueMs; left > 0 && !stop.aborted; left -= LOOK_MS) {
    const minutes = Math.ceil(left / 60_000);
    progress(`${printable(repository)}: waits ${minutes} min more: ${printable(why)}`);
    await pause(Math.min(left, LOOK_MS));
  }
}

async function stateOf(id: string, brain: Brain) {
  const [row = null] = await brain.call('list_backfills', { batch: 1, ids: [id] });
  return row;
}

function tellEnd(
  { repository }: Repository,
  row: Awaited<ReturnType<typeof stateOf>>,
  { context, json }: { readonly context: CommandContext; readonly json: boolean },
): 0 | 1 {
  if (row === null) throw new Transient('the backfill is gone; its repository may have been erased');
  const { state, counts, missing, error } = row;
  const parts = z.array(missingPart).parse(missing);
  if (json) context.out(JSON.stringify({ repository, state, counts, missing, error }));
  else {
    const { runs, jobs, pulls, deployments, stored } = countsOf.parse(counts);
    const had = `${runs} runs, ${jobs} jobs, ${pulls} pull requests, ${deployments} deployments; ${stored} of it new`;
    context.out(`${printable(repository)}: ${state === 'done' ? had : `stopped: ${printable(error ?? '')}`}`);
    for (const { what, why } of parts) context.err(`not had: ${printable(what)}: ${printable(why)}`);
  }
  return state === 'done' && parts.length === 0 ? 0 : 1;
}

function probotOf({ appId, privateKey, webhookSecrets, githubApiUrl: baseUrl }: Config): Probot {
  return new Probot({ appId, privateKey, secret: webhookSecrets[0], baseUrl, log: pino({ level: 'silent' }) });
}

/** Five years: each month costs a request, also where nothing ran. */
const MOST_MS = 5 * 366 * 86_400_000;
const FULL_NAME = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;
const LOGIN = /^[\w-]{1,100}$/;

function readWanted(args: readonly string[]): Wanted & { readonly repo: string | null; readonly org: string | null } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      repo: { type: 'string' },
      org: { type: 'string' },
      since: { type: 'string', default: '35d' },
      jobs: { type: 'boolean', default: false },
      logs: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { repo = null, org = null, jobs, logs, json } = values;
  if ((repo === null) === (org === null)) throw new Misused('Say --repo OWNER/NAME or --org LOGIN, one of them.');
  if (repo !== null && !FULL_NAME.test(repo)) throw new Misused('--repo wants OWNER/NAME.');
  if (org !== null && !LOGIN.test(org)) throw new Misused('--org wants the login of an organisation or a user.');
  const since = readSince(values.since, Date.now());
  if (Date.parse(since) < Date.now() - MOST_MS)
    throw new Misused(`--since is "${values.since}"; at most five years back are asked for.`);
  if (Date.parse(since) > Date.now()) throw new Misused(`--since is "${values.since}", which is not over yet.`);
  return { repo, org, since, withJobs: jobs || logs, withLogs: logs, dryRun: values['dry-run'], json };
}

/** See `help`. */
export const command: Command = { help, run, endsInGoodOrder: true };
