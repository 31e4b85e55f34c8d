-- What it is for. Old workers survive it.

create or replace function codered.erasure_steps()
returns table (step integer, table_name text, condition text)
language sql
immutable
set search_path = ''
as $$
  -- $1 repositories, $2 projects that go whole, $3 projects that are touched, $4 installations, $5 names, $6 the scope, $7 logins.
  -- First what starts work, then what work leaves, children before what they hang on.
  select row_number() over ()::integer, s.table_name, s.condition
  from (values
    ('webhook_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)
      or (t.repository_id is null and codered.is_payload_of(t.payload, t.status, $6))'),
    ('missed_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)'),
    ('sweep_requests', 't.repository_id = any ($1) or t.installation_id = any ($4)'),
    ('backfills', 't.repository_id = any ($1)'),
    ('sweep_subjects', 't.repository_id = any ($1)'),
    ('run_counts', 't.repository_id = any ($1)'),
    ('follow_ups', 't.project_id = any ($2) or t.repository_id = any ($1)'),
    ('agent_jobs', 't.project_id = any ($2)
      or ((t.project_id = any ($3) or t.project_id is null) and t.input ->> ''repository_id'' = any ($1::text[]))'),
    ('publications', 't.repository_id = any ($1)'),
    ('verdicts', 't.repository_id = any ($1)'),
    ('errors', 't.project_id = any ($2)
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))
      or t.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('green_logs', 't.repository_id = any ($1)'),
    ('test_results', 't.repository_id = any ($1)'),
    ('test_reports', 't.repository_id = any ($1)'),
    -- With their days and states.
    ('tests', 't.repository_id = any ($1)'),
    ('artifacts', 't.project_id = any ($2)
      or t.run_id in (select r.id from codered.runs r where r.repository_id = any ($1))
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('gate_executions', 't.run_id in (select r.id from codered.runs r where r.repository_id = any ($1) or r.project_id = any ($2))'),
    ('runs', 't.repository_id = any ($1) or t.project_id = any ($2)
      or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))
      or t.sprint_id in (
        select p.id from codered.sprints p join codered.specs s on s.id = p.spec_id
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('ci_jobs', 't.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('deployment_statuses', 't.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('deployments', 't.repository_id = any ($1)'),
    ('ci_events', 't.repository_id = any ($1)'),
    ('asked_rights', 't.repository_id = any ($1)'),
    ('pull_requests', 't.repository_id = any ($1)'),
    ('commits', 't.repository_id = any ($1)'),
    ('sprints', 't.project_id = any ($2) or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('specs', 't.project_id = any ($2) or (t.project_id = any ($3) and lower(t.repo) = any ($5))'),
    ('embeddings', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('chunks', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('documents', 't.project_id = any ($2) or t.corpus_id in (select c.id from codered.corpora c where c.project_id = any ($2))'),
    ('corpora', 't.project_id = any ($2)'),
    ('project_files', 't.project_id = any ($2)'),
    ('task_runs', 't.project_id = any ($2)'),
    ('agent_runs', 't.project_id = any ($2)'),
    ('agent_sessions', 't.project_id = any ($2)'),
    ('checkpoints', 't.project_id = any ($2)'),
    ('tasks', 't.project_id = any ($2)'),
    ('milestones', 't.project_id = any ($2)'),
    ('lessons', 't.project_id = any ($2)'),
    ('ux_snippets', 't.project_id = any ($2)'),
    ('bug_patterns', 't.project_id = any ($2)'),
    ('learning_roadmaps', 't.project_id = any ($2)'),
    ('daily_sessions', 't.project_id = any ($2)'),
    ('installation_usage', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('request_budgets', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('kept_out_installations', 't.id = any ($4) or lower(t.account_login) = any ($7) or t.account_id = any (codered.ids_in($6, ''accounts''))')
  ) as s (table_name, condition)
$$;

comment on function codered.erasure_steps() is
  'What an erasure takes, table by table in this order. Not the audit: events, user_overrides and decisions stay, and the names in orgs, memberships, installations, projects and repositories that say whose it is.';

revoke execute on function codered.erasure_steps from public;

grant execute on function codered.erasure_steps to service_role;
