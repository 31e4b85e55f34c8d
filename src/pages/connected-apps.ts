// The apps that a person let in by OAuth: what the account shows of them, and taking the right back.
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { Rejected } from '../model/errors.ts';
import { type Html, html } from './page.ts';
import { timeOf } from './time-of.ts';

const connectedApp = z.object({
  id: z.uuid(),
  client_id: z.string(),
  /** What the person said yes to. */
  about: z
    .object({
      client_name: z.string(),
      redirect_words: z.string(),
      scope: z.string(),
      resources: z.array(z.string()),
    })
    .nullable(),
  created_at: z.string(),
  expires_at: z.string(),
  last_used_at: z.string().nullable(),
});
export type ConnectedApp = z.output<typeof connectedApp>;

/** One for each consent whose tokens are good, the newest first. */
export async function readConnectedApps(brain: Pick<Brain, 'call'>, user_id: string): Promise<readonly ConnectedApp[]> {
  return z.array(connectedApp).parse(await brain.call('list_connected_apps', { user_id }));
}

/** Ends its tokens at once; false when the person has no such app. */
export async function revokeConnectedApp(brain: Pick<Brain, 'call'>, user_id: string, id: unknown): Promise<boolean> {
  const own = z.uuid().safeParse(id);
  if (!own.success) return false;
  try {
    await brain.call('revoke_connected_app', { user_id, id: own.data });
    return true;
  } catch (thrown) {
    if (thrown instanceof Rejected && thrown.code === 'CR004') return false;
    throw thrown;
  }
}

/** The list with a form for each. */
export function connectedApps(
  all: readonly ConnectedApp[],
  forms: { readonly url: string; readonly mark: string },
): Html {
  if (all.length === 0)
    return html`<p>None. An app that you let in, such as an agent over MCP, stands here and can be kept out again.</p>`;
  return html`<ul class="list">${all.map((app) => appRow(app, forms))}</ul>`;
}

function appRow(
  { id, client_id, about, created_at, last_used_at }: ConnectedApp,
  { url, mark }: { readonly url: string; readonly mark: string },
): Html {
  const name = about?.client_name ?? client_id;
  const used = last_used_at === null ? html`never used` : html`last used ${timeOf(last_used_at)}`;
  const at =
    about === null
      ? html``
      : html`${about.scope} at ${about.resources.join(', ')} · codes go to ${about.redirect_words} · `;
  return html`<li><b>${name}</b><small>${at}let in ${timeOf(created_at)} · ${used}</small>
<form method="post" action="${url}/account/apps/revoke"><input type="hidden" name="mark" value="${mark}"><input type="hidden" name="id" value="${id}"><button class="quiet" aria-label="Keep ${name} out">Keep out</button></form></li>`;
}
