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
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes'));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;
comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';
revoke execute on function codered.call_operation from public;
grant execute on function codered.call_operation to authenticated;
