-- What happens on a pull request's head beside its own runs, and what does not: another event's run gives way, check runs that a step wrote count, silence and what a merge queue dropped are told. Old workers survive it: they tell nothing of the end of a merge group, and leave out what is new in the report.

alter table codered.commits
  add column merge_group_end text,
  add constraint commits_merge_group_end_length check (char_length(merge_group_end) between 1 and 100);
comment on column codered.commits.merge_group_end is
  'Why GitHub took away the merge group whose commit it is, in its own word: merged, invalidated, dequeued; null while it has not.';
create index commits_merge_group_idx on codered.commits (repository_id) where merge_group_ref is not null;

alter table codered.pull_request_heads
  add column silence_cause text,
  add constraint pull_request_heads_silence_cause_check check (
    silence_cause in ('merge_conflict', 'approval', 'unknown')
    or codered.refuse_value('pull_request_heads.silence_cause', silence_cause, 'merge_conflict, approval, unknown')
  );
comment on column codered.pull_request_heads.silence_cause is
  'Why no workflow ran on it, as GitHub was asked once: it conflicts with its base, or somebody has to let its workflows run; unknown: neither; null: not asked.';

-- A check run that asks for something was taken for one that runs.
update codered.ci_events e
set status = 'failed', end_time = coalesce(e.end_time, nullif(e.source_updated_at, '-infinity'))
where e.provider = 'github-checks' and e.status = 'queued' and e.conclusion = 'action_required';

