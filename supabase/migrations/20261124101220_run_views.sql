-- Views over runs, gates and artifacts for people and dashboards. Old workers survive it.

create view codered.active_runs
with (security_invoker = true)
as
select
  r.id,
  r.project_id,
  r.user_id,
  r.display_name,
  r.status,
  r.current_gate,
  r.pause_reason,
  r.total_cost_usd,
  r.spec_id,
  s.version,
  t.name as template_name,
  r.sprint_id,
  sp.label as sprint_label,
  r.repository_id,
  r.pull_request_number,
  r.commit_sha,
  r.gates_passed,
  r.gates_failed,
  r.total_gates,
  r.started_at
from codered.runs r
left join codered.projects p on p.id = r.project_id
left join codered.specs s on s.id = r.spec_id
left join codered.workflow_templates t on t.id = s.template_id
left join codered.sprints sp on sp.id = r.sprint_id
where r.status in ('running', 'paused') and p.deleted_at is null
order by r.started_at desc, r.id;
comment on view codered.active_runs is 'Runs that are running or paused, the one started last first; those of retired projects left out.';
comment on column codered.active_runs.version is 'The spec''s; null for a free spec and for a gate run without one.';
comment on column codered.active_runs.total_cost_usd is 'US dollars.';

create view codered.run_gate_timeline
with (security_invoker = true)
as
select
  g.id,
  g.run_id,
  r.project_id,
  g.gate_order,
  g.gate_id,
  g.gate_name,
  g.phase,
  g.status,
  g.attempt_number,
  g.max_attempts,
  g.agent_slug,
  g.model_id,
  g.model_provider,
  g.tokens_in,
  g.tokens_out,
  g.cost_usd,
  g.duration_ms,
  g.validation_results,
  g.fail_codes,
  g.started_at,
  g.completed_at,
  g.created_at
from codered.gate_executions g
join codered.runs r on r.id = g.run_id
left join codered.projects p on p.id = r.project_id
where p.deleted_at is null;
comment on view codered.run_gate_timeline is
  'Every attempt of every gate, without what models were sent and gave back. Ask for one run_id and order by gate_order, gate_id, attempt_number desc.';
comment on column codered.run_gate_timeline.cost_usd is 'US dollars; null while the model''s price is unknown.';

create view codered.artifact_browser
with (security_invoker = true)
as
select
  a.id,
  a.project_id,
  a.run_id,
  a.task_id,
  a.gate_execution_id,
  a.user_id,
  a.kind,
  a.file_name,
  a.file_path,
  a.content_type,
  a.content_hash,
  a.size_bytes,
  a.storage_path,
  a.url,
  a.ref,
  a.summary,
  a.gate_id,
  a.artifact_type,
  a.created_at,
  r.display_name as run_name,
  r.project_slug,
  t.title as task_title
from codered.artifacts a
left join codered.projects p on p.id = a.project_id
left join codered.runs r on r.id = a.run_id
left join codered.tasks t on t.id = a.task_id
where p.deleted_at is null and t.deleted_at is null;
comment on view codered.artifact_browser is
  'Artifacts of runs and tasks without their content; those of retired projects and tasks left out. Ask for one project_id, user_id, run_id or task_id and order by created_at desc.';
comment on column codered.artifact_browser.user_id is 'Who added it, or whose run it is of.';

create view codered.cost_by_model
with (security_invoker = true)
as
select
  g.model_id,
  g.model_provider,
  count(*) as total_executions,
  sum(g.tokens_in) as total_tokens_in,
  sum(g.tokens_out) as total_tokens_out,
  sum(g.cost_usd) as total_cost,
  avg(g.duration_ms) as avg_duration_ms
from codered.gate_executions g
join codered.runs r on r.id = g.run_id
left join codered.projects p on p.id = r.project_id
where g.created_at >= date_trunc('month', now(), 'UTC')
  and g.status <> 'pending'
  and p.deleted_at is null
group by g.model_id, g.model_provider
order by sum(g.cost_usd) desc nulls last, g.model_id;
comment on view codered.cost_by_model is
  'What each model cost since the month began (UTC), dearest first, over the runs that the caller may see; gates without a model are one row with null.';
comment on column codered.cost_by_model.total_cost is 'US dollars; what has no known price is left out.';

revoke all on codered.active_runs, codered.run_gate_timeline, codered.artifact_browser, codered.cost_by_model
  from anon, authenticated, service_role;
grant select on codered.active_runs, codered.run_gate_timeline, codered.artifact_browser, codered.cost_by_model
  to authenticated, service_role;
