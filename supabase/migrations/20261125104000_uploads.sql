-- Evidence that a CI job uploads itself, beside what is read from GitHub's artifacts. Old workers survive it.

create unique index artifacts_upload_key on codered.artifacts (run_id, ci_event_id, file_name)
  where github_artifact_id is null and run_id is not null and ci_event_id is not null;

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
  'What an upload for one attempt of a workflow run is about: {is_installed, commit_sha, html_url}, the last two null while GitHub has not told of the run; null for an unknown repository.';

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
    select r.id into run
    from codered.runs r
    where r.repository_id = event.repository_id and r.commit_sha = event.commit_sha
    order by r.sprint_id is null, r.created_at
    limit 1;
  end if;
  if run is null then
    run := codered.start_run(jsonb_build_object('repository_id', event.repository_id, 'commit_sha', event.commit_sha)) ->> 'id';
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
comment on function codered.record_uploaded_evidence(bigint, text, integer, jsonb) is
  'Keeps what a file says that a job of this attempt of a workflow run uploaded ({kind, name, url, ref, content, summary}), in place of an earlier one of that name, and queues the report of its commit; done twice, it changes nothing. CR002, CR003 (more than 200 names), CR004.';

revoke execute on function codered.read_upload_subject(bigint, text, integer),
  codered.record_uploaded_evidence(bigint, text, integer, jsonb) from public;
grant execute on function codered.read_upload_subject(bigint, text, integer),
  codered.record_uploaded_evidence(bigint, text, integer, jsonb) to service_role;
