// Which job of the report a criterion rests on, so that the page tells of it once. Pure; body.ts uses it.

import type { CiProvider } from '../../model/failure.ts';
import type { GateSource } from '../../model/gate.ts';
import type { PullRequestReport, ReportJob } from '../../model/pull-request.ts';
import type { Failed } from '../failures/failures.ts';
import type { IsShown } from './gate-row.ts';

const PROVIDERS: Readonly<Partial<Record<GateSource['kind'], CiProvider>>> = {
  job: 'github-actions',
  check: 'github-checks',
  status: 'github-status',
};

/** Whether a source is one of the failures that are told. */
export function isShownIn(failed: readonly Failed[]): IsShown {
  const jobs = failed.flatMap((one) => (one.kind === 'job' ? one.job : []));
  return (source) => jobs.some((job) => isSame(source, job));
}

/** Whether a criterion waits for a job: then the gate's table tells of it. */
export function isWaitedFor({ gate }: PullRequestReport): (job: ReportJob) => boolean {
  const criteria = gate === null || gate.state === 'error' ? [] : gate.criteria;
  const sources = criteria.filter(({ state }) => state === 'pending').flatMap((one) => one.sources);
  return (job) => sources.some((source) => isSame(source, job));
}

function isSame({ kind, name, url }: GateSource, job: ReportJob): boolean {
  if (job.provider !== PROVIDERS[kind]) return false;
  return job.html_url === null || url === null ? job.name === name : job.html_url === url;
}
