-- No function has more than 120 lines: read_report, read_gate_subject and record_gate_verdict do what they did, in parts. Old workers survive it.

create or replace function codered.list_gate_reports(pull codered.pull_requests, sha text)
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
    cross join lateral codered.judge_artifacts(e.repository_id, e.run_id, e.run_attempt) as age
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
        or not exists (select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status = 'failed')
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
              select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status in ('completed', 'failed')
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
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be judged by, without what ran for another one of the same commit (is_run_for), whether a merge queue made it (merge_group), which other pull requests bring the same branch into another one (twins), and of each run whether it began before the pull request had its base (is_former); null when it is unknown.';

revoke execute on function codered.read_gate_subject from public;

grant execute on function codered.read_gate_subject to service_role;

create or replace function codered.record_criteria(run_id uuid, criteria jsonb)
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
  set dod_state = codered.judge_sprint(r.id)
  where r.id = run.id and r.dod_state is distinct from codered.judge_sprint(r.id);
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
  perform codered.look_at_merge_groups(told.repository_id, told.pull_request_number, told.commit_sha);
  return json_build_object('stale', false, 'run_id', run.id);
end
$$;

comment on function codered.record_gate_verdict(jsonb) is
  'Writes a verdict down as the run of its commit, one gate execution a criterion and attempt, and the events that follow, all or nothing; done twice, it changes nothing. Of a pull request''s head it has the commits looked at that a merge queue made for it. {"stale": true} and nothing written when more is known by now than the verdict rests on (version of read_gate_subject): judge again.';

revoke execute on function codered.record_gate_verdict from public;

grant execute on function codered.record_gate_verdict to service_role;

create or replace function codered.list_newest_jobs(run codered.ci_events)
returns table (run_attempt integer, known_status text, job codered.ci_jobs)
language sql
stable
set search_path = ''
as $$
  select
    j.run_attempt,
    case
      -- GitHub calls a job canceled that ran into its time limit: the diagnosis knows better.
      when (j.job).status = 'canceled' and exists (select 1 from codered.errors e where e.ci_job_id = (j.job).id) then 'failed'
      -- Nothing runs on in an attempt that is over: the webhook of the job's end was lost, and nobody knows how it ended.
      when (j.job).status in ('queued', 'running') and j.attempt_is_over then 'canceled'
      else (j.job).status
    end,
    j.job
  from (
    select
      a.run_attempt, j as job,
      a.status not in ('queued', 'running') or a.run_attempt < run.run_attempt as attempt_is_over,
      run.status = 'succeeded' and a.run_attempt < run.run_attempt as is_outdone,
      rank() over (partition by j.name order by a.run_attempt desc) as age
    from codered.ci_events a
    join codered.ci_jobs j on j.ci_event_id = a.id
    where a.provider = run.provider and a.repository_id = run.repository_id and a.run_id = run.run_id
  ) as j
  where j.age = 1
    -- An attempt succeeds only when every job has, the carried over ones too: what is known of this one is overtaken.
    and not (j.is_outdone and (j.job).status <> 'succeeded')
$$;

comment on function codered.list_newest_jobs(codered.ci_events) is
  'The jobs of a run as they stand after its newest attempt: a partial re-run holds only the jobs that ran again, the others carry over from the attempt before. Several jobs of an attempt may have one name. Only read_report calls it.';

revoke execute on function codered.list_newest_jobs from public;

grant execute on function codered.list_newest_jobs to service_role;

create or replace function codered.describe_report_job(job codered.ci_jobs, workflow_name text, run_attempt integer, known_status text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'provider', 'github-actions',
    'workflow_name', workflow_name,
    'name', job.name,
    'run_attempt', run_attempt,
    'status', known_status,
    'conclusion', case when known_status <> 'canceled' or job.status = 'canceled' then job.conclusion end,
    'html_url', job.html_url,
    'started_at', job.started_at,
    'completed_at', job.completed_at,
    'failed_step', (
      select jsonb_build_object('number', (s.value ->> 'number')::integer, 'name', s.value ->> 'name')
      from jsonb_array_elements(job.steps) with ordinality as s (value, place)
      where s.value ->> 'conclusion' in ('failure', 'timed_out')
      order by s.place
      limit 1
    ),
    'log_state', job.log_state,
    'failure', (
      select codered.failure_of(e.id)
      from codered.errors e
      where e.ci_job_id = job.id and known_status = 'failed'
      order by e.created_at desc
      limit 1
    )
  )
$$;

comment on function codered.describe_report_job(codered.ci_jobs, text, integer, text) is
  'One job as the report shows it, known_status being its status as list_newest_jobs has it. Only read_report calls it.';

revoke execute on function codered.describe_report_job from public;

grant execute on function codered.describe_report_job to service_role;

