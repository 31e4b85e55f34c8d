-- Retention: monthly partitions of events, and what goes when. Old workers survive it.

-- Excerpts still held, oldest first. For deliveries webhook_deliveries_received_at_idx does: all but a few that are that old are done.
create index errors_excerpt_idx on codered.errors (created_at) where excerpt is not null;

create function codered.month_start(month date)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
  select date_trunc('month', month_start.month::timestamp) at time zone 'UTC'
$$;
comment on function codered.month_start(date) is 'When the month of a day begins, in UTC.';
revoke execute on function codered.month_start(date) from public;
grant execute on function codered.month_start(date) to service_role;

create function codered.next_month(month date)
returns date
language sql
immutable
set search_path = ''
as $$
  select (date_trunc('month', next_month.month::timestamp) + interval '1 month')::date
$$;
comment on function codered.next_month(date) is 'The first day of the month after.';
revoke execute on function codered.next_month(date) from public;
grant execute on function codered.next_month(date) to service_role;

create function codered.event_month_table(month date)
returns text
language sql
stable
set search_path = ''
as $$
  select 'events_' || to_char(event_month_table.month::timestamp, 'YYYY_MM')
$$;
comment on function codered.event_month_table(date) is 'What the partition of events is called that holds the month of a day.';
revoke execute on function codered.event_month_table(date) from public;
grant execute on function codered.event_month_table(date) to service_role;

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
revoke execute on function codered.event_months() from public;
grant execute on function codered.event_months() to service_role;

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
revoke execute on function codered.event_months_without_partition() from public;
grant execute on function codered.event_months_without_partition() to service_role;

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
revoke execute on function codered.event_months_missing(integer) from public;
grant execute on function codered.event_months_missing(integer) to service_role;

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
revoke execute on function codered.make_event_month(date) from public;

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
revoke execute on function codered.ensure_event_months(integer) from public;
grant execute on function codered.ensure_event_months(integer) to service_role;

create function codered.retention_cutoff(table_name text)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  -- In UTC, as a month's length depends on the time zone; a thousand years are for ever, and no timestamp reaches much further back.
  select case when p.keep < interval '1000 years' then (now() at time zone 'UTC' - p.keep) at time zone 'UTC' end
  from codered.retention_policies p
  where p.table_name = retention_cutoff.table_name
$$;
comment on function codered.retention_cutoff(text) is 'What is older than this may go by the table''s policy; null: nothing may.';
revoke execute on function codered.retention_cutoff(text) from public;
grant execute on function codered.retention_cutoff(text) to service_role;

create function codered.event_months_due()
returns table (month date, rows bigint, bytes bigint, archive boolean)
language sql
stable
set search_path = ''
as $$
  select d.month, (
      select count(*)
      from codered.events e
      where e.created_at >= codered.month_start(d.month) and e.created_at < codered.month_start(codered.next_month(d.month))
    ), pg_total_relation_size(to_regclass('codered.' || codered.event_month_table(d.month))), p.archive
  from (
    select codered.event_months()
    union
    select codered.event_months_without_partition()
  ) as d (month)
  join codered.retention_policies p on p.table_name = 'events'
  where codered.month_start(codered.next_month(d.month)) <= codered.retention_cutoff('events')
  order by d.month
$$;
comment on function codered.event_months_due() is
  'The months of events that ended before what the policy keeps, oldest first. bytes: null for a month that has no partition yet; ensure_event_months gives it one. archive: whether it has to be written down before it goes.';
revoke execute on function codered.event_months_due() from public;
grant execute on function codered.event_months_due() to service_role;

