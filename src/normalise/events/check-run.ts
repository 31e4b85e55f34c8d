// The `check_run` and `check_suite` events: what other CI systems report, and "Re-run" pressed on our own. Pure.

import { z } from 'zod';
import type { CiEventFact, Normalised } from '../../model/facts.ts';
import {
  optionalSaid,
  optionalText,
  optionalWebUrl,
  storableText,
  TEXT_LIMITS,
  text,
} from '../../text/storable-text.ts';
import { type CiState, ciState } from '../fields/ci-status.ts';
import { facts, ignored, type NormaliseContext } from '../fields/facts.ts';
import { id, sha } from '../fields/identity.ts';
import { eventName, parsePayload } from '../fields/parse-payload.ts';
import { pullRequestNumbers, pullRequestReferences } from '../fields/pull-request-reference.ts';
import { originFacts, originFields } from '../fields/repository.ts';
import { optionalTimestamp } from '../fields/timestamp.ts';

const app = z.object({ id, slug: optionalText(TEXT_LIMITS.name) }).nullish();

const suiteOfRun = z.object({ head_branch: optionalText(TEXT_LIMITS.name), updated_at: optionalTimestamp }).nullish();

const checkRun = z.object({
  id,
  app,
  name: text(TEXT_LIMITS.name),
  head_sha: sha,
  status: optionalText(TEXT_LIMITS.word),
  conclusion: optionalText(TEXT_LIMITS.word),
  started_at: optionalTimestamp,
  completed_at: optionalTimestamp,
  html_url: optionalWebUrl,
  details_url: optionalWebUrl,
  output: z
    .object({ title: optionalSaid(TEXT_LIMITS.title), summary: optionalSaid(TEXT_LIMITS.description) })
    .nullish(),
  check_suite: suiteOfRun,
  pull_requests: pullRequestReferences,
});

const checkRunEvent = z.object({ action: z.string(), ...originFields, check_run: checkRun });

type CheckRunEvent = z.output<typeof checkRunEvent>;

/** The name of CodeRed's own check run. One of another CodeRed is ignored: the two would wait for each other. */
const OWN_NAME = 'CodeRed';

/**
 * Reads a `check_run` event. Check runs that GitHub Actions makes of its jobs are ignored, because `workflow_job` says the same and
 * more. Check runs that a step writes with the workflow's token ("Test Results") come in no other event, so they count.
 */
export function normaliseCheckRun(payload: unknown, { appId }: NormaliseContext): Normalised {
  const event = parsePayload('check_run', checkRunEvent, payload);
  const { app, name, head_sha, check_suite } = event.check_run;
  // An app may write any start and end into its check run, the suite's times are GitHub's own.
  const origin = originFacts(event, check_suite?.updated_at ?? null);
  if (app && app.id === appId) {
    if (event.action !== 'rerequested') return ignored(`${eventName('check_run', payload)}: our own check run`);
    return facts({ ...origin, rechecks: [{ repository_id: event.repository.id, head_sha }] });
  }
  const isOfActions = app?.slug === 'github-actions';
  if (isOfActions && isJob(event.check_run))
    return ignored(`${eventName('check_run', payload)}: a job of GitHub Actions, workflow_job is the source for these`);
  if (!isOfActions && name === OWN_NAME)
    return ignored(`${eventName('check_run', payload)}: the check run of another CodeRed`);
  return facts({ ...origin, ci_events: [ciEvent(event)] });
}

/**
 * A job's check run has the job's number, and its details are the job itself: `…/actions/runs/<run>/job/<number>`, on older
 * Enterprise Servers `…/runs/<number>?check_suite_focus=true`. A step may write the address of any job into its own check run,
 * of which it does not know the number before.
 */
function isJob({ id: number, details_url, html_url }: CheckRunEvent['check_run']): boolean {
  const url = details_url ?? html_url;
  if (url === null || !URL.canParse(url)) return false;
  const { pathname, searchParams } = new URL(url);
  const parts = pathname.split('/').filter((part) => part !== '');
  if (parts.at(-1) !== String(number)) return false;
  const [actions, runs, run, word] = parts.slice(-5);
  if (actions === 'actions' && runs === 'runs') return Number(run) > 0 && (word === 'job' || word === 'jobs');
  return parts.at(-2) === 'runs' && searchParams.has('check_suite_focus');
}

function ciEvent({ check_run: run, repository }: CheckRunEvent): CiEventFact {
  const state = checkState(run);
  return {
    provider: 'github-checks',
    repository_id: repository.id,
    run_id: String(run.id),
    run_attempt: 1,
    workflow_name: run.name,
    workflow_path: null,
    branch: run.check_suite?.head_branch ?? null,
    head_repository_id: null,
    commit_sha: run.head_sha,
    status: state.status,
    conclusion: state.conclusion,
    trigger: 'other',
    start_time: run.started_at,
    end_time: state.finished ? run.completed_at : null,
    pull_request_numbers: pullRequestNumbers(run.pull_requests, repository.id),
    html_url: run.html_url,
    actor: run.app?.slug ?? null,
    summary: summary(run.output?.title, run.output?.summary),
    source_updated_at: run.completed_at ?? run.started_at,
  };
}

/**
 * A run of a workflow that requires an action waits for a maintainer to let it go; a check run that does has ended, and wants
 * something of whoever made the change.
 */
function checkState({ status, conclusion }: CheckRunEvent['check_run']): CiState {
  const state = ciState(status, conclusion);
  return state.conclusion === 'action_required' ? { ...state, status: 'failed', finished: true } : state;
}

function summary(...parts: (string | null | undefined)[]): string | null {
  return storableText(parts.filter(Boolean).join('\n'), TEXT_LIMITS.description) || null;
}

const checkSuiteEvent = z.object({
  action: z.string(),
  ...originFields,
  check_suite: z.object({ app, head_sha: sha, updated_at: optionalTimestamp }),
});

/** Reads a `check_suite` event: only "Re-run all checks" on our own suite counts, the rest comes with the suite's check runs. */
export function normaliseCheckSuite(payload: unknown, { appId }: NormaliseContext): Normalised {
  const name = eventName('check_suite', payload);
  if (name !== 'check_suite.rerequested') return ignored(`${name}: its runs tell the same`);
  const event = parsePayload('check_suite', checkSuiteEvent, payload);
  const { app, head_sha, updated_at } = event.check_suite;
  if (!app || app.id !== appId) return ignored(`${name}: the suite of another App`);
  return facts({
    ...originFacts(event, updated_at),
    rechecks: [{ repository_id: event.repository.id, head_sha }],
  });
}
