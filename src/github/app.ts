// Reads who the App is at GitHub. The pipeline and `codered doctor` import it.

import type { Probot } from 'probot';
import { Misconfigured } from '../model/errors.ts';
import { asking } from './github-error.ts';

/** The App's slug, as in `<slug>[bot]`, the author of its comments. https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app */
export async function readAppSlug(probot: Pick<Probot, 'auth'>): Promise<string> {
  const octokit = await probot.auth();
  const { data } = await asking('read the App itself', () => octokit.rest.apps.getAuthenticated());
  if (data?.slug) return data.slug;
  throw new Misconfigured('GitHub knows no App of this APP_ID and private key: see that both are of the same App.');
}
