-- Where specs come from: pushes to a repository, the API and mail.

create function codered.take_spec_by_name(full_name text, spec jsonb, label text default null, dod jsonb default null)
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
    perform codered.end_analyses((taken ->> 'id')::uuid, true);
    planned := codered.plan_sprint((taken ->> 'id')::uuid, take_spec_by_name.label, take_spec_by_name.dod);
    perform codered.queue_spec_reports(repository.id, taken ->> 'branch');
  end if;
  return jsonb_build_object('repository_id', repository.id, 'spec', taken, 'sprint', planned);
end
$$;
comment on function codered.take_spec_by_name(text, jsonb, text, jsonb) is
  'ingest_spec for the repository owner/name on which CodeRed is installed, on its default branch unless the spec names one, and plan_sprint on it when dod is given, which has the branch''s open pull requests evaluated anew, all or nothing; returns {repository_id, spec, sprint}. Done twice, it changes nothing. CR002, CR003, CR004.';
revoke execute on function codered.take_spec_by_name from public;
grant execute on function codered.take_spec_by_name to service_role;

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
revoke execute on function codered.spec_paths from public;
grant execute on function codered.spec_paths to service_role;

create function codered.queue_specs(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select f.*, codered.spec_paths(f.files) as specs
    from rows from (
      json_to_recordset(queue_specs.commits) as (repository_id bigint, sha text, ref text, author text, files text[], is_ref_reset boolean)
    ) with ordinality as f (repository_id, sha, ref, author, files, is_ref_reset, place)
    where f.ref like 'refs/heads/%' and f.ref not like 'refs/heads/gh-readonly-queue/%'
  ), pushes as (
    -- What counts is how a push leaves the branch: its last commit, with all that the push touched.
    select
      t.repository_id, substr(t.ref, 12) as branch,
      (array_agg(t.sha order by t.place desc))[1] as sha,
      (array_agg(t.author order by t.place desc) filter (where t.specs <> '{}'))[1] as author,
      codered.spec_paths(
        array(select p from told o, unnest(o.specs) as p where o.repository_id = t.repository_id and o.ref = t.ref)
      ) as paths,
      -- A push by force may take a change of it back, of which no commit tells; and GitHub lists no more files than that.
      bool_or('.github/codered.yml' = any (t.files) or cardinality(t.files) >= 5000 or coalesce(t.is_ref_reset, false)) as reads_policy,
      bool_or(
        cardinality(t.files) >= 5000 or coalesce(t.is_ref_reset, false)
        or exists (select from unnest(t.files) as f (path) where f.path ~ '^agents/[^/]+[.]ya?ml$')) as reads_agents
    from told t
    group by t.repository_id, t.ref
  ), queued as (
    select codered.queue_follow_up(
      r.project_id, 'plan_sprint',
      jsonb_build_object('repository_id', p.repository_id, 'sha', p.sha, 'branch', p.branch, 'paths', p.paths, 'author', p.author,
        'reads_policy', p.reads_policy and p.branch = r.default_branch)
        || case when p.reads_agents and p.branch = r.default_branch then '{"reads_agents": true}' else '{}'::jsonb end,
      'specs:' || p.repository_id || ':' || p.sha)
    from pushes p
    join codered.repositories r on r.id = p.repository_id
    where (p.paths <> '{}' or ((p.reads_policy or p.reads_agents) and p.branch = r.default_branch))
      -- What was given up is tried again when it is told again.
      and not exists (
        select from codered.follow_ups j where j.dedupe_key = 'specs:' || p.repository_id || ':' || p.sha and j.status <> 'failed'
      )
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_specs(json) is
  'Queues the reading of the specs that commits of a push to a branch brought, and of the policy file and the agents'' files (agents/*.yml) where the push may have changed them on the default branch, once for each head; returns how many were queued.';
revoke execute on function codered.queue_specs from public;
grant execute on function codered.queue_specs to service_role;

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
revoke execute on function codered.read_spec_place from public;
grant execute on function codered.read_spec_place to service_role;

create function codered.take_spec(
  spec jsonb, label text default null, dod_json jsonb default null, problem text default null, document text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  taken codered.specs;
  planned jsonb;
  wrong text := left(take_spec.problem, 500);
  repository constant bigint := (take_spec.spec ->> 'repository_id')::bigint;
  is_over boolean;
  is_analysed boolean := false;
begin
  taken := jsonb_populate_record(null::codered.specs, codered.ingest_spec(take_spec.spec));
  -- A later push of the same file was read first: what this one asks for is over.
  is_over := exists (
    select
    from codered.specs s
    join codered.commits later on later.repository_id = repository and later.sha = s.sha
    join codered.commits c on c.repository_id = repository and c.sha = taken.sha and later.pushed_at > c.pushed_at
    where s.project_id = taken.project_id and s.repo = taken.repo and s.branch = taken.branch and s.storage_path = taken.storage_path
      and s.template_id is null
  );
  if not is_over then
    perform codered.end_analyses(taken.id, take_spec.dod_json is not null or wrong is not null);
  end if;
  if wrong is null and take_spec.dod_json is not null and not is_over then
    begin
      planned := codered.plan_sprint(taken.id, take_spec.label, take_spec.dod_json);
    exception
      when sqlstate 'CR002' or sqlstate 'CR003' then
        wrong := left(sqlerrm, 500);
    end;
  elsif wrong is null and take_spec.document is not null and not is_over then
    is_analysed := codered.queue_analysis(taken.id, take_spec.document);
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
  return jsonb_build_object('spec_id', taken.id, 'sprint_id', planned -> 'id', 'problem', wrong, 'is_analysed', is_analysed);
end
$$;
comment on function codered.take_spec(jsonb, text, jsonb, text, text) is
  'Takes a pushed spec in (keys as ingest_spec has them, with repository_id), plans its sprint, or without dod_json has its document analysed (queue_analysis) where that is given, and has up to 100 open pull requests of its branch evaluated anew: all or nothing, and done twice it changes nothing. A problem, given or found, becomes one status event FAILED instead of a sprint. Returns {spec_id, sprint_id, problem, is_analysed}. CR002, CR004.';
revoke execute on function codered.take_spec from public;
grant execute on function codered.take_spec to service_role;

create function codered.queue_spec_reports(repository_id bigint, branch text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
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
  'Has up to 100 open pull requests of a branch evaluated anew, its own before those into it, because a spec plans a sprint there.';
revoke execute on function codered.queue_spec_reports from public;
grant execute on function codered.queue_spec_reports to service_role;
