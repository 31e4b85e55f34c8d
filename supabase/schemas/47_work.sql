-- Work for agents, of both kinds by the same words: jobs, and stages of workflow runs.

create function codered.read_job_work(job_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  told jsonb;
begin
  select jsonb_build_object(
    'kind', 'job', 'type', j.agent_type, 'input', codered.describe_job_input(j), 'answers', codered.answers_of_job(j))
  into told
  from codered.agent_jobs j
  where j.id = read_job_work.job_id and codered.may_work_on(j);
  if not found then
    perform codered.refuse_missing('work', read_job_work.job_id::text);
  end if;
  return told;
end
$$;
comment on function codered.read_job_work(uuid) is
  'What a job gives its agent: {kind, type, input, answers}. Refuses CR004 for all that may_work_on does not let through. Security definer, because the steps of a pipeline are read for one another; it checks whose job it is.';
revoke execute on function codered.read_job_work from public;
grant execute on function codered.read_job_work to authenticated, service_role;

create function codered.is_stage(work_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (select from codered.gate_executions g where g.id = is_stage.work_id)
$$;
comment on function codered.is_stage(uuid) is 'Whether the caller sees a stage of that id.';
revoke execute on function codered.is_stage from public;
grant execute on function codered.is_stage to authenticated, service_role;

create function codered.read_work(work_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if codered.is_stage(read_work.work_id) then
    return '{"kind": "stage", "type": "stage", "input": {}, "answers": []}';
  end if;
  return codered.read_job_work(read_work.work_id);
end
$$;
comment on function codered.read_work(uuid) is
  'Of what kind and type a piece of work is, and what it gives its agent: {kind, type, input, answers}; of a stage no more than that, as its attempts are read with its run. Refuses CR004.';
revoke execute on function codered.read_work from public;
grant execute on function codered.read_work to authenticated, service_role;

create function codered.claim_work(
  worker text, types jsonb default null, project_id uuid default null, batch integer default 1, lease_seconds integer default 300)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  wanted constant text[] := case when jsonb_typeof(claim_work.types) = 'array'
    then array(select t.word from jsonb_array_elements_text(claim_work.types) as t (word)) else codered.result_types() || '{stage}'::text[] end;
  jobs constant text[] := array_remove(wanted, 'stage');
  -- Neither kind waits for all of the other to be done.
  are_jobs_first constant boolean := random() < 0.5;
  packets jsonb := '[]';
begin
  perform codered.check_claim(claim_work.worker, claim_work.batch, claim_work.lease_seconds);
  if not wanted <@ (codered.result_types() || '{stage}'::text[]) then
    perform codered.refuse_value('types', wanted, array_to_string(codered.result_types(), ', ') || ', stage');
  end if;
  if are_jobs_first and jobs <> '{}' then
    packets := codered.claim_agent_jobs(claim_work.worker, jobs, claim_work.batch, claim_work.lease_seconds, claim_work.project_id);
  end if;
  if 'stage' = any (wanted) and jsonb_array_length(packets) < claim_work.batch then
    packets := packets || codered.claim_stages(
      claim_work.worker, claim_work.batch - jsonb_array_length(packets), claim_work.lease_seconds, claim_work.project_id);
  end if;
  if not are_jobs_first and jobs <> '{}' and jsonb_array_length(packets) < claim_work.batch then
    packets := packets || codered.claim_agent_jobs(
      claim_work.worker, jobs, claim_work.batch - jsonb_array_length(packets), claim_work.lease_seconds, claim_work.project_id);
  end if;
  return jsonb_build_object('work', packets);
end
$$;
comment on function codered.claim_work(text, jsonb, uuid, integer, integer) is
  'Takes work for a worker until its lease ends: jobs of these types, and stages where "stage" is among them (all of both, when none are named); returns {work: [packet]}, [] when nothing is there. Refuses as claim_agent_jobs and claim_stages do.';
revoke execute on function codered.claim_work from public;
grant execute on function codered.claim_work to authenticated, service_role;

create function codered.keep_work(
  work_id uuid, claim bigint, progress double precision default null, note text default null, lease_seconds integer default 300)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform codered.check_claim('-', 1, keep_work.lease_seconds);
  if codered.is_stage(keep_work.work_id) then
    return codered.keep_stage(keep_work.work_id, keep_work.claim, keep_work.progress, keep_work.note, keep_work.lease_seconds);
  end if;
  return codered.keep_agent_job(keep_work.work_id, keep_work.claim, keep_work.progress, keep_work.note, keep_work.lease_seconds);
end
$$;
comment on function codered.keep_work(uuid, bigint, double precision, text, integer) is
  'Holds on to work that was taken under that number; returns {status, stop, locked_until}. Refuses as keep_agent_job and keep_stage do.';
revoke execute on function codered.keep_work from public;
grant execute on function codered.keep_work to authenticated, service_role;

create function codered.ask_work(work_id uuid, claim bigint, questions jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  if codered.is_stage(ask_work.work_id) then
    raise exception 'Stage "%" asks nothing: let it fail with what is missing, or add a stage of the type "approval" to its workflow.', ask_work.work_id
      using errcode = 'CR003';
  end if;
  return codered.ask_agent_job(ask_work.work_id, ask_work.claim, ask_work.questions);
end
$$;
comment on function codered.ask_work(uuid, bigint, jsonb) is
  'Lets a job wait for answers; returns {status}. Refuses CR003 for a stage, and otherwise as ask_agent_job does.';
revoke execute on function codered.ask_work from public;
grant execute on function codered.ask_work to authenticated, service_role;

create function codered.complete_work(
  work_id uuid, claim bigint, result jsonb, usage jsonb default '{}', task_run_id uuid default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  if codered.is_stage(complete_work.work_id) then
    return codered.complete_stage(
      complete_work.work_id, complete_work.claim, complete_work.result, complete_work.usage - '{full_input,full_output}'::text[]);
  end if;
  return codered.complete_agent_job(
    complete_work.work_id, complete_work.claim, complete_work.result, complete_work.usage, complete_work.task_run_id);
end
$$;
comment on function codered.complete_work(uuid, bigint, jsonb, jsonb, uuid) is
  'Ends work with its result; returns {status, problems?, next_job_id?}. Refuses as complete_agent_job and complete_stage do.';
revoke execute on function codered.complete_work from public;
grant execute on function codered.complete_work to authenticated, service_role;

create function codered.fail_work(work_id uuid, claim bigint, error text, is_final boolean default false, usage jsonb default '{}')
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  if codered.is_stage(fail_work.work_id) then
    return codered.fail_stage(
      fail_work.work_id, fail_work.claim, fail_work.error, fail_work.is_final, fail_work.usage - '{full_input,full_output}'::text[]);
  end if;
  return codered.fail_agent_job(fail_work.work_id, fail_work.claim, fail_work.error, fail_work.is_final, fail_work.usage);
end
$$;
comment on function codered.fail_work(uuid, bigint, text, boolean, jsonb) is
  'Gives work up, with the reason; returns {status}. Refuses as fail_agent_job and fail_stage do.';
revoke execute on function codered.fail_work from public;
grant execute on function codered.fail_work to authenticated, service_role;

create function codered.release_work(work_id uuid, claim bigint, usage jsonb default '{}')
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
