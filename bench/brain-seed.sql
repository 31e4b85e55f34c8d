-- Fills a migrated, empty brain as twelve months of 20 organisations would have; bench/fill-brain.ts runs it, step by step, as
-- a superuser, without triggers and without secondary indexes; what is "beside the others" on a second connection. The same rows
-- every time, but for the clock: what is drawn by lot comes out of a hash of the row's number.
--
-- Four commits make a group: three of a pull request (the third is its head) and the merge. Each commit has four workflow runs.

-- Step before the others: functions
create schema bench;
create function bench.lot(number bigint, salt integer) returns float8 language sql immutable parallel safe
  return (hashint8extended(number, salt) & 2147483647) / 2147483648::float8;
create function bench.id(kind text, number bigint) returns uuid language sql immutable parallel safe
  return md5(kind || number::text)::uuid;
create function bench.sha(commit bigint) returns text language sql immutable parallel safe
  return md5('commit' || commit::text) || left(md5('sha' || commit::text), 8);
-- A growing company: the younger, the denser.
create function bench.at(share float8) returns timestamptz language sql stable parallel safe
  return date_trunc('hour', now()) - interval '1 hour' - interval '365 days' * (1 - power(share, 0.8));
-- A few projects are busy, most are not.
create function bench.project(number bigint) returns integer language sql immutable parallel safe
  return 1 + floor(200 * power(bench.lot(number, 7), 1.5))::integer;
create function bench.repository(number bigint) returns bigint language sql immutable parallel safe
  return 1000 + 10 * bench.project(number) + case when bench.project(number) % 5 = 0 and number % 3 = 0 then 1 else 0 end;
-- One of the ten members of the project's organisation.
create function bench.member(project integer, number bigint) returns uuid language sql immutable parallel safe
  return bench.id('user', 1 + (project - 1) % 20 + 20 * floor(10 * bench.lot(number, 8))::integer);
create function bench.is_failed(run bigint) returns boolean language sql immutable parallel safe
  return bench.lot(run, 1) < case when run / 4 % 4 = 3 then 0.06 else 0.14 end and run < 999960;
create function bench.is_rerun(run bigint) returns boolean language sql immutable parallel safe
  return run % 4 = 3 and bench.is_failed(run - 1) and bench.lot(run, 2) < 0.5;
-- Between a few seconds and an hour, most some minutes.
create function bench.seconds(number bigint) returns float8 language sql immutable parallel safe
  return 20 + 220 * exp(3 * power(bench.lot(number, 3), 3) - 0.5);

-- Step by step: tenants
insert into codered.orgs (id, name, login, github_account_id)
select bench.id('org', n), 'Org ' || n, 'org-' || n, 100 + n from generate_series(1, 20) as n;
insert into auth.users (id, email)
select bench.id('user', n), 'user-' || n || '@example.com' from generate_series(1, 200) as n;
insert into codered.profiles (id, email, username, display_name)
select bench.id('user', n), 'user-' || n || '@example.com', 'user-' || n, 'User ' || n from generate_series(1, 200) as n;
insert into codered.memberships (org_id, user_id, role)
select bench.id('org', 1 + (n - 1) % 20), bench.id('user', n), case when n <= 20 then 'admin' else 'member' end
from generate_series(1, 200) as n;
insert into codered.installations (id, org_id, account_login, account_type)
select 100 + n, bench.id('org', n), 'org-' || n, 'Organization' from generate_series(1, 20) as n;
insert into codered.projects (id, org_id, slug, name)
select bench.id('project', n), bench.id('org', 1 + (n - 1) % 20), 'project_' || n, 'Project ' || n from generate_series(1, 200) as n;
insert into codered.repositories (id, installation_id, project_id, owner, name, default_branch)
select
  1000 + 10 * n + second, 101 + (n - 1) % 20, bench.id('project', n), 'org-' || 1 + (n - 1) % 20, 'repository-' || n || '-' || second, 'main'
