-- The functions of it. Old workers survive it.

create or replace function codered.held_runs(repository_id bigint, day date)
returns integer
language sql
stable
set search_path = ''
as $$
  select count(distinct e.run_id)::integer
  from codered.repositories r
  join codered.ci_events e on e.project_id = r.project_id and e.repository_id = r.id
  where r.id = held_runs.repository_id
    and e.provider = 'github-actions'
    and e.start_time >= held_runs.day::timestamp at time zone 'utc'
    and e.start_time < (held_runs.day + 1)::timestamp at time zone 'utc'
    and e.run_attempt = 1
    and e.status not in ('queued', 'running')
$$;

comment on function codered.held_runs(bigint, date) is 'How many runs of a day (UTC) are known with their end. Called in SQL only.';

revoke execute on function codered.held_runs from public;

grant execute on function codered.held_runs to service_role;

create or replace function codered.note_run_count(repository_id bigint, day date, told integer)
returns void
language sql
set search_path = ''
as $$
  insert into codered.run_counts as c (repository_id, day, told, held, counted_at)
  values (
    note_run_count.repository_id, note_run_count.day, note_run_count.told,
    codered.held_runs(note_run_count.repository_id, note_run_count.day), now())
  on conflict on constraint run_counts_pkey do update set told = excluded.told, held = excluded.held, counted_at = excluded.counted_at
$$;

comment on function codered.note_run_count(bigint, date, integer) is 'Keeps how many runs GitHub counts that were made on a day (UTC) that is over, and how many of them are known.';

revoke execute on function codered.note_run_count from public;

grant execute on function codered.note_run_count to service_role;

