import type { Varz } from '../../backlog/run/reader/server-source.js';
import type { ArchiveListing } from '../model/manifest.js';
import {
  GatheredArchive,
  METADATA_FILE,
  type Artifact,
  type GatherMetadata,
} from './gathered-archive.js';
import type { ZipReader } from './zip-reader.js';

/** What is in such an archive. */
export async function gatheredListing(zip: ZipReader, path: string): Promise<ArchiveListing> {
  const archive = await GatheredArchive.open(zip, path);
  const metadata = (await archive.read<GatherMetadata>({ path: METADATA_FILE })) ?? {};
  const whats = new Map(archive.artifacts.map((artifact) => [artifact.path, whatOf(artifact)]));
  const [asked] = (await archive.answers<Varz>('variables')).flatMap(
    ({ answer }) => answer.data ?? [],
  );
  return {
    format: 'nats audit gather',
    created: metadata.capture_timestamp ?? asked?.now,
    version: metadata.version,
    obfuscated: false,
    history: undefined,
    server:
      asked === undefined
        ? undefined
        : {
            name: metadata.connected_server_name ?? asked.server_name ?? '',
            version: asked.version ?? '',
          },
    files: zip.names
      .filter((name) => !name.endsWith('/'))
      .map((name) => ({
        name,
        bytes: zip.sizeOf(name),
        what:
          whats.get(name) ??
          (name.startsWith('capture/misc/') ? 'about the archive itself' : 'unknown'),
      })),
  };
}

function whatOf({ type, server, account, stream }: Artifact): string {
  const what = type.replaceAll('_', ' ');
  const of = stream ?? account;
  return of === undefined ? `${what} of the server ${server}` : `${what} of ${of} from ${server}`;
}
