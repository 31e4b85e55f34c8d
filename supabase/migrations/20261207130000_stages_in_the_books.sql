-- Every attempt at a stage is in the books, also of an agent that nobody knows here; lapsed work ends though nobody claims any more; work is given back without an attempt being spent. Old workers survive it.

alter table codered.agent_jobs
  add column releases integer not null default 0,
  add constraint agent_jobs_releases_check check (releases >= 0);

drop function codered.end_lapsed_stages(uuid);

comment on column codered.agent_jobs.releases is 'How often a worker that had to end gave it back without an attempt being spent.';

grant select on codered.agent_jobs to authenticated;

grant select, insert, update, delete on codered.agent_jobs to service_role;

-- Leases that have ended (end_lapsed_work).
create index agent_jobs_locked_until_idx on codered.agent_jobs (locked_until) where status = 'running';

create or replace function codered.most_releases()
returns integer
language sql
immutable
set search_path = ''
as $$
  select 20
$$;

comment on function codered.most_releases() is 'So often a piece of work may be given back without an attempt being spent: what is taken and given back for ever ends.';

revoke execute on function codered.most_releases from public;

grant execute on function codered.most_releases to service_role;

create or replace function codered.release_agent_job(job_id uuid, claim bigint, usage jsonb default '{}')
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job constant codered.agent_jobs := codered.lock_claimed_job(release_agent_job.job_id, release_agent_job.claim);
  used constant jsonb := coalesce(release_agent_job.usage, '{}');
  hash constant text := codered.ending_hash('release', used - '{full_input,full_output}'::text[]);
  before constant jsonb := codered.answer_before(job, hash);
  is_free constant boolean := job.releases < codered.most_releases();
  problem text := 'The worker was to end, and gave it back.';
begin
  if before is not null then
    return before;
  end if;
  perform codered.accept_job_usage(used);
  if job.cancel_requested_at is not null or job.status = 'cancelled' then
    perform codered.log_job_run(job, 'aborted', problem, used);
    return codered.end_job(job, hash, 'cancelled', null, '{"status": "cancelled"}');
  end if;
  if job.status <> 'running' then
    perform codered.refuse_state('agent_jobs.status', job.status, 'running');
  end if;
  if not is_free and job.attempts >= job.max_attempts then
    problem := format('It was given back %s times, and after that its attempts were spent.', job.releases);
    perform codered.log_job_run(job, 'failed', problem, used);
    return codered.end_job(job, hash, 'failed', problem, '{"status": "failed"}');
  end if;
  perform codered.log_job_run(job, 'aborted', problem, used);
  update codered.agent_jobs j
  set releases = j.releases + 1, attempts = case when is_free then greatest(j.attempts - 1, 0) else j.attempts end
  where j.id = job.id;
  return codered.end_job(job, hash, 'queued', job.error, '{"status": "queued"}');
end
$$;

comment on function codered.release_agent_job(uuid, bigint, jsonb) is
  'Gives a job back that was taken under that number, as its worker is to end; returns {status}: queued, for somebody else at once, and no attempt is spent, unless it was given back most_releases times before. What it took is written down. The same again is answered as before. Refuses CR002, CR003 (not running, ended otherwise), CR004, CR005. Security definer, because members write agent_jobs through functions only; it checks whose job it is.';

revoke execute on function codered.release_agent_job from public;

grant execute on function codered.release_agent_job to authenticated, service_role;

comment on column codered.gate_executions.locked_until is
  'When the lease of a claimed attempt ends; from then on the next claim in its run ends the attempt, and end_lapsed_work five minutes later. Null: no lease, nobody ends it.';

comment on column codered.gate_executions.stopped_at is
  'When its worker was told to stop because the run is paused, or gave it back: what ends the attempt then costs none of max_attempts.';

grant select on codered.gate_executions to authenticated;

grant select, insert, update, delete on codered.gate_executions to service_role;

-- Leases that have ended (end_lapsed_work): criteria of pull requests have none.
create index gate_executions_locked_until_idx on codered.gate_executions (locked_until) where status = 'running' and locked_until is not null;

create or replace function codered.release_stage(stage_id uuid, claim bigint, usage jsonb default null)
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

create or replace function codered.release_work(work_id uuid, claim bigint, usage jsonb default '{}')
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  if codered.is_stage(release_work.work_id) then
    return codered.release_stage(release_work.work_id, release_work.claim, release_work.usage - '{full_input,full_output}'::text[]);
  end if;
  return codered.release_agent_job(release_work.work_id, release_work.claim, release_work.usage);
end
$$;

comment on function codered.release_work(uuid, bigint, jsonb) is
  'Gives work back undone, as whoever does it is to end; returns {status}. Refuses as release_agent_job and release_stage do.';

revoke execute on function codered.release_work from public;

grant execute on function codered.release_work to authenticated, service_role;

