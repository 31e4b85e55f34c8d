-- How long what is kept, and the deletion of what is over that.

create table codered.retention_policies (
  id uuid primary key default gen_random_uuid(),
  table_name text not null,
  keep interval,
  archive boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint retention_policies_table_name_key unique (table_name),
  constraint retention_policies_keep_check
    check (keep >= interval '1 day' or codered.refuse_value('retention_policies.keep', keep, '1 day or more, null for ever')),
  constraint retention_policies_table_name_check check (
    table_name in (
      'webhook_deliveries', 'follow_ups', 'errors', 'green_logs', 'events', 'test_days', 'test_results', 'repositories', 'runs', 'artifacts', 'agent_runs',
      'gate_executions')
    or codered.refuse_value(
      'retention_policies.table_name', table_name,
      'webhook_deliveries, follow_ups, errors, green_logs, events, test_days, test_results, repositories, runs, artifacts, agent_runs, gate_executions; everything else is kept'))
);
comment on table codered.retention_policies is 'How long what is kept; `codered prune` obeys it. A table that is not named here is kept whole.';
comment on column codered.retention_policies.keep is
  'Age at which it may go: deliveries that are done or ignored (row), follow_ups that are over (row; see due_follow_ups for those that stay longer), errors (the excerpt alone), green_logs (row; none is used for longer than a day), test_days and test_results (row), events (whole months), repositories and installations that are gone (all that is kept of them), runs that are over (with gates and artifacts), artifacts (row and file), agent_runs (row), gate_executions (prompt_packet and raw_output alone). Null: never. What an open pull request is judged by stays.';
comment on column codered.retention_policies.archive is 'Events only: write a month as NDJSON before it goes. False: the month is detached and its table stays.';
alter table codered.retention_policies enable row level security;
create policy retention_policies_read on codered.retention_policies for select to authenticated using (true);
create policy retention_policies_update on codered.retention_policies for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
grant select on codered.retention_policies to authenticated;
grant update (keep, archive) on codered.retention_policies to authenticated;
grant select, insert, update, delete on codered.retention_policies to service_role;
create trigger retention_policies_touch before update on codered.retention_policies
  for each row execute function codered.touch_updated_at();

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
revoke execute on function codered.retention_cutoff from public;
grant execute on function codered.retention_cutoff to service_role;

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
revoke execute on function codered.event_months_due from public;
grant execute on function codered.event_months_due to service_role;

create function codered.is_open_head(repository_id bigint, commit_sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.pull_requests p
    where p.repository_id = is_open_head.repository_id and p.head_sha = is_open_head.commit_sha and p.state = 'open'
  )
$$;
comment on function codered.is_open_head(bigint, text) is 'Whether an open pull request has this head: its verdict and evidence are not history.';
revoke execute on function codered.is_open_head from public;
grant execute on function codered.is_open_head to service_role;

create function codered.due_follow_ups(batch integer default null)
returns table (id uuid, completed_at timestamptz, bytes bigint)
language sql
stable
set search_path = ''
as $$
  select f.id, f.completed_at, pg_column_size(f)::bigint
  from codered.follow_ups f
  -- Each asked for once, so that the index answers in its order.
  where f.completed_at < (select codered.retention_cutoff('follow_ups'))
    and case
      -- Nobody asks whether there was one of them.
      when f.kind in ('report', 'bypasses') then true
      -- Whether a run's artifacts were read, the gate asks for as long as their commit is evaluated.
      when f.kind = 'artifacts' then not exists (
        select from codered.ci_events e where e.id = f.ci_event_id and codered.is_open_head(e.repository_id, e.commit_sha)
      )
      -- These are done once for each word of GitHub, which may be replayed for as long as its delivery is kept.
      else f.created_at < (select codered.retention_cutoff('webhook_deliveries'))
    end
  order by f.completed_at
  limit due_follow_ups.batch
$$;
comment on function codered.due_follow_ups(integer) is
  'The oldest follow-ups that are over and that the policy lets go; batch null: all. One stays whose key is still asked for: the reading of artifacts while an open pull request has their commit as its head, and what is done once for each delivery while deliveries of its time are kept.';
