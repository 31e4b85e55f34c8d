-- The runs of sprints: a sprint is done when what it asks for itself was measured and met; none is left running; their gates say
-- which phase they are of; and they say in short what was measured. Old workers survive it.

alter table codered.runs
  add column dod_state text,
  add constraint runs_dod_state_check check (
    dod_state in ('met', 'failed', 'unmeasured') or codered.refuse_value('runs.dod_state', dod_state, 'met, failed, unmeasured'));
comment on column codered.runs.dod_state is
  'What the gate measured of what its sprint asks for itself, whatever else a policy asks for: met, failed, unmeasured (also: waved through). Null: no sprint, or whoever ended the run says it.';

create or replace trigger runs_events after insert or update or delete on codered.runs
  for each row execute function codered.append_event('run',
    'total_gates,gates_passed,gates_failed,total_tokens_in,total_tokens_out,total_cost_usd,ci_event_id,ci_run_id,dod_state');

create function codered.judge_sprint(run_id uuid)
returns text
language sql
stable
set search_path = ''
as $$
  with asked as (
    select d.key, d.value
    from codered.runs r
    join codered.sprints s on s.id = r.sprint_id
    cross join lateral jsonb_each(s.dod_json) as d
    -- A key that is false asks for nothing.
    where r.id = judge_sprint.run_id and d.value <> 'false'
  ), newest as (
    select distinct on (g.gate_id)
      g.gate_id, g.status,
      case when jsonb_typeof(g.validation_results -> 0 -> 'threshold') = 'number'
        then (g.validation_results -> 0 ->> 'threshold')::numeric end as threshold,
      case when jsonb_typeof(g.validation_results -> 0 -> 'measured') = 'number'
        then (g.validation_results -> 0 ->> 'measured')::numeric end as measured
    from codered.gate_executions g
    where g.run_id = judge_sprint.run_id
    order by g.gate_id, g.attempt_number desc
  ), judged as (
    select
      case
        when n.status = 'failed' then 'failed'
        when n.status is distinct from 'passed' then 'unmeasured'
        when jsonb_typeof(a.value) <> 'number' or num_nonnulls(n.threshold, n.measured) = 0 then 'met'
        -- The policy may have been content with less.
        when greatest(n.threshold, n.measured) >= (a.value #>> '{}')::numeric then 'met'
        when n.measured is not null then 'failed'
        else 'unmeasured'
      end as state
    from asked a
    left join newest n on n.gate_id = a.key
  )
  select case
    when r.sprint_id is null then null
    when 'failed' in (select j.state from judged j) then 'failed'
    when 'unmeasured' in (select j.state from judged j) then 'unmeasured'
    else 'met'
  end
  from codered.runs r
  where r.id = judge_sprint.run_id
$$;
comment on function codered.judge_sprint(uuid) is
  'What the gates of a run come to for its sprint''s own Definition of Done: met when every key was measured and passed at the sprint''s own threshold, failed when one was measured and did not, else unmeasured; null without a sprint.';

create function codered.end_other_runs(run_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
  other record;
begin
  for other in
    select o.id, o.project_id, o.sprint_id, o.commit_sha, o.display_name
    from codered.runs r
    join codered.runs o on o.repository_id = r.repository_id and o.commit_sha = r.commit_sha and o.id <> r.id and o.status = 'running'
    where r.id = end_other_runs.run_id
    order by o.id
  loop
    update codered.gate_executions g
    set status = 'skipped', completed_at = now()
    where g.run_id = other.id and g.status in ('pending', 'running');
    -- Failed, and not cancelled: should its sprint be asked for again, it goes on.
    update codered.runs r set status = 'failed' where r.id = other.id;
    perform codered.append_status(
      other.project_id, other.id, 'FAILED', 'The commit is judged by another Definition of Done',
      jsonb_strip_nulls(jsonb_build_object(
        'sprint_id', other.sprint_id, 'commit_sha', other.commit_sha, 'reason', 'superseded', 'run_id', end_other_runs.run_id)));
  end loop;
end
$$;
comment on function codered.end_other_runs(uuid) is
  'Ends what runs on the same commit by another Definition of Done, with a status event FAILED: nobody would end it any more.';

create function codered.seconds_of(ci_event_ids uuid[])
returns integer
language sql
stable
set search_path = ''
as $$
  select case when bool_and(e.start_time is not null and e.end_time is not null)
    then greatest(extract(epoch from max(e.end_time) - min(e.start_time)), 0)::integer end
  from codered.ci_events e
  where e.id = any (seconds_of.ci_event_ids)
$$;
comment on function codered.seconds_of(uuid[]) is
  'From the first start of these workflow runs to their last end, in seconds; null when there are none, or one of them has not told both.';

create or replace function codered.accept_summary(what text, summary jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  key text;
  value jsonb;
  allowed text;
  suite text;
  counts jsonb;
begin
  if jsonb_typeof(summary) <> 'object' then
    raise exception '% is %; allowed: an object of status, tests, lighthouse, artifacts, duration_seconds.', what, left(summary::text, 80)
      using errcode = 'CR002';
  end if;
  for key, value in select * from jsonb_each(summary) loop
    allowed := case
      when key = 'status' then case when value in ('"PASSED"', '"FAILED"') then null else 'PASSED, FAILED' end
      when key not in ('tests', 'lighthouse', 'artifacts', 'duration_seconds')
        then 'the keys status, tests, lighthouse, artifacts, duration_seconds'
      -- Nothing was measured.
      when value = 'null' then null
      when key = 'tests' then
        case when jsonb_typeof(value) = 'object' then null else 'an object: suite to {passed, failed, skipped, coverage}, or null' end
      when key = 'lighthouse' then
        case
          when jsonb_typeof(value) = 'object' and (
            value -> 'score' = 'null' or jsonb_typeof(value -> 'score') = 'number' and (value ->> 'score')::numeric between 0 and 100)
          then null else '{"score": 0 to 100}, or null'
        end
      when key = 'artifacts' then
        case when jsonb_typeof(value) = 'array' and not value @? 'strict $[*] ? (@.type() != "string")' then null else 'a list of names, or null' end
      else case when jsonb_typeof(value) = 'number' and value::text::numeric >= 0 then null else '0 or more, or null' end
    end;
    if allowed is not null then
      raise exception '%.% is %; allowed: %.', what, left(key, 80), left(value::text, 80), allowed using errcode = 'CR002';
    end if;
  end loop;
  for suite, counts in select * from jsonb_each(coalesce(nullif(summary -> 'tests', 'null'), '{}')) loop
    if jsonb_typeof(counts) <> 'object' then
      raise exception '%.tests.% is %; allowed: an object of passed, failed, skipped, coverage.', what, left(suite, 80), left(counts::text, 80)
        using errcode = 'CR002';
    end if;
    for key, value in select * from jsonb_each(counts) loop
      allowed := case
        when key not in ('passed', 'failed', 'skipped', 'coverage') then 'the keys passed, failed, skipped, coverage'
        when value = 'null' then null
        when key = 'coverage' then
          case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 1 then null else 'a share from 0 to 1, or null' end
        else case when jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]+$' then null else 'a whole number, 0 or more, or null' end
      end;
      if allowed is not null then
        raise exception '%.tests.%.% is %; allowed: %.', what, left(suite, 80), left(key, 80), left(value::text, 80), allowed
          using errcode = 'CR002';
      end if;
    end loop;
  end loop;
  return true;
end
$$;
comment on function codered.accept_summary(text, jsonb) is
  'True for a run''s summary as document 001 has it, null being what is not known; raises CR002 with key, value and what is allowed otherwise.';
comment on column codered.runs.summary_json is '{"status", "tests": {"<suite>": {"passed", "failed", "skipped", "coverage"}}, "lighthouse": {"score"}, "artifacts", "duration_seconds"}; null is what was not measured.';

create or replace function codered.follow_runs()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  followed uuid[];
begin
  select array_agg(distinct c.sprint_id) into followed from changed c where c.sprint_id is not null;
  if tg_op = 'UPDATE' then
    select array_agg(distinct b.sprint_id) || followed into followed from before b where b.sprint_id is not null;
  end if;
  if followed is null then
    return null;
  end if;
  -- Two runs of one sprint may end at once: the second waits here, and then sees what the first has done.
  perform 1 from codered.sprints s where s.id = any (followed) order by s.id for no key update;
  with wanted as (
    select distinct on (r.sprint_id)
      r.sprint_id,
      case
        when r.status = 'completed' and coalesce(r.dod_state, 'met') = 'met' then 'DONE'
        when r.status in ('failed', 'cancelled') or r.status = 'completed' and r.dod_state = 'failed' then 'FAILED'
        else 'RUNNING'
      end as state
    from codered.runs r
    where r.sprint_id = any (followed)
    order by r.sprint_id, r.created_at desc, r.id desc
  )
  update codered.sprints s
  set state = 'RUNNING'
  from wanted w
  where s.id = w.sprint_id and s.state <> w.state and s.state <> 'RUNNING';
  with wanted as (
    select distinct on (r.sprint_id)
      r.sprint_id,
      case
        when r.status = 'completed' and coalesce(r.dod_state, 'met') = 'met' then 'DONE'
        when r.status in ('failed', 'cancelled') or r.status = 'completed' and r.dod_state = 'failed' then 'FAILED'
        else 'RUNNING'
      end as state
    from codered.runs r
    where r.sprint_id = any (followed)
    order by r.sprint_id, r.created_at desc, r.id desc
  )
  update codered.sprints s
  set state = w.state
  from wanted w
  where s.id = w.sprint_id and s.state <> w.state;
  return null;
end
$$;
comment on function codered.follow_runs() is
  'A sprint is RUNNING while its newest run (the one made last) is under way, then DONE, or FAILED, also when that run was cancelled. A run that was passed without what the sprint asks for leaves it RUNNING (dod_state).';

create or replace function codered.start_run(run jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  told record;
  sprint codered.sprints;
  project uuid;
  started codered.runs;
  is_new boolean := false;
  is_again boolean := false;
begin
  perform codered.check_fields('runs', start_run.run, '{
    "sprint_id": "uuid", "ci_run_id": "text", "ci_event_id": "uuid", "repository_id": "bigint", "pull_request_number": "integer",
    "commit_sha": "text", "display_name": "text"}');
  select * into told
  from jsonb_to_record(start_run.run) as t(
    sprint_id uuid, ci_run_id text, ci_event_id uuid, repository_id bigint, pull_request_number integer, commit_sha text,
    display_name text);
  if told.sprint_id is not null then
    select s.* into sprint from codered.sprints s where s.id = told.sprint_id for no key update;
    if not found then
      perform codered.refuse_missing('sprint', told.sprint_id::text);
    end if;
  elsif told.repository_id is null or told.commit_sha is null then
    perform codered.refuse_value('runs.sprint_id', 'null'::text, 'a sprint, or a repository_id and a commit_sha');
  end if;
  if told.repository_id is not null then
    select r.project_id into project from codered.repositories r where r.id = told.repository_id;
    if not found then
      perform codered.refuse_missing('repository', told.repository_id::text);
    end if;
    if sprint.id is not null and project is distinct from sprint.project_id then
      raise exception 'runs.repository_id is "%": there is no such row of repositories in this project.', told.repository_id
        using errcode = 'CR007', table = 'runs', column = 'repository_id';
    end if;
  end if;
  select r.* into started
  from codered.runs r
  where r.sprint_id is not distinct from told.sprint_id
    and r.repository_id is not distinct from told.repository_id
    and r.commit_sha is not distinct from told.commit_sha
    -- Without a commit to know it by, a run is known by the CI run that it tells of.
    and (told.repository_id is not null and told.commit_sha is not null or r.ci_run_id = told.ci_run_id)
  order by r.created_at desc, r.id desc
  limit 1
  for no key update;
  if not found then
    insert into codered.runs
      (project_id, sprint_id, spec_id, repository_id, pull_request_number, commit_sha, ci_run_id, ci_event_id, display_name, status)
    values (
      coalesce(sprint.project_id, project), told.sprint_id, sprint.spec_id, told.repository_id, told.pull_request_number, told.commit_sha,
      told.ci_run_id, told.ci_event_id, coalesce(told.display_name, sprint.label), 'running'
    )
    on conflict (repository_id, commit_sha, sprint_id) where repository_id is not null and commit_sha is not null do nothing
    returning * into started;
    is_new := found;
    if not found then
      select r.* into started
      from codered.runs r
      where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id
      for no key update;
    end if;
  end if;
  if started.status in ('paused', 'cancelled') then
    perform codered.refuse_state(
      'runs.status', started.status, 'pending, running, completed or failed, to start it; a paused run is resumed with resume_run');
  end if;
  is_again := started.status in ('completed', 'failed');
  if not is_new then
    update codered.runs r
    set
      status = 'running',
      summary_json = case when is_again then null else r.summary_json end,
      dod_state = case when is_again then null else r.dod_state end,
      current_gate = case when is_again then null else r.current_gate end,
      ci_run_id = coalesce(told.ci_run_id, r.ci_run_id),
      ci_event_id = coalesce(told.ci_event_id, r.ci_event_id),
      pull_request_number = coalesce(told.pull_request_number, r.pull_request_number),
      display_name = coalesce(told.display_name, r.display_name)
    where r.id = started.id
    returning * into started;
  end if;
  if told.ci_event_id is not null then
    insert into codered.run_ci_events (run_id, ci_event_id) values (started.id, told.ci_event_id) on conflict do nothing;
  end if;
  if is_new or is_again then
    perform codered.make_gates(started.id, (
      select jsonb_agg(jsonb_build_object(
        'gate_id', d.key,
        'gate_name', case d.key
          when 'coverage_min' then 'Test coverage'
          when 'e2e_pass' then 'End-to-end tests'
          when 'lighthouse_min' then 'Lighthouse performance'
          when 'lint_pass' then 'Lint'
          else 'Type check'
        end,
        'phase', 'definition_of_done',
        'gate_order', 1,
        'max_attempts', 100))
      from jsonb_each(sprint.dod_json) d
    ));
    perform codered.append_status(
      started.project_id, started.id, 'BUILD', started.display_name,
      jsonb_strip_nulls(jsonb_build_object('sprint_id', started.sprint_id, 'ci_run_id', started.ci_run_id,
        'commit_sha', started.commit_sha, 'is_again', is_again)));
    -- Read again: its gates have been counted since.
    select r.* into started from codered.runs r where r.id = started.id;
  end if;
  return to_jsonb(started) || jsonb_build_object('is_new', is_new, 'is_again', is_again);
end
$$;
comment on function codered.start_run(jsonb) is
  'Starts the evaluation of a sprint on a commit, or starts it again when it is over, with one pending gate for each key of the Definition of Done and a status event BUILD; returns its row, is_new and is_again. Told again while it runs it changes only what it is told. Keys: sprint_id, or repository_id and commit_sha (then without gates, see make_gates); ci_run_id, ci_event_id, pull_request_number, display_name. CR002, CR003, CR004, CR007.';

create or replace function codered.record_gate_verdict(verdict jsonb)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told record;
  run codered.runs;
  wanted text;
  is_first boolean;
  summary jsonb;
begin
  perform codered.check_fields('gate_verdict', record_gate_verdict.verdict, '{
    "repository_id": "bigint", "pull_request_number": "integer", "commit_sha": "text", "sprint_id": "uuid", "state": "text",
    "version": "text", "ci_run_id": "text", "ci_event_ids": "texts", "criteria": "array", "summary": "object"}');
  select * into told
  from jsonb_to_record(record_gate_verdict.verdict) as t (
    repository_id bigint, pull_request_number integer, commit_sha text, sprint_id uuid, state text, version text, ci_run_id text,
    ci_event_ids uuid[], criteria jsonb, summary jsonb);
  -- Nothing may be told of the repository between the look and the verdict.
  perform 1 from codered.repositories r where r.id = told.repository_id for no key update;
  if codered.read_evidence_version(told.repository_id, told.commit_sha) is distinct from told.version then
    return json_build_object('stale', true, 'run_id', null);
  end if;
  perform 1 from codered.sprints s where s.id = told.sprint_id for no key update;
  select r.* into run
  from codered.runs r
  where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id;
  if run.id is null and told.sprint_id is not null then
    -- The sprint came after the commit had been looked at: what was begun is its run from now on.
    update codered.runs r
    set sprint_id = s.id, spec_id = s.spec_id, dod_state = 'unmeasured'
    from codered.sprints s
    where s.id = told.sprint_id and r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is null
    returning r.* into run;
  end if;
  wanted := case told.state when 'pass' then 'completed' when 'fail' then 'failed' else 'running' end;
  -- Evidence that was read for information hangs on a run that nobody has started yet.
  is_first := run.status = 'pending';
  if run.id is null or is_first or (run.status in ('completed', 'failed') and run.status <> wanted) then
    select r.* into run
    from jsonb_populate_record(null::codered.runs, codered.start_run(jsonb_strip_nulls(jsonb_build_object(
      'repository_id', told.repository_id, 'commit_sha', told.commit_sha, 'sprint_id', told.sprint_id, 'ci_run_id', told.ci_run_id,
      'pull_request_number', told.pull_request_number, 'display_name', 'Pull request ' || told.pull_request_number)))) as r;
  end if;
  if is_first then
    perform codered.append_status(
      run.project_id, run.id, 'BUILD', run.display_name,
      jsonb_strip_nulls(jsonb_build_object('ci_run_id', run.ci_run_id, 'commit_sha', run.commit_sha, 'is_again', false)));
  end if;
  update codered.runs r
  set ci_run_id = coalesce(told.ci_run_id, r.ci_run_id), pull_request_number = told.pull_request_number
  where r.id = run.id
    and (r.ci_run_id, r.pull_request_number) is distinct from (coalesce(told.ci_run_id, r.ci_run_id), told.pull_request_number);
  insert into codered.run_ci_events (run_id, ci_event_id)
  select run.id, e.id
  from codered.ci_events e
  where e.id = any (told.ci_event_ids) and e.repository_id = told.repository_id
  on conflict do nothing;

  with criteria as (
    select f.*
    from jsonb_to_recordset(told.criteria) as f (
      gate_id text, gate_name text, gate_order integer, status text, attempt_number integer, validation_results jsonb, fail_codes text[]
    )
  )
  insert into codered.gate_executions as g (
    run_id, gate_id, gate_name, phase, gate_order, status, attempt_number, max_attempts, validation_results, fail_codes, started_at,
    completed_at
  )
  select
    run.id, c.gate_id, c.gate_name, 'definition_of_done', c.gate_order, c.status,
    -- What a criterion rests on may change to something with fewer attempts: its newest row goes on telling.
    greatest(
      c.attempt_number,
      (select max(e.attempt_number) from codered.gate_executions e where e.run_id = run.id and e.gate_id = c.gate_id)
    ),
    100, c.validation_results, c.fail_codes, now(), case when c.status <> 'pending' then now() end
  from criteria c
  on conflict (run_id, gate_id, attempt_number) do update
  set
    gate_name = excluded.gate_name,
    phase = excluded.phase,
    gate_order = excluded.gate_order,
    status = excluded.status,
    validation_results = excluded.validation_results,
    fail_codes = excluded.fail_codes,
    completed_at = excluded.completed_at
  where (g.gate_name, g.phase, g.gate_order, g.status, g.validation_results, g.fail_codes)
    is distinct from (excluded.gate_name, excluded.phase, excluded.gate_order, excluded.status, excluded.validation_results, excluded.fail_codes);
  -- What the policy asks for no more counts neither way.
  update codered.gate_executions g
  set status = 'skipped', completed_at = now()
  where g.run_id = run.id
    and g.status <> 'skipped'
    and g.gate_id not in (select f.gate_id from jsonb_to_recordset(told.criteria) as f (gate_id text));

  update codered.runs r
  set dod_state = codered.judge_sprint(r.id)
  where r.id = run.id and r.dod_state is distinct from codered.judge_sprint(r.id);
  perform codered.end_other_runs(run.id);
  summary := told.summary || jsonb_build_object(
    'status', case wanted when 'completed' then 'PASSED' else 'FAILED' end,
    'duration_seconds', codered.seconds_of(told.ci_event_ids));
  if run.status = wanted then
    -- The same outcome by other figures.
    update codered.runs r set summary_json = summary
    where r.id = run.id and wanted <> 'running' and summary is not null and r.summary_json is distinct from summary;
  end if;
  if run.status = 'running' and wanted <> 'running' then
    perform codered.finish_run(run.id, case when wanted = 'completed' then 'PASSED' else 'FAILED' end, summary);
    perform codered.append_status(
      run.project_id, run.id, case when wanted = 'completed' then 'GATE_PASSED' else 'GATE_FAILED' end,
      format('Pull request %s', told.pull_request_number),
      jsonb_build_object('commit_sha', told.commit_sha, 'fail_codes', (
        select coalesce(jsonb_agg(distinct code), '[]')
        from jsonb_to_recordset(told.criteria) as f (fail_codes text[]), unnest(f.fail_codes) as code
      )));
  end if;
  perform codered.look_at_merge_groups(told.repository_id, told.pull_request_number, told.commit_sha);
  return json_build_object('stale', false, 'run_id', run.id);
end
$$;
comment on function codered.record_gate_verdict(jsonb) is
  'Writes a verdict down as the run of its commit, one gate execution a criterion and attempt, and the events that follow, all or nothing; done twice, it changes nothing. Of a pull request''s head it has the commits looked at that a merge queue made for it. {"stale": true} and nothing written when more is known by now than the verdict rests on (version of read_gate_subject): judge again.';

revoke execute on function codered.judge_sprint(uuid), codered.end_other_runs(uuid), codered.seconds_of(uuid[]) from public;
grant execute on function codered.judge_sprint(uuid), codered.end_other_runs(uuid), codered.seconds_of(uuid[]) to service_role;

-- What earlier versions left. Which gates are the Definition of Done's, and what a sprint was called done by:
update codered.gate_executions g
set phase = 'definition_of_done'
from codered.runs r
where r.id = g.run_id and r.sprint_id is not null and g.phase is null;
-- Where the gate judged, its reasons stand; an outside runner's word stays as it is.
update codered.runs r
set dod_state = codered.judge_sprint(r.id)
where r.sprint_id is not null
  and exists (select from codered.gate_executions g where g.run_id = r.id and (g.validation_results <> '[]' or g.status = 'skipped'))
  and r.dod_state is distinct from codered.judge_sprint(r.id);
-- Of several runs on a commit the one that was begun last is judged.
select codered.end_other_runs(newest.id)
from (
  select distinct on (r.repository_id, r.commit_sha) r.id
  from codered.runs r
  where (r.repository_id, r.commit_sha) in (
    select o.repository_id, o.commit_sha
    from codered.runs o
    where o.repository_id is not null and o.commit_sha is not null
    group by o.repository_id, o.commit_sha
    having count(*) > 1
  )
  order by r.repository_id, r.commit_sha, r.status = 'pending', r.created_at desc, r.id desc
) as newest;
