-- A run says when what it judged reached production: status event DEPLOYED. Old workers survive it.

alter table codered.runs add column deployed_to text[] not null default '{}';
comment on column codered.runs.deployed_to is
  'Names of the production environments whose deployments hold its commit, each told once by a status event DEPLOYED.';
create or replace trigger runs_events after insert or update or delete on codered.runs
  for each row execute function codered.append_event('run',
    'total_gates,gates_passed,gates_failed,total_tokens_in,total_tokens_out,total_cost_usd,ci_event_id,ci_run_id,dod_state,deployed_to');
create index pull_requests_merged_idx on codered.pull_requests (repository_id, base_ref, merged_at) where state = 'merged';

create function codered.find_deployed(repository_id bigint, deployment_ids uuid[] default null, head_sha text default null)
returns table (run_id uuid, environment_name text, deployment uuid)
language sql
stable
set search_path = ''
as $$
  with places as (
    -- Where on which branch the deployed commit stands: a merge tells it best, as a merge queue pushes to a branch of its own first.
    select
      d.id, d.repository_id, d.environment_name, d.commit_sha, d.finished_at,
      coalesce(m.base_ref, case when c.ref like 'refs/heads/%' then substr(c.ref, 12) end) as branch,
      coalesce(m.merged_at, c.pushed_at) as at
    from codered.deployments d
    left join lateral (
      select p.base_ref, p.merged_at
      from codered.pull_requests p
      where p.repository_id = d.repository_id and p.merge_commit_sha = d.commit_sha and p.state = 'merged'
      order by p.merged_at, p.number
      limit 1
    ) as m on true
    left join codered.commits c on c.repository_id = d.repository_id and c.sha = d.commit_sha
    where d.repository_id = find_deployed.repository_id
      and d.environment = 'prod' and d.status = 'succeeded'
      and (find_deployed.deployment_ids is null or d.id = any (find_deployed.deployment_ids))
      and (find_deployed.deployment_ids is not null or d.finished_at > now() - interval '30 days')
  ), commits as (
    select l.id, l.commit_sha as sha from places l
    union
    select l.id, p.head_sha
    from places l
    join codered.pull_requests p on p.repository_id = l.repository_id and p.merge_commit_sha = l.commit_sha and p.state = 'merged'
    union
    -- What was merged into that branch before; a month is further back than anybody waits with a deployment.
    select l.id, p.head_sha
    from places l
    join codered.pull_requests p
      on p.repository_id = l.repository_id and p.state = 'merged' and p.base_ref = l.branch
      and p.merged_at <= l.at and p.merged_at > l.at - interval '30 days'
  )
  select distinct on (r.id, l.environment_name) r.id, l.environment_name, l.id
  from commits c
  join places l on l.id = c.id
  join codered.runs r on r.repository_id = l.repository_id and r.commit_sha = c.sha
  where (find_deployed.head_sha is null or c.sha = find_deployed.head_sha)
    and num_nonnulls(r.pull_request_number, r.sprint_id) > 0
    and l.environment_name <> all (r.deployed_to)
  order by r.id, l.environment_name, l.finished_at, l.id
$$;
comment on function codered.find_deployed(bigint, uuid[], text) is
  'Runs that have not told yet that their commit is in production, and the first successful deployment that holds it: of the commit itself, of its merge, or of what was merged into or pushed to the same branch within 30 days after. All deployments of the last 30 days, or those named; all commits, or the one named.';

create function codered.settle_deployed(repository_id bigint, deployment_ids uuid[] default null, head_sha text default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  one record;
begin
  -- Sprints before their runs, as everywhere.
  perform 1
  from codered.sprints s
  where s.id in (
    select r.sprint_id
    from codered.find_deployed(settle_deployed.repository_id, settle_deployed.deployment_ids, settle_deployed.head_sha) f
    join codered.runs r on r.id = f.run_id
  )
  order by s.id
  for no key update;
  for one in
    select f.run_id, f.environment_name, d.deployment_id, d.commit_sha, d.url
    from codered.find_deployed(settle_deployed.repository_id, settle_deployed.deployment_ids, settle_deployed.head_sha) f
    join codered.deployments d on d.id = f.deployment
    order by f.run_id, f.environment_name
  loop
    update codered.runs r
    set deployed_to = r.deployed_to || one.environment_name
    where r.id = one.run_id and one.environment_name <> all (r.deployed_to);
    -- Whoever was quicker has told it.
    if found then
      perform codered.append_status(
        r.project_id, r.id, 'DEPLOYED', left(format('Deployed to %s', one.environment_name), 500),
        jsonb_strip_nulls(jsonb_build_object(
          'sprint_id', r.sprint_id, 'pull_request_number', r.pull_request_number, 'commit_sha', r.commit_sha,
          'environment', one.environment_name, 'deployment_id', one.deployment_id, 'deployed_sha', one.commit_sha, 'url', one.url)))
      from codered.runs r
      where r.id = one.run_id;
    end if;
  end loop;
end
$$;
comment on function codered.settle_deployed(bigint, uuid[], text) is
  'Tells of runs whose commit is in production by now, once for each environment, with a status event DEPLOYED; arguments as find_deployed has them.';

create function codered.follow_deployed()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'deployments' then
    perform codered.settle_deployed(new.repository_id, array[new.id]);
  elsif tg_table_name = 'pull_requests' then
    perform codered.settle_deployed(new.repository_id, null, new.head_sha);
  else
    perform codered.settle_deployed(new.repository_id, null, new.commit_sha);
  end if;
  return null;
end
$$;
comment on function codered.follow_deployed() is
  'Whichever is told last, the deployment, the merge or the verdict: the run says that it is in production.';
revoke execute on function codered.find_deployed(bigint, uuid[], text), codered.settle_deployed(bigint, uuid[], text),
  codered.follow_deployed() from public;
grant execute on function codered.find_deployed(bigint, uuid[], text), codered.settle_deployed(bigint, uuid[], text) to service_role;
create trigger deployments_reach_runs after insert or update of status, environment on codered.deployments
  for each row when (new.status = 'succeeded' and new.environment = 'prod') execute function codered.follow_deployed();
-- By their names after those that tell of the merge.
create trigger pull_requests_reach_production after insert or update of state, merge_commit_sha, merged_at on codered.pull_requests
  for each row when (new.state = 'merged') execute function codered.follow_deployed();
create trigger runs_reach_production after insert or update of sprint_id, pull_request_number on codered.runs
  for each row when (new.repository_id is not null and new.commit_sha is not null) execute function codered.follow_deployed();
