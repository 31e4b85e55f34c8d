// Renders what markdown.ts writes with a real GitHub Flavored Markdown parser: what went in as text comes out as that text.
import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { expect, test } from 'vitest';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { renderComment } from '../../src/report/comment.ts';
import { codeSpan, details, fence, link, patternProse, plain } from '../../src/text/markdown.ts';
import { linesOf, oneLine } from '../../src/text/outside-text.ts';
import { hostileText } from './hostile.ts';
import { deployment, failedJob, job, peerConflict, report, unknownFailure } from './reports.ts';

const OUR_TAGS = /^(?:<\/?(?:p|h3|strong|em|code|pre|a|ul|li|details|summary)>|<code class="language-text">)$/;
const OUR_LINK = /^<a href="https:\/\/(?:e\.example|github\.com)\/[^"<>]*">$/;
const text = hostileText.filter((each) => oneLine(each, 120) !== '');

test('text in prose comes out as itself', () => {
  fc.assert(
    fc.property(text, (each) => {
      expect(shown(html(plain(each)))).toBe(`<p>${oneLine(each, 120)}</p>`);
    }),
  );
});

test('text in code comes out as itself', () => {
  fc.assert(
    fc.property(text, (each) => {
      expect(shown(html(codeSpan(each)))).toBe(`<p><code>${oneLine(each, 120)}</code></p>`);
    }),
  );
});

test('lines in a fence come out as themselves, and the fold ends after them', () => {
  fc.assert(
    fc.property(text, (each) => {
      const lines = linesOf(each, 120);
      const page = shown(html(`${details('Lines', fence(lines))}\n\nafter`));
      expect(page).toBe(
        `<details><summary>Lines</summary>\n<pre><code class="language-text">${lines.join('\n')}\n</code></pre>\n</details>\n<p>after</p>`,
      );
    }),
  );
});

test('a cell stays one cell', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(html(`| a | b |\n|---|---|\n| ${plain(a)} | ${plain(b)} |`).match(/<td>/g)).toHaveLength(2);
    }),
  );
});

test('prose of patterns brings code and nothing else', () => {
  fc.assert(
    fc.property(text, (each) => {
      const tags = html(`**Fix** ${patternProse(each, 500)}`).match(/<[^>]*>/g) ?? [];
      expect(tags.filter((tag) => !/^<\/?(?:p|strong|code)>$/.test(tag))).toEqual([]);
    }),
  );
});

test('a link stays one link', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(html(link(codeSpan(a), `https://e.example/${b}`))).toMatch(
        /^<p>(?:<a href="https:\/\/e\.example\/[^"<>]*">)?<code>[^<]*<\/code>(?:<\/a>)?<\/p>$/,
      );
    }),
    // What looks like the definition of a link, which shows nothing.
    { examples: [['\\\u202e://', '`']] },
  );
});

test('a whole comment and summary hold no tag and no link but ours, and no mention', () => {
  fc.assert(
    fc.property(text, text, text, text, (a, b, c, d) => {
      const pattern = {
        name: a,
        category: 'other',
        severity: 'error',
        root_cause: b,
        recommended_fix: c,
        docs_url: `https://e.example/${d}`,
      } as const;
      const input = report({
        pull_request: { ...report().pull_request, title: d },
        jobs: [
          failedJob(a, { failed_step: { number: 1, name: b }, failure: unknownFailure({ message: c, excerpt: d }) }),
          failedJob(b, {
            workflow_name: a,
            html_url: `https://e.example/${c}`,
            failure: peerConflict({ fingerprint: '2', pattern }),
          }),
          job(c, { status: 'running', conclusion: null }),
        ],
        deployments: [deployment(a, { url: `https://e.example/${b}` })],
        earlier_failures: [
          { job_name: b, pattern_name: null, message: a, commit_sha: d, run_attempt: 1, fixed_by: null },
        ],
      });
      for (const markdown of [renderComment(input).body, renderCheckRun(input, { name: 'CodeRed' })?.summary ?? '']) {
        const page = html(markdown).replace(/^<!-- codered:comment v1 [\w=:. -]* -->$/m, '');
        expect((page.match(/<[^>]*>/g) ?? []).filter((tag) => !OUR_TAGS.test(tag) && !OUR_LINK.test(tag))).toEqual([]);
        expect(page.match(/<details>/g)?.length).toBe(page.match(/<\/details>/g)?.length);
        expect(page.replace(/<code[\s\S]*?<\/code>/g, '').replace(/<[^>]*>/g, '')).not.toMatch(/@(?!\u200b)/);
      }
    }),
  );
});

function html(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
}

/** What a reader sees: entities decoded, the zero-width spaces of ours taken out. */
function shown(page: string): string {
  const decoded = page
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
  return decoded.replaceAll('\u200b', '');
}
