-- Evidence: what artifacts and uploads say for a commit.

create function codered.read_evidence_version(repository_id bigint, sha text)
returns text
language sql
stable
set search_path = ''
as $$
  select concat_ws(
    ':', codered.version_of_commit(read_evidence_version.repository_id, read_evidence_version.sha),
    (
      select h.head_sha || ':' || codered.version_of_commit(read_evidence_version.repository_id, h.head_sha)
      from codered.merge_group_head(read_evidence_version.repository_id, read_evidence_version.sha) h
    ))
$$;
comment on function codered.read_evidence_version(bigint, text) is
  'Equal as long as nothing new is known that a verdict on the commit could rest on; for the commit of a merge queue also what is known of its pull request''s head.';
revoke execute on function codered.read_evidence_version from public;
grant execute on function codered.read_evidence_version to service_role;

create function codered.queue_evidence(repository_id bigint, ci_event_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select e.id, e.project_id, e.repository_id
    from codered.ci_events e
    where e.id = any (queue_evidence.ci_event_ids)
      and e.repository_id = queue_evidence.repository_id
      and not exists (select from codered.follow_ups j where j.dedupe_key = 'artifacts:' || e.id)
  ), queued as (
    select codered.queue_follow_up(
      w.project_id, 'artifacts', jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id), 'artifacts:' || w.id)
    from wanted w
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_evidence(bigint, uuid[]) is
  'Queues the reading of artifacts of workflow runs that are over, once for each attempt; returns how many were queued.';
revoke execute on function codered.queue_evidence from public;
grant execute on function codered.queue_evidence to service_role;

create function codered.read_evidence_subject(repository_id bigint, ci_event_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id, 'owner', r.owner, 'name', r.name, 'run_id', e.run_id, 'run_attempt', e.run_attempt,
    'commit_sha', e.commit_sha, 'html_url', e.html_url)
  from codered.ci_events e
  join codered.repositories r on r.id = e.repository_id
  where e.id = read_evidence_subject.ci_event_id
    and e.repository_id = read_evidence_subject.repository_id
    and e.provider = 'github-actions'
    and r.deleted_at is null
$$;
comment on function codered.read_evidence_subject(bigint, uuid) is 'The workflow run whose artifacts are to be read, and where to reach it; null when it is unknown.';
revoke execute on function codered.read_evidence_subject from public;
grant execute on function codered.read_evidence_subject to service_role;

create function codered.record_evidence(repository_id bigint, ci_event_id uuid, artifacts jsonb)
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
  perform codered.queue_follow_up(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
  return written;
end
$$;
comment on function codered.record_evidence(bigint, uuid, jsonb) is
  'Keeps what a workflow run''s artifacts say ([{github_artifact_id, kind, name, url, ref, content, summary, made_at}]) and queues the report of its commit; done twice, it changes nothing. Returns how many rows were written. CR004.';
revoke execute on function codered.record_evidence from public;
grant execute on function codered.record_evidence to service_role;

create function codered.read_upload_subject(repository_id bigint, run_id text, run_attempt integer)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'is_installed', i.id is not null and r.deleted_at is null, 'commit_sha', e.commit_sha, 'html_url', e.html_url)
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id and i.suspended_at is null and i.deleted_at is null
  left join codered.ci_events e
    on e.provider = 'github-actions'
    and e.repository_id = r.id
    and e.run_id = read_upload_subject.run_id
    and e.run_attempt = read_upload_subject.run_attempt
  where r.id = read_upload_subject.repository_id
$$;
comment on function codered.read_upload_subject(bigint, text, integer) is
  'What an upload for one attempt of a workflow run is about: {is_installed, commit_sha, html_url}, the last two null while GitHub has not sent the run; null for an unknown repository.';
revoke execute on function codered.read_upload_subject from public;
grant execute on function codered.read_upload_subject to service_role;

