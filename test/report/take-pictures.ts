// Shows comment and check run of the cases as a phone shows them, 360 px wide: `npm run look [-- <case>...]` writes one picture
// a case and prints where. A Chromium has to be there already (CHROMIUM names it); nothing is downloaded.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { renderComment } from '../../src/report/comment.ts';
import { CASES } from './cases.ts';
import type { ReportCase } from './reports.ts';

const WIDTH = 360;
const MOST_HEIGHT = 4000;
const run = promisify(execFile);

/** As far as the width of things depends on it: the margins of a comment on a phone, and how GitHub lays out a table. */
const STYLE = `
  html { background: #f6f8fa } body { margin: 0; display: flex; align-items: flex-start; font: 14px/1.5 "Noto Sans", "DejaVu Sans", sans-serif }
  main { box-sizing: border-box; width: ${WIDTH}px; padding: 16px; overflow: hidden }
  article { box-sizing: border-box; border: 1px solid #d1d9e0; border-radius: 6px; padding: 16px; background: #fff; overflow-wrap: break-word }
  h3 { font-size: 1.25em; margin: 0 0 16px; line-height: 1.25 } h4 { font-size: 1em; margin: 24px 0 16px }
  p, table, details, ul, pre { margin: 0 0 16px } ul { padding-left: 2em } .comment p { white-space: pre-line }
  table { display: block; width: max-content; max-width: 100%; overflow: auto; border-spacing: 0; border-collapse: collapse }
  th, td { padding: 6px 13px; border: 1px solid #d1d9e0 } th { font-weight: 600 }
  code { font: 85% monospace; background: #eff1f3; padding: .2em .4em; border-radius: 6px; white-space: break-spaces }
  pre { padding: 16px; overflow: auto; background: #f6f8fa; font-size: 85% } pre code { white-space: pre; padding: 0; background: none }
  a { color: #0969da } sub { font-size: 75% } h2 { font-size: 12px; color: #59636e; margin: 0 0 8px }`;

const wanted = process.argv.slice(2);
const folder = join(tmpdir(), 'codered-look');
mkdirSync(folder, { recursive: true });
for (const each of CASES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.log(await picture(each));
}

async function picture(each: ReportCase): Promise<string> {
  const page = join(folder, `${each.name}.html`);
  const image = join(folder, `${each.name}.png`);
  writeFileSync(page, pageOf(each));
  const url = pathToFileURL(page).href;
  const { stdout } = await chromium(['--dump-dom', url]);
  const height = Math.min(MOST_HEIGHT, Number(/data-height="(\d+)"/.exec(stdout)?.[1] ?? 1200));
  await chromium([`--screenshot=${image}`, `--window-size=${2 * WIDTH},${height}`, '--hide-scrollbars', url]);
  return image;
}

function chromium(what: readonly string[]) {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(folder, 'profile')}`];
  return run(process.env.CHROMIUM ?? 'chromium', [...flags, ...what], { maxBuffer: 64 * 1024 * 1024 });
}

function pageOf({ report }: ReportCase): string {
  const check = renderCheckRun(report, { name: 'CodeRed' });
  const state = check === null ? 'no check run' : `check run, ${check.conclusion ?? check.status}: ${check.title}`;
  return [
    `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><body>`,
    phone('comment', 'comment', renderComment(report).body),
    phone('check', state, check?.summary ?? ''),
    '<script>document.body.dataset.height = Math.max(...Array.from(document.querySelectorAll("main"), (main) => main.scrollHeight))</script></body>',
  ].join('\n');
}

function phone(kind: 'comment' | 'check', title: string, markdown: string): string {
  const html = micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
  });
  return `<main><h2>${title}</h2><article class="${kind}">${html}</article></main>`;
}
