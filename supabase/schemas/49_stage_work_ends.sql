-- How the work on a stage goes on and ends: kept, completed with what it left, or failed.

create function codered.lock_claimed_stage(stage_id uuid, claim bigint)
returns codered.gate_executions
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  gate codered.gate_executions;
begin
  select r.* into run
  from codered.runs r
  join codered.gate_executions g on g.run_id = r.id
  where g.id = lock_claimed_stage.stage_id;
  if not found or not codered.may_work_run(run) then
    perform codered.refuse_missing('work', lock_claimed_stage.stage_id::text);
  end if;
  perform codered.lock_run(run.id);
  select g.* into gate from codered.gate_executions g where g.id = lock_claimed_stage.stage_id;
  if lock_claimed_stage.claim is distinct from gate.claim_number or gate.claim_number = 0
    or gate.answer_hash is null and gate.fail_codes && '{LEASE_EXPIRED,STOPPED}'
  then
    raise exception 'Work "%" is not held under the claim % any more; claim again.', gate.id, coalesce(lock_claimed_stage.claim::text, 'null')
      using errcode = 'CR005';
  end if;
  return gate;
end
$$;
comment on function codered.lock_claimed_stage(uuid, bigint) is
  'Locks the run of a stage and returns the attempt that was claimed under this number, whatever became of it. CR004: none that the caller may work on; CR005: a newer claim, or its lease lapsed and another attempt followed.';
revoke execute on function codered.lock_claimed_stage from public;
grant execute on function codered.lock_claimed_stage to service_role;

