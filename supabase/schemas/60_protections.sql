-- Deployment protection: what GitHub asks before it deploys.

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
    select codered.queue_follow_up(a.project_id, 'protection', a.input, a.dedupe_key)
    from asked a
    -- What was given up is tried again when it is told again.
    where not exists (select from codered.follow_ups j where j.dedupe_key = a.dedupe_key and j.status <> 'failed')
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_protections(json) is
  'Queues the answer to each deployment that GitHub holds back until it comes, once; returns how many were queued.';
revoke execute on function codered.queue_protections from public;
grant execute on function codered.queue_protections to service_role;

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
revoke execute on function codered.read_protection_subject from public;
grant execute on function codered.read_protection_subject to service_role;

create function codered.queue_protection_recheck(protection jsonb, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'protection', queue_protection_recheck.protection,
    concat_ws(':', 'deadline:protection', r.id, queue_protection_recheck.protection ->> 'deployment_id',
      queue_protection_recheck.protection ->> 'environment'),
    make_interval(secs => queue_protection_recheck.seconds), is_scheduled => true)
  from codered.repositories r
  where r.id = (queue_protection_recheck.protection ->> 'repository_id')::bigint
$$;
comment on function codered.queue_protection_recheck(jsonb, integer) is
  'Queues in so many seconds the answer for a deployment that waits for its verdict; protection is the input of the job.';
revoke execute on function codered.queue_protection_recheck from public;
grant execute on function codered.queue_protection_recheck to service_role;

create function codered.queue_protection_look(protection jsonb, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_protection_recheck(protection, seconds)
$$;
comment on function codered.queue_protection_look(jsonb, integer) is 'The former name of queue_protection_recheck, for workers from before it was renamed.';
revoke execute on function codered.queue_protection_look from public;
grant execute on function codered.queue_protection_look to service_role;

create function codered.hasten_protections()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  update codered.follow_ups j
  set run_after = now()
  where j.status = 'queued'
    and j.kind = 'protection'
    and j.is_scheduled
    and j.repository_id = new.repository_id
    and j.run_after > now()
    and (
      j.commit_sha = new.commit_sha
      or exists (
        select 1
        from codered.pull_requests pr
        where pr.repository_id = new.repository_id and pr.head_sha = new.commit_sha and pr.merge_commit_sha = j.commit_sha
      )
    );
  return null;
end
$$;
comment on function codered.hasten_protections() is 'A deployment that waits for the verdict on a commit is answered as soon as there is one.';
revoke execute on function codered.hasten_protections from public;

create trigger runs_hasten_protections after insert or update of status on codered.runs
  for each row when (new.status in ('completed', 'failed') and new.repository_id is not null and new.commit_sha is not null)
  execute function codered.hasten_protections();
