-- What people look at: tasks that are being worked on, what happened lately, how far each task is. Old workers survive it.

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

create view codered.task_progress with (security_invoker = true) as
select
  t.id,
  t.project_id,
  t.title,
  t.status,
  t.priority,
  cardinality(t.acceptance_criteria) as total_criteria,
  (select count(*) from codered.artifacts a where a.task_id = t.id) as artifact_count,
  t.locked_at,
  t.locked_by,
  t.created_at,
  t.updated_at
from codered.tasks t
join codered.projects p on p.id = t.project_id
where t.deleted_at is null
  and p.deleted_at is null;
comment on view codered.task_progress is 'Each task with what it has to meet and what it has produced; deleted tasks and retired projects left out.';
comment on column codered.task_progress.total_criteria is 'How many acceptance criteria it has; 0 when none were given.';
comment on column codered.task_progress.artifact_count is 'The artifacts of the task that the reader may see; 0 when it has none.';

revoke all on codered.active_tasks, codered.recent_events, codered.task_progress from anon, authenticated, service_role;
grant select on codered.active_tasks, codered.recent_events, codered.task_progress to authenticated, service_role;
