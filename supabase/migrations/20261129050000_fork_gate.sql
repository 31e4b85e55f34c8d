-- The gate knows the event behind each run: what a fork's author can set off, or hide, decides nothing. Old workers survive it, but do not tell of the event: until they are gone a run of pull_request_target counts as one of pull_request.

alter table codered.ci_events
  add column event text,
  add constraint ci_events_event_length check (char_length(event) between 1 and 100);
comment on column codered.ci_events.event is
  'GitHub''s own word for what set off the run, where trigger is another; null where trigger says it. unknown: the run is of before this was kept, and its delivery is gone.';

-- Of runs on the heads of open pull requests the deliveries say it that are still there. Of the others nobody can tell any more
-- which event of a pull request it was.
update codered.ci_events e
set event = 'unknown'
where e.provider = 'github-actions' and e.trigger = 'pull_request' and e.source_delivery <> '';
update codered.ci_events e
set event = nullif(told.event, 'pull_request')
from (
  select o.id, left(max(d.payload -> 'workflow_run' ->> 'event'), 100) as event
  from codered.ci_events o
  join codered.webhook_deliveries d on d.guid = o.source_delivery and d.event = 'workflow_run'
  where o.event = 'unknown'
    and exists (
      select
      from codered.pull_requests pr
      where pr.repository_id = o.repository_id and pr.head_sha = o.commit_sha and pr.state = 'open'
    )
  group by o.id
) as told
where told.id = e.id and told.event <> '';

alter table codered.pull_requests
  add column based_at timestamptz;
comment on column codered.pull_requests.based_at is
  'When its base became another branch than the one it was known with; null: it never did. Runs of before merged it into another branch.';

create or replace function codered.merge_pull_requests(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.pull_requests as pr (
    repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, state, draft,
    author, opened_at, merged_at, merge_commit_sha, merged_by, source_updated_at, source_delivery
  )
  select distinct on (f.repository_id, f.number)
    f.repository_id, f.number, f.title, f.html_url, f.head_sha, f.head_ref, f.head_repository_id, f.base_ref, f.base_sha,
    f.state, f.draft, f.author, f.opened_at, f.merged_at, f.merge_commit_sha, f.merged_by, f.source_updated_at,
    merge_pull_requests.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, number integer, title text, html_url text, head_sha text, head_ref text,
    head_repository_id bigint, base_ref text, base_sha text, state text, draft boolean, author text,
    opened_at timestamptz, merged_at timestamptz, merge_commit_sha text, merged_by text, source_updated_at timestamptz
  )
  order by f.repository_id, f.number, f.source_updated_at desc
  on conflict (repository_id, number) do update
  set
    title = excluded.title,
    html_url = excluded.html_url,
    head_sha = excluded.head_sha,
    head_ref = excluded.head_ref,
    head_repository_id = excluded.head_repository_id,
    base_ref = excluded.base_ref,
    base_sha = excluded.base_sha,
    state = excluded.state,
    draft = excluded.draft,
    author = excluded.author,
    opened_at = excluded.opened_at,
    merged_at = excluded.merged_at,
    merge_commit_sha = excluded.merge_commit_sha,
    -- Only some payloads name who merged; it never changes.
    merged_by = coalesce(excluded.merged_by, pr.merged_by),
    based_at = case
      when excluded.base_ref <> pr.base_ref then greatest(pr.based_at, excluded.source_updated_at)
      else pr.based_at
    end,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (pr.source_updated_at, pr.source_delivery);

  -- Also from a payload that is older than what stands.
  update codered.pull_requests pr
  set merged_by = f.merged_by
  from json_to_recordset(facts) as f (repository_id bigint, number integer, merged_by text)
  where pr.repository_id = f.repository_id and pr.number = f.number and pr.merged_by is null and f.merged_by is not null;

  -- The event that changed the base tells when, whether it comes first or last. Where that is lost, a payload of before with
  -- another base tells that it was changed: by the time of what stands, at the latest. One that is known to have been changed
  -- since says nothing new.
  update codered.pull_requests pr
  set based_at = told.based_at
  from (
    select
      p.repository_id, p.number,
      greatest(
        max(f.based_at),
        max(p.source_updated_at) filter (
          where f.base_ref <> p.base_ref and coalesce(p.based_at, '-infinity') <= f.source_updated_at)) as based_at
    from json_to_recordset(facts) as f (
      repository_id bigint, number integer, base_ref text, based_at timestamptz, source_updated_at timestamptz
    )
    join codered.pull_requests p on p.repository_id = f.repository_id and p.number = f.number
    group by p.repository_id, p.number
  ) as told
  where pr.repository_id = told.repository_id and pr.number = told.number
    and told.based_at > coalesce(pr.based_at, '-infinity');

  -- A list that we asked for tells no event: what it says of a head is not kept. Each column only ever grows, so the order can't matter.
  insert into codered.pull_request_heads as h (repository_id, pull_request_number, sha, came_at, is_pushed, told_at)
  select f.repository_id, f.number, s.sha, max(s.came_at), bool_or(s.is_pushed), max(f.source_updated_at)
  from json_to_recordset(facts) as f (
    repository_id bigint, number integer, head_sha text, head_arrival text, former_head_sha text, source_updated_at timestamptz
  )
  cross join lateral (
    values
      (f.head_sha, case when f.head_arrival is not null then f.source_updated_at end, f.head_arrival is not distinct from 'pushed'),
      (f.former_head_sha, null, false)
  ) as s (sha, came_at, is_pushed)
  where s.sha is not null and merge_pull_requests.delivery <> ''
  group by f.repository_id, f.number, s.sha
  on conflict (repository_id, pull_request_number, sha) do update
  set
    came_at = greatest(h.came_at, excluded.came_at),
    is_pushed = h.is_pushed or excluded.is_pushed,
    told_at = greatest(h.told_at, excluded.told_at)
  where (h.came_at, h.is_pushed, h.told_at) is distinct from
    (greatest(h.came_at, excluded.came_at), h.is_pushed or excluded.is_pushed, greatest(h.told_at, excluded.told_at))
