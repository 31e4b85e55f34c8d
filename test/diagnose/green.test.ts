import { expect, it } from 'vitest';
import { createGreenReader, greenLog } from '../../src/diagnose/green.ts';

function read(log: string, salt = 'a') {
  const reader = createGreenReader(salt);
  reader.write(Buffer.from(log));
  return reader.end();
}

it('a green log knows its lines again with other details, and no others', () => {
  const green = greenLog(read('2026-07-30T19:16:42.3027598Z retry 3 of 5 failed after 12s\nall is well\n'), 'a');
  expect(green.has('retry 1 of 7 failed after 300s')).toBe(true);
  expect(green.has('retry 1 of 7 gave up')).toBe(false);
});

it('the hashes say nothing under another salt', () => {
  expect(greenLog(read('all is well\n', 'a'), 'b').has('all is well')).toBe(false);
});

it('what is kept is made after redaction', () => {
  const line = (end: string) => `remote https://x:ghp_${'a1B2'.repeat(8)}${end}@github.com/o/r`;
  expect(read(`${line('aaaa')}\n`)).toEqual(read(`${line('bbbb')}\n`));
});

it('a huge green log is read up to a bound, and what sounds like an error beyond it', () => {
  const words = Array.from(
    { length: 300 },
    (_, n) => `${String.fromCharCode(97 + (n % 26))}${String.fromCharCode(97 + Math.floor(n / 26))}`,
  );
  const many = words
    .flatMap((one) => words.map((other) => `${one} ${other} is said`))
    .concat(words.flatMap((one) => words.map((other) => `${one} so ${other}`)));
  const hashes = read(`${many.slice(0, 100_001).join('\n')}\nError: the very last\nthe very last\n`);
  expect(greenLog(hashes, 'a').has('Error: the very last')).toBe(true);
  expect(greenLog(hashes, 'a').has('the very last')).toBe(false);
});

it('of a green log of nothing but errors 300,000 lines are read', () => {
  const hashes = read(`${'Error: again\n'.repeat(300_000)}Error: the very last\n`);
  expect(greenLog(hashes, 'a').has('Error: again')).toBe(true);
  expect(greenLog(hashes, 'a').has('Error: the very last')).toBe(false);
});
