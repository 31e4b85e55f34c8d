-- The inbox: receive, claim, give up, replay. Old workers survive it.

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

create function codered.claim_deliveries(worker text, batch integer, lease_seconds integer)
returns table (app_id bigint, guid text, event text, payload json, attempts integer)
language sql
set search_path = ''
as $$
  with due as (
    select w.app_id, w.guid
    from codered.webhook_deliveries w
    where w.status in ('pending', 'processing', 'failed') and w.available_at <= now()
    order by w.available_at, w.received_at
    limit claim_deliveries.batch
    for update skip locked
  ), claimed as (
    update codered.webhook_deliveries w
    set
      status = case when w.attempts >= 10 then 'dead' else 'processing' end,
      attempts = w.attempts + 1,
      last_error = case when w.attempts >= 10 then coalesce(w.last_error, 'Every worker that took it stopped before it was done.') else w.last_error end,
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
  'Takes due deliveries for a worker until the lease ends, oldest first. One that outlived ten leases is dead: it kills its workers.';

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

create function codered.fail_delivery(app_id bigint, guid text, error text, dead boolean)
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
  returning json_build_object('status', w.status, 'available_at', w.available_at)
$$;
comment on function codered.fail_delivery(bigint, text, text, boolean) is
  'Puts a delivery that failed off with growing pauses; dead after the eighth try, or at once when it can never succeed.';

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
    'jobs_queued', (select count(*) from codered.agent_jobs j where j.status = 'queued'),
    'jobs_running', (select count(*) from codered.agent_jobs j where j.status = 'running'),
    'publications_due', (select count(*) from codered.publications p where p.is_due and p.available_at < 'infinity')
  )
  from codered.webhook_deliveries w
  where w.status in ('pending', 'processing', 'failed')
$$;
comment on function codered.inbox_status() is 'How long the queues are; oldest_pending_seconds is null for an empty inbox.';
