-- Who is who: organisations, people, who belongs where, and what a caller may see.
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
revoke execute on function codered.my_orgs from public;
grant execute on function codered.my_orgs to authenticated, service_role;

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
revoke execute on function codered.is_operator from public;
grant execute on function codered.is_operator to authenticated, service_role;

create table codered.orgs (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  login text not null,
  github_account_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint orgs_login_key unique (login),
  constraint orgs_github_account_id_key unique (github_account_id),
  constraint orgs_name_length check (char_length(name) between 1 and 500 or codered.refuse_value('orgs.name', name, '1 to 500 characters')),
  constraint orgs_login_length check (char_length(login) between 1 and 500 or codered.refuse_value('orgs.login', login, '1 to 500 characters'))
);
comment on table codered.orgs is 'A tenant: one GitHub account (organisation or user) that installed the App.';
comment on column codered.orgs.login is 'The account''s name at GitHub; it can change, github_account_id cannot.';
alter table codered.orgs enable row level security;
create policy orgs_read on codered.orgs for select to authenticated using (id in (select codered.my_orgs()));
grant select on codered.orgs to authenticated;
grant select, insert, update, delete on codered.orgs to service_role;
create trigger orgs_touch before update on codered.orgs
  for each row execute function codered.touch_updated_at();

create table codered.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  email text,
  username text,
  display_name text,
  avatar_url text,
  role text not null default 'user',
  skill_level text,
  github_login text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint profiles_username_key unique (username),
  constraint profiles_role_check check (role in ('user', 'admin') or codered.refuse_value('profiles.role', role, 'user, admin')),
  constraint profiles_skill_level_check check (
    skill_level in ('beginner', 'intermediate', 'advanced')
    or codered.refuse_value('profiles.skill_level', skill_level, 'beginner, intermediate, advanced')
  ),
  constraint profiles_username_length
    check (char_length(username) between 1 and 200 or codered.refuse_value('profiles.username', username, '1 to 200 characters')),
  constraint profiles_display_name_length
    check (char_length(display_name) <= 500 or codered.refuse_value('profiles.display_name', display_name, 'at most 500 characters')),
  constraint profiles_avatar_url_length
    check (char_length(avatar_url) <= 2000 or codered.refuse_value('profiles.avatar_url', avatar_url, 'at most 2000 characters'))
);
comment on table codered.profiles is 'A person who signs in; the row of auth.users holds the credentials.';
comment on column codered.profiles.email is 'Null for people who signed up through GitHub and keep their address private.';
comment on column codered.profiles.role is 'admin is the operator of this deployment, not of an organisation.';
comment on column codered.profiles.skill_level is
  'beginner, intermediate or advanced, as the person says; theirs alone to write (policy profiles_update) and to read (my_profile).';
alter table codered.profiles enable row level security;
create policy profiles_insert on codered.profiles for insert to authenticated with check (id = (select auth.uid()));
create policy profiles_update on codered.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
-- Email and role are not the user's to read of others, nor to write of themselves.
grant select (id, username, display_name, avatar_url) on codered.profiles to authenticated;
grant insert (id, username, display_name, avatar_url) on codered.profiles to authenticated;
grant update (username, display_name, avatar_url) on codered.profiles to authenticated;
grant update (skill_level) on codered.profiles to authenticated;
grant select, insert, update, delete on codered.profiles to service_role;
create trigger profiles_touch before update on codered.profiles
  for each row execute function codered.touch_updated_at();

create table codered.memberships (
  org_id uuid not null references codered.orgs (id) on delete cascade,
  user_id uuid not null references codered.profiles (id) on delete cascade,
  role text not null default 'member',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, user_id),
  constraint memberships_role_check check (
    role in ('member', 'maintainer', 'admin')
    or codered.refuse_value('memberships.role', role, 'member, maintainer, admin')
  )
);
comment on table codered.memberships is 'Who belongs to which organisation, and as what.';
create index memberships_user_id_idx on codered.memberships (user_id);
alter table codered.memberships enable row level security;
create policy memberships_read on codered.memberships for select to authenticated using (org_id in (select codered.my_orgs()));
create policy memberships_insert on codered.memberships for insert to authenticated
  with check (org_id in (select codered.my_orgs('admin')));
