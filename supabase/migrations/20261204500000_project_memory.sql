-- What a project remembers is written and read through operations; the history can be followed without missing what is committed late; applications report errors. Old workers survive it: columns are added, the two functions that take one argument more are called as before.

alter table codered.decisions
  add column superseded_by uuid references codered.decisions (id) on delete set null;
comment on column codered.decisions.superseded_by is 'The later decision that stands in its place; null: it stands.';
create index decisions_superseded_by_idx on codered.decisions (superseded_by);
grant update (superseded_by) on codered.decisions to authenticated;

alter table codered.agent_sessions
  add column notes integer not null default 0,
  add column ended_at timestamptz;
comment on column codered.agent_sessions.notes is 'How often something was noted: what it was is the person''s, that it was is the project''s history.';
comment on column codered.agent_sessions.ended_at is 'When it was ended; nothing is noted after that. Null: it goes on.';

alter table codered.ux_snippets add column deleted_at timestamptz;
comment on column codered.ux_snippets.deleted_at is 'Retired: nobody is shown it any more.';
grant update (deleted_at) on codered.ux_snippets to authenticated;

alter table codered.errors
  add column last_seen_at timestamptz,
  add column environment text,
  add column release text,
  add column commit_sha text,
  add column context jsonb,
  add column resolved_at timestamptz,
  add column resolved_by uuid references codered.profiles (id) on delete set null,
  add constraint errors_environment_length check (
    char_length(environment) between 1 and 200 or codered.refuse_value('errors.environment', environment, '1 to 200 characters')),
  add constraint errors_release_length check (char_length(release) between 1 and 200 or codered.refuse_value('errors.release', release, '1 to 200 characters')),
  add constraint errors_commit_sha_check check (
    commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('errors.commit_sha', commit_sha, '40 or 64 hexadecimal digits')),
  add constraint errors_context_check check (
    (jsonb_typeof(context) = 'object' and octet_length(context::text) <= 32768)
    or codered.refuse_value('errors.context', left(context::text, 80), 'a JSON object of at most 32768 bytes'));
comment on column codered.errors.error_code is 'Of an error that an application reported: its kind (TypeError, 23505).';
comment on column codered.errors.last_seen_at is 'Of an error that an application reported: when it said that it happened last.';
comment on column codered.errors.environment is 'Where an application was when it reported it last; its own word.';
comment on column codered.errors.release is 'Which of its releases it was last; its own word. commit_sha: of which commit.';
comment on column codered.errors.context is 'What an application told beside it, redacted; goes with the excerpt.';
comment on column codered.errors.resolved_at is 'When somebody said that it is done with; null again as soon as an application reports it once more.';
create index errors_resolved_by_idx on codered.errors (resolved_by);
create index errors_runtime_idx on codered.errors (project_id, created_at) where source = 'runtime';

comment on table codered.task_runs is 'One pass over a task, of an agent or a person.';
create policy task_runs_insert on codered.task_runs for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy task_runs_update on codered.task_runs for update to authenticated
  using (project_id in (select codered.my_projects()) and status in ('planned', 'running'))
  with check (project_id in (select codered.my_projects()));
grant insert (id, task_id, project_id, agent_run_id, phase, status, summary) on codered.task_runs to authenticated;
grant update (status, summary) on codered.task_runs to authenticated;

create index events_project_place_idx on codered.events (project_id, id);

drop function codered.list_projects(integer, text);
drop function codered.update_task(uuid, jsonb);

create trigger task_runs_events after insert or update or delete on codered.task_runs
  for each row execute function codered.append_event('task_run');
create trigger decisions_same_project before insert or update of project_id, superseded_by on codered.decisions
  for each row execute function codered.refuse_foreign_project('superseded_by:decisions');
create trigger agent_sessions_events after insert or update or delete on codered.agent_sessions
  for each row execute function codered.append_event('agent_session', 'summary,snapshot');
create trigger ux_snippets_events after insert or update or delete on codered.ux_snippets
  for each row execute function codered.append_event('ux_snippet');
create policy errors_settle on codered.errors for update to authenticated using (
  case
    when ci_event_id is not null then (select true from codered.ci_events e where e.id = errors.ci_event_id)
    when ci_job_id is not null then (select true from codered.ci_jobs j where j.id = errors.ci_job_id)
    when deployment_id is not null then (select true from codered.deployments d where d.id = errors.deployment_id)
    else project_id in (select codered.my_projects())
  end
);
grant update (resolved_at) on codered.errors to authenticated;

create or replace function codered.slug_of(name text)
returns text
language sql
immutable
set search_path = ''
as $$
  select coalesce(nullif(btrim(regexp_replace(lower(name), '[^a-z0-9]+', '_', 'g'), '_'), ''), 'project')
$$;

comment on function codered.slug_of(text) is 'A name as a slug: lower case, every other character an underscore.';

revoke execute on function codered.slug_of from public;

grant execute on function codered.slug_of to authenticated, service_role;

create or replace function codered.append_event()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  thing constant text := tg_argv[0];
  quiet constant text[] := array['updated_at', 'created_at'] || string_to_array(coalesce(tg_argv[1], ''), ',');
  before constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  after constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  there constant jsonb := coalesce(after, before);
  changed jsonb;
  what text;
begin
  -- What is erased must not be told once more by the history; erase_rows appends an event of its own.
  if tg_op in ('UPDATE', 'DELETE') and current_setting('codered.erasing', true) = 'on' then
    return null;
  end if;
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(
      a.key,
      jsonb_build_array(
        case when length(b.value::text) <= 1000 then b.value end,
        case when length(a.value::text) <= 1000 then a.value end
      )
    )
    into changed
    from jsonb_each(after) a
    join jsonb_each(before) b on b.key = a.key
    where a.value is distinct from b.value and a.key <> all (quiet);
    if changed is null then
      return null;
    end if;
  end if;
  what := case
    when tg_op = 'INSERT' then 'created'
    when tg_op = 'DELETE' then 'deleted'
    when changed ? 'deleted_at' and after ->> 'deleted_at' is not null then 'retired'
    when changed ? 'deleted_at' then 'restored'
    when changed ? 'revoked_at' and after ->> 'revoked_at' is not null then 'revoked'
    when changed ? 'status' then 'status_changed'
    when changed ? 'locked_by' and after ->> 'locked_by' is null then 'released'
    when changed ? 'locked_at' then 'locked'
    else 'updated'
  end;
  insert into codered.events (project_id, repository_id, run_id, task_id, user_id, event_type, payload)
  values (
    case when thing = 'project' then (there ->> 'id')::uuid else (there ->> 'project_id')::uuid end,
    (there ->> 'repository_id')::bigint,
    case when thing = 'run' then (there ->> 'id')::uuid else (there ->> 'run_id')::uuid end,
    case
      when thing = 'task' then (there ->> 'id')::uuid
      when there ->> 'target_type' = 'task' then (there ->> 'target_id')::uuid
      else (there ->> 'task_id')::uuid
    end,
    (select auth.uid()),
    thing || '.' || what,
    jsonb_strip_nulls(jsonb_build_object(
      'id', there -> 'id',
      'name', left(coalesce(there ->> 'title', there ->> 'name', there ->> 'label', there ->> 'display_name', there ->> 'criterion', there ->> 'file_name', there ->> 'path'), 200),
      'status', coalesce(there -> 'status', 'null')
    )) || case when changed is null then '{}' else jsonb_build_object('changed', changed) end
  );
  return null;
end
$$;

comment on function codered.append_event() is
  'After every change of a project, task, checkpoint, decision, run or override: one row of events in the same transaction. First argument: what the thing is called; second: columns whose change alone is no event. Security definer, because events of these types are nobody''s to write.';

revoke execute on function codered.append_event from public;

create or replace function codered.check_unchanged(what text, expected timestamptz, present timestamptz)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if expected <> present then
    raise exception '% was changed at %, after what you read of it: read it again.', what, to_json(present) #>> '{}'
      using errcode = 'CR014', detail = jsonb_build_object('updated_at', present)::text;
  end if;
end
$$;

comment on function codered.check_unchanged(text, timestamptz, timestamptz) is
  'Refuses (CR014, naming the present time) a change that was made up from an older row: expected is the updated_at that its writer had read, null where they did not say. Called under the row''s lock.';

revoke execute on function codered.check_unchanged from public;

grant execute on function codered.check_unchanged to authenticated, service_role;

