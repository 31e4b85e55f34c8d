import { describe, expect, it } from 'vitest';
import { type Handler, listen } from '../../src/http/listen.ts';
import { Misconfigured } from '../../src/model/errors.ts';

const anyPort = { host: '127.0.0.1', port: 0 };
const hello: Handler = async (request, response) => {
  if (request.url !== '/hello') return false;
  response.end('hello');
  return true;
};

describe('the HTTP server', () => {
  it('asks one handler after the other, and says 404 when none answers', async () => {
    const http = await listen(anyPort, { handlers: [async () => false, hello], onError: () => {} });
    expect(await (await fetch(`${http.url}/hello`)).text()).toBe('hello');
    expect((await fetch(`${http.url}/elsewhere`)).status).toBe(404);
    await http.close(1_000);
  });

  it('says 500 when a handler throws, tells the log, and goes on', async () => {
    const errors: unknown[] = [];
    const broken: Handler = async () => {
      throw new Error('a bug');
    };
    const http = await listen(anyPort, { handlers: [hello, broken], onError: (error) => errors.push(error) });
    expect((await fetch(`${http.url}/elsewhere`)).status).toBe(500);
    expect(errors).toEqual([new Error('a bug')]);
    expect((await fetch(`${http.url}/hello`)).status).toBe(200);
    await http.close(1_000);
  });

  it('says which address it can not have', async () => {
    const http = await listen(anyPort, { handlers: [], onError: () => {} });
    const port = Number(new URL(http.url).port);
    const second = listen({ host: '127.0.0.1', port }, { handlers: [], onError: () => {} });
    await expect(second).rejects.toThrow(
      new Misconfigured(`The address 127.0.0.1:${port} is taken; choose another PORT`),
    );
    await http.close(1_000);
  });

  it('answers what is under way before it closes, and takes nothing new', async () => {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const slow: Handler = async (_, response) => {
      arrived.resolve();
      await gate.promise;
      response.end('done');
      return true;
    };
    const http = await listen(anyPort, { handlers: [slow], onError: () => {} });
    const answer = fetch(http.url).then((response) => response.text());
    await arrived.promise;
    // Far longer than the runner waits: it does not wait for the time of grace.
    const closed = http.close(3_600_000);
    await expect(fetch(http.url)).rejects.toThrow();
    gate.resolve();
    expect(await answer).toBe('done');
    await closed;
  });

  it('cuts off what is still under way after the time of grace', async () => {
    const arrived = Promise.withResolvers<void>();
    const never: Handler = () => {
      arrived.resolve();
      return new Promise(() => {});
    };
    const http = await listen(anyPort, { handlers: [never], onError: () => {} });
    const answer = expect(fetch(http.url)).rejects.toThrow();
    await arrived.promise;
    await http.close(30);
    await answer;
  });
});
