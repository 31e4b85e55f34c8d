-- Gates of a run: started in their order, finished with an outcome, tried again. Old workers survive it.

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
    select distinct on (e.gate_id) e.gate_id, e.gate_order, e.status
    from codered.gate_executions e
    where e.run_id = run.id and e.gate_id <> gate.gate_id
    order by e.gate_id, e.attempt_number desc
  ) g
  where g.status = 'running'
    or g.gate_order < gate.gate_order and g.status not in ('passed', 'skipped', 'warning', 'overridden')
  order by g.gate_order, g.gate_id
  limit 1;
  if found then
    perform codered.refuse_state(
      'gate_executions.status', other.status,
      format('no other gate running and all before it passed, skipped, warning or overridden; %s is neither', other.gate_id));
  end if;
  update codered.gate_executions g set status = 'running', started_at = now() where g.id = gate.id returning * into gate;
  update codered.runs r set status = 'running', current_gate = gate.gate_id where r.id = run.id;
  return to_jsonb(gate);
end
$$;
comment on function codered.start_gate(uuid, text) is
  'Starts the pending attempt of a gate, and its run with the first, and returns the attempt. CR003: the run is paused or over, the gate is not pending, one before it has not passed or another one runs; CR004.';

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
    prompt_packet = told.prompt_packet,
    raw_output = told.raw_output,
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
  perform codered.settle_run(run.id);
  return to_jsonb(gate);
end
$$;
comment on function codered.finish_gate(uuid, text, jsonb) is
  'Writes the outcome of a gate''s newest attempt and returns it. In a workflow run it must be running; failed, missing or error makes the next pending attempt, or after the last one pauses the run with the fail codes as reason, and the last gate that passes completes the run. In a gate run it may be judged any number of times, and finish_run ends the run. Keys: status, attempt_number (to be sure which attempt is meant), validation_results, fail_codes, tokens_in, tokens_out, cost_usd (worked out from models when left out), duration_ms (from started_at when left out), prompt_packet, raw_output. CR002, CR003, CR004.';

revoke execute on function codered.newest_attempt(uuid, text), codered.start_gate(uuid, text),
  codered.finish_gate(uuid, text, jsonb) from public;
grant execute on function codered.newest_attempt(uuid, text), codered.start_gate(uuid, text),
  codered.finish_gate(uuid, text, jsonb) to service_role;