$$;
comment on function codered.merge_pull_requests(json, text) is
  'Merges pull requests: the newest payload tells of one; who merged it comes from any that says so, and so does when its heads came and since when it has its base.';

create or replace function codered.merge_ci_events(facts json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
begin
  insert into codered.ci_events as e (
    project_id, repository_id, provider, workflow_name, workflow_path, run_id, run_attempt, branch, head_repository_id,
    commit_sha, status, conclusion, trigger, event, start_time, end_time, pull_request_numbers, html_url, actor, summary,
    source_updated_at, source_delivery
  )
  select distinct on (f.provider, f.repository_id, f.run_id, f.run_attempt)
    r.project_id, f.repository_id, f.provider, f.workflow_name, f.workflow_path, f.run_id, f.run_attempt, f.branch,
    f.head_repository_id, f.commit_sha, f.status, f.conclusion, f.trigger, f.event, f.start_time, f.end_time,
    coalesce(f.pull_request_numbers, '{}'), f.html_url, f.actor, f.summary,
    coalesce(f.source_updated_at, '-infinity'), merge_ci_events.delivery
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, workflow_name text, workflow_path text,
    branch text, head_repository_id bigint, commit_sha text, status text, conclusion text, trigger text, event text,
    start_time timestamptz, end_time timestamptz, pull_request_numbers integer[], html_url text, actor text,
    summary text, source_updated_at timestamptz
  )
  join codered.repositories r on r.id = f.repository_id
  order by f.provider, f.repository_id, f.run_id, f.run_attempt, f.source_updated_at desc nulls last
  on conflict (provider, repository_id, run_id, run_attempt) do update
  set
    workflow_name = excluded.workflow_name,
    workflow_path = excluded.workflow_path,
    branch = excluded.branch,
    head_repository_id = excluded.head_repository_id,
    commit_sha = excluded.commit_sha,
    status = excluded.status,
    conclusion = excluded.conclusion,
    trigger = excluded.trigger,
    -- A job's stub, and a worker of before, do not tell.
    event = coalesce(excluded.event, e.event),
    start_time = least(e.start_time, excluded.start_time),
    end_time = greatest(e.end_time, excluded.end_time),
    pull_request_numbers = excluded.pull_request_numbers,
    html_url = excluded.html_url,
    actor = excluded.actor,
    summary = excluded.summary,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where codered.is_newer(
    e.provider,
    excluded.status, excluded.source_updated_at, excluded.source_delivery,
    e.status, e.source_updated_at, e.source_delivery
  );

  -- A source that lost still has a say in when it began and ended.
  update codered.ci_events e
  set start_time = least(e.start_time, f.start_time), end_time = greatest(e.end_time, f.end_time)
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, start_time timestamptz, end_time timestamptz
  )
  where e.provider = f.provider and e.repository_id = f.repository_id
    and e.run_id = f.run_id and e.run_attempt = f.run_attempt
    and (e.start_time is distinct from least(e.start_time, f.start_time)
      or e.end_time is distinct from greatest(e.end_time, f.end_time));

  return query
    select e.id
    from json_to_recordset(facts) as f (provider text, repository_id bigint, run_id text, run_attempt integer)
    join codered.ci_events e
      on e.provider = f.provider and e.repository_id = f.repository_id
      and e.run_id = f.run_id and e.run_attempt = f.run_attempt;
