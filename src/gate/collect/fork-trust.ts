// What cannot be trusted of a pull request from a fork. Pure.
//
// 1. A fork's pull request runs the workflow files that it brings: once it touches one, or an action, nothing that GitHub
//    Actions says of it counts, for any job may be another one by now, be gone, or have another's name.
// 2. What is not known is not believed either: a list of files that is cut off or can't be had, a run that may be another
//    pull request's, or merged it into another branch. Of a run for another event only its own workflow is not believed:
//    nothing rests on it but where the policy names that.
// 3. Other systems say what they say, but for those that the owner of this deployment knows to be configured by files of
//    the repository.

import { type DistrustedWorkflow, type Provenance, UNKNOWN_EVENT } from '../model/evidence-model.ts';

/** The files of the pull request; `complete` false: there are more. */
interface ChangedPaths {
  readonly files: readonly {
    readonly filename: string;
    readonly previous_filename: string | null;
    readonly patch?: string | null;
  }[];
  readonly complete: boolean;
}

export interface ForkTrust {
  /** Why nothing counts that GitHub Actions says, in words; null when it does. */
  readonly actions: string | null;
  /** Of which workflows nothing counts beside that, and why. */
  readonly workflows: readonly DistrustedWorkflow[];
  /** The same of a check run or commit status by whom it is: the slug of an App, or a login. */
  readonly ofAuthor: (author: string | null) => string | null;
}

interface FormerRun extends Required<Provenance> {
  /** The workflow's file name. */
  readonly workflow: string;
}

/** What decides about trust. */
export interface ForkQuestion {
  readonly pull_request: {
    readonly is_fork: boolean;
    readonly twins: readonly number[];
  };
  /** Runs that count for the commit and began while its base was another branch. */
  readonly former_runs: readonly FormerRun[];
  /** The changed files; null when they were not read. */
  readonly change: ChangedPaths | null;
  /** Slugs of Apps, in lower case. */
  readonly untrusted_apps: readonly string[];
}

/** Says what cannot be trusted, by the rules at the head of this file. For a pull request from the repository itself everything counts. */
export function forkTrust(question: ForkQuestion): ForkTrust {
  const { pull_request, former_runs, untrusted_apps } = question;
  if (!pull_request.is_fork) return { actions: null, workflows: [], ofAuthor: () => null };
  const untrusted = new Set(untrusted_apps.flatMap((slug) => [slug, `${slug}[bot]`]));
  const actions = distrustOfActions(question);
  return {
    actions,
    workflows: former_runs.filter((run) => !mayBeOwn(run)).map(({ workflow }) => ({ workflow, why: former('of') })),
    ofAuthor: (author) =>
      author !== null && WRITES_FOR_ACTIONS.has(author.toLowerCase())
        ? actions
        : author !== null && untrusted.has(author.toLowerCase())
          ? `this pull request comes from a fork, which may define itself what ${author} checks`
          : null,
  };
}

/** Whom a job writes check runs and statuses as, by its token. */
const WRITES_FOR_ACTIONS: ReadonlySet<string> = new Set(['github-actions', 'github-actions[bot]']);

const former = (which: 'on' | 'of') =>
  `this pull request comes from a fork, and a run ${which} it began while its base was another branch; a push or reopening it makes new ones`;

/** Whether it may count by itself; unknown, and so possible, for a run whose event was not kept. */
function mayBeOwn({ is_unknown, foreign_event }: FormerRun): boolean {
  return is_unknown || foreign_event === null || foreign_event === UNKNOWN_EVENT;
}

function distrustOfActions({ change, pull_request, former_runs }: ForkQuestion): string | null {
  if (change === null || !change.complete)
    return 'this pull request comes from a fork, and GitHub does not tell all that the fork changes';
  const { twins } = pull_request;
  const { files } = change;
  const paths = files.flatMap(({ filename, previous_filename }) => [filename, previous_filename ?? filename]);
  const touched = paths.find(definesActions) ?? files.find(isSubmodule)?.filename;
  if (touched !== undefined)
    return `this pull request comes from a fork and changes its workflow files or the actions that they use (${touched.slice(0, 200)})`;
  if (former_runs.some(mayBeOwn)) return former('on');
  if (twins.length === 0) return null;
  return `this pull request comes from a fork, and GitHub does not tell its runs from those of #${twins.slice(0, 5).join(', #')}, which brings the same branch into another one; a push makes a commit that only this one has`;
}

/** A submodule may be an action, and is another one once it points elsewhere. GitHub tells it by its patch alone. */
function isSubmodule({ patch }: ChangedPaths['files'][number]): boolean {
  const lines = `\n${patch ?? ''}`;
  return lines.includes('\n+Subproject commit') || lines.includes('\n-Subproject commit');
}

const FOLDERS: ReadonlySet<string> = new Set(['workflows', 'actions']);
const ACTION_FILES: ReadonlySet<string> = new Set(['action.yml', 'action.yaml']);

/**
 * Whether a path may be what GitHub Actions runs: a file of `.github/workflows` or `.github/actions` (or what takes the place
 * of these folders: a link, a submodule), an action anywhere, or what says where submodules come from. A name that a file system or an API may take for such a
 * one counts as well: too much is only looked at by a person.
 */
export function definesActions(path: string): boolean {
  const names = namesOf(path);
  const last = names.at(-1) ?? '';
  if (ACTION_FILES.has(last) || ACTION_FILES.has(last.split('@', 1)[0] ?? '')) return true;
  if (last === '.gitmodules') return true;
  const [first, second] = names;
  return first === '.github' && (second === undefined || FOLDERS.has(second));
}

/** The names along a path, as the most forgiving reader has them: case, width, invisible characters and escapes make no difference. */
function namesOf(path: string): string[] {
  const names: string[] = [];
  const plain = unescaped(path)
    .normalize('NFKC')
    .replace(/\p{DI}|\p{Cc}/gu, '')
    .toLowerCase();
  for (const part of plain.split(/[/\\]/)) {
    const name = withoutEnd(part);
    if (part === '..') names.pop();
    else if (name !== '') names.push(name);
  }
  return names;
}

/** Windows leaves dots and spaces at the end of a name out. */
function withoutEnd(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end -= 1;
  return name.slice(0, end);
}

const MOST_ESCAPES = 5;

/** `%2F` as `/`, also where that is escaped itself. */
function unescaped(path: string): string {
  let plain = path;
  for (let round = 0; round < MOST_ESCAPES && plain.includes('%'); round++) {
    plain = plain.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) =>
      Buffer.from(escaped.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  }
  return plain;
}
