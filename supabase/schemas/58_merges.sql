-- What became of a pull request: merged with the gate or past it, and when it reached production.
--
-- A rule suite is GitHub's record of a push against the rules of its ref (https://docs.github.com/rest/repos/rule-suites). It knows
-- what no webhook says: a push straight to a protected branch, and a merge of what was never evaluated. It and the merge arrive in
-- either order, and one bypass leaves one row:
--   1. what the merge has left gets the rule suite's id (record_bypass), and
--   2. what the rule suite has left gets the pull request's number (recompute_merge).

create function codered.recompute_merge(repository_id bigint, pull_request_number integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  pr codered.pull_requests;
  run codered.runs;
  gate text;
  -- How late the merge was told. After three days GitHub delivers no webhook again: then it comes from a list.
  late interval;
  is_late boolean;
begin
  select p.* into pr
  from codered.pull_requests p
  where p.repository_id = recompute_merge.repository_id and p.number = recompute_merge.pull_request_number and p.state = 'merged';
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
  late := now() - pr.merged_at;
  is_late := late > interval '15 minutes' and late < interval '3 days';
  gate := case run.status when 'completed' then 'pass' when 'failed' then 'fail' else 'pending' end;
  perform codered.append_status(
    run.project_id, run.id, 'MERGED', format('Pull request %s', pr.number),
    jsonb_build_object(
      'pull_request_number', pr.number, 'commit_sha', pr.head_sha, 'merge_commit_sha', pr.merge_commit_sha, 'gate', gate));
  -- Where nothing is held back, nothing was passed.
  if codered.is_observed(run.id) then
    return;
  end if;
  -- Of what was told late the verdict was not there at the merge when it is younger, whatever it says.
  if (gate <> 'pass' or (is_late and run.finished_at > pr.merged_at)) and not exists (
    select
    from codered.user_overrides o
    where o.repository_id = pr.repository_id and o.pull_request_number = pr.number and o.github_rule_suite_id is not null
  ) then
    insert into codered.user_overrides (
      project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason
    )
    values (
      run.project_id, codered.find_profile(pr.merged_by), coalesce(pr.merged_by, 'unknown'), 'deploy_anyway', pr.repository_id,
      pr.number, pr.head_sha, case when gate = 'pass' then 'merged before there was a verdict' else 'merged while the gate was ' || gate end
        || case when is_late then format('; CodeRed was told of it %s minutes later', floor(extract(epoch from late) / 60)) else '' end);
  end if;
end
$$;
comment on function codered.recompute_merge(bigint, integer) is
  'Appends MERGED to the gate run of a pull request that was merged and, when its last verdict was no pass, records that it was merged anyway, by whom, and how late CodeRed learned of it; so too when it learned late and the verdict came only after the merge. Once, however often and in whatever order the events arrive. Nothing for one that is not merged or was never judged, and no record where the policy only observes.';
revoke execute on function codered.recompute_merge from public;
grant execute on function codered.recompute_merge to service_role;

create function codered.follow_merge()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'pull_requests' then
    perform codered.recompute_merge(new.repository_id, new.number);
    -- GitHub is asked about a week.
    if new.merged_at > now() - interval '7 days' and (tg_op = 'INSERT' or old.state <> 'merged') then
      perform codered.queue_bypass_check(new.repository_id);
    end if;
  else
    perform codered.recompute_merge(pr.repository_id, pr.number)
    from codered.pull_requests pr
    where pr.repository_id = new.repository_id and pr.head_sha = new.commit_sha and pr.state = 'merged';
  end if;
  return null;
end
$$;
comment on function codered.follow_merge() is
  'Records a merge when GitHub sends it, when GitHub says who merged, and when the first verdict on its head comes after that.';
revoke execute on function codered.follow_merge from public;

create trigger pull_requests_merged after insert or update of state, merged_by on codered.pull_requests
  for each row when (new.state = 'merged') execute function codered.follow_merge();

create trigger runs_merged after update of status on codered.runs
  for each row when (new.status in ('completed', 'failed') and new.pull_request_number is not null and new.repository_id is not null)
  execute function codered.follow_merge();

create function codered.queue_bypass_check(repository_id bigint)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'bypasses', jsonb_build_object('kind', 'bypasses', 'repository_id', r.id),
    'deadline:bypasses:' || r.id || ':' || extract(epoch from date_trunc('minute', now()))::bigint,
    -- GitHub's record may come after its webhook.
    date_trunc('minute', now()) + interval '90 seconds' - now(), is_scheduled => true)
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where r.id = queue_bypass_check.repository_id
    and r.deleted_at is null
    and (i.permissions is null or i.permissions ? 'administration')
    and exists (
      select
      from codered.runs g
      join codered.gate_executions e on e.run_id = g.id
      where g.repository_id = r.id and e.phase = 'definition_of_done'
    )
