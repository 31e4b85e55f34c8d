-- A merge queue's commit may be judged by its pull request's head (merge_queue: trust_pr): what is told of the head counts for it too. Old workers survive it.

create function codered.merge_group_head(repository_id bigint, sha text)
returns table (pull_request_number integer, head_sha text)
language sql
stable
set search_path = ''
as $$
  select pr.number, pr.head_sha
  from codered.commits c
  join codered.pull_requests pr
    on pr.repository_id = c.repository_id
    and pr.number = substring(c.merge_group_ref from '/pr-([0-9]{1,9})-[0-9a-f]+$')::integer
    -- What is tried for another branch is not this merge.
    and pr.base_ref = substring(c.merge_group_ref from '^(?:refs/heads/)?gh-readonly-queue/(.+)/pr-[0-9]{1,9}-[0-9a-f]+$')
  where c.repository_id = merge_group_head.repository_id
    and c.sha = merge_group_head.sha
    -- The head has a verdict of its own.
    and pr.head_sha <> c.sha
$$;
comment on function codered.merge_group_head(bigint, text) is
  'The pull request for which a merge queue asked for checks on a commit, to merge it into its base, and its head; no row for any other commit, whatever branch it was pushed to.';

create or replace function codered.read_pull_requests_of(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id,
    'owner', r.owner,
    'name', r.name,
    'numbers', coalesce(
      (
        select json_agg(pr.number order by pr.state = 'open' desc, pr.number)
        from codered.pull_requests pr
        where pr.repository_id = r.id
          and (pr.head_sha = read_pull_requests_of.sha or pr.merge_commit_sha = read_pull_requests_of.sha)
      ),
      '[]'
    ),
    -- Pull requests whose head it was: a check run that stands on it still wants to be finished.
    'former_numbers', coalesce(
      (
        select json_agg(distinct pr.number)
        from codered.ci_events e
        join codered.pull_requests pr
          on pr.repository_id = e.repository_id
          and pr.head_ref = e.branch
          and pr.head_repository_id is not distinct from e.head_repository_id
        where e.repository_id = r.id
          and e.commit_sha = read_pull_requests_of.sha
          and pr.head_sha <> e.commit_sha
          and pr.merge_commit_sha is distinct from e.commit_sha
          and exists (
            select 1
            from codered.publications p
            where p.repository_id = r.id
              and p.kind = 'check_run'
              and p.target like read_pull_requests_of.sha || ':%'
          )
      ),
      '[]'
    ),
    -- A merge queue tries a commit of its own for the pull request that its branch names.
    'merge_group_numbers', coalesce(
      (
        select json_agg(h.pull_request_number)
        from codered.merge_group_head(r.id, read_pull_requests_of.sha) h
      ),
      '[]'
    ),
    -- True when a pull request that we do not know of may stand behind the commit's runs.
    'ask_github', exists (
      select 1
      from codered.ci_events e
      where e.repository_id = r.id
        and e.commit_sha = read_pull_requests_of.sha
        and (e.trigger = 'pull_request' or e.pull_request_numbers <> '{}')
    )
  )
  from codered.repositories r
  where r.id = read_pull_requests_of.repository_id and r.deleted_at is null
$$;

create function codered.version_of_commit(repository_id bigint, sha text)
returns text
language sql
stable
set search_path = ''
as $$
  select md5(coalesce(string_agg(told.what, ',' order by told.what), ''))
  from (
    select concat_ws(':', e.id, e.status, e.conclusion, e.source_updated_at, e.source_delivery) as what
    from codered.ci_events e
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', j.id, j.status, j.conclusion, j.source_updated_at, j.source_delivery)
    from codered.ci_events e
    join codered.ci_jobs j on j.ci_event_id = e.id
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', a.id, a.ref, a.content_hash)
    from codered.ci_events e
    join codered.artifacts a on a.ci_event_id = e.id
    where e.repository_id = version_of_commit.repository_id and e.commit_sha = version_of_commit.sha
    union all
    select concat_ws(':', o.id, o.revoked_at)
    from codered.user_overrides o
    where o.repository_id = version_of_commit.repository_id and o.criterion is not null
      and (o.commit_sha = version_of_commit.sha or o.commit_sha is null)
  ) as told
