// Finds secrets in the arguments of commands that no name announces: `docker login -p …`, `curl -u user:…`, `vault login …`.
// Pure.
import { type CalledCommand, commandsIn } from './command-lines.ts';
import { pipedSecret } from './piped-secrets.ts';
import { isPatchy, isRandomLooking, isWordy } from './reading/randomness.ts';
import { isSecretValue } from './reading/secret-values.ts';
import { MARK, type Span } from './reading/span.ts';
import { readValue, skipSpaces } from './reading/value-reader.ts';
import { userOptions } from './user-options.ts';

/**
 * Commands, as the words they are found by, and their options that a password stands behind. With `+`, what stands behind
 * a space has to look drawn at random; with `!`, only what has the form of a token for uploads counts.
 */
const COMMANDS: readonly (readonly [command: RegExp, options: string])[] = [
  [
    /\b(?:docker|podman|buildah|skopeo|nerdctl|crane|oras|registry|helm|oc|cf|az|ibmcloud|jf|jfrog|sam|argocd|flux|bx|npm-cli-login)\b[^\n|]{0,200}?\blogin\b/g,
    '-p',
  ],
  [/\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlcheck|mariadb|mariadb-dump|mariadb-admin|mycli)\b/g, '-p+'],
  [/\b(?:mongo|mongosh|mongodump|mongorestore|mongoimport|mongoexport)\b/g, '-p'],
  [/\b(?:twine\s{1,3}upload|altool|ncftpput|ncftpget|ncftp|conan\s[^\n|]{0,60}?\b(?:login|user))\b/g, '-p'],
  [/\bnuget(?:\.exe)?\s{1,3}(?:push|delete)\b/g, '-k -ApiKey'],
  [/\bnuget(?:\.exe)?\s{1,3}(?:add|update)\s{1,3}source\b/g, '-p'],
  [/\bsigntool(?:\.exe)?["']?\s{1,3}sign\b/g, '/p'],
  [/\bsecurity\s{1,3}(?:unlock-keychain|create-keychain|set-keychain-password)\b/g, '-p'],
  [/\bsecurity\s{1,3}(?:import|export)\b/g, '-P'],
  [/\bsecurity\s{1,3}set-key-partition-list\b/g, '-k'],
  [/\b(?:sqlcmd|bcp|osql|isql|mosquitto_pub|mosquitto_sub|ipmitool|zip|unzip)\b/g, '-P'],
  [/\b7z[ar]?\b/g, '-p+'],
  [/\b(?:redis-cli|memcached-cli|rdcli)\b/g, '-a'],
  [/\b(?:ldapsearch|ldapmodify|ldapadd|ldapwhoami|ldapdelete)\b/g, '-w'],
  [/\b(?:az|azcopy)\b[^\n|]{0,100}?\b(?:service-principal|create-for-rbac)\b/g, '-p'],
  [/\b(?:codecov|codecovcli|codecov-cli|codacy-coverage-reporter|codacy)\b/g, '-t!'],
  [/\bxfreerdp\b|\brdesktop\b/g, '/p: -p'],
  [/\b(?:gh|glab)\s{1,3}secret\s{1,3}set\b/g, '-b'],
  [/\bopenssl\s{1,3}(?:enc|aes|des|des3|chacha|chacha20|camellia|aria|sm4|rc4|bf|cast)(?:-[\w-]{1,20})?/g, '-k -K'],
  [/\bopenssl\b/g, 'pass:'],
];
/** What comes right after these words is a secret; every part has a bounded length. */
const FOLLOWED = new RegExp(
  [
    String.raw`(?:\bvault login(?: -[\w=-]{1,40})?|\bcargo login|\bsnyk auth|\brailway login|\bheroku auth:token|\blogin <<<|\bcf auth \S{1,100}`,
    String.raw`|\bsshpass (?:-v )?-p`,
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

/** The places of passwords and tokens in the arguments of commands. */
export function findInCommands(text: string): Span[] {
  if (!/ -|pass:|\/p\b/.test(text)) return followed(text);
  const found = COMMANDS.flatMap(([command, options]) => afterCommand(text, command, options.split(' ')));
  return [...found, ...userOptions(text), ...followed(text)];
}

function afterCommand(text: string, command: RegExp, options: readonly string[]): Span[] {
  return [...commandsIn(text, command)].flatMap((called) =>
    options.flatMap((option) =>
      valuesOf(text, called, { option: option.replace(/[+!]$/, ''), demand: /[+!]$/.exec(option)?.[0] ?? '' }),
    ),
  );
}

/** The option's values on the line, attached to it or after a space. */
function valuesOf(
  text: string,
  { from, line }: CalledCommand,
  { option, demand }: { option: string; demand: string },
): Span[] {
  const found: Span[] = [];
  for (let at = line.indexOf(option); at >= 0; at = line.indexOf(option, at + option.length)) {
    if (!/[\s"'([=]/.test(line.charAt(at - 1))) continue;
    const after = at + option.length;
    const isApart = /[\s=]/.test(line.charAt(after));
    // Only -p and -P are written together with their value.
    if (!/^-[pP]$|:$/.test(option) && !isApart) continue;
    if (/^(?:assword|ass|ort|rofile|roject|assin|assout|refix|latform|ull)\b/.test(line.slice(after, after + 12)))
      continue;
    const start = from + skipSpaces(line, after, 3) + (line.charAt(after) === '=' ? 1 : 0);
    const span = start < from + line.length ? asSecret(text, start) : null;
    if (span !== null && meets(text.slice(span.start, span.end), isApart ? demand : '')) found.push(span);
  }
  return found;
}

const UPLOAD_TOKEN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9A-Za-z]{20,64}$/i;

function meets(value: string, demand: string): boolean {
  if (demand === '+') return !isWordy(value) && (isRandomLooking(value) || (value.length >= 8 && isPatchy(value)));
  return (
    demand === '' || (UPLOAD_TOKEN.test(value) && isRandomLooking(value) && !/^[A-Za-z]+(?:\d+[A-Za-z]*)?$/.test(value))
  );
}

/** Ports, and paths: what else stands behind -p. */
const OTHERS = /^[\d.]{1,15}(?::\d{1,5}){1,2}(?:\/\w{3})?$|^~?\/[a-z][\w.-]{0,60}(?:\/|$)|^(?:&&|[|>;<])/;

/** A value that stands where a password has to stand; null when it is none. */
function asSecret(text: string, at: number): Span | null {
  if (text.startsWith(MARK, at) || text.charAt(at) === '-') return null;
  const { start, end, quoted } = readValue(text, at, '');
  if (text.startsWith(MARK, start)) return null;
  const said = text.slice(start, Math.min(end, start + 500));
  if (OTHERS.test(said)) return null;
  const isSecret = isSecretValue(said, { strength: 'password', tie: quoted ? 'quoted' : 'equals' });
  return isSecret ? { start, end, kind: 'password' } : null;
}

/** Commands whose word is followed by a token, or by what is said of them. */
const TAKES_TOKEN = /^(?:vault|cargo|railway) login|^snyk auth/i;

function followed(text: string): Span[] {
  const found: Span[] = [];
  FOLLOWED.lastIndex = 0;
  for (let word = FOLLOWED.exec(text); word !== null; word = FOLLOWED.exec(text)) {
    const start = word.index + word[0].length;
    const from = /^(?:echo|printf)/i.test(word[0]) ? pipedSecret(text, start) : start;
    const span = from < 0 ? null : asSecret(text, from);
    if (span === null) continue;
    const value = text.slice(span.start, Math.min(span.end, span.start + 500));
    if (!TAKES_TOKEN.test(word[0]) || (isRandomLooking(value) && !isWordy(value))) found.push(span);
  }
  return found;
}
