// Reads what a person may see of what the App is installed on, with their own token.
// docs/github.md#signing-in
import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { Rejected, Transient } from '../../model/errors.ts';
import { githubError, rateLimitOf } from '../github-error.ts';
import type { PublicUser } from '../users.ts';

/** What a person may do with a repository, in GitHub's words. */
export type Permission = 'read' | 'triage' | 'write' | 'maintain' | 'admin';

/** An account on which the App is installed, as far as the person sees it. */
export interface AccessibleAccount {
  readonly account_id: number;
  readonly role: 'admin' | 'member' | 'collaborator';
  readonly repositories: readonly { readonly id: number; readonly permission: Permission }[];
}

/** `withheld`: ids of accounts of which single sign-on lets the token see nothing, or not all. */
export interface PersonAccess {
  readonly accounts: readonly AccessibleAccount[];
  readonly withheld: readonly number[];
}

/** The code of the `Rejected` that says that GitHub takes the token no longer. */
export const BAD_TOKEN = 'bad_token';

export interface ReadLimits {
  /** Of all lists together, 100 entries each: beyond it nothing is known. */
  readonly pages: number;
  readonly withinMs: number;
}
const LIMITS: ReadLimits = { pages: 300, withinMs: 120_000 };

/** Whose token it is. Throws as `readPersonAccess`. */
export async function readTokenOwner(octokit: Octokit): Promise<PublicUser> {
  const { data } = await meaning('read who signs in', () => octokit.request('GET /user'));
  const { id, login, name, avatar_url } = parsed(owner, data);
  return { id, login, name: name ?? null, avatarUrl: avatar_url ?? null };
}

const owner = z.object({
  id: z.int().positive(),
  login: z.string(),
  name: z.string().nullish(),
  avatar_url: z.string().nullish(),
});

/**
 * Returns all that the person may see, or throws: what was read in part would withdraw what was not read. `Rejected` with the code
 * BAD_TOKEN when GitHub takes the token no longer, else what `githubError` returns.
 */
export async function readPersonAccess(
  octokit: Octokit,
  personId: number,
  limits: ReadLimits = LIMITS,
): Promise<PersonAccess> {
  const signal = AbortSignal.timeout(limits.withinMs);
  const reader: Reader = { octokit, personId, signal, withheld: new Set(), pagesLeft: limits.pages };
  const listed = await meaning('read what a person may see', () => installationsOf(reader));
  const accounts: AccessibleAccount[] = [];
  for (const { id, account, suspended_at } of listed) {
    // Nothing comes from a suspended installation, and GitHub answers for none of it.
    if (suspended_at != null) continue;
    const read = await unlessWithheld(reader, account.id, async () => ({
      account_id: account.id,
      role: await roleIn(reader, account),
      repositories: await repositoriesOf(reader, id),
    }));
    if (read !== null) accounts.push(read);
  }
  const { withheld } = reader;
  return { accounts: accounts.filter(({ account_id }) => !withheld.has(account_id)), withheld: [...withheld] };
}

interface Reader {
  readonly octokit: Octokit;
  readonly personId: number;
  readonly signal: AbortSignal;
  readonly withheld: Set<number>;
  pagesLeft: number;
}

const accountShape = z.object({ id: z.int().positive(), login: z.string(), type: z.string().optional() });
const installations = z.object({
  installations: z.array(
    z.object({ id: z.int().positive(), account: accountShape, suspended_at: z.string().nullish() }),
  ),
});
const repositories = z.object({
  repositories: z.array(
    z.object({ id: z.int().positive(), permissions: z.record(z.string(), z.boolean()).optional() }),
  ),
});

async function installationsOf(reader: Reader) {
  const pages = await allPages(reader, 'list installations', (page) =>
    reader.octokit.request('GET /user/installations', { per_page: 100, page, request: { signal: reader.signal } }),
  );
  return pages.flatMap((page) => parsed(installations, page).installations);
}

async function repositoriesOf(reader: Reader, installation_id: number) {
  const { octokit, signal } = reader;
  const pages = await allPages(reader, `list repositories of installation ${installation_id}`, (page) =>
    octokit.request('GET /user/installations/{installation_id}/repositories', {
      ...{ installation_id, per_page: 100, page },
      request: { signal },
    }),
  );
  const listed = pages.flatMap((page) => parsed(repositories, page).repositories);
  return listed.map(({ id, permissions = {} }) => ({ id, permission: permissionIn(permissions) }));
}

