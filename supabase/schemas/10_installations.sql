-- Where the App is installed: installations and their repositories.

create function codered.my_repositories()
returns setof bigint
language plpgsql
stable
security definer
rows 100
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  is_certain constant boolean := exists (
    select from codered.access_checks c
    where c.user_id = me and c.checked_at > now() - interval '1 hour' and (c.doubted_at is null or c.doubted_at < c.checked_at));
begin
  return query
    select a.repository_id
    from codered.repository_access a
    join codered.repositories r on r.id = a.repository_id
    where a.user_id = me
      and (r.private is false or a.source = 'hand' or (is_certain and a.checked_at > greatest(now() - interval '1 hour', r.access_since)));
end
$$;
comment on function codered.my_repositories() is
  'The repositories that the caller may read: by hand; as GitHub said within the hour, since when nothing put it in doubt; and public ones, however long ago that was. Security definer, because the policy of repositories asks it and would ask itself otherwise; it tells of nobody but the caller.';
revoke execute on function codered.my_repositories from public;
grant execute on function codered.my_repositories to authenticated, service_role;

create function codered.my_whole_projects()
returns setof uuid
language plpgsql
stable
security definer
rows 100
set search_path = ''
as $$
declare
  mine constant bigint[] := array(select codered.my_repositories());
begin
  return query
    select p.id
    from codered.my_projects() as p (id)
    where not exists (select from codered.repositories r where r.project_id = p.id and r.id <> all (mine));
end
$$;
comment on function codered.my_whole_projects() is
  'The projects of which the caller may read every repository. Security definer, because whoever may not read one does not see that it is there; it tells of nobody but the caller.';
revoke execute on function codered.my_whole_projects from public;
grant execute on function codered.my_whole_projects to authenticated, service_role;

create table codered.installations (
  id bigint primary key,
  org_id uuid not null references codered.orgs (id) on delete restrict,
  account_login text not null,
  account_type text,
  repository_selection text,
  permissions jsonb,
  suspended_at timestamptz,
  deleted_at timestamptz,
  next_write_at timestamptz not null default now(),
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  details_updated_at timestamptz not null default '-infinity',
  details_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  paused_until timestamptz not null default '-infinity',
  gone_at timestamptz,
  erased_at timestamptz,
  installed_at timestamptz,
  organisation_policy_sha text
);
comment on table codered.installations is 'One installation of the App on one account; id is GitHub''s and never used again.';
comment on column codered.installations.next_write_at is
  'No request that changes something at GitHub leaves for this installation before: keeps the pace and obeys rate limits, across processes.';
comment on column codered.installations.source_updated_at is
  'GitHub''s own time of the state in this row; -infinity for a row that was only mentioned.';
comment on column codered.installations.details_updated_at is
  'As source_updated_at, for repository_selection, permissions and suspended_at alone: a payload about a new name leaves them out.';
comment on column codered.installations.paused_until is
  'GitHub asked for silence until then (a rate limit): no request of any kind leaves for this installation before, from whatever process.';
comment on column codered.installations.gone_at is 'When CodeRed learned that it was uninstalled, by its own clock.';
comment on column codered.installations.erased_at is 'When what was kept of it was erased.';
comment on column codered.installations.installed_at is
  'When the App was installed, by GitHub''s clock; null until an event tells the installation whole.';
comment on column codered.installations.organisation_policy_sha is
  'Git''s hash of the account''s policy (codered.yml in its repository .github) as it was read last; null: none was there. Once there, it is not taken for gone because it can''t be seen.';
create index installations_org_id_idx on codered.installations (org_id);
alter table codered.installations enable row level security;
create policy installations_read on codered.installations for select to authenticated using (org_id in (select codered.my_orgs()));
grant select on codered.installations to authenticated;
grant select, insert, update, delete on codered.installations to service_role;
create trigger installations_touch before update on codered.installations
  for each row execute function codered.touch_updated_at();

create table codered.repositories (
  id bigint primary key,
  installation_id bigint references codered.installations (id) on delete set null,
  project_id uuid references codered.projects (id) on delete set null,
  owner text not null,
  name text not null,
  default_branch text,
  private boolean,
  archived boolean,
  deleted_at timestamptz,
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  details_updated_at timestamptz not null default '-infinity',
  details_delivery text not null default '',
  presence_updated_at timestamptz not null default '-infinity',
  presence_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  rule_suites_looked_at bigint[] not null default '{}',
  -- Our own clock: GitHub's times of a deletion are those of the last change before it.
  gone_at timestamptz,
  -- Our own clock: GitHub's times of a deletion are those of the last change before it.
  erased_at timestamptz,
  policy_parts text[] not null default '{}',
  access_since timestamptz not null default '-infinity'
);
comment on table codered.repositories is
  'A repository by GitHub''s id: a rename or a transfer changes owner and name, never makes a second row.';
comment on column codered.repositories.deleted_at is 'Deleted at GitHub, or taken from the installation.';
comment on column codered.repositories.details_updated_at is
  'As source_updated_at, for default_branch and archived alone: GitHub''s minimal repository leaves them out.';
