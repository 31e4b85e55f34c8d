-- A policy for all repositories of an account, when it was installed, and who is looked at again when such a file changes. Old workers survive it.

alter table codered.installations
  add column installed_at timestamptz,
  add column organisation_policy_sha text;
comment on column codered.installations.installed_at is
  'When the App was installed, by GitHub''s clock; null until an event tells the installation whole.';
comment on column codered.installations.organisation_policy_sha is
  'Git''s hash of the account''s policy (codered.yml in its repository .github) as it was read last; null: none was there. Once there, it is not taken for gone because it can''t be seen.';

alter table codered.repositories
  add column policy_parts text[] not null default '{}';
comment on column codered.repositories.policy_parts is
  'The files that the repository''s policy has extended, owner/repo:path with the names in lower case, the newest first, at most 20: a push that changes one has its pull requests judged again.';

create index repositories_policy_parts_idx on codered.repositories (installation_id) where policy_parts <> '{}';

create or replace function codered.merge_installations(facts json, delivery text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- An organisation is known by its account id, and by its name until the id is told.
  update codered.orgs o
  set login = f.account_login, name = f.account_login
  from json_to_recordset(facts) as f (account_login text, account_id bigint, source_updated_at timestamptz)
  where o.github_account_id = f.account_id
    and o.login <> f.account_login
    and f.source_updated_at is not null
    and not exists (select 1 from codered.orgs other where other.login = f.account_login)
    and not exists (
      select 1 from codered.installations i where i.org_id = o.id and i.source_updated_at > f.source_updated_at
    );

  insert into codered.orgs (name, login, github_account_id)
  select distinct on (f.account_login) f.account_login, f.account_login, f.account_id
  from json_to_recordset(facts) as f (account_login text, account_id bigint)
  where not exists (
    select 1 from codered.orgs o where o.login = f.account_login or o.github_account_id = f.account_id
  )
  order by f.account_login, f.account_id
  on conflict do nothing;

  update codered.orgs o
  set github_account_id = f.account_id
  from json_to_recordset(facts) as f (account_login text, account_id bigint)
  where o.login = f.account_login
    and o.github_account_id is null
    and f.account_id is not null
    and not exists (select 1 from codered.orgs other where other.github_account_id = f.account_id);

  -- Most deliveries only mention an installation that is known: those take no lock on its row.
  insert into codered.installations as i (id, org_id, account_login, account_type, source_updated_at, source_delivery)
  select distinct on (f.id)
    f.id, o.id, f.account_login, f.account_type, coalesce(f.source_updated_at, '-infinity'), merge_installations.delivery
  from json_to_recordset(facts) as f (
    id bigint, account_login text, account_id bigint, account_type text, source_updated_at timestamptz
  )
  cross join lateral (
    select org.id
    from codered.orgs org
    where org.github_account_id = f.account_id or org.login = f.account_login
    order by (org.github_account_id = f.account_id) desc nulls last
    limit 1
  ) as o
  where not exists (
    select 1
    from codered.installations known
    where known.id = f.id
      and (known.source_updated_at, known.source_delivery)
        >= (coalesce(f.source_updated_at, '-infinity'), merge_installations.delivery)
  )
  order by f.id, f.source_updated_at desc nulls last
  on conflict (id) do update
  set
    org_id = excluded.org_id,
    account_login = excluded.account_login,
    account_type = excluded.account_type,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (i.source_updated_at, i.source_delivery);

  -- What was refused for want of a permission, or while the installation was suspended, gets another chance.
  update codered.publications p
  set available_at = now(), attempts = 0
  from json_to_recordset(facts) as f (id bigint, permissions jsonb, suspended_at timestamptz, source_updated_at timestamptz)
  join codered.installations i on i.id = f.id
  join codered.repositories r on r.installation_id = i.id
  where p.repository_id = r.id
    and p.is_due
    and p.available_at = 'infinity'
    and f.suspended_at is null
    and f.permissions is not null
    and (f.source_updated_at, merge_installations.delivery) > (i.details_updated_at, i.details_delivery)
    and (f.permissions is distinct from i.permissions or i.suspended_at is not null);

  update codered.installations i
  set
    repository_selection = f.repository_selection,
    permissions = f.permissions,
    suspended_at = f.suspended_at,
    details_updated_at = f.source_updated_at,
    details_delivery = merge_installations.delivery
  from json_to_recordset(facts) as f (
    id bigint, repository_selection text, permissions jsonb, suspended_at timestamptz, source_updated_at timestamptz
  )
  where i.id = f.id
    and f.permissions is not null
    and (f.source_updated_at, merge_installations.delivery) > (i.details_updated_at, i.details_delivery);

  update codered.installations i
  set deleted_at = f.deleted_at
  from json_to_recordset(facts) as f (id bigint, deleted_at timestamptz)
  where i.id = f.id and f.deleted_at is not null and (i.deleted_at is null or i.deleted_at > f.deleted_at);

  -- It never changes, and only some events tell it.
  update codered.installations i
  set installed_at = f.installed_at
  from json_to_recordset(facts) as f (id bigint, installed_at timestamptz)
  where i.id = f.id and i.installed_at is null and f.installed_at is not null;
end
$$;

create function codered.organisation_repositories(repository_id bigint)
returns setof codered.repositories
language sql
stable
set search_path = ''
as $$
  select o.*
  from codered.repositories r
  join codered.repositories o on o.owner = r.owner and o.name = '.github'
  where r.id = organisation_repositories.repository_id
$$;
comment on function codered.organisation_repositories(bigint) is
  'The repositories .github of the account that owns a repository, as far as they were told of; a second one was made when the first was deleted.';

create function codered.read_policy_facts(repository_id bigint, pull_request_number integer default null)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installed_at', i.installed_at,
    'draft', coalesce(pr.draft, false),
    'parts', r.policy_parts,
    'organisation', json_build_object(
      'known_sha', i.organisation_policy_sha,
      'version', (select max(o.source_updated_at)::text from codered.organisation_repositories(r.id) o),
      'is_deleted', coalesce((select bool_and(o.gone_at is not null) from codered.organisation_repositories(r.id) o), false)))
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  left join codered.pull_requests pr on pr.repository_id = r.id and pr.number = read_policy_facts.pull_request_number
  where r.id = read_policy_facts.repository_id