create or replace function codered.describe_project(project codered.projects)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select to_jsonb(project) || jsonb_build_object(
    'org', (select o.login from codered.orgs o where o.id = project.org_id),
    'schema_name', (
      select n.nspname
      from pg_catalog.pg_namespace n
      where n.nspname = 'codered_' || project.slug
        and pg_catalog.obj_description(n.oid, 'pg_namespace') = format('Of the project %s; made by codered.create_project_schema.', project.id)
    ))
$$;

comment on function codered.describe_project(codered.projects) is
  'A project as the operations tell it: its columns, org (the organisation''s login, null for one of somebody''s own) and schema_name (of the schema for its own tables; null where none was made).';

revoke execute on function codered.describe_project from public;

grant execute on function codered.describe_project to authenticated, service_role;

create or replace function codered.merge_rules(rules jsonb, changes jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  merged constant jsonb := (
    select coalesce(jsonb_object_agg(e.key, e.value), '{}')
    from jsonb_each(coalesce(merge_rules.rules, '{}') || coalesce(merge_rules.changes, '{}')) as e
    where e.value <> 'null'
  );
begin
  if octet_length(merged::text) > 65536 then
    perform codered.refuse_value('projects.rules', octet_length(merged::text), 'at most 65536 bytes');
  end if;
  return merged;
end
$$;

comment on function codered.merge_rules(jsonb, jsonb) is
  'The rules of a project with those that changes names in the place of the old; null takes one away. Refuses CR002 (over 64 KB).';

revoke execute on function codered.merge_rules from public;

grant execute on function codered.merge_rules to authenticated, service_role;

create or replace function codered.create_project(project jsonb, org text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  new_id constant uuid := gen_random_uuid();
  most constant integer := case when create_project.org is null then 200 else 1000 end;
  home uuid;
  made codered.projects;
begin
  if create_project.org is not null then
    select o.id into home
    from codered.orgs o
    where lower(o.login) = lower(create_project.org) and o.id in (select codered.my_orgs());
    if not found then
      raise exception 'There is no such organisation that you are in.' using errcode = 'CR004';
    end if;
    if home not in (select codered.my_orgs('maintainer')) then
      raise exception 'A project of an organisation is made by its maintainers.' using errcode = 'CR008';
    end if;
  end if;
  if (
    select count(*)
    from (
      select
      from codered.projects p
      where p.org_id is not distinct from home and (home is not null or p.owner_user_id = (select auth.uid()))
      limit most
    ) as there
  ) >= most then
    raise exception 'There are % projects already, the most that there may be, retired ones among them.', most using errcode = 'CR003';
  end if;
  -- Digits of the id in every slug: a name that is taken would tell that somebody else has a project of it.
  insert into codered.projects (id, org_id, slug, name, description, owner_user_id, rules, mode, tech_stack)
  select
    new_id, home, left(codered.slug_of(w.name), 40) || '_' || left(new_id::text, 8), w.name, w.description, (select auth.uid()),
    codered.merge_rules('{}', w.rules), coalesce(w.mode, 'builder'), w.tech_stack
  from jsonb_populate_record(null::codered.projects, create_project.project) as w
  returning * into made;
  return codered.describe_project(made);
end
$$;

comment on function codered.create_project(jsonb, text) is
  'Makes a project of the caller''s own, or in an organisation (its login) of which they are a maintainer; its slug is made of its name and its id. Returns describe_project. Refuses CR002 (a value), CR003 (200 of one''s own, 1,000 in an organisation), CR004 (no such organisation, or not in it), CR008 (not a maintainer).';

revoke execute on function codered.create_project from public;

grant execute on function codered.create_project to authenticated, service_role;

create or replace function codered.read_project_details(project_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  project codered.projects;
begin
  select p.* into project
  from codered.projects p
  where p.id = read_project_details.project_id and (not codered.is_member_call() or p.id in (select codered.my_projects()));
  if not found then
    perform codered.refuse_missing('project', read_project_details.project_id::text);
  end if;
  return codered.describe_project(project);
end
$$;

comment on function codered.read_project_details(uuid) is
  'All that is known of a project, also of a retired one (deleted_at): describe_project, the requirements and the architecture among it. Refuses CR004.';

revoke execute on function codered.read_project_details from public;

grant execute on function codered.read_project_details to authenticated, service_role;

create or replace function codered.update_project(project_id uuid, changes jsonb, expected_updated_at timestamptz default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  old_rules jsonb;
  made codered.projects;
begin
  perform codered.require_project(update_project.project_id);
  -- Row security hides from a member who is no maintainer what they may not change.
  select p.* into made from codered.projects p where p.id = update_project.project_id for no key update;
  if not found then
    raise exception 'Project "%" is changed by a maintainer of its organisation or by its owner.', update_project.project_id using errcode = 'CR008';
  end if;
  perform codered.check_unchanged('The project', update_project.expected_updated_at, made.updated_at);
  old_rules := made.rules;
  made := jsonb_populate_record(made, update_project.changes - 'rules');
  if made.status = 'archived' then
    perform codered.refuse_value('projects.status', made.status, 'active, paused; archived by retire_project');
  end if;
  update codered.projects p
  set (name, description, status, rules, mode, phase, tech_stack) = (
    made.name, made.description, made.status, codered.merge_rules(old_rules, nullif(update_project.changes -> 'rules', 'null')),
    made.mode, made.phase, made.tech_stack)
  where p.id = update_project.project_id
  returning p.* into made;
  if not found then
    raise exception 'Project "%" is changed by a maintainer of its organisation or by its owner.', update_project.project_id using errcode = 'CR008';
  end if;
  return codered.describe_project(made);
end
$$;

comment on function codered.update_project(uuid, jsonb, timestamptz) is
  'Changes what changes names of a project (name, description, status, rules, mode, phase, tech_stack), and nothing else; of the rules only those that are named, null takes one away. Refuses CR002 (a value), CR003 (retired), CR004 (no such project), CR008 (neither maintainer nor owner), CR014 (changed after expected_updated_at).';

revoke execute on function codered.update_project from public;

grant execute on function codered.update_project to authenticated, service_role;

create or replace function codered.hold_event_place()
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
create or replace trigger events_place before insert on codered.events
  for each statement execute function codered.hold_event_place();

create or replace function codered.settled_events()
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

create or replace function codered.list_events(
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
  -- Two statements, so that an index has the order of each.
  if list_events.direction = 'newest' then
    return (
      select coalesce(jsonb_agg(to_jsonb(page) order by page.id desc), '[]')
      from (
        select e.id, e.event_type, e.task_id, e.run_id, e.user_id, e.payload, e.created_at
        from codered.events e
        where e.project_id = list_events.project_id
          and e.id <= span.settled
          and e.id < coalesce(list_events.beyond_event, 9223372036854775807)
          and e.id > coalesce(list_events.after_event, 0)
          and (list_events.event_type is null or e.event_type = list_events.event_type)
          and (list_events.task_id is null or e.task_id = list_events.task_id)
          and (list_events.run_id is null or e.run_id = list_events.run_id)
          and (list_events.since is null or e.created_at >= list_events.since)
          and (list_events.until is null or e.created_at < list_events.until)
        order by e.id desc
        -- One more than asked for tells whether there are more.
        limit list_events.batch + 1
      ) as page
    );
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(page) order by page.id), '[]')
    from (
      select e.id, e.event_type, e.task_id, e.run_id, e.user_id, e.payload, e.created_at
      from codered.events e
      where e.project_id = list_events.project_id
        and e.id <= span.settled
        and e.id > greatest(list_events.beyond_event, list_events.after_event, 0)
        and (list_events.event_type is null or e.event_type = list_events.event_type)
        and (list_events.task_id is null or e.task_id = list_events.task_id)
        and (list_events.run_id is null or e.run_id = list_events.run_id)
        and (list_events.since is null or e.created_at >= list_events.since)
        and (list_events.until is null or e.created_at < list_events.until)
      order by e.id
      -- One more than asked for tells whether there are more.
      limit list_events.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_events(uuid, integer, text, bigint, bigint, text, uuid, uuid, timestamptz, timestamptz) is
  'The events of a project, newest or oldest first, beyond an event in that order, those that came after an event (after_event), of a type, a task, a run, from since (it too) until (not it): one more than batch when there are more. What is listed is settled: nothing comes between two of them later, so whoever goes on from the last one had, oldest first, misses none; while a transaction that writes events is open, those after it wait. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR015 (what followed the place is no longer kept). Not stable, as each of its statements has to see what was committed before it.';

revoke execute on function codered.list_events from public;

grant execute on function codered.list_events to authenticated, service_role;

create or replace function codered.list_projects(batch integer default 50, after_slug text default null, retired boolean default false)
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

create or replace function codered.update_task(task_id uuid, changes jsonb, expected_updated_at timestamptz default null)
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

create or replace function codered.list_milestones(
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

create or replace function codered.create_milestone(project_id uuid, milestone jsonb)
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

create or replace function codered.update_milestone(milestone_id uuid, changes jsonb, expected_updated_at timestamptz default null)
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

create or replace function codered.delete_milestone(milestone_id uuid)
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

create or replace function codered.read_task(task_id uuid)
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

create or replace function codered.delete_task(task_id uuid)
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

create or replace function codered.start_task_run(
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

create or replace function codered.finish_task_run(task_run_id uuid, status text, summary text default null)
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

create or replace function codered.list_task_runs(
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

create or replace function codered.override_task(task_id uuid, override_type text, reason text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  home uuid;
  made codered.user_overrides;
begin
  select t.project_id into home from codered.tasks t where t.id = override_task.task_id and t.deleted_at is null;
  if not found then
    perform codered.refuse_missing('task', override_task.task_id::text);
  end if;
  perform codered.require_project(home);
  if (override_task.override_type in ('cynic_reject', 'agent_override')) is not true then
    perform codered.refuse_value(
      'user_overrides.override_type', coalesce(override_task.override_type, 'null'), 'cynic_reject, agent_override');
  end if;
  insert into codered.user_overrides (project_id, user_id, override_type, target_type, target_id, reason)
  values (home, (select auth.uid()), override_task.override_type, 'task', override_task.task_id, override_task.reason)
  returning * into made;
  return to_jsonb(made);
end
$$;

comment on function codered.override_task(uuid, text, text) is
  'Writes down that a person overruled what an agent said of a task, and why: cynic_reject, what the Cynic rejected stands; agent_override, something else that an agent did or decided does not. It is a record with its event, opens no gate and changes no task. Any member may, under their own name. Refuses CR002, CR003 (project retired), CR004.';

revoke execute on function codered.override_task from public;

grant execute on function codered.override_task to authenticated, service_role;

create or replace function codered.list_task_overrides(
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

create or replace function codered.list_decisions(
  project_id uuid, standing boolean default false, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_decisions.project_id);
  perform codered.check_batch('batch', list_decisions.batch);
  perform codered.check_place('before_id', num_nulls(list_decisions.before_created_at, list_decisions.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{description,rationale,options_considered,options}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select d.*
      from codered.decisions d
      where d.project_id = list_decisions.project_id
        and (list_decisions.standing is not true or d.superseded_by is null)
        and (list_decisions.before_id is null or (d.created_at, d.id) < (list_decisions.before_created_at, list_decisions.before_id))
      order by d.created_at desc, d.id desc
      -- One more than asked for tells whether there are more.
      limit list_decisions.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_decisions(uuid, boolean, integer, timestamptz, uuid) is
  'The decisions of a project without their long texts, all or those that stand (that none took the place of), newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_decisions from public;

grant execute on function codered.list_decisions to authenticated, service_role;

create or replace function codered.read_decision(decision_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_row codered.decisions;
begin
  select d.* into found_row from codered.decisions d where d.id = read_decision.decision_id;
  if not found then
    perform codered.refuse_missing('decision', read_decision.decision_id::text);
  end if;
  perform codered.require_project(found_row.project_id);
  return to_jsonb(found_row);
end
$$;

comment on function codered.read_decision(uuid) is 'A decision, whole. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_decision from public;

grant execute on function codered.read_decision to authenticated, service_role;

create or replace function codered.update_decision(decision_id uuid, changes jsonb, expected_updated_at timestamptz default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.decisions;
begin
  perform codered.require_project(d.project_id) from codered.decisions d where d.id = update_decision.decision_id;
  select d.* into made from codered.decisions d where d.id = update_decision.decision_id for no key update;
  if not found then
    perform codered.refuse_missing('decision', update_decision.decision_id::text);
  end if;
  perform codered.check_unchanged('The decision', update_decision.expected_updated_at, made.updated_at);
  if made.superseded_by is not null then
    raise exception 'Decision "%" took the place of this one: change that.', made.superseded_by using errcode = 'CR003';
  end if;
  made := jsonb_populate_record(made, update_decision.changes);
  update codered.decisions d
  set (title, description, domain, decision_type, rationale, options_considered, options, choice, decision_maker)
    = (made.title, made.description, made.domain, made.decision_type, made.rationale, made.options_considered, made.options,
      made.choice, made.decision_maker)
  where d.id = update_decision.decision_id
  returning d.* into made;
  return to_jsonb(made);
end
$$;

comment on function codered.update_decision(uuid, jsonb, timestamptz) is
  'Changes what changes names of a decision, and nothing else; null empties. Refuses CR002, CR003 (another took its place, or project retired), CR004, CR014 (changed after expected_updated_at).';

revoke execute on function codered.update_decision from public;

grant execute on function codered.update_decision to authenticated, service_role;

create or replace function codered.supersede_decision(decision_id uuid, decision jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  earlier codered.decisions;
  made uuid;
begin
  perform codered.require_project(d.project_id) from codered.decisions d where d.id = supersede_decision.decision_id;
  select d.* into earlier from codered.decisions d where d.id = supersede_decision.decision_id for no key update;
  if not found then
    perform codered.refuse_missing('decision', supersede_decision.decision_id::text);
  end if;
  if earlier.superseded_by is not null then
    raise exception 'Decision "%" took the place of this one already: supersede that.', earlier.superseded_by using errcode = 'CR003';
  end if;
  made := codered.record_decision(earlier.project_id, supersede_decision.decision) ->> 'id';
  update codered.decisions d set superseded_by = made where d.id = earlier.id;
  return (select to_jsonb(d) || jsonb_build_object('supersedes', earlier.id) from codered.decisions d where d.id = made);
end
$$;

comment on function codered.supersede_decision(uuid, jsonb) is
  'Writes down a decision that takes the place of an earlier one, which stays as it was and points at it. Returns the new one, with supersedes. Refuses CR002, CR003 (another took its place already, or project retired), CR004.';

revoke execute on function codered.supersede_decision from public;

grant execute on function codered.supersede_decision to authenticated, service_role;

create or replace function codered.record_lesson(project_id uuid, lesson jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.lessons;
begin
  perform codered.require_project(record_lesson.project_id);
  insert into codered.lessons (project_id, title, description, domain_tags, source_type, source_id, impact_axes, severity)
  select
    record_lesson.project_id, w.title, w.description, coalesce(w.domain_tags, '{}'), coalesce(w.source_type, 'manual'), w.source_id,
    coalesce(w.impact_axes, '{}'), coalesce(w.severity, 'minor')
  from jsonb_populate_record(null::codered.lessons, record_lesson.lesson) as w
  returning * into made;
  return to_jsonb(made);
end
$$;

comment on function codered.record_lesson(uuid, jsonb) is
  'Writes down what was learned. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR007 (an agent''s run or CI event of another project).';

revoke execute on function codered.record_lesson from public;

grant execute on function codered.record_lesson to authenticated, service_role;

create or replace function codered.list_lessons(
  project_id uuid, query text default null, domain_tag text default null, severity text default null, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_lessons.project_id);
  perform codered.check_batch('batch', list_lessons.batch);
  perform codered.check_place('before_id', num_nulls(list_lessons.before_created_at, list_lessons.before_id), 2);
  if list_lessons.query is not null and char_length(btrim(list_lessons.query)) not between 1 and 1000 then
    perform codered.refuse_value('list_lessons.query', list_lessons.query, '1 to 1000 characters');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(page) order by page.created_at desc, page.id desc), '[]')
    from (
      select l.*
      from codered.lessons l
      where l.project_id = list_lessons.project_id
        and (list_lessons.severity is null or l.severity = list_lessons.severity)
        and (list_lessons.domain_tag is null or list_lessons.domain_tag = any (l.domain_tags))
        and (
          list_lessons.query is null
          or to_tsvector('simple', concat_ws(' ', l.title, l.description, array_to_string(l.domain_tags, ' ')))
            @@ websearch_to_tsquery('simple', list_lessons.query)
        )
        and (list_lessons.before_id is null or (l.created_at, l.id) < (list_lessons.before_created_at, list_lessons.before_id))
      order by l.created_at desc, l.id desc
      -- One more than asked for tells whether there are more.
      limit list_lessons.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_lessons(uuid, text, text, text, integer, timestamptz, uuid) is
  'The lessons of a project, or those that hold the words of query (as in a search engine), bear a tag or are so severe, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_lessons from public;

grant execute on function codered.list_lessons to authenticated, service_role;

create or replace function codered.record_ux_snippet(project_id uuid, snippet jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.ux_snippets;
begin
  perform codered.require_project(record_ux_snippet.project_id);
  insert into codered.ux_snippets (project_id, name, description, tech_stack, code_sample, preview_url, tags, quality_score, approved_by)
  select
    record_ux_snippet.project_id, w.name, w.description, coalesce(w.tech_stack, '{}'), w.code_sample, w.preview_url,
    coalesce(w.tags, '{}'), w.quality_score, w.approved_by
  from jsonb_populate_record(null::codered.ux_snippets, record_ux_snippet.snippet) as w
  returning * into made;
  return to_jsonb(made);
end
$$;

comment on function codered.record_ux_snippet(uuid, jsonb) is
  'Keeps a piece of user interface that is worth using again in the project. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.record_ux_snippet from public;

grant execute on function codered.record_ux_snippet to authenticated, service_role;

create or replace function codered.list_ux_snippets(
  project_id uuid, query text default null, tag text default null, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_ux_snippets.project_id);
  perform codered.check_batch('batch', list_ux_snippets.batch);
  perform codered.check_place('before_id', num_nulls(list_ux_snippets.before_created_at, list_ux_snippets.before_id), 2);
  if list_ux_snippets.query is not null and char_length(btrim(list_ux_snippets.query)) not between 1 and 1000 then
    perform codered.refuse_value('list_ux_snippets.query', list_ux_snippets.query, '1 to 1000 characters');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{code_sample}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select s.*
      from codered.ux_snippets s
      where (s.project_id = list_ux_snippets.project_id or s.project_id is null)
        and s.deleted_at is null
        and (list_ux_snippets.tag is null or list_ux_snippets.tag = any (s.tags))
        and (
          list_ux_snippets.query is null
          or to_tsvector(
              'simple', concat_ws(' ', s.name, s.description, array_to_string(s.tags, ' '), array_to_string(s.tech_stack, ' ')))
            @@ websearch_to_tsquery('simple', list_ux_snippets.query)
        )
        and (list_ux_snippets.before_id is null or (s.created_at, s.id) < (list_ux_snippets.before_created_at, list_ux_snippets.before_id))
      order by s.created_at desc, s.id desc
      -- One more than asked for tells whether there are more.
      limit list_ux_snippets.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_ux_snippets(uuid, text, text, integer, timestamptz, uuid) is
  'The pieces of user interface of a project and those for every project, without their code, or those that hold the words of query (as in a search engine) or bear a tag, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_ux_snippets from public;

grant execute on function codered.list_ux_snippets to authenticated, service_role;

create or replace function codered.read_ux_snippet(snippet_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_row codered.ux_snippets;
begin
  select s.* into found_row from codered.ux_snippets s where s.id = read_ux_snippet.snippet_id and s.deleted_at is null;
  if not found then
    perform codered.refuse_missing('piece of user interface', read_ux_snippet.snippet_id::text);
  end if;
  if found_row.project_id is not null then
    perform codered.require_project(found_row.project_id);
  end if;
  return to_jsonb(found_row);
end
$$;

comment on function codered.read_ux_snippet(uuid) is 'A piece of user interface with its code, of a project or for every one. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_ux_snippet from public;

grant execute on function codered.read_ux_snippet to authenticated, service_role;

create or replace function codered.retire_ux_snippet(snippet_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.ux_snippets;
begin
  select s.* into made from codered.ux_snippets s where s.id = retire_ux_snippet.snippet_id;
  if not found then
    perform codered.refuse_missing('piece of user interface', retire_ux_snippet.snippet_id::text);
  end if;
  if made.project_id is not null then
    perform codered.require_project(made.project_id);
  end if;
  update codered.ux_snippets s
  set deleted_at = coalesce(s.deleted_at, now())
  where s.id = retire_ux_snippet.snippet_id
  returning s.* into made;
  if not found then
    raise exception 'What is for every project is retired by the operator.' using errcode = 'CR008';
  end if;
  return to_jsonb(made);
end
$$;

comment on function codered.retire_ux_snippet(uuid) is
  'Shows a piece of user interface to nobody any more, and keeps it; twice the same. Any member of its project may. Refuses CR003 (project retired), CR004, CR008 (one for every project).';

revoke execute on function codered.retire_ux_snippet from public;

grant execute on function codered.retire_ux_snippet to authenticated, service_role;

create or replace function codered.list_checkpoints(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_checkpoints.project_id);
  perform codered.check_batch('batch', list_checkpoints.batch);
  perform codered.check_place('before_id', num_nulls(list_checkpoints.before_created_at, list_checkpoints.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{snapshot,resume_instructions}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select c.*
      from codered.checkpoints c
      where c.project_id = list_checkpoints.project_id
        and (list_checkpoints.before_id is null or (c.created_at, c.id) < (list_checkpoints.before_created_at, list_checkpoints.before_id))
      order by c.created_at desc, c.id desc
      -- One more than asked for tells whether there are more.
      limit list_checkpoints.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_checkpoints(uuid, integer, timestamptz, uuid) is
  'The checkpoints of a project without instructions and snapshots, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_checkpoints from public;

grant execute on function codered.list_checkpoints to authenticated, service_role;

create or replace function codered.read_checkpoint(checkpoint_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_row codered.checkpoints;
begin
  select c.* into found_row from codered.checkpoints c where c.id = read_checkpoint.checkpoint_id;
  if not found then
    perform codered.refuse_missing('checkpoint', read_checkpoint.checkpoint_id::text);
  end if;
  perform codered.require_project(found_row.project_id);
  return to_jsonb(found_row);
end
$$;

comment on function codered.read_checkpoint(uuid) is 'A checkpoint, whole. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_checkpoint from public;

grant execute on function codered.read_checkpoint to authenticated, service_role;

create or replace function codered.start_agent_session(project_id uuid, summary text default null, snapshot jsonb default '{}')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.agent_sessions;
begin
  perform codered.require_project(start_agent_session.project_id);
  insert into codered.agent_sessions (project_id, user_id, summary, snapshot)
  values (
    start_agent_session.project_id, (select auth.uid()), start_agent_session.summary, coalesce(start_agent_session.snapshot, '{}'))
  returning * into made;
  return to_jsonb(made);
end
$$;

comment on function codered.start_agent_session(uuid, text, jsonb) is
  'Begins a session of an agent with the caller, whom alone it is for; the project''s history tells that there is one, and nothing of what it holds. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.start_agent_session from public;

grant execute on function codered.start_agent_session to authenticated, service_role;

create or replace function codered.list_agent_sessions(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_agent_sessions.project_id);
  perform codered.check_batch('batch', list_agent_sessions.batch);
  perform codered.check_place('before_id', num_nulls(list_agent_sessions.before_created_at, list_agent_sessions.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{snapshot}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select s.*
      from codered.agent_sessions s
      where s.project_id = list_agent_sessions.project_id and s.user_id = (select auth.uid())
        and (list_agent_sessions.before_id is null or (s.created_at, s.id) < (list_agent_sessions.before_created_at, list_agent_sessions.before_id))
      order by s.created_at desc, s.id desc
      -- One more than asked for tells whether there are more.
      limit list_agent_sessions.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_agent_sessions(uuid, integer, timestamptz, uuid) is
  'The callers own sessions in a project without their snapshots, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_agent_sessions from public;

grant execute on function codered.list_agent_sessions to authenticated, service_role;

create or replace function codered.read_agent_session(agent_session_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_row codered.agent_sessions;
begin
  select s.* into found_row from codered.agent_sessions s where s.id = read_agent_session.agent_session_id and s.user_id = (select auth.uid());
  if not found then
    perform codered.refuse_missing('session of yours', read_agent_session.agent_session_id::text);
  end if;
  perform codered.require_project(found_row.project_id);
  return to_jsonb(found_row);
end
$$;

comment on function codered.read_agent_session(uuid) is 'A session of the callers own, whole. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_agent_session from public;

grant execute on function codered.read_agent_session to authenticated, service_role;

create or replace function codered.note_in_session(
  agent_session_id uuid, summary text default null, snapshot jsonb default null, ends boolean default false)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.agent_sessions;
begin
  perform codered.require_project(s.project_id)
  from codered.agent_sessions s
  where s.id = note_in_session.agent_session_id and s.user_id = (select auth.uid());
  select s.* into made
  from codered.agent_sessions s
  where s.id = note_in_session.agent_session_id and s.user_id = (select auth.uid())
  for no key update;
  if not found then
    perform codered.refuse_missing('session of yours', note_in_session.agent_session_id::text);
  end if;
  if made.ended_at is not null then
    if note_in_session.ends and coalesce(note_in_session.summary, made.summary) is not distinct from made.summary then
      return to_jsonb(made);
    end if;
    perform codered.refuse_state('agent_sessions.ended_at', made.ended_at::text, 'a session that goes on');
  end if;
  update codered.agent_sessions s
  set
    summary = coalesce(note_in_session.summary, s.summary),
    snapshot = s.snapshot || coalesce(note_in_session.snapshot, '{}'),
    notes = s.notes + 1,
    ended_at = case when note_in_session.ends then now() end
  where s.id = made.id
  returning s.* into made;
  return to_jsonb(made);
end
$$;

comment on function codered.note_in_session(uuid, text, jsonb, boolean) is
  'Writes into a session of the caller''s own: another summary, keys of the snapshot beside or in the place of those that are there; ends: nothing is noted after this. Ended once more it stays as it is. Refuses CR002, CR003 (it was ended, or project retired), CR004.';

revoke execute on function codered.note_in_session from public;

grant execute on function codered.note_in_session to authenticated, service_role;

create or replace function codered.beyond_kept_errors(project_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select
    (
      select count(*)
      from (
        select
        from codered.errors e
        where e.project_id = beyond_kept_errors.project_id and e.source = 'runtime' and e.created_at > now() - interval '1 hour'
        limit 200
      ) as within_the_hour
    ) >= 200
    or (
      select count(*)
      from (select from codered.errors e where e.project_id = beyond_kept_errors.project_id and e.source = 'runtime' limit 10000) as ever
    ) >= 10000
$$;

comment on function codered.beyond_kept_errors(uuid) is
  'Whether a project has as many kinds of reported errors as are kept: 200 new ones in an hour, 10,000 in all. Called by report_error.';

revoke execute on function codered.beyond_kept_errors from public;

grant execute on function codered.beyond_kept_errors to service_role;

create or replace function codered.report_error(project_id uuid, report jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  beyond constant text := '0000000000000000';
  severities constant text[] := '{info,warning,error,critical}';
  told record;
  before codered.errors;
  made codered.errors;
  is_new boolean;
begin
  perform codered.require_project(report_error.project_id);
  select r.* into told
  from jsonb_to_record(report_error.report) as r (
    fingerprint text, message text, kind text, severity text, excerpt text, environment text, release text, commit_sha text,
    occurred_at timestamptz, count integer, context jsonb);
  if (told.fingerprint ~ '^[0-9a-f]{16}$' and told.fingerprint <> beyond) is not true then
    perform codered.refuse_value('errors.fingerprint', coalesce(told.fingerprint, 'null'), '16 hexadecimal digits');
  end if;
  if (char_length(told.message) between 1 and 4096) is not true then
    perform codered.refuse_value('errors.message', coalesce(told.message, 'null'), '1 to 4096 characters');
  end if;
  if char_length(told.kind) > 200 then
    perform codered.refuse_value('errors.error_code', told.kind, 'at most 200 characters');
  end if;
  told.count := coalesce(told.count, 1);
  if told.count not between 1 and 1000000 then
    perform codered.refuse_value('errors.occurrences', told.count, '1 to 1000000');
  end if;
  -- A clock that is ahead of ours tells nothing of the future.
  told.occurred_at := least(coalesce(told.occurred_at, now()), now());
  -- Locked, so that of two at once the second sees what the first made of it.
  select e.* into before
  from codered.errors e
  where e.project_id = report_error.project_id and e.source = 'runtime' and e.fingerprint = told.fingerprint
  for no key update;
  if not found and codered.beyond_kept_errors(report_error.project_id) then
    told.fingerprint := beyond;
    told.message := 'More kinds of errors were reported than are kept: these were counted, and what they said is gone';
    told.kind := null;
    told.excerpt := null;
    told.context := null;
    select e.* into before
    from codered.errors e
    where e.project_id = report_error.project_id and e.source = 'runtime' and e.fingerprint = beyond
    for no key update;
  end if;
  insert into codered.errors as e (
    project_id, source, fingerprint, message, error_code, severity, excerpt, environment, release, commit_sha, first_seen_at,
    last_seen_at, occurrences, context)
  values (
    report_error.project_id, 'runtime', told.fingerprint, told.message, told.kind, coalesce(told.severity, 'error'), told.excerpt,
    told.environment, told.release, told.commit_sha, told.occurred_at, told.occurred_at, told.count, told.context)
  on conflict on constraint errors_failure_key do update
  set
    severity = severities[greatest(array_position(severities, e.severity), array_position(severities, excluded.severity))],
    environment = case when excluded.last_seen_at >= e.last_seen_at then coalesce(excluded.environment, e.environment) else e.environment end,
    release = case when excluded.last_seen_at >= e.last_seen_at then coalesce(excluded.release, e.release) else e.release end,
    commit_sha = case when excluded.last_seen_at >= e.last_seen_at then coalesce(excluded.commit_sha, e.commit_sha) else e.commit_sha end,
    first_seen_at = least(e.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(e.last_seen_at, excluded.last_seen_at),
    occurrences = least(e.occurrences::bigint + excluded.occurrences, 2147483647)::integer,
    resolved_at = null,
    resolved_by = null
  returning e.* into made;
  is_new := made.occurrences = told.count and before.id is null;
  if is_new then
    insert into codered.events (project_id, user_id, event_type, payload)
    values (
      made.project_id, (select auth.uid()), 'error.reported',
      jsonb_strip_nulls(jsonb_build_object(
        'id', made.id, 'name', left(made.message, 200), 'severity', made.severity, 'environment', made.environment, 'release', made.release)));
  end if;
  return to_jsonb(made) || jsonb_build_object('is_new', is_new, 'is_kept', made.fingerprint <> beyond);
end
$$;

comment on function codered.report_error(uuid, jsonb) is
  'Keeps an error that an application reports into a project, one row for each fingerprint: told again it is counted, the texts stay those of the first time, the severity is the highest that was told, and one that was resolved is open again. A project keeps 200 new ones an hour and 10,000 in all; what comes beyond is counted in one row that says so (is_kept false). The first time leaves an event, and so does a reopening (note_resolution); a mere count none. report is what src/operations makes of it: redacted, with its fingerprint. Refuses CR002 (a value), CR003 (project retired), CR004. Security definer, because failures are the app''s to write; membership is checked here.';

revoke execute on function codered.report_error from public;

grant execute on function codered.report_error to authenticated, service_role;

create or replace function codered.list_errors(
  project_id uuid, source text default null, severity text default null, environment text default null, state text default null,
  batch integer default 50, before_created_at timestamptz default null, before_error uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_errors.project_id);
  perform codered.check_batch('batch', list_errors.batch);
  perform codered.check_place('before_error', num_nulls(list_errors.before_created_at, list_errors.before_error), 2);
  if list_errors.state not in ('open', 'resolved') then
    perform codered.refuse_value('list_errors.state', list_errors.state, 'open, resolved');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{excerpt,context}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select e.*
      from codered.errors e
      where e.project_id = list_errors.project_id
        and (list_errors.source is null or e.source = list_errors.source)
        and (list_errors.severity is null or e.severity = list_errors.severity)
        and (list_errors.environment is null or e.environment = list_errors.environment)
        and (list_errors.state is null or (e.resolved_at is not null) = (list_errors.state = 'resolved'))
        and (list_errors.before_error is null or (e.created_at, e.id) < (list_errors.before_created_at, list_errors.before_error))
      order by e.created_at desc, e.id desc
      -- One more than asked for tells whether there are more.
      limit list_errors.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_errors(uuid, text, text, text, text, integer, timestamptz, uuid) is
  'Errors of a project, of every source or one, without their excerpts, the newest kind first, before a place in that order: one more than batch when there are more. state: open, resolved. Refuses CR002 (batch 1 to 500, half a place, another state), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_errors from public;

grant execute on function codered.list_errors to authenticated, service_role;

create or replace function codered.read_error(error_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  failure codered.errors;
begin
  select e.* into failure from codered.errors e where e.id = read_error.error_id;
  if not found then
    perform codered.refuse_missing('error', read_error.error_id::text);
  end if;
  perform codered.require_project(failure.project_id);
  return to_jsonb(failure);
end
$$;

comment on function codered.read_error(uuid) is 'An error, whole. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_error from public;

grant execute on function codered.read_error to authenticated, service_role;

create or replace function codered.settle_error(error_id uuid, is_resolved boolean)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  failure codered.errors;
begin
  select e.* into failure from codered.errors e where e.id = settle_error.error_id;
  if not found then
    perform codered.refuse_missing('error', settle_error.error_id::text);
  end if;
  perform codered.require_project(failure.project_id);
  update codered.errors e
  set resolved_at = case when settle_error.is_resolved then now() end
  where e.id = failure.id and (e.resolved_at is not null) <> settle_error.is_resolved;
  select e.* into failure from codered.errors e where e.id = settle_error.error_id;
  return to_jsonb(failure);
end
$$;

comment on function codered.settle_error(uuid, boolean) is
  'Says that an error is done with, or that it is not; twice the same. It changes no verdict of the gate. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.settle_error from public;

grant execute on function codered.settle_error to authenticated, service_role;

create or replace function codered.note_resolution()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  is_resolved constant boolean := new.resolved_at is not null;
  repository bigint;
begin
  if is_resolved = (old.resolved_at is not null) then
    new.resolved_at := old.resolved_at;
    new.resolved_by := old.resolved_by;
    return new;
  end if;
  new.resolved_at := case when is_resolved then now() end;
  new.resolved_by := case when is_resolved then (select auth.uid()) end;
  select coalesce(e.repository_id, d.repository_id) into repository
  from (select) as once
  left join codered.ci_jobs j on j.id = new.ci_job_id
  left join codered.ci_events e on e.id = coalesce(new.ci_event_id, j.ci_event_id)
  left join codered.deployments d on d.id = new.deployment_id;
  insert into codered.events (project_id, user_id, repository_id, event_type, payload)
  values (
    new.project_id, (select auth.uid()), repository, case when is_resolved then 'error.resolved' else 'error.reopened' end,
    jsonb_strip_nulls(jsonb_build_object(
      'id', new.id, 'name', left(new.message, 200), 'severity', new.severity, 'environment', new.environment, 'release', new.release)));
  return new;
end
$$;

comment on function codered.note_resolution() is
  'Notes with an error that somebody says is done with, or is not, who and when, whatever they write there themselves, and leaves the event. Security definer, because events of these types are nobody''s to write; nobody can call it, it is a trigger''s.';

revoke execute on function codered.note_resolution from public;

create or replace trigger errors_resolution before update of resolved_at on codered.errors
  for each row when (old.resolved_at is distinct from new.resolved_at)
  execute function codered.note_resolution();

create or replace function codered.prune_excerpts(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select e.ctid as row
    from codered.errors e
    where e.excerpt is not null and e.created_at < codered.retention_cutoff('errors')
    order by e.created_at
    limit greatest(prune_excerpts.batch, 0)
    for update skip locked
  ), emptied as (
    update codered.errors e
    set excerpt = null, excerpt_first_line = null, excerpt_last_line = null, context = null
    where e.ctid = any (array(select d.row from due d))
    returning e.id
  ), unnamed as (
    -- They are lines of the log as those are; the count stays.
    update codered.error_matches m
    set other_lines = '[]'
    from emptied
    where m.error_id = emptied.id and m.other_lines <> '[]'
  )
  select case
    when prune_excerpts.batch >= 1 then (select count(*)::integer from emptied)
    else codered.refuse_value('prune_excerpts.batch', coalesce(prune_excerpts.batch::text, 'null'), '1 or more')::integer
  end
$$;

comment on function codered.prune_excerpts(integer) is
  'Empties up to batch (1 or more) excerpts that the policy lets go, oldest first, and returns how many. The other lines of its kind go with it. The failure stays: message, cause, and the numbers of the lines it stood on.';

revoke execute on function codered.prune_excerpts from public;

grant execute on function codered.prune_excerpts to service_role;

create or replace function codered.close_event_month(month date, rows bigint, archived boolean, sha256 text default null, place text default null)
returns text
language plpgsql
security definer
set search_path = ''
set lock_timeout = '5s'
as $$
declare
  name constant text := codered.event_month_table(close_event_month.month);
  month_name constant text := to_char(close_event_month.month::timestamp, 'YYYY-MM');
  ends constant timestamptz := codered.month_start(codered.next_month(close_event_month.month));
  policy codered.retention_policies;
  there bigint;
  last bigint;
  kept text;
begin
  -- What is counted below has to be what is there once we hold the lock, not what was there when the transaction began.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'The transaction is %; a month is closed in read committed.', current_setting('transaction_isolation') using errcode = 'CR003';
  end if;
  if archived and (sha256 is null or sha256 !~ '^[0-9a-f]{64}$') then
    perform codered.refuse_value('close_event_month.sha256', coalesce(sha256, 'null'), 'SHA-256 of the archive in lower-case hexadecimal');
  end if;
  if archived and coalesce(place, '') = '' then
    perform codered.refuse_value('close_event_month.place', coalesce(place, 'null'), 'where the archive is');
  end if;
  perform pg_advisory_xact_lock(3202512);
  lock table only codered.events in access exclusive mode;
  if date_trunc('month', close_event_month.month::timestamp)::date not in (select codered.event_months()) then
    raise exception 'events has no partition for %.', month_name using errcode = 'CR004';
  end if;
  select * into policy from codered.retention_policies p where p.table_name = 'events' for share;
  if ends > codered.retention_cutoff('events') is not false then
    raise exception '% is not due: events are kept %.', month_name, coalesce(policy.keep::text, 'for ever') using errcode = 'CR003';
  end if;
  if archived is distinct from policy.archive then
    raise exception '% was % archived, but the policy of events says archive: %.', month_name, case when archived then 'now' else 'not' end, policy.archive
      using errcode = 'CR003';
  end if;
  execute format('lock table codered.%I in access exclusive mode', name);
  execute format('select count(*), max(id) from codered.%I', name) into there, last;
  if there is distinct from close_event_month.rows then
    raise exception '% has % events, of which % were read. Read it again: some came late.', month_name, there, coalesce(close_event_month.rows::text, 'none')
      using errcode = 'CR003';
  end if;
  execute format('alter table codered.events detach partition codered.%I', name);
  if archived then
    execute format('drop table codered.%I', name);
    insert into codered.events (event_type, payload)
    values ('retention.month_archived', jsonb_build_object('month', month_name, 'rows', there, 'last_id', last, 'sha256', sha256, 'place', place));
    return null;
  end if;
  -- A month that came late may have one already.
  select free.name
  into kept
  from (
    select 'events_kept_' || to_char(close_event_month.month::timestamp, 'YYYY_MM') || case when n > 1 then '_' || n else '' end, n
    from generate_series(1, 1000) as n
  ) as free (name, n)
  where to_regclass('codered.' || free.name) is null
  order by free.n
  limit 1;
  execute format('alter table codered.%I rename to %I', name, kept);
  execute format('revoke insert on codered.%I from service_role', kept);
  -- The one it had was the partitioned table's, and left with it.
  execute format(
    'create trigger events_append_only before insert or update or delete on codered.%I for each row execute function codered.refuse_change()',
    kept
  );
  execute format(
    'comment on table codered.%I is %L', kept,
    'The events of ' || month_name || ' (UTC), taken out of events by its policy. Nobody changes it; its owner may drop it.'
  );
  insert into codered.events (event_type, payload)
  values ('retention.month_detached', jsonb_build_object('month', month_name, 'rows', there, 'last_id', last, 'table', kept));
  return kept;
end
$$;

comment on function codered.close_event_month(date, bigint, boolean, text, text) is
  'Takes the partition of a due month out of events. archived: its rows stand at place, whose SHA-256 is sha256, and it is dropped (returns null); else it stays under the name returned, closed to everybody. Refuses with CR003 a month that is not due, that has another number of rows than rows, or that the policy wants archived and was not (or the reverse); CR004 one without partition. Appends retention.month_archived or .month_detached. Security definer, because it drops a table.';

revoke execute on function codered.close_event_month from public;

grant execute on function codered.close_event_month to service_role;

create or replace function codered.project_of(arguments jsonb)
returns uuid
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (arguments ->> 'project_id')::uuid,
    (select t.project_id from codered.tasks t where t.id = (arguments ->> 'task_id')::uuid),
    (select j.project_id from codered.agent_jobs j where j.id = (arguments ->> 'job_id')::uuid),
    (select r.project_id from codered.runs r where r.id = (arguments ->> 'run_id')::uuid),
    (select m.project_id from codered.milestones m where m.id = (arguments ->> 'milestone_id')::uuid),
    (select r.project_id from codered.task_runs r where r.id = (arguments ->> 'task_run_id')::uuid),
    (select d.project_id from codered.decisions d where d.id = (arguments ->> 'decision_id')::uuid),
    (select c.project_id from codered.checkpoints c where c.id = (arguments ->> 'checkpoint_id')::uuid),
    (select s.project_id from codered.agent_sessions s where s.id = (arguments ->> 'agent_session_id')::uuid),
    (select s.project_id from codered.ux_snippets s where s.id = (arguments ->> 'snippet_id')::uuid),
    (select e.project_id from codered.errors e where e.id = (arguments ->> 'error_id')::uuid))
$$;

comment on function codered.project_of(jsonb) is 'The project that the arguments of an operation are about; null when they are about none. Called by call_as_once and refuse_unchecked.';

revoke execute on function codered.project_of from public;

grant execute on function codered.project_of to service_role;

create or replace function codered.refuse_unchecked(user_id uuid, name text, arguments jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  project uuid;
  since timestamptz;
begin
  -- What is about oneself alone leaves nothing out.
  if refuse_unchecked.name = 'my_profile' or not exists (select from codered.access_checks c where c.user_id = refuse_unchecked.user_id) then
    return;
  end if;
  project := codered.project_of(refuse_unchecked.arguments);
  -- What is not there is said by the operation itself, in the words for what is not theirs.
  if project is null and jsonb_strip_nulls(refuse_unchecked.arguments) ?|
    '{project_id,task_id,job_id,run_id,milestone_id,task_run_id,decision_id,checkpoint_id,agent_session_id,snippet_id,error_id}' then
    return;
  end if;
  if project is null and refuse_unchecked.arguments ->> 'org' is not null and not exists (
    select from codered.memberships m join codered.orgs o on o.id = m.org_id
    where m.user_id = refuse_unchecked.user_id and lower(o.login) = lower(refuse_unchecked.arguments ->> 'org')
  ) then
    return;
  end if;
  if codered.has_unchecked(refuse_unchecked.user_id, project) then
    select c.checked_at into since from codered.access_checks c where c.user_id = refuse_unchecked.user_id;
    raise exception 'What you may see is what GitHub lets you see, and GitHub could not be asked since %.', coalesce(to_char(since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'you signed in')
      using errcode = 'CR010', detail = jsonb_build_object('checked_at', since)::text;
  end if;
end
$$;

comment on function codered.refuse_unchecked(uuid, text, jsonb) is
  'Refuses (CR010) what would leave something out only because GitHub was not asked within the hour: an operation about a project of which something private is hidden for that, or about no project when anything is. Called by call_as and call_as_once.';

revoke execute on function codered.refuse_unchecked from public;

grant execute on function codered.refuse_unchecked to service_role;

create or replace function codered.call_as_once(user_id uuid, name text, arguments jsonb, key_hash text, request_hash text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  kept codered.idempotency_keys;
  given_answer jsonb;
  home uuid;
begin
  delete from codered.idempotency_keys k
  where k.user_id = call_as_once.user_id and k.key_hash = call_as_once.key_hash and k.created_at < now() - interval '1 day';
  -- Everybody's, as who never comes back leaves some; nobody waits here for another who does the same.
  delete from codered.idempotency_keys k
  where (k.user_id, k.key_hash) in (
    select old.user_id, old.key_hash from codered.idempotency_keys old
    where old.created_at < now() - interval '1 day'
    order by old.created_at
    limit 100
    for update skip locked);
  -- Whoever sends the same at the same time waits here until the first is done, or has failed. Nothing of what the arguments name is
  -- written before it is known that the person may see it.
  insert into codered.idempotency_keys (user_id, key_hash, request_hash)
  select call_as_once.user_id, call_as_once.key_hash, call_as_once.request_hash
  where exists (select from codered.profiles p where p.id = call_as_once.user_id)
  on conflict on constraint idempotency_keys_pkey do nothing;
  if found then
    if (select count(*) from (
        select from codered.idempotency_keys k where k.user_id = call_as_once.user_id limit 10001) as mine) > 10000 then
      raise exception 'You used 10000 Idempotency-Keys within a day: send this without one, or wait.' using errcode = 'CR003';
    end if;
    -- Before, as it may delete what names the project.
    home := codered.project_of(call_as_once.arguments);
    given_answer := codered.call_as(call_as_once.user_id, call_as_once.name, call_as_once.arguments);
    update codered.idempotency_keys k
    set
      answer = given_answer,
      project_id = coalesce(home, (select p.id from codered.projects p where p.id::text = given_answer ->> 'id'))
    where k.user_id = call_as_once.user_id and k.key_hash = call_as_once.key_hash;
    return jsonb_build_object('answer', given_answer, 'is_replay', false);
  end if;
  select k.* into kept
  from codered.idempotency_keys k
  where k.user_id = call_as_once.user_id and k.key_hash = call_as_once.key_hash;
  if kept.request_hash is distinct from call_as_once.request_hash then
    raise exception 'The Idempotency-Key was used for another request: take a new one.' using errcode = 'CR009';
  end if;
  perform codered.refuse_unchecked(call_as_once.user_id, call_as_once.name, call_as_once.arguments);
  if kept.project_id is not null then
    perform codered.act_as(call_as_once.user_id);
    begin
      perform codered.require_project(kept.project_id);
    exception
      -- Retired, maybe by this very request: who may see it is all that counts here.
      when sqlstate 'CR003' then null;
    end;
    perform
      set_config('request.jwt.claims', '{"role": "service_role"}', true),
      set_config('request.jwt.claim.sub', '', true),
      set_config('request.jwt.claim.role', '', true),
      set_config('role', 'service_role', true);
  end if;
  return jsonb_build_object('answer', kept.answer, 'is_replay', true);
end
$$;

comment on function codered.call_as_once(uuid, text, jsonb, text, text) is
  'As call_as, but done once for a key: {answer, is_replay}. The same request again gets the same answer for a day, if the person may still see the project that it is about; what failed is not kept. Refuses CR003 (10,000 keys of a person within a day), CR009 (the key was used for another request) and what call_as refuses.';

revoke execute on function codered.call_as_once from public;

grant execute on function codered.call_as_once to service_role;

create or replace function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
    when 'answer_job_questions' then return to_jsonb(codered.answer_job_questions(job_id => (arguments ->> 'job_id')::uuid, responses => arguments -> 'responses'));
    when 'break_task_lock' then return to_jsonb(codered.break_task_lock(task_id => (arguments ->> 'task_id')::uuid, reason => arguments ->> 'reason'));
    when 'cancel_job' then return to_jsonb(codered.cancel_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'cancel_run' then return to_jsonb(codered.cancel_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'create_agent_job' then return to_jsonb(codered.create_agent_job(project_id => (arguments ->> 'project_id')::uuid, agent_type => arguments ->> 'agent_type', input => arguments -> 'input', user_id => coalesce((arguments ->> 'user_id')::uuid, auth.uid()), parent_job_id => (arguments ->> 'parent_job_id')::uuid));
    when 'create_checkpoint' then return to_jsonb(codered.create_checkpoint(project_id => (arguments ->> 'project_id')::uuid, label => arguments ->> 'label', repo_ref => arguments ->> 'repo_ref', summary => arguments ->> 'summary', resume_instructions => arguments ->> 'resume_instructions', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'create_corpus' then return to_jsonb(codered.create_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus => arguments -> 'corpus'));
    when 'create_milestone' then return to_jsonb(codered.create_milestone(project_id => (arguments ->> 'project_id')::uuid, milestone => arguments -> 'milestone'));
    when 'create_project' then return to_jsonb(codered.create_project(project => arguments -> 'project', org => arguments ->> 'org'));
    when 'create_roadmap' then return to_jsonb(codered.create_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'delete_milestone' then return to_jsonb(codered.delete_milestone(milestone_id => (arguments ->> 'milestone_id')::uuid));
    when 'delete_task' then return to_jsonb(codered.delete_task(task_id => (arguments ->> 'task_id')::uuid));
    when 'extend_daily_session' then return to_jsonb(codered.extend_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, session => arguments -> 'session'));
    when 'find_jobs' then return to_jsonb(codered.find_jobs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', agent_type => arguments ->> 'agent_type', parent_job_id => (arguments ->> 'parent_job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_job => (arguments ->> 'before_job')::uuid));
    when 'finish_task_run' then return to_jsonb(codered.finish_task_run(task_run_id => (arguments ->> 'task_run_id')::uuid, status => arguments ->> 'status', summary => arguments ->> 'summary'));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'list_agent_runs' then return to_jsonb(codered.list_agent_runs(project_id => (arguments ->> 'project_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, job_id => (arguments ->> 'job_id')::uuid, agent => arguments ->> 'agent', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_agent_sessions' then return to_jsonb(codered.list_agent_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_agents' then return to_jsonb(codered.list_agents(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_checkpoints' then return to_jsonb(codered.list_checkpoints(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_corpora' then return to_jsonb(codered.list_corpora(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_corpus => (arguments ->> 'after_corpus')::uuid));
    when 'list_daily_sessions' then return to_jsonb(codered.list_daily_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_session => (arguments ->> 'before_session')::uuid));
    when 'list_decisions' then return to_jsonb(codered.list_decisions(project_id => (arguments ->> 'project_id')::uuid, standing => coalesce((arguments ->> 'standing')::boolean, false), batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_documents' then return to_jsonb(codered.list_documents(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_source => arguments ->> 'after_source', after_version => arguments ->> 'after_version'));
    when 'list_errors' then return to_jsonb(codered.list_errors(project_id => (arguments ->> 'project_id')::uuid, source => arguments ->> 'source', severity => arguments ->> 'severity', environment => arguments ->> 'environment', state => arguments ->> 'state', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_events' then return to_jsonb(codered.list_events(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), direction => coalesce(arguments ->> 'direction', 'newest'::text), beyond_event => (arguments ->> 'beyond_event')::bigint, after_event => (arguments ->> 'after_event')::bigint, event_type => arguments ->> 'event_type', task_id => (arguments ->> 'task_id')::uuid, run_id => (arguments ->> 'run_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_job_events' then return to_jsonb(codered.list_job_events(job_id => (arguments ->> 'job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_lessons' then return to_jsonb(codered.list_lessons(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', domain_tag => arguments ->> 'domain_tag', severity => arguments ->> 'severity', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_milestones' then return to_jsonb(codered.list_milestones(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_models' then return to_jsonb(codered.list_models(batch => coalesce((arguments ->> 'batch')::integer, 50), after_model => arguments ->> 'after_model'));
    when 'list_project_files' then return to_jsonb(codered.list_project_files(project_id => (arguments ->> 'project_id')::uuid, under => arguments ->> 'under', batch => coalesce((arguments ->> 'batch')::integer, 50), after_path => arguments ->> 'after_path'));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug', retired => coalesce((arguments ->> 'retired')::boolean, false)));
    when 'list_roadmaps' then return to_jsonb(codered.list_roadmaps(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_roadmap => (arguments ->> 'before_roadmap')::uuid));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_task_overrides' then return to_jsonb(codered.list_task_overrides(task_id => (arguments ->> 'task_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_task_runs' then return to_jsonb(codered.list_task_runs(task_id => (arguments ->> 'task_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'list_ux_snippets' then return to_jsonb(codered.list_ux_snippets(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', tag => arguments ->> 'tag', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'move_in_roadmap' then return to_jsonb(codered.move_in_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, step_index => (arguments ->> 'step_index')::integer));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'note_in_session' then return to_jsonb(codered.note_in_session(agent_session_id => (arguments ->> 'agent_session_id')::uuid, summary => arguments ->> 'summary', snapshot => arguments -> 'snapshot', ends => coalesce((arguments ->> 'ends')::boolean, false)));
    when 'override_task' then return to_jsonb(codered.override_task(task_id => (arguments ->> 'task_id')::uuid, override_type => arguments ->> 'override_type', reason => arguments ->> 'reason'));
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'project_cost' then return to_jsonb(codered.project_cost(project_id => (arguments ->> 'project_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'read_agent' then return to_jsonb(codered.read_agent(slug => arguments ->> 'slug'));
    when 'read_agent_run' then return to_jsonb(codered.read_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'read_agent_session' then return to_jsonb(codered.read_agent_session(agent_session_id => (arguments ->> 'agent_session_id')::uuid));
    when 'read_checkpoint' then return to_jsonb(codered.read_checkpoint(checkpoint_id => (arguments ->> 'checkpoint_id')::uuid));
    when 'read_daily_session' then return to_jsonb(codered.read_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, after_message => coalesce((arguments ->> 'after_message')::integer, 0)));
    when 'read_decision' then return to_jsonb(codered.read_decision(decision_id => (arguments ->> 'decision_id')::uuid));
    when 'read_error' then return to_jsonb(codered.read_error(error_id => (arguments ->> 'error_id')::uuid));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'read_project_details' then return to_jsonb(codered.read_project_details(project_id => (arguments ->> 'project_id')::uuid));
    when 'read_project_file' then return to_jsonb(codered.read_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path'));
    when 'read_roadmap' then return to_jsonb(codered.read_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid));
    when 'read_task' then return to_jsonb(codered.read_task(task_id => (arguments ->> 'task_id')::uuid));
    when 'read_ux_snippet' then return to_jsonb(codered.read_ux_snippet(snippet_id => (arguments ->> 'snippet_id')::uuid));
    when 'record_daily_session' then return to_jsonb(codered.record_daily_session(project_id => (arguments ->> 'project_id')::uuid, session => arguments -> 'session'));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'record_lesson' then return to_jsonb(codered.record_lesson(project_id => (arguments ->> 'project_id')::uuid, lesson => arguments -> 'lesson'));
    when 'record_ux_snippet' then return to_jsonb(codered.record_ux_snippet(project_id => (arguments ->> 'project_id')::uuid, snippet => arguments -> 'snippet'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'report_error' then return to_jsonb(codered.report_error(project_id => (arguments ->> 'project_id')::uuid, report => arguments -> 'report'));
    when 'restore_project' then return to_jsonb(codered.restore_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'retire_project' then return to_jsonb(codered.retire_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'retire_ux_snippet' then return to_jsonb(codered.retire_ux_snippet(snippet_id => (arguments ->> 'snippet_id')::uuid));
    when 'run_pipeline' then return to_jsonb(codered.run_pipeline(project_id => (arguments ->> 'project_id')::uuid, input => arguments -> 'input'));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'set_milestone_progress' then return to_jsonb(codered.set_milestone_progress(milestone_id => (arguments ->> 'milestone_id')::uuid, percent => (arguments ->> 'percent')::integer));
    when 'set_model' then return to_jsonb(codered.set_model(model_id => arguments ->> 'model_id', model => arguments -> 'model'));
    when 'settle_error' then return to_jsonb(codered.settle_error(error_id => (arguments ->> 'error_id')::uuid, is_resolved => (arguments ->> 'is_resolved')::boolean));
    when 'start_agent_session' then return to_jsonb(codered.start_agent_session(project_id => (arguments ->> 'project_id')::uuid, summary => arguments ->> 'summary', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'start_task_run' then return to_jsonb(codered.start_task_run(task_id => (arguments ->> 'task_id')::uuid, phase => arguments ->> 'phase', status => coalesce(arguments ->> 'status', 'running'::text), summary => arguments ->> 'summary', agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'supersede_decision' then return to_jsonb(codered.supersede_decision(decision_id => (arguments ->> 'decision_id')::uuid, decision => arguments -> 'decision'));
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_corpus' then return to_jsonb(codered.update_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, corpus => arguments -> 'corpus'));
    when 'update_decision' then return to_jsonb(codered.update_decision(decision_id => (arguments ->> 'decision_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_milestone' then return to_jsonb(codered.update_milestone(milestone_id => (arguments ->> 'milestone_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_project' then return to_jsonb(codered.update_project(project_id => (arguments ->> 'project_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_roadmap' then return to_jsonb(codered.update_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'write_project_file' then return to_jsonb(codered.write_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path', content => arguments ->> 'content', language => arguments ->> 'language', expected_version => (arguments ->> 'expected_version')::integer));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;

comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';

revoke execute on function codered.call_operation from public;

grant execute on function codered.call_operation to authenticated;
