-- What a stranger could find out, reach by a name that others had, or use up: organisations are known by their account, a search needs words that are there, kept answers have a limit. Old workers survive it: no function has other arguments.

drop policy specs_read on codered.specs;

-- The question stands in every statement several times. As PL/pgSQL its plan is kept for the session; before Postgres 18 an SQL
-- function is planned anew in every statement, and in 18 it still took 1.4 times as long.
create or replace function codered.my_projects(at_least text default 'member')
returns setof uuid
language plpgsql
stable
security definer
rows 100
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  -- The same words as in is_access_certain and my_repositories: a function that is called here would be called by every statement.
  is_certain constant boolean := exists (
    select from codered.access_checks c
    where c.user_id = me and c.checked_at > now() - interval '1 hour' and (c.doubted_at is null or c.doubted_at < c.checked_at));
  -- A repository that everybody may read makes nobody a member: who was one is no longer one when GitHub has not said so for a day.
  is_recent constant boolean := is_certain or exists (
    select from codered.access_checks c where c.user_id = me and c.checked_at > now() - interval '1 day');
begin
  return query
    with parts as (
      select r.project_id,
        r.private is false or a.source = 'hand' or (is_certain and a.checked_at > greatest(now() - interval '1 hour', r.access_since)) as is_shown,
        case when a.source = 'hand' or (is_certain and a.checked_at > greatest(now() - interval '1 hour', r.access_since))
          then a.permission end as permission
      from codered.repository_access a
      join codered.repositories r on r.id = a.repository_id
      where a.user_id = me and r.project_id is not null
    ), seen as (
      select p.id, p.org_id, p.owner_user_id
      from codered.projects p
      where p.id in (select s.project_id from parts s where s.is_shown)
        and (p.org_id is null and p.owner_user_id = me
          or exists (
            select from codered.memberships m where m.org_id = p.org_id and m.user_id = me and (m.source = 'hand' or is_recent)))
      union all
      select p.id, p.org_id, p.owner_user_id
      from codered.projects p
      where (p.org_id is null and p.owner_user_id = me
          or p.org_id in (
            select m.org_id from codered.memberships m
            where m.user_id = me and m.role <> 'collaborator' and (m.source = 'hand' or is_certain)))
        and not exists (select from codered.repositories r where r.project_id = p.id)
    )
    select s.id
    from seen s
    where my_projects.at_least = 'member'
      or (s.org_id is null or exists (
          select from codered.memberships m where m.org_id = s.org_id and m.user_id = me and (m.source = 'hand' or is_certain)))
        and (
          s.owner_user_id = me
          or exists (
            select from codered.memberships m
            where m.org_id = s.org_id and m.user_id = me
              and array_position('{member,maintainer,admin}'::text[], m.role)
                >= array_position('{member,maintainer,admin}'::text[], my_projects.at_least)
          )
          or (select count(*) from codered.repositories r where r.project_id = s.id) = (
            select nullif(count(*), 0) from parts
            where parts.project_id = s.id
              and array_position('{maintain,admin}'::text[], parts.permission)
                >= array_position('{maintainer,admin}'::text[], my_projects.at_least)
          )
        );
end
$$;

comment on function codered.my_projects(text) is
  'The projects that the caller may see: of their organisations, and their own without organisation; of those with repositories the ones of which they may read one. maintainer, admin: those of which they are at least that in the organisation, which they own, or of whose repositories all say so of them. What GitHub told counts for an hour (my_repositories), membership beside a public repository for a day. Security definer, because the policy on projects asks it and would ask itself otherwise; it tells of nobody but the caller.';

revoke execute on function codered.my_projects from public;

grant execute on function codered.my_projects to authenticated, service_role;

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

create or replace function codered.organisation_repositories(repository_id bigint)
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

create or replace function codered.has_unchecked(user_id uuid, project_id uuid default null)
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

