-- What is refused is told in words: column, value and what is allowed, under codes of our own. Old workers survive it.
--
-- The codes (a client decides by them, never by the text):
--   CR001  history: rows of this table can be added, never changed or deleted
--   CR002  a value is not allowed; the message names column, value and what is allowed
--   CR003  the state that the row is in does not allow this
--   CR004  there is no such row, or the caller may not see it
--   CR005  somebody else holds it
--   CR006  the dependencies would form a cycle
--   CR007  the id belongs to another project
--   CR008  the caller may see it but not do this

create function codered.refuse_value(what text, value anyelement, allowed text)
returns boolean
language plpgsql
-- Not immutable: with constants for arguments it would be worked out, and raise, before any row is looked at.
stable
strict
set search_path = ''
as $$
begin
  raise exception '% is %; allowed: %.', what, to_json(left(value::text, 80)), allowed
    using errcode = 'CR002', table = split_part(what, '.', 1), column = split_part(what, '.', 2);
end
$$;
comment on function codered.refuse_value(text, anyelement, text) is
  'Stands in a CHECK behind "or", where it is reached only by a value that broke it: raises CR002 with column, value and what is allowed. Null in, null out: a missing value breaks no CHECK.';

create function codered.refuse_missing(thing text, id text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  raise exception 'There is no % %.', thing, to_json(left(coalesce(id, 'null'), 80)) using errcode = 'CR004';
end
$$;
comment on function codered.refuse_missing(text, text) is
  'Raises CR004, in the same words for a row that is not there and one that the caller may not see.';

create function codered.refuse_state(what text, state text, allowed text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  raise exception '% is %; allowed: %.', what, to_json(left(coalesce(state, 'null'), 80)), allowed
    using errcode = 'CR003', table = split_part(what, '.', 1), column = split_part(what, '.', 2);
end
$$;
comment on function codered.refuse_state(text, text, text) is 'Raises CR003: which state was found, and from which one it would be allowed.';

revoke execute on function codered.refuse_value(text, anyelement, text), codered.refuse_missing(text, text),
  codered.refuse_state(text, text, text) from public;
grant execute on function codered.refuse_value(text, anyelement, text), codered.refuse_missing(text, text),
  codered.refuse_state(text, text, text) to authenticated, service_role;

-- The CHECKs that are there already get the same words. What they test stays to the letter.
do $$
declare
  wanted record;
  expression text;
begin
  for wanted in
    select * from (values
      ('orgs', 'orgs_name_length', 'name', '1 to 500 characters'),
      ('orgs', 'orgs_login_length', 'login', '1 to 500 characters'),
      ('profiles', 'profiles_role_check', 'role', 'user, admin'),
      ('profiles', 'profiles_skill_level_check', 'skill_level', 'beginner, intermediate, advanced'),
      ('memberships', 'memberships_role_check', 'role', 'member, maintainer, admin'),
      ('projects', 'projects_slug_check', 'slug', 'a-z, 0-9 and _, at most 1100 characters'),
      ('projects', 'projects_name_length', 'name', '1 to 1000 characters'),
      ('projects', 'projects_status_check', 'status', 'active, paused, archived'),
      ('projects', 'projects_mode_check', 'mode', 'builder, student'),
      ('projects', 'projects_phase_check', 'phase', 'planning, in-progress, building, completed, archived'),
      ('projects', 'projects_rules_check', 'rules', 'a JSON object'),
      ('webhook_deliveries', 'webhook_deliveries_guid_length', 'guid', '1 to 100 characters'),
      ('webhook_deliveries', 'webhook_deliveries_event_length', 'event', '1 to 100 characters'),
      ('webhook_deliveries', 'webhook_deliveries_status_check', 'status', 'pending, processing, done, failed, dead, ignored'),
      ('webhook_deliveries', 'webhook_deliveries_attempts_check', 'attempts', '0 or more'),
      ('commits', 'commits_sha_check', 'sha', '40 or 64 hexadecimal digits'),
      ('commits', 'commits_message_length', 'message', 'at most 4000 characters'),
      ('pull_requests', 'pull_requests_state_check', 'state', 'open, closed, merged'),
      ('pull_requests', 'pull_requests_number_check', 'number', '1 or more'),
      ('publications', 'publications_kind_check', 'kind', 'comment, check_run'),
      ('publications', 'publications_generation_check', 'generation', '1 or more'),
      ('ci_events', 'ci_events_provider_check', 'provider', 'github-actions, github-checks, github-status, other'),
      ('ci_events', 'ci_events_status_check', 'status', 'queued, running, succeeded, failed, canceled'),
      ('ci_events', 'ci_events_trigger_check', 'trigger', 'push, pull_request, manual, schedule, merge_group, other'),
      ('ci_events', 'ci_events_run_attempt_check', 'run_attempt', '1 or more'),
      ('ci_events', 'ci_events_summary_length', 'summary', 'at most 4000 characters'),
      ('ci_jobs', 'ci_jobs_status_check', 'status', 'queued, running, succeeded, failed, canceled'),
      ('ci_jobs', 'ci_jobs_log_state_check', 'log_state', 'none, fetched, missing, expired'),
      ('deployments', 'deployments_provider_check', 'provider', 'vercel, github, other'),
      ('deployments', 'deployments_environment_check', 'environment', 'dev, staging, prod'),
      ('deployments', 'deployments_status_check', 'status', 'pending, running, succeeded, failed, rolled_back'),
      ('errors', 'errors_source_check', 'source', 'ci, deployment, agent, runtime'),
      ('errors', 'errors_severity_check', 'severity', 'info, warning, error, critical'),
      ('errors', 'errors_verdict_check', 'verdict', 'new, flaky, broken_base, infra, collateral, unknown'),
      ('errors', 'errors_excerpt_bytes', 'excerpt', 'at most 4096 bytes'),
      ('errors', 'errors_message_length', 'message', 'at most 4096 characters'),
      ('test_results', 'test_results_status_check', 'status', 'passed, failed, skipped, errored'),
      ('test_results', 'test_results_duration_check', 'duration_ms', '0 or more'),
      ('bug_patterns', 'bug_patterns_kind_check', 'kind', 'regex, literal'),
      ('bug_patterns', 'bug_patterns_signature_length', 'pattern_signature', '1 to 1000 characters'),
      ('bug_patterns', 'bug_patterns_name_length', 'name', '1 to 200 characters'),
      ('bug_patterns', 'bug_patterns_category_check', 'category',
        'infra, flaky, dependency, test, lint, type, build, config, resource, permission, deploy, other'),
      ('bug_patterns', 'bug_patterns_severity_check', 'severity', 'info, warning, error, critical'),
      ('bug_patterns', 'bug_patterns_source_check', 'source', 'builtin, file, ui, suggested, import'),
      ('bug_patterns', 'bug_patterns_hits_check', 'hits', '0 or more'),
      ('agent_jobs', 'agent_jobs_status_check', 'status', 'queued, running, completed, failed, waiting_for_input, cancelled'),
      ('agent_jobs', 'agent_jobs_progress_check', 'progress', '0 to 100'),
      ('events', 'events_event_type_length', 'event_type', '1 to 200 characters')
    ) as rules (table_name, constraint_name, column_name, allowed)
  loop
    select pg_get_expr(c.conbin, c.conrelid) into strict expression
    from pg_constraint c
    where c.conrelid = format('codered.%I', wanted.table_name)::regclass and c.conname = wanted.constraint_name;
    execute format(
      'alter table codered.%I drop constraint %I, add constraint %I check (%s or codered.refuse_value(%L, %I, %L))',
      wanted.table_name, wanted.constraint_name, wanted.constraint_name, expression,
      wanted.table_name || '.' || wanted.column_name, wanted.column_name, wanted.allowed
    );
  end loop;
end
$$;
