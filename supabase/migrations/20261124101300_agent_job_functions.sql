-- The life of an agent's job: which step may follow which, questions and answers, cancelling, listing. Old workers survive it.

create function codered.require_project(project_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  is_retired boolean;
begin
  select p.deleted_at is not null into is_retired
  from codered.projects p
  where p.id = require_project.project_id
    and (not codered.is_member_call() or p.id in (select codered.my_projects()));
  if not found then
    raise exception 'There is no project "%" that you may see.', require_project.project_id using errcode = 'CR004';
  end if;
  if is_retired then
    raise exception 'Project "%" is retired; restore it first.', require_project.project_id using errcode = 'CR003';
  end if;
end
$$;
comment on function codered.require_project(uuid) is
  'Nothing for a project that the caller may see and that is not retired; otherwise raises CR004 (not there or not visible) or CR003 (retired).';
revoke execute on function codered.require_project(uuid) from public;
grant execute on function codered.require_project(uuid) to authenticated, service_role;

create function codered.accept_shape(what text, value jsonb, shape jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  wanted constant text := shape ->> 'is';
  kind constant text := jsonb_typeof(value);
  least_size constant numeric := (shape ->> 'from')::numeric;
  most_size constant numeric := (shape ->> 'to')::numeric;
  bounds constant text := case
    when most_size is null and least_size is null then ''
    when most_size is null then format(', %s or more', least_size)
    when least_size is null then format(', at most %s', most_size)
    when shape ? 'open' then format(', more than %s, at most %s', least_size, most_size)
    else format(', %s to %s', least_size, most_size)
  end;
  size numeric;
  allowed text;
  key text;
  place bigint;
  item jsonb;
begin
  case wanted
    when 'text' then
      size := case when kind = 'string' then char_length(value #>> '{}') end;
      allowed := 'text' || bounds || case when bounds = '' then '' else ' characters' end;
    when 'number' then
      size := case when kind = 'number' then value::text::numeric end;
      allowed := 'a number' || bounds;
    when 'whole' then
      size := case when kind = 'number' and value::text::numeric = trunc(value::text::numeric) then value::text::numeric end;
      allowed := 'a whole number' || bounds;
    when 'boolean' then
      size := case when kind = 'boolean' then 0 end;
      allowed := 'true or false';
    when 'word' then
      size := case when kind = 'string' and shape -> 'of' ? (value #>> '{}') then 0 end;
      allowed := (select string_agg(w.word, ', ' order by w.n) from jsonb_array_elements_text(shape -> 'of') with ordinality as w (word, n));
    when 'list' then
      size := case when kind = 'array' then jsonb_array_length(value) end;
      allowed := 'a list' || bounds || case when bounds = '' then '' else ' entries' end;
    else
      size := case when kind = 'object' then 0 end;
      allowed := (select 'an object of ' || string_agg(k.key, ', ' order by k.key) from jsonb_object_keys(shape -> 'keys') as k (key));
  end case;
  if size is null or size < least_size or size > most_size or (shape ? 'open' and size = least_size) then
    raise exception '% is %; allowed: %.', what, left(value::text, 80), allowed
      using errcode = 'CR002', table = split_part(what, '.', 1);
  end if;
  if wanted = 'list' then
    for place, item in
      select e.n - 1, e.entry from jsonb_array_elements(value) with ordinality as e (entry, n)
    loop
      perform codered.accept_shape(format('%s[%s]', what, place), item, shape -> 'of');
    end loop;
  elsif wanted = 'object' then
    for key, item in
      select coalesce(k.key, g.key), case when k.key is null then null when g.key is null then '"(missing)"' else g.entry end
      from jsonb_each(shape -> 'keys') as k (key, rule)
      full join jsonb_each(value) as g (key, entry) on g.key = k.key
      -- What may be left out may also be null.
      where not (coalesce(g.entry, 'null') = 'null' and k.key is not null and coalesce(shape -> 'optional' ? k.key, false))
      order by k.key is not null, g.key is not null, 1
    loop
      if item is null then
        raise exception '%.% is %; allowed: the keys %.', what, left(key, 80), left((value -> key)::text, 80), substr(allowed, 14)
          using errcode = 'CR002', table = split_part(what, '.', 1);
      elsif not value ? key then
        raise exception '%.% is missing; allowed: %.', what, key, allowed
          using errcode = 'CR002', table = split_part(what, '.', 1);
      end if;
      perform codered.accept_shape(what || '.' || key, item, shape -> 'keys' -> key);
    end loop;
  end if;
  return true;
end
$$;
comment on function codered.accept_shape(text, jsonb, jsonb) is
  'True when the value has that shape; otherwise raises CR002 with the way to the first that has not (questions[2].id), its value and what is allowed. A shape is {"is": text | number | whole | boolean | word | list | object, "from", "to", "open": from itself is too little, "of": words or the shape of an entry, "keys": shapes by key, "optional": keys}; other keys are refused.';
revoke execute on function codered.accept_shape(text, jsonb, jsonb) from public;
grant execute on function codered.accept_shape(text, jsonb, jsonb) to authenticated, service_role;

create function codered.accept_questions(what text, questions jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  twice text;
begin
  perform codered.accept_shape(what, questions, '{
    "is": "list", "from": 1, "to": 100, "of": {"is": "object", "optional": ["options"], "keys": {
      "id": {"is": "text", "from": 1, "to": 100},
      "question": {"is": "text", "from": 1, "to": 4000},
      "options": {"is": "list", "to": 100, "of": {"is": "text", "from": 1, "to": 1000}}
    }}
  }');
  select q.entry ->> 'id' into twice
  from jsonb_array_elements(questions) as q (entry)
  group by q.entry ->> 'id'
  having count(*) > 1
  limit 1;
  if twice is not null then
    raise exception '% has the id "%" twice; allowed: ids that were not asked before.', what, twice using errcode = 'CR002', table = split_part(what, '.', 1);
  end if;
  return true;
end
$$;
comment on function codered.accept_questions(text, jsonb) is
  'True for [{"id", "question", "options"?}] with every id once, as document 002 has it; raises CR002 otherwise.';

create function codered.accept_answers(what text, answers jsonb, questions jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  given record;
begin
  if answers is null then
    return true;
  end if;
  perform codered.accept_shape(what, answers, '{
    "is": "list", "to": 100, "of": {"is": "object", "keys": {
      "question_id": {"is": "text", "from": 1, "to": 100}, "answer": {"is": "text", "to": 20000}
    }}
  }');
  select a.id, a.times into given
  from (
    select e.entry ->> 'question_id' as id, count(*) as times
    from jsonb_array_elements(answers) as e (entry)
    group by 1
  ) as a
  where a.times > 1
    or not exists (select from jsonb_array_elements(coalesce(questions, '[]')) as q (entry) where q.entry ->> 'id' = a.id)
  order by a.id
  limit 1;
  if found then
    raise exception '% has % for question_id "%"; allowed: one answer for each question that was asked.', what,
      case when given.times > 1 then given.times || ' answers' else 'an answer' end, given.id
      using errcode = 'CR002', table = split_part(what, '.', 1);
  end if;
  return true;
end
$$;
comment on function codered.accept_answers(text, jsonb, jsonb) is
  'True for [{"question_id", "answer"}] with one answer at most for each of the questions; raises CR002 otherwise.';
revoke execute on function codered.accept_questions(text, jsonb), codered.accept_answers(text, jsonb, jsonb) from public;
grant execute on function codered.accept_questions(text, jsonb), codered.accept_answers(text, jsonb, jsonb) to authenticated, service_role;

alter table codered.agent_jobs
  add constraint agent_jobs_agent_type_check check (
    agent_type in ('research', 'wireframe', 'code', 'qa', 'pedagogy', 'roadmap', 'diagnose', 'report', 'artifacts', 'backfill', 'plan_sprint',
      'embed', 'pipeline')
    or codered.refuse_value('agent_jobs.agent_type', agent_type,
      'research, wireframe, code, qa, pedagogy, roadmap, diagnose, report, artifacts, backfill, plan_sprint, embed, pipeline')),
  add constraint agent_jobs_input_check check (jsonb_typeof(input) = 'object' or codered.refuse_value('agent_jobs.input', input, 'a JSON object')),
  add constraint agent_jobs_input_bytes
    check (octet_length(input::text) <= 1048576 or codered.refuse_value('agent_jobs.input', octet_length(input::text), 'at most 1048576 bytes')),
  add constraint agent_jobs_result_bytes
    check (octet_length(result::text) <= 8388608 or codered.refuse_value('agent_jobs.result', octet_length(result::text), 'at most 8388608 bytes')),
  add constraint agent_jobs_error_length
    check (char_length(error) <= 20000 or codered.refuse_value('agent_jobs.error', error, 'at most 20000 characters')),
  add constraint agent_jobs_questions_check check (codered.accept_questions('agent_jobs.questions', questions)),
  add constraint agent_jobs_questions_bytes check (
    octet_length(questions::text) <= 262144 or codered.refuse_value('agent_jobs.questions', octet_length(questions::text), 'at most 262144 bytes')),
  add constraint agent_jobs_answers_check check (codered.accept_answers('agent_jobs.answers', answers, questions)),
  add constraint agent_jobs_answers_bytes check (
    octet_length(answers::text) <= 262144 or codered.refuse_value('agent_jobs.answers', octet_length(answers::text), 'at most 262144 bytes')),
  add constraint agent_jobs_locked_by_length
    check (char_length(locked_by) between 1 and 200 or codered.refuse_value('agent_jobs.locked_by', locked_by, '1 to 200 characters')),
  add constraint agent_jobs_started_at_check check (status not in ('running', 'waiting_for_input', 'completed') or started_at is not null),
  add constraint agent_jobs_completed_at_check check ((completed_at is not null) = (status in ('completed', 'failed', 'cancelled')));
-- What claim_jobs sees to is certain with this, whoever starts the work.
create unique index agent_jobs_running_key on codered.agent_jobs (dedupe_key) where status = 'running';
create trigger agent_jobs_same_project before insert or update of project_id, parent_job_id on codered.agent_jobs
  for each row execute function codered.refuse_foreign_project('parent_job_id:agent_jobs');
comment on column codered.agent_jobs.user_id is 'Whose job it is; null for the app''s own work, which the project''s members see.';
comment on column codered.agent_jobs.progress is '0 to 100; never falls, 100 once completed.';
comment on column codered.agent_jobs.questions is 'All that was asked: [{"id", "question", "options"?}]; what has no answer yet is open.';
comment on column codered.agent_jobs.answers is 'All that was answered: [{"question_id", "answer"}].';
comment on column codered.agent_jobs.cancel_requested_at is
  'Somebody wants it to stop: whoever works on it hears so at the next report_job_progress, and it is not queued again.';
comment on column codered.agent_jobs.celery_task_id is 'What an outside runner calls it.';
comment on column codered.agent_jobs.started_at is 'Kept by trigger: when it was started first.';
comment on column codered.agent_jobs.completed_at is 'Kept by trigger: when it was completed, failed or cancelled.';

create or replace function codered.stamp_agent_job()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  following text[];
begin
  if tg_op = 'UPDATE' then
    -- What was asked to stop is neither queued again nor left waiting.
    if old.status = 'running' and new.status in ('queued', 'waiting_for_input') and new.cancel_requested_at is not null then
      new.status := 'cancelled';
    end if;
    following := case old.status
      when 'queued' then '{running,cancelled,failed}'
      when 'running' then '{completed,failed,waiting_for_input,cancelled,queued}'
      when 'waiting_for_input' then '{running,queued,cancelled,failed}'
      else '{}'
    end;
    -- A word that is no status at all is left to the CHECK.
    if new.status <> old.status and new.status <> all (following)
      and new.status in ('queued', 'running', 'completed', 'failed', 'waiting_for_input', 'cancelled') then
      raise exception 'agent_jobs.status is "%" and cannot become "%"; allowed: %.', old.status, new.status,
        coalesce(nullif(array_to_string(following, ', '), ''), 'nothing, it is over')
        using errcode = 'CR003', table = 'agent_jobs', column = 'status';
    end if;
    new.updated_at := now();
    new.started_at := old.started_at;
    new.completed_at := old.completed_at;
    if new.progress >= 0 then
      new.progress := greatest(new.progress, old.progress);
    end if;
  end if;
  if new.status in ('running', 'waiting_for_input', 'completed') then
    new.started_at := coalesce(new.started_at, now());
  end if;
  new.completed_at := case when new.status in ('completed', 'failed', 'cancelled') then coalesce(new.completed_at, now()) end;
  if new.status = 'completed' then
    new.progress := 100;
  end if;
  if new.status <> 'running' then
    new.locked_by := null;
    new.locked_until := null;
  end if;
  return new;
end
$$;
comment on function codered.stamp_agent_job() is
  'Refuses (CR003) a status that may not follow the one before, and keeps updated_at, started_at, completed_at, progress and the lock of a job.';
revoke execute on function codered.stamp_agent_job() from public;
create trigger agent_jobs_stamp_new before insert on codered.agent_jobs
  for each row execute function codered.stamp_agent_job();

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
    if create_agent_job.agent_type in ('diagnose', 'report', 'artifacts', 'backfill', 'embed') then
      raise exception 'create_agent_job.agent_type is "%", which only the app queues; allowed: research, wireframe, code, qa, pedagogy, roadmap, plan_sprint, pipeline.',
        create_agent_job.agent_type using errcode = 'CR008';
    end if;
    if create_agent_job.parent_job_id is not null and not exists (
      select from codered.agent_jobs j
      where j.id = create_agent_job.parent_job_id and (j.user_id is null or j.user_id = auth.uid() or codered.is_operator())
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
  return jsonb_build_object('job_id', made.id, 'status', made.status);
end
$$;
comment on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) is
  'Queues a job and returns {job_id, status}. Refuses CR002 (unknown agent_type, input that is no object or over 1 MB), CR003 (project retired), CR004 (no such project or profile), CR007 (parent of another project), CR008 (a member for somebody else, or work that only the app queues). Security definer, because members write agent_jobs through functions only; it checks membership itself.';
revoke execute on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) from public;
grant execute on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) to authenticated, service_role;

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
revoke execute on function codered.check_worker(text, integer) from public;
grant execute on function codered.check_worker(text, integer) to service_role;

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
  if is_held and job.locked_by <> start_agent_job.worker then
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
revoke execute on function codered.start_agent_job(uuid, text, integer) from public;
grant execute on function codered.start_agent_job(uuid, text, integer) to service_role;

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
  if job.status = 'running' and job.locked_by is distinct from report_job_progress.worker then
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
revoke execute on function codered.report_job_progress(uuid, text, double precision, integer) from public;
grant execute on function codered.report_job_progress(uuid, text, double precision, integer) to service_role;

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
  if job.locked_by is distinct from ask_job_questions.worker then
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
revoke execute on function codered.ask_job_questions(uuid, text, jsonb) from public;
grant execute on function codered.ask_job_questions(uuid, text, jsonb) to service_role;

create function codered.lock_own_job(job_id uuid)
returns codered.agent_jobs
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  select j.* into job
  from codered.agent_jobs j
  where j.id = lock_own_job.job_id
    and (not codered.is_member_call() or j.user_id = auth.uid() or codered.is_operator())
  for update;
  if not found then
    raise exception 'There is no job "%" of yours.', lock_own_job.job_id using errcode = 'CR004';
  end if;
  return job;
end
$$;
comment on function codered.lock_own_job(uuid) is
  'The caller''s own job (any, for the app and for an operator), locked for this transaction; CR004 otherwise. Called by functions that members write through.';
revoke execute on function codered.lock_own_job(uuid) from public;
grant execute on function codered.lock_own_job(uuid) to service_role;

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
  return '{"status": "running", "message": "The agent goes on with the answers."}';
exception
  when unique_violation then
    raise exception 'Another job of the key "%" is running; answer again when it is over.', job.dedupe_key using errcode = 'CR005';
end
$$;
comment on function codered.answer_job_questions(uuid, jsonb) is
  'Answers what is open of one''s own job with [{"question_id", "answer"}] and lets it run again, for any worker to take; returns {status, message}. Refuses CR002 (a question unknown, answered twice or left open), CR003 (it does not wait), CR004 (not one''s own), CR005 (another of its dedupe_key runs). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.answer_job_questions(uuid, jsonb) from public;
grant execute on function codered.answer_job_questions(uuid, jsonb) to authenticated, service_role;

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
  return jsonb_build_object('status', coalesce(job.status, 'cancelled'));
end
$$;
comment on function codered.cancel_job(uuid) is
  'Cancels one''s own job and returns {status}: cancelled at once when no worker has it; running while one has it, who is told at the next report_job_progress and stops. What a worker finishes before that counts as finished: the app''s own kinds (diagnose, report) take seconds and never ask. Twice is fine. Refuses CR003 (over already), CR004 (not one''s own). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.cancel_job(uuid) from public;
grant execute on function codered.cancel_job(uuid) to authenticated, service_role;

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
    'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'progress', j.progress,
    'result', j.result, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at
  ) || case when j.status <> 'waiting_for_input' then '{}' else jsonb_build_object('questions', (
    select coalesce(jsonb_agg(q.entry order by q.n), '[]')
    from jsonb_array_elements(j.questions) with ordinality as q (entry, n)
    where not exists (
      select from jsonb_array_elements(coalesce(j.answers, '[]')) as a (entry) where a.entry ->> 'question_id' = q.entry ->> 'id'
    )
  )) end
  into told
  from codered.agent_jobs j
  where j.id = read_job.job_id;
  if not found then
    raise exception 'There is no job "%" that you may see.', read_job.job_id using errcode = 'CR004';
  end if;
  return told;
end
$$;
comment on function codered.read_job(uuid) is
  'One job: {job_id, status, agent_type, project_id, progress, result, error, created_at, completed_at}, and while it waits questions, those that are open. CR004 when the policy of agent_jobs hides it.';
revoke execute on function codered.read_job(uuid) from public;
grant execute on function codered.read_job(uuid) to authenticated, service_role;

create function codered.list_jobs(project_id uuid, batch integer default 20, skip integer default 0)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  total bigint;
  items jsonb;
begin
  if coalesce(list_jobs.batch, 0) not between 1 and 100 then
    perform codered.refuse_value('batch', coalesce(list_jobs.batch::text, 'null'), '1 to 100');
  end if;
  if coalesce(list_jobs.skip, -1) < 0 then
    perform codered.refuse_value('skip', coalesce(list_jobs.skip::text, 'null'), '0 or more');
  end if;
  if not exists (select from codered.projects p where p.id = list_jobs.project_id) then
    raise exception 'There is no project "%" that you may see.', list_jobs.project_id using errcode = 'CR004';
  end if;
  select count(*) into total from codered.agent_jobs j where j.project_id = list_jobs.project_id;
  select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]') into items
  from (
    select j.created_at, j.id, jsonb_build_object(
      'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'progress', j.progress,
      'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at
    ) as item
    from codered.agent_jobs j
    where j.project_id = list_jobs.project_id
    order by j.created_at desc, j.id desc
    limit list_jobs.batch
    offset list_jobs.skip
  ) as page;
  return jsonb_build_object('items', items, 'total', total, 'has_more', list_jobs.skip::bigint + jsonb_array_length(items) < total);
end
$$;
comment on function codered.list_jobs(uuid, integer, integer) is
  'A page of the project''s jobs that the caller may see, newest first: {items, total, has_more}. An item is what read_job tells, without result and questions. Refuses CR002 (batch 1 to 100, skip 0 or more), CR004 (no such project).';
revoke execute on function codered.list_jobs(uuid, integer, integer) from public;
grant execute on function codered.list_jobs(uuid, integer, integer) to authenticated, service_role;
