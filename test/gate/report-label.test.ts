// Which package a report is of, by the words of its names.
import { describe, expect, it } from 'vitest';
import { isAtRoot, isFromRoot, labelOf } from '../../src/gate/coverage/report-label.ts';

describe('the label of a report', () => {
  it.each([
    ['coverage-api', 'lcov.info', 'api'],
    ['Coverage-Web', 'lcov.info', 'web'],
    ['coverage', 'out/api-coverage.xml', 'api'],
    ['coverage-api', 'api.xml', 'api'],
    ['coverage-api', 'web.xml', 'api-web'],
    ['coverage-e2e', 'lcov.info', ''],
    ['coverage-ubuntu', 'lcov.info', ''],
    ['coverage-x', 'v.xml', ''],
    // A profile of Go's, and one that is only called like it.
    ['coverage', 'c.out', ''],
    ['coverage', 'd.out', 'd'],
    // Runs are counted, packages are numbered.
    ['coverage-1', 'lcov.info', ''],
    ['coverage-1-of-4', 'lcov.info', ''],
    ['coverage-2x4', 'lcov.info', ''],
    ['coverage-p1', 'lcov.info', ''],
    ['coverage-shard1', 'lcov.info', ''],
    ['coverage-pkg1', 'lcov.info', 'pkg1'],
    ['coverage-api-1', 'lcov.info', 'api'],
    ['coverage-node20', 'lcov.info', ''],
    ['coverage-node-20', 'lcov.info', ''],
    ['coverage-node-v20', 'lcov.info', ''],
    ['coverage-node-api', 'lcov.info', 'node-api'],
    // A commit's name: seven signs or more, of which one is a figure.
    ['coverage-1a2b3c4', 'lcov.info', ''],
    ['coverage-fade1ad', 'lcov.info', ''],
    ['coverage-fade1a', 'lcov.info', 'fade1a'],
    ['coverage-fedefad', 'lcov.info', 'fedefad'],
    ['coverage-billing2', 'lcov.info', 'billing2'],
    ['coverage-payment3d', 'lcov.info', 'payment3d'],
  ])('of artifact %s, file %s is %j', (artifact, report, label) => {
    expect(labelOf(artifact, report)).toBe(label);
  });
});

describe('the files of a report', () => {
  it.each<[readonly string[], string, boolean]>([
    [['api/src/a.ts'], 'api', true],
    [['API/src/a.ts'], 'api', true],
    [['packages/web/a.ts'], 'api', true],
    [['src/a.ts'], 'api', false],
    [['src/api/a.ts'], 'api', true],
    [['src/a.ts', 'src/api/b.ts'], 'api', true],
    [['src/a.ts', 'src/b.ts', 'src/api/c.ts'], 'api', false],
    [['/app/src/a.ts', '/app/src/b.ts', '/app/api/c.ts'], 'api', true],
    [['/app/src/a.ts'], 'api', false],
    [['api'], 'api', false],
    [['api/src/a.ts'], '', false],
  ])('%j of %j are from the repository’s root: %s', (paths, label, is) => {
    expect(isFromRoot(paths, label)).toBe(is);
  });

  it.each([
    ['packages/a/b.ts', true],
    ['Apps/a.ts', true],
    ['packages', false],
    ['src/packages/a.ts', false],
    ['/packages/a.ts', false],
  ])('%s is at the root: %s', (path, is) => {
    expect(isAtRoot(path)).toBe(is);
  });
});
