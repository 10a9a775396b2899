import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { recordedMessages } from '../../../src/recording/run/recorded-messages.js';
import { recordingTail } from '../../../src/recording/run/recording-tail.js';
import { ReplayProgressFile } from '../../../src/recording/run/replay-progress.js';
import { readLedger } from '../../../src/verify/run/ledger-file.js';
import { compareSaved } from '../../../src/bench/model/compare-suites.js';
import { benchReportToJson } from '../../../src/bench/model/report-json.js';
import { readSaved } from '../../../src/bench/console/files.js';
import { SUITE_SCHEMA } from '../../../src/bench/model/report.js';
import { contextSettings } from '../../../src/connection/model/context.js';
import { resolveSettings } from '../../../src/connection/model/connection-settings.js';
import {
  CONSUMER_KEYS,
  STREAM_KEYS,
  checkConfigKeys,
} from '../../../src/streams/model/config-keys.js';
import { unwrapConfig, writtenConfig } from '../../../src/streams/model/stream-config.js';
import {
  isJsonObject,
  parseExactJson,
  stringifyExactJson,
} from '../../../src/core/message/exact-json.js';
import { decodeMessageLine } from '../../../src/core/message/message-line.js';
import { encodeMessageLine } from '../../../src/core/message/payload-json.js';
import { LineSplitter } from '../../../src/core/message/split-lines.js';
import {
  decodeRecordedLine,
  recordedTimeMs,
  sequenceIn,
} from '../../../src/recording/model/recorded-line.js';
import { decodeRecordingHeader } from '../../../src/recording/model/recording-header.js';
import { ContextStore } from '../../../src/connection/context-store.js';
import { dialOptions, parseCreds } from '../../../src/connection/dial-options.js';
import { temporaryFolder } from '../../support/shut-down.js';
import { exampleReport } from '../../unit/bench/model/example-report.js';
import { DEEP_JSON, documentText, near, nearBytes, nearJson } from './mutations.js';
import { fileParser, parser, type ParserUnderTest } from './parser.js';

const head =
  '{"natsx_recording":1,"stream":"S","filters":["a.>"],"started_at":"2026-03-01T09:30:00Z","written_by":"0.1.0"}';
const lines = [
  '{"stream":"S","seq":1,"time":"2026-03-01T09:30:00.000000001Z","subject":"a","payload":{"id":7}}',
  '{"stream":"S","seq":2,"time":"2026-03-01T09:30:01Z","subject":"a.b","headers":{"A":["1","2"]},"payload":"text"}',
  '{"subject":"a","reply":"r","payload_base64":"//4=","received_at":"2026-03-01T09:30:00Z"}',
  '{"subject":"a","headers_base64":"TkFUUy8xLjANCkE6IGINCg0K","status":503,"description":"x","payload":""}',
  '{"natsx_note":"gap","at":"2026-03-01T09:30:00Z","reason":"lost"}',
  '{"subject":"a","payload":12345678901234567890}',
  String.raw`{"subject":"a","payload":"\ud800"}`,
  '{"subject":"a","headers":{"__proto__":"x","A":1},"payload":null}',
  `{"subject":"a","payload":${DEEP_JSON}}`,
  `{"subject":"a","payload":{"a":[${DEEP_JSON}]}}`,
];
const recording = [head, ...lines.slice(0, 2), ''].join('\n');

const jwt = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJYIn0.c2ln';
const seed = 'SUAMK2FG4MI6UE3ACF3FK3OIQBCEIEZV7NSWFFEW63UXMRLFM2XLAXK4GY';
const creds = [
  '-----BEGIN NATS USER JWT-----',
  jwt,
  '------END NATS USER JWT------',
  '',
  '-----BEGIN USER NKEY SEED-----',
  seed,
  '------END USER NKEY SEED------',
  '',
].join('\n');

const context = {
  description: 'local',
  url: 'nats://127.0.0.1:4222',
  token: '',
  user: 'u',
  password: 'p',
  creds: '',
  nkey: '',
  cert: '',
  key: '',
  ca: '',
  nsc: '',
  jetstream_domain: 'hub',
  jetstream_api_prefix: '',
  jetstream_event_prefix: '',
  inbox_prefix: '_I',
  user_jwt: '',
  color_scheme: '',
  tls_first: false,
  socks_proxy: '',
};

