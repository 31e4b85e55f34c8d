-- What a run made that is held by an environment is read before the run is over. Workers of before don't ask for it, and survive it.

create function codered.queue_held_evidence(repository_id bigint, ci_event_ids uuid[])
returns json
language sql
set search_path = ''
as $$
  with wanted as (
    select
      e.id, e.project_id, e.repository_id,
      -- Each job that ends may have left something: what was read before it ended is read again.
      'artifacts:' || e.id || ':held:' || ended.jobs || ':' || coalesce(extract(epoch from ended.last), 0) as dedupe_key
    from codered.ci_events e
    cross join lateral (
      select count(*) as jobs, max(j.source_updated_at) as last
      from codered.ci_jobs j
      where j.ci_event_id = e.id and j.status not in ('queued', 'running')
    ) ended
    where e.id = any (queue_held_evidence.ci_event_ids)
      and e.repository_id = queue_held_evidence.repository_id
      and e.status in ('queued', 'running')
  ), queued as (
    select
      codered.queue_job(
        w.project_id, 'artifacts', jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id), w.dedupe_key)
    from wanted w
    where not exists (select from codered.agent_jobs j where j.dedupe_key = w.dedupe_key)
  )
  select json_build_object(
    'queued', (select count(*) from queued),
    'read', coalesce(
      (
        select json_agg(w.id order by w.id)
        from wanted w
        where exists (select from codered.agent_jobs j where j.dedupe_key = w.dedupe_key and j.status = 'completed')
      ),
      '[]'))
$$;

comment on function codered.queue_held_evidence(bigint, uuid[]) is
  'Queues the reading of artifacts of workflow runs that are not over, of which only jobs are left that wait for an environment: once for each job that has ended. Tells how many were queued, and the events of those that were read since the last one ended.';

revoke all on function codered.queue_held_evidence(bigint, uuid[]) from public;
grant execute on function codered.queue_held_evidence(bigint, uuid[]) to service_role;
