// Tells whether the value of a secret's name is the secret, or says that there is none, whence it comes, of what type it is.
// Pure.
import { withoutEnd } from './alphabets.ts';
import { isRandomLooking, isWordy } from './randomness.ts';
import type { NameStrength } from './secret-names.ts';

/**
 * How a value is connected with its name: `equals`, by `=` and the like; `quoted`, in quotes after a sign; `colon`, after a colon or
 * an arrow, as in prose too; `listed`, after a comma, where any two words may stand; `option`, after the option of a command.
 */
export type Tie = 'equals' | 'quoted' | 'listed' | 'colon' | 'option';

const WORDS = new Set(
  `true false null none nil undefined required optional string str number int integer bool boolean bytes byte text any
  unknown object array list dict map void never value values type types yes no on off empty missing invalid expired inherit enabled disabled
  default example changeme change-me placeholder redacted masked hidden secret secrets password passwords passwd pwd pass token tokens key keys auth
  credential credentials user username name email is was are to or and in with if not the a an of for from as must may can cannot
  should has have will option options flag argument parameter params instead when where that this which your my new old
  failed failure denied incorrect wrong mismatch rejected revoked accepted ok valid verified found created deleted updated removed rotated set unset
  basic bearer digest negotiate ntlm oauth oauth2 oidc saml kerberos ldap github gitlab google microsoft azure aws gcp vault env environment
  identifier punctuation punc operator keyword comment eof newline whitespace literal expression statement include same-origin omit
  stdin stdout file path url uuid json yaml base64 hex utf8 osxkeychain manager manager-core cache store prompt interactive
  static public private internal sensitive known generated provided given stored loaded saved self const let var function async await return
  pending running success skipped passed passing done error warning stale legacy certificate anonymous ignore ignored always auto manual
  here there before after then also only both either while because since via into over using used uses does did needed needs supplied specified deprecated supported protected
  authentication authorization verification validation configuration unauthorized forbidden unexpected expected reset input field hash sum`.split(
    /\s+/,
  ),
);
/** Ends of type names and of variables: what stands there is code. */
const CODE_END =
  /(?:Str|String|Type|Kind|Secret|Password|Token|Key|Field|Input|Schema|Value|Option|Params?|Config|Provider|Error|Exception|Credentials?|Auth|Hash|Props|Ref|Dto|Enum|Optional)s?$/;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]{0,60}$/;
/** At most so much of a value is looked at. */
const MOST = 500;

/** Whether a value is a secret, given how sure its name is and how they are connected. `whole` is false when prose follows it. */
export function isSecretValue(
  raw: string,
  { strength, tie, whole = true }: { strength: NameStrength; tie: Tie; whole?: boolean },
): boolean {
  const value = raw.slice(0, MOST).trim();
  if (value.length < 3 || isPlaceholder(value)) return false;
  if (tie !== 'quoted' && tie !== 'listed' && isCode(value)) return false;
  if (isPath(value) || isPlainAddress(value)) return false;
  if (/\s/.test(value) && isSentence(value, strength, tie)) return false;
  // A library with its version.
  if (strength !== 'password' && isWordy(value) && /\d\.\d/.test(value)) return false;
  if ((strength !== 'password' || tie === 'listed') && isVersioned(value)) return false;
  if (isRandomLooking(value)) return strength === 'weak' ? isDrawn(value) : !isFingerprint(value);
  if (strength === 'weak' || strength === 'qualified') return false;
  if (tie === 'listed' && /^[\w.*[\]-]*$/.test(value)) return false;
  const word = withoutEnd(value.toLowerCase(), '.!?,;:)]}');
  if (WORDS.has(word)) return false;
  if (strength === 'token') return isSecretToken(value, tie, whole);
  if (/^[\d.,:/%]+$/.test(value)) return tie !== 'colon' && value.length >= 4;
  // "secret: missing" is prose, SECRET=missing is not.
  if (tie === 'quoted' || tie === 'equals' || tie === 'listed') return true;
  return !isIdentifierOfType(value) && (tie === 'option' || whole);
}

/** A word with the version of what it names, `oauth2`, `python3.12`; and what algorithms are called. */
const NAMED_WORD =
  /^(?:(?:[a-z]{3,12}|[A-Z][a-z]{2,11}|[A-Z]{3,6})\d{0,2}(?:\.\d{1,3}){0,2}|[a-z]{3,6}2[a-z]{3,6}|(?:[hrep]s|sha|aes|HS|RS|ES|PS|SHA|AES|p|P)(?:1|128|256|384|512)|ed25519|secp256[kr]1|argon2id?|cl100k|o200k)$/;
const NAMED_NUMBER =
  /^(?:v?\d{1,2}(?:\.\d{1,3}){0,2}|20\d\d|128|192|256|384|512|1024|2048|3072|4096|x64|x86|[a-z]{2}\d?|\d[a-z])$/;

/** `oauth2-google`, `postgres-15`: a few words with a version, which tell apart what the jobs of a matrix run with. */
function isVersioned(value: string): boolean {
  if (/^[a-z]{3,12}\d{1,2}(?:\.\d{1,3}){1,2}$/.test(value)) return true;
  // An address without its scheme.
  if (/^(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,6}\/[a-z]/.test(value) && isWordy(value)) return true;
  const parts = value.split(/[-_]/);
  if (parts.length < 2 || parts.length > 4 || !/\d/.test(value)) return false;
  const words = parts.filter(isNamedWord);
  const numbers = parts.filter((part) => NAMED_NUMBER.test(part));
  return words.length + numbers.length === parts.length && words.length >= numbers.length;
}

