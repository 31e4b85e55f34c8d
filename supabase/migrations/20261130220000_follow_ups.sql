-- The app's own work moves from agent_jobs to a table of its own, and every claim gets a number. Old workers survive it: their claim_jobs finds the rows there.

-- Inside a block, for the Supabase CLI writes no begin and commit around a migration's statements, which are one transaction all the same.
-- In the order in which recording a delivery takes them. Whoever is writing a job finishes first, and the next one waits: what it brings
-- of the app's own is refused by the constraints below, so its delivery is tried again, with the functions of now.
do $$ begin
  lock table codered.webhook_deliveries, codered.publications in access exclusive mode;
end $$;
do $$ begin
  lock table codered.agent_jobs in share row exclusive mode;
end $$;

create sequence codered.claim_number;
comment on sequence codered.claim_number is
  'Numbers every claim of a delivery, a follow-up or a publication: each is higher than all before it, and only its holder may finish, renew or put off.';
revoke all on sequence codered.claim_number from public, anon, authenticated;
grant usage, select, update on sequence codered.claim_number to service_role;

create sequence codered.follow_up_turn minvalue 0;
comment on sequence codered.follow_up_turn is
  'Not counted up: the installation whose follow-ups were looked at last, so that the next claim begins behind it.';
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
  'The installations whose follow-ups are due next (0: of none), in a ring that begins behind the one looked at last; notes the last of them. Called by claim_follow_ups.';
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

alter table codered.webhook_deliveries add column claim bigint not null default 0;
comment on column codered.webhook_deliveries.claim is 'The number of the newest claim; 0 until the first.';
create index webhook_deliveries_arriving_idx on codered.webhook_deliveries (repository_id, available_at)
  where status in ('pending', 'processing');
alter table codered.publications add column claim bigint not null default 0;
comment on column codered.publications.claim is 'The number of the newest claim; 0 until the first.';
create index publications_turn_idx on codered.publications (repository_id, (kind = 'check_run'), available_at, generation, id) where is_due;

with moved as (
  delete from codered.agent_jobs j
  -- As is_own_job knew them.
  where j.agent_type in ('diagnose', 'report', 'artifacts')
    or (j.agent_type = 'plan_sprint' and j.dedupe_key like 'specs:%')
    or (j.agent_type = 'pipeline' and j.dedupe_key like any ('{command:%,protection:%,deadline:protection:%,deadline:bypasses:%}'))
  returning j.*
)
insert into codered.follow_ups (
  id, kind, project_id, installation_id, repository_id, pull_request_number, commit_sha, ci_event_id, input, dedupe_key, priority,
  is_scheduled, status, run_after, attempts, interruptions, locked_by, locked_until, result, error, started_at, completed_at, created_at
)
select
  m.id, k.kind, m.project_id, coalesce(r.installation_id, 0), r.id, v.pull_request_number, v.commit_sha, v.ci_event_id, m.input, m.dedupe_key,
  case when s.is_scheduled then 2 when k.kind in ('command', 'protection') then 0 else 1 end, s.is_scheduled,
  case when m.status in ('queued', 'running', 'completed') then m.status else 'failed' end,
  m.run_after, m.attempts, m.interruptions, m.locked_by, m.locked_until, m.result,
  case when m.status in ('cancelled', 'waiting_for_input') then coalesce(m.error, 'It was ' || m.status || '.') else m.error end,
  m.started_at, m.completed_at, m.created_at
from moved m
-- For the last time a key says what it is: the input of a "pipeline" is anybody's.
cross join lateral (
  select case
    when m.agent_type <> 'pipeline' then m.agent_type
    when starts_with(m.dedupe_key, 'command:') then 'command'
    when starts_with(m.dedupe_key, 'deadline:bypasses:') then 'bypasses'
    else 'protection'
  end as kind
) as k
cross join lateral (select coalesce(starts_with(m.dedupe_key, 'deadline:'), false) as is_scheduled) as s
-- What no step could read moves too, and fails there.
cross join lateral (
  select
    case when m.input ->> 'repository_id' ~ '^[0-9]{1,18}$' then (m.input ->> 'repository_id')::bigint end as repository_id,
    case when m.input ->> 'pull_request_number' ~ '^[0-9]{1,9}$' then (m.input ->> 'pull_request_number')::integer end as pull_request_number,
    coalesce(m.input ->> 'head_sha', m.input ->> 'sha') as commit_sha,
    case
      when m.input ->> 'ci_event_id' ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then (m.input ->> 'ci_event_id')::uuid
    end as ci_event_id
) as v
left join codered.repositories r on r.id = v.repository_id;

alter table codered.agent_jobs
  drop constraint agent_jobs_agent_type_check,
  add constraint agent_jobs_agent_type_check check (
    agent_type in ('research', 'wireframe', 'code', 'qa', 'pedagogy', 'roadmap', 'backfill', 'plan_sprint', 'embed', 'pipeline')
    or codered.refuse_value('agent_jobs.agent_type', agent_type,
      'research, wireframe, code, qa, pedagogy, roadmap, backfill, plan_sprint, embed, pipeline')),
  add constraint agent_jobs_follow_ups_check check (
    not is_apps or dedupe_key is null
    or case agent_type
      when 'plan_sprint' then not input ?& '{repository_id,sha,paths}'
      when 'pipeline' then input ->> 'kind' is null or input ->> 'kind' not in ('command', 'bypasses', 'protection')
      else true
    end
  );
comment on table codered.agent_jobs is 'Work to be done once that people and agents queue. The app''s own work is follow_ups.';

drop function codered.retry_pause(integer);

drop function codered.is_own_job(text, text);

drop function codered.keep_out_delivery(bigint, text, text);
create function codered.keep_out_delivery(app_id bigint, guid text, reason text, claim bigint default null)
returns void
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set
    status = 'ignored', last_error = left(keep_out_delivery.reason, 4000), payload = '{}', processed_at = now(),
    locked_by = null, locked_until = null
  where w.app_id = keep_out_delivery.app_id and w.guid = keep_out_delivery.guid and w.status <> 'done'
    and (keep_out_delivery.claim is null or w.claim = keep_out_delivery.claim)
$$;
comment on function codered.keep_out_delivery(bigint, text, text, bigint) is 'Closes a delivery of an account that is not let in, with the reason, and keeps nothing of what it said.';
revoke execute on function codered.keep_out_delivery from public;
grant execute on function codered.keep_out_delivery to service_role;

drop function codered.put_off_delivery(bigint, text, timestamptz, text);
create function codered.put_off_delivery(app_id bigint, guid text, until timestamptz, reason text, claim bigint default null)
returns void
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set
    status = 'failed', available_at = put_off_delivery.until, attempts = greatest(w.attempts - 1, 0),
    last_error = left(put_off_delivery.reason, 4000), locked_by = null, locked_until = null
  where w.app_id = put_off_delivery.app_id and w.guid = put_off_delivery.guid and w.status in ('pending', 'processing')
    and (put_off_delivery.claim is null or w.claim = put_off_delivery.claim)
$$;
comment on function codered.put_off_delivery(bigint, text, timestamptz, text, bigint) is
  'Has a delivery wait until then, with the reason; the try does not count. It stays until it is done.';
revoke execute on function codered.put_off_delivery from public;
grant execute on function codered.put_off_delivery to service_role;

drop function codered.claim_deliveries(text, integer, integer);
create function codered.claim_deliveries(worker text, batch integer, lease_seconds integer)
returns table (app_id bigint, guid text, event text, payload json, attempts integer, claim bigint)
language sql
set search_path = ''
-- However few rows the planner expects: along the indexes, row by row.
set enable_seqscan = off
set enable_sort = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with turns as (
    select t.installation, ceil(claim_deliveries.batch::numeric / count(*) over ())::integer as share
    from unnest(codered.waiting_installations(claim_deliveries.batch)) as t (installation)
  ), fair as (
    select d.app_id, d.guid
    from turns t
    cross join lateral (
      select w.app_id, w.guid
      from codered.webhook_deliveries w
      where coalesce(w.installation_id, 0) = t.installation
        and w.status in ('pending', 'processing', 'failed')
        and w.available_at <= now()
      order by w.available_at, w.received_at
      limit t.share
      for update skip locked
    ) as d
    limit claim_deliveries.batch
  ), fill as (
    -- What those whose turn it is leave free goes to whoever has waited longest.
    select w.app_id, w.guid
    from codered.webhook_deliveries w
    where w.status in ('pending', 'processing', 'failed')
      and w.available_at <= now()
      and not exists (select from fair f where f.app_id = w.app_id and f.guid = w.guid)
    order by w.available_at, w.received_at
    limit claim_deliveries.batch - (select count(*) from fair)
    for update skip locked
  ), due as (
    select f.app_id, f.guid from fair f
    union all
    select f.app_id, f.guid from fill f
  ), claimed as (
    update codered.webhook_deliveries w
    set
      status = case when w.status = 'processing' and w.interruptions >= 20 then 'dead' else 'processing' end,
      attempts = case when w.status = 'processing' then greatest(w.attempts, 1) else w.attempts + 1 end,
      interruptions = case w.status when 'processing' then w.interruptions + 1 when 'pending' then 0 else w.interruptions end,
      last_error = case
        when w.status = 'processing' and w.interruptions >= 20
          then coalesce(w.last_error, 'Every worker that took it stopped before it was done.')
        else w.last_error
      end,
      claim = nextval('codered.claim_number'),
      locked_by = claim_deliveries.worker,
      locked_until = now() + make_interval(secs => claim_deliveries.lease_seconds),
      available_at = now() + make_interval(secs => claim_deliveries.lease_seconds)
    from due
    where w.app_id = due.app_id and w.guid = due.guid
    returning w.app_id, w.guid, w.event, w.payload, w.attempts, w.claim, w.status, w.received_at
  )
  select c.app_id, c.guid, c.event, c.payload, c.attempts, c.claim
  from claimed c
  where c.status = 'processing'
  order by c.received_at
