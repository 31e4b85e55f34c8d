-- People are known by GitHub's id, personal tokens let scripts in, and members can be written by hand. Old workers survive it: they ask for none of it.

alter table codered.profiles add column github_id bigint;
alter table codered.profiles add constraint profiles_github_id_key unique (github_id);
comment on column codered.profiles.github_id is
  'GitHub''s id of the user, by which a person is known: logins are given to others, addresses are not compared. Null for who never signed in with GitHub. The app alone writes it.';
comment on column codered.profiles.github_login is
  'The login that GitHub named last. Whoever had it before has none until GitHub names theirs again.';

alter table codered.memberships add column source text not null default 'hand';
alter table codered.memberships add constraint memberships_source_check check (
  source in ('hand', 'github') or codered.refuse_value('memberships.source', source, 'hand, github')
);
comment on column codered.memberships.source is
  'hand: somebody wrote it, and it stays until somebody takes it away. github: as GitHub said, and gone when GitHub no longer says so.';

alter table codered.oauth_tokens add column name text;
alter table codered.oauth_tokens add column last_used_at timestamptz;
alter table codered.oauth_tokens add constraint oauth_tokens_name_length
  check (char_length(name) between 1 and 100 or codered.refuse_value('oauth_tokens.name', name, '1 to 100 characters'));
comment on table codered.oauth_tokens is 'Tokens with which scripts and agents come in as a person. Only hashes are kept: whoever reads the table can sign in as nobody.';
comment on column codered.oauth_tokens.client_id is 'Who was given it; personal: a token that a person made for a script of theirs.';
comment on column codered.oauth_tokens.name is 'What a personal token is for, in its maker''s words; null for any other.';
comment on column codered.oauth_tokens.last_used_at is 'To the minute.';

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
    (select u.id from auth.users u where u.raw_app_meta_data @> jsonb_build_object('github_id', find_person.github_id) order by u.created_at, u.id limit 1))
$$;
comment on function codered.find_person(bigint) is
  'Who has that id at GitHub; null when nobody here does. Finds the user as well whom the app made through Supabase Auth when it ended before record_person: app metadata, which is nobody''s own to write, names the id. Security definer, because the app may not read auth.users on Supabase.';
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

create function codered.create_token(user_id uuid, name text, token_hash text, scope text, expires_at timestamptz)
returns json
language plpgsql
set search_path = ''
as $$
declare
  made codered.oauth_tokens;
begin
  perform codered.check_scope(create_token.scope);
  if create_token.expires_at <= now() then
    raise exception 'expires_at: % is past', create_token.expires_at using errcode = 'CR002';
  end if;
  if not exists (select from codered.profiles p where p.id = create_token.user_id) then
    raise exception 'There is no person "%".', create_token.user_id using errcode = 'CR004';
  end if;
  -- So that a hundred are a hundred, however many ask at once.
  perform from codered.profiles p where p.id = create_token.user_id for no key update;
  if (select count(*) from codered.oauth_tokens t
      where t.user_id = create_token.user_id and t.client_id = 'personal' and t.revoked_at is null and t.expires_at > now()) >= 100 then
    raise exception 'A person has at most 100 tokens at a time: revoke one that is not used.' using errcode = 'CR003';
  end if;
  insert into codered.oauth_tokens (user_id, client_id, name, access_token_hash, scope, expires_at)
  values (create_token.user_id, 'personal', create_token.name, create_token.token_hash, create_token.scope, create_token.expires_at)
  returning * into made;
  return json_build_object(
    'id', made.id, 'user_id', made.user_id, 'name', made.name, 'scope', made.scope, 'expires_at', made.expires_at, 'created_at', made.created_at);
end
$$;
comment on function codered.create_token(uuid, text, text, text, timestamptz) is
  'Keeps a personal token by its SHA-256 (hexadecimal) and returns {id, user_id, name, scope, expires_at, created_at}. Refuses CR002 (a scope that is none, an end that is past, a hash that is none), CR003 (the person has 100 already), CR004 (no such person).';
