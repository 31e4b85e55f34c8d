-- The jobs of people and agents, the functions that workers of before follow_ups call, and the leases of all queues.

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
revoke execute on function codered.accept_questions from public;
grant execute on function codered.accept_questions to authenticated, service_role;

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
revoke execute on function codered.accept_answers from public;
grant execute on function codered.accept_answers to authenticated, service_role;

create table codered.agent_jobs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  user_id uuid references codered.profiles (id) on delete set null,
  parent_job_id uuid references codered.agent_jobs (id) on delete set null,
  agent_type text not null,
  status text not null default 'queued',
  progress double precision not null default 0,
  input jsonb not null default '{}',
  result jsonb,
  error text,
  questions jsonb,
  answers jsonb,
  celery_task_id text,
  dedupe_key text,
  run_after timestamptz not null default now(),
  attempts integer not null default 0,
  locked_by text,
  locked_until timestamptz,
  cancel_requested_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  interruptions integer not null default 0,
  is_apps boolean not null,
  claim_number bigint not null default 0,
  claimed_at timestamptz,
  claimed_by uuid references codered.profiles (id) on delete set null,
  max_attempts integer not null default 3,
  progress_note text,
  finishing_hash text,
  finishing_answer jsonb,
  releases integer not null default 0,
  constraint agent_jobs_status_check check (
    status in ('queued', 'running', 'completed', 'failed', 'waiting_for_input', 'cancelled')
    or codered.refuse_value('agent_jobs.status', status, 'queued, running, completed, failed, waiting_for_input, cancelled')
  ),
  constraint agent_jobs_progress_check check (progress between 0 and 100 or codered.refuse_value('agent_jobs.progress', progress, '0 to 100')),
  constraint agent_jobs_agent_type_check check (
    agent_type in ('research', 'wireframe', 'code', 'qa', 'pedagogy', 'roadmap', 'backfill', 'plan_sprint', 'embed', 'pipeline')
    or codered.refuse_value('agent_jobs.agent_type', agent_type,
      'research, wireframe, code, qa, pedagogy, roadmap, backfill, plan_sprint, embed, pipeline')),
  constraint agent_jobs_input_check check (jsonb_typeof(input) = 'object' or codered.refuse_value('agent_jobs.input', input, 'a JSON object')),
  constraint agent_jobs_input_bytes
    check (octet_length(input::text) <= 1048576 or codered.refuse_value('agent_jobs.input', octet_length(input::text), 'at most 1048576 bytes')),
  constraint agent_jobs_result_bytes
    check (octet_length(result::text) <= 8388608 or codered.refuse_value('agent_jobs.result', octet_length(result::text), 'at most 8388608 bytes')),
  constraint agent_jobs_error_length
    check (char_length(error) <= 20000 or codered.refuse_value('agent_jobs.error', error, 'at most 20000 characters')),
  constraint agent_jobs_questions_check check (codered.accept_questions('agent_jobs.questions', questions)),
  constraint agent_jobs_questions_bytes check (
    octet_length(questions::text) <= 262144 or codered.refuse_value('agent_jobs.questions', octet_length(questions::text), 'at most 262144 bytes')),
  constraint agent_jobs_answers_check check (codered.accept_answers('agent_jobs.answers', answers, questions)),
  constraint agent_jobs_answers_bytes check (
    octet_length(answers::text) <= 262144 or codered.refuse_value('agent_jobs.answers', octet_length(answers::text), 'at most 262144 bytes')),
  constraint agent_jobs_locked_by_length
    check (char_length(locked_by) between 1 and 200 or codered.refuse_value('agent_jobs.locked_by', locked_by, '1 to 200 characters')),
  constraint agent_jobs_started_at_check check (status not in ('running', 'waiting_for_input', 'completed') or started_at is not null),
  constraint agent_jobs_completed_at_check check ((completed_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  constraint agent_jobs_interruptions_check check (interruptions >= 0),
  constraint agent_jobs_max_attempts_check
    check (max_attempts between 1 and 20 or codered.refuse_value('agent_jobs.max_attempts', max_attempts, '1 to 20')),
  constraint agent_jobs_progress_note_length check (
    char_length(progress_note) <= 2000 or codered.refuse_value('agent_jobs.progress_note', progress_note, 'at most 2000 characters')),
  constraint agent_jobs_finishing_hash_check check (finishing_hash ~ '^[0-9a-f]{64}$'),
  constraint agent_jobs_releases_check check (releases >= 0),
  -- These steps of the app's own are follow_ups: what a statement of before still brings is refused, and comes again.
  constraint agent_jobs_follow_ups_check check (
    not is_apps or dedupe_key is null
    or case agent_type
      when 'plan_sprint' then not input ?& '{repository_id,sha,paths}'
      when 'pipeline' then input ->> 'kind' is null or input ->> 'kind' not in ('command', 'bypasses', 'protection')
      else true
    end
  )
);
comment on table codered.agent_jobs is 'Work to be done once that people and agents queue. The app''s own work is follow_ups.';
comment on column codered.agent_jobs.user_id is 'Whose job it is; null for the app''s own work, which the project''s members see.';
comment on column codered.agent_jobs.progress is '0 to 100; never falls, 100 once completed.';
comment on column codered.agent_jobs.questions is 'All that was asked: [{"id", "question", "options"?}]; what has no answer yet is open.';
comment on column codered.agent_jobs.answers is 'All that was answered: [{"question_id", "answer"}].';
comment on column codered.agent_jobs.celery_task_id is 'What an outside runner calls it.';
comment on column codered.agent_jobs.dedupe_key is 'At most one job of a key is queued, and at most one runs.';
comment on column codered.agent_jobs.run_after is 'When it may be claimed; while it runs, when the lease ends.';
comment on column codered.agent_jobs.cancel_requested_at is
  'Somebody wants it to stop: whoever works on it hears so at the next report_job_progress, and it is not queued again.';
comment on column codered.agent_jobs.started_at is 'Kept by trigger: when it was started first.';
comment on column codered.agent_jobs.completed_at is 'Kept by trigger: when it was completed, failed or cancelled.';
comment on column codered.agent_jobs.interruptions is 'How often whoever worked on it was gone before it was done; these are no tries.';
comment on column codered.agent_jobs.is_apps is
  'Whether it is the app''s own, which every member of the organisation may read. Said when it is made; a person who is deleted leaves false.';
comment on column codered.agent_jobs.attempts is 'How often a worker began it; what waits for an answer, and what was answered, is no attempt more.';
comment on column codered.agent_jobs.claim_number is
  'Rises whenever a worker takes it: what keeps, asks, completes and fails it names the number, and an older one changes nothing.';
comment on column codered.agent_jobs.claimed_at is 'When it was taken under that number; null: by start_agent_job, for which the worker''s name counts.';
comment on column codered.agent_jobs.claimed_by is 'Whose worker took it.';
comment on column codered.agent_jobs.max_attempts is 'After so many it has failed.';
comment on column codered.agent_jobs.progress_note is 'What the worker said of it last, without secrets.';
comment on column codered.agent_jobs.finishing_hash is 'SHA-256 of how the claim ended: the same again is answered as it was then.';
comment on column codered.agent_jobs.finishing_answer is 'What was answered to that.';
comment on column codered.agent_jobs.releases is 'How often a worker that had to end gave it back without an attempt being spent.';
create index agent_jobs_project_id_idx on codered.agent_jobs (project_id, created_at desc);
create index agent_jobs_user_id_idx on codered.agent_jobs (user_id);
create index agent_jobs_parent_job_id_idx on codered.agent_jobs (parent_job_id);
-- A person's page of a project's jobs, of which most may be others'; and how long the last ones of a type took.
create index agent_jobs_project_user_idx on codered.agent_jobs (project_id, user_id, created_at desc, id desc);
create index agent_jobs_project_type_idx on codered.agent_jobs (project_id, agent_type, user_id, completed_at desc) where status = 'completed';
create index agent_jobs_user_type_idx on codered.agent_jobs (user_id, agent_type, completed_at desc) where status = 'completed';
create index agent_jobs_due_idx on codered.agent_jobs (run_after) where status in ('queued', 'running');
-- What can be taken in a project, and whose turn it is among projects.
create index agent_jobs_claimable_idx on codered.agent_jobs (project_id, run_after) where status in ('queued', 'running');
create index agent_jobs_claimed_at_idx on codered.agent_jobs (project_id, claimed_at) where claimed_at is not null;
create index agent_jobs_claimed_by_idx on codered.agent_jobs (claimed_by);
-- Leases that have ended (end_lapsed_work).
create index agent_jobs_locked_until_idx on codered.agent_jobs (locked_until) where status = 'running';
create index agent_jobs_dedupe_key_idx on codered.agent_jobs (dedupe_key);
create unique index agent_jobs_queued_key on codered.agent_jobs (dedupe_key) where status = 'queued';
-- What claim_jobs sees to is certain with this, whoever starts the work.
create unique index agent_jobs_running_key on codered.agent_jobs (dedupe_key) where status = 'running';
alter table codered.agent_jobs enable row level security;
create policy agent_jobs_read on codered.agent_jobs for select to authenticated using (
  (select codered.is_operator())
  -- Also of their own jobs in a project that they may no longer see, nothing.
  or (
    (project_id in (select codered.my_projects()) or (project_id is null and user_id = (select auth.uid())))
    and (is_apps or user_id = (select auth.uid()))
    and (input ->> 'repository_id' is null or input ->> 'repository_id' in (select r.id::text from codered.repositories r))
  )
);
grant select on codered.agent_jobs to authenticated;
grant select, insert, update, delete on codered.agent_jobs to service_role;
create trigger agent_jobs_same_project before insert or update of project_id, parent_job_id on codered.agent_jobs
  for each row execute function codered.refuse_foreign_project('parent_job_id:agent_jobs');

create function codered.stamp_agent_job()
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
revoke execute on function codered.stamp_agent_job from public;
grant execute on function codered.stamp_agent_job to service_role;

create trigger agent_jobs_stamp before update on codered.agent_jobs
  for each row execute function codered.stamp_agent_job();

create trigger agent_jobs_stamp_new before insert on codered.agent_jobs
  for each row execute function codered.stamp_agent_job();

create function codered.append_job_event()
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
      when old.claim_number is distinct from new.claim_number then 'job.claimed'
      else 'job.cancel_requested'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'id', new.id, 'name', new.agent_type, 'status', new.status, 'parent_job_id', new.parent_job_id,
      'attempt', nullif(new.attempts, 0),
      'changed', case
        when tg_op = 'UPDATE' and old.status is distinct from new.status
          then jsonb_build_object('status', jsonb_build_array(old.status, new.status)) end)));
  return null;
