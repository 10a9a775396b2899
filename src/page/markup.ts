import { printableText } from '../core/printable.js';

/** HTML or SVG that has been made by {@link element} and {@link textOf}, as opposed to a plain text. */
export interface Markup {
  readonly html: string;
}

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

type Child = Markup | string | undefined | readonly Child[];

/** Elements without content and end tag. */
const VOID: ReadonlySet<string> = new Set(['meta', 'br', 'hr', 'input', 'link']);

/** An element of HTML or SVG. Texts are escaped; attributes that are undefined or false are left out. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly Child[]
): Markup {
  const start = `<${name}${attributesText(attributes)}>`;
  if (VOID.has(name)) return { html: start };
  return { html: `${start}${htmlOf(children)}</${name}>` };
}

/** Pieces one after the other. */
export function fragment(...children: readonly Child[]): Markup {
  return { html: htmlOf(children) };
}

/** Text with everything escaped that HTML would read as markup, and that a reader could not see. */
export function escapeHtml(text: string): string {
  return printableText(text, { keepLines: true })
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function htmlOf(child: Child): string {
  if (child === undefined) return '';
  if (typeof child === 'string') return escapeHtml(child);
  return 'html' in child ? child.html : child.map(htmlOf).join('');
}

function attributesText(attributes: Attributes): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) =>
      value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`,
    )
    .join('');
}
