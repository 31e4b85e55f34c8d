-- Projects: what everything belongs to, their rules, and their retirement.

-- The question stands in every statement several times. As PL/pgSQL its plan is kept for the session; before Postgres 18 an SQL
-- function is planned anew in every statement, and in 18 it still took 1.4 times as long.
create function codered.my_projects(at_least text default 'member')
returns setof uuid
language plpgsql
stable
security definer
rows 100
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  -- The same words as in is_access_certain and my_repositories: a function that is called here would be called by every statement.
  is_certain constant boolean := exists (
    select from codered.access_checks c
    where c.user_id = me and c.checked_at > now() - interval '1 hour' and (c.doubted_at is null or c.doubted_at < c.checked_at));
  -- A repository that everybody may read makes nobody a member: who was one is no longer one when GitHub has not said so for a day.
  is_recent constant boolean := is_certain or exists (
    select from codered.access_checks c where c.user_id = me and c.checked_at > now() - interval '1 day');
begin
  return query
    with parts as (
      select r.project_id,
        r.private is false or a.source = 'hand' or (is_certain and a.checked_at > greatest(now() - interval '1 hour', r.access_since)) as is_shown,
        case when a.source = 'hand' or (is_certain and a.checked_at > greatest(now() - interval '1 hour', r.access_since))
          then a.permission end as permission
      from codered.repository_access a
      join codered.repositories r on r.id = a.repository_id
      where a.user_id = me and r.project_id is not null
    ), seen as (
      select p.id, p.org_id, p.owner_user_id
      from codered.projects p
      where p.id in (select s.project_id from parts s where s.is_shown)
        and (p.org_id is null and p.owner_user_id = me
          or exists (
            select from codered.memberships m where m.org_id = p.org_id and m.user_id = me and (m.source = 'hand' or is_recent)))
      union all
      select p.id, p.org_id, p.owner_user_id
      from codered.projects p
      where (p.org_id is null and p.owner_user_id = me
          or p.org_id in (
            select m.org_id from codered.memberships m
            where m.user_id = me and m.role <> 'collaborator' and (m.source = 'hand' or is_certain)))
        and not exists (select from codered.repositories r where r.project_id = p.id)
    )
    select s.id
    from seen s
    where my_projects.at_least = 'member'
      or (s.org_id is null or exists (
          select from codered.memberships m where m.org_id = s.org_id and m.user_id = me and (m.source = 'hand' or is_certain)))
        and (
          s.owner_user_id = me
          or exists (
            select from codered.memberships m
            where m.org_id = s.org_id and m.user_id = me
              and array_position('{member,maintainer,admin}'::text[], m.role)
                >= array_position('{member,maintainer,admin}'::text[], my_projects.at_least)
          )
          or (select count(*) from codered.repositories r where r.project_id = s.id) = (
            select nullif(count(*), 0) from parts
            where parts.project_id = s.id
              and array_position('{maintain,admin}'::text[], parts.permission)
                >= array_position('{maintainer,admin}'::text[], my_projects.at_least)
          )
        );
end
$$;
comment on function codered.my_projects(text) is
  'The projects that the caller may see: of their organisations, and their own without organisation; of those with repositories the ones of which they may read one. maintainer, admin: those of which they are at least that in the organisation, which they own, or of whose repositories all say so of them. What GitHub told counts for an hour (my_repositories), membership beside a public repository for a day. Security definer, because the policy on projects asks it and would ask itself otherwise; it tells of nobody but the caller.';
revoke execute on function codered.my_projects from public;
grant execute on function codered.my_projects to authenticated, service_role;

create function codered.accept_requirements(what text, spec jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_requirements.what, accept_requirements.spec, '{
    "is": "object", "optional": ["technical_constraints"], "keys": {
      "app_name": {"is": "text", "from": 1, "to": 100},
      "elevator_pitch": {"is": "text", "from": 20, "to": 500},
      "target_audience": {"is": "list", "of": {"is": "object", "keys": {
        "role": {"is": "text", "from": 1, "to": 100},
        "goal": {"is": "text", "from": 1, "to": 200},
        "pain_point": {"is": "text", "from": 1, "to": 200}
      }}},
      "core_features": {"is": "list", "of": {"is": "object", "keys": {
        "name": {"is": "text", "from": 1, "to": 100},
        "description": {"is": "text", "from": 1, "to": 500},
        "priority": {"is": "word", "of": ["must-have", "should-have", "nice-to-have"]}
      }}},
      "recommended_stack": {"is": "list", "of": {"is": "text"}},
      "technical_constraints": {"is": "text"}
    }
  }')
