-- Runs of CI and their jobs.

create table codered.ci_events (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  provider text not null,
  workflow_name text not null,
  workflow_path text,
  run_id text not null,
  run_attempt integer not null default 1,
  branch text,
  head_repository_id bigint,
  commit_sha text not null,
  status text not null,
  conclusion text,
  trigger text not null,
  zones_touched text[],
  start_time timestamptz,
  end_time timestamptz,
  -- Another system may write any times between the years 1 and 9999 into its check run.
  duration_seconds integer generated always as
    (least(greatest(0, extract(epoch from end_time - start_time)), 2147483647)::integer) stored,
  pull_request_numbers integer[] not null default '{}',
  html_url text,
  actor text,
  summary text,
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  event text,
  constraint ci_events_run_key unique (provider, repository_id, run_id, run_attempt),
  constraint ci_events_provider_check check (
    provider in ('github-actions', 'github-checks', 'github-status', 'other')
    or codered.refuse_value('ci_events.provider', provider, 'github-actions, github-checks, github-status, other')
  ),
  constraint ci_events_status_check check (
    status in ('queued', 'running', 'succeeded', 'failed', 'canceled')
    or codered.refuse_value('ci_events.status', status, 'queued, running, succeeded, failed, canceled')
  ),
  constraint ci_events_trigger_check check (
    trigger in ('push', 'pull_request', 'manual', 'schedule', 'merge_group', 'other')
    or codered.refuse_value('ci_events.trigger', trigger, 'push, pull_request, manual, schedule, merge_group, other')
  ),
  constraint ci_events_run_attempt_check check (run_attempt >= 1 or codered.refuse_value('ci_events.run_attempt', run_attempt, '1 or more')),
  constraint ci_events_summary_length check (
    char_length(summary) <= 4000
    or codered.refuse_value('ci_events.summary', summary, 'at most 4000 characters')
  ),
  constraint ci_events_event_length check (char_length(event) between 1 and 100)
);
comment on table codered.ci_events is
  'One attempt of a workflow run, or one check run or commit status of another CI system. A re-run is a new row.';
comment on column codered.ci_events.run_id is 'GitHub''s run id; the check run''s id; "<sha>:<context>" for a commit status.';
comment on column codered.ci_events.conclusion is 'GitHub''s own word; status is what we make of it.';
comment on column codered.ci_events.summary is 'What another CI system says in its check''s output or status'' description.';
comment on column codered.ci_events.source_updated_at is 'GitHub''s own time of the state in this row; -infinity for a row that was only mentioned (by a job).';
comment on column codered.ci_events.event is
  'GitHub''s own word for what set off the run, where trigger is another; null where trigger says it. unknown: the run is of before this was kept, and its delivery is gone.';
create index ci_events_project_id_idx on codered.ci_events (project_id, start_time desc);
create index ci_events_commit_sha_idx on codered.ci_events (repository_id, commit_sha);
create index ci_events_branch_idx on codered.ci_events (repository_id, branch, start_time desc);
-- Most runs are about one pull request at the most; the few others stand in an index of their own. Both can be asked under row security, as one of all numbers (gin) could not.
create index ci_events_pull_request_idx on codered.ci_events (project_id, (pull_request_numbers[1])) where pull_request_numbers[1] is not null;
create index ci_events_pull_requests_idx on codered.ci_events (project_id) where pull_request_numbers[2] is not null;
alter table codered.ci_events enable row level security;
create policy ci_events_read on codered.ci_events for select to authenticated
  using (repository_id in (select codered.my_repositories()));
grant select on codered.ci_events to authenticated;
grant select, insert, update, delete on codered.ci_events to service_role;
create trigger ci_events_touch before update on codered.ci_events
  for each row execute function codered.touch_updated_at();

