// The `check_run` and `check_suite` events: what other CI systems report, and "Re-run" pressed on our own. Pure; for
// normalise.ts only.

import { z } from 'zod';
import type { CiEventFact, Normalised } from '../facts.ts';
import { ciState } from './ci-status.ts';
import { facts, ignored, type NormaliseContext } from './facts.ts';
import { id, sha } from './identity.ts';
import { eventName, parsePayload } from './parse-payload.ts';
import { pullRequestNumbers, pullRequestReferences } from './pull-request-reference.ts';
import { originFacts, originFields } from './repository.ts';
import { optionalSaid, optionalText, optionalWebUrl, storableText, TEXT_LIMITS, text } from './text.ts';
import { optionalTimestamp } from './timestamp.ts';

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
  output: z
    .object({ title: optionalSaid(TEXT_LIMITS.title), summary: optionalSaid(TEXT_LIMITS.description) })
    .nullish(),
  check_suite: suiteOfRun,
  pull_requests: pullRequestReferences,
});

const checkRunEvent = z.object({ action: z.string(), ...originFields, check_run: checkRun });

type CheckRunEvent = z.output<typeof checkRunEvent>;

/**
 * Check runs of GitHub Actions are left to `workflow_job`, which tells the same and more: counted here, they would
 * count twice.
 */
export function normaliseCheckRun(payload: unknown, { appId }: NormaliseContext): Normalised {
  const event = parsePayload('check_run', checkRunEvent, payload);
  const { app, head_sha, check_suite } = event.check_run;
  // An app may write any start and end into its check run, the suite's times are GitHub's own.
  const origin = originFacts(event, check_suite?.updated_at ?? null);
  if (app && app.id === appId) {
    if (event.action !== 'rerequested') return ignored(`${eventName('check_run', payload)}: our own check run`);
    return facts({ ...origin, rechecks: [{ repository_id: event.repository.id, head_sha }] });
  }
  if (app?.slug === 'github-actions') {
    return ignored(`${eventName('check_run', payload)}: made by GitHub Actions, workflow_job is the source for these`);
  }
  return facts({ ...origin, ci_events: [ciEvent(event)] });
}

function ciEvent({ check_run: run, repository }: CheckRunEvent): CiEventFact {
  const state = ciState(run.status, run.conclusion);
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

function summary(...parts: (string | null | undefined)[]): string | null {
  return storableText(parts.filter(Boolean).join('\n'), TEXT_LIMITS.description) || null;
}

const checkSuiteEvent = z.object({
  action: z.string(),
  ...originFields,
  check_suite: z.object({ app, head_sha: sha, updated_at: optionalTimestamp }),
});

/** Only "Re-run all checks" on our own suite matters; what else a suite says, its runs say. */
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
