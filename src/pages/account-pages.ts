// GET /account, and the forms of that page: making and revoking tokens.
import { z } from 'zod';
import { hashOfToken, newToken } from '../brain/tokens.ts';
import { wordsOf } from '../http/api-error.ts';
import type { RequestContext, Routes } from '../http/routing.ts';
import { Rejected } from '../model/errors.ts';
import { readScopes } from '../model/scopes.ts';
import { type AccountForms, accountPage } from './account-view.ts';
import { readConnectedApps, revokeConnectedApp } from './connected-apps.ts';
import type { Fields } from './read-fields.ts';
import { sendPage } from './send-page.ts';
import { type OwnForm, ownForm, type PageDeps } from './sign-in-pages.ts';
import { problemPage } from './sign-in-words.ts';

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 366;
const USUAL_DAYS = 90;
/** Of those that are over, the newest alone are shown. */
const MOST_DEAD = 20;

/** Adds the pages to `routes`. */
export function addAccountPages(routes: Routes, deps: PageDeps): void {
  routes.get('/account', async (context) => show(context, deps, await deps.browsers.read(context, 'session'), NOTHING));
  routes.post('/account/tokens', (context) => onForm(context, deps, makeToken));
  routes.post('/account/tokens/revoke', (context) => onForm(context, deps, revokeToken));
  routes.post('/account/apps/revoke', (context) => onForm(context, deps, revokeApp));
}

type Said = Pick<AccountForms, 'problem' | 'made'> & { readonly status?: number };
type Act = (deps: PageDeps, userId: string, fields: Fields) => Promise<Said>;

const NOTHING: Said = { problem: null, made: null };
const refused = (problem: string): Said => ({ problem, made: null, status: 422 });

async function onForm(context: RequestContext, deps: PageDeps, act: Act): Promise<Response> {
  const form: OwnForm | Response = await ownForm(context, deps);
  if (form instanceof Response) return form;
  const signed = await readSignIn(deps, form.session);
  const said = signed === null ? NOTHING : await act(deps, signed.user_id, form.fields);
  return show(context, deps, form.session, said);
}

const signedIn = z.object({
  user_id: z.uuid(),
  github_id: z.int().nullable(),
  github_login: z.string().nullable(),
  display_name: z.string().nullable(),
  grant_end: z.string().nullable(),
  orgs: z.array(z.object({ login: z.string(), role: z.string(), source: z.string() })),
});

async function readSignIn({ brain }: PageDeps, session: string | null) {
  if (session === null) return null;
  return signedIn.nullable().parse(await brain.call('read_sign_in', { token_hash: hashOfToken(session) }));
}

const accessState = z.object({ checked_at: z.string().nullable(), is_stale: z.boolean() });
const listedTokens = z.array(
  z.object({
    id: z.uuid(),
    name: z.string().nullable(),
    scope: z.string(),
    created_at: z.string(),
    expires_at: z.string(),
    last_used_at: z.string().nullable(),
    state: z.enum(['live', 'expired', 'revoked']),
  }),
);

async function show(context: RequestContext, deps: PageDeps, session: string | null, said: Said): Promise<Response> {
  const { brain, browsers, url } = deps;
  const signed = await readSignIn(deps, session);
  if (signed === null || session === null) {
    const problem = 'You are not signed in, or were not here for a week.';
    const link = { to: `${url}/sign-in`, words: 'Sign in with GitHub' };
    return sendPage(context, problemPage({ status: 401, title: 'Your account', problem, link }));
  }
  const { user_id } = signed;
  const [state, tokens, apps] = await Promise.all([
    brain.call('access_state', { user_id }),
    listTokens(deps, user_id),
    readConnectedApps(brain, user_id),
  ]);
  const { checked_at, is_stale } = accessState.parse(state);
  const account = {
    login: signed.github_login,
    name: signed.display_name,
    githubId: signed.github_id,
    orgs: signed.orgs,
    checkedAt: checked_at,
    isStale: is_stale,
    grantEnd: signed.grant_end,
    tokens,
    apps,
  };
  const forms = {
    url,
    mark: browsers.formMark(session),
    days: daysFrom(Date.now()),
    problem: said.problem,
    made: said.made,
  };
  return sendPage(context, { status: said.status ?? 200, text: accountPage(account, forms) });
}

async function listTokens({ brain }: PageDeps, user_id: string) {
  const all = listedTokens.parse(await brain.call('list_tokens', { user_id }));
  return [
    ...all.filter(({ state }) => state === 'live'),
    ...all.filter(({ state }) => state !== 'live').slice(0, MOST_DEAD),
  ];
}

function daysFrom(now: number): AccountForms['days'] {
  const day = (days: number) => new Date(now + days * DAY_MS).toISOString().slice(0, 10);
  return { first: day(0), last: day(LONGEST_DAYS - 1), usual: day(USUAL_DAYS) };
}

async function makeToken({ brain }: PageDeps, user_id: string, fields: Fields): Promise<Said> {
  const sent = (name: string) => fields.find(([field]) => field === name)?.[1] ?? '';
  const name = sent('name').trim();
  if (name === '' || name.length > 100) return refused('Say in 1 to 100 characters what the token is for.');
  const chosen = fields.flatMap(([field, value]) => (field === 'scope' ? [value] : []));
  const { scopes, unknown } = readScopes(chosen.join(' '));
  if (scopes.length === 0 || unknown.length > 0) return refused('Choose what the token may do.');
  const day = z.iso.date().safeParse(sent('expires'));
  const { first, last } = daysFrom(Date.now());
  if (!day.success || day.data < first || day.data > last) {
    return refused(`Choose a last day from ${first} to ${last} for the token.`);
  }
  const token = newToken();
  try {
    const expires_at = `${day.data}T23:59:59.999Z`;
    await brain.call('create_token', {
      user_id,
      name,
      token_hash: hashOfToken(token),
      scope: scopes.join(' '),
      expires_at,
    });
  } catch (thrown) {
    return refusalOf(thrown);
  }
  return { problem: null, made: { name, token } };
}

async function revokeToken(deps: PageDeps, userId: string, fields: Fields): Promise<Said> {
  const id = z.uuid().safeParse(fields.find(([name]) => name === 'id')?.[1]);
  // Another's token is as absent as one that there never was.
  const own = listedTokens.parse(await deps.brain.call('list_tokens', { user_id: userId }));
  if (!id.success || !own.some((token) => token.id === id.data)) return refused('You have no such token.');
  await deps.brain.call('revoke_token', { token_id: id.data });
  return NOTHING;
}

async function revokeApp({ brain }: PageDeps, userId: string, fields: Fields): Promise<Said> {
  const id = fields.find(([name]) => name === 'id')?.[1];
  return (await revokeConnectedApp(brain, userId, id)) ? NOTHING : refused('You have no such app.');
}

/** What the brain refuses is the person's to set right. */
function refusalOf(thrown: unknown): Said {
  if (thrown instanceof Rejected && ['CR002', 'CR003', '22P05', '22021'].includes(thrown.code ?? '')) {
    return refused(
      thrown.code?.startsWith('CR') ? wordsOf(thrown) : 'The name of the token holds something that can not be kept.',
    );
  }
  throw thrown;
}