create or replace function codered.describe_report_event(event codered.ci_events)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'provider', event.provider,
    'workflow_name', event.workflow_name,
    'name', event.workflow_name,
    'run_attempt', event.run_attempt,
    'status', event.status,
    'conclusion', event.conclusion,
    'html_url', event.html_url,
    'started_at', event.start_time,
    'completed_at', event.end_time,
    'failed_step', null,
    'log_state', 'none',
    'failure', (
      select codered.failure_of(e.id)
      from codered.errors e
      where e.ci_event_id = event.id and e.ci_job_id is null and event.status = 'failed'
      order by e.created_at desc
      limit 1
    )
  )
$$;

comment on function codered.describe_report_event(codered.ci_events) is
  'A run, check or status that stands for itself, as the report shows it. Only read_report calls it.';

revoke execute on function codered.describe_report_event from public;

grant execute on function codered.describe_report_event to service_role;

create or replace function codered.list_report_deployments(places codered.deployments[])
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(
    json_agg(
      json_build_object(
        'environment_name', d.environment_name, 'status', d.status, 'commit_sha', d.commit_sha, 'url', d.url,
        'failure', (
          -- The log of the run that deploys knows more than the sentence in the deployment's status.
          select codered.failure_of(e.id)
          from codered.errors e
          where d.status = 'failed'
            and (e.deployment_id = d.id or (e.ci_event_id = d.ci_event_id and e.ci_job_id is not null))
          order by
            exists (select 1 from codered.error_matches m where m.error_id = e.id and m.is_primary) desc,
            e.deployment_id is null desc,
            e.fingerprint
          limit 1
        )
      )
      order by d.environment_name
    ),
    '[]'
  )
  from unnest(places) as d
$$;

comment on function codered.list_report_deployments(codered.deployments[]) is
  'The deployments as the report shows them, each with its failure. Only read_report calls it.';

revoke execute on function codered.list_report_deployments from public;

grant execute on function codered.list_report_deployments to service_role;

create or replace function codered.list_earlier_failures(pull codered.pull_requests, current_jobs uuid[], items jsonb)
returns json
language sql
stable
set search_path = ''
as $$
  with earlier as (
    select distinct on (a.workflow_name, j.name, e.fingerprint)
      j.name as job_name, a.workflow_name, e.id as error_id, e.message, a.commit_sha, a.run_id, a.run_attempt, a.start_time,
      e.fingerprint
    from codered.ci_events a
    join codered.ci_jobs j on j.ci_event_id = a.id and j.status in ('failed', 'canceled')
    join codered.errors e on e.ci_job_id = j.id
    where a.repository_id = pull.repository_id
      and a.branch = pull.head_ref
      and a.head_repository_id is not distinct from pull.head_repository_id
      and a.trigger = 'pull_request'
      and a.start_time >= pull.opened_at - interval '1 minute'
      and j.id <> all (current_jobs)
    order by a.workflow_name, j.name, e.fingerprint, a.start_time desc, a.run_attempt desc
  )
  select coalesce(
    json_agg(
      json_build_object(
        'job_name', x.job_name,
        'pattern_name', codered.failure_of(x.error_id) -> 'pattern' ->> 'name',
        'message', x.message,
        'commit_sha', x.commit_sha,
        'run_attempt', x.run_attempt,
        'fixed_by', (
          select json_build_object('commit_sha', b.commit_sha, 'run_attempt', b.run_attempt)
          from codered.ci_events b
          where b.repository_id = pull.repository_id
            and b.branch = pull.head_ref
            and b.head_repository_id is not distinct from pull.head_repository_id
            and b.workflow_name = x.workflow_name
            and b.trigger = 'pull_request'
            and b.start_time > x.start_time
            and (
              exists (
                select 1
                from codered.ci_jobs k
                where k.ci_event_id = b.id and k.name = x.job_name and k.status = 'succeeded'
              )
              or (b.run_id = x.run_id and b.status = 'succeeded')
            )
          order by b.start_time, b.run_attempt
          limit 1
        )
      )
      order by x.start_time, x.workflow_name, x.job_name, x.fingerprint
    ),
    '[]'
  )
  from earlier x
  where not exists (
    select 1
    from jsonb_array_elements(items) as i (item)
    where i.item ->> 'workflow_name' = x.workflow_name
      and i.item ->> 'name' = x.job_name
      and i.item -> 'failure' ->> 'fingerprint' = x.fingerprint
  )
$$;

comment on function codered.list_earlier_failures(codered.pull_requests, uuid[], jsonb) is
  'What failed on the pull request before: in none of current_jobs, and by none of the failures in items, which the report shows; each with the attempt that fixed it. Only read_report calls it.';

revoke execute on function codered.list_earlier_failures from public;

grant execute on function codered.list_earlier_failures to service_role;