create policy memberships_update on codered.memberships for update to authenticated
  using (org_id in (select codered.my_orgs('admin'))) with check (org_id in (select codered.my_orgs('admin')));
create policy memberships_delete on codered.memberships for delete to authenticated
  using (org_id in (select codered.my_orgs('admin')) or user_id = (select auth.uid()));
grant select, insert, delete on codered.memberships to authenticated;
grant update (role) on codered.memberships to authenticated;
grant select, insert, update, delete on codered.memberships to service_role;
create trigger memberships_touch before update on codered.memberships
  for each row execute function codered.touch_updated_at();

-- Who is in no organisation of the caller's is nobody to them.
create policy profiles_read on codered.profiles for select to authenticated
  using (id = (select auth.uid()) or id in (select m.user_id from codered.memberships m where m.org_id in (select codered.my_orgs())));

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
comment on table codered.oauth_tokens is 'Tokens of agents that ask over MCP (OAuth 2.1). Only hashes are kept: whoever reads the table can sign in as nobody.';
comment on column codered.oauth_tokens.access_token_hash is 'SHA-256 of the token in hexadecimal, made by the app before it gets here.';
comment on column codered.oauth_tokens.scope is 'Names of scopes with a space between two.';
create index oauth_tokens_user_id_idx on codered.oauth_tokens (user_id);
alter table codered.oauth_tokens enable row level security;
create policy oauth_tokens_read on codered.oauth_tokens for select to authenticated using (user_id = (select auth.uid()));
grant select on codered.oauth_tokens to authenticated;
grant select, insert, update, delete on codered.oauth_tokens to service_role;
create trigger oauth_tokens_touch before update on codered.oauth_tokens
  for each row execute function codered.touch_updated_at();

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
revoke execute on function codered.is_member_call from public;
grant execute on function codered.is_member_call to authenticated, service_role;

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
revoke execute on function codered.make_profile from public;

create trigger make_profile after insert on auth.users
  for each row execute function codered.make_profile();

create function codered.find_profile(login text)
returns uuid
language sql
stable
set search_path = ''
as $$
  select p.id
  from codered.profiles p
  where lower(p.github_login) = lower(find_profile.login)
  order by p.created_at, p.id
  limit 1
$$;
comment on function codered.find_profile(text) is 'Who goes by a login at GitHub, in any case; null when nobody here does.';
revoke execute on function codered.find_profile from public;
grant execute on function codered.find_profile to service_role;

create function codered.my_profile()
returns json
language sql
stable
security definer
set search_path = ''
as $$
  select json_build_object(
    'id', p.id, 'email', p.email, 'username', p.username, 'display_name', p.display_name, 'avatar_url', p.avatar_url,
    'skill_level', p.skill_level, 'github_login', p.github_login)
  from codered.profiles p
  where p.id = (select auth.uid())
$$;
comment on function codered.my_profile() is
  'The caller''s own profile, with what nobody else may read of it; null for who has none. Security definer, because skill_level and email are columns that nobody may read of others; it tells of nobody but the caller.';
revoke execute on function codered.my_profile from public;
grant execute on function codered.my_profile to authenticated, service_role;

-- Whoever signed up before this schema was made.
insert into codered.profiles (id, email, display_name)
select u.id, u.email, left(coalesce(
  u.raw_user_meta_data ->> 'display_name', u.raw_user_meta_data ->> 'full_name', u.raw_user_meta_data ->> 'name',
  u.raw_user_meta_data ->> 'user_name'), 500)
from auth.users u
on conflict (id) do nothing;
