-- The outbox to GitHub: what should stand there, and who may write next. Old workers survive it.

create function codered.desire_publication(
  repository_id bigint, kind text, target text, desired jsonb, desired_hash text, recheck boolean default false,
  only_if_standing boolean default false
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

  insert into codered.publications (repository_id, kind, target, desired, desired_hash)
  values (
    desire_publication.repository_id, desire_publication.kind, desire_publication.target,
    desire_publication.desired, desire_publication.desired_hash
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
    insert into codered.publications (repository_id, kind, target, generation, desired, desired_hash)
    values (
      standing.repository_id, standing.kind, standing.target, standing.generation + 1,
      desire_publication.desired, desire_publication.desired_hash
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
    return json_build_object('changed', false, 'generation', standing.generation);
  end if;
  update codered.publications p
  set
    desired = desire_publication.desired,
    desired_hash = desire_publication.desired_hash,
    attempts = 0,
    -- What waits already keeps its place in the queue; what was put off or given up gets a chance at once.
    available_at = case when p.is_due then least(p.available_at, now()) else now() end,
    last_error = null
  where p.id = standing.id;
  return json_build_object('changed', true, 'generation', standing.generation);
end
$$;
comment on function codered.desire_publication(bigint, text, text, jsonb, text, boolean, boolean) is
  'Writes down what should stand on GitHub. A finished check run whose conclusion changes, or that is asked for again, gets a new generation. only_if_standing: nothing new is made, what stands is kept true.';

create function codered.claim_publications(worker text, batch integer, lease_seconds integer, spacing_ms integer default 1000)
returns table (
  id uuid, installation_id bigint, repository_id bigint, owner text, repo text, kind text, target text, generation integer,
  desired jsonb, desired_hash text, github_id bigint, attempts integer
)
language sql
set search_path = ''
as $$
  with due as (
    select p.id, p.kind, p.generation, p.available_at, r.installation_id, r.owner, r.name
    from codered.publications p
    join codered.repositories r on r.id = p.repository_id
    where p.is_due
      and p.available_at <= now()
      and r.deleted_at is null
      -- Of several check runs of one name GitHub shows the one that was made last: an older one must not come after it.
      and not exists (
        select 1
        from codered.publications older
        where older.repository_id = p.repository_id
          and older.kind = p.kind
          and older.target = p.target
          and older.generation < p.generation
          and older.is_due
          and older.available_at < 'infinity'
      )
  ), writers as (
    select i.id
    from codered.installations i
    where i.deleted_at is null
      and i.suspended_at is null
      and i.next_write_at <= now()
      and exists (select 1 from due d where d.installation_id = i.id)
      and not exists (
        select 1
        from codered.publications p
        join codered.repositories r on r.id = p.repository_id
        where r.installation_id = i.id and p.locked_until > now()
      )
    order by i.next_write_at
    limit claim_publications.batch
    for update skip locked
  ), next as (
    select distinct on (w.id) w.id as installation_id, d.id, d.owner, d.name
    from writers w
    join due d on d.installation_id = w.id
    order by w.id, d.available_at, d.kind, d.generation, d.id
  ), paced as (
    update codered.installations i
    set next_write_at = now() + make_interval(secs => claim_publications.spacing_ms / 1000.0)
    from next n
    where i.id = n.installation_id
  )
  update codered.publications p
  set
    attempts = p.attempts + 1,
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
  'Takes what differs between desired and published: one at a time per installation, spacing_ms apart, what has waited longest first.';

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
