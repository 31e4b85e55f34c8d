// Files that lie beside reports and are named after the same tools: their configurations, and what else such tools keep. Pure;
// formats.ts asks it of a file whose content no format knows.
//
// 1. Named like a configuration, and whole as one, it is no report. A report that is empty, cut off or a message of an error is none
//    of these, and stays unreadable under such a name too; so does what has a key that reports have and configurations don't.
// 2. XML whose outermost tag is another's is no report where only the beginning `test-` of its name says so.
// 3. Of a file whose beginning does not show what it is, nobody knows that it is no report.

import { HEAD_BYTES } from './reading/report-limits.ts';
import type { ReportHead } from './reading/report-reader.ts';
import { rootTagOf } from './reading/report-xml.ts';
import { skimJson } from './reading/skim-json.ts';

/** `.eslintrc.json`, `lighthouserc.json`, `playwright.config.json`, `eslint-suppressions.json` … */
const CONFIGURATION =
  /^\.|(?:eslint|lighthouse|playwright|mochawesome|lcov)rc(?:[._-]|$)|(?:^|[._-])(?:config(?:uration)?|conf|settings|options|presets?|schema|budgets?|suppressions|assertions|plugins?|meta(?:data)?)(?:[._-]|$)/;
/** A list of budgets is one; no report of Lighthouse is a list. */
const BUDGETS = /lighthouse-?budgets?/;

/** What tools put right into their reports, and nobody into a configuration. */
const OF_REPORTS: ReadonlySet<string> = new Set([
  ...['results', 'suites', 'stats', 'testResults', 'errorCount', 'warningCount', 'runs', 'messages', 'filePath'],
  ...['numFailedTests', 'numTotalTests', 'lighthouseVersion', 'requestedUrl', 'failures', 'passes', 'testsuites'],
]);

export function isNoReport(head: ReportHead, bytes: number): boolean {
  const { name, text } = head;
  const isWhole = bytes < HEAD_BYTES;
  if (name.endsWith('.xml')) return isOtherXml(head, isWhole);
  if (!name.endsWith('.json') || name.endsWith('.sarif.json') || !CONFIGURATION.test(name)) return false;
  const content = withoutComments(text.trim());
  if (content.startsWith('{')) {
    const { keys, endsInText } = skimJson(text);
    if (endsInText || [...keys].some((key) => OF_REPORTS.has(key))) return false;
    return !isWhole || text.trimEnd().endsWith('}');
  }
  return BUDGETS.test(name) && content.startsWith('[') && (!isWhole || text.trimEnd().endsWith(']'));
}

function isOtherXml({ name, text }: ReportHead, isWhole: boolean): boolean {
  if (!CONFIGURATION.test(name) && (!name.startsWith('test-') || name.startsWith('test-result'))) return false;
  const root = rootTagOf(text);
  // A page of HTML stands where a download went wrong.
  if (!/^<[a-z_]/i.test(root) || /^<(?:html|testsuites?|coverage|report)\b/i.test(root)) return false;
  return !isWhole || text.trimEnd().endsWith('>');
}

/** Why the beginning of a file that no name tells of does not show what it is; null when it does. */
export function unseenIn({ name, text }: ReportHead, bytes: number): string | null {
  const isWhole = bytes < HEAD_BYTES;
  if (name.endsWith('.xml')) {
    const root = rootTagOf(text);
    if (/^<[^\s<>/!?]/.test(root) && (isWhole || root.endsWith('>'))) return null;
    if (text.trim() === '' && isWhole) return 'the file is empty';
    return isWhole ? 'the file is not XML: no tag stands at its beginning' : beyondHead('its outermost tag is');
  }
  if (!name.endsWith('.json') || isWhole) return null;
  if (text.trim() === '') return beyondHead('anything but white space is');
  return skimJson(text).endsInText ? beyondHead('what comes after its first long text is') : null;
}

function beyondHead(what: string): string {
  return `${what} not within the first ${HEAD_BYTES} bytes, so that nobody can tell whether the file is a report`;
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