$$;
comment on function codered.queue_bypass_check(bigint) is
  'Has GitHub asked in half a minute to one and a half who bypassed the repository''s rules: once for all pushes of a minute, and only where the gate ever evaluated anything and the App may ask (administration).';
revoke execute on function codered.queue_bypass_check from public;
grant execute on function codered.queue_bypass_check to service_role;

create function codered.queue_bypass_checks(commits json)
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
      json_to_recordset(queue_bypass_checks.commits) as (repository_id bigint, sha text, ref text, pushed_at timestamptz)
    ) with ordinality as f (repository_id, sha, ref, pushed_at, place)
    join codered.repositories r on r.id = f.repository_id and f.ref = 'refs/heads/' || r.default_branch
    group by r.id
  )
  select codered.queue_bypass_check(p.repository_id)
  from pushes p
  where p.pushed_at > now() - interval '7 days'
    and not exists (
      select
      from codered.pull_requests pr
      where pr.repository_id = p.repository_id and pr.merge_commit_sha = p.sha
    )
$$;
comment on function codered.queue_bypass_checks(json) is
  'Has GitHub asked about pushes to default branches that are no merge that we know of.';
revoke execute on function codered.queue_bypass_checks from public;
grant execute on function codered.queue_bypass_checks to service_role;

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
  'Where a repository''s rule suites are read, and the ids of those that were read; null when it is unknown or gone.';
revoke execute on function codered.read_bypass_subject from public;
grant execute on function codered.read_bypass_subject to service_role;

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
    -- Nor was anything passed where nothing is held back. Of a push of what was never judged the newest verdict of before tells.
    or codered.is_observed(
      coalesce(
        run.id,
        (
          select e.run_id
          from codered.runs r
          join codered.gate_executions e on e.run_id = r.id
          where r.repository_id = place.id and e.phase = 'definition_of_done' and e.created_at <= told.pushed_at
          order by e.created_at desc
          limit 1
        )))
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
revoke execute on function codered.record_bypass from public;
grant execute on function codered.record_bypass to service_role;

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
  'Records pushes past a required check and which rule suites need not be read again, all or nothing; done twice, it changes nothing. Returns how many are new. CR002, CR004.';
revoke execute on function codered.record_bypasses from public;
grant execute on function codered.record_bypasses to service_role;

create function codered.find_deployed(repository_id bigint, deployment_ids uuid[] default null, head_sha text default null)
returns table (run_id uuid, environment_name text, deployment uuid)
language sql
stable
set search_path = ''
as $$
  with places as (
    -- Where on which branch the deployed commit stands: a merge tells it best, as a merge queue pushes to a branch of its own first.
    select
      d.id, d.repository_id, d.environment_name, d.commit_sha, d.finished_at,
      coalesce(m.base_ref, case when c.ref like 'refs/heads/%' then substr(c.ref, 12) end) as branch,
      coalesce(m.merged_at, c.pushed_at) as at
    from codered.deployments d
    left join lateral (
      select p.base_ref, p.merged_at
      from codered.pull_requests p
      where p.repository_id = d.repository_id and p.merge_commit_sha = d.commit_sha and p.state = 'merged'
      order by p.merged_at, p.number
      limit 1
    ) as m on true
    left join codered.commits c on c.repository_id = d.repository_id and c.sha = d.commit_sha
    where d.repository_id = find_deployed.repository_id
      and d.environment = 'prod' and d.status = 'succeeded'
      and (find_deployed.deployment_ids is null or d.id = any (find_deployed.deployment_ids))
      and (find_deployed.deployment_ids is not null or d.finished_at > now() - interval '30 days')
  ), commits as (
    select l.id, l.commit_sha as sha from places l
    union
    select l.id, p.head_sha
    from places l
    join codered.pull_requests p on p.repository_id = l.repository_id and p.merge_commit_sha = l.commit_sha and p.state = 'merged'
    union
    -- What was merged into that branch before; a month is further back than anybody waits with a deployment.
    select l.id, p.head_sha
    from places l
    join codered.pull_requests p
      on p.repository_id = l.repository_id and p.state = 'merged' and p.base_ref = l.branch
      and p.merged_at <= l.at and p.merged_at > l.at - interval '30 days'
  )
  select distinct on (r.id, l.environment_name) r.id, l.environment_name, l.id
  from commits c
  join places l on l.id = c.id
  join codered.runs r on r.repository_id = l.repository_id and r.commit_sha = c.sha
  where (find_deployed.head_sha is null or c.sha = find_deployed.head_sha)
    and num_nonnulls(r.pull_request_number, r.sprint_id) > 0
    and l.environment_name <> all (r.deployed_to)
  order by r.id, l.environment_name, l.finished_at, l.id
