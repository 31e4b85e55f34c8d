// Two organisations that must never see each other, with a row of each in every table. Whoever adds a table adds a row here.

import type { SqlSession } from '../../../src/brain/backends/sql-backend.ts';
import type { TestBrain } from '../../support/brain.ts';

export type Letter = 'a' | 'b';

/** An id of one of the two; the same number is the same thing in both. */
export const idOf = (letter: Letter, number: number): string =>
  `${letter}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A GitHub number of one of the two. */
export const numberOf = (letter: Letter, number: number): number =>
  (letter === 'a' ? 666_000_000 : 777_000_000) + number;

/** What the JSON text of a row of one of the two contains, as a regular expression of JavaScript and of Postgres. */
export const markOf = (letter: Letter): string =>
  `${letter}0000000-|org-${letter}|${letter === 'a' ? 666 : 777}000[0-9]{3}`;

/** A commit of one of the two. */
export const shaOf = (letter: Letter): string => letter.repeat(40);

/** What the numbers of `idOf` stand for. */
export const ID = {
  org: 1,
  project: 2,
  /** Belongs to `owner` and to no organisation. */
  personalProject: 3,
  ciEvent: 10,
  passedCiEvent: 11,
  ciJob: 12,
  deployment: 13,
  deploymentStatus: 14,
  error: 15,
  testResult: 16,
  pattern: 17,
  publication: 18,
  token: 19,
  job: 20,
  /** A job of the member's own. */
  ownJob: 21,
  agent: 22,
  agentRun: 23,
  milestone: 24,
  task: 25,
  otherTask: 26,
  taskRun: 27,
  decision: 28,
  checkpoint: 29,
  agentSession: 30,
  lesson: 31,
  snippet: 32,
  override: 33,
  template: 34,
  templateSpec: 35,
  spec: 36,
  sprint: 37,
  /** The gate's own: no user. */
  run: 38,
  /** The member's own. */
  ownRun: 39,
  gate: 40,
  ownGate: 41,
  artifact: 42,
  taskArtifact: 43,
  corpus: 44,
  document: 45,
  chunk: 46,
  embedding: 47,
  patternEmbedding: 48,
  file: 49,
  roadmap: 50,
  dailySession: 51,
  failedDeployment: 52,
  /** A repository of this number, and an installation of the next. */
  repository: 1,
} as const;

const somebody = (number: number) => `c0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const members = (letter: Letter) => ({
  member: idOf(letter, 101),
  maintainer: idOf(letter, 102),
  admin: idOf(letter, 103),
  /** Owns a project without an organisation, and is in none. */
  owner: idOf(letter, 104),
});

/** Everybody who signs in. */
export const PEOPLE = {
  a: members('a'),
  b: members('b'),
  /** Signed in, and a member of nothing. */
  stranger: somebody(1),
  /** profiles.role admin, and a member of nothing. */
  operator: somebody(2),
  /** Maintainer of A, but only a member of B. */
  both: somebody(3),
} as const;

const STAGES = '[{"order": 1, "id": "draft", "name": "Draft", "type": "llm"}]';

const vector = (letter: Letter) => `('[' || repeat('${letter === 'a' ? '0.5' : '0.25'},', 1535) || '1]')`;