$$;
comment on function codered.claim_deliveries(text, integer, integer) is
  'Takes due deliveries for a worker until the lease ends: installations by turns, each one''s oldest first. One whose lease ended is not a try more; one that outlived twenty leases is dead: it kills its workers. claim is what recording, failing, putting off and renewing need.';
revoke execute on function codered.claim_deliveries from public;
grant execute on function codered.claim_deliveries to service_role;

create or replace function codered.waiting_installations(most integer)
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
  mark constant bigint := (select s.last_value from codered.delivery_turn s);
  turns bigint[] := '{}';
  place bigint := mark;
  is_wrapped boolean := false;
begin
  while cardinality(turns) < most loop
    select coalesce(w.installation_id, 0) into place
    from codered.webhook_deliveries w
    where coalesce(w.installation_id, 0) > place and w.status in ('pending', 'processing', 'failed')
    order by coalesce(w.installation_id, 0)
    limit 1;
    if not found then
      exit when is_wrapped;
      is_wrapped := true;
      place := -1;
    else
      exit when is_wrapped and place > mark;
      -- Of one whose deliveries all wait for later, however many, the index shows that at once.
      if exists (
        select
        from codered.webhook_deliveries w
        where coalesce(w.installation_id, 0) = place
          and w.status in ('pending', 'processing', 'failed')
          and w.available_at <= now()
        -- In the order of the index, so that no plan reads the table.
        order by w.available_at, w.received_at
        limit 1
      ) then
        turns := turns || place;
      end if;
    end if;
  end loop;
  if turns <> '{}' then
    perform setval('codered.delivery_turn', turns[cardinality(turns)]);
  end if;
  return turns;
end
$$;
drop function codered.ignore_delivery(bigint, text, text);
create function codered.ignore_delivery(app_id bigint, guid text, reason text, claim bigint default null)
returns void
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set status = 'ignored', last_error = ignore_delivery.reason, processed_at = now(), locked_by = null, locked_until = null
  where w.app_id = ignore_delivery.app_id and w.guid = ignore_delivery.guid and w.status <> 'done'
    and (ignore_delivery.claim is null or w.claim = ignore_delivery.claim)
$$;
comment on function codered.ignore_delivery(bigint, text, text, bigint) is
  'Closes a delivery that says nothing to us, with the reason; nothing when it was claimed again since the claim that is named.';
revoke execute on function codered.ignore_delivery from public;
grant execute on function codered.ignore_delivery to service_role;

drop function codered.fail_delivery(bigint, text, text, boolean, text);
create function codered.fail_delivery(
  app_id bigint, guid text, error text, dead boolean, worker text default null, claim bigint default null,
  delay_ms integer default 60000
)
returns json
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set
    status = case when fail_delivery.dead or w.attempts >= 8 then 'dead' else 'failed' end,
    available_at = now() + make_interval(secs => fail_delivery.delay_ms / 1000.0),
    last_error = left(fail_delivery.error, 4000),
    locked_by = null,
    locked_until = null
  where w.app_id = fail_delivery.app_id and w.guid = fail_delivery.guid and w.status = 'processing'
    and (fail_delivery.worker is null or w.locked_by = fail_delivery.worker)
    and (fail_delivery.claim is null or w.claim = fail_delivery.claim)
  returning json_build_object('status', w.status, 'available_at', w.available_at)
$$;
comment on function codered.fail_delivery(bigint, text, text, boolean, text, bigint, integer) is
  'Puts a delivery that failed off for delay_ms; dead after the eighth try, or at once when it can never succeed. Nothing when it was claimed again since the claim that is named, or another worker than the one named has it.';
revoke execute on function codered.fail_delivery from public;
grant execute on function codered.fail_delivery to service_role;

create or replace function codered.replay_deliveries(statuses text[] default '{}', guids text[] default '{}')
returns integer
language sql
set search_path = ''
as $$
  with replayed as (
    update codered.webhook_deliveries w
    set
      status = 'pending', attempts = 0, available_at = now(), last_error = null, locked_by = null, locked_until = null,
      -- Whoever is still at it has no say any more.
      claim = nextval('codered.claim_number')
    where w.guid = any (replay_deliveries.guids)
      or (w.status in ('failed', 'dead') and w.status = any (replay_deliveries.statuses))
    returning 1
  )
  select count(*)::integer from replayed
$$;
comment on function codered.replay_deliveries(text[], text[]) is
  'Queues deliveries again: the failed or dead ones, and those named by guid whatever they are. Returns how many.';

create or replace function codered.inbox_status()
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'pending', count(*) filter (where w.status = 'pending'),
    'processing', count(*) filter (where w.status = 'processing'),
    'failed', count(*) filter (where w.status = 'failed'),
    'dead', (select count(*) from codered.webhook_deliveries d where d.status = 'dead'),
    'oldest_pending_seconds', extract(epoch from now() - min(w.received_at) filter (where w.status = 'pending')),
    'jobs_queued', (
      select count(*)
      from codered.follow_ups f
      where f.status = 'queued' and (f.run_after <= now() or not f.is_scheduled)
    ),
    'jobs_running', (select count(*) from codered.follow_ups f where f.status = 'running'),
    'publications_due', (select count(*) from codered.publications p where p.is_due and p.available_at < 'infinity')
  )
  from codered.webhook_deliveries w
  where w.status in ('pending', 'processing', 'failed')
$$;
comment on function codered.inbox_status() is 'How long the queues are; oldest_pending_seconds is null for an empty inbox.';

create or replace function codered.queue_job(project_id uuid, agent_type text, input jsonb, dedupe_key text, delay interval default '0')
returns void
language sql
set search_path = ''
as $$
  insert into codered.agent_jobs as j (project_id, agent_type, input, dedupe_key, run_after)
  values (queue_job.project_id, queue_job.agent_type, queue_job.input, queue_job.dedupe_key, now() + queue_job.delay)
  on conflict (dedupe_key) where status = 'queued' do update
    set input = j.input || excluded.input, run_after = least(j.run_after, excluded.run_after)
    where j.input is distinct from j.input || excluded.input or j.run_after > excluded.run_after
$$;
comment on function codered.queue_job(uuid, text, jsonb, text, interval) is
  'Queues a job for an agent, or adds to an equal one that is queued already.';

create or replace function codered.claim_jobs(worker text, batch integer, lease_seconds integer)
returns table (id uuid, agent_type text, input jsonb, attempts integer)
language sql
set search_path = ''
as $$
  select c.id, case when c.kind in ('command', 'bypasses', 'protection') then 'pipeline' else c.kind end, c.input, c.attempts
  from codered.claim_follow_ups(claim_jobs.worker, claim_jobs.batch, claim_jobs.lease_seconds) c
$$;
comment on function codered.claim_jobs(text, integer, integer) is
  'claim_follow_ups as workers of before that table call it, which tell the steps of "pipeline" apart by input.kind. Goes when they are gone.';

create or replace function codered.complete_job(id uuid, worker text, result jsonb default null)
returns void
language sql
set search_path = ''
as $$
  update codered.follow_ups f
  set status = 'completed', result = complete_job.result, error = null
  where f.id = complete_job.id and f.locked_by = complete_job.worker and f.status = 'running';
  update codered.agent_jobs j
  set status = 'completed', progress = 100, result = complete_job.result, error = null, locked_by = null, locked_until = null
  where j.id = complete_job.id and j.locked_by = complete_job.worker and j.status = 'running'
$$;
comment on function codered.complete_job(uuid, text, jsonb) is
  'Closes a job that was done; nothing when another worker has taken it meanwhile. A worker of before follow_ups closes those by it.';

