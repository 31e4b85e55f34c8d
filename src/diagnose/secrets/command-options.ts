// Finds what commands are given without a telling name: `docker login -p …`, `curl -u user:…`, `sshpass -p…`, `vault login …`.
// Pure; find-secrets.ts uses it.
import { isSecretValue } from './secret-values.ts';
import { MARK, type Span } from './span.ts';
import { isTelling } from './telling.ts';
import { endOfLine, readValue, skipSpaces } from './value-reader.ts';

/** Commands, as the words they are told by, and their options that a password stands behind. */
const COMMANDS: readonly (readonly [command: RegExp, options: string])[] = [
  [
    /\b(?:docker|podman|buildah|skopeo|nerdctl|crane|oras|registry|helm|oc|cf|az|ibmcloud|jf|jfrog|sam|argocd|flux|bx|npm-cli-login)\b[^\n|]{0,200}?\blogin\b/g,
    '-p',
  ],
  [/\b(?:sshpass|ansible-vault|expect-login)\b/g, '-p'],
  [/\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlcheck|mariadb|mariadb-dump|mariadb-admin|mycli)\b/g, '-p'],
  [/\b(?:mongo|mongosh|mongodump|mongorestore|mongoimport|mongoexport)\b/g, '-p'],
  [
    /\b(?:twine|flit|devpi|sqlpackage|liquibase|flyway|nuget|jenkins-cli|cockpit|svn|impala-shell|altool|notarytool|signtool|security|ncftpput|ncftpget|ncftp)\b/g,
    '-p -P /p -k -ApiKey',
  ],
  [/\b(?:sqlcmd|bcp|osql|isql|mosquitto_pub|mosquitto_sub|ipmitool|zip|unzip)\b/g, '-P'],
  [/\b7z[ar]?\b/g, '-p'],
  [/\b(?:redis-cli|memcached-cli|rdcli)\b/g, '-a'],
  [/\b(?:ldapsearch|ldapmodify|ldapadd|ldapwhoami|ldapdelete)\b/g, '-w'],
  [/\b(?:az|azcopy)\b[^\n|]{0,100}?\b(?:service-principal|create-for-rbac)\b/g, '-p'],
  [/\b(?:codecov|coveralls|codacy|codeclimate|bundlewatch|percy|snyk|semgrep|infracost)\b/g, '-t'],
  [/\bxfreerdp\b|\brdesktop\b/g, '/p: -p'],
  [/\b(?:gh|glab)\s{1,3}(?:secret|variable)\s{1,3}set\b/g, '-b'],
  [/\bopenssl\b/g, '-k -K pass:'],
];
/** What comes right after these words is a secret; every part has a bounded length. */
const FOLLOWED = new RegExp(
  [
    String.raw`(?:\bvault login|\bcargo login|\blogin <<<|\bsnyk auth|\brailway login|\bheroku auth:token|\bcf auth \S{1,100}`,
    String.raw`|\brabbitmqctl (?:add_user|change_password) \S{1,100}|\bnet use [^\n]{1,100}?\/user:\S{1,100}`,
    String.raw`|\bsmbclient [^\n]{1,100}?-U ?[^\s%]{1,100}%|\blftp [^\n]{0,60}?-u [^\s,]{1,100},`,
    String.raw`|\bhtpasswd -[a-zA-Z]{1,6} \S{1,100} \S{1,60}|\bchpasswd <<<`,
    String.raw`|\bcomposer config [^\n]{0,60}?http-basic\.\S{1,100} \S{1,60}|\bbundle config [^\n]{0,40}?\w\.\w{2,20} [^\s:]{1,60}:`,
    String.raw`|\becho|\bprintf|::add-mask::|\brequirepass|\bmasterauth|\bConvertTo-SecureString(?: -String)?`,
    String.raw`|(?:\bIDENTIFIED (?:WITH \w{1,40} )?BY|\b(?:WITH|ENCRYPTED|USER \S{1,60}|ROLE \S{1,60}) PASSWORD)(?=[ \t]{0,3}['"]))`,
    String.raw`[ \t]{0,3}(?=\S)`,
  ].join(''),
  'gi',
);

/** The passwords that commands are given. */
export function findInCommands(text: string): Span[] {
  if (!/ -|pass:|\/p\b/.test(text)) return followed(text);
  const found = COMMANDS.flatMap(([command, options]) => afterCommand(text, command, options.split(' ')));
  return [...found, ...userOptions(text), ...followed(text)];
}

function afterCommand(text: string, command: RegExp, options: readonly string[]): Span[] {
  const found: Span[] = [];
  command.lastIndex = 0;
  for (let called = command.exec(text); called !== null; called = command.exec(text)) {
    const from = called.index + called[0].length;
    const line = text.slice(from, Math.min(endOfLine(text, from), from + 1_000));
    found.push(...options.flatMap((option) => valuesOf(text, { from, line, option })));
    command.lastIndex = from + line.length;
  }
  return found;
}

