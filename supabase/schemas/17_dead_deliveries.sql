-- Deliveries that were given up, and doing them again.

create function codered.is_selected(
  guid text, status text, received_at timestamptz, statuses text[], guids text[], since timestamptz
)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select
    is_selected.guid = any (is_selected.guids)
    or (
      case when is_selected.statuses = '{}' then is_selected.since is not null and is_selected.status not in ('pending', 'processing')
        else is_selected.status in ('failed', 'dead') and is_selected.status = any (is_selected.statuses) end
      and (is_selected.since is null or is_selected.received_at >= is_selected.since)
    )
$$;
comment on function codered.is_selected(text, text, timestamptz, text[], text[], timestamptz) is
  'Whether a delivery is one of those to be done again: named by its guid, or failed or dead as asked for, and came since then; with a time alone all that are over. Called by replay_deliveries and replayable_deliveries, by columns, so that no payload is read for it.';
revoke execute on function codered.is_selected from public;
grant execute on function codered.is_selected to service_role;

create function codered.replay_deliveries(statuses text[] default '{}', guids text[] default '{}', since timestamptz default null)
returns integer
language sql
set search_path = ''
as $$
  with replayed as (
    update codered.webhook_deliveries w
    set
      status = 'pending', attempts = 0, available_at = now(), last_error = null, locked_by = null, locked_until = null,
      -- Whoever is still at it has no say any more.
      claim = nextval('codered.claim_number')
    where codered.is_selected(
      w.guid, w.status, w.received_at, replay_deliveries.statuses, replay_deliveries.guids, replay_deliveries.since
    )
    returning 1
  )
  select count(*)::integer from replayed
$$;
comment on function codered.replay_deliveries(text[], text[], timestamptz) is
  'Queues deliveries again: the failed or dead ones, since a time or all, with a time alone all that are over, and those named by guid whatever they are. Returns how many.';
revoke execute on function codered.replay_deliveries from public;
grant execute on function codered.replay_deliveries to service_role;

create function codered.replayable_deliveries(
  batch integer, statuses text[] default '{}', guids text[] default '{}', since timestamptz default null,
  after_received_at timestamptz default '-infinity', after_guid text default ''
)
returns table (
  app_id bigint, guid text, event text, action text, status text, repository text, received_at timestamptz, last_error text, payload json
)
language sql
stable
set search_path = ''
as $$
  select w.app_id, w.guid, w.event, w.action, w.status, r.owner || '/' || r.name, w.received_at, w.last_error, w.payload
  from codered.webhook_deliveries w
  left join codered.repositories r on r.id = w.repository_id
  where codered.is_selected(
      w.guid, w.status, w.received_at, replayable_deliveries.statuses, replayable_deliveries.guids, replayable_deliveries.since
    )
    and (w.received_at, w.guid) > (replayable_deliveries.after_received_at, replayable_deliveries.after_guid)
  order by w.received_at, w.guid
  limit replayable_deliveries.batch
$$;
comment on function codered.replayable_deliveries(integer, text[], text[], timestamptz, timestamptz, text) is
  'What replay_deliveries would queue again, the oldest first, batch at most, with what was delivered. Changes nothing.';
revoke execute on function codered.replayable_deliveries from public;
grant execute on function codered.replayable_deliveries to service_role;

create function codered.may_replay(installation_id bigint, repository_id bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
  select codered.is_operator() or exists (
    select
    from codered.installations i
    where i.id = may_replay.installation_id and i.org_id in (select codered.my_orgs('admin'))
      -- What they may not see at GitHub they may not see here.
      and (may_replay.repository_id is null or may_replay.repository_id in (select codered.my_repositories()))
  )
$$;
comment on function codered.may_replay(bigint, bigint) is
  'Whether the caller may see and do again what was given up of an installation and a repository (null: none): the operator, and admins of its organisation who see the repository. What belongs to no installation is the operator''s.';
revoke execute on function codered.may_replay from public;
grant execute on function codered.may_replay to authenticated, service_role;

create function codered.list_dead_deliveries(
  batch integer default 50, before_received_at timestamptz default null, before_guid text default null
)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform codered.check_batch('batch', list_dead_deliveries.batch);
  return (
    select coalesce(jsonb_agg(to_jsonb(d) order by d.received_at desc, d.guid desc), '[]')
    from (
      select
        w.guid, w.event, w.action, r.owner || '/' || r.name as repository, w.received_at, w.attempts,
        left(w.last_error, 1000) as error
      from codered.webhook_deliveries w
      left join codered.repositories r on r.id = w.repository_id
      where w.status = 'dead'
        and (
          list_dead_deliveries.before_received_at is null
          or (w.received_at, w.guid) < (list_dead_deliveries.before_received_at, coalesce(list_dead_deliveries.before_guid, ''))
        )
        and codered.may_replay(w.installation_id, w.repository_id)
      order by w.received_at desc, w.guid desc
      limit list_dead_deliveries.batch + 1
    ) as d
  );
end
$$;
comment on function codered.list_dead_deliveries(integer, timestamptz, text) is
  'The deliveries that were given up, newest first, with the reason and without what they say; one more than batch. To the operator all, to an organisation''s admins those of its installations. Security definer, because the inbox is nobody''s to read and this shows no payload.';
revoke execute on function codered.list_dead_deliveries from public;
grant execute on function codered.list_dead_deliveries to authenticated, service_role;

create function codered.replay_dead_delivery(guid text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  told codered.webhook_deliveries;
begin
  select w.* into told
  from codered.webhook_deliveries w
  where w.guid = replay_dead_delivery.guid and codered.may_replay(w.installation_id, w.repository_id)
  order by w.status = 'dead' desc, w.app_id
  limit 1
  for update;
  if not found then
    raise exception 'There is no such delivery that you may see.' using errcode = 'CR004';
  end if;
  if told.status not in ('failed', 'dead', 'pending') then
    perform codered.refuse_state(format('Delivery "%s"', told.guid), told.status, 'failed or dead');
  end if;
  if told.status <> 'pending' then
    update codered.webhook_deliveries w
    set
      status = 'pending', attempts = 0, available_at = now(), last_error = null, locked_by = null, locked_until = null,
      claim = nextval('codered.claim_number')
    where w.app_id = told.app_id and w.guid = told.guid;
    insert into codered.events (project_id, user_id, event_type, payload)
    values (
      (select r.project_id from codered.repositories r where r.id = told.repository_id),
      (select auth.uid()), 'delivery.replayed', jsonb_build_object('guid', told.guid, 'event', told.event));
  end if;
  return jsonb_build_object('guid', told.guid, 'status', 'pending');
end
$$;
comment on function codered.replay_dead_delivery(text) is
  'Queues a delivery that was given up or waits for its next try again, and appends delivery.replayed: {guid, status}. For the operator and for admins of its organisation; refuses CR004 (not there or not yours), CR003 (done, ignored, or worked on). Security definer, because the inbox is nobody''s to change and this changes one row of the caller''s own.';
revoke execute on function codered.replay_dead_delivery from public;
grant execute on function codered.replay_dead_delivery to authenticated, service_role;
