// Asks GitHub how the App is registered.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { Probot } from 'probot';
import { parse } from 'yaml';
import { z } from 'zod';
import { LIMITS } from '../../config/limits.ts';
import type { Config } from '../../config/settings.ts';
import { readRegisteredApp, readWebhookUrl } from '../../github/app.ts';
import { WEBHOOK_PATH } from '../../inbox/receive.ts';
import { inWords } from '../terminal/explain.ts';
import { compareApp } from './compare-app.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const manifestPath = fileURLToPath(new URL('../../../app.yml', import.meta.url));
const manifest = z.object({
  default_permissions: z.record(z.string(), z.string()),
  default_events: z.array(z.string()),
});

/**
 * Returns findings about the App's credentials, permissions, events and webhook. When GitHub does not know the App, or has not
 * answered everything within `withinMs` milliseconds, only a finding about the credentials.
 */
export async function checkApp(config: Config, withinMs: number = LIMITS.doctorMs): Promise<Finding[]> {
  const silence = Promise.withResolvers<Finding[]>();
  const timer = setTimeout(() => {
    const found = `${config.githubApiUrl} gave no answer within ${withinMs / 1_000} s`;
    const fix =
      'See that it can be reached from here (firewall, proxy), that GHE_HOST is right, and https://www.githubstatus.com.';
    silence.resolve([failed('GitHub', found, fix)]);
  }, withinMs);
  const findings = await Promise.race([silence.promise, askGitHub(config)]);
  clearTimeout(timer);
  return findings;
}

async function askGitHub(config: Config): Promise<Finding[]> {
  const probot = new Probot({
    appId: config.appId,
    privateKey: config.privateKey,
    secret: config.webhookSecrets[0],
    baseUrl: config.githubApiUrl,
    log: pino({ level: 'silent' }),
  });
  try {
    const registered = await readRegisteredApp(probot);
    const wanted = manifest.parse(parse(await readFile(manifestPath, 'utf8')));
    const rights = { permissions: wanted.default_permissions, events: wanted.default_events };
    return [
      ok('GitHub', `knows the App as ${registered.slug}`),
      ...compareApp(rights, registered, `${registered.html_url} > App settings > Permissions & events`),
      webhookFinding(await readWebhookUrl(probot)),
    ];
  } catch (thrown) {
    const fix = `See that APP_ID and PRIVATE_KEY belong together and that ${config.githubApiUrl} can be reached from here.`;
    return [failed('GitHub', inWords(thrown, 'GitHub'), fix)];
  }
}

function webhookFinding(url: string | null): Finding {
  const wanted = `https://<where GitHub reaches this server>${WEBHOOK_PATH}`;
  if (url === null || url === '') return failed('webhook', 'has no URL', `Set it to ${wanted} in the App's settings.`);
  if (URL.parse(url)?.hostname === 'smee.io') {
    return warning('webhook', `goes to ${url}`, 'Good for trying out; anybody who knows the URL can read along.');
  }
  if (URL.parse(url)?.pathname === WEBHOOK_PATH) return ok('webhook', `goes to ${url}`);
  return failed('webhook', `goes to ${url}`, `Set it to ${wanted} in the App's settings.`);
}
