// The doors of people and their agents put together: pages, OAuth, the operations over REST and MCP, and their streams, which share who
// asks and how much each may do.

import type { Logger } from 'pino';
import type { Probot } from 'probot';
import type { Admission } from '../brain/admission.ts';
import type { Brain } from '../brain/client.ts';
import { LIMITS } from '../config/limits.ts';
import type { Config } from '../config/settings.ts';
import { admittedOctokit } from '../github/installation.ts';
import type { AddressOf } from '../http/client-address.ts';
import { makePersonDoor } from '../http/rest/person-door.ts';
import { makeRest } from '../http/rest/rest.ts';
import type { Metrics } from '../http/routes/metrics.ts';
import type { Routes } from '../http/routing.ts';
import { makeStreams } from '../http/streams/streams.ts';
import { makeMcp } from '../mcp/mcp.ts';
import { type ResourceName, resourceAt } from '../model/resources.ts';
import { makeOauth } from '../oauth/oauth.ts';
import { askGithub } from '../on-behalf/on-behalf.ts';
import type { AskGithub } from '../operations/declared/ask-github.ts';
import { type ContentLinks, makeContentLinks } from '../operations/declared/content-link.ts';
import { makePages } from '../pages/pages.ts';
import { sharedPauses } from '../pipeline.ts';
import { openSignIn } from '../sign-in/open-sign-in.ts';
import type { RefreshAccess } from '../sign-in/refresh-access.ts';
import { startAccessChecks } from './access-checks.ts';
import { makeGithubExport } from './github-export.ts';

/** What they are made over. */
export interface PersonDoorParts {
  readonly brain: Brain;
  readonly probot: Probot;
  readonly admission: Admission;
  readonly log: Logger;
  readonly addressOf: AddressOf;
  /** Takes what has to be let go of. */
  readonly releases: AsyncDisposableStack;
  readonly observe: Metrics['oauth'];
  /** How long the reader of the streams waits before it asks again whether there is something new. */
  readonly pollMs: number;
}

export interface PersonDoors {
  /** Pages, OAuth and MCP. */
  readonly routes: readonly Routes[];
  /** The operations over REST, with their streams: they come after the API's own routes. */
  readonly operations: Routes;
  /** Ends all streams, each with a hint when to come again: before the sockets are closed, which wait for what is under way. */
  readonly endStreams: () => Promise<void>;
}

/** Makes them; where the settings of the sign-in are not there, pages and OAuth say so. */
export function startPersonDoors(config: Config, parts: PersonDoorParts): PersonDoors {
  const { brain, log, addressOf, pollMs } = parts;
  const { pages, oauth, ...signedIn } = startSignIn(config, parts);
  const shared = { brain, log, addressOf, ...signedIn };
  const door = makePersonDoor({
    ...shared,
    links: linksOf(config, brain),
    github: githubFor(config, parts),
    exportToGithub: makeGithubExport({ apiUrl: config.githubApiUrl, atOnce: LIMITS.exportsAtOnce }),
  });
  const audience = audienceOf(config, 'api');
  const streams = makeStreams({ ...shared, pollMs, audience });
  const rest = makeRest({ ...shared, links: linksOf(config, brain), door, audience });
  const mcp = makeMcp({ door, log, publicUrl: config.publicUrl, audience: audienceOf(config, 'mcp') });
  return { routes: [pages, oauth, mcp], operations: rest.route('/', streams.routes), endStreams: streams.close };
}

/** The App's key is what all processes of a deployment have alone. */
function linksOf({ privateKey: secret, publicUrl: url }: Config, { objects }: Brain): ContentLinks {
  return makeContentLinks({ secret, url, hasObjects: objects !== null });
}

/** What tokens of OAuth for it were given for; null: there is no OAuth. */
function audienceOf({ signIn }: Config, name: ResourceName): string | null {
  return signIn.state === 'off' ? null : resourceAt(signIn.settings.url, name);
}

/** What is asked of GitHub for people, at the moment of their calls. */
function githubFor(
  { untrustedCheckApps: untrustedApps }: Config,
  { brain, probot, admission }: Pick<PersonDoorParts, 'brain' | 'probot' | 'admission'>,
): AskGithub {
  return askGithub({ brain, octokitFor: admittedOctokit(probot, admission, sharedPauses(brain)), untrustedApps });
}

interface SignedIn {
  readonly pages: Routes;
  readonly oauth: Routes;
  readonly refreshAccess?: RefreshAccess;
  readonly signInUrl?: string;
}

/** The pages of people and of OAuth, and where the settings of the sign-in are there, what asks GitHub for them. */
function startSignIn(
  { signIn, githubApiUrl: apiUrl }: Config,
  { brain, log, addressOf, observe, releases }: PersonDoorParts,
): SignedIn {
  const oauth = makeOauth({ signIn, brain, log, addressOf, observe });
  if (signIn.state === 'off') return { oauth, pages: makePages({ signIn, flow: null, brain, log }) };
  const flow = openSignIn(signIn.settings, { brain, apiUrl, log });
  const checks = startAccessChecks({ brain, refreshAccess: flow.refreshAccess, log });
  releases.defer(checks.stop);
  return {
    oauth,
    pages: makePages({ signIn, flow, brain, log }),
    refreshAccess: flow.refreshAccess,
    signInUrl: `${signIn.settings.url}/sign-in`,
  };
}
