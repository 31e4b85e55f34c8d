-- Merges past the gate: who it was, from the merge itself, and what only GitHub's rule suites tell. Old workers survive it.
--
-- A rule suite is GitHub's record of a push against the rules of its ref (https://docs.github.com/rest/repos/rule-suites). It tells
-- of what no webhook does: a push straight to a protected branch, and a merge of what was never judged. It and the merge are told in
-- either order, and one bypass leaves one row:
--   1. what the merge has left gets the rule suite's id (record_bypass), and
--   2. what the rule suite has left gets the pull request's number (settle_merge).

alter table codered.pull_requests
  add column merged_by text;
comment on column codered.pull_requests.merged_by is
  'GitHub''s login of who merged it, a bot''s too; null until somebody did, and as long as only lists, which leave it out, told of the merge.';

create or replace function codered.merge_pull_requests(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.pull_requests as pr (
    repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, state, draft,
    author, opened_at, merged_at, merge_commit_sha, merged_by, source_updated_at, source_delivery
  )
  select distinct on (f.repository_id, f.number)
    f.repository_id, f.number, f.title, f.html_url, f.head_sha, f.head_ref, f.head_repository_id, f.base_ref, f.base_sha,
    f.state, f.draft, f.author, f.opened_at, f.merged_at, f.merge_commit_sha, f.merged_by, f.source_updated_at,
    merge_pull_requests.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, number integer, title text, html_url text, head_sha text, head_ref text,
    head_repository_id bigint, base_ref text, base_sha text, state text, draft boolean, author text,
    opened_at timestamptz, merged_at timestamptz, merge_commit_sha text, merged_by text, source_updated_at timestamptz
  )
  order by f.repository_id, f.number, f.source_updated_at desc
  on conflict (repository_id, number) do update
  set
    title = excluded.title,
    html_url = excluded.html_url,
    head_sha = excluded.head_sha,
    head_ref = excluded.head_ref,
    head_repository_id = excluded.head_repository_id,
    base_ref = excluded.base_ref,
    base_sha = excluded.base_sha,
    state = excluded.state,
    draft = excluded.draft,
    author = excluded.author,
    opened_at = excluded.opened_at,
    merged_at = excluded.merged_at,
    merge_commit_sha = excluded.merge_commit_sha,
    -- Only some payloads name who merged; it never changes.
    merged_by = coalesce(excluded.merged_by, pr.merged_by),
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (pr.source_updated_at, pr.source_delivery);

  -- Also from a payload that is older than what stands.
  update codered.pull_requests pr
  set merged_by = f.merged_by
  from json_to_recordset(facts) as f (repository_id bigint, number integer, merged_by text)
  where pr.repository_id = f.repository_id and pr.number = f.number and pr.merged_by is null and f.merged_by is not null;
$$;
comment on function codered.merge_pull_requests(json, text) is
  'Merges pull requests: the newest payload tells of one; who merged it comes from any that says so.';

alter table codered.user_overrides
  add column github_rule_suite_id bigint,
  add constraint user_overrides_rule_suite_key unique (repository_id, github_rule_suite_id);
comment on column codered.user_overrides.github_rule_suite_id is
  'GitHub''s record of the push that bypassed a rule, by which it is known when it is read again; null: none was read.';

alter table codered.repositories
  add column rule_suites_looked_at bigint[] not null default '{}';
comment on column codered.repositories.rule_suites_looked_at is
  'GitHub''s ids of the rule suites in its newest list, all of which were looked at: what is known of them is final.';

create function codered.find_profile(login text)
returns uuid
language sql
stable
set search_path = ''
as $$
  select p.id
  from codered.profiles p
  where lower(p.github_login) = lower(find_profile.login)
  order by p.created_at, p.id
  limit 1
$$;
comment on function codered.find_profile(text) is 'Who goes by a login at GitHub, in any case; null when nobody here does.';

