-- The gate: what it reads of a commit, and what it found.

create function codered.signals_of(repository_id bigint, sha text)
returns table (
  kind text, name text, origin text, workflow_path text, attempt integer, status text, conclusion text, url text, at timestamptz,
  event text, author text, branch text, head_repository_id bigint
)
language sql
stable
set search_path = ''
as $$
  with runs as (
    select c.* from codered.current_runs(signals_of.repository_id, signals_of.sha) as c
  ), jobs as (
    -- A partial re-run holds only the jobs that ran again: the others carry over from the attempt before. Until it is over,
    -- nobody knows which will.
    select
      i.workflow_path as path, i.event, i.branch, i.head_repository_id, r.status in ('queued', 'running') as is_under_way, o.run_attempt, o.covered_by,
      r.run_attempt as newest_attempt, r.source_updated_at as run_at, o.id, o.name,
      rank() over (partition by r.id, o.name order by o.run_attempt desc) as age
    from runs r
    cross join lateral codered.identity_of_run(r.repository_id, r.run_id) as i
    cross join lateral codered.jobs_of_run(r.repository_id, r.run_id) as o
    where r.provider = 'github-actions'
  )
  select
    'job',
    t.name,
    coalesce(regexp_replace(t.path, '^.*/', ''), ''),
    t.path,
    case when t.is_under_way then t.newest_attempt else a.run_attempt end,
    case
      when t.run_attempt < t.newest_attempt and t.is_under_way then 'running'
      -- The webhook of the job's end was lost: nobody knows how it ended.
      when not t.is_under_way and j.status in ('queued', 'running') then 'canceled'
      else j.status
    end,
    case when t.run_attempt < t.newest_attempt and t.is_under_way then null else j.conclusion end,
    j.html_url,
    greatest(j.source_updated_at, t.run_at),
    t.event,
    null,
    t.branch,
    t.head_repository_id
  from jobs t
  -- A part of a matrix that was skipped as a whole later is what that is.
  join codered.ci_jobs j on j.id = coalesce(t.covered_by, t.id)
  join codered.ci_events a on a.id = j.ci_event_id
  where t.age = 1
  union all
  select
    case r.provider when 'github-status' then 'status' else 'check' end,
    r.workflow_name,
    case r.provider when 'github-checks' then coalesce(r.actor, '') else '' end,
    null,
    r.run_attempt,
    r.status,
    r.conclusion,
    r.html_url,
    r.source_updated_at,
    null,
    r.actor,
    null,
    null
  from runs r
  where r.provider in ('github-checks', 'github-status')
$$;
comment on function codered.signals_of(bigint, text) is
  'The jobs, checks and statuses that count for a commit, each in its newest attempt, a job that a skipped or cancelled one covers (jobs_of_run) as that one: Signal of src/gate/model/evidence-model.ts without trust. event: GitHub''s word for what set off the job''s run, null until that is known, as workflow_path then is; author: the slug of the check run''s App, the login of the status'' creator; branch and head_repository_id: of the job''s run.';
revoke execute on function codered.signals_of from public;
grant execute on function codered.signals_of to service_role;

