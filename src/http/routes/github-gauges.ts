// What /metrics says of lost deliveries and of the requests that GitHub still takes.
import { Gauge, type Registry } from 'prom-client';
import type { GithubStatus } from '../../queue/lost-status.ts';

/** Sets the gauges from what the database says; null unsets them, so that no stale number is read as a true one. */
export function githubGauges(registers: Registry[]): (status: GithubStatus | null) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const missed = gauge(
    'codered_deliveries_missed',
    'Deliveries that GitHub lists and the inbox has not done; they are asked for again.',
  );
  const oldest = gauge(
    'codered_deliveries_missed_oldest_seconds',
    'For how long the oldest of them has been missed, 0 for none.',
  );
  const lost = gauge('codered_deliveries_lost', 'Deliveries of the last 30 days that GitHub no longer has.');
  const listed = gauge(
    'codered_deliveries_listed_seconds',
    "How long ago GitHub's list of deliveries was read to its end; NaN: never.",
  );
  const paused = gauge(
    'codered_github_paused',
    'How many the rate limits of GitHub keep silent: the App itself, installations.',
    ['of'],
  );
  const left = gauge(
    'codered_github_requests_left_ratio',
    'The smallest part of the requests of an hour that is left, 1 where nothing is known: of the App itself, of installations.',
    ['of'],
  );
  const swept = gauge(
    'codered_sweep_subjects',
    'What stays as it is for longer than it may: GitHub is asked for it (waiting), or was in vain (given_up).',
    ['state'],
  );
  return (status) => {
    for (const one of [missed, oldest, lost, listed]) one.set(Number.NaN);
    for (const one of [paused, left, swept]) one.reset();
    if (status === null) return;
    missed.set(status.missed.missed);
    oldest.set(status.missed.oldest_seconds ?? 0);
    lost.set(status.missed.lost);
    for (const state of ['waiting', 'given_up'] as const) swept.set({ state }, status.sweep[state]);
    listed.set(status.missed.listed_seconds ?? Number.NaN);
    for (const whose of ['app', 'installations'] as const) {
      const rows = status.budgets.filter(({ installation_id }) => (installation_id === 0) === (whose === 'app'));
      const parts = rows.flatMap(({ remaining, request_limit }) =>
        remaining === null || !request_limit ? [] : [remaining / request_limit],
      );
      paused.set({ of: whose }, rows.filter(({ paused_seconds }) => paused_seconds !== null).length);
      left.set({ of: whose }, Math.min(1, ...parts));
    }
  };
}
