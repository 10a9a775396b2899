import { NatsxError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { ZipReader } from './zip-reader.js';

/** The index of an archive of `nats audit gather`: which file has what, as tags. */
const INDEX_FILE = 'capture/misc/manifest.json';
export const METADATA_FILE = 'capture/misc/audit_gather_metadata.json';
const MOST_FILE_BYTES = 256 * 1024 * 1024;
/** Of all that is read of an archive. */
const MOST_BYTES = 2 * 1024 * 1024 * 1024;

/** A file of the archive with its tags. */
export interface Artifact {
  readonly path: string;
  readonly type: string;
  readonly server: string;
  readonly cluster: string | undefined;
  readonly account: string | undefined;
  readonly stream: string | undefined;
}

/** An answer of a server, with who answered. */
export interface ServerAnswer<T> {
  readonly server?: {
    readonly name?: string;
    readonly id?: string;
    readonly ver?: string;
    readonly cluster?: string;
    readonly jetstream?: boolean;
    readonly time?: string;
  };
  readonly data?: T;
}

export interface ServerReply<T> {
  readonly artifact: Artifact;
  readonly answer: ServerAnswer<T>;
}

/** What an archive says of itself; absent where gathering failed. */
export interface GatherMetadata {
  readonly capture_timestamp?: string;
  readonly connected_server_name?: string;
  readonly connected_server_version?: string;
  /** Such as `nats v0.5.1`. */
  readonly version?: string;
}

/** Whether a zip file is such an archive. */
export function isGathered(zip: Pick<ZipReader, 'names'>): boolean {
  return zip.names.includes(INDEX_FILE);
}

/** What was gathered, by tags; paths are not interpreted. */
export class GatheredArchive {
  readonly path: string;
  readonly #zip: ZipReader;
  readonly artifacts: readonly Artifact[];
  #left = MOST_BYTES;

  private constructor(path: string, zip: ZipReader, artifacts: readonly Artifact[]) {
    this.path = path;
    this.#zip = zip;
    this.artifacts = artifacts;
  }

  /** @throws {NatsxError} usage — damaged */
  static async open(zip: ZipReader, path: string): Promise<GatheredArchive> {
    const index = await parsed<unknown>(zip, path, INDEX_FILE);
    if (typeof index !== 'object' || index === null) throw damaged(path, INDEX_FILE);
    return new GatheredArchive(path, zip, artifactsOf(index));
  }

  ofType(type: string, account?: string): readonly Artifact[] {
    return this.artifacts.filter(
      (one) => one.type === type && (account === undefined || one.account === account),
    );
  }

  /** @throws {NatsxError} usage — damaged, or too large */
  async read<T>({ path }: Pick<Artifact, 'path'>): Promise<T | undefined> {
    this.#left -= this.#zip.sizeOf(path);
    if (this.#left < 0) {
      throw new NatsxError('usage', `${quoted(this.path)} cannot be read: it is too large`);
    }
    return parsed<T>(this.#zip, this.path, path);
  }

  /** The answers of all servers of a type, each with the artifact that it is from. */
  async answers<T>(type: string, account?: string): Promise<readonly ServerReply<T>[]> {
    const found: ServerReply<T>[] = [];
    for (const artifact of this.ofType(type, account)) {
      const answer = await this.read<ServerAnswer<T>>(artifact);
      if (answer !== undefined) found.push({ artifact, answer });
    }
    return found;
  }
}

const UNCLUSTERED = 'unclustered';

function artifactsOf(index: object): readonly Artifact[] {
  return Object.entries(index)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, list]) => {
      const tags = new Map<unknown, string>();
      for (const tag of Array.isArray(list) ? (list as unknown[]) : []) {
        const { Name: name, Value: value } = (tag ?? {}) as Readonly<Record<string, unknown>>;
        if (typeof value === 'string') tags.set(name, value);
      }
      const type = tags.get('artifact_type');
      const server = tags.get('server');
      if (type === undefined || server === undefined) return [];
      const cluster = tags.get('cluster');
      return [
        {
          path,
          type,
          server,
          cluster: cluster === UNCLUSTERED ? undefined : cluster,
          account: tags.get('account'),
          stream: tags.get('stream'),
        },
      ];
    });
}

async function parsed<T>(zip: ZipReader, path: string, name: string): Promise<T | undefined> {
  const text = await zip.text(name, MOST_FILE_BYTES);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw damaged(path, name);
  }
}

function damaged(path: string, name: string): NatsxError {
  return new NatsxError('usage', `${quoted(path)} cannot be read: ${quoted(name)} is not JSON`, {
    hint: 'the file is damaged',
  });
}