create function codered.list_gate_reports(pull codered.pull_requests, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(json_agg(
    json_build_object(
      'artifact', f.file_name, 'run_id', f.run_id, 'workflow', coalesce(regexp_replace(f.workflow_path, '^.*/', ''), ''),
      'workflow_path', f.workflow_path, 'event', f.event, 'attempt', f.made_in, 'url', f.url, 'at', f.created_at, 'content', f.content,
      'is_stale', f.is_stale)
    order by f.file_name, f.id), '[]')
  from (
    -- Of an upload's name the newest attempt's counts; what the jobs that did not run again uploaded carries over.
    select distinct on (e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end)
      a.file_name, a.url, a.created_at, a.content, a.id, e.run_id, i.workflow_path, i.event, age.made_in,
      age.is_stale
    from codered.current_runs(pull.repository_id, list_gate_reports.sha) as e
    cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
    cross join lateral codered.list_artifact_ages(e.repository_id, e.run_id, e.run_attempt) as age
    join codered.artifacts a on a.id = age.artifact_id
    join codered.ci_events attempt on attempt.id = a.ci_event_id
    where e.provider = 'github-actions'
      and codered.is_run_for(pull, i.event, i.branch, i.head_repository_id)
      -- What members write of their own has no run, and is no evidence.
      and a.run_id is not null
      -- Reading an attempt's artifacts takes over what GitHub still lists of those before.
      and (attempt.id = e.id or a.github_artifact_id is null)
      -- Where reading was given up, what was read for information may be the better half.
      and (
        a.github_artifact_id is null
        or not exists (select from codered.follow_ups j where j.dedupe_key = 'artifacts:' || e.id and j.status = 'failed')
      )
    order by
      e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end,
      attempt.run_attempt desc, a.created_at desc, a.id
  ) as f
$$;
comment on function codered.list_gate_reports(codered.pull_requests, text) is
  'The report files that count for a commit of the pull request, each with the run that made it and whether its attempt is outdone (is_stale). Only read_gate_subject calls it.';
revoke execute on function codered.list_gate_reports from public;
grant execute on function codered.list_gate_reports to service_role;

create function codered.read_gate_subject(repository_id bigint, pull_request_number integer, sha text)
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
      'is_fork', pr.head_repository_id is distinct from pr.repository_id,
      -- GitHub does not say of a run which pull request of a fork it is for, and each merges the branch into another one.
      'twins', coalesce(
        (
          select json_agg(o.number order by o.number)
          from codered.pull_requests o
          where o.repository_id = pr.repository_id
            and o.head_sha = pr.head_sha
            and o.head_ref = pr.head_ref
            and o.head_repository_id is not distinct from pr.head_repository_id
            -- One that was moved here ran into another one before.
            and (o.base_ref <> pr.base_ref or (o.number <> pr.number and o.based_at is not null))
        ),
        '[]')),
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
    'signals', coalesce(
      (
        select json_agg(s order by s.kind, s.name, s.origin, s.url)
        from codered.signals_of(r.id, read_gate_subject.sha) s
        where codered.is_run_for(pr, s.event, s.branch, s.head_repository_id)
      ),
      '[]'),
    'runs', coalesce(
      (
        select json_agg(
          json_build_object(
            'ci_event_id', e.id, 'run_id', e.run_id, 'workflow', coalesce(regexp_replace(i.workflow_path, '^.*/', ''), ''),
            'workflow_path', i.workflow_path, 'event', i.event, 'attempt', e.run_attempt, 'is_over', e.status not in ('queued', 'running'),
            'at', e.source_updated_at,
            'is_read', exists (
              select from codered.follow_ups j where j.dedupe_key = 'artifacts:' || e.id and j.status in ('completed', 'failed')
            ),
            -- A re-run merges into the same branch as its first attempt did.
            'is_former', coalesce(
              (
                select min(a.start_time)
                from codered.ci_events a
                where a.provider = e.provider and a.repository_id = e.repository_id and a.run_id = e.run_id
              -- GitHub tells whole seconds, and makes a run some time after what set it off.
              ) < pr.based_at + interval '2 minutes',
              false))
          order by e.run_id)
        from codered.current_runs(r.id, read_gate_subject.sha) as e
        cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
        where e.provider = 'github-actions'
          and codered.is_run_for(pr, i.event, i.branch, i.head_repository_id)
      ),
      '[]'),
    'reports', codered.list_gate_reports(pr, read_gate_subject.sha),
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
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be evaluated by, without what ran for another one of the same commit (is_run_for), whether a merge queue made it (merge_group), which other pull requests bring the same branch into another one (twins), and of each run whether it began before the pull request had its base (is_former); null when it is unknown.';
revoke execute on function codered.read_gate_subject from public;
grant execute on function codered.read_gate_subject to service_role;

