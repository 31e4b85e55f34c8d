// `npm run eval [-- --data FOLDER] [--json] [--cases]`: how right the diagnosis is on every labelled set it can find.
// FOLDER is `../shared/data` beside the checkout, or SHARED_DATA; docs/eval.md has the figures so far.
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { starterMatcher } from './diagnosis.ts';
import type { Row } from './score.ts';
import { ciDiff, loghub, ownFixtures, pytorchLogs, realFailures } from './sets.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    json: { type: 'boolean', default: false },
    cases: { type: 'boolean', default: false },
  },
});

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.resolve(root, values.data ?? process.env.SHARED_DATA ?? '../shared/data');
const matcher = starterMatcher();
const rows: Row[] = [
  ...ownFixtures(matcher),
  ...realFailures(folder, matcher),
  ...ciDiff(folder, matcher),
  ...pytorchLogs(folder),
];
const groups = loghub(folder);

if (values.json) {
  process.stdout.write(`${JSON.stringify({ sets: values.cases ? rows : rows.map(briefly), loghub: groups })}\n`);
} else {
  process.stdout.write(`${renderTable(rows)}\n`);
  if (groups.length > 0) process.stdout.write(`\n${renderGroups()}\n`);
  if (values.cases) process.stdout.write(`\n${renderCases()}\n`);
}

function briefly({ cases, ...row }: Row) {
  return { ...row, cases: cases.length };
}

function renderTable(all: readonly Row[]): string {
  const head = ['set', 'logs', 'right', 'generic', 'wrong', 'silent', 'evidence line right'];
  const cells = all.map(({ set, logs, right, generic, wrong, silent, evidence, marked }) => [
    set,
    ...[logs, right, generic, wrong, silent].map(String),
    marked === 0 ? '–' : `${evidence} of ${marked}`,
  ]);
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function renderGroups(): string {
  const mean = groups.reduce((all, { accuracy }) => all + accuracy, 0) / groups.length;
  const cells = [...groups, { system: 'mean', accuracy: mean }].map(
    ({ system, accuracy }) => `| ${system} | ${accuracy.toFixed(4)} |`,
  );
  return ['| loghub-2k | grouping accuracy |', '| --- | --- |', ...cells].join('\n');
}

/** Every log that is not right, or whose evidence is not. */
function renderCases(): string {
  return rows
    .flatMap(({ set, cases }) =>
      cases
        .filter(({ outcome, evidence }) => outcome !== 'right' || evidence === false)
        .map(
          ({ file, outcome, evidence, said }) =>
            `${set} ${file}: ${outcome}${evidence === false ? ', evidence wrong' : ''}: ${said}`,
        ),
    )
    .join('\n');
}
