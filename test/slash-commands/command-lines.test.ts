// Which lines of a comment are commands: what is code, HTML or a quote commands nothing, and no comment takes long to read.

import fc from 'fast-check';
import { micromark } from 'micromark';
import { describe, expect, it } from 'vitest';
import { commandLines, MOST_COMMAND_CHARACTERS, MOST_COMMANDS } from '../../src/slash-commands/syntax/command-lines.ts';

const C = '/codered override all x';

describe('a comment', () => {
  it.each([
    ['in a fence', `\`\`\`\n${C}\n\`\`\``],
    ['in a longer fence that holds a shorter one', `\`\`\`\`md\n\`\`\`\n${C}\n\`\`\`\n${C}\n\`\`\`\``],
    ['in backticks that hold tildes', `\`\`\`\n~~~\n${C}\n~~~\n${C}\n\`\`\``],
    ['in tildes that hold backticks', `~~~\n\`\`\`\n${C}\n\`\`\`\n${C}\n~~~`],
    ['in a fence that its text does not close', `\`\`\`\n\`\`\`js\n${C}\n\`\`\``],
    ['in a fence that four spaces do not close', `\`\`\`\n    \`\`\`\n${C}\n\`\`\``],
    ['in a fence that is never closed', `\`\`\`\n\n${C}\n\n${C}`],
    ['in a fence that a separator of Unicode does not close', `\`\`\`\nx\u2028\`\`\`\n${C}\n\`\`\``],
    ['in a fence, after a separator of Unicode', `\`\`\`\nx\u2028${C}\n\`\`\``],
    ['in a fence of a list', `- a\n  \`\`\`\n  ${C}\n  \`\`\``],
    ['in an HTML comment', `<!--\n${C}\n\n${C}\n-->`],
    ['in an HTML comment that begins within a line', `see <!-- this\n${C}\n-->`],
    ['in an HTML comment that is never closed', `<!-- a\n\n${C}`],
    ['in a block of HTML', `<div>\n${C}\n</div>`],
    ['in preformatted HTML', `<pre>\n\n${C}\n\n</pre>`],
    ['in a script', `<script>\n\n${C}\n\n</script>`],
    ['in a quote of HTML with blank lines', `<blockquote>\n\n${C}\n\n</blockquote>`],
    ['in folded HTML with blank lines', `<details><summary>a</summary>\n\n${C}\n\n</details>`],
    ['in HTML code within a paragraph', `see <code>this\n${C}\n</code>`],
    ['in an attribute', `a <b title="\n${C}\n">`],
    ['in a processing instruction', `<?\n\n${C}\n?>`],
    ['in CDATA', `<![CDATA[\n\n${C}\n]]>`],
    ['in indented code', `a\n\n    ${C}`],
    ['in code indented by a tab', `\t${C}`],
    ['in code indented by spaces and a tab', `  \t${C}`],
    ['indented like code in a paragraph', `a\n    ${C}`],
    ['in code over lines', `\`a\n${C}\n\``],
    ['in code over lines with longer runs', `\`\`a \`\n${C}\n\`\``],
    ['in a quote', `> ${C}`],
    ['in a quote that goes on without its sign', `> a\n${C}`],
    ['in a quote of a list that goes on without its sign', `- > a\n${C}`],
    ['right below a quote, wherever parsers think that it ends', `>1. x\n    >\n${C}`],
    ['right below a quote, after a separator of Unicode', `> a\u2028\u2028${C}`],
    ['right below a link definition', `> [a]: b\n${C}`],
    ['right below HTML that is open', `a <!--<?\n${C}\n?>`],
    ['in a fence of a quote', `> \`\`\`\n> ${C}`],
    ['in the title of a link definition', `[a]: /b "\n${C}\n"`],
    ['as the target of a link definition', `[a]:\n/codered`],
    ['in the title of a link', `[a](/b "\n${C}\n")`],
    ['in the text of an image', `![a\n${C}\n](/b)`],
    ['in a line', `see ${C}`],
    ['in indented code of a list', `-     ${C}`],
    ['in code of a list, by tabs', `-\t\t${C}`],
    ['indented like code in what looks like a list', `a\n2.      ${C}`],
    ['in a list of indented code', `a\n\n    - ${C}`],
    ['in a quote of a list', `- > ${C}`],
    ['in a list of a quote', `> - ${C}`],
    ['in code of a list item', `- \`${C}\``],
    ['after a sign that is no mark of a list', `-${C}`],
    ['after two boxes of something', `- [y] ${C}`],
    ['right below a definition whose label has two lines', `[a\nb]: /c "\n${C}\n"`],
    ['right below a definition in a list', `- [a]: b\n${C}`],
    ['in an element that is closed in a later paragraph', `see <details> a\n\n${C}\n\nb </details>`],
    ['after a block of an element that is never closed', `<Details>\n\n${C}`],
    ['as another word', '/coderedly help'],
    ['that is larger than any', `${C}\n${'x'.repeat(131_072)}`],
  ])('commands nothing %s', (_, body) => {
    expect(commandLines(body)).toEqual([]);
  });

  it.each([
    ['after a one-line fence', '```x```\n/codered help', ['help']],
    ['after a closed fence', '```\n/codered recheck\n```\n/codered help', ['help']],
    ['after a fence in a quote', '> ```\n> a\n\n/codered help', ['help']],
    ['after backticks that close nothing', '`a\n/codered help', ['help']],
    ['after tildes in code', '`~~~`\n/codered help', ['help']],
    ['after a comment', '<!-- a <pre> -->\n/codered help', ['help']],
    ['after a comment with code', '<!--\n```\n-->\n\n/codered help', ['help']],
    ['after a closed quote of HTML', '<blockquote>\n\na\n\n</blockquote>\n\n/codered help', ['help']],
    ['after a word in angle brackets', 'use <branch>\n/codered help', ['help']],
    ['after a quote', '> a\n\n/codered help', ['help']],
    ['in a paragraph of a list', '- a\n/codered help', ['help']],
    ['in whatever case', '/CodeRed HELP', ['HELP']],
    ['of a list', '- /codered a\n* /codered b\n+ /codered c\n1. /codered d\n2) /codered e', [...'abcde']],
    ['of a list of tasks', '- [ ] /codered a\n- [x] /codered b\n- [X] /codered c', [...'abc']],
    ['of a list in a list', '- a\n  - /codered a\n- 1. /codered b\n-\t/codered c', [...'abc']],
    [
      'after what is invisible',
      '\ufeff/codered a\n\u200b/codered b\n\u00a0\u00a0/codered c\n- \u2060/codered d\n-\u00a0/codered e',
      [...'abcde'],
    ],
    ['after a sign', '/codered: help\n/codered, help\n/codered:\n/codered:help', ['help', 'help', '', 'help']],
    ['below what is no quote', '5 > 3 so ok\n/codered help', ['help']],
    ['below an arrow', '-> so\n/codered help', ['help']],
    ['below what defines no link', 'As in [#12]: fine\n/codered help', ['help']],
    ['below a word in brackets', '[x] and [y] done\n/codered help', ['help']],
    ['below an element that is never closed', 'Saw List<S>.\n/codered help\n\n/codered a', ['help', 'a']],
    ['after the name of an element', 'the <Details> component\n\n/codered help', ['help']],
    ['after an element that is closed', 'a <del>b</del> and <kbd>\n\n/codered help', ['help']],
    [
      'of every kind of line',
      '/codered a\r\n/codered b\r/codered c\u2028/codered d\u2029/codered e\u0085/codered f\v/codered g\f/codered h',
      [...'abcdefgh'],
    ],
    ['with spaces and a separator at its end', `/codered${' '.repeat(60_000)}\u2028`, ['']],
    ['over a line', '/codered help\n---', ['help']],
    [
      'among marks of the kind that is used to find it',
      '\uE0000\uE001\n/codered help \uE0001\uE001',
      ['help \uFFFD1\uFFFD'],
    ],
    [
      'as it is written, whatever Markdown makes of it',
      '/codered override a it is **wrong** &amp; `b`',
      ['override a it is **wrong** &amp; `b`'],
    ],
    ['in order', '/codered override a b\ntext\n\n/codered explain', ['override a b', 'explain']],
  ])('commands %s', (_, body, lines) => {
    expect(commandLines(body)).toEqual(lines);
  });

  it('is cut where there are more commands, or longer ones, than anybody needs', () => {
    expect(commandLines('/codered help\n'.repeat(4_000))).toHaveLength(MOST_COMMANDS + 1);
    expect(commandLines(`/codered a${' '.repeat(60_000)}b`)[0]).toHaveLength(MOST_COMMAND_CHARACTERS);
  });

  it('commands only what another parser shows as text of its own', () => {
    const pieces = [
      '\n',
      '\n\n',
      '```',
      '````',
      '~~~',
      '`',
      '> ',
      '- ',
      '1. ',
      '    ',
      '\t',
      ' ',
      '<!--',
      '-->',
      '<div>',
      '<pre>',
      '</pre>',
      '[a]: ',
      '"',
      '[',
      '](',
      ')',
      '*',
      '\\',
      'a',
      '\r',
      '\u2028',
      '<b ',
      '>',
      '# ',
      '---',
      '<?',
      '?>',
      `\n${C}\n`,
      `\n  ${C} 1\n`,
      `\n- ${C}\n`,
      `\n2) [ ] ${C}\n`,
      `\n\u00a0${C}\n`,
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 24 }), (parts) => {
        const body = parts.join('');
        const html = micromark(body, { allowDangerousHtml: true });
        const shown =
          html
            // Code of Markdown first: an element that stands in a line and is never closed does not reach to the end of the next.
            .replaceAll(/<pre><code(?: class="[^"<]*")?>[^<]*<\/code><\/pre>/g, '')
            .replaceAll(
              /<pre>[\s\S]*?<\/pre>|<code>[\s\S]*?<\/code>|<blockquote>[\s\S]*?<\/blockquote>|<!-->|<!--->|<!--[\s\S]*?-->/g,
              '',
            )
            .split('/codered').length - 1;
        expect(commandLines(body).length).toBeLessThanOrEqual(shown);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a hostile comment', () => {
  const SIZE = 65_536;
  const filled = (piece: string) =>
    `${piece.repeat(Math.ceil(SIZE / piece.length)).slice(0, SIZE - 20)}\n/codered help\n`;
  /** Each takes a tenth of a second at the most; a parser that begins anew at every piece would not come to an end. */
  const PIECES = [
    '>',
    '> ',
    '>\n',
    '> a\nb\n',
    '>>>>>>>>>>a\nb\n',
    '> - ',
    '- ',
    '* a\n',
    '1. ',
    '1. > ',
    '- a\n  ',
    '    a\n',
    '\t',
    ' ',
    '[',
    '![',
    '[a](',
    '[a](<',
    '[a](b "',
    '[[a](b)',
    '[a](b) ',
    '[a]',
    '[a]: b\n',
    '[a]:\n',
    '[\n',
    '[a]: b "\n',
    '[a](((',
    '`',
    '`\n',
    '``a`',
    '```\n',
    '~~~\n',
    '~~~x\n',
    '*a ',
    '*a_b',
    '**a *',
    'a**b_',
    'a***',
    '_a_ __b ',
    '*"',
    '<',
    '<a ',
    '<a b="',
    '<!--',
    'a <!-- ',
    'a <![CDATA[',
    'a <?',
    'a <!A ',
    '<div>\n',
    '<a>\n\n',
    '<pre>\n',
    '<http://a ',
    '<a@',
    '&a',
    '&#',
    '\\',
    '\0',
    '\r',
    '\u2028',
    '# ',
    '# a\n',
    '-',
    'a\n=\n',
    '/codered ',
    '/codered\n',
    '/codered help\u2028',
    '<blockquote>',
    'a <s> ',
    'a <s></s> ',
    'a <q> <s> </q>',
    '- [ ] ',
    '- [ ] /codered\n',
    '1) - + * ',
    '\u200b',
    '[a\n',
    '[a]\n:',
  ];

  it.each(PIECES)('full of %j is read to its end', (piece) => {
    expect(commandLines(filled(piece)).length).toBeLessThanOrEqual(MOST_COMMANDS + 1);
  });

  it('of many runs of backticks, or deep lists, is too', () => {
    const runs = Array.from({ length: 360 }, (_, length) => '`'.repeat(length)).join('x');
    const deep = Array.from({ length: 350 }, (_, depth) => `${' '.repeat(depth)}- a`).join('\n');
    expect(commandLines(`${runs}\n\n/codered help`)).toEqual(['help']);
    // Nobody nests so deeply but to hide something: what follows is not read.
    expect(commandLines(`${deep}\n\n/codered help`)).toEqual([]);
  });
});
