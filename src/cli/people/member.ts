// `codered member`: who belongs to an organisation, for deployments where nobody signs in on the web.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Brain, type BrainLog, openBrain } from '../../brain/client.ts';
import { ensurePerson, findPerson, type GithubUser } from '../../brain/people.ts';
import { type Environment, readBrainSettings, readGithubApiUrl } from '../../config/settings.ts';
import { readUser } from '../../github/users.ts';
import { type Command, type CommandContext, Misused } from '../terminal/command.ts';
import { printable } from '../terminal/printable.ts';
import { GITHUB_ID, membership, memberWithLogin } from './member-with-login.ts';

const help = `codered member add LOGIN --org LOGIN [--role member|maintainer|admin] [--id NUMBER] [--json]
codered member remove LOGIN|--id NUMBER --org LOGIN [--json]
codered member list [--org LOGIN] [--json]

Who belongs to an organisation on which the App is installed. A member reads its projects, writes tasks, decisions and
checkpoints; a maintainer changes projects and overrides too; an admin says who is a member.
A person is known by GitHub's id: \`add\` asks GitHub which id LOGIN has (GHE_HOST says where it is), without signing in.

  --org LOGIN    the organisation or user that installed the App
  --role ROLE    what kind of member (member unless told); for who is one already, what they become
  --id NUMBER    GitHub's id of the user, where GitHub can't be asked: "id" in https://api.github.com/users/LOGIN. To remove
                 somebody whose login is another's now, \`list\` shows it
  --json         print one JSON object, for list one a member

Where a running \`codered serve\` has the embedded database, that one is asked.`;

const ROLES = z.enum(['member', 'maintainer', 'admin']);
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

async function run(context: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...context.args],
    allowPositionals: true,
    options: {
      org: { type: 'string' },
      role: { type: 'string', default: 'member' },
      id: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const act = actionOf(positionals, values);
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
  readonly org?: string | undefined;
  readonly role: string;
  readonly id?: string | undefined;
}

function actionOf([verb, ...rest]: readonly string[], { org, role, id }: Given): Act {
  if (verb === 'list' && rest.length === 0) return listing(org);
  if ((verb !== 'add' && verb !== 'remove') || rest.length > 1) {
    throw new Misused('`codered member` wants to be told what to do: add LOGIN, remove LOGIN or list.');
  }
  const [login] = rest;
  if (org === undefined) throw new Misused('--org LOGIN is needed: the organisation or user that installed the App.');
  if (id !== undefined && !GITHUB_ID.test(id)) throw new Misused("--id wants GitHub's id of the user, a number.");
  const githubId = id === undefined ? null : Number(id);
  if (verb === 'remove' && login === undefined && githubId !== null) return removal({ login: null, githubId }, org);
  if (login === undefined || !LOGIN.test(login))
    throw new Misused(`\`codered member ${verb}\` wants the login of a user at GitHub.`);
  if (verb === 'remove') return removal({ login, githubId }, org);
  const kind = ROLES.safeParse(role);
  if (!kind.success) throw new Misused(`--role knows ${ROLES.options.join(', ')}, not ${JSON.stringify(role)}.`);
  return addition({ login, org, role: kind.data, id: githubId });
}

interface Wanted {
  readonly login: string;
  readonly org: string;
  readonly role: z.output<typeof ROLES>;
  readonly id: number | null;
}

function addition({ login, org, role, id }: Wanted): Act {
  return async (brain, { env, out, err }, json) => {
    const user = id === null ? await askGithub(env, login) : { id, login, name: null, avatarUrl: null };
    if (user === null) {
      err(`GitHub knows no user ${printable(login)}. See that it is a person's login, as their page has it.`);
      return 1;
    }
    const user_id = await ensurePerson(brain, user);
    const answered = z.object({ org: z.string(), former_role: z.string().nullable() });
    const { org: name, former_role } = answered.parse(
      await brain.call('set_member', { org_login: org, user_id, role }),
    );
    if (json)
      out(JSON.stringify({ org: name, user_id, github_id: user.id, github_login: user.login, role, former_role }));
    else
      out(
        `${printable(user.login)} (GitHub's id ${user.id}) is ${role} of ${printable(name)}${formerly(former_role, role)}.`,
      );
    return 0;
  };
}

function formerly(former: string | null, role: string): string {
  if (former === null) return '';
  return former === role ? ', as before' : `, and was ${former}`;
}

function askGithub(env: Environment, login: string): Promise<GithubUser | null> {
  return readUser(readGithubApiUrl(env), login);
}

interface Leaver {
  readonly login: string | null;
  readonly githubId: number | null;
}

function removal({ login, githubId }: Leaver, org: string): Act {
  return async (brain, { out, err }, json) => {
    const userId =
      githubId === null ? (await memberWithLogin(brain, login ?? ''))?.userId : await findPerson(brain, githubId);
    const gone = typeof userId === 'string' && (await brain.call('remove_member', { org_login: org, user_id: userId }));
    const who = login === null ? `the user with GitHub's id ${githubId}` : printable(login);
    if (json) out(JSON.stringify({ org, github_login: login, github_id: githubId, removed: gone }));
    else if (gone) out(`${who} is no member of ${printable(org)} any more.`);
    if (!gone) err(`${who} is no member of ${printable(org)}: \`codered member list\` has those who are.`);
    return gone ? 0 : 1;
  };
}

function listing(org: string | undefined): Act {
  return async (brain, { out, err }, json) => {
    const members = z
      .array(membership)
      .parse(await brain.call('list_members', org === undefined ? {} : { org_login: org }));
    for (const member of members) out(json ? JSON.stringify(member) : line(member));
    if (members.length === 0 && !json)
      err('There is no member. `codered member add LOGIN --org LOGIN` lets somebody in.');
    return 0;
  };
}

function line({ org, github_login, github_id, role, source }: z.output<typeof membership>): string {
  const from = source === 'hand' ? 'by hand' : 'as GitHub says';
  return `${printable(org)}  ${printable(github_login ?? '?')}  ${role}  (${from}, GitHub's id ${github_id ?? 'not known'})`;
}

/** See `help`. */
export const command: Command = { help, run };
