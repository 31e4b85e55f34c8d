-- Follow-ups that are over, days of tests and single results of tests go by age, as deliveries do. Old workers survive it.

alter table codered.retention_policies
  drop constraint retention_policies_table_name_check,
  add constraint retention_policies_table_name_check check (
    table_name in (
      'webhook_deliveries', 'follow_ups', 'errors', 'events', 'test_days', 'test_results', 'repositories', 'runs', 'artifacts', 'agent_runs',
      'gate_executions')
    or codered.refuse_value(
      'retention_policies.table_name', table_name,
      'webhook_deliveries, follow_ups, errors, events, test_days, test_results, repositories, runs, artifacts, agent_runs, gate_executions; everything else is kept'));

insert into codered.retention_policies (table_name, keep, archive) values
  ('follow_ups', interval '30 days', false),
  ('test_days', interval '400 days', false),
  ('test_results', interval '400 days', false)
on conflict (table_name) do nothing;

create index follow_ups_over_idx on codered.follow_ups (completed_at) where completed_at is not null;

create index test_days_day_idx on codered.test_days (day);

create index test_results_created_at_idx on codered.test_results (created_at);

comment on table codered.retention_policies is 'How long what is kept; `codered prune` obeys it. A table that is not named here is kept whole.';

comment on column codered.retention_policies.keep is
  'Age at which it may go: deliveries that are done or ignored (row), follow_ups that are over (row; see due_follow_ups for those that stay longer), errors (the excerpt alone), test_days and test_results (row), events (whole months), repositories and installations that are gone (all that is kept of them), runs that are over (with gates and artifacts), artifacts (row and file), agent_runs (row), gate_executions (prompt_packet and raw_output alone). Null: never. What an open pull request is judged by stays.';

comment on column codered.retention_policies.archive is 'Events only: write a month as NDJSON before it goes. False: the month is detached and its table stays.';

grant select on codered.retention_policies to authenticated;

grant update (keep, archive) on codered.retention_policies to authenticated;

grant select, insert, update, delete on codered.retention_policies to service_role;

create or replace function codered.due_follow_ups(batch integer default null)
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
        select from codered.ci_events e where e.id = f.ci_event_id and codered.is_judged_still(e.repository_id, e.commit_sha)
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

create or replace function codered.prunable()
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
  -- These have no age unless somebody gives them one: they are told of when something of theirs is due.
  where f.due > 0 or f.table_name not in ('runs', 'artifacts', 'agent_runs', 'gate_executions')
  order by f.table_name
$$;

comment on function codered.prunable() is
  'What codered prune would take now, a row for each policy (runs, artifacts, agent_runs and gate_executions when something is due): how many rows are due, how old the oldest is (events: when its month began), and about how many bytes they take (null: not known). keep null: for ever, so nothing is due.';

revoke execute on function codered.prunable from public;

grant execute on function codered.prunable to service_role;

create or replace function codered.prune_follow_ups(batch integer)
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

create or replace function codered.prune_test_days(batch integer)
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

create or replace function codered.prune_test_results(batch integer)
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
