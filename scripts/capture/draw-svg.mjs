/** Draws screens of a terminal, with the colours that were on them, as one SVG picture. */

const cell = { width: 8.4, height: 18 };
const margin = 16;
const titleHeight = 26;
const palette = {
  background: '#14181f',
  frame: '#2b323d',
  text: '#d5dae1',
  title: '#8b95a3',
  colours: ['#5c6773', '#f07178', '#7fd962', '#e6b450', '#59a6f0', '#d2a6ff', '#5ccfe6', '#d5dae1'],
};

/**
 * @typedef {object} Screen
 * @property {string} title
 * @property {readonly string[]} lines with SGR sequences
 *
 * @typedef {object} Look
 * @property {boolean} bold
 * @property {boolean} dim
 * @property {number | undefined} colour 0 to 7
 *
 * @typedef {Look & { column: number, text: string }} Piece
 */

/**
 * @param {readonly Screen[]} screens one below the other
 * @param {number} columns
 * @returns {string}
 */
export function drawScreens(screens, columns) {
  const width = Math.ceil(columns * cell.width + 2 * margin);
  let y = margin / 2;
  const parts = screens.map(({ title, lines }) => {
    const height = titleHeight + lines.length * cell.height + margin;
    const drawn = drawScreen({ title, lines }, y, width, height);
    y += height + margin / 2;
    return drawn;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    `<title>${escaped(screens.map(({ title }) => title).join(', '))}</title>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** @param {Screen} screen @param {number} top @param {number} width @param {number} height */
function drawScreen({ title, lines }, top, width, height) {
  let look = plain;
  const text = lines.flatMap((line, row) => {
    const baseline = top + titleHeight + (row + 1) * cell.height - 5;
    const { pieces, lookAfter } = piecesOf(line, look);
    // A terminal says only what changes, and a line may look as the one before it ended.
    look = lookAfter;
    return pieces.map((piece) => drawPiece(piece, baseline));
  });
  return [
    `<rect x="1" y="${top}" width="${width - 2}" height="${height}" rx="6" fill="${palette.background}" stroke="${palette.frame}"/>`,
    `<text x="${margin}" y="${top + 18}" fill="${palette.title}" font-size="12">${escaped(title)}</text>`,
    ...text,
  ].join('\n');
}

/** @param {Piece} piece @param {number} y */
function drawPiece({ column, text, bold, dim, colour }, y) {
  const fill = colour === undefined ? palette.text : palette.colours[colour];
  const look = `${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
  // The length is given, so that columns stay columns whatever font is there.
  const size = `x="${round(margin + column * cell.width)}" y="${y}" textLength="${round(text.length * cell.width)}"`;
  return `<text ${size} fill="${fill}"${look} xml:space="preserve">${escaped(text)}</text>`;
}

/** @type {Look} */
const plain = { bold: false, dim: false, colour: undefined };

/**
 * The pieces of a line that look alike, without those that are blank.
 *
 * @param {string} line
 * @param {Look} lookBefore
 * @returns {{ pieces: Piece[], lookAfter: Look }}
 */
function piecesOf(line, lookBefore) {
  /** @type {Piece[]} */
  const pieces = [];
  let look = lookBefore;
  let column = 0;

  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes !== undefined) look = changed(look, codes.split(';').map(Number));
    else {
      if (part.trim() !== '') pieces.push({ ...look, column, text: part });
      column += part.length;
    }
  }
  return { pieces, lookAfter: look };
}

/** @param {Look} look @param {readonly number[]} codes @returns {Look} */
function changed(look, codes) {
  return codes.reduce((before, code) => {
    if (code === 0) return plain;
    if (code === 1) return { ...before, bold: true };
    if (code === 2) return { ...before, dim: true };
    if (code === 22) return { ...before, bold: false, dim: false };
    if (code >= 30 && code <= 37) return { ...before, colour: code - 30 };
    if (code >= 90 && code <= 97) return { ...before, colour: code - 90 };
    return code === 39 ? { ...before, colour: undefined } : before;
  }, look);
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
