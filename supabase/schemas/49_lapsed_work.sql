-- Work whose worker is gone, and that nobody else comes for: it ends all the same.

create function codered.end_lapsed_job(job_id uuid, until timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  parent constant uuid := (select j.parent_job_id from codered.agent_jobs j where j.id = end_lapsed_job.job_id);
  job codered.agent_jobs;
  problem text;
begin
  -- First the pipeline, as everybody who changes both does; whoever is at it is not waited for.
  if parent is not null then
    perform from codered.agent_jobs p where p.id = parent for update skip locked;
    if not found then
      return false;
    end if;
  end if;
  select j.* into job
  from codered.agent_jobs j
  where j.id = end_lapsed_job.job_id and j.status = 'running' and j.locked_until <= end_lapsed_job.until
    and (j.attempts >= j.max_attempts or j.cancel_requested_at is not null)
  for update of j skip locked;
  if not found then
    return false;
  end if;
  problem := format('The lease of attempt %s of %s ended before the work did.', job.attempts, job.max_attempts);
  perform codered.log_job_run(job, case when job.cancel_requested_at is null then 'failed' else 'aborted' end, problem);
  update codered.agent_jobs j
  set
    status = case when j.cancel_requested_at is null then 'failed' else 'cancelled' end,
    error = case when j.cancel_requested_at is null then problem else j.error end
  where j.id = job.id;
  return true;
end
$$;
comment on function codered.end_lapsed_job(uuid, timestamptz) is
  'Ends a job whose lease lapsed by then and that nobody may take again: as failed after its last attempt, as cancelled where that was asked for; returns whether it did. One with attempts left is whoever''s who claims it. Called by end_lapsed_work.';
revoke execute on function codered.end_lapsed_job from public;
grant execute on function codered.end_lapsed_job to service_role;

create function codered.end_lapsed_run(run_id uuid, until timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  perform
  from codered.runs r
  where r.id = end_lapsed_run.run_id and r.status in ('running', 'paused')
  for no key update skip locked;
  if not found then
    return false;
  end if;
  perform codered.end_lapsed_stages(end_lapsed_run.run_id, end_lapsed_run.until);
  return true;
end
$$;
comment on function codered.end_lapsed_run(uuid, timestamptz) is
  'Ends the stages of a run whose lease lapsed by then; returns false where somebody is at the run, or it is over. Called by end_lapsed_work.';
revoke execute on function codered.end_lapsed_run from public;
grant execute on function codered.end_lapsed_run to service_role;

create function codered.end_lapsed_work(batch integer default 100)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- A worker whose server was away for a while comes back with what it has.
  until constant timestamptz := now() - interval '5 minutes';
  due record;
  jobs integer := 0;
  runs integer := 0;
  problem text;
begin
  for due in
    select d.kind, d.id
    from (
      (
        select 'job' as kind, j.id
        from codered.agent_jobs j
        join codered.projects p on p.id = j.project_id and p.deleted_at is null
        where j.status = 'running' and j.locked_until <= until and j.agent_type = any (codered.result_types())
          and (j.attempts >= j.max_attempts or j.cancel_requested_at is not null)
        -- By no order that keeps what can't be ended before all others.
        order by random()
        limit end_lapsed_work.batch
      )
      union all
      (
        select 'run', r.id
        from codered.gate_executions g
        join codered.runs r on r.id = g.run_id
        left join codered.projects p on p.id = r.project_id
        where g.status = 'running' and g.locked_until <= until and r.status in ('running', 'paused')
          and r.sprint_id is null and r.repository_id is null and p.deleted_at is null
        group by r.id
        order by random()
        limit end_lapsed_work.batch
      )
    ) as d
  loop
    -- What can't be ended holds up nothing else.
    begin
      if due.kind = 'job' then
        jobs := jobs + codered.end_lapsed_job(due.id, until)::integer;
      else
        runs := runs + codered.end_lapsed_run(due.id, until)::integer;
      end if;
    exception
      when others then
        problem := format('%s %s: %s', due.kind, due.id, left(sqlerrm, 500));
    end;
  end loop;
  return jsonb_build_object('jobs', jobs, 'runs', runs, 'problem', problem);
end
$$;
comment on function codered.end_lapsed_work(integer) is
  'Ends, up to batch of both, jobs without attempts left and stages whose lease lapsed more than five minutes ago; returns {jobs, runs, problem}: of how many, and why the last of those that could not be ended was not. Called by the app each minute: what nobody claims any more is over all the same.';
revoke execute on function codered.end_lapsed_work from public;
grant execute on function codered.end_lapsed_work to service_role;
