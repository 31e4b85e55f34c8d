-- What people and agents reach of jobs, agents, models, files, corpora, roadmaps and daily sessions, with an event for each change. Old workers survive it: they call none of these.

alter table codered.agent_runs add column job_id uuid references codered.agent_jobs (id) on delete set null;

-- Writes the table anew: one row a talk.
alter table codered.daily_sessions add column message_count integer not null generated always as (case when jsonb_typeof(transcript) = 'array' then jsonb_array_length(transcript) else 0 end) stored;

grant insert (id, project_id, name, description, domain_tags, risk_level) on codered.corpora to authenticated;
grant update (name, description, domain_tags, risk_level) on codered.corpora to authenticated;

drop function codered.write_project_file(uuid,text,text,text);

create or replace function codered.append_event()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  thing constant text := tg_argv[0];
  quiet constant text[] := array['updated_at', 'created_at'] || string_to_array(coalesce(tg_argv[1], ''), ',');
  before constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  after constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  there constant jsonb := coalesce(after, before);
  changed jsonb;
  what text;
begin
  -- What is erased must not be told once more by the history; erase_rows appends an event of its own.
  if tg_op in ('UPDATE', 'DELETE') and current_setting('codered.erasing', true) = 'on' then
    return null;
  end if;
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(
      a.key,
      jsonb_build_array(
        case when length(b.value::text) <= 1000 then b.value end,
        case when length(a.value::text) <= 1000 then a.value end
      )
    )
    into changed
    from jsonb_each(after) a
    join jsonb_each(before) b on b.key = a.key
    where a.value is distinct from b.value and a.key <> all (quiet);
    if changed is null then
      return null;
    end if;
  end if;
  what := case
    when tg_op = 'INSERT' then 'created'
    when tg_op = 'DELETE' then 'deleted'
    when changed ? 'deleted_at' and after ->> 'deleted_at' is not null then 'retired'
    when changed ? 'deleted_at' then 'restored'
    when changed ? 'revoked_at' and after ->> 'revoked_at' is not null then 'revoked'
    when changed ? 'status' then 'status_changed'
    when changed ? 'locked_by' and after ->> 'locked_by' is null then 'released'
    when changed ? 'locked_at' then 'locked'
    else 'updated'
  end;
  insert into codered.events (project_id, run_id, task_id, user_id, event_type, payload)
  values (
    case when thing = 'project' then (there ->> 'id')::uuid else (there ->> 'project_id')::uuid end,
    case when thing = 'run' then (there ->> 'id')::uuid else (there ->> 'run_id')::uuid end,
    case when thing = 'task' then (there ->> 'id')::uuid else (there ->> 'task_id')::uuid end,
    (select auth.uid()),
    thing || '.' || what,
    jsonb_strip_nulls(jsonb_build_object(
      'id', there -> 'id',
      'name', left(coalesce(there ->> 'title', there ->> 'name', there ->> 'label', there ->> 'display_name', there ->> 'criterion', there ->> 'file_name', there ->> 'path'), 200),
      'status', coalesce(there -> 'status', 'null')
    )) || case when changed is null then '{}' else jsonb_build_object('changed', changed) end
  );
  return null;
end
$$;

comment on function codered.append_event() is
  'After every change of a project, task, checkpoint, decision, run or override: one row of events in the same transaction. First argument: what the thing is called; second: columns whose change alone is no event. Security definer, because events of these types are nobody''s to write.';

revoke execute on function codered.append_event from public;

-- A person's page of a project's jobs, of which most may be others'; and how long the last ones of a type took.
create index agent_jobs_project_user_idx on codered.agent_jobs (project_id, user_id, created_at desc, id desc);

create index agent_jobs_project_type_idx on codered.agent_jobs (project_id, agent_type, completed_at desc) where status = 'completed';

create index agent_jobs_user_type_idx on codered.agent_jobs (user_id, agent_type, completed_at desc) where status = 'completed';

create or replace function codered.append_job_event()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if new.project_id is null or current_setting('codered.erasing', true) = 'on' then
    return null;
  end if;
  insert into codered.events (project_id, user_id, event_type, payload)
  values (
    new.project_id,
    (select auth.uid()),
    case
      when tg_op = 'INSERT' then 'job.created'
      when old.status is distinct from new.status then 'job.status_changed'
      else 'job.cancel_requested'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'id', new.id, 'name', new.agent_type, 'status', new.status, 'parent_job_id', new.parent_job_id,
      'changed', case
        when tg_op = 'UPDATE' and old.status is distinct from new.status
          then jsonb_build_object('status', jsonb_build_array(old.status, new.status)) end)));
  return null;
end
$$;

comment on function codered.append_job_event() is
  'Tells the project''s timeline that a job was made, changed its status or was asked to stop: its type and status alone, as input, questions and result are nobody''s to read but its owner''s. Security definer, because events of these types are nobody''s to write.';

revoke execute on function codered.append_job_event from public;

create or replace trigger agent_jobs_events_new after insert on codered.agent_jobs
  for each row execute function codered.append_job_event();

create or replace trigger agent_jobs_events after update on codered.agent_jobs
  for each row when (
    old.status is distinct from new.status or (old.cancel_requested_at is null and new.cancel_requested_at is not null))
  execute function codered.append_job_event();

