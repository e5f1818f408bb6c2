// Uses one of ChatKitty's two published clients, each of which speaks its own
// dialect, and checks what it receives. clients_test.go runs it.
//
// Environment: CLIENT, chatkitty-platform-sdk or chatkitty; URL of the service
// without /v1; TOKEN_URL; CLIENT_ID and CLIENT_SECRET; ONLINE, the id of a user
// with a session. Output: { calls }.
//
// The clients' calls for a user's channels, messages, notifications and secrets
// are left out: the fake has none of these.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import FormData from 'form-data';

const { CLIENT: client, URL: basePath, TOKEN_URL: authorizationBasePath, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, ONLINE: online } = process.env;

const { ChatKitty } = createRequire(import.meta.url)(client);
const api = new ChatKitty({ basePath, authorizationBasePath, clientId, clientSecret });
const older = client === 'chatkitty-platform-sdk';
const users = older ? api.Users : api.UsersApi;

// spelled returns the fields of a request in the client's dialect.
const spelled = (fields) => (older ? fields : Object.fromEntries(
  Object.entries(fields).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
));
const displayName = older ? 'displayName' : 'display_name';
const pictureUrl = older ? 'displayPictureUrl' : 'display_picture_url';

let calls = 0;
async function call(method, ...args) {
  calls += 1;
  try {
    return (await method.call(users, ...args)).data;
  } catch (error) {
    throw error.response ? new Error(`${method.name || client}: ${error.response.status} ${JSON.stringify(error.response.data)}`) : error;
  }
}

const jane = { name: 'jane@chatkitty.com', displayName: 'Jane Doe', isGuest: true, properties: { 'favorite-number': 42, nested: { kept: true } } };
const { id, ...created } = await call(users.createUser, spelled(jane));
assert.equal(created.name, jane.name);
assert.equal(created[displayName], jane.displayName);
assert.equal(created.isGuest, true);
assert.deepEqual(created.properties, jane.properties);
assert.equal(created.type, 'PERSON');
assert.equal(created.presence.online, false);
await assert.rejects(call(users.createUser, spelled(jane)), /400/);

await call(users.checkUserExists, jane.name);
await assert.rejects(call(users.checkUserExists, 'nobody'), /404/);
assert.equal((await call(users.retrieveUser, id)).name, jane.name);
await assert.rejects(call(users.retrieveUser, 77), /404/);

const page = await call(users.listUsers, 0, 1);
assert.equal(page._embedded.users.length, 1);
assert.equal(older ? page.page.totalElements : page.page.total_elements, 2);
const next = older ? page._links.next.href : page._links.find(({ rel }) => rel === 'next').href;
assert.match(next, /page=1/);
const found = await call(users.listUsers, undefined, undefined, undefined, jane.name);
assert.deepEqual(found._embedded.users.map((user) => user.id), [id]);

const changed = await call(users.updateUser, id, {
  ...spelled({ displayName: 'Jane', isGuest: false }), presence: { status: 'BUSY' }, properties: { 'favorite-number': 43 },
});
assert.equal(changed[displayName], 'Jane');
assert.ok(!changed.isGuest);
assert.equal(changed.presence.status, 'BUSY');
assert.deepEqual(changed.properties, { 'favorite-number': 43, nested: { kept: true } });

const hosted = await call(users.updateUserDisplayPicture, id, spelled({
  url: 'https://example.com/files/jane.png', name: 'jane.png', contentType: 'image/png', size: 123115,
}));
assert.ok(hosted[pictureUrl]);
const form = new FormData();
form.append('file', Buffer.from('png'), { filename: 'other.png', contentType: 'image/png' });
const uploaded = await call(users.updateUserDisplayPicture, id, form, { headers: { 'Content-Type': form.getHeaders()['content-type'] } });
assert.ok(uploaded[pictureUrl]);
assert.notEqual(uploaded[pictureUrl], hosted[pictureUrl]);

if (!older) { // the other has no such call
  const sessions = api.UserSessionsApi;
  const { _embedded: { sessions: active } } = await call(sessions.listUserSessions.bind(sessions), 0, 10, undefined, 'ACTIVE');
  assert.deepEqual(active.map(({ user }) => String(user.id)), [online]);
}

const application = await call(users.deleteUser, id);
assert.ok(application.key);
await assert.rejects(call(users.deleteUser, id), /404/);
console.log(JSON.stringify({ calls }));
