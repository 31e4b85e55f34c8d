-- What holds a gate up that nobody on the pull request can see: for codered doctor --gate. Old workers survive it.

create function codered.gate_health(stuck_minutes integer default 10)
returns json
language sql
stable
set search_path = ''
as $$
  with past as (
    select now() - make_interval(mins => gate_health.stuck_minutes) as at
  )
  select json_build_object(
    -- Check runs that are in progress though all that they wait for should have come or been given up.
    'overdue', coalesce(
      (
        select json_agg(o order by o.until)
        from (
          select
            r.owner || '/' || r.name as repository, g.pull_request_number, g.commit_sha,
            string_agg(distinct e.gate_name, ', ' order by e.gate_name) as criteria,
            min((e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz) as until
          from codered.runs g
          join codered.repositories r on r.id = g.repository_id and r.deleted_at is null
          join codered.gate_executions e on e.run_id = g.id and e.phase = 'definition_of_done' and e.status = 'pending'
          join codered.pull_requests pr
            on pr.repository_id = g.repository_id and pr.number = g.pull_request_number and pr.state = 'open' and pr.head_sha = g.commit_sha
          where g.status = 'running' and (e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz < (select p.at from past p)
          group by r.owner, r.name, g.id, g.pull_request_number, g.commit_sha
          order by min((e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz)
          limit 100
        ) as o
      ),
      '[]'),
    -- What should stand on GitHub and does not.
    'unpublished', coalesce(
      (
        select json_agg(u order by u.since)
        from (
          select
            r.owner || '/' || r.name as repository, p.kind, p.target, p.attempts, p.updated_at as since,
            p.available_at = 'infinity' as is_given_up, p.last_error
          from codered.publications p
          join codered.repositories r on r.id = p.repository_id and r.deleted_at is null
          where p.is_due and (p.available_at = 'infinity' or (p.attempts > 2 and p.last_error is not null) or p.updated_at < (select q.at from past q))
          order by p.updated_at
          limit 100
        ) as u
      ),
      '[]'),
    'dead_jobs', coalesce(
      (
        select json_agg(d order by d.since desc)
        from (
          select
            j.agent_type, r.owner || '/' || r.name as repository, j.input ->> 'head_sha' as commit_sha, j.error as last_error,
            j.completed_at as since
          from codered.agent_jobs j
          left join codered.repositories r on r.id = case when jsonb_typeof(j.input -> 'repository_id') = 'number' then (j.input ->> 'repository_id')::bigint end
          where j.status = 'failed' and j.dedupe_key is not null and j.completed_at > now() - interval '7 days'
          order by j.completed_at desc
          limit 100
        ) as d
      ),
      '[]'),
    -- Nobody does it: no worker runs, or too few.
    'waiting_jobs', (
      select json_build_object('count', count(*), 'since', min(j.run_after))
      from codered.agent_jobs j
      where j.status = 'queued' and j.dedupe_key is not null and j.run_after < (select p.at from past p)
    ),
    'waiting_deliveries', (
      select json_build_object(
        'count', count(*) filter (where w.status <> 'dead' and w.received_at < (select p.at from past p)),
        'since', min(w.received_at) filter (where w.status <> 'dead' and w.received_at < (select p.at from past p)),
        'dead', count(*) filter (where w.status = 'dead'))
      from codered.webhook_deliveries w
      where w.status in ('pending', 'processing', 'failed', 'dead')
    ),
    'held_installations', coalesce(
      (
        select json_agg(h order by h.account)
        from (
          select
            i.account_login as account, case when i.suspended_at is null then i.paused_until end as paused_until, i.suspended_at
          from codered.installations i
          where i.deleted_at is null and (i.suspended_at is not null or i.paused_until > now())
          order by i.account_login
          limit 100
        ) as h
      ),
      '[]'))
$$;
comment on function codered.gate_health(integer) is
  'What holds gates up: check runs in progress past what they wait for (overdue), what could not be written to GitHub (unpublished), work that was given up within a week (dead_jobs) or that nobody does (waiting_jobs), deliveries that wait or were given up, and installations that are suspended or may not be asked (held_installations); lists of 100 at most. stuck_minutes: how long something is late until it counts.';

revoke execute on function codered.gate_health(integer) from public;
grant execute on function codered.gate_health(integer) to service_role;
