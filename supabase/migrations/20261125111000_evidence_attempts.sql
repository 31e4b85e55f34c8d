-- Evidence of an attempt whose jobs have run again since is stale. Old workers survive it.

alter table codered.artifacts
  add column made_at timestamptz;
comment on column codered.artifacts.made_at is 'When GitHub was given it; null for what did not come from there, and for what was read before this was kept.';

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

create function codered.judge_artifacts(repository_id bigint, run_id text, newest_attempt integer)
returns table (artifact_id uuid, made_in integer, is_stale boolean)
language sql
stable
set search_path = ''
as $$
  with jobs as materialized (
    select
      o.run_attempt, o.name, o.has_new_name, o.covered_by is not null as ran_again, j.started_at, j.completed_at,
      -- GitHub tells a start of jobs that never had a runner, too.
      j.started_at is not null
      and j.status <> 'queued'
      and j.conclusion is distinct from 'skipped'
      and not (j.status = 'canceled' and j.runner_name is null and j.steps = '[]') as is_maker
    from codered.jobs_of_run(judge_artifacts.repository_id, judge_artifacts.run_id) o
    join codered.ci_jobs j on j.id = o.id
  ), attempts as materialized (
    select
      a.id, a.run_attempt,
      coalesce(a.start_time, (select min(j.started_at) from jobs j where j.run_attempt = a.run_attempt)) as started_at,
      (select count(distinct j.name) from jobs j where j.run_attempt = a.run_attempt and j.is_maker and not j.ran_again) as jobs_left,
      (select count(distinct j.name) from jobs j where j.run_attempt = a.run_attempt and j.has_new_name) as new_names
    from codered.ci_events a
    where a.provider = 'github-actions' and a.repository_id = judge_artifacts.repository_id and a.run_id = judge_artifacts.run_id
  ), makers as materialized (
    -- A name may change with the attempt. Where a later attempt has as many new names as jobs are left here, they may all be those.
    select
      j.run_attempt, j.started_at, j.completed_at,
      j.ran_again or exists (
        select
        from attempts a
        join attempts later on later.run_attempt > a.run_attempt and later.new_names >= a.jobs_left
        where a.run_attempt = j.run_attempt
      ) as ran_again
    from jobs j
    where j.is_maker
  ), made as materialized (
    select
      f.id, u.at, u.allowed,
      case
        when f.github_artifact_id is null then a.run_attempt
        when f.made_at is null then judge_artifacts.newest_attempt
        else coalesce(
          (select max(b.run_attempt) from attempts b where b.started_at <= f.made_at),
          (select min(b.run_attempt) from attempts b))
      end as attempt
    from attempts a
    join codered.artifacts f on f.ci_event_id = a.id
    -- An upload says by its token which attempt it is of; GitHub lists artifacts by run, and when it got them.
    -- Clocks are not the same to the second, and an upload's is ours.
    cross join lateral (
      select
        case when f.github_artifact_id is null then f.created_at else f.made_at end as at,
        make_interval(secs => case when f.github_artifact_id is null then 60 else 5 end) as allowed
    ) as u
  )
  select
    m.id, m.attempt,
    m.attempt < judge_artifacts.newest_attempt
    -- Whichever job made it was running then; when none is known to have been, it may be any job's.
    and coalesce(
      bool_and(running.ran_again),
      not exists (select from makers k where k.run_attempt = m.attempt and not k.ran_again))
  from made m
  left join makers running
    on running.run_attempt = m.attempt
    and m.at between running.started_at - m.allowed and coalesce(running.completed_at, 'infinity') + m.allowed
  group by m.id, m.attempt
$$;
comment on function codered.judge_artifacts(bigint, text, integer) is
  'The attempt that each artifact of a workflow run was made in (what was made before every known start: the oldest; at an unknown time: the newest), and whether it is stale: every job that may have made it has run again since. That is a job that was running when it was made, and was not skipped or cancelled before it had a runner. A job ran again when a later one covers it (jobs_of_run), or when one later attempt has at least as many new names as its own attempt has jobs left that are not covered: GitHub then re-ran all jobs under other names, or nobody can tell which. A job that is not told of yet did not run again: a gate waits for the end of the run.';