create or replace function codered.estimate_job(project_id uuid, agent_type text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  seconds double precision;
begin
  -- How long somebody took to answer questions says nothing of the work.
  select percentile_cont(0.5) within group (order by l.seconds) into seconds
  from (
    select extract(epoch from j.completed_at - j.started_at)::double precision as seconds
    from codered.agent_jobs j
    where j.project_id = estimate_job.project_id and j.agent_type = estimate_job.agent_type and j.status = 'completed'
      and j.questions is null and (j.user_id = me or j.is_apps)
    order by j.completed_at desc
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

create or replace function codered.create_agent_job(
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

create or replace function codered.pipeline_steps()
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

create or replace function codered.run_pipeline(project_id uuid, input jsonb)
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

create or replace function codered.answer_job_questions(job_id uuid, responses jsonb)
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

create or replace function codered.cancel_job(job_id uuid)
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
  'Cancels one''s own job and returns {status}: cancelled at once when no worker has it; running while one has it, which learns of it at its next report_job_progress and stops. What a worker finishes before that counts as finished. The children of a pipeline are cancelled with it. Twice is fine. Refuses CR003 (over already), CR004 (not one''s own). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';

revoke execute on function codered.cancel_job from public;

grant execute on function codered.cancel_job to authenticated, service_role;

create or replace function codered.read_job(job_id uuid)
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
    'progress', j.progress, 'result', j.result, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at
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
  'One job: {job_id, status, agent_type, project_id, parent_job_id, progress, result, error, created_at, completed_at}, and while it waits questions, those that are open. CR004 when the policy of agent_jobs hides it.';

revoke execute on function codered.read_job from public;

grant execute on function codered.read_job to authenticated, service_role;

create or replace function codered.list_jobs(project_id uuid, batch integer default 20, skip integer default 0)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  sees_all constant boolean := not codered.is_member_call() or codered.is_operator();
  most constant integer := 10101;
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
    -- What the policy would let through, each kind by an index: others' jobs, however many, cost nothing.
    with seen as materialized (
      (
        select j.id, j.created_at from codered.agent_jobs j
        where j.project_id = list_jobs.project_id and sees_all
        order by j.created_at desc, j.id desc limit most
      )
      union all
      (
        select j.id, j.created_at from codered.agent_jobs j
        where j.project_id = list_jobs.project_id and j.user_id = me and not sees_all
        order by j.created_at desc, j.id desc limit most
      )
      union all
      (
        select j.id, j.created_at from codered.agent_jobs j
        where j.project_id = list_jobs.project_id and j.user_id is null and j.is_apps and not sees_all
        order by j.created_at desc, j.id desc limit most
      )
    ), page as (
      select s.id, s.created_at from seen s order by s.created_at desc, s.id desc limit list_jobs.batch offset list_jobs.skip
    )
    select jsonb_build_object(
      'items', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'parent_job_id', j.parent_job_id,
          'progress', j.progress, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at) order by p.created_at desc, p.id desc), '[]')
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

create or replace function codered.find_jobs(
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
    select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]')
    from (
      select j.created_at, j.id, jsonb_build_object(
        'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'parent_job_id', j.parent_job_id,
        'progress', j.progress, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at) as item
      from codered.agent_jobs j
      where j.project_id = find_jobs.project_id
        and (find_jobs.status is null or j.status = find_jobs.status)
        and (find_jobs.agent_type is null or j.agent_type = find_jobs.agent_type)
        and (find_jobs.parent_job_id is null or j.parent_job_id = find_jobs.parent_job_id)
        and (
          find_jobs.before_job is null or (j.created_at, j.id) < (find_jobs.before_created_at, find_jobs.before_job)
        )
      order by j.created_at desc, j.id desc
      -- One more than asked for tells whether there are more.
      limit find_jobs.batch + 1
    ) as page
  );
end
$$;

comment on function codered.find_jobs(uuid, text, text, uuid, integer, timestamptz, uuid) is
  'The jobs of a project that the caller may see, of a status, a type or a pipeline, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.find_jobs from public;

grant execute on function codered.find_jobs to authenticated, service_role;

create or replace function codered.list_job_events(job_id uuid, batch integer default 50, before_id bigint default null)
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

-- What a person changed, prices before and after; they belong to no project, so that the person and the app read them. The rows that come
-- with a version are told by its notes.
create or replace trigger models_events after insert or update or delete on codered.models
  for each row when (auth.uid() is not null) execute function codered.append_event('model');

