-- The history: one row an event, in a table a month that is never changed.

create table codered.events (
  id bigint generated always as identity,
  project_id uuid,
  run_id uuid,
  task_id uuid,
  user_id uuid default auth.uid(),
  event_type text not null,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  repository_id bigint,
  primary key (id, created_at),
  constraint events_event_type_length check (
    char_length(event_type) between 1 and 200
    or codered.refuse_value('events.event_type', event_type, '1 to 200 characters')
  ),
  constraint events_payload_check check (jsonb_typeof(payload) = 'object' or codered.refuse_value('events.payload', payload, 'a JSON object')),
  constraint events_payload_bytes
    check (octet_length(payload::text) <= 262144 or codered.refuse_value('events.payload', octet_length(payload::text), 'at most 262144 bytes'))
) partition by range (created_at);
comment on table codered.events is 'What happened, append-only. Plain ids without foreign keys: history outlives what it tells of.';
comment on column codered.events.event_type is
  '<thing>.<what happened>: task.created, run.status_changed, status.<PHASE> (the rows of status_events), note.<anything> (what members write).';
comment on column codered.events.payload is 'What changed: {"changed": {"<column>": [before, after]}}; long values are left out (null).';
comment on column codered.events.repository_id is
  'The repository whose run, override or spec it tells of: shown to whoever may read that. Null: of the project as a whole.';
create index events_project_id_idx on codered.events (project_id, created_at desc);
create index events_run_id_idx on codered.events (run_id);
create index events_user_id_idx on codered.events (user_id);
create index events_created_at_idx on codered.events (created_at desc);
-- The documents name these by their columns.
create index events_project_only_idx on codered.events (project_id);
create index events_task_created_idx on codered.events (task_id, created_at desc);
create index events_task_id_idx on codered.events (task_id) where task_id is not null;
create index events_event_type_idx on codered.events (event_type);
create index events_text_idx on codered.events using gin (to_tsvector('simple', payload));
alter table codered.events enable row level security;
-- As an array it is worked out once for all months; "in (select …)" would be, once for each partition.
create policy events_read on codered.events for select to authenticated
  using (
    (
      project_id = any (array(select codered.my_projects()))
      and (repository_id is null or repository_id = any (array(select codered.my_repositories())))
    )
    or (project_id is null and user_id = (select auth.uid()))
  );
grant select on codered.events to authenticated;
revoke update, delete on codered.events from service_role;
grant insert (project_id, run_id, task_id, user_id, event_type, payload) on codered.events to authenticated;
create trigger events_append_only before update or delete on codered.events
  for each row execute function codered.refuse_change();
-- TRUNCATE asks no row's trigger; a partition has to be told itself, as statement triggers are not handed down.
create trigger events_no_truncate before truncate on codered.events
  for each statement execute function codered.refuse_change();

create function codered.name_event_repository()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  spec constant text := case when new.event_type like 'status.%' then new.payload #>> '{metadata,spec_id}' end;
begin
  if new.repository_id is null and new.run_id is not null then
    new.repository_id := (select r.repository_id from codered.runs r where r.id = new.run_id);
  elsif new.repository_id is null and spec ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
    new.repository_id := (
      select r.id
      from codered.specs s
      join codered.repositories r on r.project_id = s.project_id and lower(r.owner || '/' || r.name) = lower(s.repo)
      where s.id = spec::uuid
      order by r.id desc
      limit 1);
  end if;
  return new;
end
$$;
comment on function codered.name_event_repository() is 'Notes with an event of a run or a spec whose repository that is.';
revoke execute on function codered.name_event_repository from public;
create trigger events_repository before insert on codered.events
  for each row execute function codered.name_event_repository();

create table codered.events_other partition of codered.events default;
comment on table codered.events_other is 'The events of months that have no partition of their own.';
alter table codered.events_other enable row level security;
create policy events_other_nobody on codered.events_other for select to authenticated using (false);
revoke update, delete on codered.events_other from service_role;
create trigger events_no_truncate before truncate on codered.events_other
  for each statement execute function codered.refuse_change();

create function codered.month_start(month date)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
  select date_trunc('month', month_start.month::timestamp) at time zone 'UTC'
