// Which of several runs of a workflow on one commit say something of a pull request. Pure.
//
// 1. Of a workflow that ran for an event of the pull request's own, nothing counts that it ran for another: whoever dispatches
//    it, or writes a review, neither fails nor passes what the pull request's run says, be that over or not.
// 2. Of its own events the brain tells one: the pull request's before the push's, the merge group's before the push's.
// 3. What set off a run that nobody knows any more, or that GitHub has not sent yet, may be its own.

import { UNKNOWN_EVENT } from '../model/evidence-model.ts';
import { type GateSubject, OWN_EVENTS } from './collect.ts';

/** The subject without runs for other events, of each workflow that also has a run for an event of the pull request's own. */
export function withoutOutdone(subject: GateSubject): GateSubject {
  const { runs, signals, reports } = subject;
  const own = new Set(runs.flatMap((run) => (isOwn(run) ? (run.workflow_path ?? []) : [])));
  const counts = (one: OfWorkflow) => one.workflow_path === null || !own.has(one.workflow_path) || !isForeign(one);
  return {
    ...subject,
    runs: runs.filter(counts),
    signals: signals.filter(counts),
    reports: reports.filter(counts),
  };
}

type OfWorkflow = Pick<GateSubject['runs'][number], 'workflow_path' | 'event'>;

function isOwn({ event }: OfWorkflow): boolean {
  return event !== null && OWN_EVENTS.has(event);
}

function isForeign({ event }: OfWorkflow): boolean {
  return event !== null && event !== UNKNOWN_EVENT && !OWN_EVENTS.has(event);
}
