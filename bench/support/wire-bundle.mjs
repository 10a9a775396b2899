// What the measuring scripts of the wire layer share.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How to dial a server without authentication. @param {string} url */
export function dialTo(url) {
  return {
    servers: [url],
    name: 'wire measurement',
    credentials: () => ({}),
    tls: undefined,
    tlsFirst: false,
    inboxPrefix: '_INBOX',
    timeoutMs: 5000,
  };
}

/** The engine is TypeScript: bundled into a temporary file, as the package does. */
export async function loadWire() {
  const folder = await mkdtemp(join(tmpdir(), 'natsx-wire-'));
  const outfile = join(folder, 'wire.mjs');
  try {
    await build({
      stdin: {
        contents: `export { openLane } from './src/wire/open-lane.js';
          export { encodePublish, repeatFrame } from './src/wire/frame-buffer.js';
          export { ReplyInbox } from './src/wire/reply-inbox.js';
          export { RequestMux } from './src/wire/request-mux.js';`,
        resolveDir: new URL('../..', import.meta.url).pathname,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      logLevel: 'error',
    });
    return await import(outfile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
