// Asks whoever sits at the terminal one thing.
import { createInterface } from 'node:readline/promises';

/** Asks a question and returns the line that is typed; null at the end of the input, or when `stop` is aborted first. */
export async function askLine(
  question: string,
  { input, output, stop }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream; stop: AbortSignal },
): Promise<string | null> {
  const lines = createInterface({ input, output });
  const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  const answer = lines.question(question, { signal: stop }).catch(() => null);
  const line = await Promise.race([answer, closed]);
  lines.close();
  return line;
}
