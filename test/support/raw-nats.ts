import { connect, type Socket } from 'node:net';

/** A message as it stands on the wire. */
export interface RawMessage {
  readonly subject: string;
  readonly reply: string | undefined;
  /** The block of headers with its version line and the empty line at its end; undefined: a message without. */
  readonly headers: Buffer | undefined;
  readonly payload: Buffer;
}

/** A message as the server keeps it, by `STREAM.MSG.GET`. */
export interface RawStored {
  readonly subject: string;
  readonly seq: number;
  readonly headers: Buffer | undefined;
  readonly payload: Buffer;
}

/**
 * A NATS client of frames alone, which shares nothing with natsx: what tests measure natsx by. It sends any bytes as
 * headers, and changes nothing of what it reads.
 */
export interface RawNats {
  publish(subject: string, payload: Uint8Array, headers?: Uint8Array, reply?: string): void;
  /** Writes frames of the protocol as they are. */
  send(frames: string): void;
  /** Waits until the server has handled everything that was published. @throws when it refused some of it */
  flush(): Promise<void>;
  /** Subscribes; what has arrived by then is what the function returns, and after a `flush` it is all that was sent before. */
  collect(subject: string): () => readonly RawMessage[];
  /** One request, and the first message that answers it. */
  request(subject: string, payload: string): Promise<RawMessage>;
  /** A request to the JetStream API. @throws {Error} with the server's words when the answer is an error */
  api(call: string, body?: object): Promise<Readonly<Record<string, unknown>>>;
  /** A message of a stream; undefined when it is not there. */
  stored(stream: string, seq: number): Promise<RawStored | undefined>;
  close(): void;
}

/** Connects to a server that asks for no login. */
export async function connectRaw(port: number): Promise<RawNats> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  const state = follow(socket);
  await state.greeted;
  const options = { verbose: false, pedantic: false, headers: true, no_responders: true };
  socket.write(`CONNECT ${JSON.stringify({ ...options, name: 'raw', protocol: 1 })}\r\n`);
  const inbox = `_RAW.${process.pid}.${Math.floor(performance.now() * 1000)}`;
  socket.write(`SUB ${inbox}.* 1\r\n`);
  let requests = 0;
  let subscriptions = 1;

  const frame = (
    subject: string,
    reply: string | undefined,
    payload: Uint8Array,
    headers: Uint8Array | undefined,
  ): void => {
    const to = reply === undefined ? subject : `${subject} ${reply}`;
    const sizes =
      headers === undefined
        ? `${payload.length}`
        : `${headers.length} ${headers.length + payload.length}`;
    socket.write(`${headers === undefined ? 'PUB' : 'HPUB'} ${to} ${sizes}\r\n`);
    if (headers !== undefined) socket.write(headers);
    socket.write(payload);
    socket.write('\r\n');
  };
  const flush = async (): Promise<void> => {
    const answered = state.nextPong();
    socket.write('PING\r\n');
    await answered;
  };
  const request = (subject: string, payload: string): Promise<RawMessage> => {
    const reply = `${inbox}.${++requests}`;
    const answer = state.nextMessage(reply);
    frame(subject, reply, Buffer.from(payload), undefined);
    return answer;
  };
  const api: RawNats['api'] = async (call, body) => {
    const answer = await request(`$JS.API.${call}`, body === undefined ? '' : JSON.stringify(body));
    const parsed = JSON.parse(answer.payload.toString('utf8')) as {
      readonly error?: { readonly description?: string; readonly err_code?: number };
    };
    if (parsed.error === undefined) return parsed;
    throw new Error(`${call}: ${parsed.error.description ?? ''} (${parsed.error.err_code ?? ''})`);
  };
  const collect: RawNats['collect'] = (subject) => {
    const arrived: RawMessage[] = [];
    state.collected.set(subject, arrived);
    socket.write(`SUB ${subject} ${++subscriptions}\r\n`);
    return () => arrived;
  };
  return {
    collect,
    publish: (subject, payload, headers, reply) => frame(subject, reply, payload, headers),
    send: (frames) => void socket.write(frames, 'latin1'),
    flush,
    request,
    api,
    stored: (stream, seq) => storedBy(request, stream, seq),
    close: () => void socket.destroy(),
  };
}

