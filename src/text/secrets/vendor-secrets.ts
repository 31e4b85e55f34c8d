// Finds secrets without a form of their own by the service that is named beside them: `HEROKU_API_KEY: <uuid>`, `algolia = <32
// letters and digits>`. The lengths are those of gitleaks' rules. Pure.
import { isIn, runEnd, withoutEnd } from './reading/alphabets.ts';
import { isWordy } from './reading/randomness.ts';
import type { Span } from './reading/span.ts';
import { skipSpaces } from './reading/value-reader.ts';

const UUID = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;

/** The lengths of a service's secrets; `hex` and `d` before a length say of what alone it is made. */
const LENGTHS: Readonly<Record<string, string>> = {
  adafruit: '32',
  adobe: 'hex32',
  airtable: '17',
  algolia: '32',
  alibaba: '30',
  asana: 'd16 32',
  atlassian: '24',
  confluence: '24',
  jira: '24',
  beamer: '46',
  bitbucket: '32 64',
  bittrex: '32',
  meraki: 'hex40',
  cloudflare: '40 hex37',
  codecov: '32 36',
  cohere: '40',
  coinbase: '64',
  confluent: '16 64',
  contentful: '43',
  datadog: '32 40',
  discord: 'hex64 d18 d19 32',
  droneci: '32',
  dropbox: '15 64 130-200',
  etsy: '24',
  facebook: 'hex32',
  fastly: '32',
  finicity: 'hex32 20',
  finnhub: '20',
  flickr: '32',
  freshbooks: '64',
  gitter: '40',
  gocardless: '45',
  heroku: 'uuid',
  hubspot: 'uuid',
  intercom: '60',
  jfrog: '64 73',
  artifactory: '64 73',
  bintray: '64 73',
  xray: '64 73',
  kraken: '80-90',
  kucoin: 'hex24 uuid',
  launchdarkly: '40',
  linear: 'hex32',
  linkedin: '14 16',
  'linked-in': '14 16',
  linked_in: '14 16',
  lob: '40 40',
  looker: '20 24',
  mailchimp: '36 37',
  mailgun: '36 39 50',
  mapbox: '80-110',
  mattermost: '26',
  messagebird: '25 uuid',
  message_bird: '25 uuid',
  'message-bird': '25 uuid',
  netlify: '40-46',
  newrelic: '64 24 37 32',
  new_relic: '64 24 37 32',
  'new-relic': '64 24 37 32',
  nytimes: '32',
  newyorktimes: '32',
  'new-york-times': '32',
  okta: '42',
  plaid: '24 30',
  privateai: '32',
  private_ai: '32',
  'private-ai': '32',
  rapidapi: '50',
  sendbird: 'uuid hex40',
  sentry: 'hex64',
  snyk: 'uuid',
  sonar: '40 44',
  sourcegraph: 'hex40',
  squarespace: 'uuid',
  sumo: '14 64',
  telegr: '35-60',
  travis: '22',
  twitch: '30',
  twitter: '25 45 50 36-66',
  typeform: '63',
  yandex: '39-42 90-300',
  zendesk: '40',
  contribsys__com: '17',
  contribsys: '17',
  hetzner: '64',
  vercel: '24',
  supabase: '40',
  deepgram: 'hex40',
  mistral: '32',
  elevenlabs: 'hex32',
  pagerduty: '20',
  opsgenie: 'uuid',
  appveyor: '20',
  coveralls: '32',
  rollbar: '32',
  bugsnag: '32',
  honeybadger: '32',
};

const VENDOR = new RegExp(
  Object.keys(LENGTHS)
    .sort((a, b) => b.length - a.length)
    .join('|'),
  'gi',
);
/** Between the service's name and the sign: the rest of the name. */
const MOST_BETWEEN = 26;

/** The places of values with the length of a service's secrets that are given to a name with the service in it. */
export function findVendorSecrets(text: string): Span[] {
  const found: Span[] = [];
  VENDOR.lastIndex = 0;
  for (let vendor = VENDOR.exec(text); vendor !== null; vendor = VENDOR.exec(text)) {
    if (!beginsWord(text, vendor.index)) continue;
    const sign = signAfter(text, vendor.index + vendor[0].length);
    if (sign < 0) continue;
    const start = opened(text, sign);
    const end = runEnd(text, start, 'any', start + 400);
    const value = withoutEnd(text.slice(start, end), '.:,');
    const lengths = LENGTHS[vendor[0].toLowerCase()] ?? '';
    if (lengths.split(' ').some((length) => fits(value, length)))
      found.push({ start, end: start + value.length, kind: `${vendor[0].toLowerCase()}-key` });
  }
  return found;
}

/** Whether a word begins here, also one of a name in camel case: a camera kit is none of Meraki's. */
function beginsWord(text: string, at: number): boolean {
  return !/[A-Za-z]/.test(text.charAt(at - 1)) || /^[a-z][A-Z]/.test(text.slice(at - 1, at + 1));
}

const SIGN = /["'\s]{0,3}(?:=>|:{1,3}=|\|\||\?=|[=:>,])/y;

function signAfter(text: string, from: number): number {
  for (let at = from; at - from <= MOST_BETWEEN; at++) {
    SIGN.lastIndex = at;
    const sign = SIGN.exec(text);
    if (sign !== null) return at + sign[0].length;
    if (!isIn(text, at, 'name') && text.charAt(at) !== ' ' && text.charAt(at) !== '\t') return -1;
  }
  return -1;
}

function opened(text: string, sign: number): number {
  let at = skipSpaces(text, sign, 5);
  while (at - sign < 10 && '"\'`=\\ '.includes(text.charAt(at) || 'x')) at++;
  return at;
}

function fits(value: string, length: string): boolean {
  if (length === 'uuid') return UUID.test(value);
  const [, alphabet = '', least = '0', most = least] = /^([a-z]*)(\d+)(?:-(\d+))?$/.exec(length) ?? [];
  if (value.length < Number(least) || value.length > Number(most)) return false;
  if (alphabet === 'd') return runEnd(value, 0, 'd') === value.length;
  if (alphabet === 'hex') return runEnd(value, 0, 'hex') === value.length && /\d/.test(value);
  // A word of a language has no digits, and a name has signs in it.
  return /\d/.test(value) && /[a-z]/i.test(value) && !isWordy(value) && !/[/:]/.test(value.slice(0, 3));
}