/** The option's values on the line, attached to it or after a space. */
function valuesOf(text: string, { from, line, option }: { from: number; line: string; option: string }): Span[] {
  const found: Span[] = [];
  for (let at = line.indexOf(option); at >= 0; at = line.indexOf(option, at + option.length)) {
    if (!/[\s"'([]/.test(line.charAt(at - 1)) && option !== 'pass:') continue;
    const after = at + option.length;
    // Only -p and -P are written together with their value.
    if (!/^-[pP]$|:$/.test(option) && !/[\s=]/.test(line.charAt(after))) continue;
    if (/^(?:assword|ass|ort|rofile|roject|assin|assout|refix|latform|ull)\b/.test(line.slice(after, after + 12)))
      continue;
    const start = from + skipSpaces(line, after, 3) + (line.charAt(after) === '=' ? 1 : 0);
    const span = asSecret(text, start);
    if (span !== null) found.push(span);
  }
  return found;
}

/** A value that stands where a password has to stand; null when it is none. */
function asSecret(text: string, at: number): Span | null {
  if (text.startsWith(MARK, at) || text.charAt(at) === '-') return null;
  const { start, end, quoted } = readValue(text, at, '');
  if (text.startsWith(MARK, start)) return null;
  const said = text.slice(start, Math.min(end, start + 500));
  const isSecret = isSecretValue(said, { strength: 'password', tie: quoted ? 'quoted' : 'equals' });
  return isSecret ? { start, end, kind: 'password' } : null;
}

const USER = /\s(?:-u|--user|--proxy-user|-a|--auth|--creds|--src-creds|--dest-creds|--credentials)[ =]{0,2}(["']?)/g;
/** What else takes `-u name:…`: the ids of a user and a group. */
const OF_IDS = /\b(?:run|exec|chown|install|sudo|su|kubectl|docker|podman)\b/;

/** `-u user:password`, of curl and its like. */
function userOptions(text: string): Span[] {
  const found: Span[] = [];
  USER.lastIndex = 0;
  for (let option = USER.exec(text); option !== null; option = USER.exec(text)) {
    const start = option.index + option[0].length;
    const before = text.slice(Math.max(0, option.index - 80), option.index);
    if (OF_IDS.test(before) && !/\blogin\b/.test(before)) continue;
    const span = userSecret(text, { start, quote: option[1] ?? '' });
    if (span !== null) found.push(span);
  }
  return found;
}

/** The password behind the colon, perhaps in quotes of its own; where it is empty, the user is the key. */
function userSecret(text: string, { start, quote }: { start: number; quote: string }): Span | null {
  const ahead = text.slice(start, start + 500);
  const word = (quote === '' ? /^[^\s"'`]{1,500}/ : /^[^"'\n]{1,500}/).exec(ahead)?.[0] ?? '';
  const sign = word.slice(0, 200).indexOf(':');
  if (sign < 0) return null;
  const user = word.slice(0, sign);
  const password = word.slice(sign + 1);
  if (password === '' && quote === '' && /^["']/.test(ahead.slice(sign + 1))) return asSecret(text, start + sign + 1);
  if (password === '') return isTelling(user) ? { start, end: start + sign, kind: 'token' } : null;
  return isPassword(user, password) ? { start: start + sign + 1, end: start + word.length, kind: 'password' } : null;
}

function isPassword(user: string, password: string): boolean {
  if (user === password || password.startsWith('//') || password.startsWith('[redacted:')) return false;
  return isSecretValue(password, { strength: 'password', tie: 'equals' });
}

function followed(text: string): Span[] {
  const found: Span[] = [];
  FOLLOWED.lastIndex = 0;
  for (let word = FOLLOWED.exec(text); word !== null; word = FOLLOWED.exec(text)) {
    const start = word.index + word[0].length;
    const span = /^(?:echo|printf)/i.test(word[0]) ? piped(text, start) : asSecret(text, start);
    if (span !== null) found.push(span);
  }
  return found;
}

/** `echo … | docker login --password-stdin` */
function piped(text: string, at: number): Span | null {
  const rest = text.slice(at, Math.min(endOfLine(text, at), at + 600));
  const pipe = rest.indexOf('|');
  if (
    pipe < 0 ||
    !/--password-stdin|--with-token|--pass(?:word|phrase)?-(?:fd|file)|sudo\s{1,3}-S|passwd\b|chpasswd\b|login\b/.test(
      rest.slice(pipe),
    )
  )
    return null;
  const option = /^-[ne]{1,2}\s/.exec(rest)?.[0].length ?? 0;
  return asSecret(text, at + option);
}