function isNamedWord(part: string): boolean {
  // So many consonants make no word.
  return NAMED_WORD.test(part) && !/^[^aeiouy\d.]{6,}/i.test(part);
}

/** Several words that say something: a token has none, and a password's words hardly these. */
function isSentence(value: string, strength: NameStrength, tie: Tie): boolean {
  const words = value.split(/\s+/);
  if (strength === 'password' && tie !== 'listed') {
    return (
      words.length > 2 &&
      words.some((word) => /^(?:is|are|was|must|may|should|cannot|not|required|too|at|does)$/i.test(word))
    );
  }
  return tie === 'listed' || (words.length > 2 && !words.some((word) => isRandomLooking(word, 16)));
}

/** A token without a digit: long enough for one, and no everyday word. */
function isSecretToken(value: string, tie: Tie, whole: boolean): boolean {
  if (/^[\d.,:/%-]+$/.test(value) || /\s/.test(value)) return false;
  if (isIdentifierOfType(value)) return false;
  const plain = /^[a-z]+$|^[A-Z][a-z]+$/.test(value);
  if (tie === 'colon') return whole && value.length >= (plain || isWordy(value) ? 20 : 12);
  return value.length >= (plain || isWordy(value) ? 10 : 8);
}

function isDrawn(value: string): boolean {
  return value.length >= 16 && !isWordy(value) && !/[\s/\\(]/.test(value) && !isFingerprint(value);
}

/** What says where a secret comes from, or hides it. */
function isPlaceholder(value: string): boolean {
  if (/^[*x.•_…?#-]+$/i.test(value) || value.startsWith('[redacted:')) return true;
  if (/\*{3,}|^\[?(?:redacted|masked|filtered|hidden|removed|secret|sensitive)\]?$|\(sensitive/i.test(value))
    return true;
  if (
    /^\$(?:\{|\(|env:)|^\$[A-Za-z_]\w*(?:[/"'\\)}\]]|$)|^%[A-Za-z_]\w*%|^!(?:Ref|Sub|GetAtt|secret|vault)\b/.test(value)
  )
    return true;
  if (
    /^\{\{|^<[A-Za-z_][^<>]*>?$|^\{[A-Za-z_.]*\}?$|^\[[A-Z a-z_.|]*\]?$|^\([A-Za-z _.-]*\)?$|^@[A-Z_]+@$|^#\{/.test(
      value,
    )
  )
    return true;
  // YOUR_TOKEN, TOKEN: what help texts call it.
  if (/^[A-Z]{2,15}(?:_[A-Z]{2,15}){0,8}$|^[A-Z]{2,15}(?:_[A-Z]{2,15}){1,8}_V?\d{1,2}$/.test(value)) return true;
  return /^(?:your|insert|enter|replace|example|dummy|change)[-_ ]/i.test(value);
}

/** An expression that gives the value: a call, a member, something of the environment. */
function isCode(value: string): boolean {
  const start = withoutEnd(value.replace(/^(?:&|\*|!|await |new |this\.|self\.)/, ''), ';,)]}');
  if (
    /^(?:secrets|process|os|env|vars|inputs|github|steps|config|settings|req|request|res|response|args|opts|options|params|props|ctx|context)[.[]/i.test(
      start,
    )
  )
    return true;
  // A regular expression.
  if (/^\/[\^([\\]/.test(value)) return true;
  const call = /^[A-Za-z_$][A-Za-z0-9_$.:]{0,80}[([<{]/.exec(start);
  if (call !== null && !/\d/.test(call[0])) return true;
  // An object as Java names it.
  if (/^[\w$]+(?:\.[\w$]+){0,20}@[0-9a-f]{4,8}\b/.test(start)) return true;
  const parts = start.split(/\?\.|->|::|\./);
  return (
    parts.length > 1 && parts.length < 8 && parts.every((part) => IDENTIFIER.test(part) && !isRandomLooking(part, 6))
  );
}

function isIdentifierOfType(value: string): boolean {
  const bare = withoutEnd(value, ';,)]}|?');
  return IDENTIFIER.test(bare) && !/\d/.test(bare) && CODE_END.test(bare) && bare.length < 40;
}

const ROOTS =
  /^(?:\/(?:home|usr|etc|tmp|var|opt|root|run|github|builds?|Users|mnt|app|workspace|srv|dev|proc|private|secrets?|keys?|certs?|data|config|bin|lib|src)(?:\/|$)|\.{1,2}[/\\]|~[/\\]|[A-Za-z]:[\\/]|\\\\)/;
const FILE =
  /^[\w@./\\+-]{1,200}\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|txt|env|toml|ini|conf|cfg|[jt]sx?|mjs|py|go|rb|java|rs|cs|php|sh|log|md|html|xml|gpg|asc|lock)(?::\d{1,7}){0,2}$/i;

function isPath(value: string): boolean {
  return ROOTS.test(value) || FILE.test(value) || /^projects\/[\w-]{1,60}\/secrets\//.test(value);
}

/** An address that holds no secret of its own by the looks of it: those that do are found as addresses. */
function isPlainAddress(value: string): boolean {
  return /^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(value) || /^[\w.-]{1,100}@[\w.-]{1,100}\.[a-z]{2,10}$/i.test(value);
}

/** The sum of something, which is there to be shown. */
function isFingerprint(value: string): boolean {
  return /^(?:sha(?:1|256|384|512)|md5)[:-]/i.test(value);
}