revoke execute on function codered.due_follow_ups from public;
grant execute on function codered.due_follow_ups to service_role;

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
    select 'green_logs', 'hashes of logs of jobs that passed', count(*), min(g.fetched_at), sum(pg_column_size(g.hashes))::bigint
    from codered.green_logs g
    where g.fetched_at < codered.retention_cutoff('green_logs')
    union all
    select 'follow_ups', 'follow-ups that are over', count(*), min(d.completed_at), sum(d.bytes)::bigint
    from codered.due_follow_ups() d
    union all
    select 'test_days', 'days of tests', count(*), min(d.day)::timestamp at time zone 'UTC', sum(pg_column_size(d))::bigint
    from codered.test_days d
    where d.day < (codered.retention_cutoff('test_days') at time zone 'UTC')::date
    union all
    select 'test_results', 'single results of tests', count(*), min(x.created_at), sum(pg_column_size(x))::bigint
    from codered.test_results x
    where x.created_at < codered.retention_cutoff('test_results')
    union all
    select 'runs', 'runs that are over, with their gates and artifacts', count(*), min(d.created_at), null::bigint
    from codered.due_runs() d
    union all
    select 'artifacts', 'artifacts with what they hold', count(*), min(d.created_at), sum(d.bytes)::bigint
    from codered.due_artifacts() d
    union all
    select 'agent_runs', 'calls of agents, with what was sent and received', count(*), min(a.created_at), sum(pg_column_size(a))::bigint
    from codered.agent_runs a
    where a.created_at < codered.retention_cutoff('agent_runs')
    union all
    select 'gate_executions', 'what models of gates were sent and answered; the gates stay', count(*), min(g.created_at),
      sum(coalesce(pg_column_size(g.prompt_packet), 0) + coalesce(pg_column_size(g.raw_output), 0))::bigint
    from codered.gate_executions g
    where num_nonnulls(g.prompt_packet, g.raw_output) > 0 and g.completed_at < codered.retention_cutoff('gate_executions')
    union all
    select 'events', 'whole months', coalesce(sum(m.rows), 0), codered.month_start(min(m.month)), sum(m.bytes)::bigint
    from codered.event_months_due() m
  )
  select f.table_name, f.what, p.keep, f.due, f.oldest, case when f.due > 0 then f.bytes end
  from found f
  join codered.retention_policies p on p.table_name = f.table_name
  -- These have no age unless somebody gives them one, or are of no interest: they are told of when something of theirs is due.
  where f.due > 0 or f.table_name not in ('green_logs', 'runs', 'artifacts', 'agent_runs', 'gate_executions')
  order by f.table_name
$$;
comment on function codered.prunable() is
  'What codered prune would take now, a row for each policy (green_logs, runs, artifacts, agent_runs and gate_executions when something is due): how many rows are due, how old the oldest is (events: when its month began), and about how many bytes they take (null: not known). keep null: for ever, so nothing is due.';