end
$$;
comment on function codered.append_job_event() is
  'Tells the project''s timeline that a job was made, was taken, changed its status or was asked to stop: its type, status and attempt alone, as input, questions and result are nobody''s to read but its owner''s. Security definer, because events of these types are nobody''s to write.';
revoke execute on function codered.append_job_event from public;

create trigger agent_jobs_events_new after insert on codered.agent_jobs
  for each row execute function codered.append_job_event();
create trigger agent_jobs_events after update on codered.agent_jobs
  for each row when (
    old.status is distinct from new.status or old.claim_number is distinct from new.claim_number
    or (old.cancel_requested_at is null and new.cancel_requested_at is not null))
  execute function codered.append_job_event();

create function codered.follow_pipeline()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  steps constant text[] := codered.pipeline_steps();
  place constant integer := array_position(steps, new.agent_type);
  pipeline codered.agent_jobs;
begin
  select p.* into pipeline
  from codered.agent_jobs p
  where p.id = new.parent_job_id and p.agent_type = 'pipeline' and p.status in ('queued', 'running')
    and p.user_id is not distinct from new.user_id
  for update;
  if not found or place is null then
    return null;
  end if;
  if new.status <> 'completed' then
    update codered.agent_jobs p
    set
      status = new.status,
      error = case when new.status = 'failed'
        then left(format('The step "%s" failed: %s', new.agent_type, coalesce(new.error, 'nobody said why')), 20000) end
    where p.id = pipeline.id;
    return null;
  end if;
  update codered.agent_jobs p
  set status = 'running', progress = 100.0 * place / cardinality(steps)
  where p.id = pipeline.id;
  if place = cardinality(steps) then
    update codered.agent_jobs p
    set status = 'completed', error = null, result = (
      select jsonb_object_agg(c.agent_type, c.id)
      from codered.agent_jobs c
      where c.parent_job_id = pipeline.id and c.status = 'completed' and c.agent_type = any (steps)
    )
    where p.id = pipeline.id;
  elsif not exists (
    select from codered.agent_jobs c where c.parent_job_id = pipeline.id and c.agent_type = steps[place + 1]
  ) then
    insert into codered.agent_jobs (project_id, user_id, parent_job_id, agent_type, input, is_apps, max_attempts)
    values (
      pipeline.project_id, pipeline.user_id, pipeline.id, steps[place + 1], pipeline.input, pipeline.is_apps, pipeline.max_attempts);
  end if;
  return null;