create or replace function codered.settle_merge(repository_id bigint, pull_request_number integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  pr codered.pull_requests;
  run codered.runs;
  gate text;
begin
  select p.* into pr
  from codered.pull_requests p
  where p.repository_id = settle_merge.repository_id and p.number = settle_merge.pull_request_number and p.state = 'merged';
  -- First, as whoever writes a verdict has it: a head that several pull requests have has one run.
  select r.* into run
  from codered.runs r
  where r.repository_id = pr.repository_id and r.commit_sha = pr.head_sha and r.pull_request_number is not null
  order by r.created_at desc, r.id desc
  limit 1
  for no key update;
  -- It may be told later than the merge who it was, and later than the push that it was a merge.
  update codered.user_overrides o
  set
    pull_request_number = pr.number,
    "user" = case o."user" when 'unknown' then coalesce(pr.merged_by, 'unknown') else o."user" end,
    user_id = case o."user" when 'unknown' then codered.find_profile(pr.merged_by) else o.user_id end
  where o.repository_id = pr.repository_id
    and o.override_type = 'deploy_anyway'
    and (
      (o.commit_sha = pr.head_sha and o.pull_request_number = pr.number and o.user_id is null)
      or (o.commit_sha = pr.merge_commit_sha and o.github_rule_suite_id is not null)
    )
    and (o.pull_request_number is null or (o."user" = 'unknown' and pr.merged_by is not null));
  if run.id is null
    or exists (
      select
      from codered.events e
      where e.run_id = run.id and e.event_type = 'status.MERGED'
        and coalesce((e.payload -> 'metadata' ->> 'pull_request_number')::integer, pr.number) = pr.number
    )
  then
    return;
  end if;
  gate := case run.status when 'completed' then 'pass' when 'failed' then 'fail' else 'pending' end;
  perform codered.append_status(
    run.project_id, run.id, 'MERGED', format('Pull request %s', pr.number),
    jsonb_build_object(
      'pull_request_number', pr.number, 'commit_sha', pr.head_sha, 'merge_commit_sha', pr.merge_commit_sha, 'gate', gate));
  if gate <> 'pass' and not exists (
    select
    from codered.user_overrides o
    where o.repository_id = pr.repository_id and o.pull_request_number = pr.number and o.github_rule_suite_id is not null
  ) then
    insert into codered.user_overrides (
      project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason
    )
    values (
      run.project_id, codered.find_profile(pr.merged_by), coalesce(pr.merged_by, 'unknown'), 'deploy_anyway', pr.repository_id,
      pr.number, pr.head_sha, 'merged while the gate was ' || gate);
  end if;
end
$$;
comment on function codered.settle_merge(bigint, integer) is
  'Appends MERGED to the gate run of a pull request that was merged and, when its last verdict was no pass, records that it was merged anyway, and by whom; once, however often and in whatever order it is told. Nothing for one that is not merged or was never judged.';

create function codered.queue_bypass_look(repository_id bigint)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'pipeline', jsonb_build_object('kind', 'bypasses', 'repository_id', r.id),
    -- A look that comes in its own time is no work that waits to be done: inbox_status.
    'deadline:bypasses:' || r.id || ':' || extract(epoch from date_trunc('minute', now()))::bigint,
    -- GitHub's record may come after its webhook.
    date_trunc('minute', now()) + interval '90 seconds' - now())
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where r.id = queue_bypass_look.repository_id
    and r.deleted_at is null
    and (i.permissions is null or i.permissions ? 'administration')
    and exists (
      select
      from codered.runs g
      join codered.gate_executions e on e.run_id = g.id
      where g.repository_id = r.id and e.phase = 'definition_of_done'
    )
$$;
comment on function codered.queue_bypass_look(bigint) is
  'Has GitHub asked in half a minute to one and a half who bypassed the repository''s rules: once for all that is told in a minute, and only where the gate ever judged and the App may ask (administration).';

create or replace function codered.follow_merge()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'pull_requests' then
    perform codered.settle_merge(new.repository_id, new.number);
    -- GitHub is asked about a week.
    if new.merged_at > now() - interval '7 days' and (tg_op = 'INSERT' or old.state <> 'merged') then
      perform codered.queue_bypass_look(new.repository_id);
    end if;
  else
    perform codered.settle_merge(pr.repository_id, pr.number)
    from codered.pull_requests pr
    where pr.repository_id = new.repository_id and pr.head_sha = new.commit_sha and pr.state = 'merged';
  end if;
  return null;
end
$$;
comment on function codered.follow_merge() is
  'Settles a merge when it is told, when it is told who merged, and when the first verdict on its head comes after that.';
create or replace trigger pull_requests_merged after insert or update of state, merged_by on codered.pull_requests
  for each row when (new.state = 'merged') execute function codered.follow_merge();

create function codered.queue_bypass_looks(commits json)
returns void
language sql
set search_path = ''
as $$
  with pushes as (
    select
      r.id as repository_id,
      (array_agg(f.sha order by f.place desc))[1] as sha,
      max(f.pushed_at) as pushed_at
    from rows from (
      json_to_recordset(queue_bypass_looks.commits) as (repository_id bigint, sha text, ref text, pushed_at timestamptz)
    ) with ordinality as f (repository_id, sha, ref, pushed_at, place)
    join codered.repositories r on r.id = f.repository_id and f.ref = 'refs/heads/' || r.default_branch
    group by r.id
  )
  select codered.queue_bypass_look(p.repository_id)
  from pushes p
  where p.pushed_at > now() - interval '7 days'
    and not exists (
      select
      from codered.pull_requests pr
      where pr.repository_id = p.repository_id and pr.merge_commit_sha = p.sha
    )
