// What a client takes as the form of an answer. The handler wants both forms named, and answers clients of 2025 with a stream of one event.

const JSON_FORM = 'application/json';
const STREAM = 'text/event-stream';

/**
 * Answers clients that take everything, that do not say what they take, and that take JSON alone, as gateways do. `handle` has no more
 * than one message to say to each request.
 */
export async function answerAccepted(
  request: Request,
  handle: (request: Request) => Promise<Response>,
): Promise<Response> {
  const accept = request.headers.get('accept') ?? '*/*';
  const takesAll = accept.includes('*/*');
  const takesJsonAlone = !takesAll && accept.includes(JSON_FORM) && !accept.includes(STREAM);
  if (takesAll || takesJsonAlone) request.headers.set('accept', `${JSON_FORM}, ${STREAM}`);
  const response = await handle(request);
  return takesJsonAlone ? withoutStream(response) : response;
}

/** The event's message as the body. */
async function withoutStream(response: Response): Promise<Response> {
  if (response.headers.get('content-type') !== STREAM) return response;
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  response.headers.set('content-type', JSON_FORM);
  const { status, headers } = response;
  return new Response(lines.map((line) => line.slice('data: '.length)).join(''), { status, headers });
}
