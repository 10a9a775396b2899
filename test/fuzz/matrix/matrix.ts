import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { NatsServer } from '../../support/nats-server.js';
import { connectRaw, type RawMessage, type RawNats } from '../../support/raw-nats.js';
import { emptyHome } from '../../support/run-cli.js';
import { temporaryFolder } from '../../support/shut-down.js';
import { isPublished, type Run } from './dimensions.js';
import { readLine, writeLine, type PayloadForm } from './json-line.js';
import { messagesOf, readBlock, type ReadBlock, type Sent } from './messages.js';
import { startNatsx, type Ended, type NatsxOptions } from './run-natsx.js';

/** What a run found wrong. */
class Fault extends Error {}

/** The words of a full disk. */
const NO_SPACE = /no space/i;
/** A disk that takes this much is full soon. */
const SMALL_DISK = '64k';
const DISK_BYTES = 64 * 1024;

/** Runs of the matrix on one server. */
export class Matrix {
  readonly #server: NatsServer;
  readonly #raw: RawNats;
  readonly #home = emptyHome();
  readonly #folder = temporaryFolder('matrix');
  readonly #keepsStatus: boolean;
  #runs = 0;

  private constructor(server: NatsServer, raw: RawNats, keepsStatus: boolean) {
    this.#server = server;
    this.#raw = raw;
    this.#keepsStatus = keepsStatus;
  }

  static async on(server: NatsServer): Promise<Matrix> {
    const raw = await connectRaw(server.port);
    return new Matrix(server, raw, await keepsStatus(raw));
  }

  close(): void {
    this.#raw.close();
  }

  /** @returns what is wrong, or undefined when everything that came out is what went in */
  async faultOf(run: Run): Promise<string | undefined> {
    const number = ++this.#runs;
    const one = new OneRun({
      run,
      server: this.#server,
      raw: this.#raw,
      home: this.#home,
      folder: join(this.#folder, `${number}`),
      name: `M${number}`,
      keepsStatus: this.#keepsStatus,
    });
    try {
      await one.check();
      return undefined;
    } catch (error) {
      if (error instanceof Fault) return error.message;
      return `the test itself failed: ${error instanceof Error ? (error.stack ?? '') : String(error)}`;
    } finally {
      await one.end();
    }
  }
}

type StdoutForm = 'raw' | 'json' | 'format' | 'headers-only';

interface Setting {
  readonly run: Run;
  readonly server: NatsServer;
  readonly raw: RawNats;
  readonly home: string;
  readonly folder: string;
  /** Of its stream; its subjects begin with the same in small letters. */
  readonly name: string;
  /** Whether the server's streams keep the status of a block. */
  readonly keepsStatus: boolean;
}

/** Newer servers store a message without the status that its block of headers has. */
async function keepsStatus(raw: RawNats): Promise<boolean> {
  const name = 'STATUS';
  await raw.api(`STREAM.CREATE.${name}`, { name, subjects: ['status'], storage: 'memory' });
  raw.publish('status', Buffer.alloc(0), Buffer.from('NATS/1.0 503\r\nA: b\r\n\r\n'));
  await raw.flush();
  const stored = await raw.stored(name, 1);
  await raw.api(`STREAM.DELETE.${name}`);
  return readBlock(stored?.headers).status !== '';
}

class OneRun {
  readonly #setting: Setting;
  readonly #sent: readonly Sent[];
  readonly #subject: string;
  #mounted: string | undefined;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#sent = messagesOf(setting.run);
    this.#subject = `${setting.name.toLowerCase()}.in`;
    mkdirSync(setting.folder, { recursive: true });
  }

