-- What a job said when it passed is kept as hashes for a day, and a match that stands in there is marked. Old workers survive it: they neither ask nor mark.

create index error_matches_in_green_log_idx on codered.error_matches (error_id) where demoted = 'in-green-log';

create table codered.green_logs (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  workflow_path text not null,
  job_name text not null,
  job_id bigint not null,
  salt text not null,
  hashes bytea not null,
  fetched_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, workflow_path, job_name),
  constraint green_logs_workflow_path_length check (
    char_length(workflow_path) between 1 and 500 or codered.refuse_value('green_logs.workflow_path', workflow_path, '1 to 500 characters')
  ),
  constraint green_logs_job_name_length check (
    char_length(job_name) between 1 and 500 or codered.refuse_value('green_logs.job_name', job_name, '1 to 500 characters')
  ),
  constraint green_logs_salt_length check (char_length(salt) between 16 and 100),
  constraint green_logs_hashes_bytes check (
    (octet_length(hashes) <= 1600000 and octet_length(hashes) % 8 = 0)
    or codered.refuse_value('green_logs.hashes', octet_length(hashes), 'at most 1600000 bytes, eight for each hash')
  )
);
comment on table codered.green_logs is
  'The templates of the newest green log of a job on the default branch, downloaded once a day at most. One row a job.';
comment on column codered.green_logs.job_id is 'GitHub''s id of the job that passed.';
comment on column codered.green_logs.salt is 'New with each download, so that neither projects nor days can be compared.';
comment on column codered.green_logs.hashes is
  '64 bits for each kind of line, of what redaction left of it. Empty: the log is gone, or too large to be read; asked for again the next day.';
create index green_logs_fetched_at_idx on codered.green_logs (fetched_at);
alter table codered.green_logs enable row level security;
create policy green_logs_read on codered.green_logs for select to authenticated
  using (repository_id in (select codered.my_repositories()));
-- Whoever has salt and hashes can try whether a line was there.
grant select (repository_id, workflow_path, job_name, job_id, fetched_at, created_at, updated_at) on codered.green_logs to authenticated;
grant select, insert, update, delete on codered.green_logs to service_role;
create trigger green_logs_touch before update on codered.green_logs
  for each row execute function codered.touch_updated_at();

