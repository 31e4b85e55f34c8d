-- Milestones and tasks: what people and agents work from, with dependencies, states and locks.
--
-- What holds, whoever writes and however many at once (READ COMMITTED, the isolation of every call):
--   1. Dependencies are tasks of the same project, each named once, and never lead back to where they started.
--   2. A dependency is open until it is done; one that is deleted (deleted_at) counts nowhere, a canceled one stays open.
--   3. No task is in progress or ready for review while a dependency is open.
-- How: a task whose openness changes locks its own row FOR UPDATE, then the rows of its dependents. Whoever adds a dependency
-- locks the added rows FOR KEY SHARE, then takes the project's advisory lock, then looks. So of a task that is being finished
-- and one that is just beginning to depend on it, the later always sees the earlier.

create table codered.milestones (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  name text not null,
  description text,
  status text not null default 'not_started',
  progress_percent integer not null default 0,
  progress_is_manual boolean not null default false,
  target_date date,
  actual_date date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint milestones_name_length check (char_length(name) between 1 and 500 or codered.refuse_value('milestones.name', name, '1 to 500 characters')),
  constraint milestones_description_length
    check (char_length(description) <= 20000 or codered.refuse_value('milestones.description', description, 'at most 20000 characters')),
  constraint milestones_status_check check (
    status in ('not_started', 'in_progress', 'ready_for_cynic', 'shipped')
    or codered.refuse_value('milestones.status', status, 'not_started, in_progress, ready_for_cynic, shipped')),
  constraint milestones_progress_percent_check
    check (progress_percent between 0 and 100 or codered.refuse_value('milestones.progress_percent', progress_percent, '0 to 100'))
);
comment on table codered.milestones is 'What a project is on its way to.';
comment on column codered.milestones.progress_percent is
  'The share of its tasks that are done, in whole percents rounded down (canceled and deleted ones left out), unless somebody has set it by hand.';
comment on column codered.milestones.progress_is_manual is
  'Set by hand: then tasks change it no more, until this is false again. True by itself as soon as somebody writes another progress_percent.';
create index milestones_project_id_idx on codered.milestones (project_id);
alter table codered.milestones enable row level security;
create policy milestones_read on codered.milestones for select to authenticated using (project_id in (select codered.my_projects()));
create policy milestones_insert on codered.milestones for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy milestones_update on codered.milestones for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy milestones_delete on codered.milestones for delete to authenticated using (project_id in (select codered.my_projects('maintainer')));
grant select, insert, delete on codered.milestones to authenticated;
-- Not project_id: a member, who may not delete here, could carry it into a project of their own.
grant update (name, description, status, progress_percent, progress_is_manual, target_date, actual_date) on codered.milestones to authenticated;
grant select, insert, update, delete on codered.milestones to service_role;
create trigger milestones_touch before update on codered.milestones
  for each row execute function codered.touch_updated_at();
create trigger milestones_events after insert or update or delete on codered.milestones
  for each row execute function codered.append_event('milestone');

create table codered.tasks (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  milestone_id uuid references codered.milestones (id) on delete set null,
  parent_task_id uuid references codered.tasks (id) on delete set null,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  title text not null,
  description text,
  acceptance_criteria text[] not null default '{}',
  constraints jsonb not null default '{}',
  dependencies uuid[] not null default '{}',
  zone text not null default 'green',
  impact_axes text[] not null default '{}',
  size text,
  status text not null default 'backlog',
  priority integer not null default 100,
  assignee_agent_id uuid references codered.agents (id) on delete set null,
  assignee_human text,
  due_date timestamptz,
  locked_at timestamptz,
  locked_by text,
  completed_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tasks_title_length check (char_length(title) between 1 and 500 or codered.refuse_value('tasks.title', title, '1 to 500 characters')),
  constraint tasks_description_length
    check (char_length(description) <= 20000 or codered.refuse_value('tasks.description', description, 'at most 20000 characters')),
  constraint tasks_acceptance_criteria_bytes check (
    octet_length(acceptance_criteria::text) <= 65536
    or codered.refuse_value('tasks.acceptance_criteria', octet_length(acceptance_criteria::text), 'at most 65536 bytes')),
  constraint tasks_constraints_check
    check (jsonb_typeof(constraints) = 'object' or codered.refuse_value('tasks.constraints', constraints, 'a JSON object')),
  constraint tasks_dependencies_check check (
    cardinality(dependencies) <= 200 or codered.refuse_value('tasks.dependencies', cardinality(dependencies), 'at most 200 tasks')),
  constraint tasks_zone_check check (zone in ('red', 'yellow', 'green') or codered.refuse_value('tasks.zone', zone, 'red, yellow, green')),
  constraint tasks_impact_axes_check
    check (impact_axes <@ '{A,B,C,D,E}' or codered.refuse_value('tasks.impact_axes', impact_axes, 'A, B, C, D, E')),
  constraint tasks_size_check check (size in ('xs', 's', 'm', 'l', 'xl') or codered.refuse_value('tasks.size', size, 'xs, s, m, l, xl')),
  constraint tasks_status_check check (
    status in ('backlog', 'in_progress', 'blocked', 'ready_for_review', 'done', 'cancelled')
    or codered.refuse_value('tasks.status', status, 'backlog, in_progress, blocked, ready_for_review, done, cancelled')),
  constraint tasks_assignee_human_length
    check (char_length(assignee_human) <= 200 or codered.refuse_value('tasks.assignee_human', assignee_human, 'at most 200 characters')),
  constraint tasks_locked_by_length
    check (char_length(locked_by) between 1 and 200 or codered.refuse_value('tasks.locked_by', locked_by, '1 to 200 characters')),
  constraint tasks_lock_check check ((locked_at is null) = (locked_by is null)),
  constraint tasks_completed_at_check check ((completed_at is not null) = (status = 'done'))
);
comment on table codered.tasks is 'The unit of work, for people and agents.';
comment on column codered.tasks.constraints is
  'Limits of scope, in words for whoever does the work: paths, tools, anything to keep to. list_tasks hands them out as they are; no function looks into them, as what was done outside of the database only its reviewer can hold against them.';