create function codered.keep_stage(
  stage_id uuid, claim bigint, progress double precision default null, note text default null, lease_seconds integer default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  gate codered.gate_executions := codered.lock_claimed_stage(keep_stage.stage_id, keep_stage.claim);
  run constant codered.runs := (select r from codered.runs r where r.id = gate.run_id);
  agent constant codered.agents := codered.agent_of_stage(gate);
  length constant integer := coalesce(keep_stage.lease_seconds, 300);
begin
  if length not between 10 and 3600 then
    perform codered.refuse_value('lease_seconds', length, '10 to 3600');
  end if;
  if keep_stage.progress is not null and keep_stage.progress not between 0 and 100 then
    perform codered.refuse_value('progress', keep_stage.progress::text, '0 to 100');
  end if;
  if char_length(keep_stage.note) > 2000 then
    perform codered.refuse_value('note', char_length(keep_stage.note), 'at most 2000 characters');
  end if;
  if gate.status <> 'running' then
    return jsonb_build_object('status', gate.status, 'stop', true, 'locked_until', null);
  end if;
  update codered.gate_executions g
  set
    progress = greatest(g.progress, keep_stage.progress),
    note = coalesce(keep_stage.note, g.note),
    -- Who is told to stop holds it no longer; what it has done by then may still be handed in, until somebody else is given it.
    locked_until = case when run.status = 'running' then codered.lease_end(agent, g.started_at, length) else least(g.locked_until, now()) end,
    stopped_at = case when run.status = 'running' then null else coalesce(g.stopped_at, now()) end
  where g.id = gate.id
  returning g.* into gate;
  return jsonb_build_object(
    'status', case when run.status = 'running' then gate.status else run.status end, 'stop', run.status <> 'running' or gate.locked_until <= now(),
    'locked_until', gate.locked_until);
end
$$;
comment on function codered.keep_stage(uuid, bigint, double precision, text, integer) is
  'Tells how far a claimed stage is and lengthens its lease; returns {status, stop, locked_until}. stop: its run is paused or over, so the worker should end, and the attempt costs none of max_attempts then; or its agent may not hold it any longer. Refuses CR002, CR004, CR005 (a stale claim). Security definer, because gates are nobody''s to write freely; whose run it is is checked.';
revoke execute on function codered.keep_stage from public;
grant execute on function codered.keep_stage to authenticated, service_role;

create function codered.accept_usage(usage jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select coalesce(codered.accept_shape('usage', nullif(accept_usage.usage, 'null'), '{
    "is": "object", "optional": ["model_id", "tokens_in", "tokens_out", "cost_usd", "duration_ms", "zones_touched", "tools", "documents"], "keys": {
      "model_id": {"is": "text", "from": 1, "to": 200},
      "tokens_in": {"is": "whole", "from": 0, "to": 2147483647}, "tokens_out": {"is": "whole", "from": 0, "to": 2147483647},
      "cost_usd": {"is": "number", "from": 0, "to": 99999999}, "duration_ms": {"is": "whole", "from": 0, "to": 2147483647},
      "zones_touched": {"is": "list", "to": 3, "of": {"is": "word", "of": ["red", "yellow", "green"]}},
      "tools": {"is": "list", "to": 100, "of": {"is": "text", "from": 1, "to": 200}},
      "documents": {"is": "list", "to": 100, "of": {"is": "text", "from": 36, "to": 36}}
    }
  }'), true)
$$;
comment on function codered.accept_usage(jsonb) is
  'True for what an agent says that its work took, or null; raises CR002 with the first field that does not fit.';
revoke execute on function codered.accept_usage from public;
grant execute on function codered.accept_usage to service_role;

create function codered.plain_usage(usage jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(
    u.key, case when u.key in ('tokens_in', 'tokens_out', 'duration_ms') then to_jsonb((u.value #>> '{}')::numeric::bigint) else u.value end), '{}')
  from jsonb_each(coalesce(nullif(plain_usage.usage, 'null'), '{}')) as u
  where u.value <> 'null'
$$;
comment on function codered.plain_usage(jsonb) is 'What accept_usage accepted without what is null, and whole numbers written as such (1.0 as 1).';
revoke execute on function codered.plain_usage from public;
grant execute on function codered.plain_usage to service_role;

create function codered.accept_stage_result(result jsonb, project_id uuid)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  wrong record;
begin
  if octet_length(accept_stage_result.result::text) > 8388608 then
    perform codered.refuse_value('result', octet_length(accept_stage_result.result::text), 'at most 8388608 bytes; larger files by storage_url');
  end if;
  perform codered.accept_shape('result', case
    when jsonb_typeof(accept_stage_result.result) = 'object' then accept_stage_result.result - 'output'
    else coalesce(accept_stage_result.result, 'null') end, '{
    "is": "object", "optional": ["checks", "guarantees"], "keys": {
      "artifacts": {"is": "list", "to": 100, "of": {
        "is": "object", "optional": ["content", "storage_url", "content_type", "artifact_type"], "keys": {
          "file_path": {"is": "text", "from": 1, "to": 1000}, "content": {"is": "text", "to": 8388608},
          "storage_url": {"is": "text", "from": 1, "to": 2000}, "content_type": {"is": "text", "from": 1, "to": 200},
          "artifact_type": {"is": "text", "from": 1, "to": 200}}}},
      "checks": {"is": "list", "to": 200, "of": {"is": "object", "optional": ["note"], "keys": {
        "name": {"is": "text", "from": 1, "to": 200}, "passed": {"is": "boolean"}, "note": {"is": "text", "to": 4000}}}},
      "guarantees": {"is": "list", "to": 200, "of": {"is": "object", "keys": {
        "type": {"is": "text", "from": 1, "to": 200}, "met_percent": {"is": "number", "from": 0, "to": 100000}}}}
    }
  }');
  select format('result.artifacts[%s].%s', a.n - 1, f.field) as what, f.value, f.allowed into wrong
  from jsonb_array_elements(accept_stage_result.result -> 'artifacts') with ordinality as a (entry, n)
  cross join lateral (values
    ('file_path', a.entry ->> 'file_path', 'a path without a leading /, .., empty parts, \ or control characters',
      a.entry ->> 'file_path' !~ '^/|(^|/)\.{0,2}(/|$)|[\x01-\x1f\x7f\\]'
      and char_length(regexp_replace(a.entry ->> 'file_path', '^.*/', '')) <= 500),
    ('content', left(a.entry ->> 'content', 80), 'content or storage_url, and not both',
      num_nonnulls(a.entry ->> 'content', a.entry ->> 'storage_url') = 1),
    ('storage_url', a.entry ->> 'storage_url', 'https:// without a name and password in it, or storage:// and the project''s id and / (a file of its own in the object store)',
      a.entry ->> 'storage_url' is null
      or a.entry ->> 'storage_url' ~ '^https://[^/@\s\x01-\x1f\x7f]+(/[^\s\x01-\x1f\x7f]*)?$'
      or starts_with(a.entry ->> 'storage_url', 'storage://' || accept_stage_result.project_id || '/')
        and a.entry ->> 'storage_url' ~ '^storage://[^\s\x01-\x1f\x7f\\]+$'
        and substr(a.entry ->> 'storage_url', 11) !~ '(^|/)\.{0,2}(/|$)'
        -- Documents of specs, which not everybody of the project may read.
        and not starts_with(a.entry ->> 'storage_url', 'storage://' || accept_stage_result.project_id || '/specs/'))
  ) as f (field, value, allowed, fits)
  where f.fits is not true
  order by a.n
  limit 1;
  if found then
    perform codered.refuse_value(wrong.what, coalesce(wrong.value, 'null'), wrong.allowed);
  end if;
  select d.path as what into wrong
  from (select e.entry ->> 'file_path' as path from jsonb_array_elements(accept_stage_result.result -> 'artifacts') as e (entry)) as d
  group by d.path
  having count(*) > 1
  limit 1;
  if found then
    perform codered.refuse_value('result.artifacts', wrong.what, 'each file_path once');
  end if;
  return true;
end
$$;
comment on function codered.accept_stage_result(jsonb, uuid) is
  'True for what a stage leaves: {artifacts: [{file_path, content or storage_url, content_type?, artifact_type?}], output?, checks?: [{name, passed, note?}], guarantees?: [{type, met_percent}]} of at most 8388608 bytes; raises CR002 with the first field that does not fit. A storage_url is kept and never fetched.';
revoke execute on function codered.accept_stage_result from public;
grant execute on function codered.accept_stage_result to service_role;

create function codered.reports_of_run(gate codered.gate_executions, kind text, reported jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce((
    select jsonb_agg(v.entry -> 'reported' order by n.gate_order, n.gate_id, v.n)
    from codered.newest_gates(gate.run_id) n
    cross join lateral jsonb_array_elements(n.validation_results) with ordinality as v (entry, n)
    where n.gate_id <> gate.gate_id and codered.is_past(n.status) and v.entry ->> 'type' = reports_of_run.kind
  ), '[]') || coalesce(reports_of_run.reported, '[]')
$$;
comment on function codered.reports_of_run(codered.gate_executions, text, jsonb) is
  'What the stages of a run reported so far (kind: reported_check, reported_guarantee), those that passed, and then this one.';
revoke execute on function codered.reports_of_run from public;
grant execute on function codered.reports_of_run to service_role;

create function codered.check_usage(spec codered.specs, run codered.runs, gate codered.gate_executions, usage jsonb)
returns setof jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  agent constant codered.agents := codered.agent_of_stage(gate);
  tokens constant bigint := coalesce((usage ->> 'tokens_in')::bigint, 0) + coalesce((usage ->> 'tokens_out')::bigint, 0);
  cost constant numeric := coalesce(
    (usage ->> 'cost_usd')::numeric,
    codered.cost_of(coalesce(usage ->> 'model_id', gate.model_id), (usage ->> 'tokens_in')::integer, (usage ->> 'tokens_out')::integer));
begin
  -- What it cost can't be held to a ceiling while nobody knows it. It stays claimed, and may be handed in again.
  if cost is null and (codered.ceiling_of(spec.cost_profile, 'cost_usd') is not null or agent.cost_ceiling_usd is not null) then
    perform codered.refuse_value('usage.cost_usd', 'null'::text,
      'what the stage cost in US dollars, 0 for nothing: its spec or its agent has a cost ceiling, and the price of its model is not known');
  end if;
  if codered.ceiling_of(spec.cost_profile, 'tokens') is not null and num_nulls(usage ->> 'tokens_in', usage ->> 'tokens_out') > 0 then
    perform codered.refuse_value('usage.tokens_in', 'null'::text, 'tokens_in and tokens_out, 0 for none: the spec has a ceiling of tokens');
  end if;
  return query select codered.check_cost(
    spec.cost_profile, run.total_cost_usd + coalesce(cost, 0), run.total_tokens_in + run.total_tokens_out + tokens);
  if agent.cost_ceiling_usd is not null then
    return next codered.stage_check('cost_ceiling', agent.slug, cost <= agent.cost_ceiling_usd, 'COST_CEILING',
      format('the agent spent %s of %s US dollars', cost, agent.cost_ceiling_usd), 'critical');
  end if;
  if coalesce(nullif(usage -> 'zones_touched', 'null'), '[]') <> '[]' then
    return next codered.stage_check('zones', coalesce(gate.agent_slug, gate.gate_id),
      array(select jsonb_array_elements_text(usage -> 'zones_touched')) <@ coalesce(agent.allowed_zones, '{green}'), 'ZONE_NOT_ALLOWED',
      'allowed: ' || array_to_string(coalesce(agent.allowed_zones, '{green}'), ', '), 'critical');
  end if;
end
$$;
comment on function codered.check_usage(codered.specs, codered.runs, codered.gate_executions, jsonb) is
  'A check for each ceiling of cost and tokens, the spec''s for the run and the agent''s for the attempt, and for the zones that were touched. CR002: there is a ceiling, and what it took is not known.';
revoke execute on function codered.check_usage from public;
grant execute on function codered.check_usage to service_role;

create function codered.check_stage(gate codered.gate_executions, result jsonb, usage jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  run constant codered.runs := (select r from codered.runs r where r.id = gate.run_id);
  spec constant codered.specs := (select s from codered.specs s where s.id = run.spec_id);
  stage constant jsonb := coalesce(
    (select e.stage from jsonb_array_elements(spec.stages) as e (stage) where e.stage ->> 'id' = gate.gate_id limit 1), '{}');
  closing constant text[] := codered.closing_checks(run.id, gate);
  checks constant jsonb := coalesce(nullif(result -> 'checks', 'null'), '[]');
  guarantees constant jsonb := coalesce(nullif(result -> 'guarantees', 'null'), '[]');
begin
  return coalesce((
    select jsonb_agg(c)
    from (
      select codered.check_outputs(stage, result) as c
      union all select codered.check_validators(stage, result)
      union all select codered.check_constraints(stage, result)
      union all
      select codered.check_quality(spec.qa_config, codered.reports_of_run(gate, 'reported_check', checks)) where 'qa' = any (closing)
      union all
      select codered.check_guarantees(spec.output_guarantees, codered.reports_of_run(gate, 'reported_guarantee', guarantees))
      where 'guarantees' = any (closing)
      union all select codered.check_usage(spec, run, gate, usage)
      union all
      select jsonb_build_object('type', 'reported_check', 'target', r ->> 'name', 'passed', r -> 'passed', 'severity', 'info',
        'reported', r || jsonb_build_object('note', left(r ->> 'note', 300)))
      from jsonb_array_elements(checks) as r
      union all
      select jsonb_build_object('type', 'reported_guarantee', 'target', r ->> 'type', 'passed', null, 'severity', 'info', 'reported', r)
      from jsonb_array_elements(guarantees) as r
    ) as all_of_them
  ), '[]');
end
$$;
comment on function codered.check_stage(codered.gate_executions, jsonb, jsonb) is
  'Every check of a stage that ends with this result and usage, and what it reported. Refuses CR002 as check_usage does.';
revoke execute on function codered.check_stage from public;
grant execute on function codered.check_stage to service_role;

create function codered.write_stage_artifacts(run codered.runs, gate codered.gate_executions, artifacts jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into codered.artifacts (
    run_id, gate_execution_id, user_id, kind, file_name, file_path, content_type, artifact_type, content, url, storage_path)
  select
    run.id, gate.id, run.user_id, 'document', regexp_replace(a.entry ->> 'file_path', '^.*/', ''), a.entry ->> 'file_path',
    coalesce(a.entry ->> 'content_type', case substring(a.entry ->> 'file_path' from '\.([a-z0-9]{1,5})$')
      when 'md' then 'markdown' when 'json' then 'json' when 'ts' then 'typescript' when 'tsx' then 'typescript' when 'jsx' then 'jsx'
      when 'css' then 'css' when 'html' then 'html' else 'text' end),
    coalesce(a.entry ->> 'artifact_type', gate.phase), a.entry ->> 'content',
    case when a.entry ->> 'storage_url' like 'https://%' then a.entry ->> 'storage_url' end,
    case when a.entry ->> 'storage_url' like 'storage://%' then substr(a.entry ->> 'storage_url', 11) end
  from jsonb_array_elements(artifacts) as a (entry)
$$;
comment on function codered.write_stage_artifacts(codered.runs, codered.gate_executions, jsonb) is
  'Keeps what a stage left as artifacts of its attempt; hash and size follow from the content, and a storage_url is kept as it is.';
revoke execute on function codered.write_stage_artifacts from public;
grant execute on function codered.write_stage_artifacts to service_role;

create function codered.quality_report(checks jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select E'# Quality report\n\n| check | severity | passed | |\n|---|---|---|---|\n' || coalesce(string_agg(
    format('| %s | %s | %s | %s |', w.target, c.entry ->> 'severity',
      coalesce(case c.entry -> 'passed' when 'true' then 'yes' when 'false' then 'no' end, 'not known'), w.detail), E'\n' order by c.n), '')
  from jsonb_array_elements(checks) with ordinality as c (entry, n)
  -- Somebody else's words stay words: no cell, link, picture or tag is made of them.
  cross join lateral (
    select
      regexp_replace(regexp_replace(coalesce(c.entry ->> 'target', ''), '[[:cntrl:]]+', ' ', 'g'), '([\\`*_{}<>()|!#~&]|\[|\])', '\\\1', 'g') as target,
      regexp_replace(regexp_replace(coalesce(c.entry ->> 'detail', ''), '[[:cntrl:]]+', ' ', 'g'), '([\\`*_{}<>()|!#~&]|\[|\])', '\\\1', 'g') as detail
  ) as w
  where c.entry ->> 'type' in ('qa_check', 'qa_pass_rate', 'guarantee', 'qa')
$$;
comment on function codered.quality_report(jsonb) is 'The quality checks and output guarantees of a stage as a Markdown table; what agents wrote in it is escaped.';
revoke execute on function codered.quality_report from public;
grant execute on function codered.quality_report to service_role;

create function codered.log_stage_run(run codered.runs, gate codered.gate_executions, usage jsonb, problem text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  agent codered.agents;
  made codered.agent_runs;
begin
  -- Runs of agents are a project's.
  if run.project_id is null then
    return;
  end if;
  agent := codered.ensure_stage_agent(gate);
  insert into codered.agent_runs (
    project_id, agent_id, mode, input_summary, output_summary, model, tokens_prompt, tokens_completion, approx_cost_usd, zones_touched,
    tools_used, rag_documents, status, error_message)
  values (
    run.project_id, agent.id, coalesce(gate.phase, 'stage'), format('Stage %s of run %s, attempt %s', gate.gate_id, run.id, gate.attempt_number),
    format('%s; what was sent and given back is kept with the attempt', gate.status), coalesce(usage ->> 'model_id', gate.model_id),
    (usage ->> 'tokens_in')::integer, (usage ->> 'tokens_out')::integer, gate.cost_usd, codered.texts_in(usage, 'zones_touched'),
    codered.texts_in(usage, 'tools'),
    array(
      select d.id::uuid
      from unnest(codered.texts_in(usage, 'documents')) as d (id)
      where d.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    ),
    case
      when problem is null then 'succeeded'
      when gate.fail_codes && '{LEASE_EXPIRED,STOPPED}' then 'aborted'
      else 'failed' end,
    left(problem, 2000))
  returning * into made;
  if made.status = 'failed' then
    insert into codered.errors (project_id, source, agent_run_id, error_code, message, severity, fingerprint)
    values (
      run.project_id, 'agent', made.id, 'agent.stage', left(problem, 4096), 'error',
      left(encode(sha256(convert_to(gate.gate_id || ' ' || problem, 'UTF8')), 'hex'), 16));
  end if;
end
$$;
comment on function codered.log_stage_run(codered.runs, codered.gate_executions, jsonb, text) is
  'Leaves an agent_run for an attempt that ended, and an error of source agent when it failed, where the run has a project. Where nobody knows the agent of its stage, one is made.';
revoke execute on function codered.log_stage_run from public;
grant execute on function codered.log_stage_run to service_role;

create function codered.close_claim(gate codered.gate_executions, answer_hash text, usage jsonb, outcome jsonb, is_final boolean, words text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  ended codered.gate_executions;
  problems constant jsonb := coalesce((
    select jsonb_agg(jsonb_build_object('field', c ->> 'target', 'code', c ->> 'code', 'severity', c ->> 'severity', 'detail', c ->> 'detail'))
    from (
      select v.c from jsonb_array_elements(outcome -> 'validation_results') as v (c)
      where v.c -> 'passed' is distinct from 'true' and v.c ->> 'severity' <> 'info'
      limit 50
    ) as p
  ), '[]');
  told jsonb;
begin
  update codered.gate_executions g
  set model_id = coalesce((select m.id from codered.models m where m.id = usage ->> 'model_id'), g.model_id)
  where g.id = gate.id;
  ended := codered.end_attempt(gate.run_id, gate, outcome || jsonb_strip_nulls(jsonb_build_object(
    'tokens_in', usage -> 'tokens_in', 'tokens_out', usage -> 'tokens_out', 'cost_usd', usage -> 'cost_usd',
    'duration_ms', usage -> 'duration_ms')), is_final);
  select r.* into run from codered.runs r where r.id = gate.run_id;
  perform codered.log_stage_run(run, ended, usage, case when codered.is_past(ended.status) then null
    else coalesce(words, array_to_string(ended.fail_codes, ', ')) end);
  perform codered.append_status(
    run.project_id, run.id, case when codered.is_past(ended.status) then 'GATE_PASSED' else 'GATE_FAILED' end,
    left(format('%s: %s', ended.gate_name, coalesce(nullif(array_to_string(ended.fail_codes, ', '), ''), ended.status)), 500),
    jsonb_build_object('gate_id', ended.gate_id, 'attempt_number', ended.attempt_number, 'status', ended.status, 'fail_codes', to_jsonb(ended.fail_codes)));
  told := jsonb_build_object(
    'status', ended.status, 'problems', problems, 'run_status', run.status, 'pause_reason', run.pause_reason);
  update codered.gate_executions g set answer = told, answer_hash = close_claim.answer_hash where g.id = ended.id;
  return told;
end
$$;
comment on function codered.close_claim(codered.gate_executions, text, jsonb, jsonb, boolean, text) is
  'Ends a claimed attempt as outcome says, with what it took, an agent_run and a status event GATE_PASSED or GATE_FAILED; keeps and returns the answer {status, problems, run_status, pause_reason}.';
revoke execute on function codered.close_claim from public;
grant execute on function codered.close_claim to service_role;

create function codered.first_answer(gate codered.gate_executions, asked_hash text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  run_status constant text := (select r.status from codered.runs r where r.id = gate.run_id);
begin
  if gate.answer_hash = asked_hash then
    return gate.answer;
  end if;
  if gate.status <> 'running' or run_status not in ('running', 'paused') then
    perform codered.refuse_state('gate_executions.status', case when gate.status = 'running' then run_status else gate.status end,
      'running, and its run running or paused, to end it');
  end if;
  return null;
end
$$;
comment on function codered.first_answer(codered.gate_executions, text) is
  'What a claim that ended with the same content was answered; null while it has not ended. CR003: it ended otherwise, or its run is over.';
revoke execute on function codered.first_answer from public;
grant execute on function codered.first_answer to service_role;

create function codered.complete_stage(stage_id uuid, claim bigint, result jsonb, usage jsonb default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  gate codered.gate_executions := codered.lock_claimed_stage(complete_stage.stage_id, complete_stage.claim);
  run constant codered.runs := (select r from codered.runs r where r.id = gate.run_id);
  hash constant text := encode(sha256(convert_to(
    jsonb_build_object('result', complete_stage.result, 'usage', complete_stage.usage)::text, 'UTF8')), 'hex');
  answer constant jsonb := codered.first_answer(gate, hash);
  output constant jsonb := nullif(complete_stage.result -> 'output', 'null');
  agent constant codered.agents := codered.agent_of_stage(gate);
  told jsonb;
  checks jsonb;
  codes text[];
  is_over_ceiling boolean;
begin
  if answer is not null then
    return answer;
  end if;
  if not coalesce(agent.long_horizon_allowed, false) and now() > gate.started_at + codered.longest_claim() then
    perform codered.refuse_state('The claim', 'older than an hour', 'a younger one, for an agent without long_horizon_allowed: fail it, and claim again');
  end if;
  perform codered.accept_stage_result(complete_stage.result, run.project_id), codered.accept_usage(complete_stage.usage);
  told := codered.plain_usage(complete_stage.usage);
  checks := codered.check_stage(gate, complete_stage.result, told);
  select array_agg(distinct c ->> 'code') into codes
  from jsonb_array_elements(checks) as c
  where c -> 'passed' is distinct from 'true' and c ->> 'severity' in ('critical', 'error');
  is_over_ceiling := coalesce('COST_CEILING' = any (codes), false);
  perform codered.write_stage_artifacts(run, gate, complete_stage.result -> 'artifacts');
  if (select s.qa_config -> 'generate_report' = 'true' from codered.specs s where s.id = run.spec_id)
    and 'qa' = any (codered.closing_checks(run.id, gate))
  then
    perform codered.write_stage_artifacts(run, gate, jsonb_build_array(jsonb_build_object(
      'file_path', 'codered/quality-report.md', 'content', codered.quality_report(checks), 'artifact_type', 'audit')));
  end if;
  -- More attempts would cost more still.
  return codered.close_claim(gate, hash, told, jsonb_strip_nulls(jsonb_build_object(
    'status', case
      when codes is not null then 'failed'
      when exists (
        select from jsonb_array_elements(checks) as c where c -> 'passed' is distinct from 'true' and c ->> 'severity' = 'warning'
      ) then 'warning'
      else 'passed' end,
    'fail_codes', to_jsonb(codes),
    'raw_output', case when jsonb_typeof(output) = 'string' then output #>> '{}' else output::text end))
    || jsonb_build_object('validation_results', checks), is_over_ceiling, null);
end
$$;
comment on function codered.complete_stage(uuid, bigint, jsonb, jsonb) is
  'Ends a claimed stage with what it left, evaluated at once (49_stage_checks.sql): passed, warning, or failed, which makes the next attempt or after the last one pauses the run; over a ceiling it pauses at once. Returns {status, problems: [{field, code, severity, detail}], run_status, pause_reason}. The same claim and content again gets the first answer. A result that does not fit is refused (CR002), and the stage stays claimed; CR003: it ended already, its run is over, or it was held for longer than its agent may; CR004; CR005: a stale claim. Security definer, because gates and artifacts of runs are nobody''s to write freely; whose run it is is checked.';
revoke execute on function codered.complete_stage from public;
grant execute on function codered.complete_stage to authenticated, service_role;

create function codered.fail_stage(stage_id uuid, claim bigint, error text, is_final boolean default false, usage jsonb default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  gate codered.gate_executions := codered.lock_claimed_stage(fail_stage.stage_id, fail_stage.claim);
  hash constant text := encode(sha256(convert_to(jsonb_build_object(
    'error', fail_stage.error, 'is_final', fail_stage.is_final, 'usage', fail_stage.usage)::text, 'UTF8')), 'hex');
  answer constant jsonb := codered.first_answer(gate, hash);
begin
  if answer is not null then
    return answer;
  end if;
  if coalesce(char_length(btrim(fail_stage.error)), 0) not between 1 and 20000 then
    perform codered.refuse_value('error', coalesce(left(fail_stage.error, 80), 'null'), '1 to 20000 characters');
  end if;
  perform codered.accept_usage(fail_stage.usage);
  return codered.close_claim(gate, hash, codered.plain_usage(fail_stage.usage), jsonb_build_object(
    'status', 'error', 'fail_codes', jsonb_build_array(case when gate.stopped_at is null then 'AGENT_FAILED' else 'STOPPED' end),
    'validation_results', jsonb_build_array(codered.stage_check('agent', gate.gate_id, false, 'AGENT_FAILED', fail_stage.error))),
    coalesce(fail_stage.is_final, false) and gate.stopped_at is null, fail_stage.error);
end
$$;
comment on function codered.fail_stage(uuid, bigint, text, boolean, jsonb) is
  'Ends a claimed stage as failed, with why: the next attempt is made, or after the last one, or with is_final, the run pauses. One that was told to stop by a pause costs no attempt. Answers and refuses as complete_stage does. Security definer, because gates are nobody''s to write freely; whose run it is is checked.';
revoke execute on function codered.fail_stage from public;
grant execute on function codered.fail_stage to authenticated, service_role;

create function codered.release_stage(stage_id uuid, claim bigint, usage jsonb default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  gate codered.gate_executions := codered.lock_claimed_stage(release_stage.stage_id, release_stage.claim);
  hash constant text := encode(sha256(convert_to(jsonb_build_object('is_given_back', true, 'usage', release_stage.usage)::text, 'UTF8')), 'hex');
  answer constant jsonb := codered.first_answer(gate, hash);
  problem constant text := 'The worker was to end, and gave it back.';
begin
  if answer is not null then
    return answer;
  end if;
  perform codered.accept_usage(release_stage.usage);
  update codered.gate_executions g
  set stopped_at = coalesce(g.stopped_at, now())
  where g.id = gate.id and codered.most_releases() > (
    select count(*)
    from codered.gate_executions before
    where before.run_id = gate.run_id and before.gate_id = gate.gate_id and before.fail_codes && '{STOPPED}')
  returning g.* into gate;
  if not found then
    gate := codered.lock_claimed_stage(release_stage.stage_id, release_stage.claim);
  end if;
  return codered.close_claim(gate, hash, codered.plain_usage(release_stage.usage), jsonb_build_object(
    'status', 'error', 'fail_codes', jsonb_build_array(case when gate.stopped_at is null then 'AGENT_FAILED' else 'STOPPED' end),
    'validation_results', jsonb_build_array(codered.stage_check('agent', gate.gate_id, false, 'STOPPED', problem))), false, problem);
end
$$;
comment on function codered.release_stage(uuid, bigint, jsonb) is
  'Gives a claimed stage back, as its worker is to end: somebody else may take it at once, and no attempt is spent, unless it was stopped or given back most_releases times before. Answers and refuses as complete_stage does. Security definer, because gates are nobody''s to write freely; whose run it is is checked.';
revoke execute on function codered.release_stage from public;
grant execute on function codered.release_stage to authenticated, service_role;
