-- What people and agents do with tasks beside their locks: lists of projects and tasks, a new task, a change.

create function codered.check_place(what text, missing integer, parts integer)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if missing not in (0, parts) then
    perform codered.refuse_value(what, parts - missing, parts || ' parts of a place in the list, or none');
  end if;
end
$$;
comment on function codered.check_place(text, integer, integer) is 'Refuses (CR002) a place in a list of which a part is missing. Called by lists that go on after a place.';
revoke execute on function codered.check_place from public;
grant execute on function codered.check_place to authenticated, service_role;

create function codered.list_projects(batch integer default 50, after_slug text default null, retired boolean default false)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  items jsonb;
begin
  perform codered.check_batch('batch', list_projects.batch);
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', p.id, 'slug', p.slug, 'name', p.name, 'description', p.description, 'status', p.status, 'phase', p.phase, 'mode', p.mode,
    'created_at', p.created_at, 'updated_at', p.updated_at) order by p.slug collate "C"), '[]')
  into items
  from (
    select p.*
    from codered.projects p
    where (p.deleted_at is not null) = coalesce(list_projects.retired, false)
      and (list_projects.after_slug is null or p.slug collate "C" > list_projects.after_slug)
    order by p.slug collate "C"
    -- One more than asked for tells whether there are more.
    limit list_projects.batch + 1
  ) as p;
  return items;
end
$$;
comment on function codered.list_projects(integer, text, boolean) is
  'The projects that the caller may see, those in use or the retired ones, by slug (byte order), after a slug: one more than batch when there are more. Refuses CR002 (batch 1 to 500).';
revoke execute on function codered.list_projects from public;
grant execute on function codered.list_projects to authenticated, service_role;

create function codered.describe_task(task codered.tasks)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', task.id, 'project_id', task.project_id, 'milestone_id', task.milestone_id, 'parent_task_id', task.parent_task_id,
    'title', task.title, 'description', task.description, 'acceptance_criteria', task.acceptance_criteria,
    'constraints', task.constraints, 'dependencies', task.dependencies,
    -- Most have none, and whoever asks for tasks is asked for their projects.
    'is_blocked_by', case when cardinality(task.dependencies) > 0 then coalesce((
      select jsonb_agg(t.id order by d.place)
      from unnest(task.dependencies) with ordinality as d (id, place)
      join codered.tasks t on t.id = d.id
      where t.status <> 'done' and t.deleted_at is null), '[]') else '[]' end,
    'zone', task.zone, 'impact_axes', task.impact_axes,
    'size', task.size, 'status', task.status, 'priority', task.priority, 'assignee_agent_id', task.assignee_agent_id,
    'assignee_human', task.assignee_human, 'due_date', task.due_date, 'completed_at', task.completed_at,
    'lock', case when task.locked_at + interval '1 hour' > now()
      then codered.describe_task_lock(task.id, task.locked_by, task.locked_at) end,
    'created_at', task.created_at, 'updated_at', task.updated_at)
$$;
comment on function codered.describe_task(codered.tasks) is 'A task as the operations tell it; lock null when nobody has it, is_blocked_by the dependencies that are not done, which hold its lock back.';
revoke execute on function codered.describe_task from public;
grant execute on function codered.describe_task to authenticated, service_role;

