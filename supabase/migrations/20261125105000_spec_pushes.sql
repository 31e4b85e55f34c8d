-- Specs that are pushed: which files of a push are specs, and taking them in with the sprint that they plan. Old workers survive it.

create function codered.spec_paths(files text[])
returns text[]
language sql
immutable
set search_path = ''
as $$
  select coalesce(array_agg(told.path order by told.path), '{}')
  from (
    select distinct f.path
    from unnest(spec_paths.files) as f (path)
    where f.path ~ '^(\.codered/)?specs/(.*/)?[^/]+\.(md|ya?ml)$' and char_length(f.path) <= 2000
    order by f.path
    limit 20
  ) as told
$$;
comment on function codered.spec_paths(text[]) is
  'Those of the files that may be specs: Markdown and YAML under specs/ and .codered/specs/, the first 20 in the order of their names.';

create function codered.queue_specs(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select f.*, codered.spec_paths(f.files) as specs
    from rows from (
      json_to_recordset(queue_specs.commits) as (repository_id bigint, sha text, ref text, author text, files text[])
    ) with ordinality as f (repository_id, sha, ref, author, files, place)
    where f.ref like 'refs/heads/%' and f.ref not like 'refs/heads/gh-readonly-queue/%'
  ), pushes as (
    -- What counts is how a push leaves the branch: its last commit, with all that the push touched.
    select
      t.repository_id, substr(t.ref, 12) as branch,
      (array_agg(t.sha order by t.place desc))[1] as sha,
      (array_agg(t.author order by t.place desc) filter (where t.specs <> '{}'))[1] as author,
      codered.spec_paths(
        array(select p from told o, unnest(o.specs) as p where o.repository_id = t.repository_id and o.ref = t.ref)
      ) as paths
    from told t
    group by t.repository_id, t.ref
  ), queued as (
    select codered.queue_job(
      r.project_id, 'plan_sprint',
      jsonb_build_object('repository_id', p.repository_id, 'sha', p.sha, 'branch', p.branch, 'paths', p.paths, 'author', p.author),
      'specs:' || p.repository_id || ':' || p.sha)
    from pushes p
    join codered.repositories r on r.id = p.repository_id
    where p.paths <> '{}'
      -- What was given up is tried again when it is told again.
      and not exists (
        select from codered.agent_jobs j where j.dedupe_key = 'specs:' || p.repository_id || ':' || p.sha and j.status <> 'failed'
      )
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_specs(json) is
  'Queues the reading of the specs that commits of a push to a branch brought, once for each head; returns how many were queued.';

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
  select codered.queue_specs(merge_commits.facts);
$$;
comment on function codered.merge_commits(json, text) is
  'Merges commits (the earliest push that brought one tells of it) and queues the reading of the specs among their files.';

create function codered.read_spec_place(repository_id bigint)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('installation_id', r.installation_id, 'owner', r.owner, 'name', r.name)
  from codered.repositories r
  where r.id = read_spec_place.repository_id and r.deleted_at is null
$$;
comment on function codered.read_spec_place(bigint) is 'Where a repository''s specs are read; null when it is unknown or gone.';

create function codered.take_spec(spec jsonb, label text default null, dod_json jsonb default null, problem text default null)
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
    perform codered.queue_job(
      taken.project_id, 'report', jsonb_build_object('repository_id', repository, 'head_sha', asked.head_sha),
      'report:' || repository || ':' || asked.head_sha)
    from (
      select pr.head_sha
      from codered.pull_requests pr
      where pr.repository_id = repository and pr.state = 'open'
        and (pr.base_ref = taken.branch or (pr.head_ref = taken.branch and pr.head_repository_id = repository))
      order by pr.head_ref = taken.branch desc, pr.number desc
      limit 100
    ) as asked;
  end if;
  return jsonb_build_object('spec_id', taken.id, 'sprint_id', planned -> 'id', 'problem', wrong);
end
$$;
comment on function codered.take_spec(jsonb, text, jsonb, text) is
  'Takes a pushed spec in (keys as ingest_spec has them, with repository_id), plans its sprint unless dod_json is null, and has up to 100 open pull requests of its branch judged anew: all or nothing, and done twice it changes nothing. A problem, told or found, becomes one status event FAILED instead of a sprint. Returns {spec_id, sprint_id, problem}. CR002, CR004.';

revoke execute on function codered.spec_paths(text[]), codered.queue_specs(json), codered.read_spec_place(bigint),
  codered.take_spec(jsonb, text, jsonb, text) from public;
grant execute on function codered.spec_paths(text[]), codered.queue_specs(json), codered.read_spec_place(bigint),
  codered.take_spec(jsonb, text, jsonb, text) to service_role;