from generate_series(1, 200) as n, generate_series(0, 1) as second
where second = 0 or n % 5 = 0;

-- Step by step: 250,000 commits
insert into codered.commits (repository_id, sha, ref, message, author, authored_at, pushed_at, files)
select
  bench.repository(n / 4), bench.sha(n), case when n % 4 = 3 then 'refs/heads/main' else 'refs/heads/feature-' || n / 4 end,
  'Change number ' || n, 'user-' || 1 + n % 200, bench.at(n / 250000::float8) - interval '2 hours' * bench.lot(n, 11),
  bench.at(n / 250000::float8), array['src/file-' || n % 900 || '.ts', 'test/file-' || n % 900 || '.test.ts']
from generate_series(0, 249999) as n;

-- Step by step: 62,500 pull requests
insert into codered.pull_requests (
  repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, state, draft, author, opened_at,
  merged_at, merge_commit_sha, source_updated_at
)
select
  bench.repository(n), n + 1, 'Change number ' || n, 'https://github.com/org/repository/pull/' || n + 1, bench.sha(4 * n + 2), 'feature-' || n,
  bench.repository(n), 'main', bench.sha(0), case when n < 62300 then 'merged' else 'open' end, false, 'user-' || 1 + n % 200,
  bench.at(4 * n / 250000::float8), case when n < 62300 then bench.at((4 * n + 3) / 250000::float8) end,
  case when n < 62300 then bench.sha(4 * n + 3) end, bench.at((4 * n + 3) / 250000::float8)
from generate_series(0, 62499) as n;

-- Step by step: 1,000,000 ci_events
insert into codered.ci_events (
  id, project_id, repository_id, provider, workflow_name, workflow_path, run_id, run_attempt, branch, head_repository_id, commit_sha, status,
  conclusion, trigger, start_time, end_time, pull_request_numbers, html_url, actor, source_updated_at, source_delivery, created_at, updated_at
)
select
  bench.id('run', n), bench.id('project', bench.project(n / 16)), bench.repository(n / 16), 'github-actions',
  (array['CI', 'Lint', 'E2E', 'Build'])[1 + (n - rerun) % 4], '.github/workflows/' || (n - rerun) % 4 || '.yml', (10000000000 + n - rerun)::text,
  1 + rerun, case when n / 4 % 4 = 3 then 'main' else 'feature-' || n / 16 end, bench.repository(n / 16), bench.sha(n / 4), status,
  case status when 'failed' then 'failure' when 'canceled' then 'cancelled' when 'succeeded' then 'success' end,
  case when n / 4 % 4 = 3 then 'push' else 'pull_request' end, begun, case when status <> 'running' then begun + interval '1 second' * bench.seconds(n) end,
  case when n / 4 % 4 = 3 then '{}'::integer[] else array[n / 16 + 1]::integer[] end,
  'https://github.com/org/repository/actions/runs/' || 10000000000 + n, 'user-' || 1 + n % 200, begun + interval '1 second' * bench.seconds(n),
  bench.id('delivery', n)::text, begun, begun
from (
  select
    n,
    bench.is_rerun(n)::integer as rerun,
    case when n >= 999960 then 'running' when bench.is_failed(n) then 'failed' when bench.lot(n, 4) < 0.03 then 'canceled' else 'succeeded' end as status,
    bench.at(n / 1000000::float8) + interval '20 seconds' * (1 + n % 4) as begun
  from generate_series(0::bigint, 999999) as n
) as told;

