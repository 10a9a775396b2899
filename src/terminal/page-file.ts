import { randomBytes } from 'node:crypto';
import {
  closeSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import * as Flags from '@oclif/core/flags';

import { fileReason } from '../connection/file-error.js';
import { usageError } from '../core/errors.js';
import { quoted } from '../core/printable.js';
import type { PageDocument } from '../page/document.js';

/** The flag of all commands whose report can be a page. */
export function htmlFlag(helpGroup?: string, exclusive: string[] = []) {
  return {
    html: Flags.string({
      helpValue: '<file>',
      summary: 'write the report as a page with plots, for a browser',
      exclusive,
      ...(helpGroup === undefined ? {} : { helpGroup }),
    }),
  };
}

/**
 * Checks before a run that its page can be written.
 *
 * @throws {NatsxError} usage
 */
export function checkPageFile(file: string | undefined): void {
  if (file === undefined) return;
  if (file === '' || file === '-')
    throw usageError(
      '--html takes the name of a file',
      'for example --html report.html; --json prints on stdout',
    );
  attempt(file, () => {
    const target = targetOf(file);
    if (!target.isPlain) return;
    // Permissions say less than an attempt: the file system may be read-only.
    const draft = draftOf(target.path);
    closeSync(openSync(draft, 'wx'));
    rmSync(draft);
  });
}

/**
 * Writes a report as a page: all of it or nothing.
 *
 * @throws {NatsxError} usage
 */
export async function writePage(file: string, document: PageDocument): Promise<void> {
  // The plots are loaded only where they are drawn.
  const { renderPage } = await import('../page/render.js');
  const html = renderPage(document);
  attempt(file, () => {
    const target = targetOf(file);
    if (!target.isPlain) {
      writeFileSync(target.path, html);
      return;
    }
    const draft = draftOf(target.path);
    try {
      writeFileSync(draft, html, { flag: 'wx' });
      renameSync(draft, target.path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  });
}

/** Devices and pipes cannot be replaced by a file. */
function targetOf(file: string): { readonly path: string; readonly isPlain: boolean } {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return { path: file, isPlain: true };
  if (stats.isDirectory()) throw new Error('it is a directory');
  return { path: realpathSync(file), isPlain: stats.isFile() };
}

function draftOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`);
}

function attempt(file: string, act: () => void): void {
  try {
    act();
  } catch (cause) {
    throw usageError(`cannot write ${quoted(file)}: ${fileReason(cause)}`);
  }
}
