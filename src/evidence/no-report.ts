// Files that lie beside reports and are named after the same tools: their configurations, and what else such tools keep. Pure;
// formats.ts asks it of a file whose content no format knows.
//
// 1. Named like a configuration, and whole as one, it is no report. A report that is empty, cut off or a message of an error is none
//    of these, and stays unreadable under such a name too.
// 2. XML whose outermost tag is another's is no report where only the beginning `test-` of its name says so.

import { HEAD_BYTES } from './report-limits.ts';
import type { ReportHead } from './report-reader.ts';
import { rootTagOf } from './report-xml.ts';

/** `.eslintrc.json`, `lighthouserc.json`, `playwright.config.json`, `eslint-suppressions.json` … */
const CONFIGURATION =
  /^\.|(?:eslint|lighthouse|playwright|mochawesome|lcov)rc(?:[._-]|$)|(?:^|[._-])(?:config(?:uration)?|conf|settings|options|presets?|schema|budgets?|suppressions|assertions|plugins?|meta(?:data)?)(?:[._-]|$)/;
/** A list of budgets is one; no report of Lighthouse is a list. */
const BUDGETS = /lighthouse-?budgets?/;

export function isNoReport(head: ReportHead, bytes: number): boolean {
  const { name, text } = head;
  const isWhole = bytes < HEAD_BYTES;
  if (name.endsWith('.xml')) return isOtherXml(head, isWhole);
  if (!name.endsWith('.json') || name.endsWith('.sarif.json') || !CONFIGURATION.test(name)) return false;
  const content = withoutComments(text.trim());
  if (content.startsWith('{')) return !isWhole || text.trimEnd().endsWith('}');
  return BUDGETS.test(name) && content.startsWith('[') && (!isWhole || text.trimEnd().endsWith(']'));
}

function isOtherXml({ name, text }: ReportHead, isWhole: boolean): boolean {
  if (!CONFIGURATION.test(name) && (!name.startsWith('test-') || name.startsWith('test-result'))) return false;
  const root = rootTagOf(text);
  // A page of HTML stands where a download went wrong.
  if (!/^<[a-z_]/i.test(root) || /^<(?:html|testsuites?|coverage|report)\b/i.test(root)) return false;
  return !isWhole || text.trimEnd().endsWith('>');
}

/** From the first thing that is no comment; as much as is looked at. */
function withoutComments(text: string): string {
  let at = 0;
  for (;;) {
    at += text.slice(at).search(/\S|$/);
    const end = text.startsWith('//', at) ? '\n' : text.startsWith('/*', at) ? '*/' : null;
    if (end === null) return text.slice(at);
    const found = text.indexOf(end, at + 2);
    if (found === -1) return '';
    at = found + end.length;
  }
}
