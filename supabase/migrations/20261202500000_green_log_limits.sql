-- A job's green log is found behind any number of forks' runs and of other systems' checks, and one organisation's do not fill the disk. Old workers survive it.

create or replace function codered.find_green_log(ci_job_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  with failed as (
    select
      r.id as repository_id, r.default_branch, p.org_id, i.workflow_path, j.name as job_name,
      coalesce(e.start_time, now()) - interval '90 days' as since
    from codered.ci_jobs j
    join codered.ci_events e on e.id = j.ci_event_id
    join codered.repositories r on r.id = e.repository_id
    join codered.projects p on p.id = r.project_id
    cross join lateral codered.identity_of_run(e.repository_id, e.run_id) i
    where j.id = find_green_log.ci_job_id
      and char_length(i.workflow_path) between 1 and 500 and char_length(j.name) between 1 and 500
  ), newest as (
    -- A workflow that ran long ago is not looked for through years of others, nor is its log there any more.
    select e.*
    from failed f
    join codered.ci_events e on e.repository_id = f.repository_id and e.branch = f.default_branch and e.start_time > f.since
    where e.provider = 'github-actions'
      -- What a pull request runs prints what its author likes, also on a branch of this name, and however often it runs.
      and e.head_repository_id = f.repository_id
      and e.trigger in ('push', 'schedule', 'manual')
      and coalesce(e.event, e.trigger) in ('push', 'schedule', 'manual', 'workflow_dispatch')
    order by e.start_time desc
    limit 2000
  ), room as (
    -- One organisation's logs are not to fill the disk of all.
    select coalesce(sum(octet_length(k.hashes)), 0) < 100000000 as is_left
    from failed f
    join codered.projects p on p.org_id = f.org_id
    join codered.repositories r on r.project_id = p.id
    join codered.green_logs k on k.repository_id = r.id
  ), green as (
    select j.job_id
    from failed f
    join newest e on e.workflow_path = f.workflow_path
    join codered.ci_jobs j on j.ci_event_id = e.id and j.name = f.job_name
    where e.status = 'succeeded' and e.conclusion = 'success'
      and j.status = 'succeeded' and j.conclusion = 'success'
    order by e.start_time desc, e.run_attempt desc
    limit 1
  )
  select json_build_object(
    'repository_id', f.repository_id, 'workflow_path', f.workflow_path, 'job_name', f.job_name,
    'job_id', (select g.job_id from green g where (select is_left from room)),
    'kept', (
      select json_build_object('salt', k.salt, 'hashes', translate(encode(k.hashes, 'base64'), E'\n', ''))
      from codered.green_logs k
      where k.repository_id = f.repository_id and k.workflow_path = f.workflow_path and k.job_name = f.job_name
        and k.fetched_at > now() - interval '1 day'
    )
  )
  from failed f
$$;

comment on function codered.find_green_log(uuid) is
  'For a job: the newest job of the same name that passed, in a run of the same workflow file that passed on the default branch for a push, a schedule or by hand, not more than 90 days before; {repository_id, workflow_path, job_name, job_id (null: none is known, or the organisation keeps 100 MB already), kept: {salt, hashes in Base64} (null: none of the last day)}. Null when its workflow file is not known.';

revoke execute on function codered.find_green_log from public;

grant execute on function codered.find_green_log to service_role;
