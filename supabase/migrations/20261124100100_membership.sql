-- Who may see what: one question about membership for every policy, and the policies of the tenancy tables. Old workers survive it.
--
-- A policy asks "project_id in (select codered.my_projects())": a sub-select that depends on no row, so Postgres answers it
-- once per statement and looks each row up in the answer.

create function codered.my_orgs(at_least text default 'member')
returns setof uuid
language sql
stable
security definer
rows 10
set search_path = ''
as $$
  select m.org_id
  from codered.memberships m
  where m.user_id = (select auth.uid())
    and array_position('{member,maintainer,admin}'::text[], m.role)
      >= array_position('{member,maintainer,admin}'::text[], my_orgs.at_least)
$$;
comment on function codered.my_orgs(text) is
  'The organisations in which the caller is at least that (member, maintainer, admin). Security definer, because the policy on memberships asks it and would ask itself otherwise; it tells of nobody but the caller.';

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
begin
  return query
    select p.id
    from codered.memberships m
    join codered.projects p on p.org_id = m.org_id
    where m.user_id = me
      and array_position('{member,maintainer,admin}'::text[], m.role)
        >= array_position('{member,maintainer,admin}'::text[], my_projects.at_least)
    union
    select p.id
    from codered.projects p
    where p.owner_user_id = me
      and (p.org_id is null or exists (select from codered.memberships m where m.org_id = p.org_id and m.user_id = me));
end
$$;
comment on function codered.my_projects(text) is
  'The projects of the caller''s organisations in which they are at least that, and those they own, as long as they are in its organisation if it has one. Security definer, because the policy on projects asks it and would ask itself otherwise; it tells of nobody but the caller.';

create function codered.my_repositories()
returns setof bigint
language plpgsql
stable
security definer
rows 100
set search_path = ''
as $$
begin
  return query select r.id from codered.repositories r where r.project_id in (select codered.my_projects());
end
$$;
comment on function codered.my_repositories() is
  'The repositories of codered.my_projects(), for rows that know only their repository. Security definer, because the policy of repositories would be evaluated once more; it tells of nobody but the caller.';

create function codered.is_operator()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from codered.profiles p where p.id = (select auth.uid()) and p.role = 'admin');
end
$$;
comment on function codered.is_operator() is
  'Whether the caller operates this deployment (profiles.role admin). Security definer, because nobody may read that column; it tells of nobody but the caller.';

revoke execute on function codered.my_orgs(text), codered.my_projects(text), codered.my_repositories(), codered.is_operator() from public;
grant execute on function codered.my_orgs(text), codered.my_projects(text), codered.my_repositories(), codered.is_operator()
  to authenticated, service_role;

create function codered.is_member_call()
returns boolean
language sql
stable
set search_path = ''
as $$
  -- The role that was set stays visible inside a security definer function; current_user does not.
  select auth.uid() is not null or coalesce(current_setting('role', true), 'none') in ('authenticated', 'anon')
$$;
comment on function codered.is_member_call() is
  'Whether a signed-in person calls, so that membership has to be checked; false for the app (service_role) and for the owner.';
revoke execute on function codered.is_member_call() from public;
grant execute on function codered.is_member_call() to authenticated, service_role;

create policy orgs_read on codered.orgs for select to authenticated using (id in (select codered.my_orgs()));
grant select on codered.orgs to authenticated;

create policy profiles_read on codered.profiles for select to authenticated using (true);
create policy profiles_insert on codered.profiles for insert to authenticated with check (id = (select auth.uid()));
create policy profiles_update on codered.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
-- Email and role are not the user's to read of others, nor to write of themselves.
grant select (id, username, display_name, avatar_url) on codered.profiles to authenticated;
grant insert (id, username, display_name, avatar_url) on codered.profiles to authenticated;
grant update (username, display_name, avatar_url) on codered.profiles to authenticated;
alter table codered.profiles
  add constraint profiles_username_length
    check (char_length(username) between 1 and 200 or codered.refuse_value('profiles.username', username, '1 to 200 characters')),
  add constraint profiles_display_name_length
    check (char_length(display_name) <= 500 or codered.refuse_value('profiles.display_name', display_name, 'at most 500 characters')),
  add constraint profiles_avatar_url_length
    check (char_length(avatar_url) <= 2000 or codered.refuse_value('profiles.avatar_url', avatar_url, 'at most 2000 characters'));

create policy memberships_read on codered.memberships for select to authenticated using (org_id in (select codered.my_orgs()));
create policy memberships_insert on codered.memberships for insert to authenticated
  with check (org_id in (select codered.my_orgs('admin')));
create policy memberships_update on codered.memberships for update to authenticated
  using (org_id in (select codered.my_orgs('admin'))) with check (org_id in (select codered.my_orgs('admin')));
create policy memberships_delete on codered.memberships for delete to authenticated
  using (org_id in (select codered.my_orgs('admin')) or user_id = (select auth.uid()));
grant select, insert, delete on codered.memberships to authenticated;
grant update (role) on codered.memberships to authenticated;

create policy installations_read on codered.installations for select to authenticated using (org_id in (select codered.my_orgs()));
grant select on codered.installations to authenticated;