create function codered.record_criteria(run_id uuid, criteria jsonb)
returns void
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
begin
  with stored as (
    select f.*
    from jsonb_to_recordset(record_criteria.criteria) as f (
      gate_id text, gate_name text, gate_order integer, status text, attempt_number integer, validation_results jsonb, fail_codes text[]
    )
  )
  insert into codered.gate_executions as g (
    run_id, gate_id, gate_name, phase, gate_order, status, attempt_number, max_attempts, validation_results, fail_codes, started_at,
    completed_at
  )
  select
    record_criteria.run_id, c.gate_id, c.gate_name, 'definition_of_done', c.gate_order, c.status,
    -- What a criterion rests on may change to something with fewer attempts: its newest row goes on telling.
    greatest(
      c.attempt_number,
      (select max(e.attempt_number) from codered.gate_executions e where e.run_id = record_criteria.run_id and e.gate_id = c.gate_id)
    ),
    100, c.validation_results, c.fail_codes, now(), case when c.status <> 'pending' then now() end
  from stored c
  on conflict (run_id, gate_id, attempt_number) do update
  set
    gate_name = excluded.gate_name,
    phase = excluded.phase,
    gate_order = excluded.gate_order,
    status = excluded.status,
    validation_results = excluded.validation_results,
    fail_codes = excluded.fail_codes,
    completed_at = excluded.completed_at
  where (g.gate_name, g.phase, g.gate_order, g.status, g.validation_results, g.fail_codes)
    is distinct from (excluded.gate_name, excluded.phase, excluded.gate_order, excluded.status, excluded.validation_results, excluded.fail_codes);
  -- What the policy asks for no more counts neither way.
  update codered.gate_executions g
  set status = 'skipped', completed_at = now()
  where g.run_id = record_criteria.run_id
    and g.status <> 'skipped'
    and g.gate_id not in (select f.gate_id from jsonb_to_recordset(record_criteria.criteria) as f (gate_id text));
end
$$;
comment on function codered.record_criteria(uuid, jsonb) is
  'Writes what was found of each criterion as a gate execution of the run, one a criterion and attempt. Only record_gate_verdict calls it.';
revoke execute on function codered.record_criteria from public;
grant execute on function codered.record_criteria to service_role;

create function codered.record_gate_verdict(verdict jsonb)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told record;
  run codered.runs;
  wanted text;
  is_first boolean;
  summary jsonb;
begin
  perform codered.check_fields('gate_verdict', record_gate_verdict.verdict, '{
    "repository_id": "bigint", "pull_request_number": "integer", "commit_sha": "text", "sprint_id": "uuid", "state": "text",
    "version": "text", "ci_run_id": "text", "ci_event_ids": "texts", "criteria": "array", "summary": "object"}');
  select * into told
  from jsonb_to_record(record_gate_verdict.verdict) as t (
    repository_id bigint, pull_request_number integer, commit_sha text, sprint_id uuid, state text, version text, ci_run_id text,
    ci_event_ids uuid[], criteria jsonb, summary jsonb);
  -- Nothing may be told of the repository between the look and the verdict.
  perform 1 from codered.repositories r where r.id = told.repository_id for no key update;
  if codered.read_evidence_version(told.repository_id, told.commit_sha) is distinct from told.version then
    return json_build_object('stale', true, 'run_id', null);
  end if;
  perform 1 from codered.sprints s where s.id = told.sprint_id for no key update;
  select r.* into run
  from codered.runs r
  where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id;
  if run.id is null and told.sprint_id is not null then
    -- The sprint came after the commit had been looked at: what was begun is its run from now on.
    update codered.runs r
    set sprint_id = s.id, spec_id = s.spec_id, dod_state = 'unmeasured'
    from codered.sprints s
    where s.id = told.sprint_id and r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is null
    returning r.* into run;
  end if;
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

  perform codered.record_criteria(run.id, told.criteria);
  update codered.runs r
  set dod_state = codered.evaluate_sprint(r.id)
  where r.id = run.id and r.dod_state is distinct from codered.evaluate_sprint(r.id);
  perform codered.end_other_runs(run.id);
  summary := told.summary || jsonb_build_object(
    'status', case wanted when 'completed' then 'PASSED' else 'FAILED' end,
    'duration_seconds', codered.seconds_of(told.ci_event_ids));
  if run.status = wanted then
    -- The same outcome by other figures.
    update codered.runs r set summary_json = summary
    where r.id = run.id and wanted <> 'running' and summary is not null and r.summary_json is distinct from summary;
  end if;
  if run.status = 'running' and wanted <> 'running' then
    perform codered.finish_run(run.id, case when wanted = 'completed' then 'PASSED' else 'FAILED' end, summary);
    perform codered.append_status(
      run.project_id, run.id, case when wanted = 'completed' then 'GATE_PASSED' else 'GATE_FAILED' end,
      format('Pull request %s', told.pull_request_number),
      jsonb_build_object('commit_sha', told.commit_sha, 'fail_codes', (
        select coalesce(jsonb_agg(distinct code), '[]')
        from jsonb_to_recordset(told.criteria) as f (fail_codes text[]), unnest(f.fail_codes) as code
      )));
  end if;
  perform codered.recheck_merge_groups(told.repository_id, told.pull_request_number, told.commit_sha);
  return json_build_object('stale', false, 'run_id', run.id);
