'use strict';

/** The commands in `dist/quick.cjs`: what users type, and the file of the command in `src/commands`. */
exports.quickCommands = new Map([
  ['pub', 'pub'],
  ['publish', 'pub'],
  ['request', 'request'],
  ['req', 'request'],
  ['reply', 'reply'],
]);
