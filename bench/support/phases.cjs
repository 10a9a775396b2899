// Preloaded into a program (`node --require`): notes when each phase of its start-up ends, and writes the times and the
// processor time to file descriptor 3 at the end. It watches what the program does from outside, so that it works with any version.
const fs = require('node:fs');
const net = require('node:net');

/** @type {Record<string, number>} milliseconds since the epoch, as precise as the clock of `performance` */
const marks = {};
const mark = (/** @type {string} */ name) =>
  (marks[name] ??= performance.timeOrigin + performance.now());

mark('runtime');

// oclif begins with the package's description; Node.js itself reads it without these functions.
for (const owner of [fs, fs.promises]) {
  for (const name of ['readFile', 'readFileSync']) {
    const original = Reflect.get(owner, name);
    if (original === undefined) continue;
    Reflect.set(owner, name, (/** @type {[unknown, ...unknown[]]} */ ...args) => {
      if (String(args[0]).endsWith('package.json')) mark('modules');
      return original.apply(owner, args);
    });
  }
}

// A command without a connection is ready when it prints.
const { writeSync } = fs;
fs.writeSync = (/** @type {any[]} */ ...args) => {
  if (args[0] === 1) mark('oclif');
  return Reflect.apply(writeSync, fs, args);
};

const { connect, write } = net.Socket.prototype;
net.Socket.prototype.connect = function (/** @type {any[]} */ ...args) {
  mark('oclif');
  let writes = 0;
  // `connect` restores the original `write`.
  const result = Reflect.apply(connect, this, args);
  // The first write answers the greeting; the second one follows the server's PONG.
  this.write = (/** @type {any[]} */ ...chunk) => {
    if (++writes === 2) mark('connect');
    return Reflect.apply(write, this, chunk);
  };
  return result;
};

process.once('exit', () => {
  mark('work');
  const { user, system } = process.cpuUsage();
  writeSync(3, JSON.stringify({ marks, cpuMs: (user + system) / 1000 }));
});
