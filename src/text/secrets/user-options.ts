// Finds passwords in options such as `-u user:password` of curl, HTTPie and skopeo. Pure.
import { commandsIn } from './command-lines.ts';
import { isPatchy, isRandomLooking, isWordy } from './reading/randomness.ts';
import { isSecretValue } from './reading/secret-values.ts';
import { MARK, type Span } from './reading/span.ts';

/** Commands that log in as `user:password`, and the options that they take it with. */
const LOGINS: readonly (readonly [command: RegExp, option: RegExp])[] = [
  [/\b(?:curl|curlie)\b/gi, /\s(?:-[a-tv-zA-TV-Z#]{0,8}[uU][ =]{0,2}|--(?:proxy-)?user[ =]{1,2})(["']?)/g],
  [/\b(?:https?|httpie|xhs?|oha|hey)\b/g, /\s(?:-a[ =]{0,2}|--auth[ =]{1,2})(["']?)/g],
  [/\bhurl\b/g, /\s(?:-u[ ]{0,2}|--user[ =]{1,2})(["']?)/g],
  [/\bab\b/g, /\s-[AP][ ]{0,2}(["']?)/g],
  [/\bjenkins-cli(?:\.jar)?\b/g, /\s-auth[ =]{1,2}(["']?)/g],
];
/** What only takes `user:password`, whatever the command. */
const CREDENTIALS = /\s--(?:proxy-user|(?:src-|dest-)?creds|credentials)[ =]{1,2}(["']?)/g;
/** What takes much else: the ids of a user and a group, a test, a task, an artifact. */
const USER = /\s(?:-u|-a|--user|--auth)[ =]{1,2}(["']?)/g;

/** Whether a value with a colon is a user with a password. */
type IsPasswordOf = (user: string, password: string) => boolean;

/** The places of these passwords, and of keys that are given instead of a user. */
export function userOptions(text: string): Span[] {
  const ofLogins = LOGINS.flatMap(([command, option]) =>
    [...commandsIn(text, command)].flatMap(({ from, line }) =>
      usersIn(text, { from, to: from + line.length }, { option, isPasswordOf: isPassword }),
    ),
  );
  const whole = { from: 0, to: text.length };
  return [
    ...ofLogins,
    ...usersIn(text, whole, { option: CREDENTIALS, isPasswordOf: isPasswordAnywhere }),
    ...usersIn(text, whole, { option: USER, isPasswordOf: isClearlyPassword }),
  ];
}

function usersIn(
  text: string,
  { from, to }: { from: number; to: number },
  { option, isPasswordOf }: { option: RegExp; isPasswordOf: IsPasswordOf },
): Span[] {
  const found: Span[] = [];
  option.lastIndex = from;
  for (let at = option.exec(text); at !== null && at.index < to; at = option.exec(text)) {
    const span = userSecret(text, { start: at.index + at[0].length, quote: at[1] ?? '', isPasswordOf });
    if (span !== null) found.push(span);
  }
  return found;
}

/** The password behind the colon, perhaps in quotes of its own; where it is empty, the user is the key. */
function userSecret(
  text: string,
  { start, quote, isPasswordOf }: { start: number; quote: string; isPasswordOf: IsPasswordOf },
): Span | null {
  const ahead = text.slice(start, start + 500);
  const word = (quote === '' ? /^[^\s"'`]{1,500}/ : /^[^"'\n]{1,500}/).exec(ahead)?.[0] ?? '';
  const sign = word.slice(0, 200).indexOf(':');
  if (sign < 0) return null;
  const user = word.slice(0, sign);
  const password = word.slice(sign + 1);
  const from = start + sign + 1;
  if (password !== '')
    return isPasswordOf(user, password) ? { start: from, end: start + word.length, kind: 'password' } : null;
  const own = quote === '' ? (/^(["'])([^"'\n]{1,300})\1/.exec(text.slice(from, from + 310))?.[2] ?? '') : '';
  if (own !== '')
    return isPasswordOf(user, own) ? { start: from + 1, end: from + 1 + own.length, kind: 'password' } : null;
  return isPasswordOf !== isClearlyPassword && isRandomLooking(user) && !/[/\\]/.test(user)
    ? { start, end: start + sign, kind: 'token' }
    : null;
}

function isPassword(user: string, password: string): boolean {
  if (user === password || password.startsWith('//') || password.startsWith(MARK)) return false;
  return isSecretValue(password, { strength: 'password', tie: 'equals' });
}

/** No path, no drive, no numbers of users, no artifact. */
function isPasswordAnywhere(user: string, password: string): boolean {
  if (!/^[A-Za-z$%][\w.@+$%{}-]{1,80}$/.test(user) || /^[\d:.]+$|^[\\/.]/.test(password)) return false;
  return isPassword(user, password);
}

/** A user's name with what looks drawn at random: nothing that words, numbers and paths are made of. */
function isClearlyPassword(user: string, password: string): boolean {
  if (!isRandomLooking(password, 10) || isWordy(password) || /[\s:\\/]/.test(password)) return false;
  return isPatchy(password) && isPasswordAnywhere(user, password);
}
