-- Who merged past the gate, from the merge itself. Old workers survive it.

alter table codered.pull_requests
  add column merged_by text;
comment on column codered.pull_requests.merged_by is
  'GitHub''s login of who merged it, a bot''s too; null until somebody did, and as long as only lists, which leave it out, told of the merge.';

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
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (pr.source_updated_at, pr.source_delivery);

  -- Also from a payload that is older than what stands.
  update codered.pull_requests pr
  set merged_by = f.merged_by
  from json_to_recordset(facts) as f (repository_id bigint, number integer, merged_by text)
  where pr.repository_id = f.repository_id and pr.number = f.number and pr.merged_by is null and f.merged_by is not null;
$$;
comment on function codered.merge_pull_requests(json, text) is
  'Merges pull requests: the newest payload tells of one; who merged it comes from any that says so.';

create function codered.find_profile(login text)
returns uuid
language sql
stable
set search_path = ''
as $$
  select p.id
  from codered.profiles p
  where lower(p.github_login) = lower(find_profile.login)
  order by p.created_at, p.id
  limit 1
$$;
comment on function codered.find_profile(text) is 'Who goes by a login at GitHub, in any case; null when nobody here does.';

create or replace function codered.settle_merge(repository_id bigint, pull_request_number integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  pr codered.pull_requests;
  run codered.runs;
  gate text;
begin
  select p.* into pr
  from codered.pull_requests p
  where p.repository_id = settle_merge.repository_id and p.number = settle_merge.pull_request_number and p.state = 'merged';
  -- It may be told later than the merge who it was.
  update codered.user_overrides o
  set "user" = pr.merged_by, user_id = codered.find_profile(pr.merged_by)
  where o.repository_id = pr.repository_id
    and o.commit_sha = pr.head_sha
    and o.pull_request_number = pr.number
    and o.override_type = 'deploy_anyway'
    and o."user" = 'unknown'
    and o.user_id is null
    and pr.merged_by is not null;
  select r.* into run
  from codered.runs r
  where r.repository_id = pr.repository_id and r.commit_sha = pr.head_sha and r.pull_request_number = pr.number
  order by r.created_at desc, r.id desc
  limit 1
  for no key update;
  if run.id is null
    or exists (select from codered.events e where e.run_id = run.id and e.event_type = 'status.MERGED')
  then
    return;
  end if;
  gate := case run.status when 'completed' then 'pass' when 'failed' then 'fail' else 'pending' end;
  perform codered.append_status(
    run.project_id, run.id, 'MERGED', format('Pull request %s', pr.number),
    jsonb_build_object('commit_sha', pr.head_sha, 'merge_commit_sha', pr.merge_commit_sha, 'gate', gate));
  if gate <> 'pass' then
    insert into codered.user_overrides (
      project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason
    )
    values (
      run.project_id, codered.find_profile(pr.merged_by), coalesce(pr.merged_by, 'unknown'), 'deploy_anyway', pr.repository_id,
      pr.number, pr.head_sha, 'merged while the gate was ' || gate);
  end if;
end
$$;
comment on function codered.settle_merge(bigint, integer) is
  'Appends MERGED to the gate run of a pull request that was merged and, when its last verdict was no pass, records that it was merged anyway, and by whom; once, however often and in whatever order it is told. Nothing for one that is not merged or was never judged.';

create or replace trigger pull_requests_merged after insert or update of state, merged_by on codered.pull_requests
  for each row when (new.state = 'merged') execute function codered.follow_merge();

revoke execute on function codered.find_profile(text) from public;
grant execute on function codered.find_profile(text) to service_role;
