-- No success goes out to GitHub that is older than what the brain knows of its commit, and merges past the gate are noted. Old workers survive it.
--
-- A wish waits in the outbox: for the writes before it, for GitHub's limits, for a mended connection. What comes in meanwhile
-- can make a success untrue, so one is written only when
--   1. no look at its commit is queued or under way (claim_publications), and
--   2. just before the write, what is known of the commit is still what it was worked out from (is_publication_overtaken).
-- What is told of a commit queues a look in the same transaction, so between a claim and its write nothing gets lost.
-- This ends: a look that is done renews the wish or replaces it, one that fails is given up after a bounded number of tries,
-- and then the publisher asks for another one (yield_publication). Only a success waits, nothing else of its installation does.

alter table codered.publications
  add column evidence_version text;
comment on column codered.publications.evidence_version is
  'read_evidence_version of the commit from before the wish was worked out; null: from a worker that does not tell.';

create function codered.is_look_ahead(repository_id bigint, sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.agent_jobs j
    where j.dedupe_key = 'report:' || is_look_ahead.repository_id || ':' || is_look_ahead.sha
      and j.status in ('queued', 'running')
  )
$$;
comment on function codered.is_look_ahead(bigint, text) is 'Whether a report of the commit is queued or under way; a look at a deadline, which comes in its own time, is none.';