end
$$;
comment on function codered.merge_ci_events(json, text) is 'Merges CI events and returns the ids of those that were told of.';

create function codered.identity_of_run(repository_id bigint, run_id text)
returns table (workflow_path text, event text, branch text, head_repository_id bigint)
language sql
stable
set search_path = ''
as $$
  -- One attempt that was told of says it for all; where the event of a former one was not kept, one that was told of since.
  select
    max(a.workflow_path),
    coalesce(
      max(a.event) filter (where a.event <> 'unknown'),
      max(a.trigger) filter (
        where a.event is null and a.trigger <> 'other' and a.workflow_path is not null and a.source_delivery <> ''),
      max(a.event), max(a.trigger) filter (where a.trigger <> 'other'),
      max(a.trigger) filter (where a.workflow_path is not null)),
    max(a.branch),
    max(a.head_repository_id)
  from codered.ci_events a
  where a.provider = 'github-actions'
    and a.repository_id = identity_of_run.repository_id
    and a.run_id = identity_of_run.run_id
$$;
comment on function codered.identity_of_run(bigint, text) is
  'The workflow file of a run, what set it off, in GitHub''s word, and the branch and repository that it is of; null until GitHub has told of the run itself and not of its jobs alone.';

create function codered.is_run_for(pr codered.pull_requests, event text, branch text, head_repository_id bigint)
returns boolean
language sql
immutable
set search_path = ''
as $$
  -- Whoever opens a pull request of the same commit, from another branch or another fork, into whatever branch, has it run.
  -- A run of a fork that is gone may be anybody's. Other events, and what is not told of yet, are judged by what they are.
  select case
    when is_run_for.event in ('pull_request', 'pull_request_target')
      then coalesce(
        is_run_for.branch = (is_run_for.pr).head_ref
          and is_run_for.head_repository_id = (is_run_for.pr).head_repository_id,
        false)
    else true
  end
$$;
comment on function codered.is_run_for(codered.pull_requests, text, text, bigint) is
  'Whether a run on a commit may be this pull request''s: one that a pull request set off is, if it is of its branch and its repository.';

create or replace function codered.current_runs(repository_id bigint, sha text)
returns setof codered.ci_events
language sql
stable
set search_path = ''
as $$
  -- Of one workflow and event the newest run counts, and of its attempts the newest. A stub does not know its workflow's
  -- path and event, but another attempt of the same run may. Where a workflow ran for the push and for the pull request,
  -- the pull request's run is the one that is told of, if both are of one branch of one repository. What ran for another event, or for a pull request of another branch,
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
      where other.provider = n.provider and other.event = 'pull_request' and other.workflow = n.workflow
        and other.branch = n.branch and other.head_repository_id = n.head_repository_id
    )
  )
$$;
comment on function codered.current_runs(bigint, text) is 'The runs, checks and statuses that count for a commit now, each in its newest attempt.';

