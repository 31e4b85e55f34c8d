// What a status or a deployment says of itself is told as such: it is no line of a log.
import { expect, test } from 'vitest';
import type { ReportJob } from '../../src/model/pull-request.ts';
import { renderComment } from '../../src/report/comment.ts';
import { deployment, failedJob, report, unknownFailure } from './reports.ts';

const NO_LINES = { excerpt: null, excerpt_first_line: null, excerpt_last_line: null, line_number: null };
const RUN = 'https://github.com/octo-org/web-shop/actions/runs/9003/job/77';

function status(change: Partial<ReportJob> = {}): ReportJob {
  return failedJob('ci/circleci: build', {
    provider: 'github-status',
    workflow_name: 'ci/circleci: build',
    html_url: 'https://ci.example/42',
    failed_step: null,
    log_state: 'none',
    failure: unknownFailure({ ...NO_LINES, message: 'Your tests failed on CircleCI' }),
    ...change,
  });
}

test.each([
  ['a status', { jobs: [status()] }, 'status', 'Your tests failed on CircleCI'],
  [
    'a status whose text was kept as if it were a line',
    {
      jobs: [
        status({
          failure: unknownFailure({
            message: 'Failed',
            excerpt: 'Failed: 3',
            excerpt_first_line: 1,
            excerpt_last_line: 1,
            line_number: 1,
          }),
        }),
      ],
    },
    'status',
    'Failed: 3',
  ],
  [
    'a deployment',
    {
      deployments: [
        deployment('production', {
          status: 'failed',
          failure: unknownFailure({ ...NO_LINES, message: 'Out of memory' }),
        }),
      ],
    },
    'deployment',
    'Out of memory',
  ],
] as const)('%s', (_, change, kind, said) => {
  const { body } = renderComment(
    report({
      ...change,
      jobs: [...('jobs' in change ? change.jobs : [])],
      deployments: [...('deployments' in change ? change.deployments : [])],
    }),
  );
  expect(body).toContain(`\nTold by the ${kind}: ${said.replace(': 3', ': 3')}`);
  expect(body).not.toMatch(/```|of the log|<details>/);
  expect(body).not.toContain(`\`${said}\``);
});

test('a check tells a sentence, and what else it says is folded', () => {
  const says = {
    message: '2 new alerts',
    excerpt: '2 new alerts\n1 of them high',
    excerpt_first_line: null,
    excerpt_last_line: null,
  };
  const jobs = [status({ provider: 'github-checks', failure: unknownFailure({ ...says, line_number: null }) })];
  const { body } = renderComment(report({ jobs }));
  expect(body).toContain('\nTold by the check: 2 new alerts\n<details><summary>What it said</summary>');
  const { body: short } = renderComment(
    report({ jobs: jobs.map((job) => ({ ...job, failure: unknownFailure({ ...NO_LINES, message: 'No' }) })) }),
  );
  expect(short).toMatch(/\nTold by the check: No$/);
});

test('several that said the same are told by name', () => {
  const { body } = renderComment(report({ jobs: [status(), status({ name: 'other', workflow_name: 'other' })] }));
  expect(body).toContain('Told by status `ci/circleci: build`: Your tests failed on CircleCI');
});

test('one that says nothing is said to say nothing, and not to be quoted', () => {
  const failure = unknownFailure({ ...NO_LINES, message: 'ci/circleci: build failed and gives no reason.' });
  const { body } = renderComment(report({ jobs: [status({ failure })] }));
  expect(body).toContain('failed · it gives no reason · [details]');
  expect(body).not.toContain('gives no reason.');
});

test('the log of the run that deploys is quoted, with its line', () => {
  const failed = deployment('production', {
    status: 'failed',
    environment_url: 'https://shop.example',
    log_url: RUN,
    failure: unknownFailure(),
  });
  const { body } = renderComment(report({ deployments: [failed] }));
  expect(body).toContain('**Deployment to [`production`](https://shop.example/)** failed');
  expect(body).toContain(`[log, line 33](${RUN})`);
  expect(body).toContain('Lines 33–34 of the log');
});

test.each([
  [{ environment_url: 'https://p.example', log_url: RUN }, '[`preview`](https://p.example/) succeeded ([log]('],
  [{ environment_url: null, log_url: RUN }, '`preview` succeeded ([log]('],
  [{ environment_url: 'https://p.example', log_url: null }, '[`preview`](https://p.example/) succeeded'],
  [{ url: 'https://old.example' }, '[`preview`](https://old.example/) succeeded'],
])('a deployment is linked to what it deployed to, and to its log second: %j', (change, expected) => {
  const { body } = renderComment(report({ deployments: [deployment('preview', { url: RUN, ...change })] }));
  expect(body).toContain(`Deployment: ${expected}`);
  expect(body.match(/\[log\]/g)?.length ?? 0).toBe(expected.includes('[log]') ? 1 : 0);
});

test('what strangers write there stays text', () => {
  const failure = unknownFailure({ ...NO_LINES, message: '```\n</details> @everyone [x](http://e.example) <!-- -->' });
  const { body } = renderComment(report({ jobs: [status({ failure })] }));
  const found = body.slice(body.indexOf('Told by'));
  expect(found).not.toMatch(/[<>]|@(?!\u200b)|:\/\/|(?<!\\)`/);
});