/** The rows of one of the two, in the order in which they can be inserted. */
function statementsOf(letter: Letter): string {
  const id = (number: number) => `'${idOf(letter, number)}'`;
  const n = (number: number) => numberOf(letter, number);
  const people = members(letter);
  const org = `org-${letter}`;
  const sha = `'${shaOf(letter)}'`;
  const project = id(ID.project);
  const repository = n(ID.repository);
  const member = `'${people.member}'`;
  return `
    insert into auth.users (id, email, raw_user_meta_data) values
      ${Object.entries(people)
        .map(([name, user]) => `('${user}', '${name}@${org}.example', '{"user_name": "${org}-${name}"}')`)
        .join(', ')};
    insert into codered.orgs (id, name, login, github_account_id) values (${id(ID.org)}, '${org}', '${org}', ${n(9)});
    insert into codered.memberships (org_id, user_id, role) values
      (${id(ID.org)}, ${member}, 'member'),
      (${id(ID.org)}, '${people.maintainer}', 'maintainer'),
      (${id(ID.org)}, '${people.admin}', 'admin'),
      (${id(ID.org)}, '${PEOPLE.both}', '${letter === 'a' ? 'maintainer' : 'member'}');
    insert into codered.installations (id, org_id, account_login) values (${n(2)}, ${id(ID.org)}, '${org}');
    insert into codered.projects (id, org_id, slug, name, owner_user_id) values
      (${project}, ${id(ID.org)}, 'org_${letter}_shop', '${org} shop', null),
      (${id(ID.personalProject)}, null, 'org_${letter}_own', '${org} own project', '${people.owner}');
    insert into codered.repositories (id, installation_id, project_id, owner, name, default_branch)
      values (${repository}, ${n(2)}, ${project}, '${org}', 'shop', 'main');
    insert into codered.access_checks (user_id, checked_at) values ('${people.owner}', now());
    insert into codered.access_notices (kind, org_id, repository_id, told_at) values ('doubted', ${id(ID.org)}, ${repository}, '2001-01-01');
    insert into codered.oauth_tokens (id, user_id, access_token_hash, expires_at, client_id)
      values (${id(ID.token)}, ${member}, repeat('${letter}', 64), now() + interval '1 hour', '${org}');
    insert into codered.oauth_records (kind, id_hash, payload, user_id, client_id, about, expires_at)
      values ('Grant', repeat('${letter}', 64), '{}', ${member}, '${org}', '{"client_name": "${org}"}', now() + interval '1 hour');
    insert into codered.oauth_clients (client_id, metadata) values ('${org}', '{"client_name": "${org}"}');
    insert into codered.oauth_keys (kid, sealed_key) values ('${org}', 'sealed');
    insert into codered.idempotency_keys (user_id, key_hash, request_hash, project_id)
      values (${member}, repeat('${letter}', 64), repeat('${letter}', 64), ${project});
    insert into codered.sign_in_states (state_hash, browser_hash, sealed_verifier, return_to)
      values (repeat('${letter}', 64), repeat('${letter}', 64), 'sealed', '/${org}');
    insert into codered.github_grants (user_id, sealed_access_token) values (${member}, 'sealed');
    insert into codered.sign_ins (user_id, token_hash) values (${member}, repeat('${letter}', 64));
    insert into codered.quotas (installation_id, excerpts) values (${n(2)}, 1000);
    insert into codered.installation_usage (installation_id, day) values (${n(2)}, '2001-01-01');
    insert into codered.request_budgets (installation_id, request_limit) values (${n(2)}, 5000);
    insert into codered.delivery_lists (app_id) values (${n(5)});
    insert into codered.missed_deliveries (app_id, guid, event, installation_id, repository_id, delivery_id, delivered_at, first_delivered_at, status_code)
      values (1, '${org}-missed', 'push', ${n(2)}, ${repository}, '${n(6)}', now(), now(), 502);
    insert into codered.sweep_requests (installation_id, repository_id, kind, since, reason) values (${n(2)}, ${repository}, 'push', now(), '${org}');
    insert into codered.backfills (repository_id, reason, since, state) values (${repository}, '${org}', now(), 'done');
    insert into codered.sweep_subjects (repository_id, kind, subject, reason) values (${repository}, 'run', '${n(20)}', '${org}');
    insert into codered.run_counts (repository_id, day, told, counted_at) values (${repository}, '2001-01-01', ${letter === 'a' ? 3 : 4}, now());
    insert into codered.chores (name) values ('chore ${n(5)}');
    insert into codered.allowed_accounts (login, account_id) values ('${org}', ${n(9)});
    insert into codered.kept_out_installations (id, account_id, account_login, reason) values (${n(3)}, ${n(9)}, '${org}', 'because');

    insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload)
      values (1, '${org}-delivery', 'push', ${n(2)}, ${repository}, '{"org": "${org}"}');
    insert into codered.commits (repository_id, sha, ref, message, author, authored_at, pushed_at, files) values
      (${repository}, ${sha}, 'refs/heads/main', '${org} commit', 'octocat', now() - interval '2 hours', now() - interval '2 hours', '{src/a.ts}');
    insert into codered.pull_requests (repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha,
      state, draft, author, opened_at, merged_at, merge_commit_sha, source_updated_at) values
      (${repository}, 1, '${org} change', 'https://github.com/${org}/shop/pull/1', ${sha}, 'topic', ${repository}, 'main', ${sha},
        'merged', false, 'octocat', now() - interval '3 hours', now() - interval '1 hour', ${sha}, now());
    insert into codered.pull_request_heads (repository_id, pull_request_number, sha, told_at) values (${repository}, 1, ${sha}, now());
    insert into codered.command_counts (repository_id, about, id) values (${repository}, 'pull_request', 1);
    insert into codered.publications (id, repository_id, kind, target, desired, desired_hash)
      values (${id(ID.publication)}, ${repository}, 'comment', '1', '{"body": "${org}"}', '${org}');
    insert into codered.ci_events (id, project_id, repository_id, provider, workflow_name, run_id, run_attempt, branch, commit_sha, status,
      conclusion, trigger, start_time, end_time, pull_request_numbers) values
      (${id(ID.ciEvent)}, ${project}, ${repository}, 'github-actions', 'CI', '${n(20)}', 1, 'main', ${sha}, 'failed',
        'failure', 'push', now() - interval '50 minutes', now() - interval '40 minutes', '{1}'),
      (${id(ID.passedCiEvent)}, ${project}, ${repository}, 'github-actions', 'CI', '${n(20)}', 2, 'main', ${sha}, 'succeeded',
        'success', 'push', now() - interval '30 minutes', now() - interval '20 minutes', '{1}');
    insert into codered.ci_jobs (id, ci_event_id, job_id, name, status, conclusion, started_at, completed_at, source_updated_at) values
      (${id(ID.ciJob)}, ${id(ID.ciEvent)}, ${n(21)}, '${org} test', 'failed', 'failure', now() - interval '50 minutes', now() - interval '40 minutes', now()),
      (gen_random_uuid(), ${id(ID.passedCiEvent)}, ${n(22)}, '${org} test', 'succeeded', 'success', now() - interval '30 minutes', now() - interval '20 minutes', now());
    insert into codered.deployments (id, project_id, repository_id, provider, environment, environment_name, deployment_id, ci_event_id,
      status, commit_sha, ref, started_at, finished_at, is_current, source_updated_at) values
      (${id(ID.deployment)}, ${project}, ${repository}, 'github', 'prod', 'production', '${n(23)}', ${id(ID.passedCiEvent)},
        'succeeded', ${sha}, 'main', now() - interval '20 minutes', now() - interval '10 minutes', true, now()),
      (${id(ID.failedDeployment)}, ${project}, ${repository}, 'github', 'prod', 'production', '${n(24)}', null,
        'failed', ${sha}, 'main', now() - interval '40 minutes', now() - interval '30 minutes', false, now());
    insert into codered.deployment_statuses (id, deployment_id, status_id, state, environment, created_at)
      values (${id(ID.deploymentStatus)}, ${id(ID.deployment)}, ${n(25)}, 'success', 'production', now());
    insert into codered.bug_patterns (id, project_id, name, pattern_signature, root_cause, recommended_fix)
      values (${id(ID.pattern)}, ${project}, '${org} pattern', '${org}', 'cause', 'fix');
    insert into codered.errors (id, project_id, source, ci_event_id, ci_job_id, message, fingerprint, verdict, excerpt,
      excerpt_first_line, excerpt_last_line) values
      (${id(ID.error)}, ${project}, 'ci', ${id(ID.ciEvent)}, ${id(ID.ciJob)}, '${org} failure', '${org}', 'flaky', '${org} excerpt', 1, 1);
    insert into codered.verdicts (repository_id, error_id, verdict, rule, sentence, evidence)
      values (${repository}, ${id(ID.error)}, 'flaky', 'flaky_here_and_on_base', '${org} sentence', '{"org": "${org}"}');
    insert into codered.error_matches (error_id, bug_pattern_id, line_number, line_text, is_primary)
      values (${id(ID.error)}, ${id(ID.pattern)}, 1, '${org} line', true);
    insert into codered.green_logs (repository_id, workflow_path, job_name, job_id, salt, hashes)
      values (${repository}, '${org}/ci.yml', '${org} job', ${n(26)}, '${org} salt of the log', '\\x0102030405060708');

    insert into codered.models (id, provider, display_name, tier, input_cost_per_1k, output_cost_per_1k)
      values ('${org}-model', 'provider', 'Model', 'low', 1, 2);
    insert into codered.agents (id, name, slug, role, model_id) values (${id(ID.agent)}, '${org} agent', '${org}', 'code', '${org}-model');
    insert into codered.milestones (id, project_id, name) values (${id(ID.milestone)}, ${project}, '${org} milestone');
    insert into codered.tasks (id, project_id, milestone_id, user_id, title, status)
      values (${id(ID.task)}, ${project}, ${id(ID.milestone)}, ${member}, '${org} task', 'in_progress');
    insert into codered.tasks (id, project_id, milestone_id, parent_task_id, user_id, title, dependencies)
      values (${id(ID.otherTask)}, ${project}, null, ${id(ID.task)}, ${member}, '${org} later task', '{${idOf(letter, ID.task)}}');
    insert into codered.agent_runs (id, project_id, agent_id, task_id, model_id, tokens_prompt, tokens_completion, status)
      values (${id(ID.agentRun)}, ${project}, ${id(ID.agent)}, ${id(ID.task)}, '${org}-model', 100, 100, 'succeeded');
    insert into codered.task_runs (id, task_id, project_id, agent_run_id, phase)
      values (${id(ID.taskRun)}, ${id(ID.task)}, ${project}, ${id(ID.agentRun)}, 'code');
    insert into codered.decisions (id, project_id, user_id, title, choice) values (${id(ID.decision)}, ${project}, ${member}, '${org} decision', 'yes');
    insert into codered.checkpoints (id, project_id, user_id, label) values (${id(ID.checkpoint)}, ${project}, ${member}, '${org} checkpoint');
    insert into codered.agent_sessions (id, project_id, user_id, summary) values (${id(ID.agentSession)}, ${project}, ${member}, '${org} session');
    insert into codered.lessons (id, project_id, title) values (${id(ID.lesson)}, ${project}, '${org} lesson');
    insert into codered.ux_snippets (id, project_id, name, code_sample) values (${id(ID.snippet)}, ${project}, '${org} snippet', '<b/>');
    insert into codered.asked_rights (user_id, action, repository_id, pull_request_number, commit_sha, login, made_by, made_through, asked_at)
      values (${member}, 'override', ${repository}, 1, ${sha}, '${org}-member', 'person', 'rest', now());
    insert into codered.user_overrides (id, project_id, user_id, "user", override_type, repository_id, pull_request_number, criterion, reason)
      values (${id(ID.override)}, ${project}, '${people.maintainer}', '${org}-maintainer', 'deploy_anyway', ${repository}, 1, 'all', '${org} reason');
    -- The look that the override brings is not what is told apart here.
    delete from codered.agent_jobs where project_id = ${project};
    insert into codered.agent_jobs (id, project_id, user_id, agent_type, input) values
      (${id(ID.job)}, ${project}, null, 'research', '{"org": "${org}"}'),
      (${id(ID.ownJob)}, ${project}, ${member}, 'plan_sprint', '{"org": "${org}"}');
    update codered.agent_runs set job_id = ${id(ID.ownJob)} where id = ${id(ID.agentRun)};

    insert into codered.workflow_templates (id, slug, name, type, created_by) values (${id(ID.template)}, '${org}', '${org} template', 'research', '${people.admin}');
    insert into codered.specs (id, project_id, template_id, version, stages, created_by_user_id, published_at, visibility) values
      (${id(ID.templateSpec)}, ${project}, ${id(ID.template)}, '1', '${STAGES}', ${member}, now(), 'private');
    insert into codered.specs (id, project_id, repo, branch, storage_path, sha, created_by, stages, published_at)
      values (${id(ID.spec)}, ${project}, '${org}/shop', 'main', 'specs/one.md', ${sha}, '${org}-member', '${STAGES}', now());
    insert into codered.sprints (id, spec_id, project_id, label, dod_json)
      values (${id(ID.sprint)}, ${id(ID.spec)}, ${project}, '${org} sprint', '{"lint_pass": true}');
    insert into codered.runs (id, project_id, sprint_id, spec_id, user_id, ci_event_id, repository_id, pull_request_number, commit_sha,
      project_slug, display_name, status, started_at) values
      (${id(ID.run)}, ${project}, ${id(ID.sprint)}, ${id(ID.spec)}, null, ${id(ID.ciEvent)}, ${repository}, 1, ${sha},
        'org_${letter}_shop', '${org} gate', 'running', now()),
      (${id(ID.ownRun)}, ${project}, null, ${id(ID.templateSpec)}, ${member}, null, null, null, null,
        'org_${letter}_shop', '${org} run', 'running', now());
    insert into codered.run_ci_events (run_id, ci_event_id) values (${id(ID.run)}, ${id(ID.ciEvent)});
    insert into codered.gate_executions (id, run_id, gate_id, gate_name, gate_order, model_id, status, tokens_in, tokens_out, cost_usd, started_at) values
      (${id(ID.gate)}, ${id(ID.run)}, 'lint_pass', 'Lint', 1, null, 'running', 0, 0, null, now()),
      (${id(ID.ownGate)}, ${id(ID.ownRun)}, 'draft', 'Draft', 1, '${org}-model', 'passed', 10, 10, 0.1, now());
    insert into codered.artifacts (id, project_id, run_id, gate_execution_id, task_id, user_id, kind, file_name, content) values
      (${id(ID.artifact)}, ${project}, ${id(ID.run)}, ${id(ID.gate)}, null, null, 'logs', '${org}.log', '${org}'),
      (${id(ID.taskArtifact)}, ${project}, null, null, ${id(ID.task)}, ${member}, 'diff', '${org}.diff', '${org}');
    insert into codered.test_results (id, repository_id, ci_event_id, ci_job_id, artifact_id, commit_sha, run_attempt, suite, name, status, duration_ms) values
      (${id(ID.testResult)}, ${repository}, ${id(ID.ciEvent)}, ${id(ID.ciJob)}, ${id(ID.artifact)}, ${sha}, 1, '${org}', 'adds', 'failed', 5),
      (gen_random_uuid(), ${repository}, ${id(ID.passedCiEvent)}, null, null, ${sha}, 2, '${org}', 'adds', 'passed', 5);
    insert into codered.tests (id, repository_id, number, key, suite, name) overriding system value
      values (${repository}, ${repository}, 1, codered.test_key('${org}', 'adds', null), '${org}', 'adds');
    insert into codered.test_reports (repository_id, ci_event_id, source, artifact_id, commit_sha, on_default_branch, from_fork, day)
      values (${repository}, ${id(ID.ciEvent)}, 'upload:${org}', ${id(ID.artifact)}, ${sha}, true, false, '2026-11-01');
    insert into codered.test_days (test_id, day, on_default_branch, passed) values (${repository}, '2026-11-01', true, 1);
    insert into codered.test_today (test_id, day, on_default_branch, passed) values (${repository}, '2026-11-02', true, 1);
    insert into codered.test_states (test_id, on_default_branch, last_status, as_of, changed_at)
      values (${repository}, true, 'passed', now(), now());

    insert into codered.corpora (id, project_id, name) values (${id(ID.corpus)}, ${project}, '${org} corpus');
    insert into codered.documents (id, corpus_id, project_id, title, source_path)
      values (${id(ID.document)}, ${id(ID.corpus)}, ${project}, '${org} document', 'one.md');
    insert into codered.chunks (id, document_id, project_id, chunk_index, content)
      values (${id(ID.chunk)}, ${id(ID.document)}, ${project}, 0, '${org} chunk');
    insert into codered.embeddings (id, project_id, document_id, chunk_id, model)
      values (${id(ID.embedding)}, ${project}, ${id(ID.document)}, ${id(ID.chunk)}, '${org}-embedder');
    update codered.chunks set embedding_id = ${id(ID.embedding)} where id = ${id(ID.chunk)};
    insert into codered.pattern_embeddings (id, project_type, metadata, success_score)
      values (${id(ID.patternEmbedding)}, 'saas', '{"org": "${org}"}', 0.5);
    do $$
    begin
      if exists (select from pg_extension where extname = 'vector') then
        execute format('update codered.embeddings set embedding = %L where id = %L', ${vector(letter)}, ${id(ID.embedding)});
        execute format('update codered.pattern_embeddings set embedding = %L where id = %L', ${vector(letter)}, ${id(ID.patternEmbedding)});
      end if;
    end
    $$;
    insert into codered.project_files (id, project_id, path, content) values (${id(ID.file)}, ${project}, '${org}.ts', '${org}');
    insert into codered.learning_roadmaps (id, project_id, title, modules) values (${id(ID.roadmap)}, ${project}, '${org} roadmap',
        '[{"title": "One", "description": "Begin", "steps": ["read"], "estimated_hours": 1, "prerequisites": [], "is_locked": false}]');
    insert into codered.daily_sessions (id, project_id, transcript) values (${id(ID.dailySession)}, ${project}, '[{"role": "user", "content": "${org}"}]');

    insert into codered.events (project_id, run_id, user_id, event_type, payload) values
      (${project}, ${id(ID.run)}, null, 'status.PLANNING', '{"message": "${org}", "metadata": {}}'),
      (null, null, ${member}, 'note.${org}', '{"message": "${org}"}');
    insert into codered.events (project_id, user_id, event_type, payload, created_at)
    select ${project}, ${member}, 'note.old', '{"message": "${org}"}',
      coalesce(substring(pg_get_expr(c.relpartbound, c.oid) from $re$FROM \\('([^']+)'\\)$re$)::timestamptz, '2001-01-01')
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'codered.events'::regclass;`;
}

