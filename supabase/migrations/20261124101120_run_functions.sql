-- Runs: which states follow each other, totals over gates, and the evaluation of a sprint on a commit. Old workers survive it.
--
-- A gate run evaluates a Definition of Done on a commit: it has a sprint or a repository, its gates wait for nobody, and
-- whoever judges says when it is finished (finish_run). Any other run is a workflow run: its gates come one after the other
-- and the last one that passes completes it (finish_gate). Locks are always taken in this order: sprint, run, gates.

create function codered.keep_run_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  is_gate_run constant boolean := new.sprint_id is not null or new.repository_id is not null;
  is_over constant boolean := new.status in ('completed', 'failed', 'cancelled');
  allowed text[];
begin
  if tg_op = 'UPDATE' then
    if new.status = old.status then
      return new;
    end if;
    allowed := case old.status
      when 'pending' then '{running,cancelled}'
      when 'running' then '{paused,completed,failed,cancelled}'
      when 'paused' then '{running,cancelled}'
      when 'cancelled' then '{}'
      else case when is_gate_run then '{running}' else '{}' end
    end;
    -- A word that is no status at all is the CHECK's to refuse.
    if new.status in ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled') and new.status <> all (allowed) then
      perform codered.refuse_state(
        'runs.status', new.status,
        format('%s after %s', coalesce(nullif(array_to_string(allowed, ' or '), ''), 'nothing'), old.status));
    end if;
  end if;
  -- What somebody says beside the status is left as it is, for the CHECKs to judge.
  if new.result is not distinct from old.result then
    new.result := case new.status when 'completed' then 'PASSED' when 'failed' then 'FAILED' end;
  end if;
  if new.pause_reason is not distinct from old.pause_reason and new.status <> 'paused' then
    new.pause_reason := null;
  end if;
  if new.finished_at is not distinct from old.finished_at then
    new.finished_at := case when is_over then now() end;
  end if;
  if new.started_at is not distinct from old.started_at
    and (new.status = 'running' and old.finished_at is not null or new.started_at is null and new.status not in ('pending', 'cancelled'))
  then
    new.started_at := now();
  end if;
  return new;
end
$$;
comment on function codered.keep_run_state() is
  'Lets a run go pending, running, paused, running, completed or failed; cancelled from where it is not over; and back to running only a gate run that is evaluated again (CR003 otherwise). Keeps result, started_at, finished_at and pause_reason in step.';
revoke execute on function codered.keep_run_state() from public;
create trigger runs_state before insert or update on codered.runs
  for each row execute function codered.keep_run_state();

create function codered.follow_runs()
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
      case r.status when 'completed' then 'DONE' when 'failed' then 'FAILED' when 'cancelled' then 'FAILED' else 'RUNNING' end as state
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
      case r.status when 'completed' then 'DONE' when 'failed' then 'FAILED' when 'cancelled' then 'FAILED' else 'RUNNING' end as state
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
  'A sprint is RUNNING while its newest run (the one made last) is under way, then DONE, or FAILED, also when that run was cancelled.';
revoke execute on function codered.follow_runs() from public;
create trigger runs_sprint_inserted after insert on codered.runs
  referencing new table as changed for each statement execute function codered.follow_runs();
create trigger runs_sprint_updated after update on codered.runs
  referencing old table as before new table as changed for each statement execute function codered.follow_runs();
create trigger runs_sprint_deleted after delete on codered.runs
  referencing old table as changed for each statement execute function codered.follow_runs();

create function codered.fill_gate_cost()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- A negative number is the CHECK's to refuse, by its own name.
  if new.model_id is null or least(new.tokens_in, new.tokens_out) < 0 then
    return new;
  end if;
  if new.model_provider is null or tg_op = 'UPDATE' and new.model_id is distinct from old.model_id
    and new.model_provider is not distinct from old.model_provider
  then
    select m.provider into new.model_provider from codered.models m where m.id = new.model_id;
  end if;
  -- A cost that was worked out follows its tokens; one that was told stays.
  if new.cost_usd is null or tg_op = 'UPDATE' and new.cost_usd is not distinct from old.cost_usd
    and (new.model_id, new.tokens_in, new.tokens_out) is distinct from (old.model_id, old.tokens_in, old.tokens_out)
    and old.cost_usd = codered.cost_of(old.model_id, old.tokens_in, old.tokens_out)
  then
    new.cost_usd := codered.cost_of(new.model_id, new.tokens_in, new.tokens_out);
  end if;
  return new;