revoke execute on function codered.create_token from public;
grant execute on function codered.create_token to service_role;

create function codered.check_scope(scope text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
  known constant text[] := '{read,tasks,agents,gate,admin}';
  asked constant text[] := string_to_array(check_scope.scope, ' ');
begin
  if asked is null or cardinality(asked) = 0 or not (asked <@ known) or cardinality(asked) > (select count(distinct a) from unnest(asked) as a) then
    perform codered.refuse_value('scope', check_scope.scope, 'some of read, tasks, agents, gate, admin, each once, with a space between two');
  end if;
end
$$;
comment on function codered.check_scope(text) is 'Nothing for a list of scopes; raises CR002 otherwise. Called by create_token.';
revoke execute on function codered.check_scope from public;
grant execute on function codered.check_scope to service_role;

create function codered.list_tokens(user_id uuid default null)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(json_agg(json_build_object(
    'id', t.id, 'user_id', t.user_id, 'github_login', p.github_login, 'name', t.name, 'scope', t.scope,
    'created_at', t.created_at, 'expires_at', t.expires_at, 'last_used_at', t.last_used_at, 'revoked_at', t.revoked_at,
    'state', case when t.revoked_at is not null then 'revoked' when t.expires_at <= now() then 'expired' else 'live' end)
    order by t.created_at desc, t.id), '[]')
  from codered.oauth_tokens t
  join codered.profiles p on p.id = t.user_id
  where t.client_id = 'personal' and (list_tokens.user_id is null or t.user_id = list_tokens.user_id)
$$;
comment on function codered.list_tokens(uuid) is
  'The personal tokens of a person, or of everybody, newest first, never their hashes: [{id, user_id, github_login, name, scope, created_at, expires_at, last_used_at, revoked_at, state: live, expired or revoked}].';
revoke execute on function codered.list_tokens from public;
grant execute on function codered.list_tokens to service_role;

create function codered.revoke_token(token_id uuid)
returns json
language plpgsql
set search_path = ''
as $$
declare
  gone codered.oauth_tokens;
begin
  update codered.oauth_tokens t
  set revoked_at = coalesce(t.revoked_at, now())
  where t.id = revoke_token.token_id
  returning * into gone;
  if not found then
    raise exception 'There is no token "%".', revoke_token.token_id using errcode = 'CR004';
  end if;
  return json_build_object('id', gone.id, 'name', gone.name, 'revoked_at', gone.revoked_at);
end
$$;
comment on function codered.revoke_token(uuid) is
  'From now on the token lets nobody in. Returns {id, name, revoked_at}, twice the same; refuses CR004 (no such token).';
revoke execute on function codered.revoke_token from public;
grant execute on function codered.revoke_token to service_role;

create function codered.read_token(token_hash text)
returns json
language plpgsql
set search_path = ''
as $$
declare
  found_token codered.oauth_tokens;
begin
  select t.* into found_token from codered.oauth_tokens t where t.access_token_hash = read_token.token_hash;
  if not found then
    return null;
  end if;
  if found_token.revoked_at is not null or found_token.expires_at <= now() then
    return json_build_object('state', case when found_token.revoked_at is not null then 'revoked' else 'expired' end);
  end if;
  -- Once a minute: a script that asks a thousand times writes sixty rows an hour.
  update codered.oauth_tokens t
  set last_used_at = now()
  where t.id = found_token.id and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
  return json_build_object(
    'state', 'live', 'id', found_token.id, 'user_id', found_token.user_id, 'client_id', found_token.client_id,
    'scope', found_token.scope, 'expires_at', found_token.expires_at);
end
$$;
comment on function codered.read_token(text) is
  'Whom a token lets in, by its SHA-256: {state: live, id, user_id, client_id, scope, expires_at}, {state: expired or revoked} without more, or null for one that was never given. Notes its last use, to the minute.';
revoke execute on function codered.read_token from public;
grant execute on function codered.read_token to service_role;