  async check(): Promise<void> {
    const { run, raw, name } = this.#setting;
    const direct = run.source === 'core' || run.source === 'queue';
    if (!direct) {
      await raw.api(`STREAM.CREATE.${name}`, {
        name,
        subjects: [this.#subject],
        storage: 'memory',
        retention: run.source === 'work-queue' ? 'workqueue' : 'limits',
        allow_direct: true,
      });
    }
    if (isPublished(run)) {
      const refused = this.#sent.findIndex(({ shape }) => shape.size === 'past');
      const delivered = raw.collect(this.#subject);
      await raw.flush();
      await this.#publishWithNatsx(refused !== -1);
      await raw.flush();
      const arrived = refused === -1 ? this.#sent : this.#sent.slice(0, refused);
      this.#compareDelivered(delivered(), arrived);
      await this.#compareStream(name, arrived);
      // What was refused is looked at; the rest of the way is that of others.
      if (arrived.length > 0) await this.#readWithNatsx(arrived);
      return;
    }
    if (!direct) {
      this.#publishRaw();
      await raw.flush();
    }
    await this.#readWithNatsx(this.#sent);
  }

  async end(): Promise<void> {
    const { raw, name, folder } = this.#setting;
    if (this.#mounted !== undefined) spawnSync('umount', [this.#mounted]);
    rmSync(folder, { recursive: true, force: true });
    await raw.api(`STREAM.DELETE.${name}`).catch(() => undefined);
    await raw.api(`STREAM.DELETE.${name}C`).catch(() => undefined);
  }

  #publishRaw(): void {
    for (const { payload, block } of this.#sent)
      this.#setting.raw.publish(this.#subject, payload, block);
  }

  async #natsx(args: readonly string[], options: Partial<NatsxOptions> = {}): Promise<Ended> {
    return this.#start(args, options).ended.then((ended) => sound(args, ended));
  }

  #start(args: readonly string[], options: Partial<NatsxOptions> = {}) {
    const { server, home, folder } = this.#setting;
    return startNatsx([...args, '--server', server.url], {
      sink: 'pipe',
      home,
      folder,
      ...options,
    });
  }

  // ---- publishing

  async #publishWithNatsx(isRefused: boolean): Promise<void> {
    const { run } = this.#setting;
    const jetstream = run.seed % 2 === 0 ? ['--jetstream'] : [];
    const flags = [...jetstream, '--quiet'];
    let ended: Ended | undefined;
    switch (run.source) {
      case 'recording':
        ended = await this.#natsx(['replay', this.#recordingOfOurOwn(), ...flags]);
        break;
      case 'jsonl': {
        const lines = this.#sent.map((sent, place) =>
          writeLine(this.#subject, sent, formOf(run.seed + place)),
        );
        const stdin = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        ended = await this.#natsx(['pub', '--jsonl', ...flags], { stdin });
        break;
      }
      case 'lines': {
        const [flag, delimiter] = delimiterFor(this.#sent, run.seed);
        const stdin = Buffer.concat(this.#sent.flatMap(({ payload }) => [payload, delimiter]));
        const args = [
          'pub',
          this.#subject,
          '--lines',
          ...flag,
          ...headerFlags(this.#sent[0]),
          ...flags,
        ];
        ended = await this.#natsx(args, { stdin });
        break;
      }
      default:
        for (const sent of this.#sent) {
          const args = ['pub', this.#subject, '-', ...headerFlags(sent), ...flags];
          ended = await this.#natsx(args, { stdin: sent.payload });
        }
    }
    const { code, stderr } = ended ?? { code: 0, stderr: '' };
    if (isRefused) {
      if (code !== 8 || !/larger|too large|max_payload|max payload|maximum/i.test(stderr)) {
        throw new Fault(`a payload past max_payload ends with ${code}: ${stderr.trim()}`);
      }
    } else if (code !== 0) throw new Fault(`publishing ends with ${code}: ${stderr.trim()}`);
  }

  #recordingOfOurOwn(): string {
    const file = join(this.#setting.folder, 'in.jsonl');
    const at = '2026-03-01T09:30:00.000000000Z';
    const head = `{"natsx_recording":1,"stream":"X","filters":[],"started_at":"${at}","written_by":"0.1.0"}`;
    const lines = this.#sent.map((sent, place) => {
      const line = writeLine(this.#subject, sent, formOf(this.#setting.run.seed + place));
      return `{"stream":"X","seq":${place + 1},"time":"${at}",${line.slice(1)}`;
    });
    writeFileSync(file, [head, ...lines, ''].join('\n'));
    return file;
  }

  // ---- reading

  async #readWithNatsx(expected: readonly Sent[]): Promise<void> {
    const { run } = this.#setting;
    switch (run.out) {
      case 'raw':
      case 'json':
      case 'format':
      case 'headers-only':
        return this.#readStdout(expected);
      case 'output-dir':
      case 'output-dir-raw':
        return this.#readFolder(expected);
      case 'command':
        return this.#readByCommand(expected);
      case 'recording':
      case 'recording-gz':
        return this.#readRecording(expected);
      case 'republish-recording':
        return this.#copyByRecording(expected);
      case 'republish-json':
        return this.#copyByJson(expected);
    }
  }

  /** The command that reads all of them, and how to have it run. */
  #readingArgs(count: number): readonly string[] {
    const { run, name } = this.#setting;
    const limit = ['--count', `${count}`, '--wait', '20s'];
    switch (run.out === 'command' ? 'durable' : run.source) {
      case 'core':
        return ['sub', this.#subject, ...limit];
      case 'queue':
        return ['queue-sub', this.#subject, 'group', ...limit];
      case 'durable':
        return ['sub', '--stream', name, '--durable', 'work', '--create', ...limit];
      default:
        return ['sub', '--stream', name, '--from-start', '--until-end'];
    }
  }

  /** Reads everything in one form; publishes when the subscription is there where nothing is kept. */
  async #read(
    count: number,
    form: readonly string[],
    options: Partial<NatsxOptions> = {},
  ): Promise<Ended> {
    const args = [...this.#readingArgs(count), ...form];
    const started = this.#start(args, options);
    const { source } = this.#setting.run;
    if (source === 'core' || source === 'queue') {
      await started.saysOnStderr(/subscribed|joined|member/i);
      this.#publishRaw();
    }
    return sound(args, await started.ended);
  }

  async #readStdout(expected: readonly Sent[]): Promise<void> {
    const { run } = this.#setting;
    const isGet = run.source === 'get';
    const delimiter = run.seed % 3 === 0 && run.out === 'raw' && !isGet ? '' : '\n';
    const form = {
      raw: ['--raw', ...(delimiter === '' ? ['--delimiter', ''] : [])],
      json: ['--json'],
      format: ['--format', String.raw`{subject}|{size}|{payload:base64}|{payload}\n`],
      'headers-only': ['--headers-only'],
    }[run.out as StdoutForm];
    const parts: Buffer[] = [];
    let ended: Ended = { code: 0, stdout: Buffer.alloc(0), stderr: '', hung: false };
    if (isGet) {
      for (const [place, sent] of expected.entries()) {
        const args = ['stream', 'get', this.#setting.name, `${place + 1}`, ...form];
        ended = await this.#natsx(args, { sink: run.sink });
        if (!this.#endsAsItShould(ended, [sent])) return;
        parts.push(ended.stdout);
      }
    } else {
      ended = await this.#read(expected.length, form, { sink: run.sink });
      parts.push(ended.stdout);
      const isWell = this.#endsAsItShould(ended, expected);
      await this.#compareAcknowledged(isWell ? expected.length : 0);
      if (!isWell) return;
    }
    this.#compareStdout(parts, expected, isGet ? '' : delimiter);
  }

  /** @returns whether everything has come out; @throws Fault when the exit code or the words are wrong */
  #endsAsItShould({ code, stderr }: Ended, expected: readonly Sent[]): boolean {
    const { out, sink, source } = this.#setting.run;
    const isEmpty = out === 'raw' && expected.every(({ payload }) => payload.length === 0);
    if (isEmpty && code === 0) return sink !== 'closed-pipe' && sink !== 'full-disk';
    switch (sink) {
      case 'closed-pipe':
        if (code !== 0 && source !== 'get') {
          throw new Fault(`a closed pipe ends it with ${code}: ${stderr.trim()}`);
        }
        return false;
      case 'full-disk':
        if (code === 0 || !NO_SPACE.test(stderr)) {
          throw new Fault(`a full disk ends it with ${code}: ${stderr.trim()}`);
        }
        return false;
      default:
        if (code !== 0) throw new Fault(`reading ends with ${code}: ${stderr.trim()}`);
        return true;
    }
  }

  #compareStdout(parts: readonly Buffer[], expected: readonly Sent[], delimiter: string): void {
    const { run } = this.#setting;
    const stdout = Buffer.concat(parts);
    if (run.sink === 'pty') {
      this.#compareDrawn(stdout, expected);
      return;
    }
    const end = Buffer.from(delimiter);
    switch (run.out as StdoutForm) {
      case 'raw': {
        sameBytes(
          'stdout',
          stdout,
          Buffer.concat(expected.flatMap(({ payload }) => [payload, end])),
        );
        return;
      }
      case 'format': {
        sameBytes(
          'stdout',
          stdout,
          Buffer.concat(
            expected.flatMap(({ payload }) => [
              Buffer.from(`${this.#subject}|${payload.length}|${payload.toString('base64')}|`),
              payload,
              Buffer.from('\n'),
            ]),
          ),
        );
        return;
      }
      case 'json': {
        this.#compareLines(linesOf(stdout), expected);
        return;
      }
      case 'headers-only': {
        compareHeaderTexts(stdout.toString(), expected);
        return;
      }
    }
  }

  /** A terminal gets nothing that it would obey; lines of JSON are the same there. */
  #compareDrawn(drawn: Buffer, expected: readonly Sent[]): void {
    const { out } = this.#setting.run;
    const text = drawn.toString().replaceAll('\r\n', '\n');
    if (out === 'json') {
      this.#compareLines(
        text.split('\n').filter((line) => line.startsWith('{')),
        expected,
      );
      return;
    }

    const control = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/.exec(text);
    if (control !== null) {
      const around = text.slice(Math.max(0, control.index - 20), control.index + 20);
      throw new Fault(`a terminal gets control characters: ${JSON.stringify(around)}`);
    }
    for (const { payload, shape } of expected) {
      if (
        out !== 'headers-only' &&
        shape.content === 'text' &&
        !text.includes(payload.toString())
      ) {
        throw new Fault('a text does not come out on a terminal');
      }
    }
  }

