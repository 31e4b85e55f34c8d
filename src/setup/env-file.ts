// Writes settings into the file `.env` that main.ts reads.
import { open } from 'node:fs/promises';

/**
 * Adds settings at the end of the file: no line of it is changed, and of a name that stands there twice the later counts. The
 * file, which holds a private key from then on, is its owner's alone (0600). Resolves when it is on the disk.
 */
export async function addToEnvFile(path: string, settings: Readonly<Record<string, string>>): Promise<void> {
  await using file = await open(path, 'a+', 0o600);
  await file.chmod(0o600);
  const before = await file.readFile('utf8');
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(name, value)}\n`);
  await file.appendFile(`${gap}${lines.join('')}`);
  await file.sync();
}

/** As `process.loadEnvFile` reads it: line breaks written out. */
function quoted(name: string, value: string): string {
  if (/["\\]/.test(value) || /[^\n\x20-\x7e]/.test(value)) throw new RangeError(`${name} can't stand in .env`);
  return `"${value.replaceAll('\n', '\\n')}"`;
}
