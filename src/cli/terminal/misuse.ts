// What is wrong with the arguments of a command, in words. Pure.

import { closestName } from '../../text/closest-name.ts';
import { Misused } from './command.ts';

/** Null when `error` says nothing about arguments. `help` is the command's own text, which names its options. */
export function misuseWords(error: Error, help: string): string | null {
  if (error instanceof Misused) return error.message;
  const code = 'code' in error ? String(error.code) : '';
  if (!code.startsWith('ERR_PARSE_ARGS_')) return null;
  // What node:util says of them: https://nodejs.org/api/errors.html#err_parse_args_unknown_option
  const [, name = ''] = /^(?:Unknown option|Option|Unexpected argument) '([^']+)'/.exec(error.message) ?? [];
  const [option = ''] = name.split(' ', 1);
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `There is no option ${option}.${meantBy(option, help)}`;
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return error.message.includes('does not take an argument')
        ? `${option} takes no value; write it alone.`
        : `${option} wants a value after it${error.message.includes('ambiguous') ? `; one that begins with - as ${option}=-value` : ''}.`;
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `It is not known what ${JSON.stringify(name)} is to mean: ${
        help.includes(' -- COMMAND') ? 'what is to be run stands behind --' : 'this command takes options only'
      }.`;
    default:
      return error.message;
  }
}

function meantBy(option: string, help: string): string {
  const options = [...new Set([...(help.match(/--[a-z][a-z-]*/g) ?? []), '--help'])];
  const closest = option.startsWith('--') ? closestName(option, options) : null;
  return closest === null ? ` There are: ${options.join(', ')}.` : ` Did you mean ${closest}?`;
}
