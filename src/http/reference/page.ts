// The page around the reference: its look, for light and dark, wide and narrow, and its headers. It runs no script and needs nothing
// from elsewhere.
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';

/** What `html` gives. */
export type Markup = ReturnType<typeof html>;

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --accent: light-dark(#b3261e, #ff8a80); }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; } h1 b { color: var(--accent); }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.1rem; margin: 0 0 .25rem; } h4 { margin: 1rem 0 .25rem; font-size: 1rem; }
a { color: var(--accent); }
a:focus-visible, input:focus-visible, button:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
section { scroll-margin-top: 1rem; margin: 1.25rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; }
section:target { border-color: var(--accent); }
code, pre { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { margin: .5rem 0; padding: .8rem; background: var(--soft); border-radius: .4rem; white-space: pre-wrap; }
nav ul { padding-left: 1.2rem; columns: 16rem; } nav li { break-inside: avoid; }
form { display: flex; gap: .5rem; margin: 1rem 0; flex-wrap: wrap; }
input { flex: 1 1 12rem; min-width: 0; font: inherit; padding: .5rem .7rem; border: 1px solid var(--line); border-radius: .4rem; background: transparent; color: inherit; }
button { font: inherit; font-weight: 600; padding: .5rem 1rem; border: 1px solid var(--accent); border-radius: .4rem; background: transparent; color: var(--accent); }
table { width: 100%; border-collapse: collapse; } th { text-align: left; }
th, td { padding: .35rem .5rem .35rem 0; border-bottom: 1px solid var(--soft); vertical-align: top; overflow-wrap: anywhere; }
small { opacity: .85; }
@media (max-width: 40rem) {
  thead { position: absolute; left: -999rem; } table, tbody, tr, td { display: block; } tr { border-bottom: 1px solid var(--line); padding: .4rem 0; }
  td { border: 0; padding: 0; } td:empty { display: none; }
}
`;

/** Sent with every page of it; the same for everybody, as it tells nothing of anybody. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'public, max-age=300',
};

/** A whole page. */
export function pageOf(title: string, content: Markup): string {
  return `${html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · CodeRed</title><style>${raw(STYLE)}</style></head><body><main><h1><b>CodeRed</b> · ${title}</h1>${content}</main></body></html>`}\n`;
}
