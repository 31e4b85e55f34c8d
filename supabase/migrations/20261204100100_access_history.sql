-- What events, specs and sprints tell of a repository is shown to whoever may read that one. Old workers survive it: a trigger names the repository of what they append.

alter table codered.events add column repository_id bigint;


drop policy events_read on codered.events;

drop policy specs_read on codered.specs;

drop policy sprints_read on codered.sprints;

comment on table codered.events is 'What happened, append-only. Plain ids without foreign keys: history outlives what it tells of.';

comment on column codered.events.event_type is
  '<thing>.<what happened>: task.created, run.status_changed, status.<PHASE> (the rows of status_events), note.<anything> (what members write).';

comment on column codered.events.payload is 'What changed: {"changed": {"<column>": [before, after]}}; long values are left out (null).';

comment on column codered.events.repository_id is
  'The repository whose run, override or spec it tells of: shown to whoever may read that. Null: of the project as a whole.';

grant select on codered.events to authenticated;

revoke update, delete on codered.events from service_role;

grant insert (project_id, run_id, task_id, user_id, event_type, payload) on codered.events to authenticated;

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
    case when thing = 'task' then (there ->> 'id')::uuid else (there ->> 'task_id')::uuid end,
    (select auth.uid()),
    thing || '.' || what,
    jsonb_strip_nulls(jsonb_build_object(
      'id', there -> 'id',
      'name', left(coalesce(there ->> 'title', there ->> 'name', there ->> 'label', there ->> 'display_name', there ->> 'criterion', there ->> 'file_name'), 200),
      'status', coalesce(there -> 'status', 'null')
    )) || case when changed is null then '{}' else jsonb_build_object('changed', changed) end
  );
  return null;
end
$$;

comment on function codered.append_event() is
  'After every change of a project, task, checkpoint, decision, run or override: one row of events in the same transaction. First argument: what the thing is called; second: columns whose change alone is no event. Security definer, because events of these types are nobody''s to write.';

revoke execute on function codered.append_event from public;

create or replace function codered.my_whole_projects()
returns setof uuid
language plpgsql
stable
security definer
rows 100
set search_path = ''
as $$
declare
  mine constant bigint[] := array(select codered.my_repositories());
begin
  return query
    select p.id
    from codered.my_projects() as p (id)
    where not exists (select from codered.repositories r where r.project_id = p.id and r.id <> all (mine));
end
$$;

comment on function codered.my_whole_projects() is
  'The projects of which the caller may read every repository. Security definer, because whoever may not read one does not see that it is there; it tells of nobody but the caller.';

revoke execute on function codered.my_whole_projects from public;

grant execute on function codered.my_whole_projects to authenticated, service_role;

-- As an array it is worked out once for all months; "in (select …)" would be, once for each partition.
create policy events_read on codered.events for select to authenticated
  using (
    (
      project_id = any (array(select codered.my_projects()))
      and (repository_id is null or repository_id = any (array(select codered.my_repositories())))
    )
    or (project_id is null and user_id = (select auth.uid()))
  );

create or replace function codered.name_event_repository()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  spec constant text := case when new.event_type like 'status.%' then new.payload #>> '{metadata,spec_id}' end;
begin
  if new.repository_id is null and new.run_id is not null then
    new.repository_id := (select r.repository_id from codered.runs r where r.id = new.run_id);
  elsif new.repository_id is null and spec ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
    new.repository_id := (
      select r.id
      from codered.specs s
      join codered.repositories r on r.project_id = s.project_id and lower(r.owner || '/' || r.name) = lower(s.repo)
      where s.id = spec::uuid
      order by r.id desc
      limit 1);
  end if;
  return new;
end
$$;

comment on function codered.name_event_repository() is 'Notes with an event of a run or a spec whose repository that is.';

revoke execute on function codered.name_event_repository from public;

create or replace trigger events_repository before insert on codered.events
  for each row execute function codered.name_event_repository();

comment on table codered.events_other is 'The events of months that have no partition of their own.';

revoke update, delete on codered.events_other from service_role;

create or replace function codered.search_events(project_id uuid, query text, batch integer, before timestamptz default null)
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

create policy specs_read on codered.specs for select to authenticated using (
  (
    project_id in (select codered.my_projects())
    -- A document of a repository is shown to whoever may read that; after a rename too, where nothing of the project is hidden.
    and (
      repo is null
      or project_id in (select codered.my_whole_projects())
      or lower(repo) in (select lower(r.owner || '/' || r.name) from codered.repositories r)
    )
  )
  or (project_id is null and is_active and visibility in ('system', 'public'))
  or (project_id is null and (select codered.is_operator()))
);

create policy sprints_read on codered.sprints for select to authenticated
  using (project_id in (select codered.my_projects()) and (select true from codered.specs s where s.id = sprints.spec_id));

-- What is told already of projects with several repositories: who reads one of them does not read of the others. Nobody else sees the
-- trigger off: the lock is ours until the transaction ends.
alter table codered.events disable trigger events_append_only;
update codered.events e
set repository_id = r.repository_id
from codered.runs r
where e.run_id = r.id
  and r.repository_id is not null
  and (select count(*) from codered.repositories several where several.project_id = e.project_id) > 1;
update codered.events e
set repository_id = o.repository_id
from codered.user_overrides o
where e.project_id = o.project_id
  and e.event_type like 'override.%'
  and e.payload ->> 'id' = o.id::text
  and o.repository_id is not null
  and (select count(*) from codered.repositories several where several.project_id = e.project_id) > 1;
alter table codered.events enable trigger events_append_only;
