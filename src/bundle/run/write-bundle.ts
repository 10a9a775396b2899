import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { reportJsonParts } from '../../backlog/model/report-json.js';
import { auditJson } from '../../doctor/model/report.js';
import { Cleaning } from '../model/cleaning.js';
import { cleanLook } from '../model/clean-look.js';
import { Disguise } from '../model/disguise.js';
import { auditOfLook, wholeBacklogOfLook } from '../model/judge-look.js';
import type { Look } from '../model/look.js';
import { LOOK_FILES, lookTexts, type LookPart } from '../model/look-files.js';
import {
  BUNDLE_SCHEMA,
  MANIFEST_FILE,
  MANIFEST_WHAT,
  type ArchiveListing,
  type BundleFile,
  type BundleManifest,
} from '../model/manifest.js';
import { Redaction } from '../model/redaction.js';
import { copyHistory, HISTORY_FOLDER, type HistoryPart } from './copy-history.js';
import type { NewZip, ZipContent } from './zip-writer.js';

/** What a bundle is made of. */
export interface BundlePlan {
  readonly look: Look;
  readonly history: HistoryPart | undefined;
  readonly isObfuscated: boolean;
  /** What this run proved to servers, which must not appear anywhere. */
  readonly secrets: readonly string[];
  /** Of natsx. */
  readonly version: string;
  readonly nowMs: number;
}

export interface WrittenBundle {
  readonly manifest: BundleManifest;
  readonly files: readonly BundleFile[];
  readonly bytes: number;
}

export interface WritingEvents {
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** Everything was gathered; whatever this throws ends it without a file. */
  readonly beforeWriting: () => void;
}

/** @throws {NatsxError} usage — the file, or the history, cannot be written or read */
export async function writeBundle(
  zip: NewZip,
  plan: BundlePlan,
  events: WritingEvents,
): Promise<WrittenBundle> {
  const redaction = new Redaction();
  for (const secret of plan.secrets) redaction.add(secret);
  const disguise = plan.isObfuscated ? new Disguise() : undefined;
  const look = cleanLook(plan.look, redaction, disguise);
  const parts = [...lookParts(look), ...reportParts(look)];
  const folder = await mkdtemp(join(tmpdir(), 'natsx-bundle-'));
  try {
    const dir = join(folder, 'history');
    const history =
      plan.history &&
      (await copyHistory(plan.history, dir, new Cleaning(redaction, disguise), events));
    const files = [...parts.map(({ file }) => file), ...(history?.files ?? [])];
    const manifest: BundleManifest = {
      schema: BUNDLE_SCHEMA,
      natsx: plan.version,
      created: new Date(plan.nowMs).toISOString(),
      obfuscated: plan.isObfuscated,
      server: { name: look.window.server.name, version: look.window.server.version },
      window_ms: Math.round(look.window.windowMs),
      history: history?.covers ?? null,
      files,
    };
    const head = contentOf(
      MANIFEST_FILE,
      `${JSON.stringify(manifest, undefined, 2)}\n`,
      MANIFEST_WHAT,
    );
    const contents: readonly ZipContent[] = [
      head,
      ...parts,
      ...(history?.files ?? []).map(({ name }) => ({
        name,
        content: join(dir, name.slice(HISTORY_FOLDER.length)),
      })),
    ];
    events.beforeWriting();
    const bytes = await zip.write(contents, plan.nowMs);
    return { manifest, files: [head.file, ...files], bytes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was written, as {@link ArchiveListing}. */
export function listingOf({ manifest, files }: WrittenBundle): ArchiveListing {
  const { natsx, created, obfuscated, history, server } = manifest;
  return {
    format: 'natsx bundle',
    created,
    version: natsx,
    obfuscated,
    history: history ?? undefined,
    server,
    files,
  };
}

interface Part extends ZipContent {
  readonly file: BundleFile;
}

function contentOf(name: string, text: string, what: string): Part {
  const content = new TextEncoder().encode(text);
  return { name, content, file: { name, bytes: content.length, what } };
}

function lookParts(look: Look): readonly Part[] {
  return Object.entries(lookTexts(look)).map(([part, text]) => {
    const { name, what } = LOOK_FILES[part as LookPart];
    return contentOf(name, `${text}\n`, what);
  });
}

/** The verdicts of this natsx, for readers without one. */
function reportParts(look: Look): readonly Part[] {
  const backlog = [...reportJsonParts(wholeBacklogOfLook(look))].join('');
  const doctor = `${JSON.stringify(auditJson(auditOfLook(look)), undefined, 2)}\n`;
  return [
    contentOf('report/backlog.json', backlog, 'what natsx backlog --json reports of it'),
    contentOf('report/doctor.json', doctor, 'what natsx doctor --json reports of it'),
  ];
}
