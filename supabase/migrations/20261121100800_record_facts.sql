-- Merging facts, in any order and any number of times, to the same rows. Old workers survive it.
--
-- What makes it order-free:
--   1. Every row keeps the source it was told by: (source_updated_at, source_delivery). A row changes only for a greater one.
--   2. A CI status only moves forward, so its rank comes before the source's time; commit statuses have no such order.
--   3. Starts take the earliest, ends the latest, deletions of installations are final.
--   4. What follows from several rows (a deployment's status, zones, is_current) is worked out anew from all of them.
-- Every payload touches its repository's row first, so that two deliveries of one repository are merged one after the other.

create function codered.is_newer(
  provider text,
  status text, source_updated_at timestamptz, source_delivery text,
  than_status text, than_updated_at timestamptz, than_delivery text
)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case
    when provider = 'github-status' then
      (source_updated_at, codered.status_rank(status), source_delivery)
      > (than_updated_at, codered.status_rank(than_status), than_delivery)
    else
      (codered.status_rank(status), source_updated_at, source_delivery)
      > (codered.status_rank(than_status), than_updated_at, than_delivery)
  end
$$;
comment on function codered.is_newer(text, text, timestamptz, text, text, timestamptz, text) is
  'Whether what one source says of a run or job wins over what another said.';

create function codered.merge_installations(facts json, delivery text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- An organisation is known by its account id, and by its name until the id is told.
  update codered.orgs o
  set login = f.account_login, name = f.account_login
  from json_to_recordset(facts) as f (account_login text, account_id bigint, source_updated_at timestamptz)
  where o.github_account_id = f.account_id
    and o.login <> f.account_login
    and f.source_updated_at is not null
    and not exists (select 1 from codered.orgs other where other.login = f.account_login)
    and not exists (
      select 1 from codered.installations i where i.org_id = o.id and i.source_updated_at > f.source_updated_at
    );

  insert into codered.orgs (name, login, github_account_id)
  select distinct on (f.account_login) f.account_login, f.account_login, f.account_id
  from json_to_recordset(facts) as f (account_login text, account_id bigint)
  where not exists (
    select 1 from codered.orgs o where o.login = f.account_login or o.github_account_id = f.account_id
  )
  order by f.account_login, f.account_id
  on conflict do nothing;

  update codered.orgs o
  set github_account_id = f.account_id
  from json_to_recordset(facts) as f (account_login text, account_id bigint)
  where o.login = f.account_login
    and o.github_account_id is null
    and f.account_id is not null
    and not exists (select 1 from codered.orgs other where other.github_account_id = f.account_id);

  -- Most deliveries only mention an installation that is known: those take no lock on its row.
  insert into codered.installations as i (id, org_id, account_login, account_type, source_updated_at, source_delivery)
  select distinct on (f.id)
    f.id, o.id, f.account_login, f.account_type, coalesce(f.source_updated_at, '-infinity'), merge_installations.delivery
  from json_to_recordset(facts) as f (
    id bigint, account_login text, account_id bigint, account_type text, source_updated_at timestamptz
  )
  cross join lateral (
    select org.id
    from codered.orgs org
    where org.github_account_id = f.account_id or org.login = f.account_login
    order by (org.github_account_id = f.account_id) desc nulls last
    limit 1
  ) as o
  where not exists (
    select 1
    from codered.installations known
    where known.id = f.id
      and (known.source_updated_at, known.source_delivery)
        >= (coalesce(f.source_updated_at, '-infinity'), merge_installations.delivery)
  )
  order by f.id, f.source_updated_at desc nulls last
  on conflict (id) do update
  set
    org_id = excluded.org_id,
    account_login = excluded.account_login,
    account_type = excluded.account_type,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (i.source_updated_at, i.source_delivery);

  -- What was refused for want of a permission, or while the installation was suspended, gets another chance.
  update codered.publications p
  set available_at = now(), attempts = 0
  from json_to_recordset(facts) as f (id bigint, permissions jsonb, suspended_at timestamptz, source_updated_at timestamptz)
  join codered.installations i on i.id = f.id
  join codered.repositories r on r.installation_id = i.id
  where p.repository_id = r.id
    and p.is_due
    and p.available_at = 'infinity'
    and f.suspended_at is null
    and f.permissions is not null
    and (f.source_updated_at, merge_installations.delivery) > (i.details_updated_at, i.details_delivery)
    and (f.permissions is distinct from i.permissions or i.suspended_at is not null);

  update codered.installations i
  set
    repository_selection = f.repository_selection,
    permissions = f.permissions,
    suspended_at = f.suspended_at,
    details_updated_at = f.source_updated_at,
    details_delivery = merge_installations.delivery
  from json_to_recordset(facts) as f (
    id bigint, repository_selection text, permissions jsonb, suspended_at timestamptz, source_updated_at timestamptz
  )
  where i.id = f.id
    and f.permissions is not null
    and (f.source_updated_at, merge_installations.delivery) > (i.details_updated_at, i.details_delivery);

  update codered.installations i
  set deleted_at = f.deleted_at
  from json_to_recordset(facts) as f (id bigint, deleted_at timestamptz)
  where i.id = f.id and f.deleted_at is not null and (i.deleted_at is null or i.deleted_at > f.deleted_at);
end
$$;
comment on function codered.merge_installations(json, text) is
  'Merges installations and the organisations they belong to. A deleted installation stays deleted: GitHub never reuses the id.';

create function codered.merge_repositories(facts json, delivery text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  homeless record;
  made uuid;
begin
  insert into codered.repositories as r (id, installation_id, owner, name, private, source_updated_at, source_delivery)
  select distinct on (f.id)
    f.id, i.id, f.owner, f.name, f.private, coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery
  from json_to_recordset(facts) as f (
    id bigint, installation_id bigint, owner text, name text, private boolean, source_updated_at timestamptz
  )
  left join codered.installations i on i.id = f.installation_id
  order by f.id, f.source_updated_at desc nulls last
  on conflict (id) do update
  set
    installation_id = coalesce(excluded.installation_id, r.installation_id),
    owner = excluded.owner,
    name = excluded.name,
    private = coalesce(excluded.private, r.private),
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (r.source_updated_at, r.source_delivery);

  update codered.repositories r
  set
    default_branch = f.default_branch,
    archived = f.archived,
    details_updated_at = coalesce(f.source_updated_at, '-infinity'),
    details_delivery = merge_repositories.delivery
  from json_to_recordset(facts) as f (id bigint, default_branch text, archived boolean, source_updated_at timestamptz)
  where r.id = f.id
    and f.default_branch is not null
    and (coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery) > (r.details_updated_at, r.details_delivery);

  update codered.repositories r
  set
    deleted_at = f.deleted_at,
    presence_updated_at = coalesce(f.source_updated_at, '-infinity'),
    presence_delivery = merge_repositories.delivery
  from json_to_recordset(facts) as f (
    id bigint, tells_presence boolean, deleted_at timestamptz, source_updated_at timestamptz
  )
  where r.id = f.id
    and f.tells_presence
    and (coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery) > (r.presence_updated_at, r.presence_delivery);

  for homeless in
    select r.id, r.owner || '/' || r.name as full_name, codered.slug_of(r.owner || '/' || r.name) as slug, i.org_id
    from codered.repositories r
    left join codered.installations i on i.id = r.installation_id
    where r.id in (select f.id from json_to_recordset(facts) as f (id bigint))
      and r.project_id is null
    order by r.id
  loop
    insert into codered.projects (org_id, slug, name)
    values (homeless.org_id, homeless.slug, homeless.full_name)
    on conflict (slug) do nothing
    returning id into made;
    if made is null then
      -- a-b/c and a/b-c come to one slug: the repository's id tells them apart.
      insert into codered.projects (org_id, slug, name)
      values (homeless.org_id, homeless.slug || '_' || homeless.id, homeless.full_name)
      returning id into made;
    end if;
    update codered.repositories r set project_id = made where r.id = homeless.id;
  end loop;
end
$$;
comment on function codered.merge_repositories(json, text) is
  'Merges repositories by GitHub''s id; one that has no project gets one in the same transaction.';

create function codered.merge_commits(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.commits as c (
    repository_id, sha, ref, message, author, authored_at, pushed_at, files, zones_touched, source_delivery
  )
  select distinct on (f.repository_id, f.sha)
    f.repository_id, f.sha, f.ref, f.message, f.author, f.authored_at, f.pushed_at, coalesce(f.files, '{}'),
    codered.zones_of(f.files, p.rules), merge_commits.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, sha text, ref text, message text, author text, authored_at timestamptz, pushed_at timestamptz,
    files text[]
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.repository_id, f.sha, f.pushed_at
  on conflict (repository_id, sha) do update
  set
    ref = excluded.ref,
    message = excluded.message,
    author = excluded.author,
    authored_at = excluded.authored_at,
    pushed_at = excluded.pushed_at,
    files = excluded.files,
    zones_touched = excluded.zones_touched,
    source_delivery = excluded.source_delivery
  where (coalesce(excluded.pushed_at, 'infinity'), excluded.source_delivery)
    < (coalesce(c.pushed_at, 'infinity'), c.source_delivery)
$$;
comment on function codered.merge_commits(json, text) is 'Merges commits: the earliest push that brought one tells of it.';

create function codered.merge_pull_requests(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.pull_requests as pr (
    repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, state, draft,
    author, opened_at, merged_at, merge_commit_sha, source_updated_at, source_delivery
  )
  select distinct on (f.repository_id, f.number)
    f.repository_id, f.number, f.title, f.html_url, f.head_sha, f.head_ref, f.head_repository_id, f.base_ref, f.base_sha,
    f.state, f.draft, f.author, f.opened_at, f.merged_at, f.merge_commit_sha, f.source_updated_at,
    merge_pull_requests.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, number integer, title text, html_url text, head_sha text, head_ref text,
    head_repository_id bigint, base_ref text, base_sha text, state text, draft boolean, author text,
    opened_at timestamptz, merged_at timestamptz, merge_commit_sha text, source_updated_at timestamptz
  )
  order by f.repository_id, f.number, f.source_updated_at desc
  on conflict (repository_id, number) do update
  set
    title = excluded.title,
    html_url = excluded.html_url,
    head_sha = excluded.head_sha,
    head_ref = excluded.head_ref,
    head_repository_id = excluded.head_repository_id,
    base_ref = excluded.base_ref,
    base_sha = excluded.base_sha,
    state = excluded.state,
    draft = excluded.draft,
    author = excluded.author,
    opened_at = excluded.opened_at,
    merged_at = excluded.merged_at,
    merge_commit_sha = excluded.merge_commit_sha,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (pr.source_updated_at, pr.source_delivery)
$$;
comment on function codered.merge_pull_requests(json, text) is 'Merges pull requests: the newest payload tells of one.';

create function codered.merge_ci_events(facts json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
begin
  insert into codered.ci_events as e (
    project_id, repository_id, provider, workflow_name, workflow_path, run_id, run_attempt, branch, head_repository_id,
    commit_sha, status, conclusion, trigger, start_time, end_time, pull_request_numbers, html_url, actor, summary,
    source_updated_at, source_delivery
  )
  select distinct on (f.provider, f.repository_id, f.run_id, f.run_attempt)
    r.project_id, f.repository_id, f.provider, f.workflow_name, f.workflow_path, f.run_id, f.run_attempt, f.branch,
    f.head_repository_id, f.commit_sha, f.status, f.conclusion, f.trigger, f.start_time, f.end_time,
    coalesce(f.pull_request_numbers, '{}'), f.html_url, f.actor, f.summary,
    coalesce(f.source_updated_at, '-infinity'), merge_ci_events.delivery
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, workflow_name text, workflow_path text,
    branch text, head_repository_id bigint, commit_sha text, status text, conclusion text, trigger text,
    start_time timestamptz, end_time timestamptz, pull_request_numbers integer[], html_url text, actor text,
    summary text, source_updated_at timestamptz
  )
  join codered.repositories r on r.id = f.repository_id
  order by f.provider, f.repository_id, f.run_id, f.run_attempt, f.source_updated_at desc nulls last
  on conflict (provider, repository_id, run_id, run_attempt) do update
  set
    workflow_name = excluded.workflow_name,
    workflow_path = excluded.workflow_path,
    branch = excluded.branch,
    head_repository_id = excluded.head_repository_id,
    commit_sha = excluded.commit_sha,
    status = excluded.status,
    conclusion = excluded.conclusion,
    trigger = excluded.trigger,
    start_time = least(e.start_time, excluded.start_time),
    end_time = greatest(e.end_time, excluded.end_time),
    pull_request_numbers = excluded.pull_request_numbers,
    html_url = excluded.html_url,
    actor = excluded.actor,
    summary = excluded.summary,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where codered.is_newer(
    e.provider,
    excluded.status, excluded.source_updated_at, excluded.source_delivery,
    e.status, e.source_updated_at, e.source_delivery
  );

  -- A source that lost still has a say in when it began and ended.
  update codered.ci_events e
  set start_time = least(e.start_time, f.start_time), end_time = greatest(e.end_time, f.end_time)
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, start_time timestamptz, end_time timestamptz
  )
  where e.provider = f.provider and e.repository_id = f.repository_id
    and e.run_id = f.run_id and e.run_attempt = f.run_attempt
    and (e.start_time is distinct from least(e.start_time, f.start_time)
      or e.end_time is distinct from greatest(e.end_time, f.end_time));

  return query
    select e.id
    from json_to_recordset(facts) as f (provider text, repository_id bigint, run_id text, run_attempt integer)
    join codered.ci_events e
      on e.provider = f.provider and e.repository_id = f.repository_id
      and e.run_id = f.run_id and e.run_attempt = f.run_attempt;
end
$$;
comment on function codered.merge_ci_events(json, text) is 'Merges CI events and returns the ids of those that were told of.';

create function codered.merge_ci_jobs(facts json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
begin
  insert into codered.ci_jobs as j (
    ci_event_id, job_id, name, status, conclusion, runner_name, labels, started_at, completed_at, steps, html_url,
    source_updated_at, source_delivery
  )
  select distinct on (f.job_id)
    e.id, f.job_id, f.name, f.status, f.conclusion, f.runner_name, coalesce(f.labels, '{}'), f.started_at, f.completed_at,
    coalesce(f.steps, '[]'), f.html_url, f.source_updated_at, merge_ci_jobs.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, run_id text, run_attempt integer, job_id bigint, name text, status text, conclusion text,
    runner_name text, labels text[], started_at timestamptz, completed_at timestamptz, steps jsonb, html_url text,
    source_updated_at timestamptz
  )
  join codered.ci_events e
    on e.provider = 'github-actions' and e.repository_id = f.repository_id
    and e.run_id = f.run_id and e.run_attempt = f.run_attempt
  order by f.job_id, codered.status_rank(f.status) desc, f.source_updated_at desc
  on conflict (job_id) do update
  set
    name = excluded.name,
    status = excluded.status,
    conclusion = excluded.conclusion,
    runner_name = excluded.runner_name,
    labels = excluded.labels,
    started_at = least(j.started_at, excluded.started_at),
    completed_at = greatest(j.completed_at, excluded.completed_at),
    steps = excluded.steps,
    html_url = excluded.html_url,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where codered.is_newer(
    'github-actions',
    excluded.status, excluded.source_updated_at, excluded.source_delivery,
    j.status, j.source_updated_at, j.source_delivery
  );

  update codered.ci_jobs j
  set started_at = least(j.started_at, f.started_at), completed_at = greatest(j.completed_at, f.completed_at)
  from json_to_recordset(facts) as f (job_id bigint, started_at timestamptz, completed_at timestamptz)
  where j.job_id = f.job_id
    and (j.started_at is distinct from least(j.started_at, f.started_at)
      or j.completed_at is distinct from greatest(j.completed_at, f.completed_at));

  return query
    select j.id
    from json_to_recordset(facts) as f (job_id bigint)
    join codered.ci_jobs j on j.job_id = f.job_id;
end
$$;
comment on function codered.merge_ci_jobs(json, text) is 'Merges jobs and returns the ids of those that were told of; their CI events stand already.';

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

  perform codered.settle_deployments(touched);
  return query select unnest(touched);
end
$$;
comment on function codered.merge_deployments(json, json, text) is
  'Merges deployments and their statuses, works out what follows, and returns the ids of the deployments told of.';

create function codered.settle_deployments(deployment_ids uuid[])
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
comment on function codered.settle_deployments(uuid[]) is
  'Works out status, url, finished_at and which is current, from all statuses, so that their order cannot matter.';

create function codered.settle_zones(ci_event_ids uuid[], commits json)
returns void
language sql
set search_path = ''
as $$
  update codered.ci_events e
  set zones_touched = c.zones_touched
  from codered.commits c
  where c.repository_id = e.repository_id and c.sha = e.commit_sha
    and e.zones_touched is distinct from c.zones_touched
    and (
      e.id = any (settle_zones.ci_event_ids)
      or exists (
        select 1
        from json_to_recordset(settle_zones.commits) as f (repository_id bigint, sha text)
        where f.repository_id = e.repository_id and f.sha = e.commit_sha
      )
    )
$$;
comment on function codered.settle_zones(uuid[], json) is 'Gives CI events the zones of their commit, whichever came first.';

create function codered.settle_deployment_runs(ci_event_ids uuid[], deployment_ids uuid[])
returns void
language sql
set search_path = ''
as $$
  update codered.deployments d
  set ci_event_id = e.id
  from codered.ci_events e
  where d.ci_event_id is null
    and d.run_id is not null
    and e.provider = 'github-actions'
    and e.repository_id = d.repository_id
    and e.run_id = d.run_id
    and e.run_attempt = coalesce(d.run_attempt, 1)
    and (e.id = any (settle_deployment_runs.ci_event_ids) or d.id = any (settle_deployment_runs.deployment_ids))
$$;
comment on function codered.settle_deployment_runs(uuid[], uuid[]) is
  'Links deployments to the run that made them, whichever came first.';

create function codered.heads_after(repository_id bigint, sha text)
returns setof text
language sql
stable
set search_path = ''
as $$
  select heads_after.sha
  union
  select pr.head_sha
  from codered.ci_events e
  join codered.pull_requests pr
    on pr.repository_id = e.repository_id
    and pr.head_ref = e.branch
    and pr.head_repository_id is not distinct from e.head_repository_id
  where e.repository_id = heads_after.repository_id
    and e.commit_sha = heads_after.sha
    and e.trigger = 'pull_request'
$$;
comment on function codered.heads_after(bigint, text) is
  'The commit, and the heads that took its place on its pull requests: they tell of what had failed on it, and of what fixed it.';

create function codered.queue_follow_ups(ci_event_ids uuid[], ci_job_ids uuid[], deployment_ids uuid[], pull_requests json, rechecks json)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  queued integer;
begin
  with wanted as (
    -- A failed job is diagnosed once; so is every failed state of a check, a status or a deployment. A job that started and
    -- was cancelled may have run into its time limit: GitHub tells the two apart in an annotation only.
    select e.project_id, 'diagnose' as agent_type,
      jsonb_build_object('repository_id', e.repository_id, 'ci_job_id', j.id, 'ci_event_id', e.id) as input,
      'diagnose:job:' || j.job_id as dedupe_key, interval '0' as delay, true as once
    from codered.ci_jobs j
    join codered.ci_events e on e.id = j.ci_event_id
    where j.id = any (ci_job_ids)
      and (j.status = 'failed' or (j.status = 'canceled' and jsonb_array_length(j.steps) > 0))
    union all
    -- A run that failed without a job is an invalid workflow file; its jobs' deliveries get ten seconds to arrive first.
    select e.project_id, 'diagnose',
      jsonb_build_object('repository_id', e.repository_id, 'ci_event_id', e.id),
      'diagnose:event:' || e.id || case when e.provider = 'github-actions' then '' else ':' || e.source_updated_at end,
      case when e.provider = 'github-actions' and e.conclusion is distinct from 'startup_failure'
        then interval '10 seconds' else interval '0' end,
      true
    from codered.ci_events e
    where e.id = any (ci_event_ids)
      and e.status = 'failed'
      and not exists (select 1 from codered.ci_jobs j where j.ci_event_id = e.id and j.status = 'failed')
    union all
    select d.project_id, 'diagnose',
      jsonb_build_object('repository_id', d.repository_id, 'deployment_id', d.id),
      'diagnose:deployment:' || d.id, interval '0', true
    from codered.deployments d
    where d.id = any (deployment_ids) and d.status = 'failed'
    union all
    select r.project_id, 'report',
      jsonb_build_object('repository_id', t.repository_id, 'head_sha', h.sha)
        || case when bool_or(t.recheck and h.sha = t.sha) then '{"recheck": true}'::jsonb else '{}'::jsonb end,
      'report:' || t.repository_id || ':' || h.sha, interval '0', false
    from (
      select e.repository_id, e.commit_sha as sha, false as recheck
      from codered.ci_events e
      where e.id = any (ci_event_ids)
      union all
      select e.repository_id, e.commit_sha, false
      from codered.ci_jobs j
      join codered.ci_events e on e.id = j.ci_event_id
      where j.id = any (ci_job_ids)
      union all
      select d.repository_id, d.commit_sha, false
      from codered.deployments d
      where d.id = any (deployment_ids)
      union all
      select f.repository_id, f.head_sha, false
      from json_to_recordset(pull_requests) as f (repository_id bigint, head_sha text)
      union all
      select f.repository_id, f.head_sha, true
      from json_to_recordset(rechecks) as f (repository_id bigint, head_sha text)
    ) as t
    join codered.repositories r on r.id = t.repository_id
    cross join lateral codered.heads_after(t.repository_id, t.sha) as h (sha)
    group by r.project_id, t.repository_id, h.sha
  )
  select count(*) into queued
  from wanted w
  cross join lateral (select codered.queue_job(w.project_id, w.agent_type, w.input, w.dedupe_key, w.delay)) as done
  where not w.once
    -- What was given up is tried again when it is told again.
    or not exists (select 1 from codered.agent_jobs j where j.dedupe_key = w.dedupe_key and j.status <> 'failed');
  return queued;
end
$$;
comment on function codered.queue_follow_ups(uuid[], uuid[], uuid[], json, json) is
  'Queues the diagnoses and reports that merged facts ask for; returns how many it asked for.';

create function codered.facts_of(facts json, kind text)
returns json
language sql
immutable
set search_path = ''
as $$
  select case when json_array_length(coalesce(facts -> kind, '[]')) > 0 then facts -> kind end
$$;
comment on function codered.facts_of(json, text) is 'The facts of one kind; null when there are none.';

create function codered.record_facts(facts json, app_id bigint default null, guid text default null)
returns json
language plpgsql
set search_path = ''
as $$
declare
  delivery constant text := coalesce(record_facts.guid, '');
  nothing constant json := '[]';
  installations constant json := codered.facts_of(facts, 'installations');
  repositories constant json := codered.facts_of(facts, 'repositories');
  commits constant json := codered.facts_of(facts, 'commits');
  pull_requests constant json := codered.facts_of(facts, 'pull_requests');
  ci_events constant json := codered.facts_of(facts, 'ci_events');
  ci_jobs constant json := codered.facts_of(facts, 'ci_jobs');
  deployments constant json := codered.facts_of(facts, 'deployments');
  ci_event_ids uuid[] := '{}';
  ci_job_ids uuid[] := '{}';
  deployment_ids uuid[] := '{}';
  queued integer;
begin
  -- A delivery is about one or two kinds: what it does not tell of costs nothing.
  if installations is not null then
    perform codered.merge_installations(installations, delivery);
  end if;
  if repositories is not null then
    perform codered.merge_repositories(repositories, delivery);
  end if;
  if commits is not null then
    perform codered.merge_commits(commits, delivery);
  end if;
  if pull_requests is not null then
    perform codered.merge_pull_requests(pull_requests, delivery);
  end if;
  if ci_events is not null then
    ci_event_ids := array(select codered.merge_ci_events(ci_events, delivery));
  end if;
  if ci_jobs is not null then
    ci_job_ids := array(select codered.merge_ci_jobs(ci_jobs, delivery));
  end if;
  if deployments is not null then
    deployment_ids := array(
      select codered.merge_deployments(deployments, coalesce(facts -> 'deployment_statuses', nothing), delivery)
    );
  end if;
  if ci_events is not null or commits is not null then
    perform codered.settle_zones(ci_event_ids, coalesce(commits, nothing));
  end if;
  if ci_events is not null or deployments is not null then
    perform codered.settle_deployment_runs(ci_event_ids, deployment_ids);
  end if;
  queued := codered.queue_follow_ups(
    ci_event_ids, ci_job_ids, deployment_ids,
    coalesce(pull_requests, nothing), coalesce(facts -> 'rechecks', nothing)
  );
  update codered.webhook_deliveries w
  set status = 'done', processed_at = now(), last_error = null, locked_by = null, locked_until = null
  where w.app_id = record_facts.app_id and w.guid = record_facts.guid;
  return json_build_object('queued', queued);
end
$$;
comment on function codered.record_facts(json, bigint, text) is
  'Merges what one delivery says, queues what has to follow and closes the delivery: all of it or nothing. Facts that came by no delivery leave app_id and guid out.';