create function codered.prunable()
returns table (table_name text, what text, keep interval, due bigint, oldest timestamptz, bytes bigint)
language sql
stable
set search_path = ''
as $$
  with found (table_name, what, due, oldest, bytes) as (
    select 'webhook_deliveries', 'deliveries that are done or ignored', count(*), min(w.received_at), (count(*) * (
        select pg_total_relation_size(c.oid) / c.reltuples
        from pg_catalog.pg_class c
        where c.oid = 'codered.webhook_deliveries'::regclass and c.reltuples > 0
      ))::bigint
    from codered.webhook_deliveries w
    where w.status in ('done', 'ignored') and w.received_at < codered.retention_cutoff('webhook_deliveries')
    union all
    select 'errors', 'excerpts of failures; the failures stay', count(*), min(e.created_at), sum(pg_column_size(e.excerpt))
    from codered.errors e
    where e.excerpt is not null and e.created_at < codered.retention_cutoff('errors')
    union all
    select 'events', 'whole months', coalesce(sum(m.rows), 0), codered.month_start(min(m.month)), sum(m.bytes)::bigint
    from codered.event_months_due() m
  )
  select f.table_name, f.what, p.keep, f.due, f.oldest, case when f.due > 0 then f.bytes end
  from found f
  join codered.retention_policies p on p.table_name = f.table_name
  order by f.table_name
$$;
comment on function codered.prunable() is
  'What codered prune would take now, a row for each policy: how many rows are due, how old the oldest is (events: when its month began), and about how many bytes they take (null: not known). keep null: for ever, so nothing is due.';
revoke execute on function codered.prunable() from public;
grant execute on function codered.prunable() to service_role;

