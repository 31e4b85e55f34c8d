-- What a project remembers: decisions, checkpoints, sessions, lessons and snippets.

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
  superseded_by uuid references codered.decisions (id) on delete set null,
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
comment on table codered.decisions is 'What was decided, from which options, and why.';
comment on column codered.decisions.domain is 'Open: legal, infra, ux, marketing, …';
comment on column codered.decisions.options is 'The options as a list; options_considered is the prose beside it.';
comment on column codered.decisions.chosen_option is 'The same as choice, under its other name.';
comment on column codered.decisions.superseded_by is 'The later decision that stands in its place; null: it stands.';
create index decisions_project_id_idx on codered.decisions (project_id);
create index decisions_user_id_idx on codered.decisions (user_id);
create index decisions_superseded_by_idx on codered.decisions (superseded_by);
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
grant update (title, description, domain, decision_type, rationale, options_considered, options, choice, decision_maker, superseded_by)
  on codered.decisions to authenticated;
grant select, insert, update, delete on codered.decisions to service_role;
create trigger decisions_touch before update on codered.decisions
  for each row execute function codered.touch_updated_at();
create trigger decisions_same_project before insert or update of project_id, superseded_by on codered.decisions
  for each row execute function codered.refuse_foreign_project('superseded_by:decisions');
create trigger decisions_events after insert or update or delete on codered.decisions
  for each row execute function codered.append_event('decision', 'chosen_option');

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
comment on table codered.checkpoints is 'Where work on a project stood, so that somebody else can go on from there.';
comment on column codered.checkpoints.repo_ref is 'Commit, branch or tag that it belongs to.';
comment on column codered.checkpoints.snapshot is 'Whatever the one who goes on needs; at most 1 MB.';
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
grant select, insert, update, delete on codered.checkpoints to service_role;
create trigger checkpoints_touch before update on codered.checkpoints
  for each row execute function codered.touch_updated_at();
create trigger checkpoints_events after insert or update or delete on codered.checkpoints
  for each row execute function codered.append_event('checkpoint');

create table codered.agent_sessions (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  user_id uuid not null default auth.uid() references codered.profiles (id) on delete cascade,
  snapshot jsonb not null default '{}',
  summary text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  notes integer not null default 0,
  ended_at timestamptz,
  constraint agent_sessions_summary_length
    check (char_length(summary) <= 20000 or codered.refuse_value('agent_sessions.summary', summary, 'at most 20000 characters')),
  constraint agent_sessions_snapshot_bytes check (
    octet_length(snapshot::text) <= 1048576 or codered.refuse_value('agent_sessions.snapshot', octet_length(snapshot::text), 'at most 1048576 bytes'))
);
comment on table codered.agent_sessions is 'What an agent kept of its talk with one person; checkpoints are what others go on from.';
comment on column codered.agent_sessions.notes is 'How often something was noted: what it was is the person''s, that it was is the project''s history.';
comment on column codered.agent_sessions.ended_at is 'When it was ended; nothing is noted after that. Null: it goes on.';
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
grant select, insert, update, delete on codered.agent_sessions to service_role;
create trigger agent_sessions_touch before update on codered.agent_sessions
  for each row execute function codered.touch_updated_at();
create trigger agent_sessions_events after insert or update or delete on codered.agent_sessions
  for each row execute function codered.append_event('agent_session', 'summary,snapshot');

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
comment on table codered.lessons is 'What was learned, to be recalled when it matters.';
comment on column codered.lessons.source_id is 'The agent run or CI event it was learned from; a plain id, the lesson outlives it.';
create index lessons_project_id_idx on codered.lessons (project_id, created_at desc);
alter table codered.lessons enable row level security;
create policy lessons_read on codered.lessons for select to authenticated using (project_id in (select codered.my_projects()));
create policy lessons_insert on codered.lessons for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy lessons_update on codered.lessons for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy lessons_delete on codered.lessons for delete to authenticated using (project_id in (select codered.my_projects('maintainer')));
grant select, insert, delete on codered.lessons to authenticated;
grant update (title, description, domain_tags, source_type, source_id, impact_axes, severity) on codered.lessons to authenticated;
grant select, insert, update, delete on codered.lessons to service_role;
create trigger lessons_touch before update on codered.lessons
  for each row execute function codered.touch_updated_at();