comment on column codered.repositories.presence_updated_at is
  'As source_updated_at, for deleted_at alone: only what tells that a repository is there or gone changes it.';
comment on column codered.repositories.rule_suites_looked_at is
  'GitHub''s ids of the rule suites in its newest list, all of which were read: what is known of them is final.';
comment on column codered.repositories.gone_at is
  'When CodeRed learned that it is gone, by its own clock; anew with every later word of GitHub about it. Null while it is there. Also of a deletion whose times in GitHub''s words are too old for deleted_at.';
comment on column codered.repositories.erased_at is 'When all but the audit was erased; null again once GitHub tells something newer of it.';
comment on column codered.repositories.policy_parts is
  'The files that the repository''s policy has extended, owner/repo:path with the names in lower case, the newest first, at most 20: a push that changes one has its pull requests evaluated again.';
comment on column codered.repositories.access_since is
  'What GitHub said before then of who may see it counts no more: it became private, or went to another organisation.';
create index repositories_installation_id_idx on codered.repositories (installation_id);
create index repositories_project_id_idx on codered.repositories (project_id);
create index repositories_owner_name_idx on codered.repositories (owner, name);
create index repositories_policy_parts_idx on codered.repositories (installation_id) where policy_parts <> '{}';
alter table codered.repositories enable row level security;
create policy repositories_read on codered.repositories for select to authenticated
  using (id in (select codered.my_repositories()));
grant select on codered.repositories to authenticated;
grant select, insert, update, delete on codered.repositories to service_role;
create trigger repositories_touch before update on codered.repositories
  for each row execute function codered.touch_updated_at();