interface StoredJson {
  readonly message?: {
    readonly subject: string;
    readonly seq: number;
    readonly hdrs?: string;
    readonly data?: string;
  };
}

async function storedBy(
  request: RawNats['request'],
  stream: string,
  seq: number,
): Promise<RawStored | undefined> {
  const answer = await request(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ seq }));
  const { message } = JSON.parse(answer.payload.toString('utf8')) as StoredJson;
  if (message === undefined) return undefined;
  return {
    subject: message.subject,
    seq: message.seq,
    headers: message.hdrs === undefined ? undefined : Buffer.from(message.hdrs, 'base64'),
    payload: Buffer.from(message.data ?? '', 'base64'),
  };
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function follow(socket: Socket) {
  const pongs: Waiter<undefined>[] = [];
  const answers = new Map<string, Waiter<RawMessage>>();
  const collected = new Map<string, RawMessage[]>();
  let rest: Buffer = Buffer.alloc(0);
  let greet: Waiter<undefined> | undefined;
  const greeted = new Promise<undefined>((resolve, reject) => (greet = { resolve, reject }));
  let failed: Error | undefined;

  const fail = (error: Error): void => {
    failed ??= error;
    greet?.reject(error);
    for (const waiter of [...pongs.splice(0), ...answers.values()]) waiter.reject(error);
    answers.clear();
  };
  const line = (text: string): void => {
    if (text.startsWith('INFO ')) greet?.resolve(undefined);
    else if (text === 'PING') socket.write('PONG\r\n');
    else if (text === 'PONG') pongs.shift()?.resolve(undefined);
    else if (text.startsWith('-ERR')) fail(new Error(`the server says ${text}`));
  };
  const message = (raw: RawMessage): void => {
    collected.get(raw.subject)?.push(raw);
    const waiter = answers.get(raw.subject);
    answers.delete(raw.subject);
    waiter?.resolve(raw);
  };
  const waitIn = <T>(register: (waiter: Waiter<T>) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (failed === undefined) register({ resolve, reject });
      else reject(failed);
    });

  socket.on('data', (chunk: Buffer) => {
    rest = takeFrames(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), line, message);
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));
  return {
    greeted,
    collected,
    nextPong: () => waitIn<undefined>((waiter) => pongs.push(waiter)),
    nextMessage: (subject: string) =>
      waitIn<RawMessage>((waiter) => void answers.set(subject, waiter)),
  };
}

/** @returns the beginning of a frame that has not arrived whole */
function takeFrames(
  bytes: Buffer,
  line: (text: string) => void,
  message: (raw: RawMessage) => void,
): Buffer {
  let start = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', start);
    if (lineEnd === -1) return bytes.subarray(start);
    const text = bytes.toString('latin1', start, lineEnd);
    const words = text.split(' ');
    const withHeaders = words[0] === 'HMSG';
    if (words[0] !== 'MSG' && !withHeaders) {
      line(text);
      start = lineEnd + 2;
      continue;
    }
    const size = Number(words.at(-1));
    const from = lineEnd + 2;
    if (from + size + 2 > bytes.length) return bytes.subarray(start);
    const headersSize = withHeaders ? Number(words.at(-2)) : 0;
    message({
      subject: words[1] ?? '',
      reply: words.length === (withHeaders ? 6 : 5) ? words[3] : undefined,
      headers: withHeaders ? Buffer.from(bytes.subarray(from, from + headersSize)) : undefined,
      payload: Buffer.from(bytes.subarray(from + headersSize, from + size)),
    });
    start = from + size + 2;
  }
}
