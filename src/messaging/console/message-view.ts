import { usageError } from '../../core/errors.js';
import type { Terminal } from '../../terminal/terminal.js';
import { MessageFiles } from './message-files.js';
import { createMessagePrinter, type PrinterOptions } from './message-printer.js';
import type { ReadingOptions } from '../flags/reading-options.js';
import { filesView } from './reading-views.js';
import type { ReadingView } from './reading.js';

/** Writes each message to stdout in the requested form, or to a separate file. */
export function messageView(
  terminal: Terminal,
  { form, outputDir }: Pick<ReadingOptions, 'form' | 'outputDir'>,
  about: Pick<PrinterOptions, 'queue' | 'memberNote'> = {},
): ReadingView {
  if (outputDir !== undefined) {
    if (form.kind === 'format') {
      throw usageError(
        '--output-dir and --format exclude each other',
        'files have JSON, or payloads with --raw',
      );
    }
    return filesView(new MessageFiles(outputDir, form.kind === 'raw'), about.queue);
  }
  return { message: createMessagePrinter(terminal.out, { form, style: terminal.style, ...about }) };
}

/** A report replaces the messages. @throws {NatsxError} usage */
export function checkReportAlone({ form, outputDir }: ReadingOptions): void {
  const isPlain = form.kind === 'json' || (form.kind === 'text' && form.show === 'all');
  if (isPlain && outputDir === undefined) return;
  throw usageError(
    '--report prints a table instead of messages',
    'leave out the flags that print messages',
  );
}