comment on column codered.tasks.dependencies is
  'Tasks of the same project that have to be done first; a cycle is refused. A canceled one still holds this task up: take it out. A deleted one does not.';
comment on column codered.tasks.impact_axes is 'A easier to deploy, B more revenue, C saves money, D more organised, E legal.';
comment on column codered.tasks.status is
  'A task with an open dependency is blocked by trigger and goes back to backlog when the last is done; codered.keep_task_state() has the legal transitions.';
comment on column codered.tasks.priority is 'Lower comes first; 100 by default.';
comment on column codered.tasks.locked_at is 'When the lock was taken or kept last; it lapses an hour later. Written by take_task_lock, keep_task_lock and release_task_lock only.';
comment on column codered.tasks.locked_by is 'Who has the lock: an agent''s or a person''s name for themselves.';
comment on column codered.tasks.completed_at is 'Kept by trigger: when the status became done.';
comment on column codered.tasks.deleted_at is
  'Retired: counts nowhere (dependents go on without it, milestones leave it out, it can''t be locked), but its history stays and it can be restored.';
create index tasks_project_id_idx on codered.tasks (project_id, priority);
create index tasks_milestone_id_idx on codered.tasks (milestone_id);
create index tasks_parent_task_id_idx on codered.tasks (parent_task_id);
create index tasks_user_id_idx on codered.tasks (user_id);
create index tasks_assignee_agent_id_idx on codered.tasks (assignee_agent_id);
create index tasks_status_idx on codered.tasks (status);
create index tasks_priority_idx on codered.tasks (priority);
create index tasks_locked_at_idx on codered.tasks (locked_at) where locked_at is not null;
create index tasks_dependencies_idx on codered.tasks using gin (dependencies);
alter table codered.tasks enable row level security;
create policy tasks_read on codered.tasks for select to authenticated using (project_id in (select codered.my_projects()));
create policy tasks_insert on codered.tasks for insert to authenticated
  with check (project_id in (select codered.my_projects()) and user_id = (select auth.uid()));