create table codered.ci_jobs (
  id uuid primary key default gen_random_uuid(),
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  job_id bigint not null,
  name text not null,
  status text not null,
  conclusion text,
  runner_name text,
  labels text[] not null default '{}',
  started_at timestamptz,
  completed_at timestamptz,
  steps jsonb not null default '[]',
  html_url text,
  log_state text not null default 'none',
  source_updated_at timestamptz not null,
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ci_jobs_job_id_key unique (job_id),
  constraint ci_jobs_status_check check (
    status in ('queued', 'running', 'succeeded', 'failed', 'canceled')
    or codered.refuse_value('ci_jobs.status', status, 'queued, running, succeeded, failed, canceled')
  ),
  constraint ci_jobs_log_state_check check (
    log_state in ('none', 'fetched', 'missing', 'expired')
    or codered.refuse_value('ci_jobs.log_state', log_state, 'none, fetched, missing, expired')
  )
);
comment on table codered.ci_jobs is 'A job of one attempt. Its id is never reused, so attempts keep their own jobs.';
comment on column codered.ci_jobs.log_state is 'Written by the diagnosis: missing is a log GitHub never had, expired one past its retention.';
create index ci_jobs_ci_event_id_idx on codered.ci_jobs (ci_event_id);
alter table codered.ci_jobs enable row level security;
-- A scalar look-up, not exists: Postgres would answer that for all rows at once, and read the whole table that it asks.
create policy ci_jobs_read on codered.ci_jobs for select to authenticated
  using ((select true from codered.ci_events e where e.id = ci_jobs.ci_event_id));
grant select on codered.ci_jobs to authenticated;
grant select, insert, update, delete on codered.ci_jobs to service_role;
create trigger ci_jobs_touch before update on codered.ci_jobs
  for each row execute function codered.touch_updated_at();

create function codered.merge_ci_events(facts json, delivery text)
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
    -- GitHub's time of a run goes on after its end, so an answer of later does not know when that was.
    end_time = case
      when codered.is_asked(excluded.source_delivery) then coalesce(e.end_time, excluded.end_time)
      when codered.is_asked(e.source_delivery) then coalesce(excluded.end_time, e.end_time)
      else greatest(e.end_time, excluded.end_time)
    end,
    -- Nor which pull requests it belonged to, once they are closed.
    pull_request_numbers = case
      when codered.is_asked(excluded.source_delivery) and excluded.pull_request_numbers = '{}' then e.pull_request_numbers
      else excluded.pull_request_numbers
    end,
    html_url = excluded.html_url,
    actor = excluded.actor,
    summary = excluded.summary,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where case
    -- Of two that are as far, what GitHub sent counts, whatever their times.
    when codered.is_asked(excluded.source_delivery) <> codered.is_asked(e.source_delivery)
        and codered.status_rank(excluded.status) = codered.status_rank(e.status)
        and e.source_updated_at > '-infinity' and excluded.source_updated_at > '-infinity'
      then codered.is_asked(e.source_delivery)
    else codered.is_newer(
      e.provider,
      excluded.status, excluded.source_updated_at, excluded.source_delivery,
      e.status, e.source_updated_at, e.source_delivery
    )
  end;

  -- A source that lost still has a say in when it began and ended; what was asked for only where nobody else told.
  update codered.ci_events e
  set start_time = s.start_time, end_time = s.end_time, pull_request_numbers = s.pull_request_numbers
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, start_time timestamptz, end_time timestamptz,
    pull_request_numbers integer[]
  )
  cross join lateral (
    select
      least(o.start_time, f.start_time) as start_time,
      case
        when codered.is_asked(merge_ci_events.delivery) then coalesce(o.end_time, f.end_time)
        else greatest(o.end_time, f.end_time)
      end as end_time,
      case
        when codered.is_asked(o.source_delivery) and o.pull_request_numbers = '{}' then coalesce(f.pull_request_numbers, '{}')
        else o.pull_request_numbers
      end as pull_request_numbers
    from codered.ci_events o
    where o.provider = f.provider and o.repository_id = f.repository_id
      and o.run_id = f.run_id and o.run_attempt = f.run_attempt
  ) as s
  where e.provider = f.provider and e.repository_id = f.repository_id
    and e.run_id = f.run_id and e.run_attempt = f.run_attempt
    and (e.start_time, e.end_time, e.pull_request_numbers) is distinct from (s.start_time, s.end_time, s.pull_request_numbers);

  return query
    select e.id
    from json_to_recordset(facts) as f (provider text, repository_id bigint, run_id text, run_attempt integer)
    join codered.ci_events e
      on e.provider = f.provider and e.repository_id = f.repository_id
      and e.run_id = f.run_id and e.run_attempt = f.run_attempt;
