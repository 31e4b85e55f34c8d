-- OAuth 2.1: clients, what is under way at the authorization server, and what people let clients do. The tokens are in oauth_tokens.

create table codered.oauth_clients (
  client_id text primary key,
  metadata jsonb not null,
  address_hash text,
  seen_at timestamptz,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint oauth_clients_client_id_length check (char_length(client_id) between 1 and 100),
  constraint oauth_clients_metadata_size check (
    octet_length(metadata::text) <= 16384 or codered.refuse_value('oauth_clients.metadata', '(not shown)'::text, 'at most 16 KiB of JSON')),
  constraint oauth_clients_address_hash_check check (address_hash ~ '^[0-9a-f]{64}$')
);
comment on table codered.oauth_clients is
  'Clients that registered themselves (RFC 7591). Anybody may, so one that never led to a token is forgotten after a day.';
comment on column codered.oauth_clients.metadata is 'What the client says of itself, as it was checked; it holds no secret, as clients are given none.';
comment on column codered.oauth_clients.address_hash is 'A keyed hash of the network that it was registered from; null: nobody knows.';
comment on column codered.oauth_clients.seen_at is 'When a person who is signed in was first asked about it.';
comment on column codered.oauth_clients.used_at is 'When it last got a token.';
create index oauth_clients_unused_idx on codered.oauth_clients (created_at) where used_at is null;
create index oauth_clients_address_hash_idx on codered.oauth_clients (address_hash, created_at) where used_at is null;
alter table codered.oauth_clients enable row level security;
create policy oauth_clients_nobody on codered.oauth_clients for select to authenticated using (false);
grant select, insert, update, delete on codered.oauth_clients to service_role;
create trigger oauth_clients_touch before update on codered.oauth_clients
  for each row execute function codered.touch_updated_at();

create table codered.oauth_records (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  id_hash text not null,
  payload jsonb not null,
  grant_hash text,
  user_id uuid references codered.profiles (id) on delete cascade,
  client_id text,
  about jsonb,
  expires_at timestamptz not null,
  consumed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint oauth_records_kind_id_hash_key unique (kind, id_hash),
  constraint oauth_records_kind_check check (
    kind in ('Interaction', 'AuthorizationCode', 'Grant')
    or codered.refuse_value('oauth_records.kind', kind, 'Interaction, AuthorizationCode, Grant')),
  constraint oauth_records_id_hash_check check (id_hash ~ '^[0-9a-f]{64}$'),
  constraint oauth_records_grant_hash_check check (grant_hash ~ '^[0-9a-f]{64}$'),
  constraint oauth_records_payload_size check (
    octet_length(payload::text) <= 32768 or codered.refuse_value('oauth_records.payload', '(not shown)'::text, 'at most 32 KiB of JSON')),
  constraint oauth_records_about_size check (octet_length(about::text) <= 16384)
);
comment on table codered.oauth_records is
  'What the authorization server remembers. Interaction: a request that a person is asked about. AuthorizationCode: what a client redeems, once. Grant: what a person let a client do; the tokens that came of it are its family and end with it.';
comment on column codered.oauth_records.id_hash is 'SHA-256 of its id in hexadecimal: whoever reads the table can redeem nothing.';
comment on column codered.oauth_records.payload is 'As the server needs it again, without its id and without what a cookie holds.';
comment on column codered.oauth_records.grant_hash is 'The id_hash of the grant that a code belongs to.';
comment on column codered.oauth_records.about is 'Of a grant, for the person: {client_name, redirect_uri, scope, resources}.';
create index oauth_records_expires_at_idx on codered.oauth_records (expires_at);
create index oauth_records_grant_hash_idx on codered.oauth_records (grant_hash) where grant_hash is not null;
create index oauth_records_user_id_idx on codered.oauth_records (user_id);
alter table codered.oauth_records enable row level security;
create policy oauth_records_nobody on codered.oauth_records for select to authenticated using (false);
grant select, insert, update, delete on codered.oauth_records to service_role;
create trigger oauth_records_touch before update on codered.oauth_records
  for each row execute function codered.touch_updated_at();