drop function codered.signals_of(bigint, text);
create function codered.signals_of(repository_id bigint, sha text)
returns table (
  kind text, name text, origin text, workflow_path text, attempt integer, status text, conclusion text, url text, at timestamptz,
  event text, author text, branch text, head_repository_id bigint
)
language sql
stable
set search_path = ''
as $$
  with runs as (
    select c.* from codered.current_runs(signals_of.repository_id, signals_of.sha) as c
  ), jobs as (
    -- A partial re-run holds only the jobs that ran again: the others carry over from the attempt before. Until it is over,
    -- nobody knows which will.
    select
      i.workflow_path as path, i.event, i.branch, i.head_repository_id, r.status in ('queued', 'running') as is_under_way, o.run_attempt, o.covered_by,
      r.run_attempt as newest_attempt, r.source_updated_at as run_at, o.id, o.name,
      rank() over (partition by r.id, o.name order by o.run_attempt desc) as age
    from runs r
    cross join lateral codered.identity_of_run(r.repository_id, r.run_id) as i
    cross join lateral codered.jobs_of_run(r.repository_id, r.run_id) as o
    where r.provider = 'github-actions'
  )
  select
    'job',
    t.name,
    coalesce(regexp_replace(t.path, '^.*/', ''), ''),
    t.path,
    case when t.is_under_way then t.newest_attempt else a.run_attempt end,
    case
      when t.run_attempt < t.newest_attempt and t.is_under_way then 'running'
      -- The webhook of the job's end was lost: nobody knows how it ended.
      when not t.is_under_way and j.status in ('queued', 'running') then 'canceled'
      else j.status
    end,
    case when t.run_attempt < t.newest_attempt and t.is_under_way then null else j.conclusion end,
    j.html_url,
    greatest(j.source_updated_at, t.run_at),
    t.event,
    null,
    t.branch,
    t.head_repository_id
  from jobs t
  -- A part of a matrix that was skipped as a whole later is what that is.
  join codered.ci_jobs j on j.id = coalesce(t.covered_by, t.id)
  join codered.ci_events a on a.id = j.ci_event_id
  where t.age = 1
  union all
  select
    case r.provider when 'github-status' then 'status' else 'check' end,
    r.workflow_name,
    case r.provider when 'github-checks' then coalesce(r.actor, '') else '' end,
    null,
    r.run_attempt,
    r.status,
    r.conclusion,
    r.html_url,
    r.source_updated_at,
    null,
    r.actor,
    null,
    null
  from runs r
  where r.provider in ('github-checks', 'github-status')
$$;
comment on function codered.signals_of(bigint, text) is
  'The jobs, checks and statuses that count for a commit, each in its newest attempt, a job that a skipped or cancelled one covers (jobs_of_run) as that one: Signal of src/gate/gathered.ts without trust. event: GitHub''s word for what set off the job''s run, null until that is told, as workflow_path then is; author: the slug of the check run''s App, the login of the status'' creator; branch and head_repository_id: of the job''s run.';

