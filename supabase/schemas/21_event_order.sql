-- The history as a list that one can follow: in an order in which nothing comes late, and told when a place in it is too old.
--
-- Ids are given out when a row is written and become visible when its transaction ends, so a lower one may come after a higher one.
-- How a reader knows which ids are settled, whoever writes and however many at once:
--   1. Before a transaction writes its first event it reads the id given out last, f, and holds a shared lock on f until it has ended.
--      All its ids come after f, as it takes them later.
--   2. A reader reads the id given out last, l, then the locks, and only then the events, each in a statement of its own.
--   3. What is not visible to it has ids after l (its transaction took the lock after 2), or after some f that is locked.
-- So every id up to the least of l and all f is settled: it is visible, or it never will be.

create function codered.hold_event_place()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  last_given bigint;
begin
  -- Once for a transaction; a savepoint that is rolled back takes both back.
  if current_setting('codered.holds_event_place', true) = 'on' then
    return null;
  end if;
  select case when s.is_called then s.last_value else s.last_value - 1 end into last_given from codered.events_id_seq s;
  perform pg_advisory_xact_lock_shared(3202514, (last_given % 2147483648)::integer);
  perform set_config('codered.holds_event_place', 'on', true);
  return null;
end
$$;
comment on function codered.hold_event_place() is
  'Before a transaction writes its first event: holds a lock that tells readers after which id its own come. It waits for nobody. Security definer, because nobody else reads the sequence.';
revoke execute on function codered.hold_event_place from public;

-- For each statement: the ids of a row are given out before its own triggers run.
create trigger events_place before insert on codered.events
  for each statement execute function codered.hold_event_place();

create function codered.settled_events()
returns table (kept_after bigint, settled bigint)
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  last_given bigint;
  held bigint;
begin
  select case when s.is_called then s.last_value else s.last_value - 1 end into last_given from codered.events_id_seq s;
  -- The lock has room for 31 bits: how far it is behind, as long as that is less than half of them; else it is ahead, and ours counts.
  select max(d.behind) into held
  from (
    select (((last_given - l.objid::bigint) % 2147483648) + 2147483648) % 2147483648 as behind
    from pg_catalog.pg_locks l
    where l.locktype = 'advisory' and l.classid = 3202514 and l.objsubid = 2 and l.pid <> pg_backend_pid()
      and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
  ) as d
  where d.behind < 1073741824;
  settled := last_given - coalesce(held, 0);
  select case when count(*) = 0 then 0 else greatest(max((e.payload ->> 'last_id')::bigint), (select min(k.id) - 1 from codered.events k)) end
  into kept_after
  from codered.events e
  where e.event_type in ('retention.month_archived', 'retention.month_detached');
  return next;
end
$$;
comment on function codered.settled_events() is
  'Which ids of events can be listed: all after kept_after are still here, and up to settled none will become visible any more. To be called in a statement of its own, before the one that reads. Security definer, because nobody else reads the sequence, and the history of the retention is no project''s; it tells of no event.';
revoke execute on function codered.settled_events from public;
grant execute on function codered.settled_events to authenticated, service_role;

create function codered.list_events(
  project_id uuid, batch integer default 50, direction text default 'newest', beyond_event bigint default null,
  after_event bigint default null, event_type text default null, task_id uuid default null, run_id uuid default null,
  since timestamptz default null, until timestamptz default null)
returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  span record;
  found_events jsonb;
begin
  perform codered.require_project(list_events.project_id);
  perform codered.check_batch('batch', list_events.batch);
  if (list_events.direction in ('newest', 'oldest')) is not true then
    perform codered.refuse_value('list_events.direction', coalesce(list_events.direction, 'null'), 'newest, oldest');
  end if;
  select s.* into span from codered.settled_events() s;
  if least(list_events.beyond_event, list_events.after_event) < span.kept_after then
    raise exception 'What followed event % is no longer kept here: begin anew, after event %, or without a place.',
      least(list_events.beyond_event, list_events.after_event), span.kept_after
      using errcode = 'CR015', detail = jsonb_build_object('kept_after', span.kept_after)::text;
  end if;
  -- Planned anew for what is asked, which takes 2 ms: a plan that is kept for everything reads all events of the project.
  execute format('
    select coalesce(jsonb_agg(to_jsonb(page) order by page.id %1$s), ''[]'')
    from (
      select e.id, e.event_type, e.task_id, e.run_id, e.user_id, e.payload, e.created_at
      from codered.events e
      where e.project_id = $1 and e.id <= $2 and e.id > $3
        and ($4 is null or e.event_type = $4)
        and ($5 is null or e.task_id = $5)
        and ($6 is null or e.run_id = $6)
        and ($7 is null or e.created_at >= $7)
        and ($8 is null or e.created_at < $8)
      order by e.id %1$s
      -- One more than asked for tells whether there are more.
      limit $9
    ) as page', case list_events.direction when 'newest' then 'desc' else 'asc' end)
  into found_events
  using list_events.project_id,
    case list_events.direction when 'newest' then least(span.settled, list_events.beyond_event - 1) else span.settled end,
    greatest(list_events.after_event, case list_events.direction when 'oldest' then list_events.beyond_event end, 0),
    list_events.event_type, list_events.task_id, list_events.run_id, list_events.since, list_events.until, list_events.batch + 1;
  return found_events;
end
$$;
comment on function codered.list_events(uuid, integer, text, bigint, bigint, text, uuid, uuid, timestamptz, timestamptz) is
  'The events of a project, newest or oldest first, beyond an event in that order, those that came after an event (after_event), of a type, a task, a run, from since (it too) until (not it): one more than batch when there are more. What is listed is settled: nothing comes between two of them later, so whoever goes on from the last one had, oldest first, misses none; while a transaction that writes events is open, those after it wait. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR015 (what followed the place is no longer kept). Not stable, as each of its statements has to see what was committed before it.';
revoke execute on function codered.list_events from public;
grant execute on function codered.list_events to authenticated, service_role;
