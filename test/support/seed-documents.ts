// What the five documents that the brain was made from name, as lists: tables and columns, indexes, sets of values.
// test/schema.test.ts holds the schema against them.

/**
 * Document, table, columns. `old>new` is a column that the data model gives another name, because two documents named one
 * thing differently or because the name would promise what is not so (tokens are stored hashed).
 */
export const documentedColumns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '000 CodeRed brain': {
    projects: 'id slug name description status owner_user_id created_at updated_at',
    milestones: 'id project_id name description status progress_percent target_date actual_date created_at updated_at',
    tasks:
      'id project_id milestone_id parent_task_id title description zone impact_axes size status assignee_agent_id assignee_human priority due_date created_at updated_at completed_at',
    task_runs: 'id task_id project_id agent_run_id phase status summary created_at updated_at',
    agents:
      'id name slug description role allowed_zones default_model max_tokens temperature cost_ceiling_usd long_horizon_allowed config_yaml_path created_at updated_at',
    agent_runs:
      'id project_id agent_id task_id mode input_summary output_summary full_input full_output model tokens_prompt tokens_completion approx_cost_usd zones_touched tools_used rag_documents status error_message created_at updated_at',
    ci_events:
      'id project_id provider workflow_name run_id branch commit_sha status trigger zones_touched start_time end_time duration_seconds created_at updated_at',
    deployments: 'id project_id provider environment deployment_id ci_event_id status url created_at updated_at',
    errors:
      'id project_id source ci_event_id deployment_id agent_run_id error_code message details severity created_at updated_at',
    corpora: 'id project_id name description domain_tags risk_level created_at updated_at',
    documents:
      'id corpus_id project_id title source_path version domain_tags risk_level is_pinned created_at updated_at',
    chunks: 'id document_id project_id chunk_index content token_count embedding_id created_at updated_at',
    embeddings: 'id project_id document_id chunk_id embedding model created_at updated_at',
    lessons:
      'id project_id title description domain_tags source_type source_id impact_axes severity created_at updated_at',
    bug_patterns:
      'id project_id name description pattern_signature root_cause recommended_fix related_lessons created_at updated_at',
    decisions:
      'id project_id title description domain decision_type rationale options_considered chosen_option decision_maker created_at updated_at',
    ux_snippets:
      'id project_id name description tech_stack code_sample preview_url tags quality_score approved_by created_at updated_at',
    orgs: 'id name created_at updated_at',
    user_overrides: 'id project_id user override_type target_type target_id reason created_at updated_at',
  },
  '001 continuous delivery': {
    specs: 'id repo branch storage_path sha created_at created_by',
    sprints: 'id spec_id label dod_json state created_at',
    runs: 'id sprint_id ci_run_id started_at finished_at result summary_json',
    artifacts: 'id run_id kind storage_path size>size_bytes created_at',
    status_events: 'id run_id phase message metadata created_at',
  },
  '002 CodeForge': {
    profiles: 'id username full_name>display_name avatar_url skill_level created_at updated_at',
    projects:
      'id user_id>owner_user_id title>name description mode status>phase requirements_spec architecture_spec tech_stack created_at updated_at',
    project_files: 'id project_id path content language version created_at updated_at',
    agent_jobs:
      'id project_id user_id agent_type status progress result error celery_task_id created_at started_at completed_at',
    learning_roadmaps: 'id project_id modules current_step_index created_at',
    daily_sessions: 'id project_id transcript concepts_covered duration_minutes created_at',
    pattern_embeddings: 'id project_type embedding metadata success_score created_at',
  },
  '003 task store': {
    projects: 'id user_id>owner_user_id name description rules created_at updated_at',
    tasks:
      'id project_id user_id title description acceptance_criteria constraints dependencies status priority locked_at locked_by created_at updated_at',
    events: 'id project_id task_id user_id event_type payload created_at',
    artifacts: 'id task_id user_id type>kind ref summary created_at',
    checkpoints: 'id project_id user_id label repo_ref summary resume_instructions snapshot created_at',
    decisions: 'id project_id user_id title options choice rationale created_at',
    agent_sessions: 'id project_id user_id snapshot summary created_at updated_at',
    oauth_tokens:
      'id user_id access_token>access_token_hash refresh_token>refresh_token_hash token_type expires_at scope client_id created_at updated_at revoked_at',
    active_tasks:
      'id project_id user_id title description acceptance_criteria constraints dependencies status priority locked_at locked_by created_at updated_at project_name is_actively_locked',
    recent_events: 'id project_id task_id user_id event_type payload created_at project_name task_title',
    task_progress:
      'id project_id title status priority total_criteria artifact_count locked_at locked_by created_at updated_at',
  },
  '004 workflows and gates': {
    profiles: 'id email display_name role avatar_url created_at updated_at',
    workflow_templates:
      'id slug name description type depth tags what_you_get estimated_time step_count is_featured is_active sort_order created_by created_at updated_at',
    specs:
      'id template_id version version_hash intent_schema stages qa_config output_guarantees cost_profile artifact_type output_formats is_active visibility created_by>created_by_user_id created_at',
    runs: 'id spec_id user_id intent project_slug display_name status current_gate pause_reason total_gates gates_passed gates_failed total_tokens_in total_tokens_out total_cost_usd started_at completed_at>finished_at created_at updated_at',
    gate_executions:
      'id run_id gate_id gate_name phase gate_order agent_slug model_id model_provider status attempt_number max_attempts prompt_packet raw_output validation_results fail_codes tokens_in tokens_out cost_usd duration_ms started_at completed_at created_at',
    artifacts:
      'id run_id gate_execution_id file_name file_path content_type content content_hash size_bytes storage_url>url artifact_type gate_id created_at',
    models:
      'id provider display_name tier input_cost_per_1k output_cost_per_1k max_context_tokens supports_tools supports_streaming supports_structured_output is_active created_at updated_at',
  },
};

