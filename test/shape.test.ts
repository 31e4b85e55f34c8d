// Keeps the house in order: which way imports point, how long things are, where each SDK lives. The rules stand here as
// tables; a failure names the file, what it does and the rule.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { normalisers } from '../src/normalise/normalise.ts';
import { readSources, repository, type Source } from './support/source-tree.ts';

const STEPS = ['normalise', 'diagnose', 'evidence', 'gate', 'report', 'publish', 'specs', 'protection'];

type Layer =
  | 'model'
  | 'pure'
  | 'step'
  | 'artifact'
  | 'policy'
  | 'brain'
  | 'github'
  | 'config'
  | 'inbox'
  | 'pipeline'
  | 'app'
  | 'http'
  | 'mcp'
  | 'server'
  | 'commands'
  | 'main';

/** Files at the top of src/; one that is not listed fails. */
const TOP: Readonly<Record<string, Layer>> = {
  'model.ts': 'model',
  'facts.ts': 'model',
  'gate-report.ts': 'model',
  'pull-request-report.ts': 'model',
  'closest-name.ts': 'model',
  'private-key.ts': 'config',
  'unknown-settings.ts': 'config',
  'address-ranges.ts': 'config',
  'api-keys.ts': 'config',
  'brain-settings.ts': 'config',
  'door-settings.ts': 'config',
  'allowed-accounts.ts': 'config',
  'mail-settings.ts': 'config',
  'untrusted-check-apps.ts': 'config',
  'wait-settings.ts': 'model',
  'config.ts': 'config',
  'limits.ts': 'config',
  'app.ts': 'app',
  'pipeline.ts': 'pipeline',
  'starter-ignores.ts': 'server',
  'workers.ts': 'server',
  'daily-retention.ts': 'server',
  'server.ts': 'server',
  'main.ts': 'main',
};
const FOLDERS: Readonly<Record<string, Layer>> = {
  brain: 'brain',
  github: 'github',
  inbox: 'inbox',
  http: 'http',
  mcp: 'mcp',
  setup: 'server',
  commands: 'commands',
  demo: 'commands',
  'work-process': 'server',
};

/** Files in a step's folder that read the disk: the step may import them, its pure files may not. */
const ARTIFACT_FILES: readonly string[] = [
  'src/evidence/archive.ts',
  'src/evidence/artifact.ts',
  'src/evidence/blob-archive.ts',
  'src/evidence/report-files.ts',
];

/** Files in a step's folder that ask brain and GitHub for the policy, or for held runs: steps may import them. */
const POLICY_FILES: readonly string[] = ['src/gate/read-policy.ts', 'src/gate/held-runs.ts'];

/** Further steps in a step's folder. */
const STEP_FILES: readonly string[] = [
  'src/gate/command.ts',
  'src/gate/simulate.ts',
  'src/gate/bypasses.ts',
  'src/gate/policy-rules.ts',
];

const PURE: readonly Layer[] = ['model', 'pure'];
const STORES: readonly Layer[] = [...PURE, 'brain', 'github'];
const BELOW_ENTRIES: readonly Layer[] = [...STORES, 'artifact', 'policy', 'step', 'config', 'inbox', 'pipeline', 'app'];
/** Which layers a layer may import. `normalise/normalise.ts` counts as pure: it has nothing to gather or store. */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  model: ['model'],
  pure: PURE,
  brain: [...PURE, 'brain'],
  github: [...PURE, 'github'],
  artifact: [...PURE, 'artifact'],
  policy: [...STORES, 'policy'],
  step: [...STORES, 'artifact', 'policy'],
  config: ['model', 'brain', 'config'],
  inbox: [...STORES, 'config', 'inbox'],
  pipeline: [...STORES, 'step', 'config'],
  app: [...STORES, 'config', 'inbox'],
  http: [...BELOW_ENTRIES, 'http'],
  mcp: [...BELOW_ENTRIES, 'mcp'],
  server: [...BELOW_ENTRIES, 'http', 'mcp', 'server'],
  commands: [...BELOW_ENTRIES, 'server', 'commands'],
  main: ['model', 'commands'],
};

