// `codered token`: makes, lists and takes back the tokens with which scripts come in as a person.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Brain, type BrainLog, openBrain } from '../../brain/client.ts';
import { findPerson } from '../../brain/people.ts';
import { hashOfToken, newToken } from '../../brain/tokens.ts';
import { readBrainSettings, readGithubApiUrl } from '../../config/settings.ts';
import { readUser } from '../../github/users.ts';
import { readScopes, SCOPES, type Scope } from '../../model/scopes.ts';
import { type Command, type CommandContext, Misused } from '../terminal/command.ts';
import { printable } from '../terminal/printable.ts';
import { GITHUB_ID, memberWithLogin } from './member-with-login.ts';

const help = `codered token create --for LOGIN [--id NUMBER] --name TEXT --scope SCOPE[,SCOPE...] [--expires DAYS] [--json]
codered token list [--for LOGIN] [--json]
codered token revoke ID [--json]

A token lets a script in as a person, with \`Authorization: Bearer <token>\`: it may read and do what that person may, as far
as its scopes go. It is shown once, when it is made; the database keeps its SHA-256 alone.

  --for LOGIN     whose it is, by the login at GitHub, which is asked whose that is now (GHE_HOST says where it is): a login that was
                  given up may be somebody else's. They have to be a person here: \`codered member add\`
  --id NUMBER     GitHub's id of the user, where GitHub can't be asked: "id" in https://api.github.com/users/LOGIN
  --name TEXT     what it is for, at most 100 characters
  --scope SCOPE   what it is good for: ${SCOPES.join(', ')}
  --expires DAYS  how long it lives, 1 to 366 days (90 unless told)
  --json          print one JSON object, for list one a token

Where a running \`codered serve\` has the embedded database, that one is asked.`;

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 366;

const made = z.object({ id: z.guid(), name: z.string(), scope: z.string(), expires_at: z.string() });
const listed = z.array(
  made.extend({
    github_login: z.string().nullable(),
    created_at: z.string(),
    last_used_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
    state: z.enum(['live', 'expired', 'revoked']),
  }),
);

async function run(context: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...context.args],
    allowPositionals: true,
    options: {
      for: { type: 'string' },
      id: { type: 'string' },
      name: { type: 'string' },
      scope: { type: 'string' },
      expires: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [verb, ...rest] = positionals;
  const act = actionOf(verb, rest, values);
  const log: BrainLog = { info: () => {}, warn: (_, message) => context.err(message) };
  const brain = await openBrain(readBrainSettings(context.env), { log, mayShare: true });
  try {
    return await act(brain, context, values.json);
  } finally {
    await brain.close();
  }
}

type Act = (brain: Brain, context: CommandContext, json: boolean) => Promise<0 | 1>;

interface Given {
  readonly for?: string | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly scope?: string | undefined;
  readonly expires?: string | undefined;
}

function actionOf(verb: string | undefined, rest: readonly string[], given: Given): Act {
  if (verb === 'create' && rest.length === 0) return creation(given);
  if (verb === 'list' && rest.length === 0) return listing(given.for);
  if (verb === 'revoke' && rest.length === 1) {
    const id = z.guid().safeParse(rest[0]);
    if (!id.success)
      throw new Misused('`codered token revoke` wants the id of a token, as `codered token list` has it.');
    return revocation(id.data);
  }
  throw new Misused('`codered token` wants to be told what to do: create, list or revoke ID.');
}

function creation(given: Given): Act {
  const { for: login, name } = given;
  if (login === undefined) throw new Misused('--for LOGIN is needed: whose the token is.');
  if (name === undefined || name.trim() === '' || name.length > 100) {
    throw new Misused('--name is needed: what the token is for, in at most 100 characters.');
  }
  if (given.id !== undefined && !GITHUB_ID.test(given.id))
    throw new Misused("--id wants GitHub's id of the user, a number.");
  const scopes = wantedScopes(given.scope);
  const days = wantedDays(given.expires);
  return async (brain, { env, out, err }, json) => {
    const github =
      given.id === undefined ? await readUser(readGithubApiUrl(env), login) : { id: Number(given.id), login };
    const userId = github === null ? null : await findPerson(brain, github.id);
    if (github === null || userId === null) {
      const who = github === null ? 'GitHub knows no user' : `GitHub's user ${github.id} is nobody here:`;
      err(`${who} ${printable(login)}. \`codered member add ${printable(login)} --org LOGIN\` lets somebody in.`);
      return 1;
    }
    const token = newToken();
    const row = made.parse(
      await brain.call('create_token', {
        user_id: userId,
        name: name.trim(),
        token_hash: hashOfToken(token),
        scope: scopes.join(' '),
        expires_at: new Date(Date.now() + days * DAY_MS).toISOString(),
      }),
    );
    if (json) out(JSON.stringify({ ...row, github_login: github.login, github_id: github.id, token }));
    else {
      err(
        `Token ${row.id} of ${printable(github.login)} (GitHub's id ${github.id}): ${row.scope}, until ${row.expires_at}. It is not shown again:`,
      );
      out(token);
    }
    return 0;
  };
}

function wantedScopes(text: string | undefined): readonly Scope[] {
  const { scopes, unknown } = readScopes(text ?? '');
  if (unknown.length > 0) throw new Misused(`--scope knows ${SCOPES.join(', ')}, not ${JSON.stringify(unknown[0])}.`);
  if (scopes.length === 0) throw new Misused(`--scope is needed: some of ${SCOPES.join(', ')}.`);
  return scopes;
}

function wantedDays(text = '90'): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > LONGEST_DAYS) throw new Misused(`--expires wants a number of days from 1 to ${LONGEST_DAYS}.`);
  return days;
}

function listing(login: string | undefined): Act {
  return async (brain, { out, err }, json) => {
    const member = login === undefined ? null : await memberWithLogin(brain, login);
    if (login !== undefined && member === null) {
      err(`Nobody here goes by ${printable(login)} at GitHub.`);
      return 1;
    }
    const tokens = listed.parse(await brain.call('list_tokens', member === null ? {} : { user_id: member.userId }));
    for (const token of tokens) out(json ? JSON.stringify(token) : line(token));
    if (tokens.length === 0 && !json) err('There is no token. `codered token create --help` says how one is made.');
    return 0;
  };
}

function line({
  id,
  github_login,
  name,
  scope,
  state,
  expires_at,
  last_used_at,
}: z.output<typeof listed>[number]): string {
  const used = last_used_at === null ? 'never used' : `last used ${last_used_at}`;
  const until = state === 'live' ? `until ${expires_at}` : state;
  return `${id}  ${printable(github_login ?? '?')}  ${printable(name)}  [${scope}]  ${until}, ${used}`;
}

function revocation(id: string): Act {
  return async (brain, { out }, json) => {
    const gone = z.object({ id: z.string(), name: z.string().nullable(), revoked_at: z.string() });
    const { name, revoked_at } = gone.parse(await brain.call('revoke_token', { token_id: id }));
    out(
      json
        ? JSON.stringify({ id, name, revoked_at })
        : `Token ${id} (${printable(name ?? '')}) lets nobody in any more.`,
    );
    return 0;
  };
}

/** See `help`. */
export const command: Command = { help, run };
