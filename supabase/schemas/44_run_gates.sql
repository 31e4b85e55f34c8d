-- The gates of a run: started, finished, counted and paid for.

create table codered.gate_executions (
  id uuid primary key default gen_random_uuid(),
  run_id uuid not null references codered.runs (id) on delete cascade,
  gate_id text not null,
  gate_name text not null,
  phase text,
  gate_order integer not null,
  agent_slug text,
  model_id text references codered.models (id) on delete set null,
  model_provider text,
  status text not null default 'pending',
  attempt_number integer not null default 1,
  max_attempts integer not null default 3,
  prompt_packet text,
  raw_output text,
  validation_results jsonb not null default '[]',
  fail_codes text[] not null default '{}',
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  cost_usd numeric(14, 6),
  duration_ms integer not null default 0,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  locked_by text,
  locked_until timestamptz,
  claim_number bigint not null default 0,
  progress double precision not null default 0,
  note text,
  stopped_at timestamptz,
  answer jsonb,
  answer_hash text,
  constraint gate_executions_attempt_key unique (run_id, gate_id, attempt_number),
  constraint gate_executions_gate_id_length
    check (char_length(gate_id) between 1 and 200 or codered.refuse_value('gate_executions.gate_id', gate_id, '1 to 200 characters')),
  constraint gate_executions_gate_name_length
    check (char_length(gate_name) between 1 and 500 or codered.refuse_value('gate_executions.gate_name', gate_name, '1 to 500 characters')),
  constraint gate_executions_gate_order_check
    check (gate_order >= 0 or codered.refuse_value('gate_executions.gate_order', gate_order, '0 or more')),
  constraint gate_executions_status_check check (
    status in ('pending', 'running', 'passed', 'failed', 'skipped', 'warning', 'missing', 'error', 'overridden')
    or codered.refuse_value('gate_executions.status', status,
      'pending, running, passed, failed, skipped, warning, missing, error, overridden')),
  constraint gate_executions_max_attempts_check
    check (max_attempts between 1 and 100 or codered.refuse_value('gate_executions.max_attempts', max_attempts, '1 to 100')),
  constraint gate_executions_attempt_number_check
    check (attempt_number >= 1 or codered.refuse_value('gate_executions.attempt_number', attempt_number, '1 or more')),
  constraint gate_executions_validation_results_check check (
    jsonb_typeof(validation_results) = 'array' or codered.refuse_value('gate_executions.validation_results', validation_results, 'a JSON array')),
  constraint gate_executions_fail_codes_check check (
    fail_codes::text ~ '^\{([A-Z][A-Z0-9_]*(,[A-Z][A-Z0-9_]*)*)?\}$'
    or codered.refuse_value('gate_executions.fail_codes', fail_codes, 'codes of A-Z, 0-9 and _')),
  constraint gate_executions_tokens_in_check check (tokens_in >= 0 or codered.refuse_value('gate_executions.tokens_in', tokens_in, '0 or more')),
  constraint gate_executions_tokens_out_check check (tokens_out >= 0 or codered.refuse_value('gate_executions.tokens_out', tokens_out, '0 or more')),
  constraint gate_executions_cost_usd_check check (cost_usd >= 0 or codered.refuse_value('gate_executions.cost_usd', cost_usd, '0 or more')),
  constraint gate_executions_duration_ms_check
    check (duration_ms >= 0 or codered.refuse_value('gate_executions.duration_ms', duration_ms, '0 or more')),
  constraint gate_executions_locked_by_length
    check (char_length(locked_by) between 1 and 200 or codered.refuse_value('gate_executions.locked_by', locked_by, '1 to 200 characters')),
  constraint gate_executions_progress_check
    check (progress between 0 and 100 or codered.refuse_value('gate_executions.progress', progress, '0 to 100')),
  constraint gate_executions_note_length
    check (char_length(note) <= 2000 or codered.refuse_value('gate_executions.note', note, 'at most 2000 characters')),
  constraint gate_executions_prompt_packet_bytes check (
    octet_length(prompt_packet) <= 8388608 or codered.refuse_value('gate_executions.prompt_packet', octet_length(prompt_packet), 'at most 8388608 bytes')),
  constraint gate_executions_raw_output_bytes check (
    octet_length(raw_output) <= 8388608 or codered.refuse_value('gate_executions.raw_output', octet_length(raw_output), 'at most 8388608 bytes'))
);
comment on table codered.gate_executions is 'One gate of a run in one attempt: a stage of a workflow, or a criterion of the Definition of Done.';
comment on column codered.gate_executions.gate_order is 'Place in the run; attempts of a gate share it.';
comment on column codered.gate_executions.status is 'missing, error and overridden are the gate''s on pull requests: waited for too long, could not be evaluated, waved through.';
comment on column codered.gate_executions.prompt_packet is 'What the model was sent; at most 8 MB.';
comment on column codered.gate_executions.validation_results is 'What was checked: [{"type", "target", "passed", "severity", …}].';
comment on column codered.gate_executions.fail_codes is 'Why it did not pass, in codes: MISSING_ARTIFACT, COVERAGE_BELOW_MIN, …';
comment on column codered.gate_executions.cost_usd is 'US dollars; worked out from models when left out, null while the model''s price is unknown.';
comment on column codered.gate_executions.locked_by is 'What the worker that claimed the attempt calls itself; null for what the app itself started.';
comment on column codered.gate_executions.locked_until is
  'When the lease of a claimed attempt ends; from then on the next claim in its run ends the attempt, and end_lapsed_work five minutes later. Null: no lease, nobody ends it.';
