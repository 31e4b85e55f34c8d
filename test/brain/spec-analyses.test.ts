// A spec without a Definition of Done waits for an agent to make one of it: once for each version, and no older one beside it.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { asRow, makeOrg, newSha, type OrgScene } from '../support/run-scene.ts';

describe.each(testBackends)('the analysis of specs (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    ours = await makeOrg(brain);
  });
  afterAll(() => brain?.close());

  const push = async (path: string, more: object = { document: 'Build a shop.' }) =>
    asRow(
      await brain.call('take_spec', {
        spec: asJson({ repository_id: ours.repository, branch: 'main', storage_path: path, sha: newSha() }),
        ...more,
      }),
    );
  const jobsOf = async (path: string) =>
    (
      await brain.sql(
        "select status from codered.agent_jobs where agent_type = 'plan_sprint' and input ->> 'path' = $1 order by created_at",
        [path],
      )
    ).map(({ status }) => status);
  const newPath = () => `specs/${randomUUID()}.md`;

  it('is queued once for a pushed version, as a job of the app with the bounded text, and stands with the spec', async () => {
    const path = newPath();
    const spec = { repository_id: ours.repository, branch: 'main', storage_path: path, sha: newSha() };
    const document = `${'a'.repeat(100_000)}bc`;
    const first = asRow(await brain.call('take_spec', { spec: asJson(spec), document }));
    expect(first).toMatchObject({ is_analysed: true, sprint_id: null });
    expect(await brain.call('take_spec', { spec: asJson(spec), document })).toMatchObject({ is_analysed: false });
    const [job] = await brain.sql("select id, is_apps, input from codered.agent_jobs where input ->> 'path' = $1", [
      path,
    ]);
    const input = JSON.parse(job?.input ?? '{}');
    expect([job?.is_apps, input.document.length, input.document_left_out]).toEqual(['t', 100_000, 2]);
    expect(input).toMatchObject({ spec_id: first.spec_id, repository_id: ours.repository, branch: 'main' });
    expect(await ours.asMember('read_spec', { spec_id: first.spec_id })).toMatchObject({
      analysis: { job_id: job?.id, status: 'queued', completed_at: null },
    });
    await brain.sql("update codered.agent_jobs set status = 'cancelled' where id = $1", [job?.id ?? '']);
    await brain.call('take_spec', { spec: asJson(spec), document });
    expect(await jobsOf(path)).toEqual(['cancelled']);
  });

  it('ends when a later version comes, with or without a Definition of Done, and whoever works on it hears it', async () => {
    const path = newPath();
    await push(path);
    await push(path);
    expect(await jobsOf(path)).toEqual(['cancelled', 'queued']);
    await brain.sql(
      "update codered.agent_jobs set status = 'running', locked_by = 'w', locked_until = now() + interval '1 hour' where status = 'queued' and input ->> 'path' = $1",
      [path],
    );
    expect(await push(path, { label: 'S1', dod_json: { lint_pass: true } })).toMatchObject({
      is_analysed: false,
      sprint_id: expect.any(String),
    });
    expect(await jobsOf(path)).toEqual(['cancelled', 'running']);
    expect(
      await brain.sql(
        "select 1 as one from codered.agent_jobs where input ->> 'path' = $1 and status = 'running' and cancel_requested_at is not null",
        [path],
      ),
    ).toHaveLength(1);
  });

  it('has the open pull requests of the branch evaluated anew when it is done', async () => {
    const path = newPath();
    await push(path);
    const head = newSha();
    await brain.script(`
      insert into codered.pull_requests (repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, state, draft, opened_at, source_updated_at, source_delivery)
      values (${ours.repository}, 1, 'x', 'x', '${head}', 'topic', ${ours.repository}, 'main', repeat('b', 40), 'open', false, now(), now(), '');
      update codered.agent_jobs set status = 'running' where status = 'queued' and input ->> 'path' = '${path}';
      update codered.agent_jobs set status = 'completed' where status = 'running' and input ->> 'path' = '${path}'`);
    expect(await brain.sql('select kind from codered.follow_ups where commit_sha = $1', [head])).toEqual([
      { kind: 'report' },
    ]);
  });

  it('is not asked for of a spec that is broken, or that an earlier worker tells without its text', async () => {
    const path = newPath();
    expect(await push(path, { problem: 'broken', document: 'x' })).toMatchObject({ is_analysed: false });
    expect(await push(path, {})).toMatchObject({ is_analysed: false });
    expect(await jobsOf(path)).toEqual([]);
  });

  it('is asked for of a document that a member hands in, and ends when it is handed in with a Definition of Done', async () => {
    await brain.script(`
      insert into codered.installations (id, org_id, account_login) values (77, '${ours.org}', 'octo');
      update codered.repositories set installation_id = 77, default_branch = 'main', private = false where id = ${ours.repository};`);
    const path = newPath();
    const upload = {
      project_id: ours.project,
      repository: `octo/r${ours.repository}`,
      path,
      content: `# Shop ${path}`,
    };
    await ours.asMember('upload_spec', upload);
    await ours.asMember('upload_spec', upload);
    expect(await jobsOf(path)).toEqual(['queued']);
    await brain.call('take_spec_by_name', {
      full_name: upload.repository,
      spec: { branch: 'main', storage_path: path, sha: newSha() },
      label: 'S1',
      dod: { lint_pass: true },
    });
    expect(await jobsOf(path)).toEqual(['cancelled']);
  });

  it('waits a hundred times in a project at the most: the oldest go', async () => {
    await brain.script(`
      insert into codered.agent_jobs (project_id, agent_type, input, dedupe_key, is_apps, created_at)
      select '${ours.project}', 'plan_sprint', '{}', 'analysis:' || gen_random_uuid(), true, now() - interval '1 day'
      from generate_series(1, 105)`);
    const path = newPath();
    await push(path);
    const [waiting] = await brain.sql(
      "select count(*) as n from codered.agent_jobs where project_id = $1 and agent_type = 'plan_sprint' and status = 'queued'",
      [ours.project],
    );
    expect([waiting?.n, await jobsOf(path)]).toEqual(['100', ['queued']]);
  });
});
