-- What a job said when it passed, as hashes: a failure is not explained by what the job says every day.

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

create function codered.find_green_log(ci_job_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  with failed as (
    select
      r.id as repository_id, r.default_branch, p.org_id, i.workflow_path, j.name as job_name,
      coalesce(e.start_time, now()) - interval '90 days' as since
    from codered.ci_jobs j
    join codered.ci_events e on e.id = j.ci_event_id
    join codered.repositories r on r.id = e.repository_id
    join codered.projects p on p.id = r.project_id
    cross join lateral codered.identity_of_run(e.repository_id, e.run_id) i
    where j.id = find_green_log.ci_job_id
      and char_length(i.workflow_path) between 1 and 500 and char_length(j.name) between 1 and 500
  ), newest as (
    -- A workflow that ran long ago is not looked for through years of others, nor is its log there any more.
    select e.*
    from failed f
    join codered.ci_events e on e.repository_id = f.repository_id and e.branch = f.default_branch and e.start_time > f.since
    where e.provider = 'github-actions'
      -- What a pull request runs prints what its author likes, also on a branch of this name, and however often it runs.
      and e.head_repository_id = f.repository_id
      and e.trigger in ('push', 'schedule', 'manual')
      and coalesce(e.event, e.trigger) in ('push', 'schedule', 'manual', 'workflow_dispatch')
    order by e.start_time desc
    limit 2000
  ), room as (
    -- One organisation's logs are not to fill the disk of all.
    select coalesce(sum(octet_length(k.hashes)), 0) < 100000000 as is_left
    from failed f
    join codered.projects p on p.org_id = f.org_id
    join codered.repositories r on r.project_id = p.id
    join codered.green_logs k on k.repository_id = r.id
  ), green as (
    select j.job_id
    from failed f
    join newest e on e.workflow_path = f.workflow_path
    join codered.ci_jobs j on j.ci_event_id = e.id and j.name = f.job_name
    where e.status = 'succeeded' and e.conclusion = 'success'
      and j.status = 'succeeded' and j.conclusion = 'success'
    order by e.start_time desc, e.run_attempt desc
    limit 1
  )
  select json_build_object(
    'repository_id', f.repository_id, 'workflow_path', f.workflow_path, 'job_name', f.job_name,
    'job_id', (select g.job_id from green g where (select is_left from room)),
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
  'For a job: the newest job of the same name that passed, in a run of the same workflow file that passed on the default branch for a push, a schedule or by hand, not more than 90 days before; {repository_id, workflow_path, job_name, job_id (null: none is known, or the organisation keeps 100 MB already), kept: {salt, hashes in Base64} (null: none of the last day)}. Null when its workflow file is not known.';
revoke execute on function codered.find_green_log from public;
grant execute on function codered.find_green_log to service_role;

create function codered.keep_green_log(green_log jsonb)
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

create function codered.green_hits(project_id uuid)
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

create function codered.list_pattern_use(repository_id bigint)
returns json
language sql
stable
set search_path = ''
as $$
  with place as (
    select p.id, p.org_id
    from codered.repositories r
    join codered.projects p on p.id = r.project_id
    where r.id = list_pattern_use.repository_id
  ),
  used as (
    select m.bug_pattern_id, count(*) as matched, count(*) filter (where m.is_primary) as told,
      count(*) filter (where m.demoted = 'in-green-log') as in_green_logs, max(m.created_at) as last_matched_at
    from place
    join codered.projects p on p.id = place.id or p.org_id = place.org_id
    join codered.errors e on e.project_id = p.id
    join codered.error_matches m on m.error_id = e.id
    group by m.bug_pattern_id
  )
  select coalesce(
    json_agg(
      json_build_object(
        'name', b.name, 'category', b.category, 'rank', b.rank, 'is_own', b.project_id is not null, 'is_enabled', b.enabled,
        'matched', coalesce(u.matched, 0), 'told', coalesce(u.told, 0), 'in_green_logs', coalesce(u.in_green_logs, 0),
        'last_matched_at', u.last_matched_at
      )
      order by coalesce(u.in_green_logs, 0) desc, coalesce(u.matched, 0) desc, b.name, b.id
    ),
    '[]'
  )
  from place
  join codered.bug_patterns b on b.project_id is null or b.project_id = place.id
  left join used u on u.bug_pattern_id = b.id
  where b.deleted_at is null
$$;
comment on function codered.list_pattern_use(bigint) is
  'The patterns of a repository''s project with everybody''s: in how many failures of its organisation each matched, was told as the cause, and stood in the green log too; the last first, as they may be worded too widely. What happens in other organisations never counts.';
revoke execute on function codered.list_pattern_use from public;
grant execute on function codered.list_pattern_use to service_role;
