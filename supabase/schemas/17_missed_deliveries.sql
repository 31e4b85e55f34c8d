-- Deliveries that GitHub lists and that the inbox does not hold as done: asked for again, until they are there or lost.

create table codered.delivery_lists (
  app_id bigint primary key,
  listed_to timestamptz,
  listed_at timestamptz,
  walk_from timestamptz,
  walk_cursor text,
  refused text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint delivery_lists_walk_cursor_length check (char_length(walk_cursor) <= 1000),
  constraint delivery_lists_walk_check check ((walk_from is null) = (walk_cursor is null))
);
comment on table codered.delivery_lists is 'How far GitHub''s list of an App''s deliveries was read.';
comment on column codered.delivery_lists.listed_to is
  'By GitHub''s clock. Whatever was delivered before is done, or stands in missed_deliveries until it is.';
comment on column codered.delivery_lists.listed_at is 'When the list was read to its end last, by our clock.';
comment on column codered.delivery_lists.walk_from is 'Where a walk that is not at its end began: what listed_to becomes. GitHub''s clock.';
comment on column codered.delivery_lists.walk_cursor is 'GitHub''s word for where it goes on.';
comment on column codered.delivery_lists.refused is 'Why GitHub does not give the list; null when it does.';
alter table codered.delivery_lists enable row level security;
create policy delivery_lists_nobody on codered.delivery_lists for select to authenticated using (false);
revoke all on codered.delivery_lists from public, anon, authenticated;
grant select, insert, update, delete on codered.delivery_lists to service_role;
create trigger delivery_lists_touch before update on codered.delivery_lists
  for each row execute function codered.touch_updated_at();

create table codered.missed_deliveries (
  app_id bigint not null,
  guid text not null,
  event text not null,
  action text,
  installation_id bigint,
  repository_id bigint,
  delivery_id text not null,
  delivered_at timestamptz not null,
  first_delivered_at timestamptz not null,
  status_code integer not null,
  asked integer not null default 0,
  ask_at timestamptz not null default now(),
  lost_at timestamptz,
  lost_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (app_id, guid),
  constraint missed_deliveries_guid_length check (char_length(guid) between 1 and 100),
  constraint missed_deliveries_event_length check (char_length(event) between 1 and 100),
  constraint missed_deliveries_action_length check (char_length(action) <= 100),
  constraint missed_deliveries_delivery_id_check check (delivery_id ~ '^[0-9]{1,20}$'),
  constraint missed_deliveries_lost_check check ((lost_at is null) = (lost_reason is null))
);
comment on table codered.missed_deliveries is
  'Deliveries that GitHub lists and that the inbox did not hold as done when they were read there. A row goes when the inbox holds it as done, never because it was asked for.';
comment on column codered.missed_deliveries.delivery_id is
  'GitHub''s id of the newest attempt, by which it is asked for; text, as it may be more than a number of JavaScript holds.';
comment on column codered.missed_deliveries.delivered_at is 'When the newest attempt was made; first_delivered_at the first one. GitHub''s clock.';
comment on column codered.missed_deliveries.status_code is 'What the newest attempt was answered; 2xx: the inbox had it once, or lost it before it was recorded.';
comment on column codered.missed_deliveries.asked is 'How often GitHub was asked for it.';
comment on column codered.missed_deliveries.ask_at is 'Not asked for before then; our clock.';
comment on column codered.missed_deliveries.lost_at is 'When it was given up, as GitHub no longer has its body; sweep_requests has what is to be asked for instead.';
create index missed_deliveries_ask_at_idx on codered.missed_deliveries (ask_at) where lost_at is null;
create index missed_deliveries_lost_at_idx on codered.missed_deliveries (lost_at) where lost_at is not null;
create index missed_deliveries_repository_id_idx on codered.missed_deliveries (repository_id) where repository_id is not null;
create index missed_deliveries_installation_id_idx on codered.missed_deliveries (installation_id) where installation_id is not null;
alter table codered.missed_deliveries enable row level security;
create policy missed_deliveries_nobody on codered.missed_deliveries for select to authenticated using (false);
revoke all on codered.missed_deliveries from public, anon, authenticated;
grant select, insert, update, delete on codered.missed_deliveries to service_role;
create trigger missed_deliveries_touch before update on codered.missed_deliveries
  for each row execute function codered.touch_updated_at();