/** Indexes as `<table> <method unless btree> (<columns>) <condition>`; on the table or column that the data model gives. */
export const documentedIndexes: Readonly<Record<string, readonly string[]>> = {
  '000 CodeRed brain': [
    'embeddings hnsw (embedding extensions.vector_cosine_ops)',
    'embeddings (project_id, document_id, chunk_id)',
    'projects (slug)',
    'agents (name)',
    'agents (slug)',
  ],
  '001 continuous delivery': ['runs (sprint_id)', 'artifacts (run_id)', 'events (run_id)', 'events (created_at DESC)'],
  '002 CodeForge': [
    'profiles (username)',
    'project_files (project_id, path)',
    'pattern_embeddings hnsw (embedding extensions.vector_cosine_ops)',
  ],
  '003 task store': [
    'tasks (status)',
    'tasks (locked_at) WHERE (locked_at IS NOT NULL)',
    'tasks (priority)',
    'events (project_id)',
    'events (task_id) WHERE (task_id IS NOT NULL)',
    'events (user_id)',
    'events (event_type)',
    'events (created_at DESC)',
    'events (project_id, created_at DESC)',
    'events (task_id, created_at DESC)',
    'artifacts (task_id)',
    'artifacts (user_id)',
    'artifacts (kind)',
    'artifacts (created_at DESC)',
    'artifacts (task_id, created_at DESC)',
    'checkpoints (project_id)',
    'checkpoints (user_id)',
    'checkpoints (created_at DESC)',
    'checkpoints (project_id, created_at DESC)',
    'decisions (project_id)',
    'decisions (user_id)',
    'decisions (created_at DESC)',
    'decisions (project_id, created_at DESC)',
  ],
  '004 workflows and gates': [
    'workflow_templates (slug)',
    'workflow_templates (type)',
    'workflow_templates (is_active) WHERE is_active',
    'specs (template_id)',
    'specs (is_active) WHERE is_active',
    'specs (template_id, version)',
    'runs (user_id)',
    'runs (spec_id)',
    'runs (status)',
    'runs (created_at DESC)',
    'gate_executions (run_id)',
    'gate_executions (status)',
    'gate_executions (gate_id)',
    'gate_executions (run_id, gate_order)',
    'artifacts (run_id)',
    'artifacts (gate_execution_id)',
    'artifacts (artifact_type)',
  ],
};

