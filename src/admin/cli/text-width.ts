/** How wide text is on a terminal, and cutting it to a width. Colour escapes take no room. */

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** Text without colour escapes. */
export function plain(text: string): string {
  return text.replace(escapes, '');
}

/** Columns taken on a terminal: two for East Asian wide characters and emoji, none for marks. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of plain(text)) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) as number;
  if (code < 0x300) return 1;
  if (/^(?:\p{Mark}|\p{Format})$/u.test(character)) return 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff);
  return isWide ? 2 : 1;
}

/** The text, or as much of its start as fits with an ellipsis. Colours are lost when it is cut. */
export function fit(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 1) return '';
  let cut = '';
  let used = 0;
  for (const character of plain(text)) {
    const wide = characterWidth(character);
    if (used + wide > width - 1) break;
    cut += character;
    used += wide;
  }
  return `${cut}…`;
}

/** The text with spaces up to the width; longer text is left as it is. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

/**
 * Bytes shown to people: text as it is, with control characters, backslashes and whatever is not
 * UTF-8 as `\xNN`, so that output never moves the cursor and two different values never look alike.
 */
export function printable(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  if (!text.includes('\ufffd') && !text.startsWith('\ufeff')) {
    return text.replace(/[\p{Control}\p{Format}\u2028\u2029\\]/gu, (found) =>
      Array.from(Buffer.from(found), escapeByte).join(''),
    );
  }
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : escapeByte(byte),
  ).join('');
}

function escapeByte(byte: number): string {
  return byte === 0x5c ? '\\\\' : `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Lines of at most `width` columns, broken at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((found) => found !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}
