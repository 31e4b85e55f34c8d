// How schemas of OpenAPI 3.0 become JSON Schema.

import { expect, test } from 'vitest';
import { referredSchemas, toJsonSchema } from '../../src/demo/github/contract/openapi-schema.ts';

const user = { $ref: 'https://api.github.com/schemas/simple-user' };

test.each([
  ['a type stays', { type: 'string', format: 'uri', example: 'x' }, { type: 'string', format: 'uri' }],
  ['a nullable type', { type: 'string', nullable: true }, { anyOf: [{ type: 'null' }, { type: 'string' }] }],
  [
    'a nullable enum that does not list null',
    { enum: ['a'], nullable: true },
    { anyOf: [{ type: 'null' }, { enum: ['a'] }] },
  ],
  ['a reference', { $ref: '#/components/schemas/simple-user' }, user],
  [
    'a nullable choice',
    { anyOf: [{ $ref: '#/components/schemas/simple-user' }], nullable: true },
    { anyOf: [{ type: 'null' }, { anyOf: [user] }] },
  ],
  [
    'a property called description',
    { properties: { description: { type: 'string' } } },
    { properties: { description: { type: 'string' } } },
  ],
  ['no further properties', { additionalProperties: false }, { additionalProperties: false }],
  [
    'further properties of a kind',
    { additionalProperties: { type: 'integer', title: 'x' } },
    { additionalProperties: { type: 'integer' } },
  ],
])('%s', (_, schema, expected) => {
  expect(toJsonSchema(schema)).toEqual(expected);
});

test('the schemas that a converted schema refers to are listed', () => {
  expect(referredSchemas({ items: user, anyOf: [{ $ref: 'https://api.github.com/schemas/issue' }] })).toEqual([
    'simple-user',
    'issue',
  ]);
});
