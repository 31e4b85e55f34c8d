-- What a person may see of which repository: as somebody wrote it by hand, or as GitHub says and as long as that is not old.
--
--   1. A right by hand comes from a membership by hand (or from owning a project without organisation) and follows it: triggers
--      write it for every repository that the organisation's projects have, and take it away with either.
--   2. A right that GitHub told is good for an hour from when GitHub was asked. After that, and once an event says that something
--      changed, only a public repository is shown by it.
--   3. What an event told after the asking began is not undone by its answer: access_notices keeps it for a day.

create table codered.repository_access (
  user_id uuid not null references codered.profiles (id) on delete cascade,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  permission text not null,
  source text not null,
  checked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, repository_id),
  constraint repository_access_permission_check check (
    permission in ('read', 'triage', 'write', 'maintain', 'admin')
    or codered.refuse_value('repository_access.permission', permission, 'read, triage, write, maintain, admin')
  ),
  constraint repository_access_source_check check (
    source in ('hand', 'github') or codered.refuse_value('repository_access.source', source, 'hand, github')
  ),
  constraint repository_access_checked_at_check check ((checked_at is null) = (source = 'hand'))
);
comment on table codered.repository_access is 'Who may read which repository, and what more they may do there. Rows of a repository are shown by this alone.';
comment on column codered.repository_access.permission is 'As GitHub names them. By hand: read for a member, maintain for a maintainer, admin for an admin.';
comment on column codered.repository_access.source is
  'hand: follows a membership by hand, and is never too old. github: as GitHub said at checked_at; a right by hand stands before it.';
comment on column codered.repository_access.checked_at is
  'When GitHub was asked (when the asking began); null by hand.';
create index repository_access_repository_id_idx on codered.repository_access (repository_id);
alter table codered.repository_access enable row level security;
create policy repository_access_read on codered.repository_access for select to authenticated using (user_id = (select auth.uid()));
grant select on codered.repository_access to authenticated;
grant select, insert, update, delete on codered.repository_access to service_role;
create trigger repository_access_touch before update on codered.repository_access
  for each row execute function codered.touch_updated_at();

