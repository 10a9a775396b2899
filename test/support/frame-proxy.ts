import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A message frame on its way: `PUB`/`HPUB` from the client, `MSG`/`HMSG` to it. */
export interface PassingFrame {
  readonly verb: string;
  readonly subject: string;
  /** Headers included. */
  readonly payload: Buffer;
  /** The whole frame. */
  readonly bytes: Buffer;
}

/** What comes out in place of a frame: nothing, the frame, several, or others. */
export type FrameTreatment = (frame: PassingFrame) => readonly Buffer[];

export interface FrameProxy {
  readonly url: string;
  /** Breaks all connections; new ones are accepted. */
  cut(): void;
  /** Reads nothing more of what the server sends, like a client that stands still, until `flow`. */
  stall(): void;
  flow(): void;
  /** Accepts no more, and breaks what there is. */
  close(): void;
}

/** A TCP proxy in front of a server that understands the protocol well enough to spoil single messages on purpose. */
export async function startFrameProxy(
  serverPort: number,
  treat: { readonly toServer?: FrameTreatment; readonly toClient?: FrameTreatment },
): Promise<FrameProxy> {
  const sockets = new Set<Socket>();
  const fromServer = new Set<Socket>();
  const pass: FrameTreatment = ({ bytes }) => [bytes];
  const proxy: Server = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    link(client, server, treat.toServer ?? pass);
    link(server, client, treat.toClient ?? pass);
    fromServer.add(server);
    server.once('close', () => fromServer.delete(server));
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => sockets.delete(socket));
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = (): void => {
    proxy.close();
    cut();
  };
  onTestFinished(close);
  const { port } = proxy.address() as { readonly port: number };
  const stall = (): void => {
    for (const socket of fromServer) socket.pause();
  };
  const flow = (): void => {
    for (const socket of fromServer) socket.resume();
  };
  return { url: `nats://127.0.0.1:${port}`, cut, stall, flow, close };
}

function link(from: Socket, to: Socket, treat: FrameTreatment): void {
  let rest: Buffer = Buffer.alloc(0);
  from.on('data', (chunk: Buffer) => {
    rest = passOn(Buffer.concat([rest, chunk]), to, treat);
  });
  from.on('error', () => to.destroy());
  from.once('close', () => to.destroy());
}

const MESSAGE = /^(?:H?PUB|H?MSG)$/;

/** @returns the beginning of a frame that has not come whole */
function passOn(bytes: Buffer, to: Socket, treat: FrameTreatment): Buffer {
  let start = 0;
  const out: Buffer[] = [];
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', start);
    if (lineEnd < 0) break;
    const words = bytes.toString('latin1', start, lineEnd).split(' ');
    const [verb = '', subject = ''] = words;
    if (!MESSAGE.test(verb)) {
      out.push(bytes.subarray(start, lineEnd + 2));
      start = lineEnd + 2;
      continue;
    }
    const end = lineEnd + 2 + Number(words.at(-1)) + 2;
    if (end > bytes.length) break;
    const frame = bytes.subarray(start, end);
    const payload = bytes.subarray(lineEnd + 2, end - 2);
    out.push(...treat({ verb, subject, payload, bytes: frame }));
    start = end;
  }
  if (!to.destroyed && out.length > 0) to.write(Buffer.concat(out));
  return Buffer.from(bytes.subarray(start));
}
