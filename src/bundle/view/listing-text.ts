import { formatByteSize } from '../../core/values/byte-size.js';
import { rfc3339Local } from '../../core/values/local-time.js';
import { plural } from '../../core/wording.js';
import { printableText } from '../../core/printable.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import type { ArchiveListing, BundleHistory } from '../model/manifest.js';

/** What an archive has: how it was made, then each file. */
export function listingText(
  listing: ArchiveListing,
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): string {
  const { files } = listing;
  const table = textTable({
    columns: [{ title: 'File', whole: true }, { title: 'Size', align: 'right' }, 'What'],
    rows: files.map(({ name, bytes, what }) => [
      printableText(name),
      formatByteSize(bytes),
      style.dim(printableText(what)),
    ]),
    style,
    width,
  });
  return `${headLines(listing, style).join('\n')}\n\n${table}`;
}

function headLines(
  { format, created, version, server, obfuscated, history }: ArchiveListing,
  style: Style,
): readonly string[] {
  const by = version === undefined ? '' : ` by ${printableText(versionOf(format, version))}`;
  const at = created === undefined ? 'at an unknown time' : timeOf(created);
  const from =
    server === undefined
      ? ''
      : `, from ${printableText(server.name)} ${printableText(server.version)}`;
  return [
    `${style.heading(format)}  made ${at}${by}${from}`,
    ...(format === 'natsx bundle'
      ? [
          obfuscated ? 'names are replaced' : 'names are as they are; --obfuscate replaces them',
          history === undefined ? 'no history' : historyLine(history),
        ]
      : ['names are as they are, and secrets were not removed by natsx', 'no history']),
  ];
}

function versionOf(format: ArchiveListing['format'], version: string): string {
  return format === 'natsx bundle' ? `natsx ${version}` : version;
}

function historyLine({ from, to, readings }: BundleHistory): string {
  if (from === null || to === null) return 'a history without readings';
  return `a history from ${timeOf(from)} to ${timeOf(to)}, ${plural(readings, 'reading')}`;
}

function timeOf(text: string): string {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? printableText(text) : rfc3339Local(atMs);
}

/** What was written, in one line. */
export function writtenText(
  file: string,
  { files, bytes }: { readonly files: readonly unknown[]; readonly bytes: number },
): string {
  return `wrote ${file}: ${plural(files.length, 'file')}, ${formatByteSize(bytes)}; natsx bundle ls shows what is in it`;
}

/** Which moment a report is of. */
export function lookNotice({ atMs }: { readonly atMs: number }, file: string): string {
  return `read at ${rfc3339Local(atMs)}, from ${file}`;
}