create policy tasks_update on codered.tasks for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy tasks_delete on codered.tasks for delete to authenticated
  using (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
grant select, delete on codered.tasks to authenticated;
-- The lock is taken and released by functions only, so nobody but their owner may write its columns.
revoke insert, update on codered.tasks from service_role;
grant insert (id, project_id, milestone_id, parent_task_id, user_id, title, description, acceptance_criteria, constraints,
  dependencies, zone, impact_axes, size, status, priority, assignee_agent_id, assignee_human, due_date)
  on codered.tasks to authenticated, service_role;
grant update (milestone_id, parent_task_id, title, description, acceptance_criteria, constraints, dependencies, zone,
  impact_axes, size, status, priority, assignee_agent_id, assignee_human, due_date, deleted_at)
  on codered.tasks to authenticated, service_role;
grant select, delete on codered.tasks to service_role;
create trigger tasks_touch before update on codered.tasks
  for each row execute function codered.touch_updated_at();
create trigger tasks_same_project before insert or update of project_id, milestone_id, parent_task_id on codered.tasks
  for each row execute function codered.refuse_foreign_project('milestone_id:milestones', 'parent_task_id:tasks');
create trigger tasks_events after insert or update or delete on codered.tasks
  for each row execute function codered.append_event('task', 'completed_at');

create view codered.active_tasks with (security_invoker = true) as
select
  t.id,
  t.project_id,
  p.name as project_name,
  t.milestone_id,
  t.parent_task_id,
  t.user_id,
  t.title,
  t.description,
  t.acceptance_criteria,
  t.constraints,
  t.dependencies,
  t.zone,
  t.impact_axes,
  t.size,
  t.status,
  t.priority,
  t.assignee_agent_id,
  t.assignee_human,
  t.due_date,
  t.locked_at,
  t.locked_by,
  coalesce(t.locked_at + interval '1 hour' > now(), false) as is_actively_locked,
  t.created_at,
  t.updated_at
from codered.tasks t
join codered.projects p on p.id = t.project_id
where t.status in ('in_progress', 'blocked')
  and t.deleted_at is null
  and p.deleted_at is null
order by t.locked_at desc nulls last;
comment on view codered.active_tasks is 'Tasks that are in progress or blocked, last locked first; deleted tasks and retired projects left out.';
comment on column codered.active_tasks.is_actively_locked is 'Whether somebody has the lock now: taken or kept less than an hour ago.';
revoke all on codered.active_tasks from anon, authenticated, service_role;
grant select on codered.active_tasks to authenticated, service_role;

create view codered.recent_events with (security_invoker = true) as
select
  e.id,
  e.project_id,
  p.name as project_name,
  e.run_id,
  e.task_id,
  t.title as task_title,
  e.user_id,
  e.event_type,
  e.payload,
  e.created_at
from codered.events e
join codered.projects p on p.id = e.project_id
left join codered.tasks t on t.id = e.task_id and t.project_id = e.project_id and t.deleted_at is null
where p.deleted_at is null
order by e.created_at desc;
comment on view codered.recent_events is 'What happened in the projects that are not retired, newest first. Take a limit, or a span of created_at.';
comment on column codered.recent_events.task_title is 'Null when the event is about no task, or about one that is deleted.';
revoke all on codered.recent_events from anon, authenticated, service_role;
grant select on codered.recent_events to authenticated, service_role;

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
revoke execute on function codered.check_task_dependencies from public;

create trigger tasks_dependencies before insert or update of dependencies on codered.tasks
  for each row execute function codered.check_task_dependencies();

create function codered.check_task_parent()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  way text;
begin
  if new.parent_task_id is null or (tg_op = 'UPDATE' and new.parent_task_id is not distinct from old.parent_task_id) then
    return new;
  end if;
  -- Two that would close a circle together wait for each other; the later sees what the first wrote.
  perform pg_advisory_xact_lock(hashtextextended('codered.tasks.parents ' || new.project_id, 0));
  with recursive above (id, parent_task_id, title, place) as (
    select t.id, t.parent_task_id, t.title, 1 from codered.tasks t where t.id = new.parent_task_id and t.id <> new.id
    union all
    select t.id, t.parent_task_id, t.title, a.place + 1
    from above a
    join codered.tasks t on t.id = a.parent_task_id
    where t.id <> new.id
  ) cycle id set is_seen using trail
  select string_agg(to_json(left(a.title, 80))::text, ' → ' order by a.place)
  into way
  from above a
  where exists (select from above last where last.parent_task_id = new.id) and not a.is_seen;
  if new.parent_task_id = new.id or way is not null then
    raise exception 'tasks.parent_task_id would close a circle: % → %.', to_json(left(new.title, 80)),
      left(concat_ws(' → ', way, to_json(left(new.title, 80))), 2000)
      using errcode = 'CR006', table = 'tasks', column = 'parent_task_id', hint = 'Allowed: tasks that do not lie under this one.';
  end if;
  return new;
end
$$;
comment on function codered.check_task_parent() is
  'Refuses a parent that is the task itself or lies under it through any number of tasks (CR006, naming the way). That it is of the same project tasks_same_project sees to.';
revoke execute on function codered.check_task_parent from public;

create trigger tasks_parent before insert or update of parent_task_id on codered.tasks
  for each row execute function codered.check_task_parent();

create function codered.open_dependencies(dependencies uuid[])
returns text
language sql
stable
set search_path = ''
as $$
  select left(string_agg(format('%s (%s)', to_json(left(t.title, 80)), t.status), ', ' order by t.title, t.id), 2000)
  from codered.tasks t
  where t.id = any (open_dependencies.dependencies) and t.status <> 'done' and t.deleted_at is null
$$;
comment on function codered.open_dependencies(uuid[]) is
  'What of a task''s dependencies is not done, in words: title and status of each; null when nothing is. Called by keep_task_state and take_task_lock.';
revoke execute on function codered.open_dependencies from public;
grant execute on function codered.open_dependencies to authenticated, service_role;

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
    waits_for := codered.open_dependencies(new.dependencies);
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
revoke execute on function codered.keep_task_state from public;

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
revoke execute on function codered.move_dependents from public;

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
revoke execute on function codered.drop_dependency from public;

create trigger tasks_dependents_gone after delete on codered.tasks
  referencing old table as old_rows
  for each statement execute function codered.drop_dependency();

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
revoke execute on function codered.share_done from public;
grant execute on function codered.share_done to authenticated, service_role;

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
revoke execute on function codered.keep_progress_mode from public;

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
revoke execute on function codered.keep_milestone_progress from public;

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
revoke execute on function codered.set_milestone_progress from public;
grant execute on function codered.set_milestone_progress to authenticated, service_role;

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
revoke execute on function codered.list_task_events from public;
grant execute on function codered.list_task_events to authenticated, service_role;
