// Keeps the house in order: which way imports point, how long things are, where each SDK lives. The rules stand here as
// tables; a failure names the file, what it does and the rule.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { normalisers } from '../src/normalise/normalise.ts';
import { readSources, repository, type Source } from './support/source-tree.ts';

/**
 * The rooms of the house, each with the rooms that it may import from beside itself. A room is a folder of src/ with all its
 * sub-folders; files directly under src/ stand in ENTRIES. Nothing is listed that is not used.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  text: [],
  config: ['model', 'text', 'brain'],
  brain: ['model'],
  github: ['model'],
  normalise: ['model', 'text', 'slash-commands'],
  diagnose: ['model', 'text', 'brain', 'github'],
  evidence: ['model', 'text', 'brain', 'github'],
  agents: ['model', 'text', 'brain', 'github'],
  specs: ['model', 'brain', 'github'],
  policy: ['model', 'text', 'brain', 'github'],
  verdicts: ['model', 'text', 'brain', 'github', 'diagnose'],
  gate: ['model', 'text', 'brain', 'github', 'evidence', 'policy'],
  'slash-commands': ['model', 'text', 'brain', 'github', 'policy', 'gate'],
  bypasses: ['model', 'brain', 'github'],
  protection: ['model', 'text', 'brain', 'github', 'policy'],
  report: ['model', 'text', 'brain', 'github', 'policy'],
  publish: ['model', 'text', 'brain', 'github', 'report'],
  'lost-deliveries': ['model', 'brain', 'github', 'normalise'],
  asked: ['brain', 'config', 'inbox'],
  sweep: ['model', 'brain', 'github', 'asked'],
  backfill: ['model', 'brain', 'github', 'asked', 'inbox'],
  operations: ['model', 'text', 'brain', 'diagnose', 'verdicts'],
  'on-behalf': ['model', 'text', 'brain', 'github', 'diagnose', 'policy', 'gate', 'operations'],
  http: ['model', 'text', 'brain', 'github', 'config', 'queue', 'evidence', 'policy', 'gate', 'specs', 'operations'],
  'sign-in': ['model', 'brain', 'github', 'config'],
  pages: ['model', 'brain', 'config', 'http', 'sign-in'],
  mcp: ['model', 'text', 'config', 'http', 'operations'],
  oauth: ['model', 'text', 'brain', 'config', 'http', 'sign-in', 'pages'],
  inbox: ['model', 'brain', 'config', 'http'],
  queue: ['model', 'text', 'brain'],
  server: [
    ...[
      'model',
      'brain',
      'github',
      'config',
      'inbox',
      'queue',
      'http',
      'diagnose',
      'publish',
      'lost-deliveries',
      'sweep',
      'backfill',
      'pipeline',
    ],
    'oauth',
    'operations',
    'mcp',
    'on-behalf',
    'pages',
    'sign-in',
  ],
  setup: ['model', 'config', 'github', 'inbox', 'http', 'pages', 'sign-in'],
  work: ['model', 'text'],
  demo: ['model', 'brain', 'config', 'server'],
  cli: [
    ...[
      'model',
      'normalise',
      'text',
      'brain',
      'github',
      'config',
      'inbox',
      'queue',
      'diagnose',
      'evidence',
      'policy',
      'gate',
      'report',
    ],
    ...['demo', 'setup', 'server', 'operations', 'mcp', 'agents', 'work', 'backfill', 'pipeline'],
  ],
};
/** Files directly under src/: the entries and the story. A room's list may name them. */
const ENTRIES: readonly string[] = [...['app', 'main', 'pipeline']];

/** Folders that import no file from outside themselves: a product of their own. */
const SEALED: readonly string[] = ['src/demo/github/'];

