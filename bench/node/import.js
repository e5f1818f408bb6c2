// Creates users as the Node SDK does, with axios 0.21, IN_FLIGHT at a time, and
// prints the elapsed and the CPU seconds.
// node import.js URL USERS IN_FLIGHT
const http = require('http');
const axios = require('axios');

const [url, users, inFlight] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const client = axios.create({
  baseURL: url,
  auth: { username: 'admin', password: 'pw' },
  httpAgent: new http.Agent({ keepAlive: true, maxSockets: inFlight }),
});

const names = ['Ada', 'José', 'Миша', 'Zoë', 'Łukasz', 'Wei', 'Amélie', 'Bob', 'Fatima', 'Søren'];
const params = (i) => ({
  id: 'user-' + String(i).padStart(8, '0'),
  externalMetadata: {
    name: `${names[i % 10]} Example-${i}`, username: `${i}.example`, age: i % 90, verified: i % 2 === 0,
    avatar: `https://cdn.example.com/a/${((i * 7919) >>> 0).toString(16).padStart(8, '0')}.png`, tags: ['beta', `group-${i % 12}`],
    address: { city: 'Köln "Süd"', zip: String(i % 99999).padStart(5, '0'), geo: { lat: 50 + (i % 9999) / 1e4, lon: 6 + (i % 8999) / 1e4 } },
  },
  privateExternalMetadata: { crmId: `C-${i}`, plan: 'pro', notes: 'at the fair\nin May', limits: { daily: i % 500, burst: 10 } },
});

async function main() {
  const all = Array.from({ length: users }, (_, i) => params(i));
  const began = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  let next = 0;
  const worker = async () => {
    while (next < users) {
      const { data } = await client.post('/admin-api/users', all[next++]);
      if (!data._id) throw new Error('no user');
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const used = process.cpuUsage(cpu);
  console.log(JSON.stringify({ Seconds: Number(process.hrtime.bigint() - began) / 1e9, CPU: (used.user + used.system) / 1e6 }));
  process.exit(0);
}

main().catch((err) => { console.error(err); process.exit(1); });
