-- Which functions may be called as a person: those of the operations. Written by `npm run operations:generate`.

create function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
    when 'answer_job_questions' then return to_jsonb(codered.answer_job_questions(job_id => (arguments ->> 'job_id')::uuid, responses => arguments -> 'responses'));
    when 'break_task_lock' then return to_jsonb(codered.break_task_lock(task_id => (arguments ->> 'task_id')::uuid, reason => arguments ->> 'reason'));
    when 'cancel_job' then return to_jsonb(codered.cancel_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'cancel_run' then return to_jsonb(codered.cancel_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'create_agent_job' then return to_jsonb(codered.create_agent_job(project_id => (arguments ->> 'project_id')::uuid, agent_type => arguments ->> 'agent_type', input => arguments -> 'input', user_id => coalesce((arguments ->> 'user_id')::uuid, auth.uid()), parent_job_id => (arguments ->> 'parent_job_id')::uuid));
    when 'create_checkpoint' then return to_jsonb(codered.create_checkpoint(project_id => (arguments ->> 'project_id')::uuid, label => arguments ->> 'label', repo_ref => arguments ->> 'repo_ref', summary => arguments ->> 'summary', resume_instructions => arguments ->> 'resume_instructions', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'create_corpus' then return to_jsonb(codered.create_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus => arguments -> 'corpus'));
    when 'create_roadmap' then return to_jsonb(codered.create_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'extend_daily_session' then return to_jsonb(codered.extend_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, session => arguments -> 'session'));
    when 'find_jobs' then return to_jsonb(codered.find_jobs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', agent_type => arguments ->> 'agent_type', parent_job_id => (arguments ->> 'parent_job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_job => (arguments ->> 'before_job')::uuid));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'list_agent_runs' then return to_jsonb(codered.list_agent_runs(project_id => (arguments ->> 'project_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, job_id => (arguments ->> 'job_id')::uuid, agent => arguments ->> 'agent', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_agents' then return to_jsonb(codered.list_agents(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_corpora' then return to_jsonb(codered.list_corpora(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_corpus => (arguments ->> 'after_corpus')::uuid));
    when 'list_daily_sessions' then return to_jsonb(codered.list_daily_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_session => (arguments ->> 'before_session')::uuid));
    when 'list_documents' then return to_jsonb(codered.list_documents(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_source => arguments ->> 'after_source', after_version => arguments ->> 'after_version'));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_job_events' then return to_jsonb(codered.list_job_events(job_id => (arguments ->> 'job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_models' then return to_jsonb(codered.list_models(batch => coalesce((arguments ->> 'batch')::integer, 50), after_model => arguments ->> 'after_model'));
    when 'list_project_files' then return to_jsonb(codered.list_project_files(project_id => (arguments ->> 'project_id')::uuid, under => arguments ->> 'under', batch => coalesce((arguments ->> 'batch')::integer, 50), after_path => arguments ->> 'after_path'));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_roadmaps' then return to_jsonb(codered.list_roadmaps(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_roadmap => (arguments ->> 'before_roadmap')::uuid));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'move_in_roadmap' then return to_jsonb(codered.move_in_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, step_index => (arguments ->> 'step_index')::integer));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'project_cost' then return to_jsonb(codered.project_cost(project_id => (arguments ->> 'project_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'read_agent' then return to_jsonb(codered.read_agent(slug => arguments ->> 'slug'));
    when 'read_agent_run' then return to_jsonb(codered.read_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'read_daily_session' then return to_jsonb(codered.read_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, after_message => coalesce((arguments ->> 'after_message')::integer, 0)));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'read_project_file' then return to_jsonb(codered.read_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path'));
    when 'read_roadmap' then return to_jsonb(codered.read_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid));
    when 'record_daily_session' then return to_jsonb(codered.record_daily_session(project_id => (arguments ->> 'project_id')::uuid, session => arguments -> 'session'));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'run_pipeline' then return to_jsonb(codered.run_pipeline(project_id => (arguments ->> 'project_id')::uuid, input => arguments -> 'input'));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'set_model' then return to_jsonb(codered.set_model(model_id => arguments ->> 'model_id', model => arguments -> 'model'));
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_corpus' then return to_jsonb(codered.update_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, corpus => arguments -> 'corpus'));
    when 'update_roadmap' then return to_jsonb(codered.update_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes'));
    when 'write_project_file' then return to_jsonb(codered.write_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path', content => arguments ->> 'content', language => arguments ->> 'language', expected_version => (arguments ->> 'expected_version')::integer));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;
comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';
revoke execute on function codered.call_operation from public;
grant execute on function codered.call_operation to authenticated;
