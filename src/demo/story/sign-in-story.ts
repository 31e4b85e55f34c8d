// How a person comes in without a browser: signs in at GitHub, where redirects are followed as `curl -L` does, looks at the
// account, and makes a token with the form of that page.

import { Rejected } from '../../model/errors.ts';
import { ACCOUNTS } from '../github/state/retell.ts';
import { between, type Curl, follow, glimpse, type Hop, type Line, makeCurl } from './curl.ts';

const DAY_MS = 86_400_000;
const TOKEN_DAYS = 30;
const SCOPES = ['read', 'tasks', 'agents'];

/** Plays it against the CodeRed at `url` and gives the token. Throws Rejected when an answer is another than the play has. */
export async function signIn(url: string, onLine: (line: Line) => void): Promise<string> {
  const curl = makeCurl();
  const [asked, ...there] = await follow(curl, `${url}/sign-in`);
  const github = there.at(-1)?.to;
  if (asked.status !== 200 || github === undefined) throw new Rejected(`/sign-in was answered with ${asked.status}`);
  onLine({
    says: 'sign in',
    typed: 'curl -L -b jar -c jar $URL/sign-in',
    status: asked.status,
    answer: `at GitHub, which asks whether CodeRed may know who you are (by ${wayOf(there)})`,
  });
  const choice = [...github.searchParams, ['user', String(ACCOUNTS.octocat.id)] as const];
  const [account, ...back] = await follow(curl, `${github.origin}${github.pathname}`, { form: choice });
  const organisations = organisationsIn(account.text);
  if (account.status !== 200 || organisations === '') throw new Rejected(`The way back ended with ${account.status}`);
  onLine({
    says: 'it may; and what may I see?',
    typed: `curl -L -b jar -c jar -d user=${ACCOUNTS.octocat.id} … $GITHUB${github.pathname}`,
    status: account.status,
    answer: `${organisations} (by ${wayOf(back)})`,
  });
  return makeToken(url, { curl, mark: between(account.text, 'name="mark" value="', '"') }, onLine);
}

async function makeToken(
  url: string,
  { curl, mark }: { curl: Curl; mark: string },
  onLine: (line: Line) => void,
): Promise<string> {
  const expires = new Date(Date.now() + TOKEN_DAYS * DAY_MS).toISOString().slice(0, 10);
  const fields = [
    ['mark', mark],
    ['name', 'laptop'],
    ['expires', expires],
  ] as const;
  const form = [...fields, ...SCOPES.map((scope) => ['scope', scope] as const)];
  const made = await curl(`${url}/account/tokens`, { form, headers: { origin: url } });
  const token = between(made.text, '<pre id="token">', '</pre>');
  if (token === '') throw new Rejected(`The form of the account was answered with ${made.status} and no token`);
  onLine({
    says: 'a token',
    typed: `curl -b jar -H "Origin: $URL" -d mark=… -d name=laptop -d expires=… ${SCOPES.map((scope) => `-d scope=${scope}`).join(' ')} $URL/account/tokens`,
    status: made.status,
    answer: `${glimpse(token)}, shown this once, from now on $TOKEN`,
  });
  return token;
}

/** "302 /sign-in/callback, 303 /account": without what the addresses hold, which is secret. */
function wayOf(hops: readonly Hop[]): string {
  return hops.map(({ status, to }) => `${status} to ${to.pathname}`).join(', ');
}

/** "octo-org: member, as GitHub says". */
function organisationsIn(page: string): string {
  const list = between(page, '<h2>Organisations</h2>', '</ul>');
  const words = list.split('<').map((piece) => piece.slice(piece.indexOf('>') + 1));
  return words.join('').trim();
}