create or replace function codered.list_agents(batch integer default 50, after_slug text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.check_batch('batch', list_agents.batch);
  return (
    select coalesce(jsonb_agg(page.item order by page.slug collate "C"), '[]')
    from (
      select g.slug, jsonb_build_object(
        'id', g.id, 'slug', g.slug, 'name', g.name, 'description', left(g.description, 2000), 'role', g.role,
        'allowed_zones', g.allowed_zones, 'default_model', g.default_model, 'long_horizon_allowed', g.long_horizon_allowed) as item
      from codered.agents g
      where list_agents.after_slug is null or g.slug collate "C" > list_agents.after_slug
      order by g.slug collate "C"
      -- One more than asked for tells whether there are more.
      limit list_agents.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_agents(integer, text) is
  'The agents of this CodeRed by slug (byte order), after a slug: one more than batch when there are more. Everybody who signed in reads them. Refuses CR002 (batch 1 to 500).';

revoke execute on function codered.list_agents from public;

grant execute on function codered.list_agents to authenticated, service_role;

create or replace function codered.read_agent(slug text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  select jsonb_build_object(
    'id', g.id, 'slug', g.slug, 'name', g.name, 'description', g.description, 'role', g.role, 'allowed_zones', g.allowed_zones,
    'default_model', g.default_model, 'model_id', g.model_id, 'max_tokens', g.max_tokens, 'temperature', g.temperature,
    'cost_ceiling_usd', g.cost_ceiling_usd, 'long_horizon_allowed', g.long_horizon_allowed, 'config_yaml_path', g.config_yaml_path,
    'created_at', g.created_at, 'updated_at', g.updated_at)
  into told
  from codered.agents g
  where g.slug = read_agent.slug;
  if not found then
    perform codered.refuse_missing('agent', read_agent.slug);
  end if;
  return told;
end
$$;

comment on function codered.read_agent(text) is 'One agent, as its YAML file has it, by slug. Refuses CR004.';

revoke execute on function codered.read_agent from public;

grant execute on function codered.read_agent to authenticated, service_role;

create or replace function codered.describe_model(model codered.models)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', model.id, 'provider', model.provider, 'display_name', model.display_name, 'tier', model.tier,
    'input_cost_per_1k', model.input_cost_per_1k, 'output_cost_per_1k', model.output_cost_per_1k,
    'max_context_tokens', model.max_context_tokens, 'supports_tools', model.supports_tools,
    'supports_streaming', model.supports_streaming, 'supports_structured_output', model.supports_structured_output,
    'is_active', model.is_active, 'updated_at', model.updated_at)
$$;

comment on function codered.describe_model(codered.models) is 'A model as the operations tell it.';

revoke execute on function codered.describe_model from public;

grant execute on function codered.describe_model to authenticated, service_role;

create or replace function codered.list_models(batch integer default 50, after_model text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.check_batch('batch', list_models.batch);
  return (
    select coalesce(jsonb_agg(codered.describe_model(page.model) order by page.id collate "C"), '[]')
    from (
      select m as model, m.id
      from codered.models m
      where list_models.after_model is null or m.id collate "C" > list_models.after_model
      order by m.id collate "C"
      -- One more than asked for tells whether there are more.
      limit list_models.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_models(integer, text) is
  'The models that agents may use with their prices, by id (byte order), after an id: one more than batch when there are more. Everybody who signed in reads the active ones, the operator all. Refuses CR002 (batch 1 to 500).';

revoke execute on function codered.list_models from public;

grant execute on function codered.list_models to authenticated, service_role;

create or replace function codered.set_model(model_id text, model jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.models;
begin
  if codered.is_member_call() and not codered.is_operator() then
    raise exception 'Models and their prices are the operator''s to write.' using errcode = 'CR008';
  end if;
  select m.* into made from codered.models m where m.id = set_model.model_id for no key update;
  -- What is left out stays as it is; a new one needs provider, display_name and tier.
  made := jsonb_populate_record(
    case when found then made else jsonb_populate_record(null::codered.models,
      '{"supports_tools": false, "supports_streaming": true, "supports_structured_output": false, "is_active": true}') end,
    set_model.model);
  insert into codered.models as m (id, provider, display_name, tier, input_cost_per_1k, output_cost_per_1k, max_context_tokens,
    supports_tools, supports_streaming, supports_structured_output, is_active)
  values (set_model.model_id, made.provider, made.display_name, made.tier, made.input_cost_per_1k, made.output_cost_per_1k,
    made.max_context_tokens, made.supports_tools, made.supports_streaming, made.supports_structured_output, made.is_active)
  on conflict (id) do update set
    provider = excluded.provider, display_name = excluded.display_name, tier = excluded.tier,
    input_cost_per_1k = excluded.input_cost_per_1k, output_cost_per_1k = excluded.output_cost_per_1k,
    max_context_tokens = excluded.max_context_tokens, supports_tools = excluded.supports_tools,
    supports_streaming = excluded.supports_streaming, supports_structured_output = excluded.supports_structured_output,
    is_active = excluded.is_active
  returning m.* into made;
  return codered.describe_model(made);
end
$$;

comment on function codered.set_model(text, jsonb) is
  'Changes what model names of a model, or makes one (then provider, display_name and tier are needed). What was called before keeps the cost that it had. For the operator alone. Refuses CR002 (a value), CR008 (not the operator).';

revoke execute on function codered.set_model from public;

grant execute on function codered.set_model to authenticated, service_role;

comment on table codered.agent_runs is 'One call of an agent: what went in, what came out, what it cost.';

comment on column codered.agent_runs.mode is 'Open: architect, code, …';

comment on column codered.agent_runs.model is 'The provider''s own word; model_id where we know that model.';

comment on column codered.agent_runs.approx_cost_usd is 'US dollars; worked out from models when left out.';

comment on column codered.agent_runs.job_id is 'The job that it was done for; null for a call of its own.';

comment on column codered.agent_runs.rag_documents is 'Documents that were consulted; plain ids, a document may be gone.';

grant select on codered.agent_runs to authenticated;

grant select, insert, update, delete on codered.agent_runs to service_role;

create index agent_runs_job_id_idx on codered.agent_runs (job_id);

create or replace trigger agent_runs_same_project before insert or update of project_id, task_id, job_id on codered.agent_runs
  for each row execute function codered.refuse_foreign_project('task_id:tasks', 'job_id:agent_jobs');

create or replace function codered.list_agent_runs(
  project_id uuid, task_id uuid default null, job_id uuid default null, agent text default null,
  batch integer default 50, before_created_at timestamptz default null, before_run uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_agent_runs.project_id);
  perform codered.check_batch('batch', list_agent_runs.batch);
  perform codered.check_place('before_run', num_nulls(list_agent_runs.before_created_at, list_agent_runs.before_run), 2);
  return (
    select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]')
    from (
      select r.created_at, r.id, jsonb_build_object(
        'id', r.id, 'project_id', r.project_id, 'agent', g.slug, 'task_id', r.task_id, 'job_id', r.job_id, 'mode', r.mode,
        'model', coalesce(r.model_id, r.model), 'status', r.status, 'error_message', left(r.error_message, 2000),
        'input_summary', left(r.input_summary, 2000), 'output_summary', left(r.output_summary, 2000),
        'tokens_prompt', r.tokens_prompt, 'tokens_completion', r.tokens_completion, 'approx_cost_usd', r.approx_cost_usd,
        'created_at', r.created_at) as item
      from codered.agent_runs r
      join codered.agents g on g.id = r.agent_id
      where r.project_id = list_agent_runs.project_id
        and (list_agent_runs.task_id is null or r.task_id = list_agent_runs.task_id)
        and (list_agent_runs.job_id is null or r.job_id = list_agent_runs.job_id)
        and (list_agent_runs.agent is null or g.slug = list_agent_runs.agent)
        and (
          list_agent_runs.before_run is null
          or (r.created_at, r.id) < (list_agent_runs.before_created_at, list_agent_runs.before_run)
        )
      order by r.created_at desc, r.id desc
      -- One more than asked for tells whether there are more.
      limit list_agent_runs.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_agent_runs(uuid, uuid, uuid, text, integer, timestamptz, uuid) is
  'The calls of agents in a project, of a task, a job or an agent (slug), newest first, before a place in that order: one more than batch when there are more; texts of 2,000 characters at the most. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_agent_runs from public;

grant execute on function codered.list_agent_runs to authenticated, service_role;

create or replace function codered.read_agent_run(project_id uuid, agent_run_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
  most constant integer := 100000;
begin
  perform codered.require_project(read_agent_run.project_id);
  select jsonb_build_object(
    'id', r.id, 'project_id', r.project_id, 'agent', g.slug, 'task_id', r.task_id, 'job_id', r.job_id, 'mode', r.mode,
    'model', coalesce(r.model_id, r.model), 'status', r.status, 'error_message', left(r.error_message, most),
    'input_summary', left(r.input_summary, most), 'output_summary', left(r.output_summary, most),
    'full_input', left(r.full_input, most), 'full_output', left(r.full_output, most),
    'is_cut', greatest(
      char_length(r.full_input), char_length(r.full_output), char_length(r.input_summary), char_length(r.output_summary),
      char_length(r.error_message), 0) > most,
    'zones_touched', coalesce(r.zones_touched, '{}'), 'tools_used', coalesce(r.tools_used, '{}'),
    'rag_documents', coalesce(r.rag_documents, '{}'), 'tokens_prompt', r.tokens_prompt,
    'tokens_completion', r.tokens_completion, 'approx_cost_usd', r.approx_cost_usd, 'created_at', r.created_at)
  into told
  from codered.agent_runs r
  join codered.agents g on g.id = r.agent_id
  where r.id = read_agent_run.agent_run_id and r.project_id = read_agent_run.project_id;
  if not found then
    perform codered.refuse_missing('agent run', read_agent_run.agent_run_id::text);
  end if;
  return told;
end
$$;

comment on function codered.read_agent_run(uuid, uuid) is
  'One call of an agent: what list_agent_runs tells, and full_input, full_output, zones_touched, tools_used and rag_documents; of each text 100,000 characters at the most, is_cut when one was longer. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_agent_run from public;

grant execute on function codered.read_agent_run to authenticated, service_role;

comment on table codered.corpora is 'A group of documents that are searched together. project_id null: for every project.';

grant select on codered.corpora to authenticated;

grant insert (id, project_id, name, description, domain_tags, risk_level) on codered.corpora to authenticated;

grant update (name, description, domain_tags, risk_level) on codered.corpora to authenticated;

grant select, insert, update, delete on codered.corpora to service_role;

create policy corpora_insert on codered.corpora for insert to authenticated
  with check (project_id in (select codered.my_projects('maintainer')) or (project_id is null and (select codered.is_operator())));

create policy corpora_update on codered.corpora for update to authenticated
  using (project_id in (select codered.my_projects('maintainer')) or (project_id is null and (select codered.is_operator())))
  with check (project_id in (select codered.my_projects('maintainer')) or (project_id is null and (select codered.is_operator())));

create or replace trigger corpora_events after insert or update or delete on codered.corpora
  for each row execute function codered.append_event('corpus');

create or replace function codered.describe_corpus(corpus codered.corpora)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', corpus.id, 'project_id', corpus.project_id, 'name', corpus.name, 'description', corpus.description,
    'domain_tags', corpus.domain_tags, 'risk_level', corpus.risk_level, 'created_at', corpus.created_at, 'updated_at', corpus.updated_at)
$$;

comment on function codered.describe_corpus(codered.corpora) is 'A corpus as the operations tell it.';

revoke execute on function codered.describe_corpus from public;

grant execute on function codered.describe_corpus to authenticated, service_role;

create or replace function codered.list_corpora(
  project_id uuid, batch integer default 50, after_name text default null, after_corpus uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_corpora.project_id);
  perform codered.check_batch('batch', list_corpora.batch);
  perform codered.check_place('after_corpus', num_nulls(list_corpora.after_name, list_corpora.after_corpus), 2);
  return (
    select coalesce(jsonb_agg(codered.describe_corpus(page.corpus) order by page.name collate "C", page.id), '[]')
    from (
      select c as corpus, c.name, c.id
      from codered.corpora c
      where (c.project_id = list_corpora.project_id or c.project_id is null)
        and (
          list_corpora.after_corpus is null
          or (c.name collate "C", c.id) > (list_corpora.after_name collate "C", list_corpora.after_corpus)
        )
      order by c.name collate "C", c.id
      -- One more than asked for tells whether there are more.
      limit list_corpora.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_corpora(uuid, integer, text, uuid) is
  'The groups of documents that a project has, and those of everybody (project_id null), by name (byte order), after a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_corpora from public;

grant execute on function codered.list_corpora to authenticated, service_role;

create or replace function codered.create_corpus(project_id uuid, corpus jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.corpora;
begin
  perform codered.require_project(create_corpus.project_id);
  if codered.is_member_call() and create_corpus.project_id not in (select codered.my_projects('maintainer')) then
    raise exception 'A corpus is a maintainer''s to make.' using errcode = 'CR008';
  end if;
  insert into codered.corpora (project_id, name, description, domain_tags, risk_level)
  select create_corpus.project_id, w.name, w.description, coalesce(w.domain_tags, '{}'), coalesce(w.risk_level, 'internal')
  from jsonb_populate_record(null::codered.corpora, create_corpus.corpus) as w
  returning * into made;
  return codered.describe_corpus(made);
end
$$;

comment on function codered.create_corpus(uuid, jsonb) is
  'Makes a group of documents in a project: {name, description, domain_tags, risk_level (internal)}; returns it. For maintainers. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR008 (no maintainer), 23505 (there is one of that name).';

revoke execute on function codered.create_corpus from public;

grant execute on function codered.create_corpus to authenticated, service_role;

create or replace function codered.update_corpus(project_id uuid, corpus_id uuid, corpus jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.corpora;
begin
  perform codered.require_project(update_corpus.project_id);
  if codered.is_member_call() and update_corpus.project_id not in (select codered.my_projects('maintainer')) then
    raise exception 'A corpus is a maintainer''s to change.' using errcode = 'CR008';
  end if;
  select c.* into made
  from codered.corpora c
  where c.id = update_corpus.corpus_id and c.project_id = update_corpus.project_id
  for no key update;
  if not found then
    perform codered.refuse_missing('corpus', update_corpus.corpus_id::text);
  end if;
  made := jsonb_populate_record(made, update_corpus.corpus);
  update codered.corpora c
  set name = made.name, description = made.description, domain_tags = made.domain_tags, risk_level = made.risk_level
  where c.id = update_corpus.corpus_id
  returning c.* into made;
  return codered.describe_corpus(made);
end
$$;

comment on function codered.update_corpus(uuid, uuid, jsonb) is
  'Changes what corpus names of a group of documents of the project, and nothing else; its documents keep their own tags and risk level. Returns it. For maintainers. Refuses CR002 (a value), CR003 (project retired), CR004, CR008 (no maintainer).';

revoke execute on function codered.update_corpus from public;

grant execute on function codered.update_corpus to authenticated, service_role;

create or replace function codered.list_documents(
  project_id uuid, corpus_id uuid, batch integer default 50, after_source text default null, after_version text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_documents.project_id);
  perform codered.check_batch('batch', list_documents.batch);
  perform codered.check_place('after_version', num_nulls(list_documents.after_source, list_documents.after_version), 2);
  if not exists (
    select from codered.corpora c
    where c.id = list_documents.corpus_id and (c.project_id = list_documents.project_id or c.project_id is null)
  ) then
    perform codered.refuse_missing('corpus', list_documents.corpus_id::text);
  end if;
  return (
    select coalesce(jsonb_agg(page.item order by page.source_path, page.version), '[]')
    from (
      select d.source_path, d.version, jsonb_build_object(
        'id', d.id, 'corpus_id', d.corpus_id, 'title', d.title, 'source_path', d.source_path, 'version', d.version,
        'domain_tags', d.domain_tags, 'risk_level', d.risk_level, 'is_pinned', d.is_pinned, 'created_at', d.created_at,
        'updated_at', d.updated_at) as item
      from codered.documents d
      where d.corpus_id = list_documents.corpus_id
        and d.deleted_at is null
        and (
          list_documents.after_version is null
          or (d.source_path, d.version) > (list_documents.after_source, list_documents.after_version)
        )
      order by d.source_path, d.version
      -- One more than asked for tells whether there are more.
      limit list_documents.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_documents(uuid, uuid, integer, text, text) is
  'The documents of a corpus of the project, or of everybody, by source and version, without their text, after a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004.';

revoke execute on function codered.list_documents from public;

grant execute on function codered.list_documents to authenticated, service_role;

-- The version counts each change of the content, which itself the history does not repeat.
create or replace trigger project_files_events after insert or update or delete on codered.project_files
  for each row execute function codered.append_event('file', 'content');

comment on table codered.learning_roadmaps is 'What somebody learns while building a project, step by step.';

comment on column codered.learning_roadmaps.current_step_index is
  'How many steps of all modules, in their order, are done: 0 at first, as many as there are at the end.';

comment on column codered.learning_roadmaps.modules is '[{"title", "description", "steps", "estimated_hours", "prerequisites", "is_locked"}].';

grant select, insert, update, delete on codered.learning_roadmaps to authenticated;

grant select, insert, update, delete on codered.learning_roadmaps to service_role;

create or replace trigger learning_roadmaps_events after insert or update or delete on codered.learning_roadmaps
  for each row execute function codered.append_event('roadmap');

comment on table codered.daily_sessions is 'A talk between learner and mentor.';

comment on column codered.daily_sessions.transcript is '[{"role": "user" | "mentor", "content"}].';

comment on column codered.daily_sessions.message_count is 'How long the transcript is: what the history tells of it, which does not repeat the talk.';

grant select, insert, update, delete on codered.daily_sessions to authenticated;

grant select, insert, update, delete on codered.daily_sessions to service_role;

create or replace trigger daily_sessions_events after insert or update or delete on codered.daily_sessions
  for each row execute function codered.append_event('daily_session', 'transcript');

create or replace function codered.write_project_file(
  project_id uuid, path text, content text, language text default null, expected_version integer default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  written codered.project_files;
  found_version integer;
begin
  perform codered.require_project(write_project_file.project_id);
  -- What reads a binary file as text leaves one of these; nothing of it would come out as it went in.
  if write_project_file.content ~ '[\x01-\x08\x0e-\x1a\x1c-\x1f\ufffd]' then
    perform codered.refuse_value('project_files.content', 'binary'::text, 'text, without control characters but tab, line ends and escape, and without U+FFFD');
  end if;
  if write_project_file.expected_version is not null then
    select f.version into found_version
    from codered.project_files f
    where f.project_id = write_project_file.project_id and f.path = write_project_file.path
    for no key update;
    if coalesce(found_version, 0) <> write_project_file.expected_version then
      raise exception 'The file "%" has version %, not %: read it again.',
        left(write_project_file.path, 200), coalesce(found_version, 0), write_project_file.expected_version using errcode = 'CR005';
    end if;
  end if;
  insert into codered.project_files as f (project_id, path, content, language)
  values (write_project_file.project_id, write_project_file.path, write_project_file.content, write_project_file.language)
  on conflict on constraint project_files_path_key do update
    set content = excluded.content, language = coalesce(excluded.language, f.language)
    where write_project_file.expected_version is distinct from 0
  returning f.* into written;
  if not found then
    raise exception 'The file "%" is there already: read it again.', left(write_project_file.path, 200) using errcode = 'CR005';
  end if;
  return jsonb_build_object('id', written.id, 'path', written.path, 'version', written.version);
end
$$;

comment on function codered.write_project_file(uuid, text, text, text, integer) is
  'Writes a file of a project and returns {id, path, version}; version grows only when content changed, language stays when left out. With expected_version (0: none there yet) only over that version. Refuses CR002 (path, over 2 MB, binary content), CR003 (project retired), CR004 (no such project), CR005 (another version).';

revoke execute on function codered.write_project_file from public;

grant execute on function codered.write_project_file to authenticated, service_role;

create or replace function codered.list_project_files(
  project_id uuid, under text default null, batch integer default 50, after_path text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_project_files.project_id);
  perform codered.check_batch('batch', list_project_files.batch);
  return (
    select coalesce(jsonb_agg(page.item order by page.path), '[]')
    from (
      select f.path, jsonb_build_object(
        'id', f.id, 'path', f.path, 'language', f.language, 'version', f.version,
        'size_bytes', coalesce(octet_length(f.content), 0), 'created_at', f.created_at, 'updated_at', f.updated_at) as item
      from codered.project_files f
      where f.project_id = list_project_files.project_id
        and (list_project_files.under is null or starts_with(f.path, rtrim(list_project_files.under, '/') || '/'))
        and (list_project_files.after_path is null or f.path > list_project_files.after_path)
      order by f.path
      -- One more than asked for tells whether there are more.
      limit list_project_files.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_project_files(uuid, text, integer, text) is
  'The files of a project, or those in a folder, by path, after a path, without their content: one more than batch when there are more. Refuses CR002 (batch 1 to 500), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_project_files from public;

grant execute on function codered.list_project_files to authenticated, service_role;

create or replace function codered.read_project_file(project_id uuid, path text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  perform codered.require_project(read_project_file.project_id);
  select jsonb_build_object(
    'id', f.id, 'path', f.path, 'language', f.language, 'version', f.version, 'size_bytes', coalesce(octet_length(f.content), 0),
    'content', coalesce(f.content, ''), 'created_at', f.created_at, 'updated_at', f.updated_at)
  into told
  from codered.project_files f
  where f.project_id = read_project_file.project_id and f.path = read_project_file.path;
  if not found then
    perform codered.refuse_missing('file', read_project_file.path);
  end if;
  return told;
end
$$;

comment on function codered.read_project_file(uuid, text) is
  'One file of a project by its path, with its content and version. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_project_file from public;

grant execute on function codered.read_project_file to authenticated, service_role;

create or replace function codered.steps_of_modules(modules jsonb)
returns integer
language sql
immutable
set search_path = ''
as $$
  select coalesce(sum(jsonb_array_length(m.entry -> 'steps')), 0)::integer
  from jsonb_array_elements(steps_of_modules.modules) as m (entry)
$$;

comment on function codered.steps_of_modules(jsonb) is 'How many steps all modules of a roadmap have.';

revoke execute on function codered.steps_of_modules from public;

grant execute on function codered.steps_of_modules to authenticated, service_role;

create or replace function codered.describe_roadmap(roadmap codered.learning_roadmaps)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', roadmap.id, 'project_id', roadmap.project_id, 'title', roadmap.title, 'description', roadmap.description,
    'skill_level', roadmap.skill_level, 'total_estimated_hours', roadmap.total_estimated_hours,
    'current_step_index', roadmap.current_step_index, 'step_count', codered.steps_of_modules(roadmap.modules),
    'modules', roadmap.modules, 'created_at', roadmap.created_at, 'updated_at', roadmap.updated_at)
$$;

comment on function codered.describe_roadmap(codered.learning_roadmaps) is 'A roadmap as the operations tell it, with how many steps it has.';

revoke execute on function codered.describe_roadmap from public;

grant execute on function codered.describe_roadmap to authenticated, service_role;

create or replace function codered.list_roadmaps(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_roadmap uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_roadmaps.project_id);
  perform codered.check_batch('batch', list_roadmaps.batch);
  perform codered.check_place('before_roadmap', num_nulls(list_roadmaps.before_created_at, list_roadmaps.before_roadmap), 2);
  return (
    select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]')
    from (
      select r.created_at, r.id, codered.describe_roadmap(r) - 'modules' - 'description' as item
      from codered.learning_roadmaps r
      where r.project_id = list_roadmaps.project_id
        and (
          list_roadmaps.before_roadmap is null
          or (r.created_at, r.id) < (list_roadmaps.before_created_at, list_roadmaps.before_roadmap)
        )
      order by r.created_at desc, r.id desc
      -- One more than asked for tells whether there are more.
      limit list_roadmaps.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_roadmaps(uuid, integer, timestamptz, uuid) is
  'The roadmaps of a project without their modules, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_roadmaps from public;

grant execute on function codered.list_roadmaps to authenticated, service_role;

create or replace function codered.read_roadmap(project_id uuid, roadmap_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  perform codered.require_project(read_roadmap.project_id);
  select codered.describe_roadmap(r) into told
  from codered.learning_roadmaps r
  where r.id = read_roadmap.roadmap_id and r.project_id = read_roadmap.project_id;
  if not found then
    perform codered.refuse_missing('roadmap', read_roadmap.roadmap_id::text);
  end if;
  return told;
end
$$;

comment on function codered.read_roadmap(uuid, uuid) is 'One roadmap with its modules and the step that is next. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_roadmap from public;

grant execute on function codered.read_roadmap to authenticated, service_role;

create or replace function codered.create_roadmap(project_id uuid, roadmap jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.learning_roadmaps;
begin
  perform codered.require_project(create_roadmap.project_id);
  insert into codered.learning_roadmaps (project_id, title, description, skill_level, total_estimated_hours, modules)
  select create_roadmap.project_id, w.title, w.description, w.skill_level, w.total_estimated_hours, w.modules
  from jsonb_populate_record(null::codered.learning_roadmaps, create_roadmap.roadmap) as w
  returning * into made;
  return codered.describe_roadmap(made);
end
$$;

comment on function codered.create_roadmap(uuid, jsonb) is
  'Makes a roadmap in a project, at its first step; returns it. Refuses CR002 (a value, modules that are none), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.create_roadmap from public;

grant execute on function codered.create_roadmap to authenticated, service_role;

create or replace function codered.update_roadmap(project_id uuid, roadmap_id uuid, roadmap jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.learning_roadmaps;
begin
  perform codered.require_project(update_roadmap.project_id);
  select r.* into made
  from codered.learning_roadmaps r
  where r.id = update_roadmap.roadmap_id and r.project_id = update_roadmap.project_id
  for no key update;
  if not found then
    perform codered.refuse_missing('roadmap', update_roadmap.roadmap_id::text);
  end if;
  made := jsonb_populate_record(made, update_roadmap.roadmap);
  perform codered.accept_modules('learning_roadmaps.modules', coalesce(made.modules, 'null'));
  update codered.learning_roadmaps r
  set title = made.title, description = made.description, skill_level = made.skill_level,
    total_estimated_hours = made.total_estimated_hours, modules = made.modules,
    -- Where fewer steps are left, the last of them is done.
    current_step_index = least(r.current_step_index, codered.steps_of_modules(made.modules))
  where r.id = update_roadmap.roadmap_id
  returning r.* into made;
  return codered.describe_roadmap(made);
end
$$;

comment on function codered.update_roadmap(uuid, uuid, jsonb) is
  'Changes what roadmap names of a roadmap, and nothing else; null empties. Returns it. The step stays, but no further than there are steps. Refuses CR002 (a value, modules that are none), CR003 (project retired), CR004.';

revoke execute on function codered.update_roadmap from public;

grant execute on function codered.update_roadmap to authenticated, service_role;

create or replace function codered.move_in_roadmap(project_id uuid, roadmap_id uuid, step_index integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  roadmap codered.learning_roadmaps;
  steps integer;
  barred text;
begin
  perform codered.require_project(move_in_roadmap.project_id);
  select r.* into roadmap
  from codered.learning_roadmaps r
  where r.id = move_in_roadmap.roadmap_id and r.project_id = move_in_roadmap.project_id
  for no key update;
  if not found then
    perform codered.refuse_missing('roadmap', move_in_roadmap.roadmap_id::text);
  end if;
  steps := codered.steps_of_modules(roadmap.modules);
  if (move_in_roadmap.step_index between 0 and steps) is not true then
    perform codered.refuse_value('learning_roadmaps.current_step_index', coalesce(move_in_roadmap.step_index::text, 'null'), '0 to ' || steps);
  end if;
  -- A step is done only in a module that is open.
  select m.title into barred
  from (
    select e.entry ->> 'title' as title, coalesce((e.entry ->> 'is_locked')::boolean, false) as is_locked, e.n,
      sum(jsonb_array_length(e.entry -> 'steps')) over (order by e.n) as last_step,
      jsonb_array_length(e.entry -> 'steps') as steps
    from jsonb_array_elements(roadmap.modules) with ordinality as e (entry, n)
  ) as m
  where m.is_locked and m.last_step > roadmap.current_step_index and m.last_step - m.steps < move_in_roadmap.step_index
  order by m.n
  limit 1;
  if barred is not null and move_in_roadmap.step_index > roadmap.current_step_index then
    perform codered.refuse_state('The module "' || barred || '"', 'locked', 'one that is open');
  end if;
  update codered.learning_roadmaps r
  set current_step_index = move_in_roadmap.step_index
  where r.id = roadmap.id
  returning r.* into roadmap;
  return codered.describe_roadmap(roadmap) - 'modules' - 'description';
end
$$;

comment on function codered.move_in_roadmap(uuid, uuid, integer) is
  'Says how many steps of a roadmap are done, forward or back, from 0 to all of them; forward through no module that is locked. Returns the roadmap without modules. Refuses CR002 (beyond its steps), CR003 (project retired, a locked module), CR004.';

revoke execute on function codered.move_in_roadmap from public;

grant execute on function codered.move_in_roadmap to authenticated, service_role;

create or replace function codered.describe_daily_session(session codered.daily_sessions)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', session.id, 'project_id', session.project_id, 'concepts_covered', session.concepts_covered,
    'duration_minutes', session.duration_minutes, 'message_count', session.message_count, 'created_at', session.created_at,
    'updated_at', session.updated_at)
$$;

comment on function codered.describe_daily_session(codered.daily_sessions) is 'A daily session as lists tell it: without the transcript.';

revoke execute on function codered.describe_daily_session from public;

grant execute on function codered.describe_daily_session to authenticated, service_role;

create or replace function codered.list_daily_sessions(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_session uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_daily_sessions.project_id);
  perform codered.check_batch('batch', list_daily_sessions.batch);
  perform codered.check_place(
    'before_session', num_nulls(list_daily_sessions.before_created_at, list_daily_sessions.before_session), 2);
  return (
    select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]')
    from (
      select s.created_at, s.id, jsonb_build_object(
        'id', s.id, 'project_id', s.project_id, 'concepts_covered', s.concepts_covered, 'duration_minutes', s.duration_minutes,
        'message_count', s.message_count, 'created_at', s.created_at, 'updated_at', s.updated_at) as item
      from codered.daily_sessions s
      where s.project_id = list_daily_sessions.project_id
        and (
          list_daily_sessions.before_session is null
          or (s.created_at, s.id) < (list_daily_sessions.before_created_at, list_daily_sessions.before_session)
        )
      order by s.created_at desc, s.id desc
      -- One more than asked for tells whether there are more.
      limit list_daily_sessions.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_daily_sessions(uuid, integer, timestamptz, uuid) is
  'The talks between learner and mentor in a project, newest first, without their transcripts, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_daily_sessions from public;

grant execute on function codered.list_daily_sessions to authenticated, service_role;

create or replace function codered.read_daily_session(project_id uuid, session_id uuid, after_message integer default 0)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  perform codered.require_project(read_daily_session.project_id);
  if coalesce(read_daily_session.after_message, -1) < 0 then
    perform codered.refuse_value('after_message', coalesce(read_daily_session.after_message::text, 'null'), '0 or more');
  end if;
  select codered.describe_daily_session(s) || jsonb_build_object('after_message', read_daily_session.after_message, 'transcript', (
    select coalesce(jsonb_agg(m.entry order by m.n), '[]')
    from jsonb_array_elements(s.transcript) with ordinality as m (entry, n)
    where m.n > read_daily_session.after_message and m.n <= read_daily_session.after_message::bigint + 200))
  into told
  from codered.daily_sessions s
  where s.id = read_daily_session.session_id and s.project_id = read_daily_session.project_id;
  if not found then
    perform codered.refuse_missing('daily session', read_daily_session.session_id::text);
  end if;
  return told;
end
$$;

comment on function codered.read_daily_session(uuid, uuid, integer) is
  'One talk with 200 messages of its transcript, those after so many; message_count says how many there are. Refuses CR002, CR003 (project retired), CR004.';

revoke execute on function codered.read_daily_session from public;

grant execute on function codered.read_daily_session to authenticated, service_role;

create or replace function codered.record_daily_session(project_id uuid, session jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.daily_sessions;
begin
  perform codered.require_project(record_daily_session.project_id);
  insert into codered.daily_sessions (project_id, transcript, concepts_covered, duration_minutes)
  select record_daily_session.project_id, coalesce(w.transcript, '[]'), coalesce(w.concepts_covered, '{}'), coalesce(w.duration_minutes, 0)
  from jsonb_populate_record(null::codered.daily_sessions, record_daily_session.session) as w
  returning * into made;
  return codered.describe_daily_session(made);
end
$$;

comment on function codered.record_daily_session(uuid, jsonb) is
  'Writes down a talk between learner and mentor: {transcript: [{role: user | mentor, content}], concepts_covered, duration_minutes}, each of which may be left out; returns it without the transcript. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.record_daily_session from public;

grant execute on function codered.record_daily_session to authenticated, service_role;

create or replace function codered.extend_daily_session(project_id uuid, session_id uuid, session jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  added codered.daily_sessions := jsonb_populate_record(null::codered.daily_sessions, extend_daily_session.session);
  made codered.daily_sessions;
begin
  perform codered.require_project(extend_daily_session.project_id);
  update codered.daily_sessions s
  set
    transcript = s.transcript || coalesce(added.transcript, '[]'),
    -- Each once, in the order in which they came up.
    concepts_covered = s.concepts_covered || array(
      select c.concept
      from unnest(added.concepts_covered) with ordinality as c (concept, n)
      where c.concept is not null and c.concept <> all (s.concepts_covered)
      group by c.concept
      order by min(c.n)),
    duration_minutes = s.duration_minutes + coalesce(added.duration_minutes, 0)
  where s.id = extend_daily_session.session_id and s.project_id = extend_daily_session.project_id
  returning s.* into made;
  if not found then
    perform codered.refuse_missing('daily session', extend_daily_session.session_id::text);
  end if;
  return codered.describe_daily_session(made);
end
$$;

comment on function codered.extend_daily_session(uuid, uuid, jsonb) is
  'Goes on with a talk: adds messages to its transcript, concepts that are new, and minutes; returns it without the transcript. Two at once both count. Refuses CR002 (a value, more than a day''s minutes), CR003 (project retired), CR004.';

revoke execute on function codered.extend_daily_session from public;

grant execute on function codered.extend_daily_session to authenticated, service_role;

create or replace function codered.project_cost(project_id uuid, since timestamptz default null, until timestamptz default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  from_time constant timestamptz := coalesce(project_cost.since, date_trunc('month', coalesce(project_cost.until, now()), 'UTC'));
  to_time constant timestamptz := coalesce(project_cost.until, now());
begin
  perform codered.require_project(project_cost.project_id);
  if from_time > to_time or from_time < to_time - interval '366 days' then
    perform codered.refuse_value('since', from_time::text, 'at most 366 days before until');
  end if;
  return (
    with calls as (
      select coalesce(r.model_id, r.model) as model, r.tokens_prompt as tokens_in, r.tokens_completion as tokens_out,
        r.approx_cost_usd as cost_usd
      from codered.agent_runs r
      where r.project_id = project_cost.project_id and r.created_at >= from_time and r.created_at < to_time
      union all
      select g.model_id, g.tokens_in, g.tokens_out, g.cost_usd
      from codered.runs w
      join codered.gate_executions g on g.run_id = w.id
      where w.project_id = project_cost.project_id and g.created_at >= from_time and g.created_at < to_time
        and g.model_id is not null and g.status <> 'pending'
    ), models as (
      select c.model, count(*) as calls, coalesce(sum(c.tokens_in), 0) as tokens_in, coalesce(sum(c.tokens_out), 0) as tokens_out,
        coalesce(sum(c.cost_usd), 0) as cost_usd, count(*) filter (where c.cost_usd is null) as without_price
      from calls c
      group by c.model
    ), dearest as (
      select m.* from models m order by m.cost_usd desc, m.model collate "C" limit 200
    )
    select jsonb_build_object(
      'project_id', project_cost.project_id, 'since', from_time, 'until', to_time,
      'total_cost_usd', (select coalesce(sum(m.cost_usd), 0) from models m),
      'calls', (select coalesce(sum(m.calls), 0) from models m),
      'models', (
        select coalesce(jsonb_agg(to_jsonb(d) order by d.cost_usd desc, d.model collate "C"), '[]') from dearest d))
  );
end
$$;

comment on function codered.project_cost(uuid, timestamptz, timestamptz) is
  'What models cost a project from one time to another (left out: since the month began in UTC, until now), over the calls of agents and the stages of runs that the caller may see: {project_id, since, until, total_cost_usd, calls, models}, the dearest 200 models with tokens and with how many calls have no known price. Refuses CR002 (more than 366 days), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.project_cost from public;

grant execute on function codered.project_cost to authenticated, service_role;

create or replace function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
    when 'answer_job_questions' then return to_jsonb(codered.answer_job_questions(job_id => (arguments ->> 'job_id')::uuid, responses => arguments -> 'responses'));
    when 'break_task_lock' then return to_jsonb(codered.break_task_lock(task_id => (arguments ->> 'task_id')::uuid, reason => arguments ->> 'reason'));
    when 'cancel_job' then return to_jsonb(codered.cancel_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'cancel_run' then return to_jsonb(codered.cancel_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'create_agent_job' then return to_jsonb(codered.create_agent_job(project_id => (arguments ->> 'project_id')::uuid, agent_type => arguments ->> 'agent_type', input => arguments -> 'input', user_id => coalesce((arguments ->> 'user_id')::uuid, auth.uid()), parent_job_id => (arguments ->> 'parent_job_id')::uuid));
    when 'create_checkpoint' then return to_jsonb(codered.create_checkpoint(project_id => (arguments ->> 'project_id')::uuid, label => arguments ->> 'label', repo_ref => arguments ->> 'repo_ref', summary => arguments ->> 'summary', resume_instructions => arguments ->> 'resume_instructions', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'create_corpus' then return to_jsonb(codered.create_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus => arguments -> 'corpus'));
    when 'create_roadmap' then return to_jsonb(codered.create_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'extend_daily_session' then return to_jsonb(codered.extend_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, session => arguments -> 'session'));
    when 'find_jobs' then return to_jsonb(codered.find_jobs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', agent_type => arguments ->> 'agent_type', parent_job_id => (arguments ->> 'parent_job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_job => (arguments ->> 'before_job')::uuid));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'list_agent_runs' then return to_jsonb(codered.list_agent_runs(project_id => (arguments ->> 'project_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, job_id => (arguments ->> 'job_id')::uuid, agent => arguments ->> 'agent', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_agents' then return to_jsonb(codered.list_agents(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_corpora' then return to_jsonb(codered.list_corpora(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_corpus => (arguments ->> 'after_corpus')::uuid));
    when 'list_daily_sessions' then return to_jsonb(codered.list_daily_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_session => (arguments ->> 'before_session')::uuid));
    when 'list_documents' then return to_jsonb(codered.list_documents(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_source => arguments ->> 'after_source', after_version => arguments ->> 'after_version'));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_job_events' then return to_jsonb(codered.list_job_events(job_id => (arguments ->> 'job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_models' then return to_jsonb(codered.list_models(batch => coalesce((arguments ->> 'batch')::integer, 50), after_model => arguments ->> 'after_model'));
    when 'list_project_files' then return to_jsonb(codered.list_project_files(project_id => (arguments ->> 'project_id')::uuid, under => arguments ->> 'under', batch => coalesce((arguments ->> 'batch')::integer, 50), after_path => arguments ->> 'after_path'));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_roadmaps' then return to_jsonb(codered.list_roadmaps(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_roadmap => (arguments ->> 'before_roadmap')::uuid));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'move_in_roadmap' then return to_jsonb(codered.move_in_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, step_index => (arguments ->> 'step_index')::integer));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'project_cost' then return to_jsonb(codered.project_cost(project_id => (arguments ->> 'project_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'read_agent' then return to_jsonb(codered.read_agent(slug => arguments ->> 'slug'));
    when 'read_agent_run' then return to_jsonb(codered.read_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'read_daily_session' then return to_jsonb(codered.read_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, after_message => coalesce((arguments ->> 'after_message')::integer, 0)));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'read_project_file' then return to_jsonb(codered.read_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path'));
    when 'read_roadmap' then return to_jsonb(codered.read_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid));
    when 'record_daily_session' then return to_jsonb(codered.record_daily_session(project_id => (arguments ->> 'project_id')::uuid, session => arguments -> 'session'));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'run_pipeline' then return to_jsonb(codered.run_pipeline(project_id => (arguments ->> 'project_id')::uuid, input => arguments -> 'input'));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'set_model' then return to_jsonb(codered.set_model(model_id => arguments ->> 'model_id', model => arguments -> 'model'));
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_corpus' then return to_jsonb(codered.update_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, corpus => arguments -> 'corpus'));
    when 'update_roadmap' then return to_jsonb(codered.update_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes'));
    when 'write_project_file' then return to_jsonb(codered.write_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path', content => arguments ->> 'content', language => arguments ->> 'language', expected_version => (arguments ->> 'expected_version')::integer));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;

comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';

revoke execute on function codered.call_operation from public;

grant execute on function codered.call_operation to authenticated;