$$;
comment on function codered.version_of_commit(bigint, text) is
  'Equal as long as nothing new is known of this very commit that a verdict could rest on.';

create or replace function codered.read_evidence_version(repository_id bigint, sha text)
returns text
language sql
stable
set search_path = ''
as $$
  select concat_ws(
    ':', codered.version_of_commit(read_evidence_version.repository_id, read_evidence_version.sha),
    (
      select h.head_sha || ':' || codered.version_of_commit(read_evidence_version.repository_id, h.head_sha)
      from codered.merge_group_head(read_evidence_version.repository_id, read_evidence_version.sha) h
    ))
$$;
comment on function codered.read_evidence_version(bigint, text) is
  'Equal as long as nothing new is known that a verdict on the commit could rest on; for the commit of a merge queue also what is known of its pull request''s head.';

create or replace function codered.read_gate_subject(repository_id bigint, pull_request_number integer, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name, 'installation_id', r.installation_id, 'default_branch', r.default_branch),
    'pull_request', json_build_object(
      'number', pr.number, 'base_ref', pr.base_ref, 'head_ref', pr.head_ref, 'head_sha', pr.head_sha, 'author', pr.author,
      'is_fork', pr.head_repository_id is distinct from pr.repository_id),
    'version', codered.read_evidence_version(r.id, read_gate_subject.sha),
    'merge_group', exists (
      select from codered.merge_group_head(r.id, read_gate_subject.sha) h where h.pull_request_number = pr.number
    ),
    'since', coalesce(
      (
        -- When it was judged first: what was read before for information waited for nothing.
        select min(e.created_at)
        from codered.runs g
        join codered.gate_executions e on e.run_id = g.id
        where g.repository_id = r.id and g.commit_sha = read_gate_subject.sha and e.phase = 'definition_of_done'
      ),
      now()),
    'sprint', (
      select json_build_object('id', s.id, 'label', s.label, 'dod_json', s.dod_json)
      from codered.find_sprint(
        -- The base branch decides where it has one. A fork's branch is another one, though it has the name of one here.
        r.id, array[pr.base_ref, case when pr.head_repository_id = pr.repository_id then pr.head_ref end]) s
      where s.id is not null
    ),
    'signals', coalesce((select json_agg(s order by s.kind, s.name, s.origin, s.url) from codered.signals_of(r.id, read_gate_subject.sha) s), '[]'),
    'runs', coalesce(
      (
        select json_agg(
          json_build_object(
            'ci_event_id', e.id, 'run_id', e.run_id, 'workflow', coalesce(regexp_replace(e.workflow_path, '^.*/', ''), ''),
            'workflow_path', e.workflow_path, 'attempt', e.run_attempt, 'is_over', e.status not in ('queued', 'running'),
            'at', e.source_updated_at,
            'is_read', exists (
              select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status in ('completed', 'failed')
            ))
          order by e.run_id)
        from codered.current_runs(r.id, read_gate_subject.sha) as e
        where e.provider = 'github-actions'
      ),
      '[]'),
    'reports', coalesce(
      (
        select json_agg(
          json_build_object(
            'artifact', f.file_name, 'run_id', f.run_id, 'workflow', coalesce(regexp_replace(f.workflow_path, '^.*/', ''), ''),
            'workflow_path', f.workflow_path, 'attempt', f.made_in, 'url', f.url, 'at', f.created_at, 'content', f.content,
            'is_stale', f.is_stale)
          order by f.file_name, f.id)
        from (
          -- Of an upload's name the newest attempt's counts; what the jobs that did not run again uploaded carries over.
          select distinct on (e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end)
            a.file_name, a.url, a.created_at, a.content, a.id, e.run_id, e.workflow_path, age.made_in, age.is_stale
          from codered.current_runs(r.id, read_gate_subject.sha) as e
          cross join lateral codered.judge_artifacts(e.repository_id, e.run_id, e.run_attempt) as age
          join codered.artifacts a on a.id = age.artifact_id
          join codered.ci_events attempt on attempt.id = a.ci_event_id
          where e.provider = 'github-actions'
            -- What members write of their own has no run, and is no evidence.
            and a.run_id is not null
            -- Reading an attempt's artifacts takes over what GitHub still lists of those before.
            and (attempt.id = e.id or a.github_artifact_id is null)
            -- Where reading was given up, what was read for information may be the better half.
            and (
              a.github_artifact_id is null
              or not exists (select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status = 'failed')
            )
          order by
            e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end,
            attempt.run_attempt desc, a.created_at desc, a.id
        ) as f
      ),
      '[]'),
    'overrides', coalesce(
      (
        select json_agg(
          json_build_object('criterion', o.criterion, 'by', o."user", 'reason', o.reason, 'expires_at', o.expires_at)
          order by o.created_at desc, o.id)
        from codered.user_overrides o
        where o.repository_id = r.id
          and o.pull_request_number = pr.number
          and o.criterion is not null
          and o.revoked_at is null
          and (o.commit_sha = read_gate_subject.sha or (o.commit_sha is null and o.expires_at > now()))
      ),
      '[]')
  )
  from codered.pull_requests pr
  join codered.repositories r on r.id = pr.repository_id
  where pr.repository_id = read_gate_subject.repository_id
    and pr.number = read_gate_subject.pull_request_number
    and r.deleted_at is null
