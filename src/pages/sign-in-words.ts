// What the pages of the sign-in say when it could not be done, and what to do then. Pure.
import type { SignInFailure } from '../sign-in/sign-in-flow.ts';
import { type Html, html, page } from './page.ts';

/** A page that can be sent. */
export interface Page {
  readonly status: number;
  readonly text: string;
}

interface Words {
  readonly status: number;
  readonly title: string;
  readonly problem: string;
  /** False where trying again changes nothing. */
  readonly again: boolean;
}

const WORDS: Readonly<Record<SignInFailure, Words>> = {
  cancelled: {
    status: 403,
    title: 'Not signed in',
    problem: 'You did not let CodeRed in at GitHub, so nothing is known of you here. Nothing was changed.',
    again: true,
  },
  elsewhere: {
    status: 400,
    title: 'Begun elsewhere',
    problem:
      'This sign-in was begun in another browser, or this one did not keep its cookie. Whoever sent you this address could have signed you in as somebody else: begin again here.',
    again: true,
  },
  unknown: {
    status: 400,
    title: 'No longer good',
    problem: 'This sign-in was used already, or was begun more than ten minutes ago: each is good once. Begin again.',
    again: true,
  },
  bad_code: {
    status: 400,
    title: 'No longer good',
    problem:
      'GitHub does not take the code that it gave your browser: it was used already, or is too old. Begin again.',
    again: true,
  },
  unverified: {
    status: 403,
    title: 'Not signed in',
    problem:
      'GitHub gives nobody away whose primary e-mail address was not verified. Verify yours in your settings at GitHub.',
    again: true,
  },
  settings: {
    status: 503,
    title: 'Not set up rightly',
    problem:
      'GitHub does not take what this CodeRed says of itself. Tell whoever runs it: its log says which setting is wrong, and the App at GitHub has to name CODERED_URL with /sign-in/callback behind it as its callback URL.',
    again: false,
  },
  suspended: {
    status: 503,
    title: 'The App is suspended',
    problem:
      'GitHub has suspended the App of this CodeRed. Tell whoever runs it: GitHub says why to the owner of the App.',
    again: false,
  },
  unreachable: {
    status: 503,
    title: 'GitHub does not answer',
    problem:
      'Signing in needs GitHub, which does not answer now as it should. Try again in some minutes; www.githubstatus.com says how it is.',
    again: true,
  },
  refused: {
    status: 403,
    title: 'Not signed in',
    problem:
      'GitHub refused to sign you in. Try again; when it stays so, tell whoever runs this CodeRed: its log says what GitHub said.',
    again: true,
  },
};

/** The page for somebody who could not be signed in. */
export function failurePage(why: SignInFailure, signInUrl: string): Page {
  const { status, title, problem, again } = WORDS[why];
  return problemPage({ status, title, problem, link: again ? { to: signInUrl, words: 'Sign in with GitHub' } : null });
}

/** A problem in words, and where to go from there. */
export function problemPage({
  status,
  title,
  problem,
  link,
}: Omit<Words, 'again'> & { readonly link: { readonly to: string; readonly words: string } | null }): Page {
  const way: readonly Html[] =
    link === null ? [] : [html`<p><a class="button" href="${link.to}">${link.words}</a></p>`];
  return { status, text: page(title, html`<p class="problem" role="alert">${problem}</p>${way}`) };
}

/** Who signs in where the settings for it are missing learns which: names, and nothing that is secret. */
export function notSetUpPage(missing: readonly string[]): Page {
  const names = missing.map((name) => html`<li><code>${name}</code></li>`);
  const text = page(
    'Sign-in is not set up',
    html`<p>Nobody can sign in on this CodeRed: these settings are missing.</p><ul>${names}</ul>
<p>README.md says what each is, under “Sign in”. Everything else works without them; scripts come in with tokens of <code>codered token create</code>.</p>`,
  );
  return { status: 503, text };
}
