// The forms of tokens as their makers, gitleaks' rules and GitHub's list of secret scanning patterns publish them. Pure data.
//
// A form is literals and runs: `{hex:64}` are at least 64 hexadecimal digits, `{hex:=64}` exactly so many; the alphabets
// are in alphabets.ts. Marks in front: `*` may follow a letter or a digit, `~` is the same in upper and lower case,
// `#` counts only where it looks drawn at random.

/** Pairs of the kind that stands in `[redacted:<kind>]`, and the forms with spaces between. The first form that matches counts. */
export type PublishedTokens = readonly (readonly [kind: string, forms: string])[];

export const PUBLISHED_TOKENS: PublishedTokens = [
  // What the keys of RSA, elliptic curves and OpenSSH begin with, in base64.
  [
    'private-key',
    '*{b64:5}BADANBgkqhkiG9w0BAQEFAASC{b64:20} *{b64:5}IBAAKCAQEA{b64:20} *{b64:5}IBAAKCAgEA{b64:20} MHcCAQEEI{b64:20} MIGkAgEBBD{b64:20} *MIGHAgEAMBMGByqGSM49{b64:20} MC4CAQAwBQYDK2Vw{b64:20} b3BlbnNzaC1rZXktdjE{b64:20}',
  ],
  // https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header/
  [
    'github-token',
    '*ghs_{dots:20} *ghp_{an:20} *gho_{an:20} *ghu_{dots:20} *ghr_{dots:20} *github_pat_{w:20} v1.{hex:=40}',
  ],
  [
    'gitlab-token',
    'glpat-{dots:20} gldt-{dots:20} glptt-{dots:20} glrt-{dots:20} glrtr-{dots:20} glcbt-{dots:20} glsoat-{dots:20} glffct-{dots:20} glft-{dots:20} glimt-{dots:20} glagent-{dots:20} gloas-{dots:20} glwt-{dots:20} GR1348941{url64:20} _gitlab_session={an:32}',
  ],
  ['bitbucket-token', '#ATBB{an:28} ATCTT3{dots:60} ATATT3{dots:60}'],
  [
    'aws-access-key',
    'AKIA{up:=16} ASIA{up:=16} ABIA{up:=16} ACCA{up:=16} #A3T{up:=17} ABSK{b64:100} bedrock-api-key-{b64:20} #FwoGZXIvYXdz{b64:80} #IQoJb3JpZ2lu{b64:80} amzn.mws.{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}',
  ],
  ['google-key', '*AIza{url64:35} ya29.{url64:20} *GOCSPX-{url64:20} #1//0{url64:40}'],
  [
    'azure-key',
    '{an:52}JQQJ99{an:20} {b64:76}+ASt{b64:8} {b64:76}+ABa{b64:8} {b64:76}+AMC{b64:8} {b64:76}ACDb{b64:8} {b64:76}APIM{b64:8} {an:76}AZDO{an:4} {an:42}AzSe{an:6} {b64:44}AzFu{b64:6} {b64:33}AzCa{b64:5} {b64:33}AIoT{b64:5} {b64:33}+ASb{b64:5} {b64:33}+AEh{b64:5} {b64:33}+ARm{b64:5} {b64:42}+ACR{b64:6} {az:4}Q~{az:31}',
  ],
  ['alibaba-key', '#LTAI{an:12}'],
  ['tencent-key', '#AKID{an:32}'],
  ['volcengine-key', '#AKLT{an:32}'],
  ['yandex-key', 'AQVN{url64:35} t1.{dots:86} y0_{url64:50} #YC{url64:=38}'],
  ['digitalocean-token', '~doo_v1_{hex:64} ~dop_v1_{hex:64} ~dor_v1_{hex:64}'],
  ['cloudflare-key', 'v1.0-{hex:24}-{hex:100} cfut_{an:40} cfat_{an:40} cfk_{an:40}'],
  ['heroku-key', 'HRKU-{url64:36}'],
  ['flyio-token', 'fo1_{url64:40} fm1r_{b64:80} fm1a_{b64:80} fm2_{b64:80}'],
  [
    'slack-token',
    'xoxe.xoxb-{dots:10} xoxe.xoxp-{dots:10} xoxb-{dots:10} xoxp-{dots:10} xoxa-{dots:8} xoxr-{dots:8} xoxe-{dots:10} xoxc-{dots:10} xoxd-{any:10} xoxs-{d:1}-{dots:5} xoxo-{d:1}-{dots:5} ~xapp-{d:1}-{dots:5}',
  ],
  [
    'slack-webhook',
    'hooks.slack.com/services/{path:10} hooks.slack.com/workflows/{path:10} hooks.slack.com/triggers/{path:10}',
  ],
  ['discord-webhook', 'discord.com/api/webhooks/{d:5}/{url64:20} discordapp.com/api/webhooks/{d:5}/{url64:20}'],
  ['teams-webhook', '*.webhook.office.com/webhookb2/{path:40}'],
  ['zapier-webhook', 'hooks.zapier.com/hooks/catch/{path:8}'],
  ['telegram-token', 'api.telegram.org/bot{d:5}:{url64:30} *{d:5}:A{url64:=34} *{d:8}:A{url64:=33}'],
  ['npm-token', '~npm_{an:36}'],
  ['pypi-token', '*pypi-{url64:40}'],
  ['rubygems-token', 'rubygems_{hex:48}'],
  ['clojars-token', '*~clojars_{an:60}'],
  ['crates-token', '#cio{an:=32}'],
  ['nuget-key', '#oy2{an:=43}'],
  ['docker-token', '*dckr_pat_{url64:20} *dckr_oat_{url64:20}'],
  ['jfrog-token', 'AKCp{an:=69} cmVmd{an:=59} #AKCp{an:60}'],
  [
    'stripe-key',
    '*sk_live_{an:10} *sk_test_{an:10} *sk_prod_{an:10} *rk_live_{an:10} *rk_test_{an:10} *rk_prod_{an:10} *whsec_{b64:20}',
  ],
  ['square-token', 'sq0atp-{url64:22} sq0csp-{url64:22} #EAAA{url64:22}'],
  ['shopify-token', '*shpat_{hex:32} *shpca_{hex:32} *shppa_{hex:32} *shpss_{hex:32} *shptka_{hex:32} *shpua_{hex:32}'],
  ['shippo-token', 'shippo_live_{hex:40} shippo_test_{hex:40}'],
  ['easypost-key', '#EZAK{an:=54} #EZTK{an:=54}'],
  ['flutterwave-key', '*FLWSECK_TEST-{an:12} *FLWPUBK_TEST-{an:32} *FLWSECK-{an:32}'],
  ['paypal-token', 'access_token$production{name:30} access_token$sandbox{name:30}'],
  [
    'plaid-token',
    'access-sandbox-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12} access-development-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12} access-production-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}',
  ],
  ['gocardless-token', '#live_{url64:=40}'],
  ['duffel-token', '*duffel_test_{dots:40} *duffel_live_{dots:40}'],
  ['supabase-key', '*sbp_{hex:40} *sbp_v0_{hex:40} *sb_secret_{url64:20}'],
  ['planetscale-key', 'pscale_tkn_{dots:32} pscale_oauth_{dots:32} ~pscale_pw_{dots:32}'],
  ['databricks-token', 'dapi{hex:32} dkea{hex:32} dose{hex:32}'],
  ['clickhouse-key', '#4b1d{an:=38}'],
  ['confluent-key', '#cflt{b64:=60}'],
  ['mongodb-key', 'mdb_sa_sk_{url64:40}'],
  ['neon-key', 'napi_{an:60}'],
  ['openai-key', '*sk-{url64:16}T3BlbkFJ{url64:20}'],
  [
    'api-key',
    'sk-ant-{url64:20} sk-or-{url64:20} sk-proj-{url64:20} sk-svcacct-{url64:20} sk-admin-{url64:20} sk-lf-{url64:20} #sk-{url64:=48} sk-{an:32} xai-{an:60} gsk_{an:40} pplx-{an:40} #csk-{an:40} #r8_{an:36} tgp_v1_{url64:40} lsv2_pt_{w:40} lsv2_sk_{w:40} pcsk_{w:40} #fw_{an:24} nvapi-{url64:60}',
  ],
  ['hugging-face-token', 'hf_{an:=34} #hf_{an:30} api_org_{an:34}'],
];