  #compareLines(lines: readonly string[], expected: readonly Sent[]): void {
    sameNumber('lines', lines.length, expected.length);
    for (const [place, sent] of expected.entries()) {
      const read = readLine(lines[place] ?? '');
      const what = `message ${place + 1}`;
      if (read.subject !== this.#subject) throw new Fault(`${what} has subject ${read.subject}`);
      sameHeaders(what, read, this.#wantedBlock(sent, 'read'));
      sameBytes(what, read.payload, sent.payload);
    }
  }

  async #readFolder(expected: readonly Sent[]): Promise<void> {
    const { run } = this.#setting;
    const isRaw = run.out === 'output-dir-raw';
    const disk = this.#disk();
    const folder = join(disk, 'messages');
    const ended = await this.#readToDisk(expected, [
      '--output-dir',
      folder,
      ...(isRaw ? ['--raw'] : []),
    ]);
    if (ended === undefined) return;
    const files = readdirSync(folder).sort();
    sameNumber('files', files.length, expected.length);
    const contents = files.map((file) => readFileSync(join(folder, file)));
    if (isRaw) {
      for (const [place, { payload }] of expected.entries()) {
        sameBytes(files[place] ?? '', contents[place], payload);
      }
    } else {
      this.#compareLines(
        contents.map((bytes) => bytes.toString()),
        expected,
      );
    }
  }

  /** What is there is whole, also when the rest found no place. */
  #compareFilesSoFar(expected: readonly Sent[]): void {
    const folder = join(this.#setting.folder, 'disk', 'messages');
    const contents = readdirSync(folder)
      .sort()
      .map((file) => readFileSync(join(folder, file)));
    for (const [place, bytes] of contents.entries()) {
      const wanted = expected[place]?.payload ?? Buffer.alloc(0);
      const isRaw = this.#setting.run.out === 'output-dir-raw';
      sameBytes(
        `file ${place + 1} on a full disk`,
        isRaw ? bytes : readLine(linesOf(bytes)[0] ?? '{}').payload,
        wanted,
      );
    }
  }

  /** @returns undefined when the disk was full, and natsx has said so */
  async #readToDisk(
    expected: readonly Sent[],
    form: readonly string[],
  ): Promise<Ended | undefined> {
    const { run } = this.#setting;
    const ended = await this.#read(expected.length, form);
    const { code, stderr } = ended;
    const bytes = expected.reduce((sum, { payload }) => sum + payload.length, 0);
    if (run.sink === 'full-disk' && code !== 0) {
      if (!NO_SPACE.test(stderr)) {
        throw new Fault(`a full disk ends it with ${code}: ${stderr.trim()}`);
      }
      await this.#compareAcknowledged(expected.length - 1, 'at most');
      this.#compareFilesSoFar(expected);
      return undefined;
    }
    if (code !== 0) throw new Fault(`reading ends with ${code}: ${stderr.trim()}`);
    if (run.sink === 'full-disk' && this.#mounted !== undefined && bytes > DISK_BYTES) {
      if (run.out !== 'recording-gz') throw new Fault('a disk that is full went unnoticed');
    }
    await this.#compareAcknowledged(expected.length);
    return ended;
  }

  /** A folder; on a small disk of its own where the run asks for a full one, and the system lets us mount. */
  #disk(): string {
    const { run, folder } = this.#setting;
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    if (run.sink !== 'full-disk') return disk;
    const made = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'tmpfs', disk]);
    if (made.status === 0) this.#mounted = disk;
    return disk;
  }

  async #readByCommand(expected: readonly Sent[]): Promise<void> {
    const folder = this.#disk();
    const command =
      'cat > "$OUT/$NATS_STREAM_SEQUENCE" && printf %s "$NATS_REQUEST_HEADERS" > "$OUT/h$NATS_STREAM_SEQUENCE"';
    const { code, stderr } = await this.#read(expected.length, ['--command', command], {
      env: { OUT: folder },
    });
    if (code !== 0) throw new Fault(`reading ends with ${code}: ${stderr.trim()}`);
    for (const [place, { payload, block, shape }] of expected.entries()) {
      sameBytes(
        `what command ${place + 1} read`,
        readFileSync(join(folder, `${place + 1}`)),
        payload,
      );
      if (shape.headers === 'not-utf8' || shape.headers === 'status') continue;
      const headers = readFileSync(join(folder, `h${place + 1}`), 'utf8');
      sameHeaders(`command ${place + 1}`, readLine(`{"headers":${headers}}`), readBlock(block));
    }
    await this.#compareAcknowledged(expected.length);
  }

  async #record(count: number, file: string): Promise<Ended> {
    const { run, name } = this.#setting;
    const isCore = run.source === 'core';
    const what = isCore ? ['--subject', this.#subject, '--count', `${count}`] : ['--stream', name];
    const args = ['record', file, ...what];
    const started = this.#start(args);
    if (isCore) {
      await started.saysOnStderr(/subscribed|recording|listening/i);
      this.#publishRaw();
    }
    return sound(args, await started.ended);
  }

  async #readRecording(expected: readonly Sent[]): Promise<void> {
    const { run } = this.#setting;
    const isGz = run.out === 'recording-gz';
    const file = join(this.#disk(), isGz ? 'out.jsonl.gz' : 'out.jsonl');
    const { code, stderr } = await this.#record(expected.length, file);
    if (run.sink === 'full-disk' && code !== 0) {
      if (!NO_SPACE.test(stderr)) {
        throw new Fault(`a full disk ends it with ${code}: ${stderr.trim()}`);
      }
      return;
    }
    if (code !== 0) throw new Fault(`recording ends with ${code}: ${stderr.trim()}`);
    const bytes = readFileSync(file);
    const [head = '', ...lines] = linesOf(isGz ? gunzipSync(bytes) : bytes);
    if (!head.startsWith('{"natsx_recording"')) throw new Fault(`a recording begins with ${head}`);
    this.#compareLines(lines, expected);
  }

  async #copyByRecording(expected: readonly Sent[]): Promise<void> {
    const { folder, run } = this.#setting;
    const file = join(folder, run.seed % 2 === 0 ? 'copy.jsonl' : 'copy.jsonl.gz');
    const recorded = await this.#record(expected.length, file);
    if (recorded.code !== 0) {
      throw new Fault(`recording ends with ${recorded.code}: ${recorded.stderr.trim()}`);
    }
    const copy = await this.#makeCopyStream();
    const map = `${this.#subject}=${copy}`;
    const { code, stderr } = await this.#natsx(['replay', file, '-J', '--map', map]);
    if (code !== 0) throw new Fault(`replaying ends with ${code}: ${stderr.trim()}`);
    await this.#compareStream(`${this.#setting.name}C`, expected);
  }

  async #copyByJson(expected: readonly Sent[]): Promise<void> {
    const read = await this.#read(expected.length, ['--json']);
    if (read.code !== 0) throw new Fault(`reading ends with ${read.code}: ${read.stderr.trim()}`);
    await this.#compareAcknowledged(expected.length);
    const copy = await this.#makeCopyStream();
    const { code, stderr } = await this.#natsx(['pub', copy, '--jsonl', '-J'], {
      stdin: read.stdout,
    });
    if (code !== 0) throw new Fault(`publishing again ends with ${code}: ${stderr.trim()}`);
    await this.#compareStream(`${this.#setting.name}C`, expected);
  }

  /** @returns its subject */
  async #makeCopyStream(): Promise<string> {
    const name = `${this.#setting.name}C`;
    const subject = `${this.#setting.name.toLowerCase()}.copy`;
    await this.#setting.raw.api(`STREAM.CREATE.${name}`, {
      name,
      subjects: [subject],
      storage: 'memory',
    });
    return subject;
  }

  // ---- what the server has

  /** What a block of headers has to be by now: after a stream, the status may be gone. */
  #wantedBlock({ block }: Sent, where: 'sent' | 'read'): ReadBlock {
    const { source } = this.#setting.run;
    const wanted = readBlock(block);
    const isStored = where === 'read' && source !== 'core' && source !== 'queue';
    return isStored && !this.#setting.keepsStatus ? { ...wanted, status: '' } : wanted;
  }

  #compareDelivered(delivered: readonly RawMessage[], expected: readonly Sent[]): void {
    sameNumber('messages on the wire', delivered.length, expected.length);
    for (const [place, sent] of expected.entries()) {
      const { payload, headers } = delivered[place] ?? { payload: undefined, headers: undefined };
      const what = `message ${place + 1} on the wire`;
      sameBytes(what, payload, sent.payload);
      sameHeaders(what, readBlock(headers), this.#wantedBlock(sent, 'sent'));
    }
  }

  async #compareStream(stream: string, expected: readonly Sent[]): Promise<void> {
    const { raw } = this.#setting;
    const { state } = (await raw.api(`STREAM.INFO.${stream}`)) as {
      readonly state: { readonly messages: number };
    };
    sameNumber(`messages of ${stream}`, state.messages, expected.length);
    for (const [place, { payload, block }] of expected.entries()) {
      const stored = await raw.stored(stream, place + 1);
      const what = `message ${place + 1} of ${stream}`;
      sameBytes(what, stored?.payload, payload);
      const wanted = readBlock(block);
      sameHeaders(
        what,
        readBlock(stored?.headers),
        this.#setting.keepsStatus ? wanted : { ...wanted, status: '' },
      );
    }
  }

  /** Nothing is acknowledged that has not come out, and everything that has. */
  async #compareAcknowledged(
    wanted: number,
    how: 'exactly' | 'at most' = 'exactly',
  ): Promise<void> {
    const { run, raw, name } = this.#setting;
    if (run.source !== 'durable' && run.out !== 'command') return;
    const info = (await raw.api(`CONSUMER.INFO.${name}.work`)) as {
      readonly ack_floor: { readonly stream_seq: number };
      readonly num_ack_pending: number;
    };
    const settled = info.ack_floor.stream_seq;
    if (how === 'exactly' ? settled === wanted : settled <= wanted) return;
    throw new Fault(`${settled} messages are acknowledged, not ${how} ${wanted}`);
  }
}

