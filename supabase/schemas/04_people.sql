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
    -- An outside collaborator ranks below a member, and nothing else does.
    and array_position('{member,maintainer,admin}'::text[], m.role)
      >= array_position('{member,maintainer,admin}'::text[], my_orgs.at_least)
    and (m.source = 'hand' or codered.is_access_certain(m.user_id))
$$;
comment on function codered.my_orgs(text) is
  'The organisations in which the caller is at least that (member, maintainer, admin); one that GitHub told, as long as it was asked within the hour. Security definer, because the policy on memberships asks it and would ask itself otherwise; it tells of nobody but the caller.';
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
  github_id bigint,
  constraint profiles_username_key unique (username),
  constraint profiles_github_id_key unique (github_id),
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
comment on column codered.profiles.github_id is
  'GitHub''s id of the user, by which a person is known: logins are given to others, addresses are not compared. Null for who never signed in with GitHub. The app alone writes it.';
comment on column codered.profiles.github_login is
  'The login that GitHub named last. Whoever had it before has none until GitHub names theirs again.';
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
  source text not null default 'hand',
  primary key (org_id, user_id),
  constraint memberships_role_check check (
    role in ('member', 'maintainer', 'admin', 'collaborator')
    or codered.refuse_value('memberships.role', role, 'member, maintainer, admin, collaborator')
  ),
  constraint memberships_collaborator_check check (
    role <> 'collaborator' or source = 'github'
    or codered.refuse_value('memberships.role', role, 'member, maintainer, admin: a collaborator is one by GitHub''s word alone')
  ),
  constraint memberships_source_check check (
    source in ('hand', 'github') or codered.refuse_value('memberships.source', source, 'hand, github')
  )
);
comment on table codered.memberships is 'Who belongs to which organisation, and as what.';
comment on column codered.memberships.role is
  'member, maintainer, admin; collaborator (outside collaborator), as GitHub alone says: sees the projects of their repositories, and nothing of the organisation.';
comment on column codered.memberships.source is
  'hand: somebody wrote it, and it stays until somebody takes it away, or GitHub tells that the person was removed from the organisation. github: as GitHub said, and gone when GitHub no longer says so.';
create index memberships_user_id_idx on codered.memberships (user_id);
alter table codered.memberships enable row level security;
create policy memberships_read on codered.memberships for select to authenticated using (org_id in (select codered.my_orgs()));
create policy memberships_insert on codered.memberships for insert to authenticated
  with check (org_id in (select codered.my_orgs('admin')) and source = 'hand');
-- What GitHub told is not theirs to change: raised by hand it would outlast what GitHub says.
create policy memberships_update on codered.memberships for update to authenticated
  using (org_id in (select codered.my_orgs('admin')) and source = 'hand') with check (org_id in (select codered.my_orgs('admin')));
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

create function codered.record_person(
  user_id uuid, github_id bigint, login text, display_name text default null, avatar_url text default null)
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- GitHub gives a login that was given up to others.
  update codered.profiles p
  set github_login = null
  where lower(p.github_login) = lower(record_person.login) and p.id <> record_person.user_id;
  update codered.profiles p
  set
    github_id = record_person.github_id,
    github_login = record_person.login,
    display_name = coalesce(p.display_name, left(record_person.display_name, 500)),
    avatar_url = coalesce(left(record_person.avatar_url, 2000), p.avatar_url)
  where p.id = record_person.user_id and (p.github_id is null or p.github_id = record_person.github_id);
  if not found then
    raise exception 'There is no person "%" with GitHub''s id %.', record_person.user_id, record_person.github_id using errcode = 'CR004';
  end if;
end
$$;
comment on function codered.record_person(uuid, bigint, text, text, text) is
  'Writes down who a person is at GitHub: id and present login. A person''s id never changes: refuses CR004 for another one and for who is not there.';
revoke execute on function codered.record_person from public;
grant execute on function codered.record_person to service_role;

create function codered.find_person(github_id bigint)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(
    (select p.id from codered.profiles p where p.github_id = find_person.github_id),
    (select u.id from auth.users u where u.raw_app_meta_data @> jsonb_build_object('github_id', find_person.github_id) order by u.created_at, u.id limit 1),
    (select p.id
      from auth.identities i
      join codered.profiles p on p.id = i.user_id
      where i.provider = 'github' and i.provider_id = find_person.github_id::text and p.github_id is null
      order by i.created_at, p.id
      limit 1))
$$;
comment on function codered.find_person(bigint) is
  'Who has that id at GitHub; null when nobody here does. Finds the user as well whom the app made through Supabase Auth when it ended before record_person: app metadata, which is nobody''s own to write, names the id; and who signed up with GitHub through Supabase Auth itself, whose identity has GitHub''s id as Auth was told it (never user metadata, which people write). Security definer, because the app may not read schema auth on Supabase.';
