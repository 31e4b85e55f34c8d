-- Follow-up work: queue, claim, finish, retry. Old workers survive it.

create function codered.queue_job(project_id uuid, agent_type text, input jsonb, dedupe_key text, delay interval default '0')
returns void
language sql
set search_path = ''
as $$
  insert into codered.agent_jobs as j (project_id, agent_type, input, dedupe_key, run_after)
  values (queue_job.project_id, queue_job.agent_type, queue_job.input, queue_job.dedupe_key, now() + queue_job.delay)
  on conflict (dedupe_key) where status = 'queued' do update
    set input = j.input || excluded.input, run_after = least(j.run_after, excluded.run_after)
    where j.input is distinct from j.input || excluded.input or j.run_after > excluded.run_after
$$;
comment on function codered.queue_job(uuid, text, jsonb, text, interval) is
  'Queues work, or adds to an equal one that is queued already: a burst of events leaves one job.';

create function codered.claim_jobs(worker text, batch integer, lease_seconds integer)
returns table (id uuid, agent_type text, input jsonb, attempts integer)
language sql
set search_path = ''
as $$
  with due as (
    select j.id
    from codered.agent_jobs j
    where j.status in ('queued', 'running')
      and j.run_after <= now()
      and j.agent_type in ('diagnose', 'report')
      and not exists (
        select 1
        from codered.agent_jobs running
        where running.dedupe_key = j.dedupe_key
          and running.id <> j.id
          -- Also when its lease has lapsed: then it is due itself, and goes first.
          and running.status = 'running'
      )
    order by j.run_after
    limit claim_jobs.batch
    for update skip locked
  ), claimed as (
    update codered.agent_jobs j
    set
      status = 'running',
      attempts = j.attempts + 1,
      locked_by = claim_jobs.worker,
      locked_until = now() + make_interval(secs => claim_jobs.lease_seconds),
      run_after = now() + make_interval(secs => claim_jobs.lease_seconds)
    from due
    where j.id = due.id
    returning j.id, j.agent_type, j.input, j.attempts, j.created_at
  )
  select c.id, c.agent_type, c.input, c.attempts from claimed c order by c.created_at
$$;
comment on function codered.claim_jobs(text, integer, integer) is
  'Takes due work of the app''s own kinds until the lease ends; never two of one dedupe_key at a time.';

create function codered.complete_job(id uuid, worker text, result jsonb default null)
returns void
language sql
set search_path = ''
as $$
  update codered.agent_jobs j
  set status = 'completed', progress = 100, result = complete_job.result, error = null, locked_by = null, locked_until = null
  where j.id = complete_job.id and j.locked_by = complete_job.worker and j.status = 'running'
$$;
comment on function codered.complete_job(uuid, text, jsonb) is 'Closes work that was done; nothing when another worker has taken it meanwhile.';

create function codered.retry_job(id uuid, worker text, error text, delay_ms integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.agent_jobs;
begin
  select j.* into mine
  from codered.agent_jobs j
  where j.id = retry_job.id and j.locked_by = retry_job.worker and j.status = 'running'
  for update;
  if not found then
    return;
  end if;
  if exists (
    select 1 from codered.agent_jobs j where j.dedupe_key = mine.dedupe_key and j.status = 'queued'
  ) then
    update codered.agent_jobs j
    set status = 'completed', error = left(retry_job.error, 4000), result = '{"gave_way": true}', locked_by = null, locked_until = null
    where j.id = mine.id;
    return;
  end if;
  update codered.agent_jobs j
  set
    status = 'queued',
    error = left(retry_job.error, 4000),
    run_after = now() + make_interval(secs => retry_job.delay_ms / 1000.0),
    locked_by = null,
    locked_until = null
  where j.id = mine.id;
exception
  when unique_violation then
    -- An equal one was queued between the look and the update: that one does the work.
    update codered.agent_jobs j
    set status = 'completed', error = left(retry_job.error, 4000), result = '{"gave_way": true}', locked_by = null, locked_until = null
    where j.id = retry_job.id;
end
$$;
comment on function codered.retry_job(uuid, text, text, integer) is 'Queues work again after a pause; gives way to an equal one that is queued already.';

create function codered.fail_job(id uuid, worker text, error text)
returns void
language sql
set search_path = ''
as $$
  update codered.agent_jobs j
  set status = 'failed', error = left(fail_job.error, 4000), locked_by = null, locked_until = null
  where j.id = fail_job.id and j.locked_by = fail_job.worker and j.status = 'running'
$$;
comment on function codered.fail_job(uuid, text, text) is 'Gives work up, with the reason.';
