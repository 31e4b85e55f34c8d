// How secrets look that carry their own mark, or that stand in a place made for them. Pure data; redact.ts uses it.
//
// Kept linear: a shape is one prefix and runs of single classes. Where something is required after a run, the run's length is
// bounded low, so that a hostile text costs at most that much for each of its characters.

/** What matches is a secret; a first group, if the shape has one, stands before it and stays. */
export interface SecretShape {
  readonly kind: string;
  readonly shape: RegExp;
}

// Forms as their makers publish them, e.g. https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
const TOKENS: readonly SecretShape[] = [
  { kind: 'github-token', shape: /gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}/g },
  { kind: 'aws-access-key', shape: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g },
  { kind: 'google-key', shape: /AIza[A-Za-z0-9_-]{35}|\bya29\.[A-Za-z0-9_-]{20,2000}|GOCSPX-[A-Za-z0-9_-]{20,60}/g },
  { kind: 'slack-token', shape: /\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{10,250}/g },
  { kind: 'slack-webhook', shape: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9_/-]{10,250}/g },
  { kind: 'discord-webhook', shape: /discord(?:app)?\.com\/api\/webhooks\/\d{5,25}\/[A-Za-z0-9_-]{20,120}/g },
  { kind: 'npm-token', shape: /npm_[A-Za-z0-9]{36,255}/g },
  { kind: 'pypi-token', shape: /pypi-[A-Za-z0-9_-]{40,500}/g },
  { kind: 'stripe-key', shape: /[rs]k_(?:live|test)_[A-Za-z0-9]{10,250}|whsec_[A-Za-z0-9+/=]{20,100}/g },
  { kind: 'supabase-key', shape: /sbp_(?:v0_)?[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,100}/g },
  { kind: 'gitlab-token', shape: /\bgl(?:pat|dt|ptt|rt|cbt|soat)-[A-Za-z0-9_-]{20,250}/g },
  { kind: 'api-key', shape: /\bsk-(?:ant|or|proj|svcacct|admin)[A-Za-z0-9_-]{20,250}|\bsk-[A-Za-z0-9]{32,250}/g },
  { kind: 'hugging-face-token', shape: /\bhf_[A-Za-z0-9]{30,60}/g },
  { kind: 'docker-token', shape: /dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,100}/g },
  { kind: 'sendgrid-key', shape: /\bSG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{30,60}/g },
  { kind: 'digitalocean-token', shape: /\bdo[opr]_v1_[a-f0-9]{64}/g },
  { kind: 'vault-token', shape: /\bhv[bsr]\.[A-Za-z0-9_-]{24,250}/g },
  { kind: 'age-key', shape: /AGE-SECRET-KEY-1[A-Z0-9]{50,70}/g },
  { kind: 'jwt', shape: /eyJ[A-Za-z0-9_-]{5,600}\.eyJ[A-Za-z0-9_-]{5,4000}(?:\.[A-Za-z0-9_-]{0,2000})?/g },
];

const HEADER = String.raw`\b((?:proxy-)?authorization|x-(?:api-key|auth-token|access-token|goog-api-key|vault-token|amz-security-token)|(?:set-)?cookie)`;
const SCHEME = '(?:(?:basic|bearer|token|digest|negotiate|aws4-hmac-sha256)\\s{1,5})?';

const PLACES: readonly SecretShape[] = [
  // user:password@ and key@ of an address; a short name without a password (git@) is none.
  {
    kind: 'url-credentials',
    shape: /(:\/\/)(?!\[redacted:)(?:[^\s/?#@:'"<>]{0,200}:[^\s/?#@'"<>]{1,300}|[^\s/?#@:'"<>]{20,300})(?=@)/g,
  },
  {
    kind: 'authorization',
    shape: new RegExp(
      String.raw`(${HEADER}\\?['"]?\s{0,5}[:=]\s{0,5}\\?['"]?${SCHEME})(?!\[redacted:|(?:basic|bearer|token|digest|negotiate)\b)[^\s'",;\\]{6,4000}`,
      'gi',
    ),
  },
  { kind: 'authorization', shape: /(\bbearer\s{1,5})(?!\[redacted:)[A-Za-z0-9._~+/-]{16,4000}={0,2}/gi },
  { kind: 'azure-key', shape: /(\b(?:AccountKey|SharedAccessKey|sig)=)[A-Za-z0-9+/%=]{20,500}/g },
];

/** Every shape, in the order in which they are applied. */
export const SECRET_SHAPES: readonly SecretShape[] = [...TOKENS, ...PLACES];