comment on column codered.gate_executions.claim_number is 'Rises with each claim of this attempt; whoever keeps or ends it has to name it.';
comment on column codered.gate_executions.progress is '0 to 100, as the worker tells it; never falls within a claim.';
comment on column codered.gate_executions.note is 'What the worker says it is at.';
comment on column codered.gate_executions.stopped_at is
  'When its worker was told to stop because the run is paused, or gave it back: what ends the attempt then costs none of max_attempts.';
comment on column codered.gate_executions.answer is 'What whoever ended the attempt was answered; the same call again gets it again.';
comment on column codered.gate_executions.answer_hash is 'SHA-256 in hexadecimal of what it was ended with.';
create index gate_executions_run_id_idx on codered.gate_executions (run_id);
create index gate_executions_status_idx on codered.gate_executions (status);
create index gate_executions_gate_id_idx on codered.gate_executions (gate_id);
create index gate_executions_run_order_idx on codered.gate_executions (run_id, gate_order);
create index gate_executions_model_id_idx on codered.gate_executions (model_id);
create index gate_executions_created_at_idx on codered.gate_executions (created_at);
-- Leases that have ended (end_lapsed_work): criteria of pull requests have none.
create index gate_executions_locked_until_idx on codered.gate_executions (locked_until) where status = 'running' and locked_until is not null;
create index gate_executions_payload_idx on codered.gate_executions (completed_at) where prompt_packet is not null or raw_output is not null;
alter table codered.gate_executions enable row level security;
create policy gate_executions_read on codered.gate_executions for select to authenticated
  using ((select true from codered.runs r where r.id = gate_executions.run_id));
grant select on codered.gate_executions to authenticated;
grant select, insert, update, delete on codered.gate_executions to service_role;
create trigger gate_executions_touch before update on codered.gate_executions
  for each row execute function codered.touch_updated_at();

create view codered.active_runs
with (security_invoker = true)
as
select
  r.id,
  r.project_id,
  r.user_id,
  r.display_name,
  r.status,
  r.current_gate,
  r.pause_reason,
  r.total_cost_usd,
  r.spec_id,
  s.version,
  t.name as template_name,
  r.sprint_id,
  sp.label as sprint_label,
  r.repository_id,
  r.pull_request_number,
  r.commit_sha,
  r.gates_passed,
  r.gates_failed,
  r.total_gates,
  r.started_at
from codered.runs r
left join codered.projects p on p.id = r.project_id
left join codered.specs s on s.id = r.spec_id
left join codered.workflow_templates t on t.id = s.template_id
left join codered.sprints sp on sp.id = r.sprint_id
where r.status in ('running', 'paused') and p.deleted_at is null
order by r.started_at desc, r.id;
comment on view codered.active_runs is 'Runs that are running or paused, the one started last first; those of retired projects left out.';
comment on column codered.active_runs.version is 'The spec''s; null for a free spec and for a gate run without one.';
comment on column codered.active_runs.total_cost_usd is 'US dollars.';
revoke all on codered.active_runs from anon, authenticated, service_role;
grant select on codered.active_runs to authenticated, service_role;

create view codered.run_gate_timeline
with (security_invoker = true)
as
select
  g.id,
  g.run_id,
  r.project_id,
  g.gate_order,
  g.gate_id,
  g.gate_name,
  g.phase,
  g.status,
  g.attempt_number,
  g.max_attempts,
  g.agent_slug,
  g.model_id,
  g.model_provider,
  g.tokens_in,
  g.tokens_out,
  g.cost_usd,
  g.duration_ms,
  g.validation_results,
  g.fail_codes,
  g.started_at,
  g.completed_at,
  g.created_at,
  g.progress,
  g.note,
  g.locked_by,
  g.locked_until
