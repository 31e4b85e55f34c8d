-- What Supabase brings and a plain Postgres lacks. `codered migrate` runs it before the migrations, everywhere but on
-- Supabase; it may run any number of times. Roles belong to the whole server, so two databases may share them.

do $$
declare
  wanted record;
  -- Since Postgres 16 whoever creates a role is a member that may grant it, but not yet one that may set it.
  right_wanted text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
  for wanted in
    select * from (values
      ('anon', 'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role', 'nologin noinherit bypassrls')
    ) as roles (name, attributes)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      begin
        execute format('create role %I %s', wanted.name, wanted.attributes);
      exception
        when duplicate_object or unique_violation then
          null; -- another database of this server was quicker
        when insufficient_privilege then
          raise exception 'This user may not create the role %', wanted.name
            using errcode = '42501',
              hint = format('Run as a superuser, once: create role %I %s; grant %I to %I;', wanted.name, wanted.attributes, wanted.name, current_user);
      end;
    end if;
    -- For "set role", which the function calls do.
    if not pg_has_role(current_user, wanted.name, right_wanted) then
      execute format('grant %I to %I', wanted.name, current_user);
    end if;
  end loop;
end
$$;

create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists pg_trgm with schema extensions;

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'vector') then
    create extension if not exists vector with schema extensions;
  end if;
exception
  when insufficient_privilege then
    raise notice 'The extension vector is here but this user may not create it; similarity search stays off.';
end
$$;

create schema if not exists auth;
grant usage on schema auth to anon, authenticated, service_role;

create table if not exists auth.users (
  id uuid primary key default gen_random_uuid(),
  email text unique,
  raw_app_meta_data jsonb not null default '{}',
  raw_user_meta_data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table auth.users is 'Stands in for Supabase Auth: who may sign in. Nothing signs in here; rows are made by hand or by tests.';
grant all on auth.users to service_role;

create table if not exists auth.identities (
  provider text not null,
  provider_id text not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (provider_id, provider)
);
comment on table auth.identities is 'Stands in for Supabase Auth: who somebody is elsewhere. Nothing writes here but tests.';

create or replace function auth.jwt() returns jsonb
  language sql stable
  set search_path = ''
  return coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb;
comment on function auth.jwt() is 'What the caller''s token says; an empty object when there is none.';

create or replace function auth.uid() returns uuid
  language sql stable
  set search_path = ''
  return nullif(auth.jwt() ->> 'sub', '')::uuid;
comment on function auth.uid() is 'The signed-in user; null when nobody is.';

create or replace function auth.role() returns text
  language sql stable
  set search_path = ''
  return auth.jwt() ->> 'role';
comment on function auth.role() is 'The role the caller''s token names; null when there is no token.';

grant execute on function auth.jwt(), auth.uid(), auth.role() to anon, authenticated, service_role;

do $$
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
end
$$;
