// The one line that says where a pull request stands, CI and Definition of Done together. Pure; comment.ts and check-run.ts use it.

import type { PullRequestReport } from '../pull-request-report.ts';
import { gateHeadline, isOverridden } from './gate-section.ts';
import { headline, SIGNS } from './headline.ts';
import { shorten } from './outside-text.ts';
import type { Standing } from './standing.ts';

const LINE_BYTES = 100;
const NOTHING_RAN = 'no workflow ran on this commit';

/** The line without a sign, starting in lower case, at most 100 bytes; what needs the reader comes first. */
export function topLine({ gate, silence }: PullRequestReport, standing: Standing): string {
  const isSilent = silence?.is_over === true && gate?.state !== 'pass' && gate?.state !== 'error';
  if (isSilent) return shorten(gate === null ? NOTHING_RAN : `${NOTHING_RAN} · ${gateHeadline(gate)}`, LINE_BYTES);
  if (gate === null) return headline(standing);
  const said = gateHeadline(gate);
  if (gate.state === 'error') return shorten(said, LINE_BYTES);
  const tellsOfCi = standing.state === 'failing' || (gate.state === 'pass' && standing.state !== 'none');
  return shorten(tellsOfCi ? `${headline(standing)} · ${said}` : said, LINE_BYTES);
}

/** The sign that goes before it. */
export function topSign({ gate }: PullRequestReport, standing: Standing): string {
  if (gate?.state === 'error') return '⛔';
  if (standing.state === 'failing' || gate?.state === 'fail') return SIGNS.failing;
  return gate?.state === 'pending' ? SIGNS.waiting : SIGNS[standing.state];
}

/** Whether all is well, by itself: one line says it. */
export function isGreen({ gate, proposed_problems }: PullRequestReport, standing: Standing): boolean {
  if (proposed_problems.length > 0) return false;
  return standing.state === 'passed' && (gate === null || gate.state === 'pass') && !isOverridden(gate);
}
