import { createHash } from 'node:crypto';

import { escapeHtml } from './markup.js';
import { PAGE_STYLE } from './style.js';

/** Everything of a page around the content of `<main>`. */
export interface PageShell {
  readonly title: string;
  /** HTML before `<main>`. */
  readonly before?: string | undefined;
  /** HTML inside of `<main>`. */
  readonly main: string;
  /** HTML after it: what must not be replaced together with it. */
  readonly after?: string | undefined;
  /** Texts of scripts, which run at the end in this order. */
  readonly scripts: readonly string[];
  /** A style beside that of all pages. */
  readonly style?: string | undefined;
  /** Whether the policy is part of the page: not needed if it is sent as a header. */
  readonly withPolicy: boolean;
}

/** A whole HTML document with the style of natsx. */
export function renderShell(shell: PageShell): string {
  const { title, before = '', main, after = '', scripts, style, withPolicy } = shell;
  const policy = withPolicy
    ? `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(pagePolicy(scripts))}">\n`
    : '';
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    policy,
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n',
    `<title>${escapeHtml(title)}</title>\n<style>${PAGE_STYLE}</style>\n`,
    style === undefined ? '</head>\n' : `<style>${style}</style>\n</head>\n`,
    `<body>\n${before}<main>\n${main}\n</main>\n${after}\n`,
    ...scripts.map((script) => `<script>${script}</script>\n`),
    '</body>\n</html>\n',
  ].join('');
}

/** What a page needs beyond its own style and scripts. */
export interface PageNeeds {
  /** Where scripts may connect to, such as `'self'` for a page that is updated. */
  readonly connect?: string | undefined;
  /** Where forms may be sent to. */
  readonly forms?: string | undefined;
  readonly style?: string | undefined;
}

/** The content security policy of a page: its own style and these scripts, and nothing from elsewhere. */
export function pagePolicy(
  scripts: readonly string[],
  { connect, forms = "'none'", style }: PageNeeds = {},
): string {
  const styles = style === undefined ? [PAGE_STYLE] : [PAGE_STYLE, style];
  return [
    "default-src 'none'",
    `style-src ${styles.map(hashOf).join(' ')}`,
    ...(scripts.length === 0 ? [] : [`script-src ${scripts.map(hashOf).join(' ')}`]),
    ...(connect === undefined ? [] : [`connect-src ${connect}`]),
    "base-uri 'none'",
    `form-action ${forms}`,
  ].join('; ');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
