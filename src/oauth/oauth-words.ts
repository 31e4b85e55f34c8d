// What the pages of the authorization server say when something can't be done. Pure.
import { errors } from 'oidc-provider';
import { html, page } from '../pages/page.ts';

interface Words {
  readonly title: string;
  readonly problem: string;
}

const OVER: Words = {
  title: 'No longer good',
  problem:
    'This request was answered already, was begun more than half an hour ago, or in another browser. Nothing was let in. Go back to the app and begin again there.',
};
const NOT_NOW: Words = {
  title: 'Not now',
  problem:
    'This could not be done now, and nothing was let in. Begin again from the app in a minute; the log of this CodeRed says why.',
};

/** By OAuth's word for it. */
const WORDS: Readonly<Record<string, Words>> = {
  invalid_client: {
    title: 'An app that is not known',
    problem:
      'The app that sent you here is not known, or what it says of itself can not be read where it says. A registration that was not used within a day is forgotten: the app has to register again. Nothing was let in.',
  },
  invalid_client_metadata: {
    title: 'An app that is not known',
    problem:
      'What the app that sent you here says of itself is not as it should be. Nothing was let in; its makers have to set it right.',
  },
  invalid_redirect_uri: {
    title: 'Not a place of this app',
    problem:
      'The app wants its answer at an address that it did not name before. Somebody may be trying to get at what is yours: nothing was let in, and nothing was sent there.',
  },
  invalid_request: {
    title: 'A request that can not be answered',
    problem:
      'The app that sent you here asked in a way that can not be answered. Nothing was let in; its makers have to set it right.',
  },
  server_error: NOT_NOW,
};

/** The page for what OAuth calls an error; `said` is more of it, for whoever makes the app. */
export function oauthErrorPage(error: unknown, code: string, said = ''): string {
  const isOver = error instanceof errors.SessionNotFound;
  // Of an app that describes itself: what is wrong stands in its description.
  const kind = error instanceof errors.InvalidClientMetadata ? 'invalid_client_metadata' : code;
  const known = Object.hasOwn(WORDS, kind) ? WORDS[kind] : undefined;
  const { title, problem } = isOver ? OVER : (known ?? WORDS.invalid_request ?? NOT_NOW);
  const more = said === '' || isOver ? html`` : html`<p><small>For the makers of the app: ${code}, ${said}</small></p>`;
  return page(title, html`<p class="problem" role="alert">${problem}</p>${more}`);
}