create table codered.sweep_requests (
  id uuid primary key default gen_random_uuid(),
  installation_id bigint,
  repository_id bigint,
  kind text not null,
  since timestamptz not null,
  reason text not null,
  done_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  asked integer not null default 0,
  ask_at timestamptz not null default now(),
  constraint sweep_requests_kind_length check (char_length(kind) between 1 and 100),
  constraint sweep_requests_reason_length check (char_length(reason) between 1 and 1000)
);
comment on table codered.sweep_requests is
  'What GitHub has to be asked for because a delivery that told it is lost: of a repository, all of a kind since a time.';
comment on column codered.sweep_requests.installation_id is 'As the delivery says; no foreign key, as repository_id: nothing may be known of them.';
comment on column codered.sweep_requests.kind is 'The webhook event that is missing, such as workflow_run.';
comment on column codered.sweep_requests.since is 'When the first that is missing was delivered; GitHub''s clock.';
comment on column codered.sweep_requests.done_at is 'When it was asked for, to the end, or given up after twelve times.';
comment on column codered.sweep_requests.asked is 'How often it was begun to ask for it.';
comment on column codered.sweep_requests.ask_at is 'Not asked for before then.';
create unique index sweep_requests_open_key on codered.sweep_requests (installation_id, repository_id, kind) nulls not distinct
  where done_at is null;
create index sweep_requests_repository_id_idx on codered.sweep_requests (repository_id) where repository_id is not null;
create index sweep_requests_installation_id_idx on codered.sweep_requests (installation_id) where installation_id is not null;
alter table codered.sweep_requests enable row level security;
create policy sweep_requests_nobody on codered.sweep_requests for select to authenticated using (false);
revoke all on codered.sweep_requests from public, anon, authenticated;
grant select, insert, update, delete on codered.sweep_requests to service_role;
create trigger sweep_requests_touch before update on codered.sweep_requests
  for each row execute function codered.touch_updated_at();