create or replace function codered.retry_job(id uuid, worker text, error text, delay_ms integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.agent_jobs;
begin
  perform codered.postpone_follow_up(f.id, f.claim, retry_job.error, retry_job.delay_ms)
  from codered.follow_ups f
  where f.id = retry_job.id and f.locked_by = retry_job.worker;
  select j.* into mine
  from codered.agent_jobs j
  where j.id = retry_job.id and j.locked_by = retry_job.worker and j.status = 'running'
  for update;
  if not found then
    return;
  end if;
  if exists (
    select 1 from codered.agent_jobs j where j.dedupe_key = mine.dedupe_key and j.status = 'queued'
  ) then
    update codered.agent_jobs j
    set status = 'completed', error = left(retry_job.error, 4000), result = '{"gave_way": true}', locked_by = null, locked_until = null
    where j.id = mine.id;
    return;
  end if;
  update codered.agent_jobs j
  set
    status = 'queued',
    error = left(retry_job.error, 4000),
    run_after = now() + make_interval(secs => retry_job.delay_ms / 1000.0),
    locked_by = null,
    locked_until = null
  where j.id = mine.id;
exception
  when unique_violation then
    -- An equal one was queued between the look and the update: that one does the work.
    update codered.agent_jobs j
    set status = 'completed', error = left(retry_job.error, 4000), result = '{"gave_way": true}', locked_by = null, locked_until = null
    where j.id = retry_job.id;
end
$$;
comment on function codered.retry_job(uuid, text, text, integer) is
  'Queues a job again after a pause; gives way to an equal one that is queued already. A worker of before follow_ups puts those off by it.';

create or replace function codered.fail_job(id uuid, worker text, error text)
returns void
language sql
set search_path = ''
as $$
  update codered.follow_ups f
  set status = 'failed', error = left(fail_job.error, 4000)
  where f.id = fail_job.id and f.locked_by = fail_job.worker and f.status = 'running';
  update codered.agent_jobs j
  set status = 'failed', error = left(fail_job.error, 4000), locked_by = null, locked_until = null
  where j.id = fail_job.id and j.locked_by = fail_job.worker and j.status = 'running'
$$;
comment on function codered.fail_job(uuid, text, text) is
  'Gives a job up, with the reason. A worker of before follow_ups gives those up by it.';

drop function codered.renew_leases(text, integer, text[], uuid[], uuid[]);
create function codered.renew_leases(
  worker text, lease_seconds integer, guids text[], jobs uuid[], publications uuid[], claims bigint[] default null
)
returns integer
language sql
set search_path = ''
as $$
  with lease as (
    select now() + make_interval(secs => renew_leases.lease_seconds) as ends
  ), deliveries as (
    update codered.webhook_deliveries w
    set locked_until = l.ends, available_at = l.ends
    from lease l
    where w.guid = any (renew_leases.guids) and w.locked_by = renew_leases.worker and w.status = 'processing'
      and (renew_leases.claims is null or w.claim = any (renew_leases.claims))
    returning 1
  ), follow_ups as (
    update codered.follow_ups f
    set locked_until = l.ends, run_after = l.ends
    from lease l
    where f.id = any (renew_leases.jobs) and f.locked_by = renew_leases.worker and f.status = 'running'
      and (renew_leases.claims is null or f.claim = any (renew_leases.claims))
    returning 1
  ), writes as (
    update codered.publications p
    set locked_until = l.ends
    from lease l
    where p.id = any (renew_leases.publications) and p.locked_by = renew_leases.worker
      and (renew_leases.claims is null or p.claim = any (renew_leases.claims))
    returning 1
  )
  select ((select count(*) from deliveries) + (select count(*) from follow_ups) + (select count(*) from writes))::integer
$$;
comment on function codered.renew_leases(text, integer, text[], uuid[], uuid[], bigint[]) is
  'Holds on to what a worker is still at work on (deliveries, follow-ups, publications; claims: the numbers under which it has them); returns how many of them it still had.';
revoke execute on function codered.renew_leases from public;
grant execute on function codered.renew_leases to service_role;

create or replace function codered.release_leases()
returns integer
language sql
set search_path = ''
as $$
  with deliveries as (
    update codered.webhook_deliveries w
    set locked_until = now(), available_at = now()
    where w.status = 'processing'
    returning 1
  ), follow_ups as (
    update codered.follow_ups f
    set locked_until = now(), run_after = now()
    where f.status = 'running'
    returning 1
  ), writes as (
    update codered.publications p set locked_until = now() where p.locked_until > now() returning 1
  )
  select ((select count(*) from deliveries) + (select count(*) from follow_ups) + (select count(*) from writes))::integer
$$;
comment on function codered.release_leases() is
  'Gives up every lease, whoever holds it: for the start of a process that has the database to itself, so that what its predecessor was killed at goes on at once.';

create or replace function codered.create_agent_job(
  project_id uuid,
  agent_type text,
  input jsonb,
  user_id uuid default auth.uid(),
  parent_job_id uuid default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  made codered.agent_jobs;
begin
  if create_agent_job.project_id is not null or codered.is_member_call() then
    perform codered.require_project(create_agent_job.project_id);
  end if;
  if codered.is_member_call() then
    if create_agent_job.user_id is distinct from auth.uid() then
      raise exception 'create_agent_job.user_id is "%"; allowed: yourself.', create_agent_job.user_id using errcode = 'CR008';
    end if;
    -- The app works on these with rights of its own, on what their input names.
    if create_agent_job.agent_type in ('backfill', 'embed') then
      raise exception 'create_agent_job.agent_type is "%", which only the app queues; allowed: research, wireframe, code, qa, pedagogy, roadmap, plan_sprint, pipeline.',
        create_agent_job.agent_type using errcode = 'CR008';
    end if;
    if create_agent_job.parent_job_id is not null and not exists (
      select from codered.agent_jobs j
      where j.id = create_agent_job.parent_job_id and (j.is_apps or j.user_id = auth.uid() or codered.is_operator())
    ) then
      raise exception 'agent_jobs.parent_job_id is "%": there is no such row of agent_jobs in this project.', create_agent_job.parent_job_id
        using errcode = 'CR007', table = 'agent_jobs', column = 'parent_job_id', hint = 'Allowed: an id of the project that project_id names.';
    end if;
  elsif create_agent_job.user_id is not null and not exists (select from codered.profiles p where p.id = create_agent_job.user_id) then
    raise exception 'There is no profile "%".', create_agent_job.user_id using errcode = 'CR004';
  end if;
  insert into codered.agent_jobs (project_id, agent_type, input, user_id, parent_job_id)
  values (
    create_agent_job.project_id, create_agent_job.agent_type, coalesce(create_agent_job.input, '{}'),
    create_agent_job.user_id, create_agent_job.parent_job_id
  )
  returning * into made;
  return jsonb_build_object('job_id', made.id, 'status', made.status);
end
$$;
comment on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) is
  'Queues a job and returns {job_id, status}. Refuses CR002 (unknown agent_type, input that is no object or over 1 MB), CR003 (project retired), CR004 (no such project or profile), CR007 (parent of another project), CR008 (a member for somebody else, or work that only the app queues). Security definer, because members write agent_jobs through functions only; it checks membership itself.';

create or replace function codered.queue_follow_ups(ci_event_ids uuid[], ci_job_ids uuid[], deployment_ids uuid[], pull_requests json, rechecks json)
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
    select e.project_id, 'diagnose' as kind,
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
  cross join lateral (select codered.queue_follow_up(w.project_id, w.kind, w.input, w.dedupe_key, w.delay)) as done
  where not w.once
    -- What was given up is tried again when it is told again.
    or not exists (select 1 from codered.follow_ups j where j.dedupe_key = w.dedupe_key and j.status <> 'failed');
  return queued;
end
$$;
comment on function codered.queue_follow_ups(uuid[], uuid[], uuid[], json, json) is
  'Queues the diagnoses and reports that merged facts ask for; returns how many it asked for.';

create or replace function codered.queue_report(repository_id bigint, head_sha text, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_report.head_sha),
    'deadline:' || r.id || ':' || queue_report.head_sha, make_interval(secs => queue_report.seconds), is_scheduled => true)
  from codered.repositories r
  where r.id = queue_report.repository_id
$$;
comment on function codered.queue_report(bigint, text, integer) is
  'Has a commit looked at again in so many seconds: at the deadline of what its gate waits for. One look is queued a commit, the earliest that was asked for.';

create or replace function codered.recheck_commit(repository_id bigint, head_sha text)
returns integer
language sql
set search_path = ''
as $$
  with place as (
    select r.id, r.project_id from codered.repositories r where r.id = recheck_commit.repository_id
  ), wanted as (
    select p.project_id, 'artifacts' as kind, jsonb_build_object('repository_id', p.id, 'ci_event_id', e.id) as input,
      'artifacts:' || e.id as dedupe_key
    from place p
    cross join lateral codered.current_runs(p.id, recheck_commit.head_sha) as e
    where e.provider = 'github-actions' and e.status not in ('queued', 'running')
    union all
    select p.project_id, 'report', jsonb_build_object('repository_id', p.id, 'head_sha', recheck_commit.head_sha, 'recheck', true),
      'report:' || p.id || ':' || recheck_commit.head_sha
    from place p
  )
  select count(*)::integer
  from wanted w
  cross join lateral (select codered.queue_follow_up(w.project_id, w.kind, w.input, w.dedupe_key)) as done
$$;
comment on function codered.recheck_commit(bigint, text) is
  'Has a commit looked at again: its finished runs'' artifacts are read anew and its check run is made anew. Returns how many jobs that takes.';

create or replace function codered.is_look_ahead(repository_id bigint, sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.follow_ups j
    where j.repository_id = is_look_ahead.repository_id
      and j.commit_sha = is_look_ahead.sha
      and j.kind = 'report'
      and not j.is_scheduled
      and j.status in ('queued', 'running')
  )
$$;
comment on function codered.is_look_ahead(bigint, text) is 'Whether a report of the commit is queued or under way; a look at a deadline, which comes in its own time, is none.';