from codered.gate_executions g
join codered.runs r on r.id = g.run_id
left join codered.projects p on p.id = r.project_id
where p.deleted_at is null;
comment on view codered.run_gate_timeline is
  'Every attempt of every gate, without what models were sent and gave back. Ask for one run_id and order by gate_order, gate_id, attempt_number desc.';
comment on column codered.run_gate_timeline.cost_usd is 'US dollars; null while the model''s price is unknown.';
revoke all on codered.run_gate_timeline from anon, authenticated, service_role;
grant select on codered.run_gate_timeline to authenticated, service_role;

create view codered.cost_by_model
with (security_invoker = true)
as
select
  g.model_id,
  g.model_provider,
  count(*) as total_executions,
  sum(g.tokens_in) as total_tokens_in,
  sum(g.tokens_out) as total_tokens_out,
  sum(g.cost_usd) as total_cost,
  avg(g.duration_ms) as avg_duration_ms
from codered.gate_executions g
join codered.runs r on r.id = g.run_id
left join codered.projects p on p.id = r.project_id
where g.created_at >= date_trunc('month', now(), 'UTC')
  and g.status <> 'pending'
  and p.deleted_at is null
group by g.model_id, g.model_provider
order by sum(g.cost_usd) desc nulls last, g.model_id;
comment on view codered.cost_by_model is
  'What each model cost since the month began (UTC), dearest first, over the runs that the caller may see; gates without a model are one row with null.';
comment on column codered.cost_by_model.total_cost is 'US dollars; what has no known price is left out.';
revoke all on codered.cost_by_model from anon, authenticated, service_role;
grant select on codered.cost_by_model to authenticated, service_role;

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
comment on function codered.fill_gate_cost() is 'Fills model_provider from models, and works the cost out where none was given.';
revoke execute on function codered.fill_gate_cost from public;

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
revoke execute on function codered.count_gates from public;

create trigger gate_executions_counted_inserted after insert on codered.gate_executions
  referencing new table as changed for each statement execute function codered.count_gates();

create trigger gate_executions_counted_updated after update on codered.gate_executions
  referencing old table as before new table as changed for each statement execute function codered.count_gates();

create trigger gate_executions_counted_deleted after delete on codered.gate_executions
  referencing old table as changed for each statement execute function codered.count_gates();

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
revoke execute on function codered.make_gates from public;
grant execute on function codered.make_gates to service_role;

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
revoke execute on function codered.close_gates from public;
grant execute on function codered.close_gates to service_role;

create function codered.newest_attempt(run_id uuid, gate_id text)
returns codered.gate_executions
language plpgsql
stable
set search_path = ''
as $$
declare
  newest codered.gate_executions;
begin
  select g.* into newest
  from codered.gate_executions g
  where g.run_id = newest_attempt.run_id and g.gate_id = newest_attempt.gate_id
  order by g.attempt_number desc
  limit 1;
  if not found then
    perform codered.refuse_missing('gate of this run', newest_attempt.gate_id);
  end if;
  return newest;
end
$$;
comment on function codered.newest_attempt(uuid, text) is 'The newest attempt of a gate. CR004: the run has no such gate.';
revoke execute on function codered.newest_attempt from public;
grant execute on function codered.newest_attempt to service_role;

