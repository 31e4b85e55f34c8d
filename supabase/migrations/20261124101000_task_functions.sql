-- Tasks keep their own rules: dependencies, states, locks, milestones; checkpoints and the search through history. Old workers survive it.
--
-- What holds, whoever writes and however many at once (READ COMMITTED, the isolation of every call):
--   1. Dependencies are tasks of the same project, each named once, and never lead back to where they started.
--   2. A dependency is open until it is done; one that is deleted (deleted_at) counts nowhere, a canceled one stays open.
--   3. No task is in progress or ready for review while a dependency is open.
-- How: a task whose openness changes locks its own row FOR UPDATE, then the rows of its dependents. Whoever adds a dependency
-- locks the added rows FOR KEY SHARE, then takes the project's advisory lock, then looks. So of a task that is being finished
-- and one that is just beginning to depend on it, the later always sees the earlier.

create function codered.check_batch(what text, batch integer)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if (batch between 1 and 500) is not true then
    perform codered.refuse_value(what, coalesce(batch::text, 'null'), '1 to 500');
  end if;
end
$$;
comment on function codered.check_batch(text, integer) is 'Refuses (CR002) a page of fewer than 1 or more than 500 rows.';
revoke execute on function codered.check_batch(text, integer) from public;
grant execute on function codered.check_batch(text, integer) to authenticated, service_role;

-- Dependencies

create function codered.check_task_dependencies()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  before constant uuid[] := case when tg_op = 'UPDATE' then old.dependencies else '{}' end;
  added uuid[];
  missing uuid;
  way text;
begin
  if new.dependencies is not distinct from before or cardinality(new.dependencies) > 200 then
    return new; -- too many: the CHECK says so
  end if;
  if cardinality(new.dependencies) <> (select count(distinct d.id) from unnest(new.dependencies) d(id)) then
    perform codered.refuse_value('tasks.dependencies', new.dependencies::text, 'each task once, none of them null');
  end if;
  if new.id = any (new.dependencies) then
    raise exception 'Task % depends on itself; allowed: other tasks of its project.', to_json(left(new.title, 80))
      using errcode = 'CR006', table = 'tasks', column = 'dependencies';
  end if;
  added := array(select d.id from unnest(new.dependencies) d(id) where d.id <> all (before));
  if added = '{}' then
    return new;
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    -- An older snapshot would not show what another transaction has just added.
    raise exception 'tasks.dependencies can''t be added to in a transaction that is %; allowed: read committed.',
      current_setting('transaction_isolation') using errcode = 'CR003', table = 'tasks', column = 'dependencies';
  end if;

  perform 1 from codered.tasks t where t.id = any (added) and t.project_id = new.project_id order by t.id for key share;
  perform pg_advisory_xact_lock(hashtextextended('codered.tasks.dependencies ' || new.project_id, 0));

  select d.id into missing
  from unnest(added) d(id)
  where not exists (select from codered.tasks t where t.id = d.id and t.project_id = new.project_id and t.deleted_at is null)
  limit 1;
  if found then
    raise exception 'tasks.dependencies names "%": there is no such task in this project.', missing
      using errcode = 'CR007', table = 'tasks', column = 'dependencies',
        hint = 'Allowed: ids of tasks of the project that project_id names, which are not deleted.';
  end if;

  -- Each edge is walked once. What stood there before has no cycle, so the way back along came_from ends.
  with recursive reached (id, came_from) as (
    select d.id, null::uuid from unnest(added) d(id)
    union
    select d.id, t.id
    from reached r
    join codered.tasks t on t.id = r.id
    cross join unnest(t.dependencies) d(id)
    where r.id <> new.id
  ), steps as (
    select distinct on (r.id) r.id, r.came_from from reached r order by r.id, r.came_from nulls first
  ), trail (id, came_from, place) as (
    select s.id, s.came_from, 0 from steps s where s.id = new.id
    union all
    select s.id, s.came_from, t.place + 1 from trail t join steps s on s.id = t.came_from
  )
  select string_agg(
    to_json(left(case when w.id = new.id then new.title else t.title end, 80))::text, ' → ' order by w.place desc
  )
  into way
  from trail w
  left join codered.tasks t on t.id = w.id;
  if way is not null then
    raise exception 'tasks.dependencies would close a cycle: % → %.', to_json(left(new.title, 80)), left(way, 2000)
      using errcode = 'CR006', table = 'tasks', column = 'dependencies', hint = 'Allowed: tasks that do not wait for this one.';
  end if;
  return new;
