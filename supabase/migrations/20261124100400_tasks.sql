-- Milestones, tasks, decisions, checkpoints: what people and agents work from. Old workers survive it.

create function codered.refuse_foreign_project()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  rule text;
  id uuid;
  found_in uuid;
  is_there boolean;
begin
  -- Whoever may not see the project is refused by its policy, whatever else is wrong with the row.
  if (select auth.uid()) is not null and new.project_id not in (select codered.my_projects()) then
    return new;
  end if;
  -- Each argument: <column>:<table it points at>.
  foreach rule in array tg_argv loop
    id := to_jsonb(new) ->> split_part(rule, ':', 1);
    continue when id is null;
    execute format('select t.project_id, true from codered.%I t where t.id = $1', split_part(rule, ':', 2))
      into found_in, is_there using id;
    -- A stranger learns nothing: a row of another project is refused in the words of one that is not there.
    if is_there is null or found_in is distinct from new.project_id then
      raise exception '%.% is "%": there is no such row of % in this project.',
        tg_table_name, split_part(rule, ':', 1), id, split_part(rule, ':', 2)
        using errcode = 'CR007', table = tg_table_name, column = split_part(rule, ':', 1),
          hint = 'Allowed: an id of the project that project_id names.';
    end if;
  end loop;
  return new;
end
$$;
comment on function codered.refuse_foreign_project() is
  'Refuses (CR007) an id that belongs to another project. Security definer, because what the caller may not see has to be refused in the same words as what is not there.';
revoke execute on function codered.refuse_foreign_project() from public;

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
create trigger milestones_touch before update on codered.milestones
  for each row execute function codered.touch_updated_at();
comment on table codered.milestones is 'What a project is on its way to.';
comment on column codered.milestones.progress_percent is 'The share of its tasks that are done (canceled ones left out), unless somebody has set it by hand.';
comment on column codered.milestones.progress_is_manual is 'Set by hand: then tasks change it no more, until this is false again.';

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
create trigger tasks_touch before update on codered.tasks
  for each row execute function codered.touch_updated_at();
create trigger tasks_same_project before insert or update of project_id, milestone_id, parent_task_id on codered.tasks
  for each row execute function codered.refuse_foreign_project('milestone_id:milestones', 'parent_task_id:tasks');
create trigger tasks_events after insert or update or delete on codered.tasks
  for each row execute function codered.append_event('task', 'completed_at');
comment on table codered.tasks is 'The unit of work, for people and agents.';
comment on column codered.tasks.priority is 'Lower comes first; 100 unless told.';
comment on column codered.tasks.impact_axes is 'A easier to deploy, B more revenue, C saves money, D more organised, E legal.';
comment on column codered.tasks.dependencies is 'Tasks of the same project that have to be done first; a cycle is refused.';
comment on column codered.tasks.locked_at is 'When the lock was taken or kept last; it lapses an hour later. Written by take_task_lock, keep_task_lock and release_task_lock only.';
comment on column codered.tasks.locked_by is 'Who has the lock: an agent''s or a person''s name for themselves.';
comment on column codered.tasks.constraints is 'Limits of scope: paths, tools, anything an agent has to keep to.';
comment on column codered.tasks.completed_at is 'Kept by trigger: when the status became done.';

alter table codered.agent_runs
  add constraint agent_runs_task_id_fkey foreign key (task_id) references codered.tasks (id) on delete set null;
create trigger agent_runs_same_project before insert or update of project_id, task_id on codered.agent_runs
  for each row execute function codered.refuse_foreign_project('task_id:tasks');

