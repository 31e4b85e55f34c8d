-- Work whose worker is gone, and that nobody else comes for: it ends all the same.

create function codered.end_lapsed_jobs(until timestamptz, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  due record;
  job codered.agent_jobs;
  problem text;
  ended integer := 0;
begin
  for due in
    select j.id, j.parent_job_id
    from codered.agent_jobs j
    join codered.projects p on p.id = j.project_id and p.deleted_at is null
    where j.status = 'running' and j.locked_until <= end_lapsed_jobs.until and j.agent_type = any (codered.result_types())
      and (j.attempts >= j.max_attempts or j.cancel_requested_at is not null)
    order by j.locked_until, j.id
    limit end_lapsed_jobs.batch
  loop
    -- First the pipeline, as everybody who changes both does; whoever is at it is not waited for.
    if due.parent_job_id is not null then
      perform from codered.agent_jobs p where p.id = due.parent_job_id for update skip locked;
      continue when not found;
    end if;
    select j.* into job
    from codered.agent_jobs j
    where j.id = due.id and j.status = 'running' and j.locked_until <= end_lapsed_jobs.until
      and (j.attempts >= j.max_attempts or j.cancel_requested_at is not null)
    for update of j skip locked;
    continue when not found;
    problem := format('The lease of attempt %s of %s ended before the work did.', job.attempts, job.max_attempts);
    perform codered.log_job_run(job, case when job.cancel_requested_at is null then 'failed' else 'aborted' end, problem);
    update codered.agent_jobs j
    set
      status = case when j.cancel_requested_at is null then 'failed' else 'cancelled' end,
      error = case when j.cancel_requested_at is null then problem else j.error end
    where j.id = job.id;
    ended := ended + 1;
  end loop;
  return ended;
end
$$;
comment on function codered.end_lapsed_jobs(timestamptz, integer) is
  'Ends jobs whose lease lapsed by then and that nobody may take again: as failed after their last attempt, as cancelled where that was asked for; returns how many. One with attempts left is whoever''s who claims it. Called by end_lapsed_work.';
revoke execute on function codered.end_lapsed_jobs from public;
grant execute on function codered.end_lapsed_jobs to service_role;

create function codered.end_lapsed_work(batch integer default 100)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- A worker whose server was away for a while comes back with what it has.
  until constant timestamptz := now() - interval '5 minutes';
  jobs constant integer := codered.end_lapsed_jobs(until, end_lapsed_work.batch);
  due record;
  runs integer := 0;
begin
  for due in
    select distinct r.id
    from codered.gate_executions g
    join codered.runs r on r.id = g.run_id
    left join codered.projects p on p.id = r.project_id
    where g.status = 'running' and g.locked_until <= until and r.status in ('running', 'paused')
      and r.sprint_id is null and r.repository_id is null and p.deleted_at is null
    limit end_lapsed_work.batch
  loop
    perform from codered.runs r where r.id = due.id and r.status in ('running', 'paused') for no key update skip locked;
    continue when not found;
    perform codered.end_lapsed_stages(due.id, until);
    runs := runs + 1;
  end loop;
  return jsonb_build_object('jobs', jobs, 'runs', runs);
end
$$;
comment on function codered.end_lapsed_work(integer) is
  'Ends, up to batch of both, jobs without attempts left and stages whose lease lapsed more than five minutes ago; returns {jobs, runs}, of how many. Called by the app each minute: what nobody claims any more is over all the same.';
revoke execute on function codered.end_lapsed_work from public;
grant execute on function codered.end_lapsed_work to service_role;