/** Rows without a project are everybody's, as far as they are published. */
const GLOBAL = `
  insert into codered.bug_patterns (name, pattern_signature, root_cause, recommended_fix) values ('global pattern', 'x', 'cause', 'fix');
  insert into codered.ux_snippets (name, code_sample) values ('global snippet', '<b/>');
  insert into codered.corpora (id, name) values ('d0000000-0000-4000-8000-000000000001', 'global corpus');
  insert into codered.documents (id, corpus_id, title, source_path)
    values ('d0000000-0000-4000-8000-000000000002', 'd0000000-0000-4000-8000-000000000001', 'global document', 'one.md');
  insert into codered.chunks (id, document_id, chunk_index, content)
    values ('d0000000-0000-4000-8000-000000000003', 'd0000000-0000-4000-8000-000000000002', 0, 'global chunk');
  insert into codered.embeddings (document_id, chunk_id, model)
    values ('d0000000-0000-4000-8000-000000000002', 'd0000000-0000-4000-8000-000000000003', 'embedder');
  insert into codered.workflow_templates (id, slug, name, type, is_active) values
    ('d0000000-0000-4000-8000-000000000004', 'open', 'global template', 'research', true),
    ('d0000000-0000-4000-8000-000000000005', 'retired', 'retired template', 'research', false);
  insert into codered.specs (id, template_id, version, visibility, stages, published_at) values
    ('d0000000-0000-4000-8000-000000000006', 'd0000000-0000-4000-8000-000000000004', '1', 'public', '${STAGES}', now()),
    ('d0000000-0000-4000-8000-000000000007', 'd0000000-0000-4000-8000-000000000004', '2', 'private', '${STAGES}', now());
  insert into codered.models (id, provider, display_name, tier, is_active) values ('retired-model', 'provider', 'Model', 'low', false);
  insert into codered.agent_jobs (id, agent_type) values ('d0000000-0000-4000-8000-000000000008', 'backfill');`;

