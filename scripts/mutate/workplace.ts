// A copy of the repository in which a mutation is tried: nothing of the tree that people work in is changed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyMutation, type Mutation } from './mutation.ts';

/** Everything that tests read; node_modules is linked. */
const COPIED = [
  ...['src', 'test', 'supabase', 'scripts', 'fixtures', 'docs', 'bench', 'package.json', 'package-lock.json'],
  ...['tsconfig.json', 'vitest.config.ts', 'README.md', 'biome.json', '.gitignore', '.ci', 'LICENSE', 'app.yml'],
];
/** After this a test run counts as hung. */
const LONGEST_MS = 900_000;

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly isHung: boolean;
}

/** A copy of one's own. */
export interface Workplace {
  readonly folder: string;
  /** Changes the file, does the work, and puts the file back. */
  changed<T>(mutation: Mutation, work: (mutated: string) => Promise<T>): Promise<T>;
  /** Runs a program of node_modules/.bin in the copy. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  remove(): void;
}

/** Makes a copy. */
export function makeWorkplace(repository: string): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'codered-mutation-'));
  folders.add(folder);
  for (const name of COPIED) {
    cpSync(join(repository, name), join(folder, name), { recursive: true, force: true, errorOnExist: false });
  }
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    async changed(mutation, work) {
      const path = join(folder, mutation.file);
      const text = readFileSync(path, 'utf8');
      const mutated = applyMutation(text, mutation);
      writeFileSync(path, mutated);
      try {
        return await work(mutated);
      } finally {
        writeFileSync(path, text);
      }
    },
    run: (program, args, env = {}) => runIn(folder, program, args, env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.once('exit', () => {
  for (const child of running) endGroup(child);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function runIn(
  folder: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = spawn(join(folder, 'node_modules/.bin', program), args, {
    cwd: folder,
    // The Node that the package brings comes first, as under npm.
    env: {
      ...process.env,
      ...env,
      PATH: `${join(folder, 'node_modules/.bin')}:${process.env.PATH}`,
      CI: '1',
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as what a test starts has to end with it.
    detached: true,
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let isHung = false;
  const clock = setTimeout(() => {
    isHung = true;
    endGroup(child);
  }, LONGEST_MS);
  const [code] = await once(child, 'close');
  clearTimeout(clock);
  running.delete(child);
  return { code, output, isHung };
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