end
$$;
comment on function codered.record_gate_verdict(jsonb) is
  'Writes a verdict down as the run of its commit, one gate execution a criterion and attempt, and the events that follow, all or nothing; done twice, it changes nothing. Of a pull request''s head it has the commits rechecked that a merge queue made for it. {"stale": true} and nothing written when more is known by now than the verdict rests on (version of read_gate_subject): judge again.';
revoke execute on function codered.record_gate_verdict from public;
grant execute on function codered.record_gate_verdict to service_role;

create function codered.read_gate_commit(repository_id bigint, pull_request_number integer, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'subject', codered.read_gate_subject(
      read_gate_commit.repository_id, read_gate_commit.pull_request_number, read_gate_commit.sha),
    'jobs', codered.steps_of_jobs(read_gate_commit.repository_id, read_gate_commit.sha))
$$;
comment on function codered.read_gate_commit(bigint, integer, text) is
  'What read_gate_subject says (subject, null when it is unknown), and the steps of the jobs (steps_of_jobs), of one moment.';
revoke execute on function codered.read_gate_commit from public;
grant execute on function codered.read_gate_commit to service_role;

create function codered.read_circumstances(repository_id bigint, pull_request_number integer, sha text default null)
returns json
language sql
stable
set search_path = ''
as $$
  with pr as (
    select p.repository_id, p.number, p.state, coalesce(read_circumstances.sha, p.head_sha) as head_sha
    from codered.pull_requests p
    where p.repository_id = read_circumstances.repository_id and p.number = read_circumstances.pull_request_number
  ), runs as (
    select c.* from pr cross join lateral codered.current_runs(pr.repository_id, pr.head_sha) as c
  ), groups as (
    -- What a merge queue made for this head, the newest first.
    select
      g.*,
      row_number() over (order by g.authored_at desc nulls last, g.created_at desc, g.sha) as age,
      case
        when g.merge_group_end = 'merged' then 'passed'
        when ran.has_failed or g.is_refused then 'failed'
        when g.merge_group_end is not null then 'dropped'
        when ran.has_passed and not ran.is_open then 'passed'
      end as state
    from (
      select
        c.sha, c.authored_at, c.created_at, c.merge_group_end,
        coalesce(
          (
            select p.published_conclusion in ('failure', 'action_required')
            from codered.publications p
            where p.repository_id = c.repository_id and p.kind = 'check_run' and p.target = c.sha || ':CodeRed'
            order by p.generation desc
            limit 1
          ),
          false) as is_refused
      from pr
      join codered.commits c on c.repository_id = pr.repository_id and c.merge_group_ref is not null
      cross join lateral codered.merge_group_head(c.repository_id, c.sha) h
      where h.pull_request_number = pr.number
        and pr.state = 'open'
        and c.created_at >= coalesce(
          (
            select h.created_at
            from codered.pull_request_heads h
            where h.repository_id = pr.repository_id and h.pull_request_number = pr.number and h.sha = pr.head_sha
          ),
          '-infinity')
    ) as g
    cross join pr
    cross join lateral (
      select
        coalesce(bool_or(r.status = 'failed'), false) as has_failed,
        coalesce(bool_or(r.status in ('queued', 'running')), false) as is_open,
        coalesce(bool_and(r.status = 'succeeded'), false) as has_passed
      from codered.current_runs(pr.repository_id, g.sha) r
    ) as ran
  )
  select json_build_object(
    -- By the clock that the other times here are by.
    'now', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'others', coalesce(
      (
        select json_agg(
          json_build_object(
            'provider', r.provider, 'name', r.workflow_name, 'url', r.html_url, 'author', r.actor,
            'told_at', to_char(r.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'says', nullif(left(split_part(r.summary, E'\n', 1), 255), ''))
          order by r.provider, r.workflow_name, r.run_id)
        from runs r
        where r.provider <> 'github-actions'
      ),
      '[]'),
    -- No workflow ran: since when that is waited for, and whether CodeRed has spoken of other commits here, for then it is missed.
    'silence', (
      select json_build_object(
        'since', to_char(h.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'cause', h.silence_cause,
        'is_unusual', exists (
          select
          from codered.publications p
          where p.repository_id = pr.repository_id and p.kind = 'check_run'
            and p.target <> pr.head_sha || ':CodeRed' and p.published_conclusion is not null
        ))
      from codered.pull_request_heads h
      where h.repository_id = pr.repository_id and h.pull_request_number = pr.number and h.sha = pr.head_sha
        and pr.state = 'open'
        and read_circumstances.sha is null
        and not exists (select from runs r where r.provider = 'github-actions')
    ),
    'merge_queue', (
      select json_build_object(
        'commit_sha', g.sha, 'end', g.merge_group_end, 'is_refused', g.is_refused,
        'failed', coalesce(
          (
            select json_agg(json_build_object('name', x.name, 'url', x.url) order by x.name, x.url)
            from (
              select j.name, j.html_url as url
              from codered.current_runs(pr.repository_id, g.sha) r
              join codered.ci_jobs j on j.ci_event_id = r.id and j.status = 'failed'
              union all
              select r.workflow_name, r.html_url
              from codered.current_runs(pr.repository_id, g.sha) r
              where r.status = 'failed'
                and not exists (select from codered.ci_jobs j where j.ci_event_id = r.id and j.status = 'failed')
              order by 1, 2
              limit 20
            ) as x
          ),
          '[]'))
      from groups g
      where g.state in ('failed', 'dropped')
        -- Of those that have come to an end the newest; one that was made anew, as another left the queue, has not.
        and not exists (select from groups newer where newer.age < g.age and newer.state is not null)
        and not (
          g.state = 'dropped' and g.merge_group_end = 'invalidated'
          and exists (select from groups newer where newer.age < g.age)
        )
    ))
  from pr
$$;
comment on function codered.read_circumstances(bigint, integer, text) is
  'What stands around the report of a pull request, as Circumstances of src/report/circumstances.ts: whose the checks and statuses of other systems are, whether and since when no workflow ran on its head (silence), and what a merge queue dropped; null when unknown. sha: as of a former head.';
revoke execute on function codered.read_circumstances from public;
grant execute on function codered.read_circumstances to service_role;

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
revoke execute on function codered.is_observed from public;
grant execute on function codered.is_observed to service_role;

create function codered.gate_health(stuck_minutes integer default 10)
returns json
language sql
stable
set search_path = ''
as $$
  with past as (
    select now() - make_interval(mins => gate_health.stuck_minutes) as at
  )
  select json_build_object(
    -- Check runs that are in progress though all that they wait for should have come or been given up.
    'overdue', coalesce(
      (
        select json_agg(o order by o.until)
        from (
          select
            r.owner || '/' || r.name as repository, g.pull_request_number, g.commit_sha,
            string_agg(distinct e.gate_name, ', ' order by e.gate_name) as criteria,
            min((e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz) as until
          from codered.runs g
          join codered.repositories r on r.id = g.repository_id and r.deleted_at is null
          join codered.gate_executions e on e.run_id = g.id and e.phase = 'definition_of_done' and e.status = 'pending'
          join codered.pull_requests pr
            on pr.repository_id = g.repository_id and pr.number = g.pull_request_number and pr.state = 'open' and pr.head_sha = g.commit_sha
          where g.status = 'running' and (e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz < (select p.at from past p)
          group by r.owner, r.name, g.id, g.pull_request_number, g.commit_sha
          order by min((e.validation_results -> 0 -> 'waits' ->> 'until')::timestamptz)
          limit 100
        ) as o
      ),
      '[]'),
    -- What should stand on GitHub and does not.
    'unpublished', coalesce(
      (
        select json_agg(u order by u.since)
        from (
          select
            r.owner || '/' || r.name as repository, p.kind, p.target, p.attempts, p.updated_at as since,
            p.available_at = 'infinity' as is_given_up, p.last_error
          from codered.publications p
          join codered.repositories r on r.id = p.repository_id and r.deleted_at is null
          where p.is_due and (p.available_at = 'infinity' or (p.attempts > 2 and p.last_error is not null) or p.updated_at < (select q.at from past q))
          order by p.updated_at
          limit 100
        ) as u
      ),
      '[]'),
    'dead_jobs', coalesce(
      (
        select json_agg(d order by d.since desc)
        from (
          select
            j.kind, r.owner || '/' || r.name as repository, j.commit_sha, j.error as last_error,
            j.completed_at as since
          from codered.follow_ups j
          left join codered.repositories r on r.id = j.repository_id
          where j.status = 'failed' and j.completed_at > now() - interval '7 days' and codered.is_given_up(j)
          order by j.completed_at desc
          limit 100
        ) as d
      ),
      '[]'),
    -- Nobody does it: no worker runs, or too few.
    'waiting_jobs', (
      select json_build_object('count', count(*), 'since', min(j.run_after))
      from codered.follow_ups j
      -- Also what a worker died at: while one is at work its lease ends later.
      where j.status in ('queued', 'running') and j.run_after < (select p.at from past p)
    ),
    'waiting_deliveries', (
      select json_build_object(
        'count', count(*) filter (where w.status <> 'dead' and w.received_at < (select p.at from past p)),
        'since', min(w.received_at) filter (where w.status <> 'dead' and w.received_at < (select p.at from past p)),
        'dead', count(*) filter (where w.status = 'dead'))
      from codered.webhook_deliveries w
      where w.status in ('pending', 'processing', 'failed', 'dead')
    ),
    'held_installations', coalesce(
      (
        select json_agg(h order by h.account)
        from (
          select
            i.account_login as account, case when i.suspended_at is null then i.paused_until end as paused_until, i.suspended_at
          from codered.installations i
          where i.deleted_at is null and (i.suspended_at is not null or i.paused_until > now())
          order by i.account_login
          limit 100
        ) as h
      ),
      '[]'))
$$;
comment on function codered.gate_health(integer) is
  'What holds gates up: check runs in progress past what they wait for (overdue), what could not be written to GitHub (unpublished), work that was given up within a week and not done since (dead_jobs) or that nobody does (waiting_jobs), deliveries that wait or were given up, and installations that are suspended or may not be asked (held_installations); lists of 100 at most. stuck_minutes: how long something is late until it counts.';
revoke execute on function codered.gate_health from public;
grant execute on function codered.gate_health to service_role;
