-- Whoever took a job keeps it, asks in it, and ends it, each under the number of the claim; what the agent did is written down.

create function codered.lock_claimed_job(job_id uuid, claim bigint)
returns codered.agent_jobs
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  -- First the pipeline, as everybody who changes both does; nobody holds up what is not theirs.
  perform from codered.agent_jobs p
  where p.id = (select j.parent_job_id from codered.agent_jobs j where j.id = lock_claimed_job.job_id and codered.may_work_on(j))
  for update;
  select j.* into job
  from codered.agent_jobs j
  where j.id = lock_claimed_job.job_id and codered.may_work_on(j)
  for update;
  if not found then
    perform codered.refuse_missing('work', lock_claimed_job.job_id::text);
  end if;
  if job.claimed_at is null or job.claim_number is distinct from lock_claimed_job.claim
    or (codered.is_member_call() and job.claimed_by is distinct from auth.uid()) then
    raise exception 'Work "%" is not held under the claim %: it was claimed again since, or never; what you have of it is void.',
      job.id, coalesce(lock_claimed_job.claim::text, 'null') using errcode = 'CR005';
  end if;
  return job;
end
$$;
comment on function codered.lock_claimed_job(uuid, bigint) is
  'A job that the caller took under that number, locked for this transaction, and its pipeline. Refuses CR004 (none that may_work_on lets through, in the same words), CR005 (another number by now, or taken by somebody else).';
revoke execute on function codered.lock_claimed_job from public;
grant execute on function codered.lock_claimed_job to service_role;