end
$$;
comment on function codered.check_task_dependencies() is
  'Refuses a dependency that is named twice or null (CR002), the task itself or one that leads back to it through any number of tasks, deleted ones too (CR006, naming the way), and one that is not a task of the project (CR007). Two that would close a cycle together wait for each other: the later is refused.';
revoke execute on function codered.check_task_dependencies() from public;
create trigger tasks_dependencies before insert or update of dependencies on codered.tasks
  for each row execute function codered.check_task_dependencies();

-- States

create function codered.keep_task_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  next_states constant jsonb := '{
    "backlog": ["in_progress", "blocked", "ready_for_review", "done", "cancelled"],
    "in_progress": ["backlog", "blocked", "ready_for_review", "done", "cancelled"],
    "blocked": ["backlog", "in_progress", "cancelled"],
    "ready_for_review": ["backlog", "in_progress", "blocked", "done", "cancelled"],
    "done": ["backlog", "in_progress"],
    "cancelled": ["backlog"]
  }';
  is_update constant boolean := tg_op = 'UPDATE';
  is_asked boolean;
  was_waiting boolean;
  waits_for text;
begin
  if next_states ? new.status is not true then
    return new; -- the CHECK says what is allowed
  end if;
  if new.status in ('done', 'cancelled') or new.deleted_at is not null then
    new.locked_at := null;
    new.locked_by := null;
  end if;
  if new.status <> 'done' then
    new.completed_at := null;
  elsif is_update then
    new.completed_at := case when old.status = 'done' then old.completed_at else now() end;
  else
    new.completed_at := coalesce(new.completed_at, now());
  end if;
  if is_update and (new.status, new.dependencies, new.deleted_at) is not distinct from (old.status, old.dependencies, old.deleted_at) then
    return new;
  end if;
  if is_update and (new.status = 'done' or new.deleted_at is not null) <> (old.status = 'done' or old.deleted_at is not null) then
    -- Waits for those who are just adding this task to their dependencies.
    perform 1 from codered.tasks t where t.id = new.id for update;
  end if;

  is_asked := not is_update or new.status <> old.status;
  if new.deleted_at is null and new.dependencies <> '{}' then
    select left(string_agg(format('%s (%s)', to_json(left(t.title, 80)), t.status), ', ' order by t.title, t.id), 2000)
    into waits_for
    from codered.tasks t
    where t.id = any (new.dependencies) and t.status <> 'done' and t.deleted_at is null;
  end if;
  if waits_for is not null and (
    (is_asked and new.status in ('in_progress', 'ready_for_review'))
    or (new.status = 'done' and (is_asked or new.dependencies is distinct from old.dependencies))
  ) then
    raise exception 'Task % can''t be % while it depends on what is not done: %; allowed: backlog (it becomes blocked), cancelled.',
      to_json(left(new.title, 80)), new.status, waits_for using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;
  if is_update and is_asked and not (next_states -> old.status) ? new.status then
    raise exception 'tasks.status can''t go from "%" to "%"; allowed: %.', old.status, new.status,
      (select string_agg(s.name, ', ') from jsonb_array_elements_text(next_states -> old.status) s(name))
      using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;

  if waits_for is not null then
    if new.status in ('backlog', 'in_progress', 'ready_for_review') then
      new.status := 'blocked';
    end if;
  elsif is_update and new.status = 'blocked' and old.status = 'blocked' and new.deleted_at is null then
    was_waiting := exists (
      select from codered.tasks t where t.id = any (old.dependencies) and t.status <> 'done' and t.deleted_at is null
    );
    if was_waiting or (old.deleted_at is not null and new.dependencies <> '{}') then
      new.status := 'backlog';
    end if;
  end if;
  return new;
end
$$;
comment on function codered.keep_task_state() is
  'Keeps completed_at, ends the lock of a task that is done, canceled or deleted, and decides on the status. From backlog, in_progress, ready_for_review: to any other; blocked: backlog, in_progress, cancelled; done: backlog, in_progress; cancelled: backlog; else CR003. With an open dependency: asked for in_progress, ready_for_review or done: CR003 naming them; backlog becomes blocked; a started task to which one is added, or which is restored, becomes blocked. Blocked goes to backlog when the last open dependency is taken out. A deleted task is left as it is until it is restored.';
revoke execute on function codered.keep_task_state() from public;
create trigger tasks_state before insert or update on codered.tasks
  for each row execute function codered.keep_task_state();

create function codered.move_dependents()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  turned uuid[];
  dependents uuid[];