create or replace function codered.recount_runs(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with short as (
    select c.repository_id, c.day
    from codered.run_counts c
    where c.held < c.told and c.day >= current_date - 36
    order by c.updated_at
    limit recount_runs.batch
  ), recounted as (
    update codered.run_counts c
    set held = codered.held_runs(c.repository_id, c.day)
    from short s
    where c.repository_id = s.repository_id and c.day = s.day
    returning 1
  )
  select count(*)::integer from recounted
$$;

comment on function codered.recount_runs(integer) is
  'Counts again how many runs are known of the days of which some are not, so many days at a time, those that were counted longest ago first. Returns how many days.';

revoke execute on function codered.recount_runs from public;

grant execute on function codered.recount_runs to service_role;

create or replace function codered.completeness(project_id uuid, since timestamptz, until timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select case when count(*) > 0 then
    jsonb_build_object('have', sum(least(c.held, c.told)), 'of', sum(c.told), 'known_since', min(c.day))
  end
  from codered.repositories r
  join codered.run_counts c
    on c.repository_id = r.id and c.told is not null
    and c.day >= (completeness.since at time zone 'utc')::date
    and c.day < (completeness.until at time zone 'utc')::date
  where r.project_id = completeness.project_id and r.deleted_at is null
$$;

comment on function codered.completeness(uuid, timestamptz, timestamptz) is
  'How many of the workflow runs that GitHub counts in a project, on the days from since until before until, are known with their end: {have, of, known_since}; null where GitHub was asked about none of these days.';

revoke execute on function codered.completeness from public;

grant execute on function codered.completeness to authenticated, service_role;

create or replace function codered.read_completeness(project_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(read_completeness.project_id);
  return codered.completeness(read_completeness.project_id, now() - interval '36 days', now());
end
$$;

comment on function codered.read_completeness(uuid) is
  'completeness of a project over the days that GitHub is asked about. Refuses CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.read_completeness from public;

grant execute on function codered.read_completeness to authenticated, service_role;

create or replace function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
    when 'add_artifact' then return to_jsonb(codered.add_artifact(artifact => arguments -> 'artifact'));
    when 'answer_job_questions' then return to_jsonb(codered.answer_job_questions(job_id => (arguments ->> 'job_id')::uuid, responses => arguments -> 'responses'));
    when 'ask_work' then return to_jsonb(codered.ask_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, questions => arguments -> 'questions'));
    when 'break_task_lock' then return to_jsonb(codered.break_task_lock(task_id => (arguments ->> 'task_id')::uuid, reason => arguments ->> 'reason'));
    when 'cancel_job' then return to_jsonb(codered.cancel_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'cancel_run' then return to_jsonb(codered.cancel_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'claim_work' then return to_jsonb(codered.claim_work(worker => arguments ->> 'worker', types => arguments -> 'types', project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 1), lease_seconds => coalesce((arguments ->> 'lease_seconds')::integer, 300)));
    when 'complete_work' then return to_jsonb(codered.complete_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, result => arguments -> 'result', usage => coalesce(arguments -> 'usage', '{}'::jsonb), task_run_id => (arguments ->> 'task_run_id')::uuid));
    when 'create_agent_job' then return to_jsonb(codered.create_agent_job(project_id => (arguments ->> 'project_id')::uuid, agent_type => arguments ->> 'agent_type', input => arguments -> 'input', user_id => coalesce((arguments ->> 'user_id')::uuid, auth.uid()), parent_job_id => (arguments ->> 'parent_job_id')::uuid));
    when 'create_checkpoint' then return to_jsonb(codered.create_checkpoint(project_id => (arguments ->> 'project_id')::uuid, label => arguments ->> 'label', repo_ref => arguments ->> 'repo_ref', summary => arguments ->> 'summary', resume_instructions => arguments ->> 'resume_instructions', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'create_corpus' then return to_jsonb(codered.create_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus => arguments -> 'corpus'));
    when 'create_milestone' then return to_jsonb(codered.create_milestone(project_id => (arguments ->> 'project_id')::uuid, milestone => arguments -> 'milestone'));
    when 'create_override' then return to_jsonb(codered.create_override(project_id => (arguments ->> 'project_id')::uuid, override_type => arguments ->> 'override_type', target_type => arguments ->> 'target_type', target_id => (arguments ->> 'target_id')::uuid, reason => arguments ->> 'reason'));
    when 'create_project' then return to_jsonb(codered.create_project(project => arguments -> 'project', org => arguments ->> 'org'));
    when 'create_roadmap' then return to_jsonb(codered.create_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'create_template' then return to_jsonb(codered.create_template(template => arguments -> 'template'));
    when 'create_template_version' then return to_jsonb(codered.create_template_version(template_id => (arguments ->> 'template_id')::uuid, version => arguments ->> 'version', copied_spec_id => (arguments ->> 'copied_spec_id')::uuid, project_id => (arguments ->> 'project_id')::uuid, spec => coalesce(arguments -> 'spec', '{}'::jsonb)));
    when 'decide_stage' then return to_jsonb(codered.decide_stage(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', is_approved => (arguments ->> 'is_approved')::boolean, reason => arguments ->> 'reason'));
    when 'delete_milestone' then return to_jsonb(codered.delete_milestone(milestone_id => (arguments ->> 'milestone_id')::uuid));
    when 'delete_task' then return to_jsonb(codered.delete_task(task_id => (arguments ->> 'task_id')::uuid));
    when 'export_project_files' then return to_jsonb(codered.export_project_files(project_id => (arguments ->> 'project_id')::uuid));
    when 'extend_daily_session' then return to_jsonb(codered.extend_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, session => arguments -> 'session'));
    when 'fail_work' then return to_jsonb(codered.fail_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, error => arguments ->> 'error', is_final => coalesce((arguments ->> 'is_final')::boolean, false), usage => coalesce(arguments -> 'usage', '{}'::jsonb)));
    when 'find_jobs' then return to_jsonb(codered.find_jobs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', agent_type => arguments ->> 'agent_type', parent_job_id => (arguments ->> 'parent_job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_job => (arguments ->> 'before_job')::uuid));
    when 'find_similar_patterns' then return to_jsonb(codered.find_similar_patterns(query_embedding => arguments -> 'query_embedding', match_count => coalesce((arguments ->> 'match_count')::integer, 10), filter_type => arguments ->> 'filter_type'));
    when 'finish_task_run' then return to_jsonb(codered.finish_task_run(task_run_id => (arguments ->> 'task_run_id')::uuid, status => arguments ->> 'status', summary => arguments ->> 'summary'));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'keep_work' then return to_jsonb(codered.keep_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, progress => (arguments ->> 'progress')::double precision, note => arguments ->> 'note', lease_seconds => coalesce((arguments ->> 'lease_seconds')::integer, 300)));
    when 'list_agent_runs' then return to_jsonb(codered.list_agent_runs(project_id => (arguments ->> 'project_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, job_id => (arguments ->> 'job_id')::uuid, agent => arguments ->> 'agent', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_agent_sessions' then return to_jsonb(codered.list_agent_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_agents' then return to_jsonb(codered.list_agents(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_artifacts' then return to_jsonb(codered.list_artifacts(project_id => (arguments ->> 'project_id')::uuid, run_id => (arguments ->> 'run_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, kind => arguments ->> 'kind', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_artifact => (arguments ->> 'before_artifact')::uuid));
    when 'list_bug_patterns' then return to_jsonb(codered.list_bug_patterns(project_id => (arguments ->> 'project_id')::uuid, category => arguments ->> 'category', query => arguments ->> 'query', batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_pattern => (arguments ->> 'after_pattern')::uuid));
    when 'list_checkpoints' then return to_jsonb(codered.list_checkpoints(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_corpora' then return to_jsonb(codered.list_corpora(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_corpus => (arguments ->> 'after_corpus')::uuid));
    when 'list_daily_sessions' then return to_jsonb(codered.list_daily_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_session => (arguments ->> 'before_session')::uuid));
    when 'list_dead_deliveries' then return to_jsonb(codered.list_dead_deliveries(batch => coalesce((arguments ->> 'batch')::integer, 50), before_received_at => (arguments ->> 'before_received_at')::timestamp with time zone, before_guid => arguments ->> 'before_guid'));
    when 'list_decisions' then return to_jsonb(codered.list_decisions(project_id => (arguments ->> 'project_id')::uuid, standing => coalesce((arguments ->> 'standing')::boolean, false), batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_deployments' then return to_jsonb(codered.list_deployments(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', environment => arguments ->> 'environment', status => arguments ->> 'status', commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_started_at => (arguments ->> 'before_started_at')::timestamp with time zone, before_deployment => (arguments ->> 'before_deployment')::uuid));
    when 'list_documents' then return to_jsonb(codered.list_documents(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_source => arguments ->> 'after_source', after_version => arguments ->> 'after_version'));
    when 'list_errors' then return to_jsonb(codered.list_errors(project_id => (arguments ->> 'project_id')::uuid, source => arguments ->> 'source', severity => arguments ->> 'severity', environment => arguments ->> 'environment', state => arguments ->> 'state', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_events' then return to_jsonb(codered.list_events(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), direction => coalesce(arguments ->> 'direction', 'newest'::text), beyond_event => (arguments ->> 'beyond_event')::bigint, after_event => (arguments ->> 'after_event')::bigint, event_type => arguments ->> 'event_type', task_id => (arguments ->> 'task_id')::uuid, run_id => (arguments ->> 'run_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_flaky_tests' then return to_jsonb(codered.list_flaky_tests(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', batch => coalesce((arguments ->> 'batch')::integer, 50), after_commits => (arguments ->> 'after_commits')::integer, after_repository => arguments ->> 'after_repository', after_suite => arguments ->> 'after_suite', after_name => arguments ->> 'after_name'));
    when 'list_job_events' then return to_jsonb(codered.list_job_events(job_id => (arguments ->> 'job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_lessons' then return to_jsonb(codered.list_lessons(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', domain_tag => arguments ->> 'domain_tag', severity => arguments ->> 'severity', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_milestones' then return to_jsonb(codered.list_milestones(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_models' then return to_jsonb(codered.list_models(batch => coalesce((arguments ->> 'batch')::integer, 50), after_model => arguments ->> 'after_model'));
    when 'list_overrides' then return to_jsonb(codered.list_overrides(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_override => (arguments ->> 'before_override')::uuid));
    when 'list_project_files' then return to_jsonb(codered.list_project_files(project_id => (arguments ->> 'project_id')::uuid, under => arguments ->> 'under', batch => coalesce((arguments ->> 'batch')::integer, 50), after_path => arguments ->> 'after_path'));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug', retired => coalesce((arguments ->> 'retired')::boolean, false)));
    when 'list_roadmaps' then return to_jsonb(codered.list_roadmaps(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_roadmap => (arguments ->> 'before_roadmap')::uuid));
    when 'list_run_events' then return to_jsonb(codered.list_run_events(run_id => (arguments ->> 'run_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_runs' then return to_jsonb(codered.list_runs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', spec_id => (arguments ->> 'spec_id')::uuid, sprint_id => (arguments ->> 'sprint_id')::uuid, pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_specs' then return to_jsonb(codered.list_specs(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', branch => arguments ->> 'branch', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_spec => (arguments ->> 'before_spec')::uuid));
    when 'list_sprints' then return to_jsonb(codered.list_sprints(project_id => (arguments ->> 'project_id')::uuid, spec_id => (arguments ->> 'spec_id')::uuid, state => arguments ->> 'state', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_sprint => (arguments ->> 'before_sprint')::uuid));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_task_overrides' then return to_jsonb(codered.list_task_overrides(task_id => (arguments ->> 'task_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_task_runs' then return to_jsonb(codered.list_task_runs(task_id => (arguments ->> 'task_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'list_template_versions' then return to_jsonb(codered.list_template_versions(template_id => (arguments ->> 'template_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_spec => (arguments ->> 'before_spec')::uuid));
    when 'list_templates' then return to_jsonb(codered.list_templates(template_type => arguments ->> 'template_type', batch => coalesce((arguments ->> 'batch')::integer, 50), after_sort_order => (arguments ->> 'after_sort_order')::integer, after_slug => arguments ->> 'after_slug'));
    when 'list_tests' then return to_jsonb(codered.list_tests(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', status => arguments ->> 'status', query => arguments ->> 'query', batch => coalesce((arguments ->> 'batch')::integer, 50), after_test => (arguments ->> 'after_test')::integer));
    when 'list_ux_snippets' then return to_jsonb(codered.list_ux_snippets(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', tag => arguments ->> 'tag', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'log_agent_run' then return to_jsonb(codered.log_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent => arguments ->> 'agent', status => arguments ->> 'status', task_id => (arguments ->> 'task_id')::uuid, mode => arguments ->> 'mode', model => arguments ->> 'model', tokens_prompt => (arguments ->> 'tokens_prompt')::integer, tokens_completion => (arguments ->> 'tokens_completion')::integer, approx_cost_usd => (arguments ->> 'approx_cost_usd')::numeric, input_summary => arguments ->> 'input_summary', output_summary => arguments ->> 'output_summary', full_input => arguments ->> 'full_input', full_output => arguments ->> 'full_output', error_message => arguments ->> 'error_message', zones_touched => arguments -> 'zones_touched', tools_used => arguments -> 'tools_used'));
    when 'move_in_roadmap' then return to_jsonb(codered.move_in_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, step_index => (arguments ->> 'step_index')::integer));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'note_in_session' then return to_jsonb(codered.note_in_session(agent_session_id => (arguments ->> 'agent_session_id')::uuid, summary => arguments ->> 'summary', snapshot => arguments -> 'snapshot', ends => coalesce((arguments ->> 'ends')::boolean, false)));
    when 'override_criterion' then return to_jsonb(codered.override_criterion(right_id => (arguments ->> 'right_id')::uuid, project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', criterion => arguments ->> 'criterion', reason => arguments ->> 'reason', until => (arguments ->> 'until')::date));
    when 'override_stage' then return to_jsonb(codered.override_stage(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', reason => arguments ->> 'reason', override_type => coalesce(arguments ->> 'override_type', 'agent_override'::text)));
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'project_cost' then return to_jsonb(codered.project_cost(project_id => (arguments ->> 'project_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'publish_spec' then return to_jsonb(codered.publish_spec(spec_id => (arguments ->> 'spec_id')::uuid));
    when 'read_agent' then return to_jsonb(codered.read_agent(slug => arguments ->> 'slug'));
    when 'read_agent_run' then return to_jsonb(codered.read_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'read_agent_session' then return to_jsonb(codered.read_agent_session(agent_session_id => (arguments ->> 'agent_session_id')::uuid));
    when 'read_artifact' then return to_jsonb(codered.read_artifact(artifact_id => (arguments ->> 'artifact_id')::uuid));
    when 'read_attempt' then return to_jsonb(codered.read_attempt(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', attempt_number => (arguments ->> 'attempt_number')::integer));
    when 'read_bug_pattern' then return to_jsonb(codered.read_bug_pattern(pattern_id => (arguments ->> 'pattern_id')::uuid));
    when 'read_checkpoint' then return to_jsonb(codered.read_checkpoint(checkpoint_id => (arguments ->> 'checkpoint_id')::uuid));
    when 'read_completeness' then return to_jsonb(codered.read_completeness(project_id => (arguments ->> 'project_id')::uuid));
    when 'read_content' then return to_jsonb(codered.read_content(artifact_id => (arguments ->> 'artifact_id')::uuid, spec_id => (arguments ->> 'spec_id')::uuid, has_body => coalesce((arguments ->> 'has_body')::boolean, false)));
    when 'read_daily_session' then return to_jsonb(codered.read_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, after_message => coalesce((arguments ->> 'after_message')::integer, 0)));
    when 'read_decision' then return to_jsonb(codered.read_decision(decision_id => (arguments ->> 'decision_id')::uuid));
    when 'read_deployment' then return to_jsonb(codered.read_deployment(deployment_id => (arguments ->> 'deployment_id')::uuid));
    when 'read_dora' then return to_jsonb(codered.read_dora(project_id => (arguments ->> 'project_id')::uuid, weeks => coalesce((arguments ->> 'weeks')::integer, 12)));
    when 'read_error' then return to_jsonb(codered.read_error(error_id => (arguments ->> 'error_id')::uuid));
    when 'read_gate' then return to_jsonb(codered.read_gate(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha'));
    when 'read_intent' then return to_jsonb(codered.read_intent(spec_id => (arguments ->> 'spec_id')::uuid, intent => arguments -> 'intent'));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'read_log_source' then return to_jsonb(codered.read_log_source(project_id => (arguments ->> 'project_id')::uuid, error_id => (arguments ->> 'error_id')::uuid, github_job_id => (arguments ->> 'github_job_id')::bigint));
    when 'read_project_details' then return to_jsonb(codered.read_project_details(project_id => (arguments ->> 'project_id')::uuid));
    when 'read_project_file' then return to_jsonb(codered.read_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path'));
    when 'read_result_type' then return to_jsonb(codered.read_result_type(type => arguments ->> 'type'));
    when 'read_roadmap' then return to_jsonb(codered.read_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid));
    when 'read_run' then return to_jsonb(codered.read_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'read_spec' then return to_jsonb(codered.read_spec(spec_id => (arguments ->> 'spec_id')::uuid));
    when 'read_sprint' then return to_jsonb(codered.read_sprint(sprint_id => (arguments ->> 'sprint_id')::uuid));
    when 'read_task' then return to_jsonb(codered.read_task(task_id => (arguments ->> 'task_id')::uuid));
    when 'read_template' then return to_jsonb(codered.read_template(template_id => (arguments ->> 'template_id')::uuid));
    when 'read_test' then return to_jsonb(codered.read_test(test_id => (arguments ->> 'test_id')::integer));
    when 'read_ux_snippet' then return to_jsonb(codered.read_ux_snippet(snippet_id => (arguments ->> 'snippet_id')::uuid));
    when 'read_verdict' then return to_jsonb(codered.read_verdict(error_id => (arguments ->> 'error_id')::uuid));
    when 'read_work' then return to_jsonb(codered.read_work(work_id => (arguments ->> 'work_id')::uuid));
    when 'record_daily_session' then return to_jsonb(codered.record_daily_session(project_id => (arguments ->> 'project_id')::uuid, session => arguments -> 'session'));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'record_lesson' then return to_jsonb(codered.record_lesson(project_id => (arguments ->> 'project_id')::uuid, lesson => arguments -> 'lesson'));
    when 'record_ux_snippet' then return to_jsonb(codered.record_ux_snippet(project_id => (arguments ->> 'project_id')::uuid, snippet => arguments -> 'snippet'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'release_work' then return to_jsonb(codered.release_work(work_id => (arguments ->> 'work_id')::uuid, claim => (arguments ->> 'claim')::bigint, usage => coalesce(arguments -> 'usage', '{}'::jsonb)));
    when 'replay_dead_delivery' then return to_jsonb(codered.replay_dead_delivery(guid => arguments ->> 'guid'));
    when 'report_error' then return to_jsonb(codered.report_error(project_id => (arguments ->> 'project_id')::uuid, report => arguments -> 'report'));
    when 'restore_project' then return to_jsonb(codered.restore_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'retire_project' then return to_jsonb(codered.retire_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'retire_ux_snippet' then return to_jsonb(codered.retire_ux_snippet(snippet_id => (arguments ->> 'snippet_id')::uuid));
    when 'revoke_override' then return to_jsonb(codered.revoke_override(override_id => (arguments ->> 'override_id')::uuid));
    when 'run_pipeline' then return to_jsonb(codered.run_pipeline(project_id => (arguments ->> 'project_id')::uuid, input => arguments -> 'input'));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'set_milestone_progress' then return to_jsonb(codered.set_milestone_progress(milestone_id => (arguments ->> 'milestone_id')::uuid, percent => (arguments ->> 'percent')::integer));
    when 'set_model' then return to_jsonb(codered.set_model(model_id => arguments ->> 'model_id', model => arguments -> 'model'));
    when 'settle_error' then return to_jsonb(codered.settle_error(error_id => (arguments ->> 'error_id')::uuid, is_resolved => (arguments ->> 'is_resolved')::boolean));
    when 'start_agent_session' then return to_jsonb(codered.start_agent_session(project_id => (arguments ->> 'project_id')::uuid, summary => arguments ->> 'summary', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'start_task_run' then return to_jsonb(codered.start_task_run(task_id => (arguments ->> 'task_id')::uuid, phase => arguments ->> 'phase', status => coalesce(arguments ->> 'status', 'running'::text), summary => arguments ->> 'summary', agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'start_workflow_run' then return to_jsonb(codered.start_workflow_run(spec_id => (arguments ->> 'spec_id')::uuid, intent => arguments -> 'intent', project_id => (arguments ->> 'project_id')::uuid, display_name => arguments ->> 'display_name'));
    when 'suggest_pattern' then return to_jsonb(codered.suggest_pattern(project_id => (arguments ->> 'project_id')::uuid, name => arguments ->> 'name', kind => arguments ->> 'kind', pattern_signature => arguments ->> 'pattern_signature', root_cause => arguments ->> 'root_cause', recommended_fix => arguments ->> 'recommended_fix', category => coalesce(arguments ->> 'category', 'other'::text), description => arguments ->> 'description'));
    when 'supersede_decision' then return to_jsonb(codered.supersede_decision(decision_id => (arguments ->> 'decision_id')::uuid, decision => arguments -> 'decision'));
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_corpus' then return to_jsonb(codered.update_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, corpus => arguments -> 'corpus'));
    when 'update_decision' then return to_jsonb(codered.update_decision(decision_id => (arguments ->> 'decision_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_milestone' then return to_jsonb(codered.update_milestone(milestone_id => (arguments ->> 'milestone_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_project' then return to_jsonb(codered.update_project(project_id => (arguments ->> 'project_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_roadmap' then return to_jsonb(codered.update_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_template' then return to_jsonb(codered.update_template(template_id => (arguments ->> 'template_id')::uuid, changes => arguments -> 'changes'));
    when 'update_template_version' then return to_jsonb(codered.update_template_version(spec_id => (arguments ->> 'spec_id')::uuid, changes => arguments -> 'changes'));
    when 'upload_spec' then return to_jsonb(codered.upload_spec(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', path => arguments ->> 'path', content => arguments ->> 'content', branch => arguments ->> 'branch', label => arguments ->> 'label', dod => arguments -> 'dod'));
    when 'write_project_file' then return to_jsonb(codered.write_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path', content => arguments ->> 'content', language => arguments ->> 'language', expected_version => (arguments ->> 'expected_version')::integer));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;

comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';

revoke execute on function codered.call_operation from public;

grant execute on function codered.call_operation to authenticated;
