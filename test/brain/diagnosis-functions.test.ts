// Diagnoses in SQL: each is of one job, run or deployment, and leaves those of others alone.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { deploymentFact, forgetEverything, jobFact, REPOSITORY, runFact, tell } from '../support/fact-rows.ts';
import { type Neighbour, tellNeighbour } from '../support/neighbour.ts';

describe.each(testBackends)('diagnoses in SQL (%s)', (backend) => {
  let brain: TestBrain;
  let neighbour: Neighbour;
  let ids: Readonly<Record<string, string | null>>;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    neighbour = await tellNeighbour(brain);
    await tell(brain, {
      ci_events: [runFact(), runFact({ run_id: '7002' })],
      ci_jobs: [jobFact(), jobFact({ job_id: 8002, name: 'lint' })],
      deployments: [deploymentFact()],
    });
    ids =
      (
        await brain.sql(`
          select r.project_id,
            (select id from codered.ci_events where repository_id = r.id and run_id = '7001') as run,
            (select id from codered.ci_events where repository_id = r.id and run_id = '7002') as other_run,
            (select id from codered.ci_jobs where job_id = 8001) as job,
            (select id from codered.ci_jobs where job_id = 8002) as other_job,
            (select id from codered.deployments where repository_id = r.id) as deployment,
            (select id from codered.bug_patterns where source = 'builtin' order by name limit 1) as pattern,
            (select id from codered.bug_patterns where source = 'builtin' order by name desc limit 1) as other_pattern
          from codered.repositories r where r.id = ${REPOSITORY}`)
      )[0] ?? {};
  });
  afterEach(() => neighbour.expectUntouched());

  const record = async (fingerprint: string, found: object = {}) =>
    brain.call('record_diagnosis', {
      diagnosis: asJson({
        ...{ project_id: ids.project_id, repository_id: REPOSITORY, source: 'ci', log_state: 'fetched' },
        ...{ ci_job_id: null, ci_event_id: null, deployment_id: null, severity: 'error', message: fingerprint },
        ...{ fingerprint, verdict: 'unknown', verdict_reason: '', matches: [], ...found },
      }),
    });
  const known = async () =>
    (await brain.sql('select fingerprint from codered.errors order by fingerprint')).map(
      ({ fingerprint }) => fingerprint,
    );
  const places = () => [
    { ci_job_id: ids.job },
    { ci_job_id: ids.other_job },
    { ci_event_id: ids.run },
    { ci_event_id: ids.other_run },
    { ci_job_id: ids.job, ci_event_id: ids.run },
    { source: 'deployment', deployment_id: ids.deployment },
  ];

  it('made anew takes the place of the older one of the same job, run or deployment alone', async () => {
    for (const [index, place] of places().entries()) await record(`old ${index}`, place);
    expect(await known()).toEqual(['old 0', 'old 1', 'old 2', 'old 3', 'old 4', 'old 5']);
    for (const [index, place] of places().entries()) {
      await record(`new ${index}`, place);
      const older = [0, 1, 2, 3, 4, 5].filter((other) => other > index).map((other) => `old ${other}`);
      const newer = [0, 1, 2, 3, 4, 5].filter((other) => other <= index).map((other) => `new ${other}`);
      expect(await known()).toEqual([...newer, ...older]);
    }
  });

  it('told again is the same row, with what it says now', async () => {
    await record('of the job', { ci_job_id: ids.job });
    await record('of the job', { ci_job_id: ids.job, message: 'said again' });
    expect(await brain.sql('select fingerprint, message from codered.errors')).toEqual([
      { fingerprint: 'of the job', message: 'said again' },
    ]);
  });

  it('says of its own job alone whether the log was read', async () => {
    await record('f', { ci_job_id: ids.job });
    const states = await brain.sql('select job_id, log_state from codered.ci_jobs order by job_id');
    const [ours, other, beside] = states;
    expect(ours?.log_state).not.toBe(other?.log_state);
    expect(other?.log_state).toBe(beside?.log_state);
  });

  it('counts a hit of the primary pattern once, and drops the matches that are none any more', async () => {
    const match = (pattern: string | null | undefined, is_primary: boolean) => ({
      ...{ bug_pattern_id: pattern, line_number: 3, line_text: 'x', captures: [], is_primary },
    });
    const found = { ci_job_id: ids.job, matches: [match(ids.pattern, true), match(ids.other_pattern, false)] };
    await record('f', found);
    await record('f', found);
    await record('g', { ci_job_id: ids.other_job, matches: [match(ids.pattern, false)] });
    const hits = async () =>
      (await brain.sql('select id, hits from codered.bug_patterns where hits > 0')).map(({ id, hits }) => [id, hits]);
    expect(await hits()).toEqual([[ids.pattern, '1']]);
    const matches = () =>
      brain.sql(
        `select e.fingerprint, m.bug_pattern_id, m.is_primary from codered.error_matches m
         join codered.errors e on e.id = m.error_id order by 1, m.is_primary desc`,
      );
    await record('f', { ci_job_id: ids.job, matches: [match(ids.other_pattern, true)] });
    expect(await matches()).toEqual([
      { fingerprint: 'f', bug_pattern_id: ids.other_pattern, is_primary: 't' },
      { fingerprint: 'g', bug_pattern_id: ids.pattern, is_primary: 'f' },
    ]);
    const [failure] = await brain.sql(
      `select codered.failure_of(e.id) -> 'pattern' ->> 'name' = p.name as named, codered.failure_of(e.id) ->> 'fingerprint' as fingerprint
       from codered.errors e, codered.bug_patterns p where e.fingerprint = 'f' and p.id = $1`,
      [ids.other_pattern ?? null],
    );
    expect(failure).toEqual({ named: 't', fingerprint: 'f' });
    const [other] = await brain.sql(
      `select codered.failure_of(id) ->> 'pattern' as pattern from codered.errors where fingerprint = 'g'`,
    );
    expect(other).toEqual({ pattern: null });
  });

  it('keeps what else was found, and nothing of it where an older worker tells less', async () => {
    const other_lines = [{ line_number: 9, text: 'y' }];
    const match = (pattern: string | null | undefined, cause_position: number) => ({
      ...{ bug_pattern_id: pattern, line_number: 3, line_text: 'x', captures: [], is_primary: cause_position === 1 },
      ...{
        cause_position,
        rank: 'cause',
        demoted: cause_position === 1 ? 'outside-of-failed-step' : null,
        step_name: 'npm ci',
      },
      ...{ others: 11, other_lines, file_path: 'a.ts', line: 4 },
    });
    const told = async () =>
      JSON.parse((await brain.sql('select codered.failure_of(id) as told from codered.errors'))[0]?.told ?? 'null');
    const older = { bug_pattern_id: ids.pattern, line_number: 3, line_text: 'x', captures: [], is_primary: true };
    const evidence = { evidence_why: 'block', evidence_first_line: 3, evidence_last_line: 5, step_name: 'npm ci' };
    const matches = [match(ids.pattern, 1), match(ids.other_pattern, 2)];
    await record('f', { ci_job_id: ids.job, ...evidence, matches });
    expect(await told()).toMatchObject({
      evidence: { why: 'block', first_line: 3, last_line: 5 },
      ...{ step_name: 'npm ci', is_elsewhere: true, others: 11, other_lines },
      further_causes: [{ line_number: 3, line_text: 'x', others: 11, other_lines, file_path: 'a.ts', line: 4 }],
    });
    await record('f', { ci_job_id: ids.job, matches: [older] });
    expect(await told()).toMatchObject({
      ...{ evidence: null, step_name: null, is_elsewhere: false, others: 0, other_lines: [], further_causes: [] },
    });
    const four = Array.from({ length: 4 }, () => other_lines).flat();
    const tooMany = { ...match(ids.pattern, 1), other_lines: four };
    await expect(record('f', { ci_job_id: ids.job, matches: [tooMany] })).rejects.toMatchObject({ code: 'CR002' });
  });
});
