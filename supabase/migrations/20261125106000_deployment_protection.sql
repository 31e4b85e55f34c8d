-- Environments that wait for the gate: a deployment that GitHub holds back asks, and its commit's verdict answers. Old workers survive it.

create function codered.queue_protections(deployments json)
returns integer
language sql
set search_path = ''
as $$
  with asked as (
    select
      r.project_id, 'protection:' || r.id || ':' || f.deployment_id || ':' || f.environment_name as dedupe_key,
      jsonb_build_object(
        'kind', 'protection', 'repository_id', r.id, 'deployment_id', f.deployment_id, 'environment', f.environment_name,
        'run_id', f.protection_run_id, 'sha', f.commit_sha, 'since', now()) as input
    from json_to_recordset(queue_protections.deployments) as f (
      repository_id bigint, deployment_id text, environment_name text, commit_sha text, protection_run_id bigint
    )
    join codered.repositories r on r.id = f.repository_id
    where f.protection_run_id is not null
  ), queued as (
    select codered.queue_job(a.project_id, 'pipeline', a.input, a.dedupe_key)
    from asked a
    -- What was given up is tried again when it is told again.
    where not exists (select from codered.agent_jobs j where j.dedupe_key = a.dedupe_key and j.status <> 'failed')
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_protections(json) is
  'Queues the answer to each deployment that GitHub holds back until it comes, once; returns how many were queued.';

create or replace function codered.merge_deployments(facts json, statuses json, delivery text)
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
  perform codered.queue_protections(facts);
  return query select unnest(touched);
end
$$;
comment on function codered.merge_deployments(json, json, text) is
  'Merges deployments and their statuses, works out what follows, queues the answers that protected environments wait for, and returns the ids of the deployments told of.';

create function codered.read_protection_subject(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id, 'owner', r.owner, 'name', r.name, 'default_branch', r.default_branch,
    'verdict', (
      select json_build_object(
        'status', g.status,
        'unmet', coalesce(
          (
            select json_agg(distinct e.gate_name)
            from codered.gate_executions e
            where e.run_id = g.id and e.phase = 'definition_of_done' and e.status not in ('passed', 'skipped')
              and e.attempt_number = (
                select max(n.attempt_number) from codered.gate_executions n where n.run_id = e.run_id and n.gate_id = e.gate_id
              )
          ),
          '[]'))
      from codered.runs g
      where g.repository_id = r.id
        and (
          g.commit_sha = read_protection_subject.sha
          or g.commit_sha in (
            select pr.head_sha
            from codered.pull_requests pr
            where pr.repository_id = r.id and pr.merge_commit_sha = read_protection_subject.sha and pr.merged_at is not null
          )
        )
        and exists (select from codered.gate_executions e where e.run_id = g.id and e.phase = 'definition_of_done')
      order by g.commit_sha = read_protection_subject.sha desc, g.created_at desc, g.id
      limit 1
    ))
  from codered.repositories r
  where r.id = read_protection_subject.repository_id and r.deleted_at is null
$$;
comment on function codered.read_protection_subject(bigint, text) is
  'Where a repository is, and the newest verdict on the commit or on the head of the pull request that was merged as it; null when it is unknown.';

create function codered.queue_protection_look(protection jsonb, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'pipeline', queue_protection_look.protection,
    -- A look at a deadline is no work that waits to be done: inbox_status.
    concat_ws(':', 'deadline:protection', r.id, queue_protection_look.protection ->> 'deployment_id',
      queue_protection_look.protection ->> 'environment'),
    make_interval(secs => queue_protection_look.seconds))
  from codered.repositories r
  where r.id = (queue_protection_look.protection ->> 'repository_id')::bigint
$$;
comment on function codered.queue_protection_look(jsonb, integer) is
  'Has a deployment that waits for its verdict looked at again in so many seconds; protection is the input of the job.';

revoke execute on function codered.queue_protections(json), codered.read_protection_subject(bigint, text),
  codered.queue_protection_look(jsonb, integer) from public;
grant execute on function codered.queue_protections(json), codered.read_protection_subject(bigint, text),
  codered.queue_protection_look(jsonb, integer) to service_role;