-- Step by step: 300,000 ci_jobs
insert into codered.ci_jobs (
  id, ci_event_id, job_id, name, status, conclusion, runner_name, labels, started_at, completed_at, steps, html_url, log_state, source_updated_at,
  created_at, updated_at
)
select
  bench.id('job', n * 10 + job), bench.id('run', n), n * 10 + job, (array['build', 'test', 'lint'])[1 + job],
  case when job = 2 then 'succeeded' else 'failed' end, case when job = 2 then 'success' else 'failure' end, 'runner-' || n % 40, '{ubuntu-latest}',
  begun, begun + interval '1 second' * bench.seconds(n * 10 + job),
  '[{"name": "Set up job", "number": 1, "status": "completed", "conclusion": "success"}, {"name": "Run actions/checkout@v4", "number": 2, "status": "completed", "conclusion": "success"}, {"name": "npm test", "number": 3, "status": "completed", "conclusion": "failure"}]',
  'https://github.com/org/repository/actions/runs/1/job/' || n * 10 + job, case when job = 2 then 'none' else 'fetched' end,
  begun + interval '1 second' * bench.seconds(n * 10 + job), begun, begun
from (
  select n, bench.at(n / 1000000::float8) + interval '20 seconds' * (1 + n % 4) as begun
  from generate_series(0::bigint, 999999) as n
  where bench.is_failed(n)
) as failed, generate_series(0, 2) as job
where job = 0 or bench.lot(n, 20 + job) < case job when 1 then 0.667 else 0.833 end;

-- Step by step: 200,000 errors with matches
insert into codered.errors (
  id, project_id, source, ci_event_id, ci_job_id, message, fingerprint, verdict, excerpt, excerpt_first_line, excerpt_last_line, line_number,
  first_seen_at, created_at, updated_at
)
select
  bench.id('error', j.job_id), bench.id('project', bench.project(j.job_id / 160)), 'ci', j.ci_event_id, j.id,
  'The step failed with kind ' || kind, md5(bench.project(j.job_id / 160) || ':' || kind),
  (array['new', 'flaky', 'broken_base', 'infra', 'unknown'])[1 + floor(5 * bench.lot(j.job_id, 32))::integer],
  (select string_agg(md5(j.job_id::text || line) || ' ' || line, e'\n') from generate_series(1, 16) as line), 100, 116, 112,
  j.completed_at, j.completed_at + interval '30 seconds', j.completed_at + interval '30 seconds'
from (
  select *, floor(80 * power(bench.lot(job_id, 31), 2.5)) as kind from codered.ci_jobs where status = 'failed'
) as j;
with patterns as (
  select array_agg(id order by position, id) as ids, count(*) as size from codered.bug_patterns
)
insert into codered.error_matches (error_id, bug_pattern_id, line_number, line_text, is_primary, created_at, updated_at)
select e.id, p.ids[1 + (choice + 7 * place) % p.size], 112, 'npm error code ' || choice, place = 0, e.created_at, e.created_at
from (
  select *, floor(200 * power(bench.lot(hashtext(fingerprint), 33), 3))::integer as choice, bench.lot(line_number + hashtext(id::text), 34) as lot
  from codered.errors
) as e, patterns p, generate_series(0, 1) as place
where e.lot < case place when 0 then 0.85 else 0.2 end;

-- Step by step: 112,500 deployments
-- The run of every tenth is not known and never will be.
insert into codered.deployments (
  id, project_id, repository_id, provider, environment, environment_name, deployment_id, ci_event_id, run_id, run_attempt, status, commit_sha,
  ref, creator, started_at, finished_at, source_updated_at, created_at, updated_at
)
select
  bench.id('deployment' || stage, n), bench.id('project', bench.project(n)), bench.repository(n), 'github', case stage when 0 then 'staging' else 'prod' end,
  case stage when 0 then 'staging' else 'production' end, (n * 2 + stage)::text, case when n % 10 > 0 then bench.id('run', 16 * n + 12) end, (case when n % 10 > 0 then 10000000000 else 5000000000 end + 16 * n + 12)::text, 1,
  case when lot < 0.07 then 'failed' when lot < 0.085 then 'rolled_back' else 'succeeded' end, bench.sha(4 * n + 3), 'main', 'user-' || 1 + n % 200,
  begun, begun + interval '1 second' * bench.seconds(n), begun, begun, begun
