import { createHash } from 'node:crypto';

import { escapeHtml } from './markup.js';
import { PAGE_STYLE } from './style.js';

/** Everything of a page around the content of `<main>`. */
export interface PageShell {
  readonly title: string;
  /** HTML inside of `<main>`. */
  readonly main: string;
  /** HTML after it: what must not be replaced together with it. */
  readonly after?: string | undefined;
  /** Texts of scripts, which run at the end in this order. */
  readonly scripts: readonly string[];
  /** Whether the policy is part of the page: not needed if it is sent as a header. */
  readonly withPolicy: boolean;
}

/** A whole HTML document with the style of natsx. */
export function renderShell({ title, main, after = '', scripts, withPolicy }: PageShell): string {
  const policy = withPolicy
    ? `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(pagePolicy(scripts))}">\n`
    : '';
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    policy,
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n',
    `<title>${escapeHtml(title)}</title>\n<style>${PAGE_STYLE}</style>\n</head>\n`,
    `<body>\n<main>\n${main}\n</main>\n${after}\n`,
    ...scripts.map((script) => `<script>${script}</script>\n`),
    '</body>\n</html>\n',
  ].join('');
}

/**
 * The content security policy of a page: its own style and these scripts, and nothing from elsewhere.
 *
 * @param connect where scripts may connect to, such as `'self'` for a page that is updated
 */
export function pagePolicy(scripts: readonly string[], connect?: string): string {
  return [
    "default-src 'none'",
    `style-src ${hashOf(PAGE_STYLE)}`,
    ...(scripts.length === 0 ? [] : [`script-src ${scripts.map(hashOf).join(' ')}`]),
    ...(connect === undefined ? [] : [`connect-src ${connect}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