end
$$;
comment on function codered.fill_gate_cost() is 'Fills model_provider from models, and works the cost out where none was told.';
revoke execute on function codered.fill_gate_cost() from public;
create trigger gate_executions_cost before insert or update of model_id, model_provider, tokens_in, tokens_out, cost_usd
  on codered.gate_executions for each row execute function codered.fill_gate_cost();

create function codered.count_gates()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  counted uuid[];
begin
  select array_agg(distinct c.run_id) into counted from changed c;
  if tg_op = 'UPDATE' then
    select array_agg(distinct b.run_id) || counted into counted from before b;
  end if;
  -- Whoever writes gates of the same run at the same time waits here, and then counts what the first has written.
  perform 1 from codered.runs r where r.id = any (counted) order by r.id for no key update;
  with newest as (
    select distinct on (g.run_id, g.gate_id) g.run_id, g.status
    from codered.gate_executions g
    where g.run_id = any (counted)
    order by g.run_id, g.gate_id, g.attempt_number desc
  ), gates as (
    select
      n.run_id,
      count(*) as total,
      count(*) filter (where n.status in ('passed', 'warning', 'skipped', 'overridden')) as passed,
      count(*) filter (where n.status in ('failed', 'missing', 'error')) as failed
    from newest n
    group by n.run_id
  ), spent as (
    select g.run_id, sum(g.tokens_in) as tokens_in, sum(g.tokens_out) as tokens_out, sum(g.cost_usd) as cost_usd
    from codered.gate_executions g
    where g.run_id = any (counted)
    group by g.run_id
  ), totals as (
    select
      r.id,
      coalesce(gates.total, 0) as total,
      coalesce(gates.passed, 0) as passed,
      coalesce(gates.failed, 0) as failed,
      coalesce(spent.tokens_in, 0) as tokens_in,
      coalesce(spent.tokens_out, 0) as tokens_out,
      coalesce(spent.cost_usd, 0) as cost_usd
    from unnest(counted) as r(id)
    left join gates on gates.run_id = r.id
    left join spent on spent.run_id = r.id
  )
  update codered.runs r
  set
    total_gates = t.total,
    gates_passed = t.passed,
    gates_failed = t.failed,
    total_tokens_in = t.tokens_in,
    total_tokens_out = t.tokens_out,
    total_cost_usd = t.cost_usd
  from totals t
  where r.id = t.id
    and (r.total_gates, r.gates_passed, r.gates_failed, r.total_tokens_in, r.total_tokens_out, r.total_cost_usd)
      is distinct from (t.total, t.passed, t.failed, t.tokens_in, t.tokens_out, t.cost_usd);
  return null;
end
$$;
comment on function codered.count_gates() is
  'Keeps the totals of runs: each gate counts with its newest attempt, tokens and cost with every attempt.';
revoke execute on function codered.count_gates() from public;
create trigger gate_executions_counted_inserted after insert on codered.gate_executions
  referencing new table as changed for each statement execute function codered.count_gates();
create trigger gate_executions_counted_updated after update on codered.gate_executions
  referencing old table as before new table as changed for each statement execute function codered.count_gates();
create trigger gate_executions_counted_deleted after delete on codered.gate_executions
  referencing old table as changed for each statement execute function codered.count_gates();

create function codered.lock_run(run_id uuid)
returns codered.runs
language plpgsql
set search_path = ''
as $$
declare
  locked codered.runs;
begin
  perform 1
  from codered.sprints s
  where s.id = (select r.sprint_id from codered.runs r where r.id = lock_run.run_id)
  for no key update;
  select r.* into locked from codered.runs r where r.id = lock_run.run_id for no key update;
  if not found then
    perform codered.refuse_missing('run', lock_run.run_id::text);
  end if;
  return locked;
end
$$;
comment on function codered.lock_run(uuid) is
  'Locks a run, after its sprint, until the transaction ends, and returns it as it is then. CR004: there is none.';

