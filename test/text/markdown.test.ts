import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeSpan, counted, details, fence, link, linkIfAny, patternProse, plain } from '../../src/text/markdown.ts';
import { linesOf } from '../../src/text/outside-text.ts';
import { hostileText, outsideCode } from '../report/hostile.ts';

const Z = '\u200b';

describe('codeSpan', () => {
  test.each([
    ['plain text', 'npm ci', '`npm ci`'],
    ['a backtick inside', 'a`b', '``a`b``'],
    ['backticks at the ends', '`a`', '`` `a` ``'],
    ['a run of three', 'a```b', '````a```b````'],
    ['a branch that tries to break out', '`</details>@everyone`', '`` `</details>@everyone` ``'],
    ['line breaks', 'a\nb', '`a b`'],
    ['nothing', ' ', '(empty)'],
    ['an HTML comment', '<!-- x -->', `\`<${Z}!-- x -->\``],
    ['more than its limit', 'x'.repeat(200), `\`${'x'.repeat(117)}…\``],
  ])('%s', (_, text, expected) => {
    expect(codeSpan(text)).toBe(expected);
  });

  test('nothing of the text stands outside the code', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (a, b) => {
        const rest = outsideCode(`**${codeSpan(a)}** in ${codeSpan(b)} · end`);
        expect(rest.replaceAll('(empty)', '')).toBe('**** in  · end');
      }),
    );
  });
});

describe('fence', () => {
  test('is longer than any run of backticks inside', () => {
    expect(fence(['a', '````'])).toBe('`````text\na\n````\n`````');
    expect(fence(['a'])).toBe('```text\na\n```');
  });

  test('nothing of the lines stands outside it', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const folded = details('Lines', fence(linesOf(text, 500)));
        expect(outsideCode(`${folded}\n\nafter`)).toBe('<details><summary>Lines</summary>\n\n</details>\n\nafter');
        expect(folded).not.toContain('<!--');
      }),
    );
  });
});

describe('plain', () => {
  test.each([
    ['words are left alone', 'Use React 19 (again), really!', 'Use React 19 (again), really!'],
    ['Markdown', '*a* _b_ `c` [d](e) ~~f~~ \\ $g$', '\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\~\\~f\\~\\~ \\\\ \\$g\\$'],
    ['HTML', '<b>&amp;</b><!-- x -->', '&lt;b&gt;&amp;amp;&lt;/b&gt;&lt;!-- x --&gt;'],
    ['mentions and mail addresses', '@everyone a@b.co', `@${Z}everyone a@${Z}b.co`],
    ['references', '#1 o/r#2 GH-3 gh-4', `#${Z}1 o/r#${Z}2 GH-${Z}3 gh-${Z}4`],
    ['addresses', 'https://e.example www.e.example', `https:${Z}//e.example www${Z}.e.example`],
    ['commits', 'deadbeefcafe 0123456', `deadbe${Z}efcafe 012345${Z}6`],
    ['emoji names', ':tada: fix: it', `:${Z}tada:${''} fix: it`],
    ['the bars of a table', 'a|b', 'a&#124;b'],
    ['a list', '- a', '\\- a'],
    ['a numbered list', '12. a', '12\\. a'],
    ['a line under a heading', '===', '\\==='],
    ['line breaks', 'a\n\n# b', `a #${Z} b`],
  ])('%s', (_, text, expected) => {
    expect(plain(text)).toBe(expected);
  });

  test('leaves no mention, HTML, code or link, whatever comes in', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const safe = plain(text, 500);
        expect(safe).not.toMatch(/[<>|\n]|@(?!\u200b)|#(?![\u200b1])|:\/\/|www\./);
        expect(safe.replace(/\\[\\`*_[\]~$]/g, '')).not.toMatch(/[`*_[\]~$]/);
      }),
    );
  });
});

describe('patternProse', () => {
  test('keeps code and escapes everything else', () => {
    expect(patternProse('Pin it; `npm explain <package>` shows. @me <b> ![i](http://x)', 500)).toBe(
      `Pin it; \`npm explain <package>\` shows. @${Z}me &lt;b&gt; !\\[i\\](http:${Z}//x)`,
    );
  });

  test('takes code only where it is plain which backticks belong together', () => {
    expect(patternProse('`a``b` and ``c`` and `', 500)).toBe('\\`a\\`\\`b\\` and \\`\\`c\\`\\` and \\`');
  });

  test('leaves no mention and no HTML outside of code, whatever comes in', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const prose = patternProse(text, 500);
        expect(outsideCode(`Fix ${prose}`)).not.toMatch(/[<>\n]|@(?!\u200b)/);
        expect(prose).not.toContain('<!--');
      }),
    );
  });
});

describe('link', () => {
  test.each([
    [
      'a page',
      'https://github.com/o/r/actions/runs/1/job/2#step:4:37',
      '[x](https://github.com/o/r/actions/runs/1/job/2#step:4:37)',
    ],
    [
      'what Markdown would read',
      'https://e.example/a)(b <c>"`*$|',
      '[x](https://e.example/a%29%28b%20%3Cc%3E%22%60%2A%24%7C)',
    ],
    ['an entity', 'https://e.example/?a=1&copy=2', '[x](https://e.example/?a=1&amp;copy=2)'],
    ['no address', null, 'x'],
    ['an empty one', '', 'x'],
    ['a relative one', '/login', 'x'],
    ['a script', 'javascript:alert(1)', 'x'],
    ['data', 'data:text/html,x', 'x'],
    ['a name that looks like a host', 'https://github.com@e.example/', 'x'],
    ['one that is too long', `https://e.example/${'a'.repeat(500)}`, 'x'],
  ])('%s', (_, url, expected) => {
    expect(link('x', url)).toBe(expected);
  });

  test('words that need a link are left out without one', () => {
    expect(linkIfAny('docs', 'javascript:alert(1)')).toEqual([]);
    expect(linkIfAny('docs', 'https://e.example')).toEqual(['[docs](https://e.example/)']);
  });

  test('the target holds nothing that could end it', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(link('x', `https://e.example/${text}`)).toMatch(
          /^(?:x|\[x\]\(https:\/\/e\.example\/[\w\-.~:/?#@&+,;=%]*\))$/,
        );
      }),
    );
  });
});

test('counted writes a number with its noun', () => {
  expect([0, 1, 2, 1000].map((count) => counted(count, 'job'))).toEqual(['0 jobs', '1 job', '2 jobs', '1,000 jobs']);
});