$$;
comment on function codered.read_gate_subject(bigint, integer, text) is
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be judged by, and whether a merge queue made it (merge_group); null when it is unknown.';

create function codered.look_at_merge_groups(repository_id bigint, pull_request_number integer, head_sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.look_again(g.repository_id, g.commit_sha)
  from codered.runs g
  cross join lateral codered.merge_group_head(g.repository_id, g.commit_sha) h
  where g.repository_id = look_at_merge_groups.repository_id
    and g.pull_request_number = look_at_merge_groups.pull_request_number
    and g.created_at > now() - interval '1 day'
    and h.pull_request_number = g.pull_request_number
    and h.head_sha = look_at_merge_groups.head_sha
$$;
comment on function codered.look_at_merge_groups(bigint, integer, text) is
  'Queues the reports of the commits that a merge queue made for a pull request, judged for the first time within a day: its head''s verdict may stand for theirs. Nothing unless head_sha is its head.';

create or replace function codered.record_gate_verdict(verdict jsonb)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told record;
  run codered.runs;
  wanted text;
  is_first boolean;
begin
  perform codered.check_fields('gate_verdict', record_gate_verdict.verdict, '{
    "repository_id": "bigint", "pull_request_number": "integer", "commit_sha": "text", "sprint_id": "uuid", "state": "text",
    "version": "text", "ci_run_id": "text", "ci_event_ids": "texts", "criteria": "array"}');
  select * into told
  from jsonb_to_record(record_gate_verdict.verdict) as t (
    repository_id bigint, pull_request_number integer, commit_sha text, sprint_id uuid, state text, version text, ci_run_id text,
    ci_event_ids uuid[], criteria jsonb);
  -- Nothing may be told of the repository between the look and the verdict.
  perform 1 from codered.repositories r where r.id = told.repository_id for no key update;
  if codered.read_evidence_version(told.repository_id, told.commit_sha) is distinct from told.version then
    return json_build_object('stale', true, 'run_id', null);
  end if;
  select r.* into run
  from codered.runs r
  where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id;
  wanted := case told.state when 'pass' then 'completed' when 'fail' then 'failed' else 'running' end;
  -- Evidence that was read for information hangs on a run that nobody has started yet.
  is_first := run.status = 'pending';
  if run.id is null or is_first or (run.status in ('completed', 'failed') and run.status <> wanted) then
    select r.* into run
    from jsonb_populate_record(null::codered.runs, codered.start_run(jsonb_strip_nulls(jsonb_build_object(
      'repository_id', told.repository_id, 'commit_sha', told.commit_sha, 'sprint_id', told.sprint_id, 'ci_run_id', told.ci_run_id,
      'pull_request_number', told.pull_request_number, 'display_name', 'Pull request ' || told.pull_request_number)))) as r;
  end if;
  if is_first then
    perform codered.append_status(
      run.project_id, run.id, 'BUILD', run.display_name,
      jsonb_strip_nulls(jsonb_build_object('ci_run_id', run.ci_run_id, 'commit_sha', run.commit_sha, 'is_again', false)));
  end if;
  update codered.runs r
  set ci_run_id = coalesce(told.ci_run_id, r.ci_run_id), pull_request_number = told.pull_request_number
  where r.id = run.id
    and (r.ci_run_id, r.pull_request_number) is distinct from (coalesce(told.ci_run_id, r.ci_run_id), told.pull_request_number);
  insert into codered.run_ci_events (run_id, ci_event_id)
  select run.id, e.id
  from codered.ci_events e
  where e.id = any (told.ci_event_ids) and e.repository_id = told.repository_id
  on conflict do nothing;

  with criteria as (
    select f.*
    from jsonb_to_recordset(told.criteria) as f (
      gate_id text, gate_name text, gate_order integer, status text, attempt_number integer, validation_results jsonb, fail_codes text[]
    )
  )
  insert into codered.gate_executions as g (
    run_id, gate_id, gate_name, phase, gate_order, status, attempt_number, max_attempts, validation_results, fail_codes, started_at,
    completed_at
  )
  select
    run.id, c.gate_id, c.gate_name, 'definition_of_done', c.gate_order, c.status,
    -- What a criterion rests on may change to something with fewer attempts: its newest row goes on telling.
    greatest(
      c.attempt_number,
      (select max(e.attempt_number) from codered.gate_executions e where e.run_id = run.id and e.gate_id = c.gate_id)
    ),
    100, c.validation_results, c.fail_codes, now(), case when c.status <> 'pending' then now() end
  from criteria c
  on conflict (run_id, gate_id, attempt_number) do update
  set
    gate_name = excluded.gate_name,
    gate_order = excluded.gate_order,
    status = excluded.status,
    validation_results = excluded.validation_results,
    fail_codes = excluded.fail_codes,
    completed_at = excluded.completed_at
  where (g.gate_name, g.gate_order, g.status, g.validation_results, g.fail_codes)
    is distinct from (excluded.gate_name, excluded.gate_order, excluded.status, excluded.validation_results, excluded.fail_codes);
  -- What the policy asks for no more counts neither way.
  update codered.gate_executions g
  set status = 'skipped', completed_at = now()
  where g.run_id = run.id
    and g.status <> 'skipped'
    and g.gate_id not in (select f.gate_id from jsonb_to_recordset(told.criteria) as f (gate_id text));

  if run.status = 'running' and wanted <> 'running' then
    perform codered.finish_run(run.id, case when wanted = 'completed' then 'PASSED' else 'FAILED' end);
    perform codered.append_status(
      run.project_id, run.id, case when wanted = 'completed' then 'GATE_PASSED' else 'GATE_FAILED' end,
      format('Pull request %s', told.pull_request_number),
      jsonb_build_object('commit_sha', told.commit_sha, 'fail_codes', (
        select coalesce(jsonb_agg(distinct code), '[]')
        from jsonb_to_recordset(told.criteria) as f (fail_codes text[]), unnest(f.fail_codes) as code
      )));
  end if;
  perform codered.look_at_merge_groups(told.repository_id, told.pull_request_number, told.commit_sha);
  return json_build_object('stale', false, 'run_id', run.id);
end
$$;
comment on function codered.record_gate_verdict(jsonb) is
  'Writes a verdict down as the run of its commit, one gate execution a criterion and attempt, and the events that follow, all or nothing; done twice, it changes nothing. Of a pull request''s head it has the commits looked at that a merge queue made for it. {"stale": true} and nothing written when more is known by now than the verdict rests on (version of read_gate_subject): judge again.';

revoke execute on function codered.merge_group_head(bigint, text), codered.version_of_commit(bigint, text),
  codered.look_at_merge_groups(bigint, integer, text) from public;
grant execute on function codered.merge_group_head(bigint, text), codered.version_of_commit(bigint, text),
  codered.look_at_merge_groups(bigint, integer, text) to service_role;
