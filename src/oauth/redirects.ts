// Where a client may have people sent back to. Pure.

const LONGEST = 1_000;
const MOST = 10;
/** https://www.rfc-editor.org/rfc/rfc8252#section-7.3; `localhost` too, as many clients use it. */
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** Schemes of editors that many have, which the editor claims when it is installed. Whoever else takes one has no use for the code: PKCE. */
const EDITORS = ['cursor:', 'vscode:', 'vscode-insiders:', 'windsurf:'];

/** What is wrong with the redirects that a client names; null when nothing is. */
export function redirectsProblem(uris: unknown): string | null {
  if (!Array.isArray(uris) || uris.length === 0) return 'redirect_uris has to be a list of at least one address';
  if (uris.length > MOST) return `redirect_uris holds more than ${MOST} addresses`;
  for (const uri of uris) {
    const problem = typeof uri === 'string' ? redirectProblem(uri) : 'is no text';
    if (problem !== null) return `redirect_uris: one of them ${problem}`;
  }
  return null;
}

/** What is wrong with one redirect, as the end of a sentence; null when nothing is. */
export function redirectProblem(uri: string): string | null {
  if (uri.length > LONGEST) return `is longer than ${LONGEST} characters`;
  const parsed = URL.parse(uri);
  if (parsed === null || [...uri].some((character) => character <= ' ' || character === '\\' || character > '~')) {
    return 'is no address';
  }
  if (uri.includes('#')) return 'has a fragment';
  if (parsed.username !== '' || parsed.password !== '') return 'holds a user or a password';
  if (parsed.protocol === 'https:') return isLoopback(parsed) ? 'is https on this computer, use http there' : null;
  if (parsed.protocol === 'http:')
    return isLoopback(parsed) ? null : 'is http, which is for 127.0.0.1, [::1] and localhost';
  return isReverseDns(parsed.protocol) || EDITORS.includes(parsed.protocol)
    ? null
    : 'has a scheme that is neither a reversed domain name, such as com.example.app:/callback (RFC 8252, 7.1), nor an editor that is known';
}

/** Whether the code goes to a program on the person's own computer. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.includes(hostname);
}

/** Two programs can claim one scheme; a domain of its own is at least no word that another would take too. */
function isReverseDns(protocol: string): boolean {
  const parts = protocol.slice(0, -1).split('.');
  return parts.length > 1 && parts.every((part) => part !== '');
}

/** What the policy of a page has to name, so that a browser follows the form's answer there: https://www.w3.org/TR/CSP3/#directive-form-action */
export function formTargetOf(uri: string): string {
  const { protocol, hostname, origin } = new URL(uri);
  const isWeb = protocol === 'https:' || protocol === 'http:';
  // A policy has no words for an address of IPv6.
  return isWeb && !hostname.startsWith('[') ? origin : protocol;
}

/** Where a code goes, in words. */
export function redirectWords(uri: string): string {
  const url = new URL(uri);
  if (url.protocol === 'https:') return url.host;
  if (url.protocol === 'http:') return `a program on this computer (${url.hostname})`;
  return `the app on this device that claimed ${url.protocol}`;
}