create or replace function codered.look_again(repository_id bigint, sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', look_again.sha), 'report:' || r.id || ':' || look_again.sha)
  from codered.repositories r
  where r.id = look_again.repository_id and r.deleted_at is null
$$;
comment on function codered.look_again(bigint, text) is 'Queues the report of a commit, unless it is queued already.';

create or replace function codered.queue_information(repository_id bigint, ci_event_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select e.id, e.project_id, e.repository_id
    from codered.ci_events e
    where e.id = any (queue_information.ci_event_ids)
      and e.repository_id = queue_information.repository_id
      and not exists (
        select from codered.follow_ups j where j.dedupe_key in ('artifacts:' || e.id, 'information:' || e.id)
      )
  ), queued as (
    select codered.queue_follow_up(
      w.project_id, 'artifacts',
      jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id, 'is_information', true), 'information:' || w.id)
    from wanted w
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_information(bigint, uuid[]) is
  'Queues the reading of what looks like a report among the artifacts of workflow runs that are over, where no policy asks for any: once for each attempt. A policy that comes later has all of them read. Returns how many were queued.';

create or replace function codered.queue_policy_looks(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select
      r.id, r.installation_id, r.owner, r.name, f.ref, f.files, f.ref = 'refs/heads/' || coalesce(r.default_branch, 'main') as is_default,
      lower(r.owner || '/' || r.name) || ':' as prefix,
      -- GitHub lists no more files than that: the policy may be among the others.
      -- A push by force may take a change of it back, of which no commit tells.
      cardinality(f.files) >= 5000 or coalesce(f.is_ref_reset, false) as may_be_any
    from json_to_recordset(queue_policy_looks.commits) as f (repository_id bigint, ref text, files text[], is_ref_reset boolean)
    join codered.repositories r on r.id = f.repository_id
    where f.ref is not null
  ), touched as (
    -- Its own branch's policy.
    select t.id as pushed_id, t.id as repository_id, regexp_replace(t.ref, '^refs/heads/', '') as branch
    from told t
    where t.ref like 'refs/heads/%' and ('.github/codered.yml' = any (t.files) or t.may_be_any)
    union
    -- The account's, which counts for all of its repositories.
    select t.id, o.id, null
    from told t
    join codered.repositories o on o.installation_id = t.installation_id and o.owner = t.owner and o.deleted_at is null
    where t.name = '.github' and t.is_default and ('codered.yml' = any (t.files) or t.may_be_any)
    union
    -- One that others extend, on whatever branch or tag.
    select t.id, o.id, null
    from told t
    join codered.repositories o
      on o.installation_id = t.installation_id and o.policy_parts <> '{}' and o.deleted_at is null
      and exists (
        select
        from unnest(o.policy_parts) as part
        where starts_with(part, t.prefix) and (t.may_be_any or substr(part, length(t.prefix) + 1) = any (t.files))
      )
  ), asked as (
    select
      r.project_id, pr.repository_id, pr.head_sha,
      row_number() over (partition by c.pushed_id order by pr.source_updated_at desc, pr.repository_id, pr.number desc) as place
    from (select distinct t.pushed_id, t.repository_id, t.branch from touched t) as c
    join codered.repositories r on r.id = c.repository_id
    join codered.pull_requests pr
      on pr.repository_id = c.repository_id and (c.branch is null or pr.base_ref = c.branch) and pr.state = 'open'
  ), queued as (
    select codered.queue_follow_up(
      a.project_id, 'report', jsonb_build_object('repository_id', a.repository_id, 'head_sha', a.head_sha),
      l.key || a.repository_id || ':' || a.head_sha,
      -- The others of the queue go in between.
      make_interval(secs => l.seconds + a.place), l.is_scheduled)
    from asked a
    -- GitHub's API may lag behind its webhooks by some seconds, at times by more. The second look is no work that waits to be done
    -- (inbox_status), and has the key of a deadline's: whichever comes first looks.
    cross join (values ('report:', 4, false), ('deadline:', 60, true)) as l (key, seconds, is_scheduled)
    where a.place <= 500
  )
  select count(*)::integer / 2 from queued
$$;
comment on function codered.queue_policy_looks(json) is
  'Has open pull requests judged again when commits of a push change a policy that they are judged by, or the branch was pushed by force or is new: those into the branch whose own file it is, those of all repositories of the installation where it is the account''s (codered.yml in .github), those of the repositories whose policy extends it; each time the 500 told of last, in some seconds, until when no success goes out for them, and a minute later again. Returns how many there are.';

create or replace function codered.queue_look_once(repository_id bigint, head_sha text, until timestamptz)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_look_once.head_sha), k.key,
    greatest(queue_look_once.until - now(), interval '0') + interval '2 seconds', is_scheduled => true)
  from codered.repositories r
  cross join lateral (
    select format('deadline:%s:%s:%s', r.id, queue_look_once.head_sha, extract(epoch from queue_look_once.until)::bigint) as key
  ) as k
  where r.id = queue_look_once.repository_id
    and r.deleted_at is null
    and not exists (select from codered.follow_ups j where j.dedupe_key = k.key)
$$;
comment on function codered.queue_look_once(bigint, text, timestamptz) is
  'Queues the report of a commit for when a wait of it is over, once for each such time.';

