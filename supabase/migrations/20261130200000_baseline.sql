-- The whole schema as it was made by the 76 migrations in replaced-migrations.txt: all of supabase/schemas at that time, in the order of
-- its files. A database that has those migrations gets nothing of it: `codered migrate` enters it in the books. Old workers survive it.

-- The schema, who may use it, and the functions that tables of every subject rest on.
--
-- What is refused is refused in words: column, value and what is allowed, under codes of our own (a client decides by them, never
-- by the text):
--   CR001  history: rows of this table can be added, never changed or deleted
--   CR002  a value is not allowed; the message names column, value and what is allowed
--   CR003  the state that the row is in does not allow this
--   CR004  there is no such row, or the caller may not see it
--   CR005  somebody else holds it
--   CR006  the dependencies would form a cycle
--   CR007  the id belongs to another project
--   CR008  the caller may see it but not do this

-- Functions call one another across these files; 90_realtime.sql, the last one, looks at all bodies when all is there.
set check_function_bodies = off;

create schema if not exists codered;
comment on schema codered is 'The brain of CodeRed: CI runs, deployments, failures and what is known of them.';
grant usage on schema codered to service_role, authenticated;
alter default privileges in schema codered grant select, insert, update, delete on tables to service_role;
alter default privileges in schema codered grant usage, select on sequences to service_role;

create function codered.touch_updated_at()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function codered.touch_updated_at() is 'The one trigger that keeps updated_at on every table that has it.';
revoke execute on function codered.touch_updated_at from public;
grant execute on function codered.touch_updated_at to service_role;

create function codered.status_rank(status text)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case status when 'queued' then 0 when 'running' then 1 else 2 end
$$;
comment on function codered.status_rank(text) is
  'How far a CI status is: a status only moves forward (queued, running, any of the final ones).';
revoke execute on function codered.status_rank from public;
grant execute on function codered.status_rank to service_role;

create function codered.slug_of(name text)
returns text
language sql
immutable
set search_path = ''
as $$
  select coalesce(nullif(btrim(regexp_replace(lower(name), '[^a-z0-9]+', '_', 'g'), '_'), ''), 'project')
$$;
comment on function codered.slug_of(text) is 'A name as a slug: lower case, every other character an underscore.';
revoke execute on function codered.slug_of from public;
grant execute on function codered.slug_of to service_role;

create function codered.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception 'Rows of % are history: they can be added, never changed or deleted.', tg_table_name
    using errcode = 'CR001';
end
$$;
comment on function codered.refuse_change() is 'Refuses UPDATE and DELETE on append-only tables, for every role.';
revoke execute on function codered.refuse_change from public;
grant execute on function codered.refuse_change to service_role;

create function codered.is_newer(
  provider text,
  status text, source_updated_at timestamptz, source_delivery text,
  than_status text, than_updated_at timestamptz, than_delivery text
)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case
    when provider = 'github-status' then
      (source_updated_at, codered.status_rank(status), source_delivery)
      > (than_updated_at, codered.status_rank(than_status), than_delivery)
    else
      (codered.status_rank(status), source_updated_at, source_delivery)
      > (codered.status_rank(than_status), than_updated_at, than_delivery)
  end
$$;
comment on function codered.is_newer(text, text, timestamptz, text, text, timestamptz, text) is
  'Whether what one source says of a run or job wins over what another said.';
revoke execute on function codered.is_newer from public;
grant execute on function codered.is_newer to service_role;

create function codered.refuse_value(what text, value anyelement, allowed text)
returns boolean
language plpgsql
-- Not immutable: with constants for arguments it would be worked out, and raise, before any row is looked at.
stable
strict
set search_path = ''
as $$
begin
  raise exception '% is %; allowed: %.', what, to_json(left(value::text, 80)), allowed
    using errcode = 'CR002', table = split_part(what, '.', 1), column = split_part(what, '.', 2);
end
$$;
comment on function codered.refuse_value(text, anyelement, text) is
  'Stands in a CHECK behind "or", where it is reached only by a value that broke it: raises CR002 with column, value and what is allowed. Null in, null out: a missing value breaks no CHECK.';
revoke execute on function codered.refuse_value from public;
grant execute on function codered.refuse_value to authenticated, service_role;

create function codered.refuse_missing(thing text, id text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  raise exception 'There is no % %.', thing, to_json(left(coalesce(id, 'null'), 80)) using errcode = 'CR004';
end
$$;
comment on function codered.refuse_missing(text, text) is
  'Raises CR004, in the same words for a row that is not there and one that the caller may not see.';
revoke execute on function codered.refuse_missing from public;
grant execute on function codered.refuse_missing to authenticated, service_role;

create function codered.refuse_state(what text, state text, allowed text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  raise exception '% is %; allowed: %.', what, to_json(left(coalesce(state, 'null'), 80)), allowed
    using errcode = 'CR003', table = split_part(what, '.', 1), column = split_part(what, '.', 2);
end
$$;
comment on function codered.refuse_state(text, text, text) is 'Raises CR003: which state was found, and from which one it would be allowed.';
revoke execute on function codered.refuse_state from public;
grant execute on function codered.refuse_state to authenticated, service_role;

create function codered.append_event()
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
  insert into codered.events (project_id, run_id, task_id, user_id, event_type, payload)
  values (
    case when thing = 'project' then (there ->> 'id')::uuid else (there ->> 'project_id')::uuid end,
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

create function codered.refuse_foreign_project()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  rule text;
  id uuid;
  found_in uuid;
  is_there boolean;
begin
  -- Whoever may not see the project is refused by its policy, whatever else is wrong with the row.
  if (select auth.uid()) is not null and new.project_id not in (select codered.my_projects()) then
    return new;
  end if;
  -- Each argument: <column>:<table it points at>.
  foreach rule in array tg_argv loop
    id := to_jsonb(new) ->> split_part(rule, ':', 1);
    continue when id is null;
    execute format('select t.project_id, true from codered.%I t where t.id = $1', split_part(rule, ':', 2))
      into found_in, is_there using id;
    -- A stranger learns nothing: a row of another project is refused in the words of one that is not there.
    if is_there is null or found_in is distinct from new.project_id then
      raise exception '%.% is "%": there is no such row of % in this project.',
        tg_table_name, split_part(rule, ':', 1), id, split_part(rule, ':', 2)
        using errcode = 'CR007', table = tg_table_name, column = split_part(rule, ':', 1),
          hint = 'Allowed: an id of the project that project_id names.';
    end if;
  end loop;
  return new;
end
$$;
comment on function codered.refuse_foreign_project() is
  'Refuses (CR007) an id that belongs to another project. Security definer, because what the caller may not see has to be refused in the same words as what is not there.';
revoke execute on function codered.refuse_foreign_project from public;

create function codered.check_batch(what text, batch integer)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if (batch between 1 and 500) is not true then
    perform codered.refuse_value(what, coalesce(batch::text, 'null'), '1 to 500');
  end if;
end
$$;
comment on function codered.check_batch(text, integer) is 'Refuses (CR002) a page of fewer than 1 or more than 500 rows.';
revoke execute on function codered.check_batch from public;
grant execute on function codered.check_batch to authenticated, service_role;

create function codered.accept_shape(what text, value jsonb, shape jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  wanted constant text := shape ->> 'is';
  kind constant text := jsonb_typeof(value);
  least_size constant numeric := (shape ->> 'from')::numeric;
  most_size constant numeric := (shape ->> 'to')::numeric;
  bounds constant text := case
    when most_size is null and least_size is null then ''
    when most_size is null then format(', %s or more', least_size)
    when least_size is null then format(', at most %s', most_size)
    when shape ? 'open' then format(', more than %s, at most %s', least_size, most_size)
    else format(', %s to %s', least_size, most_size)
  end;
  size numeric;
  allowed text;
  key text;
  place bigint;
  item jsonb;
begin
  case wanted
    when 'text' then
      size := case when kind = 'string' then char_length(value #>> '{}') end;
      allowed := 'text' || bounds || case when bounds = '' then '' else ' characters' end;
    when 'number' then
      size := case when kind = 'number' then value::text::numeric end;
      allowed := 'a number' || bounds;
    when 'whole' then
      size := case when kind = 'number' and value::text::numeric = trunc(value::text::numeric) then value::text::numeric end;
      allowed := 'a whole number' || bounds;
    when 'boolean' then
      size := case when kind = 'boolean' then 0 end;
      allowed := 'true or false';
    when 'word' then
      size := case when kind = 'string' and shape -> 'of' ? (value #>> '{}') then 0 end;
      allowed := (select string_agg(w.word, ', ' order by w.n) from jsonb_array_elements_text(shape -> 'of') with ordinality as w (word, n));
    when 'list' then
      size := case when kind = 'array' then jsonb_array_length(value) end;
      allowed := 'a list' || bounds || case when bounds = '' then '' else ' entries' end;
    else
      size := case when kind = 'object' then 0 end;
      allowed := (select 'an object of ' || string_agg(k.key, ', ' order by k.key) from jsonb_object_keys(shape -> 'keys') as k (key));
  end case;
  if size is null or size < least_size or size > most_size or (shape ? 'open' and size = least_size) then
    raise exception '% is %; allowed: %.', what, left(value::text, 80), allowed
      using errcode = 'CR002', table = split_part(what, '.', 1);
  end if;
  if wanted = 'list' then
    for place, item in
      select e.n - 1, e.entry from jsonb_array_elements(value) with ordinality as e (entry, n)
    loop
      perform codered.accept_shape(format('%s[%s]', what, place), item, shape -> 'of');
    end loop;
  elsif wanted = 'object' then
    for key, item in
      select coalesce(k.key, g.key), case when k.key is null then null when g.key is null then '"(missing)"' else g.entry end
      from jsonb_each(shape -> 'keys') as k (key, rule)
      full join jsonb_each(value) as g (key, entry) on g.key = k.key
      -- What may be left out may also be null.
      where not (coalesce(g.entry, 'null') = 'null' and k.key is not null and coalesce(shape -> 'optional' ? k.key, false))
      order by k.key is not null, g.key is not null, 1
    loop
      if item is null then
        raise exception '%.% is %; allowed: the keys %.', what, left(key, 80), left((value -> key)::text, 80), substr(allowed, 14)
          using errcode = 'CR002', table = split_part(what, '.', 1);
      elsif not value ? key then
        raise exception '%.% is missing; allowed: %.', what, key, allowed
          using errcode = 'CR002', table = split_part(what, '.', 1);
      end if;
      perform codered.accept_shape(what || '.' || key, item, shape -> 'keys' -> key);
    end loop;
  end if;
  return true;
end
$$;
comment on function codered.accept_shape(text, jsonb, jsonb) is
  'True when the value has that shape; otherwise raises CR002 with the way to the first that has not (questions[2].id), its value and what is allowed. A shape is {"is": text | number | whole | boolean | word | list | object, "from", "to", "open": from itself is too little, "of": words or the shape of an entry, "keys": shapes by key, "optional": keys}; other keys are refused.';
revoke execute on function codered.accept_shape from public;
grant execute on function codered.accept_shape to authenticated, service_role;

create function codered.ids_in(scope jsonb, kind text)
returns bigint[]
language sql
immutable
set search_path = ''
as $$
  select array(select e.entry::bigint from jsonb_array_elements_text(coalesce(ids_in.scope -> ids_in.kind, '[]')) as e (entry))
$$;
comment on function codered.ids_in(jsonb, text) is 'The numbers of one kind in a scope.';
revoke execute on function codered.ids_in from public;
grant execute on function codered.ids_in to service_role;

create function codered.uuids_in(scope jsonb, kind text)
returns uuid[]
language sql
immutable
set search_path = ''
as $$
  select array(select e.entry::uuid from jsonb_array_elements_text(coalesce(uuids_in.scope -> uuids_in.kind, '[]')) as e (entry))
$$;
comment on function codered.uuids_in(jsonb, text) is 'The ids of our own of one kind in a scope.';
revoke execute on function codered.uuids_in from public;
grant execute on function codered.uuids_in to service_role;

create function codered.texts_in(scope jsonb, kind text)
returns text[]
language sql
immutable
set search_path = ''
as $$
  select array(select e.entry from jsonb_array_elements_text(coalesce(texts_in.scope -> texts_in.kind, '[]')) as e (entry))
$$;
comment on function codered.texts_in(jsonb, text) is 'The texts of one kind in a scope.';
revoke execute on function codered.texts_in from public;
grant execute on function codered.texts_in to service_role;

create function codered.seconds_of(ci_event_ids uuid[])
returns integer
language sql
stable
set search_path = ''
as $$
  select case when bool_and(e.start_time is not null and e.end_time is not null)
    then greatest(extract(epoch from max(e.end_time) - min(e.start_time)), 0)::integer end
  from codered.ci_events e
  where e.id = any (seconds_of.ci_event_ids)
$$;
comment on function codered.seconds_of(uuid[]) is
  'From the first start of these workflow runs to their last end, in seconds; null when there are none, or one of them has not told both.';
revoke execute on function codered.seconds_of from public;
grant execute on function codered.seconds_of to service_role;

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
  'Zones ({"zones": {"red": ["src/billing/**"]}}), environments ({"environments": {"eu-live": "prod"}}), scope rules, gates, triggers. Zones and environments of a policy file are written when it is read on the default branch; what else stands here is people''s.';
comment on column codered.projects.requirements_spec is 'What the research agent wrote: app_name, elevator_pitch, target_audience, core_features, recommended_stack.';
comment on column codered.projects.architecture_spec is 'What the wireframe agent wrote: site_map, global_state_needs, theme_colors.';
comment on column codered.projects.policy_rules is
  'What the policy file on the default branch of each repository said last, by the repository''s id: {"zones", "environments"} as rules has them. Written by record_policy_rules alone.';
create index projects_org_id_idx on codered.projects (org_id);
create index projects_owner_user_id_idx on codered.projects (owner_user_id);
alter table codered.projects enable row level security;
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

-- Globs as GitHub's CODEOWNERS and path filters know them, and the zones that files touch.

create function codered.glob_matches(path text, glob text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select path ~ any (codered.glob_reading(glob))
$$;
comment on function codered.glob_matches(text, text) is
  'Whether a path fits a glob of the project''s zones, as in a policy: ** is any depth, * a run within a name, ? one character, [ab] one of them, {a,b} either, all from the root of the repository.';
revoke execute on function codered.glob_matches from public;
grant execute on function codered.glob_matches to service_role;

create function codered.zones_of(files text[], rules jsonb)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  zone record;
  glob record;
  fitting text[];
  touched text[];
begin
  for zone in
    select z.key, z.value
    from jsonb_each(case when jsonb_typeof(rules -> 'zones') = 'object' then rules -> 'zones' else '{}'::jsonb end) as z
    where z.key in ('red', 'yellow', 'green') and jsonb_typeof(z.value) = 'array'
    order by z.key
  loop
    fitting := '{}';
    -- One glob after the other, for the database keeps few regular expressions at hand; the last that fits a file decides.
    for glob in
      select starts_with(g.said, '!') as takes_out, codered.glob_reading(ltrim(left(g.said, 1), '!') || substr(g.said, 2)) as expressions
      from jsonb_array_elements_text(zone.value) with ordinality as g (said, nth)
      where g.said is not null
      order by g.nth
    loop
      if glob.takes_out then
        fitting := array(select f.path from unnest(fitting) as f (path) where not f.path ~ any (glob.expressions));
      else
        fitting := fitting || array(select f.path from unnest(files) as f (path) where f.path ~ any (glob.expressions));
      end if;
    end loop;
    if cardinality(fitting) > 0 then
      touched := touched || zone.key;
    end if;
  end loop;
  return touched;
end
$$;
comment on function codered.zones_of(text[], jsonb) is
  'The zones of a project that the files touch, by projects.rules -> zones ({"red": ["src/billing/**", "!**/*.md"]}); null for none.';
revoke execute on function codered.zones_of from public;
grant execute on function codered.zones_of to service_role;

create function codered.glob_quote(said text)
returns text
language sql
immutable
set search_path = ''
as $$
  select regexp_replace(said, '[\\^$.|?*+()[\]{}-]', '\\\&', 'g')
$$;
comment on function codered.glob_quote(text) is 'A text as a regular expression that fits itself.';
revoke execute on function codered.glob_quote from public;
grant execute on function codered.glob_quote to service_role;

create function codered.glob_class_end(said text, start integer)
returns integer
language plpgsql
immutable
set search_path = ''
as $$
declare
  place integer := start + 1;
begin
  if substr(said, place, 1) in ('!', '^') then
    place := place + 1;
  end if;
  while place <= char_length(said) loop
    case substr(said, place, 1)
      when ']' then return place;
      when '/' then return 0;
      when '\' then place := place + 2;
      else place := place + 1;
    end case;
  end loop;
  return 0;
end
$$;
comment on function codered.glob_class_end(text, integer) is
  'Where the ] of the class at a place of a glob stands, from 1; 0 when its name ends before.';
revoke execute on function codered.glob_class_end from public;
grant execute on function codered.glob_class_end to service_role;

create function codered.glob_sign_end(said text, start integer)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case substr(said, start, 1)
    when '\' then start + 2
    when '[' then coalesce(nullif(codered.glob_class_end(said, start), 0), start) + 1
    else start + 1
  end
$$;
comment on function codered.glob_sign_end(text, integer) is
  'Where the next sign of a glob begins, from 1: an escape and a class are one sign.';
revoke execute on function codered.glob_sign_end from public;
grant execute on function codered.glob_sign_end to service_role;

create function codered.glob_braces(said text, start integer)
returns table (past integer, alternatives text[])
language plpgsql
immutable
set search_path = ''
as $$
declare
  place integer := start;
  begins integer := start + 1;
  depth integer := 0;
  sign text;
begin
  alternatives := '{}';
  while place <= char_length(said) loop
    sign := substr(said, place, 1);
    if sign = '{' then
      depth := depth + 1;
    elsif sign = '}' then
      depth := depth - 1;
    end if;
    if (sign = ',' and depth = 1) or depth = 0 then
      alternatives := alternatives || substr(said, begins, place - begins);
      begins := place + 1;
    end if;
    if depth = 0 then
      past := place + 1;
      return next;
      return;
    end if;
    place := codered.glob_sign_end(said, place);
  end loop;
end
$$;
comment on function codered.glob_braces(text, integer) is
  'What stands between the commas of the braces at a place of a glob, and the place behind them; no row when they are never closed.';
revoke execute on function codered.glob_braces from public;
grant execute on function codered.glob_braces to service_role;

create function codered.glob_expand(glob text)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  waiting text[] := array[glob];
  done text[] := '{}';
  said text;
  place integer := 1;
  braces integer := 0;
  found record;
begin
  -- What is never closed, and many braces, would have each sign after it looked through anew.
  while place <= char_length(glob) loop
    if substr(glob, place, 1) = '[' and codered.glob_class_end(glob, place) = 0 then
      return null;
    end if;
    braces := braces + case when substr(glob, place, 1) = '{' then 1 else 0 end;
    place := codered.glob_sign_end(glob, place);
  end loop;
  if braces > 16 then
    return null;
  end if;
  -- The first of those that wait is read on, its alternatives take its place; what is done is written out.
  while cardinality(waiting) > 0 loop
    said := waiting[1];
    waiting := waiting[2:];
    place := 1;
    loop
      if place > char_length(said) then
        done := done || said;
        exit;
      end if;
      if substr(said, place, 1) = '{' then
        select b.past, b.alternatives into found from codered.glob_braces(said, place) b;
        if found.past is null then
          return null;
        end if;
        if cardinality(found.alternatives) > 1 then
          waiting := array(
            select left(said, place - 1) || a.one || substr(said, found.past)
            from unnest(found.alternatives) with ordinality as a (one, nth)
            order by a.nth
          ) || waiting;
          exit;
        end if;
        if found.alternatives[1] ~* '^(-?[0-9]+|[a-z])\.\.(-?[0-9]+|[a-z])(\.\.-?[0-9]+)?$' then
          return null;
        end if;
      end if;
      place := codered.glob_sign_end(said, place);
    end loop;
    if cardinality(done) + cardinality(waiting) > 100 or char_length(array_to_string(done, '')) > 5000 then
      return null;
    end if;
  end loop;
  return done;
end
$$;
comment on function codered.glob_expand(text) is
  'The globs that one with braces stands for; null where braces are not closed, hold a range or stand for more than 100. src/gate/expand-braces.ts is the same.';
revoke execute on function codered.glob_expand from public;
grant execute on function codered.glob_expand to service_role;

create function codered.glob_range(low text, high text)
returns text
language sql
immutable
set search_path = ''
as $$
  -- A slash stands between names, and is in no class.
  select case
    when low = high then codered.glob_quote(low)
    when ascii(low) > ascii(high) then null
    when ascii(low) > ascii('/') or ascii(high) < ascii('/') then codered.glob_quote(low) || '-' || codered.glob_quote(high)
    else (case when low = '.' then '\.' else codered.glob_quote(low) || '-\.' end)
      || (case when high = '0' then '0' else '0-' || codered.glob_quote(high) end)
  end
$$;
comment on function codered.glob_range(text, text) is 'A range of a class without the slash; null when it ends before it begins.';
revoke execute on function codered.glob_range from public;
grant execute on function codered.glob_range to service_role;

create function codered.glob_is_escape(said text, start integer)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select substr(said, start + 1, 1) <> ''
    and strpos('*?[]{}()!,+@|^-', substr(said, start + 1, 1)) > 0
    and not (substr(said, start + 1, 1) in ('*', '?') and start > 1 and substr(said, start - 1, 1) ~ '[A-Za-z0-9_]')
$$;
comment on function codered.glob_is_escape(text, integer) is
  'Whether the \ at a place of a glob takes the next sign its meaning; else it is meant to stand between folders, which it does not.';
revoke execute on function codered.glob_is_escape from public;
grant execute on function codered.glob_is_escape to service_role;

create function codered.glob_class(said text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  negated boolean := substr(said, 2, 1) in ('!', '^');
  inside text := substr(said, case when negated then 3 else 2 end, char_length(said) - case when negated then 3 else 2 end);
  signs text[] := '{}';
  escapes boolean[] := '{}';
  place integer := 1;
  is_range boolean;
  range text;
  members text := '';
begin
  if inside = '' or said ~ '\[:[a-z]+:' then
    return null;
  end if;
  while place <= char_length(inside) loop
    if substr(inside, place, 1) = '\' then
      if not codered.glob_is_escape(inside, place) then
        return null;
      end if;
      signs := signs || substr(inside, place + 1, 1);
      escapes := escapes || true;
      place := place + 2;
    else
      signs := signs || substr(inside, place, 1);
      escapes := escapes || false;
      place := place + 1;
    end if;
  end loop;
  place := 1;
  while place <= cardinality(signs) loop
    is_range := place + 2 <= cardinality(signs) and signs[place + 1] = '-' and not escapes[place + 1];
    range := codered.glob_range(signs[place], signs[place + case when is_range then 2 else 0 end]);
    if range is null then
      return null;
    end if;
    members := members || range;
    place := place + case when is_range then 3 else 1 end;
  end loop;
  return case
    when negated then '[^/' || members || ']'
    when strpos(said, '\') > 0 then '[' || members || ']'
    else '(?:[' || members || ']|' || codered.glob_quote(said) || ')'
  end;
end
$$;
comment on function codered.glob_class(text) is
  'A class of a glob as a regular expression: one of its characters, or itself, for a folder may be called [id]. Null when it is not understood.';
revoke execute on function codered.glob_class from public;
grant execute on function codered.glob_class to service_role;

create function codered.glob_name(said text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  expression text := '';
  place integer := 1;
  past integer;
  sign text;
  part text;
begin
  while place <= char_length(said) loop
    sign := substr(said, place, 1);
    past := place + 1;
    if sign = '*' then
      past := place + char_length(substring(substr(said, place) from '^\*+'));
    end if;
    if strpos('*?+@!', sign) > 0 and substr(said, past, 1) = '(' then
      return null;
    end if;
    case sign
      when '*' then part := case when past - place > 1 then '.*' else '[^/]*' end;
      when '?' then part := '[^/]';
      when '\' then
        if not codered.glob_is_escape(said, place) then
          return null;
        end if;
        past := place + 2;
        part := codered.glob_quote(substr(said, place + 1, 1));
      when '[' then
        past := codered.glob_class_end(said, place) + 1;
        part := case when past > 1 then codered.glob_class(substr(said, place, past - place)) end;
        if part is null then
          return null;
        end if;
      else part := codered.glob_quote(sign);
    end case;
    expression := expression || part;
    place := past;
  end loop;
  return expression;
end
$$;
comment on function codered.glob_name(text) is
  'What stands between two slashes of a glob as a regular expression; null when it is not understood.';
revoke execute on function codered.glob_name from public;
grant execute on function codered.glob_name to service_role;

create function codered.glob_plain(glob text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  rooted text := case when starts_with(glob, './') then substr(glob, 3) when starts_with(glob, '/') then substr(glob, 2) else glob end;
  names text[] := '{}';
  name text;
  part text;
  expression text := '^';
begin
  if starts_with(glob, '!') or rooted in ('', '.') then
    return null;
  end if;
  if right(rooted, 1) = '/' then
    rooted := rooted || '**';
  end if;
  foreach name in array string_to_array(rooted, '/') loop
    if name in ('', '.', '..', '.git') then
      return null;
    end if;
    name := case when name ~ '^\*\*+$' then '**' else name end;
    if name <> '**' or names[cardinality(names)] is distinct from '**' then
      names := names || name;
    end if;
  end loop;
  for nth in 1 .. cardinality(names) loop
    if names[nth] = '**' then
      -- What src/** means may be one thing itself, a submodule; what lies below * does not.
      expression := expression || case
        when nth < cardinality(names) then '(?:.*/)?'
        when nth = 1 then '.*'
        when names[nth - 1] ~ '(^|[^\\])\*$' then '/.*'
        else '(?:/.*)?'
      end;
    else
      part := codered.glob_name(names[nth]);
      if part is null then
        return null;
      end if;
      expression := expression || part
        || case when nth = cardinality(names) or (nth = cardinality(names) - 1 and names[nth + 1] = '**') then '' else '/' end;
    end if;
  end loop;
  return expression || '$';
end
$$;
comment on function codered.glob_plain(text) is
  'A glob without braces as the regular expression of whole paths; null when no path can fit it, or it is not understood.';
revoke execute on function codered.glob_plain from public;
grant execute on function codered.glob_plain to service_role;

create function codered.glob_expressions(glob text)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  expressions text[];
begin
  if glob = '' or char_length(glob) > 500 or glob ~ '^[ \t\r\n]|[ \t\r\n]$'
    or glob ~* '^([a-z]:[/\\]|~/|/home/runner/work/|/github/workspace/|file:)'
  then
    return null;
  end if;
  expressions := array(
    select codered.glob_plain(e.one) from unnest(codered.glob_expand(glob)) with ordinality as e (one, nth) order by e.nth
  );
  return case when cardinality(expressions) > 0 and array_position(expressions, null) is null then expressions end;
end
$$;
comment on function codered.glob_expressions(text) is
  'What a glob of a policy stands for, as regular expressions of whole paths; null where a policy with it is refused. src/gate/glob-syntax.ts writes the same.';
revoke execute on function codered.glob_expressions from public;
grant execute on function codered.glob_expressions to service_role;

create function codered.glob_reading(glob text)
returns text[]
language sql
immutable
set search_path = ''
as $$
  -- What no policy may hold may have been written into projects.rules by hand: it means what it always has.
  with escaped as (
    select regexp_replace(glob, '([.^$+(){}|\[\]\\])', '\\\1', 'g') as text
  ), marked as (
    select replace(replace(text, '**/', chr(1)), '**', chr(2)) as text from escaped
  )
  select coalesce(
    codered.glob_expressions(glob),
    (
      select array[
        '^' || replace(replace(replace(replace(text, '*', '[^/]*'), '?', '[^/]'), chr(1), '(.*/)?'), chr(2), '.*') || '$'
      ]
      from marked
    )
  )
$$;
comment on function codered.glob_reading(text) is
  'The regular expressions of a glob, whoever wrote it; one that a policy may not hold has but **, * and ?, and all else stands for itself.';
revoke execute on function codered.glob_reading from public;
grant execute on function codered.glob_reading to service_role;

-- Where the App is installed: installations and their repositories.

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
revoke execute on function codered.my_repositories from public;
grant execute on function codered.my_repositories to authenticated, service_role;

create table codered.installations (
  id bigint primary key,
  org_id uuid not null references codered.orgs (id) on delete restrict,
  account_login text not null,
  account_type text,
  repository_selection text,
  permissions jsonb,
  suspended_at timestamptz,
  deleted_at timestamptz,
  next_write_at timestamptz not null default now(),
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  details_updated_at timestamptz not null default '-infinity',
  details_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  paused_until timestamptz not null default '-infinity',
  gone_at timestamptz,
  erased_at timestamptz,
  installed_at timestamptz,
  organisation_policy_sha text
);
comment on table codered.installations is 'One installation of the App on one account; id is GitHub''s and never used again.';
comment on column codered.installations.next_write_at is
  'No request that changes something at GitHub leaves for this installation before: keeps the pace and obeys rate limits, across processes.';
comment on column codered.installations.source_updated_at is
  'GitHub''s own time of the state told here; -infinity for a row that was only mentioned.';
comment on column codered.installations.details_updated_at is
  'As source_updated_at, for repository_selection, permissions and suspended_at alone: a payload about a new name leaves them out.';
comment on column codered.installations.paused_until is
  'GitHub asked for silence until then (a rate limit): no request of any kind leaves for this installation before, from whatever process.';
comment on column codered.installations.gone_at is 'When we were told that it was uninstalled, by our clock.';
comment on column codered.installations.erased_at is 'When what was kept of it was erased.';
comment on column codered.installations.installed_at is
  'When the App was installed, by GitHub''s clock; null until an event tells the installation whole.';
comment on column codered.installations.organisation_policy_sha is
  'Git''s hash of the account''s policy (codered.yml in its repository .github) as it was read last; null: none was there. Once there, it is not taken for gone because it can''t be seen.';
create index installations_org_id_idx on codered.installations (org_id);
alter table codered.installations enable row level security;
create policy installations_read on codered.installations for select to authenticated using (org_id in (select codered.my_orgs()));
grant select on codered.installations to authenticated;
grant select, insert, update, delete on codered.installations to service_role;
create trigger installations_touch before update on codered.installations
  for each row execute function codered.touch_updated_at();

create table codered.repositories (
  id bigint primary key,
  installation_id bigint references codered.installations (id) on delete set null,
  project_id uuid references codered.projects (id) on delete set null,
  owner text not null,
  name text not null,
  default_branch text,
  private boolean,
  archived boolean,
  deleted_at timestamptz,
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  details_updated_at timestamptz not null default '-infinity',
  details_delivery text not null default '',
  presence_updated_at timestamptz not null default '-infinity',
  presence_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  rule_suites_looked_at bigint[] not null default '{}',
  -- Our own clock: GitHub's times of a deletion are those of the last change before it.
  gone_at timestamptz,
  -- Our own clock: GitHub's times of a deletion are those of the last change before it.
  erased_at timestamptz,
  policy_parts text[] not null default '{}'
);
comment on table codered.repositories is
  'A repository by GitHub''s id: a rename or a transfer changes owner and name, never makes a second row.';
comment on column codered.repositories.deleted_at is 'Deleted at GitHub, or taken from the installation.';
comment on column codered.repositories.details_updated_at is
  'As source_updated_at, for default_branch and archived alone: GitHub''s minimal repository leaves them out.';
comment on column codered.repositories.presence_updated_at is
  'As source_updated_at, for deleted_at alone: only what tells that a repository is there or gone changes it.';
comment on column codered.repositories.rule_suites_looked_at is
  'GitHub''s ids of the rule suites in its newest list, all of which were looked at: what is known of them is final.';
comment on column codered.repositories.gone_at is
  'When we were told that it is gone, by our clock; anew with every later word of GitHub about it. Null while it is there. Also of a deletion whose times in GitHub''s words are too old for deleted_at.';
comment on column codered.repositories.erased_at is 'When all but the audit was erased; null again once GitHub tells something newer of it.';
comment on column codered.repositories.policy_parts is
  'The files that the repository''s policy has extended, owner/repo:path with the names in lower case, the newest first, at most 20: a push that changes one has its pull requests judged again.';
create index repositories_installation_id_idx on codered.repositories (installation_id);
create index repositories_project_id_idx on codered.repositories (project_id);
create index repositories_owner_name_idx on codered.repositories (owner, name);
create index repositories_policy_parts_idx on codered.repositories (installation_id) where policy_parts <> '{}';
alter table codered.repositories enable row level security;
create policy repositories_read on codered.repositories for select to authenticated
  using (project_id in (select codered.my_projects()));
grant select on codered.repositories to authenticated;
grant select, insert, update, delete on codered.repositories to service_role;
create trigger repositories_touch before update on codered.repositories
  for each row execute function codered.touch_updated_at();

create function codered.merge_installations(facts json, delivery text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- An organisation is known by its account id, and by its name until the id is told.
  update codered.orgs o
  set login = f.account_login, name = f.account_login
  from json_to_recordset(facts) as f (account_login text, account_id bigint, source_updated_at timestamptz)
  where o.github_account_id = f.account_id
    and o.login <> f.account_login
    and f.source_updated_at is not null
    and not exists (select 1 from codered.orgs other where other.login = f.account_login)
    and not exists (
      select 1 from codered.installations i where i.org_id = o.id and i.source_updated_at > f.source_updated_at
    );

  insert into codered.orgs (name, login, github_account_id)
  select distinct on (f.account_login) f.account_login, f.account_login, f.account_id
  from json_to_recordset(facts) as f (account_login text, account_id bigint)
  where not exists (
    select 1 from codered.orgs o where o.login = f.account_login or o.github_account_id = f.account_id
  )
  order by f.account_login, f.account_id
  on conflict do nothing;

  update codered.orgs o
  set github_account_id = f.account_id
  from json_to_recordset(facts) as f (account_login text, account_id bigint)
  where o.login = f.account_login
    and o.github_account_id is null
    and f.account_id is not null
    and not exists (select 1 from codered.orgs other where other.github_account_id = f.account_id);

  -- Most deliveries only mention an installation that is known: those take no lock on its row.
  insert into codered.installations as i (id, org_id, account_login, account_type, source_updated_at, source_delivery)
  select distinct on (f.id)
    f.id, o.id, f.account_login, f.account_type, coalesce(f.source_updated_at, '-infinity'), merge_installations.delivery
  from json_to_recordset(facts) as f (
    id bigint, account_login text, account_id bigint, account_type text, source_updated_at timestamptz
  )
  cross join lateral (
    select org.id
    from codered.orgs org
    where org.github_account_id = f.account_id or org.login = f.account_login
    order by (org.github_account_id = f.account_id) desc nulls last
    limit 1
  ) as o
  where not exists (
    select 1
    from codered.installations known
    where known.id = f.id
      and (known.source_updated_at, known.source_delivery)
        >= (coalesce(f.source_updated_at, '-infinity'), merge_installations.delivery)
  )
  order by f.id, f.source_updated_at desc nulls last
  on conflict (id) do update
  set
    org_id = excluded.org_id,
    account_login = excluded.account_login,
    account_type = excluded.account_type,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (i.source_updated_at, i.source_delivery);

  -- What was refused for want of a permission, or while the installation was suspended, gets another chance.
  update codered.publications p
  set available_at = now(), attempts = 0
  from json_to_recordset(facts) as f (id bigint, permissions jsonb, suspended_at timestamptz, source_updated_at timestamptz)
  join codered.installations i on i.id = f.id
  join codered.repositories r on r.installation_id = i.id
  where p.repository_id = r.id
    and p.is_due
    and p.available_at = 'infinity'
    and f.suspended_at is null
    and f.permissions is not null
    and (f.source_updated_at, merge_installations.delivery) > (i.details_updated_at, i.details_delivery)
    and (f.permissions is distinct from i.permissions or i.suspended_at is not null);

  update codered.installations i
  set
    repository_selection = f.repository_selection,
    permissions = f.permissions,
    suspended_at = f.suspended_at,
    details_updated_at = f.source_updated_at,
    details_delivery = merge_installations.delivery
  from json_to_recordset(facts) as f (
    id bigint, repository_selection text, permissions jsonb, suspended_at timestamptz, source_updated_at timestamptz
  )
  where i.id = f.id
    and f.permissions is not null
    and (f.source_updated_at, merge_installations.delivery) > (i.details_updated_at, i.details_delivery);

  update codered.installations i
  set deleted_at = f.deleted_at
  from json_to_recordset(facts) as f (id bigint, deleted_at timestamptz)
  where i.id = f.id and f.deleted_at is not null and (i.deleted_at is null or i.deleted_at > f.deleted_at);

  -- It never changes, and only some events tell it.
  update codered.installations i
  set installed_at = f.installed_at
  from json_to_recordset(facts) as f (id bigint, installed_at timestamptz)
  where i.id = f.id and i.installed_at is null and f.installed_at is not null;
end
$$;
comment on function codered.merge_installations(json, text) is
  'Merges installations and the organisations they belong to. A deleted installation stays deleted: GitHub never reuses the id.';
revoke execute on function codered.merge_installations from public;
grant execute on function codered.merge_installations to service_role;

create function codered.merge_repositories(facts json, delivery text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  homeless record;
  made uuid;
begin
  insert into codered.repositories as r (id, installation_id, owner, name, private, source_updated_at, source_delivery)
  select distinct on (f.id)
    f.id, i.id, f.owner, f.name, f.private, coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery
  from json_to_recordset(facts) as f (
    id bigint, installation_id bigint, owner text, name text, private boolean, source_updated_at timestamptz
  )
  left join codered.installations i on i.id = f.installation_id
  order by f.id, f.source_updated_at desc nulls last
  on conflict (id) do update
  set
    installation_id = coalesce(excluded.installation_id, r.installation_id),
    owner = excluded.owner,
    name = excluded.name,
    private = coalesce(excluded.private, r.private),
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (r.source_updated_at, r.source_delivery);

  update codered.repositories r
  set
    default_branch = f.default_branch,
    archived = f.archived,
    details_updated_at = coalesce(f.source_updated_at, '-infinity'),
    details_delivery = merge_repositories.delivery
  from json_to_recordset(facts) as f (id bigint, default_branch text, archived boolean, source_updated_at timestamptz)
  where r.id = f.id
    and f.default_branch is not null
    and (coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery) > (r.details_updated_at, r.details_delivery);

  update codered.repositories r
  set
    deleted_at = f.deleted_at,
    presence_updated_at = coalesce(f.source_updated_at, '-infinity'),
    presence_delivery = merge_repositories.delivery
  from json_to_recordset(facts) as f (
    id bigint, tells_presence boolean, deleted_at timestamptz, source_updated_at timestamptz
  )
  where r.id = f.id
    and f.tells_presence
    and (coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery) > (r.presence_updated_at, r.presence_delivery);

  for homeless in
    select r.id, r.owner || '/' || r.name as full_name, codered.slug_of(r.owner || '/' || r.name) as slug, i.org_id
    from codered.repositories r
    left join codered.installations i on i.id = r.installation_id
    where r.id in (select f.id from json_to_recordset(facts) as f (id bigint))
      and r.project_id is null
    order by r.id
  loop
    insert into codered.projects (org_id, slug, name)
    values (homeless.org_id, homeless.slug, homeless.full_name)
    on conflict (slug) do nothing
    returning id into made;
    if made is null then
      -- a-b/c and a/b-c come to one slug: the repository's id tells them apart.
      insert into codered.projects (org_id, slug, name)
      values (homeless.org_id, homeless.slug || '_' || homeless.id, homeless.full_name)
      returning id into made;
    end if;
    update codered.repositories r set project_id = made where r.id = homeless.id;
  end loop;
end
$$;
comment on function codered.merge_repositories(json, text) is
  'Merges repositories by GitHub''s id; one that has no project gets one in the same transaction.';
revoke execute on function codered.merge_repositories from public;
grant execute on function codered.merge_repositories to service_role;

create function codered.find_repository(owner text, name text)
returns bigint
language sql
stable
set search_path = ''
as $$
  select r.id
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id and i.suspended_at is null and i.deleted_at is null
  where lower(r.owner) = lower(find_repository.owner)
    and lower(r.name) = lower(find_repository.name)
    and r.deleted_at is null
  -- A name that was given up may have gone to another repository whose webhook told of it later.
  order by i.id is not null desc, r.source_updated_at desc, r.id desc
  limit 1
$$;
comment on function codered.find_repository(text, text) is
  'The id of the repository of this owner and name, in upper or lower case, as GitHub finds it; of several, because one was renamed and another made, the one on which CodeRed is installed, then the one told of last. Null when none is known.';
revoke execute on function codered.find_repository from public;
grant execute on function codered.find_repository to service_role;

create function codered.pause_installation(installation_id bigint, pause_ms integer)
returns void
language sql
set search_path = ''
as $$
  update codered.installations i
  set paused_until = now() + make_interval(secs => pause_installation.pause_ms / 1000.0)
  where i.id = pause_installation.installation_id
    and i.paused_until < now() + make_interval(secs => pause_installation.pause_ms / 1000.0)
$$;
comment on function codered.pause_installation(bigint, integer) is
  'Notes that GitHub asked for silence for so long; a longer pause that is known already stays.';
revoke execute on function codered.pause_installation from public;
grant execute on function codered.pause_installation to service_role;

create function codered.read_pause(installation_id bigint)
returns integer
language sql
stable
set search_path = ''
as $$
  select ceil(greatest(extract(epoch from i.paused_until - now()), 0) * 1000)::integer
  from codered.installations i
  where i.id = read_pause.installation_id and i.paused_until > now()
$$;
comment on function codered.read_pause(bigint) is 'For how many milliseconds more no request may leave for an installation; null when it may.';
revoke execute on function codered.read_pause from public;
grant execute on function codered.read_pause to service_role;

create function codered.note_departure()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.deleted_at is not null and new.gone_at is null then
    new.gone_at := now();
  elsif new.deleted_at is null then
    new.gone_at := null;
  end if;
  return new;
end
$$;
comment on function codered.note_departure() is 'Keeps gone_at beside deleted_at.';
revoke execute on function codered.note_departure from public;

create trigger installations_departure before insert or update of deleted_at on codered.installations
  for each row execute function codered.note_departure();

create trigger repositories_departure before insert or update of deleted_at on codered.repositories
  for each row execute function codered.note_departure();

create function codered.note_repository_word()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.installation_id is distinct from old.installation_id or (old.deleted_at is not null and new.deleted_at is null) then
    new.erased_at := null;
    new.gone_at := case when new.deleted_at is not null then now() end;
  elsif new.source_updated_at > old.source_updated_at then
    new.erased_at := null;
    new.gone_at := case when new.gone_at is not null then now() end;
  end if;
  return new;
end
$$;
comment on function codered.note_repository_word() is
  'A word of GitHub about a repository that is gone starts its time anew: it may be there again, and its events come before the one that says so.';
revoke execute on function codered.note_repository_word from public;

create trigger repositories_word before update of source_updated_at, installation_id, deleted_at on codered.repositories
  for each row execute function codered.note_repository_word();

create function codered.organisation_repositories(repository_id bigint)
returns setof codered.repositories
language sql
stable
set search_path = ''
as $$
  select o.*
  from codered.repositories r
  join codered.repositories o on o.owner = r.owner and o.name = '.github'
  where r.id = organisation_repositories.repository_id
$$;
comment on function codered.organisation_repositories(bigint) is
  'The repositories .github of the account that owns a repository, as far as they were told of; a second one was made when the first was deleted.';
revoke execute on function codered.organisation_repositories from public;
grant execute on function codered.organisation_repositories to service_role;

create function codered.read_policy_facts(repository_id bigint, pull_request_number integer default null)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installed_at', i.installed_at,
    'draft', coalesce(pr.draft, false),
    'parts', r.policy_parts,
    'organisation', json_build_object(
      'known_sha', i.organisation_policy_sha,
      'version', (select max(o.source_updated_at)::text from codered.organisation_repositories(r.id) o),
      'is_deleted', coalesce((select bool_and(o.gone_at is not null) from codered.organisation_repositories(r.id) o), false)))
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  left join codered.pull_requests pr on pr.repository_id = r.id and pr.number = read_policy_facts.pull_request_number
  where r.id = read_policy_facts.repository_id
$$;
comment on function codered.read_policy_facts(bigint, integer) is
  'What a policy is read and understood by besides its files: when the App was installed, whether the pull request is a draft, which files were extended before, and of the account''s own file what was read last (known_sha), what was told of its repository (version) and whether that was deleted. Null when the repository is unknown.';
revoke execute on function codered.read_policy_facts from public;
grant execute on function codered.read_policy_facts to service_role;

create function codered.note_policy_files(repository_id bigint, parts text[], organisation_sha text default null)
returns void
language sql
set search_path = ''
as $$
  update codered.repositories r
  set policy_parts = (
    select array_agg(newest.part order by newest.place)
    from (
      select told.part, min(told.place) as place
      from unnest(note_policy_files.parts || r.policy_parts) with ordinality as told (part, place)
      group by told.part
      order by 2
      limit 20
    ) as newest
  )
  where r.id = note_policy_files.repository_id and not note_policy_files.parts <@ r.policy_parts;
  update codered.installations i
  set organisation_policy_sha = note_policy_files.organisation_sha
  from codered.repositories r
  where r.id = note_policy_files.repository_id
    and i.id = r.installation_id
    and i.organisation_policy_sha is distinct from note_policy_files.organisation_sha;
$$;
comment on function codered.note_policy_files(bigint, text[], text) is
  'Notes which files a repository''s policy extends (owner/repo:path), and git''s hash of its account''s own as it was read now, null when there is none.';
revoke execute on function codered.note_policy_files from public;
grant execute on function codered.note_policy_files to service_role;

-- Which accounts may use this CodeRed, and who was turned away.

create table codered.allowed_accounts (
  login text primary key,
  account_id bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint allowed_accounts_login_check check (
    (char_length(login) between 1 and 500 and login = lower(login))
    or codered.refuse_value('allowed_accounts.login', login, '1 to 500 characters in lower case'))
);
comment on table codered.allowed_accounts is
  'Which account a login of CODERED_ALLOWED_ACCOUNTS means: the first that was seen under it. A new name does not lock that account out, and whoever takes the old one is not let in. Delete a row to have it settled anew.';
comment on column codered.allowed_accounts.account_id is 'GitHub''s id of the user or organisation; never used again.';
alter table codered.allowed_accounts enable row level security;
create policy allowed_accounts_nobody on codered.allowed_accounts for select to authenticated using (false);
revoke all on codered.allowed_accounts from public, anon, authenticated;
grant select, insert, update, delete on codered.allowed_accounts to service_role;
create trigger allowed_accounts_touch before update on codered.allowed_accounts
  for each row execute function codered.touch_updated_at();

create table codered.kept_out_installations (
  id bigint primary key,
  account_id bigint,
  account_login text,
  reason text not null,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table codered.kept_out_installations is
  'Installations of accounts that CODERED_ALLOWED_ACCOUNTS does not name: all that is kept of them. Each was told in the log once, when its row was made.';
comment on column codered.kept_out_installations.deleted_at is 'When we were told that it was uninstalled.';
alter table codered.kept_out_installations enable row level security;
create policy kept_out_installations_nobody on codered.kept_out_installations for select to authenticated using (false);
revoke all on codered.kept_out_installations from public, anon, authenticated;
grant select, insert, update, delete on codered.kept_out_installations to service_role;
create trigger kept_out_installations_touch before update on codered.kept_out_installations
  for each row execute function codered.touch_updated_at();

create function codered.is_account_allowed(allowed text[], account_id bigint, account_login text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select
    exists (
      select from codered.allowed_accounts a
      where a.login = any (is_account_allowed.allowed) and a.account_id = is_account_allowed.account_id
    )
    or (
      coalesce(lower(is_account_allowed.account_login) = any (is_account_allowed.allowed), false)
      and not exists (
        select from codered.allowed_accounts a
        where a.login = lower(is_account_allowed.account_login) and a.account_id is distinct from is_account_allowed.account_id
      )
    )
$$;
comment on function codered.is_account_allowed(text[], bigint, text) is
  'Whether an account is one of the logins (in lower case) that are let in: by its id where a login''s account is known, else by its login.';
revoke execute on function codered.is_account_allowed from public;
grant execute on function codered.is_account_allowed to service_role;

create function codered.admit_account(
  allowed text[], installation_id bigint default null, account_id bigint default null, account_login text default null,
  is_leaving boolean default false
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  known_id bigint;
  known_login text;
  its_id bigint := admit_account.account_id;
  its_login text := left(admit_account.account_login, 500);
  meant bigint;
  is_allowed boolean;
  is_news boolean := false;
  why text;
begin
  -- An installation stays with its account; a repository that it can see may have gone to somebody else.
  select o.github_account_id, i.account_login into known_id, known_login
  from codered.installations i
  join codered.orgs o on o.id = i.org_id
  where i.id = admit_account.installation_id;
  if known_id is null then
    select k.account_id, coalesce(known_login, k.account_login) into known_id, known_login
    from codered.kept_out_installations k
    where k.id = admit_account.installation_id;
  end if;
  if known_id is not null and its_id is distinct from known_id then
    its_id := known_id;
    its_login := known_login;
  end if;
  its_login := coalesce(its_login, known_login);

  -- The account that we know under a login is the one that is meant, else the first that is seen under it.
  if its_id is not null and lower(its_login) = any (admit_account.allowed)
    and not exists (select from codered.allowed_accounts a where a.login = lower(its_login))
  then
    insert into codered.allowed_accounts (login, account_id)
    select lower(its_login), coalesce(
      (
        select o.github_account_id
        from codered.orgs o
        where lower(o.login) = lower(its_login) and o.github_account_id is not null
        order by o.created_at, o.id
        limit 1
      ), its_id)
    on conflict do nothing;
  end if;
  is_allowed := codered.is_account_allowed(admit_account.allowed, its_id, its_login);
  if not is_allowed then
    -- One that we know under a login of the list from before the list was made, and that has another one by now.
    insert into codered.allowed_accounts (login, account_id)
    select lower(o.login), o.github_account_id
    from codered.orgs o
    where o.github_account_id = its_id and lower(o.login) = any (admit_account.allowed)
    on conflict do nothing;
    is_allowed := codered.is_account_allowed(admit_account.allowed, its_id, its_login);
  end if;
  if is_allowed then
    delete from codered.kept_out_installations k where k.id = admit_account.installation_id;
    return json_build_object('is_allowed', true, 'is_news', found, 'account_login', its_login, 'reason', null);
  end if;

  select a.account_id into meant
  from codered.allowed_accounts a
  where a.login = lower(its_login) and a.login = any (admit_account.allowed);
  why := left(case
    when its_login is null then 'kept out: it names no account, and CODERED_ALLOWED_ACCOUNTS is set'
    when meant is not null then format(
      'kept out: %s in CODERED_ALLOWED_ACCOUNTS is the account with the id %s, and this one has the id %s', its_login, meant,
      coalesce(its_id::text, 'unknown'))
    else format('kept out: CODERED_ALLOWED_ACCOUNTS does not name the account %s', its_login)
  end, 1000);
  if admit_account.installation_id is not null then
    insert into codered.kept_out_installations (id, account_id, account_login, reason)
    values (admit_account.installation_id, its_id, its_login, why)
    on conflict do nothing;
    is_news := found;
    update codered.kept_out_installations k
    set
      account_id = coalesce(k.account_id, its_id), account_login = coalesce(its_login, k.account_login), reason = why,
      deleted_at = case when admit_account.is_leaving then coalesce(k.deleted_at, now()) else k.deleted_at end
    where k.id = admit_account.installation_id and (k.reason <> why or (admit_account.is_leaving and k.deleted_at is null));
  end if;
  return json_build_object('is_allowed', false, 'is_news', is_news, 'account_login', its_login, 'reason', why);
end
$$;
comment on function codered.admit_account(text[], bigint, bigint, text, boolean) is
  'Whether what an installation sends is let in, by the logins allowed (in lower case) and the account as the payload tells it: {is_allowed, is_news, account_login, reason}. is_news: nobody was told of it yet. Notes which account a login means and which installations are kept out; is_leaving: it was uninstalled.';
revoke execute on function codered.admit_account from public;
grant execute on function codered.admit_account to service_role;

create function codered.read_admission(
  allowed text[], installation_id bigint default null, repository_id bigint default null, full_name text default null,
  owner_id bigint default null, owner_login text default null
)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'account_login', i.account_login,
    'is_allowed', codered.is_account_allowed(read_admission.allowed, o.github_account_id, i.account_login)
      -- A repository that has gone to somebody else is theirs, whatever installation we know it by.
      and (
        (read_admission.owner_id is null and read_admission.owner_login is null)
        or codered.is_account_allowed(read_admission.allowed, read_admission.owner_id, read_admission.owner_login)
      ))
  from codered.installations i
  join codered.orgs o on o.id = i.org_id
  where i.id = coalesce(
    read_admission.installation_id,
    (
      select r.installation_id
      from codered.repositories r
      where r.id = coalesce(
        read_admission.repository_id,
        codered.find_repository(split_part(read_admission.full_name, '/', 1), split_part(read_admission.full_name, '/', 2)))
    ))
$$;
comment on function codered.read_admission(text[], bigint, bigint, text, bigint, text) is
  'Whether an installation, or the one of a repository by its id or as owner/name, is let in: {account_login, is_allowed}; null when it is not known. owner_id and owner_login: who owns the repository by somebody else''s word, who then has to be let in too. Writes nothing.';
revoke execute on function codered.read_admission from public;
grant execute on function codered.read_admission to service_role;

create function codered.keep_out_delivery(app_id bigint, guid text, reason text)
returns void
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set
    status = 'ignored', last_error = left(keep_out_delivery.reason, 4000), payload = '{}', processed_at = now(),
    locked_by = null, locked_until = null
  where w.app_id = keep_out_delivery.app_id and w.guid = keep_out_delivery.guid and w.status <> 'done'
$$;
comment on function codered.keep_out_delivery(bigint, text, text) is 'Closes a delivery of an account that is not let in, with the reason, and keeps nothing of what it said.';
revoke execute on function codered.keep_out_delivery from public;
grant execute on function codered.keep_out_delivery to service_role;

create function codered.kept_out_installations_now(allowed text[])
returns table (id bigint, account_login text, reason text)
language sql
stable
set search_path = ''
as $$
  select k.id, k.account_login, k.reason
  from codered.kept_out_installations k
  where k.deleted_at is null
    and not codered.is_account_allowed(kept_out_installations_now.allowed, k.account_id, k.account_login)
  union
  select i.id, i.account_login, 'let in before; CODERED_ALLOWED_ACCOUNTS does not name it any more'
  from codered.installations i
  join codered.orgs o on o.id = i.org_id
  where i.deleted_at is null
    and not codered.is_account_allowed(kept_out_installations_now.allowed, o.github_account_id, i.account_login)
    and not exists (select from codered.kept_out_installations k where k.id = i.id)
  order by 1
$$;
comment on function codered.kept_out_installations_now(text[]) is
  'The installations that are kept out by the logins allowed, also those that were let in before and have sent nothing since.';
revoke execute on function codered.kept_out_installations_now from public;
grant execute on function codered.kept_out_installations_now to service_role;

-- How much one installation may cost in a day.

create table codered.quotas (
  id uuid primary key default gen_random_uuid(),
  installation_id bigint,
  deliveries_per_day bigint,
  excerpts bigint,
  artifact_bytes_per_day bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint quotas_installation_id_key unique nulls not distinct (installation_id),
  constraint quotas_deliveries_per_day_check
    check (deliveries_per_day >= 0 or codered.refuse_value('quotas.deliveries_per_day', deliveries_per_day, '0 or more, null for no limit')),
  constraint quotas_excerpts_check
    check (excerpts >= 0 or codered.refuse_value('quotas.excerpts', excerpts, '0 or more, null for no limit')),
  constraint quotas_artifact_bytes_per_day_check check (
    artifact_bytes_per_day >= 0
    or codered.refuse_value('quotas.artifact_bytes_per_day', artifact_bytes_per_day, '0 or more, null for no limit'))
);
comment on table codered.quotas is
  'How much an installation may use. The row without an installation_id is everybody''s; a row of an installation''s own takes its place whole. Null: no limit.';
comment on column codered.quotas.installation_id is 'GitHub''s id; no foreign key, a quota may be set before anything is known of it.';
comment on column codered.quotas.deliveries_per_day is
  'Deliveries that leave facts, a day in UTC. Those beyond are put off to the next day; what may turn a gate red goes on up to twice as many.';
comment on column codered.quotas.excerpts is 'Excerpts of logs that are kept. A failure beyond is told without its lines.';
comment on column codered.quotas.artifact_bytes_per_day is
  'Bytes of what artifacts and uploads say, as it is kept, a day in UTC. One beyond is not read, and so never green.';
alter table codered.quotas enable row level security;
create policy quotas_nobody on codered.quotas for select to authenticated using (false);
revoke all on codered.quotas from public, anon, authenticated;
grant select, insert, update, delete on codered.quotas to service_role;
create trigger quotas_touch before update on codered.quotas
  for each row execute function codered.touch_updated_at();

create table codered.installation_usage (
  installation_id bigint primary key,
  day date not null,
  deliveries bigint not null default 0,
  artifact_bytes bigint not null default 0,
  excerpts bigint not null default 0,
  told jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table codered.installation_usage is 'What an installation has used of its quotas, as far as it is counted: see codered.quotas.';
comment on column codered.installation_usage.day is 'Of deliveries and artifact_bytes, in UTC.';
comment on column codered.installation_usage.deliveries is 'Handed to workers in small lots, so up to a thousandth more than were worked on.';
comment on column codered.installation_usage.excerpts is 'Counted anew once a day, and those that came since.';
comment on column codered.installation_usage.told is 'Of which quotas the log was told already, with the share in per cent: {"deliveries": 80}.';
alter table codered.installation_usage enable row level security;
create policy installation_usage_nobody on codered.installation_usage for select to authenticated using (false);
revoke all on codered.installation_usage from public, anon, authenticated;
grant select, insert, update, delete on codered.installation_usage to service_role;
create trigger installation_usage_touch before update on codered.installation_usage
  for each row execute function codered.touch_updated_at();

create function codered.take_quota(installation_id bigint, quota text, amount bigint default null, is_urgent boolean default false)
returns json
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  today constant date := (now() at time zone 'UTC')::date;
  most bigint;
  room bigint;
  usage codered.installation_usage;
  used bigint;
  granted bigint;
  share integer;
begin
  if take_quota.quota not in ('deliveries', 'excerpts', 'artifact_bytes') then
    perform codered.refuse_value('take_quota.quota', take_quota.quota, 'deliveries, excerpts, artifact_bytes');
  end if;
  select case take_quota.quota when 'deliveries' then q.deliveries_per_day when 'excerpts' then q.excerpts else q.artifact_bytes_per_day end
  into most
  from codered.quotas q
  where q.installation_id = take_quota.installation_id or q.installation_id is null
  order by q.installation_id is null
  limit 1;
  if most is null then
    return json_build_object(
      'granted', coalesce(take_quota.amount, 1000), 'is_held', false, 'allowed', null, 'told', null, 'until', null);
  end if;

  insert into codered.installation_usage (installation_id, day) values (take_quota.installation_id, today) on conflict do nothing;
  select u.* into usage from codered.installation_usage u where u.installation_id = take_quota.installation_id for update;
  if usage.day < today then
    usage.deliveries := 0;
    usage.artifact_bytes := 0;
    usage.told := usage.told - '{deliveries,artifact_bytes}'::text[];
  end if;
  used := case take_quota.quota
    when 'deliveries' then usage.deliveries when 'excerpts' then usage.excerpts else usage.artifact_bytes end;
  room := greatest(most * case when take_quota.is_urgent then 2 else 1 end - used, 0);
  granted := case
    -- Deliveries go out in lots, so that not each of them asks.
    when take_quota.amount is null then least(room, greatest(1, least(most / 1000, 100)))
    when take_quota.amount <= room then take_quota.amount
    else 0
  end;
  used := used + granted;
  -- Told before it holds anything back, and once it does.
  share := case
    when granted < coalesce(take_quota.amount, 1) or used >= most then 100
    when used >= most * 0.8 then 80
    else 0
  end;
  if share <= coalesce((usage.told ->> take_quota.quota)::integer, 0) then
    share := null;
  end if;
  update codered.installation_usage u
  set
    day = greatest(usage.day, today),
    deliveries = case take_quota.quota when 'deliveries' then used else usage.deliveries end,
    artifact_bytes = case take_quota.quota when 'artifact_bytes' then used else usage.artifact_bytes end,
    excerpts = case take_quota.quota when 'excerpts' then used else usage.excerpts end,
    told = case when share is null then usage.told else usage.told || jsonb_build_object(take_quota.quota, share) end
  where u.installation_id = take_quota.installation_id;
  return json_build_object(
    'granted', granted, 'is_held', granted < coalesce(take_quota.amount, 1), 'allowed', most, 'told', share,
    'until', to_char((greatest(usage.day, today) + 1)::timestamp, 'YYYY-MM-DD"T00:00:00Z"'));
end
$$;
comment on function codered.take_quota(bigint, text, bigint, boolean) is
  'Takes amount of an installation''s quota (deliveries, excerpts, artifact_bytes), all or nothing; without an amount a lot of them, or what there is: {granted, is_held, allowed, told, until}. told: 80 or 100 when the log has to be told that so much in per cent is used, once a day. until: when the day''s begins anew. is_urgent: up to twice as much. CR002.';
revoke execute on function codered.take_quota from public;
grant execute on function codered.take_quota to service_role;

create function codered.recount_excerpts()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  changed integer;
begin
  update codered.installation_usage u
  set
    excerpts = c.kept,
    told = case
      when c.kept < coalesce((
          select q.excerpts from codered.quotas q
          where q.installation_id = u.installation_id or q.installation_id is null
          order by q.installation_id is null limit 1), 9223372036854775807) * 0.8
      then u.told - 'excerpts' else u.told
    end
  from (
    select known.installation_id, count(kept.id) as kept
    from codered.installation_usage known
    left join (
      select e.id, r.installation_id
      from codered.errors e
      left join codered.ci_events v on v.id = e.ci_event_id
      left join codered.deployments d on d.id = e.deployment_id
      join codered.repositories r on r.id = coalesce(v.repository_id, d.repository_id)
      where e.excerpt is not null
    ) as kept on kept.installation_id = known.installation_id
    group by known.installation_id
  ) as c
  where c.installation_id = u.installation_id and u.excerpts <> c.kept;
  get diagnostics changed = row_count;
  return changed;
end
$$;
comment on function codered.recount_excerpts() is
  'Counts the excerpts that are kept, for the quota: once a day, as some are pruned, erased or judged anew. Returns for how many installations the number was another.';
revoke execute on function codered.recount_excerpts from public;
grant execute on function codered.recount_excerpts to service_role;

create function codered.put_off_delivery(app_id bigint, guid text, until timestamptz, reason text)
returns void
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set
    status = 'failed', available_at = put_off_delivery.until, attempts = greatest(w.attempts - 1, 0),
    last_error = left(put_off_delivery.reason, 4000), locked_by = null, locked_until = null
  where w.app_id = put_off_delivery.app_id and w.guid = put_off_delivery.guid and w.status in ('pending', 'processing')
$$;
comment on function codered.put_off_delivery(bigint, text, timestamptz, text) is
  'Has a delivery wait until then, with the reason; the try does not count. It stays until it is done.';
revoke execute on function codered.put_off_delivery from public;
grant execute on function codered.put_off_delivery to service_role;

create function codered.take_repository_quota(repository_id bigint, quota text, amount bigint)
returns json
language sql
set search_path = ''
as $$
  select codered.take_quota(r.installation_id, take_repository_quota.quota, take_repository_quota.amount)
  from codered.repositories r
  where r.id = take_repository_quota.repository_id and r.installation_id is not null
$$;
comment on function codered.take_repository_quota(bigint, text, bigint) is
  'take_quota of the installation that sees a repository; null when none does.';
revoke execute on function codered.take_repository_quota from public;
grant execute on function codered.take_repository_quota to service_role;

create function codered.take_excerpt(installation_id bigint, diagnosis jsonb)
returns json
language sql
set search_path = ''
as $$
  -- Judged again, a failure keeps the one that it has.
  select codered.take_quota(take_excerpt.installation_id, 'excerpts', case when exists (
    select
    from codered.errors e
    where e.ci_job_id is not distinct from (take_excerpt.diagnosis ->> 'ci_job_id')::uuid
      and e.ci_event_id is not distinct from (take_excerpt.diagnosis ->> 'ci_event_id')::uuid
      and e.deployment_id is not distinct from (take_excerpt.diagnosis ->> 'deployment_id')::uuid
      and e.agent_run_id is null
      and e.excerpt is not null
  ) then 0 else 1 end)
$$;
comment on function codered.take_excerpt(bigint, jsonb) is
  'take_quota of one excerpt for the failure of a job, run or deployment ({ci_job_id, ci_event_id, deployment_id}); of none when it has one already.';
revoke execute on function codered.take_excerpt from public;
grant execute on function codered.take_excerpt to service_role;

insert into codered.quotas (deliveries_per_day, excerpts, artifact_bytes_per_day) values (100000, 100000, 5368709120);

-- The inbox: every delivery of GitHub's, until it is done.

create table codered.webhook_deliveries (
  app_id bigint not null,
  guid text not null,
  event text not null,
  action text,
  installation_id bigint,
  repository_id bigint,
  payload json not null,
  received_at timestamptz not null default now(),
  status text not null default 'pending',
  attempts integer not null default 0,
  available_at timestamptz not null default now(),
  locked_by text,
  locked_until timestamptz,
  last_error text,
  processed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  interruptions integer not null default 0,
  primary key (app_id, guid),
  constraint webhook_deliveries_guid_length check (
    char_length(guid) between 1 and 100
    or codered.refuse_value('webhook_deliveries.guid', guid, '1 to 100 characters')
  ),
  constraint webhook_deliveries_event_length check (
    char_length(event) between 1 and 100
    or codered.refuse_value('webhook_deliveries.event', event, '1 to 100 characters')
  ),
  constraint webhook_deliveries_status_check check (
    status in ('pending', 'processing', 'done', 'failed', 'dead', 'ignored')
    or codered.refuse_value('webhook_deliveries.status', status, 'pending, processing, done, failed, dead, ignored')
  ),
  constraint webhook_deliveries_attempts_check check (attempts >= 0 or codered.refuse_value('webhook_deliveries.attempts', attempts, '0 or more')),
  constraint webhook_deliveries_interruptions_check check (interruptions >= 0)
);
comment on table codered.webhook_deliveries is
  'The inbox: every delivery that was answered 202 stands here, and stays until it is done, ignored with a reason, or dead.';
comment on column codered.webhook_deliveries.guid is
  'X-GitHub-Delivery. Two Apps on one event share it and a redelivery reuses it, hence the key with app_id.';
comment on column codered.webhook_deliveries.installation_id is
  'As the payload says; no foreign key, because a delivery is stored before anything is known of it.';
comment on column codered.webhook_deliveries.payload is
  'json, not jsonb: the body as GitHub sent it; jsonb refuses \u0000 and lone surrogates, which a stranger can put into a commit message.';
comment on column codered.webhook_deliveries.available_at is
  'When it may be claimed; while it is processed, when the lease ends and it may be claimed again.';
comment on column codered.webhook_deliveries.interruptions is
  'How often whoever worked on it was gone before it was done; these are no tries.';
create index webhook_deliveries_due_idx on codered.webhook_deliveries (available_at)
  where status in ('pending', 'processing', 'failed');
create index webhook_deliveries_received_at_idx on codered.webhook_deliveries (received_at);
create index webhook_deliveries_dead_idx on codered.webhook_deliveries (received_at) where status = 'dead';
create index webhook_deliveries_turn_idx on codered.webhook_deliveries ((coalesce(installation_id, 0)), available_at, received_at)
  where status in ('pending', 'processing', 'failed');
create index webhook_deliveries_guid_idx on codered.webhook_deliveries (guid) where status = 'processing';
create index webhook_deliveries_repository_id_idx on codered.webhook_deliveries (repository_id) where repository_id is not null;
create index webhook_deliveries_installation_id_idx on codered.webhook_deliveries (installation_id) where installation_id is not null;
create index webhook_deliveries_unplaced_idx on codered.webhook_deliveries (received_at) where repository_id is null;
alter table codered.webhook_deliveries enable row level security;
create policy webhook_deliveries_nobody on codered.webhook_deliveries for select to authenticated using (false);
grant select, insert, update, delete on codered.webhook_deliveries to service_role;
create trigger webhook_deliveries_touch before update on codered.webhook_deliveries
  for each row execute function codered.touch_updated_at();

-- Postgres' own compression of a payload costs more time than all else that the inbox does.
do $$
begin
  alter table codered.webhook_deliveries alter column payload set compression lz4;
exception
  when feature_not_supported then
    alter table codered.webhook_deliveries alter column payload set storage external;
end
$$;

create sequence codered.delivery_turn minvalue 0;
comment on sequence codered.delivery_turn is 'Not counted up: the installation that was served last, so that the next claim begins behind it.';
revoke all on sequence codered.delivery_turn from public, anon, authenticated;
grant usage, select, update on sequence codered.delivery_turn to service_role;

create function codered.receive_deliveries(heads json, payloads text)
returns table (guid text, outcome text)
language sql
set search_path = ''
as $$
  with arrived as (
    select distinct on (h.app_id, h.guid) h.*, p.payload
    from rows from (
      json_to_recordset(receive_deliveries.heads) as (
        app_id bigint, guid text, event text, action text, installation_id bigint, repository_id bigint
      )
    ) with ordinality as h (app_id, guid, event, action, installation_id, repository_id, place)
    join unnest(string_to_array(receive_deliveries.payloads, chr(30))) with ordinality as p (payload, place)
      on p.place = h.place
    order by h.app_id, h.guid
  ), stored as (
    insert into codered.webhook_deliveries as w (app_id, guid, event, action, installation_id, repository_id, payload)
    select a.app_id, a.guid, a.event, a.action, a.installation_id, a.repository_id, a.payload::json
    from arrived a
    on conflict (app_id, guid) do update
      set status = 'pending', available_at = now(), attempts = 0, locked_by = null, locked_until = null
      where w.status in ('failed', 'dead')
    returning w.app_id, w.guid, (xmax = 0) as is_new
  )
  select
    a.guid,
    case
      when s.is_new then 'stored'
      when s.guid is not null then 'requeued'
      when w.status in ('done', 'ignored') then 'known'
      else 'requeued'
    end
  from arrived a
  left join stored s on s.app_id = a.app_id and s.guid = a.guid
  left join codered.webhook_deliveries w on w.app_id = a.app_id and w.guid = a.guid
$$;
comment on function codered.receive_deliveries(json, text) is
  'Stores deliveries: payloads are the bodies in the order of heads, with the record separator (U+001E) between two, which no JSON text holds. A known guid that is not done is queued again (requeued), one that is done changes nothing (known).';
revoke execute on function codered.receive_deliveries from public;
grant execute on function codered.receive_deliveries to service_role;

create function codered.claim_deliveries(worker text, batch integer, lease_seconds integer)
returns table (app_id bigint, guid text, event text, payload json, attempts integer)
language sql
set search_path = ''
as $$
  with turns as (
    select t.installation, ceil(claim_deliveries.batch::numeric / count(*) over ())::integer as share
    from unnest(codered.waiting_installations(claim_deliveries.batch)) as t (installation)
  ), fair as (
    select d.app_id, d.guid
    from turns t
    cross join lateral (
      select w.app_id, w.guid
      from codered.webhook_deliveries w
      where coalesce(w.installation_id, 0) = t.installation
        and w.status in ('pending', 'processing', 'failed')
        and w.available_at <= now()
      order by w.available_at, w.received_at
      limit t.share
      for update skip locked
    ) as d
    limit claim_deliveries.batch
  ), fill as (
    -- What those whose turn it is leave free goes to whoever has waited longest.
    select w.app_id, w.guid
    from codered.webhook_deliveries w
    where w.status in ('pending', 'processing', 'failed')
      and w.available_at <= now()
      and not exists (select from fair f where f.app_id = w.app_id and f.guid = w.guid)
    order by w.available_at, w.received_at
    limit claim_deliveries.batch - (select count(*) from fair)
    for update skip locked
  ), due as (
    select f.app_id, f.guid from fair f
    union all
    select f.app_id, f.guid from fill f
  ), claimed as (
    update codered.webhook_deliveries w
    set
      status = case when w.status = 'processing' and w.interruptions >= 20 then 'dead' else 'processing' end,
      attempts = case when w.status = 'processing' then greatest(w.attempts, 1) else w.attempts + 1 end,
      interruptions = case w.status when 'processing' then w.interruptions + 1 when 'pending' then 0 else w.interruptions end,
      last_error = case
        when w.status = 'processing' and w.interruptions >= 20
          then coalesce(w.last_error, 'Every worker that took it stopped before it was done.')
        else w.last_error
      end,
      locked_by = claim_deliveries.worker,
      locked_until = now() + make_interval(secs => claim_deliveries.lease_seconds),
      available_at = now() + make_interval(secs => claim_deliveries.lease_seconds)
    from due
    where w.app_id = due.app_id and w.guid = due.guid
    returning w.app_id, w.guid, w.event, w.payload, w.attempts, w.status, w.received_at
  )
  select c.app_id, c.guid, c.event, c.payload, c.attempts
  from claimed c
  where c.status = 'processing'
  order by c.received_at
$$;
comment on function codered.claim_deliveries(text, integer, integer) is
  'Takes due deliveries for a worker until the lease ends: installations by turns, each one''s oldest first. One whose lease ended is not a try more; one that outlived twenty leases is dead: it kills its workers.';
revoke execute on function codered.claim_deliveries from public;
grant execute on function codered.claim_deliveries to service_role;

create function codered.ignore_delivery(app_id bigint, guid text, reason text)
returns void
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set status = 'ignored', last_error = ignore_delivery.reason, processed_at = now(), locked_by = null, locked_until = null
  where w.app_id = ignore_delivery.app_id and w.guid = ignore_delivery.guid and w.status <> 'done'
$$;
comment on function codered.ignore_delivery(bigint, text, text) is 'Closes a delivery that says nothing to us, with the reason.';
revoke execute on function codered.ignore_delivery from public;
grant execute on function codered.ignore_delivery to service_role;

create function codered.retry_pause(attempts integer)
returns interval
language sql
volatile
set search_path = ''
as $$
  select (array[5, 30, 120, 600, 3600, 3600, 10800])[least(greatest(attempts, 1), 7)]
    * (0.8 + 0.4 * random()) * interval '1 second'
$$;
comment on function codered.retry_pause(integer) is 'The pause after the nth failed try: 5 s growing to 3 h, a fifth more or less so that retries spread.';
revoke execute on function codered.retry_pause from public;
grant execute on function codered.retry_pause to service_role;

create function codered.fail_delivery(app_id bigint, guid text, error text, dead boolean, worker text default null)
returns json
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set
    status = case when fail_delivery.dead or w.attempts >= 8 then 'dead' else 'failed' end,
    available_at = now() + codered.retry_pause(w.attempts),
    last_error = left(fail_delivery.error, 4000),
    locked_by = null,
    locked_until = null
  where w.app_id = fail_delivery.app_id and w.guid = fail_delivery.guid and w.status = 'processing'
    and (fail_delivery.worker is null or w.locked_by = fail_delivery.worker)
  returning json_build_object('status', w.status, 'available_at', w.available_at)
$$;
comment on function codered.fail_delivery(bigint, text, text, boolean, text) is
  'Puts a delivery that failed off with growing pauses; dead after the eighth try, or at once when it can never succeed. Nothing when another worker than the one named has it by now.';
revoke execute on function codered.fail_delivery from public;
grant execute on function codered.fail_delivery to service_role;

create function codered.replay_deliveries(statuses text[] default '{}', guids text[] default '{}')
returns integer
language sql
set search_path = ''
as $$
  with replayed as (
    update codered.webhook_deliveries w
    set status = 'pending', attempts = 0, available_at = now(), last_error = null, locked_by = null, locked_until = null
    where w.guid = any (replay_deliveries.guids)
      or (w.status in ('failed', 'dead') and w.status = any (replay_deliveries.statuses))
    returning 1
  )
  select count(*)::integer from replayed
$$;
comment on function codered.replay_deliveries(text[], text[]) is
  'Queues deliveries again: the failed or dead ones, and those named by guid whatever they are. Returns how many.';
revoke execute on function codered.replay_deliveries from public;
grant execute on function codered.replay_deliveries to service_role;

create function codered.dead_deliveries(batch integer)
returns table (event text, guid text, last_error text)
language sql
stable
set search_path = ''
as $$
  select w.event, w.guid, w.last_error
  from codered.webhook_deliveries w
  where w.status = 'dead'
  order by w.received_at desc, w.guid
  limit dead_deliveries.batch
$$;
comment on function codered.dead_deliveries(integer) is 'The newest deliveries that were given up, with the reason; so many at most.';
revoke execute on function codered.dead_deliveries from public;
grant execute on function codered.dead_deliveries to service_role;

create function codered.inbox_status()
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'pending', count(*) filter (where w.status = 'pending'),
    'processing', count(*) filter (where w.status = 'processing'),
    'failed', count(*) filter (where w.status = 'failed'),
    'dead', (select count(*) from codered.webhook_deliveries d where d.status = 'dead'),
    'oldest_pending_seconds', extract(epoch from now() - min(w.received_at) filter (where w.status = 'pending')),
    -- A look at a deadline is no work that waits to be done.
    'jobs_queued', (
      select count(*)
      from codered.agent_jobs j
      where j.status = 'queued' and (j.run_after <= now() or j.dedupe_key is null or j.dedupe_key not like 'deadline:%')
    ),
    'jobs_running', (select count(*) from codered.agent_jobs j where j.status = 'running'),
    'publications_due', (select count(*) from codered.publications p where p.is_due and p.available_at < 'infinity')
  )
  from codered.webhook_deliveries w
  where w.status in ('pending', 'processing', 'failed')
$$;
comment on function codered.inbox_status() is 'How long the queues are; oldest_pending_seconds is null for an empty inbox.';
revoke execute on function codered.inbox_status from public;
grant execute on function codered.inbox_status to service_role;

create function codered.waiting_installations(most integer)
returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
  mark constant bigint := (select s.last_value from codered.delivery_turn s);
  turns bigint[] := '{}';
  place bigint := mark;
  is_wrapped boolean := false;
begin
  while cardinality(turns) < most loop
    select coalesce(w.installation_id, 0) into place
    from codered.webhook_deliveries w
    where coalesce(w.installation_id, 0) > place and w.status in ('pending', 'processing', 'failed')
    order by coalesce(w.installation_id, 0)
    limit 1;
    if not found then
      exit when is_wrapped;
      is_wrapped := true;
      place := -1;
    else
      exit when is_wrapped and place > mark;
      -- Of one whose deliveries all wait for later, however many, the index shows that at once.
      if exists (
        select
        from codered.webhook_deliveries w
        where coalesce(w.installation_id, 0) = place
          and w.status in ('pending', 'processing', 'failed')
          and w.available_at <= now()
      ) then
        turns := turns || place;
      end if;
    end if;
  end loop;
  if turns <> '{}' then
    perform setval('codered.delivery_turn', turns[cardinality(turns)]);
  end if;
  return turns;
end
$$;
comment on function codered.waiting_installations(integer) is
  'The installations whose turn is next (0: deliveries of none), in a ring that begins behind the one served last; notes the last of them. Called by claim_deliveries.';
revoke execute on function codered.waiting_installations from public;
grant execute on function codered.waiting_installations to service_role;

-- The queue of jobs: the app's own follow-ups and what people and agents ask for; claimed, renewed, finished, tried again.

create function codered.accept_questions(what text, questions jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  twice text;
begin
  perform codered.accept_shape(what, questions, '{
    "is": "list", "from": 1, "to": 100, "of": {"is": "object", "optional": ["options"], "keys": {
      "id": {"is": "text", "from": 1, "to": 100},
      "question": {"is": "text", "from": 1, "to": 4000},
      "options": {"is": "list", "to": 100, "of": {"is": "text", "from": 1, "to": 1000}}
    }}
  }');
  select q.entry ->> 'id' into twice
  from jsonb_array_elements(questions) as q (entry)
  group by q.entry ->> 'id'
  having count(*) > 1
  limit 1;
  if twice is not null then
    raise exception '% has the id "%" twice; allowed: ids that were not asked before.', what, twice using errcode = 'CR002', table = split_part(what, '.', 1);
  end if;
  return true;
end
$$;
comment on function codered.accept_questions(text, jsonb) is
  'True for [{"id", "question", "options"?}] with every id once, as document 002 has it; raises CR002 otherwise.';
revoke execute on function codered.accept_questions from public;
grant execute on function codered.accept_questions to authenticated, service_role;

create function codered.accept_answers(what text, answers jsonb, questions jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  given record;
begin
  if answers is null then
    return true;
  end if;
  perform codered.accept_shape(what, answers, '{
    "is": "list", "to": 100, "of": {"is": "object", "keys": {
      "question_id": {"is": "text", "from": 1, "to": 100}, "answer": {"is": "text", "to": 20000}
    }}
  }');
  select a.id, a.times into given
  from (
    select e.entry ->> 'question_id' as id, count(*) as times
    from jsonb_array_elements(answers) as e (entry)
    group by 1
  ) as a
  where a.times > 1
    or not exists (select from jsonb_array_elements(coalesce(questions, '[]')) as q (entry) where q.entry ->> 'id' = a.id)
  order by a.id
  limit 1;
  if found then
    raise exception '% has % for question_id "%"; allowed: one answer for each question that was asked.', what,
      case when given.times > 1 then given.times || ' answers' else 'an answer' end, given.id
      using errcode = 'CR002', table = split_part(what, '.', 1);
  end if;
  return true;
end
$$;
comment on function codered.accept_answers(text, jsonb, jsonb) is
  'True for [{"question_id", "answer"}] with one answer at most for each of the questions; raises CR002 otherwise.';
revoke execute on function codered.accept_answers from public;
grant execute on function codered.accept_answers to authenticated, service_role;

create table codered.agent_jobs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  user_id uuid references codered.profiles (id) on delete set null,
  parent_job_id uuid references codered.agent_jobs (id) on delete set null,
  agent_type text not null,
  status text not null default 'queued',
  progress double precision not null default 0,
  input jsonb not null default '{}',
  result jsonb,
  error text,
  questions jsonb,
  answers jsonb,
  celery_task_id text,
  dedupe_key text,
  run_after timestamptz not null default now(),
  attempts integer not null default 0,
  locked_by text,
  locked_until timestamptz,
  cancel_requested_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  interruptions integer not null default 0,
  is_apps boolean not null,
  constraint agent_jobs_status_check check (
    status in ('queued', 'running', 'completed', 'failed', 'waiting_for_input', 'cancelled')
    or codered.refuse_value('agent_jobs.status', status, 'queued, running, completed, failed, waiting_for_input, cancelled')
  ),
  constraint agent_jobs_progress_check check (progress between 0 and 100 or codered.refuse_value('agent_jobs.progress', progress, '0 to 100')),
  constraint agent_jobs_agent_type_check check (
    agent_type in ('research', 'wireframe', 'code', 'qa', 'pedagogy', 'roadmap', 'diagnose', 'report', 'artifacts', 'backfill', 'plan_sprint',
      'embed', 'pipeline')
    or codered.refuse_value('agent_jobs.agent_type', agent_type,
      'research, wireframe, code, qa, pedagogy, roadmap, diagnose, report, artifacts, backfill, plan_sprint, embed, pipeline')),
  constraint agent_jobs_input_check check (jsonb_typeof(input) = 'object' or codered.refuse_value('agent_jobs.input', input, 'a JSON object')),
  constraint agent_jobs_input_bytes
    check (octet_length(input::text) <= 1048576 or codered.refuse_value('agent_jobs.input', octet_length(input::text), 'at most 1048576 bytes')),
  constraint agent_jobs_result_bytes
    check (octet_length(result::text) <= 8388608 or codered.refuse_value('agent_jobs.result', octet_length(result::text), 'at most 8388608 bytes')),
  constraint agent_jobs_error_length
    check (char_length(error) <= 20000 or codered.refuse_value('agent_jobs.error', error, 'at most 20000 characters')),
  constraint agent_jobs_questions_check check (codered.accept_questions('agent_jobs.questions', questions)),
  constraint agent_jobs_questions_bytes check (
    octet_length(questions::text) <= 262144 or codered.refuse_value('agent_jobs.questions', octet_length(questions::text), 'at most 262144 bytes')),
  constraint agent_jobs_answers_check check (codered.accept_answers('agent_jobs.answers', answers, questions)),
  constraint agent_jobs_answers_bytes check (
    octet_length(answers::text) <= 262144 or codered.refuse_value('agent_jobs.answers', octet_length(answers::text), 'at most 262144 bytes')),
  constraint agent_jobs_locked_by_length
    check (char_length(locked_by) between 1 and 200 or codered.refuse_value('agent_jobs.locked_by', locked_by, '1 to 200 characters')),
  constraint agent_jobs_started_at_check check (status not in ('running', 'waiting_for_input', 'completed') or started_at is not null),
  constraint agent_jobs_completed_at_check check ((completed_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  constraint agent_jobs_interruptions_check check (interruptions >= 0)
);
comment on table codered.agent_jobs is 'Work to be done once: the app''s own follow-ups (diagnose, report) and agents'' jobs.';
comment on column codered.agent_jobs.user_id is 'Whose job it is; null for the app''s own work, which the project''s members see.';
comment on column codered.agent_jobs.progress is '0 to 100; never falls, 100 once completed.';
comment on column codered.agent_jobs.questions is 'All that was asked: [{"id", "question", "options"?}]; what has no answer yet is open.';
comment on column codered.agent_jobs.answers is 'All that was answered: [{"question_id", "answer"}].';
comment on column codered.agent_jobs.celery_task_id is 'What an outside runner calls it.';
comment on column codered.agent_jobs.dedupe_key is 'At most one job of a key is queued, and at most one runs.';
comment on column codered.agent_jobs.run_after is 'When it may be claimed; while it runs, when the lease ends.';
comment on column codered.agent_jobs.cancel_requested_at is
  'Somebody wants it to stop: whoever works on it hears so at the next report_job_progress, and it is not queued again.';
comment on column codered.agent_jobs.started_at is 'Kept by trigger: when it was started first.';
comment on column codered.agent_jobs.completed_at is 'Kept by trigger: when it was completed, failed or cancelled.';
comment on column codered.agent_jobs.interruptions is 'How often whoever worked on it was gone before it was done; these are no tries.';
comment on column codered.agent_jobs.is_apps is
  'Whether it is the app''s own, which every member of the organisation may read. Said when it is made; a person who is deleted leaves false.';
create index agent_jobs_project_id_idx on codered.agent_jobs (project_id, created_at desc);
create index agent_jobs_user_id_idx on codered.agent_jobs (user_id);
create index agent_jobs_parent_job_id_idx on codered.agent_jobs (parent_job_id);
create index agent_jobs_due_idx on codered.agent_jobs (run_after) where status in ('queued', 'running');
create index agent_jobs_dedupe_key_idx on codered.agent_jobs (dedupe_key);
create unique index agent_jobs_queued_key on codered.agent_jobs (dedupe_key) where status = 'queued';
-- What claim_jobs sees to is certain with this, whoever starts the work.
create unique index agent_jobs_running_key on codered.agent_jobs (dedupe_key) where status = 'running';
alter table codered.agent_jobs enable row level security;
create policy agent_jobs_read on codered.agent_jobs for select to authenticated using (
  user_id = (select auth.uid())
  or (is_apps and project_id in (select codered.my_projects()))
  or (select codered.is_operator())
);
grant select on codered.agent_jobs to authenticated;
grant select, insert, update, delete on codered.agent_jobs to service_role;
create trigger agent_jobs_same_project before insert or update of project_id, parent_job_id on codered.agent_jobs
  for each row execute function codered.refuse_foreign_project('parent_job_id:agent_jobs');

create function codered.stamp_agent_job()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  following text[];
begin
  if tg_op = 'UPDATE' then
    -- What was asked to stop is neither queued again nor left waiting.
    if old.status = 'running' and new.status in ('queued', 'waiting_for_input') and new.cancel_requested_at is not null then
      new.status := 'cancelled';
    end if;
    following := case old.status
      when 'queued' then '{running,cancelled,failed}'
      when 'running' then '{completed,failed,waiting_for_input,cancelled,queued}'
      when 'waiting_for_input' then '{running,queued,cancelled,failed}'
      else '{}'
    end;
    -- A word that is no status at all is left to the CHECK.
    if new.status <> old.status and new.status <> all (following)
      and new.status in ('queued', 'running', 'completed', 'failed', 'waiting_for_input', 'cancelled') then
      raise exception 'agent_jobs.status is "%" and cannot become "%"; allowed: %.', old.status, new.status,
        coalesce(nullif(array_to_string(following, ', '), ''), 'nothing, it is over')
        using errcode = 'CR003', table = 'agent_jobs', column = 'status';
    end if;
    new.updated_at := now();
    new.started_at := old.started_at;
    new.completed_at := old.completed_at;
    if new.progress >= 0 then
      new.progress := greatest(new.progress, old.progress);
    end if;
  end if;
  if new.status in ('running', 'waiting_for_input', 'completed') then
    new.started_at := coalesce(new.started_at, now());
  end if;
  new.completed_at := case when new.status in ('completed', 'failed', 'cancelled') then coalesce(new.completed_at, now()) end;
  if new.status = 'completed' then
    new.progress := 100;
  end if;
  if new.status <> 'running' then
    new.locked_by := null;
    new.locked_until := null;
  end if;
  return new;
end
$$;
comment on function codered.stamp_agent_job() is
  'Refuses (CR003) a status that may not follow the one before, and keeps updated_at, started_at, completed_at, progress and the lock of a job.';
revoke execute on function codered.stamp_agent_job from public;
grant execute on function codered.stamp_agent_job to service_role;

create trigger agent_jobs_stamp before update on codered.agent_jobs
  for each row execute function codered.stamp_agent_job();

create trigger agent_jobs_stamp_new before insert on codered.agent_jobs
  for each row execute function codered.stamp_agent_job();

create function codered.queue_job(project_id uuid, agent_type text, input jsonb, dedupe_key text, delay interval default '0')
returns void
language sql
set search_path = ''
as $$
  insert into codered.agent_jobs as j (project_id, agent_type, input, dedupe_key, run_after)
  values (queue_job.project_id, queue_job.agent_type, queue_job.input, queue_job.dedupe_key, now() + queue_job.delay)
  on conflict (dedupe_key) where status = 'queued' do update
    set input = j.input || excluded.input, run_after = least(j.run_after, excluded.run_after)
    where j.input is distinct from j.input || excluded.input or j.run_after > excluded.run_after
$$;
comment on function codered.queue_job(uuid, text, jsonb, text, interval) is
  'Queues work, or adds to an equal one that is queued already: a burst of events leaves one job.';
revoke execute on function codered.queue_job from public;
grant execute on function codered.queue_job to service_role;

create function codered.claim_jobs(worker text, batch integer, lease_seconds integer)
returns table (id uuid, agent_type text, input jsonb, attempts integer)
language sql
set search_path = ''
as $$
  with due as (
    select j.id
    from codered.agent_jobs j
    where j.status in ('queued', 'running')
      and j.run_after <= now()
      and codered.is_own_job(j.agent_type, j.dedupe_key)
      and not exists (
        select 1
        from codered.agent_jobs running
        where running.dedupe_key = j.dedupe_key
          and running.id <> j.id
          -- Also when its lease has lapsed: then it is due itself, and goes first.
          and running.status = 'running'
      )
      -- What was commanded on a pull request is followed in the order of the comments.
      and not exists (
        select 1
        from codered.agent_jobs earlier
        where j.dedupe_key like 'command:%'
          and earlier.project_id = j.project_id
          and earlier.agent_type = 'pipeline'
          and earlier.dedupe_key like 'command:%'
          and earlier.status in ('queued', 'running')
          and earlier.input -> 'repository_id' = j.input -> 'repository_id'
          and earlier.input -> 'pull_request_number' = j.input -> 'pull_request_number'
          and earlier.input -> 'comment_id' < j.input -> 'comment_id'
      )
    order by j.run_after
    limit claim_jobs.batch
    for update skip locked
  ), claimed as (
    update codered.agent_jobs j
    set
      status = case when j.status = 'running' and j.interruptions >= 20 then 'failed' else 'running' end,
      attempts = case when j.status = 'running' then greatest(j.attempts, 1) else j.attempts + 1 end,
      interruptions = j.interruptions + case when j.status = 'running' then 1 else 0 end,
      error = case
        when j.status = 'running' and j.interruptions >= 20 then coalesce(j.error, 'Every worker that took it stopped before it was done.')
        else j.error
      end,
      locked_by = claim_jobs.worker,
      locked_until = now() + make_interval(secs => claim_jobs.lease_seconds),
      run_after = now() + make_interval(secs => claim_jobs.lease_seconds)
    from due
    where j.id = due.id
    returning j.id, j.agent_type, j.input, j.attempts, j.status, j.created_at
  )
  select c.id, c.agent_type, c.input, c.attempts from claimed c where c.status = 'running' order by c.created_at
$$;
comment on function codered.claim_jobs(text, integer, integer) is
  'Takes due work of the app''s own kinds until the lease ends; never two of one dedupe_key at a time. One whose lease ended is not a try more; one that outlived twenty leases has failed.';
revoke execute on function codered.claim_jobs from public;
grant execute on function codered.claim_jobs to service_role;

create function codered.complete_job(id uuid, worker text, result jsonb default null)
returns void
language sql
set search_path = ''
as $$
  update codered.agent_jobs j
  set status = 'completed', progress = 100, result = complete_job.result, error = null, locked_by = null, locked_until = null
  where j.id = complete_job.id and j.locked_by = complete_job.worker and j.status = 'running'
$$;
comment on function codered.complete_job(uuid, text, jsonb) is 'Closes work that was done; nothing when another worker has taken it meanwhile.';
revoke execute on function codered.complete_job from public;
grant execute on function codered.complete_job to service_role;

create function codered.retry_job(id uuid, worker text, error text, delay_ms integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.agent_jobs;
begin
  select j.* into mine
  from codered.agent_jobs j
  where j.id = retry_job.id and j.locked_by = retry_job.worker and j.status = 'running'
  for update;
  if not found then
    return;
  end if;
  if exists (
    select 1 from codered.agent_jobs j where j.dedupe_key = mine.dedupe_key and j.status = 'queued'
  ) then
    update codered.agent_jobs j
    set status = 'completed', error = left(retry_job.error, 4000), result = '{"gave_way": true}', locked_by = null, locked_until = null
    where j.id = mine.id;
    return;
  end if;
  update codered.agent_jobs j
  set
    status = 'queued',
    error = left(retry_job.error, 4000),
    run_after = now() + make_interval(secs => retry_job.delay_ms / 1000.0),
    locked_by = null,
    locked_until = null
  where j.id = mine.id;
exception
  when unique_violation then
    -- An equal one was queued between the look and the update: that one does the work.
    update codered.agent_jobs j
    set status = 'completed', error = left(retry_job.error, 4000), result = '{"gave_way": true}', locked_by = null, locked_until = null
    where j.id = retry_job.id;
end
$$;
comment on function codered.retry_job(uuid, text, text, integer) is 'Queues work again after a pause; gives way to an equal one that is queued already.';
revoke execute on function codered.retry_job from public;
grant execute on function codered.retry_job to service_role;

create function codered.fail_job(id uuid, worker text, error text)
returns void
language sql
set search_path = ''
as $$
  update codered.agent_jobs j
  set status = 'failed', error = left(fail_job.error, 4000), locked_by = null, locked_until = null
  where j.id = fail_job.id and j.locked_by = fail_job.worker and j.status = 'running'
$$;
comment on function codered.fail_job(uuid, text, text) is 'Gives work up, with the reason.';
revoke execute on function codered.fail_job from public;
grant execute on function codered.fail_job to service_role;

create function codered.is_own_job(agent_type text, dedupe_key text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select agent_type in ('diagnose', 'report', 'artifacts')
    -- Members may queue these for agents of their own, with any input: only what the app queued has such a key.
    or (agent_type = 'plan_sprint' and dedupe_key like 'specs:%')
    or (agent_type = 'pipeline' and dedupe_key like any ('{command:%,protection:%,deadline:protection:%,deadline:bypasses:%}'))
$$;
comment on function codered.is_own_job(text, text) is 'Whether a job is the app''s own follow-up work, and not an agent''s. Called by claim_jobs and release_leases.';
revoke execute on function codered.is_own_job from public;
grant execute on function codered.is_own_job to service_role;

create function codered.renew_leases(worker text, lease_seconds integer, guids text[], jobs uuid[], publications uuid[])
returns integer
language sql
set search_path = ''
as $$
  with lease as (
    select now() + make_interval(secs => renew_leases.lease_seconds) as ends
  ), deliveries as (
    update codered.webhook_deliveries w
    set locked_until = l.ends, available_at = l.ends
    from lease l
    where w.guid = any (renew_leases.guids) and w.locked_by = renew_leases.worker and w.status = 'processing'
    returning 1
  ), follow_ups as (
    update codered.agent_jobs j
    set locked_until = l.ends, run_after = l.ends
    from lease l
    where j.id = any (renew_leases.jobs) and j.locked_by = renew_leases.worker and j.status = 'running'
    returning 1
  ), writes as (
    update codered.publications p
    set locked_until = l.ends
    from lease l
    where p.id = any (renew_leases.publications) and p.locked_by = renew_leases.worker
    returning 1
  )
  select ((select count(*) from deliveries) + (select count(*) from follow_ups) + (select count(*) from writes))::integer
$$;
comment on function codered.renew_leases(text, integer, text[], uuid[], uuid[]) is
  'Holds on to what a worker is still at work on; returns how many of them it still had.';
revoke execute on function codered.renew_leases from public;
grant execute on function codered.renew_leases to service_role;

create function codered.release_leases()
returns integer
language sql
set search_path = ''
as $$
  with deliveries as (
    update codered.webhook_deliveries w
    set locked_until = now(), available_at = now()
    where w.status = 'processing'
    returning 1
  ), follow_ups as (
    update codered.agent_jobs j
    set locked_until = now(), run_after = now()
    where j.status = 'running' and j.locked_by is not null and codered.is_own_job(j.agent_type, j.dedupe_key)
    returning 1
  ), writes as (
    update codered.publications p set locked_until = now() where p.locked_until > now() returning 1
  )
  select ((select count(*) from deliveries) + (select count(*) from follow_ups) + (select count(*) from writes))::integer
$$;
comment on function codered.release_leases() is
  'Gives up every lease, whoever holds it: for the start of a process that has the database to itself, so that what its predecessor was killed at goes on at once.';
revoke execute on function codered.release_leases from public;
grant execute on function codered.release_leases to service_role;

create function codered.steps_of_jobs(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  -- What the runner puts around a job's own steps says nothing of it. A policy looks at few jobs, but nobody knows at which.
  select coalesce(json_agg(json_build_object('url', t.html_url, 'steps', t.steps) order by t.html_url), '[]')
  from (
    select
      j.html_url,
      (
        select json_agg(json_build_object('name', left(s.value ->> 'name', 200), 'conclusion', s.value ->> 'conclusion') order by s.place)
        from jsonb_array_elements(j.steps) with ordinality as s (value, place)
        where s.place <= 60
          and s.value ->> 'name' not in ('Set up job', 'Complete job')
          and s.value ->> 'name' not like 'Post %'
      ) as steps
    from codered.current_runs(steps_of_jobs.repository_id, steps_of_jobs.sha) as r
    cross join lateral codered.jobs_of_run(r.repository_id, r.run_id) as o
    join codered.ci_jobs j on j.id = o.id
    where r.provider = 'github-actions' and o.covered_by is null and j.html_url is not null and j.steps <> '[]'
    order by j.html_url
    limit 2000
  ) as t
  where t.steps is not null
$$;
comment on function codered.steps_of_jobs(bigint, text) is
  'The own steps of the jobs that count for a commit, each in its newest attempt: [{url, steps: [{name, conclusion}]}], by the job''s address.';
revoke execute on function codered.steps_of_jobs from public;
grant execute on function codered.steps_of_jobs to service_role;

create function codered.keep_owner_kind()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.is_apps := coalesce(new.is_apps, new.user_id is null);
  else
    new.is_apps := old.is_apps;
  end if;
  return new;
end
$$;
comment on function codered.keep_owner_kind() is
  'Says of a new run or job whether it is the app''s own, unless it says so itself: whether it is made for nobody. It never changes.';
revoke execute on function codered.keep_owner_kind from public;

create trigger agent_jobs_owner_kind before insert or update of is_apps on codered.agent_jobs
  for each row execute function codered.keep_owner_kind();

-- Jobs of people and agents: made, reported on, asked about, cancelled.

create function codered.create_agent_job(
  project_id uuid,
  agent_type text,
  input jsonb,
  user_id uuid default auth.uid(),
  parent_job_id uuid default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  made codered.agent_jobs;
begin
  if create_agent_job.project_id is not null or codered.is_member_call() then
    perform codered.require_project(create_agent_job.project_id);
  end if;
  if codered.is_member_call() then
    if create_agent_job.user_id is distinct from auth.uid() then
      raise exception 'create_agent_job.user_id is "%"; allowed: yourself.', create_agent_job.user_id using errcode = 'CR008';
    end if;
    -- The app works on these with rights of its own, on what their input names.
    if create_agent_job.agent_type in ('diagnose', 'report', 'artifacts', 'backfill', 'embed') then
      raise exception 'create_agent_job.agent_type is "%", which only the app queues; allowed: research, wireframe, code, qa, pedagogy, roadmap, plan_sprint, pipeline.',
        create_agent_job.agent_type using errcode = 'CR008';
    end if;
    if create_agent_job.parent_job_id is not null and not exists (
      select from codered.agent_jobs j
      where j.id = create_agent_job.parent_job_id and (j.is_apps or j.user_id = auth.uid() or codered.is_operator())
    ) then
      raise exception 'agent_jobs.parent_job_id is "%": there is no such row of agent_jobs in this project.', create_agent_job.parent_job_id
        using errcode = 'CR007', table = 'agent_jobs', column = 'parent_job_id', hint = 'Allowed: an id of the project that project_id names.';
    end if;
  elsif create_agent_job.user_id is not null and not exists (select from codered.profiles p where p.id = create_agent_job.user_id) then
    raise exception 'There is no profile "%".', create_agent_job.user_id using errcode = 'CR004';
  end if;
  insert into codered.agent_jobs (project_id, agent_type, input, user_id, parent_job_id)
  values (
    create_agent_job.project_id, create_agent_job.agent_type, coalesce(create_agent_job.input, '{}'),
    create_agent_job.user_id, create_agent_job.parent_job_id
  )
  returning * into made;
  return jsonb_build_object('job_id', made.id, 'status', made.status);
end
$$;
comment on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) is
  'Queues a job and returns {job_id, status}. Refuses CR002 (unknown agent_type, input that is no object or over 1 MB), CR003 (project retired), CR004 (no such project or profile), CR007 (parent of another project), CR008 (a member for somebody else, or work that only the app queues). Security definer, because members write agent_jobs through functions only; it checks membership itself.';
revoke execute on function codered.create_agent_job from public;
grant execute on function codered.create_agent_job to authenticated, service_role;

create function codered.check_worker(worker text, lease_seconds integer)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if coalesce(char_length(worker), 0) not between 1 and 200 then
    perform codered.refuse_value('worker', coalesce(worker, 'null'), '1 to 200 characters');
  end if;
  if coalesce(lease_seconds, 0) not between 1 and 86400 then
    perform codered.refuse_value('lease_seconds', coalesce(lease_seconds::text, 'null'), '1 to 86400');
  end if;
end
$$;
comment on function codered.check_worker(text, integer) is 'Raises CR002 for a worker without a name, or a lease of no or more than a day''s length.';
revoke execute on function codered.check_worker from public;
grant execute on function codered.check_worker to service_role;

create function codered.start_agent_job(job_id uuid, worker text, lease_seconds integer default 300)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
  is_held boolean;
begin
  perform codered.check_worker(start_agent_job.worker, start_agent_job.lease_seconds);
  select j.* into job from codered.agent_jobs j where j.id = start_agent_job.job_id for update;
  if not found then
    raise exception 'There is no job "%".', start_agent_job.job_id using errcode = 'CR004';
  end if;
  if job.status not in ('queued', 'running') then
    raise exception 'Job "%" is %; allowed: queued, or running without a worker.', job.id, job.status using errcode = 'CR003';
  end if;
  if job.status = 'queued' and job.run_after > now() then
    raise exception 'Job "%" is not due before %.', job.id, to_json(job.run_after) #>> '{}' using errcode = 'CR003';
  end if;
  is_held := job.status = 'running' and coalesce(job.locked_until > now(), false);
  if is_held and job.locked_by <> start_agent_job.worker then
    raise exception 'Job "%" is held by "%" until %.', job.id, job.locked_by, to_json(job.locked_until) #>> '{}' using errcode = 'CR005';
  end if;
  if exists (
    select from codered.agent_jobs j where j.dedupe_key = job.dedupe_key and j.id <> job.id and j.status = 'running'
  ) then
    raise exception 'Another job of the key "%" is running.', job.dedupe_key using errcode = 'CR005';
  end if;
  update codered.agent_jobs j
  set
    status = case when job.cancel_requested_at is null then 'running' else 'cancelled' end,
    attempts = j.attempts + case when is_held then 0 else 1 end,
    locked_by = start_agent_job.worker,
    locked_until = now() + make_interval(secs => start_agent_job.lease_seconds),
    run_after = now() + make_interval(secs => start_agent_job.lease_seconds)
  where j.id = job.id
  returning j.* into job;
  return jsonb_build_object(
    'job_id', job.id, 'status', job.status, 'stop', job.status <> 'running', 'agent_type', job.agent_type, 'project_id', job.project_id,
    'user_id', job.user_id, 'input', job.input, 'questions', job.questions, 'answers', job.answers, 'attempts', job.attempts
  );
exception
  when unique_violation then
    raise exception 'Another job of the key "%" is running.', job.dedupe_key using errcode = 'CR005';
end
$$;
comment on function codered.start_agent_job(uuid, text, integer) is
  'Takes one job until the lease ends: one that is queued and due, or one that runs without a worker (its lease lapsed, or its questions were answered). Returns {job_id, status, stop, agent_type, project_id, user_id, input, questions, answers, attempts}; stop is true, and the job cancelled, when that was asked for while it had no worker. Again by its holder: a longer lease. Refuses CR002, CR003 (over, waiting, not due), CR004, CR005 (held by another worker, or another of its dedupe_key runs).';
revoke execute on function codered.start_agent_job from public;
grant execute on function codered.start_agent_job to service_role;

create function codered.report_job_progress(job_id uuid, worker text, progress double precision, lease_seconds integer default 300)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  perform codered.check_worker(report_job_progress.worker, report_job_progress.lease_seconds);
  if report_job_progress.progress is null or report_job_progress.progress not between 0 and 100 then
    perform codered.refuse_value('progress', coalesce(report_job_progress.progress::text, 'null'), '0 to 100');
  end if;
  select j.* into job from codered.agent_jobs j where j.id = report_job_progress.job_id for update;
  if not found then
    raise exception 'There is no job "%".', report_job_progress.job_id using errcode = 'CR004';
  end if;
  if job.status = 'running' and job.locked_by is distinct from report_job_progress.worker then
    raise exception 'Job "%" is not held by "%".', job.id, report_job_progress.worker using errcode = 'CR005';
  end if;
  if job.status = 'running' then
    update codered.agent_jobs j
    set
      status = case when j.cancel_requested_at is null then 'running' else 'cancelled' end,
      progress = report_job_progress.progress,
      locked_until = now() + make_interval(secs => report_job_progress.lease_seconds),
      run_after = now() + make_interval(secs => report_job_progress.lease_seconds)
    where j.id = job.id
    returning j.* into job;
  end if;
  return jsonb_build_object('status', job.status, 'progress', job.progress, 'stop', job.status <> 'running');
end
$$;
comment on function codered.report_job_progress(uuid, text, double precision, integer) is
  'Tells how far the work is (0 to 100; less than before changes nothing) and lengthens the lease. Returns {status, progress, stop}: stop means that the worker has nothing more to do here, because the job was cancelled (this call makes it so when that was asked for) or is no longer running. Refuses CR002, CR004, CR005 (another worker holds it).';
revoke execute on function codered.report_job_progress from public;
grant execute on function codered.report_job_progress to service_role;

create function codered.ask_job_questions(job_id uuid, worker text, questions jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  perform codered.accept_questions('questions', coalesce(ask_job_questions.questions, 'null'));
  select j.* into job from codered.agent_jobs j where j.id = ask_job_questions.job_id for update;
  if not found then
    raise exception 'There is no job "%".', ask_job_questions.job_id using errcode = 'CR004';
  end if;
  if job.status <> 'running' then
    raise exception 'Job "%" is %; allowed: running.', job.id, job.status using errcode = 'CR003';
  end if;
  if job.locked_by is distinct from ask_job_questions.worker then
    raise exception 'Job "%" is not held by "%".', job.id, ask_job_questions.worker using errcode = 'CR005';
  end if;
  update codered.agent_jobs j
  set status = 'waiting_for_input', questions = coalesce(j.questions, '[]') || ask_job_questions.questions
  where j.id = job.id
  returning j.* into job;
  return jsonb_build_object('job_id', job.id, 'status', job.status);
end
$$;
comment on function codered.ask_job_questions(uuid, text, jsonb) is
  'Lets the job wait for answers to [{"id", "question", "options"?}], beside those asked and answered before, and returns {job_id, status}; status is cancelled when that was asked for meanwhile. Refuses CR002 (other keys, an id asked before), CR003 (not running), CR004, CR005 (another worker holds it).';
revoke execute on function codered.ask_job_questions from public;
grant execute on function codered.ask_job_questions to service_role;

create function codered.lock_own_job(job_id uuid)
returns codered.agent_jobs
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  select j.* into job
  from codered.agent_jobs j
  where j.id = lock_own_job.job_id
    and (not codered.is_member_call() or j.user_id = auth.uid() or codered.is_operator())
  for update;
  if not found then
    raise exception 'There is no job "%" of yours.', lock_own_job.job_id using errcode = 'CR004';
  end if;
  return job;
end
$$;
comment on function codered.lock_own_job(uuid) is
  'The caller''s own job (any, for the app and for an operator), locked for this transaction; CR004 otherwise. Called by functions that members write through.';
revoke execute on function codered.lock_own_job from public;
grant execute on function codered.lock_own_job to service_role;

create function codered.answer_job_questions(job_id uuid, responses jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job codered.agent_jobs := codered.lock_own_job(answer_job_questions.job_id);
  unanswered text;
begin
  if job.status <> 'waiting_for_input' then
    raise exception 'Job "%" is %; allowed: waiting_for_input.', job.id, job.status using errcode = 'CR003';
  end if;
  perform codered.accept_answers('responses', coalesce(answer_job_questions.responses, 'null'), job.questions);
  select string_agg(to_json(q.entry ->> 'id')::text, ', ') into unanswered
  from jsonb_array_elements(job.questions) as q (entry)
  where not exists (
    select
    from jsonb_array_elements(coalesce(job.answers, '[]') || answer_job_questions.responses) as a (entry)
    where a.entry ->> 'question_id' = q.entry ->> 'id'
  );
  if unanswered is not null then
    raise exception 'responses has no answer for question_id %; allowed: one answer for each question that is open.', left(unanswered, 500)
      using errcode = 'CR002';
  end if;
  update codered.agent_jobs j
  set status = 'running', answers = coalesce(j.answers, '[]') || answer_job_questions.responses, run_after = now()
  where j.id = job.id;
  return '{"status": "running", "message": "The agent goes on with the answers."}';
exception
  when unique_violation then
    raise exception 'Another job of the key "%" is running; answer again when it is over.', job.dedupe_key using errcode = 'CR005';
end
$$;
comment on function codered.answer_job_questions(uuid, jsonb) is
  'Answers what is open of one''s own job with [{"question_id", "answer"}] and lets it run again, for any worker to take; returns {status, message}. Refuses CR002 (a question unknown, answered twice or left open), CR003 (it does not wait), CR004 (not one''s own), CR005 (another of its dedupe_key runs). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.answer_job_questions from public;
grant execute on function codered.answer_job_questions to authenticated, service_role;

create function codered.cancel_job(job_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job codered.agent_jobs := codered.lock_own_job(cancel_job.job_id);
begin
  if job.status in ('completed', 'failed') then
    raise exception 'Job "%" is %; allowed: queued, running, waiting_for_input.', job.id, job.status using errcode = 'CR003';
  end if;
  update codered.agent_jobs j
  set
    cancel_requested_at = coalesce(j.cancel_requested_at, now()),
    status = case when j.status = 'running' and j.locked_until > now() then 'running' else 'cancelled' end
  where j.id = job.id and j.status <> 'cancelled'
  returning j.* into job;
  return jsonb_build_object('status', coalesce(job.status, 'cancelled'));
end
$$;
comment on function codered.cancel_job(uuid) is
  'Cancels one''s own job and returns {status}: cancelled at once when no worker has it; running while one has it, who is told at the next report_job_progress and stops. What a worker finishes before that counts as finished: the app''s own kinds (diagnose, report) take seconds and never ask. Twice is fine. Refuses CR003 (over already), CR004 (not one''s own). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';
revoke execute on function codered.cancel_job from public;
grant execute on function codered.cancel_job to authenticated, service_role;

create function codered.read_job(job_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  select jsonb_build_object(
    'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'progress', j.progress,
    'result', j.result, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at
  ) || case when j.status <> 'waiting_for_input' then '{}' else jsonb_build_object('questions', (
    select coalesce(jsonb_agg(q.entry order by q.n), '[]')
    from jsonb_array_elements(j.questions) with ordinality as q (entry, n)
    where not exists (
      select from jsonb_array_elements(coalesce(j.answers, '[]')) as a (entry) where a.entry ->> 'question_id' = q.entry ->> 'id'
    )
  )) end
  into told
  from codered.agent_jobs j
  where j.id = read_job.job_id;
  if not found then
    raise exception 'There is no job "%" that you may see.', read_job.job_id using errcode = 'CR004';
  end if;
  return told;
end
$$;
comment on function codered.read_job(uuid) is
  'One job: {job_id, status, agent_type, project_id, progress, result, error, created_at, completed_at}, and while it waits questions, those that are open. CR004 when the policy of agent_jobs hides it.';
revoke execute on function codered.read_job from public;
grant execute on function codered.read_job to authenticated, service_role;

create function codered.list_jobs(project_id uuid, batch integer default 20, skip integer default 0)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  total bigint;
  items jsonb;
begin
  if coalesce(list_jobs.batch, 0) not between 1 and 100 then
    perform codered.refuse_value('batch', coalesce(list_jobs.batch::text, 'null'), '1 to 100');
  end if;
  if coalesce(list_jobs.skip, -1) < 0 then
    perform codered.refuse_value('skip', coalesce(list_jobs.skip::text, 'null'), '0 or more');
  end if;
  if not exists (select from codered.projects p where p.id = list_jobs.project_id) then
    raise exception 'There is no project "%" that you may see.', list_jobs.project_id using errcode = 'CR004';
  end if;
  select count(*) into total from codered.agent_jobs j where j.project_id = list_jobs.project_id;
  select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]') into items
  from (
    select j.created_at, j.id, jsonb_build_object(
      'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'progress', j.progress,
      'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at
    ) as item
    from codered.agent_jobs j
    where j.project_id = list_jobs.project_id
    order by j.created_at desc, j.id desc
    limit list_jobs.batch
    offset list_jobs.skip
  ) as page;
  return jsonb_build_object('items', items, 'total', total, 'has_more', list_jobs.skip::bigint + jsonb_array_length(items) < total);
end
$$;
comment on function codered.list_jobs(uuid, integer, integer) is
  'A page of the project''s jobs that the caller may see, newest first: {items, total, has_more}. An item is what read_job tells, without result and questions. Refuses CR002 (batch 1 to 100, skip 0 or more), CR004 (no such project).';
revoke execute on function codered.list_jobs from public;
grant execute on function codered.list_jobs to authenticated, service_role;

-- The history: one row an event, in a table a month that is never changed.

create table codered.events (
  id bigint generated always as identity,
  project_id uuid,
  run_id uuid,
  task_id uuid,
  user_id uuid default auth.uid(),
  event_type text not null,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (id, created_at),
  constraint events_event_type_length check (
    char_length(event_type) between 1 and 200
    or codered.refuse_value('events.event_type', event_type, '1 to 200 characters')
  ),
  constraint events_payload_check check (jsonb_typeof(payload) = 'object' or codered.refuse_value('events.payload', payload, 'a JSON object')),
  constraint events_payload_bytes
    check (octet_length(payload::text) <= 262144 or codered.refuse_value('events.payload', octet_length(payload::text), 'at most 262144 bytes'))
) partition by range (created_at);
comment on table codered.events is 'What happened, append-only. Plain ids without foreign keys: history outlives what it tells of.';
comment on column codered.events.event_type is
  '<thing>.<what happened>: task.created, run.status_changed, status.<PHASE> (the rows of status_events), note.<anything> (what members write).';
comment on column codered.events.payload is 'What changed: {"changed": {"<column>": [before, after]}}; long values are left out (null).';
create index events_project_id_idx on codered.events (project_id, created_at desc);
create index events_run_id_idx on codered.events (run_id);
create index events_user_id_idx on codered.events (user_id);
create index events_created_at_idx on codered.events (created_at desc);
-- The documents name these by their columns.
create index events_project_only_idx on codered.events (project_id);
create index events_task_created_idx on codered.events (task_id, created_at desc);
create index events_task_id_idx on codered.events (task_id) where task_id is not null;
create index events_event_type_idx on codered.events (event_type);
create index events_text_idx on codered.events using gin (to_tsvector('simple', payload));
alter table codered.events enable row level security;
-- As an array it is worked out once for all months; "in (select …)" would be, once for each partition.
create policy events_read on codered.events for select to authenticated
  using (
    project_id = any (array(select codered.my_projects()))
    or (project_id is null and user_id = (select auth.uid()))
  );
grant select on codered.events to authenticated;
revoke update, delete on codered.events from service_role;
grant insert (project_id, run_id, task_id, user_id, event_type, payload) on codered.events to authenticated;
create trigger events_append_only before update or delete on codered.events
  for each row execute function codered.refuse_change();
-- TRUNCATE asks no row's trigger; a partition has to be told itself, as statement triggers are not handed down.
create trigger events_no_truncate before truncate on codered.events
  for each statement execute function codered.refuse_change();

create table codered.events_other partition of codered.events default;
comment on table codered.events_other is 'The events of months that have no partition of their own.';
alter table codered.events_other enable row level security;
create policy events_other_nobody on codered.events_other for select to authenticated using (false);
revoke update, delete on codered.events_other from service_role;
create trigger events_no_truncate before truncate on codered.events_other
  for each statement execute function codered.refuse_change();

create function codered.month_start(month date)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
  select date_trunc('month', month_start.month::timestamp) at time zone 'UTC'
$$;
comment on function codered.month_start(date) is 'When the month of a day begins, in UTC.';
revoke execute on function codered.month_start from public;
grant execute on function codered.month_start to service_role;

create function codered.next_month(month date)
returns date
language sql
immutable
set search_path = ''
as $$
  select (date_trunc('month', next_month.month::timestamp) + interval '1 month')::date
$$;
comment on function codered.next_month(date) is 'The first day of the month after.';
revoke execute on function codered.next_month from public;
grant execute on function codered.next_month to service_role;

create function codered.event_month_table(month date)
returns text
language sql
stable
set search_path = ''
as $$
  select 'events_' || to_char(event_month_table.month::timestamp, 'YYYY_MM')
$$;
comment on function codered.event_month_table(date) is 'What the partition of events is called that holds the month of a day.';
revoke execute on function codered.event_month_table from public;
grant execute on function codered.event_month_table to service_role;

create function codered.event_months()
returns setof date
language sql
stable
set search_path = ''
as $$
  select to_date(right(c.relname, 7), 'YYYY_MM')
  from pg_catalog.pg_inherits i
  join pg_catalog.pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'codered.events'::regclass and c.relname ~ '^events_\d{4}_\d{2}$'
$$;
comment on function codered.event_months() is 'The first days of the months that have a partition of events.';
revoke execute on function codered.event_months from public;
grant execute on function codered.event_months to service_role;

create function codered.event_months_without_partition()
returns setof date
language sql
stable
set search_path = ''
as $$
  -- From one month's first row to the next month's: a look into the index each, however many rows there are.
  with recursive months (month) as (
    select date_trunc('month', min(o.created_at) at time zone 'UTC')::date
    from codered.events_other o
    where o.created_at >= timestamptz '0001-01-01 00:00:00+00' and o.created_at < timestamptz '9999-01-01 00:00:00+00'
    union all
    select (
      select date_trunc('month', min(o.created_at) at time zone 'UTC')::date
      from codered.events_other o
      where o.created_at >= codered.month_start(codered.next_month(m.month)) and o.created_at < timestamptz '9999-01-01 00:00:00+00'
    )
    from months m
    where m.month is not null
  )
  select m.month from months m where m.month is not null
$$;
comment on function codered.event_months_without_partition() is 'The first days of the months of which rows lie in events_other.';
revoke execute on function codered.event_months_without_partition from public;
grant execute on function codered.event_months_without_partition to service_role;

create function codered.event_months_missing(ahead integer default 2)
returns setof date
language sql
stable
set search_path = ''
as $$
  with horizon as (
    select
      date_trunc('month', now() at time zone 'UTC') as this_month,
      date_trunc('month', now() at time zone 'UTC') + make_interval(months => event_months_missing.ahead) as last_month
  ), wanted (month) as (
    select generate_series(h.this_month, h.last_month, interval '1 month')::date from horizon h
    union
    select m from codered.event_months_without_partition() m, horizon h where m <= h.last_month::date
  )
  select w.month
  from wanted w
  where w.month not in (select codered.event_months())
  order by w.month
$$;
comment on function codered.event_months_missing(integer) is
  'The first days of the months for which ensure_event_months(ahead) would make a partition: this one, the next ahead ones, and earlier ones of which rows lie in events_other.';
revoke execute on function codered.event_months_missing from public;
grant execute on function codered.event_months_missing to service_role;

create function codered.make_event_month(month date)
returns text
language plpgsql
set search_path = ''
set lock_timeout = '5s'
as $$
declare
  name constant text := codered.event_month_table(make_event_month.month);
  from_time constant timestamptz := codered.month_start(make_event_month.month);
  to_time constant timestamptz := codered.month_start(codered.next_month(make_event_month.month));
begin
  -- First of all, and the whole of events before any part of it: whoever appends finds its partition anew afterwards, and
  -- nobody who waits for us holds what we wait for. The advisory lock is for those who look at a part first: one at a time.
  perform pg_advisory_xact_lock(3202512);
  lock table only codered.events in access exclusive mode;
  if to_regclass('codered.' || name) is not null then
    return null;
  end if;
  lock table codered.events_other in access exclusive mode;
  execute format(
    'create table codered.%I (like codered.events including defaults including constraints including storage including compression including comments)',
    name
  );
  if exists (select from codered.events_other o where o.created_at >= from_time and o.created_at < to_time) then
    -- Nobody else sees this: the lock is ours until the transaction ends, and with it the trigger is back.
    alter table codered.events_other disable trigger events_append_only;
    execute format(
      'with moved as (delete from codered.events_other where created_at >= $1 and created_at < $2 returning *)
       insert into codered.%I select * from moved',
      name
    ) using from_time, to_time;
    alter table codered.events_other enable trigger events_append_only;
  end if;
  execute format('alter table codered.%I enable row level security', name);
  execute format('create policy events_month_nobody on codered.%I for select to authenticated using (false)', name);
  execute format('revoke all on codered.%I from public, anon, authenticated, service_role', name);
  execute format('grant select, insert on codered.%I to service_role', name);
  execute format(
    'create trigger events_no_truncate before truncate on codered.%I for each statement execute function codered.refuse_change()',
    name
  );
  execute format(
    'comment on table codered.%I is %L', name,
    'The events of ' || to_char(make_event_month.month::timestamp, 'YYYY-MM') || ' (UTC). Read and append through events; nobody gets at it directly.'
  );
  execute format('alter table codered.events attach partition codered.%I for values from (%L) to (%L)', name, from_time, to_time);
  return name;
end
$$;
comment on function codered.make_event_month(date) is
  'Makes the partition of events for the month of a day and moves there what of it lies in events_other. Returns its name, null when it is there already. Waits at most 5 s for whoever uses events, as everybody else waits behind it. For the owner of the tables; everybody else has ensure_event_months.';
revoke execute on function codered.make_event_month from public;

create function codered.ensure_event_months(ahead integer default 2)
returns setof text
language plpgsql
security definer
set search_path = ''
set lock_timeout = '5s'
as $$
begin
  if ensure_event_months.ahead is null or ensure_event_months.ahead not between 0 and 24 then
    perform codered.refuse_value('ensure_event_months.ahead', coalesce(ensure_event_months.ahead::text, 'null'), '0 to 24');
  end if;
  perform pg_advisory_xact_lock(3202512);
  return query
    select made.name
    from codered.event_months_missing(ensure_event_months.ahead) as m (month)
    cross join lateral codered.make_event_month(m.month) as made (name)
    where made.name is not null;
end
$$;
comment on function codered.ensure_event_months(integer) is
  'Makes the partitions of events that event_months_missing(ahead) lists and returns the names of those it made; twice, or by two at once, changes nothing more. ahead: 0 to 24 (CR002). Fails with 55P03 when events is in use for more than 5 s. Security definer, because it makes tables; nothing of the caller''s gets into their names.';
revoke execute on function codered.ensure_event_months from public;
grant execute on function codered.ensure_event_months to service_role;

create function codered.read_event_month(month date, after_id bigint, batch integer)
returns table (id bigint, line text)
language sql
stable
set search_path = ''
set timezone = 'UTC'
as $$
  with page as (
    select e.id, to_jsonb(e)::text as line
    from codered.events e
    where e.id > read_event_month.after_id
      and e.created_at >= codered.month_start(read_event_month.month)
      and e.created_at < codered.month_start(codered.next_month(read_event_month.month))
    order by e.id
    limit case
      when read_event_month.batch >= 1 then read_event_month.batch
      else codered.refuse_value('read_event_month.batch', coalesce(read_event_month.batch::text, 'null'), '1 or more')::integer
    end
  ), measured as (
    select p.id, p.line, sum(octet_length(p.line)) over (order by p.id) - octet_length(p.line) as bytes_before
    from page p
  )
  select m.id, m.line
  from measured m
  where m.bytes_before < 4194304
  order by m.id
$$;
comment on function codered.read_event_month(date, bigint, integer) is
  'The next rows of a month by id, each as one line of JSON: up to batch (1 or more), and no more than about 4 MB of them; empty behind the last. A line is text, so that no number loses digits on the way.';
revoke execute on function codered.read_event_month from public;
grant execute on function codered.read_event_month to service_role;

select codered.ensure_event_months();

-- Commits, pull requests and the heads that they had.

create table codered.commits (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  sha text not null,
  ref text,
  message text not null,
  author text,
  authored_at timestamptz,
  pushed_at timestamptz,
  files text[] not null default '{}',
  zones_touched text[],
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  merge_group_ref text,
  merge_group_end text,
  primary key (repository_id, sha),
  constraint commits_sha_check check (
    sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'
    or codered.refuse_value('commits.sha', sha, '40 or 64 hexadecimal digits')
  ),
  constraint commits_message_length check (
    char_length(message) <= 4000
    or codered.refuse_value('commits.message', message, 'at most 4000 characters')
  ),
  constraint commits_merge_group_end_length check (char_length(merge_group_end) between 1 and 100)
);
comment on table codered.commits is 'Commits that a push or a merge group brought; for lead time and zones.';
comment on column codered.commits.ref is 'Where it was pushed first.';
comment on column codered.commits.files is 'Paths added, changed or removed, as far as the push lists them (GitHub cuts at its own limit).';
comment on column codered.commits.merge_group_ref is
  'The branch of a merge queue that asked for checks on the commit; null: none did. A push never sets it: whoever may push can name a branch like a queue''s.';
comment on column codered.commits.merge_group_end is
  'Why GitHub took away the merge group whose commit it is, in its own word: merged, invalidated, dequeued; null while it has not.';
create index commits_pushed_at_idx on codered.commits (repository_id, pushed_at);
create index commits_merge_group_idx on codered.commits (repository_id) where merge_group_ref is not null;
alter table codered.commits enable row level security;
create policy commits_read on codered.commits for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.commits to authenticated;
grant select, insert, update, delete on codered.commits to service_role;
create trigger commits_touch before update on codered.commits
  for each row execute function codered.touch_updated_at();

create table codered.pull_requests (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  number integer not null,
  title text not null,
  html_url text not null,
  head_sha text not null,
  head_ref text not null,
  head_repository_id bigint,
  base_ref text not null,
  base_sha text not null,
  state text not null,
  draft boolean not null,
  author text,
  opened_at timestamptz not null,
  merged_at timestamptz,
  merge_commit_sha text,
  source_updated_at timestamptz not null,
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  merged_by text,
  based_at timestamptz,
  primary key (repository_id, number),
  constraint pull_requests_state_check check (
    state in ('open', 'closed', 'merged')
    or codered.refuse_value('pull_requests.state', state, 'open, closed, merged')
  ),
  constraint pull_requests_number_check check (number > 0 or codered.refuse_value('pull_requests.number', number, '1 or more'))
);
comment on table codered.pull_requests is
  'Our own list of pull requests: GitHub names none in the runs of a fork''s pull request, so they are found by head SHA here.';
comment on column codered.pull_requests.head_repository_id is 'The fork it comes from, else this repository; null when the fork is gone. Not necessarily a repository we know.';
comment on column codered.pull_requests.merged_by is
  'GitHub''s login of who merged it, a bot''s too; null until somebody did, and as long as only lists, which leave it out, told of the merge.';
comment on column codered.pull_requests.based_at is
  'When its base became another branch than the one it was known with; null: it never did. Runs of before merged it into another branch.';
create index pull_requests_head_sha_idx on codered.pull_requests (repository_id, head_sha);
create index pull_requests_head_ref_idx on codered.pull_requests (repository_id, head_ref);
create index pull_requests_merge_commit_sha_idx on codered.pull_requests (repository_id, merge_commit_sha);
create index pull_requests_open_base_idx on codered.pull_requests (repository_id, base_ref) where state = 'open';
create index pull_requests_merged_idx on codered.pull_requests (repository_id, base_ref, merged_at) where state = 'merged';
alter table codered.pull_requests enable row level security;
create policy pull_requests_read on codered.pull_requests for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.pull_requests to authenticated;
grant select, insert, update, delete on codered.pull_requests to service_role;
create trigger pull_requests_touch before update on codered.pull_requests
  for each row execute function codered.touch_updated_at();

create table codered.pull_request_heads (
  repository_id bigint not null,
  pull_request_number integer not null,
  sha text not null,
  came_at timestamptz,
  is_pushed boolean not null default false,
  told_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  silence_cause text,
  primary key (repository_id, pull_request_number, sha),
  foreign key (repository_id, pull_request_number) references codered.pull_requests (repository_id, number) on delete cascade,
  constraint pull_request_heads_silence_cause_check check (
    silence_cause in ('merge_conflict', 'approval', 'unknown')
    or codered.refuse_value('pull_request_heads.silence_cause', silence_cause, 'merge_conflict, approval, unknown')
  )
);
comment on table codered.pull_request_heads is 'Every commit that a webhook told to be, or to have been, the head of a pull request.';
comment on column codered.pull_request_heads.came_at is
  'When it became the head, the last time that it did, by GitHub''s clock; null: the event that brought it is late or lost.';
comment on column codered.pull_request_heads.is_pushed is 'Whether it ever came by a push after the pull request was opened.';
comment on column codered.pull_request_heads.told_at is 'GitHub''s time of the last event that names it as the head, or as the head until then.';
comment on column codered.pull_request_heads.silence_cause is
  'Why no workflow ran on it, as GitHub was asked once: it conflicts with its base, or somebody has to let its workflows run; unknown: neither; null: not asked.';
alter table codered.pull_request_heads enable row level security;
create policy pull_request_heads_read on codered.pull_request_heads for select to authenticated
  using (repository_id in (select codered.my_repositories()));
grant select on codered.pull_request_heads to authenticated;
grant select, insert, update, delete on codered.pull_request_heads to service_role;
create trigger pull_request_heads_touch before update on codered.pull_request_heads
  for each row execute function codered.touch_updated_at();

create function codered.merge_commits(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.commits as c (
    repository_id, sha, ref, message, author, authored_at, pushed_at, files, zones_touched, source_delivery
  )
  select distinct on (f.repository_id, f.sha)
    f.repository_id, f.sha, f.ref, f.message, f.author, f.authored_at, f.pushed_at, coalesce(f.files, '{}'),
    codered.zones_of(f.files, p.rules), merge_commits.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, sha text, ref text, message text, author text, authored_at timestamptz, pushed_at timestamptz,
    files text[]
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.repository_id, f.sha, f.pushed_at
  on conflict (repository_id, sha) do update
  set
    ref = excluded.ref,
    message = excluded.message,
    author = excluded.author,
    authored_at = excluded.authored_at,
    pushed_at = excluded.pushed_at,
    files = excluded.files,
    zones_touched = excluded.zones_touched,
    source_delivery = excluded.source_delivery
  where (coalesce(excluded.pushed_at, 'infinity'), excluded.source_delivery)
    < (coalesce(c.pushed_at, 'infinity'), c.source_delivery);

  -- From any that tells of it, whichever push was the earliest.
  update codered.commits c
  set merge_group_ref = greatest(c.merge_group_ref, g.merge_group_ref)
  from (
    select f.repository_id, f.sha, max(f.merge_group_ref) as merge_group_ref
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_ref text)
    where f.merge_group_ref is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha
    and c.merge_group_ref is distinct from greatest(c.merge_group_ref, g.merge_group_ref);

  -- Nothing comes after the end of a group, whichever of the two is told first.
  update codered.commits c
  set merge_group_end = g.merge_group_end
  from (
    select f.repository_id, f.sha, max(f.merge_group_end) as merge_group_end
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
    where f.merge_group_end is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha and c.merge_group_end is distinct from g.merge_group_end;

  -- What became of it stands in the comment of the pull request.
  select codered.look_again(f.repository_id, h.head_sha)
  from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
  cross join lateral codered.merge_group_head(f.repository_id, f.sha) h
  where f.merge_group_end is not null;

  select
    codered.queue_specs(merge_commits.facts), codered.queue_policy_looks(merge_commits.facts),
    codered.queue_bypass_looks(merge_commits.facts);
$$;
comment on function codered.merge_commits(json, text) is
  'Merges commits (the earliest push that brought one tells of it, that a merge queue asked about it, and what became of its group, comes from any that says so), queues the reading of the specs among their files, looks at what a policy among them may change, a look for bypasses where they went straight to the default branch, and the report of the pull request whose merge group has ended.';
revoke execute on function codered.merge_commits from public;
grant execute on function codered.merge_commits to service_role;

create function codered.merge_pull_requests(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.pull_requests as pr (
    repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, state, draft,
    author, opened_at, merged_at, merge_commit_sha, merged_by, source_updated_at, source_delivery
  )
  select distinct on (f.repository_id, f.number)
    f.repository_id, f.number, f.title, f.html_url, f.head_sha, f.head_ref, f.head_repository_id, f.base_ref, f.base_sha,
    f.state, f.draft, f.author, f.opened_at, f.merged_at, f.merge_commit_sha, f.merged_by, f.source_updated_at,
    merge_pull_requests.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, number integer, title text, html_url text, head_sha text, head_ref text,
    head_repository_id bigint, base_ref text, base_sha text, state text, draft boolean, author text,
    opened_at timestamptz, merged_at timestamptz, merge_commit_sha text, merged_by text, source_updated_at timestamptz
  )
  order by f.repository_id, f.number, f.source_updated_at desc
  on conflict (repository_id, number) do update
  set
    title = excluded.title,
    html_url = excluded.html_url,
    head_sha = excluded.head_sha,
    head_ref = excluded.head_ref,
    head_repository_id = excluded.head_repository_id,
    base_ref = excluded.base_ref,
    base_sha = excluded.base_sha,
    state = excluded.state,
    draft = excluded.draft,
    author = excluded.author,
    opened_at = excluded.opened_at,
    merged_at = excluded.merged_at,
    merge_commit_sha = excluded.merge_commit_sha,
    -- Only some payloads name who merged; it never changes.
    merged_by = coalesce(excluded.merged_by, pr.merged_by),
    based_at = case
      when excluded.base_ref <> pr.base_ref then greatest(pr.based_at, excluded.source_updated_at)
      else pr.based_at
    end,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (pr.source_updated_at, pr.source_delivery);

  -- Also from a payload that is older than what stands.
  update codered.pull_requests pr
  set merged_by = f.merged_by
  from json_to_recordset(facts) as f (repository_id bigint, number integer, merged_by text)
  where pr.repository_id = f.repository_id and pr.number = f.number and pr.merged_by is null and f.merged_by is not null;

  -- The event that changed the base tells when, whether it comes first or last. Where that is lost, a payload of before with
  -- another base tells that it was changed: by the time of what stands, at the latest. One that is known to have been changed
  -- since says nothing new.
  update codered.pull_requests pr
  set based_at = told.based_at
  from (
    select
      p.repository_id, p.number,
      greatest(
        max(f.based_at),
        max(p.source_updated_at) filter (
          where f.base_ref <> p.base_ref and coalesce(p.based_at, '-infinity') <= f.source_updated_at)) as based_at
    from json_to_recordset(facts) as f (
      repository_id bigint, number integer, base_ref text, based_at timestamptz, source_updated_at timestamptz
    )
    join codered.pull_requests p on p.repository_id = f.repository_id and p.number = f.number
    group by p.repository_id, p.number
  ) as told
  where pr.repository_id = told.repository_id and pr.number = told.number
    and told.based_at > coalesce(pr.based_at, '-infinity');

  -- A list that we asked for tells no event: what it says of a head is not kept. Each column only ever grows, so the order can't matter.
  insert into codered.pull_request_heads as h (repository_id, pull_request_number, sha, came_at, is_pushed, told_at)
  select f.repository_id, f.number, s.sha, max(s.came_at), bool_or(s.is_pushed), max(f.source_updated_at)
  from json_to_recordset(facts) as f (
    repository_id bigint, number integer, head_sha text, head_arrival text, former_head_sha text, source_updated_at timestamptz
  )
  cross join lateral (
    values
      (f.head_sha, case when f.head_arrival is not null then f.source_updated_at end, f.head_arrival is not distinct from 'pushed'),
      (f.former_head_sha, null, false)
  ) as s (sha, came_at, is_pushed)
  where s.sha is not null and merge_pull_requests.delivery <> ''
  group by f.repository_id, f.number, s.sha
  on conflict (repository_id, pull_request_number, sha) do update
  set
    came_at = greatest(h.came_at, excluded.came_at),
    is_pushed = h.is_pushed or excluded.is_pushed,
    told_at = greatest(h.told_at, excluded.told_at)
  where (h.came_at, h.is_pushed, h.told_at) is distinct from
    (greatest(h.came_at, excluded.came_at), h.is_pushed or excluded.is_pushed, greatest(h.told_at, excluded.told_at))
$$;
comment on function codered.merge_pull_requests(json, text) is
  'Merges pull requests: the newest payload tells of one; who merged it comes from any that says so, and so does when its heads came and since when it has its base.';
revoke execute on function codered.merge_pull_requests from public;
grant execute on function codered.merge_pull_requests to service_role;

create function codered.merge_group_head(repository_id bigint, sha text)
returns table (pull_request_number integer, head_sha text)
language sql
stable
set search_path = ''
as $$
  select pr.number, pr.head_sha
  from codered.commits c
  join codered.pull_requests pr
    on pr.repository_id = c.repository_id
    and pr.number = substring(c.merge_group_ref from '/pr-([0-9]{1,9})-[0-9a-f]+$')::integer
    -- What is tried for another branch is not this merge.
    and pr.base_ref = substring(c.merge_group_ref from '^(?:refs/heads/)?gh-readonly-queue/(.+)/pr-[0-9]{1,9}-[0-9a-f]+$')
  where c.repository_id = merge_group_head.repository_id
    and c.sha = merge_group_head.sha
    -- The head has a verdict of its own.
    and pr.head_sha <> c.sha
$$;
comment on function codered.merge_group_head(bigint, text) is
  'The pull request for which a merge queue asked for checks on a commit, to merge it into its base, and its head; no row for any other commit, whatever branch it was pushed to.';
revoke execute on function codered.merge_group_head from public;
grant execute on function codered.merge_group_head to service_role;

create function codered.read_head_arrival(repository_id bigint, pull_request_number integer, sha_prefix text default null)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'head_sha', pr.head_sha,
    'came_at', case when h.came_at >= coalesce(others.told_at, '-infinity') then h.came_at end,
    'is_only', h.came_at is not null and not h.is_pushed and others.told_at is null,
    'named', case
      when read_head_arrival.sha_prefix is null then '[]'
      else (
        select coalesce(json_agg(n.sha order by n.sha), '[]')
        from (
          select pr.head_sha as sha
          where left(pr.head_sha, length(read_head_arrival.sha_prefix)) = read_head_arrival.sha_prefix
          union
          select o.sha
          from codered.pull_request_heads o
          where o.repository_id = pr.repository_id and o.pull_request_number = pr.number
            and left(o.sha, length(read_head_arrival.sha_prefix)) = read_head_arrival.sha_prefix
          union
          select c.sha
          from codered.commits c
          where c.repository_id = pr.repository_id
            and c.sha >= read_head_arrival.sha_prefix and c.sha <= read_head_arrival.sha_prefix || 'g'
            and left(c.sha, length(read_head_arrival.sha_prefix)) = read_head_arrival.sha_prefix
          limit 3
        ) as n
      )
    end)
  from codered.pull_requests pr
  left join codered.pull_request_heads h
    on h.repository_id = pr.repository_id and h.pull_request_number = pr.number and h.sha = pr.head_sha
  cross join lateral (
    select max(o.told_at) as told_at
    from codered.pull_request_heads o
    where o.repository_id = pr.repository_id and o.pull_request_number = pr.number and o.sha <> pr.head_sha
  ) as others
  where pr.repository_id = read_head_arrival.repository_id and pr.number = read_head_arrival.pull_request_number
$$;
comment on function codered.read_head_arrival(bigint, integer, text) is
  'The newest commit of a pull request; came_at: when it came, null when another was the head after its last known arrival, or none is known; is_only: it was opened with this one and no other is known; named: up to three commits of the pull request or the repository that begin with sha_prefix.';
revoke execute on function codered.read_head_arrival from public;
grant execute on function codered.read_head_arrival to service_role;

create function codered.note_silence(repository_id bigint, pull_request_number integer, sha text, cause text)
returns void
language sql
set search_path = ''
as $$
  update codered.pull_request_heads h
  set silence_cause = note_silence.cause
  where h.repository_id = note_silence.repository_id
    and h.pull_request_number = note_silence.pull_request_number
    and h.sha = note_silence.sha
    and h.silence_cause is distinct from note_silence.cause
$$;
comment on function codered.note_silence(bigint, integer, text, text) is
  'Keeps why no workflow ran on the head of a pull request: merge_conflict, approval or unknown.';
revoke execute on function codered.note_silence from public;
grant execute on function codered.note_silence to service_role;

-- Runs of CI and their jobs.

create table codered.ci_events (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  provider text not null,
  workflow_name text not null,
  workflow_path text,
  run_id text not null,
  run_attempt integer not null default 1,
  branch text,
  head_repository_id bigint,
  commit_sha text not null,
  status text not null,
  conclusion text,
  trigger text not null,
  zones_touched text[],
  start_time timestamptz,
  end_time timestamptz,
  -- Another system may write any times between the years 1 and 9999 into its check run.
  duration_seconds integer generated always as
    (least(greatest(0, extract(epoch from end_time - start_time)), 2147483647)::integer) stored,
  pull_request_numbers integer[] not null default '{}',
  html_url text,
  actor text,
  summary text,
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  event text,
  constraint ci_events_run_key unique (provider, repository_id, run_id, run_attempt),
  constraint ci_events_provider_check check (
    provider in ('github-actions', 'github-checks', 'github-status', 'other')
    or codered.refuse_value('ci_events.provider', provider, 'github-actions, github-checks, github-status, other')
  ),
  constraint ci_events_status_check check (
    status in ('queued', 'running', 'succeeded', 'failed', 'canceled')
    or codered.refuse_value('ci_events.status', status, 'queued, running, succeeded, failed, canceled')
  ),
  constraint ci_events_trigger_check check (
    trigger in ('push', 'pull_request', 'manual', 'schedule', 'merge_group', 'other')
    or codered.refuse_value('ci_events.trigger', trigger, 'push, pull_request, manual, schedule, merge_group, other')
  ),
  constraint ci_events_run_attempt_check check (run_attempt >= 1 or codered.refuse_value('ci_events.run_attempt', run_attempt, '1 or more')),
  constraint ci_events_summary_length check (
    char_length(summary) <= 4000
    or codered.refuse_value('ci_events.summary', summary, 'at most 4000 characters')
  ),
  constraint ci_events_event_length check (char_length(event) between 1 and 100)
);
comment on table codered.ci_events is
  'One attempt of a workflow run, or one check run or commit status of another CI system. A re-run is a new row.';
comment on column codered.ci_events.run_id is 'GitHub''s run id; the check run''s id; "<sha>:<context>" for a commit status.';
comment on column codered.ci_events.conclusion is 'GitHub''s own word; status is what we make of it.';
comment on column codered.ci_events.summary is 'What another CI system says in its check''s output or status'' description.';
comment on column codered.ci_events.source_updated_at is 'GitHub''s own time of the state told; -infinity for a row that was only mentioned (by a job).';
comment on column codered.ci_events.event is
  'GitHub''s own word for what set off the run, where trigger is another; null where trigger says it. unknown: the run is of before this was kept, and its delivery is gone.';
create index ci_events_project_id_idx on codered.ci_events (project_id, start_time desc);
create index ci_events_commit_sha_idx on codered.ci_events (repository_id, commit_sha);
create index ci_events_branch_idx on codered.ci_events (repository_id, branch, start_time desc);
alter table codered.ci_events enable row level security;
create policy ci_events_read on codered.ci_events for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.ci_events to authenticated;
grant select, insert, update, delete on codered.ci_events to service_role;
create trigger ci_events_touch before update on codered.ci_events
  for each row execute function codered.touch_updated_at();

create table codered.ci_jobs (
  id uuid primary key default gen_random_uuid(),
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  job_id bigint not null,
  name text not null,
  status text not null,
  conclusion text,
  runner_name text,
  labels text[] not null default '{}',
  started_at timestamptz,
  completed_at timestamptz,
  steps jsonb not null default '[]',
  html_url text,
  log_state text not null default 'none',
  source_updated_at timestamptz not null,
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ci_jobs_job_id_key unique (job_id),
  constraint ci_jobs_status_check check (
    status in ('queued', 'running', 'succeeded', 'failed', 'canceled')
    or codered.refuse_value('ci_jobs.status', status, 'queued, running, succeeded, failed, canceled')
  ),
  constraint ci_jobs_log_state_check check (
    log_state in ('none', 'fetched', 'missing', 'expired')
    or codered.refuse_value('ci_jobs.log_state', log_state, 'none, fetched, missing, expired')
  )
);
comment on table codered.ci_jobs is 'A job of one attempt. Its id is never reused, so attempts keep their own jobs.';
comment on column codered.ci_jobs.log_state is 'Written by the diagnosis: missing is a log GitHub never had, expired one past its retention.';
create index ci_jobs_ci_event_id_idx on codered.ci_jobs (ci_event_id);
alter table codered.ci_jobs enable row level security;
-- A scalar look-up, not exists: Postgres would answer that for all rows at once, and read the whole table that it asks.
create policy ci_jobs_read on codered.ci_jobs for select to authenticated
  using ((select true from codered.ci_events e where e.id = ci_jobs.ci_event_id));
grant select on codered.ci_jobs to authenticated;
grant select, insert, update, delete on codered.ci_jobs to service_role;
create trigger ci_jobs_touch before update on codered.ci_jobs
  for each row execute function codered.touch_updated_at();

create function codered.merge_ci_events(facts json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
begin
  insert into codered.ci_events as e (
    project_id, repository_id, provider, workflow_name, workflow_path, run_id, run_attempt, branch, head_repository_id,
    commit_sha, status, conclusion, trigger, event, start_time, end_time, pull_request_numbers, html_url, actor, summary,
    source_updated_at, source_delivery
  )
  select distinct on (f.provider, f.repository_id, f.run_id, f.run_attempt)
    r.project_id, f.repository_id, f.provider, f.workflow_name, f.workflow_path, f.run_id, f.run_attempt, f.branch,
    f.head_repository_id, f.commit_sha, f.status, f.conclusion, f.trigger, f.event, f.start_time, f.end_time,
    coalesce(f.pull_request_numbers, '{}'), f.html_url, f.actor, f.summary,
    coalesce(f.source_updated_at, '-infinity'), merge_ci_events.delivery
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, workflow_name text, workflow_path text,
    branch text, head_repository_id bigint, commit_sha text, status text, conclusion text, trigger text, event text,
    start_time timestamptz, end_time timestamptz, pull_request_numbers integer[], html_url text, actor text,
    summary text, source_updated_at timestamptz
  )
  join codered.repositories r on r.id = f.repository_id
  order by f.provider, f.repository_id, f.run_id, f.run_attempt, f.source_updated_at desc nulls last
  on conflict (provider, repository_id, run_id, run_attempt) do update
  set
    workflow_name = excluded.workflow_name,
    workflow_path = excluded.workflow_path,
    branch = excluded.branch,
    head_repository_id = excluded.head_repository_id,
    commit_sha = excluded.commit_sha,
    status = excluded.status,
    conclusion = excluded.conclusion,
    trigger = excluded.trigger,
    -- A job's stub, and a worker of before, do not tell.
    event = coalesce(excluded.event, e.event),
    start_time = least(e.start_time, excluded.start_time),
    end_time = greatest(e.end_time, excluded.end_time),
    pull_request_numbers = excluded.pull_request_numbers,
    html_url = excluded.html_url,
    actor = excluded.actor,
    summary = excluded.summary,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where codered.is_newer(
    e.provider,
    excluded.status, excluded.source_updated_at, excluded.source_delivery,
    e.status, e.source_updated_at, e.source_delivery
  );

  -- A source that lost still has a say in when it began and ended.
  update codered.ci_events e
  set start_time = least(e.start_time, f.start_time), end_time = greatest(e.end_time, f.end_time)
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, start_time timestamptz, end_time timestamptz
  )
  where e.provider = f.provider and e.repository_id = f.repository_id
    and e.run_id = f.run_id and e.run_attempt = f.run_attempt
    and (e.start_time is distinct from least(e.start_time, f.start_time)
      or e.end_time is distinct from greatest(e.end_time, f.end_time));

  return query
    select e.id
    from json_to_recordset(facts) as f (provider text, repository_id bigint, run_id text, run_attempt integer)
    join codered.ci_events e
      on e.provider = f.provider and e.repository_id = f.repository_id
      and e.run_id = f.run_id and e.run_attempt = f.run_attempt;
end
$$;
comment on function codered.merge_ci_events(json, text) is 'Merges CI events and returns the ids of those that were told of.';
revoke execute on function codered.merge_ci_events from public;
grant execute on function codered.merge_ci_events to service_role;

create function codered.merge_ci_jobs(facts json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
begin
  insert into codered.ci_jobs as j (
    ci_event_id, job_id, name, status, conclusion, runner_name, labels, started_at, completed_at, steps, html_url,
    source_updated_at, source_delivery
  )
  select distinct on (f.job_id)
    e.id, f.job_id, f.name, f.status, f.conclusion, f.runner_name, coalesce(f.labels, '{}'), f.started_at, f.completed_at,
    coalesce(f.steps, '[]'), f.html_url, f.source_updated_at, merge_ci_jobs.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, run_id text, run_attempt integer, job_id bigint, name text, status text, conclusion text,
    runner_name text, labels text[], started_at timestamptz, completed_at timestamptz, steps jsonb, html_url text,
    source_updated_at timestamptz
  )
  join codered.ci_events e
    on e.provider = 'github-actions' and e.repository_id = f.repository_id
    and e.run_id = f.run_id and e.run_attempt = f.run_attempt
  order by f.job_id, codered.status_rank(f.status) desc, f.source_updated_at desc
  on conflict (job_id) do update
  set
    name = excluded.name,
    status = excluded.status,
    conclusion = excluded.conclusion,
    runner_name = excluded.runner_name,
    labels = excluded.labels,
    started_at = least(j.started_at, excluded.started_at),
    completed_at = greatest(j.completed_at, excluded.completed_at),
    steps = excluded.steps,
    html_url = excluded.html_url,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where codered.is_newer(
    'github-actions',
    excluded.status, excluded.source_updated_at, excluded.source_delivery,
    j.status, j.source_updated_at, j.source_delivery
  );

  update codered.ci_jobs j
  set started_at = least(j.started_at, f.started_at), completed_at = greatest(j.completed_at, f.completed_at)
  from json_to_recordset(facts) as f (job_id bigint, started_at timestamptz, completed_at timestamptz)
  where j.job_id = f.job_id
    and (j.started_at is distinct from least(j.started_at, f.started_at)
      or j.completed_at is distinct from greatest(j.completed_at, f.completed_at));

  return query
    select j.id
    from json_to_recordset(facts) as f (job_id bigint)
    join codered.ci_jobs j on j.job_id = f.job_id;
end
$$;
comment on function codered.merge_ci_jobs(json, text) is 'Merges jobs and returns the ids of those that were told of; their CI events stand already.';
revoke execute on function codered.merge_ci_jobs from public;
grant execute on function codered.merge_ci_jobs to service_role;

-- What one delivery moves is found by its ids first. An "or" between two ways to a row left no index to use: every delivery read
-- all commits, which took seconds once there were a million runs.
create function codered.settle_zones(ci_event_ids uuid[], commits json)
returns void
language sql
set search_path = ''
as $$
  update codered.ci_events e
  set zones_touched = c.zones_touched
  from (
    select told.id
    from unnest(settle_zones.ci_event_ids) as told (id)
    union
    select of_commit.id
    from json_to_recordset(settle_zones.commits) as f (repository_id bigint, sha text)
    join codered.ci_events of_commit on of_commit.repository_id = f.repository_id and of_commit.commit_sha = f.sha
  ) as touched, codered.commits c
  where e.id = touched.id
    and c.repository_id = e.repository_id and c.sha = e.commit_sha
    and e.zones_touched is distinct from c.zones_touched
$$;
comment on function codered.settle_zones(uuid[], json) is 'Gives CI events the zones of their commit, whichever came first.';
revoke execute on function codered.settle_zones from public;
grant execute on function codered.settle_zones to service_role;

create function codered.heads_after(repository_id bigint, sha text)
returns setof text
language sql
stable
set search_path = ''
as $$
  select heads_after.sha
  union
  select pr.head_sha
  from codered.ci_events e
  join codered.pull_requests pr
    on pr.repository_id = e.repository_id
    and pr.head_ref = e.branch
    and pr.head_repository_id is not distinct from e.head_repository_id
  where e.repository_id = heads_after.repository_id
    and e.commit_sha = heads_after.sha
    and e.trigger = 'pull_request'
$$;
comment on function codered.heads_after(bigint, text) is
  'The commit, and the heads that took its place on its pull requests: they tell of what had failed on it, and of what fixed it.';
revoke execute on function codered.heads_after from public;
grant execute on function codered.heads_after to service_role;

create function codered.current_runs(repository_id bigint, sha text)
returns setof codered.ci_events
language sql
stable
set search_path = ''
as $$
  -- Of one workflow and event the newest run counts, and of its attempts the newest. A stub does not know its workflow's
  -- path and event, but another attempt of the same run may. Where a workflow ran for the push and for the pull request,
  -- or for the push of a merge queue's commit and for its group, the run for the push is not told of, if both are of one
  -- branch of one repository. What ran for another event, or for a pull request of another branch,
  -- takes the place of neither: whoever opens one for a commit hides nothing that ran on it before.
  with attempts as (
    select
      e.id, e.provider, e.run_id, e.run_attempt,
      case when e.provider in ('github-actions', 'github-checks') and e.run_id ~ '^[0-9]{1,18}$' then e.run_id::bigint end
        as run_number,
      -- Two Apps may call their checks the same.
      case when e.provider = 'github-checks' then e.actor end as app,
      coalesce(max(e.workflow_path) over run, e.workflow_name) as workflow,
      coalesce(
        max(e.event) filter (where e.event <> 'unknown') over run,
        max(e.trigger) filter (
          where e.event is null and e.trigger <> 'other' and e.workflow_path is not null and e.source_delivery <> '') over run,
        max(e.event) over run,
        max(e.trigger) filter (where e.trigger <> 'other') over run, 'other') as event,
      max(e.branch) over run as branch,
      max(e.head_repository_id) over run as head_repository_id
    from codered.ci_events e
    where e.repository_id = current_runs.repository_id and e.commit_sha = current_runs.sha
      -- A job's own check run has its number: the job tells of it.
      and not (
        e.provider = 'github-checks' and e.actor = 'github-actions' and e.run_id ~ '^[0-9]{1,18}$'
        and exists (select from codered.ci_jobs j where j.job_id = e.run_id::bigint)
      )
      -- Another CodeRed waits for this one's check run, and so would this one for its.
      and not (
        e.provider = 'github-checks' and e.workflow_name = 'CodeRed' and e.actor is distinct from 'github-actions'
      )
    window run as (partition by e.provider, e.run_id)
  ), newest as (
    select distinct on (a.provider, a.app, a.workflow, a.event, o.branch, o.head_repository_id) a.*
    from attempts a
    cross join lateral (
      select
        case when a.event in ('pull_request', 'pull_request_target') then a.branch end as branch,
        case when a.event in ('pull_request', 'pull_request_target') then a.head_repository_id end as head_repository_id
    ) as o
    order by
      a.provider, a.app, a.workflow, a.event, o.branch, o.head_repository_id,
      a.run_number desc nulls last, a.run_id, a.run_attempt desc
  )
  select e.*
  from newest n
  join codered.ci_events e on e.id = n.id
  where not (
    n.event = 'push'
    and n.provider = 'github-actions'
    and exists (
      select 1
      from newest other
      where other.provider = n.provider and other.event in ('pull_request', 'merge_group') and other.workflow = n.workflow
        and other.branch = n.branch and other.head_repository_id = n.head_repository_id
    )
  )
$$;
comment on function codered.current_runs(bigint, text) is 'The runs, checks and statuses that count for a commit now, each in its newest attempt, without the check runs of jobs and those of another CodeRed.';
revoke execute on function codered.current_runs from public;
grant execute on function codered.current_runs to service_role;

create function codered.jobs_of_run(repository_id bigint, run_id text)
returns table (id uuid, run_attempt integer, name text, covered_by uuid, has_new_name boolean)
language sql
stable
set search_path = ''
as $$
  with told as materialized (
    select j.id, a.run_attempt, j.name, j.status = 'canceled' or j.conclusion is not distinct from 'skipped' as is_blank
    from codered.ci_events a
    join codered.ci_jobs j on j.ci_event_id = a.id
    where a.provider = 'github-actions' and a.repository_id = jobs_of_run.repository_id and a.run_id = jobs_of_run.run_id
  ), names as materialized (
    select
      t.name, min(t.run_attempt) as oldest, max(t.run_attempt) as newest,
      (array_agg(t.id order by t.run_attempt desc, t.id))[1] as id
    from told t
    group by t.name
  ), blanks as materialized (
    -- A matrix that is skipped before it expands is one job, under the name that its parts begin with or with its expressions as they
    -- are written. A skipped call of a workflow is one as well. The name is a stranger's: what like understands of it is escaped.
    select b.*, row_number() over (order by b.newest, b.name) as place, array[l.word, l.word || ' (%', l.word || ' / %'] as patterns
    from (
      select
        t.name, min(t.run_attempt) as oldest, max(t.run_attempt) as newest,
        (array_agg(t.id order by t.run_attempt desc, t.id))[1] as id
      from told t
      where t.is_blank
      group by t.name
    ) as b
    cross join lateral (
      select regexp_replace(regexp_replace(b.name, '([\\%_])', '\\\1', 'g'), '\$\{\{.*?\}\}', '%', 'g') as word
    ) as l
  ), fits as materialized (
    select n.name, n.oldest, b.name as blank, b.oldest as blank_oldest, b.place
    from names n
    join blanks b on b.name <> n.name and n.name like any (b.patterns)
  ), covered as materialized (
    -- There may be as many fits as pairs of names: nothing below looks through them again.
    select f.name, max(f.place) as place, min(f.blank_oldest) as oldest
    from fits f
    group by f.name
  ), covering as materialized (
    select f.blank, min(f.oldest) as oldest
    from fits f
    group by f.blank
  )
  select
    t.id, t.run_attempt, t.name,
    case
      when b.newest > greatest(n.newest, t.run_attempt) then b.id
      when n.newest > t.run_attempt then n.id
    end,
    t.run_attempt = n.oldest and (c.oldest < t.run_attempt) is not true and (o.oldest < t.run_attempt) is not true
  from told t
  join names n on n.name = t.name
  left join covered c on c.name = t.name
  left join blanks b on b.place = c.place
  left join covering o on o.blank = t.name
$$;
comment on function codered.jobs_of_run(bigint, text) is
  'The jobs of all attempts of a workflow run. covered_by: the newest job of a later attempt that stands for it: one of its name, or a skipped or cancelled one whose name is what its own begins with before " (" or " / ", or fits it when each ${{…}} stands for anything; null when it did not run again. has_new_name: no attempt before had a job of that name, nor one that stands for it or that it stands for.';
revoke execute on function codered.jobs_of_run from public;
grant execute on function codered.jobs_of_run to service_role;

create function codered.identity_of_run(repository_id bigint, run_id text)
returns table (workflow_path text, event text, branch text, head_repository_id bigint)
language sql
stable
set search_path = ''
as $$
  -- One attempt that was told of says it for all; where the event of a former one was not kept, one that was told of since.
  select
    max(a.workflow_path),
    coalesce(
      max(a.event) filter (where a.event <> 'unknown'),
      max(a.trigger) filter (
        where a.event is null and a.trigger <> 'other' and a.workflow_path is not null and a.source_delivery <> ''),
      max(a.event), max(a.trigger) filter (where a.trigger <> 'other'),
      max(a.trigger) filter (where a.workflow_path is not null)),
    max(a.branch),
    max(a.head_repository_id)
  from codered.ci_events a
  where a.provider = 'github-actions'
    and a.repository_id = identity_of_run.repository_id
    and a.run_id = identity_of_run.run_id
$$;
comment on function codered.identity_of_run(bigint, text) is
  'The workflow file of a run, what set it off, in GitHub''s word, and the branch and repository that it is of; null until GitHub has told of the run itself and not of its jobs alone.';
revoke execute on function codered.identity_of_run from public;
grant execute on function codered.identity_of_run to service_role;

create function codered.is_run_for(pr codered.pull_requests, event text, branch text, head_repository_id bigint)
returns boolean
language sql
immutable
set search_path = ''
as $$
  -- Whoever opens a pull request of the same commit, from another branch or another fork, into whatever branch, has it run.
  -- A run of a fork that is gone may be anybody's. Other events, and what is not told of yet, are judged by what they are.
  select case
    when is_run_for.event in ('pull_request', 'pull_request_target')
      then coalesce(
        is_run_for.branch = (is_run_for.pr).head_ref
          and is_run_for.head_repository_id = (is_run_for.pr).head_repository_id,
        false)
    else true
  end
$$;
comment on function codered.is_run_for(codered.pull_requests, text, text, bigint) is
  'Whether a run on a commit may be this pull request''s: one that a pull request set off is, if it is of its branch and its repository.';
revoke execute on function codered.is_run_for from public;
grant execute on function codered.is_run_for to service_role;

-- Deployments and all that GitHub says of each.

create table codered.deployments (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  provider text not null,
  environment text not null,
  environment_name text not null,
  deployment_id text not null,
  ci_event_id uuid references codered.ci_events (id) on delete set null,
  run_id text,
  run_attempt integer,
  status text not null default 'pending',
  url text,
  commit_sha text not null,
  ref text not null,
  creator text,
  started_at timestamptz not null,
  finished_at timestamptz,
  is_current boolean not null default false,
  source_updated_at timestamptz not null,
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint deployments_deployment_key unique (provider, repository_id, deployment_id),
  constraint deployments_provider_check check (
    provider in ('vercel', 'github', 'other')
    or codered.refuse_value('deployments.provider', provider, 'vercel, github, other')
  ),
  constraint deployments_environment_check check (
    environment in ('dev', 'staging', 'prod')
    or codered.refuse_value('deployments.environment', environment, 'dev, staging, prod')
  ),
  constraint deployments_status_check check (
    status in ('pending', 'running', 'succeeded', 'failed', 'rolled_back')
    or codered.refuse_value('deployments.status', status, 'pending, running, succeeded, failed, rolled_back')
  )
);
comment on table codered.deployments is 'A deployment; its status follows from deployment_statuses, whatever order they come in.';
comment on column codered.deployments.environment_name is 'GitHub''s own name; environment is what the project''s rules make of it.';
comment on column codered.deployments.run_id is 'The Actions run that deploys; ci_event_id is filled when that run is known.';
comment on column codered.deployments.finished_at is 'The first final status.';
comment on column codered.deployments.is_current is
  'The newest success of its repository and environment; GitHub sends nothing when a deployment becomes inactive, so we work it out.';
create index deployments_project_id_idx on codered.deployments (project_id, started_at desc);
create index deployments_commit_sha_idx on codered.deployments (repository_id, commit_sha);
create index deployments_environment_idx on codered.deployments (repository_id, environment_name, finished_at desc);
create index deployments_ci_event_id_idx on codered.deployments (ci_event_id);
create index deployments_run_id_idx on codered.deployments (repository_id, run_id) where ci_event_id is null and run_id is not null;
alter table codered.deployments enable row level security;
create policy deployments_read on codered.deployments for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.deployments to authenticated;
grant select, insert, update, delete on codered.deployments to service_role;
create trigger deployments_touch before update on codered.deployments
  for each row execute function codered.touch_updated_at();

create table codered.deployment_statuses (
  id uuid primary key default gen_random_uuid(),
  deployment_id uuid not null references codered.deployments (id) on delete cascade,
  status_id bigint not null,
  state text not null,
  environment text not null,
  environment_url text,
  log_url text,
  description text not null default '',
  creator text,
  created_at timestamptz not null,
  constraint deployment_statuses_status_id_key unique (status_id)
);
comment on table codered.deployment_statuses is 'Every status of every deployment, as GitHub told it; append-only.';
comment on column codered.deployment_statuses.created_at is 'GitHub''s time, not ours.';
create index deployment_statuses_deployment_id_idx on codered.deployment_statuses (deployment_id, created_at desc);
alter table codered.deployment_statuses enable row level security;
create policy deployment_statuses_read on codered.deployment_statuses for select to authenticated
  using ((select true from codered.deployments d where d.id = deployment_statuses.deployment_id));
grant select on codered.deployment_statuses to authenticated;
grant select, insert, update, delete on codered.deployment_statuses to service_role;
create trigger deployment_statuses_append_only before update on codered.deployment_statuses
  for each row execute function codered.refuse_change();
create trigger deployment_statuses_no_truncate before truncate on codered.deployment_statuses
  for each statement execute function codered.refuse_change();

create function codered.merge_deployments(facts json, statuses json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
declare
  touched uuid[];
begin
  insert into codered.deployments as d (
    project_id, repository_id, provider, environment, environment_name, deployment_id, run_id, run_attempt, commit_sha,
    ref, creator, started_at, source_updated_at, source_delivery
  )
  select distinct on (f.provider, f.repository_id, f.deployment_id)
    r.project_id, f.repository_id, f.provider, codered.environment_of(f.environment_name, p.rules), f.environment_name,
    f.deployment_id, f.run_id, f.run_attempt, f.commit_sha, f.ref, f.creator, f.created_at, f.source_updated_at,
    merge_deployments.delivery
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, deployment_id text, environment_name text, commit_sha text, ref text,
    creator text, run_id text, run_attempt integer, created_at timestamptz, source_updated_at timestamptz
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.provider, f.repository_id, f.deployment_id, f.source_updated_at desc
  on conflict (provider, repository_id, deployment_id) do update
  set
    environment = excluded.environment,
    environment_name = excluded.environment_name,
    -- Only some payloads name the run; it never changes.
    run_id = coalesce(excluded.run_id, d.run_id),
    run_attempt = coalesce(excluded.run_attempt, d.run_attempt),
    commit_sha = excluded.commit_sha,
    ref = excluded.ref,
    creator = excluded.creator,
    started_at = least(d.started_at, excluded.started_at),
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (d.source_updated_at, d.source_delivery);

  update codered.deployments d
  set run_id = f.run_id, run_attempt = f.run_attempt
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, deployment_id text, run_id text, run_attempt integer
  )
  where d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id
    and d.run_id is null and f.run_id is not null;

  insert into codered.deployment_statuses (
    deployment_id, status_id, state, environment, environment_url, log_url, description, creator, created_at
  )
  select d.id, f.status_id, f.state, f.environment_name, f.environment_url, f.log_url, f.description, f.creator, f.created_at
  from json_to_recordset(statuses) as f (
    provider text, repository_id bigint, deployment_id text, status_id bigint, state text, environment_name text,
    environment_url text, log_url text, description text, creator text, created_at timestamptz
  )
  join codered.deployments d
    on d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id
  on conflict (status_id) do nothing;

  select array_agg(d.id) into touched
  from json_to_recordset(facts) as f (provider text, repository_id bigint, deployment_id text)
  join codered.deployments d
    on d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id;

  perform codered.settle_deployments(touched);
  perform codered.queue_protections(facts);
  return query select unnest(touched);
end
$$;
comment on function codered.merge_deployments(json, json, text) is
  'Merges deployments and their statuses, works out what follows, queues the answers that protected environments wait for, and returns the ids of the deployments told of.';
revoke execute on function codered.merge_deployments from public;
grant execute on function codered.merge_deployments to service_role;

create function codered.settle_deployments(deployment_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  update codered.deployments d
  set
    status = now_is.status,
    url = now_is.url,
    finished_at = now_is.finished_at
  from (
    select
      t.id,
      coalesce(newest.status, 'pending') as status,
      newest.url,
      (
        select min(s.created_at)
        from codered.deployment_statuses s
        where s.deployment_id = t.id and s.state in ('success', 'failure', 'error')
      ) as finished_at
    from unnest(deployment_ids) as t (id)
    left join lateral (
      select
        case
          when s.state = 'success' then 'succeeded'
          when s.state in ('failure', 'error') then 'failed'
          when s.state = 'in_progress' then 'running'
          else 'pending'
        end as status,
        coalesce(s.log_url, s.environment_url) as url
      from codered.deployment_statuses s
      where s.deployment_id = t.id and s.state <> 'inactive'
      order by s.created_at desc, s.status_id desc
      limit 1
    ) as newest on true
  ) as now_is
  where d.id = now_is.id
    and (d.status, d.url, d.finished_at) is distinct from (now_is.status, now_is.url, now_is.finished_at);

  with places as (
    select distinct d.repository_id, d.environment_name
    from codered.deployments d
    where d.id = any (deployment_ids)
  ), current as (
    select distinct on (d.repository_id, d.environment_name) d.id
    from codered.deployments d
    join places p on p.repository_id = d.repository_id and p.environment_name = d.environment_name
    where d.status = 'succeeded'
    order by d.repository_id, d.environment_name, d.finished_at desc, d.deployment_id desc
  )
  update codered.deployments d
  set is_current = d.id in (select current.id from current)
  from places p
  where d.repository_id = p.repository_id and d.environment_name = p.environment_name
    and d.is_current <> (d.id in (select current.id from current));
end
$$;
comment on function codered.settle_deployments(uuid[]) is
  'Works out status, url, finished_at and which is current, from all statuses, so that their order cannot matter.';
revoke execute on function codered.settle_deployments from public;
grant execute on function codered.settle_deployments to service_role;

create function codered.settle_deployment_runs(ci_event_ids uuid[], deployment_ids uuid[])
returns void
language sql
set search_path = ''
as $$
  update codered.deployments d
  set ci_event_id = found.ci_event_id
  from (
    select waiting.id, e.id as ci_event_id
    from unnest(settle_deployment_runs.ci_event_ids) as told (id)
    join codered.ci_events e on e.id = told.id and e.provider = 'github-actions'
    join codered.deployments waiting
      on waiting.repository_id = e.repository_id and waiting.run_id = e.run_id
      and waiting.ci_event_id is null
      and coalesce(waiting.run_attempt, 1) = e.run_attempt
    union
    select waiting.id, e.id
    from unnest(settle_deployment_runs.deployment_ids) as told (id)
    join codered.deployments waiting on waiting.id = told.id and waiting.ci_event_id is null
    join codered.ci_events e
      on e.provider = 'github-actions' and e.repository_id = waiting.repository_id
      and e.run_id = waiting.run_id and e.run_attempt = coalesce(waiting.run_attempt, 1)
  ) as found
  where d.id = found.id
$$;
comment on function codered.settle_deployment_runs(uuid[], uuid[]) is
  'Links deployments to the run that made them, whichever came first.';
revoke execute on function codered.settle_deployment_runs from public;
grant execute on function codered.settle_deployment_runs to service_role;

create function codered.read_deployment_links(repository_id bigint, shas text[])
returns json
language sql
stable
set search_path = ''
as $$
  with places as (
    -- Of an environment the newest deployment, as read_report has it.
    select distinct on (d.environment_name) d.id, d.environment_name, d.commit_sha
    from codered.deployments d
    where d.repository_id = read_deployment_links.repository_id and d.commit_sha = any (read_deployment_links.shas)
    order by d.environment_name, d.started_at desc, d.deployment_id desc
  )
  select coalesce(
    json_agg(
      json_build_object(
        'environment_name', p.environment_name, 'commit_sha', p.commit_sha,
        'environment_url', (
          select s.environment_url
          from codered.deployment_statuses s
          where s.deployment_id = p.id and s.state <> 'inactive' and s.environment_url is not null
          order by s.created_at desc, s.status_id desc
          limit 1
        ),
        'log_url', (
          select s.log_url
          from codered.deployment_statuses s
          where s.deployment_id = p.id and s.state <> 'inactive' and s.log_url is not null
          order by s.created_at desc, s.status_id desc
          limit 1
        )
      )
      order by p.environment_name
    ),
    '[]'
  )
  from places p
$$;
comment on function codered.read_deployment_links(bigint, text[]) is
  'Of each environment''s newest deployment of these commits the newest address that its statuses told of what it deployed to, and of its log; null where none did.';
revoke execute on function codered.read_deployment_links from public;
grant execute on function codered.read_deployment_links to service_role;

-- What one delivery says goes in here: merged, followed up and closed in one transaction.
--
-- Facts are merged in any order and any number of times, to the same rows:
--   1. Every row keeps the source that it was written by: (source_updated_at, source_delivery). A row changes only for a greater one.
--   2. A CI status only moves forward, so its rank comes before the source's time; commit statuses have no such order.
--   3. Starts take the earliest, ends the latest, deletions of installations are final.
--   4. What follows from several rows (a deployment's status, zones, is_current) is worked out anew from all of them.
-- Every payload touches its repository's row first, so that two deliveries of one repository are merged one after the other.
-- The functions merge_* stand beside the tables that they write.

create function codered.queue_follow_ups(ci_event_ids uuid[], ci_job_ids uuid[], deployment_ids uuid[], pull_requests json, rechecks json)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  queued integer;
begin
  with wanted as (
    -- A failed job is diagnosed once; so is every failed state of a check, a status or a deployment. A job that started and
    -- was cancelled may have run into its time limit: GitHub tells the two apart in an annotation only.
    select e.project_id, 'diagnose' as agent_type,
      jsonb_build_object('repository_id', e.repository_id, 'ci_job_id', j.id, 'ci_event_id', e.id) as input,
      'diagnose:job:' || j.job_id as dedupe_key, interval '0' as delay, true as once
    from codered.ci_jobs j
    join codered.ci_events e on e.id = j.ci_event_id
    where j.id = any (ci_job_ids)
      and (j.status = 'failed' or (j.status = 'canceled' and jsonb_array_length(j.steps) > 0))
    union all
    -- A run that failed without a job is an invalid workflow file; its jobs' deliveries get ten seconds to arrive first.
    select e.project_id, 'diagnose',
      jsonb_build_object('repository_id', e.repository_id, 'ci_event_id', e.id),
      'diagnose:event:' || e.id || case when e.provider = 'github-actions' then '' else ':' || e.source_updated_at end,
      case when e.provider = 'github-actions' and e.conclusion is distinct from 'startup_failure'
        then interval '10 seconds' else interval '0' end,
      true
    from codered.ci_events e
    where e.id = any (ci_event_ids)
      and e.status = 'failed'
      and not exists (select 1 from codered.ci_jobs j where j.ci_event_id = e.id and j.status = 'failed')
    union all
    select d.project_id, 'diagnose',
      jsonb_build_object('repository_id', d.repository_id, 'deployment_id', d.id),
      'diagnose:deployment:' || d.id, interval '0', true
    from codered.deployments d
    where d.id = any (deployment_ids) and d.status = 'failed'
    union all
    select r.project_id, 'report',
      jsonb_build_object('repository_id', t.repository_id, 'head_sha', h.sha)
        || case when bool_or(t.recheck and h.sha = t.sha) then '{"recheck": true}'::jsonb else '{}'::jsonb end,
      'report:' || t.repository_id || ':' || h.sha, interval '0', false
    from (
      select e.repository_id, e.commit_sha as sha, false as recheck
      from codered.ci_events e
      where e.id = any (ci_event_ids)
      union all
      select e.repository_id, e.commit_sha, false
      from codered.ci_jobs j
      join codered.ci_events e on e.id = j.ci_event_id
      where j.id = any (ci_job_ids)
      union all
      select d.repository_id, d.commit_sha, false
      from codered.deployments d
      where d.id = any (deployment_ids)
      union all
      select f.repository_id, f.head_sha, false
      from json_to_recordset(pull_requests) as f (repository_id bigint, head_sha text)
      union all
      select f.repository_id, f.head_sha, true
      from json_to_recordset(rechecks) as f (repository_id bigint, head_sha text)
    ) as t
    join codered.repositories r on r.id = t.repository_id
    cross join lateral codered.heads_after(t.repository_id, t.sha) as h (sha)
    group by r.project_id, t.repository_id, h.sha
  )
  select count(*) into queued
  from wanted w
  cross join lateral (select codered.queue_job(w.project_id, w.agent_type, w.input, w.dedupe_key, w.delay)) as done
  where not w.once
    -- What was given up is tried again when it is told again.
    or not exists (select 1 from codered.agent_jobs j where j.dedupe_key = w.dedupe_key and j.status <> 'failed');
  return queued;
end
$$;
comment on function codered.queue_follow_ups(uuid[], uuid[], uuid[], json, json) is
  'Queues the diagnoses and reports that merged facts ask for; returns how many it asked for.';
revoke execute on function codered.queue_follow_ups from public;
grant execute on function codered.queue_follow_ups to service_role;

create function codered.facts_of(facts json, kind text)
returns json
language sql
immutable
set search_path = ''
as $$
  select case when json_array_length(coalesce(facts -> kind, '[]')) > 0 then facts -> kind end
$$;
comment on function codered.facts_of(json, text) is 'The facts of one kind; null when there are none.';
revoke execute on function codered.facts_of from public;
grant execute on function codered.facts_of to service_role;

create function codered.record_facts(facts json, app_id bigint default null, guid text default null)
returns json
language plpgsql
set search_path = ''
as $$
declare
  delivery constant text := coalesce(record_facts.guid, '');
  nothing constant json := '[]';
  installations constant json := codered.facts_of(facts, 'installations');
  repositories constant json := codered.facts_of(facts, 'repositories');
  commits constant json := codered.facts_of(facts, 'commits');
  pull_requests constant json := codered.facts_of(facts, 'pull_requests');
  ci_events constant json := codered.facts_of(facts, 'ci_events');
  ci_jobs constant json := codered.facts_of(facts, 'ci_jobs');
  deployments constant json := codered.facts_of(facts, 'deployments');
  commands constant json := codered.facts_of(facts, 'commands');
  ci_event_ids uuid[] := '{}';
  ci_job_ids uuid[] := '{}';
  deployment_ids uuid[] := '{}';
  queued integer;
begin
  -- A delivery is about one or two kinds: what it does not tell of costs nothing.
  if installations is not null then
    perform codered.merge_installations(installations, delivery);
  end if;
  if repositories is not null then
    perform codered.merge_repositories(repositories, delivery);
  end if;
  if commits is not null then
    perform codered.merge_commits(commits, delivery);
  end if;
  if pull_requests is not null then
    perform codered.merge_pull_requests(pull_requests, delivery);
  end if;
  if ci_events is not null then
    ci_event_ids := array(select codered.merge_ci_events(ci_events, delivery));
  end if;
  if ci_jobs is not null then
    ci_job_ids := array(select codered.merge_ci_jobs(ci_jobs, delivery));
  end if;
  if deployments is not null then
    deployment_ids := array(
      select codered.merge_deployments(deployments, coalesce(facts -> 'deployment_statuses', nothing), delivery)
    );
  end if;
  if ci_events is not null or commits is not null then
    perform codered.settle_zones(ci_event_ids, coalesce(commits, nothing));
  end if;
  if ci_events is not null or deployments is not null then
    perform codered.settle_deployment_runs(ci_event_ids, deployment_ids);
  end if;
  queued := codered.queue_follow_ups(
    ci_event_ids, ci_job_ids, deployment_ids,
    coalesce(pull_requests, nothing), coalesce(facts -> 'rechecks', nothing)
  );
  if commands is not null then
    queued := queued + codered.queue_commands(commands);
  end if;
  update codered.webhook_deliveries w
  set status = 'done', processed_at = now(), last_error = null, locked_by = null, locked_until = null
  where w.app_id = record_facts.app_id and w.guid = record_facts.guid;
  return json_build_object('queued', queued);
end
$$;
comment on function codered.record_facts(json, bigint, text) is
  'Merges what one delivery says, queues what has to follow and closes the delivery: all of it or nothing. Facts that came by no delivery leave app_id and guid out.';
revoke execute on function codered.record_facts from public;
grant execute on function codered.record_facts to service_role;

create function codered.queue_report(repository_id bigint, head_sha text, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_report.head_sha),
    'deadline:' || r.id || ':' || queue_report.head_sha, make_interval(secs => queue_report.seconds))
  from codered.repositories r
  where r.id = queue_report.repository_id
$$;
comment on function codered.queue_report(bigint, text, integer) is
  'Has a commit looked at again in so many seconds: at the deadline of what its gate waits for. One look is queued a commit, the earliest that was asked for.';
revoke execute on function codered.queue_report from public;
grant execute on function codered.queue_report to service_role;

create function codered.recheck_commit(repository_id bigint, head_sha text)
returns integer
language sql
set search_path = ''
as $$
  with place as (
    select r.id, r.project_id from codered.repositories r where r.id = recheck_commit.repository_id
  ), wanted as (
    select p.project_id, 'artifacts' as agent_type, jsonb_build_object('repository_id', p.id, 'ci_event_id', e.id) as input,
      'artifacts:' || e.id as dedupe_key
    from place p
    cross join lateral codered.current_runs(p.id, recheck_commit.head_sha) as e
    where e.provider = 'github-actions' and e.status not in ('queued', 'running')
    union all
    select p.project_id, 'report', jsonb_build_object('repository_id', p.id, 'head_sha', recheck_commit.head_sha, 'recheck', true),
      'report:' || p.id || ':' || recheck_commit.head_sha
    from place p
  )
  select count(*)::integer
  from wanted w
  cross join lateral (select codered.queue_job(w.project_id, w.agent_type, w.input, w.dedupe_key)) as done
$$;
comment on function codered.recheck_commit(bigint, text) is
  'Has a commit looked at again: its finished runs'' artifacts are read anew and its check run is made anew. Returns how many jobs that takes.';
revoke execute on function codered.recheck_commit from public;
grant execute on function codered.recheck_commit to service_role;

create function codered.is_look_ahead(repository_id bigint, sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.agent_jobs j
    where j.dedupe_key = 'report:' || is_look_ahead.repository_id || ':' || is_look_ahead.sha
      and j.status in ('queued', 'running')
  )
$$;
comment on function codered.is_look_ahead(bigint, text) is 'Whether a report of the commit is queued or under way; a look at a deadline, which comes in its own time, is none.';
revoke execute on function codered.is_look_ahead from public;
grant execute on function codered.is_look_ahead to service_role;

create function codered.look_again(repository_id bigint, sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', look_again.sha), 'report:' || r.id || ':' || look_again.sha)
  from codered.repositories r
  where r.id = look_again.repository_id and r.deleted_at is null
$$;
comment on function codered.look_again(bigint, text) is 'Queues the report of a commit, unless it is queued already.';
revoke execute on function codered.look_again from public;
grant execute on function codered.look_again to service_role;

create function codered.queue_information(repository_id bigint, ci_event_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select e.id, e.project_id, e.repository_id
    from codered.ci_events e
    where e.id = any (queue_information.ci_event_ids)
      and e.repository_id = queue_information.repository_id
      and not exists (
        select from codered.agent_jobs j where j.dedupe_key in ('artifacts:' || e.id, 'information:' || e.id)
      )
  ), queued as (
    select codered.queue_job(
      w.project_id, 'artifacts',
      jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id, 'is_information', true), 'information:' || w.id)
    from wanted w
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_information(bigint, uuid[]) is
  'Queues the reading of what looks like a report among the artifacts of workflow runs that are over, where no policy asks for any: once for each attempt. A policy that comes later has all of them read. Returns how many were queued.';
revoke execute on function codered.queue_information from public;
grant execute on function codered.queue_information to service_role;

create function codered.queue_policy_looks(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select
      r.id, r.installation_id, r.owner, r.name, f.ref, f.files, f.ref = 'refs/heads/' || coalesce(r.default_branch, 'main') as is_default,
      lower(r.owner || '/' || r.name) || ':' as prefix,
      -- GitHub lists no more files than that: the policy may be among the others.
      -- A push by force may take a change of it back, of which no commit tells.
      cardinality(f.files) >= 5000 or coalesce(f.is_ref_reset, false) as may_be_any
    from json_to_recordset(queue_policy_looks.commits) as f (repository_id bigint, ref text, files text[], is_ref_reset boolean)
    join codered.repositories r on r.id = f.repository_id
    where f.ref is not null
  ), touched as (
    -- Its own branch's policy.
    select t.id as pushed_id, t.id as repository_id, regexp_replace(t.ref, '^refs/heads/', '') as branch
    from told t
    where t.ref like 'refs/heads/%' and ('.github/codered.yml' = any (t.files) or t.may_be_any)
    union
    -- The account's, which counts for all of its repositories.
    select t.id, o.id, null
    from told t
    join codered.repositories o on o.installation_id = t.installation_id and o.owner = t.owner and o.deleted_at is null
    where t.name = '.github' and t.is_default and ('codered.yml' = any (t.files) or t.may_be_any)
    union
    -- One that others extend, on whatever branch or tag.
    select t.id, o.id, null
    from told t
    join codered.repositories o
      on o.installation_id = t.installation_id and o.policy_parts <> '{}' and o.deleted_at is null
      and exists (
        select
        from unnest(o.policy_parts) as part
        where starts_with(part, t.prefix) and (t.may_be_any or substr(part, length(t.prefix) + 1) = any (t.files))
      )
  ), asked as (
    select
      r.project_id, pr.repository_id, pr.head_sha,
      row_number() over (partition by c.pushed_id order by pr.source_updated_at desc, pr.repository_id, pr.number desc) as place
    from (select distinct t.pushed_id, t.repository_id, t.branch from touched t) as c
    join codered.repositories r on r.id = c.repository_id
    join codered.pull_requests pr
      on pr.repository_id = c.repository_id and (c.branch is null or pr.base_ref = c.branch) and pr.state = 'open'
  ), queued as (
    select codered.queue_job(
      a.project_id, 'report', jsonb_build_object('repository_id', a.repository_id, 'head_sha', a.head_sha),
      l.key || a.repository_id || ':' || a.head_sha,
      -- The others of the queue go in between.
      make_interval(secs => l.seconds + a.place))
    from asked a
    -- GitHub's API may lag behind its webhooks by some seconds, at times by more. The second look is no work that waits to be done
    -- (inbox_status), and has the key of a deadline's: whichever comes first looks.
    cross join (values ('report:', 4), ('deadline:', 60)) as l (key, seconds)
    where a.place <= 500
  )
  select count(*)::integer / 2 from queued
$$;
comment on function codered.queue_policy_looks(json) is
  'Has open pull requests judged again when commits of a push change a policy that they are judged by, or the branch was pushed by force or is new: those into the branch whose own file it is, those of all repositories of the installation where it is the account''s (codered.yml in .github), those of the repositories whose policy extends it; each time the 500 told of last, in some seconds, until when no success goes out for them, and a minute later again. Returns how many there are.';
revoke execute on function codered.queue_policy_looks from public;
grant execute on function codered.queue_policy_looks to service_role;

create function codered.look_at_merge_groups(repository_id bigint, pull_request_number integer, head_sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.look_again(g.repository_id, g.commit_sha)
  from codered.runs g
  cross join lateral codered.merge_group_head(g.repository_id, g.commit_sha) h
  where g.repository_id = look_at_merge_groups.repository_id
    and g.pull_request_number = look_at_merge_groups.pull_request_number
    and g.created_at > now() - interval '1 day'
    and h.pull_request_number = g.pull_request_number
    and h.head_sha = look_at_merge_groups.head_sha
$$;
comment on function codered.look_at_merge_groups(bigint, integer, text) is
  'Queues the reports of the commits that a merge queue made for a pull request, judged for the first time within a day: its head''s verdict may stand for theirs. Nothing unless head_sha is its head.';
revoke execute on function codered.look_at_merge_groups from public;
grant execute on function codered.look_at_merge_groups to service_role;

create function codered.queue_look_once(repository_id bigint, head_sha text, until timestamptz)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_look_once.head_sha), k.key,
    greatest(queue_look_once.until - now(), interval '0') + interval '2 seconds')
  from codered.repositories r
  cross join lateral (
    select format('deadline:%s:%s:%s', r.id, queue_look_once.head_sha, extract(epoch from queue_look_once.until)::bigint) as key
  ) as k
  where r.id = queue_look_once.repository_id
    and r.deleted_at is null
    and not exists (select from codered.agent_jobs j where j.dedupe_key = k.key)
$$;
comment on function codered.queue_look_once(bigint, text, timestamptz) is
  'Queues the report of a commit for when a wait of it is over, once for each such time.';
revoke execute on function codered.queue_look_once from public;
grant execute on function codered.queue_look_once to service_role;

-- Agents, the models that they use, and what models cost.

create table codered.models (
  id text primary key,
  provider text not null,
  display_name text not null,
  tier text not null,
  input_cost_per_1k numeric(10, 6),
  output_cost_per_1k numeric(10, 6),
  max_context_tokens integer,
  supports_tools boolean not null default false,
  supports_streaming boolean not null default true,
  supports_structured_output boolean not null default false,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint models_id_length check (char_length(id) between 1 and 200 or codered.refuse_value('models.id', id, '1 to 200 characters')),
  constraint models_tier_check check (tier in ('top', 'mid', 'low') or codered.refuse_value('models.tier', tier, 'top, mid, low')),
  constraint models_input_cost_check
    check (input_cost_per_1k >= 0 or codered.refuse_value('models.input_cost_per_1k', input_cost_per_1k, '0 or more')),
  constraint models_output_cost_check
    check (output_cost_per_1k >= 0 or codered.refuse_value('models.output_cost_per_1k', output_cost_per_1k, '0 or more')),
  constraint models_max_context_tokens_check
    check (max_context_tokens > 0 or codered.refuse_value('models.max_context_tokens', max_context_tokens, '1 or more'))
);
comment on table codered.models is 'The models that agents may use, with their prices; id is the provider''s own word.';
comment on column codered.models.input_cost_per_1k is 'US dollars for 1,000 tokens read; null when unknown, then no cost is worked out.';
comment on column codered.models.output_cost_per_1k is 'US dollars for 1,000 tokens written.';
alter table codered.models enable row level security;
create policy models_read on codered.models for select to authenticated using (is_active or (select codered.is_operator()));
create policy models_insert on codered.models for insert to authenticated with check ((select codered.is_operator()));
create policy models_update on codered.models for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
create policy models_delete on codered.models for delete to authenticated using ((select codered.is_operator()));
grant select, insert, update, delete on codered.models to authenticated;
grant select, insert, update, delete on codered.models to service_role;
create trigger models_touch before update on codered.models
  for each row execute function codered.touch_updated_at();

create table codered.agents (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null,
  description text,
  role text not null,
  allowed_zones text[] not null default '{green}',
  default_model text,
  model_id text references codered.models (id) on delete set null,
  max_tokens integer,
  temperature numeric(3, 2),
  cost_ceiling_usd numeric(12, 4),
  long_horizon_allowed boolean not null default false,
  config_yaml_path text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agents_name_key unique (name),
  constraint agents_slug_key unique (slug),
  constraint agents_name_length check (char_length(name) between 1 and 200 or codered.refuse_value('agents.name', name, '1 to 200 characters')),
  constraint agents_slug_check
    check (slug ~ '^[a-z0-9][a-z0-9_-]{0,99}$' or codered.refuse_value('agents.slug', slug, 'a-z, 0-9, _ and -, at most 100 characters')),
  constraint agents_role_check check (
    role in ('architect', 'code', 'test', 'review', 'infra', 'safety', 'orchestrator', 'cynic', 'research', 'librarian')
    or codered.refuse_value('agents.role', role, 'architect, code, test, review, infra, safety, orchestrator, cynic, research, librarian')),
  constraint agents_allowed_zones_check
    check (allowed_zones <@ '{red,yellow,green}' or codered.refuse_value('agents.allowed_zones', allowed_zones, 'red, yellow, green')),
  constraint agents_max_tokens_check check (max_tokens > 0 or codered.refuse_value('agents.max_tokens', max_tokens, '1 or more')),
  constraint agents_temperature_check check (temperature between 0 and 2 or codered.refuse_value('agents.temperature', temperature, '0 to 2')),
  constraint agents_cost_ceiling_check
    check (cost_ceiling_usd >= 0 or codered.refuse_value('agents.cost_ceiling_usd', cost_ceiling_usd, '0 or more'))
);
comment on table codered.agents is 'The agents by their YAML files (agents/*.yml); `codered agents sync` writes them, by slug.';
comment on column codered.agents.default_model is 'The model''s name as the file has it; model_id where we know that model.';
comment on column codered.agents.cost_ceiling_usd is 'US dollars that one run may cost.';
comment on column codered.agents.config_yaml_path is 'Path of the file it came from.';
create index agents_model_id_idx on codered.agents (model_id);
alter table codered.agents enable row level security;
create policy agents_read on codered.agents for select to authenticated using (true);
grant select on codered.agents to authenticated;
grant select, insert, update, delete on codered.agents to service_role;
create trigger agents_touch before update on codered.agents
  for each row execute function codered.touch_updated_at();

create function codered.cost_of(model_id text, tokens_in integer, tokens_out integer)
returns numeric
language sql
stable
set search_path = ''
as $$
  select round((coalesce(cost_of.tokens_in, 0) * m.input_cost_per_1k + coalesce(cost_of.tokens_out, 0) * m.output_cost_per_1k) / 1000, 6)
  from codered.models m
  where m.id = cost_of.model_id
$$;
comment on function codered.cost_of(text, integer, integer) is 'What so many tokens cost with a model, in US dollars; null when model or price is unknown.';
revoke execute on function codered.cost_of from public;
grant execute on function codered.cost_of to authenticated, service_role;

create function codered.upsert_agents(agents jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  refused text;
  counts jsonb;
begin
  perform codered.accept_shape('agents', coalesce(upsert_agents.agents, 'null'), '{
    "is": "list", "to": 1000, "of": {
      "is": "object",
      "optional": ["description", "allowed_zones", "default_model", "max_tokens", "temperature", "cost_ceiling_usd", "long_horizon_allowed",
        "config_yaml_path"],
      "keys": {
        "name": {"is": "text", "from": 1, "to": 200}, "slug": {"is": "text", "from": 1, "to": 100}, "description": {"is": "text", "to": 20000},
        "role": {"is": "word",
          "of": ["architect", "code", "test", "review", "infra", "safety", "orchestrator", "cynic", "research", "librarian"]},
        "allowed_zones": {"is": "list", "to": 3, "of": {"is": "word", "of": ["red", "yellow", "green"]}},
        "default_model": {"is": "text", "from": 1, "to": 200}, "max_tokens": {"is": "whole", "from": 1, "to": 2147483647},
        "temperature": {"is": "number", "from": 0, "to": 2}, "cost_ceiling_usd": {"is": "number", "from": 0, "to": 99999999},
        "long_horizon_allowed": {"is": "boolean"}, "config_yaml_path": {"is": "text", "from": 1, "to": 2000}
      }
    }
  }');
  select format('agents has %s "%s" more than once; allowed: each once.', t.field, t.word) into refused
  from jsonb_array_elements(upsert_agents.agents) as a (entry)
  cross join lateral (values ('the slug', a.entry ->> 'slug'), ('the name', a.entry ->> 'name')) as t (field, word)
  group by t.field, t.word
  having count(*) > 1
  limit 1;
  refused := coalesce(refused, (
    select format('agents.name is "%s", which is the name of the agent "%s"; allowed: a name that no other agent has.', o.name, o.slug)
    from jsonb_array_elements(upsert_agents.agents) as a (entry)
    join codered.agents o on o.name = a.entry ->> 'name' and o.slug <> a.entry ->> 'slug'
    limit 1
  ));
  if refused is not null then
    raise exception '%', refused using errcode = 'CR002', table = 'agents';
  end if;
  with wanted as (
    select a.entry ->> 'name' as name, a.entry ->> 'slug' as slug, a.entry ->> 'description' as description, a.entry ->> 'role' as role,
      case when jsonb_typeof(a.entry -> 'allowed_zones') = 'array'
        then array(select z.zone from jsonb_array_elements_text(a.entry -> 'allowed_zones') with ordinality as z (zone, n) order by z.n)
        else '{green}'::text[] end as allowed_zones,
      a.entry ->> 'default_model' as default_model, m.id as model_id, (a.entry ->> 'max_tokens')::numeric::integer as max_tokens,
      (a.entry ->> 'temperature')::numeric(3, 2) as temperature, (a.entry ->> 'cost_ceiling_usd')::numeric(12, 4) as cost_ceiling_usd,
      coalesce((a.entry ->> 'long_horizon_allowed')::boolean, false) as long_horizon_allowed, a.entry ->> 'config_yaml_path' as config_yaml_path
    from jsonb_array_elements(upsert_agents.agents) as a (entry)
    left join codered.models m on m.id = a.entry ->> 'default_model'
  ), written as (
    insert into codered.agents as g (name, slug, description, role, allowed_zones, default_model, model_id, max_tokens, temperature,
      cost_ceiling_usd, long_horizon_allowed, config_yaml_path)
    select w.name, w.slug, w.description, w.role, w.allowed_zones, w.default_model, w.model_id, w.max_tokens, w.temperature,
      w.cost_ceiling_usd, w.long_horizon_allowed, w.config_yaml_path
    from wanted w
    order by w.slug
    on conflict (slug) do update set
      name = excluded.name, description = excluded.description, role = excluded.role, allowed_zones = excluded.allowed_zones,
      default_model = excluded.default_model, model_id = excluded.model_id, max_tokens = excluded.max_tokens,
      temperature = excluded.temperature, cost_ceiling_usd = excluded.cost_ceiling_usd,
      long_horizon_allowed = excluded.long_horizon_allowed, config_yaml_path = excluded.config_yaml_path
    where (g.name, g.description, g.role, g.allowed_zones, g.default_model, g.model_id, g.max_tokens, g.temperature,
        g.cost_ceiling_usd, g.long_horizon_allowed, g.config_yaml_path)
      is distinct from (excluded.name, excluded.description, excluded.role, excluded.allowed_zones, excluded.default_model, excluded.model_id,
        excluded.max_tokens, excluded.temperature, excluded.cost_ceiling_usd, excluded.long_horizon_allowed, excluded.config_yaml_path)
    returning xmax = 0 as is_new
  )
  select jsonb_build_object(
    'inserted', count(*) filter (where w.is_new),
    'updated', count(*) filter (where not w.is_new),
    'unchanged', jsonb_array_length(upsert_agents.agents) - count(*)
  )
  into counts
  from written w;
  return counts;
end
$$;
comment on function codered.upsert_agents(jsonb) is
  'Writes the agents of the YAML files by slug, each as a whole: [{name, slug, role, and where wanted description, allowed_zones (green), default_model, max_tokens, temperature, cost_ceiling_usd, long_horizon_allowed, config_yaml_path}]; model_id where models knows default_model. Returns {inserted, updated, unchanged}; agents that are not named stay. CR002 for other keys or values, or a slug or name twice; then nothing is written.';
revoke execute on function codered.upsert_agents from public;
grant execute on function codered.upsert_agents to service_role;

-- Milestones and tasks: what people and agents work from, with dependencies, states and locks.
--
-- What holds, whoever writes and however many at once (READ COMMITTED, the isolation of every call):
--   1. Dependencies are tasks of the same project, each named once, and never lead back to where they started.
--   2. A dependency is open until it is done; one that is deleted (deleted_at) counts nowhere, a canceled one stays open.
--   3. No task is in progress or ready for review while a dependency is open.
-- How: a task whose openness changes locks its own row FOR UPDATE, then the rows of its dependents. Whoever adds a dependency
-- locks the added rows FOR KEY SHARE, then takes the project's advisory lock, then looks. So of a task that is being finished
-- and one that is just beginning to depend on it, the later always sees the earlier.

create table codered.milestones (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  name text not null,
  description text,
  status text not null default 'not_started',
  progress_percent integer not null default 0,
  progress_is_manual boolean not null default false,
  target_date date,
  actual_date date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint milestones_name_length check (char_length(name) between 1 and 500 or codered.refuse_value('milestones.name', name, '1 to 500 characters')),
  constraint milestones_description_length
    check (char_length(description) <= 20000 or codered.refuse_value('milestones.description', description, 'at most 20000 characters')),
  constraint milestones_status_check check (
    status in ('not_started', 'in_progress', 'ready_for_cynic', 'shipped')
    or codered.refuse_value('milestones.status', status, 'not_started, in_progress, ready_for_cynic, shipped')),
  constraint milestones_progress_percent_check
    check (progress_percent between 0 and 100 or codered.refuse_value('milestones.progress_percent', progress_percent, '0 to 100'))
);
comment on table codered.milestones is 'What a project is on its way to.';
comment on column codered.milestones.progress_percent is
  'The share of its tasks that are done, in whole percents rounded down (canceled and deleted ones left out), unless somebody has set it by hand.';
comment on column codered.milestones.progress_is_manual is
  'Set by hand: then tasks change it no more, until this is false again. True by itself as soon as somebody writes another progress_percent.';
create index milestones_project_id_idx on codered.milestones (project_id);
alter table codered.milestones enable row level security;
create policy milestones_read on codered.milestones for select to authenticated using (project_id in (select codered.my_projects()));
create policy milestones_insert on codered.milestones for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy milestones_update on codered.milestones for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy milestones_delete on codered.milestones for delete to authenticated using (project_id in (select codered.my_projects('maintainer')));
grant select, insert, delete on codered.milestones to authenticated;
-- Not project_id: a member, who may not delete here, could carry it into a project of their own.
grant update (name, description, status, progress_percent, progress_is_manual, target_date, actual_date) on codered.milestones to authenticated;
grant select, insert, update, delete on codered.milestones to service_role;
create trigger milestones_touch before update on codered.milestones
  for each row execute function codered.touch_updated_at();
create trigger milestones_events after insert or update or delete on codered.milestones
  for each row execute function codered.append_event('milestone');

create table codered.tasks (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  milestone_id uuid references codered.milestones (id) on delete set null,
  parent_task_id uuid references codered.tasks (id) on delete set null,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  title text not null,
  description text,
  acceptance_criteria text[] not null default '{}',
  constraints jsonb not null default '{}',
  dependencies uuid[] not null default '{}',
  zone text not null default 'green',
  impact_axes text[] not null default '{}',
  size text,
  status text not null default 'backlog',
  priority integer not null default 100,
  assignee_agent_id uuid references codered.agents (id) on delete set null,
  assignee_human text,
  due_date timestamptz,
  locked_at timestamptz,
  locked_by text,
  completed_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tasks_title_length check (char_length(title) between 1 and 500 or codered.refuse_value('tasks.title', title, '1 to 500 characters')),
  constraint tasks_description_length
    check (char_length(description) <= 20000 or codered.refuse_value('tasks.description', description, 'at most 20000 characters')),
  constraint tasks_acceptance_criteria_bytes check (
    octet_length(acceptance_criteria::text) <= 65536
    or codered.refuse_value('tasks.acceptance_criteria', octet_length(acceptance_criteria::text), 'at most 65536 bytes')),
  constraint tasks_constraints_check
    check (jsonb_typeof(constraints) = 'object' or codered.refuse_value('tasks.constraints', constraints, 'a JSON object')),
  constraint tasks_dependencies_check check (
    cardinality(dependencies) <= 200 or codered.refuse_value('tasks.dependencies', cardinality(dependencies), 'at most 200 tasks')),
  constraint tasks_zone_check check (zone in ('red', 'yellow', 'green') or codered.refuse_value('tasks.zone', zone, 'red, yellow, green')),
  constraint tasks_impact_axes_check
    check (impact_axes <@ '{A,B,C,D,E}' or codered.refuse_value('tasks.impact_axes', impact_axes, 'A, B, C, D, E')),
  constraint tasks_size_check check (size in ('xs', 's', 'm', 'l', 'xl') or codered.refuse_value('tasks.size', size, 'xs, s, m, l, xl')),
  constraint tasks_status_check check (
    status in ('backlog', 'in_progress', 'blocked', 'ready_for_review', 'done', 'cancelled')
    or codered.refuse_value('tasks.status', status, 'backlog, in_progress, blocked, ready_for_review, done, cancelled')),
  constraint tasks_assignee_human_length
    check (char_length(assignee_human) <= 200 or codered.refuse_value('tasks.assignee_human', assignee_human, 'at most 200 characters')),
  constraint tasks_locked_by_length
    check (char_length(locked_by) between 1 and 200 or codered.refuse_value('tasks.locked_by', locked_by, '1 to 200 characters')),
  constraint tasks_lock_check check ((locked_at is null) = (locked_by is null)),
  constraint tasks_completed_at_check check ((completed_at is not null) = (status = 'done'))
);
comment on table codered.tasks is 'The unit of work, for people and agents.';
comment on column codered.tasks.constraints is 'Limits of scope: paths, tools, anything an agent has to keep to.';
comment on column codered.tasks.dependencies is
  'Tasks of the same project that have to be done first; a cycle is refused. A canceled one still holds this task up: take it out. A deleted one does not.';
comment on column codered.tasks.impact_axes is 'A easier to deploy, B more revenue, C saves money, D more organised, E legal.';
comment on column codered.tasks.status is
  'A task with an open dependency is blocked by trigger and goes back to backlog when the last is done; codered.keep_task_state() has the legal transitions.';
comment on column codered.tasks.priority is 'Lower comes first; 100 unless told.';
comment on column codered.tasks.locked_at is 'When the lock was taken or kept last; it lapses an hour later. Written by take_task_lock, keep_task_lock and release_task_lock only.';
comment on column codered.tasks.locked_by is 'Who has the lock: an agent''s or a person''s name for themselves.';
comment on column codered.tasks.completed_at is 'Kept by trigger: when the status became done.';
comment on column codered.tasks.deleted_at is
  'Retired: counts nowhere (dependents go on without it, milestones leave it out, it can''t be locked), but its history stays and it can be restored.';
create index tasks_project_id_idx on codered.tasks (project_id, priority);
create index tasks_milestone_id_idx on codered.tasks (milestone_id);
create index tasks_parent_task_id_idx on codered.tasks (parent_task_id);
create index tasks_user_id_idx on codered.tasks (user_id);
create index tasks_assignee_agent_id_idx on codered.tasks (assignee_agent_id);
create index tasks_status_idx on codered.tasks (status);
create index tasks_priority_idx on codered.tasks (priority);
create index tasks_locked_at_idx on codered.tasks (locked_at) where locked_at is not null;
create index tasks_dependencies_idx on codered.tasks using gin (dependencies);
alter table codered.tasks enable row level security;
create policy tasks_read on codered.tasks for select to authenticated using (project_id in (select codered.my_projects()));
create policy tasks_insert on codered.tasks for insert to authenticated
  with check (project_id in (select codered.my_projects()) and user_id = (select auth.uid()));
create policy tasks_update on codered.tasks for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy tasks_delete on codered.tasks for delete to authenticated
  using (user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
grant select, delete on codered.tasks to authenticated;
-- The lock is taken and released by functions only, so nobody but their owner may write its columns.
revoke insert, update on codered.tasks from service_role;
grant insert (id, project_id, milestone_id, parent_task_id, user_id, title, description, acceptance_criteria, constraints,
  dependencies, zone, impact_axes, size, status, priority, assignee_agent_id, assignee_human, due_date)
  on codered.tasks to authenticated, service_role;
grant update (milestone_id, parent_task_id, title, description, acceptance_criteria, constraints, dependencies, zone,
  impact_axes, size, status, priority, assignee_agent_id, assignee_human, due_date, deleted_at)
  on codered.tasks to authenticated, service_role;
grant select, delete on codered.tasks to service_role;
create trigger tasks_touch before update on codered.tasks
  for each row execute function codered.touch_updated_at();
create trigger tasks_same_project before insert or update of project_id, milestone_id, parent_task_id on codered.tasks
  for each row execute function codered.refuse_foreign_project('milestone_id:milestones', 'parent_task_id:tasks');
create trigger tasks_events after insert or update or delete on codered.tasks
  for each row execute function codered.append_event('task', 'completed_at');

create view codered.active_tasks with (security_invoker = true) as
select
  t.id,
  t.project_id,
  p.name as project_name,
  t.milestone_id,
  t.parent_task_id,
  t.user_id,
  t.title,
  t.description,
  t.acceptance_criteria,
  t.constraints,
  t.dependencies,
  t.zone,
  t.impact_axes,
  t.size,
  t.status,
  t.priority,
  t.assignee_agent_id,
  t.assignee_human,
  t.due_date,
  t.locked_at,
  t.locked_by,
  coalesce(t.locked_at + interval '1 hour' > now(), false) as is_actively_locked,
  t.created_at,
  t.updated_at
from codered.tasks t
join codered.projects p on p.id = t.project_id
where t.status in ('in_progress', 'blocked')
  and t.deleted_at is null
  and p.deleted_at is null
order by t.locked_at desc nulls last;
comment on view codered.active_tasks is 'Tasks that are in progress or blocked, last locked first; deleted tasks and retired projects left out.';
comment on column codered.active_tasks.is_actively_locked is 'Whether somebody has the lock now: taken or kept less than an hour ago.';
revoke all on codered.active_tasks from anon, authenticated, service_role;
grant select on codered.active_tasks to authenticated, service_role;

create view codered.recent_events with (security_invoker = true) as
select
  e.id,
  e.project_id,
  p.name as project_name,
  e.run_id,
  e.task_id,
  t.title as task_title,
  e.user_id,
  e.event_type,
  e.payload,
  e.created_at
from codered.events e
join codered.projects p on p.id = e.project_id
left join codered.tasks t on t.id = e.task_id and t.project_id = e.project_id and t.deleted_at is null
where p.deleted_at is null
order by e.created_at desc;
comment on view codered.recent_events is 'What happened in the projects that are not retired, newest first. Take a limit, or a span of created_at.';
comment on column codered.recent_events.task_title is 'Null when the event is about no task, or about one that is deleted.';
revoke all on codered.recent_events from anon, authenticated, service_role;
grant select on codered.recent_events to authenticated, service_role;

create function codered.check_task_dependencies()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  before constant uuid[] := case when tg_op = 'UPDATE' then old.dependencies else '{}' end;
  added uuid[];
  missing uuid;
  way text;
begin
  if new.dependencies is not distinct from before or cardinality(new.dependencies) > 200 then
    return new; -- too many: the CHECK says so
  end if;
  if cardinality(new.dependencies) <> (select count(distinct d.id) from unnest(new.dependencies) d(id)) then
    perform codered.refuse_value('tasks.dependencies', new.dependencies::text, 'each task once, none of them null');
  end if;
  if new.id = any (new.dependencies) then
    raise exception 'Task % depends on itself; allowed: other tasks of its project.', to_json(left(new.title, 80))
      using errcode = 'CR006', table = 'tasks', column = 'dependencies';
  end if;
  added := array(select d.id from unnest(new.dependencies) d(id) where d.id <> all (before));
  if added = '{}' then
    return new;
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    -- An older snapshot would not show what another transaction has just added.
    raise exception 'tasks.dependencies can''t be added to in a transaction that is %; allowed: read committed.',
      current_setting('transaction_isolation') using errcode = 'CR003', table = 'tasks', column = 'dependencies';
  end if;

  perform 1 from codered.tasks t where t.id = any (added) and t.project_id = new.project_id order by t.id for key share;
  perform pg_advisory_xact_lock(hashtextextended('codered.tasks.dependencies ' || new.project_id, 0));

  select d.id into missing
  from unnest(added) d(id)
  where not exists (select from codered.tasks t where t.id = d.id and t.project_id = new.project_id and t.deleted_at is null)
  limit 1;
  if found then
    raise exception 'tasks.dependencies names "%": there is no such task in this project.', missing
      using errcode = 'CR007', table = 'tasks', column = 'dependencies',
        hint = 'Allowed: ids of tasks of the project that project_id names, which are not deleted.';
  end if;

  -- Each edge is walked once. What stood there before has no cycle, so the way back along came_from ends.
  with recursive reached (id, came_from) as (
    select d.id, null::uuid from unnest(added) d(id)
    union
    select d.id, t.id
    from reached r
    join codered.tasks t on t.id = r.id
    cross join unnest(t.dependencies) d(id)
    where r.id <> new.id
  ), steps as (
    select distinct on (r.id) r.id, r.came_from from reached r order by r.id, r.came_from nulls first
  ), trail (id, came_from, place) as (
    select s.id, s.came_from, 0 from steps s where s.id = new.id
    union all
    select s.id, s.came_from, t.place + 1 from trail t join steps s on s.id = t.came_from
  )
  select string_agg(
    to_json(left(case when w.id = new.id then new.title else t.title end, 80))::text, ' → ' order by w.place desc
  )
  into way
  from trail w
  left join codered.tasks t on t.id = w.id;
  if way is not null then
    raise exception 'tasks.dependencies would close a cycle: % → %.', to_json(left(new.title, 80)), left(way, 2000)
      using errcode = 'CR006', table = 'tasks', column = 'dependencies', hint = 'Allowed: tasks that do not wait for this one.';
  end if;
  return new;
end
$$;
comment on function codered.check_task_dependencies() is
  'Refuses a dependency that is named twice or null (CR002), the task itself or one that leads back to it through any number of tasks, deleted ones too (CR006, naming the way), and one that is not a task of the project (CR007). Two that would close a cycle together wait for each other: the later is refused.';
revoke execute on function codered.check_task_dependencies from public;

create trigger tasks_dependencies before insert or update of dependencies on codered.tasks
  for each row execute function codered.check_task_dependencies();

create function codered.keep_task_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  next_states constant jsonb := '{
    "backlog": ["in_progress", "blocked", "ready_for_review", "done", "cancelled"],
    "in_progress": ["backlog", "blocked", "ready_for_review", "done", "cancelled"],
    "blocked": ["backlog", "in_progress", "cancelled"],
    "ready_for_review": ["backlog", "in_progress", "blocked", "done", "cancelled"],
    "done": ["backlog", "in_progress"],
    "cancelled": ["backlog"]
  }';
  is_update constant boolean := tg_op = 'UPDATE';
  is_asked boolean;
  was_waiting boolean;
  waits_for text;
begin
  if next_states ? new.status is not true then
    return new; -- the CHECK says what is allowed
  end if;
  if new.status in ('done', 'cancelled') or new.deleted_at is not null then
    new.locked_at := null;
    new.locked_by := null;
  end if;
  if new.status <> 'done' then
    new.completed_at := null;
  elsif is_update then
    new.completed_at := case when old.status = 'done' then old.completed_at else now() end;
  else
    new.completed_at := coalesce(new.completed_at, now());
  end if;
  if is_update and (new.status, new.dependencies, new.deleted_at) is not distinct from (old.status, old.dependencies, old.deleted_at) then
    return new;
  end if;
  if is_update and (new.status = 'done' or new.deleted_at is not null) <> (old.status = 'done' or old.deleted_at is not null) then
    -- Waits for those who are just adding this task to their dependencies.
    perform 1 from codered.tasks t where t.id = new.id for update;
  end if;

  is_asked := not is_update or new.status <> old.status;
  if new.deleted_at is null and new.dependencies <> '{}' then
    select left(string_agg(format('%s (%s)', to_json(left(t.title, 80)), t.status), ', ' order by t.title, t.id), 2000)
    into waits_for
    from codered.tasks t
    where t.id = any (new.dependencies) and t.status <> 'done' and t.deleted_at is null;
  end if;
  if waits_for is not null and (
    (is_asked and new.status in ('in_progress', 'ready_for_review'))
    or (new.status = 'done' and (is_asked or new.dependencies is distinct from old.dependencies))
  ) then
    raise exception 'Task % can''t be % while it depends on what is not done: %; allowed: backlog (it becomes blocked), cancelled.',
      to_json(left(new.title, 80)), new.status, waits_for using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;
  if is_update and is_asked and not (next_states -> old.status) ? new.status then
    raise exception 'tasks.status can''t go from "%" to "%"; allowed: %.', old.status, new.status,
      (select string_agg(s.name, ', ') from jsonb_array_elements_text(next_states -> old.status) s(name))
      using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;

  if waits_for is not null then
    if new.status in ('backlog', 'in_progress', 'ready_for_review') then
      new.status := 'blocked';
    end if;
  elsif is_update and new.status = 'blocked' and old.status = 'blocked' and new.deleted_at is null then
    was_waiting := exists (
      select from codered.tasks t where t.id = any (old.dependencies) and t.status <> 'done' and t.deleted_at is null
    );
    if was_waiting or (old.deleted_at is not null and new.dependencies <> '{}') then
      new.status := 'backlog';
    end if;
  end if;
  return new;
end
$$;
comment on function codered.keep_task_state() is
  'Keeps completed_at, ends the lock of a task that is done, canceled or deleted, and decides on the status. From backlog, in_progress, ready_for_review: to any other; blocked: backlog, in_progress, cancelled; done: backlog, in_progress; cancelled: backlog; else CR003. With an open dependency: asked for in_progress, ready_for_review or done: CR003 naming them; backlog becomes blocked; a started task to which one is added, or which is restored, becomes blocked. Blocked goes to backlog when the last open dependency is taken out. A deleted task is left as it is until it is restored.';
revoke execute on function codered.keep_task_state from public;

create trigger tasks_state before insert or update on codered.tasks
  for each row execute function codered.keep_task_state();

create function codered.move_dependents()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  turned uuid[];
  dependents uuid[];
begin
  select array_agg(n.id) into turned
  from new_rows n
  join old_rows o on o.id = n.id
  where (n.status = 'done' or n.deleted_at is not null) <> (o.status = 'done' or o.deleted_at is not null);
  if turned is null then
    return null;
  end if;
  -- Locked first and looked at afterwards: of two that finish the last two dependencies at once, the later sees both done.
  select array_agg(held.id) into dependents
  from (select d.id from codered.tasks d where d.dependencies && turned order by d.id for no key update) held;
  if dependents is null then
    return null;
  end if;
  update codered.tasks d
  set status = case when s.waits then 'blocked' else 'backlog' end
  from (
    select w.id, exists (
      select from codered.tasks t where t.id = any (w.dependencies) and t.status <> 'done' and t.deleted_at is null
    ) as waits
    from codered.tasks w
    where w.id = any (dependents) and w.deleted_at is null
  ) s
  where d.id = s.id
    and d.status = any (case when s.waits then '{backlog,in_progress,ready_for_review}' else '{blocked}' end::text[]);
  return null;
end
$$;
comment on function codered.move_dependents() is
  'After a task was finished, reopened, deleted or restored (deleted_at): blocked dependents without an open dependency go to backlog; dependents that wait again go from backlog, in_progress or ready_for_review to blocked, their locks stay; what was done or canceled stays so. Security definer, because it looks dependents up by an index that row security rules out.';
revoke execute on function codered.move_dependents from public;

create trigger tasks_dependents after update on codered.tasks
  referencing old table as old_rows new table as new_rows
  for each statement execute function codered.move_dependents();

create function codered.drop_dependency()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  gone constant uuid[] := array(select o.id from old_rows o);
  open_gone constant uuid[] := array(select o.id from old_rows o where o.status <> 'done' and o.deleted_at is null);
  homes constant uuid[] := array(select distinct o.project_id from old_rows o);
begin
  perform 1 from codered.tasks d where d.project_id = any (homes) and d.dependencies && gone order by d.id for no key update;
  update codered.tasks d
  set
    dependencies = array(select w.id from unnest(d.dependencies) with ordinality w(id, place) where w.id <> all (gone) order by w.place),
    status = case
      when d.status = 'blocked' and d.deleted_at is null and d.dependencies && open_gone and not exists (
        select from codered.tasks t where t.id = any (d.dependencies) and t.status <> 'done' and t.deleted_at is null
      ) then 'backlog'
      else d.status
    end
  where d.project_id = any (homes) and d.dependencies && gone;
  return null;
end
$$;
comment on function codered.drop_dependency() is
  'After a task was really deleted: takes it out of its dependents'' dependencies; one that waited for nothing else goes to backlog. Security definer, because dependents are their members'' to change, but the deletion may be anybody''s, and row security rules out the index.';
revoke execute on function codered.drop_dependency from public;

create trigger tasks_dependents_gone after delete on codered.tasks
  referencing old table as old_rows
  for each statement execute function codered.drop_dependency();

create function codered.share_done(milestone_id uuid)
returns integer
language sql
stable
set search_path = ''
as $$
  -- Whole percents, rounded down: 100 only when all are done.
  select coalesce(100 * count(*) filter (where t.status = 'done') / nullif(count(*), 0), 0)::integer
  from codered.tasks t
  where t.milestone_id = share_done.milestone_id and t.status <> 'cancelled' and t.deleted_at is null
$$;
comment on function codered.share_done(uuid) is
  'The share of a milestone''s tasks that are done, canceled and deleted ones left out, in whole percents rounded down; 0 when it has none.';
revoke execute on function codered.share_done from public;
grant execute on function codered.share_done to authenticated, service_role;

create function codered.keep_progress_mode()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.progress_is_manual := new.progress_is_manual or new.progress_percent <> 0;
  elsif old.progress_is_manual and not new.progress_is_manual then
    new.progress_percent := codered.share_done(new.id);
  elsif new.progress_percent <> old.progress_percent and pg_trigger_depth() = 1 then
    -- Deeper, it is a task's trigger that writes.
    new.progress_is_manual := true;
  end if;
  return new;
end
$$;
comment on function codered.keep_progress_mode() is
  'Whoever writes another progress_percent has set it by hand (progress_is_manual); whoever makes progress_is_manual false has it follow the tasks again, at once.';
revoke execute on function codered.keep_progress_mode from public;

create trigger milestones_progress before insert or update on codered.milestones
  for each row execute function codered.keep_progress_mode();

create function codered.keep_milestone_progress()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  touched uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct n.milestone_id) into touched from new_rows n where n.milestone_id is not null;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct o.milestone_id) into touched from old_rows o where o.milestone_id is not null;
  else
    select array_agg(distinct m.id) into touched
    from old_rows o
    join new_rows n on n.id = o.id
    cross join lateral (values (o.milestone_id), (n.milestone_id)) m(id)
    where m.id is not null
      and (o.milestone_id, o.status, o.deleted_at is null) is distinct from (n.milestone_id, n.status, n.deleted_at is null);
  end if;
  if touched is null then
    return null;
  end if;
  -- Locked first and counted afterwards: of two that finish tasks at once, the later counts both.
  perform 1 from codered.milestones m where m.id = any (touched) order by m.id for no key update;
  update codered.milestones m
  set progress_percent = s.share
  from (
    select c.id, codered.share_done(c.id) as share from codered.milestones c where c.id = any (touched) and not c.progress_is_manual
  ) s
  where m.id = s.id and m.progress_percent <> s.share;
  return null;
end
$$;
comment on function codered.keep_milestone_progress() is
  'After any change of tasks: the progress of their milestones, but for those that were set by hand. Security definer, because whoever may change a task moves its milestone, whether or not they may write that.';
revoke execute on function codered.keep_milestone_progress from public;

create trigger tasks_progress_insert after insert on codered.tasks
  referencing new table as new_rows for each statement execute function codered.keep_milestone_progress();

create trigger tasks_progress_update after update on codered.tasks
  referencing old table as old_rows new table as new_rows for each statement execute function codered.keep_milestone_progress();

create trigger tasks_progress_delete after delete on codered.tasks
  referencing old table as old_rows for each statement execute function codered.keep_milestone_progress();

create function codered.set_milestone_progress(milestone_id uuid, percent integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  progress integer;
begin
  update codered.milestones m
  set
    progress_percent = coalesce(set_milestone_progress.percent, m.progress_percent),
    progress_is_manual = set_milestone_progress.percent is not null
  where m.id = set_milestone_progress.milestone_id
    and exists (select from codered.projects p where p.id = m.project_id and p.deleted_at is null)
  returning m.progress_percent into progress;
  if not found then
    perform codered.refuse_missing('milestone', set_milestone_progress.milestone_id::text);
  end if;
  return progress;
end
$$;
comment on function codered.set_milestone_progress(uuid, integer) is
  'Sets a milestone''s progress by hand, 0 to 100; null: it follows its tasks again. Gives the progress it has now. Refuses: CR002, CR004.';
revoke execute on function codered.set_milestone_progress from public;
grant execute on function codered.set_milestone_progress to authenticated, service_role;

create function codered.list_task_events(task_id uuid, batch integer, before_id bigint default null)
returns table (
  id bigint,
  event_type text,
  run_id uuid,
  user_id uuid,
  payload jsonb,
  created_at timestamptz
)
language plpgsql
stable
set search_path = ''
as $$
declare
  -- The project tells the task's own history from what members of another one may have noted under its id.
  home constant uuid := coalesce(
    (select t.project_id from codered.tasks t where t.id = list_task_events.task_id),
    (
      select e.project_id
      from codered.events e
      where e.task_id = list_task_events.task_id and e.event_type like 'task.%'
      limit 1
    )
  );
begin
  if home is null then
    perform codered.refuse_missing('task', list_task_events.task_id::text);
  end if;
  perform codered.check_batch('list_task_events.batch', list_task_events.batch);
  return query
    select e.id, e.event_type, e.run_id, e.user_id, e.payload, e.created_at
    from codered.events e
    where e.task_id = list_task_events.task_id
      and e.project_id = home
      and e.id < coalesce(list_task_events.before_id, 9223372036854775807)
    order by e.id desc
    limit list_task_events.batch;
end
$$;
comment on function codered.list_task_events(uuid, integer, bigint) is
  'The timeline of a task, newest first, batch (1 to 500) at a time: before_id is the id of the last one had. A deleted task keeps its timeline. Refuses: CR002, CR004.';
revoke execute on function codered.list_task_events from public;
grant execute on function codered.list_task_events to authenticated, service_role;

-- Locks of tasks: who works on one, and for how long.

create function codered.describe_task_lock(task_id uuid, locked_by text, locked_at timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'task_id', describe_task_lock.task_id,
    'locked_by', describe_task_lock.locked_by,
    'locked_at', describe_task_lock.locked_at,
    'locked_until', describe_task_lock.locked_at + interval '1 hour'
  )
$$;
comment on function codered.describe_task_lock(uuid, text, timestamptz) is
  'A lock as {task_id, locked_by, locked_at, locked_until}; all but task_id null when nobody has it.';
revoke execute on function codered.describe_task_lock from public;
grant execute on function codered.describe_task_lock to service_role, authenticated;

create function codered.hold_task(task_id uuid, locker text)
returns codered.tasks
language plpgsql
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  if (char_length(locker) between 1 and 200) is not true then
    perform codered.refuse_value('tasks.locked_by', coalesce(locker, ''), '1 to 200 characters');
  end if;
  select t.* into task
  from codered.tasks t
  join codered.projects p on p.id = t.project_id
  where t.id = hold_task.task_id
    and t.deleted_at is null
    and p.deleted_at is null
    and (not codered.is_member_call() or t.project_id in (select codered.my_projects()))
  for no key update of t;
  if not found then
    perform codered.refuse_missing('task', hold_task.task_id::text);
  end if;
  if task.locked_by <> locker then
    if task.locked_at + interval '1 hour' > clock_timestamp() then
      raise exception 'Task % is locked by % until %.', to_json(left(task.title, 80)), to_json(task.locked_by),
        to_char((task.locked_at + interval '1 hour') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        using errcode = 'CR005', detail = codered.describe_task_lock(task.id, task.locked_by, task.locked_at)::text,
          hint = 'Allowed: another task, or this one once it is released or has lapsed.';
    end if;
    -- Lapsed: nobody's any more.
    task.locked_at := null;
    task.locked_by := null;
  end if;
  return task;
end
$$;
comment on function codered.hold_task(uuid, text) is
  'The task with its row locked until the end of the transaction and the lock as it counts for this locker. Refuses a task that is not the caller''s to see (CR004) and a lock that somebody else has (CR005, naming who and until when). For the lock functions alone.';
revoke execute on function codered.hold_task from public;
grant execute on function codered.hold_task to service_role;

create function codered.take_task_lock(task_id uuid, locker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  task := codered.hold_task(take_task_lock.task_id, take_task_lock.locker);
  if task.status in ('done', 'cancelled') then
    raise exception 'Task % is %; allowed: a lock on a task that is neither done nor cancelled.', to_json(left(task.title, 80)), task.status
      using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;
  update codered.tasks t
  set locked_by = take_task_lock.locker, locked_at = clock_timestamp()
  where t.id = task.id
  returning t.* into task;
  return codered.describe_task_lock(task.id, task.locked_by, task.locked_at);
end
$$;
comment on function codered.take_task_lock(uuid, text) is
  'Takes the lock of a task for an hour, or keeps it for another when the locker has it already; gives {task_id, locked_by, locked_at, locked_until}. A lapsed lock goes to whoever comes first. The locker''s name is all that tells two apart: let it be unique. Refuses: CR005 somebody else has it (who, until when; as JSON in detail), CR003 the task is done or cancelled, CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.take_task_lock from public;
grant execute on function codered.take_task_lock to authenticated, service_role;

create function codered.keep_task_lock(task_id uuid, locker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  task := codered.hold_task(keep_task_lock.task_id, keep_task_lock.locker);
  if task.locked_by is null then
    raise exception 'Task % is not locked by %; allowed: take_task_lock.', to_json(left(task.title, 80)), to_json(keep_task_lock.locker)
      using errcode = 'CR003', table = 'tasks', column = 'locked_by';
  end if;
  update codered.tasks t
  set locked_at = clock_timestamp()
  where t.id = task.id
  returning t.* into task;
  return codered.describe_task_lock(task.id, task.locked_by, task.locked_at);
end
$$;
comment on function codered.keep_task_lock(uuid, text) is
  'Keeps the lock that the locker has for another hour from now, also one that has lapsed and that nobody else took; gives {task_id, locked_by, locked_at, locked_until}. Refuses: CR005 somebody else has it, CR003 the locker does not have it (released, broken, or ended with the task), CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.keep_task_lock from public;
grant execute on function codered.keep_task_lock to authenticated, service_role;

create function codered.release_task_lock(task_id uuid, locker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  task := codered.hold_task(release_task_lock.task_id, release_task_lock.locker);
  update codered.tasks t
  set locked_by = null, locked_at = null
  where t.id = task.id and t.locked_by = release_task_lock.locker;
  return codered.describe_task_lock(task.id, null, null);
end
$$;
comment on function codered.release_task_lock(uuid, text) is
  'Gives the locker''s lock back; nothing when the locker has none, so it may be said twice. Gives {task_id} with nulls. Refuses: CR005 somebody else has it, CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.release_task_lock from public;
grant execute on function codered.release_task_lock to authenticated, service_role;

create function codered.break_task_lock(task_id uuid, reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
begin
  if (char_length(break_task_lock.reason) between 1 and 2000) is not true then
    perform codered.refuse_value('break_task_lock.reason', coalesce(break_task_lock.reason, ''), '1 to 2000 characters');
  end if;
  select t.* into task
  from codered.tasks t
  join codered.projects p on p.id = t.project_id
  where t.id = break_task_lock.task_id
    and t.deleted_at is null
    and p.deleted_at is null
    and (not codered.is_member_call() or t.project_id in (select codered.my_projects()))
  for no key update of t;
  if not found then
    perform codered.refuse_missing('task', break_task_lock.task_id::text);
  end if;
  if codered.is_member_call() and task.project_id not in (select codered.my_projects('maintainer')) then
    raise exception 'The lock of task % is not yours to break; allowed: maintainers of its project.', to_json(left(task.title, 80))
      using errcode = 'CR008';
  end if;
  if task.locked_by is not null then
    insert into codered.events (project_id, task_id, user_id, event_type, payload)
    values (
      task.project_id, task.id, (select auth.uid()), 'note.task_lock_broken',
      jsonb_build_object('reason', break_task_lock.reason) || codered.describe_task_lock(task.id, task.locked_by, task.locked_at)
    );
    update codered.tasks t set locked_by = null, locked_at = null where t.id = task.id;
  end if;
  return codered.describe_task_lock(task.id, null, null);
end
$$;
comment on function codered.break_task_lock(uuid, text) is
  'Ends whoever''s lock on a task, and leaves an event note.task_lock_broken with the reason (1 to 2000 characters) and the lock as it was; nothing when there is none. Gives {task_id} with nulls. Refuses: CR008 to all but the project''s maintainers and the app, CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';
revoke execute on function codered.break_task_lock from public;
grant execute on function codered.break_task_lock to authenticated, service_role;

-- What agents did: their runs, and the tasks that these were for.

create table codered.agent_runs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  agent_id uuid not null references codered.agents (id) on delete restrict,
  task_id uuid references codered.tasks (id) on delete set null,
  mode text,
  input_summary text,
  output_summary text,
  full_input text,
  full_output text,
  model text,
  model_id text references codered.models (id) on delete set null,
  tokens_prompt integer,
  tokens_completion integer,
  approx_cost_usd numeric(14, 6),
  zones_touched text[],
  tools_used text[],
  rag_documents uuid[],
  status text not null,
  error_message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agent_runs_status_check
    check (status in ('succeeded', 'failed', 'aborted') or codered.refuse_value('agent_runs.status', status, 'succeeded, failed, aborted')),
  constraint agent_runs_tokens_prompt_check
    check (tokens_prompt >= 0 or codered.refuse_value('agent_runs.tokens_prompt', tokens_prompt, '0 or more')),
  constraint agent_runs_tokens_completion_check
    check (tokens_completion >= 0 or codered.refuse_value('agent_runs.tokens_completion', tokens_completion, '0 or more')),
  constraint agent_runs_cost_check
    check (approx_cost_usd >= 0 or codered.refuse_value('agent_runs.approx_cost_usd', approx_cost_usd, '0 or more')),
  constraint agent_runs_zones_check
    check (zones_touched <@ '{red,yellow,green}' or codered.refuse_value('agent_runs.zones_touched', zones_touched, 'red, yellow, green')),
  constraint agent_runs_full_input_bytes
    check (octet_length(full_input) <= 8388608 or codered.refuse_value('agent_runs.full_input', octet_length(full_input), 'at most 8388608 bytes')),
  constraint agent_runs_full_output_bytes
    check (octet_length(full_output) <= 8388608 or codered.refuse_value('agent_runs.full_output', octet_length(full_output), 'at most 8388608 bytes'))
);
comment on table codered.agent_runs is 'One call of an agent: what went in, what came out, what it cost.';
comment on column codered.agent_runs.mode is 'Open: architect, code, …';
comment on column codered.agent_runs.model is 'The provider''s own word; model_id where we know that model.';
comment on column codered.agent_runs.approx_cost_usd is 'US dollars; worked out from models when left out.';
comment on column codered.agent_runs.rag_documents is 'Documents that were consulted; plain ids, a document may be gone.';
create index agent_runs_project_id_idx on codered.agent_runs (project_id, created_at desc);
create index agent_runs_agent_id_idx on codered.agent_runs (agent_id);
create index agent_runs_task_id_idx on codered.agent_runs (task_id);
create index agent_runs_model_id_idx on codered.agent_runs (model_id);
create index agent_runs_created_at_idx on codered.agent_runs (created_at);
alter table codered.agent_runs enable row level security;
create policy agent_runs_read on codered.agent_runs for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.agent_runs to authenticated;
grant select, insert, update, delete on codered.agent_runs to service_role;
create trigger agent_runs_touch before update on codered.agent_runs
  for each row execute function codered.touch_updated_at();
create trigger agent_runs_same_project before insert or update of project_id, task_id on codered.agent_runs
  for each row execute function codered.refuse_foreign_project('task_id:tasks');

create table codered.task_runs (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references codered.tasks (id) on delete cascade,
  project_id uuid not null references codered.projects (id) on delete cascade,
  agent_run_id uuid references codered.agent_runs (id) on delete set null,
  phase text not null,
  status text not null default 'planned',
  summary text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint task_runs_phase_check check (
    phase in ('architect', 'code', 'test', 'review', 'infra', 'safety', 'cynic', 'orchestrator')
    or codered.refuse_value('task_runs.phase', phase, 'architect, code, test, review, infra, safety, cynic, orchestrator')),
  constraint task_runs_status_check check (
    status in ('planned', 'running', 'succeeded', 'failed', 'skipped')
    or codered.refuse_value('task_runs.status', status, 'planned, running, succeeded, failed, skipped')),
  constraint task_runs_summary_length
    check (char_length(summary) <= 20000 or codered.refuse_value('task_runs.summary', summary, 'at most 20000 characters'))
);
comment on table codered.task_runs is 'One pass of an agent over a task.';
create index task_runs_task_id_idx on codered.task_runs (task_id, created_at desc);
create index task_runs_project_id_idx on codered.task_runs (project_id);
create index task_runs_agent_run_id_idx on codered.task_runs (agent_run_id);
alter table codered.task_runs enable row level security;
create policy task_runs_read on codered.task_runs for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.task_runs to authenticated;
grant select, insert, update, delete on codered.task_runs to service_role;
create trigger task_runs_touch before update on codered.task_runs
  for each row execute function codered.touch_updated_at();
create trigger task_runs_same_project before insert or update of project_id, task_id, agent_run_id on codered.task_runs
  for each row execute function codered.refuse_foreign_project('task_id:tasks', 'agent_run_id:agent_runs');

create function codered.fill_agent_run_cost()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.model_id is null and new.model is not null then
    select m.id into new.model_id from codered.models m where m.id = new.model;
  end if;
  if new.approx_cost_usd is null and new.model_id is not null then
    new.approx_cost_usd := codered.cost_of(new.model_id, new.tokens_prompt, new.tokens_completion);
  end if;
  return new;
end
$$;
comment on function codered.fill_agent_run_cost() is 'Resolves the model''s name and works the cost out where none is given.';
revoke execute on function codered.fill_agent_run_cost from public;

create trigger agent_runs_cost before insert or update of model, model_id, tokens_prompt, tokens_completion, approx_cost_usd
  on codered.agent_runs for each row execute function codered.fill_agent_run_cost();

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
create index decisions_project_id_idx on codered.decisions (project_id);
create index decisions_user_id_idx on codered.decisions (user_id);
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
grant update (title, description, domain, decision_type, rationale, options_considered, options, choice, decision_maker)
  on codered.decisions to authenticated;
grant select, insert, update, delete on codered.decisions to service_role;
create trigger decisions_touch before update on codered.decisions
  for each row execute function codered.touch_updated_at();
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
  constraint agent_sessions_summary_length
    check (char_length(summary) <= 20000 or codered.refuse_value('agent_sessions.summary', summary, 'at most 20000 characters')),
  constraint agent_sessions_snapshot_bytes check (
    octet_length(snapshot::text) <= 1048576 or codered.refuse_value('agent_sessions.snapshot', octet_length(snapshot::text), 'at most 1048576 bytes'))
);
comment on table codered.agent_sessions is 'What an agent kept of its talk with one person; checkpoints are what others go on from.';
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
comment on table codered.lessons is 'What was learned, to be told again when it matters.';
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
grant update (name, description, tech_stack, code_sample, preview_url, tags, quality_score, approved_by) on codered.ux_snippets to authenticated;
grant select, insert, update, delete on codered.ux_snippets to service_role;
create trigger ux_snippets_touch before update on codered.ux_snippets
  for each row execute function codered.touch_updated_at();

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
        and e.created_at < coalesce(search_events.before, 'infinity')
    )
    select f.id, f.event_type, f.task_id, f.run_id, f.user_id, f.payload, f.created_at
    from found f
    order by f.created_at desc
    fetch first search_events.batch rows with ties;
end
$$;
comment on function codered.search_events(uuid, text, integer, timestamptz) is
  'The events of a project whose payload holds the words (all of them; "…" for a phrase, or, - as in a search engine), newest first, batch (1 to 500) at a time: before is the created_at of the last one had. Events of one transaction share their time and come together, so a page may be longer than batch and none is skipped. Refuses: CR002, CR004. Security definer, because under row security the text index can''t be used; membership is checked here.';
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

-- Failures: the patterns they are known by, and what is known of each.

create table codered.bug_patterns (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  name text not null,
  description text,
  kind text not null default 'regex',
  pattern_signature text not null,
  root_cause text not null,
  recommended_fix text not null,
  related_lessons uuid[],
  category text not null default 'other',
  severity text not null default 'error',
  docs_url text,
  priority integer not null default 0,
  position integer not null default 0,
  enabled boolean not null default true,
  source text not null default 'ui',
  hits bigint not null default 0,
  last_hit_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint bug_patterns_kind_check check (kind in ('regex', 'literal') or codered.refuse_value('bug_patterns.kind', kind, 'regex, literal')),
  constraint bug_patterns_signature_length check (
    char_length(pattern_signature) between 1 and 1000
    or codered.refuse_value('bug_patterns.pattern_signature', pattern_signature, '1 to 1000 characters')
  ),
  constraint bug_patterns_name_length check (
    char_length(name) between 1 and 200
    or codered.refuse_value('bug_patterns.name', name, '1 to 200 characters')
  ),
  constraint bug_patterns_category_check check (
    category in ( 'infra', 'flaky', 'dependency', 'test', 'lint', 'type', 'build', 'config', 'resource', 'permission', 'deploy', 'other')
    or codered.refuse_value('bug_patterns.category', category, 'infra, flaky, dependency, test, lint, type, build, config, resource, permission, deploy, other')
  ),
  constraint bug_patterns_severity_check check (
    severity in ('info', 'warning', 'error', 'critical')
    or codered.refuse_value('bug_patterns.severity', severity, 'info, warning, error, critical')
  ),
  constraint bug_patterns_source_check check (
    source in ('builtin', 'file', 'ui', 'suggested', 'import')
    or codered.refuse_value('bug_patterns.source', source, 'builtin, file, ui, suggested, import')
  ),
  constraint bug_patterns_hits_check check (hits >= 0 or codered.refuse_value('bug_patterns.hits', hits, '0 or more')),
  constraint bug_patterns_root_cause_length check (char_length(root_cause) <= 4000 or codered.refuse_value('bug_patterns.root_cause', root_cause, 'at most 4000 characters')),
  constraint bug_patterns_recommended_fix_length
    check (char_length(recommended_fix) <= 4000 or codered.refuse_value('bug_patterns.recommended_fix', recommended_fix, 'at most 4000 characters')),
  constraint bug_patterns_description_length
    check (char_length(description) <= 4000 or codered.refuse_value('bug_patterns.description', description, 'at most 4000 characters')),
  constraint bug_patterns_docs_url_check check (docs_url ~ '^https?://' or codered.refuse_value('bug_patterns.docs_url', docs_url, 'http:// or https://'))
);
comment on table codered.bug_patterns is 'One way in which CI breaks: how to know it, its root cause, its fix. project_id null: for every project.';
comment on column codered.bug_patterns.pattern_signature is 'RE2 syntax (kind regex) or a substring (literal), tried against one cleaned line of a log.';
comment on column codered.bug_patterns.related_lessons is 'Ids of lessons; plain, a lesson may be gone.';
comment on column codered.bug_patterns.priority is 'Higher wins; among equals the lower position.';
comment on column codered.bug_patterns.position is 'Place in the pattern files it came from.';
comment on column codered.bug_patterns.hits is 'Failures it matched, counted once each.';
create index bug_patterns_project_id_idx on codered.bug_patterns (project_id);
create unique index bug_patterns_builtin_key on codered.bug_patterns (name) where source = 'builtin' and project_id is null;
alter table codered.bug_patterns enable row level security;
create policy bug_patterns_read on codered.bug_patterns for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
create policy bug_patterns_insert on codered.bug_patterns for insert to authenticated
  with check (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())));
create policy bug_patterns_update on codered.bug_patterns for update to authenticated
  using (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())))
  with check (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())));
grant select on codered.bug_patterns to authenticated;
-- Retired with deleted_at, never deleted: failures point at them. Source and counts are the app's.
grant insert (id, project_id, name, description, kind, pattern_signature, root_cause, recommended_fix, related_lessons, category, severity,
  docs_url, priority, enabled) on codered.bug_patterns to authenticated;
grant update (name, description, kind, pattern_signature, root_cause, recommended_fix, related_lessons, category, severity,
  docs_url, priority, enabled, deleted_at) on codered.bug_patterns to authenticated;
grant select, insert, update, delete on codered.bug_patterns to service_role;
create trigger bug_patterns_touch before update on codered.bug_patterns
  for each row execute function codered.touch_updated_at();

create table codered.errors (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  source text not null,
  ci_event_id uuid references codered.ci_events (id) on delete cascade,
  ci_job_id uuid references codered.ci_jobs (id) on delete cascade,
  deployment_id uuid references codered.deployments (id) on delete cascade,
  agent_run_id uuid references codered.agent_runs (id) on delete cascade,
  error_code text,
  message text not null,
  details text,
  severity text not null default 'error',
  fingerprint text not null,
  verdict text not null default 'unknown',
  verdict_reason text,
  excerpt text,
  excerpt_first_line integer,
  excerpt_last_line integer,
  line_number integer,
  step_first_line integer,
  file_path text,
  line integer,
  first_seen_at timestamptz not null default now(),
  occurrences integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint errors_failure_key unique nulls not distinct
    (project_id, source, ci_job_id, ci_event_id, deployment_id, agent_run_id, fingerprint),
  constraint errors_source_check check (
    source in ('ci', 'deployment', 'agent', 'runtime')
    or codered.refuse_value('errors.source', source, 'ci, deployment, agent, runtime')
  ),
  constraint errors_severity_check check (
    severity in ('info', 'warning', 'error', 'critical')
    or codered.refuse_value('errors.severity', severity, 'info, warning, error, critical')
  ),
  constraint errors_verdict_check check (
    verdict in ('new', 'flaky', 'broken_base', 'infra', 'collateral', 'unknown')
    or codered.refuse_value('errors.verdict', verdict, 'new, flaky, broken_base, infra, collateral, unknown')
  ),
  constraint errors_excerpt_bytes check (octet_length(excerpt) <= 4096 or codered.refuse_value('errors.excerpt', excerpt, 'at most 4096 bytes')),
  constraint errors_message_length check (char_length(message) <= 4096 or codered.refuse_value('errors.message', message, 'at most 4096 characters'))
);
comment on table codered.errors is
  'One row per failed job, deployment or agent run and fingerprint. Judgement lives here, never on ci_jobs, so that a late event cannot wipe it.';
comment on column codered.errors.agent_run_id is 'The agent run that failed.';
comment on column codered.errors.details is 'What could not be had or done while diagnosing, in words.';
comment on column codered.errors.excerpt is 'The lines that prove it, redacted, at most 4 KB; outlives GitHub''s log retention.';
comment on column codered.errors.line_number is '1-based line of the raw log that the primary match stands on.';
comment on column codered.errors.step_first_line is 'The raw log''s line on which the failed step begins.';
comment on column codered.errors.line is '1-based line of file_path in the repository.';
create index errors_project_id_idx on codered.errors (project_id, created_at desc);
create index errors_fingerprint_idx on codered.errors (project_id, fingerprint, created_at desc);
create index errors_ci_event_id_idx on codered.errors (ci_event_id);
create index errors_ci_job_id_idx on codered.errors (ci_job_id);
create index errors_deployment_id_idx on codered.errors (deployment_id);
create index errors_agent_run_id_idx on codered.errors (agent_run_id);
-- Excerpts still held, oldest first. For deliveries webhook_deliveries_received_at_idx does: all but a few that are that old are done.
create index errors_excerpt_idx on codered.errors (created_at) where excerpt is not null;
alter table codered.errors enable row level security;
create policy errors_read on codered.errors for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.errors to authenticated;
grant select, insert, update, delete on codered.errors to service_role;
create trigger errors_touch before update on codered.errors
  for each row execute function codered.touch_updated_at();

create table codered.error_matches (
  error_id uuid not null references codered.errors (id) on delete cascade,
  bug_pattern_id uuid not null references codered.bug_patterns (id) on delete cascade,
  line_number integer not null,
  line_text text not null,
  captures text[] not null default '{}',
  is_primary boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (error_id, bug_pattern_id)
);
comment on table codered.error_matches is 'Which patterns matched a failure; exactly one at most is the primary one.';
comment on column codered.error_matches.line_text is 'The cleaned, redacted line that matched.';
create index error_matches_bug_pattern_id_idx on codered.error_matches (bug_pattern_id);
create unique index error_matches_primary_key on codered.error_matches (error_id) where is_primary;
alter table codered.error_matches enable row level security;
create policy error_matches_read on codered.error_matches for select to authenticated
  using ((select true from codered.errors e where e.id = error_matches.error_id));
grant select on codered.error_matches to authenticated;
grant select, insert, update, delete on codered.error_matches to service_role;
create trigger error_matches_touch before update on codered.error_matches
  for each row execute function codered.touch_updated_at();

create function codered.list_patterns(project_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(
    json_agg(
      json_build_object(
        'id', p.id, 'name', p.name, 'kind', p.kind, 'pattern', p.pattern_signature, 'category', p.category,
        'severity', p.severity, 'root_cause', p.root_cause, 'recommended_fix', p.recommended_fix,
        'docs_url', p.docs_url, 'priority', p.priority
      )
      -- A project's own patterns come before everybody's.
      order by p.priority desc, p.project_id is null, p.position, p.created_at, p.id
    ),
    '[]'
  )
  from codered.bug_patterns p
  where p.enabled
    and p.deleted_at is null
    and (p.project_id is null or p.project_id = list_patterns.project_id)
$$;
comment on function codered.list_patterns(uuid) is 'The patterns that failures of a project are matched with, in the order that decides the primary one.';
revoke execute on function codered.list_patterns from public;
grant execute on function codered.list_patterns to service_role;

create function codered.read_diagnosis_subject(input jsonb)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'project_id', r.project_id,
    'installation_id', r.installation_id,
    'repository_id', r.id,
    'owner', r.owner,
    'name', r.name,
    'ci_job', (
      select json_build_object(
        'id', j.id, 'job_id', j.job_id, 'name', j.name, 'status', j.status,
        'has_failed_step', exists (
          select 1 from jsonb_array_elements(j.steps) as s (step) where s.step ->> 'conclusion' in ('failure', 'timed_out')
        )
      )
      from codered.ci_jobs j
      where j.id = (input ->> 'ci_job_id')::uuid
    ),
    'ci_event', (
      select json_build_object(
        'id', e.id, 'provider', e.provider, 'run_id', e.run_id, 'run_attempt', e.run_attempt,
        'workflow_name', e.workflow_name, 'workflow_path', e.workflow_path,
        'status', e.status, 'conclusion', e.conclusion, 'summary', e.summary,
        'jobs', (select count(*) from codered.ci_jobs j where j.ci_event_id = e.id),
        'has_failed_job', exists (select 1 from codered.ci_jobs j where j.ci_event_id = e.id and j.status = 'failed')
      )
      from codered.ci_events e
      where e.id = (input ->> 'ci_event_id')::uuid
    ),
    'deployment', (
      select json_build_object(
        'id', d.id, 'environment_name', d.environment_name, 'status', d.status,
        'description', (
          select s.description
          from codered.deployment_statuses s
          where s.deployment_id = d.id and s.state in ('failure', 'error')
          order by s.created_at desc, s.status_id desc
          limit 1
        )
      )
      from codered.deployments d
      where d.id = (input ->> 'deployment_id')::uuid
    )
  )
  from codered.repositories r
  where r.id = (input ->> 'repository_id')::bigint
$$;
comment on function codered.read_diagnosis_subject(jsonb) is 'The failed or canceled job, CI event or deployment that a diagnose job is about, with where to reach it; null when its repository is unknown.';
revoke execute on function codered.read_diagnosis_subject from public;
grant execute on function codered.read_diagnosis_subject to service_role;

create function codered.record_diagnosis(diagnosis jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  failure codered.errors;
  sha text;
begin
  update codered.ci_jobs j
  set log_state = diagnosis ->> 'log_state'
  -- Nothing is told of a log that could not be read.
  where j.id = (diagnosis ->> 'ci_job_id')::uuid and j.log_state <> diagnosis ->> 'log_state';

  -- Judged again, a failure may turn out to be another one: the older judgement goes.
  delete from codered.errors e
  where e.ci_job_id is not distinct from (diagnosis ->> 'ci_job_id')::uuid
    and e.ci_event_id is not distinct from (diagnosis ->> 'ci_event_id')::uuid
    and e.deployment_id is not distinct from (diagnosis ->> 'deployment_id')::uuid
    and e.agent_run_id is null
    and e.project_id = (diagnosis ->> 'project_id')::uuid
    and e.fingerprint <> diagnosis ->> 'fingerprint';

  insert into codered.errors as e (
    project_id, source, ci_job_id, ci_event_id, deployment_id, error_code, message, details, severity, fingerprint,
    verdict, verdict_reason, excerpt, excerpt_first_line, excerpt_last_line, line_number, step_first_line, file_path, line
  )
  select
    d.project_id, d.source, d.ci_job_id, d.ci_event_id, d.deployment_id, d.error_code, d.message, d.details, d.severity,
    d.fingerprint, d.verdict, d.verdict_reason, d.excerpt, d.excerpt_first_line, d.excerpt_last_line, d.line_number,
    d.step_first_line, d.file_path, d.line
  from jsonb_to_record(diagnosis) as d (
    project_id uuid, source text, ci_job_id uuid, ci_event_id uuid, deployment_id uuid, error_code text, message text,
    details text, severity text, fingerprint text, verdict text, verdict_reason text, excerpt text,
    excerpt_first_line integer, excerpt_last_line integer, line_number integer, step_first_line integer,
    file_path text, line integer
  )
  on conflict on constraint errors_failure_key do update
  set
    error_code = excluded.error_code,
    message = excluded.message,
    details = excluded.details,
    severity = excluded.severity,
    verdict = excluded.verdict,
    verdict_reason = excluded.verdict_reason,
    excerpt = excluded.excerpt,
    excerpt_first_line = excluded.excerpt_first_line,
    excerpt_last_line = excluded.excerpt_last_line,
    line_number = excluded.line_number,
    step_first_line = excluded.step_first_line,
    file_path = excluded.file_path,
    line = excluded.line
  returning * into failure;

  delete from codered.error_matches m
  where m.error_id = failure.id
    and m.bug_pattern_id not in (
      select f.bug_pattern_id from jsonb_to_recordset(diagnosis -> 'matches') as f (bug_pattern_id uuid)
    );
  update codered.error_matches m set is_primary = false where m.error_id = failure.id and m.is_primary;

  with matched as (
    insert into codered.error_matches as m (error_id, bug_pattern_id, line_number, line_text, captures, is_primary)
    select failure.id, p.id, f.line_number, f.line_text, f.captures, f.is_primary
    from jsonb_to_recordset(diagnosis -> 'matches') as f (
      bug_pattern_id uuid, line_number integer, line_text text, captures text[], is_primary boolean
    )
    join codered.bug_patterns p on p.id = f.bug_pattern_id
    on conflict (error_id, bug_pattern_id) do update
    set
      line_number = excluded.line_number,
      line_text = excluded.line_text,
      captures = excluded.captures,
      is_primary = excluded.is_primary
    returning m.bug_pattern_id, m.is_primary, (xmax = 0) as is_new
  )
  update codered.bug_patterns p
  set hits = p.hits + 1, last_hit_at = now()
  from matched
  where p.id = matched.bug_pattern_id and matched.is_new and matched.is_primary;

  select coalesce(e.commit_sha, d.commit_sha) into sha
  from (select 1) as one
  left join codered.ci_events e on e.id = failure.ci_event_id
  left join codered.deployments d on d.id = failure.deployment_id;
  perform codered.queue_job(
    failure.project_id, 'report',
    jsonb_build_object('repository_id', (diagnosis ->> 'repository_id')::bigint, 'head_sha', h.sha),
    'report:' || (diagnosis ->> 'repository_id') || ':' || h.sha
  )
  from codered.heads_after((diagnosis ->> 'repository_id')::bigint, sha) as h (sha);
end
$$;
comment on function codered.record_diagnosis(jsonb) is
  'Writes what is known of one failure, with the patterns it matched, and queues the report; done twice, it changes nothing.';
revoke execute on function codered.record_diagnosis from public;
grant execute on function codered.record_diagnosis to service_role;

create function codered.failure_of(error_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'fingerprint', e.fingerprint,
    'pattern', (
      select jsonb_build_object(
        'name', p.name, 'category', p.category, 'severity', p.severity, 'root_cause', p.root_cause,
        'recommended_fix', p.recommended_fix, 'docs_url', p.docs_url
      )
      from codered.error_matches m
      join codered.bug_patterns p on p.id = m.bug_pattern_id
      where m.error_id = e.id and m.is_primary
    ),
    'message', e.message,
    'verdict', e.verdict,
    'verdict_reason', coalesce(e.verdict_reason, ''),
    'excerpt', e.excerpt,
    'excerpt_first_line', e.excerpt_first_line,
    'excerpt_last_line', e.excerpt_last_line,
    'line_number', e.line_number,
    'step_first_line', e.step_first_line,
    'file_path', e.file_path,
    'line', e.line
  )
  from codered.errors e
  where e.id = failure_of.error_id
$$;
comment on function codered.failure_of(uuid) is 'One failure as ReportFailure of src/model.ts.';
revoke execute on function codered.failure_of from public;
grant execute on function codered.failure_of to service_role;

-- Specs: what somebody asked for, as free documents and as versions of a template.

create function codered.accept_intent_schema(intent_schema jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  field jsonb;
  seen text[] := '{}';
  allowed text;
begin
  for field in select * from jsonb_array_elements(accept_intent_schema.intent_schema) loop
    allowed := case
      when coalesce(field ->> 'field', '') !~ '^[A-Za-z][A-Za-z0-9_]{0,99}$' then 'a field name of letters, digits and _'
      when field ->> 'field' = any (seen) then 'each field once'
      when not coalesce(field ->> 'type' in ('string', 'enum', 'number', 'integer', 'boolean'), false)
        then 'the types string, enum, number, integer, boolean'
      when field ->> 'type' = 'enum' and (jsonb_typeof(field -> 'options') is distinct from 'array' or field -> 'options' = '[]')
        then 'options for an enum'
      when coalesce(jsonb_typeof(field -> 'default'), 'null') <> 'null' and not codered.fits_field(field, field -> 'default')
        then 'a default that the field itself takes'
    end;
    if allowed is not null then
      perform codered.refuse_value('specs.intent_schema', field::text, allowed);
    end if;
    seen := seen || (field ->> 'field');
  end loop;
  return true;
end
$$;
comment on function codered.accept_intent_schema(jsonb) is
  'True when every element is {field, type, required, options, default, …} that an intent can be checked by; raises CR002 otherwise.';
revoke execute on function codered.accept_intent_schema from public;
grant execute on function codered.accept_intent_schema to authenticated, service_role;

create function codered.accept_stages(stages jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  stage jsonb;
  seen text[] := '{}';
  allowed text;
begin
  for stage in select * from jsonb_array_elements(accept_stages.stages) loop
    allowed := case
      when char_length(coalesce(stage ->> 'id', '')) not between 1 and 200 then 'an id of 1 to 200 characters'
      when stage ->> 'id' = any (seen) then 'each id once'
      when char_length(coalesce(stage ->> 'name', 'x')) not between 1 and 500 then 'a name of 1 to 500 characters'
      when stage ->> 'order' is not null and stage ->> 'order' !~ '^[0-9]{1,6}$' then 'an order from 0 to 999999'
      when stage ->> 'max_attempts' is not null and stage ->> 'max_attempts' !~ '^([1-9][0-9]?|100)$' then 'max_attempts from 1 to 100'
    end;
    if allowed is not null then
      perform codered.refuse_value('specs.stages', stage::text, allowed);
    end if;
    seen := seen || (stage ->> 'id');
  end loop;
  return true;
end
$$;
comment on function codered.accept_stages(jsonb) is 'True when a gate can be made of every stage; raises CR002 otherwise.';
revoke execute on function codered.accept_stages from public;
grant execute on function codered.accept_stages to authenticated, service_role;

create table codered.workflow_templates (
  id uuid primary key default gen_random_uuid(),
  slug text not null,
  name text not null,
  description text,
  type text not null,
  depth text not null default 'standard',
  tags text[] not null default '{}',
  what_you_get jsonb not null default '[]',
  estimated_time text,
  step_count integer,
  is_featured boolean not null default false,
  is_active boolean not null default true,
  sort_order integer not null default 0,
  created_by uuid references codered.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workflow_templates_slug_key unique (slug),
  constraint workflow_templates_slug_check check (
    slug ~ '^[a-z0-9][a-z0-9-]{0,99}$' or codered.refuse_value('workflow_templates.slug', slug, 'a-z, 0-9 and -, at most 100 characters')),
  constraint workflow_templates_name_length
    check (char_length(name) between 1 and 500 or codered.refuse_value('workflow_templates.name', name, '1 to 500 characters')),
  constraint workflow_templates_type_length
    check (char_length(type) between 1 and 100 or codered.refuse_value('workflow_templates.type', type, '1 to 100 characters')),
  constraint workflow_templates_what_you_get_check check (
    jsonb_typeof(what_you_get) = 'array' or codered.refuse_value('workflow_templates.what_you_get', what_you_get, 'a JSON array')),
  constraint workflow_templates_step_count_check
    check (step_count >= 0 or codered.refuse_value('workflow_templates.step_count', step_count, '0 or more'))
);
comment on table codered.workflow_templates is 'Workflows that people can start; what exactly runs is a version of its spec.';
comment on column codered.workflow_templates.type is 'Open: visual-essay, infographic, research, …';
comment on column codered.workflow_templates.depth is 'Open: quick, standard, deep, …';
comment on column codered.workflow_templates.estimated_time is 'For people: "3-5 min".';
create index workflow_templates_type_idx on codered.workflow_templates (type);
create index workflow_templates_active_idx on codered.workflow_templates (is_active) where is_active;
create index workflow_templates_created_by_idx on codered.workflow_templates (created_by);
alter table codered.workflow_templates enable row level security;
create policy workflow_templates_read on codered.workflow_templates for select to authenticated
  using (is_active or (select codered.is_operator()));
create policy workflow_templates_insert on codered.workflow_templates for insert to authenticated with check ((select codered.is_operator()));
create policy workflow_templates_update on codered.workflow_templates for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
create policy workflow_templates_delete on codered.workflow_templates for delete to authenticated using ((select codered.is_operator()));
grant select, insert, update, delete on codered.workflow_templates to authenticated;
grant select, insert, update, delete on codered.workflow_templates to service_role;
create trigger workflow_templates_touch before update on codered.workflow_templates
  for each row execute function codered.touch_updated_at();

create table codered.specs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  template_id uuid references codered.workflow_templates (id) on delete no action,
  repo text,
  branch text,
  storage_path text,
  sha text,
  created_by text,
  created_by_user_id uuid references codered.profiles (id) on delete set null,
  version text,
  version_hash text,
  intent_schema jsonb not null default '[]',
  stages jsonb not null default '[]',
  qa_config jsonb not null default '{}',
  output_guarantees jsonb not null default '[]',
  cost_profile jsonb not null default '{}',
  artifact_type text,
  output_formats text[] not null default '{}',
  is_active boolean not null default true,
  visibility text not null default 'private',
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  content text,
  document_bytes bigint,
  document_sha256 text,
  object_path text,
  object_stored_at timestamptz,
  constraint specs_template_version_key unique (template_id, version),
  constraint specs_kind_check check (
    (template_id is not null and version is not null)
    or (template_id is null and repo is not null and branch is not null and storage_path is not null)
    or codered.refuse_value('specs.template_id', coalesce(template_id::text, 'null'),
      'with a template_id a version; without one repo, branch and storage_path')),
  constraint specs_repo_length check (char_length(repo) between 1 and 500 or codered.refuse_value('specs.repo', repo, '1 to 500 characters')),
  constraint specs_branch_length check (char_length(branch) between 1 and 1000 or codered.refuse_value('specs.branch', branch, '1 to 1000 characters')),
  constraint specs_storage_path_length
    check (char_length(storage_path) between 1 and 2000 or codered.refuse_value('specs.storage_path', storage_path, '1 to 2000 characters')),
  constraint specs_sha_check check (
    sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('specs.sha', sha, '40 or 64 hexadecimal digits')),
  constraint specs_created_by_length check (char_length(created_by) between 1 and 500 or codered.refuse_value('specs.created_by', created_by, '1 to 500 characters')),
  constraint specs_version_length check (char_length(version) between 1 and 100 or codered.refuse_value('specs.version', version, '1 to 100 characters')),
  constraint specs_intent_schema_check
    check (jsonb_typeof(intent_schema) = 'array' or codered.refuse_value('specs.intent_schema', intent_schema, 'a JSON array')),
  constraint specs_stages_check check (jsonb_typeof(stages) = 'array' or codered.refuse_value('specs.stages', stages, 'a JSON array')),
  constraint specs_qa_config_check check (jsonb_typeof(qa_config) = 'object' or codered.refuse_value('specs.qa_config', qa_config, 'a JSON object')),
  constraint specs_visibility_check
    check (visibility in ('system', 'public', 'private') or codered.refuse_value('specs.visibility', visibility, 'system, public, private')),
  constraint specs_content_bytes check (
    octet_length(content) <= 262144 or codered.refuse_value('specs.content', octet_length(content), 'at most 262144 bytes; more goes to object_path')),
  constraint specs_document_bytes_check
    check (document_bytes >= 0 or codered.refuse_value('specs.document_bytes', document_bytes, '0 or more')),
  constraint specs_document_sha256_check check (
    document_sha256 ~ '^[0-9a-f]{64}$' or codered.refuse_value('specs.document_sha256', document_sha256, 'SHA-256 in lower-case hexadecimal')),
  constraint specs_object_path_check check (
    object_path ~ '^[0-9a-f-]{36}/specs/[0-9a-f-]{36}$' or codered.refuse_value('specs.object_path', object_path, 'a path of our own ids'))
);
comment on table codered.specs is
  'What is to be done, in one version: a spec document of a repository, or the execution contract of a workflow template.';
comment on column codered.specs.repo is 'owner/name at GitHub.';
comment on column codered.specs.storage_path is
  'The document''s path in the repository; of one that came by mail or API the path it was handed in for, and content or object_path have it.';
comment on column codered.specs.sha is
  'The commit it was read at; of one that came by API the commit or git''s hash of the document, as the caller told it; of one that came by mail git''s hash of the document; null when nobody did.';
comment on column codered.specs.created_by is 'Login, e-mail address or API client; created_by_user_id where we know that person.';
comment on column codered.specs.version_hash is 'SHA-256 over what a version promises, made when it is published.';
comment on column codered.specs.stages is 'In order: [{"order", "id", "name", "type", "agent", "model_id", "inputs", "outputs", "constraints"}]; each becomes a gate of a run.';
comment on column codered.specs.published_at is 'From then on nothing but is_active and visibility can change.';
comment on column codered.specs.content is
  'The document of a spec that came by API or mail, up to 262144 bytes; null for one that was pushed, which lies in the repository.';
comment on column codered.specs.document_bytes is 'Size of the document; null when nobody handed it in.';
comment on column codered.specs.document_sha256 is 'SHA-256 of the document in hexadecimal.';
comment on column codered.specs.object_path is
  'Where a document above 262144 bytes lies in the object store: the bucket codered-artifacts, or what CODERED_OBJECTS_DIR or CODERED_S3_… name. Made of our own ids.';
comment on column codered.specs.object_stored_at is 'When it was put there; null: not yet, and handing it in again does.';
create index specs_template_id_idx on codered.specs (template_id);
create index specs_project_id_idx on codered.specs (project_id, created_at desc);
create index specs_active_idx on codered.specs (is_active) where is_active;
create index specs_created_by_user_id_idx on codered.specs (created_by_user_id);
-- The same document stored twice is one row, also one that came by mail and has no commit; one branch's asks nothing of another.
create unique index specs_document_key on codered.specs (project_id, repo, branch, storage_path, sha) nulls not distinct
  where template_id is null;
alter table codered.specs enable row level security;
create policy specs_read on codered.specs for select to authenticated using (
  project_id in (select codered.my_projects())
  or (project_id is null and is_active and visibility in ('system', 'public'))
  or (project_id is null and (select codered.is_operator()))
);
create policy specs_insert on codered.specs for insert to authenticated with check ((select codered.is_operator()));
create policy specs_update on codered.specs for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
create policy specs_delete on codered.specs for delete to authenticated using ((select codered.is_operator()));
grant select, insert, update, delete on codered.specs to authenticated;
grant select, insert, update, delete on codered.specs to service_role;
create trigger specs_touch before update on codered.specs
  for each row execute function codered.touch_updated_at();

create function codered.check_fields(what text, given jsonb, fields jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  known constant text := (select string_agg(f, ', ' order by f) from jsonb_object_keys(check_fields.fields) f);
  wrong record;
begin
  if jsonb_typeof(given) is distinct from 'object' then
    perform codered.refuse_value(what, coalesce(given::text, 'null'), 'an object of ' || known);
  end if;
  select
    g.key,
    g.value #>> '{}' as value,
    case f.value
      when 'uuid' then 'a UUID'
      when 'text' then 'text'
      when 'texts' then 'a list of texts'
      when 'integer' then 'a whole number'
      when 'bigint' then 'a whole number'
      when 'usd' then 'US dollars, 0 to 99999999'
      when 'array' then 'a JSON array'
      when 'object' then 'a JSON object'
      else 'the keys ' || known
    end as allowed
  into wrong
  from jsonb_each(given) g
  left join jsonb_each_text(fields) f on f.key = g.key
  where not coalesce(
    f.key is not null and jsonb_typeof(g.value) = 'null'
      or case
        when f.value = 'uuid' then
          jsonb_typeof(g.value) = 'string' and g.value #>> '{}' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        when f.value = 'text' then jsonb_typeof(g.value) in ('string', 'number')
        when f.value = 'texts' then jsonb_typeof(g.value) = 'array' and not g.value @? 'strict $[*] ? (@.type() != "string")'
        when f.value in ('array', 'object') then jsonb_typeof(g.value) = f.value
        when jsonb_typeof(g.value) <> 'number' then false
        when f.value = 'usd' then g.value::numeric between 0 and 99999999
        when f.value = 'integer' then
          g.value::numeric = trunc(g.value::numeric) and g.value::numeric between -2147483648 and 2147483647
        when f.value = 'bigint' then
          g.value::numeric = trunc(g.value::numeric) and g.value::numeric between -9223372036854775808 and 9223372036854775807
      end,
    false)
  order by g.key
  limit 1;
  if found then
    perform codered.refuse_value(what || '.' || left(wrong.key, 80), coalesce(wrong.value, 'null'), wrong.allowed);
  end if;
  return true;
end
$$;
comment on function codered.check_fields(text, jsonb, jsonb) is
  'True when the object has known keys with fitting values only (null is taken for left out); raises CR002 with key, value and what is allowed. fields: {"<key>": "uuid|text|texts|integer|bigint|usd|array|object"}.';
revoke execute on function codered.check_fields from public;
grant execute on function codered.check_fields to authenticated, service_role;

-- What a version promises: the fields of its intent and its stages have to be such that a run can be made of them.
create function codered.fits_field(field jsonb, value jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select coalesce(
    case fits_field.field ->> 'type'
      when 'string' then jsonb_typeof(fits_field.value) = 'string'
        and (fits_field.field -> 'required' is distinct from 'true' or btrim(fits_field.value #>> '{}') <> '')
      when 'enum' then jsonb_typeof(fits_field.value) in ('string', 'number', 'boolean')
        and fits_field.field -> 'options' @> fits_field.value
      when 'number' then jsonb_typeof(fits_field.value) = 'number'
      when 'integer' then jsonb_typeof(fits_field.value) = 'number' and fits_field.value::text ~ '^-?[0-9]+$'
      when 'boolean' then jsonb_typeof(fits_field.value) = 'boolean'
    end,
    false)
$$;
comment on function codered.fits_field(jsonb, jsonb) is 'Whether a value is what a field of an intent_schema asks for.';
revoke execute on function codered.fits_field from public;
grant execute on function codered.fits_field to authenticated, service_role;

create function codered.describe_field(field jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select case describe_field.field ->> 'type'
    when 'string' then case when describe_field.field -> 'required' = 'true' then 'text that is not blank' else 'text' end
    when 'enum' then (
      select string_agg(o.value #>> '{}', ', ' order by o.ordinality)
      from jsonb_array_elements(describe_field.field -> 'options') with ordinality o
    )
    when 'number' then 'a number'
    when 'integer' then 'a whole number'
    else 'true or false'
  end
$$;
comment on function codered.describe_field(jsonb) is 'What a field of an intent_schema takes, in words.';
revoke execute on function codered.describe_field from public;
grant execute on function codered.describe_field to authenticated, service_role;

create function codered.keep_published_spec()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  free constant text[] := '{is_active,visibility,updated_at}';
  documents constant text[] := '{content,document_bytes,document_sha256,object_path,object_stored_at}';
  changed text;
begin
  if tg_op = 'UPDATE' and old.published_at is not null then
    select string_agg(a.key, ', ' order by a.key) into changed
    from jsonb_each(to_jsonb(new) - free) a
    where a.value is distinct from to_jsonb(old) -> a.key
      -- Whoever wrote it may leave: the reference goes, the text in created_by stays.
      and not (a.key = 'created_by_user_id' and a.value = 'null')
      -- The document itself may come after its name.
      and not (a.key = any (documents) and to_jsonb(old) -> a.key = 'null');
    if changed is not null then
      raise exception 'The spec % is published: % cannot change any more; allowed: is_active, visibility, or a new version.',
        old.id, changed
        using errcode = 'CR003', table = 'specs', column = split_part(changed, ', ', 1);
    end if;
    return new;
  end if;
  if new.published_at is null then
    new.version_hash := null;
    return new;
  end if;
  perform codered.accept_intent_schema(new.intent_schema), codered.accept_stages(new.stages);
  new.version_hash := encode(
    sha256(convert_to(
      jsonb_build_object(
        'repo', new.repo, 'branch', new.branch, 'storage_path', new.storage_path, 'sha', new.sha,
        'intent_schema', new.intent_schema, 'stages', new.stages, 'qa_config', new.qa_config,
        'output_guarantees', new.output_guarantees, 'cost_profile', new.cost_profile,
        'artifact_type', new.artifact_type, 'output_formats', new.output_formats
      )::text,
      'UTF8')),
    'hex');
  return new;
end
$$;
comment on function codered.keep_published_spec() is
  'Stamps version_hash when a spec is published; from then on refuses (CR003) every change but of is_active and visibility, whoever asks.';
revoke execute on function codered.keep_published_spec from public;

create trigger specs_published before insert or update on codered.specs
  for each row execute function codered.keep_published_spec();

create function codered.keep_used()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  is_used boolean;
begin
  if tg_table_name = 'workflow_templates' then
    is_used := exists (select from codered.specs s where s.template_id = old.id);
  elsif old.project_id is not null and not exists (select from codered.projects p where p.id = old.project_id) then
    -- The whole project is being purged, its runs and sprints with it.
    return old;
  else
    is_used := exists (select from codered.runs r where r.spec_id = old.id)
      or exists (select from codered.sprints s where s.spec_id = old.id);
  end if;
  if is_used then
    raise exception 'The row % of % is in use and stays; allowed: is_active = false.', old.id, tg_table_name
      using errcode = 'CR003', table = tg_table_name;
  end if;
  return old;
end
$$;
comment on function codered.keep_used() is
  'Refuses (CR003) to delete a template that has specs, and a spec that has runs or sprints, unless its project goes. Security definer, because a use that the caller cannot see counts too.';
revoke execute on function codered.keep_used from public;

create trigger workflow_templates_used before delete on codered.workflow_templates
  for each row execute function codered.keep_used();

create trigger specs_used before delete on codered.specs
  for each row execute function codered.keep_used();

create function codered.publish_spec(spec_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  published codered.specs;
begin
  select s.* into published from codered.specs s where s.id = publish_spec.spec_id;
  if not found then
    perform codered.refuse_missing('spec', publish_spec.spec_id::text);
  end if;
  if published.published_at is not null then
    return to_jsonb(published);
  end if;
  update codered.specs s set published_at = now() where s.id = publish_spec.spec_id and s.published_at is null
  returning s.* into published;
  if not found then
    -- Nobody but an operator and the app may change a spec; or another call was quicker.
    select s.* into published from codered.specs s where s.id = publish_spec.spec_id;
    if published.published_at is null then
      raise exception 'Publishing a spec is for operators.' using errcode = 'CR008';
    end if;
  end if;
  return to_jsonb(published);
end
$$;
comment on function codered.publish_spec(uuid) is
  'Publishes a version, for good, and returns it with published_at and version_hash; one that is published already as it is. CR002: intent_schema or stages that no run could be made of; CR004, CR008.';
revoke execute on function codered.publish_spec from public;
grant execute on function codered.publish_spec to authenticated, service_role;

create function codered.ingest_spec(spec jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  told record;
  repository codered.repositories;
  made codered.specs;
begin
  perform codered.check_fields('specs', ingest_spec.spec, '{
    "project_id": "uuid", "repository_id": "bigint", "repo": "text", "branch": "text", "storage_path": "text", "sha": "text",
    "created_by": "text"}');
  select * into told
  from jsonb_to_record(ingest_spec.spec) as t(
    project_id uuid, repository_id bigint, repo text, branch text, storage_path text, sha text, created_by text);
  if told.repository_id is not null then
    select r.* into repository from codered.repositories r where r.id = told.repository_id;
    if not found then
      perform codered.refuse_missing('repository', told.repository_id::text);
    end if;
    if told.project_id is distinct from repository.project_id and told.project_id is not null then
      raise exception 'specs.repository_id is "%": there is no such row of repositories in this project.', told.repository_id
        using errcode = 'CR007', table = 'specs', column = 'repository_id';
    end if;
  elsif told.project_id is null then
    perform codered.refuse_value('specs.project_id', 'null'::text, 'a project_id or a repository_id');
  elsif not exists (select from codered.projects p where p.id = told.project_id) then
    perform codered.refuse_missing('project', told.project_id::text);
  end if;
  insert into codered.specs (project_id, repo, branch, storage_path, sha, created_by, created_by_user_id, published_at)
  values (
    coalesce(told.project_id, repository.project_id),
    coalesce(told.repo, repository.owner || '/' || repository.name),
    told.branch, told.storage_path, told.sha, told.created_by,
    (
      select (array_agg(p.id))[1]
      from codered.profiles p
      where p.github_login = told.created_by or p.email = told.created_by
      having count(*) = 1
    ),
    now()
  )
  on conflict (project_id, repo, branch, storage_path, sha) where template_id is null do nothing
  returning * into made;
  if not found then
    select s.* into made
    from codered.specs s
    where s.project_id is not distinct from coalesce(told.project_id, repository.project_id)
      and s.repo is not distinct from coalesce(told.repo, repository.owner || '/' || repository.name)
      and s.branch is not distinct from told.branch
      and s.storage_path = told.storage_path and s.sha is not distinct from told.sha and s.template_id is null;
    return to_jsonb(made) - 'content' || '{"is_new": false}';
  end if;
  perform codered.append_status(
    made.project_id, null, 'SPEC_RECEIVED', left(format('%s of %s', made.storage_path, made.repo), 500),
    jsonb_build_object('spec_id', made.id, 'repo', made.repo, 'branch', made.branch, 'storage_path', made.storage_path,
      'sha', made.sha, 'created_by', made.created_by));
  return to_jsonb(made) - 'content' || '{"is_new": true}';
end
$$;
comment on function codered.ingest_spec(jsonb) is
  'Takes a spec document in, published at once, with a status event SPEC_RECEIVED; returns its row without content, and is_new. Keys: project_id or repository_id, repo (from the repository when left out), branch, storage_path, sha, created_by. The same project, repository, branch, path and sha again changes nothing; keep_spec_document takes the document itself. CR002, CR004, CR007.';
revoke execute on function codered.ingest_spec from public;
grant execute on function codered.ingest_spec to service_role;

create function codered.keep_spec_document(spec_id uuid, document jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  told record;
  kept codered.specs;
begin
  perform codered.check_fields('document', keep_spec_document.document, '{"content": "text", "bytes": "bigint", "sha256": "text"}');
  select * into told from jsonb_to_record(keep_spec_document.document) as t (content text, bytes bigint, sha256 text);
  if told.content is null and num_nonnulls(told.bytes, told.sha256) < 2 then
    perform codered.refuse_value('document.content', 'null'::text, 'content, or bytes and sha256 of what is put into the object store');
  end if;
  select s.* into kept from codered.specs s where s.id = keep_spec_document.spec_id for no key update;
  if not found then
    perform codered.refuse_missing('spec', keep_spec_document.spec_id::text);
  end if;
  if kept.project_id is null then
    perform codered.refuse_state('specs.project_id', 'null', 'a spec that belongs to a project');
  end if;
  if kept.document_bytes is null then
    update codered.specs s
    set
      content = told.content,
      document_bytes = coalesce(octet_length(told.content), told.bytes),
      document_sha256 = coalesce(encode(sha256(convert_to(told.content, 'UTF8')), 'hex'), told.sha256),
      -- Known before it lies there: nothing is put there without a row that names it.
      object_path = case when told.content is null then s.project_id || '/specs/' || s.id end
    where s.id = kept.id
    returning * into kept;
  end if;
  return case when kept.object_stored_at is null and kept.document_sha256 = told.sha256 then kept.object_path end;
end
$$;
comment on function codered.keep_spec_document(uuid, jsonb) is
  'Keeps the document of a spec that came by API or mail: {content} of up to 262144 bytes, or {bytes, sha256} of a larger one. Returns the path in the object store where the document is still to be put (then call keep_spec_object), null when nothing is. What is kept already stays. CR002, CR003, CR004.';
revoke execute on function codered.keep_spec_document from public;
grant execute on function codered.keep_spec_document to service_role;

create function codered.keep_spec_object(spec_id uuid)
returns void
language sql
set search_path = ''
as $$
  update codered.specs s
  set object_stored_at = now()
  where s.id = keep_spec_object.spec_id and s.object_path is not null and s.object_stored_at is null
$$;
comment on function codered.keep_spec_object(uuid) is 'Notes that a spec''s document lies at its object_path now; done twice, it changes nothing.';
revoke execute on function codered.keep_spec_object from public;
grant execute on function codered.keep_spec_object to service_role;

-- Where specs come from: pushes to a repository, the API and mail.

create function codered.take_spec_by_name(full_name text, spec jsonb, label text default null, dod jsonb default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  repository codered.repositories;
  taken jsonb;
  planned jsonb;
begin
  select r.* into repository
  from codered.repositories r
  join codered.installations i on i.id = r.installation_id and i.suspended_at is null and i.deleted_at is null
  where r.id = codered.find_repository(split_part(take_spec_by_name.full_name, '/', 1), split_part(take_spec_by_name.full_name, '/', 2));
  if not found then
    perform codered.refuse_missing('repository', take_spec_by_name.full_name);
  end if;
  if coalesce(take_spec_by_name.spec ->> 'branch', repository.default_branch) is null then
    perform codered.refuse_value('specs.branch', 'null'::text, 'the name of a branch, while the default branch is not known');
  end if;
  taken := codered.ingest_spec(
    take_spec_by_name.spec
      || jsonb_build_object(
        'repository_id', repository.id,
        'branch', coalesce(take_spec_by_name.spec ->> 'branch', repository.default_branch)));
  if take_spec_by_name.dod is not null then
    planned := codered.plan_sprint((taken ->> 'id')::uuid, take_spec_by_name.label, take_spec_by_name.dod);
    perform codered.queue_spec_reports(repository.id, taken ->> 'branch');
  end if;
  return jsonb_build_object('repository_id', repository.id, 'spec', taken, 'sprint', planned);
end
$$;
comment on function codered.take_spec_by_name(text, jsonb, text, jsonb) is
  'ingest_spec for the repository owner/name on which CodeRed is installed, on its default branch unless the spec names one, and plan_sprint on it when dod is given, which has the branch''s open pull requests judged anew, all or nothing; returns {repository_id, spec, sprint}. Done twice, it changes nothing. CR002, CR003, CR004.';
revoke execute on function codered.take_spec_by_name from public;
grant execute on function codered.take_spec_by_name to service_role;

create function codered.spec_paths(files text[])
returns text[]
language sql
immutable
set search_path = ''
as $$
  select coalesce(array_agg(told.path order by told.path), '{}')
  from (
    select distinct f.path
    from unnest(spec_paths.files) as f (path)
    where f.path ~ '^(\.codered/)?specs/(.*/)?[^/]+\.(md|ya?ml)$' and char_length(f.path) <= 2000
    order by f.path
    limit 20
  ) as told
$$;
comment on function codered.spec_paths(text[]) is
  'Those of the files that may be specs: Markdown and YAML under specs/ and .codered/specs/, the first 20 in the order of their names.';
revoke execute on function codered.spec_paths from public;
grant execute on function codered.spec_paths to service_role;

create function codered.queue_specs(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select f.*, codered.spec_paths(f.files) as specs
    from rows from (
      json_to_recordset(queue_specs.commits) as (repository_id bigint, sha text, ref text, author text, files text[], is_ref_reset boolean)
    ) with ordinality as f (repository_id, sha, ref, author, files, is_ref_reset, place)
    where f.ref like 'refs/heads/%' and f.ref not like 'refs/heads/gh-readonly-queue/%'
  ), pushes as (
    -- What counts is how a push leaves the branch: its last commit, with all that the push touched.
    select
      t.repository_id, substr(t.ref, 12) as branch,
      (array_agg(t.sha order by t.place desc))[1] as sha,
      (array_agg(t.author order by t.place desc) filter (where t.specs <> '{}'))[1] as author,
      codered.spec_paths(
        array(select p from told o, unnest(o.specs) as p where o.repository_id = t.repository_id and o.ref = t.ref)
      ) as paths,
      -- A push by force may take a change of it back, of which no commit tells; and GitHub lists no more files than that.
      bool_or('.github/codered.yml' = any (t.files) or cardinality(t.files) >= 5000 or coalesce(t.is_ref_reset, false)) as reads_policy
    from told t
    group by t.repository_id, t.ref
  ), queued as (
    select codered.queue_job(
      r.project_id, 'plan_sprint',
      jsonb_build_object('repository_id', p.repository_id, 'sha', p.sha, 'branch', p.branch, 'paths', p.paths, 'author', p.author,
        'reads_policy', p.reads_policy and p.branch = r.default_branch),
      'specs:' || p.repository_id || ':' || p.sha)
    from pushes p
    join codered.repositories r on r.id = p.repository_id
    where (p.paths <> '{}' or (p.reads_policy and p.branch = r.default_branch))
      -- What was given up is tried again when it is told again.
      and not exists (
        select from codered.agent_jobs j where j.dedupe_key = 'specs:' || p.repository_id || ':' || p.sha and j.status <> 'failed'
      )
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_specs(json) is
  'Queues the reading of the specs that commits of a push to a branch brought, and of the policy file where the push may have changed it on the default branch, once for each head; returns how many were queued.';
revoke execute on function codered.queue_specs from public;
grant execute on function codered.queue_specs to service_role;

create function codered.read_spec_place(repository_id bigint)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('installation_id', r.installation_id, 'owner', r.owner, 'name', r.name)
  from codered.repositories r
  where r.id = read_spec_place.repository_id and r.deleted_at is null
$$;
comment on function codered.read_spec_place(bigint) is 'Where a repository''s specs are read; null when it is unknown or gone.';
revoke execute on function codered.read_spec_place from public;
grant execute on function codered.read_spec_place to service_role;

create function codered.take_spec(spec jsonb, label text default null, dod_json jsonb default null, problem text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  taken codered.specs;
  planned jsonb;
  wrong text := left(take_spec.problem, 500);
  repository constant bigint := (take_spec.spec ->> 'repository_id')::bigint;
begin
  taken := jsonb_populate_record(null::codered.specs, codered.ingest_spec(take_spec.spec));
  -- A later push of the same file was read first: what this one asks for is over.
  if wrong is null and take_spec.dod_json is not null and not exists (
    select
    from codered.specs s
    join codered.commits later on later.repository_id = repository and later.sha = s.sha
    join codered.commits c on c.repository_id = repository and c.sha = taken.sha and later.pushed_at > c.pushed_at
    where s.project_id = taken.project_id and s.repo = taken.repo and s.branch = taken.branch and s.storage_path = taken.storage_path
      and s.template_id is null
  ) then
    begin
      planned := codered.plan_sprint(taken.id, take_spec.label, take_spec.dod_json);
    exception
      when sqlstate 'CR002' or sqlstate 'CR003' then
        wrong := left(sqlerrm, 500);
    end;
  end if;
  if wrong is not null and not exists (
    select
    from codered.events e
    where e.project_id = taken.project_id and e.event_type = 'status.FAILED' and e.payload -> 'metadata' ->> 'spec_id' = taken.id::text
  ) then
    perform codered.append_status(
      taken.project_id, null, 'FAILED', left(format('%s of %s plans no sprint', taken.storage_path, taken.repo), 500),
      jsonb_build_object('spec_id', taken.id, 'branch', taken.branch, 'storage_path', taken.storage_path, 'sha', taken.sha, 'problem', wrong));
  end if;
  if planned is not null then
    perform codered.queue_spec_reports(repository, taken.branch);
  end if;
  return jsonb_build_object('spec_id', taken.id, 'sprint_id', planned -> 'id', 'problem', wrong);
end
$$;
comment on function codered.take_spec(jsonb, text, jsonb, text) is
  'Takes a pushed spec in (keys as ingest_spec has them, with repository_id), plans its sprint unless dod_json is null, and has up to 100 open pull requests of its branch judged anew: all or nothing, and done twice it changes nothing. A problem, told or found, becomes one status event FAILED instead of a sprint. Returns {spec_id, sprint_id, problem}. CR002, CR004.';
revoke execute on function codered.take_spec from public;
grant execute on function codered.take_spec to service_role;

create function codered.queue_spec_reports(repository_id bigint, branch text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', asked.head_sha),
    'report:' || r.id || ':' || asked.head_sha)
  from codered.repositories r
  cross join lateral (
    select pr.head_sha
    from codered.pull_requests pr
    where pr.repository_id = r.id and pr.state = 'open'
      and (
        pr.base_ref = queue_spec_reports.branch
        or (pr.head_ref = queue_spec_reports.branch and pr.head_repository_id = r.id))
    order by pr.head_ref = queue_spec_reports.branch desc, pr.number desc
    limit 100
  ) as asked
  where r.id = queue_spec_reports.repository_id
$$;
comment on function codered.queue_spec_reports(bigint, text) is
  'Has up to 100 open pull requests of a branch judged anew, its own before those into it, because a spec plans a sprint there.';
revoke execute on function codered.queue_spec_reports from public;
grant execute on function codered.queue_spec_reports to service_role;

-- Sprints: the Definition of Done of a spec.

create function codered.accept_dod(what text, dod jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  key text;
  value jsonb;
  allowed text;
begin
  if jsonb_typeof(dod) <> 'object' then
    raise exception '% is %; allowed: an object of coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check.', what, left(dod::text, 80)
      using errcode = 'CR002';
  end if;
  for key, value in select * from jsonb_each(dod) loop
    allowed := case
      when key = 'coverage_min' then
        case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 1 then null
          else 'a share from 0 to 1, so 80 % is 0.80' end
      when key = 'lighthouse_min' then
        case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 100 then null
          else 'a score from 0 to 100' end
      when key in ('e2e_pass', 'lint_pass', 'type_check') then
        case when jsonb_typeof(value) = 'boolean' then null else 'true or false' end
      else 'the keys coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check'
    end;
    if allowed is not null then
      raise exception '%.% is %; allowed: %.', what, left(key, 80), left(value::text, 80), allowed
        using errcode = 'CR002';
    end if;
  end loop;
  return true;
end
$$;
comment on function codered.accept_dod(text, jsonb) is
  'True for a Definition of Done as document 001 has it; raises CR002 with key, value and what is allowed otherwise.';
revoke execute on function codered.accept_dod from public;
grant execute on function codered.accept_dod to authenticated, service_role;

create table codered.sprints (
  id uuid primary key default gen_random_uuid(),
  spec_id uuid not null references codered.specs (id) on delete no action,
  project_id uuid references codered.projects (id) on delete cascade,
  label text not null,
  dod_json jsonb not null,
  state text not null default 'PLANNED',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sprints_spec_label_key unique (spec_id, label),
  constraint sprints_label_length check (char_length(label) between 1 and 200 or codered.refuse_value('sprints.label', label, '1 to 200 characters')),
  constraint sprints_dod_json_check check (codered.accept_dod('sprints.dod_json', dod_json)),
  constraint sprints_state_check
    check (state in ('PLANNED', 'RUNNING', 'DONE', 'FAILED') or codered.refuse_value('sprints.state', state, 'PLANNED, RUNNING, DONE, FAILED'))
);
comment on table codered.sprints is 'A stretch of work on a spec, with the Definition of Done that ends it.';
comment on column codered.sprints.dod_json is
  'coverage_min 0..1, e2e_pass, lighthouse_min 0..100, lint_pass, type_check; each key that is present is one gate.';
comment on column codered.sprints.state is 'Follows the newest run: PLANNED, RUNNING, then DONE or FAILED; a run again takes it back to RUNNING.';
create index sprints_project_id_idx on codered.sprints (project_id, created_at desc);
alter table codered.sprints enable row level security;
create policy sprints_read on codered.sprints for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.sprints to authenticated;
grant select, insert, update, delete on codered.sprints to service_role;
create trigger sprints_touch before update on codered.sprints
  for each row execute function codered.touch_updated_at();
create trigger sprints_same_project before insert or update of project_id, spec_id on codered.sprints
  for each row execute function codered.refuse_foreign_project('spec_id:specs');

create function codered.keep_sprint_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  allowed constant text[] := case old.state when 'PLANNED' then '{RUNNING}' when 'RUNNING' then '{DONE,FAILED}' else '{RUNNING}' end;
begin
  if old.state <> 'PLANNED' and (new.spec_id, new.label, new.dod_json) is distinct from (old.spec_id, old.label, old.dod_json) then
    perform codered.refuse_state('sprints.state', old.state, 'PLANNED, to change spec_id, label or dod_json');
  end if;
  -- A word that is no state at all is the CHECK's to refuse.
  if new.state <> old.state and new.state in ('PLANNED', 'RUNNING', 'DONE', 'FAILED') and new.state <> all (allowed) then
    perform codered.refuse_state('sprints.state', new.state, format('%s after %s', array_to_string(allowed, ' or '), old.state));
  end if;
  return new;
end
$$;
comment on function codered.keep_sprint_state() is
  'Lets a sprint go PLANNED, RUNNING, DONE or FAILED, RUNNING again (CR003 otherwise); what it asks for is fixed once it has run.';
revoke execute on function codered.keep_sprint_state from public;

create trigger sprints_state before update on codered.sprints
  for each row execute function codered.keep_sprint_state();

create function codered.plan_sprint(spec_id uuid, label text, dod_json jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  spec codered.specs;
  planned jsonb;
begin
  select s.* into spec from codered.specs s where s.id = plan_sprint.spec_id;
  if not found then
    perform codered.refuse_missing('spec', plan_sprint.spec_id::text);
  end if;
  if spec.project_id is null then
    perform codered.refuse_state('specs.project_id', 'null', 'a spec that belongs to a project');
  end if;
  if plan_sprint.label is null then
    perform codered.refuse_value('sprints.label', 'null'::text, '1 to 200 characters');
  end if;
  if plan_sprint.dod_json is null then
    perform codered.refuse_value(
      'sprints.dod_json', 'null'::text, 'an object of coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check');
  end if;
  insert into codered.sprints as s (spec_id, project_id, label, dod_json)
  values (spec.id, spec.project_id, plan_sprint.label, plan_sprint.dod_json)
  on conflict on constraint sprints_spec_label_key do update
    set dod_json = excluded.dod_json
    where s.dod_json is distinct from excluded.dod_json
  returning to_jsonb(s) || jsonb_build_object('is_new', s.xmax = 0) into planned;
  if planned is null then
    select to_jsonb(s) || '{"is_new": false}' into planned
    from codered.sprints s
    where s.spec_id = plan_sprint.spec_id and s.label = plan_sprint.label;
    return planned;
  end if;
  perform codered.append_status(
    spec.project_id, null, 'PLANNING', 'Sprint ' || plan_sprint.label,
    jsonb_build_object('spec_id', spec.id, 'sprint_id', planned -> 'id', 'label', plan_sprint.label, 'dod_json', plan_sprint.dod_json));
  return planned;
end
$$;
comment on function codered.plan_sprint(uuid, text, jsonb) is
  'Makes the sprint of that label, or changes its Definition of Done while it is PLANNED, with a status event PLANNING; returns its row and is_new. Told the same again it changes nothing. CR002, CR003, CR004.';
revoke execute on function codered.plan_sprint from public;
grant execute on function codered.plan_sprint to service_role;

create function codered.find_sprint(repository_id bigint, branches text[])
returns codered.sprints
language sql
stable
set search_path = ''
as $$
  select s
  from codered.repositories r
  join codered.specs p on p.project_id = r.project_id and p.repo = r.owner || '/' || r.name
  join codered.sprints s on s.spec_id = p.id
  where r.id = find_sprint.repository_id
    and p.branch = any (find_sprint.branches)
    and p.template_id is null
  order by array_position(find_sprint.branches, p.branch), s.created_at desc, s.id
  limit 1
$$;
comment on function codered.find_sprint(bigint, text[]) is
  'The newest sprint of the repository on the first of the branches that has one; null when none has.';
revoke execute on function codered.find_sprint from public;
grant execute on function codered.find_sprint to service_role;

-- Runs of sprints and workflows: how each went, and what a sprint became by it.
--
-- A gate run evaluates a Definition of Done on a commit: it has a sprint or a repository, its gates wait for nobody, and
-- whoever evaluates says when it is finished (finish_run). Any other run is a workflow run: its gates come one after the other
-- and the last one that passes completes it (finish_gate). Locks are always taken in this order: sprint, run, gates.

create function codered.accept_summary(what text, summary jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  key text;
  value jsonb;
  allowed text;
  suite text;
  counts jsonb;
begin
  if jsonb_typeof(summary) <> 'object' then
    raise exception '% is %; allowed: an object of status, tests, lighthouse, artifacts, duration_seconds.', what, left(summary::text, 80)
      using errcode = 'CR002';
  end if;
  for key, value in select * from jsonb_each(summary) loop
    allowed := case
      when key = 'status' then case when value in ('"PASSED"', '"FAILED"') then null else 'PASSED, FAILED' end
      when key not in ('tests', 'lighthouse', 'artifacts', 'duration_seconds')
        then 'the keys status, tests, lighthouse, artifacts, duration_seconds'
      -- Nothing was measured.
      when value = 'null' then null
      when key = 'tests' then
        case when jsonb_typeof(value) = 'object' then null else 'an object: suite to {passed, failed, skipped, coverage}, or null' end
      when key = 'lighthouse' then
        case
          when jsonb_typeof(value) = 'object' and (
            value -> 'score' = 'null' or jsonb_typeof(value -> 'score') = 'number' and (value ->> 'score')::numeric between 0 and 100)
          then null else '{"score": 0 to 100}, or null'
        end
      when key = 'artifacts' then
        case when jsonb_typeof(value) = 'array' and not value @? 'strict $[*] ? (@.type() != "string")' then null else 'a list of names, or null' end
      else case when jsonb_typeof(value) = 'number' and value::text::numeric >= 0 then null else '0 or more, or null' end
    end;
    if allowed is not null then
      raise exception '%.% is %; allowed: %.', what, left(key, 80), left(value::text, 80), allowed using errcode = 'CR002';
    end if;
  end loop;
  for suite, counts in select * from jsonb_each(coalesce(nullif(summary -> 'tests', 'null'), '{}')) loop
    if jsonb_typeof(counts) <> 'object' then
      raise exception '%.tests.% is %; allowed: an object of passed, failed, skipped, coverage.', what, left(suite, 80), left(counts::text, 80)
        using errcode = 'CR002';
    end if;
    for key, value in select * from jsonb_each(counts) loop
      allowed := case
        when key not in ('passed', 'failed', 'skipped', 'coverage') then 'the keys passed, failed, skipped, coverage'
        when value = 'null' then null
        when key = 'coverage' then
          case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 1 then null else 'a share from 0 to 1, or null' end
        else case when jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]+$' then null else 'a whole number, 0 or more, or null' end
      end;
      if allowed is not null then
        raise exception '%.tests.%.% is %; allowed: %.', what, left(suite, 80), left(key, 80), left(value::text, 80), allowed
          using errcode = 'CR002';
      end if;
    end loop;
  end loop;
  return true;
end
$$;
comment on function codered.accept_summary(text, jsonb) is
  'True for a run''s summary as document 001 has it, null being what is not known; raises CR002 with key, value and what is allowed otherwise.';
revoke execute on function codered.accept_summary from public;
grant execute on function codered.accept_summary to authenticated, service_role;

create table codered.runs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  sprint_id uuid references codered.sprints (id) on delete cascade,
  spec_id uuid references codered.specs (id) on delete no action,
  user_id uuid references codered.profiles (id) on delete set null,
  ci_event_id uuid references codered.ci_events (id) on delete set null,
  ci_run_id text,
  repository_id bigint references codered.repositories (id) on delete cascade,
  pull_request_number integer,
  commit_sha text,
  intent jsonb,
  project_slug text,
  display_name text,
  status text not null default 'pending',
  current_gate text,
  pause_reason text,
  result text,
  summary_json jsonb,
  total_gates integer not null default 0,
  gates_passed integer not null default 0,
  gates_failed integer not null default 0,
  total_tokens_in bigint not null default 0,
  total_tokens_out bigint not null default 0,
  total_cost_usd numeric(14, 6) not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  is_apps boolean not null,
  dod_state text,
  deployed_to text[] not null default '{}',
  constraint runs_status_check check (
    status in ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')
    or codered.refuse_value('runs.status', status, 'pending, running, paused, completed, failed, cancelled')),
  constraint runs_result_check check (
    result is not distinct from (case status when 'completed' then 'PASSED' when 'failed' then 'FAILED' end)
    or codered.refuse_value('runs.result', coalesce(result, 'null'), 'PASSED once status is completed, FAILED once it is failed, else null')),
  constraint runs_started_at_check check (case status when 'pending' then started_at is null when 'cancelled' then true else started_at is not null end),
  constraint runs_finished_at_check check ((finished_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  constraint runs_pause_reason_check check ((pause_reason is not null) = (status = 'paused')),
  constraint runs_summary_json_check check (codered.accept_summary('runs.summary_json', summary_json)),
  constraint runs_intent_bytes check (octet_length(intent::text) <= 262144 or codered.refuse_value('runs.intent', octet_length(intent::text), 'at most 262144 bytes')),
  constraint runs_display_name_length
    check (char_length(display_name) <= 500 or codered.refuse_value('runs.display_name', display_name, 'at most 500 characters')),
  constraint runs_pause_reason_length
    check (char_length(pause_reason) between 1 and 2000 or codered.refuse_value('runs.pause_reason', pause_reason, '1 to 2000 characters')),
  constraint runs_pull_request_number_check
    check (pull_request_number > 0 or codered.refuse_value('runs.pull_request_number', pull_request_number, '1 or more')),
  constraint runs_commit_sha_check check (
    commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('runs.commit_sha', commit_sha, '40 or 64 hexadecimal digits')),
  constraint runs_dod_state_check check (
    dod_state in ('met', 'failed', 'unmeasured') or codered.refuse_value('runs.dod_state', dod_state, 'met, failed, unmeasured'))
);
comment on table codered.runs is
  'One execution of a spec or, for a pull request, one evaluation of its Definition of Done on one commit.';
comment on column codered.runs.user_id is 'Who started it; null for the app''s own runs (is_apps), and when that person is gone.';
comment on column codered.runs.ci_run_id is 'GitHub''s id of the run that moved it last; all that it rests on are in run_ci_events.';
comment on column codered.runs.summary_json is '{"status", "tests": {"<suite>": {"passed", "failed", "skipped", "coverage"}}, "lighthouse": {"score"}, "artifacts", "duration_seconds"}; null is what was not measured.';
comment on column codered.runs.total_gates is 'This and the totals beside it are kept by trigger from gate_executions: each gate counts with its newest attempt, tokens and cost with every attempt.';
comment on column codered.runs.total_cost_usd is 'US dollars.';
comment on column codered.runs.finished_at is 'When it was completed, failed or cancelled (completed_at of document 004).';
comment on column codered.runs.is_apps is
  'Whether it is the app''s own (the gate''s), which every member of the organisation may read. Said when it is made; a person who is deleted leaves false.';
comment on column codered.runs.dod_state is
  'What the gate measured of what its sprint asks for itself, whatever else a policy asks for: met, failed, unmeasured (also: waved through). Null: no sprint, or whoever ended the run says it.';
comment on column codered.runs.deployed_to is
  'Names of the production environments whose deployments hold its commit, each told once by a status event DEPLOYED.';
create unique index runs_gate_key on codered.runs (repository_id, commit_sha, sprint_id) nulls not distinct
  where repository_id is not null and commit_sha is not null;
create index runs_project_id_idx on codered.runs (project_id, created_at desc);
create index runs_sprint_id_idx on codered.runs (sprint_id);
create index runs_spec_id_idx on codered.runs (spec_id);
create index runs_user_id_idx on codered.runs (user_id);
create index runs_ci_event_id_idx on codered.runs (ci_event_id);
create index runs_pull_request_idx on codered.runs (repository_id, pull_request_number);
create index runs_status_idx on codered.runs (status);
create index runs_created_at_idx on codered.runs (created_at desc);
alter table codered.runs enable row level security;
create policy runs_insert on codered.runs for insert to authenticated with check (
  user_id = (select auth.uid())
  and repository_id is null and sprint_id is null
  and (project_id is null or project_id in (select codered.my_projects()))
  -- Only what they may read, by the policy of specs itself.
  and (spec_id is null or exists (select from codered.specs s where s.id = runs.spec_id))
);
create policy runs_read on codered.runs for select to authenticated using (
  user_id = (select auth.uid())
  or (is_apps and project_id in (select codered.my_projects()))
  or (select codered.is_operator())
);
grant select on codered.runs to authenticated;
grant insert (id, project_id, spec_id, user_id, intent, project_slug, display_name) on codered.runs to authenticated;
grant select, insert, update, delete on codered.runs to service_role;
create trigger runs_touch before update on codered.runs
  for each row execute function codered.touch_updated_at();
create trigger runs_same_project before insert or update of project_id, sprint_id, ci_event_id on codered.runs
  for each row execute function codered.refuse_foreign_project('sprint_id:sprints', 'ci_event_id:ci_events');
create trigger runs_events after insert or update or delete on codered.runs
  for each row execute function codered.append_event('run',
    'total_gates,gates_passed,gates_failed,total_tokens_in,total_tokens_out,total_cost_usd,ci_event_id,ci_run_id,dod_state,deployed_to');
create trigger runs_owner_kind before insert or update of is_apps on codered.runs
  for each row execute function codered.keep_owner_kind();

create policy events_insert on codered.events for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and (project_id is null or project_id in (select codered.my_projects()))
    -- What the triggers and the app tell is not for a member to claim.
    and event_type like 'note.%'
    -- A timeline is read by these ids: nobody writes into that of another project.
    and (task_id is null or exists (select from codered.tasks t where t.id = events.task_id and t.project_id = events.project_id))
    and (run_id is null or exists (select from codered.runs r where r.id = events.run_id and r.project_id is not distinct from events.project_id))
  );

create table codered.run_ci_events (
  run_id uuid not null references codered.runs (id) on delete cascade,
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (run_id, ci_event_id)
);
comment on table codered.run_ci_events is 'The CI runs that an evaluation rests on.';
create index run_ci_events_ci_event_id_idx on codered.run_ci_events (ci_event_id);
alter table codered.run_ci_events enable row level security;
-- Not "exists": that may be answered by reading every run there is, this is one look at the key for each row.
create policy run_ci_events_read on codered.run_ci_events for select to authenticated
  using ((select true from codered.runs r where r.id = run_ci_events.run_id));
grant select on codered.run_ci_events to authenticated;
grant select, insert, update, delete on codered.run_ci_events to service_role;
create trigger run_ci_events_touch before update on codered.run_ci_events
  for each row execute function codered.touch_updated_at();

create view codered.status_events
with (security_invoker = true)
as
select
  e.id,
  e.run_id,
  substr(e.event_type, 8) as phase,
  e.payload ->> 'message' as message,
  e.payload -> 'metadata' as metadata,
  e.created_at
from codered.events e
where e.event_type in (
  'status.SPEC_RECEIVED', 'status.PLANNING', 'status.BUILD', 'status.TESTS_PASSED', 'status.FAILED', 'status.MERGED',
  'status.GATE_PASSED', 'status.GATE_FAILED', 'status.OVERRIDDEN', 'status.DEPLOYED');
comment on view codered.status_events is
  'How specs, sprints and runs are doing, out of events; can be inserted into, never changed. Order by id.';
comment on column codered.status_events.phase is
  'SPEC_RECEIVED, PLANNING, BUILD, TESTS_PASSED, FAILED, MERGED, GATE_PASSED, GATE_FAILED, OVERRIDDEN, DEPLOYED.';
comment on column codered.status_events.run_id is 'Null before there is a run; then metadata has the spec_id.';
revoke all on codered.status_events from anon, authenticated, service_role;
grant select on codered.status_events to authenticated, service_role;
grant insert on codered.status_events to service_role;

create trigger status_events_append_only instead of update or delete on codered.status_events
  for each row execute function codered.refuse_change();

create function codered.append_status(
  project_id uuid, run_id uuid, phase text, message text, metadata jsonb, created_at timestamptz default null
)
returns codered.events
language plpgsql
set search_path = ''
as $$
declare
  appended codered.events;
begin
  if coalesce(append_status.phase, '') not in (
    'SPEC_RECEIVED', 'PLANNING', 'BUILD', 'TESTS_PASSED', 'FAILED', 'MERGED', 'GATE_PASSED', 'GATE_FAILED', 'OVERRIDDEN', 'DEPLOYED'
  ) then
    perform codered.refuse_value('status_events.phase', coalesce(append_status.phase, 'null'),
      'SPEC_RECEIVED, PLANNING, BUILD, TESTS_PASSED, FAILED, MERGED, GATE_PASSED, GATE_FAILED, OVERRIDDEN, DEPLOYED');
  end if;
  if jsonb_typeof(append_status.metadata) not in ('object', 'null') then
    perform codered.refuse_value('status_events.metadata', append_status.metadata, 'a JSON object');
  end if;
  insert into codered.events (project_id, run_id, event_type, payload, created_at)
  values (
    append_status.project_id,
    append_status.run_id,
    'status.' || append_status.phase,
    jsonb_build_object('message', append_status.message, 'metadata', coalesce(nullif(append_status.metadata, 'null'), '{}')),
    coalesce(append_status.created_at, now())
  )
  returning * into appended;
  return appended;
end
$$;
comment on function codered.append_status(uuid, uuid, text, text, jsonb, timestamptz) is
  'Appends one status event of a project and returns its row of events. CR002: the phase is none of the ten, metadata is no object.';
revoke execute on function codered.append_status from public;
grant execute on function codered.append_status to service_role;

create function codered.insert_status_event()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  project uuid;
  appended codered.events;
begin
  if new.run_id is not null then
    select r.project_id into project from codered.runs r where r.id = new.run_id;
    if not found then
      perform codered.refuse_missing('run', new.run_id::text);
    end if;
  end if;
  appended := codered.append_status(project, new.run_id, new.phase, new.message, new.metadata, new.created_at);
  new.id := appended.id;
  new.metadata := appended.payload -> 'metadata';
  new.created_at := appended.created_at;
  return new;
end
$$;
comment on function codered.insert_status_event() is 'Makes a row of events of what is inserted into status_events; the project is the run''s.';
revoke execute on function codered.insert_status_event from public;

create trigger status_events_insert instead of insert on codered.status_events
  for each row execute function codered.insert_status_event();

create function codered.write_status_event(run_id uuid, phase text, message text default null, metadata jsonb default '{}')
returns jsonb
language sql
set search_path = ''
as $$
  insert into codered.status_events as s (run_id, phase, message, metadata)
  values (write_status_event.run_id, write_status_event.phase, write_status_event.message, write_status_event.metadata)
  returning to_jsonb(s)
$$;
comment on function codered.write_status_event(uuid, text, text, jsonb) is
  'Appends a status event of a run and returns it as status_events has it. CR002: the phase is none of the ten, metadata is no object; CR004: no such run.';
revoke execute on function codered.write_status_event from public;
grant execute on function codered.write_status_event to service_role;

create function codered.keep_run_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  is_gate_run constant boolean := new.sprint_id is not null or new.repository_id is not null;
  is_over constant boolean := new.status in ('completed', 'failed', 'cancelled');
  allowed text[];
begin
  if tg_op = 'UPDATE' then
    if new.status = old.status then
      return new;
    end if;
    allowed := case old.status
      when 'pending' then '{running,cancelled}'
      when 'running' then '{paused,completed,failed,cancelled}'
      when 'paused' then '{running,cancelled}'
      when 'cancelled' then '{}'
      else case when is_gate_run then '{running}' else '{}' end
    end;
    -- A word that is no status at all is the CHECK's to refuse.
    if new.status in ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled') and new.status <> all (allowed) then
      perform codered.refuse_state(
        'runs.status', new.status,
        format('%s after %s', coalesce(nullif(array_to_string(allowed, ' or '), ''), 'nothing'), old.status));
    end if;
  end if;
  -- What somebody says beside the status is left as it is, for the CHECKs to judge.
  if new.result is not distinct from old.result then
    new.result := case new.status when 'completed' then 'PASSED' when 'failed' then 'FAILED' end;
  end if;
  if new.pause_reason is not distinct from old.pause_reason and new.status <> 'paused' then
    new.pause_reason := null;
  end if;
  if new.finished_at is not distinct from old.finished_at then
    new.finished_at := case when is_over then now() end;
  end if;
  if new.started_at is not distinct from old.started_at
    and (new.status = 'running' and old.finished_at is not null or new.started_at is null and new.status not in ('pending', 'cancelled'))
  then
    new.started_at := now();
  end if;
  return new;
end
$$;
comment on function codered.keep_run_state() is
  'Lets a run go pending, running, paused, running, completed or failed; cancelled from where it is not over; and back to running only a gate run that is evaluated again (CR003 otherwise). Keeps result, started_at, finished_at and pause_reason in step.';
revoke execute on function codered.keep_run_state from public;

create trigger runs_state before insert or update on codered.runs
  for each row execute function codered.keep_run_state();

create function codered.follow_runs()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  followed uuid[];
begin
  select array_agg(distinct c.sprint_id) into followed from changed c where c.sprint_id is not null;
  if tg_op = 'UPDATE' then
    select array_agg(distinct b.sprint_id) || followed into followed from before b where b.sprint_id is not null;
  end if;
  if followed is null then
    return null;
  end if;
  -- Two runs of one sprint may end at once: the second waits here, and then sees what the first has done.
  perform 1 from codered.sprints s where s.id = any (followed) order by s.id for no key update;
  with wanted as (
    select distinct on (r.sprint_id)
      r.sprint_id,
      case
        when r.status = 'completed' and coalesce(r.dod_state, 'met') = 'met' then 'DONE'
        when r.status in ('failed', 'cancelled') or r.status = 'completed' and r.dod_state = 'failed' then 'FAILED'
        else 'RUNNING'
      end as state
    from codered.runs r
    where r.sprint_id = any (followed)
    order by r.sprint_id, r.created_at desc, r.id desc
  )
  update codered.sprints s
  set state = 'RUNNING'
  from wanted w
  where s.id = w.sprint_id and s.state <> w.state and s.state <> 'RUNNING';
  with wanted as (
    select distinct on (r.sprint_id)
      r.sprint_id,
      case
        when r.status = 'completed' and coalesce(r.dod_state, 'met') = 'met' then 'DONE'
        when r.status in ('failed', 'cancelled') or r.status = 'completed' and r.dod_state = 'failed' then 'FAILED'
        else 'RUNNING'
      end as state
    from codered.runs r
    where r.sprint_id = any (followed)
    order by r.sprint_id, r.created_at desc, r.id desc
  )
  update codered.sprints s
  set state = w.state
  from wanted w
  where s.id = w.sprint_id and s.state <> w.state;
  return null;
end
$$;
comment on function codered.follow_runs() is
  'A sprint is RUNNING while its newest run (the one made last) is under way, then DONE, or FAILED, also when that run was cancelled. A run that was passed without what the sprint asks for leaves it RUNNING (dod_state).';
revoke execute on function codered.follow_runs from public;

create trigger runs_sprint_inserted after insert on codered.runs
  referencing new table as changed for each statement execute function codered.follow_runs();

create trigger runs_sprint_updated after update on codered.runs
  referencing old table as before new table as changed for each statement execute function codered.follow_runs();

create trigger runs_sprint_deleted after delete on codered.runs
  referencing old table as changed for each statement execute function codered.follow_runs();

create function codered.lock_run(run_id uuid)
returns codered.runs
language plpgsql
set search_path = ''
as $$
declare
  locked codered.runs;
begin
  perform 1
  from codered.sprints s
  where s.id = (select r.sprint_id from codered.runs r where r.id = lock_run.run_id)
  for no key update;
  select r.* into locked from codered.runs r where r.id = lock_run.run_id for no key update;
  if not found then
    perform codered.refuse_missing('run', lock_run.run_id::text);
  end if;
  return locked;
end
$$;
comment on function codered.lock_run(uuid) is
  'Locks a run, after its sprint, until the transaction ends, and returns it as it is then. CR004: there is none.';
revoke execute on function codered.lock_run from public;
grant execute on function codered.lock_run to service_role;

create function codered.start_run(run jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  told record;
  sprint codered.sprints;
  project uuid;
  started codered.runs;
  is_new boolean := false;
  is_again boolean := false;
begin
  perform codered.check_fields('runs', start_run.run, '{
    "sprint_id": "uuid", "ci_run_id": "text", "ci_event_id": "uuid", "repository_id": "bigint", "pull_request_number": "integer",
    "commit_sha": "text", "display_name": "text"}');
  select * into told
  from jsonb_to_record(start_run.run) as t(
    sprint_id uuid, ci_run_id text, ci_event_id uuid, repository_id bigint, pull_request_number integer, commit_sha text,
    display_name text);
  if told.sprint_id is not null then
    select s.* into sprint from codered.sprints s where s.id = told.sprint_id for no key update;
    if not found then
      perform codered.refuse_missing('sprint', told.sprint_id::text);
    end if;
  elsif told.repository_id is null or told.commit_sha is null then
    perform codered.refuse_value('runs.sprint_id', 'null'::text, 'a sprint, or a repository_id and a commit_sha');
  end if;
  if told.repository_id is not null then
    select r.project_id into project from codered.repositories r where r.id = told.repository_id;
    if not found then
      perform codered.refuse_missing('repository', told.repository_id::text);
    end if;
    if sprint.id is not null and project is distinct from sprint.project_id then
      raise exception 'runs.repository_id is "%": there is no such row of repositories in this project.', told.repository_id
        using errcode = 'CR007', table = 'runs', column = 'repository_id';
    end if;
  end if;
  select r.* into started
  from codered.runs r
  where r.sprint_id is not distinct from told.sprint_id
    and r.repository_id is not distinct from told.repository_id
    and r.commit_sha is not distinct from told.commit_sha
    -- Without a commit to know it by, a run is known by the CI run that it tells of.
    and (told.repository_id is not null and told.commit_sha is not null or r.ci_run_id = told.ci_run_id)
  order by r.created_at desc, r.id desc
  limit 1
  for no key update;
  if not found then
    insert into codered.runs
      (project_id, sprint_id, spec_id, repository_id, pull_request_number, commit_sha, ci_run_id, ci_event_id, display_name, status)
    values (
      coalesce(sprint.project_id, project), told.sprint_id, sprint.spec_id, told.repository_id, told.pull_request_number, told.commit_sha,
      told.ci_run_id, told.ci_event_id, coalesce(told.display_name, sprint.label), 'running'
    )
    on conflict (repository_id, commit_sha, sprint_id) where repository_id is not null and commit_sha is not null do nothing
    returning * into started;
    is_new := found;
    if not found then
      select r.* into started
      from codered.runs r
      where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id
      for no key update;
    end if;
  end if;
  if started.status in ('paused', 'cancelled') then
    perform codered.refuse_state(
      'runs.status', started.status, 'pending, running, completed or failed, to start it; a paused run is resumed with resume_run');
  end if;
  is_again := started.status in ('completed', 'failed');
  if not is_new then
    update codered.runs r
    set
      status = 'running',
      summary_json = case when is_again then null else r.summary_json end,
      dod_state = case when is_again then null else r.dod_state end,
      current_gate = case when is_again then null else r.current_gate end,
      ci_run_id = coalesce(told.ci_run_id, r.ci_run_id),
      ci_event_id = coalesce(told.ci_event_id, r.ci_event_id),
      pull_request_number = coalesce(told.pull_request_number, r.pull_request_number),
      display_name = coalesce(told.display_name, r.display_name)
    where r.id = started.id
    returning * into started;
  end if;
  if told.ci_event_id is not null then
    insert into codered.run_ci_events (run_id, ci_event_id) values (started.id, told.ci_event_id) on conflict do nothing;
  end if;
  if is_new or is_again then
    perform codered.make_gates(started.id, (
      select jsonb_agg(jsonb_build_object(
        'gate_id', d.key,
        'gate_name', case d.key
          when 'coverage_min' then 'Test coverage'
          when 'e2e_pass' then 'End-to-end tests'
          when 'lighthouse_min' then 'Lighthouse performance'
          when 'lint_pass' then 'Lint'
          else 'Type check'
        end,
        'phase', 'definition_of_done',
        'gate_order', 1,
        'max_attempts', 100))
      from jsonb_each(sprint.dod_json) d
    ));
    perform codered.append_status(
      started.project_id, started.id, 'BUILD', started.display_name,
      jsonb_strip_nulls(jsonb_build_object('sprint_id', started.sprint_id, 'ci_run_id', started.ci_run_id,
        'commit_sha', started.commit_sha, 'is_again', is_again)));
    -- Read again: its gates have been counted since.
    select r.* into started from codered.runs r where r.id = started.id;
  end if;
  return to_jsonb(started) || jsonb_build_object('is_new', is_new, 'is_again', is_again);
end
$$;
comment on function codered.start_run(jsonb) is
  'Starts the evaluation of a sprint on a commit, or starts it again when it is over, with one pending gate for each key of the Definition of Done and a status event BUILD; returns its row, is_new and is_again. Told again while it runs it changes only what it is told. Keys: sprint_id, or repository_id and commit_sha (then without gates, see make_gates); ci_run_id, ci_event_id, pull_request_number, display_name. CR002, CR003, CR004, CR007.';
revoke execute on function codered.start_run from public;
grant execute on function codered.start_run to service_role;

create function codered.finish_run(run_id uuid, result text, summary_json jsonb default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  is_passed constant boolean := finish_run.result = 'PASSED';
  wanted constant text := case when finish_run.result = 'PASSED' then 'completed' else 'failed' end;
begin
  if coalesce(finish_run.result, 'null') not in ('PASSED', 'FAILED') then
    perform codered.refuse_value('runs.result', coalesce(finish_run.result, 'null'), 'PASSED, FAILED');
  end if;
  if finish_run.summary_json ->> 'status' <> finish_run.result then
    perform codered.refuse_value(
      'runs.summary_json.status', finish_run.summary_json ->> 'status', finish_run.result || ', as the result says');
  end if;
  run := codered.lock_run(finish_run.run_id);
  if run.status = wanted and (finish_run.summary_json is null or finish_run.summary_json = run.summary_json) then
    return to_jsonb(run);
  end if;
  if run.status <> 'running' then
    perform codered.refuse_state('runs.status', run.status, 'running, or finished with the same result and summary');
  end if;
  if is_passed and run.sprint_id is null and run.repository_id is null then
    perform codered.refuse_state('runs.status', run.status, 'FAILED only: what completes a workflow run is its last gate');
  end if;
  if is_passed and exists (select from codered.gate_executions g where g.run_id = run.id and g.status = 'running') then
    perform codered.refuse_state('gate_executions.status', 'running', 'no running gate when the run passes');
  end if;
  perform codered.close_gates(run.id, 'RUN_FAILED');
  update codered.runs r
  set status = wanted, summary_json = coalesce(finish_run.summary_json, r.summary_json)
  where r.id = run.id
  returning * into run;
  perform codered.append_status(
    run.project_id, run.id, case when is_passed then 'TESTS_PASSED' else 'FAILED' end, run.display_name,
    jsonb_strip_nulls(jsonb_build_object('sprint_id', run.sprint_id, 'commit_sha', run.commit_sha, 'result', run.result)));
  return to_jsonb(run);
end
$$;
comment on function codered.finish_run(uuid, text, jsonb) is
  'Ends a run as PASSED or FAILED, with a status event TESTS_PASSED or FAILED, and returns its row. Told the same again it changes nothing; told otherwise CR003. CR002: result, or a summary that is not in the shape of runs.summary_json or says another status; CR004.';
revoke execute on function codered.finish_run from public;
grant execute on function codered.finish_run to service_role;

create function codered.judge_sprint(run_id uuid)
returns text
language sql
stable
set search_path = ''
as $$
  with asked as (
    select d.key, d.value
    from codered.runs r
    join codered.sprints s on s.id = r.sprint_id
    cross join lateral jsonb_each(s.dod_json) as d
    -- A key that is false asks for nothing.
    where r.id = judge_sprint.run_id and d.value <> 'false'
  ), newest as (
    select distinct on (g.gate_id)
      g.gate_id, g.status,
      case when jsonb_typeof(g.validation_results -> 0 -> 'threshold') = 'number'
        then (g.validation_results -> 0 ->> 'threshold')::numeric end as threshold,
      case when jsonb_typeof(g.validation_results -> 0 -> 'measured') = 'number'
        then (g.validation_results -> 0 ->> 'measured')::numeric end as measured
    from codered.gate_executions g
    where g.run_id = judge_sprint.run_id
    order by g.gate_id, g.attempt_number desc
  ), judged as (
    select
      case
        when n.status = 'failed' then 'failed'
        when n.status is distinct from 'passed' then 'unmeasured'
        when jsonb_typeof(a.value) <> 'number' or num_nonnulls(n.threshold, n.measured) = 0 then 'met'
        -- The policy may have been content with less.
        when greatest(n.threshold, n.measured) >= (a.value #>> '{}')::numeric then 'met'
        when n.measured is not null then 'failed'
        else 'unmeasured'
      end as state
    from asked a
    left join newest n on n.gate_id = a.key
  )
  select case
    when r.sprint_id is null then null
    when 'failed' in (select j.state from judged j) then 'failed'
    when 'unmeasured' in (select j.state from judged j) then 'unmeasured'
    else 'met'
  end
  from codered.runs r
  where r.id = judge_sprint.run_id
$$;
comment on function codered.judge_sprint(uuid) is
  'What the gates of a run come to for its sprint''s own Definition of Done: met when every key was measured and passed at the sprint''s own threshold, failed when one was measured and did not, else unmeasured; null without a sprint.';
revoke execute on function codered.judge_sprint from public;
grant execute on function codered.judge_sprint to service_role;

create function codered.end_other_runs(run_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
  other record;
begin
  for other in
    select o.id, o.project_id, o.sprint_id, o.commit_sha, o.display_name
    from codered.runs r
    join codered.runs o on o.repository_id = r.repository_id and o.commit_sha = r.commit_sha and o.id <> r.id and o.status = 'running'
    where r.id = end_other_runs.run_id
    order by o.id
  loop
    update codered.gate_executions g
    set status = 'skipped', completed_at = now()
    where g.run_id = other.id and g.status in ('pending', 'running');
    -- Failed, and not cancelled: should its sprint be asked for again, it goes on.
    update codered.runs r set status = 'failed' where r.id = other.id;
    perform codered.append_status(
      other.project_id, other.id, 'FAILED', 'The commit is judged by another Definition of Done',
      jsonb_strip_nulls(jsonb_build_object(
        'sprint_id', other.sprint_id, 'commit_sha', other.commit_sha, 'reason', 'superseded', 'run_id', end_other_runs.run_id)));
  end loop;
end
$$;
comment on function codered.end_other_runs(uuid) is
  'Ends what runs on the same commit by another Definition of Done, with a status event FAILED: nobody would end it any more.';
revoke execute on function codered.end_other_runs from public;
grant execute on function codered.end_other_runs to service_role;

-- The gates of a run: started, finished, counted and paid for.

create table codered.gate_executions (
  id uuid primary key default gen_random_uuid(),
  run_id uuid not null references codered.runs (id) on delete cascade,
  gate_id text not null,
  gate_name text not null,
  phase text,
  gate_order integer not null,
  agent_slug text,
  model_id text references codered.models (id) on delete set null,
  model_provider text,
  status text not null default 'pending',
  attempt_number integer not null default 1,
  max_attempts integer not null default 3,
  prompt_packet text,
  raw_output text,
  validation_results jsonb not null default '[]',
  fail_codes text[] not null default '{}',
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  cost_usd numeric(14, 6),
  duration_ms integer not null default 0,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint gate_executions_attempt_key unique (run_id, gate_id, attempt_number),
  constraint gate_executions_gate_id_length
    check (char_length(gate_id) between 1 and 200 or codered.refuse_value('gate_executions.gate_id', gate_id, '1 to 200 characters')),
  constraint gate_executions_gate_name_length
    check (char_length(gate_name) between 1 and 500 or codered.refuse_value('gate_executions.gate_name', gate_name, '1 to 500 characters')),
  constraint gate_executions_gate_order_check
    check (gate_order >= 0 or codered.refuse_value('gate_executions.gate_order', gate_order, '0 or more')),
  constraint gate_executions_status_check check (
    status in ('pending', 'running', 'passed', 'failed', 'skipped', 'warning', 'missing', 'error', 'overridden')
    or codered.refuse_value('gate_executions.status', status,
      'pending, running, passed, failed, skipped, warning, missing, error, overridden')),
  constraint gate_executions_max_attempts_check
    check (max_attempts between 1 and 100 or codered.refuse_value('gate_executions.max_attempts', max_attempts, '1 to 100')),
  constraint gate_executions_attempt_number_check
    check (attempt_number >= 1 or codered.refuse_value('gate_executions.attempt_number', attempt_number, '1 or more')),
  constraint gate_executions_validation_results_check check (
    jsonb_typeof(validation_results) = 'array' or codered.refuse_value('gate_executions.validation_results', validation_results, 'a JSON array')),
  constraint gate_executions_fail_codes_check check (
    fail_codes::text ~ '^\{([A-Z][A-Z0-9_]*(,[A-Z][A-Z0-9_]*)*)?\}$'
    or codered.refuse_value('gate_executions.fail_codes', fail_codes, 'codes of A-Z, 0-9 and _')),
  constraint gate_executions_tokens_in_check check (tokens_in >= 0 or codered.refuse_value('gate_executions.tokens_in', tokens_in, '0 or more')),
  constraint gate_executions_tokens_out_check check (tokens_out >= 0 or codered.refuse_value('gate_executions.tokens_out', tokens_out, '0 or more')),
  constraint gate_executions_cost_usd_check check (cost_usd >= 0 or codered.refuse_value('gate_executions.cost_usd', cost_usd, '0 or more')),
  constraint gate_executions_duration_ms_check
    check (duration_ms >= 0 or codered.refuse_value('gate_executions.duration_ms', duration_ms, '0 or more')),
  constraint gate_executions_prompt_packet_bytes check (
    octet_length(prompt_packet) <= 8388608 or codered.refuse_value('gate_executions.prompt_packet', octet_length(prompt_packet), 'at most 8388608 bytes')),
  constraint gate_executions_raw_output_bytes check (
    octet_length(raw_output) <= 8388608 or codered.refuse_value('gate_executions.raw_output', octet_length(raw_output), 'at most 8388608 bytes'))
);
comment on table codered.gate_executions is 'One gate of a run in one attempt: a stage of a workflow, or a criterion of the Definition of Done.';
comment on column codered.gate_executions.gate_order is 'Place in the run; attempts of a gate share it.';
comment on column codered.gate_executions.status is 'missing, error and overridden are the gate''s on pull requests: waited for too long, could not be judged, waved through.';
comment on column codered.gate_executions.prompt_packet is 'What the model was sent; at most 8 MB.';
comment on column codered.gate_executions.validation_results is 'What was looked at: [{"type", "target", "passed", "severity", …}].';
comment on column codered.gate_executions.fail_codes is 'Why it did not pass, in codes: MISSING_ARTIFACT, COVERAGE_BELOW_MIN, …';
comment on column codered.gate_executions.cost_usd is 'US dollars; worked out from models when left out, null while the model''s price is unknown.';
create index gate_executions_run_id_idx on codered.gate_executions (run_id);
create index gate_executions_status_idx on codered.gate_executions (status);
create index gate_executions_gate_id_idx on codered.gate_executions (gate_id);
create index gate_executions_run_order_idx on codered.gate_executions (run_id, gate_order);
create index gate_executions_model_id_idx on codered.gate_executions (model_id);
create index gate_executions_created_at_idx on codered.gate_executions (created_at);
create index gate_executions_payload_idx on codered.gate_executions (completed_at) where prompt_packet is not null or raw_output is not null;
alter table codered.gate_executions enable row level security;
create policy gate_executions_read on codered.gate_executions for select to authenticated
  using ((select true from codered.runs r where r.id = gate_executions.run_id));
grant select on codered.gate_executions to authenticated;
grant select, insert, update, delete on codered.gate_executions to service_role;
create trigger gate_executions_touch before update on codered.gate_executions
  for each row execute function codered.touch_updated_at();

create view codered.active_runs
with (security_invoker = true)
as
select
  r.id,
  r.project_id,
  r.user_id,
  r.display_name,
  r.status,
  r.current_gate,
  r.pause_reason,
  r.total_cost_usd,
  r.spec_id,
  s.version,
  t.name as template_name,
  r.sprint_id,
  sp.label as sprint_label,
  r.repository_id,
  r.pull_request_number,
  r.commit_sha,
  r.gates_passed,
  r.gates_failed,
  r.total_gates,
  r.started_at
from codered.runs r
left join codered.projects p on p.id = r.project_id
left join codered.specs s on s.id = r.spec_id
left join codered.workflow_templates t on t.id = s.template_id
left join codered.sprints sp on sp.id = r.sprint_id
where r.status in ('running', 'paused') and p.deleted_at is null
order by r.started_at desc, r.id;
comment on view codered.active_runs is 'Runs that are running or paused, the one started last first; those of retired projects left out.';
comment on column codered.active_runs.version is 'The spec''s; null for a free spec and for a gate run without one.';
comment on column codered.active_runs.total_cost_usd is 'US dollars.';
revoke all on codered.active_runs from anon, authenticated, service_role;
grant select on codered.active_runs to authenticated, service_role;

create view codered.run_gate_timeline
with (security_invoker = true)
as
select
  g.id,
  g.run_id,
  r.project_id,
  g.gate_order,
  g.gate_id,
  g.gate_name,
  g.phase,
  g.status,
  g.attempt_number,
  g.max_attempts,
  g.agent_slug,
  g.model_id,
  g.model_provider,
  g.tokens_in,
  g.tokens_out,
  g.cost_usd,
  g.duration_ms,
  g.validation_results,
  g.fail_codes,
  g.started_at,
  g.completed_at,
  g.created_at
from codered.gate_executions g
join codered.runs r on r.id = g.run_id
left join codered.projects p on p.id = r.project_id
where p.deleted_at is null;
comment on view codered.run_gate_timeline is
  'Every attempt of every gate, without what models were sent and gave back. Ask for one run_id and order by gate_order, gate_id, attempt_number desc.';
comment on column codered.run_gate_timeline.cost_usd is 'US dollars; null while the model''s price is unknown.';
revoke all on codered.run_gate_timeline from anon, authenticated, service_role;
grant select on codered.run_gate_timeline to authenticated, service_role;

create view codered.cost_by_model
with (security_invoker = true)
as
select
  g.model_id,
  g.model_provider,
  count(*) as total_executions,
  sum(g.tokens_in) as total_tokens_in,
  sum(g.tokens_out) as total_tokens_out,
  sum(g.cost_usd) as total_cost,
  avg(g.duration_ms) as avg_duration_ms
from codered.gate_executions g
join codered.runs r on r.id = g.run_id
left join codered.projects p on p.id = r.project_id
where g.created_at >= date_trunc('month', now(), 'UTC')
  and g.status <> 'pending'
  and p.deleted_at is null
group by g.model_id, g.model_provider
order by sum(g.cost_usd) desc nulls last, g.model_id;
comment on view codered.cost_by_model is
  'What each model cost since the month began (UTC), dearest first, over the runs that the caller may see; gates without a model are one row with null.';
comment on column codered.cost_by_model.total_cost is 'US dollars; what has no known price is left out.';
revoke all on codered.cost_by_model from anon, authenticated, service_role;
grant select on codered.cost_by_model to authenticated, service_role;

create function codered.fill_gate_cost()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- A negative number is the CHECK's to refuse, by its own name.
  if new.model_id is null or least(new.tokens_in, new.tokens_out) < 0 then
    return new;
  end if;
  if new.model_provider is null or tg_op = 'UPDATE' and new.model_id is distinct from old.model_id
    and new.model_provider is not distinct from old.model_provider
  then
    select m.provider into new.model_provider from codered.models m where m.id = new.model_id;
  end if;
  -- A cost that was worked out follows its tokens; one that was told stays.
  if new.cost_usd is null or tg_op = 'UPDATE' and new.cost_usd is not distinct from old.cost_usd
    and (new.model_id, new.tokens_in, new.tokens_out) is distinct from (old.model_id, old.tokens_in, old.tokens_out)
    and old.cost_usd = codered.cost_of(old.model_id, old.tokens_in, old.tokens_out)
  then
    new.cost_usd := codered.cost_of(new.model_id, new.tokens_in, new.tokens_out);
  end if;
  return new;
end
$$;
comment on function codered.fill_gate_cost() is 'Fills model_provider from models, and works the cost out where none was told.';
revoke execute on function codered.fill_gate_cost from public;

create trigger gate_executions_cost before insert or update of model_id, model_provider, tokens_in, tokens_out, cost_usd
  on codered.gate_executions for each row execute function codered.fill_gate_cost();

create function codered.count_gates()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  counted uuid[];
begin
  select array_agg(distinct c.run_id) into counted from changed c;
  if tg_op = 'UPDATE' then
    select array_agg(distinct b.run_id) || counted into counted from before b;
  end if;
  -- Whoever writes gates of the same run at the same time waits here, and then counts what the first has written.
  perform 1 from codered.runs r where r.id = any (counted) order by r.id for no key update;
  with newest as (
    select distinct on (g.run_id, g.gate_id) g.run_id, g.status
    from codered.gate_executions g
    where g.run_id = any (counted)
    order by g.run_id, g.gate_id, g.attempt_number desc
  ), gates as (
    select
      n.run_id,
      count(*) as total,
      count(*) filter (where n.status in ('passed', 'warning', 'skipped', 'overridden')) as passed,
      count(*) filter (where n.status in ('failed', 'missing', 'error')) as failed
    from newest n
    group by n.run_id
  ), spent as (
    select g.run_id, sum(g.tokens_in) as tokens_in, sum(g.tokens_out) as tokens_out, sum(g.cost_usd) as cost_usd
    from codered.gate_executions g
    where g.run_id = any (counted)
    group by g.run_id
  ), totals as (
    select
      r.id,
      coalesce(gates.total, 0) as total,
      coalesce(gates.passed, 0) as passed,
      coalesce(gates.failed, 0) as failed,
      coalesce(spent.tokens_in, 0) as tokens_in,
      coalesce(spent.tokens_out, 0) as tokens_out,
      coalesce(spent.cost_usd, 0) as cost_usd
    from unnest(counted) as r(id)
    left join gates on gates.run_id = r.id
    left join spent on spent.run_id = r.id
  )
  update codered.runs r
  set
    total_gates = t.total,
    gates_passed = t.passed,
    gates_failed = t.failed,
    total_tokens_in = t.tokens_in,
    total_tokens_out = t.tokens_out,
    total_cost_usd = t.cost_usd
  from totals t
  where r.id = t.id
    and (r.total_gates, r.gates_passed, r.gates_failed, r.total_tokens_in, r.total_tokens_out, r.total_cost_usd)
      is distinct from (t.total, t.passed, t.failed, t.tokens_in, t.tokens_out, t.cost_usd);
  return null;
end
$$;
comment on function codered.count_gates() is
  'Keeps the totals of runs: each gate counts with its newest attempt, tokens and cost with every attempt.';
revoke execute on function codered.count_gates from public;

create trigger gate_executions_counted_inserted after insert on codered.gate_executions
  referencing new table as changed for each statement execute function codered.count_gates();

create trigger gate_executions_counted_updated after update on codered.gate_executions
  referencing old table as before new table as changed for each statement execute function codered.count_gates();

create trigger gate_executions_counted_deleted after delete on codered.gate_executions
  referencing old table as changed for each statement execute function codered.count_gates();

create function codered.make_gates(run_id uuid, gates jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  made integer;
begin
  insert into codered.gate_executions
    (run_id, gate_id, gate_name, phase, gate_order, agent_slug, model_id, max_attempts, attempt_number)
  select
    make_gates.run_id,
    g.gate_id,
    coalesce(g.gate_name, g.gate_id),
    g.phase,
    coalesce(g.gate_order, g.place::integer),
    g.agent_slug,
    m.id,
    coalesce(g.max_attempts, 3),
    coalesce(newest.attempt_number, 0) + 1
  from rows from (
    jsonb_to_recordset(make_gates.gates)
      as (gate_id text, gate_name text, phase text, gate_order integer, agent_slug text, model_id text, max_attempts integer)
  ) with ordinality as g(gate_id, gate_name, phase, gate_order, agent_slug, model_id, max_attempts, place)
  left join codered.models m on m.id = g.model_id
  left join lateral (
    select e.attempt_number, e.status
    from codered.gate_executions e
    where e.run_id = make_gates.run_id and e.gate_id = g.gate_id
    order by e.attempt_number desc
    limit 1
  ) newest on true
  where newest.status is null or newest.status not in ('pending', 'running');
  get diagnostics made = row_count;
  return made;
end
$$;
comment on function codered.make_gates(uuid, jsonb) is
  'Makes a pending attempt of each gate that has none open, and returns how many: [{gate_id, gate_name, phase, gate_order, agent_slug, model_id, max_attempts}]. Gates of the same gate_order do not wait for each other.';
revoke execute on function codered.make_gates from public;
grant execute on function codered.make_gates to service_role;

create function codered.close_gates(run_id uuid, fail_code text)
returns void
language sql
set search_path = ''
as $$
  update codered.gate_executions g
  set status = 'error', fail_codes = array_append(g.fail_codes, close_gates.fail_code), completed_at = now()
  where g.run_id = close_gates.run_id and g.status = 'running'
$$;
comment on function codered.close_gates(uuid, text) is 'Ends the gate that is running when its run ends: error, with the code.';
revoke execute on function codered.close_gates from public;
grant execute on function codered.close_gates to service_role;

create function codered.newest_attempt(run_id uuid, gate_id text)
returns codered.gate_executions
language plpgsql
stable
set search_path = ''
as $$
declare
  newest codered.gate_executions;
begin
  select g.* into newest
  from codered.gate_executions g
  where g.run_id = newest_attempt.run_id and g.gate_id = newest_attempt.gate_id
  order by g.attempt_number desc
  limit 1;
  if not found then
    perform codered.refuse_missing('gate of this run', newest_attempt.gate_id);
  end if;
  return newest;
end
$$;
comment on function codered.newest_attempt(uuid, text) is 'The newest attempt of a gate. CR004: the run has no such gate.';
revoke execute on function codered.newest_attempt from public;
grant execute on function codered.newest_attempt to service_role;

create function codered.start_gate(run_id uuid, gate_id text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run constant codered.runs := codered.lock_run(start_gate.run_id);
  gate codered.gate_executions := codered.newest_attempt(start_gate.run_id, start_gate.gate_id);
  other record;
begin
  if run.status not in ('pending', 'running') then
    perform codered.refuse_state('runs.status', run.status, 'pending or running, to start a gate');
  end if;
  if gate.status <> 'pending' then
    perform codered.refuse_state('gate_executions.status', gate.status, 'pending, to start it');
  end if;
  select g.gate_id, g.status into other
  from (
    select distinct on (e.gate_id) e.gate_id, e.gate_order, e.status
    from codered.gate_executions e
    where e.run_id = run.id and e.gate_id <> gate.gate_id
    order by e.gate_id, e.attempt_number desc
  ) g
  where g.status = 'running'
    or g.gate_order < gate.gate_order and g.status not in ('passed', 'skipped', 'warning', 'overridden')
  order by g.gate_order, g.gate_id
  limit 1;
  if found then
    perform codered.refuse_state(
      'gate_executions.status', other.status,
      format('no other gate running and all before it passed, skipped, warning or overridden; %s is neither', other.gate_id));
  end if;
  update codered.gate_executions g set status = 'running', started_at = now() where g.id = gate.id returning * into gate;
  update codered.runs r set status = 'running', current_gate = gate.gate_id where r.id = run.id;
  return to_jsonb(gate);
end
$$;
comment on function codered.start_gate(uuid, text) is
  'Starts the pending attempt of a gate, and its run with the first, and returns the attempt. CR003: the run is paused or over, the gate is not pending, one before it has not passed or another one runs; CR004.';
revoke execute on function codered.start_gate from public;
grant execute on function codered.start_gate to service_role;

create function codered.finish_gate(run_id uuid, gate_id text, outcome jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  gate codered.gate_executions;
  told record;
  is_gate_run boolean;
begin
  perform codered.check_fields('gate_executions', finish_gate.outcome, '{
    "status": "text", "attempt_number": "integer", "validation_results": "array", "fail_codes": "texts", "tokens_in": "integer",
    "tokens_out": "integer", "cost_usd": "usd", "duration_ms": "integer", "prompt_packet": "text", "raw_output": "text"}');
  select * into told
  from jsonb_to_record(finish_gate.outcome) as t(
    status text, attempt_number integer, validation_results jsonb, fail_codes text[], tokens_in integer, tokens_out integer,
    cost_usd numeric, duration_ms integer, prompt_packet text, raw_output text);
  if coalesce(told.status, 'null') not in ('passed', 'failed', 'skipped', 'warning', 'missing', 'error', 'overridden') then
    perform codered.refuse_value(
      'gate_executions.status', coalesce(told.status, 'null'), 'passed, failed, skipped, warning, missing, error, overridden');
  end if;
  run := codered.lock_run(finish_gate.run_id);
  gate := codered.newest_attempt(run.id, finish_gate.gate_id);
  is_gate_run := run.sprint_id is not null or run.repository_id is not null;
  if told.attempt_number <> gate.attempt_number then
    perform codered.refuse_state(
      'gate_executions.attempt_number', told.attempt_number::text, format('%s, the newest attempt', gate.attempt_number));
  end if;
  if run.status not in ('running', 'paused') then
    perform codered.refuse_state('runs.status', run.status, 'running or paused, to finish a gate');
  end if;
  -- A criterion is judged by what CI says, not by being started, and judged again as CI says more.
  if gate.status <> 'running' and not is_gate_run then
    perform codered.refuse_state('gate_executions.status', gate.status, 'running, to finish it');
  end if;
  update codered.gate_executions g
  set
    status = told.status,
    validation_results = coalesce(told.validation_results, '[]'),
    fail_codes = coalesce(told.fail_codes, '{}'),
    tokens_in = coalesce(told.tokens_in, 0),
    tokens_out = coalesce(told.tokens_out, 0),
    cost_usd = told.cost_usd,
    duration_ms = coalesce(
      told.duration_ms, least(extract(epoch from clock_timestamp() - g.started_at) * 1000, 2147483647)::integer, 0),
    prompt_packet = told.prompt_packet,
    raw_output = told.raw_output,
    completed_at = now()
  where g.id = gate.id
  returning * into gate;
  if not is_gate_run and gate.status in ('failed', 'missing', 'error') then
    if gate.attempt_number < gate.max_attempts then
      perform codered.make_gates(run.id, jsonb_build_array(to_jsonb(gate)));
    else
      -- A run that somebody has paused meanwhile keeps their reason; resuming it gives the gate its attempt all the same.
      update codered.runs r
      set
        status = 'paused',
        pause_reason = left(
          format('Gate %s failed', gate.gate_id) || coalesce(': ' || nullif(array_to_string(gate.fail_codes, ', '), ''), ''), 2000)
      where r.id = run.id and r.status = 'running';
    end if;
  end if;
  perform codered.settle_run(run.id);
  return to_jsonb(gate);
end
$$;
comment on function codered.finish_gate(uuid, text, jsonb) is
  'Writes the outcome of a gate''s newest attempt and returns it. In a workflow run it must be running; failed, missing or error makes the next pending attempt, or after the last one pauses the run with the fail codes as reason, and the last gate that passes completes the run. In a gate run it may be judged any number of times, and finish_run ends the run. Keys: status, attempt_number (to be sure which attempt is meant), validation_results, fail_codes, tokens_in, tokens_out, cost_usd (worked out from models when left out), duration_ms (from started_at when left out), prompt_packet, raw_output. CR002, CR003, CR004.';
revoke execute on function codered.finish_gate from public;
grant execute on function codered.finish_gate to service_role;

-- Runs that members start from a workflow's template.

create function codered.fill_intent(intent_schema jsonb, intent jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  given constant jsonb := coalesce(nullif(fill_intent.intent, 'null'), '{}');
  wrong record;
begin
  if jsonb_typeof(given) <> 'object' then
    perform codered.refuse_value('runs.intent', given, 'a JSON object');
  end if;
  select g.key, g.value into wrong
  from jsonb_each(given) g
  where not exists (select from jsonb_array_elements(fill_intent.intent_schema) f where f ->> 'field' = g.key)
  order by g.key
  limit 1;
  if found then
    perform codered.refuse_value('runs.intent.' || left(wrong.key, 80), coalesce(wrong.value #>> '{}', 'null'), coalesce(
      'the fields ' || (select string_agg(f ->> 'field', ', ') from jsonb_array_elements(fill_intent.intent_schema) f), 'no fields'));
  end if;
  select f as field, given -> (f ->> 'field') as value into wrong
  from jsonb_array_elements(fill_intent.intent_schema) f
  where case
    when coalesce(given -> (f ->> 'field'), 'null') <> 'null' then not codered.fits_field(f, given -> (f ->> 'field'))
    else f -> 'required' = 'true' and coalesce(f -> 'default', 'null') = 'null'
  end
  limit 1;
  if found then
    perform codered.refuse_value(
      'runs.intent.' || (wrong.field ->> 'field'), coalesce(wrong.value #>> '{}', 'null'), codered.describe_field(wrong.field));
  end if;
  return coalesce((
    select jsonb_object_agg(f ->> 'field', coalesce(nullif(given -> (f ->> 'field'), 'null'), f -> 'default'))
    from jsonb_array_elements(fill_intent.intent_schema) f
    where coalesce(nullif(given -> (f ->> 'field'), 'null'), nullif(f -> 'default', 'null')) is not null
  ), '{}');
end
$$;
comment on function codered.fill_intent(jsonb, jsonb) is
  'The intent with the defaults of its schema filled in; raises CR002 with field, value and what is allowed.';
revoke execute on function codered.fill_intent from public;
grant execute on function codered.fill_intent to authenticated, service_role;

create function codered.prepare_run()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  spec codered.specs;
begin
  select s.* into spec from codered.specs s where s.id = new.spec_id;
  if not found then
    perform codered.refuse_missing('spec', new.spec_id::text);
  end if;
  if spec.published_at is null or not spec.is_active then
    perform codered.refuse_state('specs.published_at', case when spec.published_at is null then 'null' else 'is_active = false' end,
      'a published, active spec to run');
  end if;
  new.project_id := coalesce(new.project_id, spec.project_id);
  if spec.project_id is distinct from new.project_id and spec.project_id is not null then
    raise exception 'runs.spec_id is "%": there is no such row of specs in this project.', new.spec_id
      using errcode = 'CR007', table = 'runs', column = 'spec_id';
  end if;
  if new.sprint_id is not null or new.repository_id is not null then
    return new;
  end if;
  if spec.stages = '[]' then
    perform codered.refuse_state('specs.stages', '[]', 'a spec with stages, to run it as a workflow');
  end if;
  new.intent := codered.fill_intent(spec.intent_schema, new.intent);
  new.project_slug := coalesce(
    new.project_slug,
    (
      select string_agg(part.word, '-' order by part.place)
      from (
        select
          f.ordinality as place,
          left(btrim(regexp_replace(lower(new.intent ->> (f.value ->> 'field')), '[^a-z0-9]+', '-', 'g'), '-'), 60) as word
        from jsonb_array_elements(spec.intent_schema) with ordinality f
        where f.value ->> 'type' in ('string', 'enum')
        order by f.ordinality
        limit 2
      ) part
      where part.word <> ''
    ) || to_char(now() at time zone 'utc', '-YYYYMMDD'),
    to_char(now() at time zone 'utc', '"run-"YYYYMMDD'));
  new.display_name := coalesce(
    new.display_name,
    (
      select nullif(left(upper(left(text.value, 1)) || substr(text.value, 2), 500), '')
      from (
        select new.intent ->> (f.value ->> 'field') as value
        from jsonb_array_elements(spec.intent_schema) with ordinality f
        where f.value ->> 'type' = 'string'
        order by f.ordinality
        limit 1
      ) text
    ),
    (select t.name from codered.workflow_templates t where t.id = spec.template_id),
    spec.storage_path);
  return new;
end
$$;
comment on function codered.prepare_run() is
  'Before a run of a spec: the spec has to be published, active and visible (CR003, CR004) and of the same project (CR007); for a workflow run the intent is checked and filled (CR002), project_slug and display_name are made.';
revoke execute on function codered.prepare_run from public;

create trigger runs_prepare before insert on codered.runs
  for each row when (new.spec_id is not null) execute function codered.prepare_run();

create function codered.make_stage_gates()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform codered.make_gates(m.id, (
    select jsonb_agg(jsonb_build_object(
      'gate_id', stage.value ->> 'id',
      'gate_name', stage.value ->> 'name',
      'phase', stage.value ->> 'type',
      'gate_order', coalesce((stage.value ->> 'order')::integer, stage.ordinality::integer),
      'agent_slug', stage.value ->> 'agent',
      'model_id', stage.value ->> 'model_id',
      'max_attempts', (stage.value ->> 'max_attempts')::integer))
    from jsonb_array_elements(s.stages) with ordinality stage
  ))
  from made m
  join codered.specs s on s.id = m.spec_id
  where m.sprint_id is null and m.repository_id is null and m.status = 'pending';
  return null;
end
$$;
comment on function codered.make_stage_gates() is
  'After a workflow run is made: one pending gate for each stage of its spec. Security definer, because gates are not for members to write.';
revoke execute on function codered.make_stage_gates from public;

create trigger runs_stage_gates after insert on codered.runs
  referencing new table as made for each statement execute function codered.make_stage_gates();

create function codered.start_workflow_run(spec_id uuid, intent jsonb, project_id uuid default null, display_name text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  new_id constant uuid := gen_random_uuid();
begin
  if start_workflow_run.project_id is not null
    and not exists (select from codered.projects p where p.id = start_workflow_run.project_id)
  then
    perform codered.refuse_missing('project', start_workflow_run.project_id::text);
  end if;
  if start_workflow_run.spec_id is null then
    perform codered.refuse_missing('spec', null);
  end if;
  if auth.uid() is null and start_workflow_run.project_id is null
    and not exists (select from codered.specs s where s.id = start_workflow_run.spec_id and s.project_id is not null)
  then
    perform codered.refuse_value('runs.project_id', 'null'::text, 'a project, when nobody is signed in whose run it could be');
  end if;
  insert into codered.runs (id, spec_id, project_id, user_id, intent, display_name)
  values (
    new_id, start_workflow_run.spec_id, start_workflow_run.project_id, auth.uid(), start_workflow_run.intent,
    start_workflow_run.display_name);
  -- Read again: its gates have been made and counted since.
  return (select to_jsonb(r) from codered.runs r where r.id = new_id);
end
$$;
comment on function codered.start_workflow_run(uuid, jsonb, uuid, text) is
  'Makes a pending run of a published, active spec under the caller''s name, with one pending gate for each stage, and returns its row. CR002: a field of the intent; CR003: the spec cannot be run; CR004: no such spec or project; CR007: the spec of another project.';
revoke execute on function codered.start_workflow_run from public;
grant execute on function codered.start_workflow_run to authenticated, service_role;

create function codered.lock_own_run(run_id uuid)
returns codered.runs
language plpgsql
security definer
set search_path = ''
as $$
declare
  caller constant uuid := auth.uid();
  run codered.runs;
begin
  if codered.is_member_call() then
    select r.* into run from codered.runs r where r.id = lock_own_run.run_id;
    if not found
      or not coalesce(
        run.user_id = caller
          or run.is_apps and run.project_id in (select codered.my_projects())
          or (select codered.is_operator()),
        false)
    then
      perform codered.refuse_missing('run', lock_own_run.run_id::text);
    end if;
    if run.user_id is distinct from caller or caller is null then
      raise exception 'The run % is not yours; allowed: whoever started it.', run.id using errcode = 'CR008';
    end if;
  end if;
  return codered.lock_run(lock_own_run.run_id);
end
$$;
comment on function codered.lock_own_run(uuid) is
  'As lock_run, and a member only gets what they started themselves (CR008), in the words for what is not there when they may not even see it (CR004). Security definer, because to lock a row one has to be allowed to write it.';
revoke execute on function codered.lock_own_run from public;

create function codered.settle_run(run_id uuid)
returns codered.runs
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
begin
  select r.* into run from codered.runs r where r.id = settle_run.run_id;
  if run.status = 'running' and run.gates_passed = run.total_gates and run.sprint_id is null and run.repository_id is null then
    update codered.runs r set status = 'completed', current_gate = null where r.id = run.id returning * into run;
  end if;
  return run;
end
$$;
comment on function codered.settle_run(uuid) is 'Completes a workflow run that runs and has passed its last gate, and returns its row.';
revoke execute on function codered.settle_run from public;
grant execute on function codered.settle_run to service_role;

create function codered.pause_run(run_id uuid, reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(pause_run.run_id);
begin
  if coalesce(btrim(pause_run.reason), '') = '' then
    perform codered.refuse_value('runs.pause_reason', coalesce(pause_run.reason, 'null'), '1 to 2000 characters');
  end if;
  if run.status = 'paused' and run.pause_reason = pause_run.reason then
    return to_jsonb(run);
  end if;
  if run.status <> 'running' then
    perform codered.refuse_state('runs.status', run.status, 'running, to pause it');
  end if;
  update codered.runs r set status = 'paused', pause_reason = pause_run.reason where r.id = run.id returning * into run;
  return to_jsonb(run);
end
$$;
comment on function codered.pause_run(uuid, text) is
  'Pauses a run, one''s own for a member, and returns its row; a gate that is running may still be finished. CR002: no reason; CR003, CR004, CR008. Security definer, because the status is nobody''s to write freely.';
revoke execute on function codered.pause_run from public;
grant execute on function codered.pause_run to authenticated, service_role;

create function codered.resume_run(run_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(resume_run.run_id);
begin
  if run.status <> 'paused' then
    perform codered.refuse_state('runs.status', run.status, 'paused, to resume it');
  end if;
  update codered.runs r set status = 'running' where r.id = run.id;
  if run.sprint_id is null and run.repository_id is null then
    perform codered.make_gates(run.id, (
      select jsonb_agg(to_jsonb(g))
      from (
        select distinct on (e.gate_id)
          e.gate_id, e.gate_name, e.phase, e.gate_order, e.agent_slug, e.model_id, e.max_attempts, e.status
        from codered.gate_executions e
        where e.run_id = run.id
        order by e.gate_id, e.attempt_number desc
      ) g
      where g.status in ('failed', 'missing', 'error')
    ));
  end if;
  return to_jsonb(codered.settle_run(run.id));
end
$$;
comment on function codered.resume_run(uuid) is
  'Lets a paused run, one''s own for a member, go on, and returns its row; a gate of a workflow run that has failed for good gets one more attempt. CR003, CR004, CR008. Security definer, because status and gates are nobody''s to write freely.';
revoke execute on function codered.resume_run from public;
grant execute on function codered.resume_run to authenticated, service_role;

create function codered.cancel_run(run_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(cancel_run.run_id);
begin
  if run.status = 'cancelled' then
    return to_jsonb(run);
  end if;
  if run.status not in ('pending', 'running', 'paused') then
    perform codered.refuse_state('runs.status', run.status, 'pending, running or paused, to cancel it');
  end if;
  perform codered.close_gates(run.id, 'RUN_CANCELLED');
  update codered.runs r set status = 'cancelled' where r.id = run.id returning * into run;
  return to_jsonb(run);
end
$$;
comment on function codered.cancel_run(uuid) is
  'Cancels a run that is not over, one''s own for a member, and returns its row; a gate that is running ends in error with RUN_CANCELLED. Told again it changes nothing. CR003, CR004, CR008. Security definer, because the status is nobody''s to write freely.';
revoke execute on function codered.cancel_run from public;
grant execute on function codered.cancel_run to authenticated, service_role;

-- Artifacts: what runs made.

create table codered.artifacts (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  run_id uuid references codered.runs (id) on delete cascade,
  gate_execution_id uuid references codered.gate_executions (id) on delete set null,
  task_id uuid references codered.tasks (id) on delete cascade,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  kind text not null default 'other',
  file_name text,
  file_path text,
  content_type text,
  content text,
  content_hash text,
  size_bytes bigint,
  storage_path text,
  url text,
  artifact_type text,
  gate_id text,
  ref text,
  summary text,
  github_artifact_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ci_event_id uuid references codered.ci_events (id) on delete set null,
  made_at timestamptz,
  constraint artifacts_owner_check check (
    num_nonnulls(run_id, task_id) >= 1 or codered.refuse_value('artifacts.run_id', coalesce(run_id::text, 'null'), 'a run_id or a task_id')),
  constraint artifacts_place_check check (
    num_nonnulls(content, storage_path, url, ref) >= 1
    or codered.refuse_value('artifacts.content', coalesce(content, 'null'), 'at least one of content, storage_path, url, ref')),
  constraint artifacts_kind_check check (
    kind in ('junit', 'coverage', 'playwright', 'lighthouse', 'logs', 'diff', 'pr', 'test_report', 'document', 'other')
    or codered.refuse_value('artifacts.kind', kind, 'junit, coverage, playwright, lighthouse, logs, diff, pr, test_report, document, other')),
  constraint artifacts_file_name_length check (char_length(file_name) <= 500 or codered.refuse_value('artifacts.file_name', file_name, 'at most 500 characters')),
  constraint artifacts_file_path_length check (char_length(file_path) <= 2000 or codered.refuse_value('artifacts.file_path', file_path, 'at most 2000 characters')),
  constraint artifacts_content_bytes
    check (octet_length(content) <= 8388608 or codered.refuse_value('artifacts.content', octet_length(content), 'at most 8388608 bytes; put more into storage_path')),
  constraint artifacts_content_hash_check
    check (content_hash ~ '^[0-9a-f]{64}$' or codered.refuse_value('artifacts.content_hash', content_hash, 'SHA-256 in lower-case hexadecimal')),
  constraint artifacts_size_bytes_check check (size_bytes >= 0 or codered.refuse_value('artifacts.size_bytes', size_bytes, '0 or more')),
  constraint artifacts_url_check check (url ~ '^https?://' or codered.refuse_value('artifacts.url', url, 'http:// or https://')),
  constraint artifacts_ref_length check (char_length(ref) between 1 and 2000 or codered.refuse_value('artifacts.ref', ref, '1 to 2000 characters')),
  constraint artifacts_summary_length check (char_length(summary) <= 20000 or codered.refuse_value('artifacts.summary', summary, 'at most 20000 characters'))
);
comment on table codered.artifacts is 'What a run or a task left: reports, diffs, documents, logs; here, in the bucket or elsewhere.';
comment on column codered.artifacts.kind is 'junit, coverage, playwright, lighthouse, logs of a CI run; diff, pr, test_report, document, other of a task.';
comment on column codered.artifacts.content_type is 'Open: markdown, json, typescript, …';
comment on column codered.artifacts.content_hash is 'SHA-256 in hexadecimal; of content, or of the file in storage.';
comment on column codered.artifacts.storage_path is 'Path in the private bucket codered-artifacts; where a member writes it, it begins with the project''s id and /.';
comment on column codered.artifacts.url is 'Where it lies when that is not the bucket.';
comment on column codered.artifacts.artifact_type is 'Open: research, spec, design, code, audit, publication, …';
comment on column codered.artifacts.ref is 'A link or an id that says it all: a pull request, a commit.';
comment on column codered.artifacts.ci_event_id is 'The attempt of a workflow run that it was read after.';
comment on column codered.artifacts.made_at is 'When GitHub was given it; null for what did not come from there, and for what was read before this was kept.';
create index artifacts_project_id_idx on codered.artifacts (project_id, created_at desc);
create index artifacts_run_id_idx on codered.artifacts (run_id);
create index artifacts_gate_execution_id_idx on codered.artifacts (gate_execution_id);
create index artifacts_task_id_idx on codered.artifacts (task_id);
create index artifacts_user_id_idx on codered.artifacts (user_id);
create index artifacts_artifact_type_idx on codered.artifacts (artifact_type);
create index artifacts_kind_idx on codered.artifacts (kind);
create index artifacts_created_at_idx on codered.artifacts (created_at desc);
create index artifacts_task_created_idx on codered.artifacts (task_id, created_at desc);
-- Newest first of one person, as the artifact browser asks.
create index artifacts_user_created_idx on codered.artifacts (user_id, created_at desc);
create index artifacts_ci_event_id_idx on codered.artifacts (ci_event_id);
create unique index artifacts_github_key on codered.artifacts (run_id, github_artifact_id);
create unique index artifacts_upload_key on codered.artifacts (run_id, ci_event_id, file_name)
  where github_artifact_id is null and run_id is not null and ci_event_id is not null;
alter table codered.artifacts enable row level security;
-- A run's artifact is seen by whoever sees the run, a task's by whoever sees the task.
create policy artifacts_read on codered.artifacts for select to authenticated using (
  case
    when run_id is not null then (select true from codered.runs r where r.id = artifacts.run_id)
    else project_id in (select codered.my_projects())
  end
);
-- The app hands out what lies at storage_path: a member may name the files of that project only.
create policy artifacts_insert on codered.artifacts for insert to authenticated with check (
  run_id is null and gate_execution_id is null
  and user_id = (select auth.uid()) and project_id in (select codered.my_projects())
  and (storage_path is null or (starts_with(storage_path, project_id || '/') and storage_path !~ '(^|/)\.\.?(/|$)'))
);
create policy artifacts_update on codered.artifacts for update to authenticated
  using (run_id is null and user_id = (select auth.uid()) and project_id in (select codered.my_projects()))
  with check (
    run_id is null and gate_execution_id is null
    and user_id = (select auth.uid()) and project_id in (select codered.my_projects())
    and (storage_path is null or (starts_with(storage_path, project_id || '/') and storage_path !~ '(^|/)\.\.?(/|$)'))
  );
create policy artifacts_delete on codered.artifacts for delete to authenticated
  using (run_id is null and user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.artifacts to authenticated;
grant select, insert, update, delete on codered.artifacts to service_role;
create trigger artifacts_touch before update on codered.artifacts
  for each row execute function codered.touch_updated_at();
create trigger artifacts_same_project before insert or update of project_id, task_id, ci_event_id on codered.artifacts
  for each row execute function codered.refuse_foreign_project('task_id:tasks', 'ci_event_id:ci_events');
-- Not the content: it stays where it lies, and its hash tells that it changed.
create trigger artifacts_events after insert or update or delete on codered.artifacts
  for each row execute function codered.append_event('artifact', 'content,summary');

create view codered.artifact_browser
with (security_invoker = true)
as
select
  a.id,
  a.project_id,
  a.run_id,
  a.task_id,
  a.gate_execution_id,
  a.user_id,
  a.kind,
  a.file_name,
  a.file_path,
  a.content_type,
  a.content_hash,
  a.size_bytes,
  a.storage_path,
  a.url,
  a.ref,
  a.summary,
  a.gate_id,
  a.artifact_type,
  a.created_at,
  r.display_name as run_name,
  r.project_slug,
  t.title as task_title
from codered.artifacts a
left join codered.projects p on p.id = a.project_id
left join codered.runs r on r.id = a.run_id
left join codered.tasks t on t.id = a.task_id
where p.deleted_at is null and t.deleted_at is null;
comment on view codered.artifact_browser is
  'Artifacts of runs and tasks without their content; those of retired projects and tasks left out. Ask for one project_id, user_id, run_id or task_id and order by created_at desc.';
comment on column codered.artifact_browser.user_id is 'Who added it, or whose run it is of.';
revoke all on codered.artifact_browser from anon, authenticated, service_role;
grant select on codered.artifact_browser to authenticated, service_role;

create view codered.task_progress with (security_invoker = true) as
select
  t.id,
  t.project_id,
  t.title,
  t.status,
  t.priority,
  cardinality(t.acceptance_criteria) as total_criteria,
  (select count(*) from codered.artifacts a where a.task_id = t.id) as artifact_count,
  t.locked_at,
  t.locked_by,
  t.created_at,
  t.updated_at
from codered.tasks t
join codered.projects p on p.id = t.project_id
where t.deleted_at is null
  and p.deleted_at is null;
comment on view codered.task_progress is 'Each task with what it has to meet and what it has produced; deleted tasks and retired projects left out.';
comment on column codered.task_progress.total_criteria is 'How many acceptance criteria it has; 0 when none were given.';
comment on column codered.task_progress.artifact_count is 'The artifacts of the task that the reader may see; 0 when it has none.';
revoke all on codered.task_progress from anon, authenticated, service_role;
grant select on codered.task_progress to authenticated, service_role;

create function codered.keep_artifact()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  task_project uuid;
  gate codered.gate_executions;
  belongs_to uuid;
  is_moved constant boolean := tg_op = 'INSERT'
    or (new.run_id, new.task_id, new.project_id) is distinct from (old.run_id, old.task_id, old.project_id);
  hash text;
begin
  if is_moved and num_nonnulls(new.run_id, new.task_id) > 0 then
    if new.run_id is not null then
      select r.* into run from codered.runs r where r.id = new.run_id;
      if not found then
        perform codered.refuse_missing('run', new.run_id::text);
      end if;
      belongs_to := run.project_id;
      new.user_id := coalesce(new.user_id, run.user_id);
    end if;
    if new.task_id is not null then
      select t.project_id into task_project from codered.tasks t where t.id = new.task_id;
      if not found then
        perform codered.refuse_missing('task', new.task_id::text);
      end if;
      if new.run_id is not null and task_project is distinct from run.project_id then
        raise exception 'artifacts.task_id is "%": there is no such row of tasks in this project.', new.task_id
          using errcode = 'CR007', table = 'artifacts', column = 'task_id';
      end if;
      belongs_to := task_project;
    end if;
    if new.project_id is distinct from belongs_to and new.project_id is not null then
      raise exception 'artifacts.project_id is "%": the run or task belongs to another project.', new.project_id
        using errcode = 'CR007', table = 'artifacts', column = 'project_id';
    end if;
    new.project_id := belongs_to;
  end if;
  if new.gate_execution_id is not null and (tg_op = 'INSERT' or new.gate_execution_id is distinct from old.gate_execution_id) then
    select g.* into gate from codered.gate_executions g where g.id = new.gate_execution_id;
    if not found or gate.run_id is distinct from new.run_id then
      raise exception 'artifacts.gate_execution_id is "%": there is no such row of gate_executions in this run.', new.gate_execution_id
        using errcode = 'CR007', table = 'artifacts', column = 'gate_execution_id';
    end if;
    new.gate_id := coalesce(new.gate_id, gate.gate_id);
  end if;
  if new.content is not null then
    hash := encode(sha256(convert_to(new.content, 'UTF8')), 'hex');
    if new.content_hash is distinct from old.content_hash and new.content_hash <> hash then
      perform codered.refuse_value('artifacts.content_hash', new.content_hash, hash || ', the SHA-256 of content');
    end if;
    if new.size_bytes is distinct from old.size_bytes and new.size_bytes <> octet_length(new.content) then
      perform codered.refuse_value('artifacts.size_bytes', new.size_bytes, octet_length(new.content) || ', the bytes of content');
    end if;
    new.content_hash := hash;
    new.size_bytes := octet_length(new.content);
  end if;
  return new;
end
$$;
comment on function codered.keep_artifact() is
  'Takes project_id (and user_id) from the run or task, works content_hash and size_bytes out from content, and refuses what was told otherwise (CR002, CR007).';
revoke execute on function codered.keep_artifact from public;

create trigger artifacts_keep before insert or update on codered.artifacts
  for each row execute function codered.keep_artifact();

create function codered.add_artifact(artifact jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  told record;
  added codered.artifacts;
begin
  perform codered.check_fields('artifacts', add_artifact.artifact, '{
    "run_id": "uuid", "task_id": "uuid", "project_id": "uuid", "gate_execution_id": "uuid", "user_id": "uuid", "kind": "text",
    "file_name": "text", "file_path": "text", "content_type": "text", "content": "text", "content_hash": "text", "size_bytes": "bigint",
    "storage_path": "text", "url": "text", "artifact_type": "text", "gate_id": "text", "ref": "text", "summary": "text",
    "github_artifact_id": "bigint"}');
  select * into told
  from jsonb_to_record(add_artifact.artifact) as t(
    run_id uuid, task_id uuid, project_id uuid, gate_execution_id uuid, user_id uuid, kind text, file_name text, file_path text,
    content_type text, content text, content_hash text, size_bytes bigint, storage_path text, url text, artifact_type text,
    gate_id text, ref text, summary text, github_artifact_id bigint);
  if auth.uid() is not null then
    if told.run_id is not null and not exists (select from codered.runs r where r.id = told.run_id) then
      perform codered.refuse_missing('run', told.run_id::text);
    end if;
    if told.run_id is not null or told.user_id is distinct from auth.uid() and told.user_id is not null then
      raise exception 'Members add artifacts of their own, to tasks; those of runs are the app''s to add.' using errcode = 'CR008';
    end if;
  end if;
  insert into codered.artifacts (
    run_id, task_id, project_id, gate_execution_id, user_id, kind, file_name, file_path, content_type, content, content_hash,
    size_bytes, storage_path, url, artifact_type, gate_id, ref, summary, github_artifact_id)
  values (
    told.run_id, told.task_id, told.project_id, told.gate_execution_id, coalesce(told.user_id, auth.uid()), coalesce(told.kind, 'other'),
    told.file_name, told.file_path, told.content_type, told.content, told.content_hash, told.size_bytes, told.storage_path, told.url,
    told.artifact_type, told.gate_id, told.ref, told.summary, told.github_artifact_id)
  returning * into added;
  return to_jsonb(added) - 'content';
end
$$;
comment on function codered.add_artifact(jsonb) is
  'Adds what a run or a task left, and returns its row without content. Keys are the columns of artifacts; run_id or task_id, and one of content, storage_path, url, ref. CR002: a key, a value, a content_hash or size_bytes that is not the content''s; CR004, CR007; CR008: a member, for a run or in somebody else''s name.';
revoke execute on function codered.add_artifact from public;
grant execute on function codered.add_artifact to authenticated, service_role;

-- Tests: what reports said of each, by day and now.

-- What a report says of one test that is known.
create type codered.test_outcome as (
  test_id integer, number integer, status text, is_flaky boolean, duration_ms integer, message text
);

create table codered.tests (
  id integer generated always as identity primary key,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  number integer not null,
  key uuid not null,
  suite text not null,
  name text not null,
  file_path text,
  last_seen_on date not null default current_date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tests_key unique (repository_id, key),
  constraint tests_number_key unique (repository_id, number),
  constraint tests_number_check check (number between 1 and 100000)
);
comment on table codered.tests is 'A test is (repository_id, suite, name, file_path). Of the 100,000 that a repository may have, those go first that were not seen for 30 days.';
comment on column codered.tests.number is 'Its place in the bits of test_reports; given again once its test is gone for longer than bits are kept.';
comment on column codered.tests.key is 'codered.test_key of the three names, which are too long for an index.';
create index tests_name_idx on codered.tests (repository_id, md5(suite || name));
alter table codered.tests enable row level security;
create policy tests_read on codered.tests for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.tests to authenticated;
grant select, insert, update, delete on codered.tests to service_role;
create trigger tests_touch before update on codered.tests
  for each row execute function codered.touch_updated_at();

create table codered.test_reports (
  id bigint generated always as identity primary key,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  source text not null,
  ref text,
  artifact_id uuid references codered.artifacts (id) on delete set null,
  commit_sha text not null,
  on_default_branch boolean not null,
  from_fork boolean not null,
  day date not null,
  passed bit varying,
  skipped bit varying,
  cases integer not null default 0,
  omitted integer not null default 0,
  not_counted text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint test_reports_source_key unique (repository_id, ci_event_id, source)
);
comment on table codered.test_reports is 'Which artifacts were counted, each once, on the attempt in whose time it was made.';
comment on column codered.test_reports.source is 'artifact:<GitHub''s id>, or upload:<name>.';
comment on column codered.test_reports.from_fork is 'A fork, or nobody knows whose it was: it makes no tests, and proves no flake.';
comment on column codered.test_reports.passed is 'Bit n is 1 when the test of number n passed here; null after 14 days. skipped likewise.';
comment on column codered.test_reports.omitted is 'Cases of it that were not counted: it has too many, or the repository.';
comment on column codered.test_reports.not_counted is 'Why nothing of it counts; null when it does.';
create index test_reports_commit_idx on codered.test_reports (repository_id, commit_sha);
create index test_reports_ci_event_id_idx on codered.test_reports (ci_event_id);
create index test_reports_artifact_id_idx on codered.test_reports (artifact_id);
alter table codered.test_reports enable row level security;
create policy test_reports_read on codered.test_reports for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.test_reports to authenticated;
grant select, insert, update, delete on codered.test_reports to service_role;
create trigger test_reports_touch before update on codered.test_reports
  for each row execute function codered.touch_updated_at();

create table codered.test_days (
  test_id integer not null references codered.tests (id) on delete cascade,
  day date not null,
  on_default_branch boolean not null,
  passed integer not null default 0,
  failed integer not null default 0,
  flaky integer not null default 0,
  skipped integer not null default 0,
  seconds real not null default 0,
  constraint test_days_pkey primary key (test_id, day, on_default_branch)
);
comment on table codered.test_days is 'What a test did in a day in UTC that is over, on the default branch or elsewhere. A flaky result is one that passed in the end.';
alter table codered.test_days enable row level security;
create policy test_days_read on codered.test_days for select to authenticated using (
  test_id in (select t.id from codered.tests t where t.repository_id in (select codered.my_repositories())));
grant select on codered.test_days to authenticated;
grant select, insert, update, delete on codered.test_days to service_role;

-- Every report writes to each of its tests here. Half of a page is kept free, so that a new row finds its place beside the old one.
create table codered.test_today (
  test_id integer not null references codered.tests (id) on delete cascade,
  day date not null,
  on_default_branch boolean not null,
  passed integer not null default 0,
  failed integer not null default 0,
  flaky integer not null default 0,
  skipped integer not null default 0,
  seconds real not null default 0,
  constraint test_today_pkey primary key (test_id, day, on_default_branch)
) with (fillfactor = 40);
comment on table codered.test_today is 'The days of test_days that are not over, or not put there yet.';
alter table codered.test_today enable row level security;
create policy test_today_read on codered.test_today for select to authenticated using (
  test_id in (select t.id from codered.tests t where t.repository_id in (select codered.my_repositories())));
grant select on codered.test_today to authenticated;
grant select, insert, update, delete on codered.test_today to service_role;

create table codered.test_states (
  test_id integer not null references codered.tests (id) on delete cascade,
  on_default_branch boolean not null,
  last_status text not null,
  as_of timestamptz not null,
  changed_at timestamptz not null,
  first_passed_at timestamptz,
  constraint test_states_pkey primary key (test_id, on_default_branch),
  constraint test_states_status_check check (last_status in ('passed', 'failed', 'errored', 'skipped'))
);
comment on table codered.test_states is 'Where a test stands on the default branch and elsewhere, by the newest run that told of it.';
comment on column codered.test_states.as_of is 'When the run that changed it last began; what older runs tell changes nothing.';
comment on column codered.test_states.first_passed_at is 'Null: it never passed there.';
alter table codered.test_states enable row level security;
create policy test_states_read on codered.test_states for select to authenticated using (
  test_id in (select t.id from codered.tests t where t.repository_id in (select codered.my_repositories())));
grant select on codered.test_states to authenticated;
grant select, insert, update, delete on codered.test_states to service_role;

create table codered.test_results (
  id uuid primary key default gen_random_uuid(),
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  ci_job_id uuid references codered.ci_jobs (id) on delete cascade,
  artifact_id uuid references codered.artifacts (id) on delete set null,
  commit_sha text not null,
  run_attempt integer not null,
  suite text not null,
  name text not null,
  file_path text,
  status text not null,
  duration_ms integer,
  message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  test_id integer references codered.tests (id) on delete cascade,
  test_report_id bigint references codered.test_reports (id) on delete cascade,
  is_flaky boolean not null default false,
  constraint test_results_status_check check (
    status in ('passed', 'failed', 'skipped', 'errored')
    or codered.refuse_value('test_results.status', status, 'passed, failed, skipped, errored')
  ),
  constraint test_results_duration_check check (duration_ms >= 0 or codered.refuse_value('test_results.duration_ms', duration_ms, '0 or more'))
);
comment on table codered.test_results is
  'Single results: what failed, what flaked, and a pass where it says something: of a test that failed on the same commit, or before. All others are counts of test_days.';
comment on column codered.test_results.is_flaky is 'It passed after it had failed, within one report.';
create index test_results_test_idx on codered.test_results (repository_id, suite, name, created_at desc);
create index test_results_ci_event_id_idx on codered.test_results (ci_event_id);
create index test_results_ci_job_id_idx on codered.test_results (ci_job_id);
create index test_results_artifact_id_idx on codered.test_results (artifact_id);
-- Failures are few, so this costs little where most results are written, and finds the flaky without reading the rest.
create index test_results_failed_idx on codered.test_results (repository_id, created_at) where status in ('failed', 'errored');
create index test_results_test_id_idx on codered.test_results (test_id, created_at desc);
create index test_results_report_idx on codered.test_results (test_report_id);
create index test_results_commit_idx on codered.test_results (test_id, commit_sha);
alter table codered.test_results enable row level security;
create policy test_results_read on codered.test_results for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.test_results to authenticated;
grant select, insert, update, delete on codered.test_results to service_role;
create trigger test_results_touch before update on codered.test_results
  for each row execute function codered.touch_updated_at();

create view codered.test_day_counts with (security_invoker = true) as
select * from codered.test_days
union all
select * from codered.test_today;
comment on view codered.test_day_counts is 'What each test did each day in UTC, today too; a day may be in two rows, which are to be added.';
grant select on codered.test_day_counts to authenticated, service_role;

create function codered.test_key(suite text, name text, file_path text)
returns uuid
language sql
immutable
parallel safe
set search_path = ''
as $$
  select md5(json_build_array(suite, name, file_path)::text)::uuid
$$;
comment on function codered.test_key(text, text, text) is 'What a test is known by. Called in SQL only.';
revoke execute on function codered.test_key from public;
grant execute on function codered.test_key to service_role;

create function codered.close_test_days(repository_id bigint)
returns void
language sql
set search_path = ''
as $$
  with moved as (
    delete from codered.test_today d
    using codered.tests t
    where t.id = d.test_id and t.repository_id = close_test_days.repository_id and d.day < (now() at time zone 'utc')::date
    returning d.*
  )
  insert into codered.test_days as d
  select * from moved
  on conflict (test_id, day, on_default_branch) do update
  set
    passed = d.passed + excluded.passed, failed = d.failed + excluded.failed, flaky = d.flaky + excluded.flaky,
    skipped = d.skipped + excluded.skipped, seconds = d.seconds + excluded.seconds;
  -- Who passed beside whom is asked for two weeks at the most.
  update codered.test_reports r
  set passed = null, skipped = null
  where r.repository_id = close_test_days.repository_id and r.passed is not null
    and r.created_at < now() - interval '14 days';
$$;
comment on function codered.close_test_days(bigint) is 'Moves the days that are over from test_today to test_days. Called in SQL only.';
revoke execute on function codered.close_test_days from public;
grant execute on function codered.close_test_days to service_role;

create function codered.bits_of(numbers integer[])
returns bit varying
language sql
immutable
set search_path = ''
as $$
  select string_agg(case when n.number is null then '0' else '1' end, '' order by g.number)::bit varying
  from generate_series(1, (select max(m.number) from unnest(bits_of.numbers) as m (number))) as g (number)
  left join (select distinct d.number from unnest(bits_of.numbers) as d (number)) as n using (number)
$$;
comment on function codered.bits_of(integer[]) is 'Bit n is 1 for each number n; null for none. Called in SQL only.';
revoke execute on function codered.bits_of from public;
grant execute on function codered.bits_of to service_role;

create function codered.has_bit(bits bit varying, number integer)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case when number <= length(bits) then get_bit(bits, number - 1) = 1 else false end
$$;
comment on function codered.has_bit(bit varying, integer) is 'Whether bits_of was given the number; false for null. Called in SQL only.';
revoke execute on function codered.has_bit from public;
grant execute on function codered.has_bit to service_role;

create function codered.number_tests(repository_id bigint, cases jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  most constant integer := 100000;
begin
  if (select count(*) from codered.tests t where t.repository_id = number_tests.repository_id)
      + jsonb_array_length(number_tests.cases) > most then
    delete from codered.tests t
    where t.repository_id = number_tests.repository_id and t.last_seen_on < (now() at time zone 'utc')::date - 30;
  end if;
  with wanted as materialized (
    select w.*, row_number() over (order by w.suite, w.name, w.key) as place
    from (
      select distinct on (k.key) k.key, c.told ->> 0 as suite, c.told ->> 1 as name, c.told ->> 2 as file_path
      from jsonb_array_elements(number_tests.cases) as c (told)
      cross join lateral (select codered.test_key(c.told ->> 0, c.told ->> 1, c.told ->> 2) as key) as k
      where not exists (
        select from codered.tests t where t.repository_id = number_tests.repository_id and t.key = k.key
      )
    ) as w
  ), free as (
    select g.number, row_number() over (order by g.number) as place
    from generate_series(1, most) as g (number)
    where not exists (
      select from codered.tests t where t.repository_id = number_tests.repository_id and t.number = g.number
    )
    order by g.number
    limit (select count(*) from wanted)
  )
  insert into codered.tests (repository_id, number, key, suite, name, file_path)
  select number_tests.repository_id, f.number, w.key, w.suite, w.name, w.file_path
  from wanted w
  join free f using (place);
end
$$;
comment on function codered.number_tests(bigint, jsonb) is 'Makes rows of the tests that are not known yet, as many as have room. Called in SQL only.';
revoke execute on function codered.number_tests from public;
grant execute on function codered.number_tests to service_role;

create function codered.outcomes_of(repository_id bigint, cases jsonb)
returns codered.test_outcome[]
language sql
stable
set search_path = ''
as $$
  select coalesce(array_agg((o.id, o.number, o.status, o.is_flaky, o.duration_ms, o.message)::codered.test_outcome), '{}')
  from (
    -- Of a name that comes several times the worst counts.
    select distinct on (t.id)
      t.id, t.number, c.told ->> 3 as status, coalesce((c.told ->> 6)::boolean, false) as is_flaky,
      (c.told ->> 4)::integer as duration_ms, c.told ->> 5 as message
    from jsonb_array_elements(outcomes_of.cases) as c (told)
    join codered.tests t
      on t.repository_id = outcomes_of.repository_id and t.key = codered.test_key(c.told ->> 0, c.told ->> 1, c.told ->> 2)
    order by t.id, array_position(array['errored', 'failed', 'passed', 'skipped'], c.told ->> 3)
  ) as o
$$;
comment on function codered.outcomes_of(bigint, jsonb) is 'The cases [[suite, name, file_path, status, duration_ms, message, is_flaky]] of tests that are known, each test once. Called in SQL only.';
revoke execute on function codered.outcomes_of from public;
grant execute on function codered.outcomes_of to service_role;

create function codered.count_outcomes(report codered.test_reports, outcomes codered.test_outcome[])
returns void
language sql
set search_path = ''
as $$
  insert into codered.test_today as d (test_id, day, on_default_branch, passed, failed, flaky, skipped, seconds)
  select
    o.test_id, report.day, report.on_default_branch,
    (o.status = 'passed' and not o.is_flaky)::integer, (o.status in ('failed', 'errored'))::integer,
    (o.status = 'passed' and o.is_flaky)::integer, (o.status = 'skipped')::integer, coalesce(o.duration_ms, 0) / 1000.0
  from unnest(outcomes) as o
  on conflict (test_id, day, on_default_branch) do update
  set
    passed = d.passed + excluded.passed, failed = d.failed + excluded.failed, flaky = d.flaky + excluded.flaky,
    skipped = d.skipped + excluded.skipped, seconds = d.seconds + excluded.seconds;
  update codered.tests t
  set last_seen_on = (now() at time zone 'utc')::date
  from unnest(outcomes) as o
  where t.id = o.test_id and t.last_seen_on < (now() at time zone 'utc')::date;
$$;
comment on function codered.count_outcomes(codered.test_reports, codered.test_outcome[]) is 'Adds the outcomes of a report to its day. Called in SQL only.';
revoke execute on function codered.count_outcomes from public;
grant execute on function codered.count_outcomes to service_role;

create function codered.keep_results(report codered.test_reports, outcomes codered.test_outcome[])
returns void
language sql
set search_path = ''
as $$
  with bad as materialized (
    select o.* from unnest(outcomes) as o where o.status in ('failed', 'errored') order by o.test_id limit 1000
  ), red as materialized (
    -- Tests that failed on this commit, in whichever report.
    select distinct x.test_id
    from codered.test_results x
    where x.test_id = any (select o.test_id from unnest(outcomes) as o where o.status = 'passed')
      and x.commit_sha = report.commit_sha
      and x.repository_id = report.repository_id
      and x.status in ('failed', 'errored')
  ), good as materialized (
    select o.*
    from unnest(outcomes) as o
    left join codered.test_states s on s.test_id = o.test_id and s.on_default_branch = report.on_default_branch
    where o.status = 'passed'
      and (o.is_flaky or s.last_status in ('failed', 'errored') or o.test_id in (select r.test_id from red r))
    order by o.test_id
    limit 1000
  ), before as materialized (
    -- Where it had passed on this commit when it fails now.
    select distinct on (b.test_id) b.test_id, r.id, r.ci_event_id, r.artifact_id, e.run_attempt
    from bad b
    join codered.test_reports r
      on r.repository_id = report.repository_id and r.commit_sha = report.commit_sha and r.id <> report.id
      and codered.has_bit(r.passed, b.number)
    join codered.ci_events e on e.id = r.ci_event_id
    where not exists (
      select from codered.test_results x where x.test_report_id = r.id and x.test_id = b.test_id
    )
    order by b.test_id, r.id
  ), kept as (
    select
      o.test_id, report.id as report_id, report.ci_event_id, report.artifact_id, e.run_attempt, o.status, o.is_flaky, o.duration_ms, o.message
    from (select * from bad union all select * from good) as o
    join codered.ci_events e on e.id = report.ci_event_id
    union all
    select b.test_id, b.id, b.ci_event_id, b.artifact_id, b.run_attempt, 'passed', false, null, null
    from before b
  )
  insert into codered.test_results (
    repository_id, ci_event_id, artifact_id, commit_sha, run_attempt, suite, name, file_path, status, duration_ms, message,
    test_id, test_report_id, is_flaky
  )
  select
    report.repository_id, k.ci_event_id, k.artifact_id, report.commit_sha, k.run_attempt, t.suite, t.name, t.file_path, k.status,
    k.duration_ms, k.message, k.test_id, k.report_id, k.is_flaky
  from kept k
  join codered.tests t on t.id = k.test_id
$$;
comment on function codered.keep_results(codered.test_reports, codered.test_outcome[]) is 'Writes the rows of test_results that a report gives reason for, at most 1,000 that are bad and 1,000 that are good. Called in SQL only.';
revoke execute on function codered.keep_results from public;
grant execute on function codered.keep_results to service_role;

create function codered.turn_states(report codered.test_reports, outcomes codered.test_outcome[], began timestamptz)
returns void
language sql
set search_path = ''
as $$
  insert into codered.test_states as s (test_id, on_default_branch, last_status, as_of, changed_at, first_passed_at)
  select o.test_id, report.on_default_branch, o.status, began, began, case when o.status = 'passed' then began end
  from unnest(outcomes) as o
  on conflict (test_id, on_default_branch) do update
  set
    last_status = case when excluded.as_of >= s.as_of and excluded.last_status <> 'skipped' then excluded.last_status else s.last_status end,
    changed_at = case when excluded.as_of >= s.as_of and excluded.last_status <> 'skipped' then excluded.as_of else s.changed_at end,
    as_of = greatest(s.as_of, excluded.as_of),
    first_passed_at = least(s.first_passed_at, excluded.first_passed_at)
  where (excluded.as_of >= s.as_of and excluded.last_status not in (s.last_status, 'skipped'))
    or excluded.first_passed_at < coalesce(s.first_passed_at, 'infinity');
$$;
comment on function codered.turn_states(codered.test_reports, codered.test_outcome[], timestamptz) is 'Moves the states of tests to what a run says that began then. A test that was skipped stays where it was. Called in SQL only.';
revoke execute on function codered.turn_states from public;
grant execute on function codered.turn_states to service_role;

create function codered.uncount_report(report codered.test_reports)
returns void
language sql
set search_path = ''
as $$
  with gone as (
    delete from codered.test_results x where x.test_report_id = report.id returning x.test_id, x.status, x.is_flaky
  ), counted as (
    select
      t.id as test_id,
      (codered.has_bit(report.passed, t.number) and not coalesce(bool_or(g.is_flaky), false))::integer as passed,
      coalesce(bool_or(g.status in ('failed', 'errored')), false)::integer as failed,
      coalesce(bool_or(g.is_flaky), false)::integer as flaky,
      codered.has_bit(report.skipped, t.number)::integer as skipped
    from codered.tests t
    left join gone g on g.test_id = t.id
    where t.repository_id = report.repository_id
      and (g.test_id is not null or codered.has_bit(report.passed, t.number) or codered.has_bit(report.skipped, t.number))
    group by t.id
  )
  insert into codered.test_today as d (test_id, day, on_default_branch, passed, failed, flaky, skipped)
  select c.test_id, report.day, report.on_default_branch, -c.passed, -c.failed, -c.flaky, -c.skipped
  from counted c
  on conflict (test_id, day, on_default_branch) do update
  set
    passed = d.passed + excluded.passed, failed = d.failed + excluded.failed, flaky = d.flaky + excluded.flaky,
    skipped = d.skipped + excluded.skipped;
$$;
comment on function codered.uncount_report(codered.test_reports) is 'Takes back what a report that another has replaced was counted for, but its seconds. Called in SQL only.';
revoke execute on function codered.uncount_report from public;
grant execute on function codered.uncount_report to service_role;

create function codered.record_test_results(repository_id bigint, ci_event_id uuid, artifacts jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  event codered.ci_events;
  made codered.ci_events;
  report codered.test_reports;
  known codered.test_reports;
  outcomes codered.test_outcome[];
  one record;
  recorded integer := 0;
begin
  select e.* into event
  from codered.ci_events e
  where e.id = record_test_results.ci_event_id and e.repository_id = record_test_results.repository_id;
  if not found then
    perform codered.refuse_missing('CI event of this repository', record_test_results.ci_event_id::text);
  end if;
  -- One report of a repository after the other: numbers are given, and days moved.
  perform pg_advisory_xact_lock(hashtextextended('codered.tests', event.repository_id));
  perform codered.close_test_days(event.repository_id);
  for one in
    select t.*
    from jsonb_to_recordset(record_test_results.artifacts) as t (
      github_artifact_id bigint, name text, ref text, omitted integer, cases jsonb
    )
  loop
    report := codered.place_test_report(event, one.github_artifact_id, one.name);
    select r.* into known
    from codered.test_reports r
    where r.repository_id = report.repository_id and r.ci_event_id = report.ci_event_id and r.source = report.source;
    if found then
      continue when known.ref is not distinct from one.ref;
      perform codered.uncount_report(known);
      delete from codered.test_reports r where r.id = known.id;
    end if;
    select e.* into made from codered.ci_events e where e.id = report.ci_event_id;
    if report.not_counted is null then
      if not report.from_fork then
        perform codered.number_tests(event.repository_id, one.cases);
      end if;
      outcomes := codered.outcomes_of(event.repository_id, one.cases);
    else
      outcomes := '{}';
    end if;
    insert into codered.test_reports (
      repository_id, ci_event_id, source, ref, artifact_id, commit_sha, on_default_branch, from_fork, day, not_counted, cases,
      omitted, passed, skipped
    )
    values (
      report.repository_id, report.ci_event_id, report.source, one.ref, report.artifact_id, report.commit_sha, report.on_default_branch,
      report.from_fork, report.day, report.not_counted, cardinality(outcomes),
      coalesce(one.omitted, 0) + jsonb_array_length(one.cases) - cardinality(outcomes),
      codered.bits_of(array(select o.number from unnest(outcomes) as o where o.status = 'passed')),
      codered.bits_of(array(select o.number from unnest(outcomes) as o where o.status = 'skipped')))
    returning * into report;
    perform codered.count_outcomes(report, outcomes);
    perform codered.keep_results(report, outcomes);
    perform codered.turn_states(report, outcomes, coalesce(made.start_time, made.created_at));
    recorded := recorded + cardinality(outcomes);
  end loop;
  return recorded;
end
$$;
comment on function codered.record_test_results(bigint, uuid, jsonb) is
  'Counts the cases of artifacts of a workflow run ([{github_artifact_id, name, ref, omitted, cases: [[suite, name, file_path, status, duration_ms, message, is_flaky]]}]) for their tests, each artifact once on the attempt in whose time it was made; another ref under the same name and attempt replaces the former. record_evidence or record_uploaded_evidence comes before. Returns how many tests were counted. CR004.';
revoke execute on function codered.record_test_results from public;
grant execute on function codered.record_test_results to service_role;

create function codered.record_uploaded_tests(repository_id bigint, run_id text, run_attempt integer, tests jsonb)
returns integer
language sql
set search_path = ''
as $$
  select codered.record_test_results(e.repository_id, e.id, jsonb_build_array(record_uploaded_tests.tests))
  from codered.ci_events e
  where e.provider = 'github-actions'
    and e.repository_id = record_uploaded_tests.repository_id
    and e.run_id = record_uploaded_tests.run_id
    and e.run_attempt = record_uploaded_tests.run_attempt
$$;
comment on function codered.record_uploaded_tests(bigint, text, integer, jsonb) is
  'The same of what a job of this attempt uploaded (record_uploaded_evidence comes before); null for a run that is not known.';
revoke execute on function codered.record_uploaded_tests from public;
grant execute on function codered.record_uploaded_tests to service_role;

create function codered.place_test_report(event codered.ci_events, github_artifact_id bigint, name text)
returns codered.test_reports
language sql
stable
set search_path = ''
as $$
  select p
  from codered.repositories r
  left join lateral (
    select a.id, a.made_at, j.made_in
    from codered.artifacts a
    join codered.ci_events own on own.id = a.ci_event_id and own.provider = event.provider
      and own.repository_id = event.repository_id and own.run_id = event.run_id
    join codered.judge_artifacts(event.repository_id, event.run_id, event.run_attempt) j on j.artifact_id = a.id
    where case
      when place_test_report.github_artifact_id is null
        then a.github_artifact_id is null and a.ci_event_id = event.id and a.file_name = place_test_report.name
      else a.github_artifact_id = place_test_report.github_artifact_id
    end
    limit 1
  ) as found on true
  left join codered.ci_events made on made.provider = event.provider and made.repository_id = event.repository_id
    and made.run_id = event.run_id and made.run_attempt = found.made_in
  cross join lateral (
    select
      null::bigint as id, event.repository_id, coalesce(made.id, event.id) as ci_event_id,
      coalesce('artifact:' || place_test_report.github_artifact_id, 'upload:' || place_test_report.name) as source, null::text as ref,
      found.id as artifact_id, event.commit_sha,
      coalesce(event.branch = r.default_branch and event.trigger in ('push', 'schedule', 'manual')
        and coalesce(event.head_repository_id, r.id) = r.id, false) as on_default_branch,
      event.head_repository_id is distinct from event.repository_id as from_fork,
      (least(coalesce(made.start_time, made.created_at, now()), now()) at time zone 'utc')::date as day,
      null::bit varying as passed, null::bit varying as skipped, 0 as cases, 0 as omitted,
      case
        when found.id is null then 'the artifact is not kept'
        when made.id is null then 'the attempt that made it is not known'
        when place_test_report.github_artifact_id is not null and found.made_at is null then 'when it was made is not known'
      end as not_counted,
      now() as created_at, now() as updated_at
  ) as told
  cross join lateral (
    select row(
      told.id, told.repository_id, told.ci_event_id, told.source, told.ref, told.artifact_id, told.commit_sha, told.on_default_branch,
      told.from_fork, told.day, told.passed, told.skipped, told.cases, told.omitted, told.not_counted, told.created_at, told.updated_at)::codered.test_reports as p
  ) as placed
  where r.id = event.repository_id
$$;
comment on function codered.place_test_report(codered.ci_events, bigint, text) is 'Where an artifact of the event''s run is to be counted, as a report without its cases; not_counted says why nowhere. Called in SQL only.';
revoke execute on function codered.place_test_report from public;
grant execute on function codered.place_test_report to service_role;

-- Overrides: who let a criterion pass, why, and until when.

create table codered.user_overrides (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  "user" text not null,
  override_type text not null,
  target_type text,
  target_id uuid,
  repository_id bigint references codered.repositories (id) on delete cascade,
  pull_request_number integer,
  commit_sha text,
  criterion text,
  reason text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  github_comment_id bigint,
  revoked_comment_id bigint,
  github_rule_suite_id bigint,
  github_comment_place integer not null default 1,
  revoked_comment_place integer,
  constraint user_overrides_user_length check (char_length("user") between 1 and 200 or codered.refuse_value('user_overrides.user', "user", '1 to 200 characters')),
  constraint user_overrides_override_type_check check (
    override_type in ('cynic_reject', 'deploy_anyway', 'agent_override')
    or codered.refuse_value('user_overrides.override_type', override_type, 'cynic_reject, deploy_anyway, agent_override')),
  constraint user_overrides_target_type_check check (
    target_type in ('agent_run', 'ci_event', 'deployment', 'task')
    or codered.refuse_value('user_overrides.target_type', target_type, 'agent_run, ci_event, deployment, task')),
  constraint user_overrides_reason_length
    check (char_length(reason) between 1 and 2000 or codered.refuse_value('user_overrides.reason', reason, '1 to 2000 characters')),
  constraint user_overrides_criterion_length
    check (char_length(criterion) between 1 and 200 or codered.refuse_value('user_overrides.criterion', criterion, '1 to 200 characters')),
  constraint user_overrides_pull_request_number_check check (
    pull_request_number > 0 or codered.refuse_value('user_overrides.pull_request_number', pull_request_number, '1 or more')),
  constraint user_overrides_commit_sha_check check (
    commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('user_overrides.commit_sha', commit_sha, '40 or 64 hexadecimal digits')),
  constraint user_overrides_revoked_check check (
    (revoked_at is null) = (revoked_by is null)
    or codered.refuse_value('user_overrides.revoked_by', coalesce(revoked_by, ''), 'given together with revoked_at')),
  constraint user_overrides_rule_suite_key unique (repository_id, github_rule_suite_id),
  constraint user_overrides_comment_key unique (repository_id, github_comment_id, github_comment_place)
);
comment on table codered.user_overrides is 'Where a person overruled the gate or an agent: who, what, why, until when. Revoked, never deleted.';
comment on column codered.user_overrides."user" is
  'Who overrode: a GitHub login, or "account" and the id of whoever wrote the row without having one here. Never what a member writes.';
comment on column codered.user_overrides.target_id is 'A plain id: the override outlives what it was about.';
comment on column codered.user_overrides.commit_sha is 'The one commit it covers; null with expires_at: every commit of the pull request until then.';
comment on column codered.user_overrides.criterion is 'The one criterion of the Definition of Done that it covers, or "all".';
comment on column codered.user_overrides.github_comment_id is
  'The comment that commanded it, by which it is known when the command is followed again; null: it came another way.';
comment on column codered.user_overrides.revoked_comment_id is 'The comment that took it back; null: nobody has, or it was done another way.';
comment on column codered.user_overrides.github_rule_suite_id is
  'GitHub''s record of the push that bypassed a rule, by which it is known when it is read again; null: none was read.';
comment on column codered.user_overrides.github_comment_place is 'Which of the comment''s commands it was, from 1.';
comment on column codered.user_overrides.revoked_comment_place is 'Which of that comment''s commands took it back, from 1.';
create index user_overrides_project_id_idx on codered.user_overrides (project_id, created_at desc);
create index user_overrides_user_id_idx on codered.user_overrides (user_id);
create index user_overrides_commit_idx on codered.user_overrides (repository_id, commit_sha);
alter table codered.user_overrides enable row level security;
create policy user_overrides_read on codered.user_overrides for select to authenticated using (project_id in (select codered.my_projects()));
create policy user_overrides_insert on codered.user_overrides for insert to authenticated
  with check (
    project_id in (select codered.my_projects())
    and user_id = (select auth.uid())
    -- The project's own, or a maintainer of one project could open the gate of another in which they are less.
    and (
      repository_id is null
      or exists (select from codered.repositories r where r.id = user_overrides.repository_id and r.project_id = user_overrides.project_id)
    )
    -- What opens a gate asks for more than membership.
    and (criterion is null or project_id in (select codered.my_projects('maintainer')))
  );
create policy user_overrides_update on codered.user_overrides for update to authenticated
  using (
    revoked_at is null
    and (project_id in (select codered.my_projects('maintainer')) or (user_id = (select auth.uid()) and project_id in (select codered.my_projects())))
  )
  with check (revoked_at is not null and project_id in (select codered.my_projects()));
grant select on codered.user_overrides to authenticated;
grant insert (id, project_id, user_id, "user", override_type, target_type, target_id, repository_id, pull_request_number, commit_sha,
  criterion, reason, expires_at) on codered.user_overrides to authenticated;
-- A reason once given stays: an override is revoked, once, never rewritten, taken up again or deleted.
grant update (revoked_at, revoked_by) on codered.user_overrides to authenticated;
grant select, insert, update, delete on codered.user_overrides to service_role;
create trigger user_overrides_touch before update on codered.user_overrides
  for each row execute function codered.touch_updated_at();
create trigger user_overrides_events after insert or update or delete on codered.user_overrides
  for each row execute function codered.append_event('override');

create function codered.record_override(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, reason text,
  head_sha text, expires_at timestamptz default null, place integer default 1
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  home codered.repositories;
  run uuid;
  made uuid;
begin
  -- A verdict is written under the same lock: none is that has not seen this.
  select r.* into home
  from codered.repositories r
  where r.id = record_override.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', record_override.repository_id::text);
  end if;
  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason, expires_at,
    github_comment_id, github_comment_place
  )
  values (
    home.project_id, codered.find_profile(record_override.login), record_override.login, 'deploy_anyway', home.id,
    record_override.pull_request_number, case when record_override.expires_at is null then record_override.head_sha end,
    record_override.criterion, record_override.reason, record_override.expires_at, record_override.comment_id, record_override.place
  )
  on conflict on constraint user_overrides_comment_key do nothing
  returning user_overrides.id into made;
  if made is null then
    return json_build_object('recorded', false);
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = home.id and r.commit_sha = record_override.head_sha
  order by r.created_at desc, r.id
  limit 1;
  perform codered.append_status(
    home.project_id, run, 'OVERRIDDEN', format('%s: %s', record_override.criterion, record_override.reason),
    jsonb_build_object(
      'override_id', made, 'criterion', record_override.criterion, 'user', record_override.login, 'reason', record_override.reason,
      'expires_at', record_override.expires_at, 'commit_sha', record_override.head_sha,
      'pull_request_number', record_override.pull_request_number));
  perform codered.queue_job(
    home.project_id, 'report', jsonb_build_object('repository_id', home.id, 'head_sha', record_override.head_sha),
    'report:' || home.id || ':' || record_override.head_sha);
  return json_build_object('recorded', true);
end
$$;
comment on function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz, integer) is
  'Keeps an override that a comment commanded, with its status event, and queues the report; the same command''s second time changes nothing. Without expires_at it covers the head alone, else every commit of the pull request until then. CR002, CR004.';
revoke execute on function codered.record_override from public;
grant execute on function codered.record_override to service_role;

create function codered.revoke_overrides(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, head_sha text,
  place integer default 1
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  home codered.repositories;
begin
  select r.* into home
  from codered.repositories r
  where r.id = revoke_overrides.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', revoke_overrides.repository_id::text);
  end if;
  update codered.user_overrides o
  set
    revoked_at = now(), revoked_by = revoke_overrides.login, revoked_comment_id = revoke_overrides.comment_id,
    revoked_comment_place = revoke_overrides.place
  where o.repository_id = home.id
    and o.pull_request_number = revoke_overrides.pull_request_number
    and o.criterion is not null
    and o.revoked_at is null
    and (o.expires_at is null or o.expires_at > now())
    and (revoke_overrides.criterion = 'all' or o.criterion = revoke_overrides.criterion)
    -- What was commanded later stands: this may be its second time.
    and (
      o.github_comment_id is null
      or (o.github_comment_id, o.github_comment_place) < (revoke_overrides.comment_id, revoke_overrides.place)
    );
  if found then
    perform codered.queue_job(
      home.project_id, 'report', jsonb_build_object('repository_id', home.id, 'head_sha', revoke_overrides.head_sha),
      'report:' || home.id || ':' || revoke_overrides.head_sha);
  end if;
  return (
    select count(*)
    from codered.user_overrides o
    where o.repository_id = home.id and o.revoked_comment_id = revoke_overrides.comment_id
      and o.revoked_comment_place = revoke_overrides.place
  );
end
$$;
comment on function codered.revoke_overrides(bigint, integer, bigint, text, text, text, integer) is
  'Takes the overrides of one criterion (all: of every one) back that stand on a pull request, as a comment commanded, and queues the report; returns how many the command took back, the second time too. CR004.';
revoke execute on function codered.revoke_overrides from public;
grant execute on function codered.revoke_overrides to service_role;

create function codered.follow_override()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform codered.look_again(new.repository_id, coalesce(pr.head_sha, new.commit_sha))
  from (select) as once
  left join codered.pull_requests pr on pr.repository_id = new.repository_id and pr.number = new.pull_request_number
  where coalesce(pr.head_sha, new.commit_sha) is not null;
  return null;
end
$$;
comment on function codered.follow_override() is
  'Has the head of the pull request judged again when an override of a criterion is made or revoked, whoever wrote it. Security definer, because members write overrides by hand and may not queue work of the app; nobody can call it, it is a trigger''s.';
revoke execute on function codered.follow_override from public;

create trigger user_overrides_look_insert after insert on codered.user_overrides
  for each row when (new.repository_id is not null and new.criterion is not null)
  execute function codered.follow_override();

create trigger user_overrides_look_update after update of revoked_at, expires_at on codered.user_overrides
  for each row when (
    new.repository_id is not null and new.criterion is not null
    and (old.revoked_at, old.expires_at) is distinct from (new.revoked_at, new.expires_at))
  execute function codered.follow_override();

create function codered.name_overrider()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  known constant text := coalesce(
    (select p.github_login from codered.profiles p where p.id = (select auth.uid())), 'account ' || auth.uid()::text);
begin
  if not codered.is_member_call() then
    return new;
  end if;
  if tg_op = 'INSERT' then
    new."user" := known;
  elsif new.revoked_at is not null then
    new.revoked_at := now();
    new.revoked_by := known;
  end if;
  return new;
end
$$;
comment on function codered.name_overrider() is
  'Puts into an override that a member writes, or revokes, who they are: the login that GitHub told when they signed up, else the id of their account; what they write themselves is ignored. Security definer, because nobody may read that column of profiles; nobody can call it, it is a trigger''s.';
revoke execute on function codered.name_overrider from public;

create trigger user_overrides_name before insert or update of revoked_at, revoked_by on codered.user_overrides
  for each row execute function codered.name_overrider();

-- Commands in comments, and how many one person may give.

create table codered.command_counts (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  about text not null,
  id bigint not null,
  hour_began timestamptz not null default now(),
  heard integer not null default 0,
  reactions integer not null default 0,
  reacted_at timestamptz,
  reacted_comment_id bigint,
  standing text,
  standing_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, about, id),
  constraint command_counts_about_check check (
    about in ('author', 'pull_request') or codered.refuse_value('command_counts.about', about, 'author, pull_request')),
  constraint command_counts_standing_check check (
    standing in ('none', 'some', 'full') or codered.refuse_value('command_counts.standing', standing, 'none, some, full'))
);
comment on table codered.command_counts is
  'How much was commanded within an hour, by author (id: the account''s) and by pull request (id: its number). Rows older than a day go by themselves.';
comment on column codered.command_counts.heard is 'Comments with commands since hour_began.';
comment on column codered.command_counts.reactions is 'Reactions to comments of people who may not write, since hour_began.';
comment on column codered.command_counts.reacted_at is 'The last of those on the pull request.';
comment on column codered.command_counts.standing is
  'What GitHub said of the author at standing_at: none, nothing is followed; some, may have a commit looked at again; full, may write, or override by the policy.';
alter table codered.command_counts enable row level security;
create policy command_counts_nobody on codered.command_counts for select to authenticated using (false);
grant select, insert, update, delete on codered.command_counts to service_role;
create trigger command_counts_touch before update on codered.command_counts
  for each row execute function codered.touch_updated_at();

create function codered.queue_commands(facts json)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  told record;
  queued integer := 0;
begin
  for told in
    select distinct on (f.comment_id)
      r.project_id, f.repository_id, f.pull_request_number, f.author_id,
      'command:' || f.comment_id as dedupe_key,
      jsonb_build_object(
        'kind', 'command', 'repository_id', f.repository_id, 'pull_request_number', f.pull_request_number, 'comment_id', f.comment_id,
        'author', f.author, 'author_id', f.author_id, 'author_type', f.author_type, 'text', f.text, 'created_at', f.created_at,
        -- What the author had before them, as far as we know.
        'head_sha', pr.head_sha) as input
    from json_to_recordset(queue_commands.facts) as f (
      repository_id bigint, pull_request_number integer, comment_id bigint, author text, author_id bigint, author_type text, text text,
      created_at text
    )
    join codered.repositories r on r.id = f.repository_id
    left join codered.pull_requests pr on pr.repository_id = r.id and pr.number = f.pull_request_number
    where not exists (select from codered.agent_jobs j where j.dedupe_key = 'command:' || f.comment_id)
    order by f.comment_id
  loop
    if codered.take_command(told.repository_id, told.pull_request_number, told.author_id) then
      perform codered.queue_job(told.project_id, 'pipeline', told.input, told.dedupe_key);
      queued := queued + 1;
    end if;
  end loop;
  return queued;
end
$$;
comment on function codered.queue_commands(json) is
  'Queues commands of comments to be followed, each comment''s once and within the limits, with the pull request''s head of this moment; returns how many are new.';
revoke execute on function codered.queue_commands from public;
grant execute on function codered.queue_commands to service_role;

create function codered.command_limit(name text)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case command_limit.name
    when 'refusal_minutes' then 10
    when 'comments_of_author' then 10
    when 'comments_of_writer' then 60
    when 'comments_on_pull_request' then 120
    when 'reactions_to_author' then 3
  end
$$;
comment on function codered.command_limit(text) is 'The limits of commands, in an hour unless named for minutes; docs/policy.md says why they are what they are. Of reactions on a pull request there is one.';
revoke execute on function codered.command_limit from public;
grant execute on function codered.command_limit to service_role;

create function codered.count_command(repository_id bigint, about text, id bigint)
returns codered.command_counts
language plpgsql
set search_path = ''
as $$
declare
  counted codered.command_counts;
begin
  insert into codered.command_counts as c (repository_id, about, id, heard)
  values (count_command.repository_id, count_command.about, count_command.id, 1)
  on conflict on constraint command_counts_pkey do update
  set
    heard = case when c.hour_began <= now() - interval '1 hour' then 1 else c.heard + 1 end,
    reactions = case when c.hour_began <= now() - interval '1 hour' then 0 else c.reactions end,
    hour_began = case when c.hour_began <= now() - interval '1 hour' then now() else c.hour_began end
  returning c.* into counted;
  if counted.heard = 1 then
    delete from codered.command_counts c
    where (c.repository_id, c.about, c.id) in (
      select o.repository_id, o.about, o.id
      from codered.command_counts o
      where o.repository_id = count_command.repository_id and o.hour_began < now() - interval '1 day'
      for update skip locked
    );
  end if;
  return counted;
end
$$;
comment on function codered.count_command(bigint, text, bigint) is 'Counts one more comment with commands, of an author or on a pull request, and returns the count of the hour.';
revoke execute on function codered.count_command from public;
grant execute on function codered.count_command to service_role;

create function codered.may_react(repository_id bigint, pull_request_number integer, author_id bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
  select not exists (
    select
    from codered.command_counts c
    where c.repository_id = may_react.repository_id
      and (
        (c.about = 'pull_request' and c.id = may_react.pull_request_number and c.reacted_at > now() - interval '1 hour')
        or (
          c.about = 'author' and c.id = may_react.author_id and c.hour_began > now() - interval '1 hour'
          and c.reactions >= codered.command_limit('reactions_to_author')
        )
      )
  )
$$;
comment on function codered.may_react(bigint, integer, bigint) is
  'Whether somebody who may not write may still have a reaction on a pull request in this hour.';
revoke execute on function codered.may_react from public;
grant execute on function codered.may_react to service_role;

create function codered.take_command(repository_id bigint, pull_request_number integer, author_id bigint)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  author constant codered.command_counts := codered.count_command(take_command.repository_id, 'author', take_command.author_id);
begin
  if author.standing is not distinct from 'full' then
    return author.heard <= codered.command_limit('comments_of_writer')
      and (codered.count_command(take_command.repository_id, 'pull_request', take_command.pull_request_number)).heard
        <= codered.command_limit('comments_on_pull_request');
  end if;
  if author.heard > codered.command_limit('comments_of_author') then
    return false;
  end if;
  return author.standing is distinct from 'none'
    or author.standing_at <= now() - make_interval(mins => codered.command_limit('refusal_minutes'))
    or codered.may_react(take_command.repository_id, take_command.pull_request_number, take_command.author_id);
end
$$;
comment on function codered.take_command(bigint, integer, bigint) is
  'Counts a comment with commands and says whether it is to be followed: false past the limits, and for whoever was refused a moment ago when not even a reaction is left.';
revoke execute on function codered.take_command from public;
grant execute on function codered.take_command to service_role;

create function codered.read_refusal(repository_id bigint, author_id bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.command_counts c
    where c.repository_id = read_refusal.repository_id and c.about = 'author' and c.id = read_refusal.author_id
      and c.standing = 'none'
      and c.standing_at > now() - make_interval(mins => codered.command_limit('refusal_minutes'))
  )
$$;
comment on function codered.read_refusal(bigint, bigint) is
  'Whether GitHub said within the last minutes that somebody may command nothing in a repository, so that it need not be asked again.';
revoke execute on function codered.read_refusal from public;
grant execute on function codered.read_refusal to service_role;

create function codered.keep_standing(repository_id bigint, author_id bigint, standing text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.command_counts as c (repository_id, about, id, standing, standing_at)
  values (keep_standing.repository_id, 'author', keep_standing.author_id, keep_standing.standing, now())
  on conflict on constraint command_counts_pkey do update
  set standing = excluded.standing, standing_at = excluded.standing_at
$$;
comment on function codered.keep_standing(bigint, bigint, text) is 'Keeps what GitHub just said of somebody who commands: none, some or full. CR002.';
revoke execute on function codered.keep_standing from public;
grant execute on function codered.keep_standing to service_role;

create function codered.take_command_reaction(repository_id bigint, pull_request_number integer, comment_id bigint, author_id bigint)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  place codered.command_counts;
begin
  insert into codered.command_counts (repository_id, about, id)
  values
    (take_command_reaction.repository_id, 'author', take_command_reaction.author_id),
    (take_command_reaction.repository_id, 'pull_request', take_command_reaction.pull_request_number)
  on conflict do nothing;
  select c.* into place
  from codered.command_counts c
  where c.repository_id = take_command_reaction.repository_id and c.about = 'pull_request'
    and c.id = take_command_reaction.pull_request_number
  for update;
  -- Its own, once more: the first time came to nothing.
  if place.reacted_comment_id = take_command_reaction.comment_id then
    return true;
  end if;
  if not codered.may_react(
    take_command_reaction.repository_id, take_command_reaction.pull_request_number, take_command_reaction.author_id)
  then
    return false;
  end if;
  update codered.command_counts c
  set reacted_at = now(), reacted_comment_id = take_command_reaction.comment_id
  where c.repository_id = place.repository_id and c.about = place.about and c.id = place.id;
  update codered.command_counts c
  set
    reactions = case when c.hour_began <= now() - interval '1 hour' then 1 else c.reactions + 1 end,
    heard = case when c.hour_began <= now() - interval '1 hour' then 0 else c.heard end,
    hour_began = case when c.hour_began <= now() - interval '1 hour' then now() else c.hour_began end
  where c.repository_id = take_command_reaction.repository_id and c.about = 'author' and c.id = take_command_reaction.author_id;
  return true;
end
$$;
comment on function codered.take_command_reaction(bigint, integer, bigint, bigint) is
  'Whether a comment of somebody who may not write gets the reaction of this hour; the same comment is told the same again.';
revoke execute on function codered.take_command_reaction from public;
grant execute on function codered.take_command_reaction to service_role;

-- Evidence: what artifacts and uploads say for a commit.

create function codered.read_evidence_version(repository_id bigint, sha text)
returns text
language sql
stable
set search_path = ''
as $$
  select concat_ws(
    ':', codered.version_of_commit(read_evidence_version.repository_id, read_evidence_version.sha),
    (
      select h.head_sha || ':' || codered.version_of_commit(read_evidence_version.repository_id, h.head_sha)
      from codered.merge_group_head(read_evidence_version.repository_id, read_evidence_version.sha) h
    ))
$$;
comment on function codered.read_evidence_version(bigint, text) is
  'Equal as long as nothing new is known that a verdict on the commit could rest on; for the commit of a merge queue also what is known of its pull request''s head.';
revoke execute on function codered.read_evidence_version from public;
grant execute on function codered.read_evidence_version to service_role;

create function codered.queue_evidence(repository_id bigint, ci_event_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select e.id, e.project_id, e.repository_id
    from codered.ci_events e
    where e.id = any (queue_evidence.ci_event_ids)
      and e.repository_id = queue_evidence.repository_id
      and not exists (select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id)
  ), queued as (
    select codered.queue_job(
      w.project_id, 'artifacts', jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id), 'artifacts:' || w.id)
    from wanted w
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_evidence(bigint, uuid[]) is
  'Queues the reading of artifacts of workflow runs that are over, once for each attempt; returns how many were queued.';
revoke execute on function codered.queue_evidence from public;
grant execute on function codered.queue_evidence to service_role;

create function codered.read_evidence_subject(repository_id bigint, ci_event_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id, 'owner', r.owner, 'name', r.name, 'run_id', e.run_id, 'run_attempt', e.run_attempt,
    'commit_sha', e.commit_sha, 'html_url', e.html_url)
  from codered.ci_events e
  join codered.repositories r on r.id = e.repository_id
  where e.id = read_evidence_subject.ci_event_id
    and e.repository_id = read_evidence_subject.repository_id
    and e.provider = 'github-actions'
    and r.deleted_at is null
$$;
comment on function codered.read_evidence_subject(bigint, uuid) is 'The workflow run whose artifacts are to be read, and where to reach it; null when it is unknown.';
revoke execute on function codered.read_evidence_subject from public;
grant execute on function codered.read_evidence_subject to service_role;

create function codered.record_evidence(repository_id bigint, ci_event_id uuid, artifacts jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  event codered.ci_events;
  run uuid;
  written integer;
begin
  select e.* into event
  from codered.ci_events e
  where e.id = record_evidence.ci_event_id and e.repository_id = record_evidence.repository_id;
  if not found then
    perform codered.refuse_missing('CI event of this repository', record_evidence.ci_event_id::text);
  end if;
  if jsonb_array_length(record_evidence.artifacts) > 0 then
    run := codered.run_for_evidence(event.repository_id, event.commit_sha);
  end if;
  insert into codered.artifacts as a (
    run_id, ci_event_id, github_artifact_id, kind, file_name, url, ref, content_type, content, summary, made_at
  )
  select run, event.id, f.github_artifact_id, f.kind, f.name, f.url, f.ref, 'json', f.content, f.summary, f.made_at
  from jsonb_to_recordset(record_evidence.artifacts) as f (
    github_artifact_id bigint, kind text, name text, url text, ref text, content text, summary text, made_at timestamptz
  )
  on conflict (run_id, github_artifact_id) do update
  set
    ci_event_id = excluded.ci_event_id, ref = excluded.ref, content = excluded.content, summary = excluded.summary, kind = excluded.kind,
    -- A worker of before does not tell.
    made_at = coalesce(excluded.made_at, a.made_at)
  where (a.ci_event_id, a.ref, a.content, a.summary, a.kind, a.made_at)
      is distinct from
        (excluded.ci_event_id, excluded.ref, excluded.content, excluded.summary, excluded.kind, coalesce(excluded.made_at, a.made_at))
    -- GitHub lists the artifacts of a run, not of an attempt: what an older attempt is read for late must not take them back.
    and not exists (
      select
      from codered.ci_events newer
      where newer.id = a.ci_event_id
        and newer.provider = event.provider
        and newer.run_id = event.run_id
        and newer.run_attempt > event.run_attempt
    );
  get diagnostics written = row_count;
  perform codered.queue_job(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
  return written;
end
$$;
comment on function codered.record_evidence(bigint, uuid, jsonb) is
  'Keeps what a workflow run''s artifacts say ([{github_artifact_id, kind, name, url, ref, content, summary, made_at}]) and queues the report of its commit; done twice, it changes nothing. Returns how many rows were written. CR004.';
revoke execute on function codered.record_evidence from public;
grant execute on function codered.record_evidence to service_role;

create function codered.read_upload_subject(repository_id bigint, run_id text, run_attempt integer)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'is_installed', i.id is not null and r.deleted_at is null, 'commit_sha', e.commit_sha, 'html_url', e.html_url)
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id and i.suspended_at is null and i.deleted_at is null
  left join codered.ci_events e
    on e.provider = 'github-actions'
    and e.repository_id = r.id
    and e.run_id = read_upload_subject.run_id
    and e.run_attempt = read_upload_subject.run_attempt
  where r.id = read_upload_subject.repository_id
$$;
comment on function codered.read_upload_subject(bigint, text, integer) is
  'What an upload for one attempt of a workflow run is about: {is_installed, commit_sha, html_url}, the last two null while GitHub has not told of the run; null for an unknown repository.';
revoke execute on function codered.read_upload_subject from public;
grant execute on function codered.read_upload_subject to service_role;

create function codered.record_uploaded_evidence(repository_id bigint, run_id text, run_attempt integer, artifact jsonb)
returns void
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  most constant integer := 200;
  event codered.ci_events;
  told record;
  run uuid;
  uploaded integer;
begin
  perform codered.check_fields('artifacts', record_uploaded_evidence.artifact, '{
    "github_artifact_id": "bigint", "kind": "text", "name": "text", "url": "text", "ref": "text", "content": "text",
    "summary": "text"}');
  select * into told
  from jsonb_to_record(record_uploaded_evidence.artifact) as t (
    kind text, name text, url text, ref text, content text, summary text);
  if coalesce(told.name, '') = '' then
    perform codered.refuse_value('artifacts.file_name', coalesce(told.name, 'null'), 'a name');
  end if;
  -- Uploads of one attempt go one after the other: their number is counted, and the first one makes the run.
  select e.* into event
  from codered.ci_events e
  join codered.repositories r on r.id = e.repository_id
  join codered.installations i on i.id = r.installation_id
  where e.provider = 'github-actions'
    and e.repository_id = record_uploaded_evidence.repository_id
    and e.run_id = record_uploaded_evidence.run_id
    and e.run_attempt = record_uploaded_evidence.run_attempt
    and r.deleted_at is null
    and i.suspended_at is null
    and i.deleted_at is null
  for no key update of e;
  if not found then
    perform codered.refuse_missing('workflow run of this repository', record_uploaded_evidence.run_id);
  end if;
  select count(*), (array_agg(a.run_id) filter (where a.file_name = told.name))[1] into uploaded, run
  from codered.artifacts a
  where a.ci_event_id = event.id and a.github_artifact_id is null and a.run_id is not null;
  if run is null and uploaded >= most then
    perform codered.refuse_state('artifacts', uploaded || ' uploads of one attempt of a run', 'at most ' || most);
  end if;
  if run is null then
    run := codered.run_for_evidence(event.repository_id, event.commit_sha);
  end if;
  insert into codered.artifacts as a (run_id, ci_event_id, kind, file_name, url, ref, content_type, content, summary)
  values (run, event.id, told.kind, told.name, told.url, told.ref, 'json', told.content, told.summary)
  on conflict (run_id, ci_event_id, file_name) where github_artifact_id is null and run_id is not null and ci_event_id is not null
  do update
  set ref = excluded.ref, content = excluded.content, summary = excluded.summary, kind = excluded.kind, url = excluded.url
  where (a.ref, a.content, a.summary, a.kind, a.url)
    is distinct from (excluded.ref, excluded.content, excluded.summary, excluded.kind, excluded.url);
  perform codered.queue_job(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
end
$$;
comment on function codered.record_uploaded_evidence(bigint, text, integer, jsonb) is
  'Keeps what a file says that a job of this attempt of a workflow run uploaded ({kind, name, url, ref, content, summary}), in place of an earlier one of that name, and queues the report of its commit; done twice, it changes nothing. CR002, CR003 (more than 200 names), CR004.';
revoke execute on function codered.record_uploaded_evidence from public;
grant execute on function codered.record_uploaded_evidence to service_role;

create function codered.judge_artifacts(repository_id bigint, run_id text, newest_attempt integer)
returns table (artifact_id uuid, made_in integer, is_stale boolean)
language sql
stable
set search_path = ''
as $$
  with jobs as materialized (
    select
      o.run_attempt, o.name, o.has_new_name, o.covered_by is not null as ran_again, j.started_at, j.completed_at,
      -- GitHub tells a start of jobs that never had a runner, too.
      j.started_at is not null
      and j.status <> 'queued'
      and j.conclusion is distinct from 'skipped'
      and not (j.status = 'canceled' and j.runner_name is null and j.steps = '[]') as is_maker
    from codered.jobs_of_run(judge_artifacts.repository_id, judge_artifacts.run_id) o
    join codered.ci_jobs j on j.id = o.id
  ), attempts as materialized (
    select
      a.id, a.run_attempt,
      coalesce(a.start_time, (select min(j.started_at) from jobs j where j.run_attempt = a.run_attempt)) as started_at,
      (select count(distinct j.name) from jobs j where j.run_attempt = a.run_attempt and j.is_maker and not j.ran_again) as jobs_left,
      (select count(distinct j.name) from jobs j where j.run_attempt = a.run_attempt and j.has_new_name) as new_names
    from codered.ci_events a
    where a.provider = 'github-actions' and a.repository_id = judge_artifacts.repository_id and a.run_id = judge_artifacts.run_id
  ), makers as materialized (
    -- A name may change with the attempt. Where a later attempt has as many new names as jobs are left here, they may all be those.
    select
      j.run_attempt, j.started_at, j.completed_at,
      j.ran_again or exists (
        select
        from attempts a
        join attempts later on later.run_attempt > a.run_attempt and later.new_names >= a.jobs_left
        where a.run_attempt = j.run_attempt
      ) as ran_again
    from jobs j
    where j.is_maker
  ), made as materialized (
    select
      f.id, u.at, u.allowed,
      case
        when f.github_artifact_id is null then a.run_attempt
        when f.made_at is null then judge_artifacts.newest_attempt
        else coalesce(
          (select max(b.run_attempt) from attempts b where b.started_at <= f.made_at),
          (select min(b.run_attempt) from attempts b))
      end as attempt
    from attempts a
    join codered.artifacts f on f.ci_event_id = a.id
    -- An upload says by its token which attempt it is of; GitHub lists artifacts by run, and when it got them.
    -- Clocks are not the same to the second, and an upload's is ours.
    cross join lateral (
      select
        case when f.github_artifact_id is null then f.created_at else f.made_at end as at,
        make_interval(secs => case when f.github_artifact_id is null then 60 else 5 end) as allowed
    ) as u
  )
  select
    m.id, m.attempt,
    m.attempt < judge_artifacts.newest_attempt
    -- Whichever job made it was running then; when none is known to have been, it may be any job's.
    and coalesce(
      bool_and(running.ran_again),
      not exists (select from makers k where k.run_attempt = m.attempt and not k.ran_again))
  from made m
  left join makers running
    on running.run_attempt = m.attempt
    and m.at between running.started_at - m.allowed and coalesce(running.completed_at, 'infinity') + m.allowed
  group by m.id, m.attempt
$$;
comment on function codered.judge_artifacts(bigint, text, integer) is
  'The attempt that each artifact of a workflow run was made in (what was made before every known start: the oldest; at an unknown time: the newest), and whether it is stale: every job that may have made it has run again since. That is a job that was running when it was made, and was not skipped or cancelled before it had a runner. A job ran again when a later one covers it (jobs_of_run), or when one later attempt has at least as many new names as its own attempt has jobs left that are not covered: GitHub then re-ran all jobs under other names, or nobody can tell which. A job that is not told of yet did not run again: a gate waits for the end of the run.';
revoke execute on function codered.judge_artifacts from public;
grant execute on function codered.judge_artifacts to service_role;

create function codered.run_for_evidence(repository_id bigint, commit_sha text)
returns uuid
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  run uuid;
begin
  select r.id into run
  from codered.runs r
  where r.repository_id = run_for_evidence.repository_id and r.commit_sha = run_for_evidence.commit_sha
  order by r.sprint_id is null, r.created_at
  limit 1;
  if run is null then
    insert into codered.runs as r (project_id, repository_id, commit_sha, status)
    select p.project_id, p.id, run_for_evidence.commit_sha, 'pending'
    from codered.repositories p
    where p.id = run_for_evidence.repository_id
    on conflict (repository_id, commit_sha, sprint_id) where repository_id is not null and commit_sha is not null do update
    set updated_at = now()
    returning r.id into run;
  end if;
  return run;
end
$$;
comment on function codered.run_for_evidence(bigint, text) is
  'The run of a commit that its evidence belongs to; one that is pending, until the gate judges, where there is none.';
revoke execute on function codered.run_for_evidence from public;
grant execute on function codered.run_for_evidence to service_role;

create function codered.version_of_commit(repository_id bigint, sha text)
returns text
language sql
stable
set search_path = ''
as $$
  select md5(coalesce(string_agg(told.what, ',' order by told.what), ''))
  from (
    select concat_ws(':', e.id, e.status, e.conclusion, e.source_updated_at, e.source_delivery) as what
    from codered.ci_events e
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', j.id, j.status, j.conclusion, j.source_updated_at, j.source_delivery)
    from codered.ci_events e
    join codered.ci_jobs j on j.ci_event_id = e.id
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', a.id, a.ref, a.content_hash)
    from codered.ci_events e
    join codered.artifacts a on a.ci_event_id = e.id
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', o.id, o.revoked_at)
    from codered.user_overrides o
    where o.repository_id = version_of_commit.repository_id and o.criterion is not null
      and (o.commit_sha = version_of_commit.sha or o.commit_sha is null)
  ) as told
$$;
comment on function codered.version_of_commit(bigint, text) is
  'Equal as long as nothing new is known of this very commit that a verdict could rest on.';
revoke execute on function codered.version_of_commit from public;
grant execute on function codered.version_of_commit to service_role;

create function codered.queue_held_evidence(repository_id bigint, ci_event_ids uuid[])
returns json
language sql
set search_path = ''
as $$
  with wanted as (
    select
      e.id, e.project_id, e.repository_id,
      -- Each job that ends may have left something: what was read before it ended is read again.
      'artifacts:' || e.id || ':held:' || ended.jobs || ':' || coalesce(extract(epoch from ended.last), 0) as dedupe_key
    from codered.ci_events e
    cross join lateral (
      select count(*) as jobs, max(j.source_updated_at) as last
      from codered.ci_jobs j
      where j.ci_event_id = e.id and j.status not in ('queued', 'running')
    ) ended
    where e.id = any (queue_held_evidence.ci_event_ids)
      and e.repository_id = queue_held_evidence.repository_id
      and e.status in ('queued', 'running')
  ), queued as (
    select
      codered.queue_job(
        w.project_id, 'artifacts', jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id), w.dedupe_key)
    from wanted w
    where not exists (select from codered.agent_jobs j where j.dedupe_key = w.dedupe_key)
  )
  select json_build_object(
    'queued', (select count(*) from queued),
    'read', coalesce(
      (
        select json_agg(w.id order by w.id)
        from wanted w
        where exists (select from codered.agent_jobs j where j.dedupe_key = w.dedupe_key and j.status = 'completed')
      ),
      '[]'))
$$;
comment on function codered.queue_held_evidence(bigint, uuid[]) is
  'Queues the reading of artifacts of workflow runs that are not over, of which only jobs are left that wait for an environment: once for each job that has ended. Tells how many were queued, and the events of those that were read since the last one ended.';
revoke execute on function codered.queue_held_evidence from public;
grant execute on function codered.queue_held_evidence to service_role;

-- The gate: what it reads of a commit, and what it found.

create function codered.signals_of(repository_id bigint, sha text)
returns table (
  kind text, name text, origin text, workflow_path text, attempt integer, status text, conclusion text, url text, at timestamptz,
  event text, author text, branch text, head_repository_id bigint
)
language sql
stable
set search_path = ''
as $$
  with runs as (
    select c.* from codered.current_runs(signals_of.repository_id, signals_of.sha) as c
  ), jobs as (
    -- A partial re-run holds only the jobs that ran again: the others carry over from the attempt before. Until it is over,
    -- nobody knows which will.
    select
      i.workflow_path as path, i.event, i.branch, i.head_repository_id, r.status in ('queued', 'running') as is_under_way, o.run_attempt, o.covered_by,
      r.run_attempt as newest_attempt, r.source_updated_at as run_at, o.id, o.name,
      rank() over (partition by r.id, o.name order by o.run_attempt desc) as age
    from runs r
    cross join lateral codered.identity_of_run(r.repository_id, r.run_id) as i
    cross join lateral codered.jobs_of_run(r.repository_id, r.run_id) as o
    where r.provider = 'github-actions'
  )
  select
    'job',
    t.name,
    coalesce(regexp_replace(t.path, '^.*/', ''), ''),
    t.path,
    case when t.is_under_way then t.newest_attempt else a.run_attempt end,
    case
      when t.run_attempt < t.newest_attempt and t.is_under_way then 'running'
      -- The webhook of the job's end was lost: nobody knows how it ended.
      when not t.is_under_way and j.status in ('queued', 'running') then 'canceled'
      else j.status
    end,
    case when t.run_attempt < t.newest_attempt and t.is_under_way then null else j.conclusion end,
    j.html_url,
    greatest(j.source_updated_at, t.run_at),
    t.event,
    null,
    t.branch,
    t.head_repository_id
  from jobs t
  -- A part of a matrix that was skipped as a whole later is what that is.
  join codered.ci_jobs j on j.id = coalesce(t.covered_by, t.id)
  join codered.ci_events a on a.id = j.ci_event_id
  where t.age = 1
  union all
  select
    case r.provider when 'github-status' then 'status' else 'check' end,
    r.workflow_name,
    case r.provider when 'github-checks' then coalesce(r.actor, '') else '' end,
    null,
    r.run_attempt,
    r.status,
    r.conclusion,
    r.html_url,
    r.source_updated_at,
    null,
    r.actor,
    null,
    null
  from runs r
  where r.provider in ('github-checks', 'github-status')
$$;
comment on function codered.signals_of(bigint, text) is
  'The jobs, checks and statuses that count for a commit, each in its newest attempt, a job that a skipped or cancelled one covers (jobs_of_run) as that one: Signal of src/gate/gathered.ts without trust. event: GitHub''s word for what set off the job''s run, null until that is told, as workflow_path then is; author: the slug of the check run''s App, the login of the status'' creator; branch and head_repository_id: of the job''s run.';
revoke execute on function codered.signals_of from public;
grant execute on function codered.signals_of to service_role;

create function codered.read_gate_subject(repository_id bigint, pull_request_number integer, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name, 'installation_id', r.installation_id, 'default_branch', r.default_branch),
    'pull_request', json_build_object(
      'number', pr.number, 'base_ref', pr.base_ref, 'head_ref', pr.head_ref, 'head_sha', pr.head_sha, 'author', pr.author,
      'is_fork', pr.head_repository_id is distinct from pr.repository_id,
      -- GitHub does not say of a run which pull request of a fork it is for, and each merges the branch into another one.
      'twins', coalesce(
        (
          select json_agg(o.number order by o.number)
          from codered.pull_requests o
          where o.repository_id = pr.repository_id
            and o.head_sha = pr.head_sha
            and o.head_ref = pr.head_ref
            and o.head_repository_id is not distinct from pr.head_repository_id
            -- One that was moved here ran into another one before.
            and (o.base_ref <> pr.base_ref or (o.number <> pr.number and o.based_at is not null))
        ),
        '[]')),
    'version', codered.read_evidence_version(r.id, read_gate_subject.sha),
    'merge_group', exists (
      select from codered.merge_group_head(r.id, read_gate_subject.sha) h where h.pull_request_number = pr.number
    ),
    'since', coalesce(
      (
        -- When it was judged first: what was read before for information waited for nothing.
        select min(e.created_at)
        from codered.runs g
        join codered.gate_executions e on e.run_id = g.id
        where g.repository_id = r.id and g.commit_sha = read_gate_subject.sha and e.phase = 'definition_of_done'
      ),
      now()),
    'sprint', (
      select json_build_object('id', s.id, 'label', s.label, 'dod_json', s.dod_json)
      from codered.find_sprint(
        -- The base branch decides where it has one. A fork's branch is another one, though it has the name of one here.
        r.id, array[pr.base_ref, case when pr.head_repository_id = pr.repository_id then pr.head_ref end]) s
      where s.id is not null
    ),
    'signals', coalesce(
      (
        select json_agg(s order by s.kind, s.name, s.origin, s.url)
        from codered.signals_of(r.id, read_gate_subject.sha) s
        where codered.is_run_for(pr, s.event, s.branch, s.head_repository_id)
      ),
      '[]'),
    'runs', coalesce(
      (
        select json_agg(
          json_build_object(
            'ci_event_id', e.id, 'run_id', e.run_id, 'workflow', coalesce(regexp_replace(i.workflow_path, '^.*/', ''), ''),
            'workflow_path', i.workflow_path, 'event', i.event, 'attempt', e.run_attempt, 'is_over', e.status not in ('queued', 'running'),
            'at', e.source_updated_at,
            'is_read', exists (
              select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status in ('completed', 'failed')
            ),
            -- A re-run merges into the same branch as its first attempt did.
            'is_former', coalesce(
              (
                select min(a.start_time)
                from codered.ci_events a
                where a.provider = e.provider and a.repository_id = e.repository_id and a.run_id = e.run_id
              -- GitHub tells whole seconds, and makes a run some time after what set it off.
              ) < pr.based_at + interval '2 minutes',
              false))
          order by e.run_id)
        from codered.current_runs(r.id, read_gate_subject.sha) as e
        cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
        where e.provider = 'github-actions'
          and codered.is_run_for(pr, i.event, i.branch, i.head_repository_id)
      ),
      '[]'),
    'reports', coalesce(
      (
        select json_agg(
          json_build_object(
            'artifact', f.file_name, 'run_id', f.run_id, 'workflow', coalesce(regexp_replace(f.workflow_path, '^.*/', ''), ''),
            'workflow_path', f.workflow_path, 'event', f.event, 'attempt', f.made_in, 'url', f.url, 'at', f.created_at, 'content', f.content,
            'is_stale', f.is_stale)
          order by f.file_name, f.id)
        from (
          -- Of an upload's name the newest attempt's counts; what the jobs that did not run again uploaded carries over.
          select distinct on (e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end)
            a.file_name, a.url, a.created_at, a.content, a.id, e.run_id, i.workflow_path, i.event, age.made_in,
            age.is_stale
          from codered.current_runs(r.id, read_gate_subject.sha) as e
          cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
          cross join lateral codered.judge_artifacts(e.repository_id, e.run_id, e.run_attempt) as age
          join codered.artifacts a on a.id = age.artifact_id
          join codered.ci_events attempt on attempt.id = a.ci_event_id
          where e.provider = 'github-actions'
            and codered.is_run_for(pr, i.event, i.branch, i.head_repository_id)
            -- What members write of their own has no run, and is no evidence.
            and a.run_id is not null
            -- Reading an attempt's artifacts takes over what GitHub still lists of those before.
            and (attempt.id = e.id or a.github_artifact_id is null)
            -- Where reading was given up, what was read for information may be the better half.
            and (
              a.github_artifact_id is null
              or not exists (select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status = 'failed')
            )
          order by
            e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end,
            attempt.run_attempt desc, a.created_at desc, a.id
        ) as f
      ),
      '[]'),
    'overrides', coalesce(
      (
        select json_agg(
          json_build_object('criterion', o.criterion, 'by', o."user", 'reason', o.reason, 'expires_at', o.expires_at)
          order by o.created_at desc, o.id)
        from codered.user_overrides o
        where o.repository_id = r.id
          and o.pull_request_number = pr.number
          and o.criterion is not null
          and o.revoked_at is null
          and (o.commit_sha = read_gate_subject.sha or (o.commit_sha is null and o.expires_at > now()))
      ),
      '[]')
  )
  from codered.pull_requests pr
  join codered.repositories r on r.id = pr.repository_id
  where pr.repository_id = read_gate_subject.repository_id
    and pr.number = read_gate_subject.pull_request_number
    and r.deleted_at is null
$$;
comment on function codered.read_gate_subject(bigint, integer, text) is
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be judged by, without what ran for another one of the same commit (is_run_for), whether a merge queue made it (merge_group), which other pull requests bring the same branch into another one (twins), and of each run whether it began before the pull request had its base (is_former); null when it is unknown.';
revoke execute on function codered.read_gate_subject from public;
grant execute on function codered.read_gate_subject to service_role;

create function codered.record_gate_verdict(verdict jsonb)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told record;
  run codered.runs;
  wanted text;
  is_first boolean;
  summary jsonb;
begin
  perform codered.check_fields('gate_verdict', record_gate_verdict.verdict, '{
    "repository_id": "bigint", "pull_request_number": "integer", "commit_sha": "text", "sprint_id": "uuid", "state": "text",
    "version": "text", "ci_run_id": "text", "ci_event_ids": "texts", "criteria": "array", "summary": "object"}');
  select * into told
  from jsonb_to_record(record_gate_verdict.verdict) as t (
    repository_id bigint, pull_request_number integer, commit_sha text, sprint_id uuid, state text, version text, ci_run_id text,
    ci_event_ids uuid[], criteria jsonb, summary jsonb);
  -- Nothing may be told of the repository between the look and the verdict.
  perform 1 from codered.repositories r where r.id = told.repository_id for no key update;
  if codered.read_evidence_version(told.repository_id, told.commit_sha) is distinct from told.version then
    return json_build_object('stale', true, 'run_id', null);
  end if;
  perform 1 from codered.sprints s where s.id = told.sprint_id for no key update;
  select r.* into run
  from codered.runs r
  where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id;
  if run.id is null and told.sprint_id is not null then
    -- The sprint came after the commit had been looked at: what was begun is its run from now on.
    update codered.runs r
    set sprint_id = s.id, spec_id = s.spec_id, dod_state = 'unmeasured'
    from codered.sprints s
    where s.id = told.sprint_id and r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is null
    returning r.* into run;
  end if;
  wanted := case told.state when 'pass' then 'completed' when 'fail' then 'failed' else 'running' end;
  -- Evidence that was read for information hangs on a run that nobody has started yet.
  is_first := run.status = 'pending';
  if run.id is null or is_first or (run.status in ('completed', 'failed') and run.status <> wanted) then
    select r.* into run
    from jsonb_populate_record(null::codered.runs, codered.start_run(jsonb_strip_nulls(jsonb_build_object(
      'repository_id', told.repository_id, 'commit_sha', told.commit_sha, 'sprint_id', told.sprint_id, 'ci_run_id', told.ci_run_id,
      'pull_request_number', told.pull_request_number, 'display_name', 'Pull request ' || told.pull_request_number)))) as r;
  end if;
  if is_first then
    perform codered.append_status(
      run.project_id, run.id, 'BUILD', run.display_name,
      jsonb_strip_nulls(jsonb_build_object('ci_run_id', run.ci_run_id, 'commit_sha', run.commit_sha, 'is_again', false)));
  end if;
  update codered.runs r
  set ci_run_id = coalesce(told.ci_run_id, r.ci_run_id), pull_request_number = told.pull_request_number
  where r.id = run.id
    and (r.ci_run_id, r.pull_request_number) is distinct from (coalesce(told.ci_run_id, r.ci_run_id), told.pull_request_number);
  insert into codered.run_ci_events (run_id, ci_event_id)
  select run.id, e.id
  from codered.ci_events e
  where e.id = any (told.ci_event_ids) and e.repository_id = told.repository_id
  on conflict do nothing;

  with criteria as (
    select f.*
    from jsonb_to_recordset(told.criteria) as f (
      gate_id text, gate_name text, gate_order integer, status text, attempt_number integer, validation_results jsonb, fail_codes text[]
    )
  )
  insert into codered.gate_executions as g (
    run_id, gate_id, gate_name, phase, gate_order, status, attempt_number, max_attempts, validation_results, fail_codes, started_at,
    completed_at
  )
  select
    run.id, c.gate_id, c.gate_name, 'definition_of_done', c.gate_order, c.status,
    -- What a criterion rests on may change to something with fewer attempts: its newest row goes on telling.
    greatest(
      c.attempt_number,
      (select max(e.attempt_number) from codered.gate_executions e where e.run_id = run.id and e.gate_id = c.gate_id)
    ),
    100, c.validation_results, c.fail_codes, now(), case when c.status <> 'pending' then now() end
  from criteria c
  on conflict (run_id, gate_id, attempt_number) do update
  set
    gate_name = excluded.gate_name,
    phase = excluded.phase,
    gate_order = excluded.gate_order,
    status = excluded.status,
    validation_results = excluded.validation_results,
    fail_codes = excluded.fail_codes,
    completed_at = excluded.completed_at
  where (g.gate_name, g.phase, g.gate_order, g.status, g.validation_results, g.fail_codes)
    is distinct from (excluded.gate_name, excluded.phase, excluded.gate_order, excluded.status, excluded.validation_results, excluded.fail_codes);
  -- What the policy asks for no more counts neither way.
  update codered.gate_executions g
  set status = 'skipped', completed_at = now()
  where g.run_id = run.id
    and g.status <> 'skipped'
    and g.gate_id not in (select f.gate_id from jsonb_to_recordset(told.criteria) as f (gate_id text));

  update codered.runs r
  set dod_state = codered.judge_sprint(r.id)
  where r.id = run.id and r.dod_state is distinct from codered.judge_sprint(r.id);
  perform codered.end_other_runs(run.id);
  summary := told.summary || jsonb_build_object(
    'status', case wanted when 'completed' then 'PASSED' else 'FAILED' end,
    'duration_seconds', codered.seconds_of(told.ci_event_ids));
  if run.status = wanted then
    -- The same outcome by other figures.
    update codered.runs r set summary_json = summary
    where r.id = run.id and wanted <> 'running' and summary is not null and r.summary_json is distinct from summary;
  end if;
  if run.status = 'running' and wanted <> 'running' then
    perform codered.finish_run(run.id, case when wanted = 'completed' then 'PASSED' else 'FAILED' end, summary);
    perform codered.append_status(
      run.project_id, run.id, case when wanted = 'completed' then 'GATE_PASSED' else 'GATE_FAILED' end,
      format('Pull request %s', told.pull_request_number),
      jsonb_build_object('commit_sha', told.commit_sha, 'fail_codes', (
        select coalesce(jsonb_agg(distinct code), '[]')
        from jsonb_to_recordset(told.criteria) as f (fail_codes text[]), unnest(f.fail_codes) as code
      )));
  end if;
  perform codered.look_at_merge_groups(told.repository_id, told.pull_request_number, told.commit_sha);
  return json_build_object('stale', false, 'run_id', run.id);
end
$$;
comment on function codered.record_gate_verdict(jsonb) is
  'Writes a verdict down as the run of its commit, one gate execution a criterion and attempt, and the events that follow, all or nothing; done twice, it changes nothing. Of a pull request''s head it has the commits looked at that a merge queue made for it. {"stale": true} and nothing written when more is known by now than the verdict rests on (version of read_gate_subject): judge again.';
revoke execute on function codered.record_gate_verdict from public;
grant execute on function codered.record_gate_verdict to service_role;

create function codered.read_gate_commit(repository_id bigint, pull_request_number integer, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'subject', codered.read_gate_subject(
      read_gate_commit.repository_id, read_gate_commit.pull_request_number, read_gate_commit.sha),
    'jobs', codered.steps_of_jobs(read_gate_commit.repository_id, read_gate_commit.sha))
$$;
comment on function codered.read_gate_commit(bigint, integer, text) is
  'What read_gate_subject says (subject, null when it is unknown), and the steps of the jobs (steps_of_jobs), of one moment.';
revoke execute on function codered.read_gate_commit from public;
grant execute on function codered.read_gate_commit to service_role;

create function codered.read_circumstances(repository_id bigint, pull_request_number integer, sha text default null)
returns json
language sql
stable
set search_path = ''
as $$
  with pr as (
    select p.repository_id, p.number, p.state, coalesce(read_circumstances.sha, p.head_sha) as head_sha
    from codered.pull_requests p
    where p.repository_id = read_circumstances.repository_id and p.number = read_circumstances.pull_request_number
  ), runs as (
    select c.* from pr cross join lateral codered.current_runs(pr.repository_id, pr.head_sha) as c
  ), groups as (
    -- What a merge queue made for this head, the newest first.
    select
      g.*,
      row_number() over (order by g.authored_at desc nulls last, g.created_at desc, g.sha) as age,
      case
        when g.merge_group_end = 'merged' then 'passed'
        when ran.has_failed or g.is_refused then 'failed'
        when g.merge_group_end is not null then 'dropped'
        when ran.has_passed and not ran.is_open then 'passed'
      end as state
    from (
      select
        c.sha, c.authored_at, c.created_at, c.merge_group_end,
        coalesce(
          (
            select p.published_conclusion in ('failure', 'action_required')
            from codered.publications p
            where p.repository_id = c.repository_id and p.kind = 'check_run' and p.target = c.sha || ':CodeRed'
            order by p.generation desc
            limit 1
          ),
          false) as is_refused
      from pr
      join codered.commits c on c.repository_id = pr.repository_id and c.merge_group_ref is not null
      cross join lateral codered.merge_group_head(c.repository_id, c.sha) h
      where h.pull_request_number = pr.number
        and pr.state = 'open'
        and c.created_at >= coalesce(
          (
            select h.created_at
            from codered.pull_request_heads h
            where h.repository_id = pr.repository_id and h.pull_request_number = pr.number and h.sha = pr.head_sha
          ),
          '-infinity')
    ) as g
    cross join pr
    cross join lateral (
      select
        coalesce(bool_or(r.status = 'failed'), false) as has_failed,
        coalesce(bool_or(r.status in ('queued', 'running')), false) as is_open,
        coalesce(bool_and(r.status = 'succeeded'), false) as has_passed
      from codered.current_runs(pr.repository_id, g.sha) r
    ) as ran
  )
  select json_build_object(
    -- By the clock that the other times here are by.
    'now', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'others', coalesce(
      (
        select json_agg(
          json_build_object(
            'provider', r.provider, 'name', r.workflow_name, 'url', r.html_url, 'author', r.actor,
            'told_at', to_char(r.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'says', nullif(left(split_part(r.summary, E'\n', 1), 255), ''))
          order by r.provider, r.workflow_name, r.run_id)
        from runs r
        where r.provider <> 'github-actions'
      ),
      '[]'),
    -- No workflow ran: since when that is waited for, and whether CodeRed has spoken of other commits here, for then it is missed.
    'silence', (
      select json_build_object(
        'since', to_char(h.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'cause', h.silence_cause,
        'is_unusual', exists (
          select
          from codered.publications p
          where p.repository_id = pr.repository_id and p.kind = 'check_run'
            and p.target <> pr.head_sha || ':CodeRed' and p.published_conclusion is not null
        ))
      from codered.pull_request_heads h
      where h.repository_id = pr.repository_id and h.pull_request_number = pr.number and h.sha = pr.head_sha
        and pr.state = 'open'
        and read_circumstances.sha is null
        and not exists (select from runs r where r.provider = 'github-actions')
    ),
    'merge_queue', (
      select json_build_object(
        'commit_sha', g.sha, 'end', g.merge_group_end, 'is_refused', g.is_refused,
        'failed', coalesce(
          (
            select json_agg(json_build_object('name', x.name, 'url', x.url) order by x.name, x.url)
            from (
              select j.name, j.html_url as url
              from codered.current_runs(pr.repository_id, g.sha) r
              join codered.ci_jobs j on j.ci_event_id = r.id and j.status = 'failed'
              union all
              select r.workflow_name, r.html_url
              from codered.current_runs(pr.repository_id, g.sha) r
              where r.status = 'failed'
                and not exists (select from codered.ci_jobs j where j.ci_event_id = r.id and j.status = 'failed')
              order by 1, 2
              limit 20
            ) as x
          ),
          '[]'))
      from groups g
      where g.state in ('failed', 'dropped')
        -- Of those that have come to an end the newest; one that was made anew, as another left the queue, has not.
        and not exists (select from groups newer where newer.age < g.age and newer.state is not null)
        and not (
          g.state = 'dropped' and g.merge_group_end = 'invalidated'
          and exists (select from groups newer where newer.age < g.age)
        )
    ))
  from pr
$$;
comment on function codered.read_circumstances(bigint, integer, text) is
  'What stands around the report of a pull request, as Circumstances of src/report/circumstances.ts: whose the checks and statuses of other systems are, whether and since when no workflow ran on its head (silence), and what a merge queue dropped; null when unknown. sha: as of a former head.';
revoke execute on function codered.read_circumstances from public;
grant execute on function codered.read_circumstances to service_role;

create function codered.is_observed(run_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from (
      select distinct on (e.gate_id) e.status, e.validation_results
      from codered.gate_executions e
      where e.run_id = is_observed.run_id and e.phase = 'definition_of_done'
      order by e.gate_id, e.attempt_number desc
    ) as newest
    where newest.status <> 'skipped' and newest.validation_results @> '[{"observed": true}]'
  )
$$;
comment on function codered.is_observed(uuid) is
  'Whether the newest verdict of a run was given under a policy that only observes (mode: observe): it is kept as it is, and holds nothing back.';
revoke execute on function codered.is_observed from public;
grant execute on function codered.is_observed to service_role;

create function codered.gate_health(stuck_minutes integer default 10)
returns json
language sql
stable
set search_path = ''
as $$
  with past as (
    select now() - make_interval(mins => gate_health.stuck_minutes) as at
  )
  select json_build_object(
    -- Check runs that are in progress though all that they wait for should have come or been given up.
    'overdue', coalesce(
      (
        select json_agg(o order by o.until)
        from (
          select
            r.owner || '/' || r.name as repository, g.pull_request_number, g.commit_sha,
            string_agg(distinct e.gate_name, ', ' order by e.gate_name) as criteria,
            min((e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz) as until
          from codered.runs g
          join codered.repositories r on r.id = g.repository_id and r.deleted_at is null
          join codered.gate_executions e on e.run_id = g.id and e.phase = 'definition_of_done' and e.status = 'pending'
          join codered.pull_requests pr
            on pr.repository_id = g.repository_id and pr.number = g.pull_request_number and pr.state = 'open' and pr.head_sha = g.commit_sha
          where g.status = 'running' and (e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz < (select p.at from past p)
          group by r.owner, r.name, g.id, g.pull_request_number, g.commit_sha
          order by min((e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz)
          limit 100
        ) as o
      ),
      '[]'),
    -- What should stand on GitHub and does not.
    'unpublished', coalesce(
      (
        select json_agg(u order by u.since)
        from (
          select
            r.owner || '/' || r.name as repository, p.kind, p.target, p.attempts, p.updated_at as since,
            p.available_at = 'infinity' as is_given_up, p.last_error
          from codered.publications p
          join codered.repositories r on r.id = p.repository_id and r.deleted_at is null
          where p.is_due and (p.available_at = 'infinity' or (p.attempts > 2 and p.last_error is not null) or p.updated_at < (select q.at from past q))
          order by p.updated_at
          limit 100
        ) as u
      ),
      '[]'),
    'dead_jobs', coalesce(
      (
        select json_agg(d order by d.since desc)
        from (
          select
            j.agent_type, r.owner || '/' || r.name as repository, j.input ->> 'head_sha' as commit_sha, j.error as last_error,
            j.completed_at as since
          from codered.agent_jobs j
          left join codered.repositories r on r.id = case when jsonb_typeof(j.input -> 'repository_id') = 'number' then (j.input ->> 'repository_id')::bigint end
          where j.status = 'failed' and j.dedupe_key is not null and j.completed_at > now() - interval '7 days'
          order by j.completed_at desc
          limit 100
        ) as d
      ),
      '[]'),
    -- Nobody does it: no worker runs, or too few.
    'waiting_jobs', (
      select json_build_object('count', count(*), 'since', min(j.run_after))
      from codered.agent_jobs j
      where j.status = 'queued' and j.dedupe_key is not null and j.run_after < (select p.at from past p)
    ),
    'waiting_deliveries', (
      select json_build_object(
        'count', count(*) filter (where w.status <> 'dead' and w.received_at < (select p.at from past p)),
        'since', min(w.received_at) filter (where w.status <> 'dead' and w.received_at < (select p.at from past p)),
        'dead', count(*) filter (where w.status = 'dead'))
      from codered.webhook_deliveries w
      where w.status in ('pending', 'processing', 'failed', 'dead')
    ),
    'held_installations', coalesce(
      (
        select json_agg(h order by h.account)
        from (
          select
            i.account_login as account, case when i.suspended_at is null then i.paused_until end as paused_until, i.suspended_at
          from codered.installations i
          where i.deleted_at is null and (i.suspended_at is not null or i.paused_until > now())
          order by i.account_login
          limit 100
        ) as h
      ),
      '[]'))
$$;
comment on function codered.gate_health(integer) is
  'What holds gates up: check runs in progress past what they wait for (overdue), what could not be written to GitHub (unpublished), work that was given up within a week (dead_jobs) or that nobody does (waiting_jobs), deliveries that wait or were given up, and installations that are suspended or may not be asked (held_installations); lists of 100 at most. stuck_minutes: how long something is late until it counts.';
revoke execute on function codered.gate_health from public;
grant execute on function codered.gate_health to service_role;

-- What became of a pull request: merged with the gate or past it, and when it reached production.
--
-- A rule suite is GitHub's record of a push against the rules of its ref (https://docs.github.com/rest/repos/rule-suites). It knows
-- what no webhook says: a push straight to a protected branch, and a merge of what was never evaluated. It and the merge arrive in
-- either order, and one bypass leaves one row:
--   1. what the merge has left gets the rule suite's id (record_bypass), and
--   2. what the rule suite has left gets the pull request's number (settle_merge).

create function codered.settle_merge(repository_id bigint, pull_request_number integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  pr codered.pull_requests;
  run codered.runs;
  gate text;
  -- How late the merge was told. After three days GitHub delivers no webhook again: then it comes from a list.
  late interval;
  is_late boolean;
begin
  select p.* into pr
  from codered.pull_requests p
  where p.repository_id = settle_merge.repository_id and p.number = settle_merge.pull_request_number and p.state = 'merged';
  -- First, as whoever writes a verdict has it: a head that several pull requests have has one run.
  select r.* into run
  from codered.runs r
  where r.repository_id = pr.repository_id and r.commit_sha = pr.head_sha and r.pull_request_number is not null
  order by r.created_at desc, r.id desc
  limit 1
  for no key update;
  -- It may be told later than the merge who it was, and later than the push that it was a merge.
  update codered.user_overrides o
  set
    pull_request_number = pr.number,
    "user" = case o."user" when 'unknown' then coalesce(pr.merged_by, 'unknown') else o."user" end,
    user_id = case o."user" when 'unknown' then codered.find_profile(pr.merged_by) else o.user_id end
  where o.repository_id = pr.repository_id
    and o.override_type = 'deploy_anyway'
    and (
      (o.commit_sha = pr.head_sha and o.pull_request_number = pr.number and o.user_id is null)
      or (o.commit_sha = pr.merge_commit_sha and o.github_rule_suite_id is not null)
    )
    and (o.pull_request_number is null or (o."user" = 'unknown' and pr.merged_by is not null));
  if run.id is null
    or exists (
      select
      from codered.events e
      where e.run_id = run.id and e.event_type = 'status.MERGED'
        and coalesce((e.payload -> 'metadata' ->> 'pull_request_number')::integer, pr.number) = pr.number
    )
  then
    return;
  end if;
  late := now() - pr.merged_at;
  is_late := late > interval '15 minutes' and late < interval '3 days';
  gate := case run.status when 'completed' then 'pass' when 'failed' then 'fail' else 'pending' end;
  perform codered.append_status(
    run.project_id, run.id, 'MERGED', format('Pull request %s', pr.number),
    jsonb_build_object(
      'pull_request_number', pr.number, 'commit_sha', pr.head_sha, 'merge_commit_sha', pr.merge_commit_sha, 'gate', gate));
  -- Where nothing is held back, nothing was passed.
  if codered.is_observed(run.id) then
    return;
  end if;
  -- Of what was told late the verdict was not there at the merge when it is younger, whatever it says.
  if (gate <> 'pass' or (is_late and run.finished_at > pr.merged_at)) and not exists (
    select
    from codered.user_overrides o
    where o.repository_id = pr.repository_id and o.pull_request_number = pr.number and o.github_rule_suite_id is not null
  ) then
    insert into codered.user_overrides (
      project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason
    )
    values (
      run.project_id, codered.find_profile(pr.merged_by), coalesce(pr.merged_by, 'unknown'), 'deploy_anyway', pr.repository_id,
      pr.number, pr.head_sha, case when gate = 'pass' then 'merged before there was a verdict' else 'merged while the gate was ' || gate end
        || case when is_late then format('; CodeRed was told of it %s minutes later', floor(extract(epoch from late) / 60)) else '' end);
  end if;
end
$$;
comment on function codered.settle_merge(bigint, integer) is
  'Appends MERGED to the gate run of a pull request that was merged and, when its last verdict was no pass, records that it was merged anyway, by whom, and how late CodeRed was told; so too when it was told late and the verdict came only after it. Once, however often and in whatever order it is told. Nothing for one that is not merged or was never judged, and no record where the policy only observes.';
revoke execute on function codered.settle_merge from public;
grant execute on function codered.settle_merge to service_role;

create function codered.follow_merge()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'pull_requests' then
    perform codered.settle_merge(new.repository_id, new.number);
    -- GitHub is asked about a week.
    if new.merged_at > now() - interval '7 days' and (tg_op = 'INSERT' or old.state <> 'merged') then
      perform codered.queue_bypass_look(new.repository_id);
    end if;
  else
    perform codered.settle_merge(pr.repository_id, pr.number)
    from codered.pull_requests pr
    where pr.repository_id = new.repository_id and pr.head_sha = new.commit_sha and pr.state = 'merged';
  end if;
  return null;
end
$$;
comment on function codered.follow_merge() is
  'Settles a merge when it is told, when it is told who merged, and when the first verdict on its head comes after that.';
revoke execute on function codered.follow_merge from public;

create trigger pull_requests_merged after insert or update of state, merged_by on codered.pull_requests
  for each row when (new.state = 'merged') execute function codered.follow_merge();

create trigger runs_merged after update of status on codered.runs
  for each row when (new.status in ('completed', 'failed') and new.pull_request_number is not null and new.repository_id is not null)
  execute function codered.follow_merge();

create function codered.queue_bypass_look(repository_id bigint)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'pipeline', jsonb_build_object('kind', 'bypasses', 'repository_id', r.id),
    -- A look that comes in its own time is no work that waits to be done: inbox_status.
    'deadline:bypasses:' || r.id || ':' || extract(epoch from date_trunc('minute', now()))::bigint,
    -- GitHub's record may come after its webhook.
    date_trunc('minute', now()) + interval '90 seconds' - now())
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where r.id = queue_bypass_look.repository_id
    and r.deleted_at is null
    and (i.permissions is null or i.permissions ? 'administration')
    and exists (
      select
      from codered.runs g
      join codered.gate_executions e on e.run_id = g.id
      where g.repository_id = r.id and e.phase = 'definition_of_done'
    )
$$;
comment on function codered.queue_bypass_look(bigint) is
  'Has GitHub asked in half a minute to one and a half who bypassed the repository''s rules: once for all that is told in a minute, and only where the gate ever judged and the App may ask (administration).';
revoke execute on function codered.queue_bypass_look from public;
grant execute on function codered.queue_bypass_look to service_role;

create function codered.queue_bypass_looks(commits json)
returns void
language sql
set search_path = ''
as $$
  with pushes as (
    select
      r.id as repository_id,
      (array_agg(f.sha order by f.place desc))[1] as sha,
      max(f.pushed_at) as pushed_at
    from rows from (
      json_to_recordset(queue_bypass_looks.commits) as (repository_id bigint, sha text, ref text, pushed_at timestamptz)
    ) with ordinality as f (repository_id, sha, ref, pushed_at, place)
    join codered.repositories r on r.id = f.repository_id and f.ref = 'refs/heads/' || r.default_branch
    group by r.id
  )
  select codered.queue_bypass_look(p.repository_id)
  from pushes p
  where p.pushed_at > now() - interval '7 days'
    and not exists (
      select
      from codered.pull_requests pr
      where pr.repository_id = p.repository_id and pr.merge_commit_sha = p.sha
    )
$$;
comment on function codered.queue_bypass_looks(json) is
  'Has GitHub asked about pushes to default branches that are no merge that we know of.';
revoke execute on function codered.queue_bypass_looks from public;
grant execute on function codered.queue_bypass_looks to service_role;

create function codered.read_bypass_subject(repository_id bigint)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id, 'owner', r.owner, 'name', r.name, 'looked_at', r.rule_suites_looked_at)
  from codered.repositories r
  where r.id = read_bypass_subject.repository_id and r.deleted_at is null
$$;
comment on function codered.read_bypass_subject(bigint) is
  'Where a repository''s rule suites are read, and the ids of those that were looked at; null when it is unknown or gone.';
revoke execute on function codered.read_bypass_subject from public;
grant execute on function codered.read_bypass_subject to service_role;

create function codered.record_bypass(repository_id bigint, suite jsonb)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  told record;
  place codered.repositories;
  pr codered.pull_requests;
  run codered.runs;
  made codered.user_overrides;
begin
  perform codered.check_fields('rule_suite', record_bypass.suite, '{
    "id": "bigint", "actor": "text", "after_sha": "text", "ref": "text", "pushed_at": "text"}');
  select t.* into told
  from jsonb_to_record(record_bypass.suite) as t (id bigint, actor text, after_sha text, ref text, pushed_at timestamptz);
  -- A verdict is written under the lock of the repository, a merge is settled under its pull request's.
  select r.* into place from codered.repositories r where r.id = record_bypass.repository_id for no key update;
  select p.* into pr
  from codered.pull_requests p
  where p.repository_id = place.id and p.merge_commit_sha = told.after_sha and p.state = 'merged'
  order by p.number desc
  limit 1
  for no key update;
  if exists (select from codered.user_overrides o where o.repository_id = place.id and o.github_rule_suite_id = told.id) then
    return false;
  end if;

  update codered.user_overrides o
  set
    github_rule_suite_id = told.id,
    "user" = coalesce(told.actor, o."user"),
    user_id = case when told.actor is null then o.user_id else codered.find_profile(told.actor) end
  where o.id = (
    select m.id
    from codered.user_overrides m
    where m.repository_id = place.id
      and m.pull_request_number = pr.number
      and m.commit_sha = pr.head_sha
      and m.override_type = 'deploy_anyway'
      and m.criterion is null
      and m.github_rule_suite_id is null
      and m."user" in ('unknown', pr.merged_by)
    order by m.created_at, m.id
    limit 1
  );
  if found then
    return true;
  end if;

  select r.* into run
  from codered.runs r
  where r.repository_id = place.id
    and (r.commit_sha = told.after_sha or (r.commit_sha = pr.head_sha and r.pull_request_number = pr.number))
    and exists (select from codered.gate_executions e where e.run_id = r.id and e.phase = 'definition_of_done')
  order by r.commit_sha = told.after_sha desc, r.created_at desc, r.id desc
  limit 1;
  -- Where the gate passed, another required check was bypassed; what counts is how it was at the merge, where that was told.
  if exists (
      select
      from codered.events e
      where e.run_id = run.id and e.event_type = 'status.MERGED' and e.payload -> 'metadata' ->> 'gate' = 'pass'
    )
    or run.status = 'completed'
    -- Nor was anything passed where nothing is held back. Of a push of what was never judged the newest verdict of before tells.
    or codered.is_observed(
      coalesce(
        run.id,
        (
          select e.run_id
          from codered.runs r
          join codered.gate_executions e on e.run_id = r.id
          where r.repository_id = place.id and e.phase = 'definition_of_done' and e.created_at <= told.pushed_at
          order by e.created_at desc
          limit 1
        )))
    -- Nothing was past the gate before there was one.
    or not exists (
      select
      from codered.runs r
      join codered.gate_executions e on e.run_id = r.id
      where r.repository_id = place.id and e.phase = 'definition_of_done' and e.created_at <= told.pushed_at
    )
  then
    return false;
  end if;

  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason, github_rule_suite_id
  )
  values (
    place.project_id, codered.find_profile(coalesce(told.actor, pr.merged_by)), coalesce(told.actor, pr.merged_by, 'unknown'),
    'deploy_anyway', place.id, pr.number, told.after_sha,
    left(format('pushed to %s past the rules', regexp_replace(told.ref, '^refs/heads/', '')), 2000), told.id)
  returning * into made;
  if run.id is not null then
    perform codered.append_status(
      place.project_id, run.id, 'OVERRIDDEN', made.reason,
      jsonb_build_object(
        'override_id', made.id, 'user', made."user", 'reason', made.reason, 'commit_sha', made.commit_sha,
        'pull_request_number', made.pull_request_number));
  end if;
  return true;
end
$$;
comment on function codered.record_bypass(bigint, jsonb) is
  'Records one push past a required check, {id, actor, after_sha, ref, pushed_at} of its rule suite: on the row that its merge has left, else as one of its own. False when it is recorded already, when the gate had passed, and when there was no gate yet. CR002.';
revoke execute on function codered.record_bypass from public;
grant execute on function codered.record_bypass to service_role;

create function codered.record_bypasses(repository_id bigint, suites jsonb, looked_at bigint[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  recorded integer;
begin
  if not exists (select from codered.repositories r where r.id = record_bypasses.repository_id) then
    perform codered.refuse_missing('repository', record_bypasses.repository_id::text);
  end if;
  select count(*) filter (where codered.record_bypass(record_bypasses.repository_id, s.suite)) into recorded
  from (
    select told as suite
    from jsonb_array_elements(record_bypasses.suites) as told
    order by (told ->> 'id')::bigint
  ) as s;
  update codered.repositories r
  set rule_suites_looked_at = record_bypasses.looked_at
  where r.id = record_bypasses.repository_id and r.rule_suites_looked_at is distinct from record_bypasses.looked_at;
  return recorded;
end
$$;
comment on function codered.record_bypasses(bigint, jsonb, bigint[]) is
  'Records pushes past a required check and which rule suites need not be looked at again, all or nothing; done twice, it changes nothing. Returns how many are new. CR002, CR004.';
revoke execute on function codered.record_bypasses from public;
grant execute on function codered.record_bypasses to service_role;

create function codered.find_deployed(repository_id bigint, deployment_ids uuid[] default null, head_sha text default null)
returns table (run_id uuid, environment_name text, deployment uuid)
language sql
stable
set search_path = ''
as $$
  with places as (
    -- Where on which branch the deployed commit stands: a merge tells it best, as a merge queue pushes to a branch of its own first.
    select
      d.id, d.repository_id, d.environment_name, d.commit_sha, d.finished_at,
      coalesce(m.base_ref, case when c.ref like 'refs/heads/%' then substr(c.ref, 12) end) as branch,
      coalesce(m.merged_at, c.pushed_at) as at
    from codered.deployments d
    left join lateral (
      select p.base_ref, p.merged_at
      from codered.pull_requests p
      where p.repository_id = d.repository_id and p.merge_commit_sha = d.commit_sha and p.state = 'merged'
      order by p.merged_at, p.number
      limit 1
    ) as m on true
    left join codered.commits c on c.repository_id = d.repository_id and c.sha = d.commit_sha
    where d.repository_id = find_deployed.repository_id
      and d.environment = 'prod' and d.status = 'succeeded'
      and (find_deployed.deployment_ids is null or d.id = any (find_deployed.deployment_ids))
      and (find_deployed.deployment_ids is not null or d.finished_at > now() - interval '30 days')
  ), commits as (
    select l.id, l.commit_sha as sha from places l
    union
    select l.id, p.head_sha
    from places l
    join codered.pull_requests p on p.repository_id = l.repository_id and p.merge_commit_sha = l.commit_sha and p.state = 'merged'
    union
    -- What was merged into that branch before; a month is further back than anybody waits with a deployment.
    select l.id, p.head_sha
    from places l
    join codered.pull_requests p
      on p.repository_id = l.repository_id and p.state = 'merged' and p.base_ref = l.branch
      and p.merged_at <= l.at and p.merged_at > l.at - interval '30 days'
  )
  select distinct on (r.id, l.environment_name) r.id, l.environment_name, l.id
  from commits c
  join places l on l.id = c.id
  join codered.runs r on r.repository_id = l.repository_id and r.commit_sha = c.sha
  where (find_deployed.head_sha is null or c.sha = find_deployed.head_sha)
    and num_nonnulls(r.pull_request_number, r.sprint_id) > 0
    and l.environment_name <> all (r.deployed_to)
  order by r.id, l.environment_name, l.finished_at, l.id
$$;
comment on function codered.find_deployed(bigint, uuid[], text) is
  'Runs that have not told yet that their commit is in production, and the first successful deployment that holds it: of the commit itself, of its merge, or of what was merged into or pushed to the same branch within 30 days after. All deployments of the last 30 days, or those named; all commits, or the one named.';
revoke execute on function codered.find_deployed from public;
grant execute on function codered.find_deployed to service_role;

create function codered.settle_deployed(repository_id bigint, deployment_ids uuid[] default null, head_sha text default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  one record;
begin
  -- Sprints before their runs, as everywhere.
  perform 1
  from codered.sprints s
  where s.id in (
    select r.sprint_id
    from codered.find_deployed(settle_deployed.repository_id, settle_deployed.deployment_ids, settle_deployed.head_sha) f
    join codered.runs r on r.id = f.run_id
  )
  order by s.id
  for no key update;
  for one in
    select f.run_id, f.environment_name, d.deployment_id, d.commit_sha, d.url
    from codered.find_deployed(settle_deployed.repository_id, settle_deployed.deployment_ids, settle_deployed.head_sha) f
    join codered.deployments d on d.id = f.deployment
    order by f.run_id, f.environment_name
  loop
    update codered.runs r
    set deployed_to = r.deployed_to || one.environment_name
    where r.id = one.run_id and one.environment_name <> all (r.deployed_to);
    -- Whoever was quicker has told it.
    if found then
      perform codered.append_status(
        r.project_id, r.id, 'DEPLOYED', left(format('Deployed to %s', one.environment_name), 500),
        jsonb_strip_nulls(jsonb_build_object(
          'sprint_id', r.sprint_id, 'pull_request_number', r.pull_request_number, 'commit_sha', r.commit_sha,
          'environment', one.environment_name, 'deployment_id', one.deployment_id, 'deployed_sha', one.commit_sha, 'url', one.url)))
      from codered.runs r
      where r.id = one.run_id;
    end if;
  end loop;
end
$$;
comment on function codered.settle_deployed(bigint, uuid[], text) is
  'Tells of runs whose commit is in production by now, once for each environment, with a status event DEPLOYED; arguments as find_deployed has them.';
revoke execute on function codered.settle_deployed from public;
grant execute on function codered.settle_deployed to service_role;

create function codered.follow_deployed()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'deployments' then
    perform codered.settle_deployed(new.repository_id, array[new.id]);
  elsif tg_table_name = 'pull_requests' then
    perform codered.settle_deployed(new.repository_id, null, new.head_sha);
  else
    perform codered.settle_deployed(new.repository_id, null, new.commit_sha);
  end if;
  return null;
end
$$;
comment on function codered.follow_deployed() is
  'Whichever is told last, the deployment, the merge or the verdict: the run says that it is in production.';
revoke execute on function codered.follow_deployed from public;

-- By their names after those that tell of the merge.
create trigger pull_requests_reach_production after insert or update of state, merge_commit_sha, merged_at on codered.pull_requests
  for each row when (new.state = 'merged') execute function codered.follow_deployed();

create trigger deployments_reach_runs after insert or update of status, environment on codered.deployments
  for each row when (new.status = 'succeeded' and new.environment = 'prod') execute function codered.follow_deployed();

create trigger runs_reach_production after insert or update of sprint_id, pull_request_number on codered.runs
  for each row when (new.repository_id is not null and new.commit_sha is not null) execute function codered.follow_deployed();

-- Deployment protection: what GitHub asks before it deploys.

create function codered.queue_protections(deployments json)
returns integer
language sql
set search_path = ''
as $$
  with asked as (
    select
      r.project_id, 'protection:' || r.id || ':' || f.deployment_id || ':' || f.environment_name as dedupe_key,
      jsonb_build_object(
        'kind', 'protection', 'repository_id', r.id, 'deployment_id', f.deployment_id, 'environment', f.environment_name,
        'run_id', f.protection_run_id, 'sha', f.commit_sha, 'since', now()) as input
    from json_to_recordset(queue_protections.deployments) as f (
      repository_id bigint, deployment_id text, environment_name text, commit_sha text, protection_run_id bigint
    )
    join codered.repositories r on r.id = f.repository_id
    where f.protection_run_id is not null
  ), queued as (
    select codered.queue_job(a.project_id, 'pipeline', a.input, a.dedupe_key)
    from asked a
    -- What was given up is tried again when it is told again.
    where not exists (select from codered.agent_jobs j where j.dedupe_key = a.dedupe_key and j.status <> 'failed')
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_protections(json) is
  'Queues the answer to each deployment that GitHub holds back until it comes, once; returns how many were queued.';
revoke execute on function codered.queue_protections from public;
grant execute on function codered.queue_protections to service_role;

create function codered.read_protection_subject(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id, 'owner', r.owner, 'name', r.name, 'default_branch', r.default_branch,
    'verdict', (
      select json_build_object(
        'status', g.status,
        'unmet', coalesce(
          (
            select json_agg(distinct e.gate_name)
            from codered.gate_executions e
            where e.run_id = g.id and e.phase = 'definition_of_done' and e.status not in ('passed', 'skipped')
              and e.attempt_number = (
                select max(n.attempt_number) from codered.gate_executions n where n.run_id = e.run_id and n.gate_id = e.gate_id
              )
          ),
          '[]'))
      from codered.runs g
      where g.repository_id = r.id
        and (
          g.commit_sha = read_protection_subject.sha
          or g.commit_sha in (
            select pr.head_sha
            from codered.pull_requests pr
            where pr.repository_id = r.id and pr.merge_commit_sha = read_protection_subject.sha and pr.merged_at is not null
          )
        )
        and exists (select from codered.gate_executions e where e.run_id = g.id and e.phase = 'definition_of_done')
      order by g.commit_sha = read_protection_subject.sha desc, g.created_at desc, g.id
      limit 1
    ))
  from codered.repositories r
  where r.id = read_protection_subject.repository_id and r.deleted_at is null
$$;
comment on function codered.read_protection_subject(bigint, text) is
  'Where a repository is, and the newest verdict on the commit or on the head of the pull request that was merged as it; null when it is unknown.';
revoke execute on function codered.read_protection_subject from public;
grant execute on function codered.read_protection_subject to service_role;

create function codered.queue_protection_look(protection jsonb, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'pipeline', queue_protection_look.protection,
    -- A look at a deadline is no work that waits to be done: inbox_status.
    concat_ws(':', 'deadline:protection', r.id, queue_protection_look.protection ->> 'deployment_id',
      queue_protection_look.protection ->> 'environment'),
    make_interval(secs => queue_protection_look.seconds))
  from codered.repositories r
  where r.id = (queue_protection_look.protection ->> 'repository_id')::bigint
$$;
comment on function codered.queue_protection_look(jsonb, integer) is
  'Has a deployment that waits for its verdict looked at again in so many seconds; protection is the input of the job.';
revoke execute on function codered.queue_protection_look from public;
grant execute on function codered.queue_protection_look to service_role;

create function codered.hasten_protections()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  update codered.agent_jobs j
  set run_after = now()
  where j.status = 'queued'
    and j.agent_type = 'pipeline'
    and j.dedupe_key like 'deadline:protection:' || new.repository_id || ':%'
    and j.run_after > now()
    and (
      j.input ->> 'sha' = new.commit_sha
      or exists (
        select 1
        from codered.pull_requests pr
        where pr.repository_id = new.repository_id and pr.head_sha = new.commit_sha and pr.merge_commit_sha = j.input ->> 'sha'
      )
    );
  return null;
end
$$;
comment on function codered.hasten_protections() is 'A deployment that waits for the verdict on a commit is looked at again as soon as there is one.';
revoke execute on function codered.hasten_protections from public;

create trigger runs_hasten_protections after insert or update of status on codered.runs
  for each row when (new.status in ('completed', 'failed') and new.repository_id is not null and new.commit_sha is not null)
  execute function codered.hasten_protections();

-- What a report to a pull request is made of.

create function codered.read_pull_requests_of(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id,
    'owner', r.owner,
    'name', r.name,
    'numbers', coalesce(
      (
        select json_agg(pr.number order by pr.state = 'open' desc, pr.number)
        from codered.pull_requests pr
        where pr.repository_id = r.id
          and (pr.head_sha = read_pull_requests_of.sha or pr.merge_commit_sha = read_pull_requests_of.sha)
      ),
      '[]'
    ),
    -- Pull requests whose head it was: a check run that stands on it still wants to be finished.
    'former_numbers', coalesce(
      (
        select json_agg(distinct pr.number)
        from codered.ci_events e
        join codered.pull_requests pr
          on pr.repository_id = e.repository_id
          and pr.head_ref = e.branch
          and pr.head_repository_id is not distinct from e.head_repository_id
        where e.repository_id = r.id
          and e.commit_sha = read_pull_requests_of.sha
          and pr.head_sha <> e.commit_sha
          and pr.merge_commit_sha is distinct from e.commit_sha
          and exists (
            select 1
            from codered.publications p
            where p.repository_id = r.id
              and p.kind = 'check_run'
              and p.target like read_pull_requests_of.sha || ':%'
          )
      ),
      '[]'
    ),
    -- A merge queue tries a commit of its own for the pull request that its branch names.
    'merge_group_numbers', coalesce(
      (
        select json_agg(h.pull_request_number)
        from codered.merge_group_head(r.id, read_pull_requests_of.sha) h
      ),
      '[]'
    ),
    -- True when a pull request that we do not know of may stand behind the commit's runs.
    'ask_github', exists (
      select 1
      from codered.ci_events e
      where e.repository_id = r.id
        and e.commit_sha = read_pull_requests_of.sha
        and (e.trigger = 'pull_request' or e.pull_request_numbers <> '{}')
    )
  )
  from codered.repositories r
  where r.id = read_pull_requests_of.repository_id and r.deleted_at is null
$$;
comment on function codered.read_pull_requests_of(bigint, text) is
  'The pull requests that a commit is the head or the merge commit of; null for a repository that is unknown or gone.';
revoke execute on function codered.read_pull_requests_of from public;
grant execute on function codered.read_pull_requests_of to service_role;

create function codered.read_report(repository_id bigint, pull_request_number integer, sha text default null)
returns json
language sql
stable
set search_path = ''
as $$
  with told as (
    select p as pull, p.*
    from codered.pull_requests p
    where p.repository_id = read_report.repository_id and p.number = read_report.pull_request_number
  ), pr as (
    select
      p.repository_id, p.number, p.title, p.state, p.head_ref, p.head_repository_id, p.merge_commit_sha, p.html_url,
      p.opened_at, p.source_updated_at, coalesce(read_report.sha, p.head_sha) as head_sha, p.pull
    from told p
  ), runs as materialized (
    select
      c.*, i.workflow_path as path,
      i.event in ('pull_request', 'push', 'merge_group')
        and codered.is_run_for(pr.pull, i.event, i.branch, i.head_repository_id) as is_own,
      -- What is not told of yet may be the pull request's own, and so may what was not kept.
      coalesce(i.event not in ('pull_request', 'push', 'merge_group', 'unknown'), false) as is_foreign
    from pr
    cross join lateral codered.current_runs(pr.repository_id, pr.head_sha) as c
    left join lateral codered.identity_of_run(c.repository_id, c.run_id) as i on c.provider = 'github-actions'
  ), outdone as (
    -- Of a workflow that ran for the pull request, what runs for another event says nothing of what that has.
    select r.id
    from runs r
    where r.is_foreign and exists (select from runs own where own.is_own and own.path = r.path)
  ), attempts_of_jobs as (
    -- A partial re-run holds only the jobs that ran again: the others carry over from the attempt before. Several jobs of an
    -- attempt may have one name.
    select
      told.*,
      case
        -- GitHub calls a job canceled that ran into its time limit: the diagnosis knows better.
        when told.status = 'canceled' and exists (select 1 from codered.errors e where e.ci_job_id = told.id) then 'failed'
        -- Nothing runs on in an attempt that is over: the webhook of the job's end was lost, and nobody knows how it ended.
        when told.status in ('queued', 'running') and told.attempt_is_over then 'canceled'
        else told.status
      end as told_status
    from (
      select
        r.id as run, a.run_attempt, r.workflow_name, j.*,
        a.status not in ('queued', 'running') or a.run_attempt < r.run_attempt as attempt_is_over,
        r.status = 'succeeded' and a.run_attempt < r.run_attempt as is_outdone,
        rank() over (partition by r.id, j.name order by a.run_attempt desc) as age
      from runs r
      join codered.ci_events a
        on a.provider = r.provider and a.repository_id = r.repository_id and a.run_id = r.run_id
      join codered.ci_jobs j on j.ci_event_id = a.id
      where r.provider = 'github-actions'
    ) as told
    where told.age = 1
      -- An attempt succeeds only when every job has, the carried over ones too: what is known of this one is overtaken.
      and not (told.is_outdone and told.status <> 'succeeded')
  ), jobs as (
    select j.*
    from attempts_of_jobs j
    where j.run not in (select o.id from outdone o)
      -- What the pull request's own run does not have is told of.
      or not exists (
        select
        from runs r
        join runs own on own.is_own and own.path = r.path
        join attempts_of_jobs k on k.run = own.id and k.name = j.name
        where r.id = j.run
      )
  ), items as (
    select jsonb_build_object(
      'provider', 'github-actions',
      'workflow_name', j.workflow_name,
      'name', j.name,
      'run_attempt', j.run_attempt,
      'status', j.told_status,
      'conclusion', case when j.told_status <> 'canceled' or j.status = 'canceled' then j.conclusion end,
      'html_url', j.html_url,
      'started_at', j.started_at,
      'completed_at', j.completed_at,
      'failed_step', (
        select jsonb_build_object('number', (s.value ->> 'number')::integer, 'name', s.value ->> 'name')
        from jsonb_array_elements(j.steps) with ordinality as s (value, place)
        where s.value ->> 'conclusion' in ('failure', 'timed_out')
        order by s.place
        limit 1
      ),
      'log_state', j.log_state,
      'failure', (
        select codered.failure_of(e.id)
        from codered.errors e
        where e.ci_job_id = j.id and j.told_status = 'failed'
        order by e.created_at desc
        limit 1
      )
    ) as item, j.workflow_name, j.name, j.job_id::text as tie
    from jobs j
    union all
    -- What no job tells of stands for itself: checks and statuses of other systems, and runs that failed, were canceled or
    -- wait for an approval though none of their jobs did.
    select jsonb_build_object(
      'provider', r.provider,
      'workflow_name', r.workflow_name,
      'name', r.workflow_name,
      'run_attempt', r.run_attempt,
      'status', r.status,
      'conclusion', r.conclusion,
      'html_url', r.html_url,
      'started_at', r.start_time,
      'completed_at', r.end_time,
      'failed_step', null,
      'log_state', 'none',
      'failure', (
        select codered.failure_of(e.id)
        from codered.errors e
        where e.ci_event_id = r.id and e.ci_job_id is null and r.status = 'failed'
        order by e.created_at desc
        limit 1
      )
    ), r.workflow_name, r.workflow_name, r.run_id
    from runs r
    where r.provider <> 'github-actions'
      or r.id not in (select o.id from outdone o) and (
      (r.status = 'failed' and not exists (select 1 from jobs j where j.run = r.id and j.told_status = 'failed'))
      or (
        r.status = 'canceled'
        and not exists (select 1 from jobs j where j.run = r.id and j.told_status in ('failed', 'canceled'))
      )
      or (
        r.status = 'queued'
        and r.conclusion = 'action_required'
        and not exists (select 1 from jobs j where j.run = r.id and j.run_attempt = r.run_attempt)
      ))
  ), places as (
    select distinct on (d.environment_name) d.*
    from pr
    join codered.deployments d
      on d.repository_id = pr.repository_id and d.commit_sha in (pr.head_sha, pr.merge_commit_sha)
    order by d.environment_name, d.started_at desc, d.deployment_id desc
  ), earlier as (
    select distinct on (a.workflow_name, j.name, e.fingerprint)
      j.name as job_name, a.workflow_name, e.id as error_id, e.message, a.commit_sha, a.run_id, a.run_attempt, a.start_time,
      e.fingerprint
    from pr
    join codered.ci_events a
      on a.repository_id = pr.repository_id
      and a.branch = pr.head_ref
      and a.head_repository_id is not distinct from pr.head_repository_id
      and a.trigger = 'pull_request'
      and a.start_time >= pr.opened_at - interval '1 minute'
    join codered.ci_jobs j on j.ci_event_id = a.id and j.status in ('failed', 'canceled')
    join codered.errors e on e.ci_job_id = j.id
    where not exists (select 1 from jobs current where current.id = j.id)
    order by a.workflow_name, j.name, e.fingerprint, a.start_time desc, a.run_attempt desc
  )
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name,
      'html_url', regexp_replace(pr.html_url, '/pull/[0-9]+$', '')
    ),
    'pull_request', json_build_object(
      'number', pr.number, 'title', pr.title, 'state', pr.state, 'head_sha', pr.head_sha, 'head_ref', pr.head_ref,
      'merge_commit_sha', pr.merge_commit_sha, 'html_url', pr.html_url
    ),
    'jobs', coalesce((select json_agg(i.item order by i.workflow_name, i.name, i.tie) from items i), '[]'),
    'unfinished_runs', (
      select count(*)
      from runs r
      where r.status in ('queued', 'running') and r.id not in (select o.id from outdone o)
    ),
    'deployments', coalesce(
      (
        select json_agg(
          json_build_object(
            'environment_name', d.environment_name, 'status', d.status, 'commit_sha', d.commit_sha, 'url', d.url,
            'failure', (
              -- The log of the run that deploys knows more than the sentence in the deployment's status.
              select codered.failure_of(e.id)
              from codered.errors e
              where d.status = 'failed'
                and (e.deployment_id = d.id or (e.ci_event_id = d.ci_event_id and e.ci_job_id is not null))
              order by
                exists (select 1 from codered.error_matches m where m.error_id = e.id and m.is_primary) desc,
                e.deployment_id is null desc,
                e.fingerprint
              limit 1
            )
          )
          order by d.environment_name
        )
        from places d
      ),
      '[]'
    ),
    'earlier_failures', coalesce(
      (
        select json_agg(
          json_build_object(
            'job_name', x.job_name,
            'pattern_name', codered.failure_of(x.error_id) -> 'pattern' ->> 'name',
            'message', x.message,
            'commit_sha', x.commit_sha,
            'run_attempt', x.run_attempt,
            'fixed_by', (
              select json_build_object('commit_sha', b.commit_sha, 'run_attempt', b.run_attempt)
              from codered.ci_events b
              where b.repository_id = r.id
                and b.branch = pr.head_ref
                and b.head_repository_id is not distinct from pr.head_repository_id
                and b.workflow_name = x.workflow_name
                and b.trigger = 'pull_request'
                and b.start_time > x.start_time
                and (
                  exists (
                    select 1
                    from codered.ci_jobs k
                    where k.ci_event_id = b.id and k.name = x.job_name and k.status = 'succeeded'
                  )
                  or (b.run_id = x.run_id and b.status = 'succeeded')
                )
              order by b.start_time, b.run_attempt
              limit 1
            )
          )
          order by x.start_time, x.workflow_name, x.job_name, x.fingerprint
        )
        from earlier x
        where not exists (
          select 1 from items i
          where i.workflow_name = x.workflow_name
            and i.item ->> 'name' = x.job_name
            and i.item -> 'failure' ->> 'fingerprint' = x.fingerprint
        )
      ),
      '[]'
    ),
    -- What is left out of the report counts as well: with every delivery the time can only grow, and orders two reports.
    'as_of', to_char(
      greatest(
        nullif(pr.source_updated_at, '-infinity'),
        (
          select max(greatest(nullif(e.source_updated_at, '-infinity'), j.source_updated_at))
          from codered.ci_events e
          left join codered.ci_jobs j on j.ci_event_id = e.id
          where e.repository_id = pr.repository_id and e.commit_sha = pr.head_sha
        ),
        (select max(d.source_updated_at) from places d),
        (select max(s.created_at) from places d join codered.deployment_statuses s on s.deployment_id = d.id)
      ) at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    )
  )
  from pr
  join codered.repositories r on r.id = pr.repository_id
$$;
comment on function codered.read_report(bigint, integer, text) is
  'Everything that the comment and the check run of a pull request rest on, as PullRequestReport of src/model.ts; null when unknown. sha: as of a former head.';
revoke execute on function codered.read_report from public;
grant execute on function codered.read_report to service_role;

-- The outbox: every write to GitHub.
--
-- What waits here (for the writes before it, for GitHub's limits, for a mended connection) may have become untrue meanwhile, so a
-- success is written only when
--   1. no job that will evaluate its commit again is queued or running (claim_publications), and
--   2. just before the write, what is known of the commit is still what it was worked out from (is_publication_overtaken).
-- Whatever is stored of a commit queues such a job in the same transaction, so between a claim and its write nothing gets lost.
-- This ends: a job that is done renews the publication or replaces it, one that fails is given up after a bounded number of tries,
-- and then the publisher asks for another one (yield_publication). Only a success waits, nothing else of its installation does.

create table codered.publications (
  id uuid primary key default gen_random_uuid(),
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  kind text not null,
  target text not null,
  generation integer not null default 1,
  desired jsonb not null,
  desired_hash text not null,
  published_hash text,
  published_conclusion text,
  github_id bigint,
  published_at timestamptz,
  attempts integer not null default 0,
  available_at timestamptz not null default now(),
  locked_by text,
  locked_at timestamptz,
  locked_until timestamptz,
  last_error text,
  is_due boolean not null generated always as (desired_hash is distinct from published_hash) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  evidence_version text,
  constraint publications_target_key unique (repository_id, kind, target, generation),
  constraint publications_kind_check check (
    kind in ('comment', 'check_run')
    or codered.refuse_value('publications.kind', kind, 'comment, check_run')
  ),
  constraint publications_generation_check check (generation >= 1 or codered.refuse_value('publications.generation', generation, '1 or more'))
);
comment on table codered.publications is
  'The outbox to GitHub: what should stand there (desired) and what does (published). Only differences are written.';
comment on column codered.publications.target is 'The pull request''s number, or "<head sha>:<check name>".';
comment on column codered.publications.generation is
  'A finished check run is never reopened: when its conclusion has to change, a new one of the same name is made.';
comment on column codered.publications.published_conclusion is 'The conclusion that stands on GitHub; null while the check run is open.';
comment on column codered.publications.github_id is 'The comment''s or check run''s id; null until it was made.';
comment on column codered.publications.attempts is 'Tries since something new was desired; 0 while a newer wish waits for the write under way.';
comment on column codered.publications.available_at is 'infinity: given up until something else is desired; last_error says why.';
comment on column codered.publications.evidence_version is
  'read_evidence_version of the commit from before the wish was worked out; null: from a worker that does not tell.';
create index publications_due_idx on codered.publications (available_at) where is_due;
create index publications_locked_idx on codered.publications (repository_id, locked_until) where locked_until is not null;
alter table codered.publications enable row level security;
create policy publications_read on codered.publications for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.publications to authenticated;
grant select, insert, update, delete on codered.publications to service_role;
create trigger publications_touch before update on codered.publications
  for each row execute function codered.touch_updated_at();

create function codered.desire_publication(
  repository_id bigint, kind text, target text, desired jsonb, desired_hash text, recheck boolean default false,
  only_if_standing boolean default false, evidence_version text default null
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  standing codered.publications;
  -- The conclusion that stands on GitHub, or that a publisher is writing at this moment.
  finished text;
begin
  -- What was told while the wish was being worked out is not in it. Mostly a look at it is queued already; one whose worker
  -- was slower than the next look's would otherwise stand as the last word.
  if desire_publication.evidence_version
    <> codered.read_evidence_version(desire_publication.repository_id, desire_publication.desired ->> 'head_sha')
  then
    perform codered.look_again(desire_publication.repository_id, desire_publication.desired ->> 'head_sha');
  end if;

  -- A comment tells of the newest head: a report of an older one that was overtaken changes nothing.
  if kind = 'comment' and exists (
    select 1
    from codered.pull_requests pr
    where pr.repository_id = desire_publication.repository_id
      and pr.number = (desired ->> 'pull_request_number')::integer
      and pr.head_sha <> desired ->> 'head_sha'
  ) then
    return json_build_object('changed', false, 'generation', null);
  end if;

  if only_if_standing and not exists (
    select 1
    from codered.publications p
    where p.repository_id = desire_publication.repository_id
      and p.kind = desire_publication.kind
      and p.target = desire_publication.target
  ) then
    return json_build_object('changed', false, 'generation', null);
  end if;

  insert into codered.publications (repository_id, kind, target, desired, desired_hash, evidence_version)
  values (
    desire_publication.repository_id, desire_publication.kind, desire_publication.target,
    desire_publication.desired, desire_publication.desired_hash, desire_publication.evidence_version
  )
  on conflict on constraint publications_target_key do nothing
  returning * into standing;
  if found then
    return json_build_object('changed', true, 'generation', 1);
  end if;

  select p.* into standing
  from codered.publications p
  where p.repository_id = desire_publication.repository_id
    and p.kind = desire_publication.kind
    and p.target = desire_publication.target
  order by p.generation desc
  limit 1
  for update;

  -- Two reports of one head may come in either order. Of another head only the pull request's own gets so far.
  if standing.kind = 'comment'
    and standing.desired ->> 'head_sha' is not distinct from desire_publication.desired ->> 'head_sha'
    and coalesce(desire_publication.desired ->> 'as_of', '') < coalesce(standing.desired ->> 'as_of', '') collate "C"
  then
    return json_build_object('changed', false, 'generation', standing.generation);
  end if;

  finished := coalesce(
    standing.published_conclusion,
    case when standing.locked_until > now() then standing.desired ->> 'conclusion' end
  );
  if standing.kind = 'check_run'
    and finished is not null
    and (desire_publication.recheck or finished is distinct from desire_publication.desired ->> 'conclusion')
  then
    insert into codered.publications (repository_id, kind, target, generation, desired, desired_hash, evidence_version)
    values (
      standing.repository_id, standing.kind, standing.target, standing.generation + 1,
      desire_publication.desired, desire_publication.desired_hash, desire_publication.evidence_version
    );
    return json_build_object('changed', true, 'generation', standing.generation + 1);
  end if;

  if standing.desired_hash = desire_publication.desired_hash then
    -- The same is known to be true for longer now: what is older must not come after it.
    update codered.publications p
    set desired = desire_publication.desired
    where p.id = standing.id
      and p.kind = 'comment'
      and p.desired ->> 'as_of' is distinct from desire_publication.desired ->> 'as_of';
    update codered.publications p
    set evidence_version = desire_publication.evidence_version
    where p.id = standing.id and p.evidence_version is distinct from desire_publication.evidence_version;
    return json_build_object('changed', false, 'generation', standing.generation);
  end if;
  update codered.publications p
  set
    desired = desire_publication.desired,
    desired_hash = desire_publication.desired_hash,
    evidence_version = desire_publication.evidence_version,
    attempts = 0,
    -- What waits already keeps its place in the queue; what was put off or given up gets a chance at once.
    available_at = case when p.is_due then least(p.available_at, now()) else now() end,
    last_error = null
  where p.id = standing.id;
  return json_build_object('changed', true, 'generation', standing.generation);
end
$$;
comment on function codered.desire_publication(bigint, text, text, jsonb, text, boolean, boolean, text) is
  'Writes down what should stand on GitHub. A finished check run whose conclusion changes, or that is asked for again, gets a new generation. only_if_standing: nothing new is made, what stands is kept true. evidence_version: read_evidence_version from before the wish was worked out; when more is known by now, another look is queued.';
revoke execute on function codered.desire_publication from public;
grant execute on function codered.desire_publication to service_role;

create function codered.claim_publications(worker text, batch integer, lease_seconds integer, spacing_ms integer default 1000)
returns table (
  id uuid, installation_id bigint, repository_id bigint, owner text, repo text, kind text, target text, generation integer,
  desired jsonb, desired_hash text, github_id bigint, attempts integer
)
language sql
set search_path = ''
as $$
  with waiting as (
    select distinct r.installation_id
    from codered.publications p
    join codered.repositories r on r.id = p.repository_id
    where p.is_due and p.available_at <= now() and r.deleted_at is null
  ), open as (
    select i.id
    from codered.installations i
    join waiting w on w.installation_id = i.id
    where i.deleted_at is null
      and i.suspended_at is null
      and i.next_write_at <= now()
      and i.paused_until <= now()
      and not exists (
        select 1
        from codered.publications p
        join codered.repositories r on r.id = p.repository_id
        where r.installation_id = i.id and p.locked_until > now()
      )
  ), due as (
    select p.id, p.kind, p.generation, p.available_at, r.installation_id, r.owner, r.name
    from codered.publications p
    join codered.repositories r on r.id = p.repository_id
    join open o on o.id = r.installation_id
    where p.is_due and p.available_at <= now() and r.deleted_at is null and not codered.is_held_back(p)
  ), writers as (
    select i.id
    from codered.installations i
    where i.next_write_at <= now() and exists (select 1 from due d where d.installation_id = i.id)
    -- Whoever was written to longest ago is next.
    order by i.next_write_at
    limit claim_publications.batch
    for update skip locked
  ), next as (
    select distinct on (w.id) w.id as installation_id, d.id, d.owner, d.name
    from writers w
    join due d on d.installation_id = w.id
    order by w.id, d.kind <> 'check_run', d.available_at, d.generation, d.id
  ), paced as (
    update codered.installations i
    set next_write_at = now() + make_interval(secs => claim_publications.spacing_ms / 1000.0)
    from next n
    where i.id = n.installation_id
  )
  update codered.publications p
  set
    -- One whose lease ended is not a try more.
    attempts = case when p.locked_until is null then p.attempts + 1 else greatest(p.attempts, 1) end,
    locked_by = claim_publications.worker,
    locked_at = now(),
    locked_until = now() + make_interval(secs => claim_publications.lease_seconds)
  from next n
  where p.id = n.id
  returning
    p.id, n.installation_id, p.repository_id, n.owner, n.name, p.kind, p.target, p.generation, p.desired, p.desired_hash,
    p.github_id, p.attempts
$$;
comment on function codered.claim_publications(text, integer, integer, integer) is
  'Takes what differs between desired and published: one at a time per installation, spacing_ms apart, installations by turns; of one installation check runs first, then what has waited longest.';
revoke execute on function codered.claim_publications from public;
grant execute on function codered.claim_publications to service_role;

create function codered.release_writer(publication_id uuid, worker text, pause_ms integer default 0)
returns void
language sql
set search_path = ''
as $$
  -- The pause between two writes counts from the end of the first one: what it took is added to it.
  update codered.installations i
  set next_write_at = greatest(
    i.next_write_at + (now() - p.locked_at),
    now() + make_interval(secs => release_writer.pause_ms / 1000.0)
  )
  from codered.publications p
  join codered.repositories r on r.id = p.repository_id
  where p.id = release_writer.publication_id and p.locked_by = release_writer.worker and i.id = r.installation_id
$$;
comment on function codered.release_writer(uuid, text, integer) is
  'Says when an installation may be written to again, after a write that is over; called while the publication is still held.';
revoke execute on function codered.release_writer from public;
grant execute on function codered.release_writer to service_role;

create function codered.complete_publication(
  id uuid, worker text, published_hash text, github_id bigint default null, published_conclusion text default null
)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(complete_publication.id, complete_publication.worker);
  update codered.publications p
  set
    published_hash = complete_publication.published_hash,
    github_id = complete_publication.github_id,
    published_conclusion = complete_publication.published_conclusion,
    published_at = now(),
    attempts = 0,
    last_error = null,
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = complete_publication.id and p.locked_by = complete_publication.worker
$$;
comment on function codered.complete_publication(uuid, text, text, bigint, text) is
  'Notes what stands on GitHub now; if something newer was desired meanwhile, the row stays due.';
revoke execute on function codered.complete_publication from public;
grant execute on function codered.complete_publication to service_role;

create function codered.defer_publication(id uuid, worker text, error text, delay_ms integer, pause_installation_ms integer)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(defer_publication.id, defer_publication.worker, defer_publication.pause_installation_ms);
  update codered.publications p
  set
    available_at = case
      when p.attempts = 0 then p.available_at
      else now() + make_interval(secs => defer_publication.delay_ms / 1000.0)
    end,
    last_error = left(defer_publication.error, 4000),
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = defer_publication.id and p.locked_by = defer_publication.worker
$$;
comment on function codered.defer_publication(uuid, text, text, integer, integer) is
  'Puts a write off; pause_installation_ms holds back every write of the installation, as GitHub''s rate limits ask. What was desired meanwhile is not put off.';
revoke execute on function codered.defer_publication from public;
grant execute on function codered.defer_publication to service_role;

create function codered.park_publication(id uuid, worker text, error text)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(park_publication.id, park_publication.worker);
  update codered.publications p
  set
    available_at = case when p.attempts = 0 then p.available_at else 'infinity' end,
    last_error = left(park_publication.error, 4000),
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = park_publication.id and p.locked_by = park_publication.worker
$$;
comment on function codered.park_publication(uuid, text, text) is
  'Gives a write up until something else is desired, or the installation''s permissions change; last_error says why.';
revoke execute on function codered.park_publication from public;
grant execute on function codered.park_publication to service_role;

create function codered.reserve_write(installation_id bigint, spacing_ms integer default 1000)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  opens timestamptz;
begin
  select greatest(i.next_write_at, i.paused_until) into opens
  from codered.installations i
  where i.id = reserve_write.installation_id
  for update;
  if opens > now() then
    return ceil(least(extract(epoch from opens - now()), 86400) * 1000)::integer;
  end if;
  -- Check runs and comments go before what is written out of their turn.
  if exists (
    select 1
    from codered.publications p
    join codered.repositories r on r.id = p.repository_id
    where r.installation_id = reserve_write.installation_id
      and r.deleted_at is null
      and (p.locked_until > now() or (p.is_due and p.available_at <= now() and not codered.is_held_back(p)))
  ) then
    return greatest(reserve_write.spacing_ms, 1);
  end if;
  update codered.installations i
  set next_write_at = now() + make_interval(secs => reserve_write.spacing_ms / 1000.0)
  where i.id = reserve_write.installation_id;
  return 0;
end
$$;
comment on function codered.reserve_write(bigint, integer) is
  '0: an installation may be written to now, out of the publications'' turn but at their pace, and the turn is taken. Otherwise in how many milliseconds to ask again: publications that are due go first.';
revoke execute on function codered.reserve_write from public;
grant execute on function codered.reserve_write to service_role;

create function codered.is_publication_overtaken(id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (
      select
        exists (
          select
          from codered.publications newer
          where newer.repository_id = p.repository_id
            and newer.kind = p.kind
            and newer.target = p.target
            and newer.generation > p.generation
        )
        or p.kind = 'check_run' and codered.is_look_ahead(p.repository_id, p.desired ->> 'head_sha')
        or (
          p.evidence_version is not null
          and p.evidence_version <> codered.read_evidence_version(p.repository_id, p.desired ->> 'head_sha')
        )
      from codered.publications p
      where p.id = is_publication_overtaken.id
    ),
    true
  )
$$;
comment on function codered.is_publication_overtaken(uuid) is
  'Whether more is known of the commit than the wish was worked out from, or something newer is wished for. Asked just before a success is written; true also when the publication is gone.';
revoke execute on function codered.is_publication_overtaken from public;
grant execute on function codered.is_publication_overtaken to service_role;

create function codered.yield_publication(id uuid, worker text, error text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.publications;
  newer codered.publications;
begin
  perform codered.release_writer(yield_publication.id, yield_publication.worker);
  select p.* into mine
  from codered.publications p
  where p.id = yield_publication.id and p.locked_by = yield_publication.worker
  for update;
  if not found then
    return;
  end if;
  -- A generation was made because this one was thought to be on its way. As it is not, it takes over what is wished for now:
  -- the newer one must not wait for a write that never comes.
  delete from codered.publications p
  where p.repository_id = mine.repository_id and p.kind = mine.kind and p.target = mine.target and p.generation = mine.generation + 1
  returning p.* into newer;
  update codered.publications p
  set
    desired = coalesce(newer.desired, p.desired),
    desired_hash = coalesce(newer.desired_hash, p.desired_hash),
    evidence_version = case when newer.id is null then p.evidence_version else newer.evidence_version end,
    attempts = 0,
    available_at = now(),
    last_error = left(yield_publication.error, 4000),
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = mine.id;
  if newer.id is null then
    perform codered.look_again(mine.repository_id, mine.desired ->> 'head_sha');
  end if;
end
$$;
comment on function codered.yield_publication(uuid, text, text) is
  'Gives a success back that was overtaken before it was written: the wish that took its place is due at once, or else a look at the commit is queued, which brings one.';
revoke execute on function codered.yield_publication from public;
grant execute on function codered.yield_publication to service_role;

create function codered.is_held_back(publication codered.publications)
returns boolean
language sql
stable
set search_path = ''
as $$
  select
    -- A success waits for whatever is told of its commit to be looked at; other writes do not wait for it.
    (
      publication.kind = 'check_run'
      and publication.desired ->> 'conclusion' is not distinct from 'success'
      and codered.is_look_ahead(publication.repository_id, publication.desired ->> 'head_sha')
    )
    -- Of several check runs of one name GitHub shows the one that was made last: an older one must not come after it.
    or exists (
      select 1
      from codered.publications older
      where older.repository_id = publication.repository_id
        and older.kind = publication.kind
        and older.target = publication.target
        and older.generation < publication.generation
        and older.is_due
        and older.available_at < 'infinity'
    )
$$;
comment on function codered.is_held_back(codered.publications) is 'Whether a due publication has to wait for something else. Called by claim_publications and reserve_write.';
revoke execute on function codered.is_held_back from public;
grant execute on function codered.is_held_back to service_role;

-- Documents in pieces, and likeness by vectors.

create table codered.corpora (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  name text not null,
  description text,
  domain_tags text[] not null default '{}',
  risk_level text not null default 'internal',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint corpora_name_key unique nulls not distinct (project_id, name),
  constraint corpora_name_length check (char_length(name) between 1 and 500 or codered.refuse_value('corpora.name', name, '1 to 500 characters')),
  constraint corpora_risk_level_check check (
    risk_level in ('safe', 'internal', 'legal_critical') or codered.refuse_value('corpora.risk_level', risk_level, 'safe, internal, legal_critical'))
);
comment on table codered.corpora is 'A group of documents that are searched together. project_id null: for every project.';
alter table codered.corpora enable row level security;
create policy corpora_read on codered.corpora for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.corpora to authenticated;
grant select, insert, update, delete on codered.corpora to service_role;
create trigger corpora_touch before update on codered.corpora
  for each row execute function codered.touch_updated_at();

create table codered.documents (
  id uuid primary key default gen_random_uuid(),
  corpus_id uuid not null references codered.corpora (id) on delete cascade,
  project_id uuid references codered.projects (id) on delete cascade,
  title text not null,
  source_path text not null,
  version text not null default 'v1',
  domain_tags text[] not null default '{}',
  risk_level text not null default 'internal',
  is_pinned boolean not null default false,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint documents_source_version_key unique (corpus_id, source_path, version),
  constraint documents_title_length check (char_length(title) between 1 and 500 or codered.refuse_value('documents.title', title, '1 to 500 characters')),
  constraint documents_source_path_length
    check (char_length(source_path) between 1 and 2000 or codered.refuse_value('documents.source_path', source_path, '1 to 2000 characters')),
  constraint documents_version_length check (char_length(version) between 1 and 100 or codered.refuse_value('documents.version', version, '1 to 100 characters')),
  constraint documents_risk_level_check check (
    risk_level in ('safe', 'internal', 'legal_critical') or codered.refuse_value('documents.risk_level', risk_level, 'safe, internal, legal_critical')),
  constraint documents_id_risk_key unique (id, risk_level)
);
comment on table codered.documents is 'One document in one version; its text stands in chunks, unless it is legal_critical: then only title and source are kept.';
comment on column codered.documents.source_path is 'Path in the repository, or a URL.';
comment on column codered.documents.is_pinned is 'Always told to agents, whatever they ask.';
create index documents_project_id_idx on codered.documents (project_id);
alter table codered.documents enable row level security;
create policy documents_read on codered.documents for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.documents to authenticated;
grant select, insert, update, delete on codered.documents to service_role;
create trigger documents_touch before update on codered.documents
  for each row execute function codered.touch_updated_at();
create trigger documents_same_project before insert or update of project_id, corpus_id on codered.documents
  for each row execute function codered.refuse_foreign_project('corpus_id:corpora');

create table codered.chunks (
  id uuid primary key default gen_random_uuid(),
  document_id uuid not null,
  project_id uuid references codered.projects (id) on delete cascade,
  risk_level text not null default 'internal',
  chunk_index integer not null,
  content text not null,
  token_count integer,
  embedding_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chunks_document_index_key unique (document_id, chunk_index),
  -- The level comes with the key, so that neither side can change it past the check below.
  constraint chunks_document_id_fkey foreign key (document_id, risk_level)
    references codered.documents (id, risk_level) on delete cascade on update cascade,
  constraint chunks_risk_level_check check (
    risk_level in ('safe', 'internal')
    or codered.refuse_value('chunks.risk_level', risk_level, 'safe, internal; of a legal_critical document only title and source are kept')),
  constraint chunks_chunk_index_check check (chunk_index >= 0 or codered.refuse_value('chunks.chunk_index', chunk_index, '0 or more')),
  constraint chunks_token_count_check check (token_count >= 0 or codered.refuse_value('chunks.token_count', token_count, '0 or more')),
  constraint chunks_content_length check (char_length(content) between 1 and 100000 or codered.refuse_value('chunks.content', left(content, 40), '1 to 100000 characters'))
);
comment on table codered.chunks is 'A piece of a document''s text, in order.';
comment on column codered.chunks.risk_level is 'The document''s, carried along by the foreign key: a legal_critical document can have no chunk.';
create index chunks_document_risk_idx on codered.chunks (document_id, risk_level);
create index chunks_project_id_idx on codered.chunks (project_id);
create index chunks_embedding_id_idx on codered.chunks (embedding_id);
alter table codered.chunks enable row level security;
create policy chunks_read on codered.chunks for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.chunks to authenticated;
grant select, insert, update, delete on codered.chunks to service_role;
create trigger chunks_touch before update on codered.chunks
  for each row execute function codered.touch_updated_at();
create trigger chunks_same_project before insert or update of project_id, document_id on codered.chunks
  for each row execute function codered.refuse_foreign_project('document_id:documents');

create table codered.embeddings (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  document_id uuid not null references codered.documents (id) on delete cascade,
  chunk_id uuid not null references codered.chunks (id) on delete cascade,
  model text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint embeddings_chunk_model_key unique (chunk_id, model)
);
comment on table codered.embeddings is 'The vector of a chunk, by the model that made it.';
create index embeddings_place_idx on codered.embeddings (project_id, document_id, chunk_id);
create index embeddings_document_id_idx on codered.embeddings (document_id);
alter table codered.embeddings enable row level security;
create policy embeddings_read on codered.embeddings for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.embeddings to authenticated;
grant select, insert, update, delete on codered.embeddings to service_role;
create trigger embeddings_touch before update on codered.embeddings
  for each row execute function codered.touch_updated_at();
create trigger embeddings_same_project before insert or update of project_id, document_id, chunk_id on codered.embeddings
  for each row execute function codered.refuse_foreign_project('document_id:documents', 'chunk_id:chunks');

alter table codered.chunks
  add constraint chunks_embedding_id_fkey foreign key (embedding_id) references codered.embeddings (id) on delete set null;

create table codered.pattern_embeddings (
  id uuid primary key default gen_random_uuid(),
  project_type text not null,
  metadata jsonb not null default '{}',
  success_score double precision,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pattern_embeddings_project_type_length check (
    char_length(project_type) between 1 and 100 or codered.refuse_value('pattern_embeddings.project_type', project_type, '1 to 100 characters')),
  constraint pattern_embeddings_success_score_check
    check (success_score between 0 and 1 or codered.refuse_value('pattern_embeddings.success_score', success_score, '0 to 1'))
);
comment on table codered.pattern_embeddings is 'Architectures that worked, to be found by likeness; the same for everybody.';
comment on column codered.pattern_embeddings.project_type is 'Open: saas, ecommerce, social, …';
comment on column codered.pattern_embeddings.success_score is '0 to 1: how well it worked.';
create index pattern_embeddings_project_type_idx on codered.pattern_embeddings (project_type);
alter table codered.pattern_embeddings enable row level security;
create policy pattern_embeddings_read on codered.pattern_embeddings for select to authenticated using (true);
grant select on codered.pattern_embeddings to authenticated;
grant select, insert, update, delete on codered.pattern_embeddings to service_role;
create trigger pattern_embeddings_touch before update on codered.pattern_embeddings
  for each row execute function codered.touch_updated_at();

-- A bare Postgres may lack pgvector: then only these two columns and what rests on them are left out.
do $$
declare
  path_before constant text := current_setting('search_path');
begin
  if exists (select from pg_catalog.pg_extension where extname = 'vector') then
    -- Wherever the extension was put: Supabase and bootstrap.sql use the schema extensions.
    perform set_config('search_path',
      (select n.nspname::text from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'), true);
    alter table codered.embeddings add column embedding vector(1536);
    create index embeddings_embedding_idx on codered.embeddings using hnsw (embedding vector_cosine_ops);
    comment on column codered.embeddings.embedding is '1,536 dimensions, as the common models make them; compared by cosine.';
    alter table codered.pattern_embeddings add column embedding vector(1536);
    create index pattern_embeddings_embedding_idx on codered.pattern_embeddings using hnsw (embedding vector_cosine_ops);
    comment on column codered.pattern_embeddings.embedding is '1,536 dimensions; compared by cosine.';
    perform set_config('search_path', path_before, true);
  end if;
end
$$;

create function codered.store_document(document jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  found_corpus codered.corpora;
  stored uuid;
  given_level text;
  wanted_version constant text := coalesce(document ->> 'version', 'v1');
  new_chunks jsonb;
  tags text[];
  written integer;
  removed integer;
begin
  perform codered.accept_shape('document', coalesce(document, 'null'), '{
    "is": "object",
    "optional": ["corpus_id", "corpus", "project_id", "version", "domain_tags", "risk_level", "is_pinned", "chunks"],
    "keys": {
      "corpus_id": {"is": "text", "from": 36, "to": 36}, "corpus": {"is": "text", "from": 1, "to": 500},
      "project_id": {"is": "text", "from": 36, "to": 36},
      "title": {"is": "text", "from": 1, "to": 500}, "source_path": {"is": "text", "from": 1, "to": 2000},
      "version": {"is": "text", "from": 1, "to": 100},
      "domain_tags": {"is": "list", "to": 100, "of": {"is": "text", "from": 1, "to": 200}},
      "risk_level": {"is": "word", "of": ["safe", "internal", "legal_critical"]},
      "is_pinned": {"is": "boolean"},
      "chunks": {"is": "list", "to": 10000, "of": {"is": "object", "optional": ["token_count"], "keys": {
        "content": {"is": "text", "from": 1, "to": 100000}, "token_count": {"is": "whole", "from": 0, "to": 2147483647}
      }}}
    }
  }');
  if (document ->> 'corpus_id' is null) = (document ->> 'corpus' is null) then
    raise exception 'document has corpus_id % and corpus %; allowed: one of the two.',
      coalesce(document ->> 'corpus_id', 'null'), coalesce(document ->> 'corpus', 'null') using errcode = 'CR002';
  end if;
  select c.* into found_corpus
  from codered.corpora c
  where case when document ->> 'corpus_id' is not null
      then c.id::text = lower(document ->> 'corpus_id') and (document ->> 'project_id' is null or c.project_id::text = lower(document ->> 'project_id'))
      else c.name = document ->> 'corpus' and c.project_id::text is not distinct from lower(document ->> 'project_id') end;
  if not found then
    raise exception 'There is no corpus "%"%.', coalesce(document ->> 'corpus_id', document ->> 'corpus'),
      case when document ->> 'project_id' is null then '' else format(' in project "%s"', document ->> 'project_id') end
      using errcode = 'CR004';
  end if;
  given_level := coalesce(document ->> 'risk_level', found_corpus.risk_level);
  new_chunks := coalesce(nullif(document -> 'chunks', 'null'), '[]');
  if given_level = 'legal_critical' and jsonb_array_length(new_chunks) > 0 then
    raise exception 'document.chunks has % entries; allowed: none, of a legal_critical document only title and source are kept.',
      jsonb_array_length(new_chunks) using errcode = 'CR002', table = 'documents';
  end if;
  tags := case when jsonb_typeof(document -> 'domain_tags') = 'array'
    then array(select jsonb_array_elements_text(document -> 'domain_tags')) else found_corpus.domain_tags end;
  insert into codered.documents (corpus_id, project_id, title, source_path, version, domain_tags, risk_level, is_pinned)
  values (
    found_corpus.id, found_corpus.project_id, document ->> 'title', document ->> 'source_path', wanted_version, tags, given_level,
    coalesce((document ->> 'is_pinned')::boolean, false)
  )
  on conflict on constraint documents_source_version_key do nothing;
  -- Two who store the same document do it one after the other.
  select d.id into strict stored
  from codered.documents d
  where d.corpus_id = found_corpus.id and d.source_path = document ->> 'source_path' and d.version = wanted_version
  for update;
  -- Deleted and not changed, as the vectors of what a chunk said before go with it; and before the level is raised, which
  -- chunks would stand in the way of.
  delete from codered.chunks ch
  where ch.document_id = stored
    and ch.content is distinct from new_chunks -> ch.chunk_index ->> 'content';
  get diagnostics removed = row_count;
  update codered.documents d
  set title = document ->> 'title', domain_tags = tags, risk_level = given_level,
    is_pinned = coalesce((document ->> 'is_pinned')::boolean, false), deleted_at = null
  where d.id = stored
    and (d.title, d.domain_tags, d.risk_level, d.is_pinned, d.deleted_at)
      is distinct from (document ->> 'title', tags, given_level, coalesce((document ->> 'is_pinned')::boolean, false), null::timestamptz);
  insert into codered.chunks as ch (document_id, project_id, risk_level, chunk_index, content, token_count)
  select stored, found_corpus.project_id, given_level, n.place - 1, n.entry ->> 'content', (n.entry ->> 'token_count')::integer
  from jsonb_array_elements(new_chunks) with ordinality as n (entry, place)
  on conflict on constraint chunks_document_index_key do update set token_count = excluded.token_count
    where ch.token_count is distinct from excluded.token_count;
  get diagnostics written = row_count;
  return jsonb_build_object(
    'id', stored, 'version', wanted_version, 'chunks', jsonb_array_length(new_chunks), 'written', written, 'removed', removed
  );
end
$$;
comment on function codered.store_document(jsonb) is
  'Stores {corpus_id or corpus (name; with project_id unless it is everybody''s), title, source_path, version (v1), domain_tags and risk_level (the corpus''s), is_pinned, chunks: [{content, token_count}]} in place of what has the same corpus, source_path and version, and brings it back if it was retired. Chunks that say the same stay with their vectors, all others are replaced. Returns {id, version, chunks, written, removed}; the same again writes nothing. Refuses CR002 (shape, text in a legal_critical document), CR004 (no such corpus).';
revoke execute on function codered.store_document from public;
grant execute on function codered.store_document to service_role;

create function codered.retire_document(id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  retired timestamptz;
begin
  update codered.documents d set deleted_at = coalesce(d.deleted_at, now()) where d.id = retire_document.id returning d.deleted_at into retired;
  if not found then
    raise exception 'There is no document "%".', retire_document.id using errcode = 'CR004';
  end if;
  return jsonb_build_object('id', retire_document.id, 'deleted_at', retired);
end
$$;
comment on function codered.retire_document(uuid) is
  'Takes a document out of use and keeps it, chunks and all; returns {id, deleted_at}, twice the same. store_document brings it back. CR004 when there is none.';
revoke execute on function codered.retire_document from public;
grant execute on function codered.retire_document to service_role;

-- A bare Postgres may lack pgvector: then there is nothing to search by likeness, and no function for it.
do $do$
declare
  place constant text := (
    select n.nspname from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'
  );
begin
  if place is null then
    return;
  end if;
  execute format($create$
    create function codered.match_patterns(query_embedding %1$I.vector, match_count integer, filter_type text default null)
    returns table (id uuid, project_type text, metadata jsonb, success_score double precision, similarity double precision)
    language plpgsql
    stable
    set search_path = ''
    as $$
    begin
      if coalesce(match_patterns.match_count, 0) not between 1 and 200 then
        perform codered.refuse_value('match_count', coalesce(match_patterns.match_count::text, 'null'), '1 to 200');
      end if;
      if %1$I.vector_dims(match_patterns.query_embedding) <> 1536 then
        perform codered.refuse_value('query_embedding', %1$I.vector_dims(match_patterns.query_embedding), '1536 dimensions');
      end if;
      -- The index gives no more rows than this, and pgvector's 40 would be fewer than were asked for.
      perform set_config('hnsw.ef_search', '200', true);
      -- Where pgvector can (0.8), it looks on until enough rows have the type that is wanted.
      if current_setting('hnsw.iterative_scan', true) is not null then
        perform set_config('hnsw.iterative_scan', 'strict_order', true);
      end if;
      return query
        select p.id, p.project_type, p.metadata, p.success_score, 1 - (p.embedding operator(%1$I.<=>) match_patterns.query_embedding)
        from codered.pattern_embeddings p
        where p.embedding is not null
          and (match_patterns.filter_type is null or p.project_type = match_patterns.filter_type)
        order by p.embedding operator(%1$I.<=>) match_patterns.query_embedding
        limit match_patterns.match_count;
    end
    $$
  $create$, place);
  comment on function codered.match_patterns is
    'The patterns most like the vector, by cosine (similarity: 1 the same direction, 0 nothing in common, -1 opposite), best first, of one project_type or of all. Approximate: by the HNSW index. CR002 for a match_count outside 1 to 200 or other than 1,536 dimensions.';
  revoke execute on function codered.match_patterns from public;
  grant execute on function codered.match_patterns to authenticated, service_role;
end
$do$;

-- Students' files, roadmaps and daily sessions.

create function codered.accept_modules(what text, modules jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_modules.what, accept_modules.modules, '{
    "is": "list", "from": 1, "of": {
      "is": "object", "optional": ["description", "estimated_hours", "prerequisites", "is_locked"], "keys": {
        "title": {"is": "text", "from": 1, "to": 200},
        "description": {"is": "text"},
        "steps": {"is": "list", "of": {"is": "text"}},
        "estimated_hours": {"is": "number", "from": 0, "to": 100, "open": true},
        "prerequisites": {"is": "list", "of": {"is": "text"}},
        "is_locked": {"is": "boolean"}
      }
    }
  }')
$$;
comment on function codered.accept_modules(text, jsonb) is
  'True for the modules of a roadmap as document 002 has them (one or more; title and steps required); raises CR002 with index and key otherwise.';
revoke execute on function codered.accept_modules from public;
grant execute on function codered.accept_modules to authenticated, service_role;

create function codered.accept_transcript(what text, transcript jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_transcript.what, accept_transcript.transcript, '{
    "is": "list", "of": {"is": "object", "keys": {"role": {"is": "word", "of": ["user", "mentor"]}, "content": {"is": "text"}}}
  }')
$$;
comment on function codered.accept_transcript(text, jsonb) is
  'True for [{"role": "user" | "mentor", "content"}]; raises CR002 with index and key otherwise.';
revoke execute on function codered.accept_transcript from public;
grant execute on function codered.accept_transcript to authenticated, service_role;

create table codered.project_files (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  path text not null,
  content text,
  language text,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint project_files_path_key unique (project_id, path),
  constraint project_files_path_check check (
    (char_length(path) between 1 and 1000 and path !~ '(^/|/$|(^|/)\.\.?(/|$)|//|[\\\x01-\x1f])')
    or codered.refuse_value('project_files.path', path, 'a relative path of a file, names joined by / and none of them . or .., at most 1000 characters')),
  constraint project_files_content_bytes
    check (octet_length(content) <= 2097152 or codered.refuse_value('project_files.content', octet_length(content), 'at most 2097152 bytes')),
  constraint project_files_version_check check (version >= 1 or codered.refuse_value('project_files.version', version, '1 or more')),
  constraint project_files_language_length
    check (char_length(language) between 1 and 50 or codered.refuse_value('project_files.language', language, '1 to 50 characters'))
);
comment on table codered.project_files is 'The files of a project that agents write; one row a path.';
comment on column codered.project_files.language is 'Open: typescript, python, css, …';
comment on column codered.project_files.version is 'Counted by trigger: one more whenever content changes.';
alter table codered.project_files enable row level security;
create policy project_files_read on codered.project_files for select to authenticated using (project_id in (select codered.my_projects()));
create policy project_files_insert on codered.project_files for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy project_files_update on codered.project_files for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy project_files_delete on codered.project_files for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.project_files to authenticated;
grant select, insert, update, delete on codered.project_files to service_role;
create trigger project_files_touch before update on codered.project_files
  for each row execute function codered.touch_updated_at();

create table codered.learning_roadmaps (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  title text,
  description text,
  skill_level text,
  total_estimated_hours numeric(6, 2),
  modules jsonb not null,
  current_step_index integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint learning_roadmaps_title_length
    check (char_length(title) between 1 and 200 or codered.refuse_value('learning_roadmaps.title', title, '1 to 200 characters')),
  constraint learning_roadmaps_skill_level_check check (
    skill_level in ('beginner', 'intermediate', 'advanced')
    or codered.refuse_value('learning_roadmaps.skill_level', skill_level, 'beginner, intermediate, advanced')),
  constraint learning_roadmaps_hours_check check (
    (total_estimated_hours > 0 and total_estimated_hours <= 500)
    or codered.refuse_value('learning_roadmaps.total_estimated_hours', total_estimated_hours, 'more than 0, at most 500')),
  constraint learning_roadmaps_step_check
    check (current_step_index >= 0 or codered.refuse_value('learning_roadmaps.current_step_index', current_step_index, '0 or more')),
  constraint learning_roadmaps_modules_check check (codered.accept_modules('learning_roadmaps.modules', modules)),
  constraint learning_roadmaps_modules_bytes check (
    octet_length(modules::text) <= 1048576 or codered.refuse_value('learning_roadmaps.modules', octet_length(modules::text), 'at most 1048576 bytes')),
  constraint learning_roadmaps_description_length check (
    char_length(description) <= 20000 or codered.refuse_value('learning_roadmaps.description', description, 'at most 20000 characters'))
);
comment on table codered.learning_roadmaps is 'What somebody learns while building a project, step by step.';
comment on column codered.learning_roadmaps.modules is '[{"title", "description", "steps", "estimated_hours", "prerequisites", "is_locked"}].';
create index learning_roadmaps_project_id_idx on codered.learning_roadmaps (project_id);
alter table codered.learning_roadmaps enable row level security;
create policy learning_roadmaps_read on codered.learning_roadmaps for select to authenticated using (project_id in (select codered.my_projects()));
create policy learning_roadmaps_insert on codered.learning_roadmaps for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy learning_roadmaps_update on codered.learning_roadmaps for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy learning_roadmaps_delete on codered.learning_roadmaps for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.learning_roadmaps to authenticated;
grant select, insert, update, delete on codered.learning_roadmaps to service_role;
create trigger learning_roadmaps_touch before update on codered.learning_roadmaps
  for each row execute function codered.touch_updated_at();

create table codered.daily_sessions (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  transcript jsonb not null default '[]',
  concepts_covered text[] not null default '{}',
  duration_minutes integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint daily_sessions_duration_check
    check (duration_minutes between 0 and 1440 or codered.refuse_value('daily_sessions.duration_minutes', duration_minutes, '0 to 1440')),
  constraint daily_sessions_transcript_check check (codered.accept_transcript('daily_sessions.transcript', transcript)),
  constraint daily_sessions_transcript_bytes check (
    octet_length(transcript::text) <= 8388608
    or codered.refuse_value('daily_sessions.transcript', octet_length(transcript::text), 'at most 8388608 bytes'))
);
comment on table codered.daily_sessions is 'A talk between learner and mentor.';
comment on column codered.daily_sessions.transcript is '[{"role": "user" | "mentor", "content"}].';
create index daily_sessions_project_id_idx on codered.daily_sessions (project_id, created_at desc);
alter table codered.daily_sessions enable row level security;
create policy daily_sessions_read on codered.daily_sessions for select to authenticated using (project_id in (select codered.my_projects()));
create policy daily_sessions_insert on codered.daily_sessions for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy daily_sessions_update on codered.daily_sessions for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy daily_sessions_delete on codered.daily_sessions for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.daily_sessions to authenticated;
grant select, insert, update, delete on codered.daily_sessions to service_role;
create trigger daily_sessions_touch before update on codered.daily_sessions
  for each row execute function codered.touch_updated_at();

create function codered.count_file_version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.version := 1;
  else
    new.version := old.version + case when new.content is distinct from old.content then 1 else 0 end;
  end if;
  return new;
end
$$;
comment on function codered.count_file_version() is 'Counts project_files.version: 1 at first, one more whenever content changes, whatever is written there.';
revoke execute on function codered.count_file_version from public;

create trigger project_files_version before insert or update on codered.project_files
  for each row execute function codered.count_file_version();

create function codered.write_project_file(project_id uuid, path text, content text, language text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  written codered.project_files;
begin
  perform codered.require_project(write_project_file.project_id);
  insert into codered.project_files as f (project_id, path, content, language)
  values (write_project_file.project_id, write_project_file.path, write_project_file.content, write_project_file.language)
  on conflict on constraint project_files_path_key do update
    set content = excluded.content, language = coalesce(excluded.language, f.language)
  returning f.* into written;
  return jsonb_build_object('id', written.id, 'path', written.path, 'version', written.version);
end
$$;
comment on function codered.write_project_file(uuid, text, text, text) is
  'Writes a file of a project and returns {id, path, version}; version grows only when content changed, language stays when left out. Refuses CR002 (path, over 2 MB), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.write_project_file from public;
grant execute on function codered.write_project_file to authenticated, service_role;

-- What the numbers say: delivery, causes of failures, flaky tests, slow workflows.
--
-- Weeks begin on Monday, 00:00 UTC. Each view is fast when it is asked for one project (flaky_tests: one repository) and weeks:
-- both conditions reach the tables below it. Deleted projects and repositories are left out everywhere.

create view codered.dora_weekly with (security_invoker = true) as
select
  d.project_id,
  date_trunc('week', d.finished_at at time zone 'utc')::date as week,
  (count(*) filter (where d.status = 'succeeded'))::integer as deployments,
  round(count(*) filter (where d.status = 'succeeded') / 7.0, 3) as deployment_frequency,
  percentile_cont(0.5) within group (order by lead.seconds) as lead_time_seconds_median,
  round(avg(case when d.status = 'succeeded' then 0 else 1 end), 3) as change_failure_rate,
  percentile_cont(0.5) within group (order by restore.seconds) as time_to_restore_seconds_median
from codered.deployments d
join codered.projects p on p.id = d.project_id and p.deleted_at is null
join codered.repositories r on r.id = d.repository_id and r.deleted_at is null
left join lateral (
  select greatest(0, extract(epoch from d.finished_at - min(change.begun_at)))::double precision as seconds
  from (
    select least(c.authored_at, c.pushed_at) as begun_at
    from codered.commits c
    where c.repository_id = d.repository_id and c.sha = d.commit_sha
    union all
    select least(pr.opened_at, c.authored_at, c.pushed_at)
    from codered.pull_requests pr
    left join codered.commits c on c.repository_id = pr.repository_id and c.sha = pr.head_sha
    where pr.repository_id = d.repository_id and (pr.merge_commit_sha = d.commit_sha or pr.head_sha = d.commit_sha)
  ) as change
  where d.status = 'succeeded'
    -- Once it is live it has arrived: deploying it again says nothing of how long changes take.
    and not exists (
      select from codered.deployments earlier
      where earlier.repository_id = d.repository_id
        and earlier.commit_sha = d.commit_sha
        and earlier.environment = 'prod'
        and earlier.status in ('succeeded', 'rolled_back')
        and (earlier.finished_at, earlier.id) < (d.finished_at, d.id)
    )
  having min(change.begun_at) is not null
) as lead on true
left join lateral (
  select extract(epoch from min(next.finished_at) - d.finished_at)::double precision as seconds
  from codered.deployments next
  where d.status <> 'succeeded'
    and next.repository_id = d.repository_id
    and next.environment_name = d.environment_name
    and next.status = 'succeeded'
    and next.finished_at > d.finished_at
) as restore on true
where d.environment = 'prod'
  and d.status in ('succeeded', 'failed', 'rolled_back')
  and d.finished_at is not null
group by d.project_id, date_trunc('week', d.finished_at at time zone 'utc')::date;
comment on view codered.dora_weekly is
  'DORA''s four metrics of a project in a week, over its deployments to prod by when they finished. A week in which none finished has no row.';
comment on column codered.dora_weekly.week is 'Its Monday; weeks are those of UTC.';
comment on column codered.dora_weekly.deployments is 'Deployments that succeeded and stayed; the same commit deployed again counts again.';
comment on column codered.dora_weekly.deployment_frequency is 'Deployments a day, over all seven days even while the week lasts.';
comment on column codered.dora_weekly.lead_time_seconds_median is
  'From the first that is known of a change (its commit, or the head and the opening of its pull request) to its first success in prod; null when no commit is known.';
comment on column codered.dora_weekly.change_failure_rate is '0 to 1: the share of the finished deployments that failed or were rolled back.';
comment on column codered.dora_weekly.time_to_restore_seconds_median is
  'From a failed or rolled back deployment to the next success in the same repository and environment, counted in the week of the failure; what was never restored is left out.';
grant select on codered.dora_weekly to authenticated, service_role;

create view codered.failure_causes_weekly with (security_invoker = true) as
select
  f.project_id,
  f.week,
  f.bug_pattern_id,
  b.name as pattern_name,
  b.category,
  sum(f.failures)::integer as failures,
  count(distinct f.ci_event_id)::integer as failed_runs,
  round(coalesce(sum(greatest(0, extract(epoch from j.completed_at - j.started_at))), 0) / 60, 1) as minutes_lost
from (
  -- One row for a job and a pattern first, so that a job that failed twice over is not counted as two.
  select
    e.project_id,
    date_trunc('week', e.created_at at time zone 'utc')::date as week,
    m.bug_pattern_id,
    e.ci_event_id,
    e.ci_job_id,
    count(*) as failures
  from codered.errors e
  join codered.projects p on p.id = e.project_id and p.deleted_at is null
  left join codered.ci_events run on run.id = e.ci_event_id
  left join codered.deployments d on d.id = e.deployment_id
  left join codered.repositories r on r.id = coalesce(run.repository_id, d.repository_id)
  left join codered.error_matches m on m.error_id = e.id and m.is_primary
  where r.deleted_at is null
  group by e.project_id, date_trunc('week', e.created_at at time zone 'utc')::date, m.bug_pattern_id, e.ci_event_id, e.ci_job_id
) as f
left join codered.ci_jobs j on j.id = f.ci_job_id
left join codered.bug_patterns b on b.id = f.bug_pattern_id
group by f.project_id, f.week, f.bug_pattern_id, b.name, b.category;
comment on view codered.failure_causes_weekly is
  'What broke in a project in a week, by the pattern that explains it best. Failures that no pattern explains are the row without one.';
comment on column codered.failure_causes_weekly.week is 'Its Monday in UTC, by when the failure was diagnosed.';
comment on column codered.failure_causes_weekly.bug_pattern_id is 'Null: no pattern matched. A pattern that was retired keeps its rows.';
comment on column codered.failure_causes_weekly.failures is 'Rows of errors.';
comment on column codered.failure_causes_weekly.failed_runs is 'CI events that they happened in; each attempt is one.';
comment on column codered.failure_causes_weekly.minutes_lost is 'Running time of the jobs that failed; a job with several failures counts once in each pattern''s row.';
grant select on codered.failure_causes_weekly to authenticated, service_role;

create view codered.flaky_tests with (security_invoker = true) as
select
  t.repository_id,
  r.project_id,
  t.suite,
  t.name,
  t.commits,
  results.runs,
  results.failures,
  t.last_failed_at
from (
  select f.repository_id, f.suite, f.name, count(*)::integer as commits, max(f.last_failed_at) as last_failed_at
  from (
    select
      x.repository_id, x.suite, x.name, x.commit_sha,
      max(x.created_at) filter (where x.is_flaky or x.status in ('failed', 'errored')) as last_failed_at
    from codered.test_results x
    left join codered.test_reports b on b.id = x.test_report_id
    where x.created_at >= now() - interval '30 days' and b.from_fork is not true
    group by x.repository_id, x.suite, x.name, x.commit_sha
    having bool_or(x.is_flaky)
      or (bool_or(x.status = 'passed') and bool_or(x.status in ('failed', 'errored')))
  ) as f
  group by f.repository_id, f.suite, f.name
) as t
join codered.repositories r on r.id = t.repository_id and r.deleted_at is null
join codered.projects p on p.id = r.project_id and p.deleted_at is null
cross join lateral (
  select coalesce(sum(c.runs), 0)::integer as runs, coalesce(sum(c.failures), 0)::integer as failures
  from (
    select d.passed + d.failed + d.flaky as runs, d.failed + d.flaky as failures
    from codered.tests own
    join codered.test_day_counts d on d.test_id = own.id and d.day >= (now() at time zone 'utc')::date - 30
    where own.repository_id = t.repository_id and md5(own.suite || own.name) = md5(t.suite || t.name)
      and own.suite = t.suite and own.name = t.name
    union all
    -- Rows that nobody counted by the day.
    select 1, (own.status <> 'passed')::integer
    from codered.test_results own
    where own.repository_id = t.repository_id and own.suite = t.suite and own.name = t.name
      and own.test_id is null and own.status <> 'skipped' and own.created_at >= now() - interval '30 days'
  ) as c
) as results;
comment on view codered.flaky_tests is 'Tests that in the last 30 days both passed and failed on one and the same commit, in whichever attempts, jobs or tries.';
comment on column codered.flaky_tests.commits is 'Commits on which it did both.';
comment on column codered.flaky_tests.runs is 'Its results of the last 30 days on all commits; skipped ones are none.';
comment on column codered.flaky_tests.failures is 'How many of them failed, could not be run, or passed only when tried again.';
grant select on codered.flaky_tests to authenticated, service_role;

create view codered.slowest_workflows with (security_invoker = true) as
select
  e.project_id,
  e.repository_id,
  e.workflow_name,
  count(*)::integer as runs,
  percentile_cont(0.5) within group (order by e.duration_seconds) as p50_seconds,
  percentile_cont(0.95) within group (order by e.duration_seconds) as p95_seconds
from codered.ci_events e
join codered.projects p on p.id = e.project_id and p.deleted_at is null
join codered.repositories r on r.id = e.repository_id and r.deleted_at is null
where e.status = 'succeeded'
  and e.conclusion is distinct from 'skipped'
  -- Without it duration_seconds is 0.
  and e.end_time is not null
  and e.start_time >= now() - interval '30 days'
group by e.project_id, e.repository_id, e.workflow_name;
comment on view codered.slowest_workflows is
  'How long each workflow took when it succeeded, in the last 30 days by when it began; order it by p95_seconds. Each attempt is a run, a skipped one is none.';
grant select on codered.slowest_workflows to authenticated, service_role;

-- How long what is kept, and the deletion of what is over that.

create table codered.retention_policies (
  id uuid primary key default gen_random_uuid(),
  table_name text not null,
  keep interval,
  archive boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint retention_policies_table_name_key unique (table_name),
  constraint retention_policies_keep_check
    check (keep >= interval '1 day' or codered.refuse_value('retention_policies.keep', keep, '1 day or more, null for ever')),
  constraint retention_policies_table_name_check check (
    table_name in ('webhook_deliveries', 'errors', 'events', 'repositories', 'runs', 'artifacts', 'agent_runs', 'gate_executions')
    or codered.refuse_value(
      'retention_policies.table_name', table_name,
      'webhook_deliveries, errors, events, repositories, runs, artifacts, agent_runs, gate_executions; everything else is kept'))
);
comment on table codered.retention_policies is 'How long what is kept; `codered prune` obeys it. A table that is not named here is kept whole.';
comment on column codered.retention_policies.keep is
  'Age at which it may go: deliveries that are done or ignored (row), errors (the excerpt alone), events (whole months), repositories and installations that are gone (all that is kept of them), runs that are over (with gates and artifacts), artifacts (row and file), agent_runs (row), gate_executions (prompt_packet and raw_output alone). Null: never. What an open pull request is judged by stays.';
comment on column codered.retention_policies.archive is 'Events only: write a month as NDJSON before it goes. False: the month is detached and its table stays.';
alter table codered.retention_policies enable row level security;
create policy retention_policies_read on codered.retention_policies for select to authenticated using (true);
create policy retention_policies_update on codered.retention_policies for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
grant select on codered.retention_policies to authenticated;
grant update (keep, archive) on codered.retention_policies to authenticated;
grant select, insert, update, delete on codered.retention_policies to service_role;
create trigger retention_policies_touch before update on codered.retention_policies
  for each row execute function codered.touch_updated_at();

create function codered.retention_cutoff(table_name text)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  -- In UTC, as a month's length depends on the time zone; a thousand years are for ever, and no timestamp reaches much further back.
  select case when p.keep < interval '1000 years' then (now() at time zone 'UTC' - p.keep) at time zone 'UTC' end
  from codered.retention_policies p
  where p.table_name = retention_cutoff.table_name
$$;
comment on function codered.retention_cutoff(text) is 'What is older than this may go by the table''s policy; null: nothing may.';
revoke execute on function codered.retention_cutoff from public;
grant execute on function codered.retention_cutoff to service_role;

create function codered.event_months_due()
returns table (month date, rows bigint, bytes bigint, archive boolean)
language sql
stable
set search_path = ''
as $$
  select d.month, (
      select count(*)
      from codered.events e
      where e.created_at >= codered.month_start(d.month) and e.created_at < codered.month_start(codered.next_month(d.month))
    ), pg_total_relation_size(to_regclass('codered.' || codered.event_month_table(d.month))), p.archive
  from (
    select codered.event_months()
    union
    select codered.event_months_without_partition()
  ) as d (month)
  join codered.retention_policies p on p.table_name = 'events'
  where codered.month_start(codered.next_month(d.month)) <= codered.retention_cutoff('events')
  order by d.month
$$;
comment on function codered.event_months_due() is
  'The months of events that ended before what the policy keeps, oldest first. bytes: null for a month that has no partition yet; ensure_event_months gives it one. archive: whether it has to be written down before it goes.';
revoke execute on function codered.event_months_due from public;
grant execute on function codered.event_months_due to service_role;

create function codered.prunable()
returns table (table_name text, what text, keep interval, due bigint, oldest timestamptz, bytes bigint)
language sql
stable
set search_path = ''
as $$
  with found (table_name, what, due, oldest, bytes) as (
    select 'webhook_deliveries', 'deliveries that are done or ignored', count(*), min(w.received_at), (count(*) * (
        select pg_total_relation_size(c.oid) / c.reltuples
        from pg_catalog.pg_class c
        where c.oid = 'codered.webhook_deliveries'::regclass and c.reltuples > 0
      ))::bigint
    from codered.webhook_deliveries w
    where w.status in ('done', 'ignored') and w.received_at < codered.retention_cutoff('webhook_deliveries')
    union all
    select 'errors', 'excerpts of failures; the failures stay', count(*), min(e.created_at), sum(pg_column_size(e.excerpt))
    from codered.errors e
    where e.excerpt is not null and e.created_at < codered.retention_cutoff('errors')
    union all
    select 'runs', 'runs that are over, with their gates and artifacts', count(*), min(d.created_at), null::bigint
    from codered.due_runs() d
    union all
    select 'artifacts', 'artifacts with what they hold', count(*), min(d.created_at), sum(d.bytes)::bigint
    from codered.due_artifacts() d
    union all
    select 'agent_runs', 'calls of agents, with what was sent and received', count(*), min(a.created_at), sum(pg_column_size(a))::bigint
    from codered.agent_runs a
    where a.created_at < codered.retention_cutoff('agent_runs')
    union all
    select 'gate_executions', 'what models of gates were sent and answered; the gates stay', count(*), min(g.created_at),
      sum(coalesce(pg_column_size(g.prompt_packet), 0) + coalesce(pg_column_size(g.raw_output), 0))::bigint
    from codered.gate_executions g
    where num_nonnulls(g.prompt_packet, g.raw_output) > 0 and g.completed_at < codered.retention_cutoff('gate_executions')
    union all
    select 'events', 'whole months', coalesce(sum(m.rows), 0), codered.month_start(min(m.month)), sum(m.bytes)::bigint
    from codered.event_months_due() m
  )
  select f.table_name, f.what, p.keep, f.due, f.oldest, case when f.due > 0 then f.bytes end
  from found f
  join codered.retention_policies p on p.table_name = f.table_name
  -- These have no age unless somebody gives them one: they are told of when something of theirs is due.
  where f.due > 0 or f.table_name not in ('runs', 'artifacts', 'agent_runs', 'gate_executions')
  order by f.table_name
$$;
comment on function codered.prunable() is
  'What codered prune would take now, a row for each policy (runs, artifacts, agent_runs and gate_executions when something is due): how many rows are due, how old the oldest is (events: when its month began), and about how many bytes they take (null: not known). keep null: for ever, so nothing is due.';
revoke execute on function codered.prunable from public;
grant execute on function codered.prunable to service_role;

create function codered.prune_deliveries(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select w.ctid as row
    from codered.webhook_deliveries w
    where w.status in ('done', 'ignored') and w.received_at < codered.retention_cutoff('webhook_deliveries')
    order by w.received_at
    limit greatest(prune_deliveries.batch, 0)
    for update skip locked
  ), gone as (
    -- By where they lie, as a join would be planned for a tenth of the table. One that moved since is left to the next batch.
    delete from codered.webhook_deliveries w
    where w.ctid = any (array(select d.row from due d))
    returning 1
  )
  select case
    when prune_deliveries.batch >= 1 then (select count(*)::integer from gone)
    else codered.refuse_value('prune_deliveries.batch', coalesce(prune_deliveries.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_deliveries(integer) is
  'Deletes up to batch (1 or more) deliveries that the policy lets go, oldest first, and returns how many. Only those done or ignored: failed, dead and pending ones still want somebody. Leaves what somebody else has locked.';
revoke execute on function codered.prune_deliveries from public;
grant execute on function codered.prune_deliveries to service_role;

create function codered.prune_excerpts(batch integer)
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
    set excerpt = null, excerpt_first_line = null, excerpt_last_line = null
    where e.ctid = any (array(select d.row from due d))
    returning 1
  )
  select case
    when prune_excerpts.batch >= 1 then (select count(*)::integer from emptied)
    else codered.refuse_value('prune_excerpts.batch', coalesce(prune_excerpts.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_excerpts(integer) is
  'Empties up to batch (1 or more) excerpts that the policy lets go, oldest first, and returns how many. The failure stays: message, cause, and the numbers of the lines it stood on.';
revoke execute on function codered.prune_excerpts from public;
grant execute on function codered.prune_excerpts to service_role;

create function codered.close_event_month(month date, rows bigint, archived boolean, sha256 text default null, place text default null)
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
  execute format('select count(*) from codered.%I', name) into there;
  if there is distinct from close_event_month.rows then
    raise exception '% has % events, of which % were read. Read it again: some came late.', month_name, there, coalesce(close_event_month.rows::text, 'none')
      using errcode = 'CR003';
  end if;
  execute format('alter table codered.events detach partition codered.%I', name);
  if archived then
    execute format('drop table codered.%I', name);
    insert into codered.events (event_type, payload)
    values ('retention.month_archived', jsonb_build_object('month', month_name, 'rows', there, 'sha256', sha256, 'place', place));
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
  values ('retention.month_detached', jsonb_build_object('month', month_name, 'rows', there, 'table', kept));
  return kept;
end
$$;
comment on function codered.close_event_month(date, bigint, boolean, text, text) is
  'Takes the partition of a due month out of events. archived: its rows stand at place, whose SHA-256 is sha256, and it is dropped (returns null); else it stays under the name returned, closed to everybody. Refuses with CR003 a month that is not due, that has another number of rows than rows, or that the policy wants archived and was not (or the reverse); CR004 one without partition. Appends retention.month_archived or .month_detached. Security definer, because it drops a table.';
revoke execute on function codered.close_event_month from public;
grant execute on function codered.close_event_month to service_role;

create function codered.is_judged_still(repository_id bigint, commit_sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.pull_requests p
    where p.repository_id = is_judged_still.repository_id and p.head_sha = is_judged_still.commit_sha and p.state = 'open'
  )
$$;
comment on function codered.is_judged_still(bigint, text) is 'Whether an open pull request has this head: its verdict and evidence are not history.';
revoke execute on function codered.is_judged_still from public;
grant execute on function codered.is_judged_still to service_role;

create function codered.due_runs(batch integer default null)
returns table (id uuid, created_at timestamptz, storage_paths text[])
language sql
stable
set search_path = ''
as $$
  select r.id, r.created_at, array(select a.storage_path from codered.artifacts a where a.run_id = r.id and a.storage_path is not null)
  from codered.runs r
  where r.created_at < codered.retention_cutoff('runs')
    and r.status in ('pending', 'completed', 'failed', 'cancelled')
    and (r.finished_at is null or r.finished_at < codered.retention_cutoff('runs'))
    -- One that somebody made and has not started yet still wants them.
    and (r.status <> 'pending' or r.is_apps)
    and not codered.is_judged_still(r.repository_id, r.commit_sha)
  order by r.created_at
  limit due_runs.batch
$$;
comment on function codered.due_runs(integer) is
  'The oldest runs that the policy lets go, and where files of their artifacts lie in the object store; batch null: all.';
revoke execute on function codered.due_runs from public;
grant execute on function codered.due_runs to service_role;

create function codered.due_artifacts(batch integer default null)
returns table (id uuid, created_at timestamptz, storage_paths text[], bytes bigint)
language sql
stable
set search_path = ''
as $$
  select a.id, a.created_at, array_remove(array[a.storage_path], null), coalesce(octet_length(a.content), 0)::bigint
  from codered.artifacts a
  left join codered.runs r on r.id = a.run_id
  where a.created_at < codered.retention_cutoff('artifacts')
    and (r.id is null or not codered.is_judged_still(r.repository_id, r.commit_sha))
  order by a.created_at
  limit due_artifacts.batch
$$;
comment on function codered.due_artifacts(integer) is
  'The oldest artifacts that the policy lets go, and where their files lie in the object store; batch null: all.';
revoke execute on function codered.due_artifacts from public;
grant execute on function codered.due_artifacts to service_role;

create function codered.prune_runs(ids uuid[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  gone integer;
begin
  -- The history tells what they were; that they are gone by age needs no line for each.
  perform set_config('codered.erasing', 'on', true);
  -- Sprints before their runs, as everywhere.
  perform 1
  from codered.sprints s
  where s.id in (select r.sprint_id from codered.runs r where r.id = any (prune_runs.ids))
  order by s.id
  for no key update;
  delete from codered.runs r
  where r.id = any (prune_runs.ids) and r.id in (select d.id from codered.due_runs() d where d.id = any (prune_runs.ids));
  get diagnostics gone = row_count;
  perform set_config('codered.erasing', 'off', true);
  return gone;
end
$$;
comment on function codered.prune_runs(uuid[]) is
  'Deletes those of the runs that the policy lets go still, with their gates and artifacts, and returns how many; files in the object store go before.';
revoke execute on function codered.prune_runs from public;
grant execute on function codered.prune_runs to service_role;

create function codered.prune_artifacts(ids uuid[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  gone integer;
begin
  perform set_config('codered.erasing', 'on', true);
  delete from codered.artifacts a
  where a.id = any (prune_artifacts.ids) and a.id in (select d.id from codered.due_artifacts() d where d.id = any (prune_artifacts.ids));
  get diagnostics gone = row_count;
  perform set_config('codered.erasing', 'off', true);
  return gone;
end
$$;
comment on function codered.prune_artifacts(uuid[]) is
  'Deletes those of the artifacts that the policy lets go still, and returns how many; files in the object store go before.';
revoke execute on function codered.prune_artifacts from public;
grant execute on function codered.prune_artifacts to service_role;

create function codered.prune_agent_runs(batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  gone integer;
begin
  if prune_agent_runs.batch is null or prune_agent_runs.batch < 1 then
    perform codered.refuse_value('prune_agent_runs.batch', coalesce(prune_agent_runs.batch::text, 'null'), '1 or more');
  end if;
  perform set_config('codered.erasing', 'on', true);
  delete from codered.agent_runs a
  where a.id = any (array(
    select d.id
    from codered.agent_runs d
    where d.created_at < codered.retention_cutoff('agent_runs')
    order by d.created_at
    limit prune_agent_runs.batch
    for update skip locked
  ));
  get diagnostics gone = row_count;
  perform set_config('codered.erasing', 'off', true);
  return gone;
end
$$;
comment on function codered.prune_agent_runs(integer) is
  'Deletes up to batch (1 or more) runs of agents that the policy lets go, oldest first, with the failures that they alone tell of, and returns how many.';
revoke execute on function codered.prune_agent_runs from public;
grant execute on function codered.prune_agent_runs to service_role;

create function codered.prune_gate_payloads(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select g.id
    from codered.gate_executions g
    where num_nonnulls(g.prompt_packet, g.raw_output) > 0 and g.completed_at < codered.retention_cutoff('gate_executions')
      and (g.prompt_packet is not null or g.raw_output is not null)
    order by g.completed_at
    limit greatest(prune_gate_payloads.batch, 0)
    for update skip locked
  ), emptied as (
    update codered.gate_executions g
    set prompt_packet = null, raw_output = null
    where g.id = any (array(select d.id from due d))
    returning 1
  )
  select case
    when prune_gate_payloads.batch >= 1 then (select count(*)::integer from emptied)
    else codered.refuse_value('prune_gate_payloads.batch', coalesce(prune_gate_payloads.batch::text, 'null'), '1 or more')::integer
  end
$$;
comment on function codered.prune_gate_payloads(integer) is
  'Empties what up to batch (1 or more) gates were sent and answered, that the policy lets go, oldest first, and returns how many. The gate stays with its outcome.';
revoke execute on function codered.prune_gate_payloads from public;
grant execute on function codered.prune_gate_payloads to service_role;

insert into codered.retention_policies (table_name, keep, archive) values
  ('webhook_deliveries', interval '30 days', false),
  ('errors', interval '400 days', false),
  ('events', interval '24 months', true),
  ('repositories', interval '30 days', false),
  ('runs', null, false),
  ('artifacts', null, false),
  ('agent_runs', null, false),
  ('gate_executions', null, false);

-- Erasing what is kept of a repository that is gone, or of an organisation.

create function codered.refuse_erased()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if exists (select from codered.repositories r where r.id = new.repository_id and r.erased_at is not null) then
    perform codered.refuse_missing('repository', new.repository_id::text);
  end if;
  return new;
end
$$;
comment on function codered.refuse_erased() is 'Refuses (CR004) what work that was under way while its repository was erased would leave behind.';
revoke execute on function codered.refuse_erased from public;

create trigger runs_erased before insert on codered.runs for each row execute function codered.refuse_erased();

create trigger publications_erased before insert on codered.publications for each row execute function codered.refuse_erased();

create function codered.record_delivery(app_id bigint, guid text, facts json)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told text;
  recorded json;
begin
  -- Erased while it was worked on: then nothing of it may come to stand. The lock has whoever erases wait.
  select w.event into told
  from codered.webhook_deliveries w
  where w.app_id = record_delivery.app_id and w.guid = record_delivery.guid
  for no key update;
  if not found then
    return json_build_object('queued', 0, 'is_erased', true);
  end if;
  recorded := codered.record_facts(record_delivery.facts, record_delivery.app_id, record_delivery.guid);
  -- The times in it are older than what told of the repository last, so by them the deletion would never have been.
  if told = 'repository' then
    update codered.repositories r
    set gone_at = now()
    from json_to_recordset(record_delivery.facts -> 'repositories') as f (id bigint)
    join codered.webhook_deliveries w on w.app_id = record_delivery.app_id and w.guid = record_delivery.guid
    where r.id = f.id and r.gone_at is null and codered.readable_payload(w.payload) ->> 'action' = 'deleted';
  end if;
  return recorded;
end
$$;
comment on function codered.record_delivery(bigint, text, json) is
  'record_facts of a delivery that is still there; of one that was erased while a worker had it nothing is recorded.';
revoke execute on function codered.record_delivery from public;
grant execute on function codered.record_delivery to service_role;

create function codered.readable_payload(payload json)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  -- Postgres takes neither NUL nor surrogates out of a JSON text; in what is looked for here stands none. A space of the same
  -- form keeps an escaped backslash before it whole.
  select regexp_replace(readable_payload.payload::text, '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\u0020', 'g')::jsonb
$$;
comment on function codered.readable_payload(json) is 'A payload as jsonb, with spaces for the characters that jsonb refuses.';
revoke execute on function codered.readable_payload from public;
grant execute on function codered.readable_payload to service_role;

create function codered.is_payload_of(payload json, status text, scope jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select
    told.doc #> '{repository,id}' <@ (is_payload_of.scope -> 'repositories')
    or told.doc #> '{installation,id}' <@ (is_payload_of.scope -> 'installations')
    or told.doc #> '{installation,account,id}' <@ (is_payload_of.scope -> 'accounts')
    or told.doc #> '{organization,id}' <@ (is_payload_of.scope -> 'accounts')
    or told.doc #> '{repository,owner,id}' <@ (is_payload_of.scope -> 'accounts')
    or told.doc #> '{account,id}' <@ (is_payload_of.scope -> 'accounts')
    -- A list of repositories tells of others too, so one that nobody has worked on yet stays until it is done.
    or (
      is_payload_of.status in ('done', 'ignored', 'dead')
      and exists (
        select
        from (values ('repositories'), ('repositories_added'), ('repositories_removed')) as list (key)
        cross join lateral jsonb_path_query(told.doc -> list.key, 'lax $[*].id') as listed (id)
        where listed.id <@ (is_payload_of.scope -> 'repositories')
      )
    )
  from (select codered.readable_payload(is_payload_of.payload) as doc) as told
$$;
comment on function codered.is_payload_of(json, text, jsonb) is
  'Whether a payload whose row names no repository is about one, an installation or an account of a scope (see erasure_of).';
revoke execute on function codered.is_payload_of from public;
grant execute on function codered.is_payload_of to service_role;

create function codered.erasure_of(repository_ids bigint[], installation_ids bigint[] default '{}', org_ids uuid[] default '{}')
returns jsonb
language sql
stable
set search_path = ''
as $$
  with repositories as (
    select r.id, r.project_id, r.owner, r.name
    from codered.repositories r
    left join codered.installations i on i.id = r.installation_id
    left join codered.projects p on p.id = r.project_id
    where r.id = any (erasure_of.repository_ids)
      or i.id = any (erasure_of.installation_ids)
      -- One that has gone to another organisation is theirs, though its project is still the old one's.
      or coalesce(i.org_id, p.org_id) = any (erasure_of.org_ids)
  ), projects as (
    select p.id
    from codered.projects p
    where (
        p.org_id = any (erasure_of.org_ids)
        -- Made for its repository, and not by somebody.
        or (p.owner_user_id is null and p.id in (select r.project_id from repositories r))
      )
      and not exists (
        select
        from codered.repositories other
        where other.project_id = p.id and other.erased_at is null and other.id not in (select r.id from repositories r)
      )
  ), installations as (
    select i.id
    from codered.installations i
    where i.id = any (erasure_of.installation_ids) or i.org_id = any (erasure_of.org_ids)
    union
    select k.id from codered.kept_out_installations k where k.id = any (erasure_of.installation_ids)
  ), orgs as (
    select o.github_account_id, o.login from codered.orgs o where o.id = any (erasure_of.org_ids)
  )
  select jsonb_build_object(
    'repositories', (select coalesce(jsonb_agg(r.id order by r.id), '[]') from repositories r),
    'names', (select coalesce(jsonb_agg(distinct lower(r.owner || '/' || r.name)), '[]') from repositories r),
    'projects', (select coalesce(jsonb_agg(p.id order by p.id), '[]') from projects p),
    -- Those too that keep what is not this repository's.
    'touched', (
      select coalesce(jsonb_agg(distinct t.id), '[]')
      from (select p.id from projects p union select r.project_id from repositories r where r.project_id is not null) as t
    ),
    'installations', (select coalesce(jsonb_agg(i.id order by i.id), '[]') from installations i),
    'accounts', (select coalesce(jsonb_agg(o.github_account_id), '[]') from orgs o where o.github_account_id is not null),
    'logins', (select coalesce(jsonb_agg(lower(o.login)), '[]') from orgs o))
$$;
comment on function codered.erasure_of(bigint[], bigint[], uuid[]) is
  'The scope of an erasure: repositories, installations with what they can see, organisations with all that is theirs, and the projects that have nothing else. Handed to erasure_counts, erase_rows and finish_erasure.';
revoke execute on function codered.erasure_of from public;
grant execute on function codered.erasure_of to service_role;

create function codered.erasure_of_repository(full_name text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select case when count(*) > 0 then codered.erasure_of(array_agg(r.id)) || jsonb_build_object(
    'is_installed', bool_or(r.deleted_at is null and i.id is not null and i.deleted_at is null)) end
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where lower(r.owner) = lower(split_part(erasure_of_repository.full_name, '/', 1))
    and lower(r.name) = lower(split_part(erasure_of_repository.full_name, '/', 2))
$$;
comment on function codered.erasure_of_repository(text) is
  'The scope of owner/name, of all that had this name last; null when there is none. is_installed: CodeRed still sees it.';
revoke execute on function codered.erasure_of_repository from public;
grant execute on function codered.erasure_of_repository to service_role;

create function codered.erasure_of_org(login text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select case when count(o.id) + (
      select count(*) from codered.kept_out_installations k where lower(k.account_login) = lower(erasure_of_org.login)
    ) > 0
    then codered.erasure_of('{}', '{}', coalesce(array_agg(o.id) filter (where o.id is not null), '{}')) || jsonb_build_object(
      'logins', jsonb_build_array(lower(erasure_of_org.login)),
      'is_installed', exists (
        select from codered.installations i where i.org_id = any (array_agg(o.id)) and i.deleted_at is null
      )) end
  from codered.orgs o
  where lower(o.login) = lower(erasure_of_org.login)
$$;
comment on function codered.erasure_of_org(text) is
  'The scope of an organisation or user by login; null when there is none. is_installed: CodeRed is still installed there.';
revoke execute on function codered.erasure_of_org from public;
grant execute on function codered.erasure_of_org to service_role;

create function codered.erasure_due()
returns jsonb
language sql
stable
set search_path = ''
as $$
  with cutoff as materialized (
    select codered.retention_cutoff('repositories') as at
  ), gone as (
    select i.id, i.org_id, i.erased_at
    from codered.installations i, cutoff c
    where i.deleted_at is not null and i.gone_at < c.at
  ), over as (
    -- Installed again, an organisation has another one: then only what that one can't see goes.
    select g.*
    from gone g
    where not exists (select from codered.installations i where i.org_id = g.org_id and i.id not in (select o.id from gone o))
  )
  select codered.erasure_of(
    array(
      select r.id
      from codered.repositories r, cutoff c
      where (r.gone_at < c.at or r.installation_id in (select g.id from gone g))
        -- What was under way while it was erased may have left something: it is looked for once more, for a week.
        and (r.erased_at is null or r.erased_at > now() - interval '7 days')
    ),
    array(
      select o.id from over o where o.erased_at is null or o.erased_at > now() - interval '7 days'
      union all
      select k.id from codered.kept_out_installations k, cutoff c where k.deleted_at < c.at
    ),
    array(select distinct o.org_id from over o where o.erased_at is null or o.erased_at > now() - interval '7 days'))
$$;
comment on function codered.erasure_due() is
  'The scope of all that is gone for longer than the policy repositories keeps it: repositories deleted or taken from CodeRed, installations with what they could see, and organisations without any other installation.';
revoke execute on function codered.erasure_due from public;
grant execute on function codered.erasure_due to service_role;

create function codered.erasure_steps()
returns table (step integer, table_name text, condition text)
language sql
immutable
set search_path = ''
as $$
  -- $1 repositories, $2 projects that go whole, $3 projects that are touched, $4 installations, $5 names, $6 the scope, $7 logins.
  -- First what starts work, then what work leaves, children before what they hang on.
  select row_number() over ()::integer, s.table_name, s.condition
  from (values
    ('webhook_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)
      or (t.repository_id is null and codered.is_payload_of(t.payload, t.status, $6))'),
    ('agent_jobs', 't.project_id = any ($2)
      or ((t.project_id = any ($3) or t.project_id is null) and t.input ->> ''repository_id'' = any ($1::text[]))'),
    ('publications', 't.repository_id = any ($1)'),
    ('errors', 't.project_id = any ($2)
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))
      or t.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('test_results', 't.repository_id = any ($1)'),
    ('test_reports', 't.repository_id = any ($1)'),
    -- With their days and states.
    ('tests', 't.repository_id = any ($1)'),
    ('artifacts', 't.project_id = any ($2)
      or t.run_id in (select r.id from codered.runs r where r.repository_id = any ($1))
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('gate_executions', 't.run_id in (select r.id from codered.runs r where r.repository_id = any ($1) or r.project_id = any ($2))'),
    ('runs', 't.repository_id = any ($1) or t.project_id = any ($2)
      or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))
      or t.sprint_id in (
        select p.id from codered.sprints p join codered.specs s on s.id = p.spec_id
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('ci_jobs', 't.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('deployment_statuses', 't.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('deployments', 't.repository_id = any ($1)'),
    ('ci_events', 't.repository_id = any ($1)'),
    ('pull_requests', 't.repository_id = any ($1)'),
    ('commits', 't.repository_id = any ($1)'),
    ('sprints', 't.project_id = any ($2) or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('specs', 't.project_id = any ($2) or (t.project_id = any ($3) and lower(t.repo) = any ($5))'),
    ('embeddings', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('chunks', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('documents', 't.project_id = any ($2) or t.corpus_id in (select c.id from codered.corpora c where c.project_id = any ($2))'),
    ('corpora', 't.project_id = any ($2)'),
    ('project_files', 't.project_id = any ($2)'),
    ('task_runs', 't.project_id = any ($2)'),
    ('agent_runs', 't.project_id = any ($2)'),
    ('agent_sessions', 't.project_id = any ($2)'),
    ('checkpoints', 't.project_id = any ($2)'),
    ('tasks', 't.project_id = any ($2)'),
    ('milestones', 't.project_id = any ($2)'),
    ('lessons', 't.project_id = any ($2)'),
    ('ux_snippets', 't.project_id = any ($2)'),
    ('bug_patterns', 't.project_id = any ($2)'),
    ('learning_roadmaps', 't.project_id = any ($2)'),
    ('daily_sessions', 't.project_id = any ($2)'),
    ('installation_usage', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('kept_out_installations', 't.id = any ($4) or lower(t.account_login) = any ($7) or t.account_id = any (codered.ids_in($6, ''accounts''))')
  ) as s (table_name, condition)
$$;
comment on function codered.erasure_steps() is
  'What an erasure takes, table by table in this order. Not the audit: events, user_overrides and decisions stay, and the names in orgs, memberships, installations, projects and repositories that say whose it is.';
revoke execute on function codered.erasure_steps from public;
grant execute on function codered.erasure_steps to service_role;

create function codered.erasure_counts(scope jsonb)
returns table (step integer, table_name text, rows bigint)
language plpgsql
stable
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  one record;
begin
  for one in select s.step, s.table_name, s.condition from codered.erasure_steps() s order by s.step loop
    step := one.step;
    table_name := one.table_name;
    execute format('select count(*) from codered.%I t where %s', one.table_name, one.condition) into rows
      using codered.ids_in(scope, 'repositories'), codered.uuids_in(scope, 'projects'), codered.uuids_in(scope, 'touched'),
        codered.ids_in(scope, 'installations'), codered.texts_in(scope, 'names'), scope, codered.texts_in(scope, 'logins');
    return next;
  end loop;
end
$$;
comment on function codered.erasure_counts(jsonb) is
  'How many rows of each table an erasure would take; changes nothing. Security definer, because tasks are nobody''s to count whole.';
revoke execute on function codered.erasure_counts from public;
grant execute on function codered.erasure_counts to service_role;

create function codered.erase_rows(scope jsonb, step integer, batch integer)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_variable
declare
  one record;
  found_rows tid[];
begin
  if erase_rows.batch is null or erase_rows.batch < 1 then
    perform codered.refuse_value('erase_rows.batch', coalesce(erase_rows.batch::text, 'null'), '1 or more');
  end if;
  select s.table_name, s.condition into one from codered.erasure_steps() s where s.step = erase_rows.step;
  if not found then
    perform codered.refuse_value('erase_rows.step', coalesce(erase_rows.step::text, 'null'), 'a step of erasure_steps()');
  end if;
  perform set_config('codered.erasing', 'on', true);
  execute format('select array(select t.ctid from codered.%I t where %s limit $8)', one.table_name, one.condition)
    into found_rows
    using codered.ids_in(scope, 'repositories'), codered.uuids_in(scope, 'projects'), codered.uuids_in(scope, 'touched'),
      codered.ids_in(scope, 'installations'), codered.texts_in(scope, 'names'), scope, codered.texts_in(scope, 'logins'), erase_rows.batch;
  -- One that somebody changes meanwhile has moved: it is found by the next batch.
  execute format('delete from codered.%I t where t.ctid = any ($1)', one.table_name) using found_rows;
  perform set_config('codered.erasing', 'off', true);
  return cardinality(found_rows);
end
$$;
comment on function codered.erase_rows(jsonb, integer, integer) is
  'Deletes up to batch (1 or more) rows of one step of an erasure and returns how many it found: 0 once the step is done. Security definer, because tasks are nobody''s to delete; the history tells of it once, in finish_erasure.';
revoke execute on function codered.erase_rows from public;
grant execute on function codered.erase_rows to service_role;

create function codered.finish_erasure(scope jsonb, counts jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform set_config('codered.erasing', 'on', true);
  -- Of a project that has other repositories too, what this one's policy said goes alone.
  perform codered.record_policy_rules(r.id, '{}', '{}')
  from unnest(codered.ids_in(scope, 'repositories')) as r (id);
  update codered.projects p
  set description = null, rules = '{}', policy_rules = '{}', requirements_spec = null, architecture_spec = null, tech_stack = null
  where p.id = any (codered.uuids_in(scope, 'projects'))
    and (p.rules <> '{}' or p.policy_rules <> '{}' or num_nonnulls(p.description, p.requirements_spec, p.architecture_spec, p.tech_stack) > 0);
  update codered.repositories r
  set
    default_branch = null, archived = null, details_updated_at = '-infinity', details_delivery = '', policy_parts = '{}',
    erased_at = case
      when r.gone_at is not null
        or exists (select from codered.installations i where i.id = r.installation_id and i.deleted_at is not null)
      then coalesce(r.erased_at, now())
    end
  where r.id = any (codered.ids_in(scope, 'repositories'));
  update codered.installations i
  set
    permissions = null, repository_selection = null, details_updated_at = '-infinity', details_delivery = '',
    organisation_policy_sha = null,
    erased_at = case when i.deleted_at is not null then coalesce(i.erased_at, now()) end
  where i.id = any (codered.ids_in(scope, 'installations'))
    -- Of one that is still there GitHub tells these again only when they change.
    and i.deleted_at is not null;
  if counts <> '{}' then
    insert into codered.events (event_type, payload)
    values ('retention.erased', jsonb_build_object(
      'repositories', scope -> 'repositories', 'installations', scope -> 'installations', 'projects', scope -> 'projects', 'rows', counts));
  end if;
  perform set_config('codered.erasing', 'off', true);
end
$$;
comment on function codered.finish_erasure(jsonb, jsonb) is
  'Ends an erasure whose steps are done: empties what is not audit of the rows that stay, notes when, and appends retention.erased with how many rows (counts, by table) went. Security definer, because the history would tell of what is emptied otherwise, and tasks and events are nobody''s to write.';
revoke execute on function codered.finish_erasure from public;
grant execute on function codered.finish_erasure to service_role;

create function codered.erasable_objects(scope jsonb, after text, batch integer)
returns setof text
language sql
stable
set search_path = ''
as $$
  select distinct o.path
  from (
    select a.storage_path as path
    from codered.artifacts a
    where a.project_id = any (codered.uuids_in(erasable_objects.scope, 'projects'))
      or a.run_id in (select r.id from codered.runs r where r.repository_id = any (codered.ids_in(erasable_objects.scope, 'repositories')))
      or a.ci_event_id in (
        select e.id from codered.ci_events e where e.repository_id = any (codered.ids_in(erasable_objects.scope, 'repositories'))
      )
    union
    select s.object_path
    from codered.specs s
    where s.project_id = any (codered.uuids_in(erasable_objects.scope, 'projects'))
      or (
        s.project_id = any (codered.uuids_in(erasable_objects.scope, 'touched'))
        and lower(s.repo) = any (codered.texts_in(erasable_objects.scope, 'names'))
      )
  ) as o
  where o.path > erasable_objects.after and o.path not like 'archive/%'
  order by 1
  limit erasable_objects.batch
$$;
comment on function codered.erasable_objects(jsonb, text, integer) is
  'The next paths in the object store that rows of an erasure point at, in order, behind after: artifacts and documents of specs. The archive of events is never among them.';
revoke execute on function codered.erasable_objects from public;
grant execute on function codered.erasable_objects to service_role;

-- What Supabase Realtime tells, and a last look at the whole.

-- Realtime asks the policies before it tells anybody. events go out under their own name, not a month's.
alter publication supabase_realtime set (publish_via_partition_root = true);
alter publication supabase_realtime add table
  codered.projects, codered.agent_jobs, codered.ci_events, codered.deployments, codered.errors, codered.runs, codered.gate_executions, codered.events;

revoke all on all tables in schema codered from anon;

-- What 00_schema.sql put off: every function's body is looked at, now that all it may name is there.
reset check_function_bodies;
do $$
declare
  made record;
begin
  for made in
    select p.oid, l.lanname
    from pg_catalog.pg_proc p
    join pg_catalog.pg_language l on l.oid = p.prolang
    where p.pronamespace = 'codered'::regnamespace
  loop
    if made.lanname = 'plpgsql' then
      perform pg_catalog.plpgsql_validator(made.oid);
    else
      perform pg_catalog.fmgr_sql_validator(made.oid);
    end if;
  end loop;
end
$$;