create or replace function codered.list_job_events(job_id uuid, batch integer default 50, before_id bigint default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  home uuid;
begin
  select j.project_id into home
  from codered.agent_jobs j
  where j.id = list_job_events.job_id
    and (
      not codered.is_member_call()
      or codered.is_operator()
      or j.user_id = me and (j.project_id is null or j.project_id in (select codered.my_projects()))
      or j.is_apps and j.project_id in (select codered.my_projects())
        -- As the policy has it: the app's work on a repository is shown to whoever may read that.
        and (j.input ->> 'repository_id' is null or j.input ->> 'repository_id' in (select r::text from codered.my_repositories() as r))
    );
  if not found then
    raise exception 'There is no job "%" that you may see.', list_job_events.job_id using errcode = 'CR004';
  end if;
  perform codered.check_batch('batch', list_job_events.batch);
  return (
    -- Materialized, as in search_events: by the words of the job's id, then exactly.
    with found as materialized (
      select e.id, e.event_type, e.user_id, e.payload, e.created_at
      from codered.events e
      where to_tsvector('simple', e.payload) @@ plainto_tsquery('simple', list_job_events.job_id::text)
        and e.project_id = home
    ), page as (
      select f.*
      from found f
      where f.event_type like 'job.%' and f.payload ->> 'id' = list_job_events.job_id::text
        and f.id < coalesce(list_job_events.before_id, 9223372036854775807)
      order by f.id desc
      -- One more than asked for tells whether there are more.
      limit list_job_events.batch + 1
    )
    select coalesce(jsonb_agg(to_jsonb(p) order by p.id desc), '[]') from page p
  );
end
$$;

comment on function codered.list_job_events(uuid, integer, bigint) is
  'What befell a job, newest first, before an id: [{id, event_type, user_id, payload, created_at}], one more than batch when there are more. Refuses CR002 (batch 1 to 500), CR004 (no such job that the caller may see). Security definer, because under row security the text index can''t be used; whose job it is is checked here.';

revoke execute on function codered.list_job_events from public;

grant execute on function codered.list_job_events to authenticated, service_role;

create or replace function codered.search_events(project_id uuid, query text, batch integer, before timestamptz default null)
returns table (
  id bigint,
  event_type text,
  task_id uuid,
  run_id uuid,
  user_id uuid,
  payload jsonb,
  created_at timestamptz
)
language plpgsql
stable
security definer
-- How many rows a word finds is known only from the word itself.
set plan_cache_mode = 'force_custom_plan'
set search_path = ''
as $$
declare
  wanted constant tsquery := websearch_to_tsquery('simple', search_events.query);
  readable constant bigint[] := case when codered.is_member_call() then array(select codered.my_repositories()) end;
begin
  if not exists (
    select from codered.projects p
    where p.id = search_events.project_id
      and p.deleted_at is null
      and (not codered.is_member_call() or p.id in (select codered.my_projects()))
  ) then
    perform codered.refuse_missing('project', search_events.project_id::text);
  end if;
  perform codered.check_batch('search_events.batch', search_events.batch);
  if (char_length(btrim(search_events.query)) between 1 and 1000) is not true then
    perform codered.refuse_value('search_events.query', coalesce(search_events.query, ''), '1 to 1000 characters');
  end if;
  -- What only says which words are not there is found by no index: all events of everybody would be read for it.
  if querytree(wanted) = 'T' then
    perform codered.refuse_value('search_events.query', left(search_events.query, 80), 'words that are to be found, each - beside one of them');
  end if;
  return query
    -- Materialized, or Postgres walks the project's whole history by time and parses every payload on the way.
    with found as materialized (
      select e.id, e.event_type, e.task_id, e.run_id, e.user_id, e.payload, e.created_at
      from codered.events e
      where to_tsvector('simple', e.payload) @@ wanted
        and e.project_id = search_events.project_id
        and (readable is null or e.repository_id is null or e.repository_id = any (readable))
        and e.created_at < coalesce(search_events.before, 'infinity')
    )
    select f.id, f.event_type, f.task_id, f.run_id, f.user_id, f.payload, f.created_at
    from found f
    order by f.created_at desc
    fetch first search_events.batch rows with ties;
end
$$;

comment on function codered.search_events(uuid, text, integer, timestamptz) is
  'The events of a project whose payload holds the words (all of them; "…" for a phrase, or, - as in a search engine), newest first, batch (1 to 500) at a time: before is the created_at of the last one had. Events of one transaction share their time and come together, so a page may be longer than batch and none is skipped. Refuses: CR002, CR004. Security definer, because under row security the text index can''t be used; membership and what may be read of its repositories are checked here.';

revoke execute on function codered.search_events from public;

grant execute on function codered.search_events to authenticated, service_role;

create policy specs_read on codered.specs for select to authenticated using (
  (
    project_id in (select codered.my_projects())
    -- A document of a repository is shown to whoever may read that; after a rename too, where nothing of the project is hidden.
    and (
      repo is null
      or project_id in (select codered.my_whole_projects())
      -- The project's own: the name may be another account's by now.
      or (project_id, lower(repo)) in (select r.project_id, lower(r.owner || '/' || r.name) from codered.repositories r)
    )
  )
  or (project_id is null and is_active and visibility in ('system', 'public'))
  or (project_id is null and (select codered.is_operator()))
);

create or replace function codered.lock_own_run(run_id uuid)
returns codered.runs
language plpgsql
security definer
set search_path = ''
as $$
declare
  caller constant uuid := auth.uid();
  run codered.runs;
begin
  if codered.is_member_call() then
    select r.* into run from codered.runs r where r.id = lock_own_run.run_id;
    if not found
      or not coalesce(
        -- Whoever left the organisation has nothing to do there any more.
        run.user_id = caller and (run.project_id is null or run.project_id in (select codered.my_projects()))
          or run.is_apps and run.project_id in (select codered.my_projects())
            and (run.repository_id is null or run.repository_id in (select codered.my_repositories()))
          or (select codered.is_operator()),
        false)
    then
      perform codered.refuse_missing('run', lock_own_run.run_id::text);
    end if;
    if run.user_id is distinct from caller or caller is null then
      raise exception 'The run % is not yours; allowed: whoever started it.', run.id using errcode = 'CR008';
    end if;
  end if;
  return codered.lock_run(lock_own_run.run_id);
end
$$;

comment on function codered.lock_own_run(uuid) is
  'As lock_run, and a member only gets what they started themselves (CR008), in the words for what is not there when they may not even see it (CR004). Security definer, because to lock a row one has to be allowed to write it.';

revoke execute on function codered.lock_own_run from public;

create or replace function codered.refuse_unchecked(user_id uuid, name text, arguments jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  project uuid;
  since timestamptz;
begin
  -- What is about oneself alone leaves nothing out.
  if refuse_unchecked.name = 'my_profile' or not exists (select from codered.access_checks c where c.user_id = refuse_unchecked.user_id) then
    return;
  end if;
  project := codered.project_of(refuse_unchecked.arguments);
  -- What is not there is said by the operation itself, in the words for what is not theirs.
  -- Of whom GitHub was never asked everything is uncertain: those words would tell them what is there.
  select c.checked_at into since from codered.access_checks c where c.user_id = refuse_unchecked.user_id;
  if project is null and since is not null and jsonb_strip_nulls(refuse_unchecked.arguments) ?|
    '{project_id,task_id,job_id,run_id,spec_id,sprint_id,artifact_id,override_id,deployment_id,test_id,pattern_id,milestone_id,task_run_id,decision_id,checkpoint_id,agent_session_id,snippet_id,error_id}' then
    return;
  end if;
  if project is null and refuse_unchecked.arguments ->> 'org' is not null and not exists (
    select from codered.memberships m join codered.orgs o on o.id = m.org_id
    where m.user_id = refuse_unchecked.user_id and lower(o.login) = lower(refuse_unchecked.arguments ->> 'org')
  ) then
    return;
  end if;
  if codered.has_unchecked(refuse_unchecked.user_id, project) then
    raise exception 'What you may see is what GitHub lets you see, and GitHub could not be asked since %.', coalesce(to_char(since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'you signed in')
      using errcode = 'CR010', detail = jsonb_build_object('checked_at', since)::text;
  end if;
end
$$;

comment on function codered.refuse_unchecked(uuid, text, jsonb) is
  'Refuses (CR010) what would leave something out only because GitHub was not asked within the hour: an operation about a project of which something private is hidden for that, or about no project when anything is. Called by call_as, call_as_once and require_fresh.';

revoke execute on function codered.refuse_unchecked from public;

grant execute on function codered.refuse_unchecked to service_role;

create or replace function codered.keep_answer(key_hash text, answer jsonb, project_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if octet_length(keep_answer.answer::text) > 8388608 then
    perform codered.refuse_value('idempotency_keys.answer', octet_length(keep_answer.answer::text), 'at most 8388608 bytes');
  end if;
  -- As they are stored; without this an answer of megabytes to a change of a word would fill the disk ten thousand times.
  if octet_length(keep_answer.answer::text) + (
      select coalesce(sum(pg_column_size(k.answer)), 0) from codered.idempotency_keys k where k.user_id = auth.uid()) > 67108864 then
    raise exception 'What is kept for your Idempotency-Keys of a day would be more than 64 MB: send this without one, or wait.' using errcode = 'CR003';
  end if;
  update codered.idempotency_keys k
  set
    answer = keep_answer.answer,
    -- Only what the caller sees: whether there is another project of that name is nothing to find out here.
    project_id = (
      select p.id from codered.projects p
      -- What was just made names itself.
      where p.id::text = coalesce(keep_answer.project_id::text, keep_answer.answer ->> 'id') and p.id in (select codered.my_projects()))
  where k.user_id = auth.uid() and k.key_hash = keep_answer.key_hash
    -- Taken in this very transaction, so that no answer that was given is ever another.
    and k.created_at = now() and k.answer is null;
  if not found then
    raise exception 'This Idempotency-Key was not taken in this transaction.' using errcode = 'CR003';
  end if;
end
$$;

comment on function codered.keep_answer(text, jsonb, uuid) is
  'Keeps what was answered under a key that take_key took in this transaction, with the project that it is about. Refuses CR002 (more than 8 MB), CR003 (no such key, or more than 64 MB for all of a day). Security definer, because nobody may read or write the keys; it writes the caller''s own alone.';

revoke execute on function codered.keep_answer from public;

grant execute on function codered.keep_answer to authenticated;