const ledger = [
  '{"schema":"natsx.verify.ledger/1","run_id":"8e021d8d","started_at":"2026-11-22T22:57:15.060Z","subject":"v","stream":"S","publishers":2,"confirmation":"acknowledged"}',
  '{"at":1700000000000,"p":1,"sent":[1,10],"acked":[[1,5],[7,10]]}',
  '{"at":1700000000001,"p":2,"sent":[1,3]}',
  '{"at":1700000000002,"end":true}',
  '',
].join('\n');

const report = benchReportToJson(exampleReport({}, [2000, 2100, 1900])) as object;
const suite = benchReportToJson({
  schema: SUITE_SCHEMA,
  labels: ['a'],
  reports: [exampleReport()],
  skipped: [],
}) as object;

const config = {
  name: 'S',
  subjects: ['a.>'],
  retention: 'limits',
  max_msgs: -1,
  max_age: 9_007_199_254_740_993,
  sources: [{ name: 'O', filter_subject: 'x' }],
  placement: { cluster: 'c' },
  metadata: { a: 'b' },
  filter_subjects: ['a'],
  backoff: [1, 2],
};

let folder: string | undefined;
const scratch = (): string => (folder ??= temporaryFolder('fuzz'));

/** What files and pipes hold. */
export const fileParsers: readonly ParserUnderTest[] = [
  parser(
    'lines of JSON',
    near(lines, ['"payload":', '"payload_base64":', '"headers":', '"subject":', '":[']),
    (line) => {
      decodeMessageLine(line);
    },
  ),
  parser(
    'lines of JSON, there and back',
    fc.record({
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        near(lines).map((text) => Buffer.from(text)),
      ),
      headers: fc.array(
        fc.tuple(
          fc.stringMatching(/^[!-9;-~]{1,12}$/),
          fc.array(headerValue(), { minLength: 1, maxLength: 3 }),
        ),
        { maxLength: 4 },
      ),
    }),
    ({ payload, headers }) => {
      const map = new Map(headers);
      const message = {
        subject: 'a.b',
        payload,
        receivedAtMs: 0,
        ...(map.size > 0 && { headers: map }),
      };
      const read = decodeMessageLine(encodeMessageLine(message));
      if (!Buffer.from(read.payload).equals(Buffer.from(payload))) throw new Error('other bytes');
      const seen = JSON.stringify([...(read.headers ?? [])].sort());
      if (seen !== JSON.stringify([...map].sort())) throw new Error(`other headers: ${seen}`);
    },
  ),
  parser('lines of recordings', near([head, ...lines]), (line) => {
    sequenceIn(line);
    const recorded = decodeRecordedLine(line);
    if (recorded !== undefined) recordedTimeMs(recorded);
  }),
  parser(
    'heads of recordings',
    near([head, '{"natsx_recording":2}', '{"natsx_recording":1,"subjects":["a"]}']),
    (line) => decodeRecordingHeader(line, 'a.jsonl'),
  ),
  parser(
    'lines, split anywhere',
    fc.tuple(
      near(['one\ntwo\r\n\nthree', 'a\0b\0\0', '--a----b']),
      fc.constantFrom('\n', '\0', '--', 'ab'),
      fc.array(fc.nat(), { maxLength: 5 }),
    ),
    ([text, delimiter, cuts]) => splitAnywhere(Buffer.from(text), delimiter, cuts),
  ),
  parser(
    'credentials',
    near([creds, creds.replaceAll('\n', '\r\n')], ['-----BEGIN ', '-----END ', jwt, seed]),
    (text) => parseCreds(text, 'a.creds'),
  ),
  parser(
    'contexts',
    fc.oneof(nearJson([context]).map(documentText), near([JSON.stringify(context)])),
    (text) => {
      const home = scratch();
      mkdirSync(join(home, 'nats', 'context'), { recursive: true });
      writeFileSync(join(home, 'nats', 'context', 'fuzzed.json'), text);
      const values = contextSettings(new ContextStore(home).read('fuzzed'), 'fuzzed');
      const settings = resolveSettings([
        { origin: 'context', values, source: () => 'the context' },
      ]);
      dialOptions(settings, { name: 'natsx', timeoutMs: 1000 });
    },
  ),
  parser(
    'saved reports of bench',
    fc.tuple(nearJson([report, suite]), nearJson([report, suite]), fc.boolean()),
    ([older, newer, force]) => {
      const [one, other] = [older, newer].map((document) => {
        const file = join(scratch(), 'report.json');
        writeFileSync(file, documentText(document));
        return readSaved(file);
      });
      if (one !== undefined && other !== undefined) compareSaved(one, other, force);
    },
  ),
  parser('configurations', nearJson([config, { config }, { name: 'C', config }]), (value) => {
    const text = documentText(value);
    if (text.includes(DEEP_JSON)) return;
    const read = parseExactJson(text);
    if (stringifyExactJson(read) !== stringifyExactJson(parseExactJson(stringifyExactJson(read)))) {
      throw new Error('other JSON');
    }
    if (!isJsonObject(read)) return;
    const file = unwrapConfig(read);
    for (const keys of [STREAM_KEYS, CONSUMER_KEYS]) {
      checkConfigKeys(writtenConfig(file, keys), keys);
    }
  }),
  fileParser(
    'ledgers',
    near([ledger], ['"acked":[[', '"sent":[', '"p":0', '"p":3']),
    async (text) => {
      const file = join(scratch(), 'ledger');
      writeFileSync(file, text);
      await readLedger(file);
    },
  ),
  fileParser('recordings', nearBytes([Buffer.from(recording), Buffer.from(`${head}\n`)]), (bytes) =>
    readRecording('a.jsonl', bytes),
  ),
  fileParser(
    'compressed recordings, corrupted',
    fc.oneof(
      nearBytes([
        gzipSync(recording),
        Buffer.concat([gzipSync(`${head}\n`), gzipSync(lines.join('\n'))]),
      ]),
      near([recording]).map((text) => gzipSync(text)),
    ),
    (bytes) => readRecording('a.jsonl.gz', bytes),
  ),
  fileParser(
    'marks of replays',
    fc.oneof(
      near([
        '{"natsx_replay":1,"line":3,"messages":2,"id":"x","plan":"p","streams":{"S":1},"window":10}',
      ]),
      nearJson([{ natsx_replay: 1, line: 3, messages: 2, id: '', plan: 'p' }]).map((value) =>
        JSON.stringify(value),
      ),
    ),
    (text) => {
      const file = new ReplayProgressFile(join(scratch(), 'marked'));
      writeFileSync(file.path, text);
      return Promise.resolve().then(() => file.read());
    },
  ),
];

