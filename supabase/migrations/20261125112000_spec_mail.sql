-- A spec that comes by name may leave out its branch: then it is the repository's default branch; its pull requests are judged
-- anew; and the same document is one spec a branch. Old workers survive it.

-- A document that came for one branch asks nothing of another.
drop index codered.specs_document_key;
create unique index specs_document_key on codered.specs (project_id, repo, branch, storage_path, sha) nulls not distinct
  where template_id is null;

create or replace function codered.ingest_spec(spec jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  told record;
  repository codered.repositories;
  made codered.specs;
begin
  perform codered.check_fields('specs', ingest_spec.spec, '{
    "project_id": "uuid", "repository_id": "bigint", "repo": "text", "branch": "text", "storage_path": "text", "sha": "text",
    "created_by": "text"}');
  select * into told
  from jsonb_to_record(ingest_spec.spec) as t(
    project_id uuid, repository_id bigint, repo text, branch text, storage_path text, sha text, created_by text);
  if told.repository_id is not null then
    select r.* into repository from codered.repositories r where r.id = told.repository_id;
    if not found then
      perform codered.refuse_missing('repository', told.repository_id::text);
    end if;
    if told.project_id is distinct from repository.project_id and told.project_id is not null then
      raise exception 'specs.repository_id is "%": there is no such row of repositories in this project.', told.repository_id
        using errcode = 'CR007', table = 'specs', column = 'repository_id';
    end if;
  elsif told.project_id is null then
    perform codered.refuse_value('specs.project_id', 'null'::text, 'a project_id or a repository_id');
  elsif not exists (select from codered.projects p where p.id = told.project_id) then
    perform codered.refuse_missing('project', told.project_id::text);
  end if;
  insert into codered.specs (project_id, repo, branch, storage_path, sha, created_by, created_by_user_id, published_at)
  values (
    coalesce(told.project_id, repository.project_id),
    coalesce(told.repo, repository.owner || '/' || repository.name),
    told.branch, told.storage_path, told.sha, told.created_by,
    (
      select (array_agg(p.id))[1]
      from codered.profiles p
      where p.github_login = told.created_by or p.email = told.created_by
      having count(*) = 1
    ),
    now()
  )
  on conflict (project_id, repo, branch, storage_path, sha) where template_id is null do nothing
  returning * into made;
  if not found then
    select s.* into made
    from codered.specs s
    where s.project_id is not distinct from coalesce(told.project_id, repository.project_id)
      and s.repo is not distinct from coalesce(told.repo, repository.owner || '/' || repository.name)
      and s.branch is not distinct from told.branch
      and s.storage_path = told.storage_path and s.sha is not distinct from told.sha and s.template_id is null;
    return to_jsonb(made) || '{"is_new": false}';
  end if;
  perform codered.append_status(
    made.project_id, null, 'SPEC_RECEIVED', left(format('%s of %s', made.storage_path, made.repo), 500),
    jsonb_build_object('spec_id', made.id, 'repo', made.repo, 'branch', made.branch, 'storage_path', made.storage_path,
      'sha', made.sha, 'created_by', made.created_by));
  return to_jsonb(made) || '{"is_new": true}';
end
$$;
comment on function codered.ingest_spec(jsonb) is
  'Takes a spec document in, published at once, with a status event SPEC_RECEIVED; returns its row and is_new. Keys: project_id or repository_id, repo (from the repository when left out), branch, storage_path, sha, created_by. The same project, repository, branch, path and sha again changes nothing. CR002, CR004, CR007.';
revoke execute on function codered.ingest_spec(jsonb) from public;
grant execute on function codered.ingest_spec(jsonb) to service_role;

create function codered.queue_spec_reports(repository_id bigint, branch text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', asked.head_sha),
    'report:' || r.id || ':' || asked.head_sha)
  from codered.repositories r
  cross join lateral (
    select pr.head_sha
    from codered.pull_requests pr
    where pr.repository_id = r.id and pr.state = 'open'
      and (
        pr.base_ref = queue_spec_reports.branch
        or (pr.head_ref = queue_spec_reports.branch and pr.head_repository_id = r.id))
    order by pr.head_ref = queue_spec_reports.branch desc, pr.number desc
    limit 100
  ) as asked
  where r.id = queue_spec_reports.repository_id
$$;
comment on function codered.queue_spec_reports(bigint, text) is
  'Has up to 100 open pull requests of a branch judged anew, its own before those into it, because a spec plans a sprint there.';
revoke execute on function codered.queue_spec_reports(bigint, text) from public;
grant execute on function codered.queue_spec_reports(bigint, text) to service_role;

create or replace function codered.take_spec(spec jsonb, label text default null, dod_json jsonb default null, problem text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  taken codered.specs;
  planned jsonb;
  wrong text := left(take_spec.problem, 500);
  repository constant bigint := (take_spec.spec ->> 'repository_id')::bigint;
begin
  taken := jsonb_populate_record(null::codered.specs, codered.ingest_spec(take_spec.spec));
  -- A later push of the same file was read first: what this one asks for is over.
  if wrong is null and take_spec.dod_json is not null and not exists (
    select
    from codered.specs s
    join codered.commits later on later.repository_id = repository and later.sha = s.sha
    join codered.commits c on c.repository_id = repository and c.sha = taken.sha and later.pushed_at > c.pushed_at
    where s.project_id = taken.project_id and s.repo = taken.repo and s.branch = taken.branch and s.storage_path = taken.storage_path
      and s.template_id is null
  ) then
    begin
      planned := codered.plan_sprint(taken.id, take_spec.label, take_spec.dod_json);
    exception
      when sqlstate 'CR002' or sqlstate 'CR003' then
        wrong := left(sqlerrm, 500);
    end;
  end if;
  if wrong is not null and not exists (
    select
    from codered.events e
    where e.project_id = taken.project_id and e.event_type = 'status.FAILED' and e.payload -> 'metadata' ->> 'spec_id' = taken.id::text
  ) then
    perform codered.append_status(
      taken.project_id, null, 'FAILED', left(format('%s of %s plans no sprint', taken.storage_path, taken.repo), 500),
      jsonb_build_object('spec_id', taken.id, 'branch', taken.branch, 'storage_path', taken.storage_path, 'sha', taken.sha, 'problem', wrong));
  end if;
  if planned is not null then
    perform codered.queue_spec_reports(repository, taken.branch);
  end if;
  return jsonb_build_object('spec_id', taken.id, 'sprint_id', planned -> 'id', 'problem', wrong);
end
$$;
revoke execute on function codered.take_spec(jsonb, text, jsonb, text) from public;
grant execute on function codered.take_spec(jsonb, text, jsonb, text) to service_role;

create or replace function codered.find_repository(owner text, name text)
returns bigint
language sql
stable
set search_path = ''
as $$
  select r.id
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id and i.suspended_at is null and i.deleted_at is null
  where lower(r.owner) = lower(find_repository.owner)
    and lower(r.name) = lower(find_repository.name)
    and r.deleted_at is null
  -- A name that was given up may have gone to another repository whose webhook told of it later.
  order by i.id is not null desc, r.source_updated_at desc, r.id desc
  limit 1
$$;
comment on function codered.find_repository(text, text) is
  'The id of the repository of this owner and name, in upper or lower case, as GitHub finds it; of several, because one was renamed and another made, the one on which CodeRed is installed, then the one told of last. Null when none is known.';
revoke execute on function codered.find_repository(text, text) from public;
grant execute on function codered.find_repository(text, text) to service_role;

create or replace function codered.take_spec_by_name(full_name text, spec jsonb, label text default null, dod jsonb default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  repository codered.repositories;
  taken jsonb;
  planned jsonb;
begin
  select r.* into repository
  from codered.repositories r
  join codered.installations i on i.id = r.installation_id and i.suspended_at is null and i.deleted_at is null
  where r.id = codered.find_repository(split_part(take_spec_by_name.full_name, '/', 1), split_part(take_spec_by_name.full_name, '/', 2));
  if not found then
    perform codered.refuse_missing('repository', take_spec_by_name.full_name);
  end if;
  if coalesce(take_spec_by_name.spec ->> 'branch', repository.default_branch) is null then
    perform codered.refuse_value('specs.branch', 'null'::text, 'the name of a branch, while the default branch is not known');
  end if;
  taken := codered.ingest_spec(
    take_spec_by_name.spec
      || jsonb_build_object(
        'repository_id', repository.id,
        'branch', coalesce(take_spec_by_name.spec ->> 'branch', repository.default_branch)));
  if take_spec_by_name.dod is not null then
    planned := codered.plan_sprint((taken ->> 'id')::uuid, take_spec_by_name.label, take_spec_by_name.dod);
    perform codered.queue_spec_reports(repository.id, taken ->> 'branch');
  end if;
  return jsonb_build_object('repository_id', repository.id, 'spec', taken, 'sprint', planned);
end
$$;
comment on function codered.take_spec_by_name(text, jsonb, text, jsonb) is
  'ingest_spec for the repository owner/name on which CodeRed is installed, on its default branch unless the spec names one, and plan_sprint on it when dod is given, which has the branch''s open pull requests judged anew, all or nothing; returns {repository_id, spec, sprint}. Done twice, it changes nothing. CR002, CR003, CR004.';
revoke execute on function codered.take_spec_by_name(text, jsonb, text, jsonb) from public;
grant execute on function codered.take_spec_by_name(text, jsonb, text, jsonb) to service_role;

comment on column codered.specs.sha is
  'The commit it was read at; of one that came by API the commit or git''s hash of the document, as the caller told it; of one that came by mail git''s hash of the document; null when nobody did.';
