-- What a report to a pull request is made of.

create function codered.read_pull_requests_of(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id,
    'owner', r.owner,
    'name', r.name,
    'numbers', coalesce(
      (
        select json_agg(pr.number order by pr.state = 'open' desc, pr.number)
        from codered.pull_requests pr
        where pr.repository_id = r.id
          and (pr.head_sha = read_pull_requests_of.sha or pr.merge_commit_sha = read_pull_requests_of.sha)
      ),
      '[]'
    ),
    -- Pull requests whose head it was: a check run that stands on it still wants to be finished.
    'former_numbers', coalesce(
      (
        select json_agg(distinct pr.number)
        from codered.ci_events e
        join codered.pull_requests pr
          on pr.repository_id = e.repository_id
          and pr.head_ref = e.branch
          and pr.head_repository_id is not distinct from e.head_repository_id
        where e.repository_id = r.id
          and e.commit_sha = read_pull_requests_of.sha
          and pr.head_sha <> e.commit_sha
          and pr.merge_commit_sha is distinct from e.commit_sha
          and exists (
            select 1
            from codered.publications p
            where p.repository_id = r.id
              and p.kind = 'check_run'
              and p.target like read_pull_requests_of.sha || ':%'
          )
      ),
      '[]'
    ),
    -- A merge queue tries a commit of its own for the pull request that its branch names.
    'merge_group_numbers', coalesce(
      (
        select json_agg(h.pull_request_number)
        from codered.merge_group_head(r.id, read_pull_requests_of.sha) h
      ),
      '[]'
    ),
    -- True when a pull request that we do not know of may stand behind the commit's runs.
    'ask_github', exists (
      select 1
      from codered.ci_events e
      where e.repository_id = r.id
        and e.commit_sha = read_pull_requests_of.sha
        and (e.trigger = 'pull_request' or e.pull_request_numbers <> '{}')
    )
  )
  from codered.repositories r
  where r.id = read_pull_requests_of.repository_id and r.deleted_at is null
$$;
comment on function codered.read_pull_requests_of(bigint, text) is
  'The pull requests that a commit is the head or the merge commit of; null for a repository that is unknown or gone.';
revoke execute on function codered.read_pull_requests_of from public;
grant execute on function codered.read_pull_requests_of to service_role;

create function codered.list_newest_jobs(run codered.ci_events)
returns table (run_attempt integer, known_status text, job codered.ci_jobs)
language sql
stable
set search_path = ''
as $$
  select
    j.run_attempt,
    case
      -- GitHub calls a job canceled that ran into its time limit: the diagnosis knows better.
      when (j.job).status = 'canceled' and exists (select 1 from codered.errors e where e.ci_job_id = (j.job).id) then 'failed'
      -- Nothing runs on in an attempt that is over: the webhook of the job's end was lost, and nobody knows how it ended.
      when (j.job).status in ('queued', 'running') and j.attempt_is_over then 'canceled'
      else (j.job).status
    end,
    j.job
  from (
    select
      a.run_attempt, j as job,
      a.status not in ('queued', 'running') or a.run_attempt < run.run_attempt as attempt_is_over,
      run.status = 'succeeded' and a.run_attempt < run.run_attempt as is_outdone,
      rank() over (partition by j.name order by a.run_attempt desc) as age
    from codered.ci_events a
    join codered.ci_jobs j on j.ci_event_id = a.id
    where a.provider = run.provider and a.repository_id = run.repository_id and a.run_id = run.run_id
  ) as j
  where j.age = 1
    -- An attempt succeeds only when every job has, the carried over ones too: what is known of this one is overtaken.
    and not (j.is_outdone and (j.job).status <> 'succeeded')
$$;
comment on function codered.list_newest_jobs(codered.ci_events) is
  'The jobs of a run as they stand after its newest attempt: a partial re-run holds only the jobs that ran again, the others carry over from the attempt before. Several jobs of an attempt may have one name. Only read_report calls it.';
revoke execute on function codered.list_newest_jobs from public;
grant execute on function codered.list_newest_jobs to service_role;

create function codered.describe_report_job(job codered.ci_jobs, workflow_name text, run_attempt integer, known_status text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'provider', 'github-actions',
    'workflow_name', workflow_name,
    'name', job.name,
    'run_attempt', run_attempt,
    'status', known_status,
    'conclusion', case when known_status <> 'canceled' or job.status = 'canceled' then job.conclusion end,
    'html_url', job.html_url,
    'started_at', job.started_at,
    'completed_at', job.completed_at,
    'failed_step', (
      select jsonb_build_object('number', (s.value ->> 'number')::integer, 'name', s.value ->> 'name')
      from jsonb_array_elements(job.steps) with ordinality as s (value, place)
      where s.value ->> 'conclusion' in ('failure', 'timed_out')
      order by s.place
      limit 1
    ),
    'log_state', job.log_state,
    'failure', (
      select codered.failure_of(e.id)
      from codered.errors e
      where e.ci_job_id = job.id and known_status = 'failed'
      order by e.created_at desc
      limit 1
    )
  )