from (
  select
    n, stage, bench.lot(n * 2 + stage, 41) as lot,
    bench.at((4 * n + 3) / 250000::float8) + interval '30 minutes' + interval '1 day' * stage * bench.lot(n, 42) as begun
  from generate_series(0::bigint, 62299) as n, generate_series(0, 1) as stage
  where stage = 0 or bench.lot(n, 43) < 0.8
) as told;
insert into codered.deployment_statuses (id, deployment_id, status_id, state, environment, created_at)
select
  gen_random_uuid(), d.id, d.deployment_id::bigint * 2 + final, case when final = 0 then 'in_progress' when d.status = 'failed' then 'failure' else 'success' end,
  d.environment_name, case final when 0 then d.started_at else d.finished_at end
from codered.deployments d, generate_series(0, 1) as final;

-- Step by step: 20,000 runs with 100,000 gate executions
insert into codered.runs (
  id, project_id, user_id, is_apps, repository_id, pull_request_number, commit_sha, ci_event_id, display_name, status, result, total_gates, gates_passed,
  started_at, finished_at, created_at, updated_at
)
select
  bench.id('brain-run', n), bench.id('project', bench.project(3 * n)), case when n % 2 = 1 then bench.member(bench.project(3 * n), n) end, n % 2 = 0,
  case when n % 2 = 0 then bench.repository(3 * n) end, case when n % 2 = 0 then 3 * n + 1 end, case when n % 2 = 0 then bench.sha(12 * n + 2) end,
  case when n % 2 = 0 then bench.id('run', 48 * n + 8) end, 'Run ' || n, status,
  case status when 'completed' then 'PASSED' when 'failed' then 'FAILED' end, 5, 4,
  case when status <> 'pending' then begun end, case when status in ('completed', 'failed', 'cancelled') then begun + interval '5 minutes' end, begun, begun
from (
  select
    n, bench.at(n / 20000::float8) as begun,
    case
      when bench.lot(n, 51) < 0.75 then 'completed' when bench.lot(n, 51) < 0.9 then 'failed' when bench.lot(n, 51) < 0.95 then 'cancelled'
      when bench.lot(n, 51) < 0.98 then 'running' else 'pending'
    end as status
  from generate_series(0::bigint, 19999) as n
) as told;
insert into codered.gate_executions (
  id, run_id, gate_id, gate_name, gate_order, status, prompt_packet, raw_output, validation_results, tokens_in, tokens_out, cost_usd, duration_ms,
  started_at, completed_at, created_at, updated_at
)
select
  bench.id('gate', n * 5 + gate), bench.id('brain-run', n), 'gate_' || gate, 'Gate ' || gate, gate,
  case when bench.lot(n * 5 + gate, 52) < 0.9 then 'passed' else 'failed' end, repeat(md5(n::text), 40), repeat(md5(gate::text), 40),
  '[{"type": "coverage", "target": "unit", "passed": true, "severity": "error"}]', 1200, 300, 0.0123, 4000,
  bench.at(n / 20000::float8), bench.at(n / 20000::float8) + interval '1 minute', bench.at(n / 20000::float8), bench.at(n / 20000::float8)
from generate_series(0::bigint, 19999) as n, generate_series(0, 4) as gate;

-- Step by step: 20,000 tasks
insert into codered.tasks (id, project_id, user_id, title, status, completed_at, created_at, updated_at)
select
  bench.id('task', n), bench.id('project', bench.project(n)), bench.member(bench.project(n), n), 'Task ' || n, status,
  case when status = 'done' then bench.at(n / 20000::float8) + interval '3 days' end, bench.at(n / 20000::float8), bench.at(n / 20000::float8)
from (
  select n, case when n < 16000 then 'done' when n % 3 = 0 then 'in_progress' else 'backlog' end as status from generate_series(0::bigint, 19999) as n
) as told;

