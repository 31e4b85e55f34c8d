-- The app's own work queue: what deliveries leave to be done. Queued in the transaction that stores their facts, claimed by turns
-- of the installations, renewed while the work goes on, finished, put off or given up by whoever holds the claim.

create sequence codered.claim_number;
comment on sequence codered.claim_number is
  'Numbers every claim of a delivery, a follow-up or a publication: each is higher than all before it, and only its holder may finish, renew or put off.';
revoke all on sequence codered.claim_number from public, anon, authenticated;
grant usage, select, update on sequence codered.claim_number to service_role;

create sequence codered.follow_up_turn minvalue 0;
comment on sequence codered.follow_up_turn is
  'Not counted up: the installation whose follow-ups were read last, so that the next claim begins behind it.';
revoke all on sequence codered.follow_up_turn from public, anon, authenticated;
grant usage, select, update on sequence codered.follow_up_turn to service_role;

create table codered.follow_ups (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  project_id uuid references codered.projects (id) on delete cascade,
  installation_id bigint not null default 0,
  repository_id bigint references codered.repositories (id) on delete cascade,
  pull_request_number integer,
  commit_sha text,
  ci_event_id uuid,
  input jsonb not null default '{}',
  dedupe_key text,
  priority smallint not null default 1,
  is_scheduled boolean not null default false,
  status text not null default 'queued',
  run_after timestamptz not null default now(),
  attempts integer not null default 0,
  interruptions integer not null default 0,
  claim bigint not null default 0,
  locked_by text,
  locked_until timestamptz,
  result jsonb,
  error text,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint follow_ups_kind_check check (
    kind in ('diagnose', 'artifacts', 'report', 'plan_sprint', 'command', 'bypasses', 'protection')
    or codered.refuse_value('follow_ups.kind', kind, 'diagnose, artifacts, report, plan_sprint, command, bypasses, protection')
  ),
  constraint follow_ups_status_check check (
    status in ('queued', 'running', 'completed', 'failed')
    or codered.refuse_value('follow_ups.status', status, 'queued, running, completed, failed')
  ),
  constraint follow_ups_priority_check check (priority between 0 and 2 or codered.refuse_value('follow_ups.priority', priority, '0 to 2')),
  constraint follow_ups_attempts_check check (attempts >= 0),
  constraint follow_ups_interruptions_check check (interruptions >= 0),
  constraint follow_ups_input_check check (jsonb_typeof(input) = 'object' or codered.refuse_value('follow_ups.input', input, 'a JSON object')),
  constraint follow_ups_input_bytes
    check (octet_length(input::text) <= 1048576 or codered.refuse_value('follow_ups.input', octet_length(input::text), 'at most 1048576 bytes')),
  constraint follow_ups_completed_at_check check ((completed_at is not null) = (status in ('completed', 'failed')))
);
comment on table codered.follow_ups is
  'The app''s own work: one row a step that a delivery, a verdict or a time left to be done. Jobs of people and agents are agent_jobs.';
comment on column codered.follow_ups.kind is 'Which step does it: one step a kind.';
comment on column codered.follow_ups.installation_id is 'Whose turn it takes when many wait; 0 where none is known. No foreign key: turns are all it is for.';
comment on column codered.follow_ups.dedupe_key is 'At most one of a key is queued, and at most one runs. Compared as a whole only.';
comment on column codered.follow_ups.priority is '0 what somebody waits for, 1 what an event left, 2 what is planned for a time; of one installation the lower goes first.';
comment on column codered.follow_ups.is_scheduled is 'Planned for a time: until then it is no work that waits to be done.';
comment on column codered.follow_ups.run_after is 'When it may be claimed; while it runs, when the lease ends.';
comment on column codered.follow_ups.interruptions is 'How often whoever worked on it was gone before it was done; these are no tries.';
comment on column codered.follow_ups.claim is 'The number of the newest claim; 0 until the first.';
create index follow_ups_project_id_idx on codered.follow_ups (project_id);
create index follow_ups_repository_id_idx on codered.follow_ups (repository_id, commit_sha);
create index follow_ups_due_idx on codered.follow_ups (run_after) where status in ('queued', 'running');
create index follow_ups_turn_idx on codered.follow_ups (installation_id, priority, run_after, id) where status in ('queued', 'running');
create index follow_ups_commands_idx on codered.follow_ups (repository_id, pull_request_number)
  where kind = 'command' and status in ('queued', 'running');