end
$$;
comment on function codered.follow_pipeline() is
  'What becomes of a pipeline when one of its steps is over: the next step is queued once, with the pipeline''s input, whoever finished the one before; after the last one it is completed, its result being the jobs of its steps; it fails or is cancelled with a step. A pipeline that is over queues nothing.';
revoke execute on function codered.follow_pipeline from public;

create trigger agent_jobs_pipeline after update on codered.agent_jobs
  for each row when (
    new.parent_job_id is not null and old.status is distinct from new.status and new.status in ('completed', 'failed', 'cancelled'))
  execute function codered.follow_pipeline();

create function codered.queue_job(project_id uuid, agent_type text, input jsonb, dedupe_key text, delay interval default '0')
returns void
language sql
set search_path = ''
as $$
  insert into codered.agent_jobs as j (project_id, agent_type, input, dedupe_key, run_after)
  values (queue_job.project_id, queue_job.agent_type, queue_job.input, queue_job.dedupe_key, now() + queue_job.delay)
  on conflict (dedupe_key) where status = 'queued' do update
    set input = j.input || excluded.input, run_after = least(j.run_after, excluded.run_after)
    where j.input is distinct from j.input || excluded.input or j.run_after > excluded.run_after
$$;
comment on function codered.queue_job(uuid, text, jsonb, text, interval) is
  'Queues a job for an agent, or adds to an equal one that is queued already.';
