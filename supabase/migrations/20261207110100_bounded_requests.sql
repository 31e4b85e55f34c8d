-- Requests of apps that people are asked about are bounded in all, and small. Workers of before survive it.

create or replace function codered.save_oauth_record(
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
