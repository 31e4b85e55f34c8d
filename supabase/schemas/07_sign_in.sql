-- Signing in with GitHub: what is under way, what GitHub gave for a person, and who is signed in where.

create table codered.sign_in_states (
  state_hash text primary key,
  browser_hash text not null,
  sealed_verifier text not null,
  return_to text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sign_in_states_state_hash_check check (state_hash ~ '^[0-9a-f]{64}$'),
  constraint sign_in_states_browser_hash_check check (browser_hash ~ '^[0-9a-f]{64}$'),
  constraint sign_in_states_sealed_verifier_length check (char_length(sealed_verifier) between 1 and 1000),
  constraint sign_in_states_return_to_length
    check (char_length(return_to) <= 1000 or codered.refuse_value('sign_in_states.return_to', return_to, 'at most 1000 characters'))
);
comment on table codered.sign_in_states is
  'Sign-ins that were begun and not ended: each good for ten minutes, once, and in the browser that began it.';
comment on column codered.sign_in_states.state_hash is 'SHA-256 of the state that GitHub is to bring back, in hexadecimal.';
comment on column codered.sign_in_states.browser_hash is 'SHA-256 of what the browser keeps in a cookie meanwhile.';
comment on column codered.sign_in_states.sealed_verifier is 'The verifier of PKCE, encrypted by the app.';
comment on column codered.sign_in_states.return_to is 'Where the person wanted to go: a path of ours.';
create index sign_in_states_created_at_idx on codered.sign_in_states (created_at);
alter table codered.sign_in_states enable row level security;
create policy sign_in_states_nobody on codered.sign_in_states for select to authenticated using (false);
grant select, insert, update, delete on codered.sign_in_states to service_role;
create trigger sign_in_states_touch before update on codered.sign_in_states
  for each row execute function codered.touch_updated_at();

create table codered.github_grants (
  user_id uuid primary key references codered.profiles (id) on delete cascade,
  version uuid not null default gen_random_uuid(),
  sealed_access_token text,
  access_token_expires_at timestamptz,
  sealed_refresh_token text,
  refresh_token_expires_at timestamptz,
  kept_at timestamptz not null default now(),
  leased_until timestamptz not null default '-infinity',
  ended_at timestamptz,
  end_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint github_grants_sealed_access_token_length check (char_length(sealed_access_token) between 1 and 4000),
  constraint github_grants_sealed_refresh_token_length check (char_length(sealed_refresh_token) between 1 and 4000),
  constraint github_grants_end_check check (
    (ended_at is null) = (sealed_access_token is not null) and (ended_at is null) = (end_reason is null)
    and (ended_at is null or sealed_refresh_token is null)),
  constraint github_grants_end_reason_check check (
    end_reason in ('revoked', 'refused') or codered.refuse_value('github_grants.end_reason', end_reason, 'revoked, refused'))
);
comment on table codered.github_grants is
  'What GitHub gave for a person who signed in, encrypted by the app under a key that the database does not have: with it the app asks what they may see. Never handed on.';
comment on column codered.github_grants.version is 'Another one for each pair of tokens: who replaces or ends a pair names the one that they mean.';
comment on column codered.github_grants.access_token_expires_at is 'Null: GitHub gives this App tokens that do not expire, and none to refresh them.';
comment on column codered.github_grants.kept_at is 'When this pair came.';
comment on column codered.github_grants.leased_until is 'Until then one process asks GitHub for the next pair, and no other does: a refresh token is good for one use.';
comment on column codered.github_grants.end_reason is
  'revoked: the person took the App''s right away, or the App lost it. refused: GitHub takes the refresh token no longer. Both: until they sign in again, nothing is known of what they may see.';
create index github_grants_ended_at_idx on codered.github_grants (ended_at) where ended_at is not null;
create index github_grants_refresh_token_expires_at_idx on codered.github_grants (refresh_token_expires_at);
alter table codered.github_grants enable row level security;
create policy github_grants_nobody on codered.github_grants for select to authenticated using (false);
grant select, insert, update, delete on codered.github_grants to service_role;
create trigger github_grants_touch before update on codered.github_grants
  for each row execute function codered.touch_updated_at();

