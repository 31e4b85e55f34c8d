// Content by signed link: asks for the right again as the person whom the link was made for, then sends the bytes in a form that no
// browser runs.
import { z } from 'zod';
import { asJson } from '../../model/json.ts';
import { CONTENT_PATH, type ContentLinks, type LinkedContent } from '../../operations/declared/content-link.ts';
import { ApiError, problemOf } from '../api-error.ts';
import type { ContentBrain } from '../person-door/person-door.ts';
import { refusalOfOperation } from '../person-door/problem.ts';
import type { Turns } from '../person-door/turns.ts';
import { makeRoutes, type Routes, reply, replyBytes } from '../routing.ts';

interface ContentDeps {
  readonly brain: ContentBrain;
  readonly links: ContentLinks;
  readonly turns: Turns;
  readonly onFault: (error: Error) => void;
}

const placed = z.object({
  file_name: z.string(),
  storage_path: z.string().nullable(),
  body: z.string().nullable(),
});

/** The route of all links. */
export function makeContent({ brain, links, turns, onFault }: ContentDeps): Routes {
  const routes = makeRoutes();
  routes.get(`${CONTENT_PATH}/:word`, async (context) => {
    try {
      const content = links.read(context.req.param('word'));
      if (content === null) throw new ApiError(404, 'no_such_link', 'No such link was made here');
      if (content === 'expired') {
        throw new ApiError(410, 'link_expired', 'This link is over: ask for another one');
      }
      const { bytes, file_name } = await turns.take(content.user_id, () => readContent(brain, content));
      return replyBytes(context, { bytes, headers: headersFor(file_name) });
    } catch (thrown) {
      return reply(context, problemOf(refusalOfOperation(thrown, onFault)));
    }
  });
  routes.all(`${CONTENT_PATH}/:word`, (context) => {
    const refusal = new ApiError(405, 'method_not_allowed', 'A link is read with GET', { headers: { allow: 'GET' } });
    return reply(context, problemOf(refusal));
  });
  return routes;
}

/** Throws what the brain refuses, and `ApiError` where the content is not there any more. */
async function readContent({ callAs, objects }: ContentBrain, { kind, id, user_id }: LinkedContent) {
  const asked = { [kind === 'artifact' ? 'artifact_id' : 'spec_id']: id, has_body: true };
  const { answer } = await callAs({ userId: user_id, name: 'read_content', arguments: asJson(asked) });
  const { file_name, storage_path, body } = placed.parse(answer);
  if (body !== null) return { file_name, bytes: Buffer.from(body) };
  const bytes = storage_path === null ? null : await objects?.read(storage_path);
  if (bytes === null || bytes === undefined) {
    throw new ApiError(404, 'no_content', 'The content is not there any more, or there is no object store here');
  }
  return { file_name, bytes: Buffer.from(bytes) };
}

/** Whatever it is, it is saved to a file: names and content are a stranger's. */
function headersFor(fileName: string): Record<string, string> {
  const name = encodeURIComponent(
    fileName
      .replace(/[\p{C}/\\]/gu, '_')
      .toWellFormed()
      .slice(0, 200),
  ).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return {
    'content-type': 'application/octet-stream',
    // https://www.rfc-editor.org/rfc/rfc6266
    'content-disposition': `attachment; filename="content"; filename*=UTF-8''${name}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'private, no-store',
  };
}
