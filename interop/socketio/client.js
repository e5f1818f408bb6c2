// Connects to a Messembed server as an administrator, as MessembedAdminSDK of the Node package does,
// creates two users, a chat and messages, and prints the events it receives as one line of JSON.
// socketio_test.go runs it.
//
// Environment: URL and PASSWORD of the server; WAY to connect: polling, websocket, upgrade or
// wrong-password; IDLE, the milliseconds to wait before the last message.
'use strict';

const axios = require('axios');
const io = require('socket.io-client');

const { URL: base, PASSWORD: password, WAY: way, IDLE: idle = '0' } = process.env;
const texts = ['hello', 'héllo 😀 "quoted"', 'x'.repeat(5000), 'the last'];

const report = { way, transport: '', upgraded: false, disconnects: [], exception: null, events: [] };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function until(what, condition, ms = 10000) {
  return new Promise((resolve, reject) => {
    const start = Date.now();
    (function look() {
      if (condition()) return resolve();
      if (Date.now() - start > ms) return reject(new Error(`timed out waiting for ${what}: ${JSON.stringify(report)}`));
      return setTimeout(look, 5);
    })();
  });
}

async function main() {
  const address = new URL(base);
  const socket = io(address.origin, {
    path: `${address.pathname.replace(/\/$/, '')}/socket.io`,
    transports: { polling: ['polling'], websocket: ['websocket'] }[way] || ['polling', 'websocket'],
    query: { username: 'admin', password: way === 'wrong-password' ? 'wrong' : password },
    reconnection: false,
  });
  socket.on('admin__new_message', (event) => report.events.push(event));
  socket.on('exception', (e) => { report.exception = e; });
  socket.on('disconnect', (reason) => report.disconnects.push(reason));
  socket.on('connect_error', (e) => { throw e; });
  await until('the connection', () => socket.connected);
  socket.io.engine.on('upgrade', () => { report.upgraded = true; });
  if (way === 'upgrade') {
    await until('the upgrade', () => report.upgraded);
  }
  report.transport = socket.io.engine.transport.name;

  const api = axios.create({ baseURL: base, auth: { username: 'admin', password } });
  const suffix = way;
  for (const name of ['ada', 'bob']) {
    await api.post('/admin-api/users', { id: `${name}-${suffix}`, externalMetadata: { name } });
  }
  const { data: chat } = await api.post('/admin-api/chats', {
    firstCompanionId: `ada-${suffix}`, secondCompanionId: `bob-${suffix}`,
  });
  report.chat = chat._id;
  report.messages = [];
  for (const [i, content] of texts.entries()) {
    if (i === texts.length - 1) await sleep(Number(idle));
    const { data } = await api.post(`/admin-api/chats/${chat._id}/messages`, { userId: `ada-${suffix}`, content });
    report.messages.push(data);
  }
  if (way === 'wrong-password') {
    await sleep(200);
  } else {
    await until('all events', () => report.events.length >= texts.length);
  }
  socket.emit('send_message', { chatId: chat._id, content: 'administrators may not' });
  await until('the exception', () => report.exception);
  socket.close();
  await until('the end', () => report.disconnects.length > 0);
}

main().then(
  () => { console.log(JSON.stringify(report)); process.exit(0); },
  (e) => { console.error(e.message, e.response ? JSON.stringify(e.response.data) : ''); process.exit(1); },
);
