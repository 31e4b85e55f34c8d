-- When what a verdict rests on has changed: the reports of the open heads concerned are queued again, and of no others.
--
--   1. A head is concerned when one of its failures is of the same job key as what came, near enough on the base branch, or has the
--      same fingerprint; and when what came can make another verdict of it.
--   2. Each head is queued once, however much comes. Of one repository 25 begin a minute, those that moved last before the others, so
--      that neither a broken base nor an outage makes hundreds of reports at once. More than 500 heads are never looked at.
--   3. A report that says what stands there already writes nothing to GitHub.

create function codered.queue_verdicts(repository_id bigint, shas text[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  waiting integer;
  queued integer;
begin
  if cardinality(shas) = 0 then
    return 0;
  end if;
  select count(*) into waiting
  from codered.follow_ups f
  where f.repository_id = queue_verdicts.repository_id and f.status = 'queued' and f.is_scheduled and f.dedupe_key like 'verdict:%';
  with wanted as (
    select r.project_id, r.id, s.sha, (waiting + row_number() over (order by s.place) - 1) / 25 as minutes
    from unnest(queue_verdicts.shas) with ordinality as s (sha, place)
    join codered.repositories r on r.id = queue_verdicts.repository_id and r.deleted_at is null
    where not exists (
      select
      from codered.follow_ups f
      where f.dedupe_key in ('verdict:' || r.id || ':' || s.sha, 'report:' || r.id || ':' || s.sha) and f.status = 'queued'
    )
  )
  select count(*) into queued
  from wanted w
  cross join lateral (select codered.queue_follow_up(
    w.project_id, 'report', jsonb_build_object('repository_id', w.id, 'head_sha', w.sha), 'verdict:' || w.id || ':' || w.sha,
    make_interval(mins => w.minutes::integer), w.minutes > 0)) as done;
  return queued;
end
$$;
comment on function codered.queue_verdicts(bigint, text[]) is
  'Queues the reports of these commits, 25 a minute for a repository and in this order, but for those that are queued. Returns how many were queued.';
revoke execute on function codered.queue_verdicts from public;
grant execute on function codered.queue_verdicts to service_role;

create function codered.may_change_verdict(error_id uuid, verdict text, own_number bigint, base codered.ci_events, passed boolean)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  last jsonb;
  is_after constant boolean := codered.run_number(base.run_id) > own_number;
begin
  -- That the base goes on passing tells nobody anything new.
  if may_change_verdict.verdict = 'collateral' or (is_after and passed and may_change_verdict.verdict = 'new') then
    return false;
  end if;
  select v.evidence into last
  from codered.verdicts v
  where v.error_id = may_change_verdict.error_id
  order by v.created_at desc
  limit 1;
  if last is null or last -> 'base' ->> 'sha' = base.commit_sha then
    return true;
  end if;
  return (
    select
      coalesce(bool_or(a.value ->> 'sha' = base.commit_sha), false)
      -- Ten on each side are looked at: beyond them nothing counts.
      or case
        when is_after then count(*) filter (where not (a.value ->> 'before_base')::boolean) < 10
        else count(*) filter (where (a.value ->> 'before_base')::boolean) < 10
          or base.start_time > min((a.value ->> 'at')::timestamptz) filter (where (a.value ->> 'before_base')::boolean)
      end
    from jsonb_array_elements(last -> 'around') as a
  );
end
$$;
comment on function codered.may_change_verdict(uuid, text, bigint, codered.ci_events, boolean) is
  'Whether a run on the base branch, of which the job passed in all its attempts or not, can make another verdict of a failure of a run of this number. Called in SQL only.';
revoke execute on function codered.may_change_verdict from public;
grant execute on function codered.may_change_verdict to service_role;

create function codered.queue_verdicts_after_runs(ci_event_ids uuid[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  base codered.ci_events;
  told jsonb;
  queued integer := 0;
begin
  for base in
    select e.*
    from codered.ci_events e
    where e.id = any (queue_verdicts_after_runs.ci_event_ids)
      and e.provider = 'github-actions'
      and e.status not in ('queued', 'running')
      and e.trigger = 'push' and coalesce(e.event, 'push') = 'push'
      and e.head_repository_id = e.repository_id
      and e.workflow_path is not null
      and exists (
        select from codered.pull_requests p
        where p.repository_id = e.repository_id and p.base_ref = e.branch and p.state = 'open')
  loop
    -- The jobs of this attempt, and whether each passed in all attempts of the run.
    select jsonb_object_agg(x.name, x.passed) into told
    from (
      select j.name, bool_and(j.status = 'succeeded') as passed
      from codered.ci_events a
      join codered.ci_jobs j on j.ci_event_id = a.id
      where a.provider = base.provider and a.repository_id = base.repository_id and a.run_id = base.run_id
      group by j.name
    ) as x;
    continue when told is null;
    queued := queued + codered.queue_verdicts(base.repository_id, array(
      select p.head_sha
      from (
        select o.head_sha, max(o.source_updated_at) as moved_at
        from codered.pull_requests o
        where o.repository_id = base.repository_id and o.base_ref = base.branch and o.state = 'open'
        group by o.head_sha
        order by moved_at desc
        limit 500
      ) as p
      where exists (
        select
        from codered.ci_events c
        join codered.errors x on x.ci_event_id = c.id
        join codered.ci_jobs j on j.id = x.ci_job_id
        where c.repository_id = base.repository_id and c.commit_sha = p.head_sha
          and c.workflow_path = base.workflow_path
          and told ? j.name
          and codered.may_change_verdict(x.id, x.verdict, codered.run_number(c.run_id), base, (told ->> j.name)::boolean)
      )
      order by p.moved_at desc
    ));
  end loop;
  return queued;
end
$$;
comment on function codered.queue_verdicts_after_runs(uuid[]) is
  'Queues the reports of open heads with a failure of a job that one of these runs for a push to their base branch tells of. Returns how many.';
revoke execute on function codered.queue_verdicts_after_runs from public;
grant execute on function codered.queue_verdicts_after_runs to service_role;

create function codered.queue_verdicts_after_failure(error_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  failure codered.errors;
  event codered.ci_events;
  is_of_base boolean;
  is_of_pull_request boolean;
  is_infra boolean;
  is_generic boolean;
begin
  select e.* into failure from codered.errors e where e.id = queue_verdicts_after_failure.error_id;
  select c.* into event from codered.ci_events c where c.id = failure.ci_event_id;
  if event.id is null then
    return 0;
  end if;
  is_of_base := event.trigger = 'push' and coalesce(event.event, 'push') = 'push' and event.head_repository_id = event.repository_id;
  is_of_pull_request := event.trigger = 'pull_request' and event.head_repository_id = event.repository_id;
  is_infra := is_of_pull_request and exists (
    select
    from codered.error_matches m
    join codered.bug_patterns p on p.id = m.bug_pattern_id
    where m.error_id = failure.id and m.is_primary and p.category = 'infra');
  is_generic := (codered.list_fingerprint_history(
    event.repository_id, jsonb_build_array(jsonb_build_object('fingerprint', failure.fingerprint, 'at', now())))
    -> failure.fingerprint ->> 'job_keys')::integer > 3;
  return case when is_of_base then codered.queue_verdicts_after_runs(array[event.id]) else 0 end
    + codered.queue_verdicts(event.repository_id, array(
      select p.head_sha
      from (
        select x.ci_event_id, x.verdict
        from codered.errors x
        where x.project_id = failure.project_id and x.fingerprint = failure.fingerprint and x.id <> failure.id
        order by x.created_at desc
        limit 500
      ) as same
      join codered.ci_events c on c.id = same.ci_event_id and c.repository_id = event.repository_id and c.commit_sha <> event.commit_sha
      join codered.pull_requests p
        on p.repository_id = c.repository_id and p.head_sha = c.commit_sha and p.state = 'open'
      where (is_of_base and p.base_ref = event.branch and same.verdict not in ('broken_base', 'collateral'))
        or (is_infra and same.verdict not in ('infra', 'collateral'))
        -- By a line that stands everywhere nobody is excused any longer.
        or (is_generic and same.verdict in ('flaky', 'broken_base', 'infra'))
      group by p.head_sha
      order by max(p.source_updated_at) desc
    ));
end
$$;
comment on function codered.queue_verdicts_after_failure(uuid) is
  'Queues the reports of open heads of which another verdict may come now that this failure is known. Returns how many.';
revoke execute on function codered.queue_verdicts_after_failure from public;
grant execute on function codered.queue_verdicts_after_failure to service_role;
