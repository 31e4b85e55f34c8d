-- Jobs of people and agents: made, reported on, asked about, cancelled.

create function codered.estimate_job(project_id uuid, agent_type text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  seconds double precision;
begin
  -- How long somebody took to answer questions says nothing of the work. One's own and the app's, each by the index.
  select percentile_cont(0.5) within group (order by l.seconds) into seconds
  from (
    select o.seconds, o.completed_at
    from (
      (
        select extract(epoch from j.completed_at - j.started_at)::double precision as seconds, j.completed_at
        from codered.agent_jobs j
        where j.project_id = estimate_job.project_id and j.agent_type = estimate_job.agent_type and j.user_id = me
          and j.status = 'completed' and j.questions is null
        order by j.completed_at desc
        limit 20
      )
      union all
      (
        select extract(epoch from j.completed_at - j.started_at)::double precision, j.completed_at
        from codered.agent_jobs j
        where j.project_id = estimate_job.project_id and j.agent_type = estimate_job.agent_type and j.user_id is null
          and j.is_apps and j.status = 'completed' and j.questions is null
        order by j.completed_at desc
        limit 20
      )
    ) as o
    order by o.completed_at desc
    limit 20
  ) as l;
  if seconds is null then
    select percentile_cont(0.5) within group (order by l.seconds) into seconds
    from (
      select extract(epoch from j.completed_at - j.started_at)::double precision as seconds
      from codered.agent_jobs j
      where j.user_id = me and j.agent_type = estimate_job.agent_type and j.status = 'completed' and j.questions is null
      order by j.completed_at desc
      limit 20
    ) as l;
  end if;
  return case
    when seconds is null then case estimate_job.agent_type when 'research' then '30s' when 'pipeline' then '5m' end
    when seconds <= 59 then greatest(1, ceil(seconds)) || 's'
    when seconds <= 59 * 60 then ceil(seconds / 60) || 'm'
    else ceil(seconds / 3600) || 'h'
  end;
end
$$;
comment on function codered.estimate_job(uuid, text) is
  'How long a job of a type will take, as document 002 writes it ("30s", "5m"): the median of the last 20 of the project that the caller may see and that asked nothing, else of the caller''s own anywhere, else the document''s figure, else null. Called by create_agent_job.';
revoke execute on function codered.estimate_job from public;
grant execute on function codered.estimate_job to authenticated, service_role;

create function codered.create_agent_job(
  project_id uuid,
  agent_type text,
  input jsonb,
  user_id uuid default auth.uid(),
  parent_job_id uuid default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  made codered.agent_jobs;
begin
  if create_agent_job.project_id is not null or codered.is_member_call() then
    perform codered.require_project(create_agent_job.project_id);
  end if;
  if codered.is_member_call() then
    if create_agent_job.user_id is distinct from auth.uid() then
      raise exception 'create_agent_job.user_id is "%"; allowed: yourself.', create_agent_job.user_id using errcode = 'CR008';
    end if;
    -- The app works on these with rights of its own, on what their input names.
    if create_agent_job.agent_type in ('backfill', 'embed') then
      raise exception 'create_agent_job.agent_type is "%", which only the app queues; allowed: research, wireframe, code, qa, pedagogy, roadmap, plan_sprint, pipeline.',
        create_agent_job.agent_type using errcode = 'CR008';
    end if;
    if create_agent_job.parent_job_id is not null and not exists (
      select from codered.agent_jobs j
      where j.id = create_agent_job.parent_job_id and (j.is_apps or j.user_id = auth.uid() or codered.is_operator())
    ) then
      raise exception 'agent_jobs.parent_job_id is "%": there is no such row of agent_jobs in this project.', create_agent_job.parent_job_id
        using errcode = 'CR007', table = 'agent_jobs', column = 'parent_job_id', hint = 'Allowed: an id of the project that project_id names.';
    end if;
  elsif create_agent_job.user_id is not null and not exists (select from codered.profiles p where p.id = create_agent_job.user_id) then
    raise exception 'There is no profile "%".', create_agent_job.user_id using errcode = 'CR004';
  end if;
  insert into codered.agent_jobs (project_id, agent_type, input, user_id, parent_job_id)
  values (
    create_agent_job.project_id, create_agent_job.agent_type, coalesce(create_agent_job.input, '{}'),
    create_agent_job.user_id, create_agent_job.parent_job_id
  )
  returning * into made;
  return jsonb_build_object(
    'job_id', made.id, 'status', made.status, 'estimated_time', codered.estimate_job(made.project_id, made.agent_type));
end
$$;
comment on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) is
  'Queues a job and returns {job_id, status, estimated_time} (null where nothing is known). Refuses CR002 (unknown agent_type, input that is no object or over 1 MB), CR003 (project retired), CR004 (no such project or profile), CR007 (parent of another project), CR008 (a member for somebody else, or work that only the app queues). Security definer, because members write agent_jobs through functions only; it checks membership itself.';
revoke execute on function codered.create_agent_job from public;
grant execute on function codered.create_agent_job to authenticated, service_role;

create function codered.pipeline_steps()
returns text[]
language sql
immutable
set search_path = ''
as $$
  select '{research,wireframe,code,qa}'::text[]
$$;
comment on function codered.pipeline_steps() is 'The types of a pipeline''s children, in the order in which each follows when the one before is done.';
revoke execute on function codered.pipeline_steps from public;
grant execute on function codered.pipeline_steps to authenticated, service_role;

create function codered.run_pipeline(project_id uuid, input jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  steps constant text[] := codered.pipeline_steps();
  pipeline constant jsonb := codered.create_agent_job(run_pipeline.project_id, 'pipeline', run_pipeline.input);
  first_step jsonb;
begin
  first_step := codered.create_agent_job(
    run_pipeline.project_id, steps[1], run_pipeline.input, parent_job_id => (pipeline ->> 'job_id')::uuid);
  return pipeline || jsonb_build_object('first_job_id', first_step ->> 'job_id', 'steps', to_jsonb(steps));
end
$$;
comment on function codered.run_pipeline(uuid, jsonb) is
  'Queues a pipeline and the first of its children, which has the same input; the others are queued one after the other, each when the one before is done. Returns {job_id, status, estimated_time} of the pipeline, first_job_id and steps. Refuses as create_agent_job does.';
revoke execute on function codered.run_pipeline from public;
grant execute on function codered.run_pipeline to authenticated, service_role;

create function codered.check_worker(worker text, lease_seconds integer)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if coalesce(char_length(worker), 0) not between 1 and 200 then
    perform codered.refuse_value('worker', coalesce(worker, 'null'), '1 to 200 characters');
  end if;
  if coalesce(lease_seconds, 0) not between 1 and 86400 then
    perform codered.refuse_value('lease_seconds', coalesce(lease_seconds::text, 'null'), '1 to 86400');
  end if;
end
$$;
comment on function codered.check_worker(text, integer) is 'Raises CR002 for a worker without a name, or a lease of no or more than a day''s length.';
revoke execute on function codered.check_worker from public;
grant execute on function codered.check_worker to service_role;

create function codered.start_agent_job(job_id uuid, worker text, lease_seconds integer default 300)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
  is_held boolean;
begin
  perform codered.check_worker(start_agent_job.worker, start_agent_job.lease_seconds);
  select j.* into job from codered.agent_jobs j where j.id = start_agent_job.job_id for update;
  if not found then
    raise exception 'There is no job "%".', start_agent_job.job_id using errcode = 'CR004';
  end if;
  if job.status not in ('queued', 'running') then
    raise exception 'Job "%" is %; allowed: queued, or running without a worker.', job.id, job.status using errcode = 'CR003';
  end if;
  if job.status = 'queued' and job.run_after > now() then
    raise exception 'Job "%" is not due before %.', job.id, to_json(job.run_after) #>> '{}' using errcode = 'CR003';
  end if;
  is_held := job.status = 'running' and coalesce(job.locked_until > now(), false);
  if is_held and (job.locked_by <> start_agent_job.worker or job.claimed_at is not null) then
    raise exception 'Job "%" is held by "%" until %.', job.id, job.locked_by, to_json(job.locked_until) #>> '{}' using errcode = 'CR005';
  end if;
  if exists (
    select from codered.agent_jobs j where j.dedupe_key = job.dedupe_key and j.id <> job.id and j.status = 'running'
  ) then
    raise exception 'Another job of the key "%" is running.', job.dedupe_key using errcode = 'CR005';
  end if;
  update codered.agent_jobs j
  set
    status = case when job.cancel_requested_at is null then 'running' else 'cancelled' end,
    attempts = j.attempts + case when is_held then 0 else 1 end,
    claim_number = case when is_held then j.claim_number else nextval('codered.claim_number') end,
    claimed_at = null,
    claimed_by = null,
    finishing_hash = null,
    finishing_answer = null,
    locked_by = start_agent_job.worker,
    locked_until = now() + make_interval(secs => start_agent_job.lease_seconds),
    run_after = now() + make_interval(secs => start_agent_job.lease_seconds)
  where j.id = job.id
  returning j.* into job;
  return jsonb_build_object(
    'job_id', job.id, 'status', job.status, 'stop', job.status <> 'running', 'agent_type', job.agent_type, 'project_id', job.project_id,
    'user_id', job.user_id, 'input', job.input, 'questions', job.questions, 'answers', job.answers, 'attempts', job.attempts
  );
exception
  when unique_violation then
    raise exception 'Another job of the key "%" is running.', job.dedupe_key using errcode = 'CR005';
end
$$;
comment on function codered.start_agent_job(uuid, text, integer) is
  'Takes one job until the lease ends: one that is queued and due, or one that runs without a worker (its lease lapsed, or its questions were answered). Returns {job_id, status, stop, agent_type, project_id, user_id, input, questions, answers, attempts}; stop is true, and the job cancelled, when that was asked for while it had no worker. Again by its holder: a longer lease. Refuses CR002, CR003 (over, waiting, not due), CR004, CR005 (held by another worker, or another of its dedupe_key runs).';
revoke execute on function codered.start_agent_job from public;
grant execute on function codered.start_agent_job to service_role;

create function codered.report_job_progress(job_id uuid, worker text, progress double precision, lease_seconds integer default 300)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  perform codered.check_worker(report_job_progress.worker, report_job_progress.lease_seconds);
  if report_job_progress.progress is null or report_job_progress.progress not between 0 and 100 then
    perform codered.refuse_value('progress', coalesce(report_job_progress.progress::text, 'null'), '0 to 100');
  end if;
  select j.* into job from codered.agent_jobs j where j.id = report_job_progress.job_id for update;
  if not found then
    raise exception 'There is no job "%".', report_job_progress.job_id using errcode = 'CR004';
  end if;
  if job.status = 'running' and (job.locked_by is distinct from report_job_progress.worker or job.claimed_at is not null) then
    raise exception 'Job "%" is not held by "%".', job.id, report_job_progress.worker using errcode = 'CR005';
  end if;
  if job.status = 'running' then
    update codered.agent_jobs j
    set
      status = case when j.cancel_requested_at is null then 'running' else 'cancelled' end,
      progress = report_job_progress.progress,
      locked_until = now() + make_interval(secs => report_job_progress.lease_seconds),
      run_after = now() + make_interval(secs => report_job_progress.lease_seconds)
    where j.id = job.id
    returning j.* into job;
  end if;
  return jsonb_build_object('status', job.status, 'progress', job.progress, 'stop', job.status <> 'running');
end
$$;
comment on function codered.report_job_progress(uuid, text, double precision, integer) is
  'Tells how far the work is (0 to 100; less than before changes nothing) and lengthens the lease. Returns {status, progress, stop}: stop means that the worker has nothing more to do here, because the job was cancelled (this call makes it so when that was asked for) or is no longer running. Refuses CR002, CR004, CR005 (another worker holds it).';
revoke execute on function codered.report_job_progress from public;
grant execute on function codered.report_job_progress to service_role;

create function codered.ask_job_questions(job_id uuid, worker text, questions jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  perform codered.accept_questions('questions', coalesce(ask_job_questions.questions, 'null'));
  select j.* into job from codered.agent_jobs j where j.id = ask_job_questions.job_id for update;
  if not found then
    raise exception 'There is no job "%".', ask_job_questions.job_id using errcode = 'CR004';
  end if;
  if job.status <> 'running' then
    raise exception 'Job "%" is %; allowed: running.', job.id, job.status using errcode = 'CR003';
  end if;
  if (job.locked_by is distinct from ask_job_questions.worker or job.claimed_at is not null) then
    raise exception 'Job "%" is not held by "%".', job.id, ask_job_questions.worker using errcode = 'CR005';
  end if;
  update codered.agent_jobs j
  set status = 'waiting_for_input', questions = coalesce(j.questions, '[]') || ask_job_questions.questions
  where j.id = job.id
  returning j.* into job;
  return jsonb_build_object('job_id', job.id, 'status', job.status);
end
$$;
comment on function codered.ask_job_questions(uuid, text, jsonb) is
  'Lets the job wait for answers to [{"id", "question", "options"?}], beside those asked and answered before, and returns {job_id, status}; status is cancelled when that was asked for meanwhile. Refuses CR002 (other keys, an id asked before), CR003 (not running), CR004, CR005 (another worker holds it).';
revoke execute on function codered.ask_job_questions from public;
grant execute on function codered.ask_job_questions to service_role;

create function codered.lock_own_job(job_id uuid)
returns codered.agent_jobs
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  -- First, as whoever finishes a step does, which may change its pipeline.
  perform from codered.agent_jobs p
  where p.id = (select j.parent_job_id from codered.agent_jobs j where j.id = lock_own_job.job_id)
  for update;
  select j.* into job
  from codered.agent_jobs j
  where j.id = lock_own_job.job_id
    and (
      not codered.is_member_call()
      or codered.is_operator()
      -- Whoever left the organisation has nothing to do there any more.
      or j.user_id = auth.uid() and (j.project_id is null or j.project_id in (select codered.my_projects()))
    )
  for update;
  if not found then
    raise exception 'There is no job "%" of yours.', lock_own_job.job_id using errcode = 'CR004';
  end if;
  return job;
end
$$;
comment on function codered.lock_own_job(uuid) is
  'The caller''s own job (any, for the app and for an operator), locked for this transaction; CR004 otherwise. Called by functions that members write through.';
revoke execute on function codered.lock_own_job from public;
grant execute on function codered.lock_own_job to service_role;

create function codered.answer_job_questions(job_id uuid, responses jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job codered.agent_jobs := codered.lock_own_job(answer_job_questions.job_id);
  unanswered text;
begin
  if job.status <> 'waiting_for_input' then
    raise exception 'Job "%" is %; allowed: waiting_for_input.', job.id, job.status using errcode = 'CR003';
  end if;
  perform codered.accept_answers('responses', coalesce(answer_job_questions.responses, 'null'), job.questions);
  select string_agg(to_json(q.entry ->> 'id')::text, ', ') into unanswered
  from jsonb_array_elements(job.questions) as q (entry)
  where not exists (
    select
    from jsonb_array_elements(coalesce(job.answers, '[]') || answer_job_questions.responses) as a (entry)
    where a.entry ->> 'question_id' = q.entry ->> 'id'
  );
  if unanswered is not null then
    raise exception 'responses has no answer for question_id %; allowed: one answer for each question that is open.', left(unanswered, 500)
      using errcode = 'CR002';
  end if;
  update codered.agent_jobs j
  set status = 'running', answers = coalesce(j.answers, '[]') || answer_job_questions.responses, run_after = now()
  where j.id = job.id;
  return '{"status": "running", "message": "Agent resumed with clarifications"}';
exception
  when unique_violation then
    raise exception 'Another job of the key "%" is running; answer again when it is over.', job.dedupe_key using errcode = 'CR005';
end
$$;
comment on function codered.answer_job_questions(uuid, jsonb) is
  'Answers what is open of one''s own job with [{"question_id", "answer"}] and lets it run again, for any worker to take; returns {status, message}. Refuses CR002 (a question unknown, answered twice or left open), CR003 (it does not wait), CR004 (not one''s own), CR005 (another of its dedupe_key runs). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.answer_job_questions from public;
grant execute on function codered.answer_job_questions to authenticated, service_role;

create function codered.cancel_job(job_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job codered.agent_jobs := codered.lock_own_job(cancel_job.job_id);
begin
  if job.status in ('completed', 'failed') then
    raise exception 'Job "%" is %; allowed: queued, running, waiting_for_input.', job.id, job.status using errcode = 'CR003';
  end if;
  update codered.agent_jobs j
  set
    cancel_requested_at = coalesce(j.cancel_requested_at, now()),
    status = case when j.status = 'running' and j.locked_until > now() then 'running' else 'cancelled' end
  where j.id = job.id and j.status <> 'cancelled'
  returning j.* into job;
  -- What a pipeline has begun ends with it.
  update codered.agent_jobs j
  set
    cancel_requested_at = coalesce(j.cancel_requested_at, now()),
    status = case when j.status = 'running' and j.locked_until > now() then 'running' else 'cancelled' end
  where j.parent_job_id = job.id and job.agent_type = 'pipeline' and j.user_id is not distinct from job.user_id
    and j.status in ('queued', 'running', 'waiting_for_input');
  return jsonb_build_object('status', coalesce(job.status, 'cancelled'));
end
$$;
comment on function codered.cancel_job(uuid) is
  'Cancels one''s own job and returns {status}: cancelled at once when no worker has it; running while one has it, which learns of it at its next report_job_progress or keep_work and stops. What a worker finishes before that counts as finished if it took the job by its name (start_agent_job); under a number it is not kept. The children of a pipeline are cancelled with it. Twice is fine. Refuses CR003 (over already), CR004 (not one''s own). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.cancel_job from public;
grant execute on function codered.cancel_job to authenticated, service_role;

create function codered.read_job(job_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  select jsonb_build_object(
    'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'parent_job_id', j.parent_job_id,
    'progress', j.progress, 'progress_note', j.progress_note, 'result', j.result, 'error', j.error, 'created_at', j.created_at,
    'completed_at', j.completed_at
  ) || case when j.status <> 'waiting_for_input' then '{}' else jsonb_build_object('questions', (
    select coalesce(jsonb_agg(q.entry order by q.n), '[]')
    from jsonb_array_elements(j.questions) with ordinality as q (entry, n)
    where not exists (
      select from jsonb_array_elements(coalesce(j.answers, '[]')) as a (entry) where a.entry ->> 'question_id' = q.entry ->> 'id'
    )
  )) end
  into told
  from codered.agent_jobs j
  where j.id = read_job.job_id
    and (
      not codered.is_member_call()
      or codered.is_operator()
      -- Whoever left the organisation has nothing to read there any more.
      or j.project_id is null or j.project_id in (select codered.my_projects())
    );
  if not found then
    raise exception 'There is no job "%" that you may see.', read_job.job_id using errcode = 'CR004';
  end if;
  return told;
end
$$;
comment on function codered.read_job(uuid) is
  'One job: {job_id, status, agent_type, project_id, parent_job_id, progress, progress_note, result, error, created_at, completed_at}, and while it waits questions, those that are open. CR004 when the policy of agent_jobs hides it.';
revoke execute on function codered.read_job from public;
grant execute on function codered.read_job to authenticated, service_role;

create function codered.newest_jobs(
  project_id uuid, most integer, status text default null, agent_type text default null, parent_job_id uuid default null,
  before_created_at timestamptz default null, before_job uuid default null)
returns table (id uuid, created_at timestamptz)
language plpgsql
stable
set search_path = ''
as $$
#variable_conflict use_column
declare
  me constant uuid := auth.uid();
  sees_all constant boolean := not codered.is_member_call() or codered.is_operator();
begin
  -- What the policy lets through, each kind by an index of its own: others' jobs, however many, cost nothing.
  return query
    (
      select j.id, j.created_at
      from codered.agent_jobs j
      where sees_all
        and j.project_id = newest_jobs.project_id
        and (newest_jobs.status is null or j.status = newest_jobs.status)
        and (newest_jobs.agent_type is null or j.agent_type = newest_jobs.agent_type)
        and (newest_jobs.parent_job_id is null or j.parent_job_id = newest_jobs.parent_job_id)
        and (newest_jobs.before_job is null or (j.created_at, j.id) < (newest_jobs.before_created_at, newest_jobs.before_job))
      order by j.created_at desc, j.id desc
      limit newest_jobs.most
    )
    union all
    (
      select j.id, j.created_at
      from codered.agent_jobs j
      where not sees_all and j.user_id = me
        and j.project_id = newest_jobs.project_id
        and (newest_jobs.status is null or j.status = newest_jobs.status)
        and (newest_jobs.agent_type is null or j.agent_type = newest_jobs.agent_type)
        and (newest_jobs.parent_job_id is null or j.parent_job_id = newest_jobs.parent_job_id)
        and (newest_jobs.before_job is null or (j.created_at, j.id) < (newest_jobs.before_created_at, newest_jobs.before_job))
      order by j.created_at desc, j.id desc
      limit newest_jobs.most
    )
    union all
    (
      select j.id, j.created_at
      from codered.agent_jobs j
      where not sees_all and j.user_id is null and j.is_apps
        and j.project_id = newest_jobs.project_id
        and (newest_jobs.status is null or j.status = newest_jobs.status)
        and (newest_jobs.agent_type is null or j.agent_type = newest_jobs.agent_type)
        and (newest_jobs.parent_job_id is null or j.parent_job_id = newest_jobs.parent_job_id)
        and (newest_jobs.before_job is null or (j.created_at, j.id) < (newest_jobs.before_created_at, newest_jobs.before_job))
      order by j.created_at desc, j.id desc
      limit newest_jobs.most
    )
    order by 2 desc, 1 desc
    limit newest_jobs.most;
end
$$;
comment on function codered.newest_jobs(uuid, integer, text, text, uuid, timestamptz, uuid) is
  'The newest jobs of a project that the caller may see, so many at the most, of a status, a type or a pipeline, before a place. Called by list_jobs and find_jobs.';
revoke execute on function codered.newest_jobs from public;
grant execute on function codered.newest_jobs to authenticated, service_role;

create function codered.list_jobs(project_id uuid, batch integer default 20, skip integer default 0)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if coalesce(list_jobs.batch, 0) not between 1 and 100 then
    perform codered.refuse_value('batch', coalesce(list_jobs.batch::text, 'null'), '1 to 100');
  end if;
  if coalesce(list_jobs.skip, -1) not between 0 and 10000 then
    perform codered.refuse_value('skip', coalesce(list_jobs.skip::text, 'null'), '0 to 10000');
  end if;
  if not exists (select from codered.projects p where p.id = list_jobs.project_id) then
    raise exception 'There is no project "%" that you may see.', list_jobs.project_id using errcode = 'CR004';
  end if;
  return (
    -- The farthest page, and one more.
    with seen as materialized (
      select s.* from codered.newest_jobs(list_jobs.project_id, 10101) s
    ), page as (
      select s.id, s.created_at from seen s order by s.created_at desc, s.id desc limit list_jobs.batch offset list_jobs.skip
    )
    select jsonb_build_object(
      'items', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'parent_job_id', j.parent_job_id,
          'progress', j.progress, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at)
          order by p.created_at desc, p.id desc), '[]')
        from page p join codered.agent_jobs j on j.id = p.id),
      'total', (select least(count(*), 10000) from seen),
      'has_more', (select count(*) from seen) > list_jobs.skip + (select count(*) from page))
  );
end
$$;
comment on function codered.list_jobs(uuid, integer, integer) is
  'A page of the project''s jobs that the caller may see, newest first: {items, total, has_more}; total is counted to 10,000 and no further. An item is what read_job tells, without result and questions. Refuses CR002 (batch 1 to 100, skip 0 to 10,000), CR004 (no such project).';
revoke execute on function codered.list_jobs from public;
grant execute on function codered.list_jobs to authenticated, service_role;

create function codered.find_jobs(
  project_id uuid, status text default null, agent_type text default null, parent_job_id uuid default null,
  batch integer default 50, before_created_at timestamptz default null, before_job uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(find_jobs.project_id);
  perform codered.check_batch('batch', find_jobs.batch);
  perform codered.check_place('before_job', num_nulls(find_jobs.before_created_at, find_jobs.before_job), 2);
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'parent_job_id', j.parent_job_id,
      'progress', j.progress, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at)
      order by j.created_at desc, j.id desc), '[]')
    -- One more than asked for tells whether there are more.
    from codered.newest_jobs(
      find_jobs.project_id, find_jobs.batch + 1, find_jobs.status, find_jobs.agent_type, find_jobs.parent_job_id,
      find_jobs.before_created_at, find_jobs.before_job) n
    join codered.agent_jobs j on j.id = n.id
  );
