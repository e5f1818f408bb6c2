// Reads a list of users as a whole, as axios does, and prints what it cost.
// node list.js URL
const fs = require('fs');
const http = require('http');

const began = process.hrtime.bigint();
const seconds = (since) => Number(process.hrtime.bigint() - since) / 1e9;
http.get(process.argv[2] + '/admin-api/users', (res) => {
  let chunks = [];
  res.on('data', (chunk) => chunks.push(chunk));
  res.on('end', () => {
    const bytes = Buffer.concat(chunks);
    chunks = null;
    const text = bytes.toString('utf8');
    const parsing = process.hrtime.bigint();
    const users = JSON.parse(text).data;
    console.log(JSON.stringify({
      Users: users.length, Bytes: bytes.length, Seconds: seconds(began), FirstTime: seconds(began), First: 1,
      Parse: seconds(parsing), PeakKiB: Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]),
    }));
  });
});
