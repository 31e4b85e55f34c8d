// Where each operation stands in REST: method and path. What is in braces comes out of the path, the rest of a GET's input out of the
// query, of any other's out of the body.

export interface Place {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  readonly path: string;
  /** Of a POST that makes something: 201 instead of 200. */
  readonly makes?: true;
}

/** Before every path. */
export const REST_PREFIX = '/api/v1';

/** The names in braces of a path. */
export function namesIn(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** The path as a route: `/tasks/:task_id`. */
export function routeOf(path: string): string {
  return namesIn(path).reduce((route, name) => route.replace(`{${name}}`, `:${name}`), REST_PREFIX + path);
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
  read_job: { method: 'get', path: '/jobs/{job_id}' },
  run_agent: { method: 'post', path: '/projects/{project_id}/jobs', makes: true },
  answer_job: { method: 'post', path: '/jobs/{job_id}/respond' },
  cancel_job: { method: 'post', path: '/jobs/{job_id}/cancel' },
  pause_run: { method: 'post', path: '/runs/{run_id}/pause' },
  resume_run: { method: 'post', path: '/runs/{run_id}/resume' },
  cancel_run: { method: 'post', path: '/runs/{run_id}/cancel' },
};