revoke execute on function codered.queue_job from public;
grant execute on function codered.queue_job to service_role;

-- What is here for workers of before follow_ups, which may go on beside new ones while a deployment is upgraded: claim_jobs; in
-- complete_job, retry_job and fail_job the statement on follow_ups; claims that are null in renew_leases, and likewise worker and claim in
-- the functions that close a delivery or a publication; and of agent_jobs the constraint agent_jobs_follow_ups_check. It can go with the
-- first migration of a release that may not be reached from before 20261130220000 without stopping every worker: from then on no such worker runs.
create function codered.claim_jobs(worker text, batch integer, lease_seconds integer)
returns table (id uuid, agent_type text, input jsonb, attempts integer)
language sql
set search_path = ''
as $$
  select c.id, case when c.kind in ('command', 'bypasses', 'protection') then 'pipeline' else c.kind end, c.input, c.attempts
  from codered.claim_follow_ups(claim_jobs.worker, claim_jobs.batch, claim_jobs.lease_seconds) c
$$;
comment on function codered.claim_jobs(text, integer, integer) is
  'claim_follow_ups as workers of before that table call it, which tell the steps of "pipeline" apart by input.kind. Goes when they are gone.';
revoke execute on function codered.claim_jobs from public;
grant execute on function codered.claim_jobs to service_role;

create function codered.complete_job(id uuid, worker text, result jsonb default null)
returns void
language sql
set search_path = ''
as $$
  update codered.follow_ups f
  set status = 'completed', result = complete_job.result, error = null
  where f.id = complete_job.id and f.locked_by = complete_job.worker and f.status = 'running';
  update codered.agent_jobs j
  set status = 'completed', progress = 100, result = complete_job.result, error = null, locked_by = null, locked_until = null
  where j.id = complete_job.id and j.locked_by = complete_job.worker and j.status = 'running' and j.claimed_at is null
$$;
comment on function codered.complete_job(uuid, text, jsonb) is
  'Closes a job that was done; nothing when another worker has taken it meanwhile, or when it was taken under a number (complete_work). A worker of before follow_ups closes those by it.';
revoke execute on function codered.complete_job from public;
grant execute on function codered.complete_job to service_role;

