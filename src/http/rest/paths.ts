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
  read_me: { method: 'get', path: '/me' },
  list_projects: { method: 'get', path: '/projects' },
  get_project_context: { method: 'get', path: '/projects/{project_id}' },
  resume_project: { method: 'get', path: '/projects/{project_id}/resume' },
  search_events: { method: 'get', path: '/projects/{project_id}/events' },
  create_checkpoint: { method: 'post', path: '/projects/{project_id}/checkpoints', makes: true },
  record_decision: { method: 'post', path: '/projects/{project_id}/decisions', makes: true },
  list_tasks: { method: 'get', path: '/projects/{project_id}/tasks' },
  create_task: { method: 'post', path: '/projects/{project_id}/tasks', makes: true },
  update_task: { method: 'patch', path: '/tasks/{task_id}' },
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
  pause_run: { method: 'post', path: '/runs/{run_id}/pause' },
  resume_run: { method: 'post', path: '/runs/{run_id}/resume' },
  cancel_run: { method: 'post', path: '/runs/{run_id}/cancel' },
  list_agents: { method: 'get', path: '/agents' },
  read_agent: { method: 'get', path: '/agents/{slug}' },
  list_agent_runs: { method: 'get', path: '/projects/{project_id}/agent-runs' },
  read_agent_run: { method: 'get', path: '/projects/{project_id}/agent-runs/{agent_run_id}' },
  list_models: { method: 'get', path: '/models' },
  set_model: { method: 'post', path: '/models' },
  read_cost: { method: 'get', path: '/projects/{project_id}/cost' },
  list_files: { method: 'get', path: '/projects/{project_id}/files' },
  read_file: { method: 'get', path: '/projects/{project_id}/files/content' },
  write_file: { method: 'post', path: '/projects/{project_id}/files/content' },
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
};
