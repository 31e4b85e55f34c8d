// The log is the last way out: what is written there is looked through as a whole.
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { safeLogLine } from '../../src/cli/terminal/safe-log-line.ts';
import { makeUp } from '../text/secrets/made-up.ts';

const make = makeUp(11);
const token = make(`gh${'p_'}{an:36}`);
const password = make('{an:14}');

function logged(write: (log: ReturnType<typeof pino>) => void): string {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  write(pino({ hooks: { streamWrite: safeLogLine } }, stream));
  return lines.join('');
}

test.each<[string, (log: ReturnType<typeof pino>) => void]>([
  ['a message', (log) => log.info(`cloned https://x:${password}@example.com/r`)],
  ['a message that is put together', (log) => log.info('token is %s', token)],
  ['an error', (log) => log.error({ err: new Error(`refused ${token}`) }, 'failed')],
  [
    'the cause of an error',
    (log) => log.error({ err: new Error('failed', { cause: new Error(`password=${password}`) }) }),
  ],
  [
    'what an error carries',
    (log) =>
      log.error({
        err: Object.assign(new Error('failed'), { request: { headers: { authorization: `token ${token}` } } }),
      }),
  ],
  ['a property', (log) => log.warn({ db: { password } }, 'settings')],
  ['what a logger is bound to', (log) => log.child({ url: `https://x:${password}@h/` }).info('here')],
  ['the name of a property', (log) => log.info({ [token]: 1 }, 'odd')],
])('a secret in %s is not written', (_name, write) => {
  const text = logged(write);
  expect(text).not.toContain(token);
  expect(text).not.toContain(password);
  expect(text).toContain('[redacted');
  expect(JSON.parse(text)).toMatchObject({ level: expect.any(Number), time: expect.any(Number) });
});

test('a line without secrets stays as it is', () => {
  const line =
    '{"level":30,"time":1,"pid":2,"hostname":"h","publication":"12","repository":"o/r","msg":"publication created"}\n';
  expect(safeLogLine(line)).toBe(line);
});

test('cuts a text that is as long as whatever it quotes', () => {
  const line = JSON.parse(safeLogLine(JSON.stringify({ level: 30, msg: 'm'.repeat(100_000) })));
  expect(line.msg).toHaveLength(16_385);
});