create function codered.make_gates(run_id uuid, gates jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  made integer;
begin
  insert into codered.gate_executions
    (run_id, gate_id, gate_name, phase, gate_order, agent_slug, model_id, max_attempts, attempt_number)
  select
    make_gates.run_id,
    g.gate_id,
    coalesce(g.gate_name, g.gate_id),
    g.phase,
    coalesce(g.gate_order, g.place::integer),
    g.agent_slug,
    m.id,
    coalesce(g.max_attempts, 3),
    coalesce(newest.attempt_number, 0) + 1
  from rows from (
    jsonb_to_recordset(make_gates.gates)
      as (gate_id text, gate_name text, phase text, gate_order integer, agent_slug text, model_id text, max_attempts integer)
  ) with ordinality as g(gate_id, gate_name, phase, gate_order, agent_slug, model_id, max_attempts, place)
  left join codered.models m on m.id = g.model_id
  left join lateral (
    select e.attempt_number, e.status
    from codered.gate_executions e
    where e.run_id = make_gates.run_id and e.gate_id = g.gate_id
    order by e.attempt_number desc
    limit 1
  ) newest on true
  where newest.status is null or newest.status not in ('pending', 'running');
  get diagnostics made = row_count;
  return made;
end
$$;
comment on function codered.make_gates(uuid, jsonb) is
  'Makes a pending attempt of each gate that has none open, and returns how many: [{gate_id, gate_name, phase, gate_order, agent_slug, model_id, max_attempts}]. Gates of the same gate_order do not wait for each other.';

create function codered.start_run(run jsonb)
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

create function codered.close_gates(run_id uuid, fail_code text)
returns void
language sql
set search_path = ''
as $$
  update codered.gate_executions g
  set status = 'error', fail_codes = array_append(g.fail_codes, close_gates.fail_code), completed_at = now()
  where g.run_id = close_gates.run_id and g.status = 'running'
$$;
comment on function codered.close_gates(uuid, text) is 'Ends the gate that is running when its run ends: error, with the code.';

create function codered.finish_run(run_id uuid, result text, summary_json jsonb default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  is_passed constant boolean := finish_run.result = 'PASSED';
  wanted constant text := case when finish_run.result = 'PASSED' then 'completed' else 'failed' end;
begin
  if coalesce(finish_run.result, 'null') not in ('PASSED', 'FAILED') then
    perform codered.refuse_value('runs.result', coalesce(finish_run.result, 'null'), 'PASSED, FAILED');
  end if;
  if finish_run.summary_json ->> 'status' <> finish_run.result then
    perform codered.refuse_value(
      'runs.summary_json.status', finish_run.summary_json ->> 'status', finish_run.result || ', as the result says');
  end if;
  run := codered.lock_run(finish_run.run_id);
  if run.status = wanted and (finish_run.summary_json is null or finish_run.summary_json = run.summary_json) then
    return to_jsonb(run);
  end if;
  if run.status <> 'running' then
    perform codered.refuse_state('runs.status', run.status, 'running, or finished with the same result and summary');
  end if;
  if is_passed and run.sprint_id is null and run.repository_id is null then
    perform codered.refuse_state('runs.status', run.status, 'FAILED only: what completes a workflow run is its last gate');
  end if;
  if is_passed and exists (select from codered.gate_executions g where g.run_id = run.id and g.status = 'running') then
    perform codered.refuse_state('gate_executions.status', 'running', 'no running gate when the run passes');
  end if;
  perform codered.close_gates(run.id, 'RUN_FAILED');
  update codered.runs r
  set status = wanted, summary_json = coalesce(finish_run.summary_json, r.summary_json)
  where r.id = run.id
  returning * into run;
  perform codered.append_status(
    run.project_id, run.id, case when is_passed then 'TESTS_PASSED' else 'FAILED' end, run.display_name,
    jsonb_strip_nulls(jsonb_build_object('sprint_id', run.sprint_id, 'commit_sha', run.commit_sha, 'result', run.result)));
  return to_jsonb(run);
end
$$;
comment on function codered.finish_run(uuid, text, jsonb) is
  'Ends a run as PASSED or FAILED, with a status event TESTS_PASSED or FAILED, and returns its row. Told the same again it changes nothing; told otherwise CR003. CR002: result, or a summary that is not in the shape of runs.summary_json or says another status; CR004.';

revoke execute on function codered.lock_run(uuid), codered.make_gates(uuid, jsonb), codered.start_run(jsonb),
  codered.close_gates(uuid, text), codered.finish_run(uuid, text, jsonb) from public;
grant execute on function codered.lock_run(uuid), codered.make_gates(uuid, jsonb), codered.start_run(jsonb),
  codered.close_gates(uuid, text), codered.finish_run(uuid, text, jsonb) to service_role;
