// How the tests run, in four projects: docs/testing.md says what belongs where. Real databases start slowly on small machines,
// hence the long limits and the few workers: nothing is to fail because a machine is slow.
import { defineConfig } from 'vitest/config';

/** Whole stories over sockets, told moment by moment. */
const STORIES = ['test/stories/**/*.test.ts', 'test/*story.test.ts'];
/** What needs a browser, chaos, fuzzing, conformance or thousands of random runs. */
const SLOW = [
  'test/slow/**/*.test.ts',
  'test/kill.test.ts',
  'test/brain/supabase-cli.test.ts',
  'test/brain/postgres-versions.test.ts',
];
/** Folders whose tests open databases, doors or processes; what stands in no list is pure. */
const ROOMS =
  'brain,cli,commands,demo,github,http,inbox,mcp,operations,pages,publish,queue,server,setup,web,work-process';
const BRAIN = [
  `test/{${ROOMS}}/**/*.test.ts`,
  'test/{app,borrowed-brain,daily-retention,main,order,server}.test.ts',
  'test/gate/{gate,fork-gate,trust-pull-request}.property.test.ts',
  'test/report/report.test.ts',
  'test/diagnose/diagnose.test.ts',
];
/** What holds the homes of the brain together: each file asks for the homes that it is about. */
const CONTRACT = [
  'test/brain/backends/**/*.test.ts',
  'test/brain/{call-arguments,contract,embedded,migrate,object-store,sqlstate-status,supabase,top-level-keys,upgrade,upgrade-seeds}.test.ts',
  'test/brain/security/plans.test.ts',
];
/** Rules in SQL: the same on each home, so that they are tried on one, and on the other in `slow`. */
const RULES = ['test/brain/**/*.test.ts'];
/** In one process one after the other: what starts a process or compiles a database is made once, and tests clean up. */
const together = { isolate: false };

export default defineConfig({
  test: {
    globalSetup: 'test/support/shared-postgres.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    restoreMocks: true,
    // What is waited for comes late on a busy machine.
    expect: { poll: { timeout: 120_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'unit', ...together, include: ['test/**/*.test.ts'], exclude: [...STORIES, ...SLOW, ...BRAIN] },
      },
      { extends: true, test: { name: 'brain', include: BRAIN, exclude: SLOW } },
      { extends: true, test: { name: 'stories', ...together, include: STORIES } },
      {
        extends: true,
        test: { name: 'slow', include: [...SLOW, ...RULES], exclude: CONTRACT, env: { RULES_ON: 'embedded' } },
      },
    ],
  },
});
