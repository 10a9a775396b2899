/** The ways in, out, and what passes: a run takes one of each of the first three, and a few messages of the rest. */
export const dimensions = {
  source: [
    'core',
    'queue',
    'stream',
    'work-queue',
    'durable',
    'get',
    'recording',
    'jsonl',
    'lines',
    'body',
  ],
  out: [
    'raw',
    'json',
    'format',
    'headers-only',
    'output-dir',
    'output-dir-raw',
    'command',
    'recording',
    'recording-gz',
    'republish-recording',
    'republish-json',
  ],
  sink: ['file', 'pipe', 'slow-pipe', 'closed-pipe', 'full-disk', 'pty'],
  size: ['0', '1', '4K-1', '4K', '4K+1', '64K-1', '64K', '64K+1', '1M', 'max', 'past'],
  content: ['text', 'random', 'nul', 'crlf', 'not-utf8', 'surrogates', 'json-like', 'deep-json'],
  headers: ['none', 'many', 'odd', 'large', 'not-utf8', 'status'],
} as const;

export type Dimension = keyof typeof dimensions;
export type Source = (typeof dimensions.source)[number];
export type Out = (typeof dimensions.out)[number];
export type Sink = (typeof dimensions.sink)[number];
export type Size = (typeof dimensions.size)[number];
export type Content = (typeof dimensions.content)[number];
export type HeaderKind = (typeof dimensions.headers)[number];

/** Where messages come from, where they go, and what is at the end of it. */
export interface Route {
  readonly source: Source;
  readonly out: Out;
  readonly sink: Sink;
}

/** What a message is like. */
export interface Shape {
  readonly size: Size;
  readonly content: Content;
  readonly headers: HeaderKind;
}

export interface Run extends Route {
  readonly shapes: readonly Shape[];
  /** How often all of the shapes are sent, each time with other bytes. */
  readonly times: number;
  /** What the bytes are drawn from. */
  readonly seed: number;
}

/** natsx publishes them; what it reads was published by frames of our own otherwise. */
export function isPublished({ source }: Pick<Route, 'source'>): boolean {
  return ['recording', 'jsonl', 'lines', 'body'].includes(source);
}

/** How many messages one run of a source takes in. */
export function mostShapes({ source }: Pick<Route, 'source'>): number {
  return source === 'body' ? 1 : source === 'get' ? 3 : 7;
}

/** Whether natsx has such a way. */
export function routeIsThere({ source, out, sink }: Route): boolean {
  if (source === 'get' && out !== 'raw' && out !== 'json') return false;
  if (out === 'command' && source !== 'durable' && !isPublished({ source })) return false;
  const records = out === 'recording' || out === 'recording-gz' || out === 'republish-recording';
  if (records && (source === 'durable' || source === 'queue')) return false;
  switch (out) {
    case 'output-dir':
    case 'output-dir-raw':
    case 'recording':
    case 'recording-gz':
      return sink === 'file' || sink === 'full-disk';
    case 'command':
    case 'republish-recording':
      return sink === 'file';
    case 'republish-json':
      return sink === 'pipe';
    default:
      return true;
  }
}

/** Whether such a message can come by this source. */
export function shapeFits({ source }: Pick<Route, 'source'>, { size, headers }: Shape): boolean {
  // A message past max_payload never comes to a reader.
  if (size === 'past' && !isPublished({ source })) return false;
  // Flags are text, and a status is not a header; a stream takes at most 64 KiB.
  const byFlags = source === 'lines' || source === 'body';
  return !byFlags || ['none', 'many', 'odd'].includes(headers);
}

const ROUTE = /^(\S+) > (\S+) > (\S+): (.*) x(\d+) seed (\d+)$/;

/** A run as one line, which `parseRun` reads. */
export function runText(run: Run): string {
  const shapes = run.shapes.map(({ size, content, headers }) => `${size}/${content}/${headers}`);
  const { source, out, sink, times, seed } = run;
  return `${source} > ${out} > ${sink}: ${shapes.join(', ')} x${times} seed ${seed}`;
}

export function parseRun(text: string): Run {
  const match = ROUTE.exec(text.trim());
  if (match === null) throw new Error(`not a run of the matrix: ${text}`);
  const [, source = '', out = '', sink = '', shapes = '', times, seed] = match;
  return {
    source: valueOf('source', source),
    out: valueOf('out', out),
    sink: valueOf('sink', sink),
    shapes: shapes.split(', ').map((shape) => {
      const [size = '', content = '', headers = ''] = shape.split('/');
      return {
        size: valueOf('size', size),
        content: valueOf('content', content),
        headers: valueOf('headers', headers),
      };
    }),
    times: Number(times),
    seed: Number(seed),
  };
}

function valueOf<D extends Dimension>(name: D, text: string): (typeof dimensions)[D][number] {
  const values: readonly string[] = dimensions[name];
  if (!values.includes(text)) throw new Error(`${name} is one of ${values.join(', ')}: ${text}`);
  return text as (typeof dimensions)[D][number];
}