create function codered.record_uploaded_evidence(repository_id bigint, run_id text, run_attempt integer, artifact jsonb)
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
  perform codered.queue_follow_up(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
end
$$;
comment on function codered.record_uploaded_evidence(bigint, text, integer, jsonb) is
  'Keeps what a file says that a job of this attempt of a workflow run uploaded ({kind, name, url, ref, content, summary}), in place of an earlier one of that name, and queues the report of its commit; done twice, it changes nothing. CR002, CR003 (more than 200 names), CR004.';
revoke execute on function codered.record_uploaded_evidence from public;
grant execute on function codered.record_uploaded_evidence to service_role;

create function codered.list_artifact_ages(repository_id bigint, run_id text, newest_attempt integer)
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
    from codered.jobs_of_run(list_artifact_ages.repository_id, list_artifact_ages.run_id) o
    join codered.ci_jobs j on j.id = o.id
  ), attempts as materialized (
    select
      a.id, a.run_attempt,
      coalesce(a.start_time, (select min(j.started_at) from jobs j where j.run_attempt = a.run_attempt)) as started_at,
      (select count(distinct j.name) from jobs j where j.run_attempt = a.run_attempt and j.is_maker and not j.ran_again) as jobs_left,
      (select count(distinct j.name) from jobs j where j.run_attempt = a.run_attempt and j.has_new_name) as new_names
    from codered.ci_events a
    where a.provider = 'github-actions' and a.repository_id = list_artifact_ages.repository_id and a.run_id = list_artifact_ages.run_id
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
        when f.made_at is null then list_artifact_ages.newest_attempt
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
    m.attempt < list_artifact_ages.newest_attempt
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
comment on function codered.list_artifact_ages(bigint, text, integer) is
  'The attempt that each artifact of a workflow run was made in (what was made before every known start: the oldest; at an unknown time: the newest), and whether it is stale: every job that may have made it has run again since. That is a job that was running when it was made, and was not skipped or cancelled before it had a runner. A job ran again when a later one covers it (jobs_of_run), or when one later attempt has at least as many new names as its own attempt has jobs left that are not covered: GitHub then re-ran all jobs under other names, or nobody can tell which. A job that is not told of yet did not run again: a gate waits for the end of the run.';
revoke execute on function codered.list_artifact_ages from public;
grant execute on function codered.list_artifact_ages to service_role;

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
  'The run of a commit that its evidence belongs to; one that is pending, until the gate is evaluated, where there is none.';
revoke execute on function codered.run_for_evidence from public;
grant execute on function codered.run_for_evidence to service_role;

create function codered.version_of_commit(repository_id bigint, sha text)
returns text
language sql
stable
set search_path = ''
as $$
  select md5(coalesce(string_agg(told.what, ',' order by told.what), ''))
  from (
    select concat_ws(':', e.id, e.status, e.conclusion, e.source_updated_at, e.source_delivery) as what
    from codered.ci_events e
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', j.id, j.status, j.conclusion, j.source_updated_at, j.source_delivery)
    from codered.ci_events e
    join codered.ci_jobs j on j.ci_event_id = e.id
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', a.id, a.ref, a.content_hash)
    from codered.ci_events e
    join codered.artifacts a on a.ci_event_id = e.id
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', o.id, o.revoked_at)
    from codered.user_overrides o
    where o.repository_id = version_of_commit.repository_id and o.criterion is not null
      and (o.commit_sha = version_of_commit.sha or o.commit_sha is null)
  ) as told
$$;
comment on function codered.version_of_commit(bigint, text) is
  'Equal as long as nothing new is known of this very commit that a verdict could rest on.';
revoke execute on function codered.version_of_commit from public;
grant execute on function codered.version_of_commit to service_role;

create function codered.queue_held_evidence(repository_id bigint, ci_event_ids uuid[])
returns json
language sql
set search_path = ''
as $$
  with wanted as (
    select
      e.id, e.project_id, e.repository_id,
      -- Each job that ends may have left something: what was read before it ended is read again.
      'artifacts:' || e.id || ':held:' || ended.jobs || ':' || coalesce(extract(epoch from ended.last), 0) as dedupe_key
    from codered.ci_events e
    cross join lateral (
      select count(*) as jobs, max(j.source_updated_at) as last
      from codered.ci_jobs j
      where j.ci_event_id = e.id and j.status not in ('queued', 'running')
    ) ended
    where e.id = any (queue_held_evidence.ci_event_ids)
      and e.repository_id = queue_held_evidence.repository_id
      and e.status in ('queued', 'running')
  ), queued as (
    select
      codered.queue_follow_up(
        w.project_id, 'artifacts', jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id), w.dedupe_key)
    from wanted w
    where not exists (select from codered.follow_ups j where j.dedupe_key = w.dedupe_key)
  )
  select json_build_object(
    'queued', (select count(*) from queued),
    'read', coalesce(
      (
        select json_agg(w.id order by w.id)
        from wanted w
        where exists (select from codered.follow_ups j where j.dedupe_key = w.dedupe_key and j.status = 'completed')
      ),
      '[]'))
$$;
comment on function codered.queue_held_evidence(bigint, uuid[]) is
  'Queues the reading of artifacts of workflow runs that are not over, of which only jobs are left that wait for an environment: once for each job that has ended. Tells how many were queued, and the events of those that were read since the last one ended.';
revoke execute on function codered.queue_held_evidence from public;
grant execute on function codered.queue_held_evidence to service_role;
