-- Erasing what is kept of a repository that is gone, or of an organisation.

create function codered.refuse_erased()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if exists (select from codered.repositories r where r.id = new.repository_id and r.erased_at is not null) then
    perform codered.refuse_missing('repository', new.repository_id::text);
  end if;
  return new;
end
$$;
comment on function codered.refuse_erased() is 'Refuses (CR004) what work that was under way while its repository was erased would leave behind.';
revoke execute on function codered.refuse_erased from public;

create trigger runs_erased before insert on codered.runs for each row execute function codered.refuse_erased();

create trigger publications_erased before insert on codered.publications for each row execute function codered.refuse_erased();

create function codered.record_delivery(app_id bigint, guid text, facts json, claim bigint default null)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told codered.webhook_deliveries;
  recorded json;
begin
  -- Erased while it was worked on: then nothing of it may come to stand. The lock has whoever erases wait.
  select w.* into told
  from codered.webhook_deliveries w
  where w.app_id = record_delivery.app_id and w.guid = record_delivery.guid
  for no key update;
  if not found then
    return json_build_object('queued', 0, 'is_erased', true);
  end if;
  -- Whoever has it by now records it.
  if record_delivery.claim <> told.claim then
    return json_build_object('queued', 0, 'is_claimed_again', true);
  end if;
  recorded := codered.record_facts(record_delivery.facts, record_delivery.app_id, record_delivery.guid);
  -- The times in it are older than what told of the repository last, so by them the deletion would never have been.
  if told.event = 'repository' then
    update codered.repositories r
    set gone_at = now()
    from json_to_recordset(record_delivery.facts -> 'repositories') as f (id bigint)
    join codered.webhook_deliveries w on w.app_id = record_delivery.app_id and w.guid = record_delivery.guid
    where r.id = f.id and r.gone_at is null and codered.readable_payload(w.payload) ->> 'action' = 'deleted';
  end if;
  return recorded;
end
$$;
comment on function codered.record_delivery(bigint, text, json, bigint) is
  'record_facts of a delivery that is still there; of one that was erased while a worker had it, or that was claimed again since the claim that is named, nothing is recorded.';
revoke execute on function codered.record_delivery from public;
grant execute on function codered.record_delivery to service_role;

create function codered.readable_payload(payload json)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  -- Postgres takes neither NUL nor surrogates out of a JSON text; in what is looked for here stands none. A space of the same
  -- form keeps an escaped backslash before it whole.
  select regexp_replace(readable_payload.payload::text, '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\u0020', 'g')::jsonb
$$;
comment on function codered.readable_payload(json) is 'A payload as jsonb, with spaces for the characters that jsonb refuses.';
revoke execute on function codered.readable_payload from public;
grant execute on function codered.readable_payload to service_role;