create or replace function codered.record_diagnosis(diagnosis jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  failure codered.errors;
  sha text;
begin
  update codered.ci_jobs j
  set log_state = diagnosis ->> 'log_state'
  -- Nothing is told of a log that could not be read.
  where j.id = (diagnosis ->> 'ci_job_id')::uuid and j.log_state <> diagnosis ->> 'log_state';

  -- Judged again, a failure may turn out to be another one: the older judgement goes.
  delete from codered.errors e
  where e.ci_job_id is not distinct from (diagnosis ->> 'ci_job_id')::uuid
    and e.ci_event_id is not distinct from (diagnosis ->> 'ci_event_id')::uuid
    and e.deployment_id is not distinct from (diagnosis ->> 'deployment_id')::uuid
    and e.agent_run_id is null
    and e.project_id = (diagnosis ->> 'project_id')::uuid
    and e.fingerprint <> diagnosis ->> 'fingerprint';

  insert into codered.errors as e (
    project_id, source, ci_job_id, ci_event_id, deployment_id, error_code, message, details, severity, fingerprint,
    verdict, verdict_reason, excerpt, excerpt_first_line, excerpt_last_line, line_number, step_first_line, file_path, line
  )
  select
    d.project_id, d.source, d.ci_job_id, d.ci_event_id, d.deployment_id, d.error_code, d.message, d.details, d.severity,
    d.fingerprint, d.verdict, d.verdict_reason, d.excerpt, d.excerpt_first_line, d.excerpt_last_line, d.line_number,
    d.step_first_line, d.file_path, d.line
  from jsonb_to_record(diagnosis) as d (
    project_id uuid, source text, ci_job_id uuid, ci_event_id uuid, deployment_id uuid, error_code text, message text,
    details text, severity text, fingerprint text, verdict text, verdict_reason text, excerpt text,
    excerpt_first_line integer, excerpt_last_line integer, line_number integer, step_first_line integer,
    file_path text, line integer
  )
  on conflict on constraint errors_failure_key do update
  set
    error_code = excluded.error_code,
    message = excluded.message,
    details = excluded.details,
    severity = excluded.severity,
    verdict = excluded.verdict,
    verdict_reason = excluded.verdict_reason,
    excerpt = excluded.excerpt,
    excerpt_first_line = excluded.excerpt_first_line,
    excerpt_last_line = excluded.excerpt_last_line,
    line_number = excluded.line_number,
    step_first_line = excluded.step_first_line,
    file_path = excluded.file_path,
    line = excluded.line
  returning * into failure;

  delete from codered.error_matches m
  where m.error_id = failure.id
    and m.bug_pattern_id not in (
      select f.bug_pattern_id from jsonb_to_recordset(diagnosis -> 'matches') as f (bug_pattern_id uuid)
    );
  update codered.error_matches m set is_primary = false where m.error_id = failure.id and m.is_primary;

  with matched as (
    insert into codered.error_matches as m (error_id, bug_pattern_id, line_number, line_text, captures, is_primary)
    select failure.id, p.id, f.line_number, f.line_text, f.captures, f.is_primary
    from jsonb_to_recordset(diagnosis -> 'matches') as f (
      bug_pattern_id uuid, line_number integer, line_text text, captures text[], is_primary boolean
    )
    join codered.bug_patterns p on p.id = f.bug_pattern_id
    on conflict (error_id, bug_pattern_id) do update
    set
      line_number = excluded.line_number,
      line_text = excluded.line_text,
      captures = excluded.captures,
      is_primary = excluded.is_primary
    returning m.bug_pattern_id, m.is_primary, (xmax = 0) as is_new
  )
  update codered.bug_patterns p
  set hits = p.hits + 1, last_hit_at = now()
  from matched
  where p.id = matched.bug_pattern_id and matched.is_new and matched.is_primary;

  select coalesce(e.commit_sha, d.commit_sha) into sha
  from (select 1) as one
  left join codered.ci_events e on e.id = failure.ci_event_id
  left join codered.deployments d on d.id = failure.deployment_id;
  perform codered.queue_follow_up(
    failure.project_id, 'report',
    jsonb_build_object('repository_id', (diagnosis ->> 'repository_id')::bigint, 'head_sha', h.sha),
    'report:' || (diagnosis ->> 'repository_id') || ':' || h.sha
  )
  from codered.heads_after((diagnosis ->> 'repository_id')::bigint, sha) as h (sha);
end
$$;
comment on function codered.record_diagnosis(jsonb) is
  'Writes what is known of one failure, with the patterns it matched, and queues the report; done twice, it changes nothing.';

create or replace function codered.queue_specs(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select f.*, codered.spec_paths(f.files) as specs
    from rows from (
      json_to_recordset(queue_specs.commits) as (repository_id bigint, sha text, ref text, author text, files text[], is_ref_reset boolean)
    ) with ordinality as f (repository_id, sha, ref, author, files, is_ref_reset, place)
    where f.ref like 'refs/heads/%' and f.ref not like 'refs/heads/gh-readonly-queue/%'
  ), pushes as (
    -- What counts is how a push leaves the branch: its last commit, with all that the push touched.
    select
      t.repository_id, substr(t.ref, 12) as branch,
      (array_agg(t.sha order by t.place desc))[1] as sha,
      (array_agg(t.author order by t.place desc) filter (where t.specs <> '{}'))[1] as author,
      codered.spec_paths(
        array(select p from told o, unnest(o.specs) as p where o.repository_id = t.repository_id and o.ref = t.ref)
      ) as paths,
      -- A push by force may take a change of it back, of which no commit tells; and GitHub lists no more files than that.
      bool_or('.github/codered.yml' = any (t.files) or cardinality(t.files) >= 5000 or coalesce(t.is_ref_reset, false)) as reads_policy
    from told t
    group by t.repository_id, t.ref
  ), queued as (
    select codered.queue_follow_up(
      r.project_id, 'plan_sprint',
      jsonb_build_object('repository_id', p.repository_id, 'sha', p.sha, 'branch', p.branch, 'paths', p.paths, 'author', p.author,
        'reads_policy', p.reads_policy and p.branch = r.default_branch),
      'specs:' || p.repository_id || ':' || p.sha)
    from pushes p
    join codered.repositories r on r.id = p.repository_id
    where (p.paths <> '{}' or (p.reads_policy and p.branch = r.default_branch))
      -- What was given up is tried again when it is told again.
      and not exists (
        select from codered.follow_ups j where j.dedupe_key = 'specs:' || p.repository_id || ':' || p.sha and j.status <> 'failed'
      )
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_specs(json) is
  'Queues the reading of the specs that commits of a push to a branch brought, and of the policy file where the push may have changed it on the default branch, once for each head; returns how many were queued.';

create or replace function codered.queue_spec_reports(repository_id bigint, branch text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', asked.head_sha),
    'report:' || r.id || ':' || asked.head_sha)
  from codered.repositories r
  cross join lateral (
    select pr.head_sha
    from codered.pull_requests pr
    where pr.repository_id = r.id and pr.state = 'open'
      and (
        pr.base_ref = queue_spec_reports.branch
        or (pr.head_ref = queue_spec_reports.branch and pr.head_repository_id = r.id))
    order by pr.head_ref = queue_spec_reports.branch desc, pr.number desc
    limit 100
  ) as asked
  where r.id = queue_spec_reports.repository_id
$$;
comment on function codered.queue_spec_reports(bigint, text) is
  'Has up to 100 open pull requests of a branch judged anew, its own before those into it, because a spec plans a sprint there.';

create or replace function codered.record_override(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, reason text,
  head_sha text, expires_at timestamptz default null, place integer default 1
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  home codered.repositories;
  run uuid;
  made uuid;
begin
  -- A verdict is written under the same lock: none is that has not seen this.
  select r.* into home
  from codered.repositories r
  where r.id = record_override.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', record_override.repository_id::text);
  end if;
  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason, expires_at,
    github_comment_id, github_comment_place
  )
  values (
    home.project_id, codered.find_profile(record_override.login), record_override.login, 'deploy_anyway', home.id,
    record_override.pull_request_number, case when record_override.expires_at is null then record_override.head_sha end,
    record_override.criterion, record_override.reason, record_override.expires_at, record_override.comment_id, record_override.place
  )
  on conflict on constraint user_overrides_comment_key do nothing
  returning user_overrides.id into made;
  if made is null then
    return json_build_object('recorded', false);
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = home.id and r.commit_sha = record_override.head_sha
  order by r.created_at desc, r.id
  limit 1;
  perform codered.append_status(
    home.project_id, run, 'OVERRIDDEN', format('%s: %s', record_override.criterion, record_override.reason),
    jsonb_build_object(
      'override_id', made, 'criterion', record_override.criterion, 'user', record_override.login, 'reason', record_override.reason,
      'expires_at', record_override.expires_at, 'commit_sha', record_override.head_sha,
      'pull_request_number', record_override.pull_request_number));
  perform codered.queue_follow_up(
    home.project_id, 'report', jsonb_build_object('repository_id', home.id, 'head_sha', record_override.head_sha),
    'report:' || home.id || ':' || record_override.head_sha);
  return json_build_object('recorded', true);
end
$$;
comment on function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz, integer) is
  'Keeps an override that a comment commanded, with its status event, and queues the report; the same command''s second time changes nothing. Without expires_at it covers the head alone, else every commit of the pull request until then. CR002, CR004.';

create or replace function codered.revoke_overrides(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, head_sha text,
  place integer default 1
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  home codered.repositories;
begin
  select r.* into home
  from codered.repositories r
  where r.id = revoke_overrides.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', revoke_overrides.repository_id::text);
  end if;
  update codered.user_overrides o
  set
    revoked_at = now(), revoked_by = revoke_overrides.login, revoked_comment_id = revoke_overrides.comment_id,
    revoked_comment_place = revoke_overrides.place
  where o.repository_id = home.id
    and o.pull_request_number = revoke_overrides.pull_request_number
    and o.criterion is not null
    and o.revoked_at is null
    and (o.expires_at is null or o.expires_at > now())
    and (revoke_overrides.criterion = 'all' or o.criterion = revoke_overrides.criterion)
    -- What was commanded later stands: this may be its second time.
    and (
      o.github_comment_id is null
      or (o.github_comment_id, o.github_comment_place) < (revoke_overrides.comment_id, revoke_overrides.place)
    );
  if found then
    perform codered.queue_follow_up(
      home.project_id, 'report', jsonb_build_object('repository_id', home.id, 'head_sha', revoke_overrides.head_sha),
      'report:' || home.id || ':' || revoke_overrides.head_sha);
  end if;
  return (
    select count(*)
    from codered.user_overrides o
    where o.repository_id = home.id and o.revoked_comment_id = revoke_overrides.comment_id
      and o.revoked_comment_place = revoke_overrides.place
  );
end
$$;
comment on function codered.revoke_overrides(bigint, integer, bigint, text, text, text, integer) is
  'Takes the overrides of one criterion (all: of every one) back that stand on a pull request, as a comment commanded, and queues the report; returns how many the command took back, the second time too. CR004.';

create or replace function codered.queue_commands(facts json)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  told record;
  queued integer := 0;
begin
  for told in
    select distinct on (f.comment_id)
      r.project_id, f.repository_id, f.pull_request_number, f.author_id,
      'command:' || f.comment_id as dedupe_key,
      jsonb_build_object(
        'kind', 'command', 'repository_id', f.repository_id, 'pull_request_number', f.pull_request_number, 'comment_id', f.comment_id,
        'author', f.author, 'author_id', f.author_id, 'author_type', f.author_type, 'text', f.text, 'created_at', f.created_at,
        -- What the author had before them, as far as we know.
        'head_sha', pr.head_sha) as input
    from json_to_recordset(queue_commands.facts) as f (
      repository_id bigint, pull_request_number integer, comment_id bigint, author text, author_id bigint, author_type text, text text,
      created_at text
    )
    join codered.repositories r on r.id = f.repository_id
    left join codered.pull_requests pr on pr.repository_id = r.id and pr.number = f.pull_request_number
    where not exists (select from codered.follow_ups j where j.dedupe_key = 'command:' || f.comment_id)
    order by f.comment_id
  loop
    if codered.take_command(told.repository_id, told.pull_request_number, told.author_id) then
      perform codered.queue_follow_up(told.project_id, 'command', told.input, told.dedupe_key);
      queued := queued + 1;
    end if;
  end loop;
  return queued;
end
$$;
comment on function codered.queue_commands(json) is
  'Queues commands of comments to be followed, each comment''s once and within the limits, with the pull request''s head of this moment; returns how many are new.';

create or replace function codered.queue_evidence(repository_id bigint, ci_event_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select e.id, e.project_id, e.repository_id
    from codered.ci_events e
    where e.id = any (queue_evidence.ci_event_ids)
      and e.repository_id = queue_evidence.repository_id
      and not exists (select from codered.follow_ups j where j.dedupe_key = 'artifacts:' || e.id)
  ), queued as (
    select codered.queue_follow_up(
      w.project_id, 'artifacts', jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id), 'artifacts:' || w.id)
    from wanted w
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_evidence(bigint, uuid[]) is
  'Queues the reading of artifacts of workflow runs that are over, once for each attempt; returns how many were queued.';

create or replace function codered.record_evidence(repository_id bigint, ci_event_id uuid, artifacts jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  event codered.ci_events;
  run uuid;
  written integer;
begin
  select e.* into event
  from codered.ci_events e
  where e.id = record_evidence.ci_event_id and e.repository_id = record_evidence.repository_id;
  if not found then
    perform codered.refuse_missing('CI event of this repository', record_evidence.ci_event_id::text);
  end if;
  if jsonb_array_length(record_evidence.artifacts) > 0 then
    run := codered.run_for_evidence(event.repository_id, event.commit_sha);
  end if;
  insert into codered.artifacts as a (
    run_id, ci_event_id, github_artifact_id, kind, file_name, url, ref, content_type, content, summary, made_at
  )
  select run, event.id, f.github_artifact_id, f.kind, f.name, f.url, f.ref, 'json', f.content, f.summary, f.made_at
  from jsonb_to_recordset(record_evidence.artifacts) as f (
    github_artifact_id bigint, kind text, name text, url text, ref text, content text, summary text, made_at timestamptz
  )
  on conflict (run_id, github_artifact_id) do update
  set
    ci_event_id = excluded.ci_event_id, ref = excluded.ref, content = excluded.content, summary = excluded.summary, kind = excluded.kind,
    -- A worker of before does not tell.
    made_at = coalesce(excluded.made_at, a.made_at)
  where (a.ci_event_id, a.ref, a.content, a.summary, a.kind, a.made_at)
      is distinct from
        (excluded.ci_event_id, excluded.ref, excluded.content, excluded.summary, excluded.kind, coalesce(excluded.made_at, a.made_at))
    -- GitHub lists the artifacts of a run, not of an attempt: what an older attempt is read for late must not take them back.
    and not exists (
      select
      from codered.ci_events newer
      where newer.id = a.ci_event_id
        and newer.provider = event.provider
        and newer.run_id = event.run_id
        and newer.run_attempt > event.run_attempt
    );
  get diagnostics written = row_count;
  perform codered.queue_follow_up(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
  return written;
end
$$;
comment on function codered.record_evidence(bigint, uuid, jsonb) is
  'Keeps what a workflow run''s artifacts say ([{github_artifact_id, kind, name, url, ref, content, summary, made_at}]) and queues the report of its commit; done twice, it changes nothing. Returns how many rows were written. CR004.';

create or replace function codered.record_uploaded_evidence(repository_id bigint, run_id text, run_attempt integer, artifact jsonb)
returns void
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  most constant integer := 200;
  event codered.ci_events;
  told record;
  run uuid;
  uploaded integer;
begin
  perform codered.check_fields('artifacts', record_uploaded_evidence.artifact, '{
    "github_artifact_id": "bigint", "kind": "text", "name": "text", "url": "text", "ref": "text", "content": "text",
    "summary": "text"}');
  select * into told
  from jsonb_to_record(record_uploaded_evidence.artifact) as t (
    kind text, name text, url text, ref text, content text, summary text);
  if coalesce(told.name, '') = '' then
    perform codered.refuse_value('artifacts.file_name', coalesce(told.name, 'null'), 'a name');
  end if;
  -- Uploads of one attempt go one after the other: their number is counted, and the first one makes the run.
  select e.* into event
  from codered.ci_events e
  join codered.repositories r on r.id = e.repository_id
  join codered.installations i on i.id = r.installation_id
  where e.provider = 'github-actions'
    and e.repository_id = record_uploaded_evidence.repository_id
    and e.run_id = record_uploaded_evidence.run_id
    and e.run_attempt = record_uploaded_evidence.run_attempt
    and r.deleted_at is null
    and i.suspended_at is null
    and i.deleted_at is null
  for no key update of e;
  if not found then
    perform codered.refuse_missing('workflow run of this repository', record_uploaded_evidence.run_id);
  end if;
  select count(*), (array_agg(a.run_id) filter (where a.file_name = told.name))[1] into uploaded, run
  from codered.artifacts a
  where a.ci_event_id = event.id and a.github_artifact_id is null and a.run_id is not null;
  if run is null and uploaded >= most then
    perform codered.refuse_state('artifacts', uploaded || ' uploads of one attempt of a run', 'at most ' || most);
  end if;
  if run is null then
    run := codered.run_for_evidence(event.repository_id, event.commit_sha);
  end if;
  insert into codered.artifacts as a (run_id, ci_event_id, kind, file_name, url, ref, content_type, content, summary)
  values (run, event.id, told.kind, told.name, told.url, told.ref, 'json', told.content, told.summary)
  on conflict (run_id, ci_event_id, file_name) where github_artifact_id is null and run_id is not null and ci_event_id is not null
  do update
  set ref = excluded.ref, content = excluded.content, summary = excluded.summary, kind = excluded.kind, url = excluded.url
  where (a.ref, a.content, a.summary, a.kind, a.url)
    is distinct from (excluded.ref, excluded.content, excluded.summary, excluded.kind, excluded.url);
  perform codered.queue_follow_up(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
end
$$;
comment on function codered.record_uploaded_evidence(bigint, text, integer, jsonb) is
  'Keeps what a file says that a job of this attempt of a workflow run uploaded ({kind, name, url, ref, content, summary}), in place of an earlier one of that name, and queues the report of its commit; done twice, it changes nothing. CR002, CR003 (more than 200 names), CR004.';

create or replace function codered.queue_held_evidence(repository_id bigint, ci_event_ids uuid[])
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
      codered.queue_follow_up(
        w.project_id, 'artifacts', jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id), w.dedupe_key)
    from wanted w
    where not exists (select from codered.follow_ups j where j.dedupe_key = w.dedupe_key)
  )
  select json_build_object(
    'queued', (select count(*) from queued),
    'read', coalesce(
      (
        select json_agg(w.id order by w.id)
        from wanted w
        where exists (select from codered.follow_ups j where j.dedupe_key = w.dedupe_key and j.status = 'completed')
      ),
      '[]'))
$$;
comment on function codered.queue_held_evidence(bigint, uuid[]) is
  'Queues the reading of artifacts of workflow runs that are not over, of which only jobs are left that wait for an environment: once for each job that has ended. Tells how many were queued, and the events of those that were read since the last one ended.';

comment on function codered.read_gate_subject(bigint, integer, text) is
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be judged by, without what ran for another one of the same commit (is_run_for), whether a merge queue made it (merge_group), which other pull requests bring the same branch into another one (twins), and of each run whether it began before the pull request had its base (is_former); null when it is unknown.';

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
          where j.status = 'failed' and j.completed_at > now() - interval '7 days'
          order by j.completed_at desc
          limit 100
        ) as d
      ),
      '[]'),
    -- Nobody does it: no worker runs, or too few.
    'waiting_jobs', (
      select json_build_object('count', count(*), 'since', min(j.run_after))
      from codered.follow_ups j
      where j.status = 'queued' and j.run_after < (select p.at from past p)
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

create or replace function codered.queue_bypass_look(repository_id bigint)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'bypasses', jsonb_build_object('kind', 'bypasses', 'repository_id', r.id),
    'deadline:bypasses:' || r.id || ':' || extract(epoch from date_trunc('minute', now()))::bigint,
    -- GitHub's record may come after its webhook.
    date_trunc('minute', now()) + interval '90 seconds' - now(), is_scheduled => true)
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where r.id = queue_bypass_look.repository_id
    and r.deleted_at is null
    and (i.permissions is null or i.permissions ? 'administration')
    and exists (
      select
      from codered.runs g
      join codered.gate_executions e on e.run_id = g.id
      where g.repository_id = r.id and e.phase = 'definition_of_done'
    )
