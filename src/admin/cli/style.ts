/** Colours of the command line: names for meanings, all of them nothing when colour is off. */
export interface Style {
  bold(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const escapeCharacter = String.fromCharCode(27);

export function createStyle(color: boolean): Style {
  const paint =
    (on: number, off: number) =>
    (text: string): string =>
      color ? `${escapeCharacter}[${on}m${text}${escapeCharacter}[${off}m` : text;
  return {
    bold: paint(1, 22),
    good: paint(32, 39),
    warn: paint(33, 39),
    bad: paint(31, 39),
  };
}