create table codered.oauth_keys (
  kid text primary key,
  sealed_key text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint oauth_keys_kid_length check (char_length(kid) between 1 and 100),
  constraint oauth_keys_sealed_key_length check (char_length(sealed_key) between 1 and 4000)
);
comment on table codered.oauth_keys is
  'Keys that sign id tokens, each encrypted by the app under a key that the database does not have. The newest signs; older ones are shown for 30 days more.';
alter table codered.oauth_keys enable row level security;
create policy oauth_keys_nobody on codered.oauth_keys for select to authenticated using (false);
grant select, insert, update, delete on codered.oauth_keys to service_role;
create trigger oauth_keys_touch before update on codered.oauth_keys
  for each row execute function codered.touch_updated_at();

create function codered.register_oauth_client(client_id text, metadata jsonb, address_hash text default null)
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- An address only ever keeps itself out.
  if register_oauth_client.address_hash is not null and (
    select count(*) from codered.oauth_clients c
    where c.address_hash = register_oauth_client.address_hash and c.used_at is null and c.created_at > now() - interval '1 hour') >= 30 then
    raise exception 'Thirty clients were registered from your network within an hour and never used: use one of them, or wait.' using errcode = 'CR003';
  end if;
  -- Who registers many pays for the cleaning. Beyond a number the oldest that no person was asked about goes: nobody is refused for others.
  delete from codered.oauth_clients c
  where c.client_id in (
    select old.client_id from codered.oauth_clients old
    where old.used_at is null and old.created_at < now() - interval '1 day'
    order by old.created_at limit 100 for update skip locked);
  if (select count(*) from codered.oauth_clients c where c.used_at is null) >= 5000 then
    delete from codered.oauth_clients c
    where c.client_id in (
      select old.client_id from codered.oauth_clients old
      where old.used_at is null
      order by old.seen_at nulls first, old.created_at limit 10 for update skip locked);
  end if;
  insert into codered.oauth_clients (client_id, metadata, address_hash)
  values (register_oauth_client.client_id, register_oauth_client.metadata, register_oauth_client.address_hash);
end
$$;
comment on function codered.register_oauth_client(text, jsonb, text) is
  'Keeps a client that registered itself. Refuses CR003 for a network of which thirty unused ones are less than an hour old. Of all together 5000 unused ones are kept: the oldest gives way, those last that a person was asked about.';
revoke execute on function codered.register_oauth_client from public;
grant execute on function codered.register_oauth_client to service_role;

