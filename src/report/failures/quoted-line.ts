// The line that is quoted of a failure, why it is that one where no pattern tells, and how many others of its kind there are. Pure.

import type { EvidenceReason } from '../../model/failure.ts';
import type { OtherLines, ReportFailure } from '../../model/pull-request.ts';
import { codeSpan, nameCode } from '../../text/markdown.ts';
import { byteLength, NAME_BYTES, oneLine } from '../../text/outside-text.ts';

const QUOTED_BYTES = 500;
const OTHER_BYTES = 200;
/** A shorter beginning of a line says nothing. */
const LEAST_BYTES = 40;

/** What a failure may still show of text from outside. */
export interface OutsideRoom {
  /** Bytes of UTF-8 that are left. */
  left(): number;
  /** Takes bytes that are shown by somebody else. */
  spend(bytes: number): void;
  /** A line as code of at most so many bytes; null when there is no room for it. */
  quote(text: string, mostBytes: number): string | null;
}

/** A room of `bytes`. */
export function openRoom(bytes: number): OutsideRoom {
  let left = bytes;
  const spend = (some: number) => {
    left -= some;
  };
  const quote = (text: string, most: number) => {
    const line = oneLine(text, Math.max(0, Math.min(most, left)));
    if (left < LEAST_BYTES || line === '') return null;
    const shown = codeSpan(line, most);
    spend(byteLength(shown));
    return shown;
  };
  return { left: () => left, spend, quote };
}

/** What a quoted line is shown with. */
export interface QuoteContext {
  /** `brief`: the others of its kind are only counted. */
  readonly form: 'full' | 'brief';
  readonly room: OutsideRoom;
  /** Whether the failed step is named already. */
  readonly hasStep: boolean;
}

/** The failure's line with what there is to say of it; none when there is no line, or no room. */
export function quotedLine(failure: ReportFailure, { form, room, hasStep }: QuoteContext): string[] {
  const quoted = room.quote(failure.message, QUOTED_BYTES);
  if (quoted === null) return [];
  const isMatch = failure.evidence === null || failure.evidence.why === 'match';
  const more = [...why(failure), ...stepOf(failure, { room, hasStep })];
  const others = isMatch ? othersOf(failure, more.length > 0 ? 'brief' : form, room) : NO_OTHERS;
  return [`${[`${quoted}${others.count}`, ...more].join(' · ')}${others.list}`];
}

/** How many other lines there are of a kind, in parts of a paragraph. */
export interface Others {
  /** ` and 11 more of this kind`; an empty text when there are none. */
  readonly count: string;
  /** The first three, a line each, which end the paragraph; an empty text when none is named. */
  readonly list: string;
}

const NO_OTHERS: Others = { count: '', list: '' };

/** The others of a kind; `brief` only counts them. */
export function othersOf({ others, other_lines }: OtherLines, form: 'full' | 'brief', room: OutsideRoom): Others {
  if (others < 1) return NO_OTHERS;
  const count = ` and ${others.toLocaleString('en-US')} more of this kind`;
  if (form === 'brief') return { count, list: '' };
  const named = other_lines.flatMap(({ line_number, text }) => {
    const quoted = room.quote(text, OTHER_BYTES);
    return quoted === null ? [] : [`\n- ${quoted} (line ${line_number})`];
  });
  if (named.length === 0) return { count, list: '' };
  const left = others - named.length;
  const more = left > 0 ? [`\n- ${left.toLocaleString('en-US')} more`] : [];
  // The blank line keeps what follows out of the list.
  return { count: `${count}:`, list: `${[...named, ...more].join('')}\n` };
}

const WHY: Readonly<Record<Exclude<EvidenceReason, 'match'>, string>> = {
  error: 'quoted because the runner marked it as an error',
  block: 'quoted because the last lines that look like an error begin with it',
  exit: 'quoted because it is the last line before the step ended',
  tail: 'quoted because it is the last line of the log; no line says why it failed',
};

/** The runner's own words at the end of a step, which say nothing of the cause. */
const EXITS = ['Process completed with exit code ', 'The operation was canceled', "The process '"];
const NOTHING_SAID = 'no line says why it failed: the step printed nothing before it ended';

function why({ evidence, message }: ReportFailure): string[] {
  if (evidence === null || evidence.why === 'match') return [];
  const { first_line: first, last_line: last } = evidence;
  if (evidence.why === 'exit' && EXITS.some((words) => message.startsWith(words))) return [NOTHING_SAID];
  const lines = evidence.why === 'block' && last > first ? ` (lines ${first}–${last})` : '';
  return [`${WHY[evidence.why]}${lines}`];
}

/** Where the step that failed says nothing, another one is quoted, which may have passed. */
function stepOf({ is_elsewhere, step_name }: ReportFailure, { room, hasStep }: Omit<QuoteContext, 'form'>): string[] {
  if (hasStep && !is_elsewhere) return [];
  const name = step_name !== null && room.left() >= NAME_BYTES ? nameCode(step_name) : null;
  if (name !== null) room.spend(NAME_BYTES);
  if (!is_elsewhere) return name === null ? [] : [`in step ${name}`];
  const step = name === null ? 'another step' : `another step, ${name}`;
  return [`said by ${step}; the one that failed says nothing that a pattern knows`];
}
