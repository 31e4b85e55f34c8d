// Reads who the App is and how it is registered at GitHub, signed in as the App.
import type { Probot } from 'probot';
import { z } from 'zod';
import { Misconfigured } from '../model/errors.ts';
import { asking } from './github-error.ts';

/**
 * Returns the App's slug. Comments of the App have the author `<slug>[bot]` (docs/github.md#comments). Throws `Misconfigured`
 * when GitHub knows no App of these credentials, else what `githubError` returns.
 */
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

/** The App as it is registered: each permission with `read`, `write` or `admin`, and the names of the events that it gets. */
export type RegisteredApp = z.output<typeof registeredApp>;

/** Returns how the App is registered (docs/github.md#apps-and-installations). Throws what `githubError` returns. */
export function readRegisteredApp(probot: Pick<Probot, 'auth'>): Promise<RegisteredApp> {
  return asking('read the App itself', async () => {
    const octokit = await probot.auth();
    return registeredApp.parse((await octokit.rest.apps.getAuthenticated()).data);
  });
}

/**
 * Returns the address to which GitHub sends the App's webhooks; null when it sends none. Throws what `githubError` returns.
 * docs/github.md#apps-and-installations
 */
export function readWebhookUrl(probot: Pick<Probot, 'auth'>): Promise<string | null> {
  return asking("read the App's webhook settings", async () => {
    const octokit = await probot.auth();
    return (await octokit.rest.apps.getWebhookConfigForApp()).data.url ?? null;
  });
}