end
$$;
comment on function codered.find_jobs(uuid, text, text, uuid, integer, timestamptz, uuid) is
  'The jobs of a project that the caller may see, of a status, a type or a pipeline, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.find_jobs from public;
grant execute on function codered.find_jobs to authenticated, service_role;

create function codered.list_job_events(job_id uuid, batch integer default 50, before_id bigint default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  home uuid;
begin
  select j.project_id into home
  from codered.agent_jobs j
  where j.id = list_job_events.job_id
    and (
      not codered.is_member_call()
      or codered.is_operator()
      or j.user_id = me and (j.project_id is null or j.project_id in (select codered.my_projects()))
      or j.is_apps and j.project_id in (select codered.my_projects())
        -- As the policy has it: the app's work on a repository is shown to whoever may read that.
        and (j.input ->> 'repository_id' is null or j.input ->> 'repository_id' in (select r::text from codered.my_repositories() as r))
    );
  if not found then
    raise exception 'There is no job "%" that you may see.', list_job_events.job_id using errcode = 'CR004';
  end if;
  perform codered.check_batch('batch', list_job_events.batch);
  return (
    -- Materialized, as in search_events: by the words of the job's id, then exactly.
    with found as materialized (
      select e.id, e.event_type, e.user_id, e.payload, e.created_at
      from codered.events e
      where to_tsvector('simple', e.payload) @@ plainto_tsquery('simple', list_job_events.job_id::text)
        and e.project_id = home
    ), page as (
      select f.*
      from found f
      where f.event_type like 'job.%' and f.payload ->> 'id' = list_job_events.job_id::text
        and f.id < coalesce(list_job_events.before_id, 9223372036854775807)
      order by f.id desc
      -- One more than asked for tells whether there are more.
      limit list_job_events.batch + 1
    )
    select coalesce(jsonb_agg(to_jsonb(p) order by p.id desc), '[]') from page p
  );
end
$$;
comment on function codered.list_job_events(uuid, integer, bigint) is
  'What befell a job, newest first, before an id: [{id, event_type, user_id, payload, created_at}], one more than batch when there are more. Refuses CR002 (batch 1 to 500), CR004 (no such job that the caller may see). Security definer, because under row security the text index can''t be used; whose job it is is checked here.';
revoke execute on function codered.list_job_events from public;
grant execute on function codered.list_job_events to authenticated, service_role;