-- Step by step: 80,000 artifacts
insert into codered.artifacts (
  id, project_id, run_id, gate_execution_id, user_id, kind, file_name, content_type, content_hash, size_bytes, storage_path, artifact_type, created_at,
  updated_at
)
select
  bench.id('artifact', n * 3 + place), bench.id('project', bench.project(3 * n)), bench.id('brain-run', n), bench.id('gate', n * 5 + place),
  case when n % 2 = 1 then bench.member(bench.project(3 * n), n) end, (array['junit', 'coverage', 'logs'])[1 + place], 'file-' || place || '.xml', 'xml',
  md5(n::text) || md5(place::text), 4096, 'runs/' || n || '/' || place, 'test', bench.at(n / 20000::float8) + interval '1 minute' * place,
  bench.at(n / 20000::float8)
from generate_series(0::bigint, 19999) as n, generate_series(0, 2) as place;
insert into codered.artifacts (id, project_id, task_id, user_id, kind, ref, summary, created_at, updated_at)
select
  bench.id('task-artifact', n), bench.id('project', bench.project(n)), bench.id('task', n), bench.member(bench.project(n), n), 'pr',
  'https://github.com/org/repository/pull/' || n, 'What was done', bench.at(n / 20000::float8), bench.at(n / 20000::float8)
from generate_series(0::bigint, 19999) as n;

-- Step by step: 100,000 finished follow-ups
insert into codered.follow_ups (
  id, project_id, installation_id, repository_id, commit_sha, kind, status, input, dedupe_key, started_at, completed_at, created_at, updated_at
)
select
  gen_random_uuid(), bench.id('project', bench.project(n)), coalesce(r.installation_id, 0), r.id, bench.sha(4 * n + place), 'report', 'completed', '{}',
  'report:' || bench.repository(n) || ':' || bench.sha(4 * n + place), bench.at(n / 50000::float8), bench.at(n / 50000::float8), bench.at(n / 50000::float8), bench.at(n / 50000::float8)
from generate_series(0::bigint, 49999) as n
cross join generate_series(2, 3) as place
left join codered.repositories r on r.id = bench.repository(n);

-- Step beside the others: partitions of 13 months
do $$
declare
  month timestamp;
  name text;
begin
  for month in
    select generate_series(date_trunc('month', bench.at(0) at time zone 'utc'), date_trunc('month', now() at time zone 'utc'), interval '1 month')
  loop
    name := 'events_' || to_char(month, 'YYYY_MM');
    continue when to_regclass('codered.' || name) is not null;
    execute format('create table codered.%I partition of codered.events for values from (%L) to (%L)', name, month || 'Z', month + interval '1 month' || 'Z');
    execute format('alter table codered.%I enable row level security', name);
  end loop;
end
$$;

-- Step beside the others: 5,000,000 events
-- Two of ten tell of a task, most of them soon after it was made; one tells of a run; the others of the project alone.
insert into codered.events (project_id, run_id, task_id, user_id, event_type, payload, created_at)
select
  bench.id('project', project), case when n % 10 = 2 then bench.id('brain-run', thing) end, case when n % 10 < 2 then bench.id('task', thing) end,
  case when n % 3 = 0 then bench.id('user', 1 + (project - 1) % 20) end,
  case when n % 10 < 2 then 'task.status_changed' when n % 10 = 2 then 'run.status_changed' else 'project.updated' end,
  case
    when n % 10 < 2 then jsonb_build_object('name', 'Task ' || thing, 'status', 'in_progress', 'changed', '{"status": ["backlog", "in_progress"]}'::jsonb)
    when n % 10 = 2 then jsonb_build_object('name', 'Run ' || thing, 'status', 'completed', 'changed', '{"status": ["running", "completed"]}'::jsonb)
    else jsonb_build_object('name', 'Project ' || project, 'status', 'active', 'changed', '{"phase": ["planning", "building"]}'::jsonb)
  end,
  bench.at(n / 5000000::float8)
from (
  select n, thing, bench.project(case when n % 10 = 2 then 3 * thing else thing end) as project
  from (
    select n, case when n % 10 <= 2 then greatest(0, n / 250 - floor(400 * power(bench.lot(n, 61), 2))::bigint) else n end as thing
    from generate_series(0::bigint, 4999999) as n
  ) as drawn
) as told;
