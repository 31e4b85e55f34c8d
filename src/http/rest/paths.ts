// Where each operation stands in REST: method and path. What is in braces comes out of the path, the rest of a GET's input out of the
// query, of any other's out of the body.

export interface Place {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Behind `REST_PREFIX`, or behind `V1_PREFIX` where that is said. */
  readonly path: string;
  readonly prefix?: typeof V1_PREFIX;
  /** Of a POST that makes something: 201 instead of 200. */
  readonly makes?: true;
}

/** Before every path that names no other. */
export const REST_PREFIX = '/api/v1';
/** Before the paths of document 002, which have forms of their own. */
export const V1_PREFIX = '/v1';

/** The names in braces of a path. */
export function namesIn(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** The whole path, with its names in braces. */
export function fullPath({ prefix, path }: Pick<Place, 'prefix' | 'path'>): string {
  return (prefix ?? REST_PREFIX) + path;
}

/** A whole path as a route: `/api/v1/tasks/:task_id`. */
export function routeOf(path: string): string {
  return namesIn(path).reduce((route, name) => route.replace(`{${name}}`, `:${name}`), path);
}

/** By the operation's name. */
export const PLACES: Readonly<Record<string, Place>> = {
  get_failure_summary: { method: 'get', path: '/projects/{project_id}/failures/summary' },
  search_failures: { method: 'get', path: '/projects/{project_id}/failures' },
  read_log_lines: { method: 'get', path: '/projects/{project_id}/log' },
  report_error: { method: 'post', path: '/errors', makes: true },
  list_errors: { method: 'get', path: '/projects/{project_id}/errors' },
  read_error: { method: 'get', path: '/errors/{error_id}' },
  resolve_error: { method: 'post', path: '/errors/{error_id}/resolve' },
  reopen_error: { method: 'post', path: '/errors/{error_id}/reopen' },
  read_me: { method: 'get', path: '/me' },
  list_projects: { method: 'get', path: '/projects' },
  create_project: { method: 'post', path: '/projects', makes: true },
  read_project: { method: 'get', path: '/projects/{project_id}/details' },
  update_project: { method: 'patch', path: '/projects/{project_id}' },
  retire_project: { method: 'post', path: '/projects/{project_id}/retire' },
  restore_project: { method: 'post', path: '/projects/{project_id}/restore' },
  get_project_context: { method: 'get', path: '/projects/{project_id}' },
  resume_project: { method: 'get', path: '/projects/{project_id}/resume' },
  list_events: { method: 'get', path: '/projects/{project_id}/events' },
  search_events: { method: 'get', path: '/projects/{project_id}/events/search' },
  list_milestones: { method: 'get', path: '/projects/{project_id}/milestones' },
  create_milestone: { method: 'post', path: '/projects/{project_id}/milestones', makes: true },
  update_milestone: { method: 'patch', path: '/milestones/{milestone_id}' },
  set_milestone_progress: { method: 'post', path: '/milestones/{milestone_id}/progress' },
  delete_milestone: { method: 'delete', path: '/milestones/{milestone_id}' },
  list_lessons: { method: 'get', path: '/projects/{project_id}/lessons' },
  record_lesson: { method: 'post', path: '/projects/{project_id}/lessons', makes: true },
  list_ux_snippets: { method: 'get', path: '/projects/{project_id}/ux-snippets' },
  record_ux_snippet: { method: 'post', path: '/projects/{project_id}/ux-snippets', makes: true },
  read_ux_snippet: { method: 'get', path: '/ux-snippets/{snippet_id}' },
  retire_ux_snippet: { method: 'post', path: '/ux-snippets/{snippet_id}/retire' },
  list_agent_sessions: { method: 'get', path: '/projects/{project_id}/agent-sessions' },
  start_agent_session: { method: 'post', path: '/projects/{project_id}/agent-sessions', makes: true },
  read_agent_session: { method: 'get', path: '/agent-sessions/{agent_session_id}' },
  note_in_agent_session: { method: 'post', path: '/agent-sessions/{agent_session_id}/notes' },
  end_agent_session: { method: 'post', path: '/agent-sessions/{agent_session_id}/end' },
  list_checkpoints: { method: 'get', path: '/projects/{project_id}/checkpoints' },
  read_checkpoint: { method: 'get', path: '/checkpoints/{checkpoint_id}' },
  create_checkpoint: { method: 'post', path: '/projects/{project_id}/checkpoints', makes: true },
  list_decisions: { method: 'get', path: '/projects/{project_id}/decisions' },
  read_decision: { method: 'get', path: '/decisions/{decision_id}' },
  update_decision: { method: 'patch', path: '/decisions/{decision_id}' },
  supersede_decision: { method: 'post', path: '/decisions/{decision_id}/supersede', makes: true },
  record_decision: { method: 'post', path: '/projects/{project_id}/decisions', makes: true },
  list_tasks: { method: 'get', path: '/projects/{project_id}/tasks' },
  create_task: { method: 'post', path: '/projects/{project_id}/tasks', makes: true },
  update_task: { method: 'patch', path: '/tasks/{task_id}' },
  read_task: { method: 'get', path: '/tasks/{task_id}' },
  delete_task: { method: 'delete', path: '/tasks/{task_id}' },
  list_task_runs: { method: 'get', path: '/tasks/{task_id}/runs' },
  start_task_run: { method: 'post', path: '/tasks/{task_id}/runs', makes: true },
  finish_task_run: { method: 'post', path: '/task-runs/{task_run_id}/finish' },
  list_task_overrides: { method: 'get', path: '/tasks/{task_id}/overrides' },
  lock_task: { method: 'post', path: '/tasks/{task_id}/lock' },
  keep_lock: { method: 'post', path: '/tasks/{task_id}/lock/keep' },
  release_task: { method: 'post', path: '/tasks/{task_id}/lock/release' },
  break_lock: { method: 'post', path: '/tasks/{task_id}/lock/break' },
  task_timeline: { method: 'get', path: '/tasks/{task_id}/events' },
  list_jobs: { method: 'get', path: '/projects/{project_id}/jobs' },
  page_jobs: { method: 'get', path: '/jobs/{project_id}/list', prefix: V1_PREFIX },
  read_job: { method: 'get', path: '/jobs/{job_id}' },
  list_job_events: { method: 'get', path: '/jobs/{job_id}/events' },
  run_agent: { method: 'post', path: '/projects/{project_id}/jobs', makes: true },
  run_pipeline: { method: 'post', path: '/projects/{project_id}/pipelines', makes: true },
  answer_job: { method: 'post', path: '/jobs/{job_id}/respond' },
  cancel_job: { method: 'post', path: '/jobs/{job_id}/cancel' },
  read_result_schema: { method: 'get', path: '/work/result-schemas/{type}' },
  claim_work: { method: 'post', path: '/work/claims' },
  keep_work: { method: 'post', path: '/work/{work_id}/keep' },
  report_progress: { method: 'post', path: '/work/{work_id}/progress' },
  ask: { method: 'post', path: '/work/{work_id}/questions' },
  complete: { method: 'post', path: '/work/{work_id}/complete' },
  fail: { method: 'post', path: '/work/{work_id}/fail' },
  give_back: { method: 'post', path: '/work/{work_id}/release' },
  pause_run: { method: 'post', path: '/runs/{run_id}/pause' },
  resume_run: { method: 'post', path: '/runs/{run_id}/resume' },
  cancel_run: { method: 'post', path: '/runs/{run_id}/cancel' },
  list_agents: { method: 'get', path: '/agents' },
  read_agent: { method: 'get', path: '/agents/{slug}' },
  log_agent_run: { method: 'post', path: '/projects/{project_id}/agent-runs', makes: true },
  list_agent_runs: { method: 'get', path: '/projects/{project_id}/agent-runs' },
  read_agent_run: { method: 'get', path: '/projects/{project_id}/agent-runs/{agent_run_id}' },
  list_models: { method: 'get', path: '/models' },
  set_model: { method: 'post', path: '/models' },
  read_cost: { method: 'get', path: '/projects/{project_id}/cost' },
  list_files: { method: 'get', path: '/projects/{project_id}/files' },
  read_file: { method: 'get', path: '/projects/{project_id}/files/content' },
  write_file: { method: 'post', path: '/projects/{project_id}/files/content' },
  export_to_github: { method: 'post', path: '/projects/{project_id}/export/github', makes: true },
  list_corpora: { method: 'get', path: '/projects/{project_id}/corpora' },
  create_corpus: { method: 'post', path: '/projects/{project_id}/corpora', makes: true },
  update_corpus: { method: 'patch', path: '/projects/{project_id}/corpora/{corpus_id}' },
  list_documents: { method: 'get', path: '/projects/{project_id}/corpora/{corpus_id}/documents' },
  list_roadmaps: { method: 'get', path: '/projects/{project_id}/roadmaps' },
  read_roadmap: { method: 'get', path: '/projects/{project_id}/roadmaps/{roadmap_id}' },
  create_roadmap: { method: 'post', path: '/projects/{project_id}/roadmaps', makes: true },
  update_roadmap: { method: 'patch', path: '/projects/{project_id}/roadmaps/{roadmap_id}' },
  move_in_roadmap: { method: 'post', path: '/projects/{project_id}/roadmaps/{roadmap_id}/step' },
  list_daily_sessions: { method: 'get', path: '/projects/{project_id}/daily-sessions' },
  read_daily_session: { method: 'get', path: '/projects/{project_id}/daily-sessions/{session_id}' },
  record_daily_session: { method: 'post', path: '/projects/{project_id}/daily-sessions', makes: true },
  extend_daily_session: { method: 'post', path: '/projects/{project_id}/daily-sessions/{session_id}/messages' },
  list_runs: { method: 'get', path: '/runs' },
  start_run: { method: 'post', path: '/runs', makes: true },
  read_run: { method: 'get', path: '/runs/{run_id}' },
  run_timeline: { method: 'get', path: '/runs/{run_id}/events' },
  read_attempt: { method: 'get', path: '/runs/{run_id}/attempts' },
  approve_stage: { method: 'post', path: '/runs/{run_id}/approve' },
  reject_stage: { method: 'post', path: '/runs/{run_id}/reject' },
  override_stage: { method: 'post', path: '/runs/{run_id}/override' },
  explain_gate: { method: 'get', path: '/projects/{project_id}/gate' },
  simulate_policy: { method: 'post', path: '/projects/{project_id}/gate/simulate' },
  override_criterion: { method: 'post', path: '/projects/{project_id}/gate/override', makes: true },
  list_overrides: { method: 'get', path: '/projects/{project_id}/overrides' },
  create_override: { method: 'post', path: '/projects/{project_id}/overrides', makes: true },
  revoke_override: { method: 'post', path: '/overrides/{override_id}/revoke' },
  list_artifacts: { method: 'get', path: '/projects/{project_id}/artifacts' },
  add_artifact: { method: 'post', path: '/tasks/{task_id}/artifacts', makes: true },
  read_artifact: { method: 'get', path: '/artifacts/{artifact_id}' },
  link_artifact: { method: 'get', path: '/artifacts/{artifact_id}/link' },
  list_specs: { method: 'get', path: '/projects/{project_id}/specs' },
  upload_spec: { method: 'post', path: '/projects/{project_id}/specs', makes: true },
  read_spec: { method: 'get', path: '/specs/{spec_id}' },
  link_spec_document: { method: 'get', path: '/specs/{spec_id}/link' },
  list_sprints: { method: 'get', path: '/projects/{project_id}/sprints' },
  read_sprint: { method: 'get', path: '/sprints/{sprint_id}' },
  list_templates: { method: 'get', path: '/templates' },
  create_template: { method: 'post', path: '/templates', makes: true },
  read_template: { method: 'get', path: '/templates/{template_id}' },
  update_template: { method: 'patch', path: '/templates/{template_id}' },
  list_template_versions: { method: 'get', path: '/templates/{template_id}/versions' },
  create_template_version: { method: 'post', path: '/templates/{template_id}/versions', makes: true },
  update_template_version: { method: 'patch', path: '/versions/{spec_id}' },
  publish_template_version: { method: 'post', path: '/versions/{spec_id}/publish' },
  check_intent: { method: 'post', path: '/versions/{spec_id}/intent' },
  list_tests: { method: 'get', path: '/projects/{project_id}/tests' },
  list_flaky_tests: { method: 'get', path: '/projects/{project_id}/tests/flaky' },
  read_test: { method: 'get', path: '/tests/{test_id}' },
  list_deployments: { method: 'get', path: '/projects/{project_id}/deployments' },
  read_deployment: { method: 'get', path: '/deployments/{deployment_id}' },
  read_dora: { method: 'get', path: '/projects/{project_id}/dora' },
  list_patterns: { method: 'get', path: '/patterns' },
  read_pattern: { method: 'get', path: '/patterns/{pattern_id}' },
  suggest_pattern: { method: 'post', path: '/projects/{project_id}/patterns', makes: true },
  match_patterns: { method: 'post', path: '/patterns/match' },
};
