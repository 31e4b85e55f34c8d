// Tells by a name (of a variable, an option, a property, a header) whether what it is given is a secret. Pure.

/**
 * How surely a name is that of a secret. `password`: nothing else is called so. `token`: mostly a secret, but the word has other
 * uses. `weak`: so many things are called so that the value decides. `qualified`: more words follow the word for the secret.
 */
export type NameStrength = 'password' | 'token' | 'weak' | 'qualified';

const PASSWORDS = new Set(
  'password passwd passphrase pwd secret passcode pw bindpw rootpw userpw adminpw dbpw ldappw psw passwort secrets'.split(
    ' ',
  ),
);
const TOKENS = new Set(
  'token credential credentials creds cred auth jwt otp bearer pin apikey authtoken accesstoken sessionid sessid phpsessid jsessionid assertion'.split(
    ' ',
  ),
);
/** Ends of names that are written as one word. */
const PASSWORD_ENDS = 'password passwd passphrase phrase secret pwd passcode requirepass storepass keypass'.split(' ');
const TOKEN_ENDS =
  'token apikey accesskey secretkey authkey privatekey signingkey encryptionkey masterkey sharedkey accountkey licensekey sessionkey credential credentials masterauth sharedaccesskey'.split(
    ' ',
  );
const PASS_BEGINS =
  'db user usr smtp mail email my root admin ssh ftp http sql pg postgres mysql maria redis mongo sudo ldap proxy auth gpg pgp ks truststore keystore svn git login api app service rabbitmq mq db_user broker vault registry default basic wifi vpn sftp imap pop mqtt amqp oracle mssql sa ldap bind openvpn ansible become jenkins nexus sonar'.split(
    ' ',
  );
/** What makes a key one that opens something. */
const KEY_OPENS = new Set(
  'api access secret private signing sign encryption encrypt enc auth account service role anon master shared session client app application admin write ingest deploy publish subscription consumer webhook jwt hmac aes crypto storage license licence sas functions instrumentation integration wallet sdk upload rest ssh gpg bot'.split(
    ' ',
  ),
);
/** What makes a key one that only finds something. */
const KEY_FINDS = new Set(
  'cache turbo nx sccache ccache gradle store layer artifact content digest checksum fingerprint version branch commit task image primary foreign sort partition public pub restore hash row object map dict json yaml index unique composite lookup translation message group known react duplicate routing registry config property attribute column save build matrix concurrency lock idempotency dedupe event job step query locale bucket path file entry state host issue project jira field data translation arrow hot short return enter tab dns metric label tag the missing unknown invalid unexpected same with for no expected each'.split(
    ' ',
  ),
);
/** Where a name that has a secret's word goes on like this, it is about the secret. */
const ABOUT = new Set(
  'file path name id type url uri endpoint count length size limit expiry expires expiration expire ttl policy field label ref arn version algorithm alg status enabled disabled required valid validator provider store helper server host user username scope scopes permission permissions budget usage reset prompt hint rotation manager error test tests spec ts js py go rb java stdin env format prefix suffix kind method mode service module class index tracker counter bucket rate age source issuer'.split(
    ' ',
  ),
);
/** Which one of several it is. */
const WHICH = new Set(
  'base prod production staging dev old new current previous next primary secondary backup live sandbox local ci v'.split(
    ' ',
  ),
);
/** What passes. */
const TESTS = new Set(
  'lint type check first second last e2e test tests build single multi pre post by unit ci did must should render two one all no'.split(
    ' ',
  ),
);
/** Names that end like a secret's and are none. */
const OTHERS = new Set(
  'bypass compass trespass surpass encompass overpass underpass askpass passes author oauth'.split(' '),
);

/** The words of a name, in lower case: parts between signs, and `camelCase` taken apart. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/\d{1,3}$/, ''))
    .filter((word) => word !== '');
}

/** How surely the name is that of a secret; null when it says nothing about one. */
export function strengthOf(name: string): NameStrength | null {
  // NAME_PASS is a variable for a password, unless it says whether a test passed.
  if (/_PASS\d{0,3}$/.test(name) && !TESTS.has(wordsOf(name).at(-2) ?? '')) return 'password';
  // How an assembly of .NET is named.
  if (/public[-_]?key[-_]?token$/i.test(name)) return null;
  const words = wordsOf(name);
  while (words.length > 1 && WHICH.has(words.at(-1) ?? '')) words.pop();
  const last = words.at(-1) ?? '';
  // isSecret, hasToken: whether there is one.
  if (words.length > 1 && /^(?:is|has|should|can|needs|requires|without|no)$/.test(words[0] ?? '')) return null;
  const strength = strengthOfWord(last, words.at(-2));
  if (strength === 'weak')
    return words.slice(0, -1).some((word) => strengthOfWord(word, undefined) !== null) ? 'token' : 'weak';
  if (strength !== null) return strength;
  if (ABOUT.has(last) || OTHERS.has(last)) return null;
  const earlier = words.slice(0, -1).some((word, index) => {
    const own = strengthOfWord(word, words[index - 1]);
    return own === 'password' || own === 'token';
  });
  return earlier ? 'qualified' : null;
}

/** `qualifier`: the word before. */
function strengthOfWord(word: string, qualifier: string | undefined): NameStrength | null {
  if (OTHERS.has(word)) return null;
  if (PASSWORDS.has(word) || PASSWORD_ENDS.some((end) => word.endsWith(end))) return 'password';
  if (TOKENS.has(word) || TOKEN_ENDS.some((end) => word.endsWith(end))) return 'token';
  if (word === 'pass') return strengthOfPass(qualifier);
  if (word.endsWith('pass') && PASS_BEGINS.includes(word.slice(0, -4))) return 'password';
  return word === 'key' ? strengthOfKey(qualifier) : null;
}

/** A pass may be one of a compiler, or of a test. */
function strengthOfPass(qualifier: string | undefined): NameStrength {
  if (qualifier === undefined) return 'token';
  return PASS_BEGINS.includes(qualifier) ? 'password' : 'qualified';
}

function strengthOfKey(qualifier: string | undefined): NameStrength | null {
  if (qualifier === undefined || KEY_FINDS.has(qualifier)) return null;
  return KEY_OPENS.has(qualifier) ? 'token' : 'weak';
}

/** Whether `<word> key` is a key that opens something. */
export function opensWith(word: string): boolean {
  return KEY_OPENS.has(word.toLowerCase());
}

/** The kind in `[redacted:<kind>]` for the value of a name. */
export function kindOf(name: string): string {
  if (/account-?_?key|shared-?_?access-?_?key|(?:^|[.-])sig$/i.test(name)) return 'azure-key';
  if (/^x-/i.test(name)) return 'authorization';
  return /passw(?:or)?d|passphrase|pwd|secret|pass$|pw$/i.test(name) ? 'password' : 'token';
}