begin
  select array_agg(n.id) into turned
  from new_rows n
  join old_rows o on o.id = n.id
  where (n.status = 'done' or n.deleted_at is not null) <> (o.status = 'done' or o.deleted_at is not null);
  if turned is null then
    return null;
  end if;
  -- Locked first and looked at afterwards: of two that finish the last two dependencies at once, the later sees both done.
  select array_agg(held.id) into dependents
  from (select d.id from codered.tasks d where d.dependencies && turned order by d.id for no key update) held;
  if dependents is null then
    return null;
  end if;
  update codered.tasks d
  set status = case when s.waits then 'blocked' else 'backlog' end
  from (
    select w.id, exists (
      select from codered.tasks t where t.id = any (w.dependencies) and t.status <> 'done' and t.deleted_at is null
    ) as waits
    from codered.tasks w
    where w.id = any (dependents) and w.deleted_at is null
  ) s
  where d.id = s.id
    and d.status = any (case when s.waits then '{backlog,in_progress,ready_for_review}' else '{blocked}' end::text[]);
  return null;
end
$$;
comment on function codered.move_dependents() is
  'After a task was finished, reopened, deleted or restored (deleted_at): blocked dependents without an open dependency go to backlog; dependents that wait again go from backlog, in_progress or ready_for_review to blocked, their locks stay; what was done or canceled stays so. Security definer, because it looks dependents up by an index that row security rules out.';
revoke execute on function codered.move_dependents() from public;
create trigger tasks_dependents after update on codered.tasks
  referencing old table as old_rows new table as new_rows
  for each statement execute function codered.move_dependents();

create function codered.drop_dependency()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  gone constant uuid[] := array(select o.id from old_rows o);
  open_gone constant uuid[] := array(select o.id from old_rows o where o.status <> 'done' and o.deleted_at is null);
  homes constant uuid[] := array(select distinct o.project_id from old_rows o);
begin
  perform 1 from codered.tasks d where d.project_id = any (homes) and d.dependencies && gone order by d.id for no key update;
  update codered.tasks d
  set
    dependencies = array(select w.id from unnest(d.dependencies) with ordinality w(id, place) where w.id <> all (gone) order by w.place),
    status = case
      when d.status = 'blocked' and d.deleted_at is null and d.dependencies && open_gone and not exists (
        select from codered.tasks t where t.id = any (d.dependencies) and t.status <> 'done' and t.deleted_at is null
      ) then 'backlog'
      else d.status
    end
  where d.project_id = any (homes) and d.dependencies && gone;
  return null;
end
$$;
comment on function codered.drop_dependency() is
  'After a task was really deleted: takes it out of its dependents'' dependencies; one that waited for nothing else goes to backlog. Security definer, because dependents are their members'' to change, but the deletion may be anybody''s, and row security rules out the index.';
revoke execute on function codered.drop_dependency() from public;
create trigger tasks_dependents_gone after delete on codered.tasks
  referencing old table as old_rows
  for each statement execute function codered.drop_dependency();

comment on column codered.tasks.dependencies is
  'Tasks of the same project that have to be done first; a cycle is refused. A canceled one still holds this task up: take it out. A deleted one does not.';
comment on column codered.tasks.status is
  'A task with an open dependency is blocked by trigger and goes back to backlog when the last is done; codered.keep_task_state() has the legal transitions.';
comment on column codered.tasks.deleted_at is
  'Retired: counts nowhere (dependents go on without it, milestones leave it out, it can''t be locked), but its history stays and it can be restored.';

-- Locks

create function codered.describe_task_lock(task_id uuid, locked_by text, locked_at timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'task_id', describe_task_lock.task_id,
    'locked_by', describe_task_lock.locked_by,
    'locked_at', describe_task_lock.locked_at,
    'locked_until', describe_task_lock.locked_at + interval '1 hour'
  )
$$;
comment on function codered.describe_task_lock(uuid, text, timestamptz) is
  'A lock as {task_id, locked_by, locked_at, locked_until}; all but task_id null when nobody has it.';
revoke execute on function codered.describe_task_lock(uuid, text, timestamptz) from public;
grant execute on function codered.describe_task_lock(uuid, text, timestamptz) to service_role;