$$;
comment on function codered.read_policy_facts(bigint, integer) is
  'What a policy is read and understood by besides its files: when the App was installed, whether the pull request is a draft, which files were extended before, and of the account''s own file what was read last (known_sha), what was told of its repository (version) and whether that was deleted. Null when the repository is unknown.';

create function codered.note_policy_files(repository_id bigint, parts text[], organisation_sha text default null)
returns void
language sql
set search_path = ''
as $$
  update codered.repositories r
  set policy_parts = (
    select array_agg(newest.part order by newest.place)
    from (
      select told.part, min(told.place) as place
      from unnest(note_policy_files.parts || r.policy_parts) with ordinality as told (part, place)
      group by told.part
      order by 2
      limit 20
    ) as newest
  )
  where r.id = note_policy_files.repository_id and not note_policy_files.parts <@ r.policy_parts;
  update codered.installations i
  set organisation_policy_sha = note_policy_files.organisation_sha
  from codered.repositories r
  where r.id = note_policy_files.repository_id
    and i.id = r.installation_id
    and i.organisation_policy_sha is distinct from note_policy_files.organisation_sha;
$$;
comment on function codered.note_policy_files(bigint, text[], text) is
  'Notes which files a repository''s policy extends (owner/repo:path), and git''s hash of its account''s own as it was read now, null when there is none.';

create or replace function codered.queue_policy_looks(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select
      r.id, r.installation_id, r.owner, r.name, f.ref, f.files, f.ref = 'refs/heads/' || coalesce(r.default_branch, 'main') as is_default,
      lower(r.owner || '/' || r.name) || ':' as prefix,
      -- GitHub lists no more files than that: the policy may be among the others.
      -- A push by force may take a change of it back, of which no commit tells.
      cardinality(f.files) >= 5000 or coalesce(f.is_ref_reset, false) as may_be_any
    from json_to_recordset(queue_policy_looks.commits) as f (repository_id bigint, ref text, files text[], is_ref_reset boolean)
    join codered.repositories r on r.id = f.repository_id
    where f.ref is not null
  ), touched as (
    -- Its own branch's policy.
    select t.id as pushed_id, t.id as repository_id, regexp_replace(t.ref, '^refs/heads/', '') as branch
    from told t
    where t.ref like 'refs/heads/%' and ('.github/codered.yml' = any (t.files) or t.may_be_any)
    union
    -- The account's, which counts for all of its repositories.
    select t.id, o.id, null
    from told t
    join codered.repositories o on o.installation_id = t.installation_id and o.owner = t.owner and o.deleted_at is null
    where t.name = '.github' and t.is_default and ('codered.yml' = any (t.files) or t.may_be_any)
    union
    -- One that others extend, on whatever branch or tag.
    select t.id, o.id, null
    from told t
    join codered.repositories o
      on o.installation_id = t.installation_id and o.policy_parts <> '{}' and o.deleted_at is null
      and exists (
        select
        from unnest(o.policy_parts) as part
        where starts_with(part, t.prefix) and (t.may_be_any or substr(part, length(t.prefix) + 1) = any (t.files))
      )
  ), asked as (
    select
      r.project_id, pr.repository_id, pr.head_sha,
      row_number() over (partition by c.pushed_id order by pr.source_updated_at desc, pr.repository_id, pr.number desc) as place
    from (select distinct t.pushed_id, t.repository_id, t.branch from touched t) as c
    join codered.repositories r on r.id = c.repository_id
    join codered.pull_requests pr
      on pr.repository_id = c.repository_id and (c.branch is null or pr.base_ref = c.branch) and pr.state = 'open'
  ), queued as (
    select codered.queue_job(
      a.project_id, 'report', jsonb_build_object('repository_id', a.repository_id, 'head_sha', a.head_sha),
      l.key || a.repository_id || ':' || a.head_sha,
      -- The others of the queue go in between.
      make_interval(secs => l.seconds + a.place))
    from asked a
    -- GitHub's API may lag behind its webhooks by some seconds, at times by more. The second look is no work that waits to be done
    -- (inbox_status), and has the key of a deadline's: whichever comes first looks.
    cross join (values ('report:', 4), ('deadline:', 60)) as l (key, seconds)
    where a.place <= 500
  )
  select count(*)::integer / 2 from queued
$$;
comment on function codered.queue_policy_looks(json) is
  'Has open pull requests judged again when commits of a push change a policy that they are judged by, or the branch was pushed by force or is new: those into the branch whose own file it is, those of all repositories of the installation where it is the account''s (codered.yml in .github), those of the repositories whose policy extends it; each time the 500 told of last, in some seconds, until when no success goes out for them, and a minute later again. Returns how many there are.';

revoke execute on function
  codered.organisation_repositories(bigint), codered.read_policy_facts(bigint, integer), codered.note_policy_files(bigint, text[], text)
from public;
grant execute on function
  codered.organisation_repositories(bigint), codered.read_policy_facts(bigint, integer), codered.note_policy_files(bigint, text[], text)
to service_role;