revoke execute on function codered.find_person from public;
grant execute on function codered.find_person to service_role;

create function codered.ensure_person(github_id bigint, login text, display_name text default null, avatar_url text default null)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  person uuid;
begin
  if ensure_person.github_id is null or ensure_person.github_id <= 0 then
    perform codered.refuse_value('github_id', ensure_person.github_id, 'a number from 1');
  end if;
  if ensure_person.login is null or ensure_person.login !~ '^[A-Za-z0-9_\[\]-]{1,100}$' then
    perform codered.refuse_value('login', ensure_person.login, 'a login of GitHub');
  end if;
  -- Two sign-ins at once would make two people of one.
  perform pg_advisory_xact_lock(hashtextextended('codered.person.' || ensure_person.github_id, 0));
  person := codered.find_person(ensure_person.github_id);
  if person is null then
    insert into auth.users (raw_app_meta_data)
    values (jsonb_build_object('provider', 'github', 'github_id', ensure_person.github_id))
    returning id into person;
  end if;
  perform codered.record_person(person, ensure_person.github_id, ensure_person.login, ensure_person.display_name, ensure_person.avatar_url);
  return person;
end
$$;
comment on function codered.ensure_person(bigint, text, text, text) is
  'The person with that id at GitHub, made if there is none, with their present login. On Supabase the app makes the user through Auth''s own API instead, and calls record_person.';
revoke execute on function codered.ensure_person from public;
grant execute on function codered.ensure_person to service_role;

create function codered.set_member(org_login text, user_id uuid, role text)
returns json
language plpgsql
set search_path = ''
as $$
declare
  org codered.orgs;
  former text;
begin
  select o.* into org from codered.orgs o where lower(o.login) = lower(set_member.org_login);
  if not found then
    raise exception 'There is no organisation "%" here: it is known once the App is installed on it.', set_member.org_login using errcode = 'CR004';
  end if;
  select m.role into former from codered.memberships m where m.org_id = org.id and m.user_id = set_member.user_id;
  insert into codered.memberships (org_id, user_id, role, source)
  values (org.id, set_member.user_id, set_member.role, 'hand')
  on conflict on constraint memberships_pkey do update set role = excluded.role, source = 'hand';
  return json_build_object('org', org.login, 'user_id', set_member.user_id, 'role', set_member.role, 'former_role', former);
end
$$;
comment on function codered.set_member(text, uuid, text) is
  'Makes a person a member of an organisation, or what kind of member they are. Returns {org, user_id, role, former_role: null for who was none}; refuses CR002 (a role that is none), CR004 (no such organisation).';
revoke execute on function codered.set_member from public;
grant execute on function codered.set_member to service_role;

create function codered.list_members(org_login text default null)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(json_agg(json_build_object(
    'org', o.login, 'user_id', p.id, 'github_id', p.github_id, 'github_login', p.github_login, 'display_name', p.display_name,
    'role', m.role, 'source', m.source, 'since', m.created_at) order by lower(o.login), lower(p.github_login), p.id), '[]')
  from codered.memberships m
  join codered.orgs o on o.id = m.org_id
  join codered.profiles p on p.id = m.user_id
  where list_members.org_login is null or lower(o.login) = lower(list_members.org_login)
$$;
comment on function codered.list_members(text) is
  'The members of an organisation, or of all, by login: [{org, user_id, github_id, github_login, display_name, role, source: hand or github, since}].';
revoke execute on function codered.list_members from public;
grant execute on function codered.list_members to service_role;

create function codered.remove_member(org_login text, user_id uuid)
returns boolean
language sql
set search_path = ''
as $$
  with gone as (
    delete from codered.memberships m
    using codered.orgs o
    where o.id = m.org_id and lower(o.login) = lower(remove_member.org_login) and m.user_id = remove_member.user_id
    returning 1
  )
  select exists (select from gone)
$$;
comment on function codered.remove_member(text, uuid) is 'Takes a person out of an organisation; false when they were not in it.';
revoke execute on function codered.remove_member from public;
grant execute on function codered.remove_member to service_role;

-- Whoever signed up before this schema was made.
insert into codered.profiles (id, email, display_name)
select u.id, u.email, left(coalesce(
  u.raw_user_meta_data ->> 'display_name', u.raw_user_meta_data ->> 'full_name', u.raw_user_meta_data ->> 'name',
  u.raw_user_meta_data ->> 'user_name'), 500)
from auth.users u
on conflict (id) do nothing;
