// One sample of every published rule that tells a token by its own form: the facts are those of gitleaks' rules (MIT), by their
// names, and of GitHub's list of supported patterns. Made up from a seed; split so that no form stands here as a whole.
import { type MakeUp, makeUp } from './made-up.ts';

/** `'` joins what a scanner would know; it is taken out. */
const FORMS: Readonly<Record<string, string>> = {
  '1password-secret-key': "A3'-{up:6}-{up:6}-{up:5}-{up:5}-{up:5}-{up:5}",
  '1password-service-account-token': "op's_eyJ{b64:260}",
  'adobe-client-secret': "p8'e-{low:32}",
  'age-secret-key': "AGE-SEC'RET-KEY-1{up:58}",
  'airtable-personal-access-token': "pa't{an:14}.{hex:64}",
  'alibaba-access-key-id': "LT'AI{low:20}",
  'anthropic-admin-api-key': "sk-a'nt-admin01-{url64:93}AA",
  'anthropic-api-key': "sk-a'nt-api03-{url64:93}AA",
  'artifactory-api-key': "AK'Cp{an:69}",
  'artifactory-reference-token': "cm'Vmd{an:59}",
  'authress-service-client-access-key': "sc'_{low:12}.{low:5}.acc_{low:16}.{low:40}",
  'aws-access-token': "AK'IA{b32:16}",
  'aws-access-token-temporary': "AS'IA{b32:16}",
  'aws-amazon-bedrock-api-key-long-lived': "AB'SK{b64:120}==",
  'aws-amazon-bedrock-api-key-short-lived': "bedrock-api-key-'YmVkcm9jay5hbWF6b25hd3MuY29t{b64:40}",
  'azure-ad-client-secret': "{an:3}8'Q~{an:34}",
  'clickhouse-cloud-api-secret-key': "4b'1d{an:38}",
  'clojars-api-token': "CLO'JARS_{low:60}",
  'cloudflare-origin-ca-key': "v1'.0-{hex:24}-{hex:146}",
  'databricks-api-token': "da'pi{hex:32}",
  'defined-networking-api-token': "dn'key-{low:26}-{low:52}",
  'digitalocean-access-token': "do'o_v1_{hex:64}",
  'digitalocean-pat': "do'p_v1_{hex:64}",
  'digitalocean-refresh-token': "do'r_v1_{hex:64}",
  'doppler-api-token': "dp'.pt.{low:43}",
  'duffel-api-token': "duf'fel_live_{low:43}",
  'dynatrace-api-token': "dt0'c01.{low:24}.{low:64}",
  'easypost-api-token': "EZ'AK{low:54}",
  'easypost-test-api-token': "EZ'TK{low:54}",
  'facebook-access-token': "{d:16}'|{low:32}",
  'facebook-page-access-token': "EA'AM{low:110}",
  'flutterwave-encryption-key': "FLW'SECK_TEST-{hex:12}",
  'flutterwave-public-key': "FLW'PUBK_TEST-{hex:32}-X",
  'flutterwave-secret-key': "FLW'SECK_TEST-{hex:32}-X",
  'flyio-access-token': "fo'1_{an:43}",
  'flyio-macaroon': "fm'2_{b64:120}==",
  'frameio-api-token': "fi'o-u-{low:64}",
  'freemius-secret-key': "'secret_key' => 'sk'_{an:29}'",
  'gcp-api-key': "AI'za{url64:35}",
  'github-app-token': "gh's_{an:36}",
  'github-user-token': "gh'u_{an:36}",
  'github-fine-grained-pat': "git'hub_pat_{an:22}_{an:59}",
  'github-oauth': "gh'o_{an:36}",
  'github-pat': "gh'p_{an:36}",
  'github-refresh-token': "gh'r_{an:76}",
  'gitlab-cicd-job-token': "gl'cbt-{an:4}_{an:20}",
  'gitlab-deploy-token': "gl'dt-{an:20}",
  'gitlab-feature-flag-client-token': "gl'ffct-{an:20}",
  'gitlab-feed-token': "gl'ft-{an:20}",
  'gitlab-incoming-mail-token': "gl'imt-{low:25}",
  'gitlab-kubernetes-agent-token': "gl'agent-{an:50}",
  'gitlab-oauth-app-secret': "gl'oas-{hex:64}",
  'gitlab-pat': "gl'pat-{an:20}",
  'gitlab-pat-routable': "gl'pat-{an:30}.{low:2}{low:7}",
  'gitlab-ptt': "gl'ptt-{hex:40}",
  'gitlab-rrt': "GR13'48941{an:20}",
  'gitlab-runner-authentication-token': "gl'rt-{an:20}",
  'gitlab-runner-authentication-token-routable': "gl'rt-t1_{an:30}.{low:9}",
  'gitlab-scim-token': "gl'soat-{an:20}",
  'gitlab-session-cookie': "_gitlab'_session={hex:32}",
  'grafana-api-key': "ey'JrIjoi{b64:90}==",
  'grafana-cloud-api-token': "gl'c_{b64:60}==",
  'grafana-service-account-token': "gl'sa_{an:32}_{hex:8}",
  'harness-api-key': "pa't.{an:22}.{an:24}.{an:20}",
  'hashicorp-tf-api-token': "{an:14}.atl'asv1.{an:67}",
  'heroku-api-key-v2': "HR'KU-AA{url64:58}",
  'huggingface-access-token': "h'f_{letters:34}",
  'huggingface-organization-api-token': "api'_org_{letters:34}",
  'infracost-api-token': "ic'o-{an:32}",
  'intra42-client-secret': "s-s4't2ud-{hex:64}",
  jwt: "e'yJ{url64:30}.e'yJ{url64:60}.{url64:43}",
  'jwt-base64': "ZX'lKaGJHY2lPaU{b64:80}",
  'linear-api-key': "lin'_api_{an:40}",
  'maxmind-license-key': "{an:6}_{an:29}_m'mk",
  'microsoft-teams-webhook':
    "https://example.webhook.off'ice.com/webhookb2/{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}@{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}/IncomingWebhook/{hex:32}/{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}",
  'new-relic-user-api-key': "NR'AK-{up:27}",
  'new-relic-insert-key': "NR'II-{an:32}",
  'new-relic-browser-api-token': "NR'JS-{hex:19}",
  'notion-api-token': "nt'n_{d:11}{an:35}",
  'npm-access-token': "np'm_{an:36}",
  'nuget-config-password': '<add key="ClearTextPass\'word" value="«{an:14}»" />',
  'octopus-deploy-api-key': "AP'I-{up:26}",
  'openai-api-key': "sk-'proj-{url64:74}T3Blbk'FJ{url64:74}",
  'openai-api-key-legacy': "sk-'{an:20}T3Blbk'FJ{an:20}",
  'openshift-user-token': "sha'256~{url64:43}",
  'perplexity-api-key': "ppl'x-{an:48}",
  'plaid-api-token': "access-'sandbox-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}",
  'planetscale-api-token': "psc'ale_tkn_{an:43}",
  'planetscale-oauth-token': "psc'ale_oauth_{an:43}",
  'planetscale-password': "psc'ale_pw_{an:43}",
  'postman-api-token': "PM'AK-{hex:24}-{hex:34}",
  'prefect-api-token': "pn'u_{an:36}",
  'private-key': "-----BEGIN RSA PRI'VATE KEY-----\\n{b64:64}\\n{b64:64}\\n-----END RSA PRI'VATE KEY-----",
  'pulumi-api-token': "pu'l-{hex:40}",
  'pypi-upload-token': "py'pi-AgEIcHlwaS5vcmc{url64:80}",
  'readme-api-token': "rd'me_{low:70}",
  'rubygems-api-token': "ruby'gems_{hex:48}",
  'scalingo-api-token': "tk-'us-{url64:48}",
  'sendgrid-api-token': "S'G.{url64:22}.{url64:43}",
  'sendinblue-api-token': "xkey'sib-{hex:64}-{low:16}",
  'sentry-org-token': "snt'rys_eyJpYXQiO{b64:40}LCJyZWdpb25fdXJs{b64:40}_{b64:43}",
  'sentry-user-token': "snt'ryu_{hex:64}",
  'settlemint-application-access-token': "sm'_aat_{an:16}",
  'settlemint-personal-access-token': "sm'_pat_{an:16}",
  'settlemint-service-access-token': "sm'_sat_{an:16}",
  'shippo-api-token': "ship'po_live_{hex:40}",
  'shopify-access-token': "shp'at_{hex:32}",
  'shopify-custom-access-token': "shp'ca_{hex:32}",
  'shopify-private-app-access-token': "shp'pa_{hex:32}",
  'shopify-shared-secret': "shp'ss_{hex:32}",
  'sidekiq-sensitive-url': 'https://«{hex:8}:{hex:8}»@gems.contribsys.com/',
  'slack-app-token': "xa'pp-1-{up:11}-{d:13}-{hex:64}",
  'slack-bot-token': "xo'xb-{d:12}-{d:12}-{an:24}",
  'slack-config-access-token': "xo'xe.xo'xp-1-{up:164}",
  'slack-config-refresh-token': "xo'xe-1-{up:146}",
  'slack-legacy-bot-token': "xo'xb-{d:12}-{an:24}",
  'slack-legacy-token': "xo'xs-{d:10}-{d:10}-{d:10}-{hex:10}",
  'slack-legacy-workspace-token': "xo'xa-2-{an:40}",
  'slack-user-token': "xo'xp-{d:12}-{d:12}-{d:12}-{hex:32}",
  'slack-webhook-url': "https://hooks.sl'ack.com/services/T{up:10}/B{up:10}/{an:24}",
  'sourcegraph-access-token': "sg'p_{hex:16}_{hex:40}",
  'square-access-token': "EA'AA{url64:60}",
  'square-application-secret': "sq0'csp-{url64:43}",
  'stripe-access-token': "sk'_live_{an:24}",
  'stripe-restricted-key': "rk'_prod_{an:40}",
  'twilio-api-key': "S'K{hex:32}",
  'typeform-api-token': "tf'p_{an:44}_{an:14}",
  'vault-batch-token': "hv'b.{url64:150}",
  'vault-service-token': "hv's.{url64:95}",
  'vault-service-token-legacy': "s'.{an:24}",
  'curl-auth-header': 'curl -H "Authorization: Bearer {an:30}" https://example.com',
  'curl-auth-user': 'curl -u ann:«{an:12}» https://example.com',
  'kubernetes-secret-yaml': 'kind: Secret\ndata:\n  key: {b64:32}',
};

