const START = '<script type="application/json">';
const END = '</script>';

/** A document as an element that browsers do not run: no `<` in it can end it early. */
export function embeddedJson(document: unknown): string {
  return `${START}${JSON.stringify(document).replaceAll('<', '\\u003c')}${END}`;
}

/** Whether a text is a page rather than JSON. */
export function looksLikeHtml(text: string): boolean {
  return /^\ufeff?\s*<(?:!|html|head|body)/i.test(text);
}

/** The JSON text that {@link embeddedJson} put into a page; undefined if there is none. */
export function jsonInPage(html: string): string | undefined {
  const start = html.indexOf(START);
  if (start < 0) return undefined;
  const end = html.indexOf(END, start);
  return end < 0 ? undefined : html.slice(start + START.length, end);
}
