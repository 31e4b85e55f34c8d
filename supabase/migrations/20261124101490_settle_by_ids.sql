-- Recording a delivery costs the same however much is known already. Old workers survive it.

-- What one delivery moves is found by its ids first. An "or" between two ways to a row left no index to use: every delivery read
-- all commits, which took seconds once there were a million runs.
create or replace function codered.settle_zones(ci_event_ids uuid[], commits json)
returns void
language sql
set search_path = ''
as $$
  update codered.ci_events e
  set zones_touched = c.zones_touched
  from (
    select told.id
    from unnest(settle_zones.ci_event_ids) as told (id)
    union
    select of_commit.id
    from json_to_recordset(settle_zones.commits) as f (repository_id bigint, sha text)
    join codered.ci_events of_commit on of_commit.repository_id = f.repository_id and of_commit.commit_sha = f.sha
  ) as touched, codered.commits c
  where e.id = touched.id
    and c.repository_id = e.repository_id and c.sha = e.commit_sha
    and e.zones_touched is distinct from c.zones_touched
$$;

create or replace function codered.settle_deployment_runs(ci_event_ids uuid[], deployment_ids uuid[])
returns void
language sql
set search_path = ''
as $$
  update codered.deployments d
  set ci_event_id = found.ci_event_id
  from (
    select waiting.id, e.id as ci_event_id
    from unnest(settle_deployment_runs.ci_event_ids) as told (id)
    join codered.ci_events e on e.id = told.id and e.provider = 'github-actions'
    join codered.deployments waiting
      on waiting.repository_id = e.repository_id and waiting.run_id = e.run_id
      and waiting.ci_event_id is null
      and coalesce(waiting.run_attempt, 1) = e.run_attempt
    union
    select waiting.id, e.id
    from unnest(settle_deployment_runs.deployment_ids) as told (id)
    join codered.deployments waiting on waiting.id = told.id and waiting.ci_event_id is null
    join codered.ci_events e
      on e.provider = 'github-actions' and e.repository_id = waiting.repository_id
      and e.run_id = waiting.run_id and e.run_attempt = coalesce(waiting.run_attempt, 1)
  ) as found
  where d.id = found.id
$$;
