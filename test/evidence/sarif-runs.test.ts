// What a SARIF file says of its runs: whose they are, how they ended, and what of them stands elsewhere.
import { describe, expect, test } from 'vitest';
import { criterionValues } from '../../src/gate/collect/criterion-values.ts';
import { measureFile } from '../support/measure.ts';

const ERROR = { level: 'error', message: { text: 'bad' } };
const run = (name: string, results: readonly object[], more: object = {}) => ({
  tool: { driver: { name } },
  results,
  ...more,
});
const sarif = (runs: readonly object[], more: object = {}) => JSON.stringify({ version: '2.1.0', runs, ...more });
const read = (runs: readonly object[], more?: object) => measureFile('a.sarif', sarif(runs, more));
function verdictOf(...runs: readonly object[]) {
  const measurement = read(runs);
  if (measurement === null) throw new Error('no report');
  return criterionValues('sarif', { reports: [{ path: 'a.sarif', measurement }] }).measured;
}

describe('runs of several tools in one file', () => {
  test('count for what each of them is about', () => {
    expect(verdictOf(run('ESLint', []), run('mypy', [ERROR]))).toEqual([
      { kind: 'findings', about: 'lint', errors: 0 },
      { kind: 'findings', about: 'types', errors: 1 },
    ]);
    expect(verdictOf(run('mypy', []), run('ESLint', [ERROR, ERROR]))).toEqual([
      { kind: 'findings', about: 'types', errors: 0 },
      { kind: 'findings', about: 'lint', errors: 2 },
    ]);
  });

  test('of one name are one tool', () => {
    expect(verdictOf(run('ESLint', [ERROR]), run('ESLint', [ERROR]))).toEqual([
      { kind: 'findings', about: 'lint', errors: 2 },
    ]);
    expect(read([run('ESLint', [])])).not.toHaveProperty('tools');
  });

  test('are told together, with a run that broke as its own tool’s', () => {
    const broke = { invocations: [{ executionSuccessful: false }] };
    expect(read([run('ESLint', [{ message: {} }]), run('pyright', [], broke)])).toMatchObject({
      tool: 'ESLint, pyright',
      errors: 1,
      tools: [
        { tool: 'ESLint', errors: 0, warnings: 1 },
        { tool: 'pyright', errors: 1, warnings: 0 },
      ],
    });
  });

  test('are no more than are kept', () => {
    const many = Array.from({ length: 1_001 }, (_, at) => run(`T${at}`, []));
    expect(read(many)).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining('1000 tools') });
  });
});

describe('a run that did not end well', () => {
  test.each([
    ['never started', { executionSuccessful: true, processStartFailureMessage: 'no such file' }, 'did not start'],
    ['was killed', { exitSignalName: 'SIGKILL' }, 'signal "SIGKILL"'],
    ['was killed, and calls itself well', { executionSuccessful: true, exitSignalNumber: 9 }, 'signal 9'],
    ['says nothing but its exit code', { exitCode: 2 }, 'exit code 2'],
    ['says nothing but a code below zero', { exitCode: -1 }, 'exit code -1'],
    ['was not successful', { executionSuccessful: false, exitCode: 0 }, 'not successful'],
  ])('%s', (_how, invocation, words) => {
    expect(read([run('ESLint', [], { invocations: [{ executionSuccessful: true }, invocation] })])).toMatchObject({
      errors: 1,
      findings: [{ message: expect.stringContaining(words) }],
    });
  });

  test.each([
    { executionSuccessful: true, exitCode: 1 },
    { exitCode: 0 },
    { executionSuccessful: true, exitSignalName: null, processStartFailureMessage: '' },
    {},
  ])('is none: %j', (invocation) => {
    expect(read([run('ESLint', [], { invocations: [invocation] })])).toMatchObject({ errors: 0 });
  });
});

describe('what of a run stands elsewhere', () => {
  const file = [{ location: { uri: 'r.sarif-external-properties' }, itemCount: 3 }];
  test.each(['results', 'invocations', 'extensions', 'policies'])('makes it unreadable: %s', (name) => {
    const unreadable = { kind: 'unreadable', reason: expect.stringContaining(`${name} of a run stand outside`) };
    expect(read([run('ESLint', [], { externalPropertyFileReferences: { [name]: file } })])).toMatchObject(unreadable);
    expect(read([run('ESLint', [])], { inlineExternalProperties: [{}, { [name]: [ERROR] }] })).toMatchObject(
      unreadable,
    );
  });

  test('also the driver', () => {
    const driver = { externalPropertyFileReferences: { driver: { location: {} } } };
    expect(read([run('ESLint', [], driver)])).toMatchObject({ kind: 'unreadable' });
  });

  test('and decides nothing does not matter', () => {
    const references = { externalPropertyFileReferences: { artifacts: file, results: [] } };
    expect(read([run('ESLint', [], references)], { inlineExternalProperties: [] })).toMatchObject({ errors: 0 });
  });
});