$$;
comment on function codered.accept_requirements(text, jsonb) is
  'True for what document 002''s research agent writes; raises CR002 with the way to what is wrong otherwise, unknown keys among it.';
revoke execute on function codered.accept_requirements from public;
grant execute on function codered.accept_requirements to authenticated, service_role;

create function codered.accept_architecture(what text, spec jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_architecture.what, accept_architecture.spec, '{
    "is": "object", "keys": {
      "site_map": {"is": "list", "of": {"is": "object", "keys": {
        "path": {"is": "text", "from": 1, "to": 200},
        "description": {"is": "text"},
        "components": {"is": "list", "of": {"is": "object", "keys": {
          "name": {"is": "text", "from": 1, "to": 100},
          "props": {"is": "list", "of": {"is": "text"}},
          "children": {"is": "list", "of": {"is": "text"}}
        }}}
      }}},
      "global_state_needs": {"is": "list", "of": {"is": "text"}},
      "theme_colors": {"is": "list", "of": {"is": "text"}}
    }
  }')
$$;
comment on function codered.accept_architecture(text, jsonb) is
  'True for what document 002''s wireframe agent writes; raises CR002 with the way to what is wrong otherwise, unknown keys among it.';
revoke execute on function codered.accept_architecture from public;
grant execute on function codered.accept_architecture to authenticated, service_role;

create table codered.projects (
  id uuid primary key default gen_random_uuid(),
  org_id uuid references codered.orgs (id) on delete restrict,
  slug text not null,
  name text not null,
  description text,
  status text not null default 'active',
  owner_user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  rules jsonb not null default '{}',
  mode text not null default 'builder',
  phase text not null default 'planning',
  requirements_spec jsonb,
  architecture_spec jsonb,
  tech_stack text[],
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  policy_rules jsonb not null default '{}',
  constraint projects_slug_key unique (slug),
  constraint projects_slug_check check (
    slug ~ '^[a-z0-9_]+$' and char_length(slug) <= 1100
    or codered.refuse_value('projects.slug', slug, 'a-z, 0-9 and _, at most 1100 characters')
  ),
  constraint projects_name_length check (char_length(name) between 1 and 1000 or codered.refuse_value('projects.name', name, '1 to 1000 characters')),
  constraint projects_status_check check (
    status in ('active', 'paused', 'archived')
    or codered.refuse_value('projects.status', status, 'active, paused, archived')
  ),
  constraint projects_mode_check check (mode in ('builder', 'student') or codered.refuse_value('projects.mode', mode, 'builder, student')),
  constraint projects_phase_check check (
    phase in ('planning', 'in-progress', 'building', 'completed', 'archived')
    or codered.refuse_value('projects.phase', phase, 'planning, in-progress, building, completed, archived')
  ),
  constraint projects_rules_check check (jsonb_typeof(rules) = 'object' or codered.refuse_value('projects.rules', rules, 'a JSON object')),
  constraint projects_description_length
    check (char_length(description) <= 20000 or codered.refuse_value('projects.description', description, 'at most 20000 characters')),
  constraint projects_requirements_spec_check check (codered.accept_requirements('projects.requirements_spec', requirements_spec)),
  constraint projects_requirements_spec_bytes check (
    octet_length(requirements_spec::text) <= 1048576
    or codered.refuse_value('projects.requirements_spec', octet_length(requirements_spec::text), 'at most 1048576 bytes')),
  constraint projects_architecture_spec_check check (codered.accept_architecture('projects.architecture_spec', architecture_spec)),
  constraint projects_architecture_spec_bytes check (
    octet_length(architecture_spec::text) <= 1048576
    or codered.refuse_value('projects.architecture_spec', octet_length(architecture_spec::text), 'at most 1048576 bytes'))
);
comment on table codered.projects is 'What everything belongs to; a repository without a project gets one when it is first seen.';
comment on column codered.projects.owner_user_id is 'Whoever made it; null for one that came with a repository.';
comment on column codered.projects.rules is
  'Zones ({"zones": {"red": ["src/billing/**"]}}), environments ({"environments": {"eu-live": "prod"}}), which the gate and the deployments go by; those of a policy file are written when it is read on the default branch. What else stands here is people''s: scope rules, gates and triggers say in words what may be touched, what holds work up and what begins it. project_context and resume_project hand them to whoever takes up work, and no function acts on them: what CI has to satisfy stands in the policy file.';