/** Ids of GLOBAL that tests ask for. */
export const GLOBAL_ID = {
  publicSpec: 'd0000000-0000-4000-8000-000000000006',
  privateSpec: 'd0000000-0000-4000-8000-000000000007',
} as const;

/** Writes both organisations into an empty brain. */
export async function seedTwoOrgs(brain: Pick<TestBrain, 'script'>): Promise<void> {
  await brain.script(`
    insert into auth.users (id, email, raw_user_meta_data) values
      ('${PEOPLE.stranger}', 'stranger@example.com', '{"user_name": "stranger"}'),
      ('${PEOPLE.operator}', 'operator@example.com', '{"user_name": "operator"}'),
      ('${PEOPLE.both}', 'both@example.com', '{"user_name": "both"}');
    update codered.profiles set role = 'admin' where id = '${PEOPLE.operator}';`);
  await brain.script(statementsOf('a'));
  await brain.script(statementsOf('b'));
  await brain.script(GLOBAL);
}

/** Becomes somebody for the rest of the transaction; null is a stranger who has not signed in. */
export async function become(session: SqlSession, user: string | null): Promise<void> {
  const role = user === null ? 'anon' : 'authenticated';
  const claims = JSON.stringify(user === null ? { role } : { role, sub: user });
  await session.script(`set local role ${role}; set local request.jwt.claims = '${claims}'`);
}

