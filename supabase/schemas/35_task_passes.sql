-- Milestones, single tasks, the passes over a task and what people overruled there.

create function codered.list_milestones(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_milestones.project_id);
  perform codered.check_batch('batch', list_milestones.batch);
  perform codered.check_place('before_id', num_nulls(list_milestones.before_created_at, list_milestones.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) order by page.created_at desc, page.id desc), '[]')
    from (
      select m.*
      from codered.milestones m
      where m.project_id = list_milestones.project_id
        and (list_milestones.before_id is null or (m.created_at, m.id) < (list_milestones.before_created_at, list_milestones.before_id))
      order by m.created_at desc, m.id desc
      -- One more than asked for tells whether there are more.
      limit list_milestones.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_milestones(uuid, integer, timestamptz, uuid) is
  'The milestones of a project, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_milestones from public;
grant execute on function codered.list_milestones to authenticated, service_role;

create function codered.create_milestone(project_id uuid, milestone jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.milestones;
begin
  perform codered.require_project(create_milestone.project_id);
  insert into codered.milestones (project_id, name, description, status, target_date, actual_date)
  select create_milestone.project_id, w.name, w.description, coalesce(w.status, 'not_started'), w.target_date, w.actual_date
  from jsonb_populate_record(null::codered.milestones, create_milestone.milestone) as w
  returning * into made;
  return to_jsonb(made);
end
$$;
comment on function codered.create_milestone(uuid, jsonb) is
  'Makes a milestone in a project. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.create_milestone from public;
grant execute on function codered.create_milestone to authenticated, service_role;

create function codered.update_milestone(milestone_id uuid, changes jsonb, expected_updated_at timestamptz default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.milestones;
begin
  perform codered.require_project(m.project_id) from codered.milestones m where m.id = update_milestone.milestone_id;
  select m.* into made from codered.milestones m where m.id = update_milestone.milestone_id for no key update;
  if not found then
    perform codered.refuse_missing('milestone', update_milestone.milestone_id::text);
  end if;
  perform codered.check_unchanged('The milestone', update_milestone.expected_updated_at, made.updated_at);
  made := jsonb_populate_record(made, update_milestone.changes);
  update codered.milestones m
  set (name, description, status, target_date, actual_date)
    = (made.name, made.description, made.status, made.target_date, made.actual_date)
  where m.id = update_milestone.milestone_id
  returning m.* into made;
  return to_jsonb(made);
end
$$;
comment on function codered.update_milestone(uuid, jsonb, timestamptz) is
  'Changes what changes names of a milestone, and nothing else; null empties. Its progress is set_milestone_progress'' to write. Refuses CR002, CR003 (project retired), CR004, CR014 (changed after expected_updated_at).';
revoke execute on function codered.update_milestone from public;
grant execute on function codered.update_milestone to authenticated, service_role;

create function codered.delete_milestone(milestone_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  gone codered.milestones;
begin
  perform codered.require_project(m.project_id) from codered.milestones m where m.id = delete_milestone.milestone_id;
  if not found then
    perform codered.refuse_missing('milestone', delete_milestone.milestone_id::text);
  end if;
  delete from codered.milestones m where m.id = delete_milestone.milestone_id returning m.* into gone;
  if not found then
    raise exception 'A milestone is deleted by a maintainer of its project.' using errcode = 'CR008';
  end if;
  return to_jsonb(gone);
end
$$;
comment on function codered.delete_milestone(uuid) is
  'Deletes a milestone and returns it as it was; its tasks stay, without one. Refuses CR003 (project retired), CR004, CR008 (not a maintainer).';
revoke execute on function codered.delete_milestone from public;
grant execute on function codered.delete_milestone to authenticated, service_role;

create function codered.read_task(task_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  select t.* into task from codered.tasks t where t.id = read_task.task_id and t.deleted_at is null;
  if not found then
    perform codered.refuse_missing('task', read_task.task_id::text);
  end if;
  perform codered.require_project(task.project_id);
  return codered.describe_task(task);
end
$$;
comment on function codered.read_task(uuid) is 'A task as describe_task has it. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.read_task from public;
grant execute on function codered.read_task to authenticated, service_role;

create function codered.delete_task(task_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  gone codered.tasks;
begin
  perform codered.require_project(t.project_id) from codered.tasks t where t.id = delete_task.task_id;
  if not found then
    perform codered.refuse_missing('task', delete_task.task_id::text);
  end if;
  delete from codered.tasks t where t.id = delete_task.task_id returning t.* into gone;
  if not found then
    raise exception 'A task is deleted by whoever made it; anybody else may set its status to cancelled.' using errcode = 'CR008';
  end if;
  return codered.describe_task(gone);
end
$$;
comment on function codered.delete_task(uuid) is
  'Deletes a task of the caller''s own, with its passes, and returns it as it was; its timeline stays, and what waited for it goes on without it. Refuses CR003 (project retired), CR004, CR008 (somebody else''s).';
revoke execute on function codered.delete_task from public;
grant execute on function codered.delete_task to authenticated, service_role;

create function codered.start_task_run(
  task_id uuid, phase text, status text default 'running', summary text default null, agent_run_id uuid default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  home uuid;
  made codered.task_runs;
begin
  select t.project_id into home from codered.tasks t where t.id = start_task_run.task_id and t.deleted_at is null;
  if not found then
    perform codered.refuse_missing('task', start_task_run.task_id::text);
  end if;
  perform codered.require_project(home);
  if (start_task_run.status in ('planned', 'running')) is not true then
    perform codered.refuse_value('task_runs.status', coalesce(start_task_run.status, 'null'), 'planned, running');
  end if;
  insert into codered.task_runs (task_id, project_id, agent_run_id, phase, status, summary)
  values (
    start_task_run.task_id, home, start_task_run.agent_run_id, start_task_run.phase, start_task_run.status, start_task_run.summary)
  returning * into made;
  return to_jsonb(made);
end
$$;
comment on function codered.start_task_run(uuid, text, text, text, uuid) is
  'Writes down that a pass over a task is planned or under way. Refuses CR002, CR003 (project retired), CR004 (no such task), CR007 (an agent''s run of another project).';
revoke execute on function codered.start_task_run from public;
grant execute on function codered.start_task_run to authenticated, service_role;

create function codered.finish_task_run(task_run_id uuid, status text, summary text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.task_runs;
begin
  select r.* into made from codered.task_runs r where r.id = finish_task_run.task_run_id;
  if not found then
    perform codered.refuse_missing('pass over a task', finish_task_run.task_run_id::text);
  end if;
  perform codered.require_project(made.project_id);
  if (finish_task_run.status in ('succeeded', 'failed', 'skipped')) is not true then
    perform codered.refuse_value('task_runs.status', coalesce(finish_task_run.status, 'null'), 'succeeded, failed, skipped');
  end if;
  update codered.task_runs r
  set status = finish_task_run.status, summary = coalesce(finish_task_run.summary, r.summary)
  where r.id = finish_task_run.task_run_id and r.status in ('planned', 'running')
  returning r.* into made;
  if not found then
    select r.* into made from codered.task_runs r where r.id = finish_task_run.task_run_id;
    if made.status <> finish_task_run.status or made.summary is distinct from coalesce(finish_task_run.summary, made.summary) then
      perform codered.refuse_state('task_runs.status', made.status, 'planned, running');
    end if;
  end if;
  return to_jsonb(made);
end
$$;
comment on function codered.finish_task_run(uuid, text, text) is
  'Writes down how a pass over a task ended; the same once more changes nothing. Refuses CR002, CR003 (it ended otherwise, or project retired), CR004.';
revoke execute on function codered.finish_task_run from public;
grant execute on function codered.finish_task_run to authenticated, service_role;

create function codered.list_task_runs(
  task_id uuid, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(t.project_id) from codered.tasks t where t.id = list_task_runs.task_id and t.deleted_at is null;
  if not found then
    perform codered.refuse_missing('task', list_task_runs.task_id::text);
  end if;
  perform codered.check_batch('batch', list_task_runs.batch);
  perform codered.check_place('before_id', num_nulls(list_task_runs.before_created_at, list_task_runs.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) order by page.created_at desc, page.id desc), '[]')
    from (
      select r.*
      from codered.task_runs r
      where r.task_id = list_task_runs.task_id
        and (list_task_runs.before_id is null or (r.created_at, r.id) < (list_task_runs.before_created_at, list_task_runs.before_id))
      order by r.created_at desc, r.id desc
      -- One more than asked for tells whether there are more.
      limit list_task_runs.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_task_runs(uuid, integer, timestamptz, uuid) is
  'The passes over a task, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such task).';
revoke execute on function codered.list_task_runs from public;
grant execute on function codered.list_task_runs to authenticated, service_role;

create function codered.list_task_overrides(
  task_id uuid, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(t.project_id) from codered.tasks t where t.id = list_task_overrides.task_id and t.deleted_at is null;
  if not found then
    perform codered.refuse_missing('task', list_task_overrides.task_id::text);
  end if;
  perform codered.check_batch('batch', list_task_overrides.batch);
  perform codered.check_place('before_id', num_nulls(list_task_overrides.before_created_at, list_task_overrides.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) order by page.created_at desc, page.id desc), '[]')
    from (
      select o.*
      from codered.user_overrides o
      join codered.tasks t on t.id = o.target_id and t.project_id = o.project_id
      where o.target_type = 'task'
        and o.target_id = list_task_overrides.task_id
        and (
          list_task_overrides.before_id is null
          or (o.created_at, o.id) < (list_task_overrides.before_created_at, list_task_overrides.before_id)
        )
      order by o.created_at desc, o.id desc
      -- One more than asked for tells whether there are more.
      limit list_task_overrides.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_task_overrides(uuid, integer, timestamptz, uuid) is
  'What people overruled of a task, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such task).';
revoke execute on function codered.list_task_overrides from public;
grant execute on function codered.list_task_overrides to authenticated, service_role;