$$;
comment on function codered.month_start(date) is 'When the month of a day begins, in UTC.';
revoke execute on function codered.month_start from public;
grant execute on function codered.month_start to service_role;

create function codered.next_month(month date)
returns date
language sql
immutable
set search_path = ''
as $$
  select (date_trunc('month', next_month.month::timestamp) + interval '1 month')::date
$$;
comment on function codered.next_month(date) is 'The first day of the month after.';
revoke execute on function codered.next_month from public;
grant execute on function codered.next_month to service_role;

create function codered.event_month_table(month date)
returns text
language sql
stable
set search_path = ''
as $$
  select 'events_' || to_char(event_month_table.month::timestamp, 'YYYY_MM')
$$;
comment on function codered.event_month_table(date) is 'What the partition of events is called that holds the month of a day.';
revoke execute on function codered.event_month_table from public;
grant execute on function codered.event_month_table to service_role;

create function codered.event_months()
returns setof date
language sql
stable
set search_path = ''
as $$
  select to_date(right(c.relname, 7), 'YYYY_MM')
  from pg_catalog.pg_inherits i
  join pg_catalog.pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'codered.events'::regclass and c.relname ~ '^events_\d{4}_\d{2}$'
$$;
comment on function codered.event_months() is 'The first days of the months that have a partition of events.';
revoke execute on function codered.event_months from public;
grant execute on function codered.event_months to service_role;

create function codered.event_months_without_partition()
returns setof date
language sql
stable
set search_path = ''
as $$
  -- From one month's first row to the next month's: a look into the index each, however many rows there are.
  with recursive months (month) as (
    select date_trunc('month', min(o.created_at) at time zone 'UTC')::date
    from codered.events_other o
    where o.created_at >= timestamptz '0001-01-01 00:00:00+00' and o.created_at < timestamptz '9999-01-01 00:00:00+00'
    union all
    select (
      select date_trunc('month', min(o.created_at) at time zone 'UTC')::date
      from codered.events_other o
      where o.created_at >= codered.month_start(codered.next_month(m.month)) and o.created_at < timestamptz '9999-01-01 00:00:00+00'
    )
    from months m
    where m.month is not null
  )
  select m.month from months m where m.month is not null
$$;
comment on function codered.event_months_without_partition() is 'The first days of the months of which rows lie in events_other.';
revoke execute on function codered.event_months_without_partition from public;
grant execute on function codered.event_months_without_partition to service_role;

create function codered.event_months_missing(ahead integer default 2)
returns setof date
language sql
stable
set search_path = ''
as $$
  with horizon as (
    select
      date_trunc('month', now() at time zone 'UTC') as this_month,
      date_trunc('month', now() at time zone 'UTC') + make_interval(months => event_months_missing.ahead) as last_month
  ), wanted (month) as (
    select generate_series(h.this_month, h.last_month, interval '1 month')::date from horizon h
    union
    select m from codered.event_months_without_partition() m, horizon h where m <= h.last_month::date
  )
  select w.month
  from wanted w
  where w.month not in (select codered.event_months())
  order by w.month
$$;
comment on function codered.event_months_missing(integer) is
  'The first days of the months for which ensure_event_months(ahead) would make a partition: this one, the next ahead ones, and earlier ones of which rows lie in events_other.';
revoke execute on function codered.event_months_missing from public;
grant execute on function codered.event_months_missing to service_role;

create function codered.make_event_month(month date)
returns text
language plpgsql
set search_path = ''
set lock_timeout = '5s'
as $$
declare
  name constant text := codered.event_month_table(make_event_month.month);
  from_time constant timestamptz := codered.month_start(make_event_month.month);
  to_time constant timestamptz := codered.month_start(codered.next_month(make_event_month.month));
