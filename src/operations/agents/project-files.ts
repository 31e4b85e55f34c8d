// The files of a project that agents and people write, and the documents that are searched together.
import { z } from 'zod';
import { Rejected } from '../../model/errors.ts';
import { ADDS, batch, CHANGES, id, type Operation, operation, READS, time } from '../declared/operation.ts';

const path = z.string().min(1).max(1000).describe('Relative, names joined by /, none of them . or ..');

const listedFile = z.object({
  id,
  path: z.string(),
  language: z.string().nullable(),
  version: z.int().describe('1 at first, one more whenever the content changes'),
  size_bytes: z.int(),
  created_at: time,
  updated_at: time,
});

const repositoryName = z
  .string()
  .regex(/^[\w.-]{1,100}$/, 'should have letters, digits, -, _ and . alone, at most 100')
  .refine((name) => !['.', '..'].includes(name) && !['.git', '.wiki'].some((end) => name.toLowerCase().endsWith(end)), {
    error: 'should be no name that GitHub keeps for itself: ., .., or one that ends in .git or .wiki',
  })
  .meta({ description: 'Of a repository that is not there yet', examples: ['my-project'] });

/** Nothing that a header can not hold: what refuses that would repeat it. */
const githubToken = z
  .string()
  .max(1000)
  .regex(/^[!-~]+$/, 'should be a token of GitHub')
  .meta({
    description:
      'May make repositories (scope repo; and workflow, where files lie in .github/workflows). Used once, kept nowhere',
    examples: ['ghp_0123456789'],
  });

/** Files. */
export const FILE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_files',
    summary: 'Lists the files of a project, or those in a folder, by path, without their content.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      under: z.string().min(1).max(1000).optional().describe('A folder'),
      batch,
      after_path: z.string().max(1000).optional(),
    }),
    output: z.array(listedFile),
    run: 'list_project_files',
    page: { after: { after_path: 'path' }, more: 'extra' },
  }),
  operation({
    name: 'read_file',
    summary: 'Gives one file of a project with its content and version.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id, path }),
    output: z.object({ ...listedFile.shape, content: z.string() }),
    run: 'read_project_file',
  }),
  operation({
    name: 'write_file',
    summary: 'Writes a text file of a project; with `expected_version` only over that version.',
    scope: 'agents',
    hints: CHANGES,
    input: z.strictObject({
      project_id: id,
      path,
      content: z.string().max(1_000_000).describe('Text: binary content is refused'),
      language: z.string().min(1).max(50).optional(),
      expected_version: z.int().min(0).max(2_147_483_647).optional().describe('0: there is none yet'),
    }),
    output: z.object({ id, path: z.string(), version: z.int() }),
    run: 'write_project_file',
  }),
  operation({
    name: 'export_to_github',
    summary: 'Makes a private repository at GitHub with all files of a project as one commit, with a token of yours.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({ project_id: id, repo_name: repositoryName, github_token: githubToken }),
    output: z.object({ repo_url: z.string(), files_pushed: z.int(), commit_sha: z.string() }),
    run: 'export_project_files',
    argumentsOf: ({ project_id }) => ({ project_id }),
    finish: async (answer, { repo_name: repositoryName, github_token: token }, { userId, exportToGithub }) => {
      if (exportToGithub === null) {
        throw new Rejected('GitHub is not reached from here: export over REST.', { code: 'CR003' });
      }
      return exportToGithub({ userId, token, repositoryName, files: exportedFiles.parse(answer) });
    },
  }),
];

const exportedFiles = z.array(z.object({ path: z.string(), content: z.string() }));

const riskLevel = z.enum(['safe', 'internal', 'legal_critical']);
const tags = z.array(z.string().min(1).max(200)).max(100);

const writtenCorpus = {
  name: z.string().min(1).max(500),
  description: z.string().max(20_000).nullable(),
  domain_tags: tags,
  risk_level: riskLevel.describe('Of a legal_critical document only title and source are kept'),
};

const corpus = z.object({
  ...writtenCorpus,
  id,
  project_id: id.nullable().describe("Null: everybody's"),
  description: z.string().nullable(),
  domain_tags: z.array(z.string()),
  created_at: time,
  updated_at: time,
});

const listedDocument = z.object({
  id,
  corpus_id: id,
  title: z.string(),
  source_path: z.string().describe('A path in the repository, or an address'),
  version: z.string(),
  domain_tags: z.array(z.string()),
  risk_level: riskLevel,
  is_pinned: z.boolean().describe('Given to agents whatever they ask'),
  created_at: time,
  updated_at: time,
});

/** Groups of documents. */
export const CORPUS_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_corpora',
    summary: 'Lists the groups of documents that agents of a project search, those of everybody too, by name.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      batch,
      after_name: z.string().max(500).optional(),
      after_corpus: id.optional(),
    }),
    output: z.array(corpus),
    run: 'list_corpora',
    page: { after: { after_name: 'name', after_corpus: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'create_corpus',
    summary: 'Makes a group of documents in a project; for maintainers.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({ project_id: id, ...z.object(writtenCorpus).partial().required({ name: true }).shape }),
    output: corpus,
    run: 'create_corpus',
    argumentsOf: ({ project_id, ...made }) => ({ project_id, corpus: made }),
  }),
  operation({
    name: 'update_corpus',
    summary: 'Changes what is named of a group of documents, and nothing else; for maintainers.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ project_id: id, corpus_id: id, ...z.object(writtenCorpus).partial().shape }),
    output: corpus,
    run: 'update_corpus',
    argumentsOf: ({ project_id, corpus_id, ...changes }) => ({ project_id, corpus_id, corpus: changes }),
  }),
  operation({
    name: 'list_documents',
    summary: 'Lists the documents of a group, by source and version, without their text.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      corpus_id: id,
      batch,
      after_source: z.string().max(2000).optional(),
      after_version: z.string().max(100).optional(),
    }),
    output: z.array(listedDocument),
    run: 'list_documents',
    page: { after: { after_source: 'source_path', after_version: 'version' }, more: 'extra' },
  }),
];