create table codered.access_checks (
  user_id uuid primary key references codered.profiles (id) on delete cascade,
  checked_at timestamptz,
  doubted_at timestamptz,
  due_at timestamptz not null default now(),
  last_seen_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table codered.access_checks is 'One row for each person whose access GitHub tells: when it was asked last, and when it is to be asked again.';
comment on column codered.access_checks.checked_at is 'When GitHub was asked last (when the asking began); null: never yet.';
comment on column codered.access_checks.doubted_at is
  'When an event arrived that may change what the person may see: what was asked before counts as too old.';
comment on column codered.access_checks.last_seen_at is 'When the person came last, to the minute: who does not come is not asked for.';
create index access_checks_last_seen_at_idx on codered.access_checks (last_seen_at);
alter table codered.access_checks enable row level security;
create policy access_checks_nobody on codered.access_checks for select to authenticated using (false);
grant select, insert, update, delete on codered.access_checks to service_role;
create trigger access_checks_touch before update on codered.access_checks
  for each row execute function codered.touch_updated_at();

create table codered.access_notices (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  github_user_id bigint,
  org_id uuid references codered.orgs (id) on delete cascade,
  repository_id bigint references codered.repositories (id) on delete cascade,
  told_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint access_notices_subject_key unique nulls not distinct (kind, github_user_id, org_id, repository_id),
  constraint access_notices_kind_check check (
    kind in ('withdrawn', 'doubted') or codered.refuse_value('access_notices.kind', kind, 'withdrawn, doubted')
  )
);
comment on table codered.access_notices is
  'What events said of people''s access within a day: an answer of GitHub to what was asked before an event arrived does not undo it.';
comment on column codered.access_notices.kind is 'withdrawn: the right is gone. doubted: it may have changed, and GitHub has to be asked.';
comment on column codered.access_notices.github_user_id is 'Whom it is about, by GitHub''s id, here or not; null: everybody.';
comment on column codered.access_notices.told_at is 'When the newest event that said so arrived here for the first time.';
create index access_notices_told_at_idx on codered.access_notices (told_at);
create index access_notices_org_id_idx on codered.access_notices (org_id);
create index access_notices_repository_id_idx on codered.access_notices (repository_id);
alter table codered.access_notices enable row level security;
create policy access_notices_nobody on codered.access_notices for select to authenticated using (false);
grant select, insert, update, delete on codered.access_notices to service_role;
create trigger access_notices_touch before update on codered.access_notices
  for each row execute function codered.touch_updated_at();

create function codered.is_access_certain(user_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select from codered.access_checks c
    where c.user_id = is_access_certain.user_id
      and c.checked_at > now() - interval '1 hour'
      and (c.doubted_at is null or c.doubted_at < c.checked_at))
$$;
comment on function codered.is_access_certain(uuid) is
  'Whether GitHub was asked within the hour what a person may see, and no event since then puts it in doubt.';
revoke execute on function codered.is_access_certain from public;
grant execute on function codered.is_access_certain to service_role;

create function codered.follow_hand(user_id uuid default null, org_id uuid default null, repository_id bigint default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  taken uuid[];
begin
  with wanted as (
    select m.user_id, r.id as repository_id,
      case m.role when 'admin' then 'admin' when 'maintainer' then 'maintain' else 'read' end as permission
    from codered.repositories r
    join codered.projects p on p.id = r.project_id
    join codered.memberships m on m.org_id = p.org_id and m.source = 'hand'
    where (follow_hand.user_id is null or m.user_id = follow_hand.user_id)
      and (follow_hand.org_id is null or p.org_id = follow_hand.org_id)
      and (follow_hand.repository_id is null or r.id = follow_hand.repository_id)
    union all
    select p.owner_user_id, r.id, 'admin'
    from codered.repositories r
    join codered.projects p on p.id = r.project_id
    where p.org_id is null and p.owner_user_id is not null
      and follow_hand.org_id is null
      and (follow_hand.user_id is null or p.owner_user_id = follow_hand.user_id)
      and (follow_hand.repository_id is null or r.id = follow_hand.repository_id)
  ), written as (
    insert into codered.repository_access as a (user_id, repository_id, permission, source)
    select w.user_id, w.repository_id, w.permission, 'hand'
    from wanted w
    on conflict on constraint repository_access_pkey do update
    set permission = excluded.permission, source = 'hand', checked_at = null
    where a.source <> 'hand' or a.permission <> excluded.permission
  ), gone as (
    delete from codered.repository_access a
    using codered.repositories r
    left join codered.projects p on p.id = r.project_id
    where r.id = a.repository_id
      and a.source = 'hand'
      and (follow_hand.user_id is null or a.user_id = follow_hand.user_id)
      and (follow_hand.org_id is null or p.org_id = follow_hand.org_id)
      and (follow_hand.repository_id is null or r.id = follow_hand.repository_id)
      and not exists (select from wanted w where w.user_id = a.user_id and w.repository_id = a.repository_id)
    returning a.user_id
  )
  select array_agg(g.user_id) into taken from gone g;
  -- GitHub may say otherwise of what was theirs by hand.
  update codered.access_checks c set due_at = now() where c.user_id = any (taken) and c.due_at > now();
end
$$;
comment on function codered.follow_hand(uuid, uuid, bigint) is
  'Has the rights by hand follow the memberships by hand and the owners of projects without organisation: of a person, of an organisation''s repositories, of a repository, or of what several name together. Called by the triggers of memberships, projects and repositories.';
revoke execute on function codered.follow_hand from public;
grant execute on function codered.follow_hand to service_role;

create function codered.follow_membership()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op <> 'DELETE' and new.source = 'hand' or tg_op <> 'INSERT' and old.source = 'hand' then
    perform codered.follow_hand(user_id => coalesce(new.user_id, old.user_id), org_id => coalesce(new.org_id, old.org_id));
  end if;
  return null;
end
$$;
comment on function codered.follow_membership() is
  'After every change of a membership by hand: the rights by hand follow. Security definer, because admins write memberships and nobody their rights.';
revoke execute on function codered.follow_membership from public;
create trigger memberships_access after insert or update or delete on codered.memberships
  for each row execute function codered.follow_membership();

create function codered.follow_project()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform codered.follow_hand(repository_id => r.id) from codered.repositories r where r.project_id = new.id;
  return null;
end
$$;
comment on function codered.follow_project() is
  'After a project has got another organisation or owner: the rights by hand to its repositories follow. Security definer, because nobody writes their rights.';
revoke execute on function codered.follow_project from public;
create trigger projects_access after update of org_id, owner_user_id on codered.projects
  for each row when (new.org_id is distinct from old.org_id or new.owner_user_id is distinct from old.owner_user_id)
  execute function codered.follow_project();

create function codered.note_access_since()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.private and old.private is false
    or (select i.org_id from codered.installations i where i.id = new.installation_id)
      <> (select i.org_id from codered.installations i where i.id = old.installation_id) then
    new.access_since := now();
  end if;
  return new;
end
$$;
comment on function codered.note_access_since() is
  'A repository that became private or went to another organisation: what GitHub said before of who may see it counts no more.';
revoke execute on function codered.note_access_since from public;
create trigger repositories_access_since before update of installation_id, private on codered.repositories
  for each row when (new.installation_id is distinct from old.installation_id or new.private is distinct from old.private)
  execute function codered.note_access_since();

create function codered.follow_repository()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' or new.project_id is distinct from old.project_id then
    perform codered.follow_hand(repository_id => new.id);
  end if;
  if tg_op = 'UPDATE' and new.access_since > old.access_since then
    update codered.access_checks c set due_at = now()
    where c.user_id in (select a.user_id from codered.repository_access a where a.repository_id = new.id and a.source = 'github');
  end if;
  return null;
end
$$;
comment on function codered.follow_repository() is
  'After a repository came, got another project, went to another organisation or became private: the rights by hand follow, and GitHub is asked of the others. Security definer, because nobody writes their rights.';
revoke execute on function codered.follow_repository from public;
create trigger repositories_access_given after insert on codered.repositories
  for each row execute function codered.follow_repository();
create trigger repositories_access after update on codered.repositories
  for each row when (new.project_id is distinct from old.project_id or new.access_since is distinct from old.access_since)
  execute function codered.follow_repository();

create function codered.has_unchecked(user_id uuid, project_id uuid default null)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  me constant uuid := has_unchecked.user_id;
  is_certain boolean;
begin
  if not exists (select from codered.access_checks c where c.user_id = me) then
    return false;
  end if;
  is_certain := codered.is_access_certain(me);
  if (select c.checked_at is null from codered.access_checks c where c.user_id = me) then
    -- What GitHub would say nobody knows; what is theirs by hand is.
    return has_unchecked.project_id is null or not exists (
      select from codered.projects p
      where p.id = has_unchecked.project_id
        and (p.owner_user_id = me and p.org_id is null
          or exists (select from codered.memberships m where m.org_id = p.org_id and m.user_id = me and m.source = 'hand')));
  end if;
  return exists (
      select
      from codered.repository_access a
      join codered.repositories r on r.id = a.repository_id
      where a.user_id = me
        and a.source = 'github'
        and r.private is not false
        and not (is_certain and a.checked_at > greatest(now() - interval '1 hour', r.access_since))
        and (has_unchecked.project_id is null or r.project_id = has_unchecked.project_id)
    )
    or not is_certain and exists (
      select
      from codered.memberships m
      join codered.projects p on p.org_id = m.org_id
      where m.user_id = me
        and m.source = 'github'
        and m.role <> 'collaborator'
        and (has_unchecked.project_id is null or p.id = has_unchecked.project_id)
        and not exists (select from codered.repositories r where r.project_id = p.id)
    )
    -- As in my_projects: beside a public repository membership counts for a day.
    or not is_certain and exists (
      select
      from codered.access_checks c
      join codered.memberships m on m.user_id = c.user_id and m.source = 'github'
      join codered.projects p on p.org_id = m.org_id
      where c.user_id = me
        and c.checked_at <= now() - interval '1 day'
        and (has_unchecked.project_id is null or p.id = has_unchecked.project_id)
        and p.id in (
          select r.project_id
          from codered.repository_access a
          join codered.repositories r on r.id = a.repository_id
          where a.user_id = me and r.private is false)
    );
end
$$;
comment on function codered.has_unchecked(uuid, uuid) is
  'Whether something of a project (null: of all that a person may see) is hidden from a person only because GitHub was not asked within the hour, or never.';
revoke execute on function codered.has_unchecked from public;
grant execute on function codered.has_unchecked to service_role;

create function codered.access_state(user_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told codered.access_checks;
begin
  select c.* into told from codered.access_checks c where c.user_id = access_state.user_id;
  return jsonb_build_object(
    'is_checked_by_github', told.user_id is not null,
    'checked_at', told.checked_at,
    'is_due', told.user_id is not null
      and (told.due_at <= now() or told.checked_at is null or told.checked_at < now() - interval '45 minutes'),
    'is_stale', told.user_id is not null
      and (not codered.is_access_certain(access_state.user_id) or codered.has_unchecked(access_state.user_id)),
    'now', clock_timestamp());
end
$$;
comment on function codered.access_state(uuid) is
  'How GitHub''s word of a person stands: {is_checked_by_github: false for who has rights by hand only, checked_at: null for never, is_due: it is to be asked, is_stale: private repositories are not shown until it was, now: the database''s clock}.';
revoke execute on function codered.access_state from public;
grant execute on function codered.access_state to service_role;

create function codered.note_seen(user_id uuid)
returns void
language sql
set search_path = ''
as $$
  update codered.access_checks c
  set last_seen_at = now()
  where c.user_id = note_seen.user_id and (c.last_seen_at is null or c.last_seen_at < now() - interval '1 minute')
$$;
comment on function codered.note_seen(uuid) is 'Notes, to the minute, that a person came, so that GitHub is asked for them; nothing for who has rights by hand only.';
revoke execute on function codered.note_seen from public;
grant execute on function codered.note_seen to service_role;

create function codered.list_access_due(batch integer default 50)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.check_batch('batch', list_access_due.batch);
  return (
    select coalesce(jsonb_agg(jsonb_build_object('user_id', d.user_id, 'github_id', d.github_id, 'checked_at', d.checked_at) order by d.turn), '[]')
    from (
      select c.user_id, p.github_id, c.checked_at,
        -- Another order each minute: whoever can't be asked keeps nobody waiting for ever.
        md5(c.user_id::text || date_trunc('minute', now())::text) as turn
      from codered.access_checks c
      join codered.profiles p on p.id = c.user_id
      where c.last_seen_at > now() - interval '1 hour'
        and (c.checked_at is null or c.checked_at < now() - interval '45 minutes' or c.due_at <= now())
      order by turn
      limit list_access_due.batch
    ) as d
  );
end
$$;
comment on function codered.list_access_due(integer) is
  'Of whom GitHub is to be asked: people who came within the hour and of whom it was asked last more than 45 minutes ago, or whom an event concerns: [{user_id, github_id, checked_at}]. Refuses CR002 (batch 1 to 500).';
revoke execute on function codered.list_access_due from public;
grant execute on function codered.list_access_due to service_role;

create function codered.accept_access(told jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  account jsonb;
  -- The widest that GitHub says of a person; a page has 100.
  most_accounts constant integer := 1000;
  most_repositories constant integer := 50000;
  repositories integer := 0;
begin
  if told is null or jsonb_typeof(told) <> 'object' or exists (
      select from jsonb_object_keys(told) as k where k not in ('checked_at', 'accounts', 'withheld')) then
    perform codered.refuse_value('told', left(coalesce(told::text, 'null'), 100), 'an object of checked_at, accounts, withheld');
  end if;
  if jsonb_typeof(told -> 'checked_at') is distinct from 'string' or told ->> 'checked_at' !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,20}(Z|[+-][0-9]{2}:[0-9]{2})$' then
    perform codered.refuse_value('told.checked_at', left(coalesce(told ->> 'checked_at', 'null'), 100), 'a time of ISO 8601');
  end if;
  if (told ->> 'checked_at')::timestamptz not between now() - interval '1 day' and clock_timestamp() + interval '1 minute' then
    perform codered.refuse_value('told.checked_at', told ->> 'checked_at', 'a time of the last day');
  end if;
  if jsonb_typeof(told -> 'accounts') is distinct from 'array' or jsonb_array_length(told -> 'accounts') > most_accounts then
    perform codered.refuse_value('told.accounts', left(coalesce(told ->> 'accounts', 'null'), 100), 'an array of at most ' || most_accounts);
  end if;
  if told ? 'withheld' and (jsonb_typeof(told -> 'withheld') <> 'array' or jsonb_array_length(told -> 'withheld') > most_accounts
      or not codered.are_ids(told -> 'withheld')) then
    perform codered.refuse_value('told.withheld', left(told ->> 'withheld', 100), 'an array of at most ' || most_accounts || ' ids');
  end if;
  for account in select a from jsonb_array_elements(told -> 'accounts') as a loop
    if jsonb_typeof(account) <> 'object' or not codered.are_ids(jsonb_build_array(account -> 'account_id'))
      or coalesce(account ->> 'role', '') not in ('admin', 'member', 'collaborator')
      or jsonb_typeof(account -> 'repositories') is distinct from 'array' then
      perform codered.refuse_value('told.accounts', left(account::text, 100), '{account_id, role: admin, member or collaborator, repositories: [{id, permission}]}');
    end if;
    repositories := repositories + jsonb_array_length(account -> 'repositories');
    if repositories > most_repositories then
      perform codered.refuse_value('told.accounts', repositories, 'at most ' || most_repositories || ' repositories');
    end if;
    if exists (
        select from jsonb_array_elements(account -> 'repositories') as r
        where jsonb_typeof(r) <> 'object' or not codered.are_ids(jsonb_build_array(r -> 'id'))
          or coalesce(r ->> 'permission', '') not in ('read', 'triage', 'write', 'maintain', 'admin')) then
      perform codered.refuse_value('told.accounts', left(account::text, 100), 'repositories of {id, permission: read, triage, write, maintain or admin}');
    end if;
  end loop;
end
$$;
comment on function codered.accept_access(jsonb) is 'Nothing for what record_access takes; raises CR002 for anything else. Called by record_access.';
revoke execute on function codered.accept_access from public;
grant execute on function codered.accept_access to service_role;

create function codered.are_ids(list jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select coalesce(bool_and(
    case when jsonb_typeof(e) = 'number' then (e #>> '{}')::numeric between 1 and 9223372036854775807 and scale((e #>> '{}')::numeric) = 0 else false end), true)
  from jsonb_array_elements(are_ids.list) as e
$$;
comment on function codered.are_ids(jsonb) is 'Whether all of a JSON array are ids as GitHub has them. Called by accept_access.';
revoke execute on function codered.are_ids from public;
grant execute on function codered.are_ids to service_role;

create function codered.replace_access(user_id uuid, told jsonb, asked_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  me constant uuid := replace_access.user_id;
  -- An account that is named twice, or withheld from one of two pages, has what is least.
  accounts constant jsonb := (
    select coalesce(jsonb_agg(a), '[]')
    from jsonb_array_elements(told -> 'accounts') as a
    where not coalesce(told -> 'withheld', '[]') @> (a -> 'account_id'));
begin
  with wanted as (
    select o.id as org_id, ('{collaborator,member,admin}'::text[])[min(array_position('{collaborator,member,admin}', a ->> 'role'))] as role
    from jsonb_array_elements(accounts) as a
    join codered.orgs o on o.github_account_id = (a ->> 'account_id')::bigint
    where exists (select from codered.installations i where i.org_id = o.id and i.deleted_at is null)
    group by o.id
  ), gone as (
    delete from codered.memberships m
    where m.user_id = me and m.source = 'github' and m.org_id not in (select w.org_id from wanted w)
  )
  insert into codered.memberships as m (org_id, user_id, role, source)
  select w.org_id, me, w.role, 'github' from wanted w
  on conflict on constraint memberships_pkey do update set role = excluded.role
  where m.source = 'github' and m.role <> excluded.role;

  with wanted as (
    select r.id, ('{read,triage,write,maintain,admin}'::text[])[
      min(array_position('{read,triage,write,maintain,admin}', given ->> 'permission'))] as permission
    from jsonb_array_elements(accounts) as a
    join codered.orgs o on o.github_account_id = (a ->> 'account_id')::bigint
    cross join lateral jsonb_array_elements(a -> 'repositories') as given
    join codered.repositories r on r.id = (given ->> 'id')::bigint and r.deleted_at is null
    join codered.installations i on i.id = r.installation_id and i.org_id = o.id and i.deleted_at is null
    group by r.id
  ), gone as (
    delete from codered.repository_access a
    where a.user_id = me and a.source = 'github' and a.repository_id not in (select w.id from wanted w)
  )
  insert into codered.repository_access as a (user_id, repository_id, permission, source, checked_at)
  select me, w.id, w.permission, 'github', asked_at from wanted w
  on conflict on constraint repository_access_pkey do update set permission = excluded.permission, checked_at = excluded.checked_at
  where a.source = 'github';
end
$$;
comment on function codered.replace_access(uuid, jsonb, timestamptz) is
  'Puts what GitHub says of a person in place of what it said before. Called by record_access.';
revoke execute on function codered.replace_access from public;
grant execute on function codered.replace_access to service_role;

create function codered.record_access(user_id uuid, told jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  me constant uuid := record_access.user_id;
  my_github_id bigint;
  asked_at timestamptz;
  former codered.access_checks;
  doubted timestamptz;
begin
  perform codered.accept_access(record_access.told);
  asked_at := least((record_access.told ->> 'checked_at')::timestamptz, clock_timestamp());
  select p.github_id into my_github_id from codered.profiles p where p.id = me;
  if not found then
    raise exception 'There is no person "%".', me using errcode = 'CR004';
  end if;
  if my_github_id is not null then
    -- Beside no event about them that is being written down.
    perform pg_advisory_xact_lock(hashtextextended('codered.access.' || my_github_id, 0));
  end if;
  insert into codered.access_checks (user_id, last_seen_at) values (me, now()) on conflict on constraint access_checks_pkey do nothing;
  select c.* into former from codered.access_checks c where c.user_id = me for update;
  if former.checked_at > asked_at then
    return jsonb_build_object('is_recorded', false, 'is_due', former.due_at <= now());
  end if;
  perform codered.replace_access(me, record_access.told, asked_at);

  -- What an event said since then stands.
  delete from codered.memberships m
  using codered.access_notices n
  where m.user_id = me and m.source = 'github'
    and n.kind = 'withdrawn' and n.org_id = m.org_id and n.repository_id is null and n.github_user_id = my_github_id and n.told_at >= asked_at;
  delete from codered.repository_access a
  using codered.access_notices n, codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where a.user_id = me and a.source = 'github' and r.id = a.repository_id
    and n.kind = 'withdrawn' and n.told_at >= asked_at
    and (n.github_user_id is null or n.github_user_id = my_github_id)
    and (n.repository_id = a.repository_id or n.repository_id is null and n.org_id = i.org_id);
  select max(n.told_at) into doubted
  from codered.access_notices n
  where n.kind = 'doubted' and n.told_at >= asked_at
    and (n.github_user_id = my_github_id
      or n.github_user_id is null and n.repository_id is null
        and exists (select from codered.memberships m where m.user_id = me and m.source = 'github' and m.org_id = n.org_id));

  update codered.access_checks c
  set
    checked_at = asked_at,
    doubted_at = greatest(c.doubted_at, doubted),
    due_at = case
      when c.doubted_at >= asked_at or doubted is not null
        or exists (
          select from codered.repository_access a
          join codered.repositories r on r.id = a.repository_id
          where a.user_id = me and a.source = 'github' and a.checked_at <= r.access_since) then now()
      else asked_at + interval '45 minutes' end
  where c.user_id = me
  returning c.* into former;
  return jsonb_build_object('is_recorded', true, 'is_due', former.due_at <= now());
end
$$;
comment on function codered.record_access(uuid, jsonb) is
  'Writes down what GitHub says a person may see: {"checked_at": when the asking began, "accounts": [{"account_id", "role": admin, member or collaborator, "repositories": [{"id", "permission"}]}], "withheld": [ids of accounts that single sign-on kept back]}, in place of all that GitHub said before; rights by hand stay. Accounts and repositories that are not installed here are passed over, and so is an answer to what was asked earlier than what is known. An event that arrived after checked_at stands: {is_recorded, is_due: whether GitHub has to be asked again at once}. Refuses CR002 (a value), CR004 (no such person).';
revoke execute on function codered.record_access from public;
grant execute on function codered.record_access to service_role;


create function codered.merge_access(facts json, told_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  fact record;
  people uuid[];
begin
  delete from codered.access_notices n
  where n.id in (
    select old.id from codered.access_notices old
    where old.told_at < now() - interval '1 day'
    order by old.told_at
    limit 1000
    for update skip locked);
  for fact in
    select f.kind, f.github_user_id, f.account_id, o.id as org_id, r.id as repository_id
    from json_to_recordset(facts) as f (kind text, github_user_id bigint, account_id bigint, repository_id bigint)
    left join codered.orgs o on o.github_account_id = f.account_id
    left join codered.repositories r on r.id = f.repository_id
    -- Somebody's access may be in doubt in an organisation that is not known yet.
    where case when f.repository_id is not null then r.id is not null else o.id is not null or f.kind = 'doubted' and f.github_user_id is not null end
  loop
    if fact.github_user_id is not null then
      -- Beside no answer of GitHub about them that is being written down.
      perform pg_advisory_xact_lock(hashtextextended('codered.access.' || fact.github_user_id, 0));
    end if;
    insert into codered.access_notices as n (kind, github_user_id, org_id, repository_id, told_at)
    select fact.kind, fact.github_user_id,
      case when fact.repository_id is null and (fact.kind = 'withdrawn' or fact.github_user_id is null) then fact.org_id end,
      fact.repository_id, merge_access.told_at
    where merge_access.told_at > now() - interval '1 day'
    on conflict on constraint access_notices_subject_key do update set told_at = excluded.told_at where n.told_at < excluded.told_at;
    people := case when fact.github_user_id is not null
      then array(select p.id from codered.profiles p where p.github_id = fact.github_user_id)
      else array(select m.user_id from codered.memberships m where m.org_id = fact.org_id and m.source = 'github') end;
    -- In one order, as two events may be about the same people.
    perform from codered.access_checks c where c.user_id = any (people) order by c.user_id for update;
    update codered.access_checks c
    set
      due_at = least(c.due_at, now()),
      doubted_at = case when fact.kind = 'doubted' then greatest(c.doubted_at, merge_access.told_at) else c.doubted_at end
    where c.user_id = any (people) and (c.checked_at is null or c.checked_at <= merge_access.told_at);
    if fact.kind = 'withdrawn' then
      perform codered.withdraw_access(people, fact.org_id, fact.repository_id, merge_access.told_at);
    end if;
  end loop;
end
$$;
comment on function codered.merge_access(json, timestamptz) is
  'Merges what an event, which arrived first at told_at, says of people''s access: withdrawn (of a person, in an organisation or to a repository) or doubted (of a person, or of everybody of an organisation). What GitHub was asked after that is newer, and stays.';
revoke execute on function codered.merge_access from public;
grant execute on function codered.merge_access to service_role;

create function codered.withdraw_access(people uuid[], org_id uuid, repository_id bigint, told_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if withdraw_access.repository_id is null then
    delete from codered.memberships m
    where m.user_id = any (withdraw_access.people)
      and m.org_id = withdraw_access.org_id
      and case m.source
        -- What somebody wrote since then is newer.
        when 'hand' then m.updated_at <= withdraw_access.told_at
        else not exists (
          select from codered.access_checks c where c.user_id = m.user_id and c.checked_at > withdraw_access.told_at) end;
  end if;
  delete from codered.repository_access a
  using codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where r.id = a.repository_id
    and a.user_id = any (withdraw_access.people)
    and a.source = 'github'
    and a.checked_at <= withdraw_access.told_at
    and (r.id = withdraw_access.repository_id or withdraw_access.repository_id is null and i.org_id = withdraw_access.org_id);
end
$$;
comment on function codered.withdraw_access(uuid[], uuid, bigint, timestamptz) is
  'Takes people out of an organisation, whoever put them in, with their rights to its repositories; or takes away what GitHub said of one repository. Nothing that is newer than told_at. Called by merge_access.';
revoke execute on function codered.withdraw_access from public;
grant execute on function codered.withdraw_access to service_role;
