// Runs a command as main.ts does, with files of its own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Command } from '../../src/cli/terminal/command.ts';

/** A folder of its own for every test of the file that calls this; gives a function that writes a file there and returns its path. */
export function useFiles(): (name: string, content: string | Uint8Array) => Promise<string> {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'codered-commands-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  return async (name, content) => {
    const written = path.join(folder, name);
    await writeFile(written, content);
    return written;
  };
}

/** What the command wrote, line by line, and its exit code. */
export async function runCommand(
  command: Command,
  ...args: string[]
): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await command.run({
    args,
    env: {},
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    stop: new AbortController().signal,
  });
  return { code, out, err };
}