create or replace function codered.end_attempt(run_id uuid, gate codered.gate_executions, outcome jsonb, is_final boolean default false)
returns codered.gate_executions
language plpgsql
set search_path = ''
as $$
declare
  ended codered.gate_executions;
begin
  -- What stopped because the run was paused costs no attempt; and where no more are wanted, this was the last.
  update codered.gate_executions g
  set max_attempts = case
    when is_final then g.attempt_number
    when g.stopped_at is not null and outcome ->> 'status' = 'error' then least(100, g.max_attempts + 1)
    else g.max_attempts end
  where g.id = gate.id and (is_final or g.stopped_at is not null);
  ended := jsonb_populate_record(null::codered.gate_executions,
    codered.finish_gate(end_attempt.run_id, gate.gate_id, outcome || jsonb_build_object('attempt_number', gate.attempt_number)));
  update codered.gate_executions g set locked_until = null where g.id = ended.id;
  return ended;
end
$$;

comment on function codered.end_attempt(uuid, codered.gate_executions, jsonb, boolean) is
  'finish_gate for a stage that was claimed: with is_final no attempt follows, and one that was stopped by a pause, or given back, costs none.';

revoke execute on function codered.end_attempt from public;

grant execute on function codered.end_attempt to service_role;

create or replace function codered.agent_of_stage(gate codered.gate_executions)
returns codered.agents
language sql
stable
set search_path = ''
as $$
  select g from codered.agents g where g.slug = coalesce(gate.agent_slug, 'stage')
$$;

comment on function codered.agent_of_stage(codered.gate_executions) is
  'The agent that does a stage: the one that its version names, where it names none the one whose slug is stage; null where nobody here knows it.';

revoke execute on function codered.agent_of_stage from public;

grant execute on function codered.agent_of_stage to service_role;

create or replace function codered.ensure_stage_agent(gate codered.gate_executions)
returns codered.agents
language plpgsql
set search_path = ''
as $$
declare
  agent codered.agents := codered.agent_of_stage(gate);
  -- A version may call its agent what no file of agents could be called.
  wanted constant text := case when gate.agent_slug ~ '^[a-z0-9][a-z0-9_-]{0,99}$' then gate.agent_slug else 'stage' end;
begin
  if agent.id is null then
    insert into codered.agents (name, slug, role, description)
    values (
      format('Stages of the agent %s', wanted), wanted,
      case gate.phase when 'research' then 'research' when 'design' then 'architect' when 'code' then 'code' when 'qa' then 'test'
        when 'audit' then 'test' else 'librarian' end,
      'Made when a first stage of this agent ended; a file of agents with this slug takes its place.')
    on conflict do nothing;
    select g.* into agent from codered.agents g where g.slug = wanted;
  end if;
  return agent;
end
$$;

comment on function codered.ensure_stage_agent(codered.gate_executions) is
  'The agent of a stage; where nobody knows it, one is made with the standing of a new agent: green zones, no long horizon, no ceiling.';

revoke execute on function codered.ensure_stage_agent from public;

grant execute on function codered.ensure_stage_agent to service_role;

create or replace function codered.log_stage_run(run codered.runs, gate codered.gate_executions, usage jsonb, problem text)
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

create or replace function codered.end_lapsed_stages(run_id uuid, until timestamptz default now())
returns void
language plpgsql
set search_path = ''
as $$
declare
  gate codered.gate_executions;
  problem text;
  run constant codered.runs := (select r from codered.runs r where r.id = end_lapsed_stages.run_id);
