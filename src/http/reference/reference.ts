// `GET /api/v1/reference`: what REST takes and answers, for people, made of the table of operations as openapi.json is.
import { html } from 'hono/html';
import { type Described, describeAll } from '../rest/describe.ts';
import { fullPath, REST_PREFIX } from '../rest/paths.ts';
import { refusalsOf } from '../rest/refusals.ts';
import type { Schema } from '../rest/schemas.ts';
import { addPage, makeRoutes, queryOf, REFERENCE_PATH, type Routes } from '../routing.ts';
import { curlOf } from './curl.ts';
import { type Markup, PAGE_HEADERS, pageOf } from './page.ts';
import { type Field, fieldsOf, typeWords } from './words.ts';

const HERE = REFERENCE_PATH;
const LONGEST_SEARCH = 100;

interface Section {
  readonly name: string;
  readonly tag: string;
  /** In lower case, to be searched. */
  readonly text: string;
  readonly markup: Markup;
}

/** All operations, those that have some words, and each alone; for everybody, as openapi.json. */
export function makeReference(): Routes {
  const routes = makeRoutes();
  const { described, streams, named } = describeAll();
  const sections = [...described, ...streams].map((one) => sectionOf(one, named));
  addPage(routes, HERE, (context) => {
    const sought = (queryOf(context).get('find') ?? '').trim().slice(0, LONGEST_SEARCH);
    return context.body(pageOf('REST reference', listOf(sections, sought)), 200, PAGE_HEADERS);
  });
  addPage(routes, `${HERE}/:name`, (context) => {
    const asked = context.req.param('name') ?? '';
    const found = sections.find(({ name }) => name === asked);
    if (found !== undefined)
      return context.body(pageOf(found.name, html`${WAY_BACK}${found.markup}`), 200, PAGE_HEADERS);
    const said = html`<p>There is no operation of this name.</p>${WAY_BACK}`;
    return context.body(pageOf('Not found', said), 404, { ...PAGE_HEADERS, 'cache-control': 'no-store' });
  });
  return routes;
}

const WAY_BACK = html`<p><a href="${HERE}">All operations</a></p>`;

function listOf(sections: readonly Section[], sought: string): Markup {
  const words = sought.toLowerCase().split(' ').filter(Boolean);
  const shown = sections.filter(({ text }) => words.every((word) => text.includes(word)));
  const tags = [...new Set(shown.map(({ tag }) => tag))].sort();
  const of = (tag: string) => shown.filter((section) => section.tag === tag);
  const search = html`<form action="${HERE}" role="search"><input type="search" name="find" value="${sought}" maxlength="${LONGEST_SEARCH}" aria-label="Find operations" placeholder="task, failures, POST …"><button>Find</button></form>`;
  if (shown.length === 0) return html`${search}<p>No operation has these words.</p>${WAY_BACK}`;
  return html`<p>Each operation asks for a token, sent as <code>Authorization: Bearer …</code>: make one on <a href="/account">your account</a>, or have whoever runs this CodeRed make it with <code>codered token create</code>. For programs there is <a href="${REST_PREFIX}/openapi.json">openapi.json</a>.</p>
${search}<nav aria-label="Operations"><ul>${tags.flatMap(of).map(({ name }) => html`<li><a href="#${name}">${name}</a></li>`)}</ul></nav>
${tags.map((tag) => html`<h2 id="about-${tag}">${tag}</h2>${of(tag).map(({ markup }) => markup)}`)}`;
}

function sectionOf(one: Described, named: Readonly<Record<string, Schema>>): Section {
  const { operation, place, tag, parameters, body, answer, takesKey, isStream } = one;
  const { name, summary, scope } = operation;
  const method = place.method.toUpperCase();
  const path = fullPath(place);
  const inAddress = parameters.map(({ name: called, in: where, required, schema }): Field & { where: string } => {
    const { description } = schema;
    const about = typeof description === 'string' ? description : '';
    return { name: called, where, type: typeWords(schema, named), required, about };
  });
  const inBody = body === null ? [] : fieldsOf({ ...body.schema }, named).map((field) => ({ ...field, where: 'body' }));
  const taken = [...inAddress, ...inBody].map((field) => ({ ...field, about: aboutInput(field) }));
  const refusals = refusalsOf(operation, place);
  const markup = html`<section id="${name}"><h3><a href="${HERE}/${name}">${name}</a></h3>
<p><code>${method} ${path}</code> <small>token good for <code>${scope}</code></small></p><p>${summary}</p>
<pre>${curlOf(one)}</pre>
${taken.length === 0 ? '' : html`<h4>It takes</h4>${tableOf(taken)}`}
${takesKey ? html`<p><small>May carry an <code>Idempotency-Key</code>.</small></p>` : ''}
<h4>It answers ${answer.status}</h4>${isStream ? html`<p>A stream of events, which goes on after the place that <code>Last-Event-ID</code> names. Each has for data ${typeWords(answer.schema, named)}: what each of them holds says <code>openapi.json</code>.</p>` : answerTable(fieldsOf(answer.schema, named))}
<details><summary>It refuses</summary><ul>${refusals.map(({ status, description }) => html`<li><code>${status}</code> ${description}</li>`)}</ul></details></section>`;
  return { name, tag, text: `${name} ${method} ${path} ${tag} ${scope} ${summary}`.toLowerCase(), markup };
}

function aboutInput({ where, required, about }: Field & { readonly where: string }): string {
  return [`${where}${required ? ', needed' : ''}`, about].filter(Boolean).join('; ');
}

function answerTable(fields: readonly Field[]): Markup {
  return fields.length === 0 ? html`<p>An object.</p>` : tableOf(fields);
}

function tableOf(fields: readonly Field[]): Markup {
  const rows = fields.map(
    ({ name, type, about }) => html`<tr><td><code>${name}</code></td><td>${type}</td><td>${about}</td></tr>`,
  );
  return html`<table><thead><tr><th scope="col">name</th><th scope="col">what</th><th scope="col">about</th></tr></thead><tbody>${rows}</tbody></table>`;
}