$$;
comment on function codered.find_deployed(bigint, uuid[], text) is
  'Runs without an event yet that their commit is in production, and the first successful deployment that holds it: of the commit itself, of its merge, or of what was merged into or pushed to the same branch within 30 days after. All deployments of the last 30 days, or those named; all commits, or the one named.';
revoke execute on function codered.find_deployed from public;
grant execute on function codered.find_deployed to service_role;

create function codered.recompute_deployed(repository_id bigint, deployment_ids uuid[] default null, head_sha text default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  one record;
begin
  -- Sprints before their runs, as everywhere.
  perform 1
  from codered.sprints s
  where s.id in (
    select r.sprint_id
    from codered.find_deployed(recompute_deployed.repository_id, recompute_deployed.deployment_ids, recompute_deployed.head_sha) f
    join codered.runs r on r.id = f.run_id
  )
  order by s.id
  for no key update;
  for one in
    select f.run_id, f.environment_name, d.deployment_id, d.commit_sha, d.url
    from codered.find_deployed(recompute_deployed.repository_id, recompute_deployed.deployment_ids, recompute_deployed.head_sha) f
    join codered.deployments d on d.id = f.deployment
    order by f.run_id, f.environment_name
  loop
    update codered.runs r
    set deployed_to = r.deployed_to || one.environment_name
    where r.id = one.run_id and one.environment_name <> all (r.deployed_to);
    -- Whoever was quicker has told it.
    if found then
      perform codered.append_status(
        r.project_id, r.id, 'DEPLOYED', left(format('Deployed to %s', one.environment_name), 500),
        jsonb_strip_nulls(jsonb_build_object(
          'sprint_id', r.sprint_id, 'pull_request_number', r.pull_request_number, 'commit_sha', r.commit_sha,
          'environment', one.environment_name, 'deployment_id', one.deployment_id, 'deployed_sha', one.commit_sha, 'url', one.url)))
      from codered.runs r
      where r.id = one.run_id;
    end if;
  end loop;
end
$$;
comment on function codered.recompute_deployed(bigint, uuid[], text) is
  'Tells of runs whose commit is in production by now, once for each environment, with a status event DEPLOYED; arguments as find_deployed has them.';
revoke execute on function codered.recompute_deployed from public;
grant execute on function codered.recompute_deployed to service_role;

create function codered.follow_deployed()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'deployments' then
    perform codered.recompute_deployed(new.repository_id, array[new.id]);
  elsif tg_table_name = 'pull_requests' then
    perform codered.recompute_deployed(new.repository_id, null, new.head_sha);
  else
    perform codered.recompute_deployed(new.repository_id, null, new.commit_sha);
  end if;
  return null;
end
$$;
comment on function codered.follow_deployed() is
  'Whichever arrives last, the deployment, the merge or the verdict: the run says that it is in production.';
revoke execute on function codered.follow_deployed from public;

-- By their names after those that tell of the merge.
create trigger pull_requests_reach_production after insert or update of state, merge_commit_sha, merged_at on codered.pull_requests
  for each row when (new.state = 'merged') execute function codered.follow_deployed();

create trigger deployments_reach_runs after insert or update of status, environment on codered.deployments
  for each row when (new.status = 'succeeded' and new.environment = 'prod') execute function codered.follow_deployed();

create trigger runs_reach_production after insert or update of sprint_id, pull_request_number on codered.runs
  for each row when (new.repository_id is not null and new.commit_sha is not null) execute function codered.follow_deployed();