/** Rooms whose files are pure, but for the steps and what reads the disk or asks brain and GitHub for them. */
const PURE_ROOMS: readonly string[] = [
  ...[
    'model',
    'text',
    'normalise',
    'diagnose',
    'evidence',
    'agents',
    'specs',
    'policy',
    'verdicts',
    'gate',
    'slash-commands',
    'bypasses',
  ],
  ...['protection', 'report', 'publish'],
];
/** The steps: the files that collect, call the pure ones and store. */
const STEPS: readonly string[] = [
  ...[
    'diagnose/diagnose',
    'evidence/evidence',
    'agents/agents',
    'specs/specs',
    'policy/policy-rules',
    'gate/gate',
    'gate/simulate',
  ],
  ...['slash-commands/command', 'bypasses/bypasses', 'protection/protection', 'report/report', 'publish/publish'],
  'verdicts/judging/judge',
];
/** Files that read the disk or ask brain and GitHub on behalf of a step: steps may import them, pure files may not. */
const READERS: readonly string[] = [
  ...['evidence/archive', 'evidence/artifact', 'evidence/blob-archive', 'evidence/report-files'],
  ...[
    'diagnose/last-green',
    'diagnose/matchers',
    'policy/read-policy',
    'policy/read-overriders',
    'policy/policy-bases',
    'gate/held-runs',
    'gate/proposed-policy',
    'slash-commands/command-author',
    'report/reported-commit',
    'verdicts/judging/ask-sources',
  ],
];

type Kind = 'pure' | 'reader' | 'step' | 'other';
/** Packages that only these files import for more than their types; everything else may be imported where it is of use. */
const HOME_OF_PACKAGE: Readonly<Record<string, RegExp>> = {
  pg: /^src\/brain\/backends\/postgres\.ts$/,
  '@electric-sql/pglite': /^src\/brain\/backends\/embedded\.ts$/,
  '@electric-sql/pglite-pgvector': /^src\/brain\/backends\/embedded\.ts$/,
  '@supabase/supabase-js': /^src\/brain\/backends\/supabase\.ts$/,
  '@octokit/oauth-methods': /^src\/github\/people\/oauth\.ts$/,
  '@octokit/rest': /^src\/github\/people\/person-octokit\.ts$/,
  probot:
    /^src\/(?:server\/server\.ts|server\/work-process\/work-pipeline\.ts|github\/installation\.ts|cli\/doctor\/check-app\.ts|cli\/deliveries\/backfill\.ts)$/,
  'oidc-provider': /^src\/oauth\//,
  'prom-client': /^src\/http\/routes\/(?:metrics|github-gauges)\.ts$/,
  pino: /^src\/(?:cli|demo)\/|^src\/server\/work-process\/serve-work\.ts$/,
  'pino-pretty': /^src\/cli\/serve\.ts$/,
  re2js: /^src\/(?:diagnose\/|policy\/globs\/glob\.ts$)/,
  'markdown-it': /^src\/slash-commands\/syntax\/command-lines\.ts$/,
  saxes: /^src\/evidence\/reading\/report-xml\.ts$/,
  aws4fetch: /^src\/brain\/objects\/s3-objects\.ts$/,
  '@modelcontextprotocol/server': /^src\/(?:mcp\/mcp\.ts|cli\/mcp\.ts|cli\/mcp\/)/,
  '@modelcontextprotocol/node': /^src\/mcp\/mcp\.ts$/,
  yauzl: /^src\/evidence\/archive\.ts$/,
};
const PURE_PACKAGES = ['zod', 're2js', 'markdown-it', 'saxes', 'yaml', 'smol-toml', 'node:crypto'];
/** Words that say nothing, in a folder's or a file's name, and names that say nothing alone. */
const NO_NAME =
  /(?:^|[/-])(?:utils?|helpers?|common|lib|managers?|data|info|misc|shared)(?=[./-])|(?:^|\/)(?:index|types)[./]/;
const GENERATED = 'src/brain/database.types.ts';
const FOLDER_FILES = 20;
const TOP_FILES = 5;
const FILE_LINES = 250;
const FUNCTION_LINES = 50;

/** GitHub sends these to every App, and refuses them in a manifest. */
const UNASKED_EVENTS = ['installation', 'installation_repositories', 'installation_target', 'github_app_authorization'];