create or replace function codered.read_report(repository_id bigint, pull_request_number integer, sha text default null)
returns json
language sql
stable
set search_path = ''
as $$
  with pr as (
    select p as pull, p.*, coalesce(read_report.sha, p.head_sha) as sha
    from codered.pull_requests p
    where p.repository_id = read_report.repository_id and p.number = read_report.pull_request_number
  ), runs as materialized (
    select
      c as stored, c.*, i.workflow_path as path,
      i.event in ('pull_request', 'push', 'merge_group')
        and codered.is_run_for(pr.pull, i.event, i.branch, i.head_repository_id) as is_own,
      -- What is not known yet may be the pull request's own, and so may what was not kept.
      coalesce(i.event not in ('pull_request', 'push', 'merge_group', 'unknown'), false) as is_foreign
    from pr
    cross join lateral codered.current_runs(pr.repository_id, pr.sha) as c
    left join lateral codered.identity_of_run(c.repository_id, c.run_id) as i on c.provider = 'github-actions'
  ), outdone as (
    -- Of a workflow that ran for the pull request, what runs for another event says nothing of what that has.
    select r.id
    from runs r
    where r.is_foreign and exists (select from runs own where own.is_own and own.path = r.path)
  ), newest_jobs as materialized (
    select r.id as run, r.workflow_name, n.run_attempt, n.known_status, n.job
    from runs r
    cross join lateral codered.list_newest_jobs(r.stored) as n
    where r.provider = 'github-actions'
  ), jobs as materialized (
    select j.*
    from newest_jobs j
    where j.run not in (select o.id from outdone o)
      -- What the pull request's own run does not have is shown.
      or not exists (
        select
        from runs r
        join runs own on own.is_own and own.path = r.path
        join newest_jobs k on k.run = own.id and (k.job).name = (j.job).name
        where r.id = j.run
      )
  ), items as materialized (
    select
      codered.describe_report_job(j.job, j.workflow_name, j.run_attempt, j.known_status) as item,
      j.workflow_name, (j.job).name, (j.job).job_id::text as tie
    from jobs j
    union all
    -- What no job shows stands for itself: checks and statuses of other systems, and runs that failed, were canceled or
    -- wait for an approval though none of their jobs did.
    select codered.describe_report_event(r.stored), r.workflow_name, r.workflow_name, r.run_id
    from runs r
    where r.provider <> 'github-actions'
      or r.id not in (select o.id from outdone o) and (
      (r.status = 'failed' and not exists (select 1 from jobs j where j.run = r.id and j.known_status = 'failed'))
      or (
        r.status = 'canceled'
        and not exists (select 1 from jobs j where j.run = r.id and j.known_status in ('failed', 'canceled'))
      )
      or (
        r.status = 'queued'
        and r.conclusion = 'action_required'
        and not exists (select 1 from jobs j where j.run = r.id and j.run_attempt = r.run_attempt)
      ))
  ), places as (
    select distinct on (d.environment_name) d as place, d.*
    from pr
    join codered.deployments d on d.repository_id = pr.repository_id and d.commit_sha in (pr.sha, pr.merge_commit_sha)
    order by d.environment_name, d.started_at desc, d.deployment_id desc
  )
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name,
      'html_url', regexp_replace(pr.html_url, '/pull/[0-9]+$', '')
    ),
    'pull_request', json_build_object(
      'number', pr.number, 'title', pr.title, 'state', pr.state, 'head_sha', pr.sha, 'head_ref', pr.head_ref,
      'merge_commit_sha', pr.merge_commit_sha, 'html_url', pr.html_url
    ),
    'jobs', coalesce((select json_agg(i.item order by i.workflow_name, i.name, i.tie) from items i), '[]'),
    'unfinished_runs', (
      select count(*)
      from runs r
      where r.status in ('queued', 'running') and r.id not in (select o.id from outdone o)
    ),
    'deployments', codered.list_report_deployments(array(select d.place from places d)),
    'earlier_failures', codered.list_earlier_failures(
      pr.pull, array(select (j.job).id from jobs j), coalesce((select jsonb_agg(i.item) from items i), '[]')),
    -- What is left out of the report counts as well: with every delivery the time can only grow, and orders two reports.
    'as_of', to_char(
      greatest(
        nullif(pr.source_updated_at, '-infinity'),
        (
          select max(greatest(nullif(e.source_updated_at, '-infinity'), j.source_updated_at))
          from codered.ci_events e
          left join codered.ci_jobs j on j.ci_event_id = e.id
          where e.repository_id = pr.repository_id and e.commit_sha = pr.sha
        ),
        (select max(d.source_updated_at) from places d),
        (select max(s.created_at) from places d join codered.deployment_statuses s on s.deployment_id = d.id)
      ) at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    )
  )
  from pr
  join codered.repositories r on r.id = pr.repository_id
$$;

comment on function codered.read_report(bigint, integer, text) is
  'Everything that the comment and the check run of a pull request rest on, as PullRequestReport of src/model; null when unknown. sha: as of a former head.';

revoke execute on function codered.read_report from public;

grant execute on function codered.read_report to service_role;