/** GitHub's older words, from most to least; a repository that is listed may be read at the least. */
const WORDS: readonly (readonly [string, Permission])[] = [
  ['admin', 'admin'],
  ['maintain', 'maintain'],
  ['push', 'write'],
  ['triage', 'triage'],
];

function permissionIn(permissions: Readonly<Record<string, boolean>>): Permission {
  return WORDS.find(([word]) => permissions[word] === true)?.[1] ?? 'read';
}

const membership = z.object({ state: z.string(), role: z.string() });

async function roleIn(
  { octokit, personId, signal }: Reader,
  { id, login, type }: z.output<typeof accountShape>,
): Promise<AccessibleAccount['role']> {
  if (id === personId) return 'admin';
  if (type === 'User') return 'collaborator';
  const ask = () => octokit.request('GET /user/memberships/orgs/{org}', { org: login, request: { signal } });
  try {
    const { state, role } = parsed(membership, (await ask()).data);
    if (state !== 'active') return 'collaborator';
    return role === 'admin' || role === 'member' ? role : 'collaborator';
  } catch (thrown) {
    const { status } = failure(thrown);
    const isNoMember = status === 404 || (status === 403 && rateLimitOf(thrown) === null && !isSingleSignOn(thrown));
    if (isNoMember) return 'collaborator';
    throw thrown;
  }
}

/** Null when single sign-on keeps the account back; any other failure ends the reading. */
async function unlessWithheld<T>({ withheld }: Reader, accountId: number, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (thrown) {
    if (!isSingleSignOn(thrown)) throw meaningOf(thrown, 'read what a person may see');
    withheld.add(accountId);
    return null;
  }
}

interface Answered {
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

/** Every page, and whom single sign-on keeps back. A list that is longer than there is room for is no list. */
async function allPages(reader: Reader, asked: string, ask: (page: number) => Promise<Answered>): Promise<unknown[]> {
  const pages: unknown[] = [];
  for (let page = 1; ; page += 1) {
    if (reader.pagesLeft === 0) throw new Transient(`${asked}: there are more pages than are read`);
    reader.pagesLeft -= 1;
    const { data, headers } = await ask(page);
    pages.push(data);
    for (const id of heldBack(String(headers['x-github-sso'] ?? ''))) reader.withheld.add(id);
    if (!String(headers.link ?? '').includes('rel="next"')) return pages;
  }
}

/** The organisations in `partial-results; organizations=21955855,20582480`. */
function heldBack(header: string): number[] {
  const [kind = '', ...rest] = header.split(';').map((part) => part.trim());
  const list = rest.find((part) => part.startsWith('organizations='));
  if (kind !== 'partial-results' || list === undefined) return [];
  const ids = list.slice('organizations='.length).split(',').map(Number);
  return ids.filter((id) => Number.isSafeInteger(id) && id > 0);
}

const failed = z.object({
  status: z.int(),
  response: z.object({ headers: z.record(z.string(), z.unknown()) }).optional(),
});

function failure(thrown: unknown): { readonly status: number; readonly sso: string } {
  const { status = 0, response } = failed.safeParse(thrown).data ?? {};
  return { status, sso: String(response?.headers['x-github-sso'] ?? '') };
}

function isSingleSignOn(thrown: unknown): boolean {
  const { status, sso } = failure(thrown);
  return status === 403 && sso.startsWith('required');
}

function parsed<T>(shape: z.ZodType<T>, data: unknown): T {
  const read = shape.safeParse(data);
  if (read.success) return read.data;
  throw new Transient('GitHub answered something else than its description says');
}

function meaningOf(thrown: unknown, asked: string): Error {
  if (failure(thrown).status !== 401) return githubError(thrown, asked);
  return new Rejected(`${asked}: GitHub takes the person's token no longer`, { code: BAD_TOKEN });
}

async function meaning<T>(asked: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (thrown) {
    throw meaningOf(thrown, asked);
  }
}
