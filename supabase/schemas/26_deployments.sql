-- Deployments and all that GitHub says of each.

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
  constraint deployments_provider_check check (
    provider in ('vercel', 'github', 'other')
    or codered.refuse_value('deployments.provider', provider, 'vercel, github, other')
  ),
  constraint deployments_environment_check check (
    environment in ('dev', 'staging', 'prod')
    or codered.refuse_value('deployments.environment', environment, 'dev, staging, prod')
  ),
  constraint deployments_status_check check (
    status in ('pending', 'running', 'succeeded', 'failed', 'rolled_back')
    or codered.refuse_value('deployments.status', status, 'pending, running, succeeded, failed, rolled_back')
  )
);
comment on table codered.deployments is 'A deployment; its status follows from deployment_statuses, whatever order they come in.';
comment on column codered.deployments.environment_name is 'GitHub''s own name; environment is what the project''s rules make of it.';
comment on column codered.deployments.run_id is 'The Actions run that deploys; ci_event_id is filled when that run is known.';
comment on column codered.deployments.finished_at is 'The first final status.';
comment on column codered.deployments.is_current is
  'The newest success of its repository and environment; GitHub sends nothing when a deployment becomes inactive, so we work it out.';
create index deployments_project_id_idx on codered.deployments (project_id, started_at desc);
create index deployments_commit_sha_idx on codered.deployments (repository_id, commit_sha);
create index deployments_environment_idx on codered.deployments (repository_id, environment_name, finished_at desc);
create index deployments_ci_event_id_idx on codered.deployments (ci_event_id);
create index deployments_run_id_idx on codered.deployments (repository_id, run_id) where ci_event_id is null and run_id is not null;
alter table codered.deployments enable row level security;
create policy deployments_read on codered.deployments for select to authenticated
  using (repository_id in (select codered.my_repositories()));
grant select on codered.deployments to authenticated;
grant select, insert, update, delete on codered.deployments to service_role;
create trigger deployments_touch before update on codered.deployments
  for each row execute function codered.touch_updated_at();

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
comment on table codered.deployment_statuses is 'Every status of every deployment, as GitHub sent it; append-only.';
comment on column codered.deployment_statuses.created_at is 'GitHub''s time, not ours.';
create index deployment_statuses_deployment_id_idx on codered.deployment_statuses (deployment_id, created_at desc);
alter table codered.deployment_statuses enable row level security;
create policy deployment_statuses_read on codered.deployment_statuses for select to authenticated
  using ((select true from codered.deployments d where d.id = deployment_statuses.deployment_id));
grant select on codered.deployment_statuses to authenticated;
grant select, insert, update, delete on codered.deployment_statuses to service_role;
create trigger deployment_statuses_append_only before update on codered.deployment_statuses
  for each row execute function codered.refuse_change();
create trigger deployment_statuses_no_truncate before truncate on codered.deployment_statuses
  for each statement execute function codered.refuse_change();

create function codered.merge_deployments(facts json, statuses json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
declare
  touched uuid[];
begin
  insert into codered.deployments as d (
    project_id, repository_id, provider, environment, environment_name, deployment_id, run_id, run_attempt, commit_sha,
    ref, creator, started_at, source_updated_at, source_delivery
  )
  select distinct on (f.provider, f.repository_id, f.deployment_id)
    r.project_id, f.repository_id, f.provider, codered.environment_of(f.environment_name, p.rules), f.environment_name,
    f.deployment_id, f.run_id, f.run_attempt, f.commit_sha, f.ref, f.creator, f.created_at, f.source_updated_at,
    merge_deployments.delivery
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, deployment_id text, environment_name text, commit_sha text, ref text,
    creator text, run_id text, run_attempt integer, created_at timestamptz, source_updated_at timestamptz
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.provider, f.repository_id, f.deployment_id, f.source_updated_at desc
  on conflict (provider, repository_id, deployment_id) do update
  set
    environment = excluded.environment,
    environment_name = excluded.environment_name,
    -- Only some payloads name the run; it never changes.
    run_id = coalesce(excluded.run_id, d.run_id),
    run_attempt = coalesce(excluded.run_attempt, d.run_attempt),
    commit_sha = excluded.commit_sha,
    ref = excluded.ref,
    creator = excluded.creator,
    started_at = least(d.started_at, excluded.started_at),
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (d.source_updated_at, d.source_delivery);

  update codered.deployments d
  set run_id = f.run_id, run_attempt = f.run_attempt
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, deployment_id text, run_id text, run_attempt integer
  )
  where d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id
    and d.run_id is null and f.run_id is not null;

  insert into codered.deployment_statuses (
    deployment_id, status_id, state, environment, environment_url, log_url, description, creator, created_at
  )
  select d.id, f.status_id, f.state, f.environment_name, f.environment_url, f.log_url, f.description, f.creator, f.created_at
  from json_to_recordset(statuses) as f (
    provider text, repository_id bigint, deployment_id text, status_id bigint, state text, environment_name text,
    environment_url text, log_url text, description text, creator text, created_at timestamptz
  )
  join codered.deployments d
    on d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id
  on conflict (status_id) do nothing;

  select array_agg(d.id) into touched
  from json_to_recordset(facts) as f (provider text, repository_id bigint, deployment_id text)
  join codered.deployments d
    on d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id;

  perform codered.recompute_deployments(touched);
  perform codered.queue_protections(facts);
  return query select unnest(touched);
