// What else broke in the same job: causes that do not follow from the first one. Pure.

import type { FurtherCause } from '../../model/pull-request.ts';
import { counted, details, linkIfAny, patternProse } from '../../text/markdown.ts';
import { type OutsideRoom, othersOf } from './quoted-line.ts';

/** With the first one, three are open. */
const OPEN = 2;
const NAMED_IN_BRIEF = 5;
const FOLDED = 10;
const NAME_BYTES = 200;
const ADVICE_BYTES = 1000;
const FOLDED_ADVICE_BYTES = 300;
const LINE_BYTES = 300;
const FOLDED_LINE_BYTES = 120;

/** How the causes are shown. */
export interface CauseContext {
  readonly form: 'full' | 'brief';
  readonly room: OutsideRoom;
  readonly lineBreak: '\n' | '\n\n';
  /** Where a line of the log stands, as a link or in words. */
  readonly place: (line: number) => string;
}

/** A paragraph for each of the next two, the others folded; `brief`: one line that names them. */
export function furtherCauses(causes: readonly FurtherCause[], context: CauseContext): string[] {
  if (causes.length === 0) return [];
  if (context.form === 'brief') return [inBrief(causes)];
  const open = causes.slice(0, OPEN).map((cause) => paragraph(cause, context));
  const rest = causes.slice(OPEN);
  if (rest.length === 0) return open;
  const listed = rest.slice(0, FOLDED).map((cause) => `- ${item(cause, context)}`);
  const more = rest.length - listed.length;
  const list = more > 0 ? [...listed, `- ${more.toLocaleString('en-US')} more`] : listed;
  const summary = `${counted(rest.length, 'more cause')} in the same job`;
  return [...open, details(summary, `${list.join('\n')}\n`)];
}

function inBrief(causes: readonly FurtherCause[]): string {
  const names = causes.slice(0, NAMED_IN_BRIEF).map(nameOf);
  const more = causes.length - names.length;
  return `**Also** ${[...names, ...(more > 0 ? [`${more.toLocaleString('en-US')} more`] : [])].join(', ')}`;
}

function paragraph(cause: FurtherCause, { room, lineBreak, place }: CauseContext): string {
  const { pattern, line_number, line_text } = cause;
  const quoted = room.quote(line_text, LINE_BYTES);
  const others = quoted === null ? null : othersOf(cause, 'full', room);
  const line = others === null ? [] : [`${quoted}${others.count}${others.list}`];
  const fix = `**Fix** ${patternProse(pattern.recommended_fix, ADVICE_BYTES)}`;
  return [
    `**Also** ${nameOf(cause)} · ${place(line_number)}`,
    ...line,
    `**Root cause** ${patternProse(pattern.root_cause, ADVICE_BYTES)}`,
    [fix, ...linkIfAny('docs', pattern.docs_url)].join(' · '),
  ].join(lineBreak);
}

function item(cause: FurtherCause, { room, place }: CauseContext): string {
  const { pattern, line_number, line_text } = cause;
  const quoted = room.quote(line_text, FOLDED_LINE_BYTES);
  const line = quoted === null ? [] : [`${quoted}${othersOf(cause, 'brief', room).count}`];
  const fix = `**Fix** ${patternProse(pattern.recommended_fix, FOLDED_ADVICE_BYTES)}`;
  return [`${nameOf(cause)}`, place(line_number), ...line, fix].join(' · ');
}

function nameOf({ pattern }: FurtherCause): string {
  return patternProse(pattern.name, NAME_BYTES);
}
