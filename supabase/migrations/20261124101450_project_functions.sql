-- The end of a project, and a schema of its own for whoever builds on one. Old workers survive it.

create function codered.retire_project(project_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  project codered.projects;
begin
  select p.* into project
  from codered.projects p
  where p.id = retire_project.project_id and (not codered.is_member_call() or p.id in (select codered.my_projects()));
  if not found then
    raise exception 'There is no project "%" that you may see.', retire_project.project_id using errcode = 'CR004';
  end if;
  update codered.projects p
  set deleted_at = coalesce(p.deleted_at, now()), status = 'archived'
  where p.id = retire_project.project_id
  returning p.* into project;
  if not found then
    raise exception 'Project "%" is retired by a maintainer of its organisation or by its owner.', retire_project.project_id using errcode = 'CR008';
  end if;
  return jsonb_build_object('id', project.id, 'status', project.status, 'deleted_at', project.deleted_at);
end
$$;
comment on function codered.retire_project(uuid) is
  'Takes a project out of use and keeps all of it: deleted_at set, status archived. Returns {id, status, deleted_at}, twice the same. For its owner and its organisation''s maintainers; refuses CR004 (not there or not visible), CR008 (a member who is neither).';

create function codered.restore_project(project_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  project codered.projects;
begin
  select p.* into project
  from codered.projects p
  where p.id = restore_project.project_id and (not codered.is_member_call() or p.id in (select codered.my_projects()));
  if not found then
    raise exception 'There is no project "%" that you may see.', restore_project.project_id using errcode = 'CR004';
  end if;
  update codered.projects p
  set status = case when p.deleted_at is null then p.status else 'active' end, deleted_at = null
  where p.id = restore_project.project_id
  returning p.* into project;
  if not found then
    raise exception 'Project "%" is restored by a maintainer of its organisation or by its owner.', restore_project.project_id
      using errcode = 'CR008';
  end if;
  return jsonb_build_object('id', project.id, 'status', project.status, 'deleted_at', project.deleted_at);
end
$$;
comment on function codered.restore_project(uuid) is
  'Brings a retired project back, status active; one that is not retired stays as it is. Returns {id, status, deleted_at}. Refuses as retire_project does.';
revoke execute on function codered.retire_project(uuid), codered.restore_project(uuid) from public;
grant execute on function codered.retire_project(uuid), codered.restore_project(uuid) to authenticated, service_role;

create function codered.purge_project(project_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  project codered.projects;
  repository_ids bigint[];
  counted record;
  rows bigint;
  counts jsonb := '{}';
begin
  select p.* into project from codered.projects p where p.id = purge_project.project_id for update;
  if not found then
    raise exception 'There is no project "%".', purge_project.project_id using errcode = 'CR004';
  end if;
  if project.deleted_at is null then
    raise exception 'Project "%" is in use; allowed: a project that was retired.', project.id using errcode = 'CR003';
  end if;
  repository_ids := array(select r.id from codered.repositories r where r.project_id = project.id for update);
  -- Counted from the catalogue, so that a table that comes later is told of as well.
  for counted in
    select c.relname as name, string_agg(
      case a.attname when 'project_id' then 't.project_id = $1' else 't.repository_id = any ($2)' end, ' or '
    ) as condition
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      and ((a.attname = 'project_id' and a.atttypid = 'uuid'::regtype) or (a.attname = 'repository_id' and a.atttypid = 'bigint'::regtype))
    where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'events'
    group by c.relname
    order by c.relname
  loop
    execute format('select count(*) from codered.%I t where %s', counted.name, counted.condition)
      into rows using project.id, repository_ids;
    if rows > 0 then
      counts := counts || jsonb_build_object(counted.name, rows);
    end if;
  end loop;
  -- No foreign key leads from a delivery, and one that is still pending would bring its repository back.
  delete from codered.webhook_deliveries d where d.repository_id = any (repository_ids);
  delete from codered.repositories r where r.id = any (repository_ids);
  delete from codered.projects p where p.id = project.id;
  return jsonb_build_object('id', project.id, 'slug', project.slug, 'deleted', counts);
end
$$;
comment on function codered.purge_project(uuid) is
  'Really deletes a retired project: its repositories, their deliveries and all that hangs on them. Events stay, as plain history, and so does a schema made by create_project_schema. Returns {id, slug, deleted: {table: rows}} for every table that names project or repository. Refuses CR003 (not retired before), CR004.';
revoke execute on function codered.purge_project(uuid) from public;
grant execute on function codered.purge_project(uuid) to service_role;

create function codered.create_project_schema(project_id uuid)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  project codered.projects;
  wanted text;
  owner_note text;
  told text;
begin
  -- Locked, so that of two calls at once the second finds what the first made.
  select p.* into project from codered.projects p where p.id = create_project_schema.project_id for update;
  if not found then
    raise exception 'There is no project "%".', create_project_schema.project_id using errcode = 'CR004';
  end if;
  if project.deleted_at is not null then
    raise exception 'Project "%" is retired; restore it first.', project.id using errcode = 'CR003';
  end if;
  wanted := 'codered_' || project.slug;
  if project.slug !~ '^[a-z0-9_]+$' or octet_length(wanted) > 63 then
    perform codered.refuse_value('projects.slug', project.slug, 'a-z, 0-9 and _, at most 55 characters for a schema of its own');
  end if;
  owner_note := format('Of the project %s; made by codered.create_project_schema.', project.id);
  if exists (select from pg_catalog.pg_namespace n where n.nspname = wanted) then
    select pg_catalog.obj_description(n.oid, 'pg_namespace') into told from pg_catalog.pg_namespace n where n.nspname = wanted;
    if told is distinct from owner_note then
      raise exception 'There is a schema "%" already that is not of project "%".', wanted, project.id using errcode = 'CR005';
    end if;
    return wanted;
  end if;
  execute format('create schema %I', wanted);
  execute format('comment on schema %I is %L', wanted, owner_note);
  execute format('revoke all on schema %I from public', wanted);
  execute format('grant usage on schema %I to service_role', wanted);
  insert into codered.events (project_id, event_type, payload)
  values (project.id, 'project.schema_created', jsonb_build_object('schema', wanted));
  return wanted;
end
$$;
comment on function codered.create_project_schema(uuid) is
  'Makes the schema codered_<slug> for a project''s own tables, once, and returns its name; service_role may use it, nobody else. A slug that changes later does not change it. Refuses CR002 (slug over 55 characters), CR003 (retired), CR004, CR005 (a schema of that name that is not this project''s). Security definer, because service_role may create no schema; nobody else may call it.';
revoke execute on function codered.create_project_schema(uuid) from public;
grant execute on function codered.create_project_schema(uuid) to service_role;
