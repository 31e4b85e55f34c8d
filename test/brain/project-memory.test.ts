// What a project remembers, through the operations: who writes what, what each leaves behind, and what is refused.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, runOperation } from '../../src/operations/operations.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { ID, idOf, PEOPLE, seedTwoOrgs } from './security/two-orgs.ts';

type Row = Readonly<Record<string, unknown>>;

describe.each(testBackends)('the memory of a project (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  const { member, maintainer } = PEOPLE.a;
  const project = { project_id: idOf('a', ID.project) };
  const task = { task_id: idOf('a', ID.task) };

  async function perform(name: string, given: Record<string, unknown>, userId: string = member): Promise<Row> {
    const operation = OPERATIONS.find((one) => one.name === name);
    if (operation === undefined) throw new Error(`there is no ${name}`);
    const { output } = await runOperation(brain, operation, {
      userId,
      by: 'person',
      input: operation.input.parse(given),
    });
    return output as Row;
  }
  const listed = async (name: string, given: Record<string, unknown>, userId: string = member) =>
    (await perform(name, given, userId)) as unknown as readonly Row[];
  /** The types of the project's newest events, the newest first. */
  const told = async (batch: number) =>
    (await listed('list_events', { ...project, batch })).map(({ event_type }) => event_type);

  it('makes a project of one’s own, whose slug tells of nobody else’s', async () => {
    const [one, other] = [
      await perform('create_project', { name: 'Legal War Room', rules: { gates: ['review'] } }),
      await perform('create_project', { name: 'Legal War Room' }, PEOPLE.stranger),
    ];
    expect(one).toMatchObject({ org: null, owner_user_id: member, rules: { gates: ['review'] }, status: 'active' });
    expect(one.slug).toMatch(/^legal_war_room_[0-9a-f]{8}$/);
    expect(other.slug).not.toBe(one.slug);
    const mine = await listed('list_projects', { batch: 200 });
    expect(mine.map(({ id }) => id)).toContain(one.id);
    expect(mine.map(({ id }) => id)).not.toContain(other.id);
  });

  it('makes one in an organisation for its maintainers, and for nobody else', async () => {
    const made = await perform('create_project', { name: 'Shop', org: 'ORG-A' }, maintainer);
    expect(made).toMatchObject({ org: 'org-a' });
    expect(await perform('read_project', { project_id: made.id })).toMatchObject({ name: 'Shop' });
    const refused = (user: string) => perform('create_project', { name: 'Shop', org: 'org-a' }, user);
    await expect(refused(member)).rejects.toMatchObject({ code: 'CR008' });
    await expect(refused(PEOPLE.b.admin)).rejects.toMatchObject({ code: 'CR004' });
  });

  it('makes no more projects than 200 for one person', async () => {
    await brain.sql(
      `insert into codered.projects (slug, name, owner_user_id) select 'many_' || n, 'Many', $1::uuid from generate_series(1, 200) as n`,
      [PEOPLE.operator],
    );
    await expect(perform('create_project', { name: 'One more' }, PEOPLE.operator)).rejects.toMatchObject({
      code: 'CR003',
    });
  });

  it('changes of a project what is named, of its rules too, for maintainers', async () => {
    const before = await perform('read_project', project);
    await perform(
      'update_project',
      { ...project, rules: { zones: { red: ['src/pay/**'] }, gates: ['one'] } },
      maintainer,
    );
    const after = await perform(
      'update_project',
      { ...project, description: 'Ours', rules: { gates: null } },
      maintainer,
    );
    expect(after).toMatchObject({ name: before.name, description: 'Ours', rules: { zones: { red: ['src/pay/**'] } } });
    expect(after.rules).not.toHaveProperty('gates');
    await expect(perform('update_project', { ...project, name: 'Mine' })).rejects.toMatchObject({ code: 'CR008' });
    expect(await told(1)).toEqual(['project.updated']);
  });

  it('takes a project out of use and back', async () => {
    const { id } = await perform('create_project', { name: 'Short' });
    const one = { project_id: id };
    expect(await perform('retire_project', one)).toMatchObject({ status: 'archived' });
    await expect(perform('create_milestone', { ...one, name: 'Late' })).rejects.toMatchObject({ code: 'CR003' });
    const retired = await listed('list_projects', { state: 'retired' });
    expect(retired.map((row) => row.id)).toEqual([id]);
    expect(await perform('read_project', one)).toMatchObject({ status: 'archived' });
    expect(await perform('restore_project', one)).toMatchObject({ status: 'active', deleted_at: null });
  });

  it('answers a request that retires a project again, though it is retired', async () => {
    const { id } = await perform('create_project', { name: 'Gone' });
    const once = { key_hash: '1'.repeat(64), request_hash: '2'.repeat(64) };
    const call = { user_id: member, name: 'retire_project', arguments: { project_id: String(id) }, ...once };
    const first = await brain.call('call_as_once', call);
    expect(await brain.call('call_as_once', call)).toEqual({ ...(first as object), is_replay: true });
  });

  it('keeps an answer for whoever still may see what was made, and for nobody else', async () => {
    const once = { key_hash: '3'.repeat(64), request_hash: '4'.repeat(64) };
    const given = { project: { name: 'Once' }, org: 'org-a' };
    const call = { user_id: maintainer, name: 'create_project', arguments: given, ...once };
    await brain.call('call_as_once', call);
    const leave = 'update codered.memberships set user_id = $2::uuid where org_id = $3::uuid and user_id = $1::uuid';
    await brain.sql('update codered.projects set owner_user_id = null where name = $1', ['Once']);
    await brain.sql(leave, [maintainer, PEOPLE.stranger, idOf('a', ID.org)]);
    await expect(brain.call('call_as_once', call)).rejects.toMatchObject({ code: 'CR004' });
    await brain.sql(leave, [PEOPLE.stranger, maintainer, idOf('a', ID.org)]);
  });

  it('moves a milestone by hand and back, and lets maintainers alone delete it', async () => {
    const { id } = await perform('create_milestone', { ...project, name: 'Beta', target_date: '2027-01-31' });
    const one = { milestone_id: id };
    expect(await perform('set_milestone_progress', { ...one, percent: 40 })).toEqual({ ...one, progress_percent: 40 });
    expect(await perform('set_milestone_progress', { ...one, percent: null })).toEqual({ ...one, progress_percent: 0 });
    expect(await perform('update_milestone', { ...one, status: 'in_progress' })).toMatchObject({
      name: 'Beta',
      target_date: '2027-01-31',
      status: 'in_progress',
    });
    await expect(perform('delete_milestone', one)).rejects.toMatchObject({ code: 'CR008' });
    expect(await perform('delete_milestone', one, maintainer)).toMatchObject({ name: 'Beta' });
    await expect(perform('delete_milestone', one, maintainer)).rejects.toMatchObject({ code: 'CR004' });
    expect(await told(5)).toEqual([
      'milestone.deleted',
      'milestone.status_changed',
      'milestone.updated',
      'milestone.updated',
      'milestone.created',
    ]);
  });

  it.each([
    ['update_task', 'create_task', 'task_id', { title: 'One' }, { title: 'Two' }],
    ['update_milestone', 'create_milestone', 'milestone_id', { name: 'One' }, { name: 'Two' }],
    ['update_decision', 'record_decision', 'decision_id', { title: 'One' }, { title: 'Two' }],
    ['update_project', 'create_project', 'project_id', { name: 'One' }, { name: 'Two' }],
  ])(
    '%s refuses what was made up from an older row, and says which is there',
    async (change, make, key, made, other) => {
      const row = await perform(make, make === 'create_project' ? made : { ...project, ...made });
      const read = await perform(change.replace('update', key === 'milestone_id' ? 'update' : 'read'), {
        [key]: row.id,
      });
      const seen = { [key]: row.id, expected_updated_at: read.updated_at };
      const changed = await perform(change, { ...seen, ...other });
      expect(changed).toMatchObject(other);
      const late = perform(change, { ...seen, description: 'Late' });
      await expect(late).rejects.toMatchObject({
        code: 'CR014',
        message: expect.stringContaining(String(changed.updated_at)),
      });
      expect(await perform(change, { [key]: row.id })).toMatchObject({ ...other, description: null });
    },
  );

  it('lets two change different things of one row at once, and keeps both', async () => {
    const { id } = await perform('create_task', { ...project, title: 'Both' });
    await Promise.all([
      perform('update_task', { task_id: id, description: 'Mine' }),
      perform('update_task', { task_id: id, priority: 7 }, maintainer),
    ]);
    expect(await perform('read_task', { task_id: id })).toMatchObject({
      title: 'Both',
      description: 'Mine',
      priority: 7,
    });
  });

  it('deletes a task for whoever made it alone, and keeps its timeline', async () => {
    const { id } = await perform('create_task', { ...project, title: 'Mine' });
    await expect(perform('delete_task', { task_id: id }, PEOPLE.a.admin)).rejects.toMatchObject({ code: 'CR008' });
    expect(await perform('delete_task', { task_id: id })).toMatchObject({ title: 'Mine' });
    await expect(perform('read_task', { task_id: id })).rejects.toMatchObject({ code: 'CR004' });
    const timeline = await listed('task_timeline', { task_id: id });
    expect(timeline.map(({ event_type }) => event_type)).toEqual(['task.deleted', 'task.created']);
  });

  it('tells of a pass over a task from its start to its end, which stays as it was written', async () => {
    const { id } = await perform('start_task_run', { ...task, phase: 'cynic' });
    const end = { task_run_id: id, status: 'failed', summary: 'Too clever' };
    expect(await perform('finish_task_run', end)).toMatchObject({ status: 'failed', summary: 'Too clever' });
    expect(await perform('finish_task_run', end)).toMatchObject({ status: 'failed' });
    await expect(perform('finish_task_run', { ...end, status: 'succeeded' })).rejects.toMatchObject({ code: 'CR003' });
    await expect(perform('finish_task_run', { ...end, summary: 'Fine' })).rejects.toMatchObject({ code: 'CR003' });
    const timeline = await listed('task_timeline', { ...task, batch: 2 });
    expect(timeline.map(({ event_type }) => event_type)).toEqual(['task_run.status_changed', 'task_run.created']);
    await expect(
      perform('start_task_run', { ...task, phase: 'code', agent_run_id: idOf('b', ID.agentRun) }),
    ).rejects.toMatchObject({ code: 'CR007' });
  });

  it('keeps who overruled the Cynic of a task, and why, in the timeline of the task', async () => {
    const what = { target_type: 'task', target_id: task.task_id, override_type: 'cynic_reject' };
    const overruled = { ...project, ...what, reason: 'It is clever enough' };
    expect(await perform('create_override', overruled)).toMatchObject({
      user: expect.stringContaining('account'),
      reason: overruled.reason,
    });
    const [newest] = await listed('list_task_overrides', task, maintainer);
    expect(newest).toMatchObject({ override_type: 'cynic_reject', target_id: task.task_id });
    const [event] = await listed('task_timeline', { ...task, batch: 1 });
    expect(event).toMatchObject({ event_type: 'override.created', user_id: member });
  });

  it('puts a decision in the place of another, once', async () => {
    const { id } = await perform('record_decision', { ...project, title: 'Use A', choice: 'A' });
    const later = await perform('supersede_decision', { decision_id: id, title: 'Use B', choice: 'B' }, maintainer);
    expect(later).toMatchObject({ title: 'Use B', supersedes: id, superseded_by: null, user_id: maintainer });
    expect(await perform('read_decision', { decision_id: id })).toMatchObject({
      title: 'Use A',
      superseded_by: later.id,
    });
    const standing = await listed('list_decisions', { ...project, standing: 'only' });
    expect(standing.map((row) => row.id)).toContain(later.id);
    expect(standing.map((row) => row.id)).not.toContain(id);
    for (const name of ['supersede_decision', 'update_decision']) {
      await expect(perform(name, { decision_id: id, title: 'Use C' })).rejects.toMatchObject({ code: 'CR003' });
    }
  });

  it('finds lessons and pieces of user interface by words and tags', async () => {
    await perform('record_lesson', {
      ...project,
      title: 'Webhooks come twice',
      domain_tags: ['ci'],
      severity: 'major',
    });
    await perform('record_lesson', { ...project, title: 'Dates have zones' });
    const titles = async (more: object) =>
      (await listed('list_lessons', { ...project, ...more })).map(({ title }) => title);
    expect(await titles({ query: 'webhooks -zones' })).toEqual(['Webhooks come twice']);
    expect(await titles({ domain_tag: 'ci', severity: 'major' })).toEqual(['Webhooks come twice']);
    const { id } = await perform('record_ux_snippet', {
      ...project,
      name: 'Glass card',
      code_sample: '<div/>',
      tags: ['glassmorphism'],
    });
    const names = async (more: object) =>
      (await listed('list_ux_snippets', { ...project, ...more })).map(({ name }) => name);
    expect(await names({ query: 'glass' })).toEqual(['Glass card']);
    expect(await names({ tag: 'glassmorphism' })).toEqual(['Glass card']);
    expect(await names({})).toContain('global snippet');
    expect(await perform('read_ux_snippet', { snippet_id: id })).toMatchObject({ code_sample: '<div/>' });
    await perform('retire_ux_snippet', { snippet_id: id });
    expect(await names({ query: 'glass' })).toEqual([]);
    await expect(perform('read_ux_snippet', { snippet_id: id })).rejects.toMatchObject({ code: 'CR004' });
    expect(await told(2)).toEqual(['ux_snippet.retired', 'ux_snippet.created']);
  });

  it('keeps a session for one person, and tells the project only that there is one', async () => {
    const { id } = await perform('start_agent_session', { ...project, summary: 'Secret plan', snapshot: { at: 1 } });
    const one = { agent_session_id: id };
    expect(await perform('note_in_agent_session', { ...one, snapshot: { file: 'a.ts' } })).toMatchObject({
      snapshot: { at: 1, file: 'a.ts' },
      summary: 'Secret plan',
      notes: 1,
    });
    expect(await perform('end_agent_session', { ...one, summary: 'All done' })).toMatchObject({ summary: 'All done' });
    expect(await perform('end_agent_session', one)).toMatchObject({ notes: 2 });
    await expect(perform('note_in_agent_session', { ...one, summary: 'More' })).rejects.toMatchObject({
      code: 'CR003',
    });
    for (const name of ['read_agent_session', 'end_agent_session']) {
      await expect(perform(name, one, maintainer)).rejects.toMatchObject({ code: 'CR004' });
    }
    expect((await listed('list_agent_sessions', project, maintainer)).map((row) => row.id)).not.toContain(id);
    const events = await listed('list_events', { ...project, batch: 3 });
    expect(events.map(({ event_type }) => event_type)).toEqual([
      'agent_session.updated',
      'agent_session.updated',
      'agent_session.created',
    ]);
    expect(JSON.stringify(events)).not.toMatch(/Secret|done|a\.ts/);
  });

  it('gives a checkpoint whole, and the list of them in brief', async () => {
    const id = await perform('create_checkpoint', { ...project, label: 'Half way', snapshot: { at: 3 } });
    const [newest] = await listed('list_checkpoints', project);
    expect(newest).toMatchObject({ id, label: 'Half way' });
    expect(newest).not.toHaveProperty('snapshot');
    expect(await perform('read_checkpoint', { checkpoint_id: id })).toMatchObject({ snapshot: { at: 3 } });
  });

  describe('an error of an application', () => {
    const report = { ...project, message: 'Card 4711 was refused', kind: 'PaymentError', environment: 'production' };

    it('is kept once for each fingerprint, counted, and open again when it comes after it was resolved', async () => {
      const first = await perform('report_error', { ...report, occurred_at: '2026-01-02T03:04:05Z', release: 'v1' });
      expect(first).toMatchObject({
        is_new: true,
        is_kept: true,
        occurrences: 1,
        severity: 'error',
        source: 'runtime',
      });
      const again = { ...report, message: 'Card 12 was refused', count: 4, severity: 'critical', release: 'v2' };
      expect(await perform('report_error', again)).toMatchObject({
        id: first.id,
        is_new: false,
        occurrences: 5,
        severity: 'critical',
        message: report.message,
        release: 'v2',
        first_seen_at: expect.stringContaining('2026-01-02T03:04:05'),
      });
      const one = { error_id: first.id };
      expect(await perform('resolve_error', one)).toMatchObject({ resolved_by: member });
      expect((await listed('list_errors', { ...project, state: 'open' })).map(({ id }) => id)).not.toContain(first.id);
      expect(await perform('report_error', report)).toMatchObject({ occurrences: 6, resolved_at: null });
      expect(await told(3)).toEqual(['error.reopened', 'error.resolved', 'error.reported']);
      await perform('resolve_error', one);
      expect(await perform('reopen_error', one)).toMatchObject({ resolved_at: null });
      const found = await listed('list_errors', { ...project, source: 'runtime', environment: 'production' });
      expect(found.map(({ id }) => id)).toEqual([first.id]);
      expect((await listed('search_failures', project)).map(({ id }) => id)).toContain(first.id);
    });

    it('loses nothing when many tell of it at once', async () => {
      const many = Array.from({ length: 12 }, () => perform('report_error', { ...report, kind: 'AtOnce' }));
      const outputs = await Promise.all(many);
      expect(Math.max(...outputs.map(({ occurrences }) => Number(occurrences)))).toBe(12);
      expect(outputs.filter(({ is_new }) => is_new)).toHaveLength(1);
    });

    it('is counted rather than kept where there are as many kinds as are kept', async () => {
      const { id } = await perform('create_project', { name: 'Storm' });
      await brain.sql(
        `insert into codered.errors (project_id, source, message, fingerprint)
          select $1::uuid, 'runtime', 'x', left(md5(n::text), 16) from generate_series(1, 199) as n`,
        [String(id)],
      );
      const storm = (kind: string) => perform('report_error', { project_id: id, message: 'It broke', kind });
      expect(await storm('Kept')).toMatchObject({ is_kept: true, is_new: true });
      const counted = await storm('Tossed');
      expect(counted).toMatchObject({ is_kept: false, is_new: true, error_code: null });
      expect(await storm('AlsoTossed')).toMatchObject({
        id: counted.id,
        is_kept: false,
        is_new: false,
        occurrences: 2,
      });
      expect(await storm('Kept')).toMatchObject({ is_kept: true, occurrences: 2 });
    });

    it('is no stranger’s to tell of, to read or to resolve', async () => {
      const { id } = await perform('report_error', { ...report, kind: 'Ours' });
      const stranger = PEOPLE.b.admin;
      await expect(perform('report_error', report, stranger)).rejects.toMatchObject({ code: 'CR004' });
      for (const name of ['read_error', 'resolve_error', 'reopen_error']) {
        for (const error_id of [id, randomUUID()]) {
          await expect(perform(name, { error_id }, stranger)).rejects.toMatchObject({
            code: 'CR004',
            message: expect.stringContaining('There is no error'),
          });
        }
      }
    });

    it('lets go of what was said beside it with its excerpt', async () => {
      const { id } = await perform('report_error', { ...report, kind: 'Old', context: { cart: 3 } });
      await brain.sql(`update codered.errors set created_at = now() - interval '10 years' where id = $1::uuid`, [
        String(id),
      ]);
      await brain.sql(`update codered.retention_policies set keep = interval '1 year' where table_name = 'errors'`);
      await brain.call('prune_excerpts', { batch: 10 });
      expect(await perform('read_error', { error_id: id })).toMatchObject({ excerpt: null, context: null });
    });
  });
});