create function codered.read_oauth_client(client_id text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select c.metadata
  from codered.oauth_clients c
  where c.client_id = read_oauth_client.client_id and (c.used_at is not null or c.created_at > now() - interval '1 day')
$$;
comment on function codered.read_oauth_client(text) is 'What a registered client said of itself; null for none, and for one that was never used within a day.';
revoke execute on function codered.read_oauth_client from public;
grant execute on function codered.read_oauth_client to service_role;

create function codered.note_oauth_client_seen(client_id text)
returns void
language sql
set search_path = ''
as $$
  update codered.oauth_clients c set seen_at = now() where c.client_id = note_oauth_client_seen.client_id and c.seen_at is null
$$;
comment on function codered.note_oauth_client_seen(text) is 'A person who is signed in is asked about the client now.';
revoke execute on function codered.note_oauth_client_seen from public;
grant execute on function codered.note_oauth_client_seen to service_role;

create function codered.save_oauth_record(
  kind text, id_hash text, payload jsonb, expires_at timestamptz, grant_hash text default null, user_id uuid default null,
  client_id text default null, scope text default null, audience text default null)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if save_oauth_record.grant_hash is not null then
    -- Held until the end, so that a family that is being revoked gets nobody more.
    perform from codered.oauth_records g
    where g.kind = 'Grant' and g.id_hash = save_oauth_record.grant_hash and g.expires_at > now()
    for share;
    if not found then
      raise exception 'This grant is over.' using errcode = 'CR004';
    end if;
  end if;
  if save_oauth_record.kind in ('AccessToken', 'RefreshToken') then
    insert into codered.oauth_tokens (
      user_id, client_id, token_type, access_token_hash, refresh_token_hash, scope, audience, expires_at, payload, grant_hash)
    values (
      save_oauth_record.user_id, save_oauth_record.client_id,
      case when save_oauth_record.kind = 'AccessToken' then 'bearer' else 'refresh' end,
      case when save_oauth_record.kind = 'AccessToken' then save_oauth_record.id_hash end,
      case when save_oauth_record.kind = 'RefreshToken' then save_oauth_record.id_hash end,
      coalesce(save_oauth_record.scope, ''), save_oauth_record.audience, save_oauth_record.expires_at, save_oauth_record.payload,
      save_oauth_record.grant_hash);
    update codered.oauth_clients c set used_at = now() where c.client_id = save_oauth_record.client_id;
    -- Who refreshes without end fills nothing: of a family the newest fifty of each kind are kept, the one that is good among them.
    delete from codered.oauth_tokens t
    where t.id in (
      select old.id from codered.oauth_tokens old
      where old.grant_hash = save_oauth_record.grant_hash
        and old.token_type = case when save_oauth_record.kind = 'AccessToken' then 'bearer' else 'refresh' end
      order by old.created_at desc, old.consumed_at desc nulls first offset 50);
    return;
  end if;
  -- Who begins many pays for the cleaning.
  delete from codered.oauth_records r
  where r.id in (
    select old.id from codered.oauth_records old
    where old.expires_at < now()
    order by old.expires_at limit 100 for update skip locked);
  if save_oauth_record.kind = 'Interaction' then
    -- Anybody may begin one, from as many addresses as they have.
    if octet_length(save_oauth_record.payload::text) > 8192 then
      perform codered.refuse_value('oauth_records.payload', '(not shown)'::text, 'at most 8 KiB of JSON for a request');
    end if;
    if (select count(*) from codered.oauth_records r where r.kind = 'Interaction') >= 20000 then
      delete from codered.oauth_records r
      where r.id in (
        select old.id from codered.oauth_records old
        where old.kind = 'Interaction'
        order by old.expires_at limit 10 for update skip locked);
    end if;
  end if;
  insert into codered.oauth_records (kind, id_hash, payload, expires_at, grant_hash, user_id, client_id)
  values (
    save_oauth_record.kind, save_oauth_record.id_hash, save_oauth_record.payload, save_oauth_record.expires_at, save_oauth_record.grant_hash,
    save_oauth_record.user_id, save_oauth_record.client_id)
  on conflict on constraint oauth_records_kind_id_hash_key do update
    set payload = excluded.payload, expires_at = excluded.expires_at;
end
$$;
comment on function codered.save_oauth_record(text, text, jsonb, timestamptz, text, uuid, text, text, text) is
  'Keeps an Interaction, AuthorizationCode, Grant, AccessToken or RefreshToken by the SHA-256 of its id. Of a family the newest fifty tokens of each kind are kept; of requests that people are asked about 20000 in all, of which the oldest gives way. Refuses CR002 (a request of more than 8 KiB), CR004 when the grant that it names is over, also when that ends at the same moment.';
revoke execute on function codered.save_oauth_record from public;
grant execute on function codered.save_oauth_record to service_role;

create function codered.read_oauth_record(kind text, id_hash text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'payload', f.payload,
    'consumed_at', extract(epoch from f.consumed_at)::bigint,
    'consumed_seconds', extract(epoch from now() - f.consumed_at)::double precision)
  from (
    select r.payload, r.consumed_at
    from codered.oauth_records r
    where r.kind = read_oauth_record.kind and r.id_hash = read_oauth_record.id_hash
    union all
    select t.payload, t.consumed_at
    from codered.oauth_tokens t
    where read_oauth_record.kind = 'AccessToken' and t.access_token_hash = read_oauth_record.id_hash
      and t.payload is not null and t.revoked_at is null
    union all
    select t.payload, t.consumed_at
    from codered.oauth_tokens t
    where read_oauth_record.kind = 'RefreshToken' and t.refresh_token_hash = read_oauth_record.id_hash
      and t.payload is not null and t.revoked_at is null
  ) f
$$;
comment on function codered.read_oauth_record(text, text) is
  '{payload, consumed_at (seconds since 1970, or null), consumed_seconds (how long ago)} of what was kept; null for what was not, or was revoked. Whether it expired the caller finds in the payload.';
revoke execute on function codered.read_oauth_record from public;
grant execute on function codered.read_oauth_record to service_role;

create function codered.use_oauth_record(kind text, id_hash text)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if use_oauth_record.kind = 'RefreshToken' then
    update codered.oauth_tokens t
    set consumed_at = now(), last_used_at = now()
    where t.refresh_token_hash = use_oauth_record.id_hash and t.consumed_at is null and t.revoked_at is null;
  else
    update codered.oauth_records r
    set consumed_at = now()
    where r.kind = use_oauth_record.kind and r.id_hash = use_oauth_record.id_hash and r.consumed_at is null;
  end if;
  return found;
end
$$;
comment on function codered.use_oauth_record(text, text) is
  'Uses a code or a refresh token up; true for the one call that did. Whoever gets false was not the first.';
revoke execute on function codered.use_oauth_record from public;
grant execute on function codered.use_oauth_record to service_role;

create function codered.drop_oauth_record(kind text, id_hash text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if drop_oauth_record.kind = 'Grant' then
    perform codered.revoke_oauth_grant(drop_oauth_record.id_hash);
  elsif drop_oauth_record.kind in ('AccessToken', 'RefreshToken') then
    update codered.oauth_tokens t
    set revoked_at = now()
    where t.revoked_at is null and t.payload is not null
      and case when drop_oauth_record.kind = 'AccessToken' then t.access_token_hash else t.refresh_token_hash end = drop_oauth_record.id_hash;
  else
    delete from codered.oauth_records r where r.kind = drop_oauth_record.kind and r.id_hash = drop_oauth_record.id_hash;
  end if;
end
$$;
comment on function codered.drop_oauth_record(text, text) is 'Ends one of what save_oauth_record keeps; a grant with its whole family.';
revoke execute on function codered.drop_oauth_record from public;
grant execute on function codered.drop_oauth_record to service_role;

create function codered.revoke_oauth_grant(grant_hash text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  ended integer;
begin
  -- First: whoever issues to this family holds its row, and finds none afterwards.
  delete from codered.oauth_records r where r.kind = 'Grant' and r.id_hash = revoke_oauth_grant.grant_hash;
  delete from codered.oauth_records r where r.grant_hash = revoke_oauth_grant.grant_hash;
  update codered.oauth_tokens t set revoked_at = now() where t.grant_hash = revoke_oauth_grant.grant_hash and t.revoked_at is null;
  get diagnostics ended = row_count;
  return ended;
end
$$;
comment on function codered.revoke_oauth_grant(text) is 'Ends a grant, by its id_hash, with its codes and tokens; returns how many tokens. Twice is fine.';
revoke execute on function codered.revoke_oauth_grant from public;
grant execute on function codered.revoke_oauth_grant to service_role;

create function codered.note_oauth_consent(grant_hash text, about jsonb)
returns void
language sql
set search_path = ''
as $$
  update codered.oauth_records r set about = note_oauth_consent.about where r.kind = 'Grant' and r.id_hash = note_oauth_consent.grant_hash
$$;
comment on function codered.note_oauth_consent(text, jsonb) is 'What the person said yes to, for them to read later: {client_name, redirect_uri, scope, resources}.';
revoke execute on function codered.note_oauth_consent from public;
grant execute on function codered.note_oauth_consent to service_role;

create function codered.list_connected_apps(user_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(json_agg(json_build_object(
    'id', g.id, 'client_id', g.client_id, 'about', g.about, 'created_at', g.created_at, 'expires_at', g.expires_at, 'last_used_at', u.last_used_at)
    order by g.created_at desc, g.id), '[]')
  from codered.oauth_records g
  cross join lateral (select max(t.last_used_at) as last_used_at from codered.oauth_tokens t where t.grant_hash = g.id_hash) u
  where g.kind = 'Grant' and g.user_id = list_connected_apps.user_id and g.expires_at > now()
    and exists (select from codered.oauth_tokens t where t.grant_hash = g.id_hash and t.revoked_at is null and t.expires_at > now())
$$;
comment on function codered.list_connected_apps(uuid) is
  'Apps that can come in as the person, newest first, one for each consent: [{id, client_id, about, created_at, expires_at, last_used_at}].';
revoke execute on function codered.list_connected_apps from public;
grant execute on function codered.list_connected_apps to service_role;

create function codered.revoke_connected_app(user_id uuid, id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  hash text;
begin
  select g.id_hash into hash
  from codered.oauth_records g
  where g.kind = 'Grant' and g.id = revoke_connected_app.id and g.user_id = revoke_connected_app.user_id;
  if not found then
    raise exception 'You have no such app.' using errcode = 'CR004';
  end if;
  return codered.revoke_oauth_grant(hash);
end
$$;
comment on function codered.revoke_connected_app(uuid, uuid) is
  'Ends what a person let an app do; returns how many tokens ended. Refuses CR004, also for another person''s.';
revoke execute on function codered.revoke_connected_app from public;
grant execute on function codered.revoke_connected_app to service_role;

create function codered.read_oauth_keys()
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(json_agg(json_build_object(
    'kid', k.kid, 'sealed_key', k.sealed_key, 'is_due', k.created_at < now() - interval '90 days') order by k.created_at desc, k.kid), '[]')
  from codered.oauth_keys k
$$;
comment on function codered.read_oauth_keys() is 'The signing keys, newest first: [{kid, sealed_key, is_due: older than 90 days, so that another one has to follow}].';
revoke execute on function codered.read_oauth_keys from public;
grant execute on function codered.read_oauth_keys to service_role;

create function codered.keep_oauth_key(kid text, sealed_key text, former text default null)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- Of several processes that find the same key due one makes the next.
  perform pg_advisory_xact_lock(hashtextextended('codered oauth keys', 0));
  if (select k.kid from codered.oauth_keys k order by k.created_at desc, k.kid limit 1) is distinct from keep_oauth_key.former then
    return false;
  end if;
  insert into codered.oauth_keys (kid, sealed_key) values (keep_oauth_key.kid, keep_oauth_key.sealed_key);
  return true;
end
$$;
comment on function codered.keep_oauth_key(text, text, text) is
  'Keeps a new signing key in place of the newest, which former names (null: there is none); false when another came first.';
revoke execute on function codered.keep_oauth_key from public;
grant execute on function codered.keep_oauth_key to service_role;

create function codered.prune_oauth(batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  gone integer;
  total integer := 0;
begin
  delete from codered.oauth_records r
  where r.id in (
    select old.id from codered.oauth_records old
    where old.expires_at < now() - interval '1 day' order by old.expires_at limit prune_oauth.batch for update skip locked);
  get diagnostics gone = row_count;
  total := total + gone;
  -- A refresh token that was used stays until its own end, as what comes back with it later is theft.
  delete from codered.oauth_tokens t
  where t.id in (
    select old.id from codered.oauth_tokens old
    where old.payload is not null and old.expires_at < now() - interval '1 day' order by old.expires_at limit prune_oauth.batch for update skip locked);
  get diagnostics gone = row_count;
  total := total + gone;
  delete from codered.oauth_clients c
  where c.client_id in (
    select old.client_id from codered.oauth_clients old
    where (old.used_at is null and old.created_at < now() - interval '1 day')
      or (old.used_at < now() - interval '180 days'
        and not exists (select from codered.oauth_records g where g.kind = 'Grant' and g.client_id = old.client_id and g.expires_at > now()))
    order by old.created_at limit prune_oauth.batch for update skip locked);
  get diagnostics gone = row_count;
  total := total + gone;
  delete from codered.oauth_keys k
  where exists (
    select from codered.oauth_keys newer where newer.created_at > k.created_at and newer.created_at < now() - interval '30 days');
  get diagnostics gone = row_count;
  return total + gone;
end
$$;
comment on function codered.prune_oauth(integer) is
  'Deletes up to batch of each: requests, codes, grants and tokens that expired a day ago, registered clients that were never used within a day or not for 180 days, and signing keys that were replaced 30 days ago. Returns how many. Called by prune_sign_ins.';
revoke execute on function codered.prune_oauth from public;
grant execute on function codered.prune_oauth to service_role;

create function codered.is_person(user_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (select from codered.profiles p where p.id = is_person.user_id)
$$;
comment on function codered.is_person(uuid) is 'Whether somebody has this id: what was given to them ends when they are gone.';
revoke execute on function codered.is_person from public;
grant execute on function codered.is_person to service_role;