/** Becomes the owner of the database again, who sees everything. */
export async function becomeOwner(session: SqlSession): Promise<void> {
  await session.script('reset role; reset request.jwt.claims');
}

/** One transaction that leaves nothing behind, begun by the owner. */
export async function inRolledBack<T>(
  brain: Pick<TestBrain, 'session'>,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  return brain.session(async (session) => {
    await session.script('begin');
    try {
      return await work(session);
    } finally {
      await session.script('rollback');
    }
  });
}

/** Makes `pg_temp.attempt`: runs each statement by itself as whoever calls and tells what came of it. */
export async function makeAttempts(session: SqlSession): Promise<void> {
  await session.script(`
    create function pg_temp.attempt(statements text[]) returns table (statement text, outcome text, told text)
    language plpgsql as $$
    declare
      touched bigint;
    begin
      foreach statement in array statements loop
        begin
          execute statement;
          get diagnostics touched = row_count;
          outcome := touched::text || ' rows';
          told := '';
        exception when others then
          outcome := sqlstate;
          told := sqlerrm;
        end;
        return next;
      end loop;
    end
    $$`);
}

/** What came of a statement: how many rows it touched ("1 rows"), or the error's code. */
export interface Attempt {
  readonly statement: string;
  readonly outcome: string;
  readonly told: string;
}

/** Runs each statement by itself; one that fails leaves the others as they are. */
export async function attempt(session: SqlSession, statements: readonly string[]): Promise<readonly Attempt[]> {
  const list = `{${statements.map((text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join()}}`;
  const rows = await session.query('select * from pg_temp.attempt($1::text[])', [list]);
  return rows.map((row) => ({ statement: row.statement ?? '', outcome: row.outcome ?? '', told: row.told ?? '' }));
}