/** Column and the values it takes; behind "+" those that the data model adds to the documents'. */
export const documentedValues: Readonly<Record<string, string>> = {
  // 000
  'projects.status': 'active paused archived',
  'milestones.status': 'not_started in_progress ready_for_cynic shipped',
  'tasks.zone': 'red yellow green',
  'tasks.impact_axes': 'A B C D E',
  'tasks.size': 'xs s m l xl',
  'tasks.status': 'backlog in_progress blocked ready_for_review done + cancelled',
  'task_runs.phase': 'architect code test review infra safety cynic orchestrator',
  'task_runs.status': 'planned running succeeded failed skipped',
  'agents.role': 'architect code test review infra safety orchestrator cynic research librarian',
  'agents.allowed_zones': 'red yellow green',
  'agent_runs.zones_touched': 'red yellow green',
  'agent_runs.status': 'succeeded failed aborted',
  'ci_events.provider': 'github-actions + github-checks github-status other',
  'ci_events.status': 'queued running succeeded failed canceled',
  'ci_events.trigger': 'push pull_request manual + schedule merge_group other',
  'deployments.provider': 'vercel other + github',
  'deployments.environment': 'dev staging prod',
  'deployments.status': 'pending succeeded failed rolled_back + running',
  'errors.source': 'ci deployment agent runtime',
  'errors.severity': 'info warning error critical',
  'corpora.risk_level': 'safe internal legal_critical',
  'documents.risk_level': 'safe internal legal_critical',
  'lessons.source_type': 'agent_run ci_event retro manual',
  'lessons.impact_axes': 'A B C D E',
  'lessons.severity': 'minor moderate major critical',
  'decisions.decision_type': 'architecture policy legal_strategy product',
  'user_overrides.override_type': 'cynic_reject deploy_anyway agent_override',
  'user_overrides.target_type': 'agent_run ci_event deployment task',
  // 001
  'sprints.state': 'PLANNED RUNNING DONE FAILED',
  'artifacts.kind': 'junit coverage playwright lighthouse logs diff pr test_report document other',
  // 002
  'profiles.skill_level': 'beginner intermediate advanced',
  'projects.mode': 'builder student',
  'projects.phase': 'planning in-progress building completed archived',
  'agent_jobs.status': 'queued running completed failed waiting_for_input cancelled',
  'agent_jobs.agent_type': 'research wireframe code qa pedagogy roadmap + backfill plan_sprint embed pipeline',
  'learning_roadmaps.skill_level': 'beginner intermediate advanced',
  // 004
  'profiles.role': 'user admin',
  'runs.status': 'pending running paused completed failed cancelled',
  'gate_executions.status': 'pending running passed failed skipped warning + missing error overridden',
  'models.tier': 'top mid low',
  'specs.visibility': 'system public private',
  // The data model's own
  'memberships.role': '+ member maintainer admin collaborator',
  'webhook_deliveries.status': '+ pending processing done failed dead ignored',
  'pull_requests.state': '+ open closed merged',
  'publications.kind': '+ comment check_run',
  'ci_jobs.log_state': '+ none fetched missing expired',
  'errors.verdict': '+ new flaky broken_base infra collateral unknown',
  'test_results.status': '+ passed failed skipped errored',
  'bug_patterns.kind': '+ regex literal',
  'bug_patterns.category': '+ infra flaky dependency test lint type build config resource permission deploy other',
  'bug_patterns.severity': '+ info warning error critical',
  'bug_patterns.source': '+ builtin file ui suggested import',
};
