-- Errors that applications report of themselves, and the list of all of them.

create function codered.beyond_kept_errors(project_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select
    (
      select count(*)
      from (
        select
        from codered.errors e
        where e.project_id = beyond_kept_errors.project_id and e.source = 'runtime' and e.created_at > now() - interval '1 hour'
        limit 200
      ) as within_the_hour
    ) >= 200
    or (
      select count(*)
      from (select from codered.errors e where e.project_id = beyond_kept_errors.project_id and e.source = 'runtime' limit 10000) as ever
    ) >= 10000
$$;
comment on function codered.beyond_kept_errors(uuid) is
  'Whether a project has as many kinds of reported errors as are kept: 200 new ones in an hour, 10,000 in all. Called by report_error.';
revoke execute on function codered.beyond_kept_errors from public;
grant execute on function codered.beyond_kept_errors to service_role;

create function codered.report_error(project_id uuid, report jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  beyond constant text := '0000000000000000';
  severities constant text[] := '{info,warning,error,critical}';
  told record;
  before codered.errors;
  made codered.errors;
  is_new boolean;
begin
  perform codered.require_project(report_error.project_id);
  select r.* into told
  from jsonb_to_record(report_error.report) as r (
    fingerprint text, message text, kind text, severity text, excerpt text, environment text, release text, commit_sha text,
    occurred_at timestamptz, count integer, context jsonb);
  if (told.fingerprint ~ '^[0-9a-f]{16}$' and told.fingerprint <> beyond) is not true then
    perform codered.refuse_value('errors.fingerprint', coalesce(told.fingerprint, 'null'), '16 hexadecimal digits');
  end if;
  if (char_length(told.message) between 1 and 4096) is not true then
    perform codered.refuse_value('errors.message', coalesce(told.message, 'null'), '1 to 4096 characters');
  end if;
  if char_length(told.kind) > 200 then
    perform codered.refuse_value('errors.error_code', told.kind, 'at most 200 characters');
  end if;
  told.count := coalesce(told.count, 1);
  if told.count not between 1 and 1000000 then
    perform codered.refuse_value('errors.occurrences', told.count, '1 to 1000000');
  end if;
  -- A clock that is ahead of ours tells nothing of the future.
  told.occurred_at := least(coalesce(told.occurred_at, now()), now());
  -- Locked, so that of two at once the second sees what the first made of it.
  select e.* into before
  from codered.errors e
  where e.project_id = report_error.project_id and e.source = 'runtime' and e.fingerprint = told.fingerprint
  for no key update;
  if not found and codered.beyond_kept_errors(report_error.project_id) then
    told.fingerprint := beyond;
    told.message := 'More kinds of errors were reported than are kept: these were counted, and what they said is gone';
    told.kind := null;
    told.excerpt := null;
    told.context := null;
    select e.* into before
    from codered.errors e
    where e.project_id = report_error.project_id and e.source = 'runtime' and e.fingerprint = beyond
    for no key update;
  end if;
  insert into codered.errors as e (
    project_id, source, fingerprint, message, error_code, severity, excerpt, environment, release, commit_sha, first_seen_at,
    last_seen_at, occurrences, context)
  values (
    report_error.project_id, 'runtime', told.fingerprint, told.message, told.kind, coalesce(told.severity, 'error'), told.excerpt,
    told.environment, told.release, told.commit_sha, told.occurred_at, told.occurred_at, told.count, told.context)
  on conflict on constraint errors_failure_key do update
  set
    severity = severities[greatest(array_position(severities, e.severity), array_position(severities, excluded.severity))],
    environment = case when excluded.last_seen_at >= e.last_seen_at then coalesce(excluded.environment, e.environment) else e.environment end,
    release = case when excluded.last_seen_at >= e.last_seen_at then coalesce(excluded.release, e.release) else e.release end,
    commit_sha = case when excluded.last_seen_at >= e.last_seen_at then coalesce(excluded.commit_sha, e.commit_sha) else e.commit_sha end,
    first_seen_at = least(e.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(e.last_seen_at, excluded.last_seen_at),
    occurrences = least(e.occurrences::bigint + excluded.occurrences, 2147483647)::integer,
    resolved_at = null,
    resolved_by = null
  returning e.* into made;
  is_new := made.occurrences = told.count and before.id is null;
  if is_new then
    insert into codered.events (project_id, user_id, event_type, payload)
    values (
      made.project_id, (select auth.uid()), 'error.reported',
      jsonb_strip_nulls(jsonb_build_object(
        'id', made.id, 'name', left(made.message, 200), 'severity', made.severity, 'environment', made.environment, 'release', made.release)));
  end if;
  return to_jsonb(made) || jsonb_build_object('is_new', is_new, 'is_kept', made.fingerprint <> beyond);
end
$$;
comment on function codered.report_error(uuid, jsonb) is
  'Keeps an error that an application reports into a project, one row for each fingerprint: told again it is counted, the texts stay those of the first time, the severity is the highest that was told, and one that was resolved is open again. A project keeps 200 new ones an hour and 10,000 in all; what comes beyond is counted in one row that says so (is_kept false). The first time leaves an event, and so does a reopening (note_resolution); a mere count none. report is what src/operations makes of it: redacted, with its fingerprint. Refuses CR002 (a value), CR003 (project retired), CR004. Security definer, because failures are the app''s to write; membership is checked here.';
revoke execute on function codered.report_error from public;
grant execute on function codered.report_error to authenticated, service_role;

create function codered.list_errors(
  project_id uuid, source text default null, severity text default null, environment text default null, state text default null,
  batch integer default 50, before_created_at timestamptz default null, before_error uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_errors.project_id);
  perform codered.check_batch('batch', list_errors.batch);
  perform codered.check_place('before_error', num_nulls(list_errors.before_created_at, list_errors.before_error), 2);
  if list_errors.state not in ('open', 'resolved') then
    perform codered.refuse_value('list_errors.state', list_errors.state, 'open, resolved');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{excerpt,context}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select e.*
      from codered.errors e
      where e.project_id = list_errors.project_id
        and (list_errors.source is null or e.source = list_errors.source)
        and (list_errors.severity is null or e.severity = list_errors.severity)
        and (list_errors.environment is null or e.environment = list_errors.environment)
        and (list_errors.state is null or (e.resolved_at is not null) = (list_errors.state = 'resolved'))
        and (list_errors.before_error is null or (e.created_at, e.id) < (list_errors.before_created_at, list_errors.before_error))
      order by e.created_at desc, e.id desc
      -- One more than asked for tells whether there are more.
      limit list_errors.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_errors(uuid, text, text, text, text, integer, timestamptz, uuid) is
  'Errors of a project, of every source or one, without their excerpts, the newest kind first, before a place in that order: one more than batch when there are more. state: open, resolved. Refuses CR002 (batch 1 to 500, half a place, another state), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_errors from public;
grant execute on function codered.list_errors to authenticated, service_role;

create function codered.read_error(error_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  failure codered.errors;
begin
  select e.* into failure from codered.errors e where e.id = read_error.error_id;
  if not found then
    perform codered.refuse_missing('error', read_error.error_id::text);
  end if;
  perform codered.require_project(failure.project_id);
  return to_jsonb(failure);
end
$$;
comment on function codered.read_error(uuid) is 'An error, whole. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.read_error from public;
grant execute on function codered.read_error to authenticated, service_role;

create function codered.settle_error(error_id uuid, is_resolved boolean)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  failure codered.errors;
begin
  select e.* into failure from codered.errors e where e.id = settle_error.error_id;
  if not found then
    perform codered.refuse_missing('error', settle_error.error_id::text);
  end if;
  perform codered.require_project(failure.project_id);
  update codered.errors e
  set resolved_at = case when settle_error.is_resolved then now() end
  where e.id = failure.id and (e.resolved_at is not null) <> settle_error.is_resolved;
  select e.* into failure from codered.errors e where e.id = settle_error.error_id;
  return to_jsonb(failure);
end
$$;
comment on function codered.settle_error(uuid, boolean) is
  'Says that an error is done with, or that it is not; twice the same. It changes no verdict of the gate. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.settle_error from public;
grant execute on function codered.settle_error to authenticated, service_role;

create function codered.note_resolution()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  is_resolved constant boolean := new.resolved_at is not null;
  repository bigint;
begin
  if is_resolved = (old.resolved_at is not null) then
    new.resolved_at := old.resolved_at;
    new.resolved_by := old.resolved_by;
    return new;
  end if;
  new.resolved_at := case when is_resolved then now() end;
  new.resolved_by := case when is_resolved then (select auth.uid()) end;
  select coalesce(e.repository_id, d.repository_id) into repository
  from (select) as once
  left join codered.ci_jobs j on j.id = new.ci_job_id
  left join codered.ci_events e on e.id = coalesce(new.ci_event_id, j.ci_event_id)
  left join codered.deployments d on d.id = new.deployment_id;
  insert into codered.events (project_id, user_id, repository_id, event_type, payload)
  values (
    new.project_id, (select auth.uid()), repository, case when is_resolved then 'error.resolved' else 'error.reopened' end,
    jsonb_strip_nulls(jsonb_build_object(
      'id', new.id, 'name', left(new.message, 200), 'severity', new.severity, 'environment', new.environment, 'release', new.release)));
  return new;
end
$$;
comment on function codered.note_resolution() is
  'Notes with an error that somebody says is done with, or is not, who and when, whatever they write there themselves, and leaves the event. Security definer, because events of these types are nobody''s to write; nobody can call it, it is a trigger''s.';
revoke execute on function codered.note_resolution from public;

create trigger errors_resolution before update of resolved_at on codered.errors
  for each row when (old.resolved_at is distinct from new.resolved_at)
  execute function codered.note_resolution();
