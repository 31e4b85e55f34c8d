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

create function codered.read_report(repository_id bigint, pull_request_number integer, sha text default null)
returns json
language sql
stable
set search_path = ''
as $$
  with told as (
    select p as pull, p.*
    from codered.pull_requests p
    where p.repository_id = read_report.repository_id and p.number = read_report.pull_request_number
  ), pr as (
    select
      p.repository_id, p.number, p.title, p.state, p.head_ref, p.head_repository_id, p.merge_commit_sha, p.html_url,
      p.opened_at, p.source_updated_at, coalesce(read_report.sha, p.head_sha) as head_sha, p.pull
    from told p
  ), runs as materialized (
    select
      c.*, i.workflow_path as path,
      i.event in ('pull_request', 'push', 'merge_group')
        and codered.is_run_for(pr.pull, i.event, i.branch, i.head_repository_id) as is_own,
      -- What is not told of yet may be the pull request's own, and so may what was not kept.
      coalesce(i.event not in ('pull_request', 'push', 'merge_group', 'unknown'), false) as is_foreign
    from pr
    cross join lateral codered.current_runs(pr.repository_id, pr.head_sha) as c
    left join lateral codered.identity_of_run(c.repository_id, c.run_id) as i on c.provider = 'github-actions'
  ), outdone as (
    -- Of a workflow that ran for the pull request, what runs for another event says nothing of what that has.
    select r.id
    from runs r
    where r.is_foreign and exists (select from runs own where own.is_own and own.path = r.path)
  ), attempts_of_jobs as (
    -- A partial re-run holds only the jobs that ran again: the others carry over from the attempt before. Several jobs of an
    -- attempt may have one name.
    select
      told.*,
      case
        -- GitHub calls a job canceled that ran into its time limit: the diagnosis knows better.
        when told.status = 'canceled' and exists (select 1 from codered.errors e where e.ci_job_id = told.id) then 'failed'
        -- Nothing runs on in an attempt that is over: the webhook of the job's end was lost, and nobody knows how it ended.
        when told.status in ('queued', 'running') and told.attempt_is_over then 'canceled'
        else told.status
      end as told_status
    from (
      select
        r.id as run, a.run_attempt, r.workflow_name, j.*,
        a.status not in ('queued', 'running') or a.run_attempt < r.run_attempt as attempt_is_over,
        r.status = 'succeeded' and a.run_attempt < r.run_attempt as is_outdone,
        rank() over (partition by r.id, j.name order by a.run_attempt desc) as age
      from runs r
      join codered.ci_events a
        on a.provider = r.provider and a.repository_id = r.repository_id and a.run_id = r.run_id
      join codered.ci_jobs j on j.ci_event_id = a.id
      where r.provider = 'github-actions'
    ) as told
    where told.age = 1
      -- An attempt succeeds only when every job has, the carried over ones too: what is known of this one is overtaken.
      and not (told.is_outdone and told.status <> 'succeeded')
  ), jobs as (
    select j.*
    from attempts_of_jobs j
    where j.run not in (select o.id from outdone o)
      -- What the pull request's own run does not have is told of.
      or not exists (
        select
        from runs r
        join runs own on own.is_own and own.path = r.path
        join attempts_of_jobs k on k.run = own.id and k.name = j.name
        where r.id = j.run
      )
  ), items as (
    select jsonb_build_object(
      'provider', 'github-actions',
      'workflow_name', j.workflow_name,
      'name', j.name,
      'run_attempt', j.run_attempt,
      'status', j.told_status,
      'conclusion', case when j.told_status <> 'canceled' or j.status = 'canceled' then j.conclusion end,
      'html_url', j.html_url,
      'started_at', j.started_at,
      'completed_at', j.completed_at,
      'failed_step', (
        select jsonb_build_object('number', (s.value ->> 'number')::integer, 'name', s.value ->> 'name')
        from jsonb_array_elements(j.steps) with ordinality as s (value, place)
        where s.value ->> 'conclusion' in ('failure', 'timed_out')
        order by s.place
        limit 1
      ),
      'log_state', j.log_state,
      'failure', (
        select codered.failure_of(e.id)
        from codered.errors e
        where e.ci_job_id = j.id and j.told_status = 'failed'
        order by e.created_at desc
        limit 1
      )
    ) as item, j.workflow_name, j.name, j.job_id::text as tie
    from jobs j
    union all
    -- What no job tells of stands for itself: checks and statuses of other systems, and runs that failed, were canceled or
    -- wait for an approval though none of their jobs did.
    select jsonb_build_object(
      'provider', r.provider,
      'workflow_name', r.workflow_name,
      'name', r.workflow_name,
      'run_attempt', r.run_attempt,
      'status', r.status,
      'conclusion', r.conclusion,
      'html_url', r.html_url,
      'started_at', r.start_time,
      'completed_at', r.end_time,
      'failed_step', null,
      'log_state', 'none',
      'failure', (
        select codered.failure_of(e.id)
        from codered.errors e
        where e.ci_event_id = r.id and e.ci_job_id is null and r.status = 'failed'
        order by e.created_at desc
        limit 1
      )
    ), r.workflow_name, r.workflow_name, r.run_id
    from runs r
    where r.provider <> 'github-actions'
      or r.id not in (select o.id from outdone o) and (
      (r.status = 'failed' and not exists (select 1 from jobs j where j.run = r.id and j.told_status = 'failed'))
      or (
        r.status = 'canceled'
        and not exists (select 1 from jobs j where j.run = r.id and j.told_status in ('failed', 'canceled'))
      )
      or (
        r.status = 'queued'
        and r.conclusion = 'action_required'
        and not exists (select 1 from jobs j where j.run = r.id and j.run_attempt = r.run_attempt)
      ))
  ), places as (
    select distinct on (d.environment_name) d.*
    from pr
    join codered.deployments d
      on d.repository_id = pr.repository_id and d.commit_sha in (pr.head_sha, pr.merge_commit_sha)
    order by d.environment_name, d.started_at desc, d.deployment_id desc
  ), earlier as (
    select distinct on (a.workflow_name, j.name, e.fingerprint)
      j.name as job_name, a.workflow_name, e.id as error_id, e.message, a.commit_sha, a.run_id, a.run_attempt, a.start_time,
      e.fingerprint
    from pr
    join codered.ci_events a
      on a.repository_id = pr.repository_id
      and a.branch = pr.head_ref
      and a.head_repository_id is not distinct from pr.head_repository_id
      and a.trigger = 'pull_request'
      and a.start_time >= pr.opened_at - interval '1 minute'
    join codered.ci_jobs j on j.ci_event_id = a.id and j.status in ('failed', 'canceled')
    join codered.errors e on e.ci_job_id = j.id
    where not exists (select 1 from jobs current where current.id = j.id)
    order by a.workflow_name, j.name, e.fingerprint, a.start_time desc, a.run_attempt desc
  )
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name,
      'html_url', regexp_replace(pr.html_url, '/pull/[0-9]+$', '')
    ),
    'pull_request', json_build_object(
      'number', pr.number, 'title', pr.title, 'state', pr.state, 'head_sha', pr.head_sha, 'head_ref', pr.head_ref,
      'merge_commit_sha', pr.merge_commit_sha, 'html_url', pr.html_url
    ),
    'jobs', coalesce((select json_agg(i.item order by i.workflow_name, i.name, i.tie) from items i), '[]'),
    'unfinished_runs', (
      select count(*)
      from runs r
      where r.status in ('queued', 'running') and r.id not in (select o.id from outdone o)
    ),
    'deployments', coalesce(
      (
        select json_agg(
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
        )
        from places d
      ),
      '[]'
    ),
    'earlier_failures', coalesce(
      (
        select json_agg(
          json_build_object(
            'job_name', x.job_name,
            'pattern_name', codered.failure_of(x.error_id) -> 'pattern' ->> 'name',
            'message', x.message,
            'commit_sha', x.commit_sha,
            'run_attempt', x.run_attempt,
            'fixed_by', (
              select json_build_object('commit_sha', b.commit_sha, 'run_attempt', b.run_attempt)
              from codered.ci_events b
              where b.repository_id = r.id
                and b.branch = pr.head_ref
                and b.head_repository_id is not distinct from pr.head_repository_id
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
        )
        from earlier x
        where not exists (
          select 1 from items i
          where i.workflow_name = x.workflow_name
            and i.item ->> 'name' = x.job_name
            and i.item -> 'failure' ->> 'fingerprint' = x.fingerprint
        )
      ),
      '[]'
    ),
    -- What is left out of the report counts as well: with every delivery the time can only grow, and orders two reports.
    'as_of', to_char(
      greatest(
        nullif(pr.source_updated_at, '-infinity'),
        (
          select max(greatest(nullif(e.source_updated_at, '-infinity'), j.source_updated_at))
          from codered.ci_events e
          left join codered.ci_jobs j on j.ci_event_id = e.id
          where e.repository_id = pr.repository_id and e.commit_sha = pr.head_sha
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
  'Everything that the comment and the check run of a pull request rest on, as PullRequestReport of src/model.ts; null when unknown. sha: as of a former head.';
revoke execute on function codered.read_report from public;
grant execute on function codered.read_report to service_role;
