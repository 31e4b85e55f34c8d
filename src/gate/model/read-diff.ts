// A unified diff, as `git diff` writes it, as the files that GitHub would list of it. Pure. Of what is no such diff nothing is
// guessed: a line that can't be read is an error, for a change that is not seen would pass.

import type { ChangedFile } from './changed-lines.ts';

/** A text is not a diff that can be read; the message says why, with the number of the line. */
export class NoDiff extends Error {}

const HUNK = /^@@ -\d{1,10}(?:,(\d{1,10}))? \+\d{1,10}(?:,(\d{1,10}))? @@/;
const COMBINED = ['@@@', 'diff --cc ', 'diff --combined '];
const GIT = 'diff --git ';
const NOWHERE = '/dev/null';

interface Reading {
  filename: string | null;
  /** Whether names stand as they are (diff.noprefix), not as a/… and b/…. */
  isBare: boolean;
  status: string;
  additions: number;
  patch: string[];
  /** Lines of the hunk that are still to come, before and after. */
  left: { before: number; after: number };
}

/** Reads the changed files of a diff. Throws `NoDiff` at the first line that is not understood. */
export function readDiff(text: string): ChangedFile[] {
  const files: ChangedFile[] = [];
  let now: Reading | null = null;
  const names = new Set<string>();
  const take = () => {
    const file = now === null ? null : fileOf(now);
    if (file === null) return;
    if (names.has(file.filename))
      throw new NoDiff(`it tells of ${file.filename} twice; give that of git diff base...head`);
    names.add(file.filename);
    files.push(file);
  };
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    try {
      if (now !== null && isInHunk(now)) readBody(now, raw);
      else if (line.startsWith(GIT) || (line.startsWith('--- ') && (now === null || now.patch.length > 0))) {
        take();
        now = begin(line);
      } else readHead(now, line);
    } catch (error) {
      throw error instanceof NoDiff ? new NoDiff(`line ${index + 1}: ${error.message}`) : error;
    }
  }
  if (now !== null && isInHunk(now)) throw new NoDiff('it is cut off within a hunk');
  take();
  if (files.length === 0 && text.trim() !== '' && now === null) throw new NoDiff('it is no unified diff');
  return files;
}

/** With prefixes the two names of a file differ. */
function begin(line: string): Reading {
  const isGit = line.startsWith(GIT);
  const names = line.slice(isGit ? GIT.length : '--- '.length);
  const half = (names.length - 1) / 2;
  const old = nameOf(names);
  const isBare = isGit ? names.slice(0, half) === names.slice(half + 1) : withoutPrefix(old) === old && old !== NOWHERE;
  return { filename: null, isBare, status: 'modified', additions: 0, patch: [], left: { before: 0, after: 0 } };
}

function isInHunk({ left }: Reading): boolean {
  return left.before > 0 || left.after > 0;
}

function readBody(now: Reading, line: string): void {
  const sign = line[0] ?? ' ';
  // Some tools strip the space of an empty line.
  if (!['+', '-', ' ', '\\', '\r'].includes(sign)) throw new NoDiff('it is no line of a hunk');
  now.patch.push(line === '' ? ' ' : line);
  if (sign === '\\') return;
  if (sign !== '+') now.left.before -= 1;
  if (sign !== '-') now.left.after -= 1;
  if (sign === '+') now.additions += 1;
  if (now.left.before < 0 || now.left.after < 0) throw new NoDiff('its hunk has more lines than its head says');
}

function readHead(now: Reading | null, line: string): void {
  if (COMBINED.some((begins) => line.startsWith(begins)))
    throw new NoDiff('it is the combined diff of a merge; give that of git diff base...head');
  if (now === null) return;
  if (line.startsWith('deleted file mode')) now.status = 'removed';
  if (line.startsWith('+++ ')) {
    const name = nameOf(line.slice('+++ '.length));
    if (name === NOWHERE) now.status = 'removed';
    else now.filename ??= now.isBare ? name : withoutPrefix(name);
  }
  if (line.startsWith('rename to ')) now.filename = nameOf(line.slice('rename to '.length));
  if (line.startsWith('copy to ')) now.filename = nameOf(line.slice('copy to '.length));
  if (!line.startsWith('@@')) return;
  const head = HUNK.exec(line);
  if (head === null) throw new NoDiff('the head of its hunk can’t be read');
  const [, before = '1', after = '1'] = head;
  if (now.filename === null && now.status !== 'removed') throw new NoDiff('it has a hunk before the name of its file');
  now.patch.push(line);
  now.left = { before: Number(before), after: Number(after) };
}

/** Null where no line is new: removed, only renamed, of another mode, or binary. */
function fileOf({ filename, status, additions, patch }: Reading): ChangedFile | null {
  if (filename === null || status === 'removed') return null;
  return { filename, status, additions, patch: patch.join('\n') };
}

/** Git ends a name with spaces by a tab, and writes what is not plain in quotes, byte by byte: "b/\303\244.ts". */
function nameOf(written: string): string {
  if (!written.startsWith('"')) return written.split('\t', 1)[0] ?? written;
  const bytes: Buffer[] = [];
  const signs = [...written.slice(1)];
  for (let at = 0; at < signs.length && signs[at] !== '"'; at += 1) {
    const sign = signs[at] ?? '';
    const octal = signs.slice(at + 1, at + 4).join('');
    if (sign !== '\\') bytes.push(Buffer.from(sign));
    else if (/^[0-3][0-7]{2}$/.test(octal)) {
      bytes.push(Buffer.from([Number.parseInt(octal, 8)]));
      at += 3;
    } else {
      at += 1;
      bytes.push(Buffer.from(ESCAPES[signs[at] ?? ''] ?? signs[at] ?? ''));
    }
  }
  return Buffer.concat(bytes).toString('utf8');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' };

/** `a/` and `b/`, or by git's diff.mnemonicPrefix the index, the working tree, a commit or an object. */
function withoutPrefix(name: string): string {
  return /^[abiwco]\//.test(name) ? name.slice(2) : name;
}