end
$$;
comment on function codered.merge_ci_events(json, text) is 'Merges CI events and returns the ids of those in the facts.';
revoke execute on function codered.merge_ci_events from public;
grant execute on function codered.merge_ci_events to service_role;

create function codered.merge_ci_jobs(facts json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
begin
  insert into codered.ci_jobs as j (
    ci_event_id, job_id, name, status, conclusion, runner_name, labels, started_at, completed_at, steps, html_url,
    source_updated_at, source_delivery
  )
  select distinct on (f.job_id)
    e.id, f.job_id, f.name, f.status, f.conclusion, f.runner_name, coalesce(f.labels, '{}'), f.started_at, f.completed_at,
    coalesce(f.steps, '[]'), f.html_url, f.source_updated_at, merge_ci_jobs.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, run_id text, run_attempt integer, job_id bigint, name text, status text, conclusion text,
    runner_name text, labels text[], started_at timestamptz, completed_at timestamptz, steps jsonb, html_url text,
    source_updated_at timestamptz
  )
  join codered.ci_events e
    on e.provider = 'github-actions' and e.repository_id = f.repository_id
    and e.run_id = f.run_id and e.run_attempt = f.run_attempt
  order by f.job_id, codered.status_rank(f.status) desc, f.source_updated_at desc
  on conflict (job_id) do update
  set
    name = excluded.name,
    status = excluded.status,
    conclusion = excluded.conclusion,
    runner_name = excluded.runner_name,
    labels = excluded.labels,
    started_at = least(j.started_at, excluded.started_at),
    completed_at = greatest(j.completed_at, excluded.completed_at),
    steps = excluded.steps,
    html_url = excluded.html_url,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where codered.is_newer(
    'github-actions',
    excluded.status, excluded.source_updated_at, excluded.source_delivery,
    j.status, j.source_updated_at, j.source_delivery
  );

  update codered.ci_jobs j
  set started_at = least(j.started_at, f.started_at), completed_at = greatest(j.completed_at, f.completed_at)
  from json_to_recordset(facts) as f (job_id bigint, started_at timestamptz, completed_at timestamptz)
  where j.job_id = f.job_id
    and (j.started_at is distinct from least(j.started_at, f.started_at)
      or j.completed_at is distinct from greatest(j.completed_at, f.completed_at));

  return query
    select j.id
    from json_to_recordset(facts) as f (job_id bigint)
    join codered.ci_jobs j on j.job_id = f.job_id;
end
$$;
comment on function codered.merge_ci_jobs(json, text) is 'Merges jobs and returns the ids of those in the facts; their CI events stand already.';
revoke execute on function codered.merge_ci_jobs from public;
grant execute on function codered.merge_ci_jobs to service_role;

-- What one delivery moves is found by its ids first. An "or" between two ways to a row left no index to use: every delivery read
-- all commits, which took seconds once there were a million runs.
create function codered.recompute_zones(ci_event_ids uuid[], commits json)
returns void
language sql
set search_path = ''
as $$
  update codered.ci_events e
  set zones_touched = c.zones_touched
  from (
    select told.id
    from unnest(recompute_zones.ci_event_ids) as told (id)
    union
    select of_commit.id
    from json_to_recordset(recompute_zones.commits) as f (repository_id bigint, sha text)
    join codered.ci_events of_commit on of_commit.repository_id = f.repository_id and of_commit.commit_sha = f.sha
  ) as touched, codered.commits c
  where e.id = touched.id
    and c.repository_id = e.repository_id and c.sha = e.commit_sha
    and e.zones_touched is distinct from c.zones_touched
$$;
comment on function codered.recompute_zones(uuid[], json) is 'Gives CI events the zones of their commit, whichever came first.';
revoke execute on function codered.recompute_zones from public;
grant execute on function codered.recompute_zones to service_role;

create function codered.heads_after(repository_id bigint, sha text)
returns setof text
language sql
stable
set search_path = ''
as $$
  select heads_after.sha
  union
  select pr.head_sha
  from codered.ci_events e
  join codered.pull_requests pr
    on pr.repository_id = e.repository_id
    and pr.head_ref = e.branch
    and pr.head_repository_id is not distinct from e.head_repository_id
  where e.repository_id = heads_after.repository_id
    and e.commit_sha = heads_after.sha
    and e.trigger = 'pull_request'