create function codered.look_again(repository_id bigint, sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', look_again.sha), 'report:' || r.id || ':' || look_again.sha)
  from codered.repositories r
  where r.id = look_again.repository_id and r.deleted_at is null
$$;
comment on function codered.look_again(bigint, text) is 'Queues the report of a commit, unless it is queued already.';

-- It gets an argument more; who does not name it calls it as before.
drop function codered.desire_publication(bigint, text, text, jsonb, text, boolean, boolean);
create function codered.desire_publication(
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
  -- What was told while the wish was being worked out is not in it. Mostly a look at it is queued already; one whose worker
  -- was slower than the next look's would otherwise stand as the last word.
  if desire_publication.evidence_version
    <> codered.read_evidence_version(desire_publication.repository_id, desire_publication.desired ->> 'head_sha')
  then
    perform codered.look_again(desire_publication.repository_id, desire_publication.desired ->> 'head_sha');
  end if;

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

  insert into codered.publications (repository_id, kind, target, desired, desired_hash, evidence_version)
  values (
    desire_publication.repository_id, desire_publication.kind, desire_publication.target,
    desire_publication.desired, desire_publication.desired_hash, desire_publication.evidence_version
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
    insert into codered.publications (repository_id, kind, target, generation, desired, desired_hash, evidence_version)
    values (
      standing.repository_id, standing.kind, standing.target, standing.generation + 1,
      desire_publication.desired, desire_publication.desired_hash, desire_publication.evidence_version
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
    update codered.publications p
    set evidence_version = desire_publication.evidence_version
    where p.id = standing.id and p.evidence_version is distinct from desire_publication.evidence_version;
    return json_build_object('changed', false, 'generation', standing.generation);
  end if;
  update codered.publications p
  set
    desired = desire_publication.desired,
    desired_hash = desire_publication.desired_hash,
    evidence_version = desire_publication.evidence_version,
    attempts = 0,
    -- What waits already keeps its place in the queue; what was put off or given up gets a chance at once.
    available_at = case when p.is_due then least(p.available_at, now()) else now() end,
    last_error = null
  where p.id = standing.id;
  return json_build_object('changed', true, 'generation', standing.generation);
end
$$;
comment on function codered.desire_publication(bigint, text, text, jsonb, text, boolean, boolean, text) is
  'Writes down what should stand on GitHub. A finished check run whose conclusion changes, or that is asked for again, gets a new generation. only_if_standing: nothing new is made, what stands is kept true. evidence_version: read_evidence_version from before the wish was worked out; when more is known by now, another look is queued.';

create or replace function codered.claim_publications(worker text, batch integer, lease_seconds integer, spacing_ms integer default 1000)
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
      -- A success waits for whatever is told of its commit to be looked at; other writes do not wait for it.
      and (
        p.kind <> 'check_run'
        or p.desired ->> 'conclusion' is distinct from 'success'
        or not codered.is_look_ahead(p.repository_id, p.desired ->> 'head_sha')
      )
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
  'Takes what differs between desired and published: one at a time per installation, spacing_ms apart, what has waited longest first. A success is left out while a look at its commit is queued or under way.';

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
        or p.kind = 'check_run' and codered.is_look_ahead(p.repository_id, p.desired ->> 'head_sha')
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
  'Whether more is known of the commit than the wish was worked out from, or something newer is wished for. Asked just before a success is written; true also when the publication is gone.';

create function codered.yield_publication(id uuid, worker text, error text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.publications;
  newer codered.publications;
begin
  perform codered.release_writer(yield_publication.id, yield_publication.worker);
  select p.* into mine
  from codered.publications p
  where p.id = yield_publication.id and p.locked_by = yield_publication.worker
  for update;
  if not found then
    return;
  end if;
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
    perform codered.look_again(mine.repository_id, mine.desired ->> 'head_sha');
  end if;
end
$$;
comment on function codered.yield_publication(uuid, text, text) is
  'Gives a success back that was overtaken before it was written: the wish that took its place is due at once, or else a look at the commit is queued, which brings one.';

revoke execute on function codered.is_look_ahead(bigint, text), codered.look_again(bigint, text),
  codered.desire_publication(bigint, text, text, jsonb, text, boolean, boolean, text),
  codered.is_publication_overtaken(uuid), codered.yield_publication(uuid, text, text) from public;
grant execute on function codered.is_look_ahead(bigint, text), codered.look_again(bigint, text),
  codered.desire_publication(bigint, text, text, jsonb, text, boolean, boolean, text),
  codered.is_publication_overtaken(uuid), codered.yield_publication(uuid, text, text) to service_role;

create function codered.settle_merge(repository_id bigint, pull_request_number integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  pr codered.pull_requests;
  run codered.runs;
  gate text;
begin
  select p.* into pr
  from codered.pull_requests p
  where p.repository_id = settle_merge.repository_id and p.number = settle_merge.pull_request_number and p.state = 'merged';
  select r.* into run
  from codered.runs r
  where r.repository_id = pr.repository_id and r.commit_sha = pr.head_sha and r.pull_request_number = pr.number
  order by r.created_at desc, r.id desc
  limit 1
  for no key update;
  if run.id is null
    or exists (select from codered.events e where e.run_id = run.id and e.event_type = 'status.MERGED')
  then
    return;
  end if;
  gate := case run.status when 'completed' then 'pass' when 'failed' then 'fail' else 'pending' end;
  perform codered.append_status(
    run.project_id, run.id, 'MERGED', format('Pull request %s', pr.number),
    jsonb_build_object('commit_sha', pr.head_sha, 'merge_commit_sha', pr.merge_commit_sha, 'gate', gate));
  if gate <> 'pass' then
    insert into codered.user_overrides (project_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason)
    values (
      run.project_id, 'unknown', 'deploy_anyway', pr.repository_id, pr.number, pr.head_sha, 'merged while the gate was ' || gate);
  end if;
end
$$;
comment on function codered.settle_merge(bigint, integer) is
  'Appends MERGED to the gate run of a pull request that was merged and, when its last verdict was no pass, records that it was merged anyway; once, however often and in whatever order it is told. Nothing for one that is not merged or was never judged.';

create function codered.follow_merge()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'pull_requests' then
    perform codered.settle_merge(new.repository_id, new.number);
  else
    perform codered.settle_merge(new.repository_id, new.pull_request_number);
  end if;
  return null;
end
$$;
comment on function codered.follow_merge() is
  'Settles a merge when it is told, and when the first verdict on its head comes after that.';
create trigger pull_requests_merged after insert or update of state on codered.pull_requests
  for each row when (new.state = 'merged') execute function codered.follow_merge();
create trigger runs_merged after update of status on codered.runs
  for each row when (new.status in ('completed', 'failed') and new.pull_request_number is not null and new.repository_id is not null)
  execute function codered.follow_merge();

revoke execute on function codered.settle_merge(bigint, integer), codered.follow_merge() from public;
grant execute on function codered.settle_merge(bigint, integer) to service_role;