create index follow_ups_dedupe_key_idx on codered.follow_ups (dedupe_key);
create unique index follow_ups_queued_key on codered.follow_ups (dedupe_key) where status = 'queued';
create unique index follow_ups_running_key on codered.follow_ups (dedupe_key) where status = 'running';
create index follow_ups_failed_idx on codered.follow_ups (completed_at) where status = 'failed';
create index follow_ups_scheduled_idx on codered.follow_ups (repository_id) where status = 'queued' and is_scheduled;
create index follow_ups_over_idx on codered.follow_ups (completed_at) where completed_at is not null;
alter table codered.follow_ups enable row level security;
create policy follow_ups_nobody on codered.follow_ups for select to authenticated using (false);
grant select, insert, update, delete on codered.follow_ups to service_role;

create function codered.stamp_follow_up()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  if new.status = 'running' then
    new.started_at := coalesce(new.started_at, now());
  else
    new.locked_by := null;
    new.locked_until := null;
  end if;
  new.completed_at := case when new.status in ('completed', 'failed') then coalesce(new.completed_at, now()) end;
  return new;
end
$$;
comment on function codered.stamp_follow_up() is 'Keeps updated_at, started_at, completed_at and the lock of a follow-up.';
revoke execute on function codered.stamp_follow_up from public;

create trigger follow_ups_stamp before insert or update on codered.follow_ups
  for each row execute function codered.stamp_follow_up();

create function codered.queue_follow_up(
  project_id uuid, kind text, input jsonb, dedupe_key text, delay interval default '0', is_scheduled boolean default false
)
returns void
language sql
set search_path = ''
as $$
  insert into codered.follow_ups as f (
    project_id, kind, installation_id, repository_id, pull_request_number, commit_sha, ci_event_id, input, dedupe_key, priority,
    is_scheduled, run_after
  )
  select
    queue_follow_up.project_id, queue_follow_up.kind, coalesce(r.installation_id, 0), r.id,
    (queue_follow_up.input ->> 'pull_request_number')::integer,
    coalesce(queue_follow_up.input ->> 'head_sha', queue_follow_up.input ->> 'sha'),
    (queue_follow_up.input ->> 'ci_event_id')::uuid, queue_follow_up.input, queue_follow_up.dedupe_key,
    case when queue_follow_up.is_scheduled then 2 when queue_follow_up.kind in ('command', 'protection') then 0 else 1 end,
    queue_follow_up.is_scheduled, now() + queue_follow_up.delay
  from (select) as once
  left join codered.repositories r on r.id = (queue_follow_up.input ->> 'repository_id')::bigint
  on conflict (dedupe_key) where status = 'queued' do update
    set input = f.input || excluded.input, run_after = least(f.run_after, excluded.run_after)
    where f.input is distinct from f.input || excluded.input or f.run_after > excluded.run_after
$$;
comment on function codered.queue_follow_up(uuid, text, jsonb, text, interval, boolean) is
  'Queues a follow-up, or adds to an equal one that is queued already: a burst of events leaves one. What the input names (repository, pull request, commit, CI event) becomes its subject. is_scheduled: planned for a time, no work that waits.';
revoke execute on function codered.queue_follow_up from public;
grant execute on function codered.queue_follow_up to service_role;

create function codered.waiting_follow_ups(most integer)
returns bigint[]
language plpgsql
set search_path = ''
-- However few rows the planner expects: along the indexes, row by row.
set enable_seqscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  mark constant bigint := (select s.last_value from codered.follow_up_turn s);
  turns bigint[] := '{}';
  place bigint := mark;
  next_place bigint;
  is_wrapped boolean := false;