-- A project of one's own needs no organisation; one in an organisation is its maintainers' to make and change.
-- By columns, not my_projects(): that does not see the row that "insert … returning" is just making.
create policy projects_read on codered.projects for select to authenticated
  using (org_id in (select codered.my_orgs()) or (org_id is null and owner_user_id = (select auth.uid())));
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
alter table codered.projects
  add constraint projects_description_length
    check (char_length(description) <= 20000 or codered.refuse_value('projects.description', description, 'at most 20000 characters')),
  alter column owner_user_id set default auth.uid();
comment on column codered.projects.requirements_spec is 'What the research agent wrote: app_name, elevator_pitch, target_audience, core_features, recommended_stack.';
comment on column codered.projects.architecture_spec is 'What the wireframe agent wrote: site_map, global_state_needs, theme_colors.';
comment on column codered.projects.owner_user_id is 'Whoever made it; null for one that came with a repository.';

create policy repositories_read on codered.repositories for select to authenticated
  using (project_id in (select codered.my_projects()));
grant select on codered.repositories to authenticated;

create table codered.oauth_tokens (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references codered.profiles (id) on delete cascade,
  token_type text not null default 'bearer',
  access_token_hash text not null,
  refresh_token_hash text,
  expires_at timestamptz not null,
  scope text not null default '',
  client_id text not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint oauth_tokens_access_token_hash_key unique (access_token_hash),
  constraint oauth_tokens_refresh_token_hash_key unique (refresh_token_hash),
  -- The value is left out of the message: it may be the token itself.
  constraint oauth_tokens_access_token_hash_check check (
    access_token_hash ~ '^[0-9a-f]{64}$'
    or codered.refuse_value('oauth_tokens.access_token_hash', left(access_token_hash, 0) || '(not shown)', 'SHA-256 in lower-case hexadecimal, never the token')),
  constraint oauth_tokens_refresh_token_hash_check check (
    refresh_token_hash is null
    or refresh_token_hash ~ '^[0-9a-f]{64}$'
    or codered.refuse_value('oauth_tokens.refresh_token_hash', left(refresh_token_hash, 0) || '(not shown)', 'SHA-256 in lower-case hexadecimal, never the token')),
  constraint oauth_tokens_scope_length check (char_length(scope) <= 2000 or codered.refuse_value('oauth_tokens.scope', scope, 'at most 2000 characters')),
  constraint oauth_tokens_client_id_length
    check (char_length(client_id) between 1 and 500 or codered.refuse_value('oauth_tokens.client_id', client_id, '1 to 500 characters'))
);
create index oauth_tokens_user_id_idx on codered.oauth_tokens (user_id);
alter table codered.oauth_tokens enable row level security;
create policy oauth_tokens_read on codered.oauth_tokens for select to authenticated using (user_id = (select auth.uid()));
grant select on codered.oauth_tokens to authenticated;
create trigger oauth_tokens_touch before update on codered.oauth_tokens
  for each row execute function codered.touch_updated_at();
comment on table codered.oauth_tokens is 'Tokens of agents that ask over MCP (OAuth 2.1). Only hashes are kept: whoever reads the table can sign in as nobody.';
comment on column codered.oauth_tokens.access_token_hash is 'SHA-256 of the token in hexadecimal, made by the app before it gets here.';
comment on column codered.oauth_tokens.scope is 'Names of scopes with a space between two.';

create function codered.make_profile()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  -- Whoever signs up writes the metadata: only words count, and empty ones are none.
  told constant jsonb := (
    select coalesce(jsonb_object_agg(e.key, btrim(e.value #>> '{}')), '{}')
    from jsonb_each(case when jsonb_typeof(new.raw_user_meta_data) = 'object' then new.raw_user_meta_data else '{}' end) as e
    where jsonb_typeof(e.value) = 'string' and btrim(e.value #>> '{}') <> ''
  );
  login constant text := left(told ->> 'user_name', 200);
  shown constant text := left(coalesce(told ->> 'display_name', told ->> 'full_name', told ->> 'name', login), 500);
begin
  insert into codered.profiles (id, email, username, display_name, avatar_url, github_login)
  values (
    new.id, new.email,
    -- A name that is taken must not keep anybody from signing up.
    case when not exists (select from codered.profiles p where p.username = login) then login end,
    shown, left(told ->> 'avatar_url', 2000),
    case when new.raw_app_meta_data ->> 'provider' = 'github' then login end
  )
  on conflict (id) do nothing;
  return null;
exception
  when unique_violation then
    insert into codered.profiles (id, email, display_name) values (new.id, new.email, shown) on conflict (id) do nothing;
    return null;
end
$$;
comment on function codered.make_profile() is
  'Makes the profile of whoever signs up. Security definer, because Supabase Auth, which inserts the user, has no rights here.';
revoke execute on function codered.make_profile() from public;

create trigger make_profile after insert on auth.users
  for each row execute function codered.make_profile();

-- Whoever signed up before this migration.
insert into codered.profiles (id, email, display_name)
select u.id, u.email, left(coalesce(
  u.raw_user_meta_data ->> 'display_name', u.raw_user_meta_data ->> 'full_name', u.raw_user_meta_data ->> 'name',
  u.raw_user_meta_data ->> 'user_name'), 500)
from auth.users u
on conflict (id) do nothing;