create table codered.sign_ins (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references codered.profiles (id) on delete cascade,
  token_hash text not null,
  last_seen_at timestamptz not null default now(),
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sign_ins_token_hash_key unique (token_hash),
  constraint sign_ins_token_hash_check check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on table codered.sign_ins is
  'Who is signed in, in which browser: for 30 days at the longest, and for 7 without a visit. Whoever reads the table can sign in as nobody.';
comment on column codered.sign_ins.token_hash is 'SHA-256 of what the browser''s cookie holds, in hexadecimal.';
comment on column codered.sign_ins.last_seen_at is 'To the minute.';
create index sign_ins_user_id_idx on codered.sign_ins (user_id);
create index sign_ins_last_seen_at_idx on codered.sign_ins (last_seen_at);
alter table codered.sign_ins enable row level security;
create policy sign_ins_nobody on codered.sign_ins for select to authenticated using (false);
grant select, insert, update, delete on codered.sign_ins to service_role;
create trigger sign_ins_touch before update on codered.sign_ins
  for each row execute function codered.touch_updated_at();

create function codered.begin_sign_in(state_hash text, browser_hash text, sealed_verifier text, return_to text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- Who begins many pays for the cleaning: what nobody came back for within ten minutes goes with the next ones.
  delete from codered.sign_in_states s
  where s.state_hash in (
    select old.state_hash
    from codered.sign_in_states old
    where old.created_at < now() - interval '10 minutes'
    order by old.created_at
    limit 100
    for update skip locked);
  insert into codered.sign_in_states (state_hash, browser_hash, sealed_verifier, return_to)
  values (begin_sign_in.state_hash, begin_sign_in.browser_hash, begin_sign_in.sealed_verifier, begin_sign_in.return_to);
end
$$;
comment on function codered.begin_sign_in(text, text, text, text) is
  'Remembers a sign-in that goes to GitHub, for ten minutes. Takes hashes (SHA-256, hexadecimal) of the state and of the browser''s cookie.';
revoke execute on function codered.begin_sign_in from public;
grant execute on function codered.begin_sign_in to service_role;

create function codered.take_sign_in(state_hash text, browser_hash text)
returns json
language plpgsql
set search_path = ''
as $$
declare
  taken codered.sign_in_states;
begin
  delete from codered.sign_in_states s
  where s.state_hash = take_sign_in.state_hash and s.browser_hash = take_sign_in.browser_hash
    and s.created_at >= now() - interval '10 minutes'
  returning * into taken;
  if found then
    return json_build_object('outcome', 'taken', 'sealed_verifier', taken.sealed_verifier, 'return_to', taken.return_to);
  end if;
  -- A stranger who learned the state must not use it up.
  select s.* into taken
  from codered.sign_in_states s
  where s.state_hash = take_sign_in.state_hash and s.created_at >= now() - interval '10 minutes';
  return json_build_object('outcome', case when found then 'elsewhere' else 'unknown' end);
end
$$;
comment on function codered.take_sign_in(text, text) is
  'Ends the waiting for one sign-in, once: {outcome: taken, sealed_verifier, return_to}; {outcome: elsewhere} for one that another browser began, which stays; {outcome: unknown} for one that was never begun, was used, or is older than ten minutes.';
revoke execute on function codered.take_sign_in from public;
grant execute on function codered.take_sign_in to service_role;

create function codered.keep_grant(
  user_id uuid, sealed_access_token text, access_token_expires_at timestamptz default null,
  sealed_refresh_token text default null, refresh_token_expires_at timestamptz default null, former uuid default null)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  new_version constant uuid := gen_random_uuid();
begin
  if keep_grant.former is not null then
    update codered.github_grants g
    set version = new_version, kept_at = now(), leased_until = '-infinity', ended_at = null, end_reason = null,
      sealed_access_token = keep_grant.sealed_access_token, access_token_expires_at = keep_grant.access_token_expires_at,
      sealed_refresh_token = keep_grant.sealed_refresh_token, refresh_token_expires_at = keep_grant.refresh_token_expires_at
    where g.user_id = keep_grant.user_id and g.version = keep_grant.former;
    return case when found then new_version end;
  end if;
  insert into codered.github_grants (
    user_id, version, sealed_access_token, access_token_expires_at, sealed_refresh_token, refresh_token_expires_at)
  values (
    keep_grant.user_id, new_version, keep_grant.sealed_access_token, keep_grant.access_token_expires_at,
    keep_grant.sealed_refresh_token, keep_grant.refresh_token_expires_at)
  on conflict on constraint github_grants_pkey do update
  set version = excluded.version, kept_at = now(), leased_until = '-infinity', ended_at = null, end_reason = null,
    sealed_access_token = excluded.sealed_access_token, access_token_expires_at = excluded.access_token_expires_at,
    sealed_refresh_token = excluded.sealed_refresh_token, refresh_token_expires_at = excluded.refresh_token_expires_at;
  return new_version;
end
$$;
comment on function codered.keep_grant(uuid, text, timestamptz, text, timestamptz, uuid) is
  'Keeps the pair of tokens that GitHub gave for a person, and returns its version. former: the version that it was made from by refreshing; null is returned, and nothing changed, when that is no longer the one: the person signed in meanwhile, or took the right away. A pair that was only refused meanwhile is replaced.';
revoke execute on function codered.keep_grant from public;
grant execute on function codered.keep_grant to service_role;

create function codered.read_grant(user_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'github_id', p.github_id, 'version', g.version, 'sealed_access_token', g.sealed_access_token, 'access_token_expires_at', g.access_token_expires_at,
    'sealed_refresh_token', g.sealed_refresh_token, 'refresh_token_expires_at', g.refresh_token_expires_at, 'end_reason', g.end_reason)
  from codered.github_grants g
  join codered.profiles p on p.id = g.user_id
  where g.user_id = read_grant.user_id
$$;
comment on function codered.read_grant(uuid) is
  'What GitHub gave for a person, as the app sealed it: {github_id, version, sealed_access_token, access_token_expires_at, sealed_refresh_token, refresh_token_expires_at, end_reason: null while it is good}; null for who never signed in.';
revoke execute on function codered.read_grant from public;
grant execute on function codered.read_grant to service_role;

create function codered.lease_grant(user_id uuid, version uuid, seconds integer)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update codered.github_grants g
  set leased_until = clock_timestamp() + make_interval(secs => lease_grant.seconds)
  where g.user_id = lease_grant.user_id and g.version = lease_grant.version and g.ended_at is null
    and g.leased_until < clock_timestamp();
  return found;
end
$$;
comment on function codered.lease_grant(uuid, uuid, integer) is
  'Whether the caller, and nobody else for so many seconds, may ask GitHub for the pair that follows this version.';
revoke execute on function codered.lease_grant from public;
grant execute on function codered.lease_grant to service_role;

create function codered.reseal_grant(user_id uuid, version uuid, sealed_access_token text, sealed_refresh_token text default null)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- The version stays: who is asking GitHub for the next pair meanwhile must not find theirs gone.
  update codered.github_grants g
  set sealed_access_token = reseal_grant.sealed_access_token, sealed_refresh_token = reseal_grant.sealed_refresh_token
  where g.user_id = reseal_grant.user_id and g.version = reseal_grant.version and g.ended_at is null;
  return found;
end
$$;
comment on function codered.reseal_grant(uuid, uuid, text, text) is
  'Puts the same tokens, sealed with another key, in the place of this version''s; false when that is no longer the one.';
revoke execute on function codered.reseal_grant from public;
grant execute on function codered.reseal_grant to service_role;

create function codered.end_grant(user_id uuid, version uuid, reason text)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update codered.github_grants g
  set
    ended_at = now(), end_reason = end_grant.reason, sealed_access_token = null, sealed_refresh_token = null,
    -- Who was asking for the next pair may still bring it when only the old one was refused, and not when the right is gone.
    version = case when end_grant.reason = 'refused' then g.version else gen_random_uuid() end
  where g.user_id = end_grant.user_id and g.version = end_grant.version and g.ended_at is null;
  if not found then
    return false;
  end if;
  if end_grant.reason = 'revoked' then
    perform codered.doubt_access(end_grant.user_id);
  end if;
  return true;
end
$$;
comment on function codered.end_grant(uuid, uuid, text) is
  'Ends a pair of tokens and forgets it, if it is still this version; false when another took its place or it had ended. reason: revoked or refused.';
revoke execute on function codered.end_grant from public;
grant execute on function codered.end_grant to service_role;

create function codered.doubt_access(user_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update codered.access_checks c set doubted_at = clock_timestamp(), due_at = least(c.due_at, now()) where c.user_id = doubt_access.user_id;
end
$$;
comment on function codered.doubt_access(uuid) is
  'Until GitHub is asked again, nothing private is shown to the person for what it said. Called by end_grant and end_revoked_grants.';
revoke execute on function codered.doubt_access from public;
grant execute on function codered.doubt_access to service_role;

create function codered.end_revoked_grants(revocations json, told_at timestamptz)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  people uuid[];
begin
  with ended as (
    update codered.github_grants g
    set ended_at = now(), end_reason = 'revoked', sealed_access_token = null, sealed_refresh_token = null, version = gen_random_uuid()
    from codered.profiles p, json_to_recordset(revocations) as r (github_id bigint)
    -- GitHub gives no time: what was given after it told us is another grant.
    where p.github_id = r.github_id and g.user_id = p.id and g.ended_at is null and g.kept_at <= end_revoked_grants.told_at
    returning g.user_id
  )
  select coalesce(array_agg(e.user_id), '{}') into people from ended e;
  perform codered.doubt_access(person) from unnest(people) as person;
  return cardinality(people);
end
$$;
comment on function codered.end_revoked_grants(json, timestamptz) is
  'Ends what GitHub gave for these people ([{github_id}]) before it told us, at told_at, that they took the App''s right away. Returns how many. Called by record_facts.';
revoke execute on function codered.end_revoked_grants from public;
grant execute on function codered.end_revoked_grants to service_role;

create function codered.start_sign_in(user_id uuid, token_hash text, former_hash text default null)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  made uuid;
begin
  update codered.sign_ins s set ended_at = now() where s.token_hash = start_sign_in.former_hash and s.ended_at is null;
  insert into codered.sign_ins (user_id, token_hash)
  values (start_sign_in.user_id, start_sign_in.token_hash)
  returning id into made;
  -- From now on GitHub is asked what they may see.
  insert into codered.access_checks as c (user_id, last_seen_at)
  values (start_sign_in.user_id, now())
  on conflict on constraint access_checks_pkey do update set last_seen_at = now(), due_at = least(c.due_at, now());
  return made;
end
$$;
comment on function codered.start_sign_in(uuid, text, text) is
  'A person is signed in with a new token, given by its SHA-256 (hexadecimal); what the same browser had before (former_hash) ends.';
revoke execute on function codered.start_sign_in from public;
grant execute on function codered.start_sign_in to service_role;

create function codered.read_sign_in(token_hash text)
returns json
language plpgsql
set search_path = ''
as $$
declare
  signed codered.sign_ins;
begin
  select s.* into signed
  from codered.sign_ins s
  where s.token_hash = read_sign_in.token_hash and s.ended_at is null
    and s.created_at > now() - interval '30 days' and s.last_seen_at > now() - interval '7 days';
  if not found then
    return null;
  end if;
  update codered.sign_ins s
  set last_seen_at = now()
  where s.id = signed.id and s.last_seen_at < now() - interval '1 minute';
  perform codered.note_seen(signed.user_id);
  return (
    select json_build_object(
      'id', signed.id, 'user_id', p.id, 'github_id', p.github_id, 'github_login', p.github_login, 'display_name', p.display_name,
      'created_at', signed.created_at, 'grant_end', g.end_reason, 'orgs', (
        select coalesce(json_agg(json_build_object('login', o.login, 'role', m.role, 'source', m.source) order by lower(o.login), o.id), '[]')
        from codered.memberships m
        join codered.orgs o on o.id = m.org_id
        where m.user_id = p.id))
    from codered.profiles p
    left join codered.github_grants g on g.user_id = p.id
    where p.id = signed.user_id);
end
$$;
comment on function codered.read_sign_in(text) is
  'Who is signed in with a token, by its SHA-256: {id, user_id, github_id, github_login, display_name, created_at, grant_end: why GitHub no longer says what they may see, null while it does, orgs: [{login, role, source: hand or github}]}; null for a token that was never given, has ended, is older than 30 days or was not used for 7. Notes the visit, to the minute.';
revoke execute on function codered.read_sign_in from public;
grant execute on function codered.read_sign_in to service_role;

create function codered.end_sign_ins(token_hash text, everywhere boolean default false)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  ended integer;
begin
  update codered.sign_ins s
  set ended_at = now()
  where s.ended_at is null
    and (s.token_hash = end_sign_ins.token_hash
      or (end_sign_ins.everywhere
        and s.user_id in (select own.user_id from codered.sign_ins own where own.token_hash = end_sign_ins.token_hash and own.ended_at is null)));
  get diagnostics ended = row_count;
  return ended;
end
$$;
comment on function codered.end_sign_ins(text, boolean) is
  'Ends what is signed in with a token, given by its SHA-256; everywhere: all of that person''s. Returns how many.';
revoke execute on function codered.end_sign_ins from public;
grant execute on function codered.end_sign_ins to service_role;

create function codered.prune_sign_ins(batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  gone integer;
  total integer := 0;
begin
  if prune_sign_ins.batch is null or prune_sign_ins.batch < 1 then
    perform codered.refuse_value('prune_sign_ins.batch', coalesce(prune_sign_ins.batch::text, 'null'), '1 or more');
  end if;
  delete from codered.sign_in_states s
  where s.state_hash in (
    select old.state_hash from codered.sign_in_states old
    where old.created_at < now() - interval '10 minutes'
    order by old.created_at limit prune_sign_ins.batch for update skip locked);
  get diagnostics gone = row_count;
  total := total + gone;
  delete from codered.sign_ins s
  where s.id in (
    select old.id from codered.sign_ins old
    where old.ended_at is not null or old.created_at <= now() - interval '30 days' or old.last_seen_at <= now() - interval '7 days'
    order by old.created_at limit prune_sign_ins.batch for update skip locked);
  get diagnostics gone = row_count;
  total := total + gone;
  delete from codered.github_grants g
  where g.user_id in (
    select old.user_id from codered.github_grants old
    -- Until then the person is told why they have to sign in again.
    where old.ended_at < now() - interval '30 days' or old.refresh_token_expires_at < now() - interval '1 day'
    order by old.created_at limit prune_sign_ins.batch for update skip locked);
  get diagnostics gone = row_count;
  total := total + gone;
  delete from codered.oauth_tokens t
  where t.id in (
    select old.id from codered.oauth_tokens old
    where old.client_id = 'personal' and least(old.revoked_at, old.expires_at) < now() - interval '90 days'
    order by old.created_at limit prune_sign_ins.batch for update skip locked);
  get diagnostics gone = row_count;
  return total + gone + codered.prune_oauth(prune_sign_ins.batch);
end
$$;
comment on function codered.prune_sign_ins(integer) is
  'Deletes up to batch (1 or more) of each: sign-ins that nobody came back for, what ended or is too old, grants of GitHub that are dead, personal tokens that expired or were revoked 90 days ago, and what prune_oauth lets go. Returns how many. No policy says how long: nobody has a use for them.';
revoke execute on function codered.prune_sign_ins from public;
grant execute on function codered.prune_sign_ins to service_role;
