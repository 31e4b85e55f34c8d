// What Prometheus reads at GET /metrics.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GithubStatus } from '../../queue/lost-status.ts';
import type { InboxStatus, QueueStatus } from '../../queue/status.ts';
import { githubGauges } from './github-gauges.ts';

export interface Metrics {
  /** One answered webhook request. */
  readonly received: (outcome: string, seconds: number) => void;
  /** One try to process a delivery. */
  readonly processed: (outcome: string) => void;
  readonly job: (type: string, outcome: string) => void;
  readonly publication: (outcome: string) => void;
  /** Work that was stopped because of what it took; `final`: it was alone, and is given up. */
  readonly stopped: (queue: string, why: string, final: boolean) => void;
  /** So much in per cent of a quota of some installation is used. */
  readonly quota: (quota: string, share: number) => void;
  /** Something happened at the authorization server, in a word of ours. */
  readonly oauth: (event: string) => void;
  /** The exposition format; the queue gauges are read now and left out when the database does not answer. */
  readonly render: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** From far below to just above the 10 s after which GitHub gives up. */
const REQUEST_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 10];

/** Metrics of one running CodeRed; `status`, `kinds` (the queues by kind) and `github` are asked at every scrape. */
export function makeMetrics(
  status: () => Promise<InboxStatus>,
  kinds: () => Promise<QueueStatus>,
  github: () => Promise<GithubStatus | null> = async () => null,
): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const seconds = new Histogram({
    name: 'codered_webhook_request_seconds',
    help: 'Time from the head of a webhook request to its answer, by outcome.',
    labelNames: ['outcome'],
    buckets: REQUEST_BUCKETS_SECONDS,
    registers,
  });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  const processed = counter('codered_deliveries_processed_total', 'Tries to process a delivery, by outcome.', [
    'outcome',
  ]);
  const jobs = counter('codered_jobs_total', 'Tries of follow-up work, by type and outcome.', ['type', 'outcome']);
  const publications = counter('codered_publications_total', 'Tries to write to GitHub, by outcome.', ['outcome']);
  const stopped = counter(
    'codered_work_stopped_total',
    'Work that was stopped, by queue, reason and whether it is given up.',
    ['queue', 'why', 'final'],
  );
  const quotas = counter(
    'codered_quota_notices_total',
    'How often a quota of an installation was used up by 80 and by 100 per cent.',
    ['quota', 'share'],
  );
  const oauth = counter('codered_oauth_total', 'What happened at the authorization server, by event.', ['event']);
  const read = databaseGauges({ status, kinds, github }, registers);

  return {
    received: (outcome, took) => seconds.observe({ outcome: kind(outcome) }, took),
    processed: (outcome) => processed.inc({ outcome: kind(outcome) }),
    job: (type, outcome) => jobs.inc({ type: kind(type), outcome: kind(outcome) }),
    publication: (outcome) => publications.inc({ outcome: kind(outcome) }),
    stopped: (queue, why, final) => stopped.inc({ queue, why, final: String(final) }),
    quota: (quota, share) => quotas.inc({ quota, share: String(share) }),
    oauth: (event) => oauth.inc({ event: kind(event) }),
    render: async () => {
      await read();
      return { contentType: register.contentType, text: await register.metrics() };
    },
  };
}

interface Asked {
  readonly status: () => Promise<InboxStatus>;
  readonly kinds: () => Promise<QueueStatus>;
  readonly github: () => Promise<GithubStatus | null>;
}

/** Makes the gauges of what the database says; the function that is returned sets them. */
function databaseGauges({ status, kinds, github }: Asked, registers: Registry[]): () => Promise<void> {
  const [queues, byKind, ofGithub] = [queueGauges(registers), kindGauges(registers), githubGauges(registers)];
  return async () => {
    const asked = [status().catch(() => null), kinds().catch(() => []), github().catch(() => null)] as const;
    const [lengths, rows, limits] = await Promise.all(asked);
    queues(lengths);
    byKind(rows);
    ofGithub(limits);
  };
}

/**
 * Who reads the metrics may not be who may read the repositories: a label says of what kind something was, in words of this
 * program, and what could be a name is `other`.
 */
function kind(label: string): string {
  return /^[a-z]{1,20}(?:[ _][a-z]{1,20}){0,3}$/.test(label) ? label : 'other';
}

/** Sets the gauges from what the database says; null unsets them, so that no stale number is read as a true one. */
function queueGauges(registers: Registry[]): (status: InboxStatus | null) => void {
  const reachable = new Gauge({
    name: 'codered_database_up',
    help: '1 when the database answered this scrape.',
    registers,
  });
  const length = new Gauge({
    name: 'codered_queue_length',
    help: 'Rows per queue: deliveries by status, follow-up work queued and running, publications due.',
    labelNames: ['queue'],
    registers,
  });
  const oldest = new Gauge({
    name: 'codered_oldest_pending_seconds',
    help: 'Age of the oldest pending delivery, 0 when there is none.',
    registers,
  });
  return (status) => {
    reachable.set(status === null ? 0 : 1);
    length.reset();
    oldest.set(status === null ? Number.NaN : (status.oldest_pending_seconds ?? 0));
    if (status === null) return;
    const { oldest_pending_seconds: _, ...lengths } = status;
    for (const [queue, rows] of Object.entries(lengths)) length.set({ queue }, rows);
  };
}

/** Sets the gauges of the queues by kind; what no row tells of is unset. */
function kindGauges(registers: Registry[]): (rows: QueueStatus) => void {
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['queue', 'kind'], registers });
  const waiting = gauge('codered_queue_waiting', 'Rows that are due and that no worker has, by queue and kind.');
  const dead = gauge('codered_queue_dead', 'Rows that were given up and not done since, by queue and kind.');
  const oldest = gauge(
    'codered_queue_oldest_seconds',
    'For how long the oldest row that waits has been due, 0 for none.',
  );
  return (rows) => {
    for (const one of [waiting, dead, oldest]) one.reset();
    for (const row of rows) {
      const labels = { queue: row.queue, kind: kind(row.kind) };
      waiting.set(labels, row.waiting);
      dead.set(labels, row.dead);
      oldest.set(labels, row.oldest_seconds);
    }
  };
}