create or replace function codered.merge_commits(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.commits as c (
    repository_id, sha, ref, message, author, authored_at, pushed_at, files, zones_touched, source_delivery
  )
  select distinct on (f.repository_id, f.sha)
    f.repository_id, f.sha, f.ref, f.message, f.author, f.authored_at, f.pushed_at, coalesce(f.files, '{}'),
    codered.zones_of(f.files, p.rules), merge_commits.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, sha text, ref text, message text, author text, authored_at timestamptz, pushed_at timestamptz,
    files text[]
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.repository_id, f.sha, f.pushed_at
  on conflict (repository_id, sha) do update
  set
    ref = excluded.ref,
    message = excluded.message,
    author = excluded.author,
    authored_at = excluded.authored_at,
    pushed_at = excluded.pushed_at,
    files = excluded.files,
    zones_touched = excluded.zones_touched,
    source_delivery = excluded.source_delivery
  where (coalesce(excluded.pushed_at, 'infinity'), excluded.source_delivery)
    < (coalesce(c.pushed_at, 'infinity'), c.source_delivery);

  -- From any that tells of it, whichever push was the earliest.
  update codered.commits c
  set merge_group_ref = greatest(c.merge_group_ref, g.merge_group_ref)
  from (
    select f.repository_id, f.sha, max(f.merge_group_ref) as merge_group_ref
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_ref text)
    where f.merge_group_ref is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha
    and c.merge_group_ref is distinct from greatest(c.merge_group_ref, g.merge_group_ref);

  -- Nothing comes after the end of a group, whichever of the two is told first.
  update codered.commits c
  set merge_group_end = g.merge_group_end
  from (
    select f.repository_id, f.sha, max(f.merge_group_end) as merge_group_end
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
    where f.merge_group_end is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha and c.merge_group_end is distinct from g.merge_group_end;

  -- What became of it stands in the comment of the pull request.
  select codered.look_again(f.repository_id, h.head_sha)
  from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
  cross join lateral codered.merge_group_head(f.repository_id, f.sha) h
  where f.merge_group_end is not null;

  select
    codered.queue_specs(merge_commits.facts), codered.queue_policy_looks(merge_commits.facts),
    codered.queue_bypass_looks(merge_commits.facts);
$$;
comment on function codered.merge_commits(json, text) is
  'Merges commits (the earliest push that brought one tells of it, that a merge queue asked about it, and what became of its group, comes from any that says so), queues the reading of the specs among their files, looks at what a policy among them may change, a look for bypasses where they went straight to the default branch, and the report of the pull request whose merge group has ended.';

create or replace function codered.current_runs(repository_id bigint, sha text)
returns setof codered.ci_events
language sql
stable
set search_path = ''
as $$
  -- Of one workflow and event the newest run counts, and of its attempts the newest. A stub does not know its workflow's
  -- path and event, but another attempt of the same run may. Where a workflow ran for the push and for the pull request,
  -- or for the push of a merge queue's commit and for its group, the run for the push is not told of, if both are of one
  -- branch of one repository. What ran for another event, or for a pull request of another branch,
  -- takes the place of neither: whoever opens one for a commit hides nothing that ran on it before.
  with attempts as (
    select
      e.id, e.provider, e.run_id, e.run_attempt,
      case when e.provider in ('github-actions', 'github-checks') and e.run_id ~ '^[0-9]{1,18}$' then e.run_id::bigint end
        as run_number,
      -- Two Apps may call their checks the same.
      case when e.provider = 'github-checks' then e.actor end as app,
      coalesce(max(e.workflow_path) over run, e.workflow_name) as workflow,
      coalesce(
        max(e.event) filter (where e.event <> 'unknown') over run,
        max(e.trigger) filter (
          where e.event is null and e.trigger <> 'other' and e.workflow_path is not null and e.source_delivery <> '') over run,
        max(e.event) over run,
        max(e.trigger) filter (where e.trigger <> 'other') over run, 'other') as event,
      max(e.branch) over run as branch,
      max(e.head_repository_id) over run as head_repository_id
    from codered.ci_events e
    where e.repository_id = current_runs.repository_id and e.commit_sha = current_runs.sha
      -- A job's own check run has its number: the job tells of it.
      and not (
        e.provider = 'github-checks' and e.actor = 'github-actions' and e.run_id ~ '^[0-9]{1,18}$'
        and exists (select from codered.ci_jobs j where j.job_id = e.run_id::bigint)
      )
      -- Another CodeRed waits for this one's check run, and so would this one for its.
      and not (
        e.provider = 'github-checks' and e.workflow_name = 'CodeRed' and e.actor is distinct from 'github-actions'
      )
    window run as (partition by e.provider, e.run_id)
  ), newest as (
    select distinct on (a.provider, a.app, a.workflow, a.event, o.branch, o.head_repository_id) a.*
    from attempts a
    cross join lateral (
      select
        case when a.event in ('pull_request', 'pull_request_target') then a.branch end as branch,
        case when a.event in ('pull_request', 'pull_request_target') then a.head_repository_id end as head_repository_id
    ) as o
    order by
      a.provider, a.app, a.workflow, a.event, o.branch, o.head_repository_id,
      a.run_number desc nulls last, a.run_id, a.run_attempt desc
  )
  select e.*
  from newest n
  join codered.ci_events e on e.id = n.id
  where not (
    n.event = 'push'
    and n.provider = 'github-actions'
    and exists (
      select 1
      from newest other
      where other.provider = n.provider and other.event in ('pull_request', 'merge_group') and other.workflow = n.workflow
        and other.branch = n.branch and other.head_repository_id = n.head_repository_id
    )
  )
$$;
comment on function codered.current_runs(bigint, text) is 'The runs, checks and statuses that count for a commit now, each in its newest attempt, without the check runs of jobs and those of another CodeRed.';

create or replace function codered.read_report(repository_id bigint, pull_request_number integer, sha text default null)
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

create function codered.read_circumstances(repository_id bigint, pull_request_number integer, sha text default null)
returns json
language sql
stable
set search_path = ''
as $$
  with pr as (
    select p.repository_id, p.number, p.state, coalesce(read_circumstances.sha, p.head_sha) as head_sha
    from codered.pull_requests p
    where p.repository_id = read_circumstances.repository_id and p.number = read_circumstances.pull_request_number
  ), runs as (
    select c.* from pr cross join lateral codered.current_runs(pr.repository_id, pr.head_sha) as c
  ), groups as (
    -- What a merge queue made for this head, the newest first.
    select
      g.*,
      row_number() over (order by g.authored_at desc nulls last, g.created_at desc, g.sha) as age,
      case
        when g.merge_group_end = 'merged' then 'passed'
        when ran.has_failed or g.is_refused then 'failed'
        when g.merge_group_end is not null then 'dropped'
        when ran.has_passed and not ran.is_open then 'passed'
      end as state
    from (
      select
        c.sha, c.authored_at, c.created_at, c.merge_group_end,
        coalesce(
          (
            select p.published_conclusion in ('failure', 'action_required')
            from codered.publications p
            where p.repository_id = c.repository_id and p.kind = 'check_run' and p.target = c.sha || ':CodeRed'
            order by p.generation desc
            limit 1
          ),
          false) as is_refused
      from pr
      join codered.commits c on c.repository_id = pr.repository_id and c.merge_group_ref is not null
      cross join lateral codered.merge_group_head(c.repository_id, c.sha) h
      where h.pull_request_number = pr.number
        and pr.state = 'open'
        and c.created_at >= coalesce(
          (
            select h.created_at
            from codered.pull_request_heads h
            where h.repository_id = pr.repository_id and h.pull_request_number = pr.number and h.sha = pr.head_sha
          ),
          '-infinity')
    ) as g
    cross join pr
    cross join lateral (
      select
        coalesce(bool_or(r.status = 'failed'), false) as has_failed,
        coalesce(bool_or(r.status in ('queued', 'running')), false) as is_open,
        coalesce(bool_and(r.status = 'succeeded'), false) as has_passed
      from codered.current_runs(pr.repository_id, g.sha) r
    ) as ran
  )
  select json_build_object(
    -- By the clock that the other times here are by.
    'now', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'others', coalesce(
      (
        select json_agg(
          json_build_object(
            'provider', r.provider, 'name', r.workflow_name, 'url', r.html_url, 'author', r.actor,
            'told_at', to_char(r.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'says', nullif(left(split_part(r.summary, E'\n', 1), 255), ''))
          order by r.provider, r.workflow_name, r.run_id)
        from runs r
        where r.provider <> 'github-actions'
      ),
      '[]'),
    -- No workflow ran: since when that is waited for, and whether CodeRed has spoken of other commits here, for then it is missed.
    'silence', (
      select json_build_object(
        'since', to_char(h.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'cause', h.silence_cause,
        'is_unusual', exists (
          select
          from codered.publications p
          where p.repository_id = pr.repository_id and p.kind = 'check_run'
            and p.target <> pr.head_sha || ':CodeRed' and p.published_conclusion is not null
        ))
      from codered.pull_request_heads h
      where h.repository_id = pr.repository_id and h.pull_request_number = pr.number and h.sha = pr.head_sha
        and pr.state = 'open'
        and read_circumstances.sha is null
        and not exists (select from runs r where r.provider = 'github-actions')
    ),
    'merge_queue', (
      select json_build_object(
        'commit_sha', g.sha, 'end', g.merge_group_end, 'is_refused', g.is_refused,
        'failed', coalesce(
          (
            select json_agg(json_build_object('name', x.name, 'url', x.url) order by x.name, x.url)
            from (
              select j.name, j.html_url as url
              from codered.current_runs(pr.repository_id, g.sha) r
              join codered.ci_jobs j on j.ci_event_id = r.id and j.status = 'failed'
              union all
              select r.workflow_name, r.html_url
              from codered.current_runs(pr.repository_id, g.sha) r
              where r.status = 'failed'
                and not exists (select from codered.ci_jobs j where j.ci_event_id = r.id and j.status = 'failed')
              order by 1, 2
              limit 20
            ) as x
          ),
          '[]'))
      from groups g
      where g.state in ('failed', 'dropped')
        -- Of those that have come to an end the newest; one that was made anew, as another left the queue, has not.
        and not exists (select from groups newer where newer.age < g.age and newer.state is not null)
        and not (
          g.state = 'dropped' and g.merge_group_end = 'invalidated'
          and exists (select from groups newer where newer.age < g.age)
        )
    ))
  from pr
$$;
comment on function codered.read_circumstances(bigint, integer, text) is
  'What stands around the report of a pull request, as Circumstances of src/report/circumstances.ts: whose the checks and statuses of other systems are, whether and since when no workflow ran on its head (silence), and what a merge queue dropped; null when unknown. sha: as of a former head.';

create function codered.note_silence(repository_id bigint, pull_request_number integer, sha text, cause text)
returns void
language sql
set search_path = ''
as $$
  update codered.pull_request_heads h
  set silence_cause = note_silence.cause
  where h.repository_id = note_silence.repository_id
    and h.pull_request_number = note_silence.pull_request_number
    and h.sha = note_silence.sha
    and h.silence_cause is distinct from note_silence.cause
$$;
comment on function codered.note_silence(bigint, integer, text, text) is
  'Keeps why no workflow ran on the head of a pull request: merge_conflict, approval or unknown.';

create function codered.queue_look_once(repository_id bigint, head_sha text, until timestamptz)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_look_once.head_sha), k.key,
    greatest(queue_look_once.until - now(), interval '0') + interval '2 seconds')
  from codered.repositories r
  cross join lateral (
    select format('deadline:%s:%s:%s', r.id, queue_look_once.head_sha, extract(epoch from queue_look_once.until)::bigint) as key
  ) as k
  where r.id = queue_look_once.repository_id
    and r.deleted_at is null
    and not exists (select from codered.agent_jobs j where j.dedupe_key = k.key)
$$;
comment on function codered.queue_look_once(bigint, text, timestamptz) is
  'Queues the report of a commit for when a wait of it is over, once for each such time.';

revoke execute on function
  codered.read_circumstances(bigint, integer, text), codered.note_silence(bigint, integer, text, text),
  codered.queue_look_once(bigint, text, timestamptz)
from public;
grant execute on function
  codered.read_circumstances(bigint, integer, text), codered.note_silence(bigint, integer, text, text),
  codered.queue_look_once(bigint, text, timestamptz)
to service_role;
