// What the gate makes of a commit on which nothing ran.

import { describe, expect, it } from 'vitest';
import { waitSettings } from '../../src/config/wait-settings.ts';
import { gateSubject } from '../../src/gate/collect/collect.ts';
import { evaluateSubject } from '../../src/gate/evaluate-head.ts';
import { acceptSilence, silenceOf } from '../../src/gate/silence.ts';
import { byItself } from '../../src/gate/trust-pull-request.ts';
import { isMergeApp, WAIT_DEFAULTS } from '../../src/model/waits.ts';
import { policySchema } from '../../src/policy/schema/policy.ts';

const SINCE = '2026-11-20T12:00:00.000Z';
const at = (minutes: number) => Date.parse(SINCE) + minutes * 60_000;
const status = (author: string) => ({
  kind: 'status',
  name: 'queue',
  origin: '',
  workflow_path: null,
  attempt: 1,
  status: 'running',
  conclusion: null,
  author,
  url: null,
  at: SINCE,
});

function verdictOf(fields: object = {}, isFork = false) {
  const subject = gateSubject.parse({
    repository: { id: 1, owner: 'octo-org', name: 'shop', installation_id: 7, default_branch: 'main' },
    pull_request: {
      number: 1,
      base_ref: 'main',
      head_ref: 'fix',
      head_sha: 'a'.repeat(40),
      author: 'octocat',
      is_fork: isFork,
    },
    version: 'v',
    merge_group: false,
    since: SINCE,
    sprint: null,
    signals: [],
    runs: [],
    reports: [],
    overrides: [],
    ...fields,
  });
  return byItself(subject);
}

const policyOf = (no_runs?: object) =>
  policySchema.parse({ dod: { lint_pass: true }, ...(no_runs ? { no_runs } : {}) });

function silence(minutes: number, no_runs?: object, fields: object = {}) {
  const policy = policyOf(no_runs);
  const now = at(minutes);
  const subject = verdictOf(fields);
  const verdict = evaluateSubject(subject, policy, { change: null, now: new Date(now).toISOString() });
  return silenceOf(subject, policy, verdict, { now });
}

describe('a commit on which nothing ran', () => {
  it('is looked at when its time is over, and passes for nothing', () => {
    expect(silence(5)).toEqual({
      no_runs: { after_minutes: 10, conclusion: 'action_required' },
      until: new Date(at(10)).toISOString(),
      asks: false,
    });
    expect(silence(11).asks).toBe(false);
    expect(silence(11, { conclusion: 'failure' }).asks).toBe(false);
  });

  it.each(['success', 'neutral'])('may pass where the policy says %s, once its time is over', (conclusion) => {
    expect(silence(2, { after_minutes: 3, conclusion }).asks).toBe(false);
    expect(silence(3, { after_minutes: 3, conclusion }).asks).toBe(true);
  });

  it('is none where anything ran, but for Apps that merge', () => {
    const found = { after_minutes: 3, conclusion: 'success' };
    expect(silence(9, found, { signals: [status('mergify[bot]')] }).asks).toBe(true);
    expect(silence(9, found, { signals: [status('hubot')] })).toMatchObject({ asks: false, until: null });
    expect(silence(9, found, { merge_group: true })).toMatchObject({ asks: false, until: null });
  });

  it('passes with what nothing was measured of, and never with what can’t be trusted', () => {
    const of = (isFork: boolean) =>
      acceptSilence(
        evaluateSubject(verdictOf({}, isFork), policyOf(), { change: null, now: new Date(at(11)).toISOString() }),
      );
    expect(of(false)).toMatchObject({
      state: 'pass',
      criteria: [{ reason: expect.stringContaining('policy accepts') }],
    });
    expect(of(true)).toMatchObject({ state: 'fail', criteria: [{ state: 'error' }] });
  });
});

describe('an App that merges', () => {
  it.each(['mergify', 'mergify[bot]', 'Kodiakhq', 'bors[bot]', 'aviator-app', 'graphite-app', 'trunk-io'])(
    'is %s',
    (name) => {
      expect(isMergeApp(name, WAIT_DEFAULTS.mergeApps)).toBe(true);
    },
  );

  it.each(['mergify-evil', 'sonarcloud', '', null])('is not %s', (name) => {
    expect(isMergeApp(name, WAIT_DEFAULTS.mergeApps)).toBe(false);
  });

  it('is what the setting adds, and not what it takes out', () => {
    const unset = {
      CODERED_MERGE_APPS: undefined,
      CODERED_CHECK_DEADLINE_MINUTES: undefined,
      CODERED_NO_RUNS_MINUTES: undefined,
    };
    expect(waitSettings(unset)).toBeUndefined();
    const apps = waitSettings({ ...unset, CODERED_MERGE_APPS: ['acme', '-mergify'] })?.mergeApps ?? [];
    expect([isMergeApp('acme', apps), isMergeApp('mergify', apps), isMergeApp('bors', apps)]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