create function codered.ending_hash(how text, said jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select encode(sha256(convert_to(how || ' ' || coalesce(said, 'null')::text, 'UTF8')), 'hex')
$$;
comment on function codered.ending_hash(text, jsonb) is 'SHA-256 of how a claim ended, in hexadecimal digits: the same again has the same.';
revoke execute on function codered.ending_hash from public;
grant execute on function codered.ending_hash to service_role;

create function codered.answer_before(job codered.agent_jobs, hash text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if job.finishing_hash is not null and job.finishing_hash <> answer_before.hash then
    raise exception 'The claim % of work "%" has ended already, otherwise: the job is %.', job.claim_number, job.id, job.status
      using errcode = 'CR003';
  end if;
  return case when job.finishing_hash is not null then job.finishing_answer end;
end
$$;
comment on function codered.answer_before(codered.agent_jobs, text) is
  'What was answered when the claim ended in this very way; null when it has not ended. Refuses CR003 when it ended otherwise.';
revoke execute on function codered.answer_before from public;
grant execute on function codered.answer_before to service_role;

create function codered.accept_job_usage(usage jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape('usage', accept_job_usage.usage, '{
    "is": "object",
    "optional": ["model_id", "tokens_in", "tokens_out", "cost_usd", "duration_ms", "zones_touched", "tools", "documents", "full_input", "full_output"],
    "keys": {
      "model_id": {"is": "text", "from": 1, "to": 200},
      "tokens_in": {"is": "whole", "from": 0, "to": 2147483647}, "tokens_out": {"is": "whole", "from": 0, "to": 2147483647},
      "cost_usd": {"is": "number", "from": 0, "to": 99999999}, "duration_ms": {"is": "whole", "from": 0, "to": 2147483647},
      "zones_touched": {"is": "list", "to": 3, "of": {"is": "word", "of": ["red", "yellow", "green"]}},
      "tools": {"is": "list", "to": 100, "of": {"is": "text", "from": 1, "to": 200}},
      "documents": {"is": "list", "to": 100, "of": {"is": "text", "from": 36, "to": 36}},
      "full_input": {"is": "text"}, "full_output": {"is": "text"}
    }
  }')
$$;
comment on function codered.accept_job_usage(jsonb) is
  'True for what the work of an agent took: {model_id, tokens_in, tokens_out, cost_usd, duration_ms, zones_touched, tools, documents}, each where it is known; full_input and full_output are the operation''s, which redacts them. Raises CR002.';
revoke execute on function codered.accept_job_usage from public;
grant execute on function codered.accept_job_usage to service_role;

create function codered.ensure_agent(job codered.agent_jobs)
returns codered.agents
language plpgsql
set search_path = ''
as $$
declare
  agent codered.agents := codered.agent_of_job(job);
begin
  if agent.id is null then
    insert into codered.agents (name, slug, role, description)
    values (
      format('Jobs of the type %s', job.agent_type), job.agent_type,
      case job.agent_type when 'research' then 'research' when 'wireframe' then 'architect' when 'code' then 'code' when 'qa' then 'test'
        when 'plan_sprint' then 'orchestrator' else 'librarian' end,
      'Made when a first job of this type was done; a file of agents with this slug takes its place.')
    on conflict do nothing;
    agent := codered.agent_of_job(job);
  end if;
  return agent;
end
$$;
comment on function codered.ensure_agent(codered.agent_jobs) is
  'The agent of a job; where no file has one, one of the job''s type is made, with the standing of a new agent: green zones, no long horizon, no ceiling.';
revoke execute on function codered.ensure_agent from public;
grant execute on function codered.ensure_agent to service_role;

create function codered.cost_of_usage(agent codered.agents, usage jsonb)
returns numeric
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (usage ->> 'cost_usd')::numeric,
    case when usage ->> 'tokens_in' is not null and usage ->> 'tokens_out' is not null then codered.cost_of(
      coalesce(usage ->> 'model_id', agent.model_id, agent.default_model),
      (usage ->> 'tokens_in')::numeric::integer, (usage ->> 'tokens_out')::numeric::integer) end)
$$;
comment on function codered.cost_of_usage(codered.agents, jsonb) is
  'What a run cost in US dollars: as it is told, else by the tokens and the price of its model; null where neither is known.';
revoke execute on function codered.cost_of_usage from public;
grant execute on function codered.cost_of_usage to service_role;

create function codered.note_task_pass(job codered.agent_jobs, agent_run_id uuid, task_run_id uuid, is_done boolean, summary text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  task constant codered.tasks := codered.task_of_job(job);
begin
  if note_task_pass.task_run_id is not null then
    update codered.task_runs r
    set
      agent_run_id = coalesce(r.agent_run_id, note_task_pass.agent_run_id),
      status = case when r.status not in ('planned', 'running') then r.status when note_task_pass.is_done then 'succeeded' else 'failed' end
    where r.id = note_task_pass.task_run_id and r.project_id = job.project_id;
    if not found then
      perform codered.refuse_missing('pass over a task', note_task_pass.task_run_id::text);
    end if;
  elsif task.id is not null then
    insert into codered.task_runs (task_id, project_id, agent_run_id, phase, status, summary)
    values (
      task.id, task.project_id, note_task_pass.agent_run_id,
      case job.agent_type when 'code' then 'code' when 'qa' then 'test' when 'plan_sprint' then 'orchestrator' else 'architect' end,
      case when note_task_pass.is_done then 'succeeded' else 'failed' end, nullif(left(note_task_pass.summary, 2000), ''));
  end if;
end
$$;
comment on function codered.note_task_pass(codered.agent_jobs, uuid, uuid, boolean, text) is
  'Writes down a pass over the task that a job was for: in the pass that is named, else in a new one of the task that the job''s input names. Refuses CR004 (no such pass in the project).';
revoke execute on function codered.note_task_pass from public;
grant execute on function codered.note_task_pass to service_role;

create function codered.log_job_run(
  job codered.agent_jobs, status text, error text, usage jsonb default '{}', zones text[] default null, task_run_id uuid default null)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  agent constant codered.agents := codered.ensure_agent(job);
  made codered.agent_runs;
begin
  insert into codered.agent_runs (
    project_id, agent_id, task_id, job_id, mode, input_summary, output_summary, full_input, full_output, model, tokens_prompt,
    tokens_completion, approx_cost_usd, duration_ms, zones_touched, tools_used, rag_documents, status, error_message)
  values (
    job.project_id, agent.id, (codered.task_of_job(job)).id, job.id, job.agent_type,
    left(usage ->> 'full_input', 500), left(usage ->> 'full_output', 500), usage ->> 'full_input', usage ->> 'full_output',
    coalesce(usage ->> 'model_id', agent.model_id, agent.default_model),
    (usage ->> 'tokens_in')::numeric::integer, (usage ->> 'tokens_out')::numeric::integer,
    codered.cost_of_usage(agent, log_job_run.usage), (usage ->> 'duration_ms')::numeric::integer,
    coalesce(log_job_run.zones, codered.texts_in(log_job_run.usage, 'zones_touched')), codered.texts_in(log_job_run.usage, 'tools'),
    codered.uuids_in(log_job_run.usage, 'documents'), log_job_run.status, log_job_run.error)
  returning * into made;
  perform codered.note_task_pass(job, made.id, log_job_run.task_run_id, log_job_run.status = 'succeeded', coalesce(log_job_run.error, made.output_summary));
  if log_job_run.status = 'failed' then
    insert into codered.errors (project_id, source, agent_run_id, error_code, message, severity, fingerprint)
    values (
      job.project_id, 'agent', made.id, 'agent.' || job.agent_type, left(log_job_run.error, 4096), 'error',
      left(encode(sha256(convert_to(job.agent_type || ' ' || log_job_run.error, 'UTF8')), 'hex'), 16));
  end if;
  return made.id;
end
$$;
comment on function codered.log_job_run(codered.agent_jobs, text, text, jsonb, text[], uuid) is
  'Writes down what an agent did for a job: an agent_run (cost by its model''s prices when it is not told), the pass over its task, and, when it failed, an error of source agent. Full input and output are kept only as the operation gave them, redacted. Returns the run''s id.';
revoke execute on function codered.log_job_run from public;
grant execute on function codered.log_job_run to service_role;

create function codered.keep_agent_job(
  job_id uuid, claim bigint, progress double precision default null, note text default null, lease_seconds integer default 300)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job codered.agent_jobs := codered.lock_claimed_job(keep_agent_job.job_id, keep_agent_job.claim);
  ends constant timestamptz := codered.lease_end(codered.agent_of_job(job), job.claimed_at, keep_agent_job.lease_seconds);
begin
  perform codered.check_claim('-', 1, keep_agent_job.lease_seconds);
  if keep_agent_job.progress not between 0 and 100 then
    perform codered.refuse_value('progress', keep_agent_job.progress::text, '0 to 100');
  end if;
  -- Whoever asked holds nothing any more, also when it is answered and goes on.
  if job.status = 'running' and job.finishing_hash is null then
    update codered.agent_jobs j
    set
      status = case when j.cancel_requested_at is null then 'running' else 'cancelled' end,
      progress = coalesce(keep_agent_job.progress, j.progress),
      progress_note = coalesce(keep_agent_job.note, j.progress_note),
      locked_until = ends,
      run_after = ends
    where j.id = job.id
    returning j.* into job;
  end if;
  return jsonb_build_object(
    'status', job.status, 'stop', job.status <> 'running' or job.finishing_hash is not null or ends <= now(), 'locked_until', job.locked_until, 'progress', job.progress);
end
$$;
comment on function codered.keep_agent_job(uuid, bigint, double precision, text, integer) is
  'Holds on to a job that was taken under that number, with how far it is (0 to 100; less than before changes nothing) and a note; returns {status, stop, locked_until, progress}. stop: there is nothing more to do, as it was cancelled, is over or waits for an answer, or its agent may not hold it any longer. Refuses CR002, CR004, CR005. Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.keep_agent_job from public;
grant execute on function codered.keep_agent_job to authenticated, service_role;

create function codered.ask_agent_job(job_id uuid, claim bigint, questions jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job codered.agent_jobs := codered.lock_claimed_job(ask_agent_job.job_id, ask_agent_job.claim);
  hash constant text := codered.ending_hash('ask', ask_agent_job.questions);
  answer jsonb := codered.answer_before(job, hash);
begin
  if answer is not null then
    return answer;
  end if;
  perform codered.accept_questions('questions', coalesce(ask_agent_job.questions, 'null'));
  if job.status <> 'running' then
    perform codered.refuse_state('agent_jobs.status', job.status, 'running');
  end if;
  update codered.agent_jobs j
  set
    status = 'waiting_for_input',
    questions = coalesce(j.questions, '[]') || ask_agent_job.questions,
    -- What waits for a person is no attempt of the agent's.
    attempts = greatest(j.attempts - 1, 0)
  where j.id = job.id
  returning j.* into job;
  answer := jsonb_build_object('status', job.status);
  update codered.agent_jobs j set finishing_hash = hash, finishing_answer = answer where j.id = job.id;
  return answer;
end
$$;
comment on function codered.ask_agent_job(uuid, bigint, jsonb) is
  'Lets a job that was taken under that number wait for answers to [{"id", "question", "options"?}]; the lease ends, and the attempt is not counted. Whoever takes it next has the answers. Returns {status}, which is cancelled when that was asked for; the same again is answered as before. Refuses CR002 (other keys, an id asked before), CR003 (not running, or ended otherwise), CR004, CR005. Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.ask_agent_job from public;
grant execute on function codered.ask_agent_job to authenticated, service_role;

create function codered.end_job(
  job codered.agent_jobs, hash text, status text, error text, answer jsonb, result jsonb default null, delay interval default '0')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  next_job uuid;
  told jsonb := end_job.answer;
begin
  if job.status <> end_job.status then
    update codered.agent_jobs j
    set
      status = end_job.status,
      error = end_job.error,
      result = coalesce(end_job.result, j.result),
      run_after = case when end_job.status = 'queued' then now() + end_job.delay else j.run_after end
    where j.id = job.id;
  end if;
  if end_job.status = 'completed' then
    select c.id into next_job
    from codered.agent_jobs c
    join codered.agent_jobs p on p.id = c.parent_job_id and p.agent_type = 'pipeline'
    where c.parent_job_id = job.parent_job_id and c.status = 'queued' and c.user_id is not distinct from job.user_id
      and array_position(codered.pipeline_steps(), c.agent_type) = array_position(codered.pipeline_steps(), job.agent_type) + 1
    order by c.created_at desc
    limit 1;
    told := told || jsonb_build_object('next_job_id', next_job);
  end if;
  update codered.agent_jobs j set finishing_hash = end_job.hash, finishing_answer = told where j.id = job.id;
  return told;
end
$$;
comment on function codered.end_job(codered.agent_jobs, text, text, text, jsonb, jsonb, interval) is
  'Ends a claim with that status and keeps what is answered to it; returns the answer, of a completed job with next_job_id, the step of its pipeline that follows.';
revoke execute on function codered.end_job from public;
grant execute on function codered.end_job to service_role;

create function codered.check_zones(job codered.agent_jobs, agent codered.agents, result jsonb, usage jsonb)
returns text[]
language plpgsql
stable
set search_path = ''
as $$
declare
  rules constant jsonb := (select p.rules from codered.projects p where p.id = job.project_id);
  written constant text[] := case when job.agent_type = 'code' then array[codered.file_of_result(check_zones.result)] else '{}' end;
  touched constant text[] := array(
    select distinct z.zone
    from unnest(codered.texts_in(check_zones.usage, 'zones_touched') || coalesce(codered.zones_of(written, rules), '{}')) as z (zone)
    order by 1);
begin
  if not touched <@ codered.zones_allowed_to(agent) then
    raise exception 'The work touches %, by usage.zones_touched and the zone of %; the agent "%" may touch: % (allowed_zones).',
      array_to_string(touched, ', '), coalesce('"' || left(written[1], 200) || '"', 'no file'), coalesce(agent.slug, job.agent_type),
      array_to_string(codered.zones_allowed_to(agent), ', ') using errcode = 'CR008';
  end if;
  return touched;
end
$$;
comment on function codered.check_zones(codered.agent_jobs, codered.agents, jsonb, jsonb) is
  'The zones that the work touched: those that are told, and that of the file that is written, by the project''s zones. Refuses CR008 when the agent may not touch one of them.';
revoke execute on function codered.check_zones from public;
grant execute on function codered.check_zones to service_role;

create function codered.complete_agent_job(
  job_id uuid, claim bigint, result jsonb, usage jsonb default '{}', task_run_id uuid default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job constant codered.agent_jobs := codered.lock_claimed_job(complete_agent_job.job_id, complete_agent_job.claim);
  used constant jsonb := coalesce(complete_agent_job.usage, '{}');
  hash constant text := codered.ending_hash('complete', jsonb_build_array(
    complete_agent_job.result, used - '{full_input,full_output}'::text[], complete_agent_job.task_run_id));
  before constant jsonb := codered.answer_before(job, hash);
  agent constant codered.agents := codered.agent_of_job(job);
  cost constant numeric := codered.cost_of_usage(agent, used);
  spent numeric;
  zones text[];
  problem text;
begin
  if before is not null then
    return before;
  end if;
  perform codered.accept_job_usage(used);
  if job.cancel_requested_at is not null or job.status = 'cancelled' then
    perform codered.log_job_run(job, 'aborted', 'The job was cancelled.', used, null, complete_agent_job.task_run_id);
    return codered.end_job(job, hash, 'cancelled', null, '{"status": "cancelled", "problems": ["The job was cancelled: its result is not kept."]}');
  end if;
  if job.status <> 'running' then
    perform codered.refuse_state('agent_jobs.status', job.status, 'running');
  end if;
  if not coalesce(agent.long_horizon_allowed, false) and now() > job.claimed_at + codered.longest_claim() then
    perform codered.refuse_state('The claim', 'older than an hour', 'a younger one, for an agent without long_horizon_allowed: fail it, and claim again');
  end if;
  perform codered.accept_job_result(job.agent_type, coalesce(complete_agent_job.result, 'null'));
  zones := codered.check_zones(job, agent, complete_agent_job.result, used);
  if agent.cost_ceiling_usd is not null then
    if cost is null then
      perform codered.refuse_value('usage.cost_usd', 'unknown'::text,
        'a number, or tokens_in and tokens_out of a model with prices, as its agent has a cost_ceiling_usd');
    end if;
    spent := codered.spent_on_job(job.id) + cost;
    if spent > agent.cost_ceiling_usd then
      problem := format('It cost %s US dollars with all attempts; the agent "%s" may cost %s (cost_ceiling_usd).', spent, agent.slug, agent.cost_ceiling_usd);
      perform codered.log_job_run(job, 'failed', problem, used, zones, complete_agent_job.task_run_id);
      return codered.end_job(job, hash, 'failed', problem, jsonb_build_object('status', 'failed', 'problems', jsonb_build_array(problem)));
    end if;
  end if;
  perform codered.land_job_result(job, complete_agent_job.result);
  perform codered.log_job_run(job, 'succeeded', null, used, zones, complete_agent_job.task_run_id);
  return codered.end_job(job, hash, 'completed', null, '{"status": "completed"}', complete_agent_job.result);
end
$$;
comment on function codered.complete_agent_job(uuid, bigint, jsonb, jsonb, uuid) is
  'Ends a job that was taken under that number with a result that fits its type, all in one: the result is written where it belongs, what the agent did is written down, the next step of the pipeline is queued. Returns {status, next_job_id}; {status: cancelled} when that was asked for, and {status: failed, problems} when it cost more than its agent may: the result is then not kept. The same again is answered as before and does nothing. Whatever is refused changes nothing, and the job may be completed again: CR002 (a field of the result or of usage, a cost that is needed and unknown), CR003 (not running, ended otherwise, a target''s own reasons, held for too long), CR004 (no such work or pass), CR005 (another number by now), CR008 (a zone that its agent may not touch). Security definer, because members write agent_jobs and targets through functions only; it checks whose job it is.';
revoke execute on function codered.complete_agent_job from public;
grant execute on function codered.complete_agent_job to authenticated, service_role;

create function codered.fail_agent_job(job_id uuid, claim bigint, error text, is_final boolean default false, usage jsonb default '{}')
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job constant codered.agent_jobs := codered.lock_claimed_job(fail_agent_job.job_id, fail_agent_job.claim);
  used constant jsonb := coalesce(fail_agent_job.usage, '{}');
  hash constant text := codered.ending_hash('fail', jsonb_build_array(
    fail_agent_job.error, coalesce(fail_agent_job.is_final, false), used - '{full_input,full_output}'::text[]));
  before constant jsonb := codered.answer_before(job, hash);
  is_over constant boolean := coalesce(fail_agent_job.is_final, false) or job.attempts >= job.max_attempts;
begin
  if before is not null then
    return before;
  end if;
  perform codered.accept_job_usage(used);
  if (char_length(fail_agent_job.error) between 1 and 20000) is not true then
    perform codered.refuse_value('error', coalesce(left(fail_agent_job.error, 80), 'null'), '1 to 20000 characters');
  end if;
  if job.cancel_requested_at is not null or job.status = 'cancelled' then
    perform codered.log_job_run(job, 'aborted', fail_agent_job.error, used);
    return codered.end_job(job, hash, 'cancelled', null, '{"status": "cancelled"}');
  end if;
  if job.status <> 'running' then
    perform codered.refuse_state('agent_jobs.status', job.status, 'running');
  end if;
  perform codered.log_job_run(job, 'failed', fail_agent_job.error, used);
  if not is_over then
    return codered.end_job(job, hash, 'queued', fail_agent_job.error, '{"status": "queued"}', null,
      make_interval(secs => least(10 * 2 ^ greatest(job.attempts - 1, 0), 600)));
  end if;
  return codered.end_job(job, hash, 'failed', fail_agent_job.error, '{"status": "failed"}');
end
$$;
comment on function codered.fail_agent_job(uuid, bigint, text, boolean, jsonb) is
  'Gives up a job that was taken under that number, with the reason; returns {status}: queued, to be tried again after 10 seconds, twice as long each time, or failed, when that was the last attempt or is_final says so. What the agent did is written down, with an error of source agent. The same again is answered as before. Refuses CR002, CR003 (not running, ended otherwise), CR004, CR005. Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.fail_agent_job from public;
grant execute on function codered.fail_agent_job to authenticated, service_role;

create function codered.release_agent_job(job_id uuid, claim bigint, usage jsonb default '{}')
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