create function codered.merge_installations(facts json, delivery text)
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
    and not exists (select 1 from codered.orgs other where lower(other.login) = lower(f.account_login) and other.id <> o.id)
    and not exists (
      select 1 from codered.installations i where i.org_id = o.id and i.source_updated_at > f.source_updated_at
    );

  insert into codered.orgs (name, login, github_account_id)
  select distinct on (f.account_login) f.account_login,
    -- GitHub gives a login that was given up to anybody: who has it now is told apart by the id from whom we know under it.
    f.account_login || case when exists (select from codered.orgs o where lower(o.login) = lower(f.account_login)) then '~' || f.account_id else '' end,
    f.account_id
  from json_to_recordset(facts) as f (account_login text, account_id bigint)
  where not exists (
    select 1
    from codered.orgs o
    where o.github_account_id = f.account_id
      or (o.login = f.account_login and (o.github_account_id is null or f.account_id is null))
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
    where org.github_account_id = f.account_id
      -- Another account under a name that we know is a stranger.
      or (org.login = f.account_login and (org.github_account_id is null or f.account_id is null))
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
comment on function codered.merge_installations(json, text) is
  'Merges installations and the organisations they belong to, which are known by the id of the account: one that comes under the login of another, who has given it up, gets an organisation of its own with the id behind the login. A deleted installation stays deleted: GitHub never reuses the id.';
revoke execute on function codered.merge_installations from public;
grant execute on function codered.merge_installations to service_role;

create function codered.merge_repositories(facts json, delivery text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  homeless record;
  made uuid;
begin
  insert into codered.repositories as r (id, installation_id, owner, name, private, source_updated_at, source_delivery)
  select distinct on (f.id)
    f.id, i.id, f.owner, f.name, f.private, coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery
  from json_to_recordset(facts) as f (
    id bigint, installation_id bigint, owner text, name text, private boolean, source_updated_at timestamptz
  )
  left join codered.installations i on i.id = f.installation_id
  order by f.id, f.source_updated_at desc nulls last
  on conflict (id) do update
  set
    installation_id = coalesce(excluded.installation_id, r.installation_id),
    owner = excluded.owner,
    name = excluded.name,
    private = coalesce(excluded.private, r.private),
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (r.source_updated_at, r.source_delivery);

  update codered.repositories r
  set
    default_branch = f.default_branch,
    archived = f.archived,
    details_updated_at = coalesce(f.source_updated_at, '-infinity'),
    details_delivery = merge_repositories.delivery
  from json_to_recordset(facts) as f (id bigint, default_branch text, archived boolean, source_updated_at timestamptz)
  where r.id = f.id
    and f.default_branch is not null
    and (coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery) > (r.details_updated_at, r.details_delivery);

  update codered.repositories r
  set
    deleted_at = f.deleted_at,
    presence_updated_at = coalesce(f.source_updated_at, '-infinity'),
    presence_delivery = merge_repositories.delivery
  from json_to_recordset(facts) as f (
    id bigint, tells_presence boolean, deleted_at timestamptz, source_updated_at timestamptz
  )
  where r.id = f.id
    and f.tells_presence
    and (coalesce(f.source_updated_at, '-infinity'), merge_repositories.delivery) > (r.presence_updated_at, r.presence_delivery);

  for homeless in
    select r.id, r.owner || '/' || r.name as full_name, codered.slug_of(r.owner || '/' || r.name) as slug, i.org_id
    from codered.repositories r
    left join codered.installations i on i.id = r.installation_id
    where r.id in (select f.id from json_to_recordset(facts) as f (id bigint))
      and r.project_id is null
    order by r.id
  loop
    insert into codered.projects (org_id, slug, name)
    values (homeless.org_id, homeless.slug, homeless.full_name)
    on conflict (slug) do nothing
    returning id into made;
    if made is null then
      -- a-b/c and a/b-c come to one slug: the repository's id tells them apart.
      insert into codered.projects (org_id, slug, name)
      values (homeless.org_id, homeless.slug || '_' || homeless.id, homeless.full_name)
      returning id into made;
    end if;
    update codered.repositories r set project_id = made where r.id = homeless.id;
  end loop;
end
$$;
comment on function codered.merge_repositories(json, text) is
  'Merges repositories by GitHub''s id; one that has no project gets one in the same transaction.';
revoke execute on function codered.merge_repositories from public;
grant execute on function codered.merge_repositories to service_role;

create function codered.find_repository(owner text, name text)
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
  'The id of the repository of this owner and name, in upper or lower case, as GitHub finds it; of several, because one was renamed and another made, the one on which CodeRed is installed, then the one of which GitHub sent something last. Null when none is known.';
revoke execute on function codered.find_repository from public;
grant execute on function codered.find_repository to service_role;

create function codered.note_departure()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.deleted_at is not null and new.gone_at is null then
    new.gone_at := now();
  elsif new.deleted_at is null then
    new.gone_at := null;
  end if;
  return new;
end
$$;
comment on function codered.note_departure() is 'Keeps gone_at beside deleted_at.';
revoke execute on function codered.note_departure from public;

create trigger installations_departure before insert or update of deleted_at on codered.installations
  for each row execute function codered.note_departure();

create trigger repositories_departure before insert or update of deleted_at on codered.repositories
  for each row execute function codered.note_departure();

create function codered.note_repository_word()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.installation_id is distinct from old.installation_id or (old.deleted_at is not null and new.deleted_at is null) then
    new.erased_at := null;
    new.gone_at := case when new.deleted_at is not null then now() end;
  elsif new.source_updated_at > old.source_updated_at then
    new.erased_at := null;
    new.gone_at := case when new.gone_at is not null then now() end;
  end if;
  return new;
end
$$;
comment on function codered.note_repository_word() is
  'A word of GitHub about a repository that is gone starts its time anew: it may be there again, and its events come before the one that says so.';
revoke execute on function codered.note_repository_word from public;

create trigger repositories_word before update of source_updated_at, installation_id, deleted_at on codered.repositories
  for each row execute function codered.note_repository_word();

create function codered.follow_transfer()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  from_org uuid;
  to_org uuid;
begin
  select i.org_id into from_org from codered.installations i where i.id = old.installation_id;
  select i.org_id into to_org from codered.installations i where i.id = new.installation_id;
  -- A project that the operator has put into another organisation stays there.
  if from_org = to_org or to_org is null
    or not exists (select from codered.projects p where p.id = new.project_id and p.org_id = from_org) then
    return new;
  end if;
  if exists (select from codered.repositories r where r.project_id = new.project_id and r.id <> new.id) then
    new.project_id := null;
  else
    update codered.projects p set org_id = to_org where p.id = new.project_id;
  end if;
  return new;
end
$$;
comment on function codered.follow_transfer() is
  'A repository that goes to another organisation takes its project along, so that the members of the one see no more of it and those of the other do; where the project has other repositories it leaves it, and gets one of its own.';
revoke execute on function codered.follow_transfer from public;

create trigger repositories_transfer before update of installation_id on codered.repositories
  for each row when (new.installation_id is distinct from old.installation_id)
  execute function codered.follow_transfer();

create function codered.organisation_repositories(repository_id bigint)
returns setof codered.repositories
language sql
stable
set search_path = ''
as $$
  select o.*
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  join codered.repositories o on o.owner = r.owner and o.name = '.github'
  left join codered.installations oi on oi.id = o.installation_id
  where r.id = organisation_repositories.repository_id
    -- Under a name that the owner had may be another account's by now.
    and (i.org_id = oi.org_id or i.id is null or oi.id is null)
$$;
comment on function codered.organisation_repositories(bigint) is
  'The repositories .github of the account that owns a repository, as far as GitHub has sent anything of them; a second one was made when the first was deleted.';
revoke execute on function codered.organisation_repositories from public;
grant execute on function codered.organisation_repositories to service_role;

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
  'What a policy is read and understood by besides its files: when the App was installed, whether the pull request is a draft, which files were extended before, and of the account''s own file what was read last (known_sha), what is known of its repository (version) and whether that was deleted. Null when the repository is unknown.';
revoke execute on function codered.read_policy_facts from public;
grant execute on function codered.read_policy_facts to service_role;

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
revoke execute on function codered.note_policy_files from public;
grant execute on function codered.note_policy_files to service_role;
