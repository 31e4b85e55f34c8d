// What `codered work` takes and what it refuses, before anything is asked of anybody.

import { describe, expect, test } from 'vitest';
import { readWorkOptions } from '../../src/cli/work/options.ts';
import { command } from '../../src/cli/work.ts';
import { useFiles } from '../support/command-run.ts';

const ENV = { CODERED_URL: 'https://codered.example.com/', CODERED_TOKEN: 'crd_abc' };
const write = useFiles();

describe('codered work', () => {
  test('reads a command with all that stands behind --', async () => {
    const args = [
      '--types',
      'research, stage,research',
      '--once',
      '--concurrency',
      '3',
      '--',
      'agent',
      '--once',
      '--',
      'x',
    ];
    expect(await readWorkOptions(args, ENV)).toMatchObject({
      url: 'https://codered.example.com',
      token: 'crd_abc',
      doer: { kind: 'command', command: ['agent', '--once', '--', 'x'] },
      claim: { types: ['research', 'stage'], projectId: null, leaseSeconds: 300 },
      concurrency: 3,
      attempts: 2,
      timeoutMs: 3_600_000,
      once: true,
    });
  });

  test('reads a model, whose key stands in the environment alone', async () => {
    const args = ['--model', 'http://127.0.0.1:11434/v1/', '--model-name', 'small'];
    const { doer } = await readWorkOptions(args, { ...ENV, CODERED_MODEL_KEY: 'k' });
    expect(doer).toEqual({ kind: 'model', url: 'http://127.0.0.1:11434/v1', model: 'small', key: 'k' });
  });

  test('reads the token from a file, with the end of its line', async () => {
    const path = await write('token', 'crd_file\n');
    const { token } = await readWorkOptions(['--token-file', path, '--', 'x'], ENV);
    expect(token).toBe('crd_file');
  });

  test.each([
    ['nobody to do it', [], ENV, 'Say who does the work'],
    ['two to do it', ['--model', 'https://m.example.com', '--', 'x'], ENV, 'one of them'],
    ['a model of a command', ['--model-name', 'm', '--', 'x'], ENV, '--model-name says nothing to a command'],
    ['no address', ['--', 'x'], { CODERED_TOKEN: 'crd_abc' }, '--url is needed'],
    [
      'an address that others can read',
      ['--url', 'http://codered.example.com', '--', 'x'],
      ENV,
      '--allow-http allows it',
    ],
    ['a model that others can read', ['--model', 'http://10.0.0.7/v1'], ENV, '--model wants https'],
    [
      'a password in the address',
      ['--url', 'https://a:b@codered.example.com', '--', 'x'],
      ENV,
      'without user, password',
    ],
    ['another protocol', ['--url', 'file:///etc/passwd', '--', 'x'], ENV, '--url wants an https address'],
    ['no token', ['--', 'x'], { CODERED_URL: 'https://c.example.com' }, 'A token is needed'],
    [
      'what is no token',
      ['--', 'x'],
      { ...ENV, CODERED_TOKEN: 'crd_a\r\nx: y' },
      'What stands in CODERED_TOKEN is no token.',
    ],
    ['a file that is not there', ['--token-file', '/nowhere/token', '--', 'x'], ENV, "/nowhere/token, can't be read"],
    ['a short lease', ['--lease', '9', '--', 'x'], ENV, '--lease wants a whole number from 10 to 3600'],
    ['part of a worker', ['--concurrency', '1.5', '--', 'x'], ENV, '--concurrency wants a whole number'],
    ['an empty type', ['--types', 'code,', '--', 'x'], ENV, '--types wants 1 to 20 types'],
    ['what is no project', ['--project', 'shop', '--', 'x'], ENV, '--project wants the id'],
  ])('refuses %s', async (_, args, env, words) => {
    const read = readWorkOptions(args, env);
    await expect(read).rejects.toThrow(words);
    await expect(read).rejects.not.toThrow('crd_a');
  });

  test('names every option in its help', async () => {
    const options = [
      'types',
      'url',
      'token-file',
      'project',
      'worker',
      'lease',
      'concurrency',
      'attempts',
      'timeout',
      'once',
      'model',
      'model-name',
      'allow-http',
    ];
    for (const option of options) expect(command.help).toMatch(new RegExp(`^ {2}--${option} `, 'm'));
  });
});