$$;
comment on function codered.queue_bypass_look(bigint) is
  'Has GitHub asked in half a minute to one and a half who bypassed the repository''s rules: once for all that is told in a minute, and only where the gate ever judged and the App may ask (administration).';

create or replace function codered.queue_protections(deployments json)
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

create or replace function codered.queue_protection_look(protection jsonb, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'protection', queue_protection_look.protection,
    concat_ws(':', 'deadline:protection', r.id, queue_protection_look.protection ->> 'deployment_id',
      queue_protection_look.protection ->> 'environment'),
    make_interval(secs => queue_protection_look.seconds), is_scheduled => true)
  from codered.repositories r
  where r.id = (queue_protection_look.protection ->> 'repository_id')::bigint
$$;
comment on function codered.queue_protection_look(jsonb, integer) is
  'Has a deployment that waits for its verdict looked at again in so many seconds; protection is the input of the job.';

create or replace function codered.hasten_protections()
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
comment on function codered.hasten_protections() is 'A deployment that waits for the verdict on a commit is looked at again as soon as there is one.';

drop function codered.claim_publications(text, integer, integer, integer);
create function codered.claim_publications(worker text, batch integer, lease_seconds integer, spacing_ms integer default 1000)
returns table (
  id uuid, installation_id bigint, repository_id bigint, owner text, repo text, kind text, target text, generation integer,
  desired jsonb, desired_hash text, github_id bigint, attempts integer, claim bigint
)
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
  with recursive places as (
    -- Repository by repository along the index, however many wait in each.
    (select p.repository_id from codered.publications p where p.is_due order by p.repository_id limit 1)
    union all
    select (
      select p.repository_id
      from codered.publications p
      where p.is_due and p.repository_id > l.repository_id
      order by p.repository_id
      limit 1
    )
    from places l
    where l.repository_id is not null
  ), writers as (
    select i.id
    from codered.installations i
    where i.id in (
        select r.installation_id from places l join codered.repositories r on r.id = l.repository_id where r.deleted_at is null
      )
      and i.deleted_at is null
      and i.suspended_at is null
      and i.next_write_at <= now()
      and i.paused_until <= now()
      and not exists (
        select
        from codered.repositories r
        join codered.publications p on p.repository_id = r.id
        where r.installation_id = i.id and p.locked_until > now()
      )
      and exists (
        select
        from codered.repositories r
        cross join (values (true), (false)) as k (is_check_run)
        cross join lateral (
          select
          from codered.publications p
          where p.repository_id = r.id
            and p.is_due
            and (p.kind = 'check_run') = k.is_check_run
            and p.available_at <= now()
            and not codered.is_held_back(p)
          order by p.available_at, p.generation, p.id
          limit 1
        ) as due
        where r.installation_id = i.id and r.deleted_at is null
      )
    -- Whoever was written to longest ago is next.
    order by i.next_write_at
    limit claim_publications.batch
    for update skip locked
  ), next as (
    -- Of each repository the one that goes first, and of these again: however many wait, no more are read.
    select distinct on (w.id) w.id as installation_id, d.id, r.owner, r.name
    from writers w
    join codered.repositories r on r.installation_id = w.id and r.deleted_at is null
    cross join lateral (
      select f.id, f.kind, f.available_at, f.generation
      from (values (true), (false)) as k (is_check_run)
      cross join lateral (
        select p.id, p.kind, p.available_at, p.generation
        from codered.publications p
        where p.repository_id = r.id
          and p.is_due
          and (p.kind = 'check_run') = k.is_check_run
          and p.available_at <= now()
          and not codered.is_held_back(p)
        order by p.available_at, p.generation, p.id
        limit 1
      ) as f
    ) as d
    order by w.id, d.kind <> 'check_run', d.available_at, d.generation, d.id
  ), paced as (
    update codered.installations i
    set next_write_at = now() + make_interval(secs => claim_publications.spacing_ms / 1000.0)
    from next n
    where i.id = n.installation_id
  )
  update codered.publications p
  set
    -- One whose lease ended is not a try more.
    attempts = case when p.locked_until is null then p.attempts + 1 else greatest(p.attempts, 1) end,
    claim = nextval('codered.claim_number'),
    locked_by = claim_publications.worker,
    locked_at = now(),
    locked_until = now() + make_interval(secs => claim_publications.lease_seconds)
  from next n
  where p.id = n.id
  returning
    p.id, n.installation_id, p.repository_id, n.owner, n.name, p.kind, p.target, p.generation, p.desired, p.desired_hash,
    p.github_id, p.attempts, p.claim