revoke execute on function codered.prunable from public;
grant execute on function codered.prunable to service_role;

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
revoke execute on function codered.prune_deliveries from public;
grant execute on function codered.prune_deliveries to service_role;

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
    set excerpt = null, excerpt_first_line = null, excerpt_last_line = null, context = null
    where e.ctid = any (array(select d.row from due d))
    returning e.id
  ), unnamed as (
    -- They are lines of the log as those are; the count stays.
    update codered.error_matches m
    set other_lines = '[]'
    from emptied
    where m.error_id = emptied.id and m.other_lines <> '[]'
  )
  select case
    when prune_excerpts.batch >= 1 then (select count(*)::integer from emptied)
    else codered.refuse_value('prune_excerpts.batch', coalesce(prune_excerpts.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_excerpts(integer) is
  'Empties up to batch (1 or more) excerpts that the policy lets go, oldest first, and returns how many. The other lines of its kind go with it. The failure stays: message, cause, and the numbers of the lines it stood on.';
revoke execute on function codered.prune_excerpts from public;
grant execute on function codered.prune_excerpts to service_role;

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
  last bigint;
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
  execute format('select count(*), max(id) from codered.%I', name) into there, last;
  if there is distinct from close_event_month.rows then
    raise exception '% has % events, of which % were read. Read it again: some came late.', month_name, there, coalesce(close_event_month.rows::text, 'none')
      using errcode = 'CR003';
  end if;
  execute format('alter table codered.events detach partition codered.%I', name);
  if archived then
    execute format('drop table codered.%I', name);
    insert into codered.events (event_type, payload)
    values ('retention.month_archived', jsonb_build_object('month', month_name, 'rows', there, 'last_id', last, 'sha256', sha256, 'place', place));
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
  values ('retention.month_detached', jsonb_build_object('month', month_name, 'rows', there, 'last_id', last, 'table', kept));
  return kept;
end
$$;
comment on function codered.close_event_month(date, bigint, boolean, text, text) is
  'Takes the partition of a due month out of events. archived: its rows stand at place, whose SHA-256 is sha256, and it is dropped (returns null); else it stays under the name returned, closed to everybody. Refuses with CR003 a month that is not due, that has another number of rows than rows, or that the policy wants archived and was not (or the reverse); CR004 one without partition. Appends retention.month_archived or .month_detached. Security definer, because it drops a table.';
revoke execute on function codered.close_event_month from public;
grant execute on function codered.close_event_month to service_role;

create function codered.due_runs(batch integer default null)
returns table (id uuid, created_at timestamptz, storage_paths text[])
language sql
stable
set search_path = ''
as $$
  select r.id, r.created_at, array(select a.storage_path from codered.artifacts a where a.run_id = r.id and a.storage_path is not null)
  from codered.runs r
  where r.created_at < codered.retention_cutoff('runs')
    and r.status in ('pending', 'completed', 'failed', 'cancelled')
    and (r.finished_at is null or r.finished_at < codered.retention_cutoff('runs'))
    -- One that somebody made and has not started yet still wants them.
    and (r.status <> 'pending' or r.is_apps)
    and not codered.is_open_head(r.repository_id, r.commit_sha)
  order by r.created_at
  limit due_runs.batch
$$;
comment on function codered.due_runs(integer) is
  'The oldest runs that the policy lets go, and where files of their artifacts lie in the object store; batch null: all.';
revoke execute on function codered.due_runs from public;
grant execute on function codered.due_runs to service_role;

create function codered.due_artifacts(batch integer default null)
returns table (id uuid, created_at timestamptz, storage_paths text[], bytes bigint)
language sql
stable
set search_path = ''
as $$
  select a.id, a.created_at, array_remove(array[a.storage_path], null), coalesce(octet_length(a.content), 0)::bigint
  from codered.artifacts a
  left join codered.runs r on r.id = a.run_id
  where a.created_at < codered.retention_cutoff('artifacts')
    and (r.id is null or not codered.is_open_head(r.repository_id, r.commit_sha))
  order by a.created_at
  limit due_artifacts.batch
$$;
comment on function codered.due_artifacts(integer) is
  'The oldest artifacts that the policy lets go, and where their files lie in the object store; batch null: all.';
revoke execute on function codered.due_artifacts from public;
grant execute on function codered.due_artifacts to service_role;

create function codered.prune_runs(ids uuid[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  gone integer;
begin
  -- The history tells what they were; that they are gone by age needs no line for each.
  perform set_config('codered.erasing', 'on', true);
  -- Sprints before their runs, as everywhere.
  perform 1
  from codered.sprints s
  where s.id in (select r.sprint_id from codered.runs r where r.id = any (prune_runs.ids))
  order by s.id
  for no key update;
  delete from codered.runs r
  where r.id = any (prune_runs.ids) and r.id in (select d.id from codered.due_runs() d where d.id = any (prune_runs.ids));
  get diagnostics gone = row_count;
  perform set_config('codered.erasing', 'off', true);
  return gone;
end
$$;
comment on function codered.prune_runs(uuid[]) is
  'Deletes those of the runs that the policy lets go still, with their gates and artifacts, and returns how many; files in the object store go before.';
revoke execute on function codered.prune_runs from public;
grant execute on function codered.prune_runs to service_role;

create function codered.prune_artifacts(ids uuid[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  gone integer;
begin
  perform set_config('codered.erasing', 'on', true);
  delete from codered.artifacts a
  where a.id = any (prune_artifacts.ids) and a.id in (select d.id from codered.due_artifacts() d where d.id = any (prune_artifacts.ids));
  get diagnostics gone = row_count;
  perform set_config('codered.erasing', 'off', true);
  return gone;
end
$$;
comment on function codered.prune_artifacts(uuid[]) is
  'Deletes those of the artifacts that the policy lets go still, and returns how many; files in the object store go before.';
revoke execute on function codered.prune_artifacts from public;
grant execute on function codered.prune_artifacts to service_role;

create function codered.prune_agent_runs(batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  gone integer;
begin
  if prune_agent_runs.batch is null or prune_agent_runs.batch < 1 then
    perform codered.refuse_value('prune_agent_runs.batch', coalesce(prune_agent_runs.batch::text, 'null'), '1 or more');
  end if;
  perform set_config('codered.erasing', 'on', true);
  delete from codered.agent_runs a
  where a.id = any (array(
    select d.id
    from codered.agent_runs d
    where d.created_at < codered.retention_cutoff('agent_runs')
    order by d.created_at
    limit prune_agent_runs.batch
    for update skip locked
  ));
  get diagnostics gone = row_count;
  perform set_config('codered.erasing', 'off', true);
  return gone;
end
$$;
comment on function codered.prune_agent_runs(integer) is
  'Deletes up to batch (1 or more) runs of agents that the policy lets go, oldest first, with the failures that they alone tell of, and returns how many.';
revoke execute on function codered.prune_agent_runs from public;
grant execute on function codered.prune_agent_runs to service_role;

create function codered.prune_gate_payloads(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select g.id
    from codered.gate_executions g
    where num_nonnulls(g.prompt_packet, g.raw_output) > 0 and g.completed_at < codered.retention_cutoff('gate_executions')
      and (g.prompt_packet is not null or g.raw_output is not null)
    order by g.completed_at
    limit greatest(prune_gate_payloads.batch, 0)
    for update skip locked
  ), emptied as (
    update codered.gate_executions g
    set prompt_packet = null, raw_output = null
    where g.id = any (array(select d.id from due d))
    returning 1
  )
  select case
    when prune_gate_payloads.batch >= 1 then (select count(*)::integer from emptied)
    else codered.refuse_value('prune_gate_payloads.batch', coalesce(prune_gate_payloads.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_gate_payloads(integer) is
  'Empties what up to batch (1 or more) gates were sent and answered, that the policy lets go, oldest first, and returns how many. The gate stays with its outcome.';
revoke execute on function codered.prune_gate_payloads from public;
grant execute on function codered.prune_gate_payloads to service_role;

create function codered.prune_follow_ups(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select f.id
    from codered.follow_ups f
    where f.id = any (array(select d.id from codered.due_follow_ups(greatest(prune_follow_ups.batch, 0)) d))
    for update skip locked
  ), gone as (
    delete from codered.follow_ups f
    -- One that was replayed meanwhile is not over.
    where f.id = any (array(select d.id from due d)) and f.completed_at is not null
    returning 1
  )
  select case
    when prune_follow_ups.batch >= 1 then (select count(*)::integer from gone)
    else codered.refuse_value('prune_follow_ups.batch', coalesce(prune_follow_ups.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_follow_ups(integer) is
  'Deletes up to batch (1 or more) follow-ups that the policy lets go, oldest first, and returns how many. What waits or runs stays, however old.';
revoke execute on function codered.prune_follow_ups from public;
grant execute on function codered.prune_follow_ups to service_role;

create function codered.prune_test_days(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select d.ctid as row
    from codered.test_days d
    where d.day < ((select codered.retention_cutoff('test_days')) at time zone 'UTC')::date
    order by d.day
    limit greatest(prune_test_days.batch, 0)
    for update skip locked
  ), gone as (
    delete from codered.test_days d
    where d.ctid = any (array(select u.row from due u))
    returning 1
  )
  select case
    when prune_test_days.batch >= 1 then (select count(*)::integer from gone)
    else codered.refuse_value('prune_test_days.batch', coalesce(prune_test_days.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_test_days(integer) is
  'Deletes up to batch (1 or more) days of tests that the policy lets go, oldest first, and returns how many. The tests and where they stand stay.';
revoke execute on function codered.prune_test_days from public;
grant execute on function codered.prune_test_days to service_role;

create function codered.prune_test_results(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select x.ctid as row
    from codered.test_results x
    where x.created_at < (select codered.retention_cutoff('test_results'))
    order by x.created_at
    limit greatest(prune_test_results.batch, 0)
    for update skip locked
  ), gone as (
    delete from codered.test_results x
    where x.ctid = any (array(select u.row from due u))
    returning 1
  )
  select case
    when prune_test_results.batch >= 1 then (select count(*)::integer from gone)
    else codered.refuse_value('prune_test_results.batch', coalesce(prune_test_results.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_test_results(integer) is
  'Deletes up to batch (1 or more) single results of tests that the policy lets go, oldest first, and returns how many. What the days count of them stays.';
revoke execute on function codered.prune_test_results from public;
grant execute on function codered.prune_test_results to service_role;

create function codered.prune_green_logs(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select g.ctid as row
    from codered.green_logs g
    where g.fetched_at < (select codered.retention_cutoff('green_logs'))
    order by g.fetched_at
    limit greatest(prune_green_logs.batch, 0)
    for update skip locked
  ), gone as (
    delete from codered.green_logs g
    where g.ctid = any (array(select d.row from due d))
    returning 1
  )
  select case
    when prune_green_logs.batch >= 1 then (select count(*)::integer from gone)
    else codered.refuse_value('prune_green_logs.batch', coalesce(prune_green_logs.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_green_logs(integer) is
  'Deletes up to batch (1 or more) hashes of green logs that the policy lets go, oldest first, and returns how many.';
revoke execute on function codered.prune_green_logs from public;
grant execute on function codered.prune_green_logs to service_role;

insert into codered.retention_policies (table_name, keep, archive) values
  ('webhook_deliveries', interval '30 days', false),
  ('follow_ups', interval '30 days', false),
  ('errors', interval '400 days', false),
  ('green_logs', interval '1 day', false),
  ('events', interval '24 months', true),
  ('test_days', interval '400 days', false),
  ('test_results', interval '400 days', false),
  ('repositories', interval '30 days', false),
  ('runs', null, false),
  ('artifacts', null, false),
  ('agent_runs', null, false),
  ('gate_executions', null, false);
