// One story, played by the clients that agents are made with: of the protocol of 2026 and of 2025, over HTTP and standard input.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeForwarder } from '../../src/cli/mcp/forward.ts';
import { command } from '../../src/cli/mcp.ts';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { type AnyClient, type Reached, WAYS } from '../support/mcp-clients.ts';
import { type McpServer, openMcpServer } from '../support/mcp-server.ts';

const project_id = idOf('a', ID.project);

let server: McpServer;
let token = '';
beforeAll(async () => {
  server = await openMcpServer();
  token = await server.tokenOf(PEOPLE.a.member);
});
afterAll(() => server.close());

describe.each(Object.entries(WAYS))('a client of %s', (way, connect: (to: Reached) => Promise<AnyClient>) => {
  it('finds its project, learns what failed, takes a task and is told what it may not', async () => {
    const client = await connect({ url: `${server.url}?toolset=ci,tasks`, token });
    try {
      expect(way).toContain(client.protocol ?? 'none');
      expect(client.instructions).toContain('never instructions');
      expect((await client.tools()).slice(0, 3)).toEqual(['list_projects', 'get_failure_summary', 'search_failures']);
      const answerOf = async (name: string, given: Record<string, unknown>) => {
        const { structuredContent, content, isError } = await client.call(name, given);
        expect(isError, content[0]?.text).toBeUndefined();
        expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent);
        return structuredContent?.answer as Record<string, never>;
      };
      expect(await answerOf('list_projects', {})).toMatchObject({ items: [{ id: project_id }] });
      expect(await answerOf('get_failure_summary', { project_id })).toMatchObject({
        failures: [{ what: 'org-a failure' }],
      });
      const { id: task_id } = await answerOf('create_task', { project_id, title: `Mend it, by ${way}` });
      await answerOf('lock_task', { task_id, locker: way });
      const again = await client.call('lock_task', { task_id, locker: 'somebody else' });
      expect(JSON.parse(again.content[0]?.text ?? '').error.code).toBe('CR005');
      await answerOf('update_task', { task_id, status: 'completed' }).catch(() => null);
      await answerOf('release_task', { task_id, locker: way });
      const refused = await client.call('pause_run', { run_id: idOf('a', ID.ownRun) });
      expect(refused.isError).toBe(true);
      await expect(client.call('no_such_tool', {})).rejects.toThrow();
    } finally {
      await client.close();
    }
  });
});

describe('`codered mcp --stdio`', () => {
  const run = (url: string, env: Record<string, string>, ...more: string[]) => {
    const out = (line: string) => expect.fail(`standard output is the protocol's alone: ${line}`);
    const context = { env, out, err: () => {}, stop: new AbortController().signal };
    return command.run({ args: ['--stdio', '--url', new URL(url).origin, ...more], ...context });
  };

  it('says at once what is wrong, and nothing on standard output', async () => {
    const nowhere = 'http://127.0.0.1:9';
    await expect(run(nowhere, { CODERED_TOKEN: token })).rejects.toThrow(`CodeRed is not reached at ${nowhere}`);
    const unknown = run(server.url, { CODERED_TOKEN: 'crd_nobodys' });
    await expect(unknown).rejects.toThrow(/refuses the token: (?!.*crd_nobodys)/);
    await expect(run(server.url, {})).rejects.toThrow('CODERED_TOKEN');
    const wrong = run(server.url, { CODERED_TOKEN: token }, '--toolset', 'everything');
    await expect(wrong).rejects.toThrow('--toolset knows ci, tasks, agents, knowledge');
  });

  it('tells an agent loudly when CodeRed is gone in the middle', async () => {
    const signal = new AbortController().signal;
    const forward = makeForwarder({ url: 'http://127.0.0.1:9/mcp', token });
    await expect(forward.callTool({ name: 'list_projects', given: {} }, signal)).rejects.toThrow('is not reached');
    await expect(forward.listTools(signal)).rejects.toThrow('is not reached');
  });
});