create or replace function codered.signals_of(repository_id bigint, sha text)
returns table (
  kind text, name text, origin text, workflow_path text, attempt integer, status text, conclusion text, url text, at timestamptz
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
      r.workflow_path as path, r.status in ('queued', 'running') as is_under_way, o.run_attempt, o.covered_by,
      r.run_attempt as newest_attempt, r.source_updated_at as run_at, o.id, o.name,
      rank() over (partition by r.id, o.name order by o.run_attempt desc) as age
    from runs r
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
    greatest(j.source_updated_at, t.run_at)
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
    r.source_updated_at
  from runs r
  where r.provider in ('github-checks', 'github-status')
$$;
comment on function codered.signals_of(bigint, text) is
  'The jobs, checks and statuses that count for a commit, each in its newest attempt, a job that a skipped or cancelled one covers (jobs_of_run) as that one: Signal of src/gate/gathered.ts without distrust.';

create function codered.run_for_evidence(repository_id bigint, commit_sha text)
returns uuid
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  run uuid;
begin
  select r.id into run
  from codered.runs r
  where r.repository_id = run_for_evidence.repository_id and r.commit_sha = run_for_evidence.commit_sha
  order by r.sprint_id is null, r.created_at
  limit 1;
  if run is null then
    insert into codered.runs as r (project_id, repository_id, commit_sha, status)
    select p.project_id, p.id, run_for_evidence.commit_sha, 'pending'
    from codered.repositories p
    where p.id = run_for_evidence.repository_id
    on conflict (repository_id, commit_sha, sprint_id) where repository_id is not null and commit_sha is not null do update
    set updated_at = now()
    returning r.id into run;
  end if;
  return run;
end
$$;
comment on function codered.run_for_evidence(bigint, text) is
  'The run of a commit that its evidence belongs to; one that is pending, until the gate judges, where there is none.';

create or replace function codered.record_uploaded_evidence(repository_id bigint, run_id text, run_attempt integer, artifact jsonb)
returns void
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  most constant integer := 200;
  event codered.ci_events;
  told record;
  run uuid;
  uploaded integer;
begin
  perform codered.check_fields('artifacts', record_uploaded_evidence.artifact, '{
    "github_artifact_id": "bigint", "kind": "text", "name": "text", "url": "text", "ref": "text", "content": "text",
    "summary": "text"}');
  select * into told
  from jsonb_to_record(record_uploaded_evidence.artifact) as t (
    kind text, name text, url text, ref text, content text, summary text);
  if coalesce(told.name, '') = '' then
    perform codered.refuse_value('artifacts.file_name', coalesce(told.name, 'null'), 'a name');
  end if;
  -- Uploads of one attempt go one after the other: their number is counted, and the first one makes the run.
  select e.* into event
  from codered.ci_events e
  join codered.repositories r on r.id = e.repository_id
  join codered.installations i on i.id = r.installation_id
  where e.provider = 'github-actions'
    and e.repository_id = record_uploaded_evidence.repository_id
    and e.run_id = record_uploaded_evidence.run_id
    and e.run_attempt = record_uploaded_evidence.run_attempt
    and r.deleted_at is null
    and i.suspended_at is null
    and i.deleted_at is null
  for no key update of e;
  if not found then
    perform codered.refuse_missing('workflow run of this repository', record_uploaded_evidence.run_id);
  end if;
  select count(*), (array_agg(a.run_id) filter (where a.file_name = told.name))[1] into uploaded, run
  from codered.artifacts a
  where a.ci_event_id = event.id and a.github_artifact_id is null and a.run_id is not null;
  if run is null and uploaded >= most then
    perform codered.refuse_state('artifacts', uploaded || ' uploads of one attempt of a run', 'at most ' || most);
  end if;
  if run is null then
    run := codered.run_for_evidence(event.repository_id, event.commit_sha);
  end if;
  insert into codered.artifacts as a (run_id, ci_event_id, kind, file_name, url, ref, content_type, content, summary)
  values (run, event.id, told.kind, told.name, told.url, told.ref, 'json', told.content, told.summary)
  on conflict (run_id, ci_event_id, file_name) where github_artifact_id is null and run_id is not null and ci_event_id is not null
  do update
  set ref = excluded.ref, content = excluded.content, summary = excluded.summary, kind = excluded.kind, url = excluded.url
  where (a.ref, a.content, a.summary, a.kind, a.url)
    is distinct from (excluded.ref, excluded.content, excluded.summary, excluded.kind, excluded.url);
  perform codered.queue_job(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
end
$$;

create or replace function codered.record_evidence(repository_id bigint, ci_event_id uuid, artifacts jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  event codered.ci_events;
  run uuid;
  written integer;
begin
  select e.* into event
  from codered.ci_events e
  where e.id = record_evidence.ci_event_id and e.repository_id = record_evidence.repository_id;
  if not found then
    perform codered.refuse_missing('CI event of this repository', record_evidence.ci_event_id::text);
  end if;
  if jsonb_array_length(record_evidence.artifacts) > 0 then
    run := codered.run_for_evidence(event.repository_id, event.commit_sha);
  end if;
  insert into codered.artifacts as a (
    run_id, ci_event_id, github_artifact_id, kind, file_name, url, ref, content_type, content, summary, made_at
  )
  select run, event.id, f.github_artifact_id, f.kind, f.name, f.url, f.ref, 'json', f.content, f.summary, f.made_at
  from jsonb_to_recordset(record_evidence.artifacts) as f (
    github_artifact_id bigint, kind text, name text, url text, ref text, content text, summary text, made_at timestamptz
  )
  on conflict (run_id, github_artifact_id) do update
  set
    ci_event_id = excluded.ci_event_id, ref = excluded.ref, content = excluded.content, summary = excluded.summary, kind = excluded.kind,
    -- A worker of before does not tell.
    made_at = coalesce(excluded.made_at, a.made_at)
  where (a.ci_event_id, a.ref, a.content, a.summary, a.kind, a.made_at)
      is distinct from
        (excluded.ci_event_id, excluded.ref, excluded.content, excluded.summary, excluded.kind, coalesce(excluded.made_at, a.made_at))
    -- GitHub lists the artifacts of a run, not of an attempt: what an older attempt is read for late must not take them back.
    and not exists (
      select
      from codered.ci_events newer
      where newer.id = a.ci_event_id
        and newer.provider = event.provider
        and newer.run_id = event.run_id
        and newer.run_attempt > event.run_attempt
    );
  get diagnostics written = row_count;
  perform codered.queue_job(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
  return written;
end
$$;
comment on function codered.record_evidence(bigint, uuid, jsonb) is
  'Keeps what a workflow run''s artifacts say ([{github_artifact_id, kind, name, url, ref, content, summary, made_at}]) and queues the report of its commit; done twice, it changes nothing. Returns how many rows were written. CR004.';

revoke execute on function codered.run_for_evidence(bigint, text), codered.jobs_of_run(bigint, text),
  codered.judge_artifacts(bigint, text, integer) from public;
grant execute on function codered.run_for_evidence(bigint, text), codered.jobs_of_run(bigint, text),
  codered.judge_artifacts(bigint, text, integer) to service_role;