begin
  -- Most installations have something planned for later: no claim looks at more than 200 of them, the next goes on from there.
  for looked in 1..200 loop
    exit when cardinality(turns) >= most;
    select f.installation_id into next_place
    from codered.follow_ups f
    where f.installation_id > place and f.status in ('queued', 'running')
    order by f.installation_id
    limit 1;
    if not found then
      exit when is_wrapped;
      is_wrapped := true;
      place := -1;
      continue;
    end if;
    exit when is_wrapped and next_place > mark;
    place := next_place;
    if exists (
      select
      from generate_series(0, 2) as p (priority)
      cross join lateral (
        -- In the order of the index, so that no plan reads the table.
        select
        from codered.follow_ups f
        where f.installation_id = place and f.priority = p.priority and f.status in ('queued', 'running') and f.run_after <= now()
        order by f.run_after, f.id
        limit 1
      ) as due
    ) then
      turns := turns || place;
    end if;
  end loop;
  if place >= 0 and place <> mark then
    perform setval('codered.follow_up_turn', place);
  end if;
  return turns;
end
$$;
comment on function codered.waiting_follow_ups(integer) is
  'The installations whose follow-ups are due next (0: of none), in a ring that begins behind the one read last; notes the last of them. Called by claim_follow_ups.';
revoke execute on function codered.waiting_follow_ups from public;
grant execute on function codered.waiting_follow_ups to service_role;

create function codered.is_follow_up_blocked(follow_up codered.follow_ups)
returns boolean
language sql
stable
set search_path = ''
as $$
  select
    exists (
      select
      from codered.follow_ups running
      where running.dedupe_key = follow_up.dedupe_key
        and running.id <> follow_up.id
        -- Also when its lease has lapsed: then it is due itself, and goes first.
        and running.status = 'running'
    )
    -- What was commanded on a pull request is followed in the order of the comments.
    or follow_up.kind = 'command' and exists (
      select
      from codered.follow_ups earlier
      where earlier.kind = 'command'
        and earlier.status in ('queued', 'running')
        and earlier.repository_id = follow_up.repository_id
        and earlier.pull_request_number = follow_up.pull_request_number
        and earlier.input -> 'comment_id' < follow_up.input -> 'comment_id'
    )
    -- Of a burst of events the last is waited for, five seconds at the most: one evaluation sees them all.
    or follow_up.kind = 'report' and follow_up.created_at > now() - interval '5 seconds' and exists (
      select
      from codered.webhook_deliveries w
      where w.repository_id = follow_up.repository_id
        and w.status in ('pending', 'processing')
        and w.available_at < now() + interval '1 minute'
    )
$$;
comment on function codered.is_follow_up_blocked(codered.follow_ups) is
  'Whether a due follow-up has to wait: for one of its key that runs, for an earlier command on its pull request, or (an evaluation) for deliveries of its repository that are about to be recorded. Called by claim_follow_ups.';
revoke execute on function codered.is_follow_up_blocked from public;
grant execute on function codered.is_follow_up_blocked to service_role;

create function codered.claim_follow_ups(worker text, batch integer, lease_seconds integer)
returns table (id uuid, kind text, input jsonb, attempts integer, claim bigint)
language sql
set search_path = ''
-- However few rows the planner expects: along the indexes, row by row.
set enable_seqscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with turns as (
    select t.installation, ceil(claim_follow_ups.batch::numeric / count(*) over ())::integer as share
    from unnest(codered.waiting_follow_ups(claim_follow_ups.batch)) as t (installation)
  ), fair as (
    select d.id
    from turns t
    cross join lateral (
      select q.id
      from generate_series(0, 2) as p (priority)
      cross join lateral (
        select f.id
        from codered.follow_ups f
        where f.installation_id = t.installation
          and f.priority = p.priority
          and f.status in ('queued', 'running')
          and f.run_after <= now()
          and not codered.is_follow_up_blocked(f)
        order by f.run_after, f.id
        limit t.share
        for update skip locked
      ) as q
      limit t.share
    ) as d
    limit claim_follow_ups.batch
  ), fill as (
    -- What those whose turn it is leave free goes to whoever has waited longest.
    select f.id
    from codered.follow_ups f
    where f.status in ('queued', 'running')
      and f.run_after <= now()
      and not exists (select from fair a where a.id = f.id)
      and not codered.is_follow_up_blocked(f)
    order by f.run_after
    limit claim_follow_ups.batch - (select count(*) from fair)
    for update skip locked
  ), due as (
    select a.id from fair a
    union all
    select a.id from fill a
  ), claimed as (
    update codered.follow_ups f
    set
      status = case when f.status = 'running' and f.interruptions >= 20 then 'failed' else 'running' end,
      attempts = case when f.status = 'running' then greatest(f.attempts, 1) else f.attempts + 1 end,
      interruptions = f.interruptions + case when f.status = 'running' then 1 else 0 end,
      error = case
        when f.status = 'running' and f.interruptions >= 20 then coalesce(f.error, 'Every worker that took it stopped before it was done.')
        else f.error
      end,
      claim = nextval('codered.claim_number'),
      locked_by = claim_follow_ups.worker,
      locked_until = now() + make_interval(secs => claim_follow_ups.lease_seconds),
      run_after = now() + make_interval(secs => claim_follow_ups.lease_seconds)
    from due
    where f.id = due.id
    returning f.id, f.kind, f.input, f.attempts, f.claim, f.status, f.priority, f.created_at
  )
  select c.id, c.kind, c.input, c.attempts, c.claim
  from claimed c
  where c.status = 'running'
  order by c.priority, c.created_at