$$;
comment on function codered.describe_report_job(codered.ci_jobs, text, integer, text) is
  'One job as the report shows it, known_status being its status as list_newest_jobs has it. Only read_report calls it.';
revoke execute on function codered.describe_report_job from public;
grant execute on function codered.describe_report_job to service_role;

create function codered.describe_report_event(event codered.ci_events)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'provider', event.provider,
    'workflow_name', event.workflow_name,
    'name', event.workflow_name,
    'run_attempt', event.run_attempt,
    'status', event.status,
    'conclusion', event.conclusion,
    'html_url', event.html_url,
    'started_at', event.start_time,
    'completed_at', event.end_time,
    'failed_step', null,
    'log_state', 'none',
    'failure', (
      select codered.failure_of(e.id)
      from codered.errors e
      where e.ci_event_id = event.id and e.ci_job_id is null and event.status = 'failed'
      order by e.created_at desc
      limit 1
    )
  )
$$;
comment on function codered.describe_report_event(codered.ci_events) is
  'A run, check or status that stands for itself, as the report shows it. Only read_report calls it.';
revoke execute on function codered.describe_report_event from public;
grant execute on function codered.describe_report_event to service_role;

create function codered.list_report_deployments(places codered.deployments[])
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(
    json_agg(
      json_build_object(
        'environment_name', d.environment_name, 'status', d.status, 'commit_sha', d.commit_sha, 'url', d.url,
        'failure', (
          -- The log of the run that deploys knows more than the sentence in the deployment's status.
          select codered.failure_of(e.id)
          from codered.errors e
          where d.status = 'failed'
            and (e.deployment_id = d.id or (e.ci_event_id = d.ci_event_id and e.ci_job_id is not null))
          order by
            exists (select 1 from codered.error_matches m where m.error_id = e.id and m.is_primary) desc,
            e.deployment_id is null desc,
            e.fingerprint
          limit 1
        )
      )
      order by d.environment_name
    ),
    '[]'
  )
  from unnest(places) as d
$$;
comment on function codered.list_report_deployments(codered.deployments[]) is
  'The deployments as the report shows them, each with its failure. Only read_report calls it.';
revoke execute on function codered.list_report_deployments from public;
grant execute on function codered.list_report_deployments to service_role;

create function codered.list_earlier_failures(pull codered.pull_requests, current_jobs uuid[], items jsonb)
returns json
language sql
stable
set search_path = ''
as $$
  with earlier as (
    select distinct on (a.workflow_name, j.name, e.fingerprint)
      j.name as job_name, a.workflow_name, e.id as error_id, e.message, a.commit_sha, a.run_id, a.run_attempt, a.start_time,
      e.fingerprint
    from codered.ci_events a
    join codered.ci_jobs j on j.ci_event_id = a.id and j.status in ('failed', 'canceled')
    join codered.errors e on e.ci_job_id = j.id
    where a.repository_id = pull.repository_id
      and a.branch = pull.head_ref
      and a.head_repository_id is not distinct from pull.head_repository_id
      and a.trigger = 'pull_request'
      and a.start_time >= pull.opened_at - interval '1 minute'
      and j.id <> all (current_jobs)
    order by a.workflow_name, j.name, e.fingerprint, a.start_time desc, a.run_attempt desc
  )
  select coalesce(
    json_agg(
      json_build_object(
        'job_name', x.job_name,
        'pattern_name', codered.failure_of(x.error_id) -> 'pattern' ->> 'name',
        'message', x.message,
        'commit_sha', x.commit_sha,
        'run_attempt', x.run_attempt,
        'fixed_by', (
          select json_build_object('commit_sha', b.commit_sha, 'run_attempt', b.run_attempt)
          from codered.ci_events b
          where b.repository_id = pull.repository_id
            and b.branch = pull.head_ref
            and b.head_repository_id is not distinct from pull.head_repository_id
            and b.workflow_name = x.workflow_name
            and b.trigger = 'pull_request'
            and b.start_time > x.start_time
            and (
              exists (
                select 1
                from codered.ci_jobs k
                where k.ci_event_id = b.id and k.name = x.job_name and k.status = 'succeeded'
              )
              or (b.run_id = x.run_id and b.status = 'succeeded')
            )
          order by b.start_time, b.run_attempt
          limit 1
        )
      )
      order by x.start_time, x.workflow_name, x.job_name, x.fingerprint
    ),
    '[]'
  )
  from earlier x
  where not exists (
    select 1
    from jsonb_array_elements(items) as i (item)
    where i.item ->> 'workflow_name' = x.workflow_name
      and i.item ->> 'name' = x.job_name
      and i.item -> 'failure' ->> 'fingerprint' = x.fingerprint
  )
$$;
comment on function codered.list_earlier_failures(codered.pull_requests, uuid[], jsonb) is
  'What failed on the pull request before: in none of current_jobs, and by none of the failures in items, which the report shows; each with the attempt that fixed it. Only read_report calls it.';
revoke execute on function codered.list_earlier_failures from public;
grant execute on function codered.list_earlier_failures to service_role;

