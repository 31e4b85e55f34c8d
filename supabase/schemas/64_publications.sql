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
  claim bigint not null default 0,
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
comment on column codered.publications.attempts is 'Tries since something new was desired; 0 while a newer request waits for the write under way.';
comment on column codered.publications.available_at is 'infinity: given up until something else is desired; last_error says why.';
comment on column codered.publications.evidence_version is
  'read_evidence_version of the commit from before the request was worked out; null: from a worker that does not say.';
comment on column codered.publications.claim is 'The number of the newest claim; 0 until the first.';
create index publications_due_idx on codered.publications (available_at) where is_due;
create index publications_turn_idx on codered.publications (repository_id, (kind = 'check_run'), available_at, generation, id) where is_due;
create index publications_locked_idx on codered.publications (repository_id, locked_until) where locked_until is not null;
alter table codered.publications enable row level security;
create policy publications_read on codered.publications for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.publications to authenticated;
grant select, insert, update, delete on codered.publications to service_role;
create trigger publications_touch before update on codered.publications
  for each row execute function codered.touch_updated_at();

create function codered.request_publication(
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
  -- What came in while the request was being worked out is not in it. Mostly a recheck is queued already; one whose worker
  -- was slower than the next recheck's would otherwise stand as the last word.
  if request_publication.evidence_version
    <> codered.read_evidence_version(request_publication.repository_id, request_publication.desired ->> 'head_sha')
  then
    perform codered.queue_recheck(request_publication.repository_id, request_publication.desired ->> 'head_sha');
  end if;

  -- A comment tells of the newest head: a report of an older one that was overtaken changes nothing.
  if kind = 'comment' and exists (
    select 1
    from codered.pull_requests pr
    where pr.repository_id = request_publication.repository_id
      and pr.number = (desired ->> 'pull_request_number')::integer
      and pr.head_sha <> desired ->> 'head_sha'
  ) then
    return json_build_object('changed', false, 'generation', null);
  end if;

  if only_if_standing and not exists (
    select 1
    from codered.publications p
    where p.repository_id = request_publication.repository_id
      and p.kind = request_publication.kind
      and p.target = request_publication.target
  ) then
    return json_build_object('changed', false, 'generation', null);
  end if;

  insert into codered.publications (repository_id, kind, target, desired, desired_hash, evidence_version)
  values (
    request_publication.repository_id, request_publication.kind, request_publication.target,
    request_publication.desired, request_publication.desired_hash, request_publication.evidence_version
  )
  on conflict on constraint publications_target_key do nothing
  returning * into standing;
  if found then
    return json_build_object('changed', true, 'generation', 1);
  end if;

  select p.* into standing
  from codered.publications p
  where p.repository_id = request_publication.repository_id
    and p.kind = request_publication.kind
    and p.target = request_publication.target
  order by p.generation desc
  limit 1
  for update;

  -- Two reports of one head may come in either order. Of another head only the pull request's own gets so far.
  if standing.kind = 'comment'
    and standing.desired ->> 'head_sha' is not distinct from request_publication.desired ->> 'head_sha'
    and coalesce(request_publication.desired ->> 'as_of', '') < coalesce(standing.desired ->> 'as_of', '') collate "C"
  then
    return json_build_object('changed', false, 'generation', standing.generation);
  end if;

  finished := coalesce(
    standing.published_conclusion,
    case when standing.locked_until > now() then standing.desired ->> 'conclusion' end
  );
  if standing.kind = 'check_run'
    and finished is not null
    and (request_publication.recheck or finished is distinct from request_publication.desired ->> 'conclusion')
  then
    insert into codered.publications (repository_id, kind, target, generation, desired, desired_hash, evidence_version)
    values (
      standing.repository_id, standing.kind, standing.target, standing.generation + 1,
      request_publication.desired, request_publication.desired_hash, request_publication.evidence_version
    );
    return json_build_object('changed', true, 'generation', standing.generation + 1);
  end if;

  if standing.desired_hash = request_publication.desired_hash then
    -- The same is known to be true for longer now: what is older must not come after it.
    update codered.publications p
    set desired = request_publication.desired
    where p.id = standing.id
      and p.kind = 'comment'
      and p.desired ->> 'as_of' is distinct from request_publication.desired ->> 'as_of';
    update codered.publications p
    set evidence_version = request_publication.evidence_version
    where p.id = standing.id and p.evidence_version is distinct from request_publication.evidence_version;
    return json_build_object('changed', false, 'generation', standing.generation);
  end if;
  update codered.publications p
  set
    desired = request_publication.desired,
    desired_hash = request_publication.desired_hash,
    evidence_version = request_publication.evidence_version,
    attempts = 0,
    -- What waits already keeps its place in the queue; what was put off or given up gets a chance at once.
    available_at = case when p.is_due then least(p.available_at, now()) else now() end,
    last_error = null
  where p.id = standing.id;
  return json_build_object('changed', true, 'generation', standing.generation);
end
$$;
comment on function codered.request_publication(bigint, text, text, jsonb, text, boolean, boolean, text) is
  'Writes down what should stand on GitHub. A finished check run whose conclusion changes, or that is asked for again, gets a new generation. only_if_standing: nothing new is made, what stands is kept true. evidence_version: read_evidence_version from before the request was worked out; when more is known by now, a recheck is queued.';
revoke execute on function codered.request_publication from public;
grant execute on function codered.request_publication to service_role;

create function codered.desire_publication(
  repository_id bigint, kind text, target text, desired jsonb, desired_hash text, recheck boolean default false,
  only_if_standing boolean default false, evidence_version text default null
)
returns json
language sql
set search_path = ''
as $$
  select codered.request_publication(
    repository_id, kind, target, desired, desired_hash, recheck, only_if_standing, evidence_version
  )
$$;
comment on function codered.desire_publication(bigint, text, text, jsonb, text, boolean, boolean, text) is 'The former name of request_publication, for workers from before it was renamed.';
revoke execute on function codered.desire_publication from public;
grant execute on function codered.desire_publication to service_role;

create function codered.claim_publications(worker text, batch integer, lease_seconds integer, spacing_ms integer default 1000)
returns table (
  id uuid, installation_id bigint, repository_id bigint, owner text, repo text, kind text, target text, generation integer,
  desired jsonb, desired_hash text, github_id bigint, attempts integer, claim bigint
)
language sql
set search_path = ''
-- However few rows the planner expects: along the indexes, row by row.
set enable_seqscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with recursive places as (
    -- Repository by repository along the index, however many wait in each.
    (select p.repository_id from codered.publications p where p.is_due order by p.repository_id limit 1)
    union all
    select (
      select p.repository_id
      from codered.publications p
      where p.is_due and p.repository_id > l.repository_id
      order by p.repository_id
      limit 1
    )
    from places l
    where l.repository_id is not null
  ), writers as (
    select i.id
    from codered.installations i
    where i.id in (
        select r.installation_id from places l join codered.repositories r on r.id = l.repository_id where r.deleted_at is null
      )
      and i.deleted_at is null
      and i.suspended_at is null
      and i.next_write_at <= now()
      and i.paused_until <= now()
      and not exists (
        select
        from codered.repositories r
        join codered.publications p on p.repository_id = r.id
        where r.installation_id = i.id and p.locked_until > now()
      )
      and exists (
        select
        from codered.repositories r
        cross join (values (true), (false)) as k (is_check_run)
        cross join lateral (
          select
          from codered.publications p
          where p.repository_id = r.id
            and p.is_due
            and (p.kind = 'check_run') = k.is_check_run
            and p.available_at <= now()
            and not codered.is_held_back(p)
          order by p.available_at, p.generation, p.id
          limit 1
        ) as due
        where r.installation_id = i.id and r.deleted_at is null
      )
    -- Whoever was written to longest ago is next.
    order by i.next_write_at
    limit claim_publications.batch
    for update skip locked
  ), next as (
    -- Of each repository the one that goes first, and of these again: however many wait, no more are read.
    select distinct on (w.id) w.id as installation_id, d.id, r.owner, r.name
    from writers w
    join codered.repositories r on r.installation_id = w.id and r.deleted_at is null
    cross join lateral (
      select f.id, f.kind, f.available_at, f.generation
      from (values (true), (false)) as k (is_check_run)
      cross join lateral (
        select p.id, p.kind, p.available_at, p.generation
        from codered.publications p
        where p.repository_id = r.id
          and p.is_due
          and (p.kind = 'check_run') = k.is_check_run
          and p.available_at <= now()
          and not codered.is_held_back(p)
        order by p.available_at, p.generation, p.id
        limit 1
      ) as f
    ) as d
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
    claim = nextval('codered.claim_number'),
    locked_by = claim_publications.worker,
    locked_at = now(),
    locked_until = now() + make_interval(secs => claim_publications.lease_seconds)
  from next n
  where p.id = n.id
  returning
    p.id, n.installation_id, p.repository_id, n.owner, n.name, p.kind, p.target, p.generation, p.desired, p.desired_hash,
    p.github_id, p.attempts, p.claim
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
  id uuid, worker text, published_hash text, github_id bigint default null, published_conclusion text default null,
  claim bigint default null
)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(p.id, complete_publication.worker)
  from codered.publications p
  where p.id = complete_publication.id and (complete_publication.claim is null or p.claim = complete_publication.claim);
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
    and (complete_publication.claim is null or p.claim = complete_publication.claim)
$$;
comment on function codered.complete_publication(uuid, text, text, bigint, text, bigint) is
  'Notes what stands on GitHub now; if something newer was desired meanwhile, the row stays due.';
revoke execute on function codered.complete_publication from public;
grant execute on function codered.complete_publication to service_role;

create function codered.defer_publication(
  id uuid, worker text, error text, delay_ms integer, pause_installation_ms integer, claim bigint default null
)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(p.id, defer_publication.worker, defer_publication.pause_installation_ms)
  from codered.publications p
  where p.id = defer_publication.id and (defer_publication.claim is null or p.claim = defer_publication.claim);
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
    and (defer_publication.claim is null or p.claim = defer_publication.claim)
$$;
comment on function codered.defer_publication(uuid, text, text, integer, integer, bigint) is
  'Puts a write off; pause_installation_ms holds back every write of the installation, as GitHub''s rate limits ask. What was desired meanwhile is not put off.';
revoke execute on function codered.defer_publication from public;
grant execute on function codered.defer_publication to service_role;

create function codered.park_publication(id uuid, worker text, error text, claim bigint default null)
returns void
language sql
set search_path = ''
as $$
  select codered.release_writer(p.id, park_publication.worker)
  from codered.publications p
  where p.id = park_publication.id and (park_publication.claim is null or p.claim = park_publication.claim);
  update codered.publications p
  set
    available_at = case when p.attempts = 0 then p.available_at else 'infinity' end,
    last_error = left(park_publication.error, 4000),
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = park_publication.id and p.locked_by = park_publication.worker
    and (park_publication.claim is null or p.claim = park_publication.claim)
$$;
comment on function codered.park_publication(uuid, text, text, bigint) is
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
        or p.kind = 'check_run' and codered.is_recheck_queued(p.repository_id, p.desired ->> 'head_sha')
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
  'Whether more is known of the commit than the request was worked out from, or something newer is requested. Asked just before a success is written; true also when the publication is gone.';
revoke execute on function codered.is_publication_overtaken from public;
grant execute on function codered.is_publication_overtaken to service_role;

create function codered.yield_publication(id uuid, worker text, error text, claim bigint default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.publications;
  newer codered.publications;
begin
  select p.* into mine
  from codered.publications p
  where p.id = yield_publication.id and p.locked_by = yield_publication.worker
    and (yield_publication.claim is null or p.claim = yield_publication.claim)
  for update;
  if not found then
    return;
  end if;
  perform codered.release_writer(mine.id, yield_publication.worker);
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
    perform codered.queue_recheck(mine.repository_id, mine.desired ->> 'head_sha');
  end if;
end
$$;
comment on function codered.yield_publication(uuid, text, text, bigint) is
  'Gives a success back that was overtaken before it was written: the request that took its place is due at once, or else a recheck of the commit is queued, which brings one.';
revoke execute on function codered.yield_publication from public;
grant execute on function codered.yield_publication to service_role;

create function codered.is_held_back(publication codered.publications)
returns boolean
language sql
stable
set search_path = ''
as $$
  select
    -- A success waits until everything that came in about its commit was evaluated; other writes do not wait for it.
    (
      publication.kind = 'check_run'
      and publication.desired ->> 'conclusion' is not distinct from 'success'
      and codered.is_recheck_queued(publication.repository_id, publication.desired ->> 'head_sha')
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