$$;
comment on function codered.claim_follow_ups(text, integer, integer) is
  'Takes due follow-ups for a worker until the lease ends: installations by turns, of each the lowest priority and the oldest first; never two of one dedupe_key at a time. One whose lease ended is not a try more; one that outlived twenty leases has failed. claim is what finishing, failing, putting off and renewing need.';
revoke execute on function codered.claim_follow_ups from public;
grant execute on function codered.claim_follow_ups to service_role;

create function codered.finish_follow_up(id uuid, claim bigint, result jsonb default null)
returns void
language sql
set search_path = ''
as $$
  update codered.follow_ups f
  set status = 'completed', result = finish_follow_up.result, error = null
  where f.id = finish_follow_up.id and f.claim = finish_follow_up.claim and f.status = 'running'
$$;
comment on function codered.finish_follow_up(uuid, bigint, jsonb) is 'Closes a follow-up that was done; nothing when it was claimed again meanwhile.';
revoke execute on function codered.finish_follow_up from public;
grant execute on function codered.finish_follow_up to service_role;

create function codered.fail_follow_up(id uuid, claim bigint, error text)
returns void
language sql
set search_path = ''
as $$
  update codered.follow_ups f
  set status = 'failed', error = left(fail_follow_up.error, 4000)
  where f.id = fail_follow_up.id and f.claim = fail_follow_up.claim and f.status = 'running'
$$;
comment on function codered.fail_follow_up(uuid, bigint, text) is
  'Gives a follow-up up, with the reason; nothing when it was claimed again meanwhile.';
revoke execute on function codered.fail_follow_up from public;
grant execute on function codered.fail_follow_up to service_role;

create function codered.postpone_follow_up(id uuid, claim bigint, error text, delay_ms integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.follow_ups;
begin
  select f.* into mine
  from codered.follow_ups f
  where f.id = postpone_follow_up.id and f.claim = postpone_follow_up.claim and f.status = 'running'
  for update;
  if not found then
    return;
  end if;
  if exists (select from codered.follow_ups f where f.dedupe_key = mine.dedupe_key and f.status = 'queued') then
    update codered.follow_ups f
    set status = 'completed', error = left(postpone_follow_up.error, 4000), result = '{"gave_way": true}'
    where f.id = mine.id;
    return;
  end if;
  update codered.follow_ups f
  set
    status = 'queued',
    error = left(postpone_follow_up.error, 4000),
    run_after = now() + make_interval(secs => postpone_follow_up.delay_ms / 1000.0)
  where f.id = mine.id;
exception
  when unique_violation then
    -- An equal one was queued between the look and the update: that one does the work.
    update codered.follow_ups f
    set status = 'completed', error = left(postpone_follow_up.error, 4000), result = '{"gave_way": true}'
    where f.id = mine.id;
end
$$;
comment on function codered.postpone_follow_up(uuid, bigint, text, integer) is
  'Queues a follow-up again after a pause; gives way to an equal one that is queued already. Nothing when it was claimed again meanwhile.';
revoke execute on function codered.postpone_follow_up from public;
grant execute on function codered.postpone_follow_up to service_role;

create function codered.is_given_up(follow_up codered.follow_ups)
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

create function codered.dead_follow_ups(batch integer)
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

create function codered.replay_follow_ups(ids uuid[] default '{}', is_all boolean default false)
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