create function codered.prune_deliveries(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select w.ctid as row
    from codered.webhook_deliveries w
    where w.status in ('done', 'ignored') and w.received_at < codered.retention_cutoff('webhook_deliveries')
    order by w.received_at
    limit greatest(prune_deliveries.batch, 0)
    for update skip locked
  ), gone as (
    -- By where they lie, as a join would be planned for a tenth of the table. One that moved since is left to the next batch.
    delete from codered.webhook_deliveries w
    where w.ctid = any (array(select d.row from due d))
    returning 1
  )
  select case
    when prune_deliveries.batch >= 1 then (select count(*)::integer from gone)
    else codered.refuse_value('prune_deliveries.batch', coalesce(prune_deliveries.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_deliveries(integer) is
  'Deletes up to batch (1 or more) deliveries that the policy lets go, oldest first, and returns how many. Only those done or ignored: failed, dead and pending ones still want somebody. Leaves what somebody else has locked.';
revoke execute on function codered.prune_deliveries(integer) from public;
grant execute on function codered.prune_deliveries(integer) to service_role;

create function codered.prune_excerpts(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select e.ctid as row
    from codered.errors e
    where e.excerpt is not null and e.created_at < codered.retention_cutoff('errors')
    order by e.created_at
    limit greatest(prune_excerpts.batch, 0)
    for update skip locked
  ), emptied as (
    update codered.errors e
    set excerpt = null, excerpt_first_line = null, excerpt_last_line = null
    where e.ctid = any (array(select d.row from due d))
    returning 1
  )
  select case
    when prune_excerpts.batch >= 1 then (select count(*)::integer from emptied)
    else codered.refuse_value('prune_excerpts.batch', coalesce(prune_excerpts.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_excerpts(integer) is
  'Empties up to batch (1 or more) excerpts that the policy lets go, oldest first, and returns how many. The failure stays: message, cause, and the numbers of the lines it stood on.';
revoke execute on function codered.prune_excerpts(integer) from public;
grant execute on function codered.prune_excerpts(integer) to service_role;

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
revoke execute on function codered.read_event_month(date, bigint, integer) from public;
grant execute on function codered.read_event_month(date, bigint, integer) to service_role;

create function codered.close_event_month(month date, rows bigint, archived boolean, sha256 text default null, place text default null)
returns text
language plpgsql
security definer
set search_path = ''
set lock_timeout = '5s'
as $$
declare
  name constant text := codered.event_month_table(close_event_month.month);
  month_name constant text := to_char(close_event_month.month::timestamp, 'YYYY-MM');
  ends constant timestamptz := codered.month_start(codered.next_month(close_event_month.month));
  policy codered.retention_policies;
  there bigint;
  kept text;
begin
  -- What is counted below has to be what is there once we hold the lock, not what was there when the transaction began.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'The transaction is %; a month is closed in read committed.', current_setting('transaction_isolation') using errcode = 'CR003';
  end if;
  if archived and (sha256 is null or sha256 !~ '^[0-9a-f]{64}$') then
    perform codered.refuse_value('close_event_month.sha256', coalesce(sha256, 'null'), 'SHA-256 of the archive in lower-case hexadecimal');
  end if;
  if archived and coalesce(place, '') = '' then
    perform codered.refuse_value('close_event_month.place', coalesce(place, 'null'), 'where the archive is');
  end if;
  perform pg_advisory_xact_lock(3202512);
  lock table only codered.events in access exclusive mode;
  if date_trunc('month', close_event_month.month::timestamp)::date not in (select codered.event_months()) then
    raise exception 'events has no partition for %.', month_name using errcode = 'CR004';
  end if;
  select * into policy from codered.retention_policies p where p.table_name = 'events' for share;
  if ends > codered.retention_cutoff('events') is not false then
    raise exception '% is not due: events are kept %.', month_name, coalesce(policy.keep::text, 'for ever') using errcode = 'CR003';
  end if;
  if archived is distinct from policy.archive then
    raise exception '% was % archived, but the policy of events says archive: %.', month_name, case when archived then 'now' else 'not' end, policy.archive
      using errcode = 'CR003';
  end if;
  execute format('lock table codered.%I in access exclusive mode', name);
  execute format('select count(*) from codered.%I', name) into there;
  if there is distinct from close_event_month.rows then
    raise exception '% has % events, of which % were read. Read it again: some came late.', month_name, there, coalesce(close_event_month.rows::text, 'none')
      using errcode = 'CR003';
  end if;
  execute format('alter table codered.events detach partition codered.%I', name);
  if archived then
    execute format('drop table codered.%I', name);
    insert into codered.events (event_type, payload)
    values ('retention.month_archived', jsonb_build_object('month', month_name, 'rows', there, 'sha256', sha256, 'place', place));
    return null;
  end if;
  -- A month that came late may have one already.
  select free.name
  into kept
  from (
    select 'events_kept_' || to_char(close_event_month.month::timestamp, 'YYYY_MM') || case when n > 1 then '_' || n else '' end, n
    from generate_series(1, 1000) as n
  ) as free (name, n)
  where to_regclass('codered.' || free.name) is null
  order by free.n
  limit 1;
  execute format('alter table codered.%I rename to %I', name, kept);
  execute format('revoke insert on codered.%I from service_role', kept);
  -- The one it had was the partitioned table's, and left with it.
  execute format(
    'create trigger events_append_only before insert or update or delete on codered.%I for each row execute function codered.refuse_change()',
    kept
  );
  execute format(
    'comment on table codered.%I is %L', kept,
    'The events of ' || month_name || ' (UTC), taken out of events by its policy. Nobody changes it; its owner may drop it.'
  );
  insert into codered.events (event_type, payload)
  values ('retention.month_detached', jsonb_build_object('month', month_name, 'rows', there, 'table', kept));
  return kept;
end
$$;
comment on function codered.close_event_month(date, bigint, boolean, text, text) is
  'Takes the partition of a due month out of events. archived: its rows stand at place, whose SHA-256 is sha256, and it is dropped (returns null); else it stays under the name returned, closed to everybody. Refuses with CR003 a month that is not due, that has another number of rows than rows, or that the policy wants archived and was not (or the reverse); CR004 one without partition. Appends retention.month_archived or .month_detached. Security definer, because it drops a table.';
revoke execute on function codered.close_event_month(date, bigint, boolean, text, text) from public;
grant execute on function codered.close_event_month(date, bigint, boolean, text, text) to service_role;

select codered.ensure_event_months();