create function codered.request_sweep(installation_id bigint, repository_id bigint, kind text, since timestamptz, reason text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.sweep_requests as s (installation_id, repository_id, kind, since, reason)
  values (
    request_sweep.installation_id, request_sweep.repository_id, request_sweep.kind, request_sweep.since,
    left(request_sweep.reason, 1000))
  on conflict (installation_id, repository_id, kind) where done_at is null
  do update set since = least(s.since, excluded.since)
$$;
comment on function codered.request_sweep(bigint, bigint, text, timestamptz, text) is
  'Asks for a sweep of what was missed: one for each installation, repository and kind, from the earliest time that was named.';
revoke execute on function codered.request_sweep from public;
grant execute on function codered.request_sweep to service_role;

create function codered.read_delivery_list(app_id bigint)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('listed_to', d.listed_to, 'walk_from', d.walk_from, 'walk_cursor', d.walk_cursor)
  from (values (1)) as one (row)
  left join codered.delivery_lists d on d.app_id = read_delivery_list.app_id
$$;
comment on function codered.read_delivery_list(bigint) is
  'How far the list of an App''s deliveries was read: {listed_to, walk_from, walk_cursor}, null for what is not known.';
revoke execute on function codered.read_delivery_list from public;
grant execute on function codered.read_delivery_list to service_role;

create function codered.note_delivery_list(
  app_id bigint, listed_to timestamptz default null, walk_from timestamptz default null, walk_cursor text default null,
  refused text default null
)
returns void
language sql
set search_path = ''
as $$
  insert into codered.delivery_lists as d (app_id, listed_to, listed_at, walk_from, walk_cursor, refused)
  values (
    note_delivery_list.app_id, note_delivery_list.listed_to, case when note_delivery_list.listed_to is not null then now() end,
    note_delivery_list.walk_from, note_delivery_list.walk_cursor, left(note_delivery_list.refused, 1000))
  on conflict on constraint delivery_lists_pkey do update
  set
    listed_to = greatest(d.listed_to, excluded.listed_to),
    listed_at = coalesce(excluded.listed_at, d.listed_at),
    walk_from = excluded.walk_from,
    walk_cursor = excluded.walk_cursor,
    refused = excluded.refused
$$;
comment on function codered.note_delivery_list(bigint, timestamptz, timestamptz, text, text) is
  'Notes that the list was read down to where it had been read before (listed_to: where that walk began), how far a walk has come (walk_from, walk_cursor), or why GitHub does not give the list.';
revoke execute on function codered.note_delivery_list from public;
grant execute on function codered.note_delivery_list to service_role;

create function codered.note_listed_deliveries(app_id bigint, attempts json)
returns integer
language sql
set search_path = ''
-- However few rows the planner expects: nothing here may read all of the inbox.
set enable_seqscan = off
as $$
  with listed as (
    select distinct on (a.guid)
      a.*, min(a.delivered_at) over (partition by a.guid) as first_at
    from json_to_recordset(note_listed_deliveries.attempts) as a (
      guid text, event text, action text, installation_id bigint, repository_id bigint, delivery_id text,
      delivered_at timestamptz, status_code integer
    )
    order by a.guid, a.delivery_id::numeric desc
  ), written as (
    insert into codered.missed_deliveries as m (
      app_id, guid, event, action, installation_id, repository_id, delivery_id, delivered_at, first_delivered_at, status_code
    )
    select
      note_listed_deliveries.app_id, l.guid, l.event, l.action, l.installation_id, l.repository_id, l.delivery_id, l.delivered_at,
      l.first_at, l.status_code
    from listed l
    left join codered.webhook_deliveries w on w.app_id = note_listed_deliveries.app_id and w.guid = l.guid
    where w.guid is null or w.status not in ('done', 'ignored')
    order by l.guid
    on conflict on constraint missed_deliveries_pkey do update
    set
      first_delivered_at = least(m.first_delivered_at, excluded.first_delivered_at),
      -- GitHub's times are of whole seconds, so of two attempts in one the id tells the newer.
      delivery_id = greatest(m.delivery_id::numeric, excluded.delivery_id::numeric)::text,
      status_code = case when excluded.delivery_id::numeric > m.delivery_id::numeric then excluded.status_code else m.status_code end,
      delivered_at = greatest(m.delivered_at, excluded.delivered_at)
    where m.lost_at is null
      and (excluded.delivery_id::numeric > m.delivery_id::numeric or excluded.first_delivered_at < m.first_delivered_at)
    returning 1
  )
  select count(*)::integer from written
$$;
comment on function codered.note_listed_deliveries(bigint, json) is
  'Writes down which of the attempts that GitHub lists ({guid, event, action, installation_id, repository_id, delivery_id, delivered_at, status_code}) are of deliveries that the inbox does not hold as done or ignored, one row a guid, whatever GitHub says of them. Returns how many were news.';
revoke execute on function codered.note_listed_deliveries from public;
grant execute on function codered.note_listed_deliveries to service_role;

create function codered.take_missed_deliveries(app_id bigint, batch integer)
returns table (guid text, delivery_id text, event text, asked integer)
language sql
set search_path = ''
as $$
  with due as (
    select m.guid
    from codered.missed_deliveries m
    where m.app_id = take_missed_deliveries.app_id
      and m.lost_at is null
      and m.ask_at <= now()
      -- What the inbox has is for its workers, whatever has become of it.
      and not exists (select from codered.webhook_deliveries w where w.app_id = m.app_id and w.guid = m.guid)
    order by m.ask_at, m.first_delivered_at, m.guid
    limit take_missed_deliveries.batch
    for update skip locked
  )
  update codered.missed_deliveries m
  set
    asked = m.asked + 1,
    ask_at = now() + least(interval '4 minutes' * power(2, least(m.asked, 10)), interval '6 hours')
  from due
  where m.app_id = take_missed_deliveries.app_id and m.guid = due.guid
  returning m.guid, m.delivery_id, m.event, m.asked
$$;
comment on function codered.take_missed_deliveries(bigint, integer) is
  'Takes the missed deliveries that GitHub is to be asked for now; each is due again after 4, 8, 16 … minutes, at most 6 hours, if it is not there by then.';
revoke execute on function codered.take_missed_deliveries from public;
grant execute on function codered.take_missed_deliveries to service_role;

create function codered.lose_deliveries(
  app_id bigint, reason text, batch integer, guids text[] default '{}', delivered_before timestamptz default null
)
returns table (guid text, event text, action text, installation_id bigint, repository_id bigint)
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  one codered.missed_deliveries;
begin
  for one in
    update codered.missed_deliveries m
    set lost_at = now(), lost_reason = left(lose_deliveries.reason, 1000)
    where (m.app_id, m.guid) in (
      select l.app_id, l.guid
      from codered.missed_deliveries l
      where l.app_id = lose_deliveries.app_id
        and l.lost_at is null
        and (l.guid = any (lose_deliveries.guids) or l.delivered_at < lose_deliveries.delivered_before)
        and not exists (select from codered.webhook_deliveries w where w.app_id = l.app_id and w.guid = l.guid)
      order by l.guid
      limit lose_deliveries.batch
      for update
    )
    returning m.*
  loop
    perform codered.request_sweep(one.installation_id, one.repository_id, one.event, one.first_delivered_at, lose_deliveries.reason);
    guid := one.guid;
    event := one.event;
    action := one.action;
    installation_id := one.installation_id;
    repository_id := one.repository_id;
    return next;
  end loop;
end
$$;
comment on function codered.lose_deliveries(bigint, text, integer, text[], timestamptz) is
  'Gives up missed deliveries, those named and those whose newest attempt is older, batch at most, with the reason, and asks for a sweep in their place; never one that the inbox has. Returns them.';
revoke execute on function codered.lose_deliveries from public;
grant execute on function codered.lose_deliveries to service_role;

create function codered.settle_missed_deliveries(app_id bigint, delivered_before timestamptz)
returns integer
language sql
set search_path = ''
as $$
  with settled as (
    delete from codered.missed_deliveries m
    using codered.webhook_deliveries w
    where m.app_id = settle_missed_deliveries.app_id
      and w.app_id = m.app_id
      and w.guid = m.guid
      -- One that is not done stays, as somebody may delete it; too old to be asked for, the inbox is all that has it.
      and (w.status in ('done', 'ignored') or m.delivered_at < settle_missed_deliveries.delivered_before)
    returning 1
  ), forgotten as (
    delete from codered.missed_deliveries m
    where m.app_id = settle_missed_deliveries.app_id and m.lost_at < now() - interval '30 days'
  )
  select count(*)::integer from settled
$$;
comment on function codered.settle_missed_deliveries(bigint, timestamptz) is
  'Takes away the missed deliveries that the inbox holds as done or ignored, and lost ones after 30 days. Returns how many were settled.';
revoke execute on function codered.settle_missed_deliveries from public;
grant execute on function codered.settle_missed_deliveries to service_role;

create function codered.missed_status()
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'missed', count(*) filter (where m.lost_at is null),
    'lost', count(*) filter (where m.lost_at is not null),
    'oldest_seconds', extract(epoch from now() - min(m.created_at) filter (where m.lost_at is null)),
    'settled_to', least(
      min(m.first_delivered_at) filter (where m.lost_at is null), (select min(d.listed_to) from codered.delivery_lists d)),
    'listed_seconds', (select extract(epoch from now() - min(d.listed_at)) from codered.delivery_lists d),
    'refused', (select min(d.refused) from codered.delivery_lists d),
    'sweeps', (select count(*) from codered.sweep_requests s where s.done_at is null))
  from codered.missed_deliveries m
$$;
comment on function codered.missed_status() is
  'How many deliveries are missed and asked for, for how long the oldest of them, how many are lost (of the last 30 days), up to when all are settled (GitHub''s clock), how long ago the list was read to its end, why it is not given, and how many sweeps wait.';
revoke execute on function codered.missed_status from public;
grant execute on function codered.missed_status to service_role;

create function codered.lost_deliveries(batch integer)
returns table (guid text, event text, action text, repository text, delivered_at timestamptz, reason text)
language sql
stable
set search_path = ''
as $$
  select m.guid, m.event, m.action, r.owner || '/' || r.name, m.first_delivered_at, m.lost_reason
  from codered.missed_deliveries m
  left join codered.repositories r on r.id = m.repository_id
  where m.lost_at is not null
  order by m.lost_at desc, m.guid
  limit lost_deliveries.batch
$$;
comment on function codered.lost_deliveries(integer) is 'The deliveries that were lost last, with the reason; so many at most.';
revoke execute on function codered.lost_deliveries from public;
grant execute on function codered.lost_deliveries to service_role;
