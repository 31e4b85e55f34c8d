-- Retention can name runs, artifacts, agents' runs and what gates were sent; all of it is kept for ever until somebody says how long.
-- Old workers survive it.

alter table codered.retention_policies drop constraint retention_policies_table_name_check;
alter table codered.retention_policies
  add constraint retention_policies_table_name_check check (
    table_name in ('webhook_deliveries', 'errors', 'events', 'repositories', 'runs', 'artifacts', 'agent_runs', 'gate_executions')
    or codered.refuse_value(
      'retention_policies.table_name', table_name,
      'webhook_deliveries, errors, events, repositories, runs, artifacts, agent_runs, gate_executions; everything else is kept'));
comment on column codered.retention_policies.keep is
  'Age at which it may go: deliveries that are done or ignored (row), errors (the excerpt alone), events (whole months), repositories and installations that are gone (all that is kept of them), runs that are over (with gates and artifacts), artifacts (row and file), agent_runs (row), gate_executions (prompt_packet and raw_output alone). Null: never. What an open pull request is judged by stays.';
insert into codered.retention_policies (table_name, keep, archive) values
  ('runs', null, false),
  ('artifacts', null, false),
  ('agent_runs', null, false),
  ('gate_executions', null, false)
on conflict (table_name) do nothing;
create index agent_runs_created_at_idx on codered.agent_runs (created_at);
create index gate_executions_payload_idx on codered.gate_executions (completed_at) where prompt_packet is not null or raw_output is not null;

create function codered.is_judged_still(repository_id bigint, commit_sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.pull_requests p
    where p.repository_id = is_judged_still.repository_id and p.head_sha = is_judged_still.commit_sha and p.state = 'open'
  )
$$;
comment on function codered.is_judged_still(bigint, text) is 'Whether an open pull request has this head: its verdict and evidence are not history.';

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
    and not codered.is_judged_still(r.repository_id, r.commit_sha)
  order by r.created_at
  limit due_runs.batch
$$;
comment on function codered.due_runs(integer) is
  'The oldest runs that the policy lets go, and where files of their artifacts lie in the object store; batch null: all.';

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
    and (r.id is null or not codered.is_judged_still(r.repository_id, r.commit_sha))
  order by a.created_at
  limit due_artifacts.batch
$$;
comment on function codered.due_artifacts(integer) is
  'The oldest artifacts that the policy lets go, and where their files lie in the object store; batch null: all.';

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
revoke execute on function codered.is_judged_still(bigint, text), codered.due_runs(integer), codered.due_artifacts(integer),
  codered.prune_runs(uuid[]), codered.prune_artifacts(uuid[]), codered.prune_agent_runs(integer), codered.prune_gate_payloads(integer),
  codered.prunable() from public;
grant execute on function codered.is_judged_still(bigint, text), codered.due_runs(integer), codered.due_artifacts(integer),
  codered.prune_runs(uuid[]), codered.prune_artifacts(uuid[]), codered.prune_agent_runs(integer), codered.prune_gate_payloads(integer),
  codered.prunable() to service_role;