end
$$;
comment on function codered.merge_deployments(json, json, text) is
  'Merges deployments and their statuses, works out what follows, queues the answers that protected environments wait for, and returns the ids of the deployments in the facts.';
revoke execute on function codered.merge_deployments from public;
grant execute on function codered.merge_deployments to service_role;

create function codered.recompute_deployments(deployment_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  update codered.deployments d
  set
    status = now_is.status,
    url = now_is.url,
    finished_at = now_is.finished_at
  from (
    select
      t.id,
      coalesce(newest.status, 'pending') as status,
      newest.url,
      (
        select min(s.created_at)
        from codered.deployment_statuses s
        where s.deployment_id = t.id and s.state in ('success', 'failure', 'error')
      ) as finished_at
    from unnest(deployment_ids) as t (id)
    left join lateral (
      select
        case
          when s.state = 'success' then 'succeeded'
          when s.state in ('failure', 'error') then 'failed'
          when s.state = 'in_progress' then 'running'
          else 'pending'
        end as status,
        coalesce(s.log_url, s.environment_url) as url
      from codered.deployment_statuses s
      where s.deployment_id = t.id and s.state <> 'inactive'
      order by s.created_at desc, s.status_id desc
      limit 1
    ) as newest on true
  ) as now_is
  where d.id = now_is.id
    and (d.status, d.url, d.finished_at) is distinct from (now_is.status, now_is.url, now_is.finished_at);

  with places as (
    select distinct d.repository_id, d.environment_name
    from codered.deployments d
    where d.id = any (deployment_ids)
  ), current as (
    select distinct on (d.repository_id, d.environment_name) d.id
    from codered.deployments d
    join places p on p.repository_id = d.repository_id and p.environment_name = d.environment_name
    where d.status = 'succeeded'
    order by d.repository_id, d.environment_name, d.finished_at desc, d.deployment_id desc
  )
  update codered.deployments d
  set is_current = d.id in (select current.id from current)
  from places p
  where d.repository_id = p.repository_id and d.environment_name = p.environment_name
    and d.is_current <> (d.id in (select current.id from current));
end
$$;
comment on function codered.recompute_deployments(uuid[]) is
  'Works out status, url, finished_at and which is current, from all statuses, so that their order cannot matter.';
revoke execute on function codered.recompute_deployments from public;
grant execute on function codered.recompute_deployments to service_role;

create function codered.recompute_deployment_runs(ci_event_ids uuid[], deployment_ids uuid[])
returns void
language sql
set search_path = ''
as $$
  update codered.deployments d
  set ci_event_id = found.ci_event_id
  from (
    select waiting.id, e.id as ci_event_id
    from unnest(recompute_deployment_runs.ci_event_ids) as told (id)
    join codered.ci_events e on e.id = told.id and e.provider = 'github-actions'
    join codered.deployments waiting
      on waiting.repository_id = e.repository_id and waiting.run_id = e.run_id
      and waiting.ci_event_id is null
      and coalesce(waiting.run_attempt, 1) = e.run_attempt
    union
    select waiting.id, e.id
    from unnest(recompute_deployment_runs.deployment_ids) as told (id)
    join codered.deployments waiting on waiting.id = told.id and waiting.ci_event_id is null
    join codered.ci_events e
      on e.provider = 'github-actions' and e.repository_id = waiting.repository_id
      and e.run_id = waiting.run_id and e.run_attempt = coalesce(waiting.run_attempt, 1)
  ) as found
  where d.id = found.id
$$;
comment on function codered.recompute_deployment_runs(uuid[], uuid[]) is
  'Links deployments to the run that made them, whichever came first.';
revoke execute on function codered.recompute_deployment_runs from public;
grant execute on function codered.recompute_deployment_runs to service_role;

create function codered.read_deployment_links(repository_id bigint, shas text[])
returns json
language sql
stable
set search_path = ''
as $$
  with places as (
    -- Of an environment the newest deployment, as read_report has it.
    select distinct on (d.environment_name) d.id, d.environment_name, d.commit_sha
    from codered.deployments d
    where d.repository_id = read_deployment_links.repository_id and d.commit_sha = any (read_deployment_links.shas)
    order by d.environment_name, d.started_at desc, d.deployment_id desc
  )
  select coalesce(
    json_agg(
      json_build_object(
        'environment_name', p.environment_name, 'commit_sha', p.commit_sha,
        'environment_url', (
          select s.environment_url
          from codered.deployment_statuses s
          where s.deployment_id = p.id and s.state <> 'inactive' and s.environment_url is not null
          order by s.created_at desc, s.status_id desc
          limit 1
        ),
        'log_url', (
          select s.log_url
          from codered.deployment_statuses s
          where s.deployment_id = p.id and s.state <> 'inactive' and s.log_url is not null
          order by s.created_at desc, s.status_id desc
          limit 1
        )
      )
      order by p.environment_name
    ),
    '[]'
  )
  from places p
$$;
comment on function codered.read_deployment_links(bigint, text[]) is
  'Of each environment''s newest deployment of these commits the newest address in its statuses of what it deployed to, and of its log; null where none did.';
revoke execute on function codered.read_deployment_links from public;
grant execute on function codered.read_deployment_links to service_role;