/** The room of a file of src/, or the entry that it is; null where it lies in no room. */
function roomOf(path: string): string | null {
  const [room = '', ...rest] = path.replace(/^src\//, '').split('/');
  if (rest.length === 0) return room.replace(/\.ts$/, '');
  return room in ROOMS ? room : null;
}

function kindOf(path: string): Kind {
  const name = path.replace(/^src\/|\.ts$/g, '');
  if (STEPS.includes(name)) return 'step';
  if (READERS.includes(name)) return 'reader';
  return PURE_ROOMS.includes(roomOf(path) ?? '') ? 'pure' : 'other';
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
/** A folder, but of files directly under src/ each by itself: an entry and a room may use each other's neighbours. */
const placeOf = (path: string) => (folderOf(path) === 'src' ? path : folderOf(path));
const entryOf = (path: string) => /^src\/([^/]+)\.ts$/.exec(path)?.[1] ?? null;

/** The circles of a graph, as `a → b → a`. */
function circlesOf(edges: ReadonlyMap<string, Iterable<string>>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (node: string, way: readonly string[]): void => {
    const seenAt = way.indexOf(node);
    if (seenAt !== -1) circles.push([...way.slice(seenAt), node].join(' → '));
    if (seenAt !== -1 || done.has(node)) return;
    for (const target of edges.get(node) ?? []) visit(target, [...way, node]);
    done.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return circles;
}

let sources: Source[] = [];
beforeAll(() => {
  sources = readSources();
});

/** All complaints of one rule, over the files that it is for. */
function complaints(rule: (source: Source) => readonly string[]): string[] {
  return sources.flatMap((source) => rule(source).map((complaint) => `${source.path} ${complaint}`));
}

describe('imports', () => {
  it('come from files that lie in a room, or are an entry', () => {
    const homeless = complaints(({ path }) =>
      roomOf(path) !== null && (entryOf(path) === null || ENTRIES.includes(entryOf(path) ?? ''))
        ? []
        : ['lies in no room: put it in a folder of ROOMS'],
    );
    expect(homeless).toEqual([]);
  });

  it('lead to rooms that the table allows', () => {
    const wrong = complaints(({ path, imports }) => {
      const room = roomOf(path);
      if (room === null || entryOf(path) !== null) return [];
      return imports
        .filter(({ isFile }) => isFile)
        .filter(({ target }) => ![room, ...(ROOMS[room] ?? [])].includes(roomOf(target) ?? ''))
        .map(({ target }) => `imports ${target}: the room ${room} may import ${ROOMS[room]?.join(', ')}`);
    });
    expect(wrong).toEqual([]);
  });

  it('never leave a folder that is a product of its own', () => {
    const wrong = complaints(({ path, imports }) => {
      const folder = SEALED.find((sealed) => path.startsWith(sealed));
      if (folder === undefined) return [];
      return imports
        .filter(({ target, isFile }) => isFile && !target.startsWith(folder))
        .map(({ target }) => `imports ${target}: ${folder} knows nothing of the rest of src/`);
    });
    expect(wrong).toEqual([]);
  });

  it('of a step lead to no other step, and those of a pure file to pure files', () => {
    const wrong = complaints(({ path, imports }) => {
      const kind = kindOf(path);
      const files = imports.filter(({ isFile }) => isFile).map(({ target }) => target);
      if (kind === 'step')
        return files.filter((target) => kindOf(target) === 'step').map((to) => `imports the step ${to}`);
      const room = roomOf(path) ?? '';
      if (kind !== 'pure') return [];
      return files.filter((target) => kindOf(target) !== 'pure').map((to) => `is pure in ${room}, and imports ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  it('never go in a circle, not even for types', () => {
    const edges = new Map(
      sources.map(({ path, imports }) => [path, imports.filter(({ isFile }) => isFile).map(({ target }) => target)]),
    );
    expect(circlesOf(edges)).toEqual([]);
  });

  it('never go in a circle between folders, not even for types', () => {
    const edges = new Map<string, Set<string>>();
    for (const { path, imports } of sources) {
      const targets = edges.get(placeOf(path)) ?? new Set();
      for (const { target, isFile } of imports) {
        if (isFile && placeOf(target) !== placeOf(path)) targets.add(placeOf(target));
      }
      edges.set(placeOf(path), targets);
    }
    expect(circlesOf(edges)).toEqual([]);
  });

  it('of an SDK stand in the files named for it', () => {
    const wrong = complaints(({ path, imports }) =>
      imports
        .filter(({ target, typeOnly }) => !typeOnly && HOME_OF_PACKAGE[target]?.test(path) === false)
        .map(({ target }) => `imports ${target}, which belongs in ${HOME_OF_PACKAGE[target]?.source}`),
    );
    expect(wrong).toEqual([]);
  });

  it('of packages name only what package.json lists as a dependency', () => {
    const { dependencies } = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')));
    const wrong = complaints(({ path, imports }) =>
      imports
        .filter(({ target, isFile }) => !isFile && !target.startsWith('node:') && dependencies[target] === undefined)
        .filter(({ typeOnly }) => !typeOnly && !path.startsWith('src/demo/'))
        .map(({ target }) => `imports ${target}, which package.json does not list under dependencies`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('pure files', () => {
  const pure = (rule: (source: Source) => readonly string[]) =>
    complaints((source) => (kindOf(source.path) === 'pure' ? rule(source) : []));

  it('import no SDK and nothing of node but hashing', () => {
    const wrong = pure(({ imports }) =>
      imports
        .filter(({ target, isFile, typeOnly }) => !isFile && !typeOnly && !PURE_PACKAGES.includes(target))
        .map(({ target }) => `imports ${target}: a pure file imports ${PURE_PACKAGES.join(', ')} or pure files`),
    );
    expect(wrong).toEqual([]);
  });

  it('wait for nothing and know neither clock, chance nor process', () => {
    expect(pure(({ effects }) => effects.map((effect) => `has an effect in line ${effect}`))).toEqual([]);
  });
});

describe('folders', () => {
  it(`hold at most ${FOLDER_FILES} files, and src/ at most ${TOP_FILES}`, () => {
    const counts = new Map<string, number>();
    for (const { path } of sources) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
    const full = [...counts].filter(([folder, count]) => count > (folder === 'src' ? TOP_FILES : FOLDER_FILES));
    expect(full.map(([folder, count]) => `${folder} holds ${count} files`)).toEqual([]);
  });
});

describe('files', () => {
  it(`are at most ${FILE_LINES} lines long`, () => {
    const long = complaints(({ path, lines }) =>
      path === GENERATED || lines <= FILE_LINES ? [] : [`has ${lines} lines, ${FILE_LINES} are allowed`],
    );
    expect(long).toEqual([]);
  });

  it(`hold functions of at most ${FUNCTION_LINES} lines`, () => {
    const long = complaints(({ functions }) =>
      functions
        .filter(({ lines }) => lines > FUNCTION_LINES)
        .map(({ name, line, lines }) => `line ${line}: ${name} has ${lines} lines, ${FUNCTION_LINES} are allowed`),
    );
    expect(long).toEqual([]);
  });

  it('are named for what they do, in kebab-case', () => {
    const wrong = complaints(({ path }) => {
      if (path === GENERATED) return [];
      if (NO_NAME.test(path.replace(/^src\//, ''))) return ['has a name that says nothing'];
      return /^src(?:\/[a-z0-9-]+)+\.ts$/.test(path) ? [] : ['is not named in kebab-case'];
    });
    expect(wrong).toEqual([]);
  });

  it('begin with their job', () => {
    const wrong = complaints(({ path, text }) =>
      path === GENERATED || /^(?:#!.*\n)?\/\/ \S/.test(text) ? [] : ['does not begin with a comment that says its job'],
    );
    expect(wrong).toEqual([]);
  });

  it('read the environment in main.ts and app.ts only, and exit where a process begins only', () => {
    const wrong = complaints(({ path, text }) => [
      ...(/\bprocess\.env\b/.test(withoutComments(text)) && !/^src\/(?:main|app)\.ts$/.test(path)
        ? ['reads process.env']
        : []),
      ...(/\bprocess\.exit\b/.test(withoutComments(text)) &&
      !/^src\/(?:main|server\/work-process\/serve-work|brain\/backends\/embedded-(?:thread|worker))\.ts$/.test(path)
        ? ['exits the process']
        : []),
    ]);
    expect(wrong).toEqual([]);
  });

  it('export by name; only the Probot app has a default', () => {
    const wrong = complaints(({ path, text }) =>
      path !== 'src/app.ts' && /^export default\b/m.test(text) ? ['has a default export'] : [],
    );
    expect(wrong).toEqual([]);
  });
});

describe('app.yml', () => {
  it('subscribes to exactly the events that have a normaliser', () => {
    const { default_events } = z
      .object({ default_events: z.array(z.string()) })
      .parse(parse(readFileSync(join(repository, 'app.yml'), 'utf8')));
    const known = Object.keys(normalisers).filter((event) => !UNASKED_EVENTS.includes(event));
    expect(default_events.toSorted()).toEqual(known.toSorted());
    expect(Object.keys(normalisers)).toEqual(expect.arrayContaining(UNASKED_EVENTS));
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