create function codered.start_gate(run_id uuid, gate_id text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run constant codered.runs := codered.lock_run(start_gate.run_id);
  gate codered.gate_executions := codered.newest_attempt(start_gate.run_id, start_gate.gate_id);
  other record;
begin
  if run.status not in ('pending', 'running') then
    perform codered.refuse_state('runs.status', run.status, 'pending or running, to start a gate');
  end if;
  if gate.status <> 'pending' then
    perform codered.refuse_state('gate_executions.status', gate.status, 'pending, to start it');
  end if;
  select g.gate_id, g.status into other
  from (
    select distinct on (e.gate_id) e.gate_id, e.gate_order, e.status, e.locked_until
    from codered.gate_executions e
    where e.run_id = run.id and e.gate_id <> gate.gate_id
    order by e.gate_id, e.attempt_number desc
  ) g
  where g.status = 'running' and (g.gate_order <> gate.gate_order or g.locked_until is null)
    or g.gate_order < gate.gate_order and g.status not in ('passed', 'skipped', 'warning', 'overridden')
  order by g.gate_order, g.gate_id
  limit 1;
  if found then
    perform codered.refuse_state(
      'gate_executions.status', other.status,
      format('no other gate running (but those of its own place that agents hold) and all before it passed, skipped, warning or overridden; %s is neither', other.gate_id));
  end if;
  update codered.gate_executions g set status = 'running', started_at = now() where g.id = gate.id returning * into gate;
  update codered.runs r set status = 'running', current_gate = gate.gate_id where r.id = run.id;
  return to_jsonb(gate);
end
$$;
comment on function codered.start_gate(uuid, text) is
  'Starts the pending attempt of a gate, and its run with the first, and returns the attempt. CR003: the run is paused or over, the gate is not pending, one before it has not passed or another one runs; CR004.';
revoke execute on function codered.start_gate from public;
grant execute on function codered.start_gate to service_role;

create function codered.finish_gate(run_id uuid, gate_id text, outcome jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  gate codered.gate_executions;
  told record;
  is_gate_run boolean;
begin
  perform codered.check_fields('gate_executions', finish_gate.outcome, '{
    "status": "text", "attempt_number": "integer", "validation_results": "array", "fail_codes": "texts", "tokens_in": "integer",
    "tokens_out": "integer", "cost_usd": "usd", "duration_ms": "integer", "prompt_packet": "text", "raw_output": "text"}');
  select * into told
  from jsonb_to_record(finish_gate.outcome) as t(
    status text, attempt_number integer, validation_results jsonb, fail_codes text[], tokens_in integer, tokens_out integer,
    cost_usd numeric, duration_ms integer, prompt_packet text, raw_output text);
  if coalesce(told.status, 'null') not in ('passed', 'failed', 'skipped', 'warning', 'missing', 'error', 'overridden') then
    perform codered.refuse_value(
      'gate_executions.status', coalesce(told.status, 'null'), 'passed, failed, skipped, warning, missing, error, overridden');
  end if;
  run := codered.lock_run(finish_gate.run_id);
  gate := codered.newest_attempt(run.id, finish_gate.gate_id);
  is_gate_run := run.sprint_id is not null or run.repository_id is not null;
  if told.attempt_number <> gate.attempt_number then
    perform codered.refuse_state(
      'gate_executions.attempt_number', told.attempt_number::text, format('%s, the newest attempt', gate.attempt_number));
  end if;
  if run.status not in ('running', 'paused') then
    perform codered.refuse_state('runs.status', run.status, 'running or paused, to finish a gate');
  end if;
  -- A criterion is judged by what CI says, not by being started, and judged again as CI says more.
  if gate.status <> 'running' and not is_gate_run then
    perform codered.refuse_state('gate_executions.status', gate.status, 'running, to finish it');
  end if;
  update codered.gate_executions g
  set
    status = told.status,
    validation_results = coalesce(told.validation_results, '[]'),
    fail_codes = coalesce(told.fail_codes, '{}'),
    tokens_in = coalesce(told.tokens_in, 0),
    tokens_out = coalesce(told.tokens_out, 0),
    cost_usd = told.cost_usd,
    duration_ms = coalesce(
      told.duration_ms, least(extract(epoch from clock_timestamp() - g.started_at) * 1000, 2147483647)::integer, 0),
    prompt_packet = coalesce(told.prompt_packet, g.prompt_packet),
    raw_output = coalesce(told.raw_output, g.raw_output),
    completed_at = now()
  where g.id = gate.id
  returning * into gate;
  if not is_gate_run and gate.status in ('failed', 'missing', 'error') then
    if gate.attempt_number < gate.max_attempts then
      perform codered.make_gates(run.id, jsonb_build_array(to_jsonb(gate)));
    else
      -- A run that somebody has paused meanwhile keeps their reason; resuming it gives the gate its attempt all the same.
      update codered.runs r
      set
        status = 'paused',
        pause_reason = left(
          format('Gate %s failed', gate.gate_id) || coalesce(': ' || nullif(array_to_string(gate.fail_codes, ', '), ''), ''), 2000)
      where r.id = run.id and r.status = 'running';
    end if;
  end if;
  perform codered.recompute_run(run.id);
  return to_jsonb(gate);
end
$$;
comment on function codered.finish_gate(uuid, text, jsonb) is
  'Writes the outcome of a gate''s newest attempt and returns it. In a workflow run it must be running; failed, missing or error makes the next pending attempt, or after the last one pauses the run with the fail codes as reason, and the last gate that passes completes the run. In a gate run it may be evaluated any number of times, and finish_run ends the run. Keys: status, attempt_number (to be sure which attempt is meant), validation_results, fail_codes, tokens_in, tokens_out, cost_usd (worked out from models when left out), duration_ms (from started_at when left out), prompt_packet, raw_output (both stay when left out). CR002, CR003, CR004.';
revoke execute on function codered.finish_gate from public;
grant execute on function codered.finish_gate to service_role;
