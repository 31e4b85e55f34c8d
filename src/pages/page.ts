// What our pages are made of: plain HTML that needs nothing from elsewhere and runs no script.
import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --accent: #b3261e; --mark: light-dark(#b3261e, #ff8a80); }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h1 b, a:not(.button) { color: var(--mark); }
label { display: block; font-weight: 600; margin-top: 1.25rem; }
small { display: block; font-weight: 400; opacity: .8; }
input { width: 100%; font: inherit; font-weight: 400; padding: .6rem .7rem; margin-top: .35rem; border: 1px solid var(--line); border-radius: .4rem; background: transparent; color: inherit; }
button { font: inherit; font-weight: 600; margin-top: 1.75rem; padding: .7rem 1.2rem; border: 0; border-radius: .4rem; background: var(--accent); color: #fff; cursor: pointer; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
code, pre { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { padding: .8rem; border: 1px solid var(--line); border-radius: .4rem; white-space: pre-wrap; }
dt { font-weight: 600; margin-top: .8rem; } dd { margin: 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.button { display: inline-block; font-weight: 600; margin-top: 1rem; padding: .7rem 1.2rem; border-radius: .4rem; background: var(--accent); color: #fff; text-decoration: none; }
fieldset { border: 1px solid var(--line); border-radius: .4rem; margin: 1.25rem 0 0; }
input[type="checkbox"] { width: auto; margin: 0 .5rem 0 0; }
.list { list-style: none; padding: 0; } .list li { border-top: 1px solid var(--line); padding: .6rem 0; overflow-wrap: anywhere; }
fieldset label { margin: .5rem 0; font-weight: 400; } fieldset label code { font-weight: 600; }
.quiet { margin-top: .5rem; padding: .35rem .8rem; background: transparent; color: var(--mark); border: 1px solid var(--mark); }
.problem { border-left: .25rem solid var(--mark); padding: .1rem .8rem; }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Text that can stand anywhere in HTML. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template whose values are escaped, unless they are HTML already; lists are put together. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const escaped = values.map((value) => {
    if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
    return value instanceof Html ? value.text : value.map(({ text }) => text).join('');
  });
  return new Html(String.raw({ raw: parts }, ...escaped));
}

/** The headers that are sent with a page. `formsTo`: where its forms may go. */
export function pageHeaders(formsTo: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${formsTo}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // With `no-referrer` a browser would not say where our own form comes from.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

export function page(title: string, content: Html): string {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · CodeRed</title>`;
  const style = new Html(`<style>${STYLE}</style>`);
  return html`<!doctype html><html lang="en"><head>${head}${style}</head><body><main><h1><b>CodeRed</b> · ${title}</h1>${content}</main></body></html>\n`
    .text;
}
