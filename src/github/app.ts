// Reads who the App is and how it is registered at GitHub, signed in as the App.
import type { Probot } from 'probot';
import { z } from 'zod';
import { Misconfigured } from '../model/errors.ts';
import { asking } from './github-error.ts';

/** The App's slug, as in `<slug>[bot]`, the author of its comments. docs/github.md#apps-and-installations */
export async function readAppSlug(probot: Pick<Probot, 'auth'>): Promise<string> {
  const octokit = await probot.auth();
  const { data } = await asking('read the App itself', () => octokit.rest.apps.getAuthenticated());
  if (data?.slug) return data.slug;
  throw new Misconfigured('GitHub knows no App of this APP_ID and private key: see that both are of the same App.');
}

const registeredApp = z.object({
  slug: z.string(),
  html_url: z.string(),
  permissions: z.record(z.string(), z.string()),
  events: z.array(z.string()),
});

/** What the App may do (permission to `read`, `write` or `admin`) and which events it is told of. */
export type RegisteredApp = z.output<typeof registeredApp>;

/** docs/github.md#apps-and-installations; throws what `githubError` says. */
export function readRegisteredApp(probot: Pick<Probot, 'auth'>): Promise<RegisteredApp> {
  return asking('read the App itself', async () => {
    const octokit = await probot.auth();
    return registeredApp.parse((await octokit.rest.apps.getAuthenticated()).data);
  });
}

/** Where GitHub sends the App's webhooks, null when nowhere. docs/github.md#apps-and-installations */
export function readWebhookUrl(probot: Pick<Probot, 'auth'>): Promise<string | null> {
  return asking("read the App's webhook settings", async () => {
    const octokit = await probot.auth();
    return (await octokit.rest.apps.getWebhookConfigForApp()).data.url ?? null;
  });
}
