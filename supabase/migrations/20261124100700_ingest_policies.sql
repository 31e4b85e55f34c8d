-- Who may read what GitHub told, who may write patterns, and what Realtime tells of. Old workers survive it.

create policy webhook_deliveries_nobody on codered.webhook_deliveries for select to authenticated using (false);

create policy commits_read on codered.commits for select to authenticated using (repository_id in (select codered.my_repositories()));
create policy pull_requests_read on codered.pull_requests for select to authenticated using (repository_id in (select codered.my_repositories()));
create policy publications_read on codered.publications for select to authenticated using (repository_id in (select codered.my_repositories()));
create policy ci_events_read on codered.ci_events for select to authenticated using (project_id in (select codered.my_projects()));
-- A scalar look-up, not exists: Postgres would answer that for all rows at once, and read the whole table that it asks.
create policy ci_jobs_read on codered.ci_jobs for select to authenticated
  using ((select true from codered.ci_events e where e.id = ci_jobs.ci_event_id));
create policy deployments_read on codered.deployments for select to authenticated using (project_id in (select codered.my_projects()));
create policy deployment_statuses_read on codered.deployment_statuses for select to authenticated
  using ((select true from codered.deployments d where d.id = deployment_statuses.deployment_id));
create policy errors_read on codered.errors for select to authenticated using (project_id in (select codered.my_projects()));
create policy error_matches_read on codered.error_matches for select to authenticated
  using ((select true from codered.errors e where e.id = error_matches.error_id));
create policy test_results_read on codered.test_results for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.commits, codered.pull_requests, codered.publications, codered.ci_events, codered.ci_jobs, codered.deployments,
  codered.deployment_statuses, codered.errors, codered.error_matches, codered.test_results to authenticated;

create policy bug_patterns_read on codered.bug_patterns for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
create policy bug_patterns_insert on codered.bug_patterns for insert to authenticated
  with check (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())));
create policy bug_patterns_update on codered.bug_patterns for update to authenticated
  using (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())))
  with check (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())));
grant select on codered.bug_patterns to authenticated;
-- Retired with deleted_at, never deleted: failures point at them. Source and counts are the app's.
grant insert (id, project_id, name, description, kind, pattern_signature, root_cause, recommended_fix, related_lessons, category, severity,
  docs_url, priority, enabled) on codered.bug_patterns to authenticated;
grant update (name, description, kind, pattern_signature, root_cause, recommended_fix, related_lessons, category, severity,
  docs_url, priority, enabled, deleted_at) on codered.bug_patterns to authenticated;
alter table codered.bug_patterns
  add constraint bug_patterns_root_cause_length check (char_length(root_cause) <= 4000 or codered.refuse_value('bug_patterns.root_cause', root_cause, 'at most 4000 characters')),
  add constraint bug_patterns_recommended_fix_length
    check (char_length(recommended_fix) <= 4000 or codered.refuse_value('bug_patterns.recommended_fix', recommended_fix, 'at most 4000 characters')),
  add constraint bug_patterns_description_length
    check (char_length(description) <= 4000 or codered.refuse_value('bug_patterns.description', description, 'at most 4000 characters')),
  add constraint bug_patterns_docs_url_check check (docs_url ~ '^https?://' or codered.refuse_value('bug_patterns.docs_url', docs_url, 'http:// or https://'));
comment on column codered.bug_patterns.related_lessons is 'Ids of lessons; plain, a lesson may be gone.';

create policy agent_jobs_read on codered.agent_jobs for select to authenticated using (
  user_id = (select auth.uid())
  or (user_id is null and project_id in (select codered.my_projects()))
  or (select codered.is_operator())
);
grant select on codered.agent_jobs to authenticated;

-- What the app may do to the tables that came with this version; tasks and events have rules of their own.
grant select, insert, update, delete on
  codered.oauth_tokens, codered.retention_policies, codered.models, codered.agents, codered.agent_runs, codered.milestones, codered.task_runs,
  codered.decisions, codered.checkpoints, codered.agent_sessions, codered.lessons, codered.ux_snippets, codered.user_overrides,
  codered.workflow_templates, codered.specs, codered.sprints, codered.runs, codered.run_ci_events, codered.gate_executions, codered.artifacts,
  codered.corpora, codered.documents, codered.chunks, codered.embeddings, codered.pattern_embeddings, codered.project_files,
  codered.learning_roadmaps, codered.daily_sessions
  to service_role;
grant select, delete on codered.tasks to service_role;
revoke all on all tables in schema codered from anon;

-- Realtime asks the policies above before it tells anybody. events go out under their own name, not a month's.
alter publication supabase_realtime set (publish_via_partition_root = true);
alter publication supabase_realtime add table
  codered.projects, codered.agent_jobs, codered.ci_events, codered.deployments, codered.errors, codered.runs, codered.gate_executions, codered.events;
