-- The work that deliveries leave behind, and the history of what happened. Old workers survive it.

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
  constraint agent_jobs_status_check
    check (status in ('queued', 'running', 'completed', 'failed', 'waiting_for_input', 'cancelled')),
  constraint agent_jobs_progress_check check (progress between 0 and 100)
);
create index agent_jobs_project_id_idx on codered.agent_jobs (project_id, created_at desc);
create index agent_jobs_user_id_idx on codered.agent_jobs (user_id);
create index agent_jobs_parent_job_id_idx on codered.agent_jobs (parent_job_id);
create index agent_jobs_due_idx on codered.agent_jobs (run_after) where status in ('queued', 'running');
create index agent_jobs_dedupe_key_idx on codered.agent_jobs (dedupe_key);
create unique index agent_jobs_queued_key on codered.agent_jobs (dedupe_key) where status = 'queued';
alter table codered.agent_jobs enable row level security;
comment on table codered.agent_jobs is 'Work to be done once: the app''s own follow-ups (diagnose, report) and agents'' jobs.';
comment on column codered.agent_jobs.dedupe_key is 'At most one job of a key is queued, and at most one runs.';
comment on column codered.agent_jobs.run_after is 'When it may be claimed; while it runs, when the lease ends.';

create function codered.stamp_agent_job()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  if new.status = 'running' and old.status is distinct from 'running' then
    new.started_at := coalesce(new.started_at, now());
  end if;
  if new.status in ('completed', 'failed', 'cancelled') and old.status is distinct from new.status then
    new.completed_at := now();
  end if;
  return new;
end
$$;
comment on function codered.stamp_agent_job() is 'Keeps updated_at, started_at and completed_at of a job.';
create trigger agent_jobs_stamp before update on codered.agent_jobs
  for each row execute function codered.stamp_agent_job();

create table codered.events (
  id bigint generated always as identity,
  project_id uuid,
  run_id uuid,
  task_id uuid,
  user_id uuid,
  event_type text not null,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (id, created_at),
  constraint events_event_type_length check (char_length(event_type) between 1 and 200)
) partition by range (created_at);
create table codered.events_other partition of codered.events default;
create index events_project_id_idx on codered.events (project_id, created_at desc);
create index events_run_id_idx on codered.events (run_id);
create index events_task_id_idx on codered.events (task_id);
create index events_user_id_idx on codered.events (user_id);
create index events_created_at_idx on codered.events (created_at desc);
alter table codered.events enable row level security;
alter table codered.events_other enable row level security;
comment on table codered.events is 'What happened, append-only. Plain ids without foreign keys: history outlives what it tells of.';
comment on table codered.events_other is 'The events of months that have no partition of their own.';

create function codered.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception 'Rows of % are history: they can be added, never changed or deleted.', tg_table_name
    using errcode = 'CR001';
end
$$;
comment on function codered.refuse_change() is 'Refuses UPDATE and DELETE on append-only tables, for every role.';
create trigger events_append_only before update or delete on codered.events
  for each row execute function codered.refuse_change();
create trigger deployment_statuses_append_only before update on codered.deployment_statuses
  for each row execute function codered.refuse_change();
