// Where a policy that another one extends lies: `owner/repo[@ref]:path`. Pure.

/** A file of a repository; `ref` null: on its default branch. */
export interface PolicyPlace {
  readonly owner: string;
  readonly repo: string;
  readonly ref: string | null;
  readonly path: string;
}

/** Where an account's policy lies that counts for all its repositories. */
export const ORGANISATION_REPOSITORY = '.github';
export const ORGANISATION_PATH = 'codered.yml';

const MOST_REF = 200;
const MOST_PATH = 255;

/** Says what is wrong with the text of a place, in words for its author; null when nothing is. */
export function placeRefusal(text: string): string | null {
  const read = readPlace(text);
  return typeof read === 'string' ? read : null;
}

/** Reads the text of a place; null when it is none. */
export function parsePlace(text: string): PolicyPlace | null {
  const read = readPlace(text);
  return typeof read === 'string' ? null : read;
}

/** A place in words for people: `codered.yml of acme/.github`, with its ref when one is named. */
export function placeText({ owner, repo, ref, path }: PolicyPlace): string {
  return `${path} of ${owner}/${repo}${ref === null ? '' : ` at ${ref}`}`;
}

/** A key that is equal for the same file at any ref: `owner/repo:path`, with the names in lower case, as GitHub compares them. */
export function placeKey({ owner, repo, path }: Pick<PolicyPlace, 'owner' | 'repo' | 'path'>): string {
  const name = `${owner}/${repo}`;
  return `${name.toLowerCase()}:${path}`;
}

const FORM = 'should be owner/repo:path or owner/repo@ref:path';

function readPlace(text: string): PolicyPlace | string {
  const colon = text.indexOf(':');
  if (colon === -1) return FORM;
  const [where, path] = [text.slice(0, colon), text.slice(colon + 1)];
  const at = where.indexOf('@');
  const name = at === -1 ? where : where.slice(0, at);
  const ref = at === -1 ? null : where.slice(at + 1);
  const [owner = '', repo = '', ...rest] = name.split('/');
  if (rest.length > 0 || !isName(owner) || !isName(repo) || /^\.\.?$/.test(repo)) return FORM;
  if (ref !== null && !isRef(ref)) return `${FORM}; the ref is no branch, tag or commit`;
  if (!isPath(path)) return `${FORM}; the path is one inside the repository, such as codered.yml`;
  return { owner, repo, ref, path };
}

function isName(text: string): boolean {
  return /^[\w.-]{1,100}$/.test(text);
}

/** As git has it, as far as it matters in a URL: https://git-scm.com/docs/git-check-ref-format */
function isRef(text: string): boolean {
  return /^[\w./+#=@-]{1,200}$/.test(text) && text.length <= MOST_REF && !text.includes('..') && !/^[/.-]/.test(text);
}

function isPath(text: string): boolean {
  const isPlain = text.length <= MOST_PATH && /^[\w. /+@-]+$/.test(text);
  return isPlain && text.split('/').every((part) => part.trim() !== '' && part !== '.' && part !== '..');
}
