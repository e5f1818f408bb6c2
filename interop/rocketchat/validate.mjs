// Validates recorded exchanges with the schemas that Rocket.Chat itself uses,
// and prints what they reject. validators_test.go runs it.
//
// Input: one exchange a line, see record_test.go. Output: one object,
// { requests, unpublished, answers, rejections: [{ exchange, what, problems }] }.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

import * as schemas from '@rocket.chat/core-typings/dist/Ajv';
import * as eight from '@rocket.chat/rest-typings/dist/v1/users';
import { isUsersGetPresenceParamsGET } from '@rocket.chat/rest-typings/dist/v1/users/UsersGetPresenceParamsGET';
import { isUsersGetStatusParamsGET } from '@rocket.chat/rest-typings/dist/v1/users/UsersGetStatusParamsGET';
import { isUsersPresenceParamsGET } from '@rocket.chat/rest-typings/dist/v1/users/UsersPresenceParamsGET';
import { isUsersUpdateParamsPOST } from '@rocket.chat/rest-typings/dist/v1/users/UsersUpdateParamsPOST';
import { meSuccessResponseSchema } from '@rocket.chat/rest-typings/dist/v1/me/meSuccessResponse';
import * as published from '@rocket.chat/rest-typings/dist/v1/Ajv';
import * as seven from 'rest-typings-7/dist/v1/users';
import { isUsersUpdateParamsPOST as isUsersUpdateParamsPOST7 } from 'rest-typings-7/dist/v1/users/UsersUpdateParamsPOST';

const { ajv } = published;
for (const [name, schema] of Object.entries(schemas.schemas.components.schemas)) {
  ajv.addSchema(schema, `#/components/schemas/${name}`);
}

const text = { type: 'string' };
const filled = { type: 'string', minLength: 1 };
const flag = { type: 'boolean' };
const number = { type: 'number' };
const status = { enum: ['online', 'away', 'offline', 'busy'] };

// closed is an object with these properties and no others; those that end in a
// question mark are optional.
function closed(properties) {
  const names = Object.keys(properties);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name.replace('?', ''), properties[name]])),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

// A user in a response is never whole: which fields it has depends on the route
// and the caller. Those it has are of the published types.
const user = { ...ajv.getSchema('#/components/schemas/IUser').schema, required: ['_id'] };
const listed = { users: { type: 'array', items: user }, count: number, offset: number, total: number };

// What the routes accept. null: the version checks the request in its code and
// publishes no schema. The bodies of users.delete, users.createToken and
// users.setStatus are not in the package either, but in the server's source.
const requests = {
  8: {
    'GET info': null,
    'GET v1/me': null,
    'POST v1/users.create': eight.isUserCreateParamsPOST,
    'GET v1/users.info': eight.isUsersInfoParamsGetProps,
    'GET v1/users.getStatus': isUsersGetStatusParamsGET,
    'GET v1/users.getPresence': isUsersGetPresenceParamsGET,
    'POST v1/users.update': isUsersUpdateParamsPOST,
    'GET v1/users.list': eight.isUsersListParamsGET,
    'POST v1/users.setActiveStatus': eight.isUserSetActiveStatusParamsPOST,
    'POST v1/users.setAvatar': eight.isUsersSetAvatarProps,
    'GET v1/users.presence': isUsersPresenceParamsGET,
    'POST v1/users.delete': ajv.compile(closed({ userId: text, 'confirmRelinquish?': flag })),
    'POST v1/users.createToken': ajv.compile(closed({ userId: filled, secret: filled })),
    'POST v1/users.setStatus': ajv.compile(closed({ userId: text, 'status?': status, 'message?': text, 'expiresAt?': text })),
  },
  7: {
    'GET info': null,
    'GET v1/me': null,
    'POST v1/users.create': seven.isUserCreateParamsPOST,
    'GET v1/users.info': seven.isUsersInfoParamsGetProps,
    'GET v1/users.getStatus': null,
    'GET v1/users.getPresence': null,
    'POST v1/users.update': isUsersUpdateParamsPOST7,
    'GET v1/users.list': null,
    'POST v1/users.setActiveStatus': seven.isUserSetActiveStatusParamsPOST,
    'POST v1/users.setAvatar': seven.isUsersSetAvatarProps,
    'GET v1/users.presence': null,
    'POST v1/users.delete': null,
    'POST v1/users.createToken': null,
    'POST v1/users.setStatus': null,
  },
};

// What version 8 responds with if it has carried out the request.
const done = (properties) => ajv.compile(closed({ ...properties, success: { const: true } }));
const answers = {
  'GET info': ajv.compile({ type: 'object', properties: { version: text, success: { const: true } }, required: ['version', 'success'] }),
  'GET v1/me': ajv.compile(meSuccessResponseSchema),
  'POST v1/users.create': done({ user }),
  'GET v1/users.info': done({ user }),
  'GET v1/users.getStatus': done({ _id: text, status, 'connectionStatus?': text, 'statusSource?': text, 'statusExpiresAt?': text }),
  'GET v1/users.getPresence': done({ presence: status, 'connectionStatus?': text, 'lastLogin?': text }),
  'POST v1/users.update': done({ user }),
  'GET v1/users.list': done(listed),
  'POST v1/users.setActiveStatus': done({ user: closed({ _id: text, active: flag }) }),
  'POST v1/users.setAvatar': done({}),
  'GET v1/users.presence': done({ users: listed.users, full: flag }),
  'POST v1/users.delete': done({ deletedRooms: { type: 'array', items: text } }),
  'POST v1/users.createToken': done({ data: closed({ userId: filled, authToken: filled }) }),
  'POST v1/users.setStatus': done({}),
};

// What it responds with if not.
const refusals = {
  400: published.validateBadRequestErrorResponse,
  401: published.validateUnauthorizedErrorResponse,
  403: published.validateForbiddenErrorResponse,
  404: published.validateNotFoundErrorResponse,
  429: published.validateBadRequestErrorResponse,
  500: published.validateInternalErrorResponse,
};

const report = { requests: 0, unpublished: 0, answers: 0, rejections: [] };

// check reports a value that the schema refuses, or accepts only by converting
// it into another type. A query is all text, so there that is as it should be.
function check(exchange, what, validate, value, isQuery) {
  const copy = structuredClone(value);
  let problems = [];
  if (!validate) {
    problems = ['no schema is known'];
  } else if (!validate(copy)) {
    problems = validate.errors.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  } else if (!isQuery && !isDeepStrictEqual(copy, value)) {
    problems = ['accepted only after a conversion'];
  }
  if (problems.length > 0) {
    report.rejections.push({ exchange, what, problems });
  }
}

for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const { id, version, route, query, body, status: code, answer } = JSON.parse(line);
  report.requests += 1;
  const validate = requests[version][route];
  if (validate === null) {
    report.unpublished += 1;
  } else {
    const isQuery = route.startsWith('GET ');
    check(id, 'request', validate, isQuery ? query : body, isQuery);
  }
  if (version === '8') {
    report.answers += 1;
    check(id, 'answer', code === 200 ? answers[route] : refusals[code], answer, false);
  }
}
console.log(JSON.stringify(report));
