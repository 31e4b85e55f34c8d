-- CI runs, jobs, deployments and the failures found in them. Old workers survive it.

create table codered.ci_events (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  provider text not null,
  workflow_name text not null,
  workflow_path text,
  run_id text not null,
  run_attempt integer not null default 1,
  branch text,
  head_repository_id bigint,
  commit_sha text not null,
  status text not null,
  conclusion text,
  trigger text not null,
  zones_touched text[],
  start_time timestamptz,
  end_time timestamptz,
  -- Another system may write any times between the years 1 and 9999 into its check run.
  duration_seconds integer generated always as
    (least(greatest(0, extract(epoch from end_time - start_time)), 2147483647)::integer) stored,
  pull_request_numbers integer[] not null default '{}',
  html_url text,
  actor text,
  summary text,
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ci_events_run_key unique (provider, repository_id, run_id, run_attempt),
  constraint ci_events_provider_check check (provider in ('github-actions', 'github-checks', 'github-status', 'other')),
  constraint ci_events_status_check check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
  constraint ci_events_trigger_check
    check (trigger in ('push', 'pull_request', 'manual', 'schedule', 'merge_group', 'other')),
  constraint ci_events_run_attempt_check check (run_attempt >= 1),
  constraint ci_events_summary_length check (char_length(summary) <= 4000)
);
create index ci_events_project_id_idx on codered.ci_events (project_id, start_time desc);
create index ci_events_commit_sha_idx on codered.ci_events (repository_id, commit_sha);
create index ci_events_branch_idx on codered.ci_events (repository_id, branch, start_time desc);
alter table codered.ci_events enable row level security;
create trigger ci_events_touch before update on codered.ci_events
  for each row execute function codered.touch_updated_at();
comment on table codered.ci_events is
  'One attempt of a workflow run, or one check run or commit status of another CI system. A re-run is a new row.';
comment on column codered.ci_events.run_id is 'GitHub''s run id; the check run''s id; "<sha>:<context>" for a commit status.';
comment on column codered.ci_events.conclusion is 'GitHub''s own word; status is what we make of it.';
comment on column codered.ci_events.summary is 'What another CI system says in its check''s output or status'' description.';
comment on column codered.ci_events.source_updated_at is 'GitHub''s own time of the state told; -infinity for a row that was only mentioned (by a job).';

create table codered.ci_jobs (
  id uuid primary key default gen_random_uuid(),
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  job_id bigint not null,
  name text not null,
  status text not null,
  conclusion text,
  runner_name text,
  labels text[] not null default '{}',
  started_at timestamptz,
  completed_at timestamptz,
  steps jsonb not null default '[]',
  html_url text,
  log_state text not null default 'none',
  source_updated_at timestamptz not null,
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ci_jobs_job_id_key unique (job_id),
  constraint ci_jobs_status_check check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
  constraint ci_jobs_log_state_check check (log_state in ('none', 'fetched', 'missing', 'expired'))
);
create index ci_jobs_ci_event_id_idx on codered.ci_jobs (ci_event_id);
alter table codered.ci_jobs enable row level security;
create trigger ci_jobs_touch before update on codered.ci_jobs
  for each row execute function codered.touch_updated_at();
comment on table codered.ci_jobs is 'A job of one attempt. Its id is never reused, so attempts keep their own jobs.';
comment on column codered.ci_jobs.log_state is 'Written by the diagnosis: missing is a log GitHub never had, expired one past its retention.';

create table codered.deployments (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  provider text not null,
  environment text not null,
  environment_name text not null,
  deployment_id text not null,
  ci_event_id uuid references codered.ci_events (id) on delete set null,
  run_id text,
  run_attempt integer,
  status text not null default 'pending',
  url text,
  commit_sha text not null,
  ref text not null,
  creator text,
  started_at timestamptz not null,
  finished_at timestamptz,
  is_current boolean not null default false,
  source_updated_at timestamptz not null,
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint deployments_deployment_key unique (provider, repository_id, deployment_id),
  constraint deployments_provider_check check (provider in ('vercel', 'github', 'other')),
  constraint deployments_environment_check check (environment in ('dev', 'staging', 'prod')),
  constraint deployments_status_check check (status in ('pending', 'running', 'succeeded', 'failed', 'rolled_back'))
);
create index deployments_project_id_idx on codered.deployments (project_id, started_at desc);
create index deployments_commit_sha_idx on codered.deployments (repository_id, commit_sha);
create index deployments_environment_idx on codered.deployments (repository_id, environment_name, finished_at desc);
create index deployments_ci_event_id_idx on codered.deployments (ci_event_id);
create index deployments_run_id_idx on codered.deployments (repository_id, run_id) where ci_event_id is null and run_id is not null;
alter table codered.deployments enable row level security;
create trigger deployments_touch before update on codered.deployments
  for each row execute function codered.touch_updated_at();