comment on column codered.projects.requirements_spec is 'What the research agent wrote: app_name, elevator_pitch, target_audience, core_features, recommended_stack.';
comment on column codered.projects.architecture_spec is 'What the wireframe agent wrote: site_map, global_state_needs, theme_colors.';
comment on column codered.projects.policy_rules is
  'What the policy file on the default branch of each repository said last, by the repository''s id: {"zones", "environments"} as rules has them. Written by record_policy_rules alone.';
create index projects_org_id_idx on codered.projects (org_id);
create index projects_owner_user_id_idx on codered.projects (owner_user_id);
alter table codered.projects enable row level security;
-- A project of one's own needs no organisation; one in an organisation is its maintainers' to make and change.
create policy projects_read on codered.projects for select to authenticated
  using (
    id in (select codered.my_projects())
    -- One that this very transaction made, which my_projects() does not know yet; nobody writes created_at.
    or (created_at = now() and (org_id in (select codered.my_orgs('maintainer')) or (org_id is null and owner_user_id = (select auth.uid()))))
  );
create policy projects_insert on codered.projects for insert to authenticated
  with check (
    -- Whoever is named owner reads it: nobody can be made one by others.
    (org_id in (select codered.my_orgs('maintainer')) and (owner_user_id is null or owner_user_id = (select auth.uid())))
    or (org_id is null and owner_user_id = (select auth.uid()))
  );
create policy projects_update on codered.projects for update to authenticated
  using (id in (select codered.my_projects('maintainer')))
  with check (
    org_id in (select codered.my_orgs('maintainer'))
    or (owner_user_id = (select auth.uid()) and (org_id is null or org_id in (select codered.my_orgs())))
  );
create policy projects_delete on codered.projects for delete to authenticated
  using (org_id is null and owner_user_id = (select auth.uid()));
grant select, delete on codered.projects to authenticated;
grant insert (id, org_id, slug, name, description, status, owner_user_id, rules, mode, phase, requirements_spec, architecture_spec, tech_stack)
  on codered.projects to authenticated;
-- Not org_id and owner_user_id: an owner could carry the organisation's project off. Not slug: the project's schema is named after it.
grant update (name, description, status, rules, mode, phase, requirements_spec, architecture_spec, tech_stack, deleted_at)
  on codered.projects to authenticated;
grant select, insert, update, delete on codered.projects to service_role;
create trigger projects_touch before update on codered.projects
  for each row execute function codered.touch_updated_at();
create trigger projects_events after insert or update or delete on codered.projects
  for each row execute function codered.append_event('project', 'policy_rules');

