-- What the policy files of a project's repositories say of zones and environments stands in projects.rules. Old workers survive it.

alter table codered.projects add column policy_rules jsonb not null default '{}';
comment on column codered.projects.policy_rules is
  'What the policy file on the default branch of each repository said last, by the repository''s id: {"zones", "environments"} as rules has them. Written by record_policy_rules alone.';
comment on column codered.projects.rules is
  'Zones ({"zones": {"red": ["src/billing/**"]}}), environments ({"environments": {"eu-live": "prod"}}), scope rules, gates, triggers. Zones and environments of a policy file are written when it is read on the default branch; what else stands here is people''s.';
create or replace trigger projects_events after insert or update or delete on codered.projects
  for each row execute function codered.append_event('project', 'policy_rules');

create function codered.guarded_environments(names text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(
    jsonb_object_agg(
      n.name,
      case
        when codered.environment_of(n.name, '{}') <> 'dev' then codered.environment_of(n.name, '{}')
        when lower(n.name) in ('dev', 'development', 'test', 'testing', 'qa', 'ci', 'local') then 'dev'
        -- What waits for the gate and is called nothing else is what people use.
        else 'prod'
      end),
    '{}')
  from unnest(guarded_environments.names) as n (name)
$$;
comment on function codered.guarded_environments(text[]) is
  'What the environments of a policy count as, by their names: {"eu-live": "prod"}; one that says nothing else counts as prod.';

create function codered.united_zones(policy_rules jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  with globs as (
    select z.key as zone, g.value as glob, min(array[e.key, lpad(g.ordinality::text, 9, '0')]) as place
    from jsonb_each(united_zones.policy_rules) as e
    cross join lateral jsonb_each(coalesce(e.value -> 'zones', '{}')) as z
    cross join lateral jsonb_array_elements_text(z.value) with ordinality as g
    group by z.key, g.value
  )
  select coalesce(jsonb_object_agg(u.zone, u.globs), '{}')
  from (select g.zone, jsonb_agg(g.glob order by g.place) as globs from globs g group by g.zone) as u
$$;
comment on function codered.united_zones(jsonb) is 'The zones of all repositories of a project, each glob once.';

create function codered.united_environments(policy_rules jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(n.key, n.value), '{}')
  from (
    select distinct on (v.key) v.key, v.value
    from jsonb_each(united_environments.policy_rules) as e
    cross join lateral jsonb_each(coalesce(e.value -> 'environments', '{}')) as v
    order by v.key, e.key
  ) as n
$$;
comment on function codered.united_environments(jsonb) is 'The environments of all repositories of a project.';

create function codered.record_policy_rules(repository_id bigint, zones jsonb, environments text[])
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  project codered.projects;
  told constant jsonb := jsonb_strip_nulls(jsonb_build_object(
    'zones', nullif(coalesce(record_policy_rules.zones, '{}'), '{}'),
    'environments', nullif(codered.guarded_environments(record_policy_rules.environments), '{}')));
  policies jsonb;
  before_zones jsonb;
  before_environments jsonb;
  own jsonb;
  wanted jsonb;
begin
  select p.* into project
  from codered.repositories r
  join codered.projects p on p.id = r.project_id
  where r.id = record_policy_rules.repository_id
  for no key update of p;
  if not found or project.policy_rules -> record_policy_rules.repository_id::text is not distinct from nullif(told, '{}') then
    return false;
  end if;
  policies := project.policy_rules - record_policy_rules.repository_id::text
    || case when told = '{}' then '{}' else jsonb_build_object(record_policy_rules.repository_id::text, told) end;
  before_zones := codered.united_zones(project.policy_rules);
  before_environments := codered.united_environments(project.policy_rules);
  wanted := project.rules;
  if codered.united_zones(policies) <> '{}' then
    wanted := wanted || jsonb_build_object('zones', codered.united_zones(policies));
  elsif before_zones <> '{}' and wanted -> 'zones' = before_zones then
    wanted := wanted - 'zones';
  end if;
  -- What somebody wrote there by hand stays, and says it better.
  select coalesce(jsonb_object_agg(e.key, e.value), '{}') into own
  from jsonb_each(case when jsonb_typeof(wanted -> 'environments') = 'object' then wanted -> 'environments' else '{}' end) as e
  where before_environments -> e.key is distinct from e.value;
  wanted := wanted - 'environments'
    || case when codered.united_environments(policies) || own = '{}' then '{}'
      else jsonb_build_object('environments', codered.united_environments(policies) || own) end;
  update codered.projects p set rules = wanted, policy_rules = policies where p.id = project.id;
  update codered.deployments d
  set environment = codered.environment_of(d.environment_name, wanted)
  where d.project_id = project.id
    and wanted -> 'environments' is distinct from project.rules -> 'environments'
    and d.environment <> codered.environment_of(d.environment_name, wanted);
  return true;
end
$$;
comment on function codered.record_policy_rules(bigint, jsonb, text[]) is
  'Writes what the policy file on a repository''s default branch says of zones ({"red": [globs]}) and environments (names) into the rules of its project, and takes away what it said before; what the project''s deployments count as follows. Returns whether anything changed. Several repositories of a project are united.';
revoke execute on function codered.guarded_environments(text[]), codered.united_zones(jsonb), codered.united_environments(jsonb),
  codered.record_policy_rules(bigint, jsonb, text[]) from public;
grant execute on function codered.guarded_environments(text[]), codered.united_zones(jsonb), codered.united_environments(jsonb),
  codered.record_policy_rules(bigint, jsonb, text[]) to service_role;

create or replace function codered.queue_specs(commits json)
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
      bool_or('.github/codered.yml' = any (t.files) or cardinality(t.files) >= 5000 or coalesce(t.is_ref_reset, false)) as reads_policy
    from told t
    group by t.repository_id, t.ref
  ), queued as (
    select codered.queue_job(
      r.project_id, 'plan_sprint',
      jsonb_build_object('repository_id', p.repository_id, 'sha', p.sha, 'branch', p.branch, 'paths', p.paths, 'author', p.author,
        'reads_policy', p.reads_policy and p.branch = r.default_branch),
      'specs:' || p.repository_id || ':' || p.sha)
    from pushes p
    join codered.repositories r on r.id = p.repository_id
    where (p.paths <> '{}' or (p.reads_policy and p.branch = r.default_branch))
      -- What was given up is tried again when it is told again.
      and not exists (
        select from codered.agent_jobs j where j.dedupe_key = 'specs:' || p.repository_id || ':' || p.sha and j.status <> 'failed'
      )
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_specs(json) is
  'Queues the reading of the specs that commits of a push to a branch brought, and of the policy file where the push may have changed it on the default branch, once for each head; returns how many were queued.';
revoke execute on function codered.queue_specs(json) from public;
grant execute on function codered.queue_specs(json) to service_role;

create or replace function codered.finish_erasure(scope jsonb, counts jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform set_config('codered.erasing', 'on', true);
  -- Of a project that has other repositories too, what this one's policy said goes alone.
  perform codered.record_policy_rules(r.id, '{}', '{}')
  from unnest(codered.ids_in(scope, 'repositories')) as r (id);
  update codered.projects p
  set description = null, rules = '{}', policy_rules = '{}', requirements_spec = null, architecture_spec = null, tech_stack = null
  where p.id = any (codered.uuids_in(scope, 'projects'))
    and (p.rules <> '{}' or p.policy_rules <> '{}' or num_nonnulls(p.description, p.requirements_spec, p.architecture_spec, p.tech_stack) > 0);
  update codered.repositories r
  set
    default_branch = null, archived = null, details_updated_at = '-infinity', details_delivery = '', policy_parts = '{}',
    erased_at = case
      when r.gone_at is not null
        or exists (select from codered.installations i where i.id = r.installation_id and i.deleted_at is not null)
      then coalesce(r.erased_at, now())
    end
  where r.id = any (codered.ids_in(scope, 'repositories'));
  update codered.installations i
  set
    permissions = null, repository_selection = null, details_updated_at = '-infinity', details_delivery = '',
    organisation_policy_sha = null,
    erased_at = case when i.deleted_at is not null then coalesce(i.erased_at, now()) end
  where i.id = any (codered.ids_in(scope, 'installations'))
    -- Of one that is still there GitHub tells these again only when they change.
    and i.deleted_at is not null;
  if counts <> '{}' then
    insert into codered.events (event_type, payload)
    values ('retention.erased', jsonb_build_object(
      'repositories', scope -> 'repositories', 'installations', scope -> 'installations', 'projects', scope -> 'projects', 'rows', counts));
  end if;
  perform set_config('codered.erasing', 'off', true);
end
$$;
comment on function codered.finish_erasure(jsonb, jsonb) is
  'Ends an erasure whose steps are done: empties what is not audit of the rows that stay, notes when, and appends retention.erased with how many rows (counts, by table) went. Security definer, because the history would tell of what is emptied otherwise, and tasks and events are nobody''s to write.';
revoke execute on function codered.finish_erasure(jsonb, jsonb) from public;
grant execute on function codered.finish_erasure(jsonb, jsonb) to service_role;
