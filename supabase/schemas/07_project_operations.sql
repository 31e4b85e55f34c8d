-- What people do with projects beside retiring and restoring them: a new one, a change, all that is known of one.

create function codered.describe_project(project codered.projects)
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

create function codered.merge_rules(rules jsonb, changes jsonb)
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

create function codered.create_project(project jsonb, org text default null)
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

create function codered.read_project_details(project_id uuid)
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

create function codered.update_project(project_id uuid, changes jsonb, expected_updated_at timestamptz default null)
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