create trigger lessons_events after insert or update or delete on codered.lessons
  for each row execute function codered.append_event('lesson');

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
  deleted_at timestamptz,
  constraint ux_snippets_name_length check (char_length(name) between 1 and 500 or codered.refuse_value('ux_snippets.name', name, '1 to 500 characters')),
  constraint ux_snippets_code_sample_length
    check (char_length(code_sample) <= 100000 or codered.refuse_value('ux_snippets.code_sample', left(code_sample, 40), 'at most 100000 characters')),
  constraint ux_snippets_preview_url_check
    check (preview_url ~ '^https?://' or codered.refuse_value('ux_snippets.preview_url', preview_url, 'http:// or https://')),
  constraint ux_snippets_quality_score_check
    check (quality_score between 0 and 100 or codered.refuse_value('ux_snippets.quality_score', quality_score, '0 to 100'))
);
comment on table codered.ux_snippets is 'Pieces of user interface worth using again. project_id null: for every project.';
comment on column codered.ux_snippets.quality_score is '0 to 100, by whoever reviewed it.';
comment on column codered.ux_snippets.deleted_at is 'Retired: nobody is shown it any more.';
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
grant update (name, description, tech_stack, code_sample, preview_url, tags, quality_score, approved_by, deleted_at) on codered.ux_snippets to authenticated;
grant select, insert, update, delete on codered.ux_snippets to service_role;
create trigger ux_snippets_touch before update on codered.ux_snippets
  for each row execute function codered.touch_updated_at();
create trigger ux_snippets_events after insert or update or delete on codered.ux_snippets
  for each row execute function codered.append_event('ux_snippet');

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
revoke execute on function codered.create_checkpoint from public;
grant execute on function codered.create_checkpoint to authenticated, service_role;

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
revoke execute on function codered.read_latest_checkpoint from public;
grant execute on function codered.read_latest_checkpoint to authenticated, service_role;

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
revoke execute on function codered.read_project from public;
grant execute on function codered.read_project to authenticated, service_role;

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
revoke execute on function codered.resume_project from public;
grant execute on function codered.resume_project to authenticated, service_role;

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
revoke execute on function codered.project_context from public;
grant execute on function codered.project_context to authenticated, service_role;

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
  readable constant bigint[] := case when codered.is_member_call() then array(select codered.my_repositories()) end;
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
  -- What only says which words are not there is found by no index: all events of everybody would be read for it.
  if querytree(wanted) = 'T' then
    perform codered.refuse_value('search_events.query', left(search_events.query, 80), 'words that are to be found, each - beside one of them');
  end if;
  return query
    -- Materialized, or Postgres walks the project's whole history by time and parses every payload on the way.
    with found as materialized (
      select e.id, e.event_type, e.task_id, e.run_id, e.user_id, e.payload, e.created_at
      from codered.events e
      where to_tsvector('simple', e.payload) @@ wanted
        and e.project_id = search_events.project_id
        and (readable is null or e.repository_id is null or e.repository_id = any (readable))
        and e.created_at < coalesce(search_events.before, 'infinity')
    )
    select f.id, f.event_type, f.task_id, f.run_id, f.user_id, f.payload, f.created_at
    from found f
    order by f.created_at desc
    fetch first search_events.batch rows with ties;
end
$$;
comment on function codered.search_events(uuid, text, integer, timestamptz) is
  'The events of a project whose payload holds the words (all of them; "…" for a phrase, or, - as in a search engine), newest first, batch (1 to 500) at a time: before is the created_at of the last one had. Events of one transaction share their time and come together, so a page may be longer than batch and none is skipped. Refuses: CR002, CR004. Security definer, because under row security the text index can''t be used; membership and what may be read of its repositories are checked here.';
revoke execute on function codered.search_events from public;
grant execute on function codered.search_events to authenticated, service_role;

create function codered.check_lesson_source()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  source_table constant text := case new.source_type when 'agent_run' then 'agent_runs' when 'ci_event' then 'ci_events' end;
  is_there boolean;
begin
  -- The lesson outlives its source: only a new claim is checked.
  if source_table is null or new.source_id is null
    or (tg_op = 'UPDATE' and (new.project_id, new.source_type, new.source_id) = (old.project_id, old.source_type, old.source_id)) then
    return new;
  end if;
  execute format('select exists (select from codered.%I t where t.id = $1 and t.project_id = $2)', source_table)
    into is_there using new.source_id, new.project_id;
  if not is_there then
    raise exception 'lessons.source_id is "%": there is no such row of % in this project.', new.source_id, source_table
      using errcode = 'CR007', table = 'lessons', column = 'source_id', hint = 'Allowed: an id of the project that project_id names.';
  end if;
  return new;
end
$$;
comment on function codered.check_lesson_source() is
  'Refuses (CR007) a lesson whose agent run or CI event is not there or belongs to another project. Security definer, because what the caller may not see has to be refused in the same words as what is not there.';
revoke execute on function codered.check_lesson_source from public;

create trigger lessons_source before insert or update of project_id, source_type, source_id on codered.lessons
  for each row execute function codered.check_lesson_source();