/** Packages that only these files import for more than their types; everything else may be imported where it is of use. */
const HOME_OF_PACKAGE: Readonly<Record<string, RegExp>> = {
  pg: /^src\/brain\/postgres\.ts$/,
  '@electric-sql/pglite': /^src\/brain\/embedded\.ts$/,
  '@electric-sql/pglite-pgvector': /^src\/brain\/embedded\.ts$/,
  '@supabase/supabase-js': /^src\/brain\/client\.ts$/,
  probot:
    /^src\/(?:server\.ts|work-process\/work-process\.ts|github\/installation\.ts|commands\/doctor\/check-app\.ts)$/,
  'prom-client': /^src\/http\/routes\/metrics\.ts$/,
  pino: /^src\/(?:commands|demo)\/|^src\/work-process\/serve-work\.ts$/,
  'pino-pretty': /^src\/commands\/serve\.ts$/,
  re2js: /^src\/(?:diagnose\/|gate\/glob\.ts$)/,
  'markdown-it': /^src\/gate\/command-lines\.ts$/,
  saxes: /^src\/evidence\/report-xml\.ts$/,
  aws4fetch: /^src\/brain\/s3-objects\.ts$/,
  yauzl: /^src\/evidence\/archive\.ts$/,
};
const PURE_PACKAGES = ['zod', 're2js', 'markdown-it', 'saxes', 'yaml', 'smol-toml', 'node:crypto'];
/** Words that say nothing, in a folder's or a file's name, and names that say nothing alone. */
const NO_NAME =
  /(?:^|[/-])(?:utils?|helpers?|common|lib|managers?|data|info|misc|shared)(?=[./-])|(?:^|\/)(?:index|types)[./]/;
const GENERATED = 'src/brain/database.types.ts';
const FILE_LINES = 250;
const FUNCTION_LINES = 50;

/** GitHub sends these to every App, and refuses them in a manifest. */
const UNASKED_EVENTS = ['installation', 'installation_repositories', 'installation_target'];

function layerOf(path: string): Layer | null {
  const [folder = '', ...rest] = path.replace(/^src\//, '').split('/');
  if (rest.length === 0) return TOP[folder] ?? null;
  if (!STEPS.includes(folder)) return FOLDERS[folder] ?? null;
  if (ARTIFACT_FILES.includes(path)) return 'artifact';
  if (POLICY_FILES.includes(path)) return 'policy';
  if (STEP_FILES.includes(path)) return 'step';
  return folder !== 'normalise' && path === `src/${folder}/${folder}.ts` ? 'step' : 'pure';
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
  it('come from files that have a place in the table of layers', () => {
    expect(
      complaints(({ path }) => (layerOf(path) === null ? ['stands in no layer: put it in a folder'] : [])),
    ).toEqual([]);
  });

  it('point the way the table says', () => {
    const wrong = complaints(({ path, imports }) => {
      const layer = layerOf(path);
      const files = imports.filter(({ isFile }) => isFile);
      return files.flatMap(({ target }) => {
        const to = layerOf(target);
        if (layer === null || to === null || MAY_IMPORT[layer].includes(to)) return [];
        return [`imports ${target}: ${layer} may import ${MAY_IMPORT[layer].join(', ')}, not ${to}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('never go in a circle, not even for types', () => {
    const edges = new Map(
      sources.map(({ path, imports }) => [path, imports.filter(({ isFile }) => isFile).map(({ target }) => target)]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      const seenAt = way.indexOf(path);
      if (seenAt !== -1) circles.push([...way.slice(seenAt), path].join(' → '));
      if (seenAt !== -1 || done.has(path)) return;
      for (const target of edges.get(path) ?? []) visit(target, [...way, path]);
      done.add(path);
    };
    for (const path of edges.keys()) visit(path, []);
    expect(circles).toEqual([]);
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
    complaints((source) => (['model', 'pure'].includes(layerOf(source.path) ?? '') ? rule(source) : []));

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
      ...(/\bprocess\.exit\b/.test(withoutComments(text)) && !/^src\/(?:main|work-process\/serve-work)\.ts$/.test(path)
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