create or replace function codered.read_gate_subject(repository_id bigint, pull_request_number integer, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name, 'installation_id', r.installation_id, 'default_branch', r.default_branch),
    'pull_request', json_build_object(
      'number', pr.number, 'base_ref', pr.base_ref, 'head_ref', pr.head_ref, 'head_sha', pr.head_sha, 'author', pr.author,
      'is_fork', pr.head_repository_id is distinct from pr.repository_id,
      -- GitHub does not say of a run which pull request of a fork it is for, and each merges the branch into another one.
      'twins', coalesce(
        (
          select json_agg(o.number order by o.number)
          from codered.pull_requests o
          where o.repository_id = pr.repository_id
            and o.head_sha = pr.head_sha
            and o.head_ref = pr.head_ref
            and o.head_repository_id is not distinct from pr.head_repository_id
            -- One that was moved here ran into another one before.
            and (o.base_ref <> pr.base_ref or (o.number <> pr.number and o.based_at is not null))
        ),
        '[]')),
    'version', codered.read_evidence_version(r.id, read_gate_subject.sha),
    'merge_group', exists (
      select from codered.merge_group_head(r.id, read_gate_subject.sha) h where h.pull_request_number = pr.number
    ),
    'since', coalesce(
      (
        -- When it was judged first: what was read before for information waited for nothing.
        select min(e.created_at)
        from codered.runs g
        join codered.gate_executions e on e.run_id = g.id
        where g.repository_id = r.id and g.commit_sha = read_gate_subject.sha and e.phase = 'definition_of_done'
      ),
      now()),
    'sprint', (
      select json_build_object('id', s.id, 'label', s.label, 'dod_json', s.dod_json)
      from codered.find_sprint(
        -- The base branch decides where it has one. A fork's branch is another one, though it has the name of one here.
        r.id, array[pr.base_ref, case when pr.head_repository_id = pr.repository_id then pr.head_ref end]) s
      where s.id is not null
    ),
    'signals', coalesce(
      (
        select json_agg(s order by s.kind, s.name, s.origin, s.url)
        from codered.signals_of(r.id, read_gate_subject.sha) s
        where codered.is_run_for(pr, s.event, s.branch, s.head_repository_id)
      ),
      '[]'),
    'runs', coalesce(
      (
        select json_agg(
          json_build_object(
            'ci_event_id', e.id, 'run_id', e.run_id, 'workflow', coalesce(regexp_replace(i.workflow_path, '^.*/', ''), ''),
            'workflow_path', i.workflow_path, 'event', i.event, 'attempt', e.run_attempt, 'is_over', e.status not in ('queued', 'running'),
            'at', e.source_updated_at,
            'is_read', exists (
              select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status in ('completed', 'failed')
            ),
            -- A re-run merges into the same branch as its first attempt did.
            'is_former', coalesce(
              (
                select min(a.start_time)
                from codered.ci_events a
                where a.provider = e.provider and a.repository_id = e.repository_id and a.run_id = e.run_id
              -- GitHub tells whole seconds, and makes a run some time after what set it off.
              ) < pr.based_at + interval '2 minutes',
              false))
          order by e.run_id)
        from codered.current_runs(r.id, read_gate_subject.sha) as e
        cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
        where e.provider = 'github-actions'
          and codered.is_run_for(pr, i.event, i.branch, i.head_repository_id)
      ),
      '[]'),
    'reports', coalesce(
      (
        select json_agg(
          json_build_object(
            'artifact', f.file_name, 'run_id', f.run_id, 'workflow', coalesce(regexp_replace(f.workflow_path, '^.*/', ''), ''),
            'workflow_path', f.workflow_path, 'event', f.event, 'attempt', f.made_in, 'url', f.url, 'at', f.created_at, 'content', f.content,
            'is_stale', f.is_stale)
          order by f.file_name, f.id)
        from (
          -- Of an upload's name the newest attempt's counts; what the jobs that did not run again uploaded carries over.
          select distinct on (e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end)
            a.file_name, a.url, a.created_at, a.content, a.id, e.run_id, i.workflow_path, i.event, age.made_in,
            age.is_stale
          from codered.current_runs(r.id, read_gate_subject.sha) as e
          cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
          cross join lateral codered.judge_artifacts(e.repository_id, e.run_id, e.run_attempt) as age
          join codered.artifacts a on a.id = age.artifact_id
          join codered.ci_events attempt on attempt.id = a.ci_event_id
          where e.provider = 'github-actions'
            and codered.is_run_for(pr, i.event, i.branch, i.head_repository_id)
            -- What members write of their own has no run, and is no evidence.
            and a.run_id is not null
            -- Reading an attempt's artifacts takes over what GitHub still lists of those before.
            and (attempt.id = e.id or a.github_artifact_id is null)
            -- Where reading was given up, what was read for information may be the better half.
            and (
              a.github_artifact_id is null
              or not exists (select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status = 'failed')
            )
          order by
            e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end,
            attempt.run_attempt desc, a.created_at desc, a.id
        ) as f
      ),
      '[]'),
    'overrides', coalesce(
      (
        select json_agg(
          json_build_object('criterion', o.criterion, 'by', o."user", 'reason', o.reason, 'expires_at', o.expires_at)
          order by o.created_at desc, o.id)
        from codered.user_overrides o
        where o.repository_id = r.id
          and o.pull_request_number = pr.number
          and o.criterion is not null
          and o.revoked_at is null
          and (o.commit_sha = read_gate_subject.sha or (o.commit_sha is null and o.expires_at > now()))
      ),
      '[]')
  )
  from codered.pull_requests pr
  join codered.repositories r on r.id = pr.repository_id
  where pr.repository_id = read_gate_subject.repository_id
    and pr.number = read_gate_subject.pull_request_number
    and r.deleted_at is null
$$;
comment on function codered.read_gate_subject(bigint, integer, text) is
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be judged by, without what ran for another one of the same commit (is_run_for), whether a merge queue made it (merge_group), which other pull requests bring the same branch into another one (twins), and of each run whether it began before the pull request had its base (is_former); null when it is unknown.';

revoke execute on function
  codered.identity_of_run(bigint, text), codered.is_run_for(codered.pull_requests, text, text, bigint), codered.signals_of(bigint, text)
from public;
grant execute on function
  codered.identity_of_run(bigint, text), codered.is_run_for(codered.pull_requests, text, text, bigint), codered.signals_of(bigint, text)
to service_role;