$$;
comment on function codered.queue_bypass_looks(json) is
  'Has GitHub asked about pushes to default branches that are no merge that we know of.';

alter table codered.commits
  add column merge_group_ref text;
comment on column codered.commits.merge_group_ref is
  'The branch of a merge queue that asked for checks on the commit; null: none did. A push never sets it: whoever may push can name a branch like a queue''s.';

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

  -- From any that tells of it, whichever push was the earliest.
  update codered.commits c
  set merge_group_ref = greatest(c.merge_group_ref, g.merge_group_ref)
  from (
    select f.repository_id, f.sha, max(f.merge_group_ref) as merge_group_ref
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_ref text)
    where f.merge_group_ref is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha
    and c.merge_group_ref is distinct from greatest(c.merge_group_ref, g.merge_group_ref);

  select
    codered.queue_specs(merge_commits.facts), codered.queue_policy_looks(merge_commits.facts),
    codered.queue_bypass_looks(merge_commits.facts);
$$;
comment on function codered.merge_commits(json, text) is
  'Merges commits (the earliest push that brought one tells of it, that a merge queue asked about it comes from any that says so), queues the reading of the specs among their files, looks at what a policy among them may change, and a look for bypasses where they went straight to the default branch.';

create function codered.read_bypass_subject(repository_id bigint)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id, 'owner', r.owner, 'name', r.name, 'looked_at', r.rule_suites_looked_at)
  from codered.repositories r
  where r.id = read_bypass_subject.repository_id and r.deleted_at is null
$$;
comment on function codered.read_bypass_subject(bigint) is
  'Where a repository''s rule suites are read, and the ids of those that were looked at; null when it is unknown or gone.';

create function codered.record_bypass(repository_id bigint, suite jsonb)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  told record;
  place codered.repositories;
  pr codered.pull_requests;
  run codered.runs;
  made codered.user_overrides;
begin
  perform codered.check_fields('rule_suite', record_bypass.suite, '{
    "id": "bigint", "actor": "text", "after_sha": "text", "ref": "text", "pushed_at": "text"}');
  select t.* into told
  from jsonb_to_record(record_bypass.suite) as t (id bigint, actor text, after_sha text, ref text, pushed_at timestamptz);
  -- A verdict is written under the lock of the repository, a merge is settled under its pull request's.
  select r.* into place from codered.repositories r where r.id = record_bypass.repository_id for no key update;
  select p.* into pr
  from codered.pull_requests p
  where p.repository_id = place.id and p.merge_commit_sha = told.after_sha and p.state = 'merged'
  order by p.number desc
  limit 1
  for no key update;
  if exists (select from codered.user_overrides o where o.repository_id = place.id and o.github_rule_suite_id = told.id) then
    return false;
  end if;

  update codered.user_overrides o
  set
    github_rule_suite_id = told.id,
    "user" = coalesce(told.actor, o."user"),
    user_id = case when told.actor is null then o.user_id else codered.find_profile(told.actor) end
  where o.id = (
    select m.id
    from codered.user_overrides m
    where m.repository_id = place.id
      and m.pull_request_number = pr.number
      and m.commit_sha = pr.head_sha
      and m.override_type = 'deploy_anyway'
      and m.criterion is null
      and m.github_rule_suite_id is null
      and m."user" in ('unknown', pr.merged_by)
    order by m.created_at, m.id
    limit 1
  );
  if found then
    return true;
  end if;

  select r.* into run
  from codered.runs r
  where r.repository_id = place.id
    and (r.commit_sha = told.after_sha or (r.commit_sha = pr.head_sha and r.pull_request_number = pr.number))
    and exists (select from codered.gate_executions e where e.run_id = r.id and e.phase = 'definition_of_done')
  order by r.commit_sha = told.after_sha desc, r.created_at desc, r.id desc
  limit 1;
  -- Where the gate passed, another required check was bypassed; what counts is how it was at the merge, where that was told.
  if exists (
      select
      from codered.events e
      where e.run_id = run.id and e.event_type = 'status.MERGED' and e.payload -> 'metadata' ->> 'gate' = 'pass'
    )
    or run.status = 'completed'
    -- Nothing was past the gate before there was one.
    or not exists (
      select
      from codered.runs r
      join codered.gate_executions e on e.run_id = r.id
      where r.repository_id = place.id and e.phase = 'definition_of_done' and e.created_at <= told.pushed_at
    )
  then
    return false;
  end if;

  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason, github_rule_suite_id
  )
  values (
    place.project_id, codered.find_profile(coalesce(told.actor, pr.merged_by)), coalesce(told.actor, pr.merged_by, 'unknown'),
    'deploy_anyway', place.id, pr.number, told.after_sha,
    left(format('pushed to %s past the rules', regexp_replace(told.ref, '^refs/heads/', '')), 2000), told.id)
  returning * into made;
  if run.id is not null then
    perform codered.append_status(
      place.project_id, run.id, 'OVERRIDDEN', made.reason,
      jsonb_build_object(
        'override_id', made.id, 'user', made."user", 'reason', made.reason, 'commit_sha', made.commit_sha,
        'pull_request_number', made.pull_request_number));
  end if;
  return true;