create function codered.hold_task(task_id uuid, locker text)
returns codered.tasks
language plpgsql
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  if (char_length(locker) between 1 and 200) is not true then
    perform codered.refuse_value('tasks.locked_by', coalesce(locker, ''), '1 to 200 characters');
  end if;
  select t.* into task
  from codered.tasks t
  join codered.projects p on p.id = t.project_id
  where t.id = hold_task.task_id
    and t.deleted_at is null
    and p.deleted_at is null
    and (not codered.is_member_call() or t.project_id in (select codered.my_projects()))
  for no key update of t;
  if not found then
    perform codered.refuse_missing('task', hold_task.task_id::text);
  end if;
  if task.locked_by <> locker then
    if task.locked_at + interval '1 hour' > clock_timestamp() then
      raise exception 'Task % is locked by % until %.', to_json(left(task.title, 80)), to_json(task.locked_by),
        to_char((task.locked_at + interval '1 hour') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        using errcode = 'CR005', detail = codered.describe_task_lock(task.id, task.locked_by, task.locked_at)::text,
          hint = 'Allowed: another task, or this one once it is released or has lapsed.';
    end if;
    -- Lapsed: nobody's any more.
    task.locked_at := null;
    task.locked_by := null;
  end if;
  return task;
end
$$;
comment on function codered.hold_task(uuid, text) is
  'The task with its row locked until the end of the transaction and the lock as it counts for this locker. Refuses a task that is not the caller''s to see (CR004) and a lock that somebody else has (CR005, naming who and until when). For the lock functions alone.';
revoke execute on function codered.hold_task(uuid, text) from public;
grant execute on function codered.hold_task(uuid, text) to service_role;

create function codered.take_task_lock(task_id uuid, locker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  task := codered.hold_task(take_task_lock.task_id, take_task_lock.locker);
  if task.status in ('done', 'cancelled') then
    raise exception 'Task % is %; allowed: a lock on a task that is neither done nor cancelled.', to_json(left(task.title, 80)), task.status
      using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;
  update codered.tasks t
  set locked_by = take_task_lock.locker, locked_at = clock_timestamp()
  where t.id = task.id
  returning t.* into task;
  return codered.describe_task_lock(task.id, task.locked_by, task.locked_at);
end
$$;
comment on function codered.take_task_lock(uuid, text) is
  'Takes the lock of a task for an hour, or keeps it for another when the locker has it already; gives {task_id, locked_by, locked_at, locked_until}. A lapsed lock goes to whoever comes first. The locker''s name is all that tells two apart: let it be unique. Refuses: CR005 somebody else has it (who, until when; as JSON in detail), CR003 the task is done or cancelled, CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.take_task_lock(uuid, text) from public;
grant execute on function codered.take_task_lock(uuid, text) to authenticated, service_role;

create function codered.keep_task_lock(task_id uuid, locker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  task := codered.hold_task(keep_task_lock.task_id, keep_task_lock.locker);
  if task.locked_by is null then
    raise exception 'Task % is not locked by %; allowed: take_task_lock.', to_json(left(task.title, 80)), to_json(keep_task_lock.locker)
      using errcode = 'CR003', table = 'tasks', column = 'locked_by';
  end if;
  update codered.tasks t
  set locked_at = clock_timestamp()
  where t.id = task.id
  returning t.* into task;
  return codered.describe_task_lock(task.id, task.locked_by, task.locked_at);
end
$$;
comment on function codered.keep_task_lock(uuid, text) is
  'Keeps the lock that the locker has for another hour from now, also one that has lapsed and that nobody else took; gives {task_id, locked_by, locked_at, locked_until}. Refuses: CR005 somebody else has it, CR003 the locker does not have it (released, broken, or ended with the task), CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.keep_task_lock(uuid, text) from public;
grant execute on function codered.keep_task_lock(uuid, text) to authenticated, service_role;

create function codered.release_task_lock(task_id uuid, locker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  task := codered.hold_task(release_task_lock.task_id, release_task_lock.locker);
  update codered.tasks t
  set locked_by = null, locked_at = null
  where t.id = task.id and t.locked_by = release_task_lock.locker;
  return codered.describe_task_lock(task.id, null, null);
end
$$;
comment on function codered.release_task_lock(uuid, text) is
  'Gives the locker''s lock back; nothing when the locker has none, so it may be said twice. Gives {task_id} with nulls. Refuses: CR005 somebody else has it, CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.release_task_lock(uuid, text) from public;
grant execute on function codered.release_task_lock(uuid, text) to authenticated, service_role;

create function codered.break_task_lock(task_id uuid, reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  if (char_length(break_task_lock.reason) between 1 and 2000) is not true then
    perform codered.refuse_value('break_task_lock.reason', coalesce(break_task_lock.reason, ''), '1 to 2000 characters');
  end if;
  select t.* into task
  from codered.tasks t
  join codered.projects p on p.id = t.project_id
  where t.id = break_task_lock.task_id
    and t.deleted_at is null
    and p.deleted_at is null
    and (not codered.is_member_call() or t.project_id in (select codered.my_projects()))
  for no key update of t;
  if not found then
    perform codered.refuse_missing('task', break_task_lock.task_id::text);
  end if;
  if codered.is_member_call() and task.project_id not in (select codered.my_projects('maintainer')) then
    raise exception 'The lock of task % is not yours to break; allowed: maintainers of its project.', to_json(left(task.title, 80))
      using errcode = 'CR008';
  end if;
  if task.locked_by is not null then
    insert into codered.events (project_id, task_id, user_id, event_type, payload)
    values (
      task.project_id, task.id, (select auth.uid()), 'note.task_lock_broken',
      jsonb_build_object('reason', break_task_lock.reason) || codered.describe_task_lock(task.id, task.locked_by, task.locked_at)
    );
    update codered.tasks t set locked_by = null, locked_at = null where t.id = task.id;
  end if;
  return codered.describe_task_lock(task.id, null, null);
end
$$;
comment on function codered.break_task_lock(uuid, text) is
  'Ends whoever''s lock on a task, and leaves an event note.task_lock_broken with the reason (1 to 2000 characters) and the lock as it was; nothing when there is none. Gives {task_id} with nulls. Refuses: CR008 to all but the project''s maintainers and the app, CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.break_task_lock(uuid, text) from public;
grant execute on function codered.break_task_lock(uuid, text) to authenticated, service_role;

-- Milestones

create function codered.share_done(milestone_id uuid)
returns integer
language sql
stable
set search_path = ''
as $$
  -- Whole percents, rounded down: 100 only when all are done.
  select coalesce(100 * count(*) filter (where t.status = 'done') / nullif(count(*), 0), 0)::integer
  from codered.tasks t
  where t.milestone_id = share_done.milestone_id and t.status <> 'cancelled' and t.deleted_at is null
$$;
comment on function codered.share_done(uuid) is
  'The share of a milestone''s tasks that are done, canceled and deleted ones left out, in whole percents rounded down; 0 when it has none.';
revoke execute on function codered.share_done(uuid) from public;
grant execute on function codered.share_done(uuid) to authenticated, service_role;

create function codered.keep_progress_mode()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.progress_is_manual := new.progress_is_manual or new.progress_percent <> 0;
  elsif old.progress_is_manual and not new.progress_is_manual then
    new.progress_percent := codered.share_done(new.id);
  elsif new.progress_percent <> old.progress_percent and pg_trigger_depth() = 1 then
    -- Deeper, it is a task's trigger that writes.
    new.progress_is_manual := true;
  end if;
  return new;
end
$$;
comment on function codered.keep_progress_mode() is
  'Whoever writes another progress_percent has set it by hand (progress_is_manual); whoever makes progress_is_manual false has it follow the tasks again, at once.';
revoke execute on function codered.keep_progress_mode() from public;
create trigger milestones_progress before insert or update on codered.milestones
  for each row execute function codered.keep_progress_mode();

create function codered.keep_milestone_progress()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  touched uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct n.milestone_id) into touched from new_rows n where n.milestone_id is not null;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct o.milestone_id) into touched from old_rows o where o.milestone_id is not null;
  else
    select array_agg(distinct m.id) into touched
    from old_rows o
    join new_rows n on n.id = o.id
    cross join lateral (values (o.milestone_id), (n.milestone_id)) m(id)
    where m.id is not null
      and (o.milestone_id, o.status, o.deleted_at is null) is distinct from (n.milestone_id, n.status, n.deleted_at is null);
  end if;
  if touched is null then
    return null;
  end if;
  -- Locked first and counted afterwards: of two that finish tasks at once, the later counts both.
  perform 1 from codered.milestones m where m.id = any (touched) order by m.id for no key update;
  update codered.milestones m
  set progress_percent = s.share
  from (
    select c.id, codered.share_done(c.id) as share from codered.milestones c where c.id = any (touched) and not c.progress_is_manual
  ) s
  where m.id = s.id and m.progress_percent <> s.share;
  return null;
end
$$;
comment on function codered.keep_milestone_progress() is
  'After any change of tasks: the progress of their milestones, but for those that were set by hand. Security definer, because whoever may change a task moves its milestone, whether or not they may write that.';
revoke execute on function codered.keep_milestone_progress() from public;
create trigger tasks_progress_insert after insert on codered.tasks
  referencing new table as new_rows for each statement execute function codered.keep_milestone_progress();
create trigger tasks_progress_update after update on codered.tasks
  referencing old table as old_rows new table as new_rows for each statement execute function codered.keep_milestone_progress();
create trigger tasks_progress_delete after delete on codered.tasks
  referencing old table as old_rows for each statement execute function codered.keep_milestone_progress();

create function codered.set_milestone_progress(milestone_id uuid, percent integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  progress integer;
begin
  update codered.milestones m
  set
    progress_percent = coalesce(set_milestone_progress.percent, m.progress_percent),
    progress_is_manual = set_milestone_progress.percent is not null
  where m.id = set_milestone_progress.milestone_id
    and exists (select from codered.projects p where p.id = m.project_id and p.deleted_at is null)
  returning m.progress_percent into progress;
  if not found then
    perform codered.refuse_missing('milestone', set_milestone_progress.milestone_id::text);
  end if;
  return progress;
end
$$;
comment on function codered.set_milestone_progress(uuid, integer) is
  'Sets a milestone''s progress by hand, 0 to 100; null: it follows its tasks again. Gives the progress it has now. Refuses: CR002, CR004.';
revoke execute on function codered.set_milestone_progress(uuid, integer) from public;
grant execute on function codered.set_milestone_progress(uuid, integer) to authenticated, service_role;
comment on column codered.milestones.progress_percent is
  'The share of its tasks that are done, in whole percents rounded down (canceled and deleted ones left out), unless somebody has set it by hand.';
comment on column codered.milestones.progress_is_manual is
  'Set by hand: then tasks change it no more, until this is false again. True by itself as soon as somebody writes another progress_percent.';

-- Checkpoints

create function codered.create_checkpoint(
  project_id uuid,
  label text,
  repo_ref text default null,
  summary text default null,
  resume_instructions text default null,
  snapshot jsonb default '{}'
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  made uuid;
begin
  if not exists (select from codered.projects p where p.id = create_checkpoint.project_id and p.deleted_at is null) then
    perform codered.refuse_missing('project', create_checkpoint.project_id::text);
  end if;
  if label is null then
    perform codered.refuse_value('checkpoints.label', ''::text, '1 to 500 characters');
  end if;
  insert into codered.checkpoints (project_id, label, repo_ref, summary, resume_instructions, snapshot)
  values (
    create_checkpoint.project_id, create_checkpoint.label, create_checkpoint.repo_ref, create_checkpoint.summary,
    create_checkpoint.resume_instructions, coalesce(create_checkpoint.snapshot, '{}')
  )
  returning id into made;
  return made;
end
$$;
comment on function codered.create_checkpoint(uuid, text, text, text, text, jsonb) is
  'Writes down where work on a project stands, for resume_project; gives the checkpoint''s id. It never changes what was written down before. Refuses: CR002 (lengths, a snapshot that is no object), CR004.';
revoke execute on function codered.create_checkpoint(uuid, text, text, text, text, jsonb) from public;
grant execute on function codered.create_checkpoint(uuid, text, text, text, text, jsonb) to authenticated, service_role;

create function codered.read_latest_checkpoint(project_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', c.id, 'label', c.label, 'repo_ref', c.repo_ref, 'summary', c.summary, 'resume_instructions', c.resume_instructions,
    'snapshot', c.snapshot, 'user_id', c.user_id, 'created_at', c.created_at
  )
  from codered.checkpoints c
  where c.project_id = read_latest_checkpoint.project_id
  order by c.created_at desc, c.id desc
  limit 1
$$;
comment on function codered.read_latest_checkpoint(uuid) is 'The newest checkpoint of a project, whole; null when there is none that the caller may see.';
revoke execute on function codered.read_latest_checkpoint(uuid) from public;
grant execute on function codered.read_latest_checkpoint(uuid) to authenticated, service_role;

create function codered.read_project(project_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  project jsonb;
begin
  select jsonb_build_object(
    'id', p.id, 'slug', p.slug, 'name', p.name, 'description', p.description, 'status', p.status, 'phase', p.phase, 'mode', p.mode,
    'rules', p.rules, 'tech_stack', p.tech_stack
  )
  into project
  from codered.projects p
  where p.id = read_project.project_id and p.deleted_at is null;
  if not found then
    perform codered.refuse_missing('project', read_project.project_id::text);
  end if;
  return project;
end
$$;
comment on function codered.read_project(uuid) is
  'What somebody who works on a project has to know of it. Refuses one that is not there, retired, or not the caller''s to see (CR004).';
revoke execute on function codered.read_project(uuid) from public;
grant execute on function codered.read_project(uuid) to authenticated, service_role;

create function codered.resume_project(project_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  project constant jsonb := codered.read_project(resume_project.project_id);
  checkpoint constant jsonb := codered.read_latest_checkpoint(resume_project.project_id);
  since constant timestamptz := checkpoint ->> 'created_at';
  own_event bigint;
  happened jsonb;
  moved jsonb;
begin
  if checkpoint is null then
    return jsonb_build_object(
      'project', project, 'has_checkpoint', false, 'checkpoint', null, 'resume_instructions', null,
      'events', '[]'::jsonb, 'events_total', 0, 'tasks', '[]'::jsonb,
      'message', 'This project has no checkpoint yet; project_context tells what is open.'
    );
  end if;
  select min(e.id) into own_event
  from codered.events e
  where e.project_id = resume_project.project_id
    and e.created_at = since
    and e.event_type = 'checkpoint.created'
    and e.payload ->> 'id' = checkpoint ->> 'id';

  -- Rows of one transaction share their time, and one that began before the checkpoint may have ended after it: the hour covers that.
  with later as (
    select e.id, e.event_type, e.task_id, e.run_id, e.user_id, e.payload, e.created_at
    from codered.events e
    where e.project_id = resume_project.project_id
      and e.created_at >= since - interval '1 hour'
      and (e.created_at > since or e.id > own_event)
      and e.id is distinct from own_event
  ), newest as (
    select l.* from later l order by l.created_at desc, l.id desc limit 200
  ), firsts as (
    -- The first thing that befell a task tells how it stood before; null when it was not there.
    select distinct on (l.task_id) l.task_id, l.payload ->> 'name' as title, case
      when l.event_type = 'task.created' or l.payload #>> '{changed,deleted_at,0}' is not null then null
      else coalesce(l.payload #>> '{changed,status,0}', l.payload ->> 'status')
    end as was
    from later l
    where l.event_type in ('task.created', 'task.deleted', 'task.retired', 'task.restored')
      or (l.event_type like 'task.%' and l.payload -> 'changed' ? 'status')
    order by l.task_id, l.id
  )
  select
    jsonb_build_object(
      'list', coalesce((select jsonb_agg(to_jsonb(n) order by n.created_at desc, n.id desc) from newest n), '[]'),
      'total', (select count(*) from later)
    ),
    coalesce(
      (
        select jsonb_agg(
          jsonb_build_object('task_id', f.task_id, 'title', coalesce(t.title, f.title), 'was', f.was, 'now', t.status)
          order by t.priority, coalesce(t.title, f.title), f.task_id
        )
        from firsts f
        left join codered.tasks t on t.id = f.task_id and t.deleted_at is null
        where f.was is distinct from t.status
      ),
      '[]'
    )
  into happened, moved;
  return jsonb_build_object(
    'project', project, 'has_checkpoint', true, 'checkpoint', checkpoint, 'resume_instructions', checkpoint -> 'resume_instructions',
    'events', happened -> 'list', 'events_total', happened -> 'total', 'tasks', moved, 'message', null
  );
end
$$;
comment on function codered.resume_project(uuid) is
  'What somebody needs to go on with a project: {project, has_checkpoint, checkpoint, resume_instructions, events, events_total, tasks, message}. checkpoint is the latest; events are those since it, the newest 200 of events_total, newest first; tasks are those whose status differs from what it was then: {task_id, title, was, now}, was null when it came since, now null when it is gone. Without a checkpoint all of that is empty and message says so. Refuses: CR004.';
revoke execute on function codered.resume_project(uuid) from public;
grant execute on function codered.resume_project(uuid) to authenticated, service_role;

create function codered.project_context(project_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  project constant jsonb := codered.read_project(project_context.project_id);
begin
  return (
    with open as (
      select t.*
      from codered.tasks t
      where t.project_id = project_context.project_id and t.deleted_at is null and t.status not in ('done', 'cancelled')
    ), first as (
      select o.* from open o order by o.priority, o.created_at, o.id limit 200
    )
    select jsonb_build_object(
      'project', project,
      'open_tasks', coalesce(
        (
          select jsonb_agg(
            jsonb_build_object(
              'id', f.id, 'title', f.title, 'description', f.description, 'status', f.status, 'priority', f.priority,
              'acceptance_criteria', f.acceptance_criteria, 'constraints', f.constraints, 'dependencies', f.dependencies,
              'zone', f.zone, 'size', f.size, 'milestone_id', f.milestone_id, 'parent_task_id', f.parent_task_id,
              'assignee_agent_id', f.assignee_agent_id, 'assignee_human', f.assignee_human, 'due_date', f.due_date,
              'lock', case
                when f.locked_at + interval '1 hour' > now() then codered.describe_task_lock(f.id, f.locked_by, f.locked_at)
              end
            )
            order by f.priority, f.created_at, f.id
          )
          from first f
        ),
        '[]'
      ),
      'open_tasks_total', (select count(*) from open),
      'checkpoint', codered.read_latest_checkpoint(project_context.project_id)
    )
  );
end
$$;
comment on function codered.project_context(uuid) is
  'What a project is about right now: {project, open_tasks, open_tasks_total, checkpoint}. Open: neither done nor cancelled; the first 200 by priority, then age; lock null when nobody has it. checkpoint is the latest or null. Refuses: CR004.';
revoke execute on function codered.project_context(uuid) from public;
grant execute on function codered.project_context(uuid) to authenticated, service_role;
grant execute on function codered.describe_task_lock(uuid, text, timestamptz) to authenticated;

-- History

create function codered.search_events(project_id uuid, query text, batch integer, before timestamptz default null)
returns table (
  id bigint,
  event_type text,
  task_id uuid,
  run_id uuid,
  user_id uuid,
  payload jsonb,
  created_at timestamptz
)
language plpgsql
stable
security definer
-- How many rows a word finds is known only from the word itself.
set plan_cache_mode = 'force_custom_plan'
set search_path = ''
as $$
declare
  wanted constant tsquery := websearch_to_tsquery('simple', search_events.query);
begin
  if not exists (
    select from codered.projects p
    where p.id = search_events.project_id
      and p.deleted_at is null
      and (not codered.is_member_call() or p.id in (select codered.my_projects()))
  ) then
    perform codered.refuse_missing('project', search_events.project_id::text);
  end if;
  perform codered.check_batch('search_events.batch', search_events.batch);
  if (char_length(btrim(search_events.query)) between 1 and 1000) is not true then
    perform codered.refuse_value('search_events.query', coalesce(search_events.query, ''), '1 to 1000 characters');
  end if;
  return query
    -- Materialized, or Postgres walks the project's whole history by time and parses every payload on the way.
    with found as materialized (
      select e.id, e.event_type, e.task_id, e.run_id, e.user_id, e.payload, e.created_at
      from codered.events e
      where to_tsvector('simple', e.payload) @@ wanted
        and e.project_id = search_events.project_id
        and e.created_at < coalesce(search_events.before, 'infinity')
    )
    select f.id, f.event_type, f.task_id, f.run_id, f.user_id, f.payload, f.created_at
    from found f
    order by f.created_at desc
    fetch first search_events.batch rows with ties;
end
$$;
comment on function codered.search_events(uuid, text, integer, timestamptz) is
  'The events of a project whose payload holds the words (all of them; "…" for a phrase, or, - as in a search engine), newest first, batch (1 to 500) at a time: before is the created_at of the last one had. Events of one transaction share their time and come together, so a page may be longer than batch and none is skipped. Refuses: CR002, CR004. Security definer, because under row security the text index can''t be used; membership is checked here.';
revoke execute on function codered.search_events(uuid, text, integer, timestamptz) from public;
grant execute on function codered.search_events(uuid, text, integer, timestamptz) to authenticated, service_role;

create function codered.list_task_events(task_id uuid, batch integer, before_id bigint default null)
returns table (
  id bigint,
  event_type text,
  run_id uuid,
  user_id uuid,
  payload jsonb,
  created_at timestamptz
)
language plpgsql
stable
set search_path = ''
as $$
declare
  -- The project tells the task's own history from what members of another one may have noted under its id.
  home constant uuid := coalesce(
    (select t.project_id from codered.tasks t where t.id = list_task_events.task_id),
    (
      select e.project_id
      from codered.events e
      where e.task_id = list_task_events.task_id and e.event_type like 'task.%'
      limit 1
    )
  );
begin
  if home is null then
    perform codered.refuse_missing('task', list_task_events.task_id::text);
  end if;
  perform codered.check_batch('list_task_events.batch', list_task_events.batch);
  return query
    select e.id, e.event_type, e.run_id, e.user_id, e.payload, e.created_at
    from codered.events e
    where e.task_id = list_task_events.task_id
      and e.project_id = home
      and e.id < coalesce(list_task_events.before_id, 9223372036854775807)
    order by e.id desc
    limit list_task_events.batch;
end
$$;
comment on function codered.list_task_events(uuid, integer, bigint) is
  'The timeline of a task, newest first, batch (1 to 500) at a time: before_id is the id of the last one had. A deleted task keeps its timeline. Refuses: CR002, CR004.';
revoke execute on function codered.list_task_events(uuid, integer, bigint) from public;
grant execute on function codered.list_task_events(uuid, integer, bigint) to authenticated, service_role;
