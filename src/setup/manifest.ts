// The manifest that GitHub makes the App from: app.yml, and where this CodeRed is.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { WEBHOOK_PATH } from '../inbox/receive.ts';
import { CALLBACK_PATH } from '../sign-in/open-sign-in.ts';

const file = fileURLToPath(new URL('../../app.yml', import.meta.url));
const appFile = z.object({
  name: z.string(),
  description: z.string(),
  url: z.url(),
  public: z.boolean(),
  default_permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])),
  default_events: z.array(z.string()),
});

/** A channel of smee.io hands everything on from its own address: nothing is added to it. */
export function isChannel(url: string): boolean {
  return URL.parse(url)?.hostname === 'smee.io';
}

/** Where GitHub is to send webhooks to reach a CodeRed at `url` (without a slash at the end), or behind a channel. */
function webhookUrl(url: string): string {
  return isChannel(url) ? url : `${url}${WEBHOOK_PATH}`;
}

/** `redirectUrl`: where GitHub sends the browser once the App is made. `publicUrl`: where browsers reach CodeRed, to sign in. */
export async function makeManifest({
  url,
  redirectUrl,
  publicUrl,
}: {
  url: string;
  redirectUrl: string;
  publicUrl: string;
}) {
  const app = appFile.parse(parse(await readFile(file, 'utf8')));
  const hook_attributes = { url: webhookUrl(url), active: true };
  return { ...app, hook_attributes, redirect_url: redirectUrl, callback_urls: [`${publicUrl}${CALLBACK_PATH}`] };
}
