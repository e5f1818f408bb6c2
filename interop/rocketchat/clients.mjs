// Uses a workspace through Rocket.Chat's own clients and checks what they
// receive. clients_test.go runs it.
//
// Environment: URL of the workspace; USER_ID and TOKEN of its administrator;
// SECRET for users.createToken; WATCHED, the id of a user who is connected;
// CODE, the second factor that the workspace requires, if any.
// Output: { calls, watched: { logged, presence } }.
import assert from 'node:assert/strict';

import { RestClient } from '@rocket.chat/api-client';
import { DDPSDK } from '@rocket.chat/ddp-client';

const { URL: baseUrl, USER_ID: adminId, TOKEN: adminToken, SECRET: secret, WATCHED: watched, CODE: code } = process.env;

let calls = 0;

// as returns the REST client of a user.
function as(userId, token) {
  const client = new RestClient({ baseUrl, credentials: { 'X-User-Id': userId, 'X-Auth-Token': token } });
  client.handleTwoFactorChallenge(async () => code);
  const counted = (method) => async (...args) => {
    calls += 1;
    try {
      return await client[method](...args);
    } catch (error) {
      throw error instanceof Response ? new Error(`${args[0]}: ${error.status} ${await error.text()}`) : error;
    }
  };
  return { get: counted('get'), post: counted('post') };
}

async function users() {
  const admin = as(adminId, adminToken);
  const me = await admin.get('/v1/me');
  assert.equal(me._id, adminId);
  await assert.rejects(as(adminId, 'wrong').get('/v1/me'), /401/);

  const { user } = await admin.post('/v1/users.create', {
    username: 'ada', name: 'Ada', email: 'ada@example.com', password: 'pass', verified: true, roles: ['user', 'guest'], customFields: { team: 'red' },
  });
  assert.equal(user.username, 'ada');
  const userId = user._id;
  await assert.rejects(
    admin.post('/v1/users.create', { username: 'ada', name: 'Ada', email: 'b@example.com', password: 'pass' }),
    /error-field-unavailable/,
  );

  for (const query of [{ userId }, { username: 'ada' }, { email: 'ada@example.com' }]) {
    assert.equal((await admin.get('/v1/users.info', query)).user._id, userId);
  }
  const list = await admin.get('/v1/users.list', { count: 10, offset: 0, sort: JSON.stringify({ username: -1 }) });
  assert.equal(list.total, list.users.length);
  assert.ok(list.users.some(({ username }) => username === 'ada'));
  const guests = await admin.get('/v1/users.listByStatus', { status: 'active', roles: ['guest'] });
  assert.deepEqual(guests.users.map(({ username }) => username), ['ada']);

  const updated = await admin.post('/v1/users.update', { userId, data: { name: 'Ada Lovelace', customFields: { team: 'blue' } } });
  assert.equal(updated.user.name, 'Ada Lovelace');
  await admin.post('/v1/users.setActiveStatus', { userId, activeStatus: false });
  assert.equal((await admin.get('/v1/users.info', { userId })).user.active, false);
  await admin.post('/v1/users.setActiveStatus', { userId, activeStatus: true, confirmRelinquish: false });

  await admin.post('/v1/users.setAvatar', { userId, avatarUrl: 'https://example.com/ada.png' });
  const form = new FormData(); // of an object with a file, this version of the client sends nothing
  form.append('userId', userId);
  form.append('image', new File(['png'], 'ada.png', { type: 'image/png' }));
  await admin.post('/v1/users.setAvatar', form);

  await admin.post('/v1/users.setStatus', { userId, status: 'away', message: 'at lunch' });
  assert.equal((await admin.get('/v1/users.getStatus', { userId }))._id, userId);
  assert.ok('presence' in (await admin.get('/v1/users.getPresence', { userId })));
  for (const ids of [`${userId},${watched}`, [userId, watched]]) {
    assert.equal((await admin.get('/v1/users.presence', { ids })).users.length, 2);
  }

  const { data } = await admin.post('/v1/users.createToken', { userId, secret });
  assert.equal(data.userId, userId);
  const ada = as(data.userId, data.authToken);
  assert.equal((await ada.get('/v1/me')).username, 'ada');
  await admin.post('/v1/users.logout', { userId });
  await assert.rejects(ada.get('/v1/me'), /401/);

  await admin.post('/v1/users.delete', { userId });
  await assert.rejects(admin.get('/v1/users.info', { userId }), /User not found/);
}

// streams listens to both presence streams while the user's status changes.
async function streams() {
  const sdk = await DDPSDK.createAndConnect(baseUrl);
  await assert.rejects(sdk.account.loginWithToken('wrong'));
  const login = await sdk.account.loginWithToken(adminToken);
  assert.equal(login.id, adminId);
  assert.ok(sdk.account.user.tokenExpires > new Date());

  const logged = new Promise((resolve) => {
    sdk.stream('notify-logged', 'user-status', (change) => change[0] === watched && resolve(change));
  });
  const presence = new Promise((resolve) => {
    sdk.client.onCollection('stream-user-presence', ({ fields }) => fields.uid === watched && resolve(fields.args[0]));
  });
  const subscription = sdk.client.subscribe('stream-user-presence', '', { added: [watched] });
  await subscription.ready();
  await sdk.rest.post('/v1/users.setStatus', { userId: watched, status: 'busy', message: 'on the phone' });
  const received = { logged: await logged, presence: await presence };
  calls += 6;
  subscription.stop();
  sdk.connection.close();
  return received;
}

await users();
const received = await streams();
console.log(JSON.stringify({ calls, watched: received }));
process.exit(0);