create table codered.task_runs (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references codered.tasks (id) on delete cascade,
  project_id uuid not null references codered.projects (id) on delete cascade,
  agent_run_id uuid references codered.agent_runs (id) on delete set null,
  phase text not null,
  status text not null default 'planned',
  summary text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint task_runs_phase_check check (
    phase in ('architect', 'code', 'test', 'review', 'infra', 'safety', 'cynic', 'orchestrator')
    or codered.refuse_value('task_runs.phase', phase, 'architect, code, test, review, infra, safety, cynic, orchestrator')),
  constraint task_runs_status_check check (
    status in ('planned', 'running', 'succeeded', 'failed', 'skipped')
    or codered.refuse_value('task_runs.status', status, 'planned, running, succeeded, failed, skipped')),
  constraint task_runs_summary_length
    check (char_length(summary) <= 20000 or codered.refuse_value('task_runs.summary', summary, 'at most 20000 characters'))
);
create index task_runs_task_id_idx on codered.task_runs (task_id, created_at desc);
create index task_runs_project_id_idx on codered.task_runs (project_id);
create index task_runs_agent_run_id_idx on codered.task_runs (agent_run_id);
alter table codered.task_runs enable row level security;
create policy task_runs_read on codered.task_runs for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.task_runs to authenticated;
create trigger task_runs_touch before update on codered.task_runs
  for each row execute function codered.touch_updated_at();
create trigger task_runs_same_project before insert or update of project_id, task_id, agent_run_id on codered.task_runs
  for each row execute function codered.refuse_foreign_project('task_id:tasks', 'agent_run_id:agent_runs');
comment on table codered.task_runs is 'One pass of an agent over a task.';

create table codered.decisions (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  title text not null,
  description text,
  domain text,
  decision_type text,
  rationale text,
  options_considered text,
  options jsonb not null default '[]',
  choice text,
  chosen_option text generated always as (choice) stored,
  decision_maker text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint decisions_title_length check (char_length(title) between 1 and 500 or codered.refuse_value('decisions.title', title, '1 to 500 characters')),
  constraint decisions_description_length
    check (char_length(description) <= 20000 or codered.refuse_value('decisions.description', description, 'at most 20000 characters')),
  constraint decisions_rationale_length
    check (char_length(rationale) <= 20000 or codered.refuse_value('decisions.rationale', rationale, 'at most 20000 characters')),
  constraint decisions_options_considered_length check (
    char_length(options_considered) <= 20000 or codered.refuse_value('decisions.options_considered', options_considered, 'at most 20000 characters')),
  constraint decisions_choice_length check (char_length(choice) <= 2000 or codered.refuse_value('decisions.choice', choice, 'at most 2000 characters')),
  constraint decisions_type_check check (
    decision_type in ('architecture', 'policy', 'legal_strategy', 'product')
    or codered.refuse_value('decisions.decision_type', decision_type, 'architecture, policy, legal_strategy, product')),
  constraint decisions_options_check check (jsonb_typeof(options) = 'array' or codered.refuse_value('decisions.options', options, 'a JSON array'))
);
create index decisions_project_id_idx on codered.decisions (project_id);
create index decisions_user_id_idx on codered.decisions (user_id);
create index decisions_created_at_idx on codered.decisions (created_at desc);
create index decisions_project_created_idx on codered.decisions (project_id, created_at desc);
alter table codered.decisions enable row level security;
create policy decisions_read on codered.decisions for select to authenticated using (project_id in (select codered.my_projects()));
create policy decisions_insert on codered.decisions for insert to authenticated
  with check (project_id in (select codered.my_projects()) and user_id = (select auth.uid()));
