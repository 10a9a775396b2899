import { readBlock, type ReadBlock, type Sent } from './messages.js';

/** A message as a line of JSON says it; a header's name and value have a character for each byte. */
export interface LineMessage extends ReadBlock {
  readonly subject: string;
  /** Undefined where the line has none. */
  readonly payload: Buffer | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a line as docs/output.md describes it, with nothing of natsx. */
export function readLine(line: string): LineMessage {
  const fields = JSON.parse(line) as Fields;
  const values = new Map<string, string[]>();
  for (const [name, list] of Object.entries((fields['headers'] ?? {}) as Fields)) {
    values.set(bytesOfText(name), (list as string[]).map(bytesOfText));
  }
  const status = [fields['status'], fields['description']].filter(Boolean).join(' ');
  const encoded = fields['headers_base64'];
  return {
    subject: String(fields['subject']),
    payload: payloadOf(fields),
    status: bytesOfText(status),
    values,
    // The whole block, where text cannot say it.
    ...(typeof encoded === 'string' && readBlock(Buffer.from(encoded, 'base64'))),
  };
}

function payloadOf(fields: Fields): Buffer | undefined {
  const encoded = fields['payload_base64'];
  if (typeof encoded === 'string') return Buffer.from(encoded, 'base64');
  if (!('payload' in fields)) return undefined;
  const { payload } = fields;
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}

function bytesOfText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function textOfBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}

/** Whether a text of bytes is UTF-8. */
function isText(bytes: string): boolean {
  return bytesOfText(textOfBytes(bytes)) === bytes;
}

export type PayloadForm = 'base64' | 'string' | 'value';

/** A line that other programs may write as well as natsx: the payload in one of its forms, where it can have it. */
export function writeLine(subject: string, { payload, block }: Sent, form: PayloadForm): string {
  const { status, values } = readBlock(block);
  const isPlain = status === '' && [...values.values()].flat().every(isText);
  const parts = [
    `"subject":${JSON.stringify(subject)}`,
    ...(block === undefined
      ? []
      : [isPlain ? headersMember(values) : `"headers_base64":"${block.toString('base64')}"`]),
    payloadMember(payload, form),
  ];
  return `{${parts.join(',')}}`;
}

function headersMember(values: ReadBlock['values']): string {
  const each = [...values].map(
    ([name, list]) =>
      `${JSON.stringify(textOfBytes(name))}:${JSON.stringify(list.map(textOfBytes))}`,
  );
  return `"headers":{${each.join(',')}}`;
}

function payloadMember(payload: Buffer, form: PayloadForm): string {
  const text = payload.toString();
  if (form === 'base64' || !Buffer.from(text).equals(payload)) {
    return `"payload_base64":"${payload.toString('base64')}"`;
  }
  return `"payload":${form === 'value' && isOwnJson(text) ? text : JSON.stringify(text)}`;
}

/** JSON that a reader of JSON gives back byte for byte, and that is not a string. */
function isOwnJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value !== 'string' && JSON.stringify(value) === text;
  } catch {
    return false;
  }
}