function headerFlags(sent: Sent | undefined): readonly string[] {
  const { values } = readBlock(sent?.block);
  return [...values].flatMap(([name, list]) =>
    list.flatMap((value) => ['-H', Buffer.from(`${name}: ${value}`, 'latin1').toString()]),
  );
}

function formOf(seed: number): PayloadForm {
  return (['base64', 'string', 'value'] as const)[seed % 3] ?? 'base64';
}

/** A delimiter that no message has in it. */
function delimiterFor(
  sent: readonly Sent[],
  seed: number,
): readonly [flag: readonly string[], bytes: Buffer] {
  const choices: readonly (readonly [string, Buffer])[] = [
    ['newline', Buffer.from('\n')],
    ['nul', Buffer.from('\0')],
  ];
  const free = choices.filter(([, bytes]) => sent.every(({ payload }) => !payload.includes(bytes)));
  const choice = free[seed % Math.max(1, free.length)];
  const own = '<<end of one>>';
  const [flag, bytes] = choice ?? [own, Buffer.from(own)];
  return [['--delimiter', flag], bytes];
}

/** Whatever it was to do, it neither crashes nor hangs. */
function sound(args: readonly string[], ended: Ended): Ended {
  const { code, stderr, stdout, hung } = ended;
  const command = args.slice(0, 2).join(' ');
  if (hung) throw new Fault(`${command} hangs: ${stderr.trim()}`);
  if (code === 1 || code > 128 || /^\s+at .*:\d+:\d+\)?$/m.test(stderr)) {
    throw new Fault(`${command} ends with ${code}: ${stderr.trim() || stdout.toString()}`);
  }
  return ended;
}