create function codered.retry_job(id uuid, worker text, error text, delay_ms integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.agent_jobs;
begin
  perform codered.postpone_follow_up(f.id, f.claim, retry_job.error, retry_job.delay_ms)
  from codered.follow_ups f
  where f.id = retry_job.id and f.locked_by = retry_job.worker;
  select j.* into mine
  from codered.agent_jobs j
  where j.id = retry_job.id and j.locked_by = retry_job.worker and j.status = 'running' and j.claimed_at is null
  for update;
  if not found then
    return;
  end if;
  if exists (
    select 1 from codered.agent_jobs j where j.dedupe_key = mine.dedupe_key and j.status = 'queued'
  ) then
    update codered.agent_jobs j
    set status = 'completed', error = left(retry_job.error, 4000), result = '{"gave_way": true}', locked_by = null, locked_until = null
    where j.id = mine.id;
    return;
  end if;
  update codered.agent_jobs j
  set
    status = 'queued',
    error = left(retry_job.error, 4000),
    run_after = now() + make_interval(secs => retry_job.delay_ms / 1000.0),
    locked_by = null,
    locked_until = null
  where j.id = mine.id;
exception
  when unique_violation then
    -- An equal one was queued between the look and the update: that one does the work.
    update codered.agent_jobs j
    set status = 'completed', error = left(retry_job.error, 4000), result = '{"gave_way": true}', locked_by = null, locked_until = null
    where j.id = retry_job.id;
end
$$;
comment on function codered.retry_job(uuid, text, text, integer) is
  'Queues a job again after a pause; gives way to an equal one that is queued already. A worker of before follow_ups puts those off by it.';
revoke execute on function codered.retry_job from public;
grant execute on function codered.retry_job to service_role;

create function codered.fail_job(id uuid, worker text, error text)
returns void
language sql
set search_path = ''
as $$
  update codered.follow_ups f
  set status = 'failed', error = left(fail_job.error, 4000)
  where f.id = fail_job.id and f.locked_by = fail_job.worker and f.status = 'running';
  update codered.agent_jobs j
  set status = 'failed', error = left(fail_job.error, 4000), locked_by = null, locked_until = null
  where j.id = fail_job.id and j.locked_by = fail_job.worker and j.status = 'running' and j.claimed_at is null
$$;
comment on function codered.fail_job(uuid, text, text) is
  'Gives a job up, with the reason. A worker of before follow_ups gives those up by it.';
revoke execute on function codered.fail_job from public;
grant execute on function codered.fail_job to service_role;

create function codered.renew_leases(
  worker text, lease_seconds integer, guids text[], jobs uuid[], publications uuid[], claims bigint[] default null
)
returns integer
language sql
set search_path = ''
as $$
  with lease as (
    select now() + make_interval(secs => renew_leases.lease_seconds) as ends
  ), deliveries as (
    update codered.webhook_deliveries w
    set locked_until = l.ends, available_at = l.ends
    from lease l
    where w.guid = any (renew_leases.guids) and w.locked_by = renew_leases.worker and w.status = 'processing'
      and (renew_leases.claims is null or w.claim = any (renew_leases.claims))
    returning 1
  ), follow_ups as (
    update codered.follow_ups f
    set locked_until = l.ends, run_after = l.ends
    from lease l
    where f.id = any (renew_leases.jobs) and f.locked_by = renew_leases.worker and f.status = 'running'
      and (renew_leases.claims is null or f.claim = any (renew_leases.claims))
    returning 1
  ), writes as (
    update codered.publications p
    set locked_until = l.ends
    from lease l
    where p.id = any (renew_leases.publications) and p.locked_by = renew_leases.worker
      and (renew_leases.claims is null or p.claim = any (renew_leases.claims))
    returning 1
  )
  select ((select count(*) from deliveries) + (select count(*) from follow_ups) + (select count(*) from writes))::integer
$$;
comment on function codered.renew_leases(text, integer, text[], uuid[], uuid[], bigint[]) is
  'Holds on to what a worker is still at work on (deliveries, follow-ups, publications; claims: the numbers under which it has them); returns how many of them it still had.';
revoke execute on function codered.renew_leases from public;
grant execute on function codered.renew_leases to service_role;

create function codered.release_leases()
returns integer
language sql
set search_path = ''
as $$
  with deliveries as (
    update codered.webhook_deliveries w
    set locked_until = now(), available_at = now()
    where w.status = 'processing'
    returning 1
  ), follow_ups as (
    update codered.follow_ups f
    set locked_until = now(), run_after = now()
    where f.status = 'running'
    returning 1
  ), writes as (
    update codered.publications p set locked_until = now() where p.locked_until > now() returning 1
  ), chores as (
    update codered.chores c set locked_until = now() where c.locked_until > now()
  )
  select ((select count(*) from deliveries) + (select count(*) from follow_ups) + (select count(*) from writes))::integer
$$;
comment on function codered.release_leases() is
  'Gives up every lease, whoever holds it: for the start of a process that has the database to itself, so that what its predecessor was killed at goes on at once.';
revoke execute on function codered.release_leases from public;
grant execute on function codered.release_leases to service_role;

create function codered.queue_status()
returns table (queue text, kind text, waiting bigint, running bigint, dead bigint, oldest_seconds double precision)
language sql
stable
set search_path = ''
as $$
  with rows_of (queue, kind, is_running, due_at, is_dead) as (
    select 'deliveries', 'webhook', w.status = 'processing', w.available_at, false
    from codered.webhook_deliveries w
    where w.status in ('pending', 'processing', 'failed')
    union all
    select 'deliveries', 'webhook', false, null, true from codered.webhook_deliveries w where w.status = 'dead'
    union all
    select 'follow_ups', f.kind, f.status = 'running', f.run_after, false
    from codered.follow_ups f
    where f.status in ('queued', 'running')
    union all
    select 'follow_ups', f.kind, false, null, true from codered.follow_ups f where f.status = 'failed' and codered.is_given_up(f)
    union all
    select 'publications', p.kind, coalesce(p.locked_until > now(), false), greatest(p.available_at, p.locked_until), p.available_at = 'infinity'
    from codered.publications p
    where p.is_due
  )
  select
    k.queue, k.kind,
    count(*) filter (where r.due_at <= now()),
    count(*) filter (where r.is_running and r.due_at > now()),
    count(*) filter (where r.is_dead),
    coalesce(extract(epoch from now() - min(r.due_at) filter (where r.due_at <= now())), 0)::double precision
  from (
    values
      ('deliveries', 'webhook'), ('follow_ups', 'diagnose'), ('follow_ups', 'artifacts'), ('follow_ups', 'report'),
      ('follow_ups', 'plan_sprint'), ('follow_ups', 'command'), ('follow_ups', 'bypasses'), ('follow_ups', 'protection'),
      ('publications', 'comment'), ('publications', 'check_run')
  ) as k (queue, kind)
  left join rows_of r on r.queue = k.queue and r.kind = k.kind
  group by k.queue, k.kind
  order by k.queue, k.kind
$$;
comment on function codered.queue_status() is
  'The three queues by kind. waiting: due, and no worker has it (also what one died at, once its lease has ended); running: a worker has it; dead: given up, and not done since; oldest_seconds: for how long the oldest that waits has been due, 0 when none does. What is planned for later is in none of them.';
revoke execute on function codered.queue_status from public;
grant execute on function codered.queue_status to service_role;

create function codered.steps_of_jobs(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  -- What the runner puts around a job's own steps says nothing of it. A policy looks at few jobs, but nobody knows at which.
  select coalesce(json_agg(json_build_object('url', t.html_url, 'steps', t.steps) order by t.html_url), '[]')
  from (
    select
      j.html_url,
      (
        select json_agg(json_build_object('name', left(s.value ->> 'name', 200), 'conclusion', s.value ->> 'conclusion') order by s.place)
        from jsonb_array_elements(j.steps) with ordinality as s (value, place)
        where s.place <= 60
          and s.value ->> 'name' not in ('Set up job', 'Complete job')
          and s.value ->> 'name' not like 'Post %'
      ) as steps
    from codered.current_runs(steps_of_jobs.repository_id, steps_of_jobs.sha) as r
    cross join lateral codered.jobs_of_run(r.repository_id, r.run_id) as o
    join codered.ci_jobs j on j.id = o.id
    where r.provider = 'github-actions' and o.covered_by is null and j.html_url is not null and j.steps <> '[]'
    order by j.html_url
    limit 2000
  ) as t
  where t.steps is not null
$$;
comment on function codered.steps_of_jobs(bigint, text) is
  'The own steps of the jobs that count for a commit, each in its newest attempt: [{url, steps: [{name, conclusion}]}], by the job''s address.';
revoke execute on function codered.steps_of_jobs from public;
grant execute on function codered.steps_of_jobs to service_role;

create function codered.keep_owner_kind()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.is_apps := coalesce(new.is_apps, new.user_id is null);
  else
    new.is_apps := old.is_apps;
  end if;
  return new;
end
$$;
comment on function codered.keep_owner_kind() is
  'Says of a new run or job whether it is the app''s own, unless it says so itself: whether it is made for nobody. It never changes.';
revoke execute on function codered.keep_owner_kind from public;

create trigger agent_jobs_owner_kind before insert or update of is_apps on codered.agent_jobs
  for each row execute function codered.keep_owner_kind();
