const LONGEST_SUBJECT = 100;

/**
 * A name for the file of one message that no file system can misread: `000001-orders.new.json`. What is neither a
 * letter, a digit, `.`, `-` nor `_` becomes `_`; long subjects are cut.
 */
export function messageFileName(number: number, subject: string, extension: string): string {
  const safe = subject.slice(0, LONGEST_SUBJECT).replace(/[^\w.-]/g, '_');
  return `${String(number).padStart(6, '0')}-${safe}.${extension}`;
}
