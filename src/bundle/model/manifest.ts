/** The format of a bundle. A number that is higher than this is of a newer natsx. */
export const BUNDLE_SCHEMA = 'natsx.bundle/1';
export const MANIFEST_FILE = 'manifest.json';
export const MANIFEST_WHAT = 'what is in this archive, and how it was made';

/** A file of an archive. */
export interface BundleFile {
  readonly name: string;
  readonly bytes: number;
  /** What it has, for people. */
  readonly what: string;
}

/** What a history in a bundle covers. */
export interface BundleHistory {
  readonly from: string | null;
  readonly to: string | null;
  readonly readings: number;
}

/** The first file of a bundle: what is in it, and how it was made. */
export interface BundleManifest {
  readonly schema: string;
  readonly natsx: string;
  /** RFC 3339. */
  readonly created: string;
  readonly obfuscated: boolean;
  readonly server: { readonly name: string; readonly version: string };
  readonly window_ms: number;
  readonly history: BundleHistory | null;
  readonly files: readonly BundleFile[];
}

/** What is known of an archive without reading what it has. */
export interface ArchiveListing {
  readonly format: 'natsx bundle' | 'nats audit gather';
  /** RFC 3339; absent where the archive does not say it. */
  readonly created: string | undefined;
  /** Of the program that made it. */
  readonly version: string | undefined;
  readonly obfuscated: boolean;
  readonly history: BundleHistory | undefined;
  readonly server: { readonly name: string; readonly version: string } | undefined;
  readonly files: readonly BundleFile[];
}

/** The listing as `--json` prints it. */
export function listingJson(file: string, listing: ArchiveListing): unknown {
  const { format, created, version, obfuscated, history, server, files } = listing;
  return {
    schema: 'natsx.bundle-list/1',
    file,
    format,
    created: created ?? null,
    version: version ?? null,
    server: server ?? null,
    obfuscated,
    history: history !== undefined,
    history_covers: history ?? null,
    files,
  };
}

/** Whether a manifest is of this natsx's format, of a newer one, or of something else. */
export function manifestVersion(value: unknown): 'this' | 'newer' | 'none' {
  const schema = (value as { readonly schema?: unknown } | null)?.schema;
  if (typeof schema !== 'string') return 'none';
  const version = /^natsx\.bundle\/(\d+)$/.exec(schema)?.[1];
  if (version === undefined) return 'none';
  return Number(version) === 1 ? 'this' : 'newer';
}
