// Names under `evidence` and `environments` that nothing can have, or that read like a pattern of another kind. Pure.

import { CRITERION_KEYS, type Policy, type Source } from '../schema/policy.ts';
import { type Finding, type Place, problem, warning } from '../schema/policy-finding.ts';

/** What GitHub takes in no artifact's name, but for our own wildcards: docs/github.md#artifacts */
const NOT_IN_ARTIFACTS = ['"', ':', '<', '>', '|', '\r', '\n', '\\', '/'];
const OWN_CHECK = 'CodeRed';
/** GitHub's page shows it behind a job's name. */
const EVENTS = ['pull_request', 'pull_request_target', 'push', 'merge_group', 'workflow_dispatch', 'schedule'];
/** Of expressions of other languages; in our names none of them means anything. */
const REGEX_SIGNS = ['.+', '\\d', '\\w', '\\s', '\\b', '\\.', '(?', ']+', ')+', ']*', ')*'];

/** Returns problems for names that GitHub can never have, and warnings for names that look like patterns of another language. */
export function findNameNonsense({
  evidence = {},
  environments = [],
}: Pick<Policy, 'evidence' | 'environments'>): Finding[] {
  return [
    ...CRITERION_KEYS.flatMap((key) => {
      const source = evidence[key];
      return source === undefined ? [] : findInSource(source, ['evidence', key]);
    }),
    ...environments.flatMap((name, index) => findPattern(name, ['environments', index])),
  ];
}

function findInSource(source: Source, at: Place): Finding[] {
  if ('artifact' in source) return findInArtifact(source.artifact, [...at, 'artifact']);
  if ('status' in source) return findOnPage(source.status, [...at, 'status']);
  if ('job' in source) return findOnPage(source.job, [...at, 'job']);
  const { check, app } = source;
  return [
    ...findOwnCheck(check, app, [...at, 'check']),
    ...findOnPage(check, [...at, 'check']),
    ...(app === undefined ? [] : findNoSlug(app, [...at, 'app'])),
  ];
}

function findInArtifact(name: string, place: Place): Finding[] {
  const sign = NOT_IN_ARTIFACTS.find((one) => name.includes(one));
  if (sign !== undefined) {
    const shown = sign === '\n' || sign === '\r' ? 'a line break' : sign;
    const said = `has ${shown}, which GitHub takes in no artifact’s name; it is the name under upload-artifact, not the path of a file in it`;
    return [problem(place, said)];
  }
  if (!name.endsWith('.zip')) return findPattern(name, place);
  const said = `GitHub packs an artifact into a file of its name and .zip; the name itself is mostly ${name.slice(0, -4)}`;
  return [warning(place, said)];
}

/** Ours waits for it, and what another App calls so is not listened to: gates would wait for each other. */
function findOwnCheck(check: string, app: string | undefined, place: Place): Finding[] {
  if (check.toLowerCase() !== OWN_CHECK.toLowerCase() || app === 'github-actions') return [];
  if (check !== OWN_CHECK) return [warning(place, `CodeRed’s own check is never waited for; is another one meant?`)];
  return [problem(place, 'is CodeRed’s own check, which would wait for itself')];
}

function findNoSlug(app: string, place: Place): Finding[] {
  const slug = slugOf(app);
  if (slug === app && Number.isNaN(Number(app))) return [];
  if (slug === app)
    return [
      warning(
        place,
        'is compared with the slug of the App, as it stands in github.com/apps/<slug>, and not with its number',
      ),
    ];
  const meant = slug === '' ? '' : `, as ${slug}`;
  return [
    problem(place, `is no slug of an App, as it stands in github.com/apps/<slug>: lower case, digits and -${meant}`),
  ];
}

/** As GitHub makes it of an App's name, or of the login of its bot. */
function slugOf(app: string): string {
  const name = (app.endsWith('[bot]') ? app.slice(0, -'[bot]'.length) : app).toLowerCase();
  const signs = Array.from(name, (sign) => ('abcdefghijklmnopqrstuvwxyz0123456789-_'.includes(sign) ? sign : ' '));
  const slug = signs
    .join('')
    .split(' ')
    .filter((word) => word !== '')
    .join('-');
  return slug.slice(0, 100);
}

function findOnPage(name: string, place: Place): Finding[] {
  return [...findPattern(name, place), ...findEvent(name, place)];
}

function findPattern(name: string, place: Place): Finding[] {
  if (name.includes('${{'))
    return [warning(place, `GitHub puts a value for \${{ }}, and the name has that; write ${starsFor(name)}`)];
  const plain = withoutSlashes(name);
  if (plain !== name || hasDotStar(name) || REGEX_SIGNS.some((sign) => name.includes(sign)) || isAnchored(name)) {
    const said = 'is read as a name, and not as a regular expression: * is any run of characters and ? one';
    return [warning(place, `${said}${hasDotStar(plain) ? `; write ${plain.replaceAll('.*', '*')}` : ''}`)];
  }
  const or = hasOr(name) ? '|' : hasBraces(name) ? '{a,b}' : null;
  if (or === null) return [];
  const said = `${or} stands for itself in a name, so this is one name and not one of several; write one of them, or * for what differs`;
  return [warning(place, said)];
}

function hasBraces(name: string): boolean {
  const [open, close] = [name.indexOf('{'), name.lastIndexOf('}')];
  return open !== -1 && name.slice(open, Math.max(open, close)).includes(',');
}

/** `e2e (${{ matrix.shard }})` as `e2e (*)`. */
function starsFor(name: string): string {
  const [before = '', ...expressions] = name.split('${{');
  return [before, ...expressions.map((part) => (part.includes('}}') ? part.slice(part.indexOf('}}') + 2) : ''))].join(
    '*',
  );
}

/** What stands between the slashes of a regular expression. */
function withoutSlashes(name: string): string {
  const end = name.lastIndexOf('/');
  const isFlags = Array.from(name.slice(end + 1)).every((flag) => 'gimsuy'.includes(flag));
  return end > 1 && name.startsWith('/') && isFlags ? name.slice(1, end) : name;
}

function isAnchored(name: string): boolean {
  return name.startsWith('^') || (name.length > 1 && name.endsWith('$'));
}

/** After a digit it is a version: `node 20.*`. */
function hasDotStar(name: string): boolean {
  const at = name.indexOf('.*');
  return at !== -1 && !'0123456789'.includes(name[at - 1] ?? ' ');
}

/** Between two words; with spaces around it is a sign that people put into names. */
function hasOr(name: string): boolean {
  const at = name.indexOf('|');
  return at > 0 && at < name.length - 1 && name[at - 1] !== ' ' && name[at + 1] !== ' ';
}

function findEvent(name: string, place: Place): Finding[] {
  const event = EVENTS.find((one) => name.endsWith(` (${one})`));
  if (event === undefined) return [];
  const job = name.slice(0, -` (${event})`.length);
  const alone = job.includes(' / ') ? job.slice(job.indexOf(' / ') + 3) : job;
  const said = `GitHub’s page shows "workflow / job (event)"; the job’s own name is what stands between: { job: ${alone} }`;
  return [warning(place, `${said}, with workflow: and its file’s name where several have such a job`)];
}