create function codered.read_report(repository_id bigint, pull_request_number integer, sha text default null)
returns json
language sql
stable
set search_path = ''
as $$
  with pr as (
    select p as pull, p.*, coalesce(read_report.sha, p.head_sha) as sha
    from codered.pull_requests p
    where p.repository_id = read_report.repository_id and p.number = read_report.pull_request_number
  ), runs as materialized (
    select
      c as stored, c.*, i.workflow_path as path,
      i.event in ('pull_request', 'push', 'merge_group')
        and codered.is_run_for(pr.pull, i.event, i.branch, i.head_repository_id) as is_own,
      -- What is not known yet may be the pull request's own, and so may what was not kept.
      coalesce(i.event not in ('pull_request', 'push', 'merge_group', 'unknown'), false) as is_foreign
    from pr
    cross join lateral codered.current_runs(pr.repository_id, pr.sha) as c
    left join lateral codered.identity_of_run(c.repository_id, c.run_id) as i on c.provider = 'github-actions'
  ), outdone as (
    -- Of a workflow that ran for the pull request, what runs for another event says nothing of what that has.
    select r.id
    from runs r
    where r.is_foreign and exists (select from runs own where own.is_own and own.path = r.path)
  ), newest_jobs as materialized (
    select r.id as run, r.workflow_name, n.run_attempt, n.known_status, n.job
    from runs r
    cross join lateral codered.list_newest_jobs(r.stored) as n
    where r.provider = 'github-actions'
  ), jobs as materialized (
    select j.*
    from newest_jobs j
    where j.run not in (select o.id from outdone o)
      -- What the pull request's own run does not have is shown.
      or not exists (
        select
        from runs r
        join runs own on own.is_own and own.path = r.path
        join newest_jobs k on k.run = own.id and (k.job).name = (j.job).name
        where r.id = j.run
      )
  ), items as materialized (
    select
      codered.describe_report_job(j.job, j.workflow_name, j.run_attempt, j.known_status) as item,
      j.workflow_name, (j.job).name, (j.job).job_id::text as tie
    from jobs j
    union all
    -- What no job shows stands for itself: checks and statuses of other systems, and runs that failed, were canceled or
    -- wait for an approval though none of their jobs did.
    select codered.describe_report_event(r.stored), r.workflow_name, r.workflow_name, r.run_id
    from runs r
    where r.provider <> 'github-actions'
      or r.id not in (select o.id from outdone o) and (
      (r.status = 'failed' and not exists (select 1 from jobs j where j.run = r.id and j.known_status = 'failed'))
      or (
        r.status = 'canceled'
        and not exists (select 1 from jobs j where j.run = r.id and j.known_status in ('failed', 'canceled'))
      )
      or (
        r.status = 'queued'
        and r.conclusion = 'action_required'
        and not exists (select 1 from jobs j where j.run = r.id and j.run_attempt = r.run_attempt)
      ))
  ), places as (
    select distinct on (d.environment_name) d as place, d.*
    from pr
    join codered.deployments d on d.repository_id = pr.repository_id and d.commit_sha in (pr.sha, pr.merge_commit_sha)
    order by d.environment_name, d.started_at desc, d.deployment_id desc
  )
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name,
      'html_url', regexp_replace(pr.html_url, '/pull/[0-9]+$', '')
    ),
    'pull_request', json_build_object(
      'number', pr.number, 'title', pr.title, 'state', pr.state, 'head_sha', pr.sha, 'head_ref', pr.head_ref,
      'merge_commit_sha', pr.merge_commit_sha, 'html_url', pr.html_url
    ),
    'jobs', coalesce((select json_agg(i.item order by i.workflow_name, i.name, i.tie) from items i), '[]'),
    'unfinished_runs', (
      select count(*)
      from runs r
      where r.status in ('queued', 'running') and r.id not in (select o.id from outdone o)
    ),
    'deployments', codered.list_report_deployments(array(select d.place from places d)),
    'earlier_failures', codered.list_earlier_failures(
      pr.pull, array(select (j.job).id from jobs j), coalesce((select jsonb_agg(i.item) from items i), '[]')),
    -- What is left out of the report counts as well: with every delivery the time can only grow, and orders two reports.
    'as_of', to_char(
      greatest(
        nullif(pr.source_updated_at, '-infinity'),
        (
          select max(greatest(nullif(e.source_updated_at, '-infinity'), j.source_updated_at))
          from codered.ci_events e
          left join codered.ci_jobs j on j.ci_event_id = e.id
          where e.repository_id = pr.repository_id and e.commit_sha = pr.sha
        ),
        (select max(d.source_updated_at) from places d),
        (select max(s.created_at) from places d join codered.deployment_statuses s on s.deployment_id = d.id)
      ) at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    )
  )
  from pr
  join codered.repositories r on r.id = pr.repository_id
$$;
comment on function codered.read_report(bigint, integer, text) is
  'Everything that the comment and the check run of a pull request rest on, as PullRequestReport of src/model; null when unknown. sha: as of a former head.';
revoke execute on function codered.read_report from public;
grant execute on function codered.read_report to service_role;