end
$$;
comment on function codered.record_bypass(bigint, jsonb) is
  'Records one push past a required check, {id, actor, after_sha, ref, pushed_at} of its rule suite: on the row that its merge has left, else as one of its own. False when it is recorded already, when the gate had passed, and when there was no gate yet. CR002.';

create function codered.record_bypasses(repository_id bigint, suites jsonb, looked_at bigint[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  recorded integer;
begin
  if not exists (select from codered.repositories r where r.id = record_bypasses.repository_id) then
    perform codered.refuse_missing('repository', record_bypasses.repository_id::text);
  end if;
  select count(*) filter (where codered.record_bypass(record_bypasses.repository_id, s.suite)) into recorded
  from (
    select told as suite
    from jsonb_array_elements(record_bypasses.suites) as told
    order by (told ->> 'id')::bigint
  ) as s;
  update codered.repositories r
  set rule_suites_looked_at = record_bypasses.looked_at
  where r.id = record_bypasses.repository_id and r.rule_suites_looked_at is distinct from record_bypasses.looked_at;
  return recorded;
end
$$;
comment on function codered.record_bypasses(bigint, jsonb, bigint[]) is
  'Records pushes past a required check and which rule suites need not be looked at again, all or nothing; done twice, it changes nothing. Returns how many are new. CR002, CR004.';

create or replace function codered.claim_jobs(worker text, batch integer, lease_seconds integer)
returns table (id uuid, agent_type text, input jsonb, attempts integer)
language sql
set search_path = ''
as $$
  with due as (
    select j.id
    from codered.agent_jobs j
    where j.status in ('queued', 'running')
      and j.run_after <= now()
      and (
        j.agent_type in ('diagnose', 'report', 'artifacts')
        -- Members may queue these for agents of their own, with any input: only what the app queued has such a key.
        or (j.agent_type = 'plan_sprint' and j.dedupe_key like 'specs:%')
        or (j.agent_type = 'pipeline' and j.dedupe_key like any ('{command:%,protection:%,deadline:protection:%,deadline:bypasses:%}'))
      )
      and not exists (
        select 1
        from codered.agent_jobs running
        where running.dedupe_key = j.dedupe_key
          and running.id <> j.id
          -- Also when its lease has lapsed: then it is due itself, and goes first.
          and running.status = 'running'
      )
      -- What was commanded on a pull request is followed in the order of the comments.
      and not exists (
        select 1
        from codered.agent_jobs earlier
        where j.dedupe_key like 'command:%'
          and earlier.project_id = j.project_id
          and earlier.agent_type = 'pipeline'
          and earlier.dedupe_key like 'command:%'
          and earlier.status in ('queued', 'running')
          and earlier.input -> 'repository_id' = j.input -> 'repository_id'
          and earlier.input -> 'pull_request_number' = j.input -> 'pull_request_number'
          and earlier.input -> 'comment_id' < j.input -> 'comment_id'
      )
    order by j.run_after
    limit claim_jobs.batch
    for update skip locked
  ), claimed as (
    update codered.agent_jobs j
    set
      status = 'running',
      attempts = j.attempts + 1,
      locked_by = claim_jobs.worker,
      locked_until = now() + make_interval(secs => claim_jobs.lease_seconds),
      run_after = now() + make_interval(secs => claim_jobs.lease_seconds)
    from due
    where j.id = due.id
    returning j.id, j.agent_type, j.input, j.attempts, j.created_at
  )
  select c.id, c.agent_type, c.input, c.attempts from claimed c order by c.created_at
$$;

revoke execute on function codered.find_profile(text), codered.queue_bypass_look(bigint), codered.queue_bypass_looks(json),
  codered.read_bypass_subject(bigint), codered.record_bypass(bigint, jsonb), codered.record_bypasses(bigint, jsonb, bigint[]) from public;
grant execute on function codered.find_profile(text), codered.queue_bypass_look(bigint), codered.queue_bypass_looks(json),
  codered.read_bypass_subject(bigint), codered.record_bypass(bigint, jsonb), codered.record_bypasses(bigint, jsonb, bigint[])
  to service_role;