begin
  -- First of all, and the whole of events before any part of it: whoever appends finds its partition anew afterwards, and
  -- nobody who waits for us holds what we wait for. The advisory lock is for those who look at a part first: one at a time.
  perform pg_advisory_xact_lock(3202512);
  lock table only codered.events in access exclusive mode;
  if to_regclass('codered.' || name) is not null then
    return null;
  end if;
  lock table codered.events_other in access exclusive mode;
  execute format(
    'create table codered.%I (like codered.events including defaults including constraints including storage including compression including comments)',
    name
  );
  if exists (select from codered.events_other o where o.created_at >= from_time and o.created_at < to_time) then
    -- Nobody else sees this: the lock is ours until the transaction ends, and with it the trigger is back.
    alter table codered.events_other disable trigger events_append_only;
    execute format(
      'with moved as (delete from codered.events_other where created_at >= $1 and created_at < $2 returning *)
       insert into codered.%I select * from moved',
      name
    ) using from_time, to_time;
    alter table codered.events_other enable trigger events_append_only;
  end if;
  execute format('alter table codered.%I enable row level security', name);
  execute format('create policy events_month_nobody on codered.%I for select to authenticated using (false)', name);
  execute format('revoke all on codered.%I from public, anon, authenticated, service_role', name);
  execute format('grant select, insert on codered.%I to service_role', name);
  execute format(
    'create trigger events_no_truncate before truncate on codered.%I for each statement execute function codered.refuse_change()',
    name
  );
  execute format(
    'comment on table codered.%I is %L', name,
    'The events of ' || to_char(make_event_month.month::timestamp, 'YYYY-MM') || ' (UTC). Read and append through events; nobody gets at it directly.'
  );
  execute format('alter table codered.events attach partition codered.%I for values from (%L) to (%L)', name, from_time, to_time);
  return name;
end
$$;
comment on function codered.make_event_month(date) is
  'Makes the partition of events for the month of a day and moves there what of it lies in events_other. Returns its name, null when it is there already. Waits at most 5 s for whoever uses events, as everybody else waits behind it. For the owner of the tables; everybody else has ensure_event_months.';
revoke execute on function codered.make_event_month from public;

create function codered.ensure_event_months(ahead integer default 2)
returns setof text
language plpgsql
security definer
set search_path = ''
set lock_timeout = '5s'
as $$
begin
  if ensure_event_months.ahead is null or ensure_event_months.ahead not between 0 and 24 then
    perform codered.refuse_value('ensure_event_months.ahead', coalesce(ensure_event_months.ahead::text, 'null'), '0 to 24');
  end if;
  perform pg_advisory_xact_lock(3202512);
  return query
    select made.name
    from codered.event_months_missing(ensure_event_months.ahead) as m (month)
    cross join lateral codered.make_event_month(m.month) as made (name)
    where made.name is not null;
end
$$;
comment on function codered.ensure_event_months(integer) is
  'Makes the partitions of events that event_months_missing(ahead) lists and returns the names of those it made; twice, or by two at once, changes nothing more. ahead: 0 to 24 (CR002). Fails with 55P03 when events is in use for more than 5 s. Security definer, because it makes tables; nothing of the caller''s gets into their names.';
revoke execute on function codered.ensure_event_months from public;
grant execute on function codered.ensure_event_months to service_role;

create function codered.read_event_month(month date, after_id bigint, batch integer)
returns table (id bigint, line text)
language sql
stable
set search_path = ''
set timezone = 'UTC'
as $$
  with page as (
    select e.id, to_jsonb(e)::text as line
    from codered.events e
    where e.id > read_event_month.after_id
      and e.created_at >= codered.month_start(read_event_month.month)
      and e.created_at < codered.month_start(codered.next_month(read_event_month.month))
    order by e.id
    limit case
      when read_event_month.batch >= 1 then read_event_month.batch
      else codered.refuse_value('read_event_month.batch', coalesce(read_event_month.batch::text, 'null'), '1 or more')::integer
    end
  ), measured as (
    select p.id, p.line, sum(octet_length(p.line)) over (order by p.id) - octet_length(p.line) as bytes_before
    from page p
  )
  select m.id, m.line
  from measured m
  where m.bytes_before < 4194304
  order by m.id
$$;
comment on function codered.read_event_month(date, bigint, integer) is
  'The next rows of a month by id, each as one line of JSON: up to batch (1 or more), and no more than about 4 MB of them; empty behind the last. A line is text, so that no number loses digits on the way.';
revoke execute on function codered.read_event_month from public;
grant execute on function codered.read_event_month to service_role;

select codered.ensure_event_months();
