// Two organisations with their people and projects, and statements as any of them. Tests of the task store import it.

import { randomUUID } from 'node:crypto';
import type { SqlSession, TextRow } from '../../src/brain/backends/sql-backend.ts';
import type { TestBrain } from './brain.ts';

export interface TaskScene {
  readonly project: string;
  readonly member: string;
  readonly maintainer: string;
  /** In another organisation, with a project of their own. */
  readonly stranger: string;
  readonly strangersProject: string;
  /** One statement as a person, or as the app (null), in a transaction of its own. Throws SqlError. */
  as(who: string | null, text: string, values?: readonly (string | null)[]): Promise<readonly TextRow[]>;
  /** Makes a task as the member and gives its id. */
  task(fields?: TaskFields): Promise<string>;
  /** The status of tasks, in the order given. */
  statuses(...ids: readonly string[]): Promise<readonly (string | null | undefined)[]>;
}

export interface TaskFields {
  readonly title?: string;
  readonly dependencies?: readonly string[];
  readonly status?: string;
  readonly milestone?: string | null;
}

/** Makes a scene that shares nothing with others in the same database. */
export async function openTaskScene(brain: TestBrain): Promise<TaskScene> {
  const people = { member: randomUUID(), maintainer: randomUUID(), stranger: randomUUID() };
  const projects = { project: randomUUID(), strangersProject: randomUUID() };
  const [org, otherOrg] = [randomUUID(), randomUUID()];
  await brain.script(`
    insert into auth.users (id) values ('${people.member}'), ('${people.maintainer}'), ('${people.stranger}');
    insert into codered.orgs (id, name, login) values ('${org}', 'Ours', '${org}'), ('${otherOrg}', 'Theirs', '${otherOrg}');
    insert into codered.memberships (org_id, user_id, role) values
      ('${org}', '${people.member}', 'member'), ('${org}', '${people.maintainer}', 'maintainer'),
      ('${otherOrg}', '${people.stranger}', 'admin');
    insert into codered.projects (id, org_id, slug, name) values
      ('${projects.project}', '${org}', replace('${projects.project}', '-', ''), 'Our project'),
      ('${projects.strangersProject}', '${otherOrg}', replace('${projects.strangersProject}', '-', ''), 'Their project')`);
  const as: TaskScene['as'] = (who, text, values = []) =>
    brain.session(async (session) => {
      await beginAs(session, who);
      const rows = await session.query(text, values);
      await session.script('commit');
      return rows;
    });
  return {
    ...people,
    ...projects,
    as,
    task: async ({ title = 'Task', dependencies = [], status = 'backlog', milestone = null } = {}) => {
      const [row] = await as(
        people.member,
        `insert into codered.tasks (project_id, title, dependencies, status, milestone_id)
         values ($1::uuid, $2, $3::uuid[], $4, $5::uuid) returning id`,
        [projects.project, title, `{${dependencies.join()}}`, status, milestone],
      );
      return row?.id ?? '';
    },
    statuses: async (...ids) => {
      const rows = await brain.sql('select id, status from codered.tasks where id = any ($1::uuid[])', [`{${ids}}`]);
      return ids.map((id) => rows.find((row) => row.id === id)?.status);
    },
  };
}

/** Begins a transaction as a person, or as the app (null). The caller ends it; the session does when something throws. */
export async function beginAs(session: SqlSession, who: string | null): Promise<void> {
  const role = who === null ? 'service_role' : 'authenticated';
  const claims = JSON.stringify(who === null ? { role } : { role, sub: who });
  await session.script('begin');
  await session.query("select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)", [
    claims,
    role,
  ]);
}