create function codered.environment_of(environment_name text, rules jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select coalesce(
    case when rules -> 'environments' ->> environment_name in ('dev', 'staging', 'prod')
      then rules -> 'environments' ->> environment_name end,
    case
      when lower(environment_name) in ('production', 'prod', 'live') then 'prod'
      when lower(environment_name) in ('staging', 'stage', 'preview', 'uat') then 'staging'
      else 'dev'
    end
  )
$$;
comment on function codered.environment_of(text, jsonb) is
  'dev, staging or prod for GitHub''s name of an environment, by projects.rules -> environments ({"eu-live": "prod"}), else by its name.';
revoke execute on function codered.environment_of from public;
grant execute on function codered.environment_of to service_role;

create function codered.require_project(project_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  is_retired boolean;
begin
  select p.deleted_at is not null into is_retired
  from codered.projects p
  where p.id = require_project.project_id
    and (not codered.is_member_call() or p.id in (select codered.my_projects()));
  if not found then
    raise exception 'There is no project "%" that you may see.', require_project.project_id using errcode = 'CR004';
  end if;
  if is_retired then
    raise exception 'Project "%" is retired; restore it first.', require_project.project_id using errcode = 'CR003';
  end if;
end
$$;
comment on function codered.require_project(uuid) is
  'Nothing for a project that the caller may see and that is not retired; otherwise raises CR004 (not there or not visible) or CR003 (retired).';
revoke execute on function codered.require_project from public;
grant execute on function codered.require_project to authenticated, service_role;

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
revoke execute on function codered.retire_project from public;
grant execute on function codered.retire_project to authenticated, service_role;

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
revoke execute on function codered.restore_project from public;
grant execute on function codered.restore_project to authenticated, service_role;

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
revoke execute on function codered.purge_project from public;
grant execute on function codered.purge_project to service_role;

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
revoke execute on function codered.create_project_schema from public;
grant execute on function codered.create_project_schema to service_role;

create function codered.guarded_environments(names text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(
    jsonb_object_agg(
      n.name,
      case
        when codered.environment_of(n.name, '{}') <> 'dev' then codered.environment_of(n.name, '{}')
        when lower(n.name) in ('dev', 'development', 'test', 'testing', 'qa', 'ci', 'local') then 'dev'
        -- What waits for the gate and is called nothing else is what people use.
        else 'prod'
      end),
    '{}')
  from unnest(guarded_environments.names) as n (name)
$$;
comment on function codered.guarded_environments(text[]) is
  'What the environments of a policy count as, by their names: {"eu-live": "prod"}; one that says nothing else counts as prod.';
revoke execute on function codered.guarded_environments from public;
grant execute on function codered.guarded_environments to service_role;

create function codered.united_zones(policy_rules jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  with globs as (
    select z.key as zone, g.value as glob, min(array[e.key, lpad(g.ordinality::text, 9, '0')]) as place
    from jsonb_each(united_zones.policy_rules) as e
    cross join lateral jsonb_each(coalesce(e.value -> 'zones', '{}')) as z
    cross join lateral jsonb_array_elements_text(z.value) with ordinality as g
    group by z.key, g.value
  )
  select coalesce(jsonb_object_agg(u.zone, u.globs), '{}')
  from (select g.zone, jsonb_agg(g.glob order by g.place) as globs from globs g group by g.zone) as u
$$;
comment on function codered.united_zones(jsonb) is 'The zones of all repositories of a project, each glob once.';
revoke execute on function codered.united_zones from public;
grant execute on function codered.united_zones to service_role;

create function codered.united_environments(policy_rules jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(n.key, n.value), '{}')
  from (
    select distinct on (v.key) v.key, v.value
    from jsonb_each(united_environments.policy_rules) as e
    cross join lateral jsonb_each(coalesce(e.value -> 'environments', '{}')) as v
    order by v.key, e.key
  ) as n
$$;
comment on function codered.united_environments(jsonb) is 'The environments of all repositories of a project.';
revoke execute on function codered.united_environments from public;
grant execute on function codered.united_environments to service_role;

create function codered.record_policy_rules(repository_id bigint, zones jsonb, environments text[])
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  project codered.projects;
  told constant jsonb := jsonb_strip_nulls(jsonb_build_object(
    'zones', nullif(coalesce(record_policy_rules.zones, '{}'), '{}'),
    'environments', nullif(codered.guarded_environments(record_policy_rules.environments), '{}')));
  policies jsonb;
  before_zones jsonb;
  before_environments jsonb;
  own jsonb;
  wanted jsonb;
begin
  select p.* into project
  from codered.repositories r
  join codered.projects p on p.id = r.project_id
  where r.id = record_policy_rules.repository_id
  for no key update of p;
  if not found or project.policy_rules -> record_policy_rules.repository_id::text is not distinct from nullif(told, '{}') then
    return false;
  end if;
  policies := project.policy_rules - record_policy_rules.repository_id::text
    || case when told = '{}' then '{}' else jsonb_build_object(record_policy_rules.repository_id::text, told) end;
  before_zones := codered.united_zones(project.policy_rules);
  before_environments := codered.united_environments(project.policy_rules);
  wanted := project.rules;
  if codered.united_zones(policies) <> '{}' then
    wanted := wanted || jsonb_build_object('zones', codered.united_zones(policies));
  elsif before_zones <> '{}' and wanted -> 'zones' = before_zones then
    wanted := wanted - 'zones';
  end if;
  -- What somebody wrote there by hand stays, and says it better.
  select coalesce(jsonb_object_agg(e.key, e.value), '{}') into own
  from jsonb_each(case when jsonb_typeof(wanted -> 'environments') = 'object' then wanted -> 'environments' else '{}' end) as e
  where before_environments -> e.key is distinct from e.value;
  wanted := wanted - 'environments'
    || case when codered.united_environments(policies) || own = '{}' then '{}'
      else jsonb_build_object('environments', codered.united_environments(policies) || own) end;
  update codered.projects p set rules = wanted, policy_rules = policies where p.id = project.id;
  update codered.deployments d
  set environment = codered.environment_of(d.environment_name, wanted)
  where d.project_id = project.id
    and wanted -> 'environments' is distinct from project.rules -> 'environments'
    and d.environment <> codered.environment_of(d.environment_name, wanted);
  return true;
end
$$;
comment on function codered.record_policy_rules(bigint, jsonb, text[]) is
  'Writes what the policy file on a repository''s default branch says of zones ({"red": [globs]}) and environments (names) into the rules of its project, and takes away what it said before; what the project''s deployments count as follows. Returns whether anything changed. Several repositories of a project are united.';
revoke execute on function codered.record_policy_rules from public;
grant execute on function codered.record_policy_rules to service_role;