create or replace function codered.find_green_log(ci_job_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  with failed as (
    select r.id as repository_id, r.default_branch, i.workflow_path, j.name as job_name
    from codered.ci_jobs j
    join codered.ci_events e on e.id = j.ci_event_id
    join codered.repositories r on r.id = e.repository_id
    cross join lateral codered.identity_of_run(e.repository_id, e.run_id) i
    where j.id = find_green_log.ci_job_id
      and char_length(i.workflow_path) between 1 and 500 and char_length(j.name) between 1 and 500
  ), newest as (
    -- A workflow that ran long ago is not looked for through years of others.
    select e.*
    from failed f
    join codered.ci_events e on e.repository_id = f.repository_id and e.branch = f.default_branch and e.start_time is not null
    order by e.start_time desc
    limit 2000
  ), green as (
    select j.job_id
    from failed f
    join newest e on e.workflow_path = f.workflow_path
    join codered.ci_jobs j on j.ci_event_id = e.id and j.name = f.job_name
    where e.provider = 'github-actions'
      and e.status = 'succeeded' and e.conclusion = 'success'
      and j.status = 'succeeded' and j.conclusion = 'success'
      -- What a pull request runs prints what its author likes, also on a branch of this name.
      and e.head_repository_id = f.repository_id
      and e.trigger in ('push', 'schedule', 'manual')
      and coalesce(e.event, e.trigger) in ('push', 'schedule', 'manual', 'workflow_dispatch')
    order by e.start_time desc, e.run_attempt desc
    limit 1
  )
  select json_build_object(
    'repository_id', f.repository_id, 'workflow_path', f.workflow_path, 'job_name', f.job_name,
    'job_id', (select g.job_id from green g),
    'kept', (
      select json_build_object('salt', k.salt, 'hashes', translate(encode(k.hashes, 'base64'), E'\n', ''))
      from codered.green_logs k
      where k.repository_id = f.repository_id and k.workflow_path = f.workflow_path and k.job_name = f.job_name
        and k.fetched_at > now() - interval '1 day'
    )
  )
  from failed f
$$;

comment on function codered.find_green_log(uuid) is
  'For a job: the newest job of the same name that passed, in a run of the same workflow file that passed on the default branch for a push, a schedule or by hand; {repository_id, workflow_path, job_name, job_id (null: none is known), kept: {salt, hashes in Base64} (null: none of the last day)}. Null when its workflow file is not known.';

revoke execute on function codered.find_green_log from public;

grant execute on function codered.find_green_log to service_role;

create or replace function codered.keep_green_log(green_log jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into codered.green_logs as g (repository_id, workflow_path, job_name, job_id, salt, hashes)
  select k.repository_id, k.workflow_path, k.job_name, k.job_id, k.salt, decode(k.hashes, 'base64')
  from jsonb_to_record(keep_green_log.green_log) as k (
    repository_id bigint, workflow_path text, job_name text, job_id bigint, salt text, hashes text
  )
  join codered.repositories r on r.id = k.repository_id and r.erased_at is null
  on conflict (repository_id, workflow_path, job_name) do update
  set job_id = excluded.job_id, salt = excluded.salt, hashes = excluded.hashes, fetched_at = now()
$$;

comment on function codered.keep_green_log(jsonb) is
  'Keeps {repository_id, workflow_path, job_name, job_id, salt, hashes in Base64} in place of what was kept of the job; nothing of a repository that is gone or erased.';

revoke execute on function codered.keep_green_log from public;

grant execute on function codered.keep_green_log to service_role;

create or replace function codered.green_hits(project_id uuid)
returns table (bug_pattern_id uuid, name text, hits bigint, last_hit_at timestamptz)
language sql
stable
set search_path = ''
as $$
  select b.id, b.name, count(*), max(m.created_at)
  from codered.projects mine
  join codered.projects p on p.id = mine.id or p.org_id = mine.org_id
  join codered.errors e on e.project_id = p.id
  join codered.error_matches m on m.error_id = e.id and m.demoted = 'in-green-log'
  join codered.bug_patterns b on b.id = m.bug_pattern_id
  where mine.id = green_hits.project_id
  group by b.id, b.name
  order by count(*) desc, b.name, b.id
$$;

comment on function codered.green_hits(uuid) is
  'The patterns that also hit green logs in the project''s organisation, and in how many failures: they may be worded too widely for what is built there. What other organisations'' logs say never counts.';

revoke execute on function codered.green_hits from public;

grant execute on function codered.green_hits to authenticated, service_role;

alter table codered.retention_policies
  drop constraint retention_policies_table_name_check,
  add constraint retention_policies_table_name_check check (
    table_name in (
      'webhook_deliveries', 'follow_ups', 'errors', 'green_logs', 'events', 'test_days', 'test_results', 'repositories', 'runs', 'artifacts', 'agent_runs',
      'gate_executions')
    or codered.refuse_value(
      'retention_policies.table_name', table_name,
      'webhook_deliveries, follow_ups, errors, green_logs, events, test_days, test_results, repositories, runs, artifacts, agent_runs, gate_executions; everything else is kept'));

insert into codered.retention_policies (table_name, keep, archive) values ('green_logs', interval '1 day', false);

comment on column codered.retention_policies.keep is
  'Age at which it may go: deliveries that are done or ignored (row), follow_ups that are over (row; see due_follow_ups for those that stay longer), errors (the excerpt alone), green_logs (row; none is used for longer than a day), test_days and test_results (row), events (whole months), repositories and installations that are gone (all that is kept of them), runs that are over (with gates and artifacts), artifacts (row and file), agent_runs (row), gate_executions (prompt_packet and raw_output alone). Null: never. What an open pull request is judged by stays.';

create or replace function codered.prunable()
returns table (table_name text, what text, keep interval, due bigint, oldest timestamptz, bytes bigint)
language sql
stable
set search_path = ''
as $$
  with found (table_name, what, due, oldest, bytes) as (
    select 'webhook_deliveries', 'deliveries that are done or ignored', count(*), min(w.received_at), (count(*) * (
        select pg_total_relation_size(c.oid) / c.reltuples
        from pg_catalog.pg_class c
        where c.oid = 'codered.webhook_deliveries'::regclass and c.reltuples > 0
      ))::bigint
    from codered.webhook_deliveries w
    where w.status in ('done', 'ignored') and w.received_at < codered.retention_cutoff('webhook_deliveries')
    union all
    select 'errors', 'excerpts of failures; the failures stay', count(*), min(e.created_at), sum(pg_column_size(e.excerpt))
    from codered.errors e
    where e.excerpt is not null and e.created_at < codered.retention_cutoff('errors')
    union all
    select 'green_logs', 'hashes of logs of jobs that passed', count(*), min(g.fetched_at), sum(pg_column_size(g.hashes))::bigint
    from codered.green_logs g
    where g.fetched_at < codered.retention_cutoff('green_logs')
    union all
    select 'follow_ups', 'follow-ups that are over', count(*), min(d.completed_at), sum(d.bytes)::bigint
    from codered.due_follow_ups() d
    union all
    select 'test_days', 'days of tests', count(*), min(d.day)::timestamp at time zone 'UTC', sum(pg_column_size(d))::bigint
    from codered.test_days d
    where d.day < (codered.retention_cutoff('test_days') at time zone 'UTC')::date
    union all
    select 'test_results', 'single results of tests', count(*), min(x.created_at), sum(pg_column_size(x))::bigint
    from codered.test_results x
    where x.created_at < codered.retention_cutoff('test_results')
    union all
    select 'runs', 'runs that are over, with their gates and artifacts', count(*), min(d.created_at), null::bigint
    from codered.due_runs() d
    union all
    select 'artifacts', 'artifacts with what they hold', count(*), min(d.created_at), sum(d.bytes)::bigint
    from codered.due_artifacts() d
    union all
    select 'agent_runs', 'calls of agents, with what was sent and received', count(*), min(a.created_at), sum(pg_column_size(a))::bigint
    from codered.agent_runs a
    where a.created_at < codered.retention_cutoff('agent_runs')
    union all
    select 'gate_executions', 'what models of gates were sent and answered; the gates stay', count(*), min(g.created_at),
      sum(coalesce(pg_column_size(g.prompt_packet), 0) + coalesce(pg_column_size(g.raw_output), 0))::bigint
    from codered.gate_executions g
    where num_nonnulls(g.prompt_packet, g.raw_output) > 0 and g.completed_at < codered.retention_cutoff('gate_executions')
    union all
    select 'events', 'whole months', coalesce(sum(m.rows), 0), codered.month_start(min(m.month)), sum(m.bytes)::bigint
    from codered.event_months_due() m
  )
  select f.table_name, f.what, p.keep, f.due, f.oldest, case when f.due > 0 then f.bytes end
  from found f
  join codered.retention_policies p on p.table_name = f.table_name
  -- These have no age unless somebody gives them one, or are of no interest: they are told of when something of theirs is due.
  where f.due > 0 or f.table_name not in ('green_logs', 'runs', 'artifacts', 'agent_runs', 'gate_executions')
  order by f.table_name
$$;

comment on function codered.prunable() is
  'What codered prune would take now, a row for each policy (green_logs, runs, artifacts, agent_runs and gate_executions when something is due): how many rows are due, how old the oldest is (events: when its month began), and about how many bytes they take (null: not known). keep null: for ever, so nothing is due.';

revoke execute on function codered.prunable from public;

grant execute on function codered.prunable to service_role;

create or replace function codered.prune_green_logs(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select g.ctid as row
    from codered.green_logs g
    where g.fetched_at < (select codered.retention_cutoff('green_logs'))
    order by g.fetched_at
    limit greatest(prune_green_logs.batch, 0)
    for update skip locked
  ), gone as (
    delete from codered.green_logs g
    where g.ctid = any (array(select d.row from due d))
    returning 1
  )
  select case
    when prune_green_logs.batch >= 1 then (select count(*)::integer from gone)
    else codered.refuse_value('prune_green_logs.batch', coalesce(prune_green_logs.batch::text, 'null'), '1 or more')::integer
  end
$$;

comment on function codered.prune_green_logs(integer) is
  'Deletes up to batch (1 or more) hashes of green logs that the policy lets go, oldest first, and returns how many.';

revoke execute on function codered.prune_green_logs from public;

grant execute on function codered.prune_green_logs to service_role;

create or replace function codered.erasure_steps()
returns table (step integer, table_name text, condition text)
language sql
immutable
set search_path = ''
as $$
  -- $1 repositories, $2 projects that go whole, $3 projects that are touched, $4 installations, $5 names, $6 the scope, $7 logins.
  -- First what starts work, then what work leaves, children before what they hang on.
  select row_number() over ()::integer, s.table_name, s.condition
  from (values
    ('webhook_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)
      or (t.repository_id is null and codered.is_payload_of(t.payload, t.status, $6))'),
    ('follow_ups', 't.project_id = any ($2) or t.repository_id = any ($1)'),
    ('agent_jobs', 't.project_id = any ($2)
      or ((t.project_id = any ($3) or t.project_id is null) and t.input ->> ''repository_id'' = any ($1::text[]))'),
    ('publications', 't.repository_id = any ($1)'),
    ('errors', 't.project_id = any ($2)
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))
      or t.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('green_logs', 't.repository_id = any ($1)'),
    ('test_results', 't.repository_id = any ($1)'),
    ('test_reports', 't.repository_id = any ($1)'),
    -- With their days and states.
    ('tests', 't.repository_id = any ($1)'),
    ('artifacts', 't.project_id = any ($2)
      or t.run_id in (select r.id from codered.runs r where r.repository_id = any ($1))
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('gate_executions', 't.run_id in (select r.id from codered.runs r where r.repository_id = any ($1) or r.project_id = any ($2))'),
    ('runs', 't.repository_id = any ($1) or t.project_id = any ($2)
      or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))
      or t.sprint_id in (
        select p.id from codered.sprints p join codered.specs s on s.id = p.spec_id
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('ci_jobs', 't.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('deployment_statuses', 't.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('deployments', 't.repository_id = any ($1)'),
    ('ci_events', 't.repository_id = any ($1)'),
    ('pull_requests', 't.repository_id = any ($1)'),
    ('commits', 't.repository_id = any ($1)'),
    ('sprints', 't.project_id = any ($2) or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('specs', 't.project_id = any ($2) or (t.project_id = any ($3) and lower(t.repo) = any ($5))'),
    ('embeddings', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('chunks', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('documents', 't.project_id = any ($2) or t.corpus_id in (select c.id from codered.corpora c where c.project_id = any ($2))'),
    ('corpora', 't.project_id = any ($2)'),
    ('project_files', 't.project_id = any ($2)'),
    ('task_runs', 't.project_id = any ($2)'),
    ('agent_runs', 't.project_id = any ($2)'),
    ('agent_sessions', 't.project_id = any ($2)'),
    ('checkpoints', 't.project_id = any ($2)'),
    ('tasks', 't.project_id = any ($2)'),
    ('milestones', 't.project_id = any ($2)'),
    ('lessons', 't.project_id = any ($2)'),
    ('ux_snippets', 't.project_id = any ($2)'),
    ('bug_patterns', 't.project_id = any ($2)'),
    ('learning_roadmaps', 't.project_id = any ($2)'),
    ('daily_sessions', 't.project_id = any ($2)'),
    ('installation_usage', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('kept_out_installations', 't.id = any ($4) or lower(t.account_login) = any ($7) or t.account_id = any (codered.ids_in($6, ''accounts''))')
  ) as s (table_name, condition)
$$;

comment on function codered.erasure_steps() is
  'What an erasure takes, table by table in this order. Not the audit: events, user_overrides and decisions stay, and the names in orgs, memberships, installations, projects and repositories that say whose it is.';

revoke execute on function codered.erasure_steps from public;

grant execute on function codered.erasure_steps to service_role;
