-- Short leases that are renewed, fair turns of installations, pauses that all processes keep. Old workers survive it.

alter table codered.webhook_deliveries
  add column interruptions integer not null default 0,
  add constraint webhook_deliveries_interruptions_check check (interruptions >= 0);
comment on column codered.webhook_deliveries.interruptions is
  'How often whoever worked on it was gone before it was done; these are no tries.';
alter table codered.agent_jobs
  add column interruptions integer not null default 0,
  add constraint agent_jobs_interruptions_check check (interruptions >= 0);
comment on column codered.agent_jobs.interruptions is 'How often whoever worked on it was gone before it was done; these are no tries.';
alter table codered.installations
  add column paused_until timestamptz not null default '-infinity';
comment on column codered.installations.paused_until is
  'GitHub asked for silence until then (a rate limit): no request of any kind leaves for this installation before, from whatever process.';

create index webhook_deliveries_turn_idx on codered.webhook_deliveries ((coalesce(installation_id, 0)), available_at, received_at)
  where status in ('pending', 'processing', 'failed');
create sequence codered.delivery_turn minvalue 0;
comment on sequence codered.delivery_turn is 'Not counted up: the installation that was served last, so that the next claim begins behind it.';
revoke all on sequence codered.delivery_turn from public, anon, authenticated;
grant usage, select, update on sequence codered.delivery_turn to service_role;

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

create or replace function codered.claim_deliveries(worker text, batch integer, lease_seconds integer)
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

-- It gets an argument more; who does not name it calls it as before.
drop function codered.fail_delivery(bigint, text, text, boolean);
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

create or replace function codered.claim_jobs(worker text, batch integer, lease_seconds integer)
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
create index webhook_deliveries_guid_idx on codered.webhook_deliveries (guid) where status = 'processing';

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

create or replace function codered.claim_publications(worker text, batch integer, lease_seconds integer, spacing_ms integer default 1000)
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

create or replace function codered.reserve_write(installation_id bigint, spacing_ms integer default 1000)
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
create trigger runs_hasten_protections after insert or update of status on codered.runs
  for each row when (new.status in ('completed', 'failed') and new.repository_id is not null and new.commit_sha is not null)
  execute function codered.hasten_protections();

revoke execute on function codered.waiting_installations(integer), codered.fail_delivery(bigint, text, text, boolean, text),
  codered.is_own_job(text, text), codered.renew_leases(text, integer, text[], uuid[], uuid[]), codered.release_leases(),
  codered.is_held_back(codered.publications), codered.pause_installation(bigint, integer), codered.read_pause(bigint),
  codered.hasten_protections() from public;
grant execute on function codered.waiting_installations(integer), codered.fail_delivery(bigint, text, text, boolean, text),
  codered.is_own_job(text, text), codered.renew_leases(text, integer, text[], uuid[], uuid[]), codered.release_leases(),
  codered.is_held_back(codered.publications), codered.pause_installation(bigint, integer), codered.read_pause(bigint) to service_role;
