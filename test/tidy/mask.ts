/**
 * Tells code from comments and strings: enough of a scanner of TypeScript for the tidy checks.
 *
 * `code` has the length and the lines of the source; comments, and the contents of strings, of
 * templates and of regular expressions, are blanks in it. `comments` is the reverse.
 * Known limit: a regular expression that begins a statement after `)` is read as a division.
 */
export interface Masked {
  readonly code: string;
  readonly comments: string;
}

const beforeRegExp = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|void|await))$/;

export function mask(text: string): Masked {
  return new Scanner(text).run();
}

class Scanner {
  readonly #text: string;
  readonly #code: string[];
  readonly #comments: string[];
  #at = 0;
  /** For each open template, how many braces are open inside its `${`. */
  readonly #templates: number[] = [];
  /** The last code that was not a blank, enough of it to recognise a keyword. */
  #last = '';
  /** True when blanks followed it. */
  #gap = false;

  constructor(text: string) {
    this.#text = text;
    const blank = [...text.split('')].map((char) => (char === '\n' ? '\n' : ' '));
    this.#code = blank;
    this.#comments = [...blank];
  }

  run(): Masked {
    if (this.#text.startsWith('#!')) this.#comment(this.#endOfLine());
    while (this.#at < this.#text.length) this.#step();
    return { code: this.#code.join(''), comments: this.#comments.join('') };
  }

  #step(): void {
    const char = this.#text[this.#at] as string;
    const two = this.#text.slice(this.#at, this.#at + 2);
    if (two === '//') this.#comment(this.#endOfLine());
    else if (two === '/*') this.#comment(this.#after('*/', this.#at + 2));
    else if (char === "'" || char === '"') this.#string(char);
    else if (char === '`') this.#template();
    else if (char === '/' && beforeRegExp.test(this.#last)) this.#regExp();
    else this.#plain(char);
  }

  #plain(char: string): void {
    const depth = this.#templates.length - 1;
    if (char === '{' && depth >= 0) (this.#templates[depth] as number)++;
    if (char === '}' && depth >= 0 && --(this.#templates[depth] as number) < 0) {
      this.#templates.pop();
      this.#emit();
      this.#templateText();
      return;
    }
    this.#emit();
  }

  /** Copies one character to the code. */
  #emit(): void {
    const char = this.#text[this.#at] as string;
    this.#code[this.#at++] = char;
    if (/\s/.test(char)) this.#gap = true;
    else {
      const between = this.#gap && /\w/.test(char) ? ' ' : '';
      this.#last = (this.#last + between + char).slice(-10);
      this.#gap = false;
    }
  }

  #comment(end: number): void {
    for (; this.#at < end; this.#at++) this.#comments[this.#at] = this.#text[this.#at] as string;
  }

  #string(quote: string): void {
    this.#emit();
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote) this.#skip();
    if (this.#at < this.#text.length) this.#emit();
  }

  #template(): void {
    this.#emit();
    this.#templateText();
  }

  #templateText(): void {
    while (this.#at < this.#text.length && this.#text[this.#at] !== '`') {
      if (this.#text.startsWith('${', this.#at)) {
        this.#emit();
        this.#emit();
        this.#templates.push(0);
        return;
      }
      this.#skip();
    }
    if (this.#at < this.#text.length) this.#emit();
  }

  #regExp(): void {
    this.#emit();
    let inClass = false;
    for (; this.#at < this.#text.length; this.#skip()) {
      const char = this.#text[this.#at];
      if (char === '\n') return;
      if (char === '[') inClass = true;
      if (char === ']') inClass = false;
      if (char === '/' && !inClass) break;
    }
    if (this.#at < this.#text.length) this.#emit();
  }

  /** Steps over one character of text, or over an escape. */
  #skip(): void {
    this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end < 0 ? this.#text.length : end;
  }

  #after(token: string, from: number): number {
    const found = this.#text.indexOf(token, from);
    return found < 0 ? this.#text.length : found + token.length;
  }
}
