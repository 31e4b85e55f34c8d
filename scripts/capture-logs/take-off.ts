// Takes the frame off a captured log, so that it can get a newer one without running the tool again.

import { createMarker, type Marker } from './frame/problem-matchers.ts';
import { matchersOf } from './frame/tools-of-a-job.ts';
import { headOf, type JobLog, type LoggedStep } from './job-log.ts';
import { type Captured, needsOf } from './recipe.ts';

const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z /;
const POST = 'Post job cleanup.';
const EXIT = /^##\[error\]Process completed with exit code (\d+)\.$/;
const MARK = /^##\[(error|warning|notice|group|endgroup)\]/;

/** The recipe's job as it can be rendered again. Throws where the log does not hold the recipe's steps. */
export function takeFrameOff(text: string, recipe: Captured): JobLog {
  const entries = entriesOf(text);
  const needs = needsOf(recipe);
  const marker = () => createMarker(matchersOf(recipe.steps, needs));
  let at = 0;
  const steps = recipe.steps.map((step, index): LoggedStep => {
    const start = entries.indexOf(headOf(step), at);
    const body = entries.indexOf('##[endgroup]', start) + 1;
    const next = recipe.steps[index + 1];
    const end = entries.indexOf(next === undefined ? POST : headOf(next), body);
    if (start < 0 || body === 0 || end < 0) throw new Error(`${recipe.name}: no step "${headOf(step)}" in the log`);
    at = end;
    const said = entries.slice(body, end);
    const exit = EXIT.exec(said.at(-1) ?? '')?.[1];
    // The log does not show how an action ended.
    const failed = exit !== undefined || (step.uses !== undefined && next === undefined && recipe.pattern !== null);
    const output = unmarked(exit === undefined ? said : said.slice(0, -1), marker());
    return { step, output, exit: failed ? Number(exit ?? 1) : 0 };
  });
  const { name, job } = recipe;
  return { name, job, steps, noTearDown: false, setUpFailure: null, needs };
}

/** What was written at one time: a line, and those after it that have no stamp. */
function entriesOf(text: string): string[] {
  const entries: string[] = [];
  for (const line of text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split('\n')) {
    if (STAMP.test(line)) entries.push(line.replace(STAMP, ''));
    else entries.push(`${entries.pop() ?? ''}\n${line}`);
  }
  return entries;
}

/** Without the marks of problem matchers; what a tool itself told the runner becomes a workflow command again. */
function unmarked(entries: readonly string[], marker: Marker): string {
  const lines = entries.map((entry) => {
    const [prefix, name] = MARK.exec(entry) ?? [];
    const rest = prefix === undefined ? entry : entry.slice(prefix.length);
    if (prefix !== undefined && marker.peek(rest) !== name) return `::${name}::${encode(rest)}`;
    marker.mark(rest);
    return rest;
  });
  return lines.map((line) => `${line}\n`).join('');
}

function encode(data: string): string {
  return data.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
