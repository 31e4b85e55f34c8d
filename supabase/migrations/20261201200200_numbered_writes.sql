-- Who lost a publication moves no pace of its installation any more. Old workers survive it.

create or replace function codered.cancel_job(job_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  job codered.agent_jobs := codered.lock_own_job(cancel_job.job_id);
begin
  if job.status in ('completed', 'failed') then
    raise exception 'Job "%" is %; allowed: queued, running, waiting_for_input.', job.id, job.status using errcode = 'CR003';
  end if;
  update codered.agent_jobs j
  set
    cancel_requested_at = coalesce(j.cancel_requested_at, now()),
    status = case when j.status = 'running' and j.locked_until > now() then 'running' else 'cancelled' end
  where j.id = job.id and j.status <> 'cancelled'
  returning j.* into job;
  return jsonb_build_object('status', coalesce(job.status, 'cancelled'));
end
$$;

comment on function codered.cancel_job(uuid) is
  'Cancels one''s own job and returns {status}: cancelled at once when no worker has it; running while one has it, who is told at the next report_job_progress and stops. What a worker finishes before that counts as finished. Twice is fine. Refuses CR003 (over already), CR004 (not one''s own). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';

revoke execute on function codered.cancel_job from public;

grant execute on function codered.cancel_job to authenticated, service_role;

create or replace function codered.complete_publication(
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

create or replace function codered.defer_publication(
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

create or replace function codered.park_publication(id uuid, worker text, error text, claim bigint default null)
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

create or replace function codered.yield_publication(id uuid, worker text, error text, claim bigint default null)
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
    perform codered.look_again(mine.repository_id, mine.desired ->> 'head_sha');
  end if;
end
$$;

comment on function codered.yield_publication(uuid, text, text, bigint) is
  'Gives a success back that was overtaken before it was written: the wish that took its place is due at once, or else a look at the commit is queued, which brings one.';

revoke execute on function codered.yield_publication from public;

grant execute on function codered.yield_publication to service_role;
