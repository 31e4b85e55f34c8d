-- What waits, runs and was given up in each queue by kind, and follow-ups that can be replayed. Old workers survive it.

create or replace function codered.is_given_up(follow_up codered.follow_ups)
returns boolean
language sql
stable
set search_path = ''
as $$
  select follow_up.status = 'failed' and not exists (
    select
    from codered.follow_ups newer
    where newer.dedupe_key = follow_up.dedupe_key
      and newer.id <> follow_up.id
      and (newer.completed_at is null or (newer.completed_at, newer.id) > (follow_up.completed_at, follow_up.id))
  )
$$;

comment on function codered.is_given_up(codered.follow_ups) is
  'Whether a follow-up failed for good, and no equal one waits, runs or has come to an end since. Called in SQL only.';

revoke execute on function codered.is_given_up from public;

grant execute on function codered.is_given_up to service_role;

create or replace function codered.dead_follow_ups(batch integer)
returns table (id uuid, kind text, repository text, commit_sha text, error text, completed_at timestamptz)
language sql
stable
set search_path = ''
as $$
  select f.id, f.kind, r.owner || '/' || r.name, f.commit_sha, f.error, f.completed_at
  from codered.follow_ups f
  left join codered.repositories r on r.id = f.repository_id
  where f.status = 'failed' and codered.is_given_up(f)
  order by f.completed_at desc, f.id
  limit dead_follow_ups.batch
$$;

comment on function codered.dead_follow_ups(integer) is
  'The newest follow-ups that were given up and not done since, with the reason; so many at most. repository: owner/name, null where none is known.';

revoke execute on function codered.dead_follow_ups from public;

grant execute on function codered.dead_follow_ups to service_role;

create or replace function codered.replay_follow_ups(ids uuid[] default '{}', is_all boolean default false)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  replayed integer := 0;
  one uuid;
begin
  for one in
    select f.id
    from codered.follow_ups f
    where f.status = 'failed' and (replay_follow_ups.is_all or f.id = any (replay_follow_ups.ids)) and codered.is_given_up(f)
    order by f.completed_at, f.id
  loop
    begin
      update codered.follow_ups f
      set
        status = 'queued', attempts = 0, interruptions = 0, error = null, result = null, run_after = now(),
        -- Whoever thinks that it has it has no say any more.
        claim = nextval('codered.claim_number')
      where f.id = one and f.status = 'failed';
      if found then
        replayed := replayed + 1;
      end if;
    exception
      when unique_violation then
        -- An equal one was queued meanwhile: that one does the work.
        null;
    end;
  end loop;
  return replayed;
end
$$;

comment on function codered.replay_follow_ups(uuid[], boolean) is
  'Queues follow-ups again that were given up, with all their tries: those named, or all. One whose like waits, runs or was done since stays as it is. Returns how many.';

revoke execute on function codered.replay_follow_ups from public;

grant execute on function codered.replay_follow_ups to service_role;

create or replace function codered.queue_status()
returns table (queue text, kind text, waiting bigint, running bigint, dead bigint, oldest_seconds double precision)
language sql
stable
set search_path = ''
as $$
  with rows_of (queue, kind, is_running, due_at, is_dead) as (
    select 'deliveries', 'webhook', w.status = 'processing', w.available_at, false
    from codered.webhook_deliveries w
    where w.status in ('pending', 'processing', 'failed')
    union all
    select 'deliveries', 'webhook', false, null, true from codered.webhook_deliveries w where w.status = 'dead'
    union all
    select 'follow_ups', f.kind, f.status = 'running', f.run_after, false
    from codered.follow_ups f
    where f.status in ('queued', 'running')
    union all
    select 'follow_ups', f.kind, false, null, true from codered.follow_ups f where f.status = 'failed' and codered.is_given_up(f)
    union all
    select 'publications', p.kind, coalesce(p.locked_until > now(), false), greatest(p.available_at, p.locked_until), p.available_at = 'infinity'
    from codered.publications p
    where p.is_due
  )
  select
    k.queue, k.kind,
    count(*) filter (where r.due_at <= now()),
    count(*) filter (where r.is_running and r.due_at > now()),
    count(*) filter (where r.is_dead),
    coalesce(extract(epoch from now() - min(r.due_at) filter (where r.due_at <= now())), 0)::double precision
  from (
    values
      ('deliveries', 'webhook'), ('follow_ups', 'diagnose'), ('follow_ups', 'artifacts'), ('follow_ups', 'report'),
      ('follow_ups', 'plan_sprint'), ('follow_ups', 'command'), ('follow_ups', 'bypasses'), ('follow_ups', 'protection'),
      ('publications', 'comment'), ('publications', 'check_run')
  ) as k (queue, kind)
  left join rows_of r on r.queue = k.queue and r.kind = k.kind
  group by k.queue, k.kind
  order by k.queue, k.kind
$$;

comment on function codered.queue_status() is
  'The three queues by kind. waiting: due, and no worker has it (also what one died at, once its lease has ended); running: a worker has it; dead: given up, and not done since; oldest_seconds: for how long the oldest that waits has been due, 0 when none does. What is planned for later is in none of them.';

revoke execute on function codered.queue_status from public;

grant execute on function codered.queue_status to service_role;

create or replace function codered.gate_health(stuck_minutes integer default 10)
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
            j.kind, r.owner || '/' || r.name as repository, j.commit_sha, j.error as last_error,
            j.completed_at as since
          from codered.follow_ups j
          left join codered.repositories r on r.id = j.repository_id
          where j.status = 'failed' and j.completed_at > now() - interval '7 days' and codered.is_given_up(j)
          order by j.completed_at desc
          limit 100
        ) as d
      ),
      '[]'),
    -- Nobody does it: no worker runs, or too few.
    'waiting_jobs', (
      select json_build_object('count', count(*), 'since', min(j.run_after))
      from codered.follow_ups j
      -- Also what a worker died at: while one is at work its lease ends later.
      where j.status in ('queued', 'running') and j.run_after < (select p.at from past p)
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
  'What holds gates up: check runs in progress past what they wait for (overdue), what could not be written to GitHub (unpublished), work that was given up within a week and not done since (dead_jobs) or that nobody does (waiting_jobs), deliveries that wait or were given up, and installations that are suspended or may not be asked (held_installations); lists of 100 at most. stuck_minutes: how long something is late until it counts.';

revoke execute on function codered.gate_health from public;

grant execute on function codered.gate_health to service_role;
