-- The inbox: every delivery of GitHub's, until it is done.

create table codered.webhook_deliveries (
  app_id bigint not null,
  guid text not null,
  event text not null,
  action text,
  installation_id bigint,
  repository_id bigint,
  payload json not null,
  received_at timestamptz not null default now(),
  status text not null default 'pending',
  attempts integer not null default 0,
  available_at timestamptz not null default now(),
  locked_by text,
  locked_until timestamptz,
  last_error text,
  processed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  interruptions integer not null default 0,
  claim bigint not null default 0,
  primary key (app_id, guid),
  constraint webhook_deliveries_guid_length check (
    char_length(guid) between 1 and 100
    or codered.refuse_value('webhook_deliveries.guid', guid, '1 to 100 characters')
  ),
  constraint webhook_deliveries_event_length check (
    char_length(event) between 1 and 100
    or codered.refuse_value('webhook_deliveries.event', event, '1 to 100 characters')
  ),
  constraint webhook_deliveries_status_check check (
    status in ('pending', 'processing', 'done', 'failed', 'dead', 'ignored')
    or codered.refuse_value('webhook_deliveries.status', status, 'pending, processing, done, failed, dead, ignored')
  ),
  constraint webhook_deliveries_attempts_check check (attempts >= 0 or codered.refuse_value('webhook_deliveries.attempts', attempts, '0 or more')),
  constraint webhook_deliveries_interruptions_check check (interruptions >= 0)
);
comment on table codered.webhook_deliveries is
  'The inbox: every delivery that was answered 202 stands here, and stays until it is done, ignored with a reason, or dead.';
comment on column codered.webhook_deliveries.guid is
  'X-GitHub-Delivery. Two Apps on one event share it and a redelivery reuses it, hence the key with app_id.';
comment on column codered.webhook_deliveries.installation_id is
  'As the payload says; no foreign key, because a delivery is stored before anything is known of it.';
comment on column codered.webhook_deliveries.payload is
  'json, not jsonb: the body as GitHub sent it; jsonb refuses \u0000 and lone surrogates, which a stranger can put into a commit message.';
comment on column codered.webhook_deliveries.available_at is
  'When it may be claimed; while it is processed, when the lease ends and it may be claimed again.';
comment on column codered.webhook_deliveries.interruptions is
  'How often whoever worked on it was gone before it was done; these are no tries.';
comment on column codered.webhook_deliveries.claim is 'The number of the newest claim; 0 until the first.';
create index webhook_deliveries_due_idx on codered.webhook_deliveries (available_at)
  where status in ('pending', 'processing', 'failed');
create index webhook_deliveries_received_at_idx on codered.webhook_deliveries (received_at);
create index webhook_deliveries_dead_idx on codered.webhook_deliveries (received_at) where status = 'dead';
create index webhook_deliveries_turn_idx on codered.webhook_deliveries ((coalesce(installation_id, 0)), available_at, received_at)
  where status in ('pending', 'processing', 'failed');
create index webhook_deliveries_arriving_idx on codered.webhook_deliveries (repository_id, available_at)
  where status in ('pending', 'processing');
create index webhook_deliveries_guid_idx on codered.webhook_deliveries (guid) where status = 'processing';
create index webhook_deliveries_repository_id_idx on codered.webhook_deliveries (repository_id) where repository_id is not null;
create index webhook_deliveries_installation_id_idx on codered.webhook_deliveries (installation_id) where installation_id is not null;
create index webhook_deliveries_unplaced_idx on codered.webhook_deliveries (received_at) where repository_id is null;
alter table codered.webhook_deliveries enable row level security;
create policy webhook_deliveries_nobody on codered.webhook_deliveries for select to authenticated using (false);
grant select, insert, update, delete on codered.webhook_deliveries to service_role;
create trigger webhook_deliveries_touch before update on codered.webhook_deliveries
  for each row execute function codered.touch_updated_at();

-- Postgres' own compression of a payload costs more time than all else that the inbox does.
do $$
begin
  alter table codered.webhook_deliveries alter column payload set compression lz4;
exception
  when feature_not_supported then
    alter table codered.webhook_deliveries alter column payload set storage external;
end
$$;

create sequence codered.delivery_turn minvalue 0;
comment on sequence codered.delivery_turn is 'Not counted up: the installation that was served last, so that the next claim begins behind it.';
revoke all on sequence codered.delivery_turn from public, anon, authenticated;
grant usage, select, update on sequence codered.delivery_turn to service_role;

create function codered.receive_deliveries(heads json, payloads text)
returns table (guid text, outcome text)
language sql
set search_path = ''
-- The planner's numbers lag behind an inbox that grows: nothing here may read all of it.
set enable_seqscan = off
as $$
  with arrived as (
    select distinct on (h.app_id, h.guid) h.*
    from rows from (
      json_to_recordset(receive_deliveries.heads) as (
        app_id bigint, guid text, event text, action text, installation_id bigint, repository_id bigint
      )
    ) with ordinality as h (app_id, guid, event, action, installation_id, repository_id, place)
    order by h.app_id, h.guid, h.place
  ), stored as (
    insert into codered.webhook_deliveries as w (app_id, guid, event, action, installation_id, repository_id, payload)
    select a.app_id, a.guid, a.event, a.action, a.installation_id, a.repository_id, p.payload::json
    from arrived a
    join unnest(string_to_array(receive_deliveries.payloads, chr(30))) with ordinality as p (payload, place) on p.place = a.place
    on conflict (app_id, guid) do update
      set status = 'pending', available_at = now(), attempts = 0, locked_by = null, locked_until = null
      where w.status in ('failed', 'dead')
    returning w.app_id, w.guid, (xmax = 0) as is_new
  )
  select
    a.guid,
    case
      when s.is_new then 'stored'
      when s.guid is not null then 'requeued'
      -- Asked for those alone that were there before.
      when (select w.status from codered.webhook_deliveries w where w.app_id = a.app_id and w.guid = a.guid) in ('done', 'ignored')
        then 'known'
      else 'requeued'
    end
  from arrived a
  left join stored s on s.app_id = a.app_id and s.guid = a.guid
$$;
comment on function codered.receive_deliveries(json, text) is
  'Stores deliveries: payloads are the bodies in the order of heads, with the record separator (U+001E) between two, which no JSON text holds. A known guid that is not done is queued again (requeued), one that is done changes nothing (known).';
revoke execute on function codered.receive_deliveries from public;
grant execute on function codered.receive_deliveries to service_role;

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

create function codered.dead_deliveries(batch integer)
returns table (event text, guid text, last_error text)
language sql
stable
set search_path = ''
as $$
  select w.event, w.guid, w.last_error
  from codered.webhook_deliveries w
  where w.status = 'dead'
  order by w.received_at desc, w.guid
  limit dead_deliveries.batch
$$;
comment on function codered.dead_deliveries(integer) is 'The newest deliveries that were given up, with the reason; so many at most.';
revoke execute on function codered.dead_deliveries from public;
grant execute on function codered.dead_deliveries to service_role;

create function codered.inbox_status()
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
revoke execute on function codered.inbox_status from public;
grant execute on function codered.inbox_status to service_role;

create function codered.waiting_installations(most integer)
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
comment on function codered.waiting_installations(integer) is
  'The installations whose turn is next (0: deliveries of none), in a ring that begins behind the one served last; notes the last of them. Called by claim_deliveries.';
revoke execute on function codered.waiting_installations from public;
grant execute on function codered.waiting_installations to service_role;
