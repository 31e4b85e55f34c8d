-- Evidence of an attempt whose jobs have run again since is stale. Old workers survive it.

alter table codered.artifacts
  add column made_at timestamptz;
comment on column codered.artifacts.made_at is 'When GitHub was given it; null for what did not come from there, and for what was read before this was kept.';

create function codered.judge_artifact_age(artifact codered.artifacts, newest codered.ci_events)
returns table (made_in integer, is_stale boolean)
language sql
stable
set search_path = ''
as $$
  with attempts as (
    select a.id, a.run_attempt, a.start_time
    from codered.ci_events a
    where a.provider = (judge_artifact_age.newest).provider
      and a.repository_id = (judge_artifact_age.newest).repository_id
      and a.run_id = (judge_artifact_age.newest).run_id
  ), made as (
    select
      -- An upload says by its token which attempt it is of; GitHub lists artifacts by run, and when it got them.
      (artifact).github_artifact_id is null as is_upload,
      case when (artifact).github_artifact_id is null then (artifact).created_at else (artifact).made_at end as at,
      case
        when (artifact).github_artifact_id is null
          then (select a.run_attempt from attempts a where a.id = (artifact).ci_event_id)
        else (select max(a.run_attempt) from attempts a where a.start_time <= (artifact).made_at)
      end as attempt
  ), jobs as (
    select
      exists (
        select
        from attempts later
        join codered.ci_jobs again on again.ci_event_id = later.id and again.name = j.name
        where later.run_attempt > a.run_attempt
      ) as ran_again,
      -- Clocks are not the same to the second, and an upload's is ours.
      m.at between j.started_at - slack.allowed and coalesce(j.completed_at, 'infinity') + slack.allowed as was_running
    from made m
    join attempts a on a.run_attempt = m.attempt
    join codered.ci_jobs j on j.ci_event_id = a.id
    cross join lateral (select make_interval(secs => case when m.is_upload then 60 else 5 end) as allowed) as slack
  )
  select
    coalesce(m.attempt, (judge_artifact_age.newest).run_attempt),
    coalesce(m.attempt, (judge_artifact_age.newest).run_attempt) < (judge_artifact_age.newest).run_attempt
    -- Whichever job made it was running then: while one of those has not run again, it may be that one's, and carries over.
    and not exists (
      select
      from jobs j
      where not j.ran_again and (j.was_running or not exists (select from jobs k where k.was_running))
    )
  from made m
$$;
comment on function codered.judge_artifact_age(codered.artifacts, codered.ci_events) is
  'The attempt of its run that an artifact was made in, and whether every job that may have made it has run again since. newest: the newest attempt of the run.';

create or replace function codered.record_evidence(repository_id bigint, ci_event_id uuid, artifacts jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
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
  select r.id into run
  from codered.runs r
  where r.repository_id = event.repository_id and r.commit_sha = event.commit_sha
  order by r.sprint_id is null, r.created_at
  limit 1;
  -- What is kept needs a run to belong to; it is under way once the gate judges.
  if run is null and jsonb_array_length(record_evidence.artifacts) > 0 then
    insert into codered.runs (project_id, repository_id, commit_sha, status)
    values (event.project_id, event.repository_id, event.commit_sha, 'pending')
    on conflict (repository_id, commit_sha, sprint_id) where repository_id is not null and commit_sha is not null do update
    set updated_at = now()
    returning id into run;
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

revoke execute on function codered.judge_artifact_age(codered.artifacts, codered.ci_events) from public;
grant execute on function codered.judge_artifact_age(codered.artifacts, codered.ci_events) to service_role;