begin
  for gate in select n.* from codered.newest_gates(end_lapsed_stages.run_id) n where n.status = 'running' and n.locked_until <= end_lapsed_stages.until loop
    problem := format('"%s" did not end it, nor keep it, until %s', gate.locked_by, to_json(gate.locked_until) #>> '{}');
    gate := codered.end_attempt(run.id, gate, jsonb_build_object(
      'status', 'error',
      'fail_codes', jsonb_build_array(case when gate.stopped_at is null then 'LEASE_EXPIRED' else 'STOPPED' end),
      'validation_results', jsonb_build_array(codered.stage_check('lease', gate.gate_id, false, 'LEASE_EXPIRED', problem))));
    perform codered.log_stage_run(run, gate, '{}', problem);
  end loop;
end
$$;

comment on function codered.end_lapsed_stages(uuid, timestamptz) is
  'Ends the attempts of a locked run whose lease lapsed by then: each was an attempt; the next one is made, or after the last one the run pauses.';

revoke execute on function codered.end_lapsed_stages from public;

grant execute on function codered.end_lapsed_stages to service_role;

create or replace function codered.end_lapsed_job(job_id uuid, until timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  parent constant uuid := (select j.parent_job_id from codered.agent_jobs j where j.id = end_lapsed_job.job_id);
  job codered.agent_jobs;
  problem text;
begin
  -- First the pipeline, as everybody who changes both does; whoever is at it is not waited for.
  if parent is not null then
    perform from codered.agent_jobs p where p.id = parent for update skip locked;
    if not found then
      return false;
    end if;
  end if;
  select j.* into job
  from codered.agent_jobs j
  where j.id = end_lapsed_job.job_id and j.status = 'running' and j.locked_until <= end_lapsed_job.until
    and (j.attempts >= j.max_attempts or j.cancel_requested_at is not null)
  for update of j skip locked;
  if not found then
    return false;
  end if;
  problem := format('The lease of attempt %s of %s ended before the work did.', job.attempts, job.max_attempts);
  perform codered.log_job_run(job, case when job.cancel_requested_at is null then 'failed' else 'aborted' end, problem);
  update codered.agent_jobs j
  set
    status = case when j.cancel_requested_at is null then 'failed' else 'cancelled' end,
    error = case when j.cancel_requested_at is null then problem else j.error end
  where j.id = job.id;
  return true;
end
$$;
comment on function codered.end_lapsed_job(uuid, timestamptz) is
  'Ends a job whose lease lapsed by then and that nobody may take again: as failed after its last attempt, as cancelled where that was asked for; returns whether it did. One with attempts left is whoever''s who claims it. Called by end_lapsed_work.';
revoke execute on function codered.end_lapsed_job from public;
grant execute on function codered.end_lapsed_job to service_role;

create or replace function codered.end_lapsed_run(run_id uuid, until timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  perform
  from codered.runs r
  where r.id = end_lapsed_run.run_id and r.status in ('running', 'paused')
  for no key update skip locked;
  if not found then
    return false;
  end if;
  perform codered.end_lapsed_stages(end_lapsed_run.run_id, end_lapsed_run.until);
  return true;
end
$$;
comment on function codered.end_lapsed_run(uuid, timestamptz) is
  'Ends the stages of a run whose lease lapsed by then; returns false where somebody is at the run, or it is over. Called by end_lapsed_work.';
revoke execute on function codered.end_lapsed_run from public;
grant execute on function codered.end_lapsed_run to service_role;

create or replace function codered.end_lapsed_work(batch integer default 100)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- A worker whose server was away for a while comes back with what it has.
  until constant timestamptz := now() - interval '5 minutes';
  due record;
  jobs integer := 0;
  runs integer := 0;
  problem text;
begin
  for due in
    select d.kind, d.id
    from (
      (
        select 'job' as kind, j.id
        from codered.agent_jobs j
        join codered.projects p on p.id = j.project_id and p.deleted_at is null
        where j.status = 'running' and j.locked_until <= until and j.agent_type = any (codered.result_types())
          and (j.attempts >= j.max_attempts or j.cancel_requested_at is not null)
        -- By no order that keeps what can't be ended before all others.
        order by random()
        limit end_lapsed_work.batch
      )
      union all
      (
        select 'run', r.id
        from codered.gate_executions g
        join codered.runs r on r.id = g.run_id
        left join codered.projects p on p.id = r.project_id
        where g.status = 'running' and g.locked_until <= until and r.status in ('running', 'paused')
          and r.sprint_id is null and r.repository_id is null and p.deleted_at is null
        group by r.id
        order by random()
        limit end_lapsed_work.batch
      )
    ) as d
  loop
    -- What can't be ended holds up nothing else.
    begin
      if due.kind = 'job' then
        jobs := jobs + codered.end_lapsed_job(due.id, until)::integer;
      else
        runs := runs + codered.end_lapsed_run(due.id, until)::integer;
      end if;
    exception
      when others then
        problem := format('%s %s: %s', due.kind, due.id, left(sqlerrm, 500));
    end;
  end loop;
  return jsonb_build_object('jobs', jobs, 'runs', runs, 'problem', problem);
end
$$;
comment on function codered.end_lapsed_work(integer) is
  'Ends, up to batch of both, jobs without attempts left and stages whose lease lapsed more than five minutes ago; returns {jobs, runs, problem}: of how many, and why the last of those that could not be ended was not. Called by the app each minute: what nobody claims any more is over all the same.';
revoke execute on function codered.end_lapsed_work from public;
grant execute on function codered.end_lapsed_work to service_role;

create or replace function codered.take_stage(run codered.runs, gate codered.gate_executions, worker text, lease_seconds integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  spec constant codered.specs := (select s from codered.specs s where s.id = run.spec_id);
  stage constant jsonb := coalesce(
    (select e.stage from jsonb_array_elements(spec.stages) as e (stage) where e.stage ->> 'id' = gate.gate_id limit 1),
    jsonb_build_object('id', gate.gate_id, 'name', gate.gate_name, 'type', gate.phase));
  agent constant codered.agents := codered.agent_of_stage(gate);
  documents constant jsonb := codered.documents_before(gate);
  closing constant text[] := codered.closing_checks(run.id, gate);
  extra jsonb := '{}';
  prompt text;
  taken codered.gate_executions;
begin
  if 'qa' = any (closing) and spec.qa_config <> '{}' then
    extra := extra || jsonb_build_object('qa_config', spec.qa_config);
  end if;
  if 'guarantees' = any (closing) and spec.output_guarantees <> '[]' then
    extra := extra || jsonb_build_object('output_guarantees', spec.output_guarantees);
  end if;
  prompt := codered.prompt_of_stage(stage, run.intent, documents, extra);
  update codered.gate_executions g
  set status = 'running', started_at = now(), locked_by = take_stage.worker,
    locked_until = codered.lease_end(agent, now(), take_stage.lease_seconds), claim_number = g.claim_number + 1, progress = 0, note = null,
    stopped_at = null, prompt_packet = prompt
  where g.id = gate.id
  returning g.* into taken;
  update codered.runs r set status = 'running', current_gate = taken.gate_id where r.id = run.id;
  return jsonb_build_object(
    'work_id', taken.id, 'kind', 'stage', 'type', coalesce(taken.phase, 'stage'), 'claim', taken.claim_number,
    'lease_seconds', take_stage.lease_seconds, 'locked_until', taken.locked_until, 'project_id', run.project_id, 'run_id', run.id,
    'attempt', taken.attempt_number, 'max_attempts', taken.max_attempts, 'input', null, 'intent', run.intent, 'stage', stage || extra,
    'artifacts', documents, 'answers', '[]'::jsonb, 'prompt_packet', prompt,
    'agent', case when agent.id is not null then jsonb_build_object(
      'slug', agent.slug, 'name', agent.name, 'role', agent.role,
      'model_id', coalesce(taken.model_id, agent.model_id, agent.default_model), 'max_tokens', agent.max_tokens,
      'temperature', agent.temperature, 'allowed_zones', agent.allowed_zones, 'cost_ceiling_usd', agent.cost_ceiling_usd,
      'long_horizon_allowed', agent.long_horizon_allowed) end,
    'result_schema', null,
    'constraints', jsonb_build_object(
      'stage', coalesce(stage -> 'constraints', '[]'), 'allowed_zones', coalesce(agent.allowed_zones, '{green}'),
      'cost_ceiling_usd', codered.ceiling_of(spec.cost_profile, 'cost_usd'), 'tokens_ceiling', codered.ceiling_of(spec.cost_profile, 'tokens'),
      'spent_usd', run.total_cost_usd, 'spent_tokens', run.total_tokens_in + run.total_tokens_out,
      'must_end_at', case when not coalesce(agent.long_horizon_allowed, false) then taken.started_at + codered.longest_claim() end),
    'rules', (select p.rules from codered.projects p where p.id = run.project_id));
end
$$;

comment on function codered.take_stage(codered.runs, codered.gate_executions, text, integer) is
  'Gives a pending stage of a locked run to a worker, under the next number, keeps what it is sent, and returns its packet; result_schema is added by the operation.';

revoke execute on function codered.take_stage from public;

grant execute on function codered.take_stage to service_role;

create or replace function codered.keep_stage(
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

create or replace function codered.check_usage(spec codered.specs, run codered.runs, gate codered.gate_executions, usage jsonb)
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

create or replace function codered.complete_stage(stage_id uuid, claim bigint, result jsonb, usage jsonb default null)
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

create or replace function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
    when 'add_artifact' then return to_jsonb(codered.add_artifact(artifact => arguments -> 'artifact'));
    when 'answer_job_questions' then return to_jsonb(codered.answer_job_questions(job_id => (arguments ->> 'job_id')::uuid, responses => arguments -> 'responses'));
    when 'ask_work' then return to_jsonb(codered.ask_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, questions => arguments -> 'questions'));
    when 'break_task_lock' then return to_jsonb(codered.break_task_lock(task_id => (arguments ->> 'task_id')::uuid, reason => arguments ->> 'reason'));
    when 'cancel_job' then return to_jsonb(codered.cancel_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'cancel_run' then return to_jsonb(codered.cancel_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'claim_work' then return to_jsonb(codered.claim_work(worker => arguments ->> 'worker', types => arguments -> 'types', project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 1), lease_seconds => coalesce((arguments ->> 'lease_seconds')::integer, 300)));
    when 'complete_work' then return to_jsonb(codered.complete_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, result => arguments -> 'result', usage => coalesce(arguments -> 'usage', '{}'::jsonb), task_run_id => (arguments ->> 'task_run_id')::uuid));
    when 'create_agent_job' then return to_jsonb(codered.create_agent_job(project_id => (arguments ->> 'project_id')::uuid, agent_type => arguments ->> 'agent_type', input => arguments -> 'input', user_id => coalesce((arguments ->> 'user_id')::uuid, auth.uid()), parent_job_id => (arguments ->> 'parent_job_id')::uuid));
    when 'create_checkpoint' then return to_jsonb(codered.create_checkpoint(project_id => (arguments ->> 'project_id')::uuid, label => arguments ->> 'label', repo_ref => arguments ->> 'repo_ref', summary => arguments ->> 'summary', resume_instructions => arguments ->> 'resume_instructions', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'create_corpus' then return to_jsonb(codered.create_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus => arguments -> 'corpus'));
    when 'create_milestone' then return to_jsonb(codered.create_milestone(project_id => (arguments ->> 'project_id')::uuid, milestone => arguments -> 'milestone'));
    when 'create_override' then return to_jsonb(codered.create_override(project_id => (arguments ->> 'project_id')::uuid, override_type => arguments ->> 'override_type', target_type => arguments ->> 'target_type', target_id => (arguments ->> 'target_id')::uuid, reason => arguments ->> 'reason'));
    when 'create_project' then return to_jsonb(codered.create_project(project => arguments -> 'project', org => arguments ->> 'org'));
    when 'create_roadmap' then return to_jsonb(codered.create_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'create_template' then return to_jsonb(codered.create_template(template => arguments -> 'template'));
    when 'create_template_version' then return to_jsonb(codered.create_template_version(template_id => (arguments ->> 'template_id')::uuid, version => arguments ->> 'version', copied_spec_id => (arguments ->> 'copied_spec_id')::uuid, project_id => (arguments ->> 'project_id')::uuid, spec => coalesce(arguments -> 'spec', '{}'::jsonb)));
    when 'decide_stage' then return to_jsonb(codered.decide_stage(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', is_approved => (arguments ->> 'is_approved')::boolean, reason => arguments ->> 'reason'));
    when 'delete_milestone' then return to_jsonb(codered.delete_milestone(milestone_id => (arguments ->> 'milestone_id')::uuid));
    when 'delete_task' then return to_jsonb(codered.delete_task(task_id => (arguments ->> 'task_id')::uuid));
    when 'export_project_files' then return to_jsonb(codered.export_project_files(project_id => (arguments ->> 'project_id')::uuid));
    when 'extend_daily_session' then return to_jsonb(codered.extend_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, session => arguments -> 'session'));
    when 'fail_work' then return to_jsonb(codered.fail_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, error => arguments ->> 'error', is_final => coalesce((arguments ->> 'is_final')::boolean, false), usage => coalesce(arguments -> 'usage', '{}'::jsonb)));
    when 'find_jobs' then return to_jsonb(codered.find_jobs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', agent_type => arguments ->> 'agent_type', parent_job_id => (arguments ->> 'parent_job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_job => (arguments ->> 'before_job')::uuid));
    when 'find_similar_patterns' then return to_jsonb(codered.find_similar_patterns(query_embedding => arguments -> 'query_embedding', match_count => coalesce((arguments ->> 'match_count')::integer, 10), filter_type => arguments ->> 'filter_type'));
    when 'finish_task_run' then return to_jsonb(codered.finish_task_run(task_run_id => (arguments ->> 'task_run_id')::uuid, status => arguments ->> 'status', summary => arguments ->> 'summary'));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'keep_work' then return to_jsonb(codered.keep_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, progress => (arguments ->> 'progress')::double precision, note => arguments ->> 'note', lease_seconds => coalesce((arguments ->> 'lease_seconds')::integer, 300)));
    when 'list_agent_runs' then return to_jsonb(codered.list_agent_runs(project_id => (arguments ->> 'project_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, job_id => (arguments ->> 'job_id')::uuid, agent => arguments ->> 'agent', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_agent_sessions' then return to_jsonb(codered.list_agent_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_agents' then return to_jsonb(codered.list_agents(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_artifacts' then return to_jsonb(codered.list_artifacts(project_id => (arguments ->> 'project_id')::uuid, run_id => (arguments ->> 'run_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, kind => arguments ->> 'kind', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_artifact => (arguments ->> 'before_artifact')::uuid));
    when 'list_bug_patterns' then return to_jsonb(codered.list_bug_patterns(project_id => (arguments ->> 'project_id')::uuid, category => arguments ->> 'category', query => arguments ->> 'query', batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_pattern => (arguments ->> 'after_pattern')::uuid));
    when 'list_checkpoints' then return to_jsonb(codered.list_checkpoints(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_corpora' then return to_jsonb(codered.list_corpora(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_corpus => (arguments ->> 'after_corpus')::uuid));
    when 'list_daily_sessions' then return to_jsonb(codered.list_daily_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_session => (arguments ->> 'before_session')::uuid));
    when 'list_decisions' then return to_jsonb(codered.list_decisions(project_id => (arguments ->> 'project_id')::uuid, standing => coalesce((arguments ->> 'standing')::boolean, false), batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_deployments' then return to_jsonb(codered.list_deployments(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', environment => arguments ->> 'environment', status => arguments ->> 'status', commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_started_at => (arguments ->> 'before_started_at')::timestamp with time zone, before_deployment => (arguments ->> 'before_deployment')::uuid));
    when 'list_documents' then return to_jsonb(codered.list_documents(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_source => arguments ->> 'after_source', after_version => arguments ->> 'after_version'));
    when 'list_errors' then return to_jsonb(codered.list_errors(project_id => (arguments ->> 'project_id')::uuid, source => arguments ->> 'source', severity => arguments ->> 'severity', environment => arguments ->> 'environment', state => arguments ->> 'state', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_events' then return to_jsonb(codered.list_events(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), direction => coalesce(arguments ->> 'direction', 'newest'::text), beyond_event => (arguments ->> 'beyond_event')::bigint, after_event => (arguments ->> 'after_event')::bigint, event_type => arguments ->> 'event_type', task_id => (arguments ->> 'task_id')::uuid, run_id => (arguments ->> 'run_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_flaky_tests' then return to_jsonb(codered.list_flaky_tests(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', batch => coalesce((arguments ->> 'batch')::integer, 50), after_commits => (arguments ->> 'after_commits')::integer, after_repository => arguments ->> 'after_repository', after_suite => arguments ->> 'after_suite', after_name => arguments ->> 'after_name'));
    when 'list_job_events' then return to_jsonb(codered.list_job_events(job_id => (arguments ->> 'job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_lessons' then return to_jsonb(codered.list_lessons(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', domain_tag => arguments ->> 'domain_tag', severity => arguments ->> 'severity', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_milestones' then return to_jsonb(codered.list_milestones(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_models' then return to_jsonb(codered.list_models(batch => coalesce((arguments ->> 'batch')::integer, 50), after_model => arguments ->> 'after_model'));
    when 'list_overrides' then return to_jsonb(codered.list_overrides(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_override => (arguments ->> 'before_override')::uuid));
    when 'list_project_files' then return to_jsonb(codered.list_project_files(project_id => (arguments ->> 'project_id')::uuid, under => arguments ->> 'under', batch => coalesce((arguments ->> 'batch')::integer, 50), after_path => arguments ->> 'after_path'));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug', retired => coalesce((arguments ->> 'retired')::boolean, false)));
    when 'list_roadmaps' then return to_jsonb(codered.list_roadmaps(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_roadmap => (arguments ->> 'before_roadmap')::uuid));
    when 'list_run_events' then return to_jsonb(codered.list_run_events(run_id => (arguments ->> 'run_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_runs' then return to_jsonb(codered.list_runs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', spec_id => (arguments ->> 'spec_id')::uuid, sprint_id => (arguments ->> 'sprint_id')::uuid, pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_specs' then return to_jsonb(codered.list_specs(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', branch => arguments ->> 'branch', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_spec => (arguments ->> 'before_spec')::uuid));
    when 'list_sprints' then return to_jsonb(codered.list_sprints(project_id => (arguments ->> 'project_id')::uuid, spec_id => (arguments ->> 'spec_id')::uuid, state => arguments ->> 'state', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_sprint => (arguments ->> 'before_sprint')::uuid));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_task_overrides' then return to_jsonb(codered.list_task_overrides(task_id => (arguments ->> 'task_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_task_runs' then return to_jsonb(codered.list_task_runs(task_id => (arguments ->> 'task_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'list_template_versions' then return to_jsonb(codered.list_template_versions(template_id => (arguments ->> 'template_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_spec => (arguments ->> 'before_spec')::uuid));
    when 'list_templates' then return to_jsonb(codered.list_templates(template_type => arguments ->> 'template_type', batch => coalesce((arguments ->> 'batch')::integer, 50), after_sort_order => (arguments ->> 'after_sort_order')::integer, after_slug => arguments ->> 'after_slug'));
    when 'list_tests' then return to_jsonb(codered.list_tests(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', status => arguments ->> 'status', query => arguments ->> 'query', batch => coalesce((arguments ->> 'batch')::integer, 50), after_test => (arguments ->> 'after_test')::integer));
    when 'list_ux_snippets' then return to_jsonb(codered.list_ux_snippets(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', tag => arguments ->> 'tag', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'log_agent_run' then return to_jsonb(codered.log_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent => arguments ->> 'agent', status => arguments ->> 'status', task_id => (arguments ->> 'task_id')::uuid, mode => arguments ->> 'mode', model => arguments ->> 'model', tokens_prompt => (arguments ->> 'tokens_prompt')::integer, tokens_completion => (arguments ->> 'tokens_completion')::integer, approx_cost_usd => (arguments ->> 'approx_cost_usd')::numeric, input_summary => arguments ->> 'input_summary', output_summary => arguments ->> 'output_summary', full_input => arguments ->> 'full_input', full_output => arguments ->> 'full_output', error_message => arguments ->> 'error_message', zones_touched => arguments -> 'zones_touched', tools_used => arguments -> 'tools_used'));
    when 'move_in_roadmap' then return to_jsonb(codered.move_in_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, step_index => (arguments ->> 'step_index')::integer));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'note_in_session' then return to_jsonb(codered.note_in_session(agent_session_id => (arguments ->> 'agent_session_id')::uuid, summary => arguments ->> 'summary', snapshot => arguments -> 'snapshot', ends => coalesce((arguments ->> 'ends')::boolean, false)));
    when 'override_criterion' then return to_jsonb(codered.override_criterion(right_id => (arguments ->> 'right_id')::uuid, project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', criterion => arguments ->> 'criterion', reason => arguments ->> 'reason', until => (arguments ->> 'until')::date));
    when 'override_stage' then return to_jsonb(codered.override_stage(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', reason => arguments ->> 'reason', override_type => coalesce(arguments ->> 'override_type', 'agent_override'::text)));
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'project_cost' then return to_jsonb(codered.project_cost(project_id => (arguments ->> 'project_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'publish_spec' then return to_jsonb(codered.publish_spec(spec_id => (arguments ->> 'spec_id')::uuid));
    when 'read_agent' then return to_jsonb(codered.read_agent(slug => arguments ->> 'slug'));
    when 'read_agent_run' then return to_jsonb(codered.read_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'read_agent_session' then return to_jsonb(codered.read_agent_session(agent_session_id => (arguments ->> 'agent_session_id')::uuid));
    when 'read_artifact' then return to_jsonb(codered.read_artifact(artifact_id => (arguments ->> 'artifact_id')::uuid));
    when 'read_attempt' then return to_jsonb(codered.read_attempt(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', attempt_number => (arguments ->> 'attempt_number')::integer));
    when 'read_bug_pattern' then return to_jsonb(codered.read_bug_pattern(pattern_id => (arguments ->> 'pattern_id')::uuid));
    when 'read_checkpoint' then return to_jsonb(codered.read_checkpoint(checkpoint_id => (arguments ->> 'checkpoint_id')::uuid));
    when 'read_content' then return to_jsonb(codered.read_content(artifact_id => (arguments ->> 'artifact_id')::uuid, spec_id => (arguments ->> 'spec_id')::uuid, has_body => coalesce((arguments ->> 'has_body')::boolean, false)));
    when 'read_daily_session' then return to_jsonb(codered.read_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, after_message => coalesce((arguments ->> 'after_message')::integer, 0)));
    when 'read_decision' then return to_jsonb(codered.read_decision(decision_id => (arguments ->> 'decision_id')::uuid));
    when 'read_deployment' then return to_jsonb(codered.read_deployment(deployment_id => (arguments ->> 'deployment_id')::uuid));
    when 'read_dora' then return to_jsonb(codered.read_dora(project_id => (arguments ->> 'project_id')::uuid, weeks => coalesce((arguments ->> 'weeks')::integer, 12)));
    when 'read_error' then return to_jsonb(codered.read_error(error_id => (arguments ->> 'error_id')::uuid));
    when 'read_gate' then return to_jsonb(codered.read_gate(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha'));
    when 'read_intent' then return to_jsonb(codered.read_intent(spec_id => (arguments ->> 'spec_id')::uuid, intent => arguments -> 'intent'));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'read_log_source' then return to_jsonb(codered.read_log_source(project_id => (arguments ->> 'project_id')::uuid, error_id => (arguments ->> 'error_id')::uuid, github_job_id => (arguments ->> 'github_job_id')::bigint));
    when 'read_project_details' then return to_jsonb(codered.read_project_details(project_id => (arguments ->> 'project_id')::uuid));
    when 'read_project_file' then return to_jsonb(codered.read_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path'));
    when 'read_result_type' then return to_jsonb(codered.read_result_type(type => arguments ->> 'type'));
    when 'read_roadmap' then return to_jsonb(codered.read_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid));
    when 'read_run' then return to_jsonb(codered.read_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'read_spec' then return to_jsonb(codered.read_spec(spec_id => (arguments ->> 'spec_id')::uuid));
    when 'read_sprint' then return to_jsonb(codered.read_sprint(sprint_id => (arguments ->> 'sprint_id')::uuid));
    when 'read_task' then return to_jsonb(codered.read_task(task_id => (arguments ->> 'task_id')::uuid));
    when 'read_template' then return to_jsonb(codered.read_template(template_id => (arguments ->> 'template_id')::uuid));
    when 'read_test' then return to_jsonb(codered.read_test(test_id => (arguments ->> 'test_id')::integer));
    when 'read_ux_snippet' then return to_jsonb(codered.read_ux_snippet(snippet_id => (arguments ->> 'snippet_id')::uuid));
    when 'read_work' then return to_jsonb(codered.read_work(work_id => (arguments ->> 'work_id')::uuid));
    when 'record_daily_session' then return to_jsonb(codered.record_daily_session(project_id => (arguments ->> 'project_id')::uuid, session => arguments -> 'session'));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'record_lesson' then return to_jsonb(codered.record_lesson(project_id => (arguments ->> 'project_id')::uuid, lesson => arguments -> 'lesson'));
    when 'record_ux_snippet' then return to_jsonb(codered.record_ux_snippet(project_id => (arguments ->> 'project_id')::uuid, snippet => arguments -> 'snippet'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'release_work' then return to_jsonb(codered.release_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, usage => coalesce(arguments -> 'usage', '{}'::jsonb)));
    when 'report_error' then return to_jsonb(codered.report_error(project_id => (arguments ->> 'project_id')::uuid, report => arguments -> 'report'));
    when 'restore_project' then return to_jsonb(codered.restore_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'retire_project' then return to_jsonb(codered.retire_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'retire_ux_snippet' then return to_jsonb(codered.retire_ux_snippet(snippet_id => (arguments ->> 'snippet_id')::uuid));
    when 'revoke_override' then return to_jsonb(codered.revoke_override(override_id => (arguments ->> 'override_id')::uuid));
    when 'run_pipeline' then return to_jsonb(codered.run_pipeline(project_id => (arguments ->> 'project_id')::uuid, input => arguments -> 'input'));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'set_milestone_progress' then return to_jsonb(codered.set_milestone_progress(milestone_id => (arguments ->> 'milestone_id')::uuid, percent => (arguments ->> 'percent')::integer));
    when 'set_model' then return to_jsonb(codered.set_model(model_id => arguments ->> 'model_id', model => arguments -> 'model'));
    when 'settle_error' then return to_jsonb(codered.settle_error(error_id => (arguments ->> 'error_id')::uuid, is_resolved => (arguments ->> 'is_resolved')::boolean));
    when 'start_agent_session' then return to_jsonb(codered.start_agent_session(project_id => (arguments ->> 'project_id')::uuid, summary => arguments ->> 'summary', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'start_task_run' then return to_jsonb(codered.start_task_run(task_id => (arguments ->> 'task_id')::uuid, phase => arguments ->> 'phase', status => coalesce(arguments ->> 'status', 'running'::text), summary => arguments ->> 'summary', agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'start_workflow_run' then return to_jsonb(codered.start_workflow_run(spec_id => (arguments ->> 'spec_id')::uuid, intent => arguments -> 'intent', project_id => (arguments ->> 'project_id')::uuid, display_name => arguments ->> 'display_name'));
    when 'suggest_pattern' then return to_jsonb(codered.suggest_pattern(project_id => (arguments ->> 'project_id')::uuid, name => arguments ->> 'name', kind => arguments ->> 'kind', pattern_signature => arguments ->> 'pattern_signature', root_cause => arguments ->> 'root_cause', recommended_fix => arguments ->> 'recommended_fix', category => coalesce(arguments ->> 'category', 'other'::text), description => arguments ->> 'description'));
    when 'supersede_decision' then return to_jsonb(codered.supersede_decision(decision_id => (arguments ->> 'decision_id')::uuid, decision => arguments -> 'decision'));
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_corpus' then return to_jsonb(codered.update_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, corpus => arguments -> 'corpus'));
    when 'update_decision' then return to_jsonb(codered.update_decision(decision_id => (arguments ->> 'decision_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_milestone' then return to_jsonb(codered.update_milestone(milestone_id => (arguments ->> 'milestone_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_project' then return to_jsonb(codered.update_project(project_id => (arguments ->> 'project_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_roadmap' then return to_jsonb(codered.update_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_template' then return to_jsonb(codered.update_template(template_id => (arguments ->> 'template_id')::uuid, changes => arguments -> 'changes'));
    when 'update_template_version' then return to_jsonb(codered.update_template_version(spec_id => (arguments ->> 'spec_id')::uuid, changes => arguments -> 'changes'));
    when 'upload_spec' then return to_jsonb(codered.upload_spec(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', path => arguments ->> 'path', content => arguments ->> 'content', branch => arguments ->> 'branch', label => arguments ->> 'label', dod => arguments -> 'dod'));
    when 'write_project_file' then return to_jsonb(codered.write_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path', content => arguments ->> 'content', language => arguments ->> 'language', expected_version => (arguments ->> 'expected_version')::integer));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;

comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';

revoke execute on function codered.call_operation from public;

grant execute on function codered.call_operation to authenticated;