$$;
comment on function codered.heads_after(bigint, text) is
  'The commit, and the heads that took its place on its pull requests: they tell of what had failed on it, and of what fixed it.';
revoke execute on function codered.heads_after from public;
grant execute on function codered.heads_after to service_role;

create function codered.current_runs(repository_id bigint, sha text)
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
revoke execute on function codered.current_runs from public;
grant execute on function codered.current_runs to service_role;

create function codered.jobs_of_run(repository_id bigint, run_id text)
returns table (id uuid, run_attempt integer, name text, covered_by uuid, has_new_name boolean)
language sql
stable
set search_path = ''
as $$
  with told as materialized (
    select j.id, a.run_attempt, j.name, j.status = 'canceled' or j.conclusion is not distinct from 'skipped' as is_blank
    from codered.ci_events a
    join codered.ci_jobs j on j.ci_event_id = a.id
    where a.provider = 'github-actions' and a.repository_id = jobs_of_run.repository_id and a.run_id = jobs_of_run.run_id
  ), names as materialized (
    select
      t.name, min(t.run_attempt) as oldest, max(t.run_attempt) as newest,
      (array_agg(t.id order by t.run_attempt desc, t.id))[1] as id
    from told t
    group by t.name
  ), blanks as materialized (
    -- A matrix that is skipped before it expands is one job, under the name that its parts begin with or with its expressions as they
    -- are written. A skipped call of a workflow is one as well. The name is a stranger's: what like understands of it is escaped.
    select b.*, row_number() over (order by b.newest, b.name) as place, array[l.word, l.word || ' (%', l.word || ' / %'] as patterns
    from (
      select
        t.name, min(t.run_attempt) as oldest, max(t.run_attempt) as newest,
        (array_agg(t.id order by t.run_attempt desc, t.id))[1] as id
      from told t
      where t.is_blank
      group by t.name
    ) as b
    cross join lateral (
      select regexp_replace(regexp_replace(b.name, '([\\%_])', '\\\1', 'g'), '\$\{\{.*?\}\}', '%', 'g') as word
    ) as l
  ), fits as materialized (
    select n.name, n.oldest, b.name as blank, b.oldest as blank_oldest, b.place
    from names n
    join blanks b on b.name <> n.name and n.name like any (b.patterns)
  ), covered as materialized (
    -- There may be as many fits as pairs of names: nothing below looks through them again.
    select f.name, max(f.place) as place, min(f.blank_oldest) as oldest
    from fits f
    group by f.name
  ), covering as materialized (
    select f.blank, min(f.oldest) as oldest
    from fits f
    group by f.blank
  )
  select
    t.id, t.run_attempt, t.name,
    case
      when b.newest > greatest(n.newest, t.run_attempt) then b.id
      when n.newest > t.run_attempt then n.id
    end,
    t.run_attempt = n.oldest and (c.oldest < t.run_attempt) is not true and (o.oldest < t.run_attempt) is not true
  from told t
  join names n on n.name = t.name
  left join covered c on c.name = t.name
  left join blanks b on b.place = c.place
  left join covering o on o.blank = t.name
$$;
comment on function codered.jobs_of_run(bigint, text) is
  'The jobs of all attempts of a workflow run. covered_by: the newest job of a later attempt that stands for it: one of its name, or a skipped or cancelled one whose name is what its own begins with before " (" or " / ", or fits it when each ${{…}} stands for anything; null when it did not run again. has_new_name: no attempt before had a job of that name, nor one that stands for it or that it stands for.';
revoke execute on function codered.jobs_of_run from public;
grant execute on function codered.jobs_of_run to service_role;

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
  'The workflow file of a run, what set it off, in GitHub''s word, and the branch and repository that it is of; null until GitHub has sent the run itself and not its jobs alone.';
revoke execute on function codered.identity_of_run from public;
grant execute on function codered.identity_of_run to service_role;

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
revoke execute on function codered.is_run_for from public;
grant execute on function codered.is_run_for to service_role;
