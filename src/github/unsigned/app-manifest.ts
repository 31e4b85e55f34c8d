// Takes over an App that GitHub made from a manifest.
// docs/github.md#apps-and-installations
import { z } from 'zod';
import { asError, Rejected, Transient } from '../../model/errors.ts';
import { askPlainly } from './plain-request.ts';

const madeApp = z.object({
  id: z.int().positive(),
  html_url: z.url({ protocol: /^https?$/ }),
  pem: z.string().startsWith('-----BEGIN '),
  webhook_secret: z.string().min(16),
  client_id: z.string().min(1).max(100),
  client_secret: z.string().min(16).max(200),
});

/** The App as GitHub made it: its id, its page, its private key (PEM), the secret that webhooks are signed with, and what people sign in with. */
export type MadeApp = z.output<typeof madeApp>;

/** What a code may look like: it becomes part of a path, so it holds no `/`, `.` or `?`. */
export const MANIFEST_CODE = /^[\w-]{1,200}$/;

/**
 * Exchanges the code that GitHub sends to the browser when it has made the App. A code is good for one hour and one exchange.
 * Throws `Rejected` when GitHub does not know the code, `Transient` when GitHub does not answer or answers something else.
 */
export async function takeOverApp(githubApiUrl: string, code: string): Promise<MadeApp> {
  const asked = askPlainly(`${githubApiUrl}/app-manifests/${code}/conversions`, 'POST');
  const { status, body } = await asked.catch((thrown: unknown) => {
    throw new Transient(`GitHub can't be asked: ${asError(thrown).message}`, { cause: thrown });
  });
  if (status === 404 || status === 422) throw new Rejected(`GitHub does not know this code, or no longer (${status})`);
  const made = madeApp.safeParse(body);
  if (status !== 201 || !made.success) throw new Transient(`GitHub answered ${status}, and nothing that could be used`);
  return made.data;
}
