-- Locks of tasks: who works on one, and for how long.

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
revoke execute on function codered.describe_task_lock from public;
grant execute on function codered.describe_task_lock to service_role, authenticated;

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
revoke execute on function codered.hold_task from public;
grant execute on function codered.hold_task to service_role;

create function codered.take_task_lock(task_id uuid, locker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
  waits_for text;
begin
  task := codered.hold_task(take_task_lock.task_id, take_task_lock.locker);
  if task.status in ('done', 'cancelled') then
    raise exception 'Task % is %; allowed: a lock on a task that is neither done nor cancelled.', to_json(left(task.title, 80)), task.status
      using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;
  waits_for := codered.open_dependencies(task.dependencies);
  if waits_for is not null then
    raise exception 'Task % can''t be locked while it depends on what is not done: %; allowed: one of these, or another task.',
      to_json(left(task.title, 80)), waits_for using errcode = 'CR003', table = 'tasks', column = 'dependencies';
  end if;
  update codered.tasks t
  set locked_by = take_task_lock.locker, locked_at = clock_timestamp()
  where t.id = task.id
  returning t.* into task;
  return codered.describe_task_lock(task.id, task.locked_by, task.locked_at);
end
$$;
comment on function codered.take_task_lock(uuid, text) is
  'Takes the lock of a task for an hour, or keeps it for another when the locker has it already; gives {task_id, locked_by, locked_at, locked_until}. A lapsed lock goes to whoever comes first. The locker''s name is all that tells two apart: let it be unique. Refuses: CR005 somebody else has it (who, until when; as JSON in detail), CR003 the task is done or cancelled, or depends on what is not done (named), CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.take_task_lock from public;
grant execute on function codered.take_task_lock to authenticated, service_role;

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
revoke execute on function codered.keep_task_lock from public;
grant execute on function codered.keep_task_lock to authenticated, service_role;

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
revoke execute on function codered.release_task_lock from public;
grant execute on function codered.release_task_lock to authenticated, service_role;

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
revoke execute on function codered.break_task_lock from public;
grant execute on function codered.break_task_lock to authenticated, service_role;