export interface Sample {
  readonly rule: string;
  readonly text: string;
  /** What must not stand in the text any more. */
  readonly secret: string;
}

/** Where a token stands; rules that are a whole text stand alone. */
const PLACES: readonly ((token: string) => string)[] = [
  (token) => token,
  (token) => `found ${token} in the file`,
  (token) => `x="${token}"`,
  (token) => `error: ${token}\n`,
  (token) => `value=${token};`,
];

/** A sample of every rule in every place, from `seed`. */
export function publishedSamples(seed: number): Sample[] {
  const make = makeUp(seed);
  return Object.entries(FORMS).flatMap(([rule, form]) => {
    const isText = /[\s]/.test(form);
    return (isText ? PLACES.slice(0, 1) : PLACES).map((place) => sampleOf({ rule, form, place }, make));
  });
}

function sampleOf(
  { rule, form, place }: { rule: string; form: string; place: (token: string) => string },
  make: MakeUp,
): Sample {
  const marked = make(form.replaceAll("'", ''));
  const token = marked.replace(/[«»]/g, '');
  // Where nothing is marked, the longest word is the secret.
  const words = token.split(/[\s"=:@<>]|\\n/).toSorted((a, b) => b.length - a.length);
  return { rule, text: place(token), secret: /«(.*)»/.exec(marked)?.[1] ?? words[0] ?? token };
}
