// Which operations are tools of MCP, in which sets: docs/agents.md.

/** The sets that a client may choose, the first unless it says otherwise. */
export const TOOL_SETS = ['ci', 'tasks', 'agents', 'knowledge'] as const;
export type ToolSet = (typeof TOOL_SETS)[number];

/** What a client has that names none. */
export const DEFAULT_SET: ToolSet = 'ci';

export interface ToolLine {
  readonly name: string;
  /** The operation that it is. */
  readonly operation: string;
  readonly sets: readonly ToolSet[];
}

function line(name: string, sets: readonly ToolSet[], operation = name): ToolLine {
  return { name, operation, sets };
}

/** All tools in the order in which they are listed, which never changes by itself: clients keep the list. */
export const TOOL_LINES: readonly ToolLine[] = [
  // Whatever is asked is asked of a project, so that every set can find it.
  line('list_projects', TOOL_SETS),
  line('get_failure_summary', ['ci']),
  line('search_failures', ['ci']),
  line('explain_verdict', ['ci']),
  line('read_log_lines', ['ci']),
  line('explain_gate', ['ci']),
  line('simulate_policy', ['ci']),
  line('list_flaky_tests', ['ci']),
  line('get_project_context', ['tasks']),
  line('resume_project', ['tasks']),
  line('list_tasks', ['tasks']),
  line('create_task', ['tasks']),
  line('update_task', ['tasks']),
  line('lock_task', ['tasks']),
  line('keep_lock', ['tasks']),
  line('release_task', ['tasks']),
  line('break_lock', ['tasks']),
  line('add_artifact', ['tasks']),
  line('create_checkpoint', ['tasks']),
  line('record_decision', ['tasks']),
  line('record_lesson', ['tasks']),
  line('task_timeline', ['tasks']),
  line('search_events', ['tasks']),
  line('claim_work', ['agents']),
  line('keep_work', ['agents']),
  line('report_progress', ['agents']),
  line('ask', ['agents']),
  line('complete', ['agents']),
  line('fail', ['agents']),
  line('give_back', ['agents']),
  line('start_run', ['agents']),
  line('pause_run', ['agents']),
  line('resume_run', ['agents']),
  line('cancel_run', ['agents']),
  line('read_run', ['agents']),
  line('read_artifact', ['agents']),
  line('log_agent_run', ['agents']),
  line('run_agent', ['agents']),
  line('read_job', ['agents']),
  line('answer_job', ['agents']),
  line('cancel_job', ['agents']),
  line('match_patterns', ['knowledge']),
  line('suggest_pattern', ['knowledge']),
  line('list_patterns', ['knowledge']),
  line('read_pattern', ['knowledge']),
  line('list_lessons', ['knowledge']),
  line('list_decisions', ['knowledge']),
  line('list_corpora', ['knowledge']),
  line('list_documents', ['knowledge']),
];