/** Text for people: what is plain ASCII stands there as it is, and nothing is left out. */
function compareHeaderTexts(text: string, expected: readonly Sent[]): void {
  const blocks = text.split(/^\[#\d+\].*\n/m).slice(1);
  sameNumber('messages', blocks.length, expected.length);
  for (const [place, { block }] of expected.entries()) {
    const lines = (blocks[place] ?? '').split('\n').slice(0, -1);
    const wanted = [...readBlock(block).values].flatMap(([name, list]) =>
      list.map((value) => `${name}: ${value}`),
    );
    for (const line of wanted.filter((each) => /^[ -[\]-~]*$/.test(each))) {
      if (!lines.includes(line)) throw new Fault(`header line ${JSON.stringify(line)} is missing`);
    }
    const fewest = readBlock(block).status === '' ? wanted.length : wanted.length + 1;
    if (lines.length < wanted.length || lines.length > fewest) {
      throw new Fault(`${lines.length} lines of headers, not ${wanted.length}`);
    }
  }
}

function linesOf(bytes: Buffer): readonly string[] {
  const lines = bytes.toString().split('\n');
  if (lines.pop() !== '') throw new Fault('the last line has no end');
  return lines;
}

function sameNumber(what: string, seen: number, wanted: number): void {
  if (seen !== wanted) throw new Fault(`${seen} ${what}, not ${wanted}`);
}

function sameBytes(what: string, seen: Buffer | undefined, wanted: Buffer): void {
  if (seen === undefined) throw new Fault(`${what} is missing`);
  if (seen.equals(wanted)) return;
  let at = 0;
  while (at < seen.length && seen[at] === wanted[at]) at++;
  throw new Fault(
    `${what} is ${seen.length} bytes, not ${wanted.length}, and differs from byte ${at} on: ` +
      `${excerpt(seen, at)}, not ${excerpt(wanted, at)}`,
  );
}

function excerpt(bytes: Buffer, at: number): string {
  return JSON.stringify(bytes.toString('latin1', at, at + 24));
}

function sameHeaders(what: string, seen: ReadBlock, wanted: ReadBlock): void {
  if (seen.status !== wanted.status) {
    throw new Fault(
      `${what} has status ${JSON.stringify(seen.status)}, not ${JSON.stringify(wanted.status)}`,
    );
  }
  for (const name of new Set([...wanted.values.keys(), ...seen.values.keys()])) {
    const [one, other] = [seen, wanted].map(({ values }) =>
      JSON.stringify(values.get(name)?.map((value) => value.slice(0, 60))),
    );
    if (JSON.stringify(seen.values.get(name)) !== JSON.stringify(wanted.values.get(name))) {
      throw new Fault(`${what} has header ${JSON.stringify(name)} ${one}, not ${other}`);
    }
  }
}