$$;
comment on function codered.claim_publications(text, integer, integer, integer) is
  'Takes what differs between desired and published: one at a time per installation, spacing_ms apart, installations by turns; of one installation check runs first, then what has waited longest.';
revoke execute on function codered.claim_publications from public;
grant execute on function codered.claim_publications to service_role;

drop function codered.complete_publication(uuid, text, text, bigint, text);
create function codered.complete_publication(
  id uuid, worker text, published_hash text, github_id bigint default null, published_conclusion text default null,
  claim bigint default null
)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(complete_publication.id, complete_publication.worker);
  update codered.publications p
  set
    published_hash = complete_publication.published_hash,
    github_id = complete_publication.github_id,
    published_conclusion = complete_publication.published_conclusion,
    published_at = now(),
    attempts = 0,
    last_error = null,
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = complete_publication.id and p.locked_by = complete_publication.worker
    and (complete_publication.claim is null or p.claim = complete_publication.claim)
$$;
comment on function codered.complete_publication(uuid, text, text, bigint, text, bigint) is
  'Notes what stands on GitHub now; if something newer was desired meanwhile, the row stays due.';
revoke execute on function codered.complete_publication from public;
grant execute on function codered.complete_publication to service_role;

drop function codered.defer_publication(uuid, text, text, integer, integer);
create function codered.defer_publication(
  id uuid, worker text, error text, delay_ms integer, pause_installation_ms integer, claim bigint default null
)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(defer_publication.id, defer_publication.worker, defer_publication.pause_installation_ms);
  update codered.publications p
  set
    available_at = case
      when p.attempts = 0 then p.available_at
      else now() + make_interval(secs => defer_publication.delay_ms / 1000.0)
    end,
    last_error = left(defer_publication.error, 4000),
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = defer_publication.id and p.locked_by = defer_publication.worker
    and (defer_publication.claim is null or p.claim = defer_publication.claim)
$$;
comment on function codered.defer_publication(uuid, text, text, integer, integer, bigint) is
  'Puts a write off; pause_installation_ms holds back every write of the installation, as GitHub''s rate limits ask. What was desired meanwhile is not put off.';
revoke execute on function codered.defer_publication from public;
grant execute on function codered.defer_publication to service_role;

drop function codered.park_publication(uuid, text, text);
create function codered.park_publication(id uuid, worker text, error text, claim bigint default null)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(park_publication.id, park_publication.worker);
  update codered.publications p
  set
    available_at = case when p.attempts = 0 then p.available_at else 'infinity' end,
    last_error = left(park_publication.error, 4000),
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = park_publication.id and p.locked_by = park_publication.worker
    and (park_publication.claim is null or p.claim = park_publication.claim)
$$;
comment on function codered.park_publication(uuid, text, text, bigint) is
  'Gives a write up until something else is desired, or the installation''s permissions change; last_error says why.';
revoke execute on function codered.park_publication from public;
grant execute on function codered.park_publication to service_role;

