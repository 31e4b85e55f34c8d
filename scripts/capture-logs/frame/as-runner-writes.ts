// What the runner makes of what a step prints (actions/runner: ProcessInvoker, ActionCommand, ActionCommandManager, OutputManager):
// one entry of the log for each line, workflow commands carried out, problems marked. An entry may hold newlines: only its first
// line gets a stamp.
import type { Marker } from './problem-matchers.ts';

/** An issue's text in the log is cut after so many characters. */
const LONGEST_ISSUE = 4096;
const COMMANDS: ReadonlySet<string> = new Set([
  ...['error', 'warning', 'notice', 'group', 'endgroup', 'debug', 'echo', 'stop-commands', 'set-output', 'save-state'],
  ...['set-env', 'add-path', 'add-mask', 'add-matcher', 'remove-matcher'],
]);

interface Command {
  readonly name: string;
  readonly data: string;
}

/** The entries of the log; `marker` knows the problem matchers; null where none is registered. */
export function asRunnerWrites(output: string, marker: Marker | null): string[] {
  let resumeToken: string | null = null;
  return linesOf(output).flatMap((line) => {
    const command = readCommand(line, resumeToken);
    if (command !== null && resumeToken === null) {
      if (command.name === 'stop-commands') resumeToken = command.data;
      return carriedOut(command, line);
    }
    if (command?.name === resumeToken) {
      resumeToken = null;
      return [line];
    }
    const severity = marker?.mark(line) ?? null;
    return [severity === null ? line : `##[${severity}]${line}`];
  });
}

/** The runner reads line by line, and a lone carriage return ends one too: each state of a progress bar is a line of its own. */
function linesOf(output: string): string[] {
  const lines = output.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** `::name key=value::data` at the beginning of a line, or the older `##[name key=value]data` anywhere in it. */
function readCommand(line: string, resumeToken: string | null): Command | null {
  const isKnown = (name: string) => COMMANDS.has(name) || name === resumeToken;
  const text = line.trimStart();
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1;
  if (end >= 0) {
    const name = (text.slice(2, end).split(' ', 1)[0] ?? '').toLowerCase();
    if (isKnown(name)) return { name, data: decode(text.slice(end + 2), DATA_CODES) };
  }
  const start = line.indexOf('##[');
  const close = start < 0 ? -1 : line.indexOf(']', start);
  if (close < 0) return null;
  const name = (line.slice(start + 3, close).split(' ', 1)[0] ?? '').toLowerCase();
  return isKnown(name) ? { name, data: decode(line.slice(close + 1), OLDER_CODES) } : null;
}

type Codes = readonly (readonly [code: string, sign: string])[];
/** Percent comes last, as the runner does it. */
const DATA_CODES: Codes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
];
const OLDER_CODES: Codes = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%'],
];

function decode(data: string, codes: Codes): string {
  return codes.reduce((text, [code, sign]) => text.replaceAll(code, sign), data);
}

/** What stands in the log in place of a command; most only set something. */
function carriedOut({ name, data }: Command, line: string): string[] {
  switch (name) {
    case 'error':
    case 'warning':
    case 'notice':
      return data === '' ? [] : [`##[${name}]${data.slice(0, LONGEST_ISSUE)}`];
    case 'group':
      return [`##[group]${data}`];
    case 'endgroup':
      return ['##[endgroup]'];
    case 'stop-commands':
      return [line];
    case 'set-output':
    case 'save-state':
      return [
        `##[warning]The \`${name}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files. For more information see: https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/`,
      ];
    case 'set-env':
    case 'add-path':
      return [
        `##[error]Unable to process command '${line}' successfully.`,
        `##[error]The \`${name}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution by setting the \`ACTIONS_ALLOW_UNSECURE_COMMANDS\` environment variable to \`true\`. For more information see: https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/`,
      ];
    default:
      return [];
  }
}
