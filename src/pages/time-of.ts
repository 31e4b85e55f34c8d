// A time as our pages show it. Pure.
import { type Html, html } from './page.ts';

/** `iso`: ISO 8601 in UTC; shown to the minute. */
export function timeOf(iso: string): Html {
  const words = `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
  return html`<time datetime="${iso}">${words}</time>`;
}