create function codered.is_payload_of(payload json, status text, scope jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select
    told.doc #> '{repository,id}' <@ (is_payload_of.scope -> 'repositories')
    or told.doc #> '{installation,id}' <@ (is_payload_of.scope -> 'installations')
    or told.doc #> '{installation,account,id}' <@ (is_payload_of.scope -> 'accounts')
    or told.doc #> '{organization,id}' <@ (is_payload_of.scope -> 'accounts')
    or told.doc #> '{repository,owner,id}' <@ (is_payload_of.scope -> 'accounts')
    or told.doc #> '{account,id}' <@ (is_payload_of.scope -> 'accounts')
    -- A list of repositories tells of others too, so one that nobody has worked on yet stays until it is done.
    or (
      is_payload_of.status in ('done', 'ignored', 'dead')
      and exists (
        select
        from (values ('repositories'), ('repositories_added'), ('repositories_removed')) as list (key)
        cross join lateral jsonb_path_query(told.doc -> list.key, 'lax $[*].id') as listed (id)
        where listed.id <@ (is_payload_of.scope -> 'repositories')
      )
    )
  from (select codered.readable_payload(is_payload_of.payload) as doc) as told
$$;
comment on function codered.is_payload_of(json, text, jsonb) is
  'Whether a payload whose row names no repository is about one, an installation or an account of a scope (see erasure_of).';
revoke execute on function codered.is_payload_of from public;
grant execute on function codered.is_payload_of to service_role;

create function codered.erasure_of(repository_ids bigint[], installation_ids bigint[] default '{}', org_ids uuid[] default '{}')
returns jsonb
language sql
stable
set search_path = ''
as $$
  with repositories as (
    select r.id, r.project_id, r.owner, r.name
    from codered.repositories r
    left join codered.installations i on i.id = r.installation_id
    left join codered.projects p on p.id = r.project_id
    where r.id = any (erasure_of.repository_ids)
      or i.id = any (erasure_of.installation_ids)
      -- One that has gone to another organisation is theirs, though its project is still the old one's.
      or coalesce(i.org_id, p.org_id) = any (erasure_of.org_ids)
  ), projects as (
    select p.id
    from codered.projects p
    where (
        p.org_id = any (erasure_of.org_ids)
        -- Made for its repository, and not by somebody.
        or (p.owner_user_id is null and p.id in (select r.project_id from repositories r))
      )
      and not exists (
        select
        from codered.repositories other
        where other.project_id = p.id and other.erased_at is null and other.id not in (select r.id from repositories r)
      )
  ), installations as (
    select i.id
    from codered.installations i
    where i.id = any (erasure_of.installation_ids) or i.org_id = any (erasure_of.org_ids)
    union
    select k.id from codered.kept_out_installations k where k.id = any (erasure_of.installation_ids)
  ), orgs as (
    select o.github_account_id, o.login from codered.orgs o where o.id = any (erasure_of.org_ids)
  )
  select jsonb_build_object(
    'repositories', (select coalesce(jsonb_agg(r.id order by r.id), '[]') from repositories r),
    'names', (select coalesce(jsonb_agg(distinct lower(r.owner || '/' || r.name)), '[]') from repositories r),
    'projects', (select coalesce(jsonb_agg(p.id order by p.id), '[]') from projects p),
    -- Those too that keep what is not this repository's.
    'touched', (
      select coalesce(jsonb_agg(distinct t.id), '[]')
      from (select p.id from projects p union select r.project_id from repositories r where r.project_id is not null) as t
    ),
    'installations', (select coalesce(jsonb_agg(i.id order by i.id), '[]') from installations i),
    'accounts', (select coalesce(jsonb_agg(o.github_account_id), '[]') from orgs o where o.github_account_id is not null),
    'logins', (select coalesce(jsonb_agg(lower(o.login)), '[]') from orgs o))
$$;
comment on function codered.erasure_of(bigint[], bigint[], uuid[]) is
  'The scope of an erasure: repositories, installations with what they can see, organisations with all that is theirs, and the projects that have nothing else. Handed to erasure_counts, erase_rows and finish_erasure.';
revoke execute on function codered.erasure_of from public;
grant execute on function codered.erasure_of to service_role;

create function codered.erasure_of_repository(full_name text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select case when count(*) > 0 then codered.erasure_of(array_agg(r.id)) || jsonb_build_object(
    'is_installed', bool_or(r.deleted_at is null and i.id is not null and i.deleted_at is null)) end
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where lower(r.owner) = lower(split_part(erasure_of_repository.full_name, '/', 1))
    and lower(r.name) = lower(split_part(erasure_of_repository.full_name, '/', 2))
$$;
comment on function codered.erasure_of_repository(text) is
  'The scope of owner/name, of all that had this name last; null when there is none. is_installed: CodeRed still sees it.';
revoke execute on function codered.erasure_of_repository from public;
grant execute on function codered.erasure_of_repository to service_role;

create function codered.erasure_of_org(login text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select case when count(o.id) + (
      select count(*) from codered.kept_out_installations k where lower(k.account_login) = lower(erasure_of_org.login)
    ) > 0
    then codered.erasure_of('{}', '{}', coalesce(array_agg(o.id) filter (where o.id is not null), '{}')) || jsonb_build_object(
      'logins', jsonb_build_array(lower(erasure_of_org.login)),
      'is_installed', exists (
        select from codered.installations i where i.org_id = any (array_agg(o.id)) and i.deleted_at is null
      )) end
  from codered.orgs o
  where lower(o.login) = lower(erasure_of_org.login)
$$;
comment on function codered.erasure_of_org(text) is
  'The scope of an organisation or user by login; null when there is none. is_installed: CodeRed is still installed there.';
revoke execute on function codered.erasure_of_org from public;
grant execute on function codered.erasure_of_org to service_role;

create function codered.erasure_due()
returns jsonb
language sql
stable
set search_path = ''
as $$
  with cutoff as materialized (
    select codered.retention_cutoff('repositories') as at
  ), gone as (
    select i.id, i.org_id, i.erased_at
    from codered.installations i, cutoff c
    where i.deleted_at is not null and i.gone_at < c.at
  ), over as (
    -- Installed again, an organisation has another one: then only what that one can't see goes.
    select g.*
    from gone g
    where not exists (select from codered.installations i where i.org_id = g.org_id and i.id not in (select o.id from gone o))
  )
  select codered.erasure_of(
    array(
      select r.id
      from codered.repositories r, cutoff c
      where (r.gone_at < c.at or r.installation_id in (select g.id from gone g))
        -- What was under way while it was erased may have left something: it is looked for once more, for a week.
        and (r.erased_at is null or r.erased_at > now() - interval '7 days')
    ),
    array(
      select o.id from over o where o.erased_at is null or o.erased_at > now() - interval '7 days'
      union all
      select k.id from codered.kept_out_installations k, cutoff c where k.deleted_at < c.at
    ),
    array(select distinct o.org_id from over o where o.erased_at is null or o.erased_at > now() - interval '7 days'))
$$;
comment on function codered.erasure_due() is
  'The scope of all that is gone for longer than the policy repositories keeps it: repositories deleted or taken from CodeRed, installations with what they could see, and organisations without any other installation.';
revoke execute on function codered.erasure_due from public;
grant execute on function codered.erasure_due to service_role;

create function codered.erasure_steps()
returns table (step integer, table_name text, condition text)
language sql
immutable
set search_path = ''
as $$
  -- $1 repositories, $2 projects that go whole, $3 projects that are touched, $4 installations, $5 names, $6 the scope, $7 logins.
  -- First what starts work, then what work leaves, children before what they hang on.
  select row_number() over ()::integer, s.table_name, s.condition
  from (values
    ('webhook_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)
      or (t.repository_id is null and codered.is_payload_of(t.payload, t.status, $6))'),
    ('missed_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)'),
    ('sweep_requests', 't.repository_id = any ($1) or t.installation_id = any ($4)'),
    ('backfills', 't.repository_id = any ($1)'),
    ('sweep_subjects', 't.repository_id = any ($1)'),
    ('run_counts', 't.repository_id = any ($1)'),
    ('follow_ups', 't.project_id = any ($2) or t.repository_id = any ($1)'),
    ('agent_jobs', 't.project_id = any ($2)
      or ((t.project_id = any ($3) or t.project_id is null) and t.input ->> ''repository_id'' = any ($1::text[]))'),
    ('publications', 't.repository_id = any ($1)'),
    ('verdicts', 't.repository_id = any ($1)'),
    ('errors', 't.project_id = any ($2)
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))
      or t.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('green_logs', 't.repository_id = any ($1)'),
    ('test_results', 't.repository_id = any ($1)'),
    ('test_reports', 't.repository_id = any ($1)'),
    -- With their days and states.
    ('tests', 't.repository_id = any ($1)'),
    ('artifacts', 't.project_id = any ($2)
      or t.run_id in (select r.id from codered.runs r where r.repository_id = any ($1))
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('gate_executions', 't.run_id in (select r.id from codered.runs r where r.repository_id = any ($1) or r.project_id = any ($2))'),
    ('runs', 't.repository_id = any ($1) or t.project_id = any ($2)
      or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))
      or t.sprint_id in (
        select p.id from codered.sprints p join codered.specs s on s.id = p.spec_id
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('ci_jobs', 't.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('deployment_statuses', 't.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('deployments', 't.repository_id = any ($1)'),
    ('ci_events', 't.repository_id = any ($1)'),
    ('asked_rights', 't.repository_id = any ($1)'),
    ('pull_requests', 't.repository_id = any ($1)'),
    ('commits', 't.repository_id = any ($1)'),
    ('sprints', 't.project_id = any ($2) or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('specs', 't.project_id = any ($2) or (t.project_id = any ($3) and lower(t.repo) = any ($5))'),
    ('embeddings', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('chunks', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('documents', 't.project_id = any ($2) or t.corpus_id in (select c.id from codered.corpora c where c.project_id = any ($2))'),
    ('corpora', 't.project_id = any ($2)'),
    ('project_files', 't.project_id = any ($2)'),
    ('task_runs', 't.project_id = any ($2)'),
    ('agent_runs', 't.project_id = any ($2)'),
    ('agent_sessions', 't.project_id = any ($2)'),
    ('checkpoints', 't.project_id = any ($2)'),
    ('tasks', 't.project_id = any ($2)'),
    ('milestones', 't.project_id = any ($2)'),
    ('lessons', 't.project_id = any ($2)'),
    ('ux_snippets', 't.project_id = any ($2)'),
    ('bug_patterns', 't.project_id = any ($2)'),
    ('learning_roadmaps', 't.project_id = any ($2)'),
    ('daily_sessions', 't.project_id = any ($2)'),
    ('installation_usage', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('request_budgets', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('kept_out_installations', 't.id = any ($4) or lower(t.account_login) = any ($7) or t.account_id = any (codered.ids_in($6, ''accounts''))')
  ) as s (table_name, condition)
$$;
comment on function codered.erasure_steps() is
  'What an erasure takes, table by table in this order. Not the audit: events, user_overrides and decisions stay, and the names in orgs, memberships, installations, projects and repositories that say whose it is.';
revoke execute on function codered.erasure_steps from public;
grant execute on function codered.erasure_steps to service_role;

create function codered.erasure_counts(scope jsonb)
returns table (step integer, table_name text, rows bigint)
language plpgsql
stable
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  one record;
begin
  for one in select s.step, s.table_name, s.condition from codered.erasure_steps() s order by s.step loop
    step := one.step;
    table_name := one.table_name;
    execute format('select count(*) from codered.%I t where %s', one.table_name, one.condition) into rows
      using codered.ids_in(scope, 'repositories'), codered.uuids_in(scope, 'projects'), codered.uuids_in(scope, 'touched'),
        codered.ids_in(scope, 'installations'), codered.texts_in(scope, 'names'), scope, codered.texts_in(scope, 'logins');
    return next;
  end loop;
end
$$;
comment on function codered.erasure_counts(jsonb) is
  'How many rows of each table an erasure would take; changes nothing. Security definer, because tasks are nobody''s to count whole.';
revoke execute on function codered.erasure_counts from public;
grant execute on function codered.erasure_counts to service_role;

create function codered.erase_rows(scope jsonb, step integer, batch integer)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_variable
declare
  one record;
  found_rows tid[];
begin
  if erase_rows.batch is null or erase_rows.batch < 1 then
    perform codered.refuse_value('erase_rows.batch', coalesce(erase_rows.batch::text, 'null'), '1 or more');
  end if;
  select s.table_name, s.condition into one from codered.erasure_steps() s where s.step = erase_rows.step;
  if not found then
    perform codered.refuse_value('erase_rows.step', coalesce(erase_rows.step::text, 'null'), 'a step of erasure_steps()');
  end if;
  perform set_config('codered.erasing', 'on', true);
  execute format('select array(select t.ctid from codered.%I t where %s limit $8)', one.table_name, one.condition)
    into found_rows
    using codered.ids_in(scope, 'repositories'), codered.uuids_in(scope, 'projects'), codered.uuids_in(scope, 'touched'),
      codered.ids_in(scope, 'installations'), codered.texts_in(scope, 'names'), scope, codered.texts_in(scope, 'logins'), erase_rows.batch;
  -- One that somebody changes meanwhile has moved: it is found by the next batch.
  execute format('delete from codered.%I t where t.ctid = any ($1)', one.table_name) using found_rows;
  perform set_config('codered.erasing', 'off', true);
  return cardinality(found_rows);
end
$$;
comment on function codered.erase_rows(jsonb, integer, integer) is
  'Deletes up to batch (1 or more) rows of one step of an erasure and returns how many it found: 0 once the step is done. Security definer, because tasks are nobody''s to delete; the history tells of it once, in finish_erasure.';
revoke execute on function codered.erase_rows from public;
grant execute on function codered.erase_rows to service_role;

create function codered.finish_erasure(scope jsonb, counts jsonb)
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
revoke execute on function codered.finish_erasure from public;
grant execute on function codered.finish_erasure to service_role;

create function codered.erasable_objects(scope jsonb, after text, batch integer)
returns setof text
language sql
stable
set search_path = ''
as $$
  select distinct o.path
  from (
    select a.storage_path as path
    from codered.artifacts a
    where a.project_id = any (codered.uuids_in(erasable_objects.scope, 'projects'))
      or a.run_id in (select r.id from codered.runs r where r.repository_id = any (codered.ids_in(erasable_objects.scope, 'repositories')))
      or a.ci_event_id in (
        select e.id from codered.ci_events e where e.repository_id = any (codered.ids_in(erasable_objects.scope, 'repositories'))
      )
    union
    select s.object_path
    from codered.specs s
    where s.project_id = any (codered.uuids_in(erasable_objects.scope, 'projects'))
      or (
        s.project_id = any (codered.uuids_in(erasable_objects.scope, 'touched'))
        and lower(s.repo) = any (codered.texts_in(erasable_objects.scope, 'names'))
      )
  ) as o
  where o.path > erasable_objects.after and o.path not like 'archive/%'
  order by 1
  limit erasable_objects.batch
$$;
comment on function codered.erasable_objects(jsonb, text, integer) is
  'The next paths in the object store that rows of an erasure point at, in order, behind after: artifacts and documents of specs. The archive of events is never among them.';
revoke execute on function codered.erasable_objects from public;
grant execute on function codered.erasable_objects to service_role;
