// The paths of a repository's files, for `codered policy check --repo-files`.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileProblem } from '../terminal/file-problem.ts';
import { readBytes } from '../terminal/log-input.ts';

const MOST_FILES = 500_000;
const MOST_BYTES = 100 * 1024 * 1024;
/** Folders that are no part of a repository's files and may be very large. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', 'node_modules']);

type Listed = { readonly paths: readonly string[] } | { readonly problem: string };

/**
 * Lists the paths of a repository's files, from its root. `from` is a folder, a file with one path on each line (or before each NUL),
 * or `-` for such a list on standard input. Returns a problem in words when that cannot be read.
 */
export async function listRepoFiles(from: string): Promise<Listed> {
  try {
    const isFolder = from !== '-' && (await stat(from)).isDirectory();
    const listed = isFolder ? await walk(from) : await readList(from);
    if ('problem' in listed) return listed;
    return listed.paths.length === 0 ? { problem: `${from}: lists no file` } : listed;
  } catch (thrown) {
    return { problem: `cannot read ${from}: ${fileProblem(thrown)}` };
  }
}

/** A link is a file of the repository, wherever it points. */
async function walk(root: string): Promise<Listed> {
  const paths: string[] = [];
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (LEFT_OUT.has(entry.name)) continue;
      if (entry.isDirectory()) open.push(name);
      else if (entry.isFile() || entry.isSymbolicLink()) paths.push(name);
    }
    if (paths.length + open.length > MOST_FILES) return { problem: `${root}: holds more than ${MOST_FILES} files` };
  }
  return { paths };
}

async function readList(from: string): Promise<Listed> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const failed = await readBytes(from, (chunk) => {
    bytes += chunk.length;
    if (bytes <= MOST_BYTES) chunks.push(chunk);
  });
  if (failed !== null) return { problem: failed };
  if (bytes > MOST_BYTES) return { problem: `${from}: is larger than ${MOST_BYTES} bytes` };
  const text = Buffer.concat(chunks).toString();
  const names = text.includes('\0')
    ? text.split('\0')
    : text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const paths = names.filter((name) => name !== '').map((name) => (name.startsWith('./') ? name.slice(2) : name));
  return paths.length > MOST_FILES ? { problem: `${from}: lists more than ${MOST_FILES} files` } : { paths };
}
