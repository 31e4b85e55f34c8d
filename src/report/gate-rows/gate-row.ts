// One criterion as a row of the gate's table. On a phone the first two columns are all that is seen, so the second says what
// the first has evaluated, and why. Pure.

import type { GateCriterion, GateCriterionState, GateSource } from '../../model/gate.ts';
import { link, namePlain, plain, plainInCell } from '../../text/markdown.ts';
import { nameLine } from '../../text/outside-text.ts';
import { isFigure, measuredText, neededText, waitingText } from './gate-figures.ts';

/** Whether a failure that this rests on has a section of its own on the same page. */
export type IsShown = (source: GateSource) => boolean;

/** The sign and the word of each state; a sign never stands without its word. */
const STATES: Readonly<Record<GateCriterionState, string>> = {
  pass: '✅ passed',
  fail: '❌ failed',
  pending: '⏳ waiting',
  missing: '⚠️ missing',
  error: '⛔ error',
  overridden: '🔓 overridden',
};

const REASON_BYTES = 300;
const SCOPE_BYTES = 240;
const BREAK = '<br>';
/** So many spaces that do not break are about 150 px, less what a word before them takes. */
const STRUT_SPACES = 40;
const SPACES_OF_LETTER = 2;

/** The table's rows, without its head. */
export function gateRows(criteria: readonly GateCriterion[], isShown: IsShown): string[] {
  const reasons = criteria.map((one) => saidOf(one, isShown));
  const strutted = criteria.findIndex(({ state }, index) => state !== 'pass' && (reasons[index] ?? []).length > 0);
  return criteria.map((one, index) => {
    const name = `${nameOf(one)}${index === strutted ? strut(one.name) : ''}`;
    const why = [name, ...(reasons[index] ?? [])].join(BREAK);
    return `| ${[STATES[one.state], why, figure(one), neededText(one), from(one, isShown)].join(' | ')} |`;
  });
}

/** What a verdict rests on, with its link, as Markdown that stands in a cell; `others`: how many more there are. */
export function sourceText({ kind, name, url, attempt }: GateSource, others: number): string {
  return `${kind} ${link(namePlain(name), url)}${again(attempt)}${more(others)}`;
}

/** What was measured, as Markdown that stands in a cell. */
export function figure(criterion: GateCriterion): string {
  return isFigure(criterion) ? plain(criterion.reason) : measuredText(criterion);
}

function nameOf({ name, of }: GateCriterion): string {
  return of === null ? name : `${name} of ${plainInCell(of, SCOPE_BYTES)}`;
}

/**
 * A table that is wider than its page gives each column no more than its longest word, and a sentence becomes a tower of
 * words. Spaces that do not break, behind one name, keep the column wide enough to read.
 */
function strut(name: string): string {
  const lastWord = name.slice(name.lastIndexOf(' ') + 1);
  return '\u00a0'.repeat(Math.max(0, STRUT_SPACES - SPACES_OF_LETTER * lastWord.length));
}

/** The lines below the name: why, what to do about it, since when it waits. */
function saidOf(criterion: GateCriterion, isShown: IsShown): string[] {
  const reason = ownReason(criterion, isShown);
  const remedy = criterion.remedy ?? null;
  return [
    reason === '' ? [] : plainInCell(reason, REASON_BYTES),
    remedy === null ? [] : `**Fix** ${plainInCell(remedy, REASON_BYTES)}`,
    waitingText(criterion) ?? [],
  ].flat();
}

/** The reason, where it says more than the state, the figure, the source beside it and the sections above do. */
function ownReason(criterion: GateCriterion, isShown: IsShown): string {
  const { reason, sources, state } = criterion;
  const [first] = sources;
  if (isFigure(criterion)) return '';
  if (first === undefined) return reason;
  const named = `${first.kind} ${first.name}`;
  if (state === 'fail' && reason === `${named} failed` && isShown(first)) return `${shortLabel(first)}, told above`;
  if (reason === `${named} ${state === 'pass' ? 'passed' : 'failed'}`) return '';
  return reason.replaceAll(named, shortLabel(first));
}

function from(criterion: GateCriterion, isShown: IsShown): string {
  const [first, ...others] = criterion.sources;
  if (first === undefined) return '–';
  // What the reason has named is not named again.
  return ownReason(criterion, isShown).includes(shortLabel(first))
    ? `${link(first.kind, first.url)}${again(first.attempt)}${more(others.length)}`
    : sourceText(first, others.length);
}

function shortLabel({ kind, name }: GateSource): string {
  return `${kind} ${nameLine(name)}`;
}

function again(attempt: number): string {
  return attempt > 1 ? `, attempt ${attempt}` : '';
}

function more(others: number): string {
  return others > 0 ? ` and ${others} more` : '';
}