drop function codered.yield_publication(uuid, text, text);
create function codered.yield_publication(id uuid, worker text, error text, claim bigint default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.publications;
  newer codered.publications;
begin
  perform codered.release_writer(yield_publication.id, yield_publication.worker);
  select p.* into mine
  from codered.publications p
  where p.id = yield_publication.id and p.locked_by = yield_publication.worker
    and (yield_publication.claim is null or p.claim = yield_publication.claim)
  for update;
  if not found then
    return;
  end if;
  -- A generation was made because this one was thought to be on its way. As it is not, it takes over what is wished for now:
  -- the newer one must not wait for a write that never comes.
  delete from codered.publications p
  where p.repository_id = mine.repository_id and p.kind = mine.kind and p.target = mine.target and p.generation = mine.generation + 1
  returning p.* into newer;
  update codered.publications p
  set
    desired = coalesce(newer.desired, p.desired),
    desired_hash = coalesce(newer.desired_hash, p.desired_hash),
    evidence_version = case when newer.id is null then p.evidence_version else newer.evidence_version end,
    attempts = 0,
    available_at = now(),
    last_error = left(yield_publication.error, 4000),
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = mine.id;
  if newer.id is null then
    perform codered.look_again(mine.repository_id, mine.desired ->> 'head_sha');
  end if;
end
$$;
comment on function codered.yield_publication(uuid, text, text, bigint) is
  'Gives a success back that was overtaken before it was written: the wish that took its place is due at once, or else a look at the commit is queued, which brings one.';
revoke execute on function codered.yield_publication from public;
grant execute on function codered.yield_publication to service_role;

drop function codered.record_delivery(bigint, text, json);
create function codered.record_delivery(app_id bigint, guid text, facts json, claim bigint default null)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told codered.webhook_deliveries;
  recorded json;
begin
  -- Erased while it was worked on: then nothing of it may come to stand. The lock has whoever erases wait.
  select w.* into told
  from codered.webhook_deliveries w
  where w.app_id = record_delivery.app_id and w.guid = record_delivery.guid
  for no key update;
  if not found then
    return json_build_object('queued', 0, 'is_erased', true);
  end if;
  -- Whoever has it by now records it.
  if record_delivery.claim <> told.claim then
    return json_build_object('queued', 0, 'is_claimed_again', true);
  end if;
  recorded := codered.record_facts(record_delivery.facts, record_delivery.app_id, record_delivery.guid);
  -- The times in it are older than what told of the repository last, so by them the deletion would never have been.
  if told.event = 'repository' then
    update codered.repositories r
    set gone_at = now()
    from json_to_recordset(record_delivery.facts -> 'repositories') as f (id bigint)
    join codered.webhook_deliveries w on w.app_id = record_delivery.app_id and w.guid = record_delivery.guid
    where r.id = f.id and r.gone_at is null and codered.readable_payload(w.payload) ->> 'action' = 'deleted';
  end if;
  return recorded;
end
$$;
comment on function codered.record_delivery(bigint, text, json, bigint) is
  'record_facts of a delivery that is still there; of one that was erased while a worker had it, or that was claimed again since the claim that is named, nothing is recorded.';
revoke execute on function codered.record_delivery from public;
grant execute on function codered.record_delivery to service_role;

create or replace function codered.erasure_steps()
returns table (step integer, table_name text, condition text)
language sql
immutable
set search_path = ''
as $$
  -- $1 repositories, $2 projects that go whole, $3 projects that are touched, $4 installations, $5 names, $6 the scope, $7 logins.
  -- First what starts work, then what work leaves, children before what they hang on.
  select row_number() over ()::integer, s.table_name, s.condition
  from (values
    ('webhook_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)
      or (t.repository_id is null and codered.is_payload_of(t.payload, t.status, $6))'),
    ('follow_ups', 't.project_id = any ($2) or t.repository_id = any ($1)'),
    ('agent_jobs', 't.project_id = any ($2)
      or ((t.project_id = any ($3) or t.project_id is null) and t.input ->> ''repository_id'' = any ($1::text[]))'),
    ('publications', 't.repository_id = any ($1)'),
    ('errors', 't.project_id = any ($2)
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))
      or t.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('test_results', 't.repository_id = any ($1)'),
    ('test_reports', 't.repository_id = any ($1)'),
    -- With their days and states.
    ('tests', 't.repository_id = any ($1)'),
    ('artifacts', 't.project_id = any ($2)
      or t.run_id in (select r.id from codered.runs r where r.repository_id = any ($1))
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('gate_executions', 't.run_id in (select r.id from codered.runs r where r.repository_id = any ($1) or r.project_id = any ($2))'),
    ('runs', 't.repository_id = any ($1) or t.project_id = any ($2)
      or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))
      or t.sprint_id in (
        select p.id from codered.sprints p join codered.specs s on s.id = p.spec_id
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('ci_jobs', 't.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('deployment_statuses', 't.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('deployments', 't.repository_id = any ($1)'),
    ('ci_events', 't.repository_id = any ($1)'),
    ('pull_requests', 't.repository_id = any ($1)'),
    ('commits', 't.repository_id = any ($1)'),
    ('sprints', 't.project_id = any ($2) or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('specs', 't.project_id = any ($2) or (t.project_id = any ($3) and lower(t.repo) = any ($5))'),
    ('embeddings', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('chunks', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('documents', 't.project_id = any ($2) or t.corpus_id in (select c.id from codered.corpora c where c.project_id = any ($2))'),
    ('corpora', 't.project_id = any ($2)'),
    ('project_files', 't.project_id = any ($2)'),
    ('task_runs', 't.project_id = any ($2)'),
    ('agent_runs', 't.project_id = any ($2)'),
    ('agent_sessions', 't.project_id = any ($2)'),
    ('checkpoints', 't.project_id = any ($2)'),
    ('tasks', 't.project_id = any ($2)'),
    ('milestones', 't.project_id = any ($2)'),
    ('lessons', 't.project_id = any ($2)'),
    ('ux_snippets', 't.project_id = any ($2)'),
    ('bug_patterns', 't.project_id = any ($2)'),
    ('learning_roadmaps', 't.project_id = any ($2)'),
    ('daily_sessions', 't.project_id = any ($2)'),
    ('installation_usage', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('kept_out_installations', 't.id = any ($4) or lower(t.account_login) = any ($7) or t.account_id = any (codered.ids_in($6, ''accounts''))')
  ) as s (table_name, condition)
$$;
comment on function codered.erasure_steps() is
  'What an erasure takes, table by table in this order. Not the audit: events, user_overrides and decisions stay, and the names in orgs, memberships, installations, projects and repositories that say whose it is.';

create or replace function codered.list_gate_reports(pull codered.pull_requests, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(json_agg(
    json_build_object(
      'artifact', f.file_name, 'run_id', f.run_id, 'workflow', coalesce(regexp_replace(f.workflow_path, '^.*/', ''), ''),
      'workflow_path', f.workflow_path, 'event', f.event, 'attempt', f.made_in, 'url', f.url, 'at', f.created_at, 'content', f.content,
      'is_stale', f.is_stale)
    order by f.file_name, f.id), '[]')
  from (
    -- Of an upload's name the newest attempt's counts; what the jobs that did not run again uploaded carries over.
    select distinct on (e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end)
      a.file_name, a.url, a.created_at, a.content, a.id, e.run_id, i.workflow_path, i.event, age.made_in,
      age.is_stale
    from codered.current_runs(pull.repository_id, list_gate_reports.sha) as e
    cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
    cross join lateral codered.list_artifact_ages(e.repository_id, e.run_id, e.run_attempt) as age
    join codered.artifacts a on a.id = age.artifact_id
    join codered.ci_events attempt on attempt.id = a.ci_event_id
    where e.provider = 'github-actions'
      and codered.is_run_for(pull, i.event, i.branch, i.head_repository_id)
      -- What members write of their own has no run, and is no evidence.
      and a.run_id is not null
      -- Reading an attempt's artifacts takes over what GitHub still lists of those before.
      and (attempt.id = e.id or a.github_artifact_id is null)
      -- Where reading was given up, what was read for information may be the better half.
      and (
        a.github_artifact_id is null
        or not exists (select from codered.follow_ups j where j.dedupe_key = 'artifacts:' || e.id and j.status = 'failed')
      )
    order by
      e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end,
      attempt.run_attempt desc, a.created_at desc, a.id
  ) as f
$$;

comment on function codered.list_gate_reports(codered.pull_requests, text) is
  'The report files that count for a commit of the pull request, each with the run that made it and whether its attempt is outdone (is_stale). Only read_gate_subject calls it.';

revoke execute on function codered.list_gate_reports from public;

grant execute on function codered.list_gate_reports to service_role;

create or replace function codered.read_gate_subject(repository_id bigint, pull_request_number integer, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name, 'installation_id', r.installation_id, 'default_branch', r.default_branch),
    'pull_request', json_build_object(
      'number', pr.number, 'base_ref', pr.base_ref, 'head_ref', pr.head_ref, 'head_sha', pr.head_sha, 'author', pr.author,
      'is_fork', pr.head_repository_id is distinct from pr.repository_id,
      -- GitHub does not say of a run which pull request of a fork it is for, and each merges the branch into another one.
      'twins', coalesce(
        (
          select json_agg(o.number order by o.number)
          from codered.pull_requests o
          where o.repository_id = pr.repository_id
            and o.head_sha = pr.head_sha
            and o.head_ref = pr.head_ref
            and o.head_repository_id is not distinct from pr.head_repository_id
            -- One that was moved here ran into another one before.
            and (o.base_ref <> pr.base_ref or (o.number <> pr.number and o.based_at is not null))
        ),
        '[]')),
    'version', codered.read_evidence_version(r.id, read_gate_subject.sha),
    'merge_group', exists (
      select from codered.merge_group_head(r.id, read_gate_subject.sha) h where h.pull_request_number = pr.number
    ),
    'since', coalesce(
      (
        -- When it was judged first: what was read before for information waited for nothing.
        select min(e.created_at)
        from codered.runs g
        join codered.gate_executions e on e.run_id = g.id
        where g.repository_id = r.id and g.commit_sha = read_gate_subject.sha and e.phase = 'definition_of_done'
      ),
      now()),
    'sprint', (
      select json_build_object('id', s.id, 'label', s.label, 'dod_json', s.dod_json)
      from codered.find_sprint(
        -- The base branch decides where it has one. A fork's branch is another one, though it has the name of one here.
        r.id, array[pr.base_ref, case when pr.head_repository_id = pr.repository_id then pr.head_ref end]) s
      where s.id is not null
    ),
    'signals', coalesce(
      (
        select json_agg(s order by s.kind, s.name, s.origin, s.url)
        from codered.signals_of(r.id, read_gate_subject.sha) s
        where codered.is_run_for(pr, s.event, s.branch, s.head_repository_id)
      ),
      '[]'),
    'runs', coalesce(
      (
        select json_agg(
          json_build_object(
            'ci_event_id', e.id, 'run_id', e.run_id, 'workflow', coalesce(regexp_replace(i.workflow_path, '^.*/', ''), ''),
            'workflow_path', i.workflow_path, 'event', i.event, 'attempt', e.run_attempt, 'is_over', e.status not in ('queued', 'running'),
            'at', e.source_updated_at,
            'is_read', exists (
              select from codered.follow_ups j where j.dedupe_key = 'artifacts:' || e.id and j.status in ('completed', 'failed')
            ),
            -- A re-run merges into the same branch as its first attempt did.
            'is_former', coalesce(
              (
                select min(a.start_time)
                from codered.ci_events a
                where a.provider = e.provider and a.repository_id = e.repository_id and a.run_id = e.run_id
              -- GitHub tells whole seconds, and makes a run some time after what set it off.
              ) < pr.based_at + interval '2 minutes',
              false))
          order by e.run_id)
        from codered.current_runs(r.id, read_gate_subject.sha) as e
        cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
        where e.provider = 'github-actions'
          and codered.is_run_for(pr, i.event, i.branch, i.head_repository_id)
      ),
      '[]'),
    'reports', codered.list_gate_reports(pr, read_gate_subject.sha),
    'overrides', coalesce(
      (
        select json_agg(
          json_build_object('criterion', o.criterion, 'by', o."user", 'reason', o.reason, 'expires_at', o.expires_at)
          order by o.created_at desc, o.id)
        from codered.user_overrides o
        where o.repository_id = r.id
          and o.pull_request_number = pr.number
          and o.criterion is not null
          and o.revoked_at is null
          and (o.commit_sha = read_gate_subject.sha or (o.commit_sha is null and o.expires_at > now()))
      ),
      '[]')
  )
  from codered.pull_requests pr
  join codered.repositories r on r.id = pr.repository_id
  where pr.repository_id = read_gate_subject.repository_id
    and pr.number = read_gate_subject.pull_request_number
    and r.deleted_at is null
$$;

comment on function codered.read_gate_subject(bigint, integer, text) is
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be judged by, without what ran for another one of the same commit (is_run_for), whether a merge queue made it (merge_group), which other pull requests bring the same branch into another one (twins), and of each run whether it began before the pull request had its base (is_former); null when it is unknown.';

revoke execute on function codered.read_gate_subject from public;

grant execute on function codered.read_gate_subject to service_role;