create policy decisions_update on codered.decisions for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy decisions_delete on codered.decisions for delete to authenticated
  using (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
grant select, delete on codered.decisions to authenticated;
grant insert (id, project_id, user_id, title, description, domain, decision_type, rationale, options_considered, options, choice, decision_maker)
  on codered.decisions to authenticated;
grant update (title, description, domain, decision_type, rationale, options_considered, options, choice, decision_maker)
  on codered.decisions to authenticated;
create trigger decisions_touch before update on codered.decisions
  for each row execute function codered.touch_updated_at();
create trigger decisions_events after insert or update or delete on codered.decisions
  for each row execute function codered.append_event('decision', 'chosen_option');
comment on table codered.decisions is 'What was decided, from which options, and why.';
comment on column codered.decisions.options is 'The options as a list; options_considered is the prose beside it.';
comment on column codered.decisions.chosen_option is 'The same as choice, under its other name.';
comment on column codered.decisions.domain is 'Open: legal, infra, ux, marketing, …';

create table codered.checkpoints (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  label text not null,
  repo_ref text,
  summary text,
  resume_instructions text,
  snapshot jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint checkpoints_label_length check (char_length(label) between 1 and 500 or codered.refuse_value('checkpoints.label', label, '1 to 500 characters')),
  constraint checkpoints_repo_ref_length
    check (char_length(repo_ref) <= 500 or codered.refuse_value('checkpoints.repo_ref', repo_ref, 'at most 500 characters')),
  constraint checkpoints_summary_length
    check (char_length(summary) <= 20000 or codered.refuse_value('checkpoints.summary', summary, 'at most 20000 characters')),
  constraint checkpoints_resume_instructions_length check (
    char_length(resume_instructions) <= 20000
    or codered.refuse_value('checkpoints.resume_instructions', resume_instructions, 'at most 20000 characters')),
  constraint checkpoints_snapshot_check
    check (jsonb_typeof(snapshot) = 'object' or codered.refuse_value('checkpoints.snapshot', snapshot, 'a JSON object')),
  constraint checkpoints_snapshot_bytes
    check (octet_length(snapshot::text) <= 1048576 or codered.refuse_value('checkpoints.snapshot', octet_length(snapshot::text), 'at most 1048576 bytes'))
);
create index checkpoints_project_id_idx on codered.checkpoints (project_id);
create index checkpoints_user_id_idx on codered.checkpoints (user_id);
create index checkpoints_created_at_idx on codered.checkpoints (created_at desc);
create index checkpoints_project_created_idx on codered.checkpoints (project_id, created_at desc);
alter table codered.checkpoints enable row level security;
create policy checkpoints_read on codered.checkpoints for select to authenticated using (project_id in (select codered.my_projects()));
create policy checkpoints_insert on codered.checkpoints for insert to authenticated
  with check (project_id in (select codered.my_projects()) and user_id = (select auth.uid()));
create policy checkpoints_update on codered.checkpoints for update to authenticated
  using (user_id = (select auth.uid()) and project_id in (select codered.my_projects()))
  with check (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
create policy checkpoints_delete on codered.checkpoints for delete to authenticated
  using (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
grant select, delete on codered.checkpoints to authenticated;
grant insert (id, project_id, user_id, label, repo_ref, summary, resume_instructions, snapshot) on codered.checkpoints to authenticated;
grant update (label, repo_ref, summary, resume_instructions, snapshot) on codered.checkpoints to authenticated;
create trigger checkpoints_touch before update on codered.checkpoints
  for each row execute function codered.touch_updated_at();
create trigger checkpoints_events after insert or update or delete on codered.checkpoints
  for each row execute function codered.append_event('checkpoint');
comment on table codered.checkpoints is 'Where work on a project stood, so that somebody else can go on from there.';
comment on column codered.checkpoints.repo_ref is 'Commit, branch or tag that it belongs to.';
comment on column codered.checkpoints.snapshot is 'Whatever the one who goes on needs; at most 1 MB.';

create table codered.agent_sessions (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  user_id uuid not null default auth.uid() references codered.profiles (id) on delete cascade,
  snapshot jsonb not null default '{}',
  summary text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agent_sessions_summary_length
    check (char_length(summary) <= 20000 or codered.refuse_value('agent_sessions.summary', summary, 'at most 20000 characters')),
  constraint agent_sessions_snapshot_bytes check (
    octet_length(snapshot::text) <= 1048576 or codered.refuse_value('agent_sessions.snapshot', octet_length(snapshot::text), 'at most 1048576 bytes'))
);
create index agent_sessions_project_id_idx on codered.agent_sessions (project_id);
create index agent_sessions_user_id_idx on codered.agent_sessions (user_id);
alter table codered.agent_sessions enable row level security;
create policy agent_sessions_read on codered.agent_sessions for select to authenticated
  using (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
create policy agent_sessions_insert on codered.agent_sessions for insert to authenticated
  with check (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
create policy agent_sessions_update on codered.agent_sessions for update to authenticated
  using (user_id = (select auth.uid()) and project_id in (select codered.my_projects()))
  with check (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
create policy agent_sessions_delete on codered.agent_sessions for delete to authenticated
  using (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.agent_sessions to authenticated;
create trigger agent_sessions_touch before update on codered.agent_sessions
  for each row execute function codered.touch_updated_at();
comment on table codered.agent_sessions is 'What an agent kept of its talk with one person; checkpoints are what others go on from.';

create table codered.lessons (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  title text not null,
  description text,
  domain_tags text[] not null default '{}',
  source_type text not null default 'manual',
  source_id uuid,
  impact_axes text[] not null default '{}',
  severity text not null default 'minor',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint lessons_title_length check (char_length(title) between 1 and 500 or codered.refuse_value('lessons.title', title, '1 to 500 characters')),
  constraint lessons_description_length
    check (char_length(description) <= 20000 or codered.refuse_value('lessons.description', description, 'at most 20000 characters')),
  constraint lessons_source_type_check check (
    source_type in ('agent_run', 'ci_event', 'retro', 'manual')
    or codered.refuse_value('lessons.source_type', source_type, 'agent_run, ci_event, retro, manual')),
  constraint lessons_impact_axes_check
    check (impact_axes <@ '{A,B,C,D,E}' or codered.refuse_value('lessons.impact_axes', impact_axes, 'A, B, C, D, E')),
  constraint lessons_severity_check check (
    severity in ('minor', 'moderate', 'major', 'critical')
    or codered.refuse_value('lessons.severity', severity, 'minor, moderate, major, critical'))
);
create index lessons_project_id_idx on codered.lessons (project_id, created_at desc);
alter table codered.lessons enable row level security;
create policy lessons_read on codered.lessons for select to authenticated using (project_id in (select codered.my_projects()));
create policy lessons_insert on codered.lessons for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy lessons_update on codered.lessons for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy lessons_delete on codered.lessons for delete to authenticated using (project_id in (select codered.my_projects('maintainer')));
grant select, insert, delete on codered.lessons to authenticated;
grant update (title, description, domain_tags, source_type, source_id, impact_axes, severity) on codered.lessons to authenticated;
create trigger lessons_touch before update on codered.lessons
  for each row execute function codered.touch_updated_at();
comment on table codered.lessons is 'What was learned, to be told again when it matters.';
comment on column codered.lessons.source_id is 'The agent run or CI event it was learned from; a plain id, the lesson outlives it.';

create table codered.ux_snippets (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  name text not null,
  description text,
  tech_stack text[] not null default '{}',
  code_sample text not null,
  preview_url text,
  tags text[] not null default '{}',
  quality_score numeric(5, 2),
  approved_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ux_snippets_name_length check (char_length(name) between 1 and 500 or codered.refuse_value('ux_snippets.name', name, '1 to 500 characters')),
  constraint ux_snippets_code_sample_length
    check (char_length(code_sample) <= 100000 or codered.refuse_value('ux_snippets.code_sample', left(code_sample, 40), 'at most 100000 characters')),
  constraint ux_snippets_preview_url_check
    check (preview_url ~ '^https?://' or codered.refuse_value('ux_snippets.preview_url', preview_url, 'http:// or https://')),
  constraint ux_snippets_quality_score_check
    check (quality_score between 0 and 100 or codered.refuse_value('ux_snippets.quality_score', quality_score, '0 to 100'))
);
create index ux_snippets_project_id_idx on codered.ux_snippets (project_id);
create index ux_snippets_tags_idx on codered.ux_snippets using gin (tags);
alter table codered.ux_snippets enable row level security;
create policy ux_snippets_read on codered.ux_snippets for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
create policy ux_snippets_insert on codered.ux_snippets for insert to authenticated
  with check (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())));
create policy ux_snippets_update on codered.ux_snippets for update to authenticated
  using (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())))
  with check (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())));
create policy ux_snippets_delete on codered.ux_snippets for delete to authenticated
  using (project_id in (select codered.my_projects('maintainer')) or (project_id is null and (select codered.is_operator())));
grant select, insert, delete on codered.ux_snippets to authenticated;
grant update (name, description, tech_stack, code_sample, preview_url, tags, quality_score, approved_by) on codered.ux_snippets to authenticated;
create trigger ux_snippets_touch before update on codered.ux_snippets
  for each row execute function codered.touch_updated_at();
comment on table codered.ux_snippets is 'Pieces of user interface worth using again. project_id null: for every project.';
comment on column codered.ux_snippets.quality_score is '0 to 100, by whoever reviewed it.';

create table codered.user_overrides (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  "user" text not null,
  override_type text not null,
  target_type text,
  target_id uuid,
  repository_id bigint references codered.repositories (id) on delete cascade,
  pull_request_number integer,
  commit_sha text,
  criterion text,
  reason text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_overrides_user_length check (char_length("user") between 1 and 200 or codered.refuse_value('user_overrides.user', "user", '1 to 200 characters')),
  constraint user_overrides_override_type_check check (
    override_type in ('cynic_reject', 'deploy_anyway', 'agent_override')
    or codered.refuse_value('user_overrides.override_type', override_type, 'cynic_reject, deploy_anyway, agent_override')),
  constraint user_overrides_target_type_check check (
    target_type in ('agent_run', 'ci_event', 'deployment', 'task')
    or codered.refuse_value('user_overrides.target_type', target_type, 'agent_run, ci_event, deployment, task')),
  constraint user_overrides_reason_length
    check (char_length(reason) between 1 and 2000 or codered.refuse_value('user_overrides.reason', reason, '1 to 2000 characters')),
  constraint user_overrides_criterion_length
    check (char_length(criterion) between 1 and 200 or codered.refuse_value('user_overrides.criterion', criterion, '1 to 200 characters')),
  constraint user_overrides_pull_request_number_check check (
    pull_request_number > 0 or codered.refuse_value('user_overrides.pull_request_number', pull_request_number, '1 or more')),
  constraint user_overrides_commit_sha_check check (
    commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('user_overrides.commit_sha', commit_sha, '40 or 64 hexadecimal digits')),
  constraint user_overrides_revoked_check check (
    (revoked_at is null) = (revoked_by is null)
    or codered.refuse_value('user_overrides.revoked_by', coalesce(revoked_by, ''), 'given together with revoked_at'))
);
create index user_overrides_project_id_idx on codered.user_overrides (project_id, created_at desc);
create index user_overrides_user_id_idx on codered.user_overrides (user_id);
create index user_overrides_commit_idx on codered.user_overrides (repository_id, commit_sha);
alter table codered.user_overrides enable row level security;
create policy user_overrides_read on codered.user_overrides for select to authenticated using (project_id in (select codered.my_projects()));
create policy user_overrides_insert on codered.user_overrides for insert to authenticated
  with check (
    project_id in (select codered.my_projects())
    and user_id = (select auth.uid())
    -- The project's own, or a maintainer of one project could open the gate of another in which they are less.
    and (
      repository_id is null
      or exists (select from codered.repositories r where r.id = user_overrides.repository_id and r.project_id = user_overrides.project_id)
    )
    -- What opens a gate asks for more than membership.
    and (criterion is null or project_id in (select codered.my_projects('maintainer')))
  );
create policy user_overrides_update on codered.user_overrides for update to authenticated
  using (
    revoked_at is null
    and (project_id in (select codered.my_projects('maintainer')) or (user_id = (select auth.uid()) and project_id in (select codered.my_projects())))
  )
  with check (revoked_at is not null and project_id in (select codered.my_projects()));
grant select on codered.user_overrides to authenticated;
grant insert (id, project_id, user_id, "user", override_type, target_type, target_id, repository_id, pull_request_number, commit_sha,
  criterion, reason, expires_at) on codered.user_overrides to authenticated;
-- A reason once given stays: an override is revoked, once, never rewritten, taken up again or deleted.
grant update (revoked_at, revoked_by) on codered.user_overrides to authenticated;
create trigger user_overrides_touch before update on codered.user_overrides
  for each row execute function codered.touch_updated_at();
create trigger user_overrides_events after insert or update or delete on codered.user_overrides
  for each row execute function codered.append_event('override');
comment on table codered.user_overrides is 'Where a person overruled the gate or an agent: who, what, why, until when. Revoked, never deleted.';
comment on column codered.user_overrides."user" is 'The name at the time: a GitHub login, or what a person is called.';
comment on column codered.user_overrides.criterion is 'The one criterion of the Definition of Done that it covers, or "all".';
comment on column codered.user_overrides.commit_sha is 'The one commit it covers; null with expires_at: every commit of the pull request until then.';
comment on column codered.user_overrides.target_id is 'A plain id: the override outlives what it was about.';
