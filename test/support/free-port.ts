import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems hand out by themselves, so that nobody gets one of these by chance before it is used. */
const first = 10_000;
const count = 20_000;

/** A port of 127.0.0.1 where nobody listens, and nobody will unless told to. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const listener = createServer();
  try {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
  } catch {
    return false;
  }
  listener.close();
  await once(listener, 'close');
  return true;
}