comment on table codered.deployments is 'A deployment; its status follows from deployment_statuses, whatever order they come in.';
comment on column codered.deployments.environment_name is 'GitHub''s own name; environment is what the project''s rules make of it.';
comment on column codered.deployments.run_id is 'The Actions run that deploys; ci_event_id is filled when that run is known.';
comment on column codered.deployments.finished_at is 'The first final status.';
comment on column codered.deployments.is_current is
  'The newest success of its repository and environment; GitHub sends nothing when a deployment becomes inactive, so we work it out.';

create table codered.deployment_statuses (
  id uuid primary key default gen_random_uuid(),
  deployment_id uuid not null references codered.deployments (id) on delete cascade,
  status_id bigint not null,
  state text not null,
  environment text not null,
  environment_url text,
  log_url text,
  description text not null default '',
  creator text,
  created_at timestamptz not null,
  constraint deployment_statuses_status_id_key unique (status_id)
);
create index deployment_statuses_deployment_id_idx on codered.deployment_statuses (deployment_id, created_at desc);
alter table codered.deployment_statuses enable row level security;
comment on table codered.deployment_statuses is 'Every status of every deployment, as GitHub told it; append-only.';
comment on column codered.deployment_statuses.created_at is 'GitHub''s time, not ours.';

create table codered.errors (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  source text not null,
  ci_event_id uuid references codered.ci_events (id) on delete cascade,
  ci_job_id uuid references codered.ci_jobs (id) on delete cascade,
  deployment_id uuid references codered.deployments (id) on delete cascade,
  agent_run_id uuid,
  error_code text,
  message text not null,
  details text,
  severity text not null default 'error',
  fingerprint text not null,
  verdict text not null default 'unknown',
  verdict_reason text,
  excerpt text,
  excerpt_first_line integer,
  excerpt_last_line integer,
  line_number integer,
  step_first_line integer,
  file_path text,
  line integer,
  first_seen_at timestamptz not null default now(),
  occurrences integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint errors_failure_key unique nulls not distinct
    (project_id, source, ci_job_id, ci_event_id, deployment_id, agent_run_id, fingerprint),
  constraint errors_source_check check (source in ('ci', 'deployment', 'agent', 'runtime')),
  constraint errors_severity_check check (severity in ('info', 'warning', 'error', 'critical')),
  constraint errors_verdict_check
    check (verdict in ('new', 'flaky', 'broken_base', 'infra', 'collateral', 'unknown')),
  constraint errors_excerpt_bytes check (octet_length(excerpt) <= 4096),
  constraint errors_message_length check (char_length(message) <= 4096)
);
create index errors_project_id_idx on codered.errors (project_id, created_at desc);
create index errors_fingerprint_idx on codered.errors (project_id, fingerprint, created_at desc);
create index errors_ci_event_id_idx on codered.errors (ci_event_id);
create index errors_ci_job_id_idx on codered.errors (ci_job_id);
create index errors_deployment_id_idx on codered.errors (deployment_id);
alter table codered.errors enable row level security;
create trigger errors_touch before update on codered.errors
  for each row execute function codered.touch_updated_at();
comment on table codered.errors is
  'One row per failed job, deployment or agent run and fingerprint. Judgement lives here, never on ci_jobs, so that a late event cannot wipe it.';
comment on column codered.errors.agent_run_id is 'The agent run that failed.';
comment on column codered.errors.details is 'What could not be had or done while diagnosing, in words.';
comment on column codered.errors.excerpt is 'The lines that prove it, redacted, at most 4 KB; outlives GitHub''s log retention.';
comment on column codered.errors.line_number is '1-based line of the raw log that the primary match stands on.';
comment on column codered.errors.step_first_line is 'The raw log''s line on which the failed step begins.';
comment on column codered.errors.line is '1-based line of file_path in the repository.';

create table codered.test_results (
  id uuid primary key default gen_random_uuid(),
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  ci_job_id uuid references codered.ci_jobs (id) on delete cascade,
  artifact_id uuid,
  commit_sha text not null,
  run_attempt integer not null,
  suite text not null,
  name text not null,
  file_path text,
  status text not null,
  duration_ms integer,
  message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint test_results_status_check check (status in ('passed', 'failed', 'skipped', 'errored')),
  constraint test_results_duration_check check (duration_ms >= 0)
);
create index test_results_test_idx on codered.test_results (repository_id, suite, name, created_at desc);
create index test_results_ci_event_id_idx on codered.test_results (ci_event_id);
create index test_results_ci_job_id_idx on codered.test_results (ci_job_id);
alter table codered.test_results enable row level security;
create trigger test_results_touch before update on codered.test_results
  for each row execute function codered.touch_updated_at();
comment on table codered.test_results is 'A test is (repository_id, suite, name); each result adds the job or the artifact it was read from.';