async function readRecording(name: string, bytes: Buffer): Promise<void> {
  const file = join(scratch(), name);
  writeFileSync(file, bytes);
  let refused: unknown;
  try {
    const { signal } = new AbortController();
    for await (const { messages } of recordedMessages({ path: file }, 0, signal)) messages.at(0);
  } catch (error) {
    refused = error;
  }
  // It repairs what was cut off; what is left is read again.
  const tail = await recordingTail(file);
  if (refused !== undefined) throw refused as Error;
  if (tail?.repaired === true) throw new Error('a whole recording is repaired');
}

function splitAnywhere(bytes: Buffer, delimiter: string, cuts: readonly number[]): void {
  const whole = new LineSplitter(Buffer.from(delimiter));
  const wanted = [...whole.push(bytes), whole.end()].map(String);
  const splitter = new LineSplitter(Buffer.from(delimiter));
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
  const seen: string[] = [];
  let from = 0;
  for (const to of [...places, bytes.length]) {
    seen.push(...splitter.push(Buffer.from(bytes.subarray(from, to))).map(String));
    from = to;
  }
  seen.push(String(splitter.end()));
  if (JSON.stringify(seen) !== JSON.stringify(wanted))
    throw new Error(JSON.stringify({ seen, wanted }));
}

/** Values as a block of headers gives them back: blanks around them are not theirs. */
function headerValue(): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .map((text) => text.replace(/[\r\n]/g, ' ').replace(/^[ \t]+|[ \t]+$/g, ''));
}
