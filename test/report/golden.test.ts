// Holds comment and check run of every case in cases.ts against fixtures/comments/<case>.md. When the words are changed on
// purpose: `UPDATE_COMMENTS=1 npx vitest run test/report/golden.test.ts` writes the files anew; read the diff before you keep it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RequestedCheckRun, RequestedComment } from '../../src/model/publication.ts';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { renderComment } from '../../src/report/comment.ts';
import { CASES } from './cases.ts';
import type { ReportCase } from './reports.ts';

const FOLDER = new URL('../../fixtures/comments/', import.meta.url);
const SHOWN_LINES = 60;
const SHOWN_ANNOTATIONS = 5;

test.each(CASES)('$name: $title', (each) => {
  const file = new URL(`${each.name}.md`, FOLDER);
  const text = goldenText(each);
  if (process.env.UPDATE_COMMENTS === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
});

test('every file under fixtures/comments belongs to a case', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(CASES.map(({ name }) => `${name}.md`).toSorted());
});

function goldenText({ title, report }: ReportCase): string {
  const checkRun = renderCheckRun(report, { name: 'CodeRed' });
  return `# ${title}\n\n${commentText(renderComment(report))}\n\n---\n\n${checkRun === null ? '## No check run' : checkRunText(checkRun)}\n`;
}

function commentText(comment: RequestedComment): string {
  return `## Comment, ${comment.may_create ? 'made if there is none' : 'never made, only edited'}\n\n${abridged(comment.body)}`;
}

function checkRunText({ name, status, conclusion, title, summary, annotations }: RequestedCheckRun): string {
  const marks = annotations.map(
    (mark) =>
      `- ${mark.annotation_level} at \`${mark.path}:${mark.start_line}\`: ${mark.title}\n\n${indented(mark.message)}`,
  );
  const more = marks.length > SHOWN_ANNOTATIONS ? [`- … ${marks.length - SHOWN_ANNOTATIONS} more`] : [];
  const list = ['### Annotations', ...marks.slice(0, SHOWN_ANNOTATIONS), ...more].join('\n\n');
  const head = `## Check run ${name}, ${status}${conclusion === null ? '' : `, ${conclusion}`}: ${title}`;
  return [head, abridged(summary), ...(marks.length > 0 ? [list] : [])].join('\n\n');
}

function abridged(text: string): string {
  const lines = text.split('\n');
  if (lines.length <= 2 * SHOWN_LINES) return text;
  const left = `*(… ${lines.length - SHOWN_LINES - 20} lines are left out of this file; all in all ${text.length} characters)*`;
  return [...lines.slice(0, SHOWN_LINES), '', left, '', ...lines.slice(-20)].join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '      ');
}
