-- Where a policy only observes no merge goes past it, and a merge that CodeRed was late for is recorded as that. Old workers survive it.

create function codered.is_observed(run_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from (
      select distinct on (e.gate_id) e.status, e.validation_results
      from codered.gate_executions e
      where e.run_id = is_observed.run_id and e.phase = 'definition_of_done'
      order by e.gate_id, e.attempt_number desc
    ) as newest
    where newest.status <> 'skipped' and newest.validation_results @> '[{"observed": true}]'
  )
$$;
comment on function codered.is_observed(uuid) is
  'Whether the newest verdict of a run was given under a policy that only observes (mode: observe): it is kept as it is, and holds nothing back.';

create or replace function codered.settle_merge(repository_id bigint, pull_request_number integer)
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
comment on function codered.settle_merge(bigint, integer) is
  'Appends MERGED to the gate run of a pull request that was merged and, when its last verdict was no pass, records that it was merged anyway, by whom, and how late CodeRed was told; so too when it was told late and the verdict came only after it. Once, however often and in whatever order it is told. Nothing for one that is not merged or was never judged, and no record where the policy only observes.';

create or replace function codered.record_bypass(repository_id bigint, suite jsonb)
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

revoke execute on function codered.is_observed(uuid) from public;
grant execute on function codered.is_observed(uuid) to service_role;
