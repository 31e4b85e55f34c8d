-- Tokens: with what a script or an agent comes in as a person.

create table codered.oauth_tokens (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references codered.profiles (id) on delete cascade,
  token_type text not null default 'bearer',
  access_token_hash text,
  refresh_token_hash text,
  expires_at timestamptz not null,
  scope text not null default '',
  client_id text not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text,
  last_used_at timestamptz,
  audience text,
  payload jsonb,
  grant_hash text,
  consumed_at timestamptz,
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
    check (char_length(client_id) between 1 and 500 or codered.refuse_value('oauth_tokens.client_id', client_id, '1 to 500 characters')),
  constraint oauth_tokens_name_length
    check (char_length(name) between 1 and 100 or codered.refuse_value('oauth_tokens.name', name, '1 to 100 characters')),
  constraint oauth_tokens_audience_length
    check (char_length(audience) between 1 and 2000 or codered.refuse_value('oauth_tokens.audience', audience, '1 to 2000 characters')),
  constraint oauth_tokens_hash_check check (num_nonnulls(access_token_hash, refresh_token_hash) > 0),
  constraint oauth_tokens_payload_size check (octet_length(payload::text) <= 32768),
  constraint oauth_tokens_grant_hash_check check (grant_hash ~ '^[0-9a-f]{64}$')
);
comment on table codered.oauth_tokens is 'Tokens with which scripts and agents come in as a person. Only hashes are kept: whoever reads the table can sign in as nobody.';
comment on column codered.oauth_tokens.access_token_hash is 'SHA-256 of the token in hexadecimal, made by the app before it gets here.';
comment on column codered.oauth_tokens.scope is 'Names of scopes with a space between two.';
comment on column codered.oauth_tokens.client_id is 'Who was given it; personal: a token that a person made for a script of theirs.';
comment on column codered.oauth_tokens.audience is 'The resource that it was given for (RFC 8707), and good at alone; null: a personal token, which is good at all of ours.';
comment on column codered.oauth_tokens.payload is 'Of a token that a client got: what the authorization server needs again, without the token. Null for a personal token.';
comment on column codered.oauth_tokens.grant_hash is 'The id_hash of the grant (oauth_records) whose family it is of: they end together.';
comment on column codered.oauth_tokens.consumed_at is 'When a refresh token was used, which it can be once; who comes with it later is a thief, and its family ends.';
comment on column codered.oauth_tokens.name is 'What a personal token is for, in its maker''s words; null for any other.';
comment on column codered.oauth_tokens.last_used_at is 'To the minute.';
create index oauth_tokens_user_id_idx on codered.oauth_tokens (user_id);
create index oauth_tokens_grant_hash_idx on codered.oauth_tokens (grant_hash) where grant_hash is not null;
create index oauth_tokens_expires_at_idx on codered.oauth_tokens (expires_at) where payload is not null;
alter table codered.oauth_tokens enable row level security;
create policy oauth_tokens_read on codered.oauth_tokens for select to authenticated using (user_id = (select auth.uid()));
grant select on codered.oauth_tokens to authenticated;
grant select, insert, update, delete on codered.oauth_tokens to service_role;
create trigger oauth_tokens_touch before update on codered.oauth_tokens
  for each row execute function codered.touch_updated_at();

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

create function codered.read_token(token_hash text, audience text default null)
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
  -- Given for another resource it lets nobody in here, whoever brings it. Of what is not known to be for any, a personal token alone is good.
  if (found_token.audience = coalesce(read_token.audience, '')
    or found_token.audience is null and found_token.client_id = 'personal') is not true then
    return json_build_object('state', 'for another audience');
  end if;
  -- Once a minute: a script that asks a thousand times writes sixty rows an hour.
  update codered.oauth_tokens t
  set last_used_at = now()
  where t.id = found_token.id and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
  perform codered.note_seen(found_token.user_id);
  return json_build_object(
    'state', 'live', 'id', found_token.id, 'user_id', found_token.user_id, 'client_id', found_token.client_id,
    'scope', found_token.scope, 'expires_at', found_token.expires_at);
end
$$;
comment on function codered.read_token(text, text) is
  'Whom a token lets in to a resource (audience; null: one that only personal tokens are good for), by its SHA-256: {state: live, id, user_id, client_id, scope, expires_at}, {state: expired, revoked or for another audience} without more, or null for one that was never given. Notes its last use, to the minute.';
revoke execute on function codered.read_token from public;
grant execute on function codered.read_token to service_role;
