// Whether facts may turn a gate red or make it wait. No quota may hold such facts back. Pure.
import type { Facts } from '../model/facts.ts';

/**
 * True for facts that hold anything but successes: a run that failed or began again, a new head commit, a commit of a merge queue,
 * a command that revokes. A success may come late: until then the gate waits and lets nothing through.
 */
export function mayCloseGate({ ci_events, ci_jobs, pull_requests, commits, rechecks, commands }: Facts): boolean {
  return (
    [...ci_events, ...ci_jobs].some(({ status }) => status !== 'succeeded') ||
    commits.some(({ merge_group_ref }) => merge_group_ref !== null) ||
    pull_requests.length + rechecks.length + commands.length > 0
  );
}