create function codered.list_tasks(
  project_id uuid, status text default null, batch integer default 50,
  after_priority integer default null, after_created_at timestamptz default null, after_task uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_tasks.project_id);
  perform codered.check_batch('batch', list_tasks.batch);
  perform codered.check_place('after_task', num_nulls(list_tasks.after_priority, list_tasks.after_created_at, list_tasks.after_task), 3);
  return (
    select coalesce(jsonb_agg(codered.describe_task(page.task) order by page.priority, page.created_at, page.id), '[]')
    from (
      select t as task, t.priority, t.created_at, t.id
      from codered.tasks t
      where t.project_id = list_tasks.project_id
        and t.deleted_at is null
        and (list_tasks.status is null or t.status = list_tasks.status)
        and (
          list_tasks.after_task is null
          or (t.priority, t.created_at, t.id) > (list_tasks.after_priority, list_tasks.after_created_at, list_tasks.after_task)
        )
      order by t.priority, t.created_at, t.id
      -- One more than asked for tells whether there are more.
      limit list_tasks.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_tasks(uuid, text, integer, integer, timestamptz, uuid) is
  'The tasks of a project, or those of a status, by priority, then age, after a place in that order, which stays where it is when its task moves or goes: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_tasks from public;
grant execute on function codered.list_tasks to authenticated, service_role;

create function codered.create_task(project_id uuid, task jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.tasks;
begin
  perform codered.require_project(create_task.project_id);
  insert into codered.tasks (
    project_id, milestone_id, parent_task_id, title, description, acceptance_criteria, constraints, dependencies, zone, impact_axes,
    size, status, priority, assignee_agent_id, assignee_human, due_date)
  select
    create_task.project_id, w.milestone_id, w.parent_task_id, w.title, w.description, coalesce(w.acceptance_criteria, '{}'),
    coalesce(w.constraints, '{}'), coalesce(w.dependencies, '{}'), coalesce(w.zone, 'green'), coalesce(w.impact_axes, '{}'),
    w.size, coalesce(w.status, 'backlog'), coalesce(w.priority, 100), w.assignee_agent_id, w.assignee_human, w.due_date
  from jsonb_populate_record(null::codered.tasks, create_task.task) as w
  returning * into made;
  return codered.describe_task(made);
end
$$;
comment on function codered.create_task(uuid, jsonb) is
  'Makes a task of the caller''s in a project; what task leaves out is as the table has it. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR006 (a cycle), CR007 (a milestone, parent or dependency of another project).';
revoke execute on function codered.create_task from public;
grant execute on function codered.create_task to authenticated, service_role;

create function codered.update_task(task_id uuid, changes jsonb, expected_updated_at timestamptz default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.tasks;
begin
  -- First for its project's sake, then under a lock: what is left out stays as it is, also beside another who writes.
  perform codered.require_project(t.project_id) from codered.tasks t where t.id = update_task.task_id and t.deleted_at is null;
  if not found then
    perform codered.refuse_missing('task', update_task.task_id::text);
  end if;
  select t.* into made from codered.tasks t where t.id = update_task.task_id for no key update;
  perform codered.check_unchanged('The task', update_task.expected_updated_at, made.updated_at);
  made := jsonb_populate_record(made, update_task.changes);
  update codered.tasks t
  set (milestone_id, parent_task_id, title, description, acceptance_criteria, constraints, dependencies, zone, impact_axes, size,
    status, priority, assignee_agent_id, assignee_human, due_date)
    = (made.milestone_id, made.parent_task_id, made.title, made.description, made.acceptance_criteria, made.constraints,
      made.dependencies, made.zone, made.impact_axes, made.size, made.status, made.priority, made.assignee_agent_id,
      made.assignee_human, made.due_date)
  where t.id = update_task.task_id
  returning t.* into made;
  return codered.describe_task(made);
end
$$;
comment on function codered.update_task(uuid, jsonb, timestamptz) is
  'Changes what changes names of a task, and nothing else; null empties. Locks, times and whose it is are not to be written here. Refuses as create_task does, CR003 for a status that can''t follow, and CR014 when it was changed after expected_updated_at.';
revoke execute on function codered.update_task from public;
grant execute on function codered.update_task to authenticated, service_role;

create function codered.record_decision(project_id uuid, decision jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.decisions;
begin
  perform codered.require_project(record_decision.project_id);
  insert into codered.decisions (
    project_id, title, description, domain, decision_type, rationale, options_considered, options, choice, decision_maker)
  select
    record_decision.project_id, w.title, w.description, w.domain, w.decision_type, w.rationale, w.options_considered,
    coalesce(w.options, '[]'), w.choice, w.decision_maker
  from jsonb_populate_record(null::codered.decisions, record_decision.decision) as w
  returning * into made;
  return jsonb_build_object(
    'id', made.id, 'project_id', made.project_id, 'title', made.title, 'choice', made.choice, 'created_at', made.created_at);
end
$$;
comment on function codered.record_decision(uuid, jsonb) is
  'Writes down what was decided, from which options and why. Returns {id, project_id, title, choice, created_at}. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.record_decision from public;
grant execute on function codered.record_decision to authenticated, service_role;
